"""The phases and the work plan as bars over weeks: a line a tower, its tasks by their numbers, black on white.

Where words run from the right, so does time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from cn_planner.drawing.display import Anchor, DisplayList, Fill, Polygon, Polyline, Stroke, Text
from cn_planner.drawing.labels import right_to_left, shorten, text_width
from cn_planner.drawing.palette import Role
from cn_planner.i18n import say
from cn_planner.message import msg
from cn_planner.report.schedule import phase_weeks, schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cn_planner.drawing.display import DisplayItem
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.schedule import Stretch
    from cn_planner.report.work_records import PhaseRecord

_NAMES, _HEAD, _LANE, _GAP = 118.0, 24.0, 9.0, 2.4
"""Points: room for names at the side, for weeks above, a line of bars, and what is left between lines."""
_SIZE, _SMALL = 7.0, 5.6
_FOOT = 20.0
_STEPS = (1, 2, 4, 8, 13, 26, 52, 104)
"""Weeks between the lines of the grid."""
_LEAST_STEP = 24.0
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the chart: a phase as a whole, or what is done at one place, in as many lanes as go on at once."""

    name: str
    phase: PhaseRecord | None
    lanes: tuple[tuple[Stretch, ...], ...] = ()

    @property
    def height(self) -> float:
        """Return how tall it is, points."""
        return _GAP + _LANE * max(1, len(self.lanes))


class _Scale:
    """Weeks as places on the sheet, from the side at which words begin."""

    def __init__(self, width: float, weeks: float, *, mirrored: bool) -> None:
        self.width, self.mirrored = width, mirrored
        self._a_week = (width - _NAMES) / weeks

    def x(self, week: float) -> float:
        """Return where a week begins."""
        return self.turned(_NAMES + week * self._a_week)

    def turned(self, x: float) -> float:
        """Return a place counted from the side at which words begin."""
        return self.width - x if self.mirrored else x

    @property
    def start(self) -> Anchor:
        """The side at which words begin."""
        return Anchor.END if self.mirrored else Anchor.START

    @property
    def step(self) -> int:
        """Weeks between lines of the grid that leave room for their numbers."""
        return next((step for step in _STEPS if step * self._a_week >= _LEAST_STEP), _STEPS[-1])

    def bar(self, start: float, end: float, top: float, bottom: float) -> tuple[tuple[float, float], ...]:
        """Return the ring from a week to a week."""
        a, b = sorted((self.x(start), self.x(end)))
        return ((a, top), (b, top), (b, bottom), (a, bottom))


def work_charts(plan: DeploymentPlan, *, width: float, height: float) -> tuple[DisplayList, ...]:
    """Draw the phases and their tasks, on as many sheets as they need; none where nothing is built.

    Parameters
    ----------
    plan : DeploymentPlan
        The plan.
    width, height : float
        The most that a sheet takes, points.
    """
    rows = tuple(_rows(plan))
    if not rows:
        return ()
    weeks = max(phase_weeks(phase)[1] for phase in plan.phases)
    mirrored = right_to_left(say(msg("Phases and work plan"), plan.meta.language))
    scale = _Scale(width, weeks, mirrored=mirrored)
    return tuple(_sheet(part, scale, weeks, plan.meta.language) for part in _sheets(rows, height - _HEAD - _FOOT))


def _rows(plan: DeploymentPlan) -> Iterator[_Row]:
    language = plan.meta.language
    names = {site.id: site.name or site.id for site in plan.sites}
    done = {one.task.number: one for one in schedule(plan.phases, plan.work)}
    for phase in plan.phases:
        yield _Row(say(msg("Phase {number}", number=phase.number), language), phase)
        own = [one for one in done.values() if one.task.phase == phase.number]
        places = dict.fromkeys(one.task.site for one in own)
        for key in sorted(places, key=lambda key: key == ""):  # what is for the whole phase comes last
            lanes = _lanes(one for one in own if one.task.site == key)
            yield _Row(names.get(key, key) if key else say(msg("for all of it"), language), None, lanes)


def _lanes(stretches: Iterable[Stretch]) -> tuple[tuple[Stretch, ...], ...]:
    """Return stretches in lanes in which none lies over another."""
    lanes: list[list[Stretch]] = []
    for one in sorted(stretches, key=lambda one: (one.start_week, one.task.number)):
        free = next((lane for lane in lanes if lane[-1].end_week <= one.start_week + _CLOSE), None)
        if free is None:
            lanes.append([one])
        else:
            free.append(one)
    return tuple(tuple(lane) for lane in lanes)


def _sheets(rows: Sequence[_Row], room: float) -> Iterator[tuple[_Row, ...]]:
    """Yield the rows of each sheet; the name of a phase never stands alone at the foot of one."""
    part: list[_Row] = []
    used = 0.0
    for row, after in pairwise((*rows, _Row("", None))):
        needed = row.height + (after.height if row.phase is not None else 0.0)
        if part and used + needed > room:
            yield tuple(part)
            part, used = [], 0.0
        part.append(row)
        used += row.height
    yield tuple(part)


def _sheet(rows: Sequence[_Row], scale: _Scale, weeks: float, language: str) -> DisplayList:
    bottom = _HEAD + sum(row.height for row in rows)
    items: list[DisplayItem] = list(_weeks(scale, weeks, bottom, language))
    top = _HEAD
    for row in rows:
        items += _phase(row, row.phase, scale, top) if row.phase is not None else _place(row, scale, top)
        top += row.height
    items += _key(scale, bottom + _FOOT / 2 + 2.0, language)
    title = say(msg("Phases and work plan"), language)
    counted = sum(len(lane) for row in rows for lane in row.lanes)
    words = say(msg("Bars of {tasks} tasks over {weeks:.0f} weeks.", tasks=counted, weeks=weeks), language)
    return DisplayList(scale.width, bottom + _FOOT, tuple(items), title, words)


def _weeks(scale: _Scale, weeks: float, bottom: float, language: str) -> Iterator[DisplayItem]:
    yield Text(scale.turned(0.0), _HEAD - 9.0, say(msg("Week"), language), _SIZE, Role.MUTED, scale.start)
    week = 0
    while week <= weeks + _CLOSE:
        x = scale.x(week)
        yield Polyline(((x, _HEAD - 4.0), (x, bottom)), Stroke(Role.GRID, 0.5))
        if week < weeks - _CLOSE:
            yield Text(scale.turned(scale.turned(x) + 2.0), _HEAD - 9.0, str(week + 1), _SIZE, Role.MUTED, scale.start)
        week += scale.step
    ends = (scale.turned(0.0), scale.x(weeks))
    for y in (_HEAD - 4.0, bottom):
        yield Polyline(((ends[0], y), (ends[1], y)), Stroke(Role.INK, 0.7))


def _phase(row: _Row, phase: PhaseRecord, scale: _Scale, top: float) -> Iterator[DisplayItem]:
    start, end = phase_weeks(phase)
    middle = top + row.height / 2
    yield Text(
        scale.turned(0.0),
        middle,
        shorten(row.name, _SIZE, _NAMES - 6.0, bold=True),
        _SIZE,
        Role.INK,
        scale.start,
        bold=True,
    )
    yield Polygon((scale.bar(start, end, middle - 1.6, middle + 1.6),), Fill(Role.INK))
    for week, turn in ((start, 1.0), (end, -1.0)):  # the feet of a bracket, as planners draw a sum of tasks
        x = scale.x(week)
        inner = scale.turned(scale.turned(x) + 4.0 * turn)
        yield Polygon((((x, middle - 1.6), (inner, middle - 1.6), (x, middle + 4.4)),), Fill(Role.INK))


def _place(row: _Row, scale: _Scale, top: float) -> Iterator[DisplayItem]:
    name = shorten(row.name, _SIZE, _NAMES - 14.0)
    yield Text(scale.turned(8.0), top + (_LANE + _GAP) / 2, name, _SIZE, Role.INK, scale.start)
    for number, lane in enumerate(row.lanes):
        upper = top + _GAP / 2 + number * _LANE
        for one in lane:
            counted = one.task.days is not None
            ring = scale.bar(one.start_week, one.end_week, upper + 0.7, upper + _LANE - 0.7)
            yield Polygon((ring,), Fill(Role.GRID if counted else Role.PAPER), Stroke(Role.INK, 0.6))
            words = str(one.task.number)
            if text_width(words, _SMALL) + 1.6 <= ring[1][0] - ring[0][0]:
                yield Text((ring[0][0] + ring[1][0]) / 2, upper + _LANE / 2, words, _SMALL, Role.INK, Anchor.MIDDLE)


def _key(scale: _Scale, y: float, language: str) -> Iterator[DisplayItem]:
    x = 0.0
    for role, words in (
        (Role.GRID, msg("days of work are counted")),
        (Role.PAPER, msg("days are not counted: drawn as one")),
    ):
        a, b = sorted((scale.turned(x), scale.turned(x + 14.0)))
        yield Polygon((((a, y - 3.5), (b, y - 3.5), (b, y + 3.5), (a, y + 3.5)),), Fill(role), Stroke(Role.INK, 0.6))
        said = say(words, language)
        yield Text(scale.turned(x + 19.0), y, said, _SIZE, Role.INK, scale.start)
        x += 19.0 + text_width(said, _SIZE) + 18.0
    said = say(msg("The numbers are those of the tasks in the work plan."), language)
    yield Text(scale.turned(x), y, said, _SIZE, Role.MUTED, scale.start)

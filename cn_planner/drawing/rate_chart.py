"""What a link carries by what arrives: the steps of its modes, both ends' levels, and what is to spare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.drawing.display import Anchor, Hatch
from cn_planner.drawing.labels import shorten, text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_curves import axis_ticks
from cn_planner.drawing.sketch import PLAIN, SMALL, Sketch
from cn_planner.i18n import SOURCE_LANGUAGE
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from cn_planner.drawing.display import DisplayList

    _Along: TypeAlias = Callable[[float], float]

_TOP, _FOOT, _LEFT, _RIGHT = 26.0, 13.0, 4.0, 4.0
_MORE_DB = 6.0
_ALIKE_DB = 0.05
"""Two levels that are printed alike are one mark."""
_ROOM_Y = 7.5
_HATCH = Hatch(Role.ACCENT, 135.0, 4.5, 0.6)


@dataclass(frozen=True, slots=True)
class RateSteps:
    """What is drawn.

    Attributes
    ----------
    steps : tuple of (float, float, str)
        Of each mode that carries more than all that ask for less: the level at which it begins, dBm; what it carries,
        Mbit/s; and that in figures. The slowest first.
    counted : int
        Which of them is counted on; -1 where none is.
    levels : tuple of (str, float)
        What arrives at each end, dBm, by its name.
    spare : str
        What is to spare, in words.
    title, foot : str
        What stands over the chart, and under its axis.
    both : str
        What both ends are called where the same arrives there.
    """

    steps: tuple[tuple[float, float, str], ...]
    counted: int
    levels: tuple[tuple[str, float], ...]
    spare: str
    title: str
    foot: str
    both: str


def rate_chart(chart: RateSteps, *, width: float, height: float, language: str = SOURCE_LANGUAGE) -> DisplayList:
    """Draw the chart; levels run from left to right in every language.

    Parameters
    ----------
    chart : RateSteps
        At least one step and one level.
    width, height : float
        Points.
    language : str
        Language of the words, BCP 47.
    """
    sketch = Sketch(width, height, language)
    known = [one[0] for one in chart.steps] + [one[1] for one in chart.levels]
    low, high = min(known) - _MORE_DB, max(known) + 2.0 * _MORE_DB
    bottom, most = height - _FOOT - 9.0, chart.steps[-1][1]

    def x_of(dbm: float) -> float:
        return _LEFT + (dbm - low) / (high - low) * (width - _LEFT - _RIGHT)

    def y_of(mbps: float) -> float:
        return bottom - mbps / most * (bottom - _TOP - 7.0)

    sketch.words(0.0, 5.0, chart.title, PLAIN, bold=True)
    corners: list[tuple[float, float]] = [(x_of(low), bottom)]
    for level, mbps, _ in chart.steps:
        corners += [(x_of(level), corners[-1][1]), (x_of(level), y_of(mbps))]
    corners.append((x_of(high), corners[-1][1]))
    sketch.shape([*corners, (x_of(high), bottom)], fill=Role.GRID, edge=0.0, opacity=0.4)
    weakest = min(level for _, level in chart.levels)
    if chart.counted >= 0 and weakest > chart.steps[chart.counted][0]:
        left, right = x_of(chart.steps[chart.counted][0]), x_of(weakest)
        top = y_of(chart.steps[chart.counted][1])
        sketch.box(left, top, right - left, bottom - top, fill=Role.PAPER, edge=0.0, hatch=_HATCH)
        sketch.line(*corners, width=1.0)
        sketch.line((left, top), (right, top), width=1.8, role=Role.ACCENT)
    else:
        sketch.line(*corners, width=1.0)
    sketch.line((x_of(low), bottom), (x_of(high), bottom))
    _levels(sketch, chart, x_of, bottom)
    _rates(sketch, chart, x_of, y_of)
    if chart.spare:
        middle = x_of(low) + 0.5 * (x_of(high) - x_of(low))
        if chart.counted >= 0:
            middle = 0.5 * (x_of(chart.steps[chart.counted][0]) + x_of(weakest))
        half = text_width(chart.spare, SMALL, bold=True) / 2.0 + 2.0
        middle = min(max(middle, _LEFT + half), width - _RIGHT - half)
        sketch.words(middle, bottom - 9.0, chart.spare, SMALL, anchor=Anchor.MIDDLE, bold=True, plate=True)
    for dbm in axis_ticks(low, high, 6):
        sketch.line((x_of(dbm), bottom), (x_of(dbm), bottom + 2.5), width=0.6)
        sketch.words(x_of(dbm), bottom + 7.5, f"{dbm:g}".replace("-", "\u2212"), SMALL, anchor=Anchor.MIDDLE)
    sketch.words(width, height - 5.0, chart.foot, SMALL, anchor=Anchor.END, room=width)
    return sketch.done(msg("Mbit/s by what arrives"), msg("Steps of the modes of the link, and what arrives."))


def _levels(sketch: Sketch, chart: RateSteps, x_of: _Along, bottom: float) -> None:
    """Draw what arrives at each end, with its name above."""
    ends = sorted(chart.levels, key=lambda one: one[1])
    if abs(ends[-1][1] - ends[0][1]) < _ALIKE_DB:
        ends = [(chart.both if len(ends) > 1 else ends[0][0], ends[0][1])]
    for n, (name, level) in enumerate(ends):
        x = x_of(level)
        sketch.line((x, _TOP - 6.0), (x, bottom), width=1.4)
        sketch.shape(((x - 3.5, _TOP - 8.0), (x + 3.5, _TOP - 8.0), (x, _TOP - 1.5)), fill=Role.INK, edge=0.0)
        before = (n == 0 and len(ends) > 1) or x > sketch.width * 0.6
        room = x - 8.0 if before else sketch.width - x - 8.0
        side = Anchor.END if before else Anchor.START
        sketch.words(x - 6.0 if before else x + 6.0, _TOP - 9.0, shorten(name, SMALL, room), SMALL, anchor=side)


def _rates(sketch: Sketch, chart: RateSteps, x_of: _Along, y_of: _Along) -> None:
    """Write what the modes carry, left of their steps and above: the one counted on first, then all that have room."""
    taken: list[tuple[float, float, float]] = []
    order = sorted(range(len(chart.steps)), key=lambda n: (n != chart.counted, n not in (0, len(chart.steps) - 1), -n))
    for n in order:
        level, mbps, figures = chart.steps[n]
        wide = text_width(figures, SMALL, bold=n == chart.counted)
        right, y = x_of(level) - 1.0, y_of(mbps) - 3.6
        if right - wide < 0.0:
            right = wide
        if any(abs(y - other) < _ROOM_Y and right - wide < end + 2.0 and right > begin - 2.0
               for other, begin, end in taken):  # fmt: skip
            continue
        taken.append((y, right - wide, right))
        sketch.words(right, y, figures, SMALL, anchor=Anchor.END, bold=n == chart.counted)


def staircase(modes: Sequence[tuple[float, float, str]]) -> tuple[tuple[float, float, str], ...]:
    """Return the modes that carry more than all that begin at less: level dBm, Mbit/s and name; the slowest first."""
    found: list[tuple[float, float, str]] = []
    for one in sorted(modes):
        if not found or one[1] > found[-1][1] + 1e-9:
            found.append(one)
    return tuple(found)

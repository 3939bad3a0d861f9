"""The plan that is heard on its channels, for less money: with less of what was narrowed, or fewer radios on a mast."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import CancelledError
from cn_planner.model.plan import PlanStatus
from cn_planner.planning.air_dishes import larger_dishes
from cn_planner.planning.air_limits import (
    SPARSE,
    AirTasks,
    Narrowed,
    OnAir,
    crowded_masts,
    cut_by,
    fewer_radios,
    heard_share,
    lacking,
    served_on_air,
    time_for,
)
from cn_planner.solver.instance import StoppedBy

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.planning.result import Design
    from cn_planner.progress import Clock

SHARE, RADIOS_SHARE = 0.35, 0.6
"""Of the time that is left, for each plan with less to choose from; where that is fewer radios on a mast quick searches
find hardly any plan."""
_POOR, _POOR_SHARE = 0.1, 0.8
"""A plan that so far from its own bound ran out of its time has found little but a guess: of what is left, for another
try from there."""
_TOLD = 3
"""Plans in a row that are told what the channels of the one before showed, where less is narrowed."""
_FEWER_TRIES = 2
"""Plans with fewer and fewer radios on a mast, in place of larger dishes."""
DISHES_SHARE = 0.3
"""Of the time that is left, for which links need larger dishes, where other plans may be tried after."""
WORTH_S = 5.0
"""Seconds that a further search is worth."""


def for_less(
    found: tuple[OnAir, Narrowed], begun: OnAir, tried: set[Narrowed], asked: float, tasks: AirTasks, clock: Clock
) -> tuple[OnAir, Narrowed]:
    """Return a plan that is heard, or one for less money with less of what was narrowed or fewer radios on a mast.

    The same with the dishes that it needs comes first: that may cost less than what has fewer radios.
    """

    def loosened(now: OnAir, limits: Narrowed) -> tuple[OnAir, Narrowed]:
        if limits.most_radios is None and not limits.own_dish:
            return now, limits
        full = _not_heard_with(tried, limits, max(crowded_masts(begun).values(), default=0))
        return looser(now, limits, full, asked, tasks, clock)

    now, limits = loosened(*found)
    if now is begun or limits.most_radios is not None:
        return now, limits
    fewer = _in_place_of_dishes((now, limits), begun, tried, asked, tasks, clock)
    return fewer if fewer[0] is now else loosened(*fewer)


def _in_place_of_dishes(
    now: tuple[OnAir, Narrowed], begun: OnAir, tried: set[Narrowed], asked: float, tasks: AirTasks, clock: Clock
) -> tuple[OnAir, Narrowed]:
    """Return a plan with fewer radios on a mast where that mends its channels for less than what did.

    Where so many are still too many, fewer are tried, as long as the plan costs less before its dishes. ``tried`` gets
    what was tried.
    """
    last, limits = begun, fewer_radios(begun, Narrowed(near=tasks.near))
    for _ in range(_FEWER_TRIES):
        began = time.perf_counter()
        other = None if limits is None else plan_again(tasks, limits, RADIOS_SHARE, last.design)
        if limits is None or other is None or other.design.value >= now[0].design.value:
            break
        mended = larger_dishes(other, asked, tasks, clock.of_share(DISHES_SHARE))
        if served_on_air(mended, asked) >= asked and mended.design.value < now[0].design.value:
            now = mended, limits
        tried.add(limits)
        if not lacking(other) or not time_for(clock, time.perf_counter() - began):
            break
        last, limits = other, fewer_radios(other, limits)
    return now


def _not_heard_with(tried: Collection[Narrowed], limits: Narrowed, full: int) -> int:
    """Return with how many radios on a mast, else alike, a plan was not heard: `full` where none was tried."""
    alike = [
        one.most_radios for one in tried
        if one.most_radios is not None and one._replace(most_radios=limits.most_radios) == limits
        and one.most_radios > (limits.most_radios or 0)
    ]  # fmt: skip
    return min(alike, default=full)


def looser(
    now: OnAir, limits: Narrowed, full: int, asked: float, tasks: AirTasks, clock: Clock
) -> tuple[OnAir, Narrowed]:
    """Return a plan with less of what was narrowed that is heard as well and cheaper, and what it may not choose.

    Smaller dishes first, the plan's own only on links that hear too much or are heard; then without what channels
    showed of other plans; then half of the radios more on a mast that lie between those it may have and so many
    (`full` at first) with which it was not heard, and so on.
    """
    tried, fails = {limits}, full
    while True:
        began, least = time.perf_counter(), limits.most_radios or 0
        ways = [limits._replace(own_dish=False), limits._replace(carries=(), apart=(), full=())]
        if limits.most_radios is not None:
            ways.append(limits._replace(most_radios=max((least + fails) // 2, least)))
        more = next((one for one in ways if one not in tried), None)
        if more is None:
            return now, limits
        tried.add(more)
        other, found = _heard_with(more, now, asked, tasks, clock)
        if other is not None and served_on_air(other, asked) >= asked and other.design.value < now.design.value:
            now, limits = other, found
            tried.add(found)
        elif more.most_radios is not None and more.most_radios != least:
            fails = more.most_radios
        if not time_for(clock, time.perf_counter() - began):
            return now, limits


def _heard_with(
    limits: Narrowed, now: OnAir, asked: float, tasks: AirTasks, clock: Clock
) -> tuple[OnAir | None, Narrowed]:
    """Return a plan so narrowed with the dishes that its channels need, and what it could not choose.

    Where nearly all hear it what its channels show is told to another like it, as long as there is time.
    """
    for _ in range(_TOLD):
        began = time.perf_counter()
        other = plan_again(tasks, limits, SHARE, now.design)
        if other is None:
            break
        other = larger_dishes(other, asked, tasks, clock.of_share(DISHES_SHARE))
        if served_on_air(other, asked) >= asked or heard_share(other, asked) < SPARSE:
            return other, limits
        cut = cut_by(other, limits, asked, tasks.reached_from)
        if cut is None or other.before.value >= now.design.value or not time_for(clock, time.perf_counter() - began):
            break
        limits = cut
    return None, limits


def plan_again(tasks: AirTasks, limits: Narrowed, share: float, first: Design | None) -> OnAir | None:
    """Return another plan with its channels; None where there is none."""
    try:
        design = tasks.plan(limits, share, None if first is None else first.searched)
    except CancelledError:  # what there is already stays
        return None
    poor = design.searched is not None and (design.searched.gap or 0.0) > _POOR
    if poor and design.stopped_by is StoppedBy.TIME and (tasks.clock.left() or 0.0) > WORTH_S:
        design = _once_more(tasks, limits, design)
    if design.edit is None or design.status is PlanStatus.CANCELLED:
        return None
    found = tasks.channels(design)
    return None if found.channels is None else found


def _once_more(tasks: AirTasks, limits: Narrowed, design: Design) -> Design:
    """Return the better of a plan and of another try from there, with what is known of both."""
    try:
        other = tasks.plan(limits, _POOR_SHARE, design.searched)
    except CancelledError:
        return design
    if other.edit is None or other.status is PlanStatus.CANCELLED or other.value > design.value:
        return design
    lower = [one.lower_bound for one in (design, other) if one.lower_bound is not None]
    return replace(other, lower_bound=max(lower, default=None))

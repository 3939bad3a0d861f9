"""Very many homes: neighbours are planned as one point, and what comes out is looked at home by home.

From its tower not every home of a point can be reached as the point can: in the plan stand those that keep every rule
on their own path (`home_by_home`). The bound is one for the homes themselves (`home_bound`); the notes say how much of
the distance from it is due to the points.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, PlanStatus, Priority
from cn_planner.planning.design import design_of
from cn_planner.planning.home_bound import home_bound
from cn_planner.planning.home_by_home import Homes
from cn_planner.planning.home_reach import home_reach
from cn_planner.planning.problem import build_problem
from cn_planner.progress import part, silent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from cn_planner.coverage.kept import Store
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue, CountryRules
    from cn_planner.model.plan import Plan
    from cn_planner.planning.problem import Problem
    from cn_planner.planning.result import Design
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.terrain.surface import Surface

_MOST_HOMES = 5_000
"""So many are planned one by one: with more the search takes minutes for little."""
_MOST_POINTS = 2_000
_FIRST_M = 25.0
_SHARES = (0.4, 0.15, 0.15)
"""Of a time limit, for each plan of points that is tried; the rest is for the bound."""
_MORE = 0.005
"""Share of the homes that points are asked for beside what the last plan of them was short of."""


class Points(NamedTuple):
    """Homes by the one that stands for them and itself, and the side of the squares that they lie in."""

    members: Mapping[str, tuple[Household, ...]]
    side_m: float


def points_of(homes: Items[Household], few: int = _MOST_HOMES, most: int = _MOST_POINTS) -> Points | None:
    """Return homes of one kind in squares of the ground, as small as give no more than so many points.

    A home that must be reached stands alone, however many they are. None where there are few homes.
    """
    if len(homes) <= few:
        return None
    south = min(home.latitude for home in homes.values())
    west = min(home.longitude for home in homes.values())
    widest = max(abs(home.latitude) for home in homes.values())
    north_m = 111_195.0
    east_m = north_m * math.cos(math.radians(min(widest, 89.0)))
    side = _FIRST_M
    while True:
        squares: dict[tuple[object, ...], list[Household]] = {}
        for home in homes.values():
            row, column = int((home.latitude - south) * north_m / side), int((home.longitude - west) * east_m / side)
            own = home.id if home.priority is Priority.MUST else ""
            alike = (home.kind, home.antenna_height_m, home.on_pole)
            squares.setdefault((row, column, own, *alike), []).append(home)
        wanted = sum(1 for key in squares if key[2])
        if len(squares) - wanted <= most or side > 100_000.0:
            break
        side *= math.sqrt(2.0)
    return Points({_middle(group).id: tuple(group) for group in squares.values()}, side)


def _middle(group: list[Household]) -> Household:
    latitude = sum(home.latitude for home in group) / len(group)
    longitude = sum(home.longitude for home in group) / len(group)
    narrow = math.cos(math.radians(latitude))

    def off(home: Household) -> tuple[float, str]:
        return math.hypot(home.latitude - latitude, (home.longitude - longitude) * narrow), home.id

    return min(group, key=off)


def as_points(plan: Plan, points: Points) -> Plan:
    """Return the plan with a point for each square in place of its homes."""
    stand_for = Items(
        replace(plan.households[key], weight=math.fsum(home.weight for home in group))
        for key, group in points.members.items()
    )
    return replace(plan, households=stand_for)


def problem_for(
    plan: Plan,
    surface: Surface,
    catalogue: Catalogue,
    regulations: CountryRules | None = None,
    *,
    cover: float | None = None,
    keep: tuple[Store, str] | None = None,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> tuple[Problem, Homes | None]:
    """Return the problem of a plan: of points where it has very many homes, and then with the homes behind them.

    As `build_problem`.
    """
    points = points_of(plan.households)
    problem = build_problem(
        plan if points is None else as_points(plan, points),
        surface,
        catalogue,
        regulations,
        cover=cover,
        keep=keep,
        pool=pool,
        progress=part(progress, 0.0, 1.0 if points is None else 0.5),
        cancel=cancel,
    )
    if points is None:
        return problem, None
    reach = home_reach(problem, plan, surface, pool=pool, progress=part(progress, 0.5, 1.0), cancel=cancel)
    return problem, Homes(points, problem, reach, surface, catalogue, regulations, pool)


def design_for(
    problem: Problem,
    homes: Homes | None,
    surface: Surface,
    regulations: CountryRules | None = None,
    *,
    budget: float | None = None,
    time_limit_s: float | None = None,
    threads: int = 1,
    prove: bool = True,
    fixes: bool = True,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Design:
    """Return what the planner finds for a problem, as `design_of`: for points, looked at home by home, with a bound.

    A cancel keeps the best plan that there is of points, looked at home by home, without a bound; one before there is
    any, or while its homes are looked at, leaves none.

    Raises
    ------
    CancelledError
    """
    if homes is None:
        return design_of(
            problem,
            surface,
            regulations,
            budget=budget,
            time_limit_s=time_limit_s,
            threads=threads,
            prove=prove,
            fixes=fixes,
            progress=progress,
            cancel=cancel,
        )
    goal, asked = problem.instance.cover, homes.asked(problem.instance.cover)
    best: tuple[Design, Design] | None = None
    for number, share in enumerate(_SHARES):
        here = part(progress, 0.75 * number / len(_SHARES), 0.75 * (number + 1) / len(_SHARES))
        of_points = design_of(
            problem,
            surface,
            regulations,
            budget=budget,
            time_limit_s=None if time_limit_s is None else share * time_limit_s,
            threads=threads,
            prove=prove,
            branch=False,
            fixes=fixes,
            progress=part(here, 0.0, 0.8),
            cancel=cancel,
        )
        stopped = cancel is not None and cancel.cancelled
        if best is not None and stopped:
            break
        # A cancel keeps the best plan: the first is looked at all the same, which takes seconds.
        found = homes.seen(of_points, goal, progress=part(here, 0.8, 1.0), cancel=None if stopped else cancel)
        if best is None or min(found.served, asked) > min(best[0].served, asked):
            best = found, of_points
        cover = problem.instance.cover
        if stopped or budget is not None or found.served >= asked or found.edit is None or cover >= 1.0:
            break
        # The points promised too much: more is asked of them.
        problem = problem.with_cover(min(1.0, cover * asked / max(found.served, 1.0) + _MORE))
    assert best is not None  # noqa: S101  # there is a first
    found, of_points = best
    if budget is None and found.edit is not None and found.served < asked:
        found = replace(found, notes=(*found.notes, _short(found.served, asked)))
    if not prove:
        return found
    return bounded(
        found,
        of_points,
        homes,
        time_limit_s=None if time_limit_s is None else (1.0 - sum(_SHARES)) * time_limit_s,
        progress=part(progress, 0.75, 1.0),
        cancel=cancel,
    )


def _short(served: float, asked: float) -> Message:
    return msg(
        "{served:,.0f} homes are reached of {goal:,.0f} asked for: the points promised more than their homes have.",
        served=served,
        goal=asked,
    )


def bounded(
    found: Design,
    of_points: Design,
    homes: Homes,
    *,
    time_limit_s: float | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Design:
    """Return a design of homes with the bound of what any other could do, and what of the gap is due to the points.

    Parameters
    ----------
    found : Design
        Looked at home by home.
    of_points : Design
        What it was made from.
    homes : Homes
        Its homes.
    time_limit_s, progress, cancel
        As for `home_bound`: without its answer the design comes back as it is.
    """
    outcome = None if found.edit is None else found.edit.plan.outcome
    if found.edit is None or outcome is None:
        return found
    made, budget = found.edit.plan, found.budget
    value = found.capex if budget is None else found.served
    bound = home_bound(
        homes.problem,
        homes.reach,
        {home.id for home in made.households.values() if home.server is not None},
        value,
        budget=budget,
        time_limit_s=time_limit_s,
        progress=progress,
        cancel=cancel,
    )
    if bound is None:
        return found
    gap = abs(value - bound) / max(value, 1.0)
    note = msg(
        "Of the {pct:.1f} % that it could be better at most, {own:.1f} % are those of the plan of points; the rest "
        "is due to planning points in place of homes.",
        pct=100.0 * gap,
        own=100.0 * min(gap, of_points.gap or 0.0),
    )
    status = found.status
    if status is PlanStatus.FEASIBLE and gap <= 1e-6:
        status = PlanStatus.OPTIMAL
    lower, upper = (bound, None) if budget is None else (None, bound)
    outcome = replace(outcome, status=status, lower_bound=lower, gap=gap, homes_upper_bound=upper)
    return replace(
        found,
        edit=Edit(found.edit.label, replace(made, outcome=outcome)),
        status=status,
        lower_bound=lower,
        gap=gap,
        homes_upper_bound=upper,
        notes=(*found.notes, note) if of_points.gap is not None else found.notes,
    )

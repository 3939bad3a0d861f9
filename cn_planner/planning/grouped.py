"""Very many homes: neighbours are planned as one point, and what comes out is looked at home by home.

From its tower not every home of a point can be reached as the point can: in the plan stand those that keep every rule
on their own path (`home_by_home`). The bound is one for the homes themselves (`home_bound`); the notes say how much of
the distance from it is due to the points.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.model.plan import Objective, PlanStatus
from cn_planner.planning.design import always, design_of
from cn_planner.planning.home_bound import home_bound
from cn_planner.planning.home_by_home import PointHomes
from cn_planner.planning.home_points import as_points, points_of
from cn_planner.planning.home_reach import home_reach
from cn_planner.planning.narrower import near_where_enough
from cn_planner.planning.problem import build_problem
from cn_planner.progress import ALONE, Clock, Run
from cn_planner.service.within_range import usual_rules

if TYPE_CHECKING:
    from cn_planner.coverage.kept import Store
    from cn_planner.message import Message
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.solver.instance import Solution
    from cn_planner.study import Study

_SHARES = (0.5, 0.3, 0.3)
"""Of the time that is left, for each plan of points that is tried; the rest is for the bound."""
_MORE = 0.005
"""Share of the homes that points are asked for beside what the last plan of them was short of; twice that after the
second."""


def problem_for(
    study: Study,
    *,
    cover: float | None = None,
    objective: Objective = Objective.CAPITAL,
    keep: tuple[Store, str] | None = None,
    run: Run = ALONE,
) -> tuple[PlanningProblem, PointHomes | None]:
    """Return the problem of a plan: of points where it has very many homes, and then with the homes behind them.

    As `build_problem`.
    """
    points, asked = points_of(study.plan), study.plan
    if points is not None:  # homes that are planned as points have the usual kit, and are near
        rules = replace(usual_rules(asked.rules), more_access="")
        near = replace(asked, kits=replace(asked.kits, more_clients=""), rules=rules)
        study = replace(study, plan=near)
    problem = build_problem(
        study if points is None else replace(study, plan=as_points(study.plan, points)),
        cover=cover,
        objective=objective,
        keep=keep,
        weigh=points is None,
        run=run.part(0.0, 1.0 if points is None else 0.5),
    )
    if points is None:
        return near_where_enough(problem), None
    reach = home_reach(problem, study.plan, run=run.part(0.5, 1.0))
    return problem, PointHomes(points, problem, reach, asked)


def design_for(
    problem: PlanningProblem,
    homes: PointHomes | None,
    *,
    budget: float | None = None,
    time_limit_s: float | None = None,
    prove: bool = True,
    proof: bool = True,
    fixes: bool = True,
    start: Solution | None = None,
    run: Run = ALONE,
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
            problem, budget=budget, time_limit_s=time_limit_s, prove=prove, proof=proof, fixes=fixes, start=start,
            run=run,
        )  # fmt: skip
    goal, asked, clock = problem.instance.cover, homes.asked(problem.instance.cover), Clock.of(time_limit_s)
    best: tuple[Design, Design] | None = None
    for number, share in enumerate(_SHARES):
        here = run.part(0.75 * number / len(_SHARES), 0.75 * (number + 1) / len(_SHARES))
        of_points = design_of(
            problem,
            budget=budget,
            time_limit_s=clock.left(share),
            prove=prove,
            branch=False,
            fixes=fixes,
            run=here.part(0.0, 0.8),
        )
        stopped = run.cancelled
        if best is not None and stopped:
            break
        # A cancel keeps the best plan: the first is looked at all the same, which takes seconds.
        watch = here.part(0.8, 1.0)
        found = homes.seen(of_points, goal, run=replace(watch, cancel=None) if stopped else watch)
        if best is None or min(found.served, asked) > min(best[0].served, asked):
            best = found, of_points
        cover = problem.instance.cover
        over = clock.left() == 0.0 or found.status is PlanStatus.INFEASIBLE
        if stopped or over or budget is not None or found.served >= asked or found.edit is None or cover >= 1.0:
            break
        # The points promised too much: more is asked of them.
        problem = problem.with_cover(min(1.0, cover * asked / max(found.served, 1.0) + (number + 1) * _MORE))
    assert best is not None  # noqa: S101  # there is a first
    found, of_points = homes.as_asked(best[0]), best[1]
    if budget is None and found.edit is not None and found.reason is None and found.served < asked:
        found = replace(found, notes=(*found.notes, _short(found.served, asked)))
    if not prove or clock.left() == 0.0:
        return found
    return bounded(
        found,
        of_points,
        homes,
        time_limit_s=clock.left(),
        run=run.part(0.75, 1.0),
    )


def _short(served: float, asked: float) -> Message:
    return msg(
        "{served:,g} homes are reached of {goal:,g} asked for: the points promised more than their homes have.",
        served=served,
        goal=asked,
    )


def bounded(
    found: Design, of_points: Design, homes: PointHomes, *, time_limit_s: float | None = None, run: Run = ALONE
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
    time_limit_s
        As for `home_bound`: without its answer the design comes back as it is.
    """
    outcome = None if found.edit is None else found.edit.plan.outcome
    if found.edit is None or outcome is None or homes.plan.more_access:  # it is one of plans in the usual kit alone
        return found
    made, budget = found.edit.plan, found.budget
    value = found.value if budget is None else found.served
    constant = always(homes.problem) if budget is None else 0.0
    bound = home_bound(
        homes.problem,
        homes.reach,
        {home.id for home in made.households.values() if home.server is not None},
        value - constant,
        budget=budget,
        time_limit_s=time_limit_s,
        run=run,
    )
    if bound is None:
        return found
    bound += constant
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

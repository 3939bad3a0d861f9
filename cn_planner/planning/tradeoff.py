"""The trade-off curve: what it costs to reach more homes, each point a whole plan that can be taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import CancelledError, InputError
from cn_planner.message import Message, msg
from cn_planner.planning.grouped import design_for, problem_for
from cn_planner.planning.places_apart import told_apart, weight_of_places
from cn_planner.planning.public_places import planned_for
from cn_planner.planning.relays import with_relays
from cn_planner.planning.result import with_bound
from cn_planner.progress import ALONE, Run
from cn_planner.solver.instance import StoppedBy

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.coverage.kept import Store
    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.study import Study

    PlanAt = Callable[[float, Run], Design]
    """The planner's whole answer for a share of the homes."""
    OnAir = Callable[[Design, float, Run], Design]
    """What a plan for a share of the homes is with second ways and channels, in which those count who are heard."""

POINTS = 12
_MOST_POINTS = 100


@dataclass(frozen=True, slots=True, eq=False)
class TradeoffPoint:
    """A plan on the curve.

    Attributes
    ----------
    served, capex : float
        Homes by weight, and capital in the plan's currency.
    sites : int
        Towers.
    share : float
        Of the coverable homes, that was asked for.
    lower_bound, gap : float or None
        No plan that serves that share costs less, and how far below the capital that is, as a share of it; None where
        it is not known.
    more_each : float or None
        What each further home costs between the point before and this one; None at the first.
    design : Design
        The whole plan.
    """

    served: float
    capex: float
    sites: int
    share: float
    lower_bound: float | None
    gap: float | None
    more_each: float | None
    design: Design


@dataclass(frozen=True, slots=True, eq=False)
class Tradeoff:
    """The curve, from few homes to many: no point costs as much as one that serves more.

    ``coverable`` is what could be served at most, ``complete`` whether all points that were asked for were tried, and
    ``notes`` say what is to be known, such as what keeps the last homes out.
    """

    points: tuple[TradeoffPoint, ...]
    households: float
    coverable: float
    currency: str
    complete: bool
    notes: tuple[Message, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what ``tradeoff --json`` prints."""

        def rounded(value: float | None) -> float | None:
            return None if value is None else round(value, 2)

        return {
            "households": round(self.households, 3),
            "coverable": round(self.coverable, 3),
            "currency": self.currency,
            "complete": self.complete,
            "points": [
                {
                    "served": round(one.served, 3),
                    "capex": rounded(one.capex),
                    "sites": one.sites,
                    "lower_bound": rounded(one.lower_bound),
                    "gap": None if one.gap is None else round(one.gap, 6),
                    "more_each": rounded(one.more_each),
                }
                for one in self.points
            ],
            "notes": [str(note) for note in self.notes],
        }


def tradeoff(
    study: Study,
    *,
    points: int = POINTS,
    prove: bool = False,
    time_limit_s: float | None = None,
    keep: tuple[Store, str] | None = None,
    partial: Callable[[Tradeoff], None] | None = None,
    plan_at: PlanAt | None = None,
    on_air: OnAir | None = None,
    run: Run = ALONE,
) -> Tradeoff:
    """Return the least cost for rising shares of the coverable homes.

    Parameters
    ----------
    points : int
        Shares that are tried, in equal steps up to all coverable homes; 2 to 100.
    prove : bool
        Whether large plans are searched for a bound at every point.
    time_limit_s : float, optional
        For all points together, each its part; the result then need not repeat.
    keep : (Store, str), optional
        As for `build_problem`.
    partial : callable, optional
        Is handed the curve whenever a point is added.
    plan_at : callable, optional
        Makes the plan of each point, and looks for its bound within its own time: where further kits of sectors may
        stand beside the usual one, of which what is searched here knows nothing.
    on_air : callable, optional
        Puts the plan of each point that is searched here on its own channels; without it a point may count homes that
        hear nothing on any.

    Raises
    ------
    InputError, MissingTerrainError
        As for `design`; also where the number of points is none.
    CancelledError
        Where the work is cancelled before there is a point.
    """
    plan = study.plan
    if not 2 <= points <= _MOST_POINTS:
        raise InputError(msg("{points} points are no curve.", points=points), fix=msg("Ask for 2 to 100."))
    coverable: float | None = None
    if plan_at is None:
        study = replace(study, plan=with_relays(planned_for(plan)))
        problem, homes = problem_for(study, cover=1.0, keep=keep, run=run.part(0.0, 0.3))
        coverable = (problem.network.coverable if homes is None else homes.coverable) - weight_of_places(problem)

        def plan_at(share: float, run: Run) -> Design:
            limit = None if time_limit_s is None else time_limit_s / points
            one = design_for(
                problem.with_cover(share), homes, prove=prove, fixes=False, time_limit_s=limit, run=run
            )  # fmt: skip
            return _aired(told_apart(one, problem), share, on_air, run)

    found: list[tuple[float, Design]] = []
    notes: list[Message] = []
    tried = 0
    for number in range(1, points + 1):
        if run.cancelled:
            break
        step = run.part(0.3 + 0.7 * (number - 1) / points, 0.3 + 0.7 * number / points)
        step.progress(0.0, msg("Plan {number} of {points}", number=number, points=points))
        try:
            one = plan_at(
                number / points, replace(step, progress=lambda done, _doing=None, step=step: step.progress(done))
            )
        except CancelledError:  # the curve so far stays
            break
        if one.stopped_by is StoppedBy.CANCEL:
            break
        tried = number
        if one.reason is not None and one.reason not in notes:
            notes.append(one.reason)
        if one.edit is None:
            continue
        found.append((number / points, one))
        if partial is not None:
            partial(_curve(plan, found, coverable, notes, complete=False))
    if not found:
        run.check()
    if any(one.stopped_by is StoppedBy.TIME for _, one in found):
        notes.append(msg("The time limit ended the search: another run may give another curve."))
    return _curve(plan, found, coverable, notes, complete=tried == points)


def prove_point(
    study: Study,
    curve: Tradeoff,
    at: int,
    *,
    time_limit_s: float | None = None,
    keep: tuple[Store, str] | None = None,
    plan_at: PlanAt | None = None,
    on_air: OnAir | None = None,
    run: Run = ALONE,
) -> Tradeoff:
    """Return a curve with a bound sought at one of its points; the better plan and the better bound are kept.

    Parameters
    ----------
    curve, at
        The curve, and which of its points.
    time_limit_s, keep, plan_at, on_air
        As for `tradeoff` and `design`.

    Raises
    ------
    InputError, MissingTerrainError
        As for `design`.
    CancelledError
        Where the work is cancelled while paths are looked at: nothing was found that could be kept.
    """
    point = curve.points[at]
    found, of_goal = [(one.share, one.design) for one in curve.points], True
    if plan_at is not None:
        again, goal = plan_at(point.share, run), point.share * curve.coverable
    else:
        with_places = replace(study, plan=with_relays(planned_for(study.plan)))
        problem, homes = problem_for(with_places, cover=point.share, keep=keep, run=run.part(0.0, 0.2))
        again = design_for(problem, homes, fixes=False, time_limit_s=time_limit_s, run=run.part(0.2, 1.0))
        again, of_goal = _aired(told_apart(again, problem), point.share, on_air, run), homes is None
        goal = (problem.network.goal if homes is None else homes.asked(point.share)) - weight_of_places(problem)
    found[at] = (point.share, _better(point.design, again, goal, of_goal=of_goal))
    return _curve(study.plan, found, curve.coverable, list(curve.notes), complete=curve.complete)


def _aired(found: Design, share: float, on_air: OnAir | None, run: Run) -> Design:
    """Return a plan as it is on its own channels; as it is where there is none, or nobody asks."""
    stopped = found.edit is None or found.stopped_by is StoppedBy.CANCEL or run.cancelled
    return found if on_air is None or stopped else on_air(found, share, run.silently())


def _better(before: Design, again: Design, goal: float, *, of_goal: bool) -> Design:
    """Return the cheaper of two plans for a share, with the better of their bounds.

    A bound is of what serves the goal, or else of what serves as many as its own plan.
    """
    both = [one for one in (before, again) if one.edit is not None and one.served >= goal - 1e-9]
    if not both:
        return before
    best = min(both, key=lambda one: one.capex)
    both = [one for one in both if of_goal or one.served <= best.served + 1e-9]
    known = [one.lower_bound for one in both if one.lower_bound is not None]
    return with_bound(best, max(known)) if known else best


def _curve(
    plan: Plan, found: list[tuple[float, Design]], coverable: float | None, notes: list[Message], *, complete: bool
) -> Tradeoff:
    """Return the points that no other beats: a plan that serves more for no more money stands for those below it.

    Where it is not given what could be served at most, it is what the plans say.
    """
    if coverable is None:
        coverable = max((one.coverable for _, one in found), default=0.0)
    best: list[tuple[float, Design]] = []
    for share, one in sorted(found, key=lambda pair: (-pair[1].served, pair[1].capex)):
        if not best or one.capex < best[-1][1].capex - 1e-9:
            best.append((share, one))
    best.reverse()
    rows = []
    for number, (share, one) in enumerate(best):
        before = best[number - 1][1] if number else None
        more = None
        if before is not None and one.served > before.served:
            more = (one.capex - before.capex) / (one.served - before.served)
        rows.append(TradeoffPoint(one.served, one.capex, len(one.sites), share, one.lower_bound, one.gap, more, one))
    households = sum(home.weight for home in plan.households.values())
    return Tradeoff(tuple(rows), households, coverable, plan.info.currency, complete, tuple(notes))

"""Cost against homes in the window and on the command line: the usual kit's curve, or whole plans of all kits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.model.plan import Objective
from cn_planner.planning.basis import basis_of
from cn_planner.planning.tradeoff import POINTS, prove_point, tradeoff
from cn_planner.progress import ALONE, Clock, Run
from cn_planner.session.network import plan_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.planning.result import Design
    from cn_planner.planning.tradeoff import PlanAt, Tradeoff
    from cn_planner.session.workspace import Snapshot


def cost_against_homes(
    snapshot: Snapshot,
    *,
    points: int | None = None,
    prove: bool = False,
    time_limit_s: float | None = None,
    partial: Callable[[Tradeoff], None] | None = None,
    run: Run = ALONE,
) -> Tradeoff:
    """Return what it costs to reach more homes: plans from few to all, each of which can be taken."""
    points = POINTS if points is None else points
    clock = Clock.of(time_limit_s)
    return tradeoff(
        snapshot.study,
        points=points,
        prove=prove,
        time_limit_s=time_limit_s,
        keep=(snapshot.cache, snapshot.air_key),
        partial=partial,
        plan_at=_by_all_kits(snapshot, lambda share: clock.left(1.0 / (points - round(share * points) + 1))),
        run=run,
    )


def _by_all_kits(snapshot: Snapshot, limit: Callable[[float], float | None]) -> PlanAt | None:
    """Return who makes a plan for a share where further kits may stand; None where there is the usual one alone.

    A curve is of the money to build, whatever the plan's objective. ``limit``: seconds for the plan of a share.
    """
    if not snapshot.plan.more_access:
        return None

    def plan_at(share: float, run: Run) -> Design:
        made = plan_network(snapshot, cover=share, objective=Objective.CAPITAL, time_limit_s=limit(share), run=run)
        outcome = None if made.edit is None else made.edit.plan.outcome
        if made.edit is None or outcome is None or made.edit.plan.rules == snapshot.plan.rules:
            return made
        plan = replace(made.edit.plan, rules=snapshot.plan.rules)
        plan = replace(plan, outcome=replace(outcome, basis=basis_of(plan)))
        return replace(made, edit=replace(made.edit, plan=plan))

    return plan_at


def proven_point(
    snapshot: Snapshot, curve: Tradeoff, at: int, *, time_limit_s: float | None = None, run: Run = ALONE
) -> Tradeoff:
    """Return a curve of the plan with a bound sought at one of its points; a cancel keeps what was found."""
    return prove_point(
        snapshot.study,
        curve,
        at,
        time_limit_s=time_limit_s,
        keep=(snapshot.cache, snapshot.air_key),
        plan_at=_by_all_kits(snapshot, lambda _: time_limit_s),
        run=run,
    )

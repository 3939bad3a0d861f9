"""Cost against homes in the window and on the command line: the usual kit's curve, or whole plans of all kits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.model.plan import Objective
from cn_planner.planning.basis import basis_of
from cn_planner.planning.narrower import unproven
from cn_planner.planning.tradeoff import POINTS, prove_point, tradeoff
from cn_planner.progress import ALONE, Clock, Run
from cn_planner.session.network import on_channels, plan_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.planning.result import Design
    from cn_planner.planning.tradeoff import OnAir, PlanAt, Tradeoff
    from cn_planner.session.workspace import Snapshot

_SEARCH_SHARE = 0.6
"""Of the time, for the search of the points; the rest is for their channels."""
_AFTER_S = 5.0
"""Seconds that channels may take beyond a time limit."""
_MOST_AGAIN = 300
"""Of no more homes a plan for all that channels silence is made anew without a clock: of more that takes minutes."""


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
    clock = Clock.of(time_limit_s, more=_AFTER_S)
    whole = _whole_plans(snapshot, lambda share: clock.left(1.0 / (points - round(share * points) + 1)))
    further = bool(snapshot.plan.more_access)
    return tradeoff(
        snapshot.study,
        points=points,
        prove=prove,
        time_limit_s=time_limit_s if time_limit_s is None or further else _SEARCH_SHARE * time_limit_s,
        keep=(snapshot.cache, snapshot.air_key),
        partial=partial,
        plan_at=whole if further else None,
        on_air=None if further else _on_air(snapshot, whole, clock),
        run=run,
    )


def _on_air(snapshot: Snapshot, whole: PlanAt, clock: Clock) -> OnAir:
    """Return who puts the plan of a share on its own channels: in it those count who hear something there.

    The search for a point knows nothing of channels. Where they silence homes the planner, which does, looks for a
    better plan: of all homes, and of each share where a clock says how long. Else each would take as long as a plan.
    """

    def on_air(found: Design, share: float, run: Run) -> Design:
        heard = on_channels(snapshot, found, clock=clock, run=run)
        if heard.served >= found.served - 1e-6:
            return heard
        heard = unproven(heard)
        left = clock.left()
        if left == 0.0 or (left is None and (share < 1.0 or len(snapshot.plan.households) > _MOST_AGAIN)):
            return heard
        again = whole(share, run)
        better = again.edit is not None and (again.served, -again.capex) > (heard.served, -heard.capex)
        return again if better else heard

    return on_air


def _whole_plans(snapshot: Snapshot, limit: Callable[[float], float | None]) -> PlanAt:
    """Return who makes the whole plan for a share, with all kits that may stand, on its own channels.

    A curve is of the money to build, whatever the plan's objective. ``limit``: seconds for the plan of a share.
    """

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
    whole = _whole_plans(snapshot, lambda _: time_limit_s)
    return prove_point(
        snapshot.study,
        curve,
        at,
        time_limit_s=time_limit_s,
        keep=(snapshot.cache, snapshot.air_key),
        plan_at=whole if snapshot.plan.more_access else None,
        on_air=None if snapshot.plan.more_access else _on_air(snapshot, whole, Clock.of(time_limit_s, more=_AFTER_S)),
        run=run,
    )

"""What would save money, found out: the plan is planned again with one thing more allowed, time after time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital
from cn_planner.economics.over_years import running_cost
from cn_planner.errors import CancelledError, InputError
from cn_planner.message import msg
from cn_planner.model.plan import Objective
from cn_planner.planning.result import still_proven
from cn_planner.planning.savings import MOST_TRIALS, Savings, saving_of, saving_trials
from cn_planner.progress import ALONE, Run
from cn_planner.session.network import plan_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.model.plan import Plan
    from cn_planner.session.workspace import Snapshot

_FIRST = 0.3
"""Of the work, for the plan without."""


def savings_of(
    snapshot: Snapshot,
    *,
    most: int = MOST_TRIALS,
    time_limit_s: float | None = None,
    partial: Callable[[Savings], None] | None = None,
    run: Run = ALONE,
) -> Savings:
    """Return what would save money in a plan; each trial's result goes to `partial`, and a cancel keeps them.

    Parameters
    ----------
    snapshot : Snapshot
    most : int
        So many places for another connection are tried.
    time_limit_s : float, optional
        For each plan that is made.
    partial : callable, optional
        Gets what is known so far.

    Raises
    ------
    InputError, MissingTerrainError
        As for `plan_network`; where no network is found for the plan as it is.
    CancelledError
        Where nothing is known yet.
    """
    plan = snapshot.plan
    value, homes, bound, made, cover = _without(snapshot, time_limit_s, run.part(0.0, _FIRST))
    trials = saving_trials(plan, made, most)
    found = Savings(plan, value, homes, trials=len(trials))
    for number, trial in enumerate(trials):
        share = (1.0 - _FIRST) / len(trials)
        here = run.part(_FIRST + share * number, _FIRST + share * (number + 1))
        try:
            design = plan_network(
                snapshot.workspace.snapshot(trial.plan), cover=cover, time_limit_s=time_limit_s, run=here
            )
        except CancelledError:
            break
        if run.cancelled:  # cut short, it says nothing
            break
        one = saving_of(trial, design, plan, value, homes, bound)
        rows = found.found if one is None else tuple(sorted((*found.found, one), key=lambda row: -row.saved))
        found = replace(found, found=rows, tried=number + 1)
        if partial is not None:
            partial(found)
    return found


def _without(
    snapshot: Snapshot, time_limit_s: float | None, run: Run
) -> tuple[float, float, float | None, Plan, float | None]:
    """Return what is least, homes, bound and network of the plan as it is, and the share that is then asked for.

    Of one that is as the planner left it that is known; else it is planned.
    """
    plan, outcome = snapshot.plan, snapshot.plan.outcome
    capex = capital(plan, snapshot.catalogue).total.total
    if outcome is not None and outcome.budget is None and still_proven(plan, capex) is not None:
        more = 0.0
        if plan.rules.objective is Objective.FIVE_YEARS:
            more = running_cost(plan, snapshot.catalogue, capex)
        share = min(1.0, max(0.0, outcome.served - 1e-6) / max(outcome.coverable, 1e-9))
        return outcome.capex + more, outcome.served, outcome.lower_bound, plan, share
    found = plan_network(snapshot, time_limit_s=time_limit_s, run=run)
    run.check()  # what was cut short is nothing to hold others against
    if found.edit is None:
        raise InputError(found.reason or msg("No plan was found."), fix=msg("Add places for towers, or a gateway."))
    return found.value, found.served, found.lower_bound, found.edit.plan, None

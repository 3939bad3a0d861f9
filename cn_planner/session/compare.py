"""Two plans side by side, or a plan and an earlier version of it: figures, and what changed in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost
from cn_planner.errors import MissingTerrainError
from cn_planner.message import Message, msg
from cn_planner.progress import ALONE, Run
from cn_planner.report.changes import plan_changes
from cn_planner.report.work_records import PlanComparison, PlanFigures
from cn_planner.service.joined import as_it_works, hops
from cn_planner.session.details import links_down_now
from cn_planner.session.scenarios import scenario_figures, scenarios_of
from cn_planner.storage.scenarios import unfold

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.session.versions import Earlier
    from cn_planner.session.workspace import Snapshot


def change_log(snapshot: Snapshot, version: int, before: Earlier, *, run: Run = ALONE) -> PlanComparison:
    """Return what changed in a plan since an earlier version of it."""
    then = snapshot.workspace.snapshot(before.plan)
    label = msg("version {n}, as it stands", n=version)
    return compare_plans(then, before.label, snapshot, label, run=run)


def compare_plans(
    first: Snapshot, first_label: Message, second: Snapshot, second_label: Message, *, run: Run = ALONE
) -> PlanComparison:
    """Return two plans side by side.

    Raises
    ------
    InputError
        Where a kit that one of them names is not on its shelf.
    FileError
        Where elevation cannot be read.
    CancelledError
    """
    watch = run.part(0.0, 0.5)
    before = plan_figures(first, first_label, run=watch)
    watch = run.part(0.5, 1.0)
    now = plan_figures(second, second_label, run=watch)
    return PlanComparison(before, now, plan_changes(first.plan, second.plan))


def compare_scenario(snapshot: Snapshot, key: str, *, run: Run = ALONE) -> PlanComparison:
    """Return what the scenario that is shown has otherwise than another one of the plan.

    Raises
    ------
    InputError
        Where the plan has no such scenario, or a kit of one of both is not on its shelf.
    PlanFileError
        Where the other one is damaged.
    FileError
        Where elevation cannot be read.
    CancelledError
    """
    titles = {one.id: one.title for one in scenarios_of(snapshot.plan)}
    other = snapshot.workspace.snapshot(unfold(snapshot.plan, key))
    return compare_plans(other, titles[key], snapshot, titles[snapshot.plan.scenarios.id], run=run)


def plan_figures(snapshot: Snapshot, label: Message, *, run: Run = ALONE) -> PlanFigures:
    """Return what a plan is compared by; without terrain only what it costs and how it hangs together."""
    plan = snapshot.plan
    try:
        found = scenario_figures(snapshot, run=run)
    except MissingTerrainError:
        found = None
    cost = capital(plan, snapshot.catalogue).total.total if found is None else found.cost
    weakest = None if found is None else found.weakest

    def name(key: str) -> str:
        return plan.sites[key].name or key

    return PlanFigures(
        label=label,
        currency=plan.info.currency,
        homes=None if found is None else found.homes,
        homes_total=sum(home.weight for home in plan.households.values()),
        towers=len(plan.used_sites),
        cost=cost,
        cost_a_home=None if found is None else found.cost_a_home,
        month=monthly_cost(plan, snapshot.catalogue, cost).total,
        weakest="" if weakest is None else f"{name(weakest.from_site)} – {name(weakest.to_site)}",
        weakest_db=None if weakest is None else weakest.margin_db,
        single_points=_single_points(as_it_works(plan, links_down_now(snapshot)) if found is not None else plan),
        lost=None if found is None else found.lost,
        lost_with=name(found.lost_with) if found is not None and found.lost_with else "",
    )


def _single_points(plan: Plan) -> int:
    """Return how many towers there are without which another one falls silent."""
    up = set(hops(plan))
    return sum(1 for key in up if up - set(hops(plan, without=key)) - {key})

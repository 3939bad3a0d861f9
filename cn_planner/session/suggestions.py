"""What could be built next, asked of an open plan: its tables and who is reached are kept for the next time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.model.gateways import may_be_gateway
from cn_planner.planning.more_access import further_tables
from cn_planner.planning.problem import build_problem
from cn_planner.planning.suggestions import refused, suggestions, undecided
from cn_planner.progress import ALONE, Run
from cn_planner.session.cache import digest
from cn_planner.session.details import links_on_channels
from cn_planner.session.heights import height_steps
from cn_planner.session.service import service_now

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from numpy.typing import NDArray

    from cn_planner.model.plan import Plan, Site
    from cn_planner.planning.mast_heights import HeightStep
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.suggestions import Suggestion
    from cn_planner.service.now import ServiceNow
    from cn_planner.session.workspace import Snapshot


def suggest(
    snapshot: Snapshot,
    now: ServiceNow | None = None,
    *,
    partial: Callable[[tuple[Suggestion, ...]], None] | None = None,
    run: Run = ALONE,
) -> tuple[Suggestion, ...]:
    """Return what could be built next, that which costs least a home first; the first alone goes to `partial` before.

    Empty where the plan has no homes or no gateway yet, and where nothing allowed reaches another home.

    Raises
    ------
    InputError
        Where a kit is not on the shelf.
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    CancelledError
    """
    plan = snapshot.plan
    usable = [site for site in plan.sites.values() if not refused(site)]
    if not plan.households or not any(may_be_gateway(site) for site in usable):
        return ()
    if now is None:
        now = service_now(snapshot, run=run.part(0.0, 0.3))
    tables = _tables(snapshot, run.part(0.3, 0.9))
    if tables is None:
        return ()
    problem, *further = tables

    def steps(base: Plan, site: Site, served: Collection[str]) -> tuple[HeightStep, ...]:
        there = snapshot if base is plan else snapshot.workspace.snapshot(base)
        return height_steps(there, site, served, run=run.silently())

    on_channels = links_on_channels(snapshot, run=run)
    last = run.part(0.9, 1.0)
    return suggestions(
        snapshot.study, problem, now, steps, on_channels=on_channels, further=tuple(further),
        store=(snapshot.cache, snapshot.air_key), partial=partial, run=last,
    )  # fmt: skip


def _tables(snapshot: Snapshot, run: Run) -> tuple[PlanningProblem, ...] | None:
    """Return the tables of the usual kit of sectors, and of the further ones that the plan allows; None: no places."""
    plan = undecided(snapshot.plan)
    key = digest(
        "tables", snapshot.air_key, snapshot.homes_key, snapshot.homes.weight, plan.sites, plan.zones, plan.rules,
        plan.demand, plan.kits, plan.costs, plan.info,
        [(one.kind, one.priority) for one in plan.households.values()],
    )  # fmt: skip
    kept: tuple[PlanningProblem, ...] | None = snapshot.cache.get(key)
    if kept is not None:
        return kept
    if not any(site.max_height_m > 0.0 and may_be_gateway(site) for site in plan.sites.values()):
        return None
    mine, others = (run.part(0.0, 0.6), run.part(0.6, 1.0)) if plan.more_access else (run, run.silently())
    usual = build_problem(replace(snapshot.study, plan=plan), keep=(snapshot.cache, snapshot.air_key), run=mine)
    kept = (usual, *(further_tables(usual, run=others) if plan.more_access else ()))
    arrays: list[NDArray[Any]] = [*usual.backhaul_budget.arrays]
    for one in kept:
        arrays += *one.access_budget, one.access_works, one.access_ok, one.access_elevation_deg, one.instance.serve
    # The figures of paths are kept by themselves as well, but the last ones alone: those of older plans are here.
    held = sum(one.nbytes for one in arrays) + sum(one.access.nbytes for one in kept) + usual.backhaul.nbytes
    pairs = sum(len(one.access) for one in kept) + len(usual.backhaul)
    snapshot.cache.put(key, kept, held + 150 * pairs + 1000 * len(usual.homes))
    return kept

"""The scenarios of an open plan with their figures; the margins of links are kept for the next time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.errors import InputError, PlanFileError
from cn_planner.planning.scenario_figures import ScenarioFigures, figures_of, link_margins
from cn_planner.progress import ALONE, Run
from cn_planner.session.cache import digest
from cn_planner.session.service import service_now
from cn_planner.storage.scenarios import scenario_title, unfold

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.service.now import ServiceNow
    from cn_planner.session.workspace import Snapshot


@dataclass(frozen=True, slots=True)
class Scenario:
    """A tab: id, name (empty where it has none), whether it is the one shown, and its figures."""

    id: str
    name: str
    active: bool
    figures: ScenarioFigures | None = None

    @property
    def title(self) -> Message:
        """What stands on the tab."""
        return scenario_title(self.id, self.name)


def scenarios_of(plan: Plan) -> tuple[Scenario, ...]:
    """Return the scenarios of a plan in the order of their making, without figures."""
    own = plan.scenarios
    found = [Scenario(own.id, own.name, active=True)]
    found += [Scenario(one.id, one.name, active=False) for one in own.others]
    return tuple(sorted(found, key=lambda one: int(one.id)))


def scenarios(snapshot: Snapshot, *, run: Run = ALONE) -> tuple[Scenario, ...]:
    """Return all scenarios of a plan with their figures.

    A scenario whose figures cannot be had (a kit that is not on the shelf) has none.

    Raises
    ------
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    CancelledError
    """
    found = []
    all_tabs = scenarios_of(snapshot.plan)
    for number, tab in enumerate(all_tabs):
        share = run.part(number / len(all_tabs), (number + 1) / len(all_tabs))
        share.progress(0.0, tab.title)
        try:
            there = snapshot if tab.active else snapshot.workspace.snapshot(unfold(snapshot.plan, tab.id))
            found.append(replace(tab, figures=scenario_figures(there, run=share)))
        except (InputError, PlanFileError):
            found.append(tab)
    return tuple(found)


def scenario_figures(snapshot: Snapshot, now: ServiceNow | None = None, *, run: Run = ALONE) -> ScenarioFigures:
    """Return what a plan is compared by."""
    if now is None:
        now = service_now(snapshot, run=run)
    plan = snapshot.plan
    rows = list(plan.standing_links.values())
    study = snapshot.study if rows else snapshot.bare_study  # only paths ask for the ground
    masts = [
        (site.latitude, site.longitude, site.mast_height_m)
        for link in rows
        for site in (plan.sites[link.from_site], plan.sites[link.to_site])
    ]
    key = digest("margins", snapshot.air_key, rows, plan.kits.backhaul, plan.rules, plan.info.country, masts)
    margins: dict[str, tuple[float, float]] | None = snapshot.cache.get(key)
    if margins is None:
        margins = link_margins(study, run=run.silently())
        snapshot.cache.put(key, margins, 100 * len(margins) + 200)
    return figures_of(study, now, margins)

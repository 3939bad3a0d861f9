"""The work plan: what is done after what, phase by phase, from the first look at a place to the last roof antenna.

A mast is raised after the place was looked at, its owner agreed and its permits are there, and the goods were bought. A
tower is put on the air after the one that feeds it, a gateway after its Internet connection. Goods of a phase are
bought when the one before is done. Days are those that the shelf gives for masts and poles, and for the rest the
plan's `Labour`.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.economics.costs import UnitCosts, days_of_home, home_kits
from cn_planner.economics.hotspot_gear import hotspot_radios
from cn_planner.message import Message, counted, msg
from cn_planner.model.clients import clients, is_place
from cn_planner.model.owners import owner_agreed
from cn_planner.model.plan import SiteRole, Status
from cn_planner.planning.phases import fed_by
from cn_planner.report.work_records import WorkTask
from cn_planner.service.joined import gateways

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan, Site
    from cn_planner.report.bill import Needs
    from cn_planner.report.work_records import PhaseRecord


@dataclass(frozen=True, slots=True)
class _Task:
    """A task before it has its number; ``after`` may name tasks that are not needed here: they count as done."""

    phase: int
    what: Message
    site: str
    days: float | None
    after: tuple[str, ...]


def work_plan(plan: Plan, catalogue: Catalogue, need: Needs, phases: Iterable[PhaseRecord]) -> tuple[WorkTask, ...]:
    """Return the tasks of a plan, each after all that it needs; of several that may come next the first phase's first.

    ``plan``: with its network. ``catalogue``: the shelf. ``need``: masts that are raised. ``phases``: a tower that is
    in none has no tasks.
    """
    tasks: dict[str, _Task] = {}
    maker = _Maker(plan, UnitCosts(plan, catalogue), need, tasks)
    for phase in phases:
        maker.add_phase(phase)
    return _in_order(tasks)


class _Maker:
    """Collects the tasks by name; a name is its kind and whom it is about."""

    def __init__(self, plan: Plan, costs: UnitCosts, need: Needs, tasks: dict[str, _Task]) -> None:
        self._plan, self._costs, self._need, self._tasks = plan, costs, need, tasks
        self._fed, self._doors = fed_by(plan), set(gateways(plan))

    def add_phase(self, phase: PhaseRecord) -> None:
        """Add the tasks of one phase."""
        number = phase.number
        sites = [self._plan.used_sites[key] for key in phase.sites]
        before = set(self._tasks)
        for site in sites:
            self._prepare(number, site)
        looked_at = tuple(name for name in self._tasks if name not in before)
        self._tasks[f"goods {number}"] = _Task(
            number, msg("Buy the goods of phase {number}", number=number), "", None, (*looked_at, f"done {number - 1}")
        )
        for site in sites:
            self._build(number, site)
        for key in phase.links:
            self._link(number, key)
        for site in sites:
            self._put_on_air(number, site)
        inside = tuple(name for name in self._tasks if name not in before)
        training = self._plan.work.training_days if number == 1 else None
        self._tasks[f"done {number}"] = _Task(
            number, msg("Look back on phase {number}; teach who keeps it running", number=number), "", training, inside
        )

    def _name(self, key: str) -> str:
        return self._plan.sites[key].name or key

    def _add(
        self, kind: str, phase: int, site: Site, what: Message, after: tuple[str, ...], days: float | None
    ) -> None:
        self._tasks[f"{kind} {site.id}"] = _Task(phase, what, site.id, days, after)

    def _prepare(self, phase: int, site: Site) -> None:
        """Add what is done before anything is bought for a place."""
        key, name = site.id, self._name(site.id)
        if site.status is Status.BUILT:
            return
        if site.status is not Status.SURVEYED:
            what = msg("Look at {site}: ground, road, trees", site=name)
            if key in self._fed:
                what = msg(
                    "Look at {site}: ground, road, view to {next}", site=name, next=self._name(self._fed[key][0])
                )
            self._add("survey", phase, site, what, (), self._plan.work.survey_days)
        raised = site.role is not SiteRole.EXISTING
        if not owner_agreed(site):
            what = msg("Owner's consent in writing, and permits: {site}", site=name)
            if not raised:
                what = msg("Owner's consent in writing: {site}", site=name)
            self._add("consent", phase, site, what, (f"survey {key}",), None)
        elif raised:
            self._add("consent", phase, site, msg("Permits for the mast: {site}", site=name), (f"survey {key}",), None)

    def _build(self, phase: int, site: Site) -> None:
        """Add what is done at a place itself."""
        key, name = site.id, self._name(site.id)
        ready = (f"survey {key}", f"consent {key}", f"goods {phase}")
        if key in self._doors:
            self._add("uplink", phase, site, msg("Internet connection at {site}", site=name), (f"consent {key}",), None)
        if site.status is not Status.BUILT:
            if site.role is not SiteRole.EXISTING:
                mast = self._need.masts.get(key)
                days = None if mast is None else mast.labour_days
                what = msg("Erect the mast, {height:g} m: {site}", height=site.mast_height_m or 0.0, site=name)
                self._add("mast", phase, site, what, ready, days)
            what = msg("Earthing, power and box: {site}", site=name)
            self._add("power", phase, site, what, (*ready, f"mast {key}"), self._plan.work.box_days)
        if site.sectors:
            what = msg("Hang the sectors: {site}", site=name)
            days = len(site.sectors) * self._plan.work.radio_days
            self._add("sectors", phase, site, what, (*ready, f"mast {key}", f"power {key}"), days)

    def _link(self, phase: int, key: str) -> None:
        link = self._plan.links[key]
        if link.status is Status.BUILT:
            return
        ends = (link.from_site, link.to_site)
        after = (f"goods {phase}", *(f"{kind} {end}" for end in ends for kind in ("mast", "power")))
        a, b = (self._name(end) for end in ends)
        self._tasks[f"link {key}"] = _Task(
            phase, msg("Hang and align the link {a} – {b}", a=a, b=b), ends[1], 2.0 * self._plan.work.radio_days, after
        )

    def _put_on_air(self, phase: int, site: Site) -> None:
        """Add what is done when all hangs: the test, and the homes."""
        key, name = site.id, self._name(site.id)
        after = [f"{kind} {key}" for kind in ("sectors", "power", "mast", "uplink")]
        if key in self._fed:
            other, link = self._fed[key]
            after += [f"link {link.id}", f"air {other}"]
        self._add("air", phase, site, msg("Test {site} and put it into service", site=name), tuple(after), None)
        radios = len(hotspot_radios(self._plan, self._costs.catalogue, site))
        if radios:
            days = radios * self._plan.work.radio_days
            self._add("hotspot", phase, site, msg("Hang the hotspot: {site}", site=name), (f"air {key}",), days)
        for place in (one for one in clients(self._plan).values() if one.server == key and is_place(one.id)):
            what = msg("Antenna and hotspot of {place}: {site}", place=place.name, site=name)
            self._tasks[f"place {place.id}"] = _Task(
                phase, what, key, days_of_home(self._costs, place), (f"air {key}",)
            )
        homes = [home for home in self._plan.households.values() if home.server == key]
        if homes:
            days = math.fsum(home_kits(home) * days_of_home(self._costs, home) for home in homes)
            what = counted(
                "Antenna of {count} home: {site}", "Antennas of {count} homes: {site}",
                sum(home_kits(home) for home in homes), site=name,
            )  # fmt: skip
            self._add("homes", phase, site, what, (f"air {key}",), days)


def _in_order(tasks: Mapping[str, _Task]) -> tuple[WorkTask, ...]:
    """Return the tasks numbered so that each comes after those that it needs; ties in the order in which they came."""
    place = {name: (task.phase, n) for n, (name, task) in enumerate(tasks.items())}
    waits = {name: {other for other in task.after if other in tasks} for name, task in tasks.items()}
    holds_up: dict[str, list[str]] = {name: [] for name in tasks}
    for name, others in waits.items():
        for other in others:
            holds_up[other].append(name)
    free = [(place[name], name) for name, others in waits.items() if not others]
    heapq.heapify(free)
    number: dict[str, int] = {}
    behind: dict[str, set[str]] = {}
    left = {name: len(others) for name, others in waits.items()}
    while free:
        _, name = heapq.heappop(free)
        number[name] = len(number) + 1
        behind[name] = set(waits[name]).union(*(behind[one] for one in waits[name]))
        for after in holds_up[name]:
            left[after] -= 1
            if not left[after]:
                heapq.heappush(free, (place[after], after))
    # What another task waits for already need not be said again.
    direct = {name: waits[name] - set().union(*(behind[one] for one in waits[name])) for name in tasks}
    return tuple(
        WorkTask(
            number[name],
            task.phase,
            task.what,
            task.site,
            task.days,
            tuple(sorted(number[one] for one in direct[name])),
        )
        for name, task in sorted(tasks.items(), key=lambda pair: number[pair[0]])
    )

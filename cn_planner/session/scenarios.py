"""Scenarios: several ways to build the network of one place, side by side in one plan file.

The plan is the scenario that is shown; the others lie in it, packed. New, switch, rename and delete are edits: each can
be undone and is in the file. What is so in the world (homes, ground, trees, zones, what was measured) is the same in
all of them; what is decided (towers, links, who serves whom, kits, rules, money) is each one's own.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.economics.costs import capital
from cn_planner.errors import InputError, PlanFileError
from cn_planner.jobs import digest
from cn_planner.links.budget import budget_arrays
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.message import Message, msg
from cn_planner.model.history import Edit
from cn_planner.model.items import Items
from cn_planner.model.plan import Scenarios, StoredScenario
from cn_planner.planning.failures import tower_failures, worst_tower
from cn_planner.progress import ALONE, Run
from cn_planner.service.now import connect_homes
from cn_planner.session.service import service_now
from cn_planner.storage import codec

if TYPE_CHECKING:
    from cn_planner.model.plan import Household, Link, Plan, Site
    from cn_planner.service.now import ServiceNow
    from cn_planner.session.workspace import Snapshot

_SHARED = ("info", "area", "zones", "obstacles", "terrain", "measurements", "notes")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class WeakLink:
    """The backhaul link that is nearest to failing."""

    id: str
    from_site: str
    to_site: str
    margin_db: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What scenarios are compared by. Homes count by weight; money is in the plan's currency.

    Attributes
    ----------
    homes, homes_total : float
        Homes that the plan connects and that are reached by a tower with a way to a gateway; where the plan connects
        none yet, all that are reached so.
    cost : float
        Capital, with the equipment of those homes.
    cost_a_home : float or None
    weakest : WeakLink or None
        None where the plan has no link.
    lost : float
        Most homes that are lost where one tower fails, gateways aside.
    lost_with : str
        That tower; empty where none loses any.
    """

    homes: float
    homes_total: float
    cost: float
    cost_a_home: float | None
    weakest: WeakLink | None
    lost: float
    lost_with: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A tab: id, name (empty where it has none), whether it is the one shown, and its figures."""

    id: str
    name: str
    active: bool
    figures: Figures | None = None

    @property
    def title(self) -> Message:
        """What stands on the tab."""
        return title(self.id, self.name)


def title(key: str, name: str) -> Message:
    """Return what a scenario is called: its name, else a letter."""
    if name:
        return msg("{name}", name=name)
    number = int(key) - 1
    return msg("Plan {letter}", letter=_LETTERS[number] if number < len(_LETTERS) else key)


def tabs(plan: Plan) -> tuple[Scenario, ...]:
    """Return the scenarios of a plan in the order of their making, without figures."""
    own = plan.scenarios
    found = [Scenario(own.id, own.name, active=True)]
    found += [Scenario(one.id, one.name, active=False) for one in own.others]
    return tuple(sorted(found, key=lambda one: int(one.id)))


def pack(plan: Plan) -> str:
    """Return a plan as text, without its scenarios."""
    return base64.b85encode(codec.pack_plan(replace(plan, scenarios=Scenarios()))).decode("ascii")


def unfold(plan: Plan, key: str) -> Plan:
    """Return the plan of a scenario, with what is so in the world as the plan says now.

    Raises
    ------
    InputError
        Where there is no such scenario.
    PlanFileError
        Where it is damaged.
    """
    if key == plan.scenarios.id:
        return plan
    stored = _stored(plan, key)
    try:
        own = codec.unpack_plan(base64.b85decode(stored.packed))
    except (ValueError, binascii.Error) as problem:
        raise PlanFileError(
            msg("The scenario {name} cannot be read.", name=stored.name or key), fix=msg("Undo, or delete it.")
        ) from problem
    others = [one for one in plan.scenarios.others if one.id != key]
    others.append(StoredScenario(plan.scenarios.id, plan.scenarios.name, ""))
    return replace(
        own,
        **{name: getattr(plan, name) for name in _SHARED},
        households=_people(plan.households, own),
        scenarios=Scenarios(key, stored.name, tuple(sorted(others, key=lambda one: int(one.id)))),
    )


def _stored(plan: Plan, key: str) -> StoredScenario:
    found = next((one for one in plan.scenarios.others if one.id == key), None)
    if found is None:
        raise InputError(msg("There is no scenario {id}.", id=key))
    return found


def _people(homes: Items[Household], own: Plan) -> Items[Household]:
    """Return the homes as they are, each with the server that it has in a scenario."""
    network = own.used_sites.keys()
    rows = []
    for key, home in homes.items():
        before = own.households.get(key)
        server = before.server if before is not None and before.server in network else None
        rows.append(home if home.server == server else replace(home, server=server))
    return Items(rows)


def new(plan: Plan, name: str = "") -> Edit:
    """Copy the plan as it stands into a new scenario, and go on in that."""
    own = plan.scenarios
    key = str(max(int(one) for one in (own.id, *(other.id for other in own.others))) + 1)
    others = (*own.others, StoredScenario(own.id, own.name, pack(plan)))
    fresh = Scenarios(key, name.strip(), tuple(sorted(others, key=lambda one: int(one.id))))
    return Edit(msg("new scenario {name}", name=title(key, name.strip())), replace(plan, scenarios=fresh))


def switch(plan: Plan, key: str) -> Edit:
    """Show another scenario.

    Raises
    ------
    InputError
        Where there is none of this id, or it is the one shown.
    PlanFileError
        Where it is damaged.
    """
    own = plan.scenarios
    if key == own.id:
        raise InputError(msg("This scenario is the one shown."))
    there = unfold(plan, key)
    others = tuple(replace(one, packed=pack(plan)) if one.id == own.id else one for one in there.scenarios.others)
    label = msg("switch to {name}", name=title(key, there.scenarios.name))
    return Edit(label, replace(there, scenarios=replace(there.scenarios, others=others)))


def rename(plan: Plan, key: str, name: str) -> Edit:
    """Give a scenario another name.

    Raises
    ------
    InputError
        Where there is none of this id.
    """
    own, name = plan.scenarios, name.strip()
    if key == own.id:
        after = replace(own, name=name)
    else:
        stored = _stored(plan, key)
        after = replace(own, others=tuple(replace(one, name=name) if one is stored else one for one in own.others))
    return Edit(msg("rename scenario to {name}", name=title(key, name)), replace(plan, scenarios=after))


def delete(plan: Plan, key: str) -> Edit:
    """Delete a scenario; where it is the one shown, the one before it is shown.

    Raises
    ------
    InputError
        Where there is none of this id, or no other is left.
    """
    own = plan.scenarios
    gone = own.name if key == own.id else _stored(plan, key).name
    if not own.others:
        raise InputError(msg("This is the only scenario."), fix=msg("Make another one before you delete it."))
    if key == own.id:
        before = [one.id for one in own.others if int(one.id) < int(key)]
        plan = switch(plan, before[-1] if before else own.others[0].id).plan
        own = plan.scenarios
    after = replace(own, others=tuple(one for one in own.others if one.id != key))
    return Edit(msg("delete scenario {name}", name=title(key, gone)), replace(plan, scenarios=after))


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
    all_tabs = tabs(snapshot.plan)
    for number, tab in enumerate(all_tabs):
        share = run.part(number / len(all_tabs), (number + 1) / len(all_tabs))
        share.progress(0.0, tab.title)
        try:
            there = snapshot if tab.active else snapshot.workspace.snapshot(unfold(snapshot.plan, tab.id))
            found.append(replace(tab, figures=figures(there, run=share)))
        except (InputError, PlanFileError):
            found.append(tab)
    return tuple(found)


def figures(snapshot: Snapshot, now: ServiceNow | None = None, *, run: Run = ALONE) -> Figures:
    """Return what a plan is compared by."""
    plan = snapshot.plan
    if now is None:
        now = service_now(snapshot, run=run)
    decided = any(home.server is not None for home in plan.households.values())
    counted = now.connected if decided else now.works
    site = now.site
    up = np.append(now.online, False)  # the last is "no tower"
    counted = counted & up[site]
    weight = now.homes.weight
    homes = float(weight[counted].sum())
    with_homes = plan
    if not decided:
        with_homes = connect_homes(plan, now, [now.homes.ids[n] for n in np.flatnonzero(counted).tolist()]).plan
    cost = capital(with_homes, snapshot.catalogue).total
    by_site = np.bincount(site[site >= 0], weights=np.where(counted, weight, 0.0)[site >= 0], minlength=len(now.sites))
    worst = worst_tower(plan, tower_failures(plan, dict(zip(now.sites, by_site.tolist(), strict=True))))
    return Figures(
        homes=homes,
        homes_total=now.total,
        cost=cost.total,
        cost_a_home=cost.total / homes if homes else None,
        weakest=weakest_link(snapshot, run=run.silently()),
        lost=worst.homes if worst is not None else 0.0,
        lost_with=worst.id if worst is not None else "",
    )


def link_margins(snapshot: Snapshot, *, run: Run = ALONE) -> dict[str, float]:
    """Return the fade margin of every link between towers of the network, dB; NaN where terrain is missing."""
    plan = snapshot.plan
    rows = list(plan.standing_links.values())
    ends = [(plan.sites[link.from_site], plan.sites[link.to_site]) for link in rows]
    rows, ends = _apart(rows, ends)
    key = digest(
        "margins", snapshot.air_key, rows, plan.kits.backhaul, plan.rules, plan.info.country,
        [(a.latitude, a.longitude, a.mast_height_m, b.latitude, b.longitude, b.mast_height_m) for a, b in ends],
    )  # fmt: skip
    kept: dict[str, float] | None = snapshot.cache.get(key)
    if kept is not None:
        return kept
    margins: dict[str, float] = {}
    tuned = [snapshot.catalogue.kit(link.kit or plan.kits.backhaul).on(link.freq_mhz, link.width_mhz) for link in rows]
    for kit in dict.fromkeys((one.id, one.freq_mhz, one.width_mhz) for one in tuned):
        those = [n for n, one in enumerate(tuned) if (one.id, one.freq_mhz, one.width_mhz) == kit]
        numbers = np.arange(len(those), dtype=np.int64)
        high = [
            [
                [rows[n].from_height_m if rows[n].from_height_m is not None else ends[n][0].mast_height_m],
                [rows[n].to_height_m if rows[n].to_height_m is not None else ends[n][1].mast_height_m],
            ]
            for n in those
        ]
        matrix = pair_matrix(
            snapshot.surface,
            ([ends[n][0].latitude for n in those], [ends[n][0].longitude for n in those]),
            ([ends[n][1].latitude for n in those], [ends[n][1].longitude for n in those]),
            np.array([one[0] for one in high], np.float64),
            np.array([one[1] for one in high], np.float64),
            tuned[those[0]].freq_mhz,
            conditions_of(plan),
            max_km=plan.rules.max_backhaul_km,
            pairs=(numbers, numbers),
            obstacles=tuple(plan.obstacles.values()),
            pool=run.pool,
            cancel=run.cancel,
        )
        end = radio_end(snapshot.catalogue, tuned[those[0]], snapshot.regulations)
        budget = budget_arrays(matrix.loss_db[:, 0, 0], matrix.clearance_f1[:, 0, 0], end, end, plan.rules)
        margins.update({rows[n].id: float(budget.margin_db[m]) for m, n in enumerate(those)})
    margins = dict(sorted(margins.items()))
    snapshot.cache.put(key, margins, 100 * len(margins) + 200)
    return margins


def _apart(rows: list[Link], ends: list[tuple[Site, Site]]) -> tuple[list[Link], list[tuple[Site, Site]]]:
    """Return the links whose ends are not at one place."""
    kept = [n for n, (a, b) in enumerate(ends) if (a.latitude, a.longitude) != (b.latitude, b.longitude)]
    return [rows[n] for n in kept], [ends[n] for n in kept]


def weakest_link(snapshot: Snapshot, *, run: Run = ALONE) -> WeakLink | None:
    """Return the link with the least margin; None where the plan has none."""
    margins = {key: one for key, one in link_margins(snapshot, run=run).items() if one == one}
    if not margins:
        return None
    key = min(margins, key=lambda one: (margins[one], one))
    link = snapshot.plan.links[key]
    return WeakLink(key, link.from_site, link.to_site, margins[key])

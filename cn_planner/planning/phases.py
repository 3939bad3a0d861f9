"""In which order to build: phases that each work alone, those first that reach most homes for their money.

A tower is built after the one that it hangs on, so that whatever is built is on the air. Among the orders that keep
this the best is that in which homes wait for least money: the sum, over homes, of what has been spent when each is
reached. For a network that is a tree this order is found exactly (W. A. Horn, "Single-machine job sequencing with
treelike precedence ordering and linear delay penalties", SIAM J. Appl. Math. 23, 1972).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.economics.opex import FIVE_YEARS, monthly_cost
from cn_planner.economics.tower_gear import set_of
from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.clients import clients, unserved
from cn_planner.model.items import Items
from cn_planner.model.plan import HomeKind, Status
from cn_planner.service.hotspots import hotspots_of
from cn_planner.service.joined import gateways, hops

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Household, Link, Plan

MOST_PHASES = 20


@dataclass(frozen=True, slots=True)
class Phase:
    """What is built together.

    Attributes
    ----------
    number : int
        From 1. What stands already is in the first.
    sites, links, homes : tuple of str
        By id, towers in the order in which they are best built.
    weight : float
        Homes reached by it, by weight.
    cost, cost_so_far : float
        Capital in the plan's currency; those of all phases are the plan's.
    joined : bool
        False of the last, where something of the plan is joined to no gateway: its towers, links and homes are paid for
        as all else, and reach nobody until it is decided what joins them.
    """

    number: int
    sites: tuple[str, ...]
    links: tuple[str, ...]
    homes: tuple[str, ...]
    weight: float
    cost: float
    cost_so_far: float
    joined: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return what ``phases --json`` prints of it."""
        return {
            "phase": self.number,
            "sites": list(self.sites),
            "links": list(self.links),
            "homes": round(self.weight, 3),
            "cost": round(self.cost, 2),
            "cost_so_far": round(self.cost_so_far, 2),
            "joined": self.joined,
        }


@dataclass(frozen=True, slots=True)
class PhaseJob:
    """Something to build: what must be there before, what it costs, how many homes it reaches."""

    after: str | None
    cost: float
    weight: float


def best_order(jobs: Mapping[str, PhaseJob]) -> list[str]:
    """Return the order in which homes wait for least money, each job after the one that it needs.

    Jobs that cost nothing come as early as they may; of equals the first by id.
    """
    block = {key: [key] for key in jobs}
    cost = {key: job.cost for key, job in jobs.items()}
    weight = {key: job.weight for key, job in jobs.items()}
    head: dict[str, str | None] = {key: job.after for key, job in jobs.items()}
    inside = {key: key for key in jobs}
    order: list[str] = []

    def ratio(key: str) -> tuple[bool, float]:
        return cost[key] <= 0.0, weight[key] / cost[key] if cost[key] > 0.0 else weight[key]

    while block:
        best = min(block, key=lambda key: (*(-one for one in ratio(key)), key))
        before = head[best]
        # As soon as what it needs is there it comes next: nothing left has more homes for its money.
        if before is None or inside[before] not in block:
            order += block.pop(best)
            continue
        to = inside[before]
        block[to] += block.pop(best)
        cost[to] += cost[best]
        weight[to] += weight[best]
        for key in block[to]:
            inside[key] = to
    return order


def phases(
    plan: Plan, catalogue: Catalogue, *, count: int | None = None, budget: float | None = None
) -> tuple[Phase, ...]:
    """Return the phases in which the network of a plan is best built.

    Parameters
    ----------
    plan : Plan
        With its network; towers that reach no gateway are a phase of their own, the last.
    catalogue : Catalogue
        The shelf.
    count : int, optional
        So many phases of about the same cost, fewer where fewer towers have homes or hotspots: none puts up only what
        reaches nobody. As the plan says where not given.
    budget : float, optional
        Money for each phase, instead: as many towers as it pays for, one at least.

    Raises
    ------
    InputError
        Where count or budget is none, or both are given.
    """
    if count is not None and budget is not None:
        raise InputError(msg("Give the number of phases or the money for each, not both."))
    if count is not None and not 1 <= count <= MOST_PHASES:
        raise InputError(msg("{count} phases cannot be built.", count=count), fix=msg("Ask for 1 to 20."))
    if budget is not None and not budget > 0.0:
        raise InputError(msg("A budget of {budget} is not an amount of money.", budget=budget))
    order = best_order(_jobs(plan, catalogue))
    plan = _with_sets(plan, catalogue)
    found = [] if not order else _joined(plan, catalogue, order, count, budget)
    rest = _rest(plan, catalogue, order, found)
    return tuple(found if rest is None else [*found, rest])


def _joined(
    plan: Plan, catalogue: Catalogue, order: Sequence[str], count: int | None, budget: float | None
) -> list[Phase]:
    """Return the phases of the towers that reach a gateway, in their order."""
    few = together(plan)  # each tower's capital is asked for
    costs = UnitCosts(few, catalogue)
    spent = [capital(only(few, order[: n + 1]), catalogue, like=costs).total.total for n in range(len(order))]
    if budget is not None:
        cuts = _by_budget(spent, budget)
    else:
        cuts = _by_count(spent, _for_somebody(plan, order), plan.costs.phases if count is None else count)
    found: list[Phase] = []
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(order)], strict=True), start=1):
        there, before = only(plan, order[:end]), only(plan, order[:start])
        new = [key for key, home in there.households.items() if home.server and not before.households[key].server]
        old = found[-1].cost_so_far if found else 0.0
        found.append(
            Phase(
                number,
                tuple(order[start:end]),
                tuple(key for key in there.standing_links if key not in before.standing_links),
                tuple(new),
                sum(plan.households[key].weight for key in new),
                spent[end - 1] - old,
                spent[end - 1],
            )
        )
    return found


def _rest(plan: Plan, catalogue: Catalogue, order: Sequence[str], found: Sequence[Phase]) -> Phase | None:
    """Return what the bill holds and no phase does, for nothing joins it to a gateway; None where there is nothing."""
    there = only(plan, order)
    sites = tuple(key for key in plan.used_sites if key not in there.used_sites)
    links = tuple(key for key in plan.standing_links if key not in there.standing_links)
    homes = tuple(key for key, one in plan.households.items() if one.server and not there.households[key].server)
    if not plan.used_sites or not (sites or links or homes):
        return None
    before, whole = found[-1].cost_so_far if found else 0.0, capital(plan, catalogue).total.total
    return Phase(len(found) + 1, sites, links, homes, 0.0, whole - before, whole, joined=False)


def not_joined(number: int) -> Message:
    """Return what the phase is whose towers nothing joins to a gateway."""
    return msg(
        "Phase {number} reaches nobody: nothing joins it to a gateway. Its money is counted; what joins it is still "
        "to be decided.",
        number=number,
    )


def _with_sets(plan: Plan, catalogue: Catalogue) -> Plan:
    """Return the plan with the sets of the finished network chosen: nobody buys a tower's panels twice."""
    costs = UnitCosts(plan, catalogue)
    found = [set_of(costs, site, costs.hung(site)) for site in plan.used_sites.values()]
    sets = {one.site: one for one in (*plan.power.sets, *(one for one in found if one is not None))}
    return replace(plan, power=replace(plan.power, sets=tuple(sets[key] for key in sorted(sets))))


def five_years(plan: Plan, catalogue: Catalogue) -> float:
    """Return what is spent in five years on building and running a plan in its phases, loans aside.

    As the report counts it: a phase is paid in the month in which it begins, and from its end on what stands costs what
    it costs to run; prices rise at the start of each year.
    """
    length, rise = plan.costs.phase_months, 1.0 + plan.costs.inflation_pct / 100.0
    steps, towers, spent = phases(plan, catalogue), list[str](), list[float]()
    for one in steps:
        towers += one.sites
        month = monthly_cost(only(plan, towers), catalogue, one.cost_so_far).total
        begins = (one.number - 1) * length
        if begins < FIVE_YEARS:
            spent.append(one.cost * rise ** (begins // 12))
        end = FIVE_YEARS if one is steps[-1] else min(FIVE_YEARS, begins + 2 * length)
        spent += [month * rise ** (number // 12) for number in range(begins + length, end)]
    return round(math.fsum(spent), 2)


def _jobs(plan: Plan, catalogue: Catalogue) -> dict[str, PhaseJob]:
    """Return the towers as jobs: each with its link and its homes' equipment."""
    costs, depth, fed = UnitCosts(plan, catalogue), hops(plan), fed_by(plan)
    served: dict[str, list[str]] = {}
    everyone = clients(plan)
    for key, home in everyone.items():
        if home.server in depth:
            served.setdefault(str(home.server), []).append(key)
    found = {}
    for key, site in plan.used_sites.items():
        if key not in depth:
            continue
        link = fed.get(key)
        money = 0.0 if site.status is Status.BUILT else costs.tower(site).total_cents / 100.0
        if link is not None:
            money += costs.link(link[1]).total_cents / 100.0
        homes = served.get(key, [])
        money += sum(costs.home(everyone[home]).total_cents for home in homes) / 100.0
        found[key] = PhaseJob(None if link is None else link[0], money, sum(everyone[h].weight for h in homes))
    return found


def fed_by(plan: Plan) -> dict[str, tuple[str, Link]]:
    """Return the tower on which each tower is built, and the link to it: the nearest to a gateway, the first of equals.

    A gateway, and a tower that reaches none, is not in it.
    """
    depth, doors = hops(plan), set(gateways(plan))
    found = {}
    for key in depth:
        ways = [
            (depth[other], other, one)
            for one in plan.standing_links.values()
            if key not in doors and key in (one.from_site, one.to_site)
            for other in (one.to_site if one.from_site == key else one.from_site,)
            if depth.get(other, depth[key]) < depth[key]
        ]
        if ways:
            _, other, link = min(ways, key=lambda row: row[:2])
            found[key] = (other, link)
    return found


def only(plan: Plan, towers: Sequence[str]) -> Plan:
    """Return the plan with these towers alone: a second way comes with the later of its ends."""
    inside = set(towers)
    sites = [
        replace(site, mast_height_m=None, sectors=(), uplink=None)
        for key, site in plan.used_sites.items()
        if key not in inside
    ]
    homes = [
        unserved(home) for home in plan.households.values() if home.server is not None and home.server not in inside
    ]
    places = [
        unserved(place) for place in plan.places.values() if place.server is not None and place.server not in inside
    ]
    gone = [key for key, link in plan.standing_links.items() if not {link.from_site, link.to_site} <= inside]
    less = edits.remove(plan, "links", gone).plan if gone else plan
    return edits.put(less, [*sites, *homes, *places]).plan if sites or homes or places else less


def together(plan: Plan) -> Plan:
    """Return the plan with the homes of a tower that cost the same as one home: its capital stays what it was."""
    alike: dict[tuple[object, ...], list[Household]] = {}
    for home in plan.households.values():
        # A school needs one kit, and a part of a home a whole one, however many are put together.
        alone = home.kind is not HomeKind.HOME or home.weight < 1.0 or not home.weight.is_integer()
        key = (home.server, home.on_pole, home.antenna_height_m, home.client_kit, home.id if alone else "")
        alike.setdefault(key, []).append(home)
    return replace(
        plan, households=Items(replace(row[0], weight=math.fsum(one.weight for one in row)) for row in alike.values())
    )


def _for_somebody(plan: Plan, order: Sequence[str]) -> list[bool]:
    """Return of each tower whether homes, public places or phones hang on it; yes of all where nobody hangs on any."""
    served = {one.server for one in clients(plan).values()} | {one.id for one in hotspots_of(plan) if one.on_tower}
    return [key in served or served.isdisjoint(order) for key in order]


def _by_count(spent: list[float], somebody: list[bool], count: int) -> list[int]:
    """Return after how many towers phases end, but the last: about the same money each, somebody in each of them."""
    ranks = list(accumulate(somebody, initial=0))
    count = min(count, ranks[-1])
    total = spent[-1]
    cuts: list[int] = []
    for number in range(1, count):
        before = ranks[cuts[-1]] if cuts else 0
        ends = [n for n in range(1, len(spent)) if before < ranks[n] <= ranks[-1] - (count - number)]
        cuts.append(min(ends, key=lambda n: (abs(spent[n - 1] - total * number / count), n)))
    return cuts


def _by_budget(spent: list[float], budget: float) -> list[int]:
    cuts: list[int] = []
    start = 0.0
    for n in range(1, len(spent)):
        if spent[n] - start > budget + 1e-6:
            cuts.append(n)
            start = spent[n - 1]
    return cuts

"""An instance seen as the optimiser needs it: allowed heights in their order, who reaches whom, what can be covered.

A *level* of a site counts its allowed heights from 0; -1 is a site that is not built. A home's *weight* is what it
counts, its *load* what is carried for it. What a site's *flow* is: the load of the homes that it and the sites below it
serve, all of which its link to its parent carries.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.solver.arcs import site_arcs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.solver.arcs import SiteArcs
    from cn_planner.solver.instance import Instance, StepsRow


NEVER = 127
"""Level of a site that does not reach a home at all."""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One way to link two sites: least level of either, the cost, and the flow that it carries.

    ``kind`` is the number of its kit (`LinkKinds`).
    """

    a: int
    b: int
    level_a: int
    level_b: int
    cost: float
    carries: float = math.inf
    kind: int = 0


@dataclass(frozen=True, slots=True)
class HomeGroup:
    """Homes that no rule tells apart: the same weight, load and cost, served by the same sites from the same levels.

    ``options`` are (site, least level), by site. A group of homes that differ, made for a bound alone
    (`clustering.Clustering`), names none: it is ``amount`` units of weight 1, each of ``load``, of which an
    option reaches at most as many as ``reached`` says, from its least level and each greater one on.
    """

    homes: tuple[int, ...]
    weight: float
    cost: float
    must: bool
    options: tuple[tuple[int, int], ...]
    load: float
    amount: float = 0.0
    reached: tuple[tuple[float, ...], ...] = ()

    @property
    def count(self) -> float:
        """How many homes, or units, it is."""
        return self.amount if self.reached else float(len(self.homes))


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole plan: level of each site (-1: not built), parent of each (-1: none), sectors, and each home's site."""

    levels: tuple[int, ...]
    parents: tuple[int, ...]
    sectors: tuple[int, ...]
    server: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SolverNetwork:
    """What follows from an instance; see `network_of`.

    Attributes
    ----------
    allowed : per site the height indices allowed, rising.
    usable : per site whether it reaches a gateway when all stand at their greatest heights. One that does not can be
        in no plan.
    serve : per home (site, least level), usable sites only, by site.
    rows : ways to link two usable sites; per pair none is dominated by another.
    coverable : weight of the homes with an option.
    goal : weight to serve.
    most_load : load of the homes with an option.
    load_each : load that a unit of weight has at least.
    carries : per site the flow that the Internet connection of a gateway, or of a site that may become one, carries.
        What no plan can fill has no limit, here as in `rows`.
    limited : whether a link or a gateway can be full in some plan.
    arcs : per site, where sectors are arcs; None where a sector holds any homes.
    """

    instance: Instance
    allowed: tuple[tuple[int, ...], ...]
    usable: tuple[bool, ...]
    serve: tuple[tuple[tuple[int, int], ...], ...]
    rows: tuple[LinkRow, ...]
    groups: tuple[HomeGroup, ...]
    coverable: float
    goal: float
    most_load: float
    load_each: float
    whole: bool
    """Whether every weight is a whole number."""
    cents: bool
    """Whether every amount is a whole number of hundredths."""
    carries: tuple[float, ...]
    limited: bool
    arcs: tuple[SiteArcs, ...] | None = None

    def site_cost(self, site: int, level: int) -> float:
        """Return what a site costs at a level."""
        cost = self.instance.sites[site].cost[self.allowed[site][level]]
        assert cost is not None  # noqa: S101  # levels count allowed heights only
        return cost

    def raised(self, site: int, level: int) -> float:
        """Return what a sector or link end costs at a site and a level more than at the lowest of all heights."""
        beside = self.instance.sites[site].radio_beside
        return beside[self.allowed[site][level]] if beside and level >= 0 else 0.0

    def sector_cost(self, site: int, level: int) -> float:
        """Return what a sector costs at a site and a level."""
        inst = self.instance
        lowest = self.raised(site, 0) if self.allowed[site] else 0.0
        return inst.sector_cost + inst.sites[site].sector_beside + self.raised(site, level) - lowest

    def steps_at(self, site: int, level: int) -> StepsRow | None:
        """Return what a site costs more at a level by its radios; None where nothing."""
        steps = self.instance.sites[site].steps
        return None if steps is None else steps[self.allowed[site][level]]

    def _steps(self, choice: Layout, bought: Sequence[LinkRow | None]) -> list[float]:
        """Return what the towers of a plan cost more by their radios; ``bought`` as of `bought`."""
        found = []
        for site, ((alike, other), level) in enumerate(zip(self._kinds(choice, bought), choice.levels, strict=True)):
            row = self.steps_at(site, level) if level >= 0 else None
            found.append(0.0 if row is None else row.cost(alike, other))
        return found

    def _kinds(self, choice: Layout, bought: Sequence[LinkRow | None]) -> list[tuple[int, int]]:
        """Return how many sectors and links like them each site has, and how many links unlike them."""
        alike, other = list(choice.sectors), [0] * len(choice.sectors)
        for site, (parent, row) in enumerate(zip(choice.parents, bought, strict=True)):
            unlike = row is not None and self.instance.kinds.unlike[row.kind]
            for end in (site, parent) if parent >= 0 else ():
                (other if unlike else alike)[end] += 1
        return list(zip(alike, other, strict=True))

    def tower_kinds(self, choice: Layout) -> list[tuple[int, int]]:
        """Return how many sectors and links like them each site of a plan has, and how many links unlike them."""
        return self._kinds(choice, self.bought(choice))

    def _spares(self, choice: Layout, bought: Sequence[LinkRow | None]) -> list[float]:
        """Return what whole pieces in reserve cost more than the share of them that all else has."""
        served = [h for h, site in enumerate(choice.server) if site >= 0]
        found = []
        for one in self.instance.spares:
            links = math.fsum(one.links[row.kind] for row in bought if row is not None)
            sure = one.sector * sum(choice.sectors) + links + math.fsum(one.homes[h] for h in served)
            found.append(one.more(sure, math.fsum(one.unsure[h] for h in served)))
        return found

    def low_links(self, choice: Layout) -> list[list[int]]:
        """Return the least levels at each site that its links in a plan need."""
        found: list[list[int]] = [[] for _ in choice.levels]
        for row in self.bought(choice):
            if row is not None and self.instance.kinds.raises[row.kind]:
                found[row.a].append(row.level_a)
                found[row.b].append(row.level_b)
        return found

    def roots(self, choice: Layout) -> list[int]:
        """Return the sites of a plan where the Internet enters: gateways, and what it opens, hung on nothing."""
        found = []
        for i, (site, level, parent) in enumerate(zip(self.instance.sites, choice.levels, choice.parents, strict=True)):
            if level >= 0 and (site.gateway or (site.open_cost is not None and parent < 0)):
                found.append(i)
        return found

    def open_cost(self, site: int) -> float:
        """Return what it costs to open the Internet at a site: nothing at a gateway, inf where that cannot be."""
        one = self.instance.sites[site]
        if one.gateway:
            return 0.0
        return math.inf if one.open_cost is None else one.open_cost

    def flows(self, choice: Layout) -> list[float]:
        """Return the flow of each site: it is of the site itself, and of each on its way to the gateway."""
        found = [0.0] * len(choice.levels)
        for site, load in enumerate(site_loads(self, choice).tolist()):
            at, steps = site, 0
            while at >= 0 and load > 0.0 and steps <= len(found):
                found[at] += load
                at, steps = choice.parents[at], steps + 1
        return found

    def bought(self, choice: Layout) -> list[LinkRow | None]:
        """Return the cheapest way that carries its flow of each site to its parent; None where there is none."""
        flows = self.flows(choice) if self.limited else [0.0] * len(choice.levels)
        found: list[LinkRow | None] = [None] * len(choice.levels)
        child = {(min(i, p), max(i, p)): i for i, p in enumerate(choice.parents) if p >= 0}
        for row in self.rows:
            i = child.get((row.a, row.b), -1)
            high = row.level_a <= choice.levels[row.a] and row.level_b <= choice.levels[row.b]
            if i >= 0 and high and fits(flows[i], row.carries):
                before = found[i]
                cheaper = before is None or self.whole_cost(choice, row) < self.whole_cost(choice, before)
                found[i] = row if cheaper else before
        return found

    def whole_cost(self, choice: Layout, row: LinkRow) -> float:
        """Return what a link costs as high as it hangs in a plan."""
        if not self.instance.kinds.raises[row.kind]:
            return row.cost
        ends = ((row.a, row.level_a), (row.b, row.level_b))
        return row.cost + math.fsum(self.raised(i, choice.levels[i]) - self.raised(i, level) for i, level in ends)

    def cost(self, choice: Layout) -> float:
        """Return what a plan costs; inf where it has a link that its heights do not allow, or that is too full."""
        inst = self.instance
        amounts = [self.site_cost(i, level) for i, level in enumerate(choice.levels) if level >= 0]
        amounts += [self.open_cost(i) for i in self.roots(choice)]
        bought = self.bought(choice)
        for row, parent in zip(bought, choice.parents, strict=True):
            if parent >= 0:
                amounts.append(math.inf if row is None else self.whole_cost(choice, row))
        amounts += self._steps(choice, bought)
        amounts += self._spares(choice, bought)
        sectors = enumerate(zip(choice.sectors, choice.levels, strict=True))
        amounts += [count * self.sector_cost(i, level) for i, (count, level) in sectors if count]
        amounts += [inst.homes[h].cost for h, site in enumerate(choice.server) if site >= 0]
        total = math.fsum(amounts)
        return round(total, 2) if self.cents and math.isfinite(total) else total

    def beams(self, choice: Layout) -> list[list[tuple[int, list[int]]]]:
        """Return per site the beams that hold the homes that it serves: the arc of each, and its homes."""
        assert self.arcs is not None  # noqa: S101  # the caller has asked
        served: list[list[int]] = [[] for _ in choice.levels]
        for h, site in enumerate(choice.server):
            if site >= 0:
                served[site].append(h)
        return [arcs.packed(homes, level) for arcs, homes, level in zip(self.arcs, served, choice.levels, strict=True)]

    def _radios(self, choice: Layout) -> list[int]:
        """Return how many sectors and links each site has."""
        found = list(choice.sectors)
        for site, parent in enumerate(choice.parents):
            if parent >= 0:
                found[site] += 1
                found[parent] += 1
        return found

    def keeps_rules(self, choice: Layout, *, goal: float, budget: float | None) -> bool:
        """Return whether a plan keeps every rule, and reaches its goal or stays within its budget."""
        inst = self.instance
        if len(choice.server) != len(inst.homes):
            return False
        for i, site in enumerate(inst.sites):
            level, parent = choice.levels[i], choice.parents[i]
            if level < 0 and (site.must or parent >= 0 or choice.sectors[i]):
                return False
            if not 0 <= choice.sectors[i] <= inst.max_sectors or (level >= 0 and not self._hangs(choice, i)):
                return False
        roots = self.roots(choice)
        if not roots:
            return False
        for h, server in enumerate(choice.server):
            if server < 0 and inst.homes[h].must:
                return False
            if server >= 0 and choice.levels[server] < dict(self.serve[h]).get(server, len(inst.heights_m)):
                return False
        loads = site_loads(self, choice)
        room = math.inf if inst.room_homes is None else inst.room_homes
        most = [min(count * inst.sector_homes, room) for count in choice.sectors]
        if any(one > limit + 1e-9 * max(1.0, one) for one, limit in zip(loads.tolist(), most, strict=True)):
            return False
        if self.arcs is not None and any(
            len(beams) > count for beams, count in zip(self.beams(choice), choice.sectors, strict=True)
        ):
            return False
        if inst.max_radios is not None and max(self._radios(choice), default=0) > inst.max_radios:
            return False
        if self.limited:
            flows = self.flows(choice)
            if not all(fits(flows[i], self.carries[i]) for i in roots):
                return False
        cost = self.cost(choice)
        return math.isfinite(cost) and self.served(choice) >= goal and (budget is None or cost <= budget + 1e-9)

    def depths(self, choice: Layout) -> list[int]:
        """Return how many links each site is from its gateway."""
        gates, found = self.instance.sites, []
        for site in range(len(choice.parents)):
            depth, at = 0, site
            while not gates[at].gateway and choice.parents[at] >= 0 and depth <= len(choice.parents):
                depth, at = depth + 1, choice.parents[at]
            found.append(depth)
        return found

    def _hangs(self, choice: Layout, site: int) -> bool:
        """Return whether a built site reaches a gateway within the hops."""
        at = site
        for _ in range(self.instance.max_hops + 1):
            if choice.parents[at] < 0:
                return self.instance.sites[at].may_be_root
            at = choice.parents[at]
            if choice.levels[at] < 0:
                return False
        return False

    def pruned(self, choice: Layout) -> Layout:
        """Return the plan without what it does not use: sectors beyond the load, sites that serve and carry nobody."""
        inst = self.instance
        levels, parents = list(choice.levels), list(choice.parents)
        loads = site_loads(self, choice)
        sectors = [
            min(count, math.ceil(load / inst.sector_homes - 1e-9)) if inst.sector_homes > 0 else 0
            for count, load in zip(choice.sectors, loads.tolist(), strict=True)
        ]
        if self.arcs is not None:
            sectors = [max(a, len(b)) for a, b in zip(sectors, self.beams(choice), strict=True)]
        used = {site for site in choice.server if site >= 0}
        idle = True
        while idle:
            idle = False
            carried = {p for p in parents if p >= 0}
            gateways = self.roots(Layout(tuple(levels), tuple(parents), choice.sectors, choice.server))
            for i in sorted(range(len(levels)), key=lambda i: -self.site_cost(i, levels[i]) if levels[i] >= 0 else 0.0):
                last = gateways == [i]
                if levels[i] >= 0 and i not in used and i not in carried and not inst.sites[i].must and not last:
                    levels[i], parents[i], idle = -1, -1, True
                    break
        return Layout(tuple(levels), tuple(parents), tuple(sectors), choice.server)

    def served(self, choice: Layout) -> float:
        """Return the weight that a plan serves."""
        return math.fsum(self.instance.homes[h].weight for h, site in enumerate(choice.server) if site >= 0)


def network_of(instance: Instance, *, whole: bool | None = None) -> SolverNetwork:
    """Return what follows from an instance.

    Parameters
    ----------
    instance : Instance
        The problem.
    whole : bool, optional
        Whether every weight and load that can flow is a whole number, where the homes stand for others. Else theirs
        say it.

    Raises
    ------
    InputError
        Where its share is none.
    """
    if not 0.0 <= instance.cover <= 1.0:
        raise InputError(msg("A share of {cover} of the homes is not between 0 and 1.", cover=instance.cover))
    allowed = tuple(tuple(k for k, c in enumerate(site.cost) if c is not None) for site in instance.sites)
    level_of = _level_table(allowed, len(instance.heights_m))
    even = whole
    if whole is None or even is None:
        whole = all(float(home.weight).is_integer() for home in instance.homes)
        even = all(float(home.load).is_integer() for home in instance.homes)
    rows = _rows(instance, allowed, level_of, _most_flow(instance), even)
    usable = _usable(instance, allowed, rows)
    options: list[dict[int, int]] = [{} for _ in instance.homes]
    for site, home, least in instance.serve.tolist():
        level = level_of[site][least]
        if usable[site] and level >= 0:
            options[home][site] = min(level, options[home].get(site, level))
    serve = tuple(tuple(sorted(one.items())) for one in options)
    served = [h for h, one in zip(instance.homes, serve, strict=True) if one]
    coverable, most_load = math.fsum(h.weight for h in served), math.fsum(h.load for h in served)
    arcs = _arcs(instance, allowed, serve)
    amounts = [
        *(c for s in instance.sites for c in s.cost if c is not None),
        *instance.link_cost.tolist(),
        *(h.cost for h in instance.homes),
        instance.sector_cost,
        *(s.sector_beside for s in instance.sites),
        *(c for s in instance.sites for c in s.radio_beside),
        *(s.open_cost for s in instance.sites if s.open_cost is not None),
        *(c for s in instance.sites for row in s.steps or () if row for of in (*row.of, row.many) for c in of),
    ]
    rows = [row for row in rows if usable[row.a] and usable[row.b]]
    carries = tuple(
        _room(site.carries, most_load, whole=even) if site.may_be_root else math.inf for site in instance.sites
    )
    goal = instance.cover * coverable
    # 0.95 * 20 is 19.000000000000004 or so: a share is met at a hair under it.
    goal -= 1e-9 * max(1.0, goal)
    return SolverNetwork(
        instance=instance,
        allowed=allowed,
        usable=usable,
        serve=serve,
        rows=tuple(rows),
        groups=_groups(instance, serve, arcs),
        coverable=coverable,
        goal=float(math.ceil(goal)) if whole else goal,
        most_load=most_load,
        load_each=min((h.load / h.weight for h in served if h.weight > 0.0), default=1.0),
        whole=whole,
        cents=not instance.spares and all(abs(round(a, 2) - a) <= 1e-9 * max(1.0, a) for a in amounts),
        carries=carries,
        limited=min(carries, default=math.inf) < math.inf or any(row.carries < math.inf for row in rows),
        arcs=arcs,
    )


def fits(flow: float, carries: float) -> bool:
    """Return whether a flow is carried: sums of loads are a hair off."""
    return flow <= carries + 1e-9 * max(1.0, flow)


def _most_flow(instance: Instance) -> float:
    """Return more than any link can have to carry.

    That is the load of the homes that a site beside the gateways can serve, and what the best gateway carries.
    """
    gates = np.array([site.gateway for site in instance.sites], dtype=np.bool_)
    beyond = np.unique(instance.serve[~gates[instance.serve[:, 0]], 1]) if len(instance.serve) else ()
    most = max((site.carries for site in instance.sites if site.may_be_root), default=math.inf)
    return min(most, math.fsum(instance.homes[h].load for h in beyond))


def _room(carries: float, most: float, *, whole: bool) -> float:
    """Return what a link or gateway carries of whole loads; without limit where that is the most that can flow."""
    if fits(most, carries):
        return math.inf
    return float(math.floor(carries + 1e-9)) if whole else carries


def _level_table(allowed: tuple[tuple[int, ...], ...], heights: int) -> list[list[int]]:
    """Return per site and height index the least level that is at least so high, -1 where none is."""
    return [
        [next((level for level, k in enumerate(ks) if k >= least), -1) for least in range(heights)] for ks in allowed
    ]


def _rows(
    instance: Instance, allowed: tuple[tuple[int, ...], ...], level_of: list[list[int]], most: float, whole: bool
) -> list[LinkRow]:
    by_pair: dict[tuple[int, int], list[LinkRow]] = {}
    given = instance.link_carries
    carries = [math.inf] * len(instance.links) if given is None else given.tolist()
    kinds = [0] * len(carries) if instance.link_kind is None else instance.link_kind.tolist()
    kinds_of = instance.kinds

    def beside(site: int, level: int) -> float:
        more = instance.sites[site].radio_beside
        return more[allowed[site][level]] if more else 0.0

    def beats(o: LinkRow, row: LinkRow) -> bool:
        """Whether no plan is better with a row than with another, as high as the row needs its masts."""
        more = kinds_of.margin[o.kind][row.kind]
        if kinds_of.raises[o.kind]:
            more += beside(row.a, row.level_a) - beside(o.a, o.level_a)
            more += beside(row.b, row.level_b) - beside(o.b, o.level_b)
        low = o.level_a <= row.level_a and o.level_b <= row.level_b
        return low and o.cost + more <= row.cost + 1e-9 and o.carries >= row.carries

    given_rows = zip(instance.links.tolist(), instance.link_cost.tolist(), carries, kinds, strict=True)
    for (a, b, ka, kb), cost, flow, kind in given_rows:
        la, lb = level_of[a][ka], level_of[b][kb]
        if la >= 0 and lb >= 0:
            by_pair.setdefault((a, b), []).append(LinkRow(a, b, la, lb, cost, _room(flow, most, whole=whole), kind))
    kept: list[LinkRow] = []
    for pair in sorted(by_pair):
        best: list[LinkRow] = []
        # In this order a row can only be dominated by one before it.
        for row in sorted(by_pair[pair], key=lambda r: (r.level_a, r.level_b, r.cost, -r.carries)):
            if not any(beats(o, row) for o in best):
                best.append(row)
        kept += best
    return kept


def _usable(instance: Instance, allowed: tuple[tuple[int, ...], ...], rows: list[LinkRow]) -> tuple[bool, ...]:
    near: list[list[int]] = [[] for _ in instance.sites]
    for row in rows:
        near[row.a].append(row.b)
        near[row.b].append(row.a)
    front = [i for i, site in enumerate(instance.sites) if site.may_be_root and allowed[i]]
    seen = set(front)
    for _ in range(instance.max_hops):
        front = sorted({j for i in front for j in near[i]} - seen)
        if not front:
            break
        seen.update(front)
    return tuple(i in seen for i in range(len(instance.sites)))


def _arcs(
    instance: Instance, allowed: tuple[tuple[int, ...], ...], serve: tuple[tuple[tuple[int, int], ...], ...]
) -> tuple[SiteArcs, ...] | None:
    """Return the arcs of each site over the homes that it may serve."""
    given = instance.arcs
    if given is None:
        return None
    mine: list[list[tuple[int, int]]] = [[] for _ in instance.sites]
    may = [dict(options) for options in serve]
    row_of: dict[tuple[int, int], int] = {}
    for row, (site, home, _) in enumerate(instance.serve.tolist()):
        # Where a pair stands twice, the one that may stand further off: it asks for less.
        at = row_of.get((site, home))
        if site in may[home] and (at is None or given.reach_deg[row, -1] > given.reach_deg[at, -1]):
            row_of[site, home] = row
    for (site, home), row in sorted(row_of.items()):
        mine[site].append((home, row))
    found = []
    for levels, pairs in zip(allowed, mine, strict=True):
        rows = np.array([row for _, row in pairs], np.int64)
        reach = given.reach_deg[np.ix_(rows, np.array(levels, np.int64))] if levels else np.zeros((0, 1))
        homes = [home for home, _ in pairs]
        found.append(site_arcs(homes, given.azimuth_deg[rows].tolist(), reach, given.airtime[rows].tolist()))
    return tuple(found)


def _groups(
    instance: Instance, serve: tuple[tuple[tuple[int, int], ...], ...], arcs: tuple[SiteArcs, ...] | None
) -> tuple[HomeGroup, ...]:
    found: dict[tuple[object, ...], list[int]] = {}
    for h, (home, options) in enumerate(zip(instance.homes, serve, strict=True)):
        if options or home.must:
            spans = () if arcs is None else tuple(arcs[site].spans[h] for site, _ in options)
            pieces = tuple((one.homes[h], one.unsure[h]) for one in instance.spares)
            found.setdefault((home.weight, home.load, home.cost, home.must, options, spans, pieces), []).append(h)
    return tuple(
        HomeGroup(tuple(homes), first.weight, first.cost, first.must, serve[homes[0]], first.load)
        for homes in found.values()
        for first in (instance.homes[homes[0]],)
    )


def site_loads(network: SolverNetwork, choice: Layout) -> NDArray[np.float64]:
    """Return the load that each site serves."""
    total = np.zeros(len(network.instance.sites))
    for h, site in enumerate(choice.server):
        if site >= 0:
            total[site] += network.instance.homes[h].load
    return total

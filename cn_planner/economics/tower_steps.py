"""What towers cost beyond the amounts that add up (`least_costs`), by how many radios hang there.

Panels, batteries and switches come in steps; a line under all of them leaves some hundred dollars of a tower out, and a
bound that rests on it is as much too low. What a tower really costs is known from its radios: how many draw what a
sector draws (*alike*), and how many draw something else (*unlike*).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import accumulate, combinations_with_replacement
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.economics.power_ladder import ladder_of
from cn_planner.economics.solar_sets import parts_of_set
from cn_planner.economics.tower_gear import (
    Hung,
    box_of,
    feeding,
    feeds_itself,
    injector_of,
    items_w,
    load_of,
    radio_w,
    switches_for,
)
from cn_planner.model.equipment import Part
from cn_planner.model.gateways import is_gateway, keeps_connection, offer_of
from cn_planner.model.plan import PowerSource, SiteRole, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cn_planner.economics.least_costs import LeastCosts
    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Site

MOST_RADIOS = 8
"""Radios of a tower up to which its cost is known by their number."""
_LOOKED_AT = 10
"""Radios up to which what more than `MOST_RADIOS` cost at least is looked for one number after the other."""
_BEYOND = range(MOST_RADIOS + 1, _LOOKED_AT + 1)
_MANY_RADIOS = 40
"""Radios that no tower has more of."""
_ROUNDED_CENTS = 2
"""What a tower's parts are rounded by together, and each radio's, against one by one."""
_AT_M = 10.0
_ALIKE_W = 0.5


class BeyondLine(NamedTuple):
    """What a tower costs more, of one height, by its radios.

    Attributes
    ----------
    of : tuple of tuple of float
        By the number alike, then unlike; both together `MOST_RADIOS` at most.
    many : tuple of float
        At least, with one more or more, two more or more, ...
    """

    of: tuple[tuple[float, ...], ...]
    many: tuple[float, ...]


class _BoxCost(NamedTuple):
    cents: int
    watts: float


@dataclass(slots=True)
class TowerSteps:
    """What towers cost beyond `least` by their radios.

    Parameters
    ----------
    least : LeastCosts
        What is counted without.
    links : sequence of Kit
        What a link may be bought with.
    most_sectors : int
        Sectors of a tower at most.
    """

    least: LeastCosts
    links: Sequence[Kit]
    most_sectors: int
    _known: dict[tuple[object, ...], BeyondLine] = field(default_factory=dict, repr=False)
    _boxes: dict[tuple[object, ...], _BoxCost] = field(default_factory=dict, repr=False)
    _mixes: list[tuple[int, tuple[Kit, ...]]] | None = field(default=None, repr=False)

    def of(self, site: Site, height_m: float) -> BeyondLine | None:
        """Return what a site costs more than `least` counts, by the radios that hang at the top of its mast.

        The least over all sectors and links that these may be, and whether or not its connection is opened where that
        may be chosen. None where nothing more is known: of a tower that is built nobody buys what is in its box.
        """
        if site.status is Status.BUILT or self.least.site(site, height_m) is None:
            return None
        ways = [site]
        if site.role is SiteRole.GATEWAY_OPTION:
            # What the plan before opened is decided anew, but where that is a wish.
            kept = keeps_connection(site)
            ways = [replace(site, uplink_bought=kept)]
            ways += [replace(site, uplink_bought=True)] if offer_of(site) is not None and not kept else []
        chosen = next((one for one in self.least.costs.plan.power.sets if one.site == site.id), None)
        key = (height_m, site.power, site.role, tuple((one.uplink, one.uplink_bought) for one in ways), chosen)
        if key not in self._known:
            years = 1.0 if self.least.years is None else self.least.years.powered
            tables = [self._table(one, height_m) for one in ways]
            known = {
                cell: years * min(table[cell] for table in tables if cell in table) / 100.0
                for cell in set[tuple[int, int]]().union(*tables)
            }
            # What cannot hang there no plan has.
            cells = tuple(
                tuple(known.get((a, u), 0.0) for u in range(MOST_RADIOS - a + 1)) for a in range(MOST_RADIOS + 1)
            )
            many: tuple[float, ...] = (0.0,)
            if chosen is None:
                most = years * min(map(self._many, ways)) / 100.0
                least = [min((c for cell, c in known.items() if sum(cell) == n), default=most) for n in _BEYOND]
                many = tuple(accumulate([*least, most], min))
            self._known[key] = BeyondLine(cells, many)
        return self._known[key]

    def _table(self, site: Site, height_m: float) -> dict[tuple[int, int], int]:
        """Return for each number of radios alike and unlike that it may have what a site costs more, in hundredths."""
        costs, least = self.least.costs, self.least
        cable, watts = {}, {}
        for kit in self.kits:
            paid = costs.end(kit, height_m).least_cents - costs.end(kit).least_cents
            cable[kit.id] = paid - round(100.0 * least.built_beside(kit, site, height_m))
            fed = not feeds_itself(costs.catalogue, kit)
            watts[kit.id] = radio_w(costs.plan, costs.catalogue, Hung(kit, height_m)) if fed else 0.0
        bare = load_of(costs, site, (), to_feed=True)
        nothing = self._box(site, 0, ())
        counted = 0 if site.power is PowerSource.GRID else least.power(site)
        fed_cents = dict[float, int]()
        gear = [[math.inf] * (_LOOKED_AT - a + 1) for a in range(_LOOKED_AT + 1)]
        ends = [[math.inf] * (_LOOKED_AT - a + 1) for a in range(_LOOKED_AT + 1)]
        for sectors, links in self._radios():
            kits = [costs.plan.kits.access] * sectors + [kit.id for kit in links]
            box = self._box(site, sectors, links)
            more = float(box.cents - nothing.cents)
            if site.power is not PowerSource.GRID:
                load = bare + box.watts - nothing.watts + math.fsum(watts[kit] for kit in kits)
                if load not in fed_cents:
                    # A set that was chosen for less may cost more than what feeds a radio more that nobody counts here.
                    bought = (feeding(costs, site, load), ladder_of(costs).parts(load))
                    fed_cents[load] = min(costs.of(parts).least_cents for parts in bought)
                more += fed_cents[load] - counted
            unlike = sum(self.is_unlike(kit) for kit in links)
            alike = sectors + len(links) - unlike
            gear[alike][unlike] = min(gear[alike][unlike], more)
            ends[alike][unlike] = min(ends[alike][unlike], sum(cable[kit] for kit in kits))
        for a in range(_LOOKED_AT, -1, -1):
            for u in range(_LOOKED_AT - a, -1, -1):
                # A second way or a hotspot is a radio more: where that comes for less, no more is counted.
                more_of = [gear[a + 1][u]] if a + u < _LOOKED_AT else []
                more_of += [gear[a][u + 1]] if a + u < _LOOKED_AT else []
                gear[a][u] = min([gear[a][u], *more_of])
        return {
            (a, u): max(0, math.floor(one + ends[a][u]) - _ROUNDED_CENTS * (2 + a + u))
            for a, row in enumerate(gear)
            for u, one in enumerate(row)
            if math.isfinite(one + ends[a][u])
        }

    def _box(self, site: Site, sectors: int, links: tuple[Kit, ...]) -> _BoxCost:
        """Return what the box of a site with such radios costs and draws: that is the same at every height."""
        costs, inward = self.least.costs, is_gateway(site)
        key = (inward, sectors, tuple(kit.id for kit in links))
        if key not in self._boxes:
            access = costs.catalogue.kit(costs.plan.kits.access)
            parts = box_of(costs, site, [Hung(kit, _AT_M) for kit in (*[access] * sectors, *links)]).parts
            self._boxes[key] = _BoxCost(costs.of(parts).least_cents, items_w(costs.catalogue, parts))
        return self._boxes[key]

    def _many(self, site: Site) -> int:
        """Return what a site with more than `_LOOKED_AT` radios costs at least beyond its line, in hundredths.

        Its switches, and its power: a step costs the same up to its greatest load, where the line is nearest to it, and
        the line knows nothing of what switches draw.
        """
        costs, ladder = self.least.costs, ladder_of(self.least.costs)
        nothing, items = self._box(site, 0, ()), costs.catalogue.items
        boxes = [
            [Part(key, float(switches_for(_LOOKED_AT + 1, items[key].ports)))] for key in costs.catalogue.gear.switches
        ]
        rounded = _ROUNDED_CENTS * (2 + _MANY_RADIOS)
        box = min((costs.of(parts).least_cents for parts in boxes), default=0) - nothing.cents - rounded
        watts = min((items_w(costs.catalogue, parts) for parts in boxes), default=0.0) - nothing.watts
        if site.power is PowerSource.GRID or not ladder.steps:
            return max(0, box)
        each = [0.0 if feeds_itself(costs.catalogue, kit) else self.watts(kit) for kit in self.kits]
        base, slope = ladder.line
        most = load_of(costs, site, ()) + 2.0 * _MANY_RADIOS * max(each)
        greatest, load = ladder.steps[-1][0], (_LOOKED_AT + 1) * min(each)
        loads = [times * greatest + step for times in range(math.ceil(most / greatest)) for step, _ in ladder.steps]
        steps = [one for one in loads if load <= one]
        prices = [
            times * costs.of(parts_of_set(costs, one)).total_cents
            for times, one in filter(None, map(ladder.step, steps))
        ]
        beyond = min((c - base - slope * w for c, w in zip(prices, steps, strict=True)), default=0.0)
        return max(0, box) + max(0, math.floor(beyond + max(0.0, slope * watts)))

    @property
    def kits(self) -> list[Kit]:
        """The kits of radios: that of sectors, and those of links."""
        costs = self.least.costs
        return [costs.catalogue.kit(costs.plan.kits.access), *self.links]

    def _radios(self) -> list[tuple[int, tuple[Kit, ...]]]:
        """Return each number of sectors with each choice of links, of kits that are not the same for a tower."""
        if self._mixes is None:
            self._mixes = list(self._mixed())
        return self._mixes

    def _mixed(self) -> Iterator[tuple[int, tuple[Kit, ...]]]:
        same: dict[tuple[object, ...], Kit] = {}
        for kit in self.links:
            same.setdefault((self.watts(kit), self.fed(kit)), kit)
        for sectors in range(min(self.most_sectors, _LOOKED_AT) + 1):
            for count in range(_LOOKED_AT - sectors + 1):
                for links in combinations_with_replacement(same.values(), count):
                    yield sectors, links

    def is_unlike(self, kit: Kit) -> bool:
        """Return whether a radio draws other than a sector of the plan does, or is fed otherwise."""
        sector = self.kits[0]
        return abs(self.watts(kit) - self.watts(sector)) > _ALIKE_W or self.fed(kit) != self.fed(sector)

    def watts(self, kit: Kit) -> float:
        """Return what a radio draws at a usual height."""
        return radio_w(self.least.costs.plan, self.least.costs.catalogue, Hung(kit, _AT_M))

    def fed(self, kit: Kit) -> tuple[str, bool]:
        """Return how a radio is fed: by which injector, and whether by panels of its own."""
        injector = injector_of(self.least.costs.catalogue, kit)
        return "" if injector is None else injector.id, feeds_itself(self.least.costs.catalogue, kit)

"""What things cost to build: the one place that planner and report both take money from.

Capital counts: masts, what every site needs, what its radios hang on (`tower_gear`: router, switch, injectors, power),
sectors, links at both ends, and the equipment of each home that is served (its client kit, a router where the kit has
none, and a pole where its antenna stands on one), with spares, transport, customs, labour and a contingency (`prices`).

A site that is built costs nothing but the Internet connection that the plan buys there; on an existing structure no
mast is built. What a tower needs depends on the radios that hang there in the plan, so that the cost of a link is not
that of its radios alone: what its ends then need more stands with the sites. `least_costs` has what adds up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from cn_planner.economics.hotspot_gear import hotspot_of_place, hotspot_radios
from cn_planner.economics.power_ladder import latitude_of
from cn_planner.economics.prices import Cost, Prices, counted_one_to_one
from cn_planner.economics.tower_gear import (
    Hung,
    hung_at,
    own_injectors,
    parts_of_box,
    parts_of_end,
)
from cn_planner.message import counted, msg
from cn_planner.model.clients import clients
from cn_planner.model.costs import EXAMPLE_AMOUNTS
from cn_planner.model.equipment import SHELF_CURRENCY, ItemClass, Part
from cn_planner.model.gateways import connection_of
from cn_planner.model.plan import HomeKind, SiteRole, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue, Kit, Mast
    from cn_planner.model.plan import Household, Link, Plan, Site


@dataclass(frozen=True, slots=True)
class Capital:
    """The capital of a plan as it stands: by site (with its sectors), by link, by home, and the whole with spares.

    Public places that are connected stand among the homes, as `model.clients` calls them.
    """

    sites: Mapping[str, Cost]
    links: Mapping[str, Cost]
    homes: Mapping[str, Cost]
    total: Cost


def home_kits(home: Household) -> int:
    """Return how many client kits a point needs: one a home that it counts for, one for a school or a clinic."""
    return max(1, math.ceil(home.weight)) if home.kind is HomeKind.HOME else 1


@dataclass(slots=True)
class UnitCosts(Prices):
    """Unit costs from the shelf's prices and the plan's rates.

    Parameters
    ----------
    plan : Plan
        Its rates, currency and kits, and the links that hang at its towers.
    catalogue : Catalogue
        The shelf.
    """

    _links: dict[str, list[Link]] | None = field(default=None, repr=False, compare=False)
    _boxes: dict[tuple[Site, float | None], tuple[Part, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _filled: dict[tuple[Site, float | None], list[tuple[list[Hung], tuple[Part, ...]]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def beside(self, plan: Plan) -> UnitCosts:
        """Return the unit costs of the plan with other things in it: what a box holds for the same radios is known."""
        found, own = UnitCosts(plan, self.catalogue), self.plan
        same = ("costs", "demand", "info", "kits", "power", "sun")
        alike = all(getattr(plan, name) is getattr(own, name) for name in same)
        if alike and latitude_of(plan) == latitude_of(own):
            found._filled = self._filled
        return found

    def links_at(self, site: str) -> list[Link]:
        """Return the links of the plan that stand at a site."""
        if self._links is None:
            self._links = {}
            for link in self.plan.standing_links.values():
                for end in (link.from_site, link.to_site):
                    self._links.setdefault(end, []).append(link)
        return self._links.get(site, [])

    def hung(self, site: Site) -> list[Hung]:
        """Return the radios that hang at a site: its sectors, and the plan's links."""
        own = hung_at(self.plan, self.catalogue, site, self.links_at(site.id))
        return [*own, *hotspot_radios(self.plan, self.catalogue, site)]

    def box(self, site: Site, height_m: float | None) -> tuple[Part, ...]:
        """Return what a site with a mast so high needs beside mast and radios, if it is not built: box and power."""
        key = site, height_m
        if key not in self._boxes:  # price and list ask for the same
            hung, filled = self.hung(_as_high(site, height_m)), self._filled.setdefault(key, [])
            parts = next((parts for same, parts in filled if same == hung), None)
            if parts is None:
                parts = parts_of_box(self, site, hung)
                filled.append((hung, parts))
            self._boxes[key] = parts
        return self._boxes[key]

    def site(self, site: Site, height_m: float) -> Cost | None:
        """Return the cost of a site with a mast so high, without radios, but for what those of the plan hang on.

        None where the shelf has no such mast.
        """
        if site.status is Status.BUILT:
            return self.of((), place=place_cost(site))
        mast, trips = self.mast(height_m), self.plan.work.tower_trips
        days = self.days_of_site(site, height_m)
        if days is None:
            return None
        raised = () if site.role is SiteRole.EXISTING or mast is None else mast.parts
        return self.of([*raised, *self.box(site, height_m)], labour_days=days, place=place_cost(site), trips=trips)

    def days_of_site(self, site: Site, height_m: float) -> float | None:
        """Return the days of one person that a place takes without radios: to look at it, mast, box, power.

        None where the shelf has no mast so high; 0 where all stands.
        """
        if site.status is Status.BUILT:
            return 0.0
        work, mast = self.plan.work, self.mast(height_m)
        days = work.box_days + (0.0 if site.status is Status.SURVEYED else work.survey_days)
        if site.role is SiteRole.EXISTING:
            return days
        return None if mast is None else days + mast.labour_days

    def tower(self, site: Site) -> Cost:
        """Return the cost of a site of the network with its mast and sectors, as `capital` counts it."""
        own = self.site(site, site.mast_height_m or 0.0) or Cost()
        for sector in site.sectors:
            parts = self.parts_of_sector(site, sector.kit, sector.height_m)
            own += self.of(parts, labour_days=self.plan.work.radio_days)
        return own + self.hotspot_at(site)

    def kit(self, kit: Kit | str) -> Cost:
        """Return the cost of a kit as it stands on the shelf."""
        return self.of((self.catalogue.kit(kit) if isinstance(kit, str) else kit).parts)

    def end(self, kit: Kit | str = "", height_m: float = 0.0) -> Cost:
        """Return the cost of a radio at a tower that is to be built, so high: its kit, with a cable of its run."""
        one = self.catalogue.kit(kit) if isinstance(kit, str) else kit
        parts = parts_of_end(self.plan, self.catalogue, Hung(one, height_m))
        return self.of(parts, labour_days=self.plan.work.radio_days)

    def sector(self, kit: str = "", height_m: float = 0.0) -> Cost:
        """Return the cost of a sector so high; of the plan's access kit where no kit is named."""
        return self.end(kit or self.plan.kits.access, height_m)

    def link(self, link: Link | None = None) -> Cost:
        """Return the cost of a link: a radio at either end. A built one costs nothing; of none, one at the ground."""
        if link is None:
            return self.end(self.plan.kits.backhaul).times(2)
        return self.link_end(link, link.from_site) + self.link_end(link, link.to_site)

    def link_end(self, link: Link, site: str) -> Cost:
        """Return the cost of a link at one of its ends; nothing where it is built."""
        if link.status is Status.BUILT:
            return Cost()
        return self.of(parts_of_link_end(self, link, site), labour_days=self.plan.work.radio_days)

    def parts_of_sector(self, site: Site, kit: str, height_m: float | None) -> tuple[Part, ...]:
        """Return what a sector of a site needs: its kit, or the plan's, at its height, or at the top of the mast."""
        high = (site.mast_height_m or 0.0) if height_m is None else height_m
        one = Hung(self.catalogue.kit(kit or self.plan.kits.access), high)
        return parts_of_end(self.plan, self.catalogue, one, own_injector=own_injectors(site))

    def hotspot_at(self, site: Site) -> Cost:
        """Return the cost of the radios of a tower's hotspot, as `capital` counts it; nothing where it has none."""
        days = self.plan.work.radio_days
        return sum((self.of(parts, labour_days=days) for parts in self.parts_of_hotspot(site)), Cost())

    def parts_of_hotspot(self, site: Site) -> list[tuple[Part, ...]]:
        """Return what each radio of a tower's hotspot needs; none where it has none."""
        own = own_injectors(site)
        radios = hotspot_radios(self.plan, self.catalogue, site)
        return [parts_of_end(self.plan, self.catalogue, one, own_injector=own) for one in radios]

    def home(self, home: Household) -> Cost:
        """Return the cost of a home's own equipment, with the pole that its antenna stands on.

        A public place that stands among the homes has its hotspot beside, where the plan's rules allow them.
        """
        own = self.of(self.parts_of_client(home), labour_days=self.plan.work.home_days)
        hotspot, radios = hotspot_of_place(self.plan, self.catalogue, home.id)
        if radios:
            own += self.of(hotspot, labour_days=radios * self.plan.work.radio_days)
        pole = self.home_mast(home)
        if pole is not None:
            own += self.of(pole.parts, labour_days=pole.labour_days)
        return own.times(home_kits(home))

    def parts_of_client(self, home: Household) -> tuple[Part, ...]:
        """Return what a home needs beside a mast: its client kit, and a router where that is Wi-Fi without one.

        With the taller roof pole where the plan's usual antenna stands higher than the shorter one holds it.
        """
        kit, gear = self.catalogue.kit(self.plan.client_of(home)), self.catalogue.gear
        tall = home.antenna_height_m is None and self.plan.demand.antenna_height_m > gear.roof_pole_to_m
        if tall and gear.tall_roof_pole and not home.on_pole:
            parts = tuple(
                Part(gear.tall_roof_pole, one.quantity) if one.item == gear.roof_pole else one for one in kit.parts
            )
            kit = replace(kit, parts=parts)
        router = gear.home_router
        items = self.catalogue.items
        has = any(items[part.item].item_class is ItemClass.NETWORK for part in kit.parts)
        wifi = self.catalogue.radios[kit.radio].technology.startswith("802.11")
        return kit.parts if has or not wifi or not router else (*kit.parts, Part(router, 1.0))

    def home_mast(self, home: Household) -> Mast | None:
        """Return the pole that a home's antenna stands on; None where it is on the roof, or the shelf has none."""
        if not home.on_pole:
            return None
        usual = self.plan.demand.antenna_height_m
        return self.mast(usual if home.antenna_height_m is None else home.antenna_height_m)

    def pole(self, height_m: float) -> Cost | None:
        """Return the cost of a pole or mast at a home; None where the shelf has none so high."""
        mast = self.mast(height_m)
        return None if mast is None else self.of(mast.parts, labour_days=mast.labour_days)


def place_cost(site: Site) -> float:
    """Return what a place costs: road, land, mains where it is not built, and to open a gateway's connection."""
    own = 0.0 if site.status is Status.BUILT else site.build_cost
    return own + opening_cost(site)


def opening_cost(site: Site) -> float:
    """Return what a plan pays to open the Internet at a site: where a tower is built, only what it buys there."""
    past = site.status is Status.BUILT and site.role is not SiteRole.GATEWAY_OPTION
    door = connection_of(site)
    return 0.0 if door is None or past else door.open_cost


def _as_high(site: Site, height_m: float | None) -> Site:
    return site if site.mast_height_m == height_m else replace(site, mast_height_m=height_m)


def examples_counted(costs: UnitCosts) -> tuple[str, ...]:
    """Return the amounts of the plan's costs that count in its capital and that nobody said."""
    return tuple(name for name in amounts_counted(costs) if getattr(costs.plan.costs, name) is None)


def amounts_counted(costs: UnitCosts) -> tuple[str, ...]:
    """Return the amounts that have an example (`model.costs.EXAMPLE_AMOUNTS`) and count in the plan's capital."""
    relays = any(site.role is SiteRole.RELAY for site in costs.plan.used_sites.values())
    counts = {"labour_day": labour_days(costs) * costs.paid_share > 0.0, "relay_cost": relays}
    return tuple(name for name in EXAMPLE_AMOUNTS if counts[name])


def price_notes(plan: Plan, catalogue: Catalogue) -> tuple[Message, ...]:
    """Return on what the capital of a plan rests that nobody has confirmed: an unsaid rate, example prices, customs."""
    costs = UnitCosts(plan, catalogue)
    needed = [catalogue.items[item].price for item in quantities(costs)]
    examples = sum(price is not None and price.example for price in needed) + len(examples_counted(costs))
    notes = []
    if counted_one_to_one(plan, {price.currency for price in needed if price is not None}):
        currency = plan.info.currency
        notes += [
            msg("Prices in {foreign} are counted one to one as {currency}.", foreign=SHELF_CURRENCY, currency=currency),
            msg("Say how many {currency} buy one, and of which day that is.", currency=currency),
        ]
    if examples:
        notes.append(
            counted("{count} price of this cost is an example: confirm it with your supplier.",
                    "{count} prices of this cost are examples: confirm them with your supplier.", examples)
        )  # fmt: skip
    if plan.costs.customs_pct is None:
        notes.append(msg("Customs and taxes on goods are not in this cost: nobody said yet what they are."))
    return tuple(notes)


def quantities(costs: UnitCosts) -> dict[str, float]:
    """Return how much of each item the plan needs, without spares."""
    total: dict[str, float] = {}
    for own in needed_parts(costs).values():
        for item, quantity in own.items():
            total[item] = total.get(item, 0.0) + quantity
    return total


def needed_parts(costs: UnitCosts) -> dict[str, dict[str, float]]:
    """Return what `capital` counts as things: by site ("" stands for the homes), by item, without spares.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    """
    plan = costs.plan
    parts: dict[str, dict[str, float]] = {}

    def add(site: str, more: Iterable[Part], times: float = 1.0) -> None:
        own = parts.setdefault(site, {})
        for part in more:
            own[part.item] = own.get(part.item, 0.0) + part.quantity * times

    for key, site in plan.used_sites.items():
        more = parts_of_site(costs, site)
        if more:
            add(key, more)
    for link in plan.standing_links.values():
        for end in (link.from_site, link.to_site):
            pieces = parts_of_link_end(costs, link, end)
            if pieces:
                add(end, pieces)
    for home in clients(plan).values():
        if home.server is not None:
            add("", parts_of_home(costs, home), home_kits(home))
    return parts


def parts_of_site(costs: UnitCosts, site: Site) -> list[Part]:
    """Return what a site of the network needs: sectors, and mast, box and power where it is not built yet."""
    parts = [part for one in site.sectors for part in costs.parts_of_sector(site, one.kit, one.height_m)]
    parts += chain.from_iterable(costs.parts_of_hotspot(site))
    if site.status is Status.BUILT:
        return parts
    mast = costs.mast(site.mast_height_m or 0.0)
    if site.role is not SiteRole.EXISTING:
        if mast is None:
            return parts
        parts += mast.parts
    return [*parts, *costs.box(site, site.mast_height_m)]


def parts_of_link_end(costs: UnitCosts, link: Link, site: str) -> tuple[Part, ...]:
    """Return what a link needs at one of its ends; nothing where it is built."""
    if link.status is Status.BUILT:
        return ()
    there = costs.plan.sites.get(site)
    height = link.from_height_m if site == link.from_site else link.to_height_m
    if height is None:
        height = 0.0 if there is None else there.mast_height_m or 0.0
    one = Hung(costs.catalogue.kit(link.kit or costs.plan.kits.backhaul), height)
    own = there is not None and own_injectors(there)
    return parts_of_end(costs.plan, costs.catalogue, one, own_injector=own)


def parts_of_home(costs: UnitCosts, home: Household) -> list[Part]:
    """Return what one home that is served needs; a point that stands for more needs `home_kits` of it."""
    pole = costs.home_mast(home)
    hotspot, _ = hotspot_of_place(costs.plan, costs.catalogue, home.id)
    return [*costs.parts_of_client(home), *(() if pole is None else pole.parts), *hotspot]


def labour_days(costs: UnitCosts) -> float:
    """Return the days of one person that the plan takes, whoever gives them: of all tasks, and training."""
    plan, work = costs.plan, costs.plan.work
    towers = plan.used_sites.values()
    days = [costs.days_of_site(site, site.mast_height_m or 0.0) or 0.0 for site in towers]
    days += [len(site.sectors) * work.radio_days for site in towers]
    days += [len(hotspot_radios(plan, costs.catalogue, site)) * work.radio_days for site in towers]
    days += [2.0 * work.radio_days for link in plan.standing_links.values() if link.status is not Status.BUILT]
    days += [home_kits(home) * days_of_home(costs, home) for home in clients(plan).values() if home.server is not None]
    return math.fsum(days) + (work.training_days if days else 0.0)


def days_of_home(costs: UnitCosts, home: Household) -> float:
    """Return the days of one person that one home takes, with the pole that its antenna stands on."""
    pole, (_, radios) = costs.home_mast(home), hotspot_of_place(costs.plan, costs.catalogue, home.id)
    own = costs.plan.work.home_days + radios * costs.plan.work.radio_days
    return own + (0.0 if pole is None else pole.labour_days)


def capital(plan: Plan, catalogue: Catalogue, *, like: UnitCosts | None = None) -> Capital:
    """Return the capital cost of a plan as it stands.

    ``like``: the unit costs of one that differs in sites, links and homes alone, where many such plans are priced.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    """
    costs = UnitCosts(plan, catalogue) if like is None else like.beside(plan)
    sites: dict[str, Cost] = {}
    for key, site in plan.used_sites.items():
        sites[key] = costs.tower(site)
    links = {key: costs.link(link) for key, link in plan.standing_links.items()}
    homes = {key: costs.home(home) for key, home in clients(plan).items() if home.server is not None}
    all_of_it = [*sites.values(), *links.values(), *homes.values(), costs.spares(quantities(costs))]
    if sites:
        all_of_it.append(costs.of((), labour_days=plan.work.training_days))
    total = sum(all_of_it, Cost())
    return Capital(sites, links, homes, total)


def site_cost(costs: UnitCosts, site: Site) -> tuple[float, int]:
    """Return what a site with its mast and sectors costs, and how many of its prices are not confirmed."""
    if site.mast_height_m is None:
        return 0.0, 0
    items = costs.catalogue.items
    kits = [one for one in site.sectors if (one.kit or costs.plan.kits.access) in costs.catalogue.kits]
    known = replace(site, sectors=tuple(kits))
    prices = [items[key].price for key in {part.item for part in parts_of_site(costs, known)}]
    unconfirmed = sum(price is None or price.example for price in prices)
    own = costs.tower(known)
    if own.labour_cents and costs.plan.costs.labour_day is None:
        unconfirmed += 1  # the wage
    return own.total_cents / 100.0, unconfirmed

"""What things cost to build: the one place that planner and report both take money from.

Capital counts: masts, what every site needs, power, sectors, links at both ends, and the equipment of each home that is
served (its client kit, and a pole where its antenna stands on one). On goods come spares (radios and cables only),
transport and customs; labour for masts and poles, what the place itself costs, and a contingency on all of it. Each
amount of a unit is rounded to the hundredth, and totals are sums of those, so that any two ways to add them up agree to
the cent.

Spares of what is counted in pieces are whole: rounded up item by item over the whole plan, once, and so they are no
part of any unit's cost. A search needs costs that add up: it counts with each unit's share of them (`Cost.least`),
rounded down, which the whole plan's spares never fall below. What bounds those costs bounds the capital too.

A site that is built costs nothing; on an existing structure no mast is built. Where the power is not known, the sun
feeds the site: by the set that was chosen for it in the plan, else by the shelf's usual one. An item without a price,
or with one in a currency of which no rate is known, counts as nothing and is named by `Costs.unpriced`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from cn_planner.message import counted, msg
from cn_planner.model.equipment import SHELF_CURRENCY, ItemClass, Part
from cn_planner.model.plan import HomeKind, PowerSource, SiteRole, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue, Kit, Mast
    from cn_planner.model.plan import Household, Link, Plan, Site
    from cn_planner.model.power import SolarSet

SPARED = (ItemClass.RADIO, ItemClass.CABLE)


def _cents(amount: float) -> int:
    return math.floor(amount * 100.0 + 0.5)


def _up(amount: float) -> int:
    return math.ceil(amount * 100.0 - 1e-6)


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount of capital by its parts, in whole hundredths of the plan's currency."""

    goods_cents: int = 0
    spares_cents: int = 0
    transport_cents: int = 0
    customs_cents: int = 0
    labour_cents: int = 0
    place_cents: int = 0
    contingency_cents: int = 0
    share_cents: int = 0
    """The unit's share of the whole plan's spares in pieces, with transport and the rest; no part of the total."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Cost)))

    def times(self, count: int) -> Cost:
        """Return the cost of so many."""
        return Cost(*(getattr(self, one.name) * count for one in fields(Cost)))

    @property
    def total_cents(self) -> int:
        """The whole, in hundredths, without the share of spares."""
        parts: list[int] = [getattr(self, one.name) for one in fields(Cost)]
        return sum(parts) - self.share_cents

    @property
    def total(self) -> float:
        """The whole, in the plan's currency."""
        return self.total_cents / 100.0

    @property
    def least_cents(self) -> int:
        """The whole with its share of spares, in hundredths: what a search adds up."""
        return self.total_cents + self.share_cents

    @property
    def least(self) -> float:
        """The whole with its share of spares, in the plan's currency."""
        return self.least_cents / 100.0


@dataclass(frozen=True, slots=True)
class Capital:
    """The capital of a plan as it stands: by site (with its sectors), by link, by home, and the whole with spares."""

    sites: Mapping[str, Cost]
    links: Mapping[str, Cost]
    homes: Mapping[str, Cost]
    total: Cost


def home_kits(home: Household) -> int:
    """Return how many client kits a point needs: one a home that it counts for, one for a school or a clinic."""
    return max(1, math.ceil(home.weight)) if home.kind is HomeKind.HOME else 1


@dataclass(slots=True)
class UnitCosts:
    """Unit costs from the shelf's prices and the plan's rates.

    Parameters
    ----------
    plan : Plan
        Its rates, currency and kits.
    catalogue : Catalogue
        The shelf.
    """

    plan: Plan
    catalogue: Catalogue
    unpriced: set[str] = field(default_factory=set)
    """Items that were asked for and have no price, or none in a currency that counts."""

    def price(self, item: str) -> float:
        """Return what one unit of an item costs in the plan's currency, before transport and the rest."""
        price = self.catalogue.items[item].price
        if price is None:
            self.unpriced.add(item)
            return 0.0
        rate = self.rate(price.currency)
        if rate is None:
            self.unpriced.add(item)
            return 0.0
        return price.amount * rate

    def rate(self, currency: str) -> float | None:
        """Return how many of the plan's currency buy one of another; None where nobody said that.

        The plan's exchange rate is that of the shelf's currency. Of a third one it says nothing.
        """
        if currency == self.plan.info.currency:
            return 1.0
        return self.plan.costs.exchange_rate if currency == SHELF_CURRENCY else None

    def of(self, parts: Iterable[Part], *, labour_days: float = 0.0, place: float = 0.0) -> Cost:
        """Return the cost of parts with labour and place."""
        rates = self.plan.costs
        goods = spares = share = 0.0
        for part in parts:
            amount = part.quantity * self.price(part.item)
            goods += amount
            if self.catalogue.items[part.item].item_class in SPARED:
                if self.by_length(part.item):
                    spares += amount * rates.spares_pct / 100.0
                else:
                    share += amount * rates.spares_pct / 100.0
        moved = goods + spares
        plain = (
            _cents(goods),
            _cents(spares),
            _cents(moved * rates.transport_pct / 100.0),
            _cents(moved * rates.duty_pct / 100.0),
            _cents(labour_days * rates.labour_day),
            _cents(place),
        )
        more = (1.0 + (rates.transport_pct + rates.duty_pct) / 100.0) * (1.0 + rates.contingency_pct / 100.0)
        return Cost(
            *plain,
            _cents(sum(plain) / 100.0 * rates.contingency_pct / 100.0),
            math.floor(share * more * 100.0 + 1e-6),
        )

    def by_length(self, item: str) -> bool:
        """Return whether an item is cut to length; everything else comes in pieces."""
        return self.catalogue.items[item].unit == "m"

    def spare(self, item: str, quantity: float) -> float:
        """Return the spares of an item of which the whole plan needs so many: whole pieces, rounded up."""
        if self.catalogue.items[item].item_class not in SPARED:
            return 0.0
        share = quantity * self.plan.costs.spares_pct / 100.0
        return share if self.by_length(item) else float(math.ceil(share - 1e-9))

    def spares(self, quantities: Mapping[str, float]) -> Cost:
        """Return what the spares in pieces cost, of the quantities of the whole plan; rounded up to the hundredth."""
        rates = self.plan.costs
        goods = sum(
            _up(self.spare(item, quantity) * self.price(item))
            for item, quantity in quantities.items()
            if not self.by_length(item)
        )
        transport, customs = _up(goods * rates.transport_pct / 1e4), _up(goods * rates.duty_pct / 1e4)
        return Cost(
            spares_cents=goods,
            transport_cents=transport,
            customs_cents=customs,
            contingency_cents=_up((goods + transport + customs) * rates.contingency_pct / 1e4),
        )

    def mast(self, height_m: float) -> Mast | None:
        """Return the lowest mast of the shelf that is so high, None where none is."""
        high = [mast for mast in self.catalogue.masts if mast.height_m >= height_m - 1e-9]
        return min(high, key=lambda mast: (mast.height_m, mast.id), default=None)

    def site(self, site: Site, height_m: float) -> Cost | None:
        """Return the cost of a site with a mast so high, without radios; None where the shelf has no such mast."""
        if site.status is Status.BUILT:
            return Cost()
        parts = [*self.catalogue.site_parts, *power_parts(self.plan, self.catalogue, site)]
        if site.role is SiteRole.EXISTING:
            return self.of(parts, place=site.build_cost)
        mast = self.mast(height_m)
        if mast is None:
            return None
        return self.of([*mast.parts, *parts], labour_days=mast.labour_days, place=site.build_cost)

    def tower(self, site: Site) -> Cost:
        """Return the cost of a site of the network with its mast and sectors, as `capital` counts it."""
        own = self.site(site, site.mast_height_m or 0.0) or Cost()
        for sector in site.sectors:
            own += self.sector(sector.kit)
        return own

    def kit(self, kit: Kit | str) -> Cost:
        """Return the cost of a kit."""
        return self.of((self.catalogue.kit(kit) if isinstance(kit, str) else kit).parts)

    def sector(self, kit: str = "") -> Cost:
        """Return the cost of a sector; of the plan's access kit where no kit is named."""
        return self.kit(kit or self.plan.kits.access)

    def link(self, link: Link | None = None) -> Cost:
        """Return the cost of a link: a kit at either end. A built one costs nothing."""
        if link is not None and link.status is Status.BUILT:
            return Cost()
        return self.kit((link.kit if link is not None else "") or self.plan.kits.backhaul).times(2)

    def home(self, home: Household) -> Cost:
        """Return the cost of a home's own equipment, with the pole that its antenna stands on."""
        own = self.kit(self.plan.kits.client)
        pole = self.home_mast(home)
        if pole is not None:
            own += self.of(pole.parts, labour_days=pole.labour_days)
        return own.times(home_kits(home))

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


def price_notes(plan: Plan, catalogue: Catalogue) -> tuple[Message, ...]:
    """Return on what the capital of a plan rests that nobody has confirmed: example prices, unsaid customs."""
    needed = (catalogue.items[item].price for item in quantities(UnitCosts(plan, catalogue)))
    examples = sum(price is not None and price.example for price in needed)
    notes = []
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
        pieces = parts_of_link_end(costs, link)
        for end in (link.from_site, link.to_site) if pieces else ():
            add(end, pieces)
    for home in plan.households.values():
        if home.server is not None:
            add("", parts_of_home(costs, home), home_kits(home))
    return parts


def parts_of_site(costs: UnitCosts, site: Site) -> list[Part]:
    """Return what a site of the network needs: sectors, and mast, place and power where it is not built yet."""
    catalogue = costs.catalogue
    parts = [part for sector in site.sectors for part in catalogue.kit(sector.kit or costs.plan.kits.access).parts]
    if site.status is Status.BUILT:
        return parts
    mast = costs.mast(site.mast_height_m or 0.0)
    if site.role is not SiteRole.EXISTING:
        if mast is None:
            return parts
        parts += mast.parts
    return [*parts, *catalogue.site_parts, *power_parts(costs.plan, catalogue, site)]


def parts_of_link_end(costs: UnitCosts, link: Link) -> tuple[Part, ...]:
    """Return what a link needs at either end; nothing where it is built."""
    if link.status is Status.BUILT:
        return ()
    return costs.catalogue.kit(link.kit or costs.plan.kits.backhaul).parts


def parts_of_home(costs: UnitCosts, home: Household) -> list[Part]:
    """Return what one home that is served needs; a point that stands for more needs `home_kits` of it."""
    pole = costs.home_mast(home)
    return [*costs.catalogue.kit(costs.plan.kits.client).parts, *(() if pole is None else pole.parts)]


def power_parts(plan: Plan, catalogue: Catalogue, site: Site) -> tuple[Part, ...]:
    """Return what feeds a site. Where nobody knows what power there is, the sun is counted: it costs more.

    From the sun that is the set that was chosen for the site, else the shelf's usual one.
    """
    if site.power is PowerSource.GRID:
        return catalogue.grid_parts
    chosen = next((one for one in plan.power.sets if one.site == site.id), None)
    # A set whose items this shelf does not have counts as not chosen: the price of nothing would be a lie.
    if chosen is None or not {chosen.panel, chosen.battery, chosen.controller} <= catalogue.items.keys():
        return catalogue.solar_parts
    return parts_of_set(catalogue, chosen)


def parts_of_set(catalogue: Catalogue, chosen: SolarSet) -> tuple[Part, ...]:
    """Return a set from the sun with the mounts of its panels, cable and breakers."""
    parts = [Part(chosen.panel, chosen.panels)]
    mount = catalogue.items.get(catalogue.items[chosen.panel].mount)
    if mount is not None and mount.holds_panels:
        parts.append(Part(mount.id, math.ceil(chosen.panels / mount.holds_panels)))
    parts += [Part(chosen.battery, chosen.batteries), Part(chosen.controller, chosen.controllers)]
    return (*parts, *catalogue.solar_rest)


def capital(plan: Plan, catalogue: Catalogue) -> Capital:
    """Return the capital cost of a plan as it stands.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    """
    costs = UnitCosts(plan, catalogue)
    sites: dict[str, Cost] = {}
    for key, site in plan.used_sites.items():
        sites[key] = costs.tower(site)
    links = {key: costs.link(link) for key, link in plan.standing_links.items()}
    homes = {key: costs.home(home) for key, home in plan.households.items() if home.server is not None}
    total = sum([*sites.values(), *links.values(), *homes.values(), costs.spares(quantities(costs))], Cost())
    return Capital(sites, links, homes, total)


def site_cost(costs: UnitCosts, site: Site) -> tuple[float, int]:
    """Return what a site with its mast and sectors costs, and how many of its prices are not confirmed."""
    catalogue = costs.catalogue
    if site.mast_height_m is None:
        return 0.0, 0
    own = costs.site(site, site.mast_height_m)
    cents = own.total_cents if own is not None else 0
    items: set[str] = set()
    if site.status is not Status.BUILT:
        mast = costs.mast(site.mast_height_m)
        parts = [*catalogue.site_parts, *(mast.parts if mast is not None else ())]
        items |= {part.item for part in parts}
    for sector in site.sectors:
        if sector.kit in catalogue.kits:
            cents += costs.sector(sector.kit).total_cents
            items |= {part.item for part in catalogue.kits[sector.kit].parts}
    prices = [catalogue.items[one].price for one in items]
    return cents / 100.0, sum(price is None or price.example for price in prices)

"""What a network costs to run: each month, and over the five years for which demand is planned.

Radios and batteries are replaced by their age where the plan says how long they last: money for that is set aside each
month, and repair and replacement, a share of the capital, is then counted without them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import UnitCosts, quantities
from cn_planner.economics.tower_gear import load_of
from cn_planner.model.equipment import ItemClass
from cn_planner.model.items import Items
from cn_planner.model.plan import PowerSource, Status
from cn_planner.service.joined import gateways

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan

FIVE_YEARS = 60
"""Months."""
HOURS_MONTH = 730.5


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """Amounts a month in the plan's currency, each rounded to the cent, and what they are made of.

    Attributes
    ----------
    radios, batteries : float
        Set aside for replacing them; 0 where the plan does not say how long they last.
    gateways, towers : int
        That pay for a connection, and that pay rent.
    mains_kwh : float
        A month, of all towers on the mains, with every radio at its greatest.
    radio_goods, battery_goods : float
        What all that are in use cost to buy again, with transport and customs; 0 as above.
    repaired : float
        The capital of which repair and replacement is a share.
    """

    uplink: float
    power: float
    maintenance: float
    radios: float
    batteries: float
    rent: float
    licences: float
    wages: float
    gateways: int
    towers: int
    mains_kwh: float
    radio_goods: float
    battery_goods: float
    repaired: float

    @property
    def set_aside(self) -> float:
        """For replacement by age."""
        return round(self.radios + self.batteries, 2)

    @property
    def total(self) -> float:
        """All of them."""
        spent = (self.uplink, self.power, self.maintenance, self.rent, self.licences, self.wages)
        return round(math.fsum((*spent, self.radios, self.batteries)), 2)

    @property
    def five_years(self) -> float:
        """What running costs in five years, capital aside."""
        return round(FIVE_YEARS * self.total, 2)


def monthly_cost(plan: Plan, catalogue: Catalogue, capex: float) -> MonthlyCost:
    """Return what the network of a plan costs a month.

    Parameters
    ----------
    plan : Plan
        With its network.
    catalogue : Catalogue
        The shelf.
    capex : float
        Its capital: repair and replacement are a share of it.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    """
    found = _unrounded(plan, catalogue, capex)
    amounts = {one.name: getattr(found, one.name) for one in fields(found)}
    cents = {name: round(amount, 2) for name, amount in amounts.items() if name not in ("mains_kwh", "repaired")}
    return replace(found, **cents)


def running(plan: Plan, catalogue: Catalogue, capex: float) -> float:
    """Return the same in one amount that is not rounded: what adds up over many months.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    """
    one = _unrounded(plan, catalogue, capex)
    spent = (one.uplink, one.power, one.maintenance, one.rent, one.licences, one.wages)
    return math.fsum((*spent, one.radios, one.batteries))


def unsaid_connections(plan: Plan) -> tuple[str, ...]:
    """Return the sites of a plan's Internet connections of which nobody said what a month costs: they count as free."""
    doors = {key: plan.used_sites[key].uplink for key in gateways(plan)}
    return tuple(key for key, one in doors.items() if one is None or one.monthly_cost <= 0.0)


def _unrounded(plan: Plan, catalogue: Catalogue, capex: float) -> MonthlyCost:
    rates, sites = plan.costs, plan.used_sites
    uplinks = [site.uplink.monthly_cost for key in gateways(plan) if (site := sites[key]).uplink is not None]
    given = {ItemClass.RADIO: rates.radio_years, ItemClass.BATTERY: rates.battery_years}
    ages = {kind: years for kind, years in given.items() if years is not None}
    used = _bought_again(_as_if_new(plan), catalogue, ages)
    new = _bought_again(plan, catalogue, ages)
    repaired = max(0.0, capex - math.fsum(new.values()))
    kwh = math.fsum(load_w(plan, catalogue, key) for key, site in sites.items() if site.power is PowerSource.GRID)
    kwh *= HOURS_MONTH / 1000.0

    def month(kind: ItemClass) -> float:
        return used[kind] / (12.0 * ages[kind]) if kind in ages else 0.0

    return MonthlyCost(
        uplink=math.fsum(uplinks),
        power=kwh * rates.electricity_kwh,
        maintenance=repaired * rates.maintenance_pct_year / 1200.0,
        radios=month(ItemClass.RADIO),
        batteries=month(ItemClass.BATTERY),
        rent=len(sites) * rates.site_rent_month,
        licences=rates.licences_month,
        wages=rates.wages_month,
        gateways=len(uplinks),
        towers=len(sites),
        mains_kwh=kwh,
        radio_goods=used.get(ItemClass.RADIO, 0.0),
        battery_goods=used.get(ItemClass.BATTERY, 0.0),
        repaired=repaired,
    )


def _as_if_new(plan: Plan) -> Plan:
    """Return the plan as if nothing stood yet: what stands grows old too."""
    built = Status.BUILT
    sites = [replace(site, status=Status.AGREED) if site.status is built else site for site in plan.sites.values()]
    links = [replace(link, status=Status.AGREED) if link.status is built else link for link in plan.links.values()]
    return replace(plan, sites=Items(sites), links=Items(links))


def _bought_again(plan: Plan, catalogue: Catalogue, kinds: Iterable[ItemClass]) -> dict[ItemClass, float]:
    """Return what the things of some classes cost that the plan needs, with transport and customs, without spares."""
    found = dict.fromkeys(kinds, 0.0)
    if not found:
        return found
    costs, rates = UnitCosts(plan, catalogue), plan.costs
    for item, quantity in quantities(costs).items():
        kind = catalogue.items[item].item_class
        if kind in found:
            found[kind] += quantity * costs.price(item)
    more = 1.0 + (rates.transport_pct + rates.duty_pct) / 100.0
    return {kind: round(amount * more, 2) for kind, amount in found.items()}


def load_w(plan: Plan, catalogue: Catalogue, key: str) -> float:
    """Return the load of a tower: its radios at their greatest with their cables, and what else draws power there."""
    costs, site = UnitCosts(plan, catalogue), plan.used_sites[key]
    return load_of(costs, site, costs.hung(site))

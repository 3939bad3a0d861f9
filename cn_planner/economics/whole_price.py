"""The price of a plan as a whole, and what of it is for power, for work and for routers, as its papers list them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.economics.costs import UnitCosts, capital, labour_days, quantities
from cn_planner.economics.prices import amount_of
from cn_planner.model.equipment import ItemClass

if TYPE_CHECKING:
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan


@dataclass(frozen=True, slots=True)
class WholePrice:
    """What a plan costs to build, in its currency, and parts of it.

    Attributes
    ----------
    build : float
        The capital.
    power, routers : float
        The goods of the bill of materials that feed towers, and its routers of towers and homes: with their spares,
        before transport, customs and what nobody foresaw.
    labour : float
        The wages of the budget.
    """

    build: float
    power: float
    labour: float
    routers: float


def whole_price(plan: Plan, catalogue: Catalogue) -> WholePrice:
    """Return what a plan costs as it stands.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    """
    costs = UnitCosts(plan, catalogue)
    needed = quantities(costs)
    power, routers = power_items(catalogue), router_items(catalogue)

    def goods(items: frozenset[str]) -> float:
        amounts = [
            math.floor(costs.price(item) * (count + costs.spare(item, count)) * 100.0 + 0.5 + 1e-7)
            for item, count in needed.items()
            if item in items
        ]
        return sum(amounts) / 100.0

    paid = labour_days(costs) * costs.paid_share
    wages = math.floor(paid * amount_of(plan, "labour_day") * 100.0 + 0.5 + 1e-7) / 100.0
    return WholePrice(capital(plan, catalogue).total.total, goods(power), wages, goods(routers))


def power_items(catalogue: Catalogue) -> frozenset[str]:
    """Return the items that feed a tower: panels and their mounts, batteries, controllers, what goes with them."""
    items = catalogue.items.values()
    sized = {one.id for one in items if one.panel_wp or one.holds_panels or one.battery_ah or one.charge_a}
    return frozenset(sized | {part.item for part in (*catalogue.solar_parts, *catalogue.grid_parts)})


def router_items(catalogue: Catalogue) -> frozenset[str]:
    """Return the items that are routers: all of the network that are no switch, no lead and no satellite terminal."""
    gear = catalogue.gear
    network = {key for key, one in catalogue.items.items() if one.item_class is ItemClass.NETWORK}
    others = {*gear.switches, gear.patch_lead}
    return frozenset((network - others) & _routers(catalogue))


def _routers(catalogue: Catalogue) -> set[str]:
    """Return the routers of the shelf's towers and homes, and those that kits bring."""
    kits = {part.item for kit in catalogue.kits.values() for part in kit.parts}
    return {catalogue.gear.router, catalogue.gear.home_router} | kits

"""What the optimiser has to know of radios kept in reserve: spares come in whole pieces, of each radio of its own.

A share of them stands in the price of each sector, link and home; what whole pieces cost more is known from how many
of a radio a plan has. Of a home that may have one kit or another it is not: as many as help are counted for it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.economics.costs import home_kits
from cn_planner.model.equipment import ItemClass
from cn_planner.model.plan import Status
from cn_planner.solver.instance import LinkKinds, WholeSpares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.economics.tower_steps import TowerSteps
    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Household


def whole_spares(
    towers: TowerSteps, homes: Sequence[Household], may_have: Sequence[Sequence[int]]
) -> tuple[WholeSpares, ...]:
    """Return the radios of which a plan may need spares, each with how many every thing needs of it.

    Parameters
    ----------
    may_have
        The numbers of the kits that each home may have.
    """
    costs = towers.least.costs
    plan, catalogue = costs.plan, costs.catalogue
    if plan.costs.spares_pct <= 0.0:
        return ()
    if any(link.status is Status.BUILT for link in plan.links.values()):
        return ()  # of these nothing is bought, and the ways to link do not say which they are
    clients = [catalogue.kit(key) for key in plan.kits.clients]
    items = sorted({item for kit in (*towers.kits, *clients) for item in _radios(towers, kit)})
    found = []
    for item in items:
        each = [_radios(towers, kit).get(item, 0.0) for kit in clients]
        pairs = zip(homes, may_have, strict=True)
        needs = [[each[one] * home_kits(home) for one in numbers] for home, numbers in pairs]
        sector, *links = (_radios(towers, kit).get(item, 0.0) for kit in towers.kits)
        price = _price(towers, item)
        if price > 0.0:
            found.append(
                WholeSpares(
                    price, plan.costs.spares_pct / 100.0, sector, tuple(2.0 * one for one in links),
                    tuple(min(one) for one in needs), tuple(max(one) - min(one) for one in needs),
                )
            )  # fmt: skip
    return tuple(found)


def link_kinds(towers: TowerSteps) -> LinkKinds:
    """Return the kits of links, and when one of them makes another needless."""
    share = towers.least.costs.plan.costs.spares_pct / 100.0

    def margin(kit: Kit, other: Kit) -> float:
        if kit is other:
            return 0.0
        if towers.fed(kit) != towers.fed(other) or towers.watts(kit) > towers.watts(other):
            return math.inf
        # Two pieces more of the one may take a whole spare more, two less of the other none less.
        mine, theirs = (sum(_price(towers, item) for item in _radios(towers, one)) for one in (kit, other))
        return (1.0 - 2.0 * share) * mine + 2.0 * share * theirs if share < 0.5 else math.inf

    links = towers.links
    return LinkKinds(
        tuple(towers.is_unlike(kit) for kit in links),
        tuple(tuple(margin(kit, other) for other in links) for kit in links),
    )


def _radios(towers: TowerSteps, kit: Kit) -> dict[str, float]:
    """Return how many of which radios a kit has, of those that come in pieces."""
    costs, found = towers.least.costs, dict[str, float]()
    for part in kit.parts:
        if costs.catalogue.items[part.item].item_class is ItemClass.RADIO and not costs.by_length(part.item):
            found[part.item] = found.get(part.item, 0.0) + part.quantity
    return found


def _price(towers: TowerSteps, item: str) -> float:
    """Return what a piece in reserve costs with all that comes on top, over the years that count."""
    costs, years = towers.least.costs, towers.least.years
    one = costs.spares({item: 1.0}).total_cents / 100.0 / max(1.0, costs.spare(item, 1.0))
    return math.floor(100.0 * one * (1.0 if years is None else years.powered)) / 100.0

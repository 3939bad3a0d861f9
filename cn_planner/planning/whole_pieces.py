"""What the optimiser has to know of radios kept in reserve: spares come in whole pieces, of each radio of its own.

A share of them stands in the price of each sector, link and home; what whole pieces cost more is known from how many
of a radio a plan has. Of a home that may have one kit or another it is not: as many as help are counted for it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.economics.costs import home_kits
from cn_planner.economics.hotspot_gear import hotspot_of_place
from cn_planner.economics.power_ladder import ladder_of
from cn_planner.model.equipment import ItemClass
from cn_planner.model.plan import Status
from cn_planner.solver.instance import LinkKinds, WholeSpares

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.economics.tower_steps import TowerSteps
    from cn_planner.model.equipment import Kit, Part
    from cn_planner.model.plan import Household


_ROUNDED_CENTS = 4
"""What all spares are rounded up by together, and each here by itself."""


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
    clients = [_radios(towers, catalogue.kit(key).parts) for key in plan.kits.clients]
    kits = [_radios(towers, kit.parts) for kit in towers.kits]
    hotspots = [_radios(towers, hotspot_of_place(plan, catalogue, home.id)[0]) for home in homes]
    found = []
    for item in sorted({item for one in (*kits, *clients) for item in one}):
        needs = [
            [(clients[one].get(item, 0.0) + hotspot.get(item, 0.0)) * home_kits(home) for one in numbers]
            for home, numbers, hotspot in zip(homes, may_have, hotspots, strict=True)
        ]
        sector, *links = (one.get(item, 0.0) for one in kits)
        price = _price(towers, item)
        if price > 0.0:
            found.append(
                WholeSpares(
                    price, plan.costs.spares_pct / 100.0, sector, tuple(2.0 * one for one in (*links, *links)),
                    tuple(min(one) for one in needs), tuple(max(one) - min(one) for one in needs),
                )
            )  # fmt: skip
    return tuple(found)


def link_kinds(towers: TowerSteps) -> LinkKinds:
    """Return the kits of links, and when one of them makes another needless; then the same kits of links that are kept.

    What is kept hangs where it hangs: it pays for no other height.
    """
    share = towers.least.costs.plan.costs.spares_pct / 100.0
    years = 1.0 if towers.least.years is None else towers.least.years.powered
    slope = max(0.0, ladder_of(towers.least.costs).line[1]) / 100.0 * years

    def margin(kit: Kit, other: Kit) -> float:
        if kit is other:
            return 0.0
        less = towers.watts(other) - towers.watts(kit)
        if towers.fed(kit) != towers.fed(other) or less < 0.0 or share >= 0.5:
            return math.inf
        # What draws less costs less by the line, and need not in truth. Two pieces more of the one may take a whole
        # spare more, two less of the other none less.
        mine, theirs = (sum(_price(towers, item) for item in _radios(towers, one.parts)) for one in (kit, other))
        return 2.0 * slope * less + (1.0 - 2.0 * share) * mine + 2.0 * share * theirs

    links = towers.links
    unlike = tuple(towers.is_unlike(kit) for kit in links)
    apart = (math.inf,) * len(links)
    own = tuple((*(math.inf if one is not kit else 0.0 for one in links),) for kit in links)
    return LinkKinds(
        unlike * 2,
        (*((*(margin(kit, other) for other in links), *apart) for kit in links), *((*apart, *row) for row in own)),
        (True,) * len(links) + (False,) * len(links),
        tuple(kit.id for kit in links),
    )


def _radios(towers: TowerSteps, parts: Iterable[Part]) -> dict[str, float]:
    """Return how many of which radios are among parts, of those that come in pieces."""
    costs, found = towers.least.costs, dict[str, float]()
    for part in parts:
        if costs.catalogue.items[part.item].item_class is ItemClass.RADIO and not costs.by_length(part.item):
            found[part.item] = found.get(part.item, 0.0) + part.quantity
    return found


def _price(towers: TowerSteps, item: str) -> float:
    """Return what a piece in reserve costs with all that comes on top, over the years that count: at least."""
    costs, years = towers.least.costs, towers.least.years
    one = (costs.spares({item: 1.0}).total_cents - _ROUNDED_CENTS) / max(1.0, costs.spare(item, 1.0))
    return max(0, math.floor(one * (1.0 if years is None else years.powered))) / 100.0

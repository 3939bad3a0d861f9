"""What has to be bought, for which site, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.economics.costs import labour_days, needed_parts
from cn_planner.model.equipment import ItemClass
from cn_planner.model.plan import SiteRole, Status
from cn_planner.report.deployment import BomLine
from cn_planner.report.money import cents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.economics.costs import UnitCosts
    from cn_planner.model.equipment import Mast
    from cn_planner.model.plan import Plan, Site


@dataclass(frozen=True, slots=True)
class Needs:
    """What a plan needs beside what is built.

    Attributes
    ----------
    parts : mapping of site to mapping of item to quantity
        Without spares. Site "" stands for the homes.
    labour_days : float
        Days of one person.
    masts : mapping of site to Mast
        Not there where the shelf has none so high or a structure stands already.
    too_tall : tuple of str
        Sites whose mast is higher than any of the shelf: nothing is counted for the site but its radios.
    """

    parts: Mapping[str, Mapping[str, float]]
    labour_days: float
    masts: Mapping[str, Mast]
    too_tall: tuple[str, ...]


def needs(plan: Plan, costs: UnitCosts) -> Needs:
    """Return what `planning.costs.capital` counts, as things instead of as money.

    Raises InputError where a kit that the plan names is not on the shelf.
    """
    masts: dict[str, Mast] = {}
    too_tall: list[str] = []
    for key, site in plan.used_sites.items():
        if not _needs_mast(site):
            continue
        mast = costs.mast(site.mast_height_m or 0.0)
        if mast is None:
            too_tall.append(key)
        else:
            masts[key] = mast
    return Needs(needed_parts(costs), labour_days(costs), masts, tuple(too_tall))


def _needs_mast(site: Site) -> bool:
    return site.status is not Status.BUILT and site.role is not SiteRole.EXISTING


def bom_lines(
    costs: UnitCosts, quantities: Mapping[str, float], *, site: str = "", spares: bool
) -> tuple[BomLine, ...]:
    """Return the lines of a bill of materials, by class, then name.

    Spares are those of `planning.costs`: whole pieces, rounded up over the whole plan.
    """
    lines = []
    for key, quantity in quantities.items():
        item = costs.catalogue.items[key]
        spare = costs.spare(key, quantity) if spares else 0.0
        price = item.price
        rate = None if price is None else costs.rate(price.currency)
        unit_price = None if price is None or rate is None else price.amount * rate
        lines.append(
            BomLine(
                site=site,
                item=key,
                name=item.name,
                item_class=item.item_class,
                unit=item.unit,
                quantity=quantity + spare,
                spares=spare,
                unit_price=unit_price,
                total=None if unit_price is None else cents(unit_price * (quantity + spare)),
                list_price=None if price is None else price.amount,
                list_currency="" if price is None else price.currency,
                price_date="" if price is None else price.date,
                price_source="" if price is None else price.source,
                example=price is not None and price.example,
            )
        )
    order = list(ItemClass)
    return tuple(sorted(lines, key=lambda line: (order.index(line.item_class), line.name, line.item)))


def rest_line(whole: tuple[BomLine, ...], by_site: tuple[BomLine, ...], name: str) -> tuple[BomLine, ...]:
    """Return the one line that lies between the bills by site and that of the whole: spares, and cents of rounding."""
    rest = round(sum(line.total or 0.0 for line in whole) - sum(line.total or 0.0 for line in by_site), 2)
    if not rest:
        return ()
    return (BomLine("", "spares", name, ItemClass.RADIO, "", 1.0, 1.0, rest, rest, None, "", "", "", False),)

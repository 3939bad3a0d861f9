"""What a network costs over five years: to build it, and the months that it runs, later money counted for less.

The months are those of `opex`, all of them, at today's prices; with a discount a month that is y years away counts
(1 + discount) ** -y of one today.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.economics.opex import FIVE_YEARS, HOURS_MONTH, running
from cn_planner.model.equipment import ItemClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.model.costs import Costs
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan


class YearsFactors(NamedTuple):
    """What an amount to build, or of a month, comes to over five years: all of it adds up over a plan's things.

    Attributes
    ----------
    months : float
        So many months today's month is paid, discounted: 60 without a discount.
    capital : float
        Of money to build: itself, and repair and replacement, a share of it each month.
    powered : float
        The same at least of money that may be for things that are replaced by their age instead.
    aged : mapping of ItemClass to float
        On top, of what such things cost with transport and customs, by their class.
    watt : float
        Of a watt that is drawn from the mains.
    rent : float
        Of the place of a tower.
    """

    months: float
    capital: float
    powered: float
    aged: Mapping[ItemClass, float]
    watt: float
    rent: float


def months_worth(rates: Costs) -> float:
    """Return how many months of today the sixty months are worth, each paid at its end."""
    if rates.discount_pct <= 0.0:
        return float(FIVE_YEARS)
    month = (1.0 + rates.discount_pct / 100.0) ** (-1.0 / 12.0)
    return math.fsum(month**number for number in range(1, FIVE_YEARS + 1))


def years_factors(plan: Plan) -> YearsFactors:
    """Return what the plan's rates make of amounts over five years."""
    rates, months = plan.costs, months_worth(plan.costs)
    repair = months * rates.maintenance_pct_year / 1200.0
    given = {ItemClass.RADIO: rates.radio_years, ItemClass.BATTERY: rates.battery_years}
    again = {kind: months / (12.0 * years) for kind, years in given.items() if years is not None}
    return YearsFactors(
        months=months,
        capital=1.0 + repair,
        powered=1.0 + min([repair, *again.values()]),
        aged={kind: share - repair for kind, share in again.items()},
        watt=months * rates.electricity_kwh * HOURS_MONTH / 1000.0,
        rent=months * rates.site_rent_month,
    )


def running_cost(plan: Plan, catalogue: Catalogue, capex: float) -> float:
    """Return what the months of five years come to, capital aside, for a plan with its network.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    """
    return months_worth(plan.costs) * running(plan, catalogue, capex)

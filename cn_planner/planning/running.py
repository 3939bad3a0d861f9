"""What a network costs to run: each month, and over the five years for which demand is planned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.planning.joined import gateways

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan

FIVE_YEARS = 60
"""Months."""


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """Amounts a month in the plan's currency, each rounded to the cent; of so many gateways and towers."""

    uplink: float
    maintenance: float
    rent: float
    wages: float
    gateways: int
    towers: int

    @property
    def total(self) -> float:
        """All of them."""
        return round(math.fsum((self.uplink, self.maintenance, self.rent, self.wages)), 2)

    @property
    def five_years(self) -> float:
        """What running costs in five years, capital aside."""
        return round(FIVE_YEARS * self.total, 2)


def monthly_cost(plan: Plan, capex: float) -> MonthlyCost:
    """Return what the network of a plan costs a month.

    Parameters
    ----------
    plan : Plan
        With its network.
    capex : float
        Its capital: repair and replacement are a share of it.
    """
    costs, sites = plan.costs, plan.used_sites
    uplinks = [site.uplink.monthly_cost for key in gateways(plan) if (site := sites[key]).uplink is not None]
    return MonthlyCost(
        round(math.fsum(uplinks), 2),
        round(capex * costs.maintenance_pct_year / 1200.0, 2),
        round(len(sites) * costs.site_rent_month, 2),
        round(costs.wages_month, 2),
        len(uplinks),
        len(sites),
    )

"""The sites of an instance: what each costs at each height, what its Internet carries, and what opening it costs."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from cn_planner.economics.least_costs import LeastCosts
from cn_planner.economics.over_years import years_factors
from cn_planner.economics.tower_steps import TowerSteps
from cn_planner.errors import InputError
from cn_planner.message import in_a_row, msg
from cn_planner.model.gateways import bar_of, keeps_connection, may_be_gateway, offer_of
from cn_planner.model.plan import Choice, Objective, SiteRole, Status
from cn_planner.planning.link_rows import kept_links
from cn_planner.solver.instance import InstanceSite, StepsRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cn_planner.economics.costs import UnitCosts
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan, Site
    from cn_planner.planning.link_kits import LinkKit


def least_costs(costs: UnitCosts, objective: Objective) -> LeastCosts:
    """Return what things cost at least: to build, or with what five years cost to run."""
    years = years_factors(costs.plan) if objective is Objective.FIVE_YEARS else None
    return LeastCosts(costs, years)


def link_names(costs: UnitCosts, options: Sequence[LinkKit]) -> tuple[str, ...]:
    """Return the kits that links of a plan may have: what they are bought with, and what those that are kept have."""
    kept = sorted({link.kit or costs.plan.kits.backhaul for link in kept_links(costs).values()})
    return tuple(dict.fromkeys([*(one.kit for one in options), *kept]))


def tower_steps_of(costs: UnitCosts, objective: Objective, links: Sequence[str]) -> TowerSteps:
    """Return what towers cost beyond that, whose links have these kits."""
    kits = [costs.catalogue.kit(key) for key in links]
    return TowerSteps(least_costs(costs, objective), kits, costs.plan.rules.max_sectors)


def no_gateway(plan: Plan, left_out: Mapping[str, Message]) -> InputError:
    """Return what to say where no site that may be used can be a gateway: what stands in the way of each."""
    bars = [bar for site in plan.sites.values() if (bar := bar_of(site)) is not None]
    unsaid = [
        site.name or site.id
        for key, site in plan.sites.items()
        if key not in left_out and (bar := bar_of(site)) is not None and bar.answer == "sites.uplink.offer"
    ]
    if unsaid:
        return InputError(
            msg("Nobody said what the Internet connection costs at {sites}.", sites=", ".join(unsaid)),
            fix=msg("Give its price to open and a month, or say which site is the gateway."),
        )
    doors = [key for key, site in plan.sites.items() if may_be_gateway(site) and key in left_out]
    fix = msg("Say which site is the gateway.")
    if bars:
        fix = in_a_row(bars[0].what, bars[0].fix)
    elif doors:  # in a zone, or no mast fits
        fix = in_a_row(left_out[doors[0]], fix)
    return InputError(msg("No site that may be used is a gateway, where the Internet enters."), fix=fix)


def _raised(towers: TowerSteps, site: Site, heights: tuple[float, ...]) -> tuple[float, ...]:
    """Return what a radio of any kit costs more at each height than at the lowest: at least."""
    least, found = towers.least, [0.0]
    for low, high in pairwise(heights):
        more = min(least.beside(kit, site, high) - least.beside(kit, site, low) for kit in towers.kits)
        found.append(found[-1] + max(0.0, math.floor(100.0 * more + 1e-6) / 100.0))
    return tuple(found)


def instance_site(
    site: Site, allowed: list[float], heights: tuple[float, ...], towers: TowerSteps, busy: float
) -> InstanceSite:
    """Return a site as the optimiser sees it; `busy` is what a home wants at the busy hour, Mbit/s."""
    least = towers.least
    beyond = [towers.of(site, height) if height in allowed else None for height in heights]
    steps = tuple(None if one is None else StepsRow(*one) for one in beyond)
    offer, uplink = offer_of(site), site.uplink
    # What is decided to be opened is. Else the mast is priced as without, and what it then costs more is
    # what opens it: the connection, and what its box and its power need for it.
    kept, opened = keeps_connection(site), None
    if site.role is SiteRole.GATEWAY_OPTION:
        site = replace(site, uplink_bought=kept)
    if offer is not None and not kept:
        opened = least.door(site, allowed)
    amounts = [least.site(site, height) if height in allowed else None for height in heights]
    return InstanceSite(
        site.id,
        site.role is SiteRole.GATEWAY or kept,
        tuple(amounts),
        site.latitude,
        site.longitude,
        must=kept or site.choice is Choice.LOCKED or site.status is Status.BUILT,
        # Until it is said what the connection carries it counts as enough.
        carries=uplink.mbps / busy if uplink is not None and uplink.mbps > 0.0 else math.inf,
        sector_beside=least.sector_beside(site, min(allowed)),
        radio_beside=_raised(towers, site, heights),
        open_cost=opened,
        steps=steps if any(steps) else None,
    )

"""What a higher mast costs and whom it reaches: mast height as a decision about money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.marginal_cost import MarginalCost
from cn_planner.message import msg
from cn_planner.model import edits

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from cn_planner.economics.costs import UnitCosts
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.service.roofs import HomeArrays


@dataclass(frozen=True, slots=True)
class HeightStep:
    """One mast height at a site.

    Attributes
    ----------
    height_m : float
        Of the mast.
    cost : float or None
        The site with that mast, without radios, and the equipment of the homes that it gains, in the plan's currency;
        None where the shelf has no such mast.
    homes : float
        Homes by weight, not served from elsewhere, that are likely to be reached at the rate asked for.
    gained : tuple of str
        Those that the mast that stands does not reach.
    """

    height_m: float
    cost: float | None
    homes: float
    gained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeightChoice:
    """What the next higher mast brings: the line that a person decides on."""

    height_m: float
    more_m: float
    more_cost: float | None
    more_homes: float
    gained: tuple[str, ...] = ()


def mast_heights(plan: Plan, site: Site) -> tuple[float, ...]:
    """Return the mast heights to choose from at a site, with the one that stands, rising."""
    allowed = {height for height in plan.rules.mast_heights_m if height <= site.max_height_m}
    if site.mast_height_m is not None:
        allowed.add(site.mast_height_m)
    return tuple(sorted(allowed))


def costs_by_height(costs: UnitCosts, site: Site) -> dict[float, float | None]:
    """Return what a site costs with each mast, without radios."""
    priced = {height: costs.site(site, height) for height in mast_heights(costs.plan, site)}
    return {height: None if cost is None else cost.total for height, cost in priced.items()}


def mast_steps(
    costs: UnitCosts, homes: HomeArrays, site: Site, served_elsewhere: Collection[str], reached: NDArray[np.bool_]
) -> tuple[HeightStep, ...]:
    """Return what each mast height at a site costs and whom it reaches.

    Parameters
    ----------
    costs : UnitCosts
        Of the plan.
    homes : HomeArrays
        Of the plan, in the order of `reached`.
    site : Site
        As it is, or as it would be.
    served_elsewhere : collection of str
        Homes that other towers serve already: they are nobody's gain.
    reached : bool array of (heights, homes)
        As from `service.heights.seen_by_height`.
    """
    priced, heights = costs_by_height(costs, site), mast_heights(costs.plan, site)
    if not heights or not len(homes):
        return tuple(HeightStep(height, priced[height], 0.0) for height in heights)
    free = np.ones(len(homes), np.bool_)
    free[[homes.number[one] for one in served_elsewhere if one in homes.number]] = False
    weight = homes.weight * free
    steps = [HeightStep(height, priced[height], float(weight[reached[n]].sum())) for n, height in enumerate(heights)]
    if site.mast_height_m is None or priced[site.mast_height_m] is None:
        return tuple(steps)
    new = reached & free & ~reached[heights.index(site.mast_height_m)]
    gains = [tuple(homes.ids[one] for one in np.flatnonzero(row).tolist()) for row in new]
    return _priced(costs, site, steps, gains, priced[site.mast_height_m] or 0.0)


def _priced(
    costs: UnitCosts, site: Site, steps: list[HeightStep], gains: list[tuple[str, ...]], stands: float
) -> tuple[HeightStep, ...]:
    """Return the steps of a mast that stands with the homes that each gains and what `raised` then costs."""
    marginal = MarginalCost(costs)

    def priced(step: HeightStep, gained: tuple[str, ...]) -> HeightStep:
        if step.cost is None or step.height_m <= (site.mast_height_m or 0.0):
            return step
        more = marginal.cents(_rows(costs.plan, site, step.height_m, gained)) / 100.0
        return replace(step, cost=round(stands + more, 2), gained=gained)

    return tuple(priced(step, gained) for step, gained in zip(steps, gains, strict=True))


def _rows(plan: Plan, site: Site, height_m: float, gained: Collection[str]) -> list[Site | Household]:
    """Return what a higher mast changes; where nobody has been given a tower yet, that is left to the planner."""
    homes = [replace(plan.households[one], server=site.id) for one in gained if one in plan.households]
    decided = any(one.server is not None for one in plan.households.values())
    return [replace(site, mast_height_m=height_m), *(homes if decided else ())]


def raised(plan: Plan, key: str, choice: HeightChoice) -> Edit:
    """Raise a mast and connect the homes that it gains."""
    site = plan.sites[key]
    label = msg("raise {site} to {height:g} m", site=site.name or site.id, height=choice.height_m)
    return edits.put(plan, _rows(plan, site, choice.height_m, choice.gained), label)


def next_height(steps: tuple[HeightStep, ...], height_m: float) -> HeightChoice | None:
    """Return the next higher mast that reaches more homes, else the next higher one; None at the greatest."""
    at = [one for one in steps if one.height_m <= height_m + 1e-9]
    higher = [one for one in steps if one.height_m > height_m + 1e-9]
    if not higher:
        return None
    homes, cost = (at[-1].homes, at[-1].cost) if at else (0.0, 0.0)
    step = next((one for one in higher if one.homes > homes), higher[0])
    more = None if step.cost is None or cost is None else step.cost - cost
    return HeightChoice(step.height_m, step.height_m - height_m, more, step.homes - homes, step.gained)

"""The ways to link two sites that the optimiser chooses from: least heights, cost, and the homes that each carries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.model.plan import Choice, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.economics.costs import UnitCosts
    from cn_planner.economics.tower_steps import TowerSteps
    from cn_planner.model.plan import Link, Plan, Site
    from cn_planner.planning.link_kits import LinkKit


class LinkWays(NamedTuple):
    """The ways to link two sites, as they stand in an `Instance`."""

    links: NDArray[np.int32]
    link_cost: NDArray[np.float64]
    link_carries: NDArray[np.float64] | None
    link_kind: NDArray[np.int32]


class OptionRows(NamedTuple):
    """What one kit does on each path: where it keeps the rules, the weight of homes that it carries; price and id."""

    good: NDArray[np.bool_]
    carries: NDArray[np.float64]
    price: float
    kit: str


def upwards(works: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    """Return where something works at a height and at every greater one."""
    flipped = np.logical_and.accumulate(np.flip(works, axis), axis=axis)
    found: NDArray[np.bool_] = np.flip(flipped, axis)
    return found


def least_upwards(carries: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Return the least of what is carried at a height and at every greater one."""
    flipped = np.minimum.accumulate(np.flip(carries, axis), axis=axis)
    found: NDArray[np.float64] = np.flip(flipped, axis)
    return found


def careful_rows(option: LinkKit, both: NDArray[np.bool_]) -> OptionRows:
    """Return a kit as the careful instance counts it: what holds at a pair of heights and at every greater one.

    ``both`` says which pairs of heights the sites may have; what works at others is not asked.
    """
    good = upwards(upwards(option.works | ~both, 1), 2)
    least = least_upwards(least_upwards(np.where(both, option.carries, np.inf), 1), 2)
    return OptionRows(good, least, option.price, option.kit)


def link_rows(
    matrix: PairMatrix,
    good: NDArray[np.bool_],
    carries: NDArray[np.float64],
    sites: tuple[Site, ...],
    allowed: list[list[float]],
    heights: tuple[float, ...],
    towers: TowerSteps,
    *,
    option: OptionRows | None = None,
) -> LinkWays:
    """Return the least pairs of heights of each pair of sites, what each costs, and what it carries, where limited.

    None is at least as high at both ends as another that carries as much. With the plan's kit for links, or another.
    """
    least, costs = towers.least, towers.least.costs
    rows: list[list[int]] = []
    amounts: list[float] = []
    flows: list[float] = []
    kinds: list[int] = []
    kit = costs.catalogue.kit(costs.plan.kits.backhaul if option is None else option.kit)
    index = [[heights.index(h) for h in hs] for hs in allowed]
    price = costs.link().least if option is None else option.price
    kept, kept_price = kept_links(costs), kept_prices(costs)
    forbidden = {
        frozenset((link.from_site, link.to_site))
        for link in costs.plan.links.values()
        if link.choice is Choice.FORBIDDEN or link.status is Status.REJECTED
    }
    for pair in np.flatnonzero(good.any(axis=(1, 2))).tolist():
        a, b = int(matrix.first[pair]), int(matrix.second[pair])
        ends = frozenset((sites[a].id, sites[b].id))
        if ends in forbidden:
            continue
        mine, seen = good[pair], set[tuple[int, int]]()
        for flow in sorted(set(carries[pair][mine].tolist()), reverse=True):
            lowest = len(heights)
            enough = mine & (carries[pair] >= flow)
            for ka in index[a]:
                kb = next((k for k in index[b] if enough[ka, k]), None)
                if kb is not None and kb < lowest:
                    if (ka, kb) not in seen:
                        rows.append([a, b, ka, kb])
                        high = heights[ka], heights[kb]
                        own = kept.get(ends)
                        amounts.append(
                            least.link(kit, price, (sites[a], sites[b]), high)
                            if own is None
                            else least.kept_link(own, kept_price[ends], (sites[a], sites[b]), high)
                        )
                        flows.append(flow)
                        bought = None if own is None else costs.catalogue.kit(own.kit or costs.plan.kits.backhaul)
                        number = towers.links.index(bought or kit)
                        kinds.append(number if bought is None else len(towers.links) + number)
                        seen.add((ka, kb))
                    lowest = kb
    limited = min(flows, default=math.inf) < math.inf
    return LinkWays(
        np.array(rows, dtype=np.int32).reshape(-1, 4),
        np.array(amounts, dtype=np.float64),
        np.array(flows, dtype=np.float64) if limited else None,
        np.array(kinds, dtype=np.int32),
    )


def option_rows(
    matrix: PairMatrix,
    options: Iterable[OptionRows],
    sites: tuple[Site, ...],
    allowed: list[list[float]],
    heights: tuple[float, ...],
    towers: TowerSteps,
) -> LinkWays:
    """Return the rows of `link_rows` of each kit that a link may be bought with, one kit after the other."""
    found = [link_rows(matrix, one.good, one.carries, sites, allowed, heights, towers, option=one) for one in options]
    limited = any(one.link_carries is not None for one in found)
    flows = [np.full(len(one.links), np.inf) if one.link_carries is None else one.link_carries for one in found]
    return LinkWays(
        np.concatenate([one.links for one in found]),
        np.concatenate([one.link_cost for one in found]),
        np.concatenate(flows) if limited else None,
        np.concatenate([one.link_kind for one in found]),
    )


def kept_prices(costs: UnitCosts) -> dict[frozenset[str], float]:
    """Return what a link costs that is built or locked, by its ends, without what its length adds.

    With its own kit, nothing where it is built.
    """
    return {ends: _kept_price(costs, link) for ends, link in kept_links(costs).items()}


def kept_links(costs: UnitCosts) -> dict[frozenset[str], Link]:
    """Return the links that are built or locked, by their ends; of several the one that costs least."""
    found: dict[frozenset[str], Link] = {}
    for link in costs.plan.links.values():
        if link.choice is Choice.LOCKED or link.status is Status.BUILT:
            ends = frozenset((link.from_site, link.to_site))
            if ends not in found or _kept_price(costs, link) < _kept_price(costs, found[ends]):
                found[ends] = link
    return found


def _kept_price(costs: UnitCosts, link: Link) -> float:
    """Return what the radios of a link that is kept cost, as `UnitCosts.end` counts one at the ground."""
    return 0.0 if link.status is Status.BUILT else costs.end(link.kit or costs.plan.kits.backhaul).times(2).least


def kept_pairs(plan: Plan, sites: tuple[Site, ...]) -> dict[tuple[int, int], Link]:
    """Return the links that are built or locked, by their sites."""
    at = {site.id: n for n, site in enumerate(sites)}
    found = {}
    for link in plan.links.values():
        kept = link.choice is Choice.LOCKED or link.status is Status.BUILT
        if kept and link.from_site in at and link.to_site in at:
            first, second = sorted((at[link.from_site], at[link.to_site]))
            found[first, second] = link
    return found

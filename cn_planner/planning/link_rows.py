"""The ways to link two sites that the optimiser chooses from: least heights, cost, and the homes that each carries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.model.plan import Choice, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.coverage.matrix import PairMatrix
    from cn_planner.economics.costs import UnitCosts
    from cn_planner.links.budget import BudgetArrays
    from cn_planner.model.plan import Household, Site


def link_homes(budget: BudgetArrays, homes: tuple[Household, ...], busy_mbps: float) -> NDArray[np.float64]:
    """Return the weight of homes whose busy hour each link carries both ways; without limit where that is all.

    Each link has radios of its own, which share their time between the two ways: the rate at the IP level holds both
    (`links.throughput`). Whole weights are carried whole.
    """
    weights = [home.weight for home in homes]
    carries = np.nan_to_num(np.minimum(budget.rate_down_mbps, budget.rate_up_mbps)) / busy_mbps + 1e-9
    if all(float(weight).is_integer() for weight in weights):
        carries = np.floor(carries)
    found: NDArray[np.float64] = np.where(carries >= math.fsum(weights), np.inf, carries)
    return found


def link_rows(
    matrix: PairMatrix,
    good: NDArray[np.bool_],
    carries: NDArray[np.float64],
    sites: tuple[Site, ...],
    allowed: list[list[float]],
    heights: tuple[float, ...],
    costs: UnitCosts,
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64] | None]:
    """Return the least pairs of heights of each pair of sites, what each costs, and what it carries, where limited.

    None is at least as high at both ends as another that carries as much.
    """
    rows: list[list[int]] = []
    amounts: list[float] = []
    flows: list[float] = []
    index = [[heights.index(h) for h in hs] for hs in allowed]
    price = costs.link().least
    kept = kept_prices(costs)
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
                        amounts.append(kept.get(ends, price))
                        flows.append(flow)
                        seen.add((ka, kb))
                    lowest = kb
    limited = min(flows, default=math.inf) < math.inf
    return (
        np.array(rows, dtype=np.int32).reshape(-1, 4),
        np.array(amounts, dtype=np.float64),
        np.array(flows, dtype=np.float64) if limited else None,
    )


def kept_prices(costs: UnitCosts) -> dict[frozenset[str], float]:
    """Return what a link costs that is built or locked, by its ends: its own kit, nothing where it is built."""
    found: dict[frozenset[str], float] = {}
    for link in costs.plan.links.values():
        if link.choice is Choice.LOCKED or link.status is Status.BUILT:
            ends = frozenset((link.from_site, link.to_site))
            found[ends] = min(costs.link(link).least, found.get(ends, math.inf))
    return found

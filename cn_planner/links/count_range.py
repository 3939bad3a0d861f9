"""How many of several links will work: between how many and how many, where they have an error in common.

Two errors, not one. What a prediction is off by all over a place (radios and cables, what stands round all roofs, the
bias of the model) lifts or sinks every link alike: the counts of links that work are then much further apart than if
each link were a coin of its own. What is left is one of each path, its terrain with it (`links.verdict.works`).

The common one has a standard deviation of 8.5 dB: without measurements from a place no model did better than 12 dB rms
on production rural links, and 8 to 9 dB when fitted to the place; 12^2 less 8.5^2 is 8.5^2 (Phillips and others, PAM
2011; IJAP 2012).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.verdict import works
from cn_planner.message import Message, msg
from cn_planner.model.propagation_models import P526

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.links.sight import Sight

COMMON_SD_DB = 8.5
OUTSIDE = 0.1
"""Of each side of the range: it holds four in five."""
_NODES, _WIDEST, _HALVINGS = 41, 4.0, 40


def _apart(sight: Sight) -> tuple[NDArray[np.float64], Sight]:
    """Return the deviation of what paths have in common, dB, and the paths with what is left."""
    measured = sight.measured
    common = np.where(measured, sight.common_sd_db, COMMON_SD_DB)
    return common, sight._replace(common_sd_db=np.where(measured, 0.0, np.nan)) if measured.any() else sight


def careful_chance(
    margin_db: NDArray[np.float64], sight: Sight, certainty_pct: float, model: str = P526
) -> NDArray[np.float64]:
    """Return the probability that links work at the careful end of what they have in common.

    In so many of 100 places such as this the common error is no worse; what is left, the terrain's error among it, is
    in the probability. At 50 the common error is none. `margin_db` and `sight` as for `count_range`.
    """
    common, alone = _apart(sight)
    return works(margin_db - NormalDist().inv_cdf(certainty_pct / 100.0) * common, alone, model)


def range_words(low: float, high: float) -> Message:
    """Return what the range of a count says beside the count itself: that is of what is predicted, this of what comes.

    No more will work than are predicted to, and of many some will not: the range lies below the count.
    """
    return msg(
        "That is as predicted. Predictions err: four times in five, {low:,.0f} to {high:,.0f} of these homes will be "
        "reached in truth.",
        low=low, high=high,
    )  # fmt: skip


def count_range(
    margin_db: NDArray[np.float64], sight: Sight, weight: NDArray[np.float64], sure: float = 0.0
) -> tuple[float, float]:
    """Return between how many links will work, in 80 % of all places such as this: no random number is drawn.

    Parameters
    ----------
    margin_db : float64 array
        What links have to spare before they stop.
    sight : Sight
        How clear their paths are.
    weight : float64 array
        What each counts for.
    sure : float
        What counts without a path, such as homes at a mast itself.

    Returns
    -------
    (float, float)
        Whole numbers downwards and upwards, no less than `sure` and no more than all.

    Notes
    -----
    Given the common error the count is near to normal, by the chances of the links; over that error it is summed.
    """
    known = ~np.isnan(margin_db)
    common, alone = _apart(sight)
    total = sure + math.fsum(weight.tolist())
    nodes = np.linspace(-_WIDEST, _WIDEST, _NODES)
    shares = np.exp(-0.5 * nodes**2) / np.exp(-0.5 * nodes**2).sum()
    middle, spread = np.empty(_NODES), np.empty(_NODES)
    for n, node in enumerate(nodes.tolist()):
        chance = np.where(known, works(margin_db + common * node, alone), 0.0)
        middle[n] = sure + float(np.dot(weight, chance))
        spread[n] = math.sqrt(float(np.dot(weight**2, chance * (1.0 - chance))))

    def below(count: float) -> float:
        z = (count - middle) / np.maximum(spread, 1e-9)
        return float(sum(share * 0.5 * math.erfc(-one / math.sqrt(2.0)) for share, one in zip(shares, z, strict=True)))

    found = []
    for wanted in (OUTSIDE, 1.0 - OUTSIDE):
        low, high = sure - 1.0, total + 1.0
        for _ in range(_HALVINGS):
            half = (low + high) / 2.0
            low, high = (half, high) if below(half) < wanted else (low, half)
        found.append(min(max((low + high) / 2.0, sure), total))
    return float(math.floor(found[0] + 1e-6)), min(float(math.ceil(found[1] - 1e-6)), total)

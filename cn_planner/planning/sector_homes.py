"""How many homes a sector carries: at most in any plan, as a bound counts; and where they share its time alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.throughput import sector_capacity_mbps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.coverage.pair_work import PairMatrix


def most_sector_homes(fastest_mbps: float, load: NDArray[np.float64], at_mast: float, busy: float) -> float:
    """Return the load of homes that n sectors of a site carry at most, divided by n: in any plan that keeps the rules.

    A beam takes homes while their airtime (`links.throughput.airtime_share`) fits into 1, or one home alone that needs
    more. No rate is above the greatest at which any pair works, so a beam's load is at most that rate over `busy`,
    or that of one home. Homes at the mast take no airtime.

    Parameters
    ----------
    fastest_mbps : float
        The greatest rate.
    load : float64 array of homes
        What is carried for each, in homes.
    at_mast : float
        Load of the homes at the mast that most of them are at.
    busy : float
        Busy-hour demand of a home, Mbit/s.
    """
    most = fastest_mbps / busy * (1.0 + 1e-9)  # beams take so much more for rounding's sake
    if bool(np.all(load == np.floor(load))):
        most = float(math.floor(most + 1e-9))
    return max(most, float(load.max(initial=0.0)), 1.0) + at_mast


def mean_sector_homes(
    matrix: PairMatrix, down_mbps: NDArray[np.float64], good: NDArray[np.bool_], homes: int, busy: float
) -> float:
    """Return the homes that a sector carries where they share its time as the mean home does: an estimate."""
    best = np.zeros(homes)
    rate = np.where(good, np.nan_to_num(down_mbps), 0.0)
    np.maximum.at(best, matrix.second, rate.max(axis=1, initial=0.0))
    return float(max(1, math.floor(sector_capacity_mbps(best[best > 0]) / busy + 1e-9)))

"""What every public function of this room checks before it hands numbers to a kernel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LOW_MHZ, HIGH_MHZ = 10.0, 100_000.0
FARTHEST_M = 1e9
"""Beyond this a height is a slip of the keyboard, and differences of squares have no digits left."""

HIGHEST_M = 3000.0
"""Of an antenna above ground: as high as P.1812-8 and ITM take it. More is mostly a height above the sea."""
LEAST_K, MOST_K = 0.1, 1e9
"""Air that bends rays upwards as the first has been seen nowhere (P.530-18, figure 2, ends at 0.4); below it nothing is
above any horizon, and models break down. The second is a flat earth: a curvature of less is lost in the last digits."""


def check_within(what: Message, value: float, low: float, high: float) -> None:
    """Raise InputError, naming parameter, value and range, where a value is outside its range or not a number."""
    if not low <= value <= high:
        raise InputError(
            msg("{what} is {value}; it must be {low} to {high}.", what=what, value=value, low=low, high=high)
        )


def check_freq(freq_mhz: float) -> None:
    """Raise InputError where a frequency is outside 10 MHz to 100 GHz."""
    if not LOW_MHZ <= freq_mhz <= HIGH_MHZ:
        raise InputError(
            msg(
                "The frequency is {value} MHz; it must be between {low} and {high}.",
                value=freq_mhz,
                low=LOW_MHZ,
                high=HIGH_MHZ,
            )
        )


def check_earth(radius_m: float) -> None:
    """Raise InputError where an effective earth radius is not positive and finite."""
    if not 0.0 < radius_m < math.inf:
        raise InputError(msg("The effective earth radius is {value} m; it must be above 0.", value=radius_m))


def check_height(height_m: float) -> None:
    """Raise InputError where an antenna's height, above sea or ground, is beyond `FARTHEST_M` or not a number."""
    check_within(msg("The height of an antenna, m,"), height_m, -FARTHEST_M, FARTHEST_M)


def check_above_ground(height_m: float, where: str = "", *, receiver: bool = False) -> None:
    """Raise InputError where an antenna, or that of a receiver, stands below the ground, or as high as none does."""
    if 0.0 <= height_m <= HIGHEST_M:
        return
    fix = msg("Give its height above ground, 0 or more.")
    if height_m > HIGHEST_M:
        fix = msg("Give its height above ground, not above the sea: 0 to {most:,.0f} m.", most=HIGHEST_M)
    what = msg("An antenna {height_m} m above ground cannot be.", height_m=height_m)
    if receiver:
        what = msg("A receiver {height_m} m above ground cannot be.", height_m=height_m)
    raise InputError(what, where=where, fix=fix)


def check_k(k: float) -> None:
    """Raise InputError where an effective earth radius factor is none."""
    if not LEAST_K <= k <= MOST_K:
        raise InputError(
            msg("An effective earth radius factor k of {k} cannot be.", k=k),
            fix=msg("4/3 is the median; 0.67 a day that bends rays upwards."),
        )


def checked_profile(distance_m: ArrayLike, *heights_m: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Return a profile's distances and heights as flat float64 arrays.

    Raises
    ------
    InputError
        Where there are fewer than two points, lengths differ, distances do not rise from 0, or a number is missing.
    """
    distance = np.ascontiguousarray(distance_m, dtype=np.float64)
    heights = tuple(np.ascontiguousarray(one, dtype=np.float64) for one in heights_m)
    if distance.ndim != 1 or len(distance) < 2:
        raise InputError(msg("A profile has {count} points; it needs two at least.", count=int(distance.size)))
    if any(one.shape != distance.shape for one in heights):
        raise InputError(msg("A profile has {count} distances but not as many heights.", count=len(distance)))
    if not (abs(distance[0]) < 1e-6 and np.all(np.diff(distance) > 0.0) and math.isfinite(distance[-1])):
        raise InputError(msg("The distances of a profile do not rise from 0."))
    for one in heights:
        if not np.all(np.isfinite(one)):
            at = int(np.argmin(np.isfinite(one)))
            raise InputError(
                msg("The profile has no height {distance_m:.0f} m from its first end.", distance_m=float(distance[at]))
            )
    return distance, *heights

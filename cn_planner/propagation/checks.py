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

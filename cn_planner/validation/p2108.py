"""What buildings and trees round an antenna cost (ITU-R P.2108-1): by their height, or by statistics of towns.

For paths whose profile has no clutter of its own; where the clutter stands in the profile these would count it twice.
Links, maps and plans take the first of them from `propagation.end_clutter`.
"""

from __future__ import annotations

import math
from enum import StrEnum
from statistics import NormalDist

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.propagation.end_clutter import gain_in_clutter_kernel
from cn_planner.propagation.kernel import kernel

HEIGHT_GAIN_GHZ = (0.03, 3.0)
TERRESTRIAL_GHZ = (0.5, 67.0)
LEAST_DISTANCE_M = 250.0
LONGEST_DISTANCE_KM = 2.0
"""Further than this the loss of the statistical model is that of 2 km."""


class Clutter(StrEnum):
    """What stands round an antenna (table 3)."""

    WATER = "water"
    OPEN = "open"
    SUBURBAN = "suburban"
    URBAN = "urban"
    TREES = "trees"
    DENSE_URBAN = "dense_urban"


_OPEN_GROUND = frozenset({Clutter.WATER, Clutter.OPEN})


@kernel
def _terrestrial(freq_ghz: float, distance_km: float, deviate: float) -> float:
    # Eq. 3 to 5, with the deviate of the normal distribution for the percentage of locations.
    log_freq = math.log10(freq_ghz)
    long_db = -2.0 * math.log10(math.pow(10.0, -5.0 * log_freq - 12.5) + math.pow(10.0, -16.5))  # eq. 4
    short_db = 32.98 + 23.9 * math.log10(distance_km) + 3.0 * log_freq  # eq. 5
    long_part = math.pow(10.0, -0.2 * long_db)
    short_part = math.pow(10.0, -0.2 * short_db)
    both = long_part + short_part
    sigma = math.sqrt((16.0 * long_part + 36.0 * short_part) / both)
    return -5.0 * math.log10(both) - sigma * deviate  # eq. 3


@kernel
def terrestrial_kernel(freq_ghz: float, distance_km: float, deviate: float) -> float:
    """Loss, dB; never more than that over 2 km."""
    furthest = _terrestrial(freq_ghz, LONGEST_DISTANCE_KM, deviate)
    return min(_terrestrial(freq_ghz, distance_km, deviate), furthest)


def _within(what: Message, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(
            msg("{what} is {value}; it must be {low} to {high}.", what=what, value=value, low=low, high=high)
        )


def _positive(what: Message, value: float) -> None:
    if not 0.0 < value < math.inf:
        raise InputError(msg("{what} is {value}; it must be above 0.", what=what, value=value))


def height_gain_loss_db(
    freq_mhz: float, height_m: float, clutter_height_m: float, street_width_m: float, clutter: Clutter
) -> float:
    """Return the median loss of an antenna among clutter that is higher than it.

    Parameters
    ----------
    freq_mhz : float
        Frequency, MHz; 30 to 3000.
    height_m, clutter_height_m : float
        Height of the antenna and representative height of the clutter, m above ground.
    street_width_m : float
        Width of the street, m; 27 where nothing better is known.
    clutter : Clutter
        What stands round the antenna.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.2108-1, section 3.1, eq. 2.
    """
    _within(msg("The frequency, GHz,"), freq_mhz * 1e-3, *HEIGHT_GAIN_GHZ)
    _positive(msg("The height of the antenna, m,"), height_m)
    _positive(msg("The height of the clutter, m,"), clutter_height_m)
    _positive(msg("The width of the street, m,"), street_width_m)
    return gain_in_clutter_kernel(freq_mhz * 1e-3, height_m, street_width_m, clutter_height_m, clutter in _OPEN_GROUND)


def terrestrial_loss_db(freq_mhz: float, distance_m: float, location_pct: float) -> float:
    """Return the loss of one end of a path within a town, not exceeded for a percentage of locations.

    Parameters
    ----------
    freq_mhz : float
        Frequency, MHz; 500 to 67,000.
    distance_m : float
        Length of the path, m; 250 and more. Under 1 km for one end only.
    location_pct : float
        Percentage of locations, above 0 and below 100.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.2108-1, section 3.2, eq. 3 to 5.
    """
    _within(msg("The frequency, GHz,"), freq_mhz * 1e-3, *TERRESTRIAL_GHZ)
    _within(msg("The length of the path, m,"), distance_m, LEAST_DISTANCE_M, 1e9)
    _within(msg("The percentage of locations"), location_pct, 1e-4, 100.0 - 1e-4)
    deviate = -NormalDist().inv_cdf(location_pct / 100.0)
    return terrestrial_kernel(freq_mhz * 1e-3, distance_m * 1e-3, deviate)

"""The ray and what it must clear: radius of the Fresnel zones, effective earth radius."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.propagation.checks import check_freq
from cn_planner.units import EARTH_RADIUS_M, MEDIAN_K_FACTOR, wavelength_m

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def effective_earth_radius_m(k_factor: float = MEDIAN_K_FACTOR) -> float:
    """Return 6371 km times k, m."""
    return EARTH_RADIUS_M * k_factor


def fresnel_radius_m(from_a_m: ArrayLike, from_b_m: ArrayLike, freq_mhz: float, zone: int = 1) -> Any:
    """Return the radius of a Fresnel zone.

    Parameters
    ----------
    from_a_m, from_b_m : array_like
        Distances from the two ends, m, not both 0.
    freq_mhz : float
        Frequency, MHz.
    zone : int
        1 for the first zone.

    References
    ----------
    ITU-R P.526-15, eq. 2.
    """
    check_freq(freq_mhz)
    a, b = np.asarray(from_a_m, np.float64), np.asarray(from_b_m, np.float64)
    radius = np.sqrt(zone * wavelength_m(freq_mhz) * a * b / (a + b))
    return float(radius) if radius.ndim == 0 else radius

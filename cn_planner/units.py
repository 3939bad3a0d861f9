"""Words for quantities: physical constants, and the conversions between the units that the field uses."""

from __future__ import annotations

import math

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0
EARTH_RADIUS_M = 6_371_000.0
"""Mean radius. ITU-R models and the coverage contract use 6371 km times k."""
MEDIAN_K_FACTOR = 4.0 / 3.0
THERMAL_NOISE_DBM_PER_HZ = -173.975
"""10 log10(k T) at T = 290 K, in dBm/Hz."""


def wavelength_m(freq_mhz: float) -> float:
    """Return the wavelength in free space, m."""
    return SPEED_OF_LIGHT_M_PER_S / (freq_mhz * 1e6)


def dbm_from_mw(power_mw: float) -> float:
    """Return a power in dBm; minus infinity for none."""
    return 10.0 * math.log10(power_mw) if power_mw > 0.0 else -math.inf


def mw_from_dbm(power_dbm: float) -> float:
    """Return a power in mW."""
    return math.pow(10.0, power_dbm / 10.0)

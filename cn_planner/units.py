"""Words for quantities: physical constants and what follows from them."""

from __future__ import annotations

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0
EARTH_RADIUS_M = 6_371_000.0
"""Mean radius. ITU-R models and the coverage contract use 6371 km times k."""
MEDIAN_K_FACTOR = 4.0 / 3.0
THERMAL_NOISE_DBM_PER_HZ = -173.975
"""10 log10(k T) at T = 290 K, in dBm/Hz."""


def wavelength_m(freq_mhz: float) -> float:
    """Return the wavelength in free space, m."""
    return SPEED_OF_LIGHT_M_PER_S / (freq_mhz * 1e6)

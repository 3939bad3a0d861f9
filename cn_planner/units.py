"""Words for quantities: physical constants and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.message import Message

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0
EARTH_RADIUS_M = 6_371_000.0
"""Mean radius. ITU-R models and the coverage contract use 6371 km times k."""
MEDIAN_K_FACTOR = 4.0 / 3.0
THERMAL_NOISE_DBM_PER_HZ = -173.975
"""10 log10(k T) at T = 290 K, in dBm/Hz."""
LEAST_MBPS, _LEAST_KBPS = 0.1, 1.0
"""Below these a rate is said in the smaller unit."""
_WHOLE_MBPS = 100.0
"""From here on a tenth says nothing."""


def wavelength_m(freq_mhz: float) -> float:
    """Return the wavelength in free space, m."""
    return SPEED_OF_LIGHT_M_PER_S / (freq_mhz * 1e6)


def rate(value_mbps: float) -> tuple[float, str, int]:
    """Return a rate as it is said: its number, its unit, and the decimals that say something.

    From 0.1 Mbit/s on in Mbit/s; below, as of LoRa, in kbit/s, and under 1 kbit/s in bit/s. 0 is 0 Mbit/s.

    Examples
    --------
    >>> rate(43.25), rate(0.00547), rate(0.000088)
    ((43.25, 'Mbit/s', 1), (5.47, 'kbit/s', 1), (88.0, 'bit/s', 0))
    """
    if not 0.0 < value_mbps < LEAST_MBPS:
        return value_mbps, "Mbit/s", 1
    kbps = round(value_mbps * 1e3, 9)
    return (kbps, "kbit/s", 1) if kbps >= _LEAST_KBPS else (round(value_mbps * 1e6, 6), "bit/s", 0)


def rate_words(value_mbps: float) -> Message:
    """Return a rate with its unit, for a sentence.

    >>> str(rate_words(0.00547))
    '5.5 kbit/s'
    """
    value, unit, _ = rate(value_mbps)
    if unit == "kbit/s":
        return msg("{value:,.1f} kbit/s", value=value)
    if unit == "bit/s":
        return msg("{value:,.0f} bit/s", value=value)
    return msg("{value:,.0f} Mbit/s", value=value) if value >= _WHOLE_MBPS else msg("{value:,.1f} Mbit/s", value=value)

"""Attenuation of line-of-sight links by rain (ITU-R P.530-18, section 2.4.1), and how often it exceeds a margin."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import NamedTuple

from cn_planner.message import Message, msg
from cn_planner.propagation.checks import check_within
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.p838 import rain_coefficients_kernel

_FREQ_GHZ = (1.0, 100.0)
_LEAST_KM = 1e-6
LONGEST_RAIN_KM = 100.0
_VALID_KM = 60.0
RAIN_RATE_MM_H = (0.0, 250.0)
RAIN_TIME_PCT = (0.001, 1.0)
NO_RAIN_GHZ = 5.0
"""Below this rain "can be ignored" (section 2.4)."""
MOST_FACTOR = 2.5


class RainAttenuation(NamedTuple):
    """The attenuation of a path by rain, with what it is made of.

    Attributes
    ----------
    k, alpha : float
        Coefficients of the specific attenuation.
    specific_attenuation_db_per_km : float
        Specific attenuation at the rain rate that is exceeded 0.01 % of the time.
    r_factor : float
        Distance factor: effective length of the path by its length.
    rain_attenuation_db : float
        Attenuation exceeded for the percentage of time asked for.
    """

    k: float
    alpha: float
    specific_attenuation_db_per_km: float
    r_factor: float
    rain_attenuation_db: float


class Bound(StrEnum):
    """What a percentage of time says."""

    EXACT = "exact"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"


class RainOutage(NamedTuple):
    """How often rain costs more than a margin: the percentage of the average year, and what it says.

    The method ends at 0.001 % and at 1 %: rarer and more frequent outages are bounds.
    """

    pct: float
    bound: Bound


@kernel
def distance_factor_kernel(distance_km: float, freq_ghz: float, rain_mm_h: float, alpha: float) -> float:
    """Distance factor r (eq. 32)."""
    below = 0.477 * math.pow(distance_km, 0.633) * math.pow(rain_mm_h, 0.073 * alpha) * math.pow(
        freq_ghz, 0.123
    ) - 10.579 * (1.0 - math.exp(-0.024 * distance_km))
    # "Maximum recommended r is 2.5, so if the denominator is less than 0.4, use r = 2.5." Programs without that limit
    # make the effective length of a link of 100 m some 500 m; and a denominator can be 0 or less on long links.
    return 2.5 if below < 0.4 else 1.0 / below


@kernel
def time_law_kernel(freq_ghz: float) -> tuple[float, float, float]:
    """C1, C2, C3 of the law of time (eq. 35, 36)."""
    # 0.4 log10((f / 10)^0.8): in the Recommendation the exponent stands at the parenthesis (f/10), within the bracket
    # of the logarithm's term. The other reading, log10(f / 10) to the power of 0.8, would rise from 10 GHz with an
    # infinite slope; a third, 0.12 times 0.4, is a slip of the pen in a program: it jumps to 0 at 10 GHz.
    c0 = 0.12 + 0.4 * math.log10(math.pow(freq_ghz / 10.0, 0.8)) if freq_ghz >= 10.0 else 0.12
    c1 = math.pow(0.07, c0) * math.pow(0.12, 1.0 - c0)
    return c1, 0.855 * c0 + 0.546 * (1.0 - c0), 0.139 * c0 + 0.043 * (1.0 - c0)


@kernel
def rain_kernel(
    distance_km: float, freq_ghz: float, rain_mm_h: float, elevation_deg: float, tilt_deg: float
) -> tuple[float, float, float, float]:
    """k, alpha, specific attenuation, distance factor (steps 2 and 3)."""
    k, alpha = rain_coefficients_kernel(freq_ghz, elevation_deg, tilt_deg)
    return k, alpha, k * math.pow(rain_mm_h, alpha), distance_factor_kernel(distance_km, freq_ghz, rain_mm_h, alpha)


@kernel
def outage_kernel(margin_db: float, attenuation_001_db: float, freq_ghz: float) -> float:
    """Logarithm of the percentage of time in which rain costs more than a margin: eq. 34 solved, its rising branch."""
    c1, c2, c3 = time_law_kernel(freq_ghz)
    # Three logarithms, for the quotient of a margin that is all but 0 is 0.
    level = math.log10(margin_db) - math.log10(attenuation_001_db) - math.log10(c1)
    # The largest attenuation of the parabola lies beyond 0.001 %: a margin over it has no root and is rarer than that.
    square = c2 * c2 - 4.0 * c3 * level
    return (math.sqrt(square) - c2) / (2.0 * c3) if square > 0.0 else -c2 / (2.0 * c3)


def _check(
    distance_m: float, freq_mhz: float, rain_mm_h: float, elevation_deg: float, tilt_deg: float
) -> tuple[float, float]:
    km, ghz = distance_m * 1e-3, freq_mhz * 1e-3
    check_within(msg("The length of the path, km,"), km, _LEAST_KM, LONGEST_RAIN_KM)
    check_within(msg("The frequency of rain attenuation, GHz,"), ghz, *_FREQ_GHZ)
    check_within(msg("The rain rate, mm/h,"), rain_mm_h, *RAIN_RATE_MM_H)
    check_within(msg("The elevation of the path, degrees,"), elevation_deg, -90.0, 90.0)
    check_within(msg("The tilt of the polarisation, degrees,"), tilt_deg, -90.0, 90.0)
    return km, ghz


def rain_attenuation(
    *,
    rain_mm_h: float,
    distance_m: float,
    freq_mhz: float,
    elevation_deg: float = 0.0,
    tilt_deg: float = 0.0,
    time_pct: float = 0.01,
) -> RainAttenuation:
    """Return the attenuation by rain that is exceeded for a percentage of the average year.

    Parameters
    ----------
    rain_mm_h : float
        Rain rate that is exceeded 0.01 % of the average year, mm/h, over one minute; 0 to 250.
    distance_m : float
        Length of the path, m; to 100,000. The Recommendation holds to 60 km at least: see `rain_warnings`.
    freq_mhz : float
        Frequency, MHz; 1000 to 100,000.
    elevation_deg : float
        Elevation of the path, degrees.
    tilt_deg : float
        Tilt of the polarisation from the horizontal, degrees: 0 horizontal, 90 vertical, 45 circular.
    time_pct : float
        Percentage of the year, 0.001 to 1.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.530-18, section 2.4.1, eq. 32 to 36; ITU-R P.838-3.
    """
    km, ghz = _check(distance_m, freq_mhz, rain_mm_h, elevation_deg, tilt_deg)
    check_within(msg("The percentage of time"), time_pct, *RAIN_TIME_PCT)
    k, alpha, specific, factor = rain_kernel(km, ghz, rain_mm_h, elevation_deg, tilt_deg)
    c1, c2, c3 = time_law_kernel(ghz)
    law = c1 * math.pow(time_pct, -(c2 + c3 * math.log10(time_pct)))  # eq. 34
    return RainAttenuation(k, alpha, specific, factor, specific * km * factor * law)


def rain_outage(
    margin_db: float,
    *,
    rain_mm_h: float,
    distance_m: float,
    freq_mhz: float,
    elevation_deg: float = 0.0,
    tilt_deg: float = 0.0,
) -> RainOutage:
    """Return how much of the average year rain costs a link more than its margin.

    Parameters
    ----------
    margin_db : float
        Fade margin, dB; 0 and more.
    rain_mm_h, distance_m, freq_mhz, elevation_deg, tilt_deg
        As for `rain_attenuation`, but any frequency below 5 GHz too, where rain is left out.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.530-18, section 2.4.1, eq. 34 solved for the percentage of time.
    """
    check_within(msg("The fade margin, dB,"), margin_db, 0.0, math.inf)
    if 0.0 < freq_mhz * 1e-3 < NO_RAIN_GHZ:
        return RainOutage(0.0, Bound.EXACT)
    rain = rain_attenuation(
        rain_mm_h=rain_mm_h,
        distance_m=distance_m,
        freq_mhz=freq_mhz,
        elevation_deg=elevation_deg,
        tilt_deg=tilt_deg,
    )
    at_001 = rain.specific_attenuation_db_per_km * distance_m * 1e-3 * rain.r_factor
    if at_001 <= 0.0:
        return RainOutage(0.0, Bound.EXACT)
    if margin_db <= 0.0:
        return RainOutage(RAIN_TIME_PCT[1], Bound.AT_LEAST)
    pct = math.pow(10.0, outage_kernel(margin_db, at_001, freq_mhz * 1e-3))
    if pct <= RAIN_TIME_PCT[0]:
        return RainOutage(RAIN_TIME_PCT[0], Bound.AT_MOST)
    if pct >= RAIN_TIME_PCT[1]:
        return RainOutage(RAIN_TIME_PCT[1], Bound.AT_LEAST)
    return RainOutage(pct, Bound.EXACT)


def rain_warnings(distance_m: float) -> tuple[Message, ...]:
    """Return in what a path is outside the validity of the method though it is computed."""
    if distance_m * 1e-3 <= _VALID_KM:
        return ()
    return (msg("Rain is predicted for links of up to 60 km; on {km:.0f} km it is a guess.", km=distance_m * 1e-3),)

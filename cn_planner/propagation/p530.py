"""Fading of line-of-sight links in clear air (ITU-R P.530-18, section 2.3): how often a fade is deeper than A dB.

The geoclimatic factor K and the refractivity increase dN75 stand in maps that may not be shipped: both are given.
Where they are not known there is the older formula of Barnett with three kinds of climate. For rain see `p530_rain`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from cn_planner.message import Message, msg
from cn_planner.propagation.checks import check_within
from cn_planner.propagation.kernel import kernel

SHORT_KM = 5.0
"""Up to this length multipath fading "can be set to zero" (section 2.3.1)."""
_LEAST_KM = 1e-6
LONGEST_KM = 300.0
FREQ_GHZ = (0.45, 100.0)
"""The formula is fitted from 450 MHz, and "expected to be valid for frequencies to at least 45 GHz": above, told."""
EXPECTED_GHZ = 45.0
K_LIMITS = (1e-9, 1.0)
DN75_LIMITS = (0.0, 500.0)
AMSL_LIMITS_M = (-500.0, 9000.0)
STEEPEST_MRAD = 1000.0
"""A path as steep as it is long; multipath falls with the inclination, so that more is never worse."""
DEEPEST_DB = 100.0
MONOTONE_PCT = 2000.0
"""Below this occurrence factor the curve of shallow fades falls with depth everywhere (section 2.3.2)."""
_FITTED_KM = (7.5, 300.0)
_FITTED_MRAD = 37.0
_FITTED_LOWER_M = (17.0, 2300.0)
_FITTED_CLEAR_M = (26.0, 1180.0)
_FITTED_DN75 = 54.0
_LEAST_GHZ_KM = 15.0  # eq. 10: the lowest frequency, GHz, is this by the length, km


class FadePercentages(NamedTuple):
    """How often a fade depth is exceeded, % of the time.

    Attributes
    ----------
    worst_month_deep : float
        In the average worst month, by the law of deep fades alone; over 100 where that law does not hold.
    worst_month : float
        In the average worst month.
    year : float
        In the average year.
    year_as_implemented : float
        In the average year, as programs of OFCOM and CRC have it, to be held against them; see `fade_percentages`.
    """

    worst_month_deep: float
    worst_month: float
    year: float
    year_as_implemented: float


@kernel
def midpath_clearance_kernel(distance_km: float, amsl_a_m: float, amsl_b_m: float, ground_amsl_m: float) -> float:
    """Mean clearance of the path over the ground, m (eq. 6)."""
    return 0.5 * (amsl_a_m + amsl_b_m) - distance_km * distance_km / 102.0 - ground_amsl_m


@kernel
def occurrence_kernel(
    k: float, dn75: float, distance_km: float, freq_ghz: float, amsl_a_m: float, amsl_b_m: float, ground_amsl_m: float
) -> float:
    """Multipath occurrence factor p0, % of the average worst month (eq. 11)."""
    inclination = abs(amsl_b_m - amsl_a_m) / distance_km  # eq. 5, mrad
    clear = midpath_clearance_kernel(distance_km, amsl_a_m, amsl_b_m, ground_amsl_m)
    limit = dn75 * math.pow(distance_km, 1.5) * math.sqrt(freq_ghz) / 24730.0  # eq. 9
    # Deep under the ground the exponential leaves what a float can hold; the limit has long taken over there.
    bent = math.pow(dn75 / 50.0, 1.8) * math.exp(min(-clear / (2.5 * math.sqrt(distance_km)), 500.0))
    exponent = (
        -0.376 * math.tanh((clear - 147.0) / 125.0)
        - 0.334 * math.pow(inclination, 0.39)
        - 0.00027 * min(amsl_a_m, amsl_b_m)
        + 17.85 * min(bent, limit)  # eq. 8
    )
    spread = k * math.pow(distance_km, 3.51) * math.pow(freq_ghz * freq_ghz + 13.0, 0.447)
    return spread * math.pow(10.0, min(exponent, 250.0))


@kernel
def barnett_kernel(climate_factor: float, distance_km: float, freq_ghz: float) -> float:
    """Multipath occurrence factor, % of the worst month, by Barnett: c f / 4 D^3 10^-5 of the time, D in miles."""
    return 1e-3 * climate_factor * 0.25 * freq_ghz * math.pow(distance_km / 1.609344, 3.0)


@kernel
def _slope(fade_db: float) -> float:
    return (1.0 + 0.3 * math.pow(10.0, -fade_db / 20.0)) * math.pow(10.0, -0.016 * fade_db)


@kernel
def _lift(fade_db: float) -> float:
    return 4.3 * (math.pow(10.0, -fade_db / 20.0) + fade_db / 800.0)


@kernel
def shallow_kernel(fade_db: float, transition_db: float, transition_pct: float) -> float:
    """How often a fade is exceeded, %, by the curve through the transition (eq. 15 to 18)."""
    # "The value of p_t should be limited to 99.9999 %", so that the logarithm exists. Logarithm and exponential stand
    # as the equations have them, down to where a float cannot tell: log1p and expm1 would be surer already below
    # 1e-8 %, some milliseconds a year, and differ there from every other program.
    there = min(transition_pct, 99.9999)
    inner = -math.log((100.0 - there) / 100.0) if there > 1e-9 else -math.log1p(-there / 100.0)
    through = -20.0 * math.log10(inner) / transition_db  # eq. 15
    q_t = (through - 2.0) / _slope(transition_db) - _lift(transition_db)  # eq. 16
    q_a = 2.0 + _slope(fade_db) * (q_t + _lift(fade_db))  # eq. 17
    return 100.0 * (1.0 - math.exp(-math.pow(10.0, min(-q_a * fade_db / 20.0, 3.0))))  # eq. 18


@kernel
def year_factor_kernel(latitude_deg: float, distance_km: float, inclination_mrad: float) -> float:
    """Logarithmic geoclimatic conversion factor, worst month to year, dB, before its limit (section 2.3.4, step 2)."""
    turn = math.pow(abs(math.cos(2.0 * math.radians(latitude_deg))), 0.7)
    part = 1.1 + turn if abs(latitude_deg) <= 45.0 else 1.1 - turn
    return 10.5 - 5.6 * math.log10(part) - 2.7 * math.log10(distance_km) + 1.7 * math.log10(1.0 + abs(inclination_mrad))


@kernel
def fade_kernel(fade_db: float, occurrence_pct: float, year_factor_db: float) -> tuple[float, float, float, float]:
    """How often a fade is exceeded, %, as the fields of `FadePercentages`; the conversion factor without its limit."""
    deep = occurrence_pct * math.pow(10.0, -fade_db / 10.0)  # eq. 7, 13
    transition = 25.0 + 1.2 * math.log10(occurrence_pct)  # eq. 12
    # The limit of section 2.3.4 is an upper one: the year holds its worst month, so that a fade takes at least a
    # twelfth, 10.8 dB less, of the month's share of time. Programs that bring the factor up to 10.8 dB have less.
    per_year = math.pow(10.0, -min(year_factor_db, 10.8) / 10.0)
    # So rare that the curve has no transition to go through, or that its logarithm would be of 0.
    if transition <= 1.0:
        return deep, deep, deep * per_year, deep * per_year
    there = occurrence_pct * math.pow(10.0, -transition / 10.0)  # eq. 14
    implemented = shallow_kernel(fade_db, transition, there * math.pow(10.0, -max(year_factor_db, 10.8) / 10.0))
    if fade_db >= transition:
        return deep, deep, deep * per_year, implemented
    month = shallow_kernel(fade_db, transition, there)
    return deep, month, shallow_kernel(fade_db, transition, there * per_year), implemented


def check_path(
    distance_m: float, freq_mhz: float, amsl_a_m: float, amsl_b_m: float, ground_amsl_m: float, latitude_deg: float
) -> None:
    """Raise InputError, naming parameter, value and range, where fading of a path has no prediction."""
    check_within(msg("The length of the path, km,"), distance_m * 1e-3, _LEAST_KM, LONGEST_KM)
    check_within(msg("The frequency of multipath fading, GHz,"), freq_mhz * 1e-3, *FREQ_GHZ)
    for height in (amsl_a_m, amsl_b_m):
        check_within(msg("The height of an antenna above sea level, m,"), height, *AMSL_LIMITS_M)
    check_within(msg("The mean height of the ground above sea level, m,"), ground_amsl_m, *AMSL_LIMITS_M)
    check_within(msg("The latitude, degrees,"), latitude_deg, -90.0, 90.0)


def occurrence_pct(
    *,
    geoclimatic_k: float,
    dn75: float,
    distance_m: float,
    freq_mhz: float,
    amsl_a_m: float,
    amsl_b_m: float,
    ground_amsl_m: float,
) -> float:
    """Return the multipath occurrence factor p0: where the law of deep fades meets a fade of 0 dB.

    Parameters
    ----------
    geoclimatic_k : float
        Geoclimatic factor K of the average worst month, %; 1e-9 to 1.
    dn75 : float
        Refractivity increase over the lowest 75 m in 0.1 % of the average worst month, N-units; 0 to 500.
    distance_m : float
        Length of the path, m.
    freq_mhz : float
        Frequency, MHz; 450 to 100,000.
    amsl_a_m, amsl_b_m : float
        Antennas above sea level, m.
    ground_amsl_m : float
        Mean height of the ground along the path above sea level, without trees, m.

    Returns
    -------
    float
        % of the average worst month; may be far above 100.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.530-18, section 2.3.1, eq. 5 to 9, and section 2.3.2, eq. 11.
    """
    check_path(distance_m, freq_mhz, amsl_a_m, amsl_b_m, ground_amsl_m, 0.0)
    check_within(msg("The geoclimatic factor K, %,"), geoclimatic_k, *K_LIMITS)
    check_within(msg("dN75, N-units,"), dn75, *DN75_LIMITS)
    return occurrence_kernel(geoclimatic_k, dn75, distance_m * 1e-3, freq_mhz * 1e-3, amsl_a_m, amsl_b_m, ground_amsl_m)


def barnett_occurrence_pct(climate_factor: float, distance_m: float, freq_mhz: float) -> float:
    """Return the multipath occurrence factor where neither K nor dN75 is known.

    Parameters
    ----------
    climate_factor : float
        4 over water and on humid coasts, 1 for average terrain and climate, 0.25 in mountains and dry climate.
    distance_m, freq_mhz : float
        As for `occurrence_pct`.

    Returns
    -------
    float
        % of the worst month.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    W. T. Barnett, Multipath propagation at 4, 6, and 11 GHz, Bell System Technical Journal 51 (2), 1972.
    """
    check_path(distance_m, freq_mhz, 0.0, 0.0, 0.0, 0.0)
    check_within(msg("The climate factor of multipath fading"), climate_factor, 0.01, 10.0)
    return barnett_kernel(climate_factor, distance_m * 1e-3, freq_mhz * 1e-3)


def fade_percentages(
    fade_db: float, p0_pct: float, *, distance_m: float, inclination_mrad: float, latitude_deg: float
) -> FadePercentages:
    """Return how often a fade is deeper than a depth, from the occurrence factor.

    `FadePercentages.year_as_implemented` differs from ``year`` in two points in which the programs of OFCOM and CRC
    leave the text of section 2.3.4: the conversion factor is brought up to 10.8 dB where the text brings it down to
    that, and the curve of shallow fades is drawn on over deep ones where the text has the law of deep fades.

    Parameters
    ----------
    fade_db : float
        Depth of the fade, dB; 0 to 100.
    p0_pct : float
        Multipath occurrence factor, % of the average worst month.
    distance_m : float
        Length of the path, m; all fades are 0 up to 5 km.
    inclination_mrad : float
        Inclination of the path, mrad: difference of the antennas' heights, m, by length, km.
    latitude_deg : float
        Latitude of the path.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.530-18, sections 2.3.2 and 2.3.4.
    """
    check_path(distance_m, 1000.0, 0.0, 0.0, 0.0, latitude_deg)
    check_within(msg("The depth of the fade, dB,"), fade_db, 0.0, DEEPEST_DB)
    check_within(msg("The multipath occurrence factor, %,"), p0_pct, 0.0, math.inf)
    check_within(msg("The inclination of the path, mrad,"), inclination_mrad, -STEEPEST_MRAD, STEEPEST_MRAD)
    if distance_m * 1e-3 <= SHORT_KM or p0_pct <= 0.0:
        return FadePercentages(0.0, 0.0, 0.0, 0.0)
    factor = year_factor_kernel(latitude_deg, distance_m * 1e-3, inclination_mrad)
    return FadePercentages(*fade_kernel(fade_db, p0_pct, factor))


def multipath_fading(
    fade_db: float,
    *,
    geoclimatic_k: float,
    dn75: float,
    distance_m: float,
    freq_mhz: float,
    amsl_a_m: float,
    amsl_b_m: float,
    ground_amsl_m: float,
    latitude_deg: float,
) -> FadePercentages:
    """Return how often a fade is deeper than a depth; parameters as for `occurrence_pct` and `fade_percentages`.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.530-18, sections 2.3.1, 2.3.2 and 2.3.4.
    """
    p0 = occurrence_pct(
        geoclimatic_k=geoclimatic_k,
        dn75=dn75,
        distance_m=distance_m,
        freq_mhz=freq_mhz,
        amsl_a_m=amsl_a_m,
        amsl_b_m=amsl_b_m,
        ground_amsl_m=ground_amsl_m,
    )
    inclination = abs(amsl_b_m - amsl_a_m) / (distance_m * 1e-3)
    return fade_percentages(fade_db, p0, distance_m=distance_m, inclination_mrad=inclination, latitude_deg=latitude_deg)


def fading_warnings(
    *,
    distance_m: float,
    freq_mhz: float,
    amsl_a_m: float,
    amsl_b_m: float,
    ground_amsl_m: float,
    dn75: float = 0.0,
    p0_pct: float = 0.0,
) -> tuple[Message, ...]:
    """Return in what a path is outside the links that the formula of multipath fading was fitted to (section 2.3.1)."""
    km, ghz = distance_m * 1e-3, freq_mhz * 1e-3
    if km <= SHORT_KM:
        return ()
    clear = midpath_clearance_kernel(km, amsl_a_m, amsl_b_m, ground_amsl_m)
    lower = min(amsl_a_m, amsl_b_m)
    found = []
    if not ghz >= _LEAST_GHZ_KM / km:
        found.append(
            msg(
                "Multipath fading is predicted from {least_ghz:.2f} GHz upwards on {km:.1f} km; here it is a guess.",
                least_ghz=_LEAST_GHZ_KM / km,
                km=km,
            )
        )
    if ghz > EXPECTED_GHZ:
        found.append(msg("Multipath fading is known up to 45 GHz; at {ghz:.4g} GHz it is a guess.", ghz=ghz))
    if (
        not _FITTED_KM[0] <= km <= _FITTED_KM[1]
        or abs(amsl_b_m - amsl_a_m) / km > _FITTED_MRAD
        or not _FITTED_LOWER_M[0] <= lower <= _FITTED_LOWER_M[1]
        or not _FITTED_CLEAR_M[0] <= clear <= _FITTED_CLEAR_M[1]
        or dn75 > _FITTED_DN75
    ):
        found.append(
            msg(
                "The path is unlike those that multipath fading was measured on: {km:.1f} km, lower antenna "
                "{lower_m:.0f} m above sea level, {clear_m:.0f} m over the mean ground.",
                km=km,
                lower_m=lower,
                clear_m=clear,
            )
        )
    if p0_pct >= MONOTONE_PCT:
        found.append(msg("Multipath fading is so frequent here that shallow fades are not told well."))
    return tuple(found)

"""Rain rate of a place (ITU-R P.837): by the month's rain and temperature, or by its rain zone.

ITU's maps of the rain rate may not be shipped. What a weather station writes down each month is enough for the method
behind the maps; the old zones are a rough answer where not even that is known.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.propagation.checks import check_within

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS = 12
MONTHLY_RAIN_MM = (0.0, 5000.0)
MONTHLY_TEMPERATURE_C = (-60.0, 60.0)
_TIME_PCT = (1e-4, 100.0)
_DAYS = (31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0)
_DAYS_OF_YEAR = 365.25
_MOST_RAINY_PCT = 70.0
_SPREAD = 1.26
_SHIFT = 0.7938
_HIGHEST_MM_H = 1e6

ZONE_RATES_MM_H: dict[str, float] = {
    "A": 8.0,
    "B": 12.0,
    "C": 15.0,
    "D": 19.0,
    "E": 22.0,
    "F": 28.0,
    "G": 30.0,
    "H": 32.0,
    "J": 35.0,
    "K": 42.0,
    "L": 60.0,
    "M": 63.0,
    "N": 95.0,
    "P": 145.0,
    "Q": 115.0,
}
"""Rain rate that is exceeded 0.01 % of the year, by rain climatic zone (ITU-R P.837-1, table 1)."""


def zone_rain_rate_mm_h(zone: str) -> float:
    """Return the rain rate that is exceeded 0.01 % of the average year in a rain zone, mm/h.

    Raises
    ------
    InputError
        Where there is no such zone.

    References
    ----------
    ITU-R P.837-1, table 1.
    """
    if zone not in ZONE_RATES_MM_H:
        raise InputError(
            msg("There is no rain zone {zone}.", zone=zone),
            fix=msg("There are {zones}.", zones=", ".join(ZONE_RATES_MM_H)),
        )
    return ZONE_RATES_MM_H[zone]


def _months(rain_mm: Sequence[float], temperature_c: Sequence[float]) -> list[tuple[float, float, float]]:
    """Return days, probability of rain in %, and rain rate r of each month (steps 5 and 6)."""
    if len(rain_mm) != MONTHS or len(temperature_c) != MONTHS:
        raise InputError(
            msg(
                "There are {rain} figures of monthly rain and {temperature} of monthly temperature; each needs 12.",
                rain=len(rain_mm),
                temperature=len(temperature_c),
            )
        )
    found = []
    for days, rain, temperature in zip(_DAYS, rain_mm, temperature_c, strict=True):
        check_within(msg("The rain of a month, mm,"), rain, *MONTHLY_RAIN_MM)
        check_within(msg("The mean temperature of a month, °C,"), temperature, *MONTHLY_TEMPERATURE_C)
        rate = 0.5874 * math.exp(0.0883 * max(temperature, 0.0))  # eq. 1
        rainy = 100.0 * rain / (24.0 * days * rate)  # eq. 2
        if rainy > _MOST_RAINY_PCT:  # step 6b
            rainy, rate = _MOST_RAINY_PCT, 100.0 / _MOST_RAINY_PCT * rain / (24.0 * days)
        found.append((days, rainy, rate))
    return found


def _exceeded_pct(rate_mm_h: float, months: list[tuple[float, float, float]]) -> float:
    """Return how much of the year it rains harder than a rate, % (eq. 6 to 8)."""
    level = math.log(rate_mm_h) + _SHIFT
    total = 0.0
    for days, rainy, rate in months:
        if rainy > 0.0:
            total += days * rainy * 0.5 * math.erfc((level - math.log(rate)) / (_SPREAD * math.sqrt(2.0)))
    return total / _DAYS_OF_YEAR


def rain_probability_pct(rain_mm: Sequence[float], temperature_c: Sequence[float]) -> float:
    """Return how much of the average year it rains, %; parameters as for `rain_rate_mm_h`.

    References
    ----------
    ITU-R P.837-7, Annex 1, eq. 3.
    """
    return sum(days * rainy for days, rainy, _rate in _months(rain_mm, temperature_c)) / _DAYS_OF_YEAR


def rain_rate_mm_h(rain_mm: Sequence[float], temperature_c: Sequence[float], time_pct: float = 0.01) -> float:
    """Return the rain rate that is exceeded for a percentage of the average year, over one minute.

    Parameters
    ----------
    rain_mm : sequence of float, length 12
        Mean total rain of each month from January, mm; 0 to 5000.
    temperature_c : sequence of float, length 12
        Mean temperature of each month near the ground, degrees Celsius; -60 to 60.
    time_pct : float
        Percentage of the year, 0.0001 to 100.

    Returns
    -------
    float
        mm/h; 0 where it rains less often than that.

    Raises
    ------
    InputError
        Where there are not twelve of each, or a value is outside its range.

    References
    ----------
    ITU-R P.837-7, Annex 1, steps 4 to 8, eq. 1 to 8. The Recommendation stops within 0.001 % of the percentage; here
    the rate is bisected to the last digit.
    """
    check_within(msg("The percentage of time"), time_pct, *_TIME_PCT)
    months = _months(rain_mm, temperature_c)
    if time_pct > sum(days * rainy for days, rainy, _rate in months) / _DAYS_OF_YEAR:
        return 0.0
    # In logarithms: at the low end it rains as often as at all, at the high end never.
    low, high = -40.0, math.log(_HIGHEST_MM_H)
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            return math.exp(middle)
        if _exceeded_pct(math.exp(middle), months) > time_pct:
            low = middle
        else:
            high = middle

"""How much of the average year a link works: what layers of air and rain take of it, from its fade margins.

What is counted is fading alone. Obstacles, failing radios and power, and interference come on top; so does what a
wide channel suffers when only a part of it fades.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.propagation.p530 import (
    DEEPEST_DB,
    FREQ_GHZ,
    LONGEST_KM,
    SHORT_KM,
    STEEPEST_MRAD,
    barnett_occurrence_pct,
    fade_percentages,
    fading_warnings,
    occurrence_pct,
)
from cn_planner.propagation.p530_rain import (
    LONGEST_RAIN_KM,
    NO_RAIN_GHZ,
    Bound,
    rain_attenuation,
    rain_outage,
    rain_warnings,
)

if TYPE_CHECKING:
    from cn_planner.links.conditions import Conditions
    from cn_planner.links.weather import Weather
    from cn_planner.terrain.profile import PathProfile

HOURS_A_YEAR = 365.25 * 24.0
_TILT_DEG = {"H": 0.0, "V": 90.0}


@dataclass(frozen=True, slots=True)
class Availability:
    """How much of the average year a link works, with its outages by cause.

    Attributes
    ----------
    pct : float or None
        Percentage of the average year in which both directions work.
    down_pct, up_pct : float or None
        The same for each direction.
    multipath_pct, rain_pct : float or None
        Percentage of the year that each cause takes from the link.
    hours_a_year : float or None
        Hours of the average year in which it does not work.
    at_least : bool
        Whether it works that much or more: rain takes less than the method can tell, and counts with 0.001 %.
    warnings : tuple of Message
        Why something cannot be said, or is a guess.

    What cannot be said is None.
    """

    pct: float | None
    down_pct: float | None
    up_pct: float | None
    multipath_pct: float | None
    rain_pct: float | None
    hours_a_year: float | None
    at_least: bool
    warnings: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Path:
    distance_m: float
    amsl_a_m: float
    amsl_b_m: float
    freq_mhz: float
    tilt_deg: float
    ground_amsl_m: float
    latitude_deg: float

    @property
    def inclination_mrad(self) -> float:
        return abs(self.amsl_b_m - self.amsl_a_m) / (self.distance_m * 1e-3)

    @property
    def elevation_deg(self) -> float:
        return math.degrees(math.atan2(self.amsl_b_m - self.amsl_a_m, self.distance_m))


def _occurrence(path: _Path, weather: Weather) -> tuple[float | None, tuple[Message, ...]]:
    """Return the multipath occurrence factor, %, None where it cannot be said, and what is to be told of it."""
    if path.distance_m <= SHORT_KM * 1e3:
        return 0.0, ()
    ghz, km = path.freq_mhz * 1e-3, path.distance_m * 1e-3
    if not FREQ_GHZ[0] <= ghz <= FREQ_GHZ[1] or km > LONGEST_KM:
        return None, (
            msg(
                "Fading by layers of air is not predicted at {ghz:.4g} GHz on {km:.0f} km: the availability is "
                "not known.",
                ghz=ghz,
                km=km,
            ),
        )
    place = {"amsl_a_m": path.amsl_a_m, "amsl_b_m": path.amsl_b_m, "ground_amsl_m": path.ground_amsl_m}
    if weather.geoclimatic_k is None or weather.dn75 is None:
        p0 = barnett_occurrence_pct(weather.climate_factor, path.distance_m, path.freq_mhz)
    else:
        p0 = occurrence_pct(
            geoclimatic_k=weather.geoclimatic_k,
            dn75=weather.dn75,
            distance_m=path.distance_m,
            freq_mhz=path.freq_mhz,
            **place,
        )
    told = fading_warnings(
        distance_m=path.distance_m, freq_mhz=path.freq_mhz, dn75=weather.dn75 or 0.0, p0_pct=p0, **place
    )
    return p0, told


@dataclass(frozen=True, slots=True)
class _Outage:
    """What each cause takes of the year, %; None where it cannot be said, with the reason."""

    multipath_pct: float | None = None
    rain_pct: float | None = None
    at_most: bool = False
    told: tuple[Message, ...] = ()

    @property
    def works_pct(self) -> float | None:
        if self.multipath_pct is None or self.rain_pct is None:
            return None
        # "The exceedance percentages for a given fade depth corresponding to each of these mechanisms can be added"
        # (P.530-18, section 2.4).
        return max(100.0 - self.multipath_pct - self.rain_pct, 0.0)


def _outage(margin_db: float, p0: float | None, path: _Path, weather: Weather) -> _Outage:
    if margin_db <= 0.0:
        return _Outage(told=(msg("There is no fade margin: the link fails more often than weather tells."),))
    multipath = p0
    if p0:
        fades = fade_percentages(
            min(margin_db, DEEPEST_DB),
            p0,
            distance_m=path.distance_m,
            inclination_mrad=min(max(path.inclination_mrad, -STEEPEST_MRAD), STEEPEST_MRAD),
            latitude_deg=path.latitude_deg,
        )
        multipath = min(fades.year, 100.0)  # the law of deep fades passes 100 % where all is fading
    if path.freq_mhz * 1e-3 < NO_RAIN_GHZ:
        return _Outage(multipath, 0.0)
    if path.distance_m > LONGEST_RAIN_KM * 1e3:
        told = msg("Rain is not predicted on {km:.0f} km: the availability is not known.", km=path.distance_m * 1e-3)
        return _Outage(multipath, told=(told,))
    rain = rain_outage(
        margin_db,
        rain_mm_h=weather.rain_rate_mm_h,
        distance_m=path.distance_m,
        freq_mhz=path.freq_mhz,
        elevation_deg=path.elevation_deg,
        tilt_deg=path.tilt_deg,
    )
    if rain.bound is Bound.AT_MOST:  # whatever the rain: it need not be asked for
        return _Outage(multipath, rain.pct, at_most=True, told=rain_warnings(path.distance_m))
    guessed = (*rain_warnings(path.distance_m), *weather.warnings)
    if rain.bound is Bound.AT_LEAST:
        told = msg("Rain takes more than 1 % of the year from this link: the availability is not known.")
        return _Outage(multipath, told=(told, *guessed))
    return _Outage(multipath, rain.pct, told=guessed)


def availability(
    distance_m: float,
    height_a_amsl_m: float,
    height_b_amsl_m: float,
    freq_mhz: float,
    pol: str,
    margin_down_db: float,
    margin_up_db: float,
    weather: Weather,
    *,
    ground_amsl_m: float,
    latitude_deg: float,
) -> Availability:
    """Return how much of the average year a link works, both ways.

    A fade hits both directions of a link alike: the link as a whole has the outage of its lesser margin.

    Parameters
    ----------
    distance_m : float
        Length of the path, m.
    height_a_amsl_m, height_b_amsl_m : float
        Antennas above sea level, m.
    freq_mhz : float
        Frequency, MHz.
    pol : {"V", "H"}
        Polarisation.
    margin_down_db, margin_up_db : float
        Fade margins of the two directions, dB, with all that is lost in the median already taken off.
    weather : Weather
        Rain and air.
    ground_amsl_m : float
        Mean height of the ground along the path above sea level, m, without trees.
    latitude_deg : float
        Latitude of the path.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.530-18, sections 2.3, 2.4 and 7.
    """
    if pol not in _TILT_DEG:
        raise InputError(msg("The polarisation is {pol}; it must be V or H.", pol=pol))
    if not (0.0 < distance_m < math.inf and 0.0 < freq_mhz < math.inf):
        raise InputError(msg("Length and frequency of a link must be above 0."))
    if math.isnan(margin_down_db) or math.isnan(margin_up_db):
        raise InputError(msg("The fade margin of a link is not a number."))
    path = _Path(distance_m, height_a_amsl_m, height_b_amsl_m, freq_mhz, _TILT_DEG[pol], ground_amsl_m, latitude_deg)
    p0, told = _occurrence(path, weather)
    ends = {margin: _outage(margin, p0, path, weather) for margin in (margin_down_db, margin_up_db)}
    link = ends[min(margin_down_db, margin_up_db)]
    works = link.works_pct
    return Availability(
        pct=works,
        down_pct=ends[margin_down_db].works_pct,
        up_pct=ends[margin_up_db].works_pct,
        multipath_pct=link.multipath_pct,
        rain_pct=link.rain_pct,
        hours_a_year=None if works is None else (100.0 - works) * HOURS_A_YEAR / 100.0,
        at_least=link.at_most,
        warnings=(*told, *link.told),
    )


def rain_loss_db(
    distance_m: float, height_a_amsl_m: float, height_b_amsl_m: float, freq_mhz: float, pol: str, weather: Weather
) -> float:
    """Return what rain costs for 0.01 % of the average year, 53 minutes, dB; 0 below 5 GHz.

    Parameters as for `availability`. It is no part of the median loss.

    Raises
    ------
    InputError
        Where a value is outside its range; the path may be up to 100 km long.

    References
    ----------
    ITU-R P.530-18, section 2.4.1.
    """
    if pol not in _TILT_DEG:
        raise InputError(msg("The polarisation is {pol}; it must be V or H.", pol=pol))
    if freq_mhz * 1e-3 < NO_RAIN_GHZ:
        return 0.0
    return rain_attenuation(
        rain_mm_h=weather.rain_rate_mm_h,
        distance_m=distance_m,
        freq_mhz=freq_mhz,
        elevation_deg=math.degrees(math.atan2(height_b_amsl_m - height_a_amsl_m, distance_m)),
        tilt_deg=_TILT_DEG[pol],
    ).rain_attenuation_db


def fading_of(
    profile: PathProfile,
    amsl_m: tuple[float, float],
    freq_mhz: float,
    pol: str,
    margins_db: tuple[float, float],
    air: Conditions,
) -> tuple[Availability | None, tuple[Message, ...]]:
    """Return how much of the year a link in sight works, and what is to be told of that; none without a margin."""
    if min(margins_db) <= 0.0:
        return None, ()  # the verdict says what is missing
    middle = len(profile.latitude) // 2
    steps = np.diff(profile.distance_m)
    ground = float(np.sum(steps * (profile.ground_m[1:] + profile.ground_m[:-1])) / (2.0 * profile.length_m))
    found = availability(
        profile.length_m,
        *amsl_m,
        freq_mhz,
        pol,
        *margins_db,
        air.weather,
        ground_amsl_m=ground,
        latitude_deg=float(profile.latitude[middle]),
    )
    return found, found.warnings

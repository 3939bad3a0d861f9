"""The sun on a panel, hour by hour through an average year, from twelve figures or from a clear sky.

Days of a month differ as days do: their clearness follows the distribution of Bendt and others, dull days come together
as often as Graham and others found, and the dullest of each month stand in a row. The days are the distribution's
quantiles, so that each month has the sun that is said of it to the last bit, and the same input gives the same year.
Hours are solar time; the panel faces the equator.

Sources: J. W. Spencer, Search 2 (1971), for declination and distance; M. Collares-Pereira and A. Rabl, Solar Energy 22
(1979), for the hours of a day; D. G. Erbs, S. A. Klein and J. A. Duffie, Solar Energy 28 (1982), for what of a day is
diffuse; B. Y. H. Liu and R. C. Jordan, Solar Energy 7 (1963), for tilted surfaces; P. Bendt, M. Collares-Pereira and
A. Rabl, Solar Energy 27 (1981), and K. G. T. Hollands and R. G. Huget, Solar Energy 30 (1983), for clearness;
V. A. Graham, K. G. T. Hollands and T. E. Unny, Solar Energy 40 (1988), for its order; B. Haurwitz, J. Meteorology 2
(1945), for the clear sky. All but the last stand together in J. A. Duffie and W. A. Beckman, Solar
Engineering of Thermal Processes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.model.power import Sun

    Floats = NDArray[np.float64]
    Ranks = NDArray[np.intp]

MONTHS, DAYS, HOURS = 12, 365, 24
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MONTH_OF_DAY = np.repeat(np.arange(MONTHS), MONTH_DAYS)
SOLAR_CONSTANT_W_M2 = 1361.0  # G. Kopp and J. L. Lean, Geophys. Res. Lett. 38 (2011)
TILTS_DEG = tuple(range(10, 80, 5))
"""Tilts to choose from: less than 10 degrees and rain does not wash the panel."""
_GROUND_REFLECTS = 0.2  # of bare ground: Liu and Jordan
_KMIN = 0.05  # of the dullest day: Bendt and others
_LAG_ONE = 0.29  # Graham and others: correlation of a day's clearness with the day before
_SEED = 1
_LEAST_COS = 0.087  # the sun 5 degrees high: below, the ratio of a tilted to a level surface means nothing
_HALVINGS = 50
# Clean air on a mountain lets through more than Haurwitz saw; figures of the polar night are rounded.
_OVER_CLEAR, _LITTLE_KWH_M2 = 1.12, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Sky:
    """Where the sun stands at one latitude: (DAYS, HOURS) cosine of its zenith angle, hour angle; declination a day."""

    latitude_rad: float
    cos_zenith: Floats
    hour_rad: Floats
    declination_rad: Floats
    outside_w_m2: Floats
    """On a level surface above the air."""


@dataclass(frozen=True, slots=True, eq=False)
class SunYear:
    """The sun of an average year.

    Attributes
    ----------
    level_w_m2, panel_w_m2 : ndarray, (8760,)
        On level ground and on the panel, the mean of each hour from 1 January.
    tilt_deg : float
        Of the panel.
    """

    level_w_m2: Floats
    panel_w_m2: Floats
    tilt_deg: float

    @property
    def level_kwh_m2_day(self) -> Floats:
        """The mean day of each month on level ground."""
        return mean_days(self.level_w_m2)

    @property
    def panel_kwh_m2_day(self) -> Floats:
        """The mean day of each month on the panel."""
        return mean_days(self.panel_w_m2)


def mean_days(hours_w_m2: Floats) -> Floats:
    """Return the mean day of each month, kWh/m², of the hours of a year."""
    days = hours_w_m2.reshape(DAYS, HOURS).sum(axis=1) / 1000.0
    return np.asarray(np.bincount(MONTH_OF_DAY, days, MONTHS) / np.array(MONTH_DAYS))


def _sky(latitude_deg: float) -> _Sky:
    day_rad = 2.0 * np.pi * np.arange(DAYS) / DAYS
    one, two, three = day_rad, 2.0 * day_rad, 3.0 * day_rad
    declination = (
        0.006918 - 0.399912 * np.cos(one) + 0.070257 * np.sin(one) - 0.006758 * np.cos(two) + 0.000907 * np.sin(two)
        - 0.002697 * np.cos(three) + 0.00148 * np.sin(three)
    )  # fmt: skip
    nearness = (
        1.000110 + 0.034221 * np.cos(one) + 0.001280 * np.sin(one) + 0.000719 * np.cos(two) + 0.000077 * np.sin(two)
    )
    hour = np.radians(15.0 * (np.arange(HOURS) + 0.5 - 12.0))
    latitude = np.radians(latitude_deg)
    cosine = np.maximum(_cosine(float(latitude), declination, hour), 0.0)
    outside = SOLAR_CONSTANT_W_M2 * nearness[:, None] * cosine
    return _Sky(float(latitude), cosine, hour, declination, outside)


def _cosine(latitude_rad: float, declination_rad: Floats, hour_rad: Floats) -> Floats:
    """Return the cosine between the sun and the normal of a surface that would be level at a latitude."""
    return np.asarray(
        np.sin(latitude_rad) * np.sin(declination_rad)[:, None]
        + np.cos(latitude_rad) * np.cos(declination_rad)[:, None] * np.cos(hour_rad)[None, :]
    )


def clear_kwh_m2_day(latitude_deg: float) -> Floats:
    """Return the sun of a clear sky on level ground by Haurwitz, the mean day of each month."""
    cosine = _sky(latitude_deg).cos_zenith
    up = cosine > 0.0
    hours = np.where(up, 1098.0 * cosine * np.exp(-0.059 / np.where(up, cosine, 1.0)), 0.0)
    return mean_days(hours.ravel())


def beyond_clear_sky(sun: Sun, latitude_deg: float) -> tuple[int, ...]:
    """Return the months (0 January) of which more sun is said on level ground than a clear sky gives."""
    if not sun.monthly_kwh_m2_day or sun.tilt_deg > 0.0:
        return ()
    most = clear_kwh_m2_day(latitude_deg) * _OVER_CLEAR + _LITTLE_KWH_M2
    return tuple(int(n) for n in np.flatnonzero(np.array(sun.monthly_kwh_m2_day) > most))


def sun_year(latitude_deg: float, sun: Sun, *, cloudy_days: int = 1, tilt_deg: float | None = None) -> SunYear:
    """Return the sun of an average year on a panel.

    Parameters
    ----------
    latitude_deg : float
        Of the place, north positive.
    sun : Sun
        Twelve figures, of level ground or of a tilted surface; without them a clearness. One of them is known.
    cloudy_days : int
        How many of the dullest days of each month stand in a row.
    tilt_deg : float, optional
        Of the panel; else of `TILTS_DEG` the one that brings most in the month that then has least.
    """
    sky = _sky(latitude_deg)
    if sun.monthly_kwh_m2_day:
        said, said_tilt = np.array(sun.monthly_kwh_m2_day), sun.tilt_deg
    else:
        said, said_tilt = clear_kwh_m2_day(latitude_deg) * (sun.clearness or 0.0), 0.0
    order = _weather_order(cloudy_days)
    level = _level_days(sky, said, said_tilt, order)
    hours, diffuse = _hours(sky, level)
    tilts = TILTS_DEG if tilt_deg is None else (tilt_deg,)
    panels = [_tilted(sky, hours, diffuse, float(tilt)).ravel() for tilt in tilts]
    months = [mean_days(panel) for panel in panels]
    # Where a month has no sun at all, the year decides.
    best = max(range(len(tilts)), key=lambda n: (float(months[n].min()), float(months[n].mean()), -n))
    return SunYear(hours.ravel(), panels[best], float(tilts[best]))


def _weather_order(cloudy_days: int) -> list[Ranks]:
    """Return the rank of each day of each month by clearness, 0 the dullest."""
    lots, normal = random.Random(_SEED), NormalDist()  # noqa: S311 - the order of days, the same in every run
    state, found = 0.0, []
    for days in MONTH_DAYS:
        row = []
        for _ in range(days):
            noise = normal.inv_cdf(min(max(lots.random(), 1e-9), 1.0 - 1e-9))
            state = _LAG_ONE * state + (1.0 - _LAG_ONE**2) ** 0.5 * noise
            row.append(state)
        ranks = np.argsort(np.argsort(np.array(row), kind="stable"), kind="stable").tolist()
        dull = min(cloudy_days, days)
        at = min(ranks.index(0), days - dull)
        rest = [rank for rank in ranks if rank >= dull]
        found.append(np.array([*rest[:at], *range(dull), *rest[at:]]))
    return found


def _level_days(sky: _Sky, said: Floats, said_tilt_deg: float, order: Sequence[Ranks]) -> Floats:
    """Return the sun of each day on level ground, Wh/m²."""
    outside = sky.outside_w_m2.sum(axis=1)
    days = np.zeros(DAYS)
    for month, first in enumerate(np.cumsum((0, *MONTH_DAYS[:-1]))):
        rows = np.arange(first, first + MONTH_DAYS[month])
        above, wanted = outside[rows], float(said[month]) * 1000.0
        if not above.any() or wanted <= 0.0:
            continue
        if said_tilt_deg <= 0.0:
            days[rows] = _month_days(above, wanted, order[month])
            continue
        part = _Sky(sky.latitude_rad, sky.cos_zenith[rows], sky.hour_rad, sky.declination_rad[rows],
                    sky.outside_w_m2[rows])  # fmt: skip
        # The level sun of which the tilted surface gets what is said of it; more sun is more on any surface.
        low, high = 0.0, float(above.mean())
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            days[rows] = _month_days(above, middle, order[month])
            got = _tilted(part, *_hours(part, days[rows]), said_tilt_deg).sum() / len(rows)
            low, high = (middle, high) if got < wanted else (low, middle)
    return days


def _month_days(outside: Floats, mean_wh_m2: float, ranks: Ranks) -> Floats:
    """Return the sun of the days of a month, of which the mean is given: Bendt's distribution, in the order given."""
    mean = mean_wh_m2 / float(outside.mean())
    most = 0.6313 + 0.267 * mean - 11.9 * (mean - 0.75) ** 8
    if not _KMIN < mean < most:
        clearness = np.full(len(outside), mean)
    else:
        share = (np.arange(len(outside)) + 0.5) / len(outside)
        low, high = -300.0, 300.0
        for _ in range(_HALVINGS):
            bend = (low + high) / 2.0
            drawn = _quantiles(share, most, bend)
            low, high = (bend, high) if drawn.mean() < mean else (low, bend)
        clearness = drawn
    days = clearness[ranks] * outside
    return np.asarray(days * (mean_wh_m2 / days.mean()))


def _quantiles(share: Floats, most: float, bend: float) -> Floats:
    """Return the clearness below which a share of the days lies, from `_KMIN` to the most that a day has."""
    span = most - _KMIN
    if abs(bend) * span < 1e-6:
        return np.asarray(_KMIN + share * span)
    return np.asarray(_KMIN + np.log1p(share * np.expm1(bend * span)) / bend)


def _hours(sky: _Sky, days_wh_m2: Floats) -> tuple[Floats, Floats]:
    """Return the sun of each hour on level ground, whole and diffuse, W/m²."""
    cosine, sums = sky.cos_zenith, sky.cos_zenith.sum(axis=1, keepdims=True)
    sums = np.where(sums > 0.0, sums, 1.0)
    sunset = np.arccos(np.clip(-np.tan(sky.latitude_rad) * np.tan(sky.declination_rad), -1.0, 1.0))
    lean = np.sin(sunset - np.pi / 3.0)[:, None]
    shape = cosine * (0.409 + 0.5016 * lean + (0.6609 - 0.4767 * lean) * np.cos(sky.hour_rad)[None, :])
    shape = np.maximum(shape, 0.0)
    total = shape.sum(axis=1, keepdims=True)
    whole = days_wh_m2[:, None] * shape / np.where(total > 0.0, total, 1.0)
    outside = sky.outside_w_m2.sum(axis=1)
    clearness = np.divide(days_wh_m2, outside, out=np.zeros_like(days_wh_m2), where=outside > 0.0)
    diffuse = days_wh_m2[:, None] * _diffuse_share(clearness, sunset)[:, None] * cosine / sums
    return whole, np.minimum(diffuse, whole)


def _diffuse_share(clearness: Floats, sunset_rad: Floats) -> Floats:
    """Return the diffuse share of a day's sun by Erbs: winter days, then the others."""
    k = clearness
    winter = np.where(k < 0.715, 1.0 - 0.2727 * k + 2.4495 * k**2 - 11.9514 * k**3 + 9.3879 * k**4, 0.143)
    other = np.where(k < 0.722, 1.0 + 0.2832 * k - 2.5557 * k**2 + 0.8448 * k**3, 0.175)
    return np.where(sunset_rad <= np.radians(81.4), winter, other)


def _tilted(sky: _Sky, whole: Floats, diffuse: Floats, tilt_deg: float) -> Floats:
    """Return what falls on a surface tilted towards the equator, W/m², its sky as bright all over."""
    tilt = np.radians(tilt_deg)
    # Where the tilted surface would lie level.
    at = sky.latitude_rad - tilt if sky.latitude_rad >= 0.0 else sky.latitude_rad + tilt
    faces = np.maximum(_cosine(float(at), sky.declination_rad, sky.hour_rad), 0.0)
    ratio = faces / np.maximum(sky.cos_zenith, _LEAST_COS)
    beam = (whole - diffuse) * np.where(sky.cos_zenith > 0.0, ratio, 0.0)
    return np.asarray(
        beam + diffuse * (1.0 + np.cos(tilt)) / 2.0 + whole * _GROUND_REFLECTS * (1.0 - np.cos(tilt)) / 2.0
    )

"""What a path loses, by cause, under each model: which surface a model sees, and what its answer is split into.

Surfaces
    free-space
        None: antenna to antenna.
    p526
        The ground, and on it all that stands there (assumed trees, trees and buildings seen on site) as obstacles over
        whose tops the ray is diffracted.
    p1812
        The same two: the ground for its smooth earth and its horizons, what stands on it as clutter heights
        (P.1812-8, section 3.2). What stands at the antennas themselves does not count.
    itm
        The bare ground, with the obstacles that somebody saw on site as part of it. Assumed trees are not in it: the
        model was fitted to measurements that had trees of their own.

Parts
    The three parts add up to the total. "Diffraction" is all that a model puts on top of free space over the bare
    ground: for P.1812 and ITM that holds scatter, ducts and the percentages of time and places as well, and may be
    below 0. "Vegetation" is what the profile with all that stands on it costs more; ITM cannot say it.

Air
    Gases are part of the loss from 10 GHz on, where P.530-18, section 2.1, asks for them, under every model. Rain is
    part of it where the percentage of time reaches into it: what is not exceeded for 99.99 % of the time holds the rain
    that is exceeded for 0.01 %. Up to 99 % it counts as none, and so it does below 5 GHz (P.530-18, section 2.4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.conditions import Conditions, Model
from cn_planner.links.weather import gas_loss_db
from cn_planner.message import msg
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.propagation.p526 import p526_loss
from cn_planner.propagation.p530_rain import LONGEST_KM, NO_RAIN_GHZ, TIME_PCT, rain_attenuation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.links.weather import Weather
    from cn_planner.message import Message
    from cn_planner.propagation.itm import ItmLoss, Variability
    from cn_planner.propagation.p1812 import P1812Loss
    from cn_planner.terrain.profile import PathProfile

GAS_MHZ = 10_000.0
"""From here on gases are part of the loss."""
_GAS_STEP_M = 100.0
_SAME_M = 1e-6
_KNOWN_PATH, _MANY_PLACES = 12, 3
"""ITM's modes of variability: the path over its own profile, as the reference takes it; and with the variability from
place to place as well, where another percentage of places than half is asked for."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Loss by cause, dB; None where it was not asked for or is not known."""

    free_space_db: float | None = None
    diffraction_db: float | None = None
    vegetation_db: float | None = None
    gas_db: float | None = None
    rain_db: float | None = None
    total_db: float | None = None


class Prediction(NamedTuple):
    """What one model says of a path.

    Attributes
    ----------
    losses : Losses
    warnings : tuple of Message
        Where the model is near or beyond the limits of what it was made for, and what of the conditions it ignores.
    itm, p1812
        The model's own answer with every intermediate, where it was that model.
    """

    losses: Losses
    warnings: tuple[Message, ...] = ()
    itm: ItmLoss | None = None
    p1812: P1812Loss | None = None


def predicted(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, pol: str, air: Conditions
) -> Prediction:
    """Return what the model of the conditions says of a path, in plain Python: no compiler is loaded.

    Parameters
    ----------
    profile : PathProfile
        The ground with what stands on it; no height may be missing.
    heights_m : (float, float)
        Antennas above ground, m.
    freq_mhz : float
        Frequency, MHz.
    pol : {"V", "H"}
        Polarisation.
    air : Conditions
        Air, percentages and model.

    Raises
    ------
    InputError
        Where the path or a condition is outside the model's validity, named with its value and range.
    """
    found = _MODELS[air.model](profile, heights_m, freq_mhz, pol == "V", air)
    ends = amsl(profile, heights_m)
    gas = gas_db_per_km(freq_mhz, air.weather, 0.5 * (ends[0] + ends[1])) * profile.length_m * 1e-3
    rain = _rain_db(profile.length_m, ends, freq_mhz, pol, air)
    total = (found.losses.total_db or 0.0) + gas + (rain or 0.0)
    warnings = found.warnings
    if rain is None:
        km = profile.length_m * 1e-3
        warnings = (*warnings, msg("Rain is not predicted on {km:.0f} km: it is not in the loss.", km=km))
    return found._replace(losses=replace(found.losses, gas_db=gas, rain_db=rain, total_db=total), warnings=warnings)


def gas_db_per_km(freq_mhz: float, weather: Weather, amsl_m: float) -> float:
    """Return what the gases of the air take from a path at a mean height above sea level; 0 below `GAS_MHZ`.

    Heights count in steps of 100 m (at 60 GHz half a per cent of the loss), so that many paths have few of them.
    """
    if freq_mhz < GAS_MHZ:
        return 0.0
    return _gas_db_per_km(freq_mhz, weather, round(min(max(amsl_m, -1000.0), 11_000.0) / _GAS_STEP_M))


def gas_losses_db(
    length_m: NDArray[np.float64], freq_mhz: float, weather: Weather, amsl_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what gases take from many paths at mean heights above sea level, dB, the numbers of `predicted`.

    Parameters
    ----------
    length_m, amsl_m : ndarray
        Broadcast against each other. Where a height is NaN the loss is.
    freq_mhz : float
        Frequency, MHz.
    weather : Weather
        The air.
    """
    length, amsl_m = np.broadcast_arrays(length_m, amsl_m)
    lost = np.where(np.isnan(amsl_m), np.nan, 0.0)
    if freq_mhz < GAS_MHZ:
        return lost
    steps = np.nan_to_num(np.rint(np.clip(amsl_m, -1000.0, 11_000.0) / _GAS_STEP_M)).astype(np.int64)
    for step in np.unique(steps).tolist():
        here = steps == step
        lost[here] += _gas_db_per_km(freq_mhz, weather, step) * length[here] * 1e-3
    return lost


@lru_cache(maxsize=512)
def _gas_db_per_km(freq_mhz: float, weather: Weather, step: int) -> float:
    return gas_loss_db(1000.0, freq_mhz, weather, step * _GAS_STEP_M)


def _rain_db(length_m: float, amsl_m: tuple[float, float], freq_mhz: float, pol: str, air: Conditions) -> float | None:
    """Return the rain that is not exceeded for the percentage of time of the conditions, dB; None on too long paths."""
    exceeded_pct = 100.0 - air.time_pct
    if exceeded_pct > TIME_PCT[1] or freq_mhz * 1e-3 < NO_RAIN_GHZ:
        return 0.0
    if length_m > LONGEST_KM * 1e3:
        return None
    return rain_attenuation(
        rain_mm_h=air.weather.rain_rate_mm_h,
        distance_m=length_m,
        freq_mhz=freq_mhz,
        elevation_deg=math.degrees(math.atan2(amsl_m[1] - amsl_m[0], length_m)),
        tilt_deg=90.0 if pol == "V" else 0.0,
        time_pct=max(exceeded_pct, TIME_PCT[0]),
    ).rain_attenuation_db


def amsl(profile: PathProfile, heights_m: tuple[float, float]) -> tuple[float, float]:
    """Return the antennas of a path above sea level, m."""
    return float(profile.ground_m[0]) + heights_m[0], float(profile.ground_m[-1]) + heights_m[1]


def _free_space(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, _vertical: bool, air: Conditions
) -> Prediction:
    amsl_m = amsl(profile, heights_m)
    free = float(free_space_loss_db(math.hypot(profile.length_m, amsl_m[1] - amsl_m[0]), freq_mhz))
    return Prediction(Losses(free_space_db=free, total_db=free), _only_median(air))


def _p526(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, vertical: bool, air: Conditions
) -> Prediction:
    amsl_m = amsl(profile, heights_m)
    surface = profile.ground_m + profile.cover_m
    loss = p526_loss(profile.distance_m, profile.ground_m, surface, *amsl_m, freq_mhz, air.k_factor, vertical=vertical)
    parts = Losses(loss.free_space_db, loss.diffraction_db, loss.vegetation_db, total_db=loss.total_db)
    return Prediction(parts, _only_median(air))


def _only_median(air: Conditions) -> tuple[Message, ...]:
    if air.time_pct == air.location_pct == 50.0:
        return ()
    return (
        msg(
            "{model} knows the median alone: but for rain, {time_pct:g} % of the time and {location_pct:g} % of the "
            "places are not in its loss.",
            model=NAMES[air.model],
            time_pct=air.time_pct,
            location_pct=air.location_pct,
        ),
    )


def _p1812(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, vertical: bool, air: Conditions
) -> Prediction:
    from cn_planner.propagation.p1812 import centre_latitude_deg, location_sigma_db, p1812_loss

    distance, ground, cover = profile.distance_m, profile.ground_m, profile.cover_m
    if len(distance) == 2:  # the model needs a point between the ends
        middle = [0.0, 0.5 * profile.length_m, profile.length_m]
        ground, cover = (np.interp(middle, distance, heights) for heights in (ground, cover))
        distance = np.array(middle)
    ends = (profile.latitude[0], profile.longitude[0], profile.latitude[-1], profile.longitude[-1])
    sigma = 0.0
    if air.location_pct != 50.0:
        # Either end may be the one that stands somewhere in its square: the one that varies more.
        width = 2.0 * float(np.diff(profile.distance_m).max())  # the terrain's cell: samples are half a cell apart
        sigma = max(location_sigma_db(freq_mhz, width, heights_m[end], float(cover[end])) for end in (0, -1))

    def loss(surface: NDArray[np.float64] | None) -> P1812Loss:
        return p1812_loss(
            distance,
            ground,
            *amsl(profile, heights_m),
            freq_mhz,
            n0=air.n0,
            delta_n=air.delta_n,
            latitude_deg=float(centre_latitude_deg(*ends, profile.length_m)),
            surface_m=surface,
            vertical=vertical,
            time_pct=air.time_pct,
            location_pct=air.location_pct,
            location_sigma_db=sigma,
        )

    found = loss(ground + cover)
    free = found.steps.lbfs
    bare = loss(None).loss_db if np.any(cover[1:-1] > 0.0) else found.loss_db
    parts = Losses(free, bare - free, found.loss_db - bare, total_db=found.loss_db)
    return Prediction(parts, found.warnings, p1812=found)


def _itm(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, vertical: bool, air: Conditions
) -> Prediction:
    from cn_planner.propagation.itm import Surroundings, itm_loss

    ground, spacing = equal_steps(profile, air)
    found = itm_loss(
        ground,
        spacing,
        *heights_m,
        freq_mhz,
        vertical=vertical,
        surroundings=Surroundings(climate=air.climate, n0=air.n0),
        variability=itm_variability(air),
    )
    parts = Losses(found.free_space_db, found.loss_db - found.free_space_db, None, total_db=found.loss_db)
    return Prediction(parts, found.said, itm=found)


def itm_variability(air: Conditions) -> Variability:
    """Return the percentages and the mode of variability in which ITM is asked, for links and maps alike."""
    from cn_planner.propagation.itm import Variability

    mode = _KNOWN_PATH if air.location_pct == 50.0 else _MANY_PLACES
    return Variability(air.time_pct, air.location_pct, 50.0, mode)


def equal_steps(profile: PathProfile, air: Conditions) -> tuple[NDArray[np.float64], float]:
    """Return the ground of a path as ITM takes it, at equal steps, and the step, m.

    Samples that a profile has beside its equal steps, where an obstacle stands, are given up; the obstacle is kept: its
    top stands on the nearest of the equal steps between the ends, also where it is narrower than a step.

    Parameters
    ----------
    profile : PathProfile
        No height may be missing.
    air : Conditions
        Height and place of the assumed trees, which are not part of ITM's ground.
    """
    distance, length = profile.distance_m, profile.length_m
    cover = profile.cover_m
    if profile.cover_assumed:
        trees = air.canopy_m or float(cover.max())
        far = (distance > air.canopy_keep_out_m) & (length - distance > air.canopy_keep_out_m)
        cover = np.where(far & (np.abs(cover - trees) < _SAME_M), 0.0, cover)
    longest = float(np.diff(distance).max())
    steps = max(math.ceil(length / longest - _SAME_M), 1)
    spacing = length / steps
    if len(distance) == steps + 1:
        ground = profile.ground_m.astype(np.float64)
        at = np.arange(steps + 1)
    else:
        ground = np.interp(np.arange(steps + 1) * spacing, distance, profile.ground_m)
        ground[0], ground[-1] = profile.ground_m[0], profile.ground_m[-1]
        at = np.rint(distance / spacing).astype(np.int64)
    top = np.zeros(steps + 1)
    inner = (distance > 0.0) & (distance < length)
    np.maximum.at(top, np.clip(at[inner], 1, max(steps - 1, 1)), cover[inner])
    top[[0, -1]] = 0.0  # antennas stand on the ground, whatever is round them
    return ground + top, spacing


NAMES: dict[Model, str] = {
    Model.P526: "P.526",
    Model.P1812: "P.1812",
    Model.ITM: "ITM",
    Model.FREE_SPACE: "Free space",
}
"""Models as a person calls them."""
_MODELS = {Model.P526: _p526, Model.P1812: _p1812, Model.ITM: _itm, Model.FREE_SPACE: _free_space}

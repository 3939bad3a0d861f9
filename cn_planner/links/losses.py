"""What a path loses, by cause, under the model of the conditions: what the model says, and what the air adds.

Parts
    The three parts of a model add up to its total. "Diffraction" is all that a model puts on top of free space over the
    bare ground: for P.1812 and ITM that holds scatter, ducts and the percentages of time and places as well, and may be
    below 0. "Vegetation" is what the profile with all that stands on it costs more, or an antenna that stands below the
    trees or houses round it, whichever is more; ITM cannot say it. Which surface a model sees stands in its module
    (`cn_planner.models`).

Air
    Gases are part of the loss from 10 GHz on, where P.530-18, section 2.1, asks for them, under every model. Rain is
    part of it where the percentage of time reaches into it: what is not exceeded for 99.99 % of the time holds the rain
    that is exceeded for 0.01 %. Up to 99 % it counts as none, and so it does below 5 GHz (P.530-18, section 2.4).
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.register import ask, model_of
from cn_planner.links.weather import gas_loss_db
from cn_planner.message import msg
from cn_planner.model.propagation_models import P526
from cn_planner.plugins import PluginError
from cn_planner.propagation.end_clutter import covered_db, end_clutter_kernel
from cn_planner.propagation.p530_rain import LONGEST_RAIN_KM, NO_RAIN_GHZ, RAIN_TIME_PCT, rain_attenuation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.links.conditions import Conditions
    from cn_planner.links.register import Losses, Prediction
    from cn_planner.links.weather import Weather
    from cn_planner.terrain.profile import PathProfile

GAS_MHZ = 10_000.0
"""From here on gases are part of the loss."""
_GAS_STEP_M = 100.0


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
        Where the path or a condition is outside the model's validity, named with its value and range; or there is no
        such model.
    PluginError
        Where a model of somebody else's fails.
    """
    model = model_of(air.model)
    found = with_ends(ask(model, profile, heights_m, freq_mhz, pol == "V", air), profile, heights_m, freq_mhz)
    ends = amsl(profile, heights_m)
    gas = gas_db_per_km(freq_mhz, air.weather, 0.5 * (ends[0] + ends[1])) * profile.length_m * 1e-3
    rain = _rain_db(profile.length_m, ends, freq_mhz, pol, air)
    total = (found.losses.total_db or 0.0) + gas + (rain or 0.0)
    warnings = found.warnings
    if not model.percentages and not air.time_pct == air.location_pct == 50.0:
        only_median = msg(
            "{model} knows the median alone: but for rain, {time_pct:g} % of the time and {location_pct:g} % of the "
            "places are not in its loss.",
            model=model.name,
            time_pct=air.time_pct,
            location_pct=air.location_pct,
        )
        warnings = (*warnings, only_median)
    if rain is None:
        km = profile.length_m * 1e-3
        warnings = (*warnings, msg("Rain is not predicted on {km:.0f} km: it is not in the loss.", km=km))
    return found._replace(losses=replace(found.losses, gas_db=gas, rain_db=rain, total_db=total), warnings=warnings)


def at_ends_db(profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float) -> tuple[float, float]:
    """Return what the antennas of a path lose below the trees and houses that are known round them, dB."""
    a, b = zip(heights_m, profile.clutter_m, strict=True)
    return end_clutter_kernel(freq_mhz, *a), end_clutter_kernel(freq_mhz, *b)


def way_given_back_db(losses: Losses, profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float) -> float:
    """Return what a clear way gives back, dB: what stands on it costs, not what stands round the antennas."""
    ends_db = sum(at_ends_db(profile, heights_m, freq_mhz))
    return (losses.diffraction_db or 0.0) + max((losses.vegetation_db or 0.0) - ends_db, 0.0)


def seen_through(losses: Losses, lost_db: float) -> Losses:
    """Return losses that add up to a lesser one: nothing stands in the way."""
    if losses.total_db is None or lost_db >= losses.total_db:
        return losses
    return replace(losses, diffraction_db=0.0, vegetation_db=0.0, total_db=lost_db)


def with_ends(found: Prediction, profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float) -> Prediction:
    """Return what a model says with what stands round the antennas, where it sees trees at all; never twice."""
    lost, on_path = sum(at_ends_db(profile, heights_m, freq_mhz)), found.losses.vegetation_db
    if lost <= 0.0 or on_path is None or found.losses.total_db is None:
        return found
    more = covered_db(on_path, lost) - on_path
    losses = replace(found.losses, vegetation_db=on_path + more, total_db=found.losses.total_db + more)
    return found._replace(losses=losses)


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
    if exceeded_pct > RAIN_TIME_PCT[1] or freq_mhz * 1e-3 < NO_RAIN_GHZ:
        return 0.0
    if length_m > LONGEST_RAIN_KM * 1e3:
        return None
    return rain_attenuation(
        rain_mm_h=air.weather.rain_rate_mm_h,
        distance_m=length_m,
        freq_mhz=freq_mhz,
        elevation_deg=math.degrees(math.atan2(amsl_m[1] - amsl_m[0], length_m)),
        tilt_deg=90.0 if pol == "V" else 0.0,
        time_pct=max(exceeded_pct, RAIN_TIME_PCT[0]),
    ).rain_attenuation_db


def amsl(profile: PathProfile, heights_m: tuple[float, float]) -> tuple[float, float]:
    """Return the antennas of a path above sea level, m."""
    return float(profile.ground_m[0]) + heights_m[0], float(profile.ground_m[-1]) + heights_m[1]


def predicted_or_p526(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, pol: str, air: Conditions
) -> tuple[Conditions, Prediction]:
    """Return what the model says, and under which conditions: by P.526 where somebody else's model fails in a plan."""
    try:
        return air, predicted(profile, heights_m, freq_mhz, pol, air)
    except PluginError as problem:
        if not air.stands_in:
            raise
        by_p526 = replace(air, model=P526)
        found = predicted(profile, heights_m, freq_mhz, pol, by_p526)
        return by_p526, found._replace(warnings=(*found.warnings, problem.what))

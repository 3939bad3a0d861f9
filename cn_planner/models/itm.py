"""The Irregular Terrain Model (Longley and Rice), over the path's own profile.

It sees the bare ground, with the obstacles that somebody saw on site as part of it. Assumed trees are not in it: the
model was fitted to measurements that had trees of their own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.register import Losses, Prediction, PropagationModel
from cn_planner.message import msg
from cn_planner.propagation.itm import Surroundings, Variability, itm_loss
from cn_planner.propagation.itm_reference import ItmTerms

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.map_job import MapJob
    from cn_planner.links.conditions import Conditions
    from cn_planner.terrain.profile import PathProfile

_SAME_M = 1e-6
_KNOWN_PATH, _MANY_PLACES = 12, 3
"""Modes of variability: the path over its own profile, as the reference takes it; and with the variability from place
to place as well, where another percentage of places than half is asked for."""


def _path(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, vertical: bool, air: Conditions
) -> Prediction:
    ground, spacing = equal_steps(profile, air)
    found = itm_loss(
        ground,
        spacing,
        *heights_m,
        freq_mhz,
        vertical=vertical,
        surroundings=Surroundings(climate=air.climate, n0=air.n0),
        variability=_variability(air),
    )
    parts = Losses(found.free_space_db, found.loss_db - found.free_space_db, None, total_db=found.loss_db)
    return Prediction(parts, found.said, found)


def _variability(air: Conditions) -> Variability:
    # For links and maps alike.
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


def _map(job: MapJob) -> list[Callable[[], None]]:
    from cn_planner.coverage.map_job import radial_tasks
    from cn_planner.coverage.radial_models import itm_radials

    air = job.air
    ends, surroundings = _variability(air), Surroundings(climate=air.climate, n0=air.n0)
    soil = float(np.asarray(surroundings.epsilon_r)), float(np.asarray(surroundings.sigma_s_per_m))
    terms = ItmTerms(air.climate, air.n0, *soil, int(np.asarray(ends.mdvar)), air.time_pct, air.location_pct)
    return radial_tasks(job, itm_radials, terms)


MODEL = PropagationModel(
    key="itm",
    name="ITM",
    words=msg("ITM"),
    path=_path,
    freq_mhz=(20.0, 20_000.0),
    source="NTIA report 82-100; Hufford, The Algorithm",
    # What it says itself of short distances: Hufford, eq. 5.10, 5 + 3 exp(-D / 100 km).
    sigma_clear_db=8.0,
    percentages=True,
    map_tasks=_map,
    coarse_cells=40_000,
    map_meant=msg("by loss after ITM"),
)

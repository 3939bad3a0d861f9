"""Many paths at once, without rasters: clearance and loss of each pair of places, for each step of antenna height.

The samples are those of `terrain.path_profile` and the arithmetic is that of `links.link_budget`, compiled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.tasks import run_tasks
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.conditions import Conditions, Model
from cn_planner.message import msg
from cn_planner.progress import CancelToken, Progress, silent
from cn_planner.propagation.clearance import ENOUGH_F1, clearance_kernel, height_needed_kernel
from cn_planner.propagation.free_space import free_space_kernel, slant_distance_kernel
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.propagation.p526 import p526_kernel
from cn_planner.terrain.profile import path_profiles
from cn_planner.units import EARTH_RADIUS_M, wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.model.plan import Obstacle
    from cn_planner.terrain.surface import Surface

CHUNK_SAMPLES = 50_000
"""Profiles made at once: some 20 MB. Fixed, so that the result does not depend on the number of threads."""
_SPHERE_SLACK = 1.01
"""A sphere's distance is within 0.6 % of the ellipsoid's: what is further than this is certainly too far."""


@dataclass(frozen=True, slots=True, eq=False)
class PairMatrix:
    """The pairs that are near enough, in the order of the first list, then of the second.

    Attributes
    ----------
    first, second : int64 array of pairs
        Indices into the two lists.
    distance_m, azimuth_deg, back_azimuth_deg : float64 array of pairs
        Geodesic, from first to second.
    clearance_m, clearance_f1 : float64 array of (pairs, steps of first, steps of second)
        As in `propagation.clearance`; NaN where terrain is missing.
    loss_db : float64 array of (pairs, steps of first, steps of second)
        Basic transmission loss; NaN where terrain is missing.
    needed_first_m : float64 array of (pairs, steps of second)
        Least height of the first end above ground that leaves enough clear, the second at that step; NaN where
        terrain is missing.
    needed_second_m : float64 array of (pairs, steps of first)
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    back_azimuth_deg: NDArray[np.float64]
    clearance_m: NDArray[np.float64]
    clearance_f1: NDArray[np.float64]
    loss_db: NDArray[np.float64]
    needed_first_m: NDArray[np.float64]
    needed_second_m: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.first)


@kernel
def _pairs(
    distance: Any,
    ground: Any,
    surface: Any,
    offset: Any,
    up_a: Any,
    up_b: Any,
    radius: float,
    wavelength: float,
    freq_mhz: float,
    vertical: bool,
    terrain_counts: bool,
    enough: float,
    clear_m: Any,
    clear_f1: Any,
    loss: Any,
    need_a: Any,
    need_b: Any,
) -> None:
    for p in range(len(offset) - 1):
        first = offset[p]
        last = offset[p + 1]
        known = True
        for i in range(first, last):
            if ground[i] != ground[i]:
                known = False
                break
        if not known:
            continue
        ground_a = ground[first]
        ground_b = ground[last - 1]
        for s in range(up_a.shape[1]):
            for t in range(up_b.shape[1]):
                a = ground_a + up_a[p, s]
                b = ground_b + up_b[p, t]
                least, worst, _at = clearance_kernel(distance, surface, first, last, a, b, radius, wavelength)
                clear_m[p, s, t] = least
                clear_f1[p, s, t] = worst
                if terrain_counts:
                    free, diffraction, vegetation = p526_kernel(
                        distance, ground, surface, first, last, a, b, radius, freq_mhz, vertical
                    )
                    loss[p, s, t] = free + diffraction + vegetation
                else:
                    loss[p, s, t] = free_space_kernel(
                        slant_distance_kernel(distance[last - 1] - distance[first], a, b), freq_mhz
                    )
        for s in range(up_a.shape[1]):
            _a, b, _both = height_needed_kernel(
                distance, surface, first, last, ground_a + up_a[p, s], ground_b, radius, wavelength, enough
            )
            need_b[p, s] = max(b - ground_b, 0.0)
        for t in range(up_b.shape[1]):
            a, _b, _both = height_needed_kernel(
                distance, surface, first, last, ground_a, ground_b + up_b[p, t], radius, wavelength, enough
            )
            need_a[p, t] = max(a - ground_a, 0.0)


def near_pairs(
    first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike], max_km: float, *, upper: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of pairs that are no further apart than `max_km` on WGS 84, and not at one place.

    Parameters
    ----------
    first, second : (latitudes, longitudes)
        Degrees.
    max_km : float
        Greatest distance.
    upper : bool
        Only pairs whose first index is below the second: for a list with itself.
    """
    lat_a, lon_a = (np.atleast_1d(np.asarray(v, np.float64)) for v in first)
    lat_b, lon_b = (np.atleast_1d(np.asarray(v, np.float64)) for v in second)
    found_i: list[NDArray[np.int64]] = []
    found_j: list[NDArray[np.int64]] = []
    phi = np.radians(lat_b)
    for number in range(len(lat_a)):
        here = math.radians(lat_a[number])
        half = np.sin((phi - here) / 2.0) ** 2
        half += math.cos(here) * np.cos(phi) * np.sin(np.radians(lon_b - lon_a[number]) / 2.0) ** 2
        near = 2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))) <= max_km * 1000.0 * _SPHERE_SLACK
        if upper:
            near[: number + 1] = False
        there = np.flatnonzero(near)
        found_i.append(np.full(len(there), number, np.int64))
        found_j.append(there.astype(np.int64))
    if not found_i:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    i, j = np.concatenate(found_i), np.concatenate(found_j)
    length = geodesics(lat_a[i], lon_a[i], lat_b[j], lon_b[j])[2]
    keep = (length > 0.0) & (length <= max_km * 1000.0)
    return i[keep], j[keep]


def pair_matrix(
    surface: Surface,
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    heights_first_m: ArrayLike,
    heights_second_m: ArrayLike,
    freq_mhz: float,
    conditions: Conditions | None = None,
    *,
    max_km: float,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    upper: bool = False,
    vertical: bool = True,
    enough_f1: float = ENOUGH_F1,
    obstacles: Sequence[Obstacle] = (),
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> PairMatrix:
    """Return clearance, loss and heights needed of every pair that is near enough.

    Parameters
    ----------
    surface : Surface
        The ground.
    first, second : (latitudes, longitudes)
        Degrees, WGS 84.
    heights_first_m, heights_second_m : array_like, shape (steps,) or (places, steps)
        Antennas above ground, m: the same steps for every place of the list, or a row for each.
    freq_mhz : float
        Frequency.
    conditions : Conditions, optional
        Air, trees and model, as for `links.link_budget`.
    max_km : float
        Pairs that are further apart are left out before a profile is made.
    pairs : (array of int, array of int), optional
        Just these pairs, whatever their distance; none may be at one place.
    upper : bool
        As for `near_pairs`.
    vertical : bool
        Polarisation.
    enough_f1 : float
        Share of the first Fresnel radius that the heights needed leave clear.
    obstacles : sequence of Obstacle
        Trees and buildings seen on site.
    pool, progress, cancel
        Memory is bounded by chunks of `CHUNK_SAMPLES`, one a thread.

    Raises
    ------
    InputError
        Where a height is below 0, the steps do not fit the places, or the frequency cannot be.
    CancelledError
    """
    air = conditions or Conditions()
    lat_a, lon_a = (np.atleast_1d(np.asarray(v, np.float64)) for v in first)
    lat_b, lon_b = (np.atleast_1d(np.asarray(v, np.float64)) for v in second)
    up_a, up_b = _steps(heights_first_m, len(lat_a)), _steps(heights_second_m, len(lat_b))
    i, j = near_pairs((lat_a, lon_a), (lat_b, lon_b), max_km, upper=upper) if pairs is None else pairs
    count, steps_a, steps_b = len(i), up_a.shape[1], up_b.shape[1]
    azimuth, back, length = geodesics(lat_a[i], lon_a[i], lat_b[j], lon_b[j])
    clear_m, clear_f1, loss = (np.full((count, steps_a, steps_b), np.nan) for _ in range(3))
    need_a, need_b = np.full((count, steps_b), np.nan), np.full((count, steps_a), np.nan)
    run: Any = compiled(_pairs)
    numbers: tuple[Any, ...] = (
        effective_earth_radius_m(air.k_factor),
        wavelength_m(freq_mhz),
        float(freq_mhz),
        vertical,
        air.model is Model.P526,
        float(enough_f1),
    )

    def work(start: int, end: int) -> None:
        a, b, part = i[start:end], j[start:end], slice(start, end)
        profiles = path_profiles(
            surface,
            lat_a[a],
            lon_a[a],
            lat_b[b],
            lon_b[b],
            canopy_m=air.canopy_m,
            keep_out_m=air.canopy_keep_out_m,
            obstacles=obstacles,
        )
        top = profiles.ground_m + profiles.cover_m
        run(
            profiles.distance_m, profiles.ground_m, top, profiles.offset, up_a[a], up_b[b], *numbers,
            clear_m[part], clear_f1[part], loss[part], need_a[part], need_b[part],
        )  # fmt: skip

    bounds = _chunks(surface.path_cell_m(lat_a[i], lon_a[i], lat_b[j], lon_b[j], length), length)
    tasks: list[Callable[[], None]] = [
        lambda s=s, e=e: work(s, e)  # type: ignore[misc]
        for s, e in pairwise(bounds)
    ]
    run_tasks(tasks, pool, progress, cancel)
    return PairMatrix(i, j, length, azimuth, back, clear_m, clear_f1, loss, need_a, need_b)


def _steps(heights_m: ArrayLike, places: int) -> NDArray[np.float64]:
    """Return heights as (places, steps)."""
    heights = np.asarray(heights_m, np.float64)
    if not (np.isfinite(heights).all() and (heights >= 0.0).all()):
        raise InputError(msg("An antenna's height above ground must not be below 0."))
    if heights.ndim == 1:
        return np.ascontiguousarray(np.broadcast_to(heights, (places, len(heights))))
    if heights.ndim != 2 or len(heights) != places:
        raise InputError(msg("There are {places} places but heights for {rows}.", places=places, rows=len(heights)))
    return np.ascontiguousarray(heights)


def _chunks(cell_m: NDArray[np.float64], length_m: NDArray[np.float64]) -> list[int]:
    """Return where the chunks of pairs begin and end, so that each has about `CHUNK_SAMPLES` samples."""
    if not len(length_m):
        return [0]
    chunk = (np.cumsum(2.0 * length_m / cell_m + 2.0) // CHUNK_SAMPLES).astype(np.int64)
    return [0, *(np.flatnonzero(np.diff(chunk)) + 1).tolist(), len(length_m)]

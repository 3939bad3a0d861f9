"""Clearance of a path, and the antenna height that it needs.

Clearance is vertical, from the straight ray to what stands below it (ground, trees, buildings) raised by the bulge of
an earth of 6371 km times k. In metres it is taken over all points; in first Fresnel radii only between the ends, where
the radius is not zero. The worst place is the one with the least clearance in Fresnel radii.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.propagation.checks import check_freq, check_height, checked_profile
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import Floats, compiled, kernel
from cn_planner.units import MEDIAN_K_FACTOR, wavelength_m

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

ENOUGH_F1 = 0.6
"""Share of the first Fresnel radius that is enough: a smooth earth costs nothing from 0.552 on (P.526-15, eq. 23), and
it is the most that P.530-18, section 2.2.2, asks for in subrefractive air."""


class Clearance(NamedTuple):
    """Clearance of one path.

    Attributes
    ----------
    clearance_m : float
        Least vertical clearance over all points, m; negative where something stands above the ray.
    clearance_f1 : float
        Least of clearance divided by the first Fresnel radius at the same place; infinite where no point lies between
        the ends.
    at_m : float
        Where that is, m from the first end; 0 where no point lies between the ends.
    at_index : int
        Its index in the profile.
    least_at_m : float
        Where the least in metres is, m from the first end: often nearer to an end, where the zone is narrow.
    """

    clearance_m: float
    clearance_f1: float
    at_m: float
    at_index: int
    least_at_m: float

    @property
    def line_of_sight(self) -> bool:
        """Whether nothing stands above the ray."""
        return self.clearance_m >= 0.0


class HeightNeeded(NamedTuple):
    """Antenna heights above ground that leave the clearance asked for, m.

    Attributes
    ----------
    a_m, b_m : float
        Least height of that end, the other as it is; never below 0.
    both_m : float
        By how much both ends would have to rise together; negative where both may come down.
    """

    a_m: float
    b_m: float
    both_m: float


@kernel
def clearance_kernel(
    distance_m: Floats,
    surface_m: Floats,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    earth_radius_m: float,
    wavelength: float,
) -> tuple[float, float, int]:
    """Least clearance, m, least clearance in F1, and the index of that; NaN, NaN, index where a height is missing."""
    start = distance_m[first]
    length = distance_m[last - 1] - start
    slope = (amsl_b_m - amsl_a_m) / length
    curve = 0.5 / earth_radius_m
    at_b = last - 1
    least = min(amsl_a_m - surface_m[first], amsl_b_m - surface_m[at_b])
    worst = math.inf
    at = first
    if math.isnan(surface_m[first]) or math.isnan(surface_m[at_b]):
        return math.nan, math.nan, first
    for i in range(first + 1, at_b):
        d = distance_m[i] - start
        product = d * (length - d)
        clear = amsl_a_m + slope * d - (surface_m[i] + curve * product)
        if math.isnan(clear):
            return math.nan, math.nan, i
        least = min(least, clear)
        ratio = clear / math.sqrt(product)
        if ratio < worst:
            worst = ratio
            at = i
    return least, worst * math.sqrt(length / wavelength), at


@kernel
def height_needed_kernel(
    distance_m: Floats,
    surface_m: Floats,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    earth_radius_m: float,
    wavelength: float,
    clearance_f1: float,
) -> tuple[float, float, float]:
    """Least amsl height of A with B kept, of B with A kept, and by how much both must rise together; exact.

    The ray's height over a point is linear in the height of either end, so that each point gives one bound. Minus
    infinity where no point lies between the ends; NaN where a height is missing.
    """
    start = distance_m[first]
    length = distance_m[last - 1] - start
    slope = (amsl_b_m - amsl_a_m) / length
    curve = 0.5 / earth_radius_m
    zone = clearance_f1 * math.sqrt(wavelength / length)
    need_a = -math.inf
    need_b = -math.inf
    both = -math.inf
    for i in range(first + 1, last - 1):
        d = distance_m[i] - start
        rest = length - d
        product = d * rest
        top = surface_m[i] + curve * product + zone * math.sqrt(product)
        if math.isnan(top):
            return math.nan, math.nan, math.nan
        need_a = max(need_a, (top * length - amsl_b_m * d) / rest)
        need_b = max(need_b, (top * length - amsl_a_m * rest) / d)
        both = max(both, top - (amsl_a_m + slope * d))
    return need_a, need_b, both


def clearance_of_one(
    distance_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    amsl_a_m: float,
    amsl_b_m: float,
    earth_radius_m: float,
    wavelength: float,
) -> tuple[float, float, int]:
    """Return what `clearance_kernel` does of a whole path without gaps, bit for bit, by steps over all its points.

    A report asks for thousands of single paths: point by point each takes a millisecond in plain Python.
    """
    least = min(amsl_a_m - float(surface_m[0]), amsl_b_m - float(surface_m[-1]))
    if len(distance_m) < 3:
        return least, math.inf, 0
    length, d, ray = _between_ends(distance_m, amsl_a_m, amsl_b_m)
    product = d * (length - d)
    clear = ray - (surface_m[1:-1] + 0.5 / earth_radius_m * product)
    ratio = clear / np.sqrt(product)
    at = int(ratio.argmin())
    return min(least, float(clear.min())), float(ratio[at]) * math.sqrt(length / wavelength), at + 1


def height_needed_of_one(
    distance_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    amsl_a_m: float,
    amsl_b_m: float,
    earth_radius_m: float,
    wavelength: float,
    clearance_f1: float,
) -> tuple[float, float, float]:
    """Return what `height_needed_kernel` does of a whole path without gaps, bit for bit, as `clearance_of_one`."""
    if len(distance_m) < 3:
        return -math.inf, -math.inf, -math.inf
    length, d, ray = _between_ends(distance_m, amsl_a_m, amsl_b_m)
    rest, zone = length - d, clearance_f1 * math.sqrt(wavelength / length)
    product = d * rest
    top = surface_m[1:-1] + 0.5 / earth_radius_m * product + zone * np.sqrt(product)
    need_a, need_b = (top * length - amsl_b_m * d) / rest, (top * length - amsl_a_m * rest) / d
    return float(need_a.max()), float(need_b.max()), float((top - ray).max())


def _between_ends(
    distance_m: NDArray[np.float64], amsl_a_m: float, amsl_b_m: float
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Return the length of a path, its points between the ends from the first on, and the line over them, m."""
    start = float(distance_m[0])
    length, d = float(distance_m[-1]) - start, distance_m[1:-1] - start
    return length, d, amsl_a_m + (amsl_b_m - amsl_a_m) / length * d


@kernel
def _clearances(
    distance_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    earth_radius_m: float,
    wavelength: float,
    out: NDArray[np.float64],
    at: NDArray[np.int64],
) -> None:
    for p in range(len(offsets) - 1):
        least, worst, index = clearance_kernel(
            distance_m, surface_m, offsets[p], offsets[p + 1], amsl_a_m[p], amsl_b_m[p], earth_radius_m, wavelength
        )
        out[p, 0] = least
        out[p, 1] = worst
        at[p] = index


@kernel
def _heights_needed(
    distance_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    earth_radius_m: float,
    wavelength: float,
    clearance_f1: float,
    out: NDArray[np.float64],
) -> None:
    for p in range(len(offsets) - 1):
        need_a, need_b, both = height_needed_kernel(
            distance_m,
            surface_m,
            offsets[p],
            offsets[p + 1],
            amsl_a_m[p],
            amsl_b_m[p],
            earth_radius_m,
            wavelength,
            clearance_f1,
        )
        out[p, 0] = need_a
        out[p, 1] = need_b
        out[p, 2] = both


def path_clearance(
    distance_m: ArrayLike,
    surface_m: ArrayLike,
    amsl_a_m: float,
    amsl_b_m: float,
    freq_mhz: float,
    k_factor: float = MEDIAN_K_FACTOR,
) -> Clearance:
    """Return the clearance of one path.

    Parameters
    ----------
    distance_m, surface_m : array_like, shape (n,)
        Distances from the first end, m, rising from 0; height above sea level of what must be cleared, m.
    amsl_a_m, amsl_b_m : float
        Heights of the antennas above sea level, m.
    freq_mhz : float
        Frequency, MHz.
    k_factor : float
        Effective earth radius factor.

    Raises
    ------
    InputError
        Where the profile has less than two points, does not rise from 0, or lacks a height.
    """
    check_freq(freq_mhz)
    check_height(amsl_a_m)
    check_height(amsl_b_m)
    distance, surface = checked_profile(distance_m, surface_m)
    earth_radius_m = effective_earth_radius_m(k_factor)
    least, worst, at = clearance_of_one(distance, surface, amsl_a_m, amsl_b_m, earth_radius_m, wavelength_m(freq_mhz))
    share = distance / distance[-1]
    ray = amsl_a_m * (1.0 - share) + amsl_b_m * share
    clear = ray - surface - distance * (distance[-1] - distance) / (2.0 * earth_radius_m)
    return Clearance(least, worst, float(distance[at]), at, float(distance[np.argmin(clear)]))


def height_needed(
    distance_m: ArrayLike,
    surface_m: ArrayLike,
    ground_a_m: float,
    ground_b_m: float,
    height_a_m: float,
    height_b_m: float,
    freq_mhz: float,
    k_factor: float = MEDIAN_K_FACTOR,
    clearance_f1: float = ENOUGH_F1,
) -> HeightNeeded:
    """Return the least antenna heights above ground that leave a share of the first Fresnel zone clear.

    Parameters
    ----------
    distance_m, surface_m, freq_mhz, k_factor
        As for `path_clearance`.
    ground_a_m, ground_b_m : float
        Ground above sea level at both ends, m.
    height_a_m, height_b_m : float
        Antennas above ground, m: each is the height that is kept while the other end's is found.
    clearance_f1 : float
        Share of the first Fresnel radius to leave clear.

    Raises
    ------
    InputError
        As for `path_clearance`.
    """
    check_freq(freq_mhz)
    check_height(height_a_m)
    check_height(height_b_m)
    distance, surface = checked_profile(distance_m, surface_m)
    need_a, need_b, both = height_needed_of_one(
        distance,
        surface,
        ground_a_m + height_a_m,
        ground_b_m + height_b_m,
        effective_earth_radius_m(k_factor),
        wavelength_m(freq_mhz),
        clearance_f1,
    )
    lowest = -min(height_a_m, height_b_m)  # together they come down no further than to the ground
    return HeightNeeded(max(need_a - ground_a_m, 0.0), max(need_b - ground_b_m, 0.0), max(both, lowest))


def path_clearances(
    distance_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    freq_mhz: float,
    k_factor: float = MEDIAN_K_FACTOR,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the clearances of many paths, compiled.

    Parameters
    ----------
    distance_m, surface_m : ndarray, shape (points,)
        All profiles end to end, distances from each one's first end; NaN where a height is missing.
    offsets : ndarray of int64, shape (paths + 1,)
        Path p is points ``offsets[p]`` to ``offsets[p + 1]``, two at least.
    amsl_a_m, amsl_b_m : ndarray, shape (paths,)
        Antennas above sea level, m.
    freq_mhz, k_factor
        As for `path_clearance`.

    Returns
    -------
    clearance_m, clearance_f1 : ndarray, shape (paths,)
        As in `Clearance`; NaN where a height is missing.
    at : ndarray of int64, shape (paths,)
        Index of the worst place in the flat arrays.
    """
    check_freq(freq_mhz)
    paths = len(offsets) - 1
    out, at = np.empty((paths, 2)), np.empty(paths, dtype=np.int64)
    compiled(_clearances)(
        distance_m,
        surface_m,
        offsets,
        amsl_a_m,
        amsl_b_m,
        effective_earth_radius_m(k_factor),
        wavelength_m(freq_mhz),
        out,
        at,
    )
    return out[:, 0], out[:, 1], at


def heights_needed(
    distance_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    freq_mhz: float,
    k_factor: float = MEDIAN_K_FACTOR,
    clearance_f1: float = ENOUGH_F1,
) -> NDArray[np.float64]:
    """Return the heights that many paths need, compiled.

    Parameters
    ----------
    distance_m, surface_m, offsets, amsl_a_m, amsl_b_m, freq_mhz, k_factor
        As for `path_clearances`.
    clearance_f1 : float
        Share of the first Fresnel radius to leave clear.

    Returns
    -------
    ndarray, shape (paths, 3)
        Least height of the first end and of the second above *sea level*, m, the other as given, and by how much both
        must rise together; minus infinity where no point lies between the ends, NaN where a height is missing.
    """
    check_freq(freq_mhz)
    out = np.empty((len(offsets) - 1, 3))
    compiled(_heights_needed)(
        distance_m,
        surface_m,
        offsets,
        amsl_a_m,
        amsl_b_m,
        effective_earth_radius_m(k_factor),
        wavelength_m(freq_mhz),
        clearance_f1,
        out,
    )
    return out

"""What stands on the ground along paths: trees assumed, and trees and buildings seen on site."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner import geo
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.model.plan import Obstacle

NEW_SAMPLE_M = 1e-6
"""A sample that stands nearer to another than this is the other."""
_ROUNDING_M = 1e-6
EDGE_M = 1e-3
"""So far beyond its edge the first sample within a wood stands."""


class Paths(NamedTuple):
    """Ends of paths in degrees, azimuth at the first end, and length: float64 arrays of one length."""

    lat_a: NDArray[np.float64]
    lon_a: NDArray[np.float64]
    lat_b: NDArray[np.float64]
    lon_b: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    length_m: NDArray[np.float64]


class Crossings(NamedTuple):
    """Where paths pass through obstacles, one row a crossing: from, nearest, to are m from the first end."""

    path: NDArray[np.int64]
    start_m: NDArray[np.float64]
    nearest_m: NDArray[np.float64]
    end_m: NDArray[np.float64]
    height_m: NDArray[np.float64]

    def samples(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return three places for each crossing, and their paths: none may slip between two samples."""
        return np.concatenate([self.path] * 3), np.concatenate([self.start_m, self.nearest_m, self.end_m])


def crossings(paths: Paths, obstacles: Iterable[Obstacle]) -> Crossings:
    """Return where each path passes within the radius of each obstacle.

    Notes
    -----
    Distance across and along the path by the right-angled spherical triangle on the geodesic from the first end to
    the obstacle: on a path of 100 km the ellipsoid moves an obstacle by less than a metre.
    """
    a, b = _unit(paths.lat_a, paths.lon_a), _unit(paths.lat_b, paths.lon_b)
    numbers_of_paths: list[NDArray[np.int64]] = []
    numbers: list[NDArray[np.float64]] = []
    for thing in obstacles:
        near = np.flatnonzero(_perhaps(paths, a, b, thing))
        if not len(near):
            continue
        azimuth, _, distance = geo.geodesics(paths.lat_a[near], paths.lon_a[near], thing.latitude, thing.longitude)
        turn = np.radians(azimuth - paths.azimuth_deg[near])
        arc = distance / EARTH_RADIUS_M
        across = EARTH_RADIUS_M * np.arcsin(np.sin(arc) * np.sin(turn))
        along = EARTH_RADIUS_M * np.arctan2(np.sin(arc) * np.cos(turn), np.cos(arc))
        half = np.sqrt(np.maximum(thing.radius_m**2 - across**2, 0.0))
        length = paths.length_m[near]
        hit = (np.abs(across) <= thing.radius_m) & (along + half >= 0.0) & (along - half <= length)
        height = np.full(len(near), thing.height_m)
        numbers.append(
            np.stack(
                [np.maximum(along - half, 0.0), np.clip(along, 0.0, length), np.minimum(along + half, length), height]
            )[:, hit]
        )
        numbers_of_paths.append(near[hit])
    if not numbers_of_paths:
        none = np.zeros(0)
        return Crossings(np.zeros(0, np.int64), none, none, none, none)
    start, nearest, end, height = np.concatenate(numbers, axis=1)
    return Crossings(np.concatenate(numbers_of_paths), start, nearest, end, height)


def _unit(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _perhaps(paths: Paths, a: NDArray[np.float64], b: NDArray[np.float64], thing: Obstacle) -> NDArray[np.bool_]:
    """Return the paths that may pass through an obstacle: never too few of them."""
    p = _unit(np.array([thing.latitude]), np.array([thing.longitude])) - a
    way = b - a
    share = np.clip((p * way).sum(axis=0) / np.maximum((way * way).sum(axis=0), 1e-30), 0.0, 1.0)
    off = EARTH_RADIUS_M * np.sqrt(((p - share * way) ** 2).sum(axis=0))
    # The chord runs below the ground by at most L^2 / 8 R; the ellipsoid differs from the sphere by under 2 %.
    slack = 1.0 + 0.02 * paths.length_m + paths.length_m**2 / (8.0 * EARTH_RADIUS_M)
    return np.asarray(off <= 1.02 * thing.radius_m + slack, dtype=np.bool_)


def keep_outs_m(canopy_m: float, keep_out_m: float, known_keep_out_m: float | None) -> tuple[float, ...]:
    """Return at which distances from either end woods may begin, m.

    `known_keep_out_m`: that of trees that were measured; None where no file knows of any trees.
    """
    if known_keep_out_m is None:
        return (keep_out_m,) if canopy_m > 0.0 else ()
    return tuple(sorted({keep_out_m, known_keep_out_m}))


def wood_edges(
    length_m: NDArray[np.float64], keep_outs: tuple[float, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return places on paths at which woods begin and end by their distance from the ends, just inside, and the paths.

    A wood that begins between two samples is else met at the second of them, where the ray is higher already.
    """
    paths, places = [np.zeros(0, np.int64)], [np.zeros(0)]
    for keep_m in keep_outs:
        some = np.flatnonzero(length_m > 2.0 * (keep_m + EDGE_M))
        paths += [some, some]
        places += [np.full(len(some), keep_m + EDGE_M), length_m[some] - (keep_m + EDGE_M)]
    return np.concatenate(paths), np.concatenate(places)


def with_samples(
    path: NDArray[np.int64],
    distance_m: NDArray[np.float64],
    extra_path: NDArray[np.int64],
    extra: NDArray[np.float64],
    length_m: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the samples with more between them.

    Parameters
    ----------
    path, distance_m : arrays of samples
        Each sample's path, ascending, and its place on it, ascending within the path.
    extra_path, extra : arrays
        The same of those that come, in any order.
    length_m : float64 array of paths
        Lengths.
    """
    inner = (extra > NEW_SAMPLE_M) & (extra < length_m[extra_path] - NEW_SAMPLE_M)
    all_path = np.concatenate([path, extra_path[inner]])
    every = np.concatenate([distance_m, extra[inner]])
    is_extra = np.concatenate([np.zeros(len(path), np.bool_), np.ones(int(inner.sum()), np.bool_)])
    order = np.lexsort((is_extra, every, all_path))
    all_path, every, is_extra = all_path[order], every[order], is_extra[order]
    same_path = all_path[1:] == all_path[:-1]
    close = same_path & (every[1:] - every[:-1] < NEW_SAMPLE_M)
    # Of two that stand together the one of the equal steps stays.
    drop = np.zeros(len(every), np.bool_)
    drop[1:] |= close & is_extra[1:]
    drop[:-1] |= close & ~is_extra[1:] & is_extra[:-1]
    return all_path[~drop], every[~drop]


def with_edges(
    offset: NDArray[np.int64],
    distance_m: NDArray[np.float64],
    length_m: NDArray[np.float64],
    keep_outs: tuple[float, ...],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return where profiles begin, and their samples with the edges of woods: those of `with_samples`, without a sort.

    Parameters
    ----------
    offset : int64 array of paths + 1
        Path p is samples ``offset[p]`` to ``offset[p + 1]``.
    distance_m, length_m : float64 arrays of samples and of paths
    keep_outs
        As `wood_edges` takes them.
    """
    path, edge = wood_edges(length_m, keep_outs)
    order = np.lexsort((edge, path))
    path, edge = path[order], edge[order]
    # One line of numbers, on which the paths follow each other.
    begin = np.concatenate([[0.0], np.cumsum(length_m + 1.0)])
    line = distance_m + np.repeat(begin[:-1], np.diff(offset))
    at = np.clip(np.searchsorted(line, edge + begin[path]), offset[path] + 1, offset[path + 1] - 1)
    fresh = (edge - distance_m[at - 1] >= NEW_SAMPLE_M) & (distance_m[at] - edge >= NEW_SAMPLE_M)
    fresh[1:] &= (path[1:] != path[:-1]) | (edge[1:] - edge[:-1] >= NEW_SAMPLE_M)
    path, edge, at = path[fresh], edge[fresh], at[fresh]
    more = np.concatenate([[0], np.cumsum(np.bincount(path, minlength=len(length_m)))])
    return offset + more, np.insert(distance_m, at, edge)


def cover(
    offset: NDArray[np.int64],
    distance_m: NDArray[np.float64],
    to_end_m: NDArray[np.float64],
    found: Crossings,
    canopy_m: float,
    keep_out_m: float,
    known: KnownTrees | None = None,
) -> NDArray[np.float64]:
    """Return the height of what stands at each sample: trees, and every obstacle crossed.

    Trees that were assumed beyond the ends stay beside an obstacle that is lower; those that a file knows give way to
    what was seen on site.
    """
    trees = max(canopy_m, 0.0)
    if known is None:
        height = np.where((distance_m > keep_out_m) & (to_end_m > keep_out_m), trees, 0.0)
    else:
        height = with_assumed(known, trees, np.minimum(distance_m, to_end_m), keep_out_m)
    for path, start, end, top in zip(found.path, found.start_m, found.end_m, found.height_m, strict=True):
        part = slice(int(offset[path]), int(offset[path + 1]))
        at = distance_m[part]
        here = (at >= start - _ROUNDING_M) & (at <= end + _ROUNDING_M)
        if known is not None:  # an obstacle that was before it in the list stays: its place is known by now
            height[part][here & ~np.isnan(known.height_m[part])] = 0.0
            known.height_m[part][here] = np.nan
        height[part][here] = np.maximum(height[part][here], top)
    return height


class KnownTrees(NamedTuple):
    """What files know of the trees at samples of paths.

    Attributes
    ----------
    height_m : float64 array
        As `Trees.at` returns it; it is written over.
    keep_out_m : float
        Nearer to an end nothing of what was measured counts.
    """

    height_m: NDArray[np.float64]
    keep_out_m: float

    def at_ends(self, offset: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what is known to stand at both ends of each path, m: (paths, 2); 0 where nothing is.

        What was seen on site stands on the path itself, up to its ends: asked after `cover`, it is none of these.
        """
        ends = np.stack([self.height_m[offset[:-1]], self.height_m[offset[1:] - 1]], axis=1)
        return np.nan_to_num(np.abs(ends))


def with_assumed(
    known: KnownTrees, canopy_m: float, from_end_m: NDArray[np.float64], keep_out_m: float
) -> NDArray[np.float64]:
    """Return what stands at samples of paths: trees that are known, and assumed ones where none is.

    Parameters
    ----------
    known : KnownTrees
        By files.
    canopy_m : float
        Assumed where nothing is known.
    from_end_m : float64 array
        How far the nearer end of the path is.
    keep_out_m : float
        Nearer to an end nothing assumed stands.
    """
    height = np.where(np.isnan(known.height_m), -canopy_m, known.height_m)
    keep = np.where(height > 0.0, known.keep_out_m, keep_out_m)
    return np.where(from_end_m > keep, np.abs(height), 0.0)

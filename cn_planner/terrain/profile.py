"""Profiles of the ground along geodesics, with what stands on it: trees assumed, trees and buildings seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo
from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.terrain.between import places_between
from cn_planner.terrain.cover import KnownTrees, Paths, cover, crossings, keep_outs_m, with_samples, wood_edges
from cn_planner.terrain.height_error import EXACT, HeightError
from cn_planner.terrain.track import along, motion, share_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.model.plan import Obstacle
    from cn_planner.terrain.surface import Surface, TilePaths

MOST_SAMPLES_OF_A_PATH = 5_000_000
"""1,000 km over cells of 0.4 m: what asks for more is a mistake. A survey by drone has cells of 5 cm, and all of a path
that touches it takes them: 30 km are 1,200,000 samples."""
OUT_OF_SIGHT_M = 1_000_000.0
"""From two summits of 9,000 m the horizons are 780 km apart at four thirds of the Earth's radius: beyond this the Earth
itself hides one end from the other, whatever stands between."""
STEPS_OUT_OF_SIGHT = 80_000
"""Of a path longer than `OUT_OF_SIGHT_M`: those of 1,000 km over cells of 25 m. A line across the world would take a
million."""
MOST_SAMPLES = 10_000_000
"""Of all paths that are asked for at once: 650 MB while they are made."""


@dataclass(frozen=True, slots=True, eq=False)
class PathProfile:
    """The ground along one path, from the first end to the second.

    Attributes
    ----------
    latitude, longitude : float64 arrays of n
        Degrees, WGS 84. The first and the last are the ends as they were given.
    distance_m : float64 array of n
        From the first end. Equal steps no longer than half the source's cell; more samples where the ground would else
        stand above a straight line between two of them (`terrain.between`); where woods begin by their distance from
        the ends; and where an obstacle stands three more: where the path enters it, where it is nearest to its
        middle, and where it leaves it.
    ground_m : float64 array of n
        Above sea level; NaN where terrain is missing.
    cover_m : float64 array of n
        Height of trees and buildings above the ground, 0 where none.
    filled : bool array of n
        Where the ground rests on a small void that was filled.
    azimuth_deg, back_azimuth_deg : float
        At the first end towards the second, and back; 0 where both are the same place.
    length_m : float
        0, with a single sample, where both ends are the same place.
    missing : tuple of str
        What terrain is missing along the path; see `Surface.missing_tiles`.
    cover_assumed : bool
        Whether `cover_m` holds assumed trees.
    height_error : HeightError
        How far the ground is off, by its source.
    clutter_m : (float, float)
        Height of the trees or houses that files know at the ends themselves, where `cover_m` leaves them out; 0 where
        none is known.
    """

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    ground_m: NDArray[np.float64]
    cover_m: NDArray[np.float64]
    filled: NDArray[np.bool_]
    azimuth_deg: float
    back_azimuth_deg: float
    length_m: float
    missing: tuple[str, ...] = ()
    cover_assumed: bool = False
    height_error: HeightError = EXACT
    clutter_m: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class PathProfiles:
    """Many profiles end to end: that of path k is ``[offset[k]:offset[k + 1]]`` of the arrays of samples.

    Attributes
    ----------
    offset : int64 array of paths + 1
    latitude, longitude, distance_m, ground_m, cover_m, filled : arrays of samples
        As in `PathProfile`.
    azimuth_deg, back_azimuth_deg, length_m : float64 arrays of paths
    cover_assumed : bool array of paths
    height_error : float64 array of (paths, 3)
        As `Surface.path_errors` returns it.
    clutter_m : float64 array of (paths, 2)
    """

    offset: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    ground_m: NDArray[np.float64]
    cover_m: NDArray[np.float64]
    filled: NDArray[np.bool_]
    azimuth_deg: NDArray[np.float64]
    back_azimuth_deg: NDArray[np.float64]
    length_m: NDArray[np.float64]
    cover_assumed: NDArray[np.bool_]
    height_error: NDArray[np.float64]
    clutter_m: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of paths."""
        return len(self.length_m)

    def profile(self, number: int, surface: Surface) -> PathProfile:
        """Return one path's profile, the same as `path_profile` gives, with what is missing named."""
        part = slice(int(self.offset[number]), int(self.offset[number + 1]))
        gone = np.isnan(self.ground_m[part])
        missing: tuple[str, ...] = ()
        if gone.any():
            missing = surface.missing_tiles(self.latitude[part][gone], self.longitude[part][gone])
        return PathProfile(
            latitude=self.latitude[part],
            longitude=self.longitude[part],
            distance_m=self.distance_m[part],
            ground_m=self.ground_m[part],
            cover_m=self.cover_m[part],
            filled=self.filled[part],
            azimuth_deg=float(self.azimuth_deg[number]),
            back_azimuth_deg=float(self.back_azimuth_deg[number]),
            length_m=float(self.length_m[number]),
            missing=missing,
            cover_assumed=bool(self.cover_assumed[number]),
            height_error=HeightError(*self.height_error[number].tolist()),
            clutter_m=(float(self.clutter_m[number, 0]), float(self.clutter_m[number, 1])),
        )


def path_profile(
    surface: Surface,
    a: tuple[float, float],
    b: tuple[float, float],
    *,
    canopy_m: float = 0.0,
    keep_out_m: float = 200.0,
    obstacles: Iterable[Obstacle] = (),
    taller_m: float = 0.0,
) -> PathProfile:
    """Return the profile of the WGS 84 geodesic from one place to another.

    Parameters
    ----------
    surface : Surface
        The ground.
    a, b : (float, float)
        Latitude and longitude of the ends, degrees. The same place twice gives a profile of one sample.
    canopy_m : float
        Height of trees assumed on the path, where the surface knows of none.
    keep_out_m : float
        No trees are assumed nearer than this to either end.
    obstacles : iterable of Obstacle
        Trees and buildings that were seen: each stands, with its height, wherever the path passes within its radius.
    taller_m : float
        By how much trees that the surface knows are taken to be taller than it says.

    Raises
    ------
    InputError
        Where an end is not on the globe.
    """
    for latitude, longitude in (a, b):
        geo.check_position(latitude, longitude)
    many = path_profiles(
        surface, [a[0]], [a[1]], [b[0]], [b[1]], canopy_m=canopy_m, keep_out_m=keep_out_m, obstacles=obstacles,
        taller_m=taller_m,
    )  # fmt: skip
    return many.profile(0, surface)


def path_profiles(
    surface: Surface,
    a_lat: ArrayLike,
    a_lon: ArrayLike,
    b_lat: ArrayLike,
    b_lon: ArrayLike,
    *,
    canopy_m: float = 0.0,
    keep_out_m: float = 200.0,
    obstacles: Iterable[Obstacle] = (),
    taller_m: float = 0.0,
) -> PathProfiles:
    """Return the profiles of many paths at once: the samples of `path_profile`, bit for bit.

    Parameters
    ----------
    surface : Surface
        The ground.
    a_lat, a_lon, b_lat, b_lon : array_like
        Degrees, WGS 84, broadcast against each other to one dimension.
    canopy_m, keep_out_m, obstacles, taller_m
        As in `path_profile`.

    Raises
    ------
    InputError
        Where a path has more samples than `MOST_SAMPLES_OF_A_PATH`, or all of them more than `MOST_SAMPLES`.

    Notes
    -----
    42 bytes a sample. A caller with very many pairs asks for them in parts.
    """
    lat_a, lon_a, lat_b, lon_b = (
        np.ascontiguousarray(v, dtype=np.float64)
        for v in np.broadcast_arrays(*map(np.atleast_1d, (a_lat, a_lon, b_lat, b_lon)))
    )
    azimuth, back, length = geo.geodesics(lat_a, lon_a, lat_b, lon_b)
    nowhere = length == 0.0
    azimuth[nowhere] = back[nowhere] = 0.0
    cell = surface.path_cell_m(lat_a, lon_a, lat_b, lon_b, length)
    steps = step_lengths(length, cell)
    offset = np.concatenate([[0], np.cumsum(steps + 1)])
    _check_size(steps, length, cell)
    path = np.repeat(np.arange(len(steps)), steps + 1)
    number = np.arange(offset[-1]) - offset[path]
    distance = number * (length / np.maximum(steps, 1))[path]
    distance[offset[1:] - 1] = length
    found = crossings(Paths(lat_a, lon_a, lat_b, lon_b, azimuth, length), obstacles)
    run = motion(lat_a, lon_a, lat_b, lon_b, azimuth, back, length)
    tiles, good = surface.path_tiles(
        lat_a, lon_a, lat_b, lon_b, length, run, surface.jets(lat_a, lon_a), surface.jets(lat_b, lon_b)
    )
    between = _between(tiles, good, Paths(lat_a, lon_a, lat_b, lon_b, azimuth, length), path, distance)
    known_m = None if surface.trees is None else surface.trees.keep_out_m
    edges = wood_edges(length, keep_outs_m(canopy_m, keep_out_m, known_m))
    for more in (found.samples(), between, edges):
        if len(more[0]):
            path, distance = with_samples(path, distance, *more, length)
    offset = np.concatenate([[0], np.cumsum(np.bincount(path, minlength=len(steps)))])
    lat, lon, ground = (np.empty(len(path)) for _ in range(3))
    filled = np.zeros(len(path), np.bool_)
    short = good[path]
    if short.any():
        here = path[short]
        share = share_of(distance[short], length[here])
        lat[short], lon[short] = along(run.latitude[here], share), along(run.longitude[here], share)
        ground[short], filled[short] = surface.heights_along(tiles, here, share)
    if not short.all():
        long = ~short
        here = path[long]
        lat[long], lon[long] = geo.points_along(lat_a[here], lon_a[here], azimuth[here], distance[long])
        for end, la, lo in ((offset[1:] - 1, lat_b, lon_b), (offset[:-1], lat_a, lon_a)):
            lat[end[~good]], lon[end[~good]] = la[~good], lo[~good]
        ground[long], filled[long] = surface.heights_and_filled(lat[long], lon[long])
    assumed = (canopy_m > 0.0) & (length > 2.0 * keep_out_m)
    known = None
    if surface.trees is not None:
        known = KnownTrees(surface.trees_at(lat, lon), surface.trees.keep_out_m)
        somewhere = np.isnan(known.height_m) & (np.minimum(distance, length[path] - distance) > keep_out_m)
        assumed &= np.bincount(path[somewhere], minlength=len(length)) > 0
        known.height_m[:] += np.sign(known.height_m) * taller_m
    height = cover(offset, distance, length[path] - distance, found, canopy_m, keep_out_m, known)
    error = surface.path_errors(lat_a, lon_a, lat_b, lon_b, length)
    clutter = np.zeros((len(length), 2)) if known is None else known.at_ends(offset)
    return PathProfiles(
        offset, lat, lon, distance, ground, height, filled, azimuth, back, length, assumed, error, clutter
    )


def _between(
    tiles: tuple[TilePaths, ...],
    good: NDArray[np.bool_],
    paths: Paths,
    path: NDArray[np.int64],
    distance_m: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the places that equal steps leave out on the files that paths touch, by path and distance."""
    todo = path[1:] == path[:-1]
    from_end = np.minimum(distance_m[1:], paths.length_m[path[:-1]] - distance_m[:-1])
    found_path, found = [np.zeros(0, np.int64)], [np.zeros(0)]
    row, col = np.empty(len(path)), np.empty(len(path))
    for one in tiles:
        touched = one.touched[path]
        for short in (True, False):
            mine = np.flatnonzero(touched & (good[path] if short else ~good[path]))
            here = path[mine]
            if short:
                share = share_of(distance_m[mine], paths.length_m[here])
                row[mine], col[mine], _ = one.tile.cells(along(one.x[here], share), along(one.y[here], share))
            else:
                lat, lon = geo.points_along(
                    paths.lat_a[here], paths.lon_a[here], paths.azimuth_deg[here], distance_m[mine]
                )
                row[mine], col[mine] = one.tile.place(lat, lon)
        at = np.flatnonzero(todo & touched[:-1])
        after, places, known = places_between(one.tile, row, col, at, distance_m, from_end[at])
        todo[known] = False
        found_path.append(path[after])
        found.append(places)
    return np.concatenate(found_path), np.concatenate(found)


def step_lengths(length_m: NDArray[np.float64], cell_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many equal steps paths take; 0 where both ends are the same place.

    None is longer than half a cell, but where the ends are out of each other's sight anyway.
    """
    steps = np.where(length_m == 0.0, 0.0, np.maximum(np.ceil(length_m / (cell_m / 2.0)), 1.0))
    return np.where(length_m > OUT_OF_SIGHT_M, np.minimum(steps, STEPS_OUT_OF_SIGHT), steps).astype(np.int64)


def _check_size(steps: NDArray[np.int64], length_m: NDArray[np.float64], cell_m: NDArray[np.float64]) -> None:
    """Raise InputError before arrays are made that no memory holds."""
    if not len(steps):
        return
    longest = int(np.argmax(steps))
    if steps[longest] >= MOST_SAMPLES_OF_A_PATH:
        raise InputError(
            msg(
                "A path of {km:,.0f} km over terrain with cells of {cell_m:.3g} m is too long: it takes {count:,} "
                "samples; the limit is {most:,}.",
                km=float(length_m[longest]) / 1000.0,
                cell_m=float(cell_m[longest]),
                count=int(steps[longest]) + 1,
                most=MOST_SAMPLES_OF_A_PATH,
            ),
            fix=msg("Check the coordinates of both ends, or use terrain with larger cells."),
        )
    count = int(steps.sum()) + len(steps)
    if count > MOST_SAMPLES:
        raise InputError(
            msg("The paths are too many: they take {count:,} samples; the limit is {most:,}.", count=count,
                most=MOST_SAMPLES),
            fix=msg("Ask for fewer or shorter paths."),
        )  # fmt: skip

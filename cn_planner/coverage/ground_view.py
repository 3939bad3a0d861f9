"""The ground in three dimensions: laid out once in levels of detail, then seen by a camera at the speed of a hand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from cn_planner.coverage.contour_kernels import line_rows
from cn_planner.coverage.view_kernels import (
    SKY,
    GroundColours,
    GroundLevels,
    Lens,
    Planes,
    Rays,
    cast_planes,
    halve_rows,
    height_kernel,
    look_at_places,
    resolve_rows,
)
from cn_planner.errors import MissingTerrainError
from cn_planner.geo import WGS84, check_position, local_transverse_mercator, transform
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.kernel import compiled
from cn_planner.units import EARTH_RADIUS_M, MEDIAN_K_FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.coverage.contour_kernels import HeightLines
    from cn_planner.terrain.surface import Surface

_HALF = 352
"""A level has so many cells to each side of its middle: with cells of 30 m the finest is 21 km wide."""
_LATTICE = 16
"""Cells between places that are carried from the plane to the globe; between them a straight line is within 1 cm for
cells of 30 m, and within 6 cm for cells of 120 m."""
_FINEST_M, _COARSEST_M = 2.0, 250.0
_NEAR_POLE_DEG = 80.0
_MOST_LEVELS = 12
FIELD_DEG = 38.0
"""From the lower edge of the picture to the upper one."""
LEAST_TILT_DEG, MOST_TILT_DEG = 2.0, 64.0
"""Down from the horizontal. Steeper, where one looks straight down would come into the picture: that is the map."""
_NEAR_SHARE = 0.004
_PLANES, _ROWS = 96, 32
"""A band of the work: it does not depend on the number of threads."""
_FLOOR_SHARE = 0.04
"""The cut edge reaches so far below the lowest ground, of the height difference, and 20 m at least."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewGround:
    """Heights round a place on a plane, in levels of detail.

    Attributes
    ----------
    crs : str
        Of the plane: transverse Mercator, true to scale at the middle; east and north in metres from there.
    levels : GroundLevels
    lowest_m, highest_m : float
        Of the ground that is known.
    k_factor : float
        Of the earth's radius.
    """

    crs: str
    levels: GroundLevels
    lowest_m: float
    highest_m: float
    k_factor: float

    @property
    def reach_m(self) -> float:
        """How far the outermost level reaches from the middle."""
        return float(self.levels.cell[-1]) * _HALF

    @property
    def fine_m(self) -> float:
        """How far the finest level reaches from the middle."""
        return float(self.levels.cell[0]) * _HALF

    def to_plane(self, latitude: ArrayLike, longitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return east and north of positions, m; infinite where they cannot be on the plane."""
        return transform(WGS84, self.crs, longitude, latitude)

    def to_geo(self, east: ArrayLike, north: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return latitude and longitude of places of the plane."""
        longitude, latitude = transform(self.crs, WGS84, east, north)
        return latitude, longitude

    def height_m(self, east: float, north: float) -> float:
        """Return the height of the ground as it is drawn, m above sea level; NaN where it is not known."""
        return float(compiled(height_kernel)(self.levels, float(east), float(north)))

    def level(self, number: int) -> NDArray[np.float32]:
        """Return the heights of one level (rows, columns), the first row the northernmost."""
        side = int(self.levels.side[number])
        first = int(self.levels.start[number])
        return np.asarray(self.levels.z[first : first + side * side], np.float32).reshape(side, side)


def lay_view_ground(
    surface: Surface,
    latitude: float,
    longitude: float,
    *,
    reach_m: float = 40_000.0,
    k_factor: float = MEDIAN_K_FACTOR,
    run: Run = ALONE,
) -> ViewGround:
    """Return the ground round a place as a camera needs it.

    Parameters
    ----------
    surface : Surface
    latitude, longitude : float
        The middle, degrees WGS 84. The finest level has the samples of the terrain there; each one further out has
        cells twice as wide.
    reach_m : float
        How far from the middle ground is wanted at least, m.
    k_factor : float
        Of the earth's radius.

    Raises
    ------
    InputError
        Where the place is none.
    MissingTerrainError
        Where no height is known within reach.
    CancelledError
    """
    check_position(latitude, longitude)
    if surface.empty:
        raise MissingTerrainError(msg("There is no terrain yet. Add an elevation file."))
    crs = local_transverse_mercator(latitude, longitude)
    cell = surface.cell_m(latitude, longitude)
    if math.isnan(cell):
        cell = min(one.cell_m for one in surface.sources)
    cell = min(max(cell, _FINEST_M), _COARSEST_M)
    count = min(1 + max(0, math.ceil(math.log2(max(reach_m / (_HALF * cell), 1.0)))), _MOST_LEVELS)
    levels: list[NDArray[np.float32]] = []
    for number in range(count):
        run.check()
        run.progress(number / count)
        heights = _level(surface, crs, (latitude, longitude), cell * 2.0**number, levels[-1] if levels else None, run)
        levels.append(heights)
    known = [float(f(one[np.isfinite(one)])) for one in levels if np.isfinite(one).any() for f in (np.min, np.max)]
    if not known:
        raise MissingTerrainError(
            msg("No height is known there."), where=", ".join(surface.missing_tiles(latitude, longitude))
        )
    cells = cell * 2.0 ** np.arange(count)
    side = np.full(count, 2 * _HALF + 1, np.int64)
    return ViewGround(
        crs,
        GroundLevels(
            np.concatenate([one.reshape(-1) for one in levels]),
            np.concatenate([[0], np.cumsum(side * side)[:-1]]).astype(np.int64),
            side, -cells * _HALF, cells * _HALF, cells, _extent(levels, cell),
        ),
        min(known), max(known), k_factor,
    )  # fmt: skip


def _extent(levels: list[NDArray[np.float32]], cell: float) -> NDArray[np.float64]:
    """Return the least and the greatest east, then north, of what is known in levels, m."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for number, z in enumerate(levels):
        there = np.isfinite(z)
        rows, columns = (np.flatnonzero(there.any(axis=axis)) for axis in (1, 0))
        if len(rows):
            corners = np.array([[columns[0] - _HALF, _HALF - rows[-1]], [columns[-1] - _HALF, _HALF - rows[0]]])
            low = np.minimum(low, corners[0] * cell * 2.0**number)
            high = np.maximum(high, corners[1] * cell * 2.0**number)
    return np.stack([low, high], axis=1).reshape(-1)


def _level(
    surface: Surface, crs: str, middle: tuple[float, float], cell: float, inner: NDArray[np.float32] | None, run: Run
) -> NDArray[np.float32]:
    """Return the heights of one level; every second one of the level within is one of its own."""
    side = 2 * _HALF + 1
    out = np.full((side, side), np.nan, np.float32)
    at = np.arange(-_HALF, _HALF + 1, dtype=np.float64) * np.float64(cell)
    if abs(middle[0]) > _NEAR_POLE_DEG:
        lat, lon = _carried(crs, at[np.newaxis, :], -at[:, np.newaxis], middle[1])
    else:
        coarse = at[::_LATTICE]
        corners = _carried(crs, coarse[np.newaxis, :], -coarse[:, np.newaxis], middle[1])
        lat, lon = (_between(one, side) for one in corners)
    half = _HALF // 2
    parts = [(slice(0, side), slice(0, side))]
    if inner is not None:
        kept = slice(half, half + _HALF + 1)
        out[kept, kept] = inner[::2, ::2]
        parts = [
            (slice(0, half), slice(0, side)), (slice(half + _HALF + 1, side), slice(0, side)),
            (kept, slice(0, half)), (kept, slice(half + _HALF + 1, side)),
        ]  # fmt: skip
    for rows, columns in parts:
        run.check()
        out[rows, columns] = surface.heights(lat[rows, columns], lon[rows, columns])
    return out


def _carried(
    crs: str, east: NDArray[np.float64], north: NDArray[np.float64], longitude: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitude and longitude, the latter without a jump where the world is cut."""
    x, y = np.broadcast_arrays(east, north)
    lon, lat = transform(crs, WGS84, np.ascontiguousarray(x), np.ascontiguousarray(y))
    return lat, (lon - longitude + 180.0) % 360.0 - 180.0 + longitude


def _between(corners: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return values between those of a lattice, row by row and column by column."""
    place = np.arange(side) / _LATTICE
    low = np.minimum(place.astype(np.int64), len(corners) - 2)
    share = (place - low)[:, np.newaxis]
    rows = corners[low] * (1.0 - share) + corners[low + 1] * share
    found: NDArray[np.float64] = rows[:, low] * (1.0 - share.T) + rows[:, low + 1] * share.T
    return found


_BLOCK, _STANDS_OUT_M = 24, 60.0
"""A summit is the highest of so many cells round it, and stands so far above the lowest of them."""


def summits(ground: ViewGround) -> tuple[tuple[float, float], ...]:
    """Return east and north of the hills of a ground, m, the highest first."""
    number = min(1, len(ground.levels.start) - 1)
    z, cell = ground.level(number), float(ground.levels.cell[number])
    count = len(z) // _BLOCK
    blocks = z[: count * _BLOCK, : count * _BLOCK].reshape(count, _BLOCK, count, _BLOCK).transpose(0, 2, 1, 3)
    flat = blocks.reshape(count, count, -1)
    low = np.where(np.isnan(flat), np.inf, flat).min(axis=2)
    filled = np.where(np.isnan(flat), -np.inf, flat)
    best, at = filled.max(axis=2), filled.argmax(axis=2)
    padded, floor = np.pad(best, 1, constant_values=-np.inf), np.pad(low, 1, constant_values=np.inf)
    shifts = [(i, j) for i in range(3) for j in range(3)]
    around = np.max([padded[i : i + count, j : j + count] for i, j in shifts], axis=0)
    below = np.min([floor[i : i + count, j : j + count] for i, j in shifts], axis=0)
    rows, columns = np.nonzero((best >= around) & np.isfinite(best) & (best - below >= _STANDS_OUT_M))
    order = np.argsort(-best[rows, columns], kind="stable")
    found = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        down, across = divmod(int(at[row, column]), _BLOCK)
        found.append(((column * _BLOCK + across - _HALF) * cell, (_HALF - row * _BLOCK - down) * cell))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Camera:
    """Where one looks from, told by what one looks at.

    Attributes
    ----------
    east, north, up : float
        The place in the middle of the picture, m on the plane; ``up`` is its height times `stretch`.
    azimuth_deg, tilt_deg : float
        Where the camera looks: clockwise from north, and down from the horizontal.
    distance_m : float
        How far the camera is from there.
    stretch : float
        Factor on heights.
    """

    east: float
    north: float
    up: float
    azimuth_deg: float = 0.0
    tilt_deg: float = 30.0
    distance_m: float = 10_000.0
    stretch: float = 1.0

    @property
    def eye(self) -> tuple[float, float, float]:
        """Where the camera is: east, north and up, the last one stretched."""
        azimuth, tilt = math.radians(self.azimuth_deg), math.radians(self.tilt_deg)
        ahead = self.distance_m * math.cos(tilt)
        return (
            self.east - ahead * math.sin(azimuth), self.north - ahead * math.cos(azimuth),
            self.up + self.distance_m * math.sin(tilt),
        )  # fmt: skip

    def turned(self, azimuth_deg: float, tilt_deg: float) -> Camera:
        """Return the camera turned about what it looks at."""
        tilt = min(max(self.tilt_deg + tilt_deg, LEAST_TILT_DEG), MOST_TILT_DEG)
        return replace(self, azimuth_deg=(self.azimuth_deg + azimuth_deg) % 360.0, tilt_deg=tilt)

    def nearer(self, factor: float, about: tuple[float, float, float] | None = None) -> Camera:
        """Return the camera so much nearer to a place, which stays where it is in the picture."""
        east, north, up = about or (self.east, self.north, self.up)
        return replace(
            self, east=east + (self.east - east) / factor, north=north + (self.north - north) / factor,
            up=up + (self.up - up) / factor, distance_m=self.distance_m / factor,
        )  # fmt: skip

    def stretched(self, stretch: float) -> Camera:
        """Return the camera for ground that is stretched otherwise."""
        return replace(self, stretch=stretch, up=self.up * stretch / self.stretch)


def lens_of(ground: ViewGround, camera: Camera, width: int, height: int) -> Lens:
    """Return a camera as kernels take it, for a picture of so many pixels."""
    east, north, up = camera.eye
    azimuth, tilt = math.radians(camera.azimuth_deg), math.radians(camera.tilt_deg)
    floor = ground.lowest_m - max(20.0, _FLOOR_SHARE * (ground.highest_m - ground.lowest_m))
    return Lens(
        east, north, up, math.sin(azimuth), math.cos(azimuth), math.sin(tilt), math.cos(tilt),
        height / 2.0 / math.tan(math.radians(FIELD_DEG / 2.0)), width / 2.0, height / 2.0, camera.stretch,
        1.0 / (2.0 * ground.k_factor * EARTH_RADIUS_M), ground.highest_m + 1.0, floor,
        max(_NEAR_SHARE * camera.distance_m, 1.0),
    )  # fmt: skip


_Pixels = TypeVar("_Pixels", float, "NDArray[np.float64]")


class ViewSpots(NamedTuple):
    """Where places are seen in a picture: x and y, pixels; how far ahead, m; the ground there, m; NaN if not at all."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    ahead_m: NDArray[np.float64]
    ground_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GroundPicture:
    """The ground as one camera sees it.

    Attributes
    ----------
    ground : ViewGround
    camera : Camera
    lens : Lens
    pixels : uint32 array of (rows, columns)
        0xffRRGGBB.
    ahead_m : float32 array of (rows, columns)
        How far ahead of the camera is what a pixel shows, m along the direction in which the camera looks, on the
        plane; infinite where that is sky.
    """

    ground: ViewGround
    camera: Camera
    lens: Lens
    pixels: NDArray[np.uint32]
    ahead_m: NDArray[np.float32]

    def hidden(self, spots: ViewSpots, times: float = 1.0) -> NDArray[np.bool_]:
        """Return which of these, seen in a picture so many times as large, stand behind a hill or outside of it."""
        rows, columns = self.ahead_m.shape
        with np.errstate(invalid="ignore"):
            x, y = np.nan_to_num(spots.x, nan=-1.0), np.nan_to_num(spots.y, nan=-1.0)
            x, y = np.clip(x / times, -1e6, 1e6), np.clip(y / times, -1e6, 1e6)
            inside = (x >= 0.0) & (x < columns) & (y >= 0.0) & (y < rows)
            row, column = np.where(inside, y, 0).astype(np.int64), np.where(inside, x, 0).astype(np.int64)
            # Towards the horizon a pixel holds much ground: what the one above shows is not hidden by this one.
            first = np.maximum(self.ahead_m[row, column], self.ahead_m[np.maximum(row - 1, 0), column])
            slack = 1.0 + 0.004 * spots.ahead_m + 0.5 * float(self.ground.levels.cell[0])
            found: NDArray[np.bool_] = ~inside | ~(spots.ahead_m <= first + slack)
        return found

    def place(self, x: float, y: float) -> tuple[float, float, float] | None:
        """Return east, north and the distance ahead, m, of what a pixel shows; None for sky."""
        rows, columns = self.ahead_m.shape
        if not (0.0 <= x < columns and 0.0 <= y < rows):
            return None
        ahead = float(self.ahead_m[int(y), int(x)])
        return None if math.isinf(ahead) else (*along_ray(self.lens, x, y, ahead), ahead)


def along_ray(lens: Lens, x: _Pixels, y: _Pixels, ahead_m: _Pixels) -> tuple[_Pixels, _Pixels]:
    """Return east and north of the places so far ahead on the rays of pixels."""
    v = (lens.middle_y - y) / lens.focal
    aside = (x - lens.middle_x) / lens.focal / (lens.cos_tilt + v * lens.sin_tilt)
    return (
        lens.east + ahead_m * (lens.sin_azimuth + aside * lens.cos_azimuth),
        lens.north + ahead_m * (lens.cos_azimuth - aside * lens.sin_azimuth),
    )


def spots_of(
    ground: ViewGround,
    lens: Lens,
    east: NDArray[np.float64],
    north: NDArray[np.float64],
    height_m: ArrayLike,
    *,
    amsl: bool = False,
) -> ViewSpots:
    """Return where places are seen through a lens, whether or not a hill stands before them.

    Parameters
    ----------
    ground : ViewGround
    lens : Lens
    east, north : float64 arrays
        On the plane, m.
    height_m : array_like
        Above the ground as it is drawn; above the sea where `amsl`.
    amsl : bool
    """
    x, y = (np.ascontiguousarray(one, np.float64).reshape(-1) for one in (east, north))
    up = np.ascontiguousarray(np.broadcast_to(np.asarray(height_m, np.float64), x.shape))
    out = np.empty((len(x), 4))
    compiled(look_at_places)(ground.levels, lens, x, y, up, amsl, out)
    return ViewSpots(out[:, 0], out[:, 1], out[:, 2], out[:, 3])


def load_lookups(ground: ViewGround) -> None:
    """Have loaded what places are looked up by: later that is asked for between two frames."""
    ground.height_m(0.0, 0.0)
    camera = Camera(0.0, 0.0, 0.0)
    spots_of(ground, lens_of(ground, camera, 2, 2), np.zeros(1), np.zeros(1), 0.0)


def view_ground(
    ground: ViewGround,
    colours: Callable[[NDArray[np.float64]], GroundColours],
    camera: Camera,
    size: tuple[int, int],
    *,
    fine: bool = False,
    lines: HeightLines | None = None,
    run: Run = ALONE,
) -> GroundPicture:
    """Return the ground as a camera sees it.

    Parameters
    ----------
    ground : ViewGround
    colours : callable
        Returns the colours of the ground, and of the sky by the slope of each row's ray in the middle.
    camera : Camera
    size : (int, int)
        Width and height, pixels.
    fine : bool
        Whether each pixel is made of four: smooth ridges, at four times the price.
    lines : HeightLines, optional
        Lines of equal height on the ground.

    Raises
    ------
    CancelledError
    """
    width, height = (max(2, one) for one in size)
    times = 2 if fine else 1
    lens = lens_of(ground, camera, width * times, height * times)
    rays, planes = _planes(lens, width * times, height * times)
    count = len(rays.tangents)
    far = np.empty((count, len(rays.slopes)), np.float32)
    kind = np.full(far.shape, SKY, np.uint8)
    cast, resolve = compiled(cast_planes), compiled(resolve_rows)

    def walk(first: int) -> None:
        run.check()
        room = np.empty((2, len(ground.levels.start)))
        cast(ground.levels, lens, rays, first, min(first + _PLANES, count), far, kind, room)

    _each(run, walk, range(0, count, _PLANES))
    pixels = np.empty((height * times, width * times), np.uint32)
    ahead = np.empty(pixels.shape, np.float32)
    dress = colours(rays.slopes)
    drawn = None if lines is None else lines._replace(px=lines.px * times)
    draw = compiled(line_rows)

    def paint(first: int) -> None:
        run.check()
        last = min(first + _ROWS, len(pixels))
        resolve(lens, planes, dress, far, kind, first, last, pixels, ahead, 8 * times)
        if drawn is not None:
            draw(lens, planes, drawn, dress.haze_m, far, kind, first, last, pixels)

    _each(run, paint, range(0, len(pixels), _ROWS))
    if not fine:
        return GroundPicture(ground, camera, lens, pixels, ahead)
    small = np.empty((height, width), np.uint32)
    halve = compiled(halve_rows)
    _each(run, lambda first: halve(pixels, first, min(first + _ROWS, height), small), range(0, height, _ROWS))
    one = lens_of(ground, camera, width, height)
    return GroundPicture(ground, camera, one, small, np.ascontiguousarray(ahead[1::2, 1::2]))


def _each(run: Run, act: Callable[[int], None], firsts: range) -> None:
    if run.pool is None:
        for first in firsts:
            act(first)
        return
    for done in [run.pool.submit(partial(act, first)) for first in firsts]:
        done.result()


def _planes(lens: Lens, width: int, height: int) -> tuple[Rays, Planes]:
    """Return the planes of a picture with their rays, and which plane a pixel lies in.

    The uppermost row spans the least: its planes are one a pixel. Those that come into the picture further down, from
    its sides, are as far apart as that there.
    """
    v = (lens.middle_y - np.arange(height) - 0.5) / lens.focal
    ahead = lens.cos_tilt + v * lens.sin_tilt
    slopes = (v * lens.cos_tilt - lens.sin_tilt) / ahead
    half = width / 2.0
    least = half / lens.focal / ahead[0]
    more = math.ceil(half * math.log(ahead[0] / ahead[-1])) + 2
    steps = np.arange(1, math.ceil(half) + more + 1)
    side = np.where(steps <= half, steps / half, np.exp(np.maximum(steps / half - 1.0, 0.0))) * least
    # Where a plane leaves the picture by its side; one row above is looked at for ridges, one more is rounding.
    leaves = lens.middle_y - 0.5 - lens.focal * (half / lens.focal / side - lens.cos_tilt) / lens.sin_tilt
    tops = np.where(steps <= half, 0, np.clip(np.floor(leaves) - 3.0, 0, height - 1)).astype(np.int64)
    tangents = np.concatenate([-side[::-1], [0.0], side])
    off = np.abs(np.arange(width) + 0.5 - half) / half
    rays = Rays(slopes, tangents, np.concatenate([tops[::-1], [0], tops]))
    return rays, Planes(half, np.log(np.maximum(off, 1e-9)), np.log(ahead[0] / ahead), float(len(side)))

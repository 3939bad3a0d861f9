"""Heights of the ground: each elevation source on its own grid, answered by bilinear interpolation of its samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner import geo
from cn_planner.errors import InputError
from cn_planner.gis.parts import Circle, FileAnswers, Transform, place_in
from cn_planner.gis.raster import RasterGrid, read_elevation
from cn_planner.message import msg
from cn_planner.progress import CancelToken, Progress, silent
from cn_planner.terrain.height_error import EXACT, HeightError
from cn_planner.terrain.knots import Knots, heights_by_knots
from cn_planner.terrain.seams import Seam, blend, lean, look_through, measure_mates
from cn_planner.terrain.tile import ElevationTile, join_tiles, place_in_tile, tile_name
from cn_planner.terrain.track import Jets, TrackMotion, along, projected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.terrain.trees import TreeHeights

_BLOCK = 1 << 14
"""Points looked up at once: the working arrays stay in the processor's cache, and are no new pages each time."""
_MOST_VOIDS_NAMED = 3


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Which data: what a result, a sheet or a table says of one elevation file."""

    name: str
    source: str
    licence: str
    vertical_datum: str
    cell_m: float
    zeros_missing: bool = False


class TilePaths(NamedTuple):
    """Paths on one file's own grid: polynomials of its x and y, as `terrain.track` makes them.

    Attributes
    ----------
    tile : Tile
    x, y : float64 arrays of (paths, 7)
    turn : float64 array of paths
        What brings a longitude into the file's range, degrees; 0 in a projection.
    touched : bool array of paths
        Whether the path may touch the file.
    """

    tile: ElevationTile
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    turn: NDArray[np.float64]
    touched: NDArray[np.bool_]


class _Frames:
    """The latitudes and longitudes that paths stay within."""

    def __init__(
        self,
        lat_a: NDArray[np.float64],
        lon_a: NDArray[np.float64],
        lat_b: NDArray[np.float64],
        lon_b: NDArray[np.float64],
        length_m: NDArray[np.float64],
    ) -> None:
        # A geodesic bulges polewards of its ends by at most L^2 tan(lat) / 8 R.
        top = np.minimum(np.maximum(np.abs(lat_a), np.abs(lat_b)), 89.0)
        bulge = np.degrees(length_m**2 * np.tan(np.radians(top)) / (8.0 * 6_350_000.0**2))
        self.steepest = np.minimum(top + bulge, 89.9)
        self.south, self.north = np.minimum(lat_a, lat_b) - bulge, np.maximum(lat_a, lat_b) + bulge
        span = (lon_b - lon_a + 180.0) % 360.0 - 180.0
        self.middle, self.half = lon_a + span / 2.0, np.abs(span) / 2.0

    def touch(self, tile: ElevationTile) -> NDArray[np.bool_]:
        """Return whether paths may touch a file."""
        touched: NDArray[np.bool_] = (self.south <= tile.north) & (self.north >= tile.south)
        offset = np.abs((self.middle - tile.middle + 180.0) % 360.0 - 180.0)
        touched &= offset <= self.half + (tile.east - tile.west) / 2.0
        return touched

    def within(self, tile: ElevationTile) -> NDArray[np.bool_]:
        """Return whether paths lie wholly in the frame of a file."""
        inside: NDArray[np.bool_] = (self.south >= tile.south) & (self.north <= tile.north)
        offset = np.abs((self.middle - tile.middle + 180.0) % 360.0 - 180.0)
        inside &= offset + self.half <= (tile.east - tile.west) / 2.0
        return inside


def _mates(tiles: Sequence[ElevationTile], blend_m: float) -> tuple[list[frozenset[int]], list[Seam]]:
    """Return for each file which others lie on one lattice with it, and the seams between those, which it eases."""
    mates: list[set[int]] = [set() for _ in tiles]
    seams = []
    for i, one in enumerate(tiles):
        for j in range(i + 1, len(tiles)):
            place = place_in_tile(one, tiles[j])
            if place is not None:
                mates[i].add(j)
                mates[j].add(i)
                seam = measure_mates(one, tiles[j], place)
                if seam is not None:
                    band_m = lean(one, tiles[j], place, blend_m) if blend_m > 0.0 and seam.most_m > 0.0 else 0.0
                    seams.append(seam._replace(band_m=band_m))
    return [frozenset(ones) for ones in mates], seams


class Surface:
    """The ground of several elevation files.

    Where files overlap, that of higher priority answers, then the finer one, then the one given first; where it has a
    void, the next. Files on one and the same grid (neighbouring tiles) are joined: heights across their seam are
    those of a mosaic. Small voids are filled and said by `filled`; everything else that is missing is NaN, never sea
    level.

    Parameters
    ----------
    grids : iterable of RasterGrid
        The files.
    priorities : sequence of int, optional
        One a file; the greater wins. All 0 where not given.
    blend_m : float, optional
        Where one file ends and another goes on, heights pass from one to the other over this width; 0: at once.
        Without it that is not even looked at, and `seams` is empty.
    tops : sequence of bool, optional
        One a file: whether its heights are those of the tops of trees and houses.
    trees : Trees, optional
        What stands on the ground. It is not added where the heights are those of tops.
    """

    def __init__(
        self,
        grids: Iterable[RasterGrid],
        priorities: Sequence[int] | None = None,
        *,
        blend_m: float | None = None,
        tops: Sequence[bool] = (),
        trees: TreeHeights | None = None,
    ) -> None:
        given = tuple(grids)
        ranks = tuple(priorities) if priorities is not None else (0,) * len(given)
        if len(ranks) != len(given):
            raise InputError(msg("There must be one priority for each elevation file."))
        tiles = [ElevationTile(grid) for grid in given]
        order = sorted(range(len(tiles)), key=lambda i: (-ranks[i], tiles[i].nominal_cell_m, i))
        self._tiles = tuple(tiles[i] for i in order)
        self._given = tuple(tiles)
        self._tops = frozenset(id(tile) for tile, top in zip(tiles, tops, strict=False) if top)
        self.trees = trees
        self.seams: tuple[Seam, ...] = ()
        if blend_m is None:
            join_tiles(self._tiles)
        else:
            mates, shared = _mates(self._tiles, blend_m)
            join_tiles(self._tiles)
            self.seams = (*blend(self._tiles, mates, blend_m), *shared)

    @classmethod
    def open(
        cls,
        paths: Iterable[str | Path],
        *,
        priorities: Sequence[int] | None = None,
        circles: Sequence[Circle] = (),
        given: Sequence[FileAnswers] = (),
        blend_m: float | None = None,
        tops: Sequence[bool] = (),
        progress: Progress = silent,
        cancel: CancelToken | None = None,
    ) -> Surface:
        """Read elevation files; of large ones only what lies within the circles, where there are any.

        Raises
        ------
        FileError
            Where one of them cannot be read.
        """
        files = list(paths)
        grids = []
        for number, path in enumerate(files):
            if cancel is not None:
                cancel.check()
            progress(number / len(files), msg("Reading {file}", file=str(path)))
            grids.append(read_elevation(path, circles, given[number]) if given else read_elevation(path, circles))
        progress(1.0)
        return cls(grids, priorities, blend_m=blend_m, tops=tops)

    @property
    def empty(self) -> bool:
        """Whether there is no elevation file, as for a plan that has no terrain yet: no height is known then."""
        return not self._tiles

    @property
    def sources(self) -> tuple[SourceInfo, ...]:
        """What is known of each file, in the order given."""
        return tuple(
            SourceInfo(
                t.grid.name, t.grid.source, t.grid.licence, t.grid.vertical_datum, t.cell_at_centre_m,
                t.grid.zeros_missing,
            )
            for t in self._given
        )  # fmt: skip

    @property
    def order(self) -> tuple[int, ...]:
        """The files by their numbers in the order given, in the order in which they answer."""
        return tuple(self._given.index(tile) for tile in self._tiles)

    def missing_pct(self, number: int) -> float:
        """Return how much of a file, by its number in the order given, has no height."""
        return 100.0 * float(np.isnan(self._given[number].own_values).mean())

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """South, west, north, east in degrees; west is greater than east where the files lie across 180 degrees."""
        if not self._tiles:
            raise InputError(msg("There is no elevation file."))
        south = min(t.south for t in self._tiles)
        north = max(t.north for t in self._tiles)
        # The narrowest range of longitudes: what is left when the widest gap between files is taken out of the circle.
        spans = sorted((t.west % 360.0, t.east - t.west) for t in self._tiles)
        reach = spans[0][0] + spans[0][1]
        widest, west = -1.0, spans[0][0]
        for start, width in [*spans[1:], (spans[0][0] + 360.0, 0.0)]:
            if start - reach > widest:
                widest, west = start - reach, start
            reach = max(reach, start + width)
        if widest < 0.0:
            return south, -180.0, north, 180.0
        west = (west + 180.0) % 360.0 - 180.0
        east = west + 360.0 - widest
        return south, west, north, east if east <= 180.0 else east - 360.0

    def heights(self, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
        """Return heights above sea level in m at WGS 84 positions in degrees, NaN where terrain is missing.

        Parameters
        ----------
        latitude, longitude : array_like
            Of any shapes that go together; longitudes may be given beyond 180.

        Returns
        -------
        float64 array
            Bilinear interpolation of the source's samples on the source's own grid. The same point gives the same
            bits in any array.
        """
        return self._look(latitude, longitude, fills=False)[0]

    def filled(self, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.bool_]:
        """Return where a height rests on at least one sample that was a small void and was filled."""
        return self._look(latitude, longitude, fills=True)[1]

    def heights_and_filled(
        self, latitude: ArrayLike, longitude: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return `heights` and `filled` of the same points at the price of one."""
        return self._look(latitude, longitude, fills=True)

    def _look(
        self, latitude: ArrayLike, longitude: ArrayLike, *, fills: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        lat, lon = np.broadcast_arrays(np.asarray(latitude, np.float64), np.asarray(longitude, np.float64))
        shape = lat.shape
        lat, lon = lat.reshape(-1), lon.reshape(-1)
        height = np.full(lat.shape, np.nan)
        filled = np.zeros(lat.shape if fills else (0,), np.bool_)
        for start in range(0, len(lat), _BLOCK):
            part = slice(start, start + _BLOCK)
            self._look_block(lat[part], lon[part], height[part], filled[part])
        return height.reshape(shape), filled.reshape(shape if fills else (0,))

    def _look_block(
        self,
        lat: NDArray[np.float64],
        lon: NDArray[np.float64],
        height: NDArray[np.float64],
        filled: NDArray[np.bool_],
    ) -> None:
        todo: NDArray[np.intp] | None = None  # None: all of them
        for tile in self._tiles:
            la, lo = (lat, lon) if todo is None else (lat[todo], lon[todo])
            inside = tile.maybe_inside(la, lo)
            if inside is None:
                continue
            found, fill = tile.look(la[inside], lo[inside], fills=len(filled) > 0)
            where = inside if todo is None else todo[inside]
            height[where] = found
            if fill is not None:
                filled[where] = fill
            todo = np.flatnonzero(np.isnan(height))
            if not len(todo):
                return

    def source_at(self, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.int64]:
        """Return which file's samples answer at places, by its number in the order given; -1 where none does."""
        lat, lon = np.broadcast_arrays(np.asarray(latitude, np.float64), np.asarray(longitude, np.float64))
        which = look_through(self._tiles, lat.reshape(-1), lon.reshape(-1))[1]
        numbers = np.array([self._given.index(tile) for tile in self._tiles] + [-1], np.int64)
        return numbers[which].reshape(lat.shape)

    def reaches(self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether any file reaches places, with a height or with a void."""
        there = np.zeros(latitude.shape, np.bool_)
        for tile in self._tiles:
            there |= tile.covers(latitude, longitude)
        return there

    def trees_at(self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return heights of trees as `Trees.at` does, 0 where they are known and the ground has their tops already.

        Raises
        ------
        ValueError
            Where the surface knows of no trees.
        """
        if self.trees is None:
            raise ValueError
        found = self.trees.at(latitude, longitude)
        if not self._tops:
            return found
        known = np.flatnonzero(found.reshape(-1) != 0.0)  # NaN is other than 0, too
        lat, lon = latitude.reshape(-1)[known], longitude.reshape(-1)[known]
        which = look_through(self._tiles, lat, lon)[1]
        tops = np.array([id(tile) in self._tops for tile in self._tiles] + [False])
        flat = found.reshape(-1)
        there = known[tops[which]]
        flat[there] = np.where(np.isnan(flat[there]), np.nan, 0.0)
        return found

    def cell_m(self, latitude: float, longitude: float) -> float:
        """Return the finest source's spacing of samples at a place, m; NaN where no file reaches it."""
        at = np.array([latitude]), np.array([longitude])
        return min((t.cell_m(abs(latitude)) for t in self._tiles if t.covers(*at)[0]), default=math.nan)

    def path_cell_m(
        self,
        lat_a: NDArray[np.float64],
        lon_a: NDArray[np.float64],
        lat_b: NDArray[np.float64],
        lon_b: NDArray[np.float64],
        length_m: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return for each path the finest spacing of samples, m, of the files that it may touch.

        Where a path touches none, the finest of all files; 90 m where there is no file at all.
        """
        frames = _Frames(lat_a, lon_a, lat_b, lon_b, length_m)
        cell = np.full(len(lat_a), np.inf)
        for tile in self._tiles:
            touched = frames.touch(tile)
            if touched.any():
                cell[touched] = np.minimum(cell[touched], tile.cells_m(frames.steepest[touched]))
        fallback = min((t.cell_at_centre_m for t in self._tiles), default=90.0)
        cell[np.isinf(cell)] = fallback
        return cell

    def path_errors(
        self,
        lat_a: NDArray[np.float64],
        lon_a: NDArray[np.float64],
        lat_b: NDArray[np.float64],
        lon_b: NDArray[np.float64],
        length_m: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return how far heights along paths are off, one row a path: the fields of a `HeightError`.

        That of the file that answers first for the whole path; where none holds it all, of the worst that it touches.
        """
        frames = _Frames(lat_a, lon_a, lat_b, lon_b, length_m)
        found = np.tile(np.array(EXACT), (len(lat_a), 1))
        settled = np.zeros(len(lat_a), np.bool_)
        for tile in self._tiles:
            found[frames.touch(tile) & ~settled & (found[:, 0] < tile.error.sd_m)] = tile.error
            settled |= frames.within(tile)
        return found

    def error_at(self, latitude: float, longitude: float) -> HeightError:
        """Return how far heights are off about a place."""
        here = np.array([latitude]), np.array([longitude])
        return HeightError(*self.path_errors(*here, *here, np.zeros(1))[0].tolist())

    def jets(self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> tuple[Jets | None, ...]:
        """Return for each file the derivatives of its projection at places, for `path_tiles`."""
        return tuple(tile.jets(latitude, longitude) if tile.smooth else None for tile in self._tiles)

    def path_tiles(
        self,
        lat_a: NDArray[np.float64],
        lon_a: NDArray[np.float64],
        lat_b: NDArray[np.float64],
        lon_b: NDArray[np.float64],
        length_m: NDArray[np.float64],
        run: TrackMotion,
        jets_a: tuple[Jets | None, ...],
        jets_b: tuple[Jets | None, ...],
    ) -> tuple[tuple[TilePaths, ...], NDArray[np.bool_]]:
        """Return where paths run on each file's own grid, in the order of priority, and which paths that is good for.

        Parameters
        ----------
        lat_a, lon_a, lat_b, lon_b, length_m : float64 arrays of paths
            Ends in degrees, and lengths.
        run : Motion
            Of the same paths.
        jets_a, jets_b : tuple of Jets
            As `jets` returns them, at the ends.
        """
        frames = _Frames(lat_a, lon_a, lat_b, lon_b, length_m)
        good, found = run.fits.copy(), []
        for tile, a, b in zip(self._tiles, jets_a, jets_b, strict=True):
            touched = frames.touch(tile)
            if not touched.any():
                continue
            if a is None or b is None:
                x, y = run.longitude, run.latitude
            else:
                x, y = projected(run, a, b)
            turn = np.zeros(len(lat_a))
            if not tile.smooth:
                good &= ~touched
            elif tile.geographic:
                turn = 360.0 * np.round((tile.middle - x[:, 0]) / 360.0)
                good &= (turn == 360.0 * np.round((tile.middle - x[:, 6]) / 360.0)) | ~touched
            found.append(TilePaths(tile, x, y, turn, touched))
        return tuple(found), good

    def heights_along(
        self, tiles: tuple[TilePaths, ...], path: NDArray[np.int64], share: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return heights at samples of paths, NaN where terrain is missing, and whether they rest on filled voids.

        Parameters
        ----------
        tiles : tuple of TilePaths
            As `path_tiles` returns them, for paths that they are good for.
        path : int64 array of samples
            Each sample's path.
        share : float64 array of samples
            How far along it the sample lies, 0 to 1.
        """
        height, filled = np.full(len(path), np.nan), np.zeros(len(path), np.bool_)
        for start in range(0, len(path), _BLOCK):
            end = min(start + _BLOCK, len(path))
            todo = np.arange(start, end)
            for one in tiles:
                todo = todo[np.isnan(height[todo])]
                mine = todo[one.touched[path[todo]]]
                if not len(mine):
                    continue
                those, t = path[mine], share[mine]
                found, fill = one.tile.look_at(
                    *one.tile.cells(along(one.x[those], t), along(one.y[those], t)), fills=True
                )
                height[mine] = found
                if fill is not None:
                    filled[mine] = fill
        return height, filled

    def missing_tiles(self, latitude: ArrayLike, longitude: ArrayLike) -> tuple[str, ...]:
        """Return what is missing at those of the points that have no height.

        Returns
        -------
        tuple of str
            Names of tiles of one degree, such as ``N42E001``, where the files are such tiles; ``outside FILE`` where
            they are others; ``void in FILE near LAT, LON`` where a file reaches the place and has no height there.
        """
        lat, lon = np.broadcast_arrays(np.asarray(latitude, np.float64), np.asarray(longitude, np.float64))
        gone = np.isnan(self.heights(lat, lon)) & np.isfinite(lat) & np.isfinite(lon)
        lat, lon = lat[gone], lon[gone]
        names: list[str] = []
        for tile in self._tiles:
            void = tile.covers(lat, lon)
            places = dict.fromkeys(zip(np.round(lat[void], 2).tolist(), np.round(lon[void], 2).tolist(), strict=True))
            named = list(places)[:_MOST_VOIDS_NAMED]
            names += [f"void in {tile.grid.name} near {at[0]:.2f}, {at[1]:.2f}" for at in named]
            lat, lon = lat[~void], lon[~void]
        if not len(lat):
            return tuple(names)
        if self._tiles and not any(t.is_degree_tile for t in self._tiles):
            return (*names, *(f"outside {t.grid.name}" for t in self._given))
        corners = np.unique(np.stack([np.floor(lat), np.floor((lon + 180.0) % 360.0 - 180.0)]), axis=1)
        return (*names, *(tile_name(south, west) for south, west in corners.T.tolist()))

    def metric_grid(self) -> tuple[str, Transform, tuple[int, int]] | None:
        """Return CRS, transform and shape of the source's own grid where there is one source and it is in metres.

        It is that of the whole file, however much of that was read. None also where its metres are none on the ground,
        as those of Web Mercator: what is computed there in cells would be twice as far at 60 degrees as it is.
        """
        if len(self._tiles) != 1 or not geo.is_metric(self._tiles[0].grid.crs):
            return None
        grid = self._tiles[0].grid
        (a, b, c, d, e, f), (rows, columns) = grid.whole
        corners = tuple(
            (a * column + b * row + c, d * column + e * row + f)
            for row in (0, rows // 2, rows - 1)
            for column in (0, columns // 2, columns - 1)
        )
        return (grid.crs, *grid.whole) if geo.is_true_to_scale(grid.crs, corners) else None

    def on_grid(
        self, crs: str, transform: Transform, shape: tuple[int, int], cancel: CancelToken | None = None
    ) -> NDArray[np.float32]:
        """Return heights at the pixel centres of another grid.

        Parameters
        ----------
        crs : str
            Of the other grid.
        transform : tuple of six floats
            To pixel centres: ``x = a col + b row + c``, ``y = d col + e row + f``.
        shape : (int, int)
            Rows, columns.
        cancel : CancelToken, optional
            Looked at every few rows.

        Returns
        -------
        float32 array of (rows, columns)
            NaN where missing. The source's own grid, or a part of it, is returned as it is, small voids filled,
            read-only.
        """
        own = self._own_part(crs, transform, shape)
        if own is not None:
            own.flags.writeable = False
            return own
        out = np.empty(shape, np.float32)
        for part, lat, lon in _centres(crs, transform, shape):
            if cancel is not None:
                cancel.check()
            out[part] = self.heights(lat, lon)
        return out

    def on_raster(self, raster: Knots, dtype: type[np.float32 | np.float64] = np.float64) -> NDArray[np.floating]:
        """Return heights of a raster by its knots, NaN where missing: for pictures, and to look for forms of ground."""
        return heights_by_knots(self._tiles, raster, dtype)

    def trees_on_grid(
        self, crs: str, transform: Transform, shape: tuple[int, int], cancel: CancelToken | None = None
    ) -> NDArray[np.float32] | None:
        """Return `trees_at` at the pixel centres of a grid; None where the surface knows of no trees."""
        if self.trees is None:
            return None
        out = np.empty(shape, np.float32)
        for part, lat, lon in _centres(crs, transform, shape):
            if cancel is not None:
                cancel.check()
            out[part] = self.trees_at(lat, lon)
        return out

    def _own_part(self, crs: str, transform: Transform, shape: tuple[int, int]) -> NDArray[np.float32] | None:
        """Return the source's own samples on a part of its own grid, None where that is not what is asked for."""
        native = self.metric_grid()
        if native is None or native[0] != crs:
            return None
        place = place_in(native[1], transform)
        if place is None or min(place) < 0 or place[0] + shape[0] > native[2][0] or place[1] + shape[1] > native[2][1]:
            return None
        tile = self._tiles[0]
        held = tile.own_values
        part = tile.grid.part
        top, left = (place[0], place[1]) if part is None else (place[0] - part.top, place[1] - part.left)
        if min(top, left) >= 0 and top + shape[0] <= held.shape[0] and left + shape[1] <= held.shape[1]:
            return held[top : top + shape[0], left : left + shape[1]]
        out = np.full(shape, np.nan, np.float32)  # no more was read: what lies beyond is not known
        inner = held[max(top, 0) : max(top + shape[0], 0), max(left, 0) : max(left + shape[1], 0)]
        out[max(-top, 0) :, max(-left, 0) :][: inner.shape[0], : inner.shape[1]] = inner
        return out


def _centres(
    crs: str, transform: Transform, shape: tuple[int, int]
) -> Iterator[tuple[slice, NDArray[np.float64], NDArray[np.float64]]]:
    """Yield rows of a grid, with latitudes and longitudes of their pixel centres."""
    rows, columns = shape
    a, b, c, d, e, f = transform
    step = max(1, _BLOCK // max(columns, 1))
    column = np.arange(columns, dtype=np.float64)
    for first in range(0, rows, step):
        row = np.arange(first, min(first + step, rows), dtype=np.float64)[:, np.newaxis]
        lon, lat = geo.transform(crs, geo.WGS84, a * column + b * row + c, d * column + e * row + f)
        yield slice(first, first + step), lat, lon


NO_TERRAIN = Surface(())
"""The ground of a plan that has no terrain yet."""

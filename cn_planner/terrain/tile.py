"""One elevation file of a surface: where it lies, how fine it is, its samples joined with those of its neighbours."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo
from cn_planner.terrain.height_error import HeightError, height_error
from cn_planner.terrain.track import Jets, is_smooth, jets
from cn_planner.terrain.voids import LARGEST_FILLED_CELLS, fill_small_voids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.gis.raster import RasterGrid

_HALO = LARGEST_FILLED_CELLS + 2
"""Samples taken from neighbours on each side: a void that is small enough to be filled is then seen with its whole
rim from either side of a seam, and both sides fill it alike."""
_SAME_LATTICE_CELLS = 1e-4
ON_SAMPLE_CELLS = 1e-8
"""A point this near to a sample stands on it, and needs no other: 1 micrometre of a 90 m cell."""
_JETS, _JETS_PLACES = 4, 1_024
"""So many lists of places, each of so many at most, whose derivatives are kept: 0.4 MB a file."""
_A = 6_378_137.0
_E2 = 0.00669437999014


def tile_name(south: float, west: float) -> str:
    """Return the name of a tile of one degree from its south-western corner: ``N42E001``."""
    return f"{'S' if south < 0 else 'N'}{abs(int(south)):02d}{'W' if west < 0 else 'E'}{abs(int(west)):03d}"


class ElevationTile:
    """One source of a surface. Read-only once it is joined."""

    def __init__(self, grid: RasterGrid) -> None:
        self.grid = grid
        self.geographic = geo.is_geographic(grid.crs)
        self.values = grid.values
        self.filled: NDArray[np.bool_] | None = None
        self.halo = 0
        self._jets: dict[tuple[bytes, bytes], Jets] = {}
        # Where it lies, and how fine it is, is that of the whole file, of which the samples may be a part.
        (a, b, c, d, e, f), (rows, columns) = grid.whole
        self._determinant = a * e - b * d
        # The outline, eight places a side: in other projections the sides are curved.
        t = np.linspace(0.0, 1.0, 9)
        low, right, bottom = -grid.edge, columns - 1 + grid.edge, rows - 1 + grid.edge
        col = np.concatenate([low + t * (right - low)] * 2 + [np.full(9, low), np.full(9, right)])
        row = np.concatenate([np.full(9, low), np.full(9, bottom)] + [low + t * (bottom - low)] * 2)
        lon, lat = geo.transform(grid.crs, geo.WGS84, a * col + b * row + c, d * col + e * row + f)
        known = np.isfinite(lon) & np.isfinite(lat)
        if not known.all():  # a map of the whole globe: its corners lie beside it
            lat, lon = np.array([-90.0, 90.0]), np.array([-180.0, 180.0])
        centre_x = a * (columns - 1) / 2 + b * (rows - 1) / 2 + c
        centre_y = d * (columns - 1) / 2 + e * (rows - 1) / 2 + f
        at_lon, at_lat = geo.transform(grid.crs, geo.WGS84, [centre_x], [centre_y])
        lon = lon + 360.0 * np.round((at_lon[0] - lon) / 360.0) if not self.geographic else lon
        margin = 0.0 if grid.crs == geo.WGS84 else 0.02 * max(float(np.ptp(lat)), float(np.ptp(lon)))
        self.south, self.north = float(lat.min()) - margin, float(lat.max()) + margin
        self.west, self.east = float(lon.min()) - margin, float(lon.max()) + margin
        sides = (self.south + margin, self.north - margin, self.west + margin, self.east - margin)
        near_degrees = all(abs(side - round(side)) < 0.01 for side in sides)
        self.is_degree_tile = self.geographic and near_degrees and round(self.north - self.south) == 1
        self.middle = (self.west + self.east) / 2.0
        self._fixed_cell_m = 0.0 if self.geographic else self._projected_cell_m(float(at_lat[0]), float(at_lon[0]))
        self.cell_at_centre_m = self.cell_m(abs(float(at_lat[0])))
        step_degrees = max(math.hypot(a, d), math.hypot(b, e))
        self.nominal_cell_m = step_degrees * 111_195.0 if self.geographic else self._fixed_cell_m

    def _projected_cell_m(self, lat: float, lon: float) -> float:
        a, b, _, d, e, _ = self.grid.transform
        x, y = geo.transform(geo.WGS84, self.grid.crs, [lon], [lat])
        x3, y3 = x[0] + np.array([0.0, a, b]), y[0] + np.array([0.0, d, e])
        lon3, lat3 = geo.transform(self.grid.crs, geo.WGS84, x3, y3)
        _, _, sides = geo.geodesics(lat3[0], lon3[0], lat3[1:], lon3[1:])
        measured, nominal = float(sides.min()), min(math.hypot(a, d), math.hypot(b, e))
        # A projection true to half a percent: the cell is what the file calls it.
        return nominal if abs(measured / nominal - 1.0) < 0.005 else measured

    @cached_property
    def error(self) -> HeightError:
        """How far its heights are off against each other."""
        return height_error(f"{self.grid.name} {self.grid.source}", self.cell_at_centre_m)

    def cell_m(self, abs_latitude: float) -> float:
        """Return the shorter side of a cell at a latitude, m."""
        return float(self.cells_m(np.array([abs_latitude]))[0])

    def cells_m(self, abs_latitude: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the shorter side of a cell at latitudes, m."""
        if not self.geographic:
            return np.full(abs_latitude.shape, self._fixed_cell_m)
        a, b, _, d, e, _ = self.grid.transform
        phi = np.radians(abs_latitude)
        w2 = 1.0 - _E2 * np.sin(phi) ** 2
        per_lon = np.radians(1.0) * _A / np.sqrt(w2) * np.cos(phi)
        per_lat = np.radians(1.0) * _A * (1.0 - _E2) / w2**1.5
        sides = np.hypot(a * per_lon, d * per_lat), np.hypot(b * per_lon, e * per_lat)
        return np.asarray(np.minimum(*sides), dtype=np.float64)

    def samples(
        self,
    ) -> tuple[NDArray[np.float32], int, int, int, float, bool, float, float, float, float, float, float]:
        """Return what a kernel needs to look heights up.

        Samples with their halo, its width, rows and columns of the file itself, how far it speaks beyond them, whether
        its axes are those of its CRS, and its transform.
        """
        rows, columns = self.grid.values.shape
        a, b, c, d, e, f = self.grid.transform
        values = self.values.view()
        values.flags.writeable = False  # one kind of array, whoever made it: a kernel is compiled once
        return values, self.halo, rows, columns, self.reach, b == 0.0 and d == 0.0, a, b, c, d, e, f

    @property
    def reach(self) -> float:
        """How far beyond its outer samples the file speaks, in cells."""
        return self.grid.edge + 1e-6

    @property
    def own_values(self) -> NDArray[np.float32]:
        """The file's own samples, small voids filled."""
        h = self.halo
        return self.values[h:-h, h:-h] if h else self.values

    def take(self, own: NDArray[np.float32]) -> None:
        """Put other samples, halo and all, in the place of those that are looked up; nobody else's are changed."""
        self.values = own
        self.grid = replace(self.grid, values=self.own_values)

    def maybe_inside(self, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.intp] | None:
        """Return the indices of the points that lie in the tile's frame of latitudes and longitudes, None for none."""
        with np.errstate(invalid="ignore"):  # a place that a projection could not carry over is infinite
            lo = lon + 360.0 * np.round((self.middle - lon) / 360.0)
        tiny = 1e-9
        inside = (lat >= self.south - tiny) & (lat <= self.north + tiny)
        inside &= (lo >= self.west - tiny) & (lo <= self.east + tiny)
        at = np.flatnonzero(inside)
        return at if len(at) else None

    def _to_cells(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Return rows, columns (fractions of the file's own grid), and whether the file speaks for the point."""
        return self.cells(*self._project(lon, lat))

    def place(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return rows and columns of points, fractions of the file's own grid."""
        return self._to_cells(lat, lon)[:2]

    def _project(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return geo.transform(geo.WGS84, self.grid.crs, lon, lat)

    @cached_property
    def smooth(self) -> bool:
        """Whether polynomials carry paths over the file's projection; found out when it is first asked for."""
        if self.grid.crs == geo.WGS84:
            return True
        metre = 1.0 / 111_195.0 if self.geographic else 1.0
        return is_smooth(self._project, (self.south, self.west, self.north, self.east), metre)

    def jets(self, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> Jets | None:
        """Return the derivatives of the projection at places; None where longitude and latitude are the file's own.

        The last are kept: paths between the same places are asked for again, at the next frequency.
        """
        if self.grid.crs == geo.WGS84:
            return None
        key = lat.tobytes(), lon.tobytes()
        found = self._jets.pop(key, None)
        if found is None:
            found = jets(self._project, lat, lon)
        if len(lat) <= _JETS_PLACES:
            self._jets[key] = found  # the last that was asked for is the last to go
            for old in list(self._jets)[:-_JETS]:  # other threads ask too
                self._jets.pop(old, None)
        return found

    def cells(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Return rows and columns of coordinates of the file's own CRS, and whether the file speaks for the point."""
        if self.geographic:
            x = x + 360.0 * np.round((self.middle - x) / 360.0)
        a, b, c, d, e, f = self.grid.transform
        x, y = x - c, y - f
        if b == 0.0 and d == 0.0:
            col, row = x / a, y / e
        else:
            col, row = (e * x - b * y) / self._determinant, (a * y - d * x) / self._determinant
        rows, columns = self.grid.values.shape
        reach = self.reach
        inside = (col >= -reach) & (col <= columns - 1 + reach) & (row >= -reach) & (row <= rows - 1 + reach)
        return row, col, inside

    def covers(self, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether the file reaches the points, with a height or with a void."""
        there = np.zeros(lat.shape, np.bool_)
        near = self.maybe_inside(lat, lon)  # what lies beyond need not be projected
        if near is not None:
            flat = there.reshape(-1)
            flat[near] = self._to_cells(lat.reshape(-1)[near], lon.reshape(-1)[near])[2]
        return there

    def look(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64], *, fills: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
        """Return heights, NaN where there is none, and whether they rest on filled samples (None: none does)."""
        return self.look_at(*self._to_cells(lat, lon), fills=fills)

    def look_at(
        self, row: NDArray[np.float64], col: NDArray[np.float64], inside: NDArray[np.bool_], *, fills: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
        """Return the same at rows and columns, as `cells` returns them."""
        rows, columns = self.values.shape
        row0, row1, v = _corners(row + self.halo, rows, inside)
        col0, col1, u = _corners(col + self.halo, columns, inside)
        flat = self.values.reshape(-1)
        row0, row1 = row0 * columns, row1 * columns
        i00, i01, i10, i11 = row0 + col0, row0 + col1, row1 + col0, row1 + col1
        north = flat[i00].astype(np.float64)
        north += u * (flat[i01] - north)
        south = flat[i10].astype(np.float64)
        south += u * (flat[i11] - south)
        height = north + v * (south - north)
        height[~inside] = np.nan
        if not fills or self.filled is None:
            return height, None
        marks = self.filled.reshape(-1)
        return height, (marks[i00] | marks[i01] | marks[i10] | marks[i11]) & inside & ~np.isnan(height)


def _corners(
    at: NDArray[np.float64], count: int, inside: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return the samples before and after a place on one axis, and how far it is from the one to the other."""
    whole = np.round(at)
    at = np.where(np.abs(at - whole) < ON_SAMPLE_CELLS, whole, at)
    at = np.where(inside, np.clip(at, 0.0, count - 1), 0.0)
    before = at.astype(np.intp)
    fraction = at - before
    # A point that stands on a sample needs no other: its neighbour may be a void.
    return before, before + (fraction > 0.0), fraction


def join_tiles(tiles: Sequence[ElevationTile]) -> None:
    """Give each tile the samples of its neighbours on the same lattice, as a mosaic has them; fill small voids.

    ``tiles``: in order of priority: where two on one lattice have a sample each, the first wins.
    """
    joined = [_halo(tile, tiles) for tile in tiles]
    for tile, values in zip(tiles, joined, strict=True):
        if values is not None:
            tile.values, tile.halo = values, _HALO
        if np.isnan(tile.values).any():
            if values is None:
                tile.values = tile.values.copy()  # the caller's grid is not ours to change
            tile.filled = fill_small_voids(tile.values)
        if values is not None and tile.grid.edge > 0.0:
            _extend_edge(tile, tiles)
    for tile in tiles:  # the samples as they were read need not be held beside those that are used
        tile.grid = replace(tile.grid, values=tile.own_values)


def _offset(tile: ElevationTile, other: ElevationTile, turn: float) -> tuple[int, int] | None:
    """Return row and column of another tile's first sample on this one's lattice, None where it is another lattice."""
    one, two = tile.grid, other.grid
    a, b, c, d, e, f = one.transform
    same = all(abs(p - q) <= 1e-9 * max(abs(a), abs(b)) for p, q in zip((a, b, d, e), _linear(two), strict=True))
    if one.crs != two.crs or not same:
        return None
    x, y = two.transform[2] + turn - c, two.transform[5] - f
    det = a * e - b * d
    col, row = (e * x - b * y) / det, (a * y - d * x) / det
    if max(abs(col - round(col)), abs(row - round(row))) > _SAME_LATTICE_CELLS:
        return None
    return round(row), round(col)


def place_in_tile(tile: ElevationTile, other: ElevationTile) -> tuple[int, int] | None:
    """Return row and column of another file's first sample on a file's lattice, None where it is another lattice.

    Of the ways round the globe, that on which they lie nearest to each other.
    """
    turns = (-360.0, 0.0, 360.0) if tile.geographic else (0.0,)
    places = [place for turn in turns if (place := _offset(tile, other, turn)) is not None]
    return min(places, key=lambda place: abs(place[1]), default=None)


def _linear(grid: RasterGrid) -> tuple[float, float, float, float]:
    a, b, _, d, e, _ = grid.transform
    return a, b, d, e


def _mates(tile: ElevationTile, tiles: Sequence[ElevationTile]) -> list[tuple[ElevationTile, int, int]]:
    """Return tiles, this one among them, whose samples fall into this one's halo, with their places in it."""
    rows, columns = tile.grid.values.shape
    mates = []
    for other in tiles:
        for turn in (-360.0, 0.0, 360.0) if tile.geographic else (0.0,):
            place = (0, 0) if other is tile and turn == 0.0 else _offset(tile, other, turn)
            if place is None:
                continue
            other_rows, other_columns = other.grid.values.shape
            near = -_HALO - other_rows < place[0] < rows + _HALO and -_HALO - other_columns < place[1] < columns + _HALO
            if near:
                mates.append((other, place[0] + _HALO, place[1] + _HALO))
    return mates


def _halo(tile: ElevationTile, tiles: Sequence[ElevationTile]) -> NDArray[np.float32] | None:
    mates = _mates(tile, tiles)
    if len(mates) == 1:
        return None
    rows, columns = tile.grid.values.shape
    values = np.full((rows + 2 * _HALO, columns + 2 * _HALO), np.nan, np.float32)
    for other, row, col in mates:
        there, here = _overlap(other, row, col, values.shape)
        target, sample = values[here], other.grid.values[there]
        np.copyto(target, sample, where=np.isnan(target))
    return values


def _overlap(
    other: ElevationTile, row: int, col: int, shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return the same samples as slices of another tile's grid and of the array that its first sample stands in."""
    rows, columns = other.grid.values.shape
    top, left = max(row, 0), max(col, 0)
    bottom, right = max(min(row + rows, shape[0]), top), max(min(col + columns, shape[1]), left)
    there = slice(top - row, bottom - row), slice(left - col, right - col)
    return there, (slice(top, bottom), slice(left, right))


def _extend_edge(tile: ElevationTile, tiles: Sequence[ElevationTile]) -> None:
    """Give the outer half cell of a joined tile its nearest sample where no neighbour has any."""
    known = np.zeros(tile.values.shape, np.bool_)
    for other, row, col in _mates(tile, tiles):
        known[_overlap(other, row, col, known.shape)[1]] = True
    h = _HALO
    for line in (np.s_[h - 1, :], np.s_[-h, :], np.s_[:, h - 1], np.s_[:, -h]):
        inner = tuple(i + (1 if i > 0 else -1) if isinstance(i, int) else i for i in line)
        np.copyto(tile.values[line], tile.values[inner], where=~known[line])

"""The grid that coverage is computed on: the source's own where its metres are such, else a transverse Mercator one.

Positions in a grid are (row, column) of cell centres. `transform` leads from column and row to a cell's centre, as in
`gis.raster`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.cells import GridHeights
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.geo import WGS84, check_position, is_true_to_scale, local_transverse_mercator, transform
from cn_planner.gis.parts import moved
from cn_planner.message import msg
from cn_planner.propagation.checks import check_above_ground
from cn_planner.propagation.kernel import to_read
from cn_planner.terrain.height_error import EXACT, HeightError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.progress import CancelToken
    from cn_planner.terrain.surface import Surface

MOST_CELLS = 200_000_000
"""A larger grid is refused: it would not fit into the memory of a small machine."""

_LEAST_CELL_M = 0.01
_MOST_RADIUS_M = 20_037_508.0  # half way round the equator


@dataclass(frozen=True, slots=True)
class CoverageSite:
    """A tower to map. ``height_m`` is that of its antenna above the ground of its cell."""

    name: str
    latitude: float
    longitude: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Grid:
    """A metric grid.

    Attributes
    ----------
    crs : str
        Projected, metres.
    transform : tuple of six floats
        (a, b, c, d, e, f) to cell centres: ``x = a col + b row + c``, ``y = d col + e row + f``.
    shape : tuple of int
        Rows, columns.
    source_cell_m : float
        Width of a cell of the elevation that it is made from.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    shape: tuple[int, int]
    source_cell_m: float

    @property
    def metric(self) -> tuple[float, float, float]:
        """Return p, q, s of the squared distance p dc^2 + 2 q dc dr + s dr^2 of a step of dc columns, dr rows; m^2."""
        a, b, _, d, e, _ = self.transform
        return a * a + d * d, a * b + d * e, b * b + e * e

    @property
    def cell_m(self) -> float:
        """Return the shorter side of a cell."""
        p, _, s = self.metric
        return math.sqrt(min(p, s))

    def heights(self, heights_m: NDArray[np.float32]) -> GridHeights:
        """Return heights of (rows, columns) as kernels take them."""
        (rows, columns), (p, q, s) = self.shape, self.metric
        return GridHeights(to_read(heights_m.reshape(-1)), rows, columns, p, q, s)

    def to_cell(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fractional (row, column) of places given in the grid's coordinates."""
        a, b, c, d, e, f = self.transform
        det = a * e - b * d
        dx, dy = np.asarray(x, np.float64) - c, np.asarray(y, np.float64) - f
        return (a * dy - d * dx) / det, (e * dx - b * dy) / det

    def centres(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return latitudes and longitudes of cell centres; cells outside the grid are allowed."""
        a, b, c, d, e, f = self.transform
        longitude, latitude = transform(self.crs, WGS84, a * columns + b * rows + c, d * columns + e * rows + f)
        return latitude, longitude

    def reach(self, radius_m: float) -> tuple[float, float]:
        """Return how many rows and columns a circle reaches from its centre."""
        p, q, s = self.metric
        det = p * s - q * q
        return radius_m * math.sqrt(p / det), radius_m * math.sqrt(s / det)

    def thinned(self, cell: tuple[int, int], every: int) -> Grid:
        """Return the grid of every so many cells along rows and columns, one of them this cell."""
        top, left = cell[0] % every, cell[1] % every
        a, b, c, d, e, f = moved(self.transform, top, left)
        shape = -((top - self.shape[0]) // every), -((left - self.shape[1]) // every)
        return replace(self, transform=(a * every, b * every, c, d * every, e * every, f), shape=shape)

    def cell_at(self, latitude: float, longitude: float) -> tuple[int, int] | None:
        """Return the cell that a place lies in, None where it lies in none."""
        x, y = transform(WGS84, self.crs, [longitude], [latitude])
        if not (np.isfinite(x[0]) and np.isfinite(y[0])):
            return None
        row, column = (math.floor(v[0] + 0.5) for v in self.to_cell(x, y))
        return (row, column) if 0 <= row < self.shape[0] and 0 <= column < self.shape[1] else None

    def round_sites(self, sites: Sequence[CoverageSite], radius_m: float) -> Grid:
        """Return the part of the grid that the circles of sites lie in; a cell at least, wherever they are."""
        x, y = transform(WGS84, self.crs, [site.longitude for site in sites], [site.latitude for site in sites])
        known = np.isfinite(x) & np.isfinite(y)
        if not known.any():
            return self
        down, across = self.reach(radius_m)
        (top, bottom), (left, right) = (
            np.clip([math.floor(at.min() - far) - 1, math.ceil(at.max() + far) + 1], 0, count - 1).tolist()
            for at, far, count in zip(self.to_cell(x[known], y[known]), (down, across), self.shape, strict=True)
        )
        shape = bottom - top + 1, right - left + 1
        return replace(self, transform=moved(self.transform, top, left), shape=shape)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Heights on a grid, and the cells that the towers stand in.

    Attributes
    ----------
    grid : Grid
    heights_m : float32 array of (rows, columns)
        NaN where missing.
    sites : tuple of CoverageSite
    cells : tuple of (row, column)
        One a site.
    radius_m : float
    missing : tuple of str
        Names of what terrain is missing within the radius of a site.
    trees_m : float32 array of (rows, columns) or None
        What is known of trees, as `Surface.trees_on_grid` returns it.
    trees_keep_out_m : float
        How far from either end of a path nothing measured stands.
    height_error : HeightError
        How far heights are off at the first site.
    """

    grid: Grid
    heights_m: NDArray[np.float32]
    sites: tuple[CoverageSite, ...]
    cells: tuple[tuple[int, int], ...]
    radius_m: float
    missing: tuple[str, ...]
    trees_m: NDArray[np.float32] | None = None
    trees_keep_out_m: float = 0.0
    height_error: HeightError = EXACT

    @property
    def flat(self) -> GridHeights:
        """Return the heights as kernels take them."""
        return self.grid.heights(self.heights_m)


def lay_ground(
    surface: Surface,
    sites: Sequence[CoverageSite],
    radius_m: float,
    cell_m: float | None = None,
    cancel: CancelToken | None = None,
) -> Ground:
    """Return the heights that a coverage of these sites needs, on the grid of the contract.

    The grid is the source's own where there is one source and its metres are metres on the ground to 1 % (and no other
    cell is asked for): the part of it that the sites' circles lie in, so that what is computed depends on no more,
    however large the source is. Else it is transverse Mercator, centred on the first site rounded to 0.01 degree, with
    cells of a third of the source's in whole metres; corners of cells lie at multiples of the cell, and the grid holds
    every site's circle.

    Parameters
    ----------
    surface : Surface
        The elevation.
    sites : sequence of CoverageSite
        The towers; the first decides where the grid is centred.
    radius_m : float
        How far round each site.
    cell_m : float, optional
        Width of a cell, m.
    cancel : CancelToken, optional
        Looked at while heights are laid on another grid than their own.

    Raises
    ------
    InputError
        Where a position, height, radius or cell cannot be, or the grid would be too large.
    MissingTerrainError
        Where a site stands outside the terrain or on a void.
    """
    return lay_on(surface, grid_for(surface, sites, radius_m, cell_m), sites, radius_m, cancel)


def grid_for(
    surface: Surface,
    sites: Sequence[CoverageSite],
    radius_m: float,
    cell_m: float | None = None,
    *,
    centre: tuple[float, float] | None = None,
) -> Grid:
    """Return the grid that `lay_ground` lays heights on; see there.

    `centre` (latitude, longitude) is where a transverse Mercator grid is centred, in place of the first site: grids
    with one centre share their cells.
    """
    check_sites(sites, radius_m, cell_m)
    native = surface.metric_grid()
    source_cell_m = surface.cell_m(sites[0].latitude, sites[0].longitude)
    grid = None
    if native is not None:
        own = Grid(native[0], native[1], native[2], 0.0)
        own = Grid(own.crs, own.transform, own.shape, own.cell_m)
        if cell_m is None or abs(cell_m - own.cell_m) < 1e-6:
            grid = own.round_sites(sites, radius_m)
    if grid is None:
        grid = _transverse_mercator(sites, radius_m, cell_m, source_cell_m, centre)
    if grid.shape[0] * grid.shape[1] > MOST_CELLS:
        raise InputError(
            msg("The map would have {cells} million cells.", cells=grid.shape[0] * grid.shape[1] // 1_000_000),
            fix=msg("Ask for a smaller radius, or for larger cells."),
        )
    return grid


def lay_on(
    surface: Surface, grid: Grid, sites: Sequence[CoverageSite], radius_m: float, cancel: CancelToken | None = None
) -> Ground:
    """Return the heights on a grid, with the cells of the sites in it.

    Raises
    ------
    MissingTerrainError
        Where a site stands outside the grid or on a void.
    """
    heights = to_read(surface.on_grid(grid.crs, grid.transform, grid.shape, cancel))
    cells = tuple(_cell_of(surface, grid, heights, site) for site in sites)
    missing = _missing(surface, grid, heights, cells, radius_m)
    trees = surface.trees_on_grid(grid.crs, grid.transform, grid.shape, cancel)
    near_m = 0.0 if surface.trees is None else surface.trees.keep_out_m
    error = surface.error_at(sites[0].latitude, sites[0].longitude)
    return Ground(grid, heights, tuple(sites), cells, radius_m, missing, trees, near_m, error)


def check_sites(sites: Sequence[CoverageSite], radius_m: float, cell_m: float | None) -> None:
    """Raise InputError where a position, height, radius or cell cannot be."""
    if not sites:
        raise InputError(msg("There is no site to map."), fix=msg("Give at least one site."))
    for site in sites:
        check_position(site.latitude, site.longitude, where=site.name)
        check_above_ground(site.height_m, site.name)
    if not 0.0 < radius_m <= _MOST_RADIUS_M:
        raise InputError(
            msg("A radius of {radius_m} m cannot be.", radius_m=radius_m),
            fix=msg("Say how far the map is to reach, more than 0: 15 km is usual."),
        )
    if cell_m is not None and not (math.isfinite(cell_m) and cell_m >= _LEAST_CELL_M):
        raise InputError(
            msg("A cell of {cell_m} m cannot be.", cell_m=cell_m),
            fix=msg("Give its width in m, more than 0, or leave it out: it then follows the elevation."),
        )
    if cell_m is not None and cell_m > 2.0 * radius_m:
        raise InputError(
            msg("A cell of {cell_m} m is wider than the whole map, {width_m} m.", cell_m=cell_m, width_m=2 * radius_m),
            fix=msg("Ask for smaller cells, or for a larger radius."),
        )


def _transverse_mercator(
    sites: Sequence[CoverageSite],
    radius_m: float,
    cell_m: float | None,
    source_cell_m: float,
    centre: tuple[float, float] | None,
) -> Grid:
    first = sites[0]
    if cell_m is not None:
        cell = cell_m
    elif math.isfinite(source_cell_m):
        cell = max(1.0, math.floor(source_cell_m / 3.0 + 1e-6))
    else:
        raise _outside(first, ())
    crs = local_transverse_mercator(*(centre or (round(first.latitude, 2), round(first.longitude, 2))))
    x, y = transform(WGS84, crs, [s.longitude for s in sites], [s.latitude for s in sites])
    if not (np.isfinite(x).all() and np.isfinite(y).all() and is_true_to_scale(crs, tuple(zip(x, y, strict=True)))):
        raise InputError(msg("The sites lie too far apart for one map."), fix=msg("Map them one by one."))
    west, east = (math.floor((x.min() - radius_m) / cell), math.ceil((x.max() + radius_m) / cell))
    south, north = (math.floor((y.min() - radius_m) / cell), math.ceil((y.max() + radius_m) / cell))
    to_centre = (cell, 0.0, (west + 0.5) * cell, 0.0, -cell, (north - 0.5) * cell)
    return Grid(crs, to_centre, (north - south, east - west), source_cell_m if math.isfinite(source_cell_m) else cell)


def _outside(site: CoverageSite, tiles: tuple[str, ...]) -> MissingTerrainError:
    what = (
        msg("The tower stands where there is no terrain: {tiles}.", tiles=", ".join(tiles))
        if tiles
        else msg("The tower stands where there is no terrain.")
    )
    return MissingTerrainError(
        what,
        where=f"{site.name} ({site.latitude:.6f}, {site.longitude:.6f})",
        fix=msg("Add the elevation file of this place, or move the tower."),
    )


def _cell_of(surface: Surface, grid: Grid, heights: NDArray[np.float32], site: CoverageSite) -> tuple[int, int]:
    cell = grid.cell_at(site.latitude, site.longitude)
    if cell is not None and not np.isnan(heights[cell]):
        return cell
    raise _outside(site, surface.missing_tiles(np.array([site.latitude]), np.array([site.longitude])))


def _missing(
    surface: Surface,
    grid: Grid,
    heights: NDArray[np.float32],
    cells: tuple[tuple[int, int], ...],
    radius_m: float,
) -> tuple[str, ...]:
    """Return the names of missing terrain within the radius of a site: voids on the grid, and what lies beyond it."""
    p, q, s = grid.metric
    down, across = grid.reach(radius_m)
    names: dict[str, None] = {}
    for row, column in cells:
        # A lattice over the circle, fine enough that no tile of a degree slips through; every void of the grid in it.
        rows = np.round(np.linspace(row - down, row + down, 65)).astype(np.int64)
        columns = np.round(np.linspace(column - across, column + across, 65)).astype(np.int64)
        r, c = (v.ravel() for v in np.meshgrid(rows, columns, indexing="ij"))
        beyond = (r < 0) | (r >= grid.shape[0]) | (c < 0) | (c >= grid.shape[1])
        r, c = r[beyond], c[beyond]
        top, left = max(0, math.floor(row - down)), max(0, math.floor(column - across))
        window = heights[top : math.ceil(row + down) + 1, left : math.ceil(column + across) + 1]
        void_rows, void_columns = np.nonzero(np.isnan(window))
        every = max(1, len(void_rows) // 4000)
        r = np.concatenate([r, void_rows[::every] + top])
        c = np.concatenate([c, void_columns[::every] + left])
        inside = p * (c - column) ** 2.0 + 2.0 * q * (c - column) * (r - row) + s * (r - row) ** 2.0 <= radius_m**2
        if inside.any():
            latitude, longitude = grid.centres(r[inside], c[inside])
            known = np.isfinite(latitude) & np.isfinite(longitude)
            names.update(dict.fromkeys(surface.missing_tiles(latitude[known], longitude[known])))
    return tuple(names)

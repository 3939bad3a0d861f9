"""Where a roof antenna works, tower by tower, as rings for maps: the verdict of a lattice of places round the tower."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import GridHeights, GridTrees, GridWay, bilinear, ends_loss, laid_trees, trees_at
from cn_planner.coverage.grid import CoverageSite, lay_ground
from cn_planner.coverage.ridge_profile import MOST_EDGES, ridge_profile, ridge_room, wood_edges
from cn_planner.coverage.tasks import run_tasks
from cn_planner.geo import WGS84, transform
from cn_planner.gis.rings import raster_rings
from cn_planner.links.conditions import conditions_of
from cn_planner.links.losses import GAS_MHZ, gas_losses_db
from cn_planner.links.sight import Sight, bends, passes_kernel, path_chance_kernel
from cn_planner.progress import ALONE
from cn_planner.propagation.clearance import clearance_kernel
from cn_planner.propagation.end_clutter import covered_db
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.propagation.p526 import p526_kernel
from cn_planner.service.served_cells import ServedCells
from cn_planner.service.tower import RIM_M, around, as_beside, judged
from cn_planner.service.within_range import access_km, sightline
from cn_planner.units import EARTH_RADIUS_M, wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.access import Access
    from cn_planner.coverage.far_pairs import Sightline
    from cn_planner.coverage.grid import Ground
    from cn_planner.model.plan import Plan, Site
    from cn_planner.progress import Run
    from cn_planner.study import Study

LATTICE_M = 90.0
"""Distance of the places that are judged; finer than a hamlet, coarser than a house."""
MOST_PLACES = 400_000
"""Of all towers: where there would be more, as of 50 towers that reach 8 km, they are further apart."""
_TASK_ROWS = 16
_SLACK_M, _MOST_LOOKS = 1.0, 64
"""As `coverage.far_pairs` has them, here for a kernel."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a tower's roof antennas work.

    ``rings`` are of (latitude, longitude), first and last the same; a place inside an odd number of them is covered.
    They are drawn with straightened stairs round ``cells``, which are the places as they were judged.
    """

    site: str
    rings: tuple[tuple[tuple[float, float], ...], ...]
    cells: ServedCells | None = None


class Lattice(NamedTuple):
    """Places round a tower: every so many cells of the grid, 2 half + 1 each way, and how far they are asked, m.

    The tower stands where it is, (row, col); the places are counted from its cell.
    """

    row: float
    col: float
    stride: int
    half: int
    reach_m: float
    step_m: float


class RoofPaths(NamedTuple):
    """The antennas of a tower and of roofs above ground, what carries the wave, how far the ground is off.

    Places whose path cannot leave `least_f1` first Fresnel radii clear over the bare ground are not looked at.
    """

    tower_m: float
    roof_m: float
    earth_radius_m: float
    wavelength_m: float
    freq_mhz: float
    error: Any
    least_f1: float = -math.inf


@kernel
def may_leave_clear(grid: GridHeights, way: GridWay, paths: RoofPaths) -> bool:
    """Return whether a way may be as clear as is asked, by few points of the bare ground, as `may_be_clear` has it."""
    z, cols, least = grid.z, grid.cols, paths.least_f1
    row, col, drow, dcol, length, _step = way
    a = bilinear(z, cols, row, col) + paths.tower_m
    b = bilinear(z, cols, row + drow, col + dcol) + paths.roof_m
    radius, wave = paths.earth_radius_m, paths.wavelength_m
    points = 4
    while points <= _MOST_LOOKS:
        for n in range(1, points):
            if points > 4 and n % 4 == 0:
                continue
            t = n / points
            both = length * t * length * (1.0 - t)
            over = a + (b - a) * t - bilinear(z, cols, row + drow * t, col + dcol * t) - both / (2.0 * radius)
            if over + _SLACK_M < least * math.sqrt(wave * both / length):
                return False
        points *= 4
    return True


@kernel
def judge_rows(
    grid: GridHeights,
    lattice: Lattice,
    first: int,
    last: int,
    paths: RoofPaths,
    trees: GridTrees,
    wanted: Any,
    clear: Any,
    chance: Any,
    loss: Any,
) -> None:
    """Write least clearance in F1 and loss of lattice rows first to last - 1, over terrain and assumed trees.

    Of the places that are wanted, each of a row and a column of the lattice; the others stay as they are.
    """
    cols = grid.cols
    row0, col0, stride, half, reach, step = lattice
    cell_row, cell_col = math.floor(row0 + 0.5), math.floor(col0 + 0.5)
    radius = paths.earth_radius_m
    most = ridge_room(reach, step)
    distance = np.empty(most, np.float64)
    ground = np.empty(most, np.float64)
    surface = np.empty(most, np.float64)
    cover = np.empty(most, np.float64)
    work = np.empty((5, most), np.float64)
    edges = np.empty(MOST_EDGES, np.float64)
    for i in range(first, last):
        for j in range(2 * half + 1):
            to_row = cell_row + (i - half) * stride
            to_col = cell_col + (j - half) * stride
            if not (0 <= to_row < grid.rows and 0 <= to_col < cols):
                continue
            dr = to_row - row0
            dc = to_col - col0
            d2 = grid.p * dc * dc + 2.0 * grid.q * dc * dr + grid.s * dr * dr
            if d2 > reach * reach or (i == half and j == half) or not wanted[i, j]:
                continue
            dist = math.sqrt(d2)
            way = GridWay(row0, col0, dr, dc, dist, step)
            if paths.least_f1 > -math.inf and not may_leave_clear(grid, way, paths):
                continue
            n = max(math.ceil(dist / step), math.ceil(abs(dr)), math.ceil(abs(dc)), 2)
            cuts = edges[: wood_edges(trees, dist, edges)]
            count = ridge_profile(grid, way, n, cuts, distance, ground)
            if count == 0:
                continue
            for m in range(count):
                t = distance[m]
                distance[m] = dist * t
                cover[m] = trees_at(trees, cols, row0 + dr * t, col0 + dc * t, distance[m], dist - distance[m])
                surface[m] = ground[m] + cover[m]
            a = ground[0] + paths.tower_m
            b = ground[count - 1] + paths.roof_m
            _least, worst, _at = clearance_kernel(distance, surface, 0, count, a, b, radius, paths.wavelength_m)
            if paths.least_f1 > 0.0 and worst < paths.least_f1:
                continue  # the rule asks for more, whatever is lost: two thirds of the work are not done for it
            free, diffraction, trees_db = p526_kernel(
                distance, ground, surface, 0, count, a, b, radius, paths.freq_mhz, True
            )
            open_zone, seen, _sd = path_chance_kernel(
                distance, ground, cover, 0, count, a, b, radius, paths.wavelength_m, paths.error, work
            )
            to_k = to_row * cols + to_col
            at_ends = ends_loss(trees, cell_row * cols + cell_col, to_k, paths.tower_m, paths.roof_m, paths.freq_mhz)
            clear[i, j] = worst
            chance[0, i, j] = open_zone
            chance[1, i, j] = passes_kernel(open_zone, seen, bends(paths.freq_mhz))
            loss[i, j] = free + diffraction + covered_db(trees_db, at_ends)


def outlines(study: Study, *, run: Run = ALONE) -> tuple[Outline, ...]:
    """Return for each tower of the plan where a roof antenna of the usual height works.

    It works where a home there would be served, by the rule of `judge`, over the terrain and the trees known or
    assumed; obstacles that were seen are not in it. No place further than the rules' greatest distance of a home is
    looked at.

    Raises
    ------
    InputError
        As `homes.service`.
    MissingTerrainError
        Where a tower stands where there is no terrain.
    CancelledError
    """
    plan = study.plan
    network = list(plan.used_sites.values())
    circles_m2 = len(network) * math.pi * _outline_m(study) ** 2
    lattice_m = max(LATTICE_M, math.sqrt(circles_m2 / MOST_PLACES))
    return tuple(
        _outline(study, site, lattice_m, run.part(number / len(network), (number + 1) / len(network)))
        for number, site in enumerate(network)
    )


OUTLINE_KM = 15.0
"""As far as the map of one tower in the window."""


def _outline_m(study: Study) -> float:
    """Return how far an outline is looked for, m: what few homes beyond get is told by their own paths."""
    most_km = study.plan.rules.max_access_km
    return 1000.0 * (min(access_km(study), OUTLINE_KM) if most_km is None else most_km)


def _outline(study: Study, site: Site, lattice_m: float, run: Run) -> Outline:
    plan = study.plan
    radius_m = _outline_m(study) + RIM_M
    ground = lay_ground(study.surface, [CoverageSite(site.name, site.latitude, site.longitude, 0.0)], radius_m)
    stride = max(1, round(lattice_m / ground.grid.cell_m))
    half = math.ceil(max(ground.grid.reach(radius_m)) / stride)
    row, column = ground.cells[0]
    numbers = np.arange(-half, half + 1) * stride
    latitude, longitude = ground.grid.centres(
        np.repeat(row + numbers, len(numbers)), np.tile(column + numbers, len(numbers))
    )

    def paths(one: Access, places: NDArray[np.int64]) -> tuple[NDArray[np.float64], Sight]:
        wanted = np.zeros((len(numbers), len(numbers)), np.bool_)
        wanted.reshape(-1)[places] = True
        asked = sightline(study, one.freq_mhz)
        sight, loss = _lattice_paths(ground, (stride, half), plan, one.height_m, asked, wanted, run)
        return loss.reshape(-1)[places], sight.at(places)

    there = around(study, site, latitude, longitude, plan.demand.antenna_height_m)
    works = judged(study, site, there, paths, in_vain=False).served.reshape(len(numbers), len(numbers))
    as_beside(works, (half, half))
    a, b, c, d, e, f = ground.grid.transform
    left, top = column - half * stride, row - half * stride
    lattice = (a * stride, b * stride, a * left + b * top + c, d * stride, e * stride, d * left + e * top + f)
    rings = []
    for ring in raster_rings(works, lattice):
        x, y = np.array(ring).T
        lon, lat = transform(ground.grid.crs, WGS84, x, y)
        rings.append(tuple(zip(np.round(lat, 6).tolist(), np.round(lon, 6).tolist(), strict=True)))
    return Outline(site.id, tuple(rings), ServedCells.of(works, ground.grid.crs, lattice))


def _standing(ground: Ground) -> tuple[float, float]:
    """Return the fractional row and column at which the tower stands, within its cell and the grid."""
    site, grid = ground.sites[0], ground.grid
    x, y = transform(WGS84, grid.crs, [site.longitude], [site.latitude])
    at = (float(one[0]) for one in grid.to_cell(x, y))
    row, column = (min(max(one, 0.0), size - 1.0) for one, size in zip(at, grid.shape, strict=True))
    return row, column


def _lattice_paths(
    ground: Ground, shape: tuple[int, int], plan: Plan, height_m: float, asked: Sightline, wanted: NDArray[np.bool_],
    run: Run,
) -> tuple[Sight, NDArray[np.float64]]:  # fmt: skip
    """Return how clear the paths to the places of the lattice are, and their loss; NaN where nobody looks.

    That is where it is not wanted, and where the bare ground leaves less clear than is asked.
    """
    stride, half = shape
    size, conditions, freq_mhz = 2 * half + 1, conditions_of(plan), asked.freq_mhz
    clear, loss = np.full((size, size), np.nan), np.full((size, size), np.nan)
    chance = np.full((2, size, size), np.nan)
    grid = ground.grid
    lattice = Lattice(*_standing(ground), stride, half, ground.radius_m, grid.source_cell_m / 2.0)
    radius_m = EARTH_RADIUS_M * conditions.k_factor
    paths = RoofPaths(
        height_m, plan.demand.antenna_height_m, radius_m, wavelength_m(freq_mhz), freq_mhz,
        np.array(ground.height_error), asked.least_f1,
    )  # fmt: skip
    trees = laid_trees(ground.trees_m, conditions.canopy_m, conditions.canopy_keep_out_m, ground.trees_keep_out_m)
    rows_of: Any = partial(compiled(judge_rows), ground.flat, lattice)
    tasks: list[Callable[[], None]] = [
        partial(rows_of, a, min(a + _TASK_ROWS, size), paths, trees, wanted, clear, chance, loss)
        for a in range(0, size, _TASK_ROWS)
    ]
    run_tasks(tasks, run)
    if freq_mhz >= GAS_MHZ:
        away = (np.arange(size) - half) * stride
        at = tuple(np.clip(ground.cells[0][axis] + away, 0, grid.shape[axis] - 1) for axis in (0, 1))
        p, q, s = grid.metric[:3]
        down, right = away[:, np.newaxis], away[np.newaxis, :]
        length = np.sqrt(p * right * right + 2.0 * q * right * down + s * down * down)
        tops = ground.heights_m[np.ix_(*at)].astype(np.float64) + plan.demand.antenna_height_m
        here = float(ground.heights_m[ground.cells[0]]) + height_m
        loss = loss + gas_losses_db(length, freq_mhz, conditions.weather, 0.5 * (here + tops))
    return Sight(clear.reshape(-1), *chance.reshape(2, -1)), loss

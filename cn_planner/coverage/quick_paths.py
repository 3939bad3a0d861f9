"""Paths from one tower to many places on a window of the ground, for what follows the hand.

The arithmetic is that of `matrix`; the samples are those of the window along straight lines of its grid, not of the
source along geodesics: on a metric source they are the same heights, at most some metres beside.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import GridHeights, GridTrees, GridWay, bilinear, clutter_of, laid_trees, trees_at
from cn_planner.coverage.path_kernels import PathAsked, PathEnds, PathFigures, PathSamples, path_figures, path_work
from cn_planner.coverage.tasks import run_tasks
from cn_planner.geo import WGS84, transform
from cn_planner.links.losses import GAS_MHZ, gas_losses_db
from cn_planner.links.sight import Sight
from cn_planner.model.propagation_models import FREE_SPACE
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.units import wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.quick import Window
    from cn_planner.links.conditions import Conditions

_CHUNK = 64  # places a task
_APART = 8  # samples of the first look
_SLACK_M = 1e-6  # far above what rounding makes of a clearance


class _Places(NamedTuple):
    """Where antennas stand on the window, in rows and columns, and how high, m: (places, 1)."""

    row: Any
    col: Any
    up: Any


class _Limits(NamedTuple):
    """Which paths are looked at.

    Attributes
    ----------
    least_f1, most_m : float
        Those with less clear, in first Fresnel radii, or longer ones have no loss computed.
    longest : int
        Samples of a path at most.
    """

    least_f1: float
    most_m: float
    longest: int


@kernel
def _may_be_clear(
    grid: GridHeights, trees: GridTrees, way: GridWay, n: int, a: float, b: float, curve: float, zone: float
) -> bool:
    """Look at every eighth sample, from the home on: where one leaves too little clear the rest need no look.

    `zone`: the share of the first Fresnel radius that is wanted, over the root of the product of distances.
    """
    row_a, col_a, down, right, length, _step = way
    for k in range(1, (n + _APART - 1) // _APART):
        t = 1.0 - 1.0 * _APART * k / n
        x = length * t
        product = x * (length - x)
        r = row_a + down * t
        q = col_a + right * t
        height = bilinear(grid.z, grid.cols, r, q)
        height += trees_at(trees, grid.cols, r, q, x, length - x)
        if a + (b - a) * t - height - curve * product < zone * math.sqrt(product) - _SLACK_M:
            return False
    return True


@kernel
def _paths(
    grid: GridHeights,
    trees: GridTrees,
    tower: _Places,
    places: _Places,
    first: int,
    last: int,
    limits: _Limits,
    asked: PathAsked,
    error: Any,
    found: PathFigures,
) -> None:
    """Fill in clearance, chances and loss of places first to last - 1 from the one place of the tower; square cells."""
    z, cols = grid.z, grid.cols
    longest = limits.longest
    cell = math.sqrt(grid.p)
    distance = np.empty(longest + 2, np.float64)
    ground = np.empty(longest + 2, np.float64)
    cover = np.empty(longest + 2, np.float64)
    offset = np.zeros(2, np.int64)
    clutter = np.zeros((1, 2))
    samples = PathSamples(distance, ground, cover, offset, error, clutter)
    own = np.empty(1, np.int64)
    work = path_work(longest + 2)
    slopes = np.empty((6, 1), np.float64)
    row_a, col_a = tower.row[0], tower.col[0]
    row_b, col_b, up_b = places
    for p in range(first, last):
        down = row_b[p] - row_a
        right = col_b[p] - col_a
        length = cell * math.sqrt(down * down + right * right)
        inside = 0.0 <= row_b[p] <= grid.rows - 1.0 and 0.0 <= col_b[p] <= cols - 1.0
        if not inside or length <= 0.0:
            continue
        if length > limits.most_m:
            found.clear_f1[p, 0, 0] = -1.0
            continue
        n = min(max(math.ceil(length / (cell / 2.0)), 1), longest)
        if limits.least_f1 >= 0.0:
            a = bilinear(z, cols, row_a, col_a) + tower.up[0, 0]
            b = bilinear(z, cols, row_b[p], col_b[p]) + up_b[p, 0]
            zone = limits.least_f1 * math.sqrt(asked.wavelength_m / length)
            way = GridWay(row_a, col_a, down, right, length, cell)
            if not _may_be_clear(grid, trees, way, n, a, b, 0.5 / asked.earth_radius_m, zone):
                found.clear_f1[p, 0, 0] = -1.0
                continue
        total = 0.0
        for i in range(n + 1):
            t = 1.0 * i / n
            x = length * t
            distance[i] = x
            r = row_a + down * t
            q = col_a + right * t
            ground[i] = bilinear(z, cols, r, q)
            total += ground[i]
            cover[i] = trees_at(trees, cols, r, q, x, length - x)
        if math.isnan(total):  # no height is known somewhere
            continue
        clutter[0, 0] = clutter_of(trees, int(row_a + 0.5) * cols + int(col_a + 0.5))
        clutter[0, 1] = clutter_of(trees, int(row_b[p] + 0.5) * cols + int(col_b[p] + 0.5))
        offset[1] = n + 1
        own[0] = p
        # Path 0, by a variable: for a constant the kernel, and all that it calls, would be compiled once more.
        path_figures(samples, PathEnds(own, tower.up, up_b[p : p + 1]), offset[0], asked, work, slopes, found)


def quick_paths(
    window: Window,
    tower: tuple[float, float, float],
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    roof_m: NDArray[np.float64],
    freq_mhz: float,
    conditions: Conditions,
    *,
    least_f1: float = -math.inf,
    most_db: float = math.inf,
    run: Run = ALONE,
) -> tuple[Sight, NDArray[np.float64]]:
    """Return how clear paths from a tower to each place are, and their loss, dB.

    Parameters
    ----------
    window : Window
        Square cells; every place within what it holds.
    tower : (latitude, longitude, antenna height)
        The tower.
    latitude, longitude, roof_m : float64 arrays
        The places, and their antennas above ground.
    freq_mhz : float
        Frequency.
    conditions : Conditions
        Air and trees.
    least_f1 : float
        Paths with less clear than this have no loss computed: infinite; where it is 0 or more, their clearance may
        be said to be -1, with no chance, whatever it is.
    most_db : float
        Paths that lose more by free space alone are not looked at either: the same is said of them.
    run : Run
        As for `quick.quick_coverage`.

    Returns
    -------
    sight : Sight
    loss_db : float64 array
        Clearance NaN and loss infinite where terrain is missing or lies outside the window.
    """
    count = len(latitude)
    clear, loss = np.full((count, 1, 1), np.nan), np.full((count, 1, 1), np.inf)
    chance = np.zeros((count, 1, 1, 2))
    sight = Sight(clear[:, 0, 0], chance[:, 0, 0, 0], chance[:, 0, 0, 1])
    if not count:
        return sight, loss[:, 0, 0]
    x, y = transform(WGS84, window.grid.crs, np.append(longitude, tower[1]), np.append(latitude, tower[0]))
    row, column = (np.ascontiguousarray(v) for v in window.grid.to_cell(x, y))
    rows, columns = window.grid.shape
    if not (0.0 <= row[-1] <= rows - 1.0 and 0.0 <= column[-1] <= columns - 1.0):
        return sight, loss[:, 0, 0]
    side = window.grid.cell_m
    longest = math.ceil(2.0 * math.hypot(np.abs(row - row[-1]).max(), np.abs(column - column[-1]).max())) + 1
    free_1m = float(free_space_loss_db(1.0, freq_mhz))
    most_m = 10.0 ** ((most_db - free_1m) / 20.0) if most_db < 1e3 else math.inf
    grid = GridHeights(window.heights_m.reshape(-1), rows, columns, side * side, 0.0, side * side)
    trees = laid_trees(window.trees_m, conditions.canopy_m, conditions.canopy_keep_out_m, window.trees_keep_out_m)
    mast = _Places(row[-1:], column[-1:], np.full((1, 1), float(tower[2])))
    roofs = _Places(row, column, np.array(roof_m, np.float64).reshape(count, 1))
    asked = PathAsked(
        effective_earth_radius_m(conditions.k_factor), wavelength_m(freq_mhz), float(freq_mhz), True,
        conditions.model != FREE_SPACE, True, False, not trees.canopy_m > 0.0, 0.0,
    )  # fmt: skip
    nothing = np.empty((0, 1))
    error = np.array([window.height_error])
    found = PathFigures(np.empty((count, 1, 1)), clear, chance, loss, nothing, nothing)
    limits = _Limits(float(least_f1), most_m, longest)
    work: Any = partial(compiled(_paths), grid, trees, mast, roofs)
    tasks: list[Callable[[], None]] = [
        partial(work, a, min(a + _CHUNK, count), limits, asked, error, found) for a in range(0, count, _CHUNK)
    ]
    run_tasks(tasks, run)
    loss = loss[:, 0, 0]
    loss[~(clear[:, 0, 0] >= least_f1)] = np.inf
    if freq_mhz >= GAS_MHZ:
        length = side * np.hypot(row[:-1] - row[-1], column[:-1] - column[-1])
        amsl = float(window.heights_m[round(row[-1]), round(column[-1])]) + tower[2]
        loss += gas_losses_db(length, freq_mhz, conditions.weather, np.full(count, amsl))
    return sight, loss

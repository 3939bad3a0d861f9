"""Line of sight from one tower: a sweep by strips, then each cell near the edge of visibility along its own path.

Exact means: antenna over the centre of its cell, target `rx_height_m` over the cell's own terrain, bilinear terrain;
seen where nothing on the straight way between stands above the line. A cell whose way meets missing terrain is blocked
where known terrain alone blocks it, else unknown: nobody can say that it is seen.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import BLOCK, block_tops
from cn_planner.coverage.crossings import FINE, Tops, cell_way, sight_along
from cn_planner.coverage.radials import octants
from cn_planner.coverage.strips import Lookout, sweep_octant
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.cells import GridHeights
    from cn_planner.coverage.grid import Grid

BLOCKED, SEEN, UNKNOWN = 0, 1, 255


@kernel
def exact_rows(
    grid: GridHeights, tops: Tops, tower: tuple[int, int], lookout: Lookout, first: int, last: int, out: Any
) -> None:
    """Write the exact answers of rows first to last - 1 into `out`."""
    z, eye = grid.z, lookout.ground_m + lookout.height_m
    for r in range(first, last):
        for x in range(grid.cols):
            k = r * grid.cols + x
            dr = r - tower[0]
            dc = x - tower[1]
            d2 = grid.p * dc * dc + 2.0 * grid.q * dc * dr + grid.s * dr * dr
            if d2 <= lookout.radius_m * lookout.radius_m and z[k] == z[k]:
                way = cell_way(tower[0], tower[1], dr, dc, grid.cols)
                roof = z[k] + lookout.rx_m
                out[k] = sight_along(grid, tops, way, math.sqrt(d2), eye, roof, lookout.curve, 0)


def tops_of(heights_m: NDArray[np.float32], size: int = BLOCK) -> NDArray[np.float32]:
    """Return the greatest height of each block of a ground, flat; it is the same for every tower."""
    rows, cols = heights_m.shape
    return compiled(block_tops)(heights_m.reshape(-1), rows, cols, size)  # type: ignore[no-any-return]


def coarse_tops(fine: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return what `tops_of` returns for a ground of this shape, from what it returns for blocks of `FINE`."""
    down, across = (-(-side // FINE) for side in shape)
    step = BLOCK // FINE
    found = np.maximum.reduceat(fine.reshape(down, across), np.arange(0, down, step), axis=0)
    return np.maximum.reduceat(found, np.arange(0, across, step), axis=1).reshape(-1)


def all_tops(heights_m: NDArray[np.float32]) -> Tops:
    """Return the greatest heights of blocks and of fine blocks; they are the same for every tower."""
    fine = tops_of(heights_m, FINE)
    return Tops(coarse_tops(fine, heights_m.shape), fine)


def make_ready() -> None:
    """Load what runs kernels, 0.2 s: another thread may do so while terrain is read."""
    ground = np.zeros((1, 1), np.float32)
    ground.flags.writeable = False  # as all ground is: else another kernel would be made
    tops_of(ground)


def los_tasks(
    heights_m: NDArray[np.float32],
    tops: Tops,
    grid: Grid,
    cell: tuple[int, int],
    height_m: float,
    rx_height_m: float,
    radius_m: float,
    k: float,
    out: NDArray[np.uint8],
    *,
    exact: bool = False,
) -> list[Callable[[], None]]:
    """Return the tasks that together write one tower's line of sight into `out`, in any order, on any thread.

    Each cell is written by one task alone, so the result does not depend on who does which.

    Parameters
    ----------
    heights_m : float32 array of (rows, columns)
        The ground.
    tops : Tops
        As from `all_tops`.
    grid : Grid
        Where it lies.
    cell : (row, column)
        Where the tower stands; its ground is known.
    height_m, rx_height_m : float
        Above ground.
    radius_m : float
        How far.
    k : float
        Effective earth radius factor.
    out : uint8 array of (rows, columns)
        Filled with 255 before.
    exact : bool
        Look along every cell's own path; the sweep's answers are the same.
    """
    rows, flat = heights_m.shape[0], out.reshape(-1)
    lookout = Lookout(
        float(heights_m[cell]), float(height_m), float(rx_height_m), 0.5 / (EARTH_RADIUS_M * k), float(radius_m)
    )
    ground = grid.heights(heights_m)
    out[cell] = SEEN
    if exact:
        reach = math.ceil(grid.reach(radius_m)[0])
        run: Any = partial(compiled(exact_rows), ground, tops, cell, lookout)
        return [
            partial(run, a, min(a + BLOCK, rows), flat)
            for a in range(0, rows, BLOCK)
            if a - reach <= cell[0] <= a + BLOCK + reach
        ]
    sweep: Any = compiled(sweep_octant)
    return [partial(sweep, ground, tops, cell, octant, lookout, flat) for octant in octants(grid, cell, radius_m)]

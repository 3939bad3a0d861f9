"""Kernels that read the ground of a grid cell by cell: bilinear heights, assumed trees, the greatest height of blocks.

The ground is one flat array of float32, row after row, NaN where missing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.propagation.end_clutter import end_clutter_kernel
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.terrain.height_error import HeightError

BLOCK = 32
"""Cells a side of a block. A ray that passes above the highest cell of a block passes above all of it."""

OCTANTS = (
    (0, 1, -1, 0, True),
    (-1, 0, 0, 1, False),
    (-1, 0, 0, -1, True),
    (0, -1, -1, 0, False),
    (0, -1, 1, 0, True),
    (1, 0, 0, -1, False),
    (1, 0, 0, 1, True),
    (0, 1, 1, 0, False),
)
"""Row and column of a step along the octant's major axis and along its minor axis, and whether the octant holds the
axis itself (else the diagonal): a pinwheel, so that each cell belongs to exactly one."""


class GridHeights(NamedTuple):
    """The ground of a grid.

    Attributes
    ----------
    z : float32, flat
        Heights, row after row, m; NaN where missing.
    rows, cols : int
    p, q, s : float
        Squared distance p c^2 + 2 q c r + s r^2 of c columns and r rows, m^2 (`grid.Grid.metric`).
    """

    z: Any
    rows: int
    cols: int
    p: float
    q: float
    s: float


class GridTrees(NamedTuple):
    """What stands on the ground.

    Attributes
    ----------
    canopy_m : float
        What no tree is taller than; assumed everywhere where none is known.
    keep_out_m : float
        How far from either end of a path nothing assumed stands.
    heights_m : float32, flat
        Known ones of each cell: above 0 those that were measured, below those that are assumed; empty for none known.
    near_m : float
        How far from either end nothing measured stands.
    known_m : float32, flat
        What is known to stand in each cell, measured or by its class, 0 where nothing is; empty for none known.
    """

    canopy_m: float
    keep_out_m: float
    heights_m: Any
    near_m: float
    known_m: Any


class GridWay(NamedTuple):
    """A straight way over the grid: from (row, col) by so many rows and columns; its length, and a step at most, m."""

    row: float
    col: float
    drow: float
    dcol: float
    length_m: float
    step_m: float


class Wave(NamedTuple):
    """What bends and carries a wave.

    Attributes
    ----------
    curve : float
        Half the curvature of the effective earth, 1/m.
    wavelength_m, freq_mhz : float
    vertical : bool
        Polarisation.
    """

    curve: float
    wavelength_m: float
    freq_mhz: float
    vertical: bool


@kernel
def assumed_trees(canopy_m: float, keep_out_m: float, from_a_m: float, from_b_m: float) -> float:
    """Return the height of assumed trees at a place on a path: none up to the keep-out distance from either end."""
    return canopy_m if from_a_m > keep_out_m and from_b_m > keep_out_m else 0.0


NO_TREES: NDArray[np.float32] = np.zeros(0, np.float32)


def laid_trees(trees_m: NDArray[np.float32] | None, canopy_m: float, keep_out_m: float, near_m: float) -> GridTrees:
    """Return what kernels take for trees.

    Parameters
    ----------
    trees_m : float32 array of (rows, columns), optional
        As `Surface.trees_on_grid` returns them.
    canopy_m, keep_out_m : float
        Assumed where none is known, and how far from either end nothing assumed stands.
    near_m : float
        How far from either end nothing measured stands.
    """
    if trees_m is None:
        return GridTrees(float(max(canopy_m, 0.0)), float(keep_out_m), NO_TREES, 0.0, NO_TREES)
    known = np.nan_to_num(np.abs(trees_m)).astype(np.float32).reshape(-1)
    trees = np.where(np.isnan(trees_m), np.float32(-canopy_m), trees_m).astype(np.float32).reshape(-1)
    near_m = float(min(near_m, keep_out_m))
    return GridTrees(float(np.abs(trees).max(initial=0.0)), float(keep_out_m), trees, near_m, known)


def terrain_sd_m(heights_m: NDArray[np.float32], cell_m: float, error: HeightError) -> float:
    """Return the standard deviation of the error of a grid's heights, m: one for all of it, by its mean slope."""
    square = 0.0
    for axis in (0, 1):
        rise = np.diff(heights_m, axis=axis).reshape(-1)
        rise = rise[~np.isnan(rise)]
        square += 0.5 * float(np.dot(rise, rise)) / max(len(rise), 1)
    return math.hypot(error.sd_m, error.slope_m * math.sqrt(square) / cell_m)


@kernel
def trees_at(trees: GridTrees, cols: int, row: float, col: float, from_a_m: float, from_b_m: float) -> float:
    """Return the height of trees at a place on a path: known ones of its cell, or assumed ones where none is known."""
    if len(trees.heights_m) == 0:
        return assumed_trees(trees.canopy_m, trees.keep_out_m, from_a_m, from_b_m)
    height = trees.heights_m[int(row + 0.5) * cols + int(col + 0.5)] * 1.0
    keep = trees.near_m if height > 0.0 else trees.keep_out_m
    return abs(height) if from_a_m > keep and from_b_m > keep else 0.0


@kernel
def clutter_of(trees: GridTrees, k: int) -> float:
    """Return the height of what is known to stand in a cell of the flat grid, m; 0 where nothing is."""
    return float(trees.known_m[k]) if len(trees.known_m) > 0 else 0.0


@kernel
def ends_loss(trees: GridTrees, from_k: int, to_k: int, height_a_m: float, height_b_m: float, freq_mhz: float) -> float:
    """Return what antennas of two cells lose below what is known to stand round them, dB."""
    if len(trees.known_m) == 0:
        return 0.0
    lost = end_clutter_kernel(freq_mhz, height_a_m, clutter_of(trees, from_k))
    return lost + end_clutter_kernel(freq_mhz, height_b_m, clutter_of(trees, to_k))


@kernel
def bilinear(z: Any, cols: int, row: float, col: float) -> float:
    """Return the height at a fractional place; NaN where one of the cells that it lies between is missing."""
    r = int(row)
    c = int(col)
    down = row - r
    right = col - c
    k = r * cols + c
    height: float = z[k] * 1.0
    if right > 0.0:
        height = z[k] * (1.0 - right) + z[k + 1] * right
        if down > 0.0:
            k += cols
            height = height * (1.0 - down) + (z[k] * (1.0 - right) + z[k + 1] * right) * down
    elif down > 0.0:
        height = z[k] * (1.0 - down) + z[k + cols] * down
    return height


@kernel
def block_tops(z: Any, rows: int, cols: int, size: int) -> Any:
    """Return the greatest height of each block with the row and the column that follow it; inf where one is missing.

    The row and column that follow are what bilinear heights within the block still depend on.
    """
    down = (rows + size - 1) // size
    across = (cols + size - 1) // size
    tops = np.empty(down * across, np.float32)
    column_top = np.empty(cols, np.float32)
    for i in range(down):
        for x in range(cols):
            column_top[x] = z[i * size * cols + x]
        for r in range(i * size + 1, min(rows, i * size + size + 1)):
            for x in range(cols):
                v = z[r * cols + x]
                # Written so that a NaN wins and stays.
                column_top[x] = column_top[x] if v <= column_top[x] or column_top[x] != column_top[x] else v
        for j in range(across):
            top = column_top[j * size]
            for x in range(j * size + 1, min(cols, j * size + size + 1)):
                v = column_top[x]
                top = top if v <= top or top != top else v
            tops[i * across + j] = math.inf if top != top else top
    return tops


@kernel
def samples_in_block(row: float, col: float, step_row: float, step_col: float, size: int, most: float) -> int:
    """Return how many more steps from a place stay within its block, at most `most`."""
    block_row = int(row) // size * size
    block_col = int(col) // size * size
    steps = most * 1.0
    if step_row > 0.0:
        steps = min(steps, (block_row + size - row) / step_row)
    elif step_row < 0.0:
        steps = min(steps, (block_row - row) / step_row)
    if step_col > 0.0:
        steps = min(steps, (block_col + size - col) / step_col)
    elif step_col < 0.0:
        steps = min(steps, (block_col - col) / step_col)
    return int(steps)


@kernel
def count_within(z: Any, rows: int, cols: int, row: int, col: int, p: float, q: float, s: float, radius: float) -> int:
    """Return how many cells with terrain lie within a circle."""
    count = 0
    down = int(radius * math.sqrt(p / (p * s - q * q))) + 1
    across = int(radius * math.sqrt(s / (p * s - q * q))) + 1
    for r in range(max(0, row - down), min(rows, row + down + 1)):
        dr = r - row
        for x in range(max(0, col - across), min(cols, col + across + 1)):
            dc = x - col
            if p * dc * dc + 2.0 * q * dc * dr + s * dr * dr <= radius * radius and z[r * cols + x] == z[r * cols + x]:
                count += 1
    return count

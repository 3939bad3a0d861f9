"""Line of sight from one tower: a radial sweep by octants, then the exact answer for cells near the edge of visibility.

The sweep carries along each radial the steepest slope so far, seen from the antenna, of the ground lowered by the
curvature of the earth. A cell compares its own slope with those of the two radials on either side of it. Where the two
agree by more than a margin, that is the answer; else the cell's own profile is sampled.

Exact means (the command line's contract): antenna over the centre of its cell, target `rx_height_m` over the cell's
own terrain, bilinear terrain, the profile sampled in equal steps no longer than a cell's shorter side; seen where no
interior sample stands above the line. A cell whose profile meets missing terrain is blocked where known terrain alone
blocks it, else unknown: nobody can say that it is seen.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import BLOCK, GridHeights, GridWay, bilinear, block_tops
from cn_planner.coverage.radials import Octant, octants
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Grid

BLOCKED, SEEN, UNKNOWN = 0, 1, 255
SEEN_MARGIN, HIDDEN_MARGIN = 1.0 / 120.0, 1.0 / 20.0
"""By how much the sweep may be wrong about the ground at its horizon where it says seen, and where it says hidden, as
parts of a cell's longer side; at the cell that grows as the distances do. What lies between samples grows with their
distance: what is enough at 30 m is not at 60 m.

A radial meets the ground on the lines between samples, where edges are at their highest; a cell's own profile mostly
passes beside. So the sweep's horizon is seldom too low, and seen is surer than hidden. In fourteen real views with
cells of 7 to 90 m 99.988 to 100 % of all cells are exact, and 99.6 to 100 % of those within 2 m of grazing; a thirtieth
for both takes a quarter more time and leaves 99.981 %.
"""
_ROUNDING = 1e-9
"""Of a step: what stands as near to the edge of a block is left to be looked at."""
FINE = 8
"""Cells a side of a fine block, asked where a block stands too high."""
NEAR_CELLS = 8
"""Cells so near to the antenna are always retested: there the radials and the exact profile sample differently."""


@kernel
def steps_in_block(row: float, col: float, per_row: float, per_col: float, size: int, most: int) -> int:
    """Return how many more steps from a place surely stay within its block, at most `most`.

    `per_row`, `per_col`: steps to go one row, one column; infinite where there is no way along it.
    """
    block_row = int(row) // size * size
    block_col = int(col) // size * size
    down = (block_row + size - row if per_row > 0.0 else block_row - row) * per_row
    right = (block_col + size - col if per_col > 0.0 else block_col - col) * per_col
    steps = most * 1.0
    if per_row != math.inf:
        steps = min(steps, down - _ROUNDING)
    if per_col != math.inf:
        steps = min(steps, right - _ROUNDING)
    return max(int(steps), 0)


class Tops(NamedTuple):
    """The greatest height of each block, and of each fine block (`all_tops`)."""

    coarse: Any
    fine: Any


class Sight(NamedTuple):
    """What a line of sight is looked for with.

    Attributes
    ----------
    amsl_m, rx_m : float
        The antenna above sea level, receivers above the ground of their cells.
    curve : float
        Half the curvature of the effective earth, 1/m.
    radius_m, step_m : float
        How far; the longest step of a cell's own profile.
    seen_margin, hidden_margin : float
        As `SEEN_MARGIN` and `HIDDEN_MARGIN`, m.
    near_cells : int
    """

    amsl_m: float
    rx_m: float
    curve: float
    radius_m: float
    step_m: float
    seen_margin: float
    hidden_margin: float
    near_cells: int


class _Rays(NamedTuple):
    """Of each radial: across for one along, its length for one along, and the reciprocal of that."""

    tangent: Any
    slant: Any
    inv_slant: Any


class _Pair(NamedTuple):
    """Of each radial and the next: the lower and the higher horizon, and the reciprocal of the nearer one's step."""

    low: Any
    high: Any
    near: Any


@kernel
def exact_cell(
    grid: GridHeights, tops: Tops, way: GridWay, h0: float, ht: float, curve: float, hint_0: float, hint_1: float
) -> int:
    """Return whether the far end of a way at height ht is seen from its beginning at height h0.

    Samples near the fractions `hint_0`, `hint_1` of the way are tried first. Blocks, and fine blocks, whose highest
    cell stays below the ray are passed over: that changes no answer.
    """
    z, cols = grid.z, grid.cols
    coarse, fine = tops
    row, col, drow, dcol, dist, step = way
    n = math.ceil(dist / step - 1e-9)
    if n < 2:
        return 1
    inv = 1.0 / n
    rise = ht - h0
    bulge = dist * dist * curve
    for k in range(2):
        middle = int((hint_0 if k == 0 else hint_1) * n)
        for i in range(max(1, middle - 1), min(n, middle + 3)):
            t = i * inv
            if bilinear(z, cols, row + drow * t, col + dcol * t) > h0 + rise * t - bulge * t * (1.0 - t):
                return 0
    across = (cols + BLOCK - 1) // BLOCK
    across_fine = (cols + FINE - 1) // FINE
    # Steps to go one row, one column on the way back to the antenna.
    back_row = -n / drow if drow != 0 else math.inf
    back_col = -n / dcol if dcol != 0 else math.inf
    unknown = False
    i = n - 1
    while i > 0:
        t = i * inv
        r = row + drow * t
        q = col + dcol * t
        line = h0 + rise * t - bulge * t * (1.0 - t)
        size = BLOCK
        top = coarse[int(r) // BLOCK * across + int(q) // BLOCK]
        if top >= line:
            size = FINE
            top = fine[int(r) // FINE * across_fine + int(q) // FINE]
        if top < line:
            more = steps_in_block(r, q, back_row, back_col, size, i - 1)
            u = (i - more) * inv
            line_u = h0 + rise * u - bulge * u * (1.0 - u)
            # The line over the bulge is a parabola: it sags below its chord by bulge (t - u)^2 / 4 at most.
            if top < min(line, line_u) - bulge * (t - u) * (t - u) * 0.25:
                i -= more + 1
                continue
        ground = bilinear(z, cols, r, q)
        if ground > line:
            return 0
        if ground != ground:
            unknown = True
        i -= 1
    return 255 if unknown else 1


@kernel
def sweep_octant(grid: GridHeights, tops: Tops, tower: tuple[int, int], octant: Octant, sight: Sight, out: Any) -> None:
    """Write the answers of one octant into `out`; the tower stands in a cell (row, column)."""
    z = grid.z
    n, b_most, p, q, s, radius = octant.n, octant.b_most, octant.p, octant.q, octant.s, sight.radius_m
    best = np.full(n + 2, -1e30, np.float32)
    near_by = np.zeros(n + 2, np.float32)
    void = np.zeros(n + 2, np.float32)
    low = np.full(n + 2, -1e30, np.float32)
    high = np.full(n + 2, -1e30, np.float32)
    near = np.zeros(n + 2, np.float32)
    slope = np.empty(n + 2, np.float32)
    slant = np.empty(n + 2, np.float32)
    inv_slant = np.empty(n + 2, np.float32)
    tangent = np.empty(n + 2, np.float32)
    code = np.empty(n + 2, np.int32)
    for j in range(n + 2):
        m = j / n
        tangent[j] = m
        slant[j] = math.sqrt(p + 2.0 * q * m + s * m * m)
        inv_slant[j] = 1.0 / slant[j]
    rays = _Rays(tangent, slant, inv_slant)
    pair = _Pair(low, high, near)
    for a in range(1, n + 1):
        disc = q * q * a * a - s * (p * a * a - radius * radius)
        if disc < 0.0:
            break
        at = octant.base + a * octant.major
        b_end = min(int((math.sqrt(disc) - q * a) / s) + 1, a, b_most)
        first = 0 if octant.holds_axis else 1
        last = min(b_end, a - 1) if octant.holds_axis else b_end
        # The root is rounded: the distance decides.
        while last >= first and p * a * a + 2.0 * q * a * last + s * last * last > radius * radius:
            last -= 1
        # Where rows and columns are not square to each other, a circle may begin beside the axis.
        while first <= last and p * a * a + 2.0 * q * a * first + s * first * first > radius * radius:
            first += 1
        scale: Any = np.float32(n / a)
        _codes(z, at, a, first, last, scale, octant, sight, pair, code)
        for b in range(first, last + 1):
            k = at + b * octant.minor
            if code[b] != 2 and a > sight.near_cells:
                out[k] = code[b]
            elif z[k] == z[k]:
                j = int(np.float32(b) * scale)
                dr = a * octant.major_row + b * octant.minor_row
                dc = a * octant.major_column + b * octant.minor_column
                length = math.sqrt(p * a * a + 2.0 * q * a * b + s * b * b)
                way = GridWay(tower[0], tower[1], dr, dc, length, sight.step_m)
                hints = _at(near_by[j], a), _at(near_by[j + 1], a)
                out[k] = exact_cell(grid, tops, way, sight.amsl_m, z[k] + sight.rx_m, sight.curve, hints[0], hints[1])
        j_end = min(n, int((b_end + 1) * (n / a)) + 1)
        j_known = int(b_most * (n / a))
        _slopes(z, at, a, j_end, octant, sight, rays, slope)
        _carry(a, j_end, j_known, slope, best, near_by, void)
        _pair(j_end, best, near_by, void, pair)


@kernel
def _at(near_by: float, a: int) -> float:
    # How far along the way to step a the horizon stands, from the reciprocal of its step.
    return 1.0 / (near_by * a) if near_by > 0.0 else 0.0


@kernel
def _codes(
    z: Any, at: int, a: int, first: int, last: int, scale: float, octant: Octant, sight: Sight, pair: _Pair, code: Any
) -> None:
    """Say of the cells of one step whether they are seen (1), not (0), or near the edge of it or missing (2)."""
    minor, s = octant.minor, octant.s
    low, high, near = pair
    up: Any = np.float32(sight.rx_m - sight.amsl_m)
    c32 = np.float32(sight.curve)
    s32 = np.float32(s)
    p32 = np.float32(octant.p * a * a)
    q32 = np.float32(2.0 * octant.q * a)
    seen_here = np.float32(sight.seen_margin) * np.float32(a)
    hidden_here = np.float32(sight.hidden_margin) * np.float32(a)
    for b in range(first, last + 1):
        b32 = np.float32(b)
        # Half the width of int, and without a sign: as many again at a time.
        j = np.uint32(np.int32(b32 * scale))
        away_2: Any = p32 + q32 * b32 + s32 * b32 * b32
        away: Any = np.sqrt(away_2)
        top = np.float32(z[at + b * minor]) + up - away_2 * c32
        # A height that is missing compares false.
        seen = top - high[j] * away > seen_here * near[j]
        hidden = top - low[j] * away < -hidden_here * near[j]
        code[b] = 1 if seen else (0 if hidden else 2)


@kernel
def _slopes(z: Any, at: int, a: int, j_end: int, octant: Octant, sight: Sight, rays: _Rays, slope: Any) -> None:
    """Write the slope to the ground where each radial crosses one step."""
    tangent, slant, inv_slant = rays
    minor, b_most = octant.minor, octant.b_most
    a32 = np.float32(a)
    h32 = np.float32(sight.amsl_m)
    inv_a = np.float32(1.0 / a)
    drop = np.float32(a * sight.curve)
    b_last = np.int32(max(b_most - 1, 0))
    at32 = np.int32(at)
    minor32 = np.int32(minor)
    beside = np.int32(minor if b_most > 0 else 0)
    for j in range(j_end + 1):
        b32 = tangent[j] * a32
        b = min(np.int32(b32), b_last)
        k = at32 + b * minor32
        here: Any = z[np.uint32(k)]
        ground = here + (z[np.uint32(k + beside)] - here) * (b32 - np.float32(b))
        slope[j] = (ground - h32) * (inv_a * inv_slant[j]) - drop * slant[j]


@kernel
def _carry(a: int, j_end: int, j_known: int, slope: Any, best: Any, near_by: Any, void: Any) -> None:
    """Carry the steepest slope of each radial over one step.

    One loop for each array: of more the compiler does not see that they are not the same, and takes numbers one by one.
    """
    inv_a = np.float32(1.0 / a)
    for j in range(j_end + 1):
        near_by[j] = inv_a if slope[j] > best[j] else near_by[j]
    for j in range(j_end + 1):
        best[j] = slope[j] if slope[j] > best[j] else best[j]  # noqa: FURB136 - a missing height does not win
    for j in range(j_end + 1):
        void[j] = np.float32(np.inf) if slope[j] != slope[j] else void[j]
    for j in range(j_known + 1, j_end + 1):
        void[j] = np.float32(np.inf)


@kernel
def _pair(j_end: int, best: Any, near_by: Any, void: Any, pair: _Pair) -> None:
    """Pair each radial with the next. Nothing is seen over a horizon that is not known."""
    low, high, near = pair
    for j in range(j_end + 1):
        low[j] = min(best[j], best[j + 1])
    for j in range(j_end + 1):
        high[j] = max(best[j], best[j + 1]) + max(void[j], void[j + 1])
    for j in range(j_end + 1):
        near[j] = max(near_by[j], near_by[j + 1])


@kernel
def exact_rows(
    grid: GridHeights, tops: Tops, tower: tuple[int, int], sight: Sight, first: int, last: int, out: Any
) -> None:
    """Write the exact answers of rows first to last - 1 into `out`."""
    z = grid.z
    for r in range(first, last):
        for x in range(grid.cols):
            k = r * grid.cols + x
            dr = r - tower[0]
            dc = x - tower[1]
            d2 = grid.p * dc * dc + 2.0 * grid.q * dc * dr + grid.s * dr * dr
            if d2 <= sight.radius_m * sight.radius_m and z[k] == z[k]:
                way = GridWay(tower[0], tower[1], dr, dc, math.sqrt(d2), sight.step_m)
                out[k] = exact_cell(grid, tops, way, sight.amsl_m, z[k] + sight.rx_m, sight.curve, 0.5, 0.95)


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
        Sample every cell's own profile.
    """
    rows, flat = heights_m.shape[0], out.reshape(-1)
    p, q, s = grid.metric
    # The longer side, or what makes up for a long diagonal of cells that are not square.
    side = math.sqrt(max(p, s, 0.5 * (p + s) + abs(q)))
    sight = Sight(
        float(heights_m[cell]) + height_m, float(rx_height_m), 0.5 / (EARTH_RADIUS_M * k), float(radius_m),
        grid.cell_m, SEEN_MARGIN * side, HIDDEN_MARGIN * side, NEAR_CELLS,
    )  # fmt: skip
    ground = grid.heights(heights_m)
    out[cell] = SEEN
    if exact:
        reach = math.ceil(grid.reach(radius_m)[0])
        run: Any = partial(compiled(exact_rows), ground, tops, cell, sight)
        return [
            partial(run, a, min(a + BLOCK, rows), flat)
            for a in range(0, rows, BLOCK)
            if a - reach <= cell[0] <= a + BLOCK + reach
        ]
    sweep: Any = compiled(sweep_octant)
    return [partial(sweep, ground, tops, cell, octant, sight, flat) for octant in octants(grid, cell, radius_m)]

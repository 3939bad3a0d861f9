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
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import BLOCK, OCTANTS, bilinear, block_tops
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


@kernel
def exact_cell(
    z: Any,
    cols: int,
    tops: Any,
    fine: Any,
    row: float,
    col: float,
    drow: float,
    dcol: float,
    dist: float,
    step: float,
    h0: float,
    ht: float,
    c: float,
    hint_0: float,
    hint_1: float,
) -> int:
    """Return whether the cell (row + drow, col + dcol) at height ht is seen from (row, col) at height h0.

    `c` is 1 / (2 R). Samples near the fractions `hint_0`, `hint_1` of the way are tried first. Blocks, and fine blocks,
    whose highest cell stays below the ray are passed over: that changes no answer.
    """
    n = math.ceil(dist / step - 1e-9)
    if n < 2:
        return 1
    inv = 1.0 / n
    rise = ht - h0
    bulge = dist * dist * c
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
        top = tops[int(r) // BLOCK * across + int(q) // BLOCK]
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
def sweep_octant(
    z: Any,
    rows: int,
    cols: int,
    tops: Any,
    fine: Any,
    row0: int,
    col0: int,
    maj_r: int,
    maj_c: int,
    min_r: int,
    min_c: int,
    holds_axis: bool,
    p: float,
    q: float,
    s: float,
    step: float,
    h0: float,
    rx: float,
    radius: float,
    c: float,
    seen_margin: float,
    hidden_margin: float,
    near_cells: int,
    out: Any,
) -> None:
    """Write the answers of one octant into `out`; p, q, s are the metric along its axes."""
    if maj_r != 0:
        a_most = rows - 1 - row0 if maj_r > 0 else row0
        b_most = cols - 1 - col0 if min_c > 0 else col0
    else:
        a_most = cols - 1 - col0 if maj_c > 0 else col0
        b_most = rows - 1 - row0 if min_r > 0 else row0
    n = min(a_most, int(radius / math.sqrt(p - q * q / s)))
    if n < 1:
        return
    base = row0 * cols + col0
    major = maj_r * cols + maj_c
    minor = min_r * cols + min_c
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
    up: Any = np.float32(rx - h0)
    for a in range(1, n + 1):
        disc = q * q * a * a - s * (p * a * a - radius * radius)
        if disc < 0.0:
            break
        at = base + a * major
        b_end = min(int((math.sqrt(disc) - q * a) / s) + 1, a, b_most)
        first = 0 if holds_axis else 1
        last = min(b_end, a - 1) if holds_axis else b_end
        # The root is rounded: the distance decides.
        while last >= first and p * a * a + 2.0 * q * a * last + s * last * last > radius * radius:
            last -= 1
        # Where rows and columns are not square to each other, a circle may begin beside the axis.
        while first <= last and p * a * a + 2.0 * q * a * first + s * first * first > radius * radius:
            first += 1
        scale: Any = np.float32(n / a)
        _codes(
            z, at, minor, a, first, last, p, q, s, up, c, seen_margin, hidden_margin, scale, low, high, near, code,
        )  # fmt: skip
        for b in range(first, last + 1):
            k = at + b * minor
            if code[b] != 2 and a > near_cells:
                out[k] = code[b]
            elif z[k] == z[k]:
                j = int(np.float32(b) * scale)
                out[k] = exact_cell(
                    z,
                    cols,
                    tops,
                    fine,
                    row0,
                    col0,
                    a * maj_r + b * min_r,
                    a * maj_c + b * min_c,
                    math.sqrt(p * a * a + 2.0 * q * a * b + s * b * b),
                    step,
                    h0,
                    z[k] + rx,
                    c,
                    _at(near_by[j], a),
                    _at(near_by[j + 1], a),
                )
        j_end = min(n, int((b_end + 1) * (n / a)) + 1)
        j_known = int(b_most * (n / a))
        _slopes(z, at, minor, a, b_most, j_end, h0, c, tangent, slant, inv_slant, slope)
        _carry(a, j_end, j_known, slope, best, near_by, void)
        _pair(j_end, best, near_by, void, low, high, near)


@kernel
def _at(near_by: float, a: int) -> float:
    # How far along the way to step a the horizon stands, from the reciprocal of its step.
    return 1.0 / (near_by * a) if near_by > 0.0 else 0.0


@kernel
def _codes(
    z: Any,
    at: int,
    minor: int,
    a: int,
    first: int,
    last: int,
    p: float,
    q: float,
    s: float,
    up: float,
    c: float,
    seen_margin: float,
    hidden_margin: float,
    scale: float,
    low: Any,
    high: Any,
    near: Any,
    code: Any,
) -> None:
    """Say of the cells of one step whether they are seen (1), not (0), or near the edge of it or missing (2)."""
    c32 = np.float32(c)
    s32 = np.float32(s)
    p32 = np.float32(p * a * a)
    q32 = np.float32(2.0 * q * a)
    seen_here = np.float32(seen_margin) * np.float32(a)
    hidden_here = np.float32(hidden_margin) * np.float32(a)
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
def _slopes(
    z: Any,
    at: int,
    minor: int,
    a: int,
    b_most: int,
    j_end: int,
    h0: float,
    c: float,
    tangent: Any,
    slant: Any,
    inv_slant: Any,
    slope: Any,
) -> None:
    """Write the slope to the ground where each radial crosses one step."""
    a32 = np.float32(a)
    h32 = np.float32(h0)
    inv_a = np.float32(1.0 / a)
    drop = np.float32(a * c)
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
def _pair(j_end: int, best: Any, near_by: Any, void: Any, low: Any, high: Any, near: Any) -> None:
    """Write the lower and the higher horizon of each radial and the next, and how near the nearer of the two stands.

    Nothing is seen over a horizon that is not known.
    """
    for j in range(j_end + 1):
        low[j] = min(best[j], best[j + 1])
    for j in range(j_end + 1):
        high[j] = max(best[j], best[j + 1]) + max(void[j], void[j + 1])
    for j in range(j_end + 1):
        near[j] = max(near_by[j], near_by[j + 1])


@kernel
def exact_rows(
    z: Any,
    cols: int,
    tops: Any,
    fine: Any,
    row0: int,
    col0: int,
    first: int,
    last: int,
    p: float,
    q: float,
    s: float,
    step: float,
    h0: float,
    rx: float,
    radius: float,
    c: float,
    out: Any,
) -> None:
    """Write the exact answers of rows first to last - 1 into `out`."""
    for r in range(first, last):
        for x in range(cols):
            k = r * cols + x
            dr = r - row0
            dc = x - col0
            d2 = p * dc * dc + 2.0 * q * dc * dr + s * dr * dr
            if d2 <= radius * radius and z[k] == z[k]:
                out[k] = exact_cell(
                    z, cols, tops, fine, row0, col0, dr, dc, math.sqrt(d2), step, h0, z[k] + rx, c, 0.5, 0.95
                )


def tops_of(heights_m: NDArray[np.float32], size: int = BLOCK) -> NDArray[np.float32]:
    """Return the greatest height of each block of a ground, flat; it is the same for every tower."""
    rows, cols = heights_m.shape
    return compiled(block_tops)(heights_m.reshape(-1), rows, cols, size)  # type: ignore[no-any-return]


def coarse_tops(fine: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return what `tops_of` returns for a ground of this shape, from what it returns for blocks of `FINE`."""
    down, across = (-(-side // FINE) for side in shape)
    step = BLOCK // FINE
    found = np.maximum.reduceat(fine.reshape(down, across), np.arange(0, down, step), axis=0)
    return np.maximum.reduceat(found, np.arange(0, across, step), axis=1).reshape(-1)


def make_ready() -> None:
    """Load what runs kernels, 0.2 s: another thread may do so while terrain is read."""
    ground = np.zeros((1, 1), np.float32)
    ground.flags.writeable = False  # as all ground is: else another kernel would be made
    tops_of(ground)


def los_tasks(
    heights_m: NDArray[np.float32],
    tops: NDArray[np.float32],
    grid: Grid,
    cell: tuple[int, int],
    height_m: float,
    rx_height_m: float,
    radius_m: float,
    k: float,
    out: NDArray[np.uint8],
    *,
    exact: bool = False,
    fine: NDArray[np.float32] | None = None,
) -> list[Callable[[], None]]:
    """Return the tasks that together write one tower's line of sight into `out`, in any order, on any thread.

    Each cell is written by one task alone, so the result does not depend on who does which.

    Parameters
    ----------
    heights_m : float32 array of (rows, columns)
        The ground.
    tops : float32 array
        As from `tops_of`.
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
    fine : float32 array, optional
        As from `tops_of` with blocks of `FINE`; made here where it is not given.
    """
    rows, cols = heights_m.shape
    z, flat = heights_m.reshape(-1), out.reshape(-1)
    row, column = cell
    p, q, s = grid.metric
    h0 = float(heights_m[cell]) + height_m
    c = 0.5 / (EARTH_RADIUS_M * k)
    # The longer side, or what makes up for a long diagonal of cells that are not square.
    side = math.sqrt(max(p, s, 0.5 * (p + s) + abs(q)))
    high = tops, tops_of(heights_m, FINE) if fine is None else fine
    out[cell] = SEEN
    if exact:
        run = compiled(exact_rows)
        reach = math.ceil(grid.reach(radius_m)[0])
        return [
            lambda a=a: run(  # type: ignore[misc]
                z, cols, *high, row, column, a, min(a + BLOCK, rows), p, q, s, grid.cell_m, h0,
                rx_height_m, radius_m, c, flat,
            )
            for a in range(0, rows, BLOCK)
            if a - reach <= row <= a + BLOCK + reach
        ]  # fmt: skip
    sweep: Any = compiled(sweep_octant)
    tasks: list[Callable[[], None]] = []
    for maj_r, maj_c, min_r, min_c, holds_axis in OCTANTS:
        along, across = (p, s) if maj_c else (s, p)
        # The mixed term changes its sign with the sense of the two axes.
        mixed = q * (maj_r + maj_c) * (min_r + min_c)
        args = (
            z, rows, cols, *high, row, column, maj_r, maj_c, min_r, min_c, holds_axis, along, mixed, across,
            grid.cell_m, h0, rx_height_m, radius_m, c, SEEN_MARGIN * side, HIDDEN_MARGIN * side, NEAR_CELLS,
            flat,
        )  # fmt: skip
        tasks.append(lambda args=args: sweep(*args))  # type: ignore[misc]
    return tasks

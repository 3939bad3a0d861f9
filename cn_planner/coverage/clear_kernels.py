"""Clearance of many paths without a look at each sample: whole stretches that surely stand lower are passed over.

The samples, and the arithmetic of each that is looked at, are those of `path_kernels`: the answer has the same bits.
What a stretch can hold at the most is read off the greatest height round the place of its middle, on a lattice; the
stretch that promises least is looked at first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.path_kernels import lowest
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.terrain.tile import ON_SAMPLE_CELLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 4
"""Cells a side of the lattice; a stretch reaches half as far to either side of its middle."""
_SLACK_M = 1e-6
"""What rounding may take from a bound is far below this."""
_MOST_BEND_CELLS = 1.0
"""A path that bends more than this, on the file's grid, from the straight way is left to `path_kernels`."""


def tops_round(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the greatest heights round the places of a lattice over a file's samples: `wide_tops`."""
    run: Any = compiled(wide_tops)
    return run(values, SIZE)  # type: ignore[no-any-return]


@kernel
def wide_tops(values: Any, size: int) -> Any:
    """Return for each block of `size` samples a side the greatest height on it and half a block round it.

    One sample more on either side is what bilinear heights still depend on. Infinite where a height is missing.
    """
    rows, columns = values.shape
    down = (rows + size - 1) // size
    across = (columns + size - 1) // size
    reach = size // 2 + 1
    tops = np.empty((down, across), np.float32)
    column_top = np.empty(columns, np.float32)
    for i in range(down):
        column_top[:] = -math.inf
        for r in range(max(i * size - reach, 0), min(i * size + size + reach, rows - 1) + 1):
            for x in range(columns):
                v = values[r, x]
                # Written so that a NaN wins and stays.
                column_top[x] = column_top[x] if v <= column_top[x] or column_top[x] != column_top[x] else v
        for j in range(across):
            top = column_top[max(j * size - reach, 0)]
            for x in range(max(j * size - reach, 0), min(j * size + size + reach, columns - 1) + 1):
                v = column_top[x]
                top = top if v <= top or top != top else v
            tops[i, j] = math.inf if top != top else top
    return tops


@kernel
def _settled(at: float) -> float:
    # A point as near to a sample as this stands on it.
    whole = np.floor(at + 0.5)
    return whole if abs(at - whole) < ON_SAMPLE_CELLS else at


@kernel
def _heights(flat: Any, width: int, at_row: Any, at_col: Any, count: int, corner: Any, ground: Any) -> None:
    for i in range(count):
        row = _settled(at_row[i])
        col = _settled(at_col[i])
        i0 = np.floor(row)
        j0 = np.floor(col)
        corner[i] = np.int64(i0) * width + np.int64(j0)
        at_row[i] = row - i0
        at_col[i] = col - j0
    for i in range(count):
        k = corner[i]
        u = at_col[i]
        north = np.float64(flat[k])
        north += u * (np.float64(flat[k + 1]) - north)
        south = np.float64(flat[k + width])
        south += u * (np.float64(flat[k + width + 1]) - south)
        ground[i] = north + at_row[i] * (south - north)


@kernel
def _fastest(curve: Any) -> float:
    # How far it goes, were that the speed all the way; and how far it bends from the straight way.
    c1, c2, c3, c4, c5 = abs(curve[1]), abs(curve[2]), abs(curve[3]), abs(curve[4]), abs(curve[5])
    pace: float = c1 + 2.0 * c2 + 3.0 * c3 + 4.0 * c4 + 5.0 * c5
    return pace


@kernel
def _bend(curve: Any) -> float:
    bend: float = (2.0 * abs(curve[2]) + 6.0 * abs(curve[3]) + 12.0 * abs(curve[4]) + 20.0 * abs(curve[5])) / 8.0
    return bend


@kernel
def clear_paths(
    values: Any,
    halo: int,
    rows: int,
    columns: int,
    ax: float,
    cx: float,
    ex: float,
    fx: float,
    tops: Any,
    px: Any,
    py: Any,
    turn: Any,
    mine: Any,
    length: Any,
    steps: Any,
    canopy: float,
    keep_out: float,
    radius: float,
    wavelength: float,
    row: Any,
    up_a: Any,
    up_b: Any,
    clear_m: Any,
    clear_f1: Any,
    done: Any,
) -> None:
    """Fill clearances of those of the paths that are `mine` and lie within one file; `done` says which.

    Arguments are those of `path_kernels.sample` and `path_kernels.figures`; `tops` is of `tops_round`. The file's
    axes are those of its coordinates.
    """
    longest = 1
    for p in range(len(length)):
        longest = max(longest, steps[p])
    work = np.empty((6, longest + 2), np.float64)
    cells = np.empty(2 * longest + 2, np.int64)
    for p in range(len(length)):
        if not mine[p]:
            continue
        bend = max(_bend(px[p]) / abs(ax), _bend(py[p]) / abs(ex))
        if not bend < _MOST_BEND_CELLS:
            continue
        col_a, col_b = (px[p, 0] + turn[p] - cx) / ax, (px[p, 6] + turn[p] - cx) / ax
        row_a, row_b = (py[p, 0] - fx) / ex, (py[p, 6] - fx) / ex
        inside = min(col_a, col_b) - bend >= 0.0 and min(row_a, row_b) - bend >= 0.0
        inside = inside and max(col_a, col_b) + bend < columns - 1.0 - ON_SAMPLE_CELLS
        if not (inside and max(row_a, row_b) + bend < rows - 1.0 - ON_SAMPLE_CELLS):
            continue
        done[p] = True
        n = steps[p]
        work[2, 0], work[2, 1], work[3, 0], work[3, 1] = row_a + halo, row_b + halo, col_a + halo, col_b + halo
        _heights(values.reshape(-1), values.shape[1], work[2], work[3], 2, cells, work[4])
        ground_a, ground_b = work[4, 0], work[4, 1]
        # Samples whose places lie no further than half a block to either side of their middle.
        pace = max(_fastest(px[p]) / abs(ax), _fastest(py[p]) / abs(ex)) / n
        few = min(max(int(SIZE / pace), 1), n)
        path = (halo, ax, cx, ex, fx, turn[p], length[p], n, few, canopy, keep_out, 0.5 / radius)
        per_f1 = math.sqrt(length[p] / wavelength)
        for s in range(up_a.shape[1]):
            a = ground_a + up_a[p, s]
            for t in range(up_b.shape[1]):
                b = ground_b + up_b[p, t]
                least, worst = _search(values, tops, px[p], py[p], path, a, b, work, cells)
                least = min(least, a - ground_a, b - ground_b)
                unknown = math.isnan(ground_a + ground_b + worst)
                clear_m[row[p], s, t] = math.nan if unknown else least
                clear_f1[row[p], s, t] = math.nan if unknown else worst * per_f1


@kernel
def _promises(
    tops: Any, px: Any, py: Any, path: Any, a: float, slope: float, count: int, work: Any, cells: Any
) -> tuple[int, int]:
    # Into work[0] and work[1]: least clearance, and least of it over the root of the product of distances, that each
    # stretch may hold. Returned are the stretches that promise least of either.
    halo, ax, cx, ex, fx, turn, length, n, few, canopy, _keep_out, curve = path
    lows, shares = work[0], work[1]
    flat = tops.reshape(-1)
    across = tops.shape[1]
    step = length / n
    half = 0.5 * length
    per_size = 1.0 / SIZE
    shift = 0.5 * few / n
    x0, x1, x2, x3, x4, x5 = px[0] + turn - cx, px[1], px[2], px[3], px[4], px[5]
    y0, y1, y2, y3, y4, y5 = py[0] - fx, py[1], py[2], py[3], py[4], py[5]
    per_x = per_size / ax
    per_y = per_size / ex
    for c in range(count):
        # A stretch that is cut short at the end has its middle nearer: still no sample is further from this place.
        t = (1.0 * c * few + 0.5) / n + shift
        lows[c] = (((((x5 * t + x4) * t + x3) * t + x2) * t + x1) * t + x0) * per_x + halo * per_size
        shares[c] = (((((y5 * t + y4) * t + y3) * t + y2) * t + y1) * t + y0) * per_y + halo * per_size
    for c in range(count):
        row = min(max(np.int64(shares[c]), 0), tops.shape[0] - 1)
        cells[c] = row * across + min(max(np.int64(lows[c]), 0), across - 1)
    sag = curve * ((few - 1) * step) * ((few - 1) * step) * 0.25
    base = a - sag - canopy - _SLACK_M
    for c in range(count):
        d0 = (1 + c * few) * step
        d1 = min((c + 1) * few, n - 1) * step
        w0 = d0 * (length - d0)
        w1 = d1 * (length - d1)
        # The ray less the bulge is a parabola that sags below its chord by `sag` at most.
        low = min(slope * d0 - curve * w0, slope * d1 - curve * w1) + (base - np.float64(flat[cells[c]]))
        widest = half * half if d0 < half < d1 else max(w0, w1)
        wide = widest if low > 0.0 else min(w0, w1)
        lows[c] = low
        shares[c] = low / math.sqrt(wide)
    first_m = 0
    first_r = 0
    for c in range(1, count):
        first_m = c if lows[c] < lows[first_m] else first_m
        first_r = c if shares[c] < shares[first_r] else first_r
    return first_m, first_r


@kernel
def _search(
    values: Any, tops: Any, px: Any, py: Any, path: Any, a: float, b: float, work: Any, cells: Any
) -> tuple[float, float]:
    # Least clearance of the inner samples, and least of it over the root; NaN where a height is missing.
    length, n, few = path[6], path[7], path[8]
    slope = (b - a) / length
    least = math.inf
    worst = math.inf
    count = (n - 1 + few - 1) // few
    if count == 0:
        return least, worst
    first_m, first_r = _promises(tops, px, py, path, a, slope, count, work, cells)
    for k in range(-2, count):
        c = (first_r if k == -2 else first_m) if k < 0 else k
        if work[0, c] < least or work[1, c] < worst:
            missing = work[0, c] == -math.inf
            work[0, c] = math.inf
            work[1, c] = math.inf
            low, part = _stretch(values, px, py, path, a, slope, 1 + c * few, missing, work, cells[count:])
            if low != low:
                return math.nan, math.nan
            least = min(least, low)
            worst = min(worst, part)
    return least, worst


@kernel
def _stretch(
    values: Any, px: Any, py: Any, path: Any, a: float, slope: float, start: int, missing: bool, work: Any, corner: Any
) -> tuple[float, float]:
    halo, ax, cx, ex, fx, turn, length, n, few, canopy, keep_out, curve = path
    at_row, at_col, ground, away = work[2], work[3], work[4], work[5]
    step = length / n
    per_m = 1.0 / length
    count = min(few, n - start)
    x0, x1, x2, x3, x4, x5 = px[0], px[1], px[2], px[3], px[4], px[5]
    y0, y1, y2, y3, y4, y5 = py[0], py[1], py[2], py[3], py[4], py[5]
    for i in range(count):
        d = (start + i) * step
        t = d * per_m
        away[i] = d
        at_col[i] = (((((x5 * t + x4) * t + x3) * t + x2) * t + x1) * t + x0 + turn - cx) / ax + halo
        at_row[i] = (((((y5 * t + y4) * t + y3) * t + y2) * t + y1) * t + y0 + 0.0 - fx) / ex + halo
    _heights(values.reshape(-1), values.shape[1], at_row, at_col, count, corner, ground)
    if canopy > 0.0:
        for i in range(count):
            d = away[i]
            ground[i] += canopy if d > keep_out and length - d > keep_out else 0.0
    for i in range(count):
        d = away[i]
        over = a - (ground[i] + curve * d * (length - d)) + slope * d
        ground[i] = over
        away[i] = over * (1.0 / math.sqrt(d * (length - d)))
    if missing:
        for i in range(count):
            if ground[i] != ground[i]:
                return math.nan, math.nan
    return lowest(ground, count), lowest(away, count)

"""Heights along many paths, straight from the files' grids: the samples of `terrain.path_profile`, bit for bit."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from cn_planner.propagation.kernel import kernel
from cn_planner.terrain.tile import ON_SAMPLE_CELLS

_BLOCK = 256
LANES = 4
"""Least and greatest values are taken in so many lanes: a processor waits for each comparison before the next."""


class TileGrid(NamedTuple):
    """The samples of one elevation file.

    Attributes
    ----------
    values : float32, shape (rows + 2 halo, columns + 2 halo)
        NaN where missing.
    halo, rows, columns : int
    reach : float
        How far beyond its outermost samples it is asked, cells.
    straight : bool
        Whether its axes are those of its coordinates.
    a, b, c, d, e, f : float
        From column and row to its coordinates.
    """

    values: Any
    halo: int
    rows: int
    columns: int
    reach: float
    straight: bool
    a: float
    b: float
    c: float
    d: float
    e: float
    f: float


class TileWays(NamedTuple):
    """Paths over a file as polynomials of the share of the way (`terrain.surface.TilePaths`).

    Attributes
    ----------
    x, y : float64, shape (paths, 7)
        Coefficients, and at last the far end itself, in the file's coordinates.
    turn : float64
        What is added to x.
    touched : bool
        Whether the path meets the file.
    """

    x: Any
    y: Any
    turn: Any
    touched: Any


class _Block(NamedTuple):
    """Room for some points on a file: places in rows and columns, the samples before them, and shares beyond these."""

    at_row: Any
    at_col: Any
    corner: Any
    down: Any
    right: Any


@kernel
def lay_out(offset: Any, length: Any, steps: Any, distance: Any) -> None:
    """Fill distances of the equal steps of paths, as `terrain.path_profiles` has them."""
    for p in range(len(offset) - 1):
        first = offset[p]
        last = offset[p + 1] - 1
        step = length[p] / steps[p]
        for i in range(last - first):
            distance[first + i] = i * step
        distance[last] = length[p]


@kernel
def sample(tile: TileGrid, ways: TileWays, fresh: bool, offset: Any, distance: Any, ground: Any) -> None:
    """Fill the heights that one file knows and no file before it did, by bilinear interpolation of its samples.

    `fresh`: no height is known yet.
    """
    values, halo, rows, columns, reach, straight, a, b, c, d, e, f = tile
    px, py, turn, touched = ways
    determinant = a * e - b * d
    at_row = np.empty(_BLOCK, np.float64)
    at_col = np.empty(_BLOCK, np.float64)
    block = _Block(
        at_row, at_col, np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.float64), np.empty(_BLOCK, np.float64)
    )
    flat = values.reshape(-1)
    width = values.shape[1]
    for p in range(len(offset) - 1):
        if not touched[p]:
            continue
        last = offset[p + 1] - 1
        per_m = 1.0 / distance[last]
        for start in range(offset[p], last + 1, _BLOCK):
            count = min(_BLOCK, last + 1 - start)
            follow(px[p], turn[p], c, distance, start, count, per_m, at_col)
            follow(py[p], 0.0, f, distance, start, count, per_m, at_row)
            if start + count == last + 1:
                at_col[count - 1] = px[p, 6] + turn[p] - c
                at_row[count - 1] = py[p, 6] - f
            if straight:
                for i in range(count):
                    at_col[i] = at_col[i] / a
                    at_row[i] = at_row[i] / e
            else:
                for i in range(count):
                    x = at_col[i]
                    y = at_row[i]
                    at_col[i] = (e * x - b * y) / determinant
                    at_row[i] = (a * y - d * x) / determinant
            within = min(lowest(at_col, count), lowest(at_row, count)) >= 0.0
            within = within and _largest(at_col, count) < columns - 1.0 - ON_SAMPLE_CELLS
            within = within and _largest(at_row, count) < rows - 1.0 - ON_SAMPLE_CELLS
            if fresh and within:
                _inner(flat, width, halo, block, start, count, ground)
            for i in range(count):
                if not math.isnan(ground[start + i]):
                    continue
                col = at_col[i]
                row = at_row[i]
                if -reach <= col <= columns - 1 + reach and -reach <= row <= rows - 1 + reach:
                    ground[start + i] = _careful(values, settled(row + halo), settled(col + halo))


@kernel
def follow(
    curve: Any, more: float, origin: float, distance: Any, start: int, count: int, per_m: float, out: Any
) -> None:
    """Fill in the values of a path's polynomial, shifted, at some of its samples."""
    c0, c1, c2, c3, c4, c5 = curve[0], curve[1], curve[2], curve[3], curve[4], curve[5]
    for i in range(count):
        t = distance[start + i] * per_m
        out[i] = ((((c5 * t + c4) * t + c3) * t + c2) * t + c1) * t + c0 + more - origin


@kernel
def _inner(flat: Any, width: int, halo: int, block: _Block, start: int, count: int, ground: Any) -> None:
    at_row, at_col, corner, down, right = block
    # Points between samples on all sides. One on a sample takes nothing of its neighbours, but NaN where one is void.
    for i in range(count):
        row = settled(at_row[i] + halo)
        col = settled(at_col[i] + halo)
        i0 = np.floor(row)
        j0 = np.floor(col)
        corner[i] = np.int64(i0) * width + np.int64(j0)
        down[i] = row - i0
        right[i] = col - j0
    for i in range(count):
        k = corner[i]
        u = right[i]
        north = np.float64(flat[k])
        north += u * (np.float64(flat[k + 1]) - north)
        south = np.float64(flat[k + width])
        south += u * (np.float64(flat[k + width + 1]) - south)
        ground[start + i] = north + down[i] * (south - north)


@kernel
def _careful(values: Any, row: float, col: float) -> float:
    row = min(max(row, 0.0), values.shape[0] - 1.0)
    col = min(max(col, 0.0), values.shape[1] - 1.0)
    i0 = int(row)
    j0 = int(col)
    v = row - i0
    u = col - j0
    # A point that stands on a sample needs no other: its neighbour may be a void.
    i1 = i0 + 1 if v > 0.0 else i0
    j1 = j0 + 1 if u > 0.0 else j0
    north = np.float64(values[i0, j0])
    north += u * (np.float64(values[i0, j1]) - north)
    south = np.float64(values[i1, j0])
    south += u * (np.float64(values[i1, j1]) - south)
    return north + v * (south - north)


@kernel
def settled(at: float) -> float:
    """Return a row or column, that of a sample where it is as near to one as makes no difference."""
    whole = np.floor(at + 0.5)
    return whole if abs(at - whole) < ON_SAMPLE_CELLS else at


@kernel
def lowest(values: Any, count: int) -> float:
    """Return the least of the first values; infinite where there is none."""
    m0 = m1 = m2 = m3 = math.inf
    whole = count - count % LANES
    for i in range(0, whole, LANES):
        m0 = min(m0, values[i])
        m1 = min(m1, values[i + 1])
        m2 = min(m2, values[i + 2])
        m3 = min(m3, values[i + 3])
    for i in range(whole, count):
        m0 = min(m0, values[i])
    return min(m0, m1, m2, m3)


@kernel
def _largest(values: Any, count: int) -> float:
    m0 = m1 = m2 = m3 = -math.inf
    whole = count - count % LANES
    for i in range(0, whole, LANES):
        m0 = max(m0, values[i])
        m1 = max(m1, values[i + 1])
        m2 = max(m2, values[i + 2])
        m3 = max(m3, values[i + 3])
    for i in range(whole, count):
        m0 = max(m0, values[i])
    return max(m0, m1, m2, m3)

"""The compiled form of `terrain.between`: the places that the samples of many paths leave out, bit for bit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cn_planner.propagation.kernel import kernel
from cn_planner.terrain.between import LEAST_M, MOST_PARTS, NARROW_M, NEAR_SAMPLE, TOLERANCE_M

SAME_M = 1e-6
"""Two samples nearer to each other than this are one."""


@kernel
def places_on_file(tile: Any, run: Any, offset: Any, distance: Any, taken: Any, found_at: Any, found: Any) -> int:
    """Fill in the places that samples leave out on one file, and say how many there are; more than fit are counted.

    Parameters
    ----------
    tile : tuple
        As `Tile.samples`.
    run : (x, y, turn, touched)
        Paths on the file: `terrain.surface.TilePaths`.
    offset, distance : arrays
        Equal steps of each path.
    taken : bool array of samples
        Whether the stretch behind a sample is on a file that was looked at before.
    found_at, found : arrays
        After which sample each place comes, ascending; and its distance.
    """
    values, halo, _rows, _columns, _reach, straight, a, b, c, d, e, f = tile
    px, py, turn, touched = run
    determinant = a * e - b * d
    ends = np.empty(4, np.float64)
    cuts = np.empty(3 * MOST_PARTS, np.float64)
    most_row, most_col = values.shape[0] - 1.0, values.shape[1] - 1.0
    count = 0
    for p in range(len(offset) - 1):
        last = offset[p + 1] - 1
        if not touched[p] or offset[p] == last:
            continue
        length = distance[last]
        per_m = 1.0 / length
        r1 = c1 = height_1 = 0.0
        known = False
        for i in range(offset[p], last + 1):
            if i == last:
                x, y = px[p, 6] + turn[p] - c, py[p, 6] - f
            else:
                t = distance[i] * per_m
                x = _at(px[p], t) + turn[p] - c
                y = _at(py[p], t) - f
            r0, c0, height_0, known_0 = r1, c1, height_1, known
            known = False
            if straight:
                c1, r1 = x / a + halo, y / e + halo
            else:
                c1, r1 = (e * x - b * y) / determinant + halo, (a * y - d * x) / determinant + halo
            if i == offset[p] or taken[i - 1]:
                continue
            if not (min(r0, r1) >= 0.0 and max(r0, r1) < most_row and min(c0, c1) >= 0.0 and max(c0, c1) < most_col):
                continue
            ends[0], ends[1], ends[2], ends[3] = r0, c0, r1, c1
            d0, d1 = distance[i - 1], distance[i]
            fine = min(max(min(d1, length - d0) * (TOLERANCE_M / NARROW_M), LEAST_M), TOLERANCE_M)
            if not known_0:
                height_0 = height_between(values, r0, c0)
            height_1 = height_between(values, r1, c1)
            known = True
            if math.isnan(height_0) or math.isnan(height_1):  # another file may know it
                continue
            many = cuts_within(values, ends, height_0, height_1, fine, cuts)
            taken[i - 1] = True
            before = d0
            for n in range(many):
                at = d0 + cuts[n] * (d1 - d0)
                if at - before < SAME_M or d1 - at < SAME_M:
                    continue
                before = at
                if count < len(found):
                    found_at[count] = i - 1
                    found[count] = at
                count += 1
    return count


@kernel
def _at(curve: Any, t: float) -> float:
    value: float = ((((curve[5] * t + curve[4]) * t + curve[3]) * t + curve[2]) * t + curve[1]) * t + curve[0]
    return value


@kernel
def cuts_within(values: Any, ends: Any, height_0: float, height_1: float, fine: float, cuts: Any) -> int:
    """Fill in shares of a stretch, ascending, at which it is cut; its ends' heights are known. Return how many."""
    r0, c0 = ends[0], ends[1]
    down, right = ends[2] - r0, ends[3] - c0
    by_row, by_col = _crossed(r0, ends[2]), _crossed(c0, ends[3])
    first, second = min(by_row, by_col), max(by_row, by_col)
    wanted = False
    for k in range(2):
        share = first if k == 0 else second
        if share == 0.0:  # no line is crossed: where the stretch begins, which never stands above itself
            continue
        here = height_between(values, r0 + share * down, c0 + share * right)
        wanted = wanted or here - (height_0 + share * (height_1 - height_0)) > fine
    count = 0
    for k in range(3):
        low = 0.0 if k == 0 else (first if k == 1 else second)
        high = first if k == 0 else (second if k == 1 else 1.0)
        parts = bend_parts(values, r0, c0, down, right, low, high, fine) if low < high else 1
        wanted = wanted or parts > 1
        for step in range(1, parts):
            share = low + (high - low) * (step / parts)
            if NEAR_SAMPLE < share < 1.0 - NEAR_SAMPLE:
                cuts[count] = share
                count += 1
        if k < 2 and NEAR_SAMPLE < high < 1.0 - NEAR_SAMPLE:
            cuts[count] = high
            count += 1
    return count if wanted else 0


@kernel
def bend_parts(
    values: Any, r0: float, c0: float, down: float, right: float, low: float, high: float, fine: float
) -> int:
    """Return into how many parts a stretch within a cell is cut, from one share of a step to another."""
    middle, wide = 0.5 * (low + high), high - low
    i = int(r0 + middle * down)
    j = int(c0 + middle * right)
    north_west, north_east = np.float64(values[i, j]), np.float64(values[i, j + 1])
    south_west, south_east = np.float64(values[i + 1, j]), np.float64(values[i + 1, j + 1])
    twist = north_west - north_east - south_west + south_east
    bend = -0.25 * twist * (wide * down) * (wide * right)
    return parts_of_bend(bend, fine)


@kernel
def parts_of_bend(bend: float, fine: float) -> int:
    """Return into how many parts a stretch is cut whose ground bends so far above a straight line."""
    if not bend > fine:
        return 1
    return int(min(math.ceil(math.sqrt(bend / fine)), MOST_PARTS))


@kernel
def _crossed(start: float, end: float) -> float:
    line = np.floor(min(start, end)) + 1.0
    if line < max(start, end):
        share: float = (line - start) / (end - start)
        return share
    return 0.0


@kernel
def height_between(values: Any, row: float, col: float) -> float:
    """Return the height at a place that lies between samples on all sides."""
    i, j = int(row), int(col)
    v, u = row - i, col - j
    north = np.float64(values[i, j])
    north += u * (np.float64(values[i, j + 1]) - north)
    south = np.float64(values[i + 1, j])
    south += u * (np.float64(values[i + 1, j + 1]) - south)
    height: float = north + v * (south - north)
    return height

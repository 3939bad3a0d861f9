"""Profiles of paths that one file knows whole: the samples of `terrain.path_profile`, bit for bit, in one pass.

Most paths run over one file, between its samples, and no height is missing. Their rows and columns, heights, crossed
lines and twists are then loops over the whole path without a branch, which a compiler makes of several lanes; only the
places that come between equal steps are written one by one. Whatever is not that plain is left to `between_kernels`
and `sample_kernels`: a place between the ends on a line of samples, a void, a seam, a file that is turned.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from cn_planner.coverage.between_kernels import height_between
from cn_planner.coverage.path_kernels import PathAsked, PathEnds, PathFigures, PathSamples, path_figures, path_work
from cn_planner.coverage.sample_kernels import TileGrid, TileWays, follow, settled
from cn_planner.coverage.step_kernels import SLOTS, StepRoom, places_of_steps, put_parts, step_room, steps_left_out
from cn_planner.propagation.kernel import kernel
from cn_planner.terrain.between import MOST_PARTS
from cn_planner.terrain.cover import EDGE_M, NEW_SAMPLE_M
from cn_planner.terrain.tile import ON_SAMPLE_CELLS

_MOST_M = 1e5
"""What is higher or lower is no height."""


class WholePaths(NamedTuple):
    """What is known of paths before they are looked at.

    Attributes
    ----------
    length : float64
        m.
    steps : int64
        Equal steps.
    mine : bool
        Whether a path is to be looked at; false afterwards where it was answered.
    error : float64, shape (paths, 3)
    both : float64
        Filled with the sum of the ground's heights at both ends, m.
    """

    length: Any
    steps: Any
    mine: Any
    error: Any
    both: Any


@kernel
def whole_figures(
    tile: TileGrid, ways: TileWays, paths: WholePaths, woods: Any, ends: PathEnds, asked: PathAsked, found: PathFigures
) -> None:
    """Fill the figures of paths that lie whole on a file, and mark them as done.

    `woods`: height of trees that are assumed, and how far from the ends they begin, m.
    """
    canopy, keep_out = woods
    length, steps, mine, error, both = paths
    longest = 1
    for p in range(len(length)):
        if mine[p]:
            longest = max(longest, steps[p])
    room = step_room(longest, 1)
    distance, ground = room.distance, room.ground
    cover = np.zeros(len(distance), np.float64)
    work = path_work(len(distance))
    slopes = np.empty((6, max(ends.up_a.shape[1], ends.up_b.shape[1])), np.float64)
    offset = np.zeros(2, np.int64)
    clutter = np.zeros((1, 2))
    keep_outs = np.full(1 if canopy > 0.0 else 0, keep_out)
    for p in range(len(length)):
        if not mine[p]:
            continue
        count = lay_whole(tile, ways, p, length[p], steps[p], keep_outs, room)
        if count == 0:
            continue
        mine[p] = False
        both[p] = ground[0] + ground[count - 1]
        offset[1] = count
        if canopy > 0.0:
            for i in range(count):
                from_end = min(distance[i], length[p] - distance[i])
                cover[i] = canopy if from_end > keep_out else 0.0
        samples = PathSamples(distance, ground, cover, offset, error[p : p + 1], clutter)
        own = PathEnds(ends.row[p : p + 1], ends.up_a[p : p + 1], ends.up_b[p : p + 1])
        # Path 0, by a variable: for a constant the kernel, and all that it calls, would be compiled once more.
        path_figures(samples, own, offset[0], asked, work, slopes, found)


@kernel
def whole_samples(
    tile: TileGrid, ways: TileWays, paths: WholePaths, keep_outs: Any, distance: Any, ground: Any, counts: Any
) -> int:
    """Fill distances and heights of paths that lie whole on a file, end to end; return how many samples there are.

    `counts` are those of each path, 0 where it is left to others; a path for which there is no room is left to them.
    """
    length, steps, mine, _error, _both = paths
    longest = 1
    for p in range(len(length)):
        if mine[p]:
            longest = max(longest, steps[p])
    room = step_room(longest, len(keep_outs))
    total = 0
    for p in range(len(length)):
        counts[p] = 0
        if not mine[p]:
            continue
        count = lay_whole(tile, ways, p, length[p], steps[p], keep_outs, room)
        if count == 0 or total + count > len(distance):
            continue
        mine[p] = False
        counts[p] = count
        for i in range(count):
            distance[total + i] = room.distance[i]
            ground[total + i] = room.ground[i]
        total += count
    return total


@kernel
def lay_whole(tile: TileGrid, ways: TileWays, p: int, length: float, n: int, keep_outs: Any, room: StepRoom) -> int:
    """Fill in the samples of a path of `n` equal steps and return how many there are; 0 where it is not so plain."""
    if not tile.straight or n == 0:
        return 0
    distance = room.steps[0]
    step = length / n
    for i in range(n):
        distance[i] = i * step
    distance[n] = length
    row, col = room.steps[1], room.steps[2]
    per_m = 1.0 / length
    follow(ways.x[p], ways.turn[p], tile.c, distance, 0, n, per_m, col)
    follow(ways.y[p], 0.0, tile.f, distance, 0, n, per_m, row)
    col[n] = ways.x[p, 6] + ways.turn[p] - tile.c
    row[n] = ways.y[p, 6] - tile.f
    if _on_cells(tile, n + 1, room) > 0:
        return 0
    if _heights(tile.values, n + 1, room) > 0 or _cells_of_ends(tile.values, n, room) > 0:
        return 0
    first = height_between(tile.values, settled(row[0]), settled(col[0]))
    last = height_between(tile.values, settled(row[n]), settled(col[n]))
    steps_left_out(tile.values, length, n, room)
    count: int = _join(length, n, keep_outs, room)
    if count < 0 or _between(tile, ways, p, per_m, count - n - 1, room) > 0:
        return 0
    room.ground[0] = first
    room.ground[count - 1] = last
    return count


@kernel
def _on_cells(tile: TileGrid, count: int, room: StepRoom) -> int:
    # From coordinates to rows and columns, and to cells; how many do not lie plainly within one. The ends may lie on
    # lines of samples: towers are put on the highest.
    row, col, down, right, corner = room.steps[1], room.steps[2], room.steps[3], room.steps[4], room.corner
    halo, a, e = tile.halo, tile.a, tile.e
    width = tile.values.shape[1]
    for i in range(count):
        col[i] = col[i] / a + halo
        row[i] = row[i] / e + halo
    last_row = tile.rows - 1.0 - ON_SAMPLE_CELLS + halo
    last_col = tile.columns - 1.0 - ON_SAMPLE_CELLS + halo
    far = 1.0 - ON_SAMPLE_CELLS
    odd = 0
    for i in range(count):
        i0 = np.floor(row[i])
        j0 = np.floor(col[i])
        v = row[i] - i0
        u = col[i] - j0
        down[i] = v
        right[i] = u
        within = (row[i] >= halo) & (row[i] < last_row) & (col[i] >= halo) & (col[i] < last_col)
        plain = (v > ON_SAMPLE_CELLS) & (v < far) & (u > ON_SAMPLE_CELLS) & (u < far)
        odd += 0 if within & (plain | (i == 0) | (i == count - 1)) else 1
        corner[i] = np.int64(i0) * width + np.int64(j0)
    return odd


@kernel
def _heights(values: Any, count: int, room: StepRoom) -> int:
    # Heights, how steep the cell is there along rows and columns, and how far from a plane; how many are no heights.
    down, right, ground, twist, fall, rise = (
        room.steps[3], room.steps[4], room.steps[5], room.steps[6], room.steps[12], room.steps[13],
    )  # fmt: skip
    corner = room.corner
    flat = values.reshape(-1)
    width = values.shape[1]
    missing = 0
    for i in range(count):
        k = corner[i]
        u = right[i]
        v = down[i]
        north_west = np.float64(flat[k])
        north_east = np.float64(flat[k + 1])
        south_west = np.float64(flat[k + width])
        south_east = np.float64(flat[k + width + 1])
        north_rise = north_east - north_west
        south_rise = south_east - south_west
        north = north_west + u * north_rise
        south = south_west + u * south_rise
        height = north + v * (south - north)
        ground[i] = height
        fall[i] = south - north
        rise[i] = north_rise + v * (south_rise - north_rise)
        twist[i] = north_west - north_east - south_west + south_east
        missing += 0 if abs(height) < _MOST_M else 1
    return missing


@kernel
def _cells_of_ends(values: Any, n: int, room: StepRoom) -> int:
    # An end on a line of samples is the edge of two cells: slopes and twist are those of the cell that the path runs
    # in; its height stays as it is. How many of these cells lack a height.
    row, col, twist, fall, rise = room.steps[1], room.steps[2], room.steps[6], room.steps[12], room.steps[13]
    missing = 0
    for k in range(2):
        i = 0 if k == 0 else n
        beside = 1 if k == 0 else n - 1
        i0, j0 = int(row[i]), int(col[i])
        if row[i] == i0 and row[beside] < row[i]:
            i0 -= 1
        if col[i] == j0 and col[beside] < col[i]:
            j0 -= 1
        v, u = row[i] - i0, col[i] - j0
        north_west, north_east = np.float64(values[i0, j0]), np.float64(values[i0, j0 + 1])
        south_west, south_east = np.float64(values[i0 + 1, j0]), np.float64(values[i0 + 1, j0 + 1])
        north_rise, south_rise = north_east - north_west, south_east - south_west
        fall[i] = (south_west + u * south_rise) - (north_west + u * north_rise)
        rise[i] = north_rise + v * (south_rise - north_rise)
        twist[i] = north_west - north_east - south_west + south_east
        missing += 0 if abs(twist[i]) < 4.0 * _MOST_M else 1
    return missing


@kernel
def _join(length: float, n: int, keep_outs: Any, room: StepRoom) -> Any:
    # Into the arrays of samples go equal steps and places between; of these, into `index`, which samples they are.
    distance, ground, by_row, by_col = room.steps[0], room.steps[5], room.steps[7], room.steps[8]
    before, after, fine, third = room.steps[10], room.steps[11], room.steps[9], room.steps[12]
    slots, many, index = room.slots, room.many, room.index
    out, height = room.distance, room.ground
    places_of_steps(n, room)
    edges = _edges_of_woods(length, keep_outs, room.edges)
    edge = 0
    next_edge = room.edges[0] if edges > 0 else math.inf
    # Numbers without a sign: none is looked at from the end of an array.
    one, two = np.uint64(1), np.uint64(2)
    count = np.uint64(0)
    few = np.uint64(0)
    most = np.uint64(len(out) - 3 * MOST_PARTS - 2 * edges - 8)
    for i in range(n):
        d1 = distance[i + 1]
        out[count] = distance[i]
        height[count] = ground[i]
        count += one
        if count > most:
            return -1
        more = many[i]
        if more <= two:
            out[count] = slots[i, 0]
            out[count + one] = slots[i, 1]
            index[few] = np.int64(count)
            index[few + one] = np.int64(count + one)
            count += more
            few += more
        else:
            start = count
            if more > np.uint64(SLOTS):
                first = min(by_row[i], by_col[i])
                second = max(by_row[i], by_col[i])
                count = np.uint64(
                    put_parts(
                        out, np.int64(count), distance[i], d1, first, second, before[i], after[i], fine[i], third[i]
                    )
                )
            else:
                for k in range(SLOTS):
                    out[count + np.uint64(k)] = slots[i, k]
                count += more
            while start < count:
                index[few] = np.int64(start)
                few += one
                start += one
        while next_edge <= d1:
            start = count
            count = np.uint64(_put(out, np.int64(count), next_edge, d1))
            edge += 1
            next_edge = room.edges[edge] if edge < edges else math.inf
            if count > start:
                index[few] = np.int64(start)
                few += one
    out[count] = length
    height[count] = ground[n]
    return np.int64(count + one)


@kernel
def _between(tile: TileGrid, ways: TileWays, p: int, per_m: float, few: int, room: StepRoom) -> int:
    # Heights of the places between, by their own rows and columns; how many do not lie plainly on the file.
    halo, a, e = tile.halo, tile.a, tile.e
    flat = tile.values.reshape(-1)
    width = tile.values.shape[1]
    last_row, last_col = tile.rows - 1.0 - ON_SAMPLE_CELLS, tile.columns - 1.0 - ON_SAMPLE_CELLS
    distance, row, col, at, corner = room.steps[0], room.steps[1], room.steps[2], room.index, room.corner
    out, height = room.distance, room.ground
    for i in range(few):
        distance[i] = out[at[i]]
    follow(ways.x[p], ways.turn[p], tile.c, distance, 0, few, per_m, col)
    follow(ways.y[p], 0.0, tile.f, distance, 0, few, per_m, row)
    odd = 0
    for i in range(few):
        q = col[i] / a
        r = row[i] / e
        odd += 0 if (r >= 0.0) & (r < last_row) & (q >= 0.0) & (q < last_col) else 1
        q += halo
        r += halo
        # What stands on a line of samples stands on it.
        whole_r = np.floor(r + 0.5)
        whole_q = np.floor(q + 0.5)
        r = whole_r if abs(r - whole_r) < ON_SAMPLE_CELLS else r
        q = whole_q if abs(q - whole_q) < ON_SAMPLE_CELLS else q
        i0 = np.floor(r)
        j0 = np.floor(q)
        row[i] = r - i0
        col[i] = q - j0
        corner[i] = np.int64(i0) * width + np.int64(j0)
    if odd > 0:
        return odd
    for i in range(few):
        k = corner[i]
        u = col[i]
        north = np.float64(flat[k])
        north += u * (np.float64(flat[k + 1]) - north)
        south = np.float64(flat[k + width])
        south += u * (np.float64(flat[k + width + 1]) - south)
        found = north + row[i] * (south - north)
        height[at[i]] = found
        odd += 0 if abs(found) < _MOST_M else 1
    return odd


@kernel
def _put(out: Any, count: Any, at: float, after: float) -> Any:
    # Put the edge of a wood among the samples that are there, but where it is one of them.
    k = count
    while out[k - 1] > at:
        k -= 1
    if k < count:
        after = out[k]
    if at - out[k - 1] < NEW_SAMPLE_M or after - at < NEW_SAMPLE_M:
        return count
    for m in range(count, k, -1):
        out[m] = out[m - 1]
    out[k] = at
    return count + 1


@kernel
def _edges_of_woods(length: float, keep_outs: Any, edges: Any) -> int:
    # Those of `terrain.cover.wood_edges`, rising.
    count = 0
    for m in range(len(keep_outs)):
        keep = keep_outs[m] + EDGE_M
        if length > 2.0 * keep:
            for at in (keep, length - keep):
                k = count
                while k > 0 and edges[k - 1] > at:
                    edges[k] = edges[k - 1]
                    k -= 1
                edges[k] = at
                count += 1
    kept = 0
    before = -1.0
    for m in range(count):
        at = edges[m]
        if at - before >= NEW_SAMPLE_M:
            edges[kept] = at
            kept += 1
        before = at
    return kept

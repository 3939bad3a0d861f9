"""Profiles over the ground of a grid that leave out no ridge: equal steps, and what stands higher between two of them.

The places between are those of `terrain.between`, by which the profile of a single link is made as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.between_kernels import cuts_within
from cn_planner.coverage.cells import bilinear
from cn_planner.propagation.kernel import kernel
from cn_planner.terrain.between import LEAST_M, MOST_PARTS, NARROW_M, TOLERANCE_M
from cn_planner.terrain.cover import EDGE_M

if TYPE_CHECKING:
    from cn_planner.coverage.cells import GridHeights, GridTrees, GridWay

MOST_EDGES = 4
_EACH = 4
"""Places a step that there is room for: along the steepest profile of the tests 2 are taken."""


@kernel
def ridge_room(length_m: float, step_m: float) -> int:
    """Return how many places the profile of a way takes at most."""
    return (int(length_m / step_m) + 4) * _EACH + MOST_PARTS + MOST_EDGES


@kernel
def wood_edges(trees: GridTrees, length_m: float, edges: Any) -> int:
    """Fill in the shares of a way at which woods begin and end by their distance from its ends; return how many.

    `edges` has room for `MOST_EDGES`. They lie just inside, as those of `terrain.cover.wood_edges`.
    """
    count = 0
    far = trees.keep_out_m + EDGE_M
    near = trees.near_m + EDGE_M
    if len(trees.heights_m) > 0 and near < far and 2.0 * near < length_m:
        edges[0] = near / length_m
        count = 1
    if trees.canopy_m > 0.0 and 2.0 * far < length_m:
        edges[count] = far / length_m
        count += 1
    for i in range(count):
        edges[2 * count - 1 - i] = 1.0 - edges[i]
    return 2 * count


@kernel
def ridge_profile(grid: GridHeights, way: GridWay, n: int, edges: Any, share: Any, ground: Any) -> int:
    """Fill in places of a way, as shares of it, and the ground there; return how many, 0 where some is missing.

    Parameters
    ----------
    way : GridWay
        Its `n` equal steps are no longer than a cell along either axis.
    edges : float64 array
        Shares, rising, that are places as well.
    share, ground : float64 arrays
        As long as `ridge_room` says. Where ground is so broken that they would overflow, equal steps are all there is
        for the rest of the way.
    """
    z, rows, cols = grid.z, grid.rows, grid.cols
    values = z.reshape((rows, cols))
    row, col, drow, dcol, length, _step = way
    ends = np.empty(4, np.float64)
    cuts = np.empty(3 * MOST_PARTS, np.float64)
    share[0] = 0.0
    height_1 = bilinear(z, cols, row, col)
    ground[0] = height_1
    r1, c1 = row * 1.0, col * 1.0
    known = ground[0] == ground[0]
    count = 1
    e = 0
    for i in range(1, n + 1):
        r0, c0, height_0 = r1, c1, height_1
        before, here = (i - 1) / n, i / n
        r1, c1 = row + drow * here, col + dcol * here
        height_1 = bilinear(z, cols, r1, c1)
        many = 0
        # Along the last row and column there is no cell on the other side.
        if max(r0, r1) < rows - 1.0 and max(c0, c1) < cols - 1.0:
            ends[0], ends[1], ends[2], ends[3] = r0, c0, r1, c1
            from_end = min(here, 1.0 - before) * length
            fine = min(max(from_end * (TOLERANCE_M / NARROW_M), LEAST_M), TOLERANCE_M)
            many = cuts_within(values, ends, height_0, height_1, fine, cuts)
            if count + many + (n - i) + 1 + len(edges) > len(share):
                many = 0
        m = 0
        while m < many or (e < len(edges) and edges[e] < here):
            at = before + cuts[m] * (here - before) if m < many else here
            if e < len(edges) and edges[e] < at:
                at = edges[e]
                e += 1
            else:
                m += 1
            share[count] = at
            ground[count] = bilinear(z, cols, row + drow * at, col + dcol * at)
            known = known and not math.isnan(ground[count])
            count += 1
        share[count] = here
        ground[count] = height_1
        known = known and not math.isnan(ground[count])
        count += 1
    return count if known else 0

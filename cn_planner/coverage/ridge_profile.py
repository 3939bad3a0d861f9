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

if TYPE_CHECKING:
    from cn_planner.coverage.cells import GridHeights, GridWay

_EACH = 4
"""Places a step that there is room for: along the steepest profile of the tests 2 are taken."""


@kernel
def ridge_room(length_m: float, step_m: float) -> int:
    """Return how many places the profile of a way takes at most."""
    return (int(length_m / step_m) + 4) * _EACH + MOST_PARTS


@kernel
def ridge_profile(grid: GridHeights, way: GridWay, n: int, share: Any, ground: Any) -> int:
    """Fill in places of a way, as shares of it, and the ground there; return how many, 0 where some is missing.

    Parameters
    ----------
    way : GridWay
        Its `n` equal steps are no longer than a cell along either axis.
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
    for i in range(1, n + 1):
        r0, c0, height_0 = r1, c1, height_1
        before, here = (i - 1) / n, i / n
        r1, c1 = row + drow * here, col + dcol * here
        height_1 = bilinear(z, cols, r1, c1)
        # Along the last row and column there is no cell on the other side.
        if max(r0, r1) < rows - 1.0 and max(c0, c1) < cols - 1.0:
            ends[0], ends[1], ends[2], ends[3] = r0, c0, r1, c1
            from_end = min(here, 1.0 - before) * length
            fine = min(max(from_end * (TOLERANCE_M / NARROW_M), LEAST_M), TOLERANCE_M)
            many = cuts_within(values, ends, height_0, height_1, fine, cuts)
            if count + many + (n - i) + 1 <= len(share):
                for m in range(many):
                    share[count] = before + cuts[m] * (here - before)
                    ground[count] = bilinear(z, cols, row + drow * share[count], col + dcol * share[count])
                    known = known and not math.isnan(ground[count])
                    count += 1
        share[count] = here
        ground[count] = height_1
        known = known and not math.isnan(ground[count])
        count += 1
    return count if known else 0

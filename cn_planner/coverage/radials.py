"""Radials from a tower over a grid: the ground along them, and searches over it that need not look at each sample.

A square ring of cells round the tower is cut into octants. In each, radials lead to equal steps of its rim and are
sampled where they cross the rows (or columns) of the octant's major axis. A cell (a, b) belongs to the radial nearest
to it: that passes at most a quarter of a cell beside it, in the same row, and its samples are shared by all of the
cells that it serves.

Heights along a radial are "lowered": ground less the antenna's height, less what the earth curves away from the
antenna's horizontal, i^2 u^2 / 2 R at sample i, where u is the length of a step. The ray to sample a is then a
straight line through 0, and its height above sample i is ``i slope - lowered[i]``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import OCTANTS
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from cn_planner.coverage.grid import Grid

DENSITY, DENSITY_CELL_M = 2, 15.0
"""Radials a cell of the rim: so many at least, and one more for so much of a cell.

With one on cells of 30 m, 84 to 98 % of the cells of six places have a loss by ITM within 1 dB of that of their own
profile, and 92 to 99 % by P.526; with two, 90 to 98 and 95 to 99 % for a tenth more time; with four, 92 to 99 and 97 to
99 %. On cells of 90 m two leave 89 % within 1 dB, six 95 %.
"""
FINE, COARSE = 8, 32
"""Samples in the chunks whose greatest values are kept."""


@kernel
def radial_steps(n: int, radials: int) -> Any:
    """Return what `radial_cells` asks of steps 0 to n: minor axis at the last radial, radials a cell, and its room."""
    shares = np.empty(n + 1)
    backs = np.empty(n + 1)
    for a in range(1, n + 1):
        shares[a] = a / radials
        backs[a] = radials / a
    return shares, backs, np.empty(n + 1, np.int32)


@kernel
def radial_cells(j: int, last: int, shares: Any, backs: Any, b_most: int, holds_axis: bool, across: Any) -> None:
    """Fill in along the minor axis the cells at steps 1 to last that belong to radial j, -1 where none does."""
    least = np.int32(0) if holds_axis else np.int32(1)
    less = np.int32(1) if holds_axis else np.int32(0)
    mine, most = np.int32(j), np.int32(b_most)
    # Numbers of single width and no branch, so that the compiler takes several steps at once.
    for a in range(1, last + 1):
        b = np.int32(j * shares[a] + 0.5)
        held = (np.int32(b * backs[a] + 0.5) == mine) & (b >= least) & (b <= np.int32(a) - less) & (b <= most)
        across[a] = b if held else np.int32(-1)


@kernel
def radial_ground(z: Any, base: int, major: int, minor: int, b_most: int, n: int, m: float, ground: Any) -> int:
    """Fill in the ground at steps 0 to n along a radial of slope m; return up to which step it is known."""
    last = n if m * n <= b_most + 0.5 else int((b_most + 0.5) / m)
    for a in range(last + 1):
        across = m * a
        b = max(min(int(across), b_most - 1), 0)
        part = min(across - b, 1.0)
        k = base + a * major + b * minor
        height = z[k] * 1.0
        if part > 0.0 and b_most > 0:
            height += (z[k + minor] - height) * part
        if height != height:
            return a - 1
        ground[a] = height
    return last


class ChunkLines(NamedTuple):
    """Of each FINE and of each COARSE values a line that none of them stands above: its height at index 0, and slope.

    ``bounds`` is room to work in, one number a COARSE chunk.
    """

    fine_starts: Any
    fine_slopes: Any
    coarse_starts: Any
    coarse_slopes: Any
    bounds: Any


@kernel
def chunk_room(n: int) -> ChunkLines:
    """Return room for the lines of values 0 to n."""
    fine = n // FINE + 1
    coarse = n // COARSE + 1
    return ChunkLines(np.empty(fine), np.empty(fine), np.empty(coarse), np.empty(coarse), np.empty(coarse))


@kernel
def chunk_lines(values: Any, count: int, lines: ChunkLines) -> None:
    """Fill in the lines of the first values."""
    fine_starts, fine_slopes, coarse_starts, coarse_slopes, _bounds = lines
    for first in range(0, count, FINE):
        last = min(first + FINE, count) - 1
        slope = (values[last] - values[first]) / max(last - first, 1)
        start = values[first] - slope * first
        for i in range(first + 1, last):
            start = max(start, values[i] - slope * i)
        # What rounding may take from a line is far below this.
        fine_starts[first // FINE] = start + 1e-6
        fine_slopes[first // FINE] = slope
    for first in range(0, count, COARSE):
        last = min(first + COARSE, count) - 1
        slope = (values[last] - values[first]) / max(last - first, 1)
        start = -math.inf
        for f in range(first // FINE, last // FINE + 1):
            # What stands below a line stands below all that its ends stand below.
            more = fine_slopes[f] - slope
            start = max(start, fine_starts[f] + max(more * (f * FINE), more * min(f * FINE + FINE - 1, last)))
        coarse_starts[first // COARSE] = start + 1e-6
        coarse_slopes[first // COARSE] = slope


@kernel
def _may_be_less(first: float, last: float, a: float, start: float, slope: float, best: float) -> bool:
    # Whether a sample first to last, with this clearance at the least, can have less; as `least_clearance` compares.
    over = start + min(first * slope, last * slope)
    # i (a - i) is greatest at a / 2 or next to it, least at an end.
    if over > 0.0:
        widest = min(max(0.5 * a, first), last)
        return over * over < best * (widest * (a - widest))
    return -over * over < best * min(first * (a - first), last * (a - last))


@kernel
def least_clearance(
    lowered: Any, lines: ChunkLines, a: int, stop: int, slope: float, most: float, hint: int
) -> tuple[float, int]:
    """Return the least of (i slope - lowered[i]) / sqrt(i (a - i)) for 0 < i < stop, where it is below `most`, and i.

    That times sqrt(a / (wavelength u)) is the clearance in first Fresnel radii.
    """
    fine_starts, fine_slopes, coarse_starts, coarse_slopes, bounds = lines
    # Squares with the sign kept are compared: no root and no division a sample.
    best = most * abs(most)
    at = hint
    far = float(a)
    for i in range(max(1, hint - 1), min(stop, hint + 2)):
        over = i * slope - lowered[i]
        if over * abs(over) < best * (i * (far - i)):
            best = over * abs(over) / (i * (far - i))
            at = i
    end = stop - 1.0
    count = (stop + COARSE - 1) // COARSE
    # Without a branch, so that the compiler takes several chunks at once.
    for c in range(count):
        first = max(c * (COARSE * 1.0), 1.0)
        last = min(c * (COARSE * 1.0) + (COARSE - 1.0), end)
        rise = slope - coarse_slopes[c]
        over = min(first * rise, last * rise) - coarse_starts[c]
        widest = min(max(0.5 * far, first), last)
        wide = widest * (far - widest) if over > 0.0 else min(first * (far - first), last * (far - last))
        bounds[c] = over * abs(over) - best * wide
    for c in range(count):
        if bounds[c] < 0.0:
            for f in range(c * (COARSE // FINE), min((c + 1) * (COARSE // FINE), (stop + FINE - 1) // FINE)):
                first = float(f * FINE)
                last = min(first + (FINE - 1.0), end)
                if _may_be_less(max(first, 1.0), last, far, -fine_starts[f], slope - fine_slopes[f], best):
                    for i in range(max(1, f * FINE), min(f * FINE + FINE, stop)):
                        x = float(i)
                        over = x * slope - lowered[i]
                        square = over * abs(over)
                        wide = x * (far - x)
                        if square < best * wide:
                            best = square / wide
                            at = i
    return math.copysign(math.sqrt(abs(best)), best), at


@kernel
def highest_need(
    lowered: Any, fine: Any, coarse: Any, a: int, stop: int, factor: float, least: float, hint: int
) -> tuple[float, int]:
    """Return the greatest of lowered[i] / i + factor sqrt((a - i) / i) for 0 < i < stop, where above `least`, and i.

    `fine` and `coarse` are the greatest of lowered[i] / i in each chunk (`chunk_slopes`). With a factor of the
    clearance wanted in first Fresnel radii times sqrt(wavelength u / a) that is the slope to sample a that leaves it.
    """
    best = least
    at = hint
    for i in range(max(1, hint - 1), min(stop, hint + 2)):
        want = lowered[i] / i + factor * math.sqrt((a - i) / i)
        if want > best:
            best = want
            at = i
    for c in range((stop + COARSE - 1) // COARSE):
        first = max(c * COARSE, 1)
        if coarse[c] + factor * math.sqrt((a - first) / first) > best:
            for f in range(c * (COARSE // FINE), min((c + 1) * (COARSE // FINE), (stop + FINE - 1) // FINE)):
                first = max(f * FINE, 1)
                if fine[f] + factor * math.sqrt((a - first) / first) > best:
                    for i in range(first, min(f * FINE + FINE, stop)):
                        want = lowered[i] / i + factor * math.sqrt((a - i) / i)
                        if want > best:
                            best = want
                            at = i
    return best, at


@kernel
def chunk_slopes(values: Any, count: int, size: int, tops: Any) -> None:
    """Fill in the greatest of value / index of each `size` values; sample 0 is passed over."""
    for first in range(0, count, size):
        top = -math.inf
        for i in range(max(first, 1), min(first + size, count)):
            top = max(top, values[i] / i)
        tops[first // size] = top


@kernel
def hull_with(values: Any, hull: Any, count: int, i: int) -> int:
    """Add sample i to the upper convex hull of the samples before it; return how many samples the hull then has.

    `hull` holds their indices, rising.
    """
    while count > 1:
        k = hull[count - 1]
        j = hull[count - 2]
        if (values[k] - values[j]) * (i - j) > (values[i] - values[j]) * (k - j):
            break
        count -= 1
    hull[count] = i
    return count + 1


@kernel
def tangent_from(values: Any, hull: Any, count: int, a: int, height: float) -> tuple[float, int]:
    """Return the greatest of (values[i] - height) / (a - i) over samples before a, and its i, from their upper hull."""
    low = 0
    high = count - 1
    while low < high:
        middle = (low + high) // 2
        i = hull[middle]
        k = hull[middle + 1]
        # Along a hull it rises to its greatest and falls from there.
        if (values[i] - height) * (a - k) < (values[k] - height) * (a - i):
            low = middle + 1
        else:
            high = middle
    i = hull[low]
    return (values[i] - height) / (a - i), i


@kernel
def highest_over(values: Any, hull: Any, count: int, slope: float) -> float:
    """Return the greatest of values[i] - slope i over the samples of an upper hull."""
    low = 0
    high = count - 1
    while low < high:
        middle = (low + high) // 2
        i = hull[middle]
        k = hull[middle + 1]
        if values[k] - values[i] > slope * (k - i):
            low = middle + 1
        else:
            high = middle
    i = hull[low]
    highest: float = values[i] - slope * i
    return highest


class Octant(NamedTuple):
    """One octant of a square ring, and what a kernel needs to walk it.

    Attributes
    ----------
    base, major, minor : int
        Index of the tower's cell in the flat grid, and of what a step along either axis adds to it.
    major_row, major_column, minor_row, minor_column : int
        The same steps in rows and columns.
    holds_axis : bool
        Whether the cells on the major axis belong to it; else those on the diagonal do.
    n : int
        Steps along the major axis to the rim.
    radials : int
        How many there are, less one.
    b_most : int
        Cells along the minor axis to the edge of the grid.
    p, q, s : float
        Squared distance p a^2 + 2 q a b + s b^2 of a steps along the major and b along the minor axis, m^2.
    """

    base: int
    major: int
    minor: int
    major_row: int
    major_column: int
    minor_row: int
    minor_column: int
    holds_axis: bool
    n: int
    radials: int
    b_most: int
    p: float
    q: float
    s: float


def octants(grid: Grid, cell: tuple[int, int], radius_m: float, *, rough: bool = False) -> tuple[Octant, ...]:
    """Return the octants round a cell that have cells within a circle; `rough`: with the fewest radials."""
    density = DENSITY if rough else max(DENSITY, round(grid.cell_m / DENSITY_CELL_M))
    return octants_of(grid.shape, grid.metric, cell, radius_m, density)


def octants_of(
    shape: tuple[int, int], metric: tuple[float, float, float], cell: tuple[int, int], radius_m: float, density: int
) -> tuple[Octant, ...]:
    """Return the octants round a cell of a grid by its shape and metric, with so many radials a cell of the rim."""
    (rows, cols), (row, column), (p, q, s) = shape, cell, metric
    found = []
    for major_row, major_column, minor_row, minor_column, holds_axis in OCTANTS:
        along, across = (p, s) if major_column else (s, p)
        mixed = q * (major_row + major_column) * (minor_row + minor_column)
        down, right = major_row + minor_row, major_column + minor_column
        room_rows, room_cols = rows - 1 - row if down > 0 else row, cols - 1 - column if right > 0 else column
        a_most, b_most = (room_cols, room_rows) if major_column else (room_rows, room_cols)
        n = min(a_most, int(radius_m / math.sqrt(along - mixed * mixed / across)))
        if n > 0:
            steps = (major_row, major_column, minor_row, minor_column)
            base, major, minor = row * cols + column, major_row * cols + major_column, minor_row * cols + minor_column
            found.append(Octant(base, major, minor, *steps, holds_axis, n, density * n, b_most, along, mixed, across))
    return tuple(found)

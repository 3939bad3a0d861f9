"""Line of sight round a tower by strips between radials, whose crests bound what stands in the way of every cell.

Heights are taken from the antenna's, lowered by what the earth curves away (`radials`), and divided by the step of
their line, which makes them slopes: the ray to a cell has one slope all the way. Over bilinear ground nothing between
two neighbouring radials stands higher than a radial's kinks and parabolas and the samples between them allow, for it
is straight along lines of samples and has no summit within a cell: that is a strip's crest from above. And every path
within crosses each line no lower than the lowest of the radials and samples there: the crest from below. A cell whose
slope is over the one is seen; one under the other is hidden; those between are looked at along their own path
(`crossings`). The last step to a cell, which strips do not hold yet, is judged on the cell's own path at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.crossings import Tops, cell_way, sight_along
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from cn_planner.coverage.cells import GridHeights
    from cn_planner.coverage.radials import Octant

NEAR_CELLS = 8
"""Cells so near to the antenna are always looked at along their own path."""
ROUNDING_M, ROUNDING = 0.005, 1e-6
"""How far numbers of single precision may put a cell off, m, and that share of its height under the antenna."""


class Lookout(NamedTuple):
    """What a line of sight is looked for with.

    Attributes
    ----------
    ground_m, height_m, rx_m : float
        The tower's ground above sea level, its antenna above that, receivers above the ground of their cells.
    curve : float
        Half the curvature of the effective earth, 1/m.
    radius_m : float
        How far.
    """

    ground_m: float
    height_m: float
    rx_m: float
    curve: float
    radius_m: float


class _Line(NamedTuple):
    """Slopes of the samples of this line and of the line before, from one before the axis on.

    ``extra``: how much more than the ends of a piece anything on a radial of slope 1 can be that ends in a column.
    """

    here: Any
    before: Any
    extra: Any


class _Radials(NamedTuple):
    """Of each radial: across for one along; its slope at this line and at the line before; the most up to this line."""

    tangent: Any
    slope: Any
    before: Any
    crest: Any


class _Strips(NamedTuple):
    """Of the strip from each radial to the next.

    The most and the least that this line says; the most and the least that all lines said; the reciprocal of the line
    that said the most.
    """

    most: Any
    least: Any
    high: Any
    low: Any
    near: Any


@kernel
def sweep_octant(
    grid: GridHeights, tops: Tops, tower: tuple[int, int], octant: Octant, lookout: Lookout, out: Any
) -> None:
    """Write the answers of one octant into `out`; the tower stands in a cell (row, column)."""
    z, cols = grid.z, grid.cols
    n, b_most, p, q, s, radius = octant.n, octant.b_most, octant.p, octant.q, octant.s, lookout.radius_m
    eye, rx, curve = lookout.ground_m + lookout.height_m, lookout.rx_m, lookout.curve
    here = np.zeros(n + 16, np.float32)
    before = np.zeros(n + 16, np.float32)
    extra = np.zeros(n + 16, np.float32)
    slope = np.full(n + 3, -1e30, np.float32)
    previous = np.zeros(n + 3, np.float32)
    tangent = np.ones(n + 3, np.float32)
    for j in range(n):
        tangent[j] = j / n
    code = np.empty(n + 2, np.int32)
    crest = np.zeros(n + 3, np.float32)
    strips = _Strips(
        np.zeros(n + 2, np.float32), np.zeros(n + 2, np.float32), np.full(n + 2, -1e30, np.float32),
        np.full(n + 2, -1e30, np.float32), np.zeros(n + 2, np.float32),
    )  # fmt: skip
    near = strips.near
    here[1] = -lookout.height_m
    here[2] = z[octant.base + (octant.minor if b_most > 0 else 0)] - lookout.ground_m - lookout.height_m
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
        here, before = before, here
        line = _Line(here, before, extra)
        _samples(z, at, a, min(b_end + 6, b_most), octant, lookout, line)
        scale: Any = np.float32(n / a)
        _codes(a, first, last, scale, n, lookout, line, strips, code)
        for b in range(first, last + 1):
            k = at + b * octant.minor
            if code[b] != 2 and a > NEAR_CELLS:
                out[k] = code[b]
            elif z[k] == z[k]:
                j = int(np.float32(b) * scale)
                down = a * octant.major_row + b * octant.minor_row
                right = a * octant.major_column + b * octant.minor_column
                length = math.sqrt(p * a * a + 2.0 * q * a * b + s * b * b)
                hint = int(1.0 / near[j] + 0.5) if near[j] > 0.0 else 0
                way = cell_way(tower[0], tower[1], down, right, cols)
                out[k] = sight_along(grid, tops, way, length, eye, z[k] + rx, curve, hint)
        j_end = min(n, int((b_end + 1) * (n / a)) + 1)
        slope, previous = previous, slope
        radials = _Radials(tangent, slope, previous, crest)
        _extra(a, min(b_end + 3, max(b_most - 1, 0)), octant, lookout, line)
        _cross(a, j_end, octant, line, radials)
        _between(a, j_end, min(b_end + 2, b_most), n, line, radials, strips)
        _carry(a, j_end, radials, strips)


@kernel
def _samples(z: Any, at: int, a: int, count: int, octant: Octant, lookout: Lookout, line: _Line) -> None:
    # Differences to the tower's ground come first: they are exact, whatever the height above the sea.
    here = line.here
    minor = octant.minor
    ground = np.float32(lookout.ground_m)
    height = np.float32(lookout.height_m)
    c32 = np.float32(lookout.curve)
    p32 = np.float32(octant.p * a * a)
    q32 = np.float32(2.0 * octant.q * a)
    s32 = np.float32(octant.s)
    inv_a = np.float32(1.0 / a)
    for b in range(count + 1):
        b32 = np.float32(b)
        here[b + 1] = (z[at + b * minor] - ground - height - c32 * (p32 + q32 * b32 + s32 * b32 * b32)) * inv_a
    here[0] = here[1]
    here[count + 2] = here[count + 1]


@kernel
def _codes(
    a: int, first: int, last: int, scale: float, n: int, lookout: Lookout, line: _Line, strips: _Strips, code: Any
) -> None:
    """Say of the cells of one line whether they are seen (1), not (0), or to be looked at or missing (2)."""
    here, before, _extra = line
    high, low = strips.high, strips.low
    a32 = np.float32(a)
    back = np.float32(a - 1)
    inv_a = np.float32(1.0 / a)
    rx = np.float32(lookout.rx_m)
    up = rx * inv_a
    # Across a strip the horizon of a straight line of samples bends by what the distance does: next to nothing.
    share = np.float32(ROUNDING + 0.125 / (n * n))
    least = np.float32(ROUNDING_M)
    for b in range(first, last + 1):
        b32 = np.float32(b)
        # Half the width of int, and without a sign: as many again at a time.
        j = np.uint32(np.int32(b32 * scale))
        own = here[b + 1] + up
        slack = (least + share * abs(own) * a32) * inv_a
        across = before[b + 1] - before[b]
        over = (own - before[b + 1] + across * b32 * inv_a) * back
        sag = (across * back - (here[b + 1] - here[b]) * a32) * b32 * inv_a
        # A height that is missing compares false.
        seen = (own - high[j] > slack) & (over > least) & (sag + least < over + rx)
        hidden = (own - low[j] < -slack) | (over < -least - share * abs(own) * a32)
        code[b] = 1 if seen else (0 if hidden else 2)


@kernel
def _extra(a: int, last: int, octant: Octant, lookout: Lookout, line: _Line) -> None:
    # What a kink at a line of samples along the axis, and the parabolas on both sides of it, stand over the chord.
    here, before, extra = line
    curve = lookout.curve * (octant.p + 2.0 * abs(octant.q) + octant.s)
    if a == 1:
        # From the mast's foot a parabola is seen less steeply than its chord's end by what the mast is high.
        twist = (here[2] - here[1]) - (before[2] - before[1])
        for b in range(last + 1):
            extra[b] = 4.0 * max(-twist - lookout.height_m, 0.0)
        return
    ratio = np.float32(a / (a - 1.0))
    curve32 = np.float32(curve / (a - 1.0))
    none = np.float32(0.0)
    for b in range(last + 1):
        left_here = (here[b + 1] - here[b]) * ratio
        left_before = before[b + 1] - before[b]
        right_here = (here[b + 2] - here[b + 1]) * ratio
        right_before = before[b + 2] - before[b + 1]
        kink = left_before - right_here
        bend_left = left_before - left_here
        bend_right = right_before - right_here
        bend = max(bend_right, bend_left)
        # A corner that is missing makes it missing.
        known = (kink + bend_left + bend_right) * none + curve32
        extra[b] = (max(none, kink)) + (max(none, bend)) + known
    bend = (before[2] - before[1]) - (here[2] - here[1]) * ratio
    extra[0] = (max(none, bend)) + (bend * none + curve32)


@kernel
def _cross(a: int, j_end: int, octant: Octant, line: _Line, radials: _Radials) -> None:
    """Write the slope of each radial where it crosses one line, and the most that it can be on its way there."""
    here, _before, extra = line
    tangent, slope, before, crest = radials
    a32 = np.float32(a)
    b_last = np.int32(max(octant.b_most - 1, 0))
    none = np.float32(0.0)
    quarter = np.float32(0.25)
    tiny = np.float32(1e-12)
    for j in range(j_end + 2):
        across = tangent[j] * a32
        b = min(np.int32(across), b_last)
        k = np.uint32(b)
        left = here[k + np.uint32(1)]
        slope[j] = left + (here[k + np.uint32(2)] - left) * (across - np.float32(b))
        crest[j] = extra[k]
    for j in range(int(octant.b_most * (octant.n / a)) + 1, j_end + 2):
        slope[j] = np.float32(np.nan)
    for j in range(j_end + 2):
        rise = slope[j] - before[j]
        wide = crest[j] * tangent[j] + tiny
        bend = wide - abs(rise)
        bend = max(none, bend)
        crest[j] = (slope[j] if rise > none else before[j]) + bend * bend / wide * quarter


@kernel
def _between(a: int, j_end: int, b_last: int, n: int, line: _Line, radials: _Radials, strips: _Strips) -> None:
    """Write the most and the least that one line says of each strip, with the samples between its radials."""
    here = line.here
    slope, crest = radials.slope, radials.crest
    most, least = strips.most, strips.least
    none = np.float32(0.0)
    for j in range(j_end + 1):
        most[j] = max(crest[j + 1], crest[j])
    for j in range(j_end + 1):
        # Where one is missing nothing is known to hide.
        least[j] = (min(slope[j + 1], slope[j])) + (slope[j] + slope[j + 1]) * none
    scale: Any = np.float32(n / a)
    for b in range(b_last + 1):
        j = int(np.float32(b) * scale)
        if j <= j_end:
            most[j] = max(most[j], here[b + 1])
            least[j] = min(least[j], here[b + 1])


@kernel
def _carry(a: int, j_end: int, radials: _Radials, strips: _Strips) -> None:
    """Carry the crests of each strip over one line.

    One loop for each array: of more the compiler does not see that they are not the same, and takes numbers one by one.
    """
    slope, crest = radials.slope, radials.crest
    most, least, high, low, near = strips
    inv_a = np.float32(1.0 / a)
    none = np.float32(0.0)
    for j in range(j_end + 1):
        near[j] = inv_a if most[j] > high[j] else near[j]
    for j in range(j_end + 1):
        # What is missing makes it so from there on: nothing is seen over a crest that is not known.
        missing = ((crest[j] + crest[j + 1]) + (slope[j] + slope[j + 1])) * none
        high[j] = (max(high[j], most[j])) + missing
    for j in range(j_end + 1):
        low[j] = max(low[j], least[j])

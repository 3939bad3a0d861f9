"""The straight way to a cell over bilinear ground, piece by piece: nothing that stands between two samples is missed.

A way is told in steps along its major axis. It crosses each line of samples across that axis once and, between two
lines, at most one line of samples along it. Between such crossings bilinear ground is a parabola: with v from 0 to 1
along a part of the way ``first (1 - v) + last v + bend v (1 - v)``, where the bend is that of the cell's twist (the
difference of its diagonals' sums). So heights at crossings and bends say where the ground stands highest under a ray.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from cn_planner.coverage.cells import BLOCK, GridHeights
from cn_planner.propagation.kernel import kernel

FINE = 8
"""Cells a side of a fine block, asked where a block stands too high."""
_ON_EDGE = 1e-9
"""Of a step: what stands as near to the edge of a block is left to be looked at."""


class Tops(NamedTuple):
    """The greatest height of each block, and of each fine block (`los.all_tops`)."""

    coarse: Any
    fine: Any


class CellWay(NamedTuple):
    """A straight way from a cell to another.

    Attributes
    ----------
    row, col, down, right : int
        The cell that it begins in; rows and columns to the other.
    base, major, minor : int
        Index of the first cell in the flat grid, and of what a step along either axis adds to it.
    lines, over : int
        Steps along the major and along the minor axis; `over` is at most `lines`.
    """

    row: int
    col: int
    down: int
    right: int
    base: int
    major: int
    minor: int
    lines: int
    over: int


class Piece(NamedTuple):
    """The ground of a way from line i to the next.

    Attributes
    ----------
    ground : float
        At line i, m; NaN where missing.
    share : float
        At which share of the piece it crosses a line of samples along the major axis; 1 where none.
    kink : float
        The ground there, m.
    first, last : float
        Bends up to there and from there on, m; NaN where the cell misses a corner.
    """

    ground: float
    share: float
    kink: float
    first: float
    last: float


@kernel
def cell_way(row: int, col: int, down: int, right: int, cols: int) -> CellWay:
    """Return the way from a cell to that so many rows and columns from it."""
    by_row = cols if down >= 0 else -cols
    by_col = 1 if right >= 0 else -1
    if abs(down) >= abs(right):
        return CellWay(row, col, down, right, row * cols + col, by_row, by_col, abs(down), abs(right))
    return CellWay(row, col, down, right, row * cols + col, by_col, by_row, abs(right), abs(down))


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
        steps = min(steps, down - _ON_EDGE)
    if per_col != math.inf:
        steps = min(steps, right - _ON_EDGE)
    return max(int(steps), 0)


@kernel
def place_on_line(way: CellWay, i: int) -> tuple[int, int]:
    """Return the sample at or before the place where a way crosses line i, and how many n-th of a cell beyond it is."""
    b = i * way.over // way.lines
    return way.base + i * way.major + b * way.minor, i * way.over - b * way.lines


@kernel
def ground_at_line(z: Any, way: CellWay, i: int) -> float:
    """Return the ground where a way crosses line i."""
    k, rest = place_on_line(way, i)
    ground: float = z[k] * 1.0
    if rest > 0:  # on a sample none beside it counts: it may be missing
        ground += (z[k + way.minor] - ground) * (rest / way.lines)
    return ground


@kernel
def piece_from(z: Any, way: CellWay, k: int, rest: int, part: float, slope: float) -> Piece:
    """Return the ground from a line to the next.

    `k` and `rest` as `place_on_line` has them for the first of both; `part` is 1 / lines, `slope` is over / lines.
    """
    minor = way.minor
    ground: float = z[k] * 1.0
    if way.over == 0:  # along a line of samples
        return Piece(ground, 1.0, 0.0, 0.0, 0.0)
    far = k + way.major
    near_1 = z[k + minor] * 1.0
    far_1 = z[far + minor] * 1.0
    first = ((near_1 - ground) - (far_1 - z[far])) * slope
    ground += (near_1 - ground) * (rest * part) if rest > 0 else 0.0  # beside a sample one may be missing
    if rest + way.over <= way.lines:
        return Piece(ground, 1.0, 0.0, first, 0.0)
    share = (way.lines - rest) / way.over
    left = 1.0 - share
    last = ((z[k + 2 * minor] - near_1) - (z[far + 2 * minor] - far_1)) * slope
    return Piece(ground, share, near_1 + (far_1 - near_1) * share, first * share * share, last * left * left)


@kernel
def sags_below(first: float, last: float, sag: float) -> bool:
    """Return whether first (1 - v) + last v - sag v (1 - v) is below 0 for any v from 0 to 1; both ends are not."""
    rest = sag - first - last
    return rest > 0.0 and rest * rest > 4.0 * first * last


@kernel
def sight_along(
    grid: GridHeights, tops: Tops, way: CellWay, length_m: float, eye: float, roof: float, curve: float, hint: int
) -> int:
    """Return whether the end of a way is seen from its beginning: 1, or 0, or 255 where missing ground may hide it.

    Lines next to `hint` are tried first. Blocks, and fine blocks, whose highest cell stays below the ray are passed
    over: that changes no answer.

    Parameters
    ----------
    eye, roof : float
        Antennas at both ends above sea level, m.
    curve : float
        Half the curvature of the effective earth, 1/m.
    """
    z, cols = grid.z, grid.cols
    n = way.lines
    inv = 1.0 / max(n, 1)
    rise = roof - eye
    bulge = length_m * length_m * curve
    for i in range(max(1, hint - 1), min(n, hint + 2)):
        t = i * inv
        if ground_at_line(z, way, i) > eye + rise * t - bulge * t * (1.0 - t):
            return 0
    across = (cols + BLOCK - 1) // BLOCK
    across_fine = (cols + FINE - 1) // FINE
    # Lines to go one row, one column on the way back to the antenna.
    back_row = -n / way.down if way.down != 0 else math.inf
    back_col = -n / way.right if way.right != 0 else math.inf
    sag = bulge * inv * inv
    unknown = False
    i = n
    above = roof - ground_at_line(z, way, n) if n > 0 else 0.0
    slope = way.over * inv
    while i > 0:
        t = i * inv
        r = way.row + way.down * t
        q = way.col + way.right * t
        line = eye + rise * t - bulge * t * (1.0 - t)
        size = BLOCK
        top = tops.coarse[int(r) // BLOCK * across + int(q) // BLOCK]
        if top >= line:
            size = FINE
            top = tops.fine[int(r) // FINE * across_fine + int(q) // FINE]
        more = steps_in_block(r, q, back_row, back_col, size, i)
        u = (i - more) * inv
        line_u = eye + rise * u - bulge * u * (1.0 - u)
        # The line over the bulge is a parabola: it sags below its chord by bulge (t - u)^2 / 4 at most.
        if more > 0 and top < min(line, line_u) - bulge * (t - u) * (t - u) * 0.25:
            i -= more
            if i == 0:
                break
            above = line_u - ground_at_line(z, way, i)
            more = 0
        stop = max(i - 1 - more, 0)
        k, rest = place_on_line(way, i)
        while i > stop:
            i -= 1
            k -= way.major
            rest -= way.over
            if rest < 0:
                rest += n
                k -= way.minor
            piece = piece_from(z, way, k, rest, inv, slope)
            t = i * inv
            before = eye + rise * t - bulge * t * (1.0 - t) - piece.ground
            if before < 0.0:
                return 0
            if piece.share < 1.0:
                u = t + piece.share * inv
                here = eye + rise * u - bulge * u * (1.0 - u) - piece.kink
                left = 1.0 - piece.share
                if (
                    here < 0.0
                    or sags_below(before, here, piece.first + sag * piece.share * piece.share)
                    or sags_below(here, above, piece.last + sag * left * left)
                ):
                    return 0
            elif sags_below(before, above, piece.first + sag):
                return 0
            if math.isnan(before + piece.first + piece.last):
                unknown = True
            above = before
    return 255 if unknown else 1

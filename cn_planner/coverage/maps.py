"""What a map says of one cell, on the cell's own profile: Fresnel clearance, least receiver height, transmission loss.

A profile is sampled in equal steps no longer than a cell, nor than half of the coarser of the cell and the elevation's
own. For clearance and height the blocks that cannot hold the worst sample are passed over: that changes no answer. A
cell with missing terrain on its profile has no answer (NaN).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import (
    BLOCK,
    GridHeights,
    GridTrees,
    GridWay,
    Wave,
    bilinear,
    samples_in_block,
    trees_at,
)
from cn_planner.propagation.itm_kernels import itm_kernel
from cn_planner.propagation.itm_terrain import EqualProfile, ItmAntennas
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.p526 import p526_kernel
from cn_planner.propagation.p1812_kernels import p1812_kernel
from cn_planner.propagation.p1812_path import AmslAntennas, CoveredProfile

if TYPE_CHECKING:
    from cn_planner.propagation.itm_reference import ItmTerms
    from cn_planner.propagation.p1812_path import P1812Terms

CLEAR_F1 = 0.6
"""Share of the first Fresnel zone that the least receiver height leaves clear (the command line's contract)."""
_BOUND_SLACK = 1e-9


class ProfileRoom(NamedTuple):
    """Room for the profile of one cell: distances, ground, and what stands on it, m."""

    distance: Any
    ground: Any
    surface: Any


@kernel
def profile_room(radius_m: float, step_m: float) -> ProfileRoom:
    """Return room for any profile within a radius."""
    most = int(radius_m / step_m) + 4
    return ProfileRoom(np.empty(most), np.empty(most), np.empty(most))


@kernel
def fresnel_cell(
    grid: GridHeights, tops: Any, way: GridWay, h0: float, ht: float, wave: Wave, trees: GridTrees, hint: float
) -> tuple[float, float]:
    """Return the least clearance in first Fresnel radii between the ends, and at which fraction of the way it is.

    `tops` is the greatest height of each block; a sample near the fraction `hint` is looked at first.
    """
    z, cols = grid.z, grid.cols
    row, col, drow, dcol, dist, step = way
    n = max(math.ceil(dist / step - 1e-9), 2)
    inv = 1.0 / n
    rise = ht - h0
    bulge = dist * dist * wave.curve
    f1 = math.sqrt(wave.wavelength_m * dist)
    least = math.inf
    at = hint
    across = (cols + BLOCK - 1) // BLOCK
    middle = int(hint * n)
    for i in range(max(1, middle - 1), min(n, middle + 3)):
        t = i * inv
        x = t * (1.0 - t)
        r = row + drow * t
        q = col + dcol * t
        tree = trees_at(trees, cols, r, q, dist * t, dist * (1.0 - t))
        over = h0 + rise * t - bulge * x - bilinear(z, cols, r, q) - tree
        over /= f1 * math.sqrt(x)
        if over < least:
            least = over
            at = t
    i = n - 1
    while i > 0:
        t = i * inv
        r = row + drow * t
        q = col + dcol * t
        x = t * (1.0 - t)
        line = h0 + rise * t - bulge * x
        more = samples_in_block(r, q, -drow * inv, -dcol * inv, BLOCK, i - 1)
        if more > 0:
            u = (i - more) * inv
            y = u * (1.0 - u)
            low = min(line, h0 + rise * u - bulge * y) - bulge * (t - u) * (t - u) * 0.25
            low -= tops[int(r) // BLOCK * across + int(q) // BLOCK] + trees.canopy_m
            # The zone is widest where the way is halved, else at one end of the stretch; it is narrowest at an end.
            wide = (0.25 if u < 0.5 < t else max(x, y)) if low > 0.0 else min(x, y)
            if low / (f1 * math.sqrt(wide)) > least + _BOUND_SLACK:
                i -= more + 1
                continue
        over = line - bilinear(z, cols, r, q)
        over -= trees_at(trees, cols, r, q, dist * t, dist * (1.0 - t))
        over /= f1 * math.sqrt(x)
        if over != over:
            return math.nan, hint
        if over < least:
            least = over
            at = t
        i -= 1
    return least, at


@kernel
def min_height_cell(
    grid: GridHeights, tops: Any, way: GridWay, h0: float, zt: float, wave: Wave, trees: GridTrees, hint: float
) -> tuple[float, float]:
    """Return the least receiver height over ground `zt` that leaves CLEAR_F1 of the first zone clear, and where.

    The height is 0 where even a receiver on the ground is clear. `tops` and `hint` as for `fresnel_cell`.
    """
    z, cols = grid.z, grid.cols
    row, col, drow, dcol, dist, step = way
    n = max(math.ceil(dist / step - 1e-9), 2)
    inv = 1.0 / n
    bulge = dist * dist * wave.curve
    f1 = CLEAR_F1 * math.sqrt(wave.wavelength_m * dist)
    # Height of the far end above the antenna that each sample asks for; the ground at least.
    need = zt - h0
    at = hint
    across = (cols + BLOCK - 1) // BLOCK
    middle = int(hint * n)
    for i in range(max(1, middle - 1), min(n, middle + 3)):
        t = i * inv
        x = t * (1.0 - t)
        r = row + drow * t
        q = col + dcol * t
        want = bilinear(z, cols, r, q) - h0 + bulge * x + f1 * math.sqrt(x)
        want = (want + trees_at(trees, cols, r, q, dist * t, dist * (1.0 - t))) / t
        if want > need:
            need = want
            at = t
    i = n - 1
    while i > 0:
        t = i * inv
        r = row + drow * t
        q = col + dcol * t
        x = t * (1.0 - t)
        more = samples_in_block(r, q, -drow * inv, -dcol * inv, BLOCK, i - 1)
        if more > 0:
            u = (i - more) * inv
            wide = 0.25 if u < 0.5 < t else max(x, u * (1.0 - u))
            high = tops[int(r) // BLOCK * across + int(q) // BLOCK] + trees.canopy_m - h0
            high = high + bulge * wide + f1 * math.sqrt(wide)
            if (high / u if high > 0.0 else high / t) < need - _BOUND_SLACK:
                i -= more + 1
                continue
        want = bilinear(z, cols, r, q) - h0 + bulge * x + f1 * math.sqrt(x)
        want = (want + trees_at(trees, cols, r, q, dist * t, dist * (1.0 - t))) / t
        if want != want:
            return math.nan, hint
        if want > need:
            need = want
            at = t
        i -= 1
    return need + h0 - zt, at


@kernel
def cell_profile(grid: GridHeights, way: GridWay, n: int, distance: Any, ground: Any) -> bool:
    """Fill in n + 1 distances and heights from one cell to another; return whether all are known."""
    z, cols = grid.z, grid.cols
    row, col, drow, dcol, dist, _step = way
    inv = 1.0 / n
    for i in range(n):
        distance[i] = dist * (i * inv)
        ground[i] = bilinear(z, cols, row + drow * (i * inv), col + dcol * (i * inv))
        if ground[i] != ground[i]:
            return False
    distance[n] = dist
    ground[n] = z[int(row + drow) * cols + int(col + dcol)]
    return True


@kernel
def with_trees(grid: GridHeights, way: GridWay, n: int, trees: GridTrees, room: ProfileRoom) -> None:
    """Fill in n + 1 heights of the ground with trees on it, from one cell to another."""
    distance, ground, surface = room
    row, col, drow, dcol, _dist, _step = way
    inv = 1.0 / n
    for i in range(n + 1):
        from_a = distance[i]
        from_b = distance[n] - distance[i]
        tree = trees_at(trees, grid.cols, row + drow * (i * inv), col + dcol * (i * inv), from_a, from_b)
        surface[i] = ground[i] + tree


@kernel
def p526_cell(
    grid: GridHeights, way: GridWay, h0: float, ht: float, wave: Wave, trees: GridTrees, room: ProfileRoom
) -> float:
    """Return free-space and delta-Bullington loss on the cell's own profile, dB."""
    n = max(math.ceil(way.length_m / way.step_m - 1e-9), 1)
    if not cell_profile(grid, way, n, room.distance, room.ground):
        return math.nan
    with_trees(grid, way, n, trees, room)
    free, diffraction, vegetation = p526_kernel(
        room.distance, room.ground, room.surface, 0, n + 1, h0, ht, 0.5 / wave.curve, wave.freq_mhz, wave.vertical
    )
    return free + diffraction + vegetation


@kernel
def itm_cell(
    grid: GridHeights, way: GridWay, antennas: ItmAntennas, terms: ItmTerms, room: ProfileRoom, scratch: Any
) -> float:
    """Return the loss on the cell's own profile by ITM, dB, NaN where that does not apply."""
    n = max(math.ceil(way.length_m / way.step_m - 1e-9), 2)
    if not cell_profile(grid, way, n, room.distance, room.ground):
        return math.nan
    return itm_kernel(EqualProfile(room.ground, 0, n + 1, way.length_m / n), antennas, terms, scratch).loss_db


@kernel
def p1812_cell(
    grid: GridHeights,
    way: GridWay,
    antennas: AmslAntennas,
    terms: P1812Terms,
    trees: GridTrees,
    land: Any,
    room: ProfileRoom,
) -> float:
    """Return the loss on the cell's own profile by P.1812, dB. `land` are the zones of any profile."""
    n = max(math.ceil(way.length_m / way.step_m - 1e-9), 2)
    if not cell_profile(grid, way, n, room.distance, room.ground):
        return math.nan
    with_trees(grid, way, n, trees, room)
    return p1812_kernel(CoveredProfile(room.distance, room.ground, room.surface, land, 0, n + 1), antennas, terms).lb

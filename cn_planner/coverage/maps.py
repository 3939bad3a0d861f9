"""What a map says of one cell, on the cell's own profile: Fresnel clearance, least receiver height, transmission loss.

Clearance and height hold for all of the bilinear ground along the way (`crossings`); the blocks that cannot hold the
worst place are passed over, which changes no answer. Losses are of a profile in equal steps no longer than a cell, nor
than half of the coarser of the cell and the elevation's own. A cell with missing terrain on its way has no answer.
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
    ends_loss,
    samples_in_block,
    trees_at,
)
from cn_planner.coverage.crossings import cell_way, ground_at_line, piece_from, place_on_line
from cn_planner.coverage.zone_kernels import (
    ZonePart,
    ZoneRay,
    cut_part,
    least_in_part,
    most_in_part,
    over_ground,
    trees_until,
    zone_radius,
)
from cn_planner.propagation.end_clutter import covered_db
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
def _first_look(grid: GridHeights, way: GridWay, ray: ZoneRay, trees: GridTrees, hint: float) -> tuple[float, float]:
    """Return the least share of the zone that is clear on lines next to a fraction of the way, and where."""
    n = max(abs(int(way.drow)), abs(int(way.dcol)))
    middle = int(hint * n + 0.5)
    least = math.inf
    at = hint
    for i in range(max(1, middle - 1), max(min(n, middle + 2), 2)):
        t = i / n if n > 1 else 0.5  # to the next cell there is no line between
        r = way.row + way.drow * t
        q = way.col + way.dcol * t
        top = bilinear(grid.z, grid.cols, r, q)
        top += trees_at(trees, grid.cols, r, q, way.length_m * t, way.length_m * (1.0 - t))
        share = over_ground(ray, t, top) / zone_radius(ray, t)
        if share < least:
            least = share
            at = t
    return least, at


@kernel
def _least_under_trees(
    ray: ZoneRay, way: GridWay, cols: int, trees: GridTrees, part: ZonePart, least: float, at: float
) -> tuple[float, float]:
    """Return `least_in_part` of a part of the way with the trees that stand on it."""
    if trees.canopy_m <= 0.0:
        return least_in_part(ray, part, least, at)
    t = part.t0
    while t < part.t1:
        end, tree = trees_until(trees, cols, way, t, part.t1)
        some = cut_part(part, t, end)
        least, at = least_in_part(ray, ZonePart(t, end, some.h0 - tree, some.h1 - tree, some.sag), least, at)
        t = end
    return least, at


@kernel
def fresnel_cell(
    grid: GridHeights, tops: Any, way: GridWay, h0: float, ht: float, wave: Wave, trees: GridTrees, hint: float
) -> tuple[float, float]:
    """Return the least clearance in first Fresnel radii between the ends, and at which fraction of the way it is.

    `tops` is the greatest height of each block; what is near the fraction `hint` is looked at first. Ground is taken as
    it is between samples (`crossings`), trees from edge to edge of where they stand (`zone_kernels`).
    """
    z, cols = grid.z, grid.cols
    row, col, drow, dcol, dist, _step = way
    line = cell_way(int(row), int(col), int(drow), int(dcol), cols)
    n = line.lines
    inv = 1.0 / n
    slope = line.over * inv
    ray = ZoneRay(h0, ht - h0, dist * dist * wave.curve, math.sqrt(wave.wavelength_m * dist))
    least, at = _first_look(grid, way, ray, trees, hint)
    across = (cols + BLOCK - 1) // BLOCK
    above = ht - z[int(row + drow) * cols + int(col + dcol)]
    i = n
    while i > 0:
        t = i * inv
        r = row + drow * t
        q = col + dcol * t
        more = samples_in_block(r, q, -drow * inv, -dcol * inv, BLOCK, i - 1) if i < n else 0
        if more > 0:
            x = t * (1.0 - t)
            u = (i - more) * inv
            y = u * (1.0 - u)
            low = min(over_ground(ray, t, 0.0), over_ground(ray, u, 0.0)) - ray.bulge * (t - u) * (t - u) * 0.25
            low -= tops[int(r) // BLOCK * across + int(q) // BLOCK] + trees.canopy_m
            # The zone is widest where the way is halved, else at one end of the stretch; it is narrowest at an end.
            wide = (0.25 if u < 0.5 < t else max(x, y)) if low > 0.0 else min(x, y)
            if low / (ray.zone * math.sqrt(wide)) > least + _BOUND_SLACK:
                i -= more
                t = u
                above = over_ground(ray, t, ground_at_line(z, line, i))
        i -= 1
        k, rest = place_on_line(line, i)
        piece = piece_from(z, line, k, rest, inv, slope)
        s = i * inv
        before = over_ground(ray, s, piece.ground)
        if math.isnan(before + piece.first + piece.last):
            return math.nan, hint
        if piece.share < 1.0:
            u = s + piece.share * inv
            here = over_ground(ray, u, piece.kink)
            part = ZonePart(u, t, here, above, piece.last + ray.bulge * (t - u) * (t - u))
            least, at = _least_under_trees(ray, way, cols, trees, part, least, at)
            part = ZonePart(s, u, before, here, piece.first + ray.bulge * (u - s) * (u - s))
            least, at = _least_under_trees(ray, way, cols, trees, part, least, at)
        else:
            part = ZonePart(s, t, before, above, piece.first + ray.bulge * (t - s) * (t - s))
            least, at = _least_under_trees(ray, way, cols, trees, part, least, at)
        above = before
    return least, at


@kernel
def _most_under_trees(
    ray: ZoneRay, way: GridWay, cols: int, trees: GridTrees, part: ZonePart, need: float, at: float
) -> tuple[float, float]:
    """Return `most_in_part` of a part of the way with the trees that stand on it."""
    if trees.canopy_m <= 0.0:
        return most_in_part(ray, part, need, at)
    t = part.t0
    while t < part.t1:
        end, tree = trees_until(trees, cols, way, t, part.t1)
        some = cut_part(part, t, end)
        need, at = most_in_part(ray, ZonePart(t, end, some.h0 + tree, some.h1 + tree, some.sag), need, at)
        t = end
    return need, at


@kernel
def min_height_cell(
    grid: GridHeights, tops: Any, way: GridWay, h0: float, zt: float, wave: Wave, trees: GridTrees, hint: float
) -> tuple[float, float]:
    """Return the least receiver height over ground `zt` that leaves CLEAR_F1 of the first zone clear, and where.

    The height is 0 where even a receiver on the ground is clear. `tops` and `hint` as for `fresnel_cell`.
    """
    z, cols = grid.z, grid.cols
    row, col, drow, dcol, dist, _step = way
    line = cell_way(int(row), int(col), int(drow), int(dcol), cols)
    n = line.lines
    inv = 1.0 / n
    slope = line.over * inv
    ray = ZoneRay(0.0, 0.0, dist * dist * wave.curve, CLEAR_F1 * math.sqrt(wave.wavelength_m * dist))
    # Height of the far end above the antenna that each place asks for; the ground at least.
    need = zt - h0
    at = hint
    across = (cols + BLOCK - 1) // BLOCK
    middle = int(hint * n + 0.5)
    for i in range(max(1, middle - 1), min(n, middle + 2)):
        t = i * inv
        tree = trees_at(trees, cols, row + drow * t, col + dcol * t, dist * t, dist * (1.0 - t))
        want = (zone_radius(ray, t) - over_ground(ray, t, ground_at_line(z, line, i) + tree - h0)) / t
        if want > need:
            need = want
            at = t
    above = zt - h0
    i = n
    while i > 0:
        t = i * inv
        r = row + drow * t
        q = col + dcol * t
        more = samples_in_block(r, q, -drow * inv, -dcol * inv, BLOCK, i - 1) if i < n else 0
        if more > 0:
            u = (i - more) * inv
            wide = 0.25 if u < 0.5 < t else max(t * (1.0 - t), u * (1.0 - u))
            high = tops[int(r) // BLOCK * across + int(q) // BLOCK] + trees.canopy_m - h0
            high = high + ray.bulge * wide + ray.zone * math.sqrt(wide)
            if (high / u if high > 0.0 else high / t) < need - _BOUND_SLACK:
                i -= more
                t = u
                above = ground_at_line(z, line, i) - h0
        i -= 1
        k, rest = place_on_line(line, i)
        piece = piece_from(z, line, k, rest, inv, slope)
        s = i * inv
        before = piece.ground - h0
        if math.isnan(before + piece.first + piece.last):
            return math.nan, hint
        if piece.share < 1.0:
            u = s + piece.share * inv
            here = piece.kink - h0
            part = ZonePart(u, t, here, above, -piece.last)
            need, at = _most_under_trees(ray, way, cols, trees, part, need, at)
            part = ZonePart(s, u, before, here, -piece.first)
            need, at = _most_under_trees(ray, way, cols, trees, part, need, at)
        else:
            part = ZonePart(s, t, before, above, -piece.first)
            need, at = _most_under_trees(ray, way, cols, trees, part, need, at)
        above = before
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
def way_ends_loss(grid: GridHeights, way: GridWay, trees: GridTrees, h0: float, ht: float, freq_mhz: float) -> float:
    """Return what antennas so high above the sea lose below what is known to stand round them, dB."""
    from_k = int(way.row) * grid.cols + int(way.col)
    to_k = int(way.row + way.drow) * grid.cols + int(way.col + way.dcol)
    return ends_loss(trees, from_k, to_k, h0 - grid.z[from_k], ht - grid.z[to_k], freq_mhz)


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
    return free + diffraction + covered_db(vegetation, way_ends_loss(grid, way, trees, h0, ht, wave.freq_mhz))


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
    loss = p1812_kernel(CoveredProfile(room.distance, room.ground, room.surface, land, 0, n + 1), antennas, terms).lb
    at_ends = way_ends_loss(grid, way, trees, antennas.amsl_a_m, antennas.amsl_b_m, antennas.freq_mhz)
    if at_ends > 0.0:
        bare = CoveredProfile(room.distance, room.ground, room.ground, land, 0, n + 1)
        loss = max(loss, p1812_kernel(bare, antennas, terms).lb + at_ends)
    return loss

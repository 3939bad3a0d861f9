"""Maps of one tower by radials: Fresnel clearance, least receiver height, transmission loss, quick and nearly exact.

A cell's own profile is replaced by the radial nearest to it, a quarter of a cell beside it at most; its own ground and
distance are kept. Along a radial a cell costs the logarithm of its distance where `maps` samples all of its profile.
Cells near the tower, those near a limit that the caller draws a line at, and those beyond missing terrain on their
radial are sampled on their own profile.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import GridHeights, GridTrees, GridWay, Wave, ends_loss
from cn_planner.coverage.maps import CLEAR_F1, fresnel_cell, min_height_cell, p526_cell, profile_room
from cn_planner.coverage.radials import (
    COARSE,
    FINE,
    Octant,
    chunk_lines,
    chunk_room,
    chunk_slopes,
    highest_need,
    highest_over,
    hull_with,
    least_clearance,
    radial_cells,
    radial_ground,
    radial_steps,
    tangent_from,
)
from cn_planner.coverage.strips import NEAR_CELLS
from cn_planner.propagation.bullington import crossing_nu_kernel, edge_and_path_kernel
from cn_planner.propagation.delta_bullington import smooth_bullington_kernel
from cn_planner.propagation.end_clutter import covered_db
from cn_planner.propagation.free_space import free_space_kernel, slant_distance_kernel
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.spherical_earth import (
    LAND_CONDUCTIVITY_S_PER_M,
    LAND_PERMITTIVITY,
    spherical_earth_kernel,
)

_NO_LOSS_F1 = 0.78 / math.sqrt(2.0)
"""A knife edge this far below the ray, in first Fresnel radii, costs nothing (ITU-R P.526-15 eq. 31)."""


class GridTower(NamedTuple):
    """Where a tower stands, and how far a map of it goes.

    Attributes
    ----------
    row, col : int
        Its cell.
    height_m, amsl_m : float
        Its antenna above ground, and above sea level.
    rx_m : float
        Receivers above the ground of their cells.
    radius_m : float
    step_m : float
        The longest step of a cell's own profile.
    """

    row: int
    col: int
    height_m: float
    amsl_m: float
    rx_m: float
    radius_m: float
    step_m: float


class Retest(NamedTuple):
    """Which cells are sampled on their own profile, beside those near the tower.

    Attributes
    ----------
    limit, slack : float
        Those whose value is less than `slack` from where the caller draws a line; NaN for no line.
    exact : bool
        All.
    """

    limit: float
    slack: float
    exact: bool


class MapScene(NamedTuple):
    """All that maps of one tower have in common."""

    grid: GridHeights
    tower: GridTower
    wave: Wave
    trees: GridTrees
    retest: Retest


class RadialRoom(NamedTuple):
    """One radial, and room for the next.

    Attributes
    ----------
    shares, backs, across
        As of `radials.radial_steps`.
    ground, bare, lowered : float64
        Heights of the steps, m: above sea level; lowered as the module `radials` says, bare and with trees.
    tall, close : float64
        Trees that are known: all of them, and bare ground with those alone that were measured, lowered.
    """

    shares: Any
    backs: Any
    across: Any
    ground: Any
    bare: Any
    lowered: Any
    tall: Any
    close: Any


@kernel
def radial_room(octant: Octant, trees: GridTrees) -> RadialRoom:
    """Return room for the radials of an octant."""
    n = octant.n
    shares, backs, across = radial_steps(n, octant.radials)
    known = n + 1 if len(trees.heights_m) > 0 else 1
    return RadialRoom(
        shares, backs, across, np.empty(n + 1), np.empty(n + 1), np.empty(n + 1), np.zeros(known), np.zeros(known)
    )


@kernel
def way_to(tower: GridTower, octant: Octant, a: int, b: int, length_m: float) -> GridWay:
    """Return the way to cell (a, b) of an octant."""
    dr = a * octant.major_row + b * octant.minor_row
    dc = a * octant.major_column + b * octant.minor_column
    return GridWay(tower.row, tower.col, dr, dc, length_m, tower.step_m)


@kernel
def tree_lag(trees: GridTrees, keep_out: float, step: float) -> int:
    """Return how many samples before a receiver have no trees on them."""
    return int(keep_out / step + 1e-9) if trees.canopy_m > 0.0 else 0


@kernel
def radial_trees(trees: GridTrees, octant: Octant, m: float, u: float, known: int, tall: Any, close: Any) -> None:
    """Fill in the trees that are known at steps 0 to `known` along a radial of slope m, none too near to the tower.

    `tall`: all of them; `close`: those that were measured, which stand nearer to a receiver than the rest.
    """
    heights, near, keep_out = trees.heights_m, trees.near_m, trees.keep_out_m
    for i in range(known + 1):
        across = min(int(m * i + 0.5), octant.b_most)
        height = heights[octant.base + i * octant.major + across * octant.minor] * 1.0
        keep = near if height > 0.0 else keep_out
        height = height if i * u > keep else 0.0
        tall[i] = abs(height)
        close[i] = max(height, 0.0)


@kernel
def lay_radial(scene: MapScene, octant: Octant, j: int, u2: float, room: RadialRoom) -> tuple[int, int, int, int]:
    """Lay out radial j, a step of which is sqrt(u2) long, with its ground lowered.

    Returns
    -------
    reach, known : int
        Steps to the rim, and to the last whose ground is known.
    lag, near_lag : int
        How many steps before a receiver have no assumed trees on them, and no measured ones.
    """
    tower, trees, c = scene.tower, scene.trees, scene.wave.curve
    ground, bare, lowered, tall, close = room.ground, room.bare, room.lowered, room.tall, room.close
    h0, canopy, keep_out = tower.amsl_m, trees.canopy_m, trees.keep_out_m
    m = j / octant.radials
    u = math.sqrt(u2)
    reach = min(octant.n, int(tower.radius_m / u) + 2)
    known = radial_ground(scene.grid.z, octant.base, octant.major, octant.minor, octant.b_most, reach, m, ground)
    radial_cells(j, reach, room.shares, room.backs, octant.b_most, octant.holds_axis, room.across)
    lag = tree_lag(trees, keep_out, u)
    near_lag = lag
    for i in range(known + 1):
        bare[i] = ground[i] - h0 - c * u2 * i * i
        lowered[i] = bare[i] + (canopy if i * u > keep_out else 0.0)
    if len(trees.heights_m) > 0:
        near_lag = tree_lag(trees, trees.near_m, u)
        radial_trees(trees, octant, m, u, known, tall, close)
        for i in range(known + 1):
            lowered[i] = bare[i] + tall[i]
            close[i] += bare[i]
    return reach, known, lag, near_lag


@kernel
def tail_clearance(close: Any, bare: Any, stop: int, middle: int, a: int, slope: float) -> float:
    """Return the least of (i slope - height[i]) / sqrt(i (a - i)) over samples from `stop` on.

    Up to `middle` the heights are those of `close`, which has measured trees alone, then of bare ground.
    """
    least = math.inf
    for i in range(stop, middle):
        least = min(least, (i * slope - close[i]) / math.sqrt(1.0 * i * (a - i)))
    for i in range(middle, a):
        least = min(least, (i * slope - bare[i]) / math.sqrt(1.0 * i * (a - i)))
    return least


@kernel
def tail_slopes(
    close: Any, bare: Any, stop: int, middle: int, a: int, steepest: float, level: float
) -> tuple[float, float]:
    """Return the steepest slope at which samples up to a are seen from the tower, and those from `stop` on from a.

    `middle` as in `tail_clearance`.
    """
    back = -math.inf
    for i in range(stop, middle):
        steepest = max(steepest, close[i] / i)
        back = max(back, (close[i] - level) / (a - i))
    for i in range(middle, a):
        steepest = max(steepest, bare[i] / i)
        back = max(back, (bare[i] - level) / (a - i))
    return steepest, back


@kernel
def clearance_radials(
    scene: MapScene, octant: Octant, first: int, last: int, height_wanted: bool, tops: Any, out: Any
) -> None:
    """Write the cells of radials first to last - 1: least receiver height, or clearance in first Fresnel radii.

    `tops` is the greatest height of each block.
    """
    grid, tower, wave, trees, retest = scene
    z, h0, rx, c, wavelength = grid.z, tower.amsl_m, tower.rx_m, wave.curve, wave.wavelength_m
    n = octant.n
    room = radial_room(octant, trees)
    across, bare, lowered, close = room.across, room.bare, room.lowered, room.close
    lines = chunk_room(n)
    fine, coarse = np.empty(n // FINE + 1), np.empty(n // COARSE + 1)
    for j in range(first, last):
        m = j / octant.radials
        u2 = octant.p + 2.0 * octant.q * m + octant.s * m * m
        u = math.sqrt(u2)
        reach, known, lag, near_lag = lay_radial(scene, octant, j, u2, room)
        if height_wanted:
            chunk_slopes(lowered, known + 1, FINE, fine)
            chunk_slopes(lowered, known + 1, COARSE, coarse)
        else:
            chunk_lines(lowered, known + 1, lines)
        at = 1
        for a in range(1, reach + 1):
            b = int(across[a])
            if b < 0:
                continue
            d2 = octant.p * a * a + 2.0 * octant.q * a * b + octant.s * b * b
            k = octant.base + a * octant.major + b * octant.minor
            if d2 > tower.radius_m * tower.radius_m or z[k] != z[k]:
                continue
            own = retest.exact or a <= NEAR_CELLS or a > known + 1
            value = retest.limit
            stop = max(a - lag, 1)
            middle = max(a - near_lag, stop)
            if not own and height_wanted:
                # A receiver on the ground is as low as there is.
                level = (z[k] - h0) / a - c * u2 * a
                factor = CLEAR_F1 * math.sqrt(wavelength * u / a)
                need, at = highest_need(lowered, fine, coarse, a, stop, factor, level, at)
                for i in range(stop, a):
                    height = close[i] if i < middle else bare[i]
                    need = max(need, height / i + factor * math.sqrt((a - i) / i))
                value = (need - level) * a
            elif not own:
                slope = (z[k] + rx - h0) / a - c * u2 * a
                value, at = least_clearance(lowered, lines, a, stop, slope, math.inf, at)
                value = min(value, tail_clearance(close, bare, stop, middle, a, slope))
                value *= math.sqrt(a / (wavelength * u))
            if own or abs(value - retest.limit) < retest.slack:
                way = way_to(tower, octant, a, b, math.sqrt(d2))
                if height_wanted:
                    value, _at = min_height_cell(grid, tops, way, h0, z[k] * 1.0, wave, trees, at / a)
                else:
                    value, _at = fresnel_cell(grid, tops, way, h0, z[k] + rx, wave, trees, at / a)
            out[k] = value


@kernel
def smooth_heights(
    ground: Any,
    hull: Any,
    corners: int,
    a: int,
    v1: float,
    v2: float,
    steepest: float,
    h0: float,
    end: float,
    ht: float,
) -> tuple[float, float]:
    """Return both antennas over the smooth earth (P.526-15 eq. 58 to 63), the last step being to the cell's ground."""
    w1 = v1 + end + ground[a - 1]
    w2 = v2 + end * (3 * a - 1) + ground[a - 1] * (3 * a - 2)
    smooth_a = (2.0 * w1 * a - w2) / (a * a)
    smooth_b = (w2 - w1 * a) / (a * a)
    rise = (ht - h0) / a
    highest = highest_over(ground, hull, corners, rise) - h0
    if highest > 0.0:
        back, _i = tangent_from(ground, hull, corners, a, ht)
        above_a = steepest - rise
        above_b = back + rise
        smooth_a -= highest * above_a / (above_a + above_b)
        smooth_b -= highest * above_b / (above_a + above_b)
    return max(h0 - min(smooth_a, ground[0]), 0.0), max(ht - min(smooth_b, end), 0.0)


class Skyline(NamedTuple):
    """What a radial shows of itself to one of its steps.

    Attributes
    ----------
    lowered, lines : float64, ChunkLines
        Heights of its steps, and the lines over them.
    hull : int64
        The upper hull of those before the last ones, of so many `corners`.
    steepest : float
        The steepest slope at which any of these is seen from the tower.
    stop, middle : int
        The last ones: as in `tail_clearance`.
    """

    lowered: Any
    lines: Any
    hull: Any
    corners: int
    steepest: float
    stop: int
    middle: int


class StepRay(NamedTuple):
    """The ray from the tower to a step: which, and how long each is; its rise by step, and what the earth adds to that.

    ``top`` and ``end`` are the antennas above sea level, m.
    """

    a: int
    u: float
    rise: float
    bulge: float
    top: float
    end: float


@kernel
def edge_over(sky: Skyline, room: RadialRoom, ray: StepRay, wavelength: float, at: int) -> tuple[float, int]:
    """Return the loss over the one edge of Bullington's construction, dB, and the step of the least clearance.

    That is looked for at step `at` first.
    """
    a, u, rise, bulge, top, end = ray
    level = end - top - bulge * a
    length = a * u
    highest_seen, back = tail_slopes(room.close, room.bare, sky.stop, sky.middle, a, sky.steepest, level)
    if highest_seen + bulge < rise:
        scale = math.sqrt(a / (wavelength * u))
        none = _NO_LOSS_F1 / scale
        clear, at = least_clearance(sky.lowered, sky.lines, a, sky.stop, rise - bulge, none, at)
        clear = min(clear, tail_clearance(room.close, room.bare, sky.stop, sky.middle, a, rise - bulge))
        nu = -math.sqrt(2.0) * clear * scale
    else:
        if sky.corners > 0:
            behind, _i = tangent_from(sky.lowered, sky.hull, sky.corners, a, level)
            back = max(back, behind)
        nu = crossing_nu_kernel(
            length, u, length - u, top, end, (highest_seen + bulge) / u, (back - bulge) / u, wavelength
        )
    return edge_and_path_kernel(nu, length), at


@kernel
def p526_radials(scene: MapScene, octant: Octant, first: int, last: int, out: Any) -> None:
    """Write the cells of radials first to last - 1: free-space and delta-Bullington loss, dB.

    The same construction as `delta_bullington_kernel`; what it finds by going over the profile is kept up from sample
    to sample (sums, steepest slopes, upper convex hulls) or searched for among chunks.
    """
    grid, tower, wave, trees, retest = scene
    z, h0, rx, c, wavelength = grid.z, tower.amsl_m, tower.rx_m, wave.curve, wave.wavelength_m
    n = octant.n
    room = radial_room(octant, trees)
    across, ground, bare, lowered = room.across, room.ground, room.bare, room.lowered
    lines = chunk_room(n)
    bare_lines = chunk_room(n)
    own_room = profile_room(tower.radius_m, tower.step_m)
    places = np.empty(n + 1)
    hull = np.empty(n + 1, np.int64)
    low_hull = np.empty(n + 1, np.int64)
    bare_hull = np.empty(n + 1, np.int64)
    grown = len(trees.known_m) > 0
    earth = 0.5 / c
    for j in range(first, last):
        m = j / octant.radials
        u2 = octant.p + 2.0 * octant.q * m + octant.s * m * m
        u = math.sqrt(u2)
        reach, known, lag, near_lag = lay_radial(scene, octant, j, u2, room)
        for i in range(known + 1):
            places[i] = i * u
        chunk_lines(lowered, known + 1, lines)
        if grown:
            chunk_lines(bare, known + 1, bare_lines)
        corners = 0
        low_corners = 0
        bare_corners = 0
        v1 = 0.0
        v2 = 0.0
        steepest = -math.inf
        low_steepest = -math.inf
        bare_steepest = -math.inf
        at = 1
        bare_at = 1
        for a in range(1, reach + 1):
            if 1 < a <= known + 1:
                i = a - 1
                corners = hull_with(ground, hull, corners, i)
                steepest = max(steepest, (ground[i] - h0) / i)
                if i > lag:
                    low_corners = hull_with(lowered, low_hull, low_corners, i - lag)
                    low_steepest = max(low_steepest, lowered[i - lag] / (i - lag))
                if grown:
                    bare_corners = hull_with(bare, bare_hull, bare_corners, i)
                    bare_steepest = max(bare_steepest, bare[i] / i)
                v1 += ground[i] + ground[i - 1]
                v2 += ground[i] * (3 * i - 1) + ground[i - 1] * (3 * i - 2)
            b = int(across[a])
            if b < 0:
                continue
            d2 = octant.p * a * a + 2.0 * octant.q * a * b + octant.s * b * b
            k = octant.base + a * octant.major + b * octant.minor
            if d2 > tower.radius_m * tower.radius_m or z[k] != z[k]:
                continue
            dist = math.sqrt(d2)
            ht = z[k] + rx
            own = retest.exact or a <= NEAR_CELLS or a > known + 1
            value = retest.limit
            if not own:
                # From here on in steps of the radial: heights by the step, the cell at sample a.
                rise = (ht - h0) / a
                length = a * u
                bulge = c * u2 * a
                stop = max(a - lag, 1)
                middle = max(a - near_lag, stop)
                ray = StepRay(a, u, rise, bulge, h0, ht)
                sky = Skyline(lowered, lines, low_hull, low_corners, low_steepest, stop, middle)
                actual, at = edge_over(sky, room, ray, wavelength, at)
                at_ends = ends_loss(trees, octant.base, k, tower.height_m, rx, wave.freq_mhz)
                if at_ends > 0.0:
                    sky = Skyline(bare, bare_lines, bare_hull, bare_corners, bare_steepest, a, a)
                    on_ground, bare_at = edge_over(sky, room, ray, wavelength, bare_at)
                    actual = on_ground + covered_db(max(actual - on_ground, 0.0), at_ends)
                end = z[k] * 1.0
                over_a, over_b = smooth_heights(ground, hull, corners, a, v1, v2, steepest, h0, end, ht)
                places[a] = length
                smooth = smooth_bullington_kernel(places, 0, a + 1, over_a, over_b, earth, wavelength)
                spherical = spherical_earth_kernel(
                    length, over_a, over_b, earth, wave.freq_mhz, wave.vertical, LAND_PERMITTIVITY,
                    LAND_CONDUCTIVITY_S_PER_M,
                )  # fmt: skip
                value = free_space_kernel(slant_distance_kernel(dist, h0, ht), wave.freq_mhz)
                value += actual + max(spherical - smooth, 0.0)
            if own or abs(value - retest.limit) < retest.slack:
                way = way_to(tower, octant, a, b, dist)
                value = p526_cell(grid, way, h0, ht, wave, trees, own_room)
            out[k] = value

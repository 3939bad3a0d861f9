"""Transmission loss of one tower's map by ITM and by P.1812, over radials (`radial_maps` says what that means)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import ends_loss
from cn_planner.coverage.maps import itm_cell, p1812_cell, profile_room
from cn_planner.coverage.radial_maps import MapScene, radial_room, radial_trees, tree_lag, way_to
from cn_planner.coverage.radials import Octant, hull_with, radial_cells, radial_ground, radial_steps, tangent_from
from cn_planner.coverage.strips import NEAR_CELLS
from cn_planner.propagation.itm_kernels import itm_path_kernel
from cn_planner.propagation.itm_reference import ItmTerms, earth_curvature_kernel, refractivity_kernel
from cn_planner.propagation.itm_terrain import (
    SCRATCH_SIZE,
    EqualProfile,
    Horizons,
    ItmAntennas,
    delta_h_kernel,
    fitted_stretches_kernel,
    seen_over_kernel,
)
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.p1812_kernels import p1812_kernel
from cn_planner.propagation.p1812_path import AmslAntennas, CoveredProfile, P1812Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAZING_M, GRAZING_CELLS = 3.0, 0.09
"""A cell whose horizon stands this near to the ray to it is predicted on its own profile by ITM: m, or cells, whichever
is more.

There the model jumps by tens of dB between line of sight and diffraction. On the rough half-synthetic ground of the
benchmark, cells of 30 m: none so 93.9 % within 1 dB of their own profile and 2.3 dB rms, 3 m (5 % of the cells) 95.7 %
and 1.1. On cells of 90 m: 3 m 92.2 % and 1.0, 8 m 95.2 % and 0.7.
"""
ROUGH_FOR = 0.03
"""The roughness found for one stretch of a radial serves for those that differ by no more than this part of it.

It is most of what a prediction costs. From 0.01 to 0.03 a tenth of the time goes and 0.05 % of the cells within 1 dB.
"""


@kernel
def line_by_sums(
    ground: Any, sums: Any, moments: Any, steps: int, spacing_m: float, start_m: float, end_m: float
) -> tuple[float, float]:
    """As `fitted_line_kernel` over samples 0 to `steps`; sums of the first i heights, and of each times its index."""
    begin = int(max(start_m / spacing_m, 0.0))
    end = steps - int(max(steps - end_m / spacing_m, 0.0))
    if end <= begin:
        begin = max(begin - 1, 0)
        end = steps - max(steps - (end + 1), 0)
    count = end - begin
    half = 0.5 * count
    between = sums[end] - sums[begin + 1]
    mean = (0.5 * (ground[begin] + ground[end]) + between) / count
    slope = moments[end] - moments[begin + 1] - (begin + half) * between - 0.5 * (ground[begin] - ground[end]) * half
    slope *= 12.0 / ((count * count + 2.0) * count)
    return mean - slope * (begin + half), mean + slope * (steps - begin - half)


@kernel
def inner_mean(sums: Any, a: int, end: float) -> float:
    """Return the mean of samples 0 to a without a tenth at either side, from the sums of the first i; `end` is a's."""
    tenth = int(0.1 * a)
    total: float = sums[a - tenth + 1] - sums[tenth] if tenth > 0 else sums[a] + end
    return total / (a - 2 * tenth + 1)


class _Seen(NamedTuple):
    """What a radial looks like from the tower, as far as it was followed.

    Attributes
    ----------
    ground, lowered : float64
        Heights of its steps, m; lowered by the earth of `nominal`.
    hull : int64
        The upper hull of the lowered ground, of so many `corners`.
    far : int
        The step that stands highest as seen from the tower.
    top, nominal : float
        The tower's antenna above sea level, m; what the earth curves away in a step, m.
    """

    ground: Any
    lowered: Any
    hull: Any
    corners: int
    far: int
    top: float
    nominal: float


@kernel
def horizons(seen: _Seen, a: int, spacing: float, end_top: float, earth: float, near_m: float) -> tuple[Horizons, bool]:
    """Return the horizons of both ends of the path to step a, and whether either is grazing."""
    ground, lowered, hull, corners, far, top, nominal = seen
    length = a * spacing
    rise = end_top - top
    sag = 0.5 * length / earth
    angle_a = rise / length - sag
    angle_b = -rise / length - sag
    far_a = length
    far_b = length
    away = far * spacing
    angle = (ground[far] - top) / away - 0.5 * away / earth
    grazing = abs(angle - angle_a) * away < near_m
    if angle > angle_a:
        angle_a = angle
        far_a = away
    _slope, i = tangent_from(lowered, hull, corners, a, rise - nominal * a * a)
    away = (a - i) * spacing
    angle = (ground[i] - end_top) / away - 0.5 * away / earth
    grazing = grazing or abs(angle - angle_b) * away < near_m
    if angle > angle_b:
        angle_b = angle
        far_b = away
    return Horizons(angle_a, angle_b, far_a, far_b), grazing


@kernel
def itm_radials(scene: MapScene, octant: Octant, first: int, last: int, terms: ItmTerms, out: Any) -> None:
    """Write the cells of radials first to last - 1: basic transmission loss, dB; NaN where the model does not apply."""
    grid, tower, wave, _trees, retest = scene
    z, height_m, rx, top = grid.z, tower.height_m, tower.rx_m, tower.amsl_m
    n = octant.n
    shares, backs, across = radial_steps(n, octant.radials)
    room = profile_room(tower.radius_m, tower.step_m)
    ground = np.empty(n + 1)
    lowered = np.empty(n + 1)
    sums = np.empty(n + 2)
    moments = np.empty(n + 2)
    hull = np.empty(n + 1, np.int64)
    scratch = np.empty(SCRATCH_SIZE)
    antennas = ItmAntennas(height_m, rx, wave.freq_mhz, wave.vertical)
    near_m = max(GRAZING_M, GRAZING_CELLS * math.sqrt(min(octant.p, octant.s)))
    for j in range(first, last):
        m = j / octant.radials
        u = math.sqrt(octant.p + 2.0 * octant.q * m + octant.s * m * m)
        reach = min(n, int(tower.radius_m / u) + 2)
        known = radial_ground(z, octant.base, octant.major, octant.minor, octant.b_most, reach, m, ground)
        radial_cells(j, reach, shares, backs, octant.b_most, octant.holds_axis, across)
        # Which sample is the horizon is asked over the earth of the tower's own height; its angle over the path's.
        nominal = 0.5 * earth_curvature_kernel(refractivity_kernel(ground[0], terms.n0)) * u * u
        sums[0] = 0.0
        moments[0] = 0.0
        for i in range(known + 1):
            lowered[i] = ground[i] - top - nominal * i * i
            sums[i + 1] = sums[i] + ground[i]
            moments[i + 1] = moments[i] + ground[i] * i
        corners = 0
        far = 1
        steepest = -math.inf
        delta_h = 0.0
        rough_from = 0.0
        rough_to = -1.0
        for a in range(1, reach + 1):
            if 1 < a <= known + 1:
                i = a - 1
                corners = hull_with(lowered, hull, corners, i)
                if lowered[i] > steepest * i:
                    steepest = lowered[i] / i
                    far = i
            b = int(across[a])
            if b < 0:
                continue
            d2 = octant.p * a * a + 2.0 * octant.q * a * b + octant.s * b * b
            k = octant.base + a * octant.major + b * octant.minor
            if d2 > tower.radius_m * tower.radius_m or z[k] != z[k]:
                continue
            length = math.sqrt(d2)
            spacing = length / a
            end = z[k] * 1.0
            own = retest.exact or a <= NEAR_CELLS or a > known + 1
            n_s = 0.0
            earth = 0.0
            seen = Horizons(0.0, 0.0, length, length)
            if not own:
                n_s = refractivity_kernel(inner_mean(sums, a, end), terms.n0)
                earth = 1.0 / max(earth_curvature_kernel(n_s), 1e-9)
                looked = _Seen(ground, lowered, hull, corners, far, top, nominal)
                seen, own = horizons(looked, a, spacing, end + rx, earth, near_m)
            value = retest.limit
            if not own:
                beside = ground[a] if a <= known else 0.0
                ground[a] = end
                start, stop_a, start_b, stop = fitted_stretches_kernel(length, height_m, rx, seen)
                if abs(start - rough_from) + abs(stop - rough_to) > ROUGH_FOR * (stop - start):
                    delta_h = delta_h_kernel(EqualProfile(ground, 0, a + 1, spacing), start, stop, scratch)
                    rough_from = start
                    rough_to = stop
                line_a, line_b = line_by_sums(ground, sums, moments, a, spacing, start, stop_a)
                if start_b != start or stop_a != stop:
                    _unused, line_b = line_by_sums(ground, sums, moments, a, spacing, start_b, stop)
                ground[a] = beside
                features = seen_over_kernel(
                    length,
                    height_m + max(ground[0] - line_a, 0.0),
                    rx + max(end - line_b, 0.0),
                    earth,
                    delta_h,
                    seen,
                )
                value, _code, _warnings, _free, _reference, _mode = itm_path_kernel(
                    length, antennas, features, n_s, terms, True
                )
            if own or abs(value - retest.limit) < retest.slack:
                way = way_to(tower, octant, a, b, length)
                value = itm_cell(grid, way, antennas, terms, room, scratch)
            out[k] = value


@kernel
def p1812_radials(
    scene: MapScene, octant: Octant, first: int, last: int, terms: P1812Terms, land: NDArray[np.int8], out: Any
) -> None:
    """Write the cells of radials first to last - 1: basic transmission loss, dB. Over `land`, zones of any profile."""
    grid, tower, wave, trees, retest = scene
    z, h0, canopy, keep_out = grid.z, tower.amsl_m, trees.canopy_m, trees.keep_out_m
    n = octant.n
    room = radial_room(octant, trees)
    across, ground, tall, close = room.across, room.ground, room.tall, room.close
    surface = np.empty(n + 1)
    places = np.empty(n + 1)
    own_room = profile_room(tower.radius_m, tower.step_m)
    grown = len(trees.heights_m) > 0
    for j in range(first, last):
        m = j / octant.radials
        u = math.sqrt(octant.p + 2.0 * octant.q * m + octant.s * m * m)
        reach = min(n, int(tower.radius_m / u) + 2)
        known = radial_ground(z, octant.base, octant.major, octant.minor, octant.b_most, reach, m, ground)
        radial_cells(j, reach, room.shares, room.backs, octant.b_most, octant.holds_axis, across)
        lag = tree_lag(trees, keep_out, u)
        near_lag = lag
        for i in range(n + 1):
            places[i] = i * u
            surface[i] = ground[i] + (canopy if i * u > keep_out else 0.0)
        if grown:
            near_lag = tree_lag(trees, trees.near_m, u)
            radial_trees(trees, octant, m, u, known, tall, close)
            for i in range(known + 1):
                surface[i] = ground[i] + tall[i]
        for a in range(1, reach + 1):
            b = int(across[a])
            if b < 0:
                continue
            d2 = octant.p * a * a + 2.0 * octant.q * a * b + octant.s * b * b
            k = octant.base + a * octant.major + b * octant.minor
            if d2 > tower.radius_m * tower.radius_m or z[k] != z[k]:
                continue
            antennas = AmslAntennas(h0, z[k] + tower.rx_m, wave.freq_mhz, wave.vertical)
            own = retest.exact or a <= NEAR_CELLS or a > known + 1
            value = retest.limit
            if not own:
                beside = ground[a] if a <= known else 0.0
                ground[a] = z[k]
                for i in range(max(a - lag, 0), a + 1):
                    surface[i] = ground[i] + (close[i] if i < a - near_lag else 0.0)
                value = p1812_kernel(CoveredProfile(places, ground, surface, land, 0, a + 1), antennas, terms).lb
                at_ends = ends_loss(trees, octant.base, k, tower.height_m, tower.rx_m, wave.freq_mhz)
                if at_ends > 0.0:  # as `p1812_cell` has it
                    bare = CoveredProfile(places, ground, ground, land, 0, a + 1)
                    value = max(value, p1812_kernel(bare, antennas, terms).lb + at_ends)
                ground[a] = beside
                for i in range(max(a - lag, 0), a + 1):
                    height = tall[i] if grown else canopy if i * u > keep_out else 0.0
                    surface[i] = ground[i] + height
            if own or abs(value - retest.limit) < retest.slack:
                way = way_to(tower, octant, a, b, math.sqrt(d2))
                value = p1812_cell(grid, way, antennas, terms, trees, land, own_room)
            out[k] = value

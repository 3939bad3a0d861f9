"""Transmission loss of one tower's map by ITM and by P.1812, over radials (`radial_maps` says what that means)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import bilinear
from cn_planner.coverage.los import NEAR_CELLS
from cn_planner.coverage.radials import Octant, hull_with, radial_cell, radial_ground, tangent_from
from cn_planner.propagation.itm_kernels import itm_kernel, itm_path_kernel
from cn_planner.propagation.itm_reference import earth_curvature_kernel, refractivity_kernel
from cn_planner.propagation.itm_terrain import (
    SCRATCH_SIZE,
    delta_h_kernel,
    fitted_stretches_kernel,
    seen_over_kernel,
)
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.p1812_kernels import p1812_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


GRAZING_M = 3.0
"""A cell whose horizon stands this near to the ray to it, m, is predicted on its own profile by ITM.

There the model jumps by tens of dB between line of sight and diffraction. On the rough half-synthetic ground of the
benchmark: no cells so 93.9 % within 1 dB of their own profile and 2.3 dB rms, 3 m (5 % of the cells) 95.7 % and 1.1.
"""


ROUGH_FOR = 0.02
"""The roughness found for one stretch of a radial serves for those that differ by no more than this part of it.

It is most of what a prediction costs.
"""


@kernel
def cell_profile(z: Any, cols: int, row: int, col: int, drow: int, dcol: int, n: int, ground: Any) -> bool:
    """Fill in n + 1 heights from one cell to another; return whether all are known."""
    for i in range(n):
        ground[i] = bilinear(z, cols, row + drow * i / n, col + dcol * i / n)
        if ground[i] != ground[i]:
            return False
    ground[n] = z[(row + drow) * cols + col + dcol]
    return True


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
def itm_radials(
    z: Any,
    cols: int,
    row0: int,
    col0: int,
    octant: Octant,
    first: int,
    last: int,
    step: float,
    height_m: float,
    rx: float,
    radius: float,
    freq_mhz: float,
    vertical: bool,
    climate: int,
    n0: float,
    epsilon_r: float,
    sigma_s_per_m: float,
    mdvar: int,
    time_pct: float,
    location_pct: float,
    situation_pct: float,
    limit: float,
    slack: float,
    out: Any,
) -> None:
    """Write the cells of radials first to last - 1: basic transmission loss, dB; NaN where the model does not apply."""
    n = octant.n
    own = np.empty(int(radius / step) + 4)
    ground = np.empty(n + 1)
    lowered = np.empty(n + 1)
    sums = np.empty(n + 2)
    moments = np.empty(n + 2)
    hull = np.empty(n + 1, np.int64)
    scratch = np.empty(SCRATCH_SIZE)
    top = z[octant.base] + height_m
    for j in range(first, last):
        m = j / n
        u = math.sqrt(octant.p + 2.0 * octant.q * m + octant.s * m * m)
        known = radial_ground(z, octant.base, octant.major, octant.minor, octant.b_most, n, m, ground)
        # Which sample is the horizon is asked over the earth of the tower's own height; its angle over the path's.
        nominal = 0.5 * earth_curvature_kernel(refractivity_kernel(ground[0], n0)) * u * u
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
        for a in range(1, min(n, known + 1) + 1):
            if a > 1:
                i = a - 1
                corners = hull_with(lowered, hull, corners, i)
                if lowered[i] > steepest * i:
                    steepest = lowered[i] / i
                    far = i
            b = radial_cell(j, a, n, octant.holds_axis)
            if b < 0 or b > octant.b_most:
                continue
            d2 = octant.p * a * a + 2.0 * octant.q * a * b + octant.s * b * b
            k = octant.base + a * octant.major + b * octant.minor
            if d2 > radius * radius or z[k] != z[k]:
                continue
            length = math.sqrt(d2)
            spacing = length / a
            tenth = int(0.1 * a)
            end = z[k] * 1.0
            amsl = (sums[a - tenth + 1] - sums[tenth] if tenth > 0 else sums[a] + end) / (a - 2 * tenth + 1)
            n_s = refractivity_kernel(amsl, n0)
            curvature = earth_curvature_kernel(n_s)
            earth = 1.0 / curvature if curvature > 1e-9 else 1e9
            rise = end + rx - top
            sag = 0.5 * length / earth
            angle_a = rise / length - sag
            angle_b = -rise / length - sag
            far_a = length
            far_b = length
            grazing = True
            if a > NEAR_CELLS:
                angle = (ground[far] - top) / (far * spacing) - 0.5 * far * spacing / earth
                grazing = abs(angle - angle_a) * far * spacing < GRAZING_M
                if angle > angle_a:
                    angle_a = angle
                    far_a = far * spacing
                _slope, i = tangent_from(lowered, hull, corners, a, rise - nominal * a * a)
                away = (a - i) * spacing
                angle = (ground[i] - end - rx) / away - 0.5 * away / earth
                grazing = grazing or abs(angle - angle_b) * away < GRAZING_M
                if angle > angle_b:
                    angle_b = angle
                    far_b = away
            value = limit
            if not grazing:
                beside = ground[a] if a <= known else 0.0
                ground[a] = end
                start, stop_a, start_b, stop = fitted_stretches_kernel(length, height_m, rx, far_a, far_b)
                if abs(start - rough_from) + abs(stop - rough_to) > ROUGH_FOR * (stop - start):
                    delta_h = delta_h_kernel(ground, 0, a + 1, spacing, start, stop, scratch)
                    rough_from = start
                    rough_to = stop
                line_a, line_b = line_by_sums(ground, sums, moments, a, spacing, start, stop_a)
                if start_b != start or stop_a != stop:
                    _unused, line_b = line_by_sums(ground, sums, moments, a, spacing, start_b, stop)
                ground[a] = beside
                _rough, angle_a, angle_b, far_a, far_b, effective_a, effective_b = seen_over_kernel(
                    length,
                    height_m + max(ground[0] - line_a, 0.0),
                    rx + max(end - line_b, 0.0),
                    earth,
                    delta_h,
                    angle_a,
                    angle_b,
                    far_a,
                    far_b,
                )
                value, _code, _warnings, _free, _reference, _mode = itm_path_kernel(
                    length,
                    angle_a,
                    angle_b,
                    far_a,
                    far_b,
                    effective_a,
                    effective_b,
                    height_m,
                    rx,
                    delta_h,
                    n_s,
                    freq_mhz,
                    vertical,
                    climate,
                    epsilon_r,
                    sigma_s_per_m,
                    mdvar,
                    time_pct,
                    location_pct,
                    situation_pct,
                    True,
                )
            if grazing or abs(value - limit) < slack:
                dr = a * octant.major_row + b * octant.minor_row
                dc = a * octant.major_column + b * octant.minor_column
                points = max(math.ceil(length / step - 1e-9), 2)
                value = math.nan
                if cell_profile(z, cols, row0, col0, dr, dc, points, own):
                    found = itm_kernel(
                        own,
                        0,
                        points + 1,
                        length / points,
                        scratch,
                        height_m,
                        rx,
                        freq_mhz,
                        vertical,
                        climate,
                        n0,
                        epsilon_r,
                        sigma_s_per_m,
                        mdvar,
                        time_pct,
                        location_pct,
                        situation_pct,
                    )
                    value = found[0]
            out[k] = value


@kernel
def p1812_radials(
    z: Any,
    nothing: NDArray[np.float64],
    land: NDArray[np.int8],
    octant: Octant,
    first: int,
    last: int,
    height_m: float,
    rx: float,
    radius: float,
    freq_mhz: float,
    vertical: bool,
    time_pct: float,
    location_pct: float,
    location_sigma_db: float,
    n0: float,
    delta_n: float,
    latitude_deg: float,
    coast_km: float,
    out: Any,
) -> None:
    """Write the cells of radials first to last - 1: basic transmission loss, dB. Over land, with nothing on it."""
    n = octant.n
    ground = np.empty(n + 1)
    places = np.empty(n + 1)
    h0 = z[octant.base] + height_m
    for j in range(first, last):
        m = j / n
        u = math.sqrt(octant.p + 2.0 * octant.q * m + octant.s * m * m)
        known = radial_ground(z, octant.base, octant.major, octant.minor, octant.b_most, n, m, ground)
        for i in range(n + 1):
            places[i] = i * u
        for a in range(2, min(n, known + 1) + 1):
            b = radial_cell(j, a, n, octant.holds_axis)
            if b < 0 or b > octant.b_most:
                continue
            d2 = octant.p * a * a + 2.0 * octant.q * a * b + octant.s * b * b
            k = octant.base + a * octant.major + b * octant.minor
            if d2 > radius * radius or z[k] != z[k]:
                continue
            beside = ground[a] if a <= known else 0.0
            ground[a] = z[k]
            steps = p1812_kernel(
                places, ground, nothing, land, 0, a + 1, h0, z[k] + rx, freq_mhz, vertical, time_pct, location_pct,
                location_sigma_db, n0, delta_n, latitude_deg, coast_km, coast_km,
            )  # fmt: skip
            ground[a] = beside
            out[k] = steps[21]

"""Kernels for the figures of many paths.

They are those of `links.link_budget`, each sum and quotient written so that many antenna heights share what does not
depend on them.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from cn_planner.coverage.sample_kernels import LANES, lowest
from cn_planner.links.sight import (
    HIGHEST,
    LOWEST,
    SURE_M,
    TAIL_TIMES,
    TREE_SHARE,
    bends,
    chance_kernel,
    in_common_kernel,
    part_kernel,
    passes_kernel,
    weigh_point_kernel,
)
from cn_planner.propagation.bullington import crossing_nu_kernel, edge_and_path_kernel
from cn_planner.propagation.clearance import ENOUGH_F1
from cn_planner.propagation.delta_bullington import smooth_bullington_kernel
from cn_planner.propagation.end_clutter import covered_db, end_clutter_kernel
from cn_planner.propagation.free_space import free_space_kernel, slant_distance_kernel
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.spherical_earth import (
    LAND_CONDUCTIVITY_S_PER_M,
    LAND_PERMITTIVITY,
    spherical_earth_kernel,
)

_ARRAYS = 15  # of what the points of one path share
_HIDDEN = -LOWEST * TAIL_TIMES
"""Standard deviations beyond which even the tail says nothing."""
_FREE = HIGHEST * TAIL_TIMES * (1.0 + 1e-9)
"""Standard deviations above the zone from which on a place adds nothing; far more than what rounding makes of it."""


class PathSamples(NamedTuple):
    """Profiles end to end; path p is points ``offset[p]`` to ``offset[p + 1]``.

    Attributes
    ----------
    distance, ground, cover : float64
        From the first end; above sea level; what stands on the ground; m.
    offset : int64
    error : float64, shape (paths, 3)
        How far the ground is off, by its source: `Surface.path_errors`.
    clutter : float64, shape (paths, 2)
        What is known to stand at the ends themselves, m.
    """

    distance: Any
    ground: Any
    cover: Any
    offset: Any
    error: Any
    clutter: Any


class PathEnds(NamedTuple):
    """The antennas of paths.

    Attributes
    ----------
    row : int64
        Which row of `PathFigures` is a path's.
    up_a, up_b : float64, shape (paths, steps)
        Above ground, m.
    """

    row: Any
    up_a: Any
    up_b: Any


class PathAsked(NamedTuple):
    """What is asked of paths.

    Attributes
    ----------
    earth_radius_m, wavelength_m, freq_mhz : float
    vertical : bool
        Polarisation.
    terrain_counts : bool
        Whether the loss is that over the terrain; else that of free space.
    loss, needs, chances : bool
        Whether the loss, the heights needed, and the chances are asked for.
    bare : bool
        Whether nothing stands on any ground.
    enough_f1 : float
        What the heights needed leave clear.
    """

    earth_radius_m: float
    wavelength_m: float
    freq_mhz: float
    vertical: bool
    terrain_counts: bool
    loss: bool
    needs: bool
    bare: bool
    enough_f1: float
    chances: bool = True


class PathFigures(NamedTuple):
    """Answers, as in `matrix.PairMatrix`: clearance, m and first Fresnel radii; chances; loss, dB; heights, m."""

    clear_m: Any
    clear_f1: Any
    chance: Any
    loss: Any
    need_a: Any
    need_b: Any


@kernel
def _least(d: Any, top: Any, per_root: Any, count: int, a: float, slope: float) -> tuple[float, float]:
    # Least clearance below a ray, and least of clearance over the square root of the product of distances.
    m0 = m1 = m2 = m3 = math.inf
    r0 = r1 = r2 = r3 = math.inf
    whole = count - count % LANES
    for i in range(0, whole, LANES):
        c0 = a - top[i] + slope * d[i]
        c1 = a - top[i + 1] + slope * d[i + 1]
        c2 = a - top[i + 2] + slope * d[i + 2]
        c3 = a - top[i + 3] + slope * d[i + 3]
        m0 = min(m0, c0)
        m1 = min(m1, c1)
        m2 = min(m2, c2)
        m3 = min(m3, c3)
        c0 = c0 * per_root[i]
        c1 = c1 * per_root[i + 1]
        c2 = c2 * per_root[i + 2]
        c3 = c3 * per_root[i + 3]
        r0 = min(r0, c0)
        r1 = min(r1, c1)
        r2 = min(r2, c2)
        r3 = min(r3, c3)
    for i in range(whole, count):
        c0 = a - top[i] + slope * d[i]
        m0 = min(m0, c0)
        c0 = c0 * per_root[i]
        r0 = min(r0, c0)
    return min(m0, m1, m2, m3), min(r0, r1, r2, r3)


@kernel
def _steepest(top: Any, per_m: Any, count: int, height: float) -> float:
    # Steepest slope from an end to the points, their distances from it given by their reciprocals.
    m0 = m1 = m2 = m3 = -math.inf
    whole = count - count % LANES
    for i in range(0, whole, LANES):
        c0 = (top[i] - height) * per_m[i]
        c1 = (top[i + 1] - height) * per_m[i + 1]
        c2 = (top[i + 2] - height) * per_m[i + 2]
        c3 = (top[i + 3] - height) * per_m[i + 3]
        m0 = max(m0, c0)
        m1 = max(m1, c1)
        m2 = max(m2, c2)
        m3 = max(m3, c3)
    for i in range(whole, count):
        c0 = (top[i] - height) * per_m[i]
        m0 = max(m0, c0)
    return max(m0, m1, m2, m3)


@kernel
def _highest(d: Any, ground: Any, count: int, a: float, slope: float) -> float:
    # How far the ground stands above a line at most.
    clear, _worst = _least(d, ground, d, count, a, slope)
    return -clear


@kernel
def _sum(values: Any, first: int, last: int) -> float:
    m0 = m1 = m2 = m3 = 0.0
    whole = last - (last - first) % LANES
    for i in range(first, whole, LANES):
        m0 += values[i]
        m1 += values[i + 1]
        m2 += values[i + 2]
        m3 += values[i + 3]
    for i in range(whole, last):
        m0 += values[i]
    return (m0 + m1) + (m2 + m3)


@kernel
def _fitted(distance: Any, ground: Any, first: int, last: int, v1: Any, v2: Any) -> tuple[float, float]:
    # P.526-15, eq. 58 to 60: heights of the surface fitted to the ground, at both ends.
    count = last - first - 1
    for i in range(count):
        k = first + i
        step = distance[k + 1] - distance[k]
        v1[i] = step * (ground[k + 1] + ground[k])
    for i in range(count):
        k = first + i
        step = distance[k + 1] - distance[k]
        v2[i] = step * (
            ground[k + 1] * (2.0 * distance[k + 1] + distance[k]) + ground[k] * (distance[k + 1] + 2.0 * distance[k])
        )
    length = distance[last - 1]
    sum1 = _sum(v1, 0, count)
    sum2 = _sum(v2, 0, count)
    return (2.0 * sum1 * length - sum2) / (length * length), (sum2 - sum1 * length) / (length * length)


@kernel
def _has_cover(cover: Any, first: int, last: int) -> bool:
    i = first
    while i < last and cover[i] <= 0.0:
        i += 1
    return i < last


@kernel
def figures(samples: PathSamples, ends: PathEnds, asked: PathAsked, found: PathFigures) -> None:
    """Fill clearance, loss and heights needed of paths at all steps of antenna height; see `matrix.PairMatrix`."""
    offset = samples.offset
    longest = 0
    for p in range(len(offset) - 1):
        longest = max(longest, offset[p + 1] - offset[p])
    work = path_work(longest)
    slopes = np.empty((6, max(ends.up_a.shape[1], ends.up_b.shape[1])), np.float64)
    for p in range(len(offset) - 1):
        if not math.isnan(_sum(samples.ground, offset[p], offset[p + 1])):
            path_figures(samples, ends, p, asked, work, slopes, found)


@kernel
def path_work(longest: int) -> Any:
    """Return room for what the points of one path share, of so many points at most."""
    return np.empty((_ARRAYS, longest), np.float64)


@kernel
def path_figures(
    samples: PathSamples, ends: PathEnds, p: int, asked: PathAsked, work: Any, slopes: Any, found: PathFigures
) -> None:
    """Fill those of one path, no height of which is missing. `slopes`: room for six of the most steps of height."""
    distance, ground, cover, offset, _error, _clutter = samples
    row, up_a, up_b = ends
    first = offset[p]
    last = offset[p + 1]
    covered = not asked.bare and _has_cover(cover, first, last)
    _edges(samples, first, last, covered, asked, work)
    _clear(samples, ends, p, asked.wavelength_m, work, found)
    if asked.chances:
        _chances(samples, ends, p, covered, asked, work, found)
    if asked.needs:
        _needs(samples, ends, p, asked.enough_f1 * math.sqrt(asked.wavelength_m), work, found)
    if asked.loss and asked.terrain_counts:
        _losses(samples, ends, p, covered, asked, work, slopes, found)
    elif asked.loss:
        length = distance[last - 1]
        for s in range(up_a.shape[1]):
            for t in range(up_b.shape[1]):
                slant = slant_distance_kernel(length, ground[first] + up_a[p, s], ground[last - 1] + up_b[p, t])
                found.loss[row[p], s, t] = free_space_kernel(slant, asked.freq_mhz)


@kernel
def _edges(samples: PathSamples, first: int, last: int, covered: bool, asked: PathAsked, work: Any) -> None:
    # What the inner points of a path are to antennas of any height.
    d, per_root, top, per_a, per_b, bare, bare_top = (
        work[0], work[1], work[2], work[3], work[4], work[5], work[6],
    )  # fmt: skip
    distance, ground, cover, _offset, _error, _clutter = samples
    length = distance[last - 1]
    count = last - first - 2
    curve = 0.5 / asked.earth_radius_m
    after = first + 1
    for i in range(count):
        d[i] = distance[after + i]
    for i in range(count):
        per_root[i] = 1.0 / math.sqrt(d[i] * (length - d[i]))
    if covered:
        for i in range(count):
            top[i] = ground[after + i] + cover[after + i] + curve * d[i] * (length - d[i])
    else:
        for i in range(count):
            top[i] = ground[after + i] + curve * d[i] * (length - d[i])
    if asked.loss or asked.needs:
        for i in range(count):
            per_a[i] = 1.0 / d[i]
        for i in range(count):
            per_b[i] = 1.0 / (length - d[i])
    if asked.loss:
        for i in range(count):
            bare[i] = ground[after + i]
        for i in range(count):
            bare_top[i] = bare[i] + curve * d[i] * (length - d[i])


@kernel
def _clear(samples: PathSamples, ends: PathEnds, p: int, wavelength: float, work: Any, found: PathFigures) -> None:
    distance, ground, cover, offset, _error, _clutter = samples
    row, up_a, up_b = ends.row[p], ends.up_a, ends.up_b
    clear_m, clear_f1 = found.clear_m, found.clear_f1
    first = offset[p]
    last = offset[p + 1]
    length = distance[last - 1]
    per_f1 = math.sqrt(length / wavelength)
    for s in range(up_a.shape[1]):
        a = ground[first] + up_a[p, s]
        at_a = a - (ground[first] + cover[first])
        for t in range(up_b.shape[1]):
            b = ground[last - 1] + up_b[p, t]
            at_b = b - (ground[last - 1] + cover[last - 1])
            least, worst = _least(work[0], work[2], work[1], last - first - 2, a, (b - a) / length)
            least = min(least, at_a)
            clear_m[row, s, t] = min(least, at_b)
            clear_f1[row, s, t] = worst * per_f1


@kernel
def _chances(
    samples: PathSamples, ends: PathEnds, p: int, covered: bool, asked: PathAsked, work: Any, found: PathFigures
) -> None:
    # Those of `links.sight`.
    distance, ground, cover, offset, error, _clutter = samples
    row, up_a, up_b = ends.row[p], ends.up_a, ends.up_b
    first = offset[p]
    last = offset[p + 1]
    bend = bends(asked.freq_mhz)
    length = distance[last - 1]
    tallest = 0.0
    if covered:
        for i in range(first, last):
            tallest = max(tallest, cover[i])
    squares = _squares(distance, ground, first, last, work[7])
    # Nearly the sum in another order; no place is further off: s(x)^2 is below 2.5 s^2.
    widest = _widest(_sum(squares, 0, last - first - 1) * (1.0 + 1e-9), length, error, p, tallest)
    sd = -1.0
    for s in range(up_a.shape[1]):
        a = ground[first] + up_a[p, s]
        for t in range(up_b.shape[1]):
            clear = 0.0
            seen = 0.0
            # What is hidden by more is hidden, and most paths are.
            if found.clear_m[row, s, t] >= -tallest - _HIDDEN * widest:
                fresh = sd < 0.0
                if fresh:
                    sd = _sd(squares, last - first - 1, length, error, p)
                b = ground[last - 1] + up_b[p, t]
                clear, seen = _chance(samples, p, sd, covered, asked.wavelength_m, fresh, a, (b - a) / length, work)
            found.chance[row, s, t, 0] = clear
            found.chance[row, s, t, 1] = passes_kernel(clear, seen, bend)


@kernel
def _squares(distance: Any, ground: Any, first: int, last: int, parts: Any) -> Any:
    # What each step adds to the slope of `slope_kernel`: only their sum waits for each other.
    for i in range(last - first - 1):
        rise = ground[first + i + 1] - ground[first + i]
        step = distance[first + i + 1] - distance[first + i]
        square = rise * rise / step  # of no use where the step is none: this runs compiled alone
        parts[i] = square if step > 0.0 else 0.0
    return parts


@kernel
def _sd(squares: Any, count: int, length: float, error: Any, p: int) -> float:
    # The terrain's error on a path, by its slope as `slope_kernel` sums it up.
    total = 0.0
    for i in range(count):
        total += squares[i]
    slope_m = error[p, 1] * math.sqrt(total / max(length, 1e-9))
    return math.sqrt(error[p, 0] * error[p, 0] + slope_m * slope_m)


@kernel
def _widest(total: float, length: float, error: Any, p: int, tallest: float) -> float:
    slope_m = error[p, 1] * math.sqrt(total / max(length, 1e-9))
    sd = error[p, 0] * error[p, 0] + slope_m * slope_m
    return math.sqrt(2.5 * sd + (TREE_SHARE * tallest) ** 2 + SURE_M * SURE_M)


@kernel
def _chance(
    samples: PathSamples, p: int, sd: float, covered: bool, wavelength: float, fresh: bool, a: float, slope: float,
    work: Any,
) -> tuple[float, float]:  # fmt: skip
    # `chance_kernel`; what only matters to places that are near enough to the ray to count is not computed for others.
    distance, _ground, cover, offset, error, _clutter = samples
    first = offset[p]
    last = offset[p + 1]
    count = last - first - 2
    d, over, z, zone, before, after, part, free = (
        work[0], work[8], work[9], work[10], work[11], work[12], work[13], work[14],
    )  # fmt: skip
    length = distance[last - 1] - distance[first]
    reach = error[p, 2]
    apart = math.exp(-length / reach)
    if fresh:
        _room(cover, first + 1, count, length, sd, apart, wavelength, covered, work)
        for i in range(count):
            before[i] = 0.0
        for i in range(count):
            after[i] = 0.0
        for i in range(count):
            part[i] = part_kernel(distance[first + i], distance[first + i + 2], reach)
    _over(work, count, a, slope)
    deep = lowest(over, count)
    if deep < -_HIDDEN * SURE_M:
        # The deepest place alone may tell.
        i = 0
        while over[i] != deep:
            i += 1
        near_a, near_b = in_common_kernel(d[i], length, reach)
        per, _zone = weigh_point_kernel(d[i], length, cover[first + 1 + i], sd, near_a, near_b, apart, wavelength)
        if deep * per * (1.0 / TAIL_TIMES) < LOWEST:
            return 0.0, 0.0
    for i in range(count):
        if over[i] < free[i] and after[i] == 0.0:
            before[i], after[i] = in_common_kernel(d[i], length, reach)
    for i in range(count):
        z[i], zone[i] = weigh_point_kernel(
            d[i], length, cover[first + 1 + i], sd, before[i], after[i], apart, wavelength
        )
    for i in range(count):
        z[i] = over[i] * z[i]
    return chance_kernel(z, zone, part, count)


@kernel
def _over(work: Any, count: int, a: float, slope: float) -> None:
    # How far a ray is above what stands on the ground.
    d, top, over = work[0], work[2], work[8]
    for i in range(count):
        over[i] = a - top[i] + slope * d[i]


@kernel
def _room(
    cover: Any, first: int, count: int, length: float, sd: float, apart: float, wavelength: float, covered: bool,
    work: Any,
) -> None:  # fmt: skip
    # How far above a point a ray is that nothing of it touches: no less than `weigh_point_kernel` makes it.
    d, free = work[0], work[14]
    per_m = 1.0 / length
    square = sd * sd
    for i in range(count):
        t = d[i] * per_m
        rest = 1.0 - t
        shape = 1.0 + rest * rest + t * t + 2.0 * t * rest * apart
        free[i] = square * shape + SURE_M * SURE_M
    if covered:
        for i in range(count):
            tree = TREE_SHARE * cover[first + i]
            free[i] += tree * tree
    share = wavelength * per_m
    for i in range(count):
        free[i] = _FREE * math.sqrt(free[i]) + ENOUGH_F1 * math.sqrt(share * d[i] * (length - d[i]))
    for i in range(count):
        free[i] = free[i] * (1.0 + 1e-9)


@kernel
def _needs(samples: PathSamples, ends: PathEnds, p: int, zone: float, work: Any, found: PathFigures) -> None:
    distance, ground, _cover, offset, _error, _clutter = samples
    row, up_a, up_b = ends.row[p], ends.up_a, ends.up_b
    need_a, need_b = found.need_a, found.need_b
    first = offset[p]
    last = offset[p + 1]
    # The ray over a point is linear in the height of either end: each point gives a bound, from the other end.
    count = last - first - 2
    length = distance[last - 1]
    share = zone / math.sqrt(length)
    top, per_root, zoned = work[2], work[1], work[7]
    for i in range(count):
        zoned[i] = top[i] + share / per_root[i]
    for s in range(up_a.shape[1]):
        a = ground[first] + up_a[p, s]
        need_b[row, s] = max(_steepest(zoned, work[3], count, a) * length + a - ground[last - 1], 0.0)
    for t in range(up_b.shape[1]):
        b = ground[last - 1] + up_b[p, t]
        need_a[row, t] = max(_steepest(zoned, work[4], count, b) * length + b - ground[first], 0.0)


@kernel
def _losses(
    samples: PathSamples,
    ends: PathEnds,
    p: int,
    covered: bool,
    asked: PathAsked,
    work: Any,
    slopes: Any,
    found: PathFigures,
) -> None:
    distance, ground, _cover, offset, _error, clutter = samples
    row, up_a, up_b = ends.row[p], ends.up_a, ends.up_b
    clear_f1, loss = found.clear_f1, found.loss
    radius_m, wavelength = asked.earth_radius_m, asked.wavelength_m
    first = offset[p]
    last = offset[p + 1]
    d, per_root, top, per_a, per_b, bare, bare_top = (
        work[0], work[1], work[2], work[3], work[4], work[5], work[6],
    )  # fmt: skip
    count = last - first - 2
    length = distance[last - 1]
    ground_a = ground[first]
    ground_b = ground[last - 1]
    per_f1 = math.sqrt(length / wavelength)
    fitted_a, fitted_b = _fitted(distance, ground, first, last, work[7], work[8])
    for s in range(up_a.shape[1]):
        a = ground_a + up_a[p, s]
        slopes[0, s] = _steepest(bare_top, per_a, count, a)
        slopes[1, s] = _steepest(top, per_a, count, a) if covered else slopes[0, s]
        slopes[2, s] = _steepest(bare, per_a, count, a)
    for t in range(up_b.shape[1]):
        b = ground_b + up_b[p, t]
        slopes[3, t] = _steepest(bare_top, per_b, count, b)
        slopes[4, t] = _steepest(top, per_b, count, b) if covered else slopes[3, t]
        slopes[5, t] = _steepest(bare, per_b, count, b)
    for s in range(up_a.shape[1]):
        a = ground_a + up_a[p, s]
        for t in range(up_b.shape[1]):
            b = ground_b + up_b[p, t]
            slope = (b - a) / length
            actual = 0.0
            with_cover = 0.0
            if count > 0:
                near = d[0]
                far = d[count - 1]
                worst = clear_f1[row, s, t]
                if covered:
                    with_cover = _edge(length, near, far, a, b, slopes[1, s], slopes[4, t], worst, wavelength)
                    if slopes[0, s] < slope:
                        _clear_m, worst = _least(d, bare_top, per_root, count, a, slope)
                        worst = worst * per_f1
                actual = _edge(length, near, far, a, b, slopes[0, s], slopes[3, t], worst, wavelength)
            smooth_a = fitted_a
            smooth_b = fitted_b
            steep_a = slopes[2, s] - slope
            steep_b = slopes[5, t] + slope
            if steep_a > 0.0:  # eq. 61, 62: ground stands above the line
                highest = _highest(d, bare, count, a, slope)
                if highest > 0.0:
                    smooth_a -= highest * steep_a / (steep_a + steep_b)
                    smooth_b -= highest * steep_b / (steep_a + steep_b)
            height_a = max(a - min(smooth_a, ground_a), 0.0)  # eq. 63
            height_b = max(b - min(smooth_b, ground_b), 0.0)
            spherical = spherical_earth_kernel(
                length,
                height_a,
                height_b,
                radius_m,
                asked.freq_mhz,
                asked.vertical,
                LAND_PERMITTIVITY,
                LAND_CONDUCTIVITY_S_PER_M,
            )
            smooth = 0.0  # it is never less, and only what the sphere costs more counts
            if spherical > 0.0:
                smooth = smooth_bullington_kernel(distance, first, last, height_a, height_b, radius_m, wavelength)
            free = free_space_kernel(slant_distance_kernel(length, a, b), asked.freq_mhz)
            # What trees add is never less than nothing, as in `p526_kernel`.
            at_ends = end_clutter_kernel(asked.freq_mhz, up_a[p, s], clutter[p, 0])
            at_ends += end_clutter_kernel(asked.freq_mhz, up_b[p, t], clutter[p, 1])
            covered_by = covered_db(max(with_cover - actual, 0.0), at_ends)
            loss[row, s, t] = free + actual + max(spherical - smooth, 0.0) + covered_by


@kernel
def _edge(
    length: float,
    near: float,
    far: float,
    a: float,
    b: float,
    slope_a: float,
    slope_b: float,
    clear_f1: float,
    wavelength: float,
) -> float:
    # Bullington's construction, as `bullington_kernel`; in sight the greatest parameter is that of the least clearance.
    if slope_a < (b - a) / length:
        nu = -math.sqrt(2.0) * clear_f1
    else:
        nu = crossing_nu_kernel(length, near, far, a, b, slope_a, slope_b, wavelength)
    return edge_and_path_kernel(nu, length)

"""What the Irregular Terrain Model takes from a terrain profile: horizons, roughness, effective heights.

"Algorithm" here and in the modules beside it is G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2: the
Algorithm"; "ERL 79-ITS 67" is Longley and Rice (1968); "TN101" is Rice, Longley, Norton and Barsis (1967); "82-100" is
Hufford, Longley and Kissick (1982). The public reference implementation cuts distances down to whole points, and
chooses horizons by strict comparison: where the answer hangs on that, the operations here are in the same order.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from cn_planner.propagation.kernel import Floats, kernel


class Scratch(Protocol):
    """Room for `SCRATCH_SIZE` numbers: a float64 array, or in the plain form also a list."""

    def __getitem__(self, index: int, /) -> float: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...


class EqualProfile(NamedTuple):
    """Ground from end to end of a path, m above sea level: points `first` to `last` (not included) at equal steps."""

    ground_m: Floats
    first: int
    last: int
    spacing_m: float


class ItmAntennas(NamedTuple):
    """Both antennas, above ground, and the wave between them; for many paths arrays with one value each."""

    height_a_m: float
    height_b_m: float
    freq_mhz: float
    vertical: bool


class Horizons(NamedTuple):
    """Angles of the horizons of both ends, rad, and their distances, m."""

    angle_a: float
    angle_b: float
    far_a_m: float
    far_b_m: float


class ItmFeatures(NamedTuple):
    """All that the model knows of a path's terrain.

    Attributes
    ----------
    delta_h_m : float
        Terrain irregularity.
    angle_a, angle_b, far_a_m, far_b_m : float
        As in `Horizons`.
    effective_a_m, effective_b_m : float
        Effective heights of the antennas, m.
    """

    delta_h_m: float
    angle_a: float
    angle_b: float
    far_a_m: float
    far_b_m: float
    effective_a_m: float
    effective_b_m: float


# Deviations of the terrain; those in the bucket of the upper decile and of the lower, each with room for the one that
# is written and not kept; a count a bucket.
_MOST = 245
_HIGH = _MOST
_LOW = _HIGH + _MOST + 1
_COUNTS = _LOW + _MOST + 1
_BUCKETS = 64
SCRATCH_SIZE = _COUNTS + _BUCKETS


@kernel
def roughness_kernel(distance_m: float, delta_h_m: float) -> float:
    """Terrain irregularity over a path of this length, m (ERL 79-ITS 67, eq. 3)."""
    return delta_h_m * (1.0 - 0.8 * math.exp(-distance_m / 50e3))


@kernel
def horizons_kernel(profile: EqualProfile, height_a_m: float, height_b_m: float, earth_radius_m: float) -> Horizons:
    """Both horizons (TN101, eq. 6.15); the other end where it is in sight."""
    ground_m, first, last, spacing_m = profile
    length = (last - 1 - first) * spacing_m
    top_a = ground_m[first] + height_a_m
    top_b = ground_m[last - 1] + height_b_m
    twice = 2.0 * earth_radius_m
    angle_a = (top_b - top_a) / length - length / twice
    angle_b = -(top_b - top_a) / length - length / twice
    far_a = length
    far_b = length
    from_a = 0.0
    from_b = length
    curve = 1.0 / twice
    # Most points are far under the ray to the horizon so far: a product, with a micrometre to spare, says so without
    # a division. The rest are judged by the angle itself.
    for i in range(first + 1, last - 1):
        from_a += spacing_m
        from_b -= spacing_m
        ground = ground_m[i]
        if ground - top_a > from_a * (angle_a + from_a * curve) - 1e-6:
            angle = (ground - top_a) / from_a - from_a / twice
            if angle > angle_a:
                angle_a = angle
                far_a = from_a
        if ground - top_b > from_b * (angle_b + from_b * curve) - 1e-6:
            angle = -(top_b - ground) / from_b - from_b / twice
            if angle > angle_b:
                angle_b = angle
                far_b = from_b
    return Horizons(angle_a, angle_b, far_a, far_b)


@kernel
def fitted_line_kernel(profile: EqualProfile, start_m: float, end_m: float) -> tuple[float, float]:
    """Heights at both ends of the profile of the straight line fitted to it between two distances (82-100, app. A)."""
    ground_m, first, last, spacing_m = profile
    steps = last - 1 - first
    begin = int(max(start_m / spacing_m, 0.0))
    end = steps - int(max(steps - end_m / spacing_m, 0.0))
    if end <= begin:
        begin = max(begin - 1, 0)
        end = steps - max(steps - (end + 1), 0)
    count = end - begin
    middle = -0.5 * count
    far = end + middle
    low = ground_m[first + begin]
    high = ground_m[first + end]
    mean = 0.5 * (low + high)
    slope = 0.5 * (low - high) * middle
    for i in range(first + begin + 1, first + end):
        middle += 1.0
        height = ground_m[i]
        mean += height
        slope += height * middle
    mean /= count
    slope *= 12.0 / ((count * count + 2.0) * count)
    return mean - slope * far, mean + slope * (steps - far)


@kernel
def _select(values: Scratch, low: int, high: int, rank: int) -> float:
    """Return the value with `rank` others above it among ``values[low:high]``, which are put in another order."""
    left = low
    right = high - 1
    wanted = low + rank
    while left < right:
        pivot = values[(left + right) // 2]
        i = left
        j = right
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                kept = values[i]
                values[i] = values[j]
                values[j] = kept
                i += 1
                j -= 1
        if wanted <= j:
            right = j
        elif wanted >= i:
            left = i
        else:
            break
    return values[wanted]


@kernel
def _interdecile(values: Scratch, count: int, decile: int) -> float:
    """Return the value with ``decile - 1`` others above it less that with as many below it.

    By one count of buckets of equal width, then by order within the two buckets where the values lie.
    """
    lowest = values[0]
    highest = lowest
    for j in range(1, count):
        value = values[j]
        lowest = min(lowest, value)
        highest = max(highest, value)
    width = highest - lowest
    if width < 1e-200:
        return 0.0
    scale = (_BUCKETS - 0.5) / width
    for j in range(_COUNTS, _COUNTS + _BUCKETS):
        values[j] = 0.0
    for j in range(count):
        values[_COUNTS + int((values[j] - lowest) * scale)] += 1.0
    top = _BUCKETS - 1
    above = 0.0
    while above + values[_COUNTS + top] < decile:
        above += values[_COUNTS + top]
        top -= 1
    bottom = 0
    below = 0.0
    while below + values[_COUNTS + bottom] < decile:
        below += values[_COUNTS + bottom]
        bottom += 1
    # Each value is written to both and counted where it belongs: no branch to guess wrongly.
    high = _HIGH
    low = _LOW
    for j in range(count):
        value = values[j]
        bucket = int((value - lowest) * scale)
        values[high] = value
        high += bucket == top
        values[low] = value
        low += bucket == bottom
    upper = _select(values, _HIGH, high, decile - 1 - int(above))
    return upper - _select(values, _LOW, low, low - _LOW - decile + int(below))


@kernel
def delta_h_kernel(profile: EqualProfile, start_m: float, end_m: float, scratch: Scratch) -> float:
    """Terrain irregularity between two distances: the interdecile range of heights about a fitted line (82-100)."""
    ground_m, first, last, spacing_m = profile
    x = start_m / spacing_m
    x_end = end_m / spacing_m
    if x_end - x < 2.0:
        return 0.0
    decile = min(max(4, int(0.1 * (x_end - x + 8.0))), 25)
    count = 10 * decile - 5
    x_step = (x_end - x) / (count - 1.0)
    i = int(x)
    x -= i + 1.0
    # From -1 to 0, x is the place in the segment that ends at point i + 1. A step goes on by `on` segments or one more.
    on = math.ceil(x_step) - 1
    at = first + i + 1
    for j in range(count):
        if j > 0:
            x += x_step
            by = on + (x - on > 0.0)
            if at + by >= last:
                by = last - 1 - at
            x -= by
            at += by
        height = ground_m[at]
        scratch[j] = height + (height - ground_m[at - 1]) * x

    middle = -0.5 * (count - 1)
    far = -middle
    mean = 0.5 * (scratch[0] + scratch[count - 1])
    slope = 0.5 * (scratch[0] - scratch[count - 1]) * middle
    for j in range(1, count - 1):
        middle += 1.0
        mean += scratch[j]
        slope += scratch[j] * middle
    span = count - 1.0
    mean /= span
    slope = slope * 12.0 / ((span * span + 2.0) * span)
    line = mean - slope * far
    rise = (mean + slope * (span - far) - line) / span

    for j in range(count):
        scratch[j] -= line
        line += rise
    spread = _interdecile(scratch, count, decile)
    return spread / (1.0 - 0.8 * math.exp(-(end_m - start_m) / 50e3))  # ERL 79-ITS 67, eq. 3, inverted


@kernel
def horizon_distance_kernel(effective_m: float, earth_radius_m: float, delta_h_m: float) -> float:
    """Distance of the horizon over rough terrain seen from an effective height, m (Algorithm, eq. 3.3)."""
    return math.sqrt(2.0 * effective_m * earth_radius_m) * math.exp(
        -0.07 * math.sqrt(delta_h_m / max(effective_m, 5.0))
    )


@kernel
def horizon_angle_kernel(effective_m: float, horizon_m: float, earth_radius_m: float, delta_h_m: float) -> float:
    """Angle of the horizon over rough terrain, rad (Algorithm, eq. 3.4)."""
    smooth = math.sqrt(2.0 * effective_m * earth_radius_m)
    return (0.65 * delta_h_m * (smooth / horizon_m - 1.0) - 2.0 * effective_m) / smooth


@kernel
def profile_kernel(
    profile: EqualProfile, height_a_m: float, height_b_m: float, earth_radius_m: float, scratch: Scratch
) -> ItmFeatures:
    """What the model needs of a profile."""
    horizons = horizons_kernel(profile, height_a_m, height_b_m, earth_radius_m)
    ground_m, first, last, spacing_m = profile
    length = (last - 1 - first) * spacing_m
    start, stop_a, start_b, end = fitted_stretches_kernel(length, height_a_m, height_b_m, horizons)
    delta_h = delta_h_kernel(profile, start, end, scratch)
    line_a, line_b = fitted_line_kernel(profile, start, stop_a)
    if start_b != start or stop_a != end:
        _unused, line_b = fitted_line_kernel(profile, start_b, end)
    rise_a = max(ground_m[first] - line_a, 0.0)
    rise_b = max(ground_m[last - 1] - line_b, 0.0)
    return seen_over_kernel(length, height_a_m + rise_a, height_b_m + rise_b, earth_radius_m, delta_h, horizons)


@kernel
def fitted_stretches_kernel(
    length_m: float, height_a_m: float, height_b_m: float, horizons: Horizons
) -> tuple[float, float, float, float]:
    """From where to where lines are fitted to the ground, m: for the first end, then for the second."""
    far_a, far_b = horizons.far_a_m, horizons.far_b_m
    # The ground about the antennas is left out, to 15 times their height (82-100, p. 25).
    start = min(15.0 * height_a_m, 0.1 * far_a)
    end = length_m - min(15.0 * height_b_m, 0.1 * far_b)
    if far_a + far_b > 1.5 * length_m:
        return start, end, start, end
    return start, 0.9 * far_a, length_m - 0.9 * far_b, end


@kernel
def seen_over_kernel(
    length_m: float,
    effective_a: float,
    effective_b: float,
    earth_radius_m: float,
    delta_h: float,
    horizons: Horizons,
) -> ItmFeatures:
    """As `profile_kernel`, from heights above the lines fitted to the ground, and the roughness."""
    angle_a, angle_b, far_a, far_b = horizons
    if far_a + far_b > 1.5 * length_m:
        # In sight with room to spare: horizons of the rough earth in place of those found.
        far_a = horizon_distance_kernel(effective_a, earth_radius_m, delta_h)
        far_b = horizon_distance_kernel(effective_b, earth_radius_m, delta_h)
        if far_a + far_b <= length_m:
            stretch = length_m / (far_a + far_b)
            stretch *= stretch
            effective_a *= stretch
            effective_b *= stretch
            far_a = horizon_distance_kernel(effective_a, earth_radius_m, delta_h)
            far_b = horizon_distance_kernel(effective_b, earth_radius_m, delta_h)
        angle_a = horizon_angle_kernel(effective_a, far_a, earth_radius_m, delta_h)
        angle_b = horizon_angle_kernel(effective_b, far_b, earth_radius_m, delta_h)
    return ItmFeatures(delta_h, angle_a, angle_b, far_a, far_b, effective_a, effective_b)


@kernel
def siting_kernel(height_m: float, siting: int, delta_h_m: float) -> float:
    """Effective height of an antenna put up at random (0), with care (1), great care (2) (Algorithm, eq. 3.1, 3.2)."""
    if siting == 0:
        return height_m
    gain = 4.0 if siting == 1 else 9.0
    if height_m < 5.0:
        gain *= math.sin(0.1 * math.pi * height_m)
    return height_m + (1.0 + gain) * math.exp(-min(20.0, 2.0 * height_m / max(1e-3, delta_h_m)))

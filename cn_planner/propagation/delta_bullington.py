"""Diffraction over terrain and round the earth: delta-Bullington (ITU-R P.526-15, section 4.5)."""

from __future__ import annotations

import math
from typing import NamedTuple

from cn_planner.propagation.bullington import bullington_kernel, crossing_nu_kernel, edge_and_path_kernel
from cn_planner.propagation.kernel import Floats, kernel
from cn_planner.propagation.spherical_earth import (
    LAND_CONDUCTIVITY_S_PER_M,
    LAND_PERMITTIVITY,
    spherical_earth_kernel,
)
from cn_planner.units import SPEED_OF_LIGHT_M_PER_S


class SmoothFit(NamedTuple):
    """The smooth surface that is fitted to the ground, and the ground that stands above the line of sight.

    Attributes
    ----------
    a_m, b_m : float
        Its heights at both ends, above sea level (eq. 60).
    highest_m : float
        How far the ground stands above the line from antenna to antenna; not above 0 where nowhere (eq. 61).
    steepest_a, steepest_b : float
        Steepest slope over that line to the ground, from either end.
    """

    a_m: float
    b_m: float
    highest_m: float
    steepest_a: float
    steepest_b: float


@kernel
def effective_heights_kernel(
    distance_m: Floats, ground_m: Floats, first: int, last: int, amsl_a_m: float, amsl_b_m: float
) -> tuple[float, float]:
    """Heights of both antennas above the smooth surface fitted to the ground (eq. 58 to 63)."""
    start = distance_m[first]
    length = distance_m[last - 1] - start
    slope = (amsl_b_m - amsl_a_m) / length
    v1 = 0.0
    v2 = 0.0
    highest = -math.inf
    steepest_a = -math.inf
    steepest_b = -math.inf
    before = 0.0
    ground_before = ground_m[first]
    for i in range(first + 1, last):
        d = distance_m[i] - start
        ground = ground_m[i]
        step = d - before
        v1 += step * (ground + ground_before)  # eq. 58
        v2 += step * (ground * (2.0 * d + before) + ground_before * (d + 2.0 * before))  # eq. 59
        if i < last - 1:
            over = ground - (amsl_a_m + slope * d)  # eq. 61
            highest = max(highest, over)
            steepest_a = max(steepest_a, over / d)
            steepest_b = max(steepest_b, over / (length - d))
        before = d
        ground_before = ground
    smooth_a = (2.0 * v1 * length - v2) / (length * length)  # eq. 60a
    smooth_b = (v2 - v1 * length) / (length * length)  # eq. 60b
    fit = SmoothFit(smooth_a, smooth_b, highest, steepest_a, steepest_b)
    return over_smooth_kernel(fit, amsl_a_m, amsl_b_m, ground_m[first], ground_m[last - 1])


@kernel
def over_smooth_kernel(
    fit: SmoothFit, amsl_a_m: float, amsl_b_m: float, ground_a_m: float, ground_b_m: float
) -> tuple[float, float]:
    """Heights of both antennas above the smooth surface, never below it (eq. 62, 63)."""
    smooth_a, smooth_b, highest, steepest_a, steepest_b = fit
    if highest > 0.0:
        both = steepest_a + steepest_b
        smooth_a -= highest * steepest_a / both  # eq. 62
        smooth_b -= highest * steepest_b / both
    # Eq. 63: the smooth surface does not stand above the ground at either end.
    return max(amsl_a_m - min(smooth_a, ground_a_m), 0.0), max(amsl_b_m - min(smooth_b, ground_b_m), 0.0)


@kernel
def _point_before(distance_m: Floats, first: int, last: int, place_m: float) -> int:
    # The last inner point not beyond a place, the first inner point where there is none.
    low = first + 1
    high = last - 2
    while low < high:
        middle = (low + high + 1) // 2
        if distance_m[middle] <= place_m:
            low = middle
        else:
            high = middle - 1
    return low


@kernel
def _smooth_slope(distance_m: Floats, first: int, last: int, height_m: float, curve: float, forward: bool) -> float:
    # Steepest slope from an end to a smooth earth: curve (length - d) - height / d has one peak, at sqrt(height /
    # curve), so that the greatest of its values at the points stands beside it.
    start = distance_m[first]
    length = distance_m[last - 1] - start
    peak = math.sqrt(height_m / curve)
    at = _point_before(distance_m, first, last, start + (peak if forward else length - peak))
    steepest = -math.inf
    for i in range(at, min(at + 2, last - 1)):
        d = distance_m[i] - start if forward else length - (distance_m[i] - start)
        steepest = max(steepest, curve * (length - d) - height_m / d)
    return steepest


@kernel
def _smooth_nu(
    distance_m: Floats, first: int, last: int, at: int, height_a_m: float, slope: float, curve: float
) -> float:
    # The diffraction parameter of one point of a smooth earth, without its factor sqrt(2 length / wavelength).
    d = distance_m[at] - distance_m[first]
    product = d * (distance_m[last - 1] - distance_m[first] - d)
    return (curve * product - (height_a_m + slope * d)) / math.sqrt(product)


@kernel
def smooth_bullington_kernel(
    distance_m: Floats,
    first: int,
    last: int,
    height_a_m: float,
    height_b_m: float,
    earth_radius_m: float,
    wavelength: float,
) -> float:
    """Bullington loss over a profile of height 0 at the same places as the terrain's points; heights not negative."""
    if last - first < 3:
        return 0.0
    start = distance_m[first]
    length = distance_m[last - 1] - start
    curve = 0.5 / earth_radius_m
    slope = (height_b_m - height_a_m) / length
    slope_a = _smooth_slope(distance_m, first, last, height_a_m, curve, True)
    if slope_a < slope:
        # With d = length sin(phi)^2 the parameter is concave in phi: it rises along the points to its peak, then falls.
        low = first + 1
        high = last - 2
        while low < high:
            middle = (low + high) // 2
            value = _smooth_nu(distance_m, first, last, middle, height_a_m, slope, curve)
            if value < _smooth_nu(distance_m, first, last, middle + 1, height_a_m, slope, curve):
                low = middle + 1
            else:
                high = middle
        nu = _smooth_nu(distance_m, first, last, low, height_a_m, slope, curve) * math.sqrt(2.0 * length / wavelength)
    else:
        slope_b = _smooth_slope(distance_m, first, last, height_b_m, curve, False)
        near = distance_m[first + 1] - start
        far = distance_m[last - 2] - start
        nu = crossing_nu_kernel(length, near, far, height_a_m, height_b_m, slope_a, slope_b, wavelength)
    return edge_and_path_kernel(nu, length)


@kernel
def delta_bullington_kernel(
    distance_m: Floats,
    ground_m: Floats,
    surface_m: Floats,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    earth_radius_m: float,
    freq_mhz: float,
    vertical: bool,
) -> tuple[float, float, float, float]:
    """Loss over points `first` to `last` (not included): actual, smooth, spherical, all.

    The actual profile is the `surface` (ground with what stands on it); the smooth earth is fitted to the `ground`,
    as P.1812-8, section 4.3, and its attachment 1, section 5.6, do.
    """
    wavelength = SPEED_OF_LIGHT_M_PER_S / (freq_mhz * 1e6)
    length = distance_m[last - 1] - distance_m[first]
    actual = bullington_kernel(distance_m, surface_m, first, last, amsl_a_m, amsl_b_m, earth_radius_m, wavelength)
    height_a, height_b = effective_heights_kernel(distance_m, ground_m, first, last, amsl_a_m, amsl_b_m)
    smooth = smooth_bullington_kernel(distance_m, first, last, height_a, height_b, earth_radius_m, wavelength)
    spherical = spherical_earth_kernel(
        length,
        height_a,
        height_b,
        earth_radius_m,
        freq_mhz,
        vertical,
        LAND_PERMITTIVITY,
        LAND_CONDUCTIVITY_S_PER_M,
    )
    return actual, smooth, spherical, actual + max(spherical - smooth, 0.0)


@kernel
def round_earth_kernel(
    distance_m: Floats,
    first: int,
    last: int,
    height_a_m: float,
    height_b_m: float,
    earth_radius_m: float,
    freq_mhz: float,
    vertical: bool,
) -> float:
    """What the round earth costs more than Bullington's construction counts of a smooth one (section 4.5.2)."""
    length = distance_m[last - 1] - distance_m[first]
    spherical = spherical_earth_kernel(
        length,
        height_a_m,
        height_b_m,
        earth_radius_m,
        freq_mhz,
        vertical,
        LAND_PERMITTIVITY,
        LAND_CONDUCTIVITY_S_PER_M,
    )
    if spherical <= 0.0:
        return 0.0  # the smooth profile is never less, and only what is more counts
    wavelength = SPEED_OF_LIGHT_M_PER_S / (freq_mhz * 1e6)
    smooth = smooth_bullington_kernel(distance_m, first, last, height_a_m, height_b_m, earth_radius_m, wavelength)
    return max(spherical - smooth, 0.0)

"""Loss over a terrain profile by the Bullington construction (ITU-R P.526-15, section 4.5.1)."""

from __future__ import annotations

import math

from cn_planner.propagation.kernel import Floats, kernel
from cn_planner.propagation.knife_edge import knife_edge_kernel


@kernel
def bullington_kernel(
    distance_m: Floats,
    surface_m: Floats,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    earth_radius_m: float,
    wavelength: float,
) -> float:
    """Loss over points `first` to `last` (not included) of flat arrays; the outer two are the ends."""
    start = distance_m[first]
    length = distance_m[last - 1] - start
    if last - first < 3:
        return 0.0
    curve = 0.5 / earth_radius_m
    slope_a = -math.inf
    slope_b = -math.inf
    for i in range(first + 1, last - 1):
        d = distance_m[i] - start
        rest = length - d
        top = surface_m[i] + curve * d * rest
        slope_a = max(slope_a, (top - amsl_a_m) / d)  # eq. 49
        slope_b = max(slope_b, (top - amsl_b_m) / rest)  # eq. 53
    nu = 0.0
    if slope_a < (amsl_b_m - amsl_a_m) / length:  # eq. 50
        nu = _greatest_nu(distance_m, surface_m, first, last, amsl_a_m, amsl_b_m, curve, wavelength)
    near = distance_m[first + 1] - start
    far = distance_m[last - 2] - start
    return horizons_loss_kernel(length, near, far, amsl_a_m, amsl_b_m, slope_a, slope_b, nu, wavelength)


@kernel
def horizons_loss_kernel(
    length_m: float,
    near_m: float,
    far_m: float,
    amsl_a_m: float,
    amsl_b_m: float,
    slope_a: float,
    slope_b: float,
    nu: float,
    wavelength: float,
) -> float:
    """Loss by the slopes to both horizons, where one hides the other end, else by the greatest parameter `nu`."""
    if slope_a >= (amsl_b_m - amsl_a_m) / length_m:  # eq. 50
        nu = crossing_nu_kernel(length_m, near_m, far_m, amsl_a_m, amsl_b_m, slope_a, slope_b, wavelength)
    return edge_and_path_kernel(nu, length_m)


@kernel
def edge_and_path_kernel(nu: float, length_m: float) -> float:
    """Loss of the edge that stands for the whole path, with what the path adds to it (eq. 56, 57)."""
    edge = knife_edge_kernel(nu)
    return edge + (1.0 - math.exp(-edge / 6.0)) * (10.0 + 0.02e-3 * length_m)


@kernel
def _greatest_nu(
    distance_m: Floats,
    surface_m: Floats,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    curve: float,
    wavelength: float,
) -> float:
    # Line of sight: the point with the greatest diffraction parameter, eq. 51.
    start = distance_m[first]
    length = distance_m[last - 1] - start
    slope = (amsl_b_m - amsl_a_m) / length
    greatest = -math.inf
    for i in range(first + 1, last - 1):
        d = distance_m[i] - start
        product = d * (length - d)
        over = surface_m[i] + curve * product - (amsl_a_m + slope * d)
        greatest = max(greatest, over / math.sqrt(product))
    return greatest * math.sqrt(2.0 * length / wavelength)


@kernel
def crossing_nu_kernel(
    length_m: float,
    near_m: float,
    far_m: float,
    amsl_a_m: float,
    amsl_b_m: float,
    slope_a: float,
    slope_b: float,
    wavelength: float,
) -> float:
    """Diffraction parameter of the edge where both horizon rays cross (eq. 54, 55), between the given places."""
    opening = slope_a + slope_b
    if opening <= 0.0:
        return 0.0  # both horizon rays are the line from end to end: the profile touches it
    d = (amsl_b_m - amsl_a_m + slope_b * length_m) / opening
    # Where the profile just touches the line the place is ill defined; it lies among the points in any case.
    d = min(max(d, near_m), far_m)
    rest = length_m - d
    over = amsl_a_m + slope_a * d - (amsl_a_m * rest + amsl_b_m * d) / length_m
    return over * math.sqrt(2.0 * length_m / (wavelength * d * rest))

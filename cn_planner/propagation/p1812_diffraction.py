"""Diffraction as P.1812-8 section 4.3 takes it: delta-Bullington over land and sea for two effective earth radii.

The method is that of P.526 and its kernels are used; P.1812's own are the wavelength from a rounded speed of light, the
constant of the clearance (eq. 25) and the mean over land and sea (eq. 28), which P.526's have not to the last digits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.propagation.bullington import horizons_loss_kernel
from cn_planner.propagation.delta_bullington import smooth_bullington_kernel
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.spherical_earth import (
    LAND_CONDUCTIVITY_S_PER_M,
    LAND_PERMITTIVITY,
    first_term_kernel,
    smooth_clearance_kernel,
)

if TYPE_CHECKING:
    from cn_planner.propagation.p1812_path import AmslAntennas, CoveredProfile, P1812Path

SEA_PERMITTIVITY = 80.0
SEA_CONDUCTIVITY_S_PER_M = 5.0
LIGHT_M_MHZ = 299.8
"""Wavelength in m times frequency in MHz, as rounded by the Recommendation's reference (0.2998 / f in GHz)."""
_CLEARANCE = 17.456 / math.sqrt(1000.0)  # eq. 25, from km to m


class Edge(NamedTuple):
    """Steepest slopes from both ends, and the greatest diffraction parameter without its factor, for one earth."""

    slope_a: float
    slope_b: float
    nu: float


@kernel
def _first_term(
    distance_m: float,
    height_a_m: float,
    height_b_m: float,
    radius_m: float,
    freq_mhz: float,
    vertical: bool,
    sea: float,
) -> float:
    # Eq. 28: the mean of the losses over land and over sea.
    loss = 0.0
    if sea < 1.0:
        loss += (1.0 - sea) * first_term_kernel(
            distance_m,
            height_a_m,
            height_b_m,
            radius_m,
            freq_mhz,
            vertical,
            LAND_PERMITTIVITY,
            LAND_CONDUCTIVITY_S_PER_M,
        )
    if sea > 0.0:
        loss += sea * first_term_kernel(
            distance_m,
            height_a_m,
            height_b_m,
            radius_m,
            freq_mhz,
            vertical,
            SEA_PERMITTIVITY,
            SEA_CONDUCTIVITY_S_PER_M,
        )
    return loss


@kernel
def land_and_sea_kernel(
    distance_m: float,
    height_a_m: float,
    height_b_m: float,
    earth_radius_m: float,
    freq_mhz: float,
    vertical: bool,
    sea: float,
) -> float:
    """Spherical-earth diffraction loss, dB (section 4.3.2); below 0 where the first term is, beyond the horizon."""
    roots = math.sqrt(height_a_m) + math.sqrt(height_b_m)
    if distance_m >= math.sqrt(2.0 * earth_radius_m) * roots:  # eq. 22
        return _first_term(distance_m, height_a_m, height_b_m, earth_radius_m, freq_mhz, vertical, sea)
    from_a, from_b, clear = smooth_clearance_kernel(distance_m, height_a_m, height_b_m, earth_radius_m)  # eq. 23, 24
    needed = _CLEARANCE * math.sqrt(from_a * from_b * (LIGHT_M_MHZ / freq_mhz) / distance_m)  # eq. 25
    if clear > needed:
        return 0.0
    grazing_radius = 0.5 * (distance_m / roots) * (distance_m / roots)  # eq. 26
    loss = _first_term(distance_m, height_a_m, height_b_m, grazing_radius, freq_mhz, vertical, sea)
    return (1.0 - clear / needed) * max(loss, 0.0)  # eq. 27


@kernel
def diffraction_kernel(
    profile: CoveredProfile, antennas: AmslAntennas, path: P1812Path, earth_radius_m: float, edge: Edge
) -> tuple[float, float, float, float]:
    """Delta-Bullington loss for one earth radius, dB: actual path, smooth path, spherical earth, all (section 4.3.4).

    The edge is that of the scan of the actual path; heights are above the smooth earth (eq. 37, 38).
    """
    distance_m, first, last = profile.distance_m, profile.first, profile.last
    amsl_a_m, amsl_b_m, freq_mhz, vertical = antennas
    height_a_m, height_b_m = path.diffraction_a_m, path.diffraction_b_m
    slope_a, slope_b, nu = edge
    wavelength = LIGHT_M_MHZ / freq_mhz
    start = distance_m[first]
    length = distance_m[last - 1] - start
    near = distance_m[first + 1] - start
    far = distance_m[last - 2] - start
    parameter = nu * math.sqrt(2.0 * length / wavelength)
    actual = horizons_loss_kernel(  # eq. 14 to 21
        length, near, far, amsl_a_m, amsl_b_m, slope_a, slope_b, parameter, wavelength
    )
    smooth = smooth_bullington_kernel(distance_m, first, last, height_a_m, height_b_m, earth_radius_m, wavelength)
    spherical = land_and_sea_kernel(length, height_a_m, height_b_m, earth_radius_m, freq_mhz, vertical, path.sea)
    return actual, smooth, spherical, actual + max(spherical - smooth, 0.0)  # eq. 39

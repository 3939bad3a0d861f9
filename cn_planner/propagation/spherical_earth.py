"""Diffraction over a smooth spherical earth (ITU-R P.526-15, section 3)."""

from __future__ import annotations

import math

from cn_planner.propagation.kernel import kernel
from cn_planner.units import SPEED_OF_LIGHT_M_PER_S

LAND_PERMITTIVITY = 22.0
LAND_CONDUCTIVITY_S_PER_M = 0.003
"""Average ground, as P.1812-8 section 4.3.3 and P.526-15 figure 2 take it."""

_LOWEST_M = 1e-6


@kernel
def _height_gain(b: float, limit: float) -> float:
    # Eq. 18 and 18a; never below 2 + 20 log10 K.
    if b > 2.0:
        return max(17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0, limit)
    amplitude = b + 0.1 * b * b * b
    if amplitude <= 0.0:
        return limit
    return max(20.0 * math.log10(amplitude), limit)


@kernel
def first_term_kernel(
    distance_m: float,
    height_a_m: float,
    height_b_m: float,
    radius_m: float,
    freq_mhz: float,
    vertical: bool,
    permittivity: float,
    conductivity: float,
) -> float:
    """Loss by the first term of the residue series, section 3.1.1; it may be negative well within the horizon."""
    # In km, m and MHz, as the Recommendation's practical equations: their rounded constants are part of the method.
    radius_km = radius_m * 1e-3
    loss_part = 18000.0 * conductivity / freq_mhz
    k = 0.36 / math.pow(radius_km * freq_mhz, 1.0 / 3.0)  # eq. 11a
    k = k / math.pow((permittivity - 1.0) * (permittivity - 1.0) + loss_part * loss_part, 0.25)
    if vertical:
        k = k * math.sqrt(permittivity * permittivity + loss_part * loss_part)  # eq. 12a
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)  # eq. 16
    x = 2.188 * beta * math.pow(freq_mhz / (radius_km * radius_km), 1.0 / 3.0) * distance_m * 1e-3  # eq. 14a
    per_metre = 9.575e-3 * beta * math.pow(freq_mhz * freq_mhz / radius_km, 1.0 / 3.0)  # eq. 15a
    far = x >= 1.6
    f = 11.0 + 10.0 * math.log10(x) - 17.6 * x if far else -20.0 * math.log10(x) - 5.6488 * math.pow(x, 1.425)  # eq. 17
    limit = 2.0 + 20.0 * math.log10(k)
    gain_a = _height_gain(beta * per_metre * height_a_m, limit)  # eq. 18b: B = beta Y
    gain_b = _height_gain(beta * per_metre * height_b_m, limit)
    return -f - gain_a - gain_b


@kernel
def smooth_clearance_kernel(
    distance_m: float, height_a_m: float, height_b_m: float, earth_radius_m: float
) -> tuple[float, float, float]:
    """Where the ray comes nearest to the smooth earth, from both ends, and how near, m (eq. 22); ends in sight."""
    both = height_a_m + height_b_m
    c = (height_a_m - height_b_m) / both  # eq. 22d
    m = distance_m * distance_m / (4.0 * earth_radius_m * both)  # eq. 22e
    # Rounding can carry the argument past 1 where both heights just see each other.
    argument = min(max(1.5 * c * math.sqrt(3.0 * m / math.pow(m + 1.0, 3.0)), -1.0), 1.0)
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos(math.pi / 3.0 + math.acos(argument) / 3.0)  # eq. 22c
    from_a = 0.5 * distance_m * (1.0 + b)  # eq. 22a
    from_b = distance_m - from_a  # eq. 22b
    clear_a = (height_a_m - from_a * from_a / (2.0 * earth_radius_m)) * from_b
    clear_b = (height_b_m - from_b * from_b / (2.0 * earth_radius_m)) * from_a
    return from_a, from_b, (clear_a + clear_b) / distance_m


@kernel
def spherical_earth_kernel(
    distance_m: float,
    height_a_m: float,
    height_b_m: float,
    earth_radius_m: float,
    freq_mhz: float,
    vertical: bool,
    permittivity: float,
    conductivity: float,
) -> float:
    """Loss at any distance, section 3.2; heights above the smooth earth, not negative."""
    # Nearer the ground the place where the ray mirrors is lost in rounding; of a micrometre the loss has its 0.1 dB.
    height_a_m = max(height_a_m, _LOWEST_M)
    height_b_m = max(height_b_m, _LOWEST_M)
    roots = math.sqrt(height_a_m) + math.sqrt(height_b_m)
    if distance_m >= math.sqrt(2.0 * earth_radius_m) * roots:  # eq. 21
        beyond = first_term_kernel(
            distance_m, height_a_m, height_b_m, earth_radius_m, freq_mhz, vertical, permittivity, conductivity
        )
        return max(beyond, 0.0)
    from_a, from_b, clear = smooth_clearance_kernel(distance_m, height_a_m, height_b_m, earth_radius_m)
    wavelength = SPEED_OF_LIGHT_M_PER_S / (freq_mhz * 1e6)
    needed = 0.552 * math.sqrt(from_a * from_b * wavelength / distance_m)  # eq. 23
    if clear > needed:
        return 0.0
    grazing_radius = 0.5 * (distance_m / roots) * (distance_m / roots)  # eq. 24: the radius that makes it just graze
    at_grazing = first_term_kernel(
        distance_m, height_a_m, height_b_m, grazing_radius, freq_mhz, vertical, permittivity, conductivity
    )
    if at_grazing <= 0.0:
        return 0.0
    return (1.0 - clear / needed) * at_grazing  # eq. 25

"""Variability of the Irregular Terrain Model: what time, location and situation take from or add to the reference.

The eight modes are a digit and two tens: 0 single message, 1 accidental, 2 mobile, 3 broadcast; plus 10 where location
variability is to be left out (a path over a known profile), plus 20 where that of situations is (interference).
"""

from __future__ import annotations

import math

from cn_planner.propagation.itm_attenuation import WAVE_NUMBER_MHZ_M
from cn_planner.propagation.itm_reference import WARN_EXTREME, ItmTerms
from cn_planner.propagation.itm_terrain import ItmFeatures, roughness_kernel
from cn_planner.propagation.kernel import kernel

_THIRD = 1.0 / 3.0

# A row a climate, 1 to 7: equatorial, continental subtropical, maritime subtropical, desert, continental temperate,
# maritime temperate over land, the same over sea.
# Curves over the effective distance in m, TN101 vol. 2, eq. III.69 and III.70 (Algorithm, table 5.1): c1, c2, x1,
# x2, x3.
_MEDIAN = (
    (-9.67, 12.7, 144.9e3, 190.3e3, 133.8e3),
    (-0.62, 9.19, 228.9e3, 205.2e3, 143.6e3),
    (1.26, 15.5, 262.6e3, 185.2e3, 99.8e3),
    (-9.21, 9.05, 84.1e3, 101.1e3, 98.6e3),
    (-0.62, 9.19, 228.9e3, 205.2e3, 143.6e3),
    (-0.39, 2.86, 141.7e3, 315.9e3, 167.4e3),
    (3.15, 857.9, 2222.0e3, 164.8e3, 116.3e3),
)
_WEAK_HALF = (
    (2.13, 159.5, 762.2e3, 123.6e3, 94.5e3),
    (2.66, 7.67, 100.4e3, 172.5e3, 136.4e3),
    (6.11, 6.65, 138.2e3, 242.2e3, 178.6e3),
    (1.98, 13.11, 139.1e3, 132.7e3, 193.5e3),
    (2.68, 7.16, 93.7e3, 186.8e3, 133.5e3),
    (6.86, 10.38, 187.8e3, 169.6e3, 108.9e3),
    (8.51, 169.8, 609.8e3, 119.9e3, 106.6e3),
)
_STRONG_HALF = (
    (2.11, 102.3, 636.9e3, 134.8e3, 95.6e3),
    (6.87, 15.53, 138.7e3, 143.7e3, 98.6e3),
    (10.08, 9.60, 165.3e3, 225.7e3, 129.7e3),
    (3.68, 159.3, 464.4e3, 93.1e3, 94.2e3),
    (4.75, 8.12, 93.2e3, 135.9e3, 113.4e3),
    (8.58, 13.97, 216.0e3, 152.0e3, 122.7e3),
    (8.43, 8.19, 136.2e3, 188.5e3, 122.9e3),
)
# Factor of the standard deviation far in the strong tail, and where that begins (Algorithm, table 5.1: C_D, z_D).
_TAIL = (
    (1.224, 1.282),
    (0.801, 2.161),
    (1.380, 1.282),
    (1.000, 20.0),
    (1.224, 1.282),
    (1.518, 1.282),
    (1.518, 1.282),
)
# Frequency factors g of both halves: level, height and sharpness of the bump in the logarithm of the frequency.
_WEAK_FREQ = (
    (1.0, 0.0, 0.0),
    (1.0, 0.0, 0.0),
    (1.0, 0.0, 0.0),
    (1.0, 0.0, 0.0),
    (0.92, 0.25, 1.77),
    (1.0, 0.0, 0.0),
    (1.0, 0.0, 0.0),
)
_STRONG_FREQ = (
    (1.0, 0.0, 0.0),
    (0.93, 0.31, 2.00),
    (1.0, 0.0, 0.0),
    (0.93, 0.19, 1.79),
    (0.93, 0.31, 2.00),
    (1.0, 0.0, 0.0),
    (1.0, 0.0, 0.0),
)


@kernel
def deviate_kernel(fraction: float) -> float:
    """Standard normal deviate that is exceeded for a fraction of 0 to 1 (Abramowitz and Stegun, 26.2.23)."""
    tail = 1.0 - fraction if fraction > 0.5 else fraction
    t = math.sqrt(-2.0 * math.log(tail))
    z = t - ((0.010328 * t + 0.802853) * t + 2.515516) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0)
    return -z if fraction > 0.5 else z


@kernel
def climate_curve_kernel(c: tuple[float, float, float, float, float], distance_m: float) -> float:
    """Value of a climate's curve at an effective distance, dB (TN101 vol. 2, eq. III.69)."""
    bump = (distance_m - c[3]) / c[4]
    square = distance_m / c[2]
    square *= square
    return (c[0] + c[1] / (1.0 + bump * bump)) * square / (1.0 + square)


@kernel
def effective_distance_kernel(
    distance_m: float, effective_a_m: float, effective_b_m: float, wave_number: float
) -> float:
    """Distance by which the climates' curves go, m (Algorithm, eq. 5.3, 5.4)."""
    knee = math.sqrt(18e6 * effective_a_m) + math.sqrt(18e6 * effective_b_m) + math.pow(575.7e12 / wave_number, _THIRD)
    if distance_m < knee:
        return 130e3 * distance_m / knee
    return 130e3 + distance_m - knee


@kernel
def variability_kernel(
    distance_m: float, freq_mhz: float, features: ItmFeatures, reference_db: float, terms: ItmTerms
) -> tuple[float, int]:
    """Attenuation not exceeded for the percentages, dB, and the warnings added (Algorithm, section 5)."""
    z_time = deviate_kernel(terms.time_pct / 100.0)
    z_location = deviate_kernel(terms.location_pct / 100.0)
    z_situation = deviate_kernel(terms.situation_pct / 100.0)
    row = terms.climate - 1
    wave_number = freq_mhz / WAVE_NUMBER_MHZ_M
    effective = effective_distance_kernel(distance_m, features.effective_a_m, features.effective_b_m, wave_number)

    sigma_situation = 0.0
    if terms.mdvar % 40 < 20:
        sigma_situation = 5.0 + 3.0 * math.exp(-effective / 100e3)  # eq. 5.10
    sigma_location = 0.0
    if terms.mdvar % 20 < 10:
        rough = wave_number * roughness_kernel(distance_m, features.delta_h_m)
        sigma_location = 10.0 * rough / (rough + 13.0)  # eq. 5.9
    kind = terms.mdvar % 10
    if kind == 0:
        z_time = z_situation
        z_location = z_situation
    elif kind == 1:
        z_location = z_situation
    elif kind == 2:
        z_location = z_time
    warnings = 0
    if abs(z_time) > 3.10 or abs(z_location) > 3.10 or abs(z_situation) > 3.10:
        warnings = WARN_EXTREME

    log_freq = math.log(0.133 * wave_number)
    tail = _TAIL[row]
    if z_time < 0.0:
        g = _WEAK_FREQ[row]
        sigma_time = climate_curve_kernel(_WEAK_HALF[row], effective)
    else:
        g = _STRONG_FREQ[row]
        sigma_time = climate_curve_kernel(_STRONG_HALF[row], effective)
    bump = g[2] * log_freq
    sigma_time *= g[0] + g[1] / (bump * bump + 1.0)
    if z_time > tail[1]:  # ducting, eq. 5.8
        sigma_time = sigma_time * tail[0] + sigma_time * (1.0 - tail[0]) * tail[1] / z_time

    by_time = sigma_time * z_time
    by_location = sigma_location * z_location
    square = z_situation * z_situation
    rest = (
        sigma_situation * sigma_situation
        + by_time * by_time / (7.8 + square)
        + by_location * by_location / (24.0 + square)
    )  # eq. 5.11
    if kind == 0:
        known = 0.0
        rest += sigma_time * sigma_time + sigma_location * sigma_location
    elif kind == 1:
        known = by_time
        rest += sigma_location * sigma_location
    elif kind == 2:
        known = math.sqrt(sigma_time * sigma_time + sigma_location * sigma_location) * z_time
    else:
        known = by_time + by_location
    loss = reference_db - climate_curve_kernel(_MEDIAN[row], effective) - known - math.sqrt(rest) * z_situation
    if loss < 0.0:
        loss *= (29.0 - loss) / (29.0 - 10.0 * loss)  # eq. 5.2
    return loss, warnings

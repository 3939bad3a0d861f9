"""The reference attenuation of the Irregular Terrain Model: which mechanism carries the path, and what it is worth.

Codes and warning bits are those of the public reference implementation, so that results can be held against it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.propagation.itm_attenuation import (
    DiffractionLine,
    ItmSetting,
    diffraction_kernel,
    impedance_kernel,
    line_of_sight_kernel,
    troposcatter_kernel,
)
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from cn_planner.propagation.itm_terrain import ItmAntennas, ItmFeatures

LINE_OF_SIGHT, DIFFRACTION, TROPOSCATTER = 1, 2, 3

WARN_HEIGHT_A = 0x0001
WARN_HEIGHT_B = 0x0002
WARN_FREQ = 0x0004
WARN_FAR = 0x0008
WARN_VERY_FAR = 0x0010
WARN_NEAR = 0x0020
WARN_VERY_NEAR = 0x0040
WARN_ANGLE_A = 0x0080
WARN_ANGLE_B = 0x0100
WARN_HORIZON_NEAR_A = 0x0200
WARN_HORIZON_NEAR_B = 0x0400
WARN_HORIZON_FAR_A = 0x0800
WARN_HORIZON_FAR_B = 0x1000
WARN_EXTREME = 0x2000
WARN_N_S = 0x4000

DONE, DONE_WITH_WARNINGS = 0, 1
BAD_HEIGHT_A = 1000
BAD_HEIGHT_B = 1001
BAD_CLIMATE = 1002
BAD_TIME = 1003
BAD_LOCATION = 1004
BAD_SITUATION = 1005
BAD_CONFIDENCE = 1006
BAD_RELIABILITY = 1007
BAD_N0 = 1008
BAD_FREQ = 1009
BAD_POLARISATION = 1010
BAD_EPSILON = 1011
BAD_SIGMA = 1012
BAD_IMPEDANCE = 1013
BAD_MDVAR = 1014
BAD_EARTH = 1016
BAD_DISTANCE = 1017
BAD_DELTA_H = 1018
BAD_SITING_A = 1019
BAD_SITING_B = 1020
BAD_N_S_SMALL = 1021
BAD_N_S_LARGE = 1022
NO_HEIGHT = 2000
"""Ours: a height of the profile is missing."""

_THIRD = 1.0 / 3.0


class ItmTerms(NamedTuple):
    """What the model takes beside a path and its antennas, units as in `itm`; for many paths arrays with one each."""

    climate: int
    n0: float
    epsilon_r: float
    sigma_s_per_m: float
    mdvar: int
    time_pct: float
    location_pct: float
    situation_pct: float = 50.0


@kernel
def percentages_kernel(time_pct: float, location_pct: float, situation_pct: float) -> int:
    """Code of the first percentage that is none, 0 where all can be."""
    if not 0.0 < situation_pct < 100.0:
        return BAD_SITUATION
    if not 0.0 < time_pct < 100.0:
        return BAD_TIME
    if not 0.0 < location_pct < 100.0:
        return BAD_LOCATION
    return DONE


@kernel
def within_limits_kernel(antennas: ItmAntennas, terms: ItmTerms) -> tuple[int, int]:
    """Code of the first input that is outside the model's validity, 0 where none, and the warnings met until then."""
    height_a_m, height_b_m, freq_mhz, _vertical = antennas
    warnings = 0
    if not 1.0 <= height_a_m <= 1000.0:
        warnings |= WARN_HEIGHT_A
    if not 0.5 <= height_a_m <= 3000.0:
        return BAD_HEIGHT_A, warnings
    if not 1.0 <= height_b_m <= 1000.0:
        warnings |= WARN_HEIGHT_B
    if not 0.5 <= height_b_m <= 3000.0:
        return BAD_HEIGHT_B, warnings
    if not 1 <= terms.climate <= 7:
        return BAD_CLIMATE, warnings
    if not 250.0 <= terms.n0 <= 400.0:
        return BAD_N0, warnings
    if not 40.0 <= freq_mhz <= 10000.0:
        warnings |= WARN_FREQ
    if not 20.0 <= freq_mhz <= 20000.0:
        return BAD_FREQ, warnings
    if not 1.0 <= terms.epsilon_r < math.inf:
        return BAD_EPSILON, warnings
    if not 0.0 < terms.sigma_s_per_m < math.inf:
        return BAD_SIGMA, warnings
    if not 0 <= terms.mdvar <= 33 or terms.mdvar % 10 > 3:
        return BAD_MDVAR, warnings
    return percentages_kernel(terms.time_pct, terms.location_pct, terms.situation_pct), warnings


@kernel
def refractivity_kernel(amsl_m: float, n0: float) -> float:
    """Surface refractivity at a height above sea level, N-units (TN101, eq. 4.3)."""
    return n0 * math.exp(-amsl_m / 9460.0)


@kernel
def earth_curvature_kernel(n_s: float) -> float:
    """Curvature of the effective earth, 1/m (TN101, eq. 4.4)."""
    return 157e-9 * (1.0 - 0.04665 * math.exp(n_s / 179.3))


@kernel
def sight_line_kernel(distance_m: float, features: ItmFeatures, setting: ItmSetting, line: DiffractionLine) -> float:
    """Attenuation within the smooth earth's horizons, dB: a curve through three distances (Algorithm, eq. 4.28 on)."""
    slope, intercept = line
    limit_m, sight_m = setting.smooth_limit_m, features.far_a_m + features.far_b_m
    at_limit = limit_m * slope + intercept
    near = 0.04 * setting.freq_mhz * features.effective_a_m * features.effective_b_m  # ERL 79-ITS 67, eq. 3.16a
    if intercept >= 0.0:
        near = min(near, 0.5 * sight_m)
        middle = near + 0.25 * (sight_m - near)  # ERL 79-ITS 67, eq. 3.16d
    else:
        middle = max(-intercept / slope, 0.25 * sight_m)
    at_middle = line_of_sight_kernel(middle, features, setting, line)
    linear = 0.0
    logarithmic = 0.0
    settled = False
    if near < middle:
        at_near = line_of_sight_kernel(near, features, setting, line)
        octaves = math.log(limit_m / near)
        # ERL 79-ITS 67, eq. 3.20
        logarithmic = max(
            0.0,
            ((limit_m - near) * (at_middle - at_near) - (middle - near) * (at_limit - at_near))
            / ((limit_m - near) * math.log(middle / near) - (middle - near) * octaves),
        )
        settled = intercept > 0.0 or logarithmic > 0.0
        if settled:
            linear = (at_limit - at_near - logarithmic * octaves) / (limit_m - near)  # ERL 79-ITS 67, eq. 3.21
            if linear < 0.0:
                linear = 0.0
                logarithmic = max(at_limit - at_near, 0.0) / octaves
                if logarithmic == 0.0:
                    linear = slope
    if not settled:
        logarithmic = 0.0
        linear = max(at_limit - at_middle, 0.0) / (limit_m - middle)
        if linear == 0.0:
            linear = slope
    # ERL 79-ITS 67, eq. 3.19
    constant = at_limit - linear * limit_m - logarithmic * math.log(limit_m)
    return constant + linear * distance_m + logarithmic * math.log(distance_m)


@kernel
def beyond_kernel(
    distance_m: float, features: ItmFeatures, setting: ItmSetting, line: DiffractionLine, root_m: float
) -> tuple[float, int]:
    """Attenuation beyond the horizon, dB, and its mode: diffraction, or troposcatter (Algorithm, eq. 4.52 to 4.59)."""
    slope, intercept = line
    sight = features.far_a_m + features.far_b_m
    at_6, h0 = troposcatter_kernel(sight + 400e3, features, setting, -1.0)
    at_5, h0 = troposcatter_kernel(sight + 200e3, features, setting, h0)
    if at_5 < 1000.0:
        scatter_slope = (at_6 - at_5) / 200e3
        crossing = max(
            setting.smooth_limit_m,
            sight + 1.088 * root_m * math.log(setting.freq_mhz),
            (at_5 - intercept - scatter_slope * (sight + 200e3)) / (slope - scatter_slope),
        )
        if distance_m > crossing:
            return scatter_slope * distance_m + (slope - scatter_slope) * crossing + intercept, TROPOSCATTER
    elif distance_m > 10e6:
        return slope * distance_m + intercept, TROPOSCATTER  # no scatter worth the name, but the reference says so
    return slope * distance_m + intercept, DIFFRACTION


@kernel
def horizon_warnings_kernel(features: ItmFeatures, smooth_a_m: float, smooth_b_m: float) -> int:
    """Warnings about horizons that are steep, or far from those of the smooth earth."""
    far_a_m, far_b_m = features.far_a_m, features.far_b_m
    warnings = 0
    if abs(features.angle_a) > 200e-3:
        warnings |= WARN_ANGLE_A
    if abs(features.angle_b) > 200e-3:
        warnings |= WARN_ANGLE_B
    if far_a_m < 0.1 * smooth_a_m:
        warnings |= WARN_HORIZON_NEAR_A
    if far_b_m < 0.1 * smooth_b_m:
        warnings |= WARN_HORIZON_NEAR_B
    if far_a_m > 3.0 * smooth_a_m:
        warnings |= WARN_HORIZON_FAR_A
    if far_b_m > 3.0 * smooth_b_m:
        warnings |= WARN_HORIZON_FAR_B
    return warnings


@kernel
def distance_warnings_kernel(distance_m: float, effective_a_m: float, effective_b_m: float) -> int:
    """Warnings about the path's length."""
    warnings = 0
    if distance_m < abs(effective_a_m - effective_b_m) / 200e-3:
        warnings |= WARN_NEAR
    if distance_m < 1e3:
        warnings |= WARN_VERY_NEAR
    if distance_m > 1000e3:
        warnings |= WARN_FAR
    if distance_m > 2000e3:
        warnings |= WARN_VERY_FAR
    return warnings


@kernel
def reference_kernel(
    distance_m: float, antennas: ItmAntennas, features: ItmFeatures, n_s: float, terms: ItmTerms, over_profile: bool
) -> tuple[int, int, float, int]:
    """Code, warnings, reference attenuation below free space, dB, and mode (Algorithm, section 4)."""
    freq_mhz = antennas.freq_mhz
    earth_radius_m = 1.0 / earth_curvature_kernel(n_s)
    impedance_re, impedance_im = impedance_kernel(freq_mhz, antennas.vertical, terms.epsilon_r, terms.sigma_s_per_m)
    smooth_a = math.sqrt(2.0 * features.effective_a_m * earth_radius_m)
    smooth_b = math.sqrt(2.0 * features.effective_b_m * earth_radius_m)
    limit = smooth_a + smooth_b
    sight = features.far_a_m + features.far_b_m

    warnings = horizon_warnings_kernel(features, smooth_a, smooth_b)
    if n_s < 150.0:
        return BAD_N_S_SMALL, warnings, math.nan, 0
    if n_s > 400.0:
        return BAD_N_S_LARGE, warnings, math.nan, 0
    if n_s < 250.0:
        warnings |= WARN_N_S
    if not 4_000_000.0 <= earth_radius_m <= 13_333_333.0:
        return BAD_EARTH, warnings, math.nan, 0
    if impedance_re <= abs(impedance_im):
        return BAD_IMPEDANCE, warnings, math.nan, 0
    warnings |= distance_warnings_kernel(distance_m, features.effective_a_m, features.effective_b_m)
    setting = ItmSetting(
        earth_radius_m,
        n_s,
        impedance_re,
        impedance_im,
        -max(features.angle_a + features.angle_b, -sight / earth_radius_m),
        limit,
        freq_mhz,
        math.pow(freq_mhz, _THIRD),
        over_profile,
    )

    # The line through two distances far in the diffraction range (eq. 4.3 to 4.8).
    root_m = math.pow(earth_radius_m * earth_radius_m / freq_mhz, _THIRD)
    at_3 = max(limit, sight + 5.0 * root_m)
    at_4 = at_3 + 10.0 * root_m
    loss_3 = diffraction_kernel(at_3, antennas, features, setting)
    loss_4 = diffraction_kernel(at_4, antennas, features, setting)
    slope = (loss_4 - loss_3) / (at_4 - at_3)
    line = DiffractionLine(slope, loss_3 - slope * at_3)

    if math.isnan(line.intercept):
        # Vogler's distance came out negative. The reference implementation takes this for no attenuation.
        return DONE, warnings, 0.0, LINE_OF_SIGHT if distance_m < limit else DIFFRACTION
    if distance_m < limit:
        mode = LINE_OF_SIGHT
        loss = sight_line_kernel(distance_m, features, setting, line)
    else:
        loss, mode = beyond_kernel(distance_m, features, setting, line, root_m)
    return DONE, warnings, max(loss, 0.0), mode

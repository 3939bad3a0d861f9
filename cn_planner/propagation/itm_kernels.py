"""The whole Irregular Terrain Model as two kernels: over a profile, and over land known by its roughness alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.propagation.itm_attenuation import impedance_kernel
from cn_planner.propagation.itm_reference import (
    BAD_DELTA_H,
    BAD_DISTANCE,
    BAD_SITING_A,
    BAD_SITING_B,
    DONE,
    DONE_WITH_WARNINGS,
    NO_HEIGHT,
    earth_curvature_kernel,
    reference_kernel,
    refractivity_kernel,
    within_limits_kernel,
)
from cn_planner.propagation.itm_terrain import (
    Workspace,
    horizon_angle_kernel,
    horizon_distance_kernel,
    profile_kernel,
    siting_kernel,
)
from cn_planner.propagation.itm_variability import variability_kernel
from cn_planner.propagation.kernel import Floats, kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@kernel
def _free_space_kernel(distance_m: float, freq_mhz: float) -> float:
    """Loss in free space, dB, with the constant of the reference implementation."""
    return 32.45 + 20.0 * math.log10(freq_mhz) + 20.0 * math.log10(distance_m / 1000.0)


@kernel
def itm_path_kernel(
    distance_m: float,
    angle_a: float,
    angle_b: float,
    far_a_m: float,
    far_b_m: float,
    effective_a_m: float,
    effective_b_m: float,
    height_a_m: float,
    height_b_m: float,
    delta_h_m: float,
    n_s: float,
    freq_mhz: float,
    vertical: bool,
    climate: int,
    epsilon_r: float,
    sigma_s_per_m: float,
    mdvar: int,
    time_pct: float,
    location_pct: float,
    situation_pct: float,
    over_profile: bool,
) -> tuple[float, int, int, float, float, int]:
    """What follows from the features of a path: loss, code, warnings, free space, reference attenuation, mode."""
    impedance_re, impedance_im = impedance_kernel(freq_mhz, vertical, epsilon_r, sigma_s_per_m)
    code, warnings, reference, mode = reference_kernel(
        distance_m,
        angle_a,
        angle_b,
        far_a_m,
        far_b_m,
        effective_a_m,
        effective_b_m,
        height_a_m,
        height_b_m,
        delta_h_m,
        1.0 / earth_curvature_kernel(n_s),
        n_s,
        freq_mhz,
        impedance_re,
        impedance_im,
        over_profile,
    )
    free = _free_space_kernel(distance_m, freq_mhz)
    if code != DONE:
        return math.nan, code, warnings, free, math.nan, 0
    below, more = variability_kernel(
        time_pct,
        location_pct,
        situation_pct,
        effective_a_m,
        effective_b_m,
        delta_h_m,
        freq_mhz,
        distance_m,
        reference,
        climate,
        mdvar,
    )
    return free + below, DONE, warnings | more, free, reference, mode


@kernel
def itm_kernel(
    ground_m: Floats,
    first: int,
    last: int,
    spacing_m: float,
    scratch: Workspace,
    height_a_m: float,
    height_b_m: float,
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
) -> tuple[float, int, int, float, float, int, float, float, float, float, float, float, float, float]:
    """Prediction over points `first` to `last` (not included), in the order of `ItmLoss`."""
    nan = math.nan
    code, warnings = within_limits_kernel(
        height_a_m,
        height_b_m,
        freq_mhz,
        climate,
        n0,
        epsilon_r,
        sigma_s_per_m,
        mdvar,
        time_pct,
        location_pct,
        situation_pct,
    )
    if code != DONE:
        return nan, code, warnings, nan, nan, 0, nan, nan, nan, nan, nan, nan, nan, nan
    # Mean height without a tenth at either end; the rest is added apart, to notice a height that is missing.
    steps = last - 1 - first
    tenth = int(0.1 * steps)
    amsl = 0.0
    others = 0.0
    for i in range(first, first + tenth):
        others += ground_m[i]
    for i in range(first + tenth, last - tenth):
        amsl += ground_m[i]
    for i in range(last - tenth, last):
        others += ground_m[i]
    if not math.isfinite(amsl + others):
        return nan, NO_HEIGHT, warnings, nan, nan, 0, nan, nan, nan, nan, nan, nan, nan, nan
    n_s = refractivity_kernel(amsl / (steps - 2 * tenth + 1), n0)
    curvature = earth_curvature_kernel(n_s)
    # An earth that is none (beyond N_s 549) is refused by its refractivity; horizons need a radius till then.
    radius = 1.0 / curvature if curvature > 1e-9 else 1e9
    delta_h, angle_a, angle_b, far_a, far_b, effective_a, effective_b = profile_kernel(
        ground_m, first, last, spacing_m, height_a_m, height_b_m, radius, scratch
    )
    loss, code, more, free, reference, mode = itm_path_kernel(
        steps * spacing_m,
        angle_a,
        angle_b,
        far_a,
        far_b,
        effective_a,
        effective_b,
        height_a_m,
        height_b_m,
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
    warnings |= more
    if code == DONE and warnings != 0:
        code = DONE_WITH_WARNINGS
    return (
        loss,
        code,
        warnings,
        free,
        reference,
        mode,
        delta_h,
        n_s,
        angle_a,
        angle_b,
        far_a,
        far_b,
        effective_a,
        effective_b,
    )


@kernel
def itm_area_kernel(
    distance_m: float,
    delta_h_m: float,
    height_a_m: float,
    height_b_m: float,
    siting_a: int,
    siting_b: int,
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
) -> tuple[float, int, int, float, float, int, float, float, float, float, float, float, float, float]:
    """Prediction over land of which only the roughness is known, in the order of `ItmLoss` (Algorithm, section 3)."""
    nan = math.nan
    code, warnings = within_limits_kernel(
        height_a_m,
        height_b_m,
        freq_mhz,
        climate,
        n0,
        epsilon_r,
        sigma_s_per_m,
        mdvar,
        time_pct,
        location_pct,
        situation_pct,
    )
    if code == DONE:
        if not 0.0 < distance_m < math.inf:
            code = BAD_DISTANCE
        elif not 0.0 <= delta_h_m < math.inf:
            code = BAD_DELTA_H
        elif not 0 <= siting_a <= 2:
            code = BAD_SITING_A
        elif not 0 <= siting_b <= 2:
            code = BAD_SITING_B
    if code != DONE:
        return nan, code, warnings, nan, nan, 0, nan, nan, nan, nan, nan, nan, nan, nan
    radius = 1.0 / earth_curvature_kernel(n0)
    effective_a = siting_kernel(height_a_m, siting_a, delta_h_m)
    effective_b = siting_kernel(height_b_m, siting_b, delta_h_m)
    far_a = horizon_distance_kernel(effective_a, radius, delta_h_m)
    far_b = horizon_distance_kernel(effective_b, radius, delta_h_m)
    angle_a = horizon_angle_kernel(effective_a, far_a, radius, delta_h_m)
    angle_b = horizon_angle_kernel(effective_b, far_b, radius, delta_h_m)
    loss, code, more, free, reference, mode = itm_path_kernel(
        distance_m,
        angle_a,
        angle_b,
        far_a,
        far_b,
        effective_a,
        effective_b,
        height_a_m,
        height_b_m,
        delta_h_m,
        n0,
        freq_mhz,
        vertical,
        climate,
        epsilon_r,
        sigma_s_per_m,
        mdvar,
        time_pct,
        location_pct,
        situation_pct,
        False,
    )
    warnings |= more
    if code == DONE and warnings != 0:
        code = DONE_WITH_WARNINGS
    return (
        loss,
        code,
        warnings,
        free,
        reference,
        mode,
        delta_h_m,
        n0,
        angle_a,
        angle_b,
        far_a,
        far_b,
        effective_a,
        effective_b,
    )


@kernel
def itm_many_kernel(
    ground_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    spacing_m: NDArray[np.float64],
    profile: NDArray[np.int64],
    scratch: NDArray[np.float64],
    out: NDArray[np.float64],
    height_a_m: NDArray[np.float64],
    height_b_m: NDArray[np.float64],
    freq_mhz: NDArray[np.float64],
    vertical: NDArray[np.bool_],
    climate: NDArray[np.int64],
    n0: NDArray[np.float64],
    epsilon_r: NDArray[np.float64],
    sigma_s_per_m: NDArray[np.float64],
    mdvar: NDArray[np.int64],
    time_pct: NDArray[np.float64],
    location_pct: NDArray[np.float64],
    situation_pct: NDArray[np.float64],
) -> None:
    """Fill a row of `out` a path, in the order of `ItmLoss`; path p goes over profile ``profile[p]``."""
    for p in range(len(profile)):
        k = profile[p]
        found = itm_kernel(
            ground_m,
            offsets[k],
            offsets[k + 1],
            spacing_m[k],
            scratch,
            height_a_m[p],
            height_b_m[p],
            freq_mhz[p],
            vertical[p],
            climate[p],
            n0[p],
            epsilon_r[p],
            sigma_s_per_m[p],
            mdvar[p],
            time_pct[p],
            location_pct[p],
            situation_pct[p],
        )
        _keep(found, p, out)


@kernel
def itm_areas_kernel(
    out: NDArray[np.float64],
    distance_m: NDArray[np.float64],
    delta_h_m: NDArray[np.float64],
    height_a_m: NDArray[np.float64],
    height_b_m: NDArray[np.float64],
    siting_a: NDArray[np.int64],
    siting_b: NDArray[np.int64],
    freq_mhz: NDArray[np.float64],
    vertical: NDArray[np.bool_],
    climate: NDArray[np.int64],
    n0: NDArray[np.float64],
    epsilon_r: NDArray[np.float64],
    sigma_s_per_m: NDArray[np.float64],
    mdvar: NDArray[np.int64],
    time_pct: NDArray[np.float64],
    location_pct: NDArray[np.float64],
    situation_pct: NDArray[np.float64],
) -> None:
    """Fill a row of `out` a path, in the order of `ItmLoss`."""
    for p in range(len(distance_m)):
        found = itm_area_kernel(
            distance_m[p],
            delta_h_m[p],
            height_a_m[p],
            height_b_m[p],
            siting_a[p],
            siting_b[p],
            freq_mhz[p],
            vertical[p],
            climate[p],
            n0[p],
            epsilon_r[p],
            sigma_s_per_m[p],
            mdvar[p],
            time_pct[p],
            location_pct[p],
            situation_pct[p],
        )
        _keep(found, p, out)


@kernel
def _keep(
    found: tuple[float, int, int, float, float, int, float, float, float, float, float, float, float, float],
    p: int,
    out: NDArray[np.float64],
) -> None:
    out[p, 0] = found[0]
    out[p, 1] = found[1]
    out[p, 2] = found[2]
    out[p, 3] = found[3]
    out[p, 4] = found[4]
    out[p, 5] = found[5]
    out[p, 6] = found[6]
    out[p, 7] = found[7]
    out[p, 8] = found[8]
    out[p, 9] = found[9]
    out[p, 10] = found[10]
    out[p, 11] = found[11]
    out[p, 12] = found[12]
    out[p, 13] = found[13]

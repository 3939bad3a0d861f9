"""The whole of P.1812-8 on one path, and on many: from the profile to the loss, with every step in between."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.propagation.kernel import Floats, kernel
from cn_planner.propagation.p1812_diffraction import diffraction_kernel
from cn_planner.propagation.p1812_mechanisms import (
    ducting_kernel,
    enhancement_kernel,
    exceeded_kernel,
    free_space_1812_kernel,
    greater_blend_kernel,
    power_sum_kernel,
    troposcatter_kernel,
)
from cn_planner.propagation.p1812_path import (
    BETA_EARTH_RADIUS_M,
    SEA,
    Zones,
    cover_kernel,
    ducting_incidence_kernel,
    median_earth_radius_kernel,
    roughness_kernel,
    scan_kernel,
    zones_kernel,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class P1812Path(NamedTuple):
    """What the model reads off a path: attachment 1, with the quantities of section 3."""

    length_km: float
    sea: float
    land_km: float
    inland_km: float
    beta0_pct: float
    tau: float
    earth_radius_km: float
    horizon_a_km: float
    horizon_b_km: float
    theta_a_mrad: float
    theta_b_mrad: float
    theta_mrad: float
    smooth_a_m: float
    smooth_b_m: float
    effective_a_m: float
    effective_b_m: float
    diffraction_a_m: float
    diffraction_b_m: float
    roughness_m: float
    slope_a: float
    slope_b: float
    nu: float
    beta_slope_a: float
    beta_slope_b: float
    beta_nu: float


class P1812Steps(NamedTuple):
    """Every intermediate of a prediction by the Recommendation's symbols, losses in dB.

    Names are those of the Recommendation, ``a`` being the transmitter and ``b`` the receiver; the losses of Bullington
    and of the spherical earth are those of the effective earth radius of beta0.
    """

    fi: float
    fj: float
    fk: float
    lbfs: float
    lb0p: float
    lb0b: float
    lbulla: float
    lbulls: float
    ldsph: float
    ld50: float
    ldb: float
    ldp: float
    lbd50: float
    lbd: float
    lminb0p: float
    lba: float
    lminbap: float
    lbda: float
    lbam: float
    lbs: float
    lbc: float
    lb: float


@kernel
def p1812_path_kernel(
    distance_m: Floats,
    ground_m: Floats,
    surface_m: Floats,
    zone: Zones,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    delta_n: float,
    latitude_deg: float,
) -> tuple[float, ...]:
    """Analyse a path; fields as `P1812Path`. The roughness is NaN where a height is missing.

    An empty surface says that nothing stands on the ground.
    """
    start = distance_m[first]
    length = distance_m[last - 1] - start
    radius = median_earth_radius_kernel(delta_n)
    curve = 0.5 / radius
    curve_beta = 0.5 / BETA_EARTH_RADIUS_M
    sea, land, inland = zones_kernel(distance_m, zone, first, last)
    beta0, tau = ducting_incidence_kernel(latitude_deg, land * 1e-3, inland * 1e-3)
    cover = cover_kernel(ground_m, surface_m, first, last) if len(surface_m) > 0 else 0.0
    (
        v1,
        v2,
        highest,
        steepest_a,
        horizon_a,
        at_a,
        steepest_b,
        horizon_b,
        at_b,
        at_nu,
        slope_a,
        slope_b,
        nu,
        beta_slope_a,
        beta_slope_b,
        beta_nu,
    ) = scan_kernel(distance_m, ground_m, surface_m, cover > 0.0, first, last, amsl_a_m, amsl_b_m, curve, curve_beta)

    # Attachment 1, section 4: trans-horizon where the steepest ray leaves above the one to the other end.
    slope = (amsl_b_m - amsl_a_m) / length
    straight = slope - curve * length
    if horizon_a > straight:
        horizon_a_m = distance_m[at_a] - start
        horizon_b_m = distance_m[last - 1] - distance_m[at_b]
        near, far = at_a, at_b
        tangent_a, tangent_b = horizon_a, horizon_b
    else:
        horizon_a_m = distance_m[at_nu] - start
        horizon_b_m = length - horizon_a_m
        near, far = at_nu, at_nu
        tangent_a, tangent_b = straight, -slope - curve * length
    theta_a = 1000.0 * math.atan(tangent_a)
    theta_b = 1000.0 * math.atan(tangent_b)
    theta = 1000.0 * length / radius + theta_a + theta_b

    # Attachment 1, section 5.6.1: the smooth earth.
    smooth_a = (2.0 * v1 * length - v2) / (length * length)
    smooth_b = (v2 - v1 * length) / (length * length)
    # Section 5.6.2: for diffraction it goes down where the ground stands above the line from end to end.
    under_a = smooth_a
    under_b = smooth_b
    if highest > 0.0:
        above_a = steepest_a - slope
        above_b = steepest_b + slope
        under_a -= highest * above_a / (above_a + above_b)
        under_b -= highest * above_b / (above_a + above_b)
    ground_a = ground_m[first]
    ground_b = ground_m[last - 1]
    # Section 5.6.3: for ducting; the smooth earth does not stand above the ground at an end.
    smooth_a = min(smooth_a, ground_a)
    smooth_b = min(smooth_b, ground_b)
    roughness = roughness_kernel(distance_m, ground_m, first, near, far, smooth_a, (smooth_b - smooth_a) / length)

    return (
        length * 1e-3,
        sea,
        land * 1e-3,
        inland * 1e-3,
        beta0,
        tau,
        radius * 1e-3,
        horizon_a_m * 1e-3,
        horizon_b_m * 1e-3,
        theta_a,
        theta_b,
        theta,
        smooth_a,
        smooth_b,
        amsl_a_m - smooth_a,
        amsl_b_m - smooth_b,
        amsl_a_m - min(under_a, ground_a),
        amsl_b_m - min(under_b, ground_b),
        roughness + (cover + v1) * 0.0,
        slope_a,
        slope_b,
        nu,
        beta_slope_a,
        beta_slope_b,
        beta_nu,
    )


@kernel
def p1812_kernel(
    distance_m: Floats,
    ground_m: Floats,
    surface_m: Floats,
    zone: Zones,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    freq_mhz: float,
    vertical: bool,
    time_pct: float,
    location_pct: float,
    location_sigma_db: float,
    n0: float,
    delta_n: float,
    latitude_deg: float,
    coast_a_km: float,
    coast_b_km: float,
) -> tuple[float, ...]:
    """Predict points `first` to `last` (not included), three at least; fields as `P1812Steps`, NaN without a height."""
    (
        length,
        sea,
        _land,
        _inland,
        beta0,
        tau,
        radius,
        horizon_a,
        horizon_b,
        theta_a,
        theta_b,
        theta,
        _smooth_a,
        _smooth_b,
        effective_a,
        effective_b,
        height_a,
        height_b,
        roughness,
        slope_a,
        slope_b,
        nu,
        beta_slope_a,
        beta_slope_b,
        beta_nu,
    ) = p1812_path_kernel(distance_m, ground_m, surface_m, zone, first, last, amsl_a_m, amsl_b_m, delta_n, latitude_deg)
    if math.isnan(roughness):
        x = math.nan
        return x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
    freq = freq_mhz * 1e-3
    at_sea = False
    if len(zone) > 0:
        at_sea = zone[last - 1] == SEA
        coast_a_km = 0.0 if zone[first] == SEA else coast_a_km
        coast_b_km = 0.0 if at_sea else coast_b_km

    # Section 4.2
    lbfs = free_space_1812_kernel(length, amsl_a_m, amsl_b_m, freq)
    lb0p = lbfs + enhancement_kernel(horizon_a + horizon_b, time_pct)  # eq. 10
    lb0b = lbfs + enhancement_kernel(horizon_a + horizon_b, beta0)  # eq. 11

    # Section 4.3.5
    _actual, _smooth, _spherical, ld50 = diffraction_kernel(
        distance_m,
        first,
        last,
        amsl_a_m,
        amsl_b_m,
        height_a,
        height_b,
        radius * 1e3,
        freq_mhz,
        vertical,
        sea,
        slope_a,
        slope_b,
        nu,
    )
    lbulla, lbulls, ldsph, ldb = diffraction_kernel(
        distance_m,
        first,
        last,
        amsl_a_m,
        amsl_b_m,
        height_a,
        height_b,
        BETA_EARTH_RADIUS_M,
        freq_mhz,
        vertical,
        sea,
        beta_slope_a,
        beta_slope_b,
        beta_nu,
    )
    fi = 1.0
    if time_pct > beta0:
        fi = exceeded_kernel(time_pct / 100.0) / exceeded_kernel(beta0 / 100.0)  # eq. 40
    ldp = ld50 + fi * (ldb - ld50)  # eq. 41
    lbd50 = lbfs + ld50  # eq. 42
    lbd = lb0p + ldp  # eq. 43

    # Section 4.4 and 4.5
    lbs = troposcatter_kernel(length, theta, freq, time_pct, n0)
    lba = ducting_kernel(
        length,
        horizon_a,
        horizon_b,
        theta_a,
        theta_b,
        amsl_a_m,
        amsl_b_m,
        effective_a,
        effective_b,
        roughness,
        coast_a_km,
        coast_b_km,
        radius,
        freq,
        time_pct,
        sea,
        beta0,
        tau,
    )

    # Section 4.6
    fj = 1.0 - 0.5 * (1.0 + math.tanh(2.4 * (theta - 0.3) / 0.3))  # eq. 57
    fk = 1.0 - 0.5 * (1.0 + math.tanh(1.5 * (length - 20.0) / 20.0))  # eq. 58
    lminb0p = lb0p + (1.0 - sea) * ldp
    if time_pct >= beta0:
        lminb0p = lbd50 + (lb0b + (1.0 - sea) * ldp - lbd50) * fi  # eq. 59
    lminbap = greater_blend_kernel(lba, lb0p)  # eq. 60
    lbda = lbd
    if lminbap <= lbd:
        lbda = lminbap + (lbd - lminbap) * fk  # eq. 61
    lbam = lbda + (lminb0p - lbda) * fj  # eq. 62
    lbc = power_sum_kernel(lbs, lbam)  # eq. 63

    # Sections 4.7 to 4.9; building entry is none, and the sea has no variability from place to place.
    local = 0.0 if at_sea else -exceeded_kernel(location_pct / 100.0) * location_sigma_db
    lb = max(lb0p, lbc + local)
    return (
        fi,
        fj,
        fk,
        lbfs,
        lb0p,
        lb0b,
        lbulla,
        lbulls,
        ldsph,
        ld50,
        ldb,
        ldp,
        lbd50,
        lbd,
        lminb0p,
        lba,
        lminbap,
        lbda,
        lbam,
        lbs,
        lbc,
        lb,
    )


@kernel
def p1812_many_kernel(
    distance_m: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    zone: NDArray[np.int8],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    freq_mhz: NDArray[np.float64],
    vertical: NDArray[np.bool_],
    time_pct: NDArray[np.float64],
    location_pct: NDArray[np.float64],
    location_sigma_db: NDArray[np.float64],
    n0: NDArray[np.float64],
    delta_n: NDArray[np.float64],
    latitude_deg: NDArray[np.float64],
    coast_a_km: NDArray[np.float64],
    coast_b_km: NDArray[np.float64],
    out: NDArray[np.float64],
) -> int:
    """Predict path after path; return the first whose distances do not rise, where it ends, or -1."""
    for p in range(len(offsets) - 1):
        for i in range(offsets[p] + 1, offsets[p + 1]):
            if not distance_m[i] > distance_m[i - 1]:
                return p
        steps = p1812_kernel(
            distance_m,
            ground_m,
            surface_m,
            zone,
            offsets[p],
            offsets[p + 1],
            amsl_a_m[p],
            amsl_b_m[p],
            freq_mhz[p],
            vertical[p],
            time_pct[p],
            location_pct[p],
            location_sigma_db[p],
            n0[p],
            delta_n[p],
            latitude_deg[p],
            coast_a_km[p],
            coast_b_km[p],
        )
        out[p] = steps[21]
    return -1

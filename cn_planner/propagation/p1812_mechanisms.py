"""The other mechanisms of P.1812-8: line of sight, troposcatter, ducting and layer reflection; and variability."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from cn_planner.propagation.p1812_path import AmslAntennas, P1812Path

SHORT_TERM_DB = 2.6
BLEND_DB = 2.5
"""The eta of eq. 60."""

_LEAST_BETA_PCT = 1e-200  # no terrain of this earth comes near it; its logarithm is a number


@kernel
def exceeded_kernel(fraction: float) -> float:
    """Inverse complementary cumulative normal distribution, by the Recommendation's own fit (Attachment 2)."""
    x = min(max(fraction, 1e-6), 1.0 - 1e-6)
    tail = x if x <= 0.5 else 1.0 - x
    t = math.sqrt(-2.0 * math.log(tail))
    above = (0.010328 * t + 0.802853) * t + 2.515516698
    below = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    value = t - above / below
    return value if x <= 0.5 else -value


@kernel
def free_space_1812_kernel(length_km: float, amsl_a_m: float, amsl_b_m: float, freq_ghz: float) -> float:
    """Loss in free space from antenna to antenna, dB (eq. 8)."""
    rise_km = (amsl_a_m - amsl_b_m) / 1000.0
    return 92.4 + 20.0 * math.log10(freq_ghz) + 10.0 * math.log10(length_km * length_km + rise_km * rise_km)


@kernel
def enhancement_kernel(horizons_km: float, time_pct: float) -> float:
    """Correction for multipath and focusing at a percentage of the time, dB (eq. 9); not above 0."""
    return SHORT_TERM_DB * (1.0 - math.exp(-0.1 * horizons_km)) * math.log10(time_pct / 50.0)


@kernel
def troposcatter_kernel(length_km: float, theta_mrad: float, freq_ghz: float, time_pct: float, n0: float) -> float:
    """Loss by tropospheric scatter, dB (eq. 44, 45)."""
    octaves = math.log10(freq_ghz / 2.0)
    by_freq = 25.0 * math.log10(freq_ghz) - 2.5 * octaves * octaves  # eq. 45
    by_time = 10.125 * math.pow(math.log10(50.0 / time_pct), 0.7)
    return 190.1 + by_freq + 20.0 * math.log10(length_km) + 0.573 * theta_mrad - 0.15 * n0 - by_time


@kernel
def _site_shielding(elevation_mrad: float, horizon_km: float, freq_ghz: float) -> float:
    # Eq. 48: what stands before an antenna and hides the duct.
    above = elevation_mrad - 0.1 * horizon_km  # eq. 48a
    if above <= 0.0:
        return 0.0
    edge = 20.0 * math.log10(1.0 + 0.361 * above * math.sqrt(freq_ghz * horizon_km))
    return edge + 0.264 * above * math.pow(freq_ghz, 1.0 / 3.0)


@kernel
def _sea_coupling(coast_km: float, horizon_km: float, sea: float, amsl_m: float) -> float:
    # Eq. 49: an antenna near the sea couples into the ducts above it.
    if sea < 0.75 or coast_km > horizon_km or coast_km > 5.0:
        return 0.0
    return -3.0 * math.exp(-0.25 * coast_km * coast_km) * (1.0 + math.tanh(0.07 * (50.0 - amsl_m)))


@kernel
def ducting_kernel(
    path: P1812Path, antennas: AmslAntennas, coast_a_km: float, coast_b_km: float, time_pct: float
) -> float:
    """Loss by ducting and layer reflection, dB (section 4.5)."""
    freq_ghz = antennas.freq_mhz * 1e-3
    length_km, earth_radius_km, sea, roughness_m = path.length_km, path.earth_radius_km, path.sea, path.roughness_m
    horizon_a_km, horizon_b_km = path.horizon_a_km, path.horizon_b_km
    theta_a_mrad, theta_b_mrad = path.theta_a_mrad, path.theta_b_mrad
    coupling = 102.45 + 20.0 * math.log10(freq_ghz) + 20.0 * math.log10(horizon_a_km + horizon_b_km)  # eq. 47
    if freq_ghz < 0.5:
        coupling += 45.375 - 137.0 * freq_ghz + 92.5 * freq_ghz * freq_ghz  # eq. 47a
    coupling += _site_shielding(theta_a_mrad, horizon_a_km, freq_ghz)
    coupling += _site_shielding(theta_b_mrad, horizon_b_km, freq_ghz)
    coupling += _sea_coupling(coast_a_km, horizon_a_km, sea, antennas.amsl_a_m)
    coupling += _sea_coupling(coast_b_km, horizon_b_km, sea, antennas.amsl_b_m)
    per_mrad = 5e-5 * earth_radius_km * math.pow(freq_ghz, 1.0 / 3.0)  # eq. 51
    theta = 1e3 * length_km / earth_radius_km  # eq. 52
    theta += min(theta_a_mrad, 0.1 * horizon_a_km) + min(theta_b_mrad, 0.1 * horizon_b_km)  # eq. 52a
    rough = 1.0
    if roughness_m > 10.0:
        between_km = min(length_km - horizon_a_km - horizon_b_km, 40.0)  # eq. 56a
        rough = math.exp(-4.6e-5 * (roughness_m - 10.0) * (43.0 + 6.0 * between_km))  # eq. 56
    alpha = max(-0.6 - 3.5e-9 * math.pow(length_km, 3.1) * path.tau, -3.4)  # eq. 55a
    roots = math.sqrt(path.effective_a_m) + math.sqrt(path.effective_b_m)
    geometry = 500.0 / earth_radius_km * (length_km / roots) * (length_km / roots)
    beta = path.beta0_pct * min(math.pow(geometry, alpha), 1.0) * rough  # eq. 54, 55
    beta = max(beta, _LEAST_BETA_PCT)
    log_beta = math.log10(beta)
    gamma = 1.076 / math.pow(2.0058 - log_beta, 1.012)
    fit = 9.51 - 4.8 * log_beta + 0.198 * log_beta * log_beta
    gamma *= math.exp(-fit * 1e-6 * math.pow(length_km, 1.13))  # eq. 53a
    by_time = -12.0 + (1.2 + 3.7e-3 * length_km) * math.log10(time_pct / beta)
    by_time += 12.0 * math.pow(time_pct / beta, gamma)  # eq. 53
    return coupling + per_mrad * theta + by_time  # eq. 46, 50


@kernel
def greater_blend_kernel(a_db: float, b_db: float) -> float:
    """Blend two losses smoothly into the greater, dB (eq. 60), in a form that cannot overflow."""
    return max(a_db, b_db) + BLEND_DB * math.log1p(math.exp(-abs(a_db - b_db) / BLEND_DB))


@kernel
def power_sum_kernel(a_db: float, b_db: float) -> float:
    """Combine two losses that the field takes at once, dB (eq. 63): never more than the lesser."""
    return min(a_db, b_db) - 5.0 * math.log10(1.0 + math.pow(10.0, -0.2 * abs(a_db - b_db)))

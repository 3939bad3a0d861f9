"""Attenuation below free space by each mechanism of the Irregular Terrain Model, at a distance that may be any.

The model draws its curve of attenuation over distance through values that these functions give at a few distances.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from cn_planner.propagation.itm_terrain import ItmAntennas, ItmFeatures, roughness_kernel
from cn_planner.propagation.kernel import kernel

WAVE_NUMBER_MHZ_M = 47.7
"""Frequency in MHz over this is the wave number in 1/m (Algorithm, eq. 1.1)."""
NO_SCATTER_DB = 1001.0
"""Stands for an infinite troposcatter attenuation; above 1000 the model takes it for none."""
_EARTH_RADIUS_M = 6370e3
_THIRD = 1.0 / 3.0
_SQRT2 = math.sqrt(2.0)


class ItmSetting(NamedTuple):
    """What the attenuation rests on at any distance, beside the features of the path.

    Attributes
    ----------
    earth_radius_m, n_s : float
        Effective earth, and surface refractivity, N-units.
    impedance_re, impedance_im : float
        The ground's transfer impedance.
    sight_angle : float
        Angle of the ray from horizon to horizon, rad, its sign turned (Algorithm, eq. 4.8).
    smooth_limit_m : float
        Distance of both horizons of a smooth earth, together.
    freq_mhz, root_freq : float
        Frequency and its cube root.
    over_profile : bool
        Whether the terrain is known, not its roughness alone.
    """

    earth_radius_m: float
    n_s: float
    impedance_re: float
    impedance_im: float
    sight_angle: float
    smooth_limit_m: float
    freq_mhz: float
    root_freq: float
    over_profile: bool


class DiffractionLine(NamedTuple):
    """Attenuation by diffraction as a straight line over the distance: its slope, dB/m, and its value at none, dB."""

    slope: float
    intercept: float


@kernel
def impedance_kernel(freq_mhz: float, vertical: bool, epsilon_r: float, sigma_s_per_m: float) -> tuple[float, float]:
    """Real and imaginary part of the ground's transfer impedance (Algorithm, eq. 1.4, 1.5)."""
    re = epsilon_r - 1.0
    im = 18000.0 * sigma_s_per_m / freq_mhz
    # The square root of permittivity - 1, both parts positive, and the same where the real part is 0: the limit of what
    # the model takes, to be met exactly.
    root_re = math.sqrt(0.5 * (math.sqrt(re * re + im * im) + re))
    root_im = root_re if re == 0.0 else im / (2.0 * root_re)
    if not vertical:
        return root_re, root_im
    square = epsilon_r * epsilon_r + im * im
    return (root_re * epsilon_r + root_im * im) / square, (root_im * epsilon_r - root_re * im) / square


@kernel
def sigma_h_kernel(delta_h_m: float) -> float:
    """Standard deviation of heights within the first Fresnel zone, m (ERL 79-ITS 67, eq. 3.6a)."""
    return 0.78 * delta_h_m * math.exp(-0.5 * math.sqrt(math.sqrt(delta_h_m)))


@kernel
def line_of_sight_kernel(distance_m: float, features: ItmFeatures, setting: ItmSetting, line: DiffractionLine) -> float:
    """Attenuation in the line-of-sight range, dB: two rays, and diffraction drawn out (Algorithm, eq. 4.43 to 4.51)."""
    effective_a_m, effective_b_m, delta_h_m = features.effective_a_m, features.effective_b_m, features.delta_h_m
    impedance_re, impedance_im, freq_mhz = setting.impedance_re, setting.impedance_im, setting.freq_mhz
    wave_number = freq_mhz / WAVE_NUMBER_MHZ_M
    sigma_h = sigma_h_kernel(roughness_kernel(distance_m, delta_h_m))
    heights = effective_a_m + effective_b_m
    sine = heights / math.sqrt(distance_m * distance_m + heights * heights)  # eq. 4.46
    # Eq. 4.47: (sine - Z) / (sine + Z), by its real and imaginary part.
    sum_re = sine + impedance_re
    scale = math.exp(-min(10.0, wave_number * sigma_h * sine)) / (sum_re * sum_re + impedance_im * impedance_im)
    ray_re = (sine * sine - impedance_re * impedance_re - impedance_im * impedance_im) * scale
    ray_im = -2.0 * sine * impedance_im * scale
    power = ray_re * ray_re + ray_im * ray_im
    if power < 0.25 or power < sine:  # eq. 4.48
        stronger = math.sqrt(sine / max(power, 1e-300))
        ray_re *= stronger
        ray_im *= stronger
    phase = wave_number * 2.0 * effective_a_m * effective_b_m / distance_m  # eq. 4.49
    if phase > 0.5 * math.pi:
        phase = math.pi - (0.5 * math.pi) * (0.5 * math.pi) / phase  # eq. 4.50
    both_re = math.cos(phase) + ray_re
    both_im = ray_im - math.sin(phase)
    two_ray = -10.0 * math.log10(max(both_re * both_re + both_im * both_im, 1e-300))
    weight = 1.0 / (1.0 + freq_mhz * delta_h_m / max(10e3, setting.smooth_limit_m))
    return weight * two_ray + (1.0 - weight) * (line.slope * distance_m + line.intercept)


@kernel
def edge_kernel(nu_squared: float) -> float:
    """Loss over one knife edge of this parameter squared, dB (TN101, eq. III.24b and c)."""
    if nu_squared < 5.76:
        return 6.02 + 9.11 * math.sqrt(nu_squared) - 1.27 * nu_squared
    return 12.953 + 10.0 * math.log10(nu_squared)


@kernel
def knife_edges_kernel(distance_m: float, features: ItmFeatures, setting: ItmSetting) -> float:
    """Attenuation by a knife edge at either horizon, dB (Algorithm, eq. 4.12 to 4.14)."""
    far_a_m, far_b_m = features.far_a_m, features.far_b_m
    angle = distance_m / setting.earth_radius_m - setting.sight_angle
    beyond = distance_m - far_a_m - far_b_m
    scale = 0.0795775 * (setting.freq_mhz / WAVE_NUMBER_MHZ_M) * angle * angle * beyond  # 0.0795775 = 1 / (4 pi)
    return edge_kernel(scale * far_a_m / (beyond + far_a_m)) + edge_kernel(scale * far_b_m / (beyond + far_b_m))


@kernel
def height_gain_kernel(x_km: float, k: float) -> float:
    """Vogler's height function, dB (Algorithm, eq. 6.4 to 6.7)."""
    if x_km >= 200.0:
        gain = 0.05751 * x_km - 4.343 * math.log(x_km)
        if x_km < 2000.0:
            weight = 0.0134 * x_km * math.exp(-0.005 * x_km)
            gain = (1.0 - weight) * gain + weight * (17.372 * math.log(x_km) - 117.0)
        return gain
    log_k = -math.log(k)
    if k < 1e-5 or x_km * log_k * log_k * log_k > 5495.0:
        return 17.372 * math.log(x_km) - 117.0 if x_km > 1.0 else -117.0
    return 2.5e-5 * x_km * x_km / k - 8.686 * log_k - 15.0


@kernel
def _radius_terms(radius_m: float, root_freq: float, impedance: float) -> tuple[float, float]:
    """Vogler's K and the factor from km to his distance, for an earth of this radius (Algorithm, eq. 4.16 on)."""
    c = math.pow(4.0 / 3.0 * _EARTH_RADIUS_M / radius_m, _THIRD)
    k = 0.017778 * c / (root_freq * impedance)
    return k, (1.607 - k) * c * c * root_freq


@kernel
def smooth_earth_kernel(distance_m: float, features: ItmFeatures, setting: ItmSetting) -> float:
    """Attenuation round a rounded earth of three radii, dB (Algorithm, eq. 4.15 to 4.20).

    NaN where Vogler's distance comes out negative: horizons at the foot of high masts, or ground that conducts well.
    """
    far_a_m, far_b_m, root_freq = features.far_a_m, features.far_b_m, setting.root_freq
    impedance = math.sqrt(setting.impedance_re * setting.impedance_re + setting.impedance_im * setting.impedance_im)
    angle = distance_m / setting.earth_radius_m - setting.sight_angle
    radius = (distance_m - far_a_m - far_b_m) / angle
    k_a, scale_a = _radius_terms(0.5 * far_a_m * far_a_m / features.effective_a_m, root_freq, impedance)
    k_b, scale_b = _radius_terms(0.5 * far_b_m * far_b_m / features.effective_b_m, root_freq, impedance)
    _unused, scale = _radius_terms(radius, root_freq, impedance)
    x_a = scale_a * far_a_m / 1000.0
    x_b = scale_b * far_b_m / 1000.0
    x = scale * radius * angle / 1000.0 + x_a + x_b
    if x <= 0.0:
        return math.nan
    distance_db = 0.05751 * x - 10.0 * math.log10(x)  # TN101, eq. 8.4
    return distance_db - height_gain_kernel(x_a, k_a) - height_gain_kernel(x_b, k_b) - 20.0


@kernel
def diffraction_kernel(distance_m: float, antennas: ItmAntennas, features: ItmFeatures, setting: ItmSetting) -> float:
    """Attenuation in the diffraction range, dB: round earth and knife edges, weighted (Algorithm, eq. 4.9 to 4.11)."""
    freq_mhz, delta_h_m = setting.freq_mhz, features.delta_h_m
    edges = knife_edges_kernel(distance_m, features, setting)
    smooth = smooth_earth_kernel(distance_m, features, setting)
    product = antennas.height_a_m * antennas.height_b_m
    sigma_h = sigma_h_kernel(roughness_kernel(setting.smooth_limit_m, delta_h_m))
    clutter = min(15.0, 5.0 * math.log10(1.0 + 1e-5 * product * freq_mhz * sigma_h))  # ERL 79-ITS 67, eq. 3.38c
    raised = features.effective_a_m * features.effective_b_m - product
    if setting.over_profile:
        product += 10.0  # low antennas on a known path (ERL 79-ITS 67, p. 3-8)
    beyond = features.far_a_m + features.far_b_m - setting.sight_angle * setting.earth_radius_m
    spread = math.sqrt(1.0 + raised / product) + beyond / distance_m
    rough = min(roughness_kernel(distance_m, delta_h_m) * freq_mhz / WAVE_NUMBER_MHZ_M, 6283.2)
    weight = 25.1 / (25.1 + math.sqrt(max(spread * rough, 0.0)))  # ERL 79-ITS 67, eq. 3.23
    return weight * smooth + (1.0 - weight) * edges + clutter


@kernel
def _frequency_gain_curve(eta: int, r: float) -> float:
    """H01 at a whole eta, dB (Algorithm, eq. 6.13)."""
    a = 25.0
    b = 24.0
    if eta == 2:
        a = 80.0
        b = 45.0
    elif eta == 3:
        a = 177.0
        b = 68.0
    elif eta == 4:
        a = 395.0
        b = 80.0
    elif eta == 5:
        a = 705.0
        b = 105.0
    square = 1.0 / (r * r)
    return 10.0 * math.log10(1.0 + (a * square + b) * square)


@kernel
def frequency_gain_kernel(r: float, eta: float) -> float:
    """H01, dB, between whole values of eta by straight lines (Algorithm, eq. 6.13; TN101, section 9.2)."""
    eta = min(max(eta, 1.0), 5.0)
    whole = int(eta)
    part = eta - whole
    gain = _frequency_gain_curve(whole, r)
    if part > 0.0:
        gain = (1.0 - part) * gain + part * _frequency_gain_curve(whole + 1, r)
    return gain


@kernel
def scatter_distance_kernel(product_m: float) -> float:
    """F of the scatter angle times distance, dB (Algorithm, eq. 6.9)."""
    if product_m <= 10e3:
        return 133.4 + 0.332e-3 * product_m - 10.0 * math.log10(product_m)
    if product_m <= 70e3:
        return 104.6 + 0.212e-3 * product_m - 2.5 * math.log10(product_m)
    return 71.8 + 0.157e-3 * product_m + 5.0 * math.log10(product_m)


@kernel
def troposcatter_kernel(
    distance_m: float, features: ItmFeatures, setting: ItmSetting, h0_farther_db: float
) -> tuple[float, float]:
    """Attenuation by troposcatter and its frequency gain H0, dB (Algorithm, eq. 4.60 to 4.67).

    `h0_farther_db` is H0 at the greater of the two distances that the model looks at, below 0 where not yet known.
    """
    wave_number = setting.freq_mhz / WAVE_NUMBER_MHZ_M
    n_s, earth_radius_m = setting.n_s, setting.earth_radius_m
    h0 = h0_farther_db
    if h0_farther_db <= 15.0:
        uneven = features.far_a_m - features.far_b_m
        ratio = features.effective_b_m / features.effective_a_m
        if uneven < 0.0:
            uneven = -uneven
            ratio = 1.0 / ratio
        theta = features.angle_a + features.angle_b + distance_m / earth_radius_m
        r_a = 2.0 * wave_number * theta * features.effective_a_m  # TN101, eq. 9.4a
        r_b = 2.0 * wave_number * theta * features.effective_b_m
        if r_a < 0.2 and r_b < 0.2:
            return NO_SCATTER_DB, h0_farther_db  # not defined, or infinite (Algorithm, p. 11)
        s = (distance_m - uneven) / (distance_m + uneven)
        # TN101, eq. 9.5, both cut to 0.1 and q to 10 (Algorithm, p. 16).
        q = min(max(0.1, ratio / s), 10.0)
        s = max(0.1, s)
        crossing = (distance_m - uneven) * (distance_m + uneven) * theta * 0.25 / distance_m  # eq. 4.66
        low = min(1.7, crossing / 8.0e3)
        low *= low * low
        eta = (crossing / 1.7556e3) * (
            1.0 + (0.031 - n_s * 2.32e-3 + n_s * n_s * 5.67e-6) * math.exp(-low * low)
        )  # eq. 4.67
        h00 = 0.5 * (frequency_gain_kernel(r_a, eta) + frequency_gain_kernel(r_b, eta))
        asymmetry = 6.0 * (0.6 - math.log10(max(eta, 1.0))) * math.log10(s) * math.log10(q)
        h0 = max(h00 + min(h00, asymmetry), 0.0)
        if eta < 1.0:  # towards the special case of eta = 0 (eq. 6.14)
            product = (1.0 + _SQRT2 / r_a) * (1.0 + _SQRT2 / r_b)
            zero = 10.0 * math.log10(product * product * (r_a + r_b) / (r_a + r_b + 2.0 * _SQRT2))
            h0 = eta * h0 + (1.0 - eta) * zero
        if h0 > 15.0 and h0_farther_db >= 0.0:
            h0 = h0_farther_db
    scatter = distance_m / earth_radius_m - setting.sight_angle
    square = scatter * scatter
    loss = (
        scatter_distance_kernel(scatter * distance_m)
        + 10.0 * math.log10(wave_number * 47.7 * square * square)
        - 0.1 * (n_s - 301.0) * math.exp(-scatter * distance_m / 40e3)
        + h0
    )  # eq. 4.63
    return loss, h0

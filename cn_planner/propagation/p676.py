"""Attenuation by the gases of the air (ITU-R P.676-13, Annex 1, line by line): oxygen and water vapour."""

from __future__ import annotations

import math
from typing import NamedTuple

from cn_planner.message import msg
from cn_planner.propagation.checks import check_within
from cn_planner.propagation.kernel import kernel

_FREQ_GHZ = (1.0, 1000.0)
PRESSURE_HPA = (1.0, 1100.0)
TEMPERATURE_C = (-100.0, 60.0)
VAPOUR_G_M3 = (0.0, 60.0)
ZERO_CELSIUS_K = 273.15
STANDARD_PRESSURE_HPA, STANDARD_TEMPERATURE_C, STANDARD_VAPOUR_G_M3 = 1013.25, 15.0, 7.5
"""At sea level (ITU-R P.835, the mean annual global reference atmosphere)."""

# Tables 1 and 2: the frequency of a line, GHz, and what its strength, width and interference rest on.
_OXYGEN = (
    # f0, a1, a2, a3, a4, a5, a6
    (50.474214, 0.975, 9.651, 6.69, 0.0, 2.566, 6.85),
    (50.987745, 2.529, 8.653, 7.17, 0.0, 2.246, 6.8),
    (51.50336, 6.193, 7.709, 7.64, 0.0, 1.947, 6.729),
    (52.021429, 14.32, 6.819, 8.11, 0.0, 1.667, 6.64),
    (52.542418, 31.24, 5.983, 8.58, 0.0, 1.388, 6.526),
    (53.066934, 64.29, 5.201, 9.06, 0.0, 1.349, 6.206),
    (53.595775, 124.6, 4.474, 9.55, 0.0, 2.227, 5.085),
    (54.130025, 227.3, 3.8, 9.96, 0.0, 3.17, 3.75),
    (54.67118, 389.7, 3.182, 10.37, 0.0, 3.558, 2.654),
    (55.221384, 627.1, 2.618, 10.89, 0.0, 2.56, 2.952),
    (55.783815, 945.3, 2.109, 11.34, 0.0, -1.172, 6.135),
    (56.264774, 543.4, 0.014, 17.03, 0.0, 3.525, -0.978),
    (56.363399, 1331.8, 1.654, 11.89, 0.0, -2.378, 6.547),
    (56.968211, 1746.6, 1.255, 12.23, 0.0, -3.545, 6.451),
    (57.612486, 2120.1, 0.91, 12.62, 0.0, -5.416, 6.056),
    (58.323877, 2363.7, 0.621, 12.95, 0.0, -1.932, 0.436),
    (58.446588, 1442.1, 0.083, 14.91, 0.0, 6.768, -1.273),
    (59.164204, 2379.9, 0.387, 13.53, 0.0, -6.561, 2.309),
    (59.590983, 2090.7, 0.207, 14.08, 0.0, 6.957, -0.776),
    (60.306056, 2103.4, 0.207, 14.15, 0.0, -6.395, 0.699),
    (60.434778, 2438.0, 0.386, 13.39, 0.0, 6.342, -2.825),
    (61.150562, 2479.5, 0.621, 12.92, 0.0, 1.014, -0.584),
    (61.800158, 2275.9, 0.91, 12.63, 0.0, 5.014, -6.619),
    (62.41122, 1915.4, 1.255, 12.17, 0.0, 3.029, -6.759),
    (62.486253, 1503.0, 0.083, 15.13, 0.0, -4.499, 0.844),
    (62.997984, 1490.2, 1.654, 11.74, 0.0, 1.856, -6.675),
    (63.568526, 1078.0, 2.108, 11.34, 0.0, 0.658, -6.139),
    (64.127775, 728.7, 2.617, 10.88, 0.0, -3.036, -2.895),
    (64.67891, 461.3, 3.181, 10.38, 0.0, -3.968, -2.59),
    (65.224078, 274.0, 3.8, 9.96, 0.0, -3.528, -3.68),
    (65.764779, 153.0, 4.473, 9.55, 0.0, -2.548, -5.002),
    (66.302096, 80.4, 5.2, 9.06, 0.0, -1.66, -6.091),
    (66.836834, 39.8, 5.982, 8.58, 0.0, -1.68, -6.393),
    (67.369601, 18.56, 6.818, 8.11, 0.0, -1.956, -6.475),
    (67.900868, 8.172, 7.708, 7.64, 0.0, -2.216, -6.545),
    (68.431006, 3.397, 8.652, 7.17, 0.0, -2.492, -6.6),
    (68.960312, 1.334, 9.65, 6.69, 0.0, -2.773, -6.65),
    (118.750334, 940.3, 0.01, 16.64, 0.0, -0.439, 0.079),
    (368.498246, 67.4, 0.048, 16.4, 0.0, 0.0, 0.0),
    (424.76302, 637.7, 0.044, 16.4, 0.0, 0.0, 0.0),
    (487.249273, 237.4, 0.049, 16.0, 0.0, 0.0, 0.0),
    (715.392902, 98.1, 0.145, 16.0, 0.0, 0.0, 0.0),
    (773.83949, 572.3, 0.141, 16.2, 0.0, 0.0, 0.0),
    (834.145546, 183.1, 0.145, 14.7, 0.0, 0.0, 0.0),
)
_WATER_VAPOUR = (
    # f0, b1, b2, b3, b4, b5, b6; the last one stands for all lines beyond 1000 GHz
    (22.23508, 0.1079, 2.144, 26.38, 0.76, 5.087, 1.0),
    (67.80396, 0.0011, 8.732, 28.58, 0.69, 4.93, 0.82),
    (119.99594, 0.0007, 8.353, 29.48, 0.7, 4.78, 0.79),
    (183.310087, 2.273, 0.668, 29.06, 0.77, 5.022, 0.85),
    (321.22563, 0.047, 6.179, 24.04, 0.67, 4.398, 0.54),
    (325.152888, 1.514, 1.541, 28.23, 0.64, 4.893, 0.74),
    (336.227764, 0.001, 9.825, 26.93, 0.69, 4.74, 0.61),
    (380.197353, 11.67, 1.048, 28.11, 0.54, 5.063, 0.89),
    (390.134508, 0.0045, 7.347, 21.52, 0.63, 4.81, 0.55),
    (437.346667, 0.0632, 5.048, 18.45, 0.6, 4.23, 0.48),
    (439.150807, 0.9098, 3.595, 20.07, 0.63, 4.483, 0.52),
    (443.018343, 0.192, 5.048, 15.55, 0.6, 5.083, 0.5),
    (448.001085, 10.41, 1.405, 25.64, 0.66, 5.028, 0.67),
    (470.888999, 0.3254, 3.597, 21.34, 0.66, 4.506, 0.65),
    (474.689092, 1.26, 2.379, 23.2, 0.65, 4.804, 0.64),
    (488.490108, 0.2529, 2.852, 25.86, 0.69, 5.201, 0.72),
    (503.568532, 0.0372, 6.731, 16.12, 0.61, 3.98, 0.43),
    (504.482692, 0.0124, 6.731, 16.12, 0.61, 4.01, 0.45),
    (547.67644, 0.9785, 0.158, 26.0, 0.7, 4.5, 1.0),
    (552.02096, 0.184, 0.158, 26.0, 0.7, 4.5, 1.0),
    (556.935985, 497.0, 0.159, 30.86, 0.69, 4.552, 1.0),
    (620.700807, 5.015, 2.391, 24.38, 0.71, 4.856, 0.68),
    (645.766085, 0.0067, 8.633, 18.0, 0.6, 4.0, 0.5),
    (658.00528, 0.2732, 7.816, 32.1, 0.69, 4.14, 1.0),
    (752.033113, 243.4, 0.396, 30.86, 0.68, 4.352, 0.84),
    (841.051732, 0.0134, 8.177, 15.9, 0.33, 5.76, 0.45),
    (859.965698, 0.1325, 8.055, 30.6, 0.68, 4.09, 0.84),
    (899.303175, 0.0547, 7.914, 29.85, 0.68, 4.53, 0.9),
    (902.611085, 0.0386, 8.429, 28.65, 0.7, 5.1, 0.95),
    (906.205957, 0.1836, 5.11, 24.08, 0.7, 4.7, 0.53),
    (916.171582, 8.4, 1.441, 26.73, 0.7, 5.15, 0.78),
    (923.112692, 0.0079, 10.293, 29.0, 0.7, 5.0, 0.8),
    (970.315022, 9.009, 1.919, 25.5, 0.64, 4.94, 0.67),
    (987.926764, 134.6, 0.257, 29.85, 0.68, 4.55, 0.9),
    (1780.0, 17506.0, 0.952, 196.3, 2.0, 24.15, 5.0),
)


class GasAttenuation(NamedTuple):
    """Specific attenuation, dB/km: of dry air and of the water vapour in it."""

    dry_air_db_per_km: float
    water_vapour_db_per_km: float

    @property
    def total_db_per_km(self) -> float:
        """Specific attenuation of both."""
        return self.dry_air_db_per_km + self.water_vapour_db_per_km


@kernel
def vapour_pressure_kernel(vapour_g_m3: float, temperature_k: float) -> float:
    """Partial pressure of water vapour, hPa (eq. 4)."""
    return vapour_g_m3 * temperature_k / 216.7


@kernel
def oxygen_kernel(freq_ghz: float, dry_hpa: float, vapour_hpa: float, theta: float) -> float:
    """Imaginary part of the refractivity of dry air, N-units (eq. 2a)."""
    warm = math.pow(theta, 0.8)
    total = 0.0
    for f0, a1, a2, a3, a4, a5, a6 in _OXYGEN:
        strength = a1 * 1e-7 * dry_hpa * theta * theta * theta * math.exp(a2 * (1.0 - theta))  # eq. 3
        width = a3 * 1e-4 * (dry_hpa * math.pow(theta, 0.8 - a4) + 1.1 * vapour_hpa * theta)  # eq. 6a
        width = math.sqrt(width * width + 2.25e-6)  # eq. 6b: Zeeman splitting
        mixing = (a5 + a6 * theta) * 1e-4 * (dry_hpa + vapour_hpa) * warm  # eq. 7: interference of lines
        low, high = f0 - freq_ghz, f0 + freq_ghz
        shape = (width - mixing * low) / (low * low + width * width)
        shape += (width - mixing * high) / (high * high + width * width)
        total += strength * freq_ghz / f0 * shape  # eq. 5
    debye = 5.6e-4 * (dry_hpa + vapour_hpa) * warm  # eq. 9
    ratio = freq_ghz / debye
    # Eq. 8: the continuum of dry air, by Debye's spectrum of oxygen below 10 GHz and by nitrogen above 100 GHz.
    relaxation = 6.14e-5 / (debye * (1.0 + ratio * ratio))
    nitrogen = 1.4e-12 * dry_hpa * math.pow(theta, 1.5) / (1.0 + 1.9e-5 * math.pow(freq_ghz, 1.5))
    return total + freq_ghz * dry_hpa * theta * theta * (relaxation + nitrogen)


@kernel
def water_vapour_kernel(freq_ghz: float, dry_hpa: float, vapour_hpa: float, theta: float) -> float:
    """Imaginary part of the refractivity of water vapour, N-units (eq. 2b)."""
    total = 0.0
    for f0, b1, b2, b3, b4, b5, b6 in _WATER_VAPOUR:
        strength = b1 * 1e-1 * vapour_hpa * math.pow(theta, 3.5) * math.exp(b2 * (1.0 - theta))  # eq. 3
        width = b3 * 1e-4 * (dry_hpa * math.pow(theta, b4) + b5 * vapour_hpa * math.pow(theta, b6))  # eq. 6a
        width = 0.535 * width + math.sqrt(0.217 * width * width + 2.1316e-12 * f0 * f0 / theta)  # eq. 6b: Doppler
        low, high = f0 - freq_ghz, f0 + freq_ghz
        shape = width / (low * low + width * width) + width / (high * high + width * width)
        total += strength * freq_ghz / f0 * shape  # eq. 5; no interference of lines
    return total


@kernel
def gas_kernel(freq_ghz: float, dry_hpa: float, temperature_k: float, vapour_g_m3: float) -> tuple[float, float]:
    """Specific attenuation, dB/km: of dry air, of water vapour (eq. 1)."""
    theta = 300.0 / temperature_k
    vapour_hpa = vapour_pressure_kernel(vapour_g_m3, temperature_k)
    scale = 0.1820 * freq_ghz
    return (
        scale * oxygen_kernel(freq_ghz, dry_hpa, vapour_hpa, theta),
        scale * water_vapour_kernel(freq_ghz, dry_hpa, vapour_hpa, theta),
    )


def gas_attenuation(
    freq_mhz: float,
    dry_pressure_hpa: float = STANDARD_PRESSURE_HPA,
    temperature_c: float = STANDARD_TEMPERATURE_C,
    vapour_g_m3: float = STANDARD_VAPOUR_G_M3,
) -> GasAttenuation:
    """Return the specific attenuation by gases; times the length it is that of a path near the ground (eq. 10).

    Parameters
    ----------
    freq_mhz : float
        Frequency, MHz; 1000 to 1,000,000.
    dry_pressure_hpa : float
        Pressure of the dry air, hPa: that of the air less that of its vapour; 1 to 1100.
    temperature_c : float
        Temperature, degrees Celsius; -100 to 60.
    vapour_g_m3 : float
        Density of water vapour, g/m3; 0 to 60.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.676-13, Annex 1, section 1, eq. 1 to 9.
    """
    check_within(msg("The frequency of gas attenuation, GHz,"), freq_mhz * 1e-3, *_FREQ_GHZ)
    check_within(msg("The pressure of dry air, hPa,"), dry_pressure_hpa, *PRESSURE_HPA)
    check_within(msg("The temperature, °C,"), temperature_c, *TEMPERATURE_C)
    check_within(msg("The density of water vapour, g/m³,"), vapour_g_m3, *VAPOUR_G_M3)
    return GasAttenuation(*gas_kernel(freq_mhz * 1e-3, dry_pressure_hpa, temperature_c + ZERO_CELSIUS_K, vapour_g_m3))


def dry_pressure_hpa(pressure_hpa: float, temperature_c: float, vapour_g_m3: float) -> float:
    """Return the pressure of the dry air in air of a pressure, temperature and density of water vapour, hPa.

    References
    ----------
    ITU-R P.676-13, Annex 1, eq. 4.
    """
    return pressure_hpa - vapour_pressure_kernel(vapour_g_m3, temperature_c + ZERO_CELSIUS_K)


def standard_pressure_hpa(amsl_m: float) -> float:
    """Return the mean pressure of the air at a height above sea level, hPa; up to 11 km.

    References
    ----------
    ITU-R P.835, mean annual global reference atmosphere, lowest layer.
    """
    check_within(msg("The height above sea level, m,"), amsl_m, -1000.0, 11_000.0)
    km = amsl_m * 1e-3
    height = 6356.766 * km / (6356.766 + km)  # geopotential height, km'
    return 1013.25 * math.pow(288.15 / (288.15 - 6.5 * height), -34.1632 / 6.5)

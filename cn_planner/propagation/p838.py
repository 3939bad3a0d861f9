"""Specific attenuation by rain (ITU-R P.838-3)."""

from __future__ import annotations

import math
from typing import NamedTuple

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.propagation.kernel import kernel

LOW_GHZ, HIGH_GHZ = 1.0, 1000.0

# Tables 1 to 4: a, b, c of each term of eq. 2 and 3, then the slope m and the constant c.
_K_H = (
    (-5.33980, -0.10008, 1.13098),
    (-0.35351, 1.26970, 0.45400),
    (-0.23789, 0.86036, 0.15354),
    (-0.94158, 0.64552, 0.16817),
)
_K_H_LINE = (-0.18961, 0.71147)
_K_V = (
    (-3.80595, 0.56934, 0.81061),
    (-3.44965, -0.22911, 0.51059),
    (-0.39902, 0.73042, 0.11899),
    (0.50167, 1.07319, 0.27195),
)
_K_V_LINE = (-0.16398, 0.63297)
_ALPHA_H = (
    (-0.14318, 1.82442, -0.55187),
    (0.29591, 0.77564, 0.19822),
    (0.32177, 0.63773, 0.13164),
    (-5.37610, -0.96230, 1.47828),
    (16.1721, -3.29980, 3.43990),
)
_ALPHA_H_LINE = (0.67849, -1.95537)
_ALPHA_V = (
    (-0.07771, 2.33840, -0.76284),
    (0.56727, 0.95545, 0.54039),
    (-0.20238, 1.14520, 0.26809),
    (-48.2991, 0.791669, 0.116226),
    (48.5833, 0.791459, 0.116479),
)
_ALPHA_V_LINE = (-0.053739, 0.83433)


class RainCoefficients(NamedTuple):
    """The attenuation by rain of R mm/h is ``k R ** alpha``, dB/km."""

    k: float
    alpha: float


@kernel
def _curve(log_freq: float, terms: tuple[tuple[float, float, float], ...], line: tuple[float, float]) -> float:
    total = line[0] * log_freq + line[1]
    for a, b, c in terms:
        x = (log_freq - b) / c
        total += a * math.exp(-x * x)
    return total


@kernel
def rain_coefficients_kernel(freq_ghz: float, elevation_deg: float, tilt_deg: float) -> tuple[float, float]:
    """Return k and alpha (eq. 2 to 5)."""
    log_freq = math.log10(freq_ghz)
    k_h = math.pow(10.0, _curve(log_freq, _K_H, _K_H_LINE))  # eq. 2
    k_v = math.pow(10.0, _curve(log_freq, _K_V, _K_V_LINE))
    alpha_h = _curve(log_freq, _ALPHA_H, _ALPHA_H_LINE)  # eq. 3
    alpha_v = _curve(log_freq, _ALPHA_V, _ALPHA_V_LINE)
    level = math.cos(math.radians(elevation_deg))
    part = level * level * math.cos(2.0 * math.radians(tilt_deg))
    k = 0.5 * (k_h + k_v + (k_h - k_v) * part)  # eq. 4
    alpha = (k_h * alpha_h + k_v * alpha_v + (k_h * alpha_h - k_v * alpha_v) * part) / (2.0 * k)  # eq. 5
    return k, alpha


def rain_coefficients(freq_mhz: float, elevation_deg: float = 0.0, tilt_deg: float = 0.0) -> RainCoefficients:
    """Return the coefficients of the specific attenuation by rain.

    Parameters
    ----------
    freq_mhz : float
        Frequency, MHz; 1000 to 1,000,000.
    elevation_deg : float
        Elevation of the path, degrees.
    tilt_deg : float
        Tilt of the polarisation from the horizontal, degrees: 0 horizontal, 90 vertical, 45 circular.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.838-3, eq. 1 to 5.
    """
    freq_ghz = freq_mhz * 1e-3
    if not LOW_GHZ <= freq_ghz <= HIGH_GHZ:
        raise InputError(
            msg(
                "The frequency is {value} GHz; P.838 holds from {low} to {high} GHz.",
                value=freq_ghz,
                low=LOW_GHZ,
                high=HIGH_GHZ,
            )
        )
    for angle in (elevation_deg, tilt_deg):
        if not -90.0 <= angle <= 90.0:
            raise InputError(msg("An elevation or a tilt is {value} degrees; it must be -90 to 90.", value=angle))
    return RainCoefficients(*rain_coefficients_kernel(freq_ghz, elevation_deg, tilt_deg))

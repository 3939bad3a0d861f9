"""The reference pattern of round dishes (ITU-R F.699-8): the peaks of the side lobes, from gain or diameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LOW_MHZ, HIGH_MHZ = 100.0, 86_000.0
LEAST_RATIO = 0.63
"""Least diameter in wavelengths."""


def ratio_of_gain(gain_dbi: float) -> float:
    """Return the diameter in wavelengths that a gain stands for (recommends 3: gain is 20 log D/lambda + 7.7)."""
    return float(math.pow(10.0, (gain_dbi - 7.7) / 20.0))


def gain_of_ratio(diameter_wavelengths: float) -> float:
    """Return the gain of a dish of a diameter in wavelengths, dBi (recommends 3)."""
    return 20.0 * math.log10(diameter_wavelengths) + 7.7


def gain_of_beamwidth(beamwidth_deg: float) -> float:
    """Return the gain of a dish of a half-power beamwidth, dBi (recommends 4: 44.5 - 20 log width)."""
    return 44.5 - 20.0 * math.log10(beamwidth_deg)


def f699_gain_dbi(
    off_axis_deg: ArrayLike, gain_dbi: float, freq_mhz: float, diameter_wavelengths: float | None = None
) -> Any:
    """Return the gain of a round dish off its axis.

    Parameters
    ----------
    off_axis_deg : array_like
        Angle from the axis, degrees, 0 to 180.
    gain_dbi : float
        Gain on the axis.
    freq_mhz : float
        Frequency, MHz; 100 to 86,000.
    diameter_wavelengths : float, optional
        Diameter over wavelength; that which the gain stands for where it is not given.

    Returns
    -------
    float or ndarray
        dBi.

    Raises
    ------
    InputError
        Where a frequency is outside the Recommendation, or the dish is smaller than it covers or too large for its
        gain.

    References
    ----------
    ITU-R F.699-8, recommends 2.1 (more than 100 wavelengths), 2.2 (up to 100), 2.3 (100 MHz to 1 GHz), 3 and 4.
    """
    if not LOW_MHZ <= freq_mhz <= HIGH_MHZ:
        raise InputError(
            msg("The frequency is {value} MHz; F.699 holds from {low} to {high} MHz.",
                value=freq_mhz, low=LOW_MHZ, high=HIGH_MHZ)
        )  # fmt: skip
    ratio = ratio_of_gain(gain_dbi) if diameter_wavelengths is None else diameter_wavelengths
    first_lobe = 2.0 + 15.0 * math.log10(ratio) if ratio > 0.0 else math.nan
    if not (ratio >= LEAST_RATIO and gain_dbi >= first_lobe):
        raise InputError(
            msg("F.699 does not describe a dish of {ratio:.2f} wavelengths with {gain:.1f} dBi.",
                ratio=ratio, gain=gain_dbi),
            fix=msg("Check gain, diameter and frequency of the antenna."),
        )  # fmt: skip
    off = np.abs(np.asarray(off_axis_deg, np.float64))
    log_ratio = 10.0 * math.log10(ratio)
    lobe_from = 20.0 / ratio * math.sqrt(gain_dbi - first_lobe)
    # Below 70 GHz the side lobes fall to 48 degrees; above it they go on to 120 and end 10 dB lower.
    last, drop = (48.0, 0.0) if freq_mhz <= 70_000.0 else (120.0, 10.0)
    if freq_mhz < 1000.0:  # recommends 2.3
        fall_from, head, tail = 100.0 / ratio, 52.0 - log_ratio, -2.0 - 0.5 * log_ratio
        last = 144.5 * math.pow(ratio, -0.2)
    elif ratio > 100.0:  # recommends 2.1
        fall_from, head, tail = 15.85 * math.pow(ratio, -0.6), 32.0, -10.0 - drop
    else:  # recommends 2.2
        fall_from, head, tail = 100.0 / ratio, 52.0 - log_ratio, 10.0 - log_ratio - drop
    fall_from = max(fall_from, lobe_from)
    main = gain_dbi - 2.5e-3 * (ratio * off) ** 2
    falling = head - 25.0 * np.log10(np.maximum(off, 1e-9))
    # In small dishes the far lobes would stand above the first one: a pattern never rises again off its axis.
    gain = np.select(
        [off < lobe_from, off < fall_from, off < max(last, fall_from)],
        [main, np.full_like(off, first_lobe), np.minimum(falling, first_lobe)],
        min(tail, first_lobe),
    )
    return float(gain) if gain.ndim == 0 else gain

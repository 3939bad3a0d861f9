"""Free-space basic transmission loss (ITU-R P.525-4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.propagation.checks import check_freq
from cn_planner.propagation.kernel import kernel
from cn_planner.units import SPEED_OF_LIGHT_M_PER_S

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_LEAST_DISTANCE_M = 1.0
"""Nearer than this the far field that the formula supposes has not begun for any antenna of ours."""


@kernel
def free_space_kernel(distance_m: float, freq_mhz: float) -> float:
    """Loss in free space, dB."""
    # P.525-4: 20 log10(4 pi d / lambda) between isotropic antennas.
    return 20.0 * math.log10(
        4.0 * math.pi * max(distance_m, _LEAST_DISTANCE_M) * freq_mhz * 1e6 / SPEED_OF_LIGHT_M_PER_S
    )


@kernel
def slant_distance_kernel(distance_m: float, amsl_a_m: float, amsl_b_m: float) -> float:
    """Distance from antenna to antenna, m."""
    # From antenna to antenna: on a steep path the ground distance would be up to a decibel short.
    rise = amsl_b_m - amsl_a_m
    return math.sqrt(distance_m * distance_m + rise * rise)


def free_space_loss_db(distance_m: ArrayLike, freq_mhz: ArrayLike) -> Any:
    """Return the basic transmission loss in free space.

    Parameters
    ----------
    distance_m : array_like
        Distance from antenna to antenna, m, any shape. Under 1 m counts as 1 m.
    freq_mhz : array_like
        Frequency, MHz, in a shape that goes with it.

    Returns
    -------
    float or ndarray
        Loss between isotropic antennas, dB, in the shape of both.

    References
    ----------
    ITU-R P.525-4, free-space basic transmission loss.
    """
    freq = np.asarray(freq_mhz, dtype=np.float64)
    for one in dict.fromkeys(freq.ravel().tolist()):
        check_freq(one)
    distance = np.maximum(np.asarray(distance_m, dtype=np.float64), _LEAST_DISTANCE_M)
    loss = 20.0 * np.log10(4.0 * np.pi * distance * (freq * 1e6) / SPEED_OF_LIGHT_M_PER_S)
    return float(loss) if loss.ndim == 0 else loss

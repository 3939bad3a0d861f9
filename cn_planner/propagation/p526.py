"""Basic transmission loss by ITU-R P.526: free space, diffraction over the ground, and what trees add to it.

Trees and buildings are obstacles in the profile: the ray is diffracted over their tops, as P.1812-8 section 3.2 takes
clutter. "Vegetation" is what the profile with them costs more than the bare ground, never less than nothing, so that
the three parts add up to the total.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.propagation.bullington import bullington_kernel
from cn_planner.propagation.checks import check_freq, check_height, checked_profile
from cn_planner.propagation.delta_bullington import effective_heights_kernel, round_earth_kernel
from cn_planner.propagation.free_space import free_space_kernel, slant_distance_kernel
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import Floats, at_hand, kernel, put_at_hand
from cn_planner.units import MEDIAN_K_FACTOR, SPEED_OF_LIGHT_M_PER_S

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class PathLoss(NamedTuple):
    """The parts of a basic transmission loss, dB."""

    free_space_db: float
    diffraction_db: float
    vegetation_db: float

    @property
    def total_db(self) -> float:
        """The loss between isotropic antennas, dB."""
        return self.free_space_db + self.diffraction_db + self.vegetation_db


@kernel
def p526_kernel(
    distance_m: Floats,
    ground_m: Floats,
    surface_m: Floats,
    first: int,
    last: int,
    amsl_a_m: float,
    amsl_b_m: float,
    earth_radius_m: float,
    freq_mhz: float,
    vertical: bool,
) -> tuple[float, float, float]:
    """Free space, diffraction, vegetation, dB; all NaN where a height is missing."""
    covered = False
    total = 0.0
    for i in range(first, last):
        covered = covered or surface_m[i] > ground_m[i]
        total += surface_m[i]
    if math.isnan(total):
        return math.nan, math.nan, math.nan
    length = distance_m[last - 1] - distance_m[first]
    free = free_space_kernel(slant_distance_kernel(length, amsl_a_m, amsl_b_m), freq_mhz)
    wavelength = SPEED_OF_LIGHT_M_PER_S / (freq_mhz * 1e6)
    bare = bullington_kernel(distance_m, ground_m, first, last, amsl_a_m, amsl_b_m, earth_radius_m, wavelength)
    height_a, height_b = effective_heights_kernel(distance_m, ground_m, first, last, amsl_a_m, amsl_b_m)
    diffraction = bare + round_earth_kernel(
        distance_m, first, last, height_a, height_b, earth_radius_m, freq_mhz, vertical
    )
    if not covered:
        return free, diffraction, 0.0
    # The smooth earth is that of the ground, so that only the actual profile differs.
    actual = bullington_kernel(distance_m, surface_m, first, last, amsl_a_m, amsl_b_m, earth_radius_m, wavelength)
    return free, diffraction, max(actual - bare, 0.0)


def p526_loss(
    distance_m: ArrayLike,
    ground_m: ArrayLike,
    surface_m: ArrayLike,
    amsl_a_m: float,
    amsl_b_m: float,
    freq_mhz: float,
    k_factor: float = MEDIAN_K_FACTOR,
    *,
    vertical: bool = True,
) -> PathLoss:
    """Return the loss of one path: no compiler is loaded for it, and where `put_p526_at_hand` was, it is used.

    Parameters
    ----------
    distance_m, ground_m, surface_m : array_like, shape (n,)
        Distances from the first end, m, rising from 0; ground above sea level, m; ground with trees and buildings, m.
    amsl_a_m, amsl_b_m : float
        Antennas above sea level, m.
    freq_mhz : float
        Frequency, MHz.
    k_factor : float
        Effective earth radius factor.
    vertical : bool
        Polarisation.

    Raises
    ------
    InputError
        Where the profile has less than two points, does not rise from 0, or lacks a height.

    References
    ----------
    ITU-R P.525-4; ITU-R P.526-15, section 4.5.
    """
    check_freq(freq_mhz)
    check_height(amsl_a_m)
    check_height(amsl_b_m)
    distance, ground, surface = checked_profile(distance_m, ground_m, surface_m)
    last, radius = len(distance), effective_earth_radius_m(k_factor)
    fast = at_hand(p526_kernel)
    ways: Any = [np.array(one, np.float64) for one in (distance, ground, surface)]
    d, g, s = ways if fast is not None else (one.tolist() for one in ways)
    return PathLoss(
        *(fast or p526_kernel)(
            d, g, s, 0, last, float(amsl_a_m), float(amsl_b_m), float(radius), float(freq_mhz), bool(vertical)
        )
    )


def put_p526_at_hand() -> None:
    """Have machine code for single paths from now on: to load it takes as long as two hundred of them without."""
    two = np.array([0.0, 1.0])
    put_at_hand(p526_kernel, two, two, two, 0, 2, 1.0, 1.0, 1.0, 100.0, True)

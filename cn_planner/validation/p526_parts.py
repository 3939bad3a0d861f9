"""The parts of P.526 by themselves, and many paths at once: what the program has kernels for and only checks ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.propagation.bullington import bullington_kernel
from cn_planner.propagation.checks import check_earth, check_freq, check_height, checked_profile
from cn_planner.propagation.delta_bullington import delta_bullington_kernel
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.propagation.p526 import p526_kernel
from cn_planner.propagation.spherical_earth import (
    LAND_CONDUCTIVITY_S_PER_M,
    LAND_PERMITTIVITY,
    spherical_earth_kernel,
)
from cn_planner.units import MEDIAN_K_FACTOR, wavelength_m

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class DeltaBullington(NamedTuple):
    """The parts of the loss in excess of free space, dB: actual profile, smooth profile, spherical earth, and all."""

    l_bull_actual_db: float
    l_bull_smooth_db: float
    l_sph_db: float
    l_d_db: float


def bullington_loss_db(
    distance_m: ArrayLike,
    surface_m: ArrayLike,
    amsl_a_m: float,
    amsl_b_m: float,
    freq_mhz: float,
    earth_radius_m: float,
) -> float:
    """Return the loss in excess of free space by the Bullington construction, for one profile.

    Parameters
    ----------
    distance_m, surface_m : array_like, shape (n,)
        Distances from the first end, m, rising from 0; heights above sea level, m.
    amsl_a_m, amsl_b_m : float
        Heights of the antennas above sea level, m.
    freq_mhz : float
        Frequency, MHz.
    earth_radius_m : float
        Effective earth radius, m.

    Raises
    ------
    InputError
        Where the profile has less than two points, does not rise from 0, or lacks a height.

    References
    ----------
    ITU-R P.526-15, section 4.5.1, eq. 49 to 57.
    """
    check_freq(freq_mhz)
    check_earth(earth_radius_m)
    check_height(amsl_a_m)
    check_height(amsl_b_m)
    distance, surface = checked_profile(distance_m, surface_m)
    return bullington_kernel(
        distance.tolist(),
        surface.tolist(),
        0,
        len(distance),
        amsl_a_m,
        amsl_b_m,
        earth_radius_m,
        wavelength_m(freq_mhz),
    )


def spherical_earth_loss_db(
    distance_m: float,
    height_a_m: float,
    height_b_m: float,
    freq_mhz: float,
    earth_radius_m: float,
    *,
    vertical: bool = True,
    permittivity: float = LAND_PERMITTIVITY,
    conductivity: float = LAND_CONDUCTIVITY_S_PER_M,
) -> float:
    """Return the loss in excess of free space over a smooth spherical earth.

    Parameters
    ----------
    distance_m : float
        Path length, m, above 0.
    height_a_m, height_b_m : float
        Heights above the smooth earth, m, not negative.
    freq_mhz : float
        Frequency, MHz.
    earth_radius_m : float
        Effective earth radius, m.
    vertical : bool
        Polarisation.
    permittivity, conductivity : float
        Relative permittivity, and conductivity in S/m, of the ground.

    Raises
    ------
    InputError
        Where a distance or a height is not in its range.

    References
    ----------
    ITU-R P.526-15, sections 3.1.1 and 3.2, eq. 13 to 25.
    """
    check_freq(freq_mhz)
    check_earth(earth_radius_m)
    if not (distance_m > 0.0 and height_a_m >= 0.0 and height_b_m >= 0.0):
        raise InputError(msg("Over a smooth earth the distance must be above 0 and heights not below 0."))
    return spherical_earth_kernel(
        distance_m, height_a_m, height_b_m, earth_radius_m, freq_mhz, vertical, permittivity, conductivity
    )


def delta_bullington_loss(
    distance_m: ArrayLike,
    ground_m: ArrayLike,
    amsl_a_m: float,
    amsl_b_m: float,
    freq_mhz: float,
    earth_radius_m: float,
    *,
    vertical: bool = True,
    surface_m: ArrayLike | None = None,
) -> DeltaBullington:
    """Return the diffraction loss of one path, in plain Python: no compiler is loaded.

    Parameters
    ----------
    distance_m, ground_m : array_like, shape (n,)
        Distances from the first end, m, rising from 0; ground above sea level, m.
    amsl_a_m, amsl_b_m : float
        Antennas above sea level, m. An antenna under the ground counts as on the smooth surface.
    freq_mhz : float
        Frequency, MHz.
    earth_radius_m : float
        Effective earth radius, m.
    vertical : bool
        Polarisation.
    surface_m : array_like, optional
        Ground with trees and buildings, m above sea level; the ground where not given.

    Raises
    ------
    InputError
        Where the profile has less than two points, does not rise from 0, or lacks a height.

    References
    ----------
    ITU-R P.526-15, section 4.5, eq. 49 to 63, over land.
    """
    check_freq(freq_mhz)
    check_earth(earth_radius_m)
    check_height(amsl_a_m)
    check_height(amsl_b_m)
    distance, ground, surface = checked_profile(distance_m, ground_m, ground_m if surface_m is None else surface_m)
    parts = delta_bullington_kernel(
        distance.tolist(),  # three times as fast as array elements in plain Python
        ground.tolist(),
        surface.tolist(),
        0,
        len(distance),
        amsl_a_m,
        amsl_b_m,
        earth_radius_m,
        freq_mhz,
        vertical,
    )
    return DeltaBullington(*parts)


@kernel
def _many_parts(
    distance_m: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    earth_radius_m: float,
    freq_mhz: float,
    vertical: bool,
    out: NDArray[np.float64],
) -> None:
    for p in range(len(offsets) - 1):
        actual, smooth, spherical, loss = delta_bullington_kernel(
            distance_m,
            ground_m,
            surface_m,
            offsets[p],
            offsets[p + 1],
            amsl_a_m[p],
            amsl_b_m[p],
            earth_radius_m,
            freq_mhz,
            vertical,
        )
        out[p, 0] = actual
        out[p, 1] = smooth
        out[p, 2] = spherical
        out[p, 3] = loss


def delta_bullington_losses(
    distance_m: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    freq_mhz: float,
    earth_radius_m: float,
    *,
    vertical: bool = True,
    surface_m: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the diffraction losses of many paths, compiled.

    Parameters
    ----------
    distance_m, ground_m, surface_m : ndarray, shape (points,)
        All profiles end to end, as for `delta_bullington_loss`; no height may be missing.
    offsets : ndarray of int64, shape (paths + 1,)
        Path p is points ``offsets[p]`` to ``offsets[p + 1]``, two at least.
    amsl_a_m, amsl_b_m : ndarray, shape (paths,)
        Antennas above sea level, m.
    freq_mhz, earth_radius_m, vertical
        As for `delta_bullington_loss`, the same for all.

    Returns
    -------
    ndarray, shape (paths, 4)
        Columns as `DeltaBullington`, dB.
    """
    check_freq(freq_mhz)
    check_earth(earth_radius_m)
    out = np.empty((len(offsets) - 1, 4))
    compiled(_many_parts)(
        distance_m,
        ground_m,
        ground_m if surface_m is None else surface_m,
        offsets,
        amsl_a_m,
        amsl_b_m,
        earth_radius_m,
        freq_mhz,
        vertical,
        out,
    )
    return out


@kernel
def _many(
    distance_m: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    earth_radius_m: float,
    freq_mhz: float,
    vertical: bool,
    out: NDArray[np.float64],
) -> None:
    for p in range(len(offsets) - 1):
        free, diffraction, vegetation = p526_kernel(
            distance_m,
            ground_m,
            surface_m,
            offsets[p],
            offsets[p + 1],
            amsl_a_m[p],
            amsl_b_m[p],
            earth_radius_m,
            freq_mhz,
            vertical,
        )
        out[p, 0] = free
        out[p, 1] = diffraction
        out[p, 2] = vegetation


def p526_losses(
    distance_m: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    amsl_a_m: NDArray[np.float64],
    amsl_b_m: NDArray[np.float64],
    freq_mhz: float,
    k_factor: float = MEDIAN_K_FACTOR,
    *,
    vertical: bool = True,
) -> NDArray[np.float64]:
    """Return the losses of many paths, compiled.

    Parameters
    ----------
    distance_m, ground_m, surface_m : ndarray, shape (points,)
        All profiles end to end, as for `propagation.p526.p526_loss`, but NaN where a height is missing.
    offsets : ndarray of int64, shape (paths + 1,)
        Path p is points ``offsets[p]`` to ``offsets[p + 1]``, two at least.
    amsl_a_m, amsl_b_m : ndarray, shape (paths,)
        Antennas above sea level, m.
    freq_mhz, k_factor, vertical
        As for `propagation.p526.p526_loss`, the same for all.

    Returns
    -------
    ndarray, shape (paths, 3)
        Columns as `PathLoss`, dB; their sum is the basic transmission loss. NaN for a path that lacks a height.
    """
    check_freq(freq_mhz)
    out = np.empty((len(offsets) - 1, 3))
    compiled(_many)(
        distance_m,
        ground_m,
        surface_m,
        offsets,
        amsl_a_m,
        amsl_b_m,
        effective_earth_radius_m(k_factor),
        freq_mhz,
        vertical,
        out,
    )
    return out

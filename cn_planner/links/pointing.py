"""What an antenna that points somewhere gives towards another place: one answer for links, homes, maps and planner.

An antenna of a link points at its other end and gives all that it has. A sector points where the plan says, and what
it gives a home depends on where the home stands: `pointing_loss_db` is by how much that is less than its greatest
gain. It works both ways, and it is no part of the path's loss.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.propagation.antenna import Pattern, loss_table, pattern_of, pointing_gain
from cn_planner.propagation.fresnel import effective_earth_radius_m

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.model.equipment import Antenna
    from cn_planner.model.plan import Site

BEAM_SLACK_DEG = 1.0
"""Azimuths are kept to a tenth of a degree; a home at the very edge of a beam is in it."""

_HALF_POWER_DB = 3.0
_FLAT_DB = 1e-6


@lru_cache(maxsize=256)
def _pattern(antenna: Antenna, freq_mhz: float) -> Pattern:
    return pattern_of(antenna, freq_mhz)


def elevations_deg(
    distance_m: ArrayLike, amsl_here_m: ArrayLike, amsl_there_m: ArrayLike, k_factor: float
) -> NDArray[np.float64]:
    """Return the angles above the horizontal at which places appear, degrees: `bearing.tilt_deg` for arrays.

    Where a height is not known the place is taken to be level with the antenna: what is said of its path does not
    rest on that, since nothing is.
    """
    length = np.asarray(distance_m, np.float64)
    rise = np.asarray(amsl_there_m, np.float64) - np.asarray(amsl_here_m, np.float64)
    drop = length * length / (2.0 * effective_earth_radius_m(k_factor))
    found: NDArray[np.float64] = np.nan_to_num(np.degrees(np.arctan2(rise - drop, length)))
    return found


def pointing_loss_db(
    antenna: Antenna,
    freq_mhz: float,
    azimuth_deg: ArrayLike,
    tilt_deg: ArrayLike,
    towards_azimuth_deg: ArrayLike,
    elevation_deg: ArrayLike,
) -> Any:
    """Return by how much an antenna gives less towards places than at most.

    Parameters
    ----------
    antenna : Antenna
        By its measured pattern where it has one, else by the reference pattern of its kind.
    freq_mhz : float
        Frequency.
    azimuth_deg, tilt_deg : array_like
        Where it points: azimuth from true north, tilt positive upwards; of one antenna, or of each of several alike.
    towards_azimuth_deg, elevation_deg : array_like
        Where the places are, seen from the antenna.

    Returns
    -------
    float or ndarray
        dB, 0 or more.

    Raises
    ------
    InputError
        Where the antenna's figures are none that a pattern follows from.
    """
    pattern = _pattern(antenna, freq_mhz)
    loss = pattern.peak_dbi - np.asarray(
        pointing_gain(pattern, azimuth_deg, tilt_deg, towards_azimuth_deg, elevation_deg)
    )
    return float(loss) if loss.ndim == 0 else loss


def pointing_table(antenna: Antenna, freq_mhz: float, tilt_deg: float) -> NDArray[np.float32]:
    """Return the same for every direction, as `propagation.antenna.table_loss_kernel` reads it."""
    return loss_table(_pattern(antenna, freq_mhz), tilt_deg)


def half_width_deg(antenna: Antenna) -> float:
    """Return half the width in azimuth that an antenna serves."""
    return antenna.serves_deg / 2.0


def all_round(antenna: Antenna) -> int:
    """Return how many of an antenna stand in all directions, each for the width in azimuth that it serves."""
    return max(1, math.ceil(360.0 / antenna.serves_deg - 1e-9))


def in_beam(antenna: Antenna, azimuth_deg: float, towards_azimuth_deg: ArrayLike) -> NDArray[np.bool_]:
    """Return whether directions are within the width that an antenna serves.

    Nobody is planned for on side lobes: a home outside the beam of every sector is not reached, however near it is.
    """
    off = np.abs((np.asarray(towards_azimuth_deg, np.float64) - azimuth_deg + 180.0) % 360.0 - 180.0)
    inside: NDArray[np.bool_] = off <= half_width_deg(antenna) + BEAM_SLACK_DEG
    return inside


@lru_cache(maxsize=256)
def side_lobe_db(antenna: Antenna, freq_mhz: float) -> float | None:
    """Return by how much the strongest side lobe gives less than the main lobe, dB; None where the pattern has none.

    Beyond the half-power angle a side lobe begins where the pattern falls no further, in either principal cut.

    Raises
    ------
    InputError
        As `pointing_loss_db`.
    """
    found: list[float] = []
    off = np.arange(0.0, 180.1, 0.1)
    up = np.minimum(off, 90.0)
    for azimuth, elevation in ((off, 0.0), (-off, 0.0), (0.0, up), (0.0, -up)):
        loss = np.asarray(pointing_loss_db(antenna, freq_mhz, 0.0, 0.0, azimuth, elevation))
        outside = int(np.argmax(loss >= _HALF_POWER_DB))
        if loss[outside] < _HALF_POWER_DB:
            continue  # as strong all round
        rises = np.flatnonzero(np.diff(loss[outside:]) <= _FLAT_DB)
        if len(rises):
            found.append(float(loss[outside + rises[0] :].min()))
    return min(found, default=None)


def sector_towards(site: Site, azimuth_deg: float) -> str:
    """Return the sector whose beam points nearest; empty where the site has none.

    That is the one by which a home is judged where all beams are tilted alike: else ask `sectors_of_clients`.
    """
    if not site.sectors:
        return ""
    return min(site.sectors, key=lambda one: (abs((one.azimuth_deg - azimuth_deg + 180.0) % 360.0 - 180.0), one.id)).id

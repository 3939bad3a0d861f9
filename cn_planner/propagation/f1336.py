"""Reference patterns of sectors, omnidirectional and small round antennas (ITU-R F.1336-5), from gain and beamwidths.

Two kinds of side lobes: the peaks, for what an antenna may disturb, and the average, for what it may be counted on.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LOW_MHZ, HIGH_MHZ = 400.0, 70_000.0
_SPLIT_MHZ = 6000.0
_TYPICAL_OMNI_MHZ = 3000.0

# Recommends 3.1: what side lobes typical antennas have.
K_PEAK, K_AVERAGE = 0.7, 0.7
K_HORIZONTAL, K_VERTICAL = 0.8, 0.7


class SideLobes(StrEnum):
    """Which side lobes a reference pattern stands for."""

    PEAK = "peak"
    AVERAGE = "average"


def _check_freq(freq_mhz: float) -> None:
    """Raise InputError where F.1336 does not hold: it does from 400 MHz to 70 GHz."""
    if not LOW_MHZ <= freq_mhz <= HIGH_MHZ:
        raise InputError(
            msg("The frequency is {value} MHz; F.1336 holds from {low} to {high} MHz.",
                value=freq_mhz, low=LOW_MHZ, high=HIGH_MHZ)
        )  # fmt: skip


def _check_width(width_deg: float, most_deg: float) -> None:
    if not 0.0 < width_deg <= most_deg:
        raise InputError(
            msg(
                "A beamwidth is {value} degrees; it must be above 0 and at most {most}.", value=width_deg, most=most_deg
            )
        )


def sector_elevation_width_deg(gain_dbi: float, azimuth_width_deg: float) -> float:
    """Return the elevation beamwidth of a sector where none is given (F.1336-5, recommends 3.3)."""
    return 31_000.0 * math.pow(10.0, -0.1 * gain_dbi) / azimuth_width_deg


def omni_elevation_width_deg(gain_dbi: float) -> float:
    """Return the elevation beamwidth of an omnidirectional antenna where none is given (F.1336-5, eq. 23b)."""
    return 107.6 * math.pow(10.0, -0.1 * gain_dbi)


def round_width_deg(gain_dbi: float) -> float:
    """Return the beamwidth of a small round antenna (F.1336-5, recommends 4)."""
    return math.sqrt(27_000.0 * math.pow(10.0, -0.1 * gain_dbi))


def sector_gain_dbi(
    azimuth_deg: ArrayLike,
    elevation_deg: ArrayLike,
    gain_dbi: float,
    azimuth_width_deg: float,
    elevation_width_deg: float,
    freq_mhz: float,
    side_lobes: SideLobes = SideLobes.AVERAGE,
    *,
    k_horizontal: float = K_HORIZONTAL,
    k_vertical: float = K_VERTICAL,
    k_least: float = K_PEAK,
) -> Any:
    """Return the gain of a sector antenna that is not tilted.

    Parameters
    ----------
    azimuth_deg, elevation_deg : array_like
        Off the axis: azimuth -180 to 180, elevation -90 to 90.
    gain_dbi : float
        Gain on the axis.
    azimuth_width_deg, elevation_width_deg : float
        Half-power beamwidths.
    freq_mhz : float
        Frequency; 400 to 70,000 MHz.
    side_lobes : SideLobes
        Peaks or average.
    k_horizontal, k_vertical, k_least : float
        Side lobes in azimuth and elevation, and the least gain: 0.8, 0.7, 0.7 for typical antennas; 0.7, 0.3, 0.7 for
        those of improved side lobes. Up to 6 GHz only.

    Returns
    -------
    float or ndarray
        dBi.

    Raises
    ------
    InputError
        Where frequency or beamwidths are out of range.

    References
    ----------
    ITU-R F.1336-5, recommends 3.1 (400 MHz to 6 GHz: eq. 2a to 2c) and 3.2 (6 to 70 GHz: eq. 2d to 2f).
    """
    _check_freq(freq_mhz)
    _check_width(azimuth_width_deg, 360.0)
    _check_width(elevation_width_deg, 180.0)
    azimuth, elevation = np.broadcast_arrays(np.asarray(azimuth_deg, np.float64), np.asarray(elevation_deg, np.float64))
    azimuth = (azimuth + 180.0) % 360.0 - 180.0
    if freq_mhz > _SPLIT_MHZ:
        gain = gain_dbi + _high(azimuth, elevation, azimuth_width_deg, elevation_width_deg, side_lobes)
        return float(gain) if gain.ndim == 0 else gain
    peak = side_lobes is SideLobes.PEAK
    least = -12.0 if peak else -15.0
    least += 10.0 * math.log10(1.0 + 8.0 * k_least) - 15.0 * math.log10(180.0 / elevation_width_deg)
    horizontal = _horizontal(np.abs(azimuth) / azimuth_width_deg, k_horizontal, least)
    behind = float(_horizontal(np.array(180.0 / azimuth_width_deg), k_horizontal, least))
    vertical = _vertical(np.abs(elevation) / elevation_width_deg, elevation_width_deg, k_vertical, k_least, least, peak)
    share = (horizontal - behind) / -behind if behind < 0.0 else np.ones_like(horizontal)  # eq. 2a2
    gain = gain_dbi + horizontal + share * vertical
    return float(gain) if gain.ndim == 0 else gain


def _horizontal(x: NDArray[np.float64], k: float, least: float) -> NDArray[np.float64]:
    # Eq. 2b2, 2c2.
    wide = -12.0 * np.power(np.maximum(x, 0.5), 2.0 - k) - 3.0 * (1.0 - math.pow(0.5, -k))
    found: NDArray[np.float64] = np.maximum(np.where(x <= 0.5, -12.0 * x * x, wide), least)
    return found


def _vertical(
    x: NDArray[np.float64], width: float, k: float, k_least: float, least: float, peak: bool
) -> NDArray[np.float64]:
    # Eq. 2b3, 2c3. The factor C is what carries the third part to the least gain at 90 degrees.
    shift = 0.0 if peak else 3.0
    edge = math.sqrt(1.0 - 0.36 * k) if peak else math.sqrt(1.33 - 0.33 * k)
    near = -12.0 * x * x
    lobes = -12.0 - shift + 10.0 * np.log10(np.power(np.maximum(x, 0.5), -1.5) + k)
    far = lobes
    if width < 22.5:  # else 90 degrees come before four beamwidths
        rise = math.pow(180.0 / width, 1.5) * (math.pow(4.0, -1.5) + k) / (1.0 + 8.0 * k_least)
        c = 10.0 * math.log10(rise) / math.log10(22.5 / width)
        level = 12.0 - c * math.log10(4.0) - 10.0 * math.log10(math.pow(4.0, -1.5) + k)
        far = -level - shift - c * np.log10(np.maximum(x, 0.5))
    found: NDArray[np.float64] = np.select([x < edge, x < 4.0, x < 90.0 / width], [near, lobes, far], least)
    # At the edges the Recommendation's parts miss each other by up to 0.35 dB; none may rise above the one before.
    bound = np.where(x < edge, 0.0, -12.0 * edge * edge)
    return np.maximum(np.minimum(found, bound), least)


def _high(
    azimuth: NDArray[np.float64],
    elevation: NDArray[np.float64],
    width_az: float,
    width_el: float,
    side_lobes: SideLobes,
) -> NDArray[np.float64]:
    """Return the relative gain of recommends 3.2."""
    phi, theta = np.radians(azimuth), np.radians(elevation)
    psi = np.degrees(np.arccos(np.clip(np.cos(phi) * np.cos(theta), -1.0, 1.0)))  # eq. 2d4
    edge, least = (1.0, 12.0) if side_lobes is SideLobes.PEAK else (1.152, 15.0)
    alpha = np.arctan2(np.tan(theta), np.sin(phi))  # eq. 2d2
    front = 1.0 / np.hypot(np.cos(alpha) / width_az, np.sin(alpha) / width_el)  # eq. 2d3
    start = min(edge * width_az, 179.0)
    beyond = np.radians(np.clip((np.abs(azimuth) - start) / (180.0 - start), 0.0, 1.0) * 90.0)
    wide = 1.0 / np.hypot(np.cos(beyond) / width_az, np.sin(beyond) / width_el)
    back = 1.0 / np.hypot(np.cos(theta) / wide, np.sin(theta) / width_el)
    x = psi / np.where(psi <= 90.0, front, back)  # eq. 2d5
    found: NDArray[np.float64] = np.where(
        x < edge, -12.0 * x * x, -least - 15.0 * np.log10(np.maximum(x, edge))
    )  # eq. 2e, 2f
    return found


def omni_gain_dbi(
    elevation_deg: ArrayLike,
    gain_dbi: float,
    elevation_width_deg: float,
    freq_mhz: float,
    side_lobes: SideLobes = SideLobes.AVERAGE,
    *,
    k: float | None = None,
) -> Any:
    """Return the gain of an antenna that is the same in every azimuth.

    Parameters
    ----------
    elevation_deg : array_like
        Elevation off the plane of the greatest gain, -90 to 90.
    gain_dbi, elevation_width_deg, freq_mhz : float
        As for `sector_gain_dbi`.
    side_lobes : SideLobes
        Peaks or average.
    k : float, optional
        0.7 for typical side lobes up to 3 GHz, else 0, where not given.

    Raises
    ------
    InputError
        Where frequency or beamwidth are out of range.

    References
    ----------
    ITU-R F.1336-5, recommends 2.1 and 2.2.
    """
    _check_freq(freq_mhz)
    _check_width(elevation_width_deg, 180.0)
    lobes = (0.7 if freq_mhz <= _TYPICAL_OMNI_MHZ else 0.0) if k is None else k
    off = np.abs(np.asarray(elevation_deg, np.float64))
    x = off / elevation_width_deg
    near = gain_dbi - 12.0 * x * x
    far = 10.0 * np.log10(np.power(np.maximum(x, 0.5), -1.5) + lobes)
    flat = 10.0 * math.log10(1.0 + lobes)
    if side_lobes is SideLobes.PEAK:
        edge = math.sqrt(1.0 - flat / 12.0)
        gain = np.select([x < edge, x < 1.0], [near, np.full_like(x, gain_dbi - 12.0 + flat)], gain_dbi - 12.0 + far)
    else:
        edge = math.sqrt(1.25 - flat / 12.0)
        gain = np.select([x < 1.0, x < edge], [near, np.full_like(x, gain_dbi - 15.0 + flat)], gain_dbi - 15.0 + far)
    return float(gain) if gain.ndim == 0 else gain


def round_gain_dbi(off_axis_deg: ArrayLike, gain_dbi: float) -> Any:
    """Return the gain of a small round antenna off its axis.

    The Recommendation gives it for less than about 20 dBi and 1 to 3 GHz; panels of 5 GHz are taken by it too, since
    F.699 would let the back of so small an antenna stand above its side lobes.

    References
    ----------
    ITU-R F.1336-5, recommends 4.
    """
    off = np.abs(np.asarray(off_axis_deg, np.float64))
    width = round_width_deg(gain_dbi)
    first = 1.9 * width
    slope = 14.0 + 32.0 * np.log10(np.maximum(off, first) / first)
    gain = np.where(off < math.sqrt(14.0 / 12.0) * width, gain_dbi - 12.0 * (off / width) ** 2, gain_dbi - slope)
    gain = np.maximum(gain, min(-8.0, gain_dbi - 14.0))
    return float(gain) if gain.ndim == 0 else gain

"""Noise: of heat, of the receiver, and of the people round the antenna; and the least level that it leaves.

All powers are those at the receiver's input. Noise figures are over the noise of a resistor at 290 K (k T0 b), as
everywhere in Recommendation ITU-R P.372.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.ranges import within
from cn_planner.message import msg
from cn_planner.units import THERMAL_NOISE_DBM_PER_HZ

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_LOWEST_MHZ, _HIGHEST_MHZ = 1e-3, 1e6
"""Channel widths that are radio at all."""


class NoiseEnvironment(StrEnum):
    """Where an antenna stands, in the words of P.372."""

    CITY = "city"
    RESIDENTIAL = "residential"
    RURAL = "rural"
    QUIET_RURAL = "quiet_rural"


# P.372, table of the constants c and d of Fam = c - d log10 f, and the frequencies of its curves, MHz.
_MAN_MADE = {
    NoiseEnvironment.CITY: (76.8, 27.7, 0.3, 250.0),
    NoiseEnvironment.RESIDENTIAL: (72.5, 27.7, 0.3, 250.0),
    NoiseEnvironment.RURAL: (67.2, 27.7, 0.3, 250.0),
    NoiseEnvironment.QUIET_RURAL: (53.6, 28.6, 0.3, 30.0),
}
_UHF_CITY = (44.3, 12.3, 200.0, 900.0)  # the same, for business areas from 200 to 900 MHz


def thermal_noise_dbm(width_mhz: float) -> float:
    """Return the noise of heat in a channel, dBm: k T b at 290 K.

    Parameters
    ----------
    width_mhz : float
        Noise bandwidth, MHz; 0.001 to 1,000,000.

    Raises
    ------
    InputError
        Where the width is out of its range.

    References
    ----------
    ITU-R P.372: Pn = F + B - 204 dBW, with F = 0 and B = 10 log10 of the bandwidth in Hz.
    """
    width = within(msg("Channel width"), width_mhz, _LOWEST_MHZ, _HIGHEST_MHZ, "MHz")
    return THERMAL_NOISE_DBM_PER_HZ + 10.0 * math.log10(width * 1e6)


def noise_floor_dbm(width_mhz: float, noise_figure_db: float) -> float:
    """Return the noise of heat and of the receiver, dBm.

    Parameters
    ----------
    width_mhz : float
        Noise bandwidth, MHz.
    noise_figure_db : float
        Of the receiver, dB; 0 to 50.

    Raises
    ------
    InputError
        Where a value is out of its range.
    """
    return thermal_noise_dbm(width_mhz) + within(msg("Noise figure"), noise_figure_db, 0.0, 50.0, "dB")


def sensitivity_dbm(width_mhz: float, noise_figure_db: float, snr_db: float) -> float:
    """Return the least level that a receiver needs, dBm.

    Parameters
    ----------
    width_mhz, noise_figure_db : float
        As for `noise_floor_dbm`.
    snr_db : float
        Signal to noise ratio that the modulation needs, dB; -50 to 80.

    Raises
    ------
    InputError
        Where a value is out of its range.

    References
    ----------
    Semtech AN1200.13, eq. 1: S = -174 + 10 log10 BW + NF + SNR.
    """
    needed = within(msg("Signal to noise ratio"), snr_db, -50.0, 80.0, "dB")
    return noise_floor_dbm(width_mhz, noise_figure_db) + needed


def snr_db(level_dbm: ArrayLike, width_mhz: float, noise_figure_db: float) -> NDArray[np.float64]:
    """Return the signal to noise ratio of a received level, dB.

    Parameters
    ----------
    level_dbm : array_like
        Received level, dBm, any shape; NaN where it is not known.
    width_mhz, noise_figure_db : float
        As for `noise_floor_dbm`.

    Raises
    ------
    InputError
        Where a value is out of its range.
    """
    ratio: NDArray[np.float64] = np.asarray(level_dbm, dtype=np.float64) - noise_floor_dbm(width_mhz, noise_figure_db)
    return ratio


def man_made_noise_db(freq_mhz: float, surroundings: NoiseEnvironment) -> float:
    """Return the median noise that people's machines make, as a noise figure of the antenna, dB over k T0 b.

    Parameters
    ----------
    freq_mhz : float
        Frequency, MHz.
    surroundings : NoiseEnvironment
        City up to 900 MHz; residential and rural 0.3 to 250 MHz; quiet rural 0.3 to 30 MHz.

    Raises
    ------
    InputError
        Where P.372 has no figure for that frequency.

    Notes
    -----
    At 200 MHz the figure of a city steps up by 3 dB: the Recommendation's two formulas differ there. Between 200 and
    250 MHz, where both hold, that of the higher frequencies is taken. It is the greater.

    References
    ----------
    ITU-R P.372, man-made noise: Fam = c - d log10 f.
    """
    c, d, low, high = _MAN_MADE[surroundings]
    if surroundings is NoiseEnvironment.CITY:
        if freq_mhz >= _UHF_CITY[2]:
            c, d = _UHF_CITY[:2]
        high = _UHF_CITY[3]
    within(msg("Frequency for man-made noise in such surroundings"), freq_mhz, low, high, "MHz")
    return c - d * math.log10(freq_mhz)


def noise_rise_db(noise_figure_db: float, external_db: float, cable_loss_db: float = 0.0) -> float:
    """Return by how much noise from outside raises the noise at a receiver, dB: so much sensitivity is lost.

    Parameters
    ----------
    noise_figure_db : float
        Of the receiver, dB; 0 to 50.
    external_db : float
        Noise figure of the antenna (`man_made_noise_db`), dB; -100 to 150. Under 0 dB the antenna hears less than a
        resistor at 290 K, and gains nothing: quiet sky is not counted on.
    cable_loss_db : float
        Between antenna and receiver, at 290 K, dB; 0 to 100.

    Raises
    ------
    InputError
        Where a value is out of its range.

    References
    ----------
    ITU-R P.372, noise factor of a receiving system: f = fa - 1 + fc ft fr with all losses at the reference
    temperature; here at the receiver's input, over that of an antenna at 290 K.
    """
    receiver = 10.0 ** (within(msg("Noise figure"), noise_figure_db, 0.0, 50.0, "dB") / 10.0)
    outside = 10.0 ** (within(msg("External noise"), external_db, -100.0, 150.0, "dB") / 10.0)
    loss = 10.0 ** (within(msg("Cable loss"), cable_loss_db, 0.0, 100.0, "dB") / 10.0)
    return 10.0 * math.log10((max(outside - 1.0, 0.0) / loss + receiver) / receiver)

"""Small LTE: what a signal to noise ratio carries, and how weak a signal may arrive.

Throughput by ratio is the attenuated and truncated Shannon bound of TR 36.942: an average over what link adaptation
does, with the losses of a real modem in its factor. Steps of modulation and coding are those that a terminal reports
(CQI, TS 36.213). Neither the standard nor this program knows the neighbours' interference: it comes in as part of the
noise.

References
----------
3GPP TR 36.942, Annex A; 3GPP TS 36.213, table 7.2.3-1; 3GPP TS 36.101, 7.3 and A.3.9.1; 3GPP TS 36.104, 7.2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.noise import noise_floor_dbm
from cn_planner.links.ranges import one_of, whole, within
from cn_planner.message import msg
from cn_planner.model.equipment import RadioMode

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class _Bound(NamedTuple):
    """TR 36.942, table A.1: factor, least ratio (dB), most throughput (bit/s/Hz) and the ratio where it is reached."""

    factor: float
    least_snr_db: float
    most: float


_DOWN = _Bound(0.6, -10.0, 4.4)
_UP = _Bound(0.4, -10.0, 2.0)

_BLOCKS = {1.4: 6, 3.0: 15, 5.0: 25, 10.0: 50, 15.0: 75, 20.0: 100}
"""Resource blocks by channel width (TS 36.101, table 5.6-1)."""
_BLOCK_MHZ = 0.18
_CARRIERS, _SYMBOLS = 12, 14  # of a resource block in a subframe of 1 ms
_REFERENCE_ELEMENTS = {1: 8, 2: 16, 4: 24}  # of a block in a subframe, by ports of the base station (TS 36.211, 6.10.1)
_FIRST_SYMBOL_REFERENCES = {1: 2, 2: 4, 4: 4}

# TS 36.213, table 7.2.3-1: bits a resource element of CQI 1 to 15.
_EFFICIENCY = (
    0.1523,
    0.2344,
    0.3770,
    0.6016,
    0.8770,
    1.1758,
    1.4766,
    1.9141,
    2.4063,
    2.7305,
    3.3223,
    3.9023,
    4.5234,
    5.1152,
    5.5547,
)
_DELIVERED = 0.9
"""A terminal reports the fastest step of which at most one block in ten is lost (TS 36.213, 7.2.3)."""
USER_NOISE_FIGURE_DB, BASE_NOISE_FIGURE_DB = 9.0, 5.0
"""What 3GPP assumes of terminals and base stations (TR 36.942)."""


def _bound(uplink: bool) -> _Bound:
    return _UP if uplink else _DOWN


def resource_blocks(width_mhz: float) -> int:
    """Return the resource blocks of a channel.

    Parameters
    ----------
    width_mhz : float
        1.4, 3, 5, 10, 15 or 20.

    Raises
    ------
    InputError
        Where LTE has no such width.
    """
    one_of(msg("Channel width of LTE"), width_mhz, _BLOCKS, "MHz")
    return _BLOCKS[width_mhz]


def throughput_per_hz(sinr_db: ArrayLike, *, uplink: bool = False) -> NDArray[np.float64]:
    """Return the throughput of a signal to interference and noise ratio, bit/s/Hz of occupied spectrum.

    Parameters
    ----------
    sinr_db : array_like
        dB, any shape; NaN where it is not known, and stays NaN.
    uplink : bool
        From terminal to base station: a lesser factor, as 3GPP gives it.

    References
    ----------
    TR 36.942, A.1: 0 below -10 dB; factor x log2(1 + SINR); at most 4.4 (downlink) or 2.0 (uplink).
    """
    ratio = np.asarray(sinr_db, dtype=np.float64)
    bound = _bound(uplink)
    shannon = bound.factor * np.log2(1.0 + 10.0 ** (np.minimum(ratio, 100.0) / 10.0))
    reached: NDArray[np.float64] = np.where(ratio < bound.least_snr_db, 0.0, np.minimum(shannon, bound.most))
    return reached


def throughput_mbps(sinr_db: ArrayLike, width_mhz: float, *, uplink: bool = False) -> NDArray[np.float64]:
    """Return the throughput of a whole channel given to one user, Mbit/s.

    Parameters
    ----------
    sinr_db, uplink
        As for `throughput_per_hz`.
    width_mhz : float
        Channel width, MHz.

    Raises
    ------
    InputError
        Where LTE has no such width.
    """
    reached: NDArray[np.float64] = throughput_per_hz(sinr_db, uplink=uplink) * resource_blocks(width_mhz) * _BLOCK_MHZ
    return reached


def snr_for(per_hz: float, *, uplink: bool = False) -> float:
    """Return the least signal to noise ratio at which so much gets through, dB.

    Parameters
    ----------
    per_hz : float
        Throughput, bit/s/Hz; up to 4.4 (downlink) or 2.0 (uplink).
    uplink : bool
        As for `throughput_per_hz`.

    Raises
    ------
    InputError
        Where it is out of its range.
    """
    bound = _bound(uplink)
    wanted = within(msg("Throughput of LTE"), per_hz, 0.0, bound.most, "bit/s/Hz")
    return max(bound.least_snr_db, 10.0 * math.log10(max(2.0 ** (wanted / bound.factor) - 1.0, 1e-10)))


def data_elements(width_mhz: float, control_symbols: int = 1, ports: int = 2) -> int:
    """Return the resource elements of a subframe that are left for data in the downlink.

    Parameters
    ----------
    width_mhz : float
        Channel width, MHz.
    control_symbols : int
        Symbols of the control channel, 1 to 3.
    ports : int
        Antenna ports of the base station: 1, 2 or 4.

    Raises
    ------
    InputError
        Where a value is not one of the standard's.

    References
    ----------
    TS 36.101, table A.3.9.1-1: 86,400 bits of 64QAM in 20 MHz with one control symbol and two ports.
    """
    blocks = resource_blocks(width_mhz)
    control = whole(msg("Control symbols of LTE"), control_symbols, 1, 3)
    one_of(msg("Antenna ports of LTE"), ports, _REFERENCE_ELEMENTS)
    references = _REFERENCE_ELEMENTS[ports] - _FIRST_SYMBOL_REFERENCES[ports]
    if ports == 4 and control > 1:
        references -= 4  # ports 2 and 3 stand in the second symbol
    return blocks * (_CARRIERS * (_SYMBOLS - control) - references)


def cqi_rate_mbps(cqi: int, width_mhz: float) -> float:
    """Return the rate of a step of modulation and coding on the air, Mbit/s, one layer.

    Parameters
    ----------
    cqi : int
        1 to 15.
    width_mhz : float
        Channel width, MHz.

    Raises
    ------
    InputError
        Where there is no such step or width.

    References
    ----------
    TS 36.213, table 7.2.3-1; one control symbol, two ports. The uplink has as many elements: 12 symbols of 14.
    """
    step = whole(msg("CQI of LTE"), cqi, 1, len(_EFFICIENCY))
    return data_elements(width_mhz) * _EFFICIENCY[step - 1] * 1e-3


def cqi_snr_db(cqi: int, width_mhz: float, *, uplink: bool = False) -> float | None:
    """Return the least ratio at which a step delivers nine blocks of ten, dB; None where none is enough.

    The ratio is that at which TR 36.942 gives the step's own throughput: the standard itself names none. In the uplink
    the bound of TR 36.942 ends at 2 bit/s/Hz, so that the fastest steps are never reached.

    Raises
    ------
    InputError
        Where there is no such step or width.
    """
    per_hz = _DELIVERED * cqi_rate_mbps(cqi, width_mhz) / (resource_blocks(width_mhz) * _BLOCK_MHZ)
    return None if per_hz > _bound(uplink).most else snr_for(per_hz, uplink=uplink)


def reference_sensitivity_dbm(
    blocks: int, noise_figure_db: float, snr_db: float, margin_db: float, branches: int = 1
) -> float:
    """Return the sensitivity that follows from the figures that 3GPP works with, dBm.

    Parameters
    ----------
    blocks : int
        Resource blocks of the signal, 1 to 100.
    noise_figure_db : float
        9 for a terminal, 5 for a base station.
    snr_db, margin_db : float
        Ratio that the reference channel needs, and the modem's own losses, dB.
    branches : int
        Receiving antennas whose gain the level may count on: 1 or 2. A terminal is measured with 2 (3 dB).

    Raises
    ------
    InputError
        Where a value is out of its range.

    References
    ----------
    TS 36.101, 7.3.1 and TS 36.104, 7.2.1 state the results.
    """
    number = whole(msg("Resource blocks of LTE"), blocks, 1, 100)
    within(msg("Signal to noise ratio"), snr_db, -50.0, 80.0, "dB")
    within(msg("Margin of the modem"), margin_db, 0.0, 20.0, "dB")
    gain = 3.0 * (whole(msg("Receiving antennas"), branches, 1, 2) - 1)
    return noise_floor_dbm(number * _BLOCK_MHZ, noise_figure_db) + snr_db + margin_db - gain


def lte_modes(
    width_mhz: float, tx_power_dbm: float, noise_figure_db: float, *, base_station: bool
) -> tuple[RadioMode, ...]:
    """Return the modes of one end of an LTE link, CQI 1 to 15, in the order of rising rate.

    Parameters
    ----------
    width_mhz : float
        Channel width, MHz.
    tx_power_dbm : float
        Of one layer, dBm; -10 to 46.
    noise_figure_db : float
        Of this end's receiver, dB.
    base_station : bool
        A base station hears the uplink, a terminal the downlink.

    Raises
    ------
    InputError
        Where a value is out of its range.

    Notes
    -----
    A base station sends steps that it cannot hear from a terminal: their sensitivity is infinite, and `direction`
    leaves them out.
    """
    power = within(msg("Transmit power"), tx_power_dbm, -10.0, 46.0, "dBm")
    floor = noise_floor_dbm(resource_blocks(width_mhz) * _BLOCK_MHZ, noise_figure_db)
    modes = []
    for cqi in range(1, len(_EFFICIENCY) + 1):
        ratio = cqi_snr_db(cqi, width_mhz, uplink=base_station)
        level = math.inf if ratio is None else floor + ratio
        modes.append(RadioMode(f"CQI{cqi}", width_mhz, power, level, cqi_rate_mbps(cqi, width_mhz), ratio))
    return tuple(modes)

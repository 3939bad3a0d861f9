"""Small LTE: what a signal to noise ratio carries, and how weak a signal may arrive.

Throughput by ratio is the attenuated and truncated Shannon bound of TR 36.942: an average over what link adaptation
does, with the losses of a real modem in its factor. Steps of modulation and coding are those that a terminal reports
(CQI, TS 36.213). Neither the standard nor this program knows the neighbours' interference: it comes in as part of the
noise.

References
----------
3GPP TR 36.942, Annex A; 3GPP TS 36.213, table 7.2.3-1; 3GPP TS 36.101, A.3.9.1.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from cn_planner.links.noise import noise_floor_dbm
from cn_planner.links.ranges import one_of, whole, within
from cn_planner.message import msg
from cn_planner.model.radio_figures import RadioMode, TotalDbm


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


def snr_for(per_hz: float, *, uplink: bool = False) -> float:
    """Return the least signal to noise ratio at which so much gets through, dB.

    Parameters
    ----------
    per_hz : float
        Throughput, bit/s/Hz; up to 4.4 (downlink) or 2.0 (uplink).
    uplink : bool
        From terminal to base station: a lesser factor, as 3GPP gives it.

    Raises
    ------
    InputError
        Where it is out of its range.

    References
    ----------
    TR 36.942, A.1: nothing below -10 dB; factor x log2(1 + SINR); at most 4.4 (downlink) or 2.0 (uplink).
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
    power = TotalDbm(within(msg("Transmit power"), tx_power_dbm, -10.0, 46.0, "dBm"))
    floor = noise_floor_dbm(resource_blocks(width_mhz) * _BLOCK_MHZ, noise_figure_db)
    modes = []
    for cqi in range(1, len(_EFFICIENCY) + 1):
        ratio = cqi_snr_db(cqi, width_mhz, uplink=base_station)
        level = math.inf if ratio is None else floor + ratio
        modes.append(RadioMode(f"CQI{cqi}", width_mhz, power, level, cqi_rate_mbps(cqi, width_mhz), ratio))
    return tuple(modes)


def every_step(given: tuple[RadioMode, ...], noise_figure_db: float, *, base_station: bool) -> tuple[RadioMode, ...]:
    """Return the modes of one end of which some steps are known, CQI 1 to 15. Steps that are given stay as they are.

    Parameters
    ----------
    given : tuple of RadioMode
        Of one channel width. Where LTE has no such width, or no step is named CQI, all stay as they are.
    noise_figure_db, base_station
        As for `lte_modes`.
    """
    if not given or given[0].width_mhz not in _BLOCKS or not all(mode.mcs.startswith("CQI") for mode in given):
        return given
    power = max(mode.tx_power_dbm for mode in given)
    every = {
        mode.mcs: mode for mode in lte_modes(given[0].width_mhz, power, noise_figure_db, base_station=base_station)
    }
    every |= {mode.mcs: mode for mode in given}
    return tuple(sorted(every.values(), key=lambda mode: mode.rate_mbps))

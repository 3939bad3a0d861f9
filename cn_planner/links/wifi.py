"""Rates and least sensitivities of Wi-Fi, from the tables and formulas of IEEE 802.11.

802.11n (HT), 802.11ac (VHT) and 802.11ax (HE) below 7 GHz; the single carrier of 802.11ad (DMG) and 802.11ay (EDMG)
at 60 GHz; 802.11af (TVHT) in television channels. Real radios hear 5 to 15 dB more than the standard asks of them: a
radio's own data sheet goes first.

References
----------
IEEE Std 802.11-2020, clauses 19 (HT), 20 (DMG), 21 (VHT), 22 (TVHT); IEEE Std 802.11ax-2021, clause 27 (HE); IEEE Std
802.11ay-2021, clause 28 (EDMG).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from cn_planner.errors import InputError
from cn_planner.links.noise import noise_floor_dbm, sensitivity_dbm
from cn_planner.links.ranges import one_of, whole, within
from cn_planner.message import msg
from cn_planner.model.radio_figures import RadioMode, TotalDbm, rate_mbps

STANDARD_NOISE_FIGURE_DB = 10.0
"""What the standard assumes of a receiver, beside 5 dB for its other faults (IEEE Std 802.11-2020, 17.3.10.2)."""

_HALF, _FIVE_EIGHTHS, _TWO_THIRDS, _THREE_QUARTERS = Fraction(1, 2), Fraction(5, 8), Fraction(2, 3), Fraction(3, 4)
_THIRTEEN_16THS, _FIVE_SIXTHS, _SEVEN_EIGHTHS = Fraction(13, 16), Fraction(5, 6), Fraction(7, 8)

# Bits a carrier and coding of MCS 0 to 11; HT has the first eight, VHT the first ten.
_MODULATIONS = (
    (1, _HALF),
    (2, _HALF),
    (2, _THREE_QUARTERS),
    (4, _HALF),
    (4, _THREE_QUARTERS),
    (6, _TWO_THIRDS),
    (6, _THREE_QUARTERS),
    (6, _FIVE_SIXTHS),
    (8, _THREE_QUARTERS),
    (8, _FIVE_SIXTHS),
    (10, _THREE_QUARTERS),
    (10, _FIVE_SIXTHS),
)
# Receiver minimum input level sensitivity, dBm, at 20 MHz. Each doubling of the width asks for 3 dB more.
_SENSITIVITY_20_MHZ = (-82.0, -79.0, -77.0, -74.0, -70.0, -66.0, -65.0, -64.0, -59.0, -57.0, -54.0, -52.0)


@dataclass(frozen=True, slots=True)
class _Ofdm:
    """The symbols of one clause: length without guard, us; data carriers by width; guard intervals, ns."""

    symbol_us: float
    carriers: dict[float, int]
    modulations: int
    most_streams: int
    guards_ns: tuple[int, ...]


_OFDM = {
    "802.11n": _Ofdm(3.2, {20.0: 52, 40.0: 108}, 8, 4, (800, 400)),
    "802.11ac": _Ofdm(3.2, {20.0: 52, 40.0: 108, 80.0: 234, 160.0: 468}, 10, 8, (800, 400)),
    "802.11ax": _Ofdm(12.8, {20.0: 234, 40.0: 468, 80.0: 980, 160.0: 1960}, 12, 8, (800, 1600, 3200)),
}
# VHT-MCS that the standard leaves out, as their bits do not come out whole: (MCS, width) by number of streams.
_NOT_VHT = {
    1: {(9, 20.0)},
    2: {(9, 20.0)},
    3: {(6, 80.0), (9, 160.0)},
    4: {(9, 20.0)},
    5: {(9, 20.0)},
    6: {(9, 80.0)},
    7: {(9, 20.0), (6, 80.0)},
    8: {(9, 20.0)},
}

_TV_CARRIERS = 108
_TV_SYMBOL_US = {6.0: 24.0, 7.0: 24.0, 8.0: 18.0}

_CHIPS_MHZ, _BLOCK_CHIPS = 1760.0, 512
_CHANNEL_60_GHZ_MHZ = 2160.0
# Bits a chip, coding, repetition: single carrier of 802.11ad, MCS 1 to 12, and of 802.11ay, MCS 1 to 21.
_DMG = (
    (1, _HALF, 2),
    (1, _HALF, 1),
    (1, _FIVE_EIGHTHS, 1),
    (1, _THREE_QUARTERS, 1),
    (1, _THIRTEEN_16THS, 1),
    (2, _HALF, 1),
    (2, _FIVE_EIGHTHS, 1),
    (2, _THREE_QUARTERS, 1),
    (2, _THIRTEEN_16THS, 1),
    (4, _HALF, 1),
    (4, _FIVE_EIGHTHS, 1),
    (4, _THREE_QUARTERS, 1),
)
_DMG_SENSITIVITY = (-68.0, -66.0, -65.0, -64.0, -62.0, -63.0, -62.0, -61.0, -59.0, -55.0, -54.0, -53.0)
_EDMG = (
    (1, _HALF, 2),
    *(
        (bits, coding, 1)
        for bits in (1, 2, 4, 6)
        for coding in (_HALF, _FIVE_EIGHTHS, _THREE_QUARTERS, _THIRTEEN_16THS, _SEVEN_EIGHTHS)
    ),
)
_EDMG_GUARD_CHIPS = {"short": 32, "normal": 64, "long": 128}


def _ofdm(standard: str) -> _Ofdm:
    one_of(msg("Wi-Fi standard"), standard, _OFDM)
    return _OFDM[standard]


def _modulation(standard: str, mcs: int, streams: int) -> int:
    """Return the row of the modulation, and check MCS and streams. HT counts on with the streams."""
    rules = _ofdm(standard)
    whole(msg("Number of streams"), streams, 1, rules.most_streams)
    if standard != "802.11n":
        return whole(msg("MCS of {standard}", standard=standard), mcs, 0, rules.modulations - 1)
    whole(msg("MCS of {standard}", standard=standard), mcs, 0, 8 * rules.most_streams - 1)
    if mcs // 8 + 1 != streams:
        raise InputError(
            msg("MCS {mcs} of 802.11n has {has} streams, not {streams}.", mcs=mcs, has=mcs // 8 + 1, streams=streams)
        )
    return mcs % 8


def wifi_rate_mbps(standard: str, mcs: int, width_mhz: float, streams: int = 1, guard_ns: int = 800) -> float:
    """Return the rate on the air, Mbit/s.

    Parameters
    ----------
    standard : {"802.11n", "802.11ac", "802.11ax"}
        Which Wi-Fi.
    mcs : int
        0 to 31 for 802.11n, which counts on with the streams; 0 to 9 for 802.11ac; 0 to 11 for 802.11ax.
    width_mhz : float
        20 or 40; with 802.11ac and 802.11ax also 80 and 160.
    streams : int
        1 to 4, or 1 to 8 with 802.11ac and 802.11ax.
    guard_ns : int
        Guard interval: 800 or 400; with 802.11ax 800, 1600 or 3200.

    Raises
    ------
    InputError
        Where a value is not one of the standard's, or the standard leaves that combination out.

    References
    ----------
    IEEE Std 802.11-2020, 19.5 and 21.5; IEEE Std 802.11ax-2021, 27.5: N_SD N_BPSCS R N_SS / (T_DFT + T_GI).
    """
    row = _modulation(standard, mcs, streams)
    rules = _ofdm(standard)
    one_of(msg("Channel width of {standard}", standard=standard), width_mhz, rules.carriers, "MHz")
    one_of(msg("Guard interval of {standard}", standard=standard), guard_ns, rules.guards_ns, "ns")
    if standard == "802.11ac" and (row, width_mhz) in _NOT_VHT[streams]:
        raise InputError(
            msg(
                "802.11ac has no MCS {mcs} with {streams} streams in {width_mhz:g} MHz.",
                mcs=mcs,
                streams=streams,
                width_mhz=width_mhz,
            )
        )
    bits, coding = _MODULATIONS[row]
    return rate_mbps(rules.carriers[width_mhz], bits, coding, streams, rules.symbol_us + guard_ns * 1e-3)


def least_sensitivity_dbm(standard: str, mcs: int, width_mhz: float) -> float:
    """Return the level at which the standard asks every radio to receive, dBm, with at most 10 % of frames lost.

    Parameters
    ----------
    standard, mcs, width_mhz
        As for `wifi_rate_mbps`. The level is the same for any number of streams.

    Raises
    ------
    InputError
        Where a value is not one of the standard's.

    References
    ----------
    IEEE Std 802.11-2020, 19.3.19.1 and 21.3.18.1; IEEE Std 802.11ax-2021, clause 27.
    """
    row = _modulation(standard, mcs, mcs // 8 + 1 if standard == "802.11n" else 1)
    one_of(msg("Channel width of {standard}", standard=standard), width_mhz, _ofdm(standard).carriers, "MHz")
    return _SENSITIVITY_20_MHZ[row] + 3.0 * round(math.log2(width_mhz / 20.0))


def wifi_modes(
    standard: str,
    width_mhz: float,
    tx_power_dbm: float,
    streams: int = 1,
    guard_ns: int = 800,
    *,
    better_db: float = 0.0,
) -> tuple[RadioMode, ...]:
    """Return the modes of a radio that hears as the standard asks, in the order of rising rate.

    Parameters
    ----------
    standard, width_mhz, streams, guard_ns
        As for `wifi_rate_mbps`.
    tx_power_dbm : float
        The same for every mode, dBm; -10 to 46.
    better_db : float
        By how much the radio hears better than the standard asks, dB; 0 to 25.

    Raises
    ------
    InputError
        Where a value is not one of the standard's, or out of its range.
    """
    power = TotalDbm(within(msg("Transmit power"), tx_power_dbm, -10.0, 46.0, "dBm"))
    better = within(msg("Better than the standard"), better_db, 0.0, 25.0, "dB")
    rules = _ofdm(standard)
    one_of(msg("Channel width of {standard}", standard=standard), width_mhz, rules.carriers, "MHz")
    whole(msg("Number of streams"), streams, 1, rules.most_streams)
    first = 8 * (streams - 1) if standard == "802.11n" else 0
    left_out = _NOT_VHT[streams] if standard == "802.11ac" else set()
    return tuple(
        RadioMode(
            f"MCS{mcs}",
            width_mhz,
            power,
            least_sensitivity_dbm(standard, mcs, width_mhz) - better,
            wifi_rate_mbps(standard, mcs, width_mhz, streams, guard_ns),
        )
        for mcs in range(first, first + rules.modulations)
        if (mcs, width_mhz) not in left_out
    )


def rate_60_ghz_mbps(standard: str, mcs: int, channels: int = 1, guard: str = "normal") -> float:
    """Return the rate on the air of the single carrier at 60 GHz, Mbit/s.

    Parameters
    ----------
    standard : {"802.11ad", "802.11ay"}
        Which Wi-Fi.
    mcs : int
        1 to 12 for 802.11ad; 1 to 21 for 802.11ay.
    channels : int
        Channels of 2160 MHz bonded: 1 with 802.11ad, 1 to 4 with 802.11ay.
    guard : {"short", "normal", "long"}
        Guard interval of 802.11ay: 32, 64 or 128 chips; 802.11ad has the normal one.

    Raises
    ------
    InputError
        Where a value is not one of the standard's.

    References
    ----------
    IEEE Std 802.11-2020, clause 20 (DMG SC); IEEE Std 802.11ay-2021, clause 28 (EDMG SC): 1760 Mchip/s, blocks of 512.
    """
    one_of(msg("Wi-Fi standard at 60 GHz"), standard, ("802.11ad", "802.11ay"))
    old = standard == "802.11ad"
    table = _DMG if old else _EDMG
    whole(msg("MCS of {standard}", standard=standard), mcs, 1, len(table))
    whole(msg("Bonded channels of {standard}", standard=standard), channels, 1, 1 if old else 4)
    one_of(
        msg("Guard interval of {standard}", standard=standard), guard, ("normal",) if old else tuple(_EDMG_GUARD_CHIPS)
    )
    bits, coding, repeated = table[mcs - 1]
    data = _BLOCK_CHIPS - _EDMG_GUARD_CHIPS[guard]
    return _CHIPS_MHZ * channels * float(data * bits * coding / (_BLOCK_CHIPS * repeated))


def least_sensitivity_60_ghz_dbm(mcs: int) -> float:
    """Return the level at which 802.11ad asks every radio to receive on its single carrier, dBm.

    Parameters
    ----------
    mcs : int
        1 to 12.

    Raises
    ------
    InputError
        Where there is no such MCS.

    References
    ----------
    IEEE Std 802.11-2020, clause 20, table of receiver sensitivity: a noise figure of 10 dB and 5 dB of other losses,
    1 % of frames of 4096 octets lost.
    """
    whole(msg("MCS of {standard}", standard="802.11ad"), mcs, 1, len(_DMG))
    return _DMG_SENSITIVITY[mcs - 1]


def modes_60_ghz(tx_power_dbm: float) -> tuple[RadioMode, ...]:
    """Return the modes of an 802.11ad radio that hears as the standard asks, in the order of rising rate.

    Parameters
    ----------
    tx_power_dbm : float
        The same for every mode, dBm; -10 to 46.

    Raises
    ------
    InputError
        Where the power is out of its range.

    Notes
    -----
    MCS 5 is left out: it is slower than MCS 6 and needs more, so that no radio that has both would use it.
    """
    power = TotalDbm(within(msg("Transmit power"), tx_power_dbm, -10.0, 46.0, "dBm"))
    return tuple(
        RadioMode(
            f"MCS{mcs}",
            _CHANNEL_60_GHZ_MHZ,
            power,
            least_sensitivity_60_ghz_dbm(mcs),
            rate_60_ghz_mbps("802.11ad", mcs),
        )
        for mcs in range(1, len(_DMG) + 1)
        if mcs != 5
    )


def tv_rate_mbps(
    mcs: int, width_mhz: float, channels: int = 1, streams: int = 1, *, short_guard: bool = False
) -> float:
    """Return the rate on the air of 802.11af in television channels that nobody uses, Mbit/s.

    Parameters
    ----------
    mcs : int
        0 to 9.
    width_mhz : float
        Of one television channel: 6, 7 or 8.
    channels : int
        Channels bonded: 1, 2 or 4.
    streams : int
        1 to 4.
    short_guard : bool
        A guard interval of an eighth of the symbol instead of a quarter.

    Raises
    ------
    InputError
        Where a value is not one of the standard's.

    References
    ----------
    IEEE Std 802.11-2020, clause 22 (TVHT): 108 carriers a channel; symbols of 24 us in 6 and 7 MHz, of 18 us in 8 MHz.
    """
    row = whole(msg("MCS of {standard}", standard="802.11af"), mcs, 0, 9)
    one_of(msg("Television channel"), width_mhz, _TV_SYMBOL_US, "MHz")
    one_of(msg("Bonded channels of {standard}", standard="802.11af"), channels, (1, 2, 4))
    whole(msg("Number of streams"), streams, 1, 4)
    bits, coding = _MODULATIONS[row]
    symbol = _TV_SYMBOL_US[width_mhz]
    return rate_mbps(_TV_CARRIERS * channels, bits, coding, streams, symbol * (1.125 if short_guard else 1.25))


def tv_modes(
    width_mhz: float, tx_power_dbm: float, noise_figure_db: float = STANDARD_NOISE_FIGURE_DB, channels: int = 1
) -> tuple[RadioMode, ...]:
    """Return the modes of an 802.11af radio by its noise figure, one stream, in the order of rising rate.

    The ratio that a modulation needs is that behind the levels of the other clauses: level less noise, with a noise
    figure of 10 dB; the standard's 5 dB for other faults stay in it.

    Parameters
    ----------
    width_mhz, channels
        As for `tv_rate_mbps`; the modes' width is that of all channels.
    tx_power_dbm : float
        The same for every mode, dBm; -10 to 46.
    noise_figure_db : float
        Of the receiver, dB.

    Raises
    ------
    InputError
        Where a value is not one of the standard's, or out of its range.
    """
    power = TotalDbm(within(msg("Transmit power"), tx_power_dbm, -10.0, 46.0, "dBm"))
    reference = noise_floor_dbm(20.0, STANDARD_NOISE_FIGURE_DB)
    modes = []
    for mcs in range(10):
        rate, ratio = tv_rate_mbps(mcs, width_mhz, channels), _SENSITIVITY_20_MHZ[mcs] - reference
        width = width_mhz * channels
        modes.append(RadioMode(f"MCS{mcs}", width, power, sensitivity_dbm(width, noise_figure_db, ratio), rate, ratio))
    return tuple(modes)

"""LoRa: what a message takes of the air, how fast it is, how weak it may arrive, how often the law allows it.

References
----------
Semtech AN1200.13, LoRa Modem Designer's Guide, rev. 1, July 2013; Semtech SX1276/77/78/79 data sheet, rev. 4, March
2015; Semtech SX1261/2 data sheet, rev. 1.1, December 2017 (spreading factors 5 and 6).
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.links.noise import sensitivity_dbm
from cn_planner.links.ranges import whole, within
from cn_planner.message import counted, msg
from cn_planner.model.radio_figures import RadioMode, TotalDbm
from cn_planner.units import rate_words

if TYPE_CHECKING:
    from cn_planner.message import Message

LORAWAN_OVERHEAD_BYTES = 13
"""What LoRaWAN adds to the bytes of an application at least: header, port and integrity code."""

_EXAMPLE_BYTES = 20
"""A measurement or two with their time: what rates.toml counts for a message too."""
_NAME = re.compile(r"SF(\d+)")
# SX1276/77/78/79 data sheet, table 13 (SF6 to SF12); SX1261/2 data sheet (SF5).
_SNR_DB = {5: -2.5, 6: -5.0, 7: -7.5, 8: -10.0, 9: -12.5, 10: -15.0, 11: -17.5, 12: -20.0}
_LONGEST_SYMBOL_MS = 16.0  # SX1276 data sheet, 4.1.1.6: above this the low data rate optimisation is mandated


def _factor(spreading_factor: int) -> int:
    return whole(msg("Spreading factor"), spreading_factor, 5, 12)


def _width(width_khz: float) -> float:
    return within(msg("Bandwidth of LoRa"), width_khz, 7.8, 500.0, "kHz")


def _coding(coding: int) -> int:
    """Return the 5 to 8 of a coding rate of 4/5 to 4/8."""
    return whole(msg("Coding rate 4/N: N"), coding, 5, 8)


def symbol_ms(spreading_factor: int, width_khz: float) -> float:
    """Return the length of a symbol, ms: 2^SF / BW.

    Raises
    ------
    InputError
        Where the spreading factor is not 5 to 12 or the bandwidth not 7.8 to 500 kHz.
    """
    return float(2 ** _factor(spreading_factor)) / _width(width_khz)


def slow(spreading_factor: int, width_khz: float) -> bool:
    """Return whether the low data rate optimisation is on: where a symbol is longer than 16 ms."""
    return symbol_ms(spreading_factor, width_khz) > _LONGEST_SYMBOL_MS


def bit_rate_bps(spreading_factor: int, width_khz: float = 125.0, coding: int = 5) -> float:
    """Return the rate of payload bits while a payload is sent, bit/s.

    Parameters
    ----------
    spreading_factor : int
        5 to 12.
    width_khz : float
        Bandwidth, kHz; 7.8 to 500.
    coding : int
        5 to 8 for a coding rate of 4/5 to 4/8.

    Raises
    ------
    InputError
        Where a value is out of its range.

    References
    ----------
    AN1200.13, eq. 2; with the low data rate optimisation two bits of a symbol are not used (section 4).
    """
    bits = _factor(spreading_factor) - (2 if slow(spreading_factor, width_khz) else 0)
    return bits * 4.0 / _coding(coding) / symbol_ms(spreading_factor, width_khz) * 1e3


def time_on_air_ms(
    payload_bytes: int,
    spreading_factor: int,
    width_khz: float = 125.0,
    coding: int = 5,
    *,
    preamble: int = 8,
    header: bool = True,
    checksum: bool = True,
) -> float:
    """Return how long a message is on the air, ms.

    Parameters
    ----------
    payload_bytes : int
        Bytes that the modem sends, with those of LoRaWAN (`LORAWAN_OVERHEAD_BYTES`); 0 to 255.
    spreading_factor, width_khz, coding
        As for `bit_rate_bps`.
    preamble : int
        Symbols of the preamble, 2 to 65,535; 8 with LoRaWAN.
    header, checksum : bool
        Whether the modem's own header, and the checksum over the payload, are sent; both with LoRaWAN's uplink.

    Raises
    ------
    InputError
        Where a value is out of its range.

    References
    ----------
    AN1200.13, section 4; SX1276 data sheet, 4.1.1.7. Spreading factors 5 and 6: SX1261/2 data sheet, LoRa time on air.
    """
    factor, coded = _factor(spreading_factor), _coding(coding)
    size = whole(msg("Bytes of a LoRa message"), payload_bytes, 0, 255)
    lead = whole(msg("Symbols of the preamble"), preamble, 2, 65_535)
    short = factor < 7
    bits = 8 * size - 4 * factor + (16 if checksum else 0) + (20 if header else 0) + (0 if short else 8)
    a_block = 4 * (factor - (2 if slow(factor, width_khz) else 0))
    symbols = 8 + max(math.ceil(bits / a_block), 0) * coded
    return (lead + (6.25 if short else 4.25) + symbols) * symbol_ms(factor, width_khz)


def messages_per_hour(time_on_air: float, duty_cycle_pct: float) -> int:
    """Return how many messages an hour a limit on the duty cycle allows.

    Parameters
    ----------
    time_on_air : float
        Of one message, ms; above 0, at most 3,600,000.
    duty_cycle_pct : float
        Share of the time that the law allows on the air, per cent; 0 to 100.

    Raises
    ------
    InputError
        Where a value is out of its range.
    """
    within(msg("Time on air"), time_on_air, 1e-3, 3.6e6, "ms")
    within(msg("Duty cycle"), duty_cycle_pct, 0.0, 100.0, "%")
    return math.floor(3.6e6 * duty_cycle_pct / 100.0 / time_on_air + 1e-9)


def throughput_bps(
    application_bytes: int, spreading_factor: int, width_khz: float = 125.0, duty_cycle_pct: float = 1.0
) -> float:
    """Return what an application gets through in the long run, bit/s, as often as the law allows.

    Parameters
    ----------
    application_bytes : int
        Bytes of the application in a message; 1 to 242.
    spreading_factor, width_khz, duty_cycle_pct
        As for `bit_rate_bps` and `messages_per_hour`.

    Raises
    ------
    InputError
        Where a value is out of its range.
    """
    size = whole(msg("Bytes of the application"), application_bytes, 1, 255 - LORAWAN_OVERHEAD_BYTES)
    air = time_on_air_ms(size + LORAWAN_OVERHEAD_BYTES, spreading_factor, width_khz)
    return messages_per_hour(air, duty_cycle_pct) * size * 8.0 / 3600.0


def snr_limit_db(spreading_factor: int) -> float:
    """Return the signal to noise ratio that the demodulator needs, dB.

    Raises
    ------
    InputError
        Where the spreading factor is not 5 to 12.

    References
    ----------
    SX1276/77/78/79 data sheet, table 13; SX1261/2 data sheet for spreading factor 5.
    """
    return _SNR_DB[_factor(spreading_factor)]


def lora_sensitivity_dbm(spreading_factor: int, width_khz: float = 125.0, *, noise_figure_db: float = 6.0) -> float:
    """Return the least level of a receiver by its noise figure, dBm.

    Parameters
    ----------
    spreading_factor, width_khz
        As for `bit_rate_bps`.
    noise_figure_db : float
        Of the receiver, dB; 6 stands behind the figures of AN1200.13.

    Raises
    ------
    InputError
        Where a value is out of its range.

    References
    ----------
    AN1200.13, eq. 1.
    """
    return sensitivity_dbm(_width(width_khz) * 1e-3, noise_figure_db, snr_limit_db(spreading_factor))


def lora_modes(
    tx_power_dbm: float, width_khz: float = 125.0, coding: int = 5, *, noise_figure_db: float = 6.0
) -> tuple[RadioMode, ...]:
    """Return the modes of a LoRa radio, SF12 to SF7, in the order of rising rate.

    Parameters
    ----------
    tx_power_dbm : float
        dBm; -10 to 30.
    width_khz, coding, noise_figure_db
        As for `bit_rate_bps` and `lora_sensitivity_dbm`.

    Raises
    ------
    InputError
        Where a value is out of its range.
    """
    power = TotalDbm(within(msg("Transmit power"), tx_power_dbm, -10.0, 30.0, "dBm"))
    return tuple(
        RadioMode(
            f"SF{factor}",
            _width(width_khz) * 1e-3,
            power,
            lora_sensitivity_dbm(factor, width_khz, noise_figure_db=noise_figure_db),
            bit_rate_bps(factor, width_khz, coding) * 1e-6,
            snr_limit_db(factor),
        )
        for factor in range(12, 6, -1)
    )


def spreading_factor_of(mode: str) -> int | None:
    """Return the spreading factor that a mode is named after ("SF9"); None where it is named otherwise."""
    found = _NAME.fullmatch(mode)
    return int(found[1]) if found is not None else None


def every_factor(given: tuple[RadioMode, ...]) -> tuple[RadioMode, ...]:
    """Return the modes of a LoRa radio of which some spreading factors are known, SF12 to SF7.

    Every LoRa radio has them all; data sheets often give the sensitivity of the slowest alone. The others follow from
    the worst noise figure that those given speak of. Modes that are given stay, with the ratio that they need.

    Parameters
    ----------
    given : tuple of RadioMode
        Of one channel width. Where one of them is no spreading factor of LoRa, all stay as they are.
    """
    factors = {spreading_factor_of(mode.mcs): mode for mode in given}
    if not given or not all(factor in range(5, 13) for factor in factors):
        return given
    known = {factor: mode for factor, mode in factors.items() if factor is not None}
    width_khz = given[0].width_mhz * 1e3
    figure = max(
        mode.sensitivity_dbm - lora_sensitivity_dbm(factor, width_khz, noise_figure_db=0.0)
        for factor, mode in known.items()
    )
    power = min(mode.tx_power_dbm for mode in given)
    every = {mode.mcs: mode for mode in lora_modes(power, width_khz, noise_figure_db=max(figure, 0.0))}
    every |= {mode.mcs: replace(mode, snr_db=snr_limit_db(factor)) for factor, mode in known.items()}
    return tuple(sorted(every.values(), key=lambda mode: mode.rate_mbps))


def air_in_words(mode: str, width_mhz: float, duty_pct: float | None) -> tuple[Message, ...]:
    """Return what a message of a sensor takes of the air, and how often the law lets it be sent.

    Parameters
    ----------
    mode : str
        The mode that the link works with.
    width_mhz : float
        Channel width, MHz.
    duty_pct : float, optional
        Share of each hour that the law gives to one sender, per cent; None where no such rule was read.
    """
    factor = spreading_factor_of(mode)
    if factor is None:
        return ()
    width_khz = width_mhz * 1e3
    air = time_on_air_ms(_EXAMPLE_BYTES + LORAWAN_OVERHEAD_BYTES, factor, width_khz)
    takes = msg(
        "A message of {bytes} bytes takes {seconds:.2f} s of the air, with {mode}.",
        bytes=_EXAMPLE_BYTES, seconds=air * 1e-3, mode=mode,
    )  # fmt: skip
    if duty_pct is None:
        return takes, msg("No rule was read here of how much of each hour one sender may take.")
    most = messages_per_hour(air, duty_pct)
    long_run = throughput_bps(_EXAMPLE_BYTES, factor, width_khz, duty_pct)
    return takes, counted(
        "The law's {duty:g} % of each hour is {count:,.0f} such message, {rate} in the long run.",
        "The law's {duty:g} % of each hour are {count:,.0f} such messages, {rate} in the long run.",
        most, duty=duty_pct, rate=rate_words(long_run * 1e-6),
    )  # fmt: skip

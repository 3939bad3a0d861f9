"""Figures of a radio: those that are easily mistaken for one another, each of a type of its own; its modes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from fractions import Fraction

TotalDbm = NewType("TotalDbm", float)
"""Power of all chains of a radio together, dBm: what links, limits and most menus count in."""
ChainDbm = NewType("ChainDbm", float)
"""Power of one chain alone, dBm. A menu that asks for it must not be given a total: two chains then send 3 dB more."""


def chain_power(total_dbm: TotalDbm, chains: int) -> ChainDbm:
    """Return what each of so many chains sends of a total."""
    return ChainDbm(total_dbm - 10.0 * math.log10(chains))


def total_power(chain_dbm: ChainDbm, chains: int) -> TotalDbm:
    """Return what so many chains send together."""
    return TotalDbm(chain_dbm + 10.0 * math.log10(chains))


def typed_total(total_dbm: TotalDbm | None) -> int | None:
    """Return what is typed into a menu that asks for the power of all chains: whole dB, never over it."""
    return None if total_dbm is None else math.floor(total_dbm + 1e-9)


def typed_chain(chain_dbm: ChainDbm | None) -> int | None:
    """Return what is typed into a menu that asks for the power of each chain: whole dB, never over it."""
    return None if chain_dbm is None else math.floor(chain_dbm + 1e-9)


class LevelKind(StrEnum):
    """Whence the least level of a mode is."""

    MAKER = "maker"
    """A table of the maker's, for this width or computed from another one."""
    MEASURED = "measured"
    """Somebody measured it, who is named."""
    AT_LEAST = "at least"
    """The standard asks it of every radio: this one hears more, and nobody said how much."""


@dataclass(frozen=True, slots=True)
class RadioMode:
    """One modulation at one channel width: power that the radio gives, level that it needs, rate on the air.

    ``snr_db`` is the signal to noise ratio that it needs, where the source of the mode gives one. ``level`` says whence
    the sensitivity is.
    """

    mcs: str
    width_mhz: float
    tx_power_dbm: TotalDbm
    sensitivity_dbm: float
    rate_mbps: float
    snr_db: float | None = None
    level: LevelKind = LevelKind.MAKER


class Poe(StrEnum):
    """How power goes over the data cable."""

    UNKNOWN = ""
    PASSIVE = "passive"
    """Always on, without asking: the wrong voltage destroys what is at the other end."""
    AF = "802.3af"
    AT = "802.3at"
    BT = "802.3bt"


@dataclass(frozen=True, slots=True)
class ChannelPower:
    """The most that a radio sends on channels whose centre lies in a part of its band."""

    low_mhz: float
    high_mhz: float
    most_dbm: TotalDbm


def most_power_on(parts: tuple[ChannelPower, ...], freq_mhz: float, width_mhz: float) -> TotalDbm:
    """Return the most that a radio sends on a channel: without limit where no part says anything.

    Of a wider channel than 20 MHz, each 20 MHz of it must be allowed what the whole is: the least of them counts.
    """
    half = max(0.0, width_mhz - 20.0) / 2.0
    low, high = freq_mhz - half, freq_mhz + half
    return TotalDbm(
        min((one.most_dbm for one in parts if one.low_mhz <= high and low <= one.high_mhz), default=math.inf)
    )


class Task(StrEnum):
    """What a kit is for."""

    ACCESS = "access"
    CLIENT = "client"
    BACKHAUL = "backhaul"


def rate_mbps(carriers: int, bits: int, coding: Fraction, streams: int, symbol_us: float) -> float:
    """Return the rate on the air, Mbit/s: IEEE Std 802.11-2020, 19.5 and 21.5 (bits of data a symbol by its length)."""
    return float(carriers * bits * coding * streams) / symbol_us

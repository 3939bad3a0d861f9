"""What can be bought: types of equipment, as frozen values. The entries are data in resources/."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Mapping


class Task(StrEnum):
    """What a kit is for."""

    ACCESS = "access"
    CLIENT = "client"
    BACKHAUL = "backhaul"


class ItemClass(StrEnum):
    """How an item stands in the bill of materials and the budget."""

    RADIO = "radio"
    ANTENNA = "antenna"
    MAST = "mast"
    POWER = "power"
    CABLE = "cable"
    GROUNDING = "grounding"
    ENCLOSURE = "enclosure"
    NETWORK = "network"
    TOOL = "tool"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class Source:
    """The public document that was read for an entry."""

    title: str
    publisher: str
    date: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs somewhere, on a day. ``example`` prices are to be confirmed with the supplier."""

    amount: float
    currency: str
    date: str
    source: str
    example: bool = True


@dataclass(frozen=True, slots=True)
class RadioMode:
    """One modulation at one channel width: power that the radio gives, level that it needs, rate on the air.

    ``snr_db`` is the signal to noise ratio that it needs, where the source of the mode gives one.
    """

    mcs: str
    width_mhz: float
    tx_power_dbm: float
    sensitivity_dbm: float
    rate_mbps: float
    snr_db: float | None = None


class Access(StrEnum):
    """How the radios of a technology take turns on a channel."""

    CSMA = "csma"
    """Each listens first, and sends when it hears nobody."""
    TDMA = "tdma"
    """One gives out turns in a frame."""
    SCHEDULED = "scheduled"
    """A base station gives out frequency and time."""
    ALOHA = "aloha"
    """Each sends when it wants to, as often as the law allows."""


@dataclass(frozen=True, slots=True)
class Technology:
    """What the radios of one kind have in common. ``efficiency`` is IP rate / air rate, from ``source``."""

    name: str
    access: Access
    efficiency: float
    source: str


@dataclass(frozen=True, slots=True)
class Radio:
    """A radio. ``modes`` are in the order of rising rate for each width. ``efficiency`` is IP rate / air rate.

    ``noise_figure_db`` is None where the source of the entry does not give it.
    """

    id: str
    name: str
    maker: str
    technology: str
    band_mhz: tuple[float, float]
    modes: tuple[RadioMode, ...]
    max_power_w: float
    efficiency: float
    source: Source
    antenna: str = ""
    streams: int = 1
    noise_figure_db: float | None = None

    def modes_at(self, width_mhz: float) -> tuple[RadioMode, ...]:
        """Return the modes of one channel width; empty where the radio has none."""
        return tuple(mode for mode in self.modes if mode.width_mhz == width_mhz)


@dataclass(frozen=True, slots=True)
class AntennaPattern:
    """A measured pattern: two cuts through the axis, in dB under the greatest gain (0 or less).

    ``horizontal_db`` begins on the axis and goes clockwise as seen from above, in equal steps all round.
    ``vertical_db`` begins on the axis and goes upwards: over the zenith, the back and the nadir, in equal steps all
    round. A tilt made by the antenna itself is in the cut already. ``gain_dbi`` is None where the file gave none, the
    beamwidths are those that the file states.
    """

    name: str
    gain_dbi: float | None
    horizontal_db: tuple[float, ...]
    vertical_db: tuple[float, ...]
    freq_mhz: float | None = None
    polarisation: str = ""
    electrical_tilt_deg: float | None = None
    stated_az_deg: float | None = None
    stated_el_deg: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Antenna:
    """An antenna by gain and half-power beamwidths; with its measured pattern where there is one."""

    id: str
    name: str
    maker: str
    band_mhz: tuple[float, float]
    gain_dbi: float
    beamwidth_az_deg: float
    beamwidth_el_deg: float
    source: Source
    pattern: AntennaPattern | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """So many of an item."""

    item: str
    quantity: float


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the bill of materials, by a unit of which one buys so many."""

    id: str
    name: str
    item_class: ItemClass
    unit: str
    price: Price | None
    power_w: float = 0.0


@dataclass(frozen=True, slots=True)
class Kit:
    """What does one task at one end: radio, antenna, cable and all that belongs to them.

    ``name`` is the plain name that people choose by ("Village sector 5 GHz").
    """

    id: str
    name: str
    task: Task
    radio: str
    antenna: str
    freq_mhz: float
    width_mhz: float
    cable_loss_db: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Mast:
    """A mast or pole up to a height, with all that it is made of."""

    id: str
    name: str
    height_m: float
    parts: tuple[Part, ...]
    labour_days: float


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """What the law allows in a part of the spectrum. ``eirp`` False: the limit is on conducted power."""

    low_mhz: float
    high_mhz: float
    limit_dbm: float
    eirp: bool
    max_width_mhz: float
    dfs: bool
    indoor_only: bool


@dataclass(frozen=True, slots=True)
class CountryRules:
    """The limits of one country, from one source."""

    country: str
    limits: tuple[PowerLimit, ...]
    source: Source

    def limit(self, freq_mhz: float, width_mhz: float) -> PowerLimit | None:
        """Return the limit that holds for a whole channel, None where none allows it."""
        low, high = freq_mhz - width_mhz / 2, freq_mhz + width_mhz / 2
        fitting = [
            one for one in self.limits if one.low_mhz <= low and high <= one.high_mhz and width_mhz <= one.max_width_mhz
        ]
        return max(fitting, key=lambda one: one.limit_dbm, default=None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The shelf: everything by its id. ``version`` says which."""

    version: str
    radios: dict[str, Radio]
    antennas: dict[str, Antenna]
    kits: dict[str, Kit]
    masts: tuple[Mast, ...]
    items: dict[str, Item]
    site_parts: tuple[Part, ...]
    solar_parts: tuple[Part, ...]
    grid_parts: tuple[Part, ...]
    technologies: dict[str, Technology] = field(default_factory=dict)

    def with_patterns(self, patterns: Mapping[str, AntennaPattern]) -> Catalogue:
        """Return the shelf with measured patterns for antennas of it, by their ids; others are not looked at."""
        known = {key: pattern for key, pattern in patterns.items() if key in self.antennas}
        if not known:
            return self
        antennas = {key: replace(one, pattern=known.get(key, one.pattern)) for key, one in self.antennas.items()}
        return replace(self, antennas=antennas)

    def kit(self, key: str) -> Kit:
        """Return a kit.

        Raises
        ------
        InputError
            Where there is no such kit.
        """
        if key not in self.kits:
            raise InputError(
                msg("There is no kit {kit}.", kit=key),
                fix=msg("The shelf has {kits}.", kits=", ".join(sorted(self.kits))),
            )
        return self.kits[key]

"""What can be bought: types of equipment, as frozen values. The entries are data in resources/."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.radio_figures import ChainDbm, ChannelPower, Poe, TotalDbm, most_power_on
from cn_planner.model.radio_figures import RadioMode as RadioMode  # noqa: PLC0414 - a word of the shelf too
from cn_planner.model.radio_figures import Task as Task  # noqa: PLC0414 - a word of the shelf too
from cn_planner.model.source import Source as Source  # noqa: PLC0414, TC001 - a word of the shelf too
from cn_planner.model.source import SourceKind as SourceKind  # noqa: PLC0414 - a word of the shelf too

if TYPE_CHECKING:
    from collections.abc import Mapping


class ItemClass(StrEnum):
    """How an item stands in the bill of materials and the budget."""

    RADIO = "radio"
    ANTENNA = "antenna"
    MAST = "mast"
    POWER = "power"
    BATTERY = "battery"
    CABLE = "cable"
    GROUNDING = "grounding"
    ENCLOSURE = "enclosure"
    NETWORK = "network"
    TOOL = "tool"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an entry that is not from the entry's own source, or of which two sources disagree.

    ``field`` is the field of the entry, ``value`` what the source says, ``counts`` whether the entry goes by it: of two
    that disagree the careful one does, the other stands beside it.
    """

    field: str
    value: float | str
    source: Source
    counts: bool = True


SHELF_CURRENCY = "USD"
"""Of the prices that ship with the program: the exchange rate of a plan is between this one and its own."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs somewhere, on a day. ``example`` prices are to be confirmed with the supplier."""

    amount: float
    currency: str
    date: str
    source: str
    example: bool = True


class AccessMethod(StrEnum):
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
    access: AccessMethod
    efficiency: float
    source: str


@dataclass(frozen=True, slots=True)
class Radio:
    """A radio. ``modes`` are in the order of rising rate for each width. ``efficiency`` is IP rate / air rate.

    What no source gives is None or empty: `cn_planner.model.entry_blanks` says what that causes. ``antenna`` is the
    built-in one; empty where the radio has a connector.

    Attributes
    ----------
    streams : int
        Streams, and chains: power is shared among them.
    max_power_w, idle_power_w : float, optional
        What it draws while it sends as much as it can, and while nobody asks for anything.
    channel_power : tuple of ChannelPower
        Where in its band it sends less than its modes say.
    most_chain_dbm : ChainDbm, optional
        The greatest power of one chain, where a source says it that way.
    least_tx_power_dbm : TotalDbm, optional
        The least power that it can be set to.
    max_input_dbm : float, optional
        The strongest signal that it still receives right.
    poe, poe_v : Poe, (float, float)
        How it is fed over its cable, and with which voltages.
    wind_area_m2 : float, optional
        What it holds against the wind, with its own antenna.
    timing_km : float, optional
        The longest link that its timing bears.
    certified_mhz : tuple of (float, float)
        The bands that its certificate names; empty where none was read.
    also : tuple of str
        The same product's names in other markets.
    figures : tuple of Figure
        Figures with a source of their own, and those that disagree.
    """

    id: str
    name: str
    maker: str
    technology: str
    band_mhz: tuple[float, float]
    modes: tuple[RadioMode, ...]
    max_power_w: float | None
    efficiency: float
    source: Source
    antenna: str = ""
    streams: int = 1
    noise_figure_db: float | None = None
    weight_kg: float | None = None
    connector: str = ""
    note: str = ""
    idle_power_w: float | None = None
    channel_power: tuple[ChannelPower, ...] = ()
    most_chain_dbm: ChainDbm | None = None
    least_tx_power_dbm: TotalDbm | None = None
    max_input_dbm: float | None = None
    poe: Poe = Poe.UNKNOWN
    poe_v: tuple[float, float] | None = None
    wind_area_m2: float | None = None
    timing_km: float | None = None
    certified_mhz: tuple[tuple[float, float], ...] = ()
    also: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()

    def modes_at(self, width_mhz: float, freq_mhz: float | None = None) -> tuple[RadioMode, ...]:
        """Return the modes of one channel width; empty where the radio has none.

        With the centre of a channel: with the power that the radio has there.
        """
        modes = tuple(mode for mode in self.modes if mode.width_mhz == width_mhz)
        if freq_mhz is None or not self.channel_power:
            return modes
        most = most_power_on(self.channel_power, freq_mhz, width_mhz)
        return tuple(one if one.tx_power_dbm <= most else replace(one, tx_power_dbm=most) for one in modes)


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
    """An antenna by gain and half-power beamwidths; with its measured pattern where there is one.

    ``stated_az_deg`` is the width across that the maker's name or sheet gives, where that is not at half power:
    ``stated_at_db`` under the greatest gain. ``sidelobe_db`` and ``front_to_back_db`` are what it holds back of the
    greatest gain beside and behind the beam.
    """

    id: str
    name: str
    maker: str
    band_mhz: tuple[float, float]
    gain_dbi: float
    beamwidth_az_deg: float
    beamwidth_el_deg: float
    source: Source
    pattern: AntennaPattern | None = None
    weight_kg: float | None = None
    connector: str = ""
    note: str = ""
    stated_az_deg: float | None = None
    stated_at_db: float | None = None
    sidelobe_db: float | None = None
    front_to_back_db: float | None = None
    wind_area_m2: float | None = None
    also: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()

    @property
    def serves_deg(self) -> float:
        """The width across within which homes are planned for: what its maker names a sector by, else half power."""
        return min(self.beamwidth_az_deg if self.stated_az_deg is None else self.stated_az_deg, 360.0)


@dataclass(frozen=True, slots=True)
class Part:
    """So many of an item."""

    item: str
    quantity: float


class Chemistry(StrEnum):
    """What a battery is made of."""

    LIFEPO4 = "lifepo4"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the bill of materials, by a unit of which one buys so many.

    What feeds a tower from the sun says more, 0 where it is none of that. ``panel_wp`` is a panel's power in full sun,
    ``mount`` the item that carries it, ``holds_panels`` how many that one holds. ``nominal_v`` is a battery's voltage,
    the one that a charge controller is for, or the one that an injector puts on the cable; ``battery_ah`` what a
    battery holds, ``chemistry`` of what it is made (`Chemistry`), ``charge_a`` what a charge controller carries.
    """

    id: str
    name: str
    item_class: ItemClass
    unit: str
    price: Price | None
    power_w: float = 0.0
    panel_wp: float = 0.0
    mount: str = ""
    holds_panels: float = 0.0
    nominal_v: float = 0.0
    battery_ah: float = 0.0
    chemistry: str = ""
    charge_a: float = 0.0
    ports: int = 0
    poe_ports: int = 0
    supply_w: float = 0.0
    idle_w: float = 0.0
    note: str = ""
    read_in: Source | None = None
    figures: tuple[Figure, ...] = ()

    @property
    def battery_wh(self) -> float:
        """What a battery holds, Wh; 0 of what is none."""
        return self.battery_ah * self.nominal_v


@dataclass(frozen=True, slots=True)
class Kit:
    """What does one task at one end: radio, antenna, cable and all that belongs to them.

    ``name`` is the plain name that people choose by ("Village sector 5 GHz"). ``power_w`` is an assumption that stands
    in where the source of the radio does not give its power draw.
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
    power_w: float | None = None

    def on(self, freq_mhz: float | None, width_mhz: float | None) -> Kit:
        """Return the kit set to a channel, of which None is its own: here alone a sector's or link's own comes in."""
        return replace(self, freq_mhz=freq_mhz or self.freq_mhz, width_mhz=width_mhz or self.width_mhz)


@dataclass(frozen=True, slots=True)
class Mast:
    """A mast or pole up to a height, with all that it is made of.

    ``guys_m`` are the heights at which it is guyed in three directions, ``anchors_m`` how far from its foot the three
    anchors of a ring stand, the inner ring first.
    """

    id: str
    name: str
    height_m: float
    parts: tuple[Part, ...]
    labour_days: float
    guys_m: tuple[float, ...] = ()
    anchors_m: tuple[float, ...] = ()


class RouterMenu(StrEnum):
    """The menu of RouterOS that a radio has."""

    WIFI = "wifi"
    """With WPA3."""
    WIRELESS = "wireless"
    """WPA2 at most."""


@dataclass(frozen=True, slots=True)
class Systems:
    """Which router systems are known to run on which radios, by the radios' ids.

    ``images``: of a system that is built on OpenWrt; ``untested``: those that nobody tried.
    """

    images: Mapping[str, str] = field(default_factory=dict)
    untested: frozenset[str] = frozenset()
    images_source: Source | None = None
    menus: Mapping[str, RouterMenu] = field(default_factory=dict)
    menus_source: Source | None = None

    def drafted(self, radio: str) -> bool:
        """Return whether there are draft settings for a radio: plain Wi-Fi, in whichever system."""
        return radio in self.images or radio in self.menus

    def wpa3(self, radio: str) -> bool:
        """Return whether a radio is known to run a system that speaks WPA3."""
        return radio in self.images or self.menus.get(radio) is RouterMenu.WIFI


@dataclass(frozen=True, slots=True)
class OwnPattern:
    """The measured pattern of an antenna of the catalogue, by that antenna's id."""

    antenna: str
    pattern: AntennaPattern


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """What an item of the catalogue or of one's own costs here, by that item's id."""

    item: str
    price: Price


@dataclass(frozen=True, slots=True)
class SheetReading:
    """What somebody read in a data sheet of one figure of an entry: it agrees; else what it says, None: nothing."""

    entry: str
    field: str
    agrees: bool
    says: float | None
    source: Source


@dataclass(frozen=True, slots=True)
class OwnShelf:
    """What this plan knows of equipment beyond the catalogue; it travels with the plan. Entries by their ids."""

    patterns: tuple[OwnPattern, ...] = ()
    radios: tuple[Radio, ...] = ()
    antennas: tuple[Antenna, ...] = ()
    kits: tuple[Kit, ...] = ()
    items: tuple[Item, ...] = ()
    prices: tuple[OwnPrice, ...] = ()
    readings: tuple[SheetReading, ...] = ()


@dataclass(frozen=True, slots=True)
class GearShelf:
    """What the radios of a tower hang on, by items: what is empty is not bought.

    Attributes
    ----------
    router, switches, patch_lead : str, tuple of str, str
        Of a tower: its router, the switches to choose from, and the lead between two things in its box.
    run_cable : str
        The Ethernet cable that is cut to the length of its run at a tower.
    home_router : str
        Of a home whose kit has none.
    solar_for_w : float
        The load that the usual set from the sun is for.
    roof_pole, tall_roof_pole : str
        The pole of a home's kit, and the one in its place where the plan's usual antenna is higher.
    roof_pole_to_m : float
        How high above ground the first holds an antenna, on a house of one floor.
    named : mapping of str to str
        Which item is the arrester, the earth rod and the like, for the papers that draw them.
    """

    router: str = ""
    switches: tuple[str, ...] = ()
    patch_lead: str = ""
    run_cable: str = ""
    home_router: str = ""
    solar_for_w: float = 40.0
    roof_pole: str = ""
    tall_roof_pole: str = ""
    roof_pole_to_m: float = 5.0
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The shelf: everything by its id. ``version`` says which.

    ``former`` leads from ids that entries had before to those that they have: plans and price lists keep the old ones.
    """

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
    systems: Systems = field(default_factory=Systems)
    former: dict[str, str] = field(default_factory=dict)
    gear: GearShelf = field(default_factory=GearShelf)

    @property
    def solar_rest(self) -> tuple[Part, ...]:
        """What every set from the sun has beside panels, mounts, batteries and controllers: cable, breakers."""
        sized = {
            part.item
            for part in self.solar_parts
            if (item := self.items[part.item]).panel_wp or item.holds_panels or item.battery_ah or item.charge_a
        }
        return tuple(part for part in self.solar_parts if part.item not in sized)

    def with_patterns(self, patterns: Mapping[str, AntennaPattern]) -> Catalogue:
        """Return the shelf with measured patterns for antennas of it, by their ids; others are not looked at."""
        known = {key: pattern for key, pattern in patterns.items() if key in self.antennas}
        if not known:
            return self
        antennas = {key: replace(one, pattern=known.get(key, one.pattern)) for key, one in self.antennas.items()}
        return replace(self, antennas=antennas)

    def radio_power_w(self, kit: Kit) -> float:
        """Return the greatest power draw of a kit's radio, W: the kit's own figure where it has one."""
        own = self.radios[kit.radio].max_power_w if kit.power_w is None else kit.power_w
        return 0.0 if own is None else own  # reading the shelf has made sure of one of the two

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

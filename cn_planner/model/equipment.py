"""What can be bought: types of equipment, as frozen values. The entries are data in resources/."""

from __future__ import annotations

import math
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
    BATTERY = "battery"
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
    url: str = ""
    read: str = ""
    """What in the document was read, in words."""


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

    What the source of the entry does not give is None or empty, and ``note`` says what that is. ``antenna`` is the
    built-in one; empty where the radio has a connector.
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
    weight_kg: float | None = None
    connector: str = ""
    note: str = ""


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
    """A mast or pole up to a height, with all that it is made of."""

    id: str
    name: str
    height_m: float
    parts: tuple[Part, ...]
    labour_days: float


class Use(StrEnum):
    """What a limit holds for."""

    ANY = "any"
    POINT_TO_POINT = "point-to-point"
    """One fixed antenna that speaks to one other: laws often allow it more."""
    ACCESS_POINT = "access-point"
    """The antenna in the middle, that many speak to."""

    def fits(self, task: Task | None) -> bool:
        """Return whether a kit for a task may take a limit of this use."""
        if self is Use.POINT_TO_POINT:
            return task is Task.BACKHAUL
        return self is Use.ANY or task is Task.ACCESS


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """What the law allows in a part of the spectrum.

    Attributes
    ----------
    limit_dbm : float
        The most that may be radiated (``eirp``) or enter the antenna (not ``eirp``).
    max_width_mhz : float
        No channel is wider.
    dfs, indoor_only, licence, database : bool
        Radar detection is required; not outdoors; only with a licence; only on channels that a data base of white
        spaces gives out for the place and the day.
    use : Use
        What it holds for.
    free_gain_dbi, less_per_db : float
        A conducted limit falls by ``less_per_db`` for each dB that the antenna gains beyond ``free_gain_dbi``; None:
        it does not.
    full_gain_dbi : float, optional
        A limit on what is radiated falls by ``less_per_db`` for each dB that the antenna gains less than this.
    density_dbm_mhz : float, optional
        The most in any 1 MHz, radiated or conducted as the limit is.
    duty_pct : float, optional
        Share of each hour that may be spent sending.
    source : Source, optional
        The text that was read; None: that of the country's rules.
    """

    low_mhz: float
    high_mhz: float
    limit_dbm: float
    eirp: bool
    max_width_mhz: float
    dfs: bool
    indoor_only: bool
    use: Use = Use.ANY
    licence: bool = False
    database: bool = False
    free_gain_dbi: float | None = None
    less_per_db: float = 1.0
    density_dbm_mhz: float | None = None
    duty_pct: float | None = None
    source: Source | None = None
    full_gain_dbi: float | None = None

    @property
    def terms(self) -> tuple[object, ...]:
        """On what terms it holds: two limits on the same terms for the same channels should be one."""
        return self.use, self.licence, self.dfs, self.indoor_only, self.database, self.duty_pct

    def holds(self, freq_mhz: float, width_mhz: float) -> bool:
        """Return whether a whole channel lies within it."""
        low, high = freq_mhz - width_mhz / 2, freq_mhz + width_mhz / 2
        return self.low_mhz <= low and high <= self.high_mhz and width_mhz <= self.max_width_mhz

    def power_dbm(self, gain_dbi: float, width_mhz: float) -> float:
        """Return the limit, dBm as it is said (radiated or conducted), with an antenna and a channel width."""
        limit = self.limit_dbm
        if self.density_dbm_mhz is not None:
            limit = min(limit, self.density_dbm_mhz + 10.0 * math.log10(width_mhz))
        if not self.eirp and self.free_gain_dbi is not None:
            limit -= self.less_per_db * max(0.0, gain_dbi - self.free_gain_dbi)
        if self.eirp and self.full_gain_dbi is not None:
            limit -= self.less_per_db * max(0.0, self.full_gain_dbi - gain_dbi)
        return limit

    def eirp_dbm(self, gain_dbi: float, width_mhz: float) -> float:
        """Return the most that may be radiated with an antenna and a channel width, dBm EIRP."""
        return self.power_dbm(gain_dbi, width_mhz) + (0.0 if self.eirp else gain_dbi)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two limits for the same channels and the same use that do not agree; the first is the one that is kept."""

    kept: PowerLimit
    other: PowerLimit


@dataclass(frozen=True, slots=True)
class CountryRules:
    """The limits of one country.

    Attributes
    ----------
    contradictions : tuple of Contradiction
        Where its sources do not agree.
    caps : bool
        Whether radios are lowered to what is allowed; the limits are shown in any case.
    licence_held : bool
        Whether the people have the licences that some limits ask for.
    """

    country: str
    limits: tuple[PowerLimit, ...]
    source: Source
    contradictions: tuple[Contradiction, ...] = ()
    caps: bool = True
    licence_held: bool = False

    def limit(
        self,
        freq_mhz: float,
        width_mhz: float,
        *,
        gain_dbi: float = 0.0,
        task: Task | None = None,
        outdoors: bool = False,
    ) -> PowerLimit | None:
        """Return the limit that holds for a whole channel, None where none allows it.

        Of limits on the same terms the strictest holds. Where there are several terms to choose from, those without a
        licence go first unless a licence is held, then those that let the antenna radiate most.

        Parameters
        ----------
        freq_mhz, width_mhz : float
            The channel.
        gain_dbi : float
            Greatest gain of the antenna.
        task : Task, optional
            A link between towers may take what holds for fixed links from point to point, a sector what holds for
            access points.
        outdoors : bool
            Whether limits for indoors alone are left out.
        """
        fitting = [
            one
            for one in self.limits
            if one.holds(freq_mhz, width_mhz) and one.use.fits(task) and not (outdoors and one.indoor_only)
        ]
        strictest: dict[tuple[object, ...], PowerLimit] = {}
        for one in sorted(fitting, key=lambda limit: limit.eirp_dbm(gain_dbi, width_mhz)):
            strictest.setdefault(one.terms, one)
        return max(
            strictest.values(), key=lambda one: (self.open(one), one.eirp_dbm(gain_dbi, width_mhz)), default=None
        )

    def limit_of(self, kit: Kit, antenna: Antenna) -> PowerLimit | None:
        """Return the limit that holds outdoors for a kit with its antenna, None where none allows it."""
        return self.limit(kit.freq_mhz, kit.width_mhz, gain_dbi=antenna.gain_dbi, task=kit.task, outdoors=True)

    def open(self, limit: PowerLimit | None) -> bool:
        """Return whether one may send under a limit: it is one, and the licence that it asks for is held."""
        return limit is not None and (self.licence_held or not limit.licence)


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
class OwnShelf:
    """What this plan knows of equipment beyond the catalogue; it travels with the plan. Entries by their ids."""

    patterns: tuple[OwnPattern, ...] = ()
    radios: tuple[Radio, ...] = ()
    antennas: tuple[Antenna, ...] = ()
    kits: tuple[Kit, ...] = ()
    items: tuple[Item, ...] = ()
    prices: tuple[OwnPrice, ...] = ()


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
    systems: Systems = field(default_factory=Systems)

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

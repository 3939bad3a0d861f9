"""The plan: one immutable value that holds everything the people of a place have decided or said.

What can be computed from it (coverage, budgets, costs) is not in it. Heights are above ground; positions are WGS 84.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from cn_planner.message import msg
from cn_planner.model.addressing import Addressing
from cn_planner.model.aims import Objective as Objective  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.area_settings import Area as Area  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.area_settings import RainZone as RainZone  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.costs import Costs as Costs  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.equipment import OwnShelf
from cn_planner.model.evidence import Evidence as Evidence  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.fields import about
from cn_planner.model.ground import FileKind
from cn_planner.model.ground import TerrainFile as TerrainFile  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.ground import Zone as Zone  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.items import Items
from cn_planner.model.left_out import LeftOut  # noqa: TC001 - read when a plan file is
from cn_planner.model.measurement import Calibration
from cn_planner.model.measurement import Measurement as Measurement  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.phones import Phones
from cn_planner.model.power import Power, Sun
from cn_planner.model.public_place import PlaceKind as PlaceKind  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.public_place import PublicPlace as PublicPlace  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.purpose import KeptChoices, Purpose
from cn_planner.model.rules import Rules as Rules  # noqa: PLC0414 - a word of the plan too
from cn_planner.model.work import Labour

_LATITUDE = msg("Latitude, WGS 84, north positive.")
_LONGITUDE = msg("Longitude, WGS 84, east positive.")
_WIDTH = msg("Channel width, one that the radio has; the kit's own where none is given.")


class SiteRole(StrEnum):
    """What a site is to the network."""

    GATEWAY = "gateway"
    GATEWAY_OPTION = "gateway_option"
    CANDIDATE = "candidate"
    EXISTING = "existing"
    RELAY = "relay"


class Status(StrEnum):
    """How far a site or a link has come in the real world."""

    IDEA = "idea"
    AGREED = "agreed"
    SURVEYED = "surveyed"
    BUILT = "built"
    REJECTED = "rejected"


class Choice(StrEnum):
    """Whether the planner may decide."""

    FREE = "free"
    LOCKED = "locked"
    FORBIDDEN = "forbidden"


class PowerSource(StrEnum):
    """What feeds a site."""

    UNKNOWN = "unknown"
    GRID = "grid"
    SOLAR = "solar"


class HomeKind(StrEnum):
    """What a household stands for."""

    HOME = "home"
    SCHOOL = "school"
    CLINIC = "clinic"
    SHOP = "shop"
    OTHER = "other"


class Priority(StrEnum):
    """Whether a home may be left out."""

    NORMAL = "normal"
    MUST = "must"


class PlanStatus(StrEnum):
    """What the planner can say of its plan."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Sector:
    """An access antenna of a site. Its height is that of the mast's top unless given."""

    id: str
    kit: str
    azimuth_deg: float = about(msg("Direction of the beam, clockwise from true north."), unit="°", low=0, high=360)
    tilt_deg: float = about(msg("Tilt of the beam, positive upwards."), default=0.0, unit="°", low=-90, high=90)
    height_m: float | None = about(msg("Height above ground."), default=None, unit="m", low=0, high=150)
    freq_mhz: float | None = about(msg("Centre frequency."), default=None, unit="MHz", low=30, high=100_000)
    width_mhz: float | None = about(_WIDTH, default=None, unit="MHz", low=0.001, high=10_000)


@dataclass(frozen=True, slots=True)
class Uplink:
    """Where the Internet enters, at a gateway."""

    kind: str = "fibre"
    mbps: float = about(msg("Capacity of the connection to the Internet."), default=100.0, unit="Mbit/s", low=0)
    monthly_cost: float = about(msg("What the connection costs a month."), default=0.0, unit="currency", low=0)
    open_cost: float = about(msg("What it costs to open the connection."), default=0.0, unit="currency", low=0)


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a mast stands or may stand.

    ``mast_height_m`` is None where the site is not part of the network.
    """

    id: str
    name: str
    latitude: float = about(_LATITUDE, unit="°", low=-90, high=90)
    longitude: float = about(_LONGITUDE, unit="°", low=-180, high=180)
    role: SiteRole = SiteRole.CANDIDATE
    status: Status = Status.IDEA
    choice: Choice = Choice.FREE
    max_height_m: float = about(msg("Greatest mast allowed here."), default=30.0, unit="m", low=0, high=150)
    mast_height_m: float | None = about(msg("Mast of this plan."), default=None, unit="m", low=0, high=150)
    build_cost: float = about(
        msg("What the place costs beside mast and radios: road, land, mains."), default=0.0, unit="currency", low=0
    )
    sectors: tuple[Sector, ...] = ()
    uplink: Uplink | None = None
    two_ways: bool = about(msg("Whether two ways that share nothing must lead from it to the Internet."), default=False)
    power: PowerSource = PowerSource.UNKNOWN
    uplink_bought: bool = about(msg("Whether the plan buys the connection of a possible gateway."), default=False)
    owner: str = ""
    consent: str = ""
    access: str = ""
    hazard: str = ""
    note: str = ""
    hotspot: bool = about(msg("Whether a hotspot for phones hangs on its mast."), default=False)
    mast_carries_n: float | None = about(
        msg("Push of the wind on antennas that the mast carries, by its maker's sheet."), default=None, unit="N", low=0
    )
    keep_mast_m: float | None = about(
        msg("Mast that it has wherever the planner builds here; unset: the planner chooses the height."),
        default=None, unit="m", low=0, high=150,
    )  # fmt: skip
    uplink_choice: Choice = Choice.FREE
    """Whether a possible gateway's connection is always opened, never, or as the planner finds."""
    hotspot_choice: Choice = Choice.FREE
    """Whether the mast, where it stands, always carries a hotspot, never, or as the planner finds."""

    @property
    def in_network(self) -> bool:
        """Whether a mast has its height here. Whether the plan uses it is said by `Plan.used_sites`."""
        return self.mast_height_m is not None

    @property
    def stands(self) -> bool:
        """Whether a mast is here that nobody rejected or forbade."""
        return self.in_network and self.status is not Status.REJECTED and self.choice is not Choice.FORBIDDEN


class RelayConsent(StrEnum):
    """Whether a radio for others may hang on a home."""

    YES = "yes"
    NO = "no"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Household:
    """A home, school, clinic or business that wants to be reached.

    ``server`` is the id of the site that serves it in this plan, None where none does; ``client_kit`` the kit that the
    plan gives it, empty where that is the usual one.
    """

    id: str
    name: str
    latitude: float = about(_LATITUDE, unit="°", low=-90, high=90)
    longitude: float = about(_LONGITUDE, unit="°", low=-180, high=180)
    weight: float = about(msg("How many homes this point counts for."), default=1.0, low=0, high=1e6)
    antenna_height_m: float | None = about(msg("Height of the roof antenna."), default=None, unit="m", low=0, high=50)
    kind: HomeKind = HomeKind.HOME
    priority: Priority = Priority.NORMAL
    server: str | None = None
    note: str = ""
    on_pole: bool = about(
        msg("Whether the roof antenna stands on a pole or mast of its own, which has to be bought."), default=False
    )
    hamlet: str = about(msg("Hamlet that the home belongs to; empty for a single farm."), default="")
    relay: RelayConsent = RelayConsent.ASK
    people: float | None = about(msg("How many people live there; empty: not known."), default=None, low=0, high=1e6)
    client_kit: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A backhaul link between two sites. Antennas stand at the masts' tops unless heights are given."""

    id: str
    from_site: str
    to_site: str
    kit: str = ""
    status: Status = Status.IDEA
    choice: Choice = Choice.FREE
    from_height_m: float | None = about(msg("Antenna height at first end."), default=None, unit="m", low=0, high=150)
    to_height_m: float | None = about(msg("Antenna height at second end."), default=None, unit="m", low=0, high=150)
    freq_mhz: float | None = about(msg("Centre frequency."), default=None, unit="MHz", low=30, high=100_000)
    note: str = ""
    width_mhz: float | None = about(_WIDTH, default=None, unit="MHz", low=0.001, high=10_000)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A tree or a building seen on site, round a point."""

    id: str
    latitude: float = about(_LATITUDE, unit="°", low=-90, high=90)
    longitude: float = about(_LONGITUDE, unit="°", low=-180, high=180)
    height_m: float = about(msg("Height above ground."), unit="m", low=0, high=500)
    radius_m: float = about(msg("How far it reaches round its point."), default=10.0, unit="m", low=0, high=5000)
    kind: str = "tree"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that only the village knows, or that was decided. ``about_id`` names what it is about."""

    id: str
    text: str
    about_id: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Info:
    """What this plan is."""

    name: str = about(msg("Name of the plan."), default="")
    country: str = about(msg("Country whose rules hold, ISO 3166 two letters; empty where unknown."), default="")
    currency: str = about(msg("Currency of every amount, ISO 4217."), default="USD")
    language: str = about(msg("Language of what is printed, BCP 47."), default="en")
    invented: bool = about(msg("Whether the place is made up."), default=False)
    data_sources: str = about(
        msg("Whose data the homes and places are, and under which licence; stands on everything that is printed."),
        default="",
    )
    secret: str = field(default="", repr=False)
    """Random letters of this plan alone, with which homes are hidden in public files. Never shown nor exported."""


_CLASS_MBPS: dict[str, Any] = {"default": None, "unit": "Mbit/s", "low": 0.001, "high": 10_000}


@dataclass(frozen=True, slots=True)
class Demand:
    """What a home needs, and a school, a clinic and a business in its place."""

    mbps_per_home: float = about(
        msg("Rate that a home should reach."),
        default=10.0,
        unit="Mbit/s",
        low=0.01,
        high=10_000,
        source="A4AI Meaningful Connectivity, 2020: a 4G-like 10 Mbit/s",
    )
    contention: float = about(
        msg("How many homes share the rate of one at the busy hour."), default=20.0, low=1, high=500
    )
    school_mbps: float | None = about(
        msg("What a school takes at the busy hour today; empty: as many homes as it counts for."),
        source="ITU and UN Office of the Envoy on Technology, targets for 2030: 20 Mbit/s a school",
        **_CLASS_MBPS,
    )
    clinic_mbps: float | None = about(
        msg("What a clinic takes at the busy hour today; empty: as many homes as it counts for."),
        source="FCC, Health Care Broadband in America, OBI Technical Paper 5, 2010: 10 Mbit/s a rural clinic",
        **_CLASS_MBPS,
    )
    shop_mbps: float | None = about(
        msg("What a shop or business takes at the busy hour today; empty: as many homes as it counts for."),
        **_CLASS_MBPS,
    )
    growth_pct: float = about(msg("Growth to plan for, over five years."), default=50.0, unit="%", low=0, high=1000)
    more_homes_pct: float = about(
        msg("How many homes more there will be in five years; where, nobody knows: as now."),
        default=0.0, unit="%", low=0, high=1000,
    )  # fmt: skip
    grow_later: bool = about(
        msg(
            "Buy the sectors of today's demand now and those of the growth later: links, Internet connections and the "
            "masts' room for sectors are planned for it. No: all is bought now."
        ),
        default=False,
    )
    antenna_height_m: float = about(
        msg("Height of a roof antenna where none is given."), default=5.0, unit="m", low=0.5, high=50
    )

    @property
    def today_mbps(self) -> float:
        """Busy-hour load of one home today, Mbit/s."""
        return self.mbps_per_home / self.contention

    def of_class(self, kind: HomeKind | PlaceKind) -> float | None:
        """Return what a client of a class takes at the busy hour today, Mbit/s; None where that is not set for it."""
        return {"school": self.school_mbps, "clinic": self.clinic_mbps, "shop": self.shop_mbps}.get(kind.value)

    @property
    def growth(self) -> float:
        """How many times today's load there will be in five years: of what each home takes, and of more homes."""
        return (1.0 + self.growth_pct / 100.0) * (1.0 + self.more_homes_pct / 100.0)

    @property
    def later_mbps(self) -> float:
        """Busy-hour load for each of today's homes in five years, Mbit/s: what is built once has to carry it."""
        return self.today_mbps * self.growth

    @property
    def busy_hour_mbps(self) -> float:
        """Busy-hour load of one home that sectors are bought for, Mbit/s: with growth, but where these come later."""
        return self.today_mbps if self.grow_later else self.later_mbps

    def link_mbps(self, *, widens: bool) -> float:
        """Return the busy-hour load of one home that a link is held to, Mbit/s: in five years, or until it widens."""
        return self.busy_hour_mbps if widens else self.later_mbps


def _listed(kits: str) -> list[str]:
    """Return the kits of a list in one field."""
    return [one.strip() for one in kits.replace(";", ",").split(",") if one.strip()]


@dataclass(frozen=True, slots=True)
class KitChoice:
    """Which kit does which task."""

    access: str = about(msg("Kit of a sector that serves homes."), default="village-sector-5ghz")
    client: str = about(msg("Kit on the roof of a home."), default="roof-client-5ghz")
    backhaul: str = about(msg("Kit at either end of a link between towers."), default="long-link-5ghz")
    hotspot: str = about(msg("Kit of a hotspot for phones."), default="hotspot-2ghz")
    more_clients: str = about(
        msg("Kits for homes that the usual one does not reach, the cheapest first: “far-home-5ghz”; empty: none."),
        default="",
    )

    @property
    def clients(self) -> tuple[str, ...]:
        """The kits that homes may have: the usual one, then those for homes that it does not reach."""
        return tuple(dict.fromkeys((self.client, *_listed(self.more_clients))))

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Every kit that is named here, with the field that names it."""
        one_each = ((field, getattr(self, field)) for field in ("access", "client", "backhaul", "hotspot"))
        return (*one_each, *(("more_clients", kit) for kit in self.clients[1:]))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the planner said when it made the plan; None of it is read by any computation.

    ``basis`` is the digest of the inputs that it was made from: where it differs from today's the plan is hand-made.
    ``left_out``: why homes are left out, empty in plans of before that was kept (`planning.left_out` reads it).
    ``near_only``: the bounds hold for near paths alone (`planning.pairs`); False too in plans of before that was kept.
    """

    status: PlanStatus
    households: float
    served: float
    coverable: float
    capex: float
    lower_bound: float | None
    gap: float | None
    budget: float | None = None
    homes_upper_bound: float | None = None
    basis: str = ""
    objective: Objective = Objective.CAPITAL
    left_out: tuple[LeftOut, ...] = ()
    near_only: bool = False


@dataclass(frozen=True, slots=True)
class StoredScenario:
    """A scenario that is not shown: its whole plan, packed as text. ``id`` is a whole number; tabs are in its order."""

    id: str
    name: str
    packed: str


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Ways to build the network that are held against each other. The plan itself is the one that is shown."""

    id: str = "1"
    name: str = ""
    others: tuple[StoredScenario, ...] = ()

    def numbered(self, new: dict[str, str]) -> Scenarios:
        """Return the same with other numbers, in their order."""
        if not new.keys() & {self.id, *(one.id for one in self.others)}:
            return self
        rows = (replace(one, id=new.get(one.id, one.id)) for one in self.others)
        return replace(self, id=new.get(self.id, self.id), others=tuple(sorted(rows, key=lambda one: int(one.id))))


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known and decided: ten tables and seventeen sections."""

    info: Info = Info()
    area: Area = Area()  # noqa: RUF009 - a frozen value
    demand: Demand = Demand()
    kits: KitChoice = KitChoice()
    costs: Costs = Costs()  # noqa: RUF009 - a frozen value
    rules: Rules = Rules()  # noqa: RUF009 - a frozen value
    sun: Sun = Sun()  # noqa: RUF009 - a frozen value
    power: Power = Power()  # noqa: RUF009 - a frozen value
    outcome: Outcome | None = None
    addresses: Addressing = Addressing()  # noqa: RUF009 - a frozen value
    scenarios: Scenarios = Scenarios()
    shelf: OwnShelf = OwnShelf()  # noqa: RUF009 - a frozen value
    calibration: Calibration = Calibration()  # noqa: RUF009 - a frozen value
    work: Labour = Labour()  # noqa: RUF009 - a frozen value
    phones: Phones = Phones()  # noqa: RUF009 - a frozen value
    purpose: Purpose = Purpose()  # noqa: RUF009 - a frozen value
    choices: KeptChoices = KeptChoices()  # noqa: RUF009 - a frozen value
    sites: Items[Site] = field(default_factory=Items)
    households: Items[Household] = field(default_factory=Items)
    links: Items[Link] = field(default_factory=Items)
    zones: Items[Zone] = field(default_factory=Items)
    obstacles: Items[Obstacle] = field(default_factory=Items)
    terrain: Items[TerrainFile] = field(default_factory=Items)
    measurements: Items[Measurement] = field(default_factory=Items)
    notes: Items[Note] = field(default_factory=Items)
    places: Items[PublicPlace] = field(default_factory=Items)
    evidence: Items[Evidence] = field(default_factory=Items)

    @property
    def more_access(self) -> tuple[str, ...]:
        """The kits of sectors that stand beside the usual one for homes which that does not reach."""
        return tuple(dict.fromkeys(one for one in _listed(self.rules.more_access) if one != self.kits.access))

    def client_of(self, home: Household) -> str:
        """Return the kit of a home."""
        return home.client_kit or self.kits.client

    @property
    def elevation(self) -> tuple[TerrainFile, ...]:
        """The files of the ground itself, without those of what stands on it."""
        return tuple(row for row in self.terrain.values() if row.kind is FileKind.ELEVATION)

    @property
    def standing_links(self) -> dict[str, Link]:
        """The links that this plan builds or keeps: neither they nor a mast at their ends forbidden or rejected."""
        masts = {key for key, site in self.sites.items() if site.stands}
        return {
            key: link
            for key, link in self.links.items()
            if link.choice is not Choice.FORBIDDEN
            and link.status is not Status.REJECTED
            and link.from_site in masts
            and link.to_site in masts
        }

    @property
    def used_sites(self) -> dict[str, Site]:
        """The towers of this plan: every mast that stands or will, but structures that it hangs nothing on.

        A structure that exists is used where it is locked, has a sector, an uplink or a link, or serves a home.
        """
        found = {key: site for key, site in self.sites.items() if site.stands}
        idle = {
            key
            for key, site in found.items()
            if site.role is SiteRole.EXISTING
            and site.choice is not Choice.LOCKED
            and not site.sectors
            and site.uplink is None
        }
        if idle:
            idle -= {end for link in self.standing_links.values() for end in (link.from_site, link.to_site)}
        if idle:
            idle -= {home.server for home in self.households.values()}
            idle -= {place.server for place in self.places.values()}
            idle -= {key for key in idle if found[key].hotspot}
        return {key: site for key, site in found.items() if key not in idle}


SECTIONS: dict[str, type] = {
    "info": Info,
    "area": Area,
    "demand": Demand,
    "kits": KitChoice,
    "costs": Costs,
    "rules": Rules,
    "sun": Sun,
    "power": Power,
    "outcome": Outcome,
    "addresses": Addressing,
    "scenarios": Scenarios,
    "shelf": OwnShelf,
    "calibration": Calibration,
    "work": Labour,
    "phones": Phones,
    "purpose": Purpose,
    "choices": KeptChoices,
}
TABLES: dict[str, type] = {
    "sites": Site,
    "households": Household,
    "links": Link,
    "zones": Zone,
    "obstacles": Obstacle,
    "terrain": TerrainFile,
    "measurements": Measurement,
    "notes": Note,
    "places": PublicPlace,
    "evidence": Evidence,
}

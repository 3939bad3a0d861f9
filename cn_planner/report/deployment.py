"""The deployment plan: one frozen value with all that is printed, drawn and exported. Nothing here computes.

Numbers are unrounded; how many decimals a reader sees is said once, in ``tables``. ``None`` is what cannot be said.
Texts of the program are messages, texts of people are plain strings and may hold anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report.work_records import AirPlan

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.equipment import ItemClass
    from cn_planner.model.plan import HomeKind, Obstacle, PowerSource, Priority, SiteRole, Status
    from cn_planner.report.address_records import (
        AddressRecord,
        DeviceSettings,
        HomeAddressRecord,
        NameRecord,
        SecurityRecord,
    )
    from cn_planner.report.power_records import PowerRecord, SunMonth
    from cn_planner.report.work_records import CashFlow, Comparison, PhaseRecord, WorkTask
    from cn_planner.service.served_cells import ServedCells


SEAMS = msg("Where sources meet")
"""What a source record is called that says how far others differ; no map and no foot of a page names it."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """Data that the plan rests on: what, from whom, of when, under which licence, and what else is to be known."""

    what: Message
    name: str
    date: str
    licence: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Meta:
    """Which plan this is. ``date`` is given by the caller, ISO 8601. ``invented``: the place is made up."""

    plan: str
    version: int
    date: str
    language: str
    currency: str
    country: str
    invented: bool
    program: str
    catalogue: str
    exchange_rate: float
    exchange_date: str
    sources: tuple[SourceRecord, ...]
    estimate: Message
    """What every file says: estimate, check on site."""
    homes_blurred_m: float | None = None
    """Homes were moved by up to so many metres; infinite: homes were left out. None: homes stand where they are."""
    secret: str = field(default="", repr=False)
    """The plan's secret, with which homes are moved. It is never written into any file."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What a home pays a month to cover the monthly cost where so many of the homes reached take part."""

    uptake_pct: float
    homes: float
    fee_month: float | None


@dataclass(frozen=True, slots=True)
class Headline:
    """The first page in figures. Homes count by weight. ``towers`` are the sites with a mast in this plan."""

    homes: float
    homes_reached: float
    homes_coverable: float | None
    must_left_out: int
    """Points that must be reached and are not."""
    towers: int
    tower_heights_m: tuple[float, ...]
    """Least and greatest; empty where there is no tower."""
    capex: float
    cost_per_home: float | None
    monthly: float
    fees: tuple[Fee, ...]
    """At 30, 50 and 70 % uptake."""
    example_prices: bool
    """Whether any price of the plan is an example."""
    complete: bool
    """False where homes, towers or costs could not be computed: ``missing`` says why."""
    bound: Message | None = None
    """How far from the best possible the plan is at most; None where it is not as the planner left it."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """One choice that the figures rest on."""

    key: str
    meaning: Message
    value: str | float | None
    unit: str
    source: str
    default: bool
    """True where nobody changed it."""


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """One site, in the network or not (``mast_height_m`` is then None)."""

    id: str
    name: str
    role: SiteRole
    status: Status
    latitude: float
    longitude: float
    utm: str
    mgrs: str
    ground_m_amsl: float | None
    mast_height_m: float | None
    mast: str
    """Name of the mast on the shelf."""
    antenna_heights_m: tuple[float, ...]
    sectors: int
    homes: float
    hops: int | None
    """Links to its gateway; 0 at a gateway, None where it reaches none."""
    upstream: str | None
    """Id of the next site on the way to the gateway."""
    power: PowerSource
    power_w: float
    owner: str
    consent: str
    access: str
    hazard: str
    phase: int | None
    cost: float | None
    """Capital of this site with its sectors and its ends of links, all included. None where nothing is built."""
    homes_lost_if_fails: float
    note: str


@dataclass(frozen=True, slots=True)
class AntennaRecord:
    """One antenna of a site: a sector that serves homes, or one end of a link."""

    site: str
    id: str
    task: str
    """``access`` or ``backhaul``."""
    towards: str
    """Id of the site at the other end; empty for a sector."""
    kit: str
    radio: str
    antenna: str
    gain_dbi: float | None
    beamwidth_az_deg: float | None
    azimuth_deg: float
    azimuth_magnetic_deg: float | None
    declination_deg: float | None
    """Magnetic declination, east positive, on the plan's date."""
    declination_date: str
    tilt_deg: float | None
    height_m: float | None
    polarisation: str
    freq_mhz: float | None
    width_mhz: float | None
    tx_power_dbm: float | None
    cable_loss_db: float | None
    eirp_dbm: float | None
    limit_dbm: float | None
    """Legal limit as EIRP; None where the law is not known or allows nothing here (``legal`` says which)."""
    limit_margin_db: float | None
    legal: Message
    """``allowed``, ``above the limit``, ``not allowed``, ``unknown``, in words."""
    dfs: bool | None
    homes: float


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """One direction of a link: what arrives at this end."""

    site: str
    height_m: float
    azimuth_deg: float
    azimuth_magnetic_deg: float | None
    tilt_deg: float | None
    ground_m_amsl: float | None
    rsl_dbm: float | None
    above_thermal_db: float | None
    """Level above thermal noise in the channel. It is no SNR: no data sheet here gives a noise figure."""
    mcs: str
    rate_mbps: float | None
    """IP rate that arrives at this end."""
    margin_db: float | None
    height_needed_m: float | None
    """Least height here, the other end kept, that leaves the wanted clearance."""


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """One link between towers, both directions. ``a`` is nearer to the gateway where the tree says so."""

    id: str
    status: Status
    kit: str
    freq_mhz: float | None
    width_mhz: float | None
    a: LinkEnd
    b: LinkEnd
    distance_m: float
    loss_free_space_db: float | None
    loss_diffraction_db: float | None
    loss_vegetation_db: float | None
    loss_gas_db: float | None
    loss_rain_db: float | None
    loss_total_db: float | None
    margin_db: float | None
    """The smaller of both directions."""
    availability_pct: float | None
    clearance_m: float | None
    clearance_f1: float | None
    clearance_at_m: float | None
    """From end A."""
    probability: float | None
    verdict: str
    """``likely``, ``check_on_site``, ``blocked`` or ``no_data``."""
    reason: Message
    fix: Message | None
    load_mbps: float | None
    """Busy hour, from the gateway outwards."""
    load_pct: float | None
    homes_lost_if_fails: float
    hops: int | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How a link stands where something is worse than thought."""

    what: Message
    verdict: str
    margin_db: float | None
    clearance_m: float | None
    clearance_f1: float | None


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What the page of a link says beside its record."""

    link: str
    equal_heights_m: tuple[float, float] | None = None
    """Heights at A and B that leave the wanted clearance where both rise or sink by the same."""
    what_ifs: tuple[WhatIf, ...] = ()
    relay: Message | None = None
    """A place that sees both ends, where the link is not sure."""
    told: tuple[Message, ...] = ()
    """What is to be minded: of the air, the model, the way the radios share the air."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """Something with a name that one sees from an antenna near the direction it points in."""

    name: str
    """Empty for a hilltop without a name."""
    kind: Message
    azimuth_deg: float
    off_deg: float
    """From the antenna's direction, positive to the right."""
    distance_m: float
    ground_m_amsl: float | None = None
    private: bool = False
    """Whether it is a home: not named in public."""


@dataclass(frozen=True, slots=True)
class AlignmentCard:
    """What one needs in hand at one antenna to point it, and what it must then hear or be heard with."""

    site: str
    site_name: str
    antenna: str
    """Id of the sector or link, as in `AntennaRecord`."""
    task: str
    towards: str
    """Id of the site at the other end; empty for a sector."""
    towards_name: str
    model: str
    """Radio and antenna."""
    height_m: float | None
    azimuth_deg: float
    azimuth_magnetic_deg: float | None
    tilt_deg: float | None
    freq_mhz: float | None
    width_mhz: float | None
    tx_power_dbm: float | None
    landmark: Landmark | None
    tested_with: str
    """The home whose level is meant, for a sector; empty for a link and where no home is served."""
    tested_at_m: float | None
    expected_dbm: float | None
    accept_dbm: float | None
    """From this level on the antenna is well pointed."""
    reject_dbm: float | None
    """Below this level the link has not the margin that the rules ask for."""


@dataclass(frozen=True, slots=True)
class HomeRecord:
    """One home, school or clinic."""

    id: str
    name: str
    latitude: float
    longitude: float
    kind: HomeKind
    priority: Priority
    weight: float
    reached: bool
    server: str | None
    sector: str
    verdict: str
    distance_m: float | None
    azimuth_deg: float | None
    rsl_dbm: float | None
    margin_db: float | None
    rate_down_mbps: float | None
    rate_up_mbps: float | None
    antenna_height_m: float
    height_needed_m: float | None
    kit: str
    second_choice: str | None
    reason: Message | None
    """Why it is not reached, or what to look at."""
    fix: Message | None
    fix_cost: float | None
    note: str
    freq_mhz: float | None = None
    """Channel of the sector that it hears."""
    tx_power_dbm: float | None = None
    eirp_dbm: float | None = None
    limit_dbm: float | None = None
    """Legal limit of its antenna on that channel as EIRP; None where the law is not known or allows nothing."""
    limit_margin_db: float | None = None
    hamlet: str = ""


@dataclass(frozen=True, slots=True)
class CapacityRecord:
    """Busy hour of one sector, link or gateway."""

    kind: str
    """``sector``, ``link`` or ``uplink``."""
    id: str
    site: str
    homes: float
    demand_mbps: float
    capacity_mbps: float | None
    load_pct: float | None
    note: Message | None


@dataclass(frozen=True, slots=True)
class BomLine:
    """So many of one item, for one site (``site`` empty: for the homes, or the whole plan)."""

    site: str
    item: str
    name: str
    item_class: ItemClass
    unit: str
    quantity: float
    spares: float
    """Of which spares."""
    unit_price: float | None
    """In the plan's currency; None where no price is known."""
    total: float | None
    list_price: float | None
    list_currency: str
    price_date: str
    price_source: str
    example: bool


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One line of the capital; the amounts add up to the headline's capital to the cent."""

    key: str
    title: Message
    how: Message | None
    amount: float
    quantity: float | None = None
    """What the amount is so many times of, where it is: days."""


@dataclass(frozen=True, slots=True)
class MonthlyLine:
    """One line of the monthly cost."""

    key: str
    title: Message
    how: Message | None
    amount: float
    quantity: float | None = None
    """What the amount is so many times of, where it is: towers, kilowatt-hours, the money that is set aside for."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What falls silent if one site fails. The homes of the site itself count."""

    site: str
    name: str
    homes_lost: float
    sites_lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Risk:
    """What could go wrong. ``weight`` orders them (greater is worse); ``site`` or ``link`` names the place."""

    title: Message
    detail: Message
    weight: float
    site: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class NextAction:
    """What to do next."""

    title: Message
    detail: Message
    site: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class UnservedGroup:
    """Homes that are left out for the same reason, and what it takes to reach them."""

    reason: Message
    fix: Message | None
    fix_cost: float | None
    """Least of the group's costs, each alone; None where none is known."""
    homes: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class MissingInfo:
    """What is not known or not yet decided, and what that leaves out of this plan. Page one says it."""

    key: str
    what: Message
    fix: Message


@dataclass(frozen=True, slots=True)
class CoverageOutline:
    """Where a roof antenna works, as rings of (latitude, longitude), first and last point the same.

    Rings are simple; a ring inside an odd number of others is a hole (even-odd rule). They are for drawing; ``cells``
    are the places as they were judged.
    """

    site: str
    rings: tuple[tuple[tuple[float, float], ...], ...]
    cells: ServedCells | None = None


@dataclass(frozen=True, slots=True)
class DeploymentPlan:
    """What a village decides on, a donor funds, and volunteers build from."""

    meta: Meta
    headline: Headline
    assumptions: tuple[Assumption, ...]
    sites: tuple[SiteRecord, ...]
    antennas: tuple[AntennaRecord, ...]
    links: tuple[LinkRecord, ...]
    homes: tuple[HomeRecord, ...]
    capacity: tuple[CapacityRecord, ...]
    bom: tuple[BomLine, ...]
    """The whole plan, one line an item."""
    site_bom: tuple[BomLine, ...]
    """The same quantities by site; spares stand in the whole only."""
    budget: tuple[BudgetLine, ...]
    monthly: tuple[MonthlyLine, ...]
    failures: tuple[Failure, ...]
    """Worst first."""
    risks: tuple[Risk, ...]
    """Five at most, worst first."""
    actions: tuple[NextAction, ...]
    """Five at most, first things first."""
    unserved: tuple[UnservedGroup, ...]
    missing: tuple[MissingInfo, ...]
    outlines: tuple[CoverageOutline, ...]
    phases: tuple[PhaseRecord, ...] = ()
    work: tuple[WorkTask, ...] = ()
    """Each after all that it needs."""
    log: Comparison | None = None
    """What changed since the version before; None where there is none."""
    air: AirPlan = AirPlan()  # noqa: RUF009 - a frozen value
    cash: CashFlow | None = None
    """None where nothing is built in phases: there is no network yet."""
    addresses: tuple[AddressRecord, ...] = ()
    home_addresses: tuple[HomeAddressRecord, ...] = ()
    names: tuple[NameRecord, ...] = ()
    security: tuple[SecurityRecord, ...] = ()
    devices: tuple[DeviceSettings, ...] = ()
    """Of every router and radio on a tower."""
    obstacles: tuple[Obstacle, ...] = ()
    """Trees and buildings seen on site, for profiles and maps."""
    link_reports: tuple[LinkReport, ...] = ()
    """One a link."""
    cards: tuple[AlignmentCard, ...] = ()
    """One an antenna, in the order of `antennas`."""
    power: tuple[PowerRecord, ...] = ()
    """Towers off the grid, the weakest first."""
    sun: tuple[SunMonth, ...] = ()
    """January first; empty where the sun is not known."""

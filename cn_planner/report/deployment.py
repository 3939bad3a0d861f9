"""The deployment plan: one frozen value with all that is printed, drawn and exported. Nothing here computes.

Numbers are unrounded; how a reader sees them is declared beside each, for all tables. ``None`` is what cannot be said.
Texts of the program are messages, texts of people are plain strings and may hold anything.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from cn_planner.links.verdict import chance_pct
from cn_planner.message import msg
from cn_planner.model.plan import RelayConsent
from cn_planner.report import words
from cn_planner.report.columns import MONEY, NUMBER, PRICE, SLOWEST, WEIGHT, WORD, end_column, heading, listed, record
from cn_planner.report.hotspots import PhoneChapter
from cn_planner.report.paper_records import PaperFacts
from cn_planner.report.work_records import AirPlan

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.equipment import ItemClass
    from cn_planner.model.plan import HomeKind, Obstacle, PowerSource, Priority, SiteRole, Status
    from cn_planner.model.radio_figures import TotalDbm
    from cn_planner.report.address_records import (
        AddressRecord,
        DeviceSettings,
        HomeAddressRecord,
        NameRecord,
        SecurityRecord,
    )
    from cn_planner.report.power_records import PowerRecord, SunMonth
    from cn_planner.report.public_places import PlaceRecord
    from cn_planner.report.tower_records import AlignmentCard, TowerPack
    from cn_planner.report.work_records import CashFlow, PhaseRecord, PlanComparison, WorkTask
    from cn_planner.service.mode_ladder import ModeStep
    from cn_planner.service.served_cells import ServedCells


def _km(metres: float) -> float:
    return metres / 1000.0


SEAMS = msg("Where sources meet")
"""What a source record is called that says how far others differ; no map and no foot of a page names it."""


@record
class SourceRecord:
    """Data that the plan rests on: what, from whom, of when, under which licence, and what else is to be known."""

    what: Message = heading(msg("What"), WORD)
    name: str = heading(msg("Source"), wide=True)
    date: str = heading(msg("Date"))
    licence: str = heading(msg("Licence"), wide=True)
    said: str = heading(msg("In detail"), wide=True, default="")


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


@record
class Fee:
    """What a home pays a month to cover the monthly cost where so many of the homes reached take part."""

    uptake_pct: float = heading(msg("Homes that take part"), NUMBER, "%")
    homes: float = heading(msg("Homes"), NUMBER, "", WEIGHT)
    fee_month: float | None = heading(msg("Fee a month"), MONEY)


@dataclass(frozen=True, slots=True)
class AgreedFee:
    """What a home pays a month as the plan says it, else what covers the monthly cost at the uptake that it says.

    Attributes
    ----------
    uptake_pct, homes : float
        Homes that take part, of those reached.
    fee_month : float, optional
        None where no home can pay.
    given : bool
        Whether the plan says the fee.
    missing_month : float
        What the fees leave of the monthly cost; 0 where they cover it.
    income_pct : float, optional
        The fee as a share of what a home has a month; None where nobody said that.
    """

    uptake_pct: float
    homes: float
    fee_month: float | None
    given: bool
    missing_month: float
    income_pct: float | None


@dataclass(frozen=True, slots=True)
class Headline:
    """The first page in figures. Homes count by weight. ``towers`` are the sites with a mast in this plan."""

    homes: float
    homes_reached: float
    towers: int
    tower_heights_m: tuple[float, ...]
    """Least and greatest; empty where there is no tower."""
    capex: float
    cost_per_home: float | None
    monthly: float
    fees: tuple[Fee, ...]
    """At 30, 50 and 70 % uptake, and at that of the plan."""
    example_prices: bool
    """Whether any price of the plan is an example."""
    complete: bool
    """False where homes, towers or costs could not be computed: ``missing`` says why."""
    homes_range: tuple[float, float] | None = None
    """Between how many of the homes reached it will be in truth, four times in five; None where none is."""
    bound: Message | None = None
    """How far from the best possible the plan is at most; None where it is not as the planner left it."""
    later: Message | None = None
    """What is not bought now and comes in five years, and for how much; None where nothing is."""
    agreed: AgreedFee | None = None
    """What a home pays; None where nothing is reached."""
    people_reached: float | None = None
    """People in the homes reached of which that is known; None where it is of none."""


@record
class Assumption:
    """One choice that the figures rest on."""

    key: str = heading(msg("Setting"))
    meaning: Message = heading(msg("Meaning"), WORD, wide=True)
    value: str | float | Message | None = heading(msg("Value"))
    unit: str = heading(msg("Unit"))
    source: str = heading(msg("Source"), wide=True)
    default: bool = heading(msg("Default"), WORD, cell=words.yes_no)
    """True where nobody changed it."""


@record
class SiteRecord:
    """One site, in the network or not (``mast_height_m`` is then None)."""

    _: KW_ONLY
    id: str = heading(msg("Id"))
    name: str = heading(msg("Name"))
    role: SiteRole = heading(msg("Role"), WORD, cell=words.ROLE_WORDS.__getitem__)
    status: Status = heading(msg("Status"), WORD, cell=words.STATUS_WORDS.__getitem__)
    latitude: float = heading(msg("Latitude"), NUMBER, "°", 6, exact=True)
    longitude: float = heading(msg("Longitude"), NUMBER, "°", 6, exact=True)
    utm: str = heading(msg("UTM"))
    mgrs: str = heading(msg("MGRS"))
    ground_m_amsl: float | None = heading(msg("Ground above sea level"), NUMBER, "m", 1)
    mast_height_m: float | None = heading(msg("Mast"), NUMBER, "m", 1, exact=True)
    mast: str = heading(msg("Mast type"))
    """Name of the mast on the shelf."""
    max_height_m: float | None = heading(msg("Greatest mast"), NUMBER, "m", 1, paper=False, default=None, exact=True)
    mast_carries_n: float | None = heading(msg("Mast carries"), NUMBER, "N", paper=False, default=None, exact=True)
    antenna_heights_m: tuple[float, ...] = heading(msg("Antenna heights [m]"), WORD, cell=listed)
    sectors: int = heading(msg("Sectors"), NUMBER)
    homes: float = heading(msg("Homes served"), NUMBER, "", WEIGHT)
    hops: int | None = heading(msg("Links to the gateway"), NUMBER)
    """Links to its gateway; 0 at a gateway, None where it reaches none."""
    upstream: str | None = heading(msg("Fed by"))
    """Id of the next site on the way to the gateway."""
    power: PowerSource = heading(msg("Power"), WORD, cell=words.POWER_WORDS.__getitem__)
    power_w: float = heading(msg("Load"), NUMBER, "W", 1)
    owner: str = heading(msg("Owner"))
    consent: str = heading(msg("Consent"))
    access: str = heading(msg("Access"), wide=True)
    hazard: str = heading(msg("Hazard"), wide=True)
    phase: int | None = heading(msg("Phase"), NUMBER)
    cost: float | None = heading(msg("Cost to build"), MONEY, total=True)
    """Capital of this site with its sectors and its ends of links, all included. None where nothing is built."""
    build_cost: float | None = heading(msg("Road, land, mains"), MONEY, paper=False, default=None, exact=True)
    """Of that the place alone, as people gave it; known of a place where nothing is built, too."""
    uplink_kind: str = heading(msg("Internet from"), paper=False, default="")
    uplink_mbps: float | None = heading(msg("Internet, Mbit/s"), NUMBER, paper=False, default=None, exact=True)
    uplink_month: float | None = heading(msg("Internet a month"), MONEY, paper=False, default=None, exact=True)
    uplink_open: float | None = heading(msg("To open the Internet"), MONEY, paper=False, default=None, exact=True)
    homes_lost_if_fails: float = heading(msg("Homes lost if it fails"), NUMBER, "", WEIGHT)
    note: str = heading(msg("Note"), wide=True)


@record
class AntennaRecord:
    """One antenna of a site: a sector that serves homes, or one end of a link."""

    site: str = heading(msg("Site"))
    id: str = heading(msg("Id"))
    task: str = heading(msg("Serves"), WORD, cell=words.TASKS.__getitem__)
    """``access`` or ``backhaul``."""
    towards: str = heading(msg("Towards"))
    """Id of the site at the other end; empty for a sector."""
    kit: str = heading(msg("Kit"))
    radio: str = heading(msg("Radio"))
    antenna: str = heading(msg("Antenna"))
    gain_dbi: float | None = heading(msg("Gain"), NUMBER, "dBi", 1)
    beamwidth_az_deg: float | None = heading(msg("Beamwidth"), NUMBER, "°")
    azimuth_deg: float | None = heading(msg("Azimuth, true"), NUMBER, "°", 1)
    """None of a sector that is alike all round."""
    azimuth_magnetic_deg: float | None = heading(msg("Azimuth, compass"), NUMBER, "°", 1)
    declination_deg: float | None = heading(msg("Declination, east positive"), NUMBER, "°", 2)
    """Magnetic declination, east positive, on the plan's date."""
    declination_date: str = heading(msg("Declination of"))
    tilt_deg: float | None = heading(msg("Tilt, up positive"), NUMBER, "°", 1)
    height_m: float | None = heading(msg("Height above ground"), NUMBER, "m", 1)
    polarisation: str = heading(msg("Polarisation"))
    freq_mhz: float | None = heading(msg("Frequency"), NUMBER, "MHz")
    width_mhz: float | None = heading(msg("Channel width"), NUMBER, "MHz")
    tx_power_dbm: TotalDbm | None = heading(msg("Transmit power"), NUMBER, "dBm", 1)
    cable_loss_db: float | None = heading(msg("Cable loss"), NUMBER, "dB", 1)
    eirp_dbm: float | None = heading(msg("EIRP"), NUMBER, "dBm", 1)
    limit_dbm: float | None = heading(msg("Legal limit, EIRP"), NUMBER, "dBm", 1)
    """Legal limit as EIRP; None where the law is not known or allows nothing here (``legal`` says which)."""
    limit_margin_db: float | None = heading(msg("Below the limit by"), NUMBER, "dB", 1)
    legal: Message = heading(msg("Legal check"), WORD, wide=True)
    """``allowed``, ``above the limit``, ``not allowed``, ``unknown``, in words."""
    dfs: bool | None = heading(msg("DFS"), WORD, cell=words.yes_no)
    homes: float = heading(msg("Homes served"), NUMBER, "", WEIGHT)
    caution: Message | None = None
    """Of a link: why the power is not to be raised; what else is to be done where it cannot be low enough."""
    closed: bool = False
    """The rules of the country are known and kept, and do not open its channel outdoors, or by a licence not held."""


@record
class LinkEnd:
    """One direction of a link: what arrives at this end."""

    site: str = heading(msg("From A"), at_b=msg("To B"))
    height_m: float = heading(msg("Height at A"), NUMBER, "m", 1, at_b=msg("Height at B"))
    azimuth_deg: float = heading(msg("Azimuth at A, true"), NUMBER, "°", 1, at_b=msg("Azimuth at B, true"), paper=False)
    azimuth_magnetic_deg: float | None = heading(
        msg("Azimuth at A, compass"), NUMBER, "°", 1, at_b=msg("Azimuth at B, compass"), paper=False
    )
    tilt_deg: float | None = heading(msg("Tilt at A"), NUMBER, "°", 2, at_b=msg("Tilt at B"), paper=False)
    ground_m_amsl: float | None
    rsl_dbm: float | None = heading(msg("Level at A"), NUMBER, "dBm", 1, at_b=msg("Level at B"))
    above_thermal_db: float | None = heading(
        msg("Above thermal noise at A"), NUMBER, "dB", 1, at_b=msg("Above thermal noise at B"), paper=False
    )
    """Level above thermal noise in the channel. It is no SNR: no data sheet here gives a noise figure."""
    mcs: str = heading(msg("MCS at A"), at_b=msg("MCS at B"), paper=False)
    rate_mbps: float | None = heading(msg("Rate into A"), NUMBER, "Mbit/s", SLOWEST, at_b=msg("Rate into B"))
    """IP rate that arrives at this end."""
    margin_db: float | None = heading(msg("Margin at A"), NUMBER, "dB", 1, at_b=msg("Margin at B"))
    """In the mode of the rate; what arrives and what is sent belong to it too."""
    height_needed_m: float | None = heading(
        msg("Height needed at A"), NUMBER, "m", 1, at_b=msg("Height needed at B"), paper=False
    )
    """Least height here, the other end kept, that leaves the wanted clearance."""
    sent_dbm: float | None = heading(
        msg("Sent to A with"), NUMBER, "dBm", 1, at_b=msg("Sent to B with"), paper=False, default=None
    )


@record
class LinkRecord:
    """One link between towers, both directions. ``a`` is nearer to the gateway where the tree says so."""

    id: str = heading(msg("Id"))
    status: Status = heading(msg("Status"), WORD, cell=words.STATUS_WORDS.__getitem__)
    kit: str = heading(msg("Kit"))
    freq_mhz: float | None = heading(msg("Frequency"), NUMBER, "MHz")
    width_mhz: float | None = heading(msg("Channel width"), NUMBER, "MHz")
    a: LinkEnd = end_column(LinkEnd)
    b: LinkEnd = end_column(LinkEnd, second=True)
    distance_m: float = heading(msg("Distance"), NUMBER, "km", 3, _km, key="distance_km")
    loss_free_space_db: float | None = heading(msg("Free-space loss"), NUMBER, "dB", 1, paper=False)
    loss_diffraction_db: float | None = heading(msg("Diffraction loss"), NUMBER, "dB", 1, paper=False)
    loss_vegetation_db: float | None = heading(msg("Vegetation loss"), NUMBER, "dB", 1, paper=False)
    loss_gas_db: float | None = heading(msg("Gas loss"), NUMBER, "dB", 1, paper=False)
    loss_rain_db: float | None = heading(msg("Rain loss"), NUMBER, "dB", 1, paper=False)
    loss_total_db: float | None = heading(msg("Total loss"), NUMBER, "dB", 1, paper=False)
    margin_db: float | None
    """The smaller of both directions."""
    availability_pct: float | None = heading(msg("Availability"), NUMBER, "%", 3)
    clearance_m: float | None = heading(msg("Worst clearance"), NUMBER, "m", 1, key="clearance_there_m")
    clearance_f1: float | None = heading(msg("Worst clearance"), NUMBER, "F1", 2)
    clearance_at_m: float | None = heading(msg("Worst clearance at"), NUMBER, "km", 3, _km, key="clearance_at_km")
    """From end A."""
    probability: float | None = heading(
        msg("Probability that it works"), NUMBER, "%", 0, chance_pct, key="probability_pct"
    )
    verdict: str = heading(msg("Verdict"), WORD, cell=words.VERDICT_WORDS.__getitem__)
    """``likely``, ``check_on_site``, ``blocked`` or ``no_data``."""
    reason: Message = heading(msg("Reason"), WORD, wide=True)
    fix: Message | None = heading(msg("What to do"), WORD, wide=True)
    load_mbps: float | None = heading(msg("Busy-hour load"), NUMBER, "Mbit/s", 1)
    """Busy hour, from the gateway outwards."""
    load_pct: float | None = heading(msg("Busy-hour load"), NUMBER, "%")
    homes_lost_if_fails: float = heading(msg("Homes lost if it fails"), NUMBER, "", WEIGHT)
    hops: int | None = heading(msg("Links to the gateway"), NUMBER)
    fallback_db: float | None = heading(msg("Margin in the slowest mode"), NUMBER, "dB", 1, default=None)
    carries_mbps: float | None = heading(msg("Carries both ways"), NUMBER, "Mbit/s", SLOWEST, default=None)
    """The lesser rate, on its channel among the others, by the system that is loaded: what loads are held against."""
    spare: Message | None = heading(msg("To spare"), WORD, default=None, paper=False)
    """What is to spare at which rate, and how far it falls back and still holds."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How a link stands where something is worse than thought."""

    what: Message
    verdict: str
    margin_db: float | None
    rate_mbps: float | None
    """That the margin belongs to."""
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
    modes_a: tuple[ModeStep, ...] = ()
    """What each mode has to spare at A, the fastest first."""
    modes_b: tuple[ModeStep, ...] = ()
    """Likewise at B."""


@record
class HomeRecord:
    """One home, school or clinic."""

    _: KW_ONLY
    id: str = heading(msg("Id"))
    name: str = heading(msg("Name"))
    hamlet: str = heading(msg("Hamlet"), paper=False, default="")
    kind: HomeKind = heading(msg("Kind"), WORD, cell=words.HOME_KINDS.__getitem__)
    latitude: float = heading(msg("Latitude"), NUMBER, "°", 6, paper=False, exact=True)
    longitude: float = heading(msg("Longitude"), NUMBER, "°", 6, paper=False, exact=True)
    weight: float = heading(msg("Counts for"), NUMBER, "", WEIGHT, total=True, paper=False, exact=True)
    priority: Priority = heading(msg("Priority"), WORD, cell=words.PRIORITY_WORDS.__getitem__)
    reached: bool = heading(msg("Reached"), WORD, cell=words.yes_no)
    server: str | None = heading(msg("Served by"))
    sector: str = heading(msg("Sector"), paper=False)
    verdict: str = heading(msg("Verdict"), WORD, cell=words.VERDICT_WORDS.__getitem__)
    distance_m: float | None = heading(msg("Distance"), NUMBER, "km", 2, _km, key="distance_km")
    azimuth_deg: float | None = heading(msg("Direction to the tower"), NUMBER, "°", paper=False)
    rsl_dbm: float | None = heading(msg("Level"), NUMBER, "dBm", 1)
    margin_db: float | None = heading(msg("Margin"), NUMBER, "dB", 1)
    fallback_db: float | None = heading(msg("Margin in the slowest mode"), NUMBER, "dB", 1, paper=False, default=None)
    rate_down_mbps: float | None = heading(msg("Rate down"), NUMBER, "Mbit/s", SLOWEST)
    rate_up_mbps: float | None = heading(msg("Rate up"), NUMBER, "Mbit/s", SLOWEST, paper=False)
    antenna_height_m: float = heading(msg("Roof antenna"), NUMBER, "m", 1, exact=True)
    usual_height_m: float | None = heading(msg("Usual height"), NUMBER, "m", 1, paper=False, default=None, exact=True)
    """Where no height of its own was given: what the plan takes for it."""
    on_pole: bool = heading(msg("On a pole of its own"), WORD, cell=words.yes_no, paper=False, default=False)
    people: float | None = heading(msg("People"), NUMBER, paper=False, default=None, exact=True)
    relay: RelayConsent = heading(
        msg("May relay for others"), WORD, cell=words.RELAY_WORDS.__getitem__, paper=False, default=RelayConsent.ASK
    )
    height_needed_m: float | None = heading(msg("Height needed"), NUMBER, "m", 1)
    kit: str = heading(msg("Kit"))
    freq_mhz: float | None = heading(msg("Frequency"), NUMBER, "MHz", paper=False, default=None)
    """Channel of the sector that it hears."""
    tx_power_dbm: TotalDbm | None = heading(msg("Transmit power"), NUMBER, "dBm", 1, paper=False, default=None)
    eirp_dbm: float | None = heading(msg("EIRP"), NUMBER, "dBm", 1, paper=False, default=None)
    limit_dbm: float | None = heading(msg("Legal limit, EIRP"), NUMBER, "dBm", 1, paper=False, default=None)
    """Legal limit of its antenna on that channel as EIRP; None where the law is not known or allows nothing."""
    limit_margin_db: float | None = heading(msg("Below the limit by"), NUMBER, "dB", 1, default=None)
    second_choice: str | None = heading(msg("Second choice"))
    reason: Message | None = heading(msg("Reason"), WORD, wide=True)
    """Why it is not reached, or what to look at."""
    fix: Message | None = heading(msg("What to do"), WORD, wide=True)
    fix_cost: float | None = heading(msg("Cost of that"), MONEY)
    note: str = heading(msg("Note"), wide=True)
    closed: bool = False
    """The channel that it hears, as of an antenna."""


@record
class CapacityRecord:
    """Busy hour of one sector, link or gateway."""

    kind: str = heading(msg("Kind"), WORD, cell=words.CAPACITY_KINDS.__getitem__)
    """``sector``, ``link`` or ``uplink``."""
    id: str = heading(msg("Id"))
    site: str = heading(msg("Site"))
    homes: float = heading(msg("Homes"), NUMBER, "", WEIGHT)
    demand_mbps: float = heading(msg("Load"), NUMBER, "Mbit/s", 1)
    capacity_mbps: float | None = heading(msg("Capacity"), NUMBER, "Mbit/s", SLOWEST)
    load_pct: float | None = heading(msg("Load"), NUMBER, "%")
    note: Message | None = heading(msg("Note"), WORD, wide=True)
    alone: bool = False
    """Whether one home has all of a sector, however much it takes."""


@record
class BomLine:
    """So many of one item, for one site (``site`` empty: for the homes, or the whole plan)."""

    site: str = heading(msg("Site"))
    item: str = heading(msg("Item"))
    name: str = heading(msg("Name"), wide=True)
    item_class: ItemClass = heading(msg("Class"), WORD, cell=words.CLASSES.__getitem__)
    unit: str = heading(msg("Unit"))
    quantity: float = heading(msg("Quantity"), NUMBER, "", 2)
    spares: float = heading(msg("Of which spares"), NUMBER, "", 2)
    """Of which spares."""
    unit_price: float | None = heading(msg("Unit price"), MONEY, "", PRICE)
    """In the plan's currency; None where no price is known."""
    total: float | None = heading(msg("Total"), MONEY, total=True)
    list_price: float | None = heading(msg("List price"), NUMBER, "", 2)
    list_currency: str = heading(msg("List currency"))
    price_date: str = heading(msg("Price of"))
    price_source: str = heading(msg("Source of the price"), wide=True)
    example: bool = heading(msg("Example price"), WORD, cell=words.yes_no)


@record
class MoneyLine:
    """One line of the capital, whose amounts add up to the headline's to the cent, or of the monthly cost."""

    key: str
    title: Message = heading(msg("For"), WORD)
    how: Message | None = heading(msg("How it is computed"), WORD, wide=True)
    amount: float = heading(msg("Amount"), MONEY, total=True)
    quantity: float | None = heading(msg("Quantity"), NUMBER, "", 2, counts=True, default=None)
    """What the amount is so many times of, where it is: days, towers, kilowatt-hours, money set aside for."""


@record
class FailureRecord:
    """What falls silent if one site fails. The homes of the site itself count."""

    site: str = heading(msg("Site"))
    name: str = heading(msg("Name"))
    homes_lost: float = heading(msg("Homes lost"), NUMBER, "", WEIGHT)
    sites_lost: tuple[str, ...] = heading(msg("Towers lost"), WORD, cell=", ".join, wide=True)


@record
class Risk:
    """What could go wrong. ``weight`` orders them (greater is worse); ``site`` or ``link`` names the place."""

    title: Message = heading(msg("What"), WORD, wide=True)
    detail: Message = heading(msg("Detail"), WORD, wide=True)
    weight: float
    site: str = heading(msg("Site"), default="")
    link: str = heading(msg("Link"), default="")


@record
class NextAction:
    """What to do next."""

    title: Message = heading(msg("What"), WORD, wide=True)
    detail: Message = heading(msg("Detail"), WORD, wide=True)
    site: str = heading(msg("Site"), default="")
    link: str = heading(msg("Link"), default="")


@record
class UnservedGroup:
    """Homes that are left out for the same reason, and what it takes to reach them."""

    reason: Message = heading(msg("Reason"), WORD, wide=True)
    fix: Message | None = heading(msg("What it takes"), WORD, wide=True)
    fix_cost: float | None = heading(msg("Least cost"), MONEY)
    """Least of the group's costs, each alone; None where none is known."""
    homes: tuple[str, ...] = heading(msg("Which"), WORD, cell=", ".join, wide=True)
    weight: float = heading(msg("Homes"), NUMBER, "", WEIGHT, total=True)


@record
class MissingInfo:
    """What is not known or not yet decided, and what that leaves out of this plan. Page one says it."""

    key: str
    what: Message = heading(msg("What is missing"), WORD, wide=True)
    fix: Message = heading(msg("What to do"), WORD, wide=True)


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
    budget: tuple[MoneyLine, ...]
    monthly: tuple[MoneyLine, ...]
    failures: tuple[FailureRecord, ...]
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
    log: PlanComparison | None = None
    """What changed since the version before; None where there is none."""
    air: AirPlan = AirPlan()  # noqa: RUF009 - a frozen value
    cash: CashFlow | None = None
    """None where nothing is built in phases: there is no network yet."""
    addresses: tuple[AddressRecord, ...] = ()
    home_addresses: tuple[HomeAddressRecord, ...] = ()
    names: tuple[NameRecord, ...] = ()
    security: tuple[SecurityRecord, ...] = ()
    devices: tuple[DeviceSettings, ...] = ()
    """Of every router, switch and radio of a tower."""
    home_devices: tuple[DeviceSettings, ...] = ()
    """Of homes' radios, one for all of a sector, and of each home's router."""
    obstacles: tuple[Obstacle, ...] = ()
    """Trees and buildings seen on site, for profiles and maps."""
    link_reports: tuple[LinkReport, ...] = ()
    """One a link."""
    cards: tuple[AlignmentCard, ...] = ()
    """One an antenna, in the order of `antennas`."""
    power: tuple[PowerRecord, ...] = ()
    """Towers off the grid, the weakest first."""
    places: tuple[PlaceRecord, ...] = ()
    """Public places."""
    phones: PhoneChapter = PhoneChapter()  # noqa: RUF009 - a frozen value
    """Hotspots, and who reaches the network on foot."""
    sun: tuple[SunMonth, ...] = ()
    """January first; empty where the sun is not known."""
    papers: PaperFacts = PaperFacts()  # noqa: RUF009 - a frozen value
    """What the papers for the assembly and for donors ask beside the tables."""
    packs: tuple[TowerPack, ...] = ()
    """One a tower, by phase, then name."""

    def assumed(self, key: str) -> float | None:
        """Return a setting that figures rest on, by its key; None where it is no number."""
        value = next((one.value for one in self.assumptions if one.key == key), None)
        return float(value) if isinstance(value, int | float) else None

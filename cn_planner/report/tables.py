"""The plan's tables: which records stand in each, and what is said under it. Their columns are the records' own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from cn_planner.message import Message, msg
from cn_planner.report import words
from cn_planner.report.address_records import AddressRecord, HomeAddressRecord, NameRecord, SecurityRecord
from cn_planner.report.change_words import FigureRow, rows, told_change
from cn_planner.report.columns import MONEY, NUMBER, PRICE, SLOWEST, WEIGHT, WORD, Table, declared, heading, record
from cn_planner.report.deployment import (
    AntennaRecord,
    Assumption,
    BomLine,
    CapacityRecord,
    DeploymentPlan,
    FailureRecord,
    Fee,
    HomeRecord,
    LinkRecord,
    MissingInfo,
    MoneyLine,
    NextAction,
    Risk,
    SiteRecord,
    SourceRecord,
    UnservedGroup,
)
from cn_planner.report.field_sheets import MEASUREMENT_FIELDS, Reading, readings
from cn_planner.report.hamlets import HamletRecord, hamlet_records
from cn_planner.report.hotspots import HotspotRecord, chapter_notes
from cn_planner.report.money import cents
from cn_planner.report.money_notes import cash_notes, phase_notes, rate_notes
from cn_planner.report.power_records import PowerRecord, SunMonth
from cn_planner.report.public_places import PlaceRecord
from cn_planner.report.work_records import (
    CashMonth,
    CashYear,
    ChangeRecord,
    ChannelRecord,
    ConflictRecord,
    PhaseRecord,
    WorkTask,
)
from cn_planner.units import LEAST_MBPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cn_planner.model.equipment import ItemClass


@dataclass(frozen=True, slots=True)
class _Layout:
    """One table.

    ``names`` are fields of the records in the table's order, all that are columns where empty; ``*.x`` is x of both
    ends of a link. ``titles``: those of columns that only the plan knows. ``off_paper``: columns that this table does
    not print though others do.
    """

    key: str
    title: Message
    owner: type
    records: Callable[[DeploymentPlan], Iterable[Any]]
    names: str = ""
    notes: Callable[[DeploymentPlan], tuple[Message, ...]] = lambda _: ()
    titles: Callable[[DeploymentPlan], dict[str, Message]] = lambda _: {}
    off_paper: str = ""
    paper: bool = True

    def table(self, plan: DeploymentPlan) -> Table:
        """Return the table of a plan."""
        records, known, titles = tuple(self.records(plan)), declared(self.owner), self.titles(plan)
        ways = [end for name in self.names.split() or known for end in (name.replace("*", "a"), name.replace("*", "b"))]
        found = []
        for way in dict.fromkeys(ways):
            cells = [known[way].of(value) for value in map(attrgetter(way), records)]
            if not known[way].if_any or any(cell is not None for cell in cells):
                found.append((known[way].column, cells))
        decimals = _rate_decimals(cell for one, cells in found if one.decimals == SLOWEST for cell in cells)
        parts = weight_decimals(cell for one, cells in found if one.decimals == WEIGHT for cell in cells)
        prices = price_decimals(cell for one, cells in found if one.decimals == PRICE for cell in cells)
        columns = tuple(
            replace(
                one,
                title=titles.get(one.key, one.title),
                unit=plan.meta.currency if one.kind is MONEY else one.unit,
                decimals={SLOWEST: decimals, WEIGHT: parts, PRICE: prices}.get(one.decimals, one.decimals),
                paper=one.paper and one.key not in self.off_paper.split(),
            )
            for one, _ in found
        )
        return Table(
            self.key, self.title, columns, tuple(zip(*(cells for _, cells in found), strict=True)), self.notes(plan),
            self.paper,
        )  # fmt: skip


def _rate_decimals(rates_mbps: Iterable[Any]) -> int:
    least = min((rate for rate in rates_mbps if rate), default=1.0)
    return 1 if least >= LEAST_MBPS else 1 - math.floor(math.log10(least))


def weight_decimals(weights: Iterable[Any]) -> int:
    """Return how many decimals counts of homes need, two at most: half a home is half a home."""
    known = [float(weight) for weight in weights if weight is not None]
    return next((n for n in (0, 1) if all(abs(round(one, n) - one) < 1e-6 for one in known)), 2)


def price_decimals(prices: Iterable[Any]) -> int:
    """Return how many decimals prices of one thing need: two, and more where cents change one by a ten-thousandth.

    0.70 USD at 0.92 is 0.644, and 3,388 m of it cost 2,181.87: with 0.64 that would be 13.55 less.
    """
    known = [float(price) for price in prices if price is not None]
    enough = (n for n in range(2, 6) if all(abs(round(one, n) - one) <= 1e-4 * abs(one) for one in known))
    return next(enough, 6)


@record
class _Spare:
    """What lies ready of one item for when something fails."""

    item: str = heading(msg("Item"))
    name: str = heading(msg("Name"), wide=True)
    item_class: ItemClass = heading(msg("Class"), WORD, cell=words.CLASSES.__getitem__)
    unit: str = heading(msg("Unit"))
    used: float = heading(msg("In use"), NUMBER, "", 2)
    spares: float = heading(msg("Spares"), NUMBER, "", 2)
    cost: float | None = heading(msg("Cost"), MONEY, total=True)


def _spares(plan: DeploymentPlan) -> Iterator[_Spare]:
    for one in plan.bom:
        if one.spares:
            cost = None if one.unit_price is None else cents(one.spares * one.unit_price)
            yield _Spare(one.item, one.name, one.item_class, one.unit, one.quantity - one.spares, one.spares, cost)


def _budget_notes(plan: DeploymentPlan) -> tuple[Message, ...]:
    said = (plan.headline.bound, plan.headline.later)
    return (*rate_notes(plan), *(one for one in said if one is not None))


def _versions(plan: DeploymentPlan) -> dict[str, Message]:
    return {} if plan.log is None else {"before": plan.log.before.label, "now": plan.log.now.label}


def _changes(plan: DeploymentPlan) -> Iterable[ChangeRecord]:
    return () if plan.log is None else (replace(one, text=told_change(one)) for one in plan.log.changes)


def _where(name: str, note: Message) -> Callable[[DeploymentPlan], tuple[Message, ...]]:
    """Return a note that stands where the plan has such records."""
    return lambda plan: (note,) if getattr(plan, name) else ()


_AMOUNTS = "title how quantity amount"
_LAYOUTS = (
    _Layout("missing", msg("What is missing"), MissingInfo, lambda plan: plan.missing, paper=False),
    _Layout("assumptions", msg("Aim and assumptions"), Assumption, lambda plan: plan.assumptions),
    _Layout("sites", msg("Sites"), SiteRecord, lambda plan: plan.sites),
    _Layout("antennas", msg("Antennas"), AntennaRecord, lambda plan: plan.antennas),
    _Layout(
        "links", msg("Links"), LinkRecord, lambda plan: plan.links,
        "id *.site verdict reason fix status kit distance_m *.height_m *.azimuth_deg *.azimuth_magnetic_deg *.tilt_deg "
        "freq_mhz width_mhz loss_free_space_db loss_diffraction_db loss_vegetation_db loss_gas_db loss_rain_db "
        "loss_total_db *.sent_dbm *.rsl_dbm *.above_thermal_db *.mcs *.rate_mbps *.margin_db fallback_db spare "
        "carries_mbps load_mbps load_pct availability_pct clearance_m clearance_f1 clearance_at_m *.height_needed_m "
        "probability homes_lost_if_fails hops",
    ),
    _Layout("hamlets", msg("Hamlets"), HamletRecord, lambda plan: hamlet_records(plan.homes)),
    _Layout("homes", msg("Homes"), HomeRecord, lambda plan: plan.homes),
    _Layout("places", msg("Public places"), PlaceRecord, lambda plan: plan.places),
    _Layout(
        "hotspots", msg("Hotspots for people with a phone"), HotspotRecord, lambda plan: plan.phones.hotspots,
        notes=lambda plan: chapter_notes(plan.phones),
    ),
    _Layout(
        "unserved", msg("Homes not reached"), UnservedGroup, lambda plan: plan.unserved,
        "reason weight fix fix_cost homes",
    ),
    _Layout("capacity", msg("Capacity at the busy hour"), CapacityRecord, lambda plan: plan.capacity),
    _Layout(
        "channels", msg("Channels"), ChannelRecord, lambda plan: plan.air.channels,
        "kind site id freq_mhz width_mhz dfs homes snr_db sinr_db disturbed receivers",
        notes=lambda plan: plan.air.notes,
    ),
    _Layout(
        "conflicts", msg("Conflicts of channels"), ConflictRecord, lambda plan: plan.air.conflicts, "site id text fix"
    ),
    _Layout(
        "power", msg("Power of towers off the grid"), PowerRecord, lambda plan: plan.power,
        "site name load_w wh_day worst_month worst_sun_kwh_m2 panels panel_wp tilt_deg batteries battery_ah battery_wh "
        "system_v chemistry usable_pct controllers controller_a autonomy_days sized_by uptime_pct worst_uptime_pct "
        "cable_m cable_drop_pct wire_drop_pct cost note",
        _where(
            "sun",
            msg(
                "The cheapest panels and batteries of the shelf with which a tower works as the plan asks, by an "
                "hourly count of an average year whose dullest days follow one another, with batteries at the end of "
                "their life. A dull year gives less."
            ),
        ),
    ),
    _Layout("power_sun", msg("Sun, a day of each month"), SunMonth, lambda plan: plan.sun),
    _Layout(
        "bom", msg("Bill of materials"), BomLine, lambda plan: plan.bom,
        "item name item_class unit quantity spares unit_price total list_price list_currency price_date example "
        "price_source",
        rate_notes,
    ),
    _Layout(
        "bom_by_site", msg("Bill of materials by site"), BomLine, lambda plan: plan.site_bom,
        "site item name unit quantity unit_price total", off_paper="item unit_price total",
    ),
    _Layout("budget", msg("Budget"), MoneyLine, lambda plan: plan.budget, _AMOUNTS, _budget_notes),
    _Layout("monthly", msg("Every month"), MoneyLine, lambda plan: plan.monthly, _AMOUNTS, rate_notes),
    _Layout("fees", msg("Fee that covers the monthly cost"), Fee, lambda plan: plan.headline.fees),
    _Layout(
        "cash", msg("Money over five years"), CashYear, lambda plan: plan.cash.years if plan.cash else (),
        notes=cash_notes,
    ),
    _Layout(
        "cash_months", msg("Money month by month"), CashMonth, lambda plan: plan.cash.months if plan.cash else (),
        paper=False,
    ),
    _Layout(
        "phases", msg("Phases"), PhaseRecord, lambda plan: plan.phases,
        "number sites links homes homes_so_far cost cost_so_far a_home begins on_air month set_aside",
        phase_notes,
    ),
    _Layout(
        "work", msg("Work plan"), WorkTask, lambda plan: plan.work,
        notes=_where(
            "work", msg("Days are the shelf's, for masts and poles. How long the rest takes, those say who do it.")
        ),
    ),
    _Layout("failures", msg("If one tower fails"), FailureRecord, lambda plan: plan.failures),
    _Layout("spares", msg("Spares"), _Spare, _spares),
    _Layout(
        "measurements", msg("Levels to be measured"), Reading, readings,
        " ".join((*MEASUREMENT_FIELDS, "expected_dbm")), paper=False,
    ),
    _Layout("risks", msg("What could go wrong"), Risk, lambda plan: plan.risks, paper=False),
    _Layout("actions", msg("What comes next"), NextAction, lambda plan: plan.actions, paper=False),
    _Layout(
        "addresses", msg("Addresses"), AddressRecord, lambda plan: plan.addresses,
        "site kind part name ipv4 ipv6 homes room note",
        _where(
            "addresses",
            msg(
                "Each tower's block is cut in eighths: the first is the tower's own, each sector has one or more with "
                "room beside them. Numbers come from ids: what is added later changes none of them, for sure once they "
                "are kept. Keep them when the first device is set."
            ),
        ),
    ),
    _Layout(
        "addresses_of_homes", msg("Addresses of homes"), HomeAddressRecord, lambda plan: plan.home_addresses
    ),
    _Layout("names", msg("Names of devices"), NameRecord, lambda plan: plan.names),
    _Layout(
        "security", msg("Security"), SecurityRecord, lambda plan: plan.security,
        notes=_where(
            "security",
            msg(
                "The four actions are those of MANRS, manrs.org/netops: here by its Implementation Guide 1.1 "
                "of 25 January 2017 (BCOP series). Who has no number of an autonomous system asks the upstream for its "
                "part."
            ),
        ),
    ),
    _Layout("sources", msg("Data sources"), SourceRecord, lambda plan: plan.meta.sources),
    _Layout(
        "changes_figures", msg("Against the version before"), FigureRow,
        lambda plan: () if plan.log is None else rows(plan.log), titles=_versions,
    ),
    _Layout("changes", msg("What changed"), ChangeRecord, _changes),
)  # fmt: skip


def tables(plan: DeploymentPlan) -> tuple[Table, ...]:
    """Return every table of the plan, in the order of the printed plan. Empty ones are there too."""
    return tuple(one.table(plan) for one in _LAYOUTS)


def plan_table(plan: DeploymentPlan, key: str) -> Table:
    """Return one table of the plan."""
    return next(one for one in _LAYOUTS if one.key == key).table(plan)

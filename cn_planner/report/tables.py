"""The plan's tables: which columns, in which order, unit and decimals. Said once, for every format."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cn_planner.links.verdict import chance_pct
from cn_planner.message import msg
from cn_planner.report import words
from cn_planner.report.address_tables import addresses_table, home_addresses_table, names_table, security_table
from cn_planner.report.change_tables import changes_table, figures_table
from cn_planner.report.columns import Column, Kind
from cn_planner.report.columns import money as _money
from cn_planner.report.columns import number as _number
from cn_planner.report.columns import table_of as _table
from cn_planner.report.columns import text as _text
from cn_planner.report.columns import word as _word
from cn_planner.report.field_sheets import readings
from cn_planner.report.hamlets import hamlets_table
from cn_planner.report.money_tables import (
    bom_table,
    budget_table,
    cash_months_table,
    cash_table,
    fees_table,
    monthly_table,
    site_bom_table,
    spares_table,
)
from cn_planner.report.power_tables import power_bill_table, power_table, sun_table
from cn_planner.report.work_tables import channels_table, conflicts_table, phases_table, work_table
from cn_planner.units import LEAST_MBPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.message import Message
    from cn_planner.report.columns import Spec as _Spec
    from cn_planner.report.columns import Table
    from cn_planner.report.deployment import DeploymentPlan, LinkRecord


def tables(plan: DeploymentPlan) -> tuple[Table, ...]:
    """Return every table of the plan, in the order of the printed plan. Empty ones are there too."""
    return (
        missing_table(plan),
        assumptions_table(plan),
        sites_table(plan),
        antennas_table(plan),
        links_table(plan),
        hamlets_table(plan),
        homes_table(plan),
        unserved_table(plan),
        capacity_table(plan),
        channels_table(plan),
        conflicts_table(plan),
        power_table(plan),
        power_bill_table(plan),
        sun_table(plan),
        bom_table(plan),
        site_bom_table(plan),
        budget_table(plan),
        monthly_table(plan),
        fees_table(plan),
        cash_table(plan),
        cash_months_table(plan),
        phases_table(plan),
        work_table(plan),
        failures_table(plan),
        spares_table(plan),
        measurements_table(plan),
        risks_table(plan),
        actions_table(plan),
        addresses_table(plan),
        home_addresses_table(plan),
        names_table(plan),
        security_table(plan),
        sources_table(plan),
        figures_table(plan),
        changes_table(plan),
    )


def missing_table(plan: DeploymentPlan) -> Table:
    """Return what is missing, and what to do about it."""
    return _table(
        "missing",
        msg("What is missing"),
        (
            _word("what", msg("What is missing"), lambda r: r.what, wide=True),
            _word("fix", msg("What to do"), lambda r: r.fix, wide=True),
        ),
        plan.missing,
    )


def assumptions_table(plan: DeploymentPlan) -> Table:
    """Return the choices that the figures rest on."""
    return _table(
        "assumptions",
        msg("Aim and assumptions"),
        (
            _text("key", msg("Setting")),
            _word("meaning", msg("Meaning"), lambda r: r.meaning, wide=True),
            _text("value", msg("Value")),
            _text("unit", msg("Unit")),
            _text("source", msg("Source"), wide=True),
            _word("default", msg("Default"), lambda r: words.yes_no(r.default)),
        ),
        plan.assumptions,
    )


def sites_table(plan: DeploymentPlan) -> Table:
    """Return the sites."""
    return _table(
        "sites",
        msg("Sites"),
        (
            _text("id", msg("Id")),
            _text("name", msg("Name")),
            _word("role", msg("Role"), lambda r: words.ROLES[r.role]),
            _word("status", msg("Status"), lambda r: words.STATUSES[r.status]),
            _number("latitude", msg("Latitude"), "°", 6),
            _number("longitude", msg("Longitude"), "°", 6),
            _text("utm", msg("UTM")),
            _text("mgrs", msg("MGRS")),
            _number("ground_m_amsl", msg("Ground above sea level"), "m", 1),
            _number("mast_height_m", msg("Mast"), "m", 1),
            _text("mast", msg("Mast type")),
            _word("antenna_heights_m", msg("Antenna heights [m]"), lambda r: _list(r.antenna_heights_m)),
            _number("sectors", msg("Sectors")),
            _number("homes", msg("Homes served")),
            _number("hops", msg("Links to the gateway")),
            _text("upstream", msg("Fed by")),
            _word("power", msg("Power"), lambda r: words.POWER[r.power]),
            _number("power_w", msg("Load"), "W", 1),
            _text("owner", msg("Owner"), private=True),
            _text("consent", msg("Consent"), private=True),
            _text("access", msg("Access"), wide=True),
            _text("hazard", msg("Hazard"), wide=True),
            _number("phase", msg("Phase")),
            _money("cost", msg("Cost to build"), plan.meta.currency, total=True),
            _number("homes_lost_if_fails", msg("Homes lost if it fails")),
            _text("note", msg("Note"), wide=True, private=True),
        ),
        plan.sites,
    )


def _list(numbers: Iterable[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def antennas_table(plan: DeploymentPlan) -> Table:
    """Return the antennas: sectors and both ends of every link."""
    return _table(
        "antennas",
        msg("Antennas"),
        (
            _text("site", msg("Site")),
            _text("id", msg("Id")),
            _word("task", msg("Serves"), lambda r: words.TASKS[r.task]),
            _text("towards", msg("Towards")),
            _text("kit", msg("Kit")),
            _text("radio", msg("Radio")),
            _text("antenna", msg("Antenna")),
            _number("gain_dbi", msg("Gain"), "dBi", 1),
            _number("beamwidth_az_deg", msg("Beamwidth"), "°"),
            _number("azimuth_deg", msg("Azimuth, true"), "°", 1),
            _number("azimuth_magnetic_deg", msg("Azimuth, compass"), "°", 1),
            _number("declination_deg", msg("Declination, east positive"), "°", 2),
            _text("declination_date", msg("Declination of")),
            _number("tilt_deg", msg("Tilt, up positive"), "°", 1),
            _number("height_m", msg("Height above ground"), "m", 1),
            _text("polarisation", msg("Polarisation")),
            _number("freq_mhz", msg("Frequency"), "MHz"),
            _number("width_mhz", msg("Channel width"), "MHz"),
            _number("tx_power_dbm", msg("Transmit power"), "dBm", 1),
            _number("cable_loss_db", msg("Cable loss"), "dB", 1),
            _number("eirp_dbm", msg("EIRP"), "dBm", 1),
            _number("limit_dbm", msg("Legal limit, EIRP"), "dBm", 1),
            _number("limit_margin_db", msg("Below the limit by"), "dB", 1),
            _word("legal", msg("Legal check"), lambda r: r.legal, wide=True),
            _word("dfs", msg("DFS"), lambda r: words.yes_no(r.dfs)),
            _number("homes", msg("Homes served")),
        ),
        plan.antennas,
    )


def _end(side: str, key: str, title: Message, unit: str = "", decimals: int = 0) -> _Spec:
    kind = Kind.TEXT if key in {"site", "mcs"} else Kind.NUMBER
    column = Column(f"{side}_{key}", title, unit, kind, decimals)
    return column, lambda r: getattr(getattr(r, side), key)


def _ends(key: str, title_a: Message, title_b: Message, unit: str = "", decimals: int = 0) -> tuple[_Spec, _Spec]:
    return _end("a", key, title_a, unit, decimals), _end("b", key, title_b, unit, decimals)


def _rate_decimals(rates_mbps: Iterable[float | None]) -> int:
    """Return the decimals that leave two figures of the slowest rate: that of LoRa is far below 0.1 Mbit/s."""
    least = min((rate for rate in rates_mbps if rate), default=1.0)
    return 1 if least >= LEAST_MBPS else 1 - math.floor(math.log10(least))


def links_table(plan: DeploymentPlan) -> Table:
    """Return the links between towers, both directions, weakest first."""
    decimals = _rate_decimals(end.rate_mbps for link in plan.links for end in (link.a, link.b))
    return _table(
        "links",
        msg("Links"),
        (
            _text("id", msg("Id")),
            *_ends("site", msg("From A"), msg("To B")),
            _word("verdict", msg("Verdict"), lambda r: words.VERDICTS[r.verdict]),
            _word("reason", msg("Reason"), lambda r: r.reason, wide=True),
            _word("fix", msg("What to do"), lambda r: r.fix, wide=True),
            _word("status", msg("Status"), lambda r: words.STATUSES[r.status]),
            _text("kit", msg("Kit")),
            _number("distance_km", msg("Distance"), "km", 3, lambda r: r.distance_m / 1000.0),
            *_ends("height_m", msg("Height at A"), msg("Height at B"), "m", 1),
            *_ends("azimuth_deg", msg("Azimuth at A, true"), msg("Azimuth at B, true"), "°", 1),
            *_ends("azimuth_magnetic_deg", msg("Azimuth at A, compass"), msg("Azimuth at B, compass"), "°", 1),
            *_ends("tilt_deg", msg("Tilt at A"), msg("Tilt at B"), "°", 2),
            _number("freq_mhz", msg("Frequency"), "MHz"),
            _number("width_mhz", msg("Channel width"), "MHz"),
            _number("loss_free_space_db", msg("Free-space loss"), "dB", 1),
            _number("loss_diffraction_db", msg("Diffraction loss"), "dB", 1),
            _number("loss_vegetation_db", msg("Vegetation loss"), "dB", 1),
            _number("loss_gas_db", msg("Gas loss"), "dB", 1),
            _number("loss_rain_db", msg("Rain loss"), "dB", 1),
            _number("loss_total_db", msg("Total loss"), "dB", 1),
            *_ends("rsl_dbm", msg("Level at A"), msg("Level at B"), "dBm", 1),
            *_ends("above_thermal_db", msg("Above thermal noise at A"), msg("Above thermal noise at B"), "dB", 1),
            *_ends("mcs", msg("MCS at A"), msg("MCS at B")),
            *_ends("rate_mbps", msg("Rate into A"), msg("Rate into B"), "Mbit/s", decimals),
            *_ends("margin_db", msg("Margin at A"), msg("Margin at B"), "dB", 1),
            _number("load_mbps", msg("Busy-hour load"), "Mbit/s", 1),
            _number("load_pct", msg("Busy-hour load"), "%"),
            _number("availability_pct", msg("Availability"), "%", 3),
            _number("clearance_m", msg("Worst clearance"), "m", 1),
            _number("clearance_f1", msg("Worst clearance"), "F1", 2),
            _number("clearance_at_km", msg("Worst clearance at"), "km", 3, lambda r: _km(r.clearance_at_m)),
            *_ends("height_needed_m", msg("Height needed at A"), msg("Height needed at B"), "m", 1),
            _number("probability_pct", msg("Probability that it works"), "%", 0, _chance),
            _number("homes_lost_if_fails", msg("Homes lost if it fails")),
            _number("hops", msg("Links to the gateway")),
        ),
        plan.links,
    )


def _km(metres: float | None) -> float | None:
    return None if metres is None else metres / 1000.0


def _chance(link: LinkRecord) -> float | None:
    return None if link.probability is None else chance_pct(link.probability)


def homes_table(plan: DeploymentPlan) -> Table:
    """Return the homes, those not reached first, then the weakest."""
    decimals = _rate_decimals(rate for home in plan.homes for rate in (home.rate_down_mbps, home.rate_up_mbps))
    return _table(
        "homes",
        msg("Homes"),
        (
            _text("id", msg("Id")),
            _text("name", msg("Name"), private=True),
            _text("hamlet", msg("Hamlet"), private=True),
            _word("kind", msg("Kind"), lambda r: words.HOME_KINDS[r.kind]),
            _number("latitude", msg("Latitude"), "°", 6),
            _number("longitude", msg("Longitude"), "°", 6),
            _number("weight", msg("Counts for"), "", 0, total=True),
            _word("priority", msg("Priority"), lambda r: words.PRIORITIES[r.priority]),
            _word("reached", msg("Reached"), lambda r: words.yes_no(r.reached)),
            _text("server", msg("Served by")),
            _text("sector", msg("Sector")),
            _word("verdict", msg("Verdict"), lambda r: words.VERDICTS[r.verdict]),
            _number("distance_km", msg("Distance"), "km", 2, lambda r: _km(r.distance_m)),
            _number("azimuth_deg", msg("Direction to the tower"), "°"),
            _number("rsl_dbm", msg("Level"), "dBm", 1),
            _number("margin_db", msg("Margin"), "dB", 1),
            _number("rate_down_mbps", msg("Rate down"), "Mbit/s", decimals),
            _number("rate_up_mbps", msg("Rate up"), "Mbit/s", decimals),
            _number("antenna_height_m", msg("Roof antenna"), "m", 1),
            _number("height_needed_m", msg("Height needed"), "m", 1),
            _text("kit", msg("Kit")),
            _number("freq_mhz", msg("Frequency"), "MHz"),
            _number("tx_power_dbm", msg("Transmit power"), "dBm", 1),
            _number("eirp_dbm", msg("EIRP"), "dBm", 1),
            _number("limit_dbm", msg("Legal limit, EIRP"), "dBm", 1),
            _number("limit_margin_db", msg("Below the limit by"), "dB", 1),
            _text("second_choice", msg("Second choice")),
            _word("reason", msg("Reason"), lambda r: r.reason, wide=True),
            _word("fix", msg("What to do"), lambda r: r.fix, wide=True),
            _money("fix_cost", msg("Cost of that"), plan.meta.currency),
            _text("note", msg("Note"), wide=True, private=True),
        ),
        plan.homes,
    )


def unserved_table(plan: DeploymentPlan) -> Table:
    """Return who is left out, why, and what it takes."""
    return _table(
        "unserved",
        msg("Homes not reached"),
        (
            _word("reason", msg("Reason"), lambda r: r.reason, wide=True),
            _number("weight", msg("Homes"), total=True),
            _word("fix", msg("What it takes"), lambda r: r.fix, wide=True),
            _money("fix_cost", msg("Least cost"), plan.meta.currency),
            _word("homes", msg("Which"), lambda r: ", ".join(r.homes), wide=True),
        ),
        plan.unserved,
    )


def capacity_table(plan: DeploymentPlan) -> Table:
    """Return the busy hour of every sector, link and Internet connection."""
    decimals = _rate_decimals(one.capacity_mbps for one in plan.capacity)
    return _table(
        "capacity",
        msg("Capacity at the busy hour"),
        (
            _word("kind", msg("Kind"), lambda r: words.CAPACITY_KINDS[r.kind]),
            _text("id", msg("Id")),
            _text("site", msg("Site")),
            _number("homes", msg("Homes")),
            _number("demand_mbps", msg("Load"), "Mbit/s", 1),
            _number("capacity_mbps", msg("Capacity"), "Mbit/s", decimals),
            _number("load_pct", msg("Load"), "%"),
            _word("note", msg("Note"), lambda r: r.note, wide=True),
        ),
        plan.capacity,
    )


def failures_table(plan: DeploymentPlan) -> Table:
    """Return what falls silent if one site fails, worst first."""
    return _table(
        "failures",
        msg("If one tower fails"),
        (
            _text("site", msg("Site")),
            _text("name", msg("Name")),
            _number("homes_lost", msg("Homes lost")),
            _word("sites_lost", msg("Towers lost"), lambda r: ", ".join(r.sites_lost), wide=True),
        ),
        plan.failures,
    )


def measurements_table(plan: DeploymentPlan) -> Table:
    """Return the levels to be measured between towers, by the fields that the import of measurements knows."""
    return _table(
        "measurements",
        msg("Levels to be measured"),
        (
            _text("id", msg("Id")),
            _number("latitude", msg("Latitude"), "°", 6),
            _number("longitude", msg("Longitude"), "°", 6),
            _number("freq_mhz", msg("Frequency"), "MHz"),
            _number("level_dbm", msg("Measured level"), "dBm", 1, lambda _: None),
            _text("site", msg("Site that is heard")),
            _number("height_m", msg("Height above ground"), "m", 1),
            _word("date", msg("Date"), lambda _: ""),
            _word("note", msg("Note"), lambda _: ""),
            _number("expected_dbm", msg("Expected level"), "dBm", 1),
        ),
        readings(plan),
    )


def risks_table(plan: DeploymentPlan) -> Table:
    """Return the five risks."""
    return _points("risks", msg("What could go wrong"), plan.risks)


def actions_table(plan: DeploymentPlan) -> Table:
    """Return the five next actions."""
    return _points("actions", msg("What comes next"), plan.actions)


def _points(key: str, title: Message, records: Iterable[Any]) -> Table:
    return _table(
        key,
        title,
        (
            _word("title", msg("What"), lambda r: r.title, wide=True),
            _word("detail", msg("Detail"), lambda r: r.detail, wide=True),
            _text("site", msg("Site")),
            _text("link", msg("Link")),
        ),
        records,
    )


def sources_table(plan: DeploymentPlan) -> Table:
    """Return the data that the plan rests on."""
    return _table(
        "sources",
        msg("Data sources"),
        (
            _word("what", msg("What"), lambda r: r.what),
            _text("name", msg("Source"), wide=True),
            _text("date", msg("Date")),
            _text("licence", msg("Licence"), wide=True),
            _text("said", msg("In detail"), wide=True),
        ),
        plan.meta.sources,
    )

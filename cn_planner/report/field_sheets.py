"""What people take to a place: what is to be looked at and along which lines, and boxes that can be typed back.

The boxes carry the names of the fields that ``cn-planner import`` knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.plan import Status
from cn_planner.report.columns import NUMBER, WORD, heading, record

if TYPE_CHECKING:
    from cn_planner.report.deployment import DeploymentPlan, LinkEnd, LinkRecord, SiteRecord

SITE_FIELDS: tuple[tuple[str, Message], ...] = (
    ("latitude", msg("Latitude, read on site")),
    ("longitude", msg("Longitude, read on site")),
    ("status", msg("Status: agreed, surveyed, built, rejected")),
    ("max_height_m", msg("Highest mast possible here, m")),
    ("owner", msg("Owner, telephone")),
    ("consent", msg("What was agreed, with whom, when")),
    ("power", msg("Power: grid or solar")),
    ("access", msg("The way there, in the rains too")),
    ("hazard", msg("What is dangerous here")),
    ("note", msg("What else was seen")),
)
"""What a survey fills in, by the field of the import of sites."""
WHO_WORDS, WHEN_WORDS = msg("Who looked"), msg("When")
VISIT_WORDS = msg("Visited · refused · wrong position · better place")
FROM_WORDS = msg("Looked from, m")
SITE_LINES = tuple(one for one in SITE_FIELDS if one[0] not in {"latitude", "longitude", "note"})
"""What stands between the lines to look along and the levels, on paper and on the screen "What did you see?"."""
HOME_LINES: tuple[tuple[str, Message], ...] = (("antenna_height_m", msg("Height at which an antenna can stand, m")),)
"""The same of a home."""
MEASUREMENT_FIELDS = ("id", "latitude", "longitude", "freq_mhz", "level_dbm", "site", "height_m", "date", "note")
"""Of the import of measurements, in the order of the sheet."""


@dataclass(frozen=True, slots=True)
class SheetSight:
    """One line to look along from a site, to the other end of a link."""

    towards: str
    """Id of the site."""
    azimuth_deg: float
    azimuth_magnetic_deg: float | None
    distance_m: float
    verdict: str
    tightest_at_m: float | None
    """From this site."""
    clearance_m: float | None


@record
class Reading:
    """A level to be measured at an antenna: what is known before one goes."""

    id: str = heading(msg("Id"))
    latitude: float = heading(msg("Latitude"), NUMBER, "°", 6)
    longitude: float = heading(msg("Longitude"), NUMBER, "°", 6)
    freq_mhz: float = heading(msg("Frequency"), NUMBER, "MHz")
    site: str = heading(msg("Site that is heard"))
    """Id of the site that is heard."""
    height_m: float = heading(msg("Height above ground"), NUMBER, "m", 1)
    expected_dbm: float | None = heading(msg("Expected level"), NUMBER, "dBm", 1)
    level_dbm: None = heading(msg("Measured level"), NUMBER, "dBm", 1, default=None)
    """To be filled in, with the two below."""
    date: str = heading(msg("Date"), WORD, default="")
    note: str = heading(msg("Note"), WORD, default="")


@dataclass(frozen=True, slots=True)
class SurveySheet:
    """The sheet of one site."""

    site: SiteRecord
    looks: tuple[SheetSight, ...]
    readings: tuple[Reading, ...]


def survey_sheets(plan: DeploymentPlan) -> tuple[SurveySheet, ...]:
    """Return a sheet for each site that the plan builds on or that nobody has looked at; none for rejected places."""
    sheets = []
    for site in plan.sites:
        if site.status is Status.REJECTED:
            continue
        ends = [(link, *_ends(link, site.id)) for link in plan.links if site.id in {link.a.site, link.b.site}]
        looks = tuple(_look(link, here, there) for link, here, there in ends)
        readings = tuple(_reading(site, link, here, there) for link, here, there in ends if link.freq_mhz is not None)
        sheets.append(SurveySheet(site, looks, readings))
    return tuple(sheets)


def readings(plan: DeploymentPlan) -> tuple[Reading, ...]:
    """Return every level to be measured between towers."""
    return tuple(reading for sheet in survey_sheets(plan) for reading in sheet.readings)


def _ends(link: LinkRecord, site: str) -> tuple[LinkEnd, LinkEnd]:
    return (link.a, link.b) if link.a.site == site else (link.b, link.a)


def _look(link: LinkRecord, here: LinkEnd, there: LinkEnd) -> SheetSight:
    at = link.clearance_at_m
    if at is not None and here is link.b:
        at = link.distance_m - at
    return SheetSight(
        there.site, here.azimuth_deg, here.azimuth_magnetic_deg, link.distance_m, link.verdict, at, link.clearance_m
    )


def _reading(site: SiteRecord, link: LinkRecord, here: LinkEnd, there: LinkEnd) -> Reading:
    return Reading(
        f"{link.id}-{site.id}", site.latitude, site.longitude, link.freq_mhz or 0.0, there.site, here.height_m,
        here.rsl_dbm,
    )  # fmt: skip

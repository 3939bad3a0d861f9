"""The formats that a plan is written in: the program's own, and those of other packages.

A paper for a reader is an entry of `_OWN` with its ``reader``: data in ``export``, a template in ``resources/report``,
and its key in ``TYPESET``, where a process of its own sets its pages. The window's Share asks for the reader first.

A package of somebody else's has an `ExportFormat` and, in its pyproject.toml, an entry point whose name is its key::

    [project.entry-points."cn_planner.exports"]
    markdown = "their_package.markdown:FORMAT"

The window's Share, ``cn-planner export --formats`` and the library then write it like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from cn_planner.message import msg
from cn_planner.plugins import Door
from cn_planner.report.privacy import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.export.book import LinkDrawings
    from cn_planner.export.pdf import Pages
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.progress import Run
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.terrain.surface import Surface

    Writer: TypeAlias = Callable[["Given", Path], Pages | None]


@dataclass(frozen=True, slots=True)
class Given:
    """What every writer is given beside the place of its file.

    Attributes
    ----------
    plan : DeploymentPlan
        All that is written, computed once: tables, figures and sentences, with homes moved or left out already where
        the files are for the public. A writer computes nothing.
    surface : Surface or None
        The ground behind maps.
    drawn : LinkDrawings
        The drawings of the links, made when they are first asked for.
    base : BaseSheet or None
        Roads, water and names under maps.
    source : Plan or None
        What the copy of the plan file is made of.
    blur_homes_m : float or None
        How far homes are moved.
    run : Run
        A writer that takes long tells how far it is, and looks whether it is to stop.
    formats : frozenset of str
        Keys of what is written with it: no file sends its reader to one that is not there.
    """

    plan: DeploymentPlan
    surface: Surface | None
    drawn: LinkDrawings
    base: BaseSheet | None
    source: Plan | None
    blur_homes_m: float | None
    run: Run
    formats: frozenset[str] = frozenset()


class Audience(StrEnum):
    """For whom a format is, in the order in which the window asks."""

    ASSEMBLY = "assembly"
    DONOR = "donor"
    CREW = "crew"
    KEEPERS = "keepers"
    MACHINES = "machines"


READERS: dict[Audience, Message] = {
    Audience.ASSEMBLY: msg("For the assembly"),
    Audience.DONOR: msg("For a donor or a ministry"),
    Audience.CREW: msg("For those who build"),
    Audience.KEEPERS: msg("For those who keep it running"),
    Audience.MACHINES: msg("For other programs"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """A format that a plan is written in.

    Attributes
    ----------
    key : str
        What it is called on the command line.
    suffix : str
        What stands after the plan's name: ``.md``, ``-notes.txt``. No two formats have the same.
    words : Message
        What it is called in the window: "Tables to count with (Excel)".
    write : callable
        From a `Given` and a path to the file there. All files are made aside and put in their places together: what
        fails leaves nothing half written.
    folder : bool
        Whether it is a folder of files: the path is then that of an empty one.
    by_name : bool
        Whether it is written only where it is asked for by name.
    reader : Audience
        For whom it is.
    """

    key: str
    suffix: str
    words: Message
    write: Writer
    folder: bool = False
    by_name: bool = False
    reader: Audience = Audience.MACHINES


def _pdf(given: Given, folder: Path) -> Pages | None:
    from cn_planner.export.pdf import plan_pages

    return plan_pages(
        given.plan,
        given.surface,
        folder,
        drawn=given.drawn,
        base=given.base,
        spreadsheet="xlsx" in given.formats,
        link_pages="network" not in given.formats,
        run=given.run,
    )


def _tables(given: Given, folder: Path) -> Pages | None:
    from cn_planner.export.pdf import tables_pages

    return tables_pages(given.plan, folder)


def _cards(given: Given, folder: Path) -> Pages | None:
    from cn_planner.export.pdf import cards_pages

    return cards_pages(given.plan, folder)


def _assembly(given: Given, folder: Path) -> Pages | None:
    from cn_planner.export.reader_papers import assembly_pages

    return assembly_pages(given.plan, given.surface, folder, base=given.base, run=given.run)


def _proposal(given: Given, folder: Path) -> Pages | None:
    from cn_planner.export.reader_papers import proposal_pages

    return proposal_pages(given.plan, given.surface, folder, base=given.base, run=given.run)


def _network(given: Given, folder: Path) -> Pages | None:
    from cn_planner.export.network_book import network_pages

    told = (Audience.CREW, Audience.KEEPERS, Audience.MACHINES)
    beside = {
        key: (one.suffix, one.words)
        for key, one in FORMATS.all().items()
        if key in given.formats and key != "network" and one.reader in told and not one.by_name
    }
    return network_pages(
        given.plan,
        given.surface,
        folder,
        drawn=given.drawn,
        base=given.base,
        beside=beside,
        run=given.run,
    )


def _towers(given: Given, folder: Path) -> Pages | None:
    from cn_planner.export.pdf import towers_pages

    return towers_pages(given.plan, folder)


def _html(given: Given, path: Path) -> None:
    from cn_planner.export.page import write_page

    write_page(
        given.plan,
        given.surface,
        path,
        drawn=given.drawn,
        base=given.base,
        run=given.run,
    )


def _of_plan(module: str, name: str) -> Writer:
    """Return a writer that wants the plan alone; its module loads when it writes."""

    def write(given: Given, path: Path) -> None:
        getattr(import_module(f"cn_planner.export.{module}"), name)(given.plan, path)

    return write


def _plan(given: Given, path: Path) -> None:
    from cn_planner.storage.plan_file import PlanFile

    if given.source is not None:
        PlanFile.create(path, redacted(given.source, given.blur_homes_m)).close()


_OWN = (
    ExportFormat(
        key="assembly",
        suffix="-assembly.pdf",
        words=msg("Two pages to vote by (PDF)"),
        write=_assembly,
        reader=Audience.ASSEMBLY,
    ),
    ExportFormat(
        key="proposal",
        suffix="-proposal.pdf",
        words=msg("Proposal with budget, phases and risks (PDF)"),
        write=_proposal,
        reader=Audience.DONOR,
    ),
    ExportFormat(
        key="network",
        suffix="-network.pdf",
        words=msg("Network book for those who run it (PDF)"),
        write=_network,
        reader=Audience.KEEPERS,
    ),
    ExportFormat(
        key="pdf",
        suffix=".pdf",
        words=msg("Report to read and print, with field sheets (PDF)"),
        write=_pdf,
        reader=Audience.KEEPERS,
    ),
    ExportFormat(
        key="tables",
        suffix="-tables.pdf",
        words=msg("Its long tables, where there are any (PDF)"),
        write=_tables,
        reader=Audience.KEEPERS,
    ),
    ExportFormat(
        key="cards",
        suffix="-cards.pdf",
        words=msg("Cards to point the antennas by (PDF, A5)"),
        write=_cards,
        reader=Audience.CREW,
    ),
    ExportFormat(
        key="towers",
        suffix="-towers.pdf",
        words=msg("Tower packs for those who climb (PDF)"),
        write=_towers,
        reader=Audience.CREW,
    ),
    ExportFormat(
        key="html",
        suffix=".html",
        words=msg("The report on a telephone, without a network (HTML)"),
        write=_html,
        reader=Audience.KEEPERS,
    ),
    ExportFormat(
        key="xlsx",
        suffix=".xlsx",
        words=msg("Tables to count with (Excel)"),
        write=_of_plan("xlsx", "write_xlsx"),
        reader=Audience.KEEPERS,
    ),
    ExportFormat(
        key="kmz",
        suffix=".kmz",
        words=msg("Map for Google Earth and phones (KMZ)"),
        write=_of_plan("kmz", "write_kmz"),
        reader=Audience.CREW,
    ),
    ExportFormat(
        key="geojson",
        suffix=".geojson",
        words=msg("Map for web pages (GeoJSON)"),
        write=_of_plan("geojson", "write_geojson"),
    ),
    ExportFormat(key="gpx", suffix=".gpx", words=msg("Waypoints for a GPS (GPX)"), write=_of_plan("gpx", "write_gpx")),
    ExportFormat(
        key="csv", suffix="-csv", words=msg("Plain tables (CSV)"), write=_of_plan("csv_files", "write_csv"), folder=True
    ),
    ExportFormat(
        key="gpkg", suffix=".gpkg", words=msg("Layers for QGIS (GeoPackage)"), write=_of_plan("gpkg", "write_gpkg")
    ),
    ExportFormat(
        key="geotiff",
        suffix="-coverage.tif",
        words=msg("Coverage for map programs (GeoTIFF)"),
        write=_of_plan("geotiff", "write_reach"),
    ),
    ExportFormat(
        key="linkplanner",
        suffix="-linkplanner.csv",
        words=msg("Sites for LINKPlanner (CSV)"),
        write=_of_plan("linkplanner", "write_linkplanner"),
    ),
    ExportFormat(
        key="xlsform",
        suffix="-survey.xlsx",
        words=msg("Survey form for phones: ODK, Kobo (XLSForm)"),
        reader=Audience.CREW,
        write=_of_plan("xlsform", "write_xlsform"),
        by_name=True,
    ),
    ExportFormat(
        key="qfield",
        suffix="-qfield.gpkg",
        words=msg("Survey for QField, with its forms (GeoPackage)"),
        reader=Audience.CREW,
        write=_of_plan("qfield", "write_qfield"),
        by_name=True,
    ),
    ExportFormat(
        key="plan",
        suffix="-public.cnplan.gpkg",
        words=msg("The plan without owners, notes and homes, to give away"),
        write=_plan,
        by_name=True,
    ),
    ExportFormat(
        key="settings",
        suffix="-settings",
        words=msg("Draft settings of routers and radios (OpenWrt, LibreMesh, RouterOS)"),
        reader=Audience.CREW,
        write=_of_plan("router_drafts", "write_settings"),
        folder=True,
    ),
)


def _unfit(one: ExportFormat, others: Mapping[str, ExportFormat]) -> Message | None:
    if one.suffix.lower() in {other.suffix for other in (*_OWN, *others.values())}:
        return msg("files that end in {suffix} are written already", suffix=one.suffix)
    return None


FORMATS: Door[ExportFormat] = Door(
    "cn_planner.exports", "cn_planner.export.formats:ExportFormat", {one.key: one for one in _OWN}, _unfit
)
"""``csv`` is a folder with one file a table, ``settings`` one with a draft a device, ``plan`` the redacted copy."""
PLAN = "plan"
MANY_FILES = ("settings",)
"""What is some thousand small files: they are written while the others are worked out."""
BESIDE = ("gpkg", "qfield", "geotiff")
"""What GDAL writes, in processes of its own: before the pages of large documents, so that these stand beside none."""
SMALL = ("cards",)
"""What sets its pages in so little memory that these stand beside what GDAL writes: they come first of all."""
TYPESET = (*SMALL, "tables", "towers", "assembly", "proposal", "network", "pdf")
"""What a process of its own sets, the report last. Their writers are given a folder for what it needs, and return
the pages."""
WITH = {"pdf": ("tables",)}
"""What is written along: the report leaves large tables to its second volume, where there are any."""

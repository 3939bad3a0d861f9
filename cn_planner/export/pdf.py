"""The deployment plan as a PDF, set by typst from data: tagged, the same bytes for the same plan and date."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cn_planner import paths
from cn_planner.drawing.map_sheet import frame_of, map_sheet
from cn_planner.drawing.palette import Theme
from cn_planner.drawing.plan_views import map_content
from cn_planner.drawing.svg import FONT_FAMILIES, svg
from cn_planner.export import pdf_data
from cn_planner.export.book import MAP_WIDTH, chapters, long_tables
from cn_planner.export.book_fields import cards
from cn_planner.export.letters import missing_letters, unprinted
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.pdf_pack import packed
from cn_planner.export.tower_pages import tower_pages
from cn_planner.export.two_ways import all_apart
from cn_planner.export.typeset import typeset
from cn_planner.gis.worker import end_idle
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run

if TYPE_CHECKING:
    import datetime as dt

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.drawing.display import DisplayList
    from cn_planner.drawing.map_content import SheetContent
    from cn_planner.export.book import LinkDrawings
    from cn_planner.progress import CancelToken
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.terrain.surface import Surface

_FONT_PACKAGES = (
    ("fontpkg_noto_sans", "files"),
    ("fontpkg_noto_sans_arabic", "files"),
    ("fontpkg_noto_sans_devanagari", "files"),
    ("justmytype_intl_africa", "fonts"),
)
_FIRST_HEIGHTS = (340.0, 260.0, 225.0, 190.0, 150.0)
"""Page one takes the tallest map for which its words leave room."""
_BESIDE_WIDTH, _BESIDE_HEIGHTS = 290.0, (440.0, 400.0, 360.0, 320.0, 280.0)
"""Of a network from north to south: what could go wrong, and what comes next, stand beside it."""
_LARGER = 1.25


def font_folders() -> tuple[Path, ...]:
    """Return the folders of the fonts that come as dependencies: Latin, Arabic, Devanagari, Ethiopic."""
    return tuple(Path(str(files(package))) / folder for package, folder in _FONT_PACKAGES)


class DrawingSheet:
    """Writes drawings beside the data, in a folder that typst may read and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def add(self, display: DisplayList) -> dict[str, Any]:
        """Write a drawing and return what the template needs to place it."""
        self.count += 1
        name = f"drawing-{self.count}.svg"
        (self.folder / name).write_text(svg(display, Theme.PRINT, with_text=False), encoding="utf-8", newline="\n")
        return pdf_data.drawing(name, display)


@dataclass(frozen=True, slots=True)
class Pages:
    """A document that is ready to be set: a folder holds its template, its data and its drawings."""

    folder: Path
    template: str
    day: dt.date

    def document(self, cancel: CancelToken | None = None, *, beside: bool = False) -> bytes:
        """Return the bytes of the PDF: a process of its own sets it, in place of those that wait for files to read.

        ``beside``: these stay, for a small document. Raises PlannerError where typst cannot set it.
        """
        if not beside:
            end_idle()
        return packed(typeset(self.folder, self.template, self.day, font_folders(), cancel))


def plan_pages(
    plan: DeploymentPlan,
    surface: Surface | None,
    folder: Path,
    *,
    drawn: LinkDrawings | None = None,
    base: BaseSheet | None = None,
    spreadsheet: bool = True,
    link_pages: bool = True,
    run: Run = ALONE,
) -> Pages:
    """Make the deployment plan ready to be set.

    Parameters
    ----------
    plan : DeploymentPlan
        What is printed; its date is the document's date.
    surface : Surface or None
        The ground, for relief and profiles. None: maps are grey and there are no profiles.
    folder : Path
        Empty; it is read when the document is set.
    drawn : LinkDrawings, optional
        The drawings of the links, where other formats show them too.
    base : BaseSheet, optional
        Roads, water and names under the maps.
    spreadsheet : bool
        Whether there is one, to which readers are sent for large tables.
    link_pages : bool
        Whether each link has a page of its own; else a sentence says that the network book has them.

    Raises
    ------
    InputError
        Where the plan's date is not a date.
    """
    tongue = Tongue.of(plan.meta.language)
    pdf_data.day_of(plan.meta.date)  # said before the work is done
    sheet = DrawingSheet(folder)
    run.progress(0.0, msg("Drawing maps"))
    shown = map_content(plan)
    width, heights = _first_sizes(shown)
    first_maps = [
        sheet.add(map_sheet(shown, surface, width=width, height=tall, language=plan.meta.language, base=base))
        for tall in heights
    ]
    run.check()
    later = run.part(0.3, 1.0)
    written = chapters(
        plan, surface, sheet, tongue, drawn=drawn, base=base, spreadsheet=spreadsheet, link_pages=link_pages, run=later
    )
    text = json.dumps([plan.meta.plan, first_maps, written], ensure_ascii=False)
    told = replace(plan, missing=(*missing_letters(unprinted(text, font_folders())), *plan.missing))
    page_one = pdf_data.first_page(told, tongue)
    data = {
        "first": page_one,
        "first-maps": first_maps,
        "map-beside": width < MAP_WIDTH,
        "missing": page_one["missing"],
        "chapters": written,
        "sites": pdf_data.index_of_sites(plan),
    }
    return pages_of(folder, "report.typ", plan, tongue, data)


def _first_sizes(shown: SheetContent) -> tuple[float, tuple[float, ...]]:
    """Return width and heights of the map of page one: beside the words where the network is drawn larger there."""
    wide, beside = frame_of(shown, MAP_WIDTH, _FIRST_HEIGHTS[1]), frame_of(shown, _BESIDE_WIDTH, _BESIDE_HEIGHTS[1])
    if wide is None or beside is None:
        return MAP_WIDTH, _FIRST_HEIGHTS[-1:]
    if wide.m_per_point < _LARGER * beside.m_per_point:
        return MAP_WIDTH, _FIRST_HEIGHTS
    return _BESIDE_WIDTH, _BESIDE_HEIGHTS


def cards_pages(plan: DeploymentPlan, folder: Path) -> Pages:
    """Make the alignment cards ready to be set: A5, black on white, one a page."""
    tongue = Tongue.of(plan.meta.language)
    written = [one | {"letters": _not_printed([plan.meta.plan, one], tongue)} for one in cards(plan, tongue)]
    return pages_of(folder, "cards.typ", plan, tongue, {"cards": written})


def towers_pages(plan: DeploymentPlan, folder: Path) -> Pages:
    """Make the packs of the towers ready to be set: A4, four pages a tower, three in public."""
    tongue = Tongue.of(plan.meta.language)
    written = tower_pages(plan, DrawingSheet(folder), tongue)
    said = {
        "kind": tongue.say(msg("Tower packs")),
        "packs": written,
        "letters": _not_printed([plan.meta.plan, written], tongue),
    }
    none = tongue.say(msg("There is no tower in this plan yet."))
    return pages_of(folder, "towers.typ", plan, tongue, said | {"none": none})


def tables_pages(plan: DeploymentPlan, folder: Path) -> Pages | None:
    """Make the volume of the tables that are too long for the plan itself ready to be set; None without any."""
    tongue = Tongue.of(plan.meta.language)
    found = long_tables(plan, tongue)
    if not found:
        return None
    data = {"tables": found, "letters": _not_printed([plan.meta.plan, found], tongue)}
    return pages_of(folder, "tables.typ", plan, tongue, data)


def _not_printed(printed: list[Any], tongue: Tongue) -> str:
    """Return what is said where names hold letters that no font has; empty where they hold none."""
    letters = unprinted(json.dumps(printed, ensure_ascii=False), font_folders())
    return " ".join(tongue.say(one.what) for one in missing_letters(letters))


def pages_of(folder: Path, template: str, plan: DeploymentPlan, tongue: Tongue, data: dict[str, Any]) -> Pages:
    """Put the data of a document, and what every document needs to know, beside its template."""
    day = pdf_data.day_of(plan.meta.date)
    whole = {
        "fonts": list(FONT_FAMILIES),
        "lang": tongue.code.split("-", maxsplit=1)[0].lower() or "en",
        "dir": tongue.direction,
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "words": pdf_data.words(plan, tongue),
        **data,
    }
    shown = all_apart(whole, from_right=tongue.direction == "rtl")
    (folder / "data.json").write_text(json.dumps(shown, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    for one in sorted((paths.resources() / "report").glob("*.typ")):
        shutil.copyfile(one, folder / one.name)
    return Pages(folder, template, day)

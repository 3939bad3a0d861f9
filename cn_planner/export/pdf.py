"""The deployment plan as a PDF, set by typst from data: tagged, the same bytes for the same plan and date."""

from __future__ import annotations

import json
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cn_planner import paths
from cn_planner.drawing.map_sheet import map_sheet
from cn_planner.drawing.palette import Theme
from cn_planner.drawing.plan_views import map_content
from cn_planner.drawing.svg import FAMILIES, svg
from cn_planner.export import pdf_data
from cn_planner.export.book import MAP_WIDTH, chapters, long_tables
from cn_planner.export.book_fields import cards
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.pdf_pack import packed
from cn_planner.export.typeset import typeset
from cn_planner.message import msg
from cn_planner.progress import part, silent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.drawing.display import DisplayList
    from cn_planner.model.plan import Obstacle
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.terrain.surface import Surface

_FONT_PACKAGES = (
    ("fontpkg_noto_sans", "files"),
    ("fontpkg_noto_sans_arabic", "files"),
    ("fontpkg_noto_sans_devanagari", "files"),
    ("justmytype_intl_africa", "fonts"),
)
_FIRST_HEIGHTS = (340.0, 260.0, 150.0)
"""Page one takes the tallest map for which its words leave room."""


def font_folders() -> tuple[Path, ...]:
    """Return the folders of the fonts that come as dependencies: Latin, Arabic, Devanagari, Ethiopic."""
    return tuple(Path(str(files(package))) / folder for package, folder in _FONT_PACKAGES)


class _Sheet:
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


def render_pdf(
    plan: DeploymentPlan,
    surface: Surface | None = None,
    *,
    obstacles: Iterable[Obstacle] = (),
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> bytes:
    """Return the deployment plan as the bytes of a PDF.

    Parameters
    ----------
    plan : DeploymentPlan
        What is printed; its date is the document's date.
    surface : Surface or None
        The ground, for relief and profiles. None: maps are grey and there are no profiles.
    obstacles : iterable of Obstacle
        Trees and buildings seen on site, for the profiles.
    progress, cancel
        As everywhere.

    Raises
    ------
    InputError
        Where the plan's date is not a date.
    PlannerError
        Where typst cannot set the document.
    """
    tongue = Tongue.of(plan.meta.language)
    pdf_data.day_of(plan.meta.date)  # said before the work is done
    with tempfile.TemporaryDirectory(prefix="cn-planner-") as name:
        root = Path(name)
        sheet = _Sheet(root)
        progress(0.0, msg("Drawing maps"))
        shown = map_content(plan)
        first_maps = [
            sheet.add(map_sheet(shown, surface, width=MAP_WIDTH, height=tall, language=plan.meta.language))
            for tall in (_FIRST_HEIGHTS if shown.towers or shown.homes else _FIRST_HEIGHTS[-1:])
        ]
        if cancel is not None:
            cancel.check()
        written = chapters(
            plan, surface, sheet, tongue, obstacles=obstacles, progress=part(progress, 0.2, 0.6), cancel=cancel
        )
        progress(0.6, msg("Setting the pages"))
        page_one = pdf_data.first_page(plan, tongue)
        data = {
            "first": page_one,
            "first-maps": first_maps,
            "missing": page_one["missing"],
            "chapters": written,
            "sites": pdf_data.index_of_sites(plan),
        }
        document = _set(root, "report.typ", plan, tongue, data, cancel)
    progress(1.0)
    return document


def render_cards(plan: DeploymentPlan, *, cancel: CancelToken | None = None) -> bytes:
    """Return the alignment cards as the bytes of a PDF: A5, black on white, one a page.

    Raises
    ------
    InputError, PlannerError
        As `render_pdf`.
    """
    tongue = Tongue.of(plan.meta.language)
    with tempfile.TemporaryDirectory(prefix="cn-planner-") as name:
        return _set(Path(name), "cards.typ", plan, tongue, {"cards": cards(plan, tongue)}, cancel)


def render_tables(plan: DeploymentPlan, *, cancel: CancelToken | None = None) -> bytes | None:
    """Return the volume of the tables that are too long for the plan itself, as the bytes of a PDF; None without any.

    Raises
    ------
    InputError, PlannerError
        As `render_pdf`.
    """
    tongue = Tongue.of(plan.meta.language)
    found = long_tables(plan, tongue)
    if not found:
        return None
    with tempfile.TemporaryDirectory(prefix="cn-planner-") as name:
        return _set(Path(name), "tables.typ", plan, tongue, {"tables": found}, cancel)


def _set(
    root: Path, template: str, plan: DeploymentPlan, tongue: Tongue, data: dict[str, Any], cancel: CancelToken | None
) -> bytes:
    """Set a document from its data and what every document needs to know."""
    day = pdf_data.day_of(plan.meta.date)
    whole = {
        "fonts": list(FAMILIES),
        "lang": tongue.code.split("-", maxsplit=1)[0].lower() or "en",
        "dir": tongue.direction,
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "words": pdf_data.words(plan, tongue),
        **data,
    }
    (root / "data.json").write_text(json.dumps(whole, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    for one in sorted((paths.resources() / "report").glob("*.typ")):
        shutil.copyfile(one, root / one.name)
    if cancel is not None:
        cancel.check()
    return packed(typeset(root, template, day, font_folders(), cancel))


def write_pdf(
    plan: DeploymentPlan,
    surface: Surface | None,
    path: Path,
    *,
    obstacles: Iterable[Obstacle] = (),
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> None:
    """Write the deployment plan as a PDF to a path; see `render_pdf`."""
    path.write_bytes(render_pdf(plan, surface, obstacles=obstacles, progress=progress, cancel=cancel))

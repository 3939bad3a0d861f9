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
from cn_planner.drawing.plan_views import link_profile, map_content
from cn_planner.drawing.profile_chart import profile_chart
from cn_planner.drawing.svg import FAMILIES, svg
from cn_planner.export import pdf_data
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.typeset import typeset
from cn_planner.message import msg
from cn_planner.progress import part, silent
from cn_planner.report import tables, words

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
_MOST_PROFILES = 60
"""Printed profiles; the weakest links come first, the table holds all."""
_MAP_WIDTH = 519.0
_FIRST_HEIGHTS = (340.0, 305.0, 270.0, 220.0, 150.0)
"""Page one takes the tallest map for which its words leave room."""
_TALL = 610.0
# What page one, or the contents page, says already.
_NOT_PRINTED = frozenset({"missing", "risks", "actions"})


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


def _maps(plan: DeploymentPlan, surface: Surface | None, sheet: _Sheet, tongue: Tongue) -> list[dict[str, Any]]:
    language = plan.meta.language
    if not plan.sites and not plan.homes:
        return []
    whole = map_sheet(map_content(plan, candidates=True), surface, width=_MAP_WIDTH, height=_TALL, language=language)
    out = [{"title": tongue.say(msg("Homes, towers and links")), "drawing": sheet.add(whole)}]
    if plan.links:
        content = map_content(plan, homes=False, areas=False, lengths=True)
        backhaul = map_sheet(content, surface, width=_MAP_WIDTH, height=_TALL, language=language)
        out.append({"title": tongue.say(msg("Towers and links")), "drawing": sheet.add(backhaul)})
    return out


def _profiles(
    plan: DeploymentPlan,
    surface: Surface,
    obstacles: tuple[Obstacle, ...],
    sheet: _Sheet,
    tongue: Tongue,
    progress: Progress,
    cancel: CancelToken | None,
) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for number, link in enumerate(plan.links[:_MOST_PROFILES]):
        if cancel is not None:
            cancel.check()
        progress(number / len(plan.links), msg("Drawing profiles"))
        content = link_profile(plan, link, surface, obstacles)
        if content is None:
            continue
        chart = profile_chart(content, width=_MAP_WIDTH, height=166.0, language=plan.meta.language)
        out.append(
            {
                "title": pdf_data.breakable(pdf_data.printable(f"{content.start} – {content.end}"), 500.0, 12.0),
                "kind": link.verdict,
                "verdict": tongue.say(words.VERDICTS[link.verdict]),
                "drawing": sheet.add(chart),
                "facts": pdf_data.link_facts(plan, number, tongue),
            }
        )
    return out


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
    day = pdf_data.day_of(plan.meta.date)
    with tempfile.TemporaryDirectory(prefix="cn-planner-") as name:
        root = Path(name)
        sheet = _Sheet(root)
        progress(0.0, msg("Drawing maps"))
        shown = map_content(plan)
        first_maps = [
            sheet.add(map_sheet(shown, surface, width=_MAP_WIDTH, height=tall, language=plan.meta.language))
            for tall in (_FIRST_HEIGHTS if shown.towers or shown.homes else _FIRST_HEIGHTS[-1:])
        ]
        if cancel is not None:
            cancel.check()
        maps = _maps(plan, surface, sheet, tongue)
        profiles: list[dict[str, Any]] = []
        if surface is not None:
            profiles = _profiles(plan, surface, tuple(obstacles), sheet, tongue, part(progress, 0.3, 0.6), cancel)
        progress(0.6, msg("Setting the pages"))
        page_one = pdf_data.first_page(plan, tongue)
        data = {
            "fonts": list(FAMILIES),
            "lang": tongue.code.split("-", maxsplit=1)[0].lower() or "en",
            "dir": tongue.direction,
            "year": day.year,
            "month": day.month,
            "day": day.day,
            "words": pdf_data.words(plan, tongue),
            "first": page_one,
            "first-maps": first_maps,
            "missing": page_one["missing"],
            "maps": maps,
            "profiles": profiles,
            "tables": [
                one for t in tables.tables(plan) if t.key not in _NOT_PRINTED for one in pdf_data.table(t, tongue)
            ],
        }
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        for template in sorted((paths.resources() / "report").glob("*.typ")):
            shutil.copyfile(template, root / template.name)
        if cancel is not None:
            cancel.check()
        document = typeset(root, day, font_folders(), cancel)
    progress(1.0)
    return document


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

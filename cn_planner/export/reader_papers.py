"""The papers for readers made ready to be set: for the assembly, for donors and ministries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.drawing.map_far import without_far
from cn_planner.drawing.map_sheet import map_sheet
from cn_planner.drawing.plan_views import map_content
from cn_planner.export.assembly import assembly_data
from cn_planner.export.paper_words import Paper
from cn_planner.export.pdf import DrawingSheet, pages_of
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.proposal import proposal_data
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.export.pdf import Pages
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.terrain.surface import Surface

_WIDTH = 343.0
_HEIGHTS = (345.0, 300.0, 250.0, 200.0)
"""The map of page one, points: the tallest for which the words leave room."""
_WHOLE_WIDTH, _MAP_HEIGHT, _NO_MAP_HEIGHT = 519.0, 400.0, 60.0


def assembly_pages(
    plan: DeploymentPlan,
    surface: Surface | None,
    folder: Path,
    *,
    base: BaseSheet | None = None,
    tongue: Tongue | None = None,
    run: Run = ALONE,
) -> Pages:
    """Make the paper for the assembly ready to be set: two pages, in the plan's language where none is given.

    Parameters
    ----------
    plan : DeploymentPlan
        What is voted on.
    surface : Surface or None
        The ground behind the map.
    folder : Path
        Empty; it is read when the document is set.
    base : BaseSheet, optional
        Roads, water and names under the map.
    """
    tongue = tongue or Tongue.of(plan.meta.language)
    sheet = DrawingSheet(folder)
    run.progress(0.0, msg("Drawing maps"))
    shown = without_far(map_content(plan, hamlets=True), tongue.say)
    maps = [
        sheet.add(map_sheet(shown, surface, width=_WIDTH, height=tall, language=plan.meta.language, base=base))
        for tall in _HEIGHTS
    ]
    run.check()
    data = {**assembly_data(Paper(plan, tongue)), "maps": maps}
    return pages_of(folder, "assembly.typ", plan, tongue, data)


def proposal_pages(
    plan: DeploymentPlan,
    surface: Surface | None,
    folder: Path,
    *,
    base: BaseSheet | None = None,
    tongue: Tongue | None = None,
    run: Run = ALONE,
) -> Pages:
    """Make the proposal ready to be set: at most fifteen pages. Parameters as of `assembly_pages`."""
    tongue = tongue or Tongue.of(plan.meta.language)
    run.progress(0.0, msg("Drawing maps"))
    shown = without_far(map_content(plan, hamlets=True), tongue.say)
    tall = _MAP_HEIGHT if shown.towers or shown.homes else _NO_MAP_HEIGHT
    sheet = map_sheet(shown, surface, width=_WHOLE_WIDTH, height=tall, language=plan.meta.language, base=base)
    run.check()
    data = {**proposal_data(Paper(plan, tongue)), "map-drawing": DrawingSheet(folder).add(sheet)}
    return pages_of(folder, "proposal.typ", plan, tongue, data)

"""Where roof antennas work, as a GeoTIFF: how many towers serve each place. It says its sources and its caution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.export.text import about_lines, attribution, cell_text, xml_safe
from cn_planner.geo import WGS84
from cn_planner.gis.raster_write import BandNote, FileNote, write_geotiff
from cn_planner.message import msg
from cn_planner.report.reach import reach_counts

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

TITLE = msg("How many towers serve a roof antenna here")
_NOWHERE = (0.001, 0.0, 0.0, 0.0, -0.001, 0.0)


def write_reach(plan: DeploymentPlan, path: Path) -> None:
    """Write the map; where no outline is known it is one cell without an answer."""
    found = reach_counts(plan)
    counts, place = (np.full((1, 1), 255, np.uint8), _NOWHERE) if found is None else found
    language = plan.meta.language
    tags = {
        f"ABOUT_{number:02d}": f"{label}: {text}" for number, (label, text) in enumerate(about_lines(plan), start=1)
    }
    note = FileNote(
        xml_safe(f"{plan.meta.plan}: {cell_text(TITLE, language)}").replace("\n", " "), attribution(plan), tags
    )
    write_geotiff(path, counts, WGS84, place, 255, notes=(BandNote(cell_text(TITLE, language)),), note=note)

"""The sample valley, opened: made where it is not there yet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.area.sample import make_sample
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.session.project import SUFFIX, Project

if TYPE_CHECKING:
    from pathlib import Path


_NAME = "sample-valley"


def open_sample(folder: Path, *, language: str = "en", run: Run = ALONE) -> Project:
    """Open the sample valley of a folder; where there is none it is made: homes and places, no network yet.

    What is printed of a valley that is made is in the language given.

    Raises
    ------
    FileError
        Where it cannot be written or read.
    """
    plan_path, ground = folder / f"{_NAME}{SUFFIX}", folder / f"{_NAME}-terrain.tif"
    if plan_path.exists():
        return Project.open(plan_path)
    folder.mkdir(parents=True, exist_ok=True)
    run.progress(0.0, msg("Making the sample valley"))
    valley = make_sample()
    run.check()
    run.progress(0.5)
    write_geotiff(ground, valley.elevation_m, valley.crs, valley.transform, nodata=float("nan"))
    plan = replace(valley.plan, info=replace(valley.plan.info, language=language))
    project = Project.create(plan_path, plan)
    project.add_terrain([ground])
    return project

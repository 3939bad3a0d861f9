"""The sample valley, all the way from nothing to the files that the village builds from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.area.sample import make_sample
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.session.project import SUFFIX, Project

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.planning.result import Design

_NAME = "sample-valley"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo made. ``paths`` holds the plan file, its terrain and every export; ``pdf`` is the one to read."""

    design: Design
    currency: str
    pdf: Path
    paths: tuple[Path, ...]


def make_demo(folder: Path, *, date: str, run: Run = ALONE) -> Demo:
    """Make the sample plan in a folder, compute everything, write every export beside it.

    An earlier demo in the folder is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run.progress(0.0, msg("Making the sample valley"))
    valley = make_sample()
    ground, plan_path = folder / f"{_NAME}-terrain.tif", folder / f"{_NAME}{SUFFIX}"
    write_geotiff(ground, valley.elevation_m, valley.crs, valley.transform, nodata=float("nan"))
    plan_path.unlink(missing_ok=True)
    with Project.create(plan_path, valley.plan) as project:
        project.add_terrain([ground])
        run.progress(0.05, msg("Choosing sites, masts and links"))
        design = project.make_plan(run=run.part(0.05, 0.6))
        run.progress(0.6, msg("Writing the files"))
        written = project.export(folder, date=date, run=run.part(0.6, 1.0))
        currency = project.plan.info.currency
    # The papers for one reader say behind the name for whom they are.
    pdf = min((path for path in written if path.suffix == ".pdf"), key=lambda path: len(path.name))
    return Demo(design, currency, pdf, (plan_path, ground, *written))

"""``cn-planner base-map``: what the map in the window is drawn from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, tell
from cn_planner.cli.options import PlanPath
from cn_planner.message import msg


@as_command("base-map")
def _base_map(
    plan: PlanPath,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="OSM extract, pack, MBTiles, PMTiles, GeoTIFF; none: no map."),
    ] = None,
) -> None:
    """Show roads, rivers, forests and names under the plan, or pictures in tiles; all from a file."""
    from cn_planner.session.base_map import use_base_map

    with opened(plan) as project:
        edit = use_base_map(project.plan, plan, file)
        project.apply(edit)
        tell(msg("Done: {edit}.", edit=edit.label))

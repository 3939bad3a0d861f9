"""``cn-planner terrain``: add elevation files to a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import opened, tell
from cn_planner.cli.options import PlanPath
from cn_planner.message import msg


def terrain(
    plan: PlanPath,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=".hgt, .hgt.zip, .hgt.gz or GeoTIFF.")],
) -> None:
    """Add elevation files."""
    with opened(plan) as project:
        for row in project.add_terrain(files):
            tell(msg("{file}: {source}, cells of {cell:.0f} m.", file=row.id, source=row.source, cell=row.cell_m))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("terrain")(terrain)

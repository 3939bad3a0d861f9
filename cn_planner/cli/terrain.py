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
        rows = project.add_terrain(files)
        if not rows:  # as in a plan that came from somebody else
            tell(msg("The plan has these files already. They are known on this machine now."))
        for row in rows:
            tell(msg("{file}: {source}, cells of {cell:.0f} m.", file=row.id, source=row.source, cell=row.cell_m))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("terrain")(terrain)

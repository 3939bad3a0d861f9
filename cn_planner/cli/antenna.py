"""``cn-planner antenna``: give an antenna of the shelf the pattern that was measured of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, tell
from cn_planner.cli.options import PlanPath
from cn_planner.message import msg


@as_command("antenna")
def _antenna(
    plan: PlanPath,
    name: Annotated[str | None, typer.Argument(metavar="ANTENNA", help="By its id; without it all are listed.")] = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Maker's pattern: .msi, .ant, .az, .el or columns.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the pattern away again.")] = False,
) -> None:
    """Give an antenna a measured pattern from a maker's file, which then counts in links, coverage and plans."""
    if name is not None and (file is None) != remove:
        raise typer.BadParameter("give a FILE, or --remove")
    from cn_planner.session.antenna_pattern import pattern_preview, without_pattern

    with opened(plan) as project:
        catalogue = project.catalogue
        if name is None:
            for key, one in sorted(catalogue.antennas.items()):
                show(f"{key}: {one.name}, {one.gain_dbi:g} dBi{', measured' if one.pattern is not None else ''}")
            return
        if file is None:
            edit = without_pattern(project.plan, name)
        else:
            found = pattern_preview(project.plan, catalogue, name, file)
            edit = found.edit
            for warning in found.warnings:
                tell(warning)
        project.apply(edit)
        tell(msg("Done: {edit}.", edit=edit.label))

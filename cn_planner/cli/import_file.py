"""``cn-planner import``: bring in sites, homes or measurements from a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import opened, tell, words_of, working
from cn_planner.cli.options import PlanPath
from cn_planner.message import msg


class Kind(StrEnum):
    """What a file holds."""

    SITES = "sites"
    HOUSEHOLDS = "households"
    MEASUREMENTS = "measurements"


def import_file(
    plan: PlanPath,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or GeoJSON.")],
    kind: Annotated[Kind, typer.Option("--as", help="What the file holds.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds a field.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used, and import the rest.")
    ] = False,
) -> None:
    """Import sites, homes or measurements."""
    columns = {}
    for pair in mapping or []:
        field, equals, column = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"{pair!r} is not FIELD=COLUMN")
        columns[field.strip()] = column.strip()
    with opened(plan) as project, working() as (progress, cancel):
        result = project.import_file(file, kind.value, columns, skip_bad=skip_bad, progress=progress, cancel=cancel)
        for note in result.warnings:
            tell(note)
        for row in result.left_out:
            tell(words_of(row))
        tell(msg("Done: {edit}.", edit=result.edit.label))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_file)

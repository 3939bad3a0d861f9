"""``cn-planner undo``, ``redo`` and ``remove``: take back what was done, and take out what should not be there."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, tell
from cn_planner.cli.options import PlanPath
from cn_planner.message import msg


class _Table(StrEnum):
    """What can be removed."""

    SITES = "sites"
    HOUSEHOLDS = "households"
    LINKS = "links"
    ZONES = "zones"
    OBSTACLES = "obstacles"
    TERRAIN = "terrain"
    MEASUREMENTS = "measurements"
    NOTES = "notes"
    PLACES = "places"


@as_command("undo")
def _undo(plan: PlanPath) -> None:
    """Take back the last edit."""
    with opened(plan) as project:
        label = project.undo_label
        project.undo()
        if label is not None:
            tell(msg("Undone: {edit}.", edit=label))


@as_command("redo")
def _redo(plan: PlanPath) -> None:
    """Do again what was taken back."""
    with opened(plan) as project:
        label = project.redo_label
        project.redo()
        if label is not None:
            tell(msg("Done again: {edit}.", edit=label))


@as_command("remove")
def _remove(
    plan: PlanPath,
    table: Annotated[_Table, typer.Argument(help="What kind of thing.")],
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Which.")],
) -> None:
    """Remove sites, homes or other things by their ids."""
    from cn_planner.model.edits import remove as removed

    with opened(plan) as project:
        edit = removed(project.plan, table.value, ids)
        project.apply(edit)
        tell(msg("Done: {edit}.", edit=edit.label))

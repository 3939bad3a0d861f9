"""``cn-planner new``: an empty plan for a place."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.cli.console import as_command, failing_in_words, tell
from cn_planner.cli.options import PlanPath
from cn_planner.message import msg


@as_command("new")
def _new(
    plan: PlanPath,
    name: Annotated[str, typer.Option("--name", help="Name of the plan.")],
    country: Annotated[
        str, typer.Option("--country", metavar="XX", help="Country whose rules hold, ISO 3166 two letters.")
    ],
) -> None:
    """Make an empty plan."""
    from cn_planner.session.project import Project

    with failing_in_words(), Project.new(plan, name=name, country=country) as project:
        tell(msg("Made {path}.", path=str(project.path)))

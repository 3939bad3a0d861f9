"""``cn-planner merge``: bring together what two people made of one plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell
from cn_planner.cli.options import Json, PlanPath
from cn_planner.i18n import say
from cn_planner.message import msg
from cn_planner.model.merge import Take


@as_command("merge")
def _merge(
    plan: PlanPath,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="The plan of somebody else.", show_default=False)],
    take: Annotated[
        Take | None, typer.Option("--take", help="Whose word counts where both changed the same.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring two plans together that began as one: PLAN has what both changed, OTHER stays as it is.

    What does not touch comes together. Where both changed the same, nothing is changed and it is listed, until --take
    says whose word counts. It is one edit: `undo` takes it back.
    """
    from cn_planner.session.merge import bring_together, take_in

    with opened(plan) as project:
        found = bring_together(project, other, take)
        take_in(project, found)
    merged = found.merged
    if as_json:
        show_json(
            {
                "from_mine": merged.from_mine,
                "from_theirs": merged.from_theirs,
                "both_alike": merged.both_alike,
                "conflicts": [
                    {
                        "what": str(one.what),
                        "mine": one.mine,
                        "theirs": one.theirs,
                        "taken": None if one.taken is None else one.taken.value,
                    }
                    for one in merged.conflicts
                ],
            }
        )
    else:
        for one in merged.conflicts:
            show(say(msg("{what}: mine {mine}; theirs {theirs}", what=one.what, mine=one.mine, theirs=one.theirs)))
    if merged.conflicts and take is None:
        tell(msg("Both changed the same thing, each differently; nothing was brought together. Say whose word counts: "
                 "--take mine or theirs."))  # fmt: skip
        raise typer.Exit(1)
    if found.edit is None:
        tell(msg("Nothing new: the plan has all of it."))
    else:
        tell(msg("Done: {edit}.", edit=found.edit.label))

"""``cn-planner dishes``: links whose dish the law eats from, and which smaller ones carry the same."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads
from cn_planner.i18n import say
from cn_planner.message import msg


@as_command("dishes")
def _dishes(
    plan: PlanPath,
    take: Annotated[bool, typer.Option("--set", help="Give the links the smaller dishes.")] = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Say on which links the law eats the gain of the dish, and where a smaller one carries the same."""
    from cn_planner.planning.dishes import dishes_on_air, smaller_dishes

    with opened(plan) as project:
        with working(threads) as run:
            found = dishes_on_air(project.snapshot().study, run=run)
        edit = smaller_dishes(project.plan, found) if take else None
        if edit is not None:
            project.apply(edit)
            tell(msg("Done: {edit}.", edit=edit.label))
        currency = project.plan.info.currency
    if as_json:
        show_json({"currency": currency, "links": [one._asdict() for one in found]})
        return
    for one in found:
        show(say(one.words))
    if not found:
        show(say(msg("The law takes nothing from the dishes of this plan.")))

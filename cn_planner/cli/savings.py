"""``cn-planner savings``: what would save money and is not allowed in the plan: another connection, relays at homes."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.cli.console import as_command, changing, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads, finite
from cn_planner.i18n import say
from cn_planner.message import counted, msg


@as_command("savings")
@changing
def _savings(
    plan: PlanPath,
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", callback=finite, min=0, metavar="S", help="Seconds, for each plan that is tried."),
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=40, help="Places where a connection is tried.")] = 3,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Say what a further Internet connection, or relays at homes, would save: each is planned with, nothing guessed."""
    from cn_planner.planning.savings import saving_notes, saving_words
    from cn_planner.session.savings import savings_of

    with opened(plan) as project, working(threads) as run:
        found = savings_of(project.snapshot(), most=most, time_limit_s=time_limit, run=run)
    if as_json:
        show_json({"currency": found.plan.info.currency, **found.as_dict()})
        return
    for one in found.found:
        show(f"{one.site or one.kind.value}\t{say(saving_words(one, found.plan))}")
        for note in saving_notes(one, found.plan):
            tell(note)
    tell(counted("{count} thing was tried of {all}.", "{count} things were tried of {all}.",
                 found.tried, all=found.trials))  # fmt: skip
    if not found.found:
        tell(msg("Nothing that was tried saves anything."))

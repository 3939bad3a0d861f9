"""``cn-planner phases``: in which order to build, so that each phase works alone."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell
from cn_planner.cli.options import Json, PlanPath, amount
from cn_planner.i18n import say
from cn_planner.message import msg


@as_command("phases")
def _phases(
    plan: PlanPath,
    count: Annotated[
        int | None, typer.Option("--count", min=1, max=20, help="How many phases; else as the plan says.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", parser=amount, metavar="MONEY", help="Money for each phase, instead.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say in which order to build: each phase works alone, those first that reach most homes for their money."""
    from cn_planner.planning.phases import not_joined
    from cn_planner.planning.phases import phases as phases_of

    if count is not None and budget is not None:
        raise typer.BadParameter("give --count or --budget, not both")
    with opened(plan) as project:
        found = phases_of(project.plan, project.catalogue, count=count, budget=budget)
        currency = project.plan.info.currency
    for one in found:
        if not one.joined:
            tell(not_joined(one.number))
        elif budget is not None and one.cost > budget + 0.005:
            tell(msg("Phase {number} takes more than {money:,.0f} {currency}: less of it would not work alone.",
                     number=one.number, money=budget, currency=currency))  # fmt: skip
    if as_json:
        show_json({"currency": currency, "phases": [one.as_dict() for one in found]})
        return
    for one in found:
        homes = say(msg("homes: {count:,g}", count=one.weight))
        show(f"{one.number}\t{homes}\t{one.cost:,.0f} {currency}\t{', '.join(one.sites)}")
    if not found:
        tell(msg("The plan has no network yet: make a plan first."))

"""``cn-planner growth``: what room for year five costs, beside a plan for today alone and one with all bought now."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.cli.console import as_command, changing, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads, finite
from cn_planner.i18n import say
from cn_planner.message import msg


@as_command("growth")
@changing
def _growth(
    plan: PlanPath,
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", callback=finite, min=0, metavar="S", help="Seconds, for each plan that is made."),
    ] = None,
    take: Annotated[str | None, typer.Option("--take", help="Put this plan in: today, room or all.")] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Plan for today alone, with room for year five, and with all of it bought now: what each costs, and what comes."""
    from cn_planner.planning.year_five import year_five_words
    from cn_planner.session.growth import growth_advice, growth_ways, with_way

    with opened(plan) as project, working(threads) as run:
        if take is not None:
            with_way(project.plan, take)
        found = growth_ways(project.snapshot(), time_limit_s=time_limit, run=run)
        currency = project.plan.info.currency
        chosen = next((one.design.edit for one in found if one.key == take), None)
        if chosen is not None:
            project.apply(chosen)
    advice = growth_advice(found, currency)
    if as_json:
        said = None if advice is None else str(advice)
        show_json({"currency": currency, "ways": [one.as_dict() for one in found], "advice": said})
        return
    words = {"today": msg("for today alone"), "room": msg("with room for year five"), "all": msg("all bought now")}
    for one in found:
        homes, towers = (
            msg("homes: {count:,g}", count=one.design.served),
            msg("towers: {count}", count=len(one.design.sites)),
        )
        show(f"{one.key}\t{say(words[one.key])}\t{one.design.capex:,.0f} {currency}\t{say(homes)}\t{say(towers)}")
        later = (
            None if one.later is None or one.design.edit is None else year_five_words(one.later, one.design.edit.plan)
        )
        if later is not None:
            tell(later)
    if advice is not None:
        tell(advice)
    if take is not None:
        tell(msg("Taken: the plan {way}.", way=words[take]))

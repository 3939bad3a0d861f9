"""``cn-planner tradeoff``: what it costs to reach more homes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cn_planner.cli.console import as_command, changing, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads, TimeLimit, finite
from cn_planner.errors import InputError
from cn_planner.i18n import say
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.planning.tradeoff import Tradeoff, TradeoffPoint


@as_command("tradeoff")
@changing
def _tradeoff(
    plan: PlanPath,
    points: Annotated[int, typer.Option("--points", min=2, max=100, help="How many plans are tried.")] = 12,
    prove: Annotated[bool, typer.Option("--prove", help="Look for a bound at every point of a large plan.")] = False,
    time_limit: TimeLimit = None,
    take: Annotated[
        float | None,
        typer.Option(
            "--take", callback=finite, min=0, metavar="HOMES", help="Put the cheapest plan for so many homes in."
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Write it down in the plan, for the papers.")] = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Show cost against homes: the cheapest network for few homes, for more, for all that can be reached."""
    from cn_planner.planning.kept_choices import keep_choices
    from cn_planner.session.cost_against_homes import cost_against_homes
    from cn_planner.session.network import completed

    with opened(plan) as project, working(threads) as run:
        found = cost_against_homes(project.snapshot(), points=points, prove=prove, time_limit_s=time_limit, run=run)
        if keep:
            project.apply(keep_choices(project.plan, project.catalogue, found))
        taken = None if take is None else completed(project.snapshot(), _enough(found, take).design, run=run)
        if taken is not None and taken.edit is not None:
            project.apply(taken.edit)
    if as_json:
        show_json(found.as_dict())
    else:
        _tell(found)
    if keep:
        tell(msg("Kept for the papers: the plans that you may choose from."))
    if taken is not None:
        tell(counted("Taken: the plan for {count:,g} home.", "Taken: the plan for {count:,g} homes.", taken.served))


def _enough(found: Tradeoff, homes: float) -> TradeoffPoint:
    enough = [one for one in found.points if one.served >= homes - 1e-9]
    if not enough:
        raise InputError(
            msg("No plan on the curve reaches {homes:,g} homes; at most {most:,g} can be.",
                homes=homes, most=found.coverable),
            fix=msg("Ask for fewer, or add places for towers."),
        )  # fmt: skip
    return enough[0]


def _tell(found: Tradeoff) -> None:
    from cn_planner.planning.result import most_saved_pct

    for one in found.points:
        more = ""
        if one.more_each is not None:
            more = say(msg("each further home {cost:,.0f} {currency}", cost=one.more_each, currency=found.currency))
        homes = say(msg("homes: {count:,g}", count=one.served))
        sites = say(msg("towers: {count}", count=one.sites))
        known = ""
        if one.gap is not None:
            known = say(msg("at most {pct:.1f} % could be saved", pct=most_saved_pct(one.gap)))
        show(f"{homes}\t{one.capex:,.0f} {found.currency}\t{sites}\t{known}\t{more}".rstrip())
    tell(
        msg(
            "{coverable:,g} of {homes:,g} homes can be reached from the places of this plan.",
            coverable=found.coverable,
            homes=found.households,
        )
    )
    for note in found.notes:
        tell(note)

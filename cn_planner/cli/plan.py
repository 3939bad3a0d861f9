"""``cn-planner plan``: choose sites, masts and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cn_planner.cli.console import as_command, changing, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads, TimeLimit, amount, share
from cn_planner.i18n import say
from cn_planner.message import counted, msg
from cn_planner.model.plan import Objective, SiteRole

if TYPE_CHECKING:
    from cn_planner.model.plan import Outcome, Plan
    from cn_planner.planning.explain import Alike
    from cn_planner.planning.result import Design

_MOST_NAMED = 5


@as_command("plan")
@changing
def _plan(
    plan: PlanPath,
    cover: Annotated[
        float | None,
        typer.Option("--cover", parser=share, metavar="SHARE", help="Share of the coverable homes: 0.95 or 95%."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", parser=amount, metavar="MONEY", help="Most homes for this money.")
    ] = None,
    objective: Annotated[
        Objective | None,
        typer.Option("--objective", help="Least money to build (capital), or with five years of running (five_years)."),
    ] = None,
    certainty: Annotated[
        float | None,
        typer.Option(
            "--certainty",
            min=50,
            max=99,
            metavar="PERCENT",
            help="Count homes that hold in so many of 100 places such as this; kept as the rule certainty_pct.",
        ),
    ] = None,
    trees: Annotated[
        str | None,
        typer.Option(
            "--trees",
            metavar="HEIGHT:WEIGHT,...",
            help="How high trees may be that nobody measured: 0:30,5:30,10:30,15:10; kept as the rule trees.",
        ),
    ] = None,
    hold: Annotated[
        float | None,
        typer.Option(
            "--hold",
            parser=share,
            metavar="SHARE",
            help="Share of the homes served that must hold with these trees; kept as the rule hold_share.",
        ),
    ] = None,
    time_limit: TimeLimit = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Choose sites, mast heights and links: least cost for a share of the homes, or most homes for a budget."""
    if cover is not None and budget is not None:
        raise typer.BadParameter("give --cover or --budget, not both")
    if objective is Objective.FIVE_YEARS and budget is not None:
        raise typer.BadParameter("a budget is money to build: give it without --objective five_years")
    from cn_planner.session.engine import make_planner_ready

    with opened(plan) as project, working(threads) as run:
        make_planner_ready(run=run)  # no part of the time that the plan is given
        rules = {"certainty_pct": certainty, "trees": trees, "hold_share": hold}
        asked = {f"rules.{key}": f"{one}" for key, one in rules.items() if one is not None}
        if asked:
            project.change_settings(asked)
        design = project.make_plan(cover=cover, budget=budget, objective=objective, time_limit_s=time_limit, run=run)
        now = project.plan
    currency = now.info.currency
    if as_json:
        show_json({**design.as_dict(), "currency": currency})
    else:
        _tell_design(design, now)
        for key, people in design.hotspots:
            tell(counted("Hotspot {id}: {count:,.0f} person gets there on foot.",
                         "Hotspot {id}: {count:,.0f} people get there on foot.", people, id=key))  # fmt: skip


def _tell_design(design: Design, plan: Plan) -> None:
    from cn_planner.solver.instance import StoppedBy

    currency = plan.info.currency
    if design.edit is None:
        # Where the time was over before it was known who could be reached, the reason says so.
        if design.stopped_by is not StoppedBy.TIME or design.coverable > 0.0:
            tell(msg("No plan was made. Of {homes:,g} homes, {coverable:,g} could be reached from the places that may "
                     "be used.", homes=design.households, coverable=design.coverable))  # fmt: skip
    else:
        _tell_found(design, design.edit.plan.outcome, currency)
    if design.reason is not None:
        show(say(design.reason))
    for site in design.sites:
        show(f"{site.id}\t{site.mast_height_m:g} m\t{site.role}\t{say(msg('homes: {count:,g}', count=site.homes))}")
    if design.edit is None:
        # Without a plan nobody is reached: a line a reason, not a line a home.
        reasons: dict[str, float] = {}
        for one in design.unserved:
            home, reason = plan.households.get(one.id), say(one.reason)
            reasons[reason] = reasons.get(reason, 0.0) + (1.0 if home is None else home.weight)
        for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
            homes = say(msg("homes: {count:,g}", count=count))
            show(f"{homes}\t{reason}")
        tell(msg("The network of the plan stays as it is."))
        return
    from cn_planner.planning.explain import alike

    for some in alike(design.unserved):
        _tell_left_out(some, currency)
    for note in (*(() if design.trees is None else design.trees.words()), *design.notes):
        tell(note)


def _tell_found(design: Design, outcome: Outcome | None, currency: str) -> None:
    """Say what a plan reaches, costs and buys."""
    from cn_planner.links.count_range import range_words
    from cn_planner.model.plan import PlanStatus
    from cn_planner.planning.result import NOT_PROVEN, bound_words

    if design.status is PlanStatus.CANCELLED:
        tell(msg("The search was stopped: this is the best plan so far."))
    tell(msg("Homes reached: {served:,g} of {homes:,g} ({coverable:,g} could be); towers: {sites}; {cost:,.0f} "
             "{currency}.", served=design.served, homes=design.households, coverable=design.coverable,
             sites=len(design.sites), cost=design.capex, currency=currency))  # fmt: skip
    if design.homes_range is not None:
        tell(range_words(*design.homes_range))
    tell(
        msg("It costs {month:,.0f} {currency} a month to run. Built in phases, {all:,.0f} {currency} are spent in "
            "five years.", month=design.month, all=design.five_years, currency=currency)
    )  # fmt: skip
    for door in design.gateways():
        if door.role is SiteRole.GATEWAY_OPTION and door.uplink is not None:
            tell(msg("The plan buys the Internet connection at {site}: {open:,.0f} {currency} to open, "
                     "{month:,.0f} a month.", site=door.name or door.id, open=door.uplink.open_cost,
                     month=door.uplink.monthly_cost, currency=currency))  # fmt: skip
    if design.objective is Objective.FIVE_YEARS:
        tell(msg("To build it and run it for five years, all at once: {value:,.0f} {currency}.",
                 value=design.value, currency=currency))  # fmt: skip
    bound = None if outcome is None else bound_words(outcome, currency)
    tell(NOT_PROVEN if bound is None else bound)


def _tell_left_out(some: Alike, currency: str) -> None:
    """Say of homes that are not reached why, and what they take: a line for all that are told the same."""
    fix = some.fix
    if fix is not None and some.costs:
        least, most = some.costs[0], some.costs[-1]
        fix = msg("{fix} {cost:,.2f} {currency}.", fix=fix, cost=least, currency=currency)
        if most > least:
            fix = msg("{fix} {least:,.2f} to {most:,.2f} {currency} each.",
                      fix=some.fix or "", least=least, most=most, currency=currency)  # fmt: skip
        elif len(some.homes) > 1:
            fix = msg("{fix} {cost:,.2f} {currency} each.", fix=some.fix or "", cost=least, currency=currency)
    names = some.homes[0]
    if len(some.homes) > 1:
        names = say(counted("{count} home", "{count} homes", len(some.homes)))
        names += f" ({', '.join(some.homes[:_MOST_NAMED])}{', …' if len(some.homes) > _MOST_NAMED else ''})"
    show(f"{names}\t{say(some.reason)}{f' {say(fix)}' if fix is not None else ''}")

"""``cn-planner resilience``: what falls silent if something fails, and the cheapest second way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads
from cn_planner.errors import InputError
from cn_planner.i18n import say
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.planning.resilience import Resilience


@as_command("resilience")
def _resilience(
    plan: PlanPath,
    site: Annotated[
        list[str] | None, typer.Option("--site", metavar="ID", help="Only second ways for this tower; may be repeated.")
    ] = None,
    take: Annotated[str | None, typer.Option("--take", metavar="ID", help="Put the second way of it in.")] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Say what falls silent if a tower or link fails, and what the cheapest second way for each tower costs."""
    from cn_planner.session.tasks import failures_now, overfull_of, resilience_of

    wanted = site if take is None else [*(site or []), take]
    with opened(plan) as project, working(threads) as run:
        found = resilience_of(project.snapshot(), wanted, run=run)
        if take is not None:
            path = found.paths.get(take)
            if path is None:
                raise InputError(
                    msg("{site} has two ways already.", site=take) if take in found.safe else found.without[take]
                )
            project.apply(path.taken())
            there = project.snapshot()
            left = failures_now(there, run=run.silently())
            found = replace(found, failures=left, overfull=overfull_of(there, cancel=run.cancel))
        empty, currency = not project.plan.used_sites, project.plan.info.currency
    if as_json:
        show_json({"currency": currency, **found.as_dict()})
    else:
        _tell(found)
        if empty:
            tell(msg("The plan has no network yet: make a plan first."))
    if take is not None:
        tell(msg("Taken: the second way of {site}.", site=take))


def _tell(found: Resilience) -> None:
    from cn_planner.planning.detours import MORE_THERE

    for failure in found.failures:
        homes = say(msg("homes lost: {count:,g}", count=failure.homes))
        show(f"{failure.id}\t{homes}\t{', '.join(failure.sites)}".rstrip())
    for path in found.paths.values():
        show(say(path.text))
    for reason in found.without.values():
        show(say(reason))
    for one in found.overfull:
        show(f"{say(one.text)} {say(MORE_THERE)}")
    for key in found.safe:
        tell(msg("{site} has two ways already.", site=key))

"""``cn-planner suggest``: what could be built next, cheapest for each home first."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads
from cn_planner.errors import InputError
from cn_planner.i18n import say
from cn_planner.message import msg


@as_command("suggest")
def _suggest(
    plan: PlanPath,
    accept: Annotated[str | None, typer.Option("--accept", metavar="ID", help="Put this one into the plan.")] = None,
    reject: Annotated[str | None, typer.Option("--reject", metavar="ID", help="Never suggest its place again.")] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Say what could be built next: a mast or a higher one, what it costs, and how many more homes it reaches."""
    from cn_planner.planning.suggestions import reject as rejected
    from cn_planner.session.suggestions import suggest as suggestions

    if accept is not None and reject is not None:
        raise typer.BadParameter("give --accept or --reject, not both")
    with opened(plan) as project, working(threads) as run:
        found = suggestions(project.snapshot(), run=run)
        currency = project.plan.info.currency
        named = accept if accept is not None else reject
        if named is not None:
            chosen = next((one for one in found if one.id == named), None)
            if chosen is None:
                raise InputError(
                    msg("There is no suggestion {id}.", id=named),
                    fix=msg("Run suggest to see what there is: each has its id before it."),
                )
            project.apply(chosen.edit if accept is not None else rejected(project.plan, chosen))
    if as_json:
        show_json(
            {
                "currency": currency,
                "suggestions": [
                    {
                        "id": one.id,
                        "kind": one.kind.value,
                        "site": one.site,
                        "latitude": one.latitude,
                        "longitude": one.longitude,
                        "mast_height_m": one.mast_height_m,
                        "parent": one.parent or None,
                        "parent_height_m": one.parent_height_m,
                        "homes": round(one.homes, 3),
                        "cost": round(one.cost, 2),
                        "text": str(one.reason),
                    }
                    for one in found
                ],
            }
        )
        return
    for one in found:
        show(f"{one.id}\t{say(one.reason)}")
    if not found:
        tell(msg("Nothing that may be built reaches another home."))

"""``cn-planner fibre``: how far fibre is along roads from places that may become gateways, and what it costs."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.cli.console import as_command, changing, opened, show, show_json, tell
from cn_planner.cli.options import Json, PlanPath
from cn_planner.i18n import say
from cn_planner.message import msg


def _spot(text: str) -> tuple[float, float]:
    """Return latitude and longitude of ``LAT,LON``."""
    try:
        latitude, longitude = (float(word) for word in text.split(","))
    except ValueError as problem:
        raise typer.BadParameter(f"{text!r} is not LAT,LON, such as 42.09,1.81") from problem
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise typer.BadParameter(f"{text!r}: latitude goes from -90 to 90, longitude from -180 to 180")
    return latitude, longitude


@as_command("fibre")
@changing
def _fibre(
    plan: PlanPath,
    site: Annotated[
        list[str] | None, typer.Option("--site", metavar="ID", help="A place; else all possible gateways.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="LAT,LON", help="Where fibre ends, beside gateways that have it."),
    ] = None,
    take: Annotated[bool, typer.Option("--take", help="Write what it costs to open into the plan.")] = False,
    as_json: Json = False,
) -> None:
    """Follow the roads of the base map from fibre to places that may become gateways: metres, times what one costs."""
    from cn_planner.session.fibre import fibre_offers

    with opened(plan) as project:
        marked = [_spot(one) for one in source or ()]
        found = fibre_offers(project.plan, plan, site or (), marked)
        edit = found.edit() if take else None
        if edit is not None:
            project.apply(edit)
    if as_json:
        show_json(found.as_dict())
        return
    for one in found.ways:
        show(f"{one.site}\t{say(found.words(one))}")
    for none in found.unreached:
        show(f"{none.site}\t{say(none.reason)}")
    if edit is not None:
        tell(msg("Done: {edit}.", edit=edit.label))

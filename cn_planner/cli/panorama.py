"""``cn-planner panorama``: what is seen from a place, as a picture and as figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell
from cn_planner.cli.options import Json, PlanPath, position_option
from cn_planner.errors import InputError
from cn_planner.i18n import say
from cn_planner.message import msg

_EYE_M = 2.0


@as_command("panorama")
def _panorama(
    plan: PlanPath,
    site: Annotated[str | None, typer.Option("--site", metavar="ID", help="Stand at the top of this tower.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="LAT,LON,HEIGHT", help="Stand here; height of the eye, m.")
    ] = None,
    towards: Annotated[
        float, typer.Option("--towards", metavar="DEG", help="True bearing of the middle of the picture.")
    ] = 180.0,
    span: Annotated[float, typer.Option("--span", metavar="DEG", help="How much of the round is seen.")] = 360.0,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.svg", help="Where the picture goes.")] = None,
    as_json: Json = False,
) -> None:
    """Stand somewhere and look: hills, towers, and what hides those that are hidden."""
    if (site is None) == (at is None):
        raise typer.BadParameter("give --site, or --at")
    from cn_planner.drawing.svg import svg
    from cn_planner.export.words import check_out, write_whole
    from cn_planner.session.base_map import named_places
    from cn_planner.session.outlook import Eye, look_round

    with opened(plan) as project:
        if out is not None:
            check_out(out, (plan,))
        if site is not None:
            if site not in project.plan.sites:
                raise InputError(
                    msg("The plan has no place {id}.", id=site),
                    fix=msg("Its places: {ids}.", ids=", ".join(sorted(project.plan.sites))),
                )
            place = project.plan.sites[site]
            eye = Eye(place.latitude, place.longitude, place.mast_height_m or _EYE_M, towards, span)
        else:
            eye = Eye(*position_option(at or ""), towards, span)
        peaks = named_places(project.plan, project.path, ("peak",))
        found = look_round(project.snapshot().study, eye, peaks=peaks)
        if out is not None:
            write_whole(out, svg(found.picture).encode())
    if as_json:
        show_json(found.as_dict())
        return
    for end in found.ends:
        show(
            say(
                msg(
                    "{azimuth:.0f}°, {km:.1f} km, {up:+.1f}°: {name}. {words}",
                    azimuth=end.azimuth_deg, km=end.distance_m / 1e3, up=end.elevation_deg, name=end.name,
                    words=end.words,
                )
            )
        )  # fmt: skip
    if out is not None:
        tell(msg("Written: {file}.", file=str(out)))

"""``cn-planner fetch``: terrain from the net into a plan."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.area.elevation_sources import ADDRESSES, ElevationSource, GeoBox
from cn_planner.cli.console import as_command, failing_in_words, opened, tell, working
from cn_planner.cli.options import PlanPath
from cn_planner.message import msg


def box_of_words(text: str) -> GeoBox:
    """Return the box of ``S,W,N,E``."""
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError as problem:
        raise typer.BadParameter(f"{text!r} is not SOUTH,WEST,NORTH,EAST, such as 41.9,1.6,42.2,2.0") from problem
    with failing_in_words():
        return GeoBox(south, west, north, east)


@as_command("fetch")
def _fetch(
    plan: PlanPath,
    box: Annotated[
        GeoBox | None,
        typer.Option(
            "--box",
            parser=box_of_words,
            metavar="S,W,N,E",
            help="Which terrain, degrees; default: 5 km round all places.",
        ),
    ] = None,
    source: Annotated[
        ElevationSource, typer.Option("--source", help="glo30: Copernicus, 30 m. srtm: whole tiles, 30 m.")
    ] = ElevationSource.GLO30,
    server: Annotated[
        str, typer.Option("--server", metavar="URL", help="A server with the same layout; default: the public one.")
    ] = "",
    base_map: Annotated[
        bool, typer.Option("--map", help="Roads, rivers, names and roofs of the box too, from OpenStreetMap.")
    ] = False,
    map_server: Annotated[
        str, typer.Option("--map-server", metavar="URL", help="An Overpass API; default: the public one.")
    ] = "",
) -> None:
    """Fetch elevation from the net, beside the plan, and add it; with --map what its map is drawn from, too."""
    from cn_planner.session.fetching import fetch_terrain, fetched_box

    with opened(plan) as project, working() as run:
        tell(msg("Asking {server}", server=server or ADDRESSES[source]))
        found = fetch_terrain(project.plan, plan, box, source, server=server, run=run)
        # A file's name says which window of which tile it is.
        new = [file for file in found.files if file.name not in project.plan.terrain]
        if not new:
            tell(msg("The plan has this terrain already."))
        for row in project.add_terrain(new) if new else ():
            tell(msg("{file}: {source}, cells of {cell:.0f} m.", file=row.id, source=row.source, cell=row.cell_m))
        for tile in found.none_at:
            tell(msg("{tile}: the server has no terrain there (sea, or beyond its data).", tile=tile))
        if base_map:
            from cn_planner.session.base_map import use_base_map
            from cn_planner.session.ground import GroundWanted, Servers, bring_ground

            wanted, servers = GroundWanted(terrain=False), Servers(map=map_server)
            there = bring_ground(plan, box or fetched_box(project.plan), wanted, servers, run).map
            if there is not None:
                edit = use_base_map(project.plan, plan, there)
                project.apply(edit)
                tell(msg("Done: {edit}.", edit=edit.label))

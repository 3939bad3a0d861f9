"""``cn-planner pack``: all that the program needs to know of a place, in one file that fits on a stick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.area.elevation_sources import ElevationSource, GeoBox
from cn_planner.cli.console import as_command, failing_in_words, show, tell, working
from cn_planner.cli.fetch import box_of_words
from cn_planner.cli.options import ClassHeights, Date, LandCover, TreesOption, check_class_heights, given_or_today
from cn_planner.message import msg


@as_command("pack")
def _pack(
    out: Annotated[Path, typer.Argument(metavar="PACK", help="The pack: NAME.cnpack.gpkg")],
    box: Annotated[
        GeoBox | None, typer.Option("--box", parser=box_of_words, metavar="S,W,N,E", help="The area, degrees.")
    ] = None,
    dem: Annotated[
        list[Path] | None, typer.Option("--dem", metavar="FILE", help="Elevation that you have; else it is fetched.")
    ] = None,
    osm: Annotated[
        Path | None, typer.Option("--osm", metavar="FILE", help="OpenStreetMap extract for roads, rivers and names.")
    ] = None,
    trees: TreesOption = None,
    land_cover: LandCover = None,
    heights: ClassHeights = "",
    source: Annotated[
        ElevationSource, typer.Option("--source", help="glo30: Copernicus, 30 m. srtm: whole tiles, 30 m.")
    ] = ElevationSource.GLO30,
    server: Annotated[
        str, typer.Option("--server", metavar="URL", help="A server with the same layout; default: the public one.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="Of the area; default: the file's.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Hold a pack that is there against its own sums.")] = False,
    date: Date = None,
) -> None:
    """Make the pack of an area: terrain, trees, roads, names. Elsewhere: terrain PLAN PACK, without any net."""
    if check == (box is not None):
        raise typer.BadParameter("give --box to make a pack, or --check to look at one")
    if check:
        from cn_planner.gis.pack import read_pack

        with failing_in_words():
            grid, layers, facts = read_pack(out)
        rows, columns = grid.values.shape
        show(f"{facts.get('name', '')}\t{facts.get('date', '')}")
        show(f"elevation\t{columns} x {rows}\t{grid.source}\t{grid.vertical_datum}\t{grid.licence}")
        if isinstance(facts.get("trees"), dict):
            show(f"trees\t{facts['trees'].get('source', '')}\t{facts['trees'].get('licence', '')}")
        for key, layer in layers.items():
            show(f"{key}\t{len(layer)}\t{facts.get('base_map', '')}")
        return
    check_class_heights(heights, land_cover=bool(land_cover))
    from cn_planner.session.packing import TerrainFrom, pack_area
    from cn_planner.terrain.asked import trees_given

    with failing_in_words(), working() as run:
        if box is None:
            raise AssertionError
        made, none_at = pack_area(
            out,
            box,
            terrain=TerrainFrom(tuple(dem or ()), source, server),
            extract=osm,
            trees=trees_given(trees or (), land_cover or (), heights),
            name=name,
            date=given_or_today(date),
            told=tell,
            run=run,
        )
    things = ", ".join(f"{count} {key}" for key, count in made.things.items()) or "-"
    tell(
        msg(
            "Made {file}: {size:,.1f} MB, {cells:,d} cells of elevation, {missing:.1f} % no height. Map: {things}.",
            file=out.name,
            size=made.size_bytes / 1e6,
            cells=made.cells,
            missing=made.missing_pct,
            things=things,
        )
    )
    if made.trees_pct is not None:
        tell(msg("Tree heights are known of {share:.0f} % of it.", share=made.trees_pct))
    for tile in none_at:
        tell(msg("{tile}: the server has no terrain there (sea, or beyond its data).", tile=tile))

"""``cn-planner import``: bring in sites, homes, measurements or the sun of the place from a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import opened, tell, words_of, working
from cn_planner.cli.options import PlanPath
from cn_planner.message import msg


class Kind(StrEnum):
    """What a file holds."""

    SITES = "sites"
    HOUSEHOLDS = "households"
    MEASUREMENTS = "measurements"
    SUN = "sun"


_KINDS = ", ".join(Kind)
_MEANT = {"homes": Kind.HOUSEHOLDS, "towers": Kind.SITES}


def _kind(text: str) -> Kind:
    """Return a kind, also by what people call it."""
    word = text.strip().lower()
    if word not in _MEANT and word not in tuple(Kind):
        raise typer.BadParameter(f"{text!r}: there are {_KINDS} (homes are households, towers are sites)")
    return _MEANT.get(word) or Kind(word)


def _pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not {form}")
    return name.strip(), value.strip()


def import_file(
    plan: PlanPath,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table or a map: see above.")],
    kind: Annotated[Kind, typer.Option("--as", parser=_kind, metavar="KIND", help=f"What the file holds: {_KINDS}.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds a field.")
    ] = None,
    layer: Annotated[str, typer.Option("--layer", help="Which layer, of a map file that has several.")] = "",
    least: Annotated[
        list[str] | None,
        typer.Option("--least", metavar="COLUMN=VALUE", help="Leave out rows with less: confidence=0.75"),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used, and import the rest.")
    ] = False,
) -> None:
    """Import sites, homes, measurements, or the sun of the place.

    Tables: CSV (also .csv.gz, as Open Buildings comes), the first sheet of XLSX. Maps: GeoJSON, KML, KMZ, GPX,
    GeoPackage, shapefile (.shp, or all its parts in a .zip), FlatGeobuf; points, and of areas the middles.
    OpenStreetMap (.osm.pbf, .osm, .osm.gz): the layers buildings, structures, hills.
    The sun: a file of NASA POWER or PVGIS, CSV or JSON.
    """
    columns = dict(_pair(one, "FIELD=COLUMN") for one in mapping or [])
    limits = {}
    for column, value in (_pair(one, "COLUMN=VALUE") for one in least or []):
        try:
            limits[column] = float(value)
        except ValueError as problem:
            raise typer.BadParameter(f"{value!r} is not a number") from problem
    with opened(plan) as project, working() as (progress, cancel):
        result = project.import_file(
            file,
            kind.value,
            columns,
            layer=layer,
            least=limits,
            skip_bad=skip_bad,
            progress=progress,
            cancel=cancel,
        )
        for note in result.warnings:
            tell(note)
        for row in result.left_out:
            tell(words_of(row))
        tell(msg("Done: {edit}.", edit=result.edit.label))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_file)

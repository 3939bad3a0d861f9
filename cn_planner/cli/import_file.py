"""``cn-planner import``: bring in sites, homes, public places, measurements or the sun of the place from a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, tell, working
from cn_planner.cli.options import PlanPath, finite, metres
from cn_planner.i18n import say
from cn_planner.importers.choices import Choices, Repeats
from cn_planner.message import msg


class _Kind(StrEnum):
    """What a file holds."""

    SITES = "sites"
    HOUSEHOLDS = "households"
    PLACES = "places"
    MEASUREMENTS = "measurements"
    SUN = "sun"
    SURVEY = "survey"


_KINDS = ", ".join(_Kind)
_MEANT = {"homes": _Kind.HOUSEHOLDS, "towers": _Kind.SITES}


def _kind(text: str) -> _Kind:
    """Return a kind, also by what people call it."""
    word = text.strip().lower()
    if word not in _MEANT and word not in tuple(_Kind):
        raise typer.BadParameter(f"{text!r}: there are {_KINDS} (homes are households, towers are sites)")
    return _MEANT.get(word) or _Kind(word)


def _pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not {form}")
    return name.strip(), value.strip()


def _limits(given: list[str] | None) -> dict[str, float]:
    limits = {}
    for column, value in (_pair(one, "COLUMN=VALUE") for one in given or []):
        try:
            limits[column] = finite(float(value)) or 0.0
        except ValueError as problem:
            raise typer.BadParameter(f"{value!r} is not a number") from problem
    return limits


def _others() -> list[str]:
    from cn_planner.importers.readers import READERS

    return [f"{key}: {say(one.words)} ({', '.join(one.suffixes)})" for key, one in READERS.others().items()]


@as_command("import", adds=_others)
def _import_file(
    plan: PlanPath,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table or a map: see above.")],
    kind: Annotated[_Kind, typer.Option("--as", parser=_kind, metavar="KIND", help=f"What the file holds: {_KINDS}.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds a field.")
    ] = None,
    fill: Annotated[
        list[str] | None,
        typer.Option("--fill", metavar="FIELD=VALUE", help="What a field is where the file does not say it."),
    ] = None,
    layer: Annotated[str, typer.Option("--layer", help="Which layer, of a map file that has several.")] = "",
    least: Annotated[
        list[str] | None,
        typer.Option("--least", metavar="COLUMN=VALUE", help="Leave out rows with less: confidence=0.75"),
    ] = None,
    most: Annotated[
        list[str] | None, typer.Option("--most", metavar="COLUMN=VALUE", help="Leave out rows with more: area_m2=400")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="COLUMN=WORD,WORD", help="Take only rows with these words: building=house,hut"),
    ] = None,
    thin: Annotated[
        float | None,
        typer.Option("--thin", parser=metres, metavar="M", help="Of several within so many metres take the first."),
    ] = None,
    repeats: Annotated[
        Repeats,
        typer.Option("--repeats", help="What repeats others, by place or by name nearby: keep it, or skip it."),
    ] = Repeats.KEEP,
    repeats_within: Annotated[
        float | None,
        typer.Option(
            "--repeats-within",
            parser=metres,
            metavar="M",
            help="What is the same place; ten times as far for the same name. Default: homes 2 m, others 10 m.",
        ),
    ] = None,
    hamlets: Annotated[
        float | None,
        typer.Option(
            "--hamlets",
            parser=metres,
            metavar="M",
            help="Group homes that have no hamlet yet: those at most so far from the next.",
        ),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Take owners, contacts and notes out of lists of nodes, too.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used, and import the rest.")
    ] = False,
) -> None:
    """Import sites, homes, public places, measurements, the sun, or what phones send back of a survey.

    Tables: CSV (also .csv.gz, as Open Buildings comes), the first sheet of XLSX. Maps: GeoJSON, KML, KMZ, GPX,
    GeoPackage, shapefile (.shp, or all its parts in a .zip), FlatGeobuf; points, and of areas the middles.
    OpenStreetMap (.osm.pbf, .osm, .osm.gz): the layers buildings, structures, hills.
    Lists of nodes, with the links between them: CNML of guifi.net, meshviewer of Freifunk, NYC Mesh.
    Measurements: also Meshtastic's range tests, and the lists of stations of airOS (JSON) and RouterOS (text, JSON),
    whose stations are called as homes of the plan are.
    The sun: a file of NASA POWER or PVGIS, CSV or JSON.
    A survey: what ODK or Kobo give of the form that `export --formats xlsform` writes (CSV, XLSX, ZIP),
    or the map of `export --formats qfield` as QField left it; twice without harm.
    """
    columns = dict(_pair(one, "FIELD=COLUMN") for one in mapping or [])
    words = dict(_pair(one, "COLUMN=WORD,WORD") for one in only or [])
    choices = Choices(
        layer=layer,
        least=_limits(least),
        most=_limits(most),
        only={column: tuple(one.split(",")) for column, one in words.items()},
        thin_m=thin or 0.0,
        repeats=repeats,
        repeats_m=repeats_within,
        hamlets_m=hamlets,
        private=private,
        skip_bad=skip_bad,
        fill=dict(_pair(one, "FIELD=VALUE") for one in fill or []),
    )
    with opened(plan) as project, working() as run:
        result = project.import_file(file, kind.value, columns, choices, run=run)
        for note in result.warnings:
            tell(note)
        for reason in result.reasons:
            tell(reason.left_out)
        if repeats is Repeats.KEEP:
            for reason in result.repeats:
                tell(msg("{kept} Leave them out with --repeats skip.", kept=reason.kept))
        for reason in result.doubts:
            tell(reason.kept)
        tell(msg("Done: {edit}.", edit=result.edit.label))

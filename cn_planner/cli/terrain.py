"""``cn-planner terrain``: the files that a plan's ground is made of: added, put in order, listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import PlanPath, check_class_heights
from cn_planner.errors import UnknownPlaceError, UnknownUnitError
from cn_planner.i18n import say
from cn_planner.message import msg
from cn_planner.model.ground import FileKind, Holds

if TYPE_CHECKING:
    from cn_planner.model.plan import TerrainFile
    from cn_planner.session.project import Project
    from cn_planner.terrain.asked import Answers
    from cn_planner.terrain.overview import GroundData


@as_command("terrain")
def _terrain(
    plan: PlanPath,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help=".hgt, .hgt.zip, .hgt.gz, GeoTIFF, area pack.")
    ] = None,
    kind: Annotated[
        FileKind, typer.Option("--as", help="What the numbers are: heights of the ground, of trees, or classes.")
    ] = FileKind.ELEVATION,
    crs: Annotated[
        str, typer.Option("--crs", metavar="EPSG:N", help="Where a file lies that does not say it itself.")
    ] = "",
    unit: Annotated[
        str, typer.Option("--unit", metavar="m|ft|us-ft", help="What heights are counted in, where it is not said.")
    ] = "",
    datum: Annotated[
        str, typer.Option("--datum", metavar="NAME", help="Zero of the heights: EGM96, EGM2008, ellipsoid …")
    ] = "",
    holds: Annotated[
        Holds, typer.Option("--holds", help="Bare ground, or a surface with treetops: trees are not added to that.")
    ] = Holds.UNKNOWN,
    heights: Annotated[
        str, typer.Option("--heights", metavar="CLASS=M;…", help="Heights of classes of land cover: “10=12; 50=4”.")
    ] = "",
    date: Annotated[str, typer.Option("--date", metavar="DAY", help="Of the data, where you know it.")] = "",
    first: Annotated[
        str, typer.Option("--first", metavar="NAME", help="Of the files of the plan, the one that answers first.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The list as one JSON object.")] = False,
) -> None:
    """Add elevation, tree heights or land cover; without FILE: list the sources, their holes, and how they agree."""
    from cn_planner.terrain.asked import Answers

    check_class_heights(heights, land_cover=kind is FileKind.LAND_COVER)
    with opened(plan) as project:
        if files:
            rows = _added(project, files, Answers(kind, crs, unit, datum, holds, heights, date))
            if not rows:  # as in a plan that came from somebody else
                tell(msg("The plan has these files already. They are known on this machine now."))
            for row in rows:
                tell(msg("{file}: {source}, cells of {cell:.0f} m.", file=row.id, source=row.source, cell=row.cell_m))
        if first:
            project.put_first(first)
            tell(msg("{file} answers first now.", file=first))
        if not files:
            _list(project, as_json=as_json)


def _added(project: Project, files: list[Path], answers: Answers) -> tuple[TerrainFile, ...]:
    """Add files; where one does not say what has to be known, say by which option it is said."""
    try:
        return project.add_terrain(files, answers)
    except UnknownPlaceError as problem:
        how = msg("Say which it is: --crs EPSG:4326 for degrees, --crs EPSG:32636 for UTM zone 36 north, and so on.")
        raise UnknownPlaceError(problem.what, where=problem.where, fix=how) from problem
    except UnknownUnitError as problem:
        how = msg("Are they feet? Then --unit ft; else --unit m.")
        raise UnknownUnitError(problem.what, where=problem.where, fix=how) from problem


def _list(project: Project, *, as_json: bool) -> None:
    from cn_planner.terrain.overview import classes_of, data_of, seam_words

    with working():
        found = data_of(project.plan, project.surface)
    if as_json:
        show_json(_plain(found))
        return
    for one in found.rows:
        name = one.name if isinstance(one.name, str) else say(one.name)
        show("\t".join([name, *(say(words) for words in one.said), one.source, one.date, one.licence]).rstrip("\t"))
        row = project.plan.terrain.get(one.id)
        if row is not None and row.kind is FileKind.LAND_COVER:
            for number, what, height, own in classes_of(row):
                who = say(msg("as the plan says")) if own else ""
                show(f"\t{number}\t{say(what) if what else ''}\t{height:g} m\t{who}".rstrip("\t"))
    for seam in found.seams:
        show(say(seam_words(seam)))
    for note in found.notes:
        tell(note)
    if found.notes:
        tell(msg("`cn-planner set PLAN trees_on_surfaces=yes` adds them all the same, `no` does not."))


def _plain(found: GroundData) -> dict[str, object]:
    return {
        "sources": [
            {
                "file": one.id, "kind": one.kind.value, "source": one.source, "date": one.date, "licence": one.licence,
                "vertical_datum": one.datum, "cell_m": one.cell_m, "missing_pct": round(one.missing_pct, 4),
                "holds": one.holds.value,
            }
            for one in found.rows
        ],
        "seams": [
            {
                "first": one.first, "second": one.second, "median_m": round(one.median_m, 3),
                "p95_m": round(one.most_m, 3), "blend_m": one.band_m, "samples": one.samples,
            }
            for one in found.seams
        ],
    }  # fmt: skip

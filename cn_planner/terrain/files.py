"""The elevation files of a plan: taken into it, found again, and held against what they were."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner.errors import FileError, InputError, MissingTerrainError, PlannerError
from cn_planner.gis.pack import read_pack
from cn_planner.gis.pack_facts import PACK_SUFFIX, holds_pack, is_pack, read_facts
from cn_planner.gis.parts import FileAnswers
from cn_planner.gis.raster import read_elevation
from cn_planner.message import msg
from cn_planner.model.edits import change_section, put
from cn_planner.model.ground import FileKind, Holds
from cn_planner.model.history import Edit
from cn_planner.model.plan import TerrainFile
from cn_planner.progress import CancelToken, Progress, silent
from cn_planner.terrain.asked import Answers, check_answers, check_no_classes, check_unit, holds_of
from cn_planner.terrain.known import file_place, remember, stored_path
from cn_planner.terrain.surface import Surface
from cn_planner.terrain.tile import ElevationTile
from cn_planner.terrain.tree_files import open_trees, read_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.plan import Plan

_AS_SAID = Answers()


@dataclass(frozen=True, slots=True)
class _Found:
    """A file as it lies on the disk: enough to know whether it was touched since it was last read."""

    path: Path
    size: int
    changed_ns: int


def _found(path: Path) -> _Found | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _Found(path, status.st_size, status.st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=1024)
def _digest(found: _Found) -> str:
    # Once in the life of a process for a file that nobody touches: 26 MB take 16 ms.
    with found.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _place(row: TerrainFile, plan_path: str | Path) -> Path | None:
    return file_place(row.path, Path(plan_path).resolve().parent)


def add_terrain(
    plan: Plan,
    plan_path: str | Path,
    files: Iterable[str | Path],
    answers: Answers = _AS_SAID,
    *,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Edit:
    """Return the edit that adds files of elevation, tree heights or land cover to a plan.

    A file that is there already, unchanged, is left out, and the edit's name says so. A file that was moved or changed
    takes the place of what it was. Every file is read, so that none that cannot be used gets in.

    Parameters
    ----------
    plan : Plan
        The plan as it is.
    plan_path : str or Path
        The plan file. Elevation files beside or below it are noted by their relative path; others by their own, which
        is remembered on this machine: elsewhere it is not opened.
    files : iterable of str or Path
        The files.
    answers : Answers
        What they are, and what they do not say of themselves.
    progress, cancel
        Told and asked before each file.

    Raises
    ------
    FileError
        Where a file cannot be used; `UnknownPlaceError` and `UnknownUnitError` where an answer would do.
    InputError
        Where every file is there already, or where two different files have one name.
    """
    plan_path = Path(plan_path)
    given = [Path(file) for file in files]
    if not given:
        raise InputError(msg("No elevation file was given."), fix=msg("Name one or more .hgt or GeoTIFF files."))
    check_answers(answers)
    ground = _ground_for(plan, plan_path, answers)
    rows: dict[str, TerrainFile] = {}
    known: list[str] = []
    for number, path in enumerate(given):
        if cancel is not None:
            cancel.check()
        progress(number / len(given), msg("Reading {file}", file=path.name))
        if path.is_file() and (holds_pack(path) or path.name.endswith(PACK_SUFFIX)):
            read_pack(path)  # held against its own sums, and said what is wrong with it
        row = _row(path, plan_path, answers, ground)
        everything = {**plan.terrain, **rows}
        same = everything.get(row.id)
        twins = [r for r in everything.values() if r.sha256 == row.sha256 and r.id != row.id and r.kind is row.kind]
        twin = next(iter(twins), None)
        opened = same is not None and _place(same, plan_path) is not None
        remember(path.resolve())
        if twin is not None or (opened and same is not None and _as_it_was(same, row)):
            known.append(path.name)
        elif same is not None and same.sha256 != row.sha256 and same.path != row.path and _there(same, plan_path):
            raise InputError(
                msg("Another file of this name is in the plan: {path}.", path=same.path),
                where=str(path),
                fix=msg("Rename one of the two, or remove the other from the plan."),
            )
        else:
            rows[row.id] = row if same is None else replace(row, priority=same.priority)
            rows |= _trees_of_pack(path, row, plan)
    progress(1.0)
    if not rows:
        raise InputError(
            msg("In the plan already: {files}.", files=", ".join(known)), fix=msg("There is nothing to add.")
        )
    label = None
    if known and answers.kind is FileKind.ELEVATION:
        label = msg(
            "add elevation {files}; in the plan already: {known}", files=", ".join(rows), known=", ".join(known)
        )
    elif len(rows) > 1 and answers.kind is FileKind.ELEVATION:
        label = msg("add elevation {files}", files=", ".join(rows))
    edit = put(plan, rows.values(), label)
    packs = [path for path in given if path.name in rows and is_pack(path) and read_facts(path).get("base_map")]
    if packs and not plan.area.base_map:  # a pack brings what the map is drawn from, too
        whole = change_section(edit.plan, "area", base_map=stored_path(packs[0], plan_path))
        return Edit(edit.label, whole.plan)
    return edit


def put_first(plan: Plan, file: str) -> Edit:
    """Return the edit by which a file answers before the others; trees and ground are each an order of their own.

    Raises
    ------
    InputError
        Where the plan has no such file.
    """
    row = plan.terrain.get(file)
    if row is None:
        raise InputError(
            msg("The plan has no file {file}.", file=file[:80]),
            fix=msg("It has {files}.", files=", ".join(plan.terrain) or "-"),
        )
    alike = [
        one.priority
        for one in plan.terrain.values()
        if (one.kind is FileKind.ELEVATION) == (row.kind is FileKind.ELEVATION) and one.id != file
    ]
    label = msg("let {file} answer first", file=file)
    return put(plan, [replace(row, priority=max(alike, default=-1) + 1)], label)


def _there(row: TerrainFile, plan_path: Path) -> bool:
    path = _place(row, plan_path)
    return path is not None and path.is_file()


def _as_it_was(same: TerrainFile, row: TerrainFile) -> bool:
    """Return whether a file is in the plan as it is added: where it lies, what it holds, and what was said of it."""
    return (same.sha256, same.path, same.kind, same.crs, same.unit) == (
        row.sha256, row.path, row.kind, row.crs, row.unit
    )  # fmt: skip


def _ground_for(plan: Plan, plan_path: Path, answers: Answers) -> Surface | None:
    """Return the plan's ground, against which what is added is held; None where it has none that opens."""
    try:
        return open_surface(replace(plan, area=replace(plan.area, forest_m=None)), plan_path)
    except PlannerError as problem:
        if answers.kind is not FileKind.ELEVATION:
            if isinstance(problem, MissingTerrainError):
                raise InputError(
                    msg("Trees stand on the ground: the plan has no elevation yet."),
                    fix=msg("Add elevation files first."),
                ) from problem
            raise
        return None


def _row(path: Path, plan_path: Path, answers: Answers, ground: Surface | None) -> TerrainFile:
    given = FileAnswers(answers.crs, answers.unit)
    source, licence, datum, holds = "", "", answers.datum, answers.holds
    if answers.kind is FileKind.ELEVATION:
        grid = read_elevation(path, given=given)
        if not answers.unit:
            check_no_classes(path, given)
        if ground is not None and not answers.unit and grid.edge:  # .hgt says by its kind what its unit is
            check_unit(grid, ground, str(path))
        cell_m = ElevationTile(grid).cell_at_centre_m
        source, licence, datum = grid.source, grid.licence, datum or grid.vertical_datum
        holds = holds_of(grid) if holds is Holds.UNKNOWN else holds
    elif ground is not None:
        found = read_row(path, answers, ground)
        cell_m, source, licence = found.cell_m, found.source, found.licence
    else:
        raise AssertionError(path)
    at = _found(path)
    if at is None:
        raise FileError(msg("The file went away while it was read."), where=str(path))
    return TerrainFile(
        id=path.name,
        path=stored_path(path, plan_path),
        sha256=_digest(at),
        cell_m=round(cell_m, 2),
        source=source,
        licence=licence,
        date=answers.date,
        vertical_datum=datum,
        kind=answers.kind,
        holds=holds,
        crs=answers.crs,
        unit=answers.unit,
        class_heights=answers.class_heights,
    )


def _trees_of_pack(path: Path, row: TerrainFile, plan: Plan) -> dict[str, TerrainFile]:
    """Return the row of the tree heights that an area pack brings beside its elevation."""
    facts = read_facts(path).get("trees") if row.kind is FileKind.ELEVATION and is_pack(path) else None
    if not isinstance(facts, dict):
        return {}
    key = f"{row.id}:trees"
    was = plan.terrain.get(key)
    return {
        key: replace(
            row, id=key, kind=FileKind.TREES, cell_m=float(facts.get("cell_m", row.cell_m)), holds=Holds.UNKNOWN,
            source=str(facts.get("source", "")), licence=str(facts.get("licence", "")),
            date=str(facts.get("date", "")), vertical_datum="", crs="", unit="",
            priority=0 if was is None else was.priority,
        )
    }  # fmt: skip


def terrain_problems(plan: Plan, plan_path: str | Path) -> tuple[PlannerError, ...]:
    """Return what is wrong with the elevation files of a plan: those gone, those changed, datums mixed.

    Each carries what, where and fix, and may be raised or listed.
    """
    problems: list[PlannerError] = []
    for row in plan.terrain.values():
        path = _place(row, plan_path)
        found = _found(path) if path is not None else None
        if path is None:
            problems.append(
                FileError(
                    msg("This elevation file lies outside the plan's folder and was not added on this machine."),
                    where=row.path,
                    fix=msg(
                        "It is not opened. If you have it, add it again: a file that lies beside the plan travels with "
                        "it."
                    ),
                )
            )
        elif found is None:
            problems.append(
                FileError(
                    msg("This elevation file of the plan is gone."),
                    where=str(path),
                    fix=msg("Put it back, or add it again from where it is now."),
                )
            )
        elif _digest(found) != row.sha256:
            problems.append(
                FileError(
                    msg("This elevation file has changed since it was added to the plan."),
                    where=str(path),
                    fix=msg("Add it again to use what it holds now, or put the old one back."),
                )
            )
    elevation = plan.elevation
    datums = sorted({row.vertical_datum for row in elevation} - {""})
    if len(datums) > 1:
        problems.append(
            InputError(
                msg(
                    "The elevation files count their heights from different zeros: {datums}.", datums=", ".join(datums)
                ),
                where=", ".join(row.id for row in elevation),
                fix=msg("Use files of one vertical datum; where they meet, heights may jump by metres."),
            )
        )
    return tuple(problems)


def open_surface(
    plan: Plan,
    plan_path: str | Path,
    *,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Surface:
    """Return the ground of a plan.

    Raises
    ------
    MissingTerrainError
        Where the plan has no elevation file.
    FileError
        Where a file is gone, changed since it was added, or cannot be read. The first is raised;
        `terrain_problems` lists all.
    """
    rows = plan.elevation
    if not rows:
        raise MissingTerrainError(
            msg("The plan has no terrain."),
            where=str(plan_path),
            fix=msg("Add elevation files."),
        )
    for problem in terrain_problems(plan, plan_path):
        if isinstance(problem, FileError):
            raise problem
    area = plan.area
    surface = Surface.open(
        [path for row in rows if (path := _place(row, plan_path)) is not None],
        priorities=[row.priority for row in rows],
        given=[FileAnswers(row.crs, row.unit) for row in rows],
        blend_m=area.blend_m,
        tops=[row.holds is Holds.SURFACE and not area.trees_on_surfaces for row in rows],
        progress=progress,
        cancel=cancel,
    )
    trees = [
        (row, path)
        for row in plan.terrain.values()
        if row.kind is not FileKind.ELEVATION and (path := _place(row, plan_path)) is not None
    ]
    surface.trees = open_trees(plan, Path(plan_path), surface, trees)
    return surface

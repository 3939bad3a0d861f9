"""The pack of an area, in town for a village without Internet: fetched, joined, checked."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.area.elevation_sources import ADDRESSES, ElevationSource
from cn_planner.area.elevation_web import cost_to_fetch, fetch_elevation
from cn_planner.area.pack import PackMade, make_pack
from cn_planner.area.web import Web
from cn_planner.errors import InputError
from cn_planner.gis.pack_facts import PACK_SUFFIX
from cn_planner.message import msg
from cn_planner.model.ground import FileKind
from cn_planner.progress import ALONE, Run
from cn_planner.terrain.asked import Answers
from cn_planner.terrain.known import file_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cn_planner.area.elevation_sources import GeoBox
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan


def trees_for_pack(plan: Plan, plan_path: Path) -> tuple[tuple[Path, Answers], ...]:
    """Return the files of tree heights and land cover of a plan that are there, with what was answered of each."""
    folder = plan_path.resolve().parent
    found = ((file_place(row.path, folder), row) for row in plan.terrain.values() if row.kind is not FileKind.ELEVATION)
    return tuple(
        (path, Answers(row.kind, crs=row.crs, unit=row.unit, class_heights=row.class_heights, date=row.date))
        for path, row in found
        if path is not None and path.is_file()
    )


class TerrainFrom(NamedTuple):
    """Where the terrain of a pack comes from: files at hand, or else a source and its server."""

    files: Sequence[Path] = ()
    source: ElevationSource = ElevationSource.GLO30
    server: str = ""


def pack_area(
    target: Path,
    box: GeoBox,
    *,
    terrain: TerrainFrom,
    extract: Path | None = None,
    trees: Sequence[tuple[Path, Answers]] = (),
    name: str = "",
    date: str,
    told: Callable[[Message], None],
    run: Run = ALONE,
) -> tuple[PackMade, tuple[str, ...]]:
    """Make a pack; return what went in, and the tiles that were not to be had.

    Without elevation files the terrain is fetched into a folder beside the pack. It is gone when the pack is whole;
    until then what has come is not fetched again.

    Parameters
    ----------
    target : Path
        NAME.cnpack.gpkg.
    box, extract, trees, name, date
        As for `make_pack`.
    terrain : TerrainFrom
    told : callable
        Hears how much will come, before it does.

    Raises
    ------
    InputError, FileError, CancelledError
        As `make_pack` and `fetch_elevation`.
    """
    if not target.name.endswith(PACK_SUFFIX):
        raise InputError(
            msg("A pack is called NAME{suffix}.", suffix=PACK_SUFFIX),
            where=target.name,
            fix=msg("Give it such a name."),
        )
    files: tuple[Path, ...] = tuple(terrain.files)
    none_at: tuple[str, ...] = ()
    aside = target.with_name(f"{target.name}.parts")
    rest = run
    if not files:
        with Web(cancel=run.cancel) as web:
            source, server = terrain.source, terrain.server
            size = cost_to_fetch(web, box, source, server).size_bytes
            asked = server or ADDRESSES[source]
            told(msg("About {size:,.1f} MB of terrain come from {server}.", size=size / 1e6, server=asked))
            watch = run.part(0.0, 0.7)
            found = fetch_elevation(web, box, source, aside, server=server, progress=watch.progress, cancel=run.cancel)
        files, none_at = found.files, found.none_at
        rest = run.part(0.7, 1.0)
        if not files:
            raise InputError(
                msg("The server has no terrain there: {tiles}.", tiles=", ".join(none_at)),
                fix=msg("Is it sea? Check the box, or choose the other source."),
            )
    made = make_pack(
        target,
        box,
        files,
        extract,
        name=name or target.name.removesuffix(PACK_SUFFIX),
        date=date,
        none_at=none_at,
        trees=trees,
        progress=rest.progress,
        cancel=run.cancel,
    )
    shutil.rmtree(aside, ignore_errors=True)
    return made, none_at

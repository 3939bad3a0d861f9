"""From nothing to the ground of a village: where it is, what comes along, from the net or from what is at hand."""

from __future__ import annotations

import filecmp
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.area.country import country_at, country_of_area
from cn_planner.area.elevation_sources import ElevationSource, GeoBox
from cn_planner.area.elevation_web import Fetched, fetch_elevation
from cn_planner.area.osm_web import ANSWER_S, PlaceFound, fetch_map, find_names
from cn_planner.area.web import Web
from cn_planner.errors import FileError, InputError, PlannerError
from cn_planner.gis.pack import read_pack_layers
from cn_planner.gis.pack_facts import PACK_SUFFIX, is_pack, read_facts
from cn_planner.importers.geojson import X, Y
from cn_planner.importers.osm import read_osm_table
from cn_planner.importers.packs import read_pack_table
from cn_planner.importers.place_search import EXACT, search
from cn_planner.message import msg
from cn_planner.model.edits import change_section
from cn_planner.progress import ALONE, Run
from cn_planner.session.country import set_country
from cn_planner.session.fetching import terrain_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cn_planner.gis.base_map import BaseLayer
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan

_CHUNK = 1 << 20
_MOST_PACKS = 20
"""Looked at in each folder: nobody has more on a stick, and each is opened."""


class PackAtHand(NamedTuple):
    """A pack that lies on this machine: the file, what it calls itself, and its box."""

    path: Path
    name: str
    box: GeoBox


class Servers(NamedTuple):
    """Who is asked in place of the public servers; empty: those."""

    terrain: str = ""
    map: str = ""
    names: str = ""


class GroundWanted(NamedTuple):
    """What is to come from the net."""

    terrain: bool = True
    map: bool = True


class GroundFetched(NamedTuple):
    """What came: elevation files, the map, tiles that the server does not have, and why the map did not come."""

    terrain: Fetched | None
    map: Path | None
    map_failed: PlannerError | None = None


def say_where(plan: Plan, box: GeoBox) -> Edit:
    """Return the edit after which a plan is of a box, and of the country that it surely lies in, where it has none."""
    place = (box.south, box.west, box.north, box.east)
    edit = change_section(plan, "area", msg("say where the village is"), box=place)
    if plan.info.country:
        return edit
    middle = country_at((box.south + box.north) / 2, _middle_of(box.west, box.east))
    # A box of a village at the sea is surely of its country too, though its half is of none.
    if middle.code is None or not middle.sure or country_of_area(place).candidates != (middle.code,):
        return edit
    return replace(edit, plan=set_country(edit.plan, middle.code).plan)


def _middle_of(west: float, east: float) -> float:
    return (west + ((east - west) % 360.0 or 360.0) / 2 + 180.0) % 360.0 - 180.0


def holds_middle(pack: GeoBox, box: GeoBox) -> bool:
    """Return whether one box holds the middle of another."""
    return _holds(pack, (box.south + box.north) / 2, _middle_of(box.west, box.east))


def packs_at_hand(folders: Iterable[Path]) -> tuple[PackAtHand, ...]:
    """Return the area packs that lie in folders, by their names; what is none or damaged is passed over."""
    found: dict[Path, PackAtHand] = {}
    for folder in folders:
        with suppress(OSError):
            for path in sorted(folder.glob(f"*{PACK_SUFFIX}"))[:_MOST_PACKS]:
                with suppress(PlannerError, TypeError, ValueError, KeyError):
                    facts = read_facts(path)
                    south, west, north, east = (float(one) for one in facts["box"])
                    name = str(facts.get("name") or path.name.removesuffix(PACK_SUFFIX))[:60]
                    found[path.resolve()] = PackAtHand(path, name, GeoBox(south, west, north, east))
    return tuple(sorted(found.values(), key=lambda one: (one.name, str(one.path))))


def _holds(box: GeoBox, latitude: float, longitude: float) -> bool:
    """Return whether a place lies in a box."""
    span = (box.east - box.west) % 360.0 or 360.0
    return box.south <= latitude <= box.north and (longitude - box.west) % 360.0 <= span


def places_called(
    plan: Plan, text: str, packs: Sequence[PackAtHand] = (), on_map: Sequence[tuple[str, float, float]] = ()
) -> tuple[PlaceFound, ...]:
    """Return where a text may mean without any net: coordinates, things of the plan, names of its map and of packs.

    Raises
    ------
    InputError
        Where it means nothing that is known here.
    """
    names = list(on_map)
    for pack in packs:
        with suppress(PlannerError):
            names += _names_of(read_pack_layers(pack.path).get("places"))
    hits = search(plan, text, names)
    very = [one for one in hits if one.likeness == EXACT]  # what is only alike is no answer beside it
    found = []
    for hit in very or hits:
        place = (hit.latitude, hit.longitude)
        if hit.latitude is None or hit.longitude is None:
            thing = plan.sites.get(hit.id) or plan.households.get(hit.id) or plan.places.get(hit.id)
            if thing is None:
                continue  # an area
            place = thing.latitude, thing.longitude
        # Coordinates have no name but where they are.
        found.append(
            PlaceFound(str(hit.name) if hit.kind != "place" else "", float(place[0] or 0), float(place[1] or 0))
        )
    if plan.info.country and not _any_named(found):  # read one way or the other: that which lies in the country
        there = [one for one in found if plan.info.country in country_at(one.latitude, one.longitude).candidates]
        found = there or found
    if not found:
        raise InputError(msg("Nothing that is at hand is called {text}.", text=text.strip()[:60]))
    return tuple(dict.fromkeys(found))


def _any_named(found: Iterable[PlaceFound]) -> bool:
    """Return whether what was found are names, and not coordinates."""
    return any(one.name for one in found)


def _names_of(layer: BaseLayer | None) -> list[tuple[str, float, float]]:
    import numpy as np
    import shapely

    if layer is None or not len(layer):
        return []
    points = shapely.from_wkb(np.array(layer.shapes, dtype=object))
    places = zip(layer.names, shapely.get_y(points).tolist(), shapely.get_x(points).tolist(), strict=True)
    return [one for one in places if one[0]]


def ask_for_name(text: str, servers: Servers, language: str, run: Run = ALONE) -> tuple[PlaceFound, ...]:
    """Ask the net where a name lies.

    Raises
    ------
    FileError, CancelledError
        As `find_names`.
    """
    with Web(cancel=run.cancel) as web:
        return find_names(web, text, server=servers.names, language=language)


def bring_ground(
    plan_path: Path, box: GeoBox, wanted: GroundWanted, servers: Servers, run: Run = ALONE
) -> GroundFetched:
    """Fetch what is wanted of a box into the plan's folder; where only the map fails, the terrain is there.

    Raises
    ------
    InputError, FileError, CancelledError
        As `fetch_elevation`; as `fetch_map`, where nothing else was wanted.
    """
    folder = terrain_folder(plan_path)
    terrain, failed, found = None, None, None
    if wanted.terrain:
        watch = run.part(0.0, 0.7 if wanted.map else 1.0)
        with Web(cancel=run.cancel) as web:
            terrain = fetch_elevation(
                web, box, ElevationSource.GLO30, folder,
                server=servers.terrain, progress=watch.progress, cancel=run.cancel,
            )  # fmt: skip
    if wanted.map:
        watch = run.part(0.7 if wanted.terrain else 0.0, 1.0)
        watch.progress(0.0, msg("Fetching roads, rivers, names and roofs"))
        folder.mkdir(parents=True, exist_ok=True)
        corners = "_".join(f"{one:.4f}" for one in (box.south, box.west, box.north, box.east))
        try:
            with Web(cancel=run.cancel, read_s=ANSWER_S) as web:
                target = folder / f"map_{corners}.osm"
                found = fetch_map(web, box, target, server=servers.map, progress=watch.progress)
        except (FileError, InputError) as error:
            if terrain is None:
                raise
            failed = error
    return GroundFetched(terrain, found, failed)


def put_beside(plan_path: Path, files: Sequence[Path], run: Run = ALONE) -> tuple[Path, ...]:
    """Copy files of the ground into the plan's folder, whole or not at all, so that they travel with it.

    What lies in the plan's folder already, or was copied before, stays.

    Raises
    ------
    FileError
        Where one cannot be read or written.
    CancelledError
        Where the user cancelled.
    """
    folder, home = terrain_folder(plan_path), plan_path.resolve().parent
    found = []
    for number, file in enumerate(files):
        if file.resolve().is_relative_to(home):
            found.append(file)
            continue
        watch = run.part(number / len(files), (number + 1) / len(files))
        watch.progress(0.0, msg("Copying {file} beside the plan", file=file.name))
        try:
            found.append(_copied(file, folder, watch))
        except OSError as problem:
            raise FileError(
                msg("The file cannot be copied beside the plan."),
                where=str(file),
                fix=msg("Check the folder, and the space on the disk."),
            ) from problem
    return tuple(found)


def _copied(file: Path, folder: Path, run: Run) -> Path:
    """Return a copy, by the file's own name: that says where on earth some of them lie."""
    number = 1
    while (target := (folder / file.name if number == 1 else folder / str(number) / file.name)).exists():
        if filecmp.cmp(file, target, shallow=False):
            return target
        number += 1
    target.parent.mkdir(parents=True, exist_ok=True)
    part, size, done = target.with_name(f".{target.name}.part"), max(file.stat().st_size, 1), 0
    try:
        with file.open("rb") as source, part.open("wb") as out:
            while chunk := source.read(_CHUNK):
                run.check()
                out.write(chunk)
                done += len(chunk)
                run.progress(min(done / size, 1.0))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def roofs_of(file: Path, box: GeoBox | None = None) -> int:
    """Return how many homes the roofs of a base map make, in a box where one is given; 0 for what is drawn as pictures.

    Those that an import of it takes: `importers.files`.
    """
    with suppress(PlannerError):
        table = read_pack_table(file) if is_pack(file) else read_osm_table(file, "buildings")
        x, y = (table.columns.index(name) for name in (X, Y))
        rows = (row for _, row in table.rows if isinstance(row, (list, tuple)))
        return sum(box is None or _holds(box, float(row[y]), float(row[x])) for row in rows)
    return 0

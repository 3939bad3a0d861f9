"""Every reader that a stranger's file may come to, with good files to begin from and how they are damaged.

A reader here is what people's acts call, as a whole: an import with its rows, a plan with its history, a picture with a
tile of it. What the program has done in a process of its own is done in this one: `engine.py` sees to it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from cn_planner.model.plan import Plan

from . import damage as d
from . import ground_seeds as g
from . import seeds as s

Read = Callable[[Path], object]


@dataclass(frozen=True)
class Reader:
    """A reader.

    ``make``: from a folder to good files by name. ``kinds``: how they are damaged, or from a file's name to that.
    ``apart``: it answers from a process of its own that is begun anew where it fails: an exception or the end of it is
    an answer.
    """

    make: Callable[[Path], Mapping[str, bytes]]
    kinds: tuple[d.Damage, ...] | Callable[[str], tuple[d.Damage, ...]]
    read: Read
    apart: bool = False

    def kinds_of(self, name: str) -> tuple[d.Damage, ...]:
        """Return how a file of this name is damaged."""
        return self.kinds(name) if callable(self.kinds) else self.kinds


def things(kind: str, path: Path) -> object:
    from cn_planner.importers.choices import Choices
    from cn_planner.importers.files import import_file

    return import_file(Plan(), path, kind, choices=Choices(skip_bad=True))


def whole_things(path: Path) -> object:
    """As homes, and nothing is left out in silence."""
    from cn_planner.importers.files import import_file

    return import_file(Plan(), path, "households")


def stations(path: Path) -> object:
    from cn_planner.importers.choices import Choices
    from cn_planner.importers.files import import_file
    from cn_planner.model.items import Items
    from cn_planner.model.plan import Household

    plan = Plan(households=Items([Household("h", "Asha", 42.1, 1.8)]))
    return import_file(plan, path, "measurements", choices=Choices(skip_bad=True, fill={"freq_mhz": "5500"}))


def survey(path: Path) -> object:
    from cn_planner.importers.survey import SurveyNames, import_survey

    return import_survey(Plan(), path, SurveyNames("", {}, {}))


def photograph(path: Path) -> object:
    from cn_planner.gis.photo import photo_of

    return photo_of(path)


def dropped(path: Path) -> object:
    from cn_planner.gui.intake import kind_of_things, what_is
    from cn_planner.session.import_preview import preview, try_import

    kind = kind_of_things(path) if what_is(path) == "table" else "households"
    if kind == "sun":
        return None
    preview(path, kind)
    return try_import


def sun(path: Path) -> object:
    from cn_planner.session.sun import import_sun

    return import_sun(Plan(), path)


def pattern(path: Path) -> object:
    from cn_planner.importers.antenna_pattern import read_pattern

    return read_pattern(path)


@cache
def _shelf() -> Any:
    from cn_planner.storage.catalogue import load_catalogue

    return load_catalogue()


def prices(path: Path) -> object:
    from cn_planner.session.own_entries import find_prices, take_prices

    found = find_prices(Plan(), _shelf(), path)
    return take_prices(Plan(), found, replace_all=False)


def base_layers(path: Path) -> object:
    from cn_planner.gis.base_map import read_base_map

    return read_base_map(path)


def tile_file(path: Path) -> object:
    from cn_planner.gis.tile_file import TileFile, is_tile_file
    from cn_planner.gis.vector_tile import unpacked

    is_tile_file(path)
    file = TileFile(path)
    try:
        for place in ((8, 129, 95), (9, 258, 191), (0, 0, 0), (1, 1, 1), (file.most_zoom, 0, 0)):
            data = file.tile(*place)
            if data is not None and file.vector:
                with contextlib.suppress(ValueError):
                    unpacked(data)
            elif data is not None:
                picture(data)
    finally:
        file.close()
    return file.attribution


def picture(data: bytes) -> object:
    """As the map unpacks a tile."""
    from PySide6.QtCore import QByteArray
    from PySide6.QtGui import QImage

    image = QImage()
    image.loadFromData(QByteArray(data))
    return image.width()


def vector_tile(path: Path) -> object:
    from cn_planner.gis.vector_tile import read_tile, unpacked

    return read_tile(unpacked(path.read_bytes()), 8, 129, 95)


def ground(path: Path) -> object:
    from cn_planner.gis.cover_raster import bytes_in
    from cn_planner.gis.parts import FileAnswers
    from cn_planner.gis.raster import elevation_grid, read_elevation
    from cn_planner.terrain.asked import holds_of
    from cn_planner.terrain.tile import ElevationTile

    elevation_grid(path)
    grid = read_elevation(path)
    bytes_in(path, FileAnswers())
    holds_of(grid)
    return ElevationTile(grid).cell_at_centre_m


def wrapped(path: Path) -> object:
    from cn_planner.gis.raster import read_elevation

    return read_elevation(path)


def cover(path: Path) -> object:
    from cn_planner.gis.cover_raster import bytes_in, classes_in, read_cover
    from cn_planner.gis.parts import FileAnswers

    box = (41.5, 1.7, 42.3, 1.9)
    answers = FileAnswers()
    bytes_in(path, answers)
    heights = {n: float(n) for n in classes_in(path, box, answers)} if "tree" not in path.name else None
    return read_cover(path, box, 30.0, answers, heights, strict=True)


def ground_picture(path: Path) -> object:
    from cn_planner.gis.picture import PictureFile, is_picture

    is_picture(path)
    file = PictureFile(path)
    try:
        west, south, east, north = file._bounds
        file.tile((west, south, east, north), 32)
        return file.tile((west, south, (west + east) / 2, north), 64)
    finally:
        file.close()


def pack(path: Path) -> object:
    from cn_planner.gis.pack import read_pack
    from cn_planner.gis.pack_facts import holds_pack, is_pack

    holds_pack(path)
    is_pack(path)
    return read_pack(path)


def plan(path: Path) -> object:
    from cn_planner.model.checks import problems
    from cn_planner.storage.plan_file import PlanFile

    with PlanFile.open(path) as file:
        for one in file.notices:
            str(one)
        for step in file.history.steps:
            str(step.label)
        for version in file.versions():
            file.load_version(version.name)
        while file.history.done:
            file.undo()
        while file.history.done < len(file.history.steps):
            file.redo()
        return [str(one) for one in problems(file.plan)]


def shelf(path: Path) -> object:
    from cn_planner.storage.catalogue import read_catalogue
    from cn_planner.storage.catalogue_bands import read_bands

    for name, data in s.shelf(path.parent).items():
        if name != path.name:
            (path.parent / name).write_bytes(data)
    if path.name == "bands.toml":
        return read_bands(path.parent)
    return read_catalogue(path.parent)


def rules(path: Path) -> object:
    from cn_planner.storage.regulations import read_rules

    return read_rules(path.parent)


def instance(path: Path) -> object:
    from cn_planner.solver.instance import read_instance

    return read_instance(path)


def translation(path: Path) -> object:
    from cn_planner import i18n
    from cn_planner.message import counted, msg

    i18n.use_catalogues(path.parent)
    # What babel prints of a damaged line is not for this test.
    with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
        return i18n.say(counted("{count} row", "{count} rows", 2), "es") + i18n.say(msg("There is no such file."), "es")


def profiles(path: Path) -> object:
    from cn_planner.validation.profiles import read_clutter, read_profiles

    return read_clutter(path) if "clutter" in path.name else read_profiles(path)


def cases(path: Path) -> object:
    from cn_planner.validation.batch import predict

    model = {"knife": "knife-edge", "p838": "p838", "two-ray": "two-ray", "p833-woodland": "p833-woodland"}[path.stem]
    return predict(model, path, path.with_name("out.csv"))


def window_settings(path: Path) -> object:
    from cn_planner.gui.settings import WINDOW_SETTINGS, Settings

    found = Settings(path)
    return [found.get(key) for key in WINDOW_SETTINGS]


def typed(path: Path) -> object:
    """Settings of a plan, one after the other; a place in each line of another file."""
    from cn_planner.errors import PlannerError
    from cn_planner.importers.coordinates import place_readings
    from cn_planner.model.settings import change_setting

    now, said = Plan(), 0
    for line in path.read_bytes()[:20_000].decode("utf-8", "replace").splitlines()[:200]:
        if path.stem == "places":
            said += len(place_readings(line, (42.0, 1.8)))
            continue
        key, _, value = line.partition("=")
        try:
            now = change_setting(now, {key: value}).plan
        except PlannerError:
            said += 1
    return now, said


def order(path: Path) -> object:
    from cn_planner.export.files import _finish

    folder = path.parent
    aside = folder / ".cn-planner-x-y"
    (aside / "b").mkdir(parents=True)
    path.replace(aside / path.name)
    (aside / "a.csv").write_text("new")
    (folder / "c.pdf").write_text("old")
    return _finish(folder)


def known_files(path: Path) -> object:
    from cn_planner.terrain import known

    folder = path.parent / "config" / "cn-planner"
    folder.mkdir(parents=True, mode=0o700)
    path.replace(folder / path.name)
    before = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = str(path.parent / "config")
    try:
        known.remember(path.parent / "new.tif")
        return known.file_place("/home/x/N42E001.hgt", path.parent)
    finally:
        known._here.clear()
        os.environ["XDG_CONFIG_HOME"] = before or ""


def trap(path: Path) -> object:
    """Fail at one file, as the test of the fuzzer itself asks it to."""
    if path.parent.name == "2":
        match os.environ["FUZZ_TRAP"]:
            case "raises":
                return 1 / 0
            case "dies":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hangs":
                while True:
                    pass
            case "grows":
                return len(bytearray(9 << 27))
    return None


def _inner(name: str) -> d.Damage:
    if name.endswith((".xml", ".rels", ".kml", ".svg")):
        return d.in_xml
    return d.in_tiff if name.endswith(".tif") else d.in_bytes


def _of(text: d.Damage) -> Callable[[str], tuple[d.Damage, ...]]:
    """Return the damage of a text that may be packed."""
    return lambda name: (d.in_gzip(text),) if name.endswith(".gz") else (text,)


def _of_ground(name: str) -> tuple[d.Damage, ...]:
    if name.endswith(".zip"):
        return (d.in_zip(_inner),)
    return (d.in_gzip(d.in_tiff if ".tif" in name else d.in_bytes),) if name.endswith(".gz") else ()


def _alone(make: Callable[[], Mapping[str, bytes]]) -> Callable[[Path], Mapping[str, bytes]]:
    return lambda _folder: make()


def _some(make: Callable[[], Mapping[str, bytes]], *ends: str) -> Callable[[Path], Mapping[str, bytes]]:
    return lambda _folder: {name: data for name, data in make().items() if name.endswith(ends)}


def _dropped(_folder: Path) -> Mapping[str, bytes]:
    return {**s.tables(), **s.json_lists(), **s.node_lists()}


READERS: dict[str, Reader] = {
    "csv homes": Reader(_alone(s.tables), _of(d.in_text), partial(things, "households")),
    "csv sites": Reader(_alone(s.tables), _of(d.in_text), partial(things, "sites")),
    "csv measurements": Reader(_some(s.tables, "levels.csv"), (d.in_text,), partial(things, "measurements")),
    "stations": Reader(_alone(s.stations), lambda name: (d.in_json if name.endswith("json") else d.in_text,), stations),
    "survey": Reader(
        _alone(s.answers), lambda name: (d.in_zip(_inner) if name.endswith("zip") else d.in_text,), survey
    ),
    "xlsx": Reader(_some(s.workbooks, "homes.xlsx"), (d.in_zip(_inner),), whole_things),
    "dropped file": Reader(_dropped, (d.in_text, d.in_json), dropped),
    "geojson": Reader(_some(s.json_lists, ".geojson"), (d.in_json,), whole_things),
    "node list": Reader(_alone(s.node_lists), (d.in_json,), partial(things, "sites")),
    "cnml": Reader(_alone(s.cnml), _of(d.in_xml), partial(things, "sites")),
    "kml": Reader(s.kml, (d.in_xml,), whole_things),
    "kmz": Reader(s.kmz, (d.in_zip(_inner),), whole_things),
    "gpx": Reader(s.gpx, (d.in_xml,), whole_things),
    "geopackage": Reader(s.geopackages, (d.in_database,), whole_things),
    "flatgeobuf": Reader(s.flatgeobufs, (d.in_bytes,), whole_things),
    "shapefile": Reader(s.shapefiles, (d.in_zip(_inner),), whole_things),
    "osm xml": Reader(s.osm_xml, _of(d.in_xml), whole_things),
    "osm pbf": Reader(s.osm_pbf, (d.in_osm_pbf,), whole_things),
    "base map": Reader(lambda folder: {**s.osm_xml(folder), **s.osm_pbf(folder)},
                       lambda name: (d.in_osm_pbf,) if "pbf" in name else _of(d.in_xml)(name), base_layers),
    "sun": Reader(_alone(s.sun), lambda name: (d.in_json,) if name.endswith("json") else (d.in_text,), sun),
    "antenna pattern": Reader(_alone(s.patterns), (d.in_text,), pattern),
    "price list": Reader(lambda _folder: {**s.price_lists(), "prices.xlsx": s.workbooks()["prices.xlsx"]},
                         lambda name: (d.in_zip(_inner),) if name.endswith("xlsx") else (d.in_text,), prices),
    "plan file": Reader(s.plans, (d.in_database,), plan),
    "elevation": Reader(g.elevation, (d.in_tiff,), ground),
    "packed elevation": Reader(g.hgt, _of_ground, wrapped),
    "land cover": Reader(g.cover, (d.in_tiff,), cover),
    "ground picture": Reader(g.ground_pictures, (d.in_tiff,), ground_picture, apart=True),
    "area pack": Reader(g.packs, (d.in_database,), pack),
    "mbtiles": Reader(g.mbtiles, (d.in_database,), tile_file),
    "pmtiles": Reader(g.pmtiles, (d.in_pmtiles,), tile_file),
    "vector tile": Reader(g.vector_tiles, _of(d.in_protobuf), vector_tile, apart=True),
    "photograph": Reader(g.pictures, lambda name: (d.in_png,) if name.endswith("png") else (d.in_bytes,), photograph,
                         apart=True),
    "tile picture": Reader(g.pictures, lambda name: (d.in_png,) if name.endswith("png") else (),
                           lambda path: picture(path.read_bytes())),
    "equipment": Reader(s.shelf, (d.in_text,), shelf),
    "rules": Reader(s.rules, (d.in_json,), rules),
    "instance": Reader(s.instances, _of(d.in_json), instance),
    "translation": Reader(s.translations, (d.in_text,), translation),
    "profiles": Reader(s.profiles, (d.in_zip(_inner),), profiles),
    "cases": Reader(s.cases, (d.in_text,), cases),
    "window settings": Reader(s.settings, (d.in_text,), window_settings),
    "typed settings": Reader(s.own_words, (d.in_text,), typed),
    "order of an export": Reader(s.orders, (d.in_json,), order),
    "list of files": Reader(s.lists_of_files, (d.in_json,), known_files),
}  # fmt: skip
TRAP = Reader(lambda _folder: {"a.txt": b"a"}, (d.in_text,), trap)

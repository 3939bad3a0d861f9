"""OpenStreetMap extracts (.osm.pbf, .osm, .osm.gz): buildings, structures and hills as rows of places.

Read in a process of its own by the library's OSM driver. Rings that do not close are skipped by it, not fatal.
Tags as in the OpenStreetMap wiki, pages Key:building, Key:man_made, Tag:natural=peak (2026).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError, InputError
from cn_planner.gis.kinds import refuse, sniff
from cn_planner.gis.worker import PYOGRIO, WorkerError, in_worker, sandboxed
from cn_planner.gis.xml_check import check_xml
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RIGHTS = "(c) OpenStreetMap contributors, ODbL 1.0"
_LARGEST_BYTES = 1 << 29
OSM_LAYERS = ("buildings", "structures", "hills")
_M_PER_DEGREE = 111_195.0
# Of Key:building: where people live, and where what is inside is not said.
_DWELLINGS = frozenset(
    (
        *("yes", "house", "residential", "detached", "apartments", "semidetached_house", "terrace", "bungalow"),
        *("cabin", "hut", "farm", "ger", "static_caravan", "stilt_house", "dormitory", "annexe", "houseboat", "trullo"),
    )
)
_SCHOOLS = frozenset({"school", "kindergarten", "college", "university"})
_CLINICS = frozenset({"hospital", "clinic", "doctors", "health_centre"})
_HIGH = frozenset({"mast", "tower", "communications_tower", "water_tower", "antenna", "silo", "chimney"})
_TAG = re.compile(r'(?<!\\)"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class OsmPlaces:
    """Rows of one layer.

    ``rows``: one cell a column; the last two are longitude and latitude, degrees.
    ``left_out``: buildings in which nobody lives: garages, sheds, shops.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    left_out: int


@sandboxed(PYOGRIO)
def read_osm(path: Path, layer: str) -> OsmPlaces:
    """Read one layer of an extract.

    Parameters
    ----------
    path : Path
        The extract.
    layer : str
        ``buildings`` (their middles; id, name, kind, building, area_m2, levels), ``structures`` (what a radio may be
        fixed to: masts, towers, churches) or ``hills`` (peaks with a name or not).

    Raises
    ------
    FileError
        Where the file is no extract, is damaged or too large.
    InputError
        Where no layer, or one that there is not, is named.
    """
    source = check_extract(path)
    if layer not in OSM_LAYERS:
        raise InputError(
            msg("An OpenStreetMap extract holds many things."),
            where=str(path),
            fix=msg("Name one with --layer: {layers}.", layers=", ".join(OSM_LAYERS)),
        )
    try:
        columns, rows, left_out = in_worker("osm", "read_osm_order", source, layer)
    except WorkerError as error:
        raise FileError(
            msg("The OpenStreetMap extract is damaged or cut short."), where=str(path), fix=msg("Download it again.")
        ) from error
    return OsmPlaces(tuple(columns), [tuple(row) for row in rows], left_out)


def check_extract(path: Path) -> str:
    """Return how the library is told to open an extract.

    Raises FileError where it is none, too large, or says more than a map needs.
    """
    kind = sniff(path)
    if kind not in {"osm", "gzip"}:
        raise refuse(path, kind, msg("an OpenStreetMap extract"))
    size = path.stat().st_size
    if size > _LARGEST_BYTES:
        raise FileError(
            msg("The file has {size} MB; at most {most} MB are read.", size=size >> 20, most=_LARGEST_BYTES >> 20),
            where=str(path),
            fix=msg("Cut the area that you plan for out of it."),
        )
    check_xml(path)
    return f"/vsigzip/{path.resolve()}" if kind == "gzip" else str(path.resolve())


def tags_of(one: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of a thing that have no column of their own."""
    return dict(_TAG.findall(one.get("other_tags") or ""))


def read_osm_order(source: str, layer: str) -> tuple[list[str], list[list[Any]], int]:
    """Return columns, rows, and how many were left out: what the process does."""
    if layer == "buildings":
        return _buildings(source)
    if layer == "structures":
        return _structures(source)
    rows = [
        [f"n{one['osm_id']}", one["name"] or "", _number(one["tags"].get("ele")), x, y]
        for one, x, y, _ in _features(source, "points", 'other_tags LIKE \'%"natural"=>"peak"%\'')
    ]
    return ["id", "name", "ele_m", "x", "y"], rows, 0


def _buildings(source: str) -> tuple[list[str], list[list[Any]], int]:
    rows, left_out = [], 0
    for one, x, y, area in _features(source, "multipolygons", "building IS NOT NULL"):
        use = one["amenity"] if one["amenity"] in _SCHOOLS | _CLINICS else one["building"]
        kind = "school" if use in _SCHOOLS else "clinic" if use in _CLINICS else "home"
        if kind == "home" and (use not in _DWELLINGS or one["amenity"] == "place_of_worship"):
            left_out += 1
            continue
        levels = _number(one["tags"].get("building:levels"))
        rows.append([_area_id(one), one["name"] or "", kind, one["building"], round(area, 1), levels, x, y])
    return ["id", "name", "kind", "building", "area_m2", "levels", "x", "y"], rows, left_out


def _structures(source: str) -> tuple[list[str], list[list[Any]], int]:
    listed = ", ".join(f"'{word}'" for word in sorted(_HIGH))
    rows: list[list[Any]] = []
    for layer, where in (
        ("points", f"man_made IN ({listed}) OR other_tags LIKE '%place_of_worship%'"),
        ("multipolygons", f"man_made IN ({listed}) OR amenity = 'place_of_worship'"),
    ):
        for one, x, y, _ in _features(source, layer, where):
            what = one["man_made"] or one.get("amenity") or one["tags"].get("amenity")
            if what not in _HIGH and what != "place_of_worship":
                continue
            key = f"n{one['osm_id']}" if layer == "points" else _area_id(one)
            height = _number(one["tags"].get("height"))
            name = one["name"] or f"{what.replace('_', ' ')} {sum(row[2] == what for row in rows) + 1}"
            rows.append([key, name, what, height, x, y])
    return ["id", "name", "what", "structure_m", "x", "y"], rows, 0


def _area_id(one: dict[str, Any]) -> str:
    return f"w{one['osm_way_id']}" if one.get("osm_way_id") else f"r{one['osm_id']}"


def _features(source: str, layer: str, where: str) -> list[tuple[dict[str, Any], float, float, float]]:
    """Return tags, longitude and latitude of the middle, and area in m2, of what a layer has."""
    import numpy as np
    import pyogrio.raw
    import shapely

    meta, _, geometry, values = pyogrio.raw.read(source, layer=layer, where=where, force_2d=True)
    shapes = shapely.from_wkb(np.asarray(geometry, dtype=object), on_invalid="ignore")
    middles = shapely.centroid(shapes)
    x, y, area = shapely.get_x(middles), shapely.get_y(middles), shapely.area(shapes)
    columns = dict(zip([str(name) for name in meta["fields"]], (column.tolist() for column in values), strict=True))
    out = []
    for number in range(len(shapes)):
        if not (math.isfinite(x[number]) and math.isfinite(y[number])):
            continue
        one = {name: column[number] for name, column in columns.items()}
        one["tags"] = tags_of(one)
        # On a sphere, flat within a building: 0.7 % at worst.
        square_m = float(area[number]) * _M_PER_DEGREE**2 * math.cos(math.radians(y[number]))
        out.append((one, float(x[number]), float(y[number]), square_m))
    return out


def _number(text: str | None) -> float | None:
    found = re.match(r"\s*(\d{1,5}(?:\.\d{1,3})?)\s*m?\s*$", text or "")
    return float(found[1]) if found else None

"""What a base map is drawn from: roads, rivers, lakes, forests, buildings and names, out of an OpenStreetMap extract.

Classes are those of the OpenStreetMap wiki's Key:highway, Key:waterway, Key:natural, Key:landuse and Key:place (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError
from cn_planner.gis.osm import check_extract, tags_of
from cn_planner.gis.worker import PYOGRIO, WorkerError, in_worker, sandboxed
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

MapBounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

ROAD_CLASSES = {
    **dict.fromkeys(("motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link"), "main"),
    **dict.fromkeys(("secondary", "tertiary", "secondary_link", "tertiary_link"), "road"),
    **dict.fromkeys(("unclassified", "residential", "living_street", "service", "road"), "street"),
    **dict.fromkeys(("track",), "track"),
    **dict.fromkeys(("path", "footway", "bridleway", "cycleway", "steps"), "path"),
}
"""Of Key:highway, the class that a road is drawn as."""
WATERWAYS = {**dict.fromkeys(("river", "canal"), "river"), **dict.fromkeys(("stream", "ditch", "drain"), "stream")}
PLACES = ("city", "town", "village", "hamlet", "suburb", "neighbourhood", "isolated_dwelling", "locality", "peak")
"""In the order in which their names are drawn."""
BASE_LAYERS = ("roads", "rivers", "lakes", "forests", "buildings", "places")


@dataclass(frozen=True, slots=True)
class BaseLayer:
    """Things of one kind.

    Attributes
    ----------
    classes : list of str
        One a thing; empty where all are drawn alike.
    names : list of str
        Empty where a thing has none.
    shapes : list of bytes
        Well-known binary, longitude before latitude, degrees WGS 84.
    """

    classes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    shapes: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.shapes)


@sandboxed(PYOGRIO)
def read_base_map(
    path: Path, bounds: MapBounds | None = None, names: Sequence[str] = BASE_LAYERS
) -> Mapping[str, BaseLayer]:
    """Read an extract as the layers of a base map, by the names of `BASE_LAYERS`.

    Parameters
    ----------
    path : Path
        .osm.pbf, .osm or .osm.gz.
    bounds : (west, south, east, north), optional
        Only what touches them.
    names : sequence of str
        Only these layers.

    Raises
    ------
    FileError
        Where the file is no extract, or damaged.
    """
    source = check_extract(path)
    try:
        found = in_worker("base_map", "read_base_order", source, list(bounds) if bounds else None, list(names))
    except WorkerError as error:
        raise FileError(
            msg("The OpenStreetMap extract is damaged or cut short."), where=str(path), fix=msg("Download it again.")
        ) from error
    return {name: BaseLayer(*columns) for name, columns in found.items()}


_RULES: tuple[tuple[str, str, str], ...] = (
    ("roads", "lines", "highway IS NOT NULL"),
    ("rivers", "lines", "waterway IS NOT NULL"),
    ("lakes", "multipolygons", "\"natural\" = 'water' OR landuse = 'reservoir' OR landuse = 'basin'"),
    ("forests", "multipolygons", "\"natural\" = 'wood' OR landuse = 'forest'"),
    ("buildings", "multipolygons", "building IS NOT NULL"),
    ("places", "points", 'place IS NOT NULL OR other_tags LIKE \'%"natural"=>"peak"%\''),
)


def read_base_order(source: str, bounds: Sequence[float] | None, names: Sequence[str]) -> dict[str, list[list[Any]]]:
    """Return classes, names and shapes of each layer: what the process does."""
    import pyogrio.raw

    out: dict[str, list[list[Any]]] = {}
    for name, layer, where in _RULES:
        if name not in names:
            continue
        meta, _, shapes, values = pyogrio.raw.read(
            source, layer=layer, where=where, force_2d=True, bbox=tuple(bounds) if bounds else None
        )
        columns = dict(zip([str(one) for one in meta["fields"]], (one.tolist() for one in values), strict=True))
        out[name] = [list(column) for column in zip(*_kept(name, columns, shapes), strict=True)] or [[], [], []]
    return out


def _kept(name: str, columns: Mapping[str, list[Any]], shapes: Iterable[Any]) -> Iterable[tuple[str, str, bytes]]:
    for number, shape in enumerate(shapes):
        if shape is None:
            continue
        kind = _class_of(name, {key: column[number] for key, column in columns.items()})
        if kind is not None:
            yield kind, columns["name"][number] or "", shape


def _class_of(name: str, one: Mapping[str, Any]) -> str | None:
    """Return the class that a thing is drawn as; None where it is not drawn."""
    if name == "roads":
        return ROAD_CLASSES.get(one["highway"])
    if name == "rivers":
        return WATERWAYS.get(one["waterway"])
    if name == "places":
        if one["place"] in PLACES:
            return str(one["place"])
        return "peak" if tags_of(one).get("natural") == "peak" and one["name"] else None
    return ""

"""Base maps of lines and areas in tiles: each thing as the layer and class that a base map is drawn from.

A tile is read by the library's MVT driver (Mapbox Vector Tile specification 2.1). What its layers and their words mean
is said by three published schemas: OpenMapTiles 3.15, Protomaps basemap 1 to 4, Shortbread 1.0. What none of them says
is kept as a thin line.
"""

from __future__ import annotations

import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cn_planner.gis.base_map import PLACES, ROAD_CLASSES, WATERWAYS

LARGEST_TILE_BYTES = 16 << 20
"""Of a tile that is unpacked; the specification's own advice is 0.5 MB."""
_MOST_LAYERS, _MOST_THINGS, _LONGEST_NAME = 64, 200_000, 200
_ROADS = {
    **ROAD_CLASSES,
    **dict.fromkeys(("highway", "major_road"), "main"),
    "medium_road": "road",
    **dict.fromkeys(("minor", "minor_road"), "street"),
    **dict.fromkeys(("pedestrian", "other"), "path"),
}
_FORESTS = dict.fromkeys(("wood", "forest"), "")
_PLACES = {name: name for name in PLACES}
_ALL: dict[str, str] = {}
"""Of layers in which every thing is drawn."""
_LINES: dict[str, tuple[str, dict[str, str]]] = {
    **dict.fromkeys(("roads", "transportation", "streets"), ("roads", _ROADS)),
    **dict.fromkeys(("water", "waterway", "physical_line", "water_lines"), ("rivers", WATERWAYS)),
}
_AREAS: dict[str, tuple[str, dict[str, str]]] = {
    **dict.fromkeys(("water", "water_polygons", "ocean"), ("lakes", _ALL)),
    **dict.fromkeys(("natural", "landuse", "landcover", "land"), ("forests", _FORESTS)),
    **dict.fromkeys(("building", "buildings"), ("buildings", _ALL)),
}
_POINTS: dict[str, tuple[str, dict[str, str]]] = {
    **dict.fromkeys(("places", "place", "place_labels", "physical_point", "pois"), ("places", _PLACES)),
    "mountain_peak": ("places", dict.fromkeys(("peak", "volcano"), "peak")),
}
_WORDS = ("highway", "waterway", "natural", "landuse", "place", "kind_detail", "pmap:kind_detail", "class", "pmap:kind",
          "kind")  # fmt: skip
"""Columns that say what a thing is, the most exact first."""
_LEFT_OUT = frozenset(
    (
        *("earth", "mask", "boundaries", "boundary", "poi", "park", "aeroway", "aerodrome_label", "housenumber"),
        *("transportation_name", "water_name", "sites", "addresses", "boundary_labels", "street_labels"),
        *("street_labels_points", "streets_polygons_labels", "water_polygons_labels", "water_lines_labels"),
        *("street_polygons", "public_transport", "dam_polygons", "dam_lines", "pier_polygons", "pier_lines"),
    )
)
"""Layers of the schemas of which nothing is drawn."""


@dataclass(slots=True)
class VectorTile:
    """What a tile holds.

    ``shapes``: by layer and class: shapes of shapely, metres of Web Mercator, also beyond the tile's edge. ``names``:
    list of (class, name, x, y), of places, metres of Web Mercator.
    """

    shapes: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    names: list[tuple[str, str, float, float]] = field(default_factory=list)


def unpacked(data: bytes, most: int = LARGEST_TILE_BYTES) -> bytes:
    """Return a tile's bytes as they were before they were packed.

    Raises
    ------
    ValueError
        Where they are damaged, or more than `most`.
    """
    if data[:2] != b"\x1f\x8b":
        return data
    opener = zlib.decompressobj(16 + zlib.MAX_WBITS)  # 16: a gzip file
    try:
        out = opener.decompress(data, most)
    except zlib.error as problem:
        raise ValueError(str(problem)) from problem
    if not opener.eof:
        raise ValueError("cut short, or too large")
    return out


def read_tile(data: bytes, zoom: int, x: int, y: int) -> VectorTile:
    """Return what an unpacked tile holds; rows count from the north. Only in a process of its own.

    Raises
    ------
    ValueError, RuntimeError
        Where it is damaged.
    """
    import pyogrio
    import pyogrio.raw

    out = VectorTile()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tile.pbf"
        path.write_bytes(data)
        # By the driver's name: bytes alone are opened by whatever driver knows them, also one that reads others.
        source = f"MVT:{path}"
        layers = [str(name) for name, _ in pyogrio.list_layers(source)]
        if len(layers) > _MOST_LAYERS:
            raise ValueError("too many layers")
        place = {"X": x, "Y": y, "Z": zoom, "CLIP": "NO", "METADATA_FILE": ""}
        left = _MOST_THINGS
        for layer in layers:
            if layer not in _LEFT_OUT:
                # Counted first: the library makes room for as many rows as it is told that there may be.
                left -= int(pyogrio.read_info(source, layer=layer, force_feature_count=True, **place)["features"])
                if left < 0:
                    raise ValueError("too many things")
                _read_layer(out, layer, pyogrio.raw.read(
                    source, layer=layer, columns=(*_WORDS, "name"), force_2d=True, **place,
                ))  # fmt: skip
    return out


def _read_layer(out: VectorTile, layer: str, read: tuple[Any, ...]) -> None:
    """Put what is drawn of a layer where it is drawn."""
    import shapely

    meta, _, packed, values = read
    columns = dict(zip([str(one) for one in meta["fields"]], (one.tolist() for one in values), strict=True))
    said = [columns[word] for word in _WORDS if word in columns]
    called = columns.get("name", [None] * len(packed))
    shapes = shapely.from_wkb(packed, on_invalid="ignore")
    tables = (_POINTS, _LINES, _AREAS)
    for row, dimension in enumerate(shapely.get_dimensions(shapes).tolist()):
        kind = _kind_of(tables[dimension].get(layer), [column[row] for column in said]) if dimension >= 0 else None
        if kind is None and dimension > 0 and not any(layer in table for table in tables):
            kind = "other", ""
        if kind is not None and dimension > 0:
            out.shapes.setdefault(kind, []).append(shapes[row])
        elif kind is not None and called[row]:
            middle = shapes[row].centroid
            out.names.append((kind[1], str(called[row])[:_LONGEST_NAME], middle.x, middle.y))


def _kind_of(drawn_as: tuple[str, dict[str, str]] | None, words: list[Any]) -> tuple[str, str] | None:
    """Return layer and class of a thing that these words are said of; None where it is not drawn."""
    if drawn_as is None:
        return None
    target, classes = drawn_as
    if classes is _ALL:
        return target, ""
    kind = next((classes[word] for word in words if word in classes), None)
    return None if kind is None else (target, kind)

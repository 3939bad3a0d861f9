"""JSON: GeoJSON (RFC 7946), its points as they are, lines and areas by their middle; and lists of nodes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import msgspec

from cn_planner.errors import FileError
from cn_planner.importers.node_list import read_node_list
from cn_planner.importers.own_files import LAYER, needless_columns
from cn_planner.importers.result import RowError
from cn_planner.importers.table import MOST_ROWS, SourceTable, encoding_of, read_bytes
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

X, Y = "x", "y"
"""The columns that stand for a geometry's first and second coordinate: ``--map latitude=x`` turns them round."""
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")


class _Document(msgspec.Struct):
    """The outermost object; its features stay bytes, so that one at a time is in memory as values."""

    type: Any = None
    features: list[msgspec.Raw] | None = None
    crs: Any = None
    nodes: msgspec.Raw = msgspec.Raw()
    links: msgspec.Raw = msgspec.Raw()


def read_json(path: Path, *, private: bool = False) -> SourceTable:
    """Return the features of a GeoJSON file as a table: its properties, and x and y of its geometry.

    A list of nodes in JSON is one as well, see `node_list.read_node_list`; ``private`` is for that.

    Raises
    ------
    FileError
        Where the file is not there, empty, cut off, neither GeoJSON nor a list of nodes, or not in WGS 84.

    Notes
    -----
    Memory: the file, 100 bytes a feature, and one feature as values (all of them as values take ten times the file).
    """
    data = read_bytes(path)
    encoding, warnings = encoding_of(data, path)
    if encoding != "utf-8-sig":
        data = data.decode(encoding).encode()
    data = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    document = _document(data, path)
    if document.features is None and document.nodes:
        table = read_node_list(path, document.nodes, document.links, private=private)
        if table is not None:
            table.warnings[:0] = warnings
            return table
    features = _features(document, data, path)
    names: dict[str, None] = {}
    has_id = False
    for feature in _values(features, path):
        if isinstance(feature, dict):
            has_id = has_id or isinstance(feature.get("id"), str | int)
            if isinstance(feature.get("properties"), dict):
                names.update(dict.fromkeys(feature["properties"]))
    names.pop(X, None)
    names.pop(Y, None)
    if has_id:
        names.setdefault("id")
    for name in needless_columns(names, _layers(features, path)):
        del names[name]
    columns = (*names, X, Y)
    rows = _rows(_values(features, path), tuple(names), path.name)
    return SourceTable(path.name, columns, rows, X, Y, warnings)


def _layers(features: list[msgspec.Raw], path: Path) -> Iterator[Any]:
    for feature in _values(features, path):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        cell = properties.get(LAYER) if isinstance(properties, dict) else None
        yield cell if isinstance(cell, str | None) else str(cell)


def _values(features: list[msgspec.Raw], path: Path) -> Iterator[Any]:
    for raw in features:
        try:
            yield msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            raise _no_json(problem, bytes(raw), path) from problem


_BYTE = re.compile(r"\(byte (\d+)\)")


def _no_json(problem: Exception, data: bytes, path: Path) -> FileError:
    """Return the error in words."""
    found = _BYTE.search(str(problem))
    at = int(found[1]) if found else len(data)
    constant = data[max(at - 1, 0) : at + 9].lstrip(b" \t\r\n,:[-").startswith((b"NaN", b"Infinity"))
    if constant or isinstance(problem, RecursionError | msgspec.ValidationError):
        return FileError(
            msg("It is not JSON: a number is not finite, or lists lie too deep in each other."), where=str(path)
        )
    row, column = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
    return FileError(
        msg("It is not JSON in row {row}, column {column}.", row=row, column=column),
        where=str(path),
        fix=msg("The file may be cut off: copy it again."),
    )


def _document(data: bytes, path: Path) -> _Document:
    try:
        document = msgspec.json.decode(data, type=_Document | list[msgspec.Raw])
    except msgspec.ValidationError:  # before its parent: another shape of JSON
        return _Document()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise _no_json(problem, data, path) from problem
    return _Document(nodes=msgspec.Raw(data)) if isinstance(document, list) else document


def _features(document: _Document, data: bytes, path: Path) -> list[msgspec.Raw]:
    features = document.features if document.type == "FeatureCollection" else None
    if document.type == "Feature":
        features = [msgspec.Raw(data)]
    if features is None:
        raise FileError(
            msg("It is not a GeoJSON FeatureCollection, nor a list of nodes that is known (meshviewer, NYC Mesh)."),
            where=str(path),
            fix=msg("Export it as GeoJSON from your map program."),
        )
    details = document.crs.get("properties") if isinstance(document.crs, dict) else None
    name = str(details.get("name", "")) if isinstance(details, dict) else ""
    if name and not name.endswith(_WGS84):
        raise FileError(
            msg("Its coordinates are in {crs}; GeoJSON is in WGS 84.", crs=name[:80]),
            where=str(path),
            fix=msg("Export it again in WGS 84 (EPSG:4326)."),
        )
    if not features:
        raise FileError(msg("The file holds no features."), where=str(path))
    if len(features) > MOST_ROWS:
        raise FileError(msg("The file has more than {most} features.", most=MOST_ROWS), where=str(path))
    return features


def _rows(features: Iterator[Any], names: tuple[str, ...], file: str) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    for row, feature in enumerate(features, 1):
        if not isinstance(feature, dict):
            yield row, RowError(msg("This is not a feature."), file=file, row=row)
            continue
        place = _middle(feature.get("geometry"))
        if place is None:
            yield row, RowError(msg("The feature has no position."), file=file, row=row, column="geometry")
            continue
        properties = feature.get("properties")
        values = properties if isinstance(properties, dict) else {}
        cells = [_cell(values.get(name)) for name in names]
        if "id" in names and not cells[names.index("id")] and isinstance(feature.get("id"), str | int):
            cells[names.index("id")] = str(feature["id"])
        yield row, (*cells, *place)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str | int | float) else None


def _finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def _middle(geometry: Any) -> tuple[float, float] | None:
    """Return x and y of a point, else of the centroid; None where there is no such geometry."""
    if not isinstance(geometry, dict):
        return None
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Point":
        if isinstance(coordinates, list) and len(coordinates) >= 2 and all(_finite(one) for one in coordinates[:2]):
            return float(coordinates[0]), float(coordinates[1])
        return None
    import shapely  # only files of lines and areas need it
    from shapely.geometry import shape

    try:
        centre = shape(geometry).centroid
    except (shapely.errors.ShapelyError, ValueError, TypeError, AttributeError, LookupError):
        return None
    except (OverflowError, RecursionError):  # a whole number of hundreds of digits; collections deep in each other
        return None
    if centre.is_empty or not (math.isfinite(centre.x) and math.isfinite(centre.y)):
        return None
    return float(centre.x), float(centre.y)

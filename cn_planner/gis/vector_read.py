"""Points, and the middles of areas, out of the files of map programs: KML, KMZ, GPX, GeoPackage, shapefile, FlatGeobuf.

What a file is its first bytes say. It is read in a process of its own, by the driver for which it was looked at; files
that make the library read others, or that grow when they are read, are refused before.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner import geo
from cn_planner.errors import FileError, InputError
from cn_planner.faults import walled
from cn_planner.gis.kinds import FILE_KIND_WORDS, LARGEST_MEMBER_BYTES, check_members, refuse, sniff
from cn_planner.gis.kml_count import most_in_kml
from cn_planner.gis.worker import PYOGRIO, PYTHON, WorkerError, in_worker, sandboxed
from cn_planner.gis.xml_check import check_xml
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_LARGEST_BYTES = 1 << 29
MOST_FEATURES = 2_000_000
_MOST_CELLS = 20_000_000
_TOO_MANY = "too many"
"""In the place of the coordinates of a layer that is not read; its count of features and of columns then stand in
that of the names of columns."""
_WANTED = msg("a map file (KML, KMZ, GPX, GeoPackage, shapefile, FlatGeobuf)")
_XML = frozenset({"kml", "gpx"})
_KINDS = _XML | {"sqlite", "shapefile", "flatgeobuf"}
_STYLE_OF_KML = frozenset(
    {"timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"}
)


@dataclass(frozen=True, slots=True)
class PointRows:
    """What a layer holds.

    Attributes
    ----------
    columns : tuple of str
        Those in which there is anything.
    values : list of list
        One a column: text, number, bool or None.
    x, y : float64 arrays
        Longitude and latitude, degrees WGS 84; NaN where a feature has no place.
    lines : int
        Features that are lines and were left out.
    kml : bool
        Whether the file is KML, whose texts are HTML to some programs.
    """

    columns: tuple[str, ...]
    values: list[list[Any]]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    lines: int
    kml: bool = False


@walled
def is_map_file(path: Path) -> bool:
    """Return whether a file looks like one that `read_points` reads; a spreadsheet does not."""
    kind = sniff(path)
    return kind in _KINDS or (kind == "zip" and bool(_maps_in(path)))


@sandboxed(PYTHON)
def _maps_in(path: Path) -> list[tuple[str, str]]:
    """Return the maps in a zip archive: kind and member."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return []
    ends = {".kml": "kml", ".shp": "shapefile"}
    return [(ends[name.lower()[-4:]], name) for name in names if name.lower()[-4:] in ends]


def _source(path: Path) -> tuple[str, str, str]:
    """Return what a file is, how the library is told to open it, and its member; refuse what it may not open."""
    kind = sniff(path)
    source, member = str(path.resolve()), ""
    if kind == "zip":
        check_members(path, LARGEST_MEMBER_BYTES)
        maps = _maps_in(path)
        # A KMZ's map is the first of its KML files (OGC 12-007r2, 6); of shapefiles there may be one.
        if not maps or (len(maps) > 1 and maps[0][0] != "kml"):
            raise FileError(
                msg("The archive holds {count} maps.", count=len(maps)),
                where=str(path),
                fix=msg("Unpack it and give the files themselves."),
            )
        kind, member = maps[0]
        source = f"/vsizip/{{{source}}}/{member}"
    if kind not in _KINDS:
        raise refuse(path, kind, _WANTED)
    size = path.stat().st_size
    if size > _LARGEST_BYTES:
        raise FileError(
            msg("The file has {size} MB; at most {most} MB are read.", size=size >> 20, most=_LARGEST_BYTES >> 20),
            where=str(path),
            fix=msg("Cut the area that you plan for out of it."),
        )
    if kind in _XML:
        check_xml(path)
    return kind, source, member


@sandboxed(PYOGRIO)
def read_point_layer(path: Path, layer: str = "", usual: str = "") -> PointRows:
    """Read the points of a map file, and of its areas the middles.

    Parameters
    ----------
    path : Path
        The file; of a shapefile that with ``.shp``, or all its parts in a zip archive.
    layer : str
        Which layer, where there are several. The folders of a KML file are read together.
    usual : str
        The layer that is read where there are several and none is named, if it is among them.

    Raises
    ------
    FileError
        Where it is none of these, damaged, too large, or does not say where it lies.
    InputError
        Where it has several layers and none, or another, is named.
    """
    kind, source, member = _source(path)
    # A KML file the library reads through for each thing that it is asked of each folder.
    most = most_in_kml(path, member) if kind == "kml" else None
    counted = most is not None and _fits(*most)
    try:
        there, parts = in_worker("vector_read", "read_points_order", source, kind, layer, usual, counted)
    except WorkerError as error:
        raise FileError(
            msg("This is {kind}, and it is damaged or cut short.", kind=FILE_KIND_WORDS[kind]),
            where=str(path),
            fix=msg("Export or copy it again."),
        ) from error
    if not parts:
        raise _no_layer(there, layer, path)
    return _together([_part(part, kind, path) for part in parts])


def _no_layer(there: Sequence[str], layer: str, path: Path) -> FileError | InputError:
    if not there:
        return FileError(msg("The file holds no points or areas."), where=str(path))
    return InputError(
        msg("The file has no layer {layer}.", layer=layer) if layer else msg("The file has several layers."),
        where=str(path),
        fix=msg("Name one with --layer: {layers}.", layers=", ".join(there[:20])),
    )


def _part(read: Sequence[Any], kind: str, path: Path) -> PointRows:
    crs, columns, values, x, y, lines = read
    if crs == _TOO_MANY:
        count, fields = map(int, columns)
        if count > MOST_FEATURES:
            raise FileError(msg("The file has more than {most} features.", most=MOST_FEATURES), where=str(path))
        raise FileError(
            msg(
                "The file has {columns} columns of {count} features; so much is not read.", columns=fields, count=count
            ),
            where=str(path),
            fix=msg("Export it again with the columns that you need."),
        )
    if not crs and len(x):
        raise FileError(
            msg("The file does not say in which coordinates it is."),
            where=str(path),
            fix=msg("Export it again in WGS 84 (EPSG:4326); of a shapefile the .prj is needed too."),
        )
    xs, ys = np.array(x, np.float64), np.array(y, np.float64)
    known = np.isfinite(xs) & np.isfinite(ys)
    if crs and crs != geo.WGS84 and known.any():
        try:
            xs[known], ys[known] = geo.transform(crs, geo.WGS84, xs[known], ys[known])
        except InputError as error:
            raise FileError(error.what, where=str(path), fix=error.fix) from error
    xs[~np.isfinite(xs)] = ys[~np.isfinite(ys)] = math.nan
    kept = [
        number
        for number, name in enumerate(columns)
        if not (kind == "kml" and name in _STYLE_OF_KML) and any(cell not in (None, "") for cell in values[number])
    ]
    return PointRows(tuple(columns[i] for i in kept), [values[i] for i in kept], xs, ys, lines, kind == "kml")


def _together(parts: list[PointRows]) -> PointRows:
    if len(parts) == 1:
        return parts[0]
    columns = tuple(dict.fromkeys(name for one in parts for name in one.columns))
    values: list[list[Any]] = [[] for _ in columns]
    for one in parts:
        held = dict(zip(one.columns, one.values, strict=True))
        for number, name in enumerate(columns):
            values[number] += held.get(name) or [None] * len(one.x)
    return PointRows(
        columns,
        values,
        np.concatenate([one.x for one in parts]) if parts else np.empty(0),
        np.concatenate([one.y for one in parts]) if parts else np.empty(0),
        sum(one.lines for one in parts),
        any(one.kml for one in parts),
    )


def _chosen(places: list[str], kind: str, layer: str, usual: str) -> list[str]:
    if kind == "gpx":
        return ["waypoints"]  # what was measured on the way is no place
    if layer:
        return [layer] if layer in places else []
    if kind != "kml" and usual in places:
        return [usual]
    return places if kind == "kml" or len(places) == 1 else []


def read_points_order(source: str, kind: str, layer: str, usual: str, counted: bool) -> tuple[list[str], list[Any]]:
    """Return the layers that hold places, and of those chosen what is in them: what the process does.

    Coordinate system, columns, their values, x, y, and how many lines there were. Where it was counted before that no
    layer has too much, none is counted here.
    """
    import pyogrio

    layers = [(str(name), geometry) for name, geometry in pyogrio.list_layers(source)]
    places = [name for name, geometry in layers if geometry is not None and "LineString" not in geometry]
    return places, [_read(source, name, counted) for name in _chosen(places, kind, layer, usual)]


def _fits(features: int, fields: int) -> bool:
    return features <= MOST_FEATURES and features * fields <= _MOST_CELLS


def _read(
    source: str, layer: str, counted: bool
) -> tuple[str, list[str], list[list[Any]], list[float], list[float], int]:
    import pyogrio.raw
    import shapely

    # Counted first: the library makes room for as many rows of every column as it is told that there may be.
    if not counted:
        info = pyogrio.read_info(source, layer=layer, force_feature_count=True)
        count, fields = int(info["features"]), len(info["fields"])
        if not _fits(count, fields):
            return _TOO_MANY, [str(count), str(fields)], [], [], [], 0
    meta, _, geometry, values = pyogrio.raw.read(source, layer=layer, force_2d=True, datetime_as_string=True)
    shapes = shapely.from_wkb(np.asarray(geometry, dtype=object), on_invalid="ignore")
    columns = [str(name) for name in meta["fields"]]
    kind = shapely.get_type_id(shapes)
    lines = np.isin(kind, (1, 2, 5))  # LineString, LinearRing, MultiLineString
    places = ~lines
    if "icon" in columns and "drawOrder" in columns:  # a picture laid over the map is no place either
        pictures = np.array([bool(icon) for icon in values[columns.index("icon")]], dtype=bool)
        places &= ~(pictures & (kind == 3))
    middles = shapely.centroid(shapes[places])
    x, y = shapely.get_x(middles), shapely.get_y(middles)
    cells = [[_plain(cell) for cell in column[places].tolist()] for column in values]
    return str(meta["crs"] or ""), columns, cells, x.tolist(), y.tolist(), int(lines.sum())


def _plain(cell: Any) -> Any:
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return cell if cell is None or isinstance(cell, str | int | float) else None

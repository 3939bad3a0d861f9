"""Points, lines and areas in and out: each file by what is in it and one named driver."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.errors import FileError, InputError
from cn_planner.gis.kinds import refuse, sniff
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MOST_BYTES = 1 << 30
MOST_FEATURES = 2_000_000
_VECTOR = msg("a file of points, lines or areas (GeoJSON, GeoPackage, KML, GPX, FlatGeobuf, shapefile)")
_WGS84 = "EPSG:4326"


class _Driver(NamedTuple):
    name: str
    prefix: str = ""


_DRIVERS: dict[str, tuple[_Driver, ...]] = {
    # The prefix keeps GDAL from its other kinds of JSON, one of which runs a pipeline over any file of the machine.
    "json": (_Driver("GeoJSON", "GeoJSON:"),),
    "sqlite": (_Driver("GPKG"),),
    "kml": (_Driver("LIBKML"), _Driver("KML")),
    "gpx": (_Driver("GPX"),),
    "flatgeobuf": (_Driver("FlatGeobuf"),),
    "shapefile": (_Driver("ESRI Shapefile"),),
}
_GPKG_APPLICATIONS = (b"GPKG", b"GP10", b"GP11")


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """One layer of a file.

    Attributes
    ----------
    name : str
        The layer's name.
    geometry_type : str
        As the file says: ``Point``, ``MultiPolygon``, ``Unknown`` and so on.
    crs : str
        ``EPSG:n`` or WKT; empty where the file does not say.
    columns : mapping of str to array of n
        In the file's order.
    geometry : object array of n
        WKB bytes, x before y (longitude before latitude where geographic); None where a feature has none.
    """

    name: str
    geometry_type: str
    crs: str
    columns: Mapping[str, NDArray[Any]]
    geometry: NDArray[np.object_]

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.geometry)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer to write.

    Attributes
    ----------
    name : str
        Small letters, figures and underscores serve best.
    geometry_type : str
        ``Point``, ``LineString``, ``Polygon``, ``MultiPolygon`` and so on.
    geometry : sequence of n
        Shapely geometries or WKB bytes, x before y; None where a feature has none.
    columns : mapping of str to sequence of n
        Of str, int, float or bool; None where a value is missing.
    """

    name: str
    geometry_type: str
    geometry: Sequence[Any]
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def layer_names(path: str | Path) -> tuple[str, ...]:
    """Return the names of the layers of a file.

    Raises
    ------
    FileError
        Where it cannot be read.
    """
    import pyogrio
    from pyogrio.errors import DataSourceError

    source, _ = _source(Path(path))
    try:
        return tuple(str(name) for name in pyogrio.list_layers(source)[:, 0])
    except DataSourceError as e:
        raise _damaged(path) from e


def read_features(path: str | Path, *, layer: str | None = None, most: int = MOST_FEATURES) -> Features:
    """Read one layer of a file: GeoJSON, GeoPackage, KML, GPX, FlatGeobuf or shapefile.

    Parameters
    ----------
    path : str or Path
        The file. It is opened by what is in it, never by what it is called.
    layer : str, optional
        The first where not given.
    most : int
        A layer with more features is refused before it is read.

    Raises
    ------
    FileError
        Where the file is missing, empty, damaged, too large or of another kind, or has no such layer.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    path = Path(path)
    source, drivers = _source(path)
    try:
        layer = str(pyogrio.list_layers(source)[0, 0]) if layer is None else layer
        info = pyogrio.read_info(source, layer=layer, force_feature_count=True)
        if info["driver"] not in drivers:
            raise refuse(path, "unknown", _VECTOR)
        if info["features"] > most:
            raise FileError(
                msg("The layer has {count} features; the limit is {limit}.", count=int(info["features"]), limit=most),
                where=str(path),
                fix=msg("Cut the area that you need out of it, and use that."),
            )
        # As text: dates are shown, never computed with, and numpy 2.5 warns of how pyogrio 0.13 makes its own.
        meta, _, geometry, values = pyogrio.raw.read(
            source, layer=layer, force_2d=True, max_features=most, datetime_as_string=True
        )
    except DataLayerError as e:
        raise FileError(
            msg("There is no layer {layer} in this file.", layer=str(layer)),
            where=str(path),
            fix=msg("Choose one of its layers."),
        ) from e
    except (DataSourceError, FeatureError, FieldError, GeometryError, UnicodeDecodeError, IndexError) as e:
        raise _damaged(path) from e
    if geometry is None:
        geometry = np.full(len(values[0]) if len(values) else 0, None, dtype=object)
    return Features(
        name=str(info["layer_name"]),
        geometry_type=str(meta["geometry_type"] or "None"),
        crs=str(meta["crs"] or ""),
        columns={str(name): value for name, value in zip(meta["fields"], values, strict=True)},
        geometry=geometry,
    )


def _source(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return what to hand to GDAL, and the drivers that may answer."""
    kind = sniff(path)
    drivers = _DRIVERS.get(kind)
    if drivers is None:
        raise refuse(path, kind, _VECTOR)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FileError(
            msg(
                "The file has {size_mb} MB; the limit is {limit_mb} MB.", size_mb=size >> 20, limit_mb=MOST_BYTES >> 20
            ),
            where=str(path),
            fix=msg("Cut the area that you need out of it, and use that."),
        )
    if kind == "sqlite":
        with path.open("rb") as stream:
            head = stream.read(100)
        if head[68:72] not in _GPKG_APPLICATIONS:
            raise refuse(path, kind, _VECTOR)
    return drivers[0].prefix + str(path.resolve()), tuple(driver.name for driver in drivers)


def _damaged(path: str | Path) -> FileError:
    return FileError(
        msg("The file is damaged, cut short, or not what it seems to be."),
        where=str(path),
        fix=msg("Download or export it again."),
    )


def write_geopackage(path: str | Path, layers: Sequence[Layer], *, date: str, crs: str = _WGS84) -> None:
    """Write layers into one GeoPackage, whole or not at all; the same input gives the same bytes.

    Parameters
    ----------
    path : str or Path
        Where; an existing file is replaced whole.
    layers : sequence of Layer
        At least one.
    date : str
        What the file says of when it was made, ISO 8601: ``2026-05-30`` or ``2026-05-30T12:00:00.000Z``.
    crs : str
        Of every layer.

    Raises
    ------
    FileError
        Where the file cannot be written. What was there before is then still there.
    InputError
        Where a layer's columns are not all as long as its geometry, or two layers have one name.
    """
    from pyogrio.errors import DataSourceError, FeatureError, FieldError, GeometryError

    path = Path(path)
    _check_layers(path, layers)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.gpkg")
    try:
        for number, layer in enumerate(layers):
            _write_layer(temporary, layer, crs, append=number > 0)
        _set_date(temporary, date if "T" in date else f"{date}T00:00:00.000Z")
        temporary.replace(path)
    except (DataSourceError, FeatureError, FieldError, GeometryError, sqlite3.Error, OSError) as e:
        raise FileError(
            msg("The file cannot be written."), where=str(path), fix=msg("Check the folder, and the space on the disk.")
        ) from e
    finally:
        temporary.unlink(missing_ok=True)


def _check_layers(path: Path, layers: Sequence[Layer]) -> None:
    names = [layer.name.lower() for layer in layers]
    uneven = any(len(column) != len(layer.geometry) for layer in layers for column in layer.columns.values())
    if not layers or len(set(names)) != len(names) or uneven:
        raise InputError(msg("The layers do not fit together."), where=str(path))


def _write_layer(path: Path, layer: Layer, crs: str, *, append: bool) -> None:
    import pyogrio.raw

    columns = [_column(values) for values in layer.columns.values()]
    pyogrio.raw.write(
        str(path),
        _wkb(layer.geometry),
        [values for values, _ in columns],
        np.array(list(layer.columns), dtype=object),
        field_mask=[missing for _, missing in columns],
        layer=layer.name,
        driver="GPKG",
        geometry_type=layer.geometry_type,
        crs=crs,
        append=append,
        # Triggers of a spatial index make a layer that only GDAL can edit; our layers are small.
        layer_options={"SPATIAL_INDEX": "NO"},
        **({} if append else {"dataset_options": {"ADD_GPKG_OGR_CONTENTS": "NO"}}),
    )


def _wkb(geometry: Sequence[Any]) -> NDArray[np.object_]:
    if not len(geometry):
        return np.array([], dtype=object)
    if all(isinstance(shape, (bytes, type(None))) for shape in geometry):
        out = np.empty(len(geometry), dtype=object)
        out[:] = geometry
        return out
    import shapely

    return np.asarray(shapely.to_wkb(np.asarray(geometry, dtype=object)), dtype=object)


def _column(values: Sequence[Any] | NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return an array of one kind, and where it is missing (None: nowhere, or the array says it itself)."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values, None
    given = [value for value in values if value is not None]
    missing = np.array([value is None for value in values], dtype=np.bool_)
    for kind, kind_of_array in ((bool, np.bool_), (int, np.int64), ((int, float), np.float64)):
        if given and all(isinstance(value, kind) for value in given):
            filled = [kind_of_array(0) if value is None else value for value in values]
            return np.array(filled, dtype=kind_of_array), missing if missing.any() else None
    text = np.empty(len(values), dtype=object)
    text[:] = [None if value is None else str(value) for value in values]
    return text, None


def _set_date(path: Path, date: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE gpkg_contents SET last_change = ?", (date,))
        database.execute("VACUUM")  # the space between rows still holds the time of writing
    # How often the file was changed, and the change for which its size in the head holds: the writer's pace, not data.
    # Source: SQLite database file format, 1.3.7 and 1.3.15.
    with path.open("r+b") as stream:
        for place in (24, 92):
            stream.seek(place)
            stream.write((1).to_bytes(4, "big"))

"""Points, lines and areas out, as one GeoPackage."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import FileError, InputError
from cn_planner.gis.worker import WorkerError, in_worker
from cn_planner.message import msg
from cn_planner.paths import part_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_WGS84 = "EPSG:4326"


@dataclass(frozen=True, slots=True, eq=False)
class VectorLayer:
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


def write_geopackage(
    path: str | Path,
    layers: Sequence[VectorLayer],
    *,
    date: str,
    styles: Mapping[str, str] | None = None,
) -> None:
    """Write layers into one GeoPackage (WGS 84), whole or not at all; the same input gives the same bytes.

    Parameters
    ----------
    path : str or Path
        Where; an existing file is replaced whole.
    layers : sequence of Layer
        At least one.
    date : str
        What the file says of when it was made, ISO 8601: ``2026-05-30`` or ``2026-05-30T12:00:00.000Z``.
    styles : mapping of str to str, optional
        How QGIS shows a layer, as its XML, by the layer's name.

    Raises
    ------
    FileError
        Where the file cannot be written. What was there before is then still there.
    InputError
        Where a layer's columns are not all as long as its geometry, or two layers have one name.
    """
    path = Path(path)
    _check_layers(path, layers)
    temporary = part_of(path, "gpkg")
    plain = [
        replace(
            layer,
            geometry=_wkb(layer.geometry).tolist(),
            columns={key: np.asarray(values, dtype=object).tolist() for key, values in layer.columns.items()},
        )
        for layer in layers
    ]
    try:
        in_worker("vector", "write_order", str(temporary), plain, _WGS84)
        settle(temporary, date, styles)
        temporary.replace(path)
    except (WorkerError, sqlite3.Error, OSError) as e:
        raise FileError(
            msg("The file cannot be written."), where=str(path), fix=msg("Check the folder, and the space on the disk.")
        ) from e
    finally:
        temporary.unlink(missing_ok=True)


def write_order(path: str, layers: Sequence[VectorLayer], crs: str, append: bool = False) -> None:
    """Write the layers of an order: what the process does."""
    for number, layer in enumerate(layers):
        _write_layer(Path(path), layer, crs, append=append or number > 0)


def _check_layers(path: Path, layers: Sequence[VectorLayer]) -> None:
    names = [layer.name.lower() for layer in layers]
    uneven = any(len(column) != len(layer.geometry) for layer in layers for column in layer.columns.values())
    if not layers or len(set(names)) != len(names) or uneven:
        raise InputError(msg("The layers do not fit together."), where=str(path))


def _write_layer(path: Path, layer: VectorLayer, crs: str, *, append: bool) -> None:
    import pyogrio.raw

    columns = [_column(values) for values in layer.columns.values()]
    pyogrio.raw.write(
        str(path),
        np.array(layer.geometry, dtype=object),
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


# As QGIS itself makes it when a style is saved in a GeoPackage; it asks for the default style of a layer by its name.
_STYLES = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)"""


def _add_styles(database: sqlite3.Connection, date: str, styles: Mapping[str, str]) -> None:
    database.execute(_STYLES)
    columns = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
        " VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', ?)",
        [(layer, columns[layer], layer, style, date) for layer, style in styles.items()],
    )
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', '')"
    )


def settle(path: Path, date: str, styles: Mapping[str, str] | None = None) -> None:
    """Add the styles of layers, and leave nothing in a GeoPackage of when, and in how many steps, it was written."""
    date = date if "T" in date else f"{date}T00:00:00.000Z"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        if styles:
            _add_styles(database, date, styles)
        database.execute("UPDATE gpkg_contents SET last_change = ?", (date,))
        database.execute("VACUUM")  # the space between rows still holds the time of writing
    # How often the file was changed, and the change for which its size in the head holds: the writer's pace, not data.
    # Source: SQLite database file format, 1.3.7 and 1.3.15.
    with path.open("r+b") as stream:
        for place in (24, 92):
            stream.seek(place)
            stream.write((1).to_bytes(4, "big"))

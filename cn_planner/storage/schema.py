"""The tables of a plan file: those of GeoPackage 1.3, the layers, and the program's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.storage.geometry import SRS_ID
from cn_planner.storage.layers import PLAN_LAYERS

if TYPE_CHECKING:
    import sqlite3

    from cn_planner.storage.layers import PlanLayer

APPLICATION_ID = 0x47504B47
"""'GPKG', from GeoPackage 1.2 on."""
_GPKG_VERSION = 10300
# Fixed, so that the same plan gives the same file; the plan's own dates are in its history and versions.
_LAST_CHANGE = "2020-01-01T00:00:00.000Z"

META, MIRROR, HISTORY, VERSIONS, SET_ASIDE = (
    "cnplan_meta",
    "cnplan_mirror",
    "cnplan_history",
    "cnplan_versions",
    "set_aside",
)
BESIDE = "cnplan_beside"
"""Edits of others that were brought in; made when the first are."""
PHOTOS = "cnplan_photos"
"""Photographs of what was seen, by their names; made when the first is kept."""
_TITLES = {
    "sites": "Sites",
    "households": "Homes",
    "links": "Links",
    "zones": "Zones",
    "obstacles": "Obstacles",
    "measurements": "Measurements",
    "terrain": "Elevation files",
    "notes": "Notes",
    "places": "Public places",
    "evidence": "Evidence",
    SET_ASIDE: "Rows that could not be read",
}
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
_GPKG_TABLES = (
    """CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
    definition TEXT NOT NULL, description TEXT)""",
    """CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
)
_OWN_TABLES = (
    f"CREATE TABLE {META} (key TEXT NOT NULL PRIMARY KEY, value NOT NULL) WITHOUT ROWID",
    # What was last written, by part and row: the plan as the program knows it. Sections stand here alone, at row 0.
    f"""CREATE TABLE {MIRROR} (part TEXT NOT NULL, fid INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (part, fid)) WITHOUT ROWID""",
    f"CREATE TABLE {HISTORY} (step INTEGER PRIMARY KEY, label TEXT NOT NULL, changes BLOB NOT NULL)",
    f"CREATE TABLE {VERSIONS} (name TEXT NOT NULL PRIMARY KEY, date TEXT NOT NULL, plan BLOB NOT NULL)",
    # Rows that another program wrote and that cannot stand in a plan, word for word.
    f"CREATE TABLE {SET_ASIDE} (fid INTEGER PRIMARY KEY NOT NULL, layer TEXT, row INTEGER, reason TEXT, data TEXT)",
)
OWN_COLUMNS: dict[str, tuple[str, ...]] = {
    META: ("key", "value"),
    MIRROR: ("part", "fid", "data"),
    HISTORY: ("step", "label", "changes"),
    VERSIONS: ("name", "date", "plan"),
    SET_ASIDE: ("fid", "layer", "row", "reason", "data"),
    **{layer.name: ("fid", *layer.column_names) for layer in PLAN_LAYERS.values()},
}
"""Every table that is read or written, with the columns that it must have."""


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database, within the caller's transaction."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {_GPKG_VERSION}")
    for statement in (*_GPKG_TABLES, *_OWN_TABLES):
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
            ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
            ("WGS 84 geodetic", SRS_ID, "EPSG", SRS_ID, _WGS84, "longitude and latitude on the WGS 84 ellipsoid"),
        ],
    )
    for layer in PLAN_LAYERS.values():
        create_layer(connection, layer)
    _register(connection, SET_ASIDE, geometry_type=None)


def create_layer(connection: sqlite3.Connection, layer: PlanLayer) -> None:
    """Make the table of a layer, and make it known to GeoPackage readers."""
    # No NOT NULL, no UNIQUE, no index, no trigger: another program may write what it likes, and is answered at the
    # next opening, where nothing is lost.
    shape = f", geom {layer.geometry}" if layer.geometry else ""
    columns = "".join(f", {column.name} {column.sql_type}" for column in layer.columns)
    connection.execute(f"CREATE TABLE {layer.name} (fid INTEGER PRIMARY KEY NOT NULL{shape}{columns})")
    _register(connection, layer.name, geometry_type=layer.geometry)


def _register(connection: sqlite3.Connection, name: str, *, geometry_type: str | None) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            name,
            "features" if geometry_type else "attributes",
            _TITLES[name],
            _LAST_CHANGE,
            SRS_ID if geometry_type else None,
        ),
    )
    if geometry_type:
        connection.execute(
            "INSERT OR REPLACE INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (name, geometry_type, SRS_ID)
        )

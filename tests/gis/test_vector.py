"""Points, lines and areas go out with the same bytes for the same plan."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pyogrio
import pytest
import shapely

from cn_planner.errors import FileError, InputError
from cn_planner.gis.vector import VectorLayer, write_geopackage

if TYPE_CHECKING:
    from pathlib import Path


def layers() -> list[VectorLayer]:
    return [
        VectorLayer(
            "sites",
            "Point",
            [shapely.Point(1, 42), None, shapely.Point(1.5, 42.5)],
            {"id": ["a", "é", None], "height_m": [1.5, None, 3], "homes": [1, None, 3], "built": [True, False, None]},
        ),
        VectorLayer("links", "LineString", [shapely.LineString([(0, 0), (1, 1)])], {"name": ["x"]}),
        VectorLayer("zones", "Polygon", [], {"name": []}),
    ]


def test_a_written_geopackage_is_read_back_by_another_library(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    write_geopackage(path, layers(), date="2026-05-30")
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = database.execute("SELECT id, height_m, homes, built, geom IS NULL FROM sites").fetchall()
        changes = database.execute("SELECT DISTINCT last_change FROM gpkg_contents").fetchall()
    assert rows == [("a", 1.5, 1, 1, 0), ("é", None, None, 0, 1), (None, 3.0, 3, None, 0)]
    assert changes == [("2026-05-30T00:00:00.000Z",)]
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["sites", "links", "zones"]
    meta, _, geometry, values = pyogrio.raw.read(path, layer="links")
    assert shapely.from_wkb(geometry[0]).wkt == "LINESTRING (0 0, 1 1)"
    assert (meta["crs"], meta["geometry_type"], values[0].tolist()) == ("EPSG:4326", "LineString", ["x"])
    assert pyogrio.read_info(path, layer="zones")["features"] == 0


def test_the_same_layers_give_the_same_bytes_at_another_time(tmp_path: Path) -> None:
    """Else nobody can tell whether two exports differ."""
    one, two = tmp_path / "one.gpkg", tmp_path / "two.gpkg"
    write_geopackage(one, layers(), date="2026-05-30T10:00:00.000Z")
    time.sleep(0.01)
    write_geopackage(two, layers(), date="2026-05-30T10:00:00.000Z")
    assert one.read_bytes() == two.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.gpkg", "two.gpkg"]


def test_layers_that_do_not_fit_leave_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    write_geopackage(path, layers(), date="2026-05-30")
    before = path.read_bytes()
    for bad in (
        [],
        [VectorLayer("a", "Point", [None]), VectorLayer("A", "Point", [None])],
        [VectorLayer("a", "Point", [None], {"x": []})],
    ):
        with pytest.raises(InputError):
            write_geopackage(path, bad, date="2026-05-30")
    with pytest.raises(FileError, match="cannot be written"):
        write_geopackage(tmp_path / "gone" / "out.gpkg", layers(), date="2026-05-30")
    assert path.read_bytes() == before

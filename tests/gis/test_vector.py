"""Points, lines and areas come in by what the file is, and go out with the same bytes for the same plan."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pyogrio
import pytest
import shapely

from cn_planner.errors import FileError, InputError
from cn_planner.gis.vector import Layer, layer_names, read_features, write_geopackage

if TYPE_CHECKING:
    from pathlib import Path


def layers() -> list[Layer]:
    return [
        Layer(
            "sites",
            "Point",
            [shapely.Point(1, 42), None, shapely.Point(1.5, 42.5)],
            {"id": ["a", "é", None], "height_m": [1.5, None, 3], "homes": [1, None, 3], "built": [True, False, None]},
        ),
        Layer("links", "LineString", [shapely.LineString([(0, 0), (1, 1)])], {"name": ["x"]}),
        Layer("zones", "Polygon", [], {"name": []}),
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
    assert layer_names(path) == ("sites", "links", "zones")
    back = read_features(path, layer="links")
    assert shapely.from_wkb(back.geometry[0]).wkt == "LINESTRING (0 0, 1 1)"
    assert (back.crs, back.geometry_type, back.columns["name"].tolist()) == ("EPSG:4326", "LineString", ["x"])
    assert len(read_features(path, layer="zones")) == 0


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
        [Layer("a", "Point", [None]), Layer("A", "Point", [None])],
        [Layer("a", "Point", [None], {"x": []})],
    ):
        with pytest.raises(InputError):
            write_geopackage(path, bad, date="2026-05-30")
    with pytest.raises(FileError, match="cannot be written"):
        write_geopackage(tmp_path / "gone" / "out.gpkg", layers(), date="2026-05-30")
    assert path.read_bytes() == before


def test_a_real_geojson_reads(shared_data: Path) -> None:
    borders = read_features(shared_data / "regulatory" / "country_borders.geojson")
    assert len(borders) == 392
    assert borders.crs == "EPSG:4326"
    assert "UG" in borders.columns["iso1A2"]


def test_a_real_kml_reads(shared_data: Path) -> None:
    sites = read_features(shared_data / "projectfiles" / "mesh_sites.kml")
    assert len(sites) == 2
    assert "Name" in sites.columns


PIPELINE = {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {other}"}


def test_json_that_makes_gdal_read_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "private.geojson"
    other.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    path = tmp_path / "homes.geojson"
    path.write_text(json.dumps({**PIPELINE, "command_line": f"gdal vector pipeline ! read {other}"}))
    for read in (read_features, layer_names):
        with pytest.raises(FileError, match="not what it seems"):
            read(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>", "an XML file"),
        (b"id,latitude,longitude\n1,2,3\n", "a text file"),
        (b"SQLite format 3\0" + bytes(200), "a database"),
        (b'{"type": "FeatureCollection", "features": [{', "damaged"),
        (b"fgb\3fgb\0" + bytes(10), "damaged"),
        (b"PK\3\4" + bytes(40), "a zip archive"),
    ],
)
def test_what_is_not_vector_data_is_refused_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "homes.geojson"
    path.write_bytes(data)
    with pytest.raises(FileError, match=words) as error:
        read_features(path)
    assert error.value.fix is not None


def test_too_many_features_and_no_such_layer_are_said(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    write_geopackage(path, layers(), date="2026-05-30")
    with pytest.raises(FileError, match="3 features; the limit is 2"):
        read_features(path, layer="sites", most=2)
    with pytest.raises(FileError, match="no layer wells"):
        read_features(path, layer="wells")

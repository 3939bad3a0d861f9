"""Base maps of pictures: real ones are shown where they lie, damaged ones are said, and the file is let go."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from PySide6.QtGui import QImage, QPainter

from cn_planner.errors import FileError
from cn_planner.gis.tile_file import TileFile, is_tile_file
from cn_planner.gui.intake import BASE_MAP, what_is
from cn_planner.gui.map.layers.base import PaintFrame, paint_layer
from cn_planner.gui.map.layers.tiles import TileFileLayer
from cn_planner.gui.map.mercator import Viewport
from cn_planner.model.plan import Plan
from cn_planner.session.base_map import use_base_map

REAL = {
    "osm_catalonia_z7-11.mbtiles": (42.1, 1.6, 10.0, "OpenStreetMap"),
    "usgs-mt-whitney-8-15-webp-512.pmtiles": (36.577, -118.2903, 15.0, "QGIS"),
}


def shown(layer, view):
    """Return the picture once nothing more comes."""
    image = QImage(view.width, view.height, QImage.Format.Format_ARGB32_Premultiplied)
    for _ in range(8):
        image.fill(0)
        painter = QPainter(image)
        paint_layer(painter, layer, PaintFrame(view))
        painter.end()
    return image


@pytest.mark.parametrize("name", REAL)
def test_real_tiles_are_shown_where_they_lie(shared_data, name):
    latitude, longitude, zoom, whose = REAL[name]
    path = shared_data / "basemap" / name
    assert is_tile_file(path)
    assert what_is(path) == BASE_MAP
    layer = TileFileLayer()
    layer.set_file(TileFile(path))
    assert whose in layer.attribution()[0]
    view = Viewport(0.5, 0.5, zoom, 500, 400).on(latitude, longitude)
    inside = shown(layer, view)
    assert all(inside.pixelColor(x, y).alpha() == 255 for x in (5, 250, 495) for y in (5, 200, 395))
    closer = shown(layer, view.on(latitude, longitude, zoom=17.0))  # beyond its deepest: its own, larger
    assert closer.pixelColor(250, 200).alpha() == 255
    assert shown(layer, view.on(-latitude, longitude)).pixelColor(250, 200).alpha() == 0
    layer.set_file(None)
    assert layer.attribution() == ()


def test_rows_count_from_the_north(shared_data):
    file = TileFile(shared_data / "basemap/osm_catalonia_z7-11.mbtiles")
    with closing(sqlite3.connect(shared_data / "basemap/osm_catalonia_z7-11.mbtiles")) as database:
        z, x, south = database.execute("SELECT zoom_level, tile_column, tile_row FROM tiles LIMIT 1").fetchone()
    assert file.tile(z, x, (1 << z) - 1 - south) is not None
    assert file.tile(z, x, south) is None
    file.close()


@pytest.mark.parametrize("how", ["packed otherwise", "cut", "cut in its tiles", "no tiles", "text", "wide root"])
def test_what_cannot_be_shown_is_said(shared_data, tmp_path, how):
    path = tmp_path / "map.tiles"
    if how == "packed otherwise":
        data = bytearray((shared_data / "basemap/protomaps_firenze.pmtiles").read_bytes())
        data[98] = 3  # brotli, by the specification's header
        path.write_bytes(bytes(data))
    elif how == "cut":
        path.write_bytes((shared_data / "basemap/usgs-mt-whitney-8-15-webp-512.pmtiles").read_bytes()[:300])
    elif how == "cut in its tiles":
        path.write_bytes((shared_data / "basemap/protomaps_firenze.pmtiles").read_bytes()[:-1])
    elif how == "wide root":
        data = bytearray((shared_data / "basemap/usgs-mt-whitney-8-15-webp-512.pmtiles").read_bytes())
        data[16:24] = (1 << 30).to_bytes(8, "little")
        path.write_bytes(bytes(data))
    elif how == "text":
        path.write_text("no map")
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
            database.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
    with pytest.raises(FileError) as caught:
        TileFile(path)
    assert str(path) in caught.value.where


def test_tiles_in_a_database_that_is_cut_short_are_said_to_be(shared_data, tmp_path):
    path = tmp_path / "map.mbtiles"
    path.write_bytes((shared_data / "basemap/osm_catalonia_z7-11.mbtiles").read_bytes()[:300_000])
    with pytest.raises(FileError, match="The database is damaged or cut short"):
        use_base_map(Plan(), tmp_path / "p.cnplan.gpkg", path)
    path.write_text("no map")
    with pytest.raises(FileError, match="This is a text file, not a base map"):
        use_base_map(Plan(), tmp_path / "p.cnplan.gpkg", path)


def test_a_picture_too_large_or_damaged_leaves_its_place_empty(tmp_path, shared_data):
    path = tmp_path / "map.mbtiles"
    shutil.copyfile(shared_data / "basemap/osm_catalonia_z7-11.mbtiles", path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE tiles SET tile_data = ?", (b"\x89PNG no picture",))
        database.commit()
    layer = TileFileLayer()
    layer.set_file(TileFile(path))
    image = shown(layer, Viewport(0.5, 0.5, 10.0, 300, 200).on(42.1, 1.6))
    assert image.pixelColor(150, 100).alpha() == 0
    layer.set_file(None)

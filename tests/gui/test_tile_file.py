"""Base maps of pictures: real ones are shown where they lie, damaged ones are said, and the file is let go."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImage, QPainter

from cn_planner.errors import FileError
from cn_planner.gis.tile_file import TileFile, is_tile_file, rights_of_tiles
from cn_planner.gui.intake import BASE_MAP, what_is
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.gui.map.layers.drawn_tiles import TilesSource
from cn_planner.model.plan import Plan
from cn_planner.session.base_map import use_base_map

REAL = {
    "osm_catalonia_z7-11.mbtiles": (42.1, 1.6, 10.0, "OpenStreetMap"),
    "usgs-mt-whitney-8-15-webp-512.pmtiles": (36.577, -118.2903, 15.0, "QGIS"),
}


@pytest.fixture
def canvas(qtbot):
    made = MapCanvas()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shutdown()


def shown(canvas, qtbot, latitude, longitude, zoom):
    """Return the picture of the layer once nothing more comes."""
    canvas.go_to(latitude, longitude, zoom=zoom, animated=False)
    canvas.grab()
    qtbot.waitUntil(lambda: not canvas.content.drawn.busy, timeout=20_000)
    image = QImage(canvas.view.width, canvas.view.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    canvas.content.drawn_tiles.paint(painter, canvas.frame())
    painter.end()
    return image


@pytest.mark.parametrize("name", REAL)
def test_real_tiles_are_shown_where_they_lie(shared_data, name, canvas, qtbot):
    latitude, longitude, zoom, whose = REAL[name]
    path = shared_data / "basemap" / name
    assert is_tile_file(path)
    assert what_is(path) == BASE_MAP
    assert whose in rights_of_tiles(path)
    canvas.content.drawn.set_source(TilesSource(path, "whose"))
    assert canvas.content.drawn_tiles.attribution() == ("whose",)
    inside = shown(canvas, qtbot, latitude, longitude, zoom)
    assert all(inside.pixelColor(x, y).alpha() == 255 for x in (5, 250, 495) for y in (5, 200, 395))
    at_a_half = shown(canvas, qtbot, latitude, longitude, zoom - 0.4)  # pieces of the screen join without a seam
    assert all(at_a_half.pixelColor(x, 200).alpha() == 255 for x in range(150, 350))
    closer = shown(canvas, qtbot, latitude, longitude, 17.0)  # beyond its deepest: its own, larger
    assert closer.pixelColor(250, 200).alpha() == 255
    assert shown(canvas, qtbot, -latitude, longitude, zoom).pixelColor(250, 200).alpha() == 0
    canvas.content.drawn.set_source(None)
    assert canvas.content.drawn_tiles.attribution() == ()


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


@pytest.mark.parametrize("how", ["no picture", "a bomb"])
def test_a_picture_too_large_or_damaged_is_a_hole(tmp_path, shared_data, canvas, qtbot, how):
    path = tmp_path / "map.mbtiles"
    shutil.copyfile(shared_data / "basemap/osm_catalonia_z7-11.mbtiles", path)
    data = QByteArray(b"\x89PNG no picture")
    if how == "a bomb":  # 60 KB that would be 200 MB
        large = QImage(16_000, 3_000, QImage.Format.Format_RGB32)
        large.fill(0)
        buffer = QBuffer(data)
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        large.save(buffer, "PNG")
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE tiles SET tile_data = ?", (data.data(),))
        database.commit()
    canvas.content.drawn.set_source(TilesSource(path, ""))
    shown(canvas, qtbot, 42.1, 1.6, 10.0)
    assert canvas.content.drawn.any_damaged
    assert str(canvas.content.drawn_tiles.legend()[0].words) == "Damaged part of the base map"

"""Base maps painted beside the window: lines and areas in tiles, a picture in any coordinates, at every zoom."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import rasterio
from PySide6.QtGui import QImage, QPainter
from rasterio.transform import Affine
from rasterio.warp import transform
from vector_tiles import AREA, LINE, POINT, packed, tile, write_mbtiles

from cn_planner.drawing.palette import Theme
from cn_planner.errors import FileError
from cn_planner.gis import picture
from cn_planner.gis.picture import PictureFile, is_picture
from cn_planner.gis.tile_file import TileFile
from cn_planner.gui.base_map import BaseMaps, choose_base_map
from cn_planner.gui.intake import BASE_MAP, what_is
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.gui.map.layers.drawn_tiles import PictureSource, TilesSource

FLORENCE = 43.7696, 11.2558


@pytest.fixture
def canvas(qtbot):
    made = MapCanvas()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shutdown()


def seen(canvas, qtbot, place, zoom, theme=Theme.LIGHT):
    """Return the layer's own pixels once all tiles are there: (rows, columns) of 0xAARRGGBB."""
    canvas.set_theme(theme)
    canvas.go_to(*place, zoom=zoom, animated=False)
    canvas.grab()
    qtbot.waitUntil(lambda: not canvas.content.drawn.busy, timeout=20_000)
    image = QImage(canvas.view.width, canvas.view.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    canvas.content.drawn_tiles.paint(painter, canvas.frame())
    painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


def test_a_real_map_of_lines_is_painted_at_every_zoom_with_its_names(canvas, qtbot, shared_data):
    path = shared_data / "basemap/protomaps_firenze.pmtiles"
    with_rights = TileFile(path)
    canvas.content.drawn.set_source(TilesSource(path, with_rights.attribution))
    with_rights.close()
    assert canvas.content.drawn_tiles.attribution() == ("Protomaps © OpenStreetMap",)  # no markup
    canvas.resize(240, 160)
    far, near = (np.mean(seen(canvas, qtbot, FLORENCE, zoom) != 0) for zoom in (10.0, 12.5))
    assert 0.005 < far < near
    assert "Firenze" in {name for _, name in canvas.content.place_names._names}
    light, dark = (seen(canvas, qtbot, FLORENCE, 12.5, theme) for theme in (Theme.LIGHT, Theme.DARK))
    assert not np.array_equal(light, dark)
    assert np.mean(seen(canvas, qtbot, FLORENCE, 17.3) != 0) > 0.5  # its deepest tiles are of zoom 14
    assert not seen(canvas, qtbot, (-43.0, 11.0), 12.0).any()
    canvas.content.drawn.set_source(None)
    assert not canvas.content.place_names._names


def test_tiles_join_without_a_seam_and_a_damaged_one_is_a_hole_that_is_said(canvas, qtbot, tmp_path):
    forest = [(-200, -200), (4300, -200), (4300, 4300), (-200, 4300)]  # beyond its edge, as tiles are
    good = tile(
        ("landcover", AREA, forest, {"class": "wood"}),
        ("place", POINT, [(4200, 9)], {"class": "village", "name": "Beyond"}),
        ("transportation", LINE, [(-64, 2048), (4160, 2048)], {"class": "primary"}),
    )
    tiles = {(10, x, y): packed(good) for x in (512, 513, 514) for y in (511, 512)}
    tiles[10, 514, 512] = b"\x1f\x8b no tile"
    tiles[10, 514, 511] = packed(bytes(17 << 20))  # 17 KB that would be 17 MB
    path = write_mbtiles(tmp_path / "map.mbtiles", tiles)
    file = TileFile(path)
    assert (file.vector, file.attribution, file.most_zoom) == (True, "Some one ©", 10)
    file.close()
    canvas.content.drawn.set_source(TilesSource(path, file.attribution))
    assert not canvas.content.drawn_tiles.legend()
    pixels = seen(canvas, qtbot, (0.0, 0.35), 10.0)
    side = canvas.view.scale / 1024
    left, top = canvas.view.origin
    edge, equator = round(513 * side) - left, round(512 * side) - top
    forest_only = pixels[equator - 40 : equator + 40, edge - 60 : edge + 60]
    assert len(np.unique(forest_only)) == 1  # one colour over both edges
    assert forest_only[0, 0] >> 24 == 191  # and once: the relief shines through a quarter
    assert canvas.content.place_names._names == []  # each tile names what lies in it, not beyond
    broken = pixels[equator - 100 : equator + 100, round(514 * side) - left + 20 :]
    assert broken.any()
    assert str(canvas.content.drawn_tiles.legend()[0].words) == "Damaged part of the base map"


def aerial(path, crs="EPSG:32631", side=400, cell=10.0, **more):
    """Write a picture round 41.9 N, 3 E, red in its western half; its corner is cut off."""
    x, y = (0.0, 0.0) if crs is None else (v[0] for v in transform("EPSG:4326", crs, [3.0], [41.9]))
    values = np.zeros((3, side, side), np.uint8)
    values[0, :, : side // 2], values[2, :, side // 2 :] = 250, 250
    values[:, :40, :40] = 7
    profile = {
        "driver": "GTiff", "dtype": "uint8", "count": 3, "width": side, "height": side, "nodata": 7, "tiled": True,
        "transform": Affine(cell, 0.0, x - side / 2 * cell, 0.0, -cell, y + side / 2 * cell), "photometric": "RGB",
    } | ({"crs": crs} if crs else {}) | more  # fmt: skip
    if profile["count"] == 1:
        values = (values[:1] > 100).astype(np.uint8)
    with rasterio.open(path, "w", **profile) as out:
        out.write(values.astype(profile["dtype"]))
        if profile.get("photometric") == "palette":
            out.write_colormap(1, {0: (0, 0, 250, 255), 1: (250, 0, 0, 255)})
    return path


@pytest.mark.parametrize(
    ("crs", "cell", "more"),
    [
        ("EPSG:32631", 10.0, {}),
        ("EPSG:4326", 1e-4, {"compress": "deflate"}),
        ("EPSG:3035", 10.0, {"photometric": "palette", "count": 1, "nodata": None}),
    ],
)
def test_a_picture_lies_where_it_says_in_any_coordinates(canvas, qtbot, tmp_path, crs, cell, more):
    path = aerial(tmp_path / "aerial.tif", crs, cell=cell, **more)
    assert is_picture(path)
    assert what_is(path) == BASE_MAP
    canvas.content.drawn.set_source(PictureSource(path, ""))
    for zoom in (9.0, 13.0, 16.5):
        pixels = seen(canvas, qtbot, (41.9, 3.0), zoom)
        x, y = (round(float(v)) for v in canvas.view.to_screen(41.9, 3.0))
        reach = 20 if zoom > 9 else 2
        west, east = pixels[y, x - reach], pixels[y, x + reach]
        assert (west >> 16) & 255 > 200 > (east >> 16) & 255
        assert west >> 24 == east >> 24 == 255
    assert not seen(canvas, qtbot, (41.9, 3.2), 13.0).any()
    corner = (41.9 + 190 * (10.0 / 111_195), 3.0 - 190 * (10.0 / 82_900)) if crs == "EPSG:32631" else None
    if corner:
        pixels = seen(canvas, qtbot, corner, 15.0)
        assert pixels[canvas.view.height // 2, canvas.view.width // 2] == 0  # what has no colour is seen through


@pytest.mark.parametrize("how", ["no place", "png", "16 bits", "cut", "one strip"])
def test_a_picture_that_cannot_be_used_is_refused_with_what_to_do(tmp_path, how, monkeypatch):
    path = tmp_path / "a.tif"
    if how == "no place":
        with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
            aerial(path, None, transform=Affine.identity())
    elif how == "png":
        image = QImage(9, 9, QImage.Format.Format_RGB32)
        image.fill(0)
        image.save(str(path), "PNG")
    elif how == "one strip":
        monkeypatch.setattr(picture, "_MOST_BLOCK_BYTES", 400 * 400 * 3 - 1)
        aerial(path, tiled=False, blockysize=400, compress="deflate")
    else:
        aerial(path, dtype="uint16" if how == "16 bits" else "uint8")
        if how == "cut":
            path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FileError) as caught:
        PictureFile(path)
    assert caught.value.where == str(path)
    assert caught.value.fix is not None


def test_a_part_of_a_picture_that_is_damaged_is_a_hole(canvas, qtbot, tmp_path):
    path = aerial(tmp_path / "a.tif", compress="deflate")
    data = bytearray(path.read_bytes())
    data[-900:-500] = bytes(400)
    path.write_bytes(bytes(data))
    canvas.content.drawn.set_source(PictureSource(path, ""))
    seen(canvas, qtbot, (41.9, 3.0), 13.0)
    assert canvas.content.drawn.any_damaged


def test_a_map_of_lines_is_chosen_shown_and_taken_back(state, settled, shared_data, qtbot, canvas):
    beside = state.project.path.with_name("firenze.pmtiles")
    shutil.copyfile(shared_data / "basemap/protomaps_firenze.pmtiles", beside)
    maps = BaseMaps(state, canvas.content, canvas)
    assert what_is(beside) == BASE_MAP
    choose_base_map(state, beside)
    settled(state)
    maps.follow(state.plan)
    settled(state)
    assert canvas.content.drawn.source is not None
    assert "Protomaps" in canvas.content.attribution()[-1]
    state.undo()
    maps.follow(state.plan)
    assert canvas.content.drawn.source is None

"""The layers: where coverage lies to the pixel, terrain tiles without seams, labels, and speed of many homes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from cn_planner import geo
from cn_planner.drawing.display import (
    Anchor,
    DisplayList,
    Fill,
    Hatch,
    Image,
    ItemGroup,
    Marker,
    Polygon,
    Polyline,
    Stroke,
    Symbol,
    Text,
)
from cn_planner.drawing.palette import Role, Theme, colour
from cn_planner.drawing.png import png_bytes
from cn_planner.gis.raster import RasterGrid
from cn_planner.gui.map.layers.base import PaintFrame
from cn_planner.gui.map.layers.kept_tiles import SIDE, TileKey
from cn_planner.gui.map.layers.labels import LabelRoom
from cn_planner.gui.map.layers.overlay import OverlayClass, build_overlay, paint_overlay
from cn_planner.gui.map.layers.points import HomesLayer
from cn_planner.gui.map.layers.relief_tiles import TileStore, contour_interval_m, height_span, render_tile
from cn_planner.gui.map.mercator import Viewport, to_geo, to_world
from cn_planner.gui.map.style import Style
from cn_planner.gui.paint import paint
from cn_planner.message import msg
from cn_planner.model.plan import HomeKind, Household
from cn_planner.terrain.surface import Surface

pytestmark = pytest.mark.usefixtures("qapp")


def canvas_of(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def pixels(image: QImage) -> np.ndarray:
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


@pytest.mark.parametrize(("zoom", "turn_deg"), [(11.0, 0.0), (12.4, 0.0), (13.0, 11.0), (15.0, 11.0)])
@pytest.mark.parametrize("middle", [(42.1, 1.8), (-33.0, 18.7), (61.0, 179.99)])
def test_an_overlay_of_40_km_lies_within_a_pixel_of_its_true_place(zoom: float, turn_deg: float, middle) -> None:
    n, cell = 400, 100.0
    crs = geo.local_transverse_mercator(*middle)
    a, b = cell * np.cos(np.radians(turn_deg)), cell * np.sin(np.radians(turn_deg))
    transform = (a, b, -(a + b) * n / 2, b, -a, (a - b) * n / 2)
    row, column = np.indices((n, n))
    values = np.where((row // 7 + column // 5) % 2 == 0, 1, 2).astype(np.uint8)
    classes = (OverlayClass(1, "#ff0000", msg("one"), 1.0), OverlayClass(2, "#0000ff", msg("two"), 1.0))
    image = build_overlay(values, crs, transform, classes)
    # Near a corner, where one affine for all would be 50 m wrong.
    lat, lon = geo.destination(*middle, 45.0, 20_000.0)
    view = Viewport(*map(float, to_world(lat, lon)), zoom, 500, 400)
    target = canvas_of(500, 400)
    painter = QPainter(target)
    paint_overlay(painter, image, view)
    painter.end()
    got = pixels(target)
    y, x = np.indices(got.shape) + 0.5
    left, top = view.origin
    plat, plon = to_geo((x + left) / view.scale, (y + top) / view.scale)

    def expected(dx: float, dy: float) -> np.ndarray:
        la, lo = to_geo((x + dx + left) / view.scale, (y + dy + top) / view.scale)
        east, north = geo.transform(geo.WGS84, crs, lo, la)
        det = transform[0] * transform[4] - transform[1] * transform[3]
        ex, ny = east - transform[2], north - transform[5]
        c = np.floor((transform[4] * ex - transform[1] * ny) / det + 0.5).astype(int)
        r = np.floor((transform[0] * ny - transform[3] * ex) / det + 0.5).astype(int)
        inside = (r >= 0) & (r < n) & (c >= 0) & (c < n)
        found = np.where(inside, values[np.clip(r, 0, n - 1), np.clip(c, 0, n - 1)], 0)
        return np.array([0x00000000, 0xFFFF0000, 0xFF0000FF], np.uint32)[found]

    # Each pixel is what truly lies less than one pixel away.
    right = np.zeros(got.shape, np.bool_)
    for dx in (-0.75, 0.0, 0.75):
        for dy in (-0.75, 0.0, 0.75):
            right |= got == expected(dx, dy)
    assert np.isfinite(plat).all()
    assert np.isfinite(plon).all()
    if zoom >= 12.0:
        assert right.mean() > 0.9999
    else:
        # Smaller than one pixel a cell, pixels are averages: colours mix but nothing lies outside.
        assert ((got != 0) == (expected(0, 0) != 0)).mean() > 0.995


def ramp_surface() -> Surface:
    n = 301
    v, u = np.mgrid[0:n, 0:n] / n
    z = (500 + 400 * np.sin(9 * u + 3 * v) * np.cos(8 * v)).astype(np.float32)
    step = 0.25 / (n - 1)
    return Surface([RasterGrid("hills.tif", z, "EPSG:4326", (step, 0.0, 1.0, 0.0, -step, 42.2), "EGM96", "t", "CC0")])


@pytest.mark.parametrize("zoom", [10.0, 12.37, 15.2])
def test_terrain_tiles_meet_without_a_seam(zoom: float) -> None:
    surface, look = ramp_surface(), Style().relief
    scale = round(256 * 2.0**zoom, 3)
    x, y = (float(v) * scale for v in to_world(42.08, 1.12))
    i, j = int(x // SIDE), int(y // SIDE)
    span = height_span(surface)
    one = render_tile(surface, TileKey(scale, i, j), span, look, 1.0)
    other = render_tile(surface, TileKey(scale, i + 1, j), span, look, 1.0)
    a = pixels(one.relief)[:, -3:].view(np.uint8).astype(int)
    b = pixels(other.relief)[:, :3].view(np.uint8).astype(int)
    across = np.abs(a.reshape(SIDE, 3, 4)[:, -1, :3] - b.reshape(SIDE, 3, 4)[:, 0, :3])
    within = np.abs(np.diff(a.reshape(SIDE, 3, 4)[..., :3], axis=1))
    assert across.mean() <= within.mean() * 1.5 + 1.0


def test_missing_terrain_is_grey_and_named_and_never_sea_level() -> None:
    surface, style = ramp_surface(), Style()
    scale = 256 * 2.0**11
    x, y = (float(v) * scale for v in to_world(43.5, 3.5))
    tile = render_tile(surface, TileKey(scale, int(x // SIDE), int(y // SIDE)), (0.0, 900.0), style.relief, 1.0)
    colours = {tuple(int(v) for v in row) for row in pixels(tile.relief).view(np.uint8).reshape(-1, 4)[:, 2::-1]}
    assert colours == {style.relief.missing, style.relief.missing_line}
    assert tile.missing == ("outside hills.tif",)
    assert tile.contours is None


def test_contours_get_finer_as_one_comes_nearer() -> None:
    steps = [contour_interval_m(m) for m in (300.0, 60.0, 25.0, 5.0, 1.0)]
    assert steps[0] is None
    assert steps[1:] == sorted(steps[1:], reverse=True)
    assert steps[-1] == 5.0


def small_store(pool: ThreadPoolExecutor) -> tuple[TileStore, Callable[[int, int], TileKey]]:
    """A store with room for six tiles of relief beside those that are seen, and its tiles so far east and south."""
    store = TileStore(pool, limit_bytes=6 * SIDE * SIDE * 4)
    store.set_look(Style().relief, 1.0)
    store.set_ground(ramp_surface())
    scale = 256 * 2.0**12
    x, y = (int(float(v) * scale // SIDE) for v in to_world(42.08, 1.12))
    return store, lambda i, j: TileKey(scale, x + i, y + j)


def test_only_what_is_asked_for_last_is_made_and_memory_has_a_limit(qtbot) -> None:
    with ThreadPoolExecutor(1) as pool:
        store, near = small_store(pool)
        first, last = [near(i, 0) for i in range(40)], [near(0, j) for j in range(4)]
        store.ask(first)
        store.ask(last)
        qtbot.waitUntil(lambda: not store.busy, timeout=20000)
        assert all(store.get(key) is not None for key in last)
        assert sum(store.get(key) is not None for key in first) <= 3
        assert store.bytes_held - sum(store.get(key).cost for key in last) <= 6 * SIDE * SIDE * 4
        store.close()


def test_a_window_with_more_tiles_than_are_kept_is_painted_once_and_then_it_rests(qtbot) -> None:
    """A screen of 2560 x 1440 had tiles made for ever: each that came made another go that was seen."""
    with ThreadPoolExecutor(1) as pool:
        store, near = small_store(pool)
        seen, before = ([near(i, j) for i in range(20)] for j in (0, 1))
        for keys in (before, seen):
            store.ask(keys)
            qtbot.waitUntil(lambda: not store.busy, timeout=20000)
        assert all(store.get(key) is not None for key in seen)
        store.ask(seen)
        assert not store.busy
        held = store.bytes_held
        store.let_go_unseen()  # as while the hand rests
        assert store.bytes_held == sum(store.get(key).cost for key in seen) < held
        store.ask(seen)
        assert not store.busy
        store.close()


def homes_layer(n: int) -> HomesLayer:
    rng = np.random.default_rng(1)
    layer = HomesLayer()
    kinds = (HomeKind.HOME, HomeKind.SCHOOL, HomeKind.CLINIC)
    layer.set_homes(
        [
            Household(f"h{i}", "", 42 + float(a), 1 + float(b), kind=kinds[i % 3], server="s" if i % 2 else None)
            for i, (a, b) in enumerate(rng.uniform(0, 0.1, (n, 2)))
        ]
    )
    return layer


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_reached_homes_are_filled_and_others_open_at_any_density_of_screen(ratio: float) -> None:
    layer = HomesLayer()
    layer.set_homes([Household("a", "", 42.0, 1.0, server="s"), Household("b", "", 42.0, 1.001)])
    view = Viewport(*map(float, to_world(42.0, 1.0005)), 17.0, 300, 200, ratio)
    image = canvas_of(300, 200)
    painter = QPainter(image)
    layer.paint(painter, PaintFrame(view))
    painter.end()
    drawn = pixels(image)
    shares = []
    for lon in (1.0, 1.001):
        x, y = (int(np.floor(float(v))) for v in view.to_screen(42.0, lon))
        half = layer.half(view)
        part = drawn[y - half : y + half + 1, x - half : x + half + 1]
        paper = int(colour(Role.PAPER)[1:], 16) | 0xFF000000
        shares.append(float((part == paper).mean()))
        assert (part >> 24 == 255).all()
    assert shares[0] == 0.0
    assert shares[1] > 0.2


def test_picking_finds_the_nearest_of_very_many_homes() -> None:
    layer = homes_layer(20_000)
    view = Viewport(*map(float, to_world(42.05, 1.05)), 15.0, 800, 600)
    x, y = view.pixels(layer.x[123], layer.y[123])
    view = view.moved(400 - float(x), 300 - float(y))
    found = layer.pick(view, *(float(v) for v in view.pixels(layer.x[123], layer.y[123])))
    assert found is not None
    assert found.id == "h123"


def test_labels_never_cover_each_other() -> None:
    room, rng = LabelRoom(800, 600), np.random.default_rng(2)
    boxes = [b for x, y in rng.uniform((0, 0), (800, 600), (200, 2)) if (b := room.place(x, y, 10, 80, 18))]
    assert len(boxes) > 30
    assert not any(a.intersects(b) for k, a in enumerate(boxes) for b in boxes[:k])


def test_display_lists_are_painted_as_they_say() -> None:
    square = ((10.0, 10.0), (50.0, 10.0), (50.0, 50.0), (10.0, 50.0))
    hole = ((20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0))
    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    drawing = DisplayList(
        100.0,
        100.0,
        (
            Polygon((square, hole), Fill(Role.GOOD), Stroke(Role.INK, 1.0), Hatch(Role.BAD)),
            ItemGroup((Polyline(((0.0, 0.0), (500.0, 0.0)), Stroke(Role.BAD, 4.0, (3.0,))),), offset=(60.0, 60.0),
                  clip=(0.0, -5.0, 20.0, 10.0)),
            Image(png_bytes(red), 2, 2, (10.0, 0.0, 0.0, 10.0, 70.0, 10.0)),
            Marker(Symbol.TOWER, 80.0, 85.0, 15.0, Role.TOWER, Role.PAPER),
            Text(50.0, 92.0, "Serra", 8.0, Role.INK, Anchor.MIDDLE, plate=Role.PLATE),
        ),
    )  # fmt: skip
    image = canvas_of(200, 200)
    painter = QPainter(image)
    paint(painter, drawing, QRectF(0, 0, 200, 200), Theme.LIGHT)
    painter.end()
    assert image.pixelColor(60, 60).alpha() == 0  # the hole
    assert image.pixelColor(30, 60).alpha() == 255
    assert image.pixelColor(180, 120).alpha() == 0  # clipped
    assert image.pixelColor(150, 30).name() == "#ff0000"
    assert image.pixelColor(160, 172).alpha() == 255
    assert any(image.pixelColor(x, 184).lightness() < 100 for x in range(80, 120))

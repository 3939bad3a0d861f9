"""What the map lays on the ground, as pictures that the ground wears: the map's own layers, painted level by level."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter

from cn_planner.coverage.ground_view import along_ray
from cn_planner.drawing.ground_colours import GroundLook
from cn_planner.drawing.ground_kernels import Drape
from cn_planner.drawing.palette import Theme
from cn_planner.gui.map.layers.base import PaintFrame, paint_layer
from cn_planner.gui.map.layers.from_tiles import tiles_of
from cn_planner.gui.map.layers.kept_tiles import SIDE
from cn_planner.gui.map.layers.tiles import web_tiles
from cn_planner.gui.map.mercator import MAX_LATITUDE, TILE, Viewport, to_world

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.coverage.ground_view import GroundPicture, ViewGround
    from cn_planner.gui.map.content import MapContent
    from cn_planner.gui.map.layers.base import MapLayer
    from cn_planner.gui.map.layers.kept_tiles import TileKey
    from cn_planner.gui.map.layers.tiles import PlacedTiles, WebTile
    from cn_planner.gui.map.style import Style

DRAPED = ("online", "drawn_tiles", "base_map", "sources", "trees", "coverage", "live_coverage", "zones")
"""Layers of the map that lie on the ground, by key; in the order that the map has them."""
_NODES = 45
_SIDE_PX = 1408
_LEAST_CELL_M = 1.0

_LIGHT = partial(
    GroundLook,
    stops=((158, 184, 130), (182, 196, 142), (206, 198, 152), (200, 184, 156), (222, 216, 206)),
    shade=(0.38, 1.06),
    zenith=(142, 182, 221),
    horizon=(223, 232, 238),
    below=(236, 238, 236),
    cut=(158, 143, 122),
)
_DARK = partial(
    GroundLook,
    stops=((56, 80, 62), (70, 86, 66), (88, 94, 76), (104, 105, 96), (130, 131, 130)),
    shade=(0.30, 1.25),
    zenith=(15, 21, 32),
    horizon=(46, 58, 70),
    below=(24, 28, 32),
    cut=(56, 49, 42),
)
_CONTRAST = partial(
    GroundLook,
    stops=((255, 255, 255),) * 5,
    shade=(0.45, 1.0),
    zenith=(235, 235, 235),
    horizon=(255, 255, 255),
    below=(255, 255, 255),
    cut=(120, 120, 120),
)


def look_of(style: Style) -> GroundLook:
    """Return how the ground looks in a theme; where heights are missing as on the map."""
    made = {Theme.DARK: _DARK, Theme.BLACK_AND_WHITE: _CONTRAST}.get(style.theme, _LIGHT)
    return made(missing=style.relief.missing, missing_line=style.relief.missing_line)


def level_view(ground: ViewGround, number: int) -> tuple[Viewport, np.ndarray, np.ndarray] | None:
    """Return the map's view of one level, and where a lattice over the level lies in it, pixels.

    None where the map does not reach so far north or south.
    """
    half = float(ground.levels.cell[number]) * (int(ground.levels.side[number]) - 1) / 2.0
    at = np.linspace(-half, half, _NODES)
    latitude, longitude = ground.to_geo(*np.meshgrid(at, -at))
    if not np.isfinite(latitude).all() or np.abs(latitude).max() > MAX_LATITUDE - 0.1:
        return None
    x, y = to_world(latitude, longitude)
    x -= np.floor(x - x[_NODES // 2, _NODES // 2] + 0.5)
    span = max(float(x.max() - x.min()), float(y.max() - y.min()), 1e-12)
    scale = _SIDE_PX / span
    width, height = (math.ceil(float(one.max() - one.min()) * scale) + 4 for one in (x, y))
    view = Viewport(
        float(x.min() + x.max()) / 2.0, float(y.min() + y.max()) / 2.0, math.log2(scale / TILE), width, height
    )
    px, py = view.pixels(x, y)
    return view, np.ascontiguousarray(px), np.ascontiguousarray(py)


def paint_drape(layers: Iterable[MapLayer], ground: ViewGround, number: int, frame: PaintFrame) -> Drape | None:
    """Paint what the map lays on one level of the ground; None where that is nothing."""
    found = level_view(ground, number)
    shown = [one for one in layers if one.key in DRAPED and one.visible and one.opacity > 0.0]
    if found is None or not shown:
        return None
    view, x, y = found
    image = QImage(view.width, view.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    # Quick: the levels have one store of tiles between them, and what each asked for would replace what another did.
    on_ground = PaintFrame(view, frame.style, frame.language, frame.mirrored, quick=True)
    for layer in shown:
        paint_layer(painter, layer, on_ground)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(view.height, view.width)
    return Drape(pixels.copy(), x, y) if pixels.any() else None


_EVERY_PX, _SHARPER = 8, 1.5
"""A picture is looked at in places so many pixels apart; texels may be so much coarser in area than what they show."""


def ask_tiles(content: MapContent, picture: GroundPicture, frame: PaintFrame) -> None:
    """Ask once for the tiles of the map that a fine picture shows: what arrives is painted on every level."""
    online, drawn = content.online, content.drawn_tiles
    shown = [one for one in (online, drawn) if one.visible and one.opacity > 0.0]
    if not shown:
        return
    of_files, of_web = seen_tiles(picture)
    if online in shown:
        online.ask(of_web)
    if drawn in shown:
        drawn.ask(of_files, frame.style, frame.view.ratio)


def seen_tiles(picture: GroundPicture) -> tuple[list[TileKey], PlacedTiles]:
    """Return the map's tiles that a fine picture shows, those that fill the most of it first: of files, of the web.

    They are those of each level whose texels are in the picture, as `view_kernels.resolve_rows` takes them.
    """
    ground, lens, ahead_m = picture.ground, picture.lens, picture.ahead_m.astype(np.float64)
    rows, columns = (np.arange(_EVERY_PX // 2, size - 1, _EVERY_PX) for size in ahead_m.shape)
    y, x = (one.reshape(-1) for one in np.meshgrid(rows, columns, indexing="ij"))
    met = np.isfinite(ahead_m[y, x])
    y, x = y[met], x[met]
    ahead, below = ahead_m[y, x], ahead_m[y + 1, x]
    east, north = along_ray(lens, x + 0.5, y + 0.5, ahead)
    across = ahead / lens.focal / 2.0  # of a fine picture: each pixel is four
    deep = np.abs(np.where(np.isfinite(below), below, ahead) - ahead) / 2.0
    grain = across * np.clip(deep, across, 16.0 * across)
    cell = ground.levels.cell
    wanted = np.searchsorted((cell[1:] / 2.0) ** 2, _SHARPER * grain, side="right")
    held = np.searchsorted(cell * (ground.levels.side - 1) / 2.0, np.maximum(np.abs(east), np.abs(north)))
    level = np.minimum(np.maximum(wanted, held), len(cell) - 1)
    of_files: list[tuple[int, TileKey]] = []
    of_web: list[tuple[int, tuple[WebTile, QRect]]] = []
    for number in np.unique(level).tolist():
        found = level_view(ground, number)
        if found is None:
            continue
        view, mine = found[0], level == number
        px, py = view.pixels(*to_world(*ground.to_geo(east[mine], north[mine])))
        left, top = view.origin
        for key in tiles_of(view):
            box = QRect(key.i * SIDE - left, key.j * SIDE - top, SIDE, SIDE)
            of_files.append((_within(px, py, box), key))
        of_web += [(_within(px, py, tile[1]), tile) for tile in web_tiles(view)]
    return _most_seen(of_files), _most_seen(of_web)


_Tile = TypeVar("_Tile")


def _most_seen(found: list[tuple[int, _Tile]]) -> list[_Tile]:
    return [one for count, one in sorted(found, key=lambda pair: -pair[0]) if count]


def _within(x: NDArray[np.float64], y: NDArray[np.float64], box: QRect) -> int:
    inside = (x >= box.left()) & (x < box.left() + box.width()) & (y >= box.top()) & (y < box.top() + box.height())
    return int(np.count_nonzero(inside))

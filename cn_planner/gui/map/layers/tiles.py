"""Pictures of the ground in tiles: where they go, and how they are painted."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from cn_planner.gui.map.layers.base import MapLayer

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.message import Message

DEEPEST = 19
MOST_IMAGES = 400


class WebTile(NamedTuple):
    """A tile by zoom, column and row."""

    z: int
    x: int
    y: int


PlacedTiles = list[tuple[WebTile, QRect]]
"""Tiles, with the device pixels of each."""


def web_tiles(view: Viewport, deepest: int = DEEPEST) -> PlacedTiles:
    """Return the tiles that cover a view, with the rectangle of device pixels of each, the middle first."""
    z = min(max(round(view.zoom + math.log2(view.ratio) * 0.5), 0), deepest)
    count = 1 << z
    side = view.scale / count
    left, top = view.origin
    placed = []
    for j in range(max(0, math.floor(top / side)), min(count - 1, math.floor((top + view.height - 1) / side)) + 1):
        for i in range(math.floor(left / side), math.floor((left + view.width - 1) / side) + 1):
            x0, y0 = round(i * side) - left, round(j * side) - top
            box = QRect(x0, y0, round((i + 1) * side) - left - x0, round((j + 1) * side) - top - y0)
            placed.append((WebTile(z, i % count, j), box))
    middle_x, middle_y = view.width / 2, view.height / 2
    return sorted(placed, key=lambda t: math.hypot(t[1].center().x() - middle_x, t[1].center().y() - middle_y))


def paint_pictures(painter: QPainter, tiles: PlacedTiles, image_of: Callable[[WebTile], QImage | None]) -> bool:
    """Paint tiles; where one is not there the part of a coarser one that covers it. Return whether any is seen."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    seen = False
    for tile, box in tiles:
        for up in range(4):
            parent = WebTile(tile.z - up, tile.x >> up, tile.y >> up)
            image = image_of(parent) if parent.z >= 0 else None
            if image is not None:
                part = image.width() / (1 << up)
                source = QRectF((tile.x - (parent.x << up)) * part, (tile.y - (parent.y << up)) * part, part, part)
                painter.drawImage(QRectF(box), image, source)
                seen = True
                break
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    return seen


class PicturesLayer(MapLayer):
    """A base map of pictures in tiles, those that were asked for last kept."""

    def __init__(self, key: str, title: Message) -> None:
        super().__init__(key, title)
        self._images: OrderedDict[WebTile, QImage] = OrderedDict()
        self._gone: set[WebTile] = set()

    def _forget(self) -> None:
        self._images.clear()
        self._gone.clear()

    def _keep(self, tile: WebTile, image: QImage) -> None:
        self._images[tile] = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        while len(self._images) > MOST_IMAGES:
            self._images.popitem(last=False)

    def _missing(self, tiles: PlacedTiles) -> list[WebTile]:
        for tile, _ in reversed(tiles):
            if tile in self._images:
                self._images.move_to_end(tile)
        return [tile for tile, _ in tiles if tile not in self._images and tile not in self._gone]

    def _paint_tiles(self, painter: QPainter, tiles: PlacedTiles) -> None:
        """Paint tiles; where one is not there the part of a coarser one that covers it."""
        paint_pictures(painter, tiles, self._images.get)

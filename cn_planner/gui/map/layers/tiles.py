"""Pictures of the ground in tiles: where they go, and those of a file on the disk."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QByteArray, QRect, QRectF, QTimer
from PySide6.QtGui import QImage, QPainter

from cn_planner.gui.map.layers.base import MapLayer, PaintFrame, painted
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gis.tile_file import TileFile
    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.message import Message

DEEPEST = 19
_MOST_IMAGES = 400
_AT_ONCE = 8
"""Tiles unpacked in one frame: the next ones come in the next."""
_LARGEST_PX = 1024


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


class PicturesLayer(MapLayer):
    """A base map of pictures in tiles, those that were seen last kept."""

    def __init__(self, key: str, title: Message, *, beside: MapLayer | None = None) -> None:
        super().__init__(key, title, beside=beside)
        self._images: OrderedDict[WebTile, QImage] = OrderedDict()
        self._gone: set[WebTile] = set()

    def _forget(self) -> None:
        self._images.clear()
        self._gone.clear()

    def _keep(self, tile: WebTile, image: QImage) -> None:
        self._images[tile] = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        while len(self._images) > _MOST_IMAGES:
            self._images.popitem(last=False)

    def _missing(self, tiles: PlacedTiles) -> list[WebTile]:
        return [tile for tile, _ in tiles if tile not in self._images and tile not in self._gone]

    def _paint_tiles(self, painter: QPainter, tiles: PlacedTiles) -> None:
        """Paint tiles; where one is not there the part of a coarser one that covers it."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for tile, box in tiles:
            for up in range(4):
                parent = WebTile(tile.z - up, tile.x >> up, tile.y >> up)
                image = self._images.get(parent)
                if image is not None:
                    self._images.move_to_end(parent)
                    part = image.width() / (1 << up)
                    source = QRectF((tile.x - (parent.x << up)) * part, (tile.y - (parent.y << up)) * part, part, part)
                    painter.drawImage(QRectF(box), image, source)
                    break
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)


class TileFileLayer(PicturesLayer):
    """The base map of a file of pictures."""

    def __init__(self, beside: MapLayer | None = None) -> None:
        super().__init__("tile_file", msg("Base map"), beside=beside)
        self._file: TileFile | None = None
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self.changed)

    def set_file(self, file: TileFile | None) -> None:
        """Show another file, which the layer closes when it lets it go; None shows none."""
        if self._file is not None:
            self._file.close()
        self._file = file
        self._forget()
        self.changed.emit()

    def attribution(self) -> tuple[str, ...]:
        """Return whose map it is."""
        return (self._file.attribution,) if self._file is not None and self._file.attribution else ()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what is there, coarser where it is not yet, and unpack some of the rest."""
        file = self._file
        if file is None:
            return
        part = painted(painter, frame.view)
        (left, top), (x, y) = part.origin, frame.view.origin
        tiles = [(tile, box.translated(left - x, top - y)) for tile, box in web_tiles(part, file.most_zoom)]
        missing = self._missing(tiles)
        if tiles and tiles[0][0].z >= file.least_zoom:
            for tile in missing[:_AT_ONCE]:
                self._unpack(file, tile)
            if len(missing) > _AT_ONCE:
                self._more.start()
        self._paint_tiles(painter, tiles)

    def _unpack(self, file: TileFile, tile: WebTile) -> None:
        data = file.tile(*tile)
        image = QImage()
        if data is not None:
            image.loadFromData(QByteArray(data))
        if image.isNull() or image.width() > _LARGEST_PX or image.width() != image.height():
            self._gone.add(tile)
        else:
            self._keep(tile, image)

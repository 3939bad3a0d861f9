"""Files of tiles painted as pieces of the screen, in a process of their own: unpacked, styled as extracts are, painted.

The window's process never opens them: what a damaged tile does to a library it does here, and while a dense town is
painted the window's thread goes on.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect
from PySide6.QtGui import QImage, QImageReader, QPainter

from cn_planner.drawing.palette import Theme
from cn_planner.gis.tile_file import TileFile
from cn_planner.gis.vector_tile import read_tile, unpacked
from cn_planner.gui.map.layers.base_drawing import Outlines, paint_shapes
from cn_planner.gui.map.layers.kept_tiles import SIDE
from cn_planner.gui.map.layers.tiles import WebTile, paint_pictures, web_tiles
from cn_planner.gui.map.mercator import EARTH_M, TILE, Viewport
from cn_planner.gui.map.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_SHAPES, _MOST_TILES = 24_000, 200
"""Kept as outlines, some 4 KB each: four tiles of the midst of a town, or many of the country."""
_MOST_PICTURES, _LARGEST_PX = 64, 1024
_Place = tuple[int, int, int]


class _Drawn(NamedTuple):
    """A tile as it is painted, and the names in it."""

    outlines: dict[tuple[str, str], Outlines]
    names: list[tuple[str, str, float, float]]


def _view_of(scale: float, i: int, j: int, ratio: float) -> Viewport:
    """Return the view of which a piece of the screen is all."""
    zoom = math.log2(scale / TILE / ratio)
    return Viewport((i + 0.5) * SIDE / scale % 1.0, (j + 0.5) * SIDE / scale, zoom, SIDE, SIDE, ratio)


class _PicturePainter:
    """Paints pieces of one file of pictures."""

    def __init__(self, file: TileFile) -> None:
        self._file = file
        self._kept: OrderedDict[WebTile, QImage | None] = OrderedDict()
        self._damaged = False

    def __call__(self, scale: float, i: int, j: int, ratio: float, _theme: str) -> tuple[bytes, list[Any], bool]:
        """Return as `_Painter` does; a picture is the same in all themes and names nothing."""
        self._damaged = seen = False
        image = QImage(SIDE, SIDE, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        tiles = web_tiles(_view_of(scale, i, j, ratio), self._file.most_zoom)
        if tiles and tiles[0][0].z >= self._file.least_zoom:
            seen = paint_pictures(painter, tiles, self._picture)
        painter.end()
        return bytes(image.constBits()) if seen else b"", [], self._damaged

    def _picture(self, tile: WebTile) -> QImage | None:
        """Return a tile, None where there is none."""
        if tile not in self._kept:
            data = self._file.tile(*tile)
            self._kept[tile] = _decoded(data) if data else None
            self._damaged |= bool(data) and self._kept[tile] is None
            while len(self._kept) > _MOST_PICTURES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(tile)
        return self._kept[tile]


def _decoded(data: bytes) -> QImage | None:
    """Return a picture, None where it is damaged, not square, or larger than tiles are."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if size.width() != size.height() or not 0 < size.width() <= _LARGEST_PX:
        return None
    image = reader.read()
    return None if image.isNull() else image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


class _Painter:
    """Paints pieces of one file of lines and areas."""

    def __init__(self, file: TileFile) -> None:
        self._file = file
        self._kept: OrderedDict[_Place, _Drawn | None] = OrderedDict()
        self._shapes = 0

    def __call__(self, scale: float, i: int, j: int, ratio: float, theme: str) -> tuple[bytes, list[Any], bool]:
        """Return the pixels of a tile of the screen, the names in it by world coordinates, and whether any is damaged.

        No pixels where there is nothing to be seen.
        """
        view = _view_of(scale, i, j, ratio)
        west, north, east, south = view.bounds()
        deep = min(max(math.floor(view.zoom + 1e-6), self._file.least_zoom), self._file.most_zoom)
        count = 1 << deep
        places = [
            (deep, x, y)
            for y in range(max(math.floor(north * count), 0), min(math.ceil(south * count), count))
            for x in range(max(math.floor(west * count), 0), min(math.ceil(east * count), count))
        ]
        image = QImage(SIDE, SIDE, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        names: list[Any] = []
        seen = damaged = False
        for place in places:
            found = self._tile(place)
            if found is None:
                damaged = True
                continue
            if found.outlines:
                seen = True
                self._paint(painter, place, found.outlines, view, Style(Theme(theme)))
            names += [
                one
                for one in found.names
                # Each name once: a tile holds those beyond its edge, too.
                if west <= one[2] < east
                and north <= one[3] < south
                and (int(one[2] * count), int(one[3] * count)) == place[1:]
            ]
        painter.end()
        return bytes(image.constBits()) if seen else b"", names, damaged

    def _paint(
        self, painter: QPainter, place: _Place, shapes: dict[tuple[str, str], Outlines], view: Viewport, style: Style
    ) -> None:
        deep, x, y = place
        left, top = view.origin
        side = view.scale / (1 << deep)
        x0, y0 = round(x * side) - left, round(y * side) - top
        box = QRect(x0, y0, round((x + 1) * side) - left - x0, round((y + 1) * side) - top - y0)
        box = box.intersected(QRect(0, 0, view.width, view.height))
        if box.isEmpty():
            return
        part = replace(
            view,
            x=(left + box.x() + box.width() / 2) / view.scale,
            y=(top + box.y() + box.height() / 2) / view.scale,
            width=box.width(),
            height=box.height(),
        )
        painter.save()
        # Its things go on beyond its edge, where its neighbour paints them: at whole pixels there is no seam.
        painter.setClipRect(box)
        paint_shapes(painter, shapes, view, part, style)
        painter.restore()

    def _tile(self, place: _Place) -> _Drawn | None:
        """Return what a tile holds, None where it is damaged."""
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        found: _Drawn | None = _Drawn({}, [])
        try:
            data = self._file.tile(*place)
            if data:
                tile = read_tile(unpacked(data), *place)
                found = _Drawn(
                    {key: Outlines(shapes, tiled=True) for key, shapes in tile.shapes.items()},
                    [(kind, name, 0.5 + x / EARTH_M, 0.5 - y / EARTH_M) for kind, name, x, y in tile.names],
                )
        except (ValueError, RuntimeError):
            found = None
        self._kept[place] = found
        self._shapes += _count(found)
        while len(self._kept) > 1 and (self._shapes > _MOST_SHAPES or len(self._kept) > _MOST_TILES):
            _, gone = self._kept.popitem(last=False)
            self._shapes -= _count(gone)
        return found


def _count(tile: _Drawn | None) -> int:
    return 0 if tile is None else sum(len(one) for one in tile.outlines.values())


def painter_of(path: str) -> Callable[..., Any]:
    """Return what paints tiles of a file: what the process begins with."""
    file = TileFile(Path(path))
    return _Painter(file) if file.vector else _PicturePainter(file)

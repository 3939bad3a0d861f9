"""Layers whose picture comes from tiles that are kept: those that are ready, and others stretched until they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QRegion

from cn_planner.gui.map.layers.base import MapLayer, PaintFrame
from cn_planner.gui.map.layers.kept_tiles import SIDE, Costly, KeptTiles, TileKey

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.message import Message

_T = TypeVar("_T", bound=Costly)
_FALLBACKS = 2


def tiles_of(view: Viewport) -> list[TileKey]:
    """Return the tiles that a view shows, those in the middle first."""
    scale = round(view.scale, 3)
    left, top = view.origin
    columns = range(math.floor(left / SIDE), math.floor((left + view.width - 1) / SIDE) + 1)
    last = math.ceil(scale / SIDE)
    rows = range(max(0, math.floor(top / SIDE)), min(last, math.floor((top + view.height - 1) / SIDE) + 1))
    mid_i, mid_j = (left + view.width / 2) / SIDE - 0.5, (top + view.height / 2) / SIDE - 0.5
    keys = [TileKey(scale, i, j) for i in columns for j in rows]
    return sorted(keys, key=lambda k: math.hypot(k.i - mid_i, k.j - mid_j))


class FromTiles(MapLayer, Generic[_T]):
    """A layer whose picture comes from the store's tiles."""

    def __init__(self, key: str, title: Message, store: KeptTiles[_T]) -> None:
        super().__init__(key, title)
        self._kept = store
        store.changed.connect(self.changed)

    def _part(self, tile: _T) -> QImage | None:
        raise NotImplementedError

    def _draw(self, painter: QPainter, frame: PaintFrame) -> None:
        view = frame.view
        keys = tiles_of(view)
        scale = round(view.scale, 3)
        ready = [(key, self._kept.get(key)) for key in keys]
        left, top = view.origin
        gaps = QRegion()
        for key, tile in ready:
            if tile is None:
                gaps += QRect(key.i * SIDE - left, key.j * SIDE - top, SIDE, SIDE)
        if not gaps.isEmpty():
            painter.save()
            # A tile that is ready may be seen through: nothing is to stand under it.
            painter.setClipRegion(gaps, Qt.ClipOperation.IntersectClip)
            self._draw_others(painter, view, scale, smooth=not frame.quick)
            painter.restore()
        for key, tile in ready:
            part = self._part(tile) if tile is not None else None
            if part is not None:
                painter.drawImage(key.i * SIDE - left, key.j * SIDE - top, part)

    def _draw_others(self, painter: QPainter, view: Viewport, scale: float, *, smooth: bool) -> None:
        """Stretch tiles of the nearest other scales until those of this one are made."""
        groups = self._kept.others(scale)
        nearest = sorted(groups, key=lambda s: abs(math.log(s / scale)))[:_FALLBACKS]
        left, top = view.origin
        whole = QRect(0, 0, view.width, view.height)
        # While the view moves, speed is what the eye sees.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        for other in reversed(nearest):
            factor = scale / other
            side = SIDE * factor
            for key in groups[other]:
                x0, y0 = round(key.i * side) - left, round(key.j * side) - top
                x1, y1 = round((key.i + 1) * side) - left, round((key.j + 1) * side) - top
                target = QRect(x0, y0, x1 - x0, y1 - y0)
                if not target.intersects(whole):
                    continue
                tile = self._kept.get(key)
                part = self._part(tile) if tile is not None else None
                if part is None:
                    continue
                # Only what is seen is stretched: a tile may be a hundred times as large as the window.
                seen = target.intersected(whole.adjusted(-64, -64, 64, 64))
                source = QRectF(
                    (seen.x() - x0) / factor, (seen.y() - y0) / factor, seen.width() / factor, seen.height() / factor
                )
                painter.drawImage(QRectF(seen), part, source)

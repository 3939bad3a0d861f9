"""Shaded relief and contours of the plan's own terrain: the ground that is always there, with or without Internet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from cn_planner.gui.map.layers.base import Frame, Layer, LegendEntry
from cn_planner.gui.map.layers.relief_tiles import SIDE, TileKey, TileStore
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from cn_planner.gui.map.layers.relief_tiles import Tile
    from cn_planner.gui.map.mercator import View
    from cn_planner.gui.map.style import Style

_FALLBACKS = 2


def tiles_of(view: View) -> list[TileKey]:
    """Return the tiles that a view shows, those in the middle first."""
    scale = round(view.scale, 3)
    left, top = view.origin
    columns = range(math.floor(left / SIDE), math.floor((left + view.width - 1) / SIDE) + 1)
    last = math.ceil(scale / SIDE)
    rows = range(max(0, math.floor(top / SIDE)), min(last, math.floor((top + view.height - 1) / SIDE) + 1))
    mid_i, mid_j = (left + view.width / 2) / SIDE - 0.5, (top + view.height / 2) / SIDE - 0.5
    keys = [TileKey(scale, i, j) for i in columns for j in rows]
    return sorted(keys, key=lambda k: math.hypot(k.i - mid_i, k.j - mid_j))


class _FromTiles(Layer):
    """A layer whose picture comes from the store's tiles."""

    def __init__(self, key: str, title: object, store: TileStore) -> None:
        super().__init__(key, title)  # type: ignore[arg-type]
        self._store = store
        store.changed.connect(self.changed)

    def _part(self, tile: Tile) -> QImage | None:
        raise NotImplementedError

    def _draw(self, painter: QPainter, frame: Frame) -> None:
        view = frame.view
        keys = tiles_of(view)
        scale = round(view.scale, 3)
        ready = [(key, self._store.get(key)) for key in keys]
        if any(tile is None for _, tile in ready):
            self._draw_others(painter, view, scale, smooth=not frame.quick)
        left, top = view.origin
        for key, tile in ready:
            part = self._part(tile) if tile is not None else None
            if part is not None:
                painter.drawImage(key.i * SIDE - left, key.j * SIDE - top, part)

    def _draw_others(self, painter: QPainter, view: View, scale: float, *, smooth: bool) -> None:
        """Stretch tiles of the nearest other scales until those of this one are made."""
        groups = self._store.others(scale)
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
                tile = self._store.get(key)
                part = self._part(tile) if tile is not None else None
                if part is None:
                    continue
                # Only what is seen is stretched: a tile may be a hundred times as large as the window.
                seen = target.intersected(whole.adjusted(-64, -64, 64, 64))
                source = QRectF(
                    (seen.x() - x0) / factor, (seen.y() - y0) / factor, seen.width() / factor, seen.height() / factor
                )
                painter.drawImage(QRectF(seen), part, source)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)


class ReliefLayer(_FromTiles):
    """Shaded relief; grey and ruled where terrain is missing."""

    def __init__(self, store: TileStore) -> None:
        super().__init__("relief", msg("Terrain"), store)

    def _part(self, tile: Tile) -> QImage | None:
        return tile.relief

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Paint the tiles that are ready, and ask for the others once the view stands still."""
        view = frame.view
        look = frame.style.relief
        self._store.set_look(look, view.ratio)
        if self._store.surface is None:
            _no_ground(painter, QRectF(0, 0, view.width, view.height), frame)
            return
        if not frame.quick:
            self._store.ask(tiles_of(view))
        self._draw(painter, frame)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return the grey of missing terrain, with its names, where any is missing."""
        if self._store.surface is None:
            return (LegendEntry(msg("No terrain yet"), _missing_sample),)
        if not self._store.any_gone:
            return ()
        names = self._store.missing()
        words = msg("No terrain data: {names}", names=", ".join(names[:4]) + (" …" if len(names) > 4 else ""))
        return (LegendEntry(words, _missing_sample),)

    def attribution(self) -> tuple[str, ...]:
        """Return the sources of the terrain."""
        if self._store.surface is None:
            return ()
        return tuple(dict.fromkeys(info.source for info in self._store.surface.sources if info.source))


def _no_ground(painter: QPainter, area: QRectF, frame: Frame) -> None:
    look = frame.style.relief
    painter.fillRect(area, QColor(*look.missing))
    painter.setPen(QPen(QColor(*look.missing_line), 1))
    top = frame.view.origin[1]
    for y in range(-(top % 8), int(area.height()), 8):
        painter.drawLine(QPointF(0, y + 0.5), QPointF(area.width(), y + 0.5))


def _missing_sample(painter: QPainter, box: QRectF, style: Style) -> None:
    look = style.relief
    painter.fillRect(box, QColor(*look.missing))
    painter.setPen(QPen(QColor(*look.missing_line), 1))
    for k in range(1, 3):
        y = box.top() + round(box.height() * k / 3) + 0.5
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))


class ContourLayer(_FromTiles):
    """Lines of equal height over relief or online tiles."""

    def __init__(self, store: TileStore) -> None:
        super().__init__("contours", msg("Contour lines"), store)

    def _part(self, tile: Tile) -> QImage | None:
        return tile.contours

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Paint the lines of the tiles that are ready."""
        if self._store.surface is not None:
            if not frame.quick:
                self._store.ask(tiles_of(frame.view))
            self._draw(painter, frame)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return a sample line."""
        return (LegendEntry(msg("Contour line"), _contour_sample),) if self._store.surface is not None else ()


def _contour_sample(painter: QPainter, box: QRectF, style: Style) -> None:
    look = style.relief
    ink = QColor(*look.contour)
    ink.setAlphaF(min(1.0, look.contour_opacity * 2.2))
    painter.setPen(QPen(ink, 1.2, Qt.PenStyle.SolidLine))
    painter.drawLine(box.left(), box.center().y(), box.right(), box.center().y())

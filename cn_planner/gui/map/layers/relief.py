"""Shaded relief and contours of the plan's own terrain: the ground that is always there, with or without Internet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from cn_planner.gui.map.layers.base import LegendEntry, PaintFrame
from cn_planner.gui.map.layers.from_tiles import FromTiles, tiles_of
from cn_planner.gui.map.layers.relief_tiles import ReliefTile, TileStore
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.map.style import Style


class ReliefLayer(FromTiles[ReliefTile]):
    """Shaded relief; grey and ruled where terrain is missing."""

    def __init__(self, store: TileStore) -> None:
        super().__init__("relief", msg("Terrain"), store)
        self._store = store

    def _part(self, tile: ReliefTile) -> QImage | None:
        return tile.relief

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
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


def _no_ground(painter: QPainter, area: QRectF, frame: PaintFrame) -> None:
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


class ContourLayer(FromTiles[ReliefTile]):
    """Lines of equal height over relief or online tiles."""

    def __init__(self, store: TileStore) -> None:
        super().__init__("contours", msg("Contour lines"), store)
        self._store = store

    def _part(self, tile: ReliefTile) -> QImage | None:
        packed = tile.contours  # unpacked here: the painter itself takes twice as long
        return None if packed is None else packed.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
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
    painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()))

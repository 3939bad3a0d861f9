"""Scale bar, north and whose data is shown: on the glass, not on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from cn_planner.drawing.display import Marker, Symbol
from cn_planner.drawing.map_frame import nice_length_m
from cn_planner.drawing.palette import Role
from cn_planner.gui.map.layers.base import MapLayer, PaintFrame
from cn_planner.gui.map.layers.labels import plate
from cn_planner.gui.paint import Colours, drawing_font, paint_items
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable

_FEET, _MILE = 0.3048, 1609.344
_LONGEST_PX = 120.0
_MARGIN = 14.0
_SCALE_PX = 26.0
"""Height of the bar with its words."""
_SAID_PX = 24.0


def scale_length(longest_m: float, *, imperial: bool = False) -> tuple[float, Message]:
    """Return the longest round length no longer than this, m, and its name."""
    if not imperial:
        length = nice_length_m(longest_m)
        if length >= 1000:
            return length, msg("{length:g} km", length=length / 1000)
        return length, msg("{length:g} m", length=length)
    if longest_m >= _MILE:
        miles = nice_length_m(longest_m / _MILE)
        return miles * _MILE, msg("{length:g} mi", length=miles)
    feet = nice_length_m(longest_m / _FEET)
    return feet * _FEET, msg("{length:g} ft", length=feet)


class FurnitureLayer(MapLayer):
    """Scale bar and north at the trailing corner, attribution at the bottom."""

    def __init__(self, sources: Callable[[], tuple[str, ...]]) -> None:
        super().__init__("furniture", msg("Scale and north"), live=True)
        self._sources = sources
        self.imperial = False
        self._wide = 0.0

    def set_imperial(self, imperial: bool) -> None:
        """Measure in miles and feet, or in metres."""
        self.imperial = imperial
        self.changed.emit()

    def rooms(self, width: float, height: float, *, mirrored: bool) -> tuple[QRectF, QRectF]:
        """Return where the scale may stand on a map of a size, as wide as its bar ever is, and the attribution."""
        wide, tall = _LONGEST_PX + 2 * _MARGIN, _MARGIN + _SCALE_PX
        scale = QRectF(0.0 if mirrored else width - wide, height - tall, wide, tall)
        said = min(self._wide, width - wide)
        return scale, QRectF(width - said if mirrored else 0.0, height - _SAID_PX, said, _SAID_PX)

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint them."""
        view, px = frame.view, frame.px
        length_m, name = scale_length(view.m_per_pixel * px(_LONGEST_PX), imperial=self.imperial)
        width = round(length_m / view.m_per_pixel)
        bottom = view.height - px(_MARGIN)
        left = px(_MARGIN) if frame.mirrored else view.width - px(_MARGIN) - width
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = round(bottom) - 0.5
        tick = px(5)
        bar = [QPointF(left, y - tick), QPointF(left, y), QPointF(left + width, y), QPointF(left + width, y - tick)]
        for ink, wide in ((frame.style.colour(Role.PAPER, 0.85), 4.5), (frame.style.colour(Role.INK), 1.8)):
            painter.setPen(
                QPen(ink, px(wide), Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin)
            )
            painter.drawPolyline(bar)
        words = tr(name, frame.language)
        face = drawing_font(px(12), bold=True)
        across = QFontMetricsF(face).horizontalAdvance(words)
        box = QRectF(left + width / 2 - across / 2 - px(5), y - px(25), across + px(10), px(17))
        plate(painter, box, frame, 0.75)
        painter.setFont(face)
        painter.setPen(frame.style.colour(Role.INK))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        north = QPointF(left + px(8) if frame.mirrored else left + width - px(8), y - px(44))
        paint_items(
            painter, (Marker(Symbol.NORTH, north.x(), north.y(), px(22), Role.INK, Role.PAPER),),
            Colours(frame.style.theme),
        )  # fmt: skip
        self._attribution(painter, frame, left, left + width)

    def _attribution(self, painter: QPainter, frame: PaintFrame, bar_left: float, bar_right: float) -> None:
        words = " · ".join(self._sources())
        if not words:
            return
        px = frame.px
        face = drawing_font(px(11))
        metrics = QFontMetricsF(face)
        room = (frame.view.width - bar_right if frame.mirrored else bar_left) - px(2 * _MARGIN)
        text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(room, px(120)))
        width = metrics.horizontalAdvance(text) + px(8)
        left = frame.view.width - px(6) - width if frame.mirrored else px(6)
        self._wide = (width + px(6)) / px(1)
        box = QRectF(left, frame.view.height - px(22), width, px(17))
        plate(painter, box, frame, 0.7)
        painter.setFont(face)
        painter.setPen(frame.style.colour(Role.MUTED))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

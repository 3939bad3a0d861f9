"""What changes from frame to frame: the selection, the line that is being drawn, the point shared with the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from cn_planner.drawing.palette import Role
from cn_planner.gui.map.layers.base import MapLayer, PaintFrame
from cn_planner.gui.map.layers.lines import paint_path
from cn_planner.gui.map.mercator import to_world
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.map.layers.base import ThingLayer
    from cn_planner.gui.map.layers.points import LabelsLayer
    from cn_planner.gui.map.things import PathLine


class SelectionLayer(MapLayer):
    """A ring or a wider line round what is selected, and round what the pointer is on."""

    def __init__(self, layers: Mapping[str, ThingLayer]) -> None:
        super().__init__("selection", msg("Selection"), live=True, listed=False)
        self._layers = layers
        self.things: frozenset[Thing] = frozenset()
        self.hovered: Thing | None = None

    def set_things(self, things: Iterable[Thing]) -> None:
        """Say what is selected."""
        self.things = frozenset(things)
        self.changed.emit()

    def set_hovered(self, thing: Thing | None) -> None:
        """Say what the pointer is on."""
        if thing != self.hovered:
            self.hovered = thing
            self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the rings."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hovered is not None and self.hovered not in self.things:
            self._mark(painter, self.hovered, frame, strong=False)
        for thing in sorted(self.things):
            if thing not in frame.hidden:
                self._mark(painter, thing, frame, strong=True)

    def _mark(self, painter: QPainter, thing: Thing, frame: PaintFrame, *, strong: bool) -> None:
        layer = self._layers.get(thing.kind)
        if layer is not None and layer.visible:
            layer.mark(painter, thing.id, frame, strong=strong)


class PathLayer(MapLayer):
    """The line between two places that the profile shows, and the point of the profile's cursor on it."""

    def __init__(self, names: LabelsLayer | None = None) -> None:
        super().__init__("path", msg("Line being looked at"), live=True, listed=False)
        self._names = names
        self.path: PathLine | None = None
        self.cursor: tuple[float, float] | None = None

    def set_path(self, path: PathLine | None) -> None:
        """Show a line, or none."""
        self.path = path
        self.changed.emit()

    def set_cursor(self, place: tuple[float, float] | None) -> None:
        """Show the place (latitude, longitude) that the profile's cursor is at, or none."""
        if place != self.cursor:
            self.cursor = place
            self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint line and point."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.path is not None:
            paint_path(painter, self.path, frame, 3.4)
            if self._names is not None:
                self._names.paint_over(painter, frame, ground_line([self.path.a, self.path.b], frame))
            for place in (self.path.a, self.path.b):
                dot(painter, place, frame, 3.5)
        if self.cursor is not None:
            dot(painter, self.cursor, frame, 6.0, paper=True)


def dot(
    painter: QPainter, place: tuple[float, float], frame: PaintFrame, radius: float, *, paper: bool = False
) -> None:
    """Paint a round point at a place."""
    x, y = frame.view.to_screen(*place)
    painter.setPen(QPen(frame.style.colour(Role.INK), frame.px(1.8 if paper else 1.2)))
    painter.setBrush(frame.style.colour(Role.PAPER if paper else Role.INK))
    painter.drawEllipse(QPointF(float(x), float(y)), frame.px(radius), frame.px(radius))


def ground_line(places: list[tuple[float, float]], frame: PaintFrame) -> list[QPointF]:
    """Return places as a line in device pixels."""
    lat, lon = np.asarray(places, np.float64).T
    return [QPointF(x, y) for x, y in frame.view.line_pixels(*to_world(lat, lon))]


def crosshair(painter: QPainter, at: QPointF, frame: PaintFrame) -> None:
    """Paint the keyboard's pointer."""
    for ink, width in ((QColor(frame.style.colour(Role.PAPER, 0.9)), 4.0), (frame.style.colour(Role.INK), 1.6)):
        painter.setPen(QPen(ink, frame.px(width)))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            near, far = frame.px(4), frame.px(14)
            painter.drawLine(at + QPointF(dx * near, dy * near), at + QPointF(dx * far, dy * far))


def rubber_band(painter: QPainter, box: QRectF, frame: PaintFrame) -> None:
    """Paint the rectangle that selects what lies in it."""
    painter.setBrush(frame.style.colour(Role.ACCENT, 0.10))
    edge = QPen(frame.style.colour(Role.ACCENT), frame.px(1.2))
    edge.setDashPattern([4, 3])
    painter.setPen(edge)
    painter.drawRect(box)

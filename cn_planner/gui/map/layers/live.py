"""What changes from frame to frame: the selection, the line that is being drawn, the point shared with the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from cn_planner.drawing.palette import Role
from cn_planner.gui.map.layers.base import Frame, Layer
from cn_planner.gui.map.layers.lines import LinksLayer, ZonesLayer, paint_path, paint_zone, world_path
from cn_planner.gui.map.mercator import to_world
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.gui.map.layers.points import LabelsLayer, Points
    from cn_planner.gui.map.things import PathLine, Thing


class SelectionLayer(Layer):
    """A ring or a wider line round what is selected, and round what the pointer is on."""

    def __init__(self, points: Iterable[Points], links: LinksLayer, zones: ZonesLayer) -> None:
        super().__init__("selection", msg("Selection"), live=True, listed=False)
        self._points = {layer.kind: layer for layer in points}
        self._links, self._zones = links, zones
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

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Paint the rings."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hovered is not None and self.hovered not in self.things:
            self._mark(painter, self.hovered, frame, strong=False)
        for thing in sorted(self.things):
            if thing not in frame.hidden:
                self._mark(painter, thing, frame, strong=True)

    def _mark(self, painter: QPainter, thing: Thing, frame: Frame, *, strong: bool) -> None:
        view = frame.view
        if thing.kind in self._points:
            layer = self._points[thing.kind]
            row = layer.row(thing.id)
            if row is None or not layer.visible:
                return
            x, y = view.pixels(layer.x[row], layer.y[row])
            reach = layer.reach(row, frame)
            halo(painter, QPointF(float(x), float(y)), reach, frame, strong=strong)
        elif thing.kind == "link" and thing.id in self._links.ids and self._links.visible:
            number = self._links.ids.index(thing.id)
            for i, turns in self._links.seen(view, frame.px(8)):
                if i == number:
                    points = [QPointF(x, y) for x, y in self._links.points(i, view, turns)]
                    painter.setPen(
                        QPen(
                            frame.style.colour(Role.ACCENT, 0.35 if strong else 0.2),
                            frame.px(9 if strong else 7),
                            Qt.PenStyle.SolidLine,
                            Qt.PenCapStyle.RoundCap,
                        )
                    )
                    painter.drawPolyline(points)
        elif thing.kind == "zone" and self._zones.visible:
            for zone in self._zones.zones:
                if zone.id == thing.id and strong:
                    paint_zone(painter, world_path(zone.ring, view), frame, no_build=zone.no_build, selected=True)


def halo(painter: QPainter, at: QPointF, reach: float, frame: Frame, *, strong: bool = True) -> None:
    """Ring a place."""
    painter.setBrush(frame.style.colour(Role.ACCENT, 0.14 if strong else 0.07))
    painter.setPen(QPen(frame.style.colour(Role.PAPER, 0.85), frame.px(4.0 if strong else 3.0)))
    painter.drawEllipse(at, reach, reach)
    painter.setPen(QPen(frame.style.colour(Role.ACCENT, 1.0 if strong else 0.6), frame.px(2.0 if strong else 1.4)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, reach, reach)


class PathLayer(Layer):
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

    def paint(self, painter: QPainter, frame: Frame) -> None:
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


def dot(painter: QPainter, place: tuple[float, float], frame: Frame, radius: float, *, paper: bool = False) -> None:
    """Paint a round point at a place."""
    x, y = frame.view.to_screen(*place)
    painter.setPen(QPen(frame.style.colour(Role.INK), frame.px(1.8 if paper else 1.2)))
    painter.setBrush(frame.style.colour(Role.PAPER if paper else Role.INK))
    painter.drawEllipse(QPointF(float(x), float(y)), frame.px(radius), frame.px(radius))


def ground_line(places: list[tuple[float, float]], frame: Frame) -> list[QPointF]:
    """Return places as a line in device pixels."""
    lat, lon = np.asarray(places, np.float64).T
    return [QPointF(x, y) for x, y in frame.view.line_pixels(*to_world(lat, lon))]


def crosshair(painter: QPainter, at: QPointF, frame: Frame) -> None:
    """Paint the keyboard's pointer."""
    for ink, width in ((QColor(frame.style.colour(Role.PAPER, 0.9)), 4.0), (frame.style.colour(Role.INK), 1.6)):
        painter.setPen(QPen(ink, frame.px(width)))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            near, far = frame.px(4), frame.px(14)
            painter.drawLine(at + QPointF(dx * near, dy * near), at + QPointF(dx * far, dy * far))


def rubber_band(painter: QPainter, box: QRectF, frame: Frame) -> None:
    """Paint the rectangle that selects what lies in it."""
    painter.setBrush(frame.style.colour(Role.ACCENT, 0.10))
    edge = QPen(frame.style.colour(Role.ACCENT), frame.px(1.2))
    edge.setDashPattern([4, 3])
    painter.setPen(edge)
    painter.drawRect(box)

"""Trees and buildings that were seen on site: as wide as they are, a tree round, a building square."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import OBSTACLE
from cn_planner.gui.map.layers.base import LegendEntry, PaintFrame, painted
from cn_planner.gui.map.layers.points import PointsLayer
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.gui.map.style import Style
    from cn_planner.message import Message
    from cn_planner.model.plan import Obstacle

_LEAST_PX = 4.5
"""From the middle to the edge: smaller ones are drawn as large as this, so that they can be seen and clicked."""


class ObstaclesLayer(PointsLayer):
    """The trees and buildings."""

    def __init__(self) -> None:
        super().__init__("obstacles", msg("Trees and buildings seen"), OBSTACLE)
        self.radii_m: tuple[float, ...] = ()
        self.trees: tuple[bool, ...] = ()

    def show_rows(self, rows: Mapping[str, Obstacle]) -> None:
        """Show these."""
        obstacles = tuple(rows.values())
        self._put([o.id for o in obstacles], [o.latitude for o in obstacles], [o.longitude for o in obstacles])
        self.radii_m = tuple(o.radius_m for o in obstacles)
        self.trees = tuple(o.kind == "tree" for o in obstacles)
        self.changed.emit()

    def half(self, row: int, frame: PaintFrame) -> float:
        """Return how far one reaches from its middle, device pixels."""
        return max(frame.px(_LEAST_PX), self.radii_m[row] / frame.view.m_per_pixel)

    def reach(self, row: int, frame: PaintFrame) -> float:
        """Return how far the ring round one stands from its middle, device pixels."""
        return frame.px(5) + self.half(row, frame)

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint each."""
        if not self.ids:
            return
        view = frame.view
        margin = max(frame.px(_LEAST_PX), max(self.radii_m) / view.m_per_pixel)
        rows = self._without(self.seen(painted(painter, view), margin), frame.hidden)
        x, y = view.pixels(self.x[rows], self.y[rows])
        for row, px, py in zip(rows.tolist(), x.tolist(), y.tolist(), strict=True):
            paint_obstacle(painter, QPointF(px, py), self.half(row, frame), frame.style, frame.px(1), self.trees[row])

    def words(self, key: str) -> Message:
        """Return what it is, and how high."""
        seen = self.plan.obstacles.get(key)
        if seen is None:
            return super().words(key)
        if seen.kind == "tree":
            return msg("Tree seen on site, {height:g} m", height=seen.height_m)
        return msg("Building seen on site, {height:g} m", height=seen.height_m)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return what is there of the two."""
        words = {True: msg("Tree seen on site"), False: msg("Building seen on site")}
        return tuple(LegendEntry(words[tree], partial(_sample, tree)) for tree in (True, False) if tree in self.trees)


def paint_obstacle(painter: QPainter, at: QPointF, half: float, style: Style, unit: float, tree: bool) -> None:
    """Paint one, `half` from its middle to its edge; `unit` is a pixel of the layout."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half)
    painter.setBrush(style.colour(Role.COVER, 0.55))
    for ink, width in ((style.colour(Role.PAPER, 0.85), 3.5), (style.colour(Role.INK), 1.5)):
        painter.setPen(QPen(ink, width * unit))
        if tree:
            painter.drawEllipse(box)
        else:
            painter.drawRect(box)
    painter.setBrush(style.colour(Role.INK))
    painter.drawEllipse(at, 1.5 * unit, 1.5 * unit)


def _sample(tree: bool, painter: QPainter, box: QRectF, style: Style) -> None:
    paint_obstacle(painter, box.center(), _LEAST_PX, style, 1.0, tree)

"""Where on earth a plan is: the borders of countries while there is no ground yet, and the box that the plan is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform

from cn_planner.drawing.palette import Role
from cn_planner.gui.map.layers.base import MapLayer, PaintFrame
from cn_planner.gui.map.layers.base_drawing import WORLD_UNIT, Outlines
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

_RIGHTS = "Natural Earth"


class CountriesLayer(MapLayer):
    """The borders of all countries, from what the program ships: so that a village can be found without any net."""

    def __init__(self) -> None:
        super().__init__("countries", msg("Countries"), listed=False)
        self._lands: Outlines | None = None
        self.wanted = True
        """Whether there is nothing else yet by which one finds the way."""

    def set_lands(self, lands: Outlines) -> None:
        """Show what was made ready beside the window."""
        self._lands = lands
        self.changed.emit()

    def want(self, wanted: bool) -> None:
        """Show them, or no more."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.changed.emit()

    def attribution(self) -> tuple[str, ...]:
        """Return whose data is shown."""
        return (_RIGHTS,) if self.wanted and self._lands is not None else ()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what the view shows, of the world as often as it is seen."""
        if self._lands is None or not self.wanted:
            return
        view, scale = frame.view, frame.view.scale / WORLD_UNIT
        left, top = view.origin
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(frame.style.colour(Role.PAPER, 0.55))
        pen = QPen(frame.style.colour(Role.INK, 0.55), frame.px(1.0))
        pen.setCosmetic(True)
        painter.setPen(pen)
        for turn in (-1, 0, 1):
            painter.setTransform(QTransform(scale, 0.0, 0.0, scale, turn * frame.view.scale - left, -top))
            for path in self._lands.seen(view, 2.0, turn):
                painter.drawPath(path)
        painter.restore()


class PlanBoxLayer(MapLayer):
    """The box that the plan is of."""

    def __init__(self) -> None:
        super().__init__("plan_box", msg("Box of the plan"), listed=False)
        self._box: tuple[float, ...] = ()

    def set_box(self, box: Sequence[float]) -> None:
        """Show a box: south, west, north, east; none where it is empty."""
        if tuple(box) != self._box:
            self._box = tuple(box)
            self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint its sides."""
        if not self._box:
            return
        south, west, north, east = self._box
        x, y = frame.view.to_screen([south, north], [west, east])
        if x[1] < x[0]:  # over the antimeridian
            x[1] += frame.view.scale
        area = QRectF(QPointF(float(x[0]), float(y[1])), QPointF(float(x[1]), float(y[0])))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((frame.style.colour(Role.PAPER, 0.8), 4.0), (frame.style.colour(Role.ACCENT), 2.0)):
            painter.setPen(QPen(ink, frame.px(width)))
            painter.drawRect(area)

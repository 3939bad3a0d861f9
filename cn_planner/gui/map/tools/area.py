"""Draw the box of an area: a drag, or two clicks; it stays on the map until the tool is laid down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from cn_planner.drawing.palette import Role
from cn_planner.geo import geodesics
from cn_planner.gui.map.layers.live import rubber_band
from cn_planner.gui.map.tools.base import Pointer, Tool
from cn_planner.gui.map.tools.lines import length_words
from cn_planner.gui.paint import drawing_font
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.session.fetching import box_round

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.gui.map.map_view import MapView

Corners = tuple[tuple[float, float], tuple[float, float]]
"""South-west and north-east: latitude and longitude."""


class AreaTool(Tool):
    """Draw a box."""

    key = "area"
    title = msg("Draw the box of an area")
    hint = msg("Drag from one corner to the other, or click both. Escape when you are done.")
    cursor = Qt.CursorShape.CrossCursor
    draws = True

    def __init__(self, canvas: MapView) -> None:
        super().__init__(canvas)
        self._first: tuple[float, float] | None = None
        self._second: tuple[float, float] | None = None
        self.box: Corners | None = None

    @property
    def busy(self) -> bool:
        """Whether a corner is set, or a box is shown."""
        return self._first is not None or self.box is not None

    def show_box(self, box: Corners | None) -> None:
        """Show a box that comes from elsewhere."""
        self.box, self._first, self._second = box, None, None
        self.canvas.update()

    def press(self, pointer: Pointer) -> bool:
        """Set the first corner."""
        if self._first is None:
            self._first, self._second = pointer.place, None
        return True

    def drag(self, pointer: Pointer) -> None:
        """Move the second corner."""
        self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Move the second corner."""
        if self._first is not None:
            self._second = pointer.place
            self.canvas.update()

    def release(self, pointer: Pointer) -> None:
        """Keep the box that was dragged."""
        self._keep(pointer)

    def click(self, pointer: Pointer) -> None:
        """Set the first corner, then the second."""
        if self._first is None or self._second is None:
            self._first, self._second = pointer.place, pointer.place
        else:
            self._keep(pointer)

    def _keep(self, pointer: Pointer) -> None:
        first, self._first, self._second = self._first, None, None
        if first is None:
            return
        box = _corners(first, pointer.place)
        if box[0][0] < box[1][0] and box[0][1] != box[1][1]:
            self.box = box
            self.canvas.zoneDrawn.emit(self.key, box)
        self.canvas.update()

    def cancel(self) -> bool:
        """Let go of the corner that is set, else of the box."""
        had = self._first is not None
        if not had and self.box is not None:
            had, self.box = True, None
            self.canvas.zoneDrawn.emit(self.key, None)
        self._first = self._second = None
        self.canvas.update()
        return had

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the box, and how large it is."""
        box = _corners(self._first, self._second) if self._first and self._second else self.box
        if box is None:
            return
        (south, west), (north, east) = box
        x, y = frame.view.to_screen([south, north], [west, east])
        if x[1] < x[0]:  # over the antimeridian
            x[1] += frame.view.scale
        area = QRectF(QPointF(float(x[0]), float(y[1])), QPointF(float(x[1]), float(y[0])))
        rubber_band(painter, area, frame)
        wide, high = size_m(box)
        words = msg(
            "{width} × {height}",
            width=length_words(wide, imperial=self.canvas.imperial),
            height=length_words(high, imperial=self.canvas.imperial),
        )
        painter.setFont(drawing_font(frame.px(13.0), bold=True))
        text = tr(words, frame.language)
        room = painter.fontMetrics().boundingRect(text).adjusted(0, 0, round(frame.px(16)), round(frame.px(8)))
        plate = QRectF(0, 0, room.width(), room.height())
        plate.moveCenter(area.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(frame.style.colour(Role.PAPER, 0.85))
        painter.drawRoundedRect(plate, frame.px(4), frame.px(4))
        painter.setPen(QPen(frame.style.colour(Role.INK)))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


class VillageTool(Tool):
    """One click says where the village is: a box lies round it then."""

    key = "village"
    title = msg("Click the village")
    hint = msg("Where is your village? Click it on the map. Escape to leave it.")
    cursor = Qt.CursorShape.CrossCursor
    draws = True

    def click(self, pointer: Pointer) -> None:
        """Take the box round the place."""
        box = box_round(*pointer.place)
        self.canvas.zoneDrawn.emit(AreaTool.key, ((box.south, box.west), (box.north, box.east)))


def _corners(one: tuple[float, float], other: tuple[float, float]) -> Corners:
    """Return the corners of the smaller of the two boxes between places: the other one goes round the globe."""
    (a, b), (c, d) = one, other
    west, east = (b, d) if (d - b) % 360.0 <= 180.0 else (d, b)
    return (min(a, c), west), (max(a, c), east)


def size_m(box: Corners) -> tuple[float, float]:
    """Return width, in the middle, and height of a box on the ground."""
    (south, west), (north, east) = box
    middle = (south + north) / 2
    span = (east - west) % 360.0 or 360.0
    # In two halves: the straight way between the ends of more than half the globe goes round the other side.
    wide = 2.0 * float(geodesics(middle, west, middle, west + span / 2)[2])
    return wide, float(geodesics(south, west, north, west)[2])

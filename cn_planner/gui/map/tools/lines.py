"""Lines by hand: a link from any place to any place, and measuring."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPen

from cn_planner import geo
from cn_planner.drawing.palette import Role
from cn_planner.gui.map.layers.labels import plate
from cn_planner.gui.map.layers.lines import paint_path
from cn_planner.gui.map.layers.live import ground_line
from cn_planner.gui.map.things import End, PathLine
from cn_planner.gui.map.tools.base import Pointer, Tool
from cn_planner.gui.paint import drawing_font
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg
from cn_planner.service.path_view import PathState

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.gui.map.map_view import MapView

_MILE = 1609.344


class LinkTool(Tool):
    """Drag from any place to any place, or click one and then the other.

    While the second end moves, `linking` tells both; `linked` once it stays. The window computes and hands the coloured
    line to the canvas's path layer; until it does a plain line is shown.
    """

    key = "link"
    title = msg("Look along a line")
    hint = msg("Drag from one place to another: the line says whether they see each other.")
    cursor = Qt.CursorShape.CrossCursor
    draws = True

    def __init__(self, canvas: MapView) -> None:
        super().__init__(canvas)
        self._start: End | None = None
        self._end: End | None = None
        self._dragging = False

    @property
    def busy(self) -> bool:
        """Whether one end stands."""
        return self._start is not None

    def _end_at(self, pointer: Pointer) -> End:
        """Return the end at the pointer: on the thing there, if it has a place."""
        place = self.canvas.place_of(pointer.thing)
        return End(*place, pointer.thing) if place is not None else End(*pointer.place)

    def press(self, pointer: Pointer) -> bool:
        """Set the first end."""
        if self._start is None:
            self._start = self._end_at(pointer)
            self._dragging = True
        return True

    def drag(self, pointer: Pointer) -> None:
        """Move the second end."""
        self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Move the second end."""
        if self._start is not None:
            self._end = self._end_at(pointer)
            self.canvas.linking.emit(self._start, self._end)
            self.canvas.update()

    def release(self, pointer: Pointer) -> None:
        """Keep the line that was dragged."""
        if self._dragging and self._start is not None:
            self._dragging = False
            self._keep(pointer)

    def click(self, pointer: Pointer) -> None:
        """Set the first end, then the second."""
        if self._start is None or self._dragging:
            # A press without a drag set the first end; the next click sets the second.
            self._start = self._start or self._end_at(pointer)
            self._dragging = False
            self.canvas.update()
        else:
            self._keep(pointer)

    def _keep(self, pointer: Pointer) -> None:
        start, end = self._start, self._end_at(pointer)
        self._start = self._end = None
        if start is not None and start[:2] != end[:2]:
            self.canvas.linked.emit(start, end)
        self.canvas.update()

    def cancel(self) -> bool:
        """Let go of the line."""
        had = self._start is not None
        self._start = self._end = None
        self._dragging = False
        if had:
            self.canvas.linkCancelled.emit()
        self.canvas.update()
        return had

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the line, plain where its state is not known yet."""
        if self._start is None:
            return
        end = self._end or self._start
        shown = self.canvas.path_layer.path
        if shown is None or (shown.a, shown.b) != (self._start[:2], end[:2]):
            paint_path(painter, PathLine(self._start[:2], end[:2], (), PathState.UNKNOWN), frame, 2.6)


def length_words(length_m: float, *, imperial: bool = False) -> Message:
    """Return a length as people say it."""
    if imperial:
        return (
            msg("{length:.2f} mi", length=length_m / _MILE)
            if length_m >= 0.2 * _MILE
            else msg("{length:.0f} ft", length=length_m / 0.3048)
        )
    return (
        msg("{length:.2f} km", length=length_m / 1000) if length_m >= 1000 else msg("{length:.0f} m", length=length_m)
    )


class MeasureTool(Tool):
    """Measure along a line: the length and azimuth of each part, and the whole."""

    key = "measure"
    title = msg("Measure")
    hint = msg("Click from point to point. Backspace takes one back, Escape clears.")
    cursor = Qt.CursorShape.CrossCursor
    draws = True

    def __init__(self, canvas: MapView) -> None:
        super().__init__(canvas)
        self._places: list[tuple[float, float]] = []
        self._next: tuple[float, float] | None = None
        self._done = False

    @property
    def busy(self) -> bool:
        """Whether a point is set."""
        return bool(self._places)

    @property
    def total_m(self) -> float:
        """Length so far, along the points that are set and to the pointer."""
        places = self._line()
        return sum(geo.geodesic(*a, *b).distance_m for a, b in pairwise(places))

    def _line(self) -> list[tuple[float, float]]:
        return [*self._places, *([self._next] if self._next is not None and not self._done else [])]

    def _tell(self) -> None:
        places = self._line()
        if len(places) > 1:
            last = geo.geodesic(*places[-2], *places[-1])
            self.canvas.measured.emit((last.distance_m, last.azimuth_deg, self.total_m))
        self.canvas.update()

    def move(self, pointer: Pointer) -> None:
        """Measure to the pointer."""
        self._next = pointer.place
        if self._places and not self._done:
            self._tell()

    def click(self, pointer: Pointer) -> None:
        """Set a point; after a finished line begin another."""
        if self._done:
            self._places, self._done = [], False
        self._places.append(pointer.place)
        self._next = None
        self._tell()

    def double_click(self, pointer: Pointer) -> None:  # noqa: ARG002
        """End the line; it stays to be read."""
        self.finish()

    def finish(self) -> None:
        """End the line; it stays to be read."""
        self._done = len(self._places) > 1
        self._tell()

    def step_back(self) -> bool:
        """Take the last point back."""
        if not self._places:
            return False
        self._places.pop()
        self._done = False
        self._tell()
        return True

    def cancel(self) -> bool:
        """Clear the line."""
        had = bool(self._places)
        self._places, self._next, self._done = [], None, False
        self.canvas.update()
        return had

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the line with a length on each part, and the whole at its end."""
        places = self._line()
        if not self._places:
            return
        line = ground_line(places, frame)
        for ink, width in ((frame.style.colour(Role.PAPER, 0.85), 5.0), (frame.style.colour(Role.INK), 2.0)):
            painter.setPen(QPen(ink, frame.px(width)))
            painter.drawPolyline(line)
        painter.setBrush(frame.style.colour(Role.PAPER))
        for point in line:
            painter.drawEllipse(point, frame.px(3.5), frame.px(3.5))
        imperial = self.canvas.imperial
        for a, b, p, q in zip(places, places[1:], line, line[1:], strict=False):
            way = geo.geodesic(*a, *b)
            if (q - p).manhattanLength() > frame.px(110) or b is places[-1]:
                words = msg("{length} · {azimuth:.0f}°", length=length_words(way.distance_m, imperial=imperial),
                            azimuth=way.azimuth_deg)  # fmt: skip
                self._words(painter, tr(words, frame.language), (p + q) / 2, frame)
        if len(places) > 2:
            whole = msg("Together {length}", length=length_words(self.total_m, imperial=imperial))
            self._words(painter, tr(whole, frame.language), line[-1] + QPointF(0, frame.px(22)), frame, bold=True)

    def _words(self, painter: QPainter, text: str, at: QPointF, frame: PaintFrame, *, bold: bool = False) -> None:
        face = drawing_font(frame.px(12), bold=bold)
        width = QFontMetricsF(face).horizontalAdvance(text) + frame.px(10)
        box = QRectF(at.x() - width / 2, at.y() - frame.px(9), width, frame.px(18))
        plate(painter, box, frame, 0.9)
        painter.setFont(face)
        painter.setPen(frame.style.colour(Role.INK))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

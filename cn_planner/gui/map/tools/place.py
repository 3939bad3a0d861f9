"""Place towers and homes, draw areas: each stays in hand until Escape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPen

from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import SITE
from cn_planner.gui.map.layers.live import ground_line
from cn_planner.gui.map.layers.points import put_sprite
from cn_planner.gui.map.tools.base import Pointer, Tool
from cn_planner.gui.paint import ring_path
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from cn_planner.gui.kinds import Hand, ThingKind
    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.gui.map.map_view import MapView


class PlaceTool(Tool):
    """Each click places one thing of a kind."""

    cursor = Qt.CursorShape.CrossCursor
    draws = True

    def __init__(self, canvas: MapView, kind: ThingKind, hand: Hand) -> None:
        super().__init__(canvas)
        self.key, self.title, self.hint = hand.tool, hand.title, hand.hint
        self._kind = kind
        self._at: QPointF | None = None

    def move(self, pointer: Pointer) -> None:
        """Show what a click would place."""
        self._at = pointer.at
        self.canvas.update()

    def click(self, pointer: Pointer) -> None:
        """Place one."""
        self.canvas.placed.emit(self._kind.key, *pointer.place)

    def cancel(self) -> bool:
        """Nothing is ever half placed."""
        self._at = None
        return False

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the thing under the pointer, pale."""
        if self._at is not None:
            painter.setOpacity(0.6)
            put_sprite(painter, self._kind.symbol, self._at.x(), self._at.y(), frame.px(self._kind.size_px), frame)
            painter.setOpacity(1.0)


class GatewayTool(Tool):
    """One click says where the Internet comes in: at a tower, or at a place of which nothing is known yet."""

    key = "gateway"
    title = msg("Choose the gateway")
    hint = msg("Where does the Internet come in? Click that tower, or the place on the map. Escape to leave it.")
    cursor = Qt.CursorShape.CrossCursor
    draws = True

    def click(self, pointer: Pointer) -> None:
        """Take the tower there, else the place."""
        site = pointer.thing.id if pointer.thing is not None and pointer.thing.kind == SITE else ""
        self.canvas.gatewayChosen.emit(site, *pointer.place)


_CLOSE_PX = 12.0


class DrawZoneTool(Tool):
    """Draw an area, corner by corner; the first corner, a double click or Enter twice on a spot closes it."""

    key = "zone"
    title = msg("Draw an area")
    hint = msg("Click each corner; click the first one to close. Backspace takes one back.")
    cursor = Qt.CursorShape.CrossCursor
    draws = True
    no_build = False

    def __init__(self, canvas: MapView) -> None:
        super().__init__(canvas)
        self._ring: list[tuple[float, float]] = []
        self._next: tuple[float, float] | None = None

    @property
    def busy(self) -> bool:
        """Whether a corner is set."""
        return bool(self._ring)

    @property
    def ring(self) -> tuple[tuple[float, float], ...]:
        """The corners so far."""
        return tuple(self._ring)

    def move(self, pointer: Pointer) -> None:
        """Show the side that a click would add."""
        self._next = pointer.place
        self.canvas.update()

    def _near(self, pointer: Pointer, place: tuple[float, float]) -> bool:
        x, y = self.canvas.view.to_screen(*place)
        reach = _CLOSE_PX * self.canvas.view.ratio
        return (pointer.at - QPointF(float(x), float(y))).manhattanLength() <= reach

    def click(self, pointer: Pointer) -> None:
        """Set a corner, or close the ring."""
        if len(self._ring) >= 3 and (self._near(pointer, self._ring[0]) or self._near(pointer, self._ring[-1])):
            self.finish()
        elif not self._ring or not self._near(pointer, self._ring[-1]):
            self._ring.append(pointer.place)
            self.canvas.update()

    def double_click(self, pointer: Pointer) -> None:  # noqa: ARG002
        """Close the ring; the first click of the two has set its corner."""
        self.finish()

    def finish(self) -> None:
        """Close the ring where it has three corners."""
        if len(self._ring) >= 3:
            ring = tuple(self._ring)
            self.cancel()
            self.canvas.zoneDrawn.emit(self.key, ring)

    def step_back(self) -> bool:
        """Take the last corner back."""
        if not self._ring:
            return False
        self._ring.pop()
        self.canvas.update()
        return True

    def cancel(self) -> bool:
        """Forget the corners."""
        had = bool(self._ring)
        self._ring, self._next = [], None
        self.canvas.update()
        return had

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the ring so far."""
        if not self._ring:
            return
        role = Role.BAD if self.no_build else Role.ZONE
        line = ground_line([*self._ring, *([self._next] if self._next else [])], frame)
        if len(line) > 2:
            painter.fillPath(ring_path([[(p.x(), p.y()) for p in line]]), frame.style.colour(role, 0.12))
        for ink, width in ((frame.style.colour(Role.PAPER, 0.8), 4.5), (frame.style.colour(role), 2.0)):
            painter.setPen(QPen(ink, frame.px(width)))
            painter.drawPolyline(line)
        painter.setBrush(frame.style.colour(Role.PAPER))
        painter.setPen(QPen(frame.style.colour(role), frame.px(1.8)))
        for point in line[: len(self._ring)]:
            painter.drawEllipse(point, frame.px(4), frame.px(4))


class DrawNoBuildTool(DrawZoneTool):
    """Draw where nothing may be built."""

    key = "no_build"
    title = msg("Draw where nothing may be built")
    no_build = True

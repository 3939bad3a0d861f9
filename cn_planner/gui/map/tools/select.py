"""Select, several at once, and move what can be moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from cn_planner.gui.kinds import THINGS
from cn_planner.gui.map.layers.labels import halo
from cn_planner.gui.map.layers.live import rubber_band
from cn_planner.gui.map.layers.points import put_sprite
from cn_planner.gui.map.tools.base import Pointer, Tool
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.gui.map.map_view import MapView


class SelectTool(Tool):
    """Click selects, a drag moves a tower or a home, Shift and drag selects all in a rectangle.

    By keyboard: Enter selects what is under the crosshair; Enter on what is selected takes it up, Enter lays it down.
    """

    key = "select"
    title = msg("Select and move")
    hint = msg("Click to select. Drag a tower or home to move it, drag the ground to look around.")

    def __init__(self, canvas: MapView) -> None:
        super().__init__(canvas)
        self._held: Thing | None = None
        self._place = (0.0, 0.0)
        self._grip = QPointF()
        self._band: tuple[QPointF, QPointF] | None = None
        self._moved = False

    @property
    def busy(self) -> bool:
        """Whether something is held."""
        return self._held is not None or self._band is not None

    @property
    def hidden(self) -> frozenset[Thing]:
        """What is held is shown where it would go."""
        return frozenset((self._held,)) if self._held is not None and self._moved else frozenset()

    def press(self, pointer: Pointer) -> bool:
        """Take hold of a thing, or begin a rectangle."""
        if self._held is not None:
            return True
        if pointer.thing is not None and THINGS[pointer.thing.kind].movable and not pointer.shift:
            self._take(pointer.thing, pointer)
            return True
        if pointer.shift and pointer.thing is None:
            self._band = (pointer.at, pointer.at)
            return True
        return False

    def _take(self, thing: Thing, pointer: Pointer) -> None:
        place = self.canvas.place_of(thing)
        if place is None:
            return
        x, y = self.canvas.view.to_screen(*place)
        self._held, self._place, self._moved = thing, place, False
        self._grip = QPointF(float(x), float(y)) - pointer.at

    def drag(self, pointer: Pointer) -> None:
        """Carry what is held, or draw the rectangle."""
        if self._band is not None:
            self._band = (self._band[0], pointer.at)
        elif self._held is not None:
            at = pointer.at + self._grip
            self._place = self.canvas.view.geo_at(at.x(), at.y())
            if not self._moved:
                self._moved = True
                self.canvas.select((self._held,))
            self.canvas.moving.emit(self._held, *self._place)

    def move(self, pointer: Pointer) -> None:
        """Carry what the keyboard took up."""
        if self._held is not None:
            self.drag(pointer)

    def release(self, pointer: Pointer) -> None:
        """Lay it down, or select what the rectangle holds."""
        if self._band is not None:
            box = QRectF(self._band[0], pointer.at).normalized()
            self._band = None
            things = self.canvas.things_within(box)
            self.canvas.select(things)
            self.canvas.selectedMany.emit(things)
        elif self._held is not None:
            held, moved = self._held, self._moved
            self._held, self._moved = None, False
            if moved:
                self.canvas.moved.emit(held, *self._place)

    def click(self, pointer: Pointer) -> None:
        """Select what is there; with Shift beside what is selected."""
        if self._held is not None and self._moved:
            self.release(pointer)
            return
        self._held, self._band = None, None
        keyboard = self.canvas.keyboard_pointer is not None
        thing = pointer.thing
        if keyboard and thing is not None and thing in self.canvas.selection and THINGS[thing.kind].movable:
            self._take(thing, pointer)
            self._grip = QPointF()
            return
        if pointer.shift and pointer.thing is not None:
            self.canvas.select(self.canvas.selection ^ {pointer.thing})
            self.canvas.selectedMany.emit(tuple(sorted(self.canvas.selection)))
            return
        self.canvas.select(() if pointer.thing is None else (pointer.thing,))
        self.canvas.clicked.emit(pointer.thing)

    def double_click(self, pointer: Pointer) -> None:
        """Go there."""
        if pointer.thing is None:
            self.canvas.zoom_by(1.0, pointer.at)
        else:
            self.canvas.activated.emit(pointer.thing)

    def cancel(self) -> bool:
        """Put back what is held."""
        if not self.busy:
            return False
        held, moved = self._held, self._moved
        self._held, self._band, self._moved = None, None, False
        if held is not None and moved:
            self.canvas.moveCancelled.emit(held)
        return True

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what is carried, or the rectangle."""
        if self._band is not None:
            rubber_band(painter, QRectF(*self._band).normalized(), frame)
        if self._held is not None and self._moved:
            x, y = (float(v) for v in frame.view.to_screen(*self._place))
            kind = THINGS[self._held.kind]
            halo(painter, QPointF(x, y), frame.px(kind.ring_px), frame)
            put_sprite(painter, self.canvas.symbol_of(self._held), x, y, frame.px(kind.size_px), frame)

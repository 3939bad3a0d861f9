"""Select, several at once, and move what can be moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import LINK, SITE, THINGS, Thing
from cn_planner.gui.map.layers.labels import halo, paint_label
from cn_planner.gui.map.layers.lines import paint_path
from cn_planner.gui.map.layers.live import rubber_band
from cn_planner.gui.map.layers.points import put_sprite
from cn_planner.gui.map.things import PathLine
from cn_planner.gui.map.tools.base import Pointer, Tool
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.gui.map.map_view import MapView
    from cn_planner.model.plan import Link

_SEEN_PX, _LINE_PX = 7.0, 19.0


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
        self._links: tuple[Link, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether something is held."""
        return self._held is not None or self._band is not None

    @property
    def hidden(self) -> frozenset[Thing]:
        """What is held is shown where it would go, with its links."""
        if self._held is None or not self._moved:
            return frozenset()
        return frozenset((self._held, *(Thing(LINK, one.id) for one in self._links)))

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
        links = self.canvas.content.plan.links.values() if thing.kind == SITE else ()
        self._links = tuple(one for one in links if thing.id in (one.from_site, one.to_site))
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
            self._paint_with_it(painter, frame)
            halo(painter, QPointF(x, y), frame.px(kind.ring_px), frame)
            put_sprite(painter, self.canvas.symbol_of(self._held), x, y, frame.px(kind.size_px), frame)
            lines = () if self.canvas.held is None else self.canvas.held.words
            for number, words in enumerate(lines):
                paint_label(painter, words, x, y, frame.px(kind.ring_px + 4 + _LINE_PX * number), frame)

    def _paint_with_it(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the links of what is carried, to where the hand is, and rings round the homes that it sees there."""
        held, sites = self.canvas.held, self.canvas.content.plan.sites
        for link in self._links:
            a, b = (
                self._place if self._held == Thing(SITE, key) else (sites[key].latitude, sites[key].longitude)
                for key in (link.from_site, link.to_site)
            )
            state = None if held is None else held.links.get(link.id)
            paint_path(painter, PathLine(a, b, () if state is None else state.segments), frame, 2.6)
        if held is None or not held.homes:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(frame.style.colour(Role.ACCENT), frame.px(2.0)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        x, y = frame.view.to_screen(*np.asarray(held.homes, np.float64).T)
        for place in zip(x.tolist(), y.tolist(), strict=True):
            painter.drawEllipse(QPointF(*place), frame.px(_SEEN_PX), frame.px(_SEEN_PX))

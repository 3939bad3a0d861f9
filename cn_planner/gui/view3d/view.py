"""The view in three dimensions under the hand: mouse, wheel and keys move the camera, a click selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QToolTip, QWidget

from cn_planner.gui.view3d.controls import ViewControls
from cn_planner.gui.view3d.hand import aimed, come_nearer, panned, turned_by
from cn_planner.gui.view3d.scene import SceneView
from cn_planner.gui.words import tr

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent

    from cn_planner.coverage.ground_view import Camera
    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.state import AppState
    from cn_planner.message import Message

_TURN_KEY_DEG, _TILT_KEY_DEG, _PAN_KEY_PX, _NEARER = 10.0, 5.0, 90.0, 1.25
_DRAG_PX = 4.0


class GroundView(SceneView):
    """The view; it belongs to the window, and tells through the map what was pointed at."""

    def __init__(self, state: AppState, canvas: MapCanvas, parent: QWidget | None = None) -> None:
        super().__init__(state, canvas, parent)
        self._dragged = self._panning = False
        self._last = QPointF()
        self.controls = ViewControls(self, self.closed.emit, self.stretch, self.zoom, self.show_all)
        self.retitle()

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        super().retitle()
        self.controls.retitle()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Have a picture of the new size."""
        super().resizeEvent(event)
        self.controls.arrange()

    def turn(self, azimuth_deg: float, tilt_deg: float) -> None:
        """Turn about what lies in the middle."""
        if self.camera is not None:
            self._flight.stop()
            self._look(self._aimed().turned(azimuth_deg, tilt_deg))

    def _aimed(self) -> Camera:
        """Return the camera with its aim on the ground: about that it is turned."""
        assert self.camera is not None  # noqa: S101 - who asks has looked
        if self.picture is None or self.picture.camera != self.camera:
            return self.camera
        return aimed(self.picture, self.camera)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Go nearer to what lies at a device pixel, or in the middle; it stays where it is in the picture."""
        if self.camera is None:
            return
        self._flight.stop()
        about = None
        if at is not None and self.picture is not None and self.picture.camera.stretch == self.camera.stretch:
            inside = self._in_picture(at)
            there = self.picture.place(inside.x(), inside.y())
            height = float("nan") if there is None else self.picture.ground.height_m(there[0], there[1])
            if there is not None and not np.isnan(height):
                about = there[0], there[1], height * self.camera.stretch
        self._look(come_nearer(self.camera, factor, about))

    def pan(self, dx: float, dy: float) -> None:
        """Move the ground by pixels of the layout."""
        middle = QPointF(self._pixels()[0] / 2.0, self._pixels()[1] / 2.0)
        self._pan(middle, middle + self._device(QPointF(dx, dy)))

    def _pan(self, held: QPointF, now: QPointF) -> None:
        if self.camera is not None and self.ground is not None:
            self._flight.stop()
            self._look(panned(self.ground, self.camera, self._pixels(), held, now))

    def stretch(self, factor: float) -> None:
        """Draw heights so many times as high."""
        self._stretch = factor
        if self.camera is not None and factor != self.camera.stretch:
            self._flight.stop()  # it ends with the heights that it began with
            self._look(self.camera.stretched(factor))
        self.controls.show_stretch(factor)

    def select(self, thing: Thing | None) -> None:
        """Select a thing of the plan as the map does, and say it."""
        self._canvas.clicked.emit(thing)
        if thing is not None:
            self.announce(self._canvas.content.words(thing))
        self._describe()

    def walk(self, step: int) -> None:
        """Select the next tower or home that is seen, from left to right."""
        things = self.seen.order
        if not things:
            return
        chosen = min(self.chosen) if len(self.chosen) == 1 else None
        at = things.index(chosen) + step if chosen in things else (0 if step > 0 else -1)
        self.select(things[at % len(things)])

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the ground."""
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            super().mousePressEvent(event)
            return
        self._flight.stop()
        self._pressed = self._last = event.position()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._panning = shift or event.button() is Qt.MouseButton.MiddleButton
        self._dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Turn or move the ground with the hand, or tell what is under it."""
        at = event.position()
        if self._pressed is None:
            self._point(at)
            return
        if not self._dragged and (at - self._pressed).manhattanLength() < _DRAG_PX:
            return
        if not self._dragged:
            self._dragged = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            if self.camera is not None and not self._panning:
                self.camera = self._aimed()
        if self._panning:
            self._pan(self._device(self._last), self._device(at))
        elif self.camera is not None:
            self._look(turned_by(self.camera, at - self._last))
        self._last = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go; a click selects what is there."""
        pressed, self._pressed = self._pressed, None
        self.unsetCursor()
        if pressed is None:
            return
        if self._dragged:
            self._dragged = False
            self._rest.start()
        elif event.button() is Qt.MouseButton.LeftButton:
            self.select(self.pick(self._device(event.position())))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go to what is there: a thing, or the ground."""
        at = self._device(event.position())
        thing, place = self.pick(at), self.place_at(at)
        if thing is not None:
            self.go_to(thing)
        elif place is not None:
            self._fly_to((place[:2],))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Go nearer to what is under the pointer, or away from it."""
        steps = event.angleDelta().y() / 120.0
        if steps:
            self.zoom(_NEARER**steps, self._device(event.position()))
        event.accept()

    def _point(self, at: QPointF) -> None:
        thing, place = self.pick(self._device(at)), self.place_at(self._device(at))
        if thing != self._hovered:
            self._hovered = thing
            self.update()
        self._canvas.cursorMoved.emit(place)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nothing is pointed at."""
        super().leaveEvent(event)
        self._hovered = None
        self._canvas.cursorMoved.emit(None)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tell what is under a pointer that rests."""
        if event.type() is event.Type.ToolTip:
            self._tip(event)  # type: ignore[arg-type]
            return True
        return super().event(event)

    def _tip(self, event: QHelpEvent) -> None:
        at, content = self._device(QPointF(event.pos())), self._canvas.content
        thing, place = self.pick(at), self.place_at(at)
        words: Message | None = None
        if thing is not None:
            words = content.words(thing)
        elif place is not None:
            words = content.gap_words(*place[:2])
        QToolTip.showText(event.globalPos(), tr(words, self._canvas.language) if words is not None else "", self)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Turn, tilt, go nearer and aside by keys."""
        if not self._key(Qt.Key(event.key()), shift=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)):
            super().keyPressEvent(event)

    def _key(self, key: Qt.Key, *, shift: bool) -> bool:
        arrows = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        stretches = {Qt.Key.Key_1: 1.0, Qt.Key.Key_2: 2.0, Qt.Key.Key_3: 3.0}
        if key in arrows:
            dx, dy = arrows[key]
            if shift or dy:
                self.pan(dx * _PAN_KEY_PX, dy * _PAN_KEY_PX)
            else:
                self.turn(-dx * _TURN_KEY_DEG, 0.0)
        elif key in stretches:
            self.stretch(stretches[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1.0 / _NEARER if key == Qt.Key.Key_Minus else _NEARER)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turn(0.0, _TILT_KEY_DEG if key == Qt.Key.Key_PageUp else -_TILT_KEY_DEG)
        elif key == Qt.Key.Key_Home:
            self.show_all()
        elif key == Qt.Key.Key_Space:
            self.walk(-1 if shift else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(self.chosen) == 1:
            self.go_to(min(self.chosen))
        elif key == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            return False
        return True

"""The map under the hand: tools, mouse, touch and keyboard. It changes nothing of the plan: it tells by signals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QNativeGestureEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QToolTip

from cn_planner.drawing.palette import Role
from cn_planner.gui.map.accessible import place_in_order, things_in_order
from cn_planner.gui.map.controls import MapControls
from cn_planner.gui.map.layers.live import crosshair
from cn_planner.gui.map.map_view import MapView
from cn_planner.gui.map.tools.base import DRAG_START_PX, Pointer, Tool
from cn_planner.gui.map.tools.hand import tools_of
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from PySide6.QtGui import QEnterEvent, QMouseEvent, QResizeEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.map.layers.base import PaintFrame

_NOTCH = 120.0
_LEVELS_A_NOTCH = 0.5
_PIXELS_A_LEVEL = 160.0
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_PAN_PX = 80.0
_STEP_PX, _FINE_PX, _WIDE_PX = 8.0, 1.0, 64.0
_EDGE_PX = 24.0


class MapKeys:
    """What keys do.

    Arrows move the map; with a tool that places or draws, or after Space, they move a crosshair: Shift by one pixel,
    Control by many. Enter clicks there. Page Up and Page Down walk from object to object. Plus and minus zoom, Home
    shows all, Backspace takes a step back, Escape forgets.
    """

    def __init__(self, canvas: MapCanvas) -> None:
        self._canvas = canvas
        self.shown = False
        """Whether the focus came by keyboard, and is shown."""

    def focus(self, reason: Qt.FocusReason) -> None:
        """Show the focus where it came by keyboard."""
        self.shown = reason in (
            Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason
        )  # fmt: skip
        self._canvas.update()

    def hide(self) -> None:
        """Show the focus no longer: the mouse is at work."""
        self.shown = False

    def press(self, event: QKeyEvent) -> bool:
        """Take a key; return whether it means something here."""
        canvas, key, modifiers = self._canvas, Qt.Key(event.key()), event.modifiers()
        if modifiers & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
            return False
        if key in _ARROWS:
            self._arrow(*_ARROWS[key], modifiers)
            return True
        if modifiers & Qt.KeyboardModifier.ControlModifier and key not in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            return False
        match key:
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                canvas.zoom_by(0.5, canvas.keyboard_pointer)
            case Qt.Key.Key_Minus:
                canvas.zoom_by(-0.5, canvas.keyboard_pointer)
            case Qt.Key.Key_PageDown | Qt.Key.Key_PageUp:
                canvas.walk(1 if key == Qt.Key.Key_PageDown else -1)
            case Qt.Key.Key_Home:
                canvas.show_all()
            case Qt.Key.Key_Space:
                self._toggle()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                return self._enter(shift=bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
            case Qt.Key.Key_Backspace:
                return canvas.tool.step_back()
            case Qt.Key.Key_Escape:
                return canvas.cancel()
            case _:
                return False
        return True

    def _toggle(self) -> None:
        canvas = self._canvas
        if canvas.keyboard_pointer is None:
            self.begin()
            canvas.announce(msg("Crosshair: arrows move it, Enter clicks."))
        else:
            canvas.keyboard_pointer = None
        canvas.update()

    def begin(self) -> QPointF:
        """Put the cross on what is selected, else in the middle; return where."""
        view = self._canvas.view
        place = QPointF(view.width // 2, view.height // 2)
        if len(self._canvas.selection) == 1:
            at = self._canvas.place_of(min(self._canvas.selection))
            if at is not None:
                x, y = (float(v) for v in view.to_screen(*at))
                if 0 <= x < view.width and 0 <= y < view.height:
                    place = QPointF(x, y)
        self._canvas.keyboard_pointer = place
        return place

    def _enter(self, *, shift: bool) -> bool:
        canvas = self._canvas
        if canvas.keyboard_pointer is None and not canvas.tool.draws:
            return False
        canvas.tool_click(canvas.keyboard_pointer or self.begin(), shift=shift)
        return True

    def _arrow(self, dx: int, dy: int, modifiers: Qt.KeyboardModifier) -> None:
        canvas = self._canvas
        if canvas.keyboard_pointer is None and not canvas.tool.draws:
            canvas.pan_by(-dx * _PAN_PX, -dy * _PAN_PX)
            return
        view = canvas.view
        at = canvas.keyboard_pointer or self.begin()
        step = _STEP_PX
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            step = _FINE_PX
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            step = _WIDE_PX
        at = QPointF(at.x() + dx * step * view.ratio, at.y() + dy * step * view.ratio)
        # At the edge the ground moves under the crosshair.
        edge = _EDGE_PX * view.ratio
        inside = QPointF(min(max(at.x(), edge), view.width - edge), min(max(at.y(), edge), view.height - edge))
        if inside != at:
            canvas.pan_by((inside.x() - at.x()) / view.ratio, (inside.y() - at.y()) / view.ratio)
        canvas.keyboard_pointer = inside
        canvas.tool_move(inside)


class MapCanvas(MapView):
    """The map, with a tool in hand."""

    def __init__(
        self, parent: QWidget | None = None, *, executor: Executor | None = None, tile_cache: Path | None = None
    ) -> None:
        super().__init__(parent, executor=executor, tile_cache=tile_cache)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.tools = tools_of(self)
        self.tool: Tool = self.tools["select"]
        self._pressed: QPointF | None = None
        self._dragged = False
        self._last = QPointF()
        self._keys = MapKeys(self)
        self.controls = MapControls(self)

    # Tools

    def pointer_at(self, at: QPointF, *, shift: bool = False) -> Pointer:
        """Return what a tool is told of a device pixel."""
        return Pointer(at, *self.view.geo_at(at.x(), at.y()), self.pick(at), shift)

    def use_tool(self, key: str) -> None:
        """Take a tool in hand; what another had under way is forgotten."""
        tool = self.tools[key]
        if tool is self.tool:
            return
        self.tool.cancel()
        self.tool = tool
        self.keyboard_pointer = None
        self._tool_drags = False
        self.setCursor(QCursor(tool.cursor))
        self._tool_state()
        self.toolChanged.emit(key)
        self.announce(msg("{title}. {how}", title=tool.title, how=tool.hint) if tool.hint.key else tool.title)

    def cancel(self) -> bool:
        """Forget what is under way, else lay the tool down, else select nothing; return whether there was anything."""
        if self.tool.cancel():
            self._tool_drags, self._pressed = False, None
            self._tool_state()
            return True
        if self.keyboard_pointer is not None:
            self.keyboard_pointer = None
            self.update()
            return True
        if self.tool.key != "select":
            self.use_tool("select")
            return True
        if self.selection:
            self.select(())
            self.clicked.emit(None)
            return True
        return False

    def walk(self, step: int) -> None:
        """Select the next object of the map, or the one before, and bring it into view."""
        things = things_in_order(self)
        if not things:
            return
        chosen = sorted(self.selection)
        at = place_in_order(self, chosen[0]) if chosen else -1
        at = max(at, 0) if step < 0 else at
        thing = things[(at + step) % len(things)]
        self.select([thing])
        self.clicked.emit(thing)
        places = [self.view.to_screen(*place) for place in self.content.places(thing)]
        inside = QRectF(0, 0, self.view.width, self.view.height)
        if not all(inside.contains(float(x), float(y)) for x, y in places):
            self.show_thing(thing)

    def _tool_state(self) -> None:
        hidden = self.tool.hidden
        if hidden != self._hidden:
            self._hidden = hidden
            self._renew()
        self.update()

    def tool_click(self, at: QPointF, *, shift: bool = False) -> None:
        """Have the tool take a click, from mouse or keyboard."""
        self.tool.click(self.pointer_at(at, shift=shift))
        self._tool_state()

    def tool_move(self, at: QPointF) -> None:
        """Have the tool take a move without a button."""
        pointer = self.pointer_at(at)
        self.content.selection.set_hovered(pointer.thing if self.tool.key in ("select", "link") else None)
        self.tool.move(pointer)
        self._tool_state()
        self._tell_cursor(pointer)

    def _tell_cursor(self, pointer: Pointer) -> None:
        self.cursorMoved.emit((pointer.latitude, pointer.longitude, self.content.ground_m(*pointer.place)))

    def paint_hand(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what the tool has under way, the keyboard's cross, and where the focus is."""
        painter.save()
        self.tool.paint(painter, frame)
        painter.restore()
        if self.keyboard_pointer is not None:
            crosshair(painter, self.keyboard_pointer, frame)
        if self.hasFocus() and self._keys.shown:
            painter.setPen(QPen(frame.style.colour(Role.ACCENT), frame.px(3)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(0, 0, self.view.width, self.view.height).adjusted(1, 1, -1, -1))

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the middle where it is; while a hand drags something, all that is seen."""
        super().resizeEvent(event)
        self._fit_size()
        self.controls.arrange()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask by the menu key what can be done: at the cross, else with what is selected, else in the middle."""
        if event.reason() is not QContextMenuEvent.Reason.Keyboard:
            return  # the press of the right button has asked
        crossed = self.keyboard_pointer is not None
        pointer = self.pointer_at(self.keyboard_pointer or self._keys.begin())
        if not crossed:
            self.keyboard_pointer = None
        thing = min(self.selection) if not crossed and len(self.selection) == 1 else pointer.thing
        spot = QPointF(pointer.at.x() / self.ratio, pointer.at.y() / self.ratio)
        self.menuAsked.emit(thing, *pointer.place, self.mapToGlobal(spot.toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the ground or of a thing."""
        self._motion.stop()
        self._keys.hide()
        self.keyboard_pointer = None if event.button() is Qt.MouseButton.LeftButton else self.keyboard_pointer
        at = self.device(event.position())
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() is Qt.MouseButton.RightButton:
            pointer = self.pointer_at(at)
            self.menuAsked.emit(pointer.thing, *pointer.place, event.globalPosition().toPoint())
            return
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            super().mousePressEvent(event)
            return
        self._pressed = self._last = at
        self._panning = event.button() is Qt.MouseButton.MiddleButton
        self._tool_drags = not self._panning and self.tool.press(self.pointer_at(at, shift=shift))
        self._tool_state()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the ground or the thing that is held."""
        at = self.device(event.position())
        if self._pressed is None:
            self.tool_move(at)
            return
        started = self._panning or self._dragged
        if not started and (at - self._pressed).manhattanLength() < DRAG_START_PX * self.ratio:
            return
        if self._tool_drags:
            self._dragged = True
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            pointer = self.pointer_at(at, shift=shift)
            self.tool.drag(pointer)
            self._tool_state()
            self._tell_cursor(pointer)
            return
        if not self._panning:
            self._panning = True
            self.setCursor(QCursor(Qt.CursorShape.ClosedHandCursor))
        step = at - self._last
        self._last = at
        self._set_view(self.view.moved(step.x(), step.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        if self._pressed is None:
            return
        at = self.device(event.position())
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        dragged, panned = self._dragged, self._panning
        self._pressed, self._panning, self._dragged = None, False, False
        if panned:
            self.setCursor(QCursor(self.tool.cursor))
            self._settle_soon()
        elif self._tool_drags and dragged:
            self.tool.release(self.pointer_at(at, shift=shift))
        else:
            self.tool.click(self.pointer_at(at, shift=shift))
        self._tool_drags = False
        self._tool_state()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the tool take the second click; its press is the first one's."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.tool.double_click(self.pointer_at(self.device(event.position())))
            self._tool_state()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom about the pointer: a wheel in smooth steps, a touchpad as the fingers move."""
        at = self.device(event.position())
        pixels = event.pixelDelta().y()
        if pixels and event.phase() is not Qt.ScrollPhase.NoScrollPhase:
            self.zoom_by(pixels / _PIXELS_A_LEVEL, at, animated=False)
        elif event.angleDelta().y():
            fine = 0.4 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1.0
            self.zoom_by(event.angleDelta().y() / _NOTCH * _LEVELS_A_NOTCH * fine, at)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Forget the pointer."""
        super().leaveEvent(event)
        self.content.selection.set_hovered(None)
        self.cursorMoved.emit(None)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Show the tool's cursor."""
        super().enterEvent(event)
        self.setCursor(QCursor(self.tool.cursor))

    def event(self, event: QEvent) -> bool:
        """Take pinches, tooltips, and changes of the screen."""
        kind = event.type()
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                factor = max(1.0 + event.value(), 0.2)
                self.zoom_by(math.log2(factor), self.device(event.position()), animated=False)
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture) and pinch.scaleFactor() > 0.0:
                centre = self.device(QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint())))
                self.zoom_by(math.log2(pinch.scaleFactor()), centre, animated=False)
                return True
        elif isinstance(event, QHelpEvent) and kind is QEvent.Type.ToolTip:
            words = self.content.tooltip(self.view, self.device(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), tr(words, self.language) if words else "", self)
            return True
        elif kind in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.LayoutDirectionChange):
            self._fit_size()
            self.controls.arrange()
            self._renew()
        elif isinstance(event, QKeyEvent) and kind is QEvent.Type.KeyPress and self._keys.press(event):
            event.accept()
            return True
        elif isinstance(event, QFocusEvent) and kind is QEvent.Type.FocusIn:
            self._keys.focus(event.reason())
        return super().event(event)

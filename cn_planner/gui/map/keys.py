"""The map by keyboard: looking around, and a crosshair that does what a mouse does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from cn_planner.gui.map.canvas import MapCanvas

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_PAN_PX = 80.0
_STEP_PX, _FINE_PX, _WIDE_PX = 8.0, 1.0, 64.0
_EDGE_PX = 24.0


class MapKeys:
    """What keys do.

    Arrows move the map; with a tool that places or draws, or after Space, they move a crosshair: Shift by one pixel,
    Control by many. Enter clicks there. Plus and minus zoom, Home shows all, Backspace takes a step back, Escape
    forgets.
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
            self._begin()
            canvas.announce(msg("Crosshair: arrows move it, Enter clicks."))
        else:
            canvas.keyboard_pointer = None
        canvas.update()

    def _begin(self) -> QPointF:
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
        if canvas.keyboard_pointer is None:
            if not canvas.tool.draws:
                return False
            self._begin()
        canvas.tool_click(canvas.keyboard_pointer, shift=shift)
        return True

    def _arrow(self, dx: int, dy: int, modifiers: Qt.KeyboardModifier) -> None:
        canvas = self._canvas
        if canvas.keyboard_pointer is None and not canvas.tool.draws:
            canvas.pan_by(-dx * _PAN_PX, -dy * _PAN_PX)
            return
        view = canvas.view
        at = canvas.keyboard_pointer or self._begin()
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

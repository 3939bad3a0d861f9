"""The height of a mast under the hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSlider

from cn_planner.gui import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent


class MastSlider(QSlider):
    """The height of a mast. It snaps to the heights that the rules name; free while Shift is held.

    ``previewed`` follows the hand; ``committed`` comes once, when the hand or the key lets go; ``given_up`` on Escape.
    """

    previewed = Signal(float)
    committed = Signal(float)
    given_up = Signal()
    _PER_M = 2  # half metres

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(theme.px(28))
        self._stops: tuple[float, ...] = ()
        self._kept = 0.0
        self._held = False

    def set_limits(self, high_m: float, stops_m: Sequence[float]) -> None:
        """Say how high a mast may be and where the slider snaps."""
        self._stops = tuple(one for one in stops_m if one <= high_m)
        self.setRange(0, round(high_m * self._PER_M))

    def show_height(self, height_m: float) -> None:
        """Show what the plan says, unless the hand is on it."""
        if not self._held:
            self._kept = height_m
            self.setValue(round(height_m * self._PER_M))

    def height_m(self) -> float:
        """Return the height that is shown."""
        return self.value() / self._PER_M

    def _take(self, height_m: float, *, free: bool) -> None:
        if not free and self._stops:
            height_m = min(self._stops, key=lambda stop: abs(stop - height_m))
        before = self.value()
        self.setValue(round(height_m * self._PER_M))
        if self.value() != before:
            self.previewed.emit(self.height_m())

    def _commit(self) -> None:
        self._held = False
        if abs(self.height_m() - self._kept) > 1e-6:
            self._kept = self.height_m()
            self.committed.emit(self._kept)

    def _span(self) -> tuple[float, float]:
        edge = theme.px(9)
        return edge, max(self.width() - 2.0 * edge, 1.0)

    def _from_right(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    def _place(self, value: float) -> float:
        edge, length = self._span()
        share = value / max(self.maximum(), 1)
        return edge + length * (1.0 - share if self._from_right() else share)

    def _height_at(self, x: float) -> float:
        edge, length = self._span()
        share = min(max((x - edge) / length, 0.0), 1.0)
        return (1.0 - share if self._from_right() else share) * self.maximum() / self._PER_M

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the hand."""
        if self._held:
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go: this is the edit."""
        if self._held:
            self._commit()
        event.accept()

    def _follow(self, event: QMouseEvent) -> None:
        free = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._take(self._height_at(event.position().x()), free=free)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to what scrolls."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows go to the next height of the rules; with Shift a metre."""
        up, down = Qt.Key.Key_Right, Qt.Key.Key_Left
        if self._from_right():
            up, down = down, up
        free = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        here = self.height_m()
        higher = [one for one in self._stops if one > here + 1e-6]
        lower = [one for one in self._stops if one < here - 1e-6]
        key, at = event.key(), here
        if key == Qt.Key.Key_Escape and self._held:
            self._held = False
            self.setValue(round(self._kept * self._PER_M))
            self.previewed.emit(self._kept)
            self.given_up.emit()
            return
        if key in (up, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
            at = here + 1.0 if free else (higher[0] if higher else here)
        elif key in (down, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            at = here - 1.0 if free else (lower[-1] if lower else here)
        elif key == Qt.Key.Key_Home and self._stops:
            at = self._stops[0]
        elif key == Qt.Key.Key_End and self._stops:
            at = self._stops[-1]
        else:
            event.ignore()
            return
        self._held = True
        self._take(at, free=True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Letting go of the key is the edit."""
        if not event.isAutoRepeat() and self._held:
            self._commit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """What was begun by keys counts when the keyboard goes."""
        if self._held:
            self._commit()
        super().focusOutEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw groove, stops, the part below the hand, and the handle."""
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, at = self.height() / 2.0, self._place(self.value())
        edge, length = self._span()
        live = self.isEnabled()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.line_strong)
        painter.drawRoundedRect(QRectF(edge, middle - 2, length, 4), 2, 2)
        for stop in self._stops:
            painter.drawRoundedRect(QRectF(self._place(stop * self._PER_M) - 1, middle + 6, 2, 4), 1, 1)
        painter.setBrush(now.action if live else now.line_strong)
        start = self._place(0)
        painter.drawRoundedRect(QRectF(min(start, at), middle - 2, abs(at - start), 4), 2, 2)
        if self.hasFocus():
            painter.setPen(QPen(now.focus, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(at - 11, middle - 11, 22, 22))
        painter.setPen(QPen(now.action if live else now.line_strong, 2))
        painter.setBrush(now.surface)
        painter.drawEllipse(QRectF(at - 7, middle - 7, 14, 14))

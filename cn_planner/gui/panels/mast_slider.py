"""The height of a mast under the hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSlider

from cn_planner.gui import theme
from cn_planner.gui.panels.held import Held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent


class MastSlider(Held, QSlider):
    """The height of a mast, in half metres. It snaps to the heights that the rules name; free while Shift is held."""

    per_step = 0.5

    previewed = Signal(float)
    committed = Signal(float)
    given_up = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(theme.px(28))
        self._stops: tuple[float, ...] = ()

    def set_limits(self, high_m: float, stops_m: Sequence[float]) -> None:
        """Say how high a mast may be and where the slider snaps."""
        self._stops = tuple(one for one in stops_m if one <= high_m)
        self.setRange(0, round(high_m / self.per_step))

    def show_height(self, height_m: float) -> None:
        """Show what the plan says, unless the hand is on it."""
        self.show_steps(round(height_m / self.per_step))

    def height_m(self) -> float:
        """Return the height that is shown."""
        return self.value() * self.per_step

    def _span(self) -> tuple[float, float]:
        edge = theme.px(9)
        return edge, max(self.width() - 2.0 * edge, 1.0)

    def _from_right(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    def _place(self, value: float) -> float:
        edge, length = self._span()
        share = value / max(self.maximum(), 1)
        return edge + length * (1.0 - share if self._from_right() else share)

    def follow(self, event: QMouseEvent) -> None:
        """Take the height at the mouse; the nearest of the rules where Shift is not held."""
        edge, length = self._span()
        share = min(max((event.position().x() - edge) / length, 0.0), 1.0)
        height = (1.0 - share if self._from_right() else share) * self.maximum() * self.per_step
        if self._stops and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            height = min(self._stops, key=lambda stop: abs(stop - height))
        self.take(round(height / self.per_step))

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
            self.put_back()
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
        self.take(round(at / self.per_step))

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
            painter.drawRoundedRect(QRectF(self._place(stop / self.per_step) - 1, middle + 6, 2, 4), 1, 1)
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

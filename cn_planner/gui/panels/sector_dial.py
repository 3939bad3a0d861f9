"""The direction of a sector under the hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QDial

from cn_planner.gui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent

_STEP, _WEDGE = 5, 60.0
"""Degrees: it snaps to so many while Shift is not held; so wide is the sector that is painted."""


class SectorDial(QDial):
    """A small compass, north up also in a mirrored window: drag round it to turn the sector.

    ``previewed`` follows the hand; ``committed`` comes once, when the hand or the key lets go; ``given_up`` on Escape.
    """

    previewed = Signal(float)
    committed = Signal(float)
    given_up = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(theme.px(36), theme.px(36))
        self.setRange(0, 359)
        self.setWrapping(True)
        self._kept = 0
        self._held = False

    @property
    def held(self) -> bool:
        """Whether the hand is on it."""
        return self._held

    def show_azimuth(self, azimuth_deg: float) -> None:
        """Show what the plan says, unless the hand is on it."""
        if not self._held:
            self._kept = round(azimuth_deg) % 360
            self.setValue(self._kept)

    def _take(self, azimuth: int) -> None:
        self._held = True
        before = self.value()
        self.setValue(azimuth % 360)
        if self.value() != before:
            self.previewed.emit(float(self.value()))

    def _commit(self) -> None:
        self._held = False
        if self.value() != self._kept:
            self._kept = self.value()
            self.committed.emit(float(self._kept))

    def _follow(self, event: QMouseEvent) -> None:
        away = event.position() - QPointF(self.width() / 2.0, self.height() / 2.0)
        if away.manhattanLength() < 3.0:
            return  # in the middle every direction is as good as another
        step = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        self._take(step * round(math.degrees(math.atan2(away.x(), -away.y())) / step))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the hand, also beyond the edge."""
        if self._held:
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go: this is the edit."""
        if self._held:
            self._commit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to what scrolls."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows turn it by five degrees, with Shift by one; Home is north; Escape puts it back."""
        key = event.key()
        step = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        if key == Qt.Key.Key_Escape and self._held:
            self._take(self._kept)
            self._held = False
            self.given_up.emit()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
            self._take(self.value() + step)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Down):
            self._take(self.value() - step)
        elif key == Qt.Key.Key_Home:
            self._take(0)
        else:
            event.ignore()

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
        """Draw the ring, north, and where the sector looks."""
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        reach = min(self.width(), self.height()) / 2.0 - 3.0
        middle = QPointF(self.width() / 2.0, self.height() / 2.0)
        box = QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach)
        painter.setPen(QPen(now.focus, 2) if self.hasFocus() else QPen(now.line_strong, 1))
        painter.setBrush(now.surface)
        painter.drawEllipse(box)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.action)
        # Qt counts sixteenths of a degree from the east, the other way round.
        painter.drawPie(box.adjusted(3, 3, -3, -3), round((90.0 - self.value() - _WEDGE / 2) * 16), round(_WEDGE * 16))
        painter.setPen(QPen(now.text_dim, 1.5))
        painter.drawLine(QPointF(middle.x(), box.top()), QPointF(middle.x(), box.top() + 3))
        painter.end()

"""The direction of a sector under the hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QDial

from cn_planner.gui import theme
from cn_planner.gui.panels.held import Held

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

_STEP, _WEDGE = 5, 60.0
"""Degrees: it snaps to so many while Shift is not held; so wide is the sector that is painted."""


class SectorDial(Held, QDial):
    """A small compass, north up also in a mirrored window: drag round it to turn the sector."""

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

    def show_azimuth(self, azimuth_deg: float) -> None:
        """Show what the plan says, unless the hand is on it."""
        self.show_steps(round(azimuth_deg) % 360)

    def follow(self, event: QMouseEvent) -> None:
        """Take the direction of the mouse."""
        away = event.position() - QPointF(self.width() / 2.0, self.height() / 2.0)
        if away.manhattanLength() < 3.0:
            return  # in the middle every direction is as good as another
        step = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        self.take(step * round(math.degrees(math.atan2(away.x(), -away.y())) / step) % 360)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows turn it by five degrees, with Shift by one; Home is north; Escape puts it back."""
        key = event.key()
        step = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        if key == Qt.Key.Key_Escape and self._held:
            self.put_back()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
            self.take((self.value() + step) % 360)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Down):
            self.take((self.value() - step) % 360)
        elif key == Qt.Key.Key_Home:
            self.take(0)
        else:
            event.ignore()

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

"""An antenna on the profile that can be dragged up and down, by hand and by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSlider, QWidget

from cn_planner.gui import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent

HANDLE_PX = 28
_REST_MS = 600
"""So long after the last key a height counts as chosen."""


class AntennaHandle(QSlider):
    """The antenna of one end. To those who hear the window it is a slider, in tenths of a metre.

    Arrows move it by 1 m, with Shift by 0.1 m, Page Up and Page Down by 5 m, Home and End to the least and the
    greatest. Escape takes back what was not chosen yet.
    """

    moving = Signal(float)
    """The height under the hand, m."""
    chosen = Signal(float)
    """The hand let go, or the keys rest."""
    given_up = Signal()

    def __init__(self, parent: QWidget, px_per_m: Callable[[], float]) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._px_per_m = px_per_m
        self._grip: tuple[float, float, float] | None = None
        self._before: float | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._choose)
        self.setRange(0, 300)
        self.setSingleStep(10)
        self.setPageStep(50)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(HANDLE_PX, HANDLE_PX)

    @property
    def busy(self) -> bool:
        """Whether a height is under the hand that is not chosen yet."""
        return self._before is not None

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size of what can be gripped."""
        return QSize(HANDLE_PX, HANDLE_PX)

    def height_m(self) -> float:
        """Return the height that it shows, m."""
        return self.value() / 10.0

    def show_height(self, height_m: float, greatest_m: float) -> None:
        """Show a height, unless one is under the hand."""
        if not self.busy:
            self.setRange(0, max(round(greatest_m * 10), round(height_m * 10)))
            self.setValue(round(height_m * 10))

    def centre(self) -> QPointF:
        """Return where the antenna is."""
        return QPointF(self.x() + HANDLE_PX / 2, self.y() + HANDLE_PX / 2)

    # By hand

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Grip it."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._rest.stop()
        self._begin()
        self._grip = (event.globalPosition().y(), self.height_m(), max(self._px_per_m(), 1e-3))
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move it; in steps of half a metre, where the screen is as fine as that."""
        if self._grip is None:
            return
        start_y, start_m, px_per_m = self._grip
        height = start_m + (start_y - event.globalPosition().y()) / px_per_m
        self._move(round(height * 2.0) / 2.0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose it."""
        if self._grip is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grip = None
            self._choose()
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to what scrolls."""
        event.ignore()

    # By keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move it by keys."""
        key = event.key()
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step: dict[int, float] = {
            Qt.Key.Key_Up: 1.0,
            Qt.Key.Key_Down: -1.0,
            Qt.Key.Key_PageUp: 5.0,
            Qt.Key.Key_PageDown: -5.0,
        }
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif key == Qt.Key.Key_Escape and self.busy:
            self._give_up()
        elif key in step:
            by = step[key] * (0.1 if fine and abs(step[key]) == 1.0 else 1.0)
            self._by_key(self.height_m() + by)
        elif key == Qt.Key.Key_Home:
            self._by_key(self.minimum() / 10.0)
        elif key == Qt.Key.Key_End:
            self._by_key(self.maximum() / 10.0)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """What was moved by keys is chosen when the keyboard goes elsewhere."""
        if self._grip is None:
            self._choose()
        super().focusOutEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def _by_key(self, height_m: float) -> None:
        self._begin()
        self._move(height_m)
        self._rest.start()

    def _begin(self) -> None:
        if self._before is None:
            self._before = self.height_m()

    def _move(self, height_m: float) -> None:
        value = min(max(round(height_m * 10), self.minimum()), self.maximum())
        if value != self.value():
            self.setValue(value)
            self.moving.emit(value / 10.0)

    def _choose(self) -> None:
        self._rest.stop()
        before, self._before = self._before, None
        if before is not None:
            if abs(before - self.height_m()) > 0.04:
                self.chosen.emit(self.height_m())
            else:
                self.given_up.emit()

    def _give_up(self) -> None:
        self._rest.stop()
        self._grip = None
        before, self._before = self._before, None
        if before is not None:
            self.setValue(round(before * 10))
            self.given_up.emit()

    def stop(self) -> None:
        """Forget what is under the hand: the path is another one."""
        self._rest.stop()
        self._grip, self._before = None, None

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint a ring; a second one where the keyboard is."""
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(HANDLE_PX / 2, HANDLE_PX / 2)
        if self.hasFocus():
            painter.setPen(QPen(now.focus, 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, 11.5, 11.5)
        painter.setPen(QPen(now.action, 2.0))
        painter.setBrush(now.action_tint if self._grip is not None or self.underMouse() else now.surface)
        painter.drawEllipse(middle, 7.0, 7.0)
        painter.end()

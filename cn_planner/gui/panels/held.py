"""A value under the hand: it follows mouse and keys, and is told once when they let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
    from PySide6.QtWidgets import QAbstractSlider

    Slider = QAbstractSlider
else:
    Slider = object  # Qt allows one of its classes among the bases, and that is the slider or dial itself


class Held(Slider):
    """A slider or dial that is held; mixed into Qt's own, which declares three signals of float.

    ``previewed`` follows the hand; ``committed`` comes once, when the hand or the key lets go; ``given_up`` on Escape.
    """

    previewed: SignalInstance
    committed: SignalInstance
    given_up: SignalInstance
    _kept = 0
    """What the plan says, in the control's own steps."""
    _held = False
    per_step = 1.0
    """How much a step is worth."""

    @property
    def held(self) -> bool:
        """Whether the hand is on it."""
        return self._held

    def show_steps(self, steps: int) -> None:
        """Show what the plan says, unless the hand is on it."""
        if not self._held:
            self._kept = steps
            self.setValue(steps)

    def take(self, steps: int) -> None:
        """Follow the hand to a value."""
        self._held = True
        before = self.value()
        self.setValue(steps)
        if self.value() != before:
            self.previewed.emit(self.value() * self.per_step)

    def put_back(self) -> None:
        """Show again what stood there, and tell it."""
        self._held = False
        self.setValue(self._kept)
        self.previewed.emit(self._kept * self.per_step)
        self.given_up.emit()

    def follow(self, event: QMouseEvent) -> None:
        """Take the value at the mouse."""
        raise NotImplementedError

    def _commit(self) -> None:
        self._held = False
        if self.value() != self._kept:
            self._kept = self.value()
            self.committed.emit(self._kept * self.per_step)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self.follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the hand, also beyond the edge."""
        if self._held:
            self.follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go: this is the edit."""
        if self._held:
            self._commit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to what scrolls."""
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

"""What jobs deliver, done on the thread of the window, a little at a time."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_AT_ONCE_S = 0.008
"""So long the window is kept from painting by a row of deliveries; the rest waits for the next turn."""


class MainThread(QObject):
    """Takes actions from any thread and does them on the thread that made this object.

    Actions are done in the order of their coming, as many at a turn of the event loop as keep it fluent. An action
    that raises does not keep the others from being done.
    """

    _wake = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions: deque[Callable[[], None]] = deque()
        self._closed = False
        # Not by the signal itself: Qt sends what is posted meanwhile before it looks at the hand and at timers, so
        # that deliveries which post others, and each a painting, would follow each other without a turn between.
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._do)
        self._wake.connect(self._turn.start, Qt.ConnectionType.QueuedConnection)

    def __call__(self, action: Callable[[], None]) -> None:
        """Have an action done on the window's thread."""
        self._actions.append(action)
        if not self._closed:
            self._wake.emit()

    def close(self) -> None:
        """Do nothing more; the threads that call must have ended."""
        self._closed = True
        self._turn.stop()
        self._actions.clear()

    def _do(self) -> None:
        begun = time.perf_counter()
        try:
            while self._actions:
                self._actions.popleft()()
                if time.perf_counter() - begun > _AT_ONCE_S:
                    break
        finally:
            if self._actions and not self._closed:
                self._turn.start()


def to_the_living(done: Callable[[_T], object]) -> Callable[[_T], object]:
    """Return a callback that is not called where it is a method of a widget that was deleted meanwhile."""
    owner = getattr(done, "__self__", None)
    return (lambda found: done(found) if isValid(owner) else None) if isinstance(owner, QObject) else done

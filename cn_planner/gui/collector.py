"""Python's collector of rings of objects, kept from holding the window.

By itself it looks now and then at every object that there is, in whichever thread made the last one, and nobody else
runs meanwhile: 100 to 300 ms where libraries are loaded and kernels compiled. Here only its short looks at what is new
are left to it. The long one is taken on the window's thread, when nothing is under way, and what was found to stay for
good is not looked at again, but while the hand rests: rings that formed among it would be kept, some 20 MB in an hour.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from cn_planner.jobs import give_back_memory

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from cn_planner.gui.state import AppState
    from cn_planner.model.plan import Plan

_NEW, _ROUNDS, _NEVER = 5_000, 10, 1_000_000_000
_EVERY_MS = 5_000
_AT_LATEST = 12
"""After so many turns at which something was under way it is done all the same."""
_RESTS, _SELDOM = 3, 60
"""After so many turns without a move of the mouse or an edit the hand rests; between two looks at everything so many
turns pass."""
_MOST = 50_000
"""So many objects are looked at in some 10 ms. Where there are more they are taken to stay: libraries, homes."""


class Collector(QObject):
    """Collects rings for a window; ends with its parent."""

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._state = state
        self._passed = 0
        self._opened = False
        self._seen: tuple[QPoint, Plan] | None = None
        self._rested, self._since = 0, 0
        gc.set_threshold(_NEW, _ROUNDS, _NEVER)
        gc.freeze()  # the libraries and the window itself
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._turn)
        self._timer.start()
        state.projectChanged.connect(self._project_changed)

    def _project_changed(self) -> None:
        if self._opened:  # what the plan before left behind was spared
            self.look_at_everything()
        self._opened = self._state.project is not None

    def _turn(self) -> None:
        busy = bool(self._state.jobs.active()) or QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if busy and self._passed < _AT_LATEST:
            self._passed += 1
            return
        self._passed = 0
        at, plan = QCursor.pos(), self._state.plan
        same = self._seen is not None and self._seen[0] == at and self._seen[1] is plan
        self._rested = self._rested + 1 if same and not busy else 0
        self._seen, self._since = (at, plan), self._since + 1
        if self._rested >= _RESTS and self._since >= _SELDOM:
            self.look_at_everything()
        else:
            self.collect()

    def look_at_everything(self) -> None:
        """Look at what is spared, too: 100 to 200 ms."""
        self._since = 0
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        give_back_memory()

    def collect(self) -> None:
        """Look at all that is not spared."""
        if len(gc.get_objects(generation=2)) > _MOST:
            gc.freeze()
        else:
            gc.collect()
        give_back_memory()

    def end(self) -> None:
        """Leave the collector as Python has it."""
        self._timer.stop()
        gc.set_threshold(*_USUAL)
        gc.unfreeze()


_USUAL = gc.get_threshold()

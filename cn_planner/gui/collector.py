"""Python's collector of rings of objects, kept to the window's thread and from holding the window.

By itself it works in whichever thread made the last object. Where that is a worker's and the ring holds an object of
Qt, a model or a timer, it ends there while the window's thread may be about to call it: now and then that ended the
program. So it is switched off, and all looks are taken on the window's thread: the short ones at what is new twice a
second. The long one, by itself 100 to 300 ms in which nobody else runs, is taken when nothing is under way, and what
was found to stay for good is not looked at again, but while the hand rests: rings that formed among it would be kept,
some 20 MB in an hour.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from cn_planner.i18n import let_languages_go
from cn_planner.jobs import give_back_memory

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from cn_planner.gui.state import AppState
    from cn_planner.model.plan import Plan

_NEW, _ROUNDS, _SHORT_MS = 5_000, 10, 500
"""So many new objects are looked at, and after so many of these looks what was new at them once more."""
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
        gc.disable()
        gc.freeze()  # the libraries and the window itself
        self._timers = [QTimer(self), QTimer(self)]
        for timer, every_ms, look in zip(
            self._timers, (_SHORT_MS, _EVERY_MS), (self.look_at_new, self._turn), strict=True
        ):
            timer.setInterval(every_ms)
            timer.timeout.connect(look)
            timer.start()
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

    def look_at_new(self) -> None:
        """Look at what is new, where that is much: some milliseconds."""
        new, rounds, _ = gc.get_count()
        if new > _NEW:
            gc.collect(1 if rounds >= _ROUNDS else 0)

    def look_at_everything(self) -> None:
        """Look at what is spared, too: 100 to 200 ms. What was kept for going back goes first."""
        self._since = 0
        self._state.resting.emit()
        if self._state.project is not None:
            self._state.project.workspace.let_go_old()
        let_languages_go()
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
        for timer in self._timers:
            timer.stop()
        gc.enable()
        gc.unfreeze()

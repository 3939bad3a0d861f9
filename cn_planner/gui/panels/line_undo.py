"""Whose undo a key means while the cursor stands in a line of text: the line's, or the plan's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def means_the_plan(event: QEvent, line: QLineEdit) -> bool:
    """Return whether a key asks to undo or redo where the line has nothing of its own to undo: the plan's is meant.

    Qt has each line of text keep these keys to itself, also one that nobody has typed in since what it holds was taken.
    """
    if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent) or line.isModified():
        return False
    undo = event.matches(QKeySequence.StandardKey.Undo)
    return undo or (event.matches(QKeySequence.StandardKey.Redo) and not line.isRedoAvailable())


class Line(QLineEdit):
    """A line of text that leaves the keys of undo and redo to the plan while nothing new is typed in it."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)

    def event(self, event: QEvent) -> bool:
        """Let the window have its keys."""
        if means_the_plan(event, self):
            event.ignore()
            return False
        return super().event(event)

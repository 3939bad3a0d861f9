"""Undo by the keys while the cursor stands in a field: what was taken from it is undone, not nothing at all."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from cn_planner.gui.panels.fields import NumberField, TextField, line_edit

MADE = {
    "words": lambda: TextField("Hamlet"),
    "number": lambda: NumberField("Mast", low=0.0, high=60.0, unit="m", decimals=1),
    "line": lambda: line_edit("Filter"),
}


@pytest.fixture(params=MADE)
def field(request, qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(QWidget())
    made = MADE[request.param]()
    QVBoxLayout(window.centralWidget()).addWidget(made)
    window.undone = []
    for key in (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo):
        action = QAction(window)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _=False, key=key: window.undone.append(key.name))
        window.addAction(action)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return made


def press(field, key: QKeySequence.StandardKey) -> list[str]:
    QTest.keySequence(field, QKeySequence(key))
    return field.window().undone


def test_what_was_taken_from_a_field_is_undone_by_the_keys(field) -> None:
    field.selectAll()
    QTest.keyClicks(field, "9")
    if hasattr(field, "committed"):
        QTest.keyClick(field, Qt.Key.Key_Return)
    else:
        field.setModified(False)
    assert press(field, QKeySequence.StandardKey.Undo) == ["Undo"]
    assert press(field, QKeySequence.StandardKey.Redo)[-1] == "Redo"
    assert field.text().startswith("9")


def test_what_is_being_typed_is_the_fields_own(field) -> None:
    field.selectAll()
    QTest.keyClicks(field, "9")
    assert press(field, QKeySequence.StandardKey.Undo) == []
    assert "9" not in field.text()

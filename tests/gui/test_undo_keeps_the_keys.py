"""The keys stay with Undo and Redo as long as one of them can be done: the next Enter does not share the plan."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cn_planner.gui.app import make_window
from cn_planner.session.sample import open_sample


@pytest.fixture
def window(qtbot, settings, valley_folder):
    settings.set("language", "en")
    settings.set("tour_seen", True)
    made = make_window(settings)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.state.follow = False
    made.state.take(open_sample(valley_folder))
    qtbot.waitUntil(lambda: not made.state.jobs.active(), timeout=300_000)
    yield made
    made.close()
    made.shutdown()


@pytest.mark.parametrize("by", ["mouse", "key"])
def test_after_the_last_redo_the_keys_are_at_undo_and_after_the_last_undo_at_redo(window, qtbot, by: str) -> None:
    undo, redo = window.top._undo, window.top._redo

    def press(made) -> None:
        if by == "mouse":
            QTest.mouseClick(made, Qt.MouseButton.LeftButton)
        else:
            made.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(made, Qt.Key.Key_Space)
        qtbot.wait(10)

    while window.state.undo_label is not None:
        press(undo)
    assert QApplication.focusWidget() is redo
    while window.state.redo_label is not None:
        press(redo)
    assert QApplication.focusWidget() is undo


def test_keys_elsewhere_stay_there(window, qtbot) -> None:
    window.regions.canvas.setFocus()
    while window.state.undo_label is not None:
        QTest.keySequence(window.regions.canvas, "Ctrl+Z")
        qtbot.wait(10)
    while window.state.redo_label is not None:
        QTest.keySequence(window.regions.canvas, "Ctrl+Y")
        qtbot.wait(10)
    assert QApplication.focusWidget() is window.regions.canvas

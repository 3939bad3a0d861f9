"""The ground comes back with a redo, however quickly the next step follows."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cn_planner.gui.regions import Regions


def test_the_ground_is_there_after_undo_and_redo_in_a_row(state, settings, qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    made = Regions(state, settings, parent)
    made.map_region.setParent(parent)
    content = made.canvas.content
    qtbot.waitUntil(lambda: content.surface is not None, timeout=60_000)
    for _ in range(2):  # the masts, the terrain
        assert state.undo()
    assert not state.plan.terrain
    qtbot.waitUntil(lambda: content.surface is None, timeout=60_000)
    for _ in range(2):
        assert state.redo()  # the second makes what was asked at the first an answer to the plan of before
    qtbot.waitUntil(lambda: content.surface is not None, timeout=60_000)
    qtbot.waitUntil(lambda: not state.jobs.active(), timeout=60_000)
    made.shutdown()

"""The ground comes back with a redo, however quickly the next step follows."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cn_planner.gui.regions import Regions
from cn_planner.model import edits


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


def test_the_map_shows_the_plan_and_not_its_whole_terrain_after_redo_from_nothing(state, settings, qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    made = Regions(state, settings, parent)
    made.map_region.setParent(parent)
    canvas = made.canvas
    canvas.resize(600, 400)
    qtbot.waitUntil(lambda: canvas.content.surface is not None, timeout=60_000)
    plan = state.plan
    assert state.apply(edits.remove(plan, "households", list(plan.households)))
    assert state.apply(edits.remove(state.plan, "links", list(plan.links)))
    assert state.apply(edits.remove(state.plan, "zones", list(plan.zones)))
    assert state.apply(edits.remove(state.plan, "sites", list(plan.sites)))
    canvas.show_all(animated=False)
    of_the_terrain = canvas.view
    for _ in range(4):
        assert state.undo()
    assert canvas.view != of_the_terrain
    fitted = canvas.view
    canvas.show_all(animated=False)
    assert canvas.view.zoom == fitted.zoom
    qtbot.waitUntil(lambda: not state.jobs.active(), timeout=60_000)
    made.shutdown()

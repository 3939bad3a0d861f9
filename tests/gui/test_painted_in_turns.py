"""After an edit the panels are painted, then the map, then what is asked for begins: a hand can come between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer

from cn_planner.gui.sidebar import TaskButton
from cn_planner.model import edits
from cn_planner.session.sample import open_sample


@pytest.fixture(autouse=True)
def nothing_left_behind(nothing_left_by_module):
    """One window for all of them."""


@pytest.fixture(scope="module")
def window(window_of, tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("valley")
    open_sample(folder).close()
    return window_of(next(folder.glob("*.cnplan.gpkg")))


class _Painted(QObject):
    def __init__(self, said: list[str], **watched: QObject) -> None:
        super().__init__()
        self.said, self.watched = said, {id(one): name for name, one in watched.items()}
        for one in watched.values():
            one.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            self.said.append(self.watched[id(watched)])
        return False


def test_the_window_the_map_and_the_work_come_in_turns(window, qtbot, monkeypatch):
    said: list[str] = []
    canvas, state, rail = window.regions.canvas, window.state, window.sidebar.findChild(TaskButton)
    watching = _Painted(said, map=canvas, rail=rail)
    hand = QTimer(watching, interval=1)  # what waits by then: the next key, the next move of the mouse
    hand.timeout.connect(lambda: said.append("hand"))
    hand.start()
    go = state.jobs.go
    monkeypatch.setattr(state.jobs, "go", lambda: (said.append("work"), go()))
    rail.update()
    tower = next(iter(state.plan.sites.values()))
    assert state.apply(edits.put(state.plan, [replace(tower, mast_height_m=9.0)]))
    rail.update()
    assert not canvas.updatesEnabled()
    qtbot.waitUntil(lambda: "work" in said, timeout=30_000)
    assert canvas.updatesEnabled()
    hand.stop()
    rail_at, map_at, work_at = (said.index(what) for what in ("rail", "map", "work"))
    assert rail_at < map_at < work_at, said
    assert "hand" in said[rail_at:map_at], said


def test_two_edits_in_one_turn_leave_the_map_painted(window, qtbot):
    canvas, state = window.regions.canvas, window.state
    shown = []
    watching = _Painted(shown, map=canvas)
    tower = next(iter(state.plan.sites.values()))
    for height in (10.0, 11.0):
        assert state.apply(edits.put(state.plan, [replace(tower, mast_height_m=height)]))
    qtbot.waitUntil(lambda: bool(shown), timeout=30_000)
    assert canvas.updatesEnabled()
    del watching

"""After the first tower the window says that it counts; "0 reached" is said only where that was counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cn_planner.gui import theme, words
from cn_planner.gui.app import make_window
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools
from cn_planner.model import edits


@pytest.fixture
def window(qtbot, tmp_path: Path, valley_folder: Path):
    settings = Settings(tmp_path / "window.ini")
    for key, value in (("look", "light"), ("language", "en"), ("tour_seen", True)):
        settings.set(key, value)
    made = make_window(settings)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    made.state.open_sample(valley_folder)
    qtbot.waitUntil(lambda: made.state.project is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not made.state.counting and not made.state.jobs.active(), timeout=60_000)
    yield made
    made.close()
    made.shutdown()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()
    theme.apply_look("light", 100.0)
    words.set_language("en")
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_nothing_says_that_nobody_is_reached_while_it_is_counted(window, qtbot) -> None:
    state, said = window.state, []

    def look() -> None:
        if not window.isVisible():  # it closes, and nobody reads it any more
            return
        sidebar = window.sidebar.item("connect").button.accessibleName()
        figures = [view.accessibleName() for view in window.top._views if view.isVisible()]
        said.append((sidebar, figures[0], window.regions.panel.overview.lead.text()))

    for signal in (state.planChanged, state.jobsChanged, state.serviceChanged, state.scenariosChanged):
        signal.connect(lambda *_: look())
    first = replace(state.plan.sites["C01"], mast_height_m=18.0)
    assert state.apply(edits.put(state.plan, [first]))
    look()
    assert "Counting who is reached…" in said[-1][0]
    assert said[-1][1:] == ("Homes: counting…", "Counting who is reached…")
    qtbot.waitUntil(lambda: not state.counting and not state.jobs.active(), timeout=60_000)
    look()
    assert "Counting" not in said[-1][0]
    reached = round(state.computed.service.works_weight)
    assert reached > 0
    assert f"{reached} of" in said[-1][2]
    # The tower stands alone: all three say so in the same number.
    assert f"{reached} reached, not linked to a gateway yet" in said[-1][0]
    assert said[-1][1].startswith(f"Homes: {reached} of")
    for sidebar, homes, lead in said:
        assert " 0 reached" not in sidebar
        assert not homes.startswith("Homes: 0 of")
        assert not lead.startswith("0 of")


def test_while_a_further_tower_is_counted_the_last_number_stands(window, qtbot) -> None:
    state = window.state
    assert state.apply(edits.put(state.plan, [replace(state.plan.sites["C01"], mast_height_m=18.0)]))
    qtbot.waitUntil(lambda: not state.counting and not state.jobs.active(), timeout=60_000)
    before = window.regions.panel.overview.lead.text()
    assert state.apply(edits.put(state.plan, [replace(state.plan.sites["G01"], mast_height_m=18.0)]))
    assert state.counting
    assert window.regions.panel.overview.lead.text() == before

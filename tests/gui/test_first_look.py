"""What a person meets first: the keys are the map's, and the tour covers nothing that it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication

from cn_planner.gui import theme, words
from cn_planner.gui.app import make_window
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools


@pytest.fixture
def window(qtbot, tmp_path: Path, valley_folder: Path):
    settings = Settings(tmp_path / "window.ini")
    for key, value in (("look", "light"), ("language", "en"), ("tour_seen", False)):
        settings.set(key, value)
    made = make_window(settings)
    made.resize(1280, 720)
    made.show()
    qtbot.waitExposed(made)
    made.state.open_sample(valley_folder)
    qtbot.waitUntil(lambda: made.tour is not None, timeout=30_000)
    yield made
    made.close()
    made.shutdown()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()
    theme.apply_look("light", 100.0)
    words.set_language("en")
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_the_tour_leaves_the_tools_and_the_search_to_be_seen_and_the_map_has_the_keys_after(window, qtbot):
    tour, tools = window.tour, window.regions.tools
    bar = QRect(tools.mapTo(window, QPoint(0, 0)), tools.size())
    for number in range(len(tour)):
        tour.show_step(number)
        assert not tour.geometry().intersects(bar), number
        assert window.rect().contains(tour.geometry()), number
    tour.leave()
    qtbot.wait(20)
    focus = QApplication.focusWidget()
    assert focus is window.regions.canvas, focus

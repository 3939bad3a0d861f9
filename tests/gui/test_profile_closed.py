"""The profile that somebody closed stays closed, until there is another path to look at."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtWidgets import QApplication

from cn_planner.gui.kinds import SITE
from cn_planner.gui.window import LOW_PX
from cn_planner.service.path_view import PathEnd


@pytest.fixture(scope="module")
def sample(window_of, tmp_path_factory, sample_folder):
    folder = tmp_path_factory.mktemp("valley")
    shutil.copytree(sample_folder, folder, dirs_exist_ok=True)
    return window_of(next(folder.glob("*.cnplan.gpkg")))


@pytest.fixture
def nothing_left_behind():
    """The module's window is left open between its tests."""


def test_a_profile_that_was_closed_stays_closed_until_another_path_is_looked_at(sample, qtbot) -> None:
    """Tables that were closed, larger letters, and a tower that was moved opened it again."""
    state, bottom = sample.state, sample.regions.bottom
    first, second, third = list(state.plan.sites.values())[:3]

    def look(a, b, north: float = 0.0) -> None:
        ends = [PathEnd(one.latitude, one.longitude, 12.0, SITE, one.id) for one in (a, b)]
        ends[0] = PathEnd(a.latitude + north, a.longitude, 12.0, SITE, a.id)
        state.live_path(*ends)
        qtbot.waitUntil(lambda: not state.jobs.active(), timeout=60_000)
        qtbot.wait(20)

    look(first, second)
    assert bottom.isVisible()
    sample.commands["show_profile"].trigger()
    assert not bottom.isVisible()
    sample.commands["show_tables"].trigger()
    assert bottom.isVisible()
    sample.commands["show_tables"].trigger()
    assert not bottom.isVisible()
    sample.resize(1280, LOW_PX - 80)
    QApplication.processEvents()
    assert not bottom.isVisible()
    look(first, second, 1e-4)
    assert not bottom.isVisible()
    look(first, third)
    assert bottom.isVisible()
    state.clear_path()
    assert not bottom.isVisible()

"""Choosing a link or a home shows its path: nobody has to find it again with the link tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cn_planner.gui.panels.profile import ProfilePanel
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.session.sample import open_sample

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("kind", ["link", "household"])
def test_what_is_chosen_shows_its_path(qtbot: QtBot, valley_folder: Path, kind: str) -> None:
    state = AppState()
    state.follow = False
    panel = ProfilePanel(state, Settings())
    qtbot.addWidget(panel)
    try:
        with open_sample(valley_folder) as project:
            project.make_plan()
            path = project.path
        state.open(path)
        qtbot.waitUntil(lambda: state.project is not None, timeout=20_000)
        plan = state.plan
        key = next(iter(plan.links)) if kind == "link" else next(k for k, h in plan.households.items() if h.server)
        state.select(kind, key)
        qtbot.waitUntil(lambda: panel.view is not None, timeout=20_000)
        ends = {panel.view.a.id, panel.view.b.id}
        if kind == "link":
            assert ends == {plan.links[key].from_site, plan.links[key].to_site}
        else:
            assert ends == {plan.households[key].server, key}
    finally:
        state.shutdown()

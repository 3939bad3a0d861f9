"""Choosing a link or a home shows its path: nobody has to find it again with the link tool."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from cn_planner.gui.panels.profile import ProfilePanel
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("kind", ["link", "household"])
def test_what_is_chosen_shows_its_path(
    qtbot: QtBot, planned_sample: Callable[[float | None], Path], tmp_path: Path, kind: str
) -> None:
    state = AppState()
    state.follow = False
    panel = ProfilePanel(state, Settings())
    qtbot.addWidget(panel)
    try:
        folder = tmp_path / "valley"
        shutil.copytree(planned_sample(None), folder)
        state.open(next(folder.glob("*.cnplan.gpkg")))
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

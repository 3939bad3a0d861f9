"""A height that no mast has is not given as a number to build: the window says so, and what helps instead."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.panels.table_models import HomeTable
from cn_planner.message import msg
from cn_planner.model import edits


@pytest.fixture
def out_of_reach(state, settled) -> str:
    """A home that is not reached and would need more than any mast that the rules know."""
    low = edits.change_section(state.plan, "rules", msg("low masts"), mast_heights_m=(2.0,), max_access_km=8.0)
    assert state.apply(low)
    state.request_service()
    settled(state)
    now = state.computed.service
    needed = np.where(now.works, -1.0, np.nan_to_num(now.needed_m, nan=-1.0, posinf=-1.0))
    number = int(np.argmax(needed))
    assert needed[number] > 2.0
    return now.homes.ids[number]


def test_a_home_says_that_no_mast_is_enough_and_offers_another_place(
    out_of_reach: str, state, settings, qtbot, settled
) -> None:
    context = PanelContext(state, settings)
    side = SidePanel(state, settings, context)
    qtbot.addWidget(side)
    side.resize(376, 900)
    side.show()
    state.select("household", out_of_reach)
    settled(state)
    said = {name: value.text() for name, (_, value) in side["household"].served._rows.items()}
    (needed,) = [text for name, text in said.items() if name.startswith("Height needed to see ")]
    assert needed == "no mast is enough"
    assert "another place" in side["household"].fix_words.text()
    assert "one on the hill between" in side["household"].fix_words.text()
    asked: list[str] = []
    context.asked.connect(asked.append)
    qtbot.mouseClick(side["household"].fix_button, Qt.MouseButton.LeftButton)
    assert asked == ["place_tower"]


def test_the_table_of_homes_says_it_too(out_of_reach: str, state, settings) -> None:
    table = HomeTable(PanelContext(state, settings))
    column = next(n for n, one in enumerate(table.columns) if one.key == "needed")
    cell = table.index(table.row_of(out_of_reach), column)
    assert cell.data() == "no mast is enough"

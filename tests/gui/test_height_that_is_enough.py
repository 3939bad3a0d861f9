"""A height that an end has already is not said as one that it needs, and whose height is meant is said."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.panels.table_models import HomeTable
from cn_planner.model import edits


@pytest.fixture
def side(state, settings, qtbot) -> SidePanel:
    made = SidePanel(state, settings, PanelContext(state, settings))
    qtbot.addWidget(made)
    made.resize(376, 900)
    made.show()
    return made


@pytest.mark.parametrize("raised", [0, 1])
def test_of_a_link_the_end_that_is_high_enough_is_said_so_and_the_other_what_it_needs(
    side: SidePanel, state, settled, raised: int
) -> None:
    """The card of an end of 30 m said "needed: 7 m", which somebody took for a mast to be built."""
    ends = [state.plan.sites[key] for key in ("C01", "G01")]
    heights = [1.0, 1.0]
    heights[raised] = 30.0
    assert state.apply(edits.put(state.plan, [
        replace(one, mast_height_m=height, max_height_m=60.0) for one, height in zip(ends, heights, strict=True)
    ]))  # fmt: skip
    state.select("link", "L1")
    settled(state)
    panel = side["link"]
    budget = panel.budget()
    needed = (budget.height_needed_from_m, budget.height_needed_to_m)
    for card, stands, least in zip(panel.ends, heights, needed, strict=True):
        said = card.accessibleName()
        if stands >= least:
            assert f"high enough: {min(math.ceil(least), stands):g} m would do" in said
            assert "needed" not in said
        else:
            assert "needed while the other end stays: " in said


def test_a_home_whose_antenna_is_high_enough_says_so(side: SidePanel, state, settings, settled, qtbot) -> None:
    table = HomeTable(PanelContext(state, settings))
    named = next(one for one in table.columns if one.key == "needed")
    assert str(named.title) == "Height needed at the roof"
    state.request_service()
    settled(state)
    now = state.computed.service
    n = next(n for n, least in enumerate(now.needed_m) if 0.5 < least < 20.0)
    home, least = state.plan.households[now.homes.ids[n]], float(now.needed_m[n])
    state.select("household", home.id)
    panel = side["household"]
    qtbot.waitUntil(panel.antenna_height.isVisible)
    panel.antenna_height.setFocus()
    panel.antenna_height.selectAll()
    qtbot.keyClicks(panel.antenna_height, f"{math.ceil(least) + 3}")
    qtbot.keyClick(panel.antenna_height, Qt.Key.Key_Return)
    state.request_service()
    settled(state)
    said = {name: value.text() for name, (_, value) in panel.served._rows.items()}
    (words,) = [text for name, text in said.items() if name.startswith("Height needed")]
    assert words.startswith("high enough: ")

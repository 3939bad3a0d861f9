"""A tower's second way in its panel: the switch, finding, accepting, and that nothing old is built."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from cn_planner.errors import InputError
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.second_way import SecondWayPart
from cn_planner.gui.panels.side import SidePanel
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.planning.resilience import Resilience, without_channel


@pytest.fixture
def context(state, settings):
    made = PanelContext(state, settings)
    yield made
    made.deleteLater()


@pytest.fixture
def part(state, context, qtbot) -> SecondWayPart:
    made = SecondWayPart(context)
    qtbot.addWidget(made)
    state.planChanged.connect(lambda _: made.show_site(made.site_id))
    made.show_site("C01")
    made.show()
    return made


def press(qtbot, button) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_switch_asks_for_two_ways_and_is_taken_back(state, part, qtbot):
    qtbot.keyClick(part.must, Qt.Key.Key_Space)
    assert state.plan.sites["C01"].two_ways
    assert "must have two ways" in str(state.undo_label)
    state.undo()
    assert not state.plan.sites["C01"].two_ways
    assert not part.must.isChecked()


def test_a_second_way_is_told_with_its_cost_and_built_on_accept(state, part, qtbot, settled):
    before = state.plan
    press(qtbot, part.search)
    assert not part.search.isEnabled()
    settled(state)
    assert part.search.isEnabled()
    assert part.card.isVisible()
    way = part.way
    assert f"+{way.cost:,.0f}" in part.text.text()
    press(qtbot, part.accept)
    assert set(state.plan.links) > set(before.links)
    assert str(state.undo_label).startswith("second way for")
    assert not part.card.isVisible()
    press(qtbot, part.search)
    settled(state)
    assert "two ways already" in part.said.text()
    assert not part.card.isVisible()
    state.undo()
    assert state.plan == before


def test_not_now_builds_nothing(state, part, qtbot, settled):
    before = state.plan
    press(qtbot, part.search)
    settled(state)
    part.leave.setFocus()
    press(qtbot, part.leave)
    assert part.search.hasFocus()
    assert not part.card.isVisible()
    assert state.plan is before


def test_what_was_found_for_another_plan_is_dropped(state, part, qtbot, settled):
    press(qtbot, part.search)
    settled(state)
    assert part.card.isVisible()
    site = state.plan.sites["C01"]
    state.apply(edits.put(state.plan, [replace(site, mast_height_m=18.0)]))
    assert part.way is None
    assert not part.card.isVisible()
    press(qtbot, part.search)
    state.apply(edits.put(state.plan, [replace(site, mast_height_m=12.0)]))  # meanwhile
    settled(state)
    assert part.way is None


def test_what_was_asked_of_another_tower_is_not_shown(state, part, qtbot, settled):
    press(qtbot, part.search)
    part.show_site("C02")
    settled(state)
    assert part.way is None
    assert not part.card.isVisible()


def test_gateways_and_places_without_a_mast_are_not_asked(part):
    for key in ("G01", "C02"):
        part.show_site(key)
        assert not part.isVisibleTo(part.parentWidget())
    part.show_site("C01")
    assert part.isVisible()


def test_why_there_is_none_is_said(state, part, qtbot, settled):
    others = [key for key in state.plan.sites if key not in ("C01", "G01")]
    state.make(lambda plan: edits.remove(plan, "sites", others))
    press(qtbot, part.search)
    settled(state)
    assert part.way is None
    assert len(part.said.text()) > 20
    assert part.said.isVisible()


def test_it_stands_in_the_panel_of_a_tower(state, context, settings, qtbot, settled):
    side = SidePanel(state, settings, context)
    qtbot.addWidget(side)
    side.show()
    state.request_service()
    settled(state)
    state.select("site", "C01")
    settled(state)
    assert side["site"].second_way.isVisible()
    side["site"].second_way.look()
    side._fill()  # as where another language is chosen: what comes then has no panel any more
    settled(state)
    assert side["site"].second_way.way is None


def test_one_for_which_no_channel_is_left_is_told_and_cannot_be_built(state, part, qtbot, settled):
    """As by command: it would connect nobody, and silence others."""
    press(qtbot, part.search)
    settled(state)
    before, way = state.plan, part.way
    assert way.instead is None
    assert way.taken() is way.edit
    full = without_channel(way, before, msg("Nothing is left."))
    part._take("C01", Resilience((), {"C01": full}, {}, ()))
    assert not part.accept.isVisible()
    assert "two_ways=yes" in part.text.text()
    assert "no channel is left" in part.text.text()
    with pytest.raises(InputError, match="no channel is left"):
        full.taken()
    part._take("C01", Resilience((), {"C01": way}, {}, ()))
    assert part.accept.isVisible()
    assert state.plan is before

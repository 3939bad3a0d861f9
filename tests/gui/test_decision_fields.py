"""What a school takes, how open the sky is, fibre along roads: fields of the panels, each an edit that goes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.settings import Settings
from cn_planner.model import edits
from cn_planner.model.plan import HomeKind, SiteRole, Uplink
from cn_planner.session.base_map import use_base_map


@pytest.fixture
def side(state, tmp_path, qtbot):
    panel = SidePanel(state, Settings(tmp_path / "window.ini"))
    qtbot.addWidget(panel)
    panel.resize(376, 900)
    panel.show()
    return panel


def settle(state, qtbot):
    qtbot.waitUntil(lambda: not state.jobs.active(), timeout=60_000)
    qtbot.wait(20)


def test_what_a_school_takes_is_asked_where_there_is_one(state, side, qtbot):
    homes, before = list(state.plan.households.values()), state.plan.demand.school_mbps
    state.apply(edits.put(state.plan, [replace(one, kind=HomeKind.HOME) for one in homes]))
    state.select(None)
    settle(state, qtbot)
    panel = side.overview
    panel.show_plan()
    field = panel.fields["demand.school_mbps"]
    assert not field.isVisibleTo(panel)
    state.apply(edits.put(state.plan, [replace(homes[0], kind=HomeKind.SCHOOL)]))
    panel.show_plan()
    assert field.isVisibleTo(panel)
    assert not panel.fields["demand.clinic_mbps"].isVisibleTo(panel)
    field.committed.emit(30.0)
    assert state.plan.demand.school_mbps == 30.0
    assert "A school takes: 30 Mbit/s at the busy hour" in str(state.undo_label)
    field.committed.emit(0.0)
    assert state.plan.demand.school_mbps is None
    assert state.undo()
    assert state.undo()
    assert state.plan.demand.school_mbps == before


def test_a_satellite_connection_says_how_open_the_sky_is(state, side, qtbot):
    site = state.plan.sites["C01"]
    state.apply(edits.put(state.plan, [replace(site, role=SiteRole.GATEWAY, uplink=Uplink("Starlink", 100.0))]))
    state.select("site", "C01")
    settle(state, qtbot)
    panel = side["site"]
    assert panel.sky.isVisibleTo(panel)
    assert "25°" in panel.sky.text()
    panel.uplink["kind"].committed.emit("fibre")
    settle(state, qtbot)
    assert not panel.sky.isVisibleTo(panel)


def test_fibre_along_roads_becomes_the_price_to_open(state, side, qtbot, tmp_path):
    gate = next(one for one in state.plan.sites.values() if one.role is SiteRole.GATEWAY)
    place = state.plan.sites["C01"]
    fibre = replace(gate, uplink=Uplink("fibre", 100.0, 60.0))
    option = replace(place, role=SiteRole.GATEWAY_OPTION, uplink=Uplink("", 50.0, 40.0))
    (tmp_path / "roads.osm").write_text(
        '<?xml version="1.0"?><osm version="0.6">'
        f'<node id="1" lat="{gate.latitude}" lon="{gate.longitude}"/>'
        f'<node id="2" lat="{place.latitude}" lon="{place.longitude}"/>'
        '<way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="track"/></way></osm>'
    )
    state.apply(edits.put(state.plan, [fibre, option]))
    state.select("site", "C01")
    panel = side["site"]
    assert not panel.fibre_part.isVisibleTo(panel), "no map, no roads"
    state.apply(use_base_map(state.plan, state.project.path, tmp_path / "roads.osm"))
    assert panel.fibre_part.isVisibleTo(panel)
    panel.fibre.click()
    settle(state, qtbot)
    assert "Nobody said what a metre of fibre costs" in panel.fibre_words.text()
    assert state.plan.sites["C01"].uplink.open_cost == 0.0
    panel.metre.committed.emit(5.0)
    assert state.plan.costs.fibre_per_m == 5.0
    panel.fibre.click()
    settle(state, qtbot)
    cost = state.plan.sites["C01"].uplink.open_cost
    assert cost > 1000.0
    assert f"{cost:,.0f} {state.plan.info.currency}" in panel.fibre_words.text()
    assert (state.plan.sites["C01"].uplink.kind, state.plan.sites["C01"].uplink.monthly_cost) == ("fibre", 40.0)
    assert state.undo()
    assert state.plan.sites["C01"].uplink.open_cost == 0.0

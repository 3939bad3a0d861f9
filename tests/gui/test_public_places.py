"""Public places in the window: put by a hand, seen as what they are, edited, found, in a table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt

from cn_planner.drawing.display import Symbol
from cn_planner.gui.kinds import PUBLIC, Thing
from cn_planner.gui.panels.people import PeopleSection
from cn_planner.gui.panels.tables import Tables
from cn_planner.gui.people import PeopleOnFoot
from cn_planner.importers.place_search import search
from cn_planner.model import edits
from cn_planner.model.plan import PlaceKind, PublicPlace
from cn_planner.service.unheard import Unheard


def test_a_hand_puts_one_and_its_panel_says_what_it_is(state, regions):
    canvas, site = regions.canvas, state.plan.sites["C01"]
    place = (site.latitude + 0.002, site.longitude)
    canvas.use_tool("public")
    canvas.grab()
    canvas.go_to(*place, zoom=15.0, animated=False)
    before = canvas.grab().toImage()
    canvas.tool_click(QPointF(*(float(v) for v in canvas.view.to_screen(*place))))
    thing = Thing(PUBLIC, "P01")
    assert state.selection == thing
    assert canvas.grab().toImage() != before
    panel = regions.panel[PUBLIC]
    kind = panel.fields["kind"]
    kind.show_value(PlaceKind.SCHOOL)
    kind.committed.emit(PlaceKind.SCHOOL)
    panel.there.setValue(46)
    panel.there.editingFinished.emit()
    panel.fields["must"].click()
    one = state.plan.places["P01"]
    assert (one.kind, one.people, one.must) == (PlaceKind.SCHOOL, 46.0, True)
    layer = canvas.content.things[PUBLIC]
    assert layer.symbol("P01") is Symbol.PLACE_SCHOOL
    assert str(canvas.content.words(thing)) == "Public place 1, school, not connected"
    assert [str(entry.words) for entry in layer.legend()] == ["school"]
    for _ in range(4):
        state.undo()
    assert not state.plan.places


def test_what_connects_one_is_said_and_led_to(state, regions):
    state.apply(edits.put(state.plan, [PublicPlace("P01", "Clinic", 42.0, 1.8, PlaceKind.CLINIC, server="C01")]))
    state.select(PUBLIC, "P01")
    panel = regions.panel[PUBLIC]
    assert panel.tower.isVisibleTo(panel)
    panel.tower.clicked.emit()
    assert state.selection == Thing("site", "C01")
    assert str(regions.canvas.content.words(Thing(PUBLIC, "P01"))) == "Clinic, clinic, connected"


def test_the_table_has_those_first_that_must_be_connected_and_are_not(state, settings, qtbot):
    rows = [PublicPlace("a", "Market", 42.0, 1.8, server="C01", must=True), PublicPlace("b", "Shop", 42.0, 1.81),
            PublicPlace("c", "School", 42.0, 1.82, PlaceKind.SCHOOL, must=True)]  # fmt: skip
    state.apply(edits.put(state.plan, rows))
    tables = Tables(state, settings)
    qtbot.addWidget(tables)
    tables.show()
    tables.setCurrentIndex(tables.count() - 1)
    model = tables.views[PUBLIC].things
    assert [model.key_at(row) for row in range(model.rowCount())] == ["c", "b", "a"]
    must = next(n for n, column in enumerate(model.columns) if column.key == "must")
    assert model.setData(model.index(1, must), True, Qt.ItemDataRole.EditRole)
    assert state.plan.places["b"].must


def test_one_is_found_by_its_name(state):
    state.apply(edits.put(state.plan, [PublicPlace("P01", "Clínica de Selorio", 42.0, 1.8)]))
    assert search(state.plan, "clinica selorio")[0].id == "P01"


@pytest.fixture
def village(state):
    """A gateway with a mast, a school that it connects, homes that it serves, and homes that walk."""
    from dataclasses import replace

    from cn_planner.geo import destination
    from cn_planner.model.plan import Household

    plan, gateway = state.plan, state.plan.sites["G01"]
    here = (gateway.latitude, gateway.longitude)
    school = destination(*here, 90.0, 900.0)
    walkers = [Household(f"W{n}", "", *destination(*school, 90.0 * n, 700.0), people=3.0) for n in range(4)]
    beyond = Household("X", "", *destination(*school, 90.0, 9_000.0), people=5.0)
    new = edits.remove(plan, "households", list(plan.households)).plan
    new = edits.put(new, [*walkers, beyond]).plan
    place = PublicPlace("P01", "School of Coro", *school, PlaceKind.SCHOOL, people=40.0, server="G01")
    state.apply(edits.put(new, [replace(place)]))
    return state


def test_the_window_tells_who_walks_where_and_rings_the_hotspot(village, regions, qtbot, settled):
    content = regions.canvas.content
    village.request_service()
    settled(village)
    people = PeopleOnFoot.of(village)
    assert people.found is not None
    counts = people.found.counts
    assert (counts.at_home, counts.on_foot, counts.left_out) == (0.0, 40.0 + 4 * 3.0, 5.0)
    assert content.homes.on_foot == {"W0", "W1", "W2", "W3", "place:P01"}
    assert str(content.words(Thing("household", "W0"))) == "W0, reaches a hotspot on foot"
    school = village.plan.places["P01"]
    regions.canvas.grab()
    regions.canvas.go_to(school.latitude, school.longitude, zoom=14.0, animated=False)
    with_ring = regions.canvas.grab().toImage()
    content.things[PUBLIC].set_rings(())
    assert regions.canvas.grab().toImage() != with_ring
    section = PeopleSection(regions.panel[PUBLIC].context)
    qtbot.addWidget(section)
    assert "4 homes reach it on foot: 52 people" in section.counts[1].text()
    assert "1 home left out: 5 people" in section.counts[2].text()
    section.cards[0].clicked.emit()
    assert village.selection == Thing(PUBLIC, "P01")
    assert "52 people get there on foot" in regions.panel[PUBLIC].reach.text()
    village.apply(edits.change_section(village.plan, "rules", hotspots=False))
    village.request_service()
    settled(village)
    assert people.found is None
    assert content.homes.on_foot == frozenset()


def test_one_whose_tower_nothing_reaches_is_not_shown_as_connected(state, regions, settings, qtbot, settled):
    """A school behind a link that goes stayed connected on the map and in its panel."""
    state.apply(edits.put(state.plan, [
        PublicPlace("P00", "Shop", 42.0, 1.81, server="G01", must=True),
        PublicPlace("P01", "School", 42.0, 1.8, PlaceKind.SCHOOL, server="C01"),
    ]))  # fmt: skip
    tables = Tables(state, settings)
    qtbot.addWidget(tables)
    tables.show()
    tables.setCurrentIndex(tables.count() - 1)
    model = tables.views[PUBLIC].things
    state.select(PUBLIC, "P01")
    state.request_service()
    settled(state)
    layer, panel = regions.canvas.content.things[PUBLIC], regions.panel[PUBLIC]
    assert layer.connected == (True, True)
    assert [model.key_at(row) for row in range(model.rowCount())] == ["P00", "P01"]
    assert panel.state.text() == "Connected by"
    state.apply(edits.remove(state.plan, "links", list(state.plan.links)))
    state.request_service()
    settled(state)
    assert "C01" in state.computed.service.off_network
    assert layer.connected == (True, False)
    assert [model.key_at(row) for row in range(model.rowCount())] == ["P01", "P00"]
    assert "no links lead from there to a gateway" in panel.state.text()
    assert str(regions.canvas.content.words(Thing(PUBLIC, "P01"))) == "School, school, not connected"
    state.undo()
    state.request_service()
    settled(state)
    assert layer.connected == (True, True)
    assert panel.state.text() == "Connected by"
    # The link to it drowns on its channel.
    drowned = state.computed.service.on_channels(Unheard(links=frozenset(state.plan.links), towers=frozenset({"C01"})))
    state.computed.service = drowned
    state.serviceChanged.emit(drowned)
    assert layer.connected == (True, False)
    assert "on the plan's channels nothing comes there" in panel.state.text()

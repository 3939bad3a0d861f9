"""The right button on the map, splitting a link and finding a relay, many at once, and numbers that are typed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from cn_planner.geo import geodesic
from cn_planner.gui.dialogs.relay import RelayDialog, split_here
from cn_planner.gui.kinds import Thing, several
from cn_planner.gui.panels.link import LinkPanel
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.profile import ProfilePanel
from cn_planner.gui.panels.several import SeveralPanel
from cn_planner.gui.panels.site import SitePanel
from cn_planner.gui.panels.table_models import HomeTable
from cn_planner.gui.panels.tables import ThingView
from cn_planner.gui.thing_menu import ThingMenu, share_along
from cn_planner.model import edits
from cn_planner.model.plan import Choice, Sector, Status


@pytest.fixture
def menu(window, state):
    done: list[str] = []
    made = ThingMenu(window, state, done.append)
    made.done = done
    return made


@pytest.fixture
def context(state, settings):
    made = PanelContext(state, settings)
    yield made
    made.deleteLater()


def words(menu) -> list[str]:
    return [one.text() for one in menu.menu.actions() if not one.isSeparator()]


def pick(menu, text: str) -> None:
    next(one for one in menu.menu.actions() if one.text() == text).trigger()
    menu.menu.close()


def sub(menu, title: str):
    return next(one.menu() for one in menu.menu.actions() if one.menu() is not None and one.text() == title)


def test_on_bare_ground_things_are_placed_where_the_button_was_pressed(menu, state):
    menu.ask(None, 42.05, 1.85, QPoint(0, 0))
    before = set(state.plan.sites)
    pick(menu, "Place a tower")
    (new,) = set(state.plan.sites) - before
    assert (state.plan.sites[new].latitude, state.plan.sites[new].longitude) == (42.05, 1.85)
    assert state.selection == Thing("site", new)
    state.undo()
    menu.ask(None, 42.05, 1.85, QPoint(0, 0))
    pick(menu, "The band here…")
    menu.ask(None, 42.05, 1.85, QPoint(0, 0))
    pick(menu, "Stand here and look…")
    assert menu.done == ["band:@42.050000,1.850000", "look:@42.050000,1.850000"]


@pytest.mark.parametrize("kind", ["site", "household", "link"])
def test_each_kind_offers_what_can_be_done_with_it(menu, state, kind):
    key = {"site": "C01", "household": next(iter(state.plan.households)), "link": "L1"}[kind]
    menu.ask(Thing(kind, key), 42.0, 1.8, QPoint(0, 0))
    said = words(menu)
    assert state.selection == Thing(kind, key)
    assert ("Split the link here" in said) == ("Find a relay…" in said) == (kind == "link")
    assert ("Stand here and look…" in said) == (kind != "link")
    assert ("The band here…" in said) == (kind != "household")
    assert any(one.startswith("Remove") for one in said)
    menu.menu.close()


def test_a_place_where_a_mast_is_suggested_offers_what_the_place_offers(menu, state):
    menu.ask(Thing("site", "C01"), 42.0, 1.8, QPoint(0, 0))
    offered = words(menu)
    menu.menu.close()
    state.select(None)
    menu.ask(Thing("suggestion", "C01"), 42.0, 1.8, QPoint(0, 0))
    assert words(menu) == offered
    assert state.selection == Thing("site", "C01")
    menu.menu.close()


def test_a_link_is_split_where_the_button_was_pressed(menu, state):
    a, b = (state.plan.sites[key] for key in ("C01", "G01"))
    place = a.latitude + 0.25 * (b.latitude - a.latitude), a.longitude + 0.25 * (b.longitude - a.longitude)
    assert share_along(state.plan, state.plan.links["L1"], place) == pytest.approx(0.25, abs=0.01)
    menu.ask(Thing("link", "L1"), *place, QPoint(0, 0))
    pick(menu, "Split the link here")
    key, share = menu.done[0].removeprefix("split:").rsplit(":", 1)
    assert (key, float(share)) == ("L1", pytest.approx(0.25, abs=0.01))
    menu.ask(Thing("link", "L1"), *place, QPoint(0, 0))
    pick(menu, "Find a relay…")
    assert json.loads(menu.done[1].removeprefix("relay:")) == ["C01", "G01"]


def test_planner_and_state_are_set_from_the_menu(menu, state):
    menu.ask(Thing("site", "C01"), 42.0, 1.8, QPoint(0, 0))
    next(one for one in sub(menu, "Planner").actions() if one.text() == "Locked: always built").trigger()
    menu.menu.close()
    assert state.plan.sites["C01"].choice is Choice.LOCKED
    menu.ask(Thing("site", "C01"), 42.0, 1.8, QPoint(0, 0))
    checked = [one.text() for one in sub(menu, "Planner").actions() if one.isChecked()]
    assert checked == ["Locked: always built"]
    menu.menu.close()


def test_several_are_locked_and_removed_from_the_menu(menu, state):
    things = [Thing("site", "C01"), Thing("site", "G01"), Thing("link", "L1")]
    state.select("several", several(things))
    menu.ask(things[0], 42.0, 1.8, QPoint(0, 0))
    next(one for one in sub(menu, "Planner").actions() if one.text() == "Locked: always built").trigger()
    menu.menu.close()
    plan = state.plan
    assert [plan.sites["C01"].choice, plan.sites["G01"].choice, plan.links["L1"].choice] == [Choice.LOCKED] * 3
    assert str(state.undo_label) == "change 3 things"
    menu.ask(things[1], 42.0, 1.8, QPoint(0, 0))
    pick(menu, "Remove all of them")
    assert not {"C01", "G01"} & set(state.plan.sites)


def test_split_is_one_edit_and_says_what_it_made(state, qtbot, settled):
    before, said = state.plan, []
    state.message.connect(said.append)
    split_here(state, "L1", 0.5)
    settled(state)
    assert len(state.plan.sites) == len(before.sites) + 1
    assert len(state.plan.links) == 2
    new = next(key for key in state.plan.sites if key not in before.sites)
    assert state.selection == Thing("site", new)
    assert said
    state.undo()
    assert state.plan == before
    said.clear()
    split_here(state, "L1", 0.0)  # at the tower itself: said, nothing changed
    settled(state)
    assert state.plan == before
    assert "itself" in str(said[-1].what)
    assert split_here(state, "L9", 0.5) is None


def test_a_relay_is_listed_marked_and_taken_in_one_edit(state, window, qtbot):
    marked, shown = [], []
    ends = "C01", "G01"
    dialog = RelayDialog(window, state, ends, lambda *place: shown.append(place), lambda places: marked.append(places))
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=120_000)
    found = dialog.found
    assert found.options, str(found.miss)
    assert len(dialog.cards) == len(found.options) == len(marked[-1])
    assert marked[-1][0] == (found.options[0].site.latitude, found.options[0].site.longitude)
    take, look = dialog.cards[0].findChildren(QPushButton)[:2]
    qtbot.mouseClick(look, Qt.MouseButton.LeftButton)
    assert shown == [marked[-1][0]]
    before = state.plan
    qtbot.mouseClick(take, Qt.MouseButton.LeftButton)
    assert state.plan == found.options[0].edit.plan
    assert marked[-1] == []  # the map is as it was
    assert state.selection.kind == "site"
    state.undo()
    assert state.plan == before


def test_a_relay_of_an_older_plan_is_not_taken(state, window, qtbot):
    dialog = RelayDialog(window, state, ("C01", "G01"), lambda *_: None, lambda _: None)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=120_000)
    one = dialog.found.options[0]
    state.make(lambda plan: edits.change_section(plan, "info", name="Another"))
    before = state.plan
    assert dialog.outdated
    dialog.take(one)
    assert state.plan is before
    dialog.close()


def test_a_relay_for_towers_that_went_is_said(state, window, qtbot):
    dialog = RelayDialog(window, state, ("C01", "C01"), lambda *_: None, lambda _: None)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.busy and bool(dialog.fault), timeout=60_000)
    assert "stand at one place" in dialog.said.text()
    dialog.close()


def test_the_profile_asks_with_the_right_button_and_the_menu_key(state, settings, qtbot, settled):
    panel = ProfilePanel(state, settings)
    qtbot.addWidget(panel)
    panel.resize(1100, 260)
    panel.show()
    asked = []
    panel.asked.connect(asked.append)
    state.select("link", "L1")
    qtbot.waitUntil(lambda: panel.view is not None, timeout=60_000)
    settled(state)
    view = panel.profile
    for reason, at in (
        (QContextMenuEvent.Reason.Mouse, view.rect().center()), (QContextMenuEvent.Reason.Keyboard, QPoint(0, 0)),
    ):  # fmt: skip
        view.contextMenuEvent(QContextMenuEvent(reason, at, view.mapToGlobal(at)))
        made = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QMenu) and one.isVisible())
        said = [one.text() for one in made.actions()]
        assert said[:2] == ["Split the link here", "Find a relay…"]
        made.actions()[0].trigger()
        made.close()
        QApplication.processEvents()
    assert all(one.startswith("split:L1:0.") for one in asked)
    assert len(asked) == 2


def test_many_are_set_grouped_and_moved_each_in_one_edit(state, context, qtbot):
    homes = list(state.plan.households)[:3]
    panel = SeveralPanel(context)
    qtbot.addWidget(panel)
    key = several([Thing("household", one) for one in homes])
    panel.show_thing(key)
    panel.show()
    assert panel.setters["hamlet"].isVisible()
    assert not panel.setters["choice"].isVisible()
    panel.setters["hamlet"].committed.emit("Upper end")
    assert {state.plan.households[one].hamlet for one in homes} == {"Upper end"}
    assert str(state.undo_label) == "change 3 things"
    before = state.plan
    panel.east.setValue(300)
    panel.north.setValue(-400)
    panel.move_all()
    for one in homes:
        old, new = before.households[one], state.plan.households[one]
        moved = geodesic(old.latitude, old.longitude, new.latitude, new.longitude)
        assert moved.distance_m == pytest.approx(500.0, abs=0.2)
        assert moved.azimuth_deg == pytest.approx(143.13, abs=0.1)
    assert str(state.undo_label) == "move 3 things"
    state.undo()
    assert state.plan == before


def test_many_are_moved_by_feet_where_feet_are_read(state, context, settings, qtbot):
    settings.set("units", "imperial")
    panel = SeveralPanel(context)
    qtbot.addWidget(panel)
    panel.resize(296, 700)
    panel.show_thing(several([Thing("site", "C01"), Thing("site", "C02")]))
    panel.show()
    qtbot.wait(20)
    assert panel.east.text() == "0 ft"
    button = panel.move_button
    assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 24  # its words were cut
    before = state.plan.sites["C01"]
    panel.east.setValue(1000)
    panel.move_all()
    after = state.plan.sites["C01"]
    moved = geodesic(before.latitude, before.longitude, after.latitude, after.longitude)
    assert moved.distance_m == pytest.approx(304.8, abs=0.2)


def test_towers_and_links_are_locked_together_and_what_differs_stands_empty(state, context, qtbot):
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C01"], status=Status.AGREED)]))
    panel = SeveralPanel(context)
    qtbot.addWidget(panel)
    panel.show_thing(several([Thing("site", "C01"), Thing("site", "G01"), Thing("link", "L1")]))
    panel.show()
    assert panel.setters["status"].choice() is None
    assert panel.setters["choice"].choice() is Choice.FREE
    panel.setters["choice"].committed.emit(Choice.LOCKED)
    assert state.plan.links["L1"].choice is state.plan.sites["C01"].choice is Choice.LOCKED
    panel.setters["owner"].committed.emit("The parish")
    assert state.plan.sites["G01"].owner == "The parish"


def test_numbers_of_a_sector_and_the_channel_of_a_link_are_typed(state, context, qtbot):
    state.make(
        lambda plan: edits.put(plan, [replace(plan.sites["C01"], sectors=(Sector("S1", plan.kits.access, 0.0),))])
    )
    panel = SitePanel(context)
    qtbot.addWidget(panel)
    panel.show_thing("C01")
    fields = panel.sector_numbers.fields
    fields["S1", "tilt_deg"].committed.emit(-3.5)
    fields["S1", "height_m"].committed.emit(9.0)
    fields["S1", "freq_mhz"].committed.emit(5600.0)
    sector = state.plan.sites["C01"].sectors[0]
    assert (sector.tilt_deg, sector.height_m, sector.freq_mhz) == (-3.5, 9.0, 5600.0)
    assert str(state.undo_label).startswith("channel of sector S1 of ")
    fields["S1", "freq_mhz"].committed.emit(0.0)  # the kit's own again
    assert state.plan.sites["C01"].sectors[0].freq_mhz is None
    before = state.plan
    fields["S1", "freq_mhz"].committed.emit(7.0)  # no channel: refused, and what stands is shown
    assert state.plan is before
    assert fields["S1", "freq_mhz"].value() == 0.0
    # Emptied, a height is the top of the mast again, and a channel the kit's own.
    fields["S1", "freq_mhz"].committed.emit(5600.0)
    panel.show()
    panel.show_thing("C01")
    for field in ("height_m", "freq_mhz"):
        one = fields["S1", field]
        assert one.value() in (9.0, 5600.0)
        one.setFocus()
        one.selectAll()
        qtbot.keyClick(one, Qt.Key.Key_Delete)
        qtbot.keyClick(one, Qt.Key.Key_Return)
        assert getattr(state.plan.sites["C01"].sectors[0], field) is None
    panel.show_thing("C01")
    assert fields["S1", "height_m"].value() == state.plan.sites["C01"].mast_height_m
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C01"], mast_height_m=18.0)]))
    panel.show_thing("C01")
    assert fields["S1", "height_m"].value() == 18.0
    link = LinkPanel(context)
    qtbot.addWidget(link)
    link.show_thing("L1")
    link.channel.committed.emit(5510.0)
    assert state.plan.links["L1"].freq_mhz == 5510.0
    link.channel.committed.emit(0.0)
    assert state.plan.links["L1"].freq_mhz is None


def test_the_menu_key_on_the_map_asks_of_what_is_selected_or_of_the_middle(regions, state, qtbot):
    asked = []
    regions.canvas.menuAsked.connect(lambda thing, *_: asked.append(thing))
    key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    regions.canvas.contextMenuEvent(key)
    state.select("site", "C01")
    regions.canvas.contextMenuEvent(key)
    assert asked[-1] == Thing("site", "C01")
    assert len(asked) == 2
    # The right button itself asks once, by its press.
    regions.canvas.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), QPoint(5, 5)))
    assert len(asked) == 2


def test_a_row_of_a_table_has_the_same_menu_and_several_rows_are_one(state, context, menu, qtbot):
    homes = HomeTable(context)
    view = ThingView(context, homes, "Homes")
    qtbot.addWidget(view)
    view.show()
    context.menuAsked.connect(menu.ask)
    index = view.model().index(1, 0)
    view.setCurrentIndex(index)
    view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0)))
    key = homes.key_at(1)
    assert state.selection == Thing("household", key)
    assert "Remove home" in words(menu)
    menu.menu.close()
    view.selectAll()
    view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0)))
    assert state.selection.kind == "several"
    assert words(menu)[-1] == "Remove all of them"
    menu.menu.close()

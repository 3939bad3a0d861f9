"""The panels: each edit is one named step that goes back; tables begin with the weakest; nothing is nameless."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QScrollBar,
)

from cn_planner.drawing.display import Symbol
from cn_planner.gui.kinds import THINGS
from cn_planner.gui.map.layers.points import site_symbol
from cn_planner.gui.panels.import_dialog import ImportDialog
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.panels.tables import Tables
from cn_planner.gui.settings import Settings
from cn_planner.model import edits
from cn_planner.model.plan import SiteRole
from cn_planner.service.outage import outage_impact


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "window.ini")


@pytest.fixture
def side(state, settings, qtbot):
    panel = SidePanel(state, settings)
    qtbot.addWidget(panel)
    panel.resize(376, 900)
    panel.show()
    return panel


def settle(state, qtbot):
    qtbot.waitUntil(lambda: not state.jobs.active(), timeout=60_000)
    qtbot.wait(20)


def test_a_name_is_one_step_with_a_name_and_goes_back(state, side, qtbot):
    state.select("site", "C01")
    side["site"].name.setFocus()
    side["site"].name.selectAll()
    qtbot.keyClicks(side["site"].name, "Kalua")
    qtbot.keyClick(side["site"].name, Qt.Key.Key_Return)
    assert state.plan.sites["C01"].name == "Kalua"
    assert "Kalua" in str(state.undo_label)
    assert state.undo()
    assert state.plan.sites["C01"].name == "Alto"
    assert side["site"].name.text() == "Alto"
    assert state.redo()
    assert state.plan.sites["C01"].name == "Kalua"


def test_a_place_becomes_a_possible_gateway_with_a_price_and_goes_back(state, side, qtbot):
    """Its connection is asked for until it has a price; what is drawn says whether the plan buys it."""
    state.select("site", "C01")
    panel = side["site"]
    role = panel.fields["role"]
    role.setCurrentText("Possible gateway")
    role.activated.emit(role.currentIndex())
    assert state.plan.sites["C01"].role is SiteRole.GATEWAY_OPTION
    assert panel.uplink_part.isVisibleTo(panel)
    assert "what it costs" in panel.no_uplink.text()
    panel.uplink["monthly_cost"].committed.emit(60.0)
    assert state.plan.sites["C01"].uplink.monthly_cost == 60.0
    assert panel.no_uplink.text() == "The plan does not buy this connection."
    site = state.plan.sites["C01"]
    assert site_symbol(site, ()) is Symbol.GATEWAY_OPTION
    assert site_symbol(site, ("C01",)) is Symbol.TOWER
    assert site_symbol(replace(site, uplink_bought=True), ("C01",)) is Symbol.GATEWAY
    assert state.undo()
    assert state.undo()
    assert state.plan.sites["C01"].role is SiteRole.CANDIDATE


def test_dragging_the_mast_shows_at_each_step_and_is_one_edit_at_release(state, side, qtbot):
    state.select("site", "C01")
    settle(state, qtbot)
    slider, before = side["site"].slider, state.project.version
    shown = []
    slider.previewed.connect(shown.append)
    middle = slider.height() // 2
    at = [round(slider._place(height * 2)) for height in (12, 17, 25)]
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(at[0], middle))
    qtbot.mouseMove(slider, QPoint(at[1], middle))
    qtbot.mouseMove(slider, QPoint(at[2], middle))
    assert state.project.version == before
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(at[2], middle))
    assert shown == [18.0, 24.0]
    assert state.project.version == before + 1
    assert state.plan.sites["C01"].mast_height_m == 24.0
    assert "24 m" in str(state.undo_label)
    state.undo()
    assert slider.height_m() == 12.0


def test_the_mast_moves_by_keys_from_height_to_height(state, side, qtbot):
    state.select("site", "C01")
    side["site"].slider.setFocus()
    qtbot.keyClick(side["site"].slider, Qt.Key.Key_Right)
    assert state.plan.sites["C01"].mast_height_m == 18.0
    qtbot.keyClick(side["site"].slider, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert state.plan.sites["C01"].mast_height_m == 19.0


def test_the_panel_says_what_a_higher_mast_costs_and_reaches(state, side, qtbot):
    state.request_service()
    state.select("site", "C01")
    settle(state, qtbot)
    assert "USD" in side["site"].gain.text()
    assert "m above sea" in side["site"].place.whole()
    assert side["site"].details is not None
    assert "L1" in side["site"].details.links


def test_sectors_are_added_turned_and_removed(state, side, qtbot):
    state.select("site", "C01")
    qtbot.mouseClick(side["site"].add_sector, Qt.MouseButton.LeftButton)
    card = side["site"]._sectors["S1"]
    card.azimuth.setFocus()
    card.azimuth.selectAll()
    qtbot.keyClicks(card.azimuth, "120")
    qtbot.keyClick(card.azimuth, Qt.Key.Key_Return)
    assert state.plan.sites["C01"].sectors[0].azimuth_deg == 120.0
    assert "120°" in str(state.undo_label)
    card.menu.actions()[-1].trigger()
    assert state.plan.sites["C01"].sectors == ()
    for _ in range(3):
        assert state.undo()
    assert state.plan.sites["C01"].sectors == ()


def test_a_home_that_is_not_reached_has_a_reason_and_a_fix_that_is_applied(state, side, qtbot):
    state.request_service()
    settle(state, qtbot)
    now = state.computed.service
    home = next(key for key in now.homes.ids if not now.is_seen(key))
    state.select("household", home)
    settle(state, qtbot)
    assert side["household"].reason.text()
    assert side["household"]._fixes is not None
    if not side["household"]._fixes.fixes:
        pytest.skip("nothing within the rules reaches this home")
    qtbot.mouseClick(side["household"].fix_button, Qt.MouseButton.LeftButton)
    assert state.plan.households[home].server is not None
    state.undo()
    assert state.plan.households[home].server is None


def test_channel_widths_of_sectors_and_links_are_those_of_their_radio_and_undone(state, side, qtbot):
    state.select("link", "L1")
    field = side["link"].channel_width
    offered = [field.itemText(n) for n in range(field.count())]
    assert offered[0].endswith("(as the kit)")
    assert "20 MHz" in offered
    field.activated.emit(offered.index("20 MHz"))
    assert state.plan.links["L1"].width_mhz == 20.0
    assert side["link"].channel_width.currentText() == "20 MHz"
    field.activated.emit(0)
    assert state.plan.links["L1"].width_mhz is None
    state.select("site", "C01")
    side["site"].add_sector.click()
    card = side["site"]._sectors["S1"]
    next(one for one in card.widths.actions() if one.text() == "40 MHz").trigger()
    assert state.plan.sites["C01"].sectors[0].width_mhz == 40.0
    assert "channel width of a sector" in str(state.undo_label)
    state.undo()
    assert state.plan.sites["C01"].sectors[0].width_mhz is None


def test_a_link_has_symbol_word_and_reason_and_can_be_removed(state, side, qtbot):
    state.select("link", "L1")
    settle(state, qtbot)
    assert side["link"].verdict.text()[0] in "✓▲✕?"
    assert side["link"].reason.text()
    qtbot.mouseClick(side["link"].remove, Qt.MouseButton.LeftButton)
    assert "L1" not in state.plan.links
    assert state.selection is None
    assert "remove link" in str(state.undo_label)
    state.undo()
    assert "L1" in state.plan.links


def test_every_control_has_a_name(state, side, settings, qtbot):
    tables = Tables(state, settings, side.context)
    qtbot.addWidget(tables)
    for kind, key in (("site", "C01"), ("household", "H001"), ("link", "L1")):
        state.select(kind, key)
        settle(state, qtbot)
    nameless = [
        widget
        for root in (side, tables)
        for kind in (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QAbstractItemView)
        for widget in root.findChildren(kind)
        if not widget.accessibleName()
        and not isinstance(widget, QScrollBar)
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), (QComboBox, QAbstractItemView, QLineEdit, QAbstractSpinBox))
        and widget.metaObject().className() not in {"QComboBoxListView", "QTableCornerButton", "QTabBar", "CloseButton"}
        and widget.parent().metaObject().className() not in {"QComboBoxPrivateContainer", "QTabBar"}
    ]
    assert nameless == []


def test_tables_begin_with_the_weakest_and_a_click_goes_there(state, side, settings, qtbot):
    tables = Tables(state, settings, side.context)
    qtbot.addWidget(tables)
    tables.resize(900, 400)
    tables.show()
    state.request_service()
    settle(state, qtbot)
    now, view = state.computed.service, tables.views["household"]
    reached = [now.is_seen(view.things.key_at(row)) for row in range(view.things.rowCount())]
    assert reached == sorted(reached)
    went = []
    side.context.goTo.connect(lambda *place: went.append(place))
    index = view.things.index(1, 0)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    assert went == [("household", view.things.key_at(1))]
    assert state.selection.id == view.things.key_at(1)
    qtbot.keyClicks(tables.filters["household"], "dehesa")
    assert 0 < view.things.rowCount() < len(state.plan.households)


def test_rows_are_edited_copied_duplicated_and_deleted(state, side, settings, qtbot):
    tables = Tables(state, settings, side.context)
    qtbot.addWidget(tables)
    tables.resize(900, 400)
    tables.show()
    view = tables.views["household"]
    view.things.sort(0, Qt.SortOrder.AscendingOrder)
    key = view.things.key_at(0)
    assert view.things.setData(view.things.index(0, 0), "Casa")
    assert state.plan.households[key].name == "Casa"
    assert "Casa" in str(state.undo_label)
    view.selectRow(0)
    view.copy()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[1].split("\t")[:2] == [key, "Casa"]
    count = len(state.plan.households)
    view.duplicate()
    assert len(state.plan.households) == count + 1
    view.selectAll()
    view.delete()
    assert len(state.plan.households) == 0
    state.undo()
    assert len(state.plan.households) == count + 1


def test_a_file_is_seen_before_it_is_imported_and_bad_rows_are_named(state, tmp_path, qtbot):
    file = tmp_path / "homes.csv"
    file.write_text("id,lat,lng,families\nX1,-8.19,-20.99,2\nX2,abc,-20.99,1\n", "utf-8")
    dialog = ImportDialog(state, file)  # deletes itself when it closes
    dialog.show()
    qtbot.waitUntil(lambda: dialog.trial is not None, timeout=30_000)
    assert not dialog.isModal()
    assert dialog.kind.currentData() == "households"
    assert dialog._mapping["weight"] == "families"
    assert "Row 3" in dialog.problems.item(0).text()
    assert not dialog.ok.isEnabled()
    dialog.skip.setChecked(True)
    with qtbot.waitSignal(dialog.imported, timeout=30_000):
        qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    assert state.plan.households["X1"].weight == 2.0
    assert "X2" not in state.plan.households
    state.undo()
    assert "X1" not in state.plan.households


def test_a_home_shows_other_ways_its_second_choice_and_its_pole(state, side, qtbot):
    state.request_service()
    settle(state, qtbot)
    now = state.computed.service
    far = [key for key in now.homes.ids if not now.is_seen(key)]
    for key in far:
        state.select("household", key)
        settle(state, qtbot)
        if side["household"]._fixes is not None and len(side["household"]._fixes.fixes) > 1:
            break
    found = side["household"]._fixes.fixes
    assert len(found) > 1
    assert "USD" in side["household"].fix_button.text()
    words, do = side["household"].ways[0]
    assert words.text() == str(found[1].words)
    qtbot.mouseClick(side["household"].other_ways.toggle, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(do, Qt.MouseButton.LeftButton)
    assert state.plan.households[key].server == found[1].site
    assert state.undo()
    qtbot.mouseClick(side["household"].on_pole, Qt.MouseButton.LeftButton)
    assert state.plan.households[key].on_pole
    side["household"].people.setValue(5.0)
    side["household"].people.editingFinished.emit()
    assert state.plan.households[key].people == 5.0
    side["household"].people.setValue(0.0)
    side["household"].people.editingFinished.emit()
    assert state.plan.households[key].people is None, "nobody counted"
    assert state.undo()
    near = next(key for key in now.homes.ids if now.is_seen(key) and now.second[now.homes.number[key]] >= 0)
    state.select("household", near)
    settle(state, qtbot)
    said = {name: value.text() for name, (_, value) in side["household"].served._rows.items()}
    assert "dB to spare" in said["Second choice"] or "·" in said["Second choice"]


def test_a_tower_says_who_loses_the_network_if_it_fails_and_whom_it_alone_reaches(state, side, qtbot):
    state.request_service()
    settle(state, qtbot)
    now = state.computed.service
    state.select("site", "G01")
    settle(state, qtbot)
    stake = outage_impact(state.plan, now, "G01")
    assert stake.behind > 0
    assert f"{stake.lost:,.0f} home" in side["site"].stake.text()
    assert "towers behind it" in side["site"].stake.text()
    state.select("site", "C01")
    settle(state, qtbot)
    stake = outage_impact(state.plan, now, "C01")
    assert f"{stake.lost:,.0f} home" in side["site"].stake.text()
    alone = (
        f"{stake.only:,.0f} home" if stake.only else "another tower reaches too" if stake.sees else "reaches no home"
    )
    assert alone in side["site"].only.text()
    state.apply(edits.remove(state.plan, "links", list(state.plan.links)))
    settle(state, qtbot)
    state.request_service()
    settle(state, qtbot)
    assert "no links lead from here" in side["site"].stake.text()
    home = next(key for key in now.homes.ids if now.site_of(key) == "C01" and now.is_seen(key))
    state.apply(edits.put(state.plan, [replace(state.plan.households[home], server="C01")]))
    state.request_service()
    settle(state, qtbot)
    state.select("household", home)
    settle(state, qtbot)
    assert "no links lead from there" in side["household"].verdict.text()
    assert not side["household"].fix_part.isHidden()
    state.select("site", "C05")
    settle(state, qtbot)
    assert side["site"].stake_part.isHidden()


def test_panels_are_made_one_by_one_or_when_they_are_asked_for(state, settings, qtbot):
    panel = SidePanel(state, settings, whole=False)
    qtbot.addWidget(panel)
    assert len(panel._pages) == 1  # of the plan as a whole
    state.select("household", next(iter(state.plan.households)))
    assert panel._stack.currentWidget() is panel._pages["household"]
    assert len(panel._pages) == 2
    made = 2
    while panel.make_next():
        made += 1
        assert len(panel._pages) == made
    assert set(panel._pages) == {"", *THINGS}
    assert panel._stack.currentWidget() is panel._pages["household"]

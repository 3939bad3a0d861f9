"""Who reads feet also types feet: masts and antennas are stored in metres all the same."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox

from cn_planner import i18n
from cn_planner.gui import words
from cn_planner.gui.dialogs.settings import PlanSettingsDialog
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.panels.tables import Tables
from cn_planner.gui.quantities import Quantities
from cn_planner.model import edits
from cn_planner.paths import resources


def typed(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_masts_and_antennas_are_typed_in_the_unit_that_is_read(state, settings, qtbot):
    side = SidePanel(state, settings)
    qtbot.addWidget(side)
    side.resize(376, 900)
    side.show()
    state.select("site", "C01")
    assert side["site"].mast_height.text() == "12 m"
    settings.set("units", "imperial")
    assert side["site"].mast_height.text() == "39.4 ft"
    version = state.project.version
    side["site"].mast_height.setFocus()
    qtbot.keyClick(side["site"].mast_height, Qt.Key.Key_Return)
    assert state.project.version == version  # looking at it in feet changes nothing
    typed(qtbot, side["site"].mast_height, "50")
    assert state.plan.sites["C01"].mast_height_m == pytest.approx(15.24)
    assert str(state.undo_label).startswith("mast of 15.2 m at ")
    state.select("household", "H001")
    typed(qtbot, side["household"].antenna_height, "20")
    assert state.plan.households["H001"].antenna_height_m == pytest.approx(6.096)
    settings.set("units", "metric")
    state.select("site", "C01")
    assert side["site"].mast_height.text() == "15.2 m"


def test_a_cell_of_a_table_is_typed_in_the_unit_that_it_shows(state, settings, qtbot):
    settings.set("units", "imperial")
    tables = Tables(state, settings, PanelContext(state, settings))
    qtbot.addWidget(tables)
    tables.resize(1100, 400)
    tables.show()
    tables.setCurrentIndex(1)
    view = tables.views["site"]
    column = next(n for n, one in enumerate(view.things.columns) if one.key == "mast")
    index = view.things.index(view.things.row_of("C01"), column)
    view.setCurrentIndex(index)
    view.edit(index)
    box = view.findChild(QDoubleSpinBox)
    assert box.text() == "39.4 ft"
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.findChild(QDoubleSpinBox) is None)
    assert state.plan.sites["C01"].mast_height_m == 12.0
    view.edit(view.things.index(view.things.row_of("C01"), column))
    box = view.findChild(QDoubleSpinBox)
    box.selectAll()
    qtbot.keyClicks(box, "50")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: state.plan.sites["C01"].mast_height_m != 12.0)
    assert state.plan.sites["C01"].mast_height_m == pytest.approx(15.24)
    assert str(state.undo_label).startswith("mast of 15.2 m at ")


def test_the_overview_and_the_greatest_mast_are_read_and_typed_in_feet(state, settings, qtbot):
    settings.set("units", "imperial")
    side = SidePanel(state, settings)
    qtbot.addWidget(side)
    side.resize(376, 900)
    side.show()
    assert side.overview.fields["demand.antenna_height_m"].text() == "16.4 ft"
    typed(qtbot, side.overview.fields["area.canopy_m"], "50")
    assert state.plan.area.canopy_m == pytest.approx(15.24)
    state.select("site", "C01")
    assert side["site"].fields["max_height_m"].text() == "98.4 ft"
    typed(qtbot, side["site"].fields["max_height_m"], "120")
    assert state.plan.sites["C01"].max_height_m == pytest.approx(36.576)


def test_what_holds_for_the_plan_is_typed_in_feet_and_miles(state, settings, qtbot):
    settings.set("units", "imperial")
    state.make(lambda plan: edits.change_section(plan, "rules", max_access_km=8.0))
    dialog = PlanSettingsDialog(None, state, Quantities(settings))
    qtbot.addWidget(dialog)
    dialog.show()
    masts, reach = dialog.fields["rules.mast_heights_m"], dialog.fields["rules.max_access_km"]
    assert masts.text() == "19.7, 39.4, 59.1, 78.7, 98.4"
    assert reach.text() == "4.97097"
    version = state.project.version
    for field in (masts, reach):
        field.setFocus()
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert state.project.version == version  # looked at, not changed
    typed(qtbot, masts, "20, 40")
    typed(qtbot, reach, "5")
    assert state.plan.rules.mast_heights_m == pytest.approx((6.1, 12.19))
    assert state.plan.rules.max_access_km == pytest.approx(8.05)


def test_a_field_writes_the_unit_that_sentences_write(state, settings, qtbot):
    i18n.use_catalogues(resources() / "translations")
    words.set_language("ar")
    try:
        side = SidePanel(state, settings)
        qtbot.addWidget(side)
        side.resize(376, 900)
        side.show()
        state.select("site", "C01")
        assert side["site"].mast_height.text() == "12 م"
        settings.set("units", "imperial")
        assert side["site"].mast_height.text() == "39.4 قدم"
    finally:
        words.set_language("en")

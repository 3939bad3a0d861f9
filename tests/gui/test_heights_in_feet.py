"""Who reads feet also types feet: masts and antennas are stored in metres all the same."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox

from cn_planner.gui.panels.desk import Desk
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.panels.tables import Tables


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
    assert side.site.height.text() == "12 m"
    settings.set("units", "imperial")
    assert side.site.height.text() == "39.4 ft"
    version = state.project.version
    side.site.height.setFocus()
    qtbot.keyClick(side.site.height, Qt.Key.Key_Return)
    assert state.project.version == version  # looking at it in feet changes nothing
    typed(qtbot, side.site.height, "50")
    assert state.plan.sites["C01"].mast_height_m == pytest.approx(15.24)
    state.select("household", "H001")
    typed(qtbot, side.home.height, "20")
    assert state.plan.households["H001"].antenna_height_m == pytest.approx(6.096)
    settings.set("units", "metric")
    state.select("site", "C01")
    assert side.site.height.text() == "15.2 m"


def test_a_cell_of_a_table_is_typed_in_the_unit_that_it_shows(state, settings, qtbot):
    settings.set("units", "imperial")
    tables = Tables(state, settings, Desk(state, settings))
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

"""Power in the window: the sun by hand and from a file, sets taken and taken back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from cn_planner.gui.dialogs.power import PowerDialog
from cn_planner.gui.intake import Intake, kind_of_things
from cn_planner.model import edits
from cn_planner.model.plan import Link, PowerSource

LEVEL = ("5.9", "5.8", "5.6", "5.2", "4.9", "4.6", "4.7", "5.2", "5.7", "5.9", "6.0", "6.0")
NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@pytest.fixture
def dialog(state, qtbot, settled):
    plan = state.plan
    masts = [replace(plan.sites[key], mast_height_m=12.0, power=PowerSource.SOLAR) for key in ("C01", "C02")]
    state.apply(edits.put(plan, [*masts, Link("L3", "C01", "C02")]))
    parent = QWidget()
    qtbot.addWidget(parent)
    asked = []
    made = PowerDialog(parent, state, asked.append, asked.append)
    made.show()
    settled(state)
    yield made
    made.close()


def test_twelve_figures_size_the_towers_and_their_sets_are_taken_and_taken_back(state, dialog, settled):
    assert len(dialog.cards) == 2
    before = state.plan
    for field, text in zip(dialog.months, LEVEL, strict=True):
        assert state.plan.sun.monthly_kwh_m2_day == before.sun.monthly_kwh_m2_day  # not before all are there
        field.setText(text)
        field.editingFinished.emit()
    assert state.plan.sun.monthly_kwh_m2_day == tuple(map(float, LEVEL))
    settled(state)
    assert dialog.take.isEnabled()
    assert any("hours of sun" in one for one in words(dialog))
    dialog.take.click()
    assert {one.site for one in state.plan.power.sets} == {"C01", "C02"}
    settled(state)
    assert "keeps them running" in dialog.said.text()
    assert not dialog.take.isEnabled()
    assert dialog.usual.isVisible()
    state.undo()
    assert state.plan.power.sets == ()
    state.undo()
    assert state.plan == before
    assert [field.text() for field in dialog.months] == [""] * 12


def words(dialog: PowerDialog) -> list[str]:
    return [one.text() for card in dialog.cards for one in card.findChildren(QLabel)]


def test_what_is_no_figure_is_said_and_nothing_changes(state, dialog):
    before = state.plan
    for field, text in zip(dialog.months, (*LEVEL[:11], "many"), strict=True):
        field.setText(text)
        field.editingFinished.emit()
    assert state.plan == before
    assert dialog.problem.isVisible()
    assert "many" in dialog.problem.text()
    dialog.months[11].setText("45")
    dialog.months[11].editingFinished.emit()
    assert "between 0 and 12" in dialog.problem.text()
    assert state.plan == before


def test_a_clear_sky_and_a_wish_are_edits_by_name(state, dialog, settled):
    dialog.clear.setValue(70)
    dialog.clear.editingFinished.emit()
    assert state.plan.sun.clearness == pytest.approx(0.7)
    dialog.wishes["power.uptime_pct"].setValue(99.9)
    dialog.wishes["power.uptime_pct"].editingFinished.emit()
    assert state.plan.power.uptime_pct == 99.9
    settled(state)


def test_a_file_of_the_sun_that_is_dropped_is_known_and_read(state, settled, tmp_path):
    site = next(iter(state.plan.sites.values()))
    path = tmp_path / "POWER_Point.json"
    path.write_text(json.dumps({
        "geometry": {"coordinates": [site.longitude, site.latitude, 500.0]},
        "properties": {"parameter": {"ALLSKY_SFC_SW_DWN": dict(zip(NAMES, map(float, LEVEL), strict=True))}},
        "parameters": {"ALLSKY_SFC_SW_DWN": {"units": "kW-hr/m^2/day"}},
    }), "utf-8")  # fmt: skip
    assert kind_of_things(path) == "sun"
    intake = Intake(state)
    intake.take([path])
    settled(state)
    assert state.plan.sun.monthly_kwh_m2_day == tuple(map(float, LEVEL))
    assert "sun from" in str(state.undo_label)

"""The shelf in the window: entries are copied, changed and removed; a pattern is looked at before it is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from cn_planner.gui.dialogs.entry import EntrySheet
from cn_planner.gui.dialogs.shelf import PatternSheet, ShelfSheet
from cn_planner.gui.state import AppState
from cn_planner.session.project import Project

SECTOR = "village-sector-5ghz"
ANTENNA = "litebeam-5ac-16-120-antenna"


@pytest.fixture
def state(qtbot, tmp_path: Path):
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="ES"):
        pass
    made = AppState()
    made.open(tmp_path / "a.cnplan.gpkg")
    qtbot.waitUntil(lambda: made.project is not None)
    yield made
    made.close()
    made.jobs.shutdown()


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


def fill(sheet: EntrySheet, **texts: str) -> None:
    for name, text in texts.items():
        field = sheet.fields[name]
        if isinstance(field, QPlainTextEdit):
            field.setPlainText(text)
        else:
            field.setText(text)


def test_a_kit_is_copied_changed_removed_and_each_step_undone(state: AppState, window: QWidget) -> None:
    sheet = ShelfSheet(window, state)
    form = EntrySheet(sheet, state, "kit", SECTOR)
    assert form.fields["name"].text() == "Village sector 5 GHz (own)"
    fill(form, name="Our sector", freq_mhz="5.58 GHz")
    form.keep()
    (kit,) = state.plan.shelf.kits
    assert (kit.id, kit.freq_mhz) == ("own-our-sector", 5580.0)
    assert sheet.list.item(0).text() == "Our sector · your own"
    sheet.list.setCurrentRow(0)
    form = EntrySheet(sheet, state, "kit", kit.id)
    fill(form, cable_loss_db="99")
    form.keep()
    assert "99" in form.problem.text()  # said above the form, which stays
    assert state.plan.shelf.kits == (kit,)
    fill(form, cable_loss_db="1.5 dB")
    form.keep()
    assert state.plan.shelf.kits[0].cable_loss_db == 1.5
    state.undo()
    assert state.plan.shelf.kits == (kit,)
    sheet._remove()
    assert state.plan.shelf.kits == ()
    assert str(state.undo_label) == "remove kit Our sector"
    sheet.close()


def test_a_price_list_goes_out_and_in(state: AppState, window: QWidget, tmp_path: Path) -> None:
    sheet = ShelfSheet(window, state)
    sheet.give_prices(tmp_path / "prices.xlsx")
    assert (tmp_path / "prices.xlsx").stat().st_size > 1000
    file = tmp_path / "prices.csv"
    file.write_text("id,price,date\nroof-pole,20,2026-11-20\nnothing,1,2026-11-20\n", encoding="utf-8")
    sheet.take_prices(file)
    assert "1 price is taken." in sheet.said.text()
    assert "row 3" in sheet.said.text()
    file.write_bytes(b"\x00")
    sheet.take_prices(file)
    assert "prices.csv" in sheet.said.text()
    assert len(state.plan.shelf.prices) == 1
    sheet.close()


def test_a_pattern_is_looked_at_then_kept(state: AppState, window: QWidget, shared_data: Path, tmp_path: Path) -> None:
    files = shared_data / "equipment" / "antenna_patterns"
    sheet = PatternSheet(window, state, ANTENNA)
    computed = sheet.plot.drawing
    sheet.look_at(files / "009_freq.t.msi")
    assert "line 2" in sheet.said.text()
    assert sheet.plot.drawing is computed
    sheet.look_at(files / "NSM5-Hpol.ant")
    assert "120 are stated" in sheet.said.text()
    assert state.plan.shelf.patterns == ()
    picture = QImage(640, 420, QImage.Format.Format_RGB32)
    sheet.plot.resize(640, 420)
    sheet.plot.render(picture)
    assert len({picture.pixel(x, 200) for x in range(0, 640, 2)}) > 5
    sheet.save(tmp_path / "plot.svg")
    assert "By this pattern" in (tmp_path / "plot.svg").read_text(encoding="utf-8")
    sheet.keep()
    assert state.plan.shelf.patterns[0].antenna == ANTENNA


def test_every_field_of_every_form_is_named(state: AppState, window: QWidget) -> None:
    for kind in ("kit", "radio", "antenna", "item"):
        form = EntrySheet(window, state, kind)
        assert all(field.accessibleName() for field in form.fields.values())
        form.keep()
        assert form.problem.text()
        form.close()

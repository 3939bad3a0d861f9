"""The shelf in the window: entries are copied, changed and removed; a pattern is looked at before it is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from small_network import small_network

from cn_planner.gui.dialogs.catalogue import CatalogueDialog, PatternDialog
from cn_planner.gui.dialogs.confirm import ConfirmDialog
from cn_planner.gui.dialogs.entry import EntryDialog
from cn_planner.gui.dialogs.prices import REPLACE, PricesDialog
from cn_planner.gui.panels.overview import OverviewPanel
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.message import msg
from cn_planner.model.edits import change_section
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


def fill(dialog: EntryDialog, **texts: str) -> None:
    for name, text in texts.items():
        field = dialog.fields[name]
        if isinstance(field, QPlainTextEdit):
            field.setPlainText(text)
        else:
            field.setText(text)


def test_a_kit_is_copied_changed_removed_and_each_step_undone(state: AppState, window: QWidget) -> None:
    dialog = CatalogueDialog(window, state)
    form = EntryDialog(dialog, state, "kit", SECTOR)
    assert form.fields["name"].text() == "Village sector 5 GHz (own)"
    fill(form, name="Our sector", freq_mhz="5.58 GHz")
    form.keep()
    (kit,) = state.plan.shelf.kits
    assert (kit.id, kit.freq_mhz) == ("own-our-sector", 5580.0)
    assert dialog.list.item(0).text() == "Our sector · your own"
    dialog.list.setCurrentRow(0)
    form = EntryDialog(dialog, state, "kit", kit.id)
    fill(form, cable_loss_db="99")
    form.keep()
    assert "99" in form.problem.text()  # said above the form, which stays
    assert state.plan.shelf.kits == (kit,)
    fill(form, cable_loss_db="1.5 dB")
    form.keep()
    assert state.plan.shelf.kits[0].cable_loss_db == 1.5
    state.undo()
    assert state.plan.shelf.kits == (kit,)
    dialog._remove()
    assert state.plan.shelf.kits == ()
    assert str(state.undo_label) == "remove kit Our sector"
    dialog.close()


def test_an_entry_is_found_by_parts_of_its_name_and_maker(state: AppState, window: QWidget) -> None:
    dialog = CatalogueDialog(window, state)
    dialog.kind.show_value("antenna")
    dialog.needle.setText("ubiquiti 30")
    names = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert 0 < len(names) < 12
    assert all("Ubiquiti" in name and "30" in name for name in names)
    dialog.needle.setText("no such thing")
    assert dialog.list.count() == 0
    assert dialog.key() is None
    dialog.close()


def looked_at(qtbot, dialog: CatalogueDialog, file: Path) -> PricesDialog:
    made = dialog.take_prices(file)
    qtbot.waitUntil(lambda: made.found is not None)
    return made


def shown(dialog: PricesDialog) -> dict[str, tuple[str, str]]:
    cells = [[dialog.table.item(row, place).text() for place in range(3)] for row in range(dialog.table.rowCount())]
    return {name: (before, after) for name, before, after in cells}


def test_a_price_list_is_looked_at_then_taken_or_left(qtbot, state: AppState, window: QWidget, tmp_path: Path) -> None:
    dialog = CatalogueDialog(window, state)
    dialog.give_prices(tmp_path / "prices.xlsx")
    assert (tmp_path / "prices.xlsx").stat().st_size > 1000
    file = tmp_path / "prices.csv"
    file.write_text("id,price,date\nroof-pole,20,2026-11-20\nnothing,1,2026-11-20\n", encoding="utf-8")
    pole = state.project.catalogue.items["roof-pole"].name
    looked = looked_at(qtbot, dialog, file)
    assert shown(looked) == {pole: ("14.00 USD, an example", "20.00 USD, 2026-11-20")}
    assert "1 price changes." in looked.said.text()
    assert "Row 3" in looked.problems.item(0).text()
    looked.close()
    assert state.plan.shelf.prices == ()
    looked_at(qtbot, dialog, file).keep()
    assert "1 price is taken." in dialog.said.text()
    assert [row.item for row in state.plan.shelf.prices] == ["roof-pole"]
    assert str(state.undo_label) == "price list with 1 price"
    dialog.close()


def test_prices_are_added_or_put_in_place_of_all_others(
    qtbot, state: AppState, window: QWidget, tmp_path: Path
) -> None:
    dialog = CatalogueDialog(window, state)
    file = tmp_path / "prices.csv"
    file.write_text("id,price,date\nroof-pole,20,2026-11-20\nfixings,5,2026-11-20\n", encoding="utf-8")
    looked_at(qtbot, dialog, file).keep()
    file.write_text("id,price,date\nroof-pole,20,2026-11-20\noutdoor-cable,2,2026-11-20\n", encoding="utf-8")
    looked = looked_at(qtbot, dialog, file)
    items = state.project.catalogue.items
    assert list(shown(looked)) == [items["outdoor-cable"].name]
    assert "1 price is what it was." in looked.said.text()
    looked.way.setCurrentIndex(1)
    looked.way.committed.emit(REPLACE)
    assert shown(looked)[items["fixings"].name] == ("5.00 USD, 2026-11-20", "6.00 USD, an example")
    assert "1 price of your own goes." in looked.said.text()
    assert "fall back" in looked.means.text()
    looked.keep()
    assert [row.item for row in state.plan.shelf.prices] == ["outdoor-cable", "roof-pole"]
    assert str(state.undo_label) == "price list with 2 prices, in place of all others"
    state.undo()
    assert [row.item for row in state.plan.shelf.prices] == ["fixings", "roof-pole"]
    dialog.close()


def test_a_dialog_that_was_closed_does_not_follow_the_plan(qtbot, state: AppState, window: QWidget) -> None:
    dialog = CatalogueDialog(window, state)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
    state.make(lambda plan: change_section(plan, "info", msg("name"), name="B"))
    assert state.plan.info.name == "B"


def test_a_file_that_is_no_price_list_is_said_and_not_taken(
    qtbot, state: AppState, window: QWidget, tmp_path: Path
) -> None:
    dialog = CatalogueDialog(window, state)
    (tmp_path / "prices.csv").write_bytes(b"\x00")
    looked = dialog.take_prices(tmp_path / "prices.csv")
    qtbot.waitUntil(lambda: "damaged" in looked.said.text())
    looked.keep()
    assert looked.table.isHidden()
    assert state.plan.shelf.prices == ()
    looked.close()
    dialog.close()


def test_a_pattern_is_looked_at_then_kept(state: AppState, window: QWidget, shared_data: Path, tmp_path: Path) -> None:
    files = shared_data / "equipment" / "antenna_patterns"
    dialog = PatternDialog(window, state, ANTENNA)
    computed = dialog.plot.drawing
    dialog.look_at(files / "009_freq.t.msi")
    assert "line 2" in dialog.said.text()
    assert dialog.plot.drawing is computed
    dialog.look_at(files / "NSM5-Hpol.ant")
    assert "85 are stated" in dialog.said.text()
    assert state.plan.shelf.patterns == ()
    picture = QImage(640, 420, QImage.Format.Format_RGB32)
    dialog.plot.resize(640, 420)
    dialog.plot.render(picture)
    assert len({picture.pixel(x, 200) for x in range(0, 640, 2)}) > 5
    dialog.save(tmp_path / "plot.svg")
    assert "By this pattern" in (tmp_path / "plot.svg").read_text(encoding="utf-8")
    dialog.keep()
    assert state.plan.shelf.patterns[0].antenna == ANTENNA


def test_every_field_of_every_form_is_named(state: AppState, window: QWidget) -> None:
    for kind in ("kit", "radio", "antenna", "item"):
        form = EntryDialog(window, state, kind)
        assert all(field.accessibleName() for field in form.fields.values())
        form.keep()
        assert form.problem.text()
        form.close()


def test_an_entry_is_held_against_its_data_sheet_figure_by_figure(state: AppState, window: QWidget) -> None:
    dialog = CatalogueDialog(window, state)
    dialog.kind.show_value("radio")
    dialog._fill()
    confirm = dialog._copy[4]
    assert not confirm.isHidden()
    form = ConfirmDialog(dialog, state, "litebeam-5ac-gen2")
    # A figure that is needed cannot become a blank, and of a blank nothing can be agreed to.
    words = {field: {str(one.itemData(n)) for n in range(one.count())} for field, one in form.answers.items()}
    assert words["most_tx_power_dbm"] == {"", "yes", "other"}
    assert words["least_tx_power_dbm"] == {"", "other"}
    assert words["weight_kg"] == {"", "yes", "no", "other"}
    assert not form.figures["max_power_w"].isEnabled()
    form.answers["max_power_w"].show_value("other")
    assert form.figures["max_power_w"].isEnabled()
    form.figures["max_power_w"].setText("8.2 W")
    form.answers["weight_kg"].show_value("yes")
    form.keep()
    assert "which data sheet" in form.problem.text()
    assert state.plan.shelf.readings == ()
    form.sheet.setText("LBE-5AC-Gen2_DS, 2021-03")
    form.keep()
    assert {one.field: (one.agrees, one.says) for one in state.plan.shelf.readings} == {
        "max_power_w": (False, 8.2), "weight_kg": (True, None),
    }  # fmt: skip
    assert state.project.catalogue.radios["litebeam-5ac-gen2"].max_power_w == 8.2
    dialog.kind.show_value("kit")
    dialog._fill()
    assert confirm.isHidden()


def test_the_cost_of_a_plan_says_how_many_of_its_prices_are_examples(qtbot, tmp_path: Path) -> None:
    path = tmp_path / "small.cnplan.gpkg"
    with Project.create(path, small_network(country="UG")):
        pass
    made = AppState()
    made.open(path)
    qtbot.waitUntil(lambda: made.project is not None)
    panel = OverviewPanel(PanelContext(made, Settings(tmp_path / "window.ini")))
    qtbot.addWidget(panel)
    panel.show()
    panel.show_plan()
    assert "prices of this cost are examples" in panel.prices.text()
    assert "Customs and taxes on goods are not in this cost" in panel.prices.text()
    made.project.change_settings({"costs.customs_pct": "30"})
    panel.show_plan()
    assert "Customs" not in panel.prices.text()
    made.close()
    made.jobs.shutdown()

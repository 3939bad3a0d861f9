"""The engineer's bench: a place typed in any form, and cells that come back from a spreadsheet, each as one edit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from cn_planner import geo
from cn_planner.gui.kinds import SEVERAL, Thing, of_several, several
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.panels.tables import Tables
from cn_planner.gui.panels.typed_number import TypedNumber
from cn_planner.gui.quantities import position
from cn_planner.model import edits
from cn_planner.model.plan import SiteRole


@pytest.fixture
def side(state, settings, qtbot):
    made = SidePanel(state, settings, PanelContext(state, settings))
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def tables(state, settings, qtbot):
    made = Tables(state, settings)
    qtbot.addWidget(made)
    made.resize(1200, 400)
    made.show()
    return made


def typed(field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    field.insert(text)
    QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize("form", ["degrees", "minutes", "seconds", "mgrs"])
@pytest.mark.parametrize(("kind", "table", "key"), [("site", "sites", "C05"), ("household", "households", "H001")])
def test_a_place_is_typed_in_any_form_and_one_undo_brings_it_back(state, side, form, kind, table, key) -> None:
    before = getattr(state.plan, table)[key]
    wanted = before.latitude + 0.01, before.longitude - 0.02
    state.select(kind, key)
    typed(side[kind].at, position(*wanted, form))
    now = getattr(state.plan, table)[key]
    assert geo.geodesic(now.latitude, now.longitude, *wanted).distance_m < 3.0
    state.undo()
    assert getattr(state.plan, table)[key] == before
    assert side[kind].at.text() == position(before.latitude, before.longitude, "degrees")


def test_what_is_no_place_is_said_and_what_stood_there_comes_back(state, side) -> None:
    said = []
    state.message.connect(said.append)
    state.select("site", "C05")
    before, shown = state.plan, side["site"].at.text()
    typed(side["site"].at, "behind the church")
    assert state.plan is before
    assert "behind the church" in str(said[-1].what)
    state.select("site", "C01")
    state.select("site", "C05")
    assert side["site"].at.text() == shown


def chosen(tables, kind: str, rows: list[int], column: str):
    view = tables.views[kind]
    tables.setCurrentWidget(view.parentWidget())
    number = next(n for n, one in enumerate(view.things.columns) if one.key == column)
    view.clearSelection()
    view.setCurrentIndex(view.things.index(rows[0], number))
    model = view.selectionModel()
    for row in rows:
        model.select(view.things.index(row, number), model.SelectionFlag.Select | model.SelectionFlag.Rows)
    return view


def paste(view, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    view.paste()


def test_one_cell_fills_the_rows_that_are_chosen_as_one_edit(state, tables) -> None:
    before = state.plan
    view = chosen(tables, "site", [0, 1, 2], "owner")
    keys = view.chosen()
    paste(view, "Cooperative")
    assert {state.plan.sites[key].owner for key in keys} == {"Cooperative"}
    state.undo()
    assert state.plan == before


def test_rows_that_are_chosen_stay_chosen_when_they_come_in_another_order(state, tables) -> None:
    view = chosen(tables, "site", [0, 1, 2], "owner")
    keys, at = set(view.chosen()), view.things.key_at(view.currentIndex().row())
    state.make(lambda plan: edits.put(plan, [replace(plan.sites[at], mast_height_m=None)]))
    view.things.reload()  # as when homes were counted anew: places without a mast are the last
    assert set(view.chosen()) == keys
    assert view.things.key_at(view.currentIndex().row()) == at
    view._take_together()
    assert {one.id for one in of_several(state.selection.id)} == keys


def test_what_was_copied_comes_back_by_its_ids_in_any_order(state, tables) -> None:
    view = chosen(tables, "site", [0, 1, 2], "owner")
    keys = view.chosen()
    view.copy()
    head, *lines = QGuiApplication.clipboard().text().splitlines()
    column = head.split("\t").index("Owner")
    edited = []
    for line in reversed(lines):
        cells = line.split("\t")
        cells[column] = f"Owner of {cells[0]}"
        edited.append("\t".join(cells))
    before = state.plan
    paste(view, "\n".join([head, *edited]))
    for key, site in state.plan.sites.items():
        assert site == (replace(before.sites[key], owner=f"Owner of {key}") if key in keys else before.sites[key])


def test_a_block_goes_below_the_cell_and_what_is_computed_stays(state, tables) -> None:
    """From Mast on: heights; the homes beside them are counted and not typed; then the greatest mast."""
    view = chosen(tables, "site", [0], "mast")
    first, second = (view.things.key_at(row) for row in (0, 1))
    paste(view, "15 m\t99\t30\n–\t99\t21,5")
    sites = state.plan.sites
    assert (sites[first].mast_height_m, sites[first].max_height_m) == (15.0, 30.0)
    assert (sites[second].mast_height_m, sites[second].max_height_m) == (None, 21.5)


def test_a_choice_is_taken_by_its_word(state, tables) -> None:
    view = chosen(tables, "site", [0, 1], "role")
    keys = view.chosen()
    paste(view, "gateway")
    assert {state.plan.sites[key].role for key in keys} == {SiteRole.GATEWAY}


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [("role", "castle", "castle is none of what Role can be"), ("mast", "high", "high is no number"),
     ("mast", "140", "may be"), ("mast", "900", "is not between"), ("mast", "12 ft", "12 ft is no number"),
     ("mast", "1 200", "is no number"), ("owner", "One\n" * 99, "no row"), ("consent", "yes\tno", "no column"),
     ("name", "id\tColour\nC01\tred", "no column Colour"), ("homes", "7", "Nothing of this can be pasted"),
     ("name", "id\tSite\nC99\tNew", "no row C99")],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_nothing_is_taken(state, tables, column, text, told) -> None:
    said = []
    state.message.connect(said.append)
    before = state.plan
    paste(chosen(tables, "site", [0, 1], column), text)
    assert state.plan is before
    assert told in str(said[-1].what)


def test_an_empty_cell_keeps_its_place_and_leaves_a_number_as_it_is(state, tables) -> None:
    view = chosen(tables, "site", [0, 1, 2], "owner")
    keys = view.chosen()
    paste(view, "Cooperative")
    paste(chosen(tables, "site", [0], "owner"), "Ana\n\nEva\n")
    assert [state.plan.sites[key].owner for key in keys] == ["Ana", "", "Eva"]
    before = [state.plan.sites[key].max_height_m for key in keys]
    paste(chosen(tables, "site", [0], "most"), "29\n–\n\n")
    assert [state.plan.sites[key].max_height_m for key in keys] == [29.0, *before[1:]]


@pytest.mark.parametrize(("text", "weight"), [("2e1", 20.0), ("1200", 1200.0), ("2,5", 2.5)])
def test_a_number_is_read_whole(state, tables, text, weight) -> None:
    view = chosen(tables, "household", [0], "weight")
    paste(view, text)
    assert state.plan.households[view.chosen()[0]].weight == weight


@pytest.mark.parametrize("text", ["1,200", "1 200", "about 3", "nan"])
def test_a_number_of_two_readings_or_none_is_refused(state, tables, text) -> None:
    said = []
    state.message.connect(said.append)
    before = state.plan
    paste(chosen(tables, "household", [0], "weight"), text)
    assert state.plan is before
    assert text in str(said[-1].what)


def test_the_rows_that_are_chosen_are_those_of_what_is_selected_and_delete_takes_no_others(state, tables) -> None:
    view = tables.views["household"]
    homes = [Thing("household", key) for key in ("H001", "H002", "H003")]
    state.select(*homes[0])
    assert view.chosen() == ["H001"]
    state.select(SEVERAL, several([*homes, Thing("site", "C05")]))  # as by a frame round them on the map
    assert set(view.chosen()) == {"H001", "H002", "H003"}
    state.select(*homes[1])  # one of them, by a click on the map
    view.delete()
    assert {"H001", "H003"} <= state.plan.households.keys()
    assert "H002" not in state.plan.households
    state.undo()
    state.select(*homes[1])
    state.select("site", "C05")
    before = state.plan
    view.delete()
    assert state.plan is before
    tables.setCurrentIndex(1)
    assert tables.views["site"].chosen() == ["C05"]
    state.select(None)
    tables.views["site"].delete()
    assert state.plan is before


@pytest.mark.parametrize(("text", "told"), [("12–14", "12–14 is not a number"), ("999999", "is not between")])
def test_a_cell_in_which_no_height_is_typed_stays_as_it_is_and_that_is_said(state, tables, text, told) -> None:
    said = []
    state.message.connect(said.append)
    before = state.plan
    view = chosen(tables, "site", [0], "mast")
    view.edit(view.currentIndex())
    line = view.findChild(TypedNumber).lineEdit()
    line.selectAll()
    line.insert(text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    QCoreApplication.processEvents()
    assert state.plan is before
    assert [one for one in said if told in str(one.what)]

"""The country of a new plan: set from where its files lie, asked near a border, never changed under the hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from cn_planner.area.country import Country
from cn_planner.gui.dialogs.new_plan import NewPlanSheet, country_of_chosen
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.gui.village import CountryBox, Village
from cn_planner.model.edits import put
from cn_planner.model.plan import Household
from cn_planner.progress import CancelToken
from cn_planner.session.project import Project


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


def sheet_of(window: QWidget, files: list[Path], made: list) -> NewPlanSheet:
    def locate(chosen: list[Path], done) -> None:
        done(country_of_chosen(chosen, CancelToken()))

    return NewPlanSheet(window, Path("folder"), lambda *what: made.append(what), files, locate)


def test_the_country_of_the_files_is_set_and_can_be_changed(window: QWidget, shared_data: Path) -> None:
    made: list = []
    sheet = sheet_of(window, [shared_data / "terrain" / "gulu_elevation_155m.tif"], made)
    assert sheet.country.code() == "UG"
    assert "Uganda" in sheet.place.text()
    sheet.country.choose("KE")
    sheet.country.activated.emit(sheet.country.currentIndex())
    sheet.add_files([shared_data / "households" / "gulu_buildings.csv"])
    assert sheet.country.code() == "KE"  # what a person chose stays
    assert "Uganda" in sheet.place.text()
    sheet._begin()
    assert made[0][2] == "KE"


def test_near_a_border_it_is_asked(window: QWidget, shared_data: Path) -> None:
    sheet = sheet_of(window, [shared_data / "terrain" / "N42E001.hgt.zip"], [])
    assert sheet.country.code() == ""
    assert "near a border" in sheet.place.text()
    assert "Spain" in sheet.place.text()
    sheet._leave(sheet.files[0], QWidget(sheet))
    assert sheet.place.isHidden()
    sheet.add_files([shared_data / "households" / "gulu_buildings.csv"])
    assert sheet.country.code() == "UG"
    sheet._leave(sheet.files[0], QWidget(sheet))
    assert sheet.country.code() == ""  # without files nothing is known any more


def test_what_is_found_after_the_sheet_was_closed_counts_no_more(qtbot, window: QWidget) -> None:
    asked: list = []
    sheet = NewPlanSheet(window, Path("folder"), lambda *_: None, [], lambda _files, done: asked.append(done))
    sheet.add_files([Path("a.csv")])
    sheet.show()
    sheet.close()
    asked[-1](Country("UG", sure=True))
    assert sheet.country.code() == ""


def test_the_question_in_the_rail_follows_the_places_until_a_person_answers(qtbot, tmp_path: Path) -> None:
    state = AppState()
    Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="").close()
    state.open(tmp_path / "a.cnplan.gpkg")
    qtbot.waitUntil(lambda: state.project is not None)
    card = Village(state, Settings())
    qtbot.addWidget(card)
    card.ask("info.country")
    box = card.findChild(CountryBox)
    assert box.code() == ""
    state.make(lambda plan: put(plan, [Household("H", "", 2.77, 32.3)]))
    qtbot.waitUntil(lambda: box.code() == "UG")
    box.choose("KE")
    state.make(lambda plan: put(plan, [Household("I", "", 2.78, 32.3)]))
    qtbot.waitUntil(lambda: not state.jobs.active())
    assert box.code() == "KE"
    state.close()
    state.jobs.shutdown()

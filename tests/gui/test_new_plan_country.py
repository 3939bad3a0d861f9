"""The country of a new plan: set from where its files lie, asked near a border, never changed under the hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from cn_planner.area.country import Country
from cn_planner.gui.dialogs.new_plan import NewPlanDialog, country_of_chosen
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


def dialog_of(window: QWidget, files: list[Path], made: list) -> NewPlanDialog:
    def locate(chosen: list[Path], done) -> None:
        done(country_of_chosen(chosen, CancelToken()))

    return NewPlanDialog(window, Path("folder"), lambda *what: made.append(what), files, locate)


def test_the_country_of_the_files_is_set_and_can_be_changed(window: QWidget, shared_data: Path) -> None:
    made: list = []
    dialog = dialog_of(window, [shared_data / "terrain" / "gulu_elevation_155m.tif"], made)
    assert dialog.country.code() == "UG"
    assert "Uganda" in dialog.place.text()
    dialog.country.choose("KE")
    dialog.country.activated.emit(dialog.country.currentIndex())
    dialog.add_files([shared_data / "households" / "gulu_buildings.csv"])
    assert dialog.country.code() == "KE"  # what a person chose stays
    assert "Uganda" in dialog.place.text()
    dialog._begin()
    assert made[0][2] == "KE"


def test_near_a_border_it_is_asked(window: QWidget, shared_data: Path) -> None:
    dialog = dialog_of(window, [shared_data / "terrain" / "N42E001.hgt.zip"], [])
    assert dialog.country.code() == ""
    assert "near a border" in dialog.place.text()
    assert "Spain" in dialog.place.text()
    for code, asked in (("AD", False), ("UG", True)):  # who has chosen one of them is not asked again
        dialog.country.choose(code)
        dialog.country.activated.emit(dialog.country.currentIndex())
        assert dialog.place.isHidden() is not asked
    dialog._chosen = False
    dialog._leave(dialog.files[0], QWidget(dialog))
    assert dialog.place.isHidden()
    dialog.add_files([shared_data / "households" / "gulu_buildings.csv"])
    assert dialog.country.code() == "UG"
    dialog._leave(dialog.files[0], QWidget(dialog))
    assert dialog.country.code() == ""  # without files nothing is known any more


def test_what_is_found_after_the_dialog_was_closed_counts_no_more(qtbot, window: QWidget) -> None:
    asked: list = []
    dialog = NewPlanDialog(window, Path("folder"), lambda *_: None, [], lambda _files, done: asked.append(done))
    dialog.add_files([Path("a.csv")])
    dialog.show()
    dialog.close()
    asked[-1](Country("UG", sure=True))
    assert dialog.country.code() == ""


def test_the_question_in_the_sidebar_follows_the_places_until_a_person_answers(qtbot, tmp_path: Path) -> None:
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

"""A village plans and prints in its own language: what is offered is spoken, and a new plan begins with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages import pofile

from cn_planner.gui import words
from cn_planner.gui.dialogs.settings import PlanSettingsDialog
from cn_planner.gui.quantities import Quantities
from cn_planner.gui.settings import WINDOW_SETTINGS
from cn_planner.gui.state import AppState
from cn_planner.i18n import SOURCE_LANGUAGE
from cn_planner.model.aims import Relays
from cn_planner.model.settings import PLAN_SETTINGS
from cn_planner.paths import resources
from cn_planner.session.sample import open_sample

CATALOGUES = {path.stem: path for path in (resources() / "translations").glob("*.po")}

_WORD, _NO_WORDS = re.compile(r"[A-Za-z]{3,}"), re.compile(r"\{[^{}]*\}|`[^`]*`")


def test_the_languages_that_are_offered_are_those_with_a_catalogue() -> None:
    offered = {choice.value for choice in WINDOW_SETTINGS["language"].choices} - {"system", SOURCE_LANGUAGE}
    assert offered == set(CATALOGUES)


@pytest.mark.parametrize("tag", sorted(CATALOGUES))
def test_a_language_that_is_offered_is_spoken_throughout(tag: str) -> None:
    with CATALOGUES[tag].open("rb") as file:
        every = [one for one in pofile.read_po(file, locale=tag, charset="utf-8") if one.id]
    # A sentence of yesterday may still wait for its translator.
    waiting = [one.id for one in every if not (one.string if isinstance(one.string, str) else all(one.string))]
    assert len(waiting) <= 0.02 * len(every), waiting


@pytest.mark.parametrize("tag", sorted(CATALOGUES))
def test_no_sentence_is_left_in_english(tag: str) -> None:
    with CATALOGUES[tag].open("rb") as file:
        same = [one.id for one in pofile.read_po(file, locale=tag, charset="utf-8") if one.id and one.id == one.string]
    # Units, names, signs and commands are the same in every language; three words are a sentence.
    assert not [text for text in same if len(_WORD.findall(_NO_WORDS.sub("", text))) >= 3]


@pytest.fixture
def in_arabic():
    words.set_language("ar")
    yield
    words.set_language("en")


def finish(state: AppState, qtbot) -> None:
    qtbot.waitUntil(lambda: state.project is not None and not state.jobs.active(), timeout=60_000)


def test_a_plan_made_in_arabic_is_printed_in_arabic(in_arabic, qtbot, tmp_path: Path) -> None:
    state = AppState()
    state.follow = False
    state.create(tmp_path / "village.cnplan.gpkg", name="قرية", country="SD")
    finish(state, qtbot)
    assert state.plan.info.language == "ar"
    state.shutdown()


def test_the_sample_made_in_spanish_is_printed_in_spanish(tmp_path: Path) -> None:
    with open_sample(tmp_path, language="es") as project:
        assert project.plan.info.language == "es"
    with open_sample(tmp_path, language="ar") as project:  # it is there: what it holds stays
        assert project.plan.info.language == "es"


def test_the_language_of_the_printed_plan_is_chosen_by_its_name_and_undone(state, settings, qtbot) -> None:
    dialog = PlanSettingsDialog(None, state, Quantities(settings))
    qtbot.addWidget(dialog)
    box = dialog.fields["info.language"]
    assert box.currentText() == "English"
    box.setCurrentIndex(box.findText("Español"))
    box.activated.emit(box.currentIndex())
    assert state.plan.info.language == "es"
    state.undo()
    assert box.currentText() == "English"


def test_what_is_chosen_from_has_words_and_not_the_words_of_the_file(state, settings, qtbot) -> None:
    """There stood `capital`, `willing` and `p526`, as in the plan."""
    dialog = PlanSettingsDialog(None, state, Quantities(settings))
    qtbot.addWidget(dialog)
    boxes = {key: dialog.fields[key] for key, setting in PLAN_SETTINGS.items()
             if setting.words and not key.startswith("kits.")}  # fmt: skip
    assert len(boxes) >= 5
    for key, box in boxes.items():
        shown = {box.itemData(at): box.itemText(at) for at in range(box.count())}
        assert set(shown) == set(PLAN_SETTINGS[key].words), key
        same = {one for one, words in shown.items() if words == one and len(one) > 1}
        assert same <= {"unknown", "lead"}, key
    box = boxes["rules.relays"]
    box.setCurrentIndex(box.findText("Those too that nobody asked yet"))
    box.activated.emit(box.currentIndex())
    assert state.plan.rules.relays is Relays.ASK


def test_a_language_that_the_program_does_not_speak_is_kept_and_shown(state, settings, qtbot) -> None:
    from cn_planner.model.settings import change_setting

    state.make(lambda plan: change_setting(plan, {"info.language": "nl"}))
    dialog = PlanSettingsDialog(None, state, Quantities(settings))
    qtbot.addWidget(dialog)
    assert dialog.fields["info.language"].currentText() == "nl"

"""Ctrl+K finds everything that can be done or gone to, by keys alone."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cn_planner.gui import theme, words
from cn_planner.gui.commands import COMMANDS
from cn_planner.gui.coverage_maps import VIEW_WORDS
from cn_planner.gui.dialogs.settings import SettingsDialog
from cn_planner.gui.kinds import THINGS, Thing
from cn_planner.gui.palette import PaletteEntry, rank
from cn_planner.gui.search_words import COMMAND_SEARCH, SETTING_SEARCH, THING_SEARCH, VIEW_SEARCH
from cn_planner.gui.settings import WINDOW_SETTINGS
from cn_planner.i18n import use_catalogues
from cn_planner.message import Message, msg
from cn_planner.model.settings import PLAN_SETTINGS
from cn_planner.paths import resources


@pytest.fixture(autouse=True)
def nothing_left_behind(nothing_left_by_module):
    """The window is that of the module, and so are its threads."""


@pytest.fixture(scope="module")
def shown(window_of, tmp_path_factory, sample_folder):
    """One window for all tests here: the palette changes nothing."""
    folder = tmp_path_factory.mktemp("palette") / "valley"
    shutil.copytree(sample_folder, folder)
    window = window_of(next(folder.glob("*.cnplan.gpkg")))
    window.open_palette()
    yield window
    theme.apply_look("light", 100.0)
    words.set_language("en")


@pytest.fixture
def palette(shown):
    shown.open_palette()
    return shown.palette_of_all


def titles(palette, text: str) -> list[str]:
    palette.field.setText(text)
    return [one.title for one in palette._shown.values()]


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [("gate", "gateway", "the gateway"), ("gate", "the gateway", "aggregate"), ("rtl", "reach the last", None),
     ("gate w", "gateway of the west", None)],
)  # fmt: skip
def test_what_begins_so_comes_before_what_only_holds_it(typed: str, better: str, worse: str | None) -> None:
    first = rank(better, typed.split())
    assert first is not None
    assert worse is None or first < rank(worse, typed.split())
    assert rank("nothing of it", ["gate"]) is None


def test_every_command_place_home_and_setting_is_found_by_its_name(palette, shown) -> None:
    there = {one.title for one in palette._entries}
    for command in COMMANDS:
        if command.key != "palette" and shown.commands[command.key].isEnabled():
            assert shown.commands[command.key].text().replace("&", "").removesuffix("…") in there
    plan = shown.state.plan
    for rows in (plan.sites, plan.households):
        assert all(any((row.name or key) in title for title in there) for key, row in rows.items())
    assert all(words.tr(one.meaning) in there for one in PLAN_SETTINGS.values())


@pytest.mark.parametrize(
    ("typed", "command"),
    [("spectrum", "band"), ("frequency", "give_channels"), ("split", "draw_link"), ("export", "share"),
     ("photo", "what_seen"), ("merge", "bring_together"), ("calibrate", "measured"), ("units", "settings"),
     ("feet", "settings"), ("dark", "settings"), ("coverage", "make_plan"), ("version", "compare"),
     ("version", "about"), ("second way", "make_plan"), ("import csv", "import_homes"), ("pdf", "share")],
)  # fmt: skip
def test_what_people_type_finds_what_does_it(palette, shown, typed: str, command: str) -> None:
    assert shown.commands[command].text().replace("&", "").removesuffix("…") in titles(palette, typed)


def test_coverage_finds_the_maps_and_second_way_the_towers(palette, shown) -> None:
    assert {words.tr(one) for one in VIEW_WORDS.values()} <= set(titles(palette, "coverage"))
    assert any("(C05)" in title for title in titles(palette, "second way"))


def test_a_name_comes_before_what_is_only_called_so_elsewhere(palette) -> None:
    assert titles(palette, "terrain")[0].startswith("Terrain in 3D")
    assert titles(palette, "zoom")[:2] == ["Zoom in", "Zoom out"]


def test_enter_puts_the_keys_on_a_setting_of_the_window(palette, shown, qtbot) -> None:
    assert titles(palette, "feet")[-1] == "Units"
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    dialog = shown.findChild(SettingsDialog)
    qtbot.waitUntil(lambda: dialog.focusWidget() is dialog.fields["units"])
    dialog.close()


def test_other_words_are_of_what_there_is() -> None:
    assert set(COMMAND_SEARCH) <= {one.key for one in COMMANDS}
    assert set(SETTING_SEARCH) <= {key for key, one in WINDOW_SETTINGS.items() if one.shown}
    assert set(THING_SEARCH) <= set(THINGS)
    assert set(VIEW_SEARCH) == set(VIEW_WORDS)


def test_enter_goes_to_a_tower_and_escape_goes_nowhere(palette, shown, qtbot) -> None:
    site = shown.state.plan.sites["C05"]
    palette.field.insert(site.name)
    assert titles(palette, site.name)[0].startswith(site.name)
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert palette.isHidden()
    assert shown.state.selection is None
    shown.open_palette()
    palette.field.insert(site.name)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isHidden()
    assert shown.state.selection == Thing("site", "C05")
    qtbot.waitUntil(lambda: not shown.regions.canvas._motion.active, timeout=20_000)
    shown.state.select(None)


def test_the_keyboard_walks_the_list_past_its_heads(palette) -> None:
    titles(palette, "tower")
    rows = list(palette._shown)
    assert palette.list.currentRow() == rows[0]
    for row in (*rows[1:], rows[0]):
        QTest.keyClick(palette.field, Qt.Key.Key_Down)
        assert palette.list.currentRow() == row


def test_enter_does_a_command_and_it_comes_first_the_next_time(palette, shown) -> None:
    titles(palette, "full screen")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert shown.isFullScreen()
    shown.do("full_screen")
    shown.open_palette()
    assert next(iter(palette._shown.values())).title == "Full screen"


def test_what_is_no_name_is_looked_for_as_coordinates(palette, shown, qtbot) -> None:
    assert titles(palette, "-8.19, -20.98") == []
    assert "coordinates" in palette.said.text()
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not shown.regions.canvas._motion.active, timeout=20_000)
    latitude, longitude = shown.regions.canvas.view.geo_at(
        shown.regions.canvas.view.width / 2, shown.regions.canvas.view.height / 2
    )
    assert (latitude, longitude) == pytest.approx((-8.19, -20.98), abs=0.2)


def test_it_speaks_the_language_of_the_window(palette, shown) -> None:
    use_catalogues(resources() / "translations")
    words.set_language("es")
    try:
        shown.open_palette()
        found = {one.title for one in palette._entries}
        assert shown.commands["measure"].text() in found
        assert "Measure" not in found
    finally:
        words.set_language("en")


def test_no_value_is_said_in_the_words_of_a_program(palette) -> None:
    titles(palette, "the")
    assert not {one.aside for one in palette._entries} & {"True", "False", "None"}


def test_other_words_are_taken_apart_at_the_comma_of_any_language() -> None:
    """Not every list has a space after it."""
    lists = ("mast,relay", "mast\u060crelay", "mast\u3001relay", "mast \uff0c relay")
    ranks = {PaletteEntry.of(msg("Do"), "Place a tower", "", print, Message(one)).rank(["relay"]) for one in lists}
    assert len(ranks) == 1
    worse = PaletteEntry.of(msg("Do"), "Place a tower", "", print, Message("mastrelay")).rank(["relay"])
    assert worse > max(ranks)

"""What stands in lines: figures beside their words in each language, lines up to their edge, and no half of a word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument, QTextLayout
from PySide6.QtWidgets import QApplication

from cn_planner import i18n, paths
from cn_planner.gui import words
from cn_planner.gui.overview import SidebarTask, Stage
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.fields import ChoiceField, NameField
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.parts import caption
from cn_planner.gui.panels.table_models import HomeTable, SiteTable
from cn_planner.gui.panels.verdict_card import LinesRoom
from cn_planner.gui.sidebar import RailShape, TaskButton
from cn_planner.message import msg
from cn_planner.model import edits

LANGUAGES = ("en", "es", "fr", "pt", "sw", "hi", "ar")


@pytest.fixture
def speak(qapp):
    """Turn the window's language, and its direction, as the window does; afterwards all is as before."""
    before = list(i18n._folders)
    i18n.use_catalogues(paths.resources() / "translations")

    def turn(language: str) -> None:
        words.set_language(language)
        QApplication.setLayoutDirection(words.layout_direction())

    yield turn
    words.set_language("en")
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    i18n._folders[:] = before
    i18n._catalogue.cache_clear()


def said() -> list[tuple[str, tuple[str, ...]]]:
    """The sentences of a home's panel as it says them, each with figures and names that stand in it."""
    nine, down, up = formatters.with_unit(9.0, "dB"), formatters.data_rate(51.0), formatters.data_rate(25.0)
    return [
        (words.tr(msg("{spare}; slower for another {more:.0f} dB", spare=nine, more=15.0)), ("9", "15")),
        (words.tr(msg("{down} there, {up} back", down=down, up=up)), ("51", "25")),
        (words.tr(msg("{site}, {margin} to spare at {rate}", site="Alto", margin=nine, rate=down)),
         ("Alto", "9", "51")),
        (formatters.dotted("Alto", formatters.verdict(None)[1], down), ("Alto", "51")),
        (formatters.spaced("Alto", words.tr(msg("{value:,.1f} km", value=7.4))), ("Alto", "7")),
    ]  # fmt: skip


def places_by_document(text: str, found: list[int]) -> list[float]:
    """Where letters stand in a text that can be selected."""
    document = QTextDocument()
    document.setPlainText(text)
    document.setTextWidth(2000.0)
    document.size()
    return where(document.firstBlock().layout(), found)


def places_by_layout(text: str, found: list[int]) -> list[float]:
    """Where letters stand in a text that is only drawn."""
    layout = QTextLayout(text)
    layout.beginLayout()
    layout.createLine().setLineWidth(2000.0)
    layout.endLayout()
    return where(layout, found)


def where(layout: QTextLayout, found: list[int]) -> list[float]:
    line = layout.lineAt(0)
    places = []
    for at in found:
        runs = line.glyphRuns(at, 1)
        assert runs, "the letter is drawn"
        places.append(runs[0].positions()[0].x())
    return places


@pytest.mark.parametrize("places", [places_by_document, places_by_layout])
@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_and_names_stand_in_the_order_in_which_they_are_read(speak, language, places) -> None:
    speak(language)
    for text, tokens in said():
        found = sorted(text.index(one) for one in tokens)
        along = places(text, found)
        assert along == sorted(along, reverse=language == "ar"), (text, along)


def test_a_figure_and_its_sign_stay_in_one_line(speak) -> None:
    speak("ar")
    for text in (formatters.with_unit(99.0, "%"), words.tr(msg("{pct:.0f} % of a day", pct=99.0)),
                 formatters.data_rate(51.0)):  # fmt: skip
        at = max(text.index("9") if "9" in text else 0, text.index("1") if "1" in text else 0) + 1
        assert " " not in text[at : at + 2], text


def ink(widget) -> list[tuple[int, int]]:
    """Return first and last column with ink of each run of rows that has any."""
    picture = widget.grab().toImage()
    ground = picture.pixel(1, 1)
    lines, open_ = [], None
    for y in range(picture.height()):
        drawn = [x for x in range(picture.width()) if picture.pixel(x, y) != ground]
        if drawn:
            open_ = (min(open_[0], drawn[0]), max(open_[1], drawn[-1])) if open_ else (drawn[0], drawn[-1])
        elif open_:
            lines.append(open_)
            open_ = None
    return [*lines, open_] if open_ else lines


def test_lines_broken_at_a_space_begin_at_their_edge(speak, qtbot) -> None:
    speak("ar")
    label = caption("للل للل للل للل للل للل للل للل للل للل للل للل")
    qtbot.addWidget(label)
    label.resize(120, 200)
    label.show()
    qtbot.waitExposed(label)
    lines = ink(label)
    assert len(lines) >= 2
    assert max(end for _, end in lines) - min(end for _, end in lines) <= 1, lines


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_state_of_a_task_stays_within_its_card(speak, qtbot, language) -> None:
    speak(language)
    for name in ("Post office", "Cerro g014", "Alto", "Serra de la Vall"):
        state = msg("Nothing is said of the Internet connection at gateway {site}.", site=name)
        task = SidebarTask("sites", msg("Places"), Stage.ATTENTION, state, msg("Fill it in"), "fill", "")
        button = TaskButton(task)
        qtbot.addWidget(button)
        button.take_shape(RailShape.WIDE, 176)
        button.resize(button.sizeHint())
        button.show()
        qtbot.waitExposed(button)
        picture = button.grab().toImage()
        end = 0 if language == "ar" else picture.width() - 1
        assert len({picture.pixel(end, y) for y in range(picture.height())}) == 1, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_long_verdict_whole_lines_are_seen_from_its_beginning(speak, qtbot, language) -> None:
    speak(language)
    reason = caption()
    reason.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
    room = LinesRoom(reason)
    qtbot.addWidget(room)
    room.resize(336, 70)
    room.show()
    room.fit(90)  # so narrow it is before it is laid out: what it then needed must not stay
    one = words.tr(msg("Nothing is said of the Internet connection at gateway {site}.", site="Alto"))
    reason.setText(" ".join([one] * 4))
    room.fit(336)
    QApplication.processEvents()
    assert reason.alignment() & Qt.AlignmentFlag.AlignTop
    picture = room.viewport().grab().toImage()
    rows = [len({picture.pixel(x, y) for x in range(picture.width())}) > 1 for y in range(picture.height())]
    assert any(rows[:20]), "the first line is seen"
    assert not rows[-1], "no line is cut in half"
    assert picture.height() >= 30
    reason.setText(one[:10])
    room.fit(336)
    assert reason.height() <= 40, "it is as high as what it says now"


def test_a_label_keeps_its_height_of_line_when_the_window_turns(speak, qtbot) -> None:
    label = caption("a")
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
    qtbot.addWidget(label)
    label.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert label.alignment() & Qt.AlignmentFlag.AlignTop
    assert label.alignment() & Qt.AlignmentFlag.AlignRight


def test_a_name_in_other_letters_stands_at_the_edge_where_lines_begin(qtbot) -> None:
    field = NameField("Name")
    qtbot.addWidget(field)
    assert field.alignment() & Qt.AlignmentFlag.AlignLeft
    field.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert field.alignment() & Qt.AlignmentFlag.AlignRight
    assert field.alignment() & Qt.AlignmentFlag.AlignAbsolute  # Qt turns what is not absolute by the letters


def test_a_choice_that_is_longer_than_its_room_says_so_and_all_of_it_in_its_tip(qtbot) -> None:
    box = ChoiceField("Which", (("a", "Short"), ("b", "The planner may choose what it finds to be the best")))
    qtbot.addWidget(box)
    box.resize(140, 32)
    box.show()
    qtbot.waitExposed(box)
    box.show_value("b")
    assert box.toolTip() == "The planner may choose what it finds to be the best"
    assert box._shown()[1].endswith("…")
    box.show_value("a")
    assert box.toolTip() == ""


def test_heights_that_people_set_are_shown_as_they_are_kept(state, settings) -> None:
    home, site = next(iter(state.plan.households.values())), state.plan.sites["C01"]
    state.apply(edits.put(state.plan, [replace(home, antenna_height_m=6.5),
                                       replace(site, mast_height_m=12.5, max_height_m=25.5)]))  # fmt: skip
    context = PanelContext(state, settings)
    homes, sites = HomeTable(context), SiteTable(context)
    shown = {one.key: one.text(home.id) for one in homes.columns}
    assert shown["antenna"] == "6.5 m"
    shown = {one.key: one.text("C01") for one in sites.columns}
    assert (shown["mast"], shown["most"]) == ("12.5 m", "25.5 m")

"""The window as a person meets it: it opens, can be reached by keys, speaks to screen readers, mirrors, takes files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
    QWidget,
)

from cn_planner import i18n
from cn_planner.gui import theme, words
from cn_planner.gui.app import make_window, show_whole
from cn_planner.gui.commands import COMMANDS, MENUS
from cn_planner.gui.panels.typed_number import TypedNumber
from cn_planner.gui.settings import Settings
from cn_planner.gui.sidebar import RailShape
from cn_planner.gui.status_bar import StatusBar
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.window import LOW_PX, TIGHT_PX, MainWindow
from cn_planner.gui.words import tr
from cn_planner.jobs import Job, Slot, close_pools
from cn_planner.message import msg
from cn_planner.paths import resources
from cn_planner.service.path_view import PathEnd

HOMES = "id,name,latitude,longitude\nH1,Ana,-8.19,-20.99\nH2,Beto,-8.18,-20.98\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tmp_path / "window.ini")
    made.set("look", "light")
    made.set("language", "en")
    made.set("tour_seen", True)
    return made


@pytest.fixture
def window(qtbot, settings: Settings) -> MainWindow:
    made = make_window(settings)
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.shutdown()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()
    theme.apply_look("light", 100.0)
    words.set_language("en")
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture
def sample(window: MainWindow, qtbot, valley_folder: Path) -> MainWindow:
    window.state.open_sample(valley_folder)
    qtbot.waitUntil(lambda: window.state.project is not None, timeout=20_000)
    settle(window, qtbot)
    return window


def settle(window: MainWindow, qtbot) -> None:
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)


@pytest.fixture
def translated(monkeypatch):
    """Have sentences in the languages that are shipped, as the program has."""
    monkeypatch.setattr(i18n, "_folders", [])
    i18n.use_catalogues(resources() / "translations")
    yield
    i18n._catalogue.cache_clear()


def controls(root: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QSlider)
    return [one for one in root.findChildren(QWidget) if isinstance(one, kinds)]


def _of_qt(widget: QWidget) -> bool:
    """Whether Qt itself made a part of a control: the field in a spin box, the arrows of a bar."""
    return widget.objectName().startswith("qt_") or isinstance(
        widget.parentWidget(), QComboBox | QAbstractSpinBox | QLineEdit
    )


def nameless(root: QWidget) -> list[str]:
    found = []
    for one in controls(root):
        # Qt reads the words on a button itself.
        words = one.text() if isinstance(one, QAbstractButton) else ""
        if one.isVisible() and not _of_qt(one) and not one.accessibleName() and not words:
            found.append(f"{type(one).__name__} {one.objectName()} in {type(one.parentWidget()).__name__}")
    return found


def test_the_first_page_offers_the_sample_a_new_plan_and_an_old_one(window: MainWindow) -> None:
    names = [one.accessibleName() for one in window.start.findChildren(QAbstractButton) if one.isVisible()]
    assert "Open the sample valley" in names
    assert "New plan…" in names
    assert "Open a plan…" in names


def test_the_sample_opens_with_its_homes_its_tasks_and_its_question(sample: MainWindow) -> None:
    assert len(sample.state.plan.households) == 150
    assert sample.sidebar.item("people").button.accessibleName().startswith("People: done.")
    assert sample.sidebar.item("connect").action.text() == "Plan the network"
    assert "Sample valley" in sample.windowTitle()
    assert sample.regions.canvas.isVisible()


def test_every_control_has_a_name_for_those_who_hear_the_window(sample: MainWindow, qtbot) -> None:
    assert nameless(sample) == []
    for kind, key in (("site", "C01"), ("household", "H001")):
        sample.state.select(kind, key)
        settle(sample, qtbot)
        assert nameless(sample) == []
    sample.show_tables(True)
    QApplication.processEvents()
    assert nameless(sample) == []


DIALOGS = (
    "settings",
    "plan_settings",
    "share",
    "new",
    "data",
    "manual",
    "shortcuts",
    "about",
    "find",
    "tradeoff",
    "give_channels",
    "compare",
)


def test_every_dialog_opens_beside_the_window_with_names_and_closes(sample: MainWindow, qtbot) -> None:
    for key in DIALOGS:
        sample.do(key)
        dialog = sample.do._dialogs[key]
        assert not dialog.isModal(), key
        assert dialog.accessibleName(), key
        assert nameless(dialog) == [], key
        dialog.close()
        qtbot.waitUntil(lambda key=key: key not in sample.do._dialogs, timeout=2_000)
        settle(sample, qtbot)


def test_every_command_is_in_a_menu_and_can_be_done(window: MainWindow) -> None:
    assert {command.menu for command in COMMANDS} == {name for name, _ in MENUS}
    assert {command.key for command in COMMANDS} <= window.do.keys
    for command in COMMANDS:
        assert window.commands[command.key].text()


def test_no_two_commands_take_the_same_keys(window: MainWindow) -> None:
    taken: dict[str, str] = {}
    for key, action in window.commands.actions.items():
        for sequence in action.shortcuts():
            text = sequence.toString()
            assert text not in taken, f"{text} is {taken.get(text)} and {key}"
            taken[text] = key


def test_tab_reaches_every_control_that_is_shown(sample: MainWindow, qtbot) -> None:
    sample.activateWindow()
    wanted = {
        one
        for one in controls(sample)
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and not _of_qt(one)
    }
    seen: set[QWidget] = set()
    at: QWidget = sample.regions.canvas
    while at not in seen:
        seen.add(at)
        at = at.nextInFocusChain()
    missing = [one.accessibleName() for one in wanted if one not in seen]
    assert missing == []


def test_undo_and_redo_say_what_they_do(sample: MainWindow) -> None:
    from dataclasses import replace

    from cn_planner.model.edits import put

    site = sample.state.plan.sites["C01"]
    sample.state.apply(put(sample.state.plan, [replace(site, latitude=site.latitude + 0.001)]))
    assert sample.commands["undo"].text() == f"Undo: move site {site.name}"
    sample.do("undo")
    assert sample.commands["redo"].text() == f"Redo: move site {site.name}"
    assert sample.state.plan.sites["C01"] == site


def test_the_delete_key_on_the_map_deletes_what_is_selected(sample: MainWindow, qtbot) -> None:
    sample.activateWindow()
    sample.state.select("site", "C01")
    sample.regions.canvas.setFocus()
    qtbot.waitUntil(sample.regions.canvas.hasFocus)  # the window becomes the active one in its own time
    qtbot.keyClick(sample.regions.canvas, Qt.Key.Key_Delete)
    assert "C01" not in sample.state.plan.sites
    sample.do("undo")
    assert "C01" in sample.state.plan.sites


def test_other_units_and_another_language_reach_what_is_shown_already(
    sample: MainWindow, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = list(sample.state.plan.sites.values())[:2]
    sample.state.live_path(
        PathEnd(a.latitude, a.longitude, kind="site", id=a.id), PathEnd(b.latitude, b.longitude, kind="site", id=b.id)
    )
    settle(sample, qtbot)
    card = sample.regions.profile.card
    assert " km" in card.path.whole()
    sample.settings.set("units", "imperial")
    assert " mi" in card.path.whole()
    assert " ft" in card.reason.text()
    sample.settings.set("units", "metric")
    assert " km" in card.path.whole()
    assert " ft" not in card.reason.text()
    monkeypatch.setattr(i18n, "_folders", [])
    i18n.use_catalogues(resources() / "translations")
    try:
        sample.settings.set("language", "ar")
        assert "Saved" not in sample.status_bar._saved.text()
        sample.settings.set("language", "en")
        assert "Saved" in sample.status_bar._saved.text()
    finally:
        i18n._catalogue.cache_clear()
    settle(sample, qtbot)


def test_the_window_mirrors_for_arabic_and_back(sample: MainWindow, qtbot) -> None:
    def middle(widget: QWidget) -> int:
        return widget.mapTo(sample, QPoint(widget.width() // 2, 0)).x()

    def in_order() -> bool:
        return middle(sample.sidebar) < middle(sample.regions.map_region) < middle(sample.regions.side)

    def mirrored() -> bool:
        return middle(sample.sidebar) > middle(sample.regions.map_region) > middle(sample.regions.side)

    assert in_order()
    sample.settings.set("language", "ar")
    assert sample.layoutDirection() is Qt.LayoutDirection.RightToLeft
    qtbot.waitUntil(mirrored, timeout=3_000)
    sample.settings.set("language", "en")
    qtbot.waitUntil(in_order, timeout=3_000)
    settle(sample, qtbot)


def test_what_stands_over_the_map_speaks_the_language_that_is_chosen_then(sample: MainWindow, qtbot) -> None:
    done: list[str] = []
    told = Notice(Level.WARNING, msg("The plan has no homes."), "N02E032", msg("Plan again"), details="report")
    unsay = sample.say(told, (msg("Choose the gateway"), lambda: done.append("once")))
    (card,) = sample.messages.cards

    def said() -> list[str]:
        shown = [one.text() for one in card.findChildren(QWidget) if isinstance(one, QLabel | QAbstractButton)]
        return [card.accessibleName(), *filter(None, shown)]

    english = said()
    sample.settings.set("language", "ar")
    assert sample.messages.cards == [card]
    arabic = said()
    sample.settings.set("language", "en")
    assert said() == english
    changed = [a != b for a, b in zip(english, arabic, strict=True)]
    assert changed == [text != "N02E032" for text in english], (english, arabic)
    unsay()
    unsay()
    assert sample.messages.cards == []
    assert done == []


def test_a_small_window_keeps_the_words_of_the_sidebar_and_leaves_the_map_its_room(sample: MainWindow) -> None:
    assert sample.sidebar.shape is RailShape.WIDE
    assert not sample.regions.bottom.isVisible()
    for width in (1280, TIGHT_PX):
        sample.resize(width, LOW_PX - 80)
        QApplication.processEvents()
        assert sample.sidebar.shape is RailShape.SLIM
        assert sample.regions.map_region.width() > 400
    sample.sidebar.choose("connect")
    QApplication.processEvents()
    chosen, other = (sample.sidebar.item(key).button for key in ("connect", "share"))
    assert chosen.height() > other.height()  # the state of the chosen one alone stands below its name
    assert not chosen.toolTip()
    assert tr(other.task.state) in other.toolTip()
    assert sample.sidebar.item("connect").action.isVisible()
    sample.resize(TIGHT_PX - 80, LOW_PX - 80)
    QApplication.processEvents()
    assert sample.sidebar.folded
    assert not sample.regions.bottom.isVisible()
    for key in ("area", "share"):
        assert sample.sidebar.item(key).button.toolTip()
    sample.commands["show_profile"].trigger()
    assert sample.regions.bottom.isVisible()
    assert sample.regions.map_region.height() > 200
    sample.commands["show_tables"].trigger()
    assert sample.regions.bottom.isVisible()
    sample.commands["show_tables"].trigger()
    sample.commands["show_profile"].trigger()
    assert not sample.regions.bottom.isVisible()


def test_letters_twice_as_large_have_room_at_once(translated, sample: MainWindow, qtbot) -> None:
    """In bar, tools, panel and tasks, and each verb of these in every language."""
    sample.resize(1280, 720)
    QApplication.processEvents()
    side = sample.regions.side.width()
    sample.settings.set("text_percent", 200)
    sample.resize(1440, 900)
    qtbot.waitUntil(lambda: sample.regions.side.width() > 1.4 * side, timeout=5_000)
    assert sample.top.height() == 112
    assert sample.top._share.height() <= sample.top.height()
    assert sample.regions.tools.search.width() == 640
    assert sample.sidebar.folded  # as wide as 720 px at letters of 100 %
    assert sample.regions.map_region.width() > 400
    sample.commands["show_profile"].trigger()
    QApplication.processEvents()
    legend, tools = sample.regions.legend, sample.regions.tools
    assert sample.regions.map_region.height() > 240
    assert not legend.isVisible() or legend.geometry().top() > tools.box.bottom()
    sample.commands["show_profile"].trigger()
    sample.do("power")
    [dialog] = [one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not sample]
    assert dialog.height() < max(sample.height(), sample.screen().availableSize().height())
    dialog.close()
    sample.settings.set("text_percent", 100)
    sample.resize(1280, 720)
    for language in ("ar", "es", "fr", "hi", "pt", "sw", "en"):
        sample.settings.set("language", language)
        QApplication.processEvents()
        for key in ("area", "people", "places", "connect", "power", "check", "share"):
            button = sample.sidebar.item(key).button
            metrics = QFontMetrics(theme.window_font(bold=True))
            assert button._words_width() >= metrics.horizontalAdvance(tr(button.task.verb)), (language, key)
            assert button.width() <= sample.sidebar.width()
        assert sample.top._buttons_of_tabs[0].text() == tr(msg("Plan {letter}", letter="A"))  # the tabs too
    settle(sample, qtbot)


def test_a_window_larger_than_the_screen_takes_all_of_it(qtbot) -> None:
    room = QGuiApplication.primaryScreen().availableSize()
    for height, whole in ((room.height() // 2, False), (room.height(), True)):
        one = QWidget()
        qtbot.addWidget(one)
        one.resize(room.width() // 2, height)
        show_whole(one)
        assert one.isMaximized() is whole


def test_a_figure_without_room_is_left_out_and_none_is_cut(sample: MainWindow, qtbot) -> None:
    for width in (1440, 1280, 1000, 820):
        sample.resize(width, 760)
        QApplication.processEvents()
        share = sample.top._share
        assert share.mapTo(sample, QPoint(share.width(), 0)).x() <= sample.width()
        for view in sample.top._views:
            if view.isVisible():
                assert view.width() >= view.sizeHint().width()


def test_no_figure_of_a_plan_stays_when_it_is_closed(sample: MainWindow) -> None:
    assert any(view.isVisible() for view in sample.top._views)
    sample.do("close")
    QApplication.processEvents()
    assert not any(view.isVisible() for view in sample.top._views)
    assert sample.start.isVisible()


def test_the_look_follows_the_settings_and_every_text_can_be_read(qapp) -> None:
    def luminance(value) -> float:
        parts = [value.redF(), value.greenF(), value.blueF()]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a, b) -> float:
        high, low = sorted((luminance(a), luminance(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for name in theme.LOOKS:
        look = theme.look(name)
        least = 7.0 if name.startswith("contrast") else 4.5
        for text in ("text", "text_dim", "text_faint", "action", "ok", "warn", "bad"):
            for ground in ("ground", "surface", "sunken"):
                assert contrast(getattr(look, text), getattr(look, ground)) >= least, (name, text, ground)
        assert contrast(look.action_text, look.action) >= least
        assert contrast(look.text, look.warn_tint) >= least
        assert contrast(look.text, look.bad_tint) >= least
        assert contrast(look.action, look.action_tint) >= 4.5
        assert contrast(look.focus, look.ground) >= 3.0


def test_a_change_of_look_reaches_the_whole_window(sample: MainWindow) -> None:
    light = sample.grab().toImage().pixelColor(4, 400)
    sample.settings.set("look", "dark")
    QApplication.processEvents()
    dark = sample.grab().toImage().pixelColor(4, 400)
    assert light.lightness() > 200
    assert dark.lightness() < 60
    assert sample.regions.canvas.style_of_map.dark


def drop(window: MainWindow, files: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    event = QDropEvent(
        QPointF(700, 400), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)
    QApplication.processEvents()


def test_files_dropped_on_the_open_plan_go_into_it(sample: MainWindow, qtbot, tmp_path: Path) -> None:
    more = tmp_path / "more homes.csv"
    more.write_text(HOMES.replace("H1", "N1").replace("H2", "N2"), encoding="utf-8")
    before = len(sample.state.plan.households)
    drop(sample, [more])
    qtbot.waitUntil(lambda: len(sample.state.plan.households) == before + 2, timeout=20_000)
    settle(sample, qtbot)


def test_a_plan_dropped_on_the_first_page_is_opened(window: MainWindow, qtbot, tmp_path: Path) -> None:
    from cn_planner.session.project import Project

    path = tmp_path / "mine.cnplan.gpkg"
    Project.new(path, name="Mine", country="UG").close()
    drop(window, [path])
    qtbot.waitUntil(lambda: window.state.project is not None, timeout=20_000)
    assert window.state.plan.info.name == "Mine"
    assert str(path) in window.settings.get("recent")


def test_data_dropped_on_the_first_page_begins_a_new_plan_with_it(
    window: MainWindow, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cn_planner.gui.actions.documents", lambda: tmp_path / "plans")
    homes = tmp_path / "alta_valley.csv"
    homes.write_text(HOMES, encoding="utf-8")
    drop(window, [homes])
    dialog = window.do._dialogs["new"]
    assert dialog.files == [homes]
    assert dialog.name.text() == "alta valley"
    dialog._begin()
    qtbot.waitUntil(lambda: len(window.state.plan.households) == 2, timeout=20_000)
    assert (tmp_path / "plans" / "alta valley.cnplan.gpkg").exists()
    settle(window, qtbot)


def test_the_first_count_of_homes_is_there_when_a_new_plan_has_its_data(
    window: MainWindow, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cn_planner.area.sample import make_sample
    from cn_planner.gis.raster_write import write_geotiff

    monkeypatch.setattr("cn_planner.gui.actions.documents", lambda: tmp_path / "plans")
    valley = make_sample()
    ground, homes, sites = tmp_path / "ground.tif", tmp_path / "homes.csv", tmp_path / "places.csv"
    write_geotiff(ground, valley.elevation_m, valley.crs, valley.transform, nodata=float("nan"))
    for path, things, more in (
        (homes, valley.plan.households.values(), ("", "")),
        (sites, valley.plan.sites.values(), (",role", ",gateway")),
    ):
        rows = [f"{one.id},{one.latitude},{one.longitude}{more[1]}" for one in things]
        path.write_text("\n".join([f"id,latitude,longitude{more[0]}", *rows]) + "\n", encoding="utf-8")
    window.state.follow = True
    next(b for b in window.start.findChildren(QAbstractButton) if b.text() == "New plan…").click()
    dialog = window.do._dialogs["new"]
    dialog.add_files([homes, ground, sites])  # one click on Choose files, one on Open
    next(b for b in dialog.findChildren(QAbstractButton) if b.text() == "Make the plan").click()
    qtbot.waitUntil(lambda: len(window.state.plan.households) == 150, timeout=30_000)
    qtbot.waitUntil(lambda: len(window.state.plan.sites) == 11, timeout=30_000)
    qtbot.waitUntil(lambda: bool(window.top._views) and window.top._views[0].isVisible(), timeout=30_000)
    # The plan before its homes came is counted too: of them, none of none.
    qtbot.waitUntil(lambda: window.top._views[0].accessibleName() == "Homes: 0 of 150", timeout=30_000)
    assert window.sidebar.item("connect").button.task.command == "make_plan"
    settle(window, qtbot)


def test_a_file_that_is_nothing_is_said_in_words_and_the_plan_stays(sample: MainWindow, qtbot, tmp_path: Path) -> None:
    empty = tmp_path / "empty.hgt"
    empty.touch()
    before = sample.state.plan
    drop(sample, [empty])
    settle(sample, qtbot)
    card = sample.messages.cards[-1]
    assert card.notice.level is Level.ERROR
    assert card.notice.fix is not None
    assert sample.state.plan is before


def test_the_tour_begins_once_can_be_left_and_stops_nothing(window: MainWindow, qtbot, tmp_path: Path) -> None:
    window.settings.set("tour_seen", False)
    window.state.open_sample(tmp_path / "valley")
    qtbot.waitUntil(lambda: window.tour is not None, timeout=20_000)
    tour = window.tour
    assert len(tour) == 7  # one for each task of the sidebar
    assert not tour.isModal()
    for number in range(len(tour)):
        tour.show_step(number)
        QApplication.processEvents()
        assert window.rect().contains(tour.geometry())
        assert nameless(tour) == []
    window.do("tool_select")
    qtbot.keyClick(tour, Qt.Key.Key_Escape)
    assert window.tour is None
    assert window.settings.get("tour_seen")
    settle(window, qtbot)


def test_notices_are_cards_that_tell_what_where_and_what_to_do(sample: MainWindow) -> None:
    done: list[str] = []
    sample.say(Notice(Level.ERROR, msg("The disk is full."), "/plans", msg("Make room."), "the report"))
    sample.say(Notice(Level.INFO, msg("Written.")), (msg("Open the folder"), lambda: done.append("open")))
    first, second = sample.messages.cards
    texts = " ".join(one.text() for one in first.findChildren(QWidget) if hasattr(one, "text"))
    for part in ("The disk is full.", "/plans", "Make room.", "Copy report"):
        assert part in texts
    next(b for b in first.findChildren(QAbstractButton) if b.text() == "Copy report").click()
    assert QApplication.clipboard().text() == "the report"
    next(b for b in second.findChildren(QAbstractButton) if b.text() == "Open the folder").click()
    assert done == ["open"]
    assert sample.messages.cards == [first]  # what was offered and taken is not offered again
    assert sample.regions.map_region.mapTo(sample, QPoint(0, 0)).x() <= sample.messages.mapTo(sample, QPoint(0, 0)).x()
    first.leave()
    assert not sample.messages.cards


def test_the_same_notice_is_not_piled_up(sample: MainWindow) -> None:
    for _ in range(5):
        sample.say(Notice(Level.WARNING, msg("No terrain here.")))
    assert len(sample.messages.cards) == 1


def test_a_job_is_shown_in_words_and_can_be_cancelled(sample: MainWindow, qtbot) -> None:
    def work(report, cancel) -> None:
        while True:
            cancel.check()
            report(0.5)
            time.sleep(0.01)

    settle(sample, qtbot)
    for number in range(3):
        sample.state.jobs.submit(f"wait-{number}", msg("Counting the stars"), work)
    qtbot.waitUntil(lambda: "Counting the stars" in sample.status_bar._job.accessibleName(), timeout=5_000)
    # The window's own work (tiles of the ground) may be among them, too, and wait for these to end.
    qtbot.waitUntil(lambda: sum(job.key.startswith("wait-") for job in sample.status_bar._jobs) == 3, timeout=20_000)
    assert sample.status_bar._more.text() == f"+{len(sample.status_bar._jobs) - 1} more"
    assert nameless(sample.status_bar) == []
    sample.do("cancel_jobs")
    settle(sample, qtbot)
    qtbot.waitUntil(lambda: not sample.status_bar._job.isVisible(), timeout=5_000)


def test_in_a_narrow_status_bar_what_is_computed_is_shortened_with_an_ellipsis_and_read_whole_in_its_tip(
    settings: Settings, qtbot
) -> None:
    status_bar = StatusBar(settings)
    qtbot.addWidget(status_bar)
    status_bar.show_data(
        "Terrain SRTM 1 arc-second 31 m · trees not known, 10 m assumed", "Where it is from", holes=False
    )
    title = msg("Looking for places for towers in the hills")
    status_bar.show_jobs((Job(1, "x", title, Slot.IO, None, None, None, None, None, False),))
    status_bar.resize(560, 40)
    status_bar.show()
    shown = status_bar._job._words
    assert shown.text().startswith("Looking for places")
    assert shown.text().endswith("…")
    assert shown.toolTip() == words.tr(title)
    assert shown.fontMetrics().horizontalAdvance(shown.text()) <= shown.width()


def test_when_it_was_saved_is_said_whole_beside_jobs_and_the_place(settings: Settings, qtbot) -> None:
    status_bar = StatusBar(settings)
    qtbot.addWidget(status_bar)
    status_bar.show_data("Terrain SRTM 3 arc-second 78 m · trees not known, 10 m assumed · 60 homes", "", holes=True)
    title = msg("Looking for places for towers in the hills")
    jobs = tuple(Job(n, f"x{n}", title, Slot.IO, None, None, None, None, None, False) for n in (1, 2))
    status_bar.show_jobs(jobs)
    status_bar.show_place("32.90346 S  18.75057 E · 265 m")
    status_bar.show_saved("Saved 16:06")
    status_bar.resize(1280, 36)
    status_bar.show()
    QApplication.processEvents()
    assert status_bar._saved.text() == "Saved 16:06"
    assert status_bar._saved.geometry().right() < status_bar.width()


def test_the_status_bar_tells_place_and_ground_in_the_chosen_units(sample: MainWindow, qtbot) -> None:
    place = (42.0871, 1.8433, 912.0)
    sample._place_moved(place)
    assert sample.status_bar._place.text() == "42.08710 N  1.84330 E · 912 m"
    sample.settings.set("units", "imperial")
    sample.settings.set("coordinates", "minutes")
    sample._place_moved(place)
    assert sample.status_bar._place.text() == "42° 05.226′ N  1° 50.598′ E · 2,992 ft"
    sample._place_moved((1.0, 2.0, None))
    assert "no terrain here" in sample.status_bar._place.text()


def test_a_question_of_the_village_is_answered_in_place_and_can_be_undone(
    window: MainWindow, qtbot, tmp_path: Path
) -> None:
    window.state.create(tmp_path / "p.cnplan.gpkg", name="P", country="UG")
    qtbot.waitUntil(lambda: window.state.project is not None, timeout=20_000)
    assert "How tall are the trees" in window.village._body.accessibleName()
    answer = next(b for b in window.village.findChildren(QAbstractButton) if b.text() == "Answer")
    answer.click()
    assert window.state.plan.area.canopy_m == pytest.approx(10.0)
    assert not window.village.isVisible()
    window.do("undo")
    assert window.state.plan.area.canopy_m is None
    assert window.village.isVisible()


def test_an_answer_that_is_no_number_answers_nothing(window: MainWindow, qtbot, tmp_path: Path) -> None:
    """8–12 for the height of the trees was answered with the ten metres that stood there before."""
    window.state.create(tmp_path / "p.cnplan.gpkg", name="P", country="UG")
    qtbot.waitUntil(lambda: window.state.project is not None, timeout=20_000)
    field = window.village.findChild(TypedNumber)
    answer = next(b for b in window.village.findChildren(QAbstractButton) if b.text() == "Answer")
    field.setFocus()
    field.lineEdit().selectAll()
    field.lineEdit().insert("8–12")
    answer.setFocus()  # as by a click
    answer.click()
    assert window.state.plan.area.canopy_m is None
    assert field.hasFocus()
    field.lineEdit().selectAll()
    field.lineEdit().insert("12")
    answer.setFocus()
    answer.click()
    assert window.state.plan.area.canopy_m == pytest.approx(12.0)


def test_a_setting_of_the_plan_that_is_only_looked_at_is_no_edit(sample: MainWindow, qtbot) -> None:
    version = sample.state.project.version
    sample.do("plan_settings")
    dialog = sample.do._dialogs["plan_settings"]
    for key, field in dialog.fields.items():
        if isinstance(field, QLineEdit):
            dialog._keep(key, field.text())
    assert sample.state.project.version == version
    dialog._keep("rules.max_hops", "3")
    assert sample.state.plan.rules.max_hops == 3
    dialog._keep("rules.max_hops", "many")
    assert sample.state.plan.rules.max_hops == 3
    assert sample.messages.cards
    dialog.close()


def test_nothing_is_loaded_from_the_internet_before_somebody_says_yes(sample: MainWindow) -> None:
    online = sample.regions.canvas.content.online
    online.set_visible(True)  # the eye in the list of layers
    assert not online.visible
    assert not online.allowed
    card = sample.messages.cards[-1]
    assert sample.settings.get("online_address") in card.notice.where
    card.leave()
    sample.commands["online_map"].trigger()
    assert not sample.settings.get("online_map")
    assert not sample.commands["online_map"].isChecked()


def test_the_whole_plan_is_seen_when_it_opens(sample: MainWindow, qtbot) -> None:
    canvas = sample.regions.canvas
    QApplication.processEvents()
    for site in sample.state.plan.sites.values():
        x, y = canvas.view.to_screen(site.latitude, site.longitude)
        assert 0 <= float(x) <= canvas.view.width
        assert 0 <= float(y) <= canvas.view.height


def test_a_search_goes_to_a_name_or_to_coordinates_and_says_what_it_does_not_know(sample: MainWindow) -> None:
    assert sample.regions.binding.go_to("cruz")
    assert sample.state.selection.kind == "site"
    assert sample.regions.binding.go_to("8.19 S, 20.99 W")
    assert not sample.regions.binding.go_to("nowhere at all")
    assert sample.messages.cards


def test_the_report_of_the_window_tells_versions_and_nothing_of_the_people(sample: MainWindow) -> None:
    report = sample.report()
    assert "CN Planner" in report
    assert "Sample valley" not in report


def test_words_have_their_room_in_the_narrow_column_of_every_language(translated, sample: MainWindow, qtbot) -> None:
    """The question to the village, its answers, and the buttons of a path."""
    sample.resize(1280, 720)
    sample.show_profile(True)
    sample.do("ground")
    for language in ("es", "fr", "pt", "sw", "hi", "ar", "en"):
        sample.settings.set("language", language)
        settle(sample, qtbot)
        for _ in range(3):
            QApplication.processEvents()
        for root in (sample.sidebar, sample.regions.ground, sample.regions.profile.card):
            for one in root.findChildren(QAbstractButton):
                if one.isVisible() and one.text() and type(one).__name__ != "TaskButton":
                    wide = max(one.fontMetrics().horizontalAdvance(line) for line in one.text().split("\n"))
                    assert wide <= one.contentsRect().width() + 1, (language, one.text())
        assert language == "en" or "Area" not in sample.sidebar.item("area").button.accessibleName()
        for one in sample.village.findChildren(QLabel):
            assert one.height() >= one.heightForWidth(one.width()) - 1, (language, one.text())

"""A screen of few points, as where everything is drawn twice as large: buttons at the foot stay on it."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget

from cn_planner.gui import words
from cn_planner.gui.app import make_window
from cn_planner.gui.commands import TOOLS
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.sidebar import TaskButton
from cn_planner.gui.topbar import BarFigure, Tab, TopBar
from cn_planner.gui.window import MainWindow
from cn_planner.i18n import use_catalogues
from cn_planner.message import msg
from cn_planner.paths import resources
from cn_planner.session.sample import open_sample


def test_a_dialog_is_no_higher_than_the_screen_though_its_window_is(qtbot):
    owner = QWidget()
    qtbot.addWidget(owner)
    room = owner.screen().availableVirtualSize()
    owner.resize(2 * room)
    dialog = Dialog(owner, msg("Share"), width=2 * room.width(), height=2 * room.height())
    assert dialog.height() < room.height()


def test_the_window_may_be_as_low_as_the_screen(qtbot, settings, monkeypatch):
    small = QSize(720, 450)
    monkeypatch.setattr(MainWindow, "screen", lambda _self: SimpleNamespace(availableSize=lambda: small))
    window = make_window(settings)
    qtbot.addWidget(window)
    assert window.minimumSize() == small
    window.shutdown()


def the_screen_is(monkeypatch, wide: int, high: int) -> None:
    room = SimpleNamespace(availableSize=lambda: QSize(wide, high))
    monkeypatch.setattr(MainWindow, "screen", lambda _self: room)


def overlapping(window) -> list[str]:
    """Return which of the tools and the buttons of the map cover each other or leave it."""
    region = window.regions.map_region
    tools, canvas = window.regions.tools, window.regions.canvas
    here = [one for one in (tools.search, *tools.findChildren(QToolButton)) if one.isVisible() and one.accessibleName()]
    boxes = {
        one.accessibleName(): QRect(one.mapTo(region, QPoint(0, 0)), one.size())
        for one in (*here, *canvas.controls.buttons)
    }
    outside = [name for name, box in boxes.items() if not region.rect().contains(box)]
    return outside + [f"{a} on {b}" for a, b in combinations(boxes, 2) if boxes[a].intersects(boxes[b])]


@pytest.mark.parametrize(("wide", "high"), [(640, 360), (720, 450)])
@pytest.mark.parametrize("language", ["en", "es", "hi", "ar"])
def test_at_200_percent_the_window_is_as_wide_as_the_screen(
    qtbot, settings, valley_folder, monkeypatch, wide: int, high: int, language: str
):
    use_catalogues(resources() / "translations")
    the_screen_is(monkeypatch, wide, high)
    settings.set("tour_seen", True)
    settings.set("language", language)
    words.set_language(language)
    window = make_window(settings)
    qtbot.addWidget(window)
    try:
        window.resize(wide, high)
        window.show()
        window.state.follow = False
        window.state.take(open_sample(valley_folder))
        window.state.new_scenario("With the school on the hill and a second way")
        qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=300_000)
        for show in (window.show_profile, window.show_tables, window.show_layers, window.show_ground):
            show(True)
            qtbot.wait(20)
            assert window.size() == QSize(wide, high)
            assert window.centralWidget().width() == wide
            ends = [window.top, window.status_bar, window.regions.side, window.sidebar]
            for one in ends:
                box = QRect(one.mapTo(window, QPoint(0, 0)), one.size())
                assert window.rect().contains(box), one.accessibleName()
            share = window.top._share
            assert window.top.rect().contains(share.geometry())
            assert share.accessibleName()
        window.show_tables(False)
        window.show_profile(False)
        qtbot.wait(20)
        assert overlapping(window) == []
        shown = [
            one for one in window.regions.tools.findChildren(QToolButton) if one.isVisible() and one.accessibleName()
        ]
        assert len(shown) == len(TOOLS)
        for one in window.sidebar.findChildren(TaskButton):
            scroll = one.parentWidget().parentWidget().parentWidget()  # item, column, viewport
            assert (
                scroll.rect()
                .adjusted(0, -10_000, 0, 10_000)
                .contains(QRect(one.mapTo(scroll, QPoint(0, 0)), one.sizeHint()))
            )
    finally:
        window.close()
        window.shutdown()
        words.set_language("en")


def test_a_scenario_without_room_for_its_tab_is_in_the_menu_of_the_one_that_is_shown(qtbot):
    actions = [QAction(name) for name in ("undo", "redo", "share")]
    bar = TopBar(*actions)
    qtbot.addWidget(bar)
    bar.show_title("The valley of the three bridges")
    bar.show_tabs([Tab(f"s{n}", f"With the tower on hill {n}", current=n == 1) for n in range(4)])
    bar.show_figures([BarFigure(msg("Homes"), "0 of 154")])
    bar.resize(640, bar.height())
    bar.show()
    tabs = [one for one in bar.findChildren(QPushButton) if one.isCheckable() and one.isVisible()]
    assert len(tabs) == 1
    assert all(bar.rect().contains(one.geometry()) for one in bar.findChildren(QPushButton) if one.isVisible())
    QTest.mouseClick(tabs[0], Qt.MouseButton.LeftButton)
    menu = bar.findChild(QMenu)
    qtbot.waitUntil(menu.isVisible)
    offered = {one.text(): one for one in menu.actions()}
    with qtbot.waitSignal(bar.switched) as went:
        QTest.mouseClick(
            menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(offered["With the tower on hill 3"]).center()
        )
    assert went.args == ["s3"]
    bar.resize(1440, bar.height())
    assert len([one for one in bar.findChildren(QPushButton) if one.isCheckable() and one.isVisible()]) == 4

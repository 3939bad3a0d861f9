"""Every control of the window and of all that opens from it, as those who hear it meet it: none is without a name.

What is asked is the accessibility tree itself and not the kinds of widgets that somebody thought of: whatever takes
the keyboard, and is shown, must say what it is.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget


@pytest.fixture(scope="module")
def planned(planned_sample, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("heard") / "valley"
    shutil.copytree(planned_sample(0.5), folder)
    return next(folder.glob("*.cnplan.gpkg"))


@pytest.fixture(autouse=True)
def nothing_left_behind(nothing_left_by_module):
    """The window is that of the module, and so are its threads."""


@pytest.fixture(scope="module")
def shared_window(window_of, planned: Path):
    return window_of(planned)


@pytest.fixture
def window(shared_window, qtbot):
    """The window as it was when it had opened the plan."""
    yield shared_window
    shared_window.do.close()
    shared_window.touring.leave()
    if shared_window.state.proposals.shown:
        shared_window.state.proposals.leave()
    shared_window.show_tables(False)
    shared_window.show_layers(False)
    shared_window.show_3d(False)
    shared_window.state.select(None)
    settle(shared_window, qtbot)
    assert not shared_window.do._dialogs


def settle(window, qtbot) -> None:
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=120_000)
    QApplication.processEvents()


def _of_qt(widget: QWidget) -> bool:
    """Whether Qt made a part of a control that has a name: the arrows of a bar, the field in a spin box."""
    parent = widget.parentWidget()
    return (
        widget.objectName().startswith("qt_")
        or isinstance(widget, QScrollBar)
        or (parent is not None and parent.metaObject().className().startswith("QComboBox"))
        or (parent is not None and parent.objectName() == "qt_spinbox_lineedit")
    )


def silent(root: QWidget) -> list[str]:
    """Return what is shown in a window, takes the keyboard, and has no name in the tree."""
    found = []
    for one in root.findChildren(QWidget):
        if not one.isVisible() or not one.focusPolicy() & Qt.FocusPolicy.TabFocus or _of_qt(one):
            continue
        heard = QAccessible.queryAccessibleInterface(one)
        if heard is None or not heard.text(QAccessible.Text.Name).strip():
            found.append(f"{type(one).__name__} in {type(one.parentWidget()).__name__} of {type(root).__name__}")
        del heard
    return found


DIALOGS = (
    "settings", "plan_settings", "costs", "addresses", "share", "new", "data", "power", "catalogue", "manual",
    "shortcuts", "show_log", "about", "tradeoff", "give_channels", "compare", "measured", "look_round", "band",
    "what_seen",
)  # fmt: skip
"""Commands that open a dialog of a planned valley."""
_ONE_FOR_MORE = {"plan_settings": "plan_settings", "costs": "plan_settings", "addresses": "plan_settings"}


@pytest.mark.parametrize("key", DIALOGS)
def test_every_dialog_says_what_each_of_its_controls_is(window, qtbot, key: str) -> None:
    state = window.state
    tower = next(iter(state.plan.used_sites))
    state.select("site", tower)
    settle(window, qtbot)
    window.do(key)
    dialog = window.do._dialogs[_ONE_FOR_MORE.get(key, key)]
    if key == "tradeoff":  # two of its twelve plans fill it as all do
        qtbot.waitUntil(lambda: dialog.found is not None and len(dialog.found.points) > 1, timeout=120_000)
        dialog.stop()
    settle(window, qtbot)
    assert dialog.isVisible()
    assert dialog.accessibleName()
    assert reachable(dialog) > 0
    assert silent(dialog) == []
    dialog.close()
    settle(window, qtbot)


def reachable(root: QWidget) -> int:
    return sum(
        one.isVisible() and bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus) for one in root.findChildren(QWidget)
    )


def test_the_band_of_a_link_with_its_ladder_and_the_relay_are_heard(window, qtbot) -> None:
    state = window.state
    link = next(iter(state.plan.standing_links))
    state.select("link", link)
    settle(window, qtbot)
    window.do("band")
    dialog = window.do._dialogs["band"]
    settle(window, qtbot)
    qtbot.waitUntil(lambda: dialog.found is not None and not state.jobs.active(), timeout=60_000)
    assert dialog.modes.isVisible()
    assert silent(dialog) == []
    dialog.close()
    row = state.plan.links[link]
    window.do(f"relay:{json.dumps([row.from_site, row.to_site])}")
    settle(window, qtbot)
    relay = next(one for name, one in window.do._dialogs.items() if name.startswith("relay"))
    assert silent(relay) == []
    relay.close()
    settle(window, qtbot)


def test_the_survey_of_a_home_and_of_a_tower_is_heard_line_by_line(window, qtbot) -> None:
    for kind, key in (("site", next(iter(window.state.plan.used_sites))), ("household", "H001")):
        window.state.select(kind, key)
        settle(window, qtbot)
        window.do("what_seen")
        dialog = window.do._dialogs["what_seen"]
        settle(window, qtbot)
        assert silent(dialog) == []
        dialog.close()
        qtbot.waitUntil(lambda: "what_seen" not in window.do._dialogs, timeout=5_000)


PANELS = {
    "the plan": lambda window: window.state.select(None),
    "a tower": lambda window: window.state.select("site", next(iter(window.state.plan.used_sites))),
    "a home": lambda window: window.state.select("household", "H001"),
    "a link": lambda window: window.state.select("link", next(iter(window.state.plan.links))),
    "tables": lambda window: window.show_tables(True),
    "layers": lambda window: window.show_layers(True),
    "the ground": lambda window: window.do("ground"),
    "an area": lambda window: window.do("get_area"),
    "in 3D": lambda window: window.show_3d(True),
    "the palette": lambda window: window.open_palette(),
    "the tour": lambda window: window.do("tour"),
}


@pytest.mark.parametrize("key", PANELS)
def test_every_part_of_the_window_says_what_each_of_its_controls_is(window, qtbot, key: str) -> None:
    PANELS[key](window)
    settle(window, qtbot)
    assert silent(window) == []
    for other in QApplication.topLevelWidgets():
        if other is not window and other.isVisible() and other.isWindow():
            assert silent(other) == []


def test_a_proposal_and_its_decisions_one_by_one_are_heard(window, qtbot) -> None:
    state = window.state
    state.proposals.plan(cover=0.6, time_limit_s=20.0)
    qtbot.waitUntil(lambda: state.proposals.shown and not state.jobs.active(), timeout=180_000)
    panel = window.regions.proposal[0]
    assert silent(window) == []
    QTest.keyClick(panel.decisions.toggle, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(panel.decisions.rows) and not state.jobs.active(), timeout=180_000)
    assert silent(window) == []
    state.proposals.leave()


def test_the_suggestions_come_early_where_the_keyboard_goes(window, qtbot) -> None:
    """After the map itself, before the long column of what is selected."""
    state = window.state
    state.request_suggestions()
    settle(window, qtbot)
    assert state.computed.suggestions
    state.select("suggestion", state.computed.suggestions[0].site)
    settle(window, qtbot)
    card = window.regions.suggestion
    assert card.isVisible()
    order, at = [], window.regions.canvas
    while at not in order:
        order.append(at)
        at = at.nextInFocusChain()
    taken = [one for one in order if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    side = [n for n, one in enumerate(taken) if window.regions.side.isAncestorOf(one)]
    mine = [n for n, one in enumerate(taken) if card.isAncestorOf(one)]
    assert mine
    assert side
    assert max(mine) < min(side)


def test_the_steps_of_the_rail_are_walked_in_their_order_and_say_how_they_stand(window) -> None:
    order, at = [], window.sidebar.item("area").button
    while at not in order:
        order.append(at)
        at = at.nextInFocusChain()
    steps = [
        window.sidebar.item(key).button for key in ("area", "people", "places", "connect", "power", "check", "share")
    ]
    assert [one for one in order if one in steps] == steps
    for one in steps:
        heard = QAccessible.queryAccessibleInterface(one)
        assert heard.text(QAccessible.Text.Name).count(":") >= 1
        assert heard.text(QAccessible.Text.Description)

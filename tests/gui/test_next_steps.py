"""Each thing that is asked for ends in something to see, and beside each advice stands the button that does it."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

import cn_planner.planning
from cn_planner.gui.kinds import HOUSEHOLD, SUGGESTION
from cn_planner.gui.panels.home import HomePanel
from cn_planner.gui.problems import _OF_ADVICE
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.plan import Choice
from cn_planner.planning.fix_found import HomeFixes


@pytest.fixture(scope="module")
def open_window(window_of, tmp_path_factory, sample_folder):
    folder = tmp_path_factory.mktemp("valley")
    shutil.copytree(sample_folder, folder, dirs_exist_ok=True)
    return window_of(next(folder.glob("*.cnplan.gpkg")))


@pytest.fixture
def nothing_left_behind():
    """The module's window is left open between its tests."""


def wait(window, qtbot) -> None:
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=120_000)
    qtbot.wait(20)


def test_what_could_be_built_next_goes_to_the_best(open_window, qtbot) -> None:
    """Asked for with a tower selected, it was found and nothing was seen of it but a mark somewhere on the map."""
    window, state = open_window, open_window.state
    state.select("site", "G01")
    window.do("suggest")
    wait(window, qtbot)
    assert state.selection == (SUGGESTION, state.computed.suggestions[0].id)


def test_where_nothing_could_be_built_that_is_said(open_window, qtbot) -> None:
    window, state = open_window, open_window.state
    state.select(None)
    state.make(lambda plan: edits.put(plan, [replace(one, choice=Choice.FORBIDDEN) for one in plan.sites.values()]))
    window.messages.clear()
    window.do("suggest")
    wait(window, qtbot)
    assert not state.computed.suggestions
    said = [one.text() for one in window.findChildren(QLabel) if one.isVisible()]
    assert any("Nothing that may be built reaches another home." in one for one in said)
    state.undo()


@pytest.mark.parametrize(
    ("advice", "does"),
    [
        (next(key for key in _OF_ADVICE if key.startswith("The link")), "make_plan"),
        (next(key for key in _OF_ADVICE if key.startswith("Allow one more hop")), "set:rules.max_hops"),
        ("A tower place nearer to it.", "place_tower"),
    ],
)
def test_the_button_beside_an_advice_does_it(open_window, qtbot, advice: str, does: str) -> None:
    """A full link has no room for another tower's homes either: "Plan again, or …" stood over "Place a tower"."""
    state, context = open_window.state, open_window.regions.context
    key = next(iter(state.plan.households))
    state.select(HOUSEHOLD, key)
    wait(open_window, qtbot)
    panel = open_window.findChild(HomePanel)
    values = {"a": "A", "b": "B", "rate": 17.6, "load": 18.0, "hops": 5}
    said = msg(advice, **{name: value for name, value in values.items() if f"{{{name}" in advice})
    panel._take_fixes(HomeFixes(key, (), said))
    asked: list[str] = []
    context.asked.disconnect(open_window.do)
    context.asked.connect(asked.append)
    try:
        panel.fix_button.click()
    finally:
        context.asked.disconnect(asked.append)
        context.asked.connect(open_window.do)
    assert asked == [does]


def test_each_advice_with_a_button_is_one_that_is_given() -> None:
    folder = Path(cn_planner.planning.__file__).parent
    said = {
        node.value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(_OF_ADVICE) <= said

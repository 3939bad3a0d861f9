"""The tour follows what is really done, to an own plan; it is left and taken up again, and stops nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from cn_planner.gui.app import make_window
from cn_planner.gui.tour_steps import TOUR_STEPS, next_tour_step
from cn_planner.gui.values import Level, Notice
from cn_planner.jobs import close_pools
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.plan import Household, Link, Outcome, Plan, PlanStatus, PowerSource, Site, SiteRole, Status

KEYS = [one.key for one in TOUR_STEPS]


@pytest.fixture
def window(qtbot, settings):
    for key, value in (("look", "light"), ("language", "en"), ("tour_seen", False)):
        settings.set(key, value)
    made = make_window(settings)
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    made.state.follow = False
    yield made
    made.close()
    made.shutdown()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()


def own_plan(window, qtbot, tmp_path: Path) -> None:
    window.state.create(tmp_path / "own.cnplan.gpkg", name="Own", country="ES")
    qtbot.waitUntil(lambda: window.state.project is not None and not window.state.jobs.active(), timeout=60_000)


def test_there_is_a_step_for_each_task_of_the_sidebar(window, qtbot, tmp_path) -> None:
    own_plan(window, qtbot, tmp_path)
    assert list(window.sidebar._items) == KEYS


def test_a_step_is_ticked_when_it_is_done_and_the_note_goes_on_without_taking_the_keys(
    window, qtbot, tmp_path, shared_data
) -> None:
    own_plan(window, qtbot, tmp_path)
    tour, state = window.tour, window.state
    assert (tour.at, tour.done) == (0, frozenset())
    assert window.sidebar.item("area").action.isVisible()  # the task that it speaks of is open
    window.regions.canvas.setFocus()
    window.do.take_files([shared_data / "terrain" / "gulu_elevation_155m.tif"])
    qtbot.waitUntil(lambda: tour.at == 1, timeout=60_000)
    assert tour._tick.text() == "✓ The terrain is there."
    assert QApplication.focusWidget() is window.regions.canvas
    state.make(lambda plan: edits.put(plan, [Household("H", "", 2.77, 32.3)]))
    assert tour.at == 2
    state.make(lambda plan: edits.put(plan, [Site("G", "Gate", 2.78, 32.31, role=SiteRole.GATEWAY)]))
    assert tour.at == 3
    assert "3 of 7 are done" in tour.accessibleDescription()
    state.undo()
    assert tour.done == {0, 1}  # what is taken back is no longer ticked
    assert tour.at == 3  # and nobody is sent back
    state.redo()


def test_the_papers_are_the_last_step_and_then_the_plan_is_the_persons_own(window, qtbot, tmp_path) -> None:
    own_plan(window, qtbot, tmp_path)
    state = window.state
    tour = window.tour
    tour.show_step(KEYS.index("share"))
    state.make(lambda plan: edits.put(plan, [Household("H", "", 2.77, 32.3)]))
    assert not state.project.versions()
    written: list[object] = []
    state.request_export(tmp_path / "out", ("csv",), date="2026-11-29", on_done=written.append)
    qtbot.waitUntil(lambda: bool(written) and not state.jobs.active(), timeout=60_000)
    qtbot.waitUntil(lambda: KEYS.index("share") in tour.done)
    assert tour.at == 0  # the others are still open


def test_what_counts_as_done() -> None:
    plan = Plan()
    assert next_tour_step(plan, shared=False) == 0
    site = Site("G", "Gate", 2.78, 32.31, role=SiteRole.GATEWAY, mast_height_m=12.0)
    by_key = {one.key: one.is_done for one in TOUR_STEPS}
    built = edits.put(plan, [site]).plan
    assert not by_key["power"](built, False)
    assert not by_key["check"](built, False)
    fed = edits.put(plan, [replace(site, power=PowerSource.SOLAR, status=Status.SURVEYED)]).plan
    assert by_key["power"](fed, False)
    assert by_key["check"](fed, False)
    assert not by_key["connect"](fed, False)  # a tower by hand is no plan yet
    far = replace(site, id="T", latitude=2.79, role=SiteRole.CANDIDATE)
    assert by_key["connect"](edits.put(fed, [far, Link("L", "G", "T")]).plan, False)  # a proposal taken in part is one
    none = Outcome(PlanStatus.INFEASIBLE, 10.0, 0.0, 5.0, 0.0, None, None)
    assert not by_key["connect"](replace(fed, outcome=none), False)  # why there is none is no plan either
    alone = replace(none, status=PlanStatus.OPTIMAL, served=5.0)
    assert by_key["connect"](replace(fed, outcome=alone), False)
    assert by_key["share"](plan, True)


def test_it_is_left_and_taken_up_where_it_was_from_help_and_the_first_page(window, qtbot, tmp_path) -> None:
    window.do("tour")
    tour = window.tour
    assert tour.at == -1  # first a plan
    assert window.start.first.isVisible()
    own_plan(window, qtbot, tmp_path)
    assert window.tour is tour
    assert tour.at == 0
    tour.show_step(2)
    tour.take_keys()
    QTest.keyClick(tour, Qt.Key.Key_Escape)
    assert window.tour is None
    assert window.settings.get("tour_at") == 2
    assert QApplication.focusWidget() is window.regions.canvas
    window.do("tour")
    assert window.tour.at == 2
    assert QApplication.focusWidget() in window.tour.findChildren(type(window.tour._next))
    window.state.close()
    assert window.tour.at == -1
    window.tour.leave()


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_it_stands_in_the_window_beside_its_task_and_over_no_tool(window, qtbot, tmp_path, size) -> None:
    window.resize(*size)
    own_plan(window, qtbot, tmp_path)
    for number in range(len(TOUR_STEPS)):
        window.tour.show_step(number)
        qtbot.wait(20)
        assert window.rect().contains(window.tour.geometry())
        assert window.tour.accessibleName()
    window.do("choose_gateway")  # the tools say how it is used, and need more room
    qtbot.wait(20)
    tools = window.regions.tools
    bar = tools.geometry().translated(tools.parentWidget().mapTo(window, tools.parentWidget().rect().topLeft()))
    assert not window.tour.geometry().intersects(bar)


def test_its_frame_holds_the_task_however_much_that_says(window, qtbot, tmp_path) -> None:
    own_plan(window, qtbot, tmp_path)
    window.tour.show_step(KEYS.index("connect"))
    item, frame = window.sidebar.item("connect"), window.tour._ring
    qtbot.waitUntil(lambda: frame.height() == item.height() + 4)
    high, top = item.height() + 40, item.pos().y() + 30
    item.setMinimumHeight(high)  # as with a proposal that waits
    qtbot.waitUntil(lambda: item.height() >= high and frame.height() == item.height() + 4)
    above = window.sidebar.item("area")
    above.setMinimumHeight(above.height() + 30)  # and where a task above says more
    middle = item.rect().center
    qtbot.waitUntil(
        lambda: (
            item.pos().y() >= top
            and abs(frame.mapToGlobal(frame.rect().center()).y() - item.mapToGlobal(middle()).y()) <= 1
        )
    )
    window.tour.leave()


@pytest.mark.parametrize(("wide", "high"), [(1440, 900), (800, 560), (640, 400)])
def test_a_message_with_something_to_do_stands_beside_the_note(window, qtbot, tmp_path, wide: int, high: int) -> None:
    own_plan(window, qtbot, tmp_path)
    window.setMinimumSize(1, 1)
    window.resize(wide, high)
    window.say(Notice(Level.WARNING, msg("Terrain is missing here.")), (msg("Get it"), lambda: None))
    for step in range(len(TOUR_STEPS)):
        window.tour.show_step(step)
        qtbot.wait(20)
        card = window.messages.cards[-1]
        assert card.isVisible()
        assert not inside(window.tour, window).intersects(inside(card, window)), KEYS[step]
        assert window.rect().contains(inside(card, window))
    wider = card.width()
    QTest.mouseClick(window.tour._leave, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.tour is None)
    assert card.width() >= wider
    done = []
    window.say(Notice(Level.INFO, msg("Done")), (msg("Show the whole plan"), lambda: done.append(True)))
    made = window.messages.cards[-1].findChild(QPushButton)
    QTest.mouseClick(made, Qt.MouseButton.LeftButton)
    assert done


def inside(one: QWidget, window: QWidget) -> QRect:
    return QRect(one.mapTo(window, QPoint(0, 0)), one.size())

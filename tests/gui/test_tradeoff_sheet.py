"""Cost against homes in the window: points as they are found, chosen by mouse and keys, one taken and taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from cn_planner.economics.costs import capital
from cn_planner.gui import theme, words
from cn_planner.gui.dialogs.tradeoff import TradeoffSheet
from cn_planner.gui.dialogs.tradeoff_chart import Dot, TradeoffChart, ticks
from cn_planner.gui.panels.desk import Desk
from cn_planner.gui.panels.side import SidePanel
from cn_planner.model import edits


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1280, 720)
    made.show()
    return made


@pytest.fixture
def sheet(state, window, qtbot):
    made = TradeoffSheet(window, state)
    made.show()
    qtbot.waitUntil(lambda: not made.busy, timeout=120_000)
    return made


def click(qtbot, sheet: TradeoffSheet, at: int) -> None:
    where = sheet.chart.place(sheet.chart.dots[at])
    qtbot.mouseClick(sheet.chart, Qt.MouseButton.LeftButton, pos=QPoint(round(where.x()), round(where.y())))


def test_points_appear_as_they_are_found_and_cancel_keeps_them(state, window, qtbot):
    sheet = TradeoffSheet(window, state)
    sheet.show()
    assert sheet.busy
    assert sheet.job.isVisible()
    assert not sheet.use.isEnabled()
    qtbot.waitUntil(lambda: sheet.found is not None, timeout=120_000)
    assert sheet.busy  # the first of twelve is there while the others are looked for
    assert sheet.table.rowCount() == len(sheet.found.points) >= 1
    sheet.job.cancelled.emit(sheet.job.number)
    qtbot.waitUntil(lambda: not sheet.busy, timeout=60_000)
    assert not sheet.found.complete
    assert sheet.use.isEnabled()
    assert sheet.again.isVisible()
    assert not sheet.job.isVisible()
    assert "Not all" in sheet.said.text()
    sheet.close()


def test_a_point_is_chosen_by_mouse_keys_and_table_alike(sheet, qtbot):
    points = sheet.found.points
    assert len(points) > 3
    assert sheet.at == len(points) - 1  # all that can be reached
    click(qtbot, sheet, 1)
    assert (sheet.at, sheet.table.currentRow(), sheet.chart.at) == (1, 1, 1)
    assert f"{points[1].served:,.0f} homes for {points[1].capex:,.0f}" in sheet.told.text()
    assert sheet.told.text() in sheet.chart.accessibleDescription()
    qtbot.keyClick(sheet.chart, Qt.Key.Key_Right)
    assert sheet.at == 2
    assert f"each further home costs {points[2].more_each:,.0f}" in sheet.told.text()
    qtbot.keyClick(sheet.chart, Qt.Key.Key_Home)
    assert sheet.at == 0
    qtbot.keyClick(sheet.chart, Qt.Key.Key_Left)
    assert sheet.at == 0
    sheet.table.setFocus()
    qtbot.keyClick(sheet.table, Qt.Key.Key_Down)
    assert (sheet.at, sheet.chart.at) == (1, 1)
    qtbot.mouseClick(sheet.chart, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))  # nowhere near a point
    assert sheet.at == 1
    sheet.close()


def test_a_point_is_proven_with_cancel_and_no_more_than_is_needed(sheet, qtbot):
    """Of a large plan the curve has no bound: here of the second point."""
    known, said = sheet.found.points[1], sheet.table.item(1, 4).text()
    assert said == f"{round(100.0 * known.gap, 1):g} %"
    plain = replace(known, lower_bound=None, gap=None, design=replace(known.design, lower_bound=None, gap=None))
    sheet._show(replace(sheet.found, points=(sheet.found.points[0], plain, *sheet.found.points[2:])))
    sheet.choose(1)
    assert sheet.table.item(1, 4).text() == "–"
    assert sheet.why.text() == ""
    qtbot.mouseClick(sheet.prove, Qt.MouseButton.LeftButton)
    assert sheet.busy
    assert sheet.job.isVisible()
    assert not sheet.prove.isEnabled()
    sheet.job.cancelled.emit(sheet.job.number)
    qtbot.waitUntil(lambda: not sheet.busy, timeout=60_000)
    assert len(sheet.found.points) > 3
    if sheet.prove.isEnabled():  # it was not through already
        qtbot.mouseClick(sheet.prove, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not sheet.busy, timeout=60_000)
    assert sheet.at == 1
    assert sheet.point().lower_bound == pytest.approx(known.lower_bound)
    assert sheet.table.item(1, 4).text() == said
    assert sheet.why.text()
    assert not sheet.prove.isEnabled()
    sheet.close()


def test_a_plan_is_taken_by_name_then_another_and_both_taken_back(state, sheet, qtbot, settled):
    before = state.plan
    sheet.choose(0)
    few = sheet.point()
    qtbot.mouseClick(sheet.use, Qt.MouseButton.LeftButton)
    assert not sheet.use.isEnabled()
    assert sheet.job.isVisible()
    settled(state)
    assert sheet.use.isEnabled()
    assert not sheet.job.isVisible()
    served = sum(home.weight for home in state.plan.households.values() if home.server)
    assert served == pytest.approx(few.served)
    assert capital(state.plan, state.project.catalogue).total.total == pytest.approx(few.capex, abs=1.0)
    assert str(state.undo_label) == f"take the plan for {few.served:,.0f} homes"
    sectors = [one for site in state.plan.used_sites.values() for one in site.sectors]
    assert sectors
    assert all(one.freq_mhz is not None for one in sectors)  # with channels
    assert not sheet.outdated
    assert sheet.chart.now == Dot(few.served, pytest.approx(few.capex, abs=1.0))
    assert "your plan now" in sheet.said.text()
    sheet.choose(len(sheet.found.points) - 1)
    most = sheet.point()
    sheet.take()
    settled(state)
    assert sum(home.weight for home in state.plan.households.values() if home.server) == pytest.approx(most.served)
    state.undo()
    assert not sheet.outdated  # the plan for few stands again, and the curve is its own
    state.undo()
    assert state.plan == before
    assert not sheet.outdated
    sheet.close()


def test_a_curve_of_another_plan_cannot_be_taken(state, sheet):
    key = next(iter(state.plan.households))
    state.make(lambda plan: edits.remove(plan, "households", [key]))
    assert sheet.outdated
    assert not sheet.use.isEnabled()
    assert sheet.again.isVisible()
    assert "changed since" in sheet.said.text()
    plan = state.plan
    sheet.take()
    assert not state.jobs.active()
    assert state.plan is plan
    sheet.close()


def test_an_edit_while_it_is_looked_for_ends_it_and_look_again_begins_anew(state, window, qtbot, settled):
    sheet = TradeoffSheet(window, state)
    sheet.show()
    key = next(iter(state.plan.households))
    state.make(lambda plan: edits.remove(plan, "households", [key]))
    settled(state)
    assert sheet.found is None
    assert sheet.outdated
    sheet.look()
    assert not sheet.outdated
    qtbot.waitUntil(lambda: sheet.found is not None, timeout=120_000)
    sheet.close()


def test_a_closed_sheet_does_not_follow(state, window, settled):
    sheet = TradeoffSheet(window, state)
    sheet.show()
    sheet.close()
    settled(state)
    assert sheet.found is None
    assert state.undo_label is None or "take" not in str(state.undo_label)


def test_why_there_is_no_curve_is_said_in_the_sheet(state, window, qtbot):
    state.make(lambda plan: edits.remove(plan, "households", list(plan.households)))
    sheet = TradeoffSheet(window, state)
    sheet.show()
    qtbot.waitUntil(lambda: not sheet.busy, timeout=60_000)
    assert "home" in sheet.said.text()
    assert "stopped" not in sheet.said.text()
    assert not sheet.use.isEnabled()
    sheet.close()


@pytest.mark.parametrize("most", [1, 7, 149, 999, 1000, 5000, 68_491.0, 3e6])
def test_marks_are_round_and_cover_what_there_is(most: float):
    found = ticks(most)
    assert found[0] == 0.0
    assert found[-1] >= most > found[-2]
    assert 2 <= len(found) <= 7


def test_in_a_mirrored_window_homes_grow_to_the_left(qtbot):
    chart = TradeoffChart()
    qtbot.addWidget(chart)
    chart.resize(500, 300)
    chart.show_dots((Dot(10, 100), Dot(20, 300)), 20, "USD")
    assert chart.place(chart.dots[0]).x() < chart.place(chart.dots[1]).x()
    asked: list[int] = []
    chart.chosen.connect(asked.append)
    chart.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert chart.place(chart.dots[0]).x() > chart.place(chart.dots[1]).x()
    chart.choose(0, "")
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert asked == [1]


def test_what_cannot_be_cheaper_is_drawn_only_where_it_lies_apart(qtbot):
    chart = TradeoffChart()
    qtbot.addWidget(chart)
    chart.resize(500, 300)
    proven = (Dot(10, 100.0, 100.0), Dot(20, 300.0, 300.0))
    chart.show_dots(proven, 20, "USD")
    assert [kind for kind, *_ in chart._legend()] == ["plan"]
    plain = chart.grab().toImage()
    chart.show_dots(tuple(Dot(one.homes, one.cost, 0.5 * one.cost) for one in proven), 20, "USD")
    assert [kind for kind, *_ in chart._legend()] == ["plan", "least"]
    assert chart.grab().toImage() != plain


@pytest.mark.parametrize(("look", "language", "percent"), [("dark", "ar", 100.0), ("light", "en", 200.0)])
def test_it_fits_a_small_screen(sheet, state, window, qtbot, look, language, percent):
    found = sheet.found
    sheet.close()
    try:
        theme.apply(look, percent)
        words.set_language(language)
        again = TradeoffSheet(window, state)
        again.setLayoutDirection(words.direction())
        again.stop()
        again.show()
        qtbot.waitUntil(lambda: not again.busy, timeout=60_000)
        again._show(found)
        assert again.width() <= 1280
        assert again.height() <= 720
        assert again.chart.plot().height() > 80
        assert again.table.geometry().right() <= again.body.width()
        again.close()
    finally:
        words.set_language("en")
        theme.apply("light", 100.0)


def test_the_overview_leads_there_as_soon_as_there_is_something_to_compare(state, settings, qtbot):
    desk = Desk(state, settings)
    side = SidePanel(state, settings, desk)
    qtbot.addWidget(side)
    side.show()
    asked: list[str] = []
    desk.asked.connect(asked.append)
    qtbot.mouseClick(side.overview.compare, Qt.MouseButton.LeftButton)
    assert asked == ["tradeoff"]
    state.make(lambda plan: edits.remove(plan, "households", list(plan.households)))
    assert not side.overview.compare.isVisible()


def test_a_plan_that_was_asked_for_comes_though_the_sheet_is_closed_meanwhile(state, sheet, settled):
    sheet.choose(0)
    served = sheet.point().served
    sheet.take()
    sheet.close()
    settled(state)
    assert str(state.undo_label) == f"take the plan for {served:,.0f} homes"

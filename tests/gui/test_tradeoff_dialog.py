"""Cost against homes in the window: points as they are found, chosen by mouse and keys, one taken and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt

from cn_planner.economics.costs import capital
from cn_planner.gui import theme, words
from cn_planner.gui.dialogs.tradeoff import TradeoffDialog
from cn_planner.gui.dialogs.tradeoff_chart import Dot, TradeoffChart, ticks_from_zero
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.side import SidePanel
from cn_planner.model import edits
from cn_planner.session import cost_against_homes

if TYPE_CHECKING:
    from cn_planner.planning.tradeoff import Tradeoff


@pytest.fixture
def state(state, monkeypatch):
    """The sample valley with a third of its homes, all of its hamlets, and half as many points as people get."""
    monkeypatch.setattr(cost_against_homes, "POINTS", 6)
    state.make(lambda plan: edits.remove(plan, "households", [key for n, key in enumerate(plan.households) if n % 3]))
    return state


@pytest.fixture(scope="module")
def curve() -> list[Tradeoff]:
    """The curve of the plan that every test begins with, once it was looked for."""
    return []


@pytest.fixture
def dialog(state, window, curve, qtbot):
    """The dialog when it has looked: it takes a quarter of a minute, so what it found is shown to the tests after."""
    made = TradeoffDialog(window, state)
    made.show()
    if curve:
        made.stop()
    qtbot.waitUntil(lambda: not made.busy, timeout=600_000)
    if curve:
        made.found, made.at = None, -1
        made._show(curve[0])
    else:
        curve.append(made.found)
    return made


def click(qtbot, dialog: TradeoffDialog, at: int) -> None:
    where = dialog.chart.place(dialog.chart.dots[at])
    qtbot.mouseClick(dialog.chart, Qt.MouseButton.LeftButton, pos=QPoint(round(where.x()), round(where.y())))


def test_points_appear_as_they_are_found_and_cancel_keeps_them(state, window, qtbot):
    dialog = TradeoffDialog(window, state)
    dialog.show()
    assert dialog.busy
    assert dialog.job.isVisible()
    assert not dialog.use.isEnabled()
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=120_000)
    assert dialog.busy  # the first of six is there while the others are looked for
    assert dialog.table.rowCount() == len(dialog.found.points) >= 1
    dialog.job.cancelled.emit(dialog.job.number)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert not dialog.found.complete
    assert dialog.use.isEnabled()
    assert dialog.again.isVisible()
    assert not dialog.job.isVisible()
    assert "Not all" in dialog.said.text()
    dialog.close()


def test_a_point_is_chosen_by_mouse_keys_and_table_alike(dialog, curve, qtbot):
    assert dialog.found is curve[0]
    assert dialog.found.complete
    points = dialog.found.points
    assert len(points) > 3
    assert dialog.at == len(points) - 1  # all that can be reached
    click(qtbot, dialog, 1)
    assert (dialog.at, dialog.table.currentRow(), dialog.chart.at) == (1, 1, 1)
    assert f"{points[1].served:,.0f} homes for {points[1].capex:,.0f}" in dialog.told.text()
    assert dialog.told.text() in dialog.chart.accessibleDescription()
    qtbot.keyClick(dialog.chart, Qt.Key.Key_Right)
    assert dialog.at == 2
    assert f"each further home costs {points[2].more_each:,.0f}" in dialog.told.text()
    qtbot.keyClick(dialog.chart, Qt.Key.Key_Home)
    assert dialog.at == 0
    qtbot.keyClick(dialog.chart, Qt.Key.Key_Left)
    assert dialog.at == 0
    dialog.table.setFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    assert (dialog.at, dialog.chart.at) == (1, 1)
    qtbot.mouseClick(dialog.chart, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))  # nowhere near a point
    assert dialog.at == 1
    dialog.close()


def test_a_point_is_proven_with_cancel_and_no_more_than_is_needed(dialog, qtbot):
    """Of a large plan the curve has no bound: here of the second point."""
    known, said = dialog.found.points[1], dialog.table.item(1, 4).text()
    assert said == f"{max(round(100.0 * known.gap, 1), 0.1):g} %"  # no less than that is said of what is not proven
    plain = replace(known, lower_bound=None, gap=None, design=replace(known.design, lower_bound=None, gap=None))
    dialog._show(replace(dialog.found, points=(dialog.found.points[0], plain, *dialog.found.points[2:])))
    dialog.choose(1)
    assert dialog.table.item(1, 4).text() == "–"
    assert dialog.why.text() == ""
    qtbot.mouseClick(dialog.prove, Qt.MouseButton.LeftButton)
    assert dialog.busy
    assert dialog.job.isVisible()
    assert not dialog.prove.isEnabled()
    dialog.job.cancelled.emit(dialog.job.number)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert len(dialog.found.points) > 3
    if dialog.prove.isEnabled():  # it was not through already
        qtbot.mouseClick(dialog.prove, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert dialog.at == 1
    assert dialog.point().lower_bound == pytest.approx(known.lower_bound)
    assert dialog.table.item(1, 4).text() == said
    assert dialog.why.text()
    assert not dialog.prove.isEnabled()
    dialog.close()


def test_a_plan_is_taken_by_name_then_another_and_both_taken_back(state, dialog, qtbot, settled):
    before = state.plan
    dialog.choose(0)
    few = dialog.point()
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert not dialog.use.isEnabled()
    assert dialog.job.isVisible()
    settled(state)
    assert dialog.use.isEnabled()
    assert not dialog.job.isVisible()
    assert not dialog.isVisible()  # the proposal has the window and its keys
    dialog.show()  # as the command does that asks for the curve
    state.proposals.changed.emit()
    assert dialog.isVisible()
    assert state.plan == before  # it is proposed first
    assert state.proposals.accept()
    served = sum(home.weight for home in state.plan.households.values() if home.server)
    assert served == pytest.approx(few.served)
    assert capital(state.plan, state.project.catalogue).total.total == pytest.approx(few.capex, abs=1.0)
    assert str(state.undo_label) == f"take the plan for {few.served:,.0f} homes"
    sectors = [one for site in state.plan.used_sites.values() for one in site.sectors]
    assert sectors
    assert all(one.freq_mhz is not None for one in sectors)  # with channels
    assert not dialog.outdated
    assert dialog.chart.now == Dot(few.served, pytest.approx(few.capex, abs=1.0))
    assert "your plan now" in dialog.said.text()
    dialog.choose(len(dialog.found.points) - 1)
    most = dialog.point()
    dialog.take()
    settled(state)
    assert state.proposals.accept()
    assert sum(home.weight for home in state.plan.households.values() if home.server) == pytest.approx(most.served)
    state.undo()
    assert not dialog.outdated  # the plan for few stands again, and the curve is its own
    state.undo()
    assert state.plan == before
    assert not dialog.outdated
    dialog.close()


def test_a_curve_of_another_plan_cannot_be_taken(state, dialog):
    key = next(iter(state.plan.households))
    state.make(lambda plan: edits.remove(plan, "households", [key]))
    assert dialog.outdated
    assert not dialog.use.isEnabled()
    assert dialog.again.isVisible()
    assert "changed since" in dialog.said.text()
    plan = state.plan
    dialog.take()
    assert not state.jobs.active()
    assert state.plan is plan
    dialog.close()


def test_an_edit_while_it_is_looked_for_ends_it_and_look_again_begins_anew(state, window, qtbot, settled):
    dialog = TradeoffDialog(window, state)
    dialog.show()
    key = next(iter(state.plan.households))
    state.make(lambda plan: edits.remove(plan, "households", [key]))
    settled(state)
    assert dialog.found is None
    assert dialog.outdated
    dialog.look()
    assert not dialog.outdated
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=120_000)
    dialog.close()


def test_a_closed_dialog_does_not_follow(state, window, settled):
    dialog = TradeoffDialog(window, state)
    dialog.show()
    dialog.close()
    settled(state)
    assert dialog.found is None
    assert state.undo_label is None or "take" not in str(state.undo_label)


def test_why_there_is_no_curve_is_said_in_the_dialog(state, window, qtbot):
    state.make(lambda plan: edits.remove(plan, "households", list(plan.households)))
    dialog = TradeoffDialog(window, state)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert "home" in dialog.said.text()
    assert "stopped" not in dialog.said.text()
    assert not dialog.use.isEnabled()
    dialog.close()


@pytest.mark.parametrize("most", [1, 7, 149, 999, 1000, 5000, 68_491.0, 3e6])
def test_marks_are_round_and_cover_what_there_is(most: float):
    found = ticks_from_zero(most)
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
def test_it_fits_a_small_screen(dialog, state, window, qtbot, look, language, percent):
    found = dialog.found
    dialog.close()
    try:
        theme.apply_look(look, percent)
        words.set_language(language)
        again = TradeoffDialog(window, state)
        again.setLayoutDirection(words.layout_direction())
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
        theme.apply_look("light", 100.0)


def test_the_overview_leads_there_as_soon_as_there_is_something_to_compare(state, settings, qtbot):
    context = PanelContext(state, settings)
    side = SidePanel(state, settings, context)
    qtbot.addWidget(side)
    side.show()
    asked: list[str] = []
    context.asked.connect(asked.append)
    qtbot.mouseClick(side.overview.compare, Qt.MouseButton.LeftButton)
    assert asked == ["tradeoff"]
    state.make(lambda plan: edits.remove(plan, "households", list(plan.households)))
    assert not side.overview.compare.isVisible()


def test_a_plan_that_was_asked_for_comes_though_the_dialog_is_closed_meanwhile(state, dialog, settled):
    dialog.choose(0)
    served = dialog.point().served
    dialog.take()
    dialog.close()
    settled(state)
    assert str(state.proposals.now.edit.label) == f"take the plan for {served:,.0f} homes"


def test_the_curve_is_kept_for_papers_and_stands_still(state, dialog):
    assert dialog.kept.isEnabled()
    dialog.kept.click()
    kept = state.plan.choices.rows
    assert [(one.homes, one.cost) for one in kept] == [(one.served, one.capex) for one in dialog.found.points]
    assert not dialog.outdated
    assert dialog.use.isEnabled()
    state.undo()
    assert state.plan.choices.rows == ()
    assert not dialog.outdated

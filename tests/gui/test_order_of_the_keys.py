"""Tab goes through what is seen in the order in which it stands, also through what was made later."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from cn_planner.gui.panels.overview import OverviewPanel
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.topbar import Tab, TopBar
from cn_planner.message import msg
from cn_planner.model.checks import Action, PlanProblem, Severity


def chain(first: QWidget) -> list[QWidget]:
    found, one = [first], first.nextInFocusChain()
    while one is not first:
        found.append(one)
        one = one.nextInFocusChain()
    return found


def test_the_problems_of_a_plan_come_where_they_stand(state, settings, qtbot):
    panel = OverviewPanel(PanelContext(state, settings))
    qtbot.addWidget(panel)
    panel.show()
    said = [PlanProblem(Severity.WARNING, msg("Measure"), msg("Rename"), "C01", action=Action.LOOK) for _ in range(3)]
    panel._take_problems(tuple(said))
    order = chain(panel.name)
    at = [order.index(one) for one in (panel.compare, *(card.act for card in panel.found), panel.more, panel.cards[0])]
    assert len(panel.found) == 3
    assert at == sorted(at)


def test_the_scenarios_come_before_the_button_that_adds_one(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    bar, after = TopBar(QAction(window), QAction(window), QAction(window)), QPushButton()
    lines = QVBoxLayout(window)
    lines.addWidget(bar)
    lines.addWidget(after)
    for _ in range(2):
        bar.show_tabs([Tab("a", "Plan A", True, ""), Tab("b", "Higher", False, "")])
        later = QPushButton()
        lines.addWidget(later)
        order = chain(bar._buttons_of_tabs[0])
        bars = (*bar._buttons_of_tabs, bar._add, bar._undo, bar._redo, bar._share)
        at = [order.index(one) for one in (*bars, after, later)]
        assert at == sorted(at)

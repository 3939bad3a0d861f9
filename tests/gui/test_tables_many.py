"""Tables of thousands of homes: choosing and copying all is one step; names follow the language."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from cn_planner.geo import destination
from cn_planner.gui import words
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.tables import Tables
from cn_planner.model import edits
from cn_planner.model.plan import Household


def test_choosing_all_of_2000_homes_does_not_look_at_each_cell(state, settings, qtbot):
    middle = state.plan.sites["C01"]
    new = [
        Household(f"X{n:05d}", "", *destination(middle.latitude, middle.longitude, n * 137.5, 20.0 * n**0.5))
        for n in range(2000)
    ]
    state.apply(edits.put(state.plan, new))
    tables = Tables(state, settings, PanelContext(state, settings))
    qtbot.addWidget(tables)
    tables.resize(900, 400)
    tables.show()
    qtbot.wait(20)
    view, asked = tables.views["household"], []
    plain = view.things.flags
    view.things.flags = lambda index: (asked.append(1), plain(index))[1]
    view.selectAll()
    view.repaint()
    qtbot.wait(20)
    total = len(state.plan.households)
    assert len(view.chosen()) == total
    assert len(asked) < 2000
    view.copy()
    assert QGuiApplication.clipboard().text().count("\n") == total
    qtbot.keyClicks(tables.filters["household"], "X0012")
    assert view.things.rowCount() == 10
    view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert view.things.key_at(0) == "X00129"


def test_the_filter_is_named_in_the_language_of_the_moment(state, settings, qtbot):
    tables = Tables(state, settings, PanelContext(state, settings))
    qtbot.addWidget(tables)
    try:
        for box in tables.filters.values():
            box.setAccessibleName("")
        words.set_language("es")
        assert all(box.accessibleName() for box in tables.filters.values())
    finally:
        words.set_language("en")


@pytest.mark.parametrize("tag", ["en", "es", "ar"])
def test_each_title_of_a_table_is_read_whole(state, settings, qtbot, tag):
    words.set_language(tag)
    try:
        tables = Tables(state, settings, PanelContext(state, settings))
        qtbot.addWidget(tables)
        for view in tables.views.values():
            head = view.horizontalHeader()
            cut = [view.things.headerData(n, Qt.Orientation.Horizontal) for n in range(head.count())
                   if view.columnWidth(n) < head.sectionSizeHint(n)]  # fmt: skip
            assert not cut
    finally:
        words.set_language("en")

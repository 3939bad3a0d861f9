"""The map to those who hear it: each object stands in the tree, is read out, and is walked to by keys."""

from __future__ import annotations

import weakref
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from shiboken6 import isValid

from cn_planner.gui.kinds import Thing
from cn_planner.gui.map.accessible import HeardMap, things_in_order, told
from cn_planner.model import edits


@pytest.fixture
def canvas(regions, qtbot):
    regions.map_side.resize(900, 600)
    regions.canvas.resize(900, 600)
    regions.map_region.parentWidget().show()
    regions.canvas.show_all(animated=False)
    return regions.canvas


def tree(canvas) -> list:
    root = QAccessible.queryAccessibleInterface(canvas)
    return [root.child(n) for n in range(root.childCount())]


def test_every_tower_home_and_link_is_in_the_tree_with_a_name_and_a_place(canvas, state) -> None:
    plan = state.plan
    found = tree(canvas)
    assert len(found) == len(plan.sites) + len(plan.households) + len(plan.links)
    names = [one.text(QAccessible.Text.Name) for one in found]
    assert all(names)
    for row in (*plan.sites.values(), *plan.households.values()):
        assert any((row.name or row.id) in name for name in names)
    box = QAccessible.queryAccessibleInterface(canvas).rect()
    assert all(box.intersects(one.rect()) for one in found)  # all is shown


def test_a_tower_is_read_out_with_its_homes_and_links(canvas, state) -> None:
    some = list(state.plan.households.values())[:3]
    state.make(lambda plan: edits.put(plan, [replace(one, server="C01") for one in some]))
    name = state.plan.sites["C01"].name
    names = [one.text(QAccessible.Text.Name) for one in tree(canvas)]
    assert f"{name}, tower with a mast of 12 m, 3 homes, 1 link" in names


def test_a_tower_is_read_out_with_the_homes_that_it_reaches(canvas, state, settled) -> None:
    """Homes that the plan gives it counted, though no link joins it to a gateway any more."""
    state.make(lambda plan: edits.put(plan, [replace(one, server="C01") for one in plan.households.values()]))
    state.request_service()
    settled(state)
    (mine,) = (one for one in things_in_order(canvas) if one == Thing("site", "C01"))
    reached = state.computed.service.connected_weight
    assert 0 < reached < len(state.plan.households)
    assert f", {reached:g} homes," in str(told(canvas, mine))
    state.make(lambda plan: edits.remove(plan, "links", list(plan.links)))
    state.request_service()
    settled(state)
    assert ", 0 homes," in str(told(canvas, mine))


def test_an_object_that_goes_is_valid_no_longer(canvas, state) -> None:
    root = QAccessible.queryAccessibleInterface(canvas)
    number = things_in_order(canvas).index(Thing("site", "C05"))
    gone = root.child(number)
    assert gone.isValid()
    state.make(lambda plan: edits.remove(plan, "sites", ["C05"]))
    assert not gone.isValid()
    assert root.indexOfChild(gone) == -1


def test_keys_walk_from_north_to_south_and_each_is_read_out(canvas, state, qtbot) -> None:
    said: list[str] = []
    canvas.announced.connect(said.append)
    north = sorted(state.plan.sites.values(), key=lambda site: -site.latitude)
    for site in north[:3]:
        QTest.keyClick(canvas, Qt.Key.Key_PageDown)
        assert state.selection == Thing("site", site.id)
        assert site.name in said[-1]
    QTest.keyClick(canvas, Qt.Key.Key_PageUp)
    assert state.selection == Thing("site", north[1].id)
    root = QAccessible.queryAccessibleInterface(canvas)
    chosen = [one for one in tree(canvas) if one.state().selected]
    assert [root.indexOfChild(one) for one in chosen] == [things_in_order(canvas).index(Thing("site", north[1].id))]


def test_what_lies_under_a_place_is_found(canvas) -> None:
    root = QAccessible.queryAccessibleInterface(canvas)
    tower = root.child(0)
    middle = tower.rect().center()
    assert root.childAt(middle.x(), middle.y()).text(QAccessible.Text.Name) == tower.text(QAccessible.Text.Name)


def test_a_map_goes_without_a_trace_however_often_it_was_asked_for(qapp) -> None:
    """Qt asks again once the class of a view has got another slot; the one that it then held twice it deleted twice."""

    class View(HeardMap):
        def shown(self) -> None: ...

        def hidden(self) -> None: ...

    view, timer = View(), QTimer()
    numbers = []
    for slot in (None, view.shown, view.hidden):
        if slot is not None:
            timer.timeout.connect(slot)
        numbers.append(QAccessible.uniqueId(QAccessible.queryAccessibleInterface(view)))
    held = [QAccessible.accessibleInterface(one) for one in numbers]
    assert len(set(map(id, held))) == len(set(numbers)) == 3
    gone = weakref.ref(view)
    view.deleteLater()
    del view, slot
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [QAccessible.accessibleInterface(one) for one in numbers] == [None] * 3
    assert gone() is None
    assert not any(isValid(one) for one in held)

"""What was seen on site stands on the map, is told in words, edited, copied and removed; one removal is one step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from cn_planner.gui.kinds import Thing
from cn_planner.gui.panels.side import SidePanel
from cn_planner.model import edits
from cn_planner.model.plan import Obstacle, Zone


def middle(plan):
    """A place between the two masts."""
    a, b = plan.sites["C01"], plan.sites["G01"]
    return round((a.latitude + b.latitude) / 2, 6), round((a.longitude + b.longitude) / 2, 6)


@pytest.fixture
def side(state, settings, qtbot):
    panel = SidePanel(state, settings)
    qtbot.addWidget(panel)
    panel.resize(376, 900)
    panel.show()
    return panel


def test_a_tree_that_is_placed_can_be_clicked_moved_and_deleted(state, regions):
    canvas = regions.canvas
    canvas.placed.emit("obstacle", *middle(state.plan))
    key = next(iter(state.plan.obstacles))
    assert state.selection.kind == "obstacle"
    assert "tree" in str(state.undo_label)
    thing = Thing("obstacle", key)
    assert canvas.selection == {thing}
    canvas.go_to(*middle(state.plan), zoom=15.0, animated=False)
    x, y = canvas.content.places(thing)[0]
    at = QPointF(*(float(v) for v in canvas.view.to_screen(x, y)))
    assert canvas.pick(at) == thing
    canvas.moved.emit(thing, x + 0.001, y)
    assert state.plan.obstacles[key].latitude == pytest.approx(x + 0.001, abs=2e-6)
    regions.binding.delete_selected()
    assert not state.plan.obstacles
    state.undo()
    assert key in state.plan.obstacles


def test_a_tree_is_drawn(state, regions):
    canvas = regions.canvas
    place = middle(state.plan)
    canvas.go_to(*place, zoom=16.0, animated=False)
    before = canvas.grab().toImage()
    state.make(lambda plan: edits.put(plan, [Obstacle("O1", *place, 12.0, 40.0)]))
    assert canvas.grab().toImage() != before


def test_the_panel_of_a_tree_edits_it(state, side, qtbot):
    state.make(lambda plan: edits.put(plan, [Obstacle("O1", *middle(plan), 12.0, 10.0)]))
    state.select("obstacle", "O1")
    panel = side["obstacle"]
    assert panel.isVisible()
    panel.fields["height_m"].setValue(18.0)
    panel.fields["height_m"].editingFinished.emit()
    assert state.plan.obstacles["O1"].height_m == 18.0
    panel.fields["kind"].committed.emit("house")
    assert state.plan.obstacles["O1"].kind == "house"
    panel.fields["note"].committed.emit("Akello saw it")
    assert state.plan.obstacles["O1"].note == "Akello saw it"
    panel.remove.click()
    assert not state.plan.obstacles
    assert state.selection is None


@pytest.mark.parametrize(
    ("kind", "table"), [("site", "sites"), ("household", "households"), ("zone", "zones"), ("obstacle", "obstacles")]
)
def test_every_panel_copies_and_removes(state, side, kind, table):
    ring = ((0.0, 0.0), (0.0, 0.01), (0.01, 0.01))
    state.make(lambda plan: edits.put(plan, [Zone("Z1", "Wood", ring), Obstacle("O1", *middle(plan), 12.0, 10.0)]))
    first = next(iter(getattr(state.plan, table)))
    count = len(getattr(state.plan, table))
    state.select(kind, first)
    acts = side[kind]
    assert all(one.accessibleName() for one in (acts.copy, acts.remove))
    acts.copy.click()
    assert len(getattr(state.plan, table)) == count + 1
    copied = state.selection
    assert copied.kind == kind
    assert copied.id != first
    assert "copy" in str(state.undo_label)
    acts.remove.click()
    assert copied.id not in getattr(state.plan, table)
    assert len(getattr(state.plan, table)) == count


def test_what_is_selected_of_several_kinds_goes_in_one_step(state, regions):
    home = next(iter(state.plan.households))
    before = state.plan
    regions.canvas.select([Thing("site", "C01"), Thing("household", home), Thing("link", "L1")])
    regions.binding.delete_selected()
    assert "C01" not in state.plan.sites
    assert "L1" not in state.plan.links
    assert home not in state.plan.households
    assert "3" in str(state.undo_label)
    state.undo()
    assert state.plan == before


def test_several_that_are_selected_are_told_and_removed_together(state, regions):
    homes = list(state.plan.households)[:2]
    regions.canvas.selectedMany.emit((Thing("household", homes[0]), Thing("household", homes[1]), Thing("site", "C01")))
    panel = regions.panel["several"]
    assert panel.title.whole() == "3 things selected"
    assert "2 homes" in panel.words.text()
    assert len(regions.canvas.selection) == 3
    before = state.plan
    panel.remove.click()
    assert not {*homes} & {*state.plan.households}
    assert "C01" not in state.plan.sites
    assert state.selection is None
    state.undo()
    assert state.plan == before
    regions.canvas.selectedMany.emit((Thing("site", "C01"),))
    assert (state.selection.kind, state.selection.id) == ("site", "C01"), "one that is left is shown as itself"

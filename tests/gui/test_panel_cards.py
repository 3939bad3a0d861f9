"""Cards that ask, and panels of what lies on the map: each answer by mouse or keys does what its words say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSlider, QStyle, QStyleOptionViewItem

from cn_planner.gui.map.layers.base import LayerList, MapLayer
from cn_planner.gui.panels.higher_ground import HigherGroundCard
from cn_planner.gui.panels.layers import LayersPanel
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.proposal import ProposalPanel
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.panels.suggestions import SuggestionCard
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.plan import Choice, Status, Zone


@pytest.fixture
def context(state, settings):
    made = PanelContext(state, settings)
    yield made
    made.deleteLater()


@pytest.fixture
def card(state, context, qtbot, settled):
    """The card of the suggestion that costs least a home."""
    state.request_service()
    settled(state)
    state.request_suggestions()
    settled(state)
    made = SuggestionCard(context)
    qtbot.addWidget(made)
    first = next(one for one in state.computed.suggestions if one.kind == "mast")
    assert made.show_suggestion(first.id)
    made.show()
    return made


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def shown(state, qtbot):
    """Wait until what a card would change is shown; nothing of it is in the plan."""
    qtbot.waitUntil(lambda: state.proposals.shown and not state.jobs.active(), timeout=60_000)
    return state.proposals.now


def test_accept_shows_what_comes_before_it_builds_it(state, card, qtbot):
    found, before = card.suggestion(), state.plan
    closed = []
    card.closed.connect(lambda: closed.append(True))
    press(qtbot, card.accept)
    assert closed
    now = shown(state, qtbot)
    assert state.plan is before
    assert found.site in {one.id for one in now.parts}
    assert now.won >= set(found.home_ids)
    assert now.cost == pytest.approx(found.cost, abs=0.01)  # the card's word
    assert now.cost >= found.cost - 0.01  # homes that standing towers see are connected with it where none was yet
    assert found.headline in now.notes
    assert state.proposals.quick
    assert state.proposals.accept()
    site = state.plan.sites[found.site]
    assert site.mast_height_m == found.mast_height_m
    assert all(state.plan.households[key].server == found.site for key in found.home_ids)
    assert "build" in str(state.undo_label)
    state.undo()
    assert state.plan == before


def test_enter_accepts_what_a_card_showed(state, card, context, qtbot):
    found = card.suggestion()
    press(qtbot, card.accept)
    shown(state, qtbot)
    panel = ProposalPanel(context)
    qtbot.addWidget(panel)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.accept.hasFocus, timeout=10_000)
    qtbot.keyClick(panel.accept, Qt.Key.Key_Return)
    assert state.plan.sites[found.site].mast_height_m == found.mast_height_m


def test_left_alone_nothing_is_built(state, card, qtbot):
    before = state.plan
    press(qtbot, card.accept)
    shown(state, qtbot)
    state.proposals.leave()
    assert state.plan is before


def test_what_changes_one_thing_is_made_at_once(state, card, qtbot):
    site = state.plan.sites["C02"]
    label = msg("mast")
    assert state.proposals.make_or_offer(lambda plan: edits.put(plan, [replace(site, mast_height_m=6.0)], label))
    assert state.plan.sites["C02"].mast_height_m == 6.0
    assert not state.proposals.shown


def test_reject_stays_rejected_until_it_is_undone(state, card, qtbot, settled):
    found = card.suggestion()
    press(qtbot, card.reject)
    assert state.plan.sites[found.site].status is Status.REJECTED
    assert state.selection is None
    state.request_suggestions()
    settled(state)
    assert found.site not in {one.site for one in state.computed.suggestions}
    assert not card.show_suggestion(found.id)
    state.undo()
    state.request_suggestions()
    settled(state)
    assert found.site in {one.site for one in state.computed.suggestions}


def test_lock_builds_it_and_keeps_it(state, card, qtbot):
    found = card.suggestion()
    press(qtbot, card.lock)
    shown(state, qtbot)
    assert state.proposals.accept()
    site = state.plan.sites[found.site]
    assert (site.choice, site.mast_height_m) == (Choice.LOCKED, found.mast_height_m)
    assert "lock" in str(state.undo_label)


def test_accepting_takes_back_nothing_that_was_done_meanwhile(state, card, qtbot):
    """Suggestions of a large plan come seconds after the edit: the card must not bring the old plan back."""
    found = card.suggestion()
    other = next(key for key in state.plan.households if key not in found.home_ids)
    state.apply(edits.put(state.plan, [replace(state.plan.households[other], name="Casa")]))
    press(qtbot, card.accept)
    shown(state, qtbot)
    assert state.proposals.accept()
    assert state.plan.households[other].name == "Casa"
    assert state.plan.sites[found.site].mast_height_m == found.mast_height_m


def test_a_suggestion_that_holds_no_more_is_refused_in_words(state, card, qtbot):
    found, said = card.suggestion(), []
    state.message.connect(said.append)
    state.apply(edits.remove(state.plan, "sites", [found.site]))
    version = state.project.version
    for one in (card.accept, card.reject, card.lock):
        press(qtbot, one)
    assert found.site not in state.plan.sites
    assert state.project.version == version
    assert len(said) == 3
    assert "changed meanwhile" in str(said[0].what)
    assert said[0].fix is not None


def test_the_list_of_suggestions_is_chosen_from_by_keys(state, card, settings, qtbot):
    side = SidePanel(state, settings)
    qtbot.addWidget(side)
    side.resize(376, 900)
    side.show()
    found = state.computed.suggestions[1]
    state.select("suggestion", state.computed.suggestions[0].id)
    name = state.plan.sites[found.site].name or found.site
    row = next(one for one in side["suggestion"].list.rows if one.isVisible() and one.accessibleName().startswith(name))
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Return)
    assert (state.selection.kind, state.selection.id) == ("suggestion", found.id)
    marked = [one.accessibleName() for one in side["suggestion"].list.rows if one._chosen]
    assert marked == [row.accessibleName()]
    accepts = [one for one in side.findChildren(QPushButton) if one.text() == "Accept" and one.isVisible()]
    assert accepts == [], "the card on the map asks; the panel does not ask a second time"


class Plain(MapLayer):
    def paint(self, painter, frame):
        pass


@pytest.fixture
def panel(qtbot):
    layers = LayerList([Plain(key, msg("Layer {key}", key=key)) for key in ("ground", "middle", "top")])
    made = LayersPanel(layers)
    qtbot.addWidget(made)
    made.resize(320, 600)
    made.show()
    return made


def order(panel):
    layers = panel.layers
    return [layers.data(layers.index(n), layers.KeyRole) for n in range(layers.rowCount())]


def test_the_eye_is_switched_by_space_and_by_the_mouse(panel, qtbot):
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert not panel.layers["middle"].visible
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert panel.layers["middle"].visible
    option = QStyleOptionViewItem()
    panel.view.initViewItemOption(option)
    option.rect = panel.view.visualRect(panel.layers.index(0))
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    eye = panel.view.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, panel.view)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=eye.center())
    assert not panel.layers["top"].visible


def test_layers_are_put_in_order_by_keys_and_by_buttons(panel, qtbot):
    panel.view.setFocus()
    assert order(panel) == ["top", "middle", "ground"]
    assert not panel.up.isEnabled()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert order(panel) == ["middle", "top", "ground"]
    assert panel.view.currentIndex().row() == 1  # the hand keeps hold of it
    assert panel.up.isEnabled()
    press(qtbot, panel.down)
    assert order(panel) == ["middle", "ground", "top"]
    assert not panel.down.isEnabled()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)  # there is no further down
    qtbot.keyClick(panel.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert order(panel) == ["middle", "top", "ground"]
    assert [layer.key for layer in panel.layers] == ["ground", "top", "middle"]


def test_how_solid_a_layer_is_follows_the_slider_and_the_chosen_layer(panel, qtbot):
    slider: QSlider = panel.opacity
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    assert panel.layers["top"].opacity == pytest.approx(0.9)
    assert "90" in panel.opacity_words.text()
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert slider.value() == 100
    assert panel.layers["middle"].opacity == 1.0


@pytest.fixture
def zone_panel(state, settings, qtbot):
    middle = state.plan.sites["C01"]
    lat, lon = middle.latitude, middle.longitude
    ring = tuple((lat + a, lon + b) for a, b in ((-0.001, -0.001), (-0.001, 0.001), (0.001, 0.001), (0.001, -0.001)))
    state.apply(edits.put(state.plan, [Zone("Z1", "", ring, no_build=False)]))
    side = SidePanel(state, settings)
    qtbot.addWidget(side)
    side.resize(376, 900)
    side.show()
    state.select("zone", "Z1")
    return side["zone"]


def test_a_zone_is_named_made_no_build_and_removed_each_by_one_step(state, zone_panel, qtbot):
    zone_panel.name.setFocus()
    zone_panel.name.selectAll()
    qtbot.keyClicks(zone_panel.name, "Grove")
    qtbot.keyClick(zone_panel.name, Qt.Key.Key_Return)
    assert state.plan.zones["Z1"].name == "Grove"
    assert zone_panel.hint.isHidden()
    zone_panel.no_build.setFocus()
    qtbot.keyClick(zone_panel.no_build, Qt.Key.Key_Space)
    assert state.plan.zones["Z1"].no_build
    assert "no mast" in zone_panel.hint.text()
    press(qtbot, zone_panel.remove)
    assert not state.plan.zones
    assert state.selection is None
    for _ in range(3):
        assert state.undo()
    assert state.plan.zones["Z1"].name == ""
    assert not state.plan.zones["Z1"].no_build


def test_a_zone_says_its_size_and_who_stands_inside(state, zone_panel):
    said = {name: value.text() for name, (_, value) in zone_panel.facts._rows.items()}
    assert any("0.05 km²" in one for one in said.values())
    assert any(state.plan.sites["C01"].name in one for one in said.values())


@pytest.fixture
def hill(context, qtbot):
    made = HigherGroundCard(context)
    qtbot.addWidget(made)
    return made


def slope(state):
    """Return a place with clearly higher ground near it."""
    from cn_planner.terrain.nearby import highest_nearby

    surface, middle = state.project.surface, state.plan.sites["C01"]
    for step in range(1, 80):
        place = round(middle.latitude + 0.0004 * step, 6), round(middle.longitude + 0.0003 * step, 6)
        found = highest_nearby(surface, *place, 150.0)
        if found is not None and found.gain_m > 8.0:
            return place, found
    raise AssertionError("the sample has no slope")


def test_higher_ground_is_asked_about_once_and_taken_only_when_said_so(state, hill, qtbot, settled):
    place, found = slope(state)
    asked = []
    hill.asked.connect(lambda: asked.append(hill.site_id))
    site = state.plan.sites["C03"]
    state.apply(edits.put(state.plan, [replace(site, latitude=place[0], longitude=place[1])]))
    settled(state)
    assert asked == ["C03"]
    assert hill.isVisible()
    assert (state.plan.sites["C03"].latitude, state.plan.sites["C03"].longitude) == place  # nothing moved in silence
    version = state.project.version
    press(qtbot, hill.yes)
    settled(state)
    moved = state.plan.sites["C03"]
    assert (moved.latitude, moved.longitude) == pytest.approx((found.latitude, found.longitude), abs=2e-6)
    assert state.project.version == version + 1
    assert "higher ground" in str(state.undo_label)
    assert asked == ["C03"]  # the answer is not asked about again
    assert not hill.isVisible()
    state.undo()
    settled(state)
    assert (state.plan.sites["C03"].latitude, state.plan.sites["C03"].longitude) == place
    assert asked == ["C03"]


def test_higher_ground_can_be_left_and_another_edit_asks_nothing(state, hill, qtbot, settled):
    place, _ = slope(state)
    asked = []
    hill.asked.connect(lambda: asked.append(hill.site_id))
    site = replace(state.plan.sites["C03"], latitude=place[0], longitude=place[1])
    state.apply(edits.put(state.plan, [site]))
    settled(state)
    version = state.project.version
    press(qtbot, hill.no)
    assert not hill.isVisible()
    assert state.project.version == version
    state.apply(edits.put(state.plan, [replace(site, name="Hill")]))
    settled(state)
    assert asked == ["C03"]
    built = replace(state.plan.sites["C01"], status=Status.BUILT, latitude=place[0], longitude=place[1])
    state.apply(edits.put(state.plan, [built]))
    settled(state)
    assert asked == ["C03"]  # a mast that stands is not moved


def test_what_was_asked_goes_away_when_the_site_does(state, hill, settled):
    place, _ = slope(state)
    state.apply(edits.put(state.plan, [replace(state.plan.sites["C03"], latitude=place[0], longitude=place[1])]))
    settled(state)
    assert hill.isVisible()
    state.apply(edits.remove(state.plan, "sites", ["C03"]))
    assert not hill.isVisible()
    hill.yes.click()
    assert "C03" not in state.plan.sites

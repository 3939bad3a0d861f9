"""The profile panel by real mouse and key events: what a hand does there is what the plan says afterwards."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QSlider, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.profile import ProfilePanel
from cn_planner.gui.panels.profile_view import levels
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.links.verdict import Verdict
from cn_planner.model import settings
from cn_planner.model.edits import put
from cn_planner.model.plan import Household, Link, Site
from cn_planner.service.path_terms import EXPLAINED, models_beside, terms
from cn_planner.service.path_view import PathEnd, at_heights
from cn_planner.session.link_view import link_view
from cn_planner.session.project import Project

A = Site("B1", "Serra", 41.954707, 1.661603, mast_height_m=18.0, max_height_m=60.0)
B = Site("B2", "Pal", 41.991334, 1.629573, mast_height_m=14.0, max_height_m=60.0)
BARE = Site("B3", "Coll", 41.97, 1.70, max_height_m=40.0)
HOME = Household("H1", "Can Roca", 41.985, 1.64)


@pytest.fixture
def project(tmp_path, shared_data):
    made = Project.new(tmp_path / "a.cnplan.gpkg", name="Berguedà", country="ES")
    made.add_terrain([shared_data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")])
    made.apply(put(made.plan, [A, B, BARE, HOME]))
    return made


@pytest.fixture
def state(qtbot, project):
    made = AppState()
    made.follow = False
    made.take(project)
    yield made
    made.shutdown()


@pytest.fixture
def panel(qtbot, state):
    made = ProfilePanel(state, Settings())
    qtbot.addWidget(made)
    made.resize(1440, 264)
    made.show()
    qtbot.waitExposed(made)
    return made


def end(site):
    return PathEnd(site.latitude, site.longitude, kind="site", id=site.id)


@pytest.fixture
def look(qtbot, state, panel):
    def along(a, b):
        with qtbot.waitSignal(state.pathChanged, timeout=20000):
            state.live_path(a, b)
        return panel.view

    return along


def settle(qtbot, state, act):
    """Do what makes an edit, and wait until the path was looked along again."""
    with qtbot.waitSignal(state.pathChanged, timeout=20000):
        act()


def drag(handle, by_px):
    middle = QPoint(handle.width() // 2, handle.height() // 2)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    for part in range(1, 5):
        # The handle goes along with the hand: each step is told from where it stands by then.
        there = handle.parentWidget().mapToGlobal(handle.grip_origin) + QPoint(0, round(by_px * part / 4))
        QTest.mouseMove(handle, handle.mapFromGlobal(there))


@pytest.fixture
def dragged(panel):
    def act(number, by_px):
        handle = panel.profile.handles[number]
        handle.grip_origin = handle.pos() + QPoint(handle.width() // 2, handle.height() // 2)
        drag(handle, by_px)
        return handle

    return act


def test_dragging_an_antenna_changes_budget_at_once_and_the_plan_once(qtbot, state, panel, look, dragged):
    before = look(end(A), end(B))
    steps = state.project.version
    handle = dragged(1, -30)
    assert panel.view.b.height_m > 14.5
    assert panel.view.budget.clearance_f1 > before.budget.clearance_f1
    assert state.plan.sites["B2"].mast_height_m == 14.0, "nothing is edited while the hand moves"
    assert "·" in panel.card.money.whole(), "what it costs is said while the hand moves"
    high = panel.view.b.height_m
    settle(
        qtbot, state,
        lambda: QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(14, 14)),
    )  # fmt: skip
    assert state.plan.sites["B2"].mast_height_m == high
    assert state.project.version == steps + 1
    settle(qtbot, state, state.undo)
    assert state.plan.sites["B2"].mast_height_m == 14.0
    assert panel.view.b.height_m == 14.0
    assert panel.view.budget.clearance_f1 == before.budget.clearance_f1


def test_an_antenna_goes_by_keys_and_is_one_edit_when_the_keys_rest(qtbot, state, panel, look):
    look(end(A), end(B))
    handle = panel.profile.handles[0]
    steps = state.project.version
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Up)
    QTest.keyClick(handle, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(handle, Qt.Key.Key_PageUp)
    assert panel.view.a.height_m == pytest.approx(24.1)
    settle(qtbot, state, lambda: QTest.keyClick(handle, Qt.Key.Key_Return))
    assert state.plan.sites["B1"].mast_height_m == pytest.approx(24.1)
    assert state.project.version == steps + 1


def test_escape_takes_back_what_was_not_chosen(state, panel, look):
    look(end(A), end(B))
    handle, steps = panel.profile.handles[0], state.project.version
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_PageUp)
    QTest.keyClick(handle, Qt.Key.Key_Escape)
    assert panel.view.a.height_m == 18.0
    assert state.project.version == steps


def test_no_mast_is_dragged_higher_than_its_place_allows(qtbot, state, panel, look):
    look(end(A), end(B))
    handle = panel.profile.handles[0]
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_End)
    assert panel.view.a.height_m == A.max_height_m
    QTest.keyClick(handle, Qt.Key.Key_Escape)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_lowest_that_clears_clears_and_a_metre_less_does_not(qtbot, state, panel, look, number):
    look(end(A), end(B))
    wanted = state.plan.rules.clearance_f1
    steps = state.project.version
    settle(qtbot, state, panel.card.raises[number].click)
    view = panel.view
    assert view.budget.clearance_f1 >= wanted - 1e-9
    assert state.project.version == steps + 1, "both masts are one edit"
    a, b = (round(m, 6) for m in (view.a.height_m, view.b.height_m))
    lower = (a - 1 if number != 1 else a, b - 1 if number != 0 else b)
    snapshot = state.project.snapshot()
    less = link_view(
        snapshot, PathEnd(A.latitude, A.longitude, lower[0], "site", "B1"),
        PathEnd(B.latitude, B.longitude, lower[1], "site", "B2"),
    )  # fmt: skip
    assert less.budget.clearance_f1 < wanted
    settle(qtbot, state, state.undo)
    assert (state.plan.sites["B1"].mast_height_m, state.plan.sites["B2"].mast_height_m) == (18.0, 14.0)


def test_the_cursor_is_shared_with_the_map_both_ways(qtbot, state, panel, look):
    view = look(end(A), end(B))
    told = []
    state.profileCursorMoved.connect(told.append)
    plot = panel.profile.plot()
    QTest.mouseMove(panel.profile, QPoint(round(plot.center().x()), round(plot.center().y())))
    assert told[-1] == pytest.approx(view.profile.length_m / 2, rel=0.01)
    at = 30
    state.set_cursor((float(view.profile.latitude[at]), float(view.profile.longitude[at])))
    assert panel.profile.cursor_m == pytest.approx(float(view.profile.distance_m[at]))
    assert told[-1] == panel.profile.cursor_m
    state.set_cursor((42.5, 1.2))
    assert panel.profile.cursor_m is None, "far from the path the map's cursor is not on it"


def test_the_cursor_goes_by_keys_and_says_ground_and_clearance(panel, look):
    view = look(end(A), end(B))
    panel.profile.setFocus()
    QTest.keyClick(panel.profile, Qt.Key.Key_Home)
    for _ in range(10):
        QTest.keyClick(panel.profile, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    at = int(np.argmin(np.abs(view.profile.distance_m - panel.profile.cursor_m)))
    # Ten steps are half the way; samples are closer together where the ground is steep.
    assert view.profile.distance_m[at] == pytest.approx(view.profile.length_m / 2, rel=0.05)
    said = " ".join(text for text, _, _ in panel.profile.words_at(at))
    assert "ground" in said
    assert " clear" in said or "above the line" in said


@pytest.mark.parametrize(("kind", "stored"), [("tree", "tree"), ("house", "house")])
def test_a_tree_or_a_house_seen_on_site_stands_at_the_cursor_and_can_be_undone(qtbot, state, panel, look, kind, stored):
    view = look(end(A), end(B))
    ground = view.profile.ground_m.copy()
    panel.profile._point(1200.0)
    (panel.card.tree if kind == "tree" else panel.card.house).click()
    assert panel.dialog.isVisible()
    panel.dialog.high.setValue(25.0)
    settle(qtbot, state, lambda: QTest.mouseClick(panel.dialog.add, Qt.MouseButton.LeftButton))
    (seen,) = state.plan.obstacles.values()
    assert (seen.kind, seen.height_m) == (stored, 25.0)
    there = np.abs(panel.view.profile.distance_m - 1200.0) < 5.0
    assert panel.view.profile.cover_m[there].max() == 25.0
    assert set(ground).issubset(set(panel.view.profile.ground_m)), "the ground itself is as it was"
    settle(qtbot, state, state.undo)
    assert not state.plan.obstacles
    assert panel.view.profile.cover_m.max() < 25.0


def test_keep_link_joins_two_sites(qtbot, state, panel, look):
    look(end(A), end(B))
    panel.card.keep_link.click()
    (link,) = state.plan.links.values()
    assert {link.from_site, link.to_site} == {"B1", "B2"}
    assert state.selection.kind == "link"
    qtbot.waitUntil(lambda: not panel.card.keep_link.isEnabled())
    assert "in the plan" in panel.card.keep_link.accessibleName()


def test_keeping_a_path_to_a_bare_point_builds_a_tower_there_in_one_edit(qtbot, state, panel, look):
    look(end(A), PathEnd(B.latitude, B.longitude, 14.0))
    assert "tower" in panel.card.keep_link.text()
    settle(qtbot, state, panel.card.keep_link.click)
    (link,) = state.plan.links.values()
    assert state.plan.sites[link.to_site].mast_height_m == 14.0
    settle_count = len(state.plan.sites)
    state.undo()
    assert len(state.plan.sites) == settle_count - 1
    assert not state.plan.links


def test_a_home_is_not_joined_by_a_link(panel, look):
    look(end(A), PathEnd(HOME.latitude, HOME.longitude, kind="household", id="H1"))
    assert not panel.card.keep_link.isEnabled()
    assert "home" in panel.card.keep_link.toolTip()


def test_a_links_own_antenna_height_is_changed_and_not_the_mast(qtbot, state, panel, look):
    state.apply(put(state.plan, [Link("L1", "B1", "B2", from_height_m=10.0)]))
    with qtbot.waitSignal(state.pathChanged, timeout=20000):
        state.live_path(PathEnd(A.latitude, A.longitude, 10.0, "site", "B1"), end(B))
    handle = panel.profile.handles[0]
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Up)
    settle(qtbot, state, lambda: QTest.keyClick(handle, Qt.Key.Key_Return))
    assert state.plan.links["L1"].from_height_m == 11.0
    assert state.plan.sites["B1"].mast_height_m == 18.0


def test_the_terms_of_the_budget_add_up_both_ways(state, look):
    view = look(end(A), end(B))
    for one, level in zip(
        terms(state.project.snapshot().study, view), (view.budget.rsl_to_dbm, view.budget.rsl_from_dbm), strict=True
    ):
        total = sum(getattr(one, name) for name in EXPLAINED)
        assert total == pytest.approx(level, abs=1e-9)
        assert one.arrives_dbm == pytest.approx(level, abs=1e-9)
        assert one.spare_db == pytest.approx(level - one.needs_dbm, abs=1e-9)


def test_what_other_models_say_of_the_path_is_there_with_the_reason(state, look):
    view = look(end(A), end(B))
    found = models_beside(state.project.snapshot().study, view)
    assert [one.model for one in found.opinions] == ["p526", "p1812", "itm"]
    assert found.opinions[0].loss_db == pytest.approx(view.budget.losses.total_db, abs=1e-9)
    assert found.differ == bool(found.said)
    assert models_beside(state.project.snapshot().study, look(end(A), PathEnd(42.3, 2.1))) is None


def test_the_card_says_what_to_mind_which_hills_and_why_models_differ(state, panel, look):
    behind_hills = PathEnd(42.03, 1.70, 6.0)
    view = look(end(A), behind_hills)
    assert view.told
    text = panel.card.reason.text()
    assert "The models differ by" in text
    assert all(str(one) in text for one in (*view.budget.said, *view.told))
    # Under the hand the ground is not asked again; the opinions are back when it lets go.
    assert at_heights(state.project.snapshot().study, view, 18.0, 7.0).told == ()


def test_the_model_of_the_plan_s_rules_judges_links_between_towers_and_not_homes(state, look):
    state.make(lambda plan: settings.change_setting(plan, {"link_model": "itm"}))
    assert look(end(A), end(B)).budget.model == "itm"
    home = next(iter(state.plan.households.values()))
    towards = PathEnd(home.latitude, home.longitude, kind="household", id=home.id)
    assert look(end(A), towards).budget.model == "p526"


def test_each_term_explains_itself_when_it_is_reached(panel, look):
    look(end(A), end(B))
    before = panel.bars.sum.text()
    panel.bars.bars["distance_db"].setFocus()
    assert "spreads" in panel.bars.sum.text()
    panel.bars.bars["distance_db"].clearFocus()
    assert panel.bars.sum.text() == before


def test_missing_terrain_is_said_and_nothing_is_invented(panel, look):
    view = look(end(A), PathEnd(42.3, 2.1))
    assert view.budget.verdict is Verdict.NO_DATA
    assert "Terrain is missing" in panel.card.reason.text()
    assert all(value.text() == "–" for value in panel.bars.values.values())
    assert not panel.profile.grab().isNull()


@pytest.mark.parametrize("far", [PathEnd(41.9547, 1.66162, 8.0), PathEnd(41.1, 1.05, 30.0)])
def test_very_short_and_very_long_paths_are_painted(panel, look, far):
    look(end(A), far)
    assert panel.card.verdict.text()
    assert not panel.profile.grab().isNull()


def test_feet_and_miles(panel, look):
    look(end(A), end(B))
    panel._settings.set("units", "imperial")
    assert " ft" in panel.profile.words_at(20)[0][0]
    assert " mi" in panel.card.path.whole()
    panel._settings.set("units", "metric")


def test_the_path_goes_when_its_site_is_removed(qtbot, state, panel, look):
    from cn_planner.model.edits import remove

    look(end(A), end(B))
    state.apply(remove(state.plan, "sites", ["B2"]))
    assert panel.view is None


def test_everything_that_can_be_reached_has_a_name(panel, look):
    look(end(A), end(B))
    reached = [w for w in panel.findChildren(QWidget) if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.isVisible()]
    assert any(isinstance(w, QSlider) for w in reached)
    assert any(isinstance(w, QPushButton) for w in reached)
    assert not [type(w).__name__ for w in reached if not w.accessibleName()]


def test_the_bars_say_the_same_chance_as_the_sentence_of_the_path(panel, look):
    look(end(A), end(B))
    budget = panel.view.budget
    whole = math.floor(100.0 * budget.probability_works + 0.5)
    assert whole < 99
    assert panel.bars.chance.whole() == f"{whole} chances in 100 that it works as drawn"


def test_homes_are_counted_anew_while_a_mast_is_dragged(qtbot, state, panel, look, dragged):
    look(end(A), end(B))
    handle = dragged(0, -40)
    qtbot.waitUntil(lambda: "homes" in panel.card.money.whole(), timeout=60000)
    settle(qtbot, state, lambda: QTest.keyClick(handle, Qt.Key.Key_Return))
    assert panel.card.money.whole() == "", "what the hand showed goes when it lets go"
    assert state.computed.live is None


def test_from_right_to_left_the_panel_mirrors_and_the_ground_does_not(qapp, panel, look):
    look(end(A), end(B))
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        panel.resize(1400, 264)
        QTest.qWait(50)
        assert panel.card.x() > panel.profile.x() > panel.bars.x()
        first, second = panel.profile.handles
        assert first.x() < second.x()
        assert 0 < panel.card.reason.height() < 400, "the reason stands where it can be read"
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize("size", [(1216, 200), (1440, 264)])
def test_no_antenna_stands_in_the_name_of_the_axis(state, panel, look, size):
    panel.resize(*size)
    look(end(A), end(B))
    profile = panel.profile
    for number in (0, 1):
        ends = [replace(one, height_m=60.0 if n == number else 5.0) for n, one in enumerate((end(A), end(B)))]
        profile.show_path(link_view(state.project.snapshot(), *ends))
        assert profile.handles[number].isVisible()
        assert profile.handles[number].geometry().top() >= int(profile.axis_name().bottom())


def test_the_name_of_the_axis_is_whole_or_not_there(panel, look, monkeypatch):
    """In Spanish the plate of the worst place lay over its last letters: "m sobre el ma"."""
    panel.resize(900, 240)
    look(end(A), end(B))
    profile = panel.profile
    plates = []
    real = QPainter.drawRoundedRect
    monkeypatch.setattr(QPainter, "drawRoundedRect", lambda self, *a: plates.append(a[0]) or real(self, *a))
    monkeypatch.setattr(profile, "_axis_words", lambda: "m " * 400)  # reaches every plate
    profile._ground = None
    picture = profile.grab().toImage()
    plate = next(one for one in plates if isinstance(one, QRectF) and one.top() == 0)
    row = int(profile.axis_name().height() / 2)
    left = {picture.pixelColor(x, row).name() for x in range(2, int(plate.left()) - 2)}
    assert len(left) <= 1


def test_the_figures_of_the_axis_are_whole_in_large_letters(state, panel, look):
    look(end(A), end(B))
    profile = panel.profile
    profile.units = "imperial"  # thousands of feet
    narrow = profile.plot().left()
    theme.apply_look("light", 200.0)
    try:
        room = profile.plot().left()
        wide = QFontMetricsF(theme.window_font(theme.LABEL_PX)).horizontalAdvance("8,888")
    finally:
        theme.apply_look("light", 100.0)
    assert wide > narrow  # as wide as it was they lost their thousands
    assert room > wide


@pytest.mark.parametrize("room_px", [110, 150, 200, 300])
def test_the_axis_of_heights_always_names_two(room_px):
    for low, high in ((610.0, 1490.0), (0.0, 31.0), (999.0, 1001.0), (120.0, 870.0), (505.0, 995.0)):
        found = levels(low, high, room_px)
        assert len(found) >= 2, (low, high)
        assert room_px / len(found) >= 16, "they can be read"


def test_far_above_the_first_zone_only_metres_are_told(panel, look):
    view = look(end(A), end(B))
    inside = np.flatnonzero((view.f1_m > 0.05) & (view.clear_m > 3.0 * view.f1_m))
    at = int(inside[len(inside) // 2])
    said = " ".join(text for text, _, _ in panel.profile.words_at(at))
    assert "clear" in said
    assert "%" not in said

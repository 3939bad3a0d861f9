"""The map under real mouse and key events: looking around, selecting, moving, placing, drawing, measuring."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cn_planner.drawing.display import Symbol
from cn_planner.drawing.palette import Theme
from cn_planner.geo import geodesic
from cn_planner.gis.raster import RasterGrid
from cn_planner.gui.kinds import Thing
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.gui.map.insets import insets
from cn_planner.gui.map.things import End, PathLine
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Plan, Site, SiteRole, Zone
from cn_planner.service.path_view import PathState, Segment
from cn_planner.terrain.surface import Surface

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def hills() -> Surface:
    """Return made-up hills of 30 m cells over a fifth of a degree, with a hole in a corner."""
    n = 241
    v, u = np.mgrid[0:n, 0:n] / n
    z = (800 + 300 * np.sin(7 * u) * np.cos(5 * v)).astype(np.float32)
    z[:40, :40] = np.nan
    step = 0.2 / (n - 1)
    return Surface([RasterGrid("hills", z, "EPSG:4326", (step, 0.0, 1.0, 0.0, -step, 42.2), "EGM96", "made up", "CC0")])


def example_plan() -> Plan:
    return Plan(
        sites=Items(
            [
                Site("A", "Serra", 42.10, 1.10, role=SiteRole.GATEWAY, mast_height_m=18.0),
                Site("B", "Coll", 42.12, 1.14, mast_height_m=12.0),
            ]
        ),
        households=Items(
            [Household("h1", "Can Pep", 42.09, 1.08, server="A"), Household("h2", "Cal Roc", 42.08, 1.12)]
        ),
        links=Items([Link("AB", "A", "B")]),
        zones=Items([Zone("z", "Wood", ((42.05, 1.05), (42.06, 1.05), (42.06, 1.07), (42.05, 1.07)))]),
    )


@pytest.fixture
def canvas(qtbot):
    one = MapCanvas()
    qtbot.addWidget(one)
    one.resize(800, 600)
    one.content.set_surface(hills())
    one.content.set_plan(example_plan())
    one.show()
    qtbot.waitExposed(one)
    one.show_all(animated=False)
    yield one
    one.shutdown()


def spot(canvas: MapCanvas, latitude: float, longitude: float) -> QPoint:
    x, y = canvas.view.to_screen(latitude, longitude)
    return QPoint(round(float(x) / canvas.ratio), round(float(y) / canvas.ratio))


def drag(canvas: MapCanvas, a: QPoint, b: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(canvas, LEFT, modifiers, a)
    for k in range(1, 5):
        step = QPointF(a) + (QPointF(b) - QPointF(a)) * (k / 4)
        QTest.mouseMove(canvas, step.toPoint())
    QTest.mouseRelease(canvas, LEFT, modifiers, b)


def test_gateways_that_the_plan_does_without_are_possible_ones_with_their_names(canvas) -> None:
    idle = Site("C", "Bosc", 42.05, 1.14, role=SiteRole.GATEWAY)
    option = Site("D", "Pla", 42.06, 1.06, role=SiteRole.GATEWAY_OPTION)
    canvas.content.set_plan(edits.put(example_plan(), [idle, option]).plan)
    canvas.grab()
    sites = canvas.content.sites
    assert [sites.symbol(key) for key in "ABCD"] == [
        Symbol.GATEWAY, Symbol.TOWER, Symbol.GATEWAY_OPTION, Symbol.GATEWAY_OPTION,
    ]  # fmt: skip
    assert str(sites.words("C")) == "Bosc, possible gateway"
    assert "Possible gateway" in {str(entry.words) for entry in sites.legend()}
    assert len(canvas.content.labels.boxes(canvas.view)) == 4
    canvas.content.set_plan(Plan(sites=Items([idle])))
    assert sites.symbol("C") is Symbol.GATEWAY  # nothing is planned yet


def test_dragging_the_ground_moves_the_map_and_selects_nothing(canvas, qtbot) -> None:
    before = canvas.view.geo_at(400, 300)
    with qtbot.assertNotEmitted(canvas.clicked):
        drag(canvas, QPoint(600, 80), QPoint(650, 110))
    x, y = canvas.view.to_screen(*before)
    assert (float(x), float(y)) == pytest.approx((450, 330), abs=1.5)


def test_the_wheel_zooms_smoothly_about_the_cursor_and_a_press_stops_it(canvas, qtbot) -> None:
    at = QPointF(250, 200)
    before, zoom = canvas.view.geo_at(250, 200), canvas.view.zoom

    def turn() -> None:
        QApplication.sendEvent(
            canvas,
            QWheelEvent(at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, NONE,
                        Qt.ScrollPhase.NoScrollPhase, False),
        )  # fmt: skip

    turn()
    assert canvas.view.zoom < zoom + 0.9  # not at a jump
    qtbot.waitUntil(lambda: abs(canvas.view.zoom - zoom - 1.0) < 1e-9, timeout=3000)
    x, y = canvas.view.to_screen(*before)
    assert (float(x), float(y)) == pytest.approx((250, 200), abs=2)
    turn()
    QTest.mouseClick(canvas, Qt.MouseButton.MiddleButton, NONE, QPoint(10, 10))
    stopped = canvas.view.zoom
    qtbot.wait(60)
    assert canvas.view.zoom == stopped


def test_a_touchpad_zooms_as_the_fingers_move(canvas) -> None:
    at, zoom = QPointF(300, 300), canvas.view.zoom
    QApplication.sendEvent(
        canvas,
        QWheelEvent(at, canvas.mapToGlobal(at), QPoint(0, 40), QPoint(0, 40), Qt.MouseButton.NoButton, NONE,
                    Qt.ScrollPhase.ScrollUpdate, False),
    )  # fmt: skip
    assert canvas.view.zoom == pytest.approx(zoom + 0.25)


def test_all_of_the_map_by_keyboard(canvas, qtbot) -> None:
    canvas.setFocus()
    middle = canvas.view.geo_at(400, 300)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view.geo_at(400, 300)[1] > middle[1]
    zoom = canvas.view.zoom
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: canvas.view.zoom == pytest.approx(zoom + 0.5), timeout=3000)
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: canvas.view.geo_at(400, 300) == pytest.approx(middle, abs=1e-3), timeout=3000)


def test_clicking_a_tower_selects_it_and_says_so(canvas, qtbot) -> None:
    with (
        qtbot.waitSignal(canvas.clicked, check_params_cb=lambda t: t == Thing("site", "A")),
        qtbot.waitSignal(canvas.announced, check_params_cb=lambda text: "Serra" in text),
    ):
        QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, 42.10, 1.10))
    assert canvas.selection == {Thing("site", "A")}
    assert "Serra" in canvas.accessibleDescription()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.selection


def test_links_and_areas_are_picked_too(canvas) -> None:
    ends = [canvas.view.to_screen(*place) for place in ((42.10, 1.10), (42.12, 1.14))]
    middle = QPointF(*(float(ends[0][k] + ends[1][k]) / 2 for k in (0, 1)))
    assert canvas.pick(middle) == Thing("link", "AB")
    x, y = canvas.view.to_screen(42.055, 1.06)
    assert canvas.pick(QPointF(float(x), float(y))) == Thing("zone", "z")


def test_dragging_a_tower_tells_each_move_and_the_last_one_once(canvas) -> None:
    moving, moved = [], []
    canvas.moving.connect(lambda *a: moving.append(a))
    canvas.moved.connect(lambda *a: moved.append(a))
    goal = spot(canvas, 42.11, 1.12)
    drag(canvas, spot(canvas, 42.10, 1.10), goal)
    assert len(moving) >= 3
    assert len(moved) == 1
    thing, latitude, longitude = moved[0]
    assert thing == Thing("site", "A")
    assert geodesic(latitude, longitude, 42.11, 1.12).distance_m < 60


def test_escape_puts_a_dragged_home_back(canvas, qtbot) -> None:
    start = spot(canvas, 42.09, 1.08)
    QTest.mousePress(canvas, LEFT, NONE, start)
    QTest.mouseMove(canvas, start + QPoint(40, 0))
    with qtbot.waitSignal(canvas.moveCancelled), qtbot.assertNotEmitted(canvas.moved):
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        QTest.mouseRelease(canvas, LEFT, NONE, start + QPoint(40, 0))
    assert canvas.place_of(Thing("household", "h1")) == (42.09, 1.08)


def test_a_tower_is_moved_by_keyboard_alone(canvas) -> None:
    moved = []
    canvas.moved.connect(lambda *a: moved.append(a))
    canvas.setFocus()
    canvas.select([Thing("site", "A")])
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(canvas, key)
    assert len(moved) == 1
    assert moved[0][2] > 1.10
    assert moved[0][1] == pytest.approx(42.10, abs=2e-3)


def test_several_towers_are_placed_one_after_the_other_until_escape(canvas) -> None:
    placed = []
    canvas.placed.connect(lambda *a: placed.append(a))
    canvas.use_tool("tower")
    for place in ((42.07, 1.04), (42.06, 1.10)):
        QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, *place))
    assert [p[0] for p in placed] == ["site", "site"]
    assert placed[1][1:] == pytest.approx((42.06, 1.10), abs=1e-3)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.tool.key == "select"


def test_a_home_is_placed_by_keyboard(canvas) -> None:
    placed = []
    canvas.placed.connect(lambda *a: placed.append(a))
    canvas.setFocus()
    canvas.use_tool("home")
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    QTest.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    expected = canvas.view.geo_at(400 * canvas.ratio - 8 * canvas.ratio, 300 * canvas.ratio - canvas.ratio)
    assert placed[0][0] == "household"
    assert placed[0][1:] == pytest.approx(expected, abs=1e-9)


def test_an_area_where_nothing_may_be_built_is_drawn_and_a_corner_taken_back(canvas) -> None:
    drawn = []
    canvas.zoneDrawn.connect(lambda *a: drawn.append(a))
    canvas.setFocus()
    canvas.use_tool("no_build")
    corners = [(42.05, 1.10), (42.07, 1.10), (42.04, 1.14), (42.07, 1.13)]
    for place in corners[:3]:
        QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, *place))
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, *corners[3]))
    QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, *corners[0]))
    kind, ring = drawn[0]
    assert kind == "no_build"
    assert np.asarray(ring) == pytest.approx(np.array([corners[0], corners[1], corners[3]]), abs=1e-3)


def test_a_line_is_dragged_from_a_tower_to_the_bare_ground(canvas) -> None:
    linking, linked = [], []
    canvas.linking.connect(lambda *a: linking.append(a))
    canvas.linked.connect(lambda *a: linked.append(a))
    canvas.use_tool("link")
    drag(canvas, spot(canvas, 42.10, 1.10), spot(canvas, 42.06, 1.13))
    assert linking
    assert linked[0][0] == End(42.10, 1.10, Thing("site", "A"))
    assert linked[0][1].thing is None
    assert linked[0][1][:2] == pytest.approx((42.06, 1.13), abs=1e-3)


def test_a_line_is_clicked_from_end_to_end_as_well_and_let_go_by_escape(canvas, qtbot) -> None:
    linked = []
    canvas.linked.connect(lambda *a: linked.append(a))
    canvas.use_tool("link")
    QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, 42.09, 1.08))
    QTest.mouseMove(canvas, spot(canvas, 42.12, 1.14))
    QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, 42.12, 1.14))
    assert [end.thing for end in linked[0]] == [Thing("household", "h1"), Thing("site", "B")]
    QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, 42.09, 1.08))
    with qtbot.waitSignal(canvas.linkCancelled):
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert len(linked) == 1


def test_measuring_tells_length_azimuth_and_the_whole(canvas) -> None:
    told = []
    canvas.measured.connect(told.append)
    canvas.use_tool("measure")
    for place in ((42.05, 1.05), (42.05, 1.10), (42.08, 1.10)):
        QTest.mouseClick(canvas, LEFT, NONE, spot(canvas, *place))
    first, second = geodesic(42.05, 1.05, 42.05, 1.10), geodesic(42.05, 1.10, 42.08, 1.10)
    part, azimuth, together = told[-1]
    assert part == pytest.approx(second.distance_m, rel=0.02)
    assert math.cos(math.radians(azimuth)) > 0.999
    assert together == pytest.approx(first.distance_m + second.distance_m, rel=0.02)


def test_shift_and_drag_selects_all_in_a_rectangle(canvas, qtbot) -> None:
    with qtbot.waitSignal(canvas.selectedMany):
        drag(canvas, spot(canvas, 42.105, 1.07), spot(canvas, 42.075, 1.13), SHIFT)
    assert canvas.selection == {Thing("site", "A"), Thing("household", "h1"), Thing("household", "h2")}


def test_the_cursor_tells_place_and_height_and_nothing_where_terrain_is_missing(canvas) -> None:
    told = []
    canvas.cursorMoved.connect(told.append)
    QTest.mouseMove(canvas, spot(canvas, 42.10, 1.10))
    latitude, longitude, ground = told[-1]
    assert ground == pytest.approx(float(canvas.content.surface.heights(latitude, longitude)))
    canvas.go_to(42.19, 1.01, animated=False)
    QTest.mouseMove(canvas, spot(canvas, 42.19, 1.01))
    assert told[-1][2] is None


def test_missing_terrain_is_named_in_tooltip_and_legend(canvas, qtbot) -> None:
    canvas.go_to(42.19, 1.01, animated=False)
    x, y = canvas.view.to_screen(42.19, 1.01)
    assert "hills" in str(canvas.content.tooltip(canvas.view, QPointF(float(x), float(y))))
    qtbot.waitUntil(lambda: bool(canvas.content.tiles.missing()), timeout=5000)
    legend = {layer.key: entries for layer, entries in canvas.content.legend()}
    assert "hills" in str(legend["relief"][0].words)


def test_the_map_says_what_it_shows_and_every_button_has_a_name(canvas) -> None:
    assert canvas.accessibleName() == "Map"
    assert "2 towers, 1 link and 2 homes, 1 of them reached" in canvas.accessibleDescription()
    assert all(button.accessibleName() for button in canvas.controls.buttons)


def settled_image(canvas: MapCanvas, qtbot) -> QImage:
    canvas.repaint()
    qtbot.waitUntil(lambda: not canvas.content.tiles.busy, timeout=10000)
    return canvas.grab().toImage()


def test_a_pan_shows_the_same_picture_as_painting_it_anew(canvas, qtbot) -> None:
    settled_image(canvas, qtbot)
    drag(canvas, QPoint(600, 80), QPoint(540, 60))
    moved = settled_image(canvas, qtbot)
    canvas.content.homes.changed.emit()
    again = settled_image(canvas, qtbot)
    canvas.content.labels.set_visible(False)  # names choose other places at another edge
    canvas.content.labels.set_visible(True)
    assert again == settled_image(canvas, qtbot)
    a, b = (np.frombuffer(i.constBits(), np.uint8).reshape(i.height(), -1) for i in (moved, again))
    assert (a != b).mean() < 0.02


@pytest.mark.parametrize("theme", list(Theme))
def test_every_state_and_theme_is_painted(canvas, qtbot, theme: Theme) -> None:
    parts = (Segment(0, 0.4, PathState.CLEAR), Segment(0.4, 0.6, PathState.GRAZING), Segment(0.6, 1, PathState.BLOCKED))
    canvas.set_theme(theme)
    canvas.content.set_link_states({"AB": PathLine((0, 0), (0, 0), parts, PathState.BLOCKED)})
    canvas.path_layer.set_path(PathLine((42.1, 1.1), (42.05, 1.15), parts))
    canvas.path_layer.set_cursor((42.07, 1.13))
    image = settled_image(canvas, qtbot)
    assert len({image.pixel(x, y) for x in range(0, 800, 7) for y in range(0, 600, 7)}) > 20


def test_layers_are_hidden_made_pale_and_put_in_another_order(canvas, qtbot) -> None:
    model = canvas.layers
    keys = [model.data(model.index(row), model.KeyRole) for row in range(model.rowCount())]
    assert keys.index("homes") < keys.index("coverage") < keys.index("relief")
    before = settled_image(canvas, qtbot)
    row = keys.index("homes")
    assert model.setData(model.index(row), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert settled_image(canvas, qtbot) != before
    assert model.setData(model.index(keys.index("contours")), 0.5, model.OpacityRole)
    assert canvas.content.contours.opacity == 0.5
    parent = model.index(-1)
    assert model.moveRows(parent, keys.index("relief"), 1, parent, 0)
    assert model.data(model.index(0), model.KeyRole) == "relief"


def test_an_edit_fills_only_the_layers_of_what_changed(canvas) -> None:
    filled = []
    for layer in (canvas.content.sites, canvas.content.homes, canvas.content.zones):
        layer.changed.connect(lambda key=layer.key: filled.append(key))
    plan = canvas.content.plan
    home = Household("h2", "Cal Roc", 42.07, 1.12, server="A")
    canvas.content.set_plan(
        Plan(sites=plan.sites, households=plan.households.changed(put=[home]), links=plan.links, zones=plan.zones)
    )
    assert filled == ["homes"]
    assert bool(canvas.content.homes.served[canvas.content.homes.row("h2")])
    assert canvas.place_of(Thing("household", "h2")) == (42.07, 1.12)


def test_terrain_that_arrives_late_leaves_the_picture_as_if_it_had_been_there(canvas, qtbot) -> None:
    canvas.content.relief.set_opacity(0.4)
    settled_image(canvas, qtbot)
    canvas.content.set_surface(hills())  # all tiles are made again, one after the other
    mended = settled_image(canvas, qtbot)
    canvas.content.homes.changed.emit()
    assert settled_image(canvas, qtbot) == mended


def test_the_ground_does_not_slip_from_under_a_hand_that_drags_while_the_map_changes_its_height(canvas):
    canvas.use_tool("link")
    place = (42.12, 1.14)
    QTest.mousePress(canvas, LEFT, NONE, spot(canvas, 42.10, 1.10))
    QTest.mouseMove(canvas, spot(canvas, 42.11, 1.12))
    before = spot(canvas, *place)
    canvas.resize(800, 400)
    QApplication.processEvents()
    assert (spot(canvas, *place) - before).manhattanLength() <= 2
    QTest.mouseRelease(canvas, LEFT, NONE, before)


def test_show_everything_leaves_room_for_what_floats_on_the_map(regions, state, settled) -> None:
    canvas, content = regions.canvas, regions.canvas.content
    regions.map_side.resize(760, 600)
    regions.map_region.resize(760, 600)
    canvas.resize(760, 600)
    regions.map_region.parentWidget().show()
    for coverage in (False, True):  # its legend floats there too
        if coverage:
            state.request_coverage()
        settled(state)
        assert len(canvas.floats()) == (3 if coverage else 2)
        canvas.show_all(animated=False)
        x, y = canvas.view.to_screen(*np.asarray(content.extent(), np.float64).T)
        for box in canvas.floats():
            assert not [(a, b) for a, b in zip(x, y, strict=True) if box.contains(round(a), round(b))], (coverage, box)
        assert min(x.min(), y.min()) >= 0
        assert x.max() <= 760
        assert y.max() <= 600
        assert canvas.shows(content.extent())


def test_room_is_left_beside_or_below_whichever_shows_more() -> None:
    size = QSize(800, 600)
    tools, legend = QRect(16, 16, 380, 90), QRect(16, 480, 140, 100)
    ways = insets(size, [tools, legend])
    assert set(ways) == {
        (396.0, 0.0, 0.0, 0.0), (396.0, 0.0, 0.0, 120.0), (156.0, 106.0, 0.0, 0.0), (0.0, 106.0, 0.0, 120.0)
    }  # fmt: skip
    assert insets(size, [QRect(750, 10, 40, 120)]) == [(0.0, 0.0, 50.0, 0.0), (0.0, 130.0, 0.0, 0.0)]
    assert insets(size, []) == [(0.0, 0.0, 0.0, 0.0)]

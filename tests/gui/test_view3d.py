"""The ground in three dimensions, in the window: it shows what the map shows, follows the plan, and obeys the hand."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import astuple, replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from cn_planner.coverage.ground_view import FIELD_DEG, Camera, lay_view_ground, spots_of, view_ground
from cn_planner.drawing.display import Symbol
from cn_planner.drawing.ground_colours import dress_ground, tint_ground
from cn_planner.drawing.palette import Role
from cn_planner.gis.raster import RasterGrid
from cn_planner.gui.kinds import HOUSEHOLD, LINK, SITE, Thing
from cn_planner.gui.map.layers.base import PaintFrame
from cn_planner.gui.map.layers.drawn_tiles import DrawnTile
from cn_planner.gui.map.layers.from_tiles import tiles_of
from cn_planner.gui.map.layers.overlay import build_overlay
from cn_planner.gui.map.layers.relief_tiles import contour_interval_m
from cn_planner.gui.map.mercator import Viewport
from cn_planner.gui.map.style import Style
from cn_planner.gui.view3d import scene
from cn_planner.gui.view3d.drape import level_view, look_of, seen_tiles
from cn_planner.gui.view3d.marks import HOME_SIGNS_3D, Marks
from cn_planner.gui.view3d.marks_painter import MarksPainter
from cn_planner.gui.view3d.view import GroundView
from cn_planner.gui.words import tr
from cn_planner.model import edits
from cn_planner.model.plan import HomeKind
from cn_planner.service.judge import Standing
from cn_planner.terrain.surface import Surface

EARTH_M = 6_371_000.0


def _settle(qtbot, view: GroundView) -> None:
    """Wait until the picture is the fine one of the camera as it is."""
    qtbot.waitUntil(
        lambda: view.picture is not None and view.picture.camera == view.camera and not view._rest.isActive()
        and not view._drape_soon.isActive() and not view._next_level.isActive()
        and not any(job.key.startswith("view 3d") for job in view._state.jobs.active()),
        timeout=120_000,
    )  # fmt: skip
    view.repaint()


@pytest.fixture
def view(state, regions, qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(480, 320)
    made = GroundView(state, regions.canvas, parent)
    made.resize(480, 320)
    parent.show()
    made.show()
    qtbot.waitUntil(lambda: regions.canvas.content.surface is not None, timeout=60_000)
    made.open()
    _settle(qtbot, made)
    yield made
    made.forget()


def _at(view: GroundView, thing: Thing) -> QPoint:
    rows = {SITE: view.seen.sites, HOUSEHOLD: view.seen.homes}[thing.kind]
    x, y = next((x, y) for key, x, y in rows if key == thing.id)
    return QPoint(round(x), round(y))


def test_it_shows_what_the_map_shows_and_tells_it(view, state):
    assert {key for key, _, _ in view.seen.sites} <= set(state.plan.sites)
    assert len(view.seen.sites) >= 8
    assert len(view.seen.homes) > 100
    assert {view.seen.links.ids[run.row] for run in view.seen.links.runs} == {"L1"}
    assert view.accessibleName() == "Terrain in 3D"
    assert view.accessibleDescription() == tr(view._canvas.content.summary())


def _sign_at(view: GroundView, key: str) -> Symbol:
    marks = view._marks_now()
    return HOME_SIGNS_3D[marks.signs[marks.homes.index(key)]].symbol


def test_homes_have_the_signs_of_the_map(view, state, qtbot):
    """School and clinic, who is reached and who is not, and who walks: shape and colour are the map's."""
    school, clinic, walks = [key for key, _, y in view.seen.homes if 70 < y < 400][:3]
    rows = [
        replace(state.plan.households[school], kind=HomeKind.SCHOOL),
        replace(state.plan.households[clinic], kind=HomeKind.CLINIC),
    ]
    state.make(lambda plan: edits.put(plan, rows))
    homes = view._canvas.content.homes
    homes.set_served({clinic})
    homes.set_on_foot({walks})
    assert _sign_at(view, school) is Symbol.SCHOOL_NOT_REACHED
    assert _sign_at(view, clinic) is Symbol.CLINIC
    assert _sign_at(view, walks) is Symbol.HOME_ON_FOOT
    view.go_to(Thing(HOUSEHOLD, walks))
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    view.zoom(3.0)
    _settle(qtbot, view)
    seen = {key: (x, y) for key, x, y in view.seen.homes}
    image = view.grab().toImage()
    style = view._canvas.style_of_map
    assert image.pixelColor(*map(int, seen[walks])).rgb() == style.colour(Role.PUBLIC).rgb()


def test_homes_stand_as_they_were_judged(view, state, qtbot):
    state.request_service()
    qtbot.waitUntil(lambda: state.computed.service is not None, timeout=120_000)
    now, marks = state.computed.service, view._marks_now()
    reached = dict(zip(now.homes.ids, now.reached(state.plan).tolist(), strict=True))
    joins = dict(zip(now.homes.ids, (now.standing == Standing.COULD_JOIN).tolist(), strict=True))
    kinds = {key: home.kind for key, home in state.plan.households.items()}

    def words(key: str) -> str:
        name = {HomeKind.SCHOOL: "School", HomeKind.CLINIC: "Clinic"}.get(kinds[key], "Home")
        if reached[key]:
            return "Home reached" if name == "Home" else name
        return "Could join" if name == "Home" and joins[key] else f"{name} not reached"

    wanted = [words(key) for key in marks.homes]
    assert [tr(HOME_SIGNS_3D[sign].words) for sign in marks.signs.tolist()] == wanted
    assert {"Home reached", "Home not reached"} <= set(wanted)


@pytest.mark.parametrize("kind", [SITE, HOUSEHOLD])
def test_a_click_selects_what_is_under_it(view, state, qtbot, kind):
    things = view.seen.sites if kind == SITE else view.seen.homes
    others = [(x, y) for key, x, y in view.seen.sites]
    free = [
        key for key, x, y in things
        if sum(math.hypot(x - a, y - b) < 20.0 for a, b in others) == (kind == SITE) and 70 < y < 400
    ]  # fmt: skip
    at = _at(view, Thing(kind, free[0]))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    nearest = min((math.hypot(x - at.x(), y - at.y()), key) for key, x, y in things)[1]
    assert state.selection == Thing(kind, nearest)
    if kind == SITE:
        assert nearest == free[0]
        assert (state.plan.sites[nearest].name or nearest) in view.accessibleDescription()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(360, 470))
    assert state.selection is None


def test_a_click_on_a_link_selects_it_and_enter_goes_there(view, state, qtbot):
    view.go_to(Thing(LINK, "L1"))
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    _settle(qtbot, view)
    others = [(x, y) for _, x, y in (*view.seen.sites, *view.seen.homes)]
    middles = [QPointF((x0 + x1) / 2.0, (y0 + y1) / 2.0) for x0, y0, x1, y1 in view.seen.links.pieces.tolist()]
    free = max(middles, key=lambda at: min(math.hypot(at.x() - x, at.y() - y) for x, y in others))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=free.toPoint())
    assert state.selection == Thing(LINK, "L1")
    view.zoom(0.25)
    before = view.camera
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    assert view.camera.distance_m < before.distance_m
    _settle(qtbot, view)


def _clear_by(surface, a, b, high_a: float, high_b: float, k: float) -> float:
    """Return how far a straight line between two antennas stays above the ground at its tightest place, m."""
    share = np.linspace(0.0, 1.0, 2001)[10:-10]
    lat = a.latitude + (b.latitude - a.latitude) * share
    lon = a.longitude + (b.longitude - a.longitude) * share
    ends = [float(surface.heights(one.latitude, one.longitude)) for one in (a, b)]
    across = math.cos(math.radians(a.latitude)) * (b.longitude - a.longitude)
    length = 111_200.0 * math.hypot(b.latitude - a.latitude, across)
    ray = (ends[0] + high_a) * (1.0 - share) + (ends[1] + high_b) * share
    bulge = share * (1.0 - share) * length**2 / (2.0 * k * EARTH_M)
    return float((ray - bulge - surface.heights(lat, lon)).min())


def test_from_one_antenna_the_other_is_hidden_where_the_ground_blocks_the_line(view, state):
    """The camera stands at one end of a path and looks along it: what it sees is what a profile says."""
    surface, ground, plan = view._canvas.content.surface, view.ground, state.plan
    sites = list(plan.sites.values())
    blocked = clear = 0
    for n, a in enumerate(sites):
        for b in sites[n + 1 :]:
            margin = _clear_by(surface, a, b, 14.0, 14.0, plan.area.k_factor)
            if abs(margin) < 8.0:
                continue
            (ax, bx), (ay, by) = ground.to_plane([a.latitude, b.latitude], [a.longitude, b.longitude])
            eye = ground.height_m(float(ax), float(ay)) + 14.0
            far = math.hypot(bx - ax, by - ay)
            azimuth = math.degrees(math.atan2(bx - ax, by - ay))
            tilt = 4.0
            up = eye - 400.0 * math.sin(math.radians(tilt))
            ahead = 400.0 * math.cos(math.radians(tilt)) / far
            camera = Camera(float(ax + (bx - ax) * ahead), float(ay + (by - ay) * ahead), up, azimuth, tilt, 400.0)
            picture = view_ground(ground, view._dress.for_camera(5e3), camera, (120, 1440))
            spots = spots_of(ground, picture.lens, np.array([bx]), np.array([by]), 14.0)
            if not 0.0 <= spots.y[0] < 1440.0:
                continue
            assert bool(picture.hidden(spots)[0]) is (margin < 0.0), (a.id, b.id, margin)
            blocked, clear = blocked + (margin < 0.0), clear + (margin > 0.0)
    assert blocked >= 5
    assert clear >= 5


def test_keys_and_wheel_move_the_camera(view, qtbot):
    camera = view.camera
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.camera.azimuth_deg == pytest.approx((camera.azimuth_deg + 10.0) % 360.0)
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert view.camera.tilt_deg == pytest.approx(camera.tilt_deg + 5.0)
    far = view.camera.distance_m
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.camera.distance_m == pytest.approx(far / 1.25)
    place = view.camera.east, view.camera.north
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert (view.camera.east, view.camera.north) != place
    qtbot.keyClick(view, Qt.Key.Key_3)
    assert view.camera.stretch == 3.0
    assert [made.isChecked() for made in view.controls.stretches.values()] == [False, False, True]
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    assert view.camera.azimuth_deg == pytest.approx(0.0, abs=1e-6)
    _settle(qtbot, view)
    at = QPointF(200.0, 220.0)
    before = view.place_at(at)
    wheel = QWheelEvent(
        at, QPointF(view.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, wheel)
    _settle(qtbot, view)
    after = view.place_at(at)
    assert math.hypot(after[0] - before[0], after[1] - before[1]) * 111_000.0 < 60.0
    with qtbot.waitSignal(view.closed):
        qtbot.keyClick(view, Qt.Key.Key_Escape)


def test_a_drag_turns_and_with_shift_moves_the_ground_under_the_hand(view, qtbot):
    camera = view.camera
    for modifier, turns in ((Qt.KeyboardModifier.NoModifier, True), (Qt.KeyboardModifier.ShiftModifier, False)):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, modifier, QPoint(300, 300))
        for x in (310, 330, 360):
            qtbot.mouseMove(view, QPoint(x, 300))
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, modifier, QPoint(360, 300))
        assert (view.camera.azimuth_deg != camera.azimuth_deg) is turns
        camera = view.camera
    _settle(qtbot, view)


def test_what_is_pointed_at_lies_over_a_picture_that_is_kept(view, state, qtbot):
    view._point(QPointF(5.0, 5.0))
    bare, kept, marks = view.grab().toImage(), view._painted[1], view._marks_now()
    key, x, y = next(iter(view.seen.sites))
    view._point(QPointF(x, y))
    assert view._hovered == Thing(SITE, key)
    assert view.grab().toImage() != bare
    assert view._painted[1] is kept
    view._canvas.path_layer.set_cursor((-8.19, -20.98))
    assert view._marks_now() is marks
    state.select(SITE, key)
    assert (state.plan.sites[key].name or key) in view.accessibleDescription()
    view.grab()
    assert view._painted[1] is not kept
    assert view._marks_now() is marks


def test_heights_are_stretched_in_the_midst_of_a_flight(view, qtbot):
    view.go_to(Thing(SITE, "G01"))
    assert view._flight.active
    qtbot.keyClick(view, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    _settle(qtbot, view)
    assert view.picture.camera.stretch == 3.0
    assert view.controls.stretches[3.0].isChecked()


def test_ground_that_is_held_follows_the_hand_below_the_lower_edge(view, qtbot):
    view._look(replace(view.camera, tilt_deg=64.0))
    _settle(qtbot, view)
    start, north = view.camera, [view.camera.north]
    for y in range(0, 1500, 100):  # the hand draws the ground towards itself, out of the picture
        view.camera = start
        view._pan(QPointF(360.0, 240.0), QPointF(360.0, 240.0 + y))
        north.append(view.camera.north)
    assert north == sorted(north)
    assert north[-1] > north[0] + 100.0


@pytest.mark.parametrize(("factor", "end_m"), [(1.25, 60.0), (0.8, 400_000.0)])
def test_at_the_nearest_and_the_farthest_the_wheel_moves_nothing(view, factor, end_m):
    view._look(replace(view.camera, distance_m=end_m))
    before = view.camera
    view.zoom(factor, QPointF(100.0, 400.0))
    assert astuple(view.camera) == pytest.approx(astuple(before), abs=1e-3)


def test_it_follows_an_edit_and_its_undo(view, state, qtbot):
    key = next(iter(view.seen.sites))[0]
    links = [one.id for one in state.plan.links.values() if key in (one.from_site, one.to_site)]
    state.make(lambda plan: edits.remove(edits.remove(plan, "links", links).plan, "sites", [key]))
    view.repaint()
    assert key not in {one for one, _, _ in view.seen.sites}
    state.undo()
    view.repaint()
    assert key in {one for one, _, _ in view.seen.sites}
    mast = replace(state.plan.sites["G01"], mast_height_m=30.0)
    state.make(lambda plan: edits.put(plan, [mast]))
    assert view._marks_now().mast_m[view._marks_now().sites.index("G01")] == 30.0


def test_with_another_k_the_ground_and_the_links_bend_otherwise(view, state, qtbot):
    texels, before = view._dress.texels.copy(), view._marks_now().link_at[0]
    state.make(lambda plan: edits.change_section(plan, "area", k_factor=0.6))
    _settle(qtbot, view)
    assert view.picture.lens.curve == pytest.approx(1.0 / (2.0 * 0.6 * EARTH_M))
    assert np.array_equal(view._dress.texels, texels)
    after = view._marks_now().link_at[0]
    length = math.hypot(*(after[:2, -1] - after[:2, 0]))
    share = np.linspace(0.0, 1.0, after.shape[1])
    sag = share * (1.0 - share) * length**2 / (2.0 * EARTH_M) * (1.0 / 0.6 - 3.0 / 4.0)
    assert before[2] - after[2] == pytest.approx(sag, rel=1e-3, abs=1e-3)
    state.undo()
    _settle(qtbot, view)
    assert view._marks_now().link_at[0] == pytest.approx(before)


def test_of_a_mast_behind_a_hill_only_what_stands_above_it_is_painted(qapp):
    step = 0.0003
    away = np.hypot(*(np.mgrid[:601, :601] - 300.0)) * 33.3
    heights = (100.0 + 400.0 * np.exp(-((away / 900.0) ** 2))).astype(np.float32)
    grid = RasterGrid("made", heights, "EPSG:4326", (step, 0.0, -300 * step, 0.0, -step, 300 * step))
    ground = lay_view_ground(Surface([grid]), 0.0, 0.0, reach_m=9_000.0)
    camera, size = Camera(0.0, 0.0, 300.0, 0.0, 3.0, 5_000.0), (320, 240)
    dress = dress_ground(ground, tint_ground(ground, look_of(Style())))
    picture = view_ground(ground, dress.for_camera(5_000.0), camera, size)
    marks = Marks(
        ground, ("T",), ("",), (Symbol.CROSS,), site_at=np.array([[0.0], [2_500.0]]), mast_m=np.array([600.0])
    )
    image = QImage(*size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    MarksPainter(painter, picture, size, PaintFrame(Viewport(0.5, 0.5, 10.0, *size))).paint(marks, frozenset())
    painter.end()
    painted = [y for y in range(240) if image.pixelColor(160, y).alpha() > 128]
    ridge = int(np.flatnonzero(np.isfinite(picture.ahead_m[:, 160]) & (picture.ahead_m[:, 160] < 6_500.0)).min())
    spots = spots_of(ground, picture.lens, np.zeros(2), np.full(2, 2_500.0), np.array([0.0, 600.0]))
    top, foot = spots.y[1], spots.y[0]
    assert top < ridge - 10 < foot - 20  # the hill hides a part of the mast
    assert ridge - 0.1 * (foot - top) < max(painted) <= ridge + 1
    assert min(painted) < top + 4


def test_what_the_map_lays_on_the_ground_lies_on_it_here(view, qtbot):
    ground = view.ground
    bare = view._dress.texels.copy()
    values = np.full((60, 60), 3, np.uint8)
    layer = view._canvas.content.coverage
    layer.set_images([build_overlay(values, ground.crs, (30.0, 0.0, 1000.0, 0.0, -30.0, 2770.0))])
    qtbot.waitUntil(lambda: not np.array_equal(view._dress.texels, bare), timeout=60_000)
    _settle(qtbot, view)
    side = 2 * int(ground.levels.side[0]) - 1
    changed = (view._dress.texels[: side * side] != bare[: side * side]).reshape(side, side)
    rows, columns = np.nonzero(changed)
    texel = float(ground.levels.cell[0]) / 2.0
    middle = side // 2
    # 1,800 m square, its first cell's centre 1,000 m east and 2,770 m north of the middle.
    assert (columns.min() - middle) * texel == pytest.approx(985.0, abs=40.0)
    assert (columns.max() - middle) * texel == pytest.approx(2785.0, abs=40.0)
    assert (middle - rows.min()) * texel == pytest.approx(2785.0, abs=40.0)
    assert (middle - rows.max()) * texel == pytest.approx(985.0, abs=40.0)
    assert changed[rows.min() : rows.max(), columns.min() : columns.max()].mean() > 0.97
    layer.set_images(())
    qtbot.waitUntil(lambda: np.array_equal(view._dress.texels, bare), timeout=60_000)
    _settle(qtbot, view)


def test_it_has_the_contour_lines_of_the_map_while_the_map_shows_them(view, qtbot):
    layer = view._canvas.content.contours
    assert layer.visible
    camera = view.camera
    with_lines = view.picture.pixels.copy()
    m_per_px = camera.distance_m * 2.0 * math.tan(math.radians(FIELD_DEG / 2.0)) / view.height()
    assert view._height_lines().interval_m == contour_interval_m(m_per_px)
    layer.set_visible(False)
    qtbot.waitUntil(lambda: not np.array_equal(view.picture.pixels, with_lines), timeout=60_000)
    _settle(qtbot, view)
    assert view.camera == camera
    without = view.picture.pixels.copy()
    lines = (without != with_lines).mean()
    assert 0.002 < lines < 0.35, lines
    layer.set_visible(True)
    qtbot.waitUntil(lambda: not np.array_equal(view.picture.pixels, without), timeout=60_000)
    _settle(qtbot, view)
    assert np.array_equal(view.picture.pixels, with_lines)
    layer.set_opacity(0.5)
    _settle(qtbot, view)
    assert not np.array_equal(view.picture.pixels, with_lines)


class _Counting:
    """A file of tiles that counts how often each is made."""

    attribution = ""
    problem = None

    def __init__(self) -> None:
        self.made: Counter = Counter()

    def draw(self, key, _ratio, _theme) -> DrawnTile:
        self.made[key] += 1
        image = QImage(256, 256, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.green)
        return DrawnTile(image)

    def close(self) -> None:
        pass


@pytest.fixture
def far_reach(monkeypatch):
    monkeypatch.setattr(scene, "_LEAST_REACH_M", 45_000.0)


@pytest.mark.parametrize("room", [None, 20])
def test_each_tile_of_a_file_that_is_looked_at_is_made_once_and_then_it_rests(far_reach, view, qtbot, room):
    ground, drawn, source = view.ground, view._canvas.content.drawn, _Counting()
    assert len(ground.levels.start) == 4
    if room is not None:
        drawn._limit = room * 256 * 256 * 4 // 2
    drawn.set_source(source)
    qtbot.waitUntil(lambda: bool(source.made), timeout=60_000)
    qtbot.waitUntil(lambda: not drawn.busy and not view._drape_soon.isActive(), timeout=60_000)
    _settle(qtbot, view)
    # What arrived last was painted, and its picture asked for nothing that is not there.
    assert not drawn.busy
    assert not view._drape_soon.isActive()
    assert set(source.made.values()) == {1}
    if room is not None:
        assert len(source.made) == room
    there = [key for number in range(4) for key in tiles_of(level_view(ground, number)[0])]
    assert set(source.made) < set(there)
    assert len(source.made) < 0.5 * len(there)
    texels = view._dress.texels
    assert (((texels >> 8) & 255) > ((texels >> 16) & 255) + 60).any()  # green lies on the ground


def test_of_the_web_only_tiles_are_asked_for_that_a_pixel_shows(far_reach, view):
    picture, tiles = view.picture, [tile for tile, _ in seen_tiles(view.picture)[1]]
    assert len(tiles) == len(set(tiles))
    rows, columns = picture.ahead_m.shape
    seen = [picture.place(x + 0.5, y + 0.5) for y in range(0, rows, 2) for x in range(0, columns, 2)]
    at = np.array([one[:2] for one in seen if one is not None]).T
    lat, lon = (np.radians(one) for one in picture.ground.to_geo(at[0], at[1]))
    x, y = (lon / math.pi + 1.0) / 2.0, (1.0 - np.arcsinh(np.tan(lat)) / math.pi) / 2.0
    for z in {tile.z for tile in tiles}:
        shown = set(zip((x * 2**z).astype(int).tolist(), (y * 2**z).astype(int).tolist(), strict=True))
        assert {(tile.x, tile.y) for tile in tiles if tile.z == z} <= shown
    assert len({tile.z for tile in tiles}) >= 3


def test_without_terrain_it_says_so_and_comes_back_with_it(view, state, qtbot):
    terrain = list(state.plan.terrain)
    state.make(lambda plan: edits.remove(plan, "terrain", terrain))
    qtbot.waitUntil(lambda: view.picture is None, timeout=60_000)
    assert "There is no terrain yet" in tr(view._said)
    picture = QImage(720, 480, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    view.paint_all(painter)
    painter.end()
    assert view.pick(QPointF(300, 300)) is None
    assert view.place_at(QPointF(300, 300)) is None
    state.undo()
    _settle(qtbot, view)


def test_a_plan_of_one_site_and_one_of_none_have_their_picture(view, state, qtbot):
    keys = [key for key in state.plan.sites if key != "G01"]
    state.make(lambda plan: replace_all(plan, keys))
    view.show_all()
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    _settle(qtbot, view)
    assert [key for key, _, _ in view.seen.sites] == ["G01"]
    state.make(lambda plan: edits.remove(plan, "sites", ["G01"]))
    view.show_all()
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    _settle(qtbot, view)
    assert len(view.seen.sites) == 0


def replace_all(plan, keys):
    """Remove homes, links and these sites in one edit."""
    plan = edits.remove(plan, "links", list(plan.links)).plan
    plan = edits.remove(plan, "households", list(plan.households)).plan
    return edits.remove(plan, "sites", keys)


def test_space_walks_what_is_seen_from_left_to_right(view, state, qtbot):
    order = view.seen.order
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert state.selection == order[0]
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert state.selection == order[1]
    qtbot.keyClick(view, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert state.selection == order[0]


def test_beyond_the_map_s_edge_nothing_is_laid_on_the_ground(view):
    assert level_view(view.ground, 0) is not None
    polar = replace(view.ground, crs="+proj=tmerc +lat_0=88 +lon_0=10 +k=1 +datum=WGS84 +units=m +no_defs")
    assert level_view(polar, 0) is None
    cut = replace(view.ground, crs="+proj=tmerc +lat_0=-17 +lon_0=180 +k=1 +datum=WGS84 +units=m +no_defs")
    there, x, y = level_view(cut, 0)
    assert there.width < 1500
    assert float(np.ptp(x)) == pytest.approx(float(np.ptp(y)), rel=0.02)


def test_the_view_stands_in_the_map_s_place_and_goes_where_the_window_goes(settings, qtbot, tmp_path):
    from cn_planner.gui.state import AppState
    from cn_planner.gui.window import MainWindow

    fresh = AppState()
    fresh.follow = False
    window = MainWindow(fresh, settings)
    qtbot.addWidget(window)
    window.show()
    fresh.open_sample(tmp_path)
    qtbot.waitUntil(
        lambda: fresh.project is not None and window.regions.canvas.content.surface is not None, timeout=60_000
    )
    state = fresh
    state.select(SITE, "G01")
    window.do("see_3d:G01")
    view = window.regions.view3d
    assert view.isVisible()
    assert not window.regions.map_region.isVisible()
    assert window.commands["show_3d"].isChecked()
    qtbot.waitUntil(lambda: view.picture is not None, timeout=120_000)
    assert math.hypot(view.camera.east - _plane(view, state)[0], view.camera.north - _plane(view, state)[1]) < 1.0
    _settle(qtbot, view)
    before = window.regions.canvas.view
    window.do("zoom_out")
    window.do("zoom_out")
    far = view.camera
    assert far.distance_m == pytest.approx(4.0 * 3_500.0, rel=0.01)
    assert window.regions.canvas.view == before
    window.do("show:C01")
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    assert math.dist((view.camera.east, view.camera.north), _plane(view, state, "C01")) < 1.0
    assert window.regions.binding.go_to("-8.19, -20.98")
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    lat, lon = view.ground.to_geo(view.camera.east, view.camera.north)
    assert (float(lat), float(lon)) == pytest.approx((-8.19, -20.98), abs=1e-4)
    window.do("show_all")
    qtbot.waitUntil(lambda: not view._flight.active, timeout=10_000)
    assert view.camera == view._whole(view.ground)
    _settle(qtbot, view)
    window.do("place_tower")
    assert window.regions.canvas.tool is window.regions.canvas.tools["tower"]
    assert window.regions.map_region.isVisible()
    assert not window.commands["show_3d"].isChecked()
    window.do("see_3d:G01")
    _settle(qtbot, view)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()
    assert window.regions.map_region.isVisible()
    assert not window.commands["show_3d"].isChecked()
    window.close()


def _plane(view: GroundView, state, key: str = "G01") -> tuple[float, float]:
    site = state.plan.sites[key]
    east, north = view.ground.to_plane(site.latitude, site.longitude)
    return float(east), float(north)

"""The ground in three dimensions: each pixel against a plain ray through the samples, gaps, edges, and any threads."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from pyproj import Transformer

from cn_planner.coverage.ground_view import (
    FIELD_DEG,
    Camera,
    GroundPicture,
    ViewGround,
    lay_view_ground,
    lens_of,
    spots_of,
    summits,
    view_ground,
)
from cn_planner.drawing.ground_colours import GroundLook, dress_ground, tint_ground
from cn_planner.errors import CancelledError, InputError, MissingTerrainError
from cn_planner.gis.raster import RasterGrid
from cn_planner.progress import CancelToken, Run
from cn_planner.terrain.surface import NO_TERRAIN, Surface
from tests.coverage_places import place

EARTH_M = 6_371_000.0 * 4.0 / 3.0
LOOK = GroundLook(
    ((0, 160, 0), (200, 200, 200)), (0.5, 1.0), (201, 202, 203), (101, 102, 103), (0, 0, 250), (240, 240, 250),
    (255, 255, 255), (90, 60, 30),
)  # fmt: skip
SIZE = (320, 180)


def look(ground: ViewGround, camera: Camera, size=SIZE, run: Run | None = None, **more) -> GroundPicture:
    dress = dress_ground(ground, tint_ground(ground, LOOK))
    return view_ground(ground, dress.for_camera(camera.distance_m), camera, size, run=run or Run(), **more)


def plain_ray(surface: Surface, ground: ViewGround, camera: Camera, x: float, y: float, size, far_m: float):
    """Return how far off, on the level, a ray first meets the ground: turned by matrices, walked in small steps."""
    a, t = math.radians(camera.azimuth_deg), math.radians(camera.tilt_deg)
    # x to the right, y ahead, z up: first tilted about x, then turned about z.
    tilt = np.array([[1, 0, 0], [0, math.cos(t), math.sin(t)], [0, -math.sin(t), math.cos(t)]])
    turn = np.array([[math.cos(a), math.sin(a), 0], [-math.sin(a), math.cos(a), 0], [0, 0, 1]])
    half = math.tan(math.radians(FIELD_DEG / 2.0))
    ray = (
        turn
        @ tilt
        @ np.array([(2.0 * x / size[0] - 1.0) * half * size[0] / size[1], 1.0, (1.0 - 2.0 * y / size[1]) * half])
    )
    ahead = turn @ tilt @ np.array([0.0, 1.0, 0.0])
    eye = np.array([camera.east, camera.north, camera.up]) - camera.distance_m * ahead
    level = math.hypot(ray[0], ray[1])
    steps = [np.arange(1.0, 3000.0, 3.0), np.arange(3000.0, far_m, 9.0)]
    d = np.concatenate(steps)
    east, north, up = (eye[i] + ray[i] / level * d for i in range(3))
    lon, lat = Transformer.from_crs(ground.crs, "EPSG:4326", always_xy=True).transform(east, north)
    height = (surface.heights(lat, lon) - d * d / (2.0 * EARTH_M)) * camera.stretch
    hit = np.flatnonzero(height >= up)
    return float(d[hit[0]]) if len(hit) else None


@pytest.mark.parametrize(
    ("name", "tilt", "azimuth", "away", "stretch"),
    [("catalonia", 12.0, 340.0, 6_000.0, 1.0), ("catalonia", 50.0, 120.0, 9_000.0, 2.0),
     ("western-cape", 5.0, 75.0, 3_000.0, 1.0), ("chile", 25.0, 200.0, 12_000.0, 3.0)],
)  # fmt: skip
def test_a_pixel_is_as_far_away_as_a_plain_ray_says(shared_data, name, tilt, azimuth, away, stretch):
    surface, tower, _ = place(shared_data, name)
    ground = lay_view_ground(surface, tower.latitude, tower.longitude, reach_m=20_000.0)
    camera = Camera(0.0, 0.0, ground.height_m(0.0, 0.0) * stretch, azimuth, tilt, away, stretch)
    picture = look(ground, camera)
    rng = np.random.default_rng(11)
    cell = float(ground.levels.cell[0])
    pixels = np.column_stack([rng.integers(0, SIZE[0], 200), rng.integers(0, SIZE[1], 200)]).tolist()
    east, north, _ = camera.eye
    right = tried = 0
    for column, row in pixels:
        first = plain_ray(surface, ground, camera, column + 0.5, row + 0.5, SIZE, 22_000.0)
        got = picture.place(column + 0.5, row + 0.5)
        far = None if got is None else math.hypot(got[0] - east, got[1] - north)
        if first is None and far is not None and far > 18_000.0:
            continue  # beyond the walk
        tried += 1
        right += (far is None) == (first is None) and (far is None or abs(far - first) <= cell + 0.01 * first)
    assert tried > 120
    assert right >= 0.95 * tried  # beside a ridge a hair's breadth decides between near and far


def _cone(values: np.ndarray, west: float, north: float, step: float) -> RasterGrid:
    return RasterGrid("made", values.astype(np.float32), "EPSG:4326", (step, 0.0, west, 0.0, -step, north))


def _hill(shape: tuple[int, int], at: tuple[float, float], metres: tuple[float, float], high: float = 400.0):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    away = np.hypot((rows - at[0]) * metres[0], (columns - at[1]) * metres[1])
    return 100.0 + high * np.exp(-((away / 900.0) ** 2))


@pytest.fixture
def hill() -> tuple[Surface, ViewGround]:
    """One round hill at the equator, cells of some 33 m."""
    step = 0.0003
    surface = Surface([_cone(_hill((601, 601), (300, 300), (33.2, 33.4)), -300 * step, 300 * step, step)])
    return surface, lay_view_ground(surface, 0.0, 0.0, reach_m=9_000.0)


def test_what_hides_what_does_not_depend_on_the_stretch(hill):
    _, ground = hill
    east, north = np.array([0.0, 0.0, 1500.0]), np.array([2500.0, -2500.0, 0.0])
    for stretch in (1.0, 2.0, 3.0):
        eye = Camera(0.0, 0.0, 480.0 * stretch, 0.0, 6.0, 6_000.0, stretch)
        # The camera stands at the same place of the stretched ground each time.
        eye = replace(eye, up=(100.0 + 130.0) * stretch - 6_000.0 * math.sin(math.radians(6.0)))
        picture = look(ground, eye)
        spots = spots_of(ground, picture.lens, east, north, 6.0)
        assert picture.hidden(spots).tolist() == [True, False, False], stretch


def test_ridges_and_spots_agree_and_the_summit_is_where_it_is_drawn(hill):
    _, ground = hill
    for camera in (Camera(0.0, 0.0, 500.0, 30.0, 20.0, 5_000.0), Camera(0.0, 0.0, 500.0, 250.0, 60.0, 4_000.0)):
        picture = look(ground, camera)
        spots = spots_of(ground, picture.lens, np.zeros(1), np.zeros(1), 0.0)
        assert (spots.x[0], spots.y[0]) == pytest.approx((SIZE[0] / 2, SIZE[1] / 2), abs=0.6)
        east, north, _ = picture.place(float(spots.x[0]), float(spots.y[0]))
        assert math.hypot(east, north) < 60.0
        assert not picture.hidden(spots)[0]


def test_any_number_of_threads_gives_the_same_picture(hill):
    _, ground = hill
    camera = Camera(100.0, -50.0, 450.0, 33.0, 28.0, 5_000.0)
    alone = look(ground, camera, fine=True)
    for threads in (1, 3):
        with ThreadPoolExecutor(threads) as pool:
            other = look(ground, camera, fine=True, run=Run(pool))
        assert np.array_equal(alone.pixels, other.pixels)
        assert np.array_equal(alone.ahead_m, other.ahead_m)


def test_missing_ground_is_a_gap_in_its_own_colour_and_never_the_sea():
    step = 0.0003
    values = _hill((601, 601), (300, 300), (33.2, 33.4), high=0.0)
    values[260:340, 260:340] = np.nan
    surface = Surface([_cone(values, -300 * step, 300 * step, step)])
    ground = lay_view_ground(surface, 0.0, 0.0, reach_m=9_000.0)
    assert (ground.lowest_m, ground.highest_m) == (100.0, 100.0)
    picture = look(ground, Camera(0.0, 0.0, 100.0, 0.0, 35.0, 6_000.0))
    east, north, _ = picture.place(SIZE[0] / 2, SIZE[1] / 2)
    assert math.hypot(east, north) < 200.0
    block = picture.pixels[SIZE[1] // 2 - 6 : SIZE[1] // 2 + 6, SIZE[0] // 2 - 4 : SIZE[0] // 2 + 4]
    assert set(np.unique(block & 0xFFFFFF).tolist()) == {0xC9CACB, 0x656667}  # plain, and ruled
    assert math.isnan(ground.height_m(0.0, 0.0))


def _colours_down(picture: GroundPicture) -> list[int]:
    return (picture.pixels[:, SIZE[0] // 2] & 0xFFFFFF).tolist()


GREY = {0xC9CACB, 0x656667}
"""Plain, and ruled."""


@pytest.mark.parametrize("away", [900.0, 2_500.0])
def test_an_eye_over_a_gap_sees_the_gap_and_no_edge(away):
    """A gap 160 cells wide; the eye stands over it, or just before it."""
    step = 0.0003
    values = _hill((601, 601), (60, 300), (33.2, 33.4))
    values[220:380, 220:380] = np.nan
    surface = Surface([_cone(values, -300 * step, 300 * step, step)])
    ground = lay_view_ground(surface, 0.0, 0.0, reach_m=9_000.0)
    picture = look(ground, Camera(0.0, 300.0, 100.0, 0.0, 20.0, away))
    colours = _colours_down(picture)
    sky = int(np.flatnonzero(np.isfinite(picture.ahead_m[:, SIZE[0] // 2])).min())
    ahead = picture.ahead_m[sky:, SIZE[0] // 2]
    assert np.isfinite(ahead).all()
    assert (np.diff(ahead) <= 0.0).all()
    gap = [n for n, colour in enumerate(colours) if colour in GREY]
    assert gap == list(range(gap[0], SIZE[1]))
    # The gap ends 80 cells north of the middle: ground from there on is seen as far as it is.
    _, north, _ = picture.place(SIZE[0] / 2 + 0.5, gap[0] - 0.5)
    assert north == pytest.approx(80 * 33.2, abs=150.0)
    assert colours[0] not in GREY


def test_a_gap_to_the_far_end_of_the_ground_is_one_up_to_the_horizon():
    step = 0.0003
    values = _hill((601, 601), (300, 300), (33.2, 33.4), high=0.0)
    values[:260, 100:500] = np.nan  # both sides are known as far north
    surface = Surface([_cone(values, -300 * step, 300 * step, step)])
    ground = lay_view_ground(surface, 0.0, 0.0, reach_m=9_000.0)
    for north in (-2_000.0, 3_000.0):  # before the gap, and over it
        picture = look(ground, Camera(0.0, north, 100.0, 0.0, 10.0, 1_500.0))
        met = np.flatnonzero(np.isfinite(picture.ahead_m[:, SIZE[0] // 2]))
        # 8 km off the ground lies half a degree below the horizon of an eye at 260 m above it, and a pixel is 0.2.
        slope = (np.arange(SIZE[1]) + 0.5 - SIZE[1] / 2) / (SIZE[1] / 2) * math.tan(math.radians(FIELD_DEG / 2.0))
        below = -10.0 - np.degrees(np.arctan(slope))
        far = 10_000.0 - picture.camera.eye[1]
        assert below[met[0]] == pytest.approx(-math.degrees(math.atan(260.0 / far)), abs=0.4)
        assert met.tolist() == list(range(met[0], SIZE[1]))
        assert _colours_down(picture)[met[0]] in GREY


def test_beyond_the_ground_is_nothing_though_the_levels_reach_further(hill):
    surface, _ = hill
    wide = lay_view_ground(surface, 0.0, 0.0, reach_m=40_000.0)
    camera = Camera(0.0, 0.0, 500.0, 0.0, 8.0, 16_000.0)  # beyond the ground, within the levels
    assert 10_100.0 < 16_000.0 * math.cos(math.radians(8.0)) < wide.reach_m
    picture = look(wide, camera)
    assert any(colour >> 16 > (colour >> 8 & 255) + 10 for colour in _colours_down(picture))  # brown is the cut edge
    assert not GREY & set(_colours_down(picture))
    assert picture.place(SIZE[0] / 2, SIZE[1] - 2.0) is None
    assert picture.place(SIZE[0] / 2, SIZE[1] / 2)[:2] == pytest.approx((0.0, 0.0), abs=120.0)


def test_round_the_ground_is_nothing_and_its_edge_is_cut(hill):
    _, ground = hill
    camera = Camera(0.0, 0.0, 500.0, 0.0, 25.0, 40_000.0)
    picture = look(ground, camera)
    assert picture.place(SIZE[0] / 2, 2.0) is None
    assert picture.place(SIZE[0] / 2, SIZE[1] - 2.0) is None
    column = picture.ahead_m[:, SIZE[0] // 2]
    met = np.flatnonzero(np.isfinite(column))
    assert len(met) > 20
    assert np.all(np.diff(column[met]) <= 0.0)  # the lower in the picture, the nearer


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(0.0, 180.0), (0.0, -180.0), (78.0, 15.0), (-77.5, 166.0), (85.5, 20.0)]
)
def test_where_the_world_is_cut_and_near_the_poles_the_hill_is_where_it_is(latitude, longitude):
    step = 0.0003
    across = step * 111_320.0 * math.cos(math.radians(latitude))
    wide = min(int(24_000.0 / across), 9_000) // 2 * 2
    values = _hill((401, wide + 1), (200, wide / 2), (step * 111_320.0, across))
    left, right = values[:, : wide // 2 + 1], values[:, wide // 2 :]
    north = latitude + 200 * step
    grids = [_cone(left, longitude - wide // 2 * step, north, step)]
    grids.append(_cone(right, (longitude + 180.0) % 360.0 - 180.0, north, step))
    ground = lay_view_ground(Surface(grids), latitude, max(min(longitude, 180.0), -180.0), reach_m=6_000.0)
    top = ground.level(0)
    row, column = np.unravel_index(int(np.nanargmax(top)), top.shape)
    middle = len(top) // 2
    cell = float(ground.levels.cell[0])
    assert math.hypot(row - middle, column - middle) * cell < 60.0
    assert ground.highest_m == pytest.approx(500.0, abs=3.0)
    # 900 m to each side the hill is as high as it is to the other: nothing is missing, nothing mirrored.
    sides = [ground.height_m(*at) for at in ((700.0, 0.0), (-700.0, 0.0), (0.0, 700.0), (0.0, -700.0))]
    assert max(sides) - min(sides) < 6.0


def test_a_plan_of_a_hundred_kilometres_has_more_levels_and_a_picture(hill):
    surface, _ = hill
    ground = lay_view_ground(surface, 0.0, 0.0, reach_m=80_000.0)
    assert ground.reach_m >= 80_000.0
    assert len(ground.levels.start) == 4
    assert (np.diff(ground.levels.cell) > 0.0).all()
    picture = look(ground, Camera(0.0, 0.0, 300.0, 45.0, 30.0, 150_000.0))
    met = np.isfinite(picture.ahead_m)
    # 20 km of ground seen from 150 km: small, in the middle, and nothing round it.
    assert met[SIZE[1] // 2, SIZE[0] // 2]
    assert 0.005 < met.mean() < 0.2


def test_each_level_has_the_samples_of_the_ground(hill):
    surface, ground = hill
    for number in range(len(ground.levels.start)):
        cell, z = float(ground.levels.cell[number]), ground.level(number)
        for row, column in ((100, 200), (352, 352), (600, 90)):
            lat, lon = ground.to_geo((column - 352) * cell, (352 - row) * cell)
            assert z[row, column] == pytest.approx(float(surface.heights(lat, lon)), abs=0.02, nan_ok=True)


def test_summits_are_found_and_flat_ground_has_none(hill):
    _, ground = hill
    (east, north), *others = summits(ground)
    assert math.hypot(east, north) < 150.0
    assert not others
    flat = Surface([_cone(np.full((301, 301), 7.0), 0.0, 0.1, 0.0003)])
    assert summits(lay_view_ground(flat, 0.05, 0.05, reach_m=5_000.0)) == ()


def test_a_camera_goes_nearer_to_what_is_under_the_pointer_and_turns_about_its_aim(hill):
    _, ground = hill
    camera = Camera(0.0, 0.0, 100.0, 20.0, 30.0, 8_000.0)
    there = np.array([1200.0]), np.array([-600.0])
    before = spots_of(ground, lens_of(ground, camera, *SIZE), *there, 0.0)
    near = camera.nearer(2.0, (1200.0, -600.0, ground.height_m(1200.0, -600.0)))
    after = spots_of(ground, lens_of(ground, near, *SIZE), *there, 0.0)
    assert (after.x[0], after.y[0]) == pytest.approx((before.x[0], before.y[0]), abs=0.1)
    assert after.ahead_m[0] == pytest.approx(before.ahead_m[0] / 2.0, rel=1e-3)
    turned = camera.turned(90.0, 200.0)
    assert (turned.azimuth_deg, turned.tilt_deg) == (110.0, 64.0)
    assert math.dist(turned.eye, (turned.east, turned.north, turned.up)) == pytest.approx(8_000.0)


def test_no_ground_and_no_place_are_said():
    with pytest.raises(MissingTerrainError):
        lay_view_ground(NO_TERRAIN, 0.0, 0.0)
    far = Surface([_cone(np.zeros((11, 11)), 0.0, 1.0, 0.001)])
    with pytest.raises(MissingTerrainError):
        lay_view_ground(far, -45.0, 100.0)
    with pytest.raises(InputError):
        lay_view_ground(far, 91.0, 0.0)


def test_it_can_be_stopped(hill):
    surface, ground = hill
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        lay_view_ground(surface, 0.0, 0.0, run=Run(cancel=token))
    with pytest.raises(CancelledError):
        look(ground, Camera(0.0, 0.0, 0.0), run=Run(cancel=token))

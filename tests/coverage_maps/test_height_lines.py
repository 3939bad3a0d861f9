"""Lines of equal height on a picture of the ground, against the formula of the hill that is seen."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cn_planner.coverage.contour_kernels import HeightLines
from cn_planner.coverage.ground_view import Camera, GroundPicture, ViewGround, lay_view_ground, view_ground
from cn_planner.drawing.ground_colours import GroundLook, dress_ground, tint_ground
from cn_planner.gis.raster import RasterGrid
from cn_planner.progress import Run
from cn_planner.terrain.surface import Surface

SIZE = (480, 320)
LOOK = GroundLook(((200, 200, 200),) * 2, (0.5, 1.0), *(((250, 250, 250),) * 6))
STEP_DEG = 0.0003
EQUATOR_M = (6_378_137.0 * math.pi / 180.0, 110_574.3)
"""A degree of longitude and of latitude there."""


def height(east, north):
    """Return the height of the hill at a place."""
    return 100.0 + 400.0 * np.exp(-((east**2 + north**2) / 900.0**2))


@pytest.fixture(scope="module")
def ground() -> ViewGround:
    rows, columns = np.mgrid[:601, :601] - 300.0
    values = height(columns * STEP_DEG * EQUATOR_M[0], -rows * STEP_DEG * EQUATOR_M[1]).astype(np.float32)
    half = 300 * STEP_DEG
    grid = RasterGrid("made", values, "EPSG:4326", (STEP_DEG, 0.0, -half, 0.0, -STEP_DEG, half))
    return lay_view_ground(Surface([grid]), 0.0, 0.0, reach_m=9_000.0)


def seen(ground: ViewGround, camera: Camera, interval_m: float | None, **more) -> GroundPicture:
    dress = dress_ground(ground, tint_ground(ground, LOOK))
    lines = None if interval_m is None else HeightLines(interval_m, np.array([0.0, 0.0, 255.0]), 1.0, 1.0)
    return view_ground(ground, dress.for_camera(camera.distance_m), camera, SIZE, lines=lines, **more)


def lined(ground: ViewGround, camera: Camera, interval_m: float, **more) -> np.ndarray:
    """Return how much a picture's pixels were inked: by how much their blue and green differ from it without lines."""
    bare, drawn = (seen(ground, camera, one, **more).pixels for one in (None, interval_m))
    return np.abs(((drawn >> 8) & 255).astype(int) - ((bare >> 8) & 255).astype(int)) / 255.0


def heights_round(picture: GroundPicture, x: int, y: int) -> tuple[float, float, float] | None:
    """Return the height at a pixel, and the least and the greatest that it changes by to the next one."""
    around = [picture.place(x + dx + 0.5, y + dy + 0.5) for dx, dy in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))]
    if any(one is None for one in around):
        return None
    here, *others = (float(height(one[0], one[1])) for one in around)
    aside, down = ([abs(one - here) for one in pair] for pair in (others[:2], others[2:]))
    return here, math.hypot(min(aside), min(down)), math.hypot(max(aside), max(down))


@pytest.mark.parametrize("stretch", [1.0, 2.0])
def test_each_line_lies_where_the_ground_is_so_high_and_nowhere_else(ground, stretch):
    camera = Camera(0.0, 0.0, 300.0 * stretch, 35.0, 40.0, 4_000.0, stretch)
    interval = 50.0
    ink, picture = lined(ground, camera, interval), seen(ground, camera, None)
    inked = near = crossed = 0
    for y in range(2, SIZE[1] - 2, 2):
        for x in range(2, SIZE[0] - 2, 2):
            found = heights_round(picture, x, y)
            if found is None:
                continue
            here, least, most = found
            off = abs(here - interval * round(here / interval))
            if ink[y, x] > 0.05:
                # Half a master's width and half a pixel; half a one that its plane is off, and samples are 33 m apart.
                assert off <= 2.3 * most + 0.6, (x, y, found)
                near += off <= 1.4 * most + 0.6
                inked += 1
            if least > 0.3 and most < interval / 10.0 and off < 0.2 * least:
                assert ink[y, x] > 0.05, (x, y, found)
                crossed += 1
    assert inked > 300
    assert near > 0.95 * inked
    assert crossed > 50


def test_every_fifth_line_is_a_master(ground):
    camera = Camera(0.0, 0.0, 300.0, 35.0, 40.0, 4_000.0)
    ink, picture = lined(ground, camera, 50.0), seen(ground, camera, None)
    sums: dict[int, list[float]] = {}
    for y in range(40, SIZE[1] - 40):
        x = SIZE[0] // 2
        place = picture.place(x + 0.5, y + 0.5)
        if place is not None and ink[y, x] > 0.0:
            sums.setdefault(round(float(height(place[0], place[1])) / 50.0), []).append(float(ink[y, x]))
    assert {5} < set(sums)
    plain = [sum(one) for number, one in sums.items() if number % 5 and number < 9]
    assert sum(sums[5]) > 1.25 * max(plain)


def test_a_plain_has_no_lines_and_a_slope_too_steep_for_them_neither(ground):
    far = Camera(7_000.0, 0.0, 100.0, 0.0, 30.0, 1_000.0)  # 100.0 m to a hair: a multiple of the interval
    assert lined(ground, far, 50.0).max() == 0.0
    near = Camera(0.0, 0.0, 300.0, 35.0, 40.0, 4_000.0)
    ink, picture = lined(ground, near, 1.0), seen(ground, near, None)
    steep = 0
    for y in range(2, SIZE[1] - 2, 3):
        for x in range(2, SIZE[0] - 2, 3):
            found = heights_round(picture, x, y)
            if found is not None and found[1] > 2.6:  # even the masters are less than two pixels from each other
                assert ink[y, x] == 0.0, (x, y, found)
                steep += 1
    assert steep > 1_000


def test_any_number_of_threads_draws_the_same_lines(ground):
    camera = Camera(100.0, -50.0, 450.0, 33.0, 28.0, 5_000.0)
    alone = seen(ground, camera, 20.0, fine=True).pixels
    for threads in (1, 3):
        with ThreadPoolExecutor(threads) as pool:
            assert np.array_equal(alone, seen(ground, camera, 20.0, fine=True, run=Run(pool)).pixels)

"""The view: where places are on the screen, wherever the plan lies and however the map was moved."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.gui.map.mercator import MAX_LATITUDE, Viewport, to_geo, to_world

LATITUDE = st.floats(-85.0, 85.0)
LONGITUDE = st.floats(-180.0, 179.999)
ZOOM = st.floats(3.0, 20.0)


@given(LATITUDE, LONGITUDE)
def test_a_place_comes_back_from_the_map(latitude: float, longitude: float) -> None:
    back = to_geo(*to_world(latitude, longitude))
    assert back[0] == pytest.approx(latitude, abs=1e-9)
    assert back[1] == pytest.approx(longitude, abs=1e-9)


def test_the_poles_are_shown_at_the_edge() -> None:
    _, y = to_world([90.0, -90.0], [0.0, 0.0])
    assert y == pytest.approx([0.0, 1.0], abs=1e-12)
    assert pytest.approx(85.0511, abs=1e-4) == MAX_LATITUDE


@given(LATITUDE, LONGITUDE, ZOOM, st.sampled_from([1.0, 1.25, 1.5, 2.0]))
def test_what_is_under_a_pixel_is_drawn_at_that_pixel(lat: float, lon: float, zoom: float, ratio: float) -> None:
    view = Viewport(*map(float, to_world(lat, lon)), zoom, 900, 700, ratio).fitted()
    place = view.geo_at(123.0, 456.0)
    x, y = view.to_screen(*place)
    assert (float(x), float(y)) == pytest.approx((123.0, 456.0), abs=1e-3)


@given(LATITUDE, LONGITUDE, st.floats(4.0, 18.0), st.floats(-3.0, 3.0))
def test_zooming_keeps_what_is_under_the_cursor(lat: float, lon: float, zoom: float, levels: float) -> None:
    view = Viewport(*map(float, to_world(lat * 0.8, lon)), zoom, 800, 600).fitted()
    before = view.geo_at(600.0, 200.0)
    after = view.zoomed(view.zoom + levels, 600.0, 200.0)
    if 0.02 < after.y < 0.98 and after.height / (2 * after.scale) < min(after.y, 1 - after.y) - 1e-9:
        x, y = after.to_screen(*before)
        # The origin is a whole pixel before and after.
        assert math.hypot(float(x) - 600.0, float(y) - 200.0) < 1.0 + 2.0 ** max(levels, 0.0)


def test_panning_moves_everything_by_whole_pixels() -> None:
    view = Viewport(0.5, 0.4, 12.3, 801, 603)
    x, y = view.to_screen([30.0, 30.01], [0.0, 0.02])
    moved_x, moved_y = view.moved(17.0, -5.0).to_screen([30.0, 30.01], [0.0, 0.02])
    assert moved_x - x == pytest.approx([17.0, 17.0], abs=1e-6)
    assert moved_y - y == pytest.approx([-5.0, -5.0], abs=1e-6)


def test_a_plan_across_the_antimeridian_is_not_torn() -> None:
    view = Viewport(0.1, 0.5, 3.0, 800, 600).showing([-16.5, -16.9], [179.6, -179.7])
    x, _ = view.to_screen([-16.5, -16.9], [179.6, -179.7])
    assert view.zoom > 8
    assert 0 < float(x[0]) < float(x[1]) < 800
    line = view.line_pixels(*to_world([-16.5, -16.9], [179.6, -179.7]))
    assert abs(line[1, 0] - line[0, 0]) < 800


def test_showing_places_shows_them_all_with_room_round_them() -> None:
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(41, 42, 50), rng.uniform(1, 2, 50)
    view = Viewport(0.5, 0.5, 2.0, 1600, 1000, 2.0).showing(lat, lon)
    x, y = view.to_screen(lat, lon)
    assert x.min() >= 90
    assert x.max() <= 1510
    assert y.min() >= 90
    assert y.max() <= 910


def test_the_world_always_fills_the_window() -> None:
    view = Viewport(0.5, 0.0, 0.0, 3000, 2000).fitted()
    assert view.scale >= 3000 - 1e-6
    assert view.origin[1] >= 0

"""The relief: light from the north-west, voids left open."""

from __future__ import annotations

import numpy as np
import pytest

from cn_planner.drawing.hillshade import hillshade, relief, smooth


def test_flat_ground_is_as_bright_as_the_sun_is_high() -> None:
    shade = hillshade(np.full((5, 6), 812.0), 30.0)
    assert shade == pytest.approx(np.full((5, 6), np.sin(np.pi / 4)), abs=1e-6)


def test_a_slope_that_faces_the_light_is_brighter_than_its_back() -> None:
    x = np.abs(np.arange(41) - 20.0) * -10.0
    ridge = np.tile(x, (10, 1))  # rises to the middle: its west side faces the light
    shade = hillshade(ridge, 30.0)
    assert shade[5, 8] > shade[5, 32] + 0.2


def test_a_void_stays_a_void_and_no_larger() -> None:
    heights = np.random.default_rng(1).normal(500, 5, (12, 12))
    heights[4:6, 4:7] = np.nan
    shade = hillshade(smooth(heights, 4.0), 30.0)
    assert (np.isnan(shade) == np.isnan(heights)).all()
    picture = relief(shade)
    assert ((picture[..., 1] == 0) == np.isnan(heights)).all()


def test_smoothing_keeps_a_plane_and_its_height() -> None:
    plane = 3.0 * np.arange(40.0)[:, None] + 2.0 * np.arange(50.0)[None, :] + 1e4
    inner = (slice(12, -12), slice(12, -12))
    assert smooth(plane, 6.0)[inner] == pytest.approx(plane[inner], abs=1e-6)
    assert smooth(plane, float("nan")) == pytest.approx(plane)

"""The highest ground near a place: where a hand would put the tower."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.gis.raster import RasterGrid
from cn_planner.terrain.nearby import highest_nearby
from cn_planner.terrain.surface import Surface

STEP = 1.0 / 3600.0
MIDDLE = (0.05, 0.05)


def surface_of(values: np.ndarray) -> Surface:
    """Return ground round (0.05, 0.05) from heights on a grid of one second of arc."""
    rows, columns = values.shape
    west, north = MIDDLE[1] - STEP * (columns // 2), MIDDLE[0] + STEP * (rows // 2)
    transform = (STEP, 0.0, west, 0.0, -STEP, north)
    return Surface([RasterGrid("test", values.astype(np.float32), "EPSG:4326", transform)])


def cone(east: int, north: int, height: float) -> np.ndarray:
    """Return a hill whose top lies so many cells beside the middle."""
    row, column = np.indices((41, 41))
    return np.maximum(0.0, height - 10.0 * np.hypot(column - (20 + east), row - (20 - north)))


@given(east=st.integers(-3, 3), north=st.integers(-3, 3))
def test_the_top_of_a_hill_is_found_from_its_slope(east: int, north: int) -> None:
    found = highest_nearby(surface_of(cone(east, north, 100.0)), *MIDDLE, 150.0)
    if (east, north) == (0, 0):
        assert found is None  # already on top
        return
    assert found is not None
    here = 100.0 - 10.0 * np.hypot(east, north)
    assert found.gain_m == pytest.approx(found.ground_m - here, abs=1e-3)
    # Looked at along 36 directions, at half a cell: the very top is missed by less than a cell.
    assert found.ground_m > 100.0 - 8.0
    assert found.latitude == pytest.approx(MIDDLE[0] + north * STEP, abs=STEP)
    assert found.longitude == pytest.approx(MIDDLE[1] + east * STEP, abs=STEP)
    wanted = np.degrees(np.arctan2(east, north)) % 360.0
    assert abs((found.azimuth_deg - wanted + 180.0) % 360.0 - 180.0) < 15.0
    assert found.distance_m <= 150.0 + 1e-6


def test_flat_ground_and_a_rise_of_less_than_a_metre_are_not_worth_a_word() -> None:
    assert highest_nearby(surface_of(np.full((41, 41), 12.0)), *MIDDLE, 150.0) is None
    slope = np.tile(np.linspace(0.0, 2.0, 41), (41, 1))  # 5 cm a cell: 25 cm within reach
    assert highest_nearby(surface_of(slope), *MIDDLE, 150.0) is None


def test_of_equal_heights_the_nearest_is_taken() -> None:
    plateau = cone(0, 0, 0.0)
    plateau[:, 22:] = 50.0
    found = highest_nearby(surface_of(plateau), *MIDDLE, 300.0)
    assert found is not None
    assert found.distance_m < 80.0  # the edge is 62 m away
    assert 45.0 < found.azimuth_deg < 135.0


def test_where_ground_is_missing_nothing_is_said_of_it() -> None:
    hole = cone(3, 0, 100.0)
    hole[20, 20] = hole[19, 20] = hole[20, 21] = hole[19, 21] = np.nan
    assert highest_nearby(surface_of(hole), *MIDDLE, 150.0) is None or not np.isnan(
        highest_nearby(surface_of(hole), *MIDDLE, 150.0).gain_m
    )
    far = cone(3, 0, 100.0)
    far[:, 28:] = np.nan  # only what lies beyond is missing
    found = highest_nearby(surface_of(far), *MIDDLE, 400.0)
    assert found is not None
    assert np.isfinite(found.ground_m)


def test_outside_all_ground_there_is_none() -> None:
    assert highest_nearby(surface_of(cone(3, 0, 100.0)), 1.0, 1.0, 150.0) is None


@pytest.mark.parametrize("radius", [0.0, -5.0, float("nan")])
def test_a_radius_must_be_above_nothing(radius: float) -> None:
    with pytest.raises(InputError):
        highest_nearby(surface_of(cone(3, 0, 100.0)), *MIDDLE, radius)

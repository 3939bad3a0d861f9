"""Paths that one file knows whole, laid in one pass, have the samples of the profile, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from cn_planner.coverage.sample_kernels import TileGrid, TileWays
from cn_planner.coverage.whole_kernels import WholePaths, whole_samples
from cn_planner.geo import WGS84, geodesics, transform
from cn_planner.gis.raster import RasterGrid
from cn_planner.propagation.kernel import compiled
from cn_planner.terrain.profile import path_profiles, step_lengths
from cn_planner.terrain.surface import Surface
from cn_planner.terrain.track import motion

UTM = "EPSG:32631"
CELL_M, SIDE = 30.0, 120


def ground(values: np.ndarray) -> Surface:
    grid = RasterGrid(
        name="made up", values=values.astype(np.float32), crs=UTM, transform=(CELL_M, 0.0, 4e5, 0.0, -CELL_M, 4.6e6)
    )
    return Surface([grid])


def rough(height_m: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, height_m, (SIDE, SIDE))


def ends(rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lon, lat = transform(UTM, WGS84, 4e5 + CELL_M * columns, 4.6e6 - CELL_M * rows)
    return np.asarray(lat), np.asarray(lon)


def laid(
    surface: Surface, a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray], keep_outs: tuple[float, ...]
) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Return which paths were laid in one pass, and distances and heights of each."""
    azimuth, back, length = geodesics(*a, *b)
    run = motion(*a, *b, azimuth, back, length)
    (one,), good = surface.path_tiles(*a, *b, length, run, surface.jets(*a), surface.jets(*b))
    steps = step_lengths(length, surface.path_cell_m(*a, *b, length))
    distance, heights = np.empty((2, 20 * int(steps.sum() + len(steps))))
    counts = np.zeros(len(length), np.int64)
    paths = WholePaths(length, steps, good & one.touched, np.zeros((len(length), 3)), np.zeros(len(length)))
    ways = TileWays(one.x, one.y, one.turn, one.touched)
    tile = TileGrid(*one.tile.samples())
    total = compiled(whole_samples)(tile, ways, paths, np.array(keep_outs), distance, heights, counts)
    assert total == counts.sum()
    cut = np.cumsum(counts)[:-1]
    return counts > 0, np.split(distance[:total], cut), np.split(heights[:total], cut)


@pytest.mark.parametrize(
    ("height_m", "seed"),
    [(0.0, 1), (0.2, 2), (3.0, 3), (12.0, 4), (900.0, 5)],
    ids=["level", "nearly level", "rolling", "steep", "cliffs in every cell"],
)
@pytest.mark.parametrize("canopy_m", [0.0, 12.0])
def test_one_pass_has_the_samples_of_the_profile(height_m: float, seed: int, canopy_m: float) -> None:
    surface = ground(rough(height_m, seed))
    rng = np.random.default_rng(seed)
    a, b = (ends(*rng.uniform(1.0, SIDE - 2.0, (2, 60))) for _ in range(2))
    done, distance, heights = laid(surface, a, b, (200.0,) if canopy_m else ())
    # Where every cell is a cliff there is no room for so many places: the longer way takes those.
    assert done.all() or height_m > 100.0
    assert done.any()
    many = path_profiles(surface, *a, *b, canopy_m=canopy_m, keep_out_m=200.0)
    for k in np.flatnonzero(done):
        part = slice(many.offset[k], many.offset[k + 1])
        np.testing.assert_array_equal(distance[k], many.distance_m[part])
        np.testing.assert_array_equal(heights[k], many.ground_m[part])


@pytest.mark.parametrize("beside", [0.0, 1e-9, -1e-9, 1e-7, -1e-7])
@pytest.mark.parametrize("height_m", [0.2, 3.0, 12.0])
@pytest.mark.parametrize("canopy_m", [0.0, 12.0])
def test_ends_may_stand_on_samples(height_m: float, beside: float, canopy_m: float) -> None:
    """Towers are put on the highest samples: their paths need no longer way, whichever way they lead."""
    surface = ground(rough(height_m, 7))
    rng = np.random.default_rng(8)
    (row, column), (row_b, column_b) = rng.integers(2, SIDE - 3, (2, 2, 400)).astype(float) + beside
    # Towers with towers, towers with homes, homes with towers; and such as stand on a line but not on a sample.
    row_b[100:200] += rng.uniform(0.1, 0.9, 100)
    column_b[100:300] += rng.uniform(0.1, 0.9, 200)
    row[300:] += rng.uniform(0.1, 0.9, 100)
    a, b = ends(row, column), ends(row_b, column_b)
    done, distance, heights = laid(surface, a, b, (200.0,) if canopy_m else ())
    many = path_profiles(surface, *a, *b, canopy_m=canopy_m, keep_out_m=200.0)
    for k in np.flatnonzero(done):
        part = slice(many.offset[k], many.offset[k + 1])
        np.testing.assert_array_equal(distance[k], many.distance_m[part])
        np.testing.assert_array_equal(heights[k], many.ground_m[part])
    assert done[100:].mean() > 0.9
    assert done[:100].any()  # but where an equal step ends on a line, too


def test_what_is_not_plain_is_left_to_the_longer_way() -> None:
    values = rough(30.0, 6)
    values[50:56, 50:56] = np.nan  # too large to be filled
    surface = ground(values)
    row = np.array([20.5, 10.2, 60.0, 70.3, -0.3])
    column = np.array([20.5, 52.5, 10.4, 10.4, 30.2])
    row_b = np.array([30.5, 90.7, 60.0, 100.9, 30.4])
    column_b = np.array([30.2, 53.1, 90.4, 100.1, 60.2])
    # Plain; over a void; along a line of samples; plain; from beyond the last samples.
    done, distance, _ = laid(surface, ends(row, column), ends(row_b, column_b), ())
    assert done.tolist() == [True, False, False, True, False]
    assert [len(one) > 0 for one in distance] == done.tolist()


def test_two_edges_of_woods_at_one_place_are_one_sample() -> None:
    surface = ground(rough(0.0, 1))
    a, b = ends(np.array([20.3]), np.array([20.6])), ends(np.array([60.2]), np.array([70.9]))
    length = float(geodesics(*a, *b)[2][0])
    half = length / 2.0 - 1e-3  # just over and just under half the way: the edges all but meet
    for keep_m in (half - 1e-3, half - 1e-7, half + 1e-3, 0.0):
        done, (distance,), _ = laid(surface, a, b, (keep_m,))
        assert done.all()
        many = path_profiles(surface, *a, *b, canopy_m=5.0, keep_out_m=keep_m)
        np.testing.assert_array_equal(distance, many.distance_m)

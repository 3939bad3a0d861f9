"""A tower's line of sight: exact, the same with any number of threads, and honest where terrain is missing."""

from __future__ import annotations

import numpy as np
import pytest
from coverage_places import PLACES, cells_round, place
from coverage_slow import alike
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.coverage.coverage_map import coverage_map, map_ground
from cn_planner.coverage.crossings import FINE
from cn_planner.coverage.grid import CoverageSite, Grid, Ground, lay_ground
from cn_planner.coverage.los import all_tops, coarse_tops, los_tasks, tops_of
from cn_planner.gis.parts import place_in
from cn_planner.gis.raster import RasterGrid
from cn_planner.progress import Run
from cn_planner.terrain.surface import Surface

ROUNDING_M = 1e-4
"""What lies nearer to the ray than rounding in floats of single width may be taken for either."""


@pytest.mark.parametrize("name", PLACES)
def test_sweep_is_as_exact_as_promised(shared_data, reference, name):
    surface, site, radius = place(shared_data, name)
    result = coverage_map(surface, [site], rx_height_m=6.0, radius_m=radius)
    grid = result.grid
    heights = surface.on_grid(grid.crs, grid.transform, grid.shape)
    at, cells = cells_round(grid, site, radius, 60_000)
    dx, dy = grid.transform[0], -grid.transform[4]
    rows, cols = np.indices(grid.shape)
    inside = ((rows - at[0]) * dy) ** 2 + ((cols - at[1]) * dx) ** 2 <= radius**2
    assert (result.bands[0][~inside] == 255).all()
    want = reference(heights, at, cells, dx, dy, site.height_m, 6.0)
    got = result.bands[0][cells[:, 0], cells[:, 1]]
    clear_cut = ~(np.abs(want.clearance_m) <= ROUNDING_M)  # what is unknown counts
    assert np.array_equal(got[clear_cut], want.seen[clear_cut])
    assert clear_cut.mean() >= 0.9999
    assert (np.abs(want.clearance_m) < 2.0).sum() > 150
    assert {0, 1} <= set(got.tolist())


@pytest.mark.parametrize("name", PLACES)
def test_any_number_of_threads_and_two_jobs_at_once_give_the_same_bits(shared_data, name):
    surface, site, radius = place(shared_data, name)
    ground = lay_ground(surface, [site], radius)
    alike(lambda pool: map_ground(ground, rx_height_m=6.0, run=Run(pool)).bands, np.array_equal)


@pytest.mark.parametrize("shape", [(1, 1), (8, 32), (33, 65), (100, 71), (95, 128)])
def test_the_tops_of_blocks_are_those_of_their_finer_blocks(shape):
    rng = np.random.default_rng(shape[0])
    for void_share in (0.0, 0.001):
        z = rng.normal(size=shape).astype(np.float32)
        z[rng.random(shape) < void_share] = np.nan
        z.flags.writeable = False
        np.testing.assert_array_equal(coarse_tops(tops_of(z, FINE), shape), tops_of(z))


def test_exact_means_each_cell_on_its_own_profile(reference):
    rng = np.random.default_rng(3)
    z = np.cumsum(np.cumsum(rng.normal(size=(60, 70)), axis=0), axis=1).astype(np.float32)
    grid = Grid("EPSG:32631", (30.0, 0.0, 0.0, 0.0, -30.0, 0.0), z.shape, 30.0)
    out = np.full(z.shape, 255, np.uint8)
    for task in los_tasks(z, all_tops(z), grid, (20, 30), 10.0, 2.0, 900.0, 4 / 3, out, exact=True):
        task()
    rows, cols = np.indices(z.shape)
    inside = np.hypot(rows - 20, cols - 30) * 30.0 <= 900.0
    cells = np.argwhere(inside)
    want = reference(z, (20, 30), cells, 30.0, 30.0, 10.0, 2.0)
    clear_cut = np.abs(want.clearance_m) > 1e-6
    assert np.array_equal(out[inside][clear_cut], want.seen[clear_cut])
    assert (out[~inside] == 255).all()


@pytest.mark.parametrize("turn", [0.0, 25.0, 200.0])
@pytest.mark.parametrize("slant", [0.0, 0.7, -1.2])
@pytest.mark.parametrize("sides", [(30.0, 30.0), (30.0, 92.0), (47.0, 10.0)])
def test_exact_holds_on_cells_that_are_turned_slanting_or_oblong(reference, turn, slant, sides):
    """Against an exact walk along each cell's way: lengths from the places of both ends, heights in between."""
    rng = np.random.default_rng(4)
    z = np.cumsum(np.cumsum(rng.normal(size=(40, 46)), axis=0), axis=1).astype(np.float32)
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    (dx, dy), tower = sides, (22, 19)
    ways = np.array([[cos, sin], [sin, -cos]]) @ np.array([[dx, slant * dy], [0.0, dy]])  # of a column, of a row
    grid = Grid("EPSG:32631", (*ways[0], 4e5, *ways[1], 4.6e6), z.shape, min(sides))
    out = np.full(z.shape, 255, np.uint8)
    for task in los_tasks(z, all_tops(z), grid, tower, 10.0, 2.0, 12.0 * max(sides), 4 / 3, out, exact=True):
        task()
    cells = np.argwhere(np.ones(z.shape, np.bool_))
    length = np.hypot(*(ways @ (cells - np.array(tower))[:, ::-1].T))
    inside = length <= 12.0 * max(sides)
    assert (out[tuple(cells[~inside].T)] == 255).all()
    cells = cells[inside]
    want = reference(z, tower, cells, 0.0, 0.0, 10.0, 2.0, ways=ways)
    clear_cut = np.abs(want.clearance_m) > 1e-6
    assert np.array_equal(out[tuple(cells[clear_cut].T)], want.seen[clear_cut])
    assert (~clear_cut).sum() < 3
    assert {0, 1} <= set(out.ravel().tolist())


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 40),
    cols=st.integers(1, 40),
    dx=st.sampled_from([10.0, 30.0, 47.0]),
    dy=st.sampled_from([10.0, 30.0, 92.0]),
    voids=st.sampled_from([0.0, 0.02]),
    angle=st.sampled_from([0.0, 30.0, 200.0]),
    shear=st.sampled_from([0.0, 0.6, -1.3]),
)
def test_sweep_agrees_with_exact_on_any_shape_of_pixel(seed, rows, cols, dx, dy, voids, angle, shear):
    """Odd pixels, turned, slanting, rasters of one row, towers at the edge, voids: no crash, and the exact answer."""
    rng = np.random.default_rng(seed)
    # Rough ground that hangs together: where neighbouring columns are cliffs a sweep between them has no right answer.
    z = np.cumsum(np.cumsum(rng.normal(size=(rows, cols)), axis=0), axis=1).astype(np.float32)
    z[rng.random(z.shape) < voids] = np.nan
    tower = (int(rng.integers(rows)), int(rng.integers(cols)))
    z[tower] = 15.0  # known
    turn = np.radians(angle)
    grid = Grid(
        "EPSG:32631",
        (
            dx * np.cos(turn), dy * (np.sin(turn) + shear * np.cos(turn)), 0.0,
            dx * np.sin(turn), dy * (shear * np.sin(turn) - np.cos(turn)), 0.0,
        ),
        z.shape,
        min(dx, dy),
    )  # fmt: skip
    found = []
    for exact in (False, True):
        out = np.full(z.shape, 255, np.uint8)
        for task in los_tasks(z, all_tops(z), grid, tower, 10.0, 2.0, 25 * max(dx, dy), 4 / 3, out, exact=exact):
            task()
        found.append(out)
    both = (found[0] != 255) & (found[1] != 255)
    assert (found[0] == found[1])[both].mean() > 0.95
    assert (found[0][found[1] == 0] != 1).mean() > 0.97 if (found[1] == 0).any() else True
    assert np.array_equal(found[0] == 255, found[1] == 255) or voids


def _plain(z: np.ndarray, tower: tuple[int, int], radius: float = 5000.0) -> Ground:
    grid = Grid("EPSG:32631", (30.0, 0.0, 0.0, 0.0, -30.0, 0.0), z.shape, 30.0)
    site = CoverageSite("T", 0.0, 0.0, 10.0)
    return Ground(grid, z.astype(np.float32), (site,), (tower,), radius, ())


def test_what_lies_behind_a_void_is_unknown_unless_known_ground_blocks_it():
    z = np.zeros((5, 60), np.float32)
    z[:, 20] = np.nan  # a void across the valley
    z[:, 40] = 100.0  # a wall behind it
    band = map_ground(_plain(z, (2, 5)), rx_height_m=2.0).bands[0]
    assert band[2, 10] == 1
    assert band[2, 20] == 255
    assert (band[2, 22:40] == 255).all()
    assert (band[2, 42:] == 0).all()


def test_curvature_hides_what_lies_beyond_the_horizon_of_a_flat_sea():
    z = np.zeros((3, 2000), np.float32)
    band = map_ground(_plain(z, (1, 0), radius=60_000.0), rx_height_m=0.0).bands[0]
    reach = np.flatnonzero(band[1] == 1).max() * 30.0
    assert reach == pytest.approx(np.sqrt(2 * 10.0 * 6371000 * 4 / 3), abs=60.0)


def test_a_raster_of_one_cell_is_a_map_of_one_cell():
    band = map_ground(_plain(np.full((1, 1), 5.0), (0, 0)), rx_height_m=2.0).bands
    assert band.tolist() == [[[1]]]


def test_a_rotated_elevation_file_is_mapped_on_its_own_grid():
    z = np.zeros((40, 40), np.float32)
    turn = np.radians(30)
    t = (30 * np.cos(turn), 30 * np.sin(turn), 400_000.0, 30 * np.sin(turn), -30 * np.cos(turn), 4_650_000.0)
    surface = Surface([RasterGrid("turned.tif", z, "EPSG:32631", t)])
    latitude, longitude = Grid("EPSG:32631", t, z.shape, 30.0).centres(np.array([20]), np.array([20]))
    site = CoverageSite("T", float(latitude[0]), float(longitude[0]), 10.0)
    result = coverage_map(surface, [site], rx_height_m=2.0, radius_m=300.0)
    top, left = place_in(t, result.grid.transform)
    down, across = result.grid.shape
    assert 20 < down < 26, "of the file's own grid what the circle needs"
    rows, cols = np.indices(z.shape)
    inside = np.hypot(rows - 20, cols - 20) * 30 <= 300.0
    assert np.array_equal(result.bands[0] == 1, inside[top : top + down, left : left + across])
    assert result.cells == inside.sum()

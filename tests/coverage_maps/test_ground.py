"""The heights that maps are computed on, at five places: those of the file, read by another way."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from coverage_places import ONE_FILE
from coverage_slow import bilinear

from cn_planner.coverage.grid import CoverageSite, lay_ground
from cn_planner.coverage.quick import cut_window
from cn_planner.gis.parts import Circle
from cn_planner.gis.raster import read_elevation
from cn_planner.terrain.surface import Surface


def _slow(file, grid, rows, columns):
    """Return the heights at cells' centres, NaN outside the file."""
    a, b, c, d, e, f = grid.transform
    to_file = pyproj.Transformer.from_crs(grid.crs, file.crs, always_xy=True)
    x, y = to_file.transform(a * columns + b * rows + c, d * columns + e * rows + f)
    step_x, _, west, _, step_y, north = file.transform
    row, column = (y - north) / step_y, (x - west) / step_x
    inside = (row >= 0) & (row <= file.values.shape[0] - 1) & (column >= 0) & (column <= file.values.shape[1] - 1)
    heights = bilinear(file.values, np.where(inside, row, 0.0), np.where(inside, column, 0.0))
    return np.where(inside, heights, np.nan)


@pytest.mark.parametrize("name", ONE_FILE)
def test_heights_are_those_of_the_file_between_its_cells(shared_data, name):
    path, (latitude, longitude) = ONE_FILE[name]
    round_it = [Circle(latitude, longitude, 4_500.0)]
    surface, file = Surface.open([shared_data / path], circles=round_it), read_elevation(shared_data / path, round_it)
    site = CoverageSite("T", latitude, longitude, 10.0)
    laid = [lay_ground(surface, [site], 2_500.0), lay_ground(surface, [site], 2_500.0, 47.0)]
    for heights, grid in [(one.heights_m, one.grid) for one in laid] + [
        (window.heights_m, window.grid) for window in [cut_window(surface, latitude, longitude, 2_500.0, 40.0)]
    ]:
        x, y = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(longitude, latitude)
        (row,), (column,) = (np.rint(v).astype(int) for v in grid.to_cell(np.array([x]), np.array([y])))
        rows, columns = np.mgrid[row - 50 : row + 51, column - 50 : column + 51]
        want = _slow(file, grid, rows, columns)
        known = ~np.isnan(want)
        assert known.mean() > 0.99
        np.testing.assert_allclose(heights[rows, columns][known], want[known], rtol=0.0, atol=0.02)
    for one in laid:
        x, y = pyproj.Transformer.from_crs("EPSG:4326", one.grid.crs, always_xy=True).transform(longitude, latitude)
        row, column = one.cells[0]
        side = one.grid.transform[0] / 2.0
        assert abs(one.grid.transform[2] + column * 2.0 * side - x) <= side
        assert abs(one.grid.transform[5] - row * 2.0 * side - y) <= side

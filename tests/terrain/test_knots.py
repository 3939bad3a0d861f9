"""The ground of a picture is that which each of its places has, though only every sixteenth is projected."""

from __future__ import annotations

import numpy as np
import pytest

from cn_planner import geo
from cn_planner.gis.raster import RasterGrid
from cn_planner.terrain import knots
from cn_planner.terrain.knots import Knots, knots_along
from cn_planner.terrain.surface import Surface
from cn_planner.terrain.tile import ElevationTile

UTM = "EPSG:32636"


def hills(name: str, west_m: float, north_m: float, *, crs: str = UTM, cell: float = 30.0) -> RasterGrid:
    """200 x 200 samples of smooth ground, the same function of the place in every file of a CRS."""
    row, column = np.mgrid[0:200, 0:200]
    x, y = (west_m + column * cell) / cell, (north_m - row * cell) / cell
    values = 500.0 + 80.0 * np.sin(x / 9.0) * np.cos(y / 7.0)
    return RasterGrid(name, values.astype(np.float32), crs, (cell, 0.0, west_m, 0.0, -cell, north_m))


def raster(longitude: float, latitude: float, wide_m: float, rows: int = 300, columns: int = 420) -> Knots:
    """A raster about a place, of so many metres, on a grid of its own."""
    crs = geo.local_transverse_mercator(latitude, longitude)
    x, y = geo.transform(geo.WGS84, crs, [longitude], [latitude])
    (across, at_column), (down, at_row) = knots_along(columns), knots_along(rows)
    cell = wide_m / columns
    grid = np.meshgrid(x[0] + (across - columns / 2) * cell, y[0] - (down - rows / 2) * cell)
    east, north = geo.transform(crs, geo.WGS84, *grid)
    return Knots(north, (east + 180.0) % 360.0 - 180.0, at_row, at_column)


def one_by_one(surface: Surface, asked: Knots) -> np.ndarray:
    shape = len(asked.rows), len(asked.columns)
    return surface.heights(*asked.places(np.ones(shape, np.bool_))).reshape(shape)


def middle_of(grid: RasterGrid) -> tuple[float, float]:
    a, _, c, _, e, f = grid.transform
    lon, lat = geo.transform(grid.crs, geo.WGS84, [c + 100 * a], [f + 100 * e])
    return float(lon[0]), float(lat[0])


@pytest.mark.parametrize("wide_m", [900.0, 5_000.0, 14_000.0])
def test_a_picture_over_two_files_and_beyond_them_has_the_heights_of_its_places(wide_m):
    files = [hills("west.tif", 480_000.0, 340_000.0), hills("east.tif", 486_000.0, 340_000.0)]
    surface = Surface(files)
    asked = raster(*middle_of(files[0]), wide_m)
    found, alone = surface.on_raster(asked), one_by_one(surface, asked)
    known = np.isfinite(found) & np.isfinite(alone)
    assert known.mean() > 0.2
    # At the very edge of a file a millimetre decides.
    assert (np.isfinite(found) != np.isfinite(alone)).mean() < 1e-3
    assert float(np.abs(found - alone)[known].max()) < 0.02  # 0.05 of a cell at most, on slopes of a third


def test_a_picture_across_the_antimeridian_has_the_heights_on_both_sides():
    row, column = np.mgrid[0:200, 0:200]
    ground = (300.0 + 40.0 * np.sin(row / 9.0) + 0.2 * column).astype(np.float32)
    step = 1.0 / 3600.0
    east = RasterGrid("e.tif", ground, geo.WGS84, (step, 0.0, 180.0 - 199.5 * step, 0.0, -step, -17.0))
    west = RasterGrid("w.tif", ground, geo.WGS84, (step, 0.0, -180.0 + 0.5 * step, 0.0, -step, -17.0))
    surface = Surface([east, west])
    asked = raster(180.0, -17.0 - 100 * step, 5_000.0)
    found, alone = surface.on_raster(asked), one_by_one(surface, asked)
    assert np.isfinite(found[:, 10]).any()
    assert np.isfinite(found[:, -10]).any()
    np.testing.assert_allclose(found, alone, atol=0.02)


def test_where_lines_between_knots_are_off_each_place_is_projected_by_itself():
    """A conic projection, whose parallels are bent: from one knot to the next, 15 km, lines are metres off."""
    crs = "+proj=lcc +lat_1=60 +lat_2=70 +lat_0=65 +lon_0=20 +ellps=WGS84 +towgs84=0,0,0 +units=m"
    coarse = hills("coarse.tif", -100_000.0, 100_000.0, crs=crs, cell=1_000.0)
    fine = hills("fine.tif", -3_000.0, 3_000.0, crs=crs)
    asked = raster(20.0, 65.0, 60_000.0, rows=64, columns=64)
    places = asked.latitude, asked.longitude
    assert knots._on_file(ElevationTile(coarse), *places) is not None
    assert knots._on_file(ElevationTile(fine), *places) is None
    surface = Surface([fine])
    found, alone = surface.on_raster(asked), one_by_one(surface, asked)
    assert np.isfinite(found).any()
    np.testing.assert_array_equal(found, alone)


def test_heights_are_looked_up_in_parts_that_stay_in_the_cache(monkeypatch):
    asked_for, look_at = [], ElevationTile.look_at

    def watched(self, row, col, inside, *, fills):
        asked_for.append(len(row))
        return look_at(self, row, col, inside, fills=fills)

    monkeypatch.setattr(ElevationTile, "look_at", watched)
    grid = hills("hills.tif", 480_000.0, 340_000.0)
    Surface([grid]).on_raster(raster(*middle_of(grid), 5_000.0, rows=700, columns=900))
    assert sum(asked_for) == 700 * 900
    assert max(asked_for) <= 1 << 14


def test_a_raster_of_one_row_or_column_is_known_too():
    grid = hills("hills.tif", 480_000.0, 340_000.0)
    surface = Surface([grid])
    for rows, columns in ((1, 1), (1, 50), (50, 1)):
        asked = raster(*middle_of(grid), 500.0, rows, columns)
        np.testing.assert_allclose(surface.on_raster(asked), one_by_one(surface, asked), atol=0.02)

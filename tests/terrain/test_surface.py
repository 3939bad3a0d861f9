"""Heights are those of an independent reader and interpolator; seams leave no gap; what is missing is said."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cn_planner import geo
from cn_planner.errors import CancelledError, InputError
from cn_planner.gis.raster import RasterGrid
from cn_planner.progress import CancelToken
from cn_planner.terrain.surface import Surface
from cn_planner.terrain.voids import LARGEST_FILLED_CELLS, fill_small_voids

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

N = 100_000


def gdal_array(shared_data: Path, name: str) -> NDArray[np.float64]:
    with rasterio.open(f"/vsizip/{shared_data}/terrain/{name}.hgt.zip/{name}.hgt", driver="SRTMHGT") as dataset:
        values = dataset.read(1).astype(np.float64)
    values[values == -32768] = np.nan
    return values


def assert_same_heights(
    surface: Surface, lat: NDArray[np.float64], lon: NDArray[np.float64], expected: NDArray[np.float64]
) -> None:
    found, filled = surface.heights_and_filled(lat, lon)
    plain = ~filled & np.isfinite(expected)
    assert plain.mean() > 0.5
    np.testing.assert_allclose(found[plain], expected[plain], atol=1e-6)
    # Missing exactly where the other has a void among its four samples, unless the void was small and filled.
    assert not np.isfinite(found[np.isnan(expected) & ~filled]).any()


def tile(
    south: int, west: int, values: NDArray[np.floating] | None = None, name: str = "", **more: object
) -> RasterGrid:
    """An .hgt-like tile of 61 x 61 samples, by default rough ground that is the same function for every tile."""
    if values is None:
        row, col = np.mgrid[0:61, 0:61]
        values = ground((south + 1) * 60 - row, west * 60 + col)
    ns, ew = "S" if south < 0 else "N", "W" if west < 0 else "E"
    return RasterGrid(
        name=name or f"{ns}{abs(south):02d}{ew}{abs(west):03d}.hgt",
        values=values.astype(np.float32),
        crs="EPSG:4326",
        transform=(1 / 60, 0.0, float(west), 0.0, -1 / 60, south + 1.0),
        edge=0.0,
        **more,  # type: ignore[arg-type]
    )


def ground(j: NDArray[np.int64], i: NDArray[np.int64]) -> NDArray[np.float64]:
    """Heights by whole minutes of latitude and longitude, the same at 180 west and 180 east."""
    i = np.mod(i, 360 * 60)
    return np.round(
        500 + 200 * np.sin(j / 3.0) + 150 * np.cos(i * 2 * np.pi * 900 / 21600) + 31 * ((i * 7 + j * 13) % 5)
    )


# --- real places against another reader and another interpolator


@pytest.mark.parametrize(
    ("name", "south", "west"), [("N43W003", 43, -3), ("S33E018", -33, 18), ("S29W072", -29, -72), ("N41E001", 41, 1)]
)
def test_heights_of_a_real_tile(shared_data: Path, name: str, south: int, west: int) -> None:
    random = np.random.default_rng(3)
    lat, lon = south + random.random(N), west + random.random(N)
    values = gdal_array(shared_data, name)
    expected = ndimage.map_coordinates(values, [(south + 1 - lat) * 1200, (lon - west) * 1200], order=1, mode="nearest")
    assert_same_heights(Surface.open([shared_data / "terrain" / f"{name}.hgt.zip"]), lat, lon, expected)


def test_heights_across_the_catalan_seam_are_those_of_a_mosaic(shared_data: Path) -> None:
    random = np.random.default_rng(4)
    mosaic = np.vstack([gdal_array(shared_data, "N42E001"), gdal_array(shared_data, "N41E001")[1:]])
    lat = 42.0 + np.concatenate([random.uniform(-1, 1, N), random.uniform(-0.001, 0.001, N), np.zeros(1000)])
    lon = 1.0 + random.random(len(lat))
    expected = ndimage.map_coordinates(mosaic, [(43.0 - lat) * 1200, (lon - 1.0) * 1200], order=1, mode="nearest")
    paths = [shared_data / "terrain" / f"{name}.hgt.zip" for name in ("N41E001", "N42E001")]
    surface = Surface.open(paths)
    assert_same_heights(surface, lat, lon, expected)
    np.testing.assert_allclose(surface.heights(lat, lon), Surface.open(paths[::-1]).heights(lat, lon), atol=1e-9)
    assert surface.bounds == (41.0, 1.0, 43.0, 2.0)


@pytest.mark.parametrize("name", ["bigtujunga.tif", "gulu_elevation_155m.tif"])
def test_heights_of_a_real_geotiff(shared_data: Path, name: str) -> None:
    path = shared_data / "terrain" / name
    random = np.random.default_rng(5)
    with rasterio.open(path) as dataset:
        values = dataset.read(1, out_dtype=np.float64)
        row, col = random.uniform(0, dataset.height - 1, N), random.uniform(0, dataset.width - 1, N)
        x, y = (
            dataset.transform.c + dataset.transform.a * (col + 0.5),
            dataset.transform.f + dataset.transform.e * (row + 0.5),
        )
        lon, lat = pyproj.Transformer.from_crs(dataset.crs.to_wkt(), 4326, always_xy=True).transform(x, y)
    values[values == 0.0] = np.nan  # what was cut off along the district's border
    expected = ndimage.map_coordinates(values, [row, col], order=1)
    assert np.isfinite(expected).mean() > 0.5
    np.testing.assert_allclose(Surface.open([path]).heights(lat, lon), expected, atol=1e-3)


def test_the_native_metric_grid_is_handed_over_as_it_is(shared_data: Path) -> None:
    path = shared_data / "terrain" / "bigtujunga.tif"
    surface = Surface.open([path])
    grid = surface.metric_grid()
    assert grid is not None
    with rasterio.open(path) as dataset:
        np.testing.assert_array_equal(surface.on_grid(*grid), dataset.read(1))
        assert pyproj.CRS(grid[0]) == pyproj.CRS(dataset.crs.to_wkt())
    assert surface.cell_m(34.3, -118.1) == 30.0
    assert Surface.open([shared_data / "terrain" / "gulu_elevation_155m.tif"]).metric_grid() is None


def test_another_grid_has_the_heights_of_its_pixel_centres(shared_data: Path) -> None:
    surface = Surface.open([shared_data / "terrain" / f"{name}.hgt.zip" for name in ("N41E001", "N42E001")])
    crs = geo.local_transverse_mercator(42.0, 1.5)
    at = (30.0, 2.0, -6000.0, 1.0, -30.0, 6000.0)
    raster = surface.on_grid(crs, at, (401, 350))
    row, col = np.mgrid[0:401, 0:350]
    back = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    lon, lat = back.transform(30.0 * col + 2.0 * row - 6000.0, col - 30.0 * row + 6000.0)
    np.testing.assert_array_equal(raster, surface.heights(lat, lon).astype(np.float32))
    assert raster.dtype == np.float32


# --- made ground: seams anywhere on the globe


@pytest.mark.parametrize(
    ("south", "west"), [(0, 0), (-1, -1), (-34, 17), (79, 14), (-81, -70), (10, 179), (-17, 178), (60, -180)]
)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_four_tiles_are_one_ground(south: int, west: int, data: st.DataObject) -> None:
    """Across the equator, Greenwich and the antimeridian, at 80 degrees north and south: no gap and no step."""
    east = -180 if west == 179 else west + 1
    tiles = [tile(s, w) for s in (south, south + 1) for w in (west, east)]
    surface = Surface(data.draw(st.permutations(tiles)))
    u, v = data.draw(st.floats(0, 120)), data.draw(st.floats(0, 120))
    lat, lon = south + v / 60, west + u / 60
    j, i = math.floor(v), math.floor(u)
    jj, ii = np.mgrid[j : j + 2, i : i + 2]
    g = ground(south * 60 + jj, west * 60 + ii)
    fv, fu = v - j, u - i
    expected = (g[0, 0] * (1 - fu) + g[0, 1] * fu) * (1 - fv) + (g[1, 0] * (1 - fu) + g[1, 1] * fu) * fv
    for turn in (0.0, 360.0, -360.0):
        assert surface.heights(lat, lon + turn) == pytest.approx(expected, abs=1e-5)
    assert surface.bounds == (south, west, south + 2, west + 2 if west + 2 <= 180 else west + 2 - 360)


def test_tiles_whose_pixels_are_areas_leave_no_gap_between_them() -> None:
    """GLO-30 tiles share no row: between their last and first samples lies a cell that belongs to both."""
    row, col = np.mgrid[0:120, 0:50]
    whole = ground(row, col).astype(np.float32)
    one, whole_at = (0.01, 0.0, 1.005, 0.0, -0.01, 41.995), (0.01, 0.0, 1.005, 0.0, -0.01, 41.995)
    north = RasterGrid("a.tif", whole[:60], "EPSG:4326", one)
    south = RasterGrid("b.tif", whole[60:], "EPSG:4326", (0.01, 0.0, 1.005, 0.0, -0.01, 41.395))
    mosaic = Surface([RasterGrid("c.tif", whole, "EPSG:4326", whole_at)])
    random = np.random.default_rng(6)
    lat, lon = random.uniform(40.8, 42.0, 20_000), random.uniform(1.0, 1.5, 20_000)
    expected = mosaic.heights(lat, lon)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(Surface([north, south]).heights(lat, lon), expected, atol=1e-6)


def test_a_world_that_begins_at_greenwich_answers_in_the_west() -> None:
    row, col = np.mgrid[0:18, 0:36]
    world = RasterGrid("w.tif", (row * 100 + col).astype(np.float32), "EPSG:4326", (10.0, 0, 5.0, 0, -10.0, 85.0))
    surface = Surface([world])
    assert surface.heights([85.0, 85.0, 85.0], [-175.0, 185.0, 355.0]).tolist() == [18.0, 18.0, 35.0]
    assert surface.heights(85.0, 0.0) == pytest.approx(17.5)  # half way from the last column to the first
    assert surface.heights(85.0, 360.0) == pytest.approx(17.5)


def test_a_rotated_grid_answers_by_its_own_axes() -> None:
    row, col = np.mgrid[0:40, 0:30]
    at = (28.0, 9.0, 400_000.0, 7.0, -31.0, 4_600_000.0)
    values = ground(row, col)
    surface = Surface([RasterGrid("r.tif", values.astype(np.float32), "EPSG:32631", at)])
    random = np.random.default_rng(8)
    r, c = random.uniform(0, 39, 5000), random.uniform(0, 29, 5000)
    x, y = 28.0 * c + 9.0 * r + 400_000.0, 7.0 * c - 31.0 * r + 4_600_000.0
    lon, lat = pyproj.Transformer.from_crs(32631, 4326, always_xy=True).transform(x, y)
    expected = ndimage.map_coordinates(values, [r, c], order=1)
    np.testing.assert_allclose(surface.heights(lat, lon), expected, atol=1e-3)
    assert surface.cell_m(float(lat[0]), float(lon[0])) == pytest.approx(math.hypot(28, 7))


def test_a_raster_of_one_pixel_speaks_for_its_pixel_alone() -> None:
    surface = Surface([RasterGrid("one.tif", np.array([[7.0]], np.float32), "EPSG:4326", (0.1, 0, 1.0, 0, -0.1, 2.0))])
    assert surface.heights([2.0, 2.04, 2.0, 2.06], [1.0, 0.96, 1.06, 1.0]).tolist()[:2] == [7.0, 7.0]
    assert np.isnan(surface.heights([2.0, 2.06], [1.06, 1.0])).all()


# --- which file answers


def test_metres_across_180_degrees_lie_where_they_lie() -> None:
    """A map of 12 km in metres said that it lay 7 degrees round: its sides are -179.95 and 179.93."""
    east, north = geo.transform(geo.WGS84, "EPSG:3460", [179.99], [-16.8])
    step = 30.0
    start = (step, 0.0, east[0] - 200 * step, 0.0, -step, north[0] + 200 * step)
    south, west, north_side, east_side = Surface(
        [RasterGrid("taveuni", np.full((400, 400), 7.0, np.float32), "EPSG:3460", start)]
    ).bounds
    assert (south, north_side) == (pytest.approx(-16.854, abs=0.01), pytest.approx(-16.746, abs=0.01))
    assert (west, east_side) == (pytest.approx(179.934, abs=0.01), pytest.approx(-179.954, abs=0.01))


def test_the_finer_file_answers_unless_priority_is_given() -> None:
    coarse = tile(41, 1, np.full((61, 61), 100.0))
    fine = RasterGrid("fine.tif", np.full((10, 10), 7.0, np.float32), "EPSG:4326", (0.001, 0, 1.5, 0, -0.001, 41.5))
    at = [41.495, 41.2], [1.505, 1.2]
    assert Surface([coarse, fine]).heights(*at).tolist() == [7.0, 100.0]
    assert Surface([coarse, fine], [1, 0]).heights(*at).tolist() == [100.0, 100.0]
    assert Surface([coarse, fine]).cell_m(41.495, 1.505) < 120 < Surface([coarse, fine]).cell_m(41.2, 1.2)
    assert [source.name for source in Surface([coarse, fine]).sources] == ["N41E001.hgt", "fine.tif"]


def test_a_void_of_the_finer_file_is_answered_by_the_coarser() -> None:
    hole = np.full((30, 30), 7.0, np.float32)
    hole[5:25, 5:25] = np.nan
    fine = RasterGrid("fine.tif", hole, "EPSG:4326", (0.001, 0, 1.5, 0, -0.001, 41.5))
    surface = Surface([fine, tile(41, 1, np.full((61, 61), 100.0))])
    assert surface.heights([41.485, 41.498], [1.515, 1.502]).tolist() == [100.0, 7.0]
    assert surface.missing_tiles(41.485, 1.515) == ()


def test_priorities_must_be_one_a_file() -> None:
    with pytest.raises(InputError):
        Surface([tile(41, 1)], [1, 2])


# --- voids


def hole(rows: slice | int, cols: slice | int, values: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    out = np.add.outer(np.arange(61.0) * 10, np.arange(61.0)) if values is None else values.copy()
    out[rows, cols] = np.nan
    return out


def test_a_small_void_is_filled_from_its_rim_and_marked() -> None:
    surface = Surface([tile(41, 1, hole(slice(20, 24), slice(30, 34)))])
    at = 42.0 - 21 / 60, 1.0 + 32 / 60
    assert surface.heights(*at) == pytest.approx(21 * 10 + 32, abs=1e-3)  # a plane comes back as a plane
    assert surface.filled(*at)
    assert not surface.filled(42.0 - 30 / 60, 1.5)
    assert surface.missing_tiles(*at) == ()


def test_a_large_void_stays_missing_and_is_named() -> None:
    surface = Surface([tile(41, 1, hole(slice(20, 25), slice(30, 34)))])
    at = 42.0 - 21 / 60, 1.0 + 32 / 60
    assert np.isnan(surface.heights(*at))
    assert not surface.filled(*at)
    assert surface.missing_tiles(*at) == ("void in N41E001.hgt near 41.65, 1.53",)


def test_a_point_on_a_sample_beside_a_void_has_that_samples_height() -> None:
    surface = Surface([tile(41, 1, hole(slice(20, 40), slice(20, 40)))])
    assert surface.heights(42.0 - 19 / 60, 1.0 + 30 / 60) == pytest.approx(220.0)


def test_a_void_at_the_outer_edge_is_not_guessed_from_one_side() -> None:
    assert np.isnan(Surface([tile(41, 1, hole(0, 30))]).heights(42.0, 1.5))


@given(
    top=st.integers(56, 62),
    left=st.integers(56, 62),
    rows=st.integers(1, 5),
    cols=st.integers(1, 5),
    flip=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_void_across_a_seam_is_treated_as_in_a_mosaic(top: int, left: int, rows: int, cols: int, flip: bool) -> None:
    mosaic = ground(*np.mgrid[0:121, 0:121])
    mosaic[top : top + rows, left : left + cols] = np.nan
    parts = {
        (north, east): mosaic[0 if north else 60 :, 60 if east else 0 :][:61, :61]
        for north in (0, 1)
        for east in (0, 1)
    }
    tiles = [tile(40 + north, 1 + east, part) for (north, east), part in parts.items()]
    surface = Surface(tiles[::-1] if flip else tiles)
    whole = Surface([RasterGrid("m.tif", mosaic.astype(np.float32), "EPSG:4326", (1 / 60, 0, 1.0, 0, -1 / 60, 42.0))])
    lat, lon = (np.linspace(a, a + 0.5, 97) for a in (40.75, 1.75))
    lat, lon = np.meshgrid(lat, lon)
    np.testing.assert_allclose(surface.heights(lat, lon), whole.heights(lat, lon), atol=1e-4)
    np.testing.assert_array_equal(surface.filled(lat, lon), whole.filled(lat, lon))


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.6))
@settings(max_examples=60, deadline=None)
def test_void_areas_are_those_of_another_library(seed: int, share: float) -> None:
    values = np.random.default_rng(seed).uniform(0, 1000, (37, 29)).astype(np.float32)
    values[np.random.default_rng(seed + 1).random(values.shape) < share] = np.nan
    missing = np.isnan(values)
    areas, count = ndimage.label(missing, structure=np.ones((3, 3)))
    small = np.zeros_like(missing)
    for number in range(1, count + 1):
        area = areas == number
        border = area[0].any() or area[-1].any() or area[:, 0].any() or area[:, -1].any()
        small |= area if area.sum() <= LARGEST_FILLED_CELLS and not border else False
    before = values.copy()
    filled = fill_small_voids(values)
    np.testing.assert_array_equal(small, np.zeros_like(small) if filled is None else filled)
    np.testing.assert_array_equal(np.isnan(values), missing & ~small)
    np.testing.assert_array_equal(values[~missing], before[~missing])
    if small.any():  # no new hill or hollow
        assert np.nanmin(before) - 1e-3 <= values[small].min() <= values[small].max() <= np.nanmax(before) + 1e-3


def test_the_files_that_were_given_are_not_changed() -> None:
    grid = tile(41, 1, hole(slice(20, 22), slice(30, 32)))
    Surface([grid])
    assert np.isnan(grid.values).sum() == 4


# --- what is missing


def test_missing_tiles_are_named_and_missing_ground_is_never_sea_level() -> None:
    surface = Surface([tile(41, 1)])
    lat, lon = [41.5, 42.5, -0.5, 41.5, 41.2, 89.5], [1.5, 1.5, -0.5, 0.999, 181.0, 1.5]
    assert np.isnan(surface.heights(lat, lon)).tolist() == [False, True, True, True, True, True]
    assert sorted(surface.missing_tiles(lat, lon)) == ["N41E000", "N41W179", "N42E001", "N89E001", "S01W001"]


def test_beyond_a_metric_file_is_said_with_its_name(shared_data: Path) -> None:
    surface = Surface.open([shared_data / "terrain" / "bigtujunga.tif"])
    assert surface.missing_tiles(0.0, 0.0) == ("outside bigtujunga.tif",)
    assert np.isnan(surface.heights([0.0, 90.0, 34.3, np.nan], [0.0, 0.0, 61.9, 0.0])).all()


def test_a_surface_of_no_files_is_missing_everywhere() -> None:
    surface = Surface([])
    assert np.isnan(surface.heights(1.5, 2.5))
    assert surface.missing_tiles(1.5, 2.5) == ("N01E002",)
    with pytest.raises(InputError):
        _ = surface.bounds


# --- shape, order, cancelling


def test_the_same_point_has_the_same_bits_in_any_array(shared_data: Path) -> None:
    surface = Surface.open([shared_data / "terrain" / "N41E001.hgt.zip"])
    random = np.random.default_rng(9)
    lat, lon = 41 + random.random((300, 700)), 1 + random.random((300, 700))
    whole = surface.heights(lat, lon)
    assert whole.shape == (300, 700)
    assert surface.heights(lat[200:, 13], lon[200:, 13]).tobytes() == whole[200:, 13].tobytes()
    assert surface.heights(lat[299, 699], lon[299, 699]).tobytes() == whole[299, 699].tobytes()


def test_reading_can_be_cancelled(shared_data: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        Surface.open([shared_data / "terrain" / "N41E001.hgt.zip"], cancel=token)


def test_a_map_of_the_whole_globe_whose_corners_lie_beside_it() -> None:
    step = 200_000.0
    grid = RasterGrid(
        "moll", np.full((90, 180), 7.0, np.float32), "ESRI:54009", (step, 0.0, -89.5 * step, 0.0, -step, 44.5 * step)
    )
    surface = Surface([grid])
    assert surface.heights([0.1, 42.0], [1.0, -170.0]).tolist() == [7.0, 7.0]

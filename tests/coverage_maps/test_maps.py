"""Clearance, least height and loss maps: each cell as its own profile says, and refusals in words."""

from __future__ import annotations

import numpy as np
import pytest

from cn_planner.coverage.coverage_map import Combine, coverage_map, map_ground
from cn_planner.coverage.grid import CoverageSite, Grid, Ground, lay_ground
from cn_planner.coverage.map_models import GroundMap
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.gis.raster import RasterGrid, read_elevation
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.links.conditions import Conditions
from cn_planner.progress import CancelToken, Run
from cn_planner.propagation.p526 import p526_loss
from cn_planner.terrain.surface import Surface

SHAPE = (60, 70)
TRANSFORM = (30.0, 0.0, 400_000.0, 0.0, -30.0, 4_650_000.0)


@pytest.fixture
def hills() -> np.ndarray:
    rng = np.random.default_rng(5)
    field = np.cumsum(np.cumsum(rng.normal(size=SHAPE), axis=0), axis=1)
    return (field - field.min()).astype(np.float32)


def _surface(z: np.ndarray) -> Surface:
    return Surface([RasterGrid("hills.tif", z, "EPSG:32631", TRANSFORM)])


def _site(row: int, col: int, height_m: float = 20.0, name: str = "T") -> CoverageSite:
    grid = Grid("EPSG:32631", TRANSFORM, SHAPE, 30.0)
    latitude, longitude = grid.centres(np.array([row]), np.array([col]))
    return CoverageSite(name, float(latitude[0]), float(longitude[0]), height_m)


def _inside(row: int, col: int, radius: float) -> np.ndarray:
    rows, cols = np.indices(SHAPE)
    return np.hypot(rows - row, cols - col) * 30.0 <= radius


def test_fresnel_and_height_maps_are_those_of_each_cells_profile(hills, reference):
    inside = _inside(30, 20, 1500.0)
    cells = np.argwhere(inside)
    want = reference(hills, (30, 20), cells, 30.0, 30.0, 20.0, 6.0, wavelength=299.792458 / 5800.0)
    options = {"rx_height_m": 6.0, "radius_m": 1500.0, "freq_mhz": 5800.0, "exact": True}
    fresnel = coverage_map(_surface(hills), [_site(30, 20)], model="fresnel", **options).bands[0]
    height = coverage_map(_surface(hills), [_site(30, 20)], model="min-height", **options).bands[0]
    np.testing.assert_allclose(fresnel[inside], want.clearance_f1, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(height[inside], want.min_height_m, rtol=1e-5, atol=1e-3)
    assert np.isnan(fresnel[~inside]).all()
    assert np.isnan(height[~inside]).all()


def test_a_receiver_at_the_least_height_has_just_enough_clear(hills):
    options = {"radius_m": 1500.0, "freq_mhz": 5800.0, "exact": True}
    height = coverage_map(_surface(hills), [_site(30, 20)], model="min-height", rx_height_m=0.0, **options).bands[0]
    place = np.unravel_index(np.nanargmax(height), SHAPE)
    needed = float(height[place])
    assert needed > 1.0
    clear = coverage_map(_surface(hills), [_site(30, 20)], model="fresnel", rx_height_m=needed, **options).bands[0]
    assert clear[place] == pytest.approx(0.6, abs=1e-3)


@pytest.mark.parametrize("cell", [(30, 21), (5, 60), (55, 20), (40, 44)])
def test_loss_map_is_the_loss_of_the_cells_own_profile(hills, cell):
    result = coverage_map(
        _surface(hills), [_site(30, 20)], model="p526", rx_height_m=6.0, radius_m=2500.0, freq_mhz=5800.0, exact=True
    )
    # The cell's profile in plain numpy and the plain form of the model.
    dr, dc = cell[0] - 30, cell[1] - 20
    length = float(np.hypot(dr, dc) * 30.0)
    n = int(np.ceil(length / 15.0 - 1e-9))
    t = np.arange(n + 1) / n
    rows, cols = 30 + dr * t, 20 + dc * t
    r, c = np.minimum(rows.astype(int), SHAPE[0] - 2), np.minimum(cols.astype(int), SHAPE[1] - 2)
    z = hills.astype(np.float64)
    fr, fc = rows - r, cols - c
    upper = z[r, c] * (1 - fc) + z[r, c + 1] * fc
    ground = upper * (1 - fr) + (z[r + 1, c] * (1 - fc) + z[r + 1, c + 1] * fc) * fr
    want = p526_loss(t * length, ground, ground, ground[0] + 20.0, ground[-1] + 6.0, 5800.0)
    assert result.bands[0][cell] == pytest.approx(want.total_db, abs=2e-4)


def test_count_and_best_say_what_the_bands_say(hills):
    sites = [_site(30, 20, name="A"), _site(10, 60, name="B"), _site(50, 50, name="C")]
    options = {"rx_height_m": 3.0, "radius_m": 1800.0}
    surface = _surface(hills)
    bands = coverage_map(surface, sites, **options).bands
    counted = coverage_map(surface, sites, combine="count", **options)
    assert counted.bands.dtype == np.uint16
    assert np.array_equal(counted.bands[0], (bands == 1).sum(axis=0))
    assert counted.masks is not None
    assert np.array_equal(counted.masks.switched(1, False).count(), (bands[[0, 2]] == 1).sum(axis=0))
    loss = coverage_map(surface, sites, model="free-space", freq_mhz=900.0, **options).bands
    best = coverage_map(surface, sites, model="free-space", freq_mhz=900.0, combine=Combine.BEST, **options).bands[0]
    assert best.dtype == np.int16
    none = np.isnan(loss).all(axis=0)
    assert (best[none] == -1).all()
    assert np.array_equal(best[~none], np.nanargmin(loss[:, ~none], axis=0))
    limit = 95.0
    near = coverage_map(surface, sites, model="free-space", freq_mhz=900.0, combine="count", threshold=limit, **options)
    with np.errstate(invalid="ignore"):
        assert np.array_equal(near.bands[0], (loss <= limit).sum(axis=0))


def test_the_first_site_wins_a_tie(hills):
    twice = [_site(30, 20, name="A"), _site(30, 20, name="B")]
    best = coverage_map(_surface(hills), twice, rx_height_m=3.0, radius_m=600.0, combine="best").bands[0]
    assert set(np.unique(best)) == {-1, 0}


def test_counting_heights_without_a_threshold_is_refused(hills):
    with pytest.raises(InputError, match="threshold"):
        coverage_map(
            _surface(hills),
            [_site(9, 9)],
            rx_height_m=0,
            radius_m=90,
            model="min-height",
            freq_mhz=900,
            combine="count",
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"air": Conditions(k_factor=0.0)}, "factor k of 0"),
        ({"air": Conditions(k_factor=float("nan"))}, "factor k"),
        ({"air": Conditions(k_factor=-1.0)}, "factor k of -1"),
        ({"air": Conditions(k_factor=1e-9)}, "factor k of 1e-09"),
        ({"air": Conditions(canopy_m=float("nan"))}, "canopy_m is nan"),
        ({"air": Conditions(canopy_m=-1.0)}, "canopy_m is -1"),
        ({"air": Conditions(canopy_keep_out_m=-1.0)}, "keep_out_m is -1"),
        ({"air": Conditions(time_pct=float("nan"))}, "time_pct is nan"),
        ({"air": Conditions(location_pct=float("inf"))}, "location_pct is inf"),
        ({"air": Conditions(n0=float("nan"))}, "n0 is nan"),
        ({"air": Conditions(delta_n=float("nan"))}, "delta_n is nan"),
        ({"threshold": float("nan"), "combine": "count"}, "threshold is nan"),
        ({"rx_height_m": -1.0}, "receiver -1"),
        ({"radius_m": 0.0}, "radius of 0"),
        ({"radius_m": -5.0}, "radius of -5"),
        ({"radius_m": float("inf")}, "radius of inf"),
        ({"cell_m": 1e9}, "wider than the whole map, 1200"),
        ({"rx_height_m": float("nan")}, "receiver nan"),
        ({"cell_m": -3.0}, "cell of -3"),
        ({"model": "fresnel"}, "needs a frequency"),
        ({"model": "fresnel", "freq_mhz": 0.0}, "needs a frequency"),
        ({"model": "magic"}, "There are los, fresnel, min-height, free-space, p526, p1812, itm"),
        ({"combine": "sum"}, "count and best"),
        ({"cell_m": 0.01}, "smaller radius"),
    ],
)
def test_what_cannot_be_is_refused_in_words(hills, change, words):
    options = {"rx_height_m": 3.0, "radius_m": 600.0} | change
    with pytest.raises(InputError, match=words):
        coverage_map(_surface(hills), [_site(30, 20)], **options)


def test_an_antenna_below_ground_is_refused_by_name(hills):
    with pytest.raises(InputError, match="Old mill"):
        coverage_map(_surface(hills), [_site(30, 20, -2.0, "Old mill")], rx_height_m=3.0, radius_m=600.0)


def test_a_tower_outside_the_terrain_or_on_a_void_is_named(hills):
    hills[:25, :25] = np.nan
    surface = _surface(hills)
    for site in (CoverageSite("Lost", 10.0, 10.0, 5.0), _site(12, 12, 5.0, "Lost")):
        with pytest.raises(MissingTerrainError, match="Lost"):
            coverage_map(surface, [site], rx_height_m=3.0, radius_m=600.0)


def test_beyond_the_terrain_is_grey_and_named(hills):
    result = coverage_map(_surface(hills), [_site(30, 60)], rx_height_m=3.0, radius_m=1200.0)
    assert result.missing == ("outside hills.tif",)
    wide = coverage_map(_surface(hills), [_site(30, 60)], rx_height_m=3.0, radius_m=1200.0, cell_m=20.0)
    assert (wide.bands[0][:, -1] == 255).all()
    assert wide.missing == ("outside hills.tif",)


def test_terrain_in_degrees_is_mapped_on_a_grid_of_whole_metres(shared_data):
    surface = Surface.open([shared_data / "terrain/N41E001.hgt.zip", shared_data / "terrain/N42E001.hgt.zip"])
    ground = lay_ground(surface, [CoverageSite("Seam", 42.0004, 1.8678, 10.0)], 3000.0)
    cell = ground.grid.transform[0]
    assert cell == int(cell)
    assert cell <= surface.cell_m(42.0, 1.87) / 3.0
    assert "+lat_0=42 +lon_0=1.87" in ground.grid.crs
    assert (ground.grid.transform[2] - cell / 2) % cell == 0.0
    assert (ground.grid.transform[5] + cell / 2) % cell == 0.0
    assert ground.missing == ()
    assert not np.isnan(ground.heights_m).any()


@pytest.mark.parametrize("kind", ["float64", "int16"])
def test_other_number_formats_of_elevation_files_give_the_same_map(hills, kind, tmp_path):
    z = np.round(hills).astype(np.float32)
    z[3, 3] = np.nan
    want = coverage_map(_surface(z), [_site(30, 20)], rx_height_m=3.0, radius_m=1500.0).bands
    stored = np.where(np.isnan(z), -32768, z).astype(kind)
    write_geotiff(tmp_path / "e.tif", stored, "EPSG:32631", TRANSFORM, -32768)
    surface = Surface([read_elevation(tmp_path / "e.tif")])
    got = coverage_map(surface, [_site(30, 20)], rx_height_m=3.0, radius_m=1500.0).bands
    assert np.array_equal(got, want)


def test_a_void_on_the_way_leaves_no_answer():
    z = np.zeros((3, 40), np.float32)
    z[:, 20] = np.nan
    grid = Grid("EPSG:32631", TRANSFORM, z.shape, 30.0)
    ground = Ground(grid, z, (CoverageSite("T", 0.0, 0.0, 10.0),), ((1, 2),), 3000.0, ())
    for model in (GroundMap.FRESNEL, GroundMap.MIN_HEIGHT, "p526"):
        band = map_ground(ground, rx_height_m=5.0, model=model, freq_mhz=900.0).bands[0]
        assert np.isnan(band[1, 20:]).all()
        assert not np.isnan(band[1, :19]).any()


def test_cancelling_stops_the_map(hills):
    from cn_planner.errors import CancelledError

    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        coverage_map(_surface(hills), [_site(30, 20)], rx_height_m=3.0, radius_m=600.0, run=Run(cancel=token))

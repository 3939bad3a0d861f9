"""The derivatives of a projection that are kept are those that would be computed, and are few."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from cn_planner.gis.raster import RasterGrid
from cn_planner.terrain import tile as tile_module
from cn_planner.terrain.tile import ElevationTile
from cn_planner.terrain.track import jets


def ground() -> ElevationTile:
    values = np.zeros((50, 50), np.float32)
    return ElevationTile(RasterGrid("utm", values, "EPSG:32637", (90.0, 0.0, 250e3, 0.0, -90.0, 9.84e6), "", "", ""))


def places(seed: int) -> tuple[np.ndarray, np.ndarray]:
    lot = np.random.default_rng(seed)
    return lot.uniform(-1.6, -1.4, 20), lot.uniform(36.4, 36.6, 20)


def test_what_is_kept_is_what_is_computed_by_any_number_of_threads() -> None:
    there = ground()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: (n % 7, there.jets(*places(n % 7))), range(400)))
    for seed, one in found:
        want = jets(there._project, *places(seed))
        assert one is not None
        np.testing.assert_array_equal(one.x, want.x)
        np.testing.assert_array_equal(one.y, want.y)
    assert len(there._jets) <= tile_module._JETS


def test_the_last_are_kept_and_long_lists_are_not() -> None:
    there = ground()
    first = there.jets(*places(0))
    for seed in range(1, tile_module._JETS):
        there.jets(*places(seed))
        assert there.jets(*places(0)) is first
    for seed in range(1, tile_module._JETS + 1):
        there.jets(*places(seed))
    assert there.jets(*places(0)) is not first
    many = np.linspace(-1.6, -1.4, tile_module._JETS_PLACES + 1)
    assert there.jets(many, many + 38.0) is not there.jets(many, many + 38.0)

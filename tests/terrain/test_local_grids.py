"""Grids of a tower's own: what PROJ makes of them, and how many of them stay."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pyproj
import pytest

from cn_planner import geo

THREADS, GRIDS = 6, 300


@pytest.mark.parametrize("latitude", [-83.5, -34.0, 0.0, 42.1, 71.0])
def test_the_pipeline_of_a_local_grid_is_what_proj_finds(latitude: float) -> None:
    crs = geo.local_transverse_mercator(latitude, 179.9)
    east, north = np.linspace(-40_000.0, 40_000.0, 9), np.linspace(30_000.0, -30_000.0, 9)
    found = geo.transform(crs, geo.WGS84, east, north)
    asked = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(east, north)
    np.testing.assert_array_equal(found, asked)
    np.testing.assert_allclose(geo.transform(geo.WGS84, crs, *found), (east, north), atol=1e-6)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc here tells how much memory a process has")
def test_towers_that_move_for_hours_leave_no_grids_behind_in_each_thread() -> None:
    """A copy of 13 KB for each thread: 256 grids in six threads held 19 MB."""
    together = Barrier(THREADS)

    def move(_thread: int) -> None:
        together.wait()
        for n in range(GRIDS):
            crs = geo.local_transverse_mercator(42.0 + 0.01 * n, 1.0)
            geo.transform(crs, geo.WGS84, *geo.transform(geo.WGS84, crs, [1.0], [42.0]))

    def held_mb() -> float:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096 / 1e6

    with ThreadPoolExecutor(THREADS) as pool:
        pool.submit(geo.transform, geo.WGS84, geo.local_transverse_mercator(42.0, 1.0), [1.0], [42.0]).result()
        before = held_mb()
        list(pool.map(move, range(THREADS)))
        assert held_mb() - before < 10.0

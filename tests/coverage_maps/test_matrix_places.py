"""The matrix of clearances on real ground of five places, against a slow way of its own: pyproj, numpy, no kernel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyproj
import pytest

from cn_planner.coverage import matrix as matrix_module
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.gis.raster import read_elevation
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

# File, and the middle of the places: two of the five south of the equator.
PLACES = {
    "white-mountains": ("bench/utm30.tif", (44.5337, -71.4388)),
    "catalonia": ("terrain/N41E001.hgt.zip", (41.8, 1.6)),
    "basque-country": ("terrain/N43W003.hgt.zip", (43.2, -2.2)),
    "western-cape": ("terrain/S33E018.hgt.zip", (-32.42, 18.9)),
    "chile": ("terrain/S29W072.hgt.zip", (-28.55, -71.3)),
}
UP, ROOF, FREQ_MHZ = 25.0, 6.0, 5800.0


def _ends(middle):
    rng = np.random.default_rng(6)
    latitude, longitude = middle
    return [(latitude + rng.uniform(-0.07, 0.07, n), longitude + rng.uniform(-0.07, 0.07, n)) for n in (6, 40)]


def _slow(grid, distance, a, b, azimuth):
    """Return least clearance in m and in first Fresnel radii at given distances from a to b."""
    count = len(distance)
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(
        np.full(count, a[1]), np.full(count, a[0]), np.full(count, azimuth), distance
    )
    x, y = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(lon, lat)
    sx, _, west, _, sy, north = grid.transform
    col, row = (np.asarray(x) - west) / sx, (np.asarray(y) - north) / sy
    i, j = np.floor(row).astype(int), np.floor(col).astype(int)
    v, u = row - i, col - j
    z = grid.values.astype(np.float64)
    ground = (1 - v) * ((1 - u) * z[i, j] + u * z[i, j + 1]) + v * ((1 - u) * z[i + 1, j] + u * z[i + 1, j + 1])
    d, length = distance[1:-1], distance[-1]
    ray = (ground[0] + UP) * (1 - d / length) + (ground[-1] + ROOF) * d / length
    over = ray - ground[1:-1] - d * (length - d) / (2 * 6371000.0 * 4 / 3)
    zone = np.sqrt(299.792458 / FREQ_MHZ * d * (length - d) / length)
    return min(over.min(), UP, ROOF), (over / zone).min()


@pytest.mark.parametrize("worth_m", [0.0, np.inf])
@pytest.mark.parametrize("place", PLACES)
def test_every_clearance_is_that_of_the_slow_way(monkeypatch, shared_data, place, worth_m):
    monkeypatch.setattr(matrix_module, "WORTH_TOPS_M", worth_m)
    name, middle = PLACES[place]
    surface, grid = Surface.open([shared_data / name]), read_elevation(shared_data / name)
    first, second = _ends(middle)
    matrix = pair_matrix(surface, first, second, [UP], [ROOF], FREQ_MHZ, max_km=30.0, loss=False, needs=False)
    known = np.flatnonzero(~np.isnan(matrix.clearance_m[:, 0, 0]))
    assert len(known) > 0.9 * 240
    for p in known.tolist():
        a, b = (
            (first[0][matrix.first[p]], first[1][matrix.first[p]]),
            (
                second[0][matrix.second[p]],
                second[1][matrix.second[p]],
            ),
        )
        distance = path_profile(surface, a, b).distance_m
        metres, zones = _slow(grid, distance, a, b, matrix.azimuth_deg[p])
        assert matrix.clearance_m[p, 0, 0] == pytest.approx(metres, abs=0.01)
        assert matrix.clearance_f1[p, 0, 0] == pytest.approx(zones, abs=0.01)


def test_any_number_of_threads_and_two_jobs_at_once_give_the_same_bits(shared_data):
    name, middle = PLACES["chile"]
    surface = Surface.open([shared_data / name])
    first, second = _ends(middle)

    def job(pool):
        found = pair_matrix(surface, first, second, [UP], [ROOF], FREQ_MHZ, max_km=30.0, pool=pool)
        return np.stack([found.clearance_m, found.clearance_f1, found.loss_db])

    alone = job(None)
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            assert job(pool).tobytes() == alone.tobytes()
    with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(2) as jobs:
        assert all(found.tobytes() == alone.tobytes() for found in jobs.map(job, [pool, pool]))

"""Samples lie where the geodesic runs: what is interpolated is as good as what is asked for place by place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner import geo
from cn_planner.gis.raster import RasterGrid
from cn_planner.terrain import track
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

SHARES = np.linspace(0.0, 1.0, 21)


def runs(lat, lon, azimuth, length):
    ends = [np.atleast_1d(np.asarray(v, np.float64)) for v in (lat, lon, azimuth, length)]
    lat_b, lon_b = geo.points_along(ends[0].copy(), ends[1].copy(), ends[2].copy(), ends[3])
    azimuth, back, length = geo.geodesics(ends[0], ends[1], lat_b, lon_b)
    return track.motion(ends[0], ends[1], lat_b, lon_b, azimuth, back, length), azimuth, length, lat_b, lon_b


@given(st.floats(-89, 89), st.floats(-179.9, 179.9), st.floats(0, 360), st.floats(1.0, 60_000.0))
@settings(max_examples=150, deadline=None)
def test_a_path_that_is_interpolated_runs_within_the_limit(lat, lon, azimuth, length):
    run, azimuth, length, _, _ = runs(lat, lon, azimuth, length)
    if not run.fits[0]:
        return
    n = len(SHARES)
    want = geo.points_along(np.full(n, lat), np.full(n, lon), np.full(n, azimuth[0]), SHARES * length[0])
    got = (track.along(np.repeat(one, n, axis=0), SHARES) for one in (run.latitude, run.longitude))
    # The library itself says where places are to some nanometres.
    assert geo.geodesics(*want, *got)[2].max() < track.LIMIT_M


def test_every_path_of_a_village_is_interpolated_and_no_path_at_a_pole():
    run, *_ = runs([-60.0, 0.0, 60.0], [20.0] * 3, [30.0] * 3, [20_000.0] * 3)
    assert run.fits.all()
    polar, *_ = runs([89.5, 89.9], [0.0, 0.0], [10.0, 10.0], [20_000.0] * 2)
    assert not polar.fits.any()


@pytest.mark.parametrize("crs", ["EPSG:32619", "EPSG:2154", "EPSG:27700", "EPSG:3857", "EPSG:4258"])
def test_a_path_on_a_projected_file_reads_the_heights_of_its_places(crs):
    at = {"EPSG:32619": (44.5, -71.4), "EPSG:27700": (53.0, -2.0)}.get(crs, (45.0, 3.0))
    x, y = geo.transform(geo.WGS84, crs, [at[1]], [at[0]])
    step = 30.0 / 111_000 if geo.is_geographic(crs) else 30.0
    row, col = np.mgrid[0:900, 0:900]
    values = (200.0 + 80.0 * np.sin(row / 7.0) * np.cos(col / 11.0)).astype(np.float32)
    grid = RasterGrid("one.tif", values, crs, (step, 0.0, x[0] - 450 * step, 0.0, -step, y[0] + 450 * step))
    surface = Surface([grid])
    profile = path_profile(surface, (at[0] - 0.05, at[1] - 0.06), (at[0] + 0.06, at[1] + 0.07))
    want = surface.heights(profile.latitude, profile.longitude)
    assert np.isfinite(want).all()
    np.testing.assert_allclose(profile.ground_m, want, atol=1e-6)
    assert (profile.ground_m[0], profile.ground_m[-1]) == (want[0], want[-1])


def test_a_shift_of_datum_with_edges_is_not_interpolated():
    """A grid of corrections bends a path at the edges of its cells."""

    def bent(lon, lat):
        return lon, lat + 1e-6 * np.abs(lat - 45.02)

    def straight(lon, lat):
        return lon * 1e5, np.sin(np.radians(lat)) * 1e7

    assert not track.is_smooth(bent, (44.9, 3.0, 45.1, 3.3), 1.0 / 111_195.0)
    assert track.is_smooth(straight, (44.9, 3.0, 45.1, 3.3), 1.0)

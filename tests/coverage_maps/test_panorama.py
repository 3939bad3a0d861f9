"""What an eye sees: each pixel against a plain walk along its own geodesic, and what no picture can be made of."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pyproj import Geod

from cn_planner.coverage.panorama import panorama
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.geo import fan
from cn_planner.gis.raster import RasterGrid
from cn_planner.progress import Run
from cn_planner.terrain.surface import Surface
from tests.coverage_places import place

EARTH_M = 6_371_000.0 * 4.0 / 3.0


def _walk(surface: Surface, eye: tuple[float, float, float], azimuth: float, far_m: float) -> list[tuple[float, float]]:
    """Return distance and angle of the ground every 7 m, near by every metre, each point on its own geodesic."""
    geod = Geod(ellps="WGS84")
    distances = [*range(5, 500), *(500.0 + 7.0 * n for n in range(int((far_m - 500.0) / 7.0) + 1))]
    lon, lat, _ = geod.fwd([eye[1]] * len(distances), [eye[0]] * len(distances), [azimuth] * len(distances), distances)
    here = float(surface.heights([eye[0]], [eye[1]])[0]) + eye[2]
    found = []
    for d, h in zip(distances, surface.heights(lat, lon).tolist(), strict=True):
        found.append((d, math.degrees(math.atan2(h - here - d * d / (2.0 * EARTH_M), d))))
    return found


@pytest.mark.parametrize("name", ["catalonia", "western-cape", "chile"])
def test_what_is_seen_is_what_a_plain_walk_meets_first(shared_data, name):
    surface, tower, _ = place(shared_data, name)
    eye = (tower.latitude, tower.longitude, 8.0)
    seen = panorama(surface, *eye, towards_deg=30.0, span_deg=360.0, shape=(120, 36), range_m=8_000.0)
    right = tried = 0
    for column in range(0, 36, 5):
        walk = _walk(surface, eye, float(seen.azimuth_deg[column]), 8_000.0)
        top = max(angle for _, angle in walk)
        assert seen.horizon_deg[column] == pytest.approx(top, abs=0.04)
        for row in range(3, 120, 9):
            angle = float(seen.elevation_deg[row])
            if abs(angle - top) < 0.05:
                continue
            first = next((d for d, there in walk if there >= angle), None)
            got = float(seen.distance_m[row, column])
            tried += 1
            right += math.isnan(got) if first is None else abs(got - first) <= 60.0 + 0.01 * first
    assert tried > 80
    assert right >= 0.97 * tried  # beside an edge a hair's breadth decides between near and far


def _grid(values: np.ndarray) -> Surface:
    """A mile or so at the equator, cells of a thousandth of a degree."""
    rows = len(values)
    place = (0.001, 0.0, 10.0, 0.0, -0.001, rows * 0.001)
    return Surface([RasterGrid("made", values.astype(np.float32), "EPSG:4326", place)])


def test_a_wall_hides_what_stands_lower_behind_it_and_is_lit_from_the_north_west(wall):
    seen = panorama(wall, 0.05, 10.05, 2.0, towards_deg=90.0, span_deg=20.0, shape=(60, 21), range_m=4_000.0)
    middle = seen.distance_m[:, 10]
    assert np.isnan(middle[0])
    ground = middle[~np.isnan(middle)]
    # From the foot of the picture outwards to the wall at 2.2 km, and nothing behind it.
    assert ground.max() <= 2_300.0
    assert ground.min() < 400.0
    # The near edge of the wall, 19 cells of 111.32 m away: 100 m, less 2 m of eye and the bulge.
    edge = 19.0 * 111.32
    rise = 100.0 - 2.0 - edge**2 / (2.0 * EARTH_M)
    assert seen.horizon_deg[10] == pytest.approx(math.degrees(math.atan2(rise, edge)), abs=0.03)
    bearing, up, far = seen.seen(0.5, 0.95)
    assert bearing == pytest.approx(90.0, abs=0.6)
    assert up == pytest.approx(float(seen.elevation_deg[57]))
    assert far == pytest.approx(float(middle[57]))
    assert seen.seen(0.5, 0.0)[2] is None
    across, down = seen.place_of(90.0, float(seen.elevation_deg[30]))
    assert (across, down) == (pytest.approx(0.5), pytest.approx(30.5 / 60.0))


@pytest.fixture
def wall() -> Surface:
    values = np.zeros((100, 100))
    values[:, 69:72] = 100.0
    return _grid(values)


def test_a_picture_that_passes_north_knows_both_sides(wall):
    seen = panorama(wall, 0.05, 10.05, 2.0, towards_deg=0.0, span_deg=40.0, shape=(20, 40), range_m=1_000.0)
    assert seen.place_of(350.0, 0.0)[0] == pytest.approx(0.25)
    assert seen.place_of(10.0, 0.0)[0] == pytest.approx(0.75)
    assert not 0.0 <= seen.place_of(180.0, 0.0)[0] <= 1.0


def test_parts_on_threads_make_the_picture_of_one_piece(wall, monkeypatch):
    asked = {"towards_deg": 90.0, "span_deg": 60.0, "shape": (40, 211), "range_m": 3_000.0}
    with ThreadPoolExecutor(3) as pool:
        parts = panorama(wall, 0.05, 10.05, 2.0, **asked, run=Run(pool))
    monkeypatch.setattr("cn_planner.coverage.panorama._COLUMNS", 1000)
    whole = panorama(wall, 0.05, 10.05, 2.0, **asked)
    for name in ("distance_m", "light", "trees", "horizon_deg"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


@pytest.mark.parametrize(
    ("words", "changed"),
    [("sees nothing", {"eye_m": 0.0}), ("sees nothing", {"eye_m": 1e9}), ("360 degrees", {"span_deg": 0.0}),
     ("360 degrees", {"span_deg": 361.0}), ("360 degrees", {"range_m": 1.0}),
     ("360 degrees", {"towards_deg": math.nan})],
)  # fmt: skip
def test_figures_that_are_none_are_said(wall, words, changed):
    asked = {"eye_m": 2.0, "span_deg": 90.0, "range_m": 1_000.0, **changed}
    with pytest.raises(InputError, match=words):
        panorama(wall, 0.05, 10.05, asked.pop("eye_m"), **asked)


def test_where_no_terrain_is_it_is_said(wall):
    with pytest.raises(MissingTerrainError, match="no terrain where the eye stands") as caught:
        panorama(wall, 47.5, 8.5, 2.0)
    assert caught.value.where == "outside made"


def test_a_fan_is_as_near_its_geodesics_as_it_says_and_runs_on_across_the_antimeridian():
    geod = Geod(ellps="WGS84")
    azimuth, distance = np.array([10.0, 95.0, 271.0]), np.linspace(13.0, 50_000.0, 300)
    for latitude, longitude in ((42.0, 1.8), (-33.0, 179.99), (84.9, -20.0)):
        lat, lon = fan(latitude, longitude, azimuth, distance)
        for n, one in enumerate(azimuth.tolist()):
            back = [geod.inv(lo, la, *geod.fwd(longitude, latitude, one, d)[:2])[2]
                    for la, lo, d in zip(lat[n], lon[n], distance, strict=True)]  # fmt: skip
            assert max(back) < 0.35 if latitude > 80.0 else max(back) < 0.03
        assert np.abs(np.diff(lon, axis=1)).max() < 1.0

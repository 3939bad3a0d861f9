"""Profiles run along the geodesic, close enough for the ground, with what stands on it; many at once are the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.gis.raster import RasterGrid
from cn_planner.model.plan import Obstacle
from cn_planner.terrain.profile import STEPS_OUT_OF_SIGHT, PathProfile, path_profile, path_profiles
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from pathlib import Path

GEOD = pyproj.Geod(ellps="WGS84")
SAMPLES = ("latitude", "longitude", "distance_m", "ground_m", "cover_m", "filled")


def world(step: float = 0.5) -> Surface:
    """A coarse globe whose height is a function of the place, so that a sample in the wrong place shows."""
    rows, cols = round(180 / step), round(360 / step)
    row, col = np.mgrid[0:rows, 0:cols]
    values = 500 + 300 * np.sin(row * step / 9) + 100 * np.cos(col * step * np.pi / 180 * 4)
    at = (step, 0.0, -180 + step / 2, 0.0, -step, 90 - step / 2)
    return Surface([RasterGrid("world.tif", values.astype(np.float32), "EPSG:4326", at)])


@pytest.fixture(scope="module")
def catalonia(shared_data: Path) -> Surface:
    return Surface.open([shared_data / "terrain" / f"{name}.hgt.zip" for name in ("N41E001", "N42E001")])


def fine(lat: float, lon: float) -> Surface:
    """3 arc-second ground of half a degree round a place."""
    n = 601
    row, col = np.mgrid[0:n, 0:n]
    at = (1 / 1200, 0.0, lon - 0.25, 0.0, -1 / 1200, lat + 0.25)
    return Surface([RasterGrid("fine.tif", (row + 2 * col).astype(np.float32), "EPSG:4326", at)])


@pytest.mark.parametrize(
    "ends",
    [
        ((41.9, 1.5), (42.1, 1.6)),
        ((-33.05, 18.9), (-32.9, 18.95)),
        ((-28.1, -71.9), (-28.3, -71.2)),
        ((10.0, 179.95), (10.05, -179.9)),
        ((80.0, 20.0), (80.1, 21.0)),
        ((-80.0, -60.0), (-80.1, -61.0)),
        ((0.01, 0.01), (-0.01, -0.01)),
    ],
)
def test_samples_lie_on_the_geodesic_close_enough_together(
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    a, b = ends
    surface = fine(*a)
    profile = path_profile(surface, a, b)
    azimuth, back, length = GEOD.inv(a[1], a[0], b[1], b[0])
    assert profile.length_m == pytest.approx(length, abs=1e-6)
    assert profile.azimuth_deg == pytest.approx(azimuth % 360)
    assert profile.back_azimuth_deg == pytest.approx(back % 360)
    assert (profile.latitude[0], profile.longitude[0], profile.distance_m[0]) == (*a, 0.0)
    assert (profile.latitude[-1], profile.longitude[-1], profile.distance_m[-1]) == (*b, profile.length_m)
    steps = np.diff(profile.distance_m)
    cell_m = min(surface.cell_m(*a), 111_000 / 1200 * math.cos(math.radians(max(abs(a[0]), abs(b[0])))) * 1.01)
    assert steps.max() <= cell_m / 2 * 1.0001
    np.testing.assert_allclose(steps, steps.mean(), rtol=1e-9)
    lon, lat, _ = GEOD.fwd(*(np.full(len(steps) + 1, v) for v in (a[1], a[0], azimuth)), profile.distance_m)
    _, _, off = GEOD.inv(lon, lat, profile.longitude, profile.latitude)
    assert np.max(off) < 1e-5
    np.testing.assert_array_equal(profile.ground_m, surface.heights(profile.latitude, profile.longitude))
    assert np.isfinite(profile.ground_m[: len(steps) // 5]).all()


@given(st.floats(-85, 85), st.floats(-180, 180), st.floats(0, 360), st.floats(1.0, 150_000.0))
@settings(max_examples=60, deadline=None)
def test_a_path_there_and_back_sees_the_same_ground(lat: float, lon: float, azimuth: float, length: float) -> None:
    b_lon, b_lat, _ = GEOD.fwd(lon, lat, azimuth, length)
    surface = world()
    there, back = path_profile(surface, (lat, lon), (b_lat, b_lon)), path_profile(surface, (b_lat, b_lon), (lat, lon))
    assert len(there.ground_m) == len(back.ground_m)
    np.testing.assert_allclose(there.ground_m, back.ground_m[::-1], atol=1e-4)
    assert there.missing == ()


def test_one_place_twice_gives_one_sample(catalonia: Surface) -> None:
    profile = path_profile(catalonia, (41.9, 1.5), (41.9, 1.5), canopy_m=10)
    assert (profile.length_m, profile.azimuth_deg, profile.back_azimuth_deg) == (0.0, 0.0, 0.0)
    assert [len(getattr(profile, name)) for name in SAMPLES] == [1] * 6
    assert (profile.cover_m[0], profile.cover_assumed) == (0.0, False)
    assert np.isfinite(profile.ground_m[0])


@pytest.mark.parametrize("bad", [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0)])
def test_an_end_that_is_not_on_the_globe_is_refused(catalonia: Surface, bad: tuple[float, float]) -> None:
    with pytest.raises(InputError):
        path_profile(catalonia, (41.9, 1.5), bad)


def test_missing_terrain_on_the_path_is_named(catalonia: Surface) -> None:
    profile = path_profile(catalonia, (42.95, 1.5), (43.05, 1.5))
    assert profile.missing == ("N43E001",)
    gone = np.isnan(profile.ground_m)
    np.testing.assert_array_equal(gone, profile.latitude > 43.0)


def test_a_path_over_two_files_takes_the_finer_step() -> None:
    coarse = RasterGrid("c.tif", np.zeros((100, 100), np.float32), "EPSG:4326", (0.01, 0, 1.0, 0, -0.01, 42.0))
    grid = RasterGrid("f.tif", np.zeros((99, 99), np.float32), "EPSG:4326", (0.001, 0, 1.5, 0, -0.001, 41.6))
    both, alone = Surface([coarse, grid]), Surface([coarse])
    crossing = path_profile(both, (41.3, 1.3), (41.7, 1.7))
    beside = path_profile(both, (41.2, 1.1), (41.2, 1.3))
    assert np.diff(crossing.distance_m).max() <= both.cell_m(41.55, 1.55) / 2
    assert len(beside.distance_m) == len(path_profile(alone, (41.2, 1.1), (41.2, 1.3)).distance_m)


# --- many


def assert_same_bits(one: PathProfile, two: PathProfile) -> None:
    for name in SAMPLES:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    for name in ("azimuth_deg", "back_azimuth_deg", "length_m", "missing", "cover_assumed"):
        assert getattr(one, name) == getattr(two, name), name


def test_many_profiles_are_the_single_ones_bit_for_bit(catalonia: Surface) -> None:
    random = np.random.default_rng(11)
    n = 150
    ends = (
        random.uniform(41.8, 43.02, n),
        random.uniform(1.2, 1.8, n),
        random.uniform(41.8, 42.2, n),
        random.uniform(1.2, 1.8, n),
    )
    ends[2][3], ends[3][3] = ends[0][3], ends[1][3]  # one of no length
    obstacles = [
        Obstacle(str(i), random.uniform(41.8, 42.2), random.uniform(1.2, 1.8), 20.0, random.uniform(1, 900))
        for i in range(40)
    ]
    many = path_profiles(catalonia, *ends, canopy_m=12.0, obstacles=obstacles)
    assert len(many) == n
    crossed = 0
    for k in range(n):
        a, b = (float(ends[0][k]), float(ends[1][k])), (float(ends[2][k]), float(ends[3][k]))
        one = path_profile(catalonia, a, b, canopy_m=12.0, obstacles=obstacles)
        assert_same_bits(one, many.profile(k, catalonia))
        crossed += bool((one.cover_m == 20.0).any())
    assert crossed > 20


def test_one_site_against_many_homes_is_broadcast(catalonia: Surface) -> None:
    many = path_profiles(catalonia, 41.9, 1.5, [41.95, 41.96], [1.5, 1.55])
    assert_same_bits(many.profile(1, catalonia), path_profile(catalonia, (41.9, 1.5), (41.96, 1.55)))


def test_no_paths_at_all_give_empty_arrays(catalonia: Surface) -> None:
    none = path_profiles(catalonia, [], [], [], [])
    assert (len(none), none.offset.tolist(), len(none.ground_m)) == (0, [0], 0)


# --- what stands on the ground


def test_assumed_trees_stand_beyond_the_keep_out_of_both_ends(catalonia: Surface) -> None:
    profile = path_profile(catalonia, (41.9, 1.5), (41.92, 1.52), canopy_m=10.0, keep_out_m=300.0)
    near = np.minimum(profile.distance_m, profile.length_m - profile.distance_m)
    np.testing.assert_array_equal(profile.cover_m, np.where(near > 300.0, 10.0, 0.0))
    assert profile.cover_assumed
    assert not path_profile(catalonia, (41.9, 1.5), (41.92, 1.52)).cover_assumed
    assert not path_profile(catalonia, (41.9, 1.5), (41.902, 1.5), canopy_m=10.0).cover_assumed


@pytest.mark.parametrize("azimuth", [3.0, 77.0, 181.0, 290.0])
@pytest.mark.parametrize("lat", [42.0, -33.0, 79.9])
def test_one_narrow_tree_does_not_slip_between_two_samples(azimuth: float, lat: float) -> None:
    """A single tree in the ray is the commonest reason why a link fails."""
    a = (lat, 1.5)
    surface = fine(*a)
    b_lon, b_lat, _ = GEOD.fwd(a[1], a[0], azimuth, 8000.0)
    lon, lat_, _ = GEOD.fwd(a[1], a[0], azimuth, 5017.0)
    lon, lat_, _ = GEOD.fwd(lon, lat_, azimuth + 90, 1.0)
    profile = path_profile(surface, a, (b_lat, b_lon), obstacles=[Obstacle("t", lat_, lon, 25.0, 3.0)])
    half = math.sqrt(9.0 - 1.0)
    at = profile.distance_m[profile.cover_m > 0]
    assert at.min() == pytest.approx(5017 - half, abs=0.02)
    assert at.max() == pytest.approx(5017 + half, abs=0.02)
    assert np.abs(at - 5017).min() < 0.02
    assert set(profile.cover_m) == {0.0, 25.0}
    assert np.diff(profile.distance_m).min() > 1e-6
    np.testing.assert_array_equal(profile.ground_m, surface.heights(profile.latitude, profile.longitude))


def test_a_tree_beside_the_path_or_behind_its_ends_does_not_stand_on_it(catalonia: Surface) -> None:
    a, b = (41.9, 1.5), (41.95, 1.5)
    beside, behind = Obstacle("s", 41.92, 1.5005, 30.0, 30.0), Obstacle("h", 41.899, 1.5, 30.0, 50.0)
    profile = path_profile(catalonia, a, b, obstacles=[beside, behind])
    assert not profile.cover_m.any()
    wood = Obstacle("w", 41.899, 1.5, 30.0, 400.0)
    inside = path_profile(catalonia, a, b, obstacles=[wood])
    assert inside.cover_m[0] == 30.0
    start = np.full(len(inside.latitude), 1.5), np.full(len(inside.latitude), 41.899)
    _, _, reach = GEOD.inv(*start, inside.longitude, inside.latitude)
    np.testing.assert_array_equal(inside.cover_m == 30.0, reach <= 400.0 + 1e-2)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_sample_within_an_obstacle_carries_it_and_no_other(data: st.DataObject) -> None:
    surface = fine(42.0, 1.5)
    places = st.tuples(st.floats(41.85, 42.15), st.floats(1.35, 1.65))
    a, b = data.draw(places), data.draw(places)
    things = [
        Obstacle(str(i), *data.draw(places), data.draw(st.floats(1, 50)), data.draw(st.floats(1, 5000)))
        for i in range(data.draw(st.integers(0, 4)))
    ]
    profile = path_profile(surface, a, b, canopy_m=8.0, obstacles=things)
    near = np.minimum(profile.distance_m, profile.length_m - profile.distance_m)
    low = np.where(near > 200.0, 8.0, 0.0)
    high = low.copy()
    for thing in things:
        at = np.full(len(low), thing.longitude), np.full(len(low), thing.latitude)
        _, _, off = GEOD.inv(*at, profile.longitude, profile.latitude)
        low = np.where(off <= thing.radius_m - 0.1, np.maximum(low, thing.height_m), low)
        high = np.where(off <= thing.radius_m + 0.1, np.maximum(high, thing.height_m), high)
    assert (profile.cover_m >= low).all()
    assert (profile.cover_m <= high).all()
    assert (np.diff(profile.distance_m) > 0).all()


def test_ends_out_of_each_others_sight_take_no_more_samples_than_a_long_path(catalonia: Surface) -> None:
    short = path_profile(catalonia, (41.9, 1.5), (50.5, 1.5))  # 955 km
    across = path_profile(catalonia, (41.9, 1.5), (-33.0, 151.0))
    equal = math.ceil(across.length_m / STEPS_OUT_OF_SIGHT)
    assert across.length_m > 16_000_000
    assert np.diff(short.distance_m).max() <= catalonia.cell_m(41.9, 1.5) / 2
    assert np.diff(across.distance_m).max() == pytest.approx(equal, rel=1e-2)
    assert len(across.distance_m) < STEPS_OUT_OF_SIGHT + 1000
    assert (across.latitude[-1], across.longitude[-1]) == (-33.0, 151.0)
    np.testing.assert_array_equal(across.ground_m, catalonia.heights(across.latitude, across.longitude))
    assert np.isfinite(across.ground_m[:100]).all()


def test_a_path_or_a_batch_too_large_for_any_memory_is_refused_in_words_before_it_is_made() -> None:
    at = (0.05, 0.0, 400_000.0, 0.0, -0.05, 4_600_000.0)
    lidar = Surface([RasterGrid("lidar.tif", np.zeros((4, 4), np.float32), "EPSG:32631", at)])
    with pytest.raises(InputError, match=r"A path of 9\d\d km over terrain with cells of 0.05 m is too long"):
        path_profile(lidar, (41.5, 1.8), (33.0, 1.8))
    with pytest.raises(InputError, match="The paths are too many"):
        path_profiles(lidar, [41.5] * 4, [1.8] * 4, [41.2] * 4, [0.9] * 4)

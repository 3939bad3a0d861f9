"""What a user would miss: losses as the Recommendations say, alike from both ends, without jumps."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.propagation.fresnel import effective_earth_radius_m, fresnel_radius_m
from cn_planner.propagation.knife_edge import knife_edge_kernel, knife_edge_loss_db
from cn_planner.propagation.p526 import p526_loss
from cn_planner.units import wavelength_m
from cn_planner.validation.p526_parts import (
    bullington_loss_db,
    delta_bullington_loss,
    delta_bullington_losses,
    p526_losses,
    spherical_earth_loss_db,
)

RADIUS_M = effective_earth_radius_m()
heights = st.lists(st.floats(0.0, 400.0), min_size=3, max_size=40)
masts = st.floats(0.5, 60.0)
freqs = st.sampled_from([450.0, 2400.0, 5500.0, 24_000.0])


def test_free_space_is_that_of_p525():
    assert free_space_loss_db(1000.0, 1000.0) == pytest.approx(92.4478, abs=1e-4)
    assert free_space_loss_db([1000.0, 2000.0], 1000.0)[1] == pytest.approx(92.4478 + 20 * math.log10(2), abs=1e-4)


def test_fresnel_radius_and_effective_earth_are_the_textbook_s():
    assert fresnel_radius_m(5000.0, 5000.0, 5800.0) == pytest.approx(17.315 * math.sqrt(25.0 / (5.8 * 10.0)), rel=1e-4)
    assert effective_earth_radius_m() == pytest.approx(8_494_666.67, rel=1e-9)


@pytest.mark.parametrize("bad", [0.0, -5.0, 9.0, 2e5, math.nan])
def test_a_frequency_out_of_range_is_refused(bad):
    with pytest.raises(InputError, match="frequency"):
        free_space_loss_db(1000.0, bad)


@pytest.fixture(scope="module")
def edge(shared_data):
    return np.genfromtxt(shared_data / "propagation/p526_knife_edge_exact.csv", delimiter=",", names=True)


def test_knife_edge_is_the_recommendation_s_formula(edge):
    assert np.abs(knife_edge_loss_db(edge["nu"]) - edge["j_p526_approx_db"]).max() < 1e-8
    plain = np.array([knife_edge_kernel(nu) for nu in edge["nu"].tolist()])
    assert np.abs(plain - knife_edge_loss_db(edge["nu"])).max() < 1e-12


def test_knife_edge_is_as_far_from_the_exact_integral_as_its_docstring_says(edge):
    error = np.abs(knife_edge_loss_db(edge["nu"]) - edge["j_exact_db"])
    nu = edge["nu"]
    assert error[(nu > -0.78) & (nu <= 2.4)].max() < 0.11
    assert error[nu > -0.78].max() < 0.13
    assert error[nu <= -0.78].max() < 1.4


@pytest.fixture(scope="module")
def golden(shared_data):
    folder = shared_data / "propagation/p526_delta_bullington"
    profiles = np.load(folder / "profiles.npz")
    names = list(profiles["profile_id"])
    with (folder / "cases.csv").open(newline="") as file:
        cases = list(csv.DictReader(file))
    found = []
    for case in cases:
        k = names.index(case["profile"])
        part = slice(profiles["offset"][k], profiles["offset"][k + 1])
        found.append((case, profiles["dist_m"][part], profiles["elevation_m"][part]))
    return found


def test_delta_bullington_agrees_with_all_cases_of_the_itu(golden):
    assert len(golden) == 21
    for case, distance, ground in golden:
        amsl = ground[0] + float(case["htg_m"]), ground[-1] + float(case["hrg_m"])
        freq, radius, vertical = float(case["freq_hz"]) / 1e6, float(case["a_eff_m"]), case["pol"] == "V"
        loss = delta_bullington_loss(distance, ground, *amsl, freq, radius, vertical=vertical)
        for column, value in loss._asdict().items():
            assert value == pytest.approx(float(case[column]), abs=0.01), (case["case_id"], column)
        fast = delta_bullington_losses(
            distance,
            ground,
            np.array([0, len(distance)]),
            np.array([amsl[0]]),
            np.array([amsl[1]]),
            freq,
            radius,
            vertical=vertical,
        )
        assert np.abs(fast[0] - np.array(loss)).max() < 1e-9


def test_compiled_and_plain_agree_on_every_profile_with_and_without_trees(shared_data):
    profiles = np.load(shared_data / "propagation/profiles.npz")
    offsets = profiles["offset"].astype(np.int64)
    ground = profiles["elevation_m"]
    steps = np.repeat(profiles["spacing_m"], np.diff(offsets))
    place = np.arange(len(ground)) - np.repeat(offsets[:-1], np.diff(offsets))
    distance = steps * place
    rng = np.random.default_rng(1)
    trees = np.where(rng.random(len(ground)) < 0.3, 12.0, 0.0)
    trees[offsets[:-1]] = trees[offsets[1:] - 1] = 0.0
    a = ground[offsets[:-1]] + rng.uniform(0.0, 40.0, len(offsets) - 1)
    b = ground[offsets[1:] - 1] + rng.uniform(0.0, 40.0, len(offsets) - 1)
    for surface in (ground, ground + trees):
        fast = p526_losses(distance, ground, surface, offsets, a, b, 5500.0)
        for p in range(0, len(a), 3):
            part = slice(offsets[p], offsets[p + 1])
            slow = p526_loss(distance[part], ground[part], surface[part], a[p], b[p], 5500.0)
            assert np.abs(fast[p] - np.array(slow)).max() < 1e-9, p
            assert slow.total_db == pytest.approx(fast[p].sum(), abs=1e-9)


@given(heights, masts, masts, st.floats(500.0, 60_000.0), freqs, st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_path_loses_the_same_from_either_end(ground, mast_a, mast_b, length, freq, vertical):
    distance = np.linspace(0.0, length, len(ground))
    there = delta_bullington_loss(
        distance, ground, ground[0] + mast_a, ground[-1] + mast_b, freq, RADIUS_M, vertical=vertical
    )
    back = delta_bullington_loss(
        distance, ground[::-1], ground[-1] + mast_b, ground[0] + mast_a, freq, RADIUS_M, vertical=vertical
    )
    assert there.l_d_db == pytest.approx(back.l_d_db, abs=1e-6)


@given(st.floats(1000.0, 80_000.0), freqs, masts, masts, st.floats(0.1, 30.0))
@settings(max_examples=60, deadline=None)
def test_over_flat_land_a_higher_mast_never_loses_more(length, freq, mast_a, mast_b, more):
    distance = np.linspace(0.0, length, 120)
    flat = np.full(120, 25.0)
    low = p526_loss(distance, flat, flat, 25.0 + mast_a, 25.0 + mast_b, freq).diffraction_db
    high = p526_loss(distance, flat, flat, 25.0 + mast_a + more, 25.0 + mast_b, freq).diffraction_db
    assert high <= low + 1e-9


@given(heights, masts, masts, st.floats(0.0, 30.0))
@settings(max_examples=60, deadline=None)
def test_parts_add_up_and_trees_never_help(ground, mast_a, mast_b, canopy):
    distance = np.linspace(0.0, 9000.0, len(ground))
    surface = np.array(ground)
    surface[1:-1] += canopy
    loss = p526_loss(distance, ground, surface, ground[0] + mast_a, ground[-1] + mast_b, 5500.0)
    assert loss.vegetation_db >= 0.0
    assert loss.diffraction_db >= 0.0
    assert loss.total_db == loss.free_space_db + loss.diffraction_db + loss.vegetation_db


def _ridge(top_m: float) -> float:
    distance = np.array([0.0, 4000.0, 10_000.0])
    return bullington_loss_db(distance, [0.0, top_m, 0.0], 10.0, 10.0, 5500.0, RADIUS_M)


def test_a_ridge_that_rises_through_the_line_of_sight_makes_no_jump():
    line = 10.0 - 4000.0 * 6000.0 / (2.0 * RADIUS_M)
    tops = line + np.linspace(-1e-4, 1e-4, 41)
    losses = np.array([_ridge(top) for top in tops])
    assert np.all(np.diff(losses) >= 0.0)
    assert np.diff(losses).max() < 1e-3
    edge = knife_edge_loss_db(0.0)
    assert _ridge(line) == pytest.approx(edge + (1 - math.exp(-edge / 6)) * 10.2, abs=1e-6)


def test_a_profile_that_lies_on_the_line_of_sight_is_a_grazing_edge():
    distance = np.linspace(0.0, 10_000.0, 101)
    surface = 10.0 - distance * (10_000.0 - distance) / (2 * RADIUS_M)
    edge = knife_edge_loss_db(0.0)
    expected = edge + (1 - math.exp(-edge / 6)) * 10.2
    for lift in (0.0, 1e-9, -1e-9, 1e-6, -1e-6):
        assert bullington_loss_db(distance, surface + lift, 10.0, 10.0, 5500.0, RADIUS_M) == pytest.approx(
            expected, abs=0.01
        )


@given(st.floats(0.1, 200.0), st.floats(0.1, 200.0), freqs, st.booleans())
@settings(max_examples=60, deadline=None)
def test_spherical_earth_makes_no_jump_at_the_horizon(height_a, height_b, freq, vertical):
    horizon = math.sqrt(2 * RADIUS_M) * (math.sqrt(height_a) + math.sqrt(height_b))
    near, far = (
        spherical_earth_loss_db(horizon * scale, height_a, height_b, freq, RADIUS_M, vertical=vertical)
        for scale in (1 - 1e-7, 1 + 1e-7)
    )
    assert near == pytest.approx(far, abs=1e-3)


def test_spherical_earth_costs_nothing_well_within_the_horizon():
    assert spherical_earth_loss_db(5000.0, 30.0, 30.0, 5500.0, RADIUS_M) == 0.0


def test_antennas_on_the_ground_are_far_beyond_the_horizon_but_not_an_error():
    distance = np.linspace(0.0, 20_000.0, 50)
    loss = p526_loss(distance, np.zeros(50), np.zeros(50), 0.0, 0.0, 5500.0)
    assert math.isfinite(loss.total_db)
    assert loss.diffraction_db > 60.0


@pytest.mark.parametrize("length", [2.0, 37.0, 278.0, 919.3, 5000.0])
@pytest.mark.parametrize("mast", [1.0, 4.0, 30.0])
def test_one_antenna_on_the_ground_is_what_one_just_above_it_comes_to(length, mast):
    want = spherical_earth_loss_db(length, mast, 2e-6, 5800.0, RADIUS_M)
    for low in (0.0, 1e-15, 1e-9):
        assert spherical_earth_loss_db(length, mast, low, 5800.0, RADIUS_M) == pytest.approx(want, abs=0.1)
        assert spherical_earth_loss_db(length, low, mast, 5800.0, RADIUS_M) == pytest.approx(want, abs=0.1)


def test_a_path_of_two_points_has_the_loss_of_the_smooth_earth_alone():
    loss = delta_bullington_loss([0.0, 3000.0], [5.0, 5.0], 15.0, 15.0, 5500.0, RADIUS_M)
    assert loss.l_bull_actual_db == 0.0
    assert loss.l_d_db == loss.l_sph_db


@pytest.mark.parametrize(
    ("distance", "ground"),
    [
        ([0.0], [1.0]),
        ([], []),
        ([0.0, 10.0], [1.0]),
        ([0.0, 20.0, 10.0], [1.0, 1.0, 1.0]),
        ([0.0, 10.0, 10.0], [1.0, 1.0, 1.0]),
        ([5.0, 10.0], [1.0, 1.0]),
        ([0.0, 10.0, 20.0], [1.0, math.nan, 1.0]),
    ],
)
def test_a_profile_that_is_none_is_refused_in_words(distance, ground):
    with pytest.raises(InputError, match=r"profile"):
        delta_bullington_loss(distance, ground, 10.0, 10.0, 5500.0, RADIUS_M)


def test_a_hundred_thousand_points_are_no_trouble():
    distance = np.linspace(0.0, 50_000.0, 100_000)
    ground = 50.0 + 20.0 * np.sin(distance / 900.0)
    fast = p526_losses(distance, ground, ground, np.array([0, 100_000]), np.array([90.0]), np.array([80.0]), 5500.0)
    assert np.isfinite(fast).all()
    assert fast[0, 0] == pytest.approx(20 * math.log10(4 * math.pi * 50_000.0 / wavelength_m(5500.0)), abs=1e-4)


def test_a_gap_in_one_of_many_paths_is_nan_and_leaves_the_others_alone():
    distance = np.tile(np.linspace(0.0, 5000.0, 50), 3)
    ground = np.full(150, 10.0)
    ground[75] = math.nan
    offsets = np.array([0, 50, 100, 150])
    found = p526_losses(distance, ground, ground, offsets, np.full(3, 30.0), np.full(3, 30.0), 5500.0)
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[[0, 2]]).all()

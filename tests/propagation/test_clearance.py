"""What a user would miss: the true place and size of what blocks, and a mast height that is just enough."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.propagation.clearance import (
    clearance_kernel,
    clearance_of_one,
    height_needed,
    height_needed_kernel,
    height_needed_of_one,
    heights_needed,
    path_clearance,
    path_clearances,
)
from cn_planner.propagation.fresnel import fresnel_radius_m

grounds = st.lists(st.floats(0.0, 300.0), min_size=3, max_size=30)
masts = st.floats(0.0, 50.0)
lengths = st.floats(300.0, 40_000.0)


@given(grounds, masts, masts, lengths, st.sampled_from([0.6, 1.0, 4 / 3, 5.0]))
@settings(max_examples=80, deadline=None)
def test_clearance_is_the_least_over_the_points_taken_one_by_one(ground, mast_a, mast_b, length, k):
    distance = np.linspace(0.0, length, len(ground))
    a, b = ground[0] + mast_a, ground[-1] + mast_b
    found = path_clearance(distance, ground, a, b, 5500.0, k)
    ray = a + (b - a) * distance / length
    clear = ray - ground - distance * (length - distance) / (2.0 * 6_371_000.0 * k)
    shares = clear[1:-1] / fresnel_radius_m(distance[1:-1], length - distance[1:-1], 5500.0)
    assert found.clearance_m == pytest.approx(clear.min(), abs=1e-8)
    assert found.clearance_f1 == pytest.approx(shares.min(), rel=1e-9, abs=1e-9)
    assert found.at_m == distance[found.at_index]
    assert shares[found.at_index - 1] == pytest.approx(shares.min(), rel=1e-9, abs=1e-9)
    assert found.line_of_sight == (found.clearance_m >= 0.0)


@given(grounds, masts, masts, lengths, st.sampled_from([0.6, 1.0, 4 / 3, 5.0]), st.sampled_from([0.0, 0.6, 1.0]))
@settings(max_examples=80, deadline=None)
def test_one_path_has_the_bits_that_the_kernels_give_of_it_point_by_point(ground, mast_a, mast_b, length, k, wanted):
    surface = np.array(ground, np.float64)
    distance = np.linspace(0.0, length, len(surface))
    path = mast_a + float(surface[0]), mast_b + float(surface[-1]), 6_371_000.0 * k, 0.0517
    points = distance.tolist(), surface.tolist(), 0, len(surface)
    assert clearance_of_one(distance, surface, *path) == clearance_kernel(*points, *path)
    assert height_needed_of_one(distance, surface, *path, wanted) == height_needed_kernel(*points, *path, wanted)


def test_over_flat_ground_the_middle_is_worst_and_the_bulge_counts():
    distance = np.linspace(0.0, 10_000.0, 101)
    found = path_clearance(distance, np.zeros(101), 10.0, 10.0, 5500.0)
    assert found.at_m == 5000.0
    assert found.clearance_m == pytest.approx(10.0 - 1.4715, abs=1e-3)


@given(grounds, masts, masts, lengths, st.sampled_from([0.0, 0.6, 1.0]))
@settings(max_examples=80, deadline=None)
def test_the_height_needed_is_enough_and_not_a_millimetre_more(ground, mast_a, mast_b, length, wanted):
    distance = np.linspace(0.0, length, len(ground))
    need = height_needed(distance, ground, ground[0], ground[-1], mast_a, mast_b, 5500.0, clearance_f1=wanted)

    def share(height_a: float, height_b: float) -> float:
        return path_clearance(distance, ground, ground[0] + height_a, ground[-1] + height_b, 5500.0).clearance_f1

    tests = [
        (need.a_m, share(need.a_m, mast_b), share(need.a_m - 1e-3, mast_b)),
        (need.b_m, share(mast_a, need.b_m), share(mast_a, need.b_m - 1e-3)),
        (
            min(mast_a, mast_b) + need.both_m,
            share(mast_a + need.both_m, mast_b + need.both_m),
            share(mast_a + need.both_m - 1e-3, mast_b + need.both_m - 1e-3),
        ),
    ]
    for height, enough, short in tests:
        assert height >= -1e-9
        assert enough >= wanted - 1e-6
        if height > 1e-9:
            assert enough == pytest.approx(wanted, abs=1e-6)
            assert short < wanted


def test_many_paths_give_the_numbers_of_each_and_a_gap_gives_none():
    rng = np.random.default_rng(7)
    counts = [2, 3, 50, 400]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    distance = np.concatenate([np.linspace(0.0, 200.0 * n, n) for n in counts])
    surface = rng.uniform(0.0, 80.0, offsets[-1])
    a = surface[offsets[:-1]] + 12.0
    b = surface[offsets[1:] - 1] + 20.0
    clear, share, at = path_clearances(distance, surface, offsets, a, b, 5500.0)
    need = heights_needed(distance, surface, offsets, a, b, 5500.0)
    for p in range(len(counts)):
        part = slice(offsets[p], offsets[p + 1])
        one = path_clearance(distance[part], surface[part], a[p], b[p], 5500.0)
        assert one.clearance_m == pytest.approx(clear[p], abs=1e-9)
        assert one.clearance_f1 == pytest.approx(share[p], abs=1e-9)
        assert one.at_index == at[p] - offsets[p]
        ground = surface[part][0], surface[part][-1]
        alone = height_needed(distance[part], surface[part], *ground, 12.0, 20.0, 5500.0)
        assert alone.a_m == pytest.approx(max(need[p, 0] - ground[0], 0.0), abs=1e-9)
        assert alone.b_m == pytest.approx(max(need[p, 1] - ground[1], 0.0), abs=1e-9)
        assert alone.both_m == pytest.approx(max(need[p, 2], -12.0), abs=1e-9)
    surface[offsets[2] + 5] = math.nan
    clear, share, at = path_clearances(distance, surface, offsets, a, b, 5500.0)
    assert np.isnan(clear[2])
    assert np.isnan(share[2])
    assert at[2] == offsets[2] + 5
    assert np.isnan(heights_needed(distance, surface, offsets, a, b, 5500.0)[2]).all()
    assert np.isfinite(clear[[1, 3]]).all()


def test_a_path_without_a_point_between_its_ends_is_clear_at_any_height():
    found = path_clearance([0.0, 40.0], [5.0, 6.0], 8.0, 9.0, 5500.0)
    assert found.clearance_f1 == math.inf
    assert found.clearance_m == 3.0
    need = height_needed([0.0, 40.0], [5.0, 6.0], 5.0, 6.0, 3.0, 3.0, 5500.0)
    assert (need.a_m, need.b_m, need.both_m) == (0.0, 0.0, -3.0)


def test_a_gap_in_the_ground_is_an_error_and_never_sea_level():
    with pytest.raises(InputError, match="no height 10 m"):
        path_clearance([0.0, 10.0, 20.0], [0.0, math.nan, 0.0], 5.0, 5.0, 5500.0)

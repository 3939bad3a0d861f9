"""Hills by name, two rays, woods, and how clear a link between towers has to be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.propagation.cascaded_edges import (
    cascaded_knife_edge,
    hills_loss_db,
    main_edges,
    rounded_loss_db,
    spacing_correction_db,
)
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.propagation.fresnel import fresnel_radius_m
from cn_planner.propagation.knife_edge import knife_edge_loss_db
from cn_planner.propagation.path_clearance_rules import AirClimate, effective_k, p530_clearance
from cn_planner.units import EARTH_RADIUS_M, wavelength_m
from cn_planner.validation import p833, two_ray

FLAT = 1e9
"""Earth radius factor of an earth as good as flat."""


def ridges(tops: dict[int, float], length_m: float = 20_000.0, points: int = 201) -> tuple[np.ndarray, np.ndarray]:
    distance, ground = np.linspace(0.0, length_m, points), np.zeros(points)
    for at, top in tops.items():
        ground[at] = top
    return distance, ground


# Hills


def test_one_hill_costs_what_its_edge_costs() -> None:
    distance, ground = ridges({80: 60.0})
    (hill,) = main_edges(distance, ground, 20.0, 20.0, 2400.0, FLAT)
    nu = 40.0 * math.sqrt(2.0 * 20_000.0 / (wavelength_m(2400.0) * 8000.0 * 12_000.0))
    assert (hill.point, hill.at_m, hill.top_m) == (80, 8000.0, 60.0)
    assert hill.above_m == pytest.approx(40.0, abs=1e-3)
    assert hill.blocks
    assert hill.loss_db == pytest.approx(float(knife_edge_loss_db(nu)), abs=1e-3)
    assert hills_loss_db([hill]) == hill.loss_db
    whole = cascaded_knife_edge(distance, ground, 20.0, 20.0, 2400.0, FLAT)
    edge = float(knife_edge_loss_db(nu))
    before, after = (float(knife_edge_loss_db(one)) for one in (whole.before_nu, whole.after_nu))
    want = edge + (1.0 - math.exp(-edge / 6.0)) * (before + after + 10.0 + 0.04 * 20.0)
    assert whole.main == 80
    assert whole.loss_db == pytest.approx(want, abs=1e-3)


@pytest.mark.parametrize("step_m", [30.0, 450.0, 1000.0])
def test_the_bulge_of_a_smooth_earth_is_one_hill_whatever_the_steps(step_m: float) -> None:
    # 30 arc seconds are 926 m, sampled each 463 m: each sample beyond the horizons was a hill of its own.
    distance = np.linspace(0.0, 200_000.0, int(200_000.0 / step_m) + 1)
    (hill,) = main_edges(distance, np.full_like(distance, 10.0), 60.0, 60.0, 900.0)
    horizon_m = math.sqrt(2.0 * 8_494_667.0 * 50.0)  # 50 m over the ground, k = 4/3
    assert distance[hill.first] == pytest.approx(horizon_m, abs=2.0 * step_m)
    assert 200_000.0 - distance[hill.last] == pytest.approx(horizon_m, abs=2.0 * step_m)


def test_two_hills_are_the_double_edge_of_the_recommendation() -> None:
    # Section 4.3: 10 log of (a + b)(b + c) / (b (a + b + c)) between two isolated edges.
    distance, ground = ridges({50: 80.0, 130: 90.0})
    hills = main_edges(distance, ground, 10.0, 15.0, 900.0, FLAT)
    assert [hill.point for hill in hills] == [50, 130]
    a, b, c = 5000.0, 8000.0, 7000.0
    assert spacing_correction_db(hills) == pytest.approx(10.0 * math.log10((a + b) * (b + c) / (b * (a + b + c))))
    first = knife_edge_loss_db(
        (80.0 - (10.0 * b + 90.0 * a) / (a + b)) * math.sqrt(2 * (a + b) / (wavelength_m(900.0) * a * b))
    )
    assert hills[0].loss_db == pytest.approx(float(first), abs=1e-3)


def test_points_within_250_m_are_one_hill_and_the_higher_names_it() -> None:
    distance, ground = ridges({50: 80.0, 51: 81.0, 130: 90.0})
    hills = main_edges(distance, ground, 10.0, 15.0, 900.0, FLAT)
    assert [(hill.first, hill.last) for hill in hills] == [(50, 51), (130, 130)]
    assert hills[0].point in (50, 51)


def test_a_clear_path_names_the_place_that_comes_nearest_or_nobody() -> None:
    distance, ground = ridges({100: 18.0})
    (near,) = main_edges(distance, ground, 20.0, 20.0, 2400.0, FLAT)
    assert near.point == 100
    assert near.above_m == pytest.approx(-2.0, abs=1e-3)
    assert not near.blocks
    assert main_edges(*ridges({}), 200.0, 200.0, 2400.0, FLAT) == ()
    assert cascaded_knife_edge(*ridges({}), 200.0, 200.0, 2400.0, FLAT).loss_db == 0.0
    assert main_edges([0.0, 10.0], [0.0, 0.0], 5.0, 5.0, 2400.0) == ()


def test_hills_of_real_profiles(shared_data) -> None:
    with np.load(shared_data / "propagation" / "profiles.npz") as file:
        elevation, offset, spacing = file["elevation_m"], file["offset"], file["spacing_m"]
    blocked = 0
    for k in range(0, len(spacing), 3):
        ground = elevation[offset[k] : offset[k + 1]]
        if len(ground) < 3:
            continue
        distance = np.arange(len(ground)) * spacing[k]
        a, b = ground[0] + 15.0, ground[-1] + 8.0
        hills = main_edges(distance, ground, a, b, 2400.0)
        ray = a + (b - a) * distance / distance[-1]
        over = ground + distance * (distance[-1] - distance) / (2.0 * EARTH_RADIUS_M * 4.0 / 3.0) - ray
        worst = int(np.argmax(over[1:-1])) + 1
        assert all(hill.above_m == pytest.approx(over[hill.point]) for hill in hills)
        assert [hill.at_m for hill in hills] == sorted(hill.at_m for hill in hills)
        if over[worst] > 0.0:
            blocked += 1
            # What stands highest over the ray is touched by the string, and named or within 250 m of what is.
            assert min(abs(hill.at_m - distance[worst]) for hill in hills) <= 5000.0
            assert any(hill.blocks for hill in hills)
            assert cascaded_knife_edge(distance, ground, a, b, 2400.0).loss_db > 6.0
        else:
            assert len(hills) <= 1 or not any(hill.blocks for hill in hills)
    assert blocked > 20


@given(st.lists(st.floats(0.0, 300.0), min_size=3, max_size=40), st.floats(1.0, 100.0), st.floats(1.0, 100.0))
def test_hills_are_the_same_from_both_ends(tops: list[float], up_a: float, up_b: float) -> None:
    ground = np.array(tops)
    distance = np.arange(len(tops)) * 500.0
    a, b = ground[0] + up_a, ground[-1] + up_b
    there = cascaded_knife_edge(distance, ground, a, b, 2400.0)
    back = cascaded_knife_edge(distance, ground[::-1], b, a, 2400.0)
    assert there.loss_db == pytest.approx(back.loss_db, abs=1e-6) or there.main != len(tops) - 1 - back.main
    total = hills_loss_db(main_edges(distance, ground, a, b, 2400.0))
    assert total == pytest.approx(hills_loss_db(main_edges(distance, ground[::-1], b, a, 2400.0)), abs=1e-6)
    assert total >= 0.0


def test_a_round_hill_costs_more_than_an_edge_and_a_sharp_one_the_same() -> None:
    losses = [rounded_loss_db(30.0, 5000.0, 7000.0, radius, 2400.0) for radius in (0.0, 1e-3, 10.0, 100.0, 1000.0)]
    nu = 30.0 * math.sqrt(2.0 * 12_000.0 / (wavelength_m(2400.0) * 5000.0 * 7000.0))
    assert losses[0] == pytest.approx(float(knife_edge_loss_db(nu)))
    assert losses[1] == pytest.approx(losses[0], abs=0.2)
    assert losses == sorted(losses)
    with pytest.raises(InputError, match="rounded hill"):
        rounded_loss_db(30.0, 0.0, 7000.0, 10.0, 2400.0)


@pytest.mark.parametrize("bad", [([0.0], [1.0]), ([0.0, 5.0, 4.0], [1.0] * 3), ([0.0, 5.0], [1.0, math.nan])])
def test_a_profile_that_is_none_is_said(bad: tuple[list[float], list[float]]) -> None:
    for ask in (main_edges, cascaded_knife_edge):
        with pytest.raises(InputError, match="profile"):
            ask(*bad, 10.0, 10.0, 2400.0)
    with pytest.raises(InputError, match="profile"):
        p530_clearance(*bad, (0.0, 0.0), (10.0, 10.0), 5500.0)


# Two rays


def test_two_rays_swing_about_free_space_and_end_in_the_fourth_power() -> None:
    at = two_ray.breakpoint_m(20.0, 10.0, 5500.0)
    assert at == pytest.approx(4.0 * 20.0 * 10.0 / wavelength_m(5500.0))
    far = two_ray.two_ray_loss(50.0 * at, 20.0, 10.0, 5500.0)
    assert far.loss_db == pytest.approx(40.0 * math.log10(50.0 * at) - 20.0 * math.log10(200.0), abs=0.3)
    near = [two_ray.two_ray_loss(d, 20.0, 10.0, 5500.0) for d in np.linspace(500.0, at, 4000)]
    swing = [one.loss_db - one.free_space_db for one in near]
    assert min(swing) == pytest.approx(-6.0, abs=0.3)
    assert max(swing) > 10.0


def test_both_slopes_meet_at_the_breakpoint() -> None:
    at = two_ray.breakpoint_m(20.0, 10.0, 5500.0)
    below, above = (two_ray.breakpoint_loss_db(at * part, 20.0, 10.0, 5500.0) for part in (1 - 1e-9, 1 + 1e-9))
    assert below == pytest.approx(above, abs=1e-6)
    assert two_ray.breakpoint_loss_db(at / 2, 20.0, 10.0, 5500.0) == pytest.approx(
        float(free_space_loss_db(at / 2, 5500.0))
    )
    assert two_ray.breakpoint_loss_db(10 * at, 20.0, 10.0, 5500.0) - below == pytest.approx(40.0, abs=1e-6)


def test_a_round_earth_of_great_radius_is_flat_and_both_ways_are_one() -> None:
    flat = two_ray.two_ray_loss(3000.0, 20.0, 10.0, 5500.0)
    great = two_ray.two_ray_loss(3000.0, 20.0, 10.0, 5500.0, earth_radius_m=1e13)
    assert great.loss_db == pytest.approx(flat.loss_db, abs=1e-3)
    assert great.mirror_at_m == pytest.approx(2000.0, abs=1e-3)
    there = two_ray.two_ray_loss(15_000.0, 30.0, 10.0, 5500.0, earth_radius_m=8495e3)
    back = two_ray.two_ray_loss(15_000.0, 10.0, 30.0, 5500.0, earth_radius_m=8495e3)
    assert there.loss_db == pytest.approx(back.loss_db, abs=1e-6)
    assert there.divergence < 1.0
    # Equal angles to the tangent at the mirror.
    a, b = there.mirror_at_m, 15_000.0 - there.mirror_at_m
    assert (30.0 - a * a / (2 * 8495e3)) / a == pytest.approx((10.0 - b * b / (2 * 8495e3)) / b, rel=1e-6)


def test_ground_reflects_as_fresnel_says() -> None:
    straight = two_ray.reflection_coefficient(90.0, 5500.0, permittivity=4.0, conductivity_s_per_m=0.0)
    assert straight == pytest.approx(1.0 / 3.0)  # (e - sqrt e) / (e + sqrt e)
    assert two_ray.reflection_coefficient(
        90.0, 5500.0, vertical=False, permittivity=4.0, conductivity_s_per_m=0.0
    ) == pytest.approx(-1.0 / 3.0)
    for vertical in (True, False):
        assert two_ray.reflection_coefficient(0.0, 5500.0, vertical=vertical) == pytest.approx(-1.0)
    brewster = math.degrees(math.atan(1.0 / 2.0))  # cot of the angle to the ground is the root of the permittivity
    assert abs(two_ray.reflection_coefficient(brewster, 5500.0, permittivity=4.0, conductivity_s_per_m=0.0)) < 1e-12


def test_rough_ground_mirrors_little() -> None:
    smooth = two_ray.two_ray_loss(3000.0, 20.0, 10.0, 5500.0)
    rough = two_ray.two_ray_loss(3000.0, 20.0, 10.0, 5500.0, roughness_m=5.0)
    assert abs(rough.loss_db - rough.free_space_db) < 0.01 < abs(smooth.loss_db - smooth.free_space_db)
    assert "no hill" in str(two_ray.two_ray_limits(smooth, 20.0, 10.0, 5500.0)[0])
    assert len(two_ray.two_ray_limits(smooth, 0.01, 10.0, 5500.0)) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"distance_m": 0.0}, "above 0"),
        ({"height_a_m": -1.0}, "above 0"),
        ({"height_b_m": math.nan}, "above 0"),
        ({"permittivity": 0.5}, "permittivity"),
        ({"roughness_m": -1.0}, "roughness"),
        ({"earth_radius_m": 0.0}, "earth radius"),
        ({"distance_m": 60_000.0, "earth_radius_m": 8495e3}, "the earth itself is in the way"),
        ({"freq_mhz": 1.0}, "frequency"),
    ],
)
def test_what_two_rays_cannot_say(change: dict[str, float], words: str) -> None:
    asked = {"distance_m": 3000.0, "height_a_m": 20.0, "height_b_m": 10.0, "freq_mhz": 5500.0, **change}
    with pytest.raises(InputError, match=words):
        two_ray.two_ray_loss(**asked)


# Woods


def test_a_wood_costs_more_with_every_metre_up_to_its_most() -> None:
    depth = np.linspace(0.0, 3000.0, 301)
    losses = [p833.woodland_loss_db(float(d), 2400.0) for d in depth]
    assert losses[0] == 0.0
    assert (np.diff(losses) >= 0.0).all()
    assert losses[-1] == pytest.approx(p833.most_attenuation_db(2400.0), abs=1e-6)
    per_metre = p833.woodland_loss_db(0.01, 2400.0) / 0.01
    assert per_metre == pytest.approx(p833.specific_attenuation_db_per_m(2400.0), rel=1e-3)


@pytest.mark.parametrize(("freq", "specific", "most"), p833.MEASURED)
def test_the_formulas_agree_with_the_campaign_that_they_are_from(freq: float, specific: float, most: float) -> None:
    assert p833.most_attenuation_db(freq, p833.NORTHERN_FOREST) == pytest.approx(most, rel=0.12)
    assert p833.specific_attenuation_db_per_m(freq) == pytest.approx(specific, rel=0.45)


def test_specific_attenuation_has_no_step() -> None:
    for freq in (1000.0,):
        low, high = (p833.specific_attenuation_db_per_m(freq * part) for part in (1 - 1e-9, 1 + 1e-9))
        assert low == pytest.approx(high, rel=1e-6)
    assert p833.specific_attenuation_db_per_m(30.0) == pytest.approx(0.02)
    assert p833.specific_attenuation_db_per_m(30_000.0) == pytest.approx(6.0)


def test_a_hedge_never_costs_more_than_the_way_round_it() -> None:
    assert p833.obstruction_loss_db(10.0, 900.0) == pytest.approx(10.0 * p833.specific_attenuation_db_per_m(900.0))
    assert p833.obstruction_loss_db(1000.0, 900.0, around_db=14.0) == 14.0
    assert p833.combined_loss_db(10.0, 10.0) == pytest.approx(10.0 - 10.0 * math.log10(2.0))
    assert p833.combined_loss_db(10.0, math.inf) == pytest.approx(10.0)


def test_a_path_that_rises_through_trees() -> None:
    wood = p833.SlantPath(0.25, 0.39, 0.25, 0.0, 0.05)
    assert p833.slant_loss_db(0.0, 1500.0, 30.0, wood) == 0.0
    assert p833.slant_loss_db(20.0, 1500.0, 30.0, wood) == pytest.approx(0.25 * 1500**0.39 * 20**0.25 * 30**0.05)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: p833.woodland_loss_db(-1.0, 900.0), "through the trees"),
        (lambda: p833.woodland_loss_db(math.nan, 900.0), "through the trees"),
        (lambda: p833.woodland_loss_db(10.0, 20.0), "holds from"),
        (lambda: p833.woodland_loss_db(10.0, 900.0, most_db=0.0), "above 0"),
        (lambda: p833.obstruction_loss_db(10.0, 2400.0), "holds from"),
        (lambda: p833.combined_loss_db(), "each way"),
        (lambda: p833.slant_loss_db(10.0, 900.0, 0.0, p833.SlantPath(1, 1, 1, 1, 1)), "rises"),
    ],
)
def test_what_is_no_wood_is_said(ask, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ask()


def test_a_campaign_that_is_asked_too_much_says_so() -> None:
    assert p833.woodland_limits(1000.0, p833.MIXED_FOREST) == ()
    assert "extrapolated" in str(p833.woodland_limits(5500.0, p833.MIXED_FOREST)[0])


# Clearance of links between towers


def test_bad_air_bends_the_earth_more_on_shorter_paths() -> None:
    values = [effective_k(km * 1e3) for km in (10, 20, 50, 100, 200, 400)]
    assert values == sorted(values)
    assert values[1] == pytest.approx(0.57, abs=0.02)
    assert values[3] == pytest.approx(0.92, abs=0.02)
    assert values[4] == values[5] == pytest.approx(1.0, abs=0.01)
    with pytest.raises(InputError, match="length"):
        effective_k(0.0)


def test_the_height_that_the_rules_ask_for_just_keeps_them() -> None:
    distance, ground = ridges({90: 40.0}, 30_000.0)
    found = p530_clearance(distance, ground, (0.0, 0.0), (20.0, 20.0), 5500.0)
    assert not found.ok
    assert found.short_m > 0.0
    assert "too low" in str(found.words())
    up = p530_clearance(distance, ground, (0.0, 0.0), (found.height_needed_a_m + 1e-6, 20.0), 5500.0)
    assert up.ok
    assert up.short_m == pytest.approx(0.0, abs=1e-5)
    lower = p530_clearance(distance, ground, (0.0, 0.0), (found.height_needed_a_m - 0.1, 20.0), 5500.0)
    assert not lower.ok
    both = p530_clearance(distance, ground, (0.0, 0.0), (20.0 + found.raise_both_m + 1e-6,) * 2, 5500.0)
    assert both.ok


def test_what_each_rule_asks_for() -> None:
    distance, ground = ridges({}, 40_000.0)
    edge = p530_clearance(distance, ground, (0.0, 0.0), (45.0, 45.0), 5500.0)
    assert edge.extended
    assert (edge.median_f1, edge.effective_f1) == (1.0, 0.3)
    hill = p530_clearance(*ridges({100: 60.0}, 40_000.0), (0.0, 0.0), (120.0, 120.0), 5500.0)
    assert (hill.extended, hill.effective_f1) == (False, 0.0)
    tropics = p530_clearance(distance, ground, (0.0, 0.0), (50.0, 50.0), 5500.0, AirClimate.TROPICAL)
    assert tropics.effective_f1 == 0.6
    short = p530_clearance(*ridges({}, 10_000.0), (0.0, 0.0), (50.0, 50.0), 5500.0, AirClimate.TROPICAL, extended=False)
    assert short.effective_f1 == 0.0
    second = p530_clearance(distance, ground, (0.0, 0.0), (45.0, 45.0), 5500.0, lower_antenna=True)
    assert second.median_f1 == 0.6
    # Each sample's need is the greater of the two rules.
    at, radius = 100, float(fresnel_radius_m(20_000.0, 20_000.0, 5500.0))
    bulge = [20_000.0**2 / (2.0 * EARTH_RADIUS_M * k) for k in (4.0 / 3.0, edge.effective_k)]
    assert edge.needed_amsl_m[at] == pytest.approx(max(bulge[0] + radius, bulge[1] + 0.3 * radius))


def test_a_k_that_is_none_is_said() -> None:
    with pytest.raises(InputError, match="earth radius factor"):
        p530_clearance(*ridges({}), (0.0, 0.0), (10.0, 10.0), 5500.0, bad_k=0.0)

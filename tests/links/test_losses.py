"""What a user would miss: every model's own answer on a link, on the ground that it is made for, and no other."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_paths import hills, path

from cn_planner.errors import InputError
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import Conditions, conditions_of, link_conditions_of
from cn_planner.links.losses import predicted
from cn_planner.links.verdict import Verdict
from cn_planner.model.plan import Plan, Rules
from cn_planner.models.itm import equal_steps
from cn_planner.propagation.itm import Surroundings, Variability, itm_losses
from cn_planner.propagation.itm_kernels import ItmProfiles
from cn_planner.propagation.p1812 import centre_latitude_deg, p1812_losses
from cn_planner.propagation.p1812_kernels import P1812Profiles
from cn_planner.propagation.p1812_path import P1812Terms
from cn_planner.validation.p526_parts import p526_losses

MODELS = ("p526", "p1812", "itm", "free-space")
TERRAIN_MODELS = ("p526", "p1812", "itm")


def losses(profile, height_a=20.0, height_b=10.0, freq=2400.0, pol="V", **air):
    return predicted(profile, (height_a, height_b), freq, pol, Conditions(**air))


def total(profile, *words, **air):
    return losses(profile, *words, **air).losses.total_db


def wooded(height_m=10.0, length_m=8000.0, points=161, seed=0):
    along = np.linspace(0.0, length_m, points)
    trees = np.where((along > 200.0) & (along < length_m - 200.0), height_m, 0.0)
    return path(length_m, hills(points, length_m, seed=seed), trees, points=points, assumed=True)


@pytest.mark.parametrize("model", MODELS)
def test_the_parts_add_up_to_the_total(model):
    found = losses(wooded(), model=model, canopy_m=10.0).losses
    parts = [one for one in (found.free_space_db, found.diffraction_db, found.vegetation_db) if one is not None]
    assert sum(parts) == pytest.approx(found.total_db, abs=1e-9)
    assert found.free_space_db == pytest.approx(118.1, abs=0.2)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("vertical", [True, False])
def test_a_link_by_every_model_is_the_compiled_answer_on_the_same_path(seed, vertical):
    profile, pol = wooded(seed=seed), "V" if vertical else "H"
    surface = profile.ground_m + profile.cover_m
    offsets = np.array([0, len(surface)])
    a, b = profile.ground_m[[0]] + 20.0, profile.ground_m[[-1]] + 10.0
    air = {"n0": 320.0, "delta_n": 45.0, "canopy_m": 10.0}
    fast = p526_losses(profile.distance_m, profile.ground_m, surface, offsets, a, b, 2400.0, vertical=vertical)
    assert total(profile, pol=pol, **air) == pytest.approx(fast.sum(), abs=1e-9)
    ends = profile.latitude[0], profile.longitude[0], profile.latitude[-1], profile.longitude[-1]
    terms = P1812Terms(320.0, 45.0, centre_latitude_deg(*ends, profile.length_m), time_pct=10.0)
    ways = P1812Profiles(profile.distance_m, profile.ground_m, offsets, surface)
    fast = p1812_losses(ways, a, b, 2400.0, terms, vertical=vertical).loss_db
    assert total(profile, pol=pol, model="p1812", time_pct=10.0, **air) == pytest.approx(fast[0], abs=1e-9)
    fast = itm_losses(
        ItmProfiles(profile.ground_m, offsets, 50.0), 20.0, 10.0, 2400.0, vertical=vertical,
        surroundings=Surroundings(climate=3, n0=320.0), variability=Variability(90.0, 80.0, 50.0, 3),
    ).loss_db  # fmt: skip
    slow = total(profile, pol=pol, model="itm", climate=3, time_pct=90.0, location_pct=80.0, **air)
    assert slow == pytest.approx(fast[0], abs=1e-9)


def test_in_the_median_itm_is_what_the_reference_says_of_a_known_path():
    profile = path(ground=hills())
    for time in (50.0, 99.0):
        ground = ItmProfiles(profile.ground_m, [0, 161], 50.0)
        known = itm_losses(ground, 20.0, 10.0, 2400.0, variability=Variability(time)).loss_db
        assert total(profile, model="itm", time_pct=time) == pytest.approx(known[0], abs=1e-9)
        assert total(profile, model="itm", time_pct=time, location_pct=50.001) == pytest.approx(known[0], abs=1e-3)


def test_trees_are_obstacles_to_p526_and_clutter_to_p1812_and_nothing_to_itm():
    for model in ("p526", "p1812"):
        found, bare = (losses(one, model=model).losses for one in (wooded(), path(ground=hills())))
        assert found.vegetation_db > 1.0
        assert found.diffraction_db == pytest.approx(bare.total_db - bare.free_space_db, abs=1e-9)
    found = losses(wooded(), model="itm", canopy_m=10.0).losses
    assert found.total_db == total(path(ground=hills()), model="itm")
    assert found.vegetation_db is None


def with_obstacle(at_m=4013.0, top_m=40.0, radius_m=6.0, *, trees=0.0):
    """Equal steps of 50 m, and three samples more where something stands that was seen on site."""
    distance = np.sort(np.concatenate([np.linspace(0.0, 8000.0, 161), [at_m - radius_m, at_m, at_m + radius_m]]))
    cover = np.where((distance > 200.0) & (distance < 7800.0), trees, 0.0)
    cover[np.abs(distance - at_m) <= radius_m + 1e-6] = max(top_m, trees)
    return path(8000.0, np.interp(distance, np.linspace(0.0, 8000.0, 161), hills()), cover, distance=distance,
                assumed=trees > 0.0)  # fmt: skip


def test_the_ground_of_itm_is_the_profile_itself_where_its_steps_are_equal():
    profile = path(ground=hills())
    ground, spacing = equal_steps(profile, Conditions())
    assert spacing == 50.0
    assert ground.tolist() == profile.ground_m.tolist()


@pytest.mark.parametrize("trees", [0.0, 10.0])
def test_an_obstacle_seen_on_site_stays_on_itm_s_path_at_equal_steps(trees):
    ground, spacing = equal_steps(with_obstacle(trees=trees), Conditions(canopy_m=trees))
    assert spacing == 50.0
    assert len(ground) == 161
    above = ground - hills()
    assert above[80] == pytest.approx(40.0, abs=1e-9)
    assert np.abs(np.delete(above, 80)).max() < 1e-9
    bare = total(path(ground=hills()), model="itm")
    assert abs(total(with_obstacle(trees=trees), model="itm", canopy_m=trees) - bare) > 1e-3


def test_an_obstacle_beside_an_antenna_stands_before_it_and_does_not_lift_it():
    ground, _ = equal_steps(with_obstacle(at_m=6.0), Conditions())
    assert ground[0] == hills()[0]
    assert ground[1] == pytest.approx(hills()[1] + 40.0, abs=1e-9)
    ground, _ = equal_steps(path(30.0, cover=[9.0, 9.0], points=2), Conditions())
    assert ground.tolist() == [100.0, 100.0]


@given(st.lists(st.floats(1.0, 7999.0), min_size=0, max_size=12, unique=True))
@settings(max_examples=50, deadline=None)
def test_whatever_samples_are_between_the_steps_itm_hears_the_same_ground(extra):
    distance = np.unique(np.round(np.concatenate([np.linspace(0.0, 8000.0, 161), extra]), 3))
    ground = np.interp(distance, np.linspace(0.0, 8000.0, 161), hills())
    found, spacing = equal_steps(path(8000.0, ground, distance=distance), Conditions())
    assert spacing == 50.0
    assert np.abs(found - hills()).max() < 1e-9


def test_each_condition_moves_the_models_that_know_it():
    profile = path(60_000.0, hills(1201, 60_000.0), points=1201)

    def moved(model, **air):
        return total(profile, model=model, **air) - total(profile, model=model)

    assert moved("p1812", time_pct=1.0) < -1.0
    far = path(200_000.0, np.full(801, 50.0), points=801)
    assert total(far, model="p1812", n0=380.0) < total(far, model="p1812") - 1.0
    assert moved("p1812", delta_n=70.0) < -0.1
    assert moved("itm", time_pct=99.0) > 1.0
    assert moved("itm", location_pct=90.0) > 1.0
    assert moved("itm", n0=380.0) < -0.1
    assert abs(total(profile, model="itm", climate=1) - total(profile, model="itm", climate=4)) > 0.1
    assert moved("p526", k_factor=1.0) > 0.1
    low = {"height_b": 1.5, "model": "p1812"}
    assert losses(profile, location_pct=90.0, **low).losses.total_db > losses(profile, **low).losses.total_db + 1.0


def test_p526_says_that_it_knows_the_median_alone():
    assert losses(path()).warnings == ()
    for model in ("p526", "free-space"):
        (said,) = losses(path(), model=model, time_pct=10.0).warnings
        assert "10 % of the time and 50 % of the places are not in its loss" in str(said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"model": "p1812", "freq": 7000.0}, r"P\.1812, MHz, is 7000\.0; it must be 30\.0 to 6000\.0"),
        ({"model": "p1812", "time_pct": 90.0}, r"time is 90\.0; it must be 1\.0 to 50\.0"),
        ({"model": "p1812", "height_b": 0.0}, r"receiver above ground, m, is 0\.0"),
        ({"model": "p1812", "delta_n": 160.0}, r"160\.0; it must be 0\.0 to 156\.0"),
        ({"model": "itm", "freq": 24_000.0}, "24000 MHz; ITM takes 20 to 20000"),
        ({"model": "itm", "n0": 410.0}, "410 N-units; ITM takes 250 to 400"),
        ({"model": "itm", "height_a": 0.2}, r"0\.2 m above ground; ITM takes 0\.5 to 3000"),
        ({"model": "itm", "climate": 8}, "climate is 8; ITM knows 1 to 7"),
        ({"model": "itm", "time_pct": 100.0}, "time percentage is 100; it must be between 0 and 100"),
    ],
)
def test_outside_a_model_s_validity_the_error_names_parameter_value_and_range(words, said):
    with pytest.raises(InputError, match=said):
        losses(path(), **words)


def test_near_its_limits_a_model_s_warning_reaches_the_budget_in_words():
    budget = link_budget(path(40.0, points=2), 5.0, 5.0, None, None, 2400.0, conditions=Conditions(model="p1812"))
    assert "0.25 to 3000 km" in str(budget.warnings[0])
    assert "0.25 to 3000 km" in budget.fields()["explanation"]
    budget = link_budget(path(ground=hills()), 20.0, 10.0, None, None, 2400.0, conditions=Conditions(model="itm"))
    assert "nearer than a tenth" in str(budget.warnings[0])


@pytest.mark.parametrize("model", MODELS)
def test_a_path_of_two_points_has_a_loss(model):
    found = losses(path(40.0, points=2), model=model)
    assert found.losses.total_db == pytest.approx(72.1, abs=3.0)


@pytest.mark.parametrize("model", MODELS)
def test_a_hundred_thousand_points_are_no_trouble(model):
    profile = path(50_000.0, hills(100_000, 50_000.0), points=100_000)
    assert math.isfinite(total(profile, model=model))


@pytest.mark.parametrize("model", TERRAIN_MODELS)
@pytest.mark.parametrize("below", [-430.0, -50.0])
def test_ground_below_sea_level_is_ground(model, below):
    found = losses(path(ground=np.full(161, below)), model=model).losses
    assert found.total_db == pytest.approx(118.1, abs=3.0)


@pytest.mark.parametrize("model", MODELS)
def test_what_is_no_profile_is_refused_in_words(model):
    air = Conditions(model=model)

    def judged(profile, height_a=10.0):
        return link_budget(profile, height_a, 10.0, None, None, 2400.0, conditions=air)

    nowhere = path(distance=[0.0], ground=[100.0])
    with pytest.raises(InputError, match="A and B are at the same place"):
        judged(nowhere)
    with pytest.raises(InputError, match="height above ground must not be below 0"):
        judged(path(), -1.0)
    with pytest.raises(InputError, match="height above ground must not be below 0"):
        judged(path(), math.nan)
    with pytest.raises(InputError, match="do not rise from 0"):
        judged(path(distance=[0.0, 20.0, 10.0, 30.0]))
    with pytest.raises(InputError, match="do not rise from 0"):
        judged(path(distance=[0.0, 20.0, 20.0, 30.0]))
    hole = path(ground=np.where(np.arange(161) == 7, math.nan, 100.0))
    gap = judged(hole)
    assert gap.verdict is Verdict.NO_DATA
    assert gap.losses.total_db is None


@given(st.integers(0, 10_000), st.floats(1.0, 60.0), st.floats(1.0, 60.0), st.sampled_from([450.0, 2400.0, 5500.0]))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("model", ["free-space", "p526", "p1812"])
def test_a_link_loses_the_same_from_either_end(model, seed, up_a, up_b, freq):
    there = wooded(seed=seed)
    back = replace(there, ground_m=there.ground_m[::-1], cover_m=there.cover_m[::-1])
    one = losses(there, up_a, up_b, freq, model=model).losses
    other = losses(back, up_b, up_a, freq, model=model).losses
    assert one.total_db == pytest.approx(other.total_db, abs=1e-6)


@given(st.integers(0, 10_000), st.floats(5.0, 40.0), st.integers(5, 155))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("model", ["p526", "p1812"])
def test_a_millimetre_of_ground_or_mast_is_no_jump_in_the_loss(model, seed, up, at):
    ground = hills(seed=seed)
    before = total(path(ground=ground), up, model=model)
    assert total(path(ground=ground), up + 1e-3, model=model) == pytest.approx(before, abs=0.05)
    ground[at] += 1e-3
    assert total(path(ground=ground), up, model=model) == pytest.approx(before, abs=0.05)


@given(
    st.floats(1000.0, 80_000.0), st.sampled_from([450.0, 2400.0, 5500.0]), st.floats(1.0, 60.0), st.floats(0.1, 30.0)
)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("model", ["p526", "p1812"])
def test_over_flat_land_a_higher_mast_never_costs_more_than_its_longer_ray(model, length, freq, up, more):
    flat = path(length, np.full(161, 25.0))
    low, high = (losses(flat, up + extra, 10.0, freq, model=model).losses for extra in (0.0, more))
    assert high.total_db <= low.total_db + (high.free_space_db - low.free_space_db) + 1e-6


def test_the_plan_names_the_model_of_links_between_towers_and_homes_keep_p526():
    plan = Plan(rules=Rules(link_model="itm"))
    assert link_conditions_of(plan).model == "itm"
    assert conditions_of(plan).model == "p526"
    assert link_conditions_of(Plan()) == conditions_of(Plan())


def test_links_by_every_model_need_no_compiler():
    code = (
        "import sys\nsys.path.insert(0, 'tests')\n"
        "from link_paths import hills, path\n"
        "from cn_planner.links.budget import link_budget\nfrom cn_planner.links.compare import compare_models\n"
        "from cn_planner.links.conditions import Conditions\n"
        "for model in ('p526', 'p1812', 'itm', 'free-space'):\n"
        "    link_budget(path(ground=hills()), 9.0, 9.0, None, None, 2400.0, conditions=Conditions(model=model))\n"
        "compare_models(path(ground=hills()), 9.0, 9.0, 2400.0)\n"
        "print([name for name in ('numba', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

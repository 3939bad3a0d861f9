"""What a user would miss: that the models disagree about this path, by how much, and why."""

from __future__ import annotations

import numpy as np
import pytest
from link_paths import hills, path

from cn_planner.links.compare import COMPARED, DIFFER_DB, compare_models
from cn_planner.links.conditions import Conditions
from cn_planner.links.hills import hills_in_words, hills_of
from cn_planner.propagation.clearance import height_needed


def said(comparison):
    return " ".join(map(str, comparison.said))


def losses(comparison):
    return {one.model: one.loss_db for one in comparison.opinions}


def test_a_clear_short_path_has_one_answer_and_nothing_is_said():
    found = compare_models(path(3000.0), 30.0, 30.0, 2400.0)
    assert found.spread_db < DIFFER_DB
    assert not found.differ
    assert found.said == ()
    assert [one.model for one in found.opinions] == list(COMPARED)


def test_on_a_path_that_just_clears_rough_ground_itm_is_gloomier_and_the_reason_says_so():
    along = np.linspace(0.0, 40_000.0, 801)
    ground = 300.0 + 3.0 * np.random.default_rng(1).normal(size=801)
    both = height_needed(along, ground, ground[0], ground[-1], 10.0, 10.0, 5800.0, clearance_f1=0.4).both_m
    found = compare_models(path(40_000.0, ground, points=801), 10.0 + both, 10.0 + both, 5800.0)
    by = losses(found)
    assert by["itm"] - by["p526"] > DIFFER_DB
    assert f"The models differ by {found.spread_db:.0f} dB: P.526 144 dB, P.1812 143 dB, ITM 152 dB." in said(found)
    assert "just clears the ground, by 0.4 of the first Fresnel radius" in said(found)


@pytest.mark.parametrize(("half_m", "words"), [(200.0, "a part of what diffraction would cost"), (1000.0, "irregular")])
def test_behind_a_hill_the_reason_names_it(half_m, words):
    along = np.linspace(0.0, 8000.0, 161)
    ground = np.where(np.abs(along - 4000.0) < half_m, 170.0, 100.0)
    found = compare_models(path(ground=ground), 10.0, 10.0, 2400.0)
    assert found.differ
    assert "A hill stands in the line of sight" in said(found)
    assert words in said(found)


def test_trees_explain_what_itm_does_not_see():
    cover = np.where((np.arange(161) > 5) & (np.arange(161) < 155), 12.0, 0.0)
    found = compare_models(path(cover=cover, assumed=True), 14.0, 14.0, 2400.0, conditions=Conditions(canopy_m=12.0))
    by = losses(found)
    assert by["p526"] - by["itm"] > DIFFER_DB
    assert "dB for trees and buildings on the path; ITM sees bare ground" in said(found)


def test_far_beyond_the_horizon_the_air_carries_what_p526_does_not_count():
    found = compare_models(path(150_000.0, np.full(601, 50.0), points=601), 20.0, 20.0, 2400.0)
    by = losses(found)
    assert by["p526"] - by["p1812"] > DIFFER_DB
    assert "scatters over the hills as well" in said(found)


def test_a_model_that_does_not_hold_is_left_out_with_its_reason():
    found = compare_models(path(ground=hills()), 20.0, 20.0, 24_000.0)
    by = losses(found)
    assert by["p1812"] is by["itm"] is None
    assert "6000" in str(found.opinions[1].why_not)
    assert "20000" in str(found.opinions[2].why_not)
    assert found.spread_db == 0.0


def test_the_models_are_asked_for_the_median_whatever_the_link_is_asked_for():
    profile = path(ground=hills())
    odd = Conditions(time_pct=99.9, location_pct=1.0, model="free-space")
    assert compare_models(profile, 20.0, 10.0, 2400.0, conditions=odd) == compare_models(profile, 20.0, 10.0, 2400.0)


@pytest.mark.parametrize("seed", range(40))
def test_wherever_they_differ_there_is_a_reason(seed):
    cover = np.where((np.arange(161) > 5) & (np.arange(161) < 155), 8.0 * (seed % 2), 0.0)
    found = compare_models(
        path(ground=hills(seed=seed), cover=cover), 5.0 + seed, 10.0, (450.0, 2400.0, 5800.0)[seed % 3]
    )
    assert found.differ == bool(found.reasons)


def test_two_hills_are_named_with_their_places_and_one_is_the_verdict_s():
    along = np.linspace(0.0, 8000.0, 161)
    two = 100.0 + 60.0 * (along == 2000.0) + 80.0 * (along == 6000.0)
    (words,) = hills_in_words(hills_of(path(ground=two), (10.0, 10.0), 2400.0, Conditions()), "Serra")
    assert "Seen from Serra the path bends over hills at 2.0 km (160 m above the sea," in str(words)
    assert "at 6.0 km (180 m above the sea," in str(words)
    ridges = 200.0 - 0.00003 * (along - 4000.0) ** 2 + 60.0 * (np.arange(161) % 8 == 4)
    (words,) = hills_in_words(hills_of(path(ground=ridges), (1.0, 1.0), 2400.0, Conditions()), "Serra")
    assert str(words).count(" as an edge") == 8  # of twenty ridges those that cost most
    one = 100.0 + 60.0 * (along == 2000.0)
    assert hills_in_words(hills_of(path(ground=one), (10.0, 10.0), 2400.0, Conditions()), "Serra") == ()
    assert hills_of(path(3000.0), (60.0, 60.0), 5500.0, Conditions()) == ()

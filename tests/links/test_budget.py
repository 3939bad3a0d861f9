"""What a user would miss: a budget that adds up both ways, a verdict that is right, and a fix that works."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_paths import path

from cn_planner.errors import InputError
from cn_planner.links.availability import availability
from cn_planner.links.bearing import magnetic_azimuth_deg, tilt_deg
from cn_planner.links.budget import budget_arrays, link_budget
from cn_planner.links.conditions import Conditions, conditions_of
from cn_planner.links.radio import standard_end
from cn_planner.links.sight import Sight, clear_chance
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.links.weather import Weather
from cn_planner.model.plan import Area, Plan, Rules
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.propagation.fresnel import fresnel_radius_m
from cn_planner.propagation.p530_rain import rain_attenuation

CONTRACT = (  # the keys of `link --json`
    "distance_m azimuth_deg back_azimuth_deg azimuth_magnetic_deg tilt_from_deg tilt_to_deg ground_from_m ground_to_m "
    "line_of_sight clearance_m clearance_f1 clearance_at_m height_needed_from_m height_needed_to_m model loss_db "
    "mode rsl_to_dbm rsl_from_dbm fade_margin_db fallback_margin_db rate_down_mbps rate_up_mbps availability_pct "
    "probability_works probability_clear terrain_sd_m verdict explanation"
)
BESIDE_CONTRACT = "clearance_least_at_m clearance_there_m"  # where the least is, and the metres at the worst place
TOWER = standard_end(27.0, 16.0, 0.5, name="tower")
ROOF = standard_end(25.0, 23.0, 0.0, name="roof")


def ridge(top_m, at=80, points=161):
    ground = np.full(points, 100.0)
    ground[at] = 100.0 + top_m
    return ground


def test_levels_margins_and_losses_add_up_both_ways():
    found = link_budget(path(), 20.0, 10.0, TOWER, ROOF, 5500.0)
    assert found.losses.total_db == pytest.approx(free_space_loss_db(math.hypot(8000.0, 10.0), 5500.0), abs=1e-9)
    assert found.rsl_to_dbm == pytest.approx(27.0 - 0.5 + 16.0 + 23.0 - found.losses.total_db, abs=1e-9)
    assert found.rsl_from_dbm == pytest.approx(25.0 + 23.0 + 16.0 - 0.5 - found.losses.total_db, abs=1e-9)
    # -60 dBm each way, the way back 2 dB less: of the standard's modes at 20 MHz MCS6 (-65) does not leave 6 dB, MCS5
    # (-66) does down, MCS4 (-70) up. The slowest hears -82.
    assert (found.mcs_down, found.mcs_up, found.mode) == ("MCS5", "MCS4", "MCS5")
    assert found.margin_down_db == pytest.approx(found.rsl_to_dbm + 66.0, abs=1e-9)
    assert found.margin_up_db == pytest.approx(found.rsl_from_dbm + 70.0, abs=1e-9)
    assert found.fade_margin_db == min(found.margin_down_db, found.margin_up_db) == found.margin_down_db
    assert found.fallback_margin_db == pytest.approx(found.rsl_from_dbm + 82.0, abs=1e-9)
    assert found.fallback_mbps == pytest.approx(6.5 * 0.6)


def test_the_rate_is_that_of_the_fastest_mode_with_the_margin_asked_for():
    wide = link_budget(path(2000.0), 20.0, 10.0, TOWER, ROOF, 5500.0, rate_margin_db=0.0)
    careful = link_budget(path(2000.0), 20.0, 10.0, TOWER, ROOF, 5500.0, rate_margin_db=12.0)
    level = wide.rsl_to_dbm
    fits = [mode for mode in ROOF.modes if level - mode.sensitivity_dbm >= 12.0]
    assert careful.mcs_down == fits[-1].mcs
    assert careful.rate_down_mbps == pytest.approx(fits[-1].rate_mbps * 0.6)
    assert careful.rate_down_mbps <= wide.rate_down_mbps
    far = link_budget(path(60_000.0), 100.0, 100.0, TOWER, ROOF, 5500.0)
    assert far.rate_down_mbps == 0.0
    assert far.mcs_down is None


def test_a_clear_strong_path_is_likely_and_needs_no_fix():
    found = link_budget(path(3000.0), 20.0, 10.0, TOWER, ROOF, 5500.0)
    assert found.verdict is Verdict.LIKELY
    assert found.line_of_sight
    assert found.probability_works > 0.9
    assert found.fix is None


def test_a_ridge_blocks_and_is_named_with_its_place_and_the_masts_that_clear_it():
    found = link_budget(path(ground=ridge(30.0, at=60)), 12.0, 10.0, TOWER, ROOF, 5500.0, names=("Hill", "School"))
    assert found.verdict is Verdict.BLOCKED
    assert found.clearance_at_m == pytest.approx(3000.0)
    assert "ground 3.0 km from Hill stands" in str(found.explanation)
    assert found.clearance_m < 0.0
    assert found.worst_latitude == pytest.approx(1.0 + 3000.0 / 110_574.0)


def test_metres_and_zones_of_clearance_come_from_one_place_each():
    ground = np.full(161, 100.0)
    ground[4], ground[80] = (
        107.0,
        104.0,
    )  # near the first end the zone is narrow: the least metres are not the worst place
    found = link_budget(path(ground=ground), 10.0, 10.0, TOWER, ROOF, 5500.0)
    told = found.fields()
    assert told["clearance_least_at_m"] == pytest.approx(200.0)
    assert told["clearance_at_m"] == pytest.approx(4000.0)
    radius_m = fresnel_radius_m(4000.0, 4000.0, 5500.0)
    assert told["clearance_there_m"] == pytest.approx(told["clearance_f1"] * radius_m)
    assert told["clearance_m"] < told["clearance_there_m"]


@given(st.integers(10, 150), st.floats(0.0, 14.0), st.floats(4.0, 20.0), st.floats(4.0, 20.0))
@settings(max_examples=60, deadline=None)
def test_each_fix_that_is_offered_clears_the_path(at, top, height_a, height_b):
    profile, rules = path(ground=ridge(top, at)), Rules(mast_heights_m=(30.0,))
    found = link_budget(profile, height_a, height_b, None, None, 5500.0, rules=rules)
    if found.verdict is Verdict.LIKELY:
        assert found.fix is None
        return
    said = str(found.fix)
    ways = []
    if match := re.search(r"A to (\d+) m", said):
        ways.append((float(match[1]), height_b))
    if match := re.search(r"B to (\d+) m", said):
        ways.append((height_a, float(match[1])))
    if match := re.search(r"both ends by (\d+) m", said):
        ways.append((height_a + float(match[1]), height_b + float(match[1])))
    assert ways or "No mast up to 30 m" in said
    for way in ways:
        assert max(way) <= 30.0 + 1e-9
        assert link_budget(profile, *way, None, None, 5500.0, rules=rules).verdict is Verdict.LIKELY


def test_a_path_that_is_only_too_long_asks_for_gain_and_the_gain_makes_it_likely():
    found = link_budget(path(52_000.0), 110.0, 110.0, TOWER, ROOF, 5500.0)
    assert found.verdict is Verdict.CHECK_ON_SITE
    gain = int(re.search(r"with (\d+) dB more gain", str(found.fix))[1])
    better = link_budget(
        path(52_000.0), 110.0, 110.0, TOWER, replace(ROOF, antenna_gain_dbi=ROOF.antenna_gain_dbi + gain), 5500.0
    )
    assert better.verdict is Verdict.LIKELY


def test_grazing_paths_are_to_be_checked_on_site():
    bulge = 8000.0**2 / 4 / (2 * 6_371_000 * 4 / 3)
    found = link_budget(path(ground=ridge(15.0 - bulge - 1.0)), 15.0, 15.0, TOWER, ROOF, 2400.0)
    assert 0.0 < found.clearance_f1 < 0.6
    assert 6.0 < found.sigma_db < 12.0
    assert found.verdict in (Verdict.CHECK_ON_SITE, Verdict.BLOCKED)
    assert "of the first Fresnel radius is clear" in str(found.explanation)


def test_without_radios_the_path_alone_is_judged_and_that_is_said():
    for top, verdict in ((0.0, Verdict.LIKELY), (11.0, Verdict.CHECK_ON_SITE), (30.0, Verdict.BLOCKED)):
        found = link_budget(path(ground=ridge(top)), 15.0, 15.0, None, ROOF, 5500.0)
        assert found.verdict is verdict
        assert "this judges the path alone" in str(found.explanation)
        assert found.rsl_to_dbm is found.fade_margin_db is found.rate_down_mbps is found.probability_works is None


def test_assumed_trees_block_and_the_verdict_says_that_they_are_assumed():
    trees = np.zeros(161)
    trees[10:-10] = 10.0
    bare = link_budget(path(3000.0), 9.0, 9.0, TOWER, ROOF, 5500.0)
    found = link_budget(
        path(3000.0, cover=trees, assumed=True), 9.0, 9.0, TOWER, ROOF, 5500.0, conditions=Conditions(canopy_m=10.0)
    )
    assert found.losses.vegetation_db > 6.0
    assert found.losses.diffraction_db == bare.losses.diffraction_db
    assert found.verdict is not Verdict.LIKELY
    assert "Trees of 10 m are assumed" in str(found.explanation)
    assert "Look whether trees stand" in str(found.fix)
    assert not found.line_of_sight


def test_missing_terrain_is_no_data_with_the_tile_named_and_no_number_made_up():
    ground = np.full(161, 100.0)
    ground[50] = math.nan
    found = link_budget(path(ground=ground, missing=("N01E030",)), 10.0, 10.0, TOWER, ROOF, 5500.0)
    assert found.verdict is Verdict.NO_DATA
    assert "N01E030" in str(found.explanation)
    assert found.losses.total_db is found.clearance_m is found.probability_works is found.line_of_sight is None
    assert json.loads(json.dumps(found.fields(), allow_nan=False))["verdict"] == "no_data"
    ground[[0, -1]] = math.nan
    ends = link_budget(path(ground=ground), 10.0, 10.0, TOWER, ROOF, 5500.0, day=date(2026, 6, 1))
    json.dumps(ends.fields(), allow_nan=False)


def test_a_power_that_the_law_does_not_allow_blocks():
    found = link_budget(path(3000.0), 20.0, 10.0, replace(TOWER, allowed=False), ROOF, 5500.0)
    assert found.verdict is Verdict.BLOCKED
    assert "The rules of the country allow no sending" in str(found.explanation)


def test_every_key_of_the_contract_is_there_and_nothing_is_nan():
    found = link_budget(path(), 20.0, 10.0, TOWER, ROOF, 5500.0, day=date(2026, 6, 1)).fields()
    assert set(found) == {*CONTRACT.split(), *BESIDE_CONTRACT.split()}
    assert list(found["loss_db"]) == ["free_space", "diffraction", "vegetation", "gas", "rain", "total"]
    json.dumps(found, allow_nan=False)
    short = link_budget(path(40.0, points=2), 5.0, 5.0, TOWER, ROOF, 5500.0).fields()
    assert short["clearance_f1"] is None
    assert short["verdict"] == "likely"
    json.dumps(short, allow_nan=False)


def test_free_space_as_a_model_counts_nothing_else():
    found = link_budget(
        path(ground=ridge(40.0)), 10.0, 10.0, TOWER, ROOF, 5500.0, conditions=Conditions(model="free-space")
    )
    assert found.losses.total_db == found.losses.free_space_db
    assert found.losses.diffraction_db is None
    assert found.clearance_m < 0.0


def test_budgets_of_many_are_the_numbers_of_each():
    profiles = [path(length, ridge(top)) for length in (900.0, 4000.0, 9000.0) for top in (0.0, 9.0, 25.0)]
    each = [link_budget(one, 15.0, 12.0, TOWER, ROOF, 5500.0) for one in profiles]
    found = [
        clear_chance(
            one.distance_m, one.ground_m, one.cover_m, (one.ground_m[0] + 15.0, one.ground_m[-1] + 12.0), 5500.0,
            one.height_error,
        )
        for one in profiles
    ]  # fmt: skip
    sights = Sight(
        np.array([one.clearance_f1 for one in each] + [math.nan]),
        np.array([one.clear for one in found] + [math.nan]),
        np.array([one.passes for one in found] + [math.nan]),
    )
    many = budget_arrays(
        [one.losses.total_db for one in each] + [math.nan],
        sights,
        TOWER,
        ROOF,
        Rules(),
    )
    for i, one in enumerate(each):
        assert many.level_down_dbm[i] == one.rsl_to_dbm
        assert many.level_up_dbm[i] == one.rsl_from_dbm
        assert many.margin_db[i] == one.fade_margin_db
        assert (many.rate_down_mbps[i], many.rate_up_mbps[i]) == (one.rate_down_mbps, one.rate_up_mbps)
        assert many.probability[i] == one.probability_works
        assert found[i].clear == one.probability_clear
        assert VERDICTS[many.verdict[i]] is one.verdict
    assert VERDICTS[many.verdict[-1]] is Verdict.NO_DATA
    assert np.isnan(many.rate_down_mbps[-1])


def test_both_ends_at_one_place_or_under_ground_are_refused():
    with pytest.raises(InputError, match="same place"):
        link_budget(replace(path(), length_m=0.0), 10.0, 10.0, None, None, 5500.0)
    with pytest.raises(InputError, match="below 0"):
        link_budget(path(), -1.0, 10.0, None, None, 5500.0)
    with pytest.raises(InputError, match="polarisation"):
        link_budget(path(), 1.0, 10.0, None, None, 5500.0, "X")
    void = path(ground=np.full(161, math.nan), missing=("N01E030",))  # what cannot be is said before what is not known
    for freq in (-3.0, 0.0, math.nan, 2e5):
        with pytest.raises(InputError, match="must be between 10"):
            link_budget(void, 1.0, 10.0, None, None, freq)


def test_from_ten_ghz_on_gases_are_part_of_the_loss_and_rain_is_told():
    low, high = (link_budget(path(4000.0), 20.0, 20.0, TOWER, ROOF, freq) for freq in (9_999.0, 60_000.0))
    assert low.losses.gas_db == 0.0
    # P.676: some 15 dB/km at 60 GHz near the ground.
    assert high.losses.gas_db == pytest.approx(4.0 * 14.8, abs=2.0)
    assert high.losses.total_db == pytest.approx(high.losses.free_space_db + high.losses.gas_db, abs=1e-6)
    assert high.rsl_to_dbm == pytest.approx(27.0 - 0.5 + 16.0 + 23.0 - high.losses.total_db, abs=1e-9)
    assert "for 53 minutes of an average year" in high.fields()["explanation"]
    assert "53 minutes" not in low.fields()["explanation"]


def test_rain_is_part_of_the_loss_only_where_the_time_asked_for_reaches_into_it():
    wet = Weather(rain_rate_mm_h=60.0, rain_known=True)

    def rain(time_pct, freq=24_000.0):
        air = Conditions(time_pct=time_pct, weather=wet)
        return link_budget(path(4000.0), 20.0, 20.0, TOWER, ROOF, freq, conditions=air).losses.rain_db

    assert rain(50.0) == rain(98.9) == 0.0
    assert rain(99.99) == pytest.approx(
        rain_attenuation(rain_mm_h=60.0, distance_m=4000.0, freq_mhz=24_000.0, tilt_deg=90.0).rain_attenuation_db
    )
    assert 0.0 < rain(99.0) < rain(99.9) < rain(99.99) < rain(99.999)
    assert rain(99.999) == pytest.approx(rain(99.9999), abs=1e-6)  # the method ends there
    assert rain(99.99, 4900.0) == 0.0
    # What is counted is not told as coming on top.
    for time_pct, on_top in ((50.0, True), (99.0, True), (99.99, False)):
        air = Conditions(time_pct=time_pct, weather=wet)
        told = link_budget(path(4000.0), 20.0, 20.0, TOWER, ROOF, 24_000.0, conditions=air).warnings
        assert any("53 minutes" in str(one) for one in told) is on_top


def test_availability_is_that_of_the_margins_and_only_of_a_path_in_sight():
    known = Conditions(weather=Weather(rain_rate_mm_h=40.0, rain_known=True))
    found = link_budget(path(10_000.0), 60.0, 60.0, TOWER, ROOF, 5500.0, conditions=known)
    expected = availability(
        10_000.0, 160.0, 160.0, 5500.0, "V", found.margin_down_db, found.margin_up_db, known.weather,
        ground_amsl_m=100.0, latitude_deg=1.0 + 5000.0 / 110_574.0,
    )  # fmt: skip
    assert found.availability == expected
    assert 90.0 < found.availability_pct == expected.pct < 100.0
    assert found.fields()["availability_pct"] == expected.pct
    near = link_budget(path(5000.0), 60.0, 60.0, TOWER, ROOF, 5500.0, conditions=known)
    assert near.availability_pct > found.availability_pct
    for unsaid in (
        link_budget(path(10_000.0, ridge(90.0)), 60.0, 60.0, TOWER, ROOF, 5500.0),
        link_budget(path(10_000.0), 60.0, 60.0, None, ROOF, 5500.0),
        link_budget(path(40_000.0), 90.0, 90.0, TOWER, replace(ROOF, antenna_gain_dbi=-9.0), 5500.0),
    ):
        assert unsaid.availability_pct is None
    far = link_budget(path(150_000.0), 900.0, 900.0, replace(TOWER, antenna_gain_dbi=50.0), ROOF, 5500.0)
    assert far.availability_pct is None


def test_rain_that_is_not_known_is_told_where_it_takes_something_of_the_year():
    near, wet = (link_budget(path(2500.0), 20.0, 20.0, TOWER, ROOF, freq) for freq in (5500.0, 24_000.0))
    assert "rain of the area is not known" not in near.fields()["explanation"]
    assert "rain of the area is not known" in wet.fields()["explanation"]


def test_signal_over_noise_is_that_of_both_receivers():
    found = link_budget(path(3000.0), 20.0, 10.0, TOWER, ROOF, 5500.0)
    assert found.snr_to_db == pytest.approx(found.rsl_to_dbm - ROOF.noise_dbm(ROOF.modes[0]), abs=1e-9)
    assert found.snr_from_db == pytest.approx(found.rsl_from_dbm - TOWER.noise_dbm(TOWER.modes[0]), abs=1e-9)


def test_free_space_says_that_it_counts_nothing_in_the_way():
    air = Conditions(model="free-space")
    assert "counts nothing that stands in the way" in str(
        link_budget(path(ground=ridge(40.0)), 10.0, 10.0, TOWER, ROOF, 5500.0, conditions=air).warnings[0]
    )
    assert link_budget(path(2000.0), 10.0, 10.0, TOWER, ROOF, 5500.0, conditions=air).warnings == ()


def test_itm_is_surer_of_nothing_than_the_others_and_all_are_as_unsure_behind_a_hill():
    clear, behind = path(3000.0), path(ground=ridge(40.0))
    for model, sigma in (("p526", 4.0), ("p1812", 4.0), ("itm", 16.0 / 3.0)):
        air = Conditions(model=model)
        assert link_budget(clear, 20.0, 10.0, TOWER, ROOF, 5500.0, conditions=air).sigma_db == pytest.approx(sigma)
        assert link_budget(behind, 10.0, 10.0, TOWER, ROOF, 5500.0, conditions=air).sigma_db == 12.0


def test_tilt_points_at_the_other_end_over_the_curved_earth():
    assert tilt_deg(10_000.0, 100.0, 100.0, 4 / 3) == pytest.approx(math.degrees(-5.8860 / 10_000.0), rel=1e-3)
    assert tilt_deg(1000.0, 0.0, 100.0, 4 / 3) == pytest.approx(5.707, abs=5e-3)


def test_the_compass_in_cape_town_shows_some_25_degrees_more_than_the_map():
    assert 24.0 < magnetic_azimuth_deg(0.0, -33.9, 18.4, 0.0, date(2026, 1, 1)) < 27.0
    assert magnetic_azimuth_deg(0.0, -33.9, 18.4, 0.0, date(1990, 1, 1)) is None


def test_conditions_come_from_the_area_and_ten_metres_of_trees_until_it_is_answered():
    assert conditions_of(Plan()).canopy_m == 10.0
    assert conditions_of(Plan(area=Area(canopy_m=4.0, k_factor=1.0))) == Conditions(k_factor=1.0, canopy_m=4.0)


def test_a_link_between_towers_is_held_against_the_rules_for_usual_and_bad_air():
    low = link_budget(path(20_000.0), 18.0, 18.0, TOWER, ROOF, 5500.0, between_towers=True)
    assert not low.clearance_rules.ok
    assert low.clearance_rules.words() in low.warnings
    both = 18.0 + low.clearance_rules.raise_both_m
    high = link_budget(path(20_000.0), both, both, TOWER, ROOF, 5500.0, between_towers=True)
    assert high.clearance_rules.ok
    assert high.clearance_rules.words() not in high.warnings
    assert link_budget(path(20_000.0), 18.0, 18.0, TOWER, ROOF, 5500.0).clearance_rules is None


def test_rain_beyond_where_it_can_be_predicted_is_left_out_and_said():
    air = Conditions(time_pct=99.99)
    found = link_budget(path(120_000.0), 900.0, 900.0, TOWER, ROOF, 11_000.0, conditions=air)
    assert found.losses.rain_db is None
    assert "Rain is not predicted on 120 km" in found.fields()["explanation"]

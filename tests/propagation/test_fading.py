"""What a user would miss: how often a link fades, by layers of air and by rain, as the Recommendation has it."""

from __future__ import annotations

import csv
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.propagation.kernel import compiled
from cn_planner.propagation.p530 import (
    barnett_occurrence_pct,
    fade_kernel,
    fade_percentages,
    fading_warnings,
    multipath_fading,
    occurrence_kernel,
    occurrence_pct,
    year_factor_kernel,
)
from cn_planner.propagation.p530_rain import (
    Bound,
    distance_factor_kernel,
    rain_attenuation,
    rain_kernel,
    rain_outage,
    rain_warnings,
    time_law_kernel,
)
from cn_planner.propagation.p838 import rain_coefficients

PATH = {
    "geoclimatic_k": 1e-4,
    "dn75": 40.0,
    "distance_m": 30_000.0,
    "freq_mhz": 7000.0,
    "amsl_a_m": 300.0,
    "amsl_b_m": 350.0,
    "ground_amsl_m": 200.0,
    "latitude_deg": 40.0,
}
RAIN = {"rain_mm_h": 50.0, "distance_m": 8000.0, "freq_mhz": 18_000.0, "tilt_deg": 90.0}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def faded(case):
    return multipath_fading(
        case["fade_depth_db"],
        geoclimatic_k=case["geoclimatic_k"],
        dn75=case["dn75"],
        distance_m=case["dist_m"],
        freq_mhz=case["freq_hz"] / 1e6,
        amsl_a_m=case["h_tx_amsl_m"],
        amsl_b_m=case["h_rx_amsl_m"],
        ground_amsl_m=case["h_terrain_mean_amsl_m"],
        latitude_deg=case["lat_deg"],
    )


def test_multipath_is_the_golden_one(shared_data):
    cases = rows(shared_data / "propagation/p530_18/multipath.csv")
    assert len(cases) == 280
    for case in cases:
        found = faded(case)
        assert found.worst_month_deep == pytest.approx(case["pct_worst_month_deep"], rel=1e-9)
        assert found.worst_month == pytest.approx(case["pct_worst_month"], rel=1e-9)
        assert found.year_as_implemented == pytest.approx(case["pct_avg_year"], rel=1e-9)


def test_the_year_holds_at_least_a_twelfth_of_its_worst_month(shared_data):
    # The text's limit of 10.8 dB; the golden years have less than that of nearly every deep fade.
    for case in rows(shared_data / "propagation/p530_18/multipath.csv"):
        found = faded(case)
        assert found.year <= found.worst_month * (1.0 + 1e-12)
        if found.worst_month == found.worst_month_deep:
            assert found.year >= found.worst_month_deep / 12.03


def test_rain_is_the_golden_one(shared_data):
    cases = rows(shared_data / "propagation/p530_18/rain.csv")
    assert len(cases) == 325
    for case in cases:
        found = rain_attenuation(
            rain_mm_h=case["rain_r001_mm_per_h"],
            distance_m=case["dist_m"],
            freq_mhz=case["freq_hz"] / 1e6,
            elevation_deg=case["elev_deg"],
            tilt_deg=case["pol_tilt_deg"],
            time_pct=case["time_pct"],
        )
        for name in ("k", "alpha", "specific_attenuation_db_per_km"):
            assert getattr(found, name) == pytest.approx(case[name], rel=1e-9)
        # The file's program knows no limit of the distance factor, and marks where it matters.
        limited = min(case["r_factor"], 2.5)
        assert (case["r_factor"] > 2.5) == (case["r_gt_2p5"] == 1.0)
        assert found.r_factor == pytest.approx(limited, rel=1e-9)
        assert found.rain_attenuation_db == pytest.approx(
            case["rain_attenuation_db"] * limited / case["r_factor"], rel=1e-9
        )


def test_compiled_fading_is_plain_fading():
    place = (1e-4, 40.0, 30.0, 7.0, 300.0, 350.0, 200.0)
    p0 = occurrence_kernel(*place)
    assert compiled(occurrence_kernel)(*place) == pytest.approx(p0, rel=1e-12)
    for depth in (5.0, 40.0):
        assert compiled(fade_kernel)(depth, p0, 6.0) == pytest.approx(fade_kernel(depth, p0, 6.0), rel=1e-12)
    assert compiled(rain_kernel)(8.0, 18.0, 50.0, 1.0, 90.0) == pytest.approx(
        rain_kernel(8.0, 18.0, 50.0, 1.0, 90.0), rel=1e-12
    )


def test_a_short_link_has_no_multipath_and_a_flat_one_more_than_a_steep_one():
    assert set(multipath_fading(10.0, **{**PATH, "distance_m": 5000.0})) == {0.0}
    assert multipath_fading(10.0, **{**PATH, "distance_m": 5001.0}).year > 0.0
    flat = {**PATH, "amsl_b_m": 301.0}
    assert multipath_fading(30.0, **flat).worst_month > multipath_fading(30.0, **PATH).worst_month


def test_a_fade_of_10_db_more_is_a_tenth_as_frequent_where_fades_are_deep():
    p0 = occurrence_pct(**{name: value for name, value in PATH.items() if name != "latitude_deg"})
    at = {"distance_m": 30_000.0, "inclination_mrad": 1.0, "latitude_deg": 40.0}
    thirty, forty = (fade_percentages(depth, p0, **at) for depth in (35.0, 45.0))
    assert thirty.worst_month == pytest.approx(p0 * 10.0**-3.5)
    assert thirty.year / forty.year == pytest.approx(10.0)


@given(p0=st.floats(1e-9, 1900.0), km=st.floats(6.0, 200.0), latitude=st.floats(-90.0, 90.0))
def test_deeper_fades_are_rarer_and_the_curve_has_no_step(p0, km, latitude):
    at = {"distance_m": km * 1e3, "inclination_mrad": 3.0, "latitude_deg": latitude}
    found = [fade_percentages(depth / 4.0, p0, **at) for depth in range(240)]
    for shallow, deep in pairwise(found):
        assert deep.worst_month <= shallow.worst_month * (1.0 + 1e-9) + 1e-13
        assert deep.year <= shallow.year * (1.0 + 1e-9) + 1e-13
        assert deep.year <= deep.worst_month * (1.0 + 1e-9) + 1e-13
    transition = 25.0 + 1.2 * math.log10(p0)
    if transition > 2.0:
        below, above = (fade_percentages(transition + step, p0, **at) for step in (-1e-9, 1e-9))
        assert below.worst_month == pytest.approx(above.worst_month, rel=1e-6, abs=1e-12)
        assert below.year == pytest.approx(above.year, rel=1e-6, abs=1e-12)


@given(
    k=st.floats(1e-9, 1.0),
    dn75=st.floats(0.0, 500.0),
    km=st.floats(0.01, 300.0),
    ghz=st.floats(0.45, 100.0),
    amsl=st.tuples(st.floats(-400.0, 9000.0), st.floats(-400.0, 9000.0)),
    ground=st.floats(-400.0, 9000.0),
    latitude=st.floats(-90.0, 90.0),
    depth=st.floats(0.0, 100.0),
)
def test_every_path_has_a_percentage_and_both_directions_the_same(k, dn75, km, ghz, amsl, ground, latitude, depth):
    path = {
        "geoclimatic_k": k,
        "dn75": dn75,
        "distance_m": km * 1e3,
        "freq_mhz": ghz * 1e3,
        "ground_amsl_m": ground,
        "latitude_deg": latitude,
    }
    steep = abs(amsl[0] - amsl[1]) / km > 1000.0
    if steep:
        with pytest.raises(InputError, match="inclination"):
            multipath_fading(depth, amsl_a_m=amsl[0], amsl_b_m=amsl[1], **path)
        return
    there = multipath_fading(depth, amsl_a_m=amsl[0], amsl_b_m=amsl[1], **path)
    assert there == multipath_fading(depth, amsl_a_m=amsl[1], amsl_b_m=amsl[0], **path)
    assert all(math.isfinite(value) and value >= 0.0 for value in there)


def test_the_year_factor_is_continuous_at_45_degrees_and_has_the_sign_of_the_latitude_s_band():
    below, above = (year_factor_kernel(latitude, 30.0, 2.0) for latitude in (45.0 - 1e-9, 45.0 + 1e-9))
    assert below == pytest.approx(above, abs=1e-4)
    assert year_factor_kernel(-10.0, 30.0, 2.0) == year_factor_kernel(10.0, 30.0, 2.0)
    assert year_factor_kernel(10.0, 30.0, 2.0) < year_factor_kernel(80.0, 30.0, 2.0)


def test_barnett_s_worked_path_fades_as_he_writes():
    # 28.5 miles at 4 GHz over average terrain: r = 10^-5 * 28.5^3 = 0.2315 of the time at 0 dB.
    pct = barnett_occurrence_pct(1.0, 28.5 * 1609.344, 4000.0)
    assert pct == pytest.approx(23.149, abs=1e-3)
    assert barnett_occurrence_pct(4.0, 28.5 * 1609.344, 6000.0) == pytest.approx(6.0 * pct)


def test_a_path_unlike_those_measured_is_told():
    usual = {name: PATH[name] for name in ("distance_m", "freq_mhz", "amsl_a_m", "amsl_b_m", "ground_amsl_m", "dn75")}
    assert fading_warnings(**usual) == ()
    for change, said in (
        ({"freq_mhz": 460.0}, "0.50 GHz"),
        ({"freq_mhz": 60_000.0}, "45 GHz"),
        ({"distance_m": 6000.0}, "6.0 km"),
        ({"amsl_b_m": 2000.0}, "unlike"),
        ({"ground_amsl_m": 320.0}, "-4 m over the mean ground"),
        ({"dn75": 80.0}, "unlike"),
        ({"p0_pct": 5000.0}, "so frequent"),
    ):
        assert any(said in str(message) for message in fading_warnings(**{**usual, **change})), change
    assert fading_warnings(**{**usual, "distance_m": 900.0, "freq_mhz": 60_000.0}) == ()


def test_the_law_of_time_joins_at_10_ghz_and_keeps_the_hundredth():
    assert time_law_kernel(10.0) == pytest.approx(time_law_kernel(10.0 - 1e-9), abs=1e-12)
    # A slope without end at 10 GHz is what the other reading of the exponent would have.
    assert time_law_kernel(10.01)[1] - time_law_kernel(10.0)[1] < 1e-4
    for ghz in (6.0, 18.0, 80.0):
        at_hundredth = rain_attenuation(**{**RAIN, "freq_mhz": ghz * 1e3})
        base = at_hundredth.specific_attenuation_db_per_km * 8.0 * at_hundredth.r_factor
        assert at_hundredth.rain_attenuation_db == pytest.approx(base, rel=0.01)


def test_a_very_short_link_is_never_longer_than_two_and_a_half_times_itself():
    alpha = rain_coefficients(60_000.0).alpha
    for km in (0.01, 0.05, 0.1, 0.5, 2.0):
        assert distance_factor_kernel(km, 60.0, 50.0, alpha) <= 2.5
    # On long links at low rates the denominator is below 0: no negative attenuation.
    assert distance_factor_kernel(60.0, 5.0, 1.0, 1.6) == 2.5


@given(
    rain=st.floats(8.0, 200.0),
    more=st.floats(1.0, 50.0),
    km=st.floats(0.1, 60.0),
    ghz=st.floats(6.0, 80.0),
    time_pct=st.floats(0.001, 1.0),
    tilt=st.sampled_from((0.0, 45.0, 90.0)),
)
def test_more_rain_costs_more_and_the_outage_solves_the_attenuation(rain, more, km, ghz, time_pct, tilt):
    path = {"distance_m": km * 1e3, "freq_mhz": ghz * 1e3, "tilt_deg": tilt}
    light = rain_attenuation(rain_mm_h=rain, time_pct=time_pct, **path).rain_attenuation_db
    heavy = rain_attenuation(rain_mm_h=rain + more, time_pct=time_pct, **path).rain_attenuation_db
    assert heavy >= light * (1.0 - 1e-12)
    back = rain_outage(light, rain_mm_h=rain, **path)
    assert back.pct == pytest.approx(time_pct, rel=1e-6)
    assert rain_outage(light, rain_mm_h=rain + more, **path).pct >= back.pct * (1.0 - 1e-9)
    assert rain_outage(light + 1.0, rain_mm_h=rain, **path).pct <= back.pct * (1.0 + 1e-9)


def test_outages_beyond_the_method_are_bounds_and_low_frequencies_know_no_rain():
    assert rain_outage(80.0, **RAIN) == (0.001, Bound.AT_MOST)
    assert rain_outage(1e6, **RAIN) == (0.001, Bound.AT_MOST)
    assert rain_outage(0.01, **RAIN) == (1.0, Bound.AT_LEAST)
    assert rain_outage(0.0, **RAIN) == (1.0, Bound.AT_LEAST)
    assert rain_outage(20.0, **{**RAIN, "freq_mhz": 2400.0}) == (0.0, Bound.EXACT)
    assert rain_outage(20.0, **{**RAIN, "rain_mm_h": 0.0}) == (0.0, Bound.EXACT)
    assert rain_warnings(60_000.0) == ()
    assert "70 km" in str(rain_warnings(70_000.0)[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"geoclimatic_k": 0.0}, r"geoclimatic factor K, %, is 0\.0; it must be 1e-09 to 1\.0"),
        ({"dn75": -1.0}, r"dN75, N-units, is -1\.0; it must be 0\.0 to 500\.0"),
        ({"distance_m": 0.0}, "length of the path"),
        ({"distance_m": 400_000.0}, r"400\.0; it must be 1e-06 to 300\.0"),
        ({"freq_mhz": 300.0}, r"multipath fading, GHz, is 0\.3; it must be 0\.45 to 100\.0"),
        ({"amsl_a_m": math.nan}, "antenna above sea level"),
        ({"ground_amsl_m": 1e5}, "mean height of the ground"),
        ({"latitude_deg": 91.0}, "latitude"),
    ],
)
def test_a_path_that_has_no_answer_is_refused_by_name_value_and_range(change, said):
    with pytest.raises(InputError, match=said):
        multipath_fading(30.0, **{**PATH, **change})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: multipath_fading(-1.0, **PATH), r"depth of the fade, dB, is -1\.0; it must be 0\.0 to 100\.0"),
        (lambda: multipath_fading(math.nan, **PATH), "depth of the fade"),
        (lambda: barnett_occurrence_pct(0.0, 1e4, 5000.0), "climate factor"),
        (lambda: rain_attenuation(**{**RAIN, "rain_mm_h": -1.0}), r"rain rate, mm/h, is -1\.0; it must be 0\.0 to 250"),
        (lambda: rain_attenuation(**{**RAIN, "rain_mm_h": math.nan}), "rain rate"),
        (lambda: rain_attenuation(**{**RAIN, "distance_m": 2e5}), r"200\.0; it must be 1e-06 to 100\.0"),
        (lambda: rain_attenuation(**{**RAIN, "freq_mhz": 120_000.0}), r"120\.0; it must be 1\.0 to 100\.0"),
        (lambda: rain_attenuation(**{**RAIN, "tilt_deg": 100.0}), "tilt"),
        (lambda: rain_attenuation(**RAIN, elevation_deg=-95.0), "elevation"),
        (lambda: rain_attenuation(**RAIN, time_pct=5.0), r"percentage of time is 5\.0; it must be 0\.001 to 1\.0"),
        (lambda: rain_outage(-3.0, **RAIN), "fade margin"),
        (lambda: rain_outage(3.0, **{**RAIN, "freq_mhz": -5.0}), "frequency of rain"),
    ],
)
def test_what_has_no_answer_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()

"""Where the prediction of fading and rain begins and ends, to the metre, and what is told on either side."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cn_planner.errors import InputError
from cn_planner.links.availability import availability, rain_loss_db
from cn_planner.links.weather import Weather
from cn_planner.propagation.p530 import barnett_occurrence_pct, fade_percentages, occurrence_pct
from cn_planner.propagation.p530_rain import rain_attenuation, rain_outage

WET = Weather(rain_rate_mm_h=60.0, rain_known=True, geoclimatic_k=1e-4, dn75=20.0)


def link(*, km=12.0, mhz=5800.0, pol="V", down=25.0, up=25.0, a=1700.0, b=1760.0, weather=WET):
    return availability(km * 1e3, a, b, mhz, pol, down, up, weather, ground_amsl_m=1600.0, latitude_deg=-0.5)


def told(found) -> str:
    return " ".join(map(str, found.warnings))


@pytest.mark.parametrize(("km", "fades"), [(5.0, False), (5.001, True)])
def test_up_to_five_kilometres_layers_of_air_do_nothing(km, fades):
    found = link(km=km, down=5.0, up=5.0)
    assert (found.multipath_pct > 0.0) is fades
    assert ("unlike those" in told(found)) is fades


@pytest.mark.parametrize(
    ("km", "mhz", "known"),
    [
        (300.0, 900.0, True), (300.01, 900.0, False), (40.0, 450.0, True), (40.0, 449.9, False),
        (6.0, 100_000.0, True),
    ],
)  # fmt: skip
def test_layers_of_air_are_predicted_within_their_range(km, mhz, known):
    found = link(km=km, mhz=mhz, down=60.0, up=60.0, a=3000.0, b=3000.0)
    assert (found.multipath_pct is not None) is known
    assert ("Fading by layers of air is not predicted" in told(found)) is not known
    if not known:
        assert f"on {km:.0f} km: the availability is not known." in told(found)
        assert f"at {mhz / 1e3:.4g} GHz" in told(found)


@pytest.mark.parametrize(
    ("km", "mhz", "rain"), [(12.0, 4999.9, False), (12.0, 5000.0, True), (100.0, 5800.0, True), (100.01, 5800.0, None)]
)
def test_rain_counts_from_five_gigahertz_on_and_up_to_a_hundred_kilometres(km, mhz, rain):
    found = link(km=km, mhz=mhz, down=40.0, up=40.0, a=3000.0, b=3000.0)
    if rain is None:
        assert found.rain_pct is None
        assert "Rain is not predicted on 100 km: the availability is not known." in told(found)
    else:
        assert (found.rain_pct > 0.0) is rain


@pytest.mark.parametrize(("margin", "known"), [(0.0, False), (0.001, True)])
def test_a_link_without_any_margin_has_no_availability(margin, known):
    found = link(mhz=2400.0, down=margin, up=40.0)
    assert (found.pct is not None) is known
    assert (found.down_pct is not None) is known
    assert found.up_pct is not None
    assert ("There is no fade margin" in told(found)) is not known


def test_both_causes_are_added_up():
    found = link(km=30.0, mhz=15_000.0, down=22.0, up=18.0)
    slope = abs(1760.0 - 1700.0) / 30.0
    p0 = occurrence_pct(geoclimatic_k=1e-4, dn75=20.0, distance_m=3e4, freq_mhz=15_000.0, amsl_a_m=1700.0,
                        amsl_b_m=1760.0, ground_amsl_m=1600.0)  # fmt: skip
    lost = {}
    for margin in (22.0, 18.0):
        fades = fade_percentages(margin, p0, distance_m=3e4, inclination_mrad=slope, latitude_deg=-0.5).year
        rain = rain_outage(margin, rain_mm_h=60.0, distance_m=3e4, freq_mhz=15_000.0, tilt_deg=90.0,
                           elevation_deg=math.degrees(math.atan2(60.0, 3e4))).pct  # fmt: skip
        lost[margin] = fades, rain
    assert found.multipath_pct == pytest.approx(lost[18.0][0])
    assert found.rain_pct == pytest.approx(lost[18.0][1])
    assert found.up_pct == found.pct == pytest.approx(100.0 - sum(lost[18.0]))
    assert found.down_pct == pytest.approx(100.0 - sum(lost[22.0]))
    assert found.hours_a_year == pytest.approx(sum(lost[18.0]) / 100.0 * 8766.0)
    assert not found.at_least


def test_a_climate_stands_in_where_the_geoclimatic_factor_is_not_known():
    for weather in (
        replace(WET, geoclimatic_k=None),
        replace(WET, dn75=None),
        replace(WET, geoclimatic_k=None, dn75=None),
    ):
        found = link(km=30.0, mhz=4000.0, weather=weather)
        p0 = barnett_occurrence_pct(1.0, 3e4, 4000.0)
        fades = fade_percentages(25.0, p0, distance_m=3e4, inclination_mrad=2.0, latitude_deg=-0.5).year
        assert found.multipath_pct == pytest.approx(fades)
        assert found.multipath_pct != link(km=30.0, mhz=4000.0).multipath_pct


def test_steep_paths_and_deep_margins_count_as_the_steepest_and_deepest_that_are_known():
    steep, cliff = (link(km=6.0, mhz=4000.0, a=0.0, b=height) for height in (6000.0, 8000.0))
    assert steep.multipath_pct is not None
    assert cliff.multipath_pct is not None
    deep, deeper = (link(km=50.0, mhz=4000.0, down=margin, up=margin) for margin in (100.0, 160.0))
    assert deep.multipath_pct == deeper.multipath_pct > 0.0


def test_an_outage_of_all_the_year_is_no_more_than_that():
    bad = Weather(rain_rate_mm_h=60.0, rain_known=True, geoclimatic_k=1.0, dn75=500.0)
    found = link(km=200.0, mhz=4900.0, down=0.1, up=0.1, weather=bad)
    assert found.multipath_pct == 100.0
    assert (found.pct, found.hours_a_year) == (0.0, pytest.approx(8766.0))


def test_rain_that_takes_less_than_can_be_told_counts_as_the_least():
    found = link(km=3.0, mhz=5800.0, down=60.0, up=60.0)
    assert (found.rain_pct, found.at_least, found.pct) == (0.001, True, 99.999)
    wet = link(km=3.0, mhz=24_000.0, down=20.0, up=60.0)
    assert not wet.at_least
    assert wet.rain_pct > 0.001
    assert wet.up_pct > wet.down_pct


def test_what_is_a_guess_is_told():
    assert "Rain is predicted for links of up to 60 km; on 61 km it is a guess." in told(link(km=61.0))
    assert "Rain is predicted" not in told(link(km=60.0))
    assert "The path is unlike those" in told(link(km=12.0, a=1601.0, b=1601.0))
    assert "The path is unlike those" not in told(link(km=12.0))
    unsure = told(link(mhz=11_000.0, weather=Weather()))
    assert "rain of the area is not known" in unsure
    assert "rain of the area is not known" not in told(link(mhz=11_000.0))


@pytest.mark.parametrize("pol", ["V", "H"])
def test_what_rain_takes_for_53_minutes_is_that_of_the_slanting_path(pol):
    up, tilt = math.degrees(math.atan2(800.0, 8000.0)), {"H": 0.0, "V": 90.0}[pol]
    expected = rain_attenuation(rain_mm_h=60.0, distance_m=8000.0, freq_mhz=24_000.0, elevation_deg=up, tilt_deg=tilt)
    assert rain_loss_db(8000.0, 100.0, 900.0, 24_000.0, pol, WET) == pytest.approx(expected.rain_attenuation_db)
    assert rain_loss_db(8000.0, 100.0, 900.0, 5000.0, pol, WET) > 0.0
    assert rain_loss_db(8000.0, 100.0, 900.0, 4999.9, pol, WET) == 0.0


@pytest.mark.parametrize(
    "bad",
    [{"km": 0.0}, {"km": -1.0}, {"km": math.inf}, {"mhz": 0.0}, {"mhz": math.inf}, {"mhz": math.nan}, {"up": math.nan},
     {"down": math.nan}, {"pol": "v"}],
)  # fmt: skip
def test_what_is_no_link_is_refused(bad):
    with pytest.raises(InputError):
        link(**bad)

"""What a user would miss: how many hours a year weather takes the network down, and a word where nobody knows."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.links.availability import availability, rain_loss_db
from cn_planner.links.weather import HEAVIEST_RAIN_MM_H, Weather, gas_loss_db, weather_of
from cn_planner.model.plan import Area, Plan, RainZone
from cn_planner.model.settings import change_setting
from cn_planner.propagation.p530 import multipath_fading
from cn_planner.propagation.p530_rain import rain_outage

KENYA = Weather(rain_rate_mm_h=60.0, rain_known=True, geoclimatic_k=1e-4, dn75=20.0)
MONTHS = (61.0, 57.0, 92.0, 200.0, 158.0, 46.0, 18.0, 24.0, 31.0, 61.0, 150.0, 108.0)


def link(weather=KENYA, *, km=12.0, mhz=5800.0, pol="V", down=25.0, up=25.0, a=1700.0, b=1760.0, ground=1600.0):
    return availability(km * 1e3, a, b, mhz, pol, down, up, weather, ground_amsl_m=ground, latitude_deg=-0.5)


def test_the_outage_is_the_sum_of_what_layers_of_air_and_rain_take():
    found = link(km=12.0, mhz=11_000.0, down=20.0, up=20.0)
    fades = multipath_fading(
        20.0,
        geoclimatic_k=1e-4,
        dn75=20.0,
        distance_m=12_000.0,
        freq_mhz=11_000.0,
        amsl_a_m=1700.0,
        amsl_b_m=1760.0,
        ground_amsl_m=1600.0,
        latitude_deg=-0.5,
    )
    rain = rain_outage(
        20.0,
        rain_mm_h=60.0,
        distance_m=12_000.0,
        freq_mhz=11_000.0,
        tilt_deg=90.0,
        elevation_deg=math.degrees(math.atan2(60.0, 12_000.0)),
    )
    assert found.multipath_pct == pytest.approx(fades.year)
    assert found.rain_pct == pytest.approx(rain.pct)
    assert found.pct == pytest.approx(100.0 - fades.year - rain.pct)
    assert found.hours_a_year == pytest.approx((fades.year + rain.pct) * 87.66)
    assert not found.at_least


def test_the_lesser_margin_rules_the_link_and_each_way_has_its_own():
    found = link(mhz=11_000.0, down=30.0, up=20.0)
    assert found.up_pct < found.down_pct
    assert found.pct == found.up_pct
    turned = link(mhz=11_000.0, down=20.0, up=30.0, a=1760.0, b=1700.0)
    assert (turned.pct, turned.down_pct, turned.up_pct) == (found.pct, found.up_pct, found.down_pct)


def test_a_home_s_short_link_at_5_ghz_loses_next_to_nothing():
    found = link(km=3.0)
    assert found.multipath_pct == 0.0
    assert (found.rain_pct, found.at_least) == (0.001, True)
    assert found.pct == 99.999
    assert found.warnings == ()


def test_below_5_ghz_no_rain_is_counted_and_none_is_asked_for():
    found = link(Weather(), mhz=2400.0, km=15.0)
    assert found.rain_pct == 0.0
    assert found.warnings == ()
    assert found.pct is not None


def test_rain_that_nobody_told_is_taken_to_be_the_heaviest_and_the_answer_says_so():
    found = link(Weather(), mhz=24_000.0, km=2.0)
    assert found.pct == link(replace(KENYA, rain_rate_mm_h=HEAVIEST_RAIN_MM_H), mhz=24_000.0, km=2.0).pct
    assert any("rain of the area is not known" in str(one) for one in found.warnings)
    # Where even that rain takes less than can be told nobody is asked.
    assert link(Weather(), mhz=5800.0, km=3.0).warnings == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"down": 0.0}, "no fade margin"),
        ({"down": -5.0, "up": -7.0}, "no fade margin"),
        ({"mhz": 60_000.0, "km": 4.0, "down": 3.0}, "more than 1 % of the year"),
        ({"mhz": 300.0}, r"not predicted at 0.3 GHz on 12 km"),
        ({"km": 350.0, "mhz": 900.0}, "not predicted"),
        ({"km": 150.0, "down": 60.0, "up": 60.0}, "Rain is not predicted on 150 km"),
    ],
)
def test_what_cannot_be_said_is_none_with_the_reason(given, said):
    found = link(**given)
    assert found.pct is None
    assert found.hours_a_year is None
    assert any(said in str(one) for one in found.warnings), found.warnings


def test_one_way_without_a_margin_leaves_the_other_its_figure():
    found = link(down=-1.0, up=20.0)
    assert found.down_pct is None
    assert found.up_pct is not None
    assert found.pct is None


@given(
    km=st.floats(0.2, 60.0),
    mhz=st.floats(5000.0, 80_000.0),
    margin=st.floats(0.1, 60.0),
    rain=st.floats(8.0, 150.0),
    more=st.floats(1.0, 60.0),
    known=st.booleans(),
)
def test_more_rain_never_gives_more_hours_and_more_margin_never_fewer(km, mhz, margin, rain, more, known):
    weather = KENYA if known else Weather(rain_known=True)
    light, heavy = replace(weather, rain_rate_mm_h=rain), replace(weather, rain_rate_mm_h=rain + more)
    path = {"km": km, "mhz": mhz, "down": margin, "up": margin + 3.0}
    base, wetter = link(light, **path), link(heavy, **path)
    stronger = link(light, **{**path, "down": margin + 2.0})
    if base.pct is None:
        assert wetter.pct is None
    else:
        assert 0.0 <= base.pct <= 100.0
        assert wetter.pct is None or wetter.pct <= base.pct + 1e-9
        assert stronger.pct is not None
        assert stronger.pct >= base.pct - 1e-9


@given(
    km=st.floats(1e-5, 600.0),
    mhz=st.floats(30.0, 100_000.0),
    margins=st.tuples(st.floats(-300.0, 300.0), st.floats(-300.0, 300.0)),
    heights=st.tuples(st.floats(-400.0, 8800.0), st.floats(-400.0, 8800.0)),
    ground=st.floats(-400.0, 8800.0),
)
@example(km=5.5, mhz=450.0, margins=(0.0, 1.0), heights=(0.0, 5501.0), ground=0.0)  # steeper than it is long
@example(km=46.0, mhz=8894.0, margins=(0.0, 5e-324), heights=(0.0, 0.0), ground=0.0)  # the least margin above none
def test_every_link_of_a_plan_has_an_answer_or_a_reason(km, mhz, margins, heights, ground):
    path = {"km": km, "mhz": mhz, "a": heights[0], "b": heights[1], "ground": ground}
    found = link(down=margins[0], up=margins[1], **path)
    assert found.multipath_pct is None or 0.0 <= found.multipath_pct <= 100.0
    if found.pct is None:
        assert found.warnings
    else:
        assert 0.0 <= found.pct <= 100.0
        assert found.hours_a_year == pytest.approx((100.0 - found.pct) * 87.66)
    there = {"km": km, "mhz": mhz, "a": heights[1], "b": heights[0], "ground": ground}
    back = link(down=margins[1], up=margins[0], **there)
    assert (back.pct, back.down_pct, back.up_pct) == (found.pct, found.up_pct, found.down_pct)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pol": "X"}, "polarisation is X"),
        ({"km": 0.0}, "above 0"),
        ({"mhz": math.nan}, "above 0"),
        ({"down": math.nan}, "not a number"),
        ({"a": math.nan}, "antenna above sea level"),
        ({"mhz": 150_000.0, "km": 1.0}, "frequency of rain"),
    ],
)
def test_bad_input_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        link(**given)


def test_the_weather_of_an_area_is_the_best_that_it_says():
    area = Area()
    assert not weather_of(area).rain_known
    zone = replace(area, rain_zone=RainZone.K)
    assert weather_of(zone).rain_rate_mm_h == 42.0
    months = replace(zone, monthly_rain_mm=MONTHS, temperature_c=19.0)
    assert 20.0 < weather_of(months).rain_rate_mm_h < 80.0
    warm = replace(months, monthly_temperature_c=(26.0,) * 12)
    assert weather_of(warm).rain_rate_mm_h > weather_of(months).rain_rate_mm_h
    assert weather_of(replace(months, rain_r001_mm_h=33.0)).rain_rate_mm_h == 33.0
    assert weather_of(months).rain_known


def test_the_climate_stands_in_for_a_geoclimatic_factor_that_is_not_known():
    factors = [weather_of(Area(climate=climate)).climate_factor for climate in range(1, 8)]
    assert factors == [4.0, 1.0, 4.0, 0.25, 1.0, 1.0, 4.0]
    assert weather_of(Area(geoclimatic_k=1e-4)).geoclimatic_k is None
    both = weather_of(Area(geoclimatic_k=1e-4, dn75=10.0))
    assert (both.geoclimatic_k, both.dn75) == (1e-4, 10.0)
    wet, dry = (
        link(replace(KENYA, geoclimatic_k=None, dn75=None, climate_factor=factor), km=25.0) for factor in (4.0, 0.25)
    )
    assert wet.multipath_pct > dry.multipath_pct > 0.0


def test_months_are_set_as_they_come_and_twelve_of_them():
    text = ", ".join(f"{rain:g}" for rain in MONTHS)
    plan = change_setting(Plan(), {"area.monthly_rain_mm": text}).plan
    assert plan.area.monthly_rain_mm == MONTHS
    assert change_setting(plan, {"monthly_rain_mm": ""}).plan.area.monthly_rain_mm == ()
    with pytest.raises(InputError, match="3 numbers; it needs 12"):
        change_setting(Plan(), {"area.monthly_rain_mm": "1, 2, 3"})
    with pytest.raises(InputError, match="between 0 and 5000"):
        change_setting(Plan(), {"area.monthly_rain_mm": text.replace("200", "-200")})


def test_oxygen_takes_15_db_a_km_at_60_ghz_and_nothing_below_1_ghz():
    air = Weather()
    assert gas_loss_db(1000.0, 60_000.0, air) == pytest.approx(14.6, abs=0.3)
    assert gas_loss_db(10_000.0, 5800.0, air) < 0.15
    assert gas_loss_db(10_000.0, 600.0, air) == 0.0
    assert gas_loss_db(10_000.0, 60_000.0, air, 3000.0) < gas_loss_db(10_000.0, 60_000.0, air)
    assert gas_loss_db(1e4, 24e3, replace(air, vapour_g_m3=20.0)) > gas_loss_db(1e4, 24e3, air)
    assert gas_loss_db(1e4, 24e3, replace(air, pressure_hpa=1013.25)) == gas_loss_db(1e4, 24e3, air)


def test_rain_takes_its_loss_for_53_minutes_a_year():
    assert rain_loss_db(5000.0, 100.0, 100.0, 2400.0, "V", KENYA) == 0.0
    with pytest.raises(InputError, match="120"):
        rain_loss_db(120_000.0, 100.0, 100.0, 6000.0, "V", KENYA)
    flat, upright = (rain_loss_db(5000.0, 100.0, 100.0, 38_000.0, pol, KENYA) for pol in "HV")
    assert flat > upright > 20.0  # drops are wider than high
    with pytest.raises(InputError, match="V or H"):
        rain_loss_db(5000.0, 100.0, 100.0, 38_000.0, "", KENYA)

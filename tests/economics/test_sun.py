"""The sun on a panel: against figures that others printed, at both ends of the earth, and day by day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.economics.sun import (
    DAYS,
    HOURS,
    MONTH_DAYS,
    MONTH_OF_DAY,
    beyond_clear_sky,
    clear_kwh_m2_day,
    mean_days,
    sun_year,
)
from cn_planner.model.power import Sun

# NASA Surface Meteorology and Solar Energy, 22-year average at 42.075 north, 1.821 east (the Berguedà): level ground,
# and a surface tilted by 42 degrees, which it computes by another method (RETScreen's, of monthly means).
LEVEL = (1.81, 2.77, 3.92, 4.66, 5.44, 6.28, 6.56, 5.67, 4.51, 2.96, 2.00, 1.56)
TILTED = (3.20, 4.07, 4.84, 4.78, 4.99, 5.46, 5.83, 5.59, 5.21, 4.10, 3.35, 2.95)
LATITUDE = 42.075


def test_a_tilted_surface_gets_what_nasa_printed_for_it() -> None:
    year = sun_year(LATITUDE, Sun(LEVEL), cloudy_days=5, tilt_deg=42.0)
    np.testing.assert_allclose(year.level_kwh_m2_day, LEVEL, rtol=1e-12)
    np.testing.assert_allclose(year.panel_kwh_m2_day, TILTED, rtol=0.09)
    assert year.panel_kwh_m2_day.sum() == pytest.approx(sum(TILTED), rel=0.03)


def test_figures_of_a_tilted_surface_lead_back_to_level_ground() -> None:
    there = sun_year(LATITUDE, Sun(LEVEL), cloudy_days=4, tilt_deg=37.0)
    back = sun_year(LATITUDE, Sun(tuple(there.panel_kwh_m2_day), tilt_deg=37.0), cloudy_days=4, tilt_deg=37.0)
    np.testing.assert_allclose(back.level_w_m2, there.level_w_m2, rtol=1e-6, atol=1e-6)


def test_the_tilt_that_is_chosen_gives_most_in_the_dullest_month() -> None:
    chosen = sun_year(LATITUDE, Sun(LEVEL))
    for tilt in (30.0, 45.0, 75.0):
        assert sun_year(LATITUDE, Sun(LEVEL), tilt_deg=tilt).panel_kwh_m2_day.min() <= chosen.panel_kwh_m2_day.min()
    assert 50.0 <= chosen.tilt_deg <= 75.0  # the December sun stands 25 degrees high at noon


def test_the_south_is_the_north_half_a_year_later_and_the_panel_turns_with_it() -> None:
    north, south = (sun_year(sign * 35.0, Sun(clearness=0.7), tilt_deg=35.0).panel_kwh_m2_day for sign in (1.0, -1.0))
    np.testing.assert_allclose(np.roll(south, 6), north, rtol=0.09)  # the earth is nearest to the sun in January
    assert int(north.argmin()) in (0, 11)
    assert int(south.argmin()) in (5, 6)


def test_at_the_equator_the_year_is_even_and_beyond_the_circle_the_winter_is_dark() -> None:
    level = sun_year(0.0, Sun(clearness=0.6)).level_kwh_m2_day
    assert level.max() / level.min() < 1.12
    north = sun_year(75.0, Sun(clearness=0.6))
    assert north.panel_kwh_m2_day[11] == 0.0
    assert north.panel_kwh_m2_day[5] > 4.0
    assert np.isfinite(sun_year(90.0, Sun(clearness=0.6)).panel_w_m2).all()


@pytest.mark.parametrize("month", range(12))
def test_dull_days_stand_in_a_row_and_the_month_keeps_its_sun(month: int) -> None:
    length = 6
    days = sun_year(LATITUDE, Sun(LEVEL), cloudy_days=length).level_w_m2.reshape(DAYS, HOURS).sum(axis=1)
    outside = clear_kwh_m2_day(LATITUDE)[month]
    own = np.compress(np.equal(MONTH_OF_DAY, month), days) / 1000.0
    assert own.mean() == pytest.approx(LEVEL[month], rel=1e-9)
    assert (
        own.min() < 0.5 * own.mean() < own.mean() < own.max() <= 1.35 * outside
    )  # the first of November has more than its middle
    # Days by clearness, for within a month the sun itself climbs or sinks.
    dull = np.sort(np.argsort(own, kind="stable")[: length - 2])
    assert dull[-1] - dull[0] <= length


@given(
    latitude=st.floats(-66.0, 66.0),
    shares=st.lists(st.floats(0.15, 0.95), min_size=12, max_size=12),
    tilt=st.floats(0.0, 90.0),
    cloudy=st.integers(1, 15),
)
@settings(max_examples=25, deadline=None)
def test_no_hour_is_negative_and_months_keep_their_figures(
    latitude: float, shares: list[float], tilt: float, cloudy: int
) -> None:
    said = clear_kwh_m2_day(latitude) * np.array(shares)
    year = sun_year(latitude, Sun(tuple(said)), cloudy_days=cloudy, tilt_deg=tilt)
    np.testing.assert_allclose(year.level_kwh_m2_day, said, rtol=1e-9, atol=1e-12)
    assert (year.panel_w_m2 >= 0.0).all()
    assert year.level_w_m2.max() < 1600.0
    again = sun_year(latitude, Sun(tuple(said)), cloudy_days=cloudy, tilt_deg=tilt)
    assert again.panel_w_m2.tobytes() == year.panel_w_m2.tobytes()
    if tilt == 0.0:
        # Of the sun that stands lower than 5 degrees a little is left out.
        assert (year.panel_w_m2 <= year.level_w_m2 * (1.0 + 1e-12)).all()
        assert year.panel_w_m2.sum() >= 0.98 * year.level_w_m2.sum()


def test_the_clear_sky_is_haurwitz_and_what_exceeds_it_is_named() -> None:
    # By the formula, hour by hour, for 21 June at 42 north, in plain code: 1098 cos z exp(-0.059 / cos z).
    tilt, noon = np.radians(23.45), 0.0
    for hour in range(24):
        angle = np.radians(15.0 * (hour + 0.5 - 12.0))
        cosine = np.sin(np.radians(42.0)) * np.sin(tilt) + np.cos(np.radians(42.0)) * np.cos(tilt) * np.cos(angle)
        noon += 1098.0 * cosine * np.exp(-0.059 / cosine) if cosine > 0.0 else 0.0
    assert clear_kwh_m2_day(42.0)[5] == pytest.approx(noon / 1000.0, rel=0.01)
    assert beyond_clear_sky(Sun(LEVEL), LATITUDE) == ()
    assert 0 in beyond_clear_sky(Sun(LEVEL), -LATITUDE) or 5 in beyond_clear_sky(Sun(LEVEL), -LATITUDE)
    megajoule = replace(Sun(LEVEL), monthly_kwh_m2_day=tuple(min(3.6 * one, 12.0) for one in LEVEL))
    assert len(beyond_clear_sky(megajoule, LATITUDE)) == 12
    assert mean_days(np.ones(DAYS * HOURS)) == pytest.approx([0.024] * 12)
    assert sum(MONTH_DAYS) == DAYS

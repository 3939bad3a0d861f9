"""Panels, batteries and cables: against an hour by hour code of its own, by sums, and by what more must never take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.economics.battery import counted_share, panel_wh_per_wp, shortfall_wh, uptime
from cn_planner.economics.costs import UnitCosts, capital, quantities
from cn_planner.economics.solar_sets import (
    SolarChoice,
    autonomy_days,
    cheapest_sets,
    parts_of_set,
    size_of_parts,
    uptimes,
)
from cn_planner.economics.sun import MONTH_DAYS, SunYear, sun_year
from cn_planner.economics.tower_gear import power_parts
from cn_planner.economics.wires import copper_drop_pct, ethernet_drop
from cn_planner.model.equipment import Catalogue, Chemistry, Item, ItemClass, Price
from cn_planner.model.items import Items
from cn_planner.model.plan import Plan, PowerSource, Site
from cn_planner.model.power import Power, SolarSet, Sun
from cn_planner.storage.catalogue import load_catalogue

LEVEL = (1.81, 2.77, 3.92, 4.66, 5.44, 6.28, 6.56, 5.67, 4.51, 2.96, 2.00, 1.56)
PLAN = Plan(sun=Sun(LEVEL))


@pytest.fixture(scope="module")
def year() -> SunYear:
    return sun_year(42.075, PLAN.sun, cloudy_days=5)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def by_hand(gain: list[float], load: float, wp: float, room: float, efficiency: float, start: int) -> list[float]:
    """The battery once more, an hour after the other, told otherwise: in what is missing from a full one."""
    month_of = [month for month, days in enumerate(MONTH_DAYS) for _ in range(days * 24)]
    dark, missing = [0.0] * 12, 0.0
    for step in range(len(gain)):
        hour = (start + step) % len(gain)
        made = gain[hour] * wp
        if made >= load:
            missing = max(missing - (made - load) * efficiency, 0.0)
        else:
            missing += load - made
            if missing > room:
                dark[month_of[hour]] += missing - room
                missing = room
    return dark


@pytest.mark.parametrize(
    ("load", "wp", "wh"), [(40.0, 400.0, 2400.0), (25.0, 300.0, 480.0), (12.0, 0.0, 5000.0), (60.0, 900.0, 0.0)]
)
def test_the_battery_is_that_of_an_hour_by_hour_code(year: SunYear, load: float, wp: float, wh: float) -> None:
    gain = panel_wh_per_wp(year, PLAN.power)
    start = 24 * sum(MONTH_DAYS[: int(year.panel_kwh_m2_day.argmax())])
    want = by_hand(gain.tolist(), load, wp, wh * counted_share(PLAN.power), 0.92, start)
    got = shortfall_wh(gain, np.array([load]), np.array([wp]), np.array([wh * counted_share(PLAN.power)]), 0.92)
    np.testing.assert_allclose(got[:, 0], want, rtol=1e-9, atol=1e-6)
    works = uptime(got[:, 0], load, year.panel_kwh_m2_day)
    assert works.year_pct == pytest.approx(100.0 * (1.0 - sum(want) / (load * 8760.0)), abs=1e-9)
    hours = [days * 24 for days in MONTH_DAYS]
    worst = min(range(12), key=lambda n: (round(1.0 - want[n] / (load * hours[n]), 8), year.panel_kwh_m2_day[n]))
    assert works.worst == worst


def test_energy_is_neither_made_nor_lost_but_where_it_is_said(year: SunYear) -> None:
    gain = panel_wh_per_wp(year, Power(losses_pct=0.0))
    assert gain.sum() == pytest.approx(float((year.panel_kwh_m2_day * np.array(MONTH_DAYS)).sum()))
    # A battery without bottom and loss, that starts as full as it is large, lacks just what the year lacks of the load.
    load, wp, room = 100.0, 50.0, 1e9
    lacks = shortfall_wh(gain, np.array([load]), np.array([wp]), np.array([0.0]), 1.0)
    assert lacks.sum() == pytest.approx(float(np.maximum(load - gain * wp, 0.0).sum()))
    assert shortfall_wh(gain, np.array([load]), np.array([wp]), np.array([room]), 1.0).sum() == 0.0


@given(
    load=st.floats(1.0, 200.0), wp=st.floats(0.0, 2000.0), wh=st.floats(0.0, 20_000.0), more=st.floats(1.0, 2.0),
)  # fmt: skip
@settings(max_examples=12, deadline=None)
def test_more_panel_more_battery_or_less_load_is_never_less_uptime(
    load: float, wp: float, wh: float, more: float
) -> None:
    gain = panel_wh_per_wp(sun_year(10.0, Sun(clearness=0.55), tilt_deg=15.0), Power())
    loads = np.array([load, load, load, load / more])
    lacks = shortfall_wh(gain, loads, wp * np.array([1.0, more, 1.0, 1.0]), wh * np.array([1.0, 1.0, more, 1.0]), 0.9)
    dark = lacks.sum(axis=0) / loads
    assert (dark[1:] <= dark[0] + 1e-6).all()


def test_the_set_is_the_cheapest_of_all_that_keep_what_is_asked_for(year: SunYear, catalogue: Catalogue) -> None:
    costs = UnitCosts(PLAN, catalogue)
    for load in (9.0, 33.0):
        best = cheapest_sets(costs, year, {"S": load})["S"]
        assert best.uptime.year_pct >= PLAN.power.uptime_pct
        assert autonomy_days(PLAN.power, best.size.battery_wh, load) >= PLAN.power.autonomy_days
        assert best.size.controller_a >= best.size.panel_wp / 24.0
        assert best.cost.total == costs.of(parts_of_set(costs, best.chosen)).total
        cheaper = [one for one in every_set() if costs.of(parts_of_set(costs, one)).total < best.cost.total]
        sizes = [size_of_parts(catalogue, parts_of_set(costs, one), 24.0) for one in cheaper]
        assert len(cheaper) > 20
        for one, size, works in zip(cheaper, sizes, uptimes(year, PLAN.power, [load] * len(sizes), sizes), strict=True):
            lasts = autonomy_days(PLAN.power, size.battery_wh, load) >= PLAN.power.autonomy_days
            assert works.year_pct < PLAN.power.uptime_pct or not lasts, one


def every_set() -> Iterator[SolarSet]:
    for panel, wp in (("solar-panel-100", 100.0), ("solar-panel-200", 200.0)):
        for panels in range(1, 9):
            for battery, most in (("battery-24v-20ah", 20), ("battery-24v-100ah", 4)):
                for count in range(1, most + 1):
                    for controller, amperes in (("charge-controller", 20.0), ("charge-controller-small", 10.0)):
                        number = math.ceil(panels * wp / 24.0 / amperes)
                        yield SolarSet("S", panel, panels, battery, count, controller, number)


def test_what_is_asked_for_decides_and_what_has_no_price_is_not_called_cheap(
    year: SunYear, catalogue: Catalogue
) -> None:
    def best(power: Power, catalogue: Catalogue = catalogue) -> SolarChoice | None:
        return cheapest_sets(UnitCosts(replace(PLAN, power=power), catalogue), year, {"S": 30.0}).get("S")

    easy, hard = best(Power(uptime_pct=80.0, autonomy_days=0.5)), best(Power(uptime_pct=100.0, autonomy_days=5.0))
    assert easy is not None
    assert hard is not None
    assert easy.cost.total < hard.cost.total
    assert easy.size.battery_wh < hard.size.battery_wh
    assert best(Power(chemistry=Chemistry.LEAD)) is None  # the shelf has no lead
    assert best(Power(system_v=36.0)) is None
    cell = Item("own-lead", "Lead 12 V 200 Ah", ItemClass.POWER, "piece", Price(150.0, "USD", "2026-11-01", "own"),
                nominal_v=12.0, battery_ah=200.0, chemistry=Chemistry.LEAD)  # fmt: skip
    with_lead = replace(catalogue, items=catalogue.items | {cell.id: cell})
    lead = best(Power(chemistry=Chemistry.LEAD), with_lead)
    assert lead is not None
    assert lead.chosen.battery == cell.id
    assert lead.chosen.batteries % 2 == 0  # two in a row make 24 V
    items = {key: replace(one, price=None) if one.panel_wp else one for key, one in catalogue.items.items()}
    assert best(Power(), replace(catalogue, items=items)) is None


def test_a_chosen_set_is_counted_alike_everywhere(catalogue: Catalogue) -> None:
    site = Site("T", "Top", 42.0, 1.8, mast_height_m=12.0, power=PowerSource.SOLAR)
    usual = replace(PLAN, sites=Items([site]))
    chosen = SolarSet("T", "solar-panel-200", 3, "battery-24v-100ah", 2, "charge-controller", 2)
    plan = replace(usual, power=Power(sets=(chosen,)))
    before, after = (capital(one, catalogue).total.total_cents for one in (usual, plan))
    costs = UnitCosts(plan, catalogue)
    parts = power_parts(costs, site, ())
    assert {part.item: part.quantity for part in parts} == {
        "solar-panel-200": 3, "panel-frame": 2, "battery-24v-100ah": 2, "charge-controller": 2, "dc-protection": 2.0,
        "solar-cable": 30.0,
    }  # fmt: skip
    assert quantities(costs)["battery-24v-100ah"] == 2
    own = costs.site(site, 12.0)
    assert own is not None
    assert own.total_cents == costs.tower(site).total_cents
    # Router and switch draw 12 W: with so much sun one large panel, a frame, a large battery and the small controller
    # keep them. Chosen are three panels, two frames, batteries and large controllers, each of these with 15 m of cable
    # and breakers; 8 % transport and 10 % on all.
    more = 3 * 85 + 2 * 70 + 2 * 430 + 2 * (95 + 15 * 2 + 40) - (85 + 70 + 430 + 60 + 15 * 2 + 40)
    cable_spares = 15 * 2 * 0.10
    assert after - before == pytest.approx((more + cable_spares) * 1.08 * 1.10 * 100, abs=3)
    assert size_of_parts(catalogue, parts, 24.0).battery_wh == 4800.0
    # On the mains, for another site, or of a shelf that does not have it, it does not count.
    assert power_parts(costs, replace(site, power=PowerSource.GRID), ()) == catalogue.grid_parts
    gone = replace(plan, power=Power(sets=(replace(chosen, panel="own-gone"),)))
    usual_set = {part.item: part.quantity for part in power_parts(UnitCosts(gone, catalogue), site, ())}
    assert usual_set == {"solar-panel-200": 1, "panel-frame": 1, "battery-24v-100ah": 1, "charge-controller-small": 1,
                         "dc-protection": 1.0, "solar-cable": 15.0}  # fmt: skip


def test_cables_take_what_ohm_says() -> None:
    drop = ethernet_drop(8.5, 24.0, 30.0)
    assert drop is not None
    ohm = 0.0938 * 30.0
    current = drop.pct / 100.0 * 24.0 / ohm
    assert current * (24.0 - current * ohm) == pytest.approx(8.5)  # the radio gets what it needs
    assert drop.loss_w == pytest.approx(current**2 * ohm)
    assert ethernet_drop(30.0, 24.0, 60.0) is None  # 24² / (4 · 5.6) = 25.6 W is the most
    at_48 = ethernet_drop(8.5, 48.0, 30.0)
    assert at_48 is not None
    assert at_48.pct < drop.pct / 3.9
    # 400 W at 24 V over 15 m there and back of 6 mm²: 16.67 A · 0.0862 ohm = 1.44 V.
    assert copper_drop_pct(400.0, 24.0, 15.0, 6.0) == pytest.approx(100.0 * 1.4368 / 24.0, rel=1e-3)

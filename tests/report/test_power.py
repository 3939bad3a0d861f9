"""The power chapter: loads and cables by hand, one truth with the bill, what is said where something is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.economics.costs import capital
from cn_planner.model.equipment import Catalogue
from cn_planner.model.items import Items
from cn_planner.model.plan import (
    Area,
    Household,
    Info,
    Link,
    Plan,
    PowerSource,
    Sector,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.model.power import Power, Sun
from cn_planner.report.build import build_report
from cn_planner.report.deployment import DeploymentPlan
from cn_planner.report.power import power_chapter
from cn_planner.report.tables import plan_table
from cn_planner.session.sun import take_sets, usual_sets
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study
from cn_planner.terrain.surface import NO_TERRAIN

LEVEL = (1.81, 2.77, 3.92, 4.66, 5.44, 6.28, 6.56, 5.67, 4.51, 2.96, 2.00, 1.56)
SUN = Sun(LEVEL, source="NASA SSE, 42.075 1.821", date="1983-2005")


def sector(key: str) -> Sector:
    return Sector(key, "village-sector-5ghz", 0.0)


def plan(sun: Sun = SUN, power: Power = Power()) -> Plan:  # noqa: B008 - a frozen value
    sites = [
        Site("G", "Town", 42.10, 1.80, role=SiteRole.GATEWAY, mast_height_m=12.0, power=PowerSource.GRID,
             sectors=(sector("a"),), uplink=Uplink(monthly_cost=50.0)),
        Site("H", "Hill", 42.12, 1.84, mast_height_m=24.0, power=PowerSource.SOLAR, sectors=(sector("a"), sector("b"))),
        Site("R", "Ridge", 42.15, 1.86, mast_height_m=6.0),
        Site("B", "Barn", 42.16, 1.88, mast_height_m=6.0, power=PowerSource.SOLAR, status=Status.BUILT),
    ]  # fmt: skip
    links = [Link("GH", "G", "H", "long-link-5ghz"), Link("HR", "H", "R", "long-link-5ghz"), Link("RB", "R", "B")]
    homes = [Household("h1", "One", 42.121, 1.841, server="H")]
    return Plan(
        info=Info(name="Berguedà", currency="EUR"), area=Area(canopy_m=8.0), sun=sun, power=power, sites=Items(sites),
        links=Items(links), households=Items(homes),
    )  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def found(catalogue: Catalogue) -> DeploymentPlan:
    return build_report(Study(plan(), NO_TERRAIN, catalogue, None), version=1, date="2026-11-26")


def test_loads_and_cables_are_those_of_a_count_by_hand(found: DeploymentPlan) -> None:
    records = {one.site: one for one in found.power}
    assert set(records) == {"H", "R", "B"}  # the town is on the mains
    hill = records["H"]
    # Two sectors of 7 W and two ends of links of 8.5 W, each with an injector of 1 W, and a switch of 6 W; and each
    # cable, 24 m up and 5 m to the box, of 0.0938 ohm a metre, at 24 V.
    ohm, lost = 0.0938 * 29.0, 0.0
    for watts in (7.0, 7.0, 8.5, 8.5):
        current = (24.0 - (24.0**2 - 4.0 * watts * ohm) ** 0.5) / (2.0 * ohm)
        lost += current**2 * ohm
    site = next(one for one in found.sites if one.id == "H")
    assert site.power_w == pytest.approx(2 * 7.0 + 2 * 8.5 + 4 * 1.0 + 6.0)
    assert hill.load_w == pytest.approx(site.power_w + lost)
    assert hill.wh_day == pytest.approx(24.0 * hill.load_w)
    assert hill.cable_m == 29.0
    assert hill.battery_wh == pytest.approx((hill.battery_ah or 0.0) * 24.0)
    assert hill.autonomy_days == pytest.approx(0.8 * 0.8 * (hill.battery_wh or 0.0) / hill.wh_day)
    assert (hill.autonomy_days or 0.0) >= 3.0
    assert (hill.uptime_pct or 0.0) >= 99.5
    assert str(hill.worst_month) in {"November", "December", "January"}
    assert (hill.counted_uptime_pct or 100.0) < 99.0  # the usual set dies in winter


def test_what_is_taken_is_counted_once_and_alike_in_bill_capital_and_chapter(catalogue: Catalogue) -> None:
    before = plan()
    chapter = power_chapter(before, catalogue)
    edit = take_sets(before, catalogue)
    assert edit is not None
    after = edit.plan
    more = sum(round(100 * one.more_cost) for one in chapter.records if one.more_cost is not None)
    assert capital(after, catalogue).total.total_cents - capital(before, catalogue).total.total_cents == more > 0
    taken = build_report(Study(after, NO_TERRAIN, catalogue, None), version=2, date="2026-11-26")
    assert taken.headline.capex == capital(after, catalogue).total.total
    records = {one.site: one for one in taken.power}
    assert [records[key].more_cost for key in ("H", "R")] == [0.0, 0.0]
    for key in ("H", "R"):
        own = {line.item: line.quantity for line in taken.site_bom if line.site == key}
        chosen = next(one for one in after.power.sets if one.site == key)
        assert own[chosen.panel] == chosen.panels
        assert own[chosen.battery] == chosen.batteries
        assert own[chosen.controller] == chosen.controllers
        assert records[key].counted_uptime_pct == records[key].uptime_pct
    assert records["B"].counted == ""  # built: nothing is bought
    assert take_sets(after, catalogue) is None
    assert capital(usual_sets(after).plan, catalogue).total == capital(before, catalogue).total


def test_solar_that_dies_in_the_dullest_month_is_a_risk_with_its_month(catalogue: Catalogue) -> None:
    sites = [replace(one, consent="yes", power=PowerSource.SOLAR) for one in plan().sites.values()]
    agreed = replace(plan(), info=Info(name="Berguedà"), sites=Items(sites))
    regulations = load_country_rules("ES")
    asked = build_report(Study(agreed, NO_TERRAIN, catalogue, regulations), version=1, date="2026-11-26")
    assert any("larger panels" in str(one.title) for one in asked.actions)
    risk = next(one for one in asked.risks if "too small" in str(one.title))
    assert any(month in str(risk.detail) for month in ("November", "December", "January"))
    blind = build_report(
        Study(replace(agreed, sun=Sun()), NO_TERRAIN, catalogue, regulations), version=1, date="2026-11-26"
    )
    assert any("how much sun" in str(one.title) for one in blind.actions)
    edit = take_sets(plan(), catalogue)
    assert edit is not None
    taken = build_report(Study(edit.plan, NO_TERRAIN, catalogue, None), version=2, date="2026-11-26")
    assert not any("too small" in str(one.title) for one in taken.risks)


def test_a_site_without_power_data_has_loads_and_no_size_and_page_one_says_it(catalogue: Catalogue) -> None:
    blind = build_report(Study(plan(sun=Sun()), NO_TERRAIN, catalogue, None), version=1, date="2026-11-26")
    assert {one.key for one in blind.missing} >= {"sun", "power"}
    for record in blind.power:
        assert record.load_w > 0.0
        assert record.panel_wp is record.uptime_pct is record.counted_uptime_pct is None
        assert "not known" in str(record.note)
    assert blind.sun == ()
    assert blind.headline.capex == capital(plan(), catalogue).total.total
    assert take_sets(plan(sun=Sun()), catalogue) is None


def test_a_plan_without_towers_and_one_on_the_mains_have_no_chapter(catalogue: Catalogue) -> None:
    assert power_chapter(Plan(sun=SUN), catalogue).records == ()
    mains = plan()
    mains = replace(mains, sites=Items([replace(one, power=PowerSource.GRID) for one in mains.sites.values()]))
    empty = build_report(Study(mains, NO_TERRAIN, catalogue, None), version=1, date="2026-11-26")
    assert empty.power == ()
    assert "sun" not in {one.key for one in empty.missing}


def test_what_the_shelf_cannot_keep_is_said_and_so_is_a_cable_that_is_too_long(catalogue: Catalogue) -> None:
    dark = power_chapter(plan(sun=Sun((0.05,) * 12)), catalogue)
    assert all("No set" in str(one.note) for one in dark.records)
    assert dark.sets == ()
    far = power_chapter(plan(power=Power(run_m=100.0)), catalogue)
    hill = next(one for one in far.records if one.site == "H")
    assert (hill.cable_drop_pct or 0.0) > 10.0
    assert "tenth" in str(hill.note)
    doubted = build_report(
        Study(plan(sun=Sun(tuple(1.9 * one for one in LEVEL))), NO_TERRAIN, catalogue, None),
        version=1,
        date="2026-11-26",
    )
    assert "sun-doubt" in {one.key for one in doubted.missing}


def test_the_tables_hold_every_figure_with_its_unit(found: DeploymentPlan) -> None:
    table = plan_table(found, "power")
    units = {column.key: column.unit for column in table.columns}
    expected = {"wh_day": "Wh", "panel_wp": "Wp", "battery_ah": "Ah", "controller_a": "A", "cable_drop_pct": "%"}
    assert units | expected == units
    bill = plan_table(found, "power_bill")
    works = [row[bill.column("counted_uptime_pct")] for row in bill.rows]
    assert bill.rows[0][bill.column("site")] == "B"  # of which nothing is known
    assert works[1] <= works[2]  # type: ignore[operator]
    months = plan_table(found, "power_sun")
    assert [round(float(row[1]), 2) for row in months.rows] == list(LEVEL)  # type: ignore[arg-type]
    assert any(str(one.what) == "Sun" and one.name == SUN.source for one in found.meta.sources)

"""The power chapter: loads and cables by hand, one truth with the bill, what is said where something is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.economics.costs import capital
from cn_planner.model import edits
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
from cn_planner.model.power import Power, SolarSet, Sun
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
    # Two sectors of 7 W and two ends of links of 8.5 W, fed by a switch of 6 W, and a router of 6 W; and each cable,
    # 24 m up and 5 m to the box, of 0.0938 ohm a metre, at 24 V.
    ohm, lost = 0.0938 * 29.0, 0.0
    for watts in (7.0, 7.0, 8.5, 8.5):
        current = (24.0 - (24.0**2 - 4.0 * watts * ohm) ** 0.5) / (2.0 * ohm)
        lost += current**2 * ohm
    site = next(one for one in found.sites if one.id == "H")
    assert site.power_w == hill.load_w == pytest.approx(2 * 7.0 + 2 * 8.5 + 6.0 + 6.0 + lost)
    assert hill.wh_day == pytest.approx(24.0 * hill.load_w)
    assert hill.cable_m == 29.0
    assert hill.battery_wh == pytest.approx((hill.battery_ah or 0.0) * 24.0)
    assert hill.autonomy_days == pytest.approx(0.8 * 0.8 * (hill.battery_wh or 0.0) / hill.wh_day)
    assert (hill.autonomy_days or 0.0) >= 3.0
    assert (hill.uptime_pct or 0.0) >= 99.5
    assert str(hill.worst_month) in {"November", "December", "January"}
    assert all("sun" in str(one.sized_by) for one in records.values())


def test_what_feeds_a_tower_is_counted_once_and_alike_in_bill_capital_and_chapter(catalogue: Catalogue) -> None:
    before = plan()
    report = build_report(Study(before, NO_TERRAIN, catalogue, None), version=1, date="2026-11-26")
    records = {one.site: one for one in report.power}
    for key in ("H", "R"):
        own = {line.item: line.quantity for line in report.site_bom if line.site == key}
        watt_peak = 100.0 * own.get("solar-panel-100", 0.0) + 200.0 * own.get("solar-panel-200", 0.0)
        ampere_hours = 20.0 * own.get("battery-24v-20ah", 0.0) + 100.0 * own.get("battery-24v-100ah", 0.0)
        assert (watt_peak, ampere_hours) == (records[key].panel_wp, records[key].battery_ah)
        assert (records[key].uptime_pct or 0.0) >= 99.5
        assert (records[key].cost or 0.0) > 0.0
    assert records["B"].cost is None  # built: nothing is bought
    edit = take_sets(before, catalogue)
    assert edit is not None
    after = edit.plan
    assert {one.site for one in after.power.sets} == {"H", "R", "B"}
    assert capital(after, catalogue).total == capital(before, catalogue).total
    assert take_sets(after, catalogue) is None
    # What was kept for a tower stays its set until more hangs there than it keeps.
    tower = after.sites["R"]
    more = edits.put(after, [replace(tower, sectors=(sector("a"), sector("b"), sector("c")))]).plan
    heavy = {one.site: one for one in power_chapter(more, catalogue).records}
    assert (heavy["R"].uptime_pct or 0.0) >= 99.5
    assert (heavy["R"].cost or 0.0) > (records["R"].cost or 0.0)
    assert [str(heavy[key].sized_by) for key in ("H", "R")] == ["chosen for it", "the year's hours of sun"]
    assert capital(usual_sets(after).plan, catalogue).total == capital(before, catalogue).total


def test_no_tower_goes_dark_with_what_the_bill_counts(catalogue: Catalogue) -> None:
    sites = [replace(one, consent="yes", power=PowerSource.SOLAR) for one in plan().sites.values()]
    agreed = replace(plan(), info=Info(name="Berguedà"), sites=Items(sites))
    regulations = load_country_rules("ES")
    asked = build_report(Study(agreed, NO_TERRAIN, catalogue, regulations), version=1, date="2026-11-26")
    assert len(asked.power) == 4
    assert all((one.uptime_pct or 0.0) >= 99.5 for one in asked.power)
    assert not any("no set of the shelf" in str(one.title) for one in asked.risks)
    blind = build_report(
        Study(replace(agreed, sun=Sun()), NO_TERRAIN, catalogue, regulations), version=1, date="2026-11-26"
    )
    assert any("how much sun" in str(one.title) for one in blind.actions)


def test_a_site_without_power_data_is_sized_by_days_and_page_one_says_it(catalogue: Catalogue) -> None:
    blind = build_report(Study(plan(sun=Sun()), NO_TERRAIN, catalogue, None), version=1, date="2026-11-26")
    assert {one.key for one in blind.missing} >= {"sun", "power"}
    for record in blind.power:
        assert record.load_w > 0.0
        assert record.uptime_pct is record.worst_month is None
        # Of what is left of a battery at the end of its life four fifths are used; 10 Wp a watt, as the usual set has.
        assert 0.8 * 0.8 * (record.battery_wh or 0.0) >= 3.0 * record.wh_day
        assert (record.panel_wp or 0.0) >= 10.0 * record.load_w
        assert "days" in str(record.sized_by)
    assert blind.sun == ()
    assert blind.headline.capex == capital(plan(sun=Sun()), catalogue).total.total


def test_a_plan_without_towers_and_one_on_the_mains_have_no_chapter(catalogue: Catalogue) -> None:
    assert power_chapter(Plan(sun=SUN), catalogue).records == ()
    mains = plan()
    mains = replace(mains, sites=Items([replace(one, power=PowerSource.GRID) for one in mains.sites.values()]))
    empty = build_report(Study(mains, NO_TERRAIN, catalogue, None), version=1, date="2026-11-26")
    assert empty.power == ()
    assert "sun" not in {one.key for one in empty.missing}


def test_what_the_shelf_cannot_keep_is_said_and_so_is_a_cable_that_is_too_long(catalogue: Catalogue) -> None:
    dark = power_chapter(plan(sun=Sun((0.05,) * 12)), catalogue)
    assert all("No set" in str(one.note) for one in dark.records if one.site != "B")
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
    works = [row[table.column("uptime_pct")] for row in table.rows]
    assert works == sorted(works)  # type: ignore[type-var]
    months = plan_table(found, "power_sun")
    assert [round(float(row[1]), 2) for row in months.rows] == list(LEVEL)  # type: ignore[arg-type]
    assert any(str(one.what) == "Sun" and one.name == SUN.source for one in found.meta.sources)


def test_no_cable_from_the_panels_takes_more_than_a_tenth(catalogue: Catalogue) -> None:
    """Twelve panels of 200 W at 24 V are 100 A: on one cable of 15 m and 6 mm2 36 % would be lost, and it would burn.

    Copper of 58 m/ohm/mm2, there and back: 86.2 mOhm, at 100 A 8.6 of 24 V. Four cables would do at 9 %, of five each
    charge controller has one: no two of them seek the best point of the same panels.
    """
    chosen = SolarSet("H", "solar-panel-200", 12, "battery-24v-100ah", 4, "charge-controller", 5)
    report = build_report(Study(plan(power=Power(sets=(chosen,))), NO_TERRAIN, catalogue), version=1, date="2026-12-01")
    bill = {line.item: line.quantity for line in report.site_bom if line.site == "H"}
    assert (bill["solar-cable"], bill["dc-protection"], bill["charge-controller"]) == (75.0, 5.0, 5.0)
    [row] = [one for one in report.power if one.site == "H"]
    one_cable = 100.0 * (2400.0 / 24.0) * (2.0 * 15.0 / 58.0 / 6.0) / 24.0
    assert one_cable == pytest.approx(35.9, abs=0.05)
    assert row.wire_drop_pct == pytest.approx(one_cable / 5.0)
    # Behind few large controllers it is the loss that asks for cables; with thicker wires fewer do, and small sets have
    # one.
    few = replace(chosen, controllers=1)
    for power, metres in ((Power(sets=(few,)), 60.0), (Power(sets=(few,), cable_mm2=16.0), 30.0)):
        again = build_report(Study(plan(power=power), NO_TERRAIN, catalogue), version=1, date="2026-12-01")
        assert {one.quantity for one in again.site_bom if (one.site, one.item) == ("H", "solar-cable")} == {metres}
    thick = Power(sets=(chosen,), cable_mm2=16.0)
    report = build_report(Study(plan(power=thick), NO_TERRAIN, catalogue), version=1, date="2026-12-01")
    assert {line.quantity for line in report.site_bom if (line.site, line.item) == ("H", "solar-cable")} == {75.0}
    other = {line.item: line.quantity for line in report.site_bom if line.site == "R"}
    assert other["solar-cable"] == 15.0 * other["charge-controller"] == 15.0 * other["dc-protection"]
    assert all(one.wire_drop_pct is None or one.wire_drop_pct <= 10.0 + 1e-9 for one in report.power)

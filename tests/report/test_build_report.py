"""The report of real plans: the sample valley planned, and plans that are half filled."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cn_planner.area.sample import make_sample
from cn_planner.economics.costs import UnitCosts, capital, quantities
from cn_planner.errors import CancelledError, InputError
from cn_planner.export.files import export_all
from cn_planner.export.pdf_data import Tongue, first_page
from cn_planner.export.text import cell_text
from cn_planner.geo import geodesic
from cn_planner.i18n import use_catalogues
from cn_planner.model import edits
from cn_planner.model.plan import Choice, Household, Link, Plan, PowerSource, SiteRole, Status, Uplink
from cn_planner.paths import resources
from cn_planner.planning.fix_words import TALLER_MAST
from cn_planner.planning.result import still_proven
from cn_planner.planning.scenario_figures import figures_of
from cn_planner.progress import CancelToken, Run
from cn_planner.propagation.fresnel import fresnel_radius_m
from cn_planner.report.build import build_report
from cn_planner.report.tables import tables
from cn_planner.service.homes import service, whole_service
from cn_planner.service.judge import Standing
from cn_planner.service.now import with_reached
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study
from cn_planner.terrain.surface import NO_TERRAIN, Surface
from tests.walked_bill import lacking

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.message import Message
    from cn_planner.planning.result import Design
    from cn_planner.report.deployment import DeploymentPlan

DATE = "2026-11-12"
NEAR_KM = 3.0


@pytest.fixture(scope="module")
def surface(sample_ground: tuple[Plan, Surface]) -> Surface:
    return sample_ground[1]


@pytest.fixture(scope="module")
def planned(designed: Design) -> Plan:
    assert designed.edit is not None
    return designed.edit.plan


@pytest.fixture(scope="module")
def deployment(planned: Plan, surface: Surface) -> DeploymentPlan:
    return report(planned, surface)


@pytest.fixture(scope="module")
def near(planned: Plan) -> Plan:
    """The same network with homes and outlines up to 3 km: for what does not ask how far it reaches.

    What towers reach up to 15 km is more than half of the work of a report.
    """
    far = [
        home.id for home in planned.households.values() if home.server and _away_m(planned, home) > 0.99 * NEAR_KM * 1e3
    ]
    fewer = edits.remove(planned, "households", far).plan
    return edits.change_section(fewer, "rules", max_access_km=NEAR_KM).plan


def _away_m(plan: Plan, home: Household) -> float:
    site = plan.sites[home.server or ""]
    return geodesic(home.latitude, home.longitude, site.latitude, site.longitude).distance_m


@pytest.fixture(scope="module")
def near_report(near: Plan, surface: Surface) -> DeploymentPlan:
    return report(near, surface)


@pytest.fixture(scope="module")
def spanish(near: Plan, surface: Surface) -> DeploymentPlan:
    """The same network under the law of a country: what is asked is of its antennas."""
    return report(near, surface, "ES")


def report(plan: Plan, surface: Surface, country: str = "") -> DeploymentPlan:
    rules = load_country_rules(country) if country else None
    return build_report(Study(plan, surface, load_catalogue(), rules), version=7, date=DATE)


def cents(amounts: list[float | None]) -> int:
    return sum(round(100 * amount) for amount in amounts if amount is not None)


def test_a_network_drawn_by_hand_has_the_homes_and_the_money_of_the_bar_above_the_map(
    near: Plan, surface: Surface
) -> None:
    """It connects nobody yet. The bar counted 130 homes and 49,978 where the paper printed none and 24,360."""
    drawn = edits.put(near, [replace(home, server=None, client_kit="") for home in near.households.values()]).plan
    study = Study(drawn, surface, load_catalogue())
    now = whole_service(study).now
    shown = figures_of(study, now, {})
    printed = report(drawn, surface)
    assert shown.homes > 0.5 * len(drawn.households)
    assert (printed.headline.homes_reached, printed.headline.capex) == (shown.homes, shown.cost)
    assert shown.cost > capital(drawn, study.catalogue).total.total + 100.0 * shown.homes
    assert sum(home.weight for home in printed.homes if home.reached) == shown.homes
    assert "homes-connected" in {one.key for one in printed.missing}
    assert lacking(with_reached(drawn, now), printed) == []


def test_report_and_planner_agree_on_homes_and_money_to_the_cent(planned: Plan, deployment: DeploymentPlan) -> None:
    assert planned.outcome is not None
    assert deployment.headline.capex == planned.outcome.capex
    assert deployment.headline.homes_reached == planned.outcome.served


def test_the_range_of_homes_is_that_of_the_plan_as_it_stands(
    planned: Plan, surface: Surface, deployment: DeploymentPlan
) -> None:
    now = whole_service(Study(planned, surface, load_catalogue())).now
    assert deployment.headline.homes_range == now.connected_range
    low, high = now.connected_range
    assert 0.0 < low <= high <= deployment.headline.homes_reached
    said = [cell["label"] for cell in first_page(deployment, Tongue.of("en"))["headline"]]
    assert any(f"{low:.0f} to {high:.0f}" in label for label in said), said


def test_how_good_the_plan_is_proven_to_be_is_told_until_it_is_changed_by_hand(
    planned: Plan, deployment: DeploymentPlan
) -> None:
    assert planned.outcome is not None
    assert planned.outcome.lower_bound is not None
    told = str(deployment.headline.bound)
    assert f"{planned.outcome.lower_bound:,.0f}" in told
    assert "of the cost of this one could be saved" in told
    assert told in {str(note) for table in tables(deployment) if table.key == "budget" for note in table.notes}
    (first, *_) = planned.households.values()
    changed = edits.put(planned, [replace(first, weight=first.weight + 1.0)]).plan
    capex = planned.outcome.capex
    assert still_proven(planned, capex) is not None
    near = replace(planned, outcome=replace(planned.outcome, near_only=True))
    assert str(still_proven(near, capex)).startswith(told)
    assert str(still_proven(near, capex)).endswith("links up to 25 km: longer ones were not planned with.")
    assert still_proven(planned, capex + 1.0) is None, "its price is another now"
    assert still_proven(changed, capex) is None


def test_every_sum_is_that_of_its_lines(planned: Plan, deployment: DeploymentPlan) -> None:
    head = deployment.headline
    assert cents([line.amount for line in deployment.budget]) == round(100 * head.capex)
    assert cents([line.amount for line in deployment.monthly]) == round(100 * head.monthly)
    assert cents([line.total for line in deployment.bom]) == cents(
        [line.amount for line in deployment.budget if line.key not in
         {"place", "labour", "transport", "customs", "contingency", "rounding"}]
    )  # fmt: skip
    sites = cents([site.cost for site in deployment.sites])
    homes = [home for home in deployment.homes if home.server is not None]
    costs = UnitCosts(planned, load_catalogue())
    spares = costs.spares(quantities(costs)).total_cents
    each = (round(100 * head.capex) - sites - spares) / len(homes)
    assert each == pytest.approx(round(each), abs=0.5)  # what is left over is the same kit for each home
    assert each > 0


def test_the_bill_by_site_adds_up_to_the_whole_without_spares(deployment: DeploymentPlan) -> None:
    by_item: dict[str, float] = {}
    *lines, rest = deployment.site_bom
    assert rest.item == "spares"
    assert cents([line.total for line in deployment.site_bom]) == cents([line.total for line in deployment.bom])
    for line in lines:
        by_item[line.item] = by_item.get(line.item, 0.0) + line.quantity
    assert by_item == pytest.approx({line.item: line.quantity - line.spares for line in deployment.bom})
    radios = [line for line in deployment.bom if line.item_class.value == "radio"]
    for line in radios:  # 10 % of what is needed, in whole pieces
        assert line.spares == math.ceil((line.quantity - line.spares) / 10.0 - 1e-9)


def test_fees_cover_the_month(deployment: DeploymentPlan) -> None:
    for fee in deployment.headline.fees:
        assert fee.fee_month is not None
        assert deployment.headline.monthly <= fee.fee_month * fee.homes < deployment.headline.monthly + 0.01 * fee.homes


def test_links_run_from_the_gateway_outwards_both_ways(planned: Plan, deployment: DeploymentPlan) -> None:
    hops = {site.id: site.hops for site in deployment.sites}
    assert deployment.links
    for link in deployment.links:
        near, far = hops[link.a.site], hops[link.b.site]
        assert near is not None
        assert far == near + 1
        a, b = planned.sites[link.a.site], planned.sites[link.b.site]
        way = geodesic(a.latitude, a.longitude, b.latitude, b.longitude)
        assert link.a.azimuth_deg == pytest.approx(way.azimuth_deg)
        assert link.b.azimuth_deg == pytest.approx(way.back_azimuth_deg)
        assert link.a.rsl_dbm == pytest.approx(link.b.rsl_dbm)  # the same radio at both ends
        assert link.verdict == "likely"
        assert link.a.tilt_deg is not None
        assert link.b.tilt_deg is not None
        # Over a curved earth both ends look a hair lower than each other's negative.
        assert -0.2 < link.a.tilt_deg + link.b.tilt_deg < 0.0


def test_homes_lost_are_those_downstream(deployment: DeploymentPlan) -> None:
    up = {site.id: site.upstream for site in deployment.sites}
    served = {site.id: site.homes for site in deployment.sites}

    def through(site: str | None, wanted: str) -> bool:
        while site is not None and site != wanted:
            site = up[site]
        return site == wanted

    for failure in deployment.failures:
        assert failure.homes_lost == sum(homes for site, homes in served.items() if through(site, failure.site))


def test_compass_and_eirp_are_what_the_parts_give(spanish: DeploymentPlan) -> None:
    for antenna in spanish.antennas:
        assert antenna.declination_deg is not None
        assert antenna.azimuth_magnetic_deg == pytest.approx((antenna.azimuth_deg - antenna.declination_deg) % 360.0)
        assert antenna.tx_power_dbm is not None
        assert antenna.gain_dbi is not None
        assert antenna.cable_loss_db is not None
        assert antenna.eirp_dbm == pytest.approx(antenna.tx_power_dbm + antenna.gain_dbi - antenna.cable_loss_db)
        if antenna.limit_margin_db is not None:
            assert antenna.limit_margin_db >= -1e-9  # what is printed may be switched on


def test_each_antenna_says_on_what_terms_and_by_which_text_and_caps_are_a_wish(
    planned: Plan, spanish: DeploymentPlan
) -> None:
    for antenna in spanish.antennas:
        assert "radars" in str(antenna.legal)
        assert "2026-05-30" in str(antenna.legal)
    rules = load_country_rules("ES")
    assert rules is not None
    free = replace(rules, caps=False)
    loud = build_report(Study(planned, NO_TERRAIN, load_catalogue(), free), version=7, date=DATE)
    over = [one for one in loud.antennas if one.limit_margin_db is not None and one.limit_margin_db < 0.0]
    assert over
    assert all(str(one.legal).startswith("Over the limit") for one in over)
    assert any("more than is allowed" in str(one.title) for one in loud.risks)
    conducted = replace(rules, limits=tuple(replace(one, eirp=False, limit_dbm=10.0) for one in rules.limits))
    for antenna in build_report(Study(planned, NO_TERRAIN, load_catalogue(), conducted), version=7, date=DATE).antennas:
        assert antenna.gain_dbi is not None
        assert antenna.limit_dbm == pytest.approx(10.0 + antenna.gain_dbi)
        assert antenna.limit_margin_db == pytest.approx(0.0, abs=1.0)


def test_the_antennas_on_roofs_have_their_limit_on_the_channel_of_their_sector(near: Plan, surface: Surface) -> None:
    site = next(one for one in near.sites.values() if one.sectors)
    sectors = tuple(replace(one, freq_mhz=5745.0) for one in site.sectors)
    moved = edits.put(near, [replace(site, sectors=sectors)]).plan
    found = report(moved, surface, "US")
    served = [home for home in found.homes if home.eirp_dbm is not None]
    assert {home.id for home in served} == {home.id for home in found.homes if home.kit}
    here = [home for home in served if home.server == site.id]
    others = [home for home in served if home.server != site.id]
    assert here
    assert others
    # 47 CFR 15.407(a)(3): 1 W less what 23 dBi gain over 6; (a)(2) at 5560 MHz: 250 mW less the same.
    assert {home.limit_dbm for home in here} == {36.0}
    assert all(home.limit_dbm == pytest.approx(29.98) for home in others)
    for home in served:
        assert home.limit_margin_db == pytest.approx((home.limit_dbm or 0.0) - (home.eirp_dbm or 0.0))
        assert home.limit_margin_db >= -1e-9
    rules = load_country_rules("US")
    assert rules is not None
    loud = build_report(Study(moved, NO_TERRAIN, load_catalogue(), replace(rules, caps=False)), version=7, date=DATE)
    assert min(home.limit_margin_db for home in loud.homes if home.limit_margin_db is not None) < -10.0
    risk = next(one for one in loud.risks if "radiates more than is allowed" in str(one.title))
    assert f"Antennas that do: {len(loud.antennas) + len(served)}." in str(risk.detail)


def test_a_country_without_rules_is_unknown_and_never_the_world_default(deployment: DeploymentPlan) -> None:
    assert all(one.limit_dbm is None and "Unknown" in str(one.legal) for one in deployment.antennas)
    assert any(one.key == "law" for one in deployment.missing)


def test_each_home_left_out_has_a_reason_and_someone_counted_it(deployment: DeploymentPlan) -> None:
    left = {home.id for home in deployment.homes if not home.reached}
    assert left
    assert all(home.reason is not None for home in deployment.homes if not home.reached)
    assert sorted(home for group in deployment.unserved for home in group.homes) == sorted(left)
    assert any(group.fix_cost is not None and group.fix_cost > 0.0 for group in deployment.unserved)


def test_a_group_of_homes_left_out_takes_what_each_of_its_homes_takes(near: Plan, surface: Surface) -> None:
    """Page one and the table of homes are read side by side."""
    one = next(home for home in near.households.values() if home.server is not None)
    far = replace(one, id="far", latitude=one.latitude + 2.0, server=None)
    made = report(edits.put(near, [far]).plan, surface)
    takes = {home.id: home.fix for home in made.homes}
    pairs = [(group.fix, takes[home]) for group in made.unserved for home in group.homes]
    assert "far" in takes
    assert len(pairs) > 1
    for said, own in pairs:
        taller = own is not None and own.key == TALLER_MAST.key  # its height is one home's
        assert said == own or (taller and str(said) == "A taller mast, a taller pole at home, or a tower in between.")


def test_a_links_worst_clearance_in_metres_is_that_of_the_place_named(deployment: DeploymentPlan) -> None:
    for link in deployment.links:
        assert link.clearance_at_m is not None
        radius_m = fresnel_radius_m(link.clearance_at_m, link.distance_m - link.clearance_at_m, link.freq_mhz)
        assert link.clearance_m == pytest.approx((link.clearance_f1 or 0.0) * radius_m, rel=1e-3)
    assert deployment.links


def test_outlines_hold_the_homes_that_are_reached_with_room_to_spare(deployment: DeploymentPlan) -> None:
    import shapely

    areas = {
        one.site: shapely.build_area(shapely.GeometryCollection([shapely.LineString(ring) for ring in one.rings]))
        for one in deployment.outlines
    }
    homes = [home for home in deployment.homes if home.reached and home.server in areas]
    inside = [
        areas[home.server].buffer(0.0005).contains(shapely.Point(home.latitude, home.longitude))  # type: ignore[index]
        for home in homes
    ]
    assert np.mean(inside) > 0.95


def test_five_risks_and_five_actions_worst_first(deployment: DeploymentPlan) -> None:
    assert len(deployment.risks) == 5
    assert len(deployment.actions) == 5
    weights = [risk.weight for risk in deployment.risks]
    assert weights == sorted(weights, reverse=True)


def test_the_same_plan_gives_the_same_report_on_any_number_of_threads(
    planned: Plan, deployment: DeploymentPlan, surface: Surface
) -> None:
    told: list[str] = []

    def progress(_done: float, doing: Message | None = None, /) -> None:
        told.extend([] if doing is None else [doing.key])

    with ThreadPoolExecutor(3) as pool:
        run = Run(pool, progress, threads=3)
        found = build_report(Study(planned, surface, load_catalogue()), version=7, date=DATE, run=run)
    assert found == deployment
    # Their paths rest on no channel: they are judged while it is listened who hears whom.
    assert told.index("Judging the links") < told.index("Listening on the channels")


def test_an_empty_plan_says_what_is_missing_and_makes_every_file(tmp_path: Path) -> None:
    deployment = report(Plan(), NO_TERRAIN)
    assert {one.key for one in deployment.missing} >= {"terrain", "homes", "towers"}
    assert not deployment.headline.complete
    assert export_all(deployment, None, tmp_path)


def test_homes_alone_make_every_file(surface: Surface, tmp_path: Path) -> None:
    plan = make_sample().plan
    deployment = report(plan, surface)
    assert deployment.headline.homes_reached == 0.0
    assert deployment.headline.capex == 0.0
    assert {one.key for one in deployment.missing} >= {"towers"}
    assert export_all(deployment, surface, tmp_path)


def test_a_plan_without_terrain_has_costs_and_no_verdicts(planned: Plan, tmp_path: Path) -> None:
    deployment = report(planned, NO_TERRAIN)
    assert planned.outcome is not None
    assert deployment.headline.capex == planned.outcome.capex
    assert all(link.verdict == "" and link.b.rsl_dbm is None for link in deployment.links)
    assert "terrain" in {one.key for one in deployment.missing}
    assert export_all(deployment, None, tmp_path)


def test_prices_in_another_currency_without_a_rate_are_said(planned: Plan) -> None:
    foreign = replace(planned, info=replace(planned.info, currency="KES"))
    deployment = report(foreign, NO_TERRAIN)
    assert "exchange" in {one.key for one in deployment.missing}
    assert any("exchange rate" in str(one.title) for one in deployment.risks)
    rated = replace(foreign, costs=replace(foreign.costs, exchange_rate=129.35, exchange_date=DATE))
    again = report(rated, NO_TERRAIN)
    assert "exchange" not in {one.key for one in again.missing}
    assert cents([line.amount for line in again.budget]) == round(100 * again.headline.capex)
    assert again.headline.capex > 30 * deployment.headline.capex


def test_power_consent_and_uplink_not_yet_known_are_listed(planned: Plan) -> None:
    sites = [
        replace(site, power=PowerSource.UNKNOWN, consent="", uplink=Uplink() if site.role is SiteRole.GATEWAY else None)
        for site in planned.sites.values()
    ]
    deployment = report(edits.put(planned, sites).plan, NO_TERRAIN)
    assert {one.key for one in deployment.missing} >= {"power", "consent", "uplink"}


def test_a_site_off_the_terrain_is_named_not_put_at_sea_level(near: Plan, surface: Surface) -> None:
    key = next(key for key, site in near.sites.items() if site.in_network and site.sectors)
    moved = replace(near.sites[key], latitude=near.sites[key].latitude + 0.3)
    deployment = report(edits.put(near, [moved]).plan, surface)
    site = next(one for one in deployment.sites if one.id == key)
    assert site.ground_m_amsl is None
    assert "terrain-tiles" in {one.key for one in deployment.missing}
    assert all(math.isfinite(one.ground_m_amsl) for one in deployment.sites if one.ground_m_amsl is not None)


def test_a_wrong_date_is_said_and_a_cancel_stops(planned: Plan, surface: Surface) -> None:
    with pytest.raises(InputError):
        build_report(Study(planned, NO_TERRAIN, load_catalogue(), None), version=1, date="yesterday")
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        build_report(Study(planned, surface, load_catalogue(), None), version=1, date=DATE, run=Run(cancel=token))


def test_a_link_that_people_ruled_out_is_not_paid_for_and_carries_nothing(
    near: Plan, surface: Surface, near_report: DeploymentPlan
) -> None:
    used = [key for key, site in near.sites.items() if site.in_network]
    joined = {frozenset((link.from_site, link.to_site)) for link in near.links.values()}
    (a, b), (c, d) = [pair for pair in itertools.combinations(used, 2) if frozenset(pair) not in joined][:2]
    no = [Link("no", a, b, choice=Choice.FORBIDDEN), Link("nor", c, d, status=Status.REJECTED)]
    ruled_out = edits.put(near, no).plan
    after = report(ruled_out, surface)
    assert after.headline.capex == capital(ruled_out, load_catalogue()).total.total == near_report.headline.capex
    assert after.bom == near_report.bom
    assert {link.id for link in after.links} == {link.id for link in near_report.links}


def test_phases_and_channels_are_those_of_the_planner(
    planned: Plan, near: Plan, surface: Surface, deployment: DeploymentPlan, near_report: DeploymentPlan
) -> None:
    assert math.fsum(one.homes for one in deployment.phases) == deployment.headline.homes_reached
    assert deployment.phases[-1].cost_so_far == pytest.approx(deployment.headline.capex)
    found = plan_channels(Study(planned, surface, load_catalogue(), None), keep=True)
    assert found.edit is None
    antennas = {(one.site, one.id): one.freq_mhz for one in deployment.antennas if one.task == "access"}
    of_sectors = {(one.site, one.id): one.freq_mhz for one in deployment.air.channels if one.kind == "sector"}
    assert of_sectors == antennas
    assert {one.id for one in deployment.air.channels if one.kind == "link"} == {one.id for one in deployment.links}
    # All on one channel: conflicts, said in words with what to do.
    sites = [
        replace(site, sectors=tuple(replace(one, freq_mhz=5560.0) for one in site.sectors))
        for site in near.sites.values()
    ]
    narrow = replace(next(iter(near.links.values())), width_mhz=20.0)
    crowded = report(edits.put(near, [*sites, narrow]).plan, surface)
    assert crowded.air.conflicts
    # And a link on half a channel is one in every table, in what its routers are set to, and in what it carries.
    before, after = (next(one for one in some.links if one.id == narrow.id) for some in (near_report, crowded))
    assert (before.width_mhz, after.width_mhz) == (40.0, 20.0)
    assert after.a.rate_mbps < before.a.rate_mbps
    assert {one.width_mhz for one in crowded.antennas if one.id == narrow.id} == {20.0}
    assert next(one for one in crowded.air.channels if one.id == narrow.id).width_mhz == 20.0
    assert {one.width_mhz for one in crowded.cards if one.antenna == narrow.id} == {20.0}
    assert all("hears" in str(one.text) and str(one.fix) for one in crowded.air.conflicts)


def test_the_printed_settings_name_the_base_map_without_the_folders_of_its_machine() -> None:
    found = report(edits.change_section(Plan(), "area", base_map="/home/ana/private/valley.osm.pbf").plan, NO_TERRAIN)
    assert next(one.value for one in found.assumptions if one.key == "area.base_map") == "valley.osm.pbf"


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", {"no", "LiFePO4", "ITU-R P.526"}), ("sw", {"hapana"}), ("ar", {"لا"})],
)
def test_settings_of_yes_or_no_and_of_few_words_are_printed_in_the_language_of_the_plan(language, said) -> None:
    use_catalogues(resources() / "translations")
    found = report(edits.change_section(Plan(), "info", language=language).plan, NO_TERRAIN)
    table = next(one for one in tables(found) if one.key == "assumptions")
    cells = [cell_text(row[table.column("value")], language) for row in table.rows]
    assert not {"yes", "lifepo4", "capital", "p526", "willing", "unknown"} & set(cells)
    assert said <= set(cells), cells
    assert language == "es" or "no" not in cells


def test_what_assumed_trees_hide_is_asked_for_on_paper(near: Plan, surface: Surface) -> None:
    wooded = replace(near, area=replace(near.area, canopy_m=None))
    assert wooded.area.assumed_canopy_m > 0.0
    bare = replace(near, area=replace(near.area, canopy_m=0.0))
    with_trees, without = (
        {one.home: one.standing for one in service(Study(plan, surface, load_catalogue()))} for plan in (wooded, bare)
    )
    hidden = sum(
        home.weight
        for key, home in near.households.items()
        if with_trees[key] is Standing.UNSEEN and without[key] is not Standing.UNSEEN
    )
    assert hidden > 0.0
    (said,) = (one for one in report(wooded, surface).missing if one.key == "trees")
    assert f"hide {hidden:.0f} home" in str(said.what)
    assert not [one for one in report(bare, surface).missing if one.key == "trees"]


def test_the_bill_of_the_sample_has_all_that_its_papers_name(planned: Plan, deployment: DeploymentPlan) -> None:
    assert lacking(planned, deployment) == []
    # A spoiled one is found out: a radio more, of which no bill knows.
    key = next(one.site for one in deployment.devices if one.kind == "sector")
    more = next(one for one in deployment.devices if one.site == key and one.kind == "sector")
    assert any(key in said for said in lacking(planned, replace(deployment, devices=(*deployment.devices, more))))
    dark = tuple(replace(one, uptime_pct=90.0) for one in deployment.power)
    assert any("goes dark" in said for said in lacking(planned, replace(deployment, power=dark)))

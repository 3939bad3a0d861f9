"""Sectors of further kits beside the usual one: whom they serve, their price and bound, against trying everything.

On a plain with trees of 12 m: over them 5 GHz reaches a high roof, and no low one; 900 MHz reaches both. Prices are
recounted by a checker that shares nothing with the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.errors import InputError
from cn_planner.geo import destination
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.links.regulatory_limits import channel_of_roof
from cn_planner.model import edits
from cn_planner.model.checks import Severity
from cn_planner.model.items import Items
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import (
    Area,
    Demand,
    Household,
    Info,
    KitChoice,
    Objective,
    Plan,
    PowerSource,
    Priority,
    Rules,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.planning.design import always, design_of
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.mixed_network import mixed_network
from cn_planner.planning.more_access import best_of_any, more_access_of
from cn_planner.planning.more_sectors import with_bounds, with_more_access
from cn_planner.planning.problem import build_problem
from cn_planner.planning.result import still_proven
from cn_planner.planning.shortfall import NOT_KNOWN
from cn_planner.planning.tree_outlook import short_of_hold, tree_outlook
from cn_planner.progress import ALONE
from cn_planner.report.addresses import address_plan
from cn_planner.report.homes import home_records
from cn_planner.report.network import network
from cn_planner.service.hanging import sectors_of_clients
from cn_planner.service.homes import service
from cn_planner.service.now import everyone, sector_loads
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.service.roofs import home_arrays
from cn_planner.service.tower import tower_coverage
from cn_planner.session.check import check_snapshot
from cn_planner.session.cost_against_homes import cost_against_homes, proven_point
from cn_planner.session.further_kits import NOT_LOOKED, not_looked
from cn_planner.session.network import completed, plan_network
from cn_planner.session.project import Project
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study
from tests.plan_file_checker import price_of
from tests.plan_file_radio import PlanFile

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
FAR = destination(*GATE, 90.0, 2500.0)
SECTOR, HOME = "halow-sector-900mhz", "halow-home-900mhz"
HIGH, LOW = 20.0, 9.0


def village(roofs: list[tuple[tuple[float, float], float, float]], **rules) -> Plan:
    """A gateway and a place for a tower, both on the mains, and homes: round which, in what direction, how high."""
    homes = [
        Household(f"h{n}", "", *destination(*place, way, 600.0), antenna_height_m=up)
        for n, (place, way, up) in enumerate(roofs)
    ]
    door = Uplink("fibre", 100.0, 90.0)
    sites = [
        Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=door, power=PowerSource.GRID),
        Site("T", "Tower", *FAR, power=PowerSource.GRID),
    ]
    return Plan(
        info=Info(), area=Area(canopy_m=12.0), kits=KitChoice(more_clients=HOME),
        demand=Demand(mbps_per_home=1.0, contention=4.0, growth_pct=0.0),
        rules=Rules(**{"mast_heights_m": (30.0,), "cover": 1.0, "more_access": SECTOR, **rules}),
        sites=Items(sites), households=Items(homes),
    )  # fmt: skip


def planned(plan: Plan, budget: float | None = None):
    """What the planner makes of it, without what only whole programs have: tables, its plan, the other, the bound."""
    study = Study(plan, GROUND, SHELF, load_country_rules(plan.info.country) if plan.info.country else None)
    problem = build_problem(study)
    usual = design_of(problem, budget=budget)
    more = more_access_of(problem, plan.rules.cover, run=ALONE)

    def channels(made):
        return plan_channels(replace(study, plan=made), keep=True)

    found = with_more_access(usual, more, channels, ALONE)
    proven = best_of_any(more, budget, None, ALONE)
    other = mixed_network(more, proven, usual)
    lower = None if proven.lower_bound is None else proven.lower_bound + always(problem)
    made = [one if one is None else with_bounds(one, more.goal, lower, proven.upper_bound) for one in (found, other)]
    return more, usual, made[0], made[1]


MIXED = [(GATE, 80.0, HIGH), (GATE, 100.0, LOW), (GATE, 90.0, LOW), (FAR, 0.0, HIGH), (FAR, 30.0, LOW)]


@pytest.fixture(scope="module")
def made():
    return planned(village(MIXED))


def test_low_roofs_get_a_sector_of_the_further_kit_on_a_tower_that_stands(made):
    more, usual, found, _ = made
    assert (usual.served, usual.coverable) == (2.0, 2.0)
    assert usual.lower_bound is None, "of plans in the usual kit alone, it says nothing of these"
    assert (more.coverable, more.goal, found.served, found.coverable) == (5.0, 5.0, 5.0, 5.0)
    plan = found.edit.plan
    assert {key for key, one in plan.households.items() if one.client_kit} == {"h1", "h2", "h4"}
    assert {one.client_kit for one in plan.households.values()} == {"", HOME}
    assert {one.kit for site in plan.sites.values() for one in site.sectors} == {"village-sector-5ghz", SECTOR}
    assert found.capex == capital(plan, SHELF).total.total
    assert {one.id for one in found.unserved} == set()
    assert sorted(one.to_id for one in found.links if one.kind == "access") == sorted(plan.households)


def test_the_judge_serves_whom_the_plan_says_and_each_by_a_sector_of_its_own_band(made):
    study = made[0].usual.study
    for found in made[2:]:
        plan = found.edit.plan
        said = {one.home: one for one in service(replace(study, plan=plan))}
        assert {key for key, one in said.items() if one.served} == {
            key for key, one in plan.households.items() if one.server
        }
        for key, home in plan.households.items():
            at = plan.sites[home.server]
            ends = (
                PathEnd(at.latitude, at.longitude, kind="site", id=at.id),
                PathEnd(home.latitude, home.longitude, kind="household", id=key),
            )
            shown = path_view(replace(study, plan=plan), *ends)
            low = plan.client_of(home) == HOME
            assert (shown.freq_mhz < 1000.0, shown.kits[1]) == (low, plan.client_of(home)), key


def _serves(home: Household) -> set[tuple[str, str]]:
    """Return the towers, each with a kit of the home, that serve it by what the plain is.

    Over the trees 5 GHz reaches a high roof from the tower near it, and 900 MHz from the other one too, 2.6 km away; a
    low one has 900 MHz from the tower near it.
    """
    own = "G" if abs(home.longitude - GATE[1]) < abs(home.longitude - FAR[1]) else "T"
    if home.antenna_height_m == HIGH:
        return {(own, ""), ("G", HOME), ("T", HOME)}
    return {(own, HOME)}


def _every(plan: Plan) -> Iterator[dict[str, tuple[str, str]]]:
    """Yield each way to serve all homes: of each the tower and the kit."""
    for chosen in product(*(sorted(_serves(home)) for home in plan.households.values())):
        yield dict(zip(plan.households, chosen, strict=True))


def _cheapest(plan: Plan, folder: Path) -> tuple[float, float]:
    """Return what all homes cost at least, tried one by one, counted by the checker; and what rounding may be.

    A sector of 900 MHz shines all round; one of 5 GHz holds homes within 120 degrees: here all round one tower are.
    """
    path = folder / "village.cnplan.gpkg"
    with Project.create(path, plan):
        pass
    file, found = PlanFile(path), []
    link = {
        "from_site": "G", "to_site": "T", "kit": "long-link-5ghz", "from_height_m": None, "to_height_m": None,
        "status": "idea", "freq_mhz": None, "width_mhz": None, "choice": "free",
    }  # fmt: skip
    for chosen in _every(plan):
        towers = {"G", *(site for site, _ in chosen.values())}
        file.towers, file.links = towers, {"L": link} if "T" in towers else {}
        for key, site in file.sites.items():
            kits = {SECTOR if kit else "village-sector-5ghz" for at, kit in chosen.values() if at == key}
            site["mast_height_m"] = 30.0 if key in towers else None
            site["sectors"] = [{"kit": kit} for kit in sorted(kits)]
        for key, (at, kit) in chosen.items():
            file.homes[key] |= {"server": at, "client_kit": kit}
        price, rounding = price_of(file)
        found.append((price["build"], rounding))
    return min(found)


def test_no_way_to_serve_them_is_cheaper_than_the_bound_and_the_best_that_is_found_is_the_cheapest(made, tmp_path):
    more, _, found, other = made
    plan = more.usual.plan
    for table, kit in ((more.usual, ""), (more.further[0], HOME)):
        works = {
            (table.homes[h].id, (table.sites[s].id, kit))
            for s, h, good in zip(table.access.first, table.access.second, table.access_works[:, 0], strict=True)
            if good
        }
        plain = {(key, way) for key, home in plan.households.items() for way in _serves(home) if way[1] == kit}
        assert works == plain, "whom each kit serves is as the plain says"
    least, rounding = _cheapest(plan, tmp_path)
    best = min(found.capex, other.capex)
    assert best == pytest.approx(least, abs=rounding)
    assert 0.8 * least < found.lower_bound <= least + rounding
    assert found.lower_bound == other.lower_bound


def test_the_same_comes_out_again(made):
    again = planned(made[0].usual.plan)
    assert [one.edit.plan for one in again[2:]] == [one.edit.plan for one in made[2:]]


def test_a_budget_buys_who_it_pays_for_the_one_that_must_be_first(made, tmp_path):
    usual = made[1]
    plan = made[0].usual.plan
    must = replace(plan.households["h2"], priority=Priority.MUST)
    plan = replace(plan, households=plan.households.changed(put=[must]))
    for more_money in (900.0, 2500.0):
        _, first, found, _ = planned(plan, usual.capex + more_money)
        assert found.capex <= usual.capex + more_money + 0.01
        assert first.served <= found.served <= found.homes_upper_bound
        new = {key for key, one in found.edit.plan.households.items() if one.client_kit}
        assert not new or "h2" in new
    assert found.served == 5.0


def test_no_more_are_served_than_are_asked_for(made):
    _, usual, found, _ = planned(replace(made[0].usual.plan, rules=replace(made[0].usual.plan.rules, cover=0.7)))
    assert (usual.served, found.served) == (2.0, 4.0), "seven in ten of five are four"


def test_no_more_are_added_than_leave_the_share_that_must_hold_among_higher_trees(made):
    """Over trees of 13 m the high roofs hold, which have the usual kit; the low ones do not."""
    for share, served in ((0.6, 3.0), (1.0, 2.0)):
        rules = replace(made[0].usual.plan.rules, trees="12:50, 13:50", hold_share=share)
        more, usual, found, _ = planned(replace(made[0].usual.plan, rules=rules))
        assert (usual.served, found.served) == (2.0, served)
        outlook = tree_outlook(replace(more.usual.study, plan=found.edit.plan))
        assert outlook.certain == 2.0 >= share * found.served
        assert short_of_hold(replace(more.usual.study, plan=found.edit.plan)) == 0.0


def test_a_mast_has_no_more_sectors_than_the_rules_say(made):
    plan = replace(made[0].usual.plan, rules=replace(made[0].usual.plan.rules, max_sectors=1))
    for found in planned(plan)[1:]:
        if found is not None:
            assert all(len(site.sectors) <= 1 for site in found.edit.plan.sites.values())


def test_the_usual_kit_is_asked_for_more_homes_where_no_other_way_serves_as_many_as_are_asked_for(tmp_path):
    """Of seven homes five are asked for; the usual kit is asked for four of its five first, and has the only sector."""
    roofs = [(GATE, 90.0 + 5.0 * n, HIGH) for n in range(5)] + [(GATE, 80.0, LOW), (GATE, 120.0, LOW)]
    with Project.create(
        tmp_path / "village.cnplan.gpkg", village(roofs, cover=0.7, max_sectors=1, trees="12:1", hold_share=0.5)
    ) as project:
        plain = np.full((40, 40), 1200.0, np.float32)
        write_geotiff(tmp_path / "plain.tif", plain, "EPSG:4326", (0.005, 0.0, 36.45, 0.0, -0.005, -1.35), None)
        project.add_terrain([tmp_path / "plain.tif"])
        found = plan_network(project.snapshot())
        assert (found.served, found.coverable) == (5.0, 7.0)
        assert found.reason is None
        kits = [one.client_kit for one in found.edit.plan.households.values() if one.server]
        assert kits == [""] * 5


def test_a_sector_of_the_further_kit_is_found_as_what_would_reach_a_home_and_does_at_that_price(made):
    study = replace(made[0].usual.study, plan=made[1].edit.plan)
    for key, first in home_fixes(study, ["h1", "h2", "h4"], only_cheapest=True).items():
        fix = first.fixes[0]
        assert fix.kind is FixKind.SECTOR
        assert {row.kit for row in fix.rows[0].sectors} >= {SECTOR}
        after = fix.edit(study.plan).plan
        assert after.households[key].client_kit == HOME
        assert fix.cost == round(capital(after, SHELF).total.total - made[1].capex, 2)
        assert SHELF.kit(SECTOR).name in str(fix.words)
        assert SHELF.kit(HOME).name in str(fix.words)
        there = replace(study, plan=after)
        assert {one.home for one in service(there) if one.served} == {"h0", "h3", key}
        if key == "h1":  # the sector that stands then reaches the other
            (second,) = home_fixes(there, ["h2"], only_cheapest=True).values()
            assert second.fixes[0].kind is FixKind.CONNECT
            assert SHELF.kit(HOME).name in str(second.words)
            assert second.cost < fix.cost
    plain = replace(study.plan, rules=replace(study.plan.rules, more_access=""))
    for one in home_fixes(replace(study, plan=plain), ["h1"]).values():
        assert all(not isinstance(row, Household) or not row.client_kit for fix in one.fixes for row in fix.rows)


def test_the_curve_of_cost_against_homes_knows_further_kits(tmp_path):
    plan = village(MIXED)
    plan = replace(plan, rules=replace(plan.rules, objective=Objective.FIVE_YEARS))
    with Project.create(tmp_path / "village.cnplan.gpkg", plan) as project:
        plain = np.full((40, 40), 1200.0, np.float32)
        write_geotiff(tmp_path / "plain.tif", plain, "EPSG:4326", (0.005, 0.0, 36.45, 0.0, -0.005, -1.35), None)
        project.add_terrain([tmp_path / "plain.tif"])
        curve = cost_against_homes(project.snapshot(), points=2)
        assert (curve.coverable, curve.complete, curve.notes) == (5.0, True, ())
        assert [one.served for one in curve.points] == [3.0, 5.0]
        last = curve.points[-1]
        assert HOME in {one.client_kit for one in last.design.edit.plan.households.values()}
        assert last.lower_bound <= last.capex
        taken = completed(project.snapshot(), last.design)
        assert (taken.served, taken.capex, taken.notes) == (5.0, last.capex, last.design.notes)
        project.apply(taken.edit)
        assert project.plan.rules.objective is Objective.FIVE_YEARS
        assert still_proven(project.plan, last.capex) is not None
        proven = proven_point(project.snapshot(), curve, 1)
        assert (proven.points[-1].capex, proven.points[-1].served) == (last.capex, 5.0)


def test_where_no_time_is_left_for_further_sectors_who_is_left_out_is_told_why_by_all_kits(made):
    more, usual, _, _ = made
    assert {one.kind for one in usual.unserved} == {UnservedKind.CHECK}
    found = not_looked(usual, more.usual, ALONE)
    assert (found.served, found.coverable, found.edit.plan.outcome.coverable) == (2.0, 5.0, 5.0)
    assert {one.id: (one.kind, one.reason) for one in found.unserved} == dict.fromkeys(
        ("h1", "h2", "h4"), (UnservedKind.LEFT_OUT, NOT_KNOWN)
    )
    assert NOT_LOOKED in found.notes
    closed = replace(more.usual, study=replace(more.usual.study, regulations=load_country_rules("ES")))
    assert not_looked(usual, closed, ALONE).unserved == usual.unserved, "where the law opens no channel"


def test_where_the_law_opens_no_channel_nothing_is_added(made):
    plan = replace(made[0].usual.plan, info=Info(country="ES"))
    more, usual, found, _ = planned(plan)
    assert more.further == ()
    assert (found.served, found.capex) == (usual.served, usual.capex)


def test_bad_words_are_named(made):
    plan = made[0].usual.plan
    for rules, kits, words in (
        (replace(plan.rules, more_access="none-such"), plan.kits, "There is no kit none-such"),
        (plan.rules, KitChoice(), "No kit for homes in this plan speaks with Forest sector HaLow 900 MHz"),
        (plan.rules, KitChoice(more_clients="forest-home-900mhz"), "No kit for homes in this plan speaks with"),
    ):
        asked = replace(plan, rules=rules, kits=kits)
        with pytest.raises(InputError, match=words):
            more_access_of(build_problem(Study(asked, GROUND, SHELF)), 1.0, run=ALONE)


def test_lists_papers_and_channels_hang_each_home_on_a_sector_of_its_band(made):
    study = replace(made[0].usual.study, plan=made[2].edit.plan)
    plan = study.plan
    of_kit = {(key, one.id): one.kit for key, site in plan.sites.items() for one in site.sectors}
    said = {one.home: one for one in service(study)}
    hung_on = sectors_of_clients(study, plan.households.values())
    records = home_records(plan, SHELF, said, {}, {}, hung_on=hung_on)
    addresses = address_plan(plan, network(plan, {}), hung_on)
    users = plan_channels(study, keep=True).uses
    for home in records:
        client = plan.client_of(plan.households[home.id])
        assert (of_kit[home.server, home.sector] == SECTOR) == (client == HOME), home.id
        assert (channel_of_roof(plan, SHELF, home.server, home.sector)[0] < 1000.0) == (client == HOME)
    given = {one.home: (one.site, one.sector) for one in addresses.homes}
    assert given == {one.id: (one.server, one.sector) for one in records}
    assert {one.homes for one in users if of_kit.get((one.site, one.id)) == SECTOR} == {
        float(sum((one.server, one.sector) == key for one in records)) for key, kit in of_kit.items() if kit == SECTOR
    }
    now = everyone(plan, home_arrays(plan), [
        (n, tower_coverage(study, home_arrays(plan), plan.sites[key])) for n, key in enumerate(plan.used_sites)
    ], ())  # fmt: skip
    for key, site in plan.used_sites.items():
        loads = {sector: homes for sector, (homes, _) in sector_loads(plan, now, site).items()}
        assert loads == {
            one.id: float(sum((home.server, home.sector) == (key, one.id) for home in records)) for one in site.sectors
        }


def test_check_names_what_does_not_go_together(tmp_path):
    plan = replace(village(MIXED), info=Info(name="Village"))
    with Project.create(tmp_path / "village.cnplan.gpkg", plan) as project:
        with pytest.raises(InputError, match="There is no kit none-such"):
            project.change_settings({"more_access": "none-such"})
        project.apply(edits.change_section(plan, "rules", more_access="none-such"))
        for words, found in (
            ({}, "There is no kit none-such"),
            ({"rules.more_access": SECTOR, "info.country": "ES"}, "which ES does not open outdoors"),
            ({"kits.more_clients": ""}, "No kit for homes in this plan speaks with Forest sector HaLow 900 MHz"),
        ):
            if words:
                project.change_settings(words)
            said = [str(one.what) for one in check_snapshot(project.snapshot()) if one.severity is Severity.ERROR]
            assert any(found in one for one in said), words

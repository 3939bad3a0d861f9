"""Homes and outlines: the same numbers as a link's budget, whatever the way they are asked for."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from cn_planner.coverage.access import access_of
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.links.verdict import Verdict
from cn_planner.model.clients import roof_height_m
from cn_planner.model.plan import Obstacle, Sector
from cn_planner.service.homes import service
from cn_planner.service.judge import Why
from cn_planner.service.outlines import outlines
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile


@pytest.fixture(scope="module")
def valley(sample_ground):
    plan, surface = sample_ground
    masts = {"G01": 18.0, "C02": 12.0, "C05": 24.0}
    sites = [dataclasses.replace(plan.sites[key], mast_height_m=height) for key, height in masts.items()]
    homes = list(plan.households.values())[::6]
    return dataclasses.replace(
        plan,
        sites=plan.sites.changed(sites),
        households=type(plan.households)(homes),
        obstacles=plan.obstacles.changed(
            [Obstacle("O1", homes[0].latitude + 0.001, homes[0].longitude, 18.0, radius_m=60.0)]
        ),
    ), surface


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def test_each_home_has_the_verdict_of_its_link(valley, catalogue):
    plan, surface = valley
    found = service(Study(plan, surface, catalogue))
    assert [one.home for one in found] == list(plan.households)
    conditions = conditions_of(plan)
    for one in found:
        home = plan.households[one.home]
        assert one.server is None
        assert not one.served
        if one.site is None:
            continue
        site = plan.sites[one.site]
        profile = path_profile(
            surface,
            (site.latitude, site.longitude),
            (home.latitude, home.longitude),
            canopy_m=conditions.canopy_m,
            keep_out_m=conditions.canopy_keep_out_m,
            obstacles=tuple(plan.obstacles.values()),
        )
        access = access_of(plan, catalogue, site, profile.azimuth_deg)
        ends = radio_end(catalogue, access.kit), radio_end(catalogue, plan.kits.client)
        link = link_budget(
            profile,
            access.height_m,
            roof_height_m(plan, home),
            *ends,
            access.freq_mhz,
            conditions=conditions,
            rules=plan.rules,
        )
        assert one.verdict == link.verdict
        assert "budget" not in vars(one)  # 27,000 homes: what nobody asks for is not made
        assert one.margin_db == pytest.approx(link.fade_margin_db, abs=1e-9)
        assert one.level_dbm == pytest.approx(link.rsl_to_dbm, abs=1e-9)
        assert (one.rate_down_mbps, one.rate_up_mbps) == (link.rate_down_mbps, link.rate_up_mbps)
        assert one.height_needed_m == pytest.approx(link.height_needed_to_m, abs=1e-9)
        assert one.second_choice != one.site
        assert one.budget == dataclasses.replace(link, explanation=one.budget.explanation, fix=one.budget.fix)


def test_a_home_with_a_server_is_judged_by_that_server(valley, catalogue):
    plan, surface = valley
    best = {one.home: one for one in service(Study(plan, surface, catalogue))}
    likely = [one for one in best.values() if one.verdict is Verdict.LIKELY and one.second_choice]
    put = [dataclasses.replace(plan.households[one.home], server=one.site) for one in likely]
    other = dataclasses.replace(put[0], server=likely[0].second_choice)
    gone = dataclasses.replace(put[1], server="C09")
    with_servers = dataclasses.replace(plan, households=plan.households.changed([*put[2:], other, gone]))
    after = {one.home: one for one in service(Study(with_servers, surface, catalogue))}
    assert all(after[home.id].works for home in put[2:])
    # Of the three towers none is linked to the gateway: who hangs on that alone is connected.
    assert {home.server for home in put[2:]} > {"G01"}
    for home in put[2:]:
        assert after[home.id].served == (home.server == "G01")
        assert after[home.id].why is (Why.NOTHING if home.server == "G01" else Why.CUT_OFF)
    assert after[other.id].site == likely[0].second_choice
    assert after[other.id].second_choice == likely[0].site
    assert not after[gone.id].served
    assert after[gone.id].why is Why.NO_MAST
    assert "C09" in str(after[gone.id].reason)


def test_a_planned_server_is_judged_however_far_it_is(valley, catalogue):
    plan, surface = valley
    first = next(one for one in service(Study(plan, surface, catalogue)) if one.site is not None and one.second_choice)
    home = dataclasses.replace(plan.households[first.home], server=first.second_choice)
    near = dataclasses.replace(plan.rules, max_access_km=1e-3)
    alone = dataclasses.replace(plan, households=type(plan.households)([home]), rules=near)
    (found,) = service(Study(alone, surface, catalogue))
    assert found.site == first.second_choice
    assert found.second_choice is None
    assert found.margin_db == pytest.approx(found.budget.fade_margin_db, abs=1e-9)
    assert not found.works, "nobody is served from further away"
    assert found.why is Why.FAR
    assert "0.001 km" in str(found.reason)


def test_each_home_is_judged_by_the_sector_that_points_nearest(valley, catalogue):
    plan, surface = valley
    kit = plan.kits.access
    sectors = tuple(Sector(f"s{n}", kit, azimuth_deg=n * 120.0, height_m=6.0 + 9.0 * n) for n in (2, 0, 1))
    sites = [dataclasses.replace(site, sectors=sectors) for site in plan.sites.values() if site.in_network]
    found = service(Study(dataclasses.replace(plan, sites=plan.sites.changed(sites)), surface, catalogue))
    judged = [one for one in found if one.margin_db is not None]
    assert judged
    for one in judged:
        assert one.margin_db == pytest.approx(one.budget.fade_margin_db, abs=1e-9)


def test_a_plan_without_towers_says_so(valley, catalogue):
    plan, surface = valley
    bare = dataclasses.replace(
        plan, sites=plan.sites.changed([dataclasses.replace(s, mast_height_m=None) for s in plan.sites.values()])
    )
    found = service(Study(bare, surface, catalogue))
    assert {str(one.reason) for one in found} == {"This plan has no tower yet."}


def test_outlines_hold_the_homes_that_are_reached(valley, catalogue):
    plan, surface = valley
    plan = dataclasses.replace(plan, obstacles=type(plan.obstacles)())
    shapes = {}
    for one in outlines(Study(plan, surface, catalogue)):
        area = shapely.Polygon()
        for ring in one.rings:
            assert ring[0] == ring[-1]
            area = area.symmetric_difference(shapely.Polygon([(lon, lat) for lat, lon in ring]))
        assert not area.is_empty
        shapes[one.site] = area
    found = [one for one in service(Study(plan, surface, catalogue)) if one.site is not None]
    agrees = [
        shapes[one.site].contains(
            shapely.Point(plan.households[one.home].longitude, plan.households[one.home].latitude)
        )
        == (one.verdict is Verdict.LIKELY)
        for one in found
    ]
    assert np.mean(agrees) > 0.8

"""What a school, a clinic and a business take: planner, judge, links, connections, growth and papers alike.

On a plain, so that every path is clear. Loads are added up by hand from the rates that the plan says.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from small_network import flat_ground

from cn_planner.errors import InputError
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.clients import client_of, demand_of, wanted_mbps
from cn_planner.model.plan import (
    Area,
    Demand,
    HomeKind,
    Household,
    PlaceKind,
    Plan,
    PowerSource,
    Priority,
    PublicPlace,
    Rules,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.model.settings import change_setting
from cn_planner.planning.design import design
from cn_planner.planning.home_points import points_of
from cn_planner.planning.problem import build_problem
from cn_planner.planning.year_five import year_five
from cn_planner.progress import Run
from cn_planner.report.capacity import capacity_records
from cn_planner.report.network import network
from cn_planner.service.homes import service, whole_service
from cn_planner.service.joined import homes_behind, loads_at, loads_behind
from cn_planner.service.judge import Why
from cn_planner.service.roofs import home_arrays
from cn_planner.session.check import check_project
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
HOMES = [Household(f"h{n}", "", *destination(*GATE, 4.0 * n, 900.0)) for n in range(8)]
SCHOOL = Household("school", "School", *destination(*GATE, 16.0, 1_000.0), kind=HomeKind.SCHOOL)
CLASSES = Demand(growth_pct=0.0, school_mbps=20.0, clinic_mbps=10.0, shop_mbps=4.0)


def plan_of(*more: object, mbps: float = 2000.0, demand: Demand = CLASSES, sectors: int = 3, **rules: object) -> Plan:
    town = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", mbps, 90.0), power=PowerSource.GRID)
    given = Rules(mast_heights_m=(12.0,), max_sectors=sectors, cover=1.0, **rules)
    return edits.put(Plan(area=Area(canopy_m=0.0), rules=given, demand=demand), [town, *HOMES, *more]).plan


def found(plan: Plan, **words: object):
    return design(Study(plan, GROUND, SHELF), **words)


def test_each_class_takes_its_own_and_all_others_as_many_homes_as_they_count_for():
    plan = plan_of()
    for kind, mbps in ((HomeKind.SCHOOL, 20.0), (HomeKind.CLINIC, 10.0), (HomeKind.SHOP, 4.0)):
        one = Household("x", "", *GATE, weight=3.0, kind=kind)
        assert demand_of(plan, one) == mbps / (10.0 / 20.0)
        assert wanted_mbps(plan, one) == max(mbps, 10.0)
        bare = replace(plan, demand=Demand())
        assert (demand_of(bare, one), wanted_mbps(bare, one)) == (3.0, 10.0), "as it was where nobody said it"
        assert demand_of(plan, replace(one, weight=0.0)) == 0.0, "who does not want it takes nothing"
    for kind in (HomeKind.HOME, HomeKind.OTHER):
        assert demand_of(plan, Household("x", "", *GATE, weight=3.0, kind=kind)) == 3.0


def test_a_public_place_takes_what_a_home_of_its_kind_does():
    """One register of classes: what is not in it takes as one home."""
    for kind in PlaceKind:
        place = PublicPlace("p", "", *GATE, kind)
        plan = plan_of(place)
        alike = {one.value: one for one in HomeKind}.get(kind.value, HomeKind.OTHER)
        home = Household("x", "", *GATE, kind=alike)
        assert demand_of(plan, client_of(place)) == demand_of(plan, home)
        assert client_of(place).kind is alike
    own = replace(PublicPlace("p", "", *GATE, PlaceKind.SCHOOL), busy_mbps=3.0)
    assert demand_of(plan_of(own), client_of(own)) == 6.0, "what was said of it comes first"


def test_a_school_takes_its_time_of_a_sector_and_counts_as_one():
    """By hand, of the rates that the plan says: its 40 Mbit/s of the air beside eight homes of half a megabit."""
    heavy = replace(CLASSES, school_mbps=70.0)
    plan = plan_of(SCHOOL, demand=heavy)
    made = found(plan)
    assert (made.served, made.households, made.coverable) == (9.0, 9.0, 9.0)
    rate = {one.to_id: one.rate_down_mbps for one in made.links if one.kind == "access"}
    share = {key: (70.0 if key == "school" else 0.5) / mbps for key, mbps in rate.items()}
    site = made.edit.plan.sites["G"]
    assert len(site.sectors) == (1 if sum(share.values()) <= 1.0 else 2)
    light = found(plan_of(SCHOOL, demand=Demand(growth_pct=0.0)))
    assert len(light.edit.plan.sites["G"].sectors) == 1
    assert made.lower_bound <= made.capex
    two = found(plan_of(SCHOOL, replace(SCHOOL, id="other", longitude=SCHOOL.longitude + 0.001), demand=heavy))
    rates = [one.rate_down_mbps for one in two.links if one.to_id in ("school", "other")]
    assert sum(70.0 / one for one in rates) > 1.0, "two of them do not fit into one sector"
    assert len(two.edit.plan.sites["G"].sectors) == 2
    assert two.served == 10.0


def test_a_connection_that_is_too_small_for_the_school_connects_the_homes():
    """Eight homes take 4 Mbit/s, the school 20: of 23 it is left out, of 24 all have enough."""
    small, enough = (found(plan_of(SCHOOL, mbps=mbps), budget=50_000.0) for mbps in (23.0, 24.0))
    assert small.served == small.homes_upper_bound == 8.0
    assert small.edit.plan.households["school"].server is None
    (left,) = small.unserved
    assert "The Internet connection at G is full" in str(left.reason)
    assert enough.served == enough.homes_upper_bound == 9.0
    must = found(plan_of(replace(SCHOOL, priority=Priority.MUST), mbps=23.0), budget=50_000.0)
    assert must.served == 7.0, "six homes' worth is left beside what must be reached"


def test_the_judge_asks_of_a_path_what_the_class_takes():
    """At the same spot a home is served and a school is not, where the path carries less than the school takes."""
    far = destination(*GATE, 10.0, 3_000.0)
    twins = [Household("home", "", *far), Household("far school", "", *far, kind=HomeKind.SCHOOL)]
    plan = found(plan_of(*twins, demand=replace(CLASSES, school_mbps=None))).edit.plan
    rate = {one.home: one.rate_down_mbps for one in service(Study(plan, GROUND, SHELF))}["home"]
    asked = replace(plan, demand=replace(CLASSES, school_mbps=rate + 1.0))
    said = {one.home: one for one in service(Study(asked, GROUND, SHELF))}
    assert (said["home"].why, said["far school"].why) == (Why.NOTHING, Why.SLOW)
    now = whole_service(Study(asked, GROUND, SHELF)).now
    why = dict(zip(now.homes.ids, now.why.tolist(), strict=True))
    assert (why["home"], why["far school"]) == (Why.NOTHING, Why.SLOW)
    words = str(said["far school"].reason)
    assert f"of the {rate + 1.0:g} Mbit/s that it should reach" in words
    problem = build_problem(Study(asked, GROUND, SHELF))
    reach = [bool(options) for options in problem.network.serve]
    assert dict(zip((home.id for home in problem.homes), reach, strict=True)) == {
        home.id: home.id != "far school" for home in problem.homes
    }


def test_links_carry_the_school_and_count_it_once():
    """The school hangs on a second tower: what its link carries is 20 Mbit/s, who falls silent is one."""
    beech = Site("B", "Beech", *destination(*GATE, 14.0, 9_000.0), power=PowerSource.GRID)
    there = replace(SCHOOL, latitude=destination(*GATE, 14.0, 14_000.0)[0],
                    longitude=destination(*GATE, 14.0, 14_000.0)[1])  # fmt: skip
    made = found(plan_of(beech, there, max_access_km=6.0)).edit.plan
    assert made.households["school"].server == "B"
    (link,) = made.standing_links
    assert homes_behind(made) == {link: 1.0}
    assert loads_behind(made) == {link: 40.0}
    assert loads_at(made) == {"B": 40.0, "G": 8.0}
    arrays = home_arrays(made)
    assert arrays.load.sum() == 48.0
    assert arrays.weight.sum() == 9.0


def test_a_school_grows_as_homes_do():
    """Room for year five: today's 60 Mbit/s fit into one sector with the homes, 120 do not."""
    demand = replace(CLASSES, school_mbps=50.0, growth_pct=150.0, grow_later=True)
    made = found(plan_of(SCHOOL, demand=demand))
    study = Study(made.edit.plan, GROUND, SHELF)
    assert len(made.edit.plan.sites["G"].sectors) == 1
    rates = {one.to_id: one.rate_down_mbps for one in made.links if one.kind == "access"}
    later = sum(2.5 * (50.0 if key == "school" else 0.5) / mbps for key, mbps in rates.items())
    assert later > 1.0
    (tower,) = year_five(study, whole_service(study).now).towers
    assert (tower.site, tower.now, tower.later) == ("G", 1, 2)


def test_where_very_many_homes_are_planned_as_points_a_school_stands_alone():
    plan = plan_of(SCHOOL)
    points = points_of(plan, few=4, most=2)
    assert points.members["school"] == (SCHOOL,)
    without = points_of(replace(plan, demand=Demand()), few=4, most=2)
    assert without is not None


def test_new_plans_know_the_classes_and_those_of_before_are_as_they_were(tmp_path):
    with Project.new(tmp_path / "new", name="New", country="ES") as project:
        demand = project.plan.demand
        assert (demand.school_mbps, demand.clinic_mbps, demand.shop_mbps) == (20.0, 10.0, None)
    assert (Demand().school_mbps, Demand().clinic_mbps, Demand().shop_mbps) == (None, None, None)


@pytest.mark.parametrize("value", ["0", "-3", "nan", "much", "20000"])
def test_a_demand_that_is_none_is_refused(value):
    with pytest.raises(InputError):
        change_setting(plan_of(), {"school_mbps": value})


def test_the_number_of_threads_changes_nothing():
    plan = plan_of(SCHOOL, replace(SCHOOL, id="clinic", kind=HomeKind.CLINIC, latitude=SCHOOL.latitude + 0.004))
    one, two = (found(plan, run=Run(threads=n)).edit.plan for n in (1, 2))
    assert one == two
    assert np.isfinite(home_arrays(one).load).all()


def test_the_busy_hour_on_paper_and_in_the_check_is_what_the_school_takes(tmp_path):
    """By hand: 8 homes of half a megabit and a school of 20 are 24 Mbit/s of a connection, and 9 homes."""
    made = found(plan_of(SCHOOL)).edit.plan
    net = network(made, {"G": 9.0}, loads_at(made))
    rates = {key: 40.0 if key == "school" else 100.0 for key in made.households}
    homes = [
        SimpleNamespace(id=key, reached=True, server="G", sector="s", weight=1.0, rate_down_mbps=rate, distance_m=9.0)
        for key, rate in rates.items()
    ]
    sector, uplink = sorted(capacity_records(made, net, homes, (), ()), key=lambda row: row.kind)
    assert (uplink.homes, uplink.demand_mbps, uplink.capacity_mbps) == (9.0, 24.0, 2000.0)
    assert (sector.homes, sector.demand_mbps) == (9.0, 24.0)
    assert sector.load_pct == pytest.approx(100.0 * (8 * 0.5 / 100.0 + 20.0 / 40.0))
    gate = replace(made.sites["G"], uplink=Uplink("fibre", 20.0, 90.0))
    with Project.create(tmp_path / "small.cnplan.gpkg", edits.put(made, [gate]).plan) as project:
        said = [str(one.what) for one in check_project(project)]
    assert any("carries 20 Mbit/s; its homes want 24 at the busy hour" in one for one in said)

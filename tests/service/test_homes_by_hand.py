"""What is said of each home of a plain on which every path is worked by hand.

Towers stand 12 m high at Ash and, 12 km east of it, at Birch; roofs are 5 m high. At 3 km a path is clear and gives
101.4 Mbit/s, at 6.5 km 84.5; at 9.2 km less than 0.6 of its zone is clear.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import KIT, flat_ground

from cn_planner.geo import destination
from cn_planner.links.verdict import Verdict
from cn_planner.model import edits
from cn_planner.model.plan import Area, Demand, Household, Obstacle, Plan, Rules, Sector, Site, SiteRole, Uplink
from cn_planner.service.homes import service
from cn_planner.service.judge import Standing, Why
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

SHELF, GROUND = load_catalogue(), flat_ground()
ASH = (-1.45, 36.50)
BIRCH = destination(*ASH, 90.0, 12_000.0)
TOWERS = (
    Site("A", "Ash", *ASH, role=SiteRole.GATEWAY, uplink=Uplink(), mast_height_m=12.0),
    Site("B", "Birch", *BIRCH, mast_height_m=12.0),
)


def house(key: str, azimuth: float, km: float, server: str | None = None, **more) -> Household:
    """A home so far from Ash."""
    return Household(key, key.title(), *(destination(*ASH, azimuth, 1000.0 * km) if km else ASH), server=server, **more)


def plan_of(*things, demand: Demand | None = None, towers=TOWERS, **rules) -> Plan:
    limits = Rules(**{"max_access_km": 8.0, **rules})
    plan = Plan(area=Area(canopy_m=0.0), rules=limits, demand=demand or Demand())
    return edits.put(plan, [*towers, *things]).plan


def judged(*things, ground: Surface = GROUND, others: bool = True, **more):
    return {one.home: one for one in service(Study(plan_of(*things, **more), ground, SHELF), others=others)}


def test_a_home_that_its_tower_serves():
    home = judged(house("near", 80.0, 3.0, "A"))["near"]
    assert (home.server, home.site, home.served, home.verdict) == ("A", "A", True, Verdict.LIKELY)
    assert (home.rate_down_mbps, home.rate_up_mbps) == (101.4, 101.4)
    assert home.second_choice is None, "Birch is 9 km away"
    # Along 3 km from 12 m the roof may come down to where 0.6 of the zone is clear; it has 5 m.
    assert 0.0 < home.height_needed_m < 5.0
    assert home.budget is not None
    assert home.level_dbm == pytest.approx(home.budget.rsl_to_dbm, abs=0.1)
    assert home.margin_db == pytest.approx(home.budget.fade_margin_db, abs=0.1)
    assert "The path is clear" in str(home.reason)


def test_a_home_that_the_plan_leaves_out_and_could_join():
    home = judged(house("near", 80.0, 3.0))["near"]
    assert (home.server, home.site, home.served) == (None, "A", False)
    assert home.verdict is Verdict.LIKELY
    assert str(home.reason).startswith("Ash could reach this home, but the plan leaves it out. The path is clear")


def test_a_home_between_two_towers_has_the_better_and_the_other_as_its_second_choice():
    home = judged(house("mid", 90.0, 5.0))["mid"]
    assert (home.site, home.second_choice) == ("A", "B")
    assert home.second_verdict is Verdict.LIKELY
    assert home.second_mbps < home.rate_down_mbps  # each margin is that of its own rate
    east = judged(house("mid", 90.0, 7.0))["mid"]
    assert (east.site, east.second_choice, east.second_verdict) == ("B", "A", Verdict.LIKELY)
    served = judged(house("mid", 90.0, 7.0, "A"))["mid"]
    assert (served.site, served.second_choice, served.served) == ("A", "B", True)
    alone = judged(house("mid", 90.0, 7.0, "A"), others=False)["mid"]
    assert (alone.second_choice, alone.second_verdict, alone.second_margin_db) == (None, None, None)
    assert alone.served


def test_a_faster_path_goes_before_a_stronger_one_and_a_better_verdict_before_both():
    # The nearer tower is behind a house: it is to be checked on site, the other one is likely.
    wall = Obstacle("wall", *destination(*ASH, 90.0, 2500.0), 5.5, 30.0)
    home = judged(house("mid", 90.0, 5.0), wall)["mid"]
    assert (home.site, home.verdict, home.second_choice) == ("B", Verdict.LIKELY, "A")
    assert home.second_verdict is not Verdict.LIKELY


def test_equal_towers_go_in_their_order():
    twin = replace(TOWERS[1], latitude=ASH[0], longitude=ASH[1], id="Z")
    home = judged(house("near", 80.0, 3.0), towers=(TOWERS[0], twin))["near"]
    assert (home.site, home.second_choice) == ("A", "Z")


def test_a_home_at_its_mast_needs_no_path():
    home = judged(house("mast", 0.0, 0.0, "A"))["mast"]
    assert (home.served, home.site, home.verdict, home.budget) == (True, "A", None, None)
    assert (home.level_dbm, home.margin_db, home.rate_down_mbps, home.height_needed_m) == (None, None, None, None)
    assert str(home.reason) == "Mast and Ash are at the same place."


def test_a_home_too_slow_for_what_it_should_reach_is_not_served():
    asks = Demand(mbps_per_home=90.0)
    homes = judged(house("near", 80.0, 3.0, "A"), house("far", 180.0, 6.5, "A"), demand=asks)
    assert homes["near"].served
    assert not homes["far"].served
    assert homes["far"].verdict is Verdict.LIKELY
    assert str(homes["far"].reason).startswith("Only 84.5 Mbit/s of the 90 Mbit/s that it should reach. The path")
    just = judged(house("far", 180.0, 6.5, "A"), demand=Demand(mbps_per_home=84.5))["far"]
    assert just.served


def test_a_home_to_be_checked_on_site_is_served_where_the_plan_allows_that():
    far = house("far", 180.0, 9.2, "A")
    strict, lenient = (judged(far, max_access_km=10.0, serve_on_check=allowed)["far"] for allowed in (False, True))
    assert strict.verdict is lenient.verdict is Verdict.CHECK_ON_SITE
    assert not strict.served
    assert lenient.served
    assert "of the first Fresnel radius is clear" in str(strict.reason)


def test_a_planned_server_is_judged_however_far_and_is_no_ones_second_choice():
    beyond = judged(house("east", 90.0, 9.5, "A"))["east"]
    assert (beyond.site, beyond.second_choice) == ("A", "B")
    assert beyond.verdict is Verdict.CHECK_ON_SITE
    left = judged(house("east", 90.0, 9.5))["east"]
    assert (left.site, left.second_choice) == ("B", None)


def test_a_home_that_no_tower_is_near_is_told_how_near_it_would_have_to_be():
    home = judged(house("away", 180.0, 8.1))["away"]
    assert (home.site, home.served, home.verdict, home.budget) == (None, False, None, None)
    assert str(home.reason) == "No tower of this plan is within 8 km."
    assert judged(house("away", 180.0, 8.1), max_access_km=8.2)["away"].site == "A"


def test_a_plan_without_a_tower_says_so():
    towers = (replace(TOWERS[0], mast_height_m=None),)
    home = judged(house("near", 80.0, 3.0), towers=towers)["near"]
    assert (home.site, home.second_choice) == (None, None)
    assert str(home.reason) == "This plan has no tower yet."
    assert judged(towers=TOWERS) == {}


def test_a_server_without_a_mast_is_named():
    towers = (TOWERS[0], replace(TOWERS[1], mast_height_m=None))
    home = judged(house("near", 80.0, 3.0, "B"), towers=towers)["near"]
    assert (home.server, home.site, home.served) == ("B", "A", False)
    assert str(home.reason).startswith("Its tower B has no mast in this plan. The path is clear")


def test_only_a_sector_that_points_at_a_home_serves_it():
    north = replace(TOWERS[0], sectors=(Sector("s1", KIT, 0.0),))
    homes = judged(house("north", 20.0, 3.0, "A"), house("south", 180.0, 3.0, "A"), towers=(north,))
    assert homes["north"].served
    assert not homes["south"].served
    assert str(homes["south"].reason).startswith("No sector of Ash points at South. ")
    assert homes["south"].level_dbm < homes["north"].level_dbm - 10.0
    both = replace(north, sectors=(*north.sectors, Sector("s2", KIT, 180.0)))
    assert judged(house("south", 180.0, 3.0, "A"), towers=(both,))["south"].served
    # Of two towers the one with a sector towards the home goes first, though its signal is weaker.
    two = judged(house("mid", 90.0, 5.0), towers=(north, TOWERS[1]))["mid"]
    assert (two.site, two.second_choice) == ("B", "A")


def test_each_sector_has_its_own_height():
    low = replace(TOWERS[0], sectors=(Sector("s1", KIT, 0.0), Sector("s2", KIT, 180.0, height_m=3.0)))
    homes = judged(house("north", 0.0, 6.0, "A"), house("south", 180.0, 6.0, "A"), towers=(low,))
    assert homes["north"].verdict is Verdict.LIKELY
    assert homes["south"].verdict is not Verdict.LIKELY
    assert homes["south"].height_needed_m > homes["north"].height_needed_m + 3.0


def test_a_higher_roof_sees_further():
    roof, pole = (judged(house("far", 180.0, 9.2, "A", antenna_height_m=height))["far"] for height in (None, 12.0))
    assert (roof.verdict, pole.verdict) == (Verdict.CHECK_ON_SITE, Verdict.LIKELY)
    assert roof.height_needed_m == pytest.approx(pole.height_needed_m, abs=0.01)
    assert 5.0 < roof.height_needed_m < 12.0


def test_where_the_ground_is_not_known_nothing_is_said():
    away = Site("X", "Away", 10.0, 10.0, mast_height_m=12.0)
    home = Household("lost", "Lost", 10.0, 10.02, server="X")
    found = judged(home, house("near", 80.0, 3.0, "A"), towers=(*TOWERS, away))
    assert found["lost"].verdict is Verdict.NO_DATA
    assert not found["lost"].served
    assert (found["lost"].level_dbm, found["lost"].rate_down_mbps, found["lost"].height_needed_m) == (None, None, None)
    assert "Terrain is missing" in str(found["lost"].reason)
    assert found["near"].served


def test_the_same_question_has_the_same_answer():
    homes = house("near", 80.0, 3.0, "A"), house("far", 180.0, 6.5)
    assert judged(*homes) == judged(*homes)
    assert judged(*homes)["near"] != judged(*homes)["far"]


def test_reasons_have_numbers_of_their_own():
    assert [int(why) for why in Why] == list(range(15))
    assert [int(standing) for standing in Standing] == [0, 1, 2, 3]


def test_homes_come_in_the_order_of_their_ids():
    plan = plan_of(*(house(key, 80.0, 2.0) for key in ("c", "a", "b")))
    assert [one.home for one in service(Study(plan, GROUND, SHELF))] == ["a", "b", "c"]

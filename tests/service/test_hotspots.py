"""Who reaches the network with a phone, by a way of its own: Vincenty's inverse, a budget by hand; and the rules."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from coverage_slow import p526_db
from small_network import flat_ground, small_network

from cn_planner.geo import destination
from cn_planner.links.radio import radio_end
from cn_planner.model import edits
from cn_planner.model.phones import Phones
from cn_planner.model.plan import Choice, Household, PlaceKind, PublicPlace, Rules, Site
from cn_planner.service.hotspots import Hotspot, HowReached, hotspots_of, people_reached, phone_end, ways_on_foot
from cn_planner.service.joined import as_it_works
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SCHOOL = (-1.46, 36.52)


def vincenty_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Vincenty (1975), inverse, WGS 84."""
    a, f = 6_378_137.0, 1 / 298.257223563
    b = a * (1 - f)
    u1, u2 = (math.atan((1 - f) * math.tan(math.radians(v))) for v in (lat1, lat2))
    lam = first = math.radians(lon2 - lon1)
    for _ in range(100):
        sin_s = math.hypot(math.cos(u2) * math.sin(lam),
                           math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam))  # fmt: skip
        if sin_s == 0.0:
            return 0.0
        cos_s = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
        sigma = math.atan2(sin_s, cos_s)
        sin_a = math.cos(u1) * math.cos(u2) * math.sin(lam) / sin_s
        cos2_a = 1 - sin_a**2
        cos_2m = cos_s - 2 * math.sin(u1) * math.sin(u2) / cos2_a if cos2_a else 0.0
        c = f / 16 * cos2_a * (4 + f * (4 - 3 * cos2_a))
        before, lam = lam, first + (1 - c) * f * sin_a * (
            sigma + c * sin_s * (cos_2m + c * cos_s * (2 * cos_2m**2 - 1)))  # fmt: skip
        if abs(lam - before) < 1e-12:
            break
    u_2 = cos2_a * (a**2 - b**2) / b**2
    big_a = 1 + u_2 / 16384 * (4096 + u_2 * (-768 + u_2 * (320 - 175 * u_2)))
    big_b = u_2 / 1024 * (256 + u_2 * (-128 + u_2 * (74 - 47 * u_2)))
    delta = big_b * sin_s * (cos_2m + big_b / 4 * (cos_s * (2 * cos_2m**2 - 1)
            - big_b / 6 * cos_2m * (4 * sin_s**2 - 3) * (4 * cos_2m**2 - 3)))  # fmt: skip
    return b * big_a * (sigma - delta)


def _ring(count: int, metres: float, prefix: str, **more: object) -> list[Household]:
    places = [destination(*SCHOOL, 360.0 * n / count, metres) for n in range(count)]
    return [Household(f"{prefix}{n}", "", *place, **more) for n, place in enumerate(places)]


@pytest.fixture(scope="module")
def study() -> Study:
    plan = small_network()
    things = [
        PublicPlace("school", "School", *SCHOOL, PlaceKind.SCHOOL, people=30.0, server="A"),
        PublicPlace("well", "Well", -1.70, 36.45, PlaceKind.WATER, people=9.0),
        *_ring(5, 900.0, "near", people=5.0),
        *_ring(4, 1_090.0, "edge", weight=2.0),
        *_ring(3, 4_000.0, "far"),
    ]
    return Study(edits.put(plan, things).plan, flat_ground(), load_catalogue())


def test_each_person_counts_once_and_a_hotspot_has_all_within_the_walk(study):
    plan, found = study.plan, people_reached(study)
    assert [one.hotspot.id for one in found.hotspots] == ["school"], "what nothing connects is no hotspot"
    all_people = at_home = on_foot = by_hotspot = 0.0
    for home in plan.households.values():
        lives = home.people if home.people is not None else 4.0 * home.weight
        walks = vincenty_m(home.latitude, home.longitude, *SCHOOL) <= 1_100.0
        all_people += lives
        by_hotspot += lives * walks
        if home.server is not None:
            at_home += lives
        elif walks:
            on_foot += lives
    by_hotspot += 30.0  # those who are at the school itself
    on_foot += 30.0
    all_people += 39.0
    assert found.hotspots[0].people == by_hotspot > 60.0
    assert found.count(HowReached.AT_HOME) == at_home
    assert found.count(HowReached.ON_FOOT) == on_foot
    assert found.count(HowReached.LEFT_OUT) == all_people - at_home - on_foot
    assert found.homes(plan, HowReached.ON_FOOT) == 5.0 + 8.0
    assert found.hotspots[0].not_at_home == on_foot, "only this hotspot there is"
    number = found.ids.index("near0")
    assert found.walk_m[number] == pytest.approx(900.0, abs=0.01)
    assert found.by[number] == 0


def test_a_phone_that_works_where_people_live_needs_no_walk(study):
    plan = replace(study.plan, phones=Phones(walk_m=0.0))
    strong = replace(plan, phones=Phones(walk_m=0.0, phone_dbm=30.0, phone_height_m=10.0))
    weak, more = (people_reached(replace(study, plan=one)) for one in (plan, strong))
    assert more.count(HowReached.ON_FOOT) > weak.count(HowReached.ON_FOOT)
    assert more.hotspots[0].radius_m > 900.0 > weak.hotspots[0].radius_m > 0.0


def test_the_phone_is_the_weaker_end_and_the_radius_is_where_its_margin_ends(study):
    """On flat ground all ways are alike: just within the radius the hand-made budget of the way back has its margin."""
    plan, catalogue = study.plan, study.catalogue
    kit = catalogue.kit(plan.kits.hotspot)
    phone = phone_end(plan, radio_end(catalogue, kit))
    assert (phone.modes[0].tx_power_dbm, phone.cable_loss_db, phone.antenna_gain_dbi) == (15.0, 4.0, 0.0)
    hotspot = Hotspot("x", "x", *SCHOOL, 6.0, on_tower=False)
    (radius,) = ways_on_foot(study, (hotspot,)).radius_m
    radio, antenna = catalogue.radios[kit.radio], catalogue.antennas[kit.antenna]
    hears = min(one.sensitivity_dbm for one in radio.modes_at(kit.width_mhz, kit.freq_mhz))
    most_loss = 15.0 - 4.0 + antenna.gain_dbi - hears - plan.rules.access_margin_db
    free = 32.45 + 20.0 * math.log10(kit.freq_mhz) + 20.0 * math.log10(radius / 1000.0)
    assert free < most_loss, "what free space forbids no ground allows"
    # Where the loss over a plain, by a slow way of its own, has used it up: between its middles the antenna gives less.
    away = np.linspace(0.0, radius, 400)
    loss = p526_db(away, np.zeros(400), np.zeros(400), 6.0, plan.phones.phone_height_m, kit.freq_mhz)
    assert most_loss - 3.0 < loss < most_loss


def test_trees_that_are_assumed_stop_a_phone_and_no_walker(study):
    wooded = replace(study, plan=replace(study.plan, area=replace(study.plan.area, canopy_m=10.0)))
    assert people_reached(wooded).hotspots == (), "its tower is behind them, too"
    bare, woods = people_reached(study, down=()), people_reached(wooded, down=())
    assert woods.hotspots[0].radius_m < bare.hotspots[0].radius_m
    assert woods.count(HowReached.ON_FOOT) == bare.count(HowReached.ON_FOOT)


def test_a_hotspot_without_terrain_reaches_by_the_walk_and_its_radius_is_not_known(study):
    moved = edits.put(study.plan, [replace(study.plan.places["school"], latitude=5.0, longitude=5.0)]).plan
    found = people_reached(replace(study, plan=moved))
    assert math.isnan(found.hotspots[0].radius_m)
    assert found.hotspots[0].people == 30.0


def test_a_tower_with_one_and_rules_without(study):
    tower = replace(study.plan.sites["B"], hotspot=True)
    with_tower = edits.put(study.plan, [tower]).plan
    assert [(one.id, one.on_tower, one.height_m) for one in hotspots_of(with_tower)] == [
        ("school", False, study.plan.demand.antenna_height_m), ("B", True, 6.0)]  # fmt: skip
    cut_off = edits.put(with_tower, [Site("Z", "Alone", -1.3, 36.6, mast_height_m=6.0, hotspot=True)]).plan
    assert [one.id for one in hotspots_of(cut_off)] == ["school", "B"], "what hangs on no gateway is none"
    links = list(with_tower.links)
    assert "B" not in [one.id for one in hotspots_of(as_it_works(with_tower, links))], (
        "nor what hangs on one that nothing reaches"
    )
    off = replace(with_tower, rules=Rules(hotspots=False))
    assert hotspots_of(off) == ()
    assert people_reached(replace(study, plan=off)).count(HowReached.ON_FOOT) == 30.0, "at a place that is connected"
    without = edits.remove(with_tower, "places", list(with_tower.places)).plan
    assert hotspots_of(without) == (), "off unless there are places"
    kept = edits.put(without, [replace(tower, hotspot_choice=Choice.LOCKED)]).plan
    assert [one.id for one in hotspots_of(kept)] == ["B"], "or somebody keeps one on a tower"
    assert hotspots_of(replace(kept, rules=Rules(hotspots=False))) == ()


def test_who_is_connected_may_be_said(study):
    found = people_reached(study, connected=())
    assert found.count(HowReached.AT_HOME) == 0.0
    assert not np.any(found.how == HowReached.AT_HOME)

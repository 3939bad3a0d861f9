"""Public places in the planner: what must be connected is, others by their people, homes as many as the rule says."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.economics.whole_price import whole_price
from cn_planner.geo import destination
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.clients import client_of, clients, demand_of, wanted_mbps, with_clients, without_clients
from cn_planner.model.evidence import Evidence, Seen
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import (
    Area,
    Household,
    Info,
    PlaceKind,
    Plan,
    PublicPlace,
    Rules,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.planning.design import design_of
from cn_planner.planning.left_out_told import told_left
from cn_planner.planning.phases import only
from cn_planner.planning.places_apart import told_apart
from cn_planner.planning.problem import build_problem
from cn_planner.planning.public_places import planned_for, share_of_all
from cn_planner.planning.result import still_proven
from cn_planner.planning.shortfall import PlacesBeside, ShortOfHomes
from cn_planner.planning.tower_hotspots import choose_greedily, with_hotspots
from cn_planner.planning.tradeoff import tradeoff
from cn_planner.service.hotspots import HowReached, people_reached
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

G, A = (-1.50, 36.50), (-1.45, 36.55)
FAR_FROM_ALL = (-1.32, 36.66)


def _round(middle: tuple[float, float], count: int, metres: float, prefix: str) -> list[Household]:
    places = [destination(*middle, 360.0 * n / count, metres) for n in range(count)]
    return [Household(f"{prefix}{n}", "", *place) for n, place in enumerate(places)]


def _plan(*places: PublicPlace, **rules: object) -> Plan:
    sites = [
        Site("G", "Town", *G, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0)),
        Site("A", "Ash hill", *A),
    ]
    homes = [*_round(G, 6, 500.0, "g"), *_round(A, 4, 600.0, "a")]
    # Nobody is served from the other tower, 7.8 km away.
    plan = Plan(info=Info(name="Small"), area=Area(canopy_m=0.0), rules=Rules(**{"max_access_km": 6.0, **rules}))
    return edits.put(plan, [*sites, *homes, *places]).plan


def _planned(plan: Plan, cover: float | None = None, budget: float | None = None):
    study = Study(planned_for(plan), flat_ground(), load_catalogue())
    problem = build_problem(study, cover=cover)
    return told_apart(design_of(problem, budget=budget), problem), study


SCHOOL = PublicPlace("s", "School", *destination(*A, 45.0, 700.0), PlaceKind.SCHOOL, people=20.0, must=True)
WELL = PublicPlace("w", "Well", *destination(*A, 200.0, 300.0), PlaceKind.WATER, people=32.0)
EMPTY = PublicPlace("e", "Crossing", *destination(*G, 90.0, 400.0), PlaceKind.JUNCTION)


def test_what_must_be_connected_is_and_homes_are_counted_without_it():
    without, _ = _planned(_plan(), cover=0.6)
    found, _ = _planned(_plan(SCHOOL, hotspots=False), cover=0.6)
    assert without.served == 6.0, "the town's homes are enough where no school has to be reached"
    assert [site.id for site in without.sites] == ["G"]
    plan = found.edit.plan
    assert plan.places["s"].server == "A"
    assert set(plan.households) == set(_plan().households)
    assert (found.households, found.coverable) == (10.0, 10.0)
    assert found.served >= 6.0
    assert found.served == sum(home.server is not None for home in plan.households.values())
    assert ("A", "s", "access") in {(link.from_id, link.to_id, link.kind) for link in found.links}
    assert sum(site.homes for site in found.sites) == found.served
    assert plan.outcome.served == found.served
    catalogue = load_catalogue()
    assert found.capex == capital(plan, catalogue).total.total
    assert still_proven(plan, found.capex) is not None, "the bound stands in the plan that is stored"
    assert 0.0 < found.lower_bound <= found.capex


def test_a_school_takes_what_it_asks_for():
    """It counts as one, and takes its own: what was said of it, else of its kind, else as one home; all of today."""
    asked = replace(_plan().demand, school_mbps=20.0)
    for school, demand, mbps in (
        (replace(SCHOOL, busy_mbps=60.0), asked, 60.0), (SCHOOL, asked, 20.0), (SCHOOL, _plan().demand, 0.5),
    ):  # fmt: skip
        plan = planned_for(replace(_plan(school), demand=demand))
        client = plan.households["place:s"]
        assert client.weight == 1.0
        assert demand_of(plan, client) == mbps / (10.0 / 20.0)
        assert wanted_mbps(plan, client) == max(10.0, mbps)


def test_its_own_kit_and_hotspot_are_priced_by_hand():
    """Three radios all round (120 degrees each) with their days, beside what a home has; a tenth more cable."""
    catalogue = load_catalogue()
    found, _ = _planned(_plan(SCHOOL), cover=0.6)
    plan = found.edit.plan
    bare = replace(plan, rules=Rules(hotspots=False))
    with_one, without = (capital(one, catalogue).homes["place:s"].total for one in (plan, bare))
    goods = 0.0
    for part in catalogue.kit("hotspot-2ghz").parts:
        each = catalogue.items[part.item].price.amount * (1.1 if part.item == "outdoor-cable" else 1.0)
        goods += 3.0 * part.quantity * each
    assert with_one - without == pytest.approx((goods * 1.08 + 3 * 0.5 * 25.0) * 1.10, abs=0.03)
    home = next(home for home in plan.households.values() if home.server is not None)
    assert without == capital(plan, catalogue).homes[home.id].total
    assert whole_price(plan, catalogue).build == found.capex == capital(plan, catalogue).total.total


def test_a_place_counts_for_the_people_whom_it_alone_reaches():
    """32 people at the well are eight homes; three homes that nobody sees, within its walk, are three more."""
    hidden = [Household(f"x{n}", "", *destination(*FAR_FROM_ALL, 120.0 * n, 300.0)) for n in range(3)]
    spring = replace(WELL, id="spring", people=None, latitude=FAR_FROM_ALL[0], longitude=FAR_FROM_ALL[1])
    plan = edits.put(_plan(WELL, spring, EMPTY, max_access_km=2.0), hidden).plan
    problem = build_problem(Study(planned_for(plan), flat_ground(), load_catalogue()))
    weight = {home.id: home.weight for home in problem.homes if home.id.startswith("place:")}
    assert weight == {"place:w": 8.0, "place:spring": 3.0, "place:e": 0.0}


def test_more_is_asked_for_than_homes_and_never_fewer_homes():
    found, _ = _planned(_plan(WELL), cover=0.6)
    assert found.edit.plan.places["w"].server is not None
    assert found.served >= 6.0
    homes = [Household("h", "", 0.0, 0.0), Household("place:w", "", 0.0, 0.0, weight=8.0)]
    assert share_of_all(_plan(WELL), homes, [True, True], 0.5) == pytest.approx(8.5 / 9.0)
    assert share_of_all(_plan(WELL), homes, [True, False], 0.5) == 0.5
    dear, _ = _planned(_plan(replace(WELL, people=0.0)), cover=0.6)
    assert dear.edit.plan.places["w"].server is None, "who reaches nobody is not paid for"


@pytest.mark.parametrize("carried", [3.0, 6.0, 9.0])
def test_who_is_lacking_is_said_of_homes_alone(carried: float):
    """The well is one client and counts as eight homes: of 10 homes asked for one less than is carried is reached."""
    plan = _plan(WELL)
    gate = replace(plan.sites["G"], uplink=Uplink("fibre", plan.demand.busy_hour_mbps * carried, 90.0))
    study = Study(planned_for(edits.put(plan, [gate]).plan), flat_ground(), load_catalogue())
    problem = build_problem(study, cover=1.0)
    found = told_apart(told_left(design_of(problem), problem.network.goal), problem)
    assert found.served == carried - 1.0
    assert (found.shortfall.goal, found.shortfall.most) == (10.0, found.served)
    told = f"10 homes were asked for; {found.served:g} are the most for which a plan was found."
    assert str(found.reason).startswith(told)
    # Of the connection, too, nothing is said that counts the well's people as homes.
    said = [str(found.reason), *map(str, found.notes)]
    counts = {float(n) for one in said for n in re.findall(r"(\d+(?:\.\d+)?) (?:homes|are to be reached)", one)}
    assert counts <= {10.0, carried, found.served}
    short = [one for one in found.unserved if one.kind.short]
    assert len(short) == 10.0 - found.served
    assert all(str(one.reason).startswith(told) for one in short)


def test_where_places_alone_are_lacking_nobody_is_said_to_be():
    places, home = PlacesBeside(asked=8.0, reached=0.0, served=6.0), msg("Links carry no more.")
    short = ShortOfHomes(UnservedKind.SHORT_LINKS, 14.0, 6.0, home)
    assert places.shortfall(short) is None
    assert places.said(short.words(6.0)) == home
    assert places.said(short._replace(why=None).disturbed(6.0)) is None
    little = msg("The connections carry {carried:g} homes; {goal:g} are to be reached.", carried=7.0, goal=14.0)
    assert places.said(little) is None
    assert str(places.said(replace(little, values=(("carried", 5.0), ("goal", 14.0))))).endswith("6 are to be reached.")
    more = short._replace(goal=15.0)
    assert str(places.said(more.disturbed(6.0))).startswith("7 homes were asked for; 6 are")
    other = msg("{served:g} of {homes:g} homes", served=6.0, homes=9.0)
    assert places.said(other) == other, "it counts something else"


def test_a_budget_buys_people_and_its_bound_is_one_of_homes():
    free, _ = _planned(_plan(WELL), cover=1.0)
    found, _ = _planned(_plan(WELL), budget=free.capex * 0.8)
    assert found.capex <= free.capex * 0.8 + 0.005
    assert found.served <= 10.0
    assert found.homes_upper_bound >= found.served
    assert {row["id"] for row in found.as_dict()["unserved"]} <= set(_plan().households)
    rich, _ = _planned(_plan(WELL), budget=free.capex * 1.2)
    assert (rich.served, rich.homes_upper_bound, rich.gap, rich.status) == (10.0, 10.0, 0.0, "optimal")


def test_a_place_that_must_be_and_cannot_is_named():
    away = replace(SCHOOL, latitude=-1.25, longitude=36.75)
    found, _ = _planned(_plan(away, max_access_km=2.0))
    assert "Public places that must be connected and are not: School." in [str(note) for note in found.notes]
    assert not [note for note in found.notes if "place:" in str(note)]


@pytest.mark.parametrize(
    ("busy_mbps", "away_m", "why"),
    [
        (
            900.0,
            700.0,
            "School: It should get 900 Mbit/s; these radios give 101 Mbit/s at most, however near.",
        ),
        (900.0, 30_000.0, "School: No allowed site is within 6 km."),
        (4.0, 30_000.0, "School: No allowed site is within 6 km."),
    ],
)
def test_why_a_place_that_must_be_connected_is_not_stands_beside_it(busy_mbps, away_m, why):
    """The fastest mode of these radios at 20 MHz and two streams gives 130 Mbit/s on the air, 0.78 of it over IP."""
    latitude, longitude = destination(*A, 45.0, away_m)
    place = replace(SCHOOL, latitude=latitude, longitude=longitude, busy_mbps=busy_mbps)
    found, _ = _planned(_plan(place))
    notes = [str(note) for note in found.notes]
    assert notes[notes.index("Public places that must be connected and are not: School.") + 1] == why
    # What it can have it gets, and nothing is said of it.
    if away_m < 1000.0:
        fine, _ = _planned(_plan(replace(place, busy_mbps=60.0)))
        assert not [note for note in map(str, fine.notes) if "School" in note]


def test_hotspots_of_towers_come_where_they_bring_people_for_their_money():
    """Twelve homes on foot of the tower that no antenna serves: the plan's own rule leaves them out."""
    left = _round(A, 12, 1000.0, "out")
    plan = edits.put(_plan(EMPTY), left).plan
    found, study = _planned(plan, cover=1.0)
    gone = [replace(home, server=None) for key, home in found.edit.plan.households.items() if key.startswith("out")]
    alone = replace(found, edit=replace(found.edit, plan=edits.put(found.edit.plan, gone).plan))
    more = with_hotspots(alone, study, None)
    made = more.edit.plan
    assert [key for key, site in made.sites.items() if site.hotspot] == ["A"]
    assert dict(more.hotspots)["A"] >= 48.0
    assert more.as_dict()["hotspots"] == [{"id": key, "people": people} for key, people in more.hotspots]
    assert more.capex == capital(made, study.catalogue).total.total > alone.capex - 2000.0
    assert whole_price(made, study.catalogue).build == more.capex
    reached = people_reached(replace(study, plan=made))
    assert reached.count(HowReached.ON_FOOT) >= 48.0
    assert "its bound does not know them" in str(more.notes[-1])
    kept = with_hotspots(alone, study, capital(alone.edit.plan, study.catalogue).total.total + 1.0)
    assert not any(site.hotspot for site in kept.edit.plan.sites.values()), "no money is left for one"
    there = alone.edit.plan
    look = [
        Evidence(one.id, one.from_site, one.to_site, Seen.HIDDEN, date="2026-12-01")
        for one in there.standing_links.values()
        if "A" in (one.from_site, one.to_site)
    ]
    assert look
    hidden = with_hotspots(replace(alone, edit=replace(alone.edit, plan=edits.put(there, look).plan)), study, None)
    assert not hidden.edit.plan.sites["A"].hotspot, "nothing gets through to it"


def _by_hand(gets, people, costs, dearest, money):
    """Take again and again what reaches most for its money, of what can be paid no dearer a person than asked."""
    taken, reached = [], set()
    while True:
        worth = []
        for n, cost in enumerate(costs):
            gain = sum(people[m] for m, there in enumerate(gets[n]) if there and m not in reached)
            if (
                n not in taken
                and gain > 0.0
                and cost <= dearest * gain
                and cost <= money - sum(costs[k] for k in taken)
            ):
                worth.append((-gain / cost, n))
        if not worth:
            return taken
        taken.append(min(worth)[1])
        reached |= {m for m, there in enumerate(gets[taken[-1]]) if there}


def test_greedy_and_its_bound_against_every_choice():
    random = np.random.default_rng(7)
    for _ in range(30):
        gets = random.random((5, 9)) < 0.35
        people, costs = random.integers(0, 9, 9).astype(float), random.integers(5, 20, 5).astype(float)
        taken, most = choose_greedily(gets, people, costs, 4.0, 30.0)
        assert taken == _by_hand(gets.tolist(), people.tolist(), costs.tolist(), 4.0, 30.0)
        best = 0.0
        for choice in range(2**5):
            some = [n for n in range(5) if choice >> n & 1]
            if len(some) <= len(taken):
                best = max(best, people[gets[some].any(axis=0)].sum() if some else 0.0)
        assert best <= most + 1e-9


def test_connected_places_stand_among_the_clients():
    plan = edits.put(_plan(), [replace(SCHOOL, server="A")]).plan
    assert set(clients(plan)) == {*plan.households, "place:s"}
    assert clients(_plan(SCHOOL)) == _plan(SCHOOL).households


def test_a_curve_has_the_places_in_every_plan_and_counts_homes():
    study = Study(_plan(SCHOOL, hotspots=False), flat_ground(), load_catalogue())
    curve = tradeoff(study, points=2)
    assert curve.coverable == 10.0
    assert curve.points[-1].served == 10.0
    for point in curve.points:
        assert point.design.edit.plan.places["s"].server is not None
        assert set(point.design.edit.plan.households) == set(study.plan.households)
    first, last = (only(curve.points[-1].design.edit.plan, towers) for towers in (["G"], ["G", "A"]))
    assert first.places["s"].server is None
    assert last.places["s"].server == "A"


def test_the_kit_that_the_planner_gives_a_place_is_kept_with_it():
    inner = with_clients(_plan(SCHOOL), [SCHOOL])
    given = replace(inner.households["place:s"], server="A", client_kit="far-home-5ghz")
    own = without_clients(edits.put(inner, [given]).plan)
    assert (own.places["s"].server, own.places["s"].client_kit) == ("A", "far-home-5ghz")
    assert client_of(own.places["s"]) == given
    assert "place:s" not in own.households

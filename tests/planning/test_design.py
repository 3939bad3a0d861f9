"""The planner on the sample valley: what it writes into the plan is what it says, and what anyone can recompute."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from small_network import flat_ground, small_network

from cn_planner.area.sample import make_sample
from cn_planner.economics.costs import UnitCosts, capital, quantities
from cn_planner.economics.least_costs import LeastCosts
from cn_planner.economics.prices import Cost
from cn_planner.economics.tower_steps import TowerSteps
from cn_planner.errors import CancelledError, InputError, MissingTerrainError
from cn_planner.geo import geodesic
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.model import edits
from cn_planner.model.checks import Severity, problems
from cn_planner.model.items import Items
from cn_planner.model.plan import Choice, Household, Link, Plan, PlanStatus, Priority, Site, SiteRole, Status, Zone
from cn_planner.planning.design import design, design_of
from cn_planner.planning.explain import UnservedKind
from cn_planner.planning.link_rows import least_upwards, link_rows, upwards
from cn_planner.planning.loads import Load, loads
from cn_planner.planning.narrower import near_where_enough, with_carries
from cn_planner.planning.problem import (
    build_problem,
    serve_rows,
    serves,
)
from cn_planner.planning.result import basis_of
from cn_planner.planning.sector_homes import most_sector_homes
from cn_planner.planning.sturdier import sturdier
from cn_planner.progress import CancelToken, Run
from cn_planner.solver.instance import Solution, SolutionSite, SolutionStatus, StoppedBy
from cn_planner.solver.network import network_of
from cn_planner.solver.sectors import beams
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile


@pytest.fixture(scope="module")
def valley(sample_ground):
    return *sample_ground, load_catalogue()


@pytest.fixture
def made(designed):
    return designed


@pytest.fixture(scope="module")
def few(valley):
    """The valley with half of its homes, in all of its hamlets: for what takes a search of its own."""
    plan, surface, catalogue = valley
    half = Items(home for n, home in enumerate(plan.households.values()) if n % 2 == 0)
    return replace(plan, households=half), surface, catalogue


@pytest.fixture(scope="module")
def made_few(few):
    return design(Study(*few))


def _hops(plan: Plan, site: str) -> int | None:
    near: dict[str, set[str]] = {}
    for link in plan.links.values():
        near.setdefault(link.from_site, set()).add(link.to_site)
        near.setdefault(link.to_site, set()).add(link.from_site)
    front, seen, hops = {site}, {site}, 0
    while front:
        if any(plan.sites[s].role is SiteRole.GATEWAY for s in front):
            return hops
        front = {n for s in front for n in near.get(s, ())} - seen
        seen |= front
        hops += 1
    return None


def test_the_plan_keeps_every_rule_when_recomputed_link_by_link(valley, made):
    """Assembly and donor can trust the plan: each home and each tower works by the link budget of the command line."""
    _, surface, catalogue = valley
    plan = made.edit.plan
    rules = plan.rules
    access, client = radio_end(catalogue, plan.kits.access), radio_end(catalogue, plan.kits.client)
    back = radio_end(catalogue, plan.kits.backhaul)
    conditions = conditions_of(plan)
    airtime: dict[tuple[str, str], float] = {}
    for home in plan.households.values():
        if home.server is None:
            continue
        site = plan.sites[home.server]
        profile = _profile(plan, surface, site, home)
        budget = link_budget(
            profile,
            site.mast_height_m,
            home.antenna_height_m or plan.demand.antenna_height_m,
            access,
            client,
            catalogue.kit(plan.kits.access).freq_mhz,
            conditions=conditions,
            rules=rules,
        )
        assert budget.verdict is Verdict.LIKELY
        assert budget.fade_margin_db >= rules.access_margin_db
        assert budget.rate_down_mbps >= plan.demand.mbps_per_home
        width = catalogue.antennas[catalogue.kit(plan.kits.access).antenna].serves_deg
        off = [abs((s.azimuth_deg - profile.azimuth_deg + 180) % 360 - 180) for s in site.sectors]
        nearest = int(np.argmin(off))
        assert off[nearest] <= width / 2 + 0.1
        share = plan.demand.busy_hour_mbps * home.weight / budget.rate_down_mbps
        airtime[site.id, "all"] = airtime.get((site.id, "all"), 0.0) + share
    for (site_id, _), used in airtime.items():
        assert used <= len(plan.sites[site_id].sectors) + 1e-9
    for link in plan.links.values():
        a, b = plan.sites[link.from_site], plan.sites[link.to_site]
        budget = link_budget(
            _profile(plan, surface, a, b),
            a.mast_height_m,
            b.mast_height_m,
            back,
            back,
            catalogue.kit(plan.kits.backhaul).freq_mhz,
            conditions=conditions,
            rules=rules,
            rate_margin_db=rules.backhaul_margin_db,
        )
        assert budget.verdict is Verdict.LIKELY
        assert budget.fade_margin_db >= rules.backhaul_margin_db
        assert budget.distance_m <= (rules.max_backhaul_km or math.inf) * 1000
    for site in plan.sites.values():
        if site.in_network:
            assert site.mast_height_m <= site.max_height_m
            assert len(site.sectors) <= rules.max_sectors
            hops = _hops(plan, site.id)
            assert hops is not None
            assert hops <= rules.max_hops
    served = sum(h.weight for h in plan.households.values() if h.server is not None)
    assert served == made.served >= rules.cover * made.coverable
    assert not [p for p in problems(plan) if p.severity is Severity.ERROR and "terrain" not in str(p.what)]


def _profile(plan, surface, a, b):
    return path_profile(
        surface,
        (a.latitude, a.longitude),
        (b.latitude, b.longitude),
        canopy_m=plan.area.assumed_canopy_m,
        keep_out_m=plan.area.canopy_keep_out_m,
    )


def test_cost_and_bound_are_those_of_the_plan(valley, made):
    plan = made.edit.plan
    whole = capital(plan, valley[2])
    assert made.capex == whole.total.total == plan.outcome.capex
    assert made.lower_bound <= made.capex
    assert made.gap == pytest.approx((made.capex - made.lower_bound) / made.capex)
    parts = sum(c.total_cents for group in (whole.sites, whole.links, whole.homes) for c in group.values())
    spares = UnitCosts(plan, valley[2]).spares(quantities(UnitCosts(plan, valley[2]))).total_cents
    training = UnitCosts(plan, valley[2]).of((), labour_days=plan.work.training_days).total_cents
    assert parts + spares + training == whole.total.total_cents
    # What the search adds up is never above what is printed: its bound holds.
    assert parts < sum(c.least_cents for group in (whole.sites, whole.links, whole.homes) for c in group.values())
    assert sum(c.share_cents for g in (whole.sites, whole.links, whole.homes) for c in g.values()) <= spares
    assert plan.outcome.basis == basis_of(plan)
    site = next(iter(plan.sites.values()))
    said = edits.put(plan, [replace(site, owner="Ana", consent="agreed", note="by the church")]).plan
    said = replace(said, info=replace(plan.info, language="ar", name="Another"))
    assert plan.outcome.basis == basis_of(said), "what changes nothing that is proven takes no proof away"
    for changed in (
        edits.put(plan, [replace(site, build_cost=site.build_cost + 1.0)]).plan,
        replace(plan, info=replace(plan.info, currency="XOF")),
    ):
        assert plan.outcome.basis != basis_of(changed)


def test_what_was_proven_of_plans_that_people_have_stays_proven():
    # The digest is of the words of the plan's classes: one that is renamed would take the bound from every plan.
    usual = {"max_access_km": 8.0, "max_backhaul_km": 25.0}  # as rules stand in those plans
    assert basis_of(replace(Plan(), rules=replace(Plan().rules, **usual))) == "297ef77a8958f33217b304adec9a013a"
    sample = make_sample().plan
    before = Items([replace(home, hamlet="") for home in sample.households.values()])  # its homes had no hamlets then
    asked = replace(sample, households=before, rules=replace(sample.rules, **usual))
    assert basis_of(asked) == "eeca392122889f3f5e960c262755e464"


def test_the_same_again_and_after_itself(few, made_few):
    """A second run on the plan that came out changes nothing: nobody's agreed plan moves by itself."""
    again = design(Study(*few))
    assert again.edit.plan == made_few.edit.plan
    assert design(Study(made_few.edit.plan, *few[1:])).edit.plan.sites == made_few.edit.plan.sites


def test_what_is_printed_has_every_key(made):
    said = made.as_dict()
    assert {
        "status",
        "households",
        "served",
        "coverable",
        "capex",
        "lower_bound",
        "gap",
        "seconds",
        "sites",
        "links",
        "unserved",
    } <= said.keys()
    assert {link["kind"] for link in said["links"]} == {"backhaul", "access"}
    assert len([link for link in said["links"] if link["kind"] == "access"]) + len(said["unserved"]) == 150


def test_every_home_left_out_has_its_reason(made):
    left = {key for key, home in made.edit.plan.households.items() if home.server is None}
    assert {home.id for home in made.unserved} == left
    for home in made.unserved:
        assert str(home.reason)
        assert home.fix is not None or home.fix_cost is None
        assert home.fix_cost is None or home.fix_cost > 0


def test_what_is_paid_whatever_is_built_is_in_the_bound():
    """Days of teaching cost the same in every plan: they are no gap."""
    found = []
    for days in (2.0, 12.0):
        plan = small_network()
        plan = replace(plan, links=Items(), work=replace(plan.work, training_days=days))
        found.append(design(Study(plan, flat_ground(), load_catalogue()), cover=1.0))
    less, more = found
    assert more.capex > less.capex
    assert more.lower_bound - less.lower_bound == pytest.approx(more.capex - less.capex, abs=0.02)


def test_a_budget_is_kept_to_the_cent_and_more_money_reaches_no_fewer(valley):
    plan, surface, catalogue = valley
    small, large = (design(Study(plan, surface, catalogue), budget=money) for money in (15_000.0, 40_000.0))
    for one, money in ((small, 15_000.0), (large, 40_000.0)):
        assert capital(one.edit.plan, catalogue).total.total == one.capex <= money
        assert one.served <= one.homes_upper_bound
    assert small.served <= large.served
    nothing = design(Study(plan, surface, catalogue), budget=1.0)
    assert (nothing.status, nothing.edit) == ("infeasible", None)
    assert "gateway" in str(nothing.reason)


def test_a_structure_that_stands_and_is_not_used_costs_nothing(few, made_few):
    """Else a budget would be broken by what the plan does not touch."""
    plan, surface, catalogue = few
    spare = next(key for key in plan.sites if key not in {site.id for site in made_few.sites})
    stands = replace(plan.sites[spare], role=SiteRole.EXISTING, mast_height_m=6.0, max_height_m=6.0)
    beside = edits.put(plan, [stands]).plan
    assert capital(edits.put(made_few.edit.plan, [stands]).plan, catalogue).total.total == made_few.capex
    again = design(Study(beside, surface, catalogue))
    assert spare not in {site.id for site in again.sites}
    # Neither search need find the cheapest: the bound of the other holds each, for what stands takes nothing away.
    assert again.lower_bound <= made_few.capex
    assert made_few.lower_bound <= again.capex
    budget = 0.6 * made_few.capex
    assert design(Study(beside, surface, catalogue), budget=budget).capex <= budget


def test_a_plan_that_serves_less_than_was_asked_for_is_not_called_the_best(few, made_few):
    """With one sector a mast not all homes can be pointed at: the cost of fewer homes is no proof."""
    plan, surface, catalogue = few
    most = sorted(made_few.sites, key=lambda site: (site.role != "gateway", -site.homes))[:3]
    few = edits.remove(plan, "sites", [key for key in plan.sites if key not in {site.id for site in most}]).plan
    few = replace(few, rules=replace(few.rules, max_sectors=1))
    short = design(Study(few, surface, catalogue), cover=1.0)
    assert 0 < short.served < short.coverable
    assert short.status in ("infeasible", "feasible")
    assert (short.lower_bound, short.gap) == (None, None)
    assert any("pointed" in str(note) for note in short.notes) or "were asked for" in str(short.reason)


def test_what_people_decided_is_kept(few, made_few):
    plan, surface, catalogue = few
    chosen = next(s for s in made_few.sites if s.role == "candidate" and s.homes > 10)
    banned = edits.put(plan, [replace(plan.sites[chosen.id], choice=Choice.FORBIDDEN)]).plan
    without = design(Study(banned, surface, catalogue))
    assert chosen.id not in {s.id for s in without.sites}
    assert chosen.id in without.left_out
    spare = next(key for key in plan.sites if key not in {s.id for s in made_few.sites})
    locked = edits.put(plan, [replace(plan.sites[spare], choice=Choice.LOCKED, mast_height_m=18.0)]).plan
    height = {s.id: s.mast_height_m for s in design(Study(locked, surface, catalogue)).sites}
    assert height.get(spare) == 18.0


def test_locks_that_contradict_are_named(valley):
    plan, surface, catalogue = valley
    site = next(s for s in plan.sites.values() if s.role is SiteRole.CANDIDATE)
    around = Zone(
        "z",
        "Sacred grove",
        tuple(
            (site.latitude + dy, site.longitude + dx)
            for dy, dx in ((-0.01, -0.01), (-0.01, 0.01), (0.01, 0.01), (0.01, -0.01))
        ),
    )
    wrong = edits.put(plan, [replace(site, choice=Choice.LOCKED), around]).plan
    with pytest.raises(InputError, match="Sacred grove") as error:
        design(Study(wrong, surface, catalogue))
    assert error.value.where == site.id
    rejected = edits.put(plan, [replace(site, choice=Choice.LOCKED, status=Status.REJECTED)]).plan
    with pytest.raises(InputError, match="rejected"):
        design(Study(rejected, surface, catalogue))


def test_what_is_locked_or_must_be_and_is_not_in_the_plan_is_said(valley, made):
    """It was dropped without a word: a link to a place that nothing may be built on, a home that nothing reaches."""
    plan, surface, catalogue = valley
    link = next(one for one in made.links if one.kind == "backhaul" and one.to_id != "G01")
    home = next(iter(one.id for one in made.unserved if one.fix_cost is None))
    asked = edits.put(
        plan,
        [
            Link("kept", link.from_id, link.to_id, plan.kits.backhaul, choice=Choice.LOCKED),
            replace(plan.sites[link.to_id], choice=Choice.FORBIDDEN),
            replace(plan.households[home], priority=Priority.MUST),
        ],
    ).plan
    said = [str(note) for note in design(Study(asked, surface, catalogue)).notes]
    assert any("is locked, but the plan has no mast at" in one and link.to_id in one for one in said)
    assert f"Must be reached and are not: {home}." in said
    assert not any("is locked" in str(note) or "Must be reached" in str(note) for note in made.notes)


def test_money_that_does_not_do_for_what_is_locked_is_said_to_be_what_is_missing(few, made_few):
    plan, surface, catalogue = few
    towers = [replace(plan.sites[one.id], choice=Choice.LOCKED) for one in made_few.sites]
    found = design(Study(edits.put(plan, towers).plan, surface, catalogue), budget=0.2 * made_few.capex)
    assert found.edit is None
    assert "for this money" in str(found.reason)


def test_bad_plans_are_refused_in_words(valley):
    plan, surface, catalogue = valley
    with pytest.raises(InputError, match="homes"):
        design(Study(replace(plan, households=Items()), surface, catalogue))
    with pytest.raises(InputError, match="gateway"):
        design(
            Study(
                replace(plan, sites=Items(s for s in plan.sites.values() if s.role is not SiteRole.GATEWAY)),
                surface,
                catalogue,
            )
        )
    away = Items(replace(h, latitude=40.0) for h in plan.households.values())
    with pytest.raises(MissingTerrainError, match="home"):
        design(Study(replace(plan, households=away), surface, catalogue))
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        design(Study(plan, surface, catalogue), run=Run(cancel=token))


def test_one_home_off_the_map_and_one_at_the_mast(valley):
    """A home outside the terrain is reported, a home at the tower is served, and neither stops the plan."""
    plan, surface, catalogue = valley
    gate = next(s for s in plan.sites.values() if s.role is SiteRole.GATEWAY)
    homes = Items(
        [
            Household("at", "At the mast", gate.latitude, gate.longitude),
            Household("off", "Off", 40.0, 0.0, priority=Priority.MUST),
        ]
    )
    found = design(Study(replace(plan, households=homes), surface, catalogue))
    assert found.served == 1
    assert [home.id for home in found.unserved] == ["off"]


def test_two_sites_at_one_place_do_no_harm(few):
    plan, surface, catalogue = few
    gate = next(s for s in plan.sites.values() if s.role is SiteRole.GATEWAY)
    double = edits.put(plan, [replace(gate, id="G02", name="Twin")]).plan
    assert design(Study(double, surface, catalogue)).served > 0


def test_costs_are_whole_cents_and_rates_count(valley):
    plan, _, catalogue = valley
    site = next(iter(plan.sites.values()))
    base = UnitCosts(plan, catalogue)
    low, high = base.site(site, 6.0), base.site(site, 30.0)
    assert 0 < low.total_cents < high.total_cents
    assert base.site(site, 500.0) is None
    abroad = replace(plan, info=replace(plan.info, currency="EUR"), costs=replace(plan.costs, exchange_rate=3.0))
    dearer = UnitCosts(abroad, catalogue)
    assert dearer.sector().goods_cents == pytest.approx(3 * base.sector().goods_cents, abs=1)
    assert base.link().total_cents == 2 * base.end(plan.kits.backhaul).total_cents
    assert base.site(replace(site, status=Status.BUILT), 6.0) == Cost()
    home = Household("h", "h", 0.0, 0.0, weight=3.0)
    assert base.home(home).total_cents == 3 * base.home(replace(home, weight=1.0)).total_cents


def test_beams_hold_every_home_once_within_width_and_airtime():
    rng = np.random.default_rng(4)
    for width in (30.0, 120.0, 360.0):
        for _ in range(20):
            count = int(rng.integers(1, 30))
            azimuth, airtime = rng.uniform(0, 360, count).tolist(), rng.uniform(0.01, 0.4, count).tolist()
            found = beams(azimuth, airtime, width)
            assert sorted(h for beam in found for h in beam.homes) == list(range(count))
            for beam in found:
                assert sum(airtime[h] for h in beam.homes) <= 1 + 1e-9
                assert all(
                    abs((azimuth[h] - beam.azimuth_deg + 180) % 360 - 180) <= width / 2 + 1e-6 for h in beam.homes
                )
    assert len(beams([350.0, 10.0, 30.0], [0.1] * 3, 60.0)) == 1
    assert geodesic(0, 0, 0, 1).azimuth_deg == pytest.approx(90.0)


def test_spares_are_whole_pieces_over_the_whole_plan(made, valley):
    """Nobody can buy a tenth of a radio."""
    costs = UnitCosts(made.edit.plan, valley[2])
    needed = quantities(costs)
    pieces = [item for item in needed if not costs.by_length(item)]
    assert all(costs.spare(item, needed[item]).is_integer() for item in pieces)
    assert costs.spare("litebeam-5ac-gen2", 41.0) == 5.0 if "litebeam-5ac-gen2" in needed else pieces


@pytest.mark.parametrize(
    "aim",
    [
        *({"cover": value} for value in (float("nan"), 1.5, -0.1)),
        *({"budget": value} for value in (float("nan"), float("inf"), -1.0)),
        {"time_limit_s": float("nan")},
    ],
)
def test_an_aim_that_is_none_is_refused_before_any_work(valley, aim):
    with pytest.raises(InputError):
        design(Study(*valley), **aim)


def test_nobody_asked_for_costs_nothing(valley):
    plan, surface, catalogue = valley
    homes = [replace(home, priority=Priority.NORMAL) for home in plan.households.values()]
    nothing = design(Study(edits.put(plan, homes).plan, surface, catalogue), cover=0.0)
    assert (nothing.capex, nothing.sites, nothing.served, nothing.status) == (0.0, (), 0.0, "optimal")


def test_no_money_says_what_the_least_would_cost_and_each_home_its_own_reason(few):
    poor = design(Study(*few), budget=0.0)
    assert poor.edit is None
    assert "USD" in str(poor.reason)
    assert "cheapest gateway" in str(poor.reason)
    assert len({str(home.reason) for home in poor.unserved}) > 1
    assert not any("There is no plan" in str(home.reason) for home in poor.unserved)


def test_money_for_less_than_what_stands_is_too_little_and_no_search_that_ended_early(few):
    """A gateway whose mast stands costs the solver nothing, and still work and goods: more time finds no plan."""
    plan, surface, catalogue = few
    gateways = [
        replace(site, status=Status.BUILT, mast_height_m=site.max_height_m)
        for site in plan.sites.values()
        if site.role is SiteRole.GATEWAY
    ]
    homes = [replace(home, priority=Priority.NORMAL) for home in plan.households.values()]
    study = Study(edits.put(plan, [*gateways, *homes]).plan, surface, catalogue)
    poor = design(study, budget=0.0)
    (least,) = re.findall(r"alone costs ([\d.,]+) USD", str(poor.reason))
    cost = float(least.replace(",", ""))
    assert cost > 0.0
    for budget in (0.0, cost / 2.0, cost - 0.01):
        found = design(study, budget=budget)
        assert (found.status, found.edit, found.homes_upper_bound) == (PlanStatus.INFEASIBLE, None, 0.0)
        assert f"{cost:,.2f}" in str(found.reason)
    enough = design(study, budget=cost)
    assert (enough.status, enough.capex) == (PlanStatus.OPTIMAL, pytest.approx(cost, abs=0.005))


def test_what_is_printed_is_rounded(made):
    said = made.as_dict()
    assert isinstance(said["households"], int)
    assert isinstance(said["served"], int)
    for link in said["links"]:
        for key in ("distance_m", "rate_down_mbps", "fade_margin_db"):
            assert link[key] is None or round(link[key], 2) == link[key]


def test_homes_behind_too_many_links_are_told_so_with_what_it_takes(few):
    """Who lives behind the second ridge must not be told that a hill is in the way."""
    plan, surface, catalogue = few
    near = replace(plan, rules=replace(plan.rules, max_hops=1))
    told = [home for home in design(Study(near, surface, catalogue)).unserved if home.kind is UnservedKind.HOPS]
    assert told
    assert all("links" in str(home.reason) for home in told)
    assert all(home.fix is not None for home in told)


def test_the_bound_asks_no_more_than_the_plan_has_to_keep(valley, made):
    """Else a plan could cost less than the bound that is printed: each of its choices is in the loose instance."""
    plan, surface, catalogue = valley
    problem = build_problem(Study(plan, surface, catalogue, None))
    loose, net = problem.loose(), problem.network
    assert network_of(loose).goal == net.goal
    least = {(s, h): k for s, h, k in loose.serve.tolist()}
    allowed = np.array([[c is not None for c in site.cost] for site in loose.sites])
    for pair, height in np.argwhere(problem.access_works).tolist():
        site, home = int(problem.access.first[pair]), int(problem.access.second[pair])
        assert not allowed[site, height] or least[site, home] <= height
    ways: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for a, b, ka, kb in loose.links.tolist():
        ways.setdefault((a, b), []).append((ka, kb))
    for pair, ka, kb in np.argwhere(problem.backhaul_works).tolist():
        a, b = int(problem.backhaul.first[pair]), int(problem.backhaul.second[pair])
        if allowed[a, ka] and allowed[b, kb]:
            assert any(x <= ka and y <= kb for x, y in ways[a, b])
    for site in made.edit.plan.sites.values():
        mine = sum(h.weight for h in made.edit.plan.households.values() if h.server == site.id)
        assert mine <= len(site.sectors) * loose.sector_homes
    assert loose.sector_homes >= problem.instance.sector_homes


def test_a_home_that_only_a_low_mast_reaches_counts_in_the_bound():
    """Above a gap between two crowns the path may fail again; the plan may still hang the antenna in the gap."""
    works = np.array([[True, False, True], [True, True, False], [False, False, False]])
    kept = upwards(works, 1)
    assert kept.tolist() == [[False, False, True], [False, False, False], [False, False, False]]
    matrix = SimpleNamespace(first=np.array([0, 0, 0]), second=np.array([0, 1, 2]))
    none = np.zeros((0, 3), np.int32)
    rows = [serve_rows(matrix, good, [[6.0, 12.0, 18.0]], (6.0, 12.0, 18.0), none).tolist() for good in (works, kept)]
    assert rows == [[[0, 0, 0], [0, 1, 0]], [[0, 0, 2]]]


def test_a_sector_of_the_bound_carries_the_best_rate_a_heavy_home_and_who_lives_at_the_mast():
    homes = tuple(Household(str(n), "", 0.0, 0.0, weight=w) for n, w in enumerate((1.0, 30.0, 2.0)))
    weight = np.array([home.weight for home in homes])
    assert most_sector_homes(95.0, weight, 0.0, 2.0) == 47.0
    assert most_sector_homes(95.0, weight, 2.0, 2.0) == 49.0
    assert most_sector_homes(95.0, weight, 0.0, 5.0) == 30.0  # one home alone has a sector, whatever it asks


def test_links_that_are_kept_break_no_budget_and_cost_their_own_kit(few, made_few):
    """A locked link stands whether the cheapest tree uses it or not, and the money has to do for it."""
    plan, surface, catalogue = few
    used = {frozenset((one.from_id, one.to_id)) for one in made_few.links if one.kind == "backhaul"}
    towers = [site.id for site in made_few.sites]
    a, b = next(p for p in combinations(towers, 2) if frozenset(p) not in used)
    locked = edits.put(plan, [Link("kept", a, b, plan.kits.backhaul, choice=Choice.LOCKED)]).plan
    again = design(Study(locked, surface, catalogue))
    assert again.capex == capital(again.edit.plan, catalogue).total.total
    assert again.lower_bound <= again.capex
    for share in (0.3, 0.6):
        budget = round(share * made_few.capex, 2)
        kept = design(Study(locked, surface, catalogue), budget=budget)
        assert kept.edit is None or capital(kept.edit.plan, catalogue).total.total <= budget


@pytest.mark.parametrize("change", [{}, {"status": Status.REJECTED}, {"choice": Choice.FORBIDDEN}])
def test_a_structure_that_the_plan_does_not_use_is_no_tower_of_it(valley, made, change):
    """It would pay rent and reach homes in the report, without a radio on it."""
    plan, catalogue = made.edit.plan, valley[2]
    spare = next(key for key in plan.sites if key not in plan.used_sites)
    stands = replace(
        plan.sites[spare], role=SiteRole.EXISTING, status=Status.IDEA, mast_height_m=6.0, max_height_m=6.0, sectors=()
    )
    beside = edits.put(plan, [replace(stands, **change)]).plan
    assert beside.sites[spare].in_network
    assert beside.used_sites == plan.used_sites
    assert capital(beside, catalogue).total == capital(plan, catalogue).total
    locked = edits.put(plan, [replace(stands, choice=Choice.LOCKED)]).plan
    assert spare in locked.used_sites
    linked = edits.put(
        plan, [replace(stands, **change), Link("kept", spare, next(iter(plan.used_sites)), choice=Choice.LOCKED)]
    ).plan
    assert (spare in linked.used_sites) is ("kept" in linked.standing_links) is (not change)


@pytest.mark.parametrize("on_check", [False, True])
def test_planner_and_taller_pole_ask_the_same_of_a_path(valley, on_check):
    """Where homes to be checked on site are served, a pole that gets so far is a remedy too."""
    plan = replace(valley[0], rules=replace(valley[0].rules, serve_on_check=on_check))
    budget = SimpleNamespace(
        verdict=np.array([VERDICTS.index(v) for v in (Verdict.LIKELY, Verdict.CHECK_ON_SITE, Verdict.BLOCKED)] * 3),
        margin_db=np.repeat([plan.rules.access_margin_db, 99.0, plan.rules.access_margin_db - 0.1], 3),
        rate_down_mbps=np.repeat([plan.demand.mbps_per_home, plan.demand.mbps_per_home - 0.1, 1e3], 3),
    )
    assert serves(plan, budget).tolist() == [True, on_check, *[False] * 7]


def _busy(plan: Plan, contention: float, mbps: float) -> Plan:
    gates = [replace(one, uplink=replace(one.uplink, mbps=mbps)) for one in plan.sites.values() if one.uplink]
    return edits.put(replace(plan, demand=replace(plan.demand, contention=contention)), gates).plan


@pytest.fixture(scope="module")
def busy(valley):
    """The valley where a home takes so much at the busy hour that a link carries 62 of its homes."""
    return near_where_enough(build_problem(Study(_busy(valley[0], 4, 900), *valley[1:], None)))


def test_no_link_carries_more_than_it_can_and_the_threads_change_nothing(valley, made, busy):
    """Whoever lives behind the last ridge is not promised what the link there cannot bring."""
    one, two = (design_of(busy, run=Run(threads=threads), fixes=False) for threads in (1, 2))
    assert one.edit.plan == two.edit.plan
    mbps = {frozenset((link.from_id, link.to_id)): link.rate_down_mbps for link in one.links}
    for found, fits in ((one.edit.plan, True), (made.edit.plan, False)):
        taken = dict.fromkeys(found.sites, 0.0)
        for home in found.households.values():
            at, seen = home.server, set()
            while at is not None:
                seen.add(at)
                taken[at] += home.weight * busy.busy_mbps
                ends = [one for one in found.links.values() if at in (one.from_site, one.to_site)]
                nearer = {end for link in ends for end in (link.from_site, link.to_site)} - seen
                at = min((n for n in nearer if _hops(found, n) < _hops(found, at)), default=None)
        over = [
            link.id
            for link in found.links.values()
            if min(taken[link.from_site], taken[link.to_site])
            > mbps.get(frozenset((link.from_site, link.to_site)), 234.0)
        ]
        assert (not over) is fits
    assert one.capex >= made.capex  # other homes on other towers may do, for the same money
    assert Load("C04", "G01", 61.0, 61.0, 62.0, 234.0).full(1.0) is None
    assert "C04 to G01 is full" in str(Load("C04", "G01", 60.0, 62.0, 62.0, 234.0).full(1.0))
    assert "connection at G01 is full" in str(Load("G01", "", 61.5, 61.5, 62.0, 234.0).full(1.0))


def test_a_connection_that_is_too_small_is_named_with_what_it_carries(valley):
    problem = build_problem(Study(_busy(valley[0], 5, 150), *valley[1:], None))
    small = design_of(problem, fixes=False)
    assert (small.status, small.served, small.homes_upper_bound) == ("infeasible", 50, 50)
    assert "carry only 50 homes" in str(small.reason)
    assert sum(home.weight for home in small.edit.plan.households.values() if home.server) == 50
    assert small.gap is None is small.lower_bound
    rich = design_of(problem, budget=60_000.0, fixes=False)
    assert rich.served == rich.homes_upper_bound == 50
    assert any("reaches it. The Internet connection at G01 is full" in str(home.reason) for home in rich.unserved)


def test_the_tree_is_the_one_in_which_failures_silence_the_fewest(busy):
    """Of links that cost the same those are built that leave each tower the fewest hops."""
    endless = np.full_like(busy.backhaul_carries, np.inf)
    options = tuple(one._replace(carries=endless) for one in busy.link_options)
    free = replace(busy, backhaul_carries=endless, link_options=options)
    top = busy.instance.heights_m[-1]
    names = [site.id for site in busy.sites]
    level = len(busy.instance.heights_m) - 1
    near: dict[int, set[int]] = {n: set() for n in range(len(names))}
    for (a, b), pair in busy.link_of.items():
        if busy.backhaul_works[pair, level, level]:
            near[a].add(b)
            near[b].add(a)
    gate = next(n for n, site in enumerate(busy.instance.sites) if site.gateway)
    # As deep as the hops allow: a chain, and all others at its end.
    parent, chain = {}, [gate]
    while len(chain) < busy.instance.max_hops:
        step = min(near[chain[-1]] - set(chain))
        parent[step] = chain[-1]
        chain.append(step)
    for site in sorted(set(near[chain[-1]]) - set(chain)):
        parent[site] = chain[-1]
    built = {gate, *parent}
    deep = Solution(
        SolutionStatus.FEASIBLE, StoppedBy.DONE, 0.0, cost=1.0,
        sites=tuple(SolutionSite(names[n], top, 1) for n in sorted(built)),
        links=tuple((names[c], names[p]) for c, p in parent.items()),
        homes={home.id: names[sorted(built)[n % len(built)]] for n, home in enumerate(busy.homes)},
    )  # fmt: skip
    hung = dict(sturdier(free, deep, lambda _links: 1.0, lambda: False).links)
    assert sturdier(free, deep, lambda _links: 1.0, lambda: True).links == deep.links  # the time is over
    dear = sturdier(free, deep, lambda links: float(links != deep.links), lambda: False)
    assert dear.links == deep.links, "what costs more is not done"
    least = {gate: 0}
    front = [gate]
    for here in front:
        for other in sorted((near[here] & built) - least.keys()):
            least[other] = least[here] + 1
            front.append(other)
    for site in parent:
        hops, at = 0, names[site]
        while at in hung:
            hops, at = hops + 1, hung[at]
        assert hops == least[site]
    assert sum(row.homes for row in loads(free, replace(deep, links=tuple(hung.items())))) < sum(
        row.homes for row in loads(free, deep)
    )
    moved = next(pair for pair in hung.items() if pair not in deep.links)
    less = with_carries(free, [(*moved, 0.5)])
    assert moved not in sturdier(less, deep, lambda _links: 1.0, lambda: False).links, "it carries less on its channels"
    (row,) = [one for one in loads(less, replace(deep, links=tuple(hung.items()))) if (one.site, one.parent) == moved]
    assert row.mbps == pytest.approx(0.5 * less.sector_mbps)


def test_rows_of_links_hold_what_each_height_carries():
    """The loose rows allow whatever a height carries, the careful ones only what every greater height does too."""
    rng = np.random.default_rng(3)
    heights, allowed = (6.0, 12.0, 18.0), [[6.0, 12.0, 18.0], [6.0, 18.0]]
    sites = (Site("a", "", 0.0, 0.0), Site("b", "", 0.0, 0.0))
    matrix = SimpleNamespace(first=np.array([0]), second=np.array([1]))
    shelf = load_catalogue()
    least_of = LeastCosts(UnitCosts(Plan(sites=Items(sites)), shelf))
    costs = TowerSteps(least_of, [shelf.kit(least_of.costs.plan.kits.backhaul)], 4)
    may = [(ka, kb) for ka in range(3) for kb in (0, 2)]
    for _ in range(60):
        works = rng.random((1, 3, 3)) < 0.7
        carries = rng.choice([3.0, 8.0, np.inf], (1, 3, 3))
        links, _, most, _ = link_rows(matrix, works, carries, sites, allowed, heights, costs)
        most = np.full(len(links), np.inf) if most is None else most
        rows = [(ka, kb, flow) for (_, _, ka, kb), flow in zip(links.tolist(), most.tolist(), strict=True)]
        for ka, kb in may:
            if works[0, ka, kb]:
                assert any(x <= ka and y <= kb and flow >= carries[0, ka, kb] for x, y, flow in rows)
        both = np.zeros((1, 3, 3), np.bool_)
        both[0, :, [0, 2]] = True
        careful = upwards(upwards(works | ~both, 1), 2)
        least = least_upwards(least_upwards(np.where(both, carries, np.inf), 1), 2)
        links, _, most, _ = link_rows(matrix, careful, least, sites, allowed, heights, costs)
        for n, (_, _, x, y) in enumerate(links.tolist()):
            above = [(ka, kb) for ka, kb in may if ka >= x and kb >= y]
            assert all(works[0, ka, kb] for ka, kb in above)
            assert most is None or all(carries[0, ka, kb] >= most[n] for ka, kb in above)


def test_a_link_that_is_kept_is_planned_with_its_own_kit(few, made_few):
    """Rate, margin and price of a weaker kit on half a channel: by the link's own budget, not by the usual kit's."""
    plan, surface, catalogue = few
    first = next(iter(made_few.edit.plan.links.values()))
    kept = replace(first, kit="relay-sun-5ghz", width_mhz=20.0, choice=Choice.LOCKED)
    asked = edits.put(plan, [kept]).plan
    problem = build_problem(Study(asked, surface, catalogue, None))
    at = {site.id: n for n, site in enumerate(problem.sites)}
    pair = problem.link_of[tuple(sorted((at[kept.from_site], at[kept.to_site])))]
    kit = catalogue.kit(kept.kit).on(None, 20.0)
    end, air = radio_end(catalogue, kit), conditions_of(plan)
    a, b = (problem.sites[int(n[pair])] for n in (problem.backhaul.first, problem.backhaul.second))
    profile = path_profile(
        surface, (a.latitude, a.longitude), (b.latitude, b.longitude), canopy_m=air.canopy_m,
        keep_out_m=air.canopy_keep_out_m,
    )  # fmt: skip
    heights = problem.instance.heights_m
    for here, there in ((0, 0), (1, 2), (4, 4)):
        budget = link_budget(
            profile, heights[here], heights[there], end, end, kit.freq_mhz, conditions=air, rules=plan.rules,
            rate_margin_db=plan.rules.backhaul_margin_db,
        )  # fmt: skip
        where = pair, here, there
        assert problem.backhaul_budget.margin_db[where] == pytest.approx(budget.fade_margin_db, abs=0.01)
        assert problem.backhaul_budget.rate_down_mbps[where] == pytest.approx(budget.rate_down_mbps)
        # The usual kit on its own channel carries twice that at least, over the same ground.
        others = np.arange(len(problem.backhaul)) != pair
        assert (
            problem.backhaul_budget.rate_down_mbps[where] < 0.6 * problem.backhaul_budget.rate_down_mbps[others].max()
        )
    found = design_of(problem, fixes=False)
    assert found.edit.plan.links[kept.id] == kept
    assert found.capex == pytest.approx(capital(found.edit.plan, catalogue).total.total)

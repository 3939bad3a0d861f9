"""Sectors as arcs: what one beam can hold, the fewest beams, and the cheapest plan of small cases, by brute force.

Nothing of the search is used: sets are found by pointing a beam at each place where something changes, plans by trying
all of them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from cn_planner.solver import optimise as module
from cn_planner.solver.arcs import ArcSpan, SectorArcs, site_arcs, spans_of
from cn_planner.solver.incumbent import Known
from cn_planner.solver.instance import Instance, InstanceHome, InstanceSite
from cn_planner.solver.network import network_of
from cn_planner.solver.optimise import optimise
from cn_planner.solver.price_bound import PriceBound
from cn_planner.solver.search import Searcher

HEIGHTS = (6.0, 12.0)


def _off(a: float, b: float) -> float:
    return abs((a - b + 180.0) % 360.0 - 180.0)


def _held(azimuth, reach, middle):
    return frozenset(n for n in range(len(azimuth)) if reach[n] >= 180.0 or _off(azimuth[n], middle) <= reach[n] + 1e-7)


def _sets(azimuth, reach):
    """Return the sets of homes that a beam can hold, wherever it points."""
    places = [0.0, *(at + sign * far for at, far in zip(azimuth, reach, strict=True) for sign in (-1, 0, 1))]
    return {_held(azimuth, reach, place % 360.0) for place in places}


@pytest.mark.parametrize("seed", range(40))
def test_arcs_are_the_sets_that_no_other_holds_and_beams_are_the_fewest(seed):
    """A tower is given no sector more than the directions of its homes ask for."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 8))
    azimuth = rng.uniform(0, 360, count) if seed % 4 else np.round(rng.uniform(0, 8, count)) * 45.0 % 360.0
    reach = np.sort(np.where(rng.random((count, 2)) < 0.1, 180.0, rng.uniform(0, 70, (count, 2))), axis=1)
    arcs = site_arcs(range(count), azimuth.tolist(), reach, [0.0] * count)
    for level in (0, 1):
        sets = _sets(azimuth, reach[:, level])
        largest = {one for one in sets if not any(one < other for other in sets)}
        mine = {frozenset(h for h in range(count) if arcs.spans[h][level].holds(k)) for k in range(arcs.count)}
        assert largest <= mine <= {part for one in largest for part in [*_parts(one)]}
        beams = arcs.packed(range(count), level)
        many, first, last = spans_of(azimuth, reach[:, level])
        spans = [ArcSpan(a, b, 0.0) for a, b in zip(first.tolist(), last.tolist(), strict=True)]
        own = {frozenset(h for h, span in enumerate(spans) if span.holds(k)) for k in range(many)}
        assert largest <= own <= {part for one in largest for part in [*_parts(one)]}
        assert sorted(h for _, homes in beams for h in homes) == list(range(count))
        assert all(frozenset(homes) <= frozenset.union(*largest) for _, homes in beams)
        fewest = next(
            n for n in range(1, count + 1)
            if any(len(frozenset.union(*some)) == count for some in combinations(largest, min(n, len(largest))))
        )  # fmt: skip
        assert len(beams) == fewest


def _parts(one):
    return (frozenset(some) for n in range(len(one) + 1) for some in combinations(sorted(one), n))


def _small(seed: int) -> Instance:
    """Return a case of a gateway, two towers and five homes round about, small enough to try everything."""
    rng = np.random.default_rng(seed)
    sites = (
        InstanceSite("g", True, (100.0, 180.0)),
        InstanceSite("a", False, (150.0, 260.0)),
        InstanceSite("b", False, (120.0, 230.0)),
    )
    homes = tuple(InstanceHome(f"h{n}", cost=float(rng.integers(5, 20))) for n in range(5))
    serve, azimuth, reach, airtime = [], [], [], []
    for home in range(5):
        for site in rng.choice(3, int(rng.integers(1, 3)), replace=False).tolist():
            serve.append((site, home, int(rng.random() < 0.3)))
            azimuth.append(float(rng.uniform(0, 360)))
            reach.append(np.sort(rng.uniform(5, 80, 2)))
            airtime.append(float(rng.uniform(0.1, 0.6)))
    links = [(0, 1, 0, 1), (0, 1, 1, 0), (0, 2, 0, 0), (1, 2, 0, 0)]
    return Instance(
        "small", HEIGHTS, sites, homes, np.array(serve, np.int32), np.array(links, np.int32),
        np.array([60.0, 60.0, 90.0, 40.0]), 70.0, 100.0, 4, 2, 0.8,
        arcs=SectorArcs(np.array(azimuth), np.array(reach), np.array(airtime)),
    )  # fmt: skip


def _beams(inst: Instance, site: int, homes: tuple[int, ...], level: int) -> int:
    """Return the fewest beams that hold homes, each in one, within its time: by trying all ways to part them."""
    row = {(s, h): n for n, (s, h, _) in enumerate(inst.serve.tolist())}
    at = [row[site, h] for h in homes]
    azimuth, reach = inst.arcs.azimuth_deg[at], inst.arcs.reach_deg[at, level]
    time = inst.arcs.airtime[at]
    sets = _sets(azimuth, reach)
    some = range(len(homes))
    fits = {
        part for one in sets for part in _parts(one)
        if part and (len(part) == 1 or sum(time[n] for n in part) <= 1.0 + 1e-9)
    }  # fmt: skip

    def fewest(left: frozenset[int]) -> int:
        if not left:
            return 0
        first = min(left)
        return min(1 + fewest(left - part) for part in fits if first in part and part <= left)

    return fewest(frozenset(some))


def _cheapest(inst: Instance) -> float:
    """Return the least cost of all plans that keep the rules, by trying every one."""
    least = {(s, h): k for s, h, k in inst.serve.tolist()}
    options = [[-1, *(s for s, k in least if k == h)] for h in range(len(inst.homes))]
    coverable = len(inst.homes)
    goal = math.ceil(inst.cover * coverable - 1e-9)
    best, memo = math.inf, dict[tuple[int, tuple[int, ...], int], int]()
    for levels in product((-1, 0, 1), repeat=3):
        if levels[0] < 0:
            continue
        tree = min(_trees(inst, levels), default=None)
        trees = list(_trees(inst, levels))
        if tree is None:
            continue
        for server in product(*options):
            served = [(h, s) for h, s in enumerate(server) if s >= 0]
            if len(served) < goal or any(levels[s] < least[s, h] for h, s in served):
                continue
            sectors = [0, 0, 0]
            for site in range(3):
                mine = tuple(h for h, s in served if s == site)
                if mine:
                    key = site, mine, levels[site]
                    memo[key] = memo[key] if key in memo else _beams(inst, site, mine, levels[site])
                    sectors[site] = memo[key]
            if max(sectors) > inst.max_sectors:
                continue
            for money, degree in trees:
                radios = [a + b for a, b in zip(sectors, degree, strict=True)]
                if inst.max_radios is not None and max(radios) > inst.max_radios:
                    continue
                cost = money + sum(sectors) * inst.sector_cost + sum(inst.homes[h].cost for h, _ in served)
                cost += sum(site.cost[k] for site, k in zip(inst.sites, levels, strict=True) if k >= 0)
                best = min(best, cost)
    return best


def _trees(inst: Instance, levels):
    """Yield the trees that hang all built towers on the gateway: what each costs, and the links of each site."""
    money: dict[tuple[int, int], float] = {}
    for (a, b, ka, kb), price in zip(inst.links.tolist(), inst.link_cost.tolist(), strict=True):
        if levels[a] >= ka and levels[b] >= kb:
            money[a, b] = min(price, money.get((a, b), math.inf))
    built = {n for n, level in enumerate(levels) if level >= 0}
    for some in combinations(sorted(money), len(built) - 1):
        seen = {0}
        for _ in range(3):
            seen |= {end for a, b in some if seen & {a, b} for end in (a, b)}
        if seen == built:  # three sites: no tree is deeper than the two hops allowed
            yield sum(money[pair] for pair in some), [sum(n in pair for pair in some) for n in range(3)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("most", [None, 3])
def test_the_cheapest_plan_of_small_cases_is_that_of_trying_all(seed, most):
    """A proof of the program is one: no cheaper plan keeps the rules of beams, their time and radios."""
    inst = replace(_small(seed), max_radios=most)
    found, best = optimise(inst), _cheapest(inst)
    if math.isinf(best):
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.cost == pytest.approx(best, abs=0.01)
    assert found.lower_bound == pytest.approx(best, abs=0.01)


@pytest.mark.parametrize("seed", range(100, 160))
def test_no_plan_costs_less_than_the_bound_by_prices_with_beams(seed):
    """Where homes pay for sectors that point at them, what they pay is of some sector of each plan."""
    inst = _small(seed)
    network, best = network_of(inst), _cheapest(inst)
    prices = PriceBound(network, network.goal)
    prices.run(300, None, None)
    assert math.isinf(best) or prices.bound <= best + 1e-6
    by_load = PriceBound(network_of(replace(inst, arcs=None)), network.goal)
    by_load.run(300, None, None)
    assert math.isinf(best) or prices.bound >= by_load.bound - 0.02 * best


def test_a_plan_that_is_known_is_where_a_search_goes_on_from_and_no_plan_of_another_network_is():
    """More time never gives a worse plan; what does not fit here is left aside."""
    inst = _small(3)
    best = optimise(inst)
    dearer = replace(best, sites=tuple(replace(site, height_m=HEIGHTS[-1]) for site in best.sites))
    again = optimise(inst, start=dearer, time_limit_s=0.0)
    assert again.cost is not None
    known = Known(network_of(inst), None)
    known.begin(replace(best, sites=(*best.sites, replace(best.sites[0], id="elsewhere"))))
    assert known.best is None
    known.begin(best)
    assert known.solution(best.stopped_by, 0.0, None).cost == best.cost
    few = Known(network_of(replace(inst, max_sectors=0)), None)
    few.begin(best)
    assert few.best is None


@pytest.mark.parametrize("seed", [0, 3, 9])
def test_branching_proves_what_the_exact_model_does(seed, monkeypatch):
    """Larger networks go another way to their proof: it is the same one."""
    exact = optimise(_small(seed))
    monkeypatch.setattr(module, "_SMALL", 0)
    branched = optimise(_small(seed))
    assert (branched.status, branched.cost) == (exact.status, exact.cost)


def test_homes_of_beams_that_are_too_many_find_another_mast_or_go_without():
    """Where masts may have few radios a search that only counts what breaks the rule found no plan at all."""
    where = [(0, h, 90.0 * h) for h in range(5)] + [(1, 1, 0.0), (1, 2, 10.0), (1, 3, 180.0)]
    inst = replace(
        _small(0),
        sites=(InstanceSite("g", True, (100.0, 180.0)), InstanceSite("a", False, (150.0, 260.0))),
        homes=tuple(InstanceHome(f"h{n}", cost=10.0, must=n == 3) for n in range(5)),
        serve=np.array([(site, home, 0) for site, home, _ in where], np.int32),
        links=np.array([(0, 1, 0, 0)], np.int32),
        link_cost=np.array([60.0]),
        arcs=SectorArcs(np.array([a for *_, a in where]), np.full((len(where), 2), 20.0), np.full(len(where), 0.2)),
        max_radios=3,
        cover=1.0,
    )
    searcher = Searcher(network_of(inst), budget=None)
    plan = searcher.complete([0, 0])
    assert plan is not None
    # The gateway's four beams are two beside its link; the homes of the others are in one beam of the mast.
    assert plan.sectors == (2, 1)
    assert plan.server == (0, 1, 1, 0, 0)
    # With one radio fewer a mast the home that must be served is, and others go without.
    few = Searcher(network_of(replace(inst, max_radios=2, cover=0.4)), budget=None).complete([0, 0])
    assert few is not None
    assert few.sectors == (1, 1)
    assert few.server[3] >= 0


@pytest.mark.parametrize("seed", range(12))
def test_chains_alone_find_a_plan_of_few_radios_a_mast_wherever_there_is_one(seed):
    """Small cases, and never one that breaks the rule; how cheap it is the solver sees to."""
    inst = replace(_small(seed), max_radios=3)
    best = _cheapest(inst)
    searcher = Searcher(network_of(inst), budget=None)
    found = searcher.run(chains=2, steps=400, last_start=None, deadline=None, cancel=None, watch=lambda _: None)
    network, costs = searcher.network, list[float]()
    for choice in found.choices:
        plan = network.pruned(choice)
        assert network.keeps_rules(plan, goal=network.goal, budget=None)
        costs.append(network.cost(plan))
    assert bool(costs) == math.isfinite(best)
    assert all(best - 0.01 <= cost <= 1.25 * best for cost in costs)


@pytest.mark.parametrize("seed", [54, 94, 308, 330, 365, 391])
def test_the_search_counts_no_fewer_beams_than_the_judge_of_plans(seed):
    """Where the time of a beam is full it matters who is taken first: no plan of the search is refused for that."""
    rng = np.random.default_rng(seed)
    count = 24
    where = [(0, h, float(rng.uniform(0, 360))) for h in range(count)]
    reach = np.sort(rng.uniform(10, 90, (count, 2)), axis=1)
    inst = replace(
        _small(0),
        sites=(InstanceSite("g", True, (100.0, 180.0)),),
        homes=tuple(InstanceHome(f"h{n}", cost=10.0) for n in range(count)),
        serve=np.array([(site, home, 0) for site, home, _ in where], np.int32),
        links=np.zeros((0, 4), np.int32),
        link_cost=np.zeros(0),
        arcs=SectorArcs(np.array([a for *_, a in where]), reach, rng.uniform(0.05, 0.6, count)),
        max_sectors=30,
        cover=1.0,
    )
    network = network_of(inst)
    plan = Searcher(network, budget=None).complete([0])
    assert plan is not None
    assert plan.sectors[0] >= len(network.beams(plan)[0])

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
from cn_planner.solver.arcs import SectorArcs, site_arcs
from cn_planner.solver.incumbent import Known
from cn_planner.solver.instance import Instance, InstanceHome, InstanceSite
from cn_planner.solver.network import network_of
from cn_planner.solver.optimise import optimise

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
                cost += sum(
                    _beside(site.radio_steps, count)
                    for site, count, k in zip(inst.sites, radios, levels, strict=True)
                    if k >= 0
                )
                best = min(best, cost)
    return best


def _beside(steps: tuple[float, ...], radios: int) -> float:
    """Return what so many radios cost beside their prices, one after the other from the steps that are given."""
    more = list(steps)
    while steps and len(more) <= radios:
        more.append(2 * more[-1] - more[-2])
    return more[radios] if steps else 0.0


def _stepped(inst: Instance, seed: int) -> Instance:
    """Return the case with sites whose radios cost more in steps: some convex, some not, some short."""
    rng = np.random.default_rng(100 + seed)
    sites = []
    for number, site in enumerate(inst.sites):
        rises = rng.integers(-35, 90, int(rng.integers(2, 8)))
        rises[-1] = abs(rises[-1])
        rises = np.sort(rises) if number == seed % 3 else rises
        steps = np.cumsum([200, *rises]) - min(0, int(np.cumsum([200, *rises]).min()))
        sites.append(replace(site, radio_steps=tuple(float(one) for one in steps)) if rng.random() < 0.8 else site)
    return replace(inst, sites=tuple(sites))


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


@pytest.mark.parametrize("small", [1_500, 0])
@pytest.mark.parametrize("seed", range(12))
def test_steps_of_what_radios_hang_on_are_in_plan_and_proof(seed, small, monkeypatch):
    """A switch or a battery more for the third radio counts: the plan that is called cheapest is, steps and all."""
    monkeypatch.setattr(module, "_SMALL", small)
    inst = _stepped(_small(seed), seed)
    found, best = optimise(inst), _cheapest(inst)
    if math.isinf(best):
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.cost == pytest.approx(best, abs=0.01)
    assert found.lower_bound == pytest.approx(best, abs=0.01)


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

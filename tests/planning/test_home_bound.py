"""The bound of groups whose homes differ: it must never be above what a plan for the homes themselves costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.planning.home_bound import bound_of, network_of_groups, usable_only
from cn_planner.solver.clustering import HomeClass, clustering_of
from cn_planner.solver.instance import Instance, InstanceHome, InstanceSite, SolutionStatus
from cn_planner.solver.milp import MilpModel
from cn_planner.solver.network import NEVER, network_of
from cn_planner.solver.optimise import optimise
from cn_planner.solver.price_bound import PriceBound
from cn_planner.solver.root import Root, RootLimits

_HEIGHTS = (6.0, 12.0)


def _valley(seed: int, homes: int = 14, sites: int = 4) -> Instance:
    """Return a small valley: homes that are reached by this tower or that, some heavy, some that must be reached."""
    chance = np.random.default_rng(seed)
    towers = tuple(
        InstanceSite(
            f"s{n}", n == 0, (float(chance.integers(20, 60)), float(chance.integers(60, 120))),
            carries=float(chance.integers(5, 30)) if n == 0 and chance.random() < 0.5 else np.inf,
        )
        for n in range(sites)
    )  # fmt: skip
    heavy = (1.0, 2.5) if seed % 3 == 0 else (1.0,)
    people = tuple(
        InstanceHome(f"h{n}", float(chance.choice(heavy)), cost=float(chance.choice([3.0, 7.0])), must=bool(n == 0))
        for n in range(homes)
    )
    reached = chance.random((homes, sites)) < 0.45
    reached[0, 0] = True
    serve = [[s, h, int(chance.integers(0, 2))] for h, s in np.argwhere(reached).tolist()]
    links = [[a, b, int(chance.integers(0, 2)), 0] for a in range(sites) for b in range(a + 1, sites)]
    return Instance(
        name="", heights_m=_HEIGHTS, sites=towers, homes=people, serve=np.array(serve, np.int32),
        links=np.array(links, np.int32), link_cost=chance.integers(4, 12, len(links)).astype(np.float64),
        sector_cost=9.0, sector_homes=4.0, max_sectors=3, max_hops=2, cover=0.8,
        link_carries=chance.integers(3, 12, len(links)).astype(np.float64),
    )  # fmt: skip


def _grouped(instance: Instance, groups: int):
    """Return the network of so many groups of an instance's homes, and the groups."""
    network = network_of(instance)
    least = np.full((len(instance.homes), len(instance.sites)), NEVER, np.int8)
    for home, options in enumerate(network.serve):
        for site, level in options:
            least[home, site] = level
    bare = replace(instance, homes=(), serve=np.zeros((0, 3), np.int32))
    least = usable_only(bare, least)
    weight = np.array([home.weight for home in instance.homes])
    kinds: dict[tuple[bool, float], list[int]] = {}
    for n, home in enumerate(instance.homes):
        if (least[n] < NEVER).any():
            kinds.setdefault((home.must, home.cost), []).append(n)
    parts = [
        HomeClass(np.array(those), cost / float(weight[those].max()), must)
        for (must, cost), those in sorted(kinds.items())
    ]
    like = clustering_of(parts, least, weight, groups)
    return network_of_groups(bare, like, whole=network.whole), like


@given(seed=st.integers(0, 10_000), groups=st.integers(2, 6))
@settings(max_examples=15, deadline=None)
def test_no_plan_for_the_homes_is_better_than_the_bound_of_their_groups(seed, groups):
    """Whoever is told "no network that reaches as many costs less" is told so rightly, whatever stands together."""
    instance = _valley(seed)
    best = optimise(instance)
    network, like = _grouped(instance, groups)
    assert sum(group.amount for group in like.groups) == pytest.approx(network_of(instance).coverable)
    if best.status is SolutionStatus.INFEASIBLE:
        return
    assert best.status is SolutionStatus.OPTIMAL
    bound = bound_of(network, like, network_of(instance).goal, best.cost * 2.0)
    assert bound is not None
    assert 0.0 < bound <= best.cost + 1e-6
    prices = PriceBound(network, network_of(instance).goal)
    prices.run(100, None, None)
    assert prices.bound is not None
    assert prices.bound <= best.cost + 1e-6
    money = 0.7 * best.cost
    most = optimise(instance, budget=money)
    if most.status is SolutionStatus.OPTIMAL:
        upper = bound_of(network, like, 0.0, most.served_weight, budget=money)
        assert upper is not None
        assert upper >= most.served_weight - 1e-6


def test_groups_lose_little_of_the_bound_of_their_homes():
    """A bound that holds because it says nothing is of no use: six groups come near to a column for each home."""
    shares = []
    for seed in range(1, 9):
        instance = _valley(seed, homes=40, sites=5)
        single = network_of(instance)
        root = Root(MilpModel(single, single.goal, whole_homes=False))
        root.run(RootLimits(30, 100_000))
        network, like = _grouped(instance, 6)
        groups = Root(MilpModel(network, single.goal, whole_homes=False, clustering=like))
        groups.run(RootLimits(30, 100_000))
        if root.bound is not None and groups.bound is not None:
            shares.append(groups.bound / root.bound)
    assert len(shares) >= 5
    assert min(shares) > 0.9
    assert np.mean(shares) > 0.97

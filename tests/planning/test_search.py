"""The quick rules of the search: what they make of any heights keeps the rules, and is counted right."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cn_planner.propagation.kernel import compiled
from cn_planner.solver.instance import read_instance
from cn_planner.solver.network import Layout, network_of
from cn_planner.solver.search import Searcher
from cn_planner.solver.search_kernels import evaluate


@pytest.fixture(scope="module")
def village(shared_data):
    return read_instance(shared_data / "planning" / "village-2-chile.json.gz")


@pytest.mark.parametrize(("hops", "narrow"), [(1, False), (2, False), (6, False), (3, True)])
def test_what_the_quick_rules_make_of_any_heights_keeps_the_rules(village, hops, narrow):
    random = np.random.default_rng(hops)
    asked = replace(village, max_hops=hops)
    if narrow:
        gates = tuple(replace(site, carries=300.0) if site.gateway else site for site in village.sites)
        carries = random.choice([30.0, 60.0, 120.0], len(village.links))
        asked = replace(asked, sites=gates, link_carries=carries, cover=0.7)
    network = network_of(asked)
    assert network.limited is narrow
    searcher = Searcher(network, budget=None)
    made = 0
    for _ in range(200):
        stands = random.random(len(village.sites)) < random.uniform(0.2, 1.0)
        levels = [
            int(random.integers(0, len(allowed))) if stand and usable else -1
            for stand, usable, allowed in zip(stands, network.usable, network.allowed, strict=True)
        ]
        choice = searcher.complete(levels)
        if choice is not None:
            made += 1
            assert network.keeps_rules(choice, goal=network.goal, budget=None)
    assert made > 10


def test_what_the_quick_rules_count_is_what_the_plan_costs(village):
    network = network_of(village)
    searcher = Searcher(network, budget=None)
    levels = np.array([len(allowed) - 1 for allowed in network.allowed])
    draft = searcher.draft(levels)
    cost, served, _ = compiled(evaluate)(searcher.flat, draft)
    choice = searcher.complete(levels)
    assert choice is not None
    assert math.isclose(cost, network.cost(choice))
    assert served == network.served(choice) >= network.goal
    for site, load in enumerate(draft.service.load.tolist()):
        homes = [h for h, server in enumerate(choice.server) if server == site]
        assert load == sum(village.homes[h].weight for h in homes) <= choice.sectors[site] * village.sector_homes


def test_thinned_out_everything_is_a_plan_at_a_fraction_of_the_cost(village):
    network = network_of(village)
    searcher = Searcher(network, budget=None)
    tops = [len(allowed) - 1 if usable else -1 for allowed, usable in zip(network.allowed, network.usable, strict=True)]
    everything, thinned = searcher.complete(tops), searcher.complete(searcher.thinned(tops))
    assert everything is not None
    assert thinned is not None
    assert network.keeps_rules(thinned, goal=network.goal, budget=None)
    assert network.cost(thinned) < 0.7 * network.cost(everything)


def test_a_search_that_begins_near_a_plan_ends_no_worse(village):
    network = network_of(village)
    tops = [len(allowed) - 1 if usable else -1 for allowed, usable in zip(network.allowed, network.usable, strict=True)]
    searcher = Searcher(network, budget=None)
    start = searcher.thinned(tops)
    told: list[Layout] = []
    found = searcher.run(
        chains=1, steps=20_000, last_start=None, deadline=None, cancel=None, watch=lambda _done: None,
        start=start.tolist(), better=told.append,
    )  # fmt: skip
    begun = searcher.complete(start)
    assert begun is not None
    assert network.cost(found.choices[0]) <= network.cost(begun)
    assert told
    assert all(network.keeps_rules(choice, goal=network.goal, budget=None) for choice in told)

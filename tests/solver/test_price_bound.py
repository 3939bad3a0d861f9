"""The bound by prices: it holds for every plan, says much at once, and is the same each time."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cn_planner.progress import CancelToken, Run
from cn_planner.solver.beginning import Beginning
from cn_planner.solver.incumbent import Known
from cn_planner.solver.instance import read_instance
from cn_planner.solver.network import network_of
from cn_planner.solver.optimise import optimise
from cn_planner.solver.price_bound import PriceBound

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.solver.network import SolverNetwork


def _network(folder: Path, name: str) -> SolverNetwork:
    return network_of(read_instance(folder / "planning" / f"{name}.json.gz"))


def test_no_hamlet_can_be_had_for_less_and_the_bound_is_near(shared_data):
    """In both goals, against optima that others have found by trying everything."""
    rows = list(csv.DictReader((shared_data / "planning" / "reference.csv").read_text().splitlines()))
    shares = []
    for row in (row for row in rows if row["best_bound"]):
        network, best = _network(shared_data, row["instance"]), float(row["best_bound"])
        money = float(row["budget"]) if row["budget"] else None
        prices = PriceBound(network, network.goal if money is None else 0.0, money)
        prices.run(300, None, None)
        assert prices.bound is not None
        if money is None:
            assert prices.bound <= best
            shares.append(prices.bound / best)
        else:
            assert best <= prices.bound
    assert len(shares) == 19
    assert min(shares) > 0.8
    assert sum(shares) / len(shares) > 0.92


def test_a_district_is_bounded_without_its_programme(shared_data):
    """A count of its sectors says 19,483; its cheapest plan that is known costs 89,332."""
    network = _network(shared_data, "district-2-cederberg")
    prices = PriceBound(network, network.goal)
    prices.run(150, None, None)
    assert prices.bound is not None
    assert 72_000 < prices.bound < 89_332


def test_more_steps_never_give_less_and_the_same_steps_the_same(shared_data):
    network = _network(shared_data, "village-2-chile")
    one, other = (PriceBound(network, network.goal) for _ in range(2))
    before = -1e9
    for _ in range(4):
        one.run(20, None, None)
        assert one.bound is not None
        assert one.bound >= before
        before = one.bound
    for _ in range(4):
        other.run(20, None, None)
    assert one.bound == other.bound
    assert one.tops(0.3) == other.tops(0.3)


def test_what_must_stand_is_paid_for(shared_data):
    """Sites that no cheap plan would build, and that have to stand, are in the bound with their masts and links."""
    instance = read_instance(shared_data / "planning" / "tiny-02-catalonia.json.gz")
    best = optimise(instance)
    built = {site.id for site in best.sites}
    sites = tuple(replace(site, must=site.id not in built and not site.gateway) for site in instance.sites)
    asked = replace(instance, sites=sites)
    forced = optimise(asked)
    network = network_of(asked)
    prices = PriceBound(network, network.goal)
    prices.run(300, None, None)
    assert forced.cost > best.cost
    assert best.cost < prices.bound <= forced.cost


def test_a_cancel_and_a_moment_that_has_passed_end_it_at_once(shared_data):
    network = _network(shared_data, "village-2-chile")
    token = CancelToken()
    prices = PriceBound(network, network.goal)
    prices.run(300, time.perf_counter(), None)
    assert prices.bound is None
    prices.run(300, None, token, lambda done: token.cancel() if done > 0.1 else None)
    first = prices.bound
    assert first is not None
    prices.run(300, None, token)
    assert prices.bound == first


@pytest.mark.parametrize("budget", [None, 30_000.0])
def test_a_search_begins_the_same_with_any_number_of_threads(shared_data, budget):
    """The plan and the bound that a search begins with are those of one thread, bit for bit."""
    network = _network(shared_data, "village-3-cederberg")
    found = []
    for threads in (1, 2):
        known = Known(network, budget)
        beginning = Beginning(known, Run(threads=threads), None)
        assert beginning.find(lambda _done, _doing: None, prove=True)
        assert known.bound is not None
        found.append((known.bound, known.best, None if budget else beginning.thinned.tolist(), beginning.likely(0)))
    assert found[0] == found[1]


@pytest.mark.parametrize("seconds", [0.0, 1.0])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_district_in_no_time_has_a_bound_that_holds(shared_data, seconds, threads):
    """Whatever the clock leaves of it, nothing is said that is not so."""
    instance = read_instance(shared_data / "planning" / "district-2-cederberg.json.gz")
    solution = optimise(instance, time_limit_s=seconds, run=Run(threads=threads))
    assert solution.stopped_by == "time"
    if solution.cost is not None and solution.lower_bound is not None:
        assert solution.lower_bound <= min(89_332, solution.cost)

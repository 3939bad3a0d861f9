"""The rows with which a relaxation begins: every plan keeps them, and they say much of what it would find later."""

from __future__ import annotations

import csv

import numpy as np

from cn_planner.solver.instance import read_instance
from cn_planner.solver.milp import MilpModel
from cn_planner.solver.network import network_of
from cn_planner.solver.price_bound import PriceBound
from cn_planner.solver.price_cuts import price_cuts
from cn_planner.solver.root import Root, RootLimits
from cn_planner.solver.search import Searcher


def test_every_plan_keeps_the_rows_and_no_optimum_is_cut_off(shared_data):
    """Whoever was given a bound with these rows was given one that holds, in both goals."""
    rows = csv.DictReader((shared_data / "planning" / "reference.csv").read_text().splitlines())
    plans = kept = 0
    for row in (row for row in rows if row["best_bound"]):
        money = float(row["budget"]) if row["budget"] else None
        network = network_of(read_instance(shared_data / "planning" / f"{row['instance']}.json.gz"))
        goal, true = (network.goal, 1.0) if money is None else (0.0, -1.0)
        prices = PriceBound(network, goal, money)
        prices.run(100, None, None)
        model = MilpModel(network, goal, money, whole_homes=False)
        cuts = price_cuts(prices, model)
        kept += len(cuts)
        root = Root(model, cuts)
        root.run(RootLimits(rounds=30, iterations=100_000))
        assert root.bound is not None
        assert true * root.bound <= true * float(row["best_bound"]) + 1e-6
        found = Searcher(network, budget=money).run(
            chains=1, steps=100, last_start=None, deadline=None, cancel=None, watch=lambda _done: None
        )
        for choice in found.choices:
            plans += 1
            plan = np.array(model.values(choice))
            assert all(sum(factor * plan[column] for column, factor in cut) > -1e-6 for cut in cuts)
    assert plans > 20
    assert kept > 200


def test_a_relaxation_that_begins_with_them_is_better_at_once(shared_data):
    network = network_of(read_instance(shared_data / "planning" / "village-2-chile.json.gz"))
    prices = PriceBound(network, network.goal)
    prices.run(200, None, None)
    model = MilpModel(network, network.goal, whole_homes=False)
    bounds = []
    for cuts in ([], price_cuts(prices, model)):
        root = Root(model, cuts)
        root.run(RootLimits(rounds=0, iterations=100_000))
        assert root.bound is not None
        bounds.append(root.bound)
    assert prices.bound is not None
    assert prices.bound < bounds[1]
    assert bounds[1] > 1.01 * bounds[0]

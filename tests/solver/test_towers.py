"""What towers cost by their radios and heights, and what is kept in reserve, against trying everything."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.planning.best_share import all_money
from cn_planner.progress import CancelToken, Run
from cn_planner.propagation.kernel import compiled
from cn_planner.solver.instance import Instance, LinkKinds, StepsRow, StoppedBy, WholeSpares, parse_instance
from cn_planner.solver.milp import MilpModel
from cn_planner.solver.network import network_of
from cn_planner.solver.optimise import _Search, optimise
from cn_planner.solver.price_bound import PriceBound
from cn_planner.solver.price_cuts import price_cuts
from cn_planner.solver.root import Root, RootLimits
from cn_planner.solver.search import Searcher
from cn_planner.solver.search_kernels import evaluate

_KNOWN = 3
"""Radios up to which a cost is known by their number; towers of these plans have more."""


@st.composite
def stepped(draw: st.DrawFn) -> tuple[dict[str, Any], Instance]:
    """Return an instance as plain numbers and as the solver has it, in which a radio more never costs less."""
    count, homes = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    money, level, small = st.integers(5, 30), st.sampled_from([0, 0, 1]), st.integers(0, 4)
    limited = draw(st.booleans())
    raw: dict[str, Any] = {
        "heights_m": [6, 12],
        "sites": [
            {"id": f"s{i}", "role": "gateway" if i == 0 else "candidate", "cost": [draw(money), draw(money)]}
            for i in range(count)
        ],
        "homes": [{"id": f"h{i}", "weight": 1, "cost": draw(st.integers(0, 3))} for i in range(homes)],
        "serve": [[s, h, draw(level)] for s in range(count) for h in range(homes) if draw(st.integers(0, 3))],
        "links": [
            [a, b, draw(level), draw(level), draw(money), *([draw(st.integers(1, 3))] if limited else [])]
            for b in range(count)
            for a in range(b)
            for _ in range(draw(st.integers(0, 2)))
        ],
        "sector": {"cost": draw(st.integers(5, 9)), "homes": draw(st.integers(1, 3)), "max_per_site": 2},
        "max_hops": draw(st.integers(1, 3)),
        "cover": draw(st.sampled_from([0.5, 1.0])),
    }
    raised = [[0, draw(small)] for _ in range(count)]
    rows = range(_KNOWN + 1)
    beyond = range(draw(st.integers(1, 2)))
    steps = [
        [[[draw(small) for _ in range(_KNOWN - a + 1)] for a in rows], [draw(small) for _ in beyond]]
        for _ in range(2 * count)
    ]
    kind_of = {(a, b): draw(st.integers(0, 1)) for b in range(count) for a in range(b)}
    spares = [
        {
            "price": draw(st.integers(1, 4)), "share": draw(st.sampled_from([Fraction(1, 10), Fraction(1, 4)])),
            "sector": draw(st.integers(0, 1)), "links": [draw(st.sampled_from([0, 2])) for _ in range(2)],
            "homes": [draw(st.integers(0, 2)) for _ in range(homes)],
            "unsure": [draw(st.sampled_from([0, 0, 0, 1])) for _ in range(homes)],
        }
        for _ in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    instance = parse_instance(raw)
    instance = replace(
        instance,
        sites=tuple(
            replace(
                site, radio_beside=tuple(map(float, raised[i])),
                steps=tuple(
                    StepsRow(tuple(tuple(map(float, row)) for row in table), tuple(map(float, many)))
                    for table, many in steps[2 * i : 2 * i + 2]
                ),
            )
            for i, site in enumerate(instance.sites)
        ),
        link_kind=np.array([kind_of[a, b] for a, b, *_ in raw["links"]], np.int32),
        kinds=LinkKinds((False, True), ((0.0, math.inf), (math.inf, 0.0)), (True, True)),
        spares=tuple(
            WholeSpares(float(one["price"]), float(one["share"]), float(one["sector"]),
                        tuple(map(float, one["links"])), tuple(map(float, one["homes"])),
                        tuple(map(float, one["unsure"])))
            for one in spares
        ),
    )  # fmt: skip
    return raw | {"raised": raised, "steps": steps, "kinds": kind_of, "spares": spares}, instance


def cheapest(raw: dict[str, Any]) -> Fraction | None:
    """Return what the cheapest plan costs, by trying every height, parent and home."""
    sites, homes, best = raw["sites"], raw["homes"], None
    reached = _coverable(raw)
    for levels in product((None, 0, 1), repeat=len(sites)):
        if levels[0] is None:
            continue
        built = [i for i, level in enumerate(levels) if level is not None]
        for parents in product(built, repeat=len(built) - 1):
            parent = dict(zip(built[1:], parents, strict=True))
            if any(_hops(parent, site) > raw["max_hops"] for site in parent):
                continue
            options = [[None, *(s for s, home, k in raw["serve"] if home == h and s in built and k <= levels[s])]
                       for h in range(len(homes))]  # fmt: skip
            for server in product(*options):
                if sum(at is not None for at in server) >= Fraction(str(raw["cover"])) * reached:
                    cost = _cost(raw, levels, parent, server)
                    if cost is not None and (best is None or cost < best):
                        best = cost
    return best


def _coverable(raw: dict[str, Any]) -> int:
    hops = {0: 0}
    for hop in range(1, raw["max_hops"] + 1):
        for a, b, *_ in raw["links"]:
            for here, there in ((a, b), (b, a)):
                if hops.get(here) == hop - 1:
                    hops.setdefault(there, hop)
    return len({home for site, home, _ in raw["serve"] if site in hops})


def _hops(parent: dict[int, int], site: int) -> int:
    hops = 0
    while site in parent and hops < 9:
        site, hops = parent[site], hops + 1
    return hops


def _cost(raw: dict[str, Any], levels: Any, parent: dict[int, int], server: Any) -> Fraction | None:
    """Return what a plan costs; None where it is none. Each link is the way that is cheapest with its cables."""
    built = [i for i, level in enumerate(levels) if level is not None]
    load = {i: sum(at == i for at in server) for i in built}
    sectors = {i: -(-load[i] // raw["sector"]["homes"]) for i in built}
    if max(sectors.values()) > raw["sector"]["max_per_site"]:
        return None
    flow = dict(load)
    for site in sorted(parent, key=lambda i: -_hops(parent, i)):
        flow[parent[site]] += flow[site]
    alike, unlike, total = dict(sectors), dict.fromkeys(built, 0), Fraction(0)
    links = []
    for child, above in parent.items():
        a, b = sorted((child, above))
        ways = [(cost, ka, kb) for i, j, ka, kb, cost, *most in raw["links"]
                if (i, j) == (a, b) and ka <= levels[a] and kb <= levels[b] and all(flow[child] <= one for one in most)
                ]  # fmt: skip
        if not ways:
            return None
        kind = raw["kinds"][a, b]
        total += min(
            cost
            + raw["raised"][a][levels[a]] - raw["raised"][a][ka] + raw["raised"][b][levels[b]] - raw["raised"][b][kb]
            for cost, ka, kb in ways
        )  # fmt: skip
        links.append(kind)
        for end in (a, b):
            (unlike if kind else alike)[end] += 1
    for i in built:
        table, many = raw["steps"][2 * i + levels[i]]
        total += raw["sites"][i]["cost"][levels[i]]
        total += sectors[i] * (raw["sector"]["cost"] + raw["raised"][i][levels[i]])
        more = alike[i] + unlike[i] - _KNOWN
        total += table[alike[i]][unlike[i]] if more <= 0 else min(many[:more])
    served = [h for h, at in enumerate(server) if at is not None]
    total += sum(raw["homes"][h]["cost"] for h in served)
    for one in raw["spares"]:
        sure = one["sector"] * sum(sectors.values()) + sum(one["links"][kind] for kind in links)
        sure += sum(one["homes"][h] for h in served)
        most = sure + sum(one["unsure"][h] for h in served)
        whole = math.ceil(one["share"] * sure)
        total += one["price"] * max(Fraction(0), whole - one["share"] * most)
    return total


@given(stepped())
@settings(max_examples=120, deadline=None)
def test_towers_and_spares_cost_what_trying_everything_says(made: tuple[dict[str, Any], Instance]) -> None:
    raw, instance = made
    best = cheapest(raw)
    solution = optimise(instance)
    if best is None:
        assert solution.status == "infeasible"
        return
    assert solution.cost is not None
    assert solution.lower_bound is not None
    assert solution.lower_bound <= float(best) + 1e-6
    assert solution.cost == pytest.approx(float(best))
    network = network_of(instance)
    model = MilpModel(network, network.goal)
    result = model.solve(nodes=5_000)
    assert result.bound is not None
    assert result.bound <= float(best) + 1e-6
    prices = PriceBound(network, network.goal)
    prices.run(40, None, None)
    assert prices.bound is None or prices.bound <= float(best) + 1e-6
    for tree, layered in ((False, False), (True, True), (True, False)):
        model = MilpModel(network, network.goal, None, whole_homes=False, tree=tree, layered=layered)
        root = Root(model, price_cuts(prices, model) if tree and not layered else [])
        root.run(RootLimits(rounds=5 if tree else 0, iterations=10_000))
        assert root.bound is not None
        assert root.bound <= float(best) + 1e-6


@given(stepped())
@settings(max_examples=12, deadline=None)
def test_a_larger_plan_without_a_clock_is_worth_what_it_costs_with_steps(made: tuple[dict[str, Any], Instance]) -> None:
    """It is searched with amounts that add up, then valued and bounded with all of them."""
    raw, instance = made
    best, plain = cheapest(raw), optimise(instance.without_steps())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cn_planner.solver.optimise._SMALL", -1)
        found, other = (optimise(instance, run=Run(threads=threads)) for threads in (1, 2))
    assert (found.cost, found.lower_bound, found.status) == (other.cost, other.lower_bound, other.status)
    if best is None:
        assert found.status == "infeasible"
        return
    assert found.cost is not None
    assert found.lower_bound is not None
    assert plain.lower_bound is not None
    assert found.cost >= float(best) - 1e-6
    assert found.lower_bound <= float(best) + 1e-6
    if plain.status == "optimal":
        assert found.lower_bound >= plain.lower_bound - 0.02


@given(stepped())
@settings(max_examples=60, deadline=None)
def test_the_search_the_model_and_the_plan_agree_on_what_it_costs(made: tuple[dict[str, Any], Instance]) -> None:
    raw, instance = made
    network = network_of(instance)
    searcher = Searcher(network, budget=None)
    tops = [len(ks) - 1 if usable else -1 for ks, usable in zip(network.allowed, network.usable, strict=True)]
    for levels in (tops, searcher.thinned(tops)):
        draft = searcher.draft(np.array(levels, np.int64))
        cost, _, missed = compiled(evaluate)(searcher.flat, draft)
        found = searcher.complete(levels)
        if found is None or missed or found.levels != tuple(levels):
            continue
        assert network.cost(found) == pytest.approx(cost)
        parent = {child: above for child, above in enumerate(found.parents) if above >= 0}
        own = _cost(raw, [level if level >= 0 else None for level in found.levels], parent,
                    [at if at >= 0 else None for at in found.server])  # fmt: skip
        found = network.pruned(found)
        if own is not None and found.levels == tuple(levels):
            assert network.cost(found) >= float(own) - 1e-6
        model = MilpModel(network, network.goal)
        values = np.array(model.values(found))
        assert values @ np.array(model.columns.cost) == pytest.approx(network.cost(found))
        starts = [*model.rows.start, len(model.rows.index)]
        for row, (low, high) in enumerate(zip(model.rows.lower, model.rows.upper, strict=True)):
            at = slice(starts[row], starts[row + 1])
            total = float(values[model.rows.index[at]] @ np.array(model.rows.value[at]))
            assert low - 1e-6 <= total <= high + 1e-6


def _chain(**rules: Any) -> dict[str, Any]:
    """Five towers that hang on the gateway, or on each other for more."""
    return {
        "heights_m": [6],
        "sites": [{"id": f"s{i}", "role": "candidate" if i else "gateway", "cost": [100]} for i in range(6)],
        "homes": [{"id": f"h{i}", "weight": 1} for i in range(1, 6)],
        "serve": [[i, i - 1, 0] for i in range(1, 6)],
        "links": [[a, b, 0, 0, 20 if a else 10, 4] for b in range(6) for a in range(b)],
        "sector": {"cost": 5, "homes": 2, "max_per_site": 2},
        "max_hops": 4,
        "cover": 1.0,
        **rules,
    }


def test_the_relaxation_with_steps_raises_the_bound_of_a_larger_plan_without_a_clock(monkeypatch) -> None:
    """Each tower costs 30 more with two radios; a cancel while that is written down leaves the plan that was found."""
    monkeypatch.setattr("cn_planner.solver.optimise._SMALL", -1)
    steep = StepsRow(tuple(tuple(30.0 if a + s >= 2 else 0.0 for s in range(4 - a)) for a in range(4)), (0.0,))
    instance = parse_instance(_chain())
    instance = replace(instance, sites=tuple(replace(site, steps=(steep,)) for site in instance.sites))
    whole, plain = optimise(instance), optimise(instance.without_steps())
    assert None not in (whole.cost, whole.lower_bound, plain.lower_bound)
    assert plain.lower_bound + 60.0 < whole.lower_bound <= whole.cost
    bounds = []
    dear = tuple(replace(site, steps=(replace(steep, many=(30.0,)),)) for site in instance.sites)
    for one in (instance.without_steps(), replace(instance, sites=dear)):  # by prices alone, too
        network = network_of(one)
        prices = PriceBound(network, network.goal)
        prices.run(300, None, None)
        assert prices.bound is not None
        bounds.append(prices.bound)
    assert bounds[0] + 60.0 < bounds[1] <= optimise(replace(instance, sites=dear)).cost

    token, root = CancelToken(), _Search._root

    def cancelled(search: _Search) -> Root | None:
        if search.network.instance.in_steps:
            token.cancel()
        return root(search)

    monkeypatch.setattr(_Search, "_root", cancelled)
    kept = optimise(instance, run=Run(cancel=token))
    assert kept.stopped_by is StoppedBy.CANCEL
    assert kept.cost == whole.cost


def test_a_plan_is_worth_the_same_whatever_was_looked_at_before() -> None:
    """Radios of a mast are counted of the plan at hand, where no more than three may hang there."""
    instance = replace(parse_instance(_chain()), max_radios=3)
    searcher = Searcher(network_of(instance), budget=None)
    draft = searcher.draft(np.zeros(6, np.int64))
    found = [compiled(evaluate)(searcher.flat, draft) for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert found[0][2] == 0


def test_whole_spares_are_among_all_the_money_there_is() -> None:
    raw = _chain(sites=[{"id": "g", "role": "gateway_option", "cost": [100], "open": 600}], homes=[{"id": "h"}],
                 serve=[[0, 0, 0]], links=[])  # fmt: skip
    instance = replace(parse_instance(raw), spares=(WholeSpares(112.86, 0.1, 1.0, (0.0,), (0.0,), (0.0,)),))
    assert optimise(instance, budget=all_money(instance)).served_weight == 1.0


def test_a_connection_that_serves_nobody_is_a_plan_too() -> None:
    raw = _chain(sites=[{"id": "g", "role": "gateway_option", "cost": [100], "open": 50}], homes=[{"id": "h"}],
                 serve=[[0, 0, 0]], links=[], sector={"cost": 30, "homes": 1, "max_per_site": 1})  # fmt: skip
    instance = parse_instance(raw)
    rows = (StepsRow(tuple((0.0,) * (4 - a) for a in range(4)), (0.0,)),)
    instance = replace(instance, sites=(replace(instance.sites[0], steps=rows),))
    found = optimise(instance, budget=160.0)
    assert (found.status, found.served_weight) == ("optimal", 0.0)

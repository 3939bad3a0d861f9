"""The optimiser: every plan keeps the rules, the optimum where it says so, the same each time."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.progress import CancelToken, Run
from cn_planner.solver.branching import Branching, BranchLimits, Callbacks
from cn_planner.solver.highs import SolverEnd
from cn_planner.solver.instance import parse_instance, read_instance, write_solution
from cn_planner.solver.milp import MilpModel
from cn_planner.solver.network import Layout, network_of
from cn_planner.solver.optimise import optimise
from cn_planner.solver.price_bound import PriceBound
from cn_planner.solver.price_cuts import price_cuts
from cn_planner.solver.root import Root, RootLimits
from cn_planner.solver.search import Searcher
from cn_planner.solver.worker import run_in_worker

_spec = importlib.util.spec_from_file_location("plan_checker", Path(__file__).with_name("plan_checker.py"))
assert _spec is not None
assert _spec.loader is not None
plan_checker = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(plan_checker)


def _json(path: Path) -> dict[str, Any]:
    return json.loads(gzip.decompress(path.read_bytes()))


def test_tiny_instances_are_solved_to_the_reference_optimum(shared_data, tmp_path):
    """A user who asks for the cheapest network of a hamlet gets it, with proof, in both goals."""
    folder = shared_data / "planning"
    for row in csv.DictReader((folder / "reference.csv").read_text().splitlines()):
        path = folder / f"{row['instance']}.json.gz"
        budget = float(row["budget"]) if row["budget"] else None
        solution = optimise(read_instance(path), budget=budget)
        if not row["best_bound"]:
            assert solution.status == "infeasible"
            continue
        assert solution.status == "optimal"
        assert (solution.cost if budget is None else solution.served_weight) == float(row["best_bound"])
        assert plan_checker.faults(_json(path), solution.as_dict(), budget) == []
        out = tmp_path / "solution.json"
        write_solution(solution, out)
        words = [] if budget is None else ["--budget", str(budget)]
        check = subprocess.run(  # our own words
            [sys.executable, str(folder / "check_plan.py"), str(path), str(out), *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert check.returncode == 0, check.stdout


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    heights, count, homes = 2, draw(st.integers(1, 4)), draw(st.integers(0, 5))
    money = st.integers(0, 50)
    level = st.integers(0, heights - 1)
    pairs = [(a, b) for b in range(count) for a in range(b)]
    return {
        "heights_m": [6, 12],
        "sites": [
            {
                "id": f"s{i}",
                "role": draw(st.sampled_from(["gateway", "candidate"])),
                "cost": [draw(st.none() | money) for _ in range(heights)],
                "must": draw(st.integers(0, 9)) == 0,
            }
            for i in range(count)
        ],
        "homes": [
            {
                "id": f"h{i}",
                "weight": draw(st.sampled_from([1, 1, 1, 3])),
                "cost": draw(st.integers(0, 3)),
                "must": draw(st.integers(0, 9)) == 0,
            }
            for i in range(homes)
        ],
        "serve": [[s, h, draw(level)] for s in range(count) for h in range(homes) if draw(st.integers(0, 2))],
        "links": [
            [*pair, draw(level), draw(level), draw(money)] for pair in pairs for _ in range(draw(st.integers(0, 2)))
        ],
        "sector": {
            "cost": draw(st.integers(0, 9)),
            "homes": draw(st.integers(1, 4)),
            "max_per_site": draw(st.integers(0, 2)),
        },
        "max_hops": draw(st.integers(0, 3)),
        "cover": draw(st.sampled_from([0.0, 0.5, 0.95, 1.0])),
    }


@st.composite
def narrow_instances(draw: st.DrawFn) -> dict[str, Any]:
    """Instances in which what links and gateways carry often decides."""
    count, homes = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    money, level, most = st.integers(0, 30), st.sampled_from([0, 0, 1]), st.integers(1, 4)
    sites = [
        {
            "id": f"s{i}",
            "role": "gateway" if i == 0 or (i == 1 and draw(st.booleans())) else "candidate",
            "cost": [draw(money), draw(money)],
        }
        for i in range(count)
    ]
    for site in sites:
        if site["role"] == "gateway" and draw(st.booleans()):
            site["carries"] = draw(most)
    return {
        "heights_m": [6, 12],
        "sites": sites,
        "homes": [{"id": f"h{i}", "weight": draw(st.sampled_from([1, 1, 1, 2, 2.5]))} for i in range(homes)],
        "serve": [[s, h, draw(level)] for s in range(1, count) for h in range(homes) if draw(st.integers(0, 3))],
        "links": [
            [a, b, draw(level), draw(level), draw(money), *([draw(most)] if draw(st.integers(0, 3)) else [])]
            for b in range(count)
            for a in range(b)
            for _ in range(draw(st.integers(1, 2)))
        ],
        "sector": {"cost": draw(st.integers(0, 9)), "homes": draw(st.integers(2, 4)), "max_per_site": 2},
        "max_hops": draw(st.integers(1, 3)),
        "cover": draw(st.sampled_from([0.5, 1.0])),
    }


@given(instances(), st.integers(0, 120))
@settings(max_examples=150, deadline=None)
def test_the_optimum_is_that_of_trying_everything(raw, budget):
    least, most = plan_checker.brute_force(raw, budget)
    network = network_of(parse_instance(raw))
    cheapest = optimise(parse_instance(raw))
    assert cheapest.cost == least
    assert cheapest.status == ("infeasible" if least is None else "optimal")
    widest = optimise(parse_instance(raw), budget=budget)
    assert widest.served_weight == most
    for solution, money in ((cheapest, None), (widest, budget)):
        if solution.cost is not None:
            assert plan_checker.faults(raw, solution.as_dict(), money) == []
            prices = PriceBound(network, network.goal if money is None else 0.0, money)
            prices.run(40, None, None)
            if money is None:
                assert prices.bound is None or prices.bound <= least + 1e-6
            else:
                assert prices.bound is None or prices.bound >= most - 1e-6


def _held_against_trying_all(raw: dict[str, Any], budget: float) -> None:
    """Hold both goals against trying everything; no bound, of whatever form, is beyond what can be had."""
    least, most = plan_checker.brute_force(raw, budget)
    network = network_of(parse_instance(raw))
    for best, money, true in ((least, None, 1.0), (most, float(budget), -1.0)):
        solution = optimise(network.instance, budget=money)
        assert (solution.cost if money is None else solution.served_weight) == best
        assert solution.status == ("infeasible" if best is None else "optimal")
        if best is None:
            continue
        assert plan_checker.faults(raw, solution.as_dict(), money) == []
        goal = network.goal if money is None else 0.0
        prices = PriceBound(network, goal, money)
        prices.run(40, None, None)
        assert prices.bound is None or true * prices.bound <= true * best + 1e-6
        for tree, layered in ((False, False), (True, True), (True, False)):
            model = MilpModel(network, goal, money, whole_homes=False, tree=tree, layered=layered)
            root = Root(model, price_cuts(prices, model) if tree and not layered else [])
            root.run(RootLimits(rounds=5 if tree else 0, iterations=10_000))
            assert true * root.bound <= true * best + 1e-6
        tops = [len(ks) - 1 if usable else -1 for ks, usable in zip(network.allowed, network.usable, strict=True)]
        searcher = Searcher(network, budget=money)
        for start in [tops] if money is not None else [tops, searcher.thinned(tops)]:
            quick = searcher.complete(start)
            if quick is None:
                continue
            assert network.keeps_rules(quick, goal=goal, budget=money)
            fewer = root.reduced(quick, layered=False)
            fewer.run(RootLimits(rounds=5, iterations=10_000))
            for one in (root, fewer):  # what is ruled out hides no better plan
                assert true * one.bound <= true * best + 1e-6
                assert true * _branched(network, one, quick, money, 50)[0][-1] <= true * best + 1e-6


@given(narrow_instances(), st.integers(0, 120))
@settings(max_examples=30, deadline=None)
def test_the_optimum_overloads_no_link_and_no_gateway(raw, budget):
    """In both goals, and where a row of a link that carries more costs more."""
    _held_against_trying_all(raw, budget)


@st.composite
def open_instances(draw: st.DrawFn) -> dict[str, Any]:
    """Instances in which the plan may open the Internet at some sites: beside gateways, or with none of these."""
    raw = draw(st.one_of(instances(), narrow_instances()))
    for site in raw["sites"]:
        if draw(st.booleans()):
            site |= {"role": "gateway_option", "open": draw(st.integers(0, 40))}
            if draw(st.booleans()):
                site["carries"] = draw(st.integers(1, 4))
        elif site["role"] == "gateway" and draw(st.booleans()):
            site["role"] = "candidate"
            site.pop("carries", None)
    return raw


@given(open_instances(), st.integers(0, 120))
@settings(max_examples=60, deadline=None)
def test_connections_are_bought_as_trying_everything_would(raw, budget):
    """Which places become gateways is chosen with the rest, in both goals."""
    _held_against_trying_all(raw, budget)


@st.composite
def growing_instances(draw: st.DrawFn) -> dict[str, Any]:
    """Instances in which a site may serve less than its sectors carry today: room for what they carry later."""
    raw = draw(st.one_of(instances(), narrow_instances(), open_instances()))
    raw["sector"]["room"] = draw(st.sampled_from([0, 1, 2, 2, 3, 4, 2.5]))
    return raw


@given(growing_instances(), st.integers(0, 120))
@settings(max_examples=100, deadline=None)
def test_no_site_serves_more_than_it_has_room_for_as_demand_grows(raw, budget):
    """Sectors are bought for today; optimum, and each form of the bound, keep the room for later."""
    _held_against_trying_all(raw, budget)


@st.composite
def loaded_instances(draw: st.DrawFn) -> dict[str, Any]:
    """Instances in which homes take more or less than they count for: schools, and homes where hardly anybody is."""
    raw = draw(st.one_of(instances(), narrow_instances(), open_instances(), growing_instances()))
    for home in raw["homes"]:
        if draw(st.booleans()):
            home["takes"] = draw(st.sampled_from([0.25, 0.5, 1, 2, 3, 3, 2.5]))
    return raw


@given(loaded_instances(), st.integers(0, 120))
@settings(max_examples=100, deadline=None)
def test_what_a_home_takes_is_another_thing_than_what_it_counts(raw, budget):
    """Share and budget count homes; sectors, links and gateways carry what they take. Optimum and bounds keep both."""
    _held_against_trying_all(raw, budget)


def _one(**changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "heights_m": [6, 12],
        "sites": [{"id": "g", "role": "gateway", "cost": [100, 200]}],
        "homes": [{"id": "h", "weight": 1}],
        "serve": [[0, 0, 1]],
        "links": [],
        "sector": {"cost": 10, "homes": 5, "max_per_site": 2},
        "max_hops": 2,
        "cover": 1,
    }
    return {**raw, **changes}


def test_one_home_and_costs_of_nothing():
    assert optimise(parse_instance(_one())).cost == 210
    free = _one(
        sites=[{"id": "g", "role": "gateway", "cost": [0, 0]}], sector={"cost": 0, "homes": 5, "max_per_site": 2}
    )
    solution = optimise(parse_instance(free))
    assert (solution.cost, solution.gap, solution.status) == (0, 0, "optimal")


@pytest.mark.parametrize(
    ("raw", "budget", "named"),
    [
        (_one(sites=[{"id": "c", "role": "candidate", "cost": [1, 2]}]), None, "gateway"),
        (_one(sites=[], serve=[]), None, "gateway"),
        (_one(), 50, "cheapest gateway"),
        (
            _one(
                sites=[{"id": "g", "role": "gateway", "cost": [1, 2], "carries": 3}],
                homes=[{"id": "h", "weight": 4}],
            ),
            None,
            "carry only 3 homes",
        ),
        (_one(serve=[], homes=[{"id": "school", "weight": 1, "must": True}]), None, "school"),
        (
            _one(
                sites=[
                    {"id": "g", "role": "gateway", "cost": [1, 2]},
                    {"id": "far", "role": "candidate", "cost": [1, 2], "must": True},
                ]
            ),
            None,
            "far",
        ),
    ],
)
def test_what_makes_a_plan_impossible_is_named(raw, budget, named):
    solution = optimise(parse_instance(raw), budget=budget)
    assert solution.status == "infeasible"
    assert named in str(solution.reason)


def test_wrong_words_are_refused():
    for words in ({"budget": -1.0}, {"budget": float("nan")}, {"time_limit_s": -1.0}, {"run": Run(threads=0)}):
        with pytest.raises(InputError):
            optimise(parse_instance(_one()), **words)


@pytest.mark.parametrize("narrow", [False, True])
def test_a_larger_plan_keeps_the_rules_and_its_bound_when_time_is_short(shared_data, narrow):
    """What comes out after two seconds is a plan that can be built."""
    raw = _json(shared_data / "planning" / "village-2-chile.json.gz")
    if narrow:
        raw["links"] = [[*row, 60 + 60 * (number % 3)] for number, row in enumerate(raw["links"])]
        raw["sites"] = [{**site, "carries": 250} if site["role"] == "gateway" else site for site in raw["sites"]]
        raw["cover"] = 0.7
    solution = optimise(parse_instance(raw), time_limit_s=2.0, run=Run(threads=1 + narrow))
    assert solution.cost is not None
    assert plan_checker.faults(raw, solution.as_dict()) == []
    assert solution.lower_bound is None or solution.lower_bound <= solution.cost


def test_cancel_keeps_the_best_plan(shared_data):
    path = shared_data / "planning" / "village-2-chile.json.gz"
    token = CancelToken()
    solution = optimise(
        read_instance(path),
        run=Run(progress=lambda done, _doing=None: token.cancel() if done > 0.1 else None, cancel=token),
    )
    assert solution.stopped_by == "cancel"
    assert plan_checker.faults(_json(path), solution.as_dict()) == []


def test_the_number_of_threads_changes_nothing(shared_data):
    path = shared_data / "planning" / "tiny-08-catalonia.json.gz"
    first, second = (optimise(read_instance(path), run=Run(threads=n)).as_dict() for n in (1, 2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


@pytest.mark.parametrize("cover", [float("nan"), float("inf"), -0.1, 1.5])
def test_a_share_that_is_none_is_refused(cover):
    instance = parse_instance(_one())
    with pytest.raises(InputError):
        optimise(replace(instance, cover=cover))


def test_the_bounds_of_what_is_too_large_to_prove_hold(shared_data):
    """An assembly that is told "no plan can cost less than this" is told so rightly, however large the valley."""
    for number in (1, 8, 14, 17):
        path = next((shared_data / "planning").glob(f"tiny-{number:02}-*.json.gz"))
        network = network_of(read_instance(path))
        best = optimise(network.instance).cost
        for tree in (True, False):
            model = MilpModel(network, network.goal, whole_homes=False, tree=tree)
            _, bound, steps = model.relaxed(iterations=100_000)
            assert 0 < bound <= best + 1e-6
            assert steps > 0


def _branched(network, root: Root, start: Layout, money: float | None, nodes: int) -> tuple[list[float], SolverEnd]:
    """Return the bounds told while a root is branched from, and how that ended."""
    known, bounds = [start], []
    value = network.cost if money is None else lambda choice: -network.served(choice)

    def plan(choice: Layout) -> None:
        goal = network.goal if money is None else 0.0
        if network.keeps_rules(choice, goal=goal, budget=money) and value(choice) < value(known[-1]):
            known.append(choice)

    told = Callbacks(lambda: value(known[-1]), lambda _tops: None, plan, bounds.append, lambda: None)
    branching = Branching(root, told)
    branching.run(BranchLimits(iterations=1_000_000, nodes=nodes))
    return bounds, branching.end


@pytest.mark.parametrize("budget", [None, 1.0])
def test_cut_sets_layers_and_what_is_ruled_out_leave_the_bound_valid(shared_data, budget):
    """No row that is added, and nothing that is taken away, hides a plan that is better than the best known."""
    rows = csv.DictReader((shared_data / "planning" / "reference.csv").read_text().splitlines())
    tried = 0
    for row in (row for row in rows if row["best_bound"] and bool(row["budget"]) == (budget is not None)):
        money = float(row["budget"]) if row["budget"] else None
        network = network_of(read_instance(shared_data / "planning" / f"{row['instance']}.json.gz"))
        goal, true = (network.goal, 1.0) if money is None else (0.0, -1.0)
        best = true * float(row["best_bound"])
        # A plan of a short search, seldom the best: what is ruled out follows from it.
        found = Searcher(network, budget=money).run(
            chains=1, steps=200, last_start=None, deadline=None, cancel=None, watch=lambda _done: None
        )
        root = Root(MilpModel(network, goal, money, whole_homes=False))
        root.run(RootLimits(rounds=30, iterations=100_000))
        plain = MilpModel(network, goal, money, whole_homes=False).relaxed(iterations=100_000)[1]
        assert true * plain - 1e-6 <= true * root.bound <= best + 1e-6
        if not found.choices:
            continue
        tried += 1
        start = found.choices[0]
        assert network.keeps_rules(start, goal=goal, budget=money)
        for one in (root, root.reduced(start, layered=False), root.reduced(start, layered=True)):
            one.run(RootLimits(rounds=30, iterations=100_000))
            assert true * one.bound <= best + 1e-6
            plan = np.array(one.model.values(start))
            assert all(sum(factor * plan[column] for column, factor in cut) > -1e-6 for cut in one.cuts)
            nodes = [2, 2_000] if one is root else [2_000]
            for most in nodes:
                proven, end = _branched(network, one, start, money, most)
                assert true * proven[-1] <= best + 1e-6
                assert all(true * after > true * before - 1e-6 for before, after in pairwise(proven))
            assert end is SolverEnd.OPTIMAL
            assert proven[-1] == pytest.approx(true * best)
    assert tried > 10


def _crowded(count: int) -> dict[str, Any]:
    """Return a town of which every building was taken for a candidate site: each sees each."""
    sites = [
        {"id": f"s{i}", "role": "gateway" if i == 0 else "candidate", "cost": [900 + i, 1500]} for i in range(count)
    ]
    return _one(
        heights_m=[6.0, 12.0],
        sites=sites,
        homes=[{"id": f"h{i}", "weight": 1} for i in range(count)],
        serve=[[i, h, (i + h) % 2] for i in range(count) for h in range(max(0, i - 4), min(count, i + 5))],
        links=[[a, b, (a + b) % 2, 0, 300] for a in range(count) for b in range(a + 1, count)],
        sector={"cost": 100, "homes": 20, "max_per_site": 4},
        max_hops=4,
        cover=0.9,
    )


def test_a_town_of_which_every_building_is_a_site_gets_a_plan_and_a_bound(monkeypatch):
    """A quarter of a town whose whole model would take gigabytes and hours, and a quarter of what is built whole."""
    raw = _crowded(125)
    instance = parse_instance(raw)
    whole = 150_000
    monkeypatch.setattr("cn_planner.solver.optimise._WHOLE", whole)
    assert MilpModel.size(network_of(instance)) > whole
    first = optimise(instance)
    assert plan_checker.faults(raw, first.as_dict()) == []
    assert first.stopped_by == "nodes"
    assert 0 < first.lower_bound <= first.cost


@pytest.mark.parametrize("words", ["Searching", "Bounding", "Proving"])
def test_a_cancel_in_every_stage_keeps_what_was_found(words):
    raw = _crowded(34)
    token = CancelToken()

    def watch(_done: float, doing: Any = None) -> None:
        if doing is not None and str(doing).startswith(words):
            token.cancel()

    solution = optimise(parse_instance(raw), run=Run(progress=watch, cancel=token))
    assert solution.stopped_by == "cancel"
    if words != "Searching":
        assert plan_checker.faults(raw, solution.as_dict()) == []
    if words == "Proving":
        assert 0 < solution.lower_bound <= solution.cost


@pytest.mark.parametrize("within", ["a node's programme", "the branching"])
def test_a_cancel_while_it_branches_is_answered_before_the_solver_is(shared_data, within):
    """Whoever presses Cancel waits for no programme: here the solver stands still until the answer is there."""
    network = network_of(read_instance(shared_data / "planning" / "village-3-cederberg.json.gz"))
    root = Root(MilpModel(network, network.goal, whole_homes=False))
    root.run(RootLimits(rounds=0, iterations=100_000))
    tops = [len(allowed) - 1 if usable else -1 for allowed, usable in zip(network.allowed, network.usable, strict=True)]
    plan = Searcher(network, budget=None).complete(tops)
    token, answered, waited, bounds = CancelToken(), Event(), list[bool](), list[float]()

    def press() -> None:
        token.cancel()
        waited.append(answered.wait(60.0))

    def bound(value: float) -> None:
        bounds.append(value)
        if within == "the branching":
            press()

    works = press if within == "a node's programme" else lambda: None
    branching = Branching(
        root, Callbacks(lambda: root.model.objective(plan), lambda _tops: None, lambda _plan: None, bound, works)
    )
    branching.run(BranchLimits(iterations=1_000_000, nodes=1_000, cancel=token))
    assert waited == []
    answered.set()
    assert branching.end is SolverEnd.CANCEL
    assert all(root.bound <= one <= network.cost(plan) for one in bounds)
    assert bool(bounds) == (within == "the branching")


def test_what_a_node_came_to_counts_where_a_limit_ends_it(shared_data):
    """A district may have time for half a node: that half is not lost."""
    network = network_of(read_instance(shared_data / "planning" / "village-3-cederberg.json.gz"))
    root = Root(MilpModel(network, network.goal, whole_homes=False))
    root.run(RootLimits(rounds=0, iterations=100_000))
    tops = [len(allowed) - 1 if usable else -1 for allowed, usable in zip(network.allowed, network.usable, strict=True)]
    plan, bounds = Searcher(network, budget=None).complete(tops), list[float]()
    told = Callbacks(
        lambda: root.model.objective(plan), lambda _tops: None, lambda _plan: None, bounds.append, lambda: None
    )
    branching = Branching(root, told)
    branching.run(BranchLimits(iterations=500, nodes=1_000))
    assert branching.end is SolverEnd.NODES
    assert branching.nodes == 1
    assert root.bound + 1.0 < bounds[-1] < network.cost(plan)


def test_what_cannot_be_interrupted_is_left_behind_at_a_cancel():
    """Whoever presses Cancel has the window back while the solver is still in the middle of something."""
    token, go = CancelToken(), Event()
    token.cancel()
    assert run_in_worker(go.wait, token) is None
    go.set()
    assert run_in_worker(lambda: 5, CancelToken()) == 5
    with pytest.raises(ZeroDivisionError):
        run_in_worker(lambda: 1 // 0, CancelToken())


@pytest.mark.parametrize("name", ["tiny-11-cederberg", "tiny-13-cederberg", "tiny-17-cederberg"])
def test_with_ample_money_a_plan_costs_what_all_homes_cost_at_the_least(shared_data, name, monkeypatch):
    """Also where the model is too large for the solver at once, and a search has to find what is cheaper."""
    instance = read_instance(shared_data / "planning" / f"{name}.json.gz")
    least = optimise(replace(instance, cover=1.0))
    assert least.status == "optimal"
    monkeypatch.setattr("cn_planner.solver.optimise._SMALL", 0)
    rich = optimise(instance, budget=1e9)
    assert rich.served_weight == least.served_weight == rich.coverable_weight
    assert rich.cost == least.cost

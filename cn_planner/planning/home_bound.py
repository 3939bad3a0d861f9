"""What no network for very many homes undercuts: the bound of a plan of points, for the homes themselves.

The model is the loose one of `problem` with groups of homes in place of homes (`solver.clustering`). Each plan of the
homes is a solution of it, whatever the groups are: the proof stands in docs/planning.md.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import CancelledError
from cn_planner.message import msg
from cn_planner.model.plan import Priority
from cn_planner.progress import ALONE, Run
from cn_planner.solver.branching import Branching, BranchLimits, Callbacks
from cn_planner.solver.clustering import HomeClass, clustering_of
from cn_planner.solver.instance import InstanceHome
from cn_planner.solver.milp import MilpModel
from cn_planner.solver.network import NEVER, network_of
from cn_planner.solver.price_bound import MOST_PRICES, PRICE_STEPS, PriceBound
from cn_planner.solver.price_cuts import price_cuts
from cn_planner.solver.root import Root, RootLimits
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from cn_planner.model.plan import Household
    from cn_planner.planning.home_reach import HomeReach
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.solver.clustering import Clustering
    from cn_planner.solver.instance import Instance
    from cn_planner.solver.network import SolverNetwork

_ROUNDS, _ITERATIONS = 60, 50_000
"""Rounds of rows, and simplex iterations, at most where no time limit is given."""
_WORK, _NODES = 3e9, 5_000
"""Where it branches: simplex iterations times the numbers of the model, and nodes."""
_PRICED = 0.3
"""Of the time, for the prices."""
_NO_LIMIT = 2**31 - 1


def home_bound(
    problem: PlanningProblem,
    reach: HomeReach,
    served: Collection[str],
    value: float,
    *,
    budget: float | None = None,
    time_limit_s: float | None = None,
    run: Run = ALONE,
) -> float | None:
    """Return what no plan costs less than that reaches as many homes; for a budget, the most homes that one reaches.

    A home that must be reached counts as such where the plan at hand reaches it: the bound is one for that plan too.

    Parameters
    ----------
    problem : Problem
        Of the sites; its homes stand for others.
    reach : HomeReach
        How its sites reach the homes themselves.
    served : collection of str
        Homes of the plan at hand.
    value : float
        What that plan costs; how many homes it reaches, for a budget. The bound is at most, or at least, that.
    budget : float, optional
        The money.
    time_limit_s
        As for `optimise`. None where it was cancelled, or came to its limit before there was a bound.
    """
    # Of very many homes it takes seconds, in parts that do not ask.
    grouped = run_in_worker(lambda: _grouped(problem, reach, served), run.cancel)
    if grouped is None:
        return None
    weight = math.fsum(w for home, w in zip(reach.homes, reach.weight.tolist(), strict=True) if home.id in served)
    return bound_of(*grouped, weight, value, budget=budget, time_limit_s=time_limit_s, run=run)


def _grouped(problem: PlanningProblem, reach: HomeReach, served: Collection[str]) -> tuple[SolverNetwork, Clustering]:
    """Return the network of groups of the homes that a plan may serve, and what the groups hold."""
    instance = replace(
        problem.with_loose_links(reach.homes),
        homes=(), serve=np.zeros((0, 3), np.int32), sector_homes=reach.sector_homes, room_homes=None,
    )  # fmt: skip
    least = usable_only(instance, reach.least)
    clustering = clustering_of(_kinds(problem, reach, least, served), least, reach.weight)
    return network_of_groups(
        instance, clustering, whole=all(bool((one == np.floor(one)).all()) for one in (reach.weight, reach.load))
    ), clustering


def usable_only(instance: Instance, least: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return what reaches homes without the sites of an instance that no plan can have in it."""
    found = least.copy()
    found[:, ~np.array(network_of(instance).usable)] = NEVER
    return found


def network_of_groups(instance: Instance, clustering: Clustering, *, whole: bool) -> SolverNetwork:
    """Return the network of groups in place of homes.

    Parameters
    ----------
    instance : Instance
        Without homes.
    clustering : Clustering
        The groups, of usable sites only.
    whole : bool
        Whether weight and load of every home are whole numbers.
    """
    # What whole pieces in reserve cost more is left out: it only adds, and their homes are not counted one by one.
    instance = replace(instance, spares=())
    allowed = network_of(instance).allowed
    serve = [
        (site, g, allowed[site][level]) for g, group in enumerate(clustering.groups) for site, level in group.options
    ]
    filled = replace(
        instance,
        homes=tuple(
            InstanceHome(str(g), one.amount, cost=one.cost, takes=one.amount * one.load)
            for g, one in enumerate(clustering.groups)
        ),
        serve=np.array(serve, np.int32).reshape(-1, 3),
    )
    return replace(network_of(filled, whole=whole), instance=instance, groups=clustering.groups, serve=())


def bound_of(
    network: SolverNetwork,
    clustering: Clustering,
    served: float,
    value: float,
    *,
    budget: float | None = None,
    time_limit_s: float | None = None,
    run: Run = ALONE,
) -> float | None:
    """Return the bound of the plans of a network of groups that serve a weight, or of those for a budget.

    As `home_bound`, where everything is said already.
    """
    goal = 0.0 if budget is not None else served - 1e-9 * max(1.0, served)
    try:
        model = MilpModel(network, goal, budget, whole_homes=False, cancel=run.cancel, clustering=clustering)
    except CancelledError:
        return None
    began = time.perf_counter()
    prices = _priced(network, goal, budget, time_limit_s, run)
    root = Root(model, [] if prices is None else price_cuts(prices, model))

    def watch(rounds: int, iterations: float) -> None:
        done = min(1.0, max(rounds / _ROUNDS, iterations))
        run.progress(0.6 * done, msg("Bounding what any plan would cost: {pct:.0f} % at most", pct=100.0 * done))

    watch(0, 0.0)  # a small one is bounded before it tells of any round
    end = None if time_limit_s is None else began + time_limit_s
    root.run(
        RootLimits(_ROUNDS, _ITERATIONS, None if end is None else began + 0.5 * (end - began), end, run.cancel, watch)
    )
    better = max if budget is None else min
    known = [one for one in (root.bound, None if prices is None else prices.bound) if one is not None]
    if run.cancelled or not known:
        return None
    found = better(known)

    def told(bound: float) -> None:
        nonlocal found
        found = better(found, bound)

    if root.bound is not None:
        objective = value if budget is None else -value
        run.progress(0.6, msg("Proving how good the plan is"))
        branching = Branching(
            root, Callbacks(lambda: objective, lambda _tops: None, lambda _choice: None, told, lambda: None)
        )
        numbers = len(model.columns.cost) + len(model.rows.lower)
        iterations, nodes = (int(_WORK / numbers), _NODES) if end is None else (_NO_LIMIT, _NO_LIMIT)
        branching.run(BranchLimits(iterations, nodes, end, run.cancel, only_bound=True))
    run.progress(1.0)
    if budget is not None and network.whole:
        found = float(math.floor(found + 1e-6 * max(1.0, found)))
    return min(found, value) if budget is None else max(found, value)


def _priced(
    network: SolverNetwork, goal: float, budget: float | None, time_limit_s: float | None, run: Run
) -> PriceBound | None:
    """Return the bound by prices, which needs no programme; None where they would be too many."""
    if PriceBound.size(network) > MOST_PRICES:
        return None
    prices = PriceBound(network, goal, budget)
    end = None if time_limit_s is None else time.perf_counter() + _PRICED * time_limit_s
    prices.run(PRICE_STEPS, end, run.cancel)
    return prices


def may_be_served(reach: HomeReach, least: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which homes a plan may serve; ``least`` as of `usable_only`."""
    found: NDArray[np.bool_] = reach.coverable & (reach.weight > 0.0) & (least < NEVER).any(axis=1)
    return found


def cheapest_of_home(problem: PlanningProblem, home: Household) -> float:
    """Return what a home's own equipment costs with the cheapest of the plan's kits: it may get any of them."""
    return min(problem.least.home(replace(home, client_kit=kit)) for kit in problem.plan.kits.clients)


def _kinds(
    problem: PlanningProblem, reach: HomeReach, least: NDArray[np.int8], served: Collection[str]
) -> list[HomeClass]:
    """Return the homes that a plan may serve, by what they cost and take, and whether it has to serve them."""
    may = may_be_served(reach, least)
    found: dict[tuple[float, bool, float], list[int]] = {}
    for number in np.flatnonzero(may).tolist():
        home = reach.homes[number]
        must = home.priority is Priority.MUST and home.id in served
        cost = cheapest_of_home(problem, home)
        each = float(reach.load[number] / reach.weight[number])
        found.setdefault((cost, must, each), []).append(number)
    kinds = []
    for (cost, must, each), numbers in sorted(found.items()):
        homes = np.array(numbers, np.int64)
        kinds.append(HomeClass(homes, cost / float(reach.weight[homes].max()), must, each))
    return kinds

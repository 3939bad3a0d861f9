"""Where what is asked for cannot be had: the greatest share that can, with its plan, and the rule that binds."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.message import Message, msg
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import PlanStatus
from cn_planner.planning.fix_words import MORE_SECTORS
from cn_planner.planning.shortfall import ShortOfHomes
from cn_planner.solver.instance import Solution, SolutionStatus
from cn_planner.solver.network import network_of
from cn_planner.solver.optimise import optimise
from cn_planner.solver.search import Searcher

if TYPE_CHECKING:
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.progress import Clock, Run
    from cn_planner.solver.instance import Instance

Binding = tuple[UnservedKind, Message]
"""A rule that binds, in a word and in words."""
_MOST_SHARE, _COST_SHARE = 0.4, 0.5
"""Of the time that is left: for the most homes, then for the least cost of as many."""
_MANY = 1_000
"""Sectors of a site, as good as no limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Shortage:
    """The best that can be had of what cannot be had whole.

    Attributes
    ----------
    share : float
        Of the coverable homes, that the plan is made for.
    solution : Solution
        The least cost that was found for it.
    upper_bound : float or None
        No plan serves more.
    goal : float
        The weight of homes that was asked for.
    why : Message or None
        The rule that binds, in words; None where none is known.
    kind : UnservedKind
        The same in a word.
    proven : bool
        Whether it is proven that what was asked for cannot be had.
    """

    share: float
    solution: Solution
    upper_bound: float | None
    goal: float
    why: Message | None
    kind: UnservedKind
    proven: bool

    def told(self, found: Design) -> Design:
        """Return a design for the share as the answer to what was asked."""
        if found.edit is None or found.edit.plan.outcome is None:
            return found
        status = PlanStatus.INFEASIBLE if self.proven else PlanStatus.FEASIBLE
        if found.status is PlanStatus.CANCELLED:
            status = found.status
        upper = None if self.upper_bound is None else max(self.upper_bound, found.served)
        short = ShortOfHomes(self.kind, self.goal, found.served, self.why)
        outcome = replace(found.edit.plan.outcome, status=status, lower_bound=None, gap=None, homes_upper_bound=None)
        plan = replace(found.edit.plan, outcome=outcome)
        return replace(
            found, edit=Edit(found.edit.label, plan), status=status, lower_bound=None, gap=None,
            homes_upper_bound=upper, reason=short.words(found.served), shortfall=short,
        )  # fmt: skip


def best_share(
    problem: PlanningProblem, first: Solution, why: Binding | None, clock: Clock, *, prove: bool, run: Run
) -> Shortage | None:
    """Return the best share of the homes that a plan can serve; None where not even one home can be.

    Parameters
    ----------
    problem : Problem
        With the share that was asked for.
    first : Solution
        What the search for that gave: no plan.
    why : (UnservedKind, Message), optional
        The rule that binds, where it is known already.
    clock : Clock
        Of the whole job.
    prove : bool
        Whether the most homes are bounded.
    """
    most = problem.network.coverable
    if most <= 0.0:
        return None
    instance = replace(problem.loose(), cover=0.0)
    found = optimise(
        instance, budget=all_money(instance), time_limit_s=clock.left(_MOST_SHARE), prove=prove, branch=False, run=run
    )
    served, solution = found.served_weight or 0.0, found
    at_once = _everywhere(instance)
    goal = min(max(served, at_once), problem.network.goal)
    if goal <= 0.0 or (found.cost is None and at_once <= 0.0):
        return None
    # Of as many homes the least cost: the most homes for any money spend all of it.
    as_many = replace(instance, cover=_share(goal, network_of(instance).coverable))
    cheaper = optimise(as_many, time_limit_s=clock.left(_COST_SHARE), prove=False, branch=False, run=run)
    if cheaper.cost is not None:
        solution, served = cheaper, cheaper.served_weight or 0.0
    elif solution.cost is None:
        return None
    kind, words = why or _binding(problem) or (UnservedKind.SHORT, first.reason)
    return Shortage(
        _share(min(served, most), most), solution, found.upper_bound, problem.network.goal, words, kind,
        proven=first.status is SolutionStatus.INFEASIBLE,
    )  # fmt: skip


def all_money(instance: Instance) -> float:
    """Return more than all that could be built costs: with so much only the rules stand in the way."""
    sites = math.fsum(
        max((cost for cost in site.cost if cost is not None), default=0.0)
        + instance.max_sectors * (instance.sector_cost + site.sector_beside)
        + (instance.max_sectors + len(instance.sites)) * max(site.radio_beside, default=0.0)
        + max((row.most_cost for row in site.steps or () if row is not None), default=0.0)
        for site in instance.sites
    )
    more = math.fsum(site.open_cost or 0.0 for site in instance.sites) + sum(one.price for one in instance.spares)
    return 1.0 + sites + more + float(instance.link_cost.sum()) + math.fsum(home.cost for home in instance.homes)


def _share(served: float, of: float) -> float:
    """Return a share that asks for no more than a weight: a hair under it."""
    return min(1.0, max(0.0, served / of * (1.0 - 1e-12)))


def _everywhere(instance: Instance) -> float:
    """Return the weight that the quick rules serve where every site stands at its greatest height."""
    from cn_planner.propagation.kernel import compiled
    from cn_planner.solver.search_kernels import evaluate

    network = network_of(instance)
    searcher = Searcher(network, budget=None)
    draft = searcher.draft(np.array(searcher.flat.sites.tops, dtype=np.int64))
    flat = searcher.flat._replace(rules=searcher.flat.rules._replace(goal=math.inf))
    _, served, missed = compiled(evaluate)(flat, draft)
    return 0.0 if missed > 0.0 else float(served)


def _binding(problem: PlanningProblem) -> Binding | None:
    """Return the rule without which as many homes as were asked for could be served; None where none alone."""
    instance, goal = problem.loose(), problem.network.goal
    if _everywhere(instance) >= goal:
        return None  # none that is counted is in the way
    open_gates = tuple(replace(site, carries=math.inf) for site in instance.sites)
    without: tuple[tuple[dict[str, Any], UnservedKind, Message], ...] = (
        ({"sites": open_gates}, UnservedKind.SHORT_DOORS, msg(
            "What stands in the way is what the Internet connections carry: ask for more Mbit/s there, for a second "
            "connection, or plan for less demand at the busy hour."
        )),
        ({"link_carries": None}, UnservedKind.SHORT_LINKS, msg(
            "What stands in the way is what the links between towers carry: choose a faster kit for them, a second "
            "Internet connection, or plan for less demand at the busy hour."
        )),
        ({"sites": open_gates, "link_carries": None}, UnservedKind.SHORT_DOORS_LINKS, msg(
            "What stands in the way is what the Internet connections and the links between towers carry: choose "
            "faster ones, or plan for less demand at the busy hour."
        )),
        ({"max_radios": None}, UnservedKind.SHORT_RADIOS, msg(
            "What stands in the way is the air: with more than {most} radios on a mast they drown each other on the "
            "channels that they may use. A second Internet connection at another tower, or a kit of another band for "
            "links, would help.", most=instance.max_radios or 0,
        )),
        ({"max_sectors": _MANY, "room_homes": None}, UnservedKind.SHORT_SECTORS, replace(
            MORE_SECTORS, values=(("most", instance.max_sectors),)
        )),
        ({"max_hops": len(instance.sites)}, UnservedKind.SHORT_HOPS, msg(
            "What stands in the way is that a tower may be only {most} links from an Internet connection: allow more, "
            "or add a connection.", most=instance.max_hops,
        )),
        ({"sites": open_gates, "link_carries": None, "max_sectors": _MANY, "room_homes": None},
         UnservedKind.SHORT_ALL, msg(
            "What stands in the way is what Internet connections, links and sectors carry together: plan for less "
            "demand at the busy hour, or add connections and places for towers."
        )),
    )  # fmt: skip
    found = ((kind, said) for less, kind, said in without if _everywhere(replace(instance, **less)) >= goal)
    return next(found, None)

"""What is known of an instance while it is searched: the best plan, and what bounds every plan."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from cn_planner.solver.instance import Solution, SolutionSite, SolutionStatus, StoppedBy
from cn_planner.solver.network import Layout

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.solver.network import SolverNetwork

_OPTIMAL_GAP = 1e-6


@dataclass(slots=True)
class Known:
    """The best plan and bound so far.

    Attributes
    ----------
    budget : None: least cost for the network's goal. Else most weight for so much money.
    bound : on the cost of every plan from below, or on the weight from above; None where there is none.
    impossible : whether it is proven that there is no plan.
    """

    network: SolverNetwork
    budget: float | None
    best: Layout | None = None
    bound: float | None = None
    impossible: bool = False
    _lock: Lock = field(default_factory=Lock)

    @property
    def goal(self) -> float:
        """Return the weight that a plan has to serve."""
        return self.network.goal if self.budget is None else 0.0

    def take(self, choice: Layout | None) -> None:
        """Keep a plan where it keeps all rules and is better than the best."""
        if choice is None or not self.assigned(choice):
            return
        choice = self.network.pruned(choice)
        if not self.network.keeps_rules(choice, goal=self.goal, budget=self.budget):
            return
        with self._lock:
            if self.best is None or self.value(choice) < self.value(self.best):
                self.best = choice

    def begin(self, solution: Solution) -> Layout | None:
        """Take a plan that was found before, for this network or one much like it.

        Return it where it is none here, though its sites and heights are of this network.
        """
        net, inst = self.network, self.network.instance
        at = {site.id: i for i, site in enumerate(inst.sites)}
        levels, parents, sectors = [-1] * len(at), [-1] * len(at), [0] * len(at)
        for site in solution.sites:
            i = at.get(site.id, -1)
            heights = [] if i < 0 else [inst.heights_m[k] for k in net.allowed[i]]
            if site.height_m not in heights:
                return None
            levels[i], sectors[i] = heights.index(site.height_m), site.sectors
        for child, parent in solution.links:
            parents[at[child]] = at[parent]
        server = tuple(at[solution.homes[home.id]] if home.id in solution.homes else -1 for home in inst.homes)
        found = Layout(tuple(levels), tuple(parents), tuple(sectors), server)
        self.take(found)
        return found if self.best is None else None

    def assigned(self, choice: Layout) -> bool:
        """Return whether a plan says who serves whom."""
        return len(choice.server) == len(self.network.instance.homes)

    def value(self, choice: Layout) -> tuple[float, float]:
        """Return what is the less the better a plan is."""
        cost = self.network.cost(choice)
        return (cost, 0.0) if self.budget is None else (-self.network.served(choice), cost)

    def take_bound(self, bound: float | None) -> None:
        """Keep a bound where it is better than the one before."""
        if bound is not None:
            better = max if self.budget is None else min
            self.bound = bound if self.bound is None else better(self.bound, bound)

    def beats(self, bound: float, other: float) -> bool:
        """Return whether a bound says more than another."""
        return bound > other if self.budget is None else bound < other

    @property
    def closed(self) -> bool:
        """Whether the bound has met the best plan."""
        bound = self.rounded_bound()
        if self.best is None or bound is None:
            return False
        value = self.network.cost(self.best) if self.budget is None else self.network.served(self.best)
        return not self.beats(value, bound) if self.budget is None else bound <= value

    def rounded_bound(self) -> float | None:
        """Return the bound carried to the next value that a plan can have."""
        if self.bound is None:
            return None
        if self.budget is None:
            scale = 100.0 if self.network.cents else None
            low = max(0.0, self.bound)
            return math.ceil(low * scale - 1e-4 * max(1.0, low)) / scale if scale and low < 1e10 else low
        high = min(self.bound, self.network.coverable)
        return float(math.floor(high + 1e-6 * max(1.0, high))) if self.network.whole else high

    def counted(self) -> float | None:
        """Return what any plan costs at least, by counting sectors and sites; of a budget, what can be served."""
        if self.budget is not None:
            return self.network.coverable
        net, inst = self.network, self.network.instance
        roots = [i for i, site in enumerate(inst.sites) if site.may_be_root and net.usable[i]]
        gates = [net.site_cost(i, 0) + net.open_cost(i) for i in roots]
        each = [home.cost / home.weight for home in inst.homes if home.weight > 0]
        load = self.goal * self.network.load_each
        sectors = math.ceil(load / inst.sector_homes - 1e-9) if inst.sector_homes > 0 else 0
        return min(gates, default=0.0) + sectors * inst.sector_cost + self.goal * min(each, default=0.0)

    def solution(self, stopped: StoppedBy, began: float, reason: Message | None) -> Solution:
        """Return what is known as the answer of a run that began at a moment of the performance counter."""
        net, inst = self.network, self.network.instance
        seconds = time.perf_counter() - began
        bound = self.rounded_bound()
        if self.best is None:
            status = SolutionStatus.INFEASIBLE if self.impossible else SolutionStatus.UNKNOWN
            return Solution(status, stopped, seconds, coverable_weight=net.coverable, reason=reason)
        choice = self.best
        cost, served = net.cost(choice), net.served(choice)
        if bound is not None:
            bound = min(bound, cost) if self.budget is None else max(bound, served)
        gap = None
        if bound is not None:
            gap = abs(cost - bound) / max(cost, 1.0) if self.budget is None else abs(bound - served) / max(served, 1.0)
        optimal = gap is not None and gap <= _OPTIMAL_GAP
        opened = {i for i in net.roots(choice) if not inst.sites[i].gateway}
        return Solution(
            status=SolutionStatus.OPTIMAL if optimal else SolutionStatus.FEASIBLE,
            stopped_by=stopped,
            seconds=seconds,
            cost=cost,
            served_weight=served,
            coverable_weight=net.coverable,
            lower_bound=bound if self.budget is None else None,
            upper_bound=None if self.budget is None else bound,
            gap=gap,
            sites=tuple(
                SolutionSite(site.id, inst.heights_m[net.allowed[i][choice.levels[i]]], choice.sectors[i], i in opened)
                for i, site in enumerate(inst.sites)
                if choice.levels[i] >= 0
            ),
            links=tuple((inst.sites[i].id, inst.sites[p].id) for i, p in enumerate(choice.parents) if p >= 0),
            homes={inst.homes[h].id: inst.sites[site].id for h, site in enumerate(choice.server) if site >= 0},
        )

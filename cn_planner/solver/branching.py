"""Branch and bound from the root: what no plan undercuts, node by node, the least bound first.

A node is a set of plans: those whose columns and totals lie between some bounds. Its relaxation, with the cut sets and
the rows of the sectors that it violates, bounds them. A column or a total that is not whole there splits it in two.
Totals come first: "five sites or fewer, or six and more" moves the bound further than any single site does. Which of
some candidates splits best is tried out by a few simplex iterations (reliability branching: Achterberg, Koch, Martin,
Operations Research Letters 33, 2005).

The solver's own search spends minutes on the models of a valley before its second node.
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.solver.arc_rows import whole_columns
from cn_planner.solver.highs import SolverEnd, checked
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.progress import CancelToken
    from cn_planner.solver.network import Layout
    from cn_planner.solver.root import Root, Work
    from cn_planner.solver.working_rows import Basis

_VIOLATED, _CUTS = 0.05, 60
"""By how much a node must break a row to have it added, and how many at once."""
_ROUNDS = 4
"""Rounds of such rows at a node at most; what the model itself holds comes back as often as it is violated."""
_BACK = 30
"""Rounds of those."""
_GAIN = 1e-4
"""Gain of a round, as a share of the bound, below which no further rows are looked for."""
_TRIED, _STEPS, _KNOWN = 8, 100, 2
"""Candidates that are tried, iterations of a trial, and trials of a candidate after which its gain counts as known."""
_EXACT_WEIGHTS, _QUICK_WEIGHTS, _LARGE = -1, 1, 8_000
"""How the simplex method chooses a row: by steepest edges, whose weights take as long to work out at the start as some
hundred iterations; in trials of a model of so many rows by Devex's, which begin at 1."""
_SLACK = 1.5
"""Growth of the rows that come and go after which those that do not bind are taken out."""
_WHOLE = 1e-5
_EXACT_NODES, _EXACT_S = 500, 5.0
"""Limits of the exact model of a node whose relaxation is whole but for the homes."""

NodeBounds = dict[int, tuple[float, float]]
"""Of columns; of totals by -1 less the solver's row."""


@dataclass(slots=True)
class BranchLimits:
    """Where a search stops: simplex iterations and nodes repeat, a deadline does not."""

    iterations: int
    nodes: int
    deadline: float | None = None
    cancel: CancelToken | None = None
    only_bound: bool = False
    """Whether it ends where the bound cannot rise any more."""
    exact: bool = True
    """Whether the programme itself is solved where a node's relaxation is whole but for the homes."""


@dataclass(slots=True)
class Callbacks:
    """What a search asks and tells.

    Attributes
    ----------
    objective : of the best plan known: money, or weight with a minus.
    levels : told the levels of the sites that a relaxation builds.
    plan : told a plan that a relaxation is.
    bound : told what bounds every plan better than the best.
    works : told now and then, from within the solver, that it goes on.
    """

    objective: Callable[[], float]
    levels: Callable[[tuple[int, ...]], None]
    plan: Callable[[Layout], None]
    bound: Callable[[float], None]
    works: Callable[[], None]


@dataclass(slots=True)
class Branching:
    """The search over a root that has an optimum.

    Attributes
    ----------
    end : OPTIMAL where nothing is left to search, so that no plan is better than the best known.
    """

    root: Root
    callbacks: Callbacks
    end: SolverEnd = SolverEnd.NODES
    iterations: int = 0
    nodes: int = 0
    _limits: BranchLimits = field(default_factory=lambda: BranchLimits(0, 0))
    _lower: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _upper: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _set: NodeBounds = field(default_factory=dict)
    _gains: dict[int, tuple[float, float, int]] = field(default_factory=dict)
    """Of a column or total: gain of the bound for each unit that it goes down, and up; trials."""
    _sites: list[int] = field(default_factory=list)
    _sectors: list[int] = field(default_factory=list)
    _pieces: list[int] = field(default_factory=list)
    _turns: list[int] = field(default_factory=list)
    _links: list[int] = field(default_factory=list)

    def run(self, limits: BranchLimits) -> None:
        """Search until nothing is left or a limit is reached."""
        if run_in_worker(lambda: self._run(limits), limits.cancel) is None:
            self.end = SolverEnd.CANCEL

    def _run(self, limits: BranchLimits) -> bool:
        import highspy

        model, work = self.root.model, self.root.work
        assert work is not None  # noqa: S101  # a root that has an optimum was run
        self._limits = limits
        work.listener.cancel, work.listener.iterations = (
            limits.cancel,
            lambda _seconds, _iterations: self.callbacks.works(),
        )
        self._lower, self._upper = np.array(model.columns.lower), np.array(model.columns.upper)
        self._sites, self._sectors = [*model.x.values(), *model.y.values()], list(model.n.values())
        self._pieces = [pieces for pieces, _, _ in model.whole]
        self._turns = list(whole_columns(model))
        self._links = [arc.column for arc in model.arcs]
        number, left = 1, math.inf  # the least bound of what cannot be split
        heap: list[tuple[float, int, NodeBounds, Basis | None]] = [(-math.inf, 0, {}, None)]
        most = _SLACK * len(work.rows)
        while heap and self._goes_on():
            known, at, bounds, basis = heapq.heappop(heap)
            if self._beaten(known):
                heap = []
                break
            if limits.only_bound and known >= left:
                break
            if known > -math.inf:
                self._tell(min(known, left))
            self._put(highspy, work.solver, bounds)
            if basis is not None:
                work.rows.put(highspy, work.solver, basis)
            value, values = self._solved(highspy, work)
            self.nodes += 1
            if value == math.inf:
                continue
            value = known if value is None else max(known, value)
            if values is None:
                if self._goes_on():  # the solver gave up: what is known of the node stays
                    left = min(left, value)
                    continue
                heapq.heappush(heap, (value, at, bounds, basis))
                break
            bounds = bounds | self._fixed(np.array(work.solver.getSolution().col_dual), value, values)
            if len(work.rows) > most:
                work.rows.drop(highspy, work.solver)
                most = _SLACK * len(work.rows)
            self._offer(values)
            basis = work.rows.basis(highspy, work.solver)
            split = self._split(highspy, work, bounds, value, values)
            if split is None:
                left = min(left, self._rest(bounds, value, values))
                continue
            for part in split:
                heapq.heappush(heap, (value, number, part, basis))
                number += 1
        least = min([left, *(node[0] for node in heap)])
        if self._beaten(least):
            self.end = SolverEnd.OPTIMAL
            least = self.callbacks.objective()
        if least > -math.inf:
            self._tell(least)
        self._put(highspy, work.solver, {})
        return True

    def _goes_on(self) -> bool:
        limits = self._limits
        if limits.cancel is not None and limits.cancel.cancelled:
            self.end = SolverEnd.CANCEL
        elif limits.deadline is not None and time.perf_counter() > limits.deadline:
            self.end = SolverEnd.TIME
        elif self.iterations >= limits.iterations or self.nodes >= limits.nodes:
            self.end = SolverEnd.NODES
        else:
            return True
        return False

    def _threshold(self) -> float:
        """Return the objective from which on no plan is better than the best known."""
        model = self.root.model
        value = model.cutoff(self.callbacks.objective())
        hair = 1e-6 * max(1.0, abs(value))
        # Where better is better by a step, what is at the step is better.
        return value + hair if model.in_units else value - hair

    def _beaten(self, bound: float) -> bool:
        return bound >= self._threshold()

    def _tell(self, bound: float) -> None:
        bound = min(bound, self.callbacks.objective())
        self.callbacks.bound(bound if self.root.model.budget is None else -bound)

    def _put(self, highspy: Any, solver: Any, bounds: NodeBounds) -> None:
        """Give the solver the bounds of a node."""
        for key in [*(key for key in self._set if key not in bounds), *bounds]:
            low, high = bounds.get(key) or self._widest(key)
            if self._set.get(key) != (low, high):
                change = solver.changeColBounds if key >= 0 else solver.changeRowBounds
                checked(highspy, change(key if key >= 0 else -1 - key, low, high))
        self._set = bounds

    def _widest(self, key: int) -> tuple[float, float]:
        return (float(self._lower[key]), float(self._upper[key])) if key >= 0 else (0.0, math.inf)

    def _lp(self, highspy: Any, solver: Any, iterations: int | None = None) -> float | None:
        """Solve what stands in the solver; return its value, inf where no better plan is left, None where stopped.

        A trial of so many iterations returns what it came to.
        """
        limits, cutoff = self._limits, self._threshold()
        most = max(1, limits.iterations - self.iterations) if iterations is None else iterations
        checked(highspy, solver.setOptionValue("simplex_iteration_limit", most))
        checked(highspy, solver.setOptionValue("objective_bound", cutoff if iterations is None else math.inf))
        quick = iterations is not None and solver.getNumRow() > _LARGE
        weights = _QUICK_WEIGHTS if quick else _EXACT_WEIGHTS
        checked(highspy, solver.setOptionValue("simplex_dual_edge_weight_strategy", weights))
        if limits.deadline is not None:
            seconds = max(0.05, limits.deadline - time.perf_counter())
            checked(highspy, solver.setOptionValue("time_limit", solver.getRunTime() + seconds))
        solver.run()  # trouble shows in the status
        status, kind, info = solver.getModelStatus(), highspy.HighsModelStatus, solver.getInfo()
        self.iterations += max(0, int(info.simplex_iteration_count))
        if status in (kind.kInfeasible, kind.kUnboundedOrInfeasible, kind.kObjectiveBound):
            return math.inf
        if status == kind.kOptimal or (iterations is not None and status == kind.kIterationLimit):
            return float(info.objective_function_value)
        return None

    def _solved(self, highspy: Any, work: Work) -> tuple[float | None, NDArray[np.float64] | None]:
        """Solve a node with the rows that it breaks; return what bounds it, inf where no better plan is in it.

        Where it was stopped on the way, that is the last optimum, None before the first, and there are no values.
        """
        solver, rows = work.solver, work.rows
        value = self._lp(highspy, solver)
        before, values, cutting = value, None, True
        for number in range(_BACK):
            if value is None:
                return before, None
            if self._beaten(value):
                return math.inf, None
            values = np.array(solver.getSolution().col_value)
            back = rows.violated(values)
            found = work.violated(values, _VIOLATED, _CUTS) if cutting and number < _ROUNDS else []
            if not (found or len(back)):
                break
            rows.add(highspy, solver, back, found)
            before, value = value, self._lp(highspy, solver)
            cutting = value is not None and value - before > _GAIN * abs(before)
        return (before, None) if value is None else (value, values)

    def _offer(self, values: NDArray[np.float64]) -> None:
        for least in (0.3, 0.7):
            self.callbacks.levels(self.root.tops(least, values))

    def _candidates(self, values: NDArray[np.float64], work: Work) -> list[tuple[int, float]]:
        """Return columns and totals that are not whole, with their value, the most promising first."""
        found: list[tuple[float, int, float]] = []
        for row, columns in work.rows.totals.items():
            total = float(values[columns].sum())
            off = abs(total - round(total))
            if off > 0.02:
                found.append((2.0 + off, -1 - row, total))
        for some, worth in ((self._pieces, 2.0), (self._sites, 1.0), (self._sectors, 0.6), (self._turns, 0.3)):
            found += _fractional(values, some, worth)
        if not found:
            found = _fractional(values, self._links, 1.0)
        return [(key, value) for _, key, value in sorted(found, key=lambda one: (-one[0], one[1]))]

    def _split(
        self, highspy: Any, work: Work, bounds: NodeBounds, value: float, values: NDArray[np.float64]
    ) -> tuple[NodeBounds, NodeBounds] | None:
        """Return the two parts of a node whose bounds rise most; None where all of it is whole."""
        candidates = self._candidates(values, work)[:_TRIED]
        if not candidates:
            return None
        basis = work.solver.getBasis()
        small = 1e-6 * max(1.0, abs(value))
        chosen, most = candidates[0], -1.0
        for key, at in candidates:
            if not self._goes_on():
                break
            down, up, trials = self._gains.get(key, (0.0, 0.0, 0))
            part = at - math.floor(at)
            if trials < _KNOWN:
                rises = []
                for bound in self._parts(bounds, key, at):
                    self._put(highspy, work.solver, bound)
                    reached = self._lp(highspy, work.solver, _STEPS)
                    rises.append(self._rise(value, value if reached is None else reached))
                    checked(highspy, work.solver.setBasis(basis))
                down = (down * trials + rises[0] / part) / (trials + 1)
                up = (up * trials + rises[1] / (1.0 - part)) / (trials + 1)
                self._gains[key] = down, up, trials + 1
            else:
                rises = [down * part, up * (1.0 - part)]
            score = max(rises[0], small) * max(rises[1], small)
            if score > most:
                chosen, most = (key, at), score
        return self._parts(bounds, *chosen)

    def _rise(self, value: float, reached: float) -> float:
        cutoff = self.root.model.cutoff(self.callbacks.objective())
        return max(0.0, min(reached, cutoff) - value)

    def _parts(self, bounds: NodeBounds, key: int, at: float) -> tuple[NodeBounds, NodeBounds]:
        low, high = bounds.get(key) or self._widest(key)
        return bounds | {key: (low, float(math.floor(at)))}, bounds | {key: (float(math.floor(at)) + 1.0, high)}

    def _fixed(self, prices: NDArray[np.float64], value: float, values: NDArray[np.float64]) -> NodeBounds:
        """Return what the prices of a node rule out in it: steps of masts that no better plan takes, or leaves."""
        cutoff = self.root.model.cutoff(self.callbacks.objective())
        far = max(0.0, cutoff - value) + 1e-6 * max(1.0, abs(cutoff))
        found: NodeBounds = {}
        for column in self._sites:
            if values[column] < 1e-6 and prices[column] > far:
                found[column] = (0.0, 0.0)
            elif values[column] > 1.0 - 1e-6 and prices[column] < -far:
                found[column] = (1.0, 1.0)
        return found

    def _rest(self, bounds: NodeBounds, value: float, values: NDArray[np.float64]) -> float:
        """Return the bound of a node that is whole but for the homes, after a look at its exact model."""
        model, limits = self.root.model, self._limits
        choice = model.choice(values)
        if len(choice.server) == len(model.network.instance.homes):
            self.callbacks.plan(choice)
            if self._beaten(value) or model.network.arcs is None:
                return math.inf if self._beaten(value) else value
            # Whole, and yet it may part a home's time among beams: that is seen below.
        if not limits.exact:
            return value
        lower, upper = self._lower.copy(), self._upper.copy()
        for key, (low, high) in bounds.items():
            if key >= 0:
                lower[key], upper[key] = low, high
        seconds = None if limits.deadline is None else min(_EXACT_S, max(0.05, limits.deadline - time.perf_counter()))
        exact = self.root.bounded(lower, upper)
        result = exact.solve_whole(start=None, nodes=_EXACT_NODES, time_limit_s=seconds, cancel=limits.cancel)
        if result.choice is not None:
            self.callbacks.plan(result.choice)
        if result.end is SolverEnd.INFEASIBLE:
            return math.inf
        if result.bound is None:
            return value
        least = max(value, result.bound if model.budget is None else -result.bound)
        return math.inf if self._beaten(least) else least


def _fractional(values: NDArray[np.float64], columns: list[int], worth: float) -> list[tuple[float, int, float]]:
    found = []
    for column in columns:
        value = float(values[column])
        off = abs(value - round(value))
        if off > _WHOLE:
            found.append((worth * off, column, value))
    return found

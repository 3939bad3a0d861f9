"""The root of the search tree: the linear relaxation, made tighter by directed cut sets, and what follows from it.

Every optimum of the relaxation bounds what any plan reaches. Its reduced costs say which options, sites and servers no
plan better than the best known can use: the model that is then searched is smaller, and the bound stays that of
all plans.
"""

from __future__ import annotations

import time
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.solver.arc_rows import ArcTimes
from cn_planner.solver.cutsets import CutSets
from cn_planner.solver.formulation import Kept
from cn_planner.solver.highs import Listener, SolverEnd, checked, solver_with
from cn_planner.solver.milp import MilpModel
from cn_planner.solver.sector_rows import SectorRows
from cn_planner.solver.share_rows import ShareRows
from cn_planner.solver.worker import run_in_worker
from cn_planner.solver.working_rows import WorkingRows, extended

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.progress import CancelToken
    from cn_planner.solver.cutsets import Cut
    from cn_planner.solver.formulation import LinkOption
    from cn_planner.solver.network import Layout

_INTERIOR = 50_000
"""Numbers of a model from which the interior point method solves the first relaxation sooner."""
_MOST_CUTS = 100
"""Rows added in a round."""
_CLEAR = 4
"""Rounds after which rows that do not bind are taken out."""
_FIRST, _LAST = 0.1, 0.012
"""By how much a row must be violated to be added: at first, at last."""
_SECTORS = 0.02
"""Likewise a row of the sectors, in sectors."""
_SLOW = 2e-4
"""A gain of three rounds, as a share of the bound, that is too small to go on: to branch gains more."""
_USED = 1e-6
_NO_ROWS = np.zeros(0, np.int64)


@dataclass(slots=True)
class RootLimits:
    """Where a root stops: rounds and simplex iterations repeat, a deadline does not."""

    rounds: int
    iterations: int
    deadline: float | None = None
    last: float | None = None
    """Deadline of the first optimum: without one there is no bound."""
    cancel: CancelToken | None = None
    watch: Callable[[int, float], None] | None = None
    """Told the rounds done, and the iterations as a share of the most."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A relaxation in the solver, and what finds the rows that its optimum breaks."""

    solver: Any
    listener: Listener
    rows: WorkingRows
    cut_sets: CutSets
    sectors: SectorRows
    shares: ShareRows | None
    times: ArcTimes

    def violated(self, values: NDArray[np.float64], least: float, most: int) -> list[Cut]:
        """Return rows beside those of the model that a solution breaks."""
        found = self.sectors.violated(values, _SECTORS) + self.times.violated(values, _SECTORS)
        found += self.cut_sets.violated(values, least, most)
        return found if self.shares is None else found + self.shares.violated(values, least)


@dataclass(slots=True)
class Root:
    """The relaxation of a model, and its last optimum.

    Attributes
    ----------
    bound : of every plan that the model holds; None before there is one.
    end : how the last run ended.
    iterations : of the simplex method, so far.
    """

    model: MilpModel
    cuts: list[Cut] = field(default_factory=list)
    """Rows to begin with; after a run those that bind."""
    bound: float | None = None
    end: SolverEnd = SolverEnd.NODES
    iterations: int = 0
    _values: NDArray[np.float64] | None = None
    _prices: NDArray[np.float64] | None = None
    _least: float = 0.0
    _work: Work | None = None

    def run(self, limits: RootLimits) -> None:
        """Solve the relaxation and add cut sets, until none is violated, they help little, or a limit is reached.

        Where it was run before it goes on.
        """
        if run_in_worker(lambda: self._run(limits), limits.cancel) is None:
            self.end = SolverEnd.CANCEL

    def _run(self, limits: RootLimits) -> bool:
        import highspy

        if self._work is None:
            self._work = self._begun(highspy)
        work = self._work
        work.listener.cancel, work.listener.iterations = limits.cancel, self._teller(limits)
        if self.bound is None and not self._solved(highspy, work.solver, replace(limits, deadline=limits.last)):
            return True
        checked(highspy, work.solver.setOptionValue("solver", "simplex"))
        if self._tightened(highspy, work, limits):
            work.rows.drop(highspy, work.solver)
            self.cuts = work.rows.standing()
            self.end = SolverEnd.OPTIMAL
        return True

    def _begun(self, highspy: Any) -> Work:
        """Return the solver with the model and the rows to begin with in it."""
        rows = WorkingRows(self.model)
        lp = rows.ordered(self.model.lp(highspy))
        lp.integrality_ = []
        large = len(self.model.rows.index) > _INTERIOR
        # Prices moved a little at random, against iterations that gain nothing, cost more of them than they save.
        settings = {"solver": "ipm" if large else "simplex", "dual_simplex_cost_perturbation_multiplier": 0.0}
        solver = solver_with(highspy, settings, lp)
        listener = Listener(None, None, None)
        listener.listen(solver)
        rows.add(highspy, solver, _NO_ROWS, self.cuts)
        shares = None if self.model.clustering is None else ShareRows(self.model, self.model.clustering)
        return Work(solver, listener, rows, CutSets(self.model), SectorRows(self.model), shares, ArcTimes(self.model))

    def _tightened(self, highspy: Any, work: Work, limits: RootLimits) -> bool:
        """Add what the optimum breaks, round after round; return whether no limit came first."""
        rows, solver, least = work.rows, work.solver, _FIRST
        history = [self._least]
        for number in range(limits.rounds):
            if number % _CLEAR == 0:
                rows.drop(highspy, solver)
                self.cuts = rows.standing()
            assert self._values is not None  # noqa: S101  # a solved relaxation has them
            back, found = rows.violated(self._values), work.violated(self._values, least, _MOST_CUTS)
            slow = len(history) > 3 and history[-1] - history[-4] < _SLOW * abs(history[-1])
            if slow or not (found or len(back)):
                if least <= _LAST:
                    break
                least, history = least / 2.0, history[-1:]
                continue
            rows.add(highspy, solver, back, found)
            if not self._solved(highspy, solver, limits):
                return False
            history.append(self._least)
            if limits.watch is not None:
                limits.watch(number + 1, self.iterations / limits.iterations)
        return True

    def _teller(self, limits: RootLimits) -> Callable[[float, int], None] | None:
        watch = limits.watch
        if watch is None:
            return None
        return lambda _seconds, iterations: watch(0, (self.iterations + iterations) / limits.iterations)

    def _solved(self, highspy: Any, solver: Any, limits: RootLimits) -> bool:
        """Solve what stands in the solver; keep what is found. False where a limit came first."""
        if limits.deadline is not None:
            left = max(0.05, limits.deadline - time.perf_counter())
            checked(highspy, solver.setOptionValue("time_limit", solver.getRunTime() + left))
        checked(highspy, solver.setOptionValue("simplex_iteration_limit", max(1, limits.iterations - self.iterations)))
        checked(highspy, solver.run())
        status, kind, info = solver.getModelStatus(), highspy.HighsModelStatus, solver.getInfo()
        self.iterations += max(0, int(info.simplex_iteration_count))
        if status == kind.kOptimal:
            solution = solver.getSolution()
            self._values, self._prices = np.array(solution.col_value), np.array(solution.col_dual)
            self._least = float(info.objective_function_value)
            self.bound = self._least if self.model.budget is None else -self._least
            over = limits.deadline is not None and time.perf_counter() > limits.deadline
            self.end = SolverEnd.TIME if over else SolverEnd.NODES
            return not over and self.iterations < limits.iterations
        if status in (kind.kInfeasible, kind.kUnboundedOrInfeasible):  # every column is bounded
            self.end = SolverEnd.INFEASIBLE
        elif limits.cancel is not None and limits.cancel.cancelled:
            self.end = SolverEnd.CANCEL
        else:
            self.end = SolverEnd.TIME if status == kind.kTimeLimit else SolverEnd.NODES
        return False

    def tops(self, least: float = _USED, values: NDArray[np.float64] | None = None) -> tuple[int, ...]:
        """Return per site the greatest level that an optimum, the last, uses, to so much at least; -1: none."""
        values, found = self._values if values is None else values, [-1] * len(self.model.network.instance.sites)
        if values is not None:
            for (site, level), column in self.model.x.items():
                if values[column] > least:
                    found[site] = max(found[site], level)
        return tuple(found)

    def layered_size(self) -> int:
        """Return about how many numbers the model would hold in layers."""
        return 6 * len(self.model.arcs) * self.model.network.instance.max_hops + 8 * len(self.model.z)

    @property
    def work(self) -> Work | None:
        """The relaxation as it stands in the solver, once it was run."""
        return self._work

    def _ruled(self, best: Layout) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the columns that are 0, and those that are at least 1, in every plan better than `best`, and in it."""
        model = self.model
        assert self._values is not None  # noqa: S101  # asked for after a run that gave a bound
        assert self._prices is not None  # noqa: S101
        value = model.cutoff(model.objective(best))
        used = np.array(model.values(best))
        far = max(0.0, value - self._least) + 1e-6 * max(1.0, abs(value))
        dead = (self._values < 1e-6) & (self._prices > far) & (used < 0.5)
        sure = (self._values > 1.0 - 1e-6) & (self._prices < -far) & (used > 0.5)
        for column in model.flow.values():  # prices are of a whole unit, and a flow may be part of one
            dead[column] = sure[column] = False
        return dead, sure

    def open_share(self, best: Layout) -> float:
        """Return the share of the columns of the homes that a plan better than the best known may still use."""
        dead, _ = self._ruled(best)
        level_of = [dict(group.options) for group in self.model.network.groups]
        still = [not dead[self.model.x[site, level_of[g][site]]] for g, site in self.model.z]
        return float(np.mean(still)) if still else 1.0

    def bounded(self, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> MilpModel:
        """Return the model with its cut sets, between other bounds of its columns."""
        model = copy(self.model)
        model.columns = replace(self.model.columns, lower=lower.tolist(), upper=upper.tolist())
        model.rows = extended(self.model.rows, self.cuts)
        return model

    def within(self, levels: list[list[int]]) -> MilpModel:
        """Return the model of some levels of some sites, with the cut sets."""
        old = self.model
        model = MilpModel(old.network, old.goal, old.budget, levels, whole_homes=old.whole_homes, cancel=old.cancel)
        model.rows = extended(model.rows, _translated(self.cuts, old, model))
        return model

    def reduced(self, best: Layout, *, layered: bool) -> Root:
        """Return the root of the model of the plans that may be better than the best known, with that one.

        What the reduced costs rule out is not written down: a plan that uses it is no better than `best`.
        """
        model, network = self.model, self.model.network
        dead, sure = self._ruled(best)
        levels = []
        for i in range(len(network.instance.sites)):
            low, top = -1, -1
            while (i, top + 1) in model.x and not dead[model.x[i, top + 1]]:
                top += 1
            while low < top and sure[model.x[i, low + 1]]:
                low += 1
            levels.append(list(range(low, top + 1)))
        options = frozenset(arc.option for arc in model.arcs if not dead[arc.column])
        serves = frozenset(key for key, column in model.z.items() if not dead[column])
        smaller = MilpModel(
            network, model.goal, model.budget, levels, whole_homes=model.whole_homes, layered=layered,
            keep=Kept(options, serves), cancel=model.cancel,
        )  # fmt: skip
        return Root(smaller, _translated(self.cuts, model, smaller))


def _translated(cuts: Sequence[Cut], old: MilpModel, new: MilpModel) -> list[Cut]:
    """Return rows of one model in the columns of another; what is not in that one is 0 there."""
    options: dict[LinkOption, list[int]] = {}
    for arc in new.arcs:
        options.setdefault(arc.option, []).append(arc.column)
    same: dict[int, list[int]] = {arc.column: options.get(arc.option, []) for arc in old.arcs}
    for before, after in ((old.x, new.x), (old.z, new.z), (old.turns, new.turns)):
        for key, column in before.items():
            same[column] = [after[key]] if key in after else []
    for ours, theirs in ((old.f, new.f), (old.n, new.n), (old.y, new.y)):
        for site, column in ours.items():
            same[column] = [theirs[site]] if site in theirs else []
    if old.layered:
        for place, column in old.place.items():
            same[column] = [new.place[place]] if place in new.place else []
        at = {(arc.option, arc.depth): arc.column for arc in new.arcs}
        for arc in old.arcs:
            same[arc.column] = [at[arc.option, arc.depth]] if (arc.option, arc.depth) in at else []
    found = [tuple(sorted((to, factor) for column, factor in cut for to in same[column])) for cut in cuts]
    return [cut for cut in found if any(factor < 0 for _, factor in cut)]

"""The optimiser on an abstract instance: least cost for a share of the homes, or most homes for a budget, with a bound.

Small instances go to the exact model at once. For larger ones an annealing finds plans, the model improves
the best of them (over few sites, then over more). Prices give a first bound and say where plans may be; the relaxation
of the whole, branched from, gives a better one. Each holds for every candidate of the instance. Where the whole is too
large for the solver, the bound is the best of the prices, of its linear relaxation, of that without links, and of a
count of what any plan needs. No random number comes from outside and no thread decides anything: the same input gives
the same output, unless a clock or a cancel stopped the search, which the solution then says.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cn_planner.errors import CancelledError, InputError
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.solver.beginning import Beginning
from cn_planner.solver.branching import Branching, BranchLimits, Callbacks
from cn_planner.solver.for_less import cheapest_of_equals
from cn_planner.solver.highs import SolverEnd
from cn_planner.solver.impossible import check_money_and_time, none_found, why_impossible
from cn_planner.solver.incumbent import Known
from cn_planner.solver.instance import StoppedBy
from cn_planner.solver.milp import MilpModel, MilpResult, is_small
from cn_planner.solver.network import Layout, SolverNetwork, network_of
from cn_planner.solver.price_cuts import price_cuts
from cn_planner.solver.root import Root, RootLimits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from cn_planner.message import Message
    from cn_planner.solver.instance import Instance, Solution

_SMALL = 1_500
"""Columns of a model that goes to the solver at once."""
_SHORT_S = 5.0
"""A time limit that is short."""
_EACH_S = 40_000
"""Numbers of a model, for each second that is left, above which its relaxation would not come to an optimum."""
_NODES = 20_000
"""Nodes of the search tree where no time limit is given: a limit that repeats."""
_LARGE = 60_000
"""Numbers of a model that the solver searches to the end of its nodes in about a minute."""
_WHOLE = 600_000
"""Numbers of a model at most: above it the links are left out of the bound."""
_ROUNDS = 60
"""Rounds of cut sets at most."""
_PROBED, _BINDS = 4, 1e-3
"""Rounds after which layers have to give a bound better by so much, or they are not worth their numbers."""
_OPEN = 0.5
"""Share of the homes' columns still open, up to which the model is written down anew without the others."""
_WARM_STEPS, _LIKELY = 25_000, (0.3, 0.1, 0.02)
"""Steps of a chain that begins with what the relaxation builds to so much at least, one time after the other."""
_SOME_S = 4.0
"""Seconds that a search for plans has at least, where half of what is left is as much."""
_JOINED = 3
"""Plans whose sites are joined, the best first."""
_RUNGS = ((0, 0, 0.9), (0, 0, 0.1), (1, 1, 0.05), (_JOINED, 1, 1e-6))
"""What is joined, one after the other: plans beside the best, levels above theirs, what the relaxation builds."""
_LAYERED = 120_000
"""Numbers of a layered model that is tried."""
_ITERATIONS = 50_000
"""Simplex iterations at most where no time limit is given: about a minute."""
_NO_LIMIT = 2**31 - 1
_FOR_LESS = 0.3
"""Of the time for a budget, for the cheapest of the plans that serve as much."""
_BRANCH_WORK, _BRANCHED = 3e9, 5_000
"""Without a time limit: simplex iterations of branching times the numbers of the model (a minute), and nodes."""
_STEPS_WORK = 1e9
"""And where towers cost what they do in steps, without the solver's own search, which sits at single nodes there."""


def optimise(
    instance: Instance,
    *,
    budget: float | None = None,
    time_limit_s: float | None = None,
    prove: bool = True,
    branch: bool = True,
    proof: bool = True,
    start: Solution | None = None,
    run: Run = ALONE,
) -> Solution:
    """Return the best plan that is found for an instance, with a bound on the best there can be.

    Parameters
    ----------
    instance : Instance
        The problem.
    budget : float, optional
        Most served weight for so much money. None: least cost that serves ``cover`` of the coverable weight.
    time_limit_s : float, optional
        Seconds after which the best so far is returned; a result that it cut need not repeat. None: limits that repeat;
        a budget, and larger instances, are then searched with amounts that add up, which a budget is left at.
    prove : bool
        False leaves the bound of larger instances out.
    branch : bool
        False leaves it at that of the relaxation, which the search is led by, and the plan at what the search finds.
    proof : bool
        Without a clock: False leaves it at that of the relaxation, and the plan at what is joined from what was found.
    start : Solution, optional
        A plan that is known already.
    run : Run
        With 2 or more threads, the search for plans and the first bound run at once; more than 2 are not used. The
        result is the same for any number, unless a clock cut it. A cancel keeps the best plan found so far.

    Raises
    ------
    InputError
        Where budget, time limit or threads are not what they may be.
    """
    check_money_and_time(budget, time_limit_s)
    if run.threads < 1:
        raise InputError(msg("{threads} threads cannot work.", threads=run.threads), fix=msg("Ask for 1 or more."))
    network = network_of(instance)
    # With what towers cost in steps the solver sits at single nodes for many minutes, which no count of them ends.
    plain = time_limit_s is None and instance.in_steps and (budget is not None or not is_small(network, _SMALL))
    known = Known(network_of(instance.without_steps()) if plain else network, budget)
    near = None if start is None else known.begin(start)
    search = _Search(known, time_limit_s, prove, branch, run.part(0.0, 0.9) if plain else run, near, proof)
    found = search.solution()
    return found if not plain or budget is not None else search.with_steps(network, run.part(0.9, 1.0)) or found


@dataclass(slots=True)
class _Search:
    """One search."""

    known: Known
    time_limit_s: float | None
    prove: bool
    branch: bool
    run: Run
    near: Layout | None = None
    """A plan that breaks a rule of this network: another tree or other servers at its heights may keep them."""
    proof: bool = True
    began: float = field(default_factory=time.perf_counter)
    stopped: StoppedBy = StoppedBy.DONE
    _found: tuple[Layout, ...] = ()
    _beginning: Beginning | None = None
    _chains: int = 0
    _warm: int = 0
    _done: float = 0.0
    _beside: Future[None] | None = None
    _kept: float = 0.0
    """Share of the time that is kept for what follows."""

    @property
    def network(self) -> SolverNetwork:
        return self.known.network

    def solution(self) -> Solution:
        reason = why_impossible(self.network, self.known.budget)
        if reason is None:
            self._search()
            if self.known.impossible:
                reason = none_found(self.network, self.known.budget)
        else:
            self.known.impossible = True
        self._say(1.0)
        return self.known.solution(self.stopped, self.began, reason)

    def with_steps(self, network: SolverNetwork, run: Run) -> Solution | None:
        """Return what was found as a plan of the network with its steps, bounded by the relaxation with them as well.

        None where nothing was found.
        """
        known = Known(network, None)
        known.take(self.known.best)
        if known.best is None:
            return None
        known.take_bound(self.known.bound)
        whole = _Search(known, None, self.prove, self.branch, run, None, self.proof, self.began)
        if self.prove and MilpModel.size(network) <= _LARGE and not self._cancelled():
            try:
                root = whole._root()
                if root is not None:
                    whole._relax(root)
                    whole._near_root(root)
            except CancelledError:  # while the model was written down
                self.stopped = StoppedBy.CANCEL
        if not self._cancelled() and self.stopped in (StoppedBy.DONE, StoppedBy.NODES):
            self.stopped = StoppedBy.DONE if known.closed else StoppedBy.NODES
        run.progress(1.0)
        return known.solution(self.stopped, self.began, None)

    def _near_root(self, root: Root) -> None:
        """With towers in their steps: join what the relaxation surely builds to the best plan, then branch."""
        if root.bound is None or not root.model.tree or self.known.closed:
            return
        plans, above, least = _RUNGS[0]
        self._over(self._union(root.tops(least), plans, above), root, None)
        if self.proof and self._splits(root) and not self.known.closed:
            self._branch(root, _STEPS_WORK, exact=False)

    def _left(self, share: float = 1.0) -> float | None:
        """Return the seconds until so much of the time limit has passed."""
        if self.time_limit_s is None:
            return None
        return max(0.0, self.began + min(share, 1.0 - self._kept) * self.time_limit_s - time.perf_counter())

    def _cancelled(self) -> bool:
        if self.run.cancelled:
            self.stopped = StoppedBy.CANCEL
            return True
        return False

    def _say(self, done: float, doing: Message | None = None) -> None:
        """Say how far it is: some ways from one step to another are shorter, none leads back."""
        self._done = max(self._done, done)
        self.run.progress(self._done, doing)

    def _tell(self, done: float, doing: Message) -> None:
        """Say how far the search for plans is; while the bound is found beside it, that speaks alone."""
        if self._beside is None or self._beside.done():
            self._say(done, doing)

    def _search(self) -> None:
        self._kept = 0.0 if self.known.budget is None else _FOR_LESS
        try:
            self._searched()
        except CancelledError:  # while a model was written down: the best plan so far stays
            self.stopped = StoppedBy.CANCEL

    def _model(
        self, levels: list[list[int]] | None = None, *, whole_homes: bool = True, tree: bool = True
    ) -> MilpModel:
        return MilpModel(
            self.network,
            self.known.goal,
            self.known.budget,
            levels,
            whole_homes=whole_homes,
            tree=tree,
            cancel=self.run.cancel,
        )

    def _searched(self) -> None:
        if self._small():
            return
        end = None if self.time_limit_s is None else self.began + (1.0 - self._kept) * self.time_limit_s
        self._beginning = beginning = Beginning(self.known, self.run, end)
        if not beginning.find(lambda done, doing: self._say(0.01 + 0.04 * done, doing), prove=self.prove):
            self.stopped = StoppedBy.CANCEL
        if self.near is not None and not self._cancelled():
            self._at_heights(self.near)
        if self._cancelled():
            return
        if self._hurries():
            self._near_prices(beginning)
            return
        root = self._root() if self.prove else None
        if root is not None and self.run.threads > 1 and self.time_limit_s is not None and self.branch:
            self._side_by_side(root)
            if self.known.closed or not self._left():
                self._cheapest_of_equals()
                return
        elif root is not None and self.run.threads > 1:
            # One of them in HiGHS, the other in kernels: what either finds does not depend on the other.
            with ThreadPoolExecutor(1) as pool:
                self._beside = relaxed = pool.submit(self._relax, root)
                self._anneal()
                relaxed.result()
        else:
            self._anneal()
            if root is not None and not self._cancelled():
                self._relax(root)
        if self._cancelled():
            return
        self._improve(root, 0.35)
        if not self._cancelled():
            if self.prove:
                self._proof(root)
            elif not self.known.closed:  # it is done where that is proven
                self.stopped = StoppedBy.TIME if self._left() == 0.0 else StoppedBy.NODES
        self._cheapest_of_equals()

    def _small(self) -> bool:
        """Give a small model to the solver at once; return whether that is all."""
        if MilpModel.size(self.network) <= 20 * _SMALL:
            whole = self._model()
            if len(whole.columns.cost) - len(whole.towers) <= _SMALL:
                # A third of the time: what the exact model does not finish by then is better searched first.
                # Of a short time all, for then nothing else would come to its end.
                short = self.time_limit_s is not None and self.time_limit_s <= _SHORT_S
                result = self._exact(whole, share=1.0 if short else 0.35, nodes=_NODES)
                over = short and self.known.best is not None
                if over or result.end in (SolverEnd.OPTIMAL, SolverEnd.INFEASIBLE) or self._cancelled():
                    self._cheapest_of_equals()
                    return True
        return False

    def _hurries(self) -> bool:
        """Return whether the time is too short for a relaxation: then prices alone give the bound."""
        left = self._left()
        priced = self._beginning is not None and self._beginning.prices is not None
        return left is not None and priced and MilpModel.size(self.network) > _EACH_S * left

    def _near_prices(self, beginning: Beginning) -> None:
        """Search near what the prices build until the time is over, on two threads where they may work."""
        self.stopped = StoppedBy.TIME
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(self._anneal, beginning.likely(0), 1.0) if self.run.threads > 1 else None
            self._anneal(beginning.likely(1 if other else 0), 1.0)
            if other is not None:
                other.result()
        if not self._cancelled():
            self._cheapest_of_equals()

    def _side_by_side(self, root: Root) -> None:
        """Search for plans beside the bound until the time is over; either takes the other's best as it is found."""

        def prove() -> None:
            if self._splits(root) or not self._left():
                self._proof(root)

        with ThreadPoolExecutor(1) as pool:
            relaxed, proven = pool.submit(self._relax, root), pool.submit(prove)
            self._beside = proven
            self._anneal()
            while not proven.done() and not self._cancelled() and self._left():
                if relaxed.done():
                    self._improve(root, 0.95)
                else:
                    self._anneal(self._likely(root))
            relaxed.result()
            proven.result()

    def _root(self) -> Root | None:
        """Return the root of the whole model, or of as much as can be afforded."""
        self.known.take_bound(self.known.counted())
        whole = MilpModel.size(self.network) <= _WHOLE
        if not whole and MilpModel.size(self.network, tree=False) > _WHOLE:
            return None
        model, prices = self._model(whole_homes=False, tree=whole), self._beginning and self._beginning.prices
        return Root(model, price_cuts(prices, model) if prices and whole else [])

    def _relax(self, root: Root, share: float = 0.35, rounds: int = _ROUNDS) -> None:
        """Bound what any plan can reach by the relaxation with cut sets."""
        left = self._left()

        def watch(rounds_done: int, iterations: float) -> None:
            done = min(1.0, max(rounds_done / rounds, iterations))
            self._say(0.5 + 0.3 * done, msg("Bounding what any plan would cost: {pct:.0f} % at most", pct=100.0 * done))

        deadline = None if left is None else time.perf_counter() + share * left
        last = None if left is None else time.perf_counter() + 0.9 * left
        iterations = _ITERATIONS if left is None else _NO_LIMIT
        root.run(RootLimits(rounds if root.model.tree else 0, iterations, deadline, last, self.run.cancel, watch))
        if root.bound is not None:
            self.known.take_bound(root.bound)

    def _splits(self, root: Root | None) -> bool:
        """Return whether a root can be branched from: it has the whole tree, an optimum, and a plan beside it."""
        return root is not None and root.model.tree and root.bound is not None and self.known.best is not None

    def _proof(self, root: Root | None) -> None:
        """Search what may still be better than the best plan; the bound holds for all plans."""
        led = not self.branch or (not self.proof and self.time_limit_s is None)
        if root is None or led or not self._splits(root):
            self._ended(SolverEnd.NODES if root is None or root.end is SolverEnd.OPTIMAL else root.end)
            if root is not None and root.end is SolverEnd.INFEASIBLE and self.known.best is None:
                self.known.impossible = True
            return
        if not self.known.closed:
            self._branch(self._tightened(root))
        if self.known.closed:
            self.stopped = StoppedBy.DONE

    def _branch(self, root: Root, work: float = _BRANCH_WORK, *, exact: bool = True) -> None:
        """Bound what is left node by node; relaxations on the way say where plans may be."""
        from cn_planner.solver.search import Searcher  # compiles kernels

        searcher = Searcher(self.network, budget=self.known.budget)
        seen = set[tuple[int, ...]]()

        def levels(tops: tuple[int, ...]) -> None:
            if tops not in seen:
                seen.add(tops)
                self.known.take(searcher.complete(tops))

        branching = Branching(root, Callbacks(self._objective, levels, self._taken, self._branched, self._proves))
        left = self._left()
        if left is None:
            numbers = len(root.model.columns.cost) + len(root.model.rows.lower)
            branching.run(BranchLimits(int(work / numbers), _BRANCHED, None, self.run.cancel, exact=exact))
        else:
            end = time.perf_counter() + left
            branching.run(BranchLimits(_NO_LIMIT, _NO_LIMIT, end, self.run.cancel))
        self._ended(branching.end)

    def _objective(self) -> float:
        assert self.known.best is not None  # noqa: S101  # the caller has one
        return self.known.value(self.known.best)[0]

    def _taken(self, choice: Layout) -> None:
        self.known.take(choice)
        if not self.known.assigned(choice):
            self._at_heights(choice)

    def _branched(self, bound: float) -> None:
        self.known.take_bound(bound)
        self._proves()

    def _proves(self) -> None:
        # No figure: what directions and airtime add to the distance from the bound is seen when the plan is written.
        self._say(0.8, msg("Proving how good the plan is"))

    def _tightened(self, root: Root) -> Root:
        """Return the root of what may still be better than the best plan: in layers where the hops bind."""
        assert self.known.best is not None  # noqa: S101  # the caller has one
        assert root.bound is not None  # noqa: S101
        if root.end is not SolverEnd.OPTIMAL:
            self._relax(root, 0.5)  # where the clock cut the cut sets they go on
            return root
        deepest = max(self.network.depths(self.known.best))
        if 1 < self.network.instance.max_hops <= deepest and root.layered_size() <= _LAYERED:
            layered = root.reduced(self.known.best, layered=True)
            self._relax(layered, 0.2, _PROBED)
            if layered.bound is not None and self.known.beats(
                layered.bound, root.bound + (_BINDS if self.known.budget is None else -_BINDS) * abs(root.bound)
            ):
                self._relax(layered, 0.2)
                return layered
        if root.open_share(self.known.best) <= _OPEN:
            smaller = root.reduced(self.known.best, layered=False)
            self._relax(smaller, 0.3)
            if smaller.bound is not None:
                return smaller
        return root

    def _exact(self, model: MilpModel, *, share: float, nodes: int) -> MilpResult:
        """Run the whole model: it improves the plan and gives the bound."""
        self._say(0.5, msg("Proving how good the plan is"))
        limit = self._left(share)
        result = model.solve_whole(
            start=self.known.best,
            time_limit_s=limit,
            nodes=None if limit is not None else nodes,
            cancel=self.run.cancel,
            watch=lambda seconds: self._say(0.8, msg("Proving how good the plan is: {s:.0f} s", s=seconds)),
        )
        if result.choice is not None and not self.known.assigned(result.choice):
            self._at_heights(result.choice)
        self.known.take(result.choice)
        self._note(result)
        return result

    def _note(self, result: MilpResult) -> None:
        if result.end is SolverEnd.INFEASIBLE and self.known.best is None:
            self.known.impossible = True
        self._ended(result.end)
        if result.end is not SolverEnd.INFEASIBLE:
            self.known.take_bound(result.bound)

    def _ended(self, end: SolverEnd) -> None:
        self.stopped = {
            SolverEnd.OPTIMAL: StoppedBy.DONE,
            SolverEnd.INFEASIBLE: StoppedBy.DONE,
            SolverEnd.TIME: StoppedBy.TIME,
            SolverEnd.NODES: StoppedBy.NODES,
            SolverEnd.CANCEL: StoppedBy.CANCEL,
        }[end]

    def _anneal(self, near: Sequence[int] | None = None, share: float | None = None) -> None:
        """Search for plans: from everything, or near what the relaxation uses; within a share of what is left."""
        from cn_planner.solver.search import Searcher  # compiles kernels

        first = near is None
        self._tell(0.05 if first else 0.35, msg("Searching for a good plan"))
        limit = self._left()
        now = time.perf_counter()
        searcher, number = Searcher(self.network, budget=self.known.budget), self._chains
        self._chains += 3
        if share is None:
            share = 0.2 if first else 0.18
        steps = 125_000 if len(self.network.instance.homes) <= 600 else 75_000
        steps = steps if first else _WARM_STEPS
        found = searcher.run(
            chains=3,
            steps=searcher.affordable(3, steps),
            last_start=None if limit is None else now + 0.5 * share * limit,
            deadline=None if limit is None else now + max(share * limit, min(0.5 * limit, _SOME_S)),
            cancel=self.run.cancel,
            watch=lambda done: self._tell(
                (0.05 if first else 0.35) + 0.2 * done,
                msg("Searching for a good plan: {pct:.0f} % of the steps", pct=100.0 * done),
            ),
            start=near,
            better=self.known.take,
            first=number,
            thinned=None if self._beginning is None else self._beginning.thinned,
        )
        for choice in found.choices:
            self.known.take(choice)
        self._found += found.choices

    def _improve(self, root: Root | None, share: float) -> None:
        """Improve the plans found within so much of what is left: near what the relaxation uses, then over all sites.

        What the relaxation uses once the cut sets hold is little, and near the best there is.
        """
        if root is None or root.bound is None or not root.model.tree:
            for choice in self._found[:1]:
                self._at_heights(choice)
            self._over(self._union([-1] * len(self.network.allowed), _JOINED, 1), None, self._until(0.4))
            return
        self._anneal(self._likely(root))
        # Few sites are searched to the end in a second; each time with more of them and from a better plan.
        if not self.branch:  # homes that stand for others, each of its own weight, keep the model busy for minutes
            return
        ends = [self._until(share * (number + 1) / len(_RUNGS)) for number in range(len(_RUNGS))]
        for (plans, above, least), end in zip(_RUNGS, ends, strict=True):
            if self._cancelled() or self.known.closed:
                return
            self._over(self._union(root.tops(least), plans, above), root, end)

    def _likely(self, root: Root) -> Sequence[int] | None:
        """Return what the relaxation likely builds, each time more freely; None before it has an optimum."""
        if root.bound is None:
            return None
        self._warm += 1
        return root.tops(_LIKELY[(self._warm - 1) % len(_LIKELY)])

    def _at_heights(self, choice: Layout) -> None:
        """Improve tree, sectors and assignment at the heights of a plan."""
        levels = [[level] for level in choice.levels]
        if MilpModel.size(self.network, levels) > _WHOLE:
            return
        model = self._model(levels)
        limit = self._left()
        result = model.solve(
            start=choice if self.known.assigned(choice) else None,
            time_limit_s=None if limit is None else min(0.3 * limit, max(0.1 * limit, 3.0), 5.0),
            nodes=50 if limit is None else None,
            cancel=self.run.cancel,
        )
        self.known.take(result.choice)

    def _union(self, tops: Sequence[int], count: int, above: int) -> list[list[int]]:
        """Return the levels that the best plans use, and so many above; and those below some tops."""
        plans = sorted(dict.fromkeys(self._found), key=self.known.value)[:count] + (
            [self.known.best] if self.known.best is not None else []
        )
        levels = []
        for i, allowed in enumerate(self.network.allowed):
            top = max((plan.levels[i] for plan in plans), default=-1)
            top = min(top + above, len(allowed) - 1) if top >= 0 else -1
            levels.append(list(range(-1, max(top, tops[i]) + 1)))
        return levels

    def _until(self, share: float) -> float | None:
        """Return the moment at which so much of what is left of the time limit has passed."""
        left = self._left()
        return None if left is None else time.perf_counter() + share * left

    def _over(self, levels: list[list[int]], root: Root | None, end: float | None) -> None:
        """Improve over some sites and levels, until a moment."""
        self._tell(0.35, msg("Joining the best plans"))
        if MilpModel.size(self.network, levels) > (_LARGE if end is None else _WHOLE):
            return
        model = self._model(levels, whole_homes=False) if root is None else root.within(levels)
        if not model.columns.cost:  # nothing was found that could be joined
            return
        # A plan that is not of these sites is no start.
        start = self.known.best
        if start is not None and any(level not in may for level, may in zip(start.levels, levels, strict=True)):
            start = None
        result = model.solve(
            start=start,
            time_limit_s=None if end is None else end - time.perf_counter(),
            nodes=None if end is not None else 100,
            cancel=self.run.cancel,
        )
        if result.choice is not None and not self.known.assigned(result.choice):
            self._at_heights(result.choice)
        self.known.take(result.choice)

    def _cheapest_of_equals(self) -> None:
        """Where a budget is given: of the plans that serve as much, look for a cheaper one."""
        self._kept = 0.0
        limit = self._left()
        if self.known.budget is None or self.known.best is None or self.stopped is StoppedBy.CANCEL or limit == 0.0:
            return
        ended = cheapest_of_equals(self.known, _SMALL, limit, self.run.cancel, self._searched_for_less)
        if ended in (StoppedBy.TIME, StoppedBy.CANCEL):
            self.stopped = ended

    def _searched_for_less(self, known: Known, limit_s: float | None) -> StoppedBy:
        """Search for the cheapest plan that serves as much as one that is known; return what ended it."""
        search = _Search(known, limit_s, self.prove, self.branch, self.run.silently())
        search.solution()
        return search.stopped

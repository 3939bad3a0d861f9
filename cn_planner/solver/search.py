"""The search for a good plan: annealing over the heights of the sites, in compiled kernels.

A plan is searched as the levels of its sites alone; tree, sectors and assignment follow by quick rules. Several
chains run from the same start with different seeds; how many steps each takes depends on the instance and never on
the clock, unless a deadline cuts in between two blocks.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.propagation.kernel import compiled
from cn_planner.solver.flat_kernels import (
    FAR,
    Draft,
    FlatNetwork,
    HomeOptions,
    Links,
    NetworkRules,
    Pieces,
    Service,
    Sites,
    SiteTurns,
    Tree,
)
from cn_planner.solver.network import Layout
from cn_planner.solver.search_kernels import Aim, Chain, Cooling, anneal, evaluate
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.progress import CancelToken
    from cn_planner.solver.instance import Instance
    from cn_planner.solver.network import SolverNetwork

_BLOCKS = 40
"""Blocks a chain at least: between two of them a deadline and a cancel are looked at."""
_BLOCK_WORK = 3e8
"""Work of a block at most, in steps of the innermost loops: some tenths of a second."""
_MANY = 150
"""Sites above which the search does not begin with all of them."""
_WARM = 0.15
"""Heat at the start where a plan is given to begin with, as a share of a site's cost; else it is 0.5."""
_ALL_WORK = 4e10
"""Work of all chains together, in the same measure, where it is usual: about a minute."""


@dataclass(frozen=True, slots=True, eq=False)
class SearchResult:
    """What the search found: plans, the best first, each kept by levels; and whether a deadline or a cancel cut it."""

    choices: tuple[Layout, ...]
    cut: bool


def _whole(work: Callable[[], None]) -> bool:
    work()
    return True


def _turns(network: SolverNetwork) -> SiteTurns:
    """Return the arcs of the sites as flat arrays."""
    whole, arcs = np.int64, network.arcs
    if arcs is None:
        return SiteTurns(
            np.zeros(len(network.allowed), whole), np.zeros((0, 1), whole), np.zeros((0, 1), whole), np.zeros(0)
        )
    levels = max(1, len(network.instance.heights_m))
    count = sum(len(options) for options in network.serve)
    first, last, airtime = np.zeros((count, levels), whole), np.zeros((count, levels), whole), np.zeros(count)
    pairs = ((h, site) for h, options in enumerate(network.serve) for site, _ in options)
    for row, (h, site) in enumerate(pairs):
        for level, span in enumerate(arcs[site].spans[h]):
            first[row, level], last[row, level] = span.first, span.last
            airtime[row] = span.airtime
    return SiteTurns(np.array([one.count for one in arcs], whole), first, last, airtime)


def _pieces(instance: Instance) -> Pieces:
    """Return the kits of links and things in reserve as flat arrays."""
    things, homes, kits = instance.spares, len(instance.homes), len(instance.kinds.unlike)
    return Pieces(
        unlike=np.array(instance.kinds.unlike, dtype=np.int64),
        raises=np.array(instance.kinds.raises, dtype=np.int64),
        price=np.array([one.price for one in things], dtype=np.float64),
        share=np.array([one.share for one in things], dtype=np.float64),
        sector=np.array([one.sector for one in things], dtype=np.float64),
        links=np.array([one.links for one in things], dtype=np.float64).reshape(len(things), kits),
        homes=np.array([one.homes for one in things], dtype=np.float64).reshape(len(things), homes),
        unsure=np.array([one.unsure for one in things], dtype=np.float64).reshape(len(things), homes),
    )


class Searcher:
    """A network as flat arrays, and the chains over them."""

    def __init__(self, network: SolverNetwork, *, budget: float | None, tops: Sequence[int] | None = None) -> None:
        """Lay out a network; `tops` are the greatest levels that sites may take (-1: not built), where fewer."""
        self.network = network
        self.budget = budget
        inst = network.instance
        n = len(inst.sites)
        near: list[list[tuple[int, int, int, float, float, int]]] = [[] for _ in range(n)]
        for row in network.rows:
            near[row.a].append((row.b, row.level_a, row.level_b, row.cost, row.carries, row.kind))
            near[row.b].append((row.a, row.level_b, row.level_a, row.cost, row.carries, row.kind))
        flat = [entry for one in near for entry in sorted(one)]
        most = np.array([len(a) - 1 if u else -1 for a, u in zip(network.allowed, network.usable, strict=True)])
        keep = np.array([s.must for s in inst.sites])
        if tops is not None:
            most = np.where(keep, most, np.minimum(most, np.array(tops)))
        site_cost = np.zeros((n, max(1, len(inst.heights_m))))
        for i, ks in enumerate(network.allowed):
            for level in range(len(ks)):
                site_cost[i, level] = network.site_cost(i, level)
        sector = np.full(site_cost.shape, float(inst.sector_cost))
        raised = np.zeros(site_cost.shape)
        every = (row for s in inst.sites for row in s.steps or () if row is not None)
        known = 1 + max((row.most + len(row.many) for row in every), default=0)
        steps = np.zeros((*site_cost.shape, known, known))
        for i, ks in enumerate(network.allowed):
            for level in range(len(ks)):
                raised[i, level] = network.raised(i, level)
                sector[i, level], more = network.sector_cost(i, level), network.steps_at(i, level)
                if more is not None:
                    steps[i, level] = [[more.cost(a, u) for u in range(known)] for a in range(known)]
        counts = [len(options) for options in network.serve]
        order = sorted(
            (h for h in range(len(inst.homes)) if counts[h]), key=lambda h: (not inst.homes[h].must, counts[h], h)
        )
        home_cost = np.array([h.cost for h in inst.homes], dtype=np.float64)
        goal = network.goal if budget is None else math.inf
        self.flat = FlatNetwork(
            Sites(
                gateway=np.array([s.gateway for s in inst.sites]),
                door=np.array([min(network.open_cost(i), FAR) for i in range(n)], dtype=np.float64),
                cost=site_cost,
                carries=np.array(network.carries, dtype=np.float64),
                sector=sector,
                keep=keep,
                tops=most,
                raised=raised,
                steps=steps,
            ),
            Links(
                start=np.cumsum([0, *(len(one) for one in near)]),
                to=np.array([e[0] for e in flat], dtype=np.int64),
                own=np.array([e[1] for e in flat], dtype=np.int64),
                other=np.array([e[2] for e in flat], dtype=np.int64),
                price=np.array([e[3] for e in flat], dtype=np.float64),
                carries=np.array([e[4] for e in flat], dtype=np.float64),
                kind=np.array([e[5] for e in flat], dtype=np.int64),
            ),
            HomeOptions(
                order=np.array(order, dtype=np.int64),
                start=np.cumsum([0, *counts]),
                site=np.array([site for one in network.serve for site, _ in one], dtype=np.int64),
                level=np.array([level for one in network.serve for _, level in one], dtype=np.int64),
                weight=np.array([h.weight for h in inst.homes], dtype=np.float64),
                demand=np.array([h.load for h in inst.homes], dtype=np.float64),
                cost=home_cost,
                must=np.array([h.must for h in inst.homes], dtype=np.bool_),
            ),
            NetworkRules(
                max_hops=inst.max_hops,
                sector_homes=float(inst.sector_homes),
                max_sectors=inst.max_sectors,
                sector_cost=float(inst.sector_cost),
                goal=float(goal),
                homes_cost=bool(np.any(home_cost > 0)),
                limited=network.limited or inst.max_radios is not None,
                max_radios=inst.max_radios or 0,
                room=math.inf if inst.room_homes is None else float(inst.room_homes),
            ),
            _turns(network),
            _pieces(inst),
        )

    def affordable(self, chains: int, steps: int) -> int:
        """Return the steps a chain may take so that the whole stays within a minute or so: fewer where a step is long.

        It follows from the instance alone, so that a run repeats.
        """
        # While it cools, about a quarter of the sites stand.
        usual = self._worst_work() / 4.0 + len(self.flat.homes.site)
        return max(1_000, min(steps, int(_ALL_WORK / (chains * usual))))

    def _worst_work(self) -> float:
        """Return the work of a step where all sites stand: the tree looks at each pair and each way to link."""
        return float(len(self.flat.sites.tops) ** 2 + len(self.flat.links.to) + len(self.flat.homes.site))

    def draft(self, levels: NDArray[np.int64]) -> Draft:
        """Return a plan of these levels in which all else is still to be filled in; the levels are not copied."""
        n, homes = len(self.flat.sites.tops), len(self.flat.homes.weight)
        whole = np.int64
        return Draft(
            levels=levels,
            tree=Tree(np.full(n, -1, whole), np.full(n, -1, whole), np.zeros(n)),
            service=Service(np.zeros(n), np.zeros(n, whole), np.full(homes, -1, whole)),
            room=np.zeros(n),
            scratch=np.zeros(n),
            need=np.zeros(n),
            trail=np.zeros(homes, whole),
            row=np.zeros(homes, whole),
            after=np.zeros(homes, whole),
            head=np.zeros(n, whole),
            needed=np.zeros(len(self.flat.pieces.price)),
        )

    def complete(self, levels: Any) -> Layout | None:
        """Return the plan that the quick rules make of these levels; None where it does not keep every rule."""
        draft = self.draft(np.array(levels, dtype=np.int64))
        _, _, missed = compiled(evaluate)(self.flat, draft)
        draft.levels[draft.tree.depth < 0] = -1  # what reaches no gateway is not built
        found = draft.levels, draft.tree.parent, draft.service.sectors, draft.service.server
        choice = Layout(*(tuple(one.tolist()) for one in found))
        network = self.network
        kept = all(choice.levels[i] >= 0 for i in np.flatnonzero(self.flat.sites.keep))
        if (
            missed
            or not kept
            or not network.roots(choice)
            or any(h.must and not o for h, o in zip(network.instance.homes, network.serve, strict=True))
        ):
            return None
        fits = (
            network.served(choice) >= network.goal
            if self.budget is None
            else network.cost(choice) <= self.budget + 1e-9
        )
        return choice if fits else None

    def value(self, choice: Layout) -> tuple[float, float]:
        """Return what is the less the better the plan is."""
        cost = self.network.cost(choice)
        return (cost, 0.0) if self.budget is None else (-self.network.served(choice), cost)

    def _beginning(self, start: Sequence[int] | None, thinned: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """Return the levels that a chain begins with; ``thinned``: all sites, where they were thinned already."""
        sites = self.flat.sites
        levels = np.array(sites.tops, dtype=np.int64)
        if start is not None:
            return np.where(sites.keep, levels, np.minimum(levels, np.array(start, dtype=np.int64)))
        if self.budget is not None:
            levels[~sites.keep] = -1
            doors = sites.gateway if np.any(sites.gateway & (sites.tops >= 0)) else sites.door < FAR
            levels[doors & (sites.tops >= 0)] = 0
        elif len(levels) > _MANY:
            # Where all sites stand a step takes long, and few are needed.
            levels = self.thinned(levels) if thinned is None else thinned.copy()
        return levels

    def thinned(
        self, given: Any, *, deadline: float | None = None, cancel: CancelToken | None = None
    ) -> NDArray[np.int64]:
        """Return the levels of a plan with sites taken away and lowered, one by one, as long as that is cheaper.

        What a deadline or a cancel cuts short is a plan too.
        """
        run: Any = compiled(evaluate)
        levels: NDArray[np.int64] = np.array(given, dtype=np.int64)
        sites, draft = self.flat.sites, self.draft(levels)
        depth = draft.tree.depth
        run(self.flat, draft)
        levels[depth < 0] = -1  # what reaches no gateway is not built
        cost, served, missed = run(self.flat, draft)
        before = math.inf
        # A site that carries others can go only when they are gone.
        while cost < before:
            before = cost
            for i in sorted(np.flatnonzero(levels >= 0).tolist(), key=lambda i: (-sites.cost[i, levels[i]], i)):
                if (deadline is not None and time.perf_counter() > deadline) or (
                    cancel is not None and cancel.cancelled
                ):
                    return levels
                for level in range(0 if sites.keep[i] else -1, int(levels[i])):
                    old, levels[i] = levels[i], level
                    found = run(self.flat, draft)
                    hangs = bool(np.all(depth[levels >= 0] >= 0)) and bool(np.any(depth == 0))
                    if hangs and found[0] < cost and found[2] <= missed and found[1] >= min(served, self.network.goal):
                        cost, served, missed = found
                        break
                    levels[i] = old
        return levels

    def run(
        self,
        *,
        chains: int,
        steps: int,
        last_start: float | None,
        deadline: float | None,
        cancel: CancelToken | None,
        watch: Callable[[float], None],
        start: Sequence[int] | None = None,
        better: Callable[[Layout], None] | None = None,
        first: int = 0,
        thinned: NDArray[np.int64] | None = None,
    ) -> SearchResult:
        """Run the chains one after the other; return what each found.

        A chain that began before `last_start` runs to its end, sooner where `deadline` would cut it, unless a cancel
        does. They begin with everything, or with `start` (levels of the sites) and then less hot.
        `better` is told of plans as they are found, at most one a block. Each chain has its own random numbers, by its
        number from `first` on. ``thinned`` is what `thinned` makes of all sites, where that is known.
        """
        run: Any = compiled(anneal)
        sites, rules = self.flat.sites, self.flat.rules
        cost_scale = float(np.mean(sites.cost[sites.tops >= 0, 0])) if np.any(sites.tops >= 0) else 1.0
        total = float(self.flat.homes.weight.sum())
        own = float(self.flat.homes.cost.sum()) / max(1.0, total)
        found: list[Layout] = []
        cut, least = False, math.inf
        blocks = max(_BLOCKS, math.ceil(steps * self._worst_work() / _BLOCK_WORK))
        for chain in range(chains):
            if chain and last_start is not None and time.perf_counter() > last_start:
                cut = True
                break
            levels = self._beginning(start, thinned)
            scale = max(1.0, cost_scale)
            # Less than what a home's own equipment costs, and it would pay to serve nobody at all.
            worth = scale * 12.0 / max(1.0, total) + rules.sector_cost / max(1.0, rules.sector_homes) + own + 1e-9
            if self.budget is not None:
                worth = max(worth, 2.0 * self.budget / max(1.0, total))
            state = np.array([12345 + 7919 * (first + chain)], dtype=np.int64)
            memory = Chain(random=state, found=levels.copy(), record=np.array([math.inf, worth]))
            hot, cold = (0.5 if start is None else _WARM) * scale, 0.004 * scale
            want = self.network.goal if self.budget is None else -1.0
            aim = Aim(float(want), float(self.budget or 0.0), float(worth))
            best = memory.found
            begun = time.perf_counter()
            for block in range(blocks):
                done = block / blocks
                if deadline is not None:
                    # Where the clock goes faster than the steps it cools with the clock: cut while hot it is worthless.
                    passed = (time.perf_counter() - begun) / max(1e-3, deadline - begun)
                    done = max(done, passed)
                if done >= 1.0 or (cancel is not None and cancel.cancelled):
                    cut = True
                    break
                a, b = (hot * (cold / hot) ** min(1.0, done + e / blocks) for e in (0, 1))
                cooling = Cooling(max(1, steps // blocks), float(a), float(b))
                block_run = partial(run, self.flat, self.draft(levels), aim, cooling, memory)
                best = memory.found.copy()
                if run_in_worker(partial(_whole, block_run), cancel) is None:
                    # What was left behind may still write into the arrays; in the first block it may be compiling.
                    if block:
                        cut = True
                        break
                    return SearchResult(tuple(sorted(found, key=self.value)), True)
                best = memory.found
                if better is not None and memory.record[0] < least:
                    least, choice = float(memory.record[0]), self.complete(best)
                    if choice is not None:
                        better(choice)
                watch((chain + (block + 1) / blocks) / chains)
            choice = self.complete(best)
            if choice is not None:
                found.append(choice)
            if cut:
                break
        return SearchResult(tuple(sorted(found, key=self.value)), cut)

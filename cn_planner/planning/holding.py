"""From the cheapest network to one whose homes hold among higher trees: higher masts, towers and homes hung otherwise.

The optimiser plans for the trees that the plan assumes. From what it found on, one change after the other is taken that
lets most homes more hold for its money: a higher mast; another parent, with the masts that this takes. A home holds
where links that hold lead from its tower to a gateway and the tower serves it, among the highest trees that count (all
lower ones hide no more): where to go next is told by the paths, what a network is worth as its beams are pointed.
Every step keeps the rules of the plan as it was asked for, so the bound of the search holds for each; that no cheaper
network holds as many homes is not proven. No tower is added.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.model import edits
from cn_planner.model.clients import is_place
from cn_planner.planning.keeping import plan_with, true_cost
from cn_planner.planning.problem import build_problem
from cn_planner.planning.tree_outlook import HoldPoint, held_study, homes_held, towers_held, under_trees, weight_held
from cn_planner.planning.verification import grown_beams, pointed_at_homes, solution_works
from cn_planner.progress import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.progress import Run
    from cn_planner.solver.instance import Solution
    from cn_planner.solver.sectors import SectorBeam

    Beams = Mapping[str, tuple[SectorBeam, ...]]

_STEPS = 40
_FREE = 1.0
"""What costs less counts as if it cost this, in the plan's currency."""


class Holding(NamedTuple):
    """A solution, its beams, and the networks on the way, the one that was given first."""

    solution: Solution
    pointed: Beams
    curve: tuple[HoldPoint, ...]


class _State(NamedTuple):
    """Level of each tower, parent of each (-1: a gateway), and server of each home, by their numbers here."""

    level: tuple[int, ...]
    parent: tuple[int, ...]
    server: tuple[int, ...]


def held(
    problem: PlanningProblem, solution: Solution, pointed: Beams, *, budget: float | None = None, run: Run = ALONE
) -> Holding:
    """Return the network in which the share of homes holds that the rules ask for, or as many as can.

    Parameters
    ----------
    problem : PlanningProblem
        What was solved.
    solution, pointed
        What was found, with its beams.
    budget : float, optional
        No network costs more.
    run : Run
        On which threads, who may stop it.

    Raises
    ------
    InputError
        Where the scenarios contradict each other.
    CancelledError
    """
    study = held_study(problem.study)
    if study is None or not solution.homes:
        return Holding(solution, pointed, ())
    names = {site.id for site in solution.sites}
    gone = [key for key in study.plan.sites if key not in names]
    plan = edits.remove(study.plan, "sites", gone).plan if gone else study.plan
    tree = _Holding(problem, build_problem(replace(study, plan=plan), run=run.silently()), solution)
    wanted = problem.plan.rules.hold_share * float(tree.weight.sum()) - 1e-9
    counted, state = tree.count(tree.first())
    cost = true_cost(problem, solution, pointed)
    last = Holding(solution, pointed, (HoldPoint(tree.holding(solution, pointed), cost),))
    found, banned = [last], set[_State]()
    moved = None if state == tree.first() else tree.kept(state, solution, budget)
    if moved is not None:  # the same masts, each home on a tower from which it holds
        last = moved
        found.append(moved)
    for _ in range(_STEPS):
        run.check()
        if last.curve[0].homes < wanted:
            # The step that is worth most may be more than is asked for: the cheapest that is enough is looked at too.
            # Off the middle of its beam a home may not hold that is counted here: as many more are looked for.
            lost = counted - last.curve[0].homes
            step = tree.best_step(state, wanted + lost - 1e-6, banned, cheapest=True)
            one = None if step is None else tree.kept(step, solution, budget)
            found += [] if one is None else [one]
        step = tree.best_step(state, counted, banned)
        if step is None:
            break
        one = tree.kept(step, solution, budget)
        if one is None:
            banned.add(step)
            continue
        counted, state, last = tree.count(step)[0], step, one
        found.append(one)
    enough = [one for one in found if one.curve[0].homes >= wanted]
    cheapest = min(enough, key=lambda one: (one.curve[0].capex, -one.curve[0].homes), default=None)
    best = cheapest or max(found, key=lambda one: one.curve[0].homes)
    return best._replace(curve=_rising([one.curve[0] for one in found]))


def _rising(points: list[HoldPoint]) -> tuple[HoldPoint, ...]:
    """Return the points that no other beats, by rising cost."""
    found = list[HoldPoint]()
    for point in sorted(points, key=lambda one: (one.capex, -one.homes)):
        if not found or point.homes > found[-1].homes:
            found.append(point)
    return tuple(found)


class _Holding:
    """What works at which levels, as planned and among the higher trees: towers of a solution, homes that it serves."""

    def __init__(self, problem: PlanningProblem, under: PlanningProblem, solution: Solution) -> None:
        self.problem, self.solution, self.held = problem, solution, under.study
        self.sites = [site.id for site in solution.sites]
        at = {site.id: number for number, site in enumerate(problem.sites)}
        home_at = {home.id: number for number, home in enumerate(problem.homes)}
        self.rows = [at[key] for key in self.sites]
        self.homes = sorted(solution.homes)
        # Public places hang among the homes; the share that must hold is one of homes.
        self.weight = np.array([0.0 if is_place(key) else problem.homes[home_at[key]].weight for key in self.homes])
        self.most = problem.instance.max_hops
        self.price = [problem.instance.sites[row].cost for row in self.rows]
        levels = len(problem.instance.heights_m)
        count = len(self.sites)
        self.sees = np.zeros((2, count, levels, len(self.homes)), np.bool_)
        self.joins = np.zeros((2, count, count, levels, levels), np.bool_)
        for which, one in enumerate((problem, under)):
            self._fill(which, one, [home_at[key] for key in self.homes])

    def _fill(self, which: int, one: PlanningProblem, homes: list[int]) -> None:
        """Fill in what works of a problem, whose heights may be fewer."""
        site_at = {site.id: number for number, site in enumerate(one.sites)}
        levels = [self.problem.instance.heights_m.index(height) for height in one.instance.heights_m]
        for u, key in enumerate(self.sites):
            s, own = site_at[key], self.problem.sites[self.rows[u]]
            for n, home in enumerate(homes):
                pair = one.pair_of.get((s, home))
                there = self.problem.homes[home]
                if pair is not None:
                    self.sees[which, u, levels, n] = one.access_works[pair]
                elif (own.latitude, own.longitude) == (there.latitude, there.longitude):
                    self.sees[which, u, :, n] = True
            for v, other in enumerate(self.sites[:u]):
                a, b = sorted((s, site_at[other]))
                link = one.link_of.get((a, b))
                if link is None:
                    continue
                fine = one.backhaul_works[link]
                fine = fine if a == s else fine.T
                self.joins[which, u, v][np.ix_(levels, levels)] = fine
                self.joins[which, v, u] = self.joins[which, u, v].T

    def first(self) -> _State:
        """Return the solution as it is."""
        at = {key: number for number, key in enumerate(self.sites)}
        parent = dict(self.solution.links)
        return _State(
            tuple(self.problem.height_index(site.height_m) for site in self.solution.sites),
            tuple(at[parent[key]] if key in parent else -1 for key in self.sites),
            tuple(at[self.solution.homes[key]] for key in self.homes),
        )

    def _up(self, state: _State) -> NDArray[np.bool_]:
        """Return which towers links that hold lead to from a gateway."""
        found = np.array([parent < 0 for parent in state.parent], np.bool_)
        for _ in range(self.most):
            for u, parent in enumerate(state.parent):
                if parent >= 0 and found[parent]:
                    found[u] = self.joins[1, u, parent, state.level[u], state.level[parent]]
        return found

    def count(self, state: _State) -> tuple[float, _State]:
        """Return the weight of homes that hold, each moved to a tower from which it does; -1 where a rule is broken."""
        each, levels = np.arange(len(self.sites)), np.array(state.level)
        fine = self.sees[0, each, levels]
        holds = fine & self.sees[1, each, levels] & self._up(state)[:, np.newaxis]
        server, homes = np.array(state.server), np.arange(len(self.homes))
        moved = np.where(holds[server, homes] | ~holds.any(axis=0), server, holds.argmax(axis=0))
        links = all(
            parent < 0 or self.joins[0, u, parent, state.level[u], state.level[parent]]
            for u, parent in enumerate(state.parent)
        )
        if not links or not fine[moved, homes].all():
            return -1.0, state
        return float(self.weight[holds.any(axis=0)].sum()), state._replace(server=tuple(moved.tolist()))

    def _paid(self, before: _State, after: _State) -> float:
        """Return what other masts cost more."""
        return math.fsum(
            (price[new] or 0.0) - (price[old] or 0.0)
            for price, old, new in zip(self.price, before.level, after.level, strict=True)
        )

    def best_step(self, state: _State, homes: float, banned: set[_State], *, cheapest: bool = False) -> _State | None:
        """Return the change that lets most homes beyond so many hold for its money, or the cheapest that lets any."""
        best: tuple[float, float, _State] | None = None
        for tried in self._steps(state):
            gain, moved = self.count(tried)
            if gain <= homes + 1e-9 or moved in banned:
                continue
            paid = max(self._paid(state, moved), _FREE)
            worth = (1.0 / paid if cheapest else (gain - homes) / paid), gain
            if best is None or worth > best[:2]:
                best = (*worth, moved)
        return None if best is None else best[2]

    def _steps(self, state: _State) -> Iterator[_State]:
        """Yield each tower raised, and each that nothing holds up hung on one that is, with the masts that it takes."""
        up, deep = self._up(state), self._depths(state)
        for u, level in enumerate(state.level):
            yield from (self._raised(state, {u: k}) for k in self._higher(u, level + 1))
        for child in np.flatnonzero(~up).tolist():
            below = self._below(state, child)
            room = self.most - max(deep[n] - deep[child] for n in below) - 1
            for above in np.flatnonzero(up).tolist():
                if deep[above] > room:
                    continue
                hung = state._replace(parent=tuple(above if n == child else p for n, p in enumerate(state.parent)))
                both = self.joins[0, child, above] & self.joins[1, child, above]
                for k in self._higher(child, state.level[child]):
                    other = next((m for m in self._higher(above, state.level[above]) if both[k, m]), None)
                    if other is not None:
                        yield self._raised(hung, {child: k, above: other})

    def _higher(self, site: int, least: int) -> list[int]:
        return [k for k, price in enumerate(self.price[site]) if k >= least and price is not None]

    @staticmethod
    def _raised(state: _State, levels: dict[int, int]) -> _State:
        return state._replace(level=tuple(levels.get(n, level) for n, level in enumerate(state.level)))

    @staticmethod
    def _depths(state: _State) -> list[int]:
        found = []
        for start in range(len(state.parent)):
            at, depth = start, 0
            while state.parent[at] >= 0:
                at, depth = state.parent[at], depth + 1
            found.append(depth)
        return found

    @staticmethod
    def _below(state: _State, site: int) -> list[int]:
        found = [site]
        for at in found:
            found += [n for n, parent in enumerate(state.parent) if parent == at]
        return found

    def kept(self, state: _State, solution: Solution, budget: float | None) -> Holding | None:
        """Return a state as a solution with its beams; None where it breaks a rule of the plan or costs too much."""
        heights = self.problem.instance.heights_m
        levels = {key: heights[level] for key, level in zip(self.sites, state.level, strict=True)}
        tried = replace(
            solution,
            sites=tuple(replace(site, height_m=levels[site.id]) for site in solution.sites),
            links=tuple((key, self.sites[up]) for key, up in zip(self.sites, state.parent, strict=True) if up >= 0),
            homes={key: self.sites[u] for key, u in zip(self.homes, state.server, strict=True)},
            cost=round((solution.cost or 0.0) + self._paid(self.first(), state), 2),
        )
        if not solution_works(self.problem, tried):
            return None
        pointed = pointed_at_homes(self.problem, tried)
        counts = {key: len(beams) for key, beams in pointed.items()}
        most = max(len(beams) for beams in grown_beams(self.problem, tried, pointed).values())
        if most > self.problem.plan.rules.max_sectors or not self._radios_fit(tried, counts):
            return None
        cost = true_cost(self.problem, tried, pointed)
        if budget is not None and cost > budget + 1e-6:
            return None
        sites = tuple(replace(site, sectors=counts.get(site.id, site.sectors)) for site in tried.sites)
        made = replace(tried, sites=sites)
        return Holding(made, pointed, (HoldPoint(self.holding(made, pointed), cost),))

    def holding(self, solution: Solution, pointed: Beams) -> float:
        """Return the weight of homes that hold in a solution as its sectors are pointed, as `tree_outlook` counts."""
        held = replace(self.held, plan=plan_with(self.problem, solution, pointed))
        held = replace(held, plan=under_trees(held.plan, self.held.plan.area.assumed_canopy_m))
        return weight_held(held.plan.households, homes_held(held, towers_held(held)))

    def _radios_fit(self, tried: Solution, sectors: dict[str, int]) -> bool:
        most = self.problem.instance.max_radios
        if most is None:
            return True
        radios = dict(sectors)
        for ends in tried.links:
            for end in ends:
                radios[end] = radios.get(end, 0) + 1
        return max(radios.values(), default=0) <= most

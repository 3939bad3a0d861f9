"""The graph of what links towers and what could: masts to choose from, and the pairs of places that a link can join."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.model.plan import Choice, Status
from cn_planner.planning.problem import build_problem
from cn_planner.service.joined import as_it_works, gateways
from cn_planner.service.links_down import links_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.coverage.kept import Store
    from cn_planner.model.plan import Site
    from cn_planner.progress import Run
    from cn_planner.study import Study


class BackhaulGraph:
    """What stands and what could, shared by all towers that ask for a second way.

    Attributes
    ----------
    problem : Problem
    levels : list of lists of (int, float)
        By site: heights that it could have, by their number, with what each costs more than now.
    pairs : dict
        At which heights of either end a link works, first end first by its place in the list, by its ends.
    down : frozenset of str
        Links over which nothing gets through: nobody's second way.
    price : float
        Of a link, with the cheapest kit that one may be bought with, at the ground.
    """

    def __init__(self, study: Study, keep: tuple[Store, str] | None, run: Run, *, raising: bool = True) -> None:
        plan = study.plan
        self.study, self.plan, self._raising = study, plan, raising
        self.network, self.doors = plan.used_sites, gateways(plan)
        self.down = links_down(study, run=run.silently())
        # Masts as they stand are among the heights to choose from, whoever chose them.
        own = {site.mast_height_m for site in self.network.values() if site.mast_height_m}
        heights = tuple(sorted({*plan.rules.mast_heights_m, *own}))
        asked = replace(plan, rules=replace(plan.rules, mast_heights_m=heights))
        self.problem = build_problem(replace(study, plan=asked), keep=keep, run=run)
        self.at = {site.id: n for n, site in enumerate(self.problem.sites)}
        self.pairs = self._pairs()
        homes = {home.id: n for n, home in enumerate(self.problem.homes)}
        self._served: dict[str, list[int]] = {}
        for key, home in plan.households.items():
            if home.server is not None:
                self._served.setdefault(home.server, []).append(homes[key])
        self.levels = [self._levels_of(site) for site in self.problem.sites]
        kits = [one.kit for one in self.problem.link_options]
        self.price = min(2 * self.problem.costs.end(kit).total_cents for kit in kits) / 100.0

    def least_cost(self, links: Sequence[frozenset[str]], masts: Sequence[tuple[str, float]]) -> float:
        """Return what new links and masts cost at least: without what they make boxes and power cost."""
        heights = self.problem.instance.heights_m
        of_masts = (dict(self.levels[self.at[site]])[heights.index(height)] for site, height in masts)
        return len(links) * self.price + math.fsum(of_masts)

    def _levels_of(self, site: Site) -> list[tuple[int, float]]:
        """Return heights that a tower could have, by their number, with what each costs more than now."""
        problem, heights = self.problem, self.problem.instance.heights_m
        costs = {}
        for k, height in enumerate(heights):
            cost = problem.costs.site(site, height)
            if problem.instance.sites[self.at[site.id]].cost[k] is not None and cost is not None:
                costs[k] = cost.total_cents / 100.0
        now = self.network.get(site.id)
        if now is None or now.mast_height_m is None:
            return sorted(costs.items())
        at = heights.index(now.mast_height_m) if now.mast_height_m in heights else None
        if at is None:
            return []
        if not self._raising:
            return [(at, 0.0)]
        base = costs.get(at, 0.0)
        higher = [k for k in costs if k > at and self._still_serves(site.id, k)]
        return [(at, 0.0), *((k, costs[k] - base) for k in sorted(higher))]

    def _still_serves(self, key: str, level: int) -> bool:
        """Return whether a higher mast keeps the tower's homes and links as they are."""
        problem, here = self.problem, self.at[key]
        rows = [problem.pair_of.get((here, home)) for home in self._served.get(key, ())]
        return all(bool(problem.access_works[pair, level]) for pair in rows if pair is not None)

    def _pairs(self) -> dict[frozenset[str], NDArray[np.bool_]]:
        """Return at which heights of either end a link works, first end first by its place in the list, by its ends."""
        problem = self.problem
        refused = {
            frozenset((link.from_site, link.to_site))
            for link in self.plan.links.values()
            if link.choice is Choice.FORBIDDEN or link.status is Status.REJECTED
        }
        found = {}
        for (a, b), pair in problem.link_of.items():
            ends = frozenset((problem.sites[a].id, problem.sites[b].id))
            if problem.backhaul_full[pair].any() and ends not in refused:
                found[ends] = problem.backhaul_full[pair]
        return found

    def standing(self) -> set[frozenset[str]]:
        """Return the ends of the links that stand or will, and over which something gets."""
        works = as_it_works(self.plan, self.down)
        return {frozenset((link.from_site, link.to_site)) for link in works.standing_links.values()}

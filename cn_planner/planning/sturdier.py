"""Of trees that cost the same over the same sites the one in which single failures silence the fewest homes.

A home falls silent with each tower and each link on its way. So the homes lost, added up over all single failures, are
the homes times their hops: the fewer hops, the sturdier. Links between towers mostly cost the same, so there is much
to choose from.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.planning.link_rows import kept_prices
from cn_planner.planning.loads import bought_kits
from cn_planner.solver.network import fits

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.solver.instance import Solution

_SAME = 1e-6
Parents = tuple[tuple[str, str], ...]


def sturdier(
    problem: PlanningProblem, solution: Solution, cost: Callable[[Parents], float], over: Callable[[], bool]
) -> Solution:
    """Return the solution with sites hung otherwise, for the same money, where single failures then silence fewer.

    One site after the other goes to another parent as long as that helps: fewer homes lost, then fewer hops, then
    loads that differ less. Links and gateways stay within what they carry. What feeds a tower, and its switch, come in
    steps: ``cost`` says of links what the whole plan then costs, and that does not rise. ``over`` says whether the
    time is.
    """
    if not solution.links:
        return solution
    tree = _Tree(problem, solution)
    most = cost(solution.links) + _SAME
    while not over() and tree.moved(lambda parent: cost(tuple(parent.items())) <= most, over):
        pass
    return replace(solution, links=tuple((child, tree.parent[child]) for child, _ in solution.links))


class _Tree:
    """Parents of the sites, and those that each could have."""

    def __init__(self, problem: PlanningProblem, solution: Solution) -> None:
        at = {site.id: number for number, site in enumerate(problem.sites)}
        height = {site.id: problem.height_index(site.height_m) for site in solution.sites}
        each = {home.id: (home.weight, home.load) for home in problem.instance.homes}
        self.hops = problem.instance.max_hops
        self.parent = dict(solution.links)
        self.own, self.load = dict.fromkeys(height, 0.0), dict.fromkeys(height, 0.0)
        for home, site in solution.homes.items():
            self.own[site] += each[home][0]
            self.load[site] += each[home][1]
        self.gates = {site: problem.instance.sites[at[site]].carries for site in height if site not in self.parent}
        pairs = {(a, b) for a, b, _, _ in problem.instance.links.tolist()}
        # What is kept is paid for where it stands unused too: who leaves it for a new link pays more.
        kept, bought = dict.fromkeys(kept_prices(problem.costs), 0.0), bought_kits(problem, solution)
        self.most = math.inf if problem.instance.max_radios is None else float(problem.instance.max_radios)
        self.sectors = {site.id: site.sectors for site in solution.sites}
        self.choices: dict[str, dict[str, float]] = {}
        for child, now in self.parent.items():
            usual = bought.get(frozenset((child, now)), problem.link_options[0]).price
            price = kept.get(frozenset((child, now)), usual)
            mine = self.choices[child] = {}
            for other in height:
                ends = a, b = min(at[child], at[other]), max(at[child], at[other])
                known = problem.link_of.get(ends)
                if known is None or (ends not in pairs and other != now):
                    continue
                low, high = problem.sites[a].id, problem.sites[b].id
                where = (known, height[low], height[high])
                # With a kit for the same money: what a larger dish would carry is not bought.
                carries = [
                    float(one.carries[where])
                    for one in problem.link_options
                    if one.works[where] and abs(kept.get(frozenset((child, other)), one.price) - price) < _SAME
                ]
                if carries:
                    mine[other] = min(max(carries), float(problem.backhaul_carries[where]))
        self.worth = self._worth(self.parent)

    def _worth(self, parent: dict[str, str]) -> tuple[float, ...]:
        """Return what is the less the better; infinite where a tree is none, too deep, or too full."""
        silent, flow, hops = dict.fromkeys(self.own, 0.0), dict.fromkeys(self.own, 0.0), 0
        for site, homes in self.own.items():
            at, depth = site, 0
            silent[at] += homes
            flow[at] += self.load[site]
            while at in parent:
                at, depth = parent[at], depth + 1
                if depth > self.hops:
                    return (math.inf,)
                silent[at] += homes
                flow[at] += self.load[site]
            hops += depth
        radios = dict(self.sectors)
        for child, above in parent.items():
            radios[child], radios[above] = radios[child] + 1, radios[above] + 1
        if max(radios.values()) > self.most:
            return (math.inf,)
        carried = all(fits(flow[child], self.choices[child].get(above, 0.0)) for child, above in parent.items())
        if not carried or not all(fits(flow[site], carries) for site, carries in self.gates.items()):
            return (math.inf,)
        lost = [silent[child] for child in parent]
        return round(math.fsum(lost), 6), hops, round(math.fsum(one * one for one in lost), 3)

    def moved(self, paid: Callable[[dict[str, str]], bool], over: Callable[[], bool]) -> bool:
        """Hang each site where that is best and is paid for; return whether any moved."""
        any_moved = False
        for child in sorted(self.choices):
            if over():
                break
            for other in sorted(self.choices[child]):
                tried = {**self.parent, child: other}
                worth = self._worth(tried)
                if worth < self.worth and paid(tried):
                    self.parent, self.worth, any_moved = tried, worth, True
        return any_moved

"""What the links and gateways of a solution have to carry at the busy hour, and what they can, in homes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.links.conditions import conditions_of
from cn_planner.message import msg
from cn_planner.model.clients import is_place
from cn_planner.planning.link_kits import LinkKit, cheapest_option, links_that_carry, strongest_option
from cn_planner.solver.network import fits

if TYPE_CHECKING:
    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.message import Message
    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Link
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.solver.instance import Solution
    from cn_planner.study import Study


class Load(NamedTuple):
    """Of the link of a site to its parent; of the Internet connection of a gateway, which has none ("")."""

    site: str
    parent: str
    homes: float
    """That are behind it, by weight; ``load`` what they and public places take, ``carries`` what it can, in homes."""
    load: float
    carries: float
    mbps: float
    """Of the link, or of the connection."""

    def full(self, load: float) -> Message | None:
        """Return in words that no home of such a load fits on it any more; None where one does."""
        if fits(self.load + load, self.carries):
            return None
        if self.parent:
            return msg(
                "The link {a} to {b} is full: of its {rate:.0f} Mbit/s {homes:,g} homes take all at the busy hour.",
                a=self.site, b=self.parent, rate=self.mbps, homes=self.homes,
            )  # fmt: skip
        return msg(
            "The Internet connection at {site} is full: of its {rate:.0f} Mbit/s {homes:,g} homes take all at the "
            "busy hour.",
            site=self.site, rate=self.mbps, homes=self.homes,
        )  # fmt: skip


def loads(problem: PlanningProblem, solution: Solution) -> tuple[Load, ...]:
    """Return the load of each link, then of each gateway, in the solution's order."""
    each = {home.id: (0.0 if is_place(home.id) else home.weight, home.load) for home in problem.instance.homes}
    at = {site.id: number for number, site in enumerate(problem.sites)}
    height = {site.id: problem.height_index(site.height_m) for site in solution.sites}
    parent = dict(solution.links)
    count, flow = dict.fromkeys(height, 0.0), dict.fromkeys(height, 0.0)
    for home, site in solution.homes.items():
        step: str | None = site
        while step is not None:
            count[step] += each[home][0]
            flow[step] += each[home][1]
            step = parent.get(step)
    rows = []
    for child, above in solution.links:
        a, b = sorted((child, above), key=at.__getitem__)
        pair = problem.link_of.get((at[a], at[b]))
        if pair is None:  # a tower of a hand-made plan that stands off the terrain: nobody knows what it carries
            continue
        where = (pair, height[a], height[b])
        # A link that is too full for a small dish is bought with a larger one.
        best = strongest_option(problem.link_options, where)
        mbps = min(float(best.figures.rate_down_mbps[where]), float(best.figures.rate_up_mbps[where]))
        if problem.link_limit is not None:
            mbps = min(mbps, float(problem.link_limit[pair]) * problem.sector_mbps)
        rows.append(Load(child, above, count[child], flow[child], float(problem.backhaul_carries[where]), mbps))
    for site in height:
        carries = problem.instance.sites[at[site]].carries
        one = problem.instance.sites[at[site]]
        if one.gateway or (one.may_be_root and site not in parent):
            rows.append(Load(site, "", count[site], flow[site], carries, carries * problem.busy_mbps))
    return tuple(rows)


def bought_kits(problem: PlanningProblem, solution: Solution) -> dict[frozenset[str], LinkKit]:
    """Return the kit that each link of a solution is bought with, by its ends: the cheapest that carries its homes."""
    at = {site.id: number for number, site in enumerate(problem.sites)}
    height = {site.id: problem.height_index(site.height_m) for site in solution.sites}
    found = {}
    for row in loads(problem, solution):
        if row.parent:
            a, b = sorted((row.site, row.parent), key=at.__getitem__)
            where = (problem.link_of[at[a], at[b]], height[a], height[b])
            found[frozenset((a, b))] = cheapest_option(problem.link_options, where, row.load)
    return found


def said_full(problem: PlanningProblem, solution: Solution) -> tuple[Message, ...]:
    """Return in words where what a link or gateway carries decides: not even the lightest home fits on it any more."""
    least = min((home.load for home in problem.instance.homes if home.load > 0.0), default=math.inf)
    return tuple(said for row in loads(problem, solution) if (said := row.full(least)) is not None)


def standing_kit(study: Study, link: Link) -> Kit:
    """Return the kit of a link, set to its channel."""
    return study.catalogue.kit(link.kit or study.plan.kits.backhaul).on(link.freq_mhz, link.width_mhz)


def standing_matrix(study: Study, link: Link, kit: Kit) -> PairMatrix | None:
    """Return the path of a link of a plan, with a kit at both ends; None between sites at one place."""
    plan = study.plan
    first, second = plan.sites[link.from_site], plan.sites[link.to_site]
    here, there = (first.latitude, first.longitude), (second.latitude, second.longitude)
    if here == there:
        return None
    high = [
        site.mast_height_m or 0.0 if given is None else given
        for site, given in ((first, link.from_height_m), (second, link.to_height_m))
    ]
    one = np.zeros(1, np.int64)
    return pair_matrix(
        study.surface, ([here[0]], [here[1]]), ([there[0]], [there[1]]), [high[0]], [high[1]],
        kit.freq_mhz, conditions_of(plan), pairs=(one, one),
        enough_f1=plan.rules.clearance_f1, needs=False, obstacles=tuple(plan.obstacles.values()),
    )  # fmt: skip


def standing_mbps(study: Study, link: Link, kit: Kit | None = None) -> float | None:
    """Return what a link of a plan carries both ways, as the planner counts it; None between sites at one place.

    With its own kit as it is set, or that kit set to another channel.
    """
    kit = kit or standing_kit(study, link)
    matrix = standing_matrix(study, link, kit)
    if matrix is None:
        return None
    budget, _ = links_that_carry(study, matrix, study.plan.demand.later_mbps, kit)
    return float(np.minimum(budget.rate_down_mbps, budget.rate_up_mbps)[0, 0, 0])

"""A plan that was made or changed by hand, judged as one of the planner's own: whether it keeps today's rules.

Asked are those who judge what the planner makes: the tables for places, masts, links and paths; the judge of towers for
whom their sectors serve as they point, and for how long; links and Internet connections as they stand; the channels.
Where anything of it does not hold the plan is no match for a new one. So it is where nobody can say it here: sectors of
further kits, homes that pass it on, second ways that are asked for, room for growth that comes later.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital
from cn_planner.errors import InputError
from cn_planner.model.clients import clients
from cn_planner.model.plan import PlanStatus, SiteRole
from cn_planner.planning.basis import basis_of
from cn_planner.planning.loads import standing_mbps
from cn_planner.planning.sector_shares import hanging
from cn_planner.planning.verification import solution_works
from cn_planner.planning.way_room import WayRoom
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import ways_up
from cn_planner.service.room import room_for
from cn_planner.solver.instance import Solution, SolutionSite, SolutionStatus, StoppedBy
from cn_planner.spectrum.channels import plan_channels

if TYPE_CHECKING:
    from cn_planner.model.plan import Outcome, Plan
    from cn_planner.planning.problem import PlanningProblem


def as_if_planned(plan: Plan, problem: PlanningProblem, new: Outcome, *, run: Run = ALONE) -> Plan | None:
    """Return a plan as if the planner had made it, with nothing proven; None where it does not keep today's rules.

    What has no channel yet gets one.

    Parameters
    ----------
    plan : Plan
        As it stands, without the hotspots that come after.
    problem : PlanningProblem
        Of the same plan, as it is asked for now.
    new : Outcome
        Of what was found for it.

    Raises
    ------
    CancelledError
    """
    study = replace(problem.study, plan=plan)
    if not plan.used_sites or _beyond(plan, problem):
        return None
    solution = _as_solution(plan, problem)
    if solution is None or not solution_works(problem, solution):
        return None
    if not (_sectors_do(plan, problem) and _links_do(problem, plan)):
        return None
    run.check()
    try:
        heard = plan_channels(study, run=run.silently())
    except InputError:
        return None
    plan = plan if heard.edit is None else heard.edit.plan
    on_channels = {one.id: one.carries_mbps for one in heard.uses if one.carries_mbps is not None}
    if heard.not_served or WayRoom(replace(study, plan=plan), on_channels).full_now() is not None:
        return None
    served = math.fsum(home.weight for home in plan.households.values() if home.server is not None)
    outcome = replace(
        new, status=PlanStatus.FEASIBLE, served=served, capex=capital(plan, study.catalogue).total.total,
        lower_bound=None, gap=None, homes_upper_bound=None, left_out=(), basis=basis_of(plan),
    )  # fmt: skip
    return replace(plan, outcome=outcome)


def _beyond(plan: Plan, problem: PlanningProblem) -> bool:
    """Return whether there is something in a plan that is not judged here."""
    kits = {one.kit for one in problem.link_options} | {plan.kits.backhaul}
    return (
        problem.grows
        or any(one.two_ways for one in plan.sites.values())
        or any(one.role is SiteRole.RELAY for one in plan.used_sites.values())
        or any(sector.kit != plan.kits.access for one in plan.used_sites.values() for sector in one.sectors)
        or any((link.kit or plan.kits.backhaul) not in kits for link in plan.standing_links.values())
    )


def _as_solution(plan: Plan, problem: PlanningProblem) -> Solution | None:
    """Return a plan as a solution of its problem; None where it is none, whatever its paths are."""
    number = {site.id: n for n, site in enumerate(problem.sites)}
    home_at = {home.id: n for n, home in enumerate(problem.homes)}
    heights, up = problem.instance.heights_m, ways_up(plan)
    if not plan.used_sites.keys() <= number.keys() & up.keys():
        return None
    sites, depth = [], dict[str, int]()
    for key in up:  # the nearest first
        site, row = plan.sites[key], problem.instance.sites[number[key]]
        allowed = [heights[k] for k in problem.network.allowed[number[key]]]
        way = up[key]
        depth[key] = 0 if way is None else depth[way[0]] + 1
        if site.mast_height_m not in allowed or depth[key] > problem.instance.max_hops:
            return None
        if way is None and not (row.gateway or row.may_be_root):
            return None
        if way is not None and tuple(sorted((number[key], number[way[0]]))) not in problem.link_of:
            return None
        sites.append(SolutionSite(key, site.mast_height_m, len(site.sectors)))
    homes = {key: str(home.server) for key, home in clients(plan).items() if home.server is not None}
    if not homes.keys() <= home_at.keys() or not set(homes.values()) <= up.keys():
        return None
    for key, server in homes.items():
        home, site = problem.homes[home_at[key]], plan.sites[server]
        at_mast = (home.latitude, home.longitude) == (site.latitude, site.longitude)
        if not at_mast and (number[server], home_at[key]) not in problem.pair_of:
            return None
    must = (
        {row.id for row in problem.instance.sites if row.must},
        {row.id for row in problem.instance.homes if row.must},
    )
    if not (must[0] <= up.keys() and must[1] <= homes.keys()):
        return None
    links = tuple((key, way[0]) for key, way in up.items() if way is not None)
    return Solution(SolutionStatus.FEASIBLE, StoppedBy.DONE, 0.0, sites=tuple(sites), links=links, homes=homes)


def _sectors_do(plan: Plan, problem: PlanningProblem) -> bool:
    """Return whether the sectors of each tower serve all its homes as they point, and have the time for them."""
    number = {home.id: n for n, home in enumerate(problem.homes)}
    mine: dict[str, set[str]] = {}
    for key, home in clients(plan).items():
        if home.server is not None:
            mine.setdefault(home.server, set()).add(key)
    for key, homes in mine.items():
        sectors = plan.sites[key].sectors
        if not 0 < len(sectors) <= plan.rules.max_sectors:  # without any nobody has planned its antennas yet
            return False
        served = hanging(problem, number, plan, key)
        if not homes & number.keys() <= served.keys():
            return False
        for sector in {one.sector for one in served.values()}:
            shares = [one.share for one in served.values() if one.sector == sector]
            if not room_for(len(shares) - 1, math.fsum(shares), 0.0, 1.0):
                return False
    return True


def _links_do(problem: PlanningProblem, plan: Plan) -> bool:
    """Return whether each link works with its own kit, as it is set."""
    rates = (standing_mbps(replace(problem.study, plan=plan), link) for link in plan.standing_links.values())
    return all(rate is None or rate > 0.0 for rate in rates)

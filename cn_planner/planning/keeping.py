"""From the optimiser's solution to one that keeps what it does not look at: heights, directions, airtime, money."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital
from cn_planner.economics.over_years import running_cost
from cn_planner.model import edits
from cn_planner.model.plan import Choice, Link, Objective, Sector, SiteRole, Status
from cn_planner.planning.loads import bought_kits
from cn_planner.planning.narrower import with_sector_homes
from cn_planner.planning.relays import without_idle_relays
from cn_planner.planning.verification import grown_beams, has_time, pointed_at_homes, solution_works
from cn_planner.solver.instance import Solution, SolutionStatus, StoppedBy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from cn_planner.model.plan import Plan
    from cn_planner.planning.directions import Directions
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.solver.instance import Instance
    from cn_planner.solver.sectors import SectorBeam

    class Search(Protocol):
        """The optimiser within a share of the time that is left."""

        def __call__(self, instance: Instance, *, budget: float | None, share: float) -> Solution:
            """Return what it finds."""


_ROUNDS = 6
_REPAIR = 0.5
"""Of the time that is left, for the plan at the heights of the best solution."""
_SHARE = 0.6
"""Of the time that is left, for each search but the first."""


def kept(
    problem: PlanningProblem,
    first: Solution,
    budget: float | None,
    search: Search,
    *,
    directions: Directions | None = None,
    cancelled: bool,
) -> tuple[Solution, dict[str, tuple[SectorBeam, ...]]]:
    """Return a solution that keeps every rule, with its sectors as they are pointed.

    Parameters
    ----------
    problem : Problem
        With the share to serve in it.
    first : Solution
        Of the loose instance, or one that is known to be sound.
    budget : float, optional
        The money.
    search : callable
        The optimiser, within a share of the time that is left.
    directions : Directions, optional
        Where the first solution is of sectors that are arcs.
    cancelled : bool
        Whether nothing more is to be searched.
    """
    plan = problem.plan
    solution = None if directions is None else _pointed(problem, first, budget, search, directions)
    if solution is None:
        solution = _careful(problem, first, budget, search, cancelled=cancelled)
    pointed = pointed_at_homes(problem, solution)
    money, tries = budget, 0
    while solution.cost is not None and tries < _ROUNDS and solution.stopped_by is not StoppedBy.CANCEL:
        tries += 1
        worst = max((len(found) for found in grown_beams(problem, solution, pointed).values()), default=0)
        if worst > plan.rules.max_sectors and problem.instance.sector_homes > 1:
            # Airtime, not direction, is what a smaller load mends.
            problem = with_sector_homes(problem, max(1.0, math.floor(problem.instance.sector_homes * 0.8)))
        elif budget is not None and true_cost(problem, solution, pointed) > budget + 1e-6 and money is not None:
            money = max(0.0, money - (true_cost(problem, solution, pointed) - budget))
        else:
            break
        again = search(problem.instance, budget=money, share=_SHARE)
        if again.cost is None:
            # What was tightened here is no rule: the plan so far stands, without the beams that do not fit.
            solution = replace(solution, stopped_by=again.stopped_by)
            break
        solution = again
        pointed = pointed_at_homes(problem, solution)
    solution, pointed = _trimmed(problem, solution, pointed, budget)
    if solution.cost is not None and budget is not None and true_cost(problem, solution, pointed) > budget + 1e-6:
        # What has to stand is over the money: spares are whole, and links that are kept count where they stand unused.
        solution = replace(solution, status=SolutionStatus.UNKNOWN, cost=None, sites=(), links=(), homes={})
    return solution, pointed


def _careful(
    problem: PlanningProblem,
    first: Solution,
    budget: float | None,
    search: Search,
    *,
    cancelled: bool,
) -> Solution:
    """Return a plan that works at its heights: the loose one where it does and its sectors have the time they need."""
    if first.cost is None:
        return first
    sound = solution_works(problem, first)
    if sound and has_time(problem, first):
        return first
    again = None if cancelled else search(problem.instance, budget=budget, share=_SHARE)
    if again is not None and again.cost is not None:
        if sound and budget is None and _merit(problem, first) < _merit(problem, again):
            return first
        return again
    if sound:
        return first
    # What is careful is no rule: that it leaves no plan is no proof that there is none.
    stopped = StoppedBy.CANCEL if again is None else again.stopped_by
    return Solution(SolutionStatus.UNKNOWN, stopped, 0.0, coverable_weight=first.coverable_weight)


def _pointed(
    problem: PlanningProblem, first: Solution, budget: float | None, search: Search, directions: Directions
) -> Solution | None:
    """Return the best plan on the sites and heights of a solution that keeps every rule; None where none was found.

    Either the solution itself, or what its sites serve at just these heights.
    """
    if first.cost is None:
        return None
    found = [first] if solution_works(problem, first) else []
    tilts = {site: beams[0].tilt_deg for site, beams in pointed_at_homes(problem, first).items() if beams}
    instance = directions.at_heights(first, tilts)
    again = None if instance is None else search(instance, budget=budget, share=_REPAIR)
    if again is not None and again.cost is not None and solution_works(problem, again):
        # There each site has to stand; who serves and carries nobody once homes are served from elsewhere need not.
        found.append(_without_idle(problem, again))
    most = problem.plan.rules.max_sectors
    fits = []
    for one in found:
        pointed = pointed_at_homes(problem, one)
        merit = _worth(problem, one, pointed, budget)
        if merit is not None and all(len(beams) <= most for beams in grown_beams(problem, one, pointed).values()):
            fits.append((merit, one))
    if not fits:
        return None
    best = min(fits, key=lambda row: row[0])[1]
    return replace(best, stopped_by=first.stopped_by)


def _worth(
    problem: PlanningProblem, solution: Solution, pointed: dict[str, tuple[SectorBeam, ...]], budget: float | None
) -> tuple[float, float] | None:
    """Return what is the less the better a plan is; None where it costs more than there is."""
    cost = true_cost(problem, solution, pointed)
    if budget is None:
        return 0.0, cost
    return None if cost > budget + 1e-6 else (-(solution.served_weight or 0.0), cost)


def _merit(problem: PlanningProblem, solution: Solution) -> tuple[int, float]:
    """Return what is the less the better a plan for least cost is: sectors that do not fit, then its capital."""
    pointed = pointed_at_homes(problem, solution)
    grown = grown_beams(problem, solution, pointed)
    over = sum(max(0, len(found) - problem.plan.rules.max_sectors) for found in grown.values())
    return over, true_cost(problem, solution, pointed)


def true_cost(problem: PlanningProblem, solution: Solution, pointed: Mapping[str, tuple[SectorBeam, ...]]) -> float:
    """Return the capital of the plan that the solution makes, as it is printed: sectors as pointed, spares whole.

    With what five years cost to run, where that is the objective.
    """
    plan, catalogue = plan_with(problem, solution, pointed), problem.costs.catalogue
    capex = capital(plan, catalogue).total.total
    if problem.objective is Objective.CAPITAL:
        return capex
    return capex + running_cost(plan, catalogue, capex)


def _trimmed(
    problem: PlanningProblem, solution: Solution, pointed: dict[str, tuple[SectorBeam, ...]], budget: float | None
) -> tuple[Solution, dict[str, tuple[SectorBeam, ...]]]:
    """Return the solution without the beams that no further round could fit: too many on a site, or over the budget.

    The beam with the least weight goes first, with its homes.
    """
    weight = [home.weight for home in problem.homes]
    most = problem.plan.rules.max_sectors
    pointed = dict(pointed)
    while solution.cost is not None:
        over = budget is not None and true_cost(problem, solution, pointed) > budget + 1e-6
        crowded = [site for site, found in pointed.items() if found and (over or len(found) > most)]
        if not crowded:
            break
        _, site, beam = min(
            ((sum(weight[h] for h in beam.homes), site, beam) for site in crowded for beam in pointed[site]),
            key=lambda one: (one[0], one[1], one[2].azimuth_deg),
        )
        pointed[site] = tuple(other for other in pointed[site] if other is not beam)
        solution = _without_idle(problem, _without_homes(problem, solution, beam.homes))
    if solution.cost is not None and problem.grows:
        solution, pointed = _with_room(problem, solution, pointed)
    return solution, {site: found for site, found in pointed.items() if found}


def _with_room(
    problem: PlanningProblem, solution: Solution, pointed: dict[str, tuple[SectorBeam, ...]]
) -> tuple[Solution, dict[str, tuple[SectorBeam, ...]]]:
    """Return the solution without the homes whose sectors no mast would have room for once demand has grown."""
    most, weight = problem.plan.rules.max_sectors, [home.weight for home in problem.homes]
    while True:
        grown = grown_beams(problem, solution, pointed)
        over = [site for site, found in grown.items() if len(found) > most]
        if not over:
            return solution, pointed
        beams = [(sum(weight[h] for h in beam.homes), site, beam) for site in over for beam in grown[site]]
        _, _, least = min(beams, key=lambda one: (one[0], one[1], one[2].azimuth_deg))
        solution = _without_idle(problem, _without_homes(problem, solution, least.homes))
        pointed = pointed_at_homes(problem, solution)


def _without_homes(problem: PlanningProblem, solution: Solution, homes: Sequence[int]) -> Solution:
    """Return the solution without some homes, by their numbers."""
    gone = {problem.homes[h].id for h in homes}
    saved = math.fsum(problem.instance.homes[h].cost for h in homes)
    return replace(
        solution,
        homes={home: at for home, at in solution.homes.items() if home not in gone},
        cost=max(0.0, round((solution.cost or 0.0) - saved, 2)),
        served_weight=(solution.served_weight or 0.0) - math.fsum(problem.homes[h].weight for h in homes),
    )


def _without_idle(problem: PlanningProblem, solution: Solution) -> Solution:
    """Return the solution without the sites that serve and carry nobody any more, but the last gateway."""
    must = {site.id for site in problem.instance.sites if site.must}
    gateways = {site.id for site in problem.instance.sites if site.gateway}
    while True:
        used = set(solution.homes.values()) | {parent for _, parent in solution.links} | must
        doors = [site.id for site in solution.sites if site.id in gateways or site.opened]
        idle = {site.id for site in solution.sites} - used - set(doors if len(doors) == 1 else ())
        if not idle:
            return solution
        gone = min(idle)
        solution = replace(
            solution,
            sites=tuple(site for site in solution.sites if site.id != gone),
            links=tuple(ends for ends in solution.links if gone not in ends),
        )


def plan_with(problem: PlanningProblem, solution: Solution, pointed: Mapping[str, tuple[SectorBeam, ...]]) -> Plan:
    """Return the plan of a problem with a network in it, its sectors pointed so."""
    plan, kits = problem.plan, problem.plan.kits
    height = {site.id: site.height_m for site in solution.sites}
    roots = height.keys() - dict(solution.links).keys()
    sites = []
    for key, site in plan.sites.items():
        if key in height:
            sectors = tuple(
                Sector(f"{key}-S{n}", kits.access, round(beam.azimuth_deg, 1) % 360.0, beam.tilt_deg)
                for n, beam in enumerate(pointed.get(key, ()), start=1)
            )
            opened = key in roots if site.role is SiteRole.GATEWAY_OPTION else site.uplink_bought
            sites.append(replace(site, mast_height_m=height[key], sectors=sectors, uplink_bought=opened))
            continue
        idle = replace(site, sectors=(), uplink_bought=False)
        stays = site.role is SiteRole.EXISTING or site.status is Status.BUILT
        sites.append(idle if stays else replace(idle, mast_height_m=None))
    given = _kits_of_homes(problem, solution)
    homes = [
        replace(home, server=solution.homes.get(key), client_kit=given.get(key, ""))
        for key, home in plan.households.items()
    ]
    kept = {
        key: link
        for key, link in plan.links.items()
        if (link.choice is not Choice.FREE or link.status in (Status.BUILT, Status.REJECTED))
    }
    joined = {frozenset((link.from_site, link.to_site)) for link in kept.values()}
    bought = bought_kits(problem, solution)
    links = [
        Link(f"L-{a}-{b}", a, b, bought[frozenset((a, b))].kit if frozenset((a, b)) in bought else kits.backhaul)
        for a, b in (sorted(ends) for ends in solution.links)
        if frozenset((a, b)) not in joined
    ]
    gone = [key for key in plan.links if key not in kept]
    new = edits.remove(plan, "links", gone).plan if gone else plan
    return without_idle_relays(edits.put(new, [*sites, *homes, *links]).plan)


def _kits_of_homes(problem: PlanningProblem, solution: Solution) -> Mapping[str, str]:
    """Return the kit that each home of a solution gets, by its id; empty for the usual one."""
    kits = problem.plan.kits.clients
    if len(kits) == 1:
        return dict.fromkeys(solution.homes, "")
    site_at = {site.id: s for s, site in enumerate(problem.sites)}
    home_at = {home.id: h for h, home in enumerate(problem.homes)}
    height = {site.id: problem.height_index(site.height_m) for site in solution.sites}
    found = {}
    for home, site in solution.homes.items():
        pair = problem.pair_of.get((site_at[site], home_at[home]))
        which = 0 if pair is None else int(problem.access_kit[pair, height[site]])
        found[home] = kits[which] if which else ""
    return found

"""What the optimiser does not look at, and a plan has to keep: paths at just their heights, directions, airtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.planning.sectors import Beam, beams

if TYPE_CHECKING:
    from cn_planner.planning.instance import Solution
    from cn_planner.planning.problem import Problem


def works(problem: Problem, solution: Solution) -> bool:
    """Return whether every path of a plan works at just the heights chosen, and none but coverable homes are served."""
    site_at = {site.id: s for s, site in enumerate(problem.sites)}
    home_at = {home.id: h for h, home in enumerate(problem.homes)}
    height = {site.id: problem.height_index(site.height_m) for site in solution.sites}
    for ends in solution.links:
        a, b = sorted(ends, key=site_at.__getitem__)
        if not problem.backhaul_works[problem.link_of[site_at[a], site_at[b]], height[a], height[b]]:
            return False
    for home, site in solution.homes.items():
        if not problem.network.serve[home_at[home]]:
            return False
        pair = problem.pair_of.get((site_at[site], home_at[home]))
        if pair is not None and not problem.access_works[pair, height[site]]:
            return False
    return True


def has_time(problem: Problem, solution: Solution) -> bool:
    """Return whether the sectors that the optimiser counted have the airtime that their homes take."""
    used = {site: sum(beam.airtime for beam in found) for site, found in pointed_at_homes(problem, solution).items()}
    return all(used.get(site.id, 0.0) <= site.sectors + 1e-6 for site in solution.sites)


def pointed_at_homes(problem: Problem, solution: Solution) -> dict[str, tuple[Beam, ...]]:
    """Return the beams of each site that serves homes; `Beam.homes` are the numbers of the homes."""
    site_at = {site.id: s for s, site in enumerate(problem.sites)}
    home_at = {home.id: h for h, home in enumerate(problem.homes)}
    height = {site.id: problem.height_index(site.height_m) for site in solution.sites}
    width = problem.costs.catalogue.antennas[
        problem.costs.catalogue.kit(problem.plan.kits.access).antenna
    ].beamwidth_az_deg
    served: dict[str, list[int]] = {}
    for home, site in solution.homes.items():
        served.setdefault(site, []).append(home_at[home])
    pointed: dict[str, tuple[Beam, ...]] = {}
    for site, homes in sorted(served.items()):
        homes = sorted(homes)
        directions: list[float] = []
        airtime: list[float] = []
        for number in homes:
            pair = problem.pair_of.get((site_at[site], number))
            if pair is None:  # at the mast itself: by cable
                directions.append(0.0)
                airtime.append(0.0)
                continue
            rate = float(problem.access_budget.rate_down_mbps[pair, height[site]])
            directions.append(float(problem.access.azimuth_deg[pair]))
            airtime.append(problem.busy_mbps * problem.homes[number].weight / rate)
        pointed[site] = tuple(
            Beam(beam.azimuth_deg, tuple(homes[n] for n in beam.homes), beam.airtime)
            for beam in beams(directions, airtime, width)
        )
    return pointed

"""From which masts each of very many homes is reached: what `problem` says of points, of the homes themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.links.budget import budget_arrays
from cn_planner.links.conditions import home_conditions_of
from cn_planner.message import msg
from cn_planner.model.clients import roof_height_m
from cn_planner.planning.client_kits import unequipped
from cn_planner.planning.sector_homes import most_sector_homes
from cn_planner.progress import ALONE, Run
from cn_planner.service.judge import serves
from cn_planner.service.roofs import loads_of, rates_wanted
from cn_planner.service.within_range import access_pairs
from cn_planner.solver.network import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.model.plan import Household, Plan
    from cn_planner.planning.problem import PlanningProblem

_PAIRS = 200_000
"""Pairs that are looked at together: some 50 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class HomeReach:
    """Homes against the sites of a problem.

    Attributes
    ----------
    homes : those of the plan, one by one.
    weight : float64 array of homes
    least : int8 array of (homes, sites)
        The least level of the site at which the path works, as in the loose instance; `NEVER` where at none.
    coverable : bool array of homes
        Whether it would be served if every site stood at its greatest height.
    azimuth_deg : float32 array of (homes, sites)
        Where each lies from the sites that reach it.
    rate_mbps : float32 array of (homes, sites)
        The best rate of any height, at least; infinite at the mast itself.
    sector_homes : the load that a sector carries at most in any plan.
    """

    homes: tuple[Household, ...]
    weight: NDArray[np.float64]
    load: NDArray[np.float64]
    least: NDArray[np.int8]
    coverable: NDArray[np.bool_]
    azimuth_deg: NDArray[np.float32]
    rate_mbps: NDArray[np.float32]
    sector_homes: float


def home_reach(problem: PlanningProblem, plan: Plan, *, run: Run = ALONE) -> HomeReach:
    """Return how the sites of a problem reach the homes of a plan.

    Parameters
    ----------
    problem : Problem
        Of the same sites, whatever its homes are.
    plan : Plan
        With the homes.

    Notes
    -----
    Memory is bounded by blocks of homes.

    Raises
    ------
    CancelledError
    """
    run.progress(0.0, msg("Looking from every site to every home"))
    homes, heights = tuple(unequipped(home) for home in plan.households.values()), problem.instance.heights_m
    latitude = np.array([home.latitude for home in homes])
    longitude = np.array([home.longitude for home in homes])
    roof = np.array([[roof_height_m(plan, home)] for home in homes])
    here = np.array([s.latitude for s in problem.sites]), np.array([s.longitude for s in problem.sites])
    levels = _levels(problem)
    top = np.array([ks[-1] for ks in problem.network.allowed])
    usable, wanted = np.array(problem.network.usable), rates_wanted(plan, homes)
    least = np.full((len(homes), len(problem.sites)), NEVER, np.int8)
    coverable = np.zeros(len(homes), np.bool_)
    azimuth, rate = np.zeros((2, *least.shape), np.float32)
    fastest = 0.0
    size = max(1, _PAIRS // len(problem.sites))
    freq_mhz = problem.study.catalogue.kit(plan.kits.access).freq_mhz
    for start in range(0, len(homes), size):
        some = slice(start, start + size)
        there = latitude[some], longitude[some]
        matrix = pair_matrix(
            problem.study.surface, here, there, heights, roof[some], freq_mhz, home_conditions_of(plan),
            pairs=access_pairs(problem.study, here, there, (heights[-1], roof[some, 0]), run=run), needs=False,
            enough_f1=plan.rules.clearance_f1, obstacles=tuple(plan.obstacles.values()),
            run=run.part(start / len(homes), min(1.0, (start + size) / len(homes))),
        )  # fmt: skip
        budget = budget_arrays(
            matrix.loss_db[:, :, 0],
            matrix.sight(np.s_[:, :, 0]),
            *problem.access_ends[0],
            plan.rules,
            distance_m=matrix.distance_m[:, np.newaxis],
        )
        works = serves(plan, budget, wanted[matrix.second + start, np.newaxis])
        first, second = matrix.first, matrix.second + start
        level = np.where(works, levels[first], NEVER)
        least[second, first] = level.min(axis=1, initial=NEVER)
        covers = works[np.arange(len(first)), top[first]] & usable[first]
        coverable[second[covers]] = True
        best = np.where(works, np.nan_to_num(budget.rate_down_mbps), 0.0).max(axis=1, initial=0.0)
        fastest = max(fastest, float(best.max(initial=0.0)))
        azimuth[second, first] = matrix.azimuth_deg
        rate[second, first] = np.nextafter(best.astype(np.float32), np.float32(np.inf))
    weight, load = np.array([home.weight for home in homes]), loads_of(plan, homes)
    at_mast = np.zeros(len(problem.sites))
    for number, (lat, lon) in enumerate(zip(*here, strict=True)):
        mine = (latitude == lat) & (longitude == lon)
        least[mine, number], rate[mine, number] = 0, np.inf
        coverable |= mine & usable[number]
        at_mast[number] = load[mine].sum()
    carried = most_sector_homes(fastest, load, float(at_mast.max(initial=0.0)), problem.sector_mbps)
    return HomeReach(homes, weight, load, least, coverable, azimuth, rate, carried)


def _levels(problem: PlanningProblem) -> NDArray[np.int8]:
    """Return the level that each height is for each site, `NEVER` where it is not allowed."""
    found = np.full((len(problem.sites), len(problem.instance.heights_m)), NEVER, np.int8)
    for number, allowed in enumerate(problem.network.allowed):
        found[number, list(allowed)] = np.arange(len(allowed))
    return found

"""How many links the mast of a gateway bears before they drown each other: tried on a star round it, before planning.

Of a large plan the first search takes long, and its channels nearly as long: that one mast was to carry more than its
band has room for would be known when the time is over. A star of links has a dozen users and is tried in a second.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link
from cn_planner.planning.narrower import with_radios
from cn_planner.solver.impossible import most_out_of, why_impossible
from cn_planner.spectrum.channels import plan_channels

if TYPE_CHECKING:
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.progress import Run

_TRIED = 16
"""Links of a star: more than the band below 6 GHz has room for."""
_MANY = 500
"""Homes from which on it is asked: fewer are planned and planned again within seconds."""


class Borne(NamedTuple):
    """How many radios a gateway's mast bears, and the weight of homes that so many carry at most."""

    radios: int
    homes: float


def radios_that_bind(problem: PlanningProblem, homes: int, budget: float | None, run: Run) -> Borne | None:
    """Return what a gateway's mast bears where no plan with so many radios can reach what is asked for.

    Then a search for all of it is in vain. None where they may do, or where that is not asked: for money, or for few
    homes.

    Raises
    ------
    CancelledError
    """
    if budget is not None or homes <= _MANY or why_impossible(problem.network, None):
        return None
    radios = links_borne(problem, run)
    if radios is None:
        return None
    network = with_radios(problem, radios).network
    carried = sum(most_out_of(network, n) for n, site in enumerate(network.instance.sites) if site.may_be_root)
    return Borne(radios, carried) if carried < network.goal else None


def links_borne(problem: PlanningProblem, run: Run) -> int | None:
    """Return how many links the fullest gateway bears, each with all the homes that it can carry.

    The links tried are those that carry most from the greatest height, then the shortest. None where fewer could be
    built there, or all are heard: then the mast is no limit that is known.

    Raises
    ------
    CancelledError
    """
    found = [_borne(problem, n, run) for n, site in enumerate(problem.instance.sites) if site.gateway]
    known = [one for one in found if one is not None]
    return max(known) if known and len(known) == len(found) else None


def _borne(problem: PlanningProblem, gateway: int, run: Run) -> int | None:
    matrix, works, top = problem.backhaul, problem.backhaul_works, problem.instance.heights_m
    carries = np.where(works, problem.backhaul_carries, 0.0).max(axis=(1, 2))
    mine = np.flatnonzero(((matrix.first == gateway) | (matrix.second == gateway)) & (carries > 0.0))
    order = sorted(mine.tolist(), key=lambda n: (-round(float(carries[n])), float(matrix.distance_m[n]), n))[:_TRIED]
    if len(order) < _TRIED:
        return None
    allowed = [[top[k] for k in levels] for levels in problem.network.allowed]
    plan, center = problem.plan, problem.sites[gateway]
    ends = [int(matrix.second[n] if matrix.first[n] == gateway else matrix.first[n]) for n in order]
    sites = [replace(problem.sites[n], mast_height_m=allowed[n][-1], sectors=()) for n in (gateway, *ends)]
    links = [Link(f"L{n}", center.id, problem.sites[n].id, plan.kits.backhaul) for n in ends]
    # As many homes as the link carries stand at the foot of each tower: they need no radio.
    homes = [
        Household(f"H{n}", "", problem.sites[n].latitude, problem.sites[n].longitude, weight=float(carries[pair]),
                  server=problem.sites[n].id)
        for n, pair in zip(ends, order, strict=True)
    ]  # fmt: skip
    star = replace(plan, sites=Items(), links=Items(), households=Items(homes), places=Items())
    star = edits.put(star, [*sites, *links]).plan
    channels = plan_channels(replace(problem.study, plan=star), fewer=True, run=run.silently())
    if not channels.silent:
        return None
    return len(channels.fewer.uses) if channels.fewer is not None else _TRIED - len(channels.silent)

"""Sectors as arcs, for the optimiser: how far off the middle of a beam homes may stand, and what time they take.

Two sets, as of everything else: the *loose* one allows each home no less than any plan could give it, so its bound
holds for every plan; that *at heights* allows what the plan's own sectors give, level, at the masts of a plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.pointing import pointing_loss_db
from cn_planner.links.throughput import airtime_share
from cn_planner.service.home_kits import HomePaths, with_kits
from cn_planner.service.judge import serves
from cn_planner.solver.arcs import SectorArcs
from cn_planner.solver.network import network_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.solver.instance import Instance, Solution

_HALVINGS = 20
_MOST_SPARE_DB = 40.0
_STEP_DEG = 0.5
"""Of azimuths, tilts and elevations that losses are worked out for."""
_SLACK_DB = 0.1
"""By how much a loss between such steps may be less than at the nearest of them."""
_MOST_TILT_DEG = 45.0
_ALL_ROUND = 360.0
MOST_ROWS = 150_000
"""Pairs of a home and a site that serves it, up to which directions are part of the programme."""


@dataclass(frozen=True, slots=True, eq=False)
class _Losses:
    """What a sector gives less than at most: of (azimuths off its middle, elevations), at the best tilt of some."""

    off_deg: NDArray[np.float64]
    low_deg: float
    table: NDArray[np.float64]

    def reach(self, elevation_deg: NDArray[np.float64], spare_db: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far off the middle homes may stand at most, degrees."""
        at = (elevation_deg - self.low_deg) / _STEP_DEG
        low = np.clip(np.floor(at).astype(np.int64), 0, self.table.shape[1] - 1)
        high = np.clip(np.ceil(at).astype(np.int64), 0, self.table.shape[1] - 1)
        least = np.minimum(self.table[:, low], self.table[:, high]) - _SLACK_DB
        fine = np.logical_and.accumulate(least <= spare_db[np.newaxis, :], axis=0).sum(axis=0)
        # Up to the step that is too far.
        found: NDArray[np.float64] = self.off_deg[np.minimum(fine, len(self.off_deg) - 1)]
        return found


class Directions:
    """What the sectors of a problem give in which direction; what takes long is worked out once."""

    def __init__(self, problem: PlanningProblem) -> None:
        self.problem, self.spare_db = problem, _spare_db(problem)

    def loose(self) -> Instance:
        """Return the loose instance with sectors as arcs."""
        instance = self.problem.loose()
        return replace(instance, arcs=_loose_arcs(self.problem, instance, self.spare_db))

    def at_heights(self, solution: Solution, tilt_deg: Mapping[str, float]) -> Instance | None:
        """Return the instance of just the sites and heights of a solution; None where they do not do for the goal.

        Its sectors are tilted so, site by site.
        """
        instance = _at_heights(self.problem, solution, self.spare_db, tilt_deg)
        most, goal = network_of(instance).coverable, self.problem.network.goal
        if goal > most + 1e-6 or most <= 0.0:
            return None
        return replace(instance, cover=min(1.0, goal / most))


def widest_arcs(problem: PlanningProblem, instance: Instance) -> SectorArcs:
    """Return the directions of the rows of a loose instance of any size, of one height: what homes spare is not asked.

    They may stand anywhere within a beam's width, and take the time that they take at the best rate of any height.
    """
    pair = _pairs(problem, instance)
    radio = pair >= 0
    works = problem.access_works[np.maximum(pair, 0)] & radio[:, np.newaxis]
    rate = np.where(works, np.nan_to_num(problem.access_budget.rate_down_mbps[np.maximum(pair, 0)]), 0.0)
    reach = np.where(radio, widest_deg(problem), _ALL_ROUND)[:, np.newaxis]
    return SectorArcs(_azimuth(problem, pair), reach, _airtime(problem, instance, rate.max(axis=1, initial=0.0), radio))


def _loose_arcs(problem: PlanningProblem, instance: Instance, spare_db: NDArray[np.float64]) -> SectorArcs:
    """Return the directions of the rows of a loose instance, with no less reach and no more time than in any plan.

    A plan's beams are tilted between the horizontal and the elevations of the site's homes (rule 5).
    """
    pair = _pairs(problem, instance)
    radio = pair >= 0
    works = problem.access_works[np.maximum(pair, 0)] & radio[:, np.newaxis]
    spare = spare_db[np.maximum(pair, 0)]
    elevation = problem.access_elevation_deg[np.maximum(pair, 0)]
    reach = np.full(works.shape, _ALL_ROUND)
    for site in np.unique(instance.serve[radio, 0]).tolist():
        mine = np.flatnonzero(radio & (instance.serve[:, 0] == site))
        up = elevation[mine][works[mine]]
        losses = _losses(problem, min(0.0, float(up.min())), max(0.0, float(up.max())), up)
        best = np.zeros((len(mine), works.shape[1]))
        for level in range(works.shape[1]):
            there = works[mine, level]
            best[there, level] = losses.reach(elevation[mine[there], level], spare[mine[there], level])
        # At a height or less: a home may be served from a lower one too, where the path works there.
        reach[mine] = _cut(problem, np.maximum.accumulate(best, axis=1))
    rate = np.where(works, np.nan_to_num(problem.access_budget.rate_down_mbps[np.maximum(pair, 0)]), 0.0)
    return SectorArcs(_azimuth(problem, pair), reach, _airtime(problem, instance, rate.max(axis=1, initial=0.0), radio))


def _at_heights(
    problem: PlanningProblem, solution: Solution, spare_db: NDArray[np.float64], tilt_deg: Mapping[str, float]
) -> Instance:
    """Return the loose instance of just the sites and heights of a solution, with what tilted sectors give there."""
    loose, heights = problem.loose(), problem.instance.heights_m
    level = {site.id: heights.index(site.height_m) for site in solution.sites}
    at = np.array([level.get(site.id, -1) for site in loose.sites])
    beside = np.array([site.radio_beside or (0.0,) * len(heights) for site in loose.sites])
    lowest = [next((k for k, c in enumerate(site.cost) if c is not None), 0) for site in loose.sites]
    sites = tuple(
        replace(
            site,
            cost=tuple(c if level.get(site.id) == k else None for k, c in enumerate(site.cost)),
            must=site.must or site.id in level,
            # The one height is the lowest there: what radios cost more than at the lowest of all is told with them.
            sector_beside=site.sector_beside + float(beside[i, at[i]] - beside[i, lowest[i]]) * (at[i] >= 0),
        )
        for i, site in enumerate(loose.sites)
    )
    pair = _pairs(problem, loose)
    here = at[loose.serve[:, 0]]
    works = (here >= 0) & ((pair < 0) | problem.access_works[np.maximum(pair, 0), np.maximum(here, 0)])
    works &= np.array([bool(options) for options in problem.network.serve], np.bool_)[loose.serve[:, 1]]
    serve, pair, here = loose.serve[works].copy(), pair[works], here[works]
    serve[:, 2] = here
    # What a row of lesser heights carries is asked of the plan that comes out: `works`.
    first, second, least, other = loose.links.T
    rows = (at[first] >= least) & (at[second] >= other) & (at[first] >= 0) & (at[second] >= 0)
    links = loose.links[rows]
    kind = np.zeros(len(links), np.int32) if loose.link_kind is None else loose.link_kind[rows]
    raised = (beside[i, at[i]] - beside[i, least] for i, least in (links.T[[0, 2]], links.T[[1, 3]]))
    link_cost = loose.link_cost[rows] + np.array(loose.kinds.raises)[kind] * sum(raised)
    radio = pair >= 0
    spare = spare_db[np.maximum(pair, 0), here]
    up = problem.access_elevation_deg[np.maximum(pair, 0), here]
    rate = np.nan_to_num(problem.access_budget.rate_down_mbps[np.maximum(pair, 0), here])
    reach = np.full(len(pair), _ALL_ROUND)
    for site in np.unique(serve[radio, 0]).tolist():
        mine = np.flatnonzero(radio & (serve[:, 0] == site))
        tilt = tilt_deg.get(problem.sites[site].id, 0.0)
        # What is there is a bound, here it has to be kept: a step and the slack less.
        far = _losses(problem, tilt, tilt, up[mine]).reach(up[mine], spare[mine] - 2.0 * _SLACK_DB)
        reach[mine] = _cut(problem, np.where(far >= _half(problem) - 1e-9, far, np.maximum(far - _STEP_DEG, 0.0)))
    instance = replace(
        loose, sites=sites, serve=serve, links=links, link_cost=link_cost,
        link_carries=None if loose.link_carries is None else loose.link_carries[rows], cover=1.0,
        link_kind=None if loose.link_kind is None else loose.link_kind[rows],
    )  # fmt: skip
    return replace(
        instance,
        arcs=SectorArcs(_azimuth(problem, pair), _alike(reach, len(heights)), _airtime(problem, instance, rate, radio)),
    )


def _pairs(problem: PlanningProblem, instance: Instance) -> NDArray[np.int64]:
    """Return the number of the path of each row, -1 at the mast itself."""
    return np.array([problem.pair_of.get((s, h), -1) for s, h, _ in instance.serve.tolist()], np.int64)


def _azimuth(problem: PlanningProblem, pair: NDArray[np.int64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.where(pair >= 0, problem.access.azimuth_deg[np.maximum(pair, 0)], 0.0)
    return found


def _airtime(
    problem: PlanningProblem, instance: Instance, rate: NDArray[np.float64], radio: NDArray[np.bool_]
) -> NDArray[np.float64]:
    load = problem.load[instance.serve[:, 1]]
    share = airtime_share(problem.sector_mbps * load, np.maximum(rate, 1e-6))
    # One home that alone needs more has a beam of its own. A hair less than it takes: sums are rounded.
    found: NDArray[np.float64] = np.where(radio, np.minimum(share, 1.0) * (1.0 - 1e-9), 0.0)
    return found


def _alike(reach: NDArray[np.float64], heights: int) -> NDArray[np.float64]:
    """Return a reach for each height, where there is one height alone."""
    return np.repeat(reach[:, np.newaxis], heights, axis=1)


def _half(problem: PlanningProblem) -> float:
    catalogue = problem.costs.catalogue
    return catalogue.antennas[catalogue.kit(problem.plan.kits.access).antenna].serves_deg / 2.0


def widest_deg(problem: PlanningProblem) -> float:
    """Return how far off the middle of a beam a home may stand at most; 360 where anywhere."""
    half = _half(problem)
    return _ALL_ROUND if half >= 180.0 else half


def _cut(problem: PlanningProblem, reach: NDArray[np.float64]) -> NDArray[np.float64]:
    widest = widest_deg(problem)
    found: NDArray[np.float64] = np.full(reach.shape, _ALL_ROUND) if widest >= 180.0 else np.minimum(reach, widest)
    return found


def _losses(problem: PlanningProblem, lowest: float, highest: float, elevation: NDArray[np.float64]) -> _Losses:
    """Return what a sector gives less, at the best of the tilts between two."""
    catalogue = problem.costs.catalogue
    kit = catalogue.kit(problem.plan.kits.access)
    antenna = catalogue.antennas[kit.antenna]
    off = np.arange(0.0, min(_half(problem), 180.0) + _STEP_DEG, _STEP_DEG)
    low = np.floor(float(elevation.min()) / _STEP_DEG) * _STEP_DEG
    up = np.arange(low, float(elevation.max()) + 1.5 * _STEP_DEG, _STEP_DEG)
    tilts = np.arange(max(lowest, -_MOST_TILT_DEG), min(highest, _MOST_TILT_DEG) + _STEP_DEG, _STEP_DEG)
    if lowest == highest:
        tilts = np.array([lowest])
    # Plan after plan of one problem asks the same of each site: kits, rates and radios may differ, paths do not.
    asked = (antenna, kit.freq_mhz, off.size, up.size, float(low), tuple(tilts.tolist()))
    known: _Losses | None = problem.losses.get(asked)
    if known is not None:
        return known
    least = np.full((len(off), len(up)), np.inf)
    for tilt in tilts.tolist():
        loss = pointing_loss_db(
            antenna, kit.freq_mhz, 0.0, tilt, off[:, np.newaxis], np.clip(up, -90.0, 90.0)[np.newaxis, :]
        )
        least = np.minimum(least, np.asarray(loss, np.float64))
    found = _Losses(off, float(low), least)
    if len(tilts) > 1:  # of one tilt it is soon done, and each plan has others
        problem.losses[asked] = found
    return found


def _spare_db(problem: PlanningProblem) -> NDArray[np.float64]:
    """Return how much less each home could get at each height and still be served; of (pairs, heights).

    Of paths that serve at no height nothing is asked: 0.
    """
    matrix, plan = problem.access, problem.plan
    some = np.flatnonzero(problem.access_works.any(axis=1))
    loss, sight = matrix.loss_db[some, :, 0], matrix.sight(np.s_[some, :, 0])
    length, wanted = matrix.distance_m[some, np.newaxis], problem.wanted_mbps(some)[:, np.newaxis]
    low, high = np.zeros(loss.shape), np.full(loss.shape, _MOST_SPARE_DB)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        paths = HomePaths(loss + middle, sight, length)
        still = serves(plan, with_kits(plan, problem.access_ends, problem.access_kit[some], paths), wanted)
        low, high = np.where(still, middle, low), np.where(still, high, middle)
    found = np.zeros(matrix.loss_db.shape[:2])
    found[some] = high
    return found

"""What the optimiser does not look at, and a plan has to keep: paths at just their heights, directions, airtime.

The optimiser takes it that a sector points straight at each home. Here the sectors are pointed and tilted, and each
home gets what its sector gives in its direction: `pointed_at_homes` keeps those that have little to spare near the
middle of a beam, and gives one of its own to a home that no shared beam would serve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.count_range import count_range
from cn_planner.links.pointing import pointing_loss_db
from cn_planner.links.throughput import airtime_share
from cn_planner.planning.loads import loads
from cn_planner.progress import ALONE
from cn_planner.service.home_kits import HomePaths, with_kits
from cn_planner.service.judge import serves
from cn_planner.solver.network import fits
from cn_planner.solver.sectors import SectorBeam, beams_as_heard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from cn_planner.links.budget import BudgetArrays
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.progress import Run
    from cn_planner.solver.instance import Solution

_ROUNDS = 4
_HALVINGS = 22
_MOST_SPARE_DB = 40.0
_ROUNDED_DEG = 0.06
"""Azimuths of a plan are kept to a tenth of a degree."""
_TILT_STEP_DEG = 0.5
_TILT_WORTH_DB = 0.5
"""A mount is tilted where that is worth so much to the home with the least to spare."""
_MOST_TILT_DEG = 45.0


def solution_works(problem: PlanningProblem, solution: Solution) -> bool:
    """Return whether every path of a plan works at just the heights chosen, and none but coverable homes are served.

    Nor may a link or a gateway have more homes to carry than it can.
    """
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
    return all(fits(row.load, row.carries) for row in loads(problem, solution))


def has_time(problem: PlanningProblem, solution: Solution) -> bool:
    """Return whether the sectors that the optimiser counted have the airtime that their homes take."""
    used = {site: sum(beam.airtime for beam in found) for site, found in pointed_at_homes(problem, solution).items()}
    return all(used.get(site.id, 0.0) <= site.sectors + 1e-6 for site in solution.sites)


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """The homes of a solution that are served by radio; one value a home in every array."""

    home: NDArray[np.int64]
    site: NDArray[np.int64]
    pair: NDArray[np.int64]
    level: NDArray[np.int64]

    def budget(self, problem: PlanningProblem, lost_db: NDArray[np.float64]) -> BudgetArrays:
        """Return the budgets where the sectors give so much less than at most."""
        loss = problem.access.loss_db[self.pair, self.level, 0] + lost_db
        sight = problem.access.sight((self.pair, self.level, 0))
        paths = HomePaths(loss, sight, problem.access.distance_m[self.pair])
        return with_kits(problem.plan, problem.access_ends, problem.access_kit[self.pair, self.level], paths)

    def spare_db(self, problem: PlanningProblem) -> NDArray[np.float64]:
        """Return how much less each home could get and still be served; below 0 where it is not served at all."""
        kept = _spares_of(problem)
        new = ~kept.known[self.pair, self.level]
        if new.any():
            some = _Served(self.home[new], self.site[new], self.pair[new], self.level[new])
            kept.spare_db[some.pair, some.level] = some._spare_db(problem)
            kept.known[some.pair, some.level] = True
        found: NDArray[np.float64] = kept.spare_db[self.pair, self.level]
        return found

    def _spare_db(self, problem: PlanningProblem) -> NDArray[np.float64]:
        low, high = np.zeros(len(self.home)), np.full(len(self.home), _MOST_SPARE_DB)
        wanted = problem.wanted_mbps(self.pair)
        fine = serves(problem.plan, self.budget(problem, low), wanted)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            still = serves(problem.plan, self.budget(problem, middle), wanted)
            low, high = np.where(still, middle, low), np.where(still, high, middle)
        return np.where(fine, low, -1.0)


class _Spares(NamedTuple):
    """What homes have to spare, as far as it was asked: of (pairs, heights), whose rows nobody asked for take no room.

    ``of``: what it follows from.
    """

    known: NDArray[np.bool_]
    spare_db: NDArray[np.float64]
    of: tuple[object, ...]


def _spares_of(problem: PlanningProblem) -> _Spares:
    """Return what was worked out of a problem's paths: solution after solution asks the same of most of them."""
    of = (problem.plan, problem.homes, problem.access, problem.access_ends, problem.access_kit)
    key = ("spares", *map(id, of))
    kept: _Spares | None = problem.losses.get(key)
    if kept is None:
        shape = problem.access.loss_db.shape[:2]
        kept = problem.losses[key] = _Spares(np.zeros(shape, np.bool_), np.empty(shape), of)
    return kept


def _served(problem: PlanningProblem, solution: Solution) -> tuple[_Served, dict[int, list[int]]]:
    """Return the homes served by radio, and those at a mast itself, by cable, by the number of their site."""
    site_at = {site.id: s for s, site in enumerate(problem.sites)}
    home_at = {home.id: h for h, home in enumerate(problem.homes)}
    height = {site.id: problem.height_index(site.height_m) for site in solution.sites}
    rows: list[tuple[int, int, int, int]] = []
    at_mast: dict[int, list[int]] = {}
    for home, site in sorted(solution.homes.items(), key=lambda one: (site_at[one[1]], home_at[one[0]])):
        s, h = site_at[site], home_at[home]
        pair = problem.pair_of.get((s, h))
        if pair is None:
            at_mast.setdefault(s, []).append(h)
        else:
            rows.append((h, s, pair, height[site]))
    table = np.array(rows, np.int64).reshape(-1, 4)
    return _Served(*(np.ascontiguousarray(column) for column in table.T)), at_mast


def grown_beams(
    problem: PlanningProblem, solution: Solution, pointed: dict[str, tuple[SectorBeam, ...]]
) -> dict[str, tuple[SectorBeam, ...]]:
    """Return the beams that each site needs once demand has grown: those of today where all is bought at once."""
    return pointed_at_homes(problem, solution, problem.busy_mbps) if problem.grows else pointed


def pointed_at_homes(
    problem: PlanningProblem, solution: Solution, mbps: float | None = None, run: Run = ALONE
) -> dict[str, tuple[SectorBeam, ...]]:
    """Return the beams of each site that serves homes, pointed and tilted; `Beam.homes` are the numbers of the homes.

    `Beam.airtime` is by the rates that the homes then have, and by what each takes: `mbps`, or as sectors are bought.
    """
    mbps = problem.sector_mbps if mbps is None else mbps
    served, at_mast = _served(problem, solution)
    spare = served.spare_db(problem)
    load = problem.load[served.home]
    none = np.zeros(len(served.home))
    airtime = airtime_share(mbps * load, _rates(served.budget(problem, none)))
    found: dict[int, tuple[SectorBeam, ...]] = {}
    for _ in range(_ROUNDS):
        lost = none.copy()
        for site in sorted(set(served.site.tolist())):
            mine = np.flatnonzero(served.site == site)
            found[site], lost[mine] = _site_beams(problem, served, mine, spare[mine], airtime[mine], run)
        true = airtime_share(mbps * load, _rates(served.budget(problem, lost)))
        # A home far off the middle of its beam takes more of its time: where a beam has not that much, once more.
        at = {int(h): n for n, h in enumerate(served.home)}
        found = {
            site: tuple(replace(b, airtime=float(sum(true[at[h]] for h in b.homes))) for b in row)
            for site, row in found.items()
        }
        if all(beam.airtime <= 1.0 + 1e-9 or len(beam.homes) == 1 for row in found.values() for beam in row):
            break
        airtime = np.maximum(airtime, true)
    for site, homes in at_mast.items():
        row = found.get(site, ())
        # By cable, with no airtime: they are counted to the first sector, or to one of their own.
        first = row[0] if row else SectorBeam(0.0, (), 0.0)
        found[site] = (replace(first, homes=tuple(sorted((*first.homes, *homes)))), *row[1:])
    return {problem.sites[site].id: found[site] for site in sorted(found, key=lambda s: problem.sites[s].id)}


def _rates(budget: BudgetArrays) -> NDArray[np.float64]:
    return np.maximum(np.nan_to_num(budget.rate_down_mbps), 1e-6)


def _site_beams(
    problem: PlanningProblem,
    served: _Served,
    mine: NDArray[np.int64],
    spare_db: NDArray[np.float64],
    airtime: NDArray[np.float64],
    run: Run,
) -> tuple[tuple[SectorBeam, ...], NDArray[np.float64]]:
    """Return the beams of one site, and what each of its homes loses by its direction."""
    catalogue = problem.costs.catalogue
    kit = catalogue.kit(problem.plan.kits.access)
    antenna = catalogue.antennas[kit.antenna]
    azimuth = problem.access.azimuth_deg[served.pair[mine]]
    elevation = problem.access_elevation_deg[served.pair[mine], served.level[mine]]

    def loss(
        towards: NDArray[np.float64], up: NDArray[np.float64], tilt: float | NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return np.asarray(pointing_loss_db(antenna, kit.freq_mhz, 0.0, tilt, towards, up), np.float64)

    tilt = _tilt(elevation, lambda t: spare_db - loss(np.zeros(len(mine)), elevation, t))
    width = antenna.serves_deg
    off = np.arange(0.0, width / 2.0 + 0.5, 0.5)[:, np.newaxis]
    enough = loss(off, elevation[np.newaxis, :], tilt) <= spare_db
    reach = np.logical_and.accumulate(enough, axis=0).sum(axis=0) * 0.5 - 0.5
    reach = np.where(reach >= width / 2.0 - 0.5, width / 2.0, reach - _ROUNDED_DEG)
    shared, alone = np.flatnonzero(reach > 0.0), np.flatnonzero(reach <= 0.0)
    towards, share, within = azimuth[shared].tolist(), airtime[shared].tolist(), reach[shared].tolist()
    found = [
        replace(beam, homes=tuple(int(shared[n]) for n in beam.homes), tilt_deg=tilt)
        for beam in beams_as_heard(towards, share, width, within, run)
    ]
    # No shared beam would serve these: each has a sector that points straight at it.
    found += [
        SectorBeam(float(azimuth[n]), (int(n),), float(airtime[n]), round(float(np.clip(elevation[n], -90.0, 90.0)), 1))
        for n in alone.tolist()
    ]
    lost = np.zeros(len(mine))
    rows = []
    for beam in found:
        pointed = round(beam.azimuth_deg, 1) % 360.0
        homes = np.array(beam.homes, np.int64)
        lost[homes] = loss(azimuth[homes] - pointed, elevation[homes], beam.tilt_deg)
        numbers = tuple(int(served.home[mine[n]]) for n in beam.homes)
        rows.append(replace(beam, azimuth_deg=pointed, homes=numbers))
    return tuple(sorted(rows, key=lambda beam: (beam.azimuth_deg, beam.homes))), lost


def _tilt(elevation: NDArray[np.float64], slack: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> float:
    """Return the tilt at which the home with the least to spare has most; 0 where tilting is worth little.

    ``slack``: what homes have to spare at tilts, of (tilts, homes).
    """
    low, high = (float(np.clip(v, -_MOST_TILT_DEG, _MOST_TILT_DEG)) for v in (elevation.min(), elevation.max()))
    tilts = np.array([0.0, *np.round(np.arange(low, high + _TILT_STEP_DEG, _TILT_STEP_DEG), 1).tolist()])
    found = np.broadcast_to(slack(tilts[:, np.newaxis]), (len(tilts), len(elevation)))  # one row where none is tilted
    least = dict(zip(tilts.tolist(), found.min(axis=1).tolist(), strict=True))
    best = max(least, key=lambda tilt: (least[tilt], -abs(tilt), tilt))
    return best if least[best] > least[0.0] + _TILT_WORTH_DB else 0.0


def pointed_budgets(
    problem: PlanningProblem, solution: Solution, pointed: Mapping[str, tuple[SectorBeam, ...]]
) -> tuple[dict[str, tuple[float, float, float]], tuple[float, float]]:
    """Return what homes get as their sectors point.

    Returns
    -------
    dict of (float, float, float)
        Margin, and rates down and up, of each home served by radio, by its id.
    (float, float)
        Between how many homes will be reached, by weight: `links.count_range`.
    """
    served, cabled = _served(problem, solution)
    catalogue = problem.costs.catalogue
    kit = catalogue.kit(problem.plan.kits.access)
    antenna = catalogue.antennas[kit.antenna]
    beam_of = {(site, home): beam for site, row in pointed.items() for beam in row for home in beam.homes}
    lost = np.zeros(len(served.home))
    for n, (home, site) in enumerate(zip(served.home.tolist(), served.site.tolist(), strict=True)):
        beam = beam_of[problem.sites[site].id, home]
        pair, level = int(served.pair[n]), int(served.level[n])
        lost[n] = pointing_loss_db(
            antenna, kit.freq_mhz, beam.azimuth_deg, beam.tilt_deg, float(problem.access.azimuth_deg[pair]),
            float(problem.access_elevation_deg[pair, level]),
        )  # fmt: skip
    budget = served.budget(problem, lost)
    weight = np.array([home.weight for home in problem.homes])
    at_mast = math.fsum(weight[home] for homes in cabled.values() for home in homes)
    range_of = count_range(budget.fallback_db, budget.sight, weight[served.home], at_mast)
    return {
        problem.homes[home].id: (
            float(budget.margin_db[n]), float(budget.rate_down_mbps[n]), float(budget.rate_up_mbps[n])
        )
        for n, home in enumerate(served.home.tolist())
    }, range_of  # fmt: skip

"""What no network costs less than that reaches as many homes as a plan: by prices, whatever the size of the place.

The search that a plan comes from may have had fewer homes to reach, fewer radios on a mast, or links that carry less
than they can: then it says nothing of other plans. What is said here needs no search (`solver.price_bound`), and holds
for every plan that keeps the rules and reaches a weight of homes. Which rules it asks for: docs/planning.md, "For as
many homes".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.throughput import airtime_share
from cn_planner.model.history import Edit
from cn_planner.model.plan import PlanStatus, Priority
from cn_planner.planning.design import always
from cn_planner.planning.directions import widest_arcs, widest_deg
from cn_planner.planning.home_bound import cheapest_of_home, may_be_served, usable_only
from cn_planner.planning.result import OPTIMAL_GAP
from cn_planner.progress import ALONE, Run
from cn_planner.solver.arcs import spans_of
from cn_planner.solver.network import NEVER, HomeGroup, network_of
from cn_planner.solver.price_bound import PRICE_STEPS, PointedArcs, PriceBound
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from cn_planner.planning.home_by_home import PointHomes
    from cn_planner.planning.home_reach import HomeReach
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.solver.network import SolverNetwork

_ROUNDED_DEG = 0.001
"""Directions of very many homes are kept with seven digits."""


@dataclass(frozen=True, slots=True, eq=False)
class BoundBasis:
    """What the bound rests on, whichever plan it is asked for.

    Attributes
    ----------
    problem : PlanningProblem
        With all that a plan may choose.
    network : SolverNetwork
        Of single homes.
    beams : PointedArcs
        Where its sectors may point.
    homes : tuple of (str, float)
        The homes by their numbers, and what each counts.
    """

    problem: PlanningProblem
    network: SolverNetwork
    beams: PointedArcs
    homes: tuple[tuple[str, float], ...]


def bound_basis(problem: PlanningProblem, homes: PointHomes | None = None, *, run: Run = ALONE) -> BoundBasis | None:
    """Return what the bound rests on; None where the work is cancelled, or nothing is known of such plans.

    It says nothing of plans with sectors of further kits.

    Parameters
    ----------
    problem : PlanningProblem
        With all that a plan may choose.
    homes : PointHomes, optional
        Of a problem of points, the homes that they stand for.
    run : Run
        A cancel ends it.
    """
    asked = problem.plan if homes is None else homes.plan
    if asked.more_access or run.cancelled:
        return None
    return run_in_worker(lambda: _of_problem(problem) if homes is None else _of_points(homes), run.cancel)


def bounded_for_as_many(
    found: Design, basis: BoundBasis, asked: float, *, end: float = math.inf, run: Run = ALONE
) -> Design:
    """Return a design for least cost with what no network costs less than that reaches as many homes.

    It comes back as it is where it has no plan, or one for a budget, and where the time is over before anything is
    known.

    Parameters
    ----------
    found : Design
        Its public places among its homes.
    basis : BoundBasis
    asked : float
        The weight of homes that is asked for: of a plan that reaches more the bound is for so many.
    end : float
        Moment of the performance counter at which it ends.
    run : Run
        A cancel ends it too; what is known by then is said.
    """
    outcome = None if found.edit is None else found.edit.plan.outcome
    if found.edit is None or outcome is None or found.budget is not None:
        return found
    served = {key for key, home in found.edit.plan.households.items() if home.server is not None}
    least = least_for_as_many(basis, served, asked, end=end, run=run)
    if least is None:
        return found
    lower = min(max(least + always(basis.problem), found.lower_bound or 0.0), found.value)
    gap = (found.value - lower) / found.value if found.value > 0.0 else 0.0
    status = found.status
    if status is PlanStatus.FEASIBLE and gap <= OPTIMAL_GAP and found.served >= asked - 1e-9:
        status = PlanStatus.OPTIMAL
    outcome = replace(outcome, status=status, lower_bound=lower, gap=gap)
    edit = Edit(found.edit.label, replace(found.edit.plan, outcome=outcome))
    return replace(found, edit=edit, status=status, lower_bound=lower, gap=gap)


def least_for_as_many(
    basis: BoundBasis, served: Collection[str], asked: float = math.inf, *, end: float = math.inf, run: Run = ALONE
) -> float | None:
    """Return what no plan costs less than that serves the weight of some homes, beside what is always counted.

    A home that must be served counts as such where it is among them: the bound is one for that plan, too.

    Parameters
    ----------
    basis, end, run
        As of `bounded_for_as_many`.
    served : collection of str
        Homes of a plan.
    asked : float
        A weight that is enough.
    """
    timed = run.until(end)
    if timed.cancelled:
        return None
    goal = min(math.fsum(weight for key, weight in basis.homes if key in served), asked)
    # Sums are a hair off.
    prices = run_in_worker(lambda: _prices(basis, served, goal - 1e-9 * max(1.0, goal)), timed.cancel)
    if prices is None:
        return None
    prices.run(PRICE_STEPS, end if end < math.inf else None, timed.cancel)
    return prices.bound


def _prices(basis: BoundBasis, served: Collection[str], goal: float) -> PriceBound:
    groups = tuple(
        replace(group, must=False) if group.must and basis.homes[group.homes[0]][0] not in served else group
        for group in basis.network.groups
    )
    return PriceBound(replace(basis.network, groups=groups), goal, beams=basis.beams)


def _of_problem(problem: PlanningProblem) -> BoundBasis:
    network = _one_by_one(network_of(replace(problem.loose(), spares=())))
    homes = tuple((home.id, home.weight) for home in network.instance.homes)
    return BoundBasis(problem, network, _beams(problem, network), homes)


def _one_by_one(network: SolverNetwork) -> SolverNetwork:
    """Return a network whose groups are single homes: those that the same towers reach stand in other directions."""
    rows = enumerate(zip(network.instance.homes, network.serve, strict=True))
    groups = tuple(
        HomeGroup((h,), home.weight, home.cost, home.must, options, home.load) for h, (home, options) in rows if options
    )
    return replace(network, groups=groups)


def _beams(problem: PlanningProblem, network: SolverNetwork) -> PointedArcs:
    """Return where the sectors of a problem may point, no less freely than in any plan."""
    inst = network.instance
    arcs = widest_arcs(problem, inst)
    reach = arcs.reach_deg[:, 0]
    count, first, last = _spans(len(inst.sites), inst.serve[:, 0], arcs.azimuth_deg, reach)
    at: dict[tuple[int, int], int] = {}
    for row, (s, h, _) in enumerate(inst.serve.tolist()):
        if (s, h) not in at or reach[row] > reach[at[s, h]]:  # at the mast itself it lies in all directions
            at[s, h] = row
    rows = np.array([at[site, group.homes[0]] for group in network.groups for site, _ in group.options], np.int64)
    return PointedArcs(count, first[rows], last[rows], arcs.airtime[rows])


def _of_points(of: PointHomes) -> BoundBasis:
    problem, reach = of.problem, of.reach
    instance = replace(
        problem.with_loose_links(reach.homes), homes=(), serve=np.zeros((0, 3), np.int32), room_homes=None, spares=()
    )
    least = usable_only(instance, reach.least)
    groups = []
    for h in np.flatnonzero(may_be_served(reach, least)).tolist():
        home, sites = reach.homes[h], np.flatnonzero(least[h] < NEVER)
        options = tuple(zip(sites.tolist(), least[h, sites].tolist(), strict=True))
        must, price = home.priority is Priority.MUST, cheapest_of_home(problem, home)
        groups.append(HomeGroup((h,), float(reach.weight[h]), price, must, options, float(reach.load[h])))
    network = replace(network_of(instance), groups=tuple(groups), serve=())
    homes = tuple((home.id, weight) for home, weight in zip(reach.homes, reach.weight.tolist(), strict=True))
    return BoundBasis(problem, network, _beams_of_homes(problem, reach, network), homes)


def _beams_of_homes(problem: PlanningProblem, reach: HomeReach, network: SolverNetwork) -> PointedArcs:
    """Return where sectors may point where homes may stand anywhere within a beam's width."""
    site = np.array([site for group in network.groups for site, _ in group.options], np.int64)
    home = np.array([group.homes[0] for group in network.groups for _ in group.options], np.int64)
    rate, azimuth = reach.rate_mbps[home, site].astype(np.float64), reach.azimuth_deg[home, site].astype(np.float64)
    off = np.where(np.isinf(rate), 360.0, widest_deg(problem) + _ROUNDED_DEG)
    time = airtime_share(problem.sector_mbps * reach.load[home], np.maximum(rate, 1e-6))
    return PointedArcs(*_spans(len(network.instance.sites), site, azimuth, off), np.minimum(time, 1.0) * (1.0 - 1e-9))


def _spans(
    sites: int, site: NDArray[np.int32] | NDArray[np.int64], azimuth_deg: NDArray[np.float64],
    off_deg: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Return how many arcs each site has, one at least, and from which to which of them hold each row."""
    count = np.ones(sites, np.int64)
    first, last = np.zeros((2, len(site)), np.int64)
    for one in np.unique(site).tolist():
        mine = np.flatnonzero(site == one)
        count[one], first[mine], last[mine] = spans_of(azimuth_deg[mine], off_deg[mine])
    return count, first, last

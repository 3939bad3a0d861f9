"""The bound by prices: what any plan costs at least, found without solving a programme.

Each group of homes pays for its way from the Internet to the places near it. What all pay for a link, a step of a mast,
a first sector is held against its cost, and a site is built where they pay more. Whatever the prices are: what the
homes choose at these prices, and what the sites then lack, bound together what any plan costs (docs/planning.md, "The
bound by prices"). It is the dual of the programme with its cut sets (`cutsets`), and is raised along its gradient with
its corners rounded, less and less: Nesterov, Smooth minimization of non-smooth functions, Mathematical Programming 103
(2005). It holds at any moment; how good it is after so many steps only trying tells.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.propagation.kernel import compiled
from cn_planner.solver.price_kernels import (
    Heat,
    HomePrices,
    Near,
    Payers,
    PriceAim,
    PriceWork,
    Ways,
    near_rows,
    near_ways,
    raise_prices,
)
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from cn_planner.progress import CancelToken
    from cn_planner.solver.instance import StepsRow
    from cn_planner.solver.network import SolverNetwork

PRICE_STEPS, MOST_PRICES = 300, 3_000_000
"""Steps after which more say little, and prices at most."""
_WRITTEN = 20
"""Prices that are worked on as long as a way to link two sites is written down."""
_FEEDERS = 2
"""Sites for which homes may pay beside each that could serve them: those that could feed it for the least money."""
_MOST_PAIRS = 3_000_000
"""Ways between places near a group, over all groups, at most."""
_BLOCK = 5
"""Steps between two looks at the clock."""
_HOT, _COLD = 0.1, 0.006
"""What a choice of homes is rounded by, at first and at last, as a share of what is paid for one of them."""
_BUILT = 0.67
"""What a site's choice is rounded by, for each home that it serves, as a share of that."""
_STEP, _SEAT_STEP, _WORTH_STEP = 0.2, 0.5, 20.0
"""Of what a home pays, as a share of what its choice is rounded by; of that step, for a unit of load over the homes of
a site, and for a unit of weight over all weight."""
_LEAST_SHARE = 1e-4
"""Of a sector that a home usually takes at least: steps of its price are measured by that."""
_MOMENTUM = 0.97
_WORTH = 3.0
"""What a unit of weight is worth at first, over what it costs on the mean."""


class PriceBound:
    """The prices in a network, and the bound that they give.

    Parameters
    ----------
    network : SolverNetwork
        The instance.
    goal : float
        Weight to serve.
    budget : float, optional
        Money within which most weight is served; `goal` is then of no account.
    beams : PointedArcs, optional
        Where sectors may point, of a network whose homes are not given with arcs of their own.
    """

    def __init__(
        self, network: SolverNetwork, goal: float, budget: float | None = None, beams: PointedArcs | None = None
    ) -> None:
        beams = beams or _beams_of(network)
        self._ways = _ways_of(network, beams)
        self._payers = _payers_of(network, self._ways, beams)
        self._near = _near_of(self._ways, self._payers)
        self._wanted = PriceAim(goal, -1.0 if budget is None else budget)
        rows, options, sites = len(self._near.place), len(self._payers.site), len(self._ways.must)
        places, ways = len(self._ways.upper), len(self._ways.cost)
        homes, weight = (float((self._payers.count * one).sum()) for one in (1.0, self._payers.weight))
        self._crowd, self._beam_crowd, self._each = self._usual(homes)
        self._unit = self._usual_cost(homes)
        self._weight = max(weight, 1e-9)
        zeros = np.zeros
        seat = self._ways.sector.copy()
        worth = _WORTH * self._unit * homes / self._weight
        self._prices = HomePrices(
            paid=zeros(rows), paid_speed=zeros(rows), fee=zeros(options), fee_speed=zeros(options), seat=seat,
            seat_speed=zeros(sites), worth=np.array([worth, 0.0]), best=np.array([-math.inf]),
        )  # fmt: skip
        self._work = PriceWork(
            place=zeros(places), step=zeros(places), climbs=zeros(places), way=zeros(ways), taken=zeros(ways),
            enters=zeros(places), paid=zeros(rows), fee=zeros(options), seat=zeros(sites),
            beam=zeros(int(self._ways.arcs[-1])), dearest=zeros(self._ways.sectors), tops=zeros(places),
        )  # fmt: skip

    @staticmethod
    def size(network: SolverNetwork) -> int:
        """Return about how many prices there would be at least, with what it takes to write the ways down."""
        levels = [len(allowed) for allowed in network.allowed]
        prices = sum(levels[site] for group in network.groups for site, _ in group.options)
        return prices + _WRITTEN * len(network.rows)

    def _usual(self, homes: float) -> tuple[float, float, float]:
        """Return how many homes a site and a sector usually serve, and what share of a sector each takes."""
        ways, payers = self._ways, self._payers
        heard = np.repeat(payers.count, np.diff(payers.start))
        every = max(float(heard.sum()), 1e-9)
        share = float((heard * payers.share).sum()) / every
        sites = max(1, len(_beginnings(ways)))
        carried = 0.5 * ways.sectors / share if share > 0.0 else homes
        crowd = max(1.0, min(carried, every / sites, homes))
        count = np.maximum(1, np.diff(ways.arcs) - 1)[payers.site]
        held = ((payers.last - payers.first) % count + 1) / count
        return crowd, max(1.0, crowd * float((heard * held).sum()) / every), max(share, _LEAST_SHARE)

    def _usual_cost(self, homes: float) -> float:
        """Return about what each home costs: steps are measured by that."""
        ways, payers = self._ways, self._payers
        of_site = np.minimum.reduceat(ways.cost, _beginnings(ways)) if len(ways.cost) else np.zeros(1)
        each = float(np.abs(of_site).mean()) / self._crowd
        each += float((payers.count * payers.cost).sum()) / max(homes, 1e-9)
        if len(ways.sector):
            each += float(ways.sector.mean()) * self._each
        return max(each, 1e-6)

    @property
    def bound(self) -> float | None:
        """The bound: on what any plan costs from below, or on the weight within the budget from above."""
        best = float(self._prices.best[0])
        if not math.isfinite(best) or abs(best) >= 1e200:
            return None
        return best if self._wanted.budget < 0.0 else -best

    def run(
        self,
        steps: int,
        deadline: float | None,
        cancel: CancelToken | None,
        watch: Callable[[float], None] | None = None,
    ) -> None:
        """Raise the prices by so many steps, with finer corners from step to step; a deadline or a cancel ends it.

        Where the clock goes faster than the steps the corners follow the clock.
        """
        if len(self._payers.count):
            run_in_worker(lambda: self._run(steps, deadline, cancel, watch), cancel)

    def _run(
        self, steps: int, deadline: float | None, cancel: CancelToken | None, watch: Callable[[float], None] | None
    ) -> bool:
        run: Any = compiled(raise_prices)
        begun = time.perf_counter()
        for number in range(0, steps, _BLOCK):
            done = number / steps
            if deadline is not None:
                done = max(done, (time.perf_counter() - begun) / (deadline - begun) if deadline > begun else 1.0)
            if done >= 1.0 or (cancel is not None and cancel.cancelled):
                break
            home = self._unit * _HOT * (_COLD / _HOT) ** done
            step = home * _STEP
            heat = Heat(
                home=home,
                site=home * self._crowd * _BUILT,
                beam=home * self._beam_crowd * _BUILT,
                step=step,
                seat_step=_SEAT_STEP * step / (self._crowd * self._each**2),
                worth_step=_WORTH_STEP * step / self._weight,
                momentum=_MOMENTUM,
            )
            least = min(_BLOCK, steps - number)
            run(self._ways, self._payers, self._near, self._prices, self._work, heat, self._wanted, least)
            if watch is not None:
                watch((number + least) / steps)
        return True

    @property
    def first(self) -> NDArray[np.int64]:
        """Where the places of each site begin, its levels from the lowest on; and how many there are."""
        first: NDArray[np.int64] = self._ways.first
        return first

    @property
    def little(self) -> float:
        """What is no money for a home."""
        return 1e-3 * self._unit

    def paid(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], float]]:
        """Yield of each group with options the places near it, what each home pays for its way there, and how many."""
        near = self._near
        for start, end, count in zip(near.start[:-1], near.start[1:], self._payers.count, strict=True):
            yield near.place[start:end], self._prices.paid[start:end], float(count)

    def tops(self, least: float) -> tuple[int, ...]:
        """Return per site the greatest level that it is built to, to so much at least, at the last prices; -1: none."""
        ways, work = self._ways, self._work
        found = []
        for first, end in zip(ways.first[:-1].tolist(), ways.first[1:].tolist(), strict=True):
            top, above = -1, 0.0
            for place in range(end - 1, first - 1, -1):
                above += work.enters[place]
                if above + work.climbs[place] > least:
                    top = place - first
                    break
            found.append(top)
        return tuple(found)


class PointedArcs(NamedTuple):
    """Where sectors may point, and what of one homes take.

    Attributes
    ----------
    arcs : int64, one a site
        How many it has, one at least: where a sector may point (`arcs.SiteArcs`).
    first, last : int64, one an option
        The arcs of its site that hold each home of a group, from the first to the last, round the circle; options in
        the order of the groups that have some.
    share : float64, one an option
        Of a sector, that each home takes at least.
    """

    arcs: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    share: NDArray[np.float64]


def _beams_of(network: SolverNetwork) -> PointedArcs:
    """Return the arcs of a network; where it has none each site has one, and homes take of a sector what they load."""
    groups, inst = [group for group in network.groups if group.options], network.instance
    options = sum(len(group.options) for group in groups)
    if network.arcs is None:
        load = np.array([group.load for group in groups for _ in group.options], np.float64)
        none = np.zeros(options, np.int64)
        share = load / inst.sector_homes if inst.sector_homes > 0.0 else np.zeros(options)
        return PointedArcs(np.ones(len(inst.sites), np.int64), none, none, share)
    # At their greatest heights: there homes may stand furthest off the middle of a beam.
    spans = [network.arcs[site].spans[group.homes[0]][-1] for group in groups for site, _ in group.options]
    return PointedArcs(
        np.array([max(1, one.count) for one in network.arcs], np.int64),
        np.array([one.first for one in spans], np.int64),
        np.array([one.last for one in spans], np.int64),
        np.array([one.airtime for one in spans], np.float64),
    )


def _beyond(network: SolverNetwork) -> tuple[Any, list[list[float]]]:
    """Return what each site costs more with so many sectors than with the fewest radios; and per level with these.

    A tower has a link beside its sectors, and a gateway may do without. Where it carries nobody on and serves nobody a
    plan is no dearer without it, unless it must stand.
    """
    inst = network.instance
    more, bare = np.zeros((len(inst.sites), inst.max_sectors + 1)), []
    for i, (site, allowed) in enumerate(zip(inst.sites, network.allowed, strict=True)):
        links = 0 if site.may_be_root else 1
        fewest = 0 if site.may_be_root else 1 if site.must else 2
        rows = [network.steps_at(i, level) for level in range(len(allowed))]
        bare.append([0.0 if row is None else least_steps(row, 0, fewest) for row in rows])
        for n in range(1, inst.max_sectors + 1):
            with_them = [0.0 if row is None else least_steps(row, n, max(fewest, n + links)) for row in rows]
            more[i, n] = max(more[i, n - 1], min((b - a for a, b in zip(bare[i], with_them, strict=True)), default=0.0))
    return more, bare


def least_steps(row: StepsRow, alike: int, radios: int) -> float:
    """Return the least that a row of `InstanceSite.steps` says of so many radios at least, so many of them alike."""
    of = (
        cost
        for a, costs in enumerate(row.of)
        for u, cost in enumerate(costs)
        if a >= alike and radios <= a + u <= row.most
    )
    return min((*row.many, *of))


def _beginnings(ways: Ways) -> Any:
    """Return where the ways into each site begin, of sites that have any."""
    begin = ways.start[ways.first]
    return np.unique(begin[:-1][begin[:-1] < begin[1:]])


def _ways_of(network: SolverNetwork, beams: PointedArcs) -> Ways:
    inst = network.instance
    beyond, bare = _beyond(network)
    levels = [len(ks) if usable else 0 for ks, usable in zip(network.allowed, network.usable, strict=True)]
    first = np.cumsum([0, *levels])
    upper = np.ones(int(first[-1]), np.bool_)
    upper[[start for start, count in zip(first[:-1].tolist(), levels, strict=True) if count]] = False
    step = np.zeros(len(upper))
    found: list[tuple[int, int, float]] = []
    for i, (site, start) in enumerate(zip(inst.sites, first.tolist(), strict=False)):
        for level in range(1, levels[i]):
            step[start + level] = network.site_cost(i, level) - network.site_cost(i, level - 1)
            step[start + level] += bare[i][level] - bare[i][level - 1]
        if levels[i] and site.may_be_root:
            found.append((start, -1, network.site_cost(i, 0) + bare[i][0] + network.open_cost(i)))
    for row in network.rows if inst.max_hops else ():
        for parent, child, above, here in (
            (row.a, row.b, row.level_a, row.level_b),
            (row.b, row.a, row.level_b, row.level_a),
        ):
            if not inst.sites[child].gateway:
                cost = row.cost + network.site_cost(child, here) + bare[child][here]
                found.append((int(first[child]) + here, int(first[parent]) + above, cost))
    found.sort()
    into = np.array([place for place, _, _ in found], np.int64)
    return Ways(
        first=first,
        upper=upper,
        step=step,
        must=np.array([site.must for site in inst.sites], np.bool_),
        start=np.searchsorted(into, np.arange(len(upper) + 1)),
        tail=np.array([tail for _, tail, _ in found], np.int64),
        cost=np.array([cost for _, _, cost in found], np.float64),
        sector=np.array([network.sector_cost(i, 0) if count else 0.0 for i, count in enumerate(levels)], np.float64),
        beyond=beyond,
        arcs=np.cumsum([0, *(beams.arcs + 1)]),
        sectors=int(inst.max_sectors),
    )


def _payers_of(network: SolverNetwork, ways: Ways, beams: PointedArcs) -> Payers:
    """Return the groups; their options name places, until `_near_of`."""
    groups = [group for group in network.groups if group.options]
    site = np.array([site for group in groups for site, _ in group.options], np.int64)
    level = np.array([level for group in groups for _, level in group.options], np.int64)
    return Payers(
        start=np.cumsum([0, *(len(group.options) for group in groups)]),
        site=site,
        at=ways.first[site] + level,
        first=ways.arcs[site] + beams.first,
        last=ways.arcs[site] + beams.last,
        share=beams.share,
        count=np.array([group.count for group in groups], np.float64),
        weight=np.array([group.weight for group in groups], np.float64),
        cost=np.array([group.cost for group in groups], np.float64),
        must=np.array([group.must for group in groups], np.bool_),
    )


def _feeders(ways: Ways, count: int) -> Any:
    """Return per site so many that could feed it for the least money, -1 for none: (sites, count)."""
    sites = len(ways.must)
    of = np.repeat(np.arange(sites), np.diff(ways.first))
    child = np.repeat(of, np.diff(ways.start))
    inner = ways.tail >= 0
    order = np.lexsort((ways.tail, ways.cost, child))
    order = order[inner[order]]
    found = np.full((sites, count), -1, np.int64)
    known = [set[int]() for _ in range(sites)]
    for site, feeder in zip(child[order].tolist(), of[ways.tail[order]].tolist(), strict=True):
        if len(known[site]) < count and feeder not in known[site]:
            found[site, len(known[site])] = feeder
            known[site].add(feeder)
    return found


def _near_of(ways: Ways, payers: Payers) -> Near:
    """Return the places near each group, with fewer feeders where that would be too much.

    The options of the groups then name rows.
    """
    places: Any = compiled(near_rows)
    pairs: Any = compiled(near_ways)
    none, option = np.zeros(0, np.int64), payers.at.copy()
    start, local = np.zeros(len(payers.count) + 1, np.int64), np.full(len(ways.upper), -1, np.int64)
    for count in range(_FEEDERS, -1, -1):
        feeders = _feeders(ways, count)
        places(ways.first, feeders, payers, option, Near(start, none, none, none, none, none))
        place, group = np.zeros((2, int(start[-1])), np.int64)
        near = Near(start, place, group, none, none, none)
        places(ways.first, feeders, payers, option, near)
        number = int(pairs(ways, near, local))
        if number <= _MOST_PAIRS:
            break
    # Without pairs each pays for the whole way to a place: the bound holds, and is weaker.
    way, head, tail = np.zeros((3, number if number <= _MOST_PAIRS else 0), np.int64)
    near = near._replace(way=way, head=head, tail=tail)
    pairs(ways, near, local)
    return near

"""Kernels of the bound by prices: what homes would pay for their way to the Internet, raised step by step."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from cn_planner.propagation.kernel import kernel
from cn_planner.solver.flat_kernels import FAR

_MOST = 10.0
"""Exponents at most."""
_HAIR = 1e-10
_LITTLE = 1e-7
"""Share of a way below which it moves no price."""


class Ways(NamedTuple):
    """The places (site, level) in the order of the sites, and the ways into each.

    Attributes
    ----------
    first : int64, shape (sites + 1,)
        The places of site i are ``first[i]`` to ``first[i + 1]``, its levels from the lowest on.
    upper : bool, one a place
        Whether there is a place below it.
    step : float64, one a place
        What it costs more than the place below.
    must : bool, one a site
        Whether it stands in every plan.
    start : int64, shape (places + 1,)
        The ways into a place, by link or from the Internet, are rows ``start[p]`` to ``start[p + 1]``.
    tail : int64, one a way
        The place that it comes from, -1 for the Internet.
    cost : float64, one a way
        Of the link or the connection, with the mast up to the place.
    sector : float64, one a site
        What a sector costs.
    beyond : float64, shape (sites, sectors + 1)
        What a site costs more with so many sectors at least.
    arcs : int64, shape (sites + 1,)
        The arcs of site i are rows ``arcs[i]`` to ``arcs[i + 1] - 1``, and one row more to add them up.
    sectors : int
        How many sectors a site has at most.
    """

    first: Any
    upper: Any
    step: Any
    must: Any
    start: Any
    tail: Any
    cost: Any
    sector: Any
    beyond: Any
    arcs: Any
    sectors: int


class Payers(NamedTuple):
    """Groups of homes: the options of group g are rows ``start[g]`` to ``start[g + 1]``.

    Attributes
    ----------
    start : int64, shape (groups + 1,)
    site, at : int64, one an option
        The site that serves, and the row of `Near` of the least place from which it does.
    first, last : int64, one an option
        The arcs of its site that hold it, from the first to the last, round the circle.
    share : float64, one an option
        Of a sector, that each home takes.
    count, weight, cost : float64, one a group
        How many homes; of one: what it counts, its equipment.
    must : bool, one a group
    """

    start: Any
    site: Any
    at: Any
    first: Any
    last: Any
    share: Any
    count: Any
    weight: Any
    cost: Any
    must: Any


class Near(NamedTuple):
    """The places for which each group may pay: rows ``start[g]`` to ``start[g + 1]``, whole sites, by place.

    Attributes
    ----------
    start : int64, shape (groups + 1,)
    place, group : int64, one a row
    way, head, tail : int64, one a pair
        Each way between two places of a group, and the rows of the two.
    """

    start: Any
    place: Any
    group: Any
    way: Any
    head: Any
    tail: Any


class HomePrices(NamedTuple):
    """What is paid, and how fast it moves.

    Attributes
    ----------
    paid, paid_speed : float64, one a row of `Near`
        What each home of a group pays for its way up to that place.
    fee, fee_speed : float64, one an option
        What each home of a group pays for sectors of a site that point at it.
    seat, seat_speed : float64, one a site
        Price of all that a sector carries there.
    worth : float64, shape (2,)
        What a unit of weight is worth to be served, and how fast that moves.
    best : float64, shape (1,)
        The best bound so far.
    """

    paid: Any
    paid_speed: Any
    fee: Any
    fee_speed: Any
    seat: Any
    seat_speed: Any
    worth: Any
    best: Any


class PriceAim(NamedTuple):
    """What is bounded: the cost of serving a weight; with a ``budget``, not -1, the weight, with a minus, for it."""

    weight: float
    budget: float


class PriceWork(NamedTuple):
    """Room to work in.

    Attributes
    ----------
    place, step, climbs, tops : float64, one a place
        What all pay up to a place, and for its step; the share to which that is taken, and its weight beside none.
    way, taken : float64, one a way
        What all pay for a way, and the share to which it is taken.
    enters : float64, one a place
        The share to which a place is entered by any way.
    paid, fee : float64, one a row of `Near`, one an option
        Where prices are to go.
    seat : float64, one a site
        Where the price of sectors is to go.
    beam : float64, one an arc
        What all pay for a sector that points there; the shares to which those before it are built.
    dearest : float64, one a sector of a site
        The most that is paid for any, the second most, and so on.
    """

    place: Any
    step: Any
    climbs: Any
    way: Any
    taken: Any
    enters: Any
    paid: Any
    fee: Any
    seat: Any
    beam: Any
    dearest: Any
    tops: Any


class Heat(NamedTuple):
    """How far a choice between two that cost nearly the same is shared, and the steps of the prices.

    Attributes
    ----------
    home, site, beam : float64
        In money: of a home's choice of its server; of whether and how a site is built; of where its sectors point.
    step, seat_step, worth_step : float64
        Of what homes pay; of the price of sectors; of what weight is worth.
    momentum : float64
    """

    home: float
    site: float
    beam: float
    step: float
    seat_step: float
    worth_step: float
    momentum: float


@kernel
def _collect(ways: Ways, payers: Payers, near: Near, prices: HomePrices, work: PriceWork) -> None:
    """Add up what all pay for each way and each step of a mast, and for sectors that point at them."""
    paid, count = prices.paid, payers.count
    for p in range(len(work.place)):
        work.place[p] = 0.0
        work.step[p] = 0.0
    for k in range(len(paid)):
        p, m = near.place[k], count[near.group[k]]
        work.place[p] += m * paid[k]
        if ways.upper[p]:
            work.step[p] += m * (paid[k] - paid[k - 1])
    for p in range(len(work.place)):
        for a in range(ways.start[p], ways.start[p + 1]):
            work.way[a] = work.place[p]
    # Who pays as much for where a way comes from as for where it leads pays nothing for the way.
    for j in range(len(near.way)):
        h = near.head[j]
        work.way[near.way[j]] -= count[near.group[h]] * min(paid[h], paid[near.tail[j]])
    beam = work.beam
    for b in range(len(beam)):
        beam[b] = 0.0
    for g in range(len(count)):
        for o in range(payers.start[g], payers.start[g + 1]):
            if prices.fee[o] > 0.0:
                fee = count[g] * prices.fee[o]
                beam[payers.first[o]] += fee
                beam[payers.last[o] + 1] -= fee
                if payers.last[o] < payers.first[o]:
                    beam[ways.arcs[payers.site[o]]] += fee
    for i in range(len(work.seat)):
        for b in range(ways.arcs[i] + 1, ways.arcs[i + 1]):
            beam[b] += beam[b - 1]


@kernel
def _homes(payers: Payers, prices: HomePrices, heat: Heat, work: PriceWork) -> tuple[float, float]:
    """Let each group choose its cheapest server, or none; return what that comes to, and the weight without one."""
    total, without = 0.0, 0.0
    worth = prices.worth[0]
    for k in range(len(work.paid)):
        work.paid[k] = 0.0
    for i in range(len(work.seat)):
        work.seat[i] = 0.0
    for g in range(len(payers.count)):
        none = FAR if payers.must[g] else worth * payers.weight[g]
        least = none
        for o in range(payers.start[g], payers.start[g + 1]):
            asked = prices.paid[payers.at[o]] + prices.fee[o] + prices.seat[payers.site[o]] * payers.share[o]
            work.fee[o] = asked + payers.cost[g]
            least = min(least, work.fee[o])
        total += payers.count[g] * least
        shares = 0.0 if payers.must[g] else math.exp((least - none) / heat.home)
        spared = shares
        for o in range(payers.start[g], payers.start[g + 1]):
            work.fee[o] = math.exp((least - work.fee[o]) / heat.home)
            shares += work.fee[o]
        without += payers.count[g] * payers.weight[g] * spared / shares
        for o in range(payers.start[g], payers.start[g + 1]):
            work.fee[o] /= shares
            work.paid[payers.at[o]] += work.fee[o]
            work.seat[payers.site[o]] += payers.count[g] * payers.share[o] * work.fee[o]
    return total, without


@kernel
def _share(gain: float) -> float:
    """Return the share to which something is taken that gains so many times what its choice is rounded by."""
    return 1.0 / (1.0 + math.exp(-min(_MOST, max(-_MOST, gain))))


@kernel
def _fewest(i: int, ways: Ways, prices: HomePrices, work: PriceWork) -> tuple[float, float]:
    """Return what the sectors of a site come to at least, and what the last of so many costs more than nothing."""
    dear, dearest = ways.sector[i] - prices.seat[i], work.dearest
    most = min(ways.sectors, ways.arcs[i + 1] - 1 - ways.arcs[i])
    for n in range(ways.sectors):
        dearest[n] = 0.0
    for b in range(ways.arcs[i], ways.arcs[i + 1] - 1):
        paid = work.beam[b]
        if most > 0 and paid > dearest[most - 1]:
            n = most - 1
            while n > 0 and dearest[n - 1] < paid:
                dearest[n] = dearest[n - 1]
                n -= 1
            dearest[n] = paid
    least, paid, last = 0.0, 0.0, max(0.0, dear)
    if ways.sectors > 0:
        last = max(0.0, dear + ways.beyond[i, 1])
    for n in range(1, ways.sectors + 1):
        paid += dearest[n - 1]
        here = n * dear + ways.beyond[i, n] - paid
        if here < least:
            least, last = here, max(0.0, dear + ways.beyond[i, n] - ways.beyond[i, n - 1])
    return least, last


@kernel
def _any_way(i: int, least: float, ways: Ways, prices: HomePrices, heat: Heat, work: PriceWork) -> None:
    """Let a site whose sectors serve in any direction choose how many it has; ``least`` as `_fewest` says."""
    first = ways.arcs[i]
    none, some, many = math.exp(least / heat.site), 0.0, 0.0
    for n in range(1, ways.sectors + 1):
        cost = n * (ways.sector[i] - prices.seat[i]) + ways.beyond[i, n] - work.beam[first]
        share = math.exp((least - cost) / heat.site)
        some += share
        many += n * share
    work.beam[first] = 0.0
    work.beam[first + 1] = some / (none + some)
    work.seat[i] -= many / (none + some)


@kernel
def _sectors(ways: Ways, payers: Payers, prices: HomePrices, heat: Heat, work: PriceWork) -> float:
    """Let each site choose how many sectors it has, and where they point; return what that comes to."""
    total, beam = 0.0, work.beam
    for i in range(len(work.seat)):
        least, last = _fewest(i, ways, prices, work)
        total += least
        if ways.arcs[i + 1] - ways.arcs[i] == 2:
            _any_way(i, least, ways, prices, heat, work)
            continue
        some = 0.0
        for b in range(ways.arcs[i], ways.arcs[i + 1] - 1):
            beam[b] = _share((beam[b] - last) / heat.beam)
            some += beam[b]
        scale = 1.0 if some <= ways.sectors else ways.sectors / some
        before = 0.0
        for b in range(ways.arcs[i], ways.arcs[i + 1] - 1):
            here = scale * beam[b]
            beam[b] = before
            before += here
        beam[ways.arcs[i + 1] - 1] = before
        spare = _share((prices.seat[i] - ways.sector[i]) / heat.beam)
        work.seat[i] -= before + (ways.sectors - before) * spare
    for g in range(len(payers.count)):
        for o in range(payers.start[g], payers.start[g + 1]):
            pointed = beam[payers.last[o] + 1] - beam[payers.first[o]]
            if payers.last[o] < payers.first[o]:
                pointed += beam[ways.arcs[payers.site[o] + 1] - 1]
            work.fee[o] -= pointed
    return total


@kernel
def _sites(ways: Ways, heat: Heat, work: PriceWork) -> float:
    """Let each site choose its way and its height, or not to stand; return what that comes to."""
    total = 0.0
    for i in range(len(ways.must)):
        first, end = ways.first[i], ways.first[i + 1]
        least, here = FAR if ways.must[i] else 0.0, FAR
        for p in range(first, end):
            if ways.upper[p]:
                here += ways.step[p] - work.step[p]
            for a in range(ways.start[p], ways.start[p + 1]):
                here = min(here, ways.cost[a] - work.way[a])
            least = min(least, here)
        if first == end or least >= FAR:
            continue
        total += least
        shares = 0.0 if ways.must[i] else math.exp(least / heat.site)
        here = 0.0
        for p in range(first, end):
            climb = 0.0
            if ways.upper[p]:
                climb = math.exp(min(_MOST, (work.step[p] - ways.step[p]) / heat.site))
            here *= climb
            work.climbs[p] = here
            work.tops[p] = climb
            for a in range(ways.start[p], ways.start[p + 1]):
                work.taken[a] = math.exp((least - ways.cost[a] + work.way[a]) / heat.site)
                here += work.taken[a]
            shares += here
        shares = max(shares, 1.0 / FAR)
        on = 1.0
        for p in range(end - 1, first - 1, -1):
            work.enters[p] = 0.0
            for a in range(ways.start[p], ways.start[p + 1]):
                work.taken[a] *= on / shares
                work.enters[p] += work.taken[a]
            work.climbs[p] *= on / shares
            on = 1.0 + on * work.tops[p]
    return total


@kernel
def _pull(ways: Ways, near: Near, prices: HomePrices, work: PriceWork) -> None:
    """Take from where prices are to go what the ways are taken for: who pays for a way that is taken pays less."""
    paid = prices.paid
    for k in range(len(paid)):
        p = near.place[k]
        if paid[k] > 0.0:
            work.paid[k] -= work.enters[p]
            if ways.upper[p] and paid[k] > paid[k - 1]:
                work.paid[k] -= work.climbs[p]
                work.paid[k - 1] += work.climbs[p]
    for j in range(len(near.way)):
        share = work.taken[near.way[j]]
        if share > _LITTLE:
            h, t = near.head[j], near.tail[j]
            if paid[h] > paid[t]:
                work.paid[t] += share
            elif paid[h] > 0.0:
                work.paid[h] += share


@kernel
def _move(ways: Ways, near: Near, prices: HomePrices, heat: Heat, work: PriceWork, short: float) -> None:
    """Move the prices; what is paid for a place beyond what is paid for the one below it is never less than nothing."""
    paid, speed_of = prices.paid, prices.paid_speed
    for k in range(len(paid) - 1, 0, -1):
        if ways.upper[near.place[k]]:
            work.paid[k - 1] += work.paid[k]
    old = 0.0
    for k in range(len(paid)):
        upper = ways.upper[near.place[k]]
        before = paid[k] - (old if upper else 0.0)
        old = paid[k]
        more = max(0.0, before + heat.momentum * speed_of[k] + heat.step * work.paid[k])
        paid[k] = more + (paid[k - 1] if upper else 0.0)
        speed_of[k] = more - before
    for o in range(len(prices.fee)):
        speed = heat.momentum * prices.fee_speed[o] + heat.step * work.fee[o]
        before = prices.fee[o]
        prices.fee[o] = max(0.0, before + speed)
        prices.fee_speed[o] = prices.fee[o] - before
    for i in range(len(prices.seat)):
        speed = heat.momentum * prices.seat_speed[i] + heat.seat_step * work.seat[i]
        before = prices.seat[i]
        prices.seat[i] = max(0.0, before + speed)
        prices.seat_speed[i] = prices.seat[i] - before
    speed = heat.momentum * prices.worth[1] + heat.worth_step * short
    before = prices.worth[0]
    prices.worth[0] = max(0.0, before + speed)
    prices.worth[1] = prices.worth[0] - before


@kernel
def raise_prices(
    ways: Ways,
    payers: Payers,
    near: Near,
    prices: HomePrices,
    work: PriceWork,
    heat: Heat,
    wanted: PriceAim,
    steps: int,
) -> None:
    """Raise the prices by so many steps, and note those that give the best bound."""
    total = 0.0
    for g in range(len(payers.count)):
        total += payers.count[g] * payers.weight[g]
    for _ in range(steps):
        _collect(ways, payers, near, prices, work)
        homes, without = _homes(payers, prices, heat, work)
        value = homes + _sectors(ways, payers, prices, heat, work)
        value += _sites(ways, heat, work)
        # The bound is rounded down by more than the sums can be off.
        value -= _HAIR * (abs(value) + prices.worth[0] * total)
        spare = total - wanted.weight
        bound = value - prices.worth[0] * spare
        if wanted.budget >= 0.0:
            # value - worth * total <= cost - worth * weight of each plan, and the cost is the budget at most.
            bound = -FAR
            if prices.worth[0] > 0.0:
                bound = -(wanted.budget - value + prices.worth[0] * total) / prices.worth[0]
            spare = total - min(total, max(0.0, -bound))
        prices.best[0] = max(prices.best[0], bound)
        _pull(ways, near, prices, work)
        _move(ways, near, prices, heat, work, without - spare)


@kernel
def near_rows(first: Any, feeders: Any, payers: Payers, option: Any, near: Near) -> None:
    """Write down the places near each group: of the sites of its options, and of those that may feed these.

    Where there is no room in ``near`` they are counted alone. ``option`` is the place of each option, and
    ``payers.at`` is told its row.
    """
    sites = len(first) - 1
    here = [False] * sites
    number = 0
    for g in range(len(payers.count)):
        begin, end = payers.start[g], payers.start[g + 1]
        for o in range(begin, end):
            here[payers.site[o]] = True
            for f in range(feeders.shape[1]):
                if feeders[payers.site[o], f] >= 0:
                    here[feeders[payers.site[o], f]] = True
        for i in range(sites):
            if here[i]:
                here[i] = False
                for o in range(begin, end):
                    if payers.site[o] == i:
                        payers.at[o] = number + option[o] - first[i]
                for p in range(first[i], first[i + 1]):
                    if number < len(near.place):
                        near.place[number] = p
                        near.group[number] = g
                    number += 1
        near.start[g + 1] = number


@kernel
def near_ways(ways: Ways, near: Near, local: Any) -> int:
    """Write down the ways between two places near each group; return how many there are. ``local``: -1 a place."""
    number = 0
    for g in range(len(near.start) - 1):
        for k in range(near.start[g], near.start[g + 1]):
            local[near.place[k]] = k
        for k in range(near.start[g], near.start[g + 1]):
            p = near.place[k]
            for a in range(ways.start[p], ways.start[p + 1]):
                t = ways.tail[a]
                if t >= 0 and local[t] >= 0:
                    if number < len(near.way):
                        near.way[number] = a
                        near.head[number] = k
                        near.tail[number] = local[t]
                    number += 1
        for k in range(near.start[g], near.start[g + 1]):
            local[near.place[k]] = -1
    return number

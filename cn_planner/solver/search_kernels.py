"""Kernels of the search for a good plan: a plan of the levels of its sites, and annealing over these."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from cn_planner.propagation.kernel import kernel
from cn_planner.solver.arc_kernels import (
    count_radios,
    pointed,
    spares_cost,
    too_many_radios,
    tower_steps_cost,
)
from cn_planner.solver.assign_kernels import assign, fill, repack, without_spare
from cn_planner.solver.crowd_kernels import within_radios
from cn_planner.solver.flat_kernels import FAR, Draft, FlatNetwork, HomeOptions, Links
from cn_planner.solver.tree_kernels import links_cost, tree_of, tree_with_room

_NEARLY = 0.9
"""Share of the goal from which it is worth to move homes so that others find room."""
_MASK = 0x7FFFFFFF
_COMES, _GOES, _STEPS, _REPLACES, _MOVES = 0.15, 0.23, 0.48, 0.8, 0.9
"""Up to which draw a step builds a site, takes one away, changes a height, puts a site in the place of one that serves
the same home, or of one that it can be linked to; else it changes both ends of a link."""
_TRIES = 200
"""Draws of a home at most."""


class Aim(NamedTuple):
    """What a chain goes for.

    Attributes
    ----------
    want : float
        Weight to serve at least cost, or -1: most weight within the budget.
    budget : float
    worth : float
        Money that a missing unit of weight counts for at the start; it is adapted on the way.
    """

    want: float
    budget: float
    worth: float


class Cooling(NamedTuple):
    """Steps of a chain, and its heat, in money, before and after them."""

    steps: int
    hot: float
    cold: float


class Chain(NamedTuple):
    """What a chain carries from one block of steps to the next.

    Attributes
    ----------
    random : int64, shape (1,)
        State of its random numbers.
    found : int64, one a site
        Levels of the best plan that keeps the rules.
    record : float64, shape (2,)
        The value of that plan, and the worth of a missing unit of weight as adapted.
    """

    random: Any
    found: Any
    record: Any


class _Value(NamedTuple):
    """A plan's cost and served weight, must-homes left out, weight short of what is wanted, money over the budget."""

    cost: float
    served: float
    missed: int
    short: float
    over: float


@kernel
def _random(state: Any) -> float:
    # Park and Miller, 1988, by Schrage's method: whole numbers under 2**31, the same compiled and plain.
    value = 16807 * (state[0] % 127773) - 2836 * (state[0] // 127773)
    if value <= 0:
        value += _MASK
    state[0] = value
    return float(value / 2147483647.0)


@kernel
def evaluate(net: FlatNetwork, draft: Draft) -> tuple[float, float, int]:
    """Complete a plan from the levels of its sites; return (cost, served weight, must-homes left out)."""
    sites, links, homes, rules, turns, pieces = net
    levels, server = draft.levels, draft.service.server
    goal = rules.goal
    total, crowded = tree_of(sites, links, rules.max_hops, draft), 0
    served, missed = assign(homes, rules, draft, False)
    served = without_spare(homes, rules, draft, served, False)
    if rules.limited:
        total, served, missed = _given_room(net, draft, total)
    on_links = total
    for i in range(len(levels)):
        if levels[i] >= 0:
            total += sites.cost[i, levels[i]]
    if served < goal < FAR and served > _NEARLY * goal:
        served = fill(homes, rules, draft, served)
    if missed == 0 and not rules.homes_cost and (goal >= FAR or served >= goal):
        served = repack(homes, rules, draft, served)
    if len(turns.first) > 0:
        pointed(homes, turns, draft)
        served = within_radios(homes, rules, turns, draft, served)
    if rules.limited:
        total += links_cost(sites, links, draft) - on_links
    if rules.max_radios > 0 or sites.steps.shape[2] > 1 or len(pieces.price) > 0:
        total += count_radios(sites, links, rules, pieces, draft)
        crowded = too_many_radios(rules, draft)
        total += tower_steps_cost(sites, draft) + spares_cost(pieces, draft)
    for i in range(len(levels)):
        if levels[i] >= 0:
            total += draft.service.sectors[i] * sites.sector[i, levels[i]]
    if rules.homes_cost:
        for h in range(len(server)):
            if server[h] >= 0:
                total += homes.cost[h]
    return total, served, _left_out(homes, draft) + crowded


@kernel
def _left_out(homes: HomeOptions, draft: Draft) -> int:
    """Return how many homes that must be served, and could be, are not."""
    missed = 0
    for k in range(len(homes.order)):
        if homes.must[homes.order[k]] and draft.service.server[homes.order[k]] < 0:
            missed += 1
    return missed


@kernel
def _given_room(net: FlatNetwork, draft: Draft, total: float) -> tuple[float, float, int]:
    """Hang and serve again where something is limited; return what links cost, served weight, must-homes left out."""
    sites, links, homes, rules, turns, _pieces = net
    sheds = rules.max_radios > 0 and len(turns.first) > 0
    if sheds:
        pointed(homes, turns, draft)  # what links leave of a mast's radios is known by its beams
    total = tree_with_room(sites, links, rules, draft, total, sheds)
    served, missed = assign(homes, rules, draft, True)
    return total, without_spare(homes, rules, draft, served, True), missed


@kernel
def _valued(aim: Aim, cost: float, served: float, missed: int) -> _Value:
    if aim.want >= 0.0:
        return _Value(cost, served, missed, max(0.0, aim.want - served) + 10.0 * missed, 0.0)
    return _Value(cost, served, missed, 0.0, max(0.0, cost - aim.budget))


@kernel
def anneal(net: FlatNetwork, draft: Draft, aim: Aim, cooling: Cooling, chain: Chain) -> None:
    """Anneal the draft's levels for so many steps; the best plan that keeps the rules goes to the chain."""
    sites, links, homes = net.sites, net.links, net.homes
    levels, tops, keep = draft.levels, sites.tops, sites.keep
    n = len(levels)
    worth = chain.record[1]
    cost, served, missed = evaluate(net, draft)
    now = _valued(aim, cost, served, missed)
    factor = math.exp(math.log(cooling.cold / cooling.hot) / max(1, cooling.steps))
    heat = cooling.hot
    for step in range(cooling.steps):
        heat *= factor
        kind = _random(chain.random)
        i = int(_random(chain.random) * n) % n
        if kind >= _COMES:
            # What stands is asked for; where few of many sites do, one draw seldom meets one.
            tries = 0
            while levels[i] < 0 and tries < n:
                i = int(_random(chain.random) * n) % n
                tries += 1
            if levels[i] < 0:
                continue
        old_i, j, old_j = levels[i], -1, -1
        if kind < _STEPS:
            _stepped(tops, keep, levels, chain.random, kind, i)
        elif kind < _REPLACES:
            j, old_j = _replaced(tops, keep, homes, levels, draft.service.server, chain.random, i)
        else:
            j, old_j = _linked(tops, keep, links, levels, chain.random, kind, i)
        if levels[i] == old_i and (j < 0 or levels[j] == old_j):
            continue
        cost, served, missed = evaluate(net, draft)
        then = _valued(aim, cost, served, missed)
        rise = _rise(aim, worth, now, then)
        if rise <= 0.0 or _random(chain.random) < math.exp(-rise / heat):
            now = then
            _record(levels, draft.tree.depth, aim, now, chain)
        else:
            levels[i] = old_i
            if j >= 0:
                levels[j] = old_j
        if step % 64 == 63 and aim.want >= 0.0:
            worth *= 1.02 if now.short > 0.0 else 0.985
            worth = min(max(worth, 0.02 * aim.worth), 50.0 * aim.worth)
    chain.record[1] = worth


@kernel
def _rise(aim: Aim, worth: float, now: _Value, then: _Value) -> float:
    """Return by how much a plan is worse than another, in money."""
    if aim.want >= 0.0:
        return then.cost - now.cost + worth * (then.short - now.short)
    rise = aim.worth * (now.served - then.served) + 0.02 * (then.cost - now.cost) + 2.0 * (then.over - now.over)
    return rise + 10.0 * aim.worth * (then.missed - now.missed)


@kernel
def _record(levels: Any, depth: Any, aim: Aim, now: _Value, chain: Chain) -> None:
    """Keep a plan where it keeps the rules and is better than the best."""
    record = chain.record
    fits = now.short <= 0.0 and now.over <= 0.0 and now.missed == 0
    value = now.cost if aim.want >= 0.0 else 1e-6 * now.cost / max(1.0, aim.budget) - now.served
    if not (fits and value < record[0]):
        return
    # The tree may have left a site out: then it only costs, and a later step takes it away.
    for s in range(len(levels)):
        if levels[s] >= 0 and depth[s] < 0:
            return
    record[0] = value
    for s in range(len(levels)):
        chain.found[s] = levels[s]


@kernel
def _stepped(tops: Any, keep: Any, levels: Any, random: Any, kind: float, i: int) -> None:
    """Build a site, take it away, or step up or down, where that can be."""
    if kind < _COMES:
        if tops[i] >= 0 and levels[i] < 0:
            levels[i] = int(_random(random) * (tops[i] + 1))
    elif kind < _GOES:
        if not keep[i]:
            levels[i] = -1
    else:
        level = levels[i] + (1 if _random(random) < 0.4 else -1)
        if level <= tops[i] and (level >= 0 or not keep[i]):
            levels[i] = level


@kernel
def _replaced(
    tops: Any, keep: Any, homes: HomeOptions, levels: Any, server: Any, random: Any, i: int
) -> tuple[int, int]:
    """Let another site that serves a home of site i stand in its place; return it with its level before, -1 for none.

    Who serves whom is of the plan looked at last.
    """
    h = int(_random(random) * len(server)) % len(server)
    tries = 0
    while server[h] != i and tries < _TRIES:
        h = int(_random(random) * len(server)) % len(server)
        tries += 1
    if server[h] != i or keep[i]:
        return -1, -1
    e = homes.start[h] + int(_random(random) * (homes.start[h + 1] - homes.start[h]))
    e = min(e, homes.start[h + 1] - 1)
    j = homes.site[e]
    least = homes.level[e]
    if levels[j] >= 0 or tops[j] < least:
        return -1, -1
    levels[i] = -1
    levels[j] = least + int(_random(random) * (tops[j] + 1 - least))
    return j, -1


@kernel
def _linked(tops: Any, keep: Any, links: Links, levels: Any, random: Any, kind: float, i: int) -> tuple[int, int]:
    """Put a site that i can be linked to in its place, or change both; return it with its level before, -1 for none."""
    start = links.start
    if start[i + 1] == start[i]:
        return -1, -1
    r = start[i] + int(_random(random) * (start[i + 1] - start[i]))
    r = min(r, start[i + 1] - 1)
    j = links.to[r]
    old_j = levels[j]
    if kind >= _MOVES:
        # Both ends of a link: one may go up so that the other may go down.
        levels[i] = max(0, levels[i] - 1)
        levels[j] = min(tops[j], old_j + 1)
    elif old_j < 0 and not keep[i]:
        levels[i] = -1
        levels[j] = int(_random(random) * (tops[j] + 1))
    return j, old_j

"""Kernels of the search for a good plan: a tree within the hops, homes to sites, annealing over heights.

All arrays are flat. A site's level -1 is "not built". Rows of the links stand in both directions, by first site. Where
something is `limited`, `bears` is what the link of a row carries and `gate_bears` what a gateway's connection does.
"""

from __future__ import annotations

import math
from typing import Any

from cn_planner.propagation.kernel import kernel
from cn_planner.solver.assign_kernels import assign, fill, has_room, repack, take_room
from cn_planner.solver.room_kernels import grown_with_room, paid, rooms

_FAR = 1e300
_PASSES = 3
"""Times that the sites are gone through for a cheaper parent."""
_NEARLY = 0.9
"""Share of the goal from which it is worth to move homes so that others find room."""
_MASK = 0x7FFFFFFF
_COMES, _GOES, _STEPS, _REPLACES, _MOVES = 0.15, 0.23, 0.48, 0.8, 0.9
"""Up to which draw a step builds a site, takes one away, changes a height, puts a site in the place of one that serves
the same home, or of one that it can be linked to; else it changes both ends of a link."""
_TRIES = 200
"""Draws of a home at most."""


@kernel
def _random(
    state: Any,
) -> float:
    # Park and Miller, 1988, by Schrage's method: whole numbers under 2**31, the same compiled and plain.
    value = 16807 * (state[0] % 127773) - 2836 * (state[0] // 127773)
    if value <= 0:
        value += _MASK
    state[0] = value
    return float(value / 2147483647.0)


@kernel
def _grown(  # noqa: C901  # one compiled loop: its steps share all its state
    levels: Any,
    gateway: Any,
    start: Any,
    to: Any,
    own: Any,
    other: Any,
    price: Any,
    hops: int,
    parent: Any,
    depth: Any,
    best: Any,
    slope: float,
) -> tuple[float, int]:
    """Hang each built site on a parent; return the links' cost, and how many sites no gateway reaches (depth -1).

    Cheapest link first (Prim), where a link costs `slope` more for each that is above it.
    """
    n = len(levels)
    total = 0.0
    left = 0
    for i in range(n):
        parent[i] = -1
        depth[i] = -1
        best[i] = _FAR
        if levels[i] >= 0:
            left += 1
            if gateway[i]:
                best[i] = 0.0
    while True:
        at = -1
        least = _FAR
        for i in range(n):
            if depth[i] < 0 and best[i] < _FAR:
                key = best[i]
                if parent[i] >= 0:
                    key += slope * (depth[parent[i]] + 1)
                if key < least:
                    least = key
                    at = i
        if at < 0:
            return total, left
        left -= 1
        total += best[at]
        depth[at] = 0 if parent[at] < 0 else depth[parent[at]] + 1
        if depth[at] >= hops:
            continue
        for r in range(start[at], start[at + 1]):
            j = to[r]
            if levels[j] >= other[r] and levels[at] >= own[r] and depth[j] < 0 and not gateway[j]:
                better = parent[j] < 0
                if not better:
                    better = price[r] + slope * depth[at] < best[j] + slope * depth[parent[j]]
                if better:
                    best[j] = price[r]
                    parent[j] = at


@kernel
def _rehung(  # noqa: C901  # one compiled loop: its steps share all its state
    levels: Any,
    start: Any,
    to: Any,
    own: Any,
    other: Any,
    price: Any,
    hops: int,
    parent: Any,
    depth: Any,
    best: Any,
    below: Any,
) -> float:
    """Hang sites on cheaper parents as long as that helps and the hops allow it; return the links' cost.

    `below` is room for the links below each site.
    """
    n = len(levels)
    for _ in range(_PASSES):
        moved = False
        for i in range(n):
            below[i] = 0.0
        for v in range(n):
            a = parent[v]
            while a >= 0:
                below[a] = max(below[a], float(depth[v] - depth[a]))
                a = parent[a]
        for i in range(n):
            if depth[i] <= 0:
                continue
            chosen = -1
            for r in range(start[i], start[i + 1]):
                j = to[r]
                fits = levels[j] >= other[r] and levels[i] >= own[r] and depth[j] >= 0
                if fits and price[r] < best[i] - 1e-9 and depth[j] + 1 + below[i] <= hops:
                    a = j
                    while a >= 0 and a != i:
                        a = parent[a]
                    if a < 0:
                        best[i] = price[r]
                        chosen = j
            if chosen >= 0:
                moved = True
                parent[i] = chosen
                for v in range(n):
                    if depth[v] > 0:
                        count = 0
                        a = parent[v]
                        while a >= 0:
                            count += 1
                            a = parent[a]
                        depth[v] = count
                for v in range(n):
                    below[v] = 0.0
                for v in range(n):
                    a = parent[v]
                    while a >= 0:
                        below[a] = max(below[a], float(depth[v] - depth[a]))
                        a = parent[a]
        if not moved:
            break
    total = 0.0
    for i in range(n):
        if depth[i] > 0:
            total += best[i]
    return total


@kernel
def _tree(
    levels: Any,
    gateway: Any,
    start: Any,
    to: Any,
    own: Any,
    other: Any,
    price: Any,
    hops: int,
    parent: Any,
    depth: Any,
    best: Any,
    below: Any,
) -> float:
    """Hang each built site on a parent within the hops as cheaply as quick rules do; return the links' cost.

    Without a limit on the hops Prim's tree is the cheapest. Where the limit binds, flatter ones are tried.
    """
    total, lost = _grown(levels, gateway, start, to, own, other, price, hops, parent, depth, best, 0.0)
    deepest = 0
    for i in range(len(levels)):
        deepest = max(deepest, depth[i])
    if lost == 0 and deepest < hops:
        return total
    if lost == 0:
        total = _rehung(levels, start, to, own, other, price, hops, parent, depth, best, below)
    kept = 0.0
    for slope in (60.0, 250.0, 1e9):
        cost, out = _grown(levels, gateway, start, to, own, other, price, hops, parent, depth, best, slope)
        if out == 0:
            cost = _rehung(levels, start, to, own, other, price, hops, parent, depth, best, below)
        if out < lost or (out == lost and cost < total):
            total, lost, kept = cost, out, slope
    if kept < 1e9:
        _grown(levels, gateway, start, to, own, other, price, hops, parent, depth, best, kept)
        if lost == 0:
            total = _rehung(levels, start, to, own, other, price, hops, parent, depth, best, below)
    return total


@kernel
def _made_room(
    levels: Any,
    gateway: Any,
    start: Any,
    to: Any,
    own: Any,
    other: Any,
    price: Any,
    hops: int,
    parent: Any,
    depth: Any,
    best: Any,
    pull: Any,
    load: Any,
    bears: Any,
    gate_bears: Any,
    room: Any,
    need: Any,
    total: float,
) -> float:
    """Hang the sites otherwise where what they would serve is more than their ways carry; return the links' cost."""
    n = len(levels)
    full = False
    lost = 0
    rooms(levels, start, to, own, other, parent, depth, bears, gate_bears, room)
    for i in range(n):
        need[i] = load[i]
        if levels[i] >= 0 and depth[i] < 0:
            lost += 1
        if load[i] > 0.0:
            full = full or not has_room(parent, room, i, load[i])
            take_room(parent, room, i, load[i])
    if full:
        total, left = grown_with_room(
            levels, gateway, start, to, own, other, price, hops, parent, depth, best, bears, gate_bears, room, need
        )
        if left > lost:
            total = _tree(levels, gateway, start, to, own, other, price, hops, parent, depth, best, pull)
    rooms(levels, start, to, own, other, parent, depth, bears, gate_bears, room)
    return total


@kernel
def evaluate(
    levels: Any,
    gateway: Any,
    site_cost: Any,
    start: Any,
    to: Any,
    own: Any,
    other: Any,
    price: Any,
    hops: int,
    order: Any,
    home_start: Any,
    home_site: Any,
    home_level: Any,
    weight: Any,
    home_cost: Any,
    must: Any,
    carries: float,
    most: int,
    sector_cost: float,
    goal: float,
    money: bool,
    bears: Any,
    gate_bears: Any,
    limited: bool,
    parent: Any,
    depth: Any,
    best: Any,
    pull: Any,
    load: Any,
    sectors: Any,
    server: Any,
    trail: Any,
    room: Any,
    need: Any,
) -> tuple[float, float, int]:
    """Complete a plan from the levels of its sites; return (cost, served weight, must-homes left out)."""
    n = len(levels)
    total = _tree(levels, gateway, start, to, own, other, price, hops, parent, depth, best, pull)
    served, missed = assign(
        levels, depth, order, home_start, home_site, home_level, weight, home_cost, must, carries, most, goal, money,
        pull, load, sectors, server, False, parent, room,
    )  # fmt: skip
    if limited:
        total = _made_room(
            levels, gateway, start, to, own, other, price, hops, parent, depth, best, pull, load, bears, gate_bears,
            room, need, total,
        )  # fmt: skip
        served, missed = assign(
            levels, depth, order, home_start, home_site, home_level, weight, home_cost, must, carries, most, goal,
            money, pull, load, sectors, server, True, parent, room,
        )  # fmt: skip
    links = total
    for i in range(n):
        if levels[i] >= 0:
            total += site_cost[i, levels[i]]
    if served < goal < _FAR and served > _NEARLY * goal:
        served = fill(
            levels, depth, order, home_start, home_site, home_level, weight, carries, most, goal,
            pull, load, sectors, server, served, limited, parent, room,
        )  # fmt: skip
    if missed == 0 and not money and (goal >= _FAR or served >= goal):
        served = repack(
            levels, depth, order, home_start, home_site, home_level, weight, must, carries, goal,
            pull, load, sectors, server, trail, served, limited, parent, room,
        )  # fmt: skip
    if limited:
        total += paid(levels, start, to, own, other, price, parent, depth, bears, load, need) - links
    for i in range(n):
        total += sectors[i] * sector_cost
    if money:
        for h in range(len(server)):
            if server[h] >= 0:
                total += home_cost[h]
    return total, served, missed


@kernel
def anneal(  # noqa: C901  # one compiled loop: its steps share all its state
    levels: Any,
    keep: Any,
    tops: Any,
    gateway: Any,
    site_cost: Any,
    start: Any,
    to: Any,
    own: Any,
    other: Any,
    price: Any,
    hops: int,
    order: Any,
    home_start: Any,
    home_site: Any,
    home_level: Any,
    weight: Any,
    home_cost: Any,
    must: Any,
    carries: float,
    most: int,
    sector_cost: float,
    goal: float,
    money: bool,
    bears: Any,
    gate_bears: Any,
    limited: bool,
    parent: Any,
    depth: Any,
    best: Any,
    pull: Any,
    load: Any,
    sectors: Any,
    server: Any,
    trail: Any,
    room: Any,
    need: Any,
    want: float,
    budget: float,
    worth: float,
    steps: int,
    hot: float,
    cold: float,
    state: Any,
    found: Any,
    record: Any,
) -> None:
    """Anneal the levels in place for so many steps; the best plan that keeps the rules goes to `found`, `record`.

    `want` is the weight to serve (least cost) or -1 (most weight within `budget`); `worth` the money that a missing
    unit of weight counts for, adapted in state and out; `record`: [best value, adapted worth].
    """
    n = len(levels)
    cost, served, missed = evaluate(
        levels,
        gateway,
        site_cost,
        start,
        to,
        own,
        other,
        price,
        hops,
        order,
        home_start,
        home_site,
        home_level,
        weight,
        home_cost,
        must,
        carries,
        most,
        sector_cost,
        goal,
        money,
        bears,
        gate_bears,
        limited,
        parent,
        depth,
        best,
        pull,
        load,
        sectors,
        server,
        trail,
        room,
        need,
    )
    worth_now = record[1]
    short = max(0.0, want - served) + 10.0 * missed if want >= 0.0 else 0.0
    over = 0.0 if want >= 0.0 else max(0.0, cost - budget)
    factor = math.exp(math.log(cold / hot) / max(1, steps))
    heat = hot
    for step in range(steps):
        heat *= factor
        kind = _random(state)
        i = int(_random(state) * n) % n
        if kind >= _COMES:
            # What stands is asked for; where few of many sites do, one draw seldom meets one.
            tries = 0
            while levels[i] < 0 and tries < n:
                i = int(_random(state) * n) % n
                tries += 1
            if levels[i] < 0:
                continue
        old_i = levels[i]
        j = -1
        old_j = -1
        if kind < _COMES:
            if tops[i] < 0 or old_i >= 0:
                continue
            levels[i] = int(_random(state) * (tops[i] + 1))
        elif kind < _GOES:
            if keep[i]:
                continue
            levels[i] = -1
        elif kind < _STEPS:
            levels[i] = old_i + (1 if _random(state) < 0.4 else -1)
            if levels[i] > tops[i] or (levels[i] < 0 and keep[i]):
                levels[i] = old_i
                continue
        elif kind < _REPLACES:
            # Another that serves a home of the site stands in its place. Who serves whom is of the plan looked at last.
            h = int(_random(state) * len(server)) % len(server)
            tries = 0
            while server[h] != i and tries < _TRIES:
                h = int(_random(state) * len(server)) % len(server)
                tries += 1
            if server[h] != i or keep[i]:
                continue
            e = home_start[h] + int(_random(state) * (home_start[h + 1] - home_start[h]))
            e = min(e, home_start[h + 1] - 1)
            j = home_site[e]
            old_j = levels[j]
            if old_j >= 0 or tops[j] < home_level[e]:
                continue
            levels[i] = -1
            levels[j] = home_level[e] + int(_random(state) * (tops[j] + 1 - home_level[e]))
        else:
            if start[i + 1] == start[i]:
                continue
            r = start[i] + int(_random(state) * (start[i + 1] - start[i]))
            r = min(r, start[i + 1] - 1)
            j = to[r]
            old_j = levels[j]
            if kind < _MOVES:
                if old_j >= 0 or keep[i]:
                    continue
                levels[i] = -1
                levels[j] = int(_random(state) * (tops[j] + 1))
            else:
                # Both ends of a link: one may go up so that the other may go down.
                levels[i] = max(0, old_i - 1)
                levels[j] = min(tops[j], old_j + 1)
        if levels[i] == old_i and (j < 0 or levels[j] == old_j):
            continue
        new_cost, new_served, new_missed = evaluate(
            levels,
            gateway,
            site_cost,
            start,
            to,
            own,
            other,
            price,
            hops,
            order,
            home_start,
            home_site,
            home_level,
            weight,
            home_cost,
            must,
            carries,
            most,
            sector_cost,
            goal,
            money,
            bears,
            gate_bears,
            limited,
            parent,
            depth,
            best,
            pull,
            load,
            sectors,
            server,
            trail,
            room,
            need,
        )
        new_short = max(0.0, want - new_served) + 10.0 * new_missed if want >= 0.0 else 0.0
        new_over = 0.0 if want >= 0.0 else max(0.0, new_cost - budget)
        if want >= 0.0:
            rise = new_cost - cost + worth_now * (new_short - short)
        else:
            rise = worth * (served - new_served) + 0.02 * (new_cost - cost) + 2.0 * (new_over - over)
            rise += 10.0 * worth * (new_missed - missed)
        if rise <= 0.0 or _random(state) < math.exp(-rise / heat):
            cost, served, missed, short, over = new_cost, new_served, new_missed, new_short, new_over
            fits = short <= 0.0 and over <= 0.0 and missed == 0
            value = cost if want >= 0.0 else 1e-6 * cost / max(1.0, budget) - served
            # The tree may have left a site out: then it only costs, and a later step takes it away.
            if fits and value < record[0]:
                whole = True
                for s in range(n):
                    if levels[s] >= 0 and depth[s] < 0:
                        whole = False
                if whole:
                    record[0] = value
                    for s in range(n):
                        found[s] = levels[s]
        else:
            levels[i] = old_i
            if j >= 0:
                levels[j] = old_j
        if step % 64 == 63 and want >= 0.0:
            worth_now *= 1.02 if short > 0.0 else 0.985
            worth_now = min(max(worth_now, 0.02 * worth), 50.0 * worth)
    record[1] = worth_now

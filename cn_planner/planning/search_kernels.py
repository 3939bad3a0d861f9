"""Kernels of the search for a good plan: a tree within the hops, homes to sites, annealing over heights.

All arrays are flat. A site's level -1 is "not built". Rows of the links stand in both directions, by first site.
"""

from __future__ import annotations

import math
from typing import Any

from cn_planner.propagation.kernel import kernel

_FAR = 1e300
_MASK = 0x7FFFFFFF


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
    layered: bool,
) -> float:
    """Hang each built site on a parent; return the links' cost. Depth -1: it reaches no gateway.

    Cheapest link first (Prim); `layered`: as few links as possible first, the cheapest parent among those.
    """
    n = len(levels)
    total = 0.0
    for i in range(n):
        parent[i] = -1
        depth[i] = -1
        best[i] = _FAR
        if gateway[i] and levels[i] >= 0:
            best[i] = 0.0
    while True:
        at = -1
        least = _FAR
        for i in range(n):
            if depth[i] < 0 and best[i] < _FAR:
                key = best[i]
                if layered and parent[i] >= 0:
                    key += 1e12 * (depth[parent[i]] + 1)
                if key < least:
                    least = key
                    at = i
        if at < 0:
            return total
        total += best[at]
        depth[at] = 0 if parent[at] < 0 else depth[parent[at]] + 1
        if depth[at] >= hops:
            continue
        for r in range(start[at], start[at + 1]):
            j = to[r]
            if levels[j] >= other[r] and levels[at] >= own[r] and depth[j] < 0 and not gateway[j]:
                better = price[r] < best[j]
                if layered and parent[j] >= 0 and depth[parent[j]] < depth[at]:
                    better = False
                if better:
                    best[j] = price[r]
                    parent[j] = at


@kernel
def _assign(  # noqa: C901  # one pass in a compiled loop: calls would hand over a dozen arrays
    levels: Any,
    depth: Any,
    order: Any,
    home_start: Any,
    home_site: Any,
    home_level: Any,
    weight: Any,
    home_cost: Any,
    must: Any,
    carries: float,
    most: int,
    goal: float,
    money: bool,
    pull: Any,
    load: Any,
    sectors: Any,
    server: Any,
) -> tuple[float, int]:
    """Give homes to sites; return (served weight, must-homes left out). What goes beyond the goal is dropped again."""
    n = len(levels)
    for i in range(n):
        pull[i] = 0.0
        load[i] = 0.0
        sectors[i] = 0
    for r in range(len(home_site)):
        if depth[home_site[r]] >= 0 and levels[home_site[r]] >= home_level[r]:
            pull[home_site[r]] += 1.0
    served = 0.0
    missed = 0
    for k in range(len(order)):
        h = order[k]
        server[h] = -1
        chosen = -1
        rank = -1.0
        for r in range(home_start[h], home_start[h + 1]):
            i = home_site[r]
            if depth[i] >= 0 and levels[i] >= home_level[r]:
                room = sectors[i] * carries - load[i]
                if room >= weight[h]:
                    value = 1e9 + room
                elif room + carries >= weight[h] and sectors[i] < most:
                    value = pull[i]
                else:
                    continue
                if value > rank:
                    rank = value
                    chosen = i
        if chosen >= 0:
            server[h] = chosen
            load[chosen] += weight[h]
            served += weight[h]
            if load[chosen] > sectors[chosen] * carries:
                sectors[chosen] += 1
        elif must[h]:
            missed += 1
    spare = served - goal
    while spare > 0.0:
        at = -1
        least = spare
        for i in range(n):
            if sectors[i] > 0:
                rest = load[i] - (sectors[i] - 1) * carries
                if rest <= least:
                    least = rest
                    at = i
        if at < 0:
            break
        target = (sectors[at] - 1) * carries
        for k in range(len(order) - 1, -1, -1):
            h = order[k]
            if server[h] == at and not must[h] and load[at] > target and weight[h] <= spare:
                server[h] = -1
                load[at] -= weight[h]
                served -= weight[h]
                spare -= weight[h]
        if load[at] > target:
            break
        sectors[at] -= 1
    if money:
        for k in range(len(order)):
            h = order[k]
            if server[h] >= 0 and not must[h] and home_cost[h] > 0.0 and weight[h] <= spare:
                load[server[h]] -= weight[h]
                served -= weight[h]
                spare -= weight[h]
                server[h] = -1
    return served, missed


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
    parent: Any,
    depth: Any,
    best: Any,
    pull: Any,
    load: Any,
    sectors: Any,
    server: Any,
) -> tuple[float, float, int]:
    """Complete a plan from the levels of its sites; return (cost, served weight, must-homes left out)."""
    n = len(levels)
    total = _tree(levels, gateway, start, to, own, other, price, hops, parent, depth, best, False)
    lost = False
    for i in range(n):
        if levels[i] >= 0:
            total += site_cost[i, levels[i]]
            lost = lost or depth[i] < 0
    if lost:
        sites = 0.0
        for i in range(n):
            if levels[i] >= 0:
                sites += site_cost[i, levels[i]]
        total = sites + _tree(levels, gateway, start, to, own, other, price, hops, parent, depth, best, True)
    served, missed = _assign(
        levels,
        depth,
        order,
        home_start,
        home_site,
        home_level,
        weight,
        home_cost,
        must,
        carries,
        most,
        goal,
        money,
        pull,
        load,
        sectors,
        server,
    )
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
    parent: Any,
    depth: Any,
    best: Any,
    pull: Any,
    load: Any,
    sectors: Any,
    server: Any,
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
        parent,
        depth,
        best,
        pull,
        load,
        sectors,
        server,
    )
    worth_now = record[1]
    short = max(0.0, want - served) + 10.0 * missed if want >= 0.0 else 0.0
    over = 0.0 if want >= 0.0 else max(0.0, cost - budget)
    factor = math.exp(math.log(cold / hot) / max(1, steps))
    heat = hot
    for step in range(steps):
        heat *= factor
        i = int(_random(state) * n) % n
        old_i = levels[i]
        j = -1
        old_j = -1
        kind = _random(state)
        if kind < 0.35:
            if tops[i] < 0:
                continue
            levels[i] = -1 if old_i >= 0 and not keep[i] else int(_random(state) * (tops[i] + 1))
        elif kind < 0.6:
            if old_i < 0:
                continue
            levels[i] = old_i + (1 if _random(state) < 0.4 else -1)
            if levels[i] > tops[i] or (levels[i] < 0 and keep[i]):
                levels[i] = old_i
                continue
        else:
            if old_i < 0 or start[i + 1] == start[i]:
                continue
            r = start[i] + int(_random(state) * (start[i + 1] - start[i]))
            r = min(r, start[i + 1] - 1)
            j = to[r]
            old_j = levels[j]
            if kind < 0.9:
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
            parent,
            depth,
            best,
            pull,
            load,
            sectors,
            server,
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

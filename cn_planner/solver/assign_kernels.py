"""Kernels of the search for a good plan: homes to sites and their sectors.

All arrays are flat. `order` is the homes in the order in which they are looked at; the options of home h are the rows
`home_start[h]` to `home_start[h + 1]`. A site counts where its depth is 0 or more. `room` is what the link of a site
to its parent, or a gateway's connection, could still carry: where something is `limited` a home goes to a site only if
there is room on all of its way.
"""

from __future__ import annotations

from typing import Any

from cn_planner.propagation.kernel import kernel

_HAIR = 1e-9


@kernel
def has_room(parent: Any, room: Any, site: int, weight: float) -> bool:
    """Return whether the way from a site to its gateway could carry so much more."""
    at = site
    while at >= 0:
        if room[at] < weight - _HAIR:
            return False
        at = parent[at]
    return True


@kernel
def take_room(parent: Any, room: Any, site: int, weight: float) -> None:
    """Load the way from a site to its gateway with so much more."""
    at = site
    while at >= 0:
        room[at] -= weight
        at = parent[at]


@kernel
def _makes_room(parent: Any, room: Any, site: int, leaves: float, other: int, comes: float) -> bool:
    """Move a home from a site to another and take one in, where the ways can carry that; return whether they can."""
    take_room(parent, room, site, -leaves)
    if has_room(parent, room, other, leaves):
        take_room(parent, room, other, leaves)
        if has_room(parent, room, site, comes):
            take_room(parent, room, site, comes)
            return True
        take_room(parent, room, other, -leaves)
    take_room(parent, room, site, leaves)
    return False


@kernel
def assign(  # noqa: C901  # one pass in a compiled loop: calls would hand over a dozen arrays
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
    limited: bool,
    parent: Any,
    room: Any,
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
                left = sectors[i] * carries - load[i]
                if left >= weight[h]:
                    value = 1e9 + left
                elif left + carries >= weight[h] and sectors[i] < most:
                    value = pull[i]
                else:
                    continue
                if value > rank and (not limited or has_room(parent, room, i, weight[h])):
                    rank = value
                    chosen = i
        if chosen >= 0:
            server[h] = chosen
            load[chosen] += weight[h]
            served += weight[h]
            if limited:
                take_room(parent, room, chosen, weight[h])
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
                if limited:
                    take_room(parent, room, at, -weight[h])
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
                if limited:
                    take_room(parent, room, server[h], -weight[h])
                server[h] = -1
    return served, missed


@kernel
def fill(
    levels: Any,
    depth: Any,
    order: Any,
    home_start: Any,
    home_site: Any,
    home_level: Any,
    weight: Any,
    carries: float,
    most: int,
    goal: float,
    at: Any,
    load: Any,
    sectors: Any,
    server: Any,
    served: float,
    limited: bool,
    parent: Any,
    room: Any,
) -> float:
    """Serve more homes, up to the goal, where another home can make room; return the served weight.

    A home that found no other site once finds none later, for room only shrinks: `at` says how far each site's homes
    were asked.
    """
    for i in range(len(levels)):
        at[i] = 0.0
    for k in range(len(order)):
        if served >= goal:
            break
        h = order[k]
        if server[h] >= 0:
            continue
        for r in range(home_start[h], home_start[h + 1]):
            i = home_site[r]
            if server[h] >= 0 or depth[i] < 0 or levels[i] < home_level[r]:
                continue
            while server[h] < 0 and at[i] < len(order):
                g = order[int(at[i])]
                short = load[i] + weight[h] - sectors[i] * carries
                if server[g] == i and weight[g] >= short:
                    for q in range(home_start[g], home_start[g + 1]):
                        j = home_site[q]
                        if j == i or depth[j] < 0 or levels[j] < home_level[q] or server[h] >= 0:
                            continue
                        more = 1 if load[j] + weight[g] > sectors[j] * carries else 0
                        if more and (sectors[j] >= most or load[j] + weight[g] > (sectors[j] + 1) * carries):
                            continue
                        if limited and not _makes_room(parent, room, i, weight[g], j, weight[h]):
                            continue
                        sectors[j] += more
                        server[g] = j
                        load[j] += weight[g]
                        server[h] = i
                        load[i] += weight[h] - weight[g]
                        served += weight[h]
                if server[h] < 0:
                    at[i] += 1.0
    return served


@kernel
def repack(  # noqa: C901  # one compiled loop: its steps share all its state
    levels: Any,
    depth: Any,
    order: Any,
    home_start: Any,
    home_site: Any,
    home_level: Any,
    weight: Any,
    must: Any,
    carries: float,
    goal: float,
    rest: Any,
    load: Any,
    sectors: Any,
    server: Any,
    trail: Any,
    served: float,
    limited: bool,
    parent: Any,
    room: Any,
) -> float:
    """Do without sectors whose homes find room elsewhere or are more than the goal; return the served weight.

    The emptiest first. `rest` and `trail` are room for what hangs on a site's last sector and for the homes moved.
    """
    n = len(levels)
    space = 0.0
    for i in range(n):
        rest[i] = -1.0
        if sectors[i] > 0:
            rest[i] = load[i] - (sectors[i] - 1) * carries
            space += sectors[i] * carries - load[i]
    while True:
        at = -1
        least = 0.75 * carries
        for i in range(n):
            if 0.0 <= rest[i] <= least:
                least = rest[i]
                at = i
        if at < 0:
            return served
        rest[at] = -1.0
        target = (sectors[at] - 1) * carries
        spare = max(0.0, served - goal)
        here = load[at] - target
        if here > space - (sectors[at] * carries - load[at]) + spare:
            continue
        count = 0
        for k in range(len(order) - 1, -1, -1):
            h = order[k]
            if load[at] <= target:
                break
            if server[h] != at:
                continue
            for r in range(home_start[h], home_start[h + 1]):
                j = home_site[r]
                stands = j != at and depth[j] >= 0 and levels[j] >= home_level[r]
                if stands and load[j] + weight[h] <= sectors[j] * carries:
                    if limited and not _makes_room(parent, room, at, weight[h], j, 0.0):
                        continue
                    server[h] = j
                    load[j] += weight[h]
                    load[at] -= weight[h]
                    trail[count] = h
                    count += 1
                    break
        if load[at] - target <= spare:
            for k in range(len(order) - 1, -1, -1):
                h = order[k]
                if server[h] == at and not must[h] and load[at] > target and weight[h] <= spare:
                    server[h] = -1
                    load[at] -= weight[h]
                    served -= weight[h]
                    spare -= weight[h]
                    if limited:
                        take_room(parent, room, at, -weight[h])
        if load[at] <= target:
            sectors[at] -= 1
            space = 0.0
            for i in range(n):
                space += sectors[i] * carries - load[i]
            continue
        for t in range(count):
            h = trail[t]
            if limited:
                take_room(parent, room, server[h], -weight[h])
                take_room(parent, room, at, weight[h])
            load[server[h]] -= weight[h]
            server[h] = at
            load[at] += weight[h]

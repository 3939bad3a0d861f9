"""Kernels of the search for a good plan: homes to sites and their sectors.

A site counts where it reaches a gateway. Where something is limited a home goes to a site only if there is room on all
of its way.
"""

from __future__ import annotations

from typing import Any

from cn_planner.propagation.kernel import kernel
from cn_planner.solver.flat_kernels import Draft, HomeOptions, NetworkRules, has_room, makes_room, take_room


@kernel
def assign(homes: HomeOptions, rules: NetworkRules, draft: Draft, limited: bool) -> tuple[float, int]:
    """Give homes to sites; return (served weight, must-homes left out)."""
    order, start, site, level = homes.order, homes.start, homes.site, homes.level
    weight, demand = homes.weight, homes.demand
    levels, parent, depth, room, pull = draft.levels, draft.tree.parent, draft.tree.depth, draft.room, draft.scratch
    load, sectors, server = draft.service
    carries, most = rules.sector_homes, rules.max_sectors
    for i in range(len(levels)):
        pull[i] = 0.0
        load[i] = 0.0
        sectors[i] = 0
    for r in range(len(site)):
        if depth[site[r]] >= 0 and levels[site[r]] >= level[r]:
            pull[site[r]] += 1.0
    served = 0.0
    missed = 0
    for k in range(len(order)):
        h = order[k]
        server[h] = -1
        chosen = -1
        rank = -1.0
        for r in range(start[h], start[h + 1]):
            i = site[r]
            if depth[i] >= 0 and levels[i] >= level[r] and load[i] + demand[h] <= rules.room:
                left = sectors[i] * carries - load[i]
                if left >= demand[h]:
                    value = 1e9 + left
                elif left + carries >= demand[h] and sectors[i] < most:
                    value = pull[i]
                else:
                    continue
                if value > rank and (not limited or has_room(parent, room, i, demand[h])):
                    rank = value
                    chosen = i
        if chosen >= 0:
            server[h] = chosen
            load[chosen] += demand[h]
            served += weight[h]
            if limited:
                take_room(parent, room, chosen, demand[h])
            if load[chosen] > sectors[chosen] * carries:
                sectors[chosen] += 1
        elif homes.must[h]:
            missed += 1
    return served, missed


@kernel
def without_spare(homes: HomeOptions, rules: NetworkRules, draft: Draft, served: float, limited: bool) -> float:
    """Serve no more than the goal: first without the emptiest sectors, then without homes that cost something."""
    load, sectors, server = draft.service
    weight, demand, carries = homes.weight, homes.demand, rules.sector_homes
    spare = served - rules.goal
    while spare > 0.0:
        at = -1
        least = spare
        for i in range(len(load)):
            if sectors[i] > 0:
                rest = load[i] - (sectors[i] - 1) * carries
                if rest <= least:
                    least = rest
                    at = i
        if at < 0:
            break
        target = (sectors[at] - 1) * carries
        served, spare = _dropped(homes, draft, at, target, served, spare, limited)
        if load[at] > target:
            break
        sectors[at] -= 1
    if rules.homes_cost:
        for k in range(len(homes.order)):
            h = homes.order[k]
            if server[h] >= 0 and not homes.must[h] and homes.cost[h] > 0.0 and weight[h] <= spare:
                load[server[h]] -= demand[h]
                served -= weight[h]
                spare -= weight[h]
                if limited:
                    take_room(draft.tree.parent, draft.room, server[h], -demand[h])
                server[h] = -1
    return served


@kernel
def _dropped(
    homes: HomeOptions, draft: Draft, at: int, target: float, served: float, spare: float, limited: bool
) -> tuple[float, float]:
    """Leave out homes of a site, the last first, until it serves no more than a target; return served and spare."""
    order, weight, demand, must = homes.order, homes.weight, homes.demand, homes.must
    load, server = draft.service.load, draft.service.server
    for k in range(len(order) - 1, -1, -1):
        h = order[k]
        if server[h] == at and not must[h] and load[at] > target and weight[h] <= spare:
            server[h] = -1
            load[at] -= demand[h]
            served -= weight[h]
            spare -= weight[h]
            if limited:
                take_room(draft.tree.parent, draft.room, at, -demand[h])
    return served, spare


@kernel
def fill(homes: HomeOptions, rules: NetworkRules, draft: Draft, served: float) -> float:
    """Serve more homes, up to the goal, where another home can make room; return the served weight.

    A home that found no other site once finds none later, for room only shrinks: `at` says how far each site's homes
    were asked.
    """
    order, start, site, level = homes.order, homes.start, homes.site, homes.level
    weight, demand = homes.weight, homes.demand
    levels, parent, depth, room, at = draft.levels, draft.tree.parent, draft.tree.depth, draft.room, draft.scratch
    load, sectors, server = draft.service
    carries, most = rules.sector_homes, rules.max_sectors
    for i in range(len(levels)):
        at[i] = 0.0
    for k in range(len(order)):
        if served >= rules.goal:
            break
        h = order[k]
        if server[h] >= 0:
            continue
        for r in range(start[h], start[h + 1]):
            i = site[r]
            if server[h] >= 0 or depth[i] < 0 or levels[i] < level[r]:
                continue
            while server[h] < 0 and at[i] < len(order):
                g = order[int(at[i])]
                short = load[i] + demand[h] - sectors[i] * carries
                if server[g] == i and demand[g] >= short and load[i] + demand[h] - demand[g] <= rules.room:
                    for q in range(start[g], start[g + 1]):
                        j = site[q]
                        if j == i or depth[j] < 0 or levels[j] < level[q] or server[h] >= 0:
                            continue
                        more = 1 if load[j] + demand[g] > sectors[j] * carries else 0
                        full = more and (sectors[j] >= most or load[j] + demand[g] > (sectors[j] + 1) * carries)
                        if full or load[j] + demand[g] > rules.room:
                            continue
                        if rules.limited and not makes_room(parent, room, i, demand[g], j, demand[h]):
                            continue
                        sectors[j] += more
                        server[g] = j
                        load[j] += demand[g]
                        server[h] = i
                        load[i] += demand[h] - demand[g]
                        served += weight[h]
                if server[h] < 0:
                    at[i] += 1.0
    return served


@kernel
def repack(homes: HomeOptions, rules: NetworkRules, draft: Draft, served: float) -> float:
    """Do without sectors whose homes find room elsewhere or are more than the goal; return the served weight.

    The emptiest first.
    """
    load, sectors = draft.service.load, draft.service.sectors
    rest = draft.scratch  # what hangs on a site's last sector, below 0 where it was tried
    carries = rules.sector_homes
    space = 0.0
    for i in range(len(load)):
        rest[i] = -1.0
        if sectors[i] > 0:
            rest[i] = load[i] - (sectors[i] - 1) * carries
            space += sectors[i] * carries - load[i]
    while True:
        at = -1
        least = 0.75 * carries
        for i in range(len(load)):
            if 0.0 <= rest[i] <= least:
                least = rest[i]
                at = i
        if at < 0:
            return served
        rest[at] = -1.0
        target = (sectors[at] - 1) * carries
        spare = max(0.0, served - rules.goal)
        here = load[at] - target
        if here > space - (sectors[at] * carries - load[at]) + spare:
            continue
        count = _moved_off(homes, rules, draft, at, target)
        if load[at] - target <= spare:
            served, spare = _dropped(homes, draft, at, target, served, spare, rules.limited)
        if load[at] <= target:
            sectors[at] -= 1
            space = 0.0
            for i in range(len(load)):
                space += sectors[i] * carries - load[i]
        else:
            _put_back(homes.demand, draft, at, count, rules.limited)


@kernel
def _moved_off(homes: HomeOptions, rules: NetworkRules, draft: Draft, at: int, target: float) -> int:
    """Give homes of a site to others that have room, the last first; return how many, noted on the draft's trail."""
    order, start, site, level, demand = homes.order, homes.start, homes.site, homes.level, homes.demand
    levels, depth = draft.levels, draft.tree.depth
    load, sectors, server = draft.service
    count = 0
    for k in range(len(order) - 1, -1, -1):
        h = order[k]
        if load[at] <= target:
            break
        if server[h] != at:
            continue
        for r in range(start[h], start[h + 1]):
            j = site[r]
            stands = j != at and depth[j] >= 0 and levels[j] >= level[r]
            most = min(sectors[j] * rules.sector_homes, rules.room)
            if stands and load[j] + demand[h] <= most:
                if rules.limited and not makes_room(draft.tree.parent, draft.room, at, demand[h], j, 0.0):
                    continue
                server[h] = j
                load[j] += demand[h]
                load[at] -= demand[h]
                draft.trail[count] = h
                count += 1
                break
    return count


@kernel
def _put_back(demand: Any, draft: Draft, at: int, count: int, limited: bool) -> None:
    """Give the first homes of the trail back to the site that they came from."""
    load, server = draft.service.load, draft.service.server
    for t in range(count):
        h = draft.trail[t]
        if limited:
            take_room(draft.tree.parent, draft.room, server[h], -demand[h])
            take_room(draft.tree.parent, draft.room, at, demand[h])
        load[server[h]] -= demand[h]
        server[h] = at
        load[at] += demand[h]

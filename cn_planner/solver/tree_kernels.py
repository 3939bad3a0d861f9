"""Kernels of the search for a good plan: a tree of links within the hops, and one that carries what hangs on it."""

from __future__ import annotations

from typing import Any

from cn_planner.propagation.kernel import kernel
from cn_planner.solver.arc_kernels import count_hung, too_many_radios
from cn_planner.solver.flat_kernels import FAR, Draft, Links, NetworkRules, Sites, Tree, has_room, take_room

_PASSES = 3
"""Times that the sites are gone through for a cheaper parent."""


@kernel
def tree_of(sites: Sites, links: Links, hops: int, draft: Draft) -> float:
    """Hang each built site on a parent within the hops as cheaply as quick rules do; return what links and doors cost.

    A site that may become a gateway does so where no link is cheaper. Without a limit on the hops Prim's tree
    is the cheapest. Where the limit binds, flatter ones are tried.
    """
    levels, tree, below = draft.levels, draft.tree, draft.scratch
    total, lost = _grown(sites, links, hops, levels, tree, 0.0)
    deepest = 0
    for i in range(len(levels)):
        deepest = max(deepest, tree.depth[i])
    if lost == 0 and deepest < hops:
        return total
    if lost == 0:
        total = _rehung(sites, links, hops, levels, tree, below)
    kept = 0.0
    for slope in (60.0, 250.0, 1e9):
        cost, out = _grown(sites, links, hops, levels, tree, slope)
        if out == 0:
            cost = _rehung(sites, links, hops, levels, tree, below)
        if out < lost or (out == lost and cost < total):
            total, lost, kept = cost, out, slope
    if kept < 1e9:
        _grown(sites, links, hops, levels, tree, kept)
        if lost == 0:
            total = _rehung(sites, links, hops, levels, tree, below)
    return total


@kernel
def _grown(sites: Sites, links: Links, hops: int, levels: Any, tree: Tree, slope: float) -> tuple[float, int]:
    """Hang each built site on a parent; return what links and doors cost, and how many no gateway reaches (depth -1).

    Cheapest link first (Prim), where a link costs `slope` more for each that is above it.
    """
    start, to, own, other, price, _carries, _kind = links
    parent, depth, best = tree
    gateway, door = sites.gateway, sites.door
    total = 0.0
    left = 0
    for i in range(len(levels)):
        parent[i] = -1
        depth[i] = -1
        best[i] = FAR
        if levels[i] >= 0:
            left += 1
            best[i] = door[i]
    while True:
        at = -1
        least = FAR
        for i in range(len(levels)):
            if depth[i] < 0 and best[i] < FAR:
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
            high = levels[j] >= other[r] and levels[at] >= own[r]
            if not high or depth[j] >= 0 or gateway[j]:
                continue
            before = best[j]
            if parent[j] >= 0:
                before += slope * (depth[parent[j]] + 1)
            if price[r] + slope * (depth[at] + 1) < before:
                best[j] = price[r]
                parent[j] = at


@kernel
def _rehung(sites: Sites, links: Links, hops: int, levels: Any, tree: Tree, below: Any) -> float:
    """Hang sites on cheaper parents as long as that helps and the hops allow it; return what links and doors cost.

    `below` is room for the links below each site.
    """
    start, to, own, other, price, _carries, _kind = links
    parent, depth, best = tree
    for _ in range(_PASSES):
        moved = False
        _count_below(parent, depth, below)
        for i in range(len(levels)):
            if depth[i] < 0 or sites.gateway[i]:
                continue
            chosen = -1
            if depth[i] > 0 and sites.door[i] < best[i] - 1e-9:
                best[i] = sites.door[i]
                parent[i] = -1
                moved = True
                _count_depth(parent, depth)
                _count_below(parent, depth, below)
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
                _count_depth(parent, depth)
                _count_below(parent, depth, below)
        if not moved:
            break
    total = 0.0
    for i in range(len(levels)):
        if depth[i] >= 0:
            total += best[i]
    return total


@kernel
def _count_below(parent: Any, depth: Any, below: Any) -> None:
    """Note how many links stand one behind the other below each site."""
    for i in range(len(below)):
        below[i] = 0.0
    for v in range(len(below)):
        a = parent[v]
        while a >= 0:
            below[a] = max(below[a], float(depth[v] - depth[a]))
            a = parent[a]


@kernel
def _count_depth(parent: Any, depth: Any) -> None:
    for v in range(len(depth)):
        if depth[v] >= 0:
            count = 0
            a = parent[v]
            while a >= 0:
                count += 1
                a = parent[a]
            depth[v] = count


@kernel
def tree_with_room(sites: Sites, links: Links, rules: NetworkRules, draft: Draft, total: float, sheds: bool) -> float:
    """Hang the sites otherwise where what they would serve is more than their ways carry; return the links' cost.

    And where more links hang on a site than it may have radios. `sheds`: whether it may do with fewer sectors than it
    has now, for their homes go elsewhere; such a site is hung on as if that cost another mast.
    """
    levels, load, need, room = draft.levels, draft.service.load, draft.need, draft.room
    parent, depth = draft.tree.parent, draft.tree.depth
    if rules.max_radios > 0:
        count_hung(draft)
    crowded = too_many_radios(rules, draft) > 0
    full = crowded
    lost = 0
    _rooms(sites.carries, links, draft)
    for i in range(len(levels)):
        need[i] = load[i]
        if levels[i] >= 0 and depth[i] < 0:
            lost += 1
        if load[i] > 0.0:
            full = full or not has_room(parent, room, i, load[i])
            take_room(parent, room, i, load[i])
    if full:
        total, left = _grown_with_room(sites, links, rules, draft, sheds)
        if left > lost and not crowded:
            total = tree_of(sites, links, rules.max_hops, draft)
    _rooms(sites.carries, links, draft)
    return total


@kernel
def _rooms(carries: Any, links: Links, draft: Draft) -> None:
    """Note what the link of each site to its parent carries at most, a gateway's connection where it is one."""
    for i in range(len(draft.levels)):
        draft.room[i] = carries[i] if draft.tree.depth[i] == 0 else 0.0
        if draft.tree.depth[i] > 0:
            _widen(links, draft.levels, draft.tree.parent, draft.room, i)


@kernel
def _widen(links: Links, levels: Any, parent: Any, room: Any, i: int) -> None:
    # A link is as good as the best row that both heights allow.
    for r in range(links.start[i], links.start[i + 1]):
        j = links.to[r]
        if j == parent[i] and levels[i] >= links.own[r] and levels[j] >= links.other[r]:
            room[i] = max(room[i], links.carries[r])


@kernel
def links_cost(sites: Sites, links: Links, draft: Draft) -> float:
    """Return what links and doors cost: each link by the cheapest row that carries what hangs on it."""
    levels, parent, load, flow = draft.levels, draft.tree.parent, draft.service.load, draft.need
    total = 0.0
    for i in range(len(levels)):
        flow[i] = 0.0
    for i in range(len(levels)):
        if load[i] > 0.0:
            take_room(parent, flow, i, -load[i])
    for i in range(len(levels)):
        if draft.tree.depth[i] > 0:
            least = FAR
            for r in range(links.start[i], links.start[i + 1]):
                j = links.to[r]
                high = j == parent[i] and levels[i] >= links.own[r] and levels[j] >= links.other[r]
                if high and links.price[r] < least and links.carries[r] >= flow[i] - 1e-9 * max(1.0, flow[i]):
                    least = links.price[r]
            total += least
        elif draft.tree.depth[i] == 0:
            total += sites.door[i]
    return total


@kernel
def _grown_with_room(sites: Sites, links: Links, rules: NetworkRules, draft: Draft, sheds: bool) -> tuple[float, int]:
    """Hang each built site on a parent so that all ways carry what their sites would serve, where it can be.

    Cheapest link first, as where nothing is limited; a site whose link or way is too full takes the cheapest that is
    not, or the one that carries most. On a site hang no more than it may have radios beside its sectors of before, or
    beside one of them where it `sheds` the others.
    """
    hops, spare = rules.max_hops, draft.scratch
    start, to, own, other, price, _carries, _kind = links
    parent, depth, best = draft.tree
    gateway, door, levels, room = sites.gateway, sites.door, draft.levels, draft.room
    total = 0.0
    usual = _usual_need(draft.need)
    hard = draft.head
    left = 0
    for i in range(len(levels)):
        parent[i] = -1
        depth[i] = -1
        best[i] = FAR
        room[i] = sites.carries[i] if door[i] < FAR else 0.0
        spare[i] = FAR
        hard[i] = len(levels)
        if rules.max_radios > 0:
            spare[i] = float(rules.max_radios - draft.service.sectors[i] - (0 if gateway[i] else 1))
            sectors = min(draft.service.sectors[i], 1) if sheds else draft.service.sectors[i]
            hard[i] = rules.max_radios - sectors - (0 if gateway[i] else 1)
        if levels[i] >= 0:
            left += 1
            best[i] = door[i]
    while True:
        at = -1
        least = FAR
        for i in range(len(levels)):
            if depth[i] < 0 and best[i] < least:
                least = best[i]
                at = i
        if at < 0:
            return total, left
        depth[at] = 0
        if parent[at] >= 0:
            cost = _hung_with_room(sites, links, hops, draft, at, usual)
            if cost < 0.0:  # all that it could hang on have their radios: until another comes
                depth[at] = -1
                parent[at] = -1
                best[at] = FAR
                continue
            total += cost
        else:
            total += best[at]
        left -= 1
        if depth[at] >= hops:
            continue
        for r in range(start[at], start[at + 1]):
            j = to[r]
            high = levels[j] >= other[r] and levels[at] >= own[r]
            if high and depth[j] < 0 and not gateway[j] and price[r] < best[j]:
                best[j] = price[r]
                parent[j] = at


@kernel
def _usual_need(need: Any) -> float:
    """Return what a site is given room for that itself serves nobody: others hang on it."""
    usual = 0.0
    serving = 0
    for i in range(len(need)):
        if need[i] > 0.0:
            usual += need[i]
            serving += 1
    return usual / max(1, serving)


@kernel
def _hung_with_room(sites: Sites, links: Links, hops: int, draft: Draft, at: int, usual: float) -> float:
    """Hang a site where its way has most room up to what it needs, the cheapest of these; return what that costs.

    A site that may become a gateway does so where its own connection has more room than any way. Below 0: on none.
    ``draft.head`` says how many more links each may carry, ``draft.scratch`` how many beside the sectors that it has.
    """
    levels, room, need = draft.levels, draft.room, draft.need
    parent, depth, best = draft.tree
    widest = -1.0
    cost, least = -1.0, FAR
    for r in range(links.start[at], links.start[at + 1]):
        j = links.to[r]
        high = levels[at] >= links.own[r] and levels[j] >= links.other[r]
        if depth[j] < 0 or depth[j] >= hops or not high or j == at or draft.head[j] < 1:
            continue
        asked = links.price[r]
        if draft.scratch[j] < 1.0:
            asked += sites.cost[j, levels[j]]
        wide = links.carries[r]
        a = j
        while a >= 0:
            wide = min(wide, room[a])
            a = parent[a]
        wide = min(wide, max(need[at], usual))
        if wide > widest or (wide == widest and asked < least):
            widest, least = wide, asked
            cost = links.price[r]
            parent[at] = j
    if sites.door[at] < FAR and min(sites.carries[at], max(need[at], usual)) > widest:
        parent[at] = -1
        best[at] = sites.door[at]
        room[at] = sites.carries[at]
        return float(sites.door[at])
    if widest < 0.0:
        return -1.0
    draft.scratch[parent[at]] -= 1.0
    draft.head[parent[at]] -= 1
    room[at] = 0.0
    _widen(links, levels, parent, room, at)
    best[at] = cost
    depth[at] = depth[parent[at]] + 1
    take_room(parent, room, at, max(0.0, min(need[at], widest)))
    return cost

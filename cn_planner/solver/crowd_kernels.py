"""Kernels of the search for a good plan: masts whose homes need more beams than they may have radios.

Homes are given to sites before beams are counted. Where a mast may have few radios most plans would break that rule,
each by several at once, and the search would see no way down: so the homes of the beams that are too many find another
mast here, or go without, and a plan falls short by homes alone.
"""

from __future__ import annotations

from cn_planner.propagation.kernel import kernel
from cn_planner.solver.arc_kernels import beams_of
from cn_planner.solver.flat_kernels import Draft, HomeOptions, NetworkRules, SiteTurns, has_room, take_room

_CLOSE = 0.96
"""Share of the goal from which another home may make place for one that is left out."""
_NEARLY = 0.9
"""Share of the goal from which all who are left out are looked at once more, not only who lost their mast."""
_ELSEWHERE = 0.01
"""What a home that another mast reaches weighs where a beam must go, as a share of its weight."""
_OFF = -2
"""Server of a home that has just lost its mast."""


@kernel
def within_radios(homes: HomeOptions, rules: NetworkRules, turns: SiteTurns, draft: Draft, served: float) -> float:
    """Serve no more from each mast than its beams may hold; return the served weight.

    The beams are counted already (`pointed`). Those that hold least go; their homes are served by other masts whose
    beams hold them or that may have one more.
    """
    server, sectors, most = draft.service.server, draft.service.sectors, draft.scratch
    _count_left(rules, draft)
    off = 0
    for i in range(len(sectors)):
        while sectors[i] > most[i]:
            count, weight = _lightest_off(i, homes, rules, turns, draft)
            off += count
            served -= weight
    if off == 0:
        return served
    for k in range(len(homes.order)):
        h = homes.order[k]
        wanted = server[h] == _OFF or (server[h] < 0 and _NEARLY * rules.goal < served < rules.goal)
        if wanted and (homes.must[h] or served < rules.goal) and _found_beam(h, homes, rules, turns, draft):
            served += homes.weight[h]
        elif server[h] == _OFF:
            server[h] = -1
    for k in range(len(homes.order)):
        h = homes.order[k]
        wanted = server[h] < 0 and (homes.must[h] or _CLOSE * rules.goal < served < rules.goal)
        if wanted and _made_beam(h, homes, rules, turns, draft):
            served += homes.weight[h]
    return served


@kernel
def _count_left(rules: NetworkRules, draft: Draft) -> None:
    """Note in the draft's `scratch` how many sectors each site may have beside its links."""
    most, parent = draft.scratch, draft.tree.parent
    for i in range(len(most)):
        most[i] = float(rules.max_radios) if rules.max_radios > 0 else float(rules.max_sectors)
    if rules.max_radios > 0:
        for i in range(len(most)):
            if draft.levels[i] >= 0 and parent[i] >= 0:
                most[i] -= 1.0
                most[parent[i]] -= 1.0
    for i in range(len(most)):
        most[i] = max(0.0, min(most[i], float(rules.max_sectors)))


@kernel
def _lightest_off(i: int, homes: HomeOptions, rules: NetworkRules, turns: SiteTurns, draft: Draft) -> tuple[int, float]:
    """Put the homes of the beam of a site that holds least weight off it; return how many, and their weight.

    Those that another mast reaches as well weigh little there. A beam that holds a home which must be served goes after
    those that hold none.
    """
    head, after, trail, server = draft.head, draft.after, draft.trail, draft.service.server
    beams = beams_of(i, turns, draft)
    at, least, musts = 0, 0.0, 0
    for beam in range(1, beams + 1):
        weight, held = 0.0, 0
        h = head[i]
        while h >= 0:
            if trail[h] == beam:
                weight += homes.weight[h] * (_ELSEWHERE if _has_other(h, i, homes, draft) else 1.0)
                held += 1 if homes.must[h] else 0
            h = after[h]
        if at == 0 or held < musts or (held == musts and weight < least):
            at, least, musts = beam, weight, held
    lost = 0.0
    count, kept = 0, -1
    h = head[i]
    head[i] = -1
    while h >= 0:
        following = after[h]
        if trail[h] == at:
            server[h] = _OFF
            lost += homes.weight[h]
            _loaded(i, -homes.demand[h], rules, draft)
            count += 1
        else:
            after[h] = -1
            if kept < 0:
                head[i] = h
            else:
                after[kept] = h
            kept = h
        h = following
    draft.service.sectors[i] = beams_of(i, turns, draft)
    return count, lost


@kernel
def _has_other(h: int, i: int, homes: HomeOptions, draft: Draft) -> bool:
    """Return whether another mast that stands, and may have a sector, reaches a home."""
    for r in range(homes.start[h], homes.start[h + 1]):
        j = homes.site[r]
        if j != i and draft.tree.depth[j] >= 0 and draft.levels[j] >= homes.level[r] and draft.scratch[j] > 0.0:
            return True
    return False


@kernel
def _found_beam(h: int, homes: HomeOptions, rules: NetworkRules, turns: SiteTurns, draft: Draft) -> bool:
    """Serve a home from the mast that needs fewest beams more for it, and no more than it may; say whether one can."""
    head, after, row, sectors, load = draft.head, draft.after, draft.row, draft.service.sectors, draft.service.load
    demand = homes.demand[h]
    chosen, beams, more = -1, 0, 0
    for r in range(homes.start[h], homes.start[h + 1]):
        i = homes.site[r]
        stands = draft.tree.depth[i] >= 0 and draft.levels[i] >= homes.level[r] and draft.scratch[i] > 0.0
        if not stands or load[i] + demand > rules.room:
            continue
        if rules.limited and not has_room(draft.tree.parent, draft.room, i, demand):
            continue
        row[h], after[h], head[i] = r, head[i], h
        count = beams_of(i, turns, draft)
        head[i] = after[h]
        if count <= draft.scratch[i] and (chosen < 0 or count - sectors[i] < more):
            chosen, beams, more = r, count, count - sectors[i]
            if more <= 0:
                break
    if chosen < 0:
        return False
    i = homes.site[chosen]
    row[h], after[h], head[i] = chosen, head[i], h
    draft.service.server[h] = i
    sectors[i] = beams
    _loaded(i, demand, rules, draft)
    return True


@kernel
def _made_beam(h: int, homes: HomeOptions, rules: NetworkRules, turns: SiteTurns, draft: Draft) -> bool:
    """Serve a home from a mast where another home, which finds a place itself, makes room; say whether one does."""
    head, after, row, load = draft.head, draft.after, draft.row, draft.service.load
    for r in range(homes.start[h], homes.start[h + 1]):
        i = homes.site[r]
        if draft.tree.depth[i] < 0 or draft.levels[i] < homes.level[r] or draft.scratch[i] <= 0.0:
            continue
        before, g = -1, head[i]
        while g >= 0:
            following, own = after[g], row[g]
            if _has_other(g, i, homes, draft) and load[i] + homes.demand[h] - homes.demand[g] <= rules.room:
                if before < 0:
                    head[i] = following
                else:
                    after[before] = following
                row[h], after[h], head[i] = r, head[i], h
                beams = beams_of(i, turns, draft)
                if beams <= draft.scratch[i]:
                    _loaded(i, homes.demand[h] - homes.demand[g], rules, draft)
                    fits = not rules.limited or has_room(draft.tree.parent, draft.room, i, 0.0)
                    if fits and _found_beam(g, homes, rules, turns, draft):
                        draft.service.server[h] = i
                        draft.service.sectors[i] = beams_of(i, turns, draft)
                        return True
                    _loaded(i, homes.demand[g] - homes.demand[h], rules, draft)
                head[i] = after[h]
                row[g], after[g] = own, following
                if before < 0:
                    head[i] = g
                else:
                    after[before] = g
            before, g = g, following
    return False


@kernel
def _loaded(i: int, demand: float, rules: NetworkRules, draft: Draft) -> None:
    draft.service.load[i] += demand
    if rules.limited:
        take_room(draft.tree.parent, draft.room, i, demand)

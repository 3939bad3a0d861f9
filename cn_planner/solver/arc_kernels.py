"""Kernels of the search for a good plan: how many beams hold the homes of each site, and how many radios it has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.propagation.kernel import kernel
from cn_planner.solver.flat_kernels import FAR

if TYPE_CHECKING:
    from cn_planner.solver.flat_kernels import Draft, HomeOptions, Links, NetworkRules, Pieces, Sites, SiteTurns

_FULL = 1.0 + 1e-9
_INSIDE, _NO_ROOM = -1, -2
"""Of a home while a beam is filled: it lies there; there is no time left for it."""


@kernel
def pointed(homes: HomeOptions, turns: SiteTurns, draft: Draft) -> None:
    """Count the sectors of each site by the beams that hold its homes; as `arcs.SiteArcs.packed` from one place."""
    start, site = homes.start, homes.site
    server, head, after, row = draft.service.server, draft.head, draft.after, draft.row
    for i in range(len(head)):
        head[i] = -1
    for k in range(len(homes.order) - 1, -1, -1):
        h = homes.order[k]
        i = server[h]
        if i < 0:
            continue
        for r in range(start[h], start[h + 1]):
            if site[r] == i:
                row[h] = r
        after[h] = head[i]
        head[i] = h
    for i in range(len(head)):
        draft.service.sectors[i] = beams_of(i, turns, draft) if head[i] >= 0 else 0


@kernel
def beams_of(i: int, turns: SiteTurns, draft: Draft) -> int:
    """Return how many beams hold the homes of a site, from the last arc of the home that has the fewest.

    As `arcs.SiteArcs.packed` from there, which tries other beginnings too: it never needs more. The draft's `trail`
    says which beam holds each of its homes, from 1 on.
    """
    head, after, row, trail = draft.head, draft.after, draft.row, draft.trail
    count, level = turns.count[i], draft.levels[i]
    least, rarest = count + 1, -1
    begin = 0
    h = head[i]
    while h >= 0:
        trail[h] = 0  # not held yet
        length = (turns.last[row[h], level] - turns.first[row[h], level]) % count + 1
        if length < least or (length == least and h < rarest):
            least, rarest = length, h
            begin = turns.last[row[h], level]
        h = after[h]
    at = begin
    beams = 0
    while True:
        beams += 1 if _held(i, at, begin, beams + 1, turns, draft) else 0
        following, steps = -1, count
        h = head[i]
        while h >= 0:
            if trail[h] <= 0:
                trail[h] = 0
                last = turns.last[row[h], level]
                if (last - begin) % count < steps:
                    steps = (last - begin) % count
                    following = last
            h = after[h]
        if following < 0:
            return beams
        at = following


@kernel
def _held(i: int, at: int, begin: int, beam: int, turns: SiteTurns, draft: Draft) -> bool:
    """Let a beam hold the homes of a site that lie in an arc, as many as its time is for; say whether any do.

    Where they are too many those that the way round from `begin` leaves first come first.
    """
    head, after, row, trail, level = draft.head, draft.after, draft.row, draft.trail, draft.levels[i]
    inside, wanted = 0, 0.0
    h = head[i]
    while h >= 0:
        if trail[h] == 0 and _lies_in(at, turns.first[row[h], level], turns.last[row[h], level]):
            trail[h] = beam
            inside += 1
            wanted += turns.airtime[row[h]]
        h = after[h]
    if inside <= 1 or wanted <= _FULL:
        return inside > 0
    h = head[i]
    while h >= 0:
        trail[h] = _INSIDE if trail[h] == beam else trail[h]
        h = after[h]
    used = 0.0
    for taken in range(inside):
        chosen, least = -1, 0
        h = head[i]
        while h >= 0:
            if trail[h] == _INSIDE:
                steps = (turns.last[row[h], level] - begin) % turns.count[i]
                if chosen < 0 or steps < least or (steps == least and h < chosen):
                    chosen, least = h, steps
            h = after[h]
        more = turns.airtime[row[chosen]]
        if taken == 0 or used + more <= _FULL:
            used += more
            trail[chosen] = beam
        else:
            trail[chosen] = _NO_ROOM
    return True


@kernel
def _lies_in(at: int, first: int, last: int) -> bool:
    if first <= last:
        return first <= at <= last
    return at >= first or at <= last


@kernel
def count_radios(sites: Sites, links: Links, rules: NetworkRules, pieces: Pieces, draft: Draft) -> float:
    """Count the sectors and links of each site, in the draft's `head`; of these links unlike them, in `scratch`.

    And what links need of things in reserve, in `needed`. Return what links cost more as high as they hang than the
    least price of a row that carries what hangs on each: that is known in `need` where something is limited. Each is
    the row that is cheapest with that.
    """
    count_hung(draft)
    other, parent, levels, flow = draft.scratch, draft.tree.parent, draft.levels, draft.need
    more, needed = 0.0, draft.needed
    for k in range(len(needed)):
        needed[k] = 0.0
    for i in range(len(levels)):
        other[i] = 0.0
    for i in range(len(levels)):
        j = parent[i]
        if levels[i] < 0 or j < 0:
            continue
        least, best, at = FAR, FAR, -1
        for r in range(links.start[i], links.start[i + 1]):
            high = links.to[r] == j and levels[i] >= links.own[r] and levels[j] >= links.other[r]
            wide = not rules.limited or links.carries[r] >= flow[i] - 1e-9 * max(1.0, flow[i])
            if high and wide:
                whole = links.price[r]
                if pieces.raises[links.kind[r]] > 0:
                    whole += sites.raised[i, levels[i]] - sites.raised[i, links.own[r]]
                    whole += sites.raised[j, levels[j]] - sites.raised[j, links.other[r]]
                least = min(least, links.price[r])
                if whole < best:
                    best, at = whole, r
        if at >= 0:
            kind = links.kind[at]
            other[i] += pieces.unlike[kind]
            other[j] += pieces.unlike[kind]
            for k in range(len(needed)):
                needed[k] += pieces.links[k, kind]
            more += best - least
    return more


@kernel
def count_hung(draft: Draft) -> None:
    """Count the sectors and links of each site, in the draft's `head`."""
    radios, parent = draft.head, draft.tree.parent
    for i in range(len(radios)):
        radios[i] = draft.service.sectors[i]
    for i in range(len(radios)):
        if draft.levels[i] >= 0 and parent[i] >= 0:
            radios[i] += 1
            radios[parent[i]] += 1


@kernel
def too_many_radios(rules: NetworkRules, draft: Draft) -> int:
    """Return by how many sectors and links sites have more than they may; they are counted already (`count_hung`)."""
    if rules.max_radios == 0:
        return 0
    over = 0
    for i in range(len(draft.head)):
        if draft.head[i] > rules.max_radios:
            over += draft.head[i] - rules.max_radios
    return over


@kernel
def tower_steps_cost(sites: Sites, draft: Draft) -> float:
    """Return what towers cost more by their radios, which are counted already."""
    total, most = 0.0, sites.steps.shape[2] - 1
    for i in range(len(draft.levels)):
        if draft.levels[i] >= 0 and most > 0:
            other = int(draft.scratch[i])
            alike = draft.head[i] - other
            if alike + other > most:
                alike, other = most, most
            total += sites.steps[i, draft.levels[i], alike, other]
    return total


@kernel
def spares_cost(pieces: Pieces, draft: Draft) -> float:
    """Return what whole pieces in reserve cost more than their share; what links need is counted already."""
    total, sectors = 0.0, 0
    for i in range(len(draft.levels)):
        sectors += draft.service.sectors[i]
    for k in range(len(draft.needed)):
        sure, unsure = draft.needed[k] + pieces.sector[k] * sectors, 0.0
        for h in range(len(draft.service.server)):
            if draft.service.server[h] >= 0:
                sure += pieces.homes[k, h]
                unsure += pieces.unsure[k, h]
        whole = math.ceil(pieces.share[k] * sure - 1e-9)
        total += pieces.price[k] * max(0.0, whole - pieces.share[k] * (sure + unsure))
    return total

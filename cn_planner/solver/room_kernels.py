"""Kernels of the search for a good plan: a tree whose links and gateways carry what hangs on them, and what it costs.

All arrays are flat, as in `search_kernels`. `room` is what the link of a site to its parent, or a gateway's connection,
could still carry.
"""

from __future__ import annotations

from typing import Any

from cn_planner.propagation.kernel import kernel
from cn_planner.solver.assign_kernels import take_room

_FAR = 1e300


@kernel
def rooms(
    levels: Any,
    start: Any,
    to: Any,
    own: Any,
    other: Any,
    parent: Any,
    depth: Any,
    bears: Any,
    gate_bears: Any,
    room: Any,
) -> None:
    """Note what the link of each site to its parent carries at most, a gateway's connection where it is one."""
    for i in range(len(levels)):
        room[i] = gate_bears[i] if depth[i] == 0 else 0.0
        if depth[i] > 0:
            for r in range(start[i], start[i + 1]):
                if to[r] == parent[i] and levels[i] >= own[r] and levels[to[r]] >= other[r]:
                    room[i] = max(room[i], bears[r])


@kernel
def paid(
    levels: Any,
    start: Any,
    to: Any,
    own: Any,
    other: Any,
    price: Any,
    parent: Any,
    depth: Any,
    bears: Any,
    load: Any,
    flow: Any,
) -> float:
    """Return what the links cost: each by the cheapest row that carries what hangs on it."""
    total = 0.0
    for i in range(len(levels)):
        flow[i] = 0.0
    for i in range(len(levels)):
        if load[i] > 0.0:
            take_room(parent, flow, i, -load[i])
    for i in range(len(levels)):
        if depth[i] > 0:
            least = _FAR
            for r in range(start[i], start[i + 1]):
                high = levels[i] >= own[r] and levels[to[r]] >= other[r]
                if to[r] == parent[i] and high and price[r] < least and bears[r] >= flow[i] - 1e-9 * max(1.0, flow[i]):
                    least = price[r]
            total += least
    return total


@kernel
def grown_with_room(  # noqa: C901  # one compiled loop: its steps share all its state
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
    bears: Any,
    gate_bears: Any,
    room: Any,
    need: Any,
) -> tuple[float, int]:
    """Hang each built site on a parent so that all ways carry what their sites would serve, where it can be.

    Cheapest link first, as where nothing is limited; a site whose link or way is too full takes the cheapest that is
    not, or the one that carries most.
    """
    n = len(levels)
    total = 0.0
    left = 0
    usual = 0.0  # what a site is given room for that itself serves nobody: others hang on it
    serving = 0
    for i in range(n):
        if need[i] > 0.0:
            usual += need[i]
            serving += 1
    usual /= max(1, serving)
    for i in range(n):
        parent[i] = -1
        depth[i] = -1
        best[i] = _FAR
        room[i] = gate_bears[i] if gateway[i] else 0.0
        if levels[i] >= 0:
            left += 1
            if gateway[i]:
                best[i] = 0.0
    while True:
        at = -1
        least = _FAR
        for i in range(n):
            if depth[i] < 0 and best[i] < least:
                least = best[i]
                at = i
        if at < 0:
            return total, left
        left -= 1
        depth[at] = 0
        if parent[at] >= 0:
            widest = -1.0
            chosen = -1.0
            for r in range(start[at], start[at + 1]):
                j = to[r]
                if depth[j] < 0 or depth[j] >= hops or levels[at] < own[r] or levels[j] < other[r] or j == at:
                    continue
                wide = bears[r]
                a = j
                while a >= 0:
                    wide = min(wide, room[a])
                    a = parent[a]
                wide = min(wide, max(need[at], usual))
                if wide > widest or (wide == widest and price[r] < chosen):
                    widest = wide
                    chosen = price[r]
                    parent[at] = j
            for r in range(start[at], start[at + 1]):
                if to[r] == parent[at] and levels[at] >= own[r] and levels[to[r]] >= other[r]:
                    room[at] = max(room[at], bears[r])
            best[at] = chosen
            depth[at] = depth[parent[at]] + 1
            take_room(parent, room, at, max(0.0, min(need[at], widest)))
            total += chosen
        if depth[at] >= hops:
            continue
        for r in range(start[at], start[at + 1]):
            j = to[r]
            if (
                levels[j] >= other[r]
                and levels[at] >= own[r]
                and depth[j] < 0
                and not gateway[j]
                and price[r] < best[j]
            ):
                best[j] = price[r]
                parent[j] = at

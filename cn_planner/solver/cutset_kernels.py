"""The kernel behind `cutsets`: a least cut between the Internet and a home, by Dinic's method."""

from __future__ import annotations

from typing import Any

from cn_planner.propagation.kernel import kernel

_NONE = 1e-9
"""Capacity that counts as none."""


@kernel
def _layers(source: int, start: Any, to: Any, room: Any, sink: Any, level: Any, queue: Any) -> bool:
    """Count the steps from the source; return whether some node that drains into the sink is reached."""
    for i in range(len(level)):
        level[i] = -1
    level[source] = 0
    queue[0] = source
    head, tail, reached = 0, 1, False
    while head < tail:
        u = queue[head]
        head += 1
        if sink[u] > _NONE:
            reached = True
        for e in range(start[u], start[u + 1]):
            if room[e] > _NONE and level[to[e]] < 0:
                level[to[e]] = level[u] + 1
                queue[tail] = to[e]
                tail += 1
    return reached


@kernel
def _advance(
    source: int, start: Any, to: Any, back: Any, room: Any, sink: Any, level: Any, at: Any, path: Any
) -> float:
    """Push one path's worth of flow towards the sink; return how much, 0 where no path is left in these layers."""
    u, steps = source, 0
    while sink[u] <= _NONE:
        forward = False
        while at[u] < start[u + 1]:
            e = at[u]
            if room[e] > _NONE and level[to[e]] == level[u] + 1:
                path[steps] = e
                steps += 1
                u = to[e]
                forward = True
                break
            at[u] += 1
        if not forward:
            if steps == 0:
                return 0.0
            level[u] = -2
            steps -= 1
            u = to[back[path[steps]]]
            at[u] += 1
    amount = float(sink[u])
    for s in range(steps):
        amount = min(amount, room[path[s]])
    sink[u] -= amount
    for s in range(steps):
        room[path[s]] -= amount
        room[back[path[s]]] += amount
    return float(amount)


@kernel
def least_cut(
    source: int,
    start: Any,
    to: Any,
    back: Any,
    room: Any,
    sink: Any,
    enough: float,
    level: Any,
    at: Any,
    queue: Any,
    path: Any,
    near: Any,
    far: Any,
) -> float:
    """Return the greatest flow into the sink, or something of at least `enough` as soon as there is as much.

    Edges stand by their first node (`start`), `back` is the edge the other way, `room` what an edge still carries,
    `sink` what a node still drains. Below `enough`, `near` says which nodes the source still reaches and `far` which
    still reach the sink: the two ends of the least cuts.
    """
    flow = 0.0
    while _layers(source, start, to, room, sink, level, queue):
        for i in range(len(at)):
            at[i] = start[i]
        amount = _advance(source, start, to, back, room, sink, level, at, path)
        while amount > 0.0:
            flow += amount
            if flow >= enough:
                return flow
            amount = _advance(source, start, to, back, room, sink, level, at, path)
    tail = 0
    for i in range(len(near)):
        near[i] = level[i] >= 0
        far[i] = sink[i] > _NONE
        if far[i]:
            queue[tail] = i
            tail += 1
    head = 0
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(start[u], start[u + 1]):
            if room[back[e]] > _NONE and not far[to[e]]:
                far[to[e]] = True
                queue[tail] = to[e]
                tail += 1
    return flow

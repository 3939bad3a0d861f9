"""The kernel behind `cutsets`: a least cut between the Internet and a home, by Dinic's method."""

from __future__ import annotations

from typing import Any, NamedTuple

from cn_planner.propagation.kernel import kernel

_NONE = 1e-9
"""Capacity that counts as none."""


class Graph(NamedTuple):
    """A directed graph, each edge beside the one that leads back: those of node u are ``start[u]`` to ``start[u + 1]``.

    Attributes
    ----------
    source : int
        The node that the flow comes from.
    start : int64, shape (nodes + 1,)
    to, back : int64, one an edge
        The node that it leads to, and the edge the other way.
    """

    source: int
    start: Any
    to: Any
    back: Any


class CutWork(NamedTuple):
    """Room to work in: whole numbers, three a node, and one for each step of a path; and the two ends of a cut.

    Attributes
    ----------
    level, at, queue : int64, one a node
    path : int64, two more than nodes
    near, far : bool, one a node
        Below the flow that was asked for: which nodes the source still reaches, and which still reach the sink.
    """

    level: Any
    at: Any
    queue: Any
    path: Any
    near: Any
    far: Any


@kernel
def _layers(graph: Graph, room: Any, sink: Any, level: Any, queue: Any) -> bool:
    """Count the steps from the source; return whether some node that drains into the sink is reached."""
    source, start, to, _back = graph
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
def _advance(graph: Graph, room: Any, sink: Any, level: Any, at: Any, path: Any) -> float:
    """Push one path's worth of flow towards the sink; return how much, 0 where no path is left in these layers."""
    source, start, to, back = graph
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
def least_cut(graph: Graph, room: Any, sink: Any, enough: float, work: CutWork) -> float:
    """Return the greatest flow into the sink, or something of at least `enough` as soon as there is as much.

    `room` is what an edge still carries, `sink` what a node still drains. Below `enough`, the work's `near` and `far`
    are the two ends of the least cuts.
    """
    _source, start, to, back = graph
    level, at, queue, path, near, far = work
    flow = 0.0
    while _layers(graph, room, sink, level, queue):
        for i in range(len(at)):
            at[i] = start[i]
        amount = _advance(graph, room, sink, level, at, path)
        while amount > 0.0:
            flow += amount
            if flow >= enough:
                return flow
            amount = _advance(graph, room, sink, level, at, path)
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

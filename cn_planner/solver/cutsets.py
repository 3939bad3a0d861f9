"""Directed cut sets: what a relaxation of the model leaves out of "every served home hangs on a gateway".

A served home has a path from a gateway in the graph of places: into a place by a link, up its mast as high as the next
link or the home needs. So over every set of places, what enters the set carries at least the share of the home that is
served from within it. There are too many such rows to write down; those that a solution violates are found by greatest
flow. A home's rows are stronger than those of its sites (Gollowitzer and Ljubic, MIP models for connected facility
location, Computers & Operations Research 38, 2011): two half sites beside each other still need a whole link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.propagation.kernel import compiled
from cn_planner.solver.cutset_kernels import CutWork, Graph, least_cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.solver.milp import MilpModel

_NESTED = 3
"""Cuts of a target at most, one behind the other."""
_CREEP = 1e-5
"""Added to each capacity: of equal cuts the one with the fewest columns is found."""
_ALIKE, _REFUSED = 25, 60
"""Rows at most that name the same column, and rows in a line that are refused for it before the search ends."""
_FREE = -2
_BACK = -1

Cut = tuple[tuple[int, float], ...]
"""A row: the sum of (column, factor) is at least 0."""


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """A home group or a place that needs a path: where it is served, by which columns, and at most how much of it."""

    nodes: NDArray[np.int64]
    columns: NDArray[np.int64]
    most: NDArray[np.float64]
    whole: float

    def share(self, within: NDArray[np.bool_]) -> float:
        """Return the share of one of those that are served within a set of places: of no more than it can serve."""
        most = float(self.most[within[self.nodes]].sum())
        return 1.0 / min(self.whole, most) if most > 0.0 else 0.0


class CutSets:
    """The graph of a model's places, and the rows that a solution violates."""

    def __init__(self, model: MilpModel) -> None:
        gates = model.network.instance.sites
        node = {place: number for number, place in enumerate(model.place)}
        # Where homes hang on any depth of a site, one node more a site and level gathers its places.
        gather = {(i, level): (node[i, 0, level] if not model.layered else -1) for i, _, level in model.place}
        if model.layered:
            gather = {key: len(node) + number for number, key in enumerate(gather)}
        source = len(node) + (len(gather) if model.layered else 0)
        edges: list[tuple[int, int, int]] = []
        for (i, depth, level), column in model.place.items():
            here = node[i, depth, level]
            if level:
                edges.append((node[i, depth, level - 1], here, column))
            elif gates[i].gateway:
                edges.append((source, here, column))
            elif i in model.y and depth == 0:
                edges.append((source, here, model.y[i]))
            if model.layered:
                edges.append((here, gather[i, level], _FREE))
        for arc in model.arcs:
            above = 0 if arc.depth == 0 else arc.depth - 1
            parent = node[arc.option.parent, above, arc.option.parent_level]
            edges.append((parent, node[arc.option.child, arc.depth, 0], arc.column))
        self._connect(source, np.array(edges, dtype=np.int64).reshape(-1, 3))
        self._targets = self._wanted(model, node, gather)
        # Homes beside each other stand beside each other: steps that leave nobody out go through them at random.
        self._stride = next((n for n in (61, 59, 53) if len(self._targets) % n), 1)
        self._next = 0

    def _connect(self, source: int, edges: NDArray[np.int64]) -> None:
        count, nodes = len(edges), source + 1
        tail = np.concatenate([edges[:, 0], edges[:, 1]])
        head = np.concatenate([edges[:, 1], edges[:, 0]])
        column = np.concatenate([edges[:, 2], np.full(count, _BACK)])
        other = np.concatenate([np.arange(count) + count, np.arange(count)])
        order = np.argsort(tail, kind="stable")
        place = np.empty(2 * count, np.int64)
        place[order] = np.arange(2 * count)
        self._tail, self._column = tail[order], column[order]
        start = np.searchsorted(self._tail, np.arange(nodes + 1))
        self._graph = Graph(source, start, to=head[order], back=place[other[order]])
        level, at, queue = np.zeros((3, nodes), np.int64)
        near, far = np.zeros((2, nodes), np.bool_)
        self._work = CutWork(level, at, queue, np.zeros(nodes + 2, np.int64), near, far)

    def _wanted(
        self, model: MilpModel, node: dict[tuple[int, int, int], int], gather: dict[tuple[int, int], int]
    ) -> list[_Target]:
        network, found = model.network, list[_Target]()
        level_of = [dict(group.options) for group in network.groups]
        served: dict[int, list[tuple[int, int, float]]] = {}
        for (g, site), column in model.z.items():
            if (site, level_of[g][site]) in gather:  # else nothing feeds the site: it stands in no plan
                most = model.columns.upper[column] if network.groups[g].reached else network.groups[g].count
                served.setdefault(g, []).append((gather[site, level_of[g][site]], column, most))
        for g, entries in served.items():
            nodes, columns, most_of = zip(*entries, strict=True)
            found.append(_Target(np.array(nodes), np.array(columns), np.array(most_of), network.groups[g].count))
        for (i, depth, level), column in model.place.items():
            fed = network.instance.sites[i].gateway or (model.layered and depth == 0)
            if level == 0 and not fed:
                found.append(_Target(np.array([node[i, depth, 0]]), np.array([column]), np.ones(1), 1.0))
        return found

    def violated(self, values: NDArray[np.float64], least: float, most: int) -> list[Cut]:
        """Return rows that a solution violates by about `least` and more, up to about `most`.

        Many homes ask for the same links: of the rows that name a column no more than `_ALIKE` are taken, and when
        most of those found are of that sort the search ends. The next call begins with the next home.
        """
        values = np.maximum(values, 0.0)
        room = np.where(self._column >= 0, values[np.maximum(self._column, 0)] + _CREEP, 0.0)
        room[self._column == _FREE] = 1e3
        rows: list[Cut] = []
        named: dict[int, int] = {}
        refused = 0
        for _ in range(len(self._targets)):
            self._next = (self._next + self._stride) % len(self._targets)
            found: dict[Cut, float] = {}
            self._of(self._targets[self._next], values, room, least, found)
            for cut in sorted(found, key=lambda cut: (-found[cut], cut)):
                enters = [column for column, factor in cut if factor > 0]
                if any(named.get(column, 0) >= _ALIKE for column in enters):
                    refused += 1
                    continue
                for column in enters:
                    named[column] = named.get(column, 0) + 1
                rows.append(cut)
                refused = 0
            if len(rows) >= most or refused > _REFUSED:
                break
        return rows

    def _of(
        self,
        target: _Target,
        values: NDArray[np.float64],
        room: NDArray[np.float64],
        least: float,
        found: dict[Cut, float],
    ) -> None:
        amounts = values[target.columns] * (1.0 / target.whole)
        enough = float(amounts.sum()) - least
        if enough <= 0.0:
            return
        sink = np.zeros(self._graph.source + 1)
        np.add.at(sink, target.nodes, amounts)
        room = room.copy()
        run: Any = compiled(least_cut)
        for _ in range(_NESTED):
            flow = run(self._graph, room.copy(), sink.copy(), enough, self._work)
            if flow >= enough:
                return
            near, far, head = self._work.near, self._work.far, self._graph.to
            for within in (~near, far):
                crossing = np.flatnonzero((self._column >= 0) & ~within[self._tail] & within[head])
                cut, violated = self._row(target, within, crossing, values)
                if violated > 0.5 * least:
                    found[cut] = violated
            near[:] = ~near
            room[np.flatnonzero((self._column >= 0) & ~near[self._tail] & near[head])] = 1.0

    def _row(
        self, target: _Target, within: NDArray[np.bool_], crossing: NDArray[np.int64], values: NDArray[np.float64]
    ) -> tuple[Cut, float]:
        terms: dict[int, float] = dict.fromkeys(self._column[crossing].tolist(), 1.0)
        share = target.share(within)
        for node, column in zip(target.nodes.tolist(), target.columns.tolist(), strict=True):
            if within[node]:
                terms[column] = terms.get(column, 0.0) - share
        cut = tuple(sorted((column, factor) for column, factor in terms.items() if factor))
        return cut, -sum(factor * float(values[column]) for column, factor in cut)

"""Homes that the same masts reach, put together for a bound.

A group is split by the mast that parts its homes most evenly, the group with most to part first (monothetic division:
Williams and Lambert, Journal of Ecology 47, 1959). Nothing of it decides whether a bound holds: that is so for any
groups (docs/planning.md, "Very many homes"); the more alike their homes are the closer it is.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.solver.network import NEVER, HomeGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_OPTIONS = 25_000
"""Groups are made until they have so many sites to choose from together: the numbers of their model."""
_GROUPS = 1_500


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """Groups of homes, and the patterns of reach that they hold.

    Attributes
    ----------
    groups : those of the model.
    least : int8 array of (patterns, sites)
        Least level of each site, `NEVER` where it does not reach.
    weight : float64 array of patterns
    start : int64 array of groups + 1
        The patterns of group g are those from start[g] to start[g + 1].
    """

    groups: tuple[HomeGroup, ...]
    least: NDArray[np.int8]
    weight: NDArray[np.float64]
    start: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class HomeClass:
    """Homes that may stand together: all or none must be served.

    Attributes
    ----------
    homes : int64 array
    price : float
        Money for each unit of weight, at least.
    load : float
        What is carried for each unit of weight.
    """

    homes: NDArray[np.int64]
    price: float
    must: bool
    load: float = 1.0


def clustering_of(
    kinds: Iterable[HomeClass], least: NDArray[np.int8], weight: NDArray[np.float64], groups: int = _GROUPS
) -> Clustering:
    """Return groups of homes by what reaches them.

    Parameters
    ----------
    kinds : iterable of Kind
        Homes of which none has weight 0 and each is reached by some site.
    least : int8 array of (homes, sites)
        Least level of each site, `NEVER` where it does not reach.
    weight : float64 array of homes
        What each counts.
    groups : int
        So many at most, beside one for each kind.
    """
    patterns: list[NDArray[np.int8]] = []
    weights: list[NDArray[np.float64]] = []
    heap: list[tuple[float, int, _Part]] = []
    count = 0
    for kind in kinds:
        rows, which = np.unique(least[kind.homes], axis=0, return_inverse=True)
        patterns.append(rows)
        weights.append(np.bincount(which.ravel(), weight[kind.homes], len(rows)).astype(np.float64))
        part = _Part(rows, weights[-1], np.arange(count, count + len(rows)), kind)
        heapq.heappush(heap, (-part.spread, len(heap), part))
        count += len(rows)
    options, number = sum(part.options for _, _, part in heap), len(heap)
    while heap and heap[0][0] < 0.0 and len(heap) < groups and options < _OPTIONS:
        parted = heapq.heappop(heap)[2]
        options -= parted.options
        for part in parted.halves():
            heapq.heappush(heap, (-part.spread, number, part))
            options += part.options
            number += 1
    parts = [part for _, _, part in sorted(heap, key=lambda one: one[1])]
    sizes = [len(part.numbers) for part in parts]
    order = np.concatenate([part.numbers for part in parts]) if parts else np.zeros(0, np.int64)
    whole = np.concatenate(patterns) if patterns else least[:0]
    amounts = np.concatenate(weights) if weights else weight[:0]
    return Clustering(
        tuple(part.group() for part in parts), whole[order], amounts[order], np.cumsum([0, *sizes]).astype(np.int64)
    )


class _Part:
    """Patterns that stand together, by their numbers."""

    def __init__(
        self, least: NDArray[np.int8], weight: NDArray[np.float64], numbers: NDArray[np.int64], kind: HomeClass
    ) -> None:
        self.least, self.weight, self.numbers, self.kind = least, weight, numbers, kind
        levels = int(least[least < NEVER].max(initial=0)) + 1
        # Weight that each site reaches from each level, of (levels, sites).
        self.reached = np.array([weight @ (least <= level) for level in range(levels)])
        whole = float(weight.sum())
        mixed = self.reached * (whole - self.reached) / whole
        mixed[(self.reached <= 0.0) | (self.reached >= whole)] = 0.0
        self.spread = float(mixed.sum()) if len(numbers) > 1 else 0.0
        self._at = divmod(int(np.argmax(mixed)), least.shape[1]) if least.shape[1] else (0, 0)
        self.options = int((self.reached[-1] > 0.0).sum())

    def halves(self) -> tuple[_Part, _Part]:
        """Return it parted by the mast that parts it most evenly."""
        level, site = self._at
        mine = self.least[:, site] <= level
        one, other = (_Part(self.least[m], self.weight[m], self.numbers[m], self.kind) for m in (mine, ~mine))
        return one, other

    def group(self) -> HomeGroup:
        """Return it as the model takes it."""
        options, reached = [], []
        for site in np.flatnonzero(self.reached[-1] > 0.0).tolist():
            amounts = self.reached[:, site]
            first = int(np.argmax(amounts > 0.0))
            options.append((site, first))
            reached.append(tuple(amounts[first:].tolist()))
        return HomeGroup(
            (),
            1.0,
            self.kind.price,
            self.kind.must,
            tuple(options),
            self.kind.load,
            float(self.weight.sum()),
            tuple(reached),
        )

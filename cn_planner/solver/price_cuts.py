"""Cut sets with which a relaxation begins: those for which homes pay most (`price_bound`).

What a home pays for its way to a place rises from the Internet on: all places for which it pays so much or more are a
set into which some way leads, if the home is served within it. The dual of the relaxation is made of such sets. Those
of the prices are near those that it would be found to break, one round after the other.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.solver.cutsets import Cut
    from cn_planner.solver.milp import MilpModel
    from cn_planner.solver.price_bound import PriceBound

_MOST, _SHARE = 1_000, 0.67
"""Rows at most; and for each group of homes."""
_ALIKE = 2
"""Groups at most whose rows are of the same set."""


def price_cuts(prices: PriceBound, model: MilpModel) -> list[Cut]:
    """Return rows of a model, in no layers, that each plan keeps: those for which homes pay most."""
    writer = _Rows(prices.first.tolist(), model)
    groups = [g for g, group in enumerate(model.network.groups) if group.options]
    most = min(_MOST, int(_SHARE * len(groups)))
    found: list[Cut] = []
    known: dict[frozenset[int], int] = {}
    for number, places in _sets(prices):
        if len(found) >= most:
            break
        within = frozenset(places)
        if known.get(within, 0) < _ALIKE:
            known[within] = known.get(within, 0) + 1
            cut = writer.row(groups[number], within)
            if cut is not None:
                found.append(cut)
    return found


def _sets(prices: PriceBound) -> Iterator[tuple[int, list[int]]]:
    """Yield groups and sets of places of more than one site, those first for which most is paid."""
    paid_of: list[tuple[list[int], list[float]]] = []
    ranked: list[tuple[float, int, float]] = []
    for number, (places, paid, count) in enumerate(prices.paid()):
        paid_of.append((places.tolist(), paid.tolist()))
        before = 0.0
        for value in np.unique(paid[paid > 0.0]).tolist():
            if value - before > prices.little:
                ranked.append((-count * (value - before), number, value))
                before = value
    sites = np.searchsorted(prices.first, np.arange(int(prices.first[-1])), side="right").tolist()
    for _, number, least in sorted(ranked):
        within = [place for place, paid in zip(*paid_of[number], strict=True) if paid >= least]
        if len({sites[place] for place in within}) > 1:  # of one site the programme says it itself
            yield number, within


class _Rows:
    """The columns of a model by places."""

    def __init__(self, first: list[int], model: MilpModel) -> None:
        self._first, self._model = first, model
        self._into: dict[int, list[tuple[int, int]]] = {}
        for arc in model.arcs:
            way = arc.option
            tail, head = first[way.parent] + way.parent_level, first[way.child] + way.child_level
            self._into.setdefault(head, []).append((tail, arc.column))

    def row(self, g: int, within: frozenset[int]) -> Cut | None:
        """Return the row of a group and a set that holds with a level of a site all above it; None: of no use."""
        model, first = self._model, self._first
        terms: dict[int, float] = {}

        def add(column: int, factor: float) -> None:
            terms[column] = terms.get(column, 0.0) + factor

        lowest: dict[int, int] = {}
        for place in sorted(within):
            lowest.setdefault(bisect_right(first, place) - 1, place)
        for site, low in lowest.items():
            level = low - first[site]
            for place in range(low, first[site + 1]):
                for tail, column in self._into.get(place, ()):
                    add(column, float(tail not in within) - float(level > 0))
            if level > 0 or model.network.instance.sites[site].gateway:
                # Above the ground: whoever stands there and did not come by a link that high has climbed.
                if (site, level) in model.x:
                    add(model.x[site, level], 1.0)
            elif site in model.y:
                add(model.y[site], 1.0)
        group = model.network.groups[g]
        for site, level in group.options:
            if first[site] + level in within and (g, site) in model.z:
                add(model.z[g, site], -1.0 / group.count)
        cut = tuple(sorted((column, factor) for column, factor in terms.items() if factor))
        return cut if any(factor < 0.0 for _, factor in cut) else None

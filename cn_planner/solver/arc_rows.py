"""The rows of sectors that are arcs: a home is served where a beam holds it, and beams have their time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.solver.arcs import ArcSpan
    from cn_planner.solver.formulation import Formulation
    from cn_planner.solver.network import Layout

_MOST_ARCS = 400
"""Arcs of a site up to which all runs of them are looked at."""


def add_arcs(model: Formulation) -> None:
    """Write down which sectors hold whom.

    Of a site with arcs 1 to m the column c[k] counts the sectors that point at one of the first k arcs; c[m] is n. So a
    home whose arcs are s to e is held by c[e] - c[s - 1] of them, round the end of the list by n more.
    """
    arcs, rows, columns = model.network.arcs, model.rows, model.columns
    assert arcs is not None  # noqa: S101  # the caller has asked
    most = float(model.network.instance.max_sectors)
    for i, sectors in model.n.items():
        for k in range(arcs[i].count - 1):
            model.turns[i, k] = columns.add(0.0, most)
            if k:
                rows.add([(model.turns[i, k - 1], 1.0), (model.turns[i, k], -1.0)], -math.inf, 0.0)
        model.turns[i, arcs[i].count - 1] = sectors
        if arcs[i].count > 1:
            rows.add([(model.turns[i, arcs[i].count - 2], 1.0), (sectors, -1.0)], -math.inf, 0.0)
    used: dict[int, list[tuple[int, float]]] = {}
    for (g, site), column in model.z.items():
        group = model.network.groups[g]
        spans, count = arcs[site].spans[group.homes[0]], float(group.count)
        least = dict(group.options)[site]
        for level, span in enumerate(spans[least:], start=least):
            higher = model.x.get((site, level + 1))
            if higher is not None and span == spans[level + 1]:
                continue
            held = [(at, -count * factor) for at, factor in _held(model, site, span)]
            if higher is not None:  # who stands higher has more to spare
                held.append((higher, -count))
            rows.add([(column, 1.0), *held], -math.inf, 0.0)
            if higher is None:
                break
        span = spans[-1]
        if span.airtime > 0.0:
            used.setdefault(site, []).append((column, span.airtime))
    for site, terms in used.items():
        rows.add([*terms, (model.n[site], -1.0)], -math.inf, 0.0)


def _held(model: Formulation, site: int, span: ArcSpan) -> list[tuple[int, float]]:
    """Return what counts the sectors that hold a home."""
    arcs = model.network.arcs
    assert arcs is not None  # noqa: S101
    found: dict[int, float] = {model.turns[site, span.last]: 1.0}
    if span.first:
        before = model.turns[site, span.first - 1]
        found[before] = found.get(before, 0.0) - 1.0
    if span.first > span.last:
        whole = model.n[site]
        found[whole] = found.get(whole, 0.0) + 1.0
    return [(column, factor) for column, factor in found.items() if factor]


def turned(model: Formulation, choice: Layout, values: NDArray[np.float64]) -> None:
    """Put into the columns' values where the sectors of a plan point."""
    arcs = model.network.arcs
    if arcs is None:
        return
    for site, beams in enumerate(model.network.beams(choice)):
        if site not in model.n:
            continue
        points = np.zeros(arcs[site].count)
        for arc, _ in beams:
            points[arc] += 1.0
        # A sector more than the homes need points anywhere.
        points[-1] += choice.sectors[site] - len(beams)
        for k, count in enumerate(np.cumsum(points).tolist()):
            values[model.turns[site, k]] = count


def add_whole_homes(model: Formulation, choice: Layout) -> bool:
    """Write down where a solution parts a home's time among beams: its homes need more of them. Say whether it does.

    Homes Q of a site that need m beams at least leave m - 1 or more for all but one of them, for that one may have a
    beam of its own. So n >= m - sum over Q of (1 - z), whatever else is served there.
    """
    network, found = model.network, False
    if network.arcs is None or len(choice.server) != len(network.instance.homes):
        return False
    group_of = {h: g for g, group in enumerate(network.groups) for h in group.homes}
    for site, sectors in model.n.items():
        homes = [h for h, at in enumerate(choice.server) if at == site and network.arcs[site].spans[h][-1].airtime > 0]
        columns = [model.z.get((group_of[h], site)) for h in homes]
        single = all(network.groups[group_of[h]].count == 1.0 for h in homes)
        if not single or None in columns or len(network.arcs[site].packed(homes)) <= choice.sectors[site]:
            continue
        least = network.arcs[site].fewest(homes)
        if least is not None and least > choice.sectors[site]:
            terms = [(column, -1.0) for column in columns if column is not None]
            model.rows.add([(sectors, 1.0), *terms], float(least - len(homes)), math.inf)
            found = True
    return found


def add_radios(model: Formulation) -> None:
    """Write down how many radios a site may have."""
    most = model.network.instance.max_radios
    if most is None:
        return
    radios: dict[int, list[tuple[int, float]]] = {i: [(column, 1.0)] for i, column in model.n.items()}
    for arc in model.arcs:
        radios[arc.option.parent].append((arc.column, 1.0))
        radios[arc.option.child].append((arc.column, 1.0))
    for i, terms in radios.items():
        model.rows.add([*terms, (model.x[i, 0], -float(most))], -math.inf, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _SiteTimes:
    """The homes of a site whose time counts: columns, time of each, and their arcs from the first on."""

    site: int
    columns: NDArray[np.int64]
    airtime: NDArray[np.float64]
    first: NDArray[np.int64]
    length: NDArray[np.int64]


class ArcTimes:
    """The rows of the beams' time: what lies within a run of arcs is served by the sectors that point at them."""

    def __init__(self, model: Formulation) -> None:
        self._model = model
        self._sites: list[_SiteTimes] = []
        arcs = model.network.arcs
        if arcs is None:
            return
        rows: dict[int, list[tuple[int, float, int, int]]] = {}
        for (g, site), column in model.z.items():
            span = arcs[site].spans[model.network.groups[g].homes[0]][-1]
            length = (span.last - span.first) % arcs[site].count + 1
            if span.airtime > 0.0 and length < arcs[site].count:
                rows.setdefault(site, []).append((column, span.airtime, span.first, length))
        for site, mine in rows.items():
            upper = sum(used * model.columns.upper[column] for column, used, _, _ in mine)
            if arcs[site].count <= _MOST_ARCS and upper > 1.0:
                whole = np.array([(column, begin, length) for column, _, begin, length in mine], np.int64)
                airtime = np.array([used for _, used, _, _ in mine], np.float64)
                self._sites.append(_SiteTimes(site, whole[:, 0], airtime, whole[:, 1], whole[:, 2]))

    def violated(self, values: NDArray[np.float64], least: float) -> list[tuple[tuple[int, float], ...]]:
        """Return rows that a solution breaks by so much of a sector and more, at most one a site."""
        found = (self._of(one, values, least) for one in self._sites)
        return [cut for cut in found if cut]

    def _of(self, one: _SiteTimes, values: NDArray[np.float64], least: float) -> tuple[tuple[int, float], ...]:
        model = self._model
        arcs = model.network.arcs
        assert arcs is not None  # noqa: S101
        count = arcs[one.site].count
        used = values[one.columns] * one.airtime
        if used.sum() <= 1.0 - 1e-6 or values[model.n[one.site]] < 1e-6:
            return ()
        turns = np.array([values[model.turns[one.site, k]] for k in range(count)])
        points = np.diff(turns, prepend=0.0)
        worst, most = (0, 0), least
        # By the arc that a run begins with: what lies within it, by how far it goes.
        for begin in range(count):
            end = (one.first - begin) % count + one.length
            within = np.bincount(np.minimum(end, count + 1), used, minlength=count + 2)[: count + 1]
            over = np.cumsum(within)[1:] - np.cumsum(np.roll(points, -begin))
            at = int(np.argmax(over[:-1])) if count > 1 else 0
            if over[at] > most:
                most, worst = float(over[at]), (begin, at + 1)
        begin, length = worst
        if not length:
            return ()
        inside = (one.first - begin) % count + one.length <= length
        last = begin + length - 1
        terms: dict[int, float] = {model.turns[one.site, last % count]: 1.0}
        if begin:
            before = model.turns[one.site, begin - 1]
            terms[before] = terms.get(before, 0.0) - 1.0
        if last >= count:
            whole = model.n[one.site]
            terms[whole] = terms.get(whole, 0.0) + 1.0
        for column, share in zip(one.columns[inside].tolist(), one.airtime[inside].tolist(), strict=True):
            terms[column] = -share
        return tuple(sorted((column, factor) for column, factor in terms.items() if factor))


def whole_columns(model: Formulation) -> Iterable[int]:
    """Return the columns of arcs, which are whole in every plan."""
    own = set(model.n.values())
    return (column for column in model.turns.values() if column not in own)

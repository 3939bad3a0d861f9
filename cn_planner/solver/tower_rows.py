"""The rows of what a tower costs beyond amounts that add up: by its radios, and by how high they hang.

Of a site, a level l and numbers a and u of radios like sectors and unlike them the column q[l, a, u] says that it
stands just so high with just these. So over a and u they add up to x[l] - x[l + 1], the sum of a q[l, a, u] is the
number of its sectors and of its links like them, the sum of u q[l, a, u] that of its other links. With more than a cost
is known of by both numbers there is a column for each number together, whatever they are: so many, or more.
A cable is longer on a higher mast. A link's row has it for the least heights that it needs; what stands higher pays
for each level above: r[l] >= the sectors, and the links that need less than level l, less R (1 - x[l]), R as many as
there can be.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.solver.formulation import Formulation
    from cn_planner.solver.network import Layout

_MOST_COLUMNS = 12_000
"""Columns up to which each level of a site has its own; beyond, the least of all levels counts."""


class _Span(NamedTuple):
    """Numbers of radios that a site may have: those of which a cost is known; and so many or more together, of more."""

    known: tuple[tuple[int, int], ...]
    more: tuple[int, ...]


def add_towers(model: Formulation) -> None:
    """Write down what towers cost more, each by its radios and its height."""
    inst = model.network.instance
    levels: dict[int, list[int]] = {i: [] for i in model.n}
    for site, level in model.x:
        levels[site].append(level)
    alike, unlike = _radios(model)
    spans = {site: _span(model, site, len(alike[site]) - 1, len(unlike[site])) for site in levels}
    with_steps = [site for site in levels if inst.sites[site].steps is not None]
    apart = sum(len(levels[site]) * len(spans[site].known) for site in with_steps) <= _MOST_COLUMNS
    ends: dict[int, list[tuple[int, int, int]]] = {i: [] for i in model.n}
    for arc in model.arcs:
        one = arc.option
        if not inst.kinds.raises[one.kind]:
            continue
        ends[one.parent].append((arc.column, one.parent_level, one.child))
        ends[one.child].append((arc.column, one.child_level, one.parent))
    for site, mine in levels.items():
        _raise(model, site, mine, ends[site])
    for site in with_steps:
        mine = levels[site] if apart else levels[site][:1]
        _add(model, site, mine, spans[site], (alike[site], unlike[site]))


def _radios(model: Formulation) -> tuple[dict[int, list[tuple[int, float]]], dict[int, list[tuple[int, float]]]]:
    """Return the columns that add up to each site's sectors and links like them, and to its other links."""
    alike: dict[int, list[tuple[int, float]]] = {i: [(column, 1.0)] for i, column in model.n.items()}
    unlike: dict[int, list[tuple[int, float]]] = {i: [] for i in model.n}
    other = model.network.instance.kinds.unlike
    for arc in model.arcs:
        for end in (arc.option.parent, arc.option.child):
            (unlike if other[arc.option.kind] else alike)[end].append((arc.column, 1.0))
    return alike, unlike


def _span(model: Formulation, site: int, alike: int, unlike: int) -> _Span:
    """Return what radios a site may have, that has so many ways alike and unlike."""
    inst = model.network.instance
    one = inst.sites[site]
    rows = [row for row in one.steps or () if row is not None]
    known = min((row.most for row in rows), default=0)
    forced = model.levels is not None and min(model.levels[site], default=-1) >= 0
    # Nothing but its own link hangs at no tower that is worth its money.
    least = 0 if one.must or one.may_be_root or forced else 2 if model.tree else 1
    most_alike, most_unlike = (inst.max_sectors + alike, unlike) if model.tree else (known + 1, known + 1)
    if inst.max_radios is not None:
        most_alike, most_unlike = min(most_alike, inst.max_radios), min(most_unlike, inst.max_radios)
    numbers = tuple(
        (a, u)
        for a in range(min(known, most_alike) + 1)
        for u in range(min(known - a, most_unlike) + 1)
        if a + u >= least
    )
    counts = max((len(row.many) for row in rows), default=0)
    return _Span(numbers, tuple(range(known + 1, min(known + counts, most_alike + most_unlike) + 1)))


def _raise(model: Formulation, site: int, levels: Sequence[int], ends: Sequence[tuple[int, int, int]]) -> None:
    """Let radios pay for the height at which they hang; ``ends``: column, least level here and other site of links."""
    net, most = model.network, model.network.instance.max_sectors
    for level in levels[1:]:
        more = net.raised(site, level) - net.raised(site, level - 1)
        below = [(column, other) for column, least, other in ends if least < level]
        if more > 0.0:
            radios = float(most + len({other for _, other in below}))
            column = model.raised[site, level] = model.columns.add(0.0, radios, more, whole=False)
            terms = [(model.n[site], 1.0), *((one, 1.0) for one, _ in below)]
            model.rows.add([*terms, (model.x[site, level], radios), (column, -1.0)], -math.inf, radios)


def _add(
    model: Formulation,
    site: int,
    levels: Sequence[int],
    span: _Span,
    radios: tuple[list[tuple[int, float]], list[tuple[int, float]]],
) -> None:
    columns, rows, net = model.columns, model.rows, model.network
    top = max(level for one, level in model.x if one == site)
    sums: tuple[list[tuple[int, float]], list[tuple[int, float]]] = ([], [])
    many: list[tuple[int, int]] = []
    for number, level in enumerate(levels):
        counted = [level] if len(levels) > 1 or top == level else range(top + 1)
        steps = [net.steps_at(site, at) for at in counted]
        mine = []
        for alike, unlike in span.known:
            cost = min(0.0 if row is None else row.cost(alike, unlike) for row in steps)
            column = model.towers[site, level, alike, unlike] = columns.add(0.0, 1.0, cost)
            mine.append((column, 1.0))
            sums[0].append((column, -float(alike)))
            sums[1].append((column, -float(unlike)))
        for fewest in span.more:
            column = columns.add(0.0, 1.0, min(0.0 if row is None else row.cost(fewest, 0) for row in steps))
            model.towers[site, level, -fewest, -fewest] = column
            mine.append((column, 1.0))
            many.append((column, fewest))
        higher = model.x[site, levels[number + 1]] if number + 1 < len(levels) else None
        above = [] if higher is None else [(higher, 1.0)]
        rows.add([*mine, (model.x[site, level], -1.0), *above], 0.0, 0.0)
    if not model.tree:  # without links it is known that one feeds it, of whatever kind, no more
        fed = [] if net.instance.sites[site].may_be_root else [(model.x[site, 0], 1.0)]
        own = [(model.n[site], 1.0)]
        most = -float(net.instance.max_sectors + 1)
        unknown = [(column, most) for column, _ in many]
        rows.add([*own, *unknown, *((column, count) for column, count in sums[0] if count)], -math.inf, 0.0)
        both = dict[int, float](sums[0])
        for column, count in sums[1]:
            both[column] += count
        rows.add([*own, *fed, *unknown, *((column, count) for column, count in both.items() if count)], -math.inf, 0.0)
        return
    for kind, (terms, known) in enumerate(zip(radios, sums, strict=True)):
        _count(model, site, kind, [*terms, *((column, count) for column, count in known if count)], many)
    if many:
        own = [(model.beyond[site, kind], 1.0) for kind in range(len(sums))]
        rows.add([*own, *((column, -float(fewest)) for column, fewest in many)], 0.0, math.inf)


def _count(
    model: Formulation, site: int, kind: int, terms: list[tuple[int, float]], many: list[tuple[int, int]]
) -> None:
    """Write down that a site has just the radios of a kind that its columns say, or many."""
    inst = model.network.instance
    most = float(sum(1 for _, factor in terms if factor > 0.0) + (inst.max_sectors if kind == 0 else 0))
    if not many:
        model.rows.add(terms, 0.0, 0.0)
        return
    beyond = model.beyond[site, kind] = model.columns.add(0.0, most, whole=False)
    model.rows.add([*terms, (beyond, -1.0)], 0.0, 0.0)
    model.rows.add([(beyond, 1.0), *((column, -most) for column, _ in many)], -math.inf, 0.0)


def tower_values(model: Formulation, choice: Layout, values: NDArray[np.float64]) -> None:
    """Put into the columns' values what radios each tower of a plan has, and how high its sectors hang."""
    low = model.network.low_links(choice)
    for (site, level), column in model.raised.items():
        links = sum(least < level for least in low[site])
        values[column] = choice.sectors[site] + links if choice.levels[site] >= level else 0
    kinds = model.network.tower_kinds(choice)
    levels: dict[int, list[int]] = {}
    for site, level, _, _ in model.towers:
        levels.setdefault(site, []).append(level)
    for site, mine in levels.items():
        if choice.levels[site] < 0:
            continue
        level = max(one for one in mine if one <= choice.levels[site])
        key = (site, level, *kinds[site])
        if key in model.towers:
            values[model.towers[key]] = 1.0
            continue
        # What so many or more cost at least is no more than what fewer do: the last that holds.
        more = [one for one in range(1, sum(kinds[site]) + 1) if (site, level, -one, -one) in model.towers]
        if more:
            values[model.towers[site, level, -more[-1], -more[-1]]] = 1.0
            for kind, count in enumerate(kinds[site]):
                if (site, kind) in model.beyond:
                    values[model.beyond[site, kind]] = count

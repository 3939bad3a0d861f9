"""The rows of what a site costs by how many radios it has: one column for each number of them.

In a relaxation they say the greatest convex function under the steps, at whole numbers of radios.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.solver.formulation import Formulation
    from cn_planner.solver.network import Layout


_STRAIGHT = 1e-6
"""By how much a rise may be greater than the next where that is rounding."""


def add_steps(model: Formulation) -> None:
    """Write down how many sectors and links each site has: of s[0], s[1], ... one is 1 where it stands.

    From where the steps are convex on, those at which they bend do: numbers between are mixed of these. That is one
    column `t`, which is whole. `over` says by how many radios a site has more than the last.
    """
    inst, columns, rows = model.network.instance, model.columns, model.rows
    radios: dict[int, list[tuple[int, float]]] = {i: [(column, -1.0)] for i, column in model.n.items()}
    near: dict[int, set[int]] = {i: set() for i in model.n}
    for arc in model.arcs:
        for end, other in ((arc.option.parent, arc.option.child), (arc.option.child, arc.option.parent)):
            radios[end].append((arc.column, -1.0))
            near[end].add(other)
    for i, terms in radios.items():
        steps, most = inst.sites[i].radio_steps, inst.max_sectors + len(near[i])
        if not steps:
            continue
        single, bends = _parts(steps)
        mine = {count: columns.add(0.0, 1.0, steps[count]) for count in single if count <= most}
        here = [(column, 1.0) for column in mine.values()]
        if bends[0] <= most:
            tail = model.tail[i] = columns.add(0.0, 1.0)
            bent = {count: columns.add(0.0, 1.0, steps[count], whole=False) for count in _within(bends, most)}
            rows.add([*((column, 1.0) for column in bent.values()), (tail, -1.0)], 0.0, 0.0)
            here.append((tail, 1.0))
            mine |= bent
            if most > bends[-1]:
                over = model.over[i] = columns.add(0.0, float(most - bends[-1]), inst.sites[i].radio_rise, whole=False)
                rows.add([(over, 1.0), (tail, -float(most - bends[-1]))], -math.inf, 0.0)
                terms.append((over, 1.0))
        model.step |= {(i, count): column for count, column in mine.items()}
        rows.add([*here, (model.x[i, 0], -1.0)], 0.0, 0.0)
        rows.add([*((column, float(count)) for count, column in mine.items() if count), *terms], 0.0, 0.0)


def _parts(steps: Sequence[float]) -> tuple[range, list[int]]:
    """Return the numbers of radios up to where the steps are convex, and those after at which they bend."""
    rises = [b - a for a, b in pairwise(steps)]
    first = len(rises)
    while first and (first == len(rises) or rises[first - 1] <= rises[first] + _STRAIGHT):
        first -= 1
    bends = [n for n in range(first + 1, len(rises)) if rises[n] > rises[n - 1] + _STRAIGHT]
    return range(first), [first, *bends, len(steps) - 1] if len(steps) - 1 > first else [first]


def _within(bends: list[int], most: int) -> list[int]:
    """Return the bends that so many radios can be mixed of."""
    return [count for n, count in enumerate(bends) if not n or bends[n - 1] < most]


def step_columns(model: Formulation) -> list[int]:
    """Return the columns of the radios that are whole in every plan."""
    return [*(column for column in model.step.values() if model.columns.whole[column]), *model.tail.values()]


def stepped(model: Formulation, choice: Layout, values: NDArray[np.float64]) -> None:
    """Put into the columns' values how many radios the sites of a plan have."""
    counts: dict[int, list[int]] = {}
    for i, count in model.step:
        counts.setdefault(i, []).append(count)
    radios = model.network.radios(choice) if counts else []
    for i, known in counts.items():
        if choice.levels[i] < 0:
            continue
        low = max(count for count in known if count <= radios[i])
        high = min((count for count in known if count >= radios[i]), default=low)
        part = (min(radios[i], high) - low) / (high - low) if high > low else 0.0
        values[model.step[i, high]] += part
        values[model.step[i, low]] += 1.0 - part
        if not model.columns.whole[model.step[i, low]]:
            values[model.tail[i]] = 1.0
        if i in model.over:
            values[model.over[i]] = max(0, radios[i] - high)

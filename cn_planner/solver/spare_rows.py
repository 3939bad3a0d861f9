"""The rows of things in reserve: a share of all of them, in whole pieces.

Of a thing the column s counts the pieces, e what they are more than the share p of what is needed, v of what homes may
need beside for certain: s - e - p v = p times the pieces of sectors, links and homes, s whole, and e has its price. The
share itself stands in the prices of all else.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.solver.formulation import Formulation
    from cn_planner.solver.network import Layout


def add_spares(model: Formulation) -> None:
    """Write down what whole pieces cost more, where the links are known that need them."""
    net, columns = model.network, model.columns
    for one in net.instance.spares if model.tree else ():
        needs: dict[int, float] = {}
        for column in model.n.values():
            needs[column] = one.sector
        for arc in model.arcs:
            needs[arc.column] = one.links[arc.option.kind]
        beside: list[tuple[int, float]] = []
        for (g, _), column in model.z.items():
            home = net.groups[g].homes[0] if net.groups[g].homes else -1
            if home >= 0:
                needs[column] = one.homes[home]
                beside.append((column, one.unsure[home]))
        terms = [(column, -one.share * count) for column, count in needs.items() if count]
        most = sum(count * columns.upper[column] for column, count in needs.items())
        pieces = columns.add(0.0, float(math.ceil(one.share * most) + 1))
        more = columns.add(0.0, 1.0, one.price, whole=False)
        unsure = columns.add(0.0, sum(count * columns.upper[column] for column, count in beside), whole=False)
        model.rows.add([(pieces, 1.0), (more, -1.0), (unsure, -one.share), *terms], 0.0, 0.0)
        model.rows.add([(unsure, 1.0), *((column, -count) for column, count in beside if count)], -math.inf, 0.0)
        model.whole.append((pieces, more, unsure))


def spares_of(model: Formulation, choice: Layout, values: NDArray[np.float64]) -> None:
    """Put into the columns' values what a plan has in reserve."""
    net = model.network
    bought, served = net.bought(choice), [h for h, site in enumerate(choice.server) if site >= 0]
    for one, (pieces, more, unsure) in zip(net.instance.spares, model.whole, strict=False):
        sure = one.sector * sum(choice.sectors) + math.fsum(one.homes[h] for h in served)
        sure += math.fsum(one.links[row.kind] for row in bought if row is not None)
        least = one.share * sure
        whole = math.ceil(least - 1e-9)
        beside = min(math.fsum(one.unsure[h] for h in served), max(0.0, whole - least) / one.share)
        values[pieces], values[unsure] = whole, beside
        values[more] = max(0.0, whole - least - one.share * beside)

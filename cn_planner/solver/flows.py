"""The flow of homes in the model: what each link carries is at most what it can, and so at each gateway.

A flow column of a parent and a child says what load of homes hangs on the child; a link that is not chosen carries
none. It is written down only where a link or a gateway can be full in some plan (`Network.limited`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cn_planner.solver.formulation import Arc, Formulation


def add_flows(model: Formulation) -> None:
    """Write down what links and gateways carry, of a model that has its links and homes already."""
    network, columns, rows = model.network, model.columns, model.rows
    gates = {i for i in model.n if network.instance.sites[i].may_be_root}
    own: dict[int, list[tuple[int, float]]] = {i: [] for i in model.n}
    for (g, site), column in model.z.items():
        own[site].append((column, network.groups[g].load))
    if not model.tree:
        if all(network.carries[i] < math.inf for i in gates):
            into = [(root_column(model, i), -network.carries[i]) for i in gates]
            rows.add([*(term for terms in own.values() for term in terms), *into], -math.inf, 0.0)
        return
    by_pair: dict[tuple[int, int], list[Arc]] = {}
    for arc in model.arcs:
        by_pair.setdefault((arc.option.parent, arc.option.child), []).append(arc)
    most = min(network.most_load, max((network.carries[i] for i in gates), default=0.0))
    balance: dict[int, list[tuple[int, float]]] = {i: [(z, -load) for z, load in own[i]] for i in model.n}
    for (parent, child), arcs in by_pair.items():
        carried = [(arc.column, -min(arc.option.carries, most)) for arc in arcs]
        flow = model.flow[parent, child] = columns.add(0.0, max(-f for _, f in carried), whole=False)
        rows.add([(flow, 1.0), *carried], -math.inf, 0.0)
        balance[parent].append((flow, -1.0))
        balance[child].append((flow, 1.0))
    for i, terms in balance.items():
        if i not in gates:
            rows.add(terms, 0.0, 0.0)  # what comes in is served here or goes on
        elif i in model.y or network.carries[i] < math.inf:
            # One that may become a gateway is fed by its link, or by its connection where that is open.
            fed = min(network.carries[i], network.most_load)
            rows.add([*terms, (root_column(model, i), fed)], 0.0, math.inf)


def root_column(model: Formulation, site: int) -> int:
    """Return the column that says that the Internet enters at a site."""
    return model.y.get(site, model.x[site, 0])

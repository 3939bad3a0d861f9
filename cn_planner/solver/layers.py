"""The layered form of the links: a copy of each site at each depth that it may have, links from a depth to the next.

Gouveia, Simonetti, Uchoa: Modeling hop-constrained and diameter-constrained minimum spanning tree problems as Steiner
tree problems over layered graphs. Mathematical Programming 128 (2011).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.solver.formulation import Arc, LinkOption

if TYPE_CHECKING:
    from cn_planner.solver.formulation import Formulation


def add_layers(model: Formulation, options: list[LinkOption]) -> None:
    """Write down the places (site, depth, level) of a model, and its links between them.

    A gateway stands at depth 0, and so does a site that becomes one; no other does. The places of a site add up to the
    site; a link into a place needs a place of its parent one depth above, as high as the link needs.
    """
    _places(model, _least_depths(model, options))
    _links(model, options)


def _least_depths(model: Formulation, options: list[LinkOption]) -> dict[int, int]:
    """Return the least depth at which each site can hang."""
    sites, near = model.network.instance.sites, dict[int, set[int]]()
    for option in options:
        near.setdefault(option.parent, set()).add(option.child)
    front = sorted({i for i, _ in model.x if sites[i].may_be_root})
    least = dict.fromkeys(front, 0)
    for depth in range(1, model.network.instance.max_hops + 1):
        front = sorted({child for parent in front for child in near.get(parent, ())} - least.keys())
        least.update(dict.fromkeys(front, depth))
    return least


def _places(model: Formulation, least: dict[int, int]) -> None:
    sites, hops = model.network.instance.sites, model.network.instance.max_hops
    for (i, level), column in model.x.items():
        if sites[i].gateway:
            model.place[i, 0, level] = column
            continue
        depths = range(least.get(i, hops + 1), hops + 1)
        for depth in depths:
            opens = depth == 0 and level == 0
            place = model.place[i, depth, level] = model.y[i] if opens else model.columns.add(0.0, 1.0)
            if level:
                model.rows.add([(place, 1.0), (model.place[i, depth, level - 1], -1.0)], -math.inf, 0.0)
        model.rows.add([*((model.place[i, depth, level], 1.0) for depth in depths), (column, -1.0)], 0.0, 0.0)


def _links(model: Formulation, options: list[LinkOption]) -> None:
    rows = model.rows
    into: dict[tuple[int, int], list[Arc]] = {}
    by_pair: dict[tuple[int, int, int], list[Arc]] = {}
    for option in options:
        for depth in range(1, model.network.instance.max_hops + 1):
            above, here = (option.parent, depth - 1, option.parent_level), (option.child, depth, option.child_level)
            if above in model.place and here in model.place:
                arc = Arc(option, model.columns.add(0.0, 1.0, option.cost), depth)
                model.arcs.append(arc)
                into.setdefault((option.child, depth), []).append(arc)
                by_pair.setdefault((option.parent, option.child, depth), []).append(arc)
    for (i, depth, level), column in model.place.items():
        # One parent at most, so all links into a place that need its height hold it together.
        terms = [(arc.column, 1.0) for arc in into.get((i, depth), ()) if arc.option.child_level >= level]
        if depth and (terms or not level):
            rows.add([*terms, (column, -1.0)], 0.0 if level == 0 else -math.inf, 0.0)
    for (parent, _, depth), arcs in by_pair.items():
        for level in sorted({arc.option.parent_level for arc in arcs}):
            terms = [(arc.column, 1.0) for arc in arcs if arc.option.parent_level >= level]
            rows.add([*terms, (model.place[parent, depth - 1, level], -1.0)], -math.inf, 0.0)

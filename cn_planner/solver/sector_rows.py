"""The rows of the sectors: what a relaxation leaves out of "sectors are whole".

Homes of a load D together need mu = ceil(D / S) sectors of S each. Where fewer than mu stand, what they serve falls
by the last one's rest r = D - S (mu - 1) first, then by S each (Magnanti, Mirchandani, Vachani: The convex hull of two
core capacitated network design problems, Mathematical Programming 60, 1993). For the homes to ask about see Atamturk
and Rajan (On splittable and unsplittable flow capacitated network design arc-set polyhedra, Mathematical Programming
92, 2002): those that are served to more than the share of a sector that is broken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.solver.cutsets import Cut
    from cn_planner.solver.milp import MilpModel

_NONE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class _Site:
    """A site's sectors, what says that it stands, at least at each level, and what it serves."""

    sectors: int
    stands: tuple[int, ...]
    columns: NDArray[np.int64]
    load: NDArray[np.float64]
    most: NDArray[np.float64]
    level: NDArray[np.int64]


class SectorRows:
    """The rows of the sectors that a solution violates."""

    def __init__(self, model: MilpModel) -> None:
        network = model.network
        self._carries = float(network.instance.sector_homes)
        level_of = [dict(group.options) for group in network.groups]
        served: dict[int, list[tuple[int, float, float, int]]] = {}
        for (g, site), column in model.z.items():
            entry = column, network.groups[g].load, model.columns.upper[column], level_of[g][site]
            served.setdefault(site, []).append(entry)
        self._sites = [_site(model, site, entries) for site, entries in served.items()]

    def violated(self, values: NDArray[np.float64], least: float) -> list[Cut]:
        """Return rows that a solution violates by so many sectors and more, at most one a site."""
        found = (self._of(site, values, least) for site in self._sites)
        return [cut for cut in found if cut]

    def _of(self, site: _Site, values: NDArray[np.float64], least: float) -> Cut:
        carries, count, violated = self._carries, float(values[site.sectors]), least * self._carries
        served = values[site.columns]
        cut: Cut = ()
        if count < _NONE:
            return cut
        for level, stands in enumerate(site.stands):
            share = min(1.0, float(values[stands]))
            if share < _NONE:
                break
            part = count / share
            asked = (site.level >= level) & (served > site.most * share * (part - math.floor(part) + _NONE))
            demand = float((site.load * site.most)[asked].sum())
            if demand <= 0.0:
                continue
            wanted = math.ceil(demand / carries - 1e-9)
            rest = demand - carries * (wanted - 1)
            whole = (carries - rest) * (wanted - 1)
            over = float((site.load * served)[asked].sum()) - whole * share - rest * count
            if over > violated:
                violated = over
                terms = [(stands, whole), (site.sectors, rest)]
                terms += zip(site.columns[asked].tolist(), (-site.load[asked]).tolist(), strict=True)
                cut = tuple(sorted((column, factor / carries) for column, factor in terms if factor))
        return cut


def _site(model: MilpModel, site: int, entries: list[tuple[int, float, float, int]]) -> _Site:
    levels = range(1, max(entry[3] for entry in entries) + 1)
    columns, load, most, level = zip(*entries, strict=True)
    return _Site(
        model.n[site],
        (model.f[site], *(model.x[site, step] for step in levels)),
        np.array(columns, dtype=np.int64),
        np.array(load, dtype=np.float64),
        np.array(most, dtype=np.float64),
        np.array(level, dtype=np.int64),
    )

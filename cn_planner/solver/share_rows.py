"""The rows of groups whose homes differ: what their homes would say one by one.

Of a group, the sites T and any of its homes A: what T serve of the group is at most the weight of A, and of each other
home what of T reaches it. Homes of which more than one whole mast of T reaches each belong into A: then no row says
more. All of these rows together say as much as a column for each home and site would (greatest flow, least cut; for
covering see Cordeau, Furini, Ljubic, European Journal of Operational Research 275, 2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.solver.network import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.solver.clustering import Clustering
    from cn_planner.solver.cutsets import Cut
    from cn_planner.solver.milp import MilpModel

_MOST = 400
"""Rows that are added at once."""
_USED = 1e-7


class ShareRows:
    """The rows of a model's groups that a solution violates; none where homes of a group do not differ."""

    def __init__(self, model: MilpModel, clustering: Clustering) -> None:
        self._clustering, self._whole = clustering, model.one
        sites = clustering.least.shape[1]
        self._x = {key: column for key, column in model.x.items() if key[0] < sites}
        self._levels = 1 + max((level for _, level in self._x), default=0)
        self._shape = sites, self._levels + 1
        # A pattern's place in the table of what reaches it; what never does is in its last column, which is 0.
        level = np.where(clustering.least == NEVER, self._levels, np.minimum(clustering.least, self._levels))
        self._at = np.arange(sites, dtype=np.int32) * (self._levels + 1) + level.astype(np.int32)
        self._options = [
            [(site, model.z[g, site]) for site, _ in group.options if (g, site) in model.z]
            for g, group in enumerate(clustering.groups)
        ]

    def violated(self, values: NDArray[np.float64], least: float) -> list[Cut]:
        """Return rows that a solution violates by such a share of their group and more, the most violated first."""
        table = np.zeros(self._shape)
        for (site, level), column in self._x.items():
            table[site, level] = values[column]
        flat = table.ravel()
        found: list[tuple[float, int, Cut]] = []
        for g, options in enumerate(self._options):
            used = [(site, column) for site, column in options if values[column] > _USED]
            served = sum(float(values[column]) for _, column in used)
            if not used:
                continue
            rows = slice(int(self._clustering.start[g]), int(self._clustering.start[g + 1]))
            sites = np.array([site for site, _ in used])
            at, weight = self._at[rows][:, sites], self._clustering.weight[rows]
            reached = flat[at].sum(axis=1)
            over = served - float(weight @ np.minimum(reached, 1.0))
            count = self._clustering.groups[g].amount
            if over > least * count:
                found.append((-over, g, self._row(at, weight, reached >= 1.0, [column for _, column in used], count)))
        return [cut for _, _, cut in sorted(found)[:_MOST]]

    def _row(
        self,
        at: NDArray[np.int32],
        weight: NDArray[np.float64],
        full: NDArray[np.bool_],
        served: list[int],
        count: float,
    ) -> Cut:
        left = at[~full]
        amounts = np.bincount(left.ravel(), np.repeat(weight[~full], left.shape[1]))
        terms = [(self._whole, float(weight[full].sum()) / count)]
        for place in np.flatnonzero(amounts).tolist():
            column = self._x.get(divmod(place, self._levels + 1))
            if column is not None:
                terms.append((column, float(amounts[place]) / count))
        terms += [(column, -1.0 / count) for column in served]
        return tuple(sorted((column, factor) for column, factor in terms if factor))

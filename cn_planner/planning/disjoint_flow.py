"""The model of a second way: the least-cost flow of two units from one tower to the gateways."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.solver.highs import Listener, ModelColumns, ModelRows, checked, highs_model, solver_with
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.planning.backhaul_graph import BackhaulGraph
    from cn_planner.progress import CancelToken

_NODES = 2_000
_DETOUR = 1e-3
"""What a unit of flow over a link is taken to cost: of ways that cost the same the shorter one."""


class DisjointFlow:
    """The model of one tower."""

    def __init__(self, graph: BackhaulGraph, key: str, banned: list[frozenset[frozenset[str]]]) -> None:
        self.graph, self.key = graph, key
        self.columns, self.rows = ModelColumns(), ModelRows()
        self.standing = graph.standing()
        self.x: dict[str, dict[int, int]] = {}
        self.y: dict[frozenset[str], int] = {}
        self.f: dict[tuple[str, str], int] = {}
        self._sites()
        self._links()
        self._flows()
        for ends in banned:
            columns = [self.y[one] for one in ends if one in self.y and one not in self.standing]
            self.rows.add([(column, 1.0) for column in columns], -math.inf, len(columns) - 1.0)

    def _sites(self) -> None:
        network = self.graph.plan.used_sites
        for site in self.graph.problem.sites:
            levels = self.graph.levels[self.graph.at[site.id]]
            own = {k: self.columns.add(0.0, 1.0, cost) for k, cost in levels}
            self.x[site.id] = own
            if own:
                low = 1.0 if site.id in network else 0.0
                self.rows.add([(column, 1.0) for column in own.values()], low, 1.0)

    def _links(self) -> None:
        problem = self.graph.problem
        at = self.graph.at
        pairs = dict(self.graph.pairs)
        for ends in self.standing:
            pairs.setdefault(ends, np.zeros((0, 0), np.bool_))
        for ends in sorted(pairs, key=sorted):
            if not all(one in at for one in ends):
                continue
            a, b = sorted(ends, key=at.__getitem__)
            stands = ends in self.standing
            if not stands and not (self.x[a] and self.x[b]):
                continue
            column = self.columns.add(1.0 if stands else 0.0, 1.0, 0.0 if stands else self.graph.price)
            self.y[ends] = column
            works = pairs[ends]
            if stands:
                # It stands as it does: a mast is raised only where that leaves it as it is.
                works = self._as_it_stands(a, b, works, len(problem.instance.heights_m))
            for one, other, table in ((a, b, works), (b, a, works.T)):
                for k, level in self.x[one].items():
                    good = [(self.x[other][m], -1.0) for m in self.x[other] if table[k, m]]
                    self.rows.add([(column, 1.0), (level, 1.0), *good], -math.inf, 1.0)
                if self.x[one]:
                    self.rows.add([(column, 1.0), *((c, -1.0) for c in self.x[one].values())], -math.inf, 0.0)

    def _as_it_stands(self, a: str, b: str, works: NDArray[np.bool_], heights: int) -> NDArray[np.bool_]:
        found = np.zeros((heights, heights), np.bool_) if not works.size else works.copy()
        now = [next(iter(self.x[one]), None) for one in (a, b)]
        if now[0] is not None and now[1] is not None:
            found[now[0], now[1]] = True
        return found

    def _flows(self) -> None:
        columns, rows = self.columns, self.rows
        doors = self.graph.doors
        into: dict[str, list[tuple[int, float]]] = {}
        out: dict[str, list[tuple[int, float]]] = {}
        for ends, link in self.y.items():
            a, b = sorted(ends)
            for one, other in ((a, b), (b, a)):
                if other == self.key or one in doors:
                    continue
                flow = columns.add(0.0, 1.0, _DETOUR)
                self.f[one, other] = flow
                rows.add([(flow, 1.0), (link, -1.0)], -math.inf, 0.0)
                out.setdefault(one, []).append((flow, 1.0))
                into.setdefault(other, []).append((flow, 1.0))
        rows.add(out.get(self.key, []), 2.0, 2.0)
        most = 2.0 if len(doors) == 1 else 1.0
        for site in self.x:
            if site == self.key:
                continue
            if site in doors:
                rows.add(into.get(site, []), 0.0, most)
                continue
            rows.add([*into.get(site, []), *((c, -f) for c, f in out.get(site, []))], 0.0, 0.0)
            rows.add(into.get(site, []), 0.0, 1.0)

    def solve(
        self, cancel: CancelToken | None
    ) -> tuple[list[frozenset[str]], list[tuple[str, float]], frozenset[frozenset[str]]] | None:
        """Return new links, masts that are new or higher, and the links of a way that has too many hops."""
        import highspy

        if len(self.rows.start) and not any(one == self.key for one, _ in self.f):
            return None
        lp = highs_model(highspy, self.columns, self.rows)

        def work() -> list[float] | None:
            settings = {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-6, "mip_max_nodes": _NODES}
            solver = solver_with(highspy, settings, lp)
            Listener(cancel, None, None).listen(solver)
            checked(highspy, solver.run())
            if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
                return None
            return list(solver.getSolution().col_value)

        value = run_in_worker(work, cancel)
        if cancel is not None:
            cancel.check()
        if value is None:
            return None
        return self._read(value)

    def _read(
        self, value: list[float]
    ) -> tuple[list[frozenset[str]], list[tuple[str, float]], frozenset[frozenset[str]]]:
        goes = {ends for ends, column in self.f.items() if value[column] > 0.5}
        paths = self._traced(goes)
        used = {frozenset(step) for path in paths for step in path}
        links = sorted((ends for ends in used if ends not in self.standing), key=sorted)
        network = self.graph.plan.used_sites
        heights = self.graph.problem.instance.heights_m
        through = {site for ends in links for site in ends}
        masts = []
        for site in sorted(through):
            level = next(k for k, column in self.x[site].items() if value[column] > 0.5)
            now = network[site].mast_height_m if site in network else None
            if now is None or heights[level] > now + 1e-9:
                masts.append((site, heights[level]))
        most = self.graph.plan.rules.max_hops
        long = next((frozenset(frozenset(step) for step in path) for path in paths if len(path) > most), frozenset())
        # A way that stands already cannot be shortened by building less.
        if long and all(ends in self.standing for ends in long):
            long = frozenset()
        return links, masts, long

    def _traced(self, goes: set[tuple[str, str]]) -> list[list[tuple[str, str]]]:
        doors = self.graph.doors
        paths = []
        for first in sorted(step for step in goes if step[0] == self.key):
            path, at = [first], first[1]
            while at not in doors:
                step = min(one for one in goes if one[0] == at)
                path.append(step)
                at = step[1]
            paths.append(path)
        return paths

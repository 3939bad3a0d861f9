"""The instance as a mixed-integer linear model for HiGHS.

Variables of a usable site i: ``x[i][l]`` it stands at level l or higher (incremental: x[i][l] <= x[i][l-1], each step
pays the difference of cost), ``f[i]`` it has a sector, ``n[i]`` how many, ``u[i]`` its depth in links. Of a way to
link two sites in one direction: ``a`` the child hangs on the parent by it. Of a group of equal homes and a site:
``z`` how many of them it serves. Where a link or a gateway can be full, of a parent and a child: ``flow``, the load
of homes that hangs on the child (`flows`). Every built site that is no gateway hangs on exactly one parent, which is
built, and depths rise along links (Miller-Tucker-Zemlin in the form of Desrochers and Laporte, 1991), so that what is
chosen is a forest rooted in gateways. A gateway needs no parent: a link into one only costs. Of a site that may become
a gateway: ``y[i]`` its connection is opened. It then is a root, has no parent, and its depth counts for nothing.

*Layered*, a site has a copy at each depth that it may have, and links go from a depth to the next: see `layers`.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.solver.arc_rows import add_arcs, add_radios, add_whole_homes, turned
from cn_planner.solver.flows import add_flows
from cn_planner.solver.formulation import Arc, Formulation, LinkOption
from cn_planner.solver.highs import Listener, SolverEnd, checked, highs_model, solver_with
from cn_planner.solver.layers import add_layers
from cn_planner.solver.network import Layout, LinkRow, fits
from cn_planner.solver.spare_rows import add_spares, spares_of
from cn_planner.solver.tower_rows import add_towers, tower_values
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cn_planner.progress import CancelToken
    from cn_planner.solver.network import HomeGroup, SolverNetwork

_LOOKS = 1_000
"""Looks of the solver beside one a node, where nodes are limited."""
_PARTED = 40
"""Times that a model is solved again at most."""


@dataclass(frozen=True, slots=True)
class MilpResult:
    """What the solver found. ``bound`` bounds the objective (cost from below, served weight from above)."""

    end: SolverEnd
    choice: Layout | None
    bound: float | None


@dataclass(slots=True)
class MilpModel(Formulation):
    """The model of a network, written down and solved; its parameters are those of `Formulation`.

    Raises
    ------
    CancelledError
        Where that is cancelled.
    """

    def __post_init__(self) -> None:
        """Write the model down."""
        self._sites()
        if self.tree and self.layered:
            add_layers(self, self._link_options())
        elif self.tree:
            self._links(self._link_options())
        else:
            self._least_links()
        self._homes()
        if self.clustering is not None:
            self.one = self.columns.add(1.0, 1.0)
        if self.network.limited:
            add_flows(self)
        if self.network.arcs is not None:
            add_arcs(self)
        add_radios(self)
        add_towers(self)
        add_spares(self)
        if self.budget is not None:
            terms = [(j, c) for j, c in enumerate(self.columns.cost) if c]
            self.rows.add(terms, -math.inf, self.budget)

    @staticmethod
    def size(network: SolverNetwork, levels: Sequence[Sequence[int]] | None = None, *, tree: bool = True) -> int:
        """Return about how many numbers the model would hold, before any is written down."""
        tops = [max(levels[i], default=-1) if levels is not None else len(a) - 1 for i, a in enumerate(network.allowed)]
        links = sum(1 for row in network.rows if row.level_a <= tops[row.a] and row.level_b <= tops[row.b])
        options = sum(1 for group in network.groups for site, level in group.options if level <= tops[site])
        return (26 if network.limited else 22) * links * tree + 8 * options

    def _sites(self) -> None:
        net, inst, columns, rows = self.network, self.network.instance, self.columns, self.rows
        gateways: list[tuple[int, float]] = []
        for i, site in enumerate(inst.sites):
            may = range(-1, len(net.allowed[i])) if self.levels is None else self.levels[i]
            top = max(may, default=-1)
            if not net.usable[i] or top < 0:
                if site.must:
                    rows.add([], 1.0, math.inf)  # what must stand cannot: no plan
                continue
            low = 0 if site.must else min(may)
            before = 0.0
            for level in range(top + 1):
                cost = net.site_cost(i, level)
                self.x[i, level] = columns.add(1.0 if level <= low else 0.0, 1.0, cost - before)
                before = cost
                if level:
                    rows.add([(self.x[i, level], 1.0), (self.x[i, level - 1], -1.0)], -math.inf, 0.0)
            self.f[i] = columns.add(0.0, 1.0)
            self.n[i] = columns.add(0.0, float(inst.max_sectors), net.sector_cost(i, 0))
            rows.add([(self.f[i], 1.0), (self.n[i], -1.0)], -math.inf, 0.0)
            rows.add([(self.n[i], 1.0), (self.f[i], -float(inst.max_sectors))], -math.inf, 0.0)
            rows.add([(self.f[i], 1.0), (self.x[i, 0], -1.0)], -math.inf, 0.0)
            if site.gateway:
                gateways.append((self.x[i, 0], 1.0))
                continue
            if site.open_cost is not None:
                self.y[i] = columns.add(0.0, 1.0, site.open_cost)
                rows.add([(self.y[i], 1.0), (self.x[i, 0], -1.0)], -math.inf, 0.0)
                gateways.append((self.y[i], 1.0))
            if not self.layered:
                self.u[i] = columns.add(1.0, float(max(1, inst.max_hops)), whole=False)
        rows.add(gateways, 1.0, math.inf)

    def _check(self, number: int) -> None:
        if self.cancel is not None and number % 1024 == 0:
            self.cancel.check()

    def _least_links(self) -> None:
        """Let each site that is no gateway pay for the cheapest link that could feed it, at the least height."""
        sites = self.network.instance.sites
        least: dict[int, tuple[float, int]] = {}
        for number, row in enumerate(self.network.rows):
            self._check(number)
            for parent, child, lp, lc in (
                (row.a, row.b, row.level_a, row.level_b),
                (row.b, row.a, row.level_b, row.level_a),
            ):
                if (parent, lp) in self.x and (child, lc) in self.x and not sites[child].gateway:
                    cost, level = least.get(child, (row.cost, lc))
                    least[child] = min(cost, row.cost), min(level, lc)
        for site in self.u:
            cost, level = least.get(site, (0.0, -1))
            if site in self.y:
                self._least_door(site, cost if level >= 0 else math.inf)
                continue
            if level < 0:
                self.columns.upper[self.x[site, 0]] = 0.0  # nothing feeds it
                continue
            self.columns.cost[self.x[site, 0]] += cost
            for step in range(1, level + 1):
                self.rows.add([(self.x[site, step], 1.0), (self.x[site, step - 1], -1.0)], 0.0, 0.0)

    def _least_door(self, site: int, link: float) -> None:
        """Let a site that may become a gateway pay for its connection, or for the cheapest link where that is less."""
        here, opened = self.x[site, 0], self.y[site]
        if link == math.inf:  # only its connection feeds it
            self.rows.add([(opened, 1.0), (here, -1.0)], 0.0, 0.0)
            return
        least = min(link, self.columns.cost[opened])
        self.columns.cost[here] += least
        self.columns.cost[opened] -= least

    def _link_options(self) -> list[LinkOption]:
        """Return the ways that the model has: into gateways none, and none where no hop is allowed."""
        sites, found = self.network.instance.sites, []
        for number, row in enumerate(self.network.rows if self.network.instance.max_hops else ()):
            self._check(number)
            for option in (
                LinkOption(row.a, row.b, row.level_a, row.level_b, row.cost, row.carries, row.kind),
                LinkOption(row.b, row.a, row.level_b, row.level_a, row.cost, row.carries, row.kind),
            ):
                stand = (option.parent, option.parent_level) in self.x and (option.child, option.child_level) in self.x
                if stand and not sites[option.child].gateway and (self.keep is None or option in self.keep.options):
                    found.append(option)
        return found

    def _links(self, options: list[LinkOption]) -> None:
        columns, rows = self.columns, self.rows
        hops = float(self.network.instance.max_hops)
        into: dict[int, list[Arc]] = {i: [] for i in self.u}
        by_pair: dict[tuple[int, int], list[Arc]] = {}
        for (i, level), column in self.x.items():
            self.place[i, 0, level] = column
        for option in options:
            arc = Arc(option, columns.add(0.0, 1.0, option.cost))
            self.arcs.append(arc)
            into[option.child].append(arc)
            by_pair.setdefault((min(option.parent, option.child), max(option.parent, option.child)), []).append(arc)
        for child, arcs in into.items():
            opened = [(self.y[child], 1.0)] if child in self.y else []
            rows.add([*((arc.column, 1.0) for arc in arcs), *opened, (self.x[child, 0], -1.0)], 0.0, 0.0)
            for level in sorted({arc.option.child_level for arc in arcs} - {0}):
                # One parent at most, so all arcs that need this height hold it together.
                terms = [(arc.column, 1.0) for arc in arcs if arc.option.child_level >= level]
                rows.add([*terms, (self.x[child, level], -1.0)], -math.inf, 0.0)
        for number, ((a, b), arcs) in enumerate(by_pair.items()):
            self._check(number)
            for end in (a, b):
                # A pair is linked at most once, in either direction: its ways hold the end's height together.
                need = {
                    arc.column: arc.option.parent_level if arc.option.parent == end else arc.option.child_level
                    for arc in arcs
                }
                for level in sorted(set(need.values())):
                    terms = [(column, 1.0) for column, least in need.items() if least >= level]
                    rows.add([*terms, (self.x[end, level], -1.0)], -math.inf, 0.0)
            self._depth(a, b, arcs, hops)

    def _depth(self, a: int, b: int, arcs: list[Arc], hops: float) -> None:
        if hops < 2:
            # One hop: a parent is a gateway.
            for arc in arcs:
                if arc.option.parent in self.y:
                    self.rows.add([(arc.column, 1.0), (self.y[arc.option.parent], -1.0)], -math.inf, 0.0)
                elif arc.option.parent in self.u:
                    self.columns.upper[arc.column] = 0.0
            return
        if a not in self.u or b not in self.u:
            return
        for parent, child in ((a, b), (b, a)):
            down = [(arc.column, hops) for arc in arcs if arc.option.parent == parent]
            up = [(arc.column, hops - 2.0) for arc in arcs if arc.option.parent == child]
            # Where the parent is opened it counts as 1 deep, and its child may be so too.
            opened = [(self.y[parent], -1.0)] if parent in self.y else []
            self.rows.add([(self.u[parent], 1.0), (self.u[child], -1.0), *down, *up, *opened], -math.inf, hops - 1.0)

    def _homes(self) -> None:
        net, inst, columns, rows = self.network, self.network.instance, self.columns, self.rows
        on_site: dict[int, list[tuple[int, float]]] = {i: [] for i in self.n}
        served: list[tuple[int, float]] = []
        for g, group in enumerate(net.groups):
            self._check(g)
            count = group.count
            mine: list[tuple[int, float]] = []
            for number, (site, level) in enumerate(group.options):
                if (site, level) not in self.x or (self.keep is not None and (g, site) not in self.keep.serves):
                    continue
                steps = self._steps(site, level, group.reached[number]) if group.reached else []
                most = self._most_of(group, steps)
                if most <= 0:
                    continue
                column = columns.add(0.0, most, group.cost, whole=self._whole(group))
                self.z[g, site] = column
                if len(steps) > 1:
                    rows.add([(column, 1.0), *((step, -more) for step, more in steps)], -math.inf, 0.0)
                elif level:  # at the least level the sector says it: f <= x[site, 0]
                    rows.add([(column, 1.0), (self.x[site, level], -most)], -math.inf, 0.0)
                self._by_sector(column, site, most)
                on_site[site].append((column, group.load))
                mine.append((column, 1.0))
                served.append((column, group.weight))
            if group.must:
                rows.add(mine, count, count)
            elif mine:
                rows.add(mine, -math.inf, count)
        for site, terms in on_site.items():
            rows.add([*terms, (self.n[site], -inst.sector_homes)], -math.inf, 0.0)
        self._room(on_site)
        self.served = served
        if self.goal > 0:
            rows.add(served, self.goal, math.inf)
            if inst.sector_homes > 0:  # sectors are whole
                sectors = math.ceil(self.goal * net.load_each / inst.sector_homes - 1e-9)
                rows.add([(column, 1.0) for column in self.n.values()], float(sectors), math.inf)

    def _most_of(self, group: HomeGroup, steps: Sequence[tuple[int, float]]) -> float:
        """Return how many of a group a site serves at most; `steps` are those of its mast, of homes that differ."""
        most = math.fsum(more for _, more in steps) if group.reached else group.count
        if group.load <= 0.0:
            return most
        carried = self.network.instance.most_homes / group.load
        return min(most, carried if group.reached else float(math.floor(carried + 1e-9)))

    def _room(self, on_site: Mapping[int, list[tuple[int, float]]]) -> None:
        """Let no site serve more than the sectors that it may ever have will carry."""
        room = self.network.instance.room_homes
        if room is not None:
            for site, terms in on_site.items():
                self.rows.add([*terms, (self.f[site], -room)], -math.inf, 0.0)

    def _by_sector(self, column: int, site: int, most: float) -> None:
        """Serve homes where there is a sector; where sectors are arcs, `add_arcs` says which."""
        if self.network.arcs is None:
            self.rows.add([(column, 1.0), (self.f[site], -most)], -math.inf, 0.0)

    def _steps(self, site: int, level: int, reached: Sequence[float]) -> list[tuple[int, float]]:
        """Return the steps of a mast from a level on, each with how much more of a group it reaches."""
        found, before = [], 0.0
        for number, now in enumerate(reached):
            if now > before and (site, level + number) in self.x:
                found.append((self.x[site, level + number], now - before))
                before = now
        return found

    def _whole(self, group: HomeGroup) -> bool:
        # With sites, heights and sectors given, homes of weight and load 1 and whole capacities make a transport
        # problem, whose corners are whole: the solver need not branch on them.
        inst = self.network.instance
        if group.reached:
            return False
        if self.network.arcs is not None:
            return True
        room = inst.room_homes
        whole = float(inst.sector_homes).is_integer() and (room is None or float(room).is_integer())
        return self.whole_homes or not (group.weight == group.load == 1.0 and whole)

    def solve(
        self,
        *,
        start: Layout | None = None,
        time_limit_s: float | None = None,
        nodes: int | None = None,
        cancel: CancelToken | None = None,
        options: dict[str, Any] | None = None,
        watch: Callable[[float], None] | None = None,
    ) -> MilpResult:
        """Run HiGHS on the model, one thread, fixed seed.

        Parameters
        ----------
        start : Choice, optional
            A plan to begin with.
        time_limit_s, nodes :
            Where to stop; only nodes give the same result each time.
        cancel : CancelToken, optional
            Looked at while the solver works.
        options : dict, optional
            Further settings of HiGHS.
        watch : function, optional
            Called with the seconds that the solver has worked.
        """
        import highspy

        settings: dict[str, Any] = {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-6, **(options or {})}
        if time_limit_s is not None:
            settings["time_limit"] = max(0.05, time_limit_s)
        if nodes is not None:
            settings["mip_max_nodes"] = nodes
        lp = self.lp(highspy)

        def work() -> MilpResult:
            solver = solver_with(highspy, settings, lp)
            if start is not None:
                solution = highspy.HighsSolution()
                solution.col_value = self.values(start)
                solver.setSolution(solution)
            # Looks come at fixed places of the search: a limit on them repeats, as one on nodes does.
            listener = Listener(cancel, watch, None if nodes is None else _LOOKS + nodes)
            listener.listen(solver)
            checked(highspy, solver.run())
            return self._result(highspy, solver, cancel, listener)

        # The solver looks at a cancel between the models it solves, which can take it a minute each.
        return run_in_worker(work, cancel) or MilpResult(SolverEnd.CANCEL, None, None)

    def solve_whole(
        self, *, start: Layout | None, time_limit_s: float | None, nodes: int | None, cancel: CancelToken | None,
        watch: Callable[[float], None] | None = None,
    ) -> MilpResult:  # fmt: skip
        """Run HiGHS as `solve`, again as long as its plan parts a home's time among beams: that is said then."""
        end = None if time_limit_s is None else time.perf_counter() + time_limit_s
        found = self.solve(start=start, time_limit_s=time_limit_s, nodes=nodes, cancel=cancel, watch=watch)
        for _ in range(_PARTED):
            left = None if end is None else end - time.perf_counter()
            over = found.end is not SolverEnd.OPTIMAL or (left is not None and left <= 0.0)
            if over or found.choice is None or not add_whole_homes(self, found.choice):
                break
            best = self.network.pruned(found.choice)
            again = self.solve(start=best, time_limit_s=left, nodes=nodes, cancel=cancel, watch=watch)
            # What was found before stays a plan where more beams make it one.
            found = again if again.choice is not None else replace(again, choice=best)
        return found

    def relaxed(
        self,
        *,
        iterations: int,
        time_limit_s: float | None = None,
        cancel: CancelToken | None = None,
        watch: Callable[[float, int], None] | None = None,
    ) -> tuple[SolverEnd, float | None, int]:
        """Return how the linear relaxation ended, the bound that it gives, and the simplex iterations.

        Parameters
        ----------
        iterations :
            Steps after which it ends without a bound: a limit that repeats.
        time_limit_s, cancel, watch :
            As in `solve`; `watch` is told the iterations too.
        """
        import highspy

        settings: dict[str, Any] = {"simplex_iteration_limit": iterations, "solver": "simplex"}
        if time_limit_s is not None:
            settings["time_limit"] = max(0.05, time_limit_s)
        lp = self.lp(highspy)
        lp.integrality_ = []

        def work() -> tuple[SolverEnd, float | None, int]:
            solver = solver_with(highspy, settings, lp)
            Listener(cancel, None, None, watch).listen(solver)
            checked(highspy, solver.run())
            status, kind, info = solver.getModelStatus(), highspy.HighsModelStatus, solver.getInfo()
            iterations = int(info.simplex_iteration_count)
            if status == kind.kOptimal:
                bound = float(info.objective_function_value)
                return SolverEnd.OPTIMAL, bound if self.budget is None else -bound, iterations
            if status in (kind.kInfeasible, kind.kUnboundedOrInfeasible):
                return SolverEnd.INFEASIBLE, None, iterations
            if cancel is not None and cancel.cancelled:
                return SolverEnd.CANCEL, None, iterations
            return (SolverEnd.TIME if status == kind.kTimeLimit else SolverEnd.NODES), None, iterations

        return run_in_worker(work, cancel) or (SolverEnd.CANCEL, None, 0)

    def lp(self, highspy: Any) -> Any:
        """Return the model as HiGHS takes it."""
        lp = highs_model(highspy, self.columns, self.rows)
        if self.budget is not None:
            cost = np.zeros(len(self.columns.cost))
            for column, weight in self.served:
                cost[column] = -weight
            lp.col_cost_ = cost
        return lp

    @property
    def in_units(self) -> bool:
        """Whether a plan that is better is so by one at least: whole weights within a budget."""
        return self.budget is not None and self.network.whole

    def objective(self, choice: Layout) -> float:
        """Return what is minimised of a plan: money, or weight with a minus."""
        return self.network.cost(choice) if self.budget is None else -self.network.served(choice)

    def cutoff(self, objective: float) -> float:
        """Return the objective above which no plan is better than one of such an objective."""
        return objective - (1.0 if self.in_units else 0.0)

    def values(self, choice: Layout) -> list[float]:
        """Return the columns' values of a plan."""
        values = np.array(self.columns.lower)
        for (i, level), column in self.x.items():
            values[column] = float(choice.levels[i] >= level)
        for i, column in self.n.items():
            values[column] = choice.sectors[i]
            values[self.f[i]] = float(choice.sectors[i] > 0)
        roots = set(self.network.roots(choice))
        for i, column in self.y.items():
            values[column] = float(i in roots)
        depths = self.network.depths(choice)
        for i, column in self.u.items():
            values[column] = min(max(1, depths[i]), self.columns.upper[column])
        if self.layered:
            for (i, depth, level), column in self.place.items():
                values[column] = float(choice.levels[i] >= level and depths[i] == depth)
        cheapest: dict[int, tuple[float, Arc]] = {}
        flows = self.network.flows(choice) if self.flow else [0.0] * len(choice.levels)
        for arc in self.arcs:
            option = arc.option
            high = (
                option.parent_level <= choice.levels[option.parent]
                and option.child_level <= choice.levels[option.child]
            )
            here = choice.parents[option.child] == option.parent and arc.depth in (0, depths[option.child])
            if high and here and fits(flows[option.child], option.carries):
                row = LinkRow(option.parent, option.child, option.parent_level, option.child_level, option.cost,
                              option.carries, option.kind)  # fmt: skip
                cost, old = self.network.whole_cost(choice, row), cheapest.get(option.child)
                if old is None or cost < old[0]:
                    cheapest[option.child] = cost, arc
        for _, arc in cheapest.values():
            values[arc.column] = 1.0
        for (parent, child), column in self.flow.items():
            values[column] = flows[child] if choice.parents[child] == parent else 0.0
        turned(self, choice, values)
        tower_values(self, choice, values)
        group_of = {h: g for g, group in enumerate(self.network.groups) for h in group.homes}
        for h, site in enumerate(choice.server):
            if site >= 0 and (group_of[h], site) in self.z:
                values[self.z[group_of[h], site]] += 1.0
        spares_of(self, choice, values)
        return [float(v) for v in values]

    def _result(self, highspy: Any, solver: Any, cancel: CancelToken | None, listener: Listener) -> MilpResult:
        status = solver.getModelStatus()
        interrupted = SolverEnd.NODES if listener.full else SolverEnd.TIME
        if cancel is not None and cancel.cancelled:
            interrupted = SolverEnd.CANCEL
        kind = highspy.HighsModelStatus
        ends = {
            kind.kOptimal: SolverEnd.OPTIMAL,
            kind.kInfeasible: SolverEnd.INFEASIBLE,
            kind.kUnboundedOrInfeasible: SolverEnd.INFEASIBLE,  # every column is bounded
            kind.kModelEmpty: SolverEnd.INFEASIBLE,  # of no site, and a gateway is asked for
            kind.kTimeLimit: SolverEnd.TIME,
            kind.kSolutionLimit: SolverEnd.NODES,
            kind.kInterrupt: interrupted,
            kind.kHighsInterrupt: interrupted,
        }
        if status not in ends:
            raise RuntimeError(f"HiGHS ended with {solver.modelStatusToString(status)}")
        info = solver.getInfo()
        bound: float | None = float(info.mip_dual_bound)
        if bound is None or not math.isfinite(bound):
            bound = None
        elif self.budget is not None:
            bound = -bound
        choice = None
        if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            choice = self.choice(np.array(solver.getSolution().col_value))
        return MilpResult(ends[status], choice, bound)

    def choice(self, values: Any) -> Layout:
        """Return the plan of a solution of the model, without servers where the homes are not whole."""
        net = self.network
        count = len(net.instance.sites)
        levels, parents, sectors = [-1] * count, [-1] * count, [0] * count
        for (i, level), column in self.x.items():
            if values[column] > 0.5:
                levels[i] = max(levels[i], level)
        for arc in self.arcs:
            if values[arc.column] > 0.5:
                parents[arc.option.child] = arc.option.parent
        for i, column in self.n.items():
            sectors[i] = round(values[column])
        server = [-1] * len(net.instance.homes)
        left = [list(group.homes) for group in net.groups]
        for (g, site), column in self.z.items():
            whole = round(values[column])
            if abs(values[column] - whole) > 1e-4:
                return Layout(tuple(levels), tuple(parents), tuple(sectors), ())
            for _ in range(whole):
                if left[g]:
                    server[left[g].pop(0)] = site
        return Layout(tuple(levels), tuple(parents), tuple(sectors), tuple(server))


def is_small(network: SolverNetwork, most: int) -> bool:
    """Return whether the exact model of a network has so many columns at most, beside those of its towers' radios."""
    if MilpModel.size(network) > 20 * most:
        return False
    model = MilpModel(network, network.goal, None)
    return len(model.columns.cost) - len(model.towers) <= most

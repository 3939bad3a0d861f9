"""The instance as a mixed-integer linear programme for HiGHS.

Variables of a usable site i: ``x[i][l]`` it stands at level l or higher (incremental: x[i][l] <= x[i][l-1], each step
pays the difference of cost), ``f[i]`` it has a sector, ``n[i]`` how many, ``u[i]`` its depth in links. Of a way to
link two sites in one direction: ``a`` the child hangs on the parent by it. Of a group of equal homes and a site:
``z`` how many of them it serves. Every built site that is no gateway hangs on exactly one parent, which is built, and
depths rise along links (Miller-Tucker-Zemlin in the form of Desrochers and Laporte, 1991), so that what is chosen is
a forest rooted in gateways. A gateway needs no parent: a link into one only costs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.planning.apart import apart
from cn_planner.planning.network import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cn_planner.planning.network import Group, Network
    from cn_planner.progress import CancelToken

_LOOKS = 1_000
"""Looks of the solver beside one a node, where nodes are limited."""
_TELL = 500
"""Looks between two words on how far it is."""


class End(Enum):
    """How a run of the solver ended."""

    OPTIMAL = auto()
    INFEASIBLE = auto()
    TIME = auto()
    NODES = auto()
    CANCEL = auto()


@dataclass(frozen=True, slots=True)
class MilpResult:
    """What the solver found. ``bound`` bounds the objective (cost from below, served weight from above)."""

    end: End
    choice: Choice | None
    bound: float | None


@dataclass(slots=True)
class _Rows:
    """Rows of a linear programme as they are written down."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def add(self, terms: Sequence[tuple[int, float]], low: float, high: float) -> None:
        self.start.append(len(self.index))
        for column, factor in terms:
            self.index.append(column)
            self.value.append(factor)
        self.lower.append(low)
        self.upper.append(high)


@dataclass(slots=True)
class _Columns:
    """Columns: bounds, price (money), whether whole."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)

    def add(self, low: float, high: float, cost: float = 0.0, *, whole: bool = True) -> int:
        self.lower.append(low)
        self.upper.append(high)
        self.cost.append(cost)
        self.whole.append(whole)
        return len(self.cost) - 1


@dataclass(frozen=True, slots=True)
class _Arc:
    parent: int
    child: int
    parent_level: int
    child_level: int
    column: int


@dataclass(slots=True)
class Model:
    """The programme of a network, restricted to some sites or levels where asked.

    Parameters
    ----------
    network : Network
        The instance.
    goal : float
        Weight that must be served (0 where the budget decides).
    budget : float or None
        None: least cost. Else most weight for so much money.
    levels : per site the levels it may take (-1: not built); None: all. A restriction: its bound is not the whole's.
    whole_homes : whether homes are counted whole even where it is not needed for a bound.
    tree : bool
        False leaves the links out: each site that is no gateway pays for the cheapest link that could feed it. That
        asks less than the whole does, so its bound holds; its choice is no plan.
    cancel : CancelToken, optional
        Looked at while the programme is written down.

    Raises
    ------
    CancelledError
        Where that is cancelled.
    """

    network: Network
    goal: float
    budget: float | None = None
    levels: Sequence[Sequence[int]] | None = None
    whole_homes: bool = True
    tree: bool = True
    cancel: CancelToken | None = None
    columns: _Columns = field(default_factory=_Columns)
    rows: _Rows = field(default_factory=_Rows)
    x: dict[tuple[int, int], int] = field(default_factory=dict)
    f: dict[int, int] = field(default_factory=dict)
    n: dict[int, int] = field(default_factory=dict)
    u: dict[int, int] = field(default_factory=dict)
    arcs: list[_Arc] = field(default_factory=list)
    z: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write the programme down."""
        self._sites()
        if self.tree:
            self._links()
        else:
            self._least_links()
        self._homes()
        if self.budget is not None:
            terms = [(j, c) for j, c in enumerate(self.columns.cost) if c]
            self.rows.add(terms, -math.inf, self.budget)

    @staticmethod
    def size(network: Network, levels: Sequence[Sequence[int]] | None = None, *, tree: bool = True) -> int:
        """Return about how many numbers the programme would hold, before any is written down."""
        tops = [max(levels[i], default=-1) if levels is not None else len(a) - 1 for i, a in enumerate(network.allowed)]
        ways = sum(1 for row in network.rows if row.level_a <= tops[row.a] and row.level_b <= tops[row.b])
        options = sum(1 for group in network.groups for site, level in group.options if level <= tops[site])
        return 22 * ways * tree + 8 * options

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
            self.n[i] = columns.add(0.0, float(inst.max_sectors), inst.sector_cost)
            rows.add([(self.f[i], 1.0), (self.n[i], -1.0)], -math.inf, 0.0)
            rows.add([(self.n[i], 1.0), (self.f[i], -float(inst.max_sectors))], -math.inf, 0.0)
            rows.add([(self.f[i], 1.0), (self.x[i, 0], -1.0)], -math.inf, 0.0)
            if site.gateway:
                gateways.append((self.x[i, 0], 1.0))
            else:
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
            if level < 0:
                self.columns.upper[self.x[site, 0]] = 0.0  # nothing feeds it
                continue
            self.columns.cost[self.x[site, 0]] += cost
            for step in range(1, level + 1):
                self.rows.add([(self.x[site, step], 1.0), (self.x[site, step - 1], -1.0)], 0.0, 0.0)

    def _links(self) -> None:
        net, columns, rows = self.network, self.columns, self.rows
        sites = net.instance.sites
        hops = float(net.instance.max_hops)
        into: dict[int, list[_Arc]] = {i: [] for i in self.u}
        by_pair: dict[tuple[int, int], list[_Arc]] = {}
        for number, row in enumerate(net.rows if hops else ()):
            self._check(number)
            ways = ((row.a, row.b, row.level_a, row.level_b), (row.b, row.a, row.level_b, row.level_a))
            for parent, child, lp, lc in ways:
                if (parent, lp) in self.x and (child, lc) in self.x and not sites[child].gateway:
                    arc = _Arc(parent, child, lp, lc, columns.add(0.0, 1.0, row.cost))
                    self.arcs.append(arc)
                    into[child].append(arc)
                    by_pair.setdefault((row.a, row.b), []).append(arc)
        for child, arcs in into.items():
            rows.add([*((arc.column, 1.0) for arc in arcs), (self.x[child, 0], -1.0)], 0.0, 0.0)
            for level in sorted({arc.child_level for arc in arcs} - {0}):
                # One parent at most, so all arcs that need this height hold it together.
                terms = [(arc.column, 1.0) for arc in arcs if arc.child_level >= level]
                rows.add([*terms, (self.x[child, level], -1.0)], -math.inf, 0.0)
        for number, ((a, b), arcs) in enumerate(by_pair.items()):
            self._check(number)
            for end in (a, b):
                # A pair is linked at most once, in either direction: its ways hold the end's height together.
                need = {arc.column: arc.parent_level if arc.parent == end else arc.child_level for arc in arcs}
                for level in sorted(set(need.values())):
                    terms = [(column, 1.0) for column, least in need.items() if least >= level]
                    rows.add([*terms, (self.x[end, level], -1.0)], -math.inf, 0.0)
            self._depth(a, b, arcs, hops)

    def _depth(self, a: int, b: int, arcs: list[_Arc], hops: float) -> None:
        if hops < 2:
            # One hop: a parent is a gateway.
            for arc in arcs:
                if arc.parent in self.u:
                    self.columns.upper[arc.column] = 0.0
            return
        if a not in self.u or b not in self.u:
            return
        for parent, child in ((a, b), (b, a)):
            down = [(arc.column, hops) for arc in arcs if arc.parent == parent]
            up = [(arc.column, hops - 2.0) for arc in arcs if arc.parent == child]
            self.rows.add([(self.u[parent], 1.0), (self.u[child], -1.0), *down, *up], -math.inf, hops - 1.0)

    def _homes(self) -> None:
        net, inst, columns, rows = self.network, self.network.instance, self.columns, self.rows
        on_site: dict[int, list[tuple[int, float]]] = {i: [] for i in self.n}
        served: list[tuple[int, float]] = []
        most_weight = inst.max_sectors * inst.sector_homes
        for g, group in enumerate(net.groups):
            self._check(g)
            count = len(group.homes)
            mine: list[tuple[int, float]] = []
            for site, level in group.options:
                if (site, level) not in self.x:
                    continue
                most = float(count)
                if group.weight > 0:
                    most = float(min(count, math.floor(most_weight / group.weight + 1e-9)))
                if most <= 0:
                    continue
                column = columns.add(0.0, most, group.cost, whole=self._whole(group))
                self.z[g, site] = column
                rows.add([(column, 1.0), (self.x[site, level], -most)], -math.inf, 0.0)
                rows.add([(column, 1.0), (self.f[site], -most)], -math.inf, 0.0)
                on_site[site].append((column, group.weight))
                mine.append((column, 1.0))
                served.append((column, group.weight))
            if group.must:
                rows.add(mine, float(count), float(count))
            elif mine:
                rows.add(mine, -math.inf, float(count))
        for site, terms in on_site.items():
            rows.add([*terms, (self.n[site], -inst.sector_homes)], -math.inf, 0.0)
        self.served = served
        if self.goal > 0:
            rows.add(served, self.goal, math.inf)

    served: list[tuple[int, float]] = field(default_factory=list)

    def _whole(self, group: Group) -> bool:
        # With sites, heights and sectors given, homes of weight 1 and whole capacities make a transport problem, whose
        # corners are whole: the solver need not branch on them.
        inst = self.network.instance
        return self.whole_homes or not (group.weight == 1.0 and float(inst.sector_homes).is_integer())

    def solve(
        self,
        *,
        start: Choice | None = None,
        time_limit_s: float | None = None,
        nodes: int | None = None,
        cancel: CancelToken | None = None,
        options: dict[str, Any] | None = None,
        watch: Callable[[float], None] | None = None,
    ) -> MilpResult:
        """Run HiGHS on the programme, one thread, fixed seed.

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
        lp = self._lp(highspy)

        def work() -> MilpResult:
            solver = _solver(highspy, settings, lp)
            if start is not None:
                solution = highspy.HighsSolution()
                solution.col_value = self._values(start)
                solver.setSolution(solution)
            # Looks come at fixed places of the search: a limit on them repeats, as one on nodes does.
            listener = _Listener(cancel, watch, None if nodes is None else _LOOKS + nodes)
            listener.listen(solver)
            _checked(highspy, solver.run())
            return self._result(highspy, solver, cancel, listener)

        # The solver looks at a cancel between the programmes it solves, which can take it a minute each.
        return apart(work, cancel) or MilpResult(End.CANCEL, None, None)

    def relaxed(
        self,
        *,
        iterations: int,
        time_limit_s: float | None = None,
        cancel: CancelToken | None = None,
        watch: Callable[[float, int], None] | None = None,
    ) -> tuple[End, float | None, int]:
        """Return how the linear relaxation ended, the bound that it gives, and the steps of the simplex method.

        Parameters
        ----------
        iterations :
            Steps after which it ends without a bound: a limit that repeats.
        time_limit_s, cancel, watch :
            As in `solve`; `watch` is told the steps too.
        """
        import highspy

        settings: dict[str, Any] = {"simplex_iteration_limit": iterations, "solver": "simplex"}
        if time_limit_s is not None:
            settings["time_limit"] = max(0.05, time_limit_s)
        lp = self._lp(highspy)
        lp.integrality_ = []

        def work() -> tuple[End, float | None, int]:
            solver = _solver(highspy, settings, lp)
            _Listener(cancel, None, None, watch).listen(solver)
            _checked(highspy, solver.run())
            status, kind, info = solver.getModelStatus(), highspy.HighsModelStatus, solver.getInfo()
            steps = int(info.simplex_iteration_count)
            if status == kind.kOptimal:
                bound = float(info.objective_function_value)
                return End.OPTIMAL, bound if self.budget is None else -bound, steps
            if status in (kind.kInfeasible, kind.kUnboundedOrInfeasible):
                return End.INFEASIBLE, None, steps
            if cancel is not None and cancel.cancelled:
                return End.CANCEL, None, steps
            return (End.TIME if status == kind.kTimeLimit else End.NODES), None, steps

        return apart(work, cancel) or (End.CANCEL, None, 0)

    def _lp(self, highspy: Any) -> Any:
        columns, rows = self.columns, self.rows
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(columns.cost), len(rows.lower)
        cost = np.array(columns.cost)
        if self.budget is not None:
            cost[:] = 0.0
            for column, weight in self.served:
                cost[column] = -weight
        lp.col_cost_ = cost
        lp.col_lower_, lp.col_upper_ = np.array(columns.lower), np.array(columns.upper)
        lp.row_lower_, lp.row_upper_ = np.array(rows.lower), np.array(rows.upper)
        kind = highspy.HighsVarType
        lp.integrality_ = [kind.kInteger if whole else kind.kContinuous for whole in columns.whole]
        matrix = lp.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = np.array([*rows.start, len(rows.index)], dtype=np.int32)
        matrix.index_ = np.array(rows.index, dtype=np.int32)
        matrix.value_ = np.array(rows.value)
        return lp

    def _values(self, choice: Choice) -> list[float]:
        """Return the columns' values of a plan."""
        values = np.array(self.columns.lower)
        for (i, level), column in self.x.items():
            values[column] = float(choice.levels[i] >= level)
        for i, column in self.n.items():
            values[column] = choice.sectors[i]
            values[self.f[i]] = float(choice.sectors[i] > 0)
        for i, column in self.u.items():
            depth, at = 1, i
            while choice.parents[at] in self.u and depth <= len(choice.parents):
                depth, at = depth + 1, choice.parents[at]
            values[column] = min(depth, self.columns.upper[column])
        cheapest: dict[int, _Arc] = {}
        for arc in self.arcs:
            fits = arc.parent_level <= choice.levels[arc.parent] and arc.child_level <= choice.levels[arc.child]
            if fits and choice.parents[arc.child] == arc.parent:
                old = cheapest.get(arc.child)
                if old is None or self.columns.cost[arc.column] < self.columns.cost[old.column]:
                    cheapest[arc.child] = arc
        for arc in cheapest.values():
            values[arc.column] = 1.0
        group_of = {h: g for g, group in enumerate(self.network.groups) for h in group.homes}
        for h, site in enumerate(choice.server):
            if site >= 0 and (group_of[h], site) in self.z:
                values[self.z[group_of[h], site]] += 1.0
        return [float(v) for v in values]

    def _result(self, highspy: Any, solver: Any, cancel: CancelToken | None, listener: _Listener) -> MilpResult:
        status = solver.getModelStatus()
        interrupted = End.NODES if listener.full else End.TIME
        if cancel is not None and cancel.cancelled:
            interrupted = End.CANCEL
        kind = highspy.HighsModelStatus
        ends = {
            kind.kOptimal: End.OPTIMAL,
            kind.kInfeasible: End.INFEASIBLE,
            kind.kUnboundedOrInfeasible: End.INFEASIBLE,  # every column is bounded
            kind.kTimeLimit: End.TIME,
            kind.kSolutionLimit: End.NODES,
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
            choice = self._choice(np.array(solver.getSolution().col_value))
        return MilpResult(ends[status], choice, bound)

    def _choice(self, values: Any) -> Choice:
        """Return the plan of a solution of the programme, without servers where the homes are not whole."""
        net = self.network
        count = len(net.instance.sites)
        levels, parents, sectors = [-1] * count, [-1] * count, [0] * count
        for (i, level), column in self.x.items():
            if values[column] > 0.5:
                levels[i] = max(levels[i], level)
        for arc in self.arcs:
            if values[arc.column] > 0.5:
                parents[arc.child] = arc.parent
        for i, column in self.n.items():
            sectors[i] = round(values[column])
        server = [-1] * len(net.instance.homes)
        left = [list(group.homes) for group in net.groups]
        for (g, site), column in self.z.items():
            whole = round(values[column])
            if abs(values[column] - whole) > 1e-4:
                return Choice(tuple(levels), tuple(parents), tuple(sectors), ())
            for _ in range(whole):
                if left[g]:
                    server[left[g].pop(0)] = site
        return Choice(tuple(levels), tuple(parents), tuple(sectors), tuple(server))


def _quiet_solver(highspy: Any) -> Any:
    class Quiet(highspy.Highs):  # type: ignore[misc]  # HiGHS has no types
        """HiGHS that does not print its banner on standard output when it is made."""

        def enableCallbacks(self) -> None:  # noqa: N802  # HiGHS's name
            self.silent()
            super().enableCallbacks()

    return Quiet()


def _solver(highspy: Any, settings: dict[str, Any], lp: Any) -> Any:
    """Return HiGHS with a programme in it: one thread, fixed seed."""
    # A second run after a change of the thread count would return an error and an empty answer.
    highspy.Highs.resetGlobalScheduler(True)
    solver = _quiet_solver(highspy)
    for name, value in {"output_flag": False, "threads": 1, "random_seed": 1, **settings}.items():
        _checked(highspy, solver.setOptionValue(name, value))
    _checked(highspy, solver.passModel(lp))
    return solver


@dataclass(slots=True)
class _Listener:
    """What is told and asked while the solver works: it stops at a cancel, and after so many looks where asked."""

    cancel: CancelToken | None
    watch: Callable[[float], None] | None
    looks: int | None
    steps: Callable[[float, int], None] | None = None
    seen: int = 0
    full: bool = False

    def listen(self, solver: Any) -> None:
        solver.cbMipInterrupt += self._mip
        solver.cbSimplexInterrupt += self._simplex

    def _mip(self, event: Any) -> None:
        self.seen += 1
        self.full = self.looks is not None and self.seen > self.looks
        if self.full or (self.cancel is not None and self.cancel.cancelled):
            event.interrupt()
        elif self.watch is not None:
            self.watch(float(event.data_out.running_time))

    def _simplex(self, event: Any) -> None:
        self.seen += 1
        if self.cancel is not None and self.cancel.cancelled:
            event.interrupt()
        elif self.steps is not None and self.seen % _TELL == 0:
            self.steps(float(event.data_out.running_time), int(event.data_out.simplex_iteration_count))


def _checked(highspy: Any, status: Any) -> None:
    """Raise where HiGHS reports an error: it does not raise by itself."""
    if status == highspy.HighsStatus.kError:
        raise RuntimeError("HiGHS reports an error")

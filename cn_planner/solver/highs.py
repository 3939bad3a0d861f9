"""HiGHS as the planner runs it: rows and columns as they are written down, one thread, fixed seed, status read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cn_planner.progress import CancelToken

_PROBING = 1 << 15
"""The rule of HiGHS's presolve (`presolve_rule_off`) that tries each binary column at 0 and at 1.

Our models lose nothing by it and their relaxation is solved in a tenth of its time: 43 of them, 23.2 s of the processor
with it, 11.2 without, the same optima.
"""
_TELL = 500
"""Looks between two words on how far it is."""


class SolverEnd(Enum):
    """How a run of the solver ended."""

    OPTIMAL = auto()
    INFEASIBLE = auto()
    TIME = auto()
    NODES = auto()
    CANCEL = auto()


@dataclass(slots=True)
class ModelRows:
    """Rows of a linear model as they are written down."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def add(self, terms: Sequence[tuple[int, float]], low: float, high: float) -> None:
        """Add low <= the sum of (column, factor) <= high."""
        self.start.append(len(self.index))
        for column, factor in terms:
            self.index.append(column)
            self.value.append(factor)
        self.lower.append(low)
        self.upper.append(high)


@dataclass(slots=True)
class ModelColumns:
    """Columns: bounds, price (money), whether whole."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)

    def add(self, low: float, high: float, cost: float = 0.0, *, whole: bool = True) -> int:
        """Add a column; return its number."""
        self.lower.append(low)
        self.upper.append(high)
        self.cost.append(cost)
        self.whole.append(whole)
        return len(self.cost) - 1


def highs_model(highspy: Any, columns: ModelColumns, rows: ModelRows) -> Any:
    """Return a model that minimises the columns' prices, as HiGHS takes it."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns.cost), len(rows.lower)
    lp.col_cost_ = np.array(columns.cost)
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


def quiet_solver(highspy: Any) -> Any:
    """Return HiGHS, silent."""

    class Quiet(highspy.Highs):  # type: ignore[misc]  # HiGHS has no types
        """HiGHS that does not print its banner on standard output when it is made."""

        def enableCallbacks(self) -> None:  # noqa: N802  # HiGHS's name
            self.silent()
            super().enableCallbacks()

    return Quiet()


def solver_with(highspy: Any, settings: dict[str, Any], lp: Any) -> Any:
    """Return HiGHS with a model in it: one thread, fixed seed."""
    # A second run after a change of the thread count would return an error and an empty answer.
    highspy.Highs.resetGlobalScheduler(True)
    solver = quiet_solver(highspy)
    usual = {"output_flag": False, "threads": 1, "random_seed": 1, "presolve_rule_off": _PROBING}
    for name, value in {**usual, **settings}.items():
        checked(highspy, solver.setOptionValue(name, value))
    checked(highspy, solver.passModel(lp))
    return solver


@dataclass(slots=True)
class Listener:
    """What is told and asked while the solver works: it stops at a cancel, and after so many looks where asked."""

    cancel: CancelToken | None
    watch: Callable[[float], None] | None
    looks: int | None
    iterations: Callable[[float, int], None] | None = None
    seen: int = 0
    full: bool = False

    def listen(self, solver: Any) -> None:
        """Have the solver call."""
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
        elif self.iterations is not None and self.seen % _TELL == 0:
            self.iterations(float(event.data_out.running_time), int(event.data_out.simplex_iteration_count))


def checked(highspy: Any, status: Any) -> None:
    """Raise where HiGHS reports an error: it does not raise by itself."""
    if status == highspy.HighsStatus.kError:
        raise RuntimeError("HiGHS reports an error")

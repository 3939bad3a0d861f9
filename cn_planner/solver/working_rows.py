"""The rows of a relaxation that stand in the solver: those that always do, and those that come and go.

Of the rows that only bound from above ("a home is served where there is a sector") few bind at an optimum. A solver
that holds the others too takes several times as long for each step. So what is slack leaves, and comes back when a
solution breaks it; a relaxation without some rows still bounds every plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.solver.highs import ModelRows, checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.solver.cutsets import Cut
    from cn_planner.solver.milp import MilpModel

_VIOLATED = 1e-6
"""By how much a row of the model must be violated to come back."""
_MOST = 2_000
"""Rows of the model that come back at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """A basis of the solver: status of the columns, of the rows that always stand, and of those that bind beside."""

    columns: Any
    fixed: Any
    held: dict[int, Any]


class SparseRows:
    """Rows by what is not zero in them, as `scipy.sparse.csr_array`, which stays with 14 MB in a window once loaded.

    Attributes
    ----------
    start : int32 array of (rows + 1)
        Where each row begins in the other two, and the end of the last.
    index, value : int32 and float64 array
        Columns and factors.
    """

    def __init__(self, start: NDArray[np.int32], index: NDArray[np.int32], value: NDArray[np.float64]) -> None:
        self.start, self.index, self.value = start, index, value
        self._row = np.repeat(np.arange(len(start) - 1), np.diff(start))

    def __getitem__(self, rows: NDArray[np.int64]) -> SparseRows:
        """Return some rows, in the order that is asked for."""
        count = np.diff(self.start)[rows]
        start = np.concatenate([[0], np.cumsum(count)])
        at = np.repeat(self.start[rows] - start[:-1], count) + np.arange(start[-1])
        return SparseRows(start.astype(np.int32), self.index[at], self.value[at])

    def times(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each row's sum of factor times value, added up from its first term on."""
        each = self.value * values[self.index]
        return np.bincount(self._row, each, len(self.start) - 1).astype(np.float64, copy=False)


@dataclass(slots=True)
class WorkingRows:
    """The rows of a model in the solver, by what they are.

    Attributes
    ----------
    cuts : rows beside those of the model, each with whether it stands in the solver.
    totals : columns whose sum is whole in every plan, each by the solver's row that holds it.
    """

    model: MilpModel
    cuts: list[Cut] = field(default_factory=list)
    totals: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    _matrix: Any = None
    _upper: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _fixed: int = 0
    _here: list[int] = field(default_factory=list)
    """What stands after the fixed rows: a row that comes and goes (0 and more), or cut number -1 - n."""
    _stands: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def ordered(self, lp: Any) -> Any:
        """Put the rows that always stand first, the totals last of them, and return the model."""
        totals = _totals(self.model)
        rows = extended(self.model.rows, [[(int(column), 1.0) for column in total] for total in totals])
        upper, lower = np.array(rows.upper), np.array(rows.lower)
        start = np.array([*rows.start, len(rows.index)], np.int32)
        whole = SparseRows(start, np.array(rows.index, np.int32), np.array(rows.value))
        goes = (lower == -np.inf) & np.isfinite(upper)
        order = np.concatenate([np.flatnonzero(~goes), np.flatnonzero(goes)])
        self._fixed = int((~goes).sum())
        self.totals = {self._fixed - len(totals) + number: total for number, total in enumerate(totals)}
        self._matrix, self._upper = whole[np.flatnonzero(goes)], upper[goes]
        self._here, self._stands = list(range(len(self._upper))), np.ones(len(self._upper), np.bool_)
        sorted_rows = whole[order]
        lp.num_row_ = len(order)
        lp.row_lower_, lp.row_upper_ = lower[order], upper[order]
        lp.a_matrix_.start_, lp.a_matrix_.index_ = sorted_rows.start, sorted_rows.index
        lp.a_matrix_.value_ = sorted_rows.value
        return lp

    def drop(self, highspy: Any, solver: Any) -> None:
        """Take out of the solver what does not bind at its optimum."""
        status, basic = solver.getBasis().row_status, highspy.HighsBasisStatus.kBasic
        slack = {n for n in range(len(self._here)) if status[self._fixed + n] == basic}
        if not slack:
            return
        which = np.array(sorted(self._fixed + n for n in slack), dtype=np.int32)
        checked(highspy, solver.deleteRows(len(which), which))
        for n in slack:
            if self._here[n] >= 0:
                self._stands[self._here[n]] = False
        self._here = [row for n, row in enumerate(self._here) if n not in slack]

    def __len__(self) -> int:
        """Return how many rows that come and go stand in the solver."""
        return len(self._here)

    def basis(self, highspy: Any, solver: Any) -> Basis:
        """Return the solver's basis, for a time when other rows may stand in it."""
        found, basic = solver.getBasis(), highspy.HighsBasisStatus.kBasic
        status = found.row_status
        held = {row: status[self._fixed + n] for n, row in enumerate(self._here) if status[self._fixed + n] != basic}
        return Basis(found.col_status, status[: self._fixed], held)

    def put(self, highspy: Any, solver: Any, basis: Basis) -> None:
        """Give a basis back to the solver, with the rows that bind in it."""
        here = set(self._here)
        away = sorted(row for row in basis.held if row not in here)
        self._add_rows(highspy, solver, np.array([row for row in away if row >= 0], dtype=np.int64))
        self._add_cuts(highspy, solver, [row for row in away if row < 0])
        new, basic = highspy.HighsBasis(), highspy.HighsBasisStatus.kBasic
        new.col_status = basis.columns
        new.row_status = [*basis.fixed, *(basis.held.get(row, basic) for row in self._here)]
        new.valid = True
        checked(highspy, solver.setBasis(new))

    def violated(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the rows of the model that a solution violates, by their number."""
        over = self._matrix.times(values) - self._upper
        over[self._stands] = 0.0
        found = np.flatnonzero(over > _VIOLATED)
        if len(found) > _MOST:
            found = np.sort(found[np.argsort(-over[found], kind="stable")[:_MOST]])
        return found

    def add(self, highspy: Any, solver: Any, rows: NDArray[np.int64], cuts: Sequence[Cut]) -> None:
        """Put rows of the model and cuts into the solver."""
        self._add_rows(highspy, solver, rows)
        numbers = range(-1 - len(self.cuts), -1 - len(self.cuts) - len(cuts), -1)
        self.cuts += cuts
        self._add_cuts(highspy, solver, list(numbers))

    def _add_rows(self, highspy: Any, solver: Any, rows: NDArray[np.int64]) -> None:
        if len(rows):
            part = self._matrix[rows]
            checked(
                highspy,
                solver.addRows(
                    len(rows), np.full(len(rows), -highspy.kHighsInf), self._upper[rows], len(part.index),
                    part.start[:-1], part.index, part.value,
                ),
            )  # fmt: skip
            self._here += rows.tolist()
            self._stands[rows] = True

    def _add_cuts(self, highspy: Any, solver: Any, numbers: list[int]) -> None:
        if numbers:
            cuts = [self.cuts[-1 - number] for number in numbers]
            start = np.cumsum([0, *(len(cut) for cut in cuts[:-1])]).astype(np.int32)
            index = np.array([column for cut in cuts for column, _ in cut], dtype=np.int32)
            factor = np.array([factor for cut in cuts for _, factor in cut])
            low, high = np.zeros(len(cuts)), np.full(len(cuts), highspy.kHighsInf)
            checked(highspy, solver.addRows(len(cuts), low, high, len(index), start, index, factor))
            self._here += numbers

    def standing(self) -> list[Cut]:
        """Return the cuts that stand in the solver."""
        return [self.cuts[-1 - row] for row in self._here if row < 0]


def _totals(model: MilpModel) -> list[NDArray[np.int64]]:
    """Return what is counted: sites, gateways, steps of masts, sectors."""
    sites = model.network.instance.sites
    counted = (
        [column for (_, level), column in model.x.items() if level == 0],
        [*(column for (i, level), column in model.x.items() if level == 0 and sites[i].gateway), *model.y.values()],
        list(model.x.values()),
        list(model.n.values()),
    )
    return [np.array(columns, dtype=np.int64) for columns in counted]


def extended(rows: ModelRows, more: Sequence[Sequence[tuple[int, float]]]) -> ModelRows:
    """Return rows of a model and others, of which each sum is at least 0."""
    whole = ModelRows(list(rows.lower), list(rows.upper), list(rows.start), list(rows.index), list(rows.value))
    for terms in more:
        whole.add(terms, 0.0, np.inf)
    return whole

"""Which rows of a file are taken by what its columns hold: at least, at most, one of these words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cn_planner.importers.fields import CellError, normal, read_number
from cn_planner.importers.result import RowError, UnwantedRowError
from cn_planner.importers.table import clean, wrong_columns
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cn_planner.importers.choices import Choices
    from cn_planner.importers.left_out import Tally
    from cn_planner.importers.table import Table
    from cn_planner.message import Message

Row = tuple[int, "Sequence[Any] | RowError"]
_PLAIN_SIGNS = frozenset("0123456789.-+eE")
"""A cell of these alone is a number to `float` where it is one to `read_number`."""


class _Filter:
    """One condition on one column."""

    def __init__(
        self, column: str, index: int, why: Message, fits: Callable[[Any], bool], *, least: float | None = None
    ) -> None:
        self.column = column
        self.index = index
        self.why = why
        self.fits = fits
        self._least = least

    def keep(self, rows: list[Row], tally: Tally) -> list[Row]:
        """Return the rows that fit, those that cannot be read at all among them, and count the others."""
        fits = self._at_once(rows)
        if fits is None:
            fits = [isinstance(cells, RowError) or self.fits(cells[self.index]) for _, cells in rows]
        if not all(fits):
            tally.add(self.why, [row for (row, _), fit in zip(rows, fits, strict=True) if not fit], self.column)
        return [row for row, fit in zip(rows, fits, strict=True) if fit]

    def _at_once(self, rows: list[Row]) -> list[bool] | None:
        """Return which rows have at least so much, None where a cell needs a closer look."""
        least = self._least
        if least is None:
            return None
        try:
            texts = [cells[self.index] for _, cells in rows]  # type: ignore[index]  # a RowError is a TypeError here
            if not _PLAIN_SIGNS.issuperset("".join(texts)):
                return None
            return [value >= least for value in map(float, texts)]
        except (TypeError, ValueError):
            return None


class Filters:
    """All conditions on the rows of a file.

    Raises
    ------
    InputError
        Where one is on a column that is not there.
    """

    def __init__(self, table: Table, choices: Choices) -> None:
        names = [normal(column) for column in table.columns]

        def index(column: str) -> int:
            if normal(column) not in names:
                what = msg("There is no column {column}.", column=clean(column))
                raise wrong_columns(what, table.file, table.columns)
            return names.index(normal(column))

        self._filters: list[_Filter] = []
        for column, limit in choices.least.items():
            why = msg("less than {limit:g}.", limit=limit)
            self._filters.append(_Filter(column, index(column), why, _number_between(limit, math.inf), least=limit))
        for column, limit in choices.most.items():
            why = msg("more than {limit:g}, or no number.", limit=limit)
            self._filters.append(_Filter(column, index(column), why, _number_between(-math.inf, limit)))
        for column, words in choices.only.items():
            why = msg("none of {words}.", words=", ".join(words))
            self._filters.append(_Filter(column, index(column), why, _one_of(words)))

    def keep(self, rows: list[Row], tally: Tally) -> list[Row]:
        """Return the rows that are taken; count the others by what they say, or by the condition that is not met."""
        for row, cells in rows:
            if isinstance(cells, UnwantedRowError):
                tally.add(cells.what, [row])
        rows = [row for row in rows if not isinstance(row[1], UnwantedRowError)]
        for one in self._filters:
            rows = one.keep(rows, tally)
        return rows


def _number_between(low: float, high: float) -> Callable[[Any], bool]:
    def fits(cell: Any) -> bool:
        try:
            return low <= read_number("" if cell is None else cell) <= high
        except CellError:  # what is no number meets no limit
            return False

    return fits


def _one_of(words: Iterable[str]) -> Callable[[Any], bool]:
    wanted = {normal(word) for word in words}
    return lambda cell: normal(str("" if cell is None else cell)) in wanted

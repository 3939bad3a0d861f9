"""Which rows of a file are taken by what its columns hold: at least, at most, one of these words."""

from __future__ import annotations

import math
from itertools import compress
from operator import itemgetter, not_
from typing import TYPE_CHECKING, Any

from cn_planner.importers.fields import CellError, normal, read_number
from cn_planner.importers.own_files import LAYER, OWN_LAYER, own_columns, something_else
from cn_planner.importers.result import RowError, UnwantedRowError
from cn_planner.importers.table import Block, clean, wrong_columns
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cn_planner.importers.choices import Choices
    from cn_planner.importers.left_out import Tally
    from cn_planner.importers.table import SourceTable
    from cn_planner.message import Message


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

    def keep(self, block: Block, tally: Tally) -> Block:
        """Return the rows that fit, those that cannot be read at all among them, and count the others."""
        fits = self._at_once(block)
        if fits is None:
            fits = [isinstance(cells, RowError) or self.fits(cells[self.index]) for cells in block.cells]
        return _those(block, fits, lambda gone: tally.add(self.why, gone, self.column))

    def _at_once(self, block: Block) -> list[bool] | None:
        """Return which rows have at least so much, None where a cell needs a closer look."""
        least = self._least
        if least is None or not block.even:
            return None
        texts = list(map(itemgetter(self.index), block.cells))  # type: ignore[arg-type]  # none is a RowError
        try:
            return None if "_" in "".join(texts) else [least <= value < math.inf for value in map(float, texts)]
        except ValueError:
            return None


def _those(block: Block, fits: list[bool], tell: Callable[[list[int]], None]) -> Block:
    """Return the rows that fit; tell the numbers of the others."""
    if all(fits):
        return block
    tell(list(compress(block.numbers, map(not_, fits))))
    return Block(list(compress(block.numbers, fits)), list(compress(block.cells, fits)), even=block.even)


class Filters:
    """All conditions on the rows of a file, that of its own `LAYER` among them.

    Raises InputError where one is on a column that is not there.
    """

    def __init__(self, table: SourceTable, choices: Choices, kind: str = "") -> None:
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
        if own_columns(table.columns) and kind in OWN_LAYER:
            why = msg("the file says that this is something else.")
            at = table.columns.index(LAYER)
            self._filters.append(_Filter(LAYER, at, why, lambda cell: not something_else(cell, kind)))

    def keep(self, block: Block, tally: Tally) -> Block:
        """Return the rows that are taken; count the others by what they say, or by the condition that is not met."""
        if not block.even:
            for row, cells in zip(block.numbers, block.cells, strict=True):
                if isinstance(cells, UnwantedRowError):
                    tally.add(cells.what, [row])
            wanted = [not isinstance(cells, UnwantedRowError) for cells in block.cells]
            block = _those(block, wanted, lambda _gone: None)
        for one in self._filters:
            block = one.keep(block, tally)
        return block


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

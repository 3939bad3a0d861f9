"""What a table is. Its columns are declared on the fields of the records that it shows, once for every format."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cn_planner.message import Message

TableCell: TypeAlias = "str | float | int | Message | None"


class CellKind(StrEnum):
    """How a cell is shown. Texts of people (``TEXT``) are never markup nor formula."""

    TEXT = "text"
    WORD = "word"
    NUMBER = "number"
    MONEY = "money"
    BOX = "box"
    """A box to tick by hand; its cells are None."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column. ``unit`` is empty where there is none; for money it is the currency.

    ``total``: the table has a last line with the sum. ``wide``: the text may be long. ``paper``: False for what only
    spreadsheet and telephone hold, as it stands on other pages too, or helps nobody there. ``counts``: for
    spreadsheets, which count with it; pages say it elsewhere. ``exact``: people gave it, and it is read back: files
    hold it as it was given, pages round it.
    """

    key: str
    title: Message
    unit: str = ""
    kind: CellKind = CellKind.TEXT
    decimals: int = 0
    total: bool = False
    wide: bool = False
    paper: bool = True
    counts: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table. Each row has one cell a column: a text, a number, a message, or None for what is not known.

    ``notes`` are sentences that the figures need: of which day the rate is, what they leave out. ``paper``: False where
    page one, the contents page or the survey sheets say it already.
    """

    key: str
    title: Message
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    notes: tuple[Message, ...] = ()
    paper: bool = True

    def column(self, key: str) -> int:
        """Return the place of a column."""
        return next(i for i, one in enumerate(self.columns) if one.key == key)


TEXT, WORD, NUMBER, MONEY, BOX = CellKind
SLOWEST = -1
"""Decimals: as many as leave two figures of the slowest rate of the table; that of LoRa is far below 0.1 Mbit/s."""
WEIGHT = -2
"""Decimals: none where homes count in wholes, as they nearly always do, else up to two: half a home is half a home."""
PRICE = -3
"""Decimals of a column of what one of something costs: so many that the quantity times it is what is asked in all."""
_SHOWN, _END = "shown", "end"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _ShownField:
    """How a field is shown: its column, what its cell says of the value, and the title at the other end of a link."""

    column: TableColumn
    cell: Callable[[Any], TableCell] | None
    at_b: Message | None
    if_any: bool

    def of(self, value: Any) -> TableCell:
        """Return the cell; a number that is not known stays so."""
        asked = self.cell is not None and not (value is None and self.column.kind is NUMBER)
        return self.cell(value) if asked and self.cell is not None else value


def heading(
    title: Message,
    kind: CellKind = TEXT,
    unit: str = "",
    decimals: int = 0,
    cell: Callable[[Any], TableCell] | None = None,
    *,
    key: str = "",
    at_b: Message | None = None,
    if_any: bool = False,
    default: Any = MISSING,
    **flags: bool,
) -> Any:
    """Declare a field of a record as a column of the tables that show it.

    Parameters
    ----------
    title, kind, unit, decimals
        Those of the `TableColumn`. The currency of money is the plan's.
    cell : callable, optional
        What is shown of the value; the value itself where not given.
    key : str
        The column's, where it is not the field's name.
    at_b : Message, optional
        The title at the second end of a link.
    if_any : bool
        Whether the column is left out where no row has anything in it.
    default
        The field's.
    **flags : bool
        ``total``, ``wide``, ``paper``, ``counts``, ``exact`` of the `TableColumn`.
    """
    shown = _ShownField(
        TableColumn(key, title, unit, kind, 2 if kind is MONEY and not decimals else decimals, **flags),
        cell,
        at_b,
        if_any,
    )
    return field(default=default, metadata={_SHOWN: shown})


def end_column(owner: type, *, second: bool = False) -> Any:
    """Declare a field as an end of a link, whose own fields are columns."""
    return field(metadata={_END: (owner, second)})


def listed(numbers: Iterable[float]) -> str:
    """Return numbers as a cell says them."""
    return ", ".join(f"{number:g}" for number in numbers)


@dataclass_transform(frozen_default=True, field_specifiers=(heading, end_column, field))
def record(owner: type[_T]) -> type[_T]:
    """Make a frozen dataclass whose fields may be columns."""
    return dataclass(frozen=True, slots=True)(owner)


@cache
def declared(owner: Any) -> dict[str, _ShownField]:
    """Return the columns of a record by the way to their fields: ``id``, or ``a.site`` of an end."""
    found: dict[str, _ShownField] = {}
    for one in fields(owner):
        if _SHOWN in one.metadata:
            shown = one.metadata[_SHOWN]
            found[one.name] = replace(shown, column=replace(shown.column, key=shown.column.key or one.name))
        elif _END in one.metadata:
            end, second = one.metadata[_END]
            for name, shown in declared(end).items():
                title = shown.at_b if second and shown.at_b is not None else shown.column.title
                at_end = replace(shown.column, key=f"{one.name}_{shown.column.key}", title=title)
                found[f"{one.name}.{name}"] = replace(shown, column=at_end)
    return found

"""What a table is: its columns with unit, kind and decimals, and how a row is made of a record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cn_planner.message import Message

Cell: TypeAlias = "str | float | int | Message | None"


class Kind(StrEnum):
    """How a cell is shown. Texts of people (``TEXT``) are never markup nor formula."""

    TEXT = "text"
    WORD = "word"
    NUMBER = "number"
    MONEY = "money"
    BOX = "box"
    """A box to tick by hand; its cells are None."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``unit`` is empty where there is none; for money it is the currency.

    ``total``: the table has a last line with the sum. ``wide``: the text may be long. ``private``: left out where
    homes are blurred. ``counts``: for spreadsheets, which count with it; pages say it elsewhere.
    """

    key: str
    title: Message
    unit: str = ""
    kind: Kind = Kind.TEXT
    decimals: int = 0
    total: bool = False
    wide: bool = False
    private: bool = False
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table. Each row has one cell a column: a text, a number, a message, or None for what is not known.

    ``notes`` are sentences that the figures need: of which day the rate is, what they leave out.
    """

    key: str
    title: Message
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Message, ...] = ()

    def column(self, key: str) -> int:
        """Return the place of a column."""
        return next(i for i, one in enumerate(self.columns) if one.key == key)


Spec: TypeAlias = "tuple[Column, Callable[[Any], Cell]]"


def table_of(
    key: str, title: Message, specs: Iterable[Spec], records: Iterable[Any], notes: tuple[Message, ...] = ()
) -> Table:
    """Return the table that has these columns, one row a record."""
    pairs = tuple(specs)
    return Table(
        key,
        title,
        tuple(column for column, _ in pairs),
        tuple(tuple(cell(record) for _, cell in pairs) for record in records),
        notes,
    )


def text(key: str, title: Message, *, wide: bool = False, private: bool = False) -> Spec:
    """Return a column of texts of people: the record's field of that name."""
    return Column(key, title, wide=wide, private=private), lambda r: getattr(r, key)


def word(key: str, title: Message, cell: Callable[[Any], Cell], *, wide: bool = False, counts: bool = False) -> Spec:
    """Return a column of the program's own words."""
    return Column(key, title, kind=Kind.WORD, wide=wide, counts=counts), cell


def number(
    key: str,
    title: Message,
    unit: str = "",
    decimals: int = 0,
    cell: Callable[[Any], Cell] | None = None,
    *,
    total: bool = False,
    private: bool = False,
    counts: bool = False,
) -> Spec:
    """Return a column of numbers: the record's field of that name, or what ``cell`` says."""
    column = Column(key, title, unit, Kind.NUMBER, decimals, total, private=private, counts=counts)
    return column, cell or (lambda r: getattr(r, key))


def money(
    key: str,
    title: Message,
    currency: str,
    cell: Callable[[Any], Cell] | None = None,
    *,
    total: bool = False,
    counts: bool = False,
) -> Spec:
    """Return a column of amounts in a currency."""
    return Column(key, title, currency, Kind.MONEY, 2, total, counts=counts), cell or (lambda r: getattr(r, key))

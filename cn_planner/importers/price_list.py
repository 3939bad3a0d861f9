"""A price list from a CSV file or a spreadsheet: which item costs what, in which currency, since when."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.importers.csv_table import read_csv
from cn_planner.importers.result import RowError
from cn_planner.importers.table import clean
from cn_planner.importers.xlsx_table import is_xlsx, read_xlsx
from cn_planner.message import Message, counted, msg
from cn_planner.model.equipment import Item, ItemClass, OwnPrice, Price
from cn_planner.model.own_shelf import own_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_ALIASES = {
    "id": ("id", "item", "code"),
    "name": ("name", "description", "article"),
    "price": ("price", "amount", "cost", "unit price"),
    "currency": ("currency",),
    "date": ("date", "price date", "day"),
    "source": ("source", "supplier", "shop"),
    "class": ("class", "kind", "category"),
    "unit": ("unit",),
}
_FORMULA = ("=", "+", "@", "＝", "＋", "＠")
_AMOUNT = re.compile(r"\d+(?:[.,]\d+)?")
_DAY_ZERO = dt.date(1899, 12, 30)  # of spreadsheets, ECMA-376 18.17.4.1, from 1900-03-01 on
_DEAREST = 1e12


@dataclass(frozen=True, slots=True)
class PriceList:
    """What a file holds.

    Attributes
    ----------
    prices : tuple of OwnPrice
        Prices of items, of the shelf's and of the new ones.
    items : tuple of Item
        New items: rows of no item that is known, with their class and unit.
    left_out : tuple of RowError
        Rows that cannot be used, each with the reason.
    warnings : tuple of Message
    """

    prices: tuple[OwnPrice, ...]
    items: tuple[Item, ...]
    left_out: tuple[RowError, ...]
    warnings: tuple[Message, ...]


def read_price_list(path: Path, items: Mapping[str, Item], currencies: Sequence[str]) -> PriceList:
    """Read a price list.

    Parameters
    ----------
    path : Path
        CSV or XLSX, told by what it holds. It is not trusted.
    items : mapping
        The shelf's items by id. A row names one by its id, else by its name.
    currencies : sequence of str
        Those that prices may be in; the first holds where a row names none.

    Raises
    ------
    FileError
        Where the file cannot be read.
    InputError
        Where it has no column of prices, or none of ids or names.
    """
    table = read_xlsx(path) if is_xlsx(path) else read_csv(path)
    places = _places(table.columns)
    if "price" not in places or not {"id", "name"} & places.keys():
        raise InputError(
            msg("A price list needs the columns id (or name) and price."),
            where=path.name,
            fix=msg("The file has: {columns}.", columns=", ".join(table.columns)),
        )
    reader = _Reader(path.name, items, currencies, places)
    for number, cells in table.rows:
        reader.take(number, cells)
    reader.refuse_twice()
    return PriceList(
        tuple(row for _, row in reader.prices.values()),
        tuple(reader.items.values()),
        tuple(sorted(reader.left_out, key=lambda one: one.row)),
        (*table.warnings, *reader.warnings()),
    )


def _places(columns: Sequence[str]) -> dict[str, int]:
    names = [re.sub(r"[_\s]+", " ", one.strip().lower()) for one in columns]
    return {
        field: next(names.index(word) for word in words if word in names)
        for field, words in _ALIASES.items()
        if any(word in names for word in words)
    }


class _Reader:
    """Takes row after row."""

    def __init__(
        self, file: str, items: Mapping[str, Item], currencies: Sequence[str], places: Mapping[str, int]
    ) -> None:
        self._file, self._shelf, self._currencies, self._places = file, items, currencies, places
        self._by_name: dict[str, list[str]] = {}
        for key, item in items.items():
            self._by_name.setdefault(item.name.casefold(), []).append(key)
        self.prices: dict[str, tuple[int, OwnPrice]] = {}
        self.items: dict[str, Item] = {}
        self.left_out: list[RowError] = []
        self._twice: dict[str, list[int]] = {}
        self._dateless = 0

    def take(self, number: int, cells: Sequence[Any] | RowError) -> None:
        """Read one row, or note why it cannot be used. Rows without a price are passed over."""
        if isinstance(cells, RowError):
            self.left_out.append(cells)
            return
        row = {field: cells[at] for field, at in self._places.items()}
        if row["price"] in (None, ""):
            return
        try:
            price = self._price(row)
            item = self._item(row)
        except InputError as problem:
            self.left_out.append(RowError(problem.what, file=self._file, row=number, fix=problem.fix))
            return
        before = self.prices.get(item)
        if before is not None and before[1].price != price:
            self._twice.setdefault(item, [before[0]]).append(number)
        self.prices[item] = (number, OwnPrice(item, price))

    def refuse_twice(self) -> None:
        """Leave out every row of an item that has several prices: which of them holds, nobody said."""
        for item, rows in self._twice.items():
            del self.prices[item]
            self.items.pop(item, None)
            what = msg("{item} has several prices, in rows {rows}.", item=item, rows=", ".join(map(str, rows)))
            self.left_out += [
                RowError(what, file=self._file, row=row, fix=msg("Keep the row that holds.")) for row in rows
            ]

    def warnings(self) -> list[Message]:
        """Return what is to be looked at."""
        if not self._dateless:
            return []
        return [counted("{count} price has no day.", "{count} prices have no day.", self._dateless)]

    def _text(self, row: Mapping[str, Any], field: str) -> str:
        value = row.get(field)
        text = clean(str(value)) if value is not None else ""
        # What an export put before a text so that no spreadsheet takes it for a formula.
        if text.startswith("'") and text[1:2] in ("=", "+", "-", "@", "＝", "＋", "－", "＠"):
            return text[1:]
        if text.startswith(_FORMULA):
            raise InputError(msg("“{text}” is a formula.", text=text[:40]),
                             fix=msg("Put its result there as a value: copy, then paste values only."))  # fmt: skip
        return text

    def _price(self, row: Mapping[str, Any]) -> Price:
        value = row["price"]
        if isinstance(value, float):
            amount = value
        else:
            text = self._text(row, "price").replace(" ", "").replace("\u00a0", "")
            if not _AMOUNT.fullmatch(text):
                raise InputError(msg("“{text}” is not a price.", text=text[:40]),
                                 fix=msg("Write digits with a point before the decimals, no currency."))  # fmt: skip
            if re.fullmatch(r"\d+,\d{3}", text):
                raise InputError(msg("“{text}” may be thousands or decimals.", text=text),
                                 fix=msg("Write digits with a point before the decimals, no currency."))  # fmt: skip
            amount = float(text.replace(",", "."))
        if not (math.isfinite(amount) and 0.0 <= amount <= _DEAREST):
            raise InputError(msg("A price of {value}.", value=amount))
        currency = self._text(row, "currency").upper() or self._currencies[0]
        if currency not in self._currencies:
            raise InputError(
                msg("The price is in {currency}; the plan counts in {known}.", currency=currency,
                    known=" / ".join(self._currencies)),
                fix=msg("Convert it, or change the plan's currency."),
            )  # fmt: skip
        return Price(amount, currency, self._day(row), self._text(row, "source"), example=False)

    def _day(self, row: Mapping[str, Any]) -> str:
        value = row.get("date")
        if value in (None, ""):
            self._dateless += 1
            return ""
        if isinstance(value, float):
            if not 36_526 <= value <= 73_050:  # 2000 to 2099
                raise InputError(msg("{value:g} is not a day.", value=value), fix=msg("Write it as 2026-11-20."))
            return (_DAY_ZERO + dt.timedelta(days=int(value))).isoformat()
        text = self._text(row, "date")[:10]
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError as problem:
            raise InputError(msg("“{text}” is not a day.", text=text), fix=msg("Write it as 2026-11-20.")) from problem

    def _item(self, row: Mapping[str, Any]) -> str:
        key, name = self._text(row, "id"), self._text(row, "name")
        if key in self._shelf or key in self.items:
            return key
        named = self._by_name.get(name.casefold(), [])
        if len(named) > 1:
            raise InputError(msg("Several items are called {name}: {ids}.", name=name, ids=", ".join(named)),
                             fix=msg("Give the id."))  # fmt: skip
        return named[0] if named else self._new(key, name, row)

    def _new(self, key: str, name: str, row: Mapping[str, Any]) -> str:
        try:
            kind = ItemClass(self._text(row, "class").lower())
        except ValueError as problem:
            raise InputError(
                msg("There is no item {item} on the shelf.", item=key or name),
                fix=msg("To add it, give its name, its unit and its class: {words}.", words=", ".join(ItemClass)),
            ) from problem
        unit = self._text(row, "unit")
        if not (name and unit):
            raise InputError(msg("A new item needs a name and a unit."))
        same = next((one.id for one in self.items.values() if one.name.casefold() == name.casefold()), None)
        if same is not None and not key:
            return same
        new = own_id(key or name, [*self._shelf, *self.items])
        self.items[new] = Item(new, name, kind, unit, None)
        return new

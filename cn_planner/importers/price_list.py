"""A price list from a CSV file or a spreadsheet: which item costs what, in which currency, since when.

Spreadsheet programs write numbers as their user sees them: 1,250.00 here, 1.250,00 or 1 250,00 there. What a comma and
a point mean is told from all the prices of a file together; where nothing tells it, the row is asked about.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError, InputError
from cn_planner.faults import walled
from cn_planner.gis.kinds import check_plain
from cn_planner.importers.csv_table import read_csv
from cn_planner.importers.result import RowError
from cn_planner.importers.table import clean
from cn_planner.importers.xlsx_table import is_xlsx, read_xlsx
from cn_planner.message import Message, counted, msg
from cn_planner.model.equipment import Item, ItemClass, OwnPrice, Price
from cn_planner.model.fields import TWO_READINGS
from cn_planner.model.own_entries import own_id

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
_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009'’"))  # between thousands, as Swiss, French and SI write
_AMOUNT = re.compile(
    r"\d+(?:[.,]\d+)?"
    r"|[1-9]\d{0,2}(?P<group>[.,])\d{3}(?:(?P=group)\d{3})*(?:(?!(?P=group))[.,]\d+)?"
    r"|[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d+)?"  # lakh and crore
)
_DAY_ZERO = dt.date(1899, 12, 30)  # of spreadsheets, ECMA-376 18.17.4.1, from 1900-03-01 on
_DEAREST = 1e12
_MOST_ROWS = 100_000
_KINDS = {
    "mimetypeapplication/vnd.oasis.opendocument.spreadsheet": msg("an OpenDocument spreadsheet (ODS)"),
    "\xd0\xcf\x11\xe0": msg("an old Excel file (XLS)"),
}


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


@walled
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
    _refuse_other_spreadsheets(path)
    table = read_xlsx(path) if is_xlsx(path) else read_csv(path)
    places = _places(table.columns)
    if "price" not in places or not {"id", "name"} & places.keys():
        raise InputError(
            msg("A price list needs the columns id (or name) and price."),
            where=path.name,
            fix=msg("The file has: {columns}.", columns=", ".join(table.columns)),
        )
    rows = list(islice(table.rows, _MOST_ROWS + 1))
    if len(rows) > _MOST_ROWS:
        raise FileError(msg("The file has more than {most} rows.", most=_MOST_ROWS), where=str(path))
    texts = [cells[places["price"]] for _, cells in rows if not isinstance(cells, RowError)]
    mark = decimal_mark([clean(text) for text in texts if isinstance(text, str)])
    reader = _Reader(path.name, items, currencies, places, mark, table.day_zero or _DAY_ZERO)
    for number, cells in rows:
        reader.take(number, cells)
    reader.refuse_twice()
    return PriceList(
        tuple(row for _, row in reader.prices.values()),
        tuple(reader.items.values()),
        tuple(sorted(reader.left_out, key=lambda one: one.row)),
        (*table.warnings, *reader.warnings()),
    )


def _refuse_other_spreadsheets(path: Path) -> None:
    check_plain(path)
    try:
        with path.open("rb") as file:
            head = file.read(100).decode("latin-1")
    except OSError:
        return  # said where the file is read
    for magic, kind in _KINDS.items():
        if magic in head:
            raise FileError(
                msg("The file is {kind}, whatever its name says.", kind=kind),
                where=str(path),
                fix=msg("Save it as XLSX or as CSV (UTF-8)."),
            )


def decimal_mark(texts: Sequence[str]) -> str:
    """Return what stands before the decimals in the amounts of a file: a point, a comma, or nothing where none tells.

    ``texts``: the amounts as they are written. Those that are no amounts are passed over, and so are those that may be
    read both ways (1,250): the others of the file decide on them. Where two contradict each other, nothing is told.
    """
    found = set()
    for text in texts:
        plain = text.translate(_SPACES)
        if _AMOUNT.fullmatch(plain) is None or TWO_READINGS.fullmatch(plain) is not None:
            continue
        signs = [sign for sign in plain if sign in ".,"]
        if len(signs) > 1 and len(set(signs)) == 1:  # 1.250.000: what parts thousands parts no decimals
            found.add("," if signs[0] == "." else ".")
        elif signs:
            found.add(signs[-1])
    return found.pop() if len(found) == 1 else ""


def _amount(text: str, mark: str) -> float:
    """Return an amount as it is written; `mark` is what the file writes before decimals, empty where it is unknown."""
    plain = text.translate(_SPACES)
    fix = msg("Write digits with a point before the decimals, no currency.")
    if not _AMOUNT.fullmatch(plain):
        raise InputError(msg("“{text}” is not a price.", text=text[:40]), fix=fix)
    signs = [sign for sign in plain if sign in ".,"]
    if not signs:
        return float(plain)
    if TWO_READINGS.fullmatch(plain):
        if not mark:
            raise InputError(msg("“{text}” may be thousands or decimals.", text=text), fix=fix)
        decimals = signs[0] == mark
    elif len(signs) > 1 and len(set(signs)) == 1:
        decimals = False
    else:
        decimals = True
    if not decimals:
        return float(plain.replace(signs[0], ""))
    whole, _, part = plain.rpartition(signs[-1])
    return float(f"{whole.replace('.', '').replace(',', '')}.{part}")


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
        self,
        file: str,
        items: Mapping[str, Item],
        currencies: Sequence[str],
        places: Mapping[str, int],
        mark: str,
        day_zero: dt.date,
    ) -> None:
        self._file, self._shelf, self._currencies, self._places = file, items, currencies, places
        self._mark, self._day_zero = mark, day_zero
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
        amount = value if isinstance(value, float) else _amount(self._text(row, "price"), self._mark)
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
            day = self._day_zero + dt.timedelta(days=int(value)) if 0.0 <= value <= 1e5 else None
            if day is None or not 2000 <= day.year <= 2099:
                raise InputError(msg("{value:g} is not a day.", value=value), fix=msg("Write it as 2026-11-20."))
            return day.isoformat()
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

"""The price list of a plan's shelf as CSV or as a spreadsheet, to be filled in and read back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

from cn_planner.export.csv_files import guarded
from cn_planner.export.text import xml_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.equipment import Item

_COLUMNS = ("id", "class", "name", "unit", "price", "currency", "date", "source")
_WIDTHS = (30, 12, 60, 8, 12, 10, 12, 50)


def _row(item: Item) -> tuple[str | float | None, ...]:
    price = item.price
    known = (None, "", "", "") if price is None else (price.amount, price.currency, price.date, price.source)
    return (item.id, item.item_class.value, xml_safe(item.name), item.unit, *known)


def _number(amount: float) -> str:
    text = f"{amount:.12g}"
    # 1.250 may be read as thousands where commas part decimals: 1.2500 may not.
    return f"{text}0" if len(text.partition(".")[2]) == 3 and "e" not in text else text


def price_list_csv(items: Iterable[Item]) -> bytes:
    """Return the list as CSV in UTF-8, decimal points, one item a row; no text can be taken for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for item in items:
        writer.writerow(
            "" if cell is None else guarded(xml_safe(cell)) if isinstance(cell, str) else _number(cell)
            for cell in _row(item)
        )
    return text.getvalue().encode("utf-8-sig")


def price_list_xlsx(items: Iterable[Item]) -> bytes:
    """Return the list as a workbook of one sheet: prices as numbers, days as days, texts as texts.

    Every decimal of a price is shown: some programs save cells as they are shown.
    """
    import xlsxwriter

    whole = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(whole, plain)
    book.set_properties({"created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001 - the same list, the same bytes
    sheet = book.add_worksheet("prices")
    bold, money = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "#,##0.00####"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
    for at, (name, width) in enumerate(zip(_COLUMNS, _WIDTHS, strict=True)):
        sheet.write_string(0, at, name, bold)
        sheet.set_column(at, at, width)
    for number, item in enumerate(items, 1):
        for at, (name, cell) in enumerate(zip(_COLUMNS, _row(item), strict=True)):
            if isinstance(cell, float | int):
                sheet.write_number(number, at, cell, money)
            elif cell and name == "date":
                sheet.write_datetime(number, at, dt.datetime.fromisoformat(cell), day)
            elif cell:
                sheet.write_string(number, at, guarded(cell))  # a program may save it as CSV
    sheet.freeze_panes(1, 1)
    book.close()
    return whole.getvalue()

"""The tables as one workbook: numbers as numbers, sums as live formulas, texts of people never as formulas."""

from __future__ import annotations

import datetime as dt
import io
import math
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from cn_planner.export.text import about_lines, about_text, cell_text, header
from cn_planner.export.xlsx_formulas import formulas, headlines
from cn_planner.message import joined, msg
from cn_planner.model.settings import PLAN_SETTINGS
from cn_planner.report import words
from cn_planner.report.columns import MONEY, NUMBER
from cn_planner.report.tables import tables

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.columns import Table
    from cn_planner.report.deployment import DeploymentPlan

_HEADER_ROW = 3
_FIRST_ROW = _HEADER_ROW + 1
_LONGEST = 32_767  # characters in a cell, a limit of the format
_SHEET = 31  # characters in the name of a sheet, too
_HEADLINES = ("homes", "homes_reached", "towers", "capex", "cost_per_home", "monthly", "fee")
_LIVE = {key for key in PLAN_SETTINGS if key.startswith("costs.")}
"""Without these among the assumptions there is nothing that formulas could hang on."""
_COME_BACK = ("sites", "homes", "places")
_SPENT = ("cost",)
"""Not what a place costs by itself, which an import would take it for."""
_RTL = ("ar", "fa", "he", "ur", "ps", "ckb")


def write_xlsx(plan: DeploymentPlan, path: Path) -> None:
    """Write the workbook: a sheet on the plan, then one a table."""
    import xlsxwriter

    day = dt.date.fromisoformat(plan.meta.date)
    made = dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the format knows no zone; the day is given
    whole = io.BytesIO()  # the library has an error of its own for a disk that is full
    book = xlsxwriter.Workbook(
        whole,
        {
            "constant_memory": False,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "in_memory": True,
        },
    )
    book.set_properties(
        {
            "title": _fitting(cell_text(plan.meta.plan, "en"), 255),
            "comments": _fitting(about_text(plan), 2000),
            "author": plan.meta.program,
            "created": made,
        }
    )
    writer = _Writer(book, plan, tables(plan))
    writer.front()
    for table in tables(plan):
        writer.table(table)
    book.close()
    path.write_bytes(whole.getvalue())


def _fitting(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _whole_words(title: str, longest: int) -> str:
    """Return as many words of a title as fit; the first is cut where it alone is too long."""
    while len(title) > longest and " " in title:
        title = title.rsplit(" ", 1)[0]
    return title[:longest]


def _free_name(title: str, taken: set[str]) -> str:
    """Return the name of a sheet that no other has, and add it to those that are taken."""
    for sign in "[]:*?/\\'":
        title = title.replace(sign, " ")
    title = _whole_words(title, _SHEET)
    name, number = title, 1
    while name.casefold() in taken or name.casefold() == "history":  # the format keeps that name to itself
        number += 1
        name = f"{_whole_words(title, _SHEET - 3)} {number}"
    taken.add(name.casefold())
    return name


class _Places:
    """Where everything stands: sheets by their names, which are given before any is written."""

    def __init__(self, plan: DeploymentPlan, every: tuple[Table, ...], names: dict[str, str], front: str) -> None:
        self._names, self._front = names, front
        self._tables = {table.key: table for table in every}
        self._settings = {one.key: row for row, one in enumerate(plan.assumptions)}
        self._above = len(about_lines(plan)) + 1
        """Rows of the first sheet before its figures."""

    def cell(self, table: str, row: int, column: str) -> str:
        """Return the address of a cell."""
        place = self._tables[table].column(column)
        return f"'{self._names[table]}'!{xl_rowcol_to_cell(_FIRST_ROW + row, place, row_abs=True, col_abs=True)}"

    def column(self, table: str, column: str, rows: tuple[int, int] | None = None) -> str:
        """Return the address of a column's cells."""
        first, end = rows or (0, len(self._tables[table].rows))
        last = self.cell(table, end - 1, column).rpartition("!")[2]
        return f"{self.cell(table, first, column)}:{last}"

    def total(self, table: str, column: str) -> str:
        """Return the address of the sum under a column."""
        return self.cell(table, len(self._tables[table].rows), column)

    def setting(self, key: str) -> str:
        """Return the address of a setting's value."""
        return self.cell("assumptions", self._settings[key], "value")

    def headline(self, key: str) -> str:
        """Return the address of a figure on the first sheet."""
        row = self._above + _HEADLINES.index(key)
        return f"'{self._front}'!{xl_rowcol_to_cell(row, 1, row_abs=True, col_abs=True)}"


class _Writer:
    """One workbook with its formats and formulas."""

    def __init__(self, book: Any, plan: DeploymentPlan, every: tuple[Table, ...]) -> None:
        self._book, self._plan = book, plan
        self._language = plan.meta.language
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        taken: set[str] = set()
        self._front = _free_name(cell_text(msg("About"), self._language), taken)
        self._names = {table.key: _free_name(cell_text(table.title, self._language), taken) for table in every}
        places = _Places(plan, every, self._names, self._front)
        live = {one.key for one in plan.assumptions} >= _LIVE
        self._formulas = formulas(plan, places) if live else {}
        self._headlines = headlines(plan, places) if live else {}

    def _format(self, **properties: Any) -> Any:
        key = tuple(properties.items())
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"valign": "top", **properties})
        return self._formats[key]

    def _sheet(self, name: str) -> Any:
        sheet = self._book.add_worksheet(name)
        if self._language.split("-")[0] in _RTL:
            sheet.right_to_left()
        return sheet

    def front(self) -> None:
        """Write what the file says of itself, with its sources, and the headline."""
        sheet = self._sheet(self._front)
        bold, wrap = self._format(bold=True), self._format(text_wrap=True)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 90)
        row = 0
        for label, text in about_lines(self._plan):
            sheet.write_string(row, 0, _fitting(label), bold)
            sheet.write_string(row, 1, _fitting(text), wrap)
            row += 1
        row += 1
        headline, currency = self._plan.headline, self._plan.meta.currency
        money = self._format(num_format="#,##0.00", align="left")
        plain = self._format(num_format="#,##0.##", align="left")
        fee = self._plan.cash.fee if self._plan.cash is not None else None
        figures = (
            (msg("Homes"), headline.homes, plain),
            (msg("Homes reached"), headline.homes_reached, plain),
            (msg("Towers"), headline.towers, plain),
            (msg("To build, {currency}", currency=currency), headline.capex, money),
            (msg("To build, per home, {currency}", currency=currency), headline.cost_per_home, money),
            (msg("A month, {currency}", currency=currency), headline.monthly, money),
            (msg("Fee a month, over five years, {currency}", currency=currency), fee, money),
        )
        for key, (title, value, form) in zip(_HEADLINES, figures, strict=True):
            sheet.write_string(row, 0, cell_text(title, self._language), bold)
            self._write(sheet, row, 1, value, form, self._headlines.get(key))
            row += 1

    def _write(self, sheet: Any, row: int, place: int, value: float | None, form: Any, formula: str | None) -> None:
        """Write a number, or the formula that gives it, with the number for readers that do not compute."""
        if formula is not None:
            sheet.write_formula(row, place, f"={formula}", form, "" if value is None else value)
        elif value is not None:
            sheet.write_number(row, place, value, form)

    def table(self, table: Table) -> None:
        """Write one table on its own sheet."""
        sheet = self._sheet(self._names[table.key])
        meta = self._plan.meta
        sheet.write_string(
            0, 0, _fitting(cell_text(table.title, self._language)), self._format(bold=True, font_size=14)
        )
        note = cell_text(words.ESTIMATE, meta.language)
        sheet.write_string(
            1,
            0,
            f"{_fitting(cell_text(meta.plan, meta.language), 60)} · {meta.date} · {note}",
            self._format(italic=True),
        )
        notes = joined(*(cell_text(one, meta.language) for one in table.notes))
        if notes:
            sheet.write_string(2, 0, _fitting(notes), self._format(italic=True))
        head = self._format(bold=True, text_wrap=True, bottom=1, bg_color="#E4EFEA")
        for place, column in enumerate(table.columns):
            sheet.write_string(_HEADER_ROW, place, header(column, meta.language), head)
            sheet.set_column(place, place, self._width(table, place))
            if table.key in _COME_BACK and column.key not in _SPENT:
                # What a column is called within the file, in any language: by it the table is found when it comes back.
                where = xl_rowcol_to_cell(_HEADER_ROW, place, row_abs=True, col_abs=True)
                self._book.define_name(f"{table.key}.{column.key}", f"='{self._names[table.key]}'!{where}")
        for number, row in enumerate(table.rows):
            self._row(sheet, table, number, row)
        sheet.freeze_panes(_FIRST_ROW, 1)
        sheet.repeat_rows(_HEADER_ROW)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        if table.rows:
            sheet.autofilter(_HEADER_ROW, 0, _FIRST_ROW + len(table.rows) - 1, len(table.columns) - 1)
            self._totals(sheet, table)

    def _row(self, sheet: Any, table: Table, number: int, row: tuple[Any, ...]) -> None:
        at = _FIRST_ROW + number
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            formula = self._formulas.get((table.key, number, column.key))
            if formula is None and (cell is None or cell == ""):
                continue
            if cell is None or isinstance(cell, int | float):
                self._write(sheet, at, place, cell, self._number(column), formula)
            else:
                form = self._format(text_wrap=True) if column.wide else self._format()
                sheet.write_string(at, place, _fitting(cell_text(cell, self._language)), form)

    def _number(self, column: Any, **properties: Any) -> Any:
        decimals = "." + "0" * column.decimals if column.decimals else ""
        grouped = "#,##0" if column.kind is MONEY else "0"
        return self._format(num_format=grouped + decimals, **properties)

    def _totals(self, sheet: Any, table: Table) -> None:
        last = _FIRST_ROW + len(table.rows) - 1
        at = last + 1
        places = [place for place, column in enumerate(table.columns) if column.total]
        if not places:
            return
        if 0 not in places:
            sheet.write_string(at, 0, cell_text(msg("Sum"), self._language), self._format(bold=True, top=1))
        for place in places:
            cells = (row[place] for row in table.rows)
            total = math.fsum(cell for cell in cells if isinstance(cell, int | float))
            # The range is fixed: the value beside the formula is for readers that do not compute.
            form = self._number(table.columns[place], bold=True, top=1)
            sheet.write_formula(at, place, f"=SUM({xl_range(_FIRST_ROW, place, last, place)})", form, total)

    def _width(self, table: Table, place: int) -> float:
        column = table.columns[place]
        if column.kind in (NUMBER, MONEY):
            return 12.0
        longest = max((len(cell_text(row[place], self._language)) for row in table.rows), default=0)
        return float(min(max(longest + 2, 10), 48 if column.wide else 30))

"""Small tables of numbers for the checking commands: CSV rows that say where they are when a value cannot be used."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

from cn_planner.errors import FileError, InputError
from cn_planner.faults import reading
from cn_planner.gis.kinds import sniff
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_A_LINE = 1 << 20


class Case:
    """One row of CASES, that says where it is when a value cannot be used."""

    def __init__(
        self, path: Path, line: int, row: int, values: dict[str, str], names: dict[str, str], *, comma: bool = False
    ) -> None:
        self.where = f"{path}, line {line}"
        self._row = row
        self._values = values
        self._names = names
        self._comma = comma

    def _column(self, column: str) -> str:
        """Return a column's name as the file writes it."""
        return column if column in self._values else self._names.get(column.casefold(), column)

    @property
    def name(self) -> str:
        """The ``case_id``, or where there is none the number of the row, from 0."""
        return self.optional_text("case_id") or str(self._row)

    def optional_text(self, column: str) -> str:
        """Return a value as it stands, empty where there is none."""
        return (self._values.get(self._column(column)) or "").strip()

    def text(self, column: str) -> str:
        """Return a value as it stands."""
        value = self.optional_text(column)
        if self._column(column) not in self._values:
            there = ", ".join(name.strip() for name in self._values if name and name.strip())
            raise InputError(
                msg("There is no column {column} among {columns}.", column=column, columns=there),
                where=self.where,
                fix=msg("Name the columns in the first line, separated by commas."),
            )
        if not value:
            raise InputError(msg("Column {column} is missing or empty.", column=column), where=self.where)
        return value

    def number(self, column: str) -> float:
        """Return a value as a number."""
        text = self.text(column)
        try:
            return float(text.replace(",", ".") if self._comma else text)
        except ValueError as problem:
            raise InputError(
                msg("{text} is not a number, in column {column}.", text=text, column=column), where=self.where
            ) from problem

    def whole(self, column: str) -> int:
        """Return a value as a whole number."""
        number = self.number(column)
        if not number.is_integer():
            raise InputError(
                msg("{text} is not a whole number, in column {column}.", text=self.text(column), column=column),
                where=self.where,
            )
        return int(number)

    def polarisation_is_vertical(self) -> bool:
        """Return whether column ``pol`` says V."""
        word = self.text("pol").upper()
        if word not in {"V", "H"}:
            raise InputError(msg("Polarisation {word} is neither V nor H.", word=word), where=self.where)
        return word == "V"


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the rows of a CSV file with a header line.

    Columns are separated by commas; or by semicolons, as spreadsheets do where a comma stands in numbers, or tabs.
    Blanks round a name do not matter, nor do capitals where no column has the very name.

    Raises
    ------
    FileError
        Where there is no such file, it is a folder or empty, or it cannot be read as CSV in UTF-8.
    """
    sniff(path)  # says what is no file at all, and what to do
    try:
        with reading(path), path.open(encoding="utf-8-sig", newline="") as stream:
            header = stream.readline(_MOST_A_LINE)
            stream.seek(0)
            mark = max(",;\t", key=header.count)  # the comma where there is none
            rows = csv.DictReader(_lines(stream), delimiter=mark)
            names = {name.strip().casefold(): name for name in reversed(rows.fieldnames or ())}
            for row, values in enumerate(rows):
                yield Case(path, rows.line_num, row, values, names, comma=mark != ",")
    except (UnicodeDecodeError, csv.Error) as problem:
        raise FileError(
            msg("The file cannot be read as CSV in UTF-8."), where=str(path), fix=msg("Save it again as CSV (UTF-8).")
        ) from problem


def _lines(stream: TextIO) -> Iterator[str]:
    """Yield the lines of a file; one without an end would be read into memory whole."""
    while line := stream.readline(_MOST_A_LINE):
        if len(line) == _MOST_A_LINE:
            raise csv.Error
        yield line

"""A sheet of a spreadsheet (XLSX) as a table. Formulas are not computed: a row with one is left out and named.

It is the first sheet, but of a workbook that the program wrote that of the wanted table: its columns have names of
their own there (`sites.latitude`), whatever the language. What is computed in it is nothing to be read.

ECMA-376 part 1 (SpreadsheetML), sections 18.3 (sheets) and 18.4 (shared strings). Nothing outside the file is read, its
XML is walked and never held whole, and no part of it that unpacks to more than a long list can be is read to its end.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from cn_planner.errors import FileError
from cn_planner.gis.kinds import sniff
from cn_planner.gis.worker import PYTHON, sandboxed
from cn_planner.importers.result import RowError
from cn_planner.importers.table import SourceTable, clean
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_MOST_BYTES = 64 << 20
_MOST_ROWS = 100_000
_MOST_COLUMNS = 256
_MOST_MARKS = 8_000_000
"""Signs ``<`` of a part, four for each cell or text: counted before anything is read."""
_CHUNK = 1 << 16
_FORMULA = object()
_PLACE = re.compile(r"([A-Z]{1,3})\d+")
_HEAD = re.compile(r"=?(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!\$(?P<column>[A-Z]{1,3})\$(?P<row>\d{1,7})")


def is_xlsx(path: Path) -> bool:
    """Return whether a file is a zip that holds a workbook, whatever its name says."""
    return sniff(path) == "zip" and _names_workbook(path)


@sandboxed(PYTHON)
def _names_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return False


@sandboxed(PYTHON)
def _first_day(path: Path) -> dt.date:
    """Return the day that the numbers of days of a workbook count from; some programs count from 1904 on.

    ECMA-376 part 1, 18.17.4.1; right from 1900-03-01 on. The workbook has been read before.
    """
    with _in_words(path), zipfile.ZipFile(path) as archive:
        book = list(_openings(archive, "xl/workbook.xml"))
    from_1904 = any(tag == "workbookPr" and found.get("date1904") in ("1", "true") for tag, found in book)
    return dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30)


def read_xlsx(path: Path, own: str = "") -> SourceTable:
    """Return the first sheet of a workbook: the first row that is not empty names the columns.

    Of a workbook of the program's own it is the table ``own``.

    Raises FileError where the file is not there, no workbook, damaged, or far too large.
    """
    columns, rows = _columns_and_rows(path, own)
    return SourceTable(path.name, columns, iter(rows), day_zero=_first_day(path))


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Say in words what is wrong with a workbook."""
    try:
        yield
    # RuntimeError: the archive wants a password; NotImplementedError: it is packed in a way that nobody knows.
    except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, LookupError, ValueError,
            NotImplementedError) as problem:  # fmt: skip
        if isinstance(problem, FileError):
            raise FileError(problem.what, where=str(path), fix=problem.fix) from problem
        raise FileError(
            msg("The spreadsheet cannot be read: {problem}.", problem=str(problem)),
            where=str(path),
            fix=msg("Save it again as XLSX or as CSV (UTF-8)."),
        ) from problem


@sandboxed(PYTHON)
def _columns_and_rows(path: Path, own: str) -> tuple[tuple[str, ...], list[tuple[int, Sequence[Any] | RowError]]]:
    with _in_words(path), zipfile.ZipFile(path) as archive:
        there = "xl/sharedStrings.xml" in archive.namelist()
        sheet = _Sheet(_texts(archive) if there else ())
        named = _named_columns(archive, own) if own else None
        sheet.read(archive, _part_of(archive, None if named is None else named.sheet))
    if named is not None:
        return tuple(named.columns.values()), list(_own_rows(sheet.rows, named, path.name))
    filled = [(number, row) for number, row in sheet.rows if any(cell not in (None, "") for cell in row.values())]
    if not filled:
        raise FileError(msg("The first sheet is empty."), where=str(path))
    head = filled[0][1]
    width = max(head) + 1
    columns = tuple(clean(str(head.get(at, ""))) for at in range(width))
    return columns, list(_rows(filled[1:], width, path.name))


def _walk(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, Mapping[str, str] | None, str]]:
    """Yield each element of a part where it opens, with its attributes, and where it closes, with its text."""
    _count(archive, name)
    events: list[tuple[str, Mapping[str, str] | None, str]] = []
    words: list[str] = []

    def opens(tag: str, attributes: dict[str, str]) -> None:
        words.clear()
        events.append((_plain(tag), {_plain(key): value for key, value in attributes.items()}, ""))

    def closes(tag: str) -> None:
        events.append((_plain(tag), None, "".join(words)))
        words.clear()

    def defines(*_: object) -> None:
        raise ValueError("it defines texts, which no spreadsheet does")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = opens, closes
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = words.append, defines
    for chunk in _chunks(archive, name):
        parser.Parse(chunk, False)
        yield from events
        events.clear()
    parser.Parse(b"", True)
    yield from events


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _count(archive: zipfile.ZipFile, name: str) -> None:
    """Raise FileError where a part is larger than a long list."""
    came = marks = 0
    for chunk in _chunks(archive, name):
        came, marks = came + len(chunk), marks + chunk.count(b"<")
        if came > _MOST_BYTES or marks > _MOST_MARKS:
            raise FileError(msg("The spreadsheet is too large."), fix=msg("Save it as CSV (UTF-8)."))


@lru_cache(maxsize=256)
def _plain(name: str) -> str:
    return name.rpartition(" ")[2]  # without its namespace, of which there are two: transitional and strict


def _openings(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    return ((tag, found) for tag, found, _ in _walk(archive, name) if found is not None)


@dataclass(frozen=True, slots=True)
class _NamedColumns:
    """A table of the program's own: its sheet, the row of its heads, and by their places the names of its columns."""

    sheet: str
    row: int
    columns: Mapping[int, str]


def _named_columns(archive: zipfile.ZipFile, own: str) -> _NamedColumns | None:
    """Return where a table of the program's own stands; None where the workbook has none, or it is taken apart."""
    found: dict[tuple[str, int], dict[int, str]] = {}
    name = ""
    for tag, attributes, text in _walk(archive, "xl/workbook.xml"):
        if tag == "definedName" and attributes is not None:
            name = attributes.get("name", "")
        elif tag == "definedName" and name.startswith(f"{own}.") and (place := _HEAD.fullmatch(text)) is not None:
            sheet = (place["plain"] or place["quoted"]).replace("''", "'")
            found.setdefault((sheet, int(place["row"])), {})[_column(place["column"])] = name.partition(".")[2]
    if not found:
        return None
    (sheet, row), columns = max(found.items(), key=lambda one: len(one[1]))
    whole = {"latitude", "longitude"} <= set(columns.values())
    return _NamedColumns(sheet, row, dict(sorted(columns.items()))) if whole else None


def _own_rows(
    rows: Sequence[tuple[int, dict[int, Any]]], named: _NamedColumns, file: str
) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    places = [at for at, name in named.columns.items() if name in ("latitude", "longitude")]
    for number, row in rows:
        # A row of sums has no place, nor has an empty one. A formula in a row that has one was typed by a person.
        if number > named.row and any(row.get(at) not in (None, "") for at in places):
            typed = next((at for at in named.columns if row.get(at) is _FORMULA), None)
            yield number, [row.get(at) for at in named.columns] if typed is None else _formula(typed, number, file)


def _part_of(archive: zipfile.ZipFile, name: str | None) -> str:
    """Return the part that holds a sheet; the first one where none is named."""
    sheets = (found for tag, found in _openings(archive, "xl/workbook.xml") if tag == "sheet")
    wanted = next((found["id"] for found in sheets if name is None or found.get("name") == name), None)
    if wanted is None:
        raise FileError(msg("The workbook has no sheet."))
    links = {found.get("Id"): found.get("Target", "") for _, found in _openings(archive, "xl/_rels/workbook.xml.rels")}
    target = links[wanted]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


class _Text:
    """A text that is put together from its runs."""

    def __init__(self) -> None:
        self.words, self._spoken = "", False

    def take(self, tag: str, *, opens: bool, text: str) -> None:
        """Take an element within the text; the pronunciations of East Asian texts (rPh) are no part of it."""
        if tag == "rPh":
            self._spoken = opens
        elif tag == "t" and not opens and not self._spoken:
            self.words += text


def _texts(archive: zipfile.ZipFile) -> list[str]:
    found, one = [], _Text()
    for tag, attributes, text in _walk(archive, "xl/sharedStrings.xml"):
        one.take(tag, opens=attributes is not None, text=text)
        if tag == "si" and attributes is None:
            found.append(one.words)
            one = _Text()
    return found


class _Sheet:
    """A sheet while it is read.

    ``rows``: list of (int, dict), the number of each row, and its cells by column.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.rows: list[tuple[int, dict[int, Any]]] = []
        self._texts = texts
        self._column = -1
        self._kind, self._inline = "n", _Text()
        self._value: Any = None

    def read(self, archive: zipfile.ZipFile, name: str) -> None:
        """Take the rows of a part."""
        for tag, attributes, text in _walk(archive, name):
            if attributes is not None:
                self._open(tag, attributes)
            elif tag == "v" and self._value is not _FORMULA:
                self._value = text or None
            elif tag == "c" and self._column < _MOST_COLUMNS:
                self.rows[-1][1][self._column] = self._cell()
            elif self._kind == "inlineStr":
                self._inline.take(tag, opens=False, text=text)

    def _open(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "row":
            number = self.rows[-1][0] if self.rows else 0
            if len(self.rows) >= _MOST_ROWS:
                raise ValueError("too many rows")
            self.rows.append((int(attributes.get("r", number + 1)), {}))
            self._column = -1
        elif tag == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            self._column = _column(place.group(1)) if place is not None else self._column + 1
            self._kind, self._value = attributes.get("t", "n"), None
            if self._kind == "inlineStr":
                self._inline = _Text()
        elif tag == "f":
            self._value = _FORMULA
        elif self._kind == "inlineStr":
            self._inline.take(tag, opens=True, text="")

    def _cell(self) -> Any:
        if self._value is _FORMULA:
            return _FORMULA
        if self._kind == "inlineStr":
            return self._inline.words
        if self._value is None:
            return None
        if self._kind == "s":
            return self._texts[int(self._value)]
        return float(self._value) if self._kind == "n" else self._value


def _column(letters: str) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - 64
    return at - 1


def _letters(at: int) -> str:
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def _formula(at: int, number: int, file: str) -> RowError:
    return RowError(
        msg("Cell {cell} holds a formula.", cell=f"{_letters(at)}{number}"),
        file=file,
        row=number,
        fix=msg("Put its result there as a value: copy, then paste values only."),
    )


def _rows(
    rows: Sequence[tuple[int, dict[int, Any]]], width: int, file: str
) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    for number, row in rows:
        formulas = [at for at, value in row.items() if value is _FORMULA and at < width]
        yield number, _formula(formulas[0], number, file) if formulas else [row.get(at) for at in range(width)]

"""The first sheet of a spreadsheet (XLSX) as a table. Formulas are not computed: a row with one is left out and named.

ECMA-376 part 1 (SpreadsheetML), sections 18.3 (sheets) and 18.4 (shared strings). Nothing outside the file is read,
and no part of it that unpacks to more than a long list can be.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError
from cn_planner.importers.result import RowError
from cn_planner.importers.table import Table, clean
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_MOST_BYTES = 64 << 20
_MOST_ROWS = 100_000
_MOST_COLUMNS = 256
_FORMULA = object()
_PLACE = re.compile(r"([A-Z]{1,3})(\d+)")


def is_xlsx(path: Path) -> bool:
    """Return whether a file is a zip that holds a workbook, whatever its name says."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def first_day(path: Path) -> dt.date:
    """Return the day that the numbers of days of a workbook count from; some programs count from 1904 on.

    ECMA-376 part 1, 18.17.4.1; right from 1900-03-01 on. The workbook has been read before.
    """
    with zipfile.ZipFile(path) as archive:
        book = _parse(_member(archive, "xl/workbook.xml", path))
    properties = book.find(f"{_MAIN}workbookPr")
    counts_from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    return dt.date(1904, 1, 1) if counts_from_1904 else dt.date(1899, 12, 30)


def read_xlsx(path: Path) -> Table:
    """Return the first sheet of a workbook: the first row that is not empty names the columns.

    Raises
    ------
    FileError
        Where the file is not there, no workbook, damaged, or far too large.
    """
    from lxml import etree

    try:
        with zipfile.ZipFile(path) as archive:
            sheet = _member(archive, _first_sheet(archive, path), path)
            texts = _strings(archive, path)
        rows = list(_cells(_parse(sheet), texts))
    except (OSError, zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, IndexError) as problem:
        if isinstance(problem, FileError):
            raise
        raise FileError(
            msg("The spreadsheet cannot be read: {problem}.", problem=str(problem)),
            where=str(path),
            fix=msg("Save it again as XLSX or as CSV (UTF-8)."),
        ) from problem
    filled = [(number, row) for number, row in rows if any(cell not in (None, "") for cell in row.values())]
    if not filled:
        raise FileError(msg("The first sheet is empty."), where=str(path))
    head = filled[0][1]
    width = max(head) + 1
    columns = tuple(clean(str(head.get(at, ""))) for at in range(width))
    return Table(path.name, columns, _rows(filled[1:], width, path.name))


def _parse(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.parse(io.BytesIO(data), parser).getroot()


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    with archive.open(name) as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise FileError(
            msg("The spreadsheet is too large."),
            where=str(path),
            fix=msg("Save it as CSV (UTF-8)."),
        )
    return data


def _first_sheet(archive: zipfile.ZipFile, path: Path) -> str:
    book = _parse(_member(archive, "xl/workbook.xml", path))
    sheet = book.find(f"{_MAIN}sheets/{_MAIN}sheet")
    if sheet is None:
        raise FileError(msg("The workbook has no sheet."), where=str(path))
    links = _parse(_member(archive, "xl/_rels/workbook.xml.rels", path))
    wanted = sheet.get(f"{_REL}id")
    target = next(one.get("Target") for one in links.iter(f"{_PACKAGE}Relationship") if one.get("Id") == wanted)
    return str(target).lstrip("/") if str(target).startswith("/") else f"xl/{target}"


def _strings(archive: zipfile.ZipFile, path: Path) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    return [_text(one) for one in _parse(_member(archive, "xl/sharedStrings.xml", path)).iter(f"{_MAIN}si")]


def _text(node: Any) -> str:
    # Without the pronunciations of East Asian texts (rPh), which are no part of it.
    return "".join(one.text or "" for one in node.iter(f"{_MAIN}t") if one.getparent().tag != f"{_MAIN}rPh")


def _cells(sheet: Any, texts: Sequence[str]) -> Iterator[tuple[int, dict[int, Any]]]:
    """Yield the number of each row and its cells by column."""
    number = 0
    for count, row in enumerate(sheet.iter(f"{_MAIN}row")):
        if count >= _MOST_ROWS:
            raise ValueError("too many rows")
        number = int(row.get("r", number + 1))
        found: dict[int, Any] = {}
        column = -1
        for cell in row.iter(f"{_MAIN}c"):
            place = _PLACE.fullmatch(cell.get("r", ""))
            column = _column(place.group(1)) if place is not None else column + 1
            if column < _MOST_COLUMNS:
                found[column] = _value(cell, texts)
        yield number, found


def _column(letters: str) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - 64
    return at - 1


def _value(cell: Any, texts: Sequence[str]) -> Any:
    if cell.find(f"{_MAIN}f") is not None:
        return _FORMULA
    kind, value = cell.get("t", "n"), cell.find(f"{_MAIN}v")
    if kind == "inlineStr":
        return _text(cell)
    if value is None or value.text is None:
        return None
    if kind == "s":
        return texts[int(value.text)]
    return float(value.text) if kind == "n" else value.text


def _letters(at: int) -> str:
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def _rows(
    rows: Sequence[tuple[int, dict[int, Any]]], width: int, file: str
) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    for number, row in rows:
        formulas = [at for at, value in row.items() if value is _FORMULA and at < width]
        if formulas:
            yield (
                number,
                RowError(
                    msg("Cell {cell} holds a formula.", cell=f"{_letters(formulas[0])}{number}"),
                    file=file,
                    row=number,
                    fix=msg("Put its result there as a value: copy, then paste values only."),
                ),
            )
        else:
            yield number, [row.get(at) for at in range(width)]

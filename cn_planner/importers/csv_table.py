"""CSV: commas, semicolons or tabs; quotes; any of the usual encodings."""

from __future__ import annotations

import csv
import io
import re
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError
from cn_planner.importers.result import RowError
from cn_planner.importers.table import MOST_ROWS, Block, SourceTable, clean, encoding_of, read_bytes
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

DELIMITERS = ",;\t"
_AT_ONCE = 8192
_MOST_A_LINE = 4 << 20
_OPEN_BUILDINGS = "Google Open Buildings, CC BY 4.0 or ODbL 1.0"
_OUTLINE = re.compile(rb'"(?:MULTI)?POLYGON *\([^"\r\n]*"')
_OUTLINES_AT_ONCE = 1 << 20
_SAID = re.compile(r'\ufeff?"?sep=([,;\t])"?')  # a first line by which some spreadsheet programs say what parts cells

_KEPT_AS_TEXT = re.compile(r"'(?=[=+\-@\t\r\n＝＋－＠])")
"""What spreadsheets, and our own tables, put before a text that would be taken for a formula: it is no part of it."""


def delimiter_of(header: str) -> str:
    """Return what stands most often between the names of a header, outside quotes; a comma where nothing does."""
    counts = dict.fromkeys(DELIMITERS, 0)
    quoted = False
    for sign in header:
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in counts:
            counts[sign] += 1
    return max(DELIMITERS, key=lambda sign: counts[sign])


def _lines(data: bytes, encoding: str) -> Iterable[str]:
    """Return the lines of a file; those of Open Buildings without the outlines, of which nothing is taken.

    These are two thirds of such a list: looked at cell by cell they would take as long as all the rest.
    """
    header = data[: data.find(b"\n") + 1]
    if b"confidence" in header and b"full_plus_code" in header:
        return chain.from_iterable(_parts_without_outlines(data, encoding))
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline="")


def _parts_without_outlines(data: bytes, encoding: str) -> Iterator[Iterable[str]]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _OUTLINES_AT_ONCE) + 1 or len(data)
        yield io.StringIO(_OUTLINE.sub(b"", data[start:end]).decode(encoding), newline="")
        start = end


def _check_ends(data: bytes, path: Path) -> None:
    """Refuse a file with a line that does not end: taken apart it would need many times its size."""
    start = 0
    while len(data) - start > _MOST_A_LINE:
        end = max(data.rfind(sign, start, start + _MOST_A_LINE) for sign in (b"\n", b"\r"))
        if end < 0:
            raise FileError(
                msg("A line has no end within {most} MB: this is no table.", most=_MOST_A_LINE >> 20), where=str(path)
            )
        start = end + 1


def read_csv(path: Path) -> SourceTable:
    """Return a CSV file as a table.

    Raises FileError where the file is not there, empty, of another kind, or not a table.
    """
    data = read_bytes(path)
    _check_ends(data, path)
    encoding, warnings = encoding_of(data, path)
    # A file that was cut off ends within its last row, often within a number.
    if not data.rstrip(b"\x00").endswith((b"\n", b"\r")):  # in UTF-16 a NUL follows
        warnings.append(msg("The last row has no end of line: check that the file is whole."))
    first = next((line for line in io.TextIOWrapper(io.BytesIO(data), encoding) if line.strip()), "")
    said = _SAID.fullmatch(first.rstrip("\r\n"))
    delimiter = delimiter_of(first) if said is None else said[1]
    reader = csv.reader(_lines(data, encoding), delimiter=delimiter, strict=True)
    try:
        filled = (row for row in reader if any(cell.strip() for cell in row))
        header = next(filled) if said is None else [*islice(filled, 2)][1]
    except (csv.Error, StopIteration, IndexError) as problem:
        raise FileError(
            msg("The first row is not the names of the columns: {problem}.", problem=str(problem)), where=str(path)
        ) from problem
    columns = tuple(clean(cell) for cell in header)
    rights = _OPEN_BUILDINGS if {"confidence", "full_plus_code"} <= set(columns) else ""
    marked = b"'" in data
    blocks = _blocks(reader, len(columns), path, delimiter, marked=marked)
    return SourceTable(path.name, columns, _rows(blocks), warnings=warnings, rights=rights, blocks=blocks,
                       count=data.count(b"\n"))  # fmt: skip


def _rows(blocks: Iterator[Block]) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    for block in blocks:
        yield from zip(block.numbers, block.cells, strict=True)


def _blocks(reader: Any, width: int, path: Path, delimiter: str, *, marked: bool) -> Iterator[Block]:
    count, line = 0, reader.line_num + 1
    while True:
        some: list[list[str]] = []
        problem = None
        try:
            some.extend(islice(reader, _AT_ONCE))  # keeps what came before a row that cannot be read
        except csv.Error as found:
            problem = found
        starts: Sequence[int] = range(line, line + len(some) + 1)
        if problem is not None or reader.line_num + 1 != starts[-1]:  # cells that go over lines
            starts = [*accumulate(map(_lines_of, some), initial=line)]
        line = starts[-1]
        if some:
            if marked:
                some = [[_plain(cell) for cell in row] for row in some]
            yield _block(some, starts[:-1], width, path.name, delimiter)
        if problem is not None:
            raise FileError(
                msg("Row {row} cannot be read: {problem}.", row=line, problem=str(problem)),
                where=str(path),
                fix=msg("A quotation mark was probably opened and not closed, or the file was cut off."),
            ) from problem
        if not some:
            return
        count += len(some)
        if count > MOST_ROWS:
            raise FileError(
                msg("The file has more than {most} rows.", most=MOST_ROWS),
                where=str(path),
                fix=msg("Cut the area that you plan for out of it."),
            )


def _plain(cell: str) -> str:
    return cell[1:] if _KEPT_AS_TEXT.match(cell) else cell


def _lines_of(row: list[str]) -> int:
    return 1 + sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row)


def _block(rows: list[list[str]], numbers: Sequence[int], width: int, file: str, delimiter: str) -> Block:
    if set(map(len, rows)) == {width} and all(map(any, rows)):
        return Block(numbers, [*rows], even=True)
    kept = [(line, row) for line, row in zip(numbers, rows, strict=True) if any(row)]
    cells: list[Sequence[Any] | RowError] = []
    for line, row in kept:
        if len(row) == width or (len(row) > width and not any(cell.strip() for cell in row[width:])):
            cells.append(row[:width])
        else:
            cells.append(_uneven(len(row), width, file, line, delimiter))
    return Block([line for line, _ in kept], cells)


def _uneven(cells: int, width: int, file: str, line: int, delimiter: str) -> RowError:
    if cells < width:
        return RowError(
            msg("The row has {cells} cells where the header has {width}: it may be cut off.", cells=cells, width=width),
            file=file,
            row=line,
        )
    return RowError(
        msg("The row has {cells} cells where the header has {width}.", cells=cells, width=width),
        file=file,
        row=line,
        fix=msg("Commas within numbers need semicolons between the cells; commas within names need quotation marks.")
        if delimiter == ","
        else None,
    )

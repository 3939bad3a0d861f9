"""CSV: commas, semicolons or tabs; quotes; any of the usual encodings."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError
from cn_planner.importers.result import RowError
from cn_planner.importers.table import MOST_ROWS, Table, clean, encoding_of, read_bytes
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DELIMITERS = ",;\t"
_OPEN_BUILDINGS = "Google Open Buildings, CC BY 4.0 or ODbL 1.0"
_SAID = re.compile(r'\ufeff?"?sep=([,;\t])"?')  # a first line by which some spreadsheet programs say what parts cells


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


def read_csv(path: Path) -> Table:
    """Return a CSV file as a table.

    Raises
    ------
    FileError
        Where the file is not there, empty, of another kind, or not a table.
    """
    data = read_bytes(path)
    encoding, warnings = encoding_of(data, path)
    # A file that was cut off ends within its last row, often within a number.
    if not data.rstrip(b"\x00").endswith((b"\n", b"\r")):  # in UTF-16 a NUL follows
        warnings.append(msg("The last row has no end of line: check that the file is whole."))
    first = next((line for line in io.TextIOWrapper(io.BytesIO(data), encoding) if line.strip()), "")
    said = _SAID.fullmatch(first.rstrip("\r\n"))
    delimiter = delimiter_of(first) if said is None else said[1]
    lines = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        filled = (row for row in reader if any(cell.strip() for cell in row))
        header = next(filled) if said is None else [*islice(filled, 2)][1]
    except (csv.Error, StopIteration, IndexError) as problem:
        raise FileError(
            msg("The first row is not the names of the columns: {problem}.", problem=str(problem)), where=str(path)
        ) from problem
    columns = tuple(clean(cell) for cell in header)
    rights = _OPEN_BUILDINGS if {"confidence", "full_plus_code"} <= set(columns) else ""
    return Table(path.name, columns, _rows(reader, len(columns), path, delimiter), warnings=warnings, rights=rights)


def _rows(reader: Any, width: int, path: Path, delimiter: str) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    count = 0
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise FileError(
                msg("Row {row} cannot be read: {problem}.", row=line, problem=str(problem)),
                where=str(path),
                fix=msg("A quotation mark was probably opened and not closed, or the file was cut off."),
            ) from problem
        if not row or not any(row):
            continue
        count += 1
        if count > MOST_ROWS:
            raise FileError(
                msg("The file has more than {most} rows.", most=MOST_ROWS),
                where=str(path),
                fix=msg("Cut the area that you plan for out of it."),
            )
        if len(row) == width:
            yield line, row
        elif len(row) > width and not any(cell.strip() for cell in row[width:]):
            yield line, row[:width]
        else:
            yield line, _uneven(len(row), width, path.name, line, delimiter)


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

"""A file as columns and rows, before anything is known of what they mean."""

from __future__ import annotations

import codecs
import gzip
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError, InputError
from cn_planner.faults import reading
from cn_planner.gis.kinds import check_plain, read_gzip
from cn_planner.gis.worker import PYTHON, sandboxed
from cn_planner.message import Message, msg
from cn_planner.model.fields import TURNING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from cn_planner.importers.result import RowError

MOST_LIST_BYTES = 1 << 29
MOST_ROWS = 2_000_000
LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class ListedLink:
    """A link of a list of nodes: the ids of its ends as its rows have them, how far it has come, what else is said."""

    ends: tuple[str, str]
    status: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that were read together.

    ``cells``: of each row its cells, or why it has none. ``even``: whether each row has
    as many cells as the table has columns, all of them text.
    """

    numbers: Sequence[int]
    cells: list[Sequence[Any] | RowError]
    even: bool = False


@dataclass(slots=True)
class SourceTable:
    """Columns, and rows that are read while they are walked.

    Attributes
    ----------
    file : str
        The file's name, for messages.
    columns : tuple of str
        In the file's order.
    rows : iterator of (int, sequence or RowError)
        Number of the row, and its cells (text, number or None) or why it has none.
    blocks : iterator of Block, optional
        The same rows, many at a time: for long lists. One of both is walked.
    x_column, y_column : str
        The columns that hold a geometry's position; empty in a CSV file that has degrees.
    warnings : list of Message
        Grows while rows are walked.
    rights : str
        Whose data it is and under which licence, where the file is of a kind that says so.
    links : list of ListedLink
        Radio links between rows, where the file is a list of nodes that has them; known after rows were walked.
    count : int
        About how many rows there are, so that a long list can say how far it is; 0 where nobody knows yet.
    day_zero : date, optional
        What days that are numbers count from, where the file is a workbook.
    said_in : tuple of int
        Numbers of the columns from which positions were read where they were said in another form.
    """

    file: str
    columns: tuple[str, ...]
    rows: Iterator[tuple[int, Sequence[Any] | RowError]]
    x_column: str = ""
    y_column: str = ""
    warnings: list[Message] = field(default_factory=list)
    rights: str = ""
    links: list[ListedLink] = field(default_factory=list)
    blocks: Iterator[Block] | None = None
    count: int = 0
    day_zero: date | None = None
    said_in: tuple[int, ...] = ()

    def walk(self, at_once: int) -> Iterator[Block]:
        """Yield all rows as blocks."""
        if self.blocks is not None:
            yield from self.blocks
            return
        while some := list(islice(self.rows, at_once)):
            yield Block([row for row, _ in some], [cells for _, cells in some])


def clean(text: str) -> str:
    """Return a text without control characters, marks that turn its direction, and outer spaces.

    What looks like a formula or like HTML stays as it is: plain text.
    """
    text = text.strip()
    if text.isprintable():
        return text[:LONGEST_TEXT]
    kept = "".join(
        " " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in text.translate(TURNING)
    )
    return " ".join(kept.split())[:LONGEST_TEXT]


_MAGIC: tuple[tuple[bytes, Message], ...] = (
    (b"PK\x03\x04", msg("a spreadsheet (XLSX, ODS), a KMZ or another zip")),
    (b"\xd0\xcf\x11\xe0", msg("an old Excel file (XLS)")),
    (b"SQLite format 3", msg("a GeoPackage or another SQLite file")),
    (b"%PDF", msg("a PDF")),
    (b"II*\x00", msg("a TIFF picture")),
    (b"MM\x00*", msg("a TIFF picture")),
    (b"\x89PNG", msg("a picture")),
    (b"\xff\xd8\xff", msg("a picture")),
)
_GZIP = b"\x1f\x8b"


_FIRST = re.compile(rb"[^\xef\xbb\xbf \t\r\n]")


def first_bytes(path: Path) -> bytes:
    """Return how a file begins, without what stands before its first sign; of a gzip file what is in it.

    Raises FileError where it cannot be read.
    """
    check_plain(path)
    try:
        with reading(path):
            with path.open("rb") as file:
                head = file.read(4096)
            if head.startswith(_GZIP):
                with gzip.open(path) as unpacked:
                    head = unpacked.read(4096)
    except (EOFError, zlib.error) as problem:
        raise _damaged(path) from problem
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")


def _damaged(path: Path) -> FileError:
    return FileError(msg("The archive is damaged or cut short."), where=str(path), fix=msg("Download it again."))


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; of a gzip file those that are in it.

    Raises FileError where it is not there, is empty or too large, or is a file of another kind.
    """
    check_plain(path)
    with reading(path):
        size = path.stat().st_size
        if size > MOST_LIST_BYTES:
            raise FileError(
                msg("The file has {size} MB; at most {most} MB are read.", size=size >> 20, most=MOST_LIST_BYTES >> 20),
                where=str(path),
                fix=msg("Cut the area that you plan for out of it."),
            )
        data = path.read_bytes()
        if data.startswith(_GZIP):
            data = _from_gzip(path)
    first = _FIRST.search(data)
    if first is None:
        raise FileError(msg("The file is empty."), where=str(path))
    if data.startswith(b"PK\x03\x04") and not zipfile.is_zipfile(path):
        raise _damaged(path)
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise FileError(
                msg("The file is {kind}, whatever its name says.", kind=kind),
                where=str(path),
                fix=msg("Save it as CSV (UTF-8) or as GeoJSON."),
            )
    if first[0] == b"<":
        raise FileError(
            msg("The file is a web page, KML or other XML, whatever its name says."),
            where=str(path),
            fix=msg("Save it as CSV (UTF-8) or as GeoJSON."),
        )
    return data


@sandboxed(PYTHON)
def _from_gzip(path: Path) -> bytes:
    return read_gzip(path).data


def _not_utf8(data: bytes) -> int | None:
    """Return about where a text is not UTF-8, None where it is; a megabyte at a time is decoded."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _AT_ONCE):
        try:
            decoder.decode(data[start : start + _AT_ONCE], final=start + _AT_ONCE >= len(data))
        except UnicodeDecodeError as problem:
            return max(start + problem.start, 0)
    return None


_AT_ONCE = 1 << 20


def encoding_of(data: bytes, path: Path) -> tuple[str, list[Message]]:
    """Return the encoding of a file's bytes, and a warning where it had to be guessed.

    Raises FileError where it is no text: it holds NULs, or is damaged.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            data.decode("utf-16")
        except UnicodeDecodeError as problem:
            raise FileError(
                msg("The file begins as UTF-16 and is damaged at byte {at}.", at=problem.start), where=str(path)
            ) from problem
        return "utf-16", []
    nul = data.find(b"\x00")
    if nul >= 0:
        raise FileError(
            msg(
                "Row {row} of the file holds a character that no text has: the file is damaged, or no text.",
                row=data.count(b"\n", 0, nul) + 1,
            ),
            where=str(path),
            fix=msg("Save it again as CSV (UTF-8)."),
        )
    damaged = _not_utf8(data)
    if damaged is not None:
        row = data.count(b"\n", 0, damaged) + 1
        try:
            data.decode("cp1252")
            encoding = "cp1252"
        except UnicodeDecodeError:
            encoding = "latin-1"
        return encoding, [
            msg("Row {row} is not UTF-8: the file was read as Latin-1 (Windows-1252). Check the accents.", row=row)
        ]
    return "utf-8-sig", []


def wrong_columns(what: Message, file: str, columns: Sequence[str]) -> InputError:
    """Return the error of a file whose columns do not fit, with the columns that it has."""
    return InputError(
        what,
        where=file,
        fix=msg(
            "Name the column with --map FIELD=COLUMN. The file has: {columns}.",
            columns=", ".join(clean(column)[:60] for column in columns[:40]),
        ),
    )

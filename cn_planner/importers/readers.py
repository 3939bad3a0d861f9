"""Readers of other packages: what makes a table of a kind of file that the program itself does not know.

A package of somebody else's has a `Reader` and, in its pyproject.toml, an entry point whose name is its key::

    [project.entry-points."cn_planner.importers"]
    field-book = "their_package.field_book:READER"

The window's lists, dropped files and ``cn-planner import`` then read such files like any table: columns are matched
with fields, rows checked, and what is left out is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cn_planner.plugins import Door, PluginError, tell_later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cn_planner.importers.table import SourceTable
    from cn_planner.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reads a kind of file.

    Attributes
    ----------
    key : str
        What it is called.
    words : Message
        What kind of file it is, for people: "Field book of …".
    suffixes : tuple of str
        How the names of such files end, with the dot: what a dialog offers to open.
    is_mine : callable
        Whether a file is of the kind, by what it holds (its first bytes), not by its name. It is asked of every file
        that is none of the program's own kinds but CSV and JSON, so it should be quick and sure.
    read : callable
        From a file to a table: the columns at once, rows while they are walked. A `FileError` says what is wrong with
        the file. It runs in this process: a reader looks itself at the size of what it opens.
    holds : str
        ``sites``, ``households`` or ``measurements`` where files of this kind hold always that; else empty.
    """

    key: str
    words: Message
    suffixes: tuple[str, ...]
    is_mine: Callable[[Path], bool]
    read: Callable[[Path], SourceTable]
    holds: str = ""


READERS: Door[Reader] = Door("cn_planner.importers", "cn_planner.importers.readers:Reader", {})


def reader_of(path: Path) -> Reader | None:
    """Return what other package reads a file, None where none does."""
    for key, reader in READERS.others().items():
        try:
            with READERS.using(key):
                if reader.is_mine(path):
                    return reader
        except PluginError as problem:
            tell_later(problem)
    return None


def read_by(reader: Reader, path: Path) -> SourceTable:
    """Return a file as another package's reader has it.

    Raises PluginError where the reader fails, at once or while the rows are walked.
    """
    from cn_planner.importers.table import SourceTable

    with READERS.using(reader.key):
        table = reader.read(path)
        if not isinstance(table, SourceTable):
            raise TypeError(f"no SourceTable: {table!r}")
    table.rows = _guarded(reader.key, table.rows)
    if table.blocks is not None:
        table.blocks = _guarded(reader.key, table.blocks)
    return table


def _guarded(key: str, rows: Iterator[Any]) -> Iterator[Any]:
    with READERS.using(key):
        yield from rows

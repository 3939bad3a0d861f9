"""Field books: a first line that says so, then a place a line: what it is called @ latitude longitude."""

from __future__ import annotations

from cn_planner.importers.readers import Reader
from cn_planner.importers.result import RowError
from cn_planner.importers.table import SourceTable
from cn_planner.message import msg

MARK = b"FIELD BOOK"


def is_mine(path) -> bool:
    """Return whether a file begins as a field book does."""
    with path.open("rb") as stream:
        return stream.read(len(MARK)) == MARK


def read(path) -> SourceTable:
    """Return the places."""

    def rows():
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                name, at, place = line.partition("@")
                if number > 1 and at:
                    yield number, [name.strip(), *place.split()]
                elif number > 1:
                    yield number, RowError(msg("There is no @ in the line."), file=path.name, row=number)

    return SourceTable(path.name, ("name", "latitude", "longitude"), rows())


READER = Reader(
    key="field-book",
    words=msg("Field books"),
    suffixes=(".book",),
    is_mine=is_mine,
    read=read,
    holds="sites",
)

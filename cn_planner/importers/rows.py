"""The rows of a file as things of the plan, while they are read; most rows of long lists go through many at a time."""

from __future__ import annotations

from array import array
from itertools import compress, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.importers.fields import CellError, text
from cn_planner.importers.left_out import Tally
from cn_planner.importers.place import why_not
from cn_planner.importers.result import RowError
from cn_planner.importers.table import LONGEST_TEXT
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cn_planner.importers.fields import TargetColumn
    from cn_planner.importers.kinds import ImportKind
    from cn_planner.importers.table import Block, SourceTable

KEPT_ROWS = 1000


class CheckedRows:
    """What has been read.

    Attributes
    ----------
    things : list
        In the order of the file.
    numbers : list of int
        The row of each thing.
    latitude, longitude : arrays of float
        Of all rows that have a position, those that cannot be meant included.
    updated : int
        How many of the things are in the plan already.
    renamed : int
        How many got another id, as the plan has something else under theirs.
    bad : list of RowError
        The first rows that cannot be used.
    tally : Tally
        All of these, by reason.
    """

    def __init__(
        self,
        table: SourceTable,
        columns: list[TargetColumn],
        kind: ImportKind,
        old: Mapping[str, Any],
        fill: Mapping[str, Any] | None = None,
    ) -> None:
        self.table = table
        self._fill = dict(fill or {})
        self.kind = kind
        self.old = old
        self.ids = Ids(kind, old)
        self.things: list[Any] = []
        self.numbers: list[int] = []
        self.updated = 0
        self.latitude = array("d")
        self.longitude = array("d")
        self.bad: list[RowError] = []
        self.tally = Tally()
        self.renamed = 0
        self._row_of: dict[str, int] = {}
        self.names = {column.field.name: column.name for column in columns}
        self._optional = [column for column in columns if not column.field.required and column.field.name != "id"]
        self._required = [column for column in columns if column.field.required or column.field.name == "id"]
        # What of several fields one is needed, by the target of the first, and those that may stand in its place.
        self._choices = {
            one.target: {other.name: other.target for other in kind.fields if other.name in one.instead}
            for one in kind.fields
            if one.required and one.instead
        }
        by_target = {column.field.target: column.index for column in self._required}
        # A list of which nothing but ids and places is wanted, as those of buildings.
        self._plain = tuple(by_target.get(name, -1) for name in ("id", "latitude", "longitude"))
        everything = not self._optional and not self._fill and set(by_target) == {"id", "latitude", "longitude"}
        self._make_plain = kind.plain if everything else None

    def add(self, block: Block) -> None:
        """Take rows in, or note why they cannot be."""
        if self._make_plain is None or not block.cells or not self._add_at_once(block, self._make_plain):
            for row, cells in zip(block.numbers, block.cells, strict=True):
                self._add(row, cells)

    def keep_within(self, box: tuple[float, float, float, float], unwanted: Tally) -> None:
        """Leave out what lies outside of a box: south, west, north, east; east is less over the antimeridian."""
        south, west, north, east = box
        span = (east - west) % 360.0
        fits = [south <= one.latitude <= north and (one.longitude - west) % 360.0 <= span for one in self.things]
        gone = [row for row, inside in zip(self.numbers, fits, strict=True) if not inside]
        unwanted.add(msg("it lies outside of the box of the plan."), gone)
        self.things, self.numbers = list(compress(self.things, fits)), list(compress(self.numbers, fits))

    def _add_at_once(self, block: Block, make: Callable[[str, str, float, float], Any]) -> bool:
        """Take rows in where all of them are as they should be; else do nothing: one by one they say what is wrong."""
        if not block.even:
            return False
        names, north, east = ([*map(itemgetter(at), block.cells)] for at in self._plain)  # type: ignore[arg-type]
        ids = [name.strip() for name in names]
        try:
            latitude, longitude = [*map(float, north)], [*map(float, east)]
        except ValueError:
            return False
        if "_" in "".join(north) or "_" in "".join(east):
            return False
        y, x = np.array(latitude), np.array(longitude)
        new = set(ids)
        if (
            not bool(((np.abs(y) <= 90.0) & (np.abs(x) <= 180.0) & ((y != 0.0) | (x != 0.0))).all())
            or len(new) < len(ids)
            or "" in new
            or not "".join(ids).isprintable()
            or max(map(len, ids)) > LONGEST_TEXT
            or not self._row_of.keys().isdisjoint(new)
            or not (new.isdisjoint(self.old) if self.old else True)
        ):
            return False
        self._row_of.update(zip(ids, block.numbers, strict=True))
        self.numbers += block.numbers
        self.latitude.extend(latitude)
        self.longitude.extend(longitude)
        self.things += map(make, ids, repeat(""), latitude, longitude)
        return True

    def refuse(self, error: RowError) -> None:
        """Note a row that cannot be used."""
        self.tally.add(error.what, [error.row], error.column)
        if len(self.bad) < KEPT_ROWS:
            self.bad.append(error)

    def _row_error(self, what: Message, row: int, field: str) -> RowError:
        return RowError(what, file=self.table.file, row=row, column=self.names.get(field, ""))

    def _add(self, row: int, cells: Sequence[Any] | RowError) -> None:
        if isinstance(cells, RowError):
            self.refuse(cells)
            return
        try:
            values = self._values(row, cells)
        except RowError as error:
            self.refuse(error)
            return
        latitude, longitude = values["latitude"], values["longitude"]
        self.latitude.append(latitude)
        self.longitude.append(longitude)
        wrong = why_not(latitude, longitude)
        if wrong is not None:
            self.refuse(self._row_error(wrong[1], row, wrong[0]))
            return
        key = values.get("id") or self.ids.next()
        first = self._row_of.setdefault(key, row)
        if first != row:
            self.refuse(
                self._row_error(msg("The id {id} stands in row {first} already.", id=key, first=first), row, "id")
            )
            return
        key = values["id"] = self._apart(key, values, row)
        before = self.old.get(key)
        self.updated += before is not None
        self.things.append(self.kind.make(values, before))
        self.numbers.append(row)

    def _apart(self, key: str, values: dict[str, Any], row: int) -> str:
        """Return the id under which a thing is kept: another one where the plan has something else of that id."""
        another, number, found = self.kind.another, 1, key
        while another is not None and (
            self._row_of.get(found, row) != row or (found in self.old and another(values, self.old[found]))
        ):
            number += 1
            found = f"{key}-{number}"
        self._row_of[found] = row
        self.renamed += found not in self.old and found != key
        return found

    def _settled(self, values: Mapping[str, Any]) -> set[str]:
        """Return the fields that need not be looked at, as what they may stand in place of is there."""
        return {name for target, others in self._choices.items() if target in values for name in others}

    def _values(self, row: int, cells: Sequence[Any]) -> dict[str, Any]:
        values: dict[str, Any] = dict(self._fill)
        name = ""
        try:
            for column in self._required:
                cell = cells[column.index]
                if not _filled(cell):
                    if column.field.target in values or column.field.instead:
                        continue
                    raise RowError(msg("The cell is empty."), file=self.table.file, row=row, column=column.name)
                name = column.name
                values[column.field.target] = column.field.read(cell)
            settled = self._settled(values)
            for column in self._optional:
                if column.field.name in settled:  # what stands in place of what is there is not looked at
                    continue
                cell = cells[column.index]
                if not _filled(cell):
                    continue
                name = column.name
                value = column.field.read(cell)
                if value is None:
                    values.setdefault("words", {})[column.field.name] = text(cell)[:80]
                else:
                    values[column.field.target] = value
        except CellError as problem:
            raise RowError(problem.what, self.table.file, row, name, problem.fix) from None
        for target, others in self._choices.items():
            if target not in values and not values.keys() & others.values():
                fields = {column.field.name for column in (*self._required, *self._optional)} & {target, *others}
                raise self._row_error(msg("The cell is empty."), row, min(fields, default=""))
        if values.get("id") == "":
            raise self._row_error(msg("The id holds no letter that can be shown."), row, "id")
        return values


def _filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


class Ids:
    """Ids for rows that have none: the next numbers that the plan does not use."""

    def __init__(self, kind: ImportKind, used: Mapping[str, Any]) -> None:
        self._kind = kind
        self._used = used
        self._number = 0
        self.first = ""

    def next(self) -> str:
        """Return the next free id."""
        while True:
            self._number += 1
            key = f"{self._kind.prefix}-{self._number:05d}"
            if key not in self._used:
                self.first = self.first or key
                return key

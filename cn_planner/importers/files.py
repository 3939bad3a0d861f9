"""Import a file into a plan: one edit for all of it, or nothing."""

from __future__ import annotations

from array import array
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError, InputError
from cn_planner.gis.vector_read import is_map_file
from cn_planner.importers.csv_table import read_csv
from cn_planner.importers.fields import CellError, Column, Word, match_columns, normal, read_number, text
from cn_planner.importers.geojson import read_geojson
from cn_planner.importers.kinds import KINDS, Kind
from cn_planner.importers.map_file import read_map_file
from cn_planner.importers.osm import is_osm, read_osm_table
from cn_planner.importers.place import Bounds, bounds_of, check_place, why_not
from cn_planner.importers.result import ImportResult, RowError
from cn_planner.importers.table import Table, clean, first_bytes, wrong_columns
from cn_planner.importers.xlsx_table import is_xlsx, read_xlsx
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cn_planner.model.plan import Plan
    from cn_planner.progress import CancelToken, Progress

NAMED_ROWS = 20
KEPT_ROWS = 1000
UPDATED = counted(
    "{count} was in the plan already and was changed.", "{count} were in the plan already and were changed.", 0
)
_EACH = 8192
_IMPORTED = {
    "sites": counted("import {count} site from {file}", "import {count} sites from {file}", 0),
    "households": counted("import {count} home from {file}", "import {count} homes from {file}", 0),
    "measurements": counted("import {count} measurement from {file}", "import {count} measurements from {file}", 0),
}


_OSM_LAYER = {"households": "buildings", "sites": "structures"}
_BELOW = counted(
    "{count} row with less than {limit:g} in {column} was left out.",
    "{count} rows with less than {limit:g} in {column} were left out.",
    0,
)
SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".gz", ".geojson", ".json"),
    *(".kml", ".kmz", ".gpx", ".gpkg", ".shp", ".zip", ".fgb", ".pbf", ".osm"),
)
"""How the names of files end that `open_table` reads; a file of another name is read by what it is all the same."""


def open_table(path: Path, layer: str = "", kind: str = "") -> Table:
    """Return a file as a table, by what it is, whatever its name says: a spreadsheet, a map, GeoJSON, else CSV.

    Of an OpenStreetMap extract it is, where no layer is named, what is most often wanted for a kind of things.

    Raises
    ------
    FileError
        Where it is none of them, or damaged.
    InputError
        Where a map has several layers and none is named.
    """
    if is_xlsx(path):
        return read_xlsx(path)
    if is_osm(path):
        return read_osm_table(path, layer or _OSM_LAYER.get(kind, ""))
    if is_map_file(path):
        return read_map_file(path, layer)
    head = first_bytes(path)
    return read_geojson(path) if head[:1] in {b"{", b"["} else read_csv(path)


class _Rows:
    """The rows of a file while they are read."""

    def __init__(self, table: Table, columns: list[Column], kind: Kind, old: Mapping[str, Any]) -> None:
        self.table = table
        self.kind = kind
        self.old = old
        self.ids = _Ids(kind, old)
        self.things: list[Any] = []
        self.updated = 0
        self.latitude = array("d")
        self.longitude = array("d")
        self._row_of: dict[str, int] = {}
        self.bad: list[RowError] = []
        self.bad_count = 0
        self.names = {column.field.name: column.name for column in columns}
        self._optional = [column for column in columns if not column.field.required and column.field.name != "id"]
        self._required = [column for column in columns if column.field.required or column.field.name == "id"]

    def _refuse(self, error: RowError) -> None:
        self.bad_count += 1
        if len(self.bad) < KEPT_ROWS:
            self.bad.append(error)

    def _row_error(self, what: Message, row: int, field: str) -> RowError:
        return RowError(what, file=self.table.file, row=row, column=self.names.get(field, ""))

    def add(self, row: int, cells: Sequence[Any] | RowError) -> None:
        """Take one row in, or note why it cannot be."""
        if isinstance(cells, RowError):
            self._refuse(cells)
            return
        try:
            values = self._values(row, cells)
        except RowError as error:
            self._refuse(error)
            return
        latitude, longitude = values["latitude"], values["longitude"]
        self.latitude.append(latitude)
        self.longitude.append(longitude)
        wrong = why_not(latitude, longitude)
        if wrong is not None:
            self._refuse(self._row_error(wrong[1], row, wrong[0]))
            return
        key = values.get("id") or self.ids.next()
        first = self._row_of.setdefault(key, row)
        if first != row:
            self._refuse(
                self._row_error(msg("The id {id} stands in row {first} already.", id=key, first=first), row, "id")
            )
            return
        values["id"] = key
        before = self.old.get(key)
        self.updated += before is not None
        self.things.append(self.kind.make(values, before))

    def _values(self, row: int, cells: Sequence[Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        name = ""
        try:
            for column in self._required:
                cell = cells[column.index]
                if cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()):
                    raise RowError(msg("The cell is empty."), file=self.table.file, row=row, column=column.name)
                name = column.name
                values[column.field.target] = column.field.read(cell)
            for column in self._optional:
                cell = cells[column.index]
                if cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()):
                    continue
                name = column.name
                value = column.field.read(cell)
                if value is None:
                    values.setdefault("words", {})[column.field.name] = text(cell)[:80]
                else:
                    values[column.field.target] = value
        except CellError as problem:
            raise RowError(problem.what, file=self.table.file, row=row, column=name) from None
        if values.get("id") == "":
            raise self._row_error(msg("The id holds no letter that can be shown."), row, "id")
        return values


class _Limits:
    """The least that columns must hold for a row to be taken, and how many were left out for each."""

    def __init__(self, table: Table, least: Mapping[str, float]) -> None:
        names = [normal(column) for column in table.columns]
        unknown = next((column for column in least if normal(column) not in names), None)
        if unknown is not None:
            raise wrong_columns(msg("There is no column {column}.", column=unknown), table.file, table.columns)
        self._limits = [(names.index(normal(column)), column, limit) for column, limit in least.items()]
        self._left: Counter[str] = Counter()

    def keep(self, cells: Sequence[Any] | RowError) -> bool:
        """Return whether a row is taken."""
        if isinstance(cells, RowError):
            return True
        for at, column, limit in self._limits:
            try:
                if read_number(cells[at] if cells[at] is not None else "") >= limit:
                    continue
            except CellError:
                pass  # what is no number is not as much as the limit
            self._left[column] += 1
            return False
        return True

    def said(self) -> list[Message]:
        """Return what was left out, in words."""
        return [
            _BELOW.about(self._left[column], column=clean(column), limit=limit)
            for _, column, limit in self._limits
            if self._left[column]
        ]


class _Ids:
    """Ids for rows that have none: the next numbers that the plan does not use."""

    def __init__(self, kind: Kind, used: Mapping[str, Any]) -> None:
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


def import_file(
    plan: Plan,
    path: Path | str,
    kind: str,
    mapping: Mapping[str, str] | None = None,
    *,
    layer: str = "",
    least: Mapping[str, float] | None = None,
    skip_bad: bool = False,
    places: Sequence[Bounds] = (),
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> ImportResult:
    """Import sites, homes or measurements from a table or a map file.

    A row whose id is in the plan already changes that thing, in what the file says of it; the rest of it stays.
    An id that stands twice in the file is wrong.

    Parameters
    ----------
    plan : Plan
        The plan as it is; it is not changed.
    path : Path
        The file.
    kind : str
        ``sites``, ``households`` or ``measurements``.
    mapping : mapping of str to str, optional
        Which column holds a field, where the names do not say it.
    layer : str
        Which layer, of a map file that has several.
    least : mapping of str to float, optional
        By column: rows that have less there, or nothing, are left out and counted, as buildings that were not
        surely seen.
    skip_bad : bool
        Leave out rows that cannot be used. Otherwise nothing is imported where there is one.
    places : sequence of (south, west, north, east)
        Where the plan is, beside what it says itself: the bounds of its terrain.
    progress, cancel
        How far it is; how it is told to stop.

    Returns
    -------
    ImportResult
        The edit, and what was left out.

    Raises
    ------
    FileError
        Where the file is missing, empty, damaged, or of another kind.
    InputError
        Where columns are missing, latitude and longitude are turned round, or a row cannot be used.
    """
    path = Path(path)
    if kind not in KINDS:
        raise InputError(
            msg("{kind} cannot be imported.", kind=kind), fix=msg("It is one of {kinds}.", kinds=", ".join(KINDS))
        )
    what = KINDS[kind]()
    progress(0.0, msg("Reading {file}", file=path.name))
    table = open_table(path, layer, kind)
    columns = match_columns(table, what.fields, mapping or {})
    rows = _Rows(table, columns, what, getattr(plan, what.table))
    limits = _Limits(table, least or {})
    for count, (row, cells) in enumerate(table.rows, 1):
        if limits.keep(cells):
            rows.add(row, cells)
        if count % _EACH == 0:
            progress(0.6 * count / (count + 10 * _EACH))
            if cancel is not None:
                cancel.check()
    table.warnings += limits.said()
    if not rows.things and not rows.bad_count:
        raise FileError(msg("The file has no rows below its header."), where=str(path))
    far = check_place(
        rows.latitude,
        rows.longitude,
        (*bounds_of(plan), *places),
        file=path.name,
        latitude_column=rows.names["latitude"],
        longitude_column=rows.names["longitude"],
    )
    if rows.bad_count and (not skip_bad or not rows.things):
        raise _nothing_imported(rows, path)
    things = tuple(rows.things)
    progress(0.7, counted("Checking {count} row", "Checking {count} rows", len(things)))
    if cancel is not None:
        cancel.check()
    label = _IMPORTED[kind].about(len(things), file=clean(path.name))
    edit = edits.put(plan, things, label)
    if table.rights and table.rights not in plan.info.data_sources:
        sources = "; ".join(filter(None, (plan.info.data_sources, table.rights)))
        edit = Edit(label, edits.change_section(edit.plan, "info", data_sources=sources).plan)
    progress(1.0)
    warnings = _warnings(table, columns, what, rows.ids, rows.updated)
    if far is not None:
        warnings.append(far)
    return ImportResult(
        edit,
        things,
        tuple(rows.bad),
        rows.bad_count,
        tuple(warnings),
        len(things) - rows.updated,
        rows.updated,
    )


def _nothing_imported(rows: _Rows, path: Path) -> InputError:
    named = rows.bad[:NAMED_ROWS]
    if rows.bad_count == 1:
        return rows.bad[0]
    listed: Message = msg("{where}: {what}", where=named[0].where, what=named[0].what)
    for error in named[1:]:
        listed = msg("{before}\n{next}", before=listed, next=msg("{where}: {what}", where=error.where, what=error.what))
    if rows.bad_count > len(named):
        listed = msg("{before}\n{next}", before=listed, next=msg("and {count} more", count=rows.bad_count - len(named)))
    return InputError(
        counted(
            "{count} row cannot be used, and nothing was imported.\n{rows}\n",
            "{count} rows cannot be used, and nothing was imported.\n{rows}\n",
            rows.bad_count,
            rows=listed,
        ),
        where=str(path),
        fix=named[0].fix or msg("Correct them, or leave them out with --skip-bad."),
    )


def _warnings(table: Table, columns: list[Column], what: Kind, ids: _Ids, updated: int) -> list[Message]:
    found = list(table.warnings)
    used = {column.index for column in columns} | {
        index for index, name in enumerate(table.columns) if name in {table.x_column, table.y_column} or not name
    }
    unused = [name[:60] for index, name in enumerate(table.columns) if index not in used]
    if unused:
        found.append(msg("Columns that were not used: {columns}.", columns=", ".join(unused[:20])))
    for one in what.fields:
        if isinstance(one.read, Word):
            found += [
                counted(
                    "{count} row says {field} {word}, which means nothing here: it was kept as a note.",
                    "{count} rows say {field} {word}, which means nothing here: it was kept as a note.",
                    count,
                    field=one.name,
                    word=repr(word),
                )
                for word, count in one.read.unknown.most_common(10)
            ]
    if ids.first:
        found.append(
            msg(
                "No column holds an id: rows were numbered from {first}. Imported again they would be there twice.",
                first=ids.first,
            )
        )
    if updated:
        found.append(UPDATED.about(updated))
    return found

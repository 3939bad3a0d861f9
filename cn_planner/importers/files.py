"""Import a file into a plan: one edit for all of it, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError, InputError
from cn_planner.faults import walled
from cn_planner.gis.pack_facts import is_pack
from cn_planner.gis.vector_read import is_map_file
from cn_planner.importers.choices import EVERYTHING
from cn_planner.importers.cnml import is_cnml, read_cnml
from cn_planner.importers.csv_table import read_csv
from cn_planner.importers.fields import TargetColumn, TargetField, Word, filled_values, match_columns, normal
from cn_planner.importers.filters import Filters
from cn_planner.importers.geojson import read_json
from cn_planner.importers.grid_columns import with_positions
from cn_planner.importers.kinds import LATITUDE_NAMES, THING_KINDS, ImportKind
from cn_planner.importers.left_out import Reason, Tally
from cn_planner.importers.map_file import read_map_file
from cn_planner.importers.measured import Day, doubtful_measurements, quantity_named, without_copies
from cn_planner.importers.networks import taken_links
from cn_planner.importers.osm import is_osm, read_osm_table
from cn_planner.importers.own_files import OWN_TABLE
from cn_planner.importers.packs import read_pack_table
from cn_planner.importers.place import PlaceBounds, bounds_of, check_place, doubtful_places
from cn_planner.importers.printed import fields_of
from cn_planner.importers.readers import READERS, read_by, reader_of
from cn_planner.importers.repeats import without_repeats
from cn_planner.importers.result import ImportResult
from cn_planner.importers.rows import CheckedRows
from cn_planner.importers.signal_lists import signal_list
from cn_planner.importers.table import SourceTable, clean, first_bytes
from cn_planner.importers.xlsx_table import is_xlsx, read_xlsx
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.senders import Senders
from cn_planner.progress import silent

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cn_planner.importers.choices import Choices
    from cn_planner.importers.place import GroundHeights
    from cn_planner.model.plan import Plan
    from cn_planner.progress import CancelToken, Progress

NAMED_ROWS = 20
UPDATED = counted(
    "{count} was in the plan already and was changed.", "{count} were in the plan already and were changed.", 0
)
SAME = counted("{count} is in the plan already, the same.", "{count} are in the plan already, the same.", 0)
_EACH = 8192
_READ_SHARE = 0.45
"""Of the time that a long list takes: the rest is looking for repetitions, and whether it lies on the ground."""
_IMPORTED = {
    "sites": counted("import {count} site from {file}", "import {count} sites from {file}", 0),
    "households": counted("import {count} home from {file}", "import {count} homes from {file}", 0),
    "places": counted("import {count} public place from {file}", "import {count} public places from {file}", 0),
    "measurements": counted("import {count} measurement from {file}", "import {count} measurements from {file}", 0),
}


_OSM_LAYER = {"households": "buildings", "sites": "structures"}
_SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".gz", ".geojson", ".json", ".cnml"),
    *(".kml", ".kmz", ".gpx", ".gpkg", ".shp", ".zip", ".fgb", ".pbf", ".osm"),
)


def suffixes() -> tuple[str, ...]:
    """Return how the names of files end that `open_table` reads; one of another name is read by what it is."""
    return *_SUFFIXES, *(suffix for reader in READERS.others().values() for suffix in reader.suffixes)


@walled
def open_table(
    path: Path, layer: str = "", kind: str = "", *, private: bool = False, latitude: Collection[str] = ()
) -> SourceTable:
    """Return a file as a table, by what it is, whatever its name says: a spreadsheet, a map, a list of nodes, else CSV.

    What another package reads comes before JSON and CSV, which look like much else.

    Of an OpenStreetMap extract it is, where no layer is named, what is most often wanted for a kind of things; of a
    workbook or a GeoPackage that the program wrote, the sheet or the layer of that kind; of an area pack its roofs.
    ``latitude``: what else the column that holds it may be called; other forms of places are looked for where there is
    none.

    Raises
    ------
    FileError
        Where it is none of them, or damaged.
    PluginError
        Where the reader of another package fails.
    InputError
        Where a map has several layers and none is named.
    """
    known = LATITUDE_NAMES | {*map(normal, latitude)}
    if is_xlsx(path):
        return with_positions(read_xlsx(path, OWN_TABLE.get(kind, "")), known)
    if is_osm(path):
        return read_osm_table(path, layer or _OSM_LAYER.get(kind, ""))
    if kind == "households" and not layer and is_pack(path):
        return read_pack_table(path)
    if is_map_file(path):
        return read_map_file(path, layer, kind)
    if is_cnml(path):
        return read_cnml(path, private=private)
    reader = reader_of(path)
    if reader is not None:
        return read_by(reader, path)
    head = first_bytes(path)
    if head[:1] in {b"{", b"["}:
        return read_json(path, private=private)
    return with_positions(read_csv(path), known)


def _latitude_names(fields: Sequence[TargetField], mapping: Mapping[str, str]) -> set[str]:
    return {mapping.get("latitude", ""), *(name for one in fields if one.name == "latitude" for name in one.aliases)}


def _said_by_names(columns: Sequence[TargetColumn]) -> dict[str, Any]:
    """Return what names of columns say of each row, beside what stands there."""
    level = next((one.name for one in columns if one.field.name == "level_dbm"), "")
    quantity = quantity_named(level)
    return {} if quantity is None else {"quantity": quantity}


def _without_telephones_snr(columns: list[TargetColumn]) -> list[TargetColumn]:
    """Return the columns without a telephone's ratio: LoRa's alone says how strong the signal was."""
    if any(one.field.name == "rsrp" for one in columns) or _said_by_names(columns):
        return [one for one in columns if one.field.name != "snr"]
    return columns


def _count_days(what: ImportKind, table: SourceTable) -> None:
    """Have the readers of days count from where the table's file does."""
    for one in what.fields:
        if isinstance(one.read, Day):
            one.read.day_zero = table.day_zero


def import_file(
    plan: Plan,
    path: Path | str,
    kind: str,
    mapping: Mapping[str, str] | None = None,
    choices: Choices = EVERYTHING,
    *,
    places: Sequence[PlaceBounds] = (),
    ground: GroundHeights | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> ImportResult:
    """Import sites, homes, public places or measurements from a table, a map file or a list of nodes.

    A row whose id is in the plan already changes that thing, in what the file says of it; the rest of it stays.
    A measurement that somebody else read, or elsewhere, stands beside that one: each numbers their own.
    An id that stands twice in the file is wrong.

    Parameters
    ----------
    plan : Plan
        The plan as it is; it is not changed.
    path : Path
        The file.
    kind : str
        ``sites``, ``households``, ``places`` or ``measurements``.
    mapping : mapping of str to str, optional
        Which column holds a field, where the names do not say it.
    choices : Choices
        What of the file is taken.
    places : sequence of (south, west, north, east)
        Where the plan is, beside what it says itself: the bounds of its terrain.
    ground : callable, optional
        From latitudes and longitudes to the height of the ground there, NaN where it is not known.
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
    if kind not in THING_KINDS:
        raise InputError(
            msg("{kind} cannot be imported.", kind=kind), fix=msg("It is one of {kinds}.", kinds=", ".join(THING_KINDS))
        )
    what = THING_KINDS[kind]()
    for one in what.fields:
        if isinstance(one.read, Word):
            one.read.language = plan.info.language
    progress(0.0, msg("Reading {file}", file=path.name))
    fill = filled_values(what.fields, choices.fill)
    fields = fields_of(what, plan)
    table = signal_list(path, plan) if kind == "measurements" else None
    if table is None:
        table = open_table(
            path, choices.layer, kind, private=choices.private, latitude=_latitude_names(fields, mapping or {})
        )
    _count_days(what, table)
    columns = _without_telephones_snr(match_columns(table, fields, mapping or {}, choices.fill))
    rows = CheckedRows(table, columns, what, getattr(plan, what.table), _said_by_names(columns) | fill)
    filters, unwanted = Filters(table, choices, kind), Tally()
    count = 0
    for block in table.walk(_EACH):
        count += len(block.cells)
        rows.add(filters.keep(block, unwanted))
        progress(_READ_SHARE * (min(count / table.count, 1.0) if table.count else count / (count + 10 * _EACH)))
        if cancel is not None:
            cancel.check()
    if not rows.things and not rows.tally.count:
        raise _no_rows(path, unwanted)
    far = check_place(
        rows.latitude,
        rows.longitude,
        (*bounds_of(plan), *places),
        file=path.name,
        latitude_column=rows.names.get("latitude", ""),
        longitude_column=rows.names.get("longitude", ""),
    )
    if rows.tally.count and (not choices.skip_bad or not rows.things):
        raise _nothing_imported(rows, path)
    progress(_READ_SHARE, counted("Checking {count} row", "Checking {count} rows", len(rows.things)))
    if cancel is not None:
        cancel.check()
    if choices.within is not None:
        rows.keep_within(choices.within, unwanted)
        if not rows.things:
            raise _no_rows(path, unwanted)
    things, repeats = without_repeats(plan, what.table, rows, choices, unwanted)
    unsure: tuple[Reason, ...] = ()
    if kind == "measurements":
        new, senders = {thing.id for thing, _ in things}, Senders(plan)
        known = [senders.by_id(one) for one in plan.measurements.values() if one.id not in new]
        read = [(senders.by_id(thing), row) for thing, row in things]
        things = without_copies(read, known, plan.measurements, unwanted)
        unsure = doubtful_measurements(things, senders, choices.today)
    progress(0.75)
    doubts = doubtful_places(things, () if far is not None else (*bounds_of(plan), *places), ground)
    taken = tuple(thing for thing, _ in things)
    label = _IMPORTED[kind].about(len(taken), file=clean(path.name))
    links, said = ([], []) if kind != "sites" else taken_links(plan, table.links, {one.id: one for one in taken})
    edit = edits.put(plan, (*taken, *links), label)
    if table.rights and table.rights not in plan.info.data_sources:
        sources = "; ".join(filter(None, (plan.info.data_sources, table.rights)))
        edit = Edit(label, edits.change_section(edit.plan, "info", data_sources=sources).plan)
    progress(1.0)
    old = [thing for thing in taken if thing.id in rows.old] if rows.updated or kind == "measurements" else []
    same = sum(thing == rows.old[thing.id] for thing in old)
    updated = len(old) - same
    return ImportResult(
        edit,
        taken,
        tuple(rows.bad),
        rows.tally.count,
        (*_warnings(table, columns, what, rows, (updated, same)), *said, *([] if far is None else [far])),
        len(taken) - len(old),
        updated,
        same,
        bad_reasons=rows.tally.reasons(),
        unwanted=unwanted.reasons(),
        repeats=repeats,
        doubts=(*doubts, *unsure),
    )


def _no_rows(path: Path, unwanted: Tally) -> FileError:
    if not unwanted.count:
        return FileError(msg("The file has no rows below its header."), where=str(path))
    listed: Message = msg("No row of the file is left.")
    for reason in unwanted.reasons():
        listed = msg("{before}\n{next}", before=listed, next=reason.left_out)
    return FileError(listed, where=str(path), fix=msg("Ask for less."))


def _nothing_imported(rows: CheckedRows, path: Path) -> InputError:
    named = rows.bad[:NAMED_ROWS]
    if rows.tally.count == 1:
        return rows.bad[0]
    listed: Message = msg("{where}: {what}", where=named[0].where, what=named[0].what)
    for error in named[1:]:
        listed = msg("{before}\n{next}", before=listed, next=msg("{where}: {what}", where=error.where, what=error.what))
    if rows.tally.count > len(named):
        listed = msg(
            "{before}\n{next}", before=listed, next=msg("and {count} more", count=rows.tally.count - len(named))
        )
    return InputError(
        counted(
            "{count} row cannot be used, and nothing was imported.\n{rows}\n",
            "{count} rows cannot be used, and nothing was imported.\n{rows}\n",
            rows.tally.count,
            rows=listed,
        ),
        where=str(path),
        fix=named[0].fix or msg("Correct them, or leave them out with --skip-bad."),
    )


def _warnings(
    table: SourceTable, columns: list[TargetColumn], what: ImportKind, rows: CheckedRows, known: tuple[int, int]
) -> list[Message]:
    found = list(table.warnings)
    used = (
        {column.index for column in columns}
        | {*table.said_in}
        | {index for index, name in enumerate(table.columns) if name in {table.x_column, table.y_column} or not name}
    )
    unused = [name[:60] for index, name in enumerate(table.columns) if index not in used]
    if unused:
        found.append(msg("Columns that were not used: {columns}.", columns=", ".join(unused[:20])))
    for one in what.fields:
        if isinstance(one.read, Word | Day):
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
    if rows.ids.first and what.table != "measurements":  # of which what stands twice counts once
        found.append(
            msg(
                "No column holds an id: rows were numbered from {first}. Imported again they would be there twice.",
                first=rows.ids.first,
            )
        )
    updated, same = known
    if updated:
        found.append(UPDATED.about(updated))
    if same:
        found.append(SAME.about(same))
    if rows.renamed:
        found.append(
            counted(
                "{count} has the number of another reading, and stands beside it under a new one.",
                "{count} have the numbers of other readings, and stand beside them under new ones.",
                rows.renamed,
            )
        )
    return found

"""A look at a file before it is imported: its kind, its first rows, which column means what, what is wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.importers.choices import EVERYTHING
from cn_planner.importers.fields import match_columns, normal
from cn_planner.importers.files import open_table
from cn_planner.importers.kinds import THING_KINDS
from cn_planner.importers.result import RowError
from cn_planner.progress import ALONE, Run
from cn_planner.session.tasks import read_things

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cn_planner.importers.choices import Choices
    from cn_planner.importers.result import ImportResult
    from cn_planner.message import Message
    from cn_planner.session.workspace import Snapshot

_ROWS = 12
_CELL = 120


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file looks like.

    Attributes
    ----------
    kind : str
        ``sites``, ``households``, ``places`` or ``measurements``: as asked for, or guessed.
    columns : tuple of str
    rows : tuple of tuple of str
        The first ones, as text; shorter ones are filled up.
    fields : tuple of (name, required)
        What can be said of this kind.
    mapping : mapping of str to str
        The column of each field that has one.
    """

    kind: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    fields: tuple[tuple[str, bool], ...]
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """What an import would do: its result, or the error that it ends with.

    Attributes
    ----------
    result : ImportResult or None
    problem : Message or None
        Why nothing can be imported.
    fix : Message or None
    bad : tuple of RowError
        Rows that cannot be used, the first 1,000.
    bad_count : int
    swapped : bool
        Whether it would work with latitude and longitude the other way round.
    """

    result: ImportResult | None
    problem: Message | None = None
    fix: Message | None = None
    bad: Sequence[RowError] = field(default=())
    bad_count: int = 0
    swapped: bool = False


def guess_kind(columns: Sequence[str]) -> str:
    """Return the kind whose own fields the columns name best; homes where nothing tells."""
    names = {normal(column) for column in columns}
    shared = {"id", "name", "latitude", "longitude", "note"}
    scores = {}
    for kind, make in THING_KINDS.items():
        own = [one for one in make().fields if one.name not in shared]
        scores[kind] = sum(bool(names & {one.name, *one.aliases}) for one in own)
        needed = [one for one in own if one.required]
        if needed and not all(names & {one.name, *one.aliases} for one in needed):
            scores[kind] = -1
        ids = next(one for one in make().fields if one.name == "id")
        scores[kind] += 2 * bool(names & set(ids.aliases[5:]))
    order = ("households", "sites", "places", "measurements")
    return max(order, key=lambda kind: scores[kind] + (kind == "measurements" and scores[kind] > 0))


def preview(path: Path, kind: str = "") -> Preview:
    """Return what a file looks like.

    Raises
    ------
    FileError
        Where it cannot be read, or is of another kind.
    """
    table = open_table(path, kind=kind or "households")
    chosen = kind or guess_kind(table.columns)
    fields = THING_KINDS[chosen]().fields
    mapping: dict[str, str] = {}
    for one in fields:
        try:
            found = match_columns(table, [one], {})
        except InputError:
            continue
        # A column that an earlier field has taken already is not offered twice.
        mapping.update({c.field.name: c.name for c in found if c.name not in mapping.values()})
    rows = []
    for _number, cells in islice(table.rows, _ROWS):
        texts = [] if isinstance(cells, RowError) else ["" if cell is None else str(cell)[:_CELL] for cell in cells]
        rows.append(tuple((texts + [""] * len(table.columns))[: len(table.columns)]))
    return Preview(chosen, table.columns, tuple(rows), tuple((one.name, one.required) for one in fields), mapping)


def try_import(
    snapshot: Snapshot,
    path: Path,
    kind: str,
    mapping: Mapping[str, str],
    choices: Choices = EVERYTHING,
    *,
    run: Run = ALONE,
) -> Trial:
    """Return what an import would do, bad rows left out, whatever is chosen of them; nothing is changed.

    Raises
    ------
    FileError
        Where the file cannot be read.
    CancelledError
    """

    def attempt(columns: Mapping[str, str]) -> ImportResult:
        trial = replace(choices, skip_bad=True)
        return read_things(snapshot, path, kind, columns, trial, run=run)

    try:
        result = attempt(mapping)
    except InputError as error:
        swapped = False
        if "latitude" in mapping and "longitude" in mapping:
            turned = {**mapping, "latitude": mapping["longitude"], "longitude": mapping["latitude"]}
            try:
                swapped = attempt(turned).left_out_count == 0
            except InputError:
                swapped = False
        bad = (error,) if isinstance(error, RowError) else ()
        return Trial(None, error.what, error.fix, bad, len(bad), swapped)
    return Trial(result, None, None, result.left_out, result.left_out_count)

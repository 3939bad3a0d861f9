"""Tables that say where things are in another form than latitude and longitude: UTM in three columns, or one text."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.importers.coordinates import place_readings
from cn_planner.importers.fields import EAST_COLUMNS, NORTH_COLUMNS, CellError, normal, read_number, text
from cn_planner.importers.result import RowError
from cn_planner.importers.table import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cn_planner.importers.table import SourceTable

_LATITUDE, _LONGITUDE = "latitude", "longitude"
_ZONE = ("zone", "utm_zone", "utmzone", "grid_zone", "zona", "zona_utm", "huso", "fuseau")
_WHOLE = (
    *("coordinates", "coordinate", "coords", "position", "location", "latlon", "lat_lon", "lat_long", "gps", "mgrs"),
    *("utm", "grid_reference", "plus_code", "pluscode", "geo", "coordenadas", "ubicacion", "coordonnees"),
)
_NAMED = re.compile(r"(?:utm|zone|zona|huso|fuseau)?\s*(\d{1,2})\s*([a-z])[a-z]*", re.IGNORECASE)
_CODED = re.compile(r"(?:epsg:)?32([67])(\d\d)", re.IGNORECASE)
_LOOKED_AT = 50
"""Rows at the beginning: one place among them says that a column holds places."""


def with_positions(table: SourceTable, known: Iterable[str]) -> SourceTable:
    """Return a table with the latitude and longitude of its rows as the last columns, where they are said otherwise.

    Parameters
    ----------
    table : SourceTable
        Its rows are not walked yet.
    known : iterable of str
        What a column of latitudes may be called; a table that has one, or positions of its own, stays as it is, as does
        one with metres of a grid and no zone.
    """
    names = {normal(column): number for number, column in reversed([*enumerate(table.columns)])}
    if table.y_column or names.keys() & set(known):
        return table
    east, north, zone = (
        next((names[one] for one in few if one in names), None) for few in (EAST_COLUMNS, NORTH_COLUMNS, _ZONE)
    )
    if east is not None and north is not None and zone is not None:
        at = (zone, east, north)
        return _placed(table, lambda cells: _utm(*(cells[one] for one in at)), at)
    whole = [names[one] for one in _WHOLE if one in names]
    return _of_texts(table, whole) if whole else table


def _of_texts(table: SourceTable, columns: Sequence[int]) -> SourceTable:
    """Return it with what the first column says that holds places; as it is where none does."""
    blocks = table.walk(_LOOKED_AT)
    first = next(blocks, None)
    again = chain([] if first is None else [first], blocks)
    table = replace(table, blocks=again, rows=_one_by_one(again))
    for at in columns:
        for cells in () if first is None else first.cells[:_LOOKED_AT]:
            if not isinstance(cells, RowError) and _reads(cells[at]):
                return _placed(table, partial(_text, at), (at,))
    return table


def _text(at: int, cells: Sequence[Any]) -> str:
    return str(cells[at] or "")


def _reads(cell: Any) -> bool:
    try:
        return bool(place_readings(str(cell or "")))
    except InputError:
        return False


def _utm(zone: Any, east: Any, north: Any) -> str:
    """Return a place in UTM as it is typed."""
    said = "" if zone is None else text(zone)
    coded, named = _CODED.fullmatch(said), _NAMED.fullmatch(said)
    if coded is not None:
        said = f"{coded[2]}{'N' if coded[1] == '6' else 'S'}"
    elif named is not None:
        said = f"{named[1]}{named[2].upper()}"
    metres = [read_number("" if one is None else one) for one in (east, north)]
    return f"{said} {metres[0]:.3f} {metres[1]:.3f}"


def _placed(table: SourceTable, said: Callable[[Sequence[Any]], str], at: tuple[int, ...]) -> SourceTable:
    def place(row: int, cells: Sequence[Any] | RowError) -> Sequence[Any] | RowError:
        if isinstance(cells, RowError):
            return cells
        try:
            found = place_readings(said(cells))[0]
        except (CellError, InputError) as problem:
            return RowError(problem.what, file=table.file, row=row, column=table.columns[at[-1]])
        return (*cells, found.latitude, found.longitude)

    def blocks() -> Iterator[Block]:
        for block in table.walk(_LOOKED_AT):
            yield Block(block.numbers, [place(*one) for one in zip(block.numbers, block.cells, strict=True)])

    made = blocks()
    return replace(
        table, columns=(*table.columns, _LATITUDE, _LONGITUDE), rows=_one_by_one(made), blocks=made,
        x_column=_LONGITUDE, y_column=_LATITUDE, said_in=at,
    )  # fmt: skip


def _one_by_one(blocks: Iterable[Block]) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    for block in blocks:
        yield from zip(block.numbers, block.cells, strict=True)

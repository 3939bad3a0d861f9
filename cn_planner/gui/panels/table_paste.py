"""Cells from a spreadsheet, taken into a table of the plan: all of them as one edit, or none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.words import tr, unit
from cn_planner.importers.fields import CellError, number_between, read_number
from cn_planner.message import counted, msg
from cn_planner.model.edits import put

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cn_planner.gui.panels.table_models import ThingColumn, ThingTable
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan

_NONE = frozenset({"–", "-"})
_HEIGHTS = frozenset({"mast", "most", "antenna"})


def pasted(things: ThingTable, plan: Plan, text: str, column: int, rows: Sequence[int]) -> Edit:
    """Return the edit that puts cells into a table.

    Parameters
    ----------
    things : ThingTable
    plan : Plan
    text : str
        Lines of cells with tabs between. Where the first line is that of `ThingTable.texts`, beginning with ``id``, the
        cells go to the rows of their ids; one cell goes to all rows that are chosen; else the cells go below the
        column that is chosen, from the first row on. An empty cell empties a text, and leaves all else as it is.
    column : int
        The one that is chosen.
    rows : sequence of int
        Those that are chosen, in order.

    Raises
    ------
    InputError
        Where a cell says nothing that its column can hold, or its row or column is not there; nothing is taken then.
    """
    lines = [line.split("\t") for line in text.removesuffix("\n").splitlines()]
    new = plan
    changed: dict[str, Any] = {}
    table = things.kind.table
    for key, one, cell in _cells(things, lines, column, rows):
        row = changed.get(key, getattr(plan, table).get(key))
        if row is None:
            raise _no_row(key)
        if cell.strip() == one.text(key).strip():
            continue  # as it is shown: a height that is read in feet is not rounded to them
        nothing = not cell.strip() or (cell.strip() in _NONE and one.key != "mast")
        if nothing and (one.number is not None or one.choices is not None):
            continue
        value = _value(things, one, cell)
        if one.field == "mast_height_m":  # what follows from a mast is said in one place
            new = plan_edits.change_field(new, table, key, one.field, value).plan
            row = replace(row, mast_height_m=getattr(new, table)[key].mast_height_m)
        elif one.field == "name" and not cell.strip():
            raise InputError(msg("A name is missing."), where=key, fix=msg("Type one."))
        else:
            row = replace(row, **{one.field: value})
        changed[key] = row
    if not changed:
        raise InputError(msg("Nothing of this can be pasted here."), fix=msg("Choose a cell that can be typed into."))
    label = counted("paste into {count} row", "paste into {count} rows", len(changed))
    return put(new, changed.values(), label)


def _no_row(name: str) -> InputError:
    return InputError(msg("There is no row {id}.", id=name), fix=msg("Copy the rows anew, and paste into those."))


def _cells(
    things: ThingTable, lines: list[list[str]], column: int, rows: Sequence[int]
) -> Iterator[tuple[str, ThingColumn, str]]:
    """Yield each cell that can be edited, with its row and column.

    Raises
    ------
    InputError
        Where a cell that is not empty lies beyond the table.
    """
    if lines[0][0].strip().casefold() == "id":
        titles = {tr(one.title): one for one in things.columns}
        for line in lines[1:]:
            if "".join(line).strip():
                columns = [titles.get(title) for title in lines[0][1:]]
                yield from _line(line[0].strip(), columns, line[1:], lines[0][1:])
        return
    one_cell = len(lines) == 1 and len(lines[0]) == 1
    places = rows if one_cell else range(rows[0], rows[0] + len(lines))
    for number, row in enumerate(places):
        line = lines[0 if one_cell else number]
        if row < things.rowCount():
            yield from _line(things.key_at(row), things.columns[column:], line)
        elif "".join(line).strip():
            raise _no_row(str(row + 1))


def _line(
    key: str, columns: Sequence[ThingColumn | None], cells: Sequence[str], titles: Sequence[str] = ()
) -> Iterator[tuple[str, ThingColumn, str]]:
    """Yield the cells of a row that can be edited."""
    for number, cell in enumerate(cells):
        one = columns[number] if number < len(columns) else None
        if one is not None and one.field:
            yield key, one, cell
        elif one is None and cell.strip():
            title = titles[number] if number < len(titles) else str(number + 1)
            raise InputError(msg("There is no column {column}.", column=title[:40]), where=key)


def _value(things: ThingTable, one: ThingColumn, cell: str) -> Any:
    """Return what a cell says, as the plan keeps it."""
    text = cell.strip()
    if one.choices is not None:
        for value, words in one.choices.items():
            if text.casefold() in (tr(words).casefold(), str(value).casefold()):
                return value
        known = ", ".join(tr(words) for words in one.choices.values())
        raise InputError(msg("{text} is none of what {column} can be.", text=text[:40], column=one.title),
                         fix=msg("There are: {kept}.", kept=known))  # fmt: skip
    if one.number is None:
        return text
    if text in _NONE:
        return None
    metres, sign = things.context.quantities.height_unit() if one.key in _HEIGHTS else (1.0, "")
    for own in (unit(sign), sign) if sign else ():  # that of another unit is not a number
        text = text.removesuffix(own).strip()
    low, high = (limit / metres for limit in one.number)
    try:
        read_number(text)
    except CellError as problem:
        words = msg("{text} is no number, in {column}.", text=cell.strip()[:40], column=one.title)
        raise InputError(words) from problem
    try:
        return round(number_between(low, high, unit(sign))(text) * metres, 3)
    except CellError as problem:
        raise InputError(problem.what, where=tr(one.title)) from problem

"""Cells from a spreadsheet, taken into a table of the plan: all of them as one edit, or none."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg
from cn_planner.model.edits import put

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cn_planner.gui.panels.table_models import ThingColumn, ThingTable
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_NONE = frozenset({"", "–", "-"})


def pasted(things: ThingTable, plan: Plan, text: str, column: int, rows: Sequence[int]) -> Edit:
    """Return the edit that puts cells into a table.

    Parameters
    ----------
    things : ThingTable
    plan : Plan
    text : str
        Lines of cells with tabs between. Where the first line is that of `ThingTable.texts`, beginning with ``id``, the
        cells go to the rows of their ids; one cell goes to all rows that are chosen; else the cells go below the
        column that is chosen, from the first row on.
    column : int
        The one that is chosen.
    rows : sequence of int
        Those that are chosen, in order.

    Raises
    ------
    InputError
        Where a cell says nothing that its column can hold, or a row is not there; nothing is taken then.
    """
    lines = [line.split("\t") for line in text.splitlines() if line.strip()]
    new = plan
    changed: dict[str, Any] = {}
    table = things.kind.table
    for key, one, cell in _cells(things, lines, column, rows):
        row = changed.get(key, getattr(plan, table).get(key))
        if row is None:
            raise InputError(msg("There is no row {id}.", id=key), fix=msg("Copy the rows anew, and paste into those."))
        if cell.strip() == one.text(key).strip():
            continue  # as it is shown: a height that is read in feet is not rounded to them
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


def _cells(
    things: ThingTable, lines: list[list[str]], column: int, rows: Sequence[int]
) -> Iterator[tuple[str, ThingColumn, str]]:
    """Yield each cell that can be edited, with its row and column."""
    if lines and lines[0][0].strip().casefold() == "id":
        titles = {tr(one.title): one for one in things.columns}
        for line in lines[1:]:
            for title, cell in zip(lines[0][1:], line[1:], strict=False):
                if title in titles and titles[title].field:
                    yield line[0].strip(), titles[title], cell
        return
    one_cell = len(lines) == 1 and len(lines[0]) == 1
    places = rows if one_cell else range(rows[0], min(rows[0] + len(lines), things.rowCount()))
    for number, row in enumerate(places):
        for one, cell in zip(things.columns[column:], lines[0 if one_cell else number], strict=False):
            if one.field:
                yield things.key_at(row), one, cell


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
        return 0.0
    found = _NUMBER.search(text)
    if found is None:
        raise InputError(msg("{text} is no number, in {column}.", text=text[:40], column=one.title))
    metres = things.context.quantities.height_unit()[0] if one.key in {"mast", "most", "antenna"} else 1.0
    return round(float(found[0].replace(",", ".")) * metres, 3)

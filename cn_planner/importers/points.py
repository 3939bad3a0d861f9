"""A list of places at which levels are asked for: the columns of measurements, without the level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cn_planner.importers.fields import CellError, filled_values, match_columns
from cn_planner.importers.files import open_table
from cn_planner.importers.kinds import THING_KINDS
from cn_planner.importers.place import why_not
from cn_planner.importers.result import RowError
from cn_planner.message import msg
from cn_planner.model.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cn_planner.importers.fields import TargetColumn

_UNASKED = {"level_dbm", "snr", "rsrp"}


def read_points(path: Path | str, fill: Mapping[str, str], freq_mhz: float) -> tuple[Measurement, ...]:
    """Return the places of a table, each as a measurement whose level is not known (0 dBm stands for it).

    Parameters
    ----------
    path : Path
        A table or a map file.
    fill : mapping of str to str
        By field: what it is where the file does not say it.
    freq_mhz : float
        The frequency where neither says it.

    Raises
    ------
    FileError
        Where the file cannot be read.
    InputError
        Where columns are missing or a row cannot be used.
    """
    path = Path(path)
    fields = tuple(one for one in THING_KINDS["measurements"]().fields if one.name not in _UNASKED)
    given = {"level_dbm": 0.0, "freq_mhz": freq_mhz, **filled_values(fields, fill)}
    table = open_table(path)
    columns = match_columns(table, fields, {}, (*fill, "freq_mhz"))
    found = []
    for block in table.walk(8192):
        for row, cells in zip(block.numbers, block.cells, strict=True):
            if isinstance(cells, RowError):
                raise cells
            found.append(_point(columns, cells, given, (path.name, row)))
    return tuple(found)


def _point(
    columns: Sequence[TargetColumn], cells: Sequence[Any], given: Mapping[str, Any], where: tuple[str, int]
) -> Measurement:
    values = {"id": f"{where[1]}", **given}
    file, row = where
    for column in columns:
        cell = cells[column.index]
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            if column.field.required and column.field.target not in values:
                raise RowError(msg("The cell is empty."), file=file, row=row, column=column.name)
            continue
        try:
            value = column.field.read(cell)
        except CellError as problem:
            raise RowError(problem.what, file=file, row=row, column=column.name) from None
        if value is not None:
            values[column.field.target] = value
    wrong = why_not(values["latitude"], values["longitude"])
    if wrong is not None:
        raise RowError(wrong[1], file=file, row=row, column=wrong[0])
    return Measurement(**values)

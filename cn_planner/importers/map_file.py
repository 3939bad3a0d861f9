"""The files of map programs as a table: their points, and the middles of their areas."""

from __future__ import annotations

import html
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.gis.vector_read import read_point_layer
from cn_planner.importers.geojson import X, Y
from cn_planner.importers.own_files import GPX_PREFIX, LAYER, OWN_TABLE, needless_columns, own_columns
from cn_planner.importers.result import RowError
from cn_planner.importers.table import SourceTable
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cn_planner.gis.vector_read import PointRows

_LINES = counted(
    "{count} line was left out: a line is no place.", "{count} lines were left out: a line is no place.", 0
)


def read_map_file(path: Path, layer: str = "", kind: str = "") -> SourceTable:
    """Return the features of a KML, KMZ, GPX, GeoPackage, shapefile or FlatGeobuf as a table.

    Of a GeoPackage of the program's own it is, where no layer is named, that of the kind of things.

    Raises FileError, InputError as `gis.vector_read.read_point_layer`.
    """
    points = _plain_texts(_plain_names(read_point_layer(path, layer, OWN_TABLE.get(kind, ""))))
    names = tuple(name for name in points.columns if name not in (X, Y))
    layers = points.values[points.columns.index(LAYER)] if LAYER in names else ()
    needless = needless_columns(names, layers)
    names = tuple(name for name in names if name not in needless)
    warnings = [_LINES.about(points.lines)] if points.lines else []
    return SourceTable(path.name, (*names, X, Y), _rows(points, names, path.name), X, Y, warnings,
                       count=len(points.x))  # fmt: skip


def _plain_names(points: PointRows) -> PointRows:
    """Return what a file holds, with what stands in the program's own extensions of GPX under its own name."""
    own = {name for name in points.columns if name.startswith(GPX_PREFIX)}
    if GPX_PREFIX + LAYER not in own:
        return points
    instead = {name.removeprefix(GPX_PREFIX) for name in own}
    kept = [at for at, name in enumerate(points.columns) if name in own or name not in instead]
    columns = tuple(points.columns[at].removeprefix(GPX_PREFIX) for at in kept)
    values = [[_text(cell) for cell in points.values[at]] for at in kept]
    return replace(points, columns=columns, values=values)


def _plain_texts(points: PointRows) -> PointRows:
    """Return what a file holds, with what KML of the program's own keeps from being HTML as people wrote it.

    What `export.kmz` escapes is undone to the letter. Of files of other programs nobody knows whether it is a text.
    """
    if not (points.kml and own_columns(points.columns)):
        return points
    values = [[_as_written(cell) for cell in column] for column in points.values]
    return replace(points, values=values)


def _as_written(cell: Any) -> Any:
    return html.unescape(cell.replace("<br>", "\n")) if isinstance(cell, str) else cell


def _text(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and cell.startswith("=") else cell


def _rows(points: PointRows, names: tuple[str, ...], file: str) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    columns = [points.values[points.columns.index(name)] for name in names]
    for number in range(len(points.x)):
        x, y = float(points.x[number]), float(points.y[number])
        if math.isnan(x) or math.isnan(y):
            yield (
                number + 1,
                RowError(msg("The feature has no position."), file=file, row=number + 1, column="geometry"),
            )
            continue
        yield number + 1, (*(_cell(column[number]) for column in columns), x, y)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value

"""The files of map programs as a table: their points, and the middles of their areas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cn_planner.gis.vector_read import read_points
from cn_planner.importers.geojson import X, Y
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


def read_map_file(path: Path, layer: str = "") -> SourceTable:
    """Return the features of a KML, KMZ, GPX, GeoPackage, shapefile or FlatGeobuf as a table.

    Raises FileError, InputError as `gis.vector_read.read_points`.
    """
    points = read_points(path, layer)
    names = tuple(name for name in points.columns if name not in (X, Y))
    warnings = [_LINES.about(points.lines)] if points.lines else []
    return SourceTable(path.name, (*names, X, Y), _rows(points, names, path.name), X, Y, warnings)


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

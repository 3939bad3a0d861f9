"""How each table of the plan stands in the file: a layer with a geometry and plain columns that a person may edit.

The layers are a projection of the plan. What is nested stands in a column of JSON; a link's line follows its sites.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, fields
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from cn_planner.model.plan import TABLES
from cn_planner.storage import geometry

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.model.plan import Plan

GEOMETRY_TYPES = {
    "sites": "POINT",
    "households": "POINT",
    "links": "LINESTRING",
    "zones": "POLYGON",
    "obstacles": "POINT",
    "measurements": "POINT",
    "places": "POINT",
}
"""Layers with a geometry; terrain and notes have none."""
_SHAPE_FIELDS = {"POINT": {"latitude", "longitude"}, "POLYGON": {"ring"}}
_SQL_TYPES: dict[type, str] = {float: "REAL", int: "INTEGER", bool: "BOOLEAN", str: "TEXT"}


@dataclass(frozen=True, slots=True)
class LayerColumn:
    """A column of a layer. ``kind`` is float, int, bool, str, or an Enum; None for JSON of the field's ``hint``."""

    name: str
    hint: Any
    kind: type | None
    optional: bool
    sql_type: str


@dataclass(frozen=True, slots=True)
class PlanLayer:
    """A table of the plan as a layer of the file."""

    name: str
    kind: type
    geometry: str | None
    columns: tuple[LayerColumn, ...]
    values: Callable[[Any], tuple[Any, ...]]
    json_at: tuple[int, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns after ``fid``, the geometry first where there is one."""
        head = ("geom",) if self.geometry else ()
        return (*head, *(column.name for column in self.columns))

    def row(self, thing: Any, plan: Plan) -> tuple[Any, ...]:
        """Return what stands in the columns of `column_names` for a thing of this plan."""
        values = self.values(thing)
        if self.json_at:
            texts = list(values)
            for at in self.json_at:
                texts[at] = None if texts[at] is None else msgspec.json.encode(texts[at]).decode()
            values = tuple(texts)
        if self.geometry == "POINT":
            return (geometry.point(thing.latitude, thing.longitude), *values)
        if self.geometry == "POLYGON":
            return (geometry.gpkg_polygon(thing.ring), *values)
        if self.geometry == "LINESTRING":
            ends = [plan.sites[one] for one in (thing.from_site, thing.to_site) if one in plan.sites]
            shape = geometry.gpkg_line([(one.latitude, one.longitude) for one in ends]) if len(ends) == 2 else None
            return (shape, *values)
        return values


def _column(name: str, hint: Any) -> LayerColumn:
    options = [one for one in typing.get_args(hint) if one is not type(None)]
    optional = type(None) in typing.get_args(hint)
    plain = options[0] if optional and len(options) == 1 else hint
    if isinstance(plain, type) and issubclass(plain, Enum):
        return LayerColumn(name, hint, plain, optional, "TEXT")
    if plain in _SQL_TYPES:
        return LayerColumn(name, hint, plain, optional, _SQL_TYPES[plain])
    return LayerColumn(name, hint, None, optional, "TEXT")


def _layer(name: str, kind: type) -> PlanLayer:
    shape = GEOMETRY_TYPES.get(name)
    hints = typing.get_type_hints(kind)
    skipped = _SHAPE_FIELDS.get(shape or "", set())
    columns = tuple(_column(one.name, hints[one.name]) for one in fields(kind) if one.name not in skipped)
    json_at = tuple(at for at, column in enumerate(columns) if column.kind is None)
    return PlanLayer(name, kind, shape, columns, attrgetter(*map(_plain, columns)), json_at)


def _plain(column: LayerColumn) -> str:
    """Return what is read of a thing for a column: what is no plain text or number SQLite looks at long."""
    if column.optional or column.kind is None:
        return column.name
    return (
        f"{column.name}.value"
        if issubclass(column.kind, Enum)
        else f"{column.name}.real"
        if column.kind is bool
        else column.name
    )


PLAN_LAYERS: dict[str, PlanLayer] = {name: _layer(name, kind) for name, kind in TABLES.items()}

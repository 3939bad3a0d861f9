"""Values that another program wrote into a layer, as values of the plan: each checked for its type and its limits."""

from __future__ import annotations

import math
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.model.fields import check_limits, described
from cn_planner.storage import geometry

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.storage.layers import LayerColumn, PlanLayer


class _UnfitError(ValueError):
    """A value that cannot stand where it stands."""


def read_cells(
    layer: PlanLayer, row: tuple[Any, ...], old: Any, written: tuple[Any, ...] | None, lacking: frozenset[str]
) -> tuple[dict[str, Any], list[Message]]:
    """Return the fields that a row gives, and what is wrong with those that it does not give.

    Parameters
    ----------
    layer : Layer
        The row's layer.
    row : tuple
        What stands in the layer's columns.
    old, written
        The thing that the row stood for and the row as it was written then; None for a row that is new. A value that
        cannot stand leaves the old one, or for a new row the field's default.
    lacking : frozenset of str
        Columns that are not there any more.
    """
    values: dict[str, Any] = {}
    problems: list[Message] = []
    for at, name in enumerate(layer.column_names):
        same = written is not None and (name in lacking or row[at] == written[at])
        if name == "geom":
            _read_shape(layer, row[at], None if not same else old, old, values, problems)
            continue
        if same:
            values[name] = getattr(old, name)
            continue
        column = layer.columns[at - (layer.geometry is not None)]
        _read_cell(layer, column, row[at], old, values, problems)
    return values, problems


def _read_cell(
    layer: PlanLayer, column: LayerColumn, raw: Any, old: Any, values: dict[str, Any], problems: list[Message]
) -> None:
    try:
        if raw is None and old is None and not column.optional and column.kind is not str:
            return  # a new row for which nothing was filled in: the default, where there is one
        value = _cell(column, raw)
        _check(layer, column.name, value)
        values[column.name] = value
    except (_UnfitError, InputError) as problem:
        problems.append(
            msg(
                "{column} cannot be {value}: {reason}",
                column=column.name,
                value=_short(raw),
                reason=problem.what if isinstance(problem, InputError) else str(problem),
            )
        )
        if old is not None:
            values[column.name] = getattr(old, column.name)


def _read_shape(
    layer: PlanLayer, raw: Any, same: Any, old: Any, values: dict[str, Any], problems: list[Message]
) -> None:
    names = {"POINT": ("latitude", "longitude"), "POLYGON": ("ring",)}.get(layer.geometry or "", ())
    if names and same is None:
        try:
            places = (geometry.read_point(raw),) if layer.geometry == "POINT" else geometry.read_ring(raw)
            for latitude, longitude in places:
                if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                    raise _UnfitError(f"latitude {latitude:g}, longitude {longitude:g} is not on the globe")
            values.update(zip(names, places[0] if layer.geometry == "POINT" else (places,), strict=True))
            return
        except (geometry.GeometryError, _UnfitError) as problem:
            problems.append(msg("its place cannot be used: {reason}", reason=str(problem)))
    if old is not None:
        values.update((name, getattr(old, name)) for name in names)


def _cell(column: LayerColumn, raw: Any) -> Any:
    if raw is None or (raw == "" and column.optional):
        if column.optional:
            return None
        if column.kind is str:
            return ""
        raise _UnfitError("nothing is given")
    if column.kind is None:
        return _nested(column, raw)
    try:
        if column.kind is str:
            if isinstance(raw, bytes):
                raise _UnfitError("not a text")
            return str(raw)
        if column.kind is bool:
            return bool(("0", "1").index(str(int(raw))))
        if column.kind is int:
            if float(raw) != int(raw) or abs(int(raw)) >= 2**63:  # what an INTEGER column holds
                raise _UnfitError("not a whole number")
            return int(raw)
        if column.kind is float:
            number = float(raw)
            if not math.isfinite(number):
                raise _UnfitError("not finite")
            return number
        return column.kind(raw)
    except (ValueError, TypeError, OverflowError) as problem:
        allowed = ", ".join(one.value for one in column.kind) if issubclass(column.kind, Enum) else ""
        raise _UnfitError(f"one of {allowed}" if allowed else "not of its kind") from problem


def _nested(column: LayerColumn, raw: Any) -> Any:
    try:
        value = msgspec.json.decode(raw, type=column.hint)
    except (msgspec.DecodeError, TypeError, RecursionError) as problem:
        raise _UnfitError(str(problem)) from problem
    for one in value if isinstance(value, tuple) else (value,):
        if one is not None:
            check_limits(one)
    return value


def _check(layer: PlanLayer, name: str, value: Any) -> None:
    if isinstance(value, bool | Enum) or not isinstance(value, int | float):
        return
    for one, meaning in described(layer.kind):
        if one.name == name and not meaning.low <= value <= meaning.high:
            raise _UnfitError(f"it must be between {meaning.low:g} and {meaning.high:g} {meaning.unit}".rstrip())


def _short(raw: Any) -> str:
    text = repr(raw) if isinstance(raw, str) else f"{len(raw)} bytes" if isinstance(raw, bytes) else str(raw)
    return text if len(text) <= 60 else f"{text[:57]}..."


def ends_of_line(values: dict[str, Any], raw: Any, plan: Plan, tolerance_deg: float) -> None:
    """Fill in the sites of a link that was drawn from site to site and given no names of sites."""
    missing = [name for name in ("from_site", "to_site") if not values.get(name)]
    if not missing:
        return
    ends: tuple[geometry.GpkgPlace, ...] = ()
    with suppress(geometry.GeometryError):
        ends = geometry.read_ends(raw)
    for name, place in zip(("from_site", "to_site"), ends, strict=False):
        if name in missing:
            for site in plan.sites.values():
                apart = max(abs(site.latitude - place[0]), abs(site.longitude - place[1]))
                if apart <= tolerance_deg:
                    values[name] = site.id
                    break
    for name in missing:
        if not values.get(name):
            values.pop(name, None)

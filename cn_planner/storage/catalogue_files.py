"""What every reader of the shelf's files does: read TOML, convert, and name file and entry where something is wrong."""

from __future__ import annotations

import math
import tomllib
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from cn_planner.errors import FileError, InputError
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.equipment import Source

_T = TypeVar("_T")
_LARGEST_FILE = 10_000_000

_FIX = msg("Correct the file: the entries beside it show how it is written.")


def fail(where: str, what: Message) -> InputError:
    """Return the error for an entry: what is wrong, and where."""
    return InputError(what, where=where, fix=_FIX)


def convert(data: Any, kind: type[_T], where: str) -> _T:
    """Return data of a file as one of our types; the error names the place."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as problem:
        raise fail(where, msg("{problem}.", problem=str(problem))) from problem


def require(holds: bool, where: str, what: Message) -> None:
    """Raise InputError where something does not hold."""
    if not holds:
        raise fail(where, what)


def read_toml(folder: Path, name: str, kind: type[_T]) -> _T:
    """Return a file of a folder, parsed and of its type.

    Raises InputError where it is not TOML or not of its type; FileError where it is not there or far too large.
    """
    path = folder / name
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise FileError(msg("The file is too large for a list of equipment."), where=str(path))
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        if isinstance(problem, FileError):
            raise
        raise FileError(
            msg("The list of equipment cannot be read: {problem}.", problem=problem.strerror or str(problem)),
            where=str(path),
            fix=msg("Install the program again."),
        ) from problem
    except (ValueError, RecursionError) as problem:  # of TOML, of a day or a number in it, of its letters
        raise fail(name, msg("It is not TOML: {problem}.", problem=str(problem))) from problem
    return convert(data, kind, name)


def named(entry: dict[str, Any], name: str, number: int) -> str:
    """Return how an entry is called in messages: by its id, or by its number."""
    return f"{name}: {entry.get('id', number + 1)}"


def finite_positive(where: str, **values: float) -> None:
    """Raise InputError where a value is not a finite number above 0."""
    for field, value in values.items():
        require(
            math.isfinite(value) and value > 0.0,
            where,
            msg("{field} is {value}; it must be greater than 0.", field=field, value=value),
        )


def catalogue_entry(catalogue: dict[str, _T], key: str, thing: _T, where: str) -> None:
    """Put a thing on the shelf; an id may be there once."""
    require(bool(key) and key not in catalogue, where, msg("The id {id} is empty or there twice.", id=key))
    catalogue[key] = thing


def require_source(source: Source, where: str) -> None:
    """Raise InputError where a source has no title or publisher."""
    require(bool(source.title.strip() and source.publisher.strip()), where, msg("It names no source that was read."))

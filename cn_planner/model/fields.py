"""A field of the plan as data: its default, what it means, its unit and its limits, beside its type.

``set``, the settings panel, the checks and the docs all read these; nothing of it is written twice.
"""

from __future__ import annotations

import math
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import Enum
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class About:
    """What a field means.

    Attributes
    ----------
    meaning : Message
        One sentence for a person.
    unit : str
        SI or field unit; empty for a plain number or a text.
    low, high : float
        Limits, both allowed.
    source : str
        Where the default comes from.
    """

    meaning: Message
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    source: str = ""


_KEY = "about"


def about(
    meaning: Message,
    *,
    default: Any = MISSING,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    source: str = "",
) -> Any:
    """Declare a dataclass field with its meaning."""
    return field(default=default, metadata={_KEY: About(meaning, unit, low, high, source)})


def described(owner: type) -> Iterator[tuple[Field[Any], About]]:
    """Yield the fields of a dataclass that have a meaning declared."""
    for one in fields(owner):
        if _KEY in one.metadata:
            yield one, one.metadata[_KEY]


def check_limits(thing: Any, *, where: str = "") -> None:
    """Raise InputError where a number of a dataclass is not finite or outside its limits."""
    for one, meaning in described(type(thing)):
        value = getattr(thing, one.name)
        if isinstance(value, bool | Enum) or not isinstance(value, int | float):
            continue
        if not (meaning.low <= value <= meaning.high) or math.isinf(value):
            raise InputError(
                msg(
                    "{field} is {value} {unit}; it must be between {low} and {high}.",
                    field=one.name,
                    value=value,
                    unit=meaning.unit,
                    low=meaning.low,
                    high=meaning.high,
                ),
                where=where,
            )

"""A field of the plan as data: its default, what it means, its unit and its limits, beside its type.

``set``, the settings panel, the checks and the docs all read these; nothing of it is written twice.
"""

from __future__ import annotations

import math
import re
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


TURNING = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))
"""Marks that turn the direction of what follows, for `str.translate`: nobody sees them, what is copied from a window or
a message that runs from right to left holds some, and they hide what a name says. Joiners, which scripts need, stay."""


TWO_READINGS = re.compile(r"([1-9]\d{0,2})[.,](\d{3})")
"""Thousands or decimals, as the country has it: 25,000 and 25.000; 0.500 can only be decimals."""


def two_readings(text: str) -> Message | None:
    """Return what is said of a number whose point or comma may part thousands or decimals; None where it may not.

    Of the same figures Indonesia, Brazil and Spain read sixteen thousand where Kenya reads sixteen.
    """
    found = TWO_READINGS.fullmatch(text.strip())
    if found is None:
        return None
    whole, part = found[1] + found[2], f"{found[1]}.{found[2]}"
    return msg(
        "{text} may be {whole} or {part}: write {whole}, or {more}.",
        text=text.strip(), whole=whole, part=f"{float(part):g}", more=f"{part}0",
    )  # fmt: skip


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
    count : int
        How many numbers a list has, in the order given; 0 where any number of them, in any order, may stand.
    choices : callable, optional
        The words that may stand here, where a text is one of some that are not all known beforehand.
    """

    meaning: Message
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    source: str = ""
    count: int = 0
    choices: Callable[[], Sequence[str]] | None = None


_KEY = "about"
MOST_MONEY = 1e12
"""Greatest amount in any currency: no network comes near it, and sums of some thousand of them are still exact."""


def about(
    meaning: Message,
    *,
    default: Any = MISSING,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    source: str = "",
    count: int = 0,
    choices: Callable[[], Sequence[str]] | None = None,
) -> Any:
    """Declare a dataclass field with its meaning; an amount of money without a limit is `MOST_MONEY` at most."""
    if unit == "currency" and high == math.inf:
        high = MOST_MONEY
    return field(default=default, metadata={_KEY: About(meaning, unit, low, high, source, count, choices)})


@cache
def described(owner: type) -> tuple[tuple[Field[Any], About], ...]:
    """Return the fields of a dataclass that have a meaning declared."""
    return tuple((one, one.metadata[_KEY]) for one in fields(owner) if _KEY in one.metadata)


def all_within(things: Sequence[Any]) -> bool:
    """Return whether every number of things of one kind is within its limits, a field of all of them at a time.

    False also where that cannot be told so: `check_limits` says what is wrong with which.
    """
    kind: Any = type(things[0])
    for one, meaning in described(kind):
        values = list(map(attrgetter(one.name), things))
        types = set(map(type, values)) - {str, type(None)}
        if all(issubclass(one, bool | Enum) for one in types):
            continue
        numbers = [value for value in values if value is not None] if None in values else values
        if types - {float, int} or not math.isfinite(sum(numbers)):
            return False
        if not meaning.low <= min(numbers) <= max(numbers) <= meaning.high:
            return False
    return True


def check_limits(thing: Any, *, where: str = "") -> None:
    """Raise InputError where a number of a dataclass, or one of a list of them, is not finite or outside its limits.

    A list may be empty; else it has as many numbers as its field says.
    """
    kind: Any = type(thing)
    for one, meaning in described(kind):
        value = getattr(thing, one.name)
        # Very many homes pass here: what most of their fields hold is looked at first.
        if value is None or value.__class__ is str:
            continue
        if value.__class__ is float and meaning.low <= value <= meaning.high and value - value == 0.0:
            continue
        if meaning.count and len(value) not in (0, meaning.count):
            raise InputError(
                msg(
                    "{field} has {given} numbers; it needs {count}.",
                    field=one.name,
                    given=len(value),
                    count=meaning.count,
                ),
                where=where,
            )
        for number in value if isinstance(value, tuple) else (value,):
            if not isinstance(number, int | float) or isinstance(number, bool | Enum):
                continue
            if not (meaning.low <= number <= meaning.high) or math.isinf(number):
                raise InputError(_outside(one.name, number, meaning), where=where)


def _outside(name: str, value: float, meaning: About) -> Message:
    if meaning.unit == "currency":
        return msg(
            "{field} is {value:g}; it must be between {low:,.0f} and {high:,.0f}.",
            field=name,
            value=value,
            low=meaning.low,
            high=meaning.high,
        )
    if meaning.unit in ("", "1"):
        return msg(
            "{field} is {value:g}; it must be between {low:g} and {high:g}.",
            field=name,
            value=value,
            low=meaning.low,
            high=meaning.high,
        )
    return msg(
        "{field} is {value:g} {unit}; it must be between {low:g} and {high:g}.",
        field=name,
        value=value,
        unit=meaning.unit,
        low=meaning.low,
        high=meaning.high,
    )

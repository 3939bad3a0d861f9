"""Figures that people type for radios: each is checked where it comes in, and named with its range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.message import Message


def _quantity(value: float, unit: str) -> str:
    return f"{value:g} {unit}".rstrip()


def within(parameter: Message, value: float, low: float, high: float, unit: str = "") -> float:
    """Return the value.

    Raises
    ------
    InputError
        Where it is not from `low` to `high`, both allowed; NaN is in no range.
    """
    if not low <= value <= high:
        raise InputError(
            msg(
                "{parameter}: {value}. It must be from {low} to {high}.",
                parameter=parameter,
                value=_quantity(value, unit),
                low=_quantity(low, unit),
                high=_quantity(high, unit),
            )
        )
    return value


def whole(parameter: Message, value: float, low: int, high: int) -> int:
    """Return the value as an integer.

    Raises
    ------
    InputError
        Where it is not a whole number from `low` to `high`.
    """
    number = within(parameter, value, low, high)
    if number != int(number):
        raise InputError(msg("{parameter}: {value:g}. It must be a whole number.", parameter=parameter, value=value))
    return int(number)


def positive(parameter: Message, value: float, unit: str = "") -> float:
    """Return the value.

    Raises
    ------
    InputError
        Where it is not a finite number above 0.
    """
    if not 0.0 < value < math.inf:
        raise InputError(
            msg("{parameter}: {value}. It must be above 0.", parameter=parameter, value=_quantity(value, unit))
        )
    return value


def one_of(parameter: Message, value: float | str, allowed: Iterable[float | str], unit: str = "") -> None:
    """Check that a value is one of a few.

    Raises
    ------
    InputError
        Where it is not: names those that are.
    """
    known = tuple(allowed)
    if value not in known:
        said = [one if isinstance(one, str) else _quantity(one, unit) for one in (value, *known)]
        raise InputError(
            msg(
                "{parameter}: {value}. It must be one of {known}.",
                parameter=parameter,
                value=said[0],
                known=", ".join(said[1:]),
            )
        )

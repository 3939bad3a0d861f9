"""Words for people: a message key with values, put into a language only where it is shown.

The key is the English sentence with named replacement fields. `msg` and `counted` are also the words by which Babel
finds the keys (``pybabel extract -k msg -k counted:1,2``), so what they are given as keys are always literals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from string import Formatter
from typing import Any, TypeAlias

Value: TypeAlias = "str | int | float | Message"

BROKEN = 100
"""What half a home counts as: its form is that of numbers with decimals, "other" (Unicode CLDR), never one of two."""
_WITH_DECIMALS = "{count:,g}", "{count:g}"


class Fields(Formatter):
    """Fill in a sentence's fields as ``str.format`` does, but for homes, ``{count:,g}``.

    Half a home is half a home wherever homes are counted, as in the tables: as many decimals as the number has, two at
    most, and groups of digits.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return one value as its field asks for it."""
        if format_spec == ",g" and isinstance(value, int | float) and math.isfinite(value):
            return f"{value:,.2f}".rstrip("0").rstrip(".")
        return str(super().format_field(value, format_spec))


_FIELDS = Fields()


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to be said to a person.

    Attributes
    ----------
    key : str
        The English sentence with fields as in ``str.format``: ``"{name} stands {height_m:.0f} m high"``.
    values : tuple of (str, value)
        One value a field, in the order given.
    many : str
        The English sentence for any number but one, where the first value is a number that the sentence counts; empty
        for a sentence that counts nothing.
    """

    key: str
    values: tuple[tuple[str, Value], ...] = ()
    many: str = ""

    @property
    def number(self) -> int:
        """The whole number nearest to what the sentence counts: by it a language chooses among its forms.

        Where the sentence shows decimals and there are some: `BROKEN`.
        """
        value = self.values[0][1] if self.many and self.values else 1
        if not isinstance(value, int | float) or not math.isfinite(value):
            return 0
        whole = round(value)
        shown = any(one in self.many for one in _WITH_DECIMALS) and round(abs(value - whole), 2)
        return BROKEN if shown else whole

    def about(self, count: float, **values: Value) -> Message:
        """Return the same counting sentence about another number, and with these values for its other fields."""
        return Message(self.key, (("count", count), *values.items()), self.many)

    def __str__(self) -> str:
        """Return the sentence in English, as it stands in logs and in tracebacks."""
        text = self.many if self.many and self.number != 1 else self.key
        return _FIELDS.vformat(text, (), {name: str(v) if isinstance(v, Message) else v for name, v in self.values})


def msg(key: str, /, **values: Value) -> Message:
    """Return the message with this key and these values."""
    return Message(key, tuple(values.items()))


def counted(one: str, many: str, count: float, /, **values: Value) -> Message:
    """Return a message that counts something; each language has as many forms of it as it needs.

    Parameters
    ----------
    one, many : str
        The English sentence for one, and for any other number. The number is their field ``count``, which the one may
        leave out.
    count : int or float
        The number.
    values : value
        The other fields.
    """
    return Message(one, (("count", count), *values.items()), many)


def in_a_row(first: Message, *others: Message) -> Message:
    """Return sentences one after the other, as one message."""
    said = first
    for other in others:
        said = msg("{first} {second}", first=said, second=other)
    return said


def joined(*sentences: str) -> str:
    """Return sentences one after the other, each with a stop at its end."""
    said = [one.strip() for one in sentences if one.strip()]
    return " ".join(one if one[-1] in ".!?…:" else f"{one}." for one in said)

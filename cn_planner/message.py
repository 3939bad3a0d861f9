"""Words for people: a message key with values, put into a language only where it is shown.

The key is the English sentence with named replacement fields. `msg` is also the word by which Babel finds the keys
(``pybabel extract -k msg``), so its first argument is always a literal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = "str | int | float | Message"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to be said to a person.

    Attributes
    ----------
    key : str
        The English sentence with fields as in ``str.format``: ``"{name} stands {height_m:.0f} m high"``.
    values : tuple of (str, value)
        One value a field, in the order given.
    """

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        """Return the sentence in English, as it stands in logs and in tracebacks."""
        return self.key.format(**{name: str(v) if isinstance(v, Message) else v for name, v in self.values})


def msg(key: str, /, **values: Value) -> Message:
    """Return the message with this key and these values."""
    return Message(key, tuple(values.items()))


def joined(*sentences: str) -> str:
    """Return sentences one after the other, each with a stop at its end."""
    said = [one.strip() for one in sentences if one.strip()]
    return " ".join(one if one[-1] in ".!?…:" else f"{one}." for one in said)

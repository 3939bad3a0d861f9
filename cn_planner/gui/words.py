"""Every sentence of the window: a message in the window's language."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from cn_planner import i18n
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Iterable

Said = Message | str
"""What is shown: a message, or a text that needs no other language."""
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

_RLM = "\u200f"
"""The mark from right to left: a letter that is not seen, by which a line knows where it begins."""

_LENGTHS = {"m": msg("m"), "km": msg("km"), "ft": msg("ft"), "mi": msg("mi")}


class _Words(QObject):
    """The window's language, and word of its change."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.language = i18n.SOURCE_LANGUAGE
        self.imperial = False
        """Whether lengths are read in feet and miles."""


WORDS = _Words()
"""``WORDS.changed`` is emitted when the language has changed: who shows sentences says them anew."""


def tr(message: Message, tag: str | None = None) -> str:
    """Return a message in a language, by default the window's, with lengths in the units that the user reads."""
    mirrored = is_right_to_left(tag)
    return directed(i18n.say(message, tag or WORDS.language, imperial=WORDS.imperial, isolate=mirrored), tag)


def text_of(words: Said) -> str:
    """Return words as they are shown: a message in the window's language, what is a text already as it is."""
    return words if isinstance(words, str) else tr(words)


def directed(words: str, tag: str | None = None) -> str:
    """Return words that run as their language does, whatever they begin with.

    Qt takes the direction of a line from its first letter, and in a text that can be selected it finds that letter
    within what is set apart too: a sentence that began with a Latin name or a unit ran from left to right, and its
    figures stood beside the wrong words.
    """
    if not is_right_to_left(tag) or not words:
        return words
    if not runs_mirrored(words):
        return isolated(words, tag)
    first = next(kind for one in words if (kind := unicodedata.bidirectional(one)) in {"L", "R", "AL"})
    return f"{_RLM}{words}" if first == "L" else words


def runs_mirrored(words: str) -> bool:
    """Return whether anything in a text is written from right to left."""
    return any(unicodedata.bidirectional(one) in {"R", "AL"} for one in words)


def isolated(words: str, tag: str | None = None) -> str:
    """Return words that keep their own order in a mirrored window: a figure, or a sentence not translated yet."""
    if is_right_to_left(tag) and words and not runs_mirrored(words):
        return f"\u2066{words}\u2069"
    return words


def unit(sign: str) -> str:
    """Return the sign of a unit of length as the window's language writes it; other signs are the same in all."""
    return i18n.say(_LENGTHS[sign], language()) if sign in _LENGTHS else sign


def side_by_side(parts: Iterable[str], between: str) -> str:
    """Return short texts beside each other; in a mirrored window from right to left, and each keeps its own order."""
    if is_right_to_left():
        return _RLM + between.join(f"{i18n.opening(one)}{one}\u2069" for one in parts)
    return between.join(parts)


def with_commas(parts: Iterable[str]) -> str:
    """Return texts with the commas of the window's language between."""
    return side_by_side(parts, i18n.say(msg("{first}, {second}", first="", second=""), language()))


def language() -> str:
    """Return the window's language, a BCP 47 tag."""
    return WORDS.language


def set_language(tag: str) -> None:
    """Change the window's language."""
    if tag != WORDS.language:
        WORDS.language = tag
        WORDS.changed.emit()


def is_right_to_left(tag: str | None = None) -> bool:
    """Return whether a language (the window's where none is given) is written from right to left."""
    return (tag or WORDS.language).split("-")[0].lower() in _RIGHT_TO_LEFT


def layout_direction(tag: str | None = None) -> Qt.LayoutDirection:
    """Return the direction of the window's layout."""
    return Qt.LayoutDirection.RightToLeft if is_right_to_left(tag) else Qt.LayoutDirection.LeftToRight

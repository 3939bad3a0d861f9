"""Figures, units and codes within lines that run from the right: set apart, so that each keeps its own order.

After an Arabic letter "5.3°" would be drawn as "°5.3", and "A: 20" before an Arabic word as one Latin run, its figure
torn from what it counts (Unicode Standard Annex 9, W2 and W7). What is set apart stands between marks that nobody sees
(U+2066 to U+2069).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from cn_planner.drawing.labels import right_to_left

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_FROM_LEFT, _END = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_NUMBER = r"[+\u2212-]?\d+(?:[.,:/\u2013-]\d+)*"
_UNIT = (
    r"[ \u00a0]?(?:°C?|%|Ω|m/s|[mck]?m[²³]?|[GMk]?Hz|dB[mi]?|[GMk]bit/s|[kM]?W[hp]?|V|Ah?|N|kg|[A-Z]{3})(?![A-Za-z])"
)
_RANGE = r"(?: ?(?:…|\u2013) ?" + _NUMBER + ")?"
_APART = re.compile(
    r"(?:-?\d+\.\d{5,}, -?\d+\.\d{5,})"  # a place on the earth
    rf"|(?:\d+ × [A-Za-z][A-Za-z0-9 .,/-]*[A-Za-z0-9])"  # so many of a thing with a Latin name
    rf"|(?:{_NUMBER}{_RANGE}(?:{_UNIT}|(?![A-Za-z\d])))"
)
_LATIN_BEFORE = re.compile(r"(?:[A-Za-z0-9\u00c0-\u00d6\u00d8-\u024f] ?|[_@./:=-])$")
"""A number behind a Latin word is a part of it, as in "LiteBeam 5AC 16-120", or in a command."""


def figures_apart(text: str) -> str:
    """Return a line with its figures set apart, where any of its letters runs from the right; else as it is."""
    if not right_to_left(text) or _FROM_LEFT in text:
        return text

    def apart(found: re.Match[str]) -> str:
        before = text[max(0, found.start() - 2) : found.start()]
        if _LATIN_BEFORE.search(before):
            return found[0]
        return f"{_FROM_LEFT}{found[0]}{_END}"

    return _APART.sub(apart, text)


_NAME_OF_FIGURES = re.compile(r"\d[\d.,]* ?[A-Za-z]")


def names_apart(data: _T) -> _T:
    """Return what is shown on pages that run from the right, with its Latin names that begin with a figure set apart.

    They would lose it to their end ("V supply 24").
    """

    def apart(text: str) -> str:
        if _NAME_OF_FIGURES.match(text) and not right_to_left(text):
            return f"{_FROM_LEFT}{text}{_END}"
        return text

    return _walked(data, apart)  # type: ignore[no-any-return]


def all_apart(data: _T, *, from_right: bool = False) -> _T:
    """Return what a template is given, with the figures of all its lines set apart; ``from_right``: names as well."""
    return _walked(names_apart(data) if from_right else data, figures_apart)  # type: ignore[no-any-return]


def _walked(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {key: _walked(one, change) for key, one in data.items()}
    if isinstance(data, list | tuple):
        return [_walked(one, change) for one in data]
    return data

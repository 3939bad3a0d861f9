"""Labels that do not collide: where the names on a drawing go, and how wide a text will be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Advance widths of Noto Sans Regular for the characters from space to ~, in hundredths of the type size.
_ASCII = (
    26, 27, 41, 65, 57, 83, 73, 22, 30, 30, 55, 57, 27, 32, 27, 37, 57, 57, 57, 57, 57, 57, 57, 57, 57, 57, 27, 27, 57,
    57, 57, 43, 90, 64, 65, 63, 73, 56, 52, 73, 74, 34, 27, 62, 52, 91, 76, 78, 60, 78, 62, 55, 56, 73, 60, 93, 59, 57,
    57, 33, 37, 33, 57, 44, 28, 56, 62, 48, 62, 56, 34, 62, 62, 26, 26, 53, 26, 94, 62, 60, 62, 62, 41, 48, 36, 62, 51,
    79, 53, 51, 47, 38, 55, 38, 57,
)  # fmt: skip
# Likewise of Noto Sans Arabic from hamza to yeh: at the end of a word or alone, the wider of both; and how much less
# the letters take that join the next one.
_ARABIC_FROM = 0x621
_ARABIC = (
    42, 24, 24, 45, 24, 76, 30, 100, 41, 100, 100, 65, 65, 65, 54, 48, 40, 37, 127, 127, 136, 136, 84, 84, 54, 54, 93,
    93, 76, 76, 76, 47, 99, 78, 93, 73, 58, 69, 68, 48, 76, 76,
)  # fmt: skip
_JOINED_LESS = {
    **dict.fromkeys("\u0628\u062a\u062b", 65), **dict.fromkeys("\u0626\u0649\u064a\u0635\u0636", 41),
    **dict.fromkeys("\u0633\u0634\u0643", 42), **dict.fromkeys("\u0637\u0638", 13),
    "\u0641": 49, "\u0642": 28, "\u0644": 43, "\u0646": 34, "\u0647": 10,
}  # fmt: skip
_JOINS = re.compile(f"[{''.join(_JOINED_LESS)}](?=[\u064b-\u0652]*[\u0621-\u064a])")
# And of Noto Sans Devanagari from A to HA; signs of vowels that stand beside a letter take a third of one.
_DEVANAGARI_FROM, _BESIDE = 0x904, 0.27
_DEVANAGARI = (
    76, 76, 102, 49, 49, 55, 78, 85, 70, 55, 55, 55, 55, 102, 102, 102, 102, 77, 82, 56, 59, 64, 64, 70, 74, 76, 74, 50,
    58, 54, 56, 72, 57, 64, 53, 62, 56, 56, 57, 77, 57, 70, 60, 58, 46, 46, 68, 76, 76, 56, 68, 58, 68, 53,
)  # fmt: skip
_BOLD = 1.07
LINE_HEIGHT = 1.25
"""Height of a label's box, in type sizes."""


@lru_cache(maxsize=1 << 12)
def _advance(character: str) -> float:
    code = ord(character)
    if 32 <= code < 127:
        return _ASCII[code - 32] / 100.0
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    base = unicodedata.normalize("NFD", character)[0]
    if base != character and 32 <= ord(base) < 127:
        return _ASCII[ord(base) - 32] / 100.0
    if character == "\u2026":
        return 0.82
    for first, widths in ((_ARABIC_FROM, _ARABIC), (_DEVANAGARI_FROM, _DEVANAGARI)):
        if first <= code < first + len(widths):
            return widths[code - first] / 100.0
    if 0x0900 <= code < 0x0980 and unicodedata.category(character) == "Mc":
        return _BESIDE
    # Ethiopic is the widest of the scripts that the report sets; an estimate must not be too small.
    return 0.85 if 0x1200 <= code < 0x13A0 else 0.62


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a line of text is: exact for plain Latin in Noto Sans, on the safe side elsewhere."""
    wide = sum(map(_advance, text))
    if not text.isascii():
        wide -= sum(_JOINED_LESS[found[0]] for found in _JOINS.finditer(text)) / 100.0
    return wide * size * (_BOLD if bold else 1.0)


_HAIR = 0.006
"""By so much of its size a letter may be wider than its width above, which is of hundredths."""


@lru_cache(maxsize=1 << 12)
def _is_latin(character: str) -> bool:
    return unicodedata.normalize("NFD", character)[0].isascii() or character in "\u2013\u2212\u00d7"


def on_one_line(text: str, size: float, width: float) -> bool:
    """Return whether a text surely takes one line of plain Latin: only then it is known how high it is."""
    return text_width(text, size) + _HAIR * size * len(text) <= width and all(map(_is_latin, text))


def right_to_left(text: str) -> bool:
    """Return whether a line runs from right to left: whether any of its letters does."""
    return not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def shorten(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Return the text, cut and ended by an ellipsis where it is wider than `width`."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def shorten_middle(text: str, size: float, width: float) -> str:
    """Return the text, its middle cut out where it is wider than `width`: what tells models apart stands at the end."""
    if text_width(text, size) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        half = kept // 2
        cut = f"{text[: kept - half].rstrip()}…{text[-half:].lstrip()}"
        if text_width(cut, size) <= width:
            return cut
    return "…"


@dataclass(frozen=True, slots=True)
class LabelBox:
    """A rectangle with x to the right and y down."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: LabelBox) -> bool:
        """Return whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def within(self, other: LabelBox) -> bool:
        """Return whether this lies wholly in the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label that a thing at x, y would like; `reach` is how far the thing itself extends."""

    text: str
    x: float
    y: float
    reach: float
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a label went: the middle of its box, and whether it needs a line back to its thing."""

    index: int
    box: LabelBox
    leader: bool


# Below first, as the eye expects under a mast; then above, right, left, and the corners.
_SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
_DISTANCES = (0.0, 10.0, 22.0, 36.0, 54.0)
_PAD = 2.0


def _box(want: Wanted, size: tuple[float, float], side: tuple[int, int], distance: float) -> LabelBox:
    width, height = size
    away = want.reach + distance
    x = want.x + side[0] * (away + width / 2)
    y = want.y + side[1] * (away + height / 2)
    if side[0] and side[1]:
        x, y = want.x + side[0] * (0.7 * away + width / 2), want.y + side[1] * (0.7 * away + height / 2)
    return LabelBox(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _crossed(lines: NDArray[np.float64], box: LabelBox) -> int:
    """Return how many lines, each of two ends (x, y), lead through a box."""
    # Liang-Barsky clipping: the part of the line within the box is empty or not.
    low, high, meets = np.zeros(len(lines)), np.ones(len(lines)), np.ones(len(lines), np.bool_)
    for axis, least, most in ((0, box.left, box.right), (1, box.top, box.bottom)):
        start = lines[:, 0, axis]
        delta = lines[:, 1, axis] - start
        level = delta == 0.0
        sides = (np.array([[least], [most]]) - start) / np.where(level, 1.0, delta)
        low = np.where(level, low, np.maximum(low, sides.min(axis=0)))
        high = np.where(level, high, np.minimum(high, sides.max(axis=0)))
        meets &= ~level | ((least <= start) & (start <= most))
    return int(np.count_nonzero(meets & (low < high)))


def place(
    wanted: Sequence[Wanted],
    sheet: LabelBox,
    *,
    keep_off: Sequence[LabelBox] = (),
    dislike: Sequence[tuple[float, float]] = (),
    lines: Sequence[tuple[tuple[float, float], tuple[float, float]]] = (),
) -> tuple[Placed, ...]:
    """Return where each label goes so that none meets another, in the order wanted; one without room is left out.

    Parameters
    ----------
    wanted : sequence of Wanted
        The most important first: earlier ones choose first.
    sheet : Box
        Where labels may stand.
    keep_off : sequence of Box
        What no label may cover: legends, and the things themselves.
    dislike : sequence of (x, y)
        Points that labels cover only where they must, such as homes.
    lines : sequence of ((x, y), (x, y))
        Lines that labels cross only where they must.
    """
    taken = list(keep_off)
    placed: list[Placed] = []
    x, y = np.array(dislike, np.float64).reshape(-1, 2).T
    ways = np.array(lines, np.float64).reshape(-1, 2, 2)
    for index, want in enumerate(wanted):
        size = text_width(want.text, want.size, bold=want.bold) + 2 * _PAD, want.size * LINE_HEIGHT
        best: tuple[float, Placed] | None = None
        for step, distance in enumerate(_DISTANCES):
            for rank, side in enumerate(_SIDES):
                box = _box(want, size, side, distance)
                if not box.within(sheet) or any(box.meets(other) for other in taken):
                    continue
                under = (box.left < x) & (x < box.right) & (box.top < y) & (y < box.bottom)
                covered = int(np.count_nonzero(under))
                cost = 5.0 * step + 0.4 * rank + 1.2 * min(covered, 6) + 2.5 * (_crossed(ways, box) if lines else 0)
                if best is None or cost < best[0]:
                    best = cost, Placed(index, box, leader=step > 0)
            if best is not None and best[0] < 5.0 * (step + 1):
                break
        if best is not None:
            placed.append(best[1])
            taken.append(best[1].box)
    return tuple(placed)

"""Letters for which the printed plan has no type: where they stand in a name an empty box is printed, and that is said.

Latin, Greek, Cyrillic, Arabic, Devanagari and Ethiopic come with the program; Tamil, Bengali, Thai, Chinese do not.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from cn_planner.message import counted, msg
from cn_planner.report.deployment import MissingInfo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

USUAL = frozenset("‐–—‘’“”„…−")
"""Signs that nearly every plan prints, and every Latin font of ours has: for them alone no font is opened."""
_NOT_SEEN = "CZ"
"""Unicode's classes of what leaves no mark on paper: controls, marks of direction, spaces."""


@lru_cache(maxsize=1)
def _printed(folders: tuple[Path, ...]) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # 0.1 s, and only where a letter is out of the ordinary

    found: set[int] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*.ttf")):
            with TTFont(path, lazy=True) as font:
                found |= font.getBestCmap().keys()
    return frozenset(found)


def unprinted(text: str, folders: Iterable[Path]) -> tuple[str, ...]:
    """Return the letters of a text that are in no font of some folders, each once, in order."""
    rare = {
        letter
        for letter in set(text)
        if ord(letter) >= 0x250  # before it are Latin letters, which every font of ours has
        and letter not in USUAL
        and unicodedata.category(letter)[0] not in _NOT_SEEN
        and not unicodedata.name(letter, "").startswith("VARIATION SELECTOR")
    }
    if not rare:
        return ()
    has = _printed(tuple(folders))
    return tuple(sorted(letter for letter in rare if ord(letter) not in has))


def missing_letters(letters: tuple[str, ...]) -> tuple[MissingInfo, ...]:
    """Return what is said of letters that are not printed: the first by its name."""
    if not letters:
        return ()
    what = counted(
        "A letter of a name cannot be printed here: {name} (U+{code}).",
        "{count} letters of names cannot be printed here, such as {name} (U+{code}).",
        len(letters), name=unicodedata.name(letters[0], "?").capitalize(), code=f"{ord(letters[0]):04X}",
    )  # fmt: skip
    fix = msg("Write these names in other letters as well. Tables, maps and web pages show them as they are.")
    return (MissingInfo("letters", what, fix),)

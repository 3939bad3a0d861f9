"""The manual: its pages, as they stand in Markdown, and which of them speak of what somebody looks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner import paths

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_WORD = re.compile(r"\w+")
_IN_TITLE = 10


@dataclass(frozen=True, slots=True)
class ManualPage:
    """A page: the name of its file, its title, and its text in Markdown."""

    key: str
    title: str
    text: str


def manual_pages(folder: Path | None = None) -> tuple[ManualPage, ...]:
    """Return the pages in their order; the program's own where no folder is given."""
    found = []
    for path in sorted((folder or paths.manual()).glob("[0-9]*.md")):
        text = path.read_text("utf-8")
        found.append(ManualPage(path.name, text.partition("\n")[0].lstrip("# ").strip(), text))
    return tuple(found)


def search_manual(pages: Iterable[ManualPage], wanted: str) -> tuple[ManualPage, ...]:
    """Return the pages that hold every word looked for, or words that begin so, best first; all where none is said."""
    words = [one.casefold() for one in _WORD.findall(wanted)]
    if not words:
        return tuple(pages)
    ranked = []
    for at, page in enumerate(pages):
        title, text = ([w.casefold() for w in _WORD.findall(part)] for part in (page.title, page.text))
        counts = [sum(one.startswith(word) for one in text) for word in words]
        if all(counts):
            named = sum(any(one.startswith(word) for one in title) for word in words)
            ranked.append((-_IN_TITLE * named - sum(counts), at, page))
    return tuple(page for *_, page in sorted(ranked, key=lambda one: one[:2]))

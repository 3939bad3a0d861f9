"""Whether the owner of a place has agreed: one rule for questions, tables, lists and papers."""

from __future__ import annotations

import re
from typing import Protocol

from cn_planner.model.plan import Status

_NO = re.compile(r"\brefused\b|\bsaid no\b|\bnot\b.{0,12}\bagree|^\s*not?\b")
"""What says that somebody has not agreed, whatever else is said."""


class _Owned(Protocol):
    @property
    def consent(self) -> str: ...

    @property
    def status(self) -> Status: ...


def owner_agreed(site: _Owned) -> bool:
    """Return whether the owner has agreed, as far as is written down.

    Who refused, said no, or was asked and has not agreed since, has not, however far the place has come. Any other text
    tells who agreed and when; without one it is what the place's status says.
    """
    said = site.consent.casefold()
    words = set(re.findall(r"\w+", said))
    if _NO.search(said) or ("asked" in words and "agreed" not in words):
        return False
    return bool(site.consent.strip()) or site.status is not Status.IDEA

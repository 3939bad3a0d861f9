"""Long texts that a table would say row after row: said once below it, by numbers that stand in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.drawing.labels import text_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MANY_ROWS = 8
"""From so many rows on what is the same in them is better said once."""
_ALIKE = 4
"""At least so many rows, in the mean, say the same."""
_LONG = 500.0
"""Points: more than two lines of the widest column."""


def said_below(rows: Sequence[list[str]], columns: Iterable[int], size: float) -> dict[int, list[str]]:
    """Put numbers in place of long texts that stand in many rows; return those texts, with their numbers, by column.

    Parameters
    ----------
    rows : sequence of list of str
        The cells; changed where a text is said below.
    columns : iterable of int
        Those that are looked at.
    size : float
        Of the type, points.
    """
    found: dict[int, list[str]] = {}
    count = 0
    for n in columns:
        texts = list(dict.fromkeys(row[n] for row in rows if row[n]))
        if len(rows) < MANY_ROWS or len(texts) * _ALIKE > len(rows):
            continue
        long = [one for one in texts if text_width(one, size) > _LONG]
        signs = {one: f"[{count + place}]" for place, one in enumerate(long, start=1)}
        for row in rows:
            row[n] = signs.get(row[n], row[n])
        found[n] = [f"{sign} {one}" for one, sign in signs.items()]
        count += len(long)
    return found

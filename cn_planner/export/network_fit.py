"""How large the links of the network book are set, so that two have room on a page.

It is reckoned here, from the widths of letters: to have typst measure what it is to set takes it twice the time, and as
much memory again. The figures are those of ``network.typ``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.drawing.labels import text_width
from cn_planner.export.pdf_data import breakable

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, CHART_WIDTH = 523.0, 242.0
BETWEEN = 16.0
"""The rule between two links, with its room."""
_PAGE, _A_LINE = 778.0, 9.0
"""Letters are not quite as wide as they are reckoned: one line of a page may be one more."""
_LEFT = WIDTH - CHART_WIDTH - 15.0
_LABEL, _FIGURES = _LEFT - 2.0 * 58.0 - 5.0, 53.0
_CHECK = (WIDTH - 14.0 - 14.0) / 2.0 - 12.5
_TITLES = (15.0, 13.0, 11.0)
_LEAST_TITLE, _TITLE = 9.0, 415.0
_SCALES = (1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.8, 0.7, 0.6)
_ABOVE, _HEAD, _ROW, _BESIDE = 150.0, 28.0, 13.0, 380.0
"""Of page one: title, figures, key and notes of the map; a section's title; a row; room for words beside their lead."""
_LEAST_MAP, _MOST_MAP = 180.0, 470.0
_LEAST, _CAP = 7.5, 0.714


def title_of(title: str) -> dict[str, Any]:
    """Return a link's title and the size in which it stands on one line beside its verdict, else the least."""
    size = next((one for one in _TITLES if text_width(title, one, bold=True) <= _TITLE), _LEAST_TITLE)
    return {"title": breakable(title, _TITLE / 1.07, _LEAST_TITLE), "title-size": size}


def fitted(pair: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the links of a page with the largest scale at which they have room there, the same for both."""
    for scale in _SCALES:
        if sum(half_height(one, scale) for one in pair) + BETWEEN + _A_LINE <= _PAGE:
            return [{**one, "scale": scale} for one in pair]
    return [{**one, "scale": _SCALES[-1]} for one in pair]


def map_height(first: dict[str, Any]) -> float:
    """Return how high the map of page one is drawn, points: what room its words leave."""
    answers = [one["text"] for one in first["keeps"]["rows"]]
    watched = [f"{one['text']} {one['more']}" for one in first["watch"]["items"]]
    used = _ABOVE + 2.0 * _HEAD + sum(_ROW + 11.0 * (_lines(one, 9.0, _BESIDE) - 1) for one in (*watched, *answers))
    used += sum(14.0 for one in (first["more-links"],) if one)
    return min(max(_PAGE - used, _LEAST_MAP), _MOST_MAP)


def half_height(half: dict[str, Any], scale: float) -> float:
    """Return how high a link is set at a scale, points."""
    k = scale

    def block(text: str, size: float, width: float, leading: float, *, bold: bool = False) -> float:
        fits = max(_LEAST, size * k)
        lines = _lines(text, fits, width, bold=bold)
        return fits * (lines * _CAP + (lines - 1) * leading)

    title = half["title-size"]
    lines = _lines(half["title"], title, _TITLE, bold=True)
    high = title * (lines * _CAP + (lines - 1) * 0.5) + 5.0 * k
    high += block(" · ".join(one["text"] for one in half["facts"]), 8.8, WIDTH, 0.5, bold=True) + 4.0 * k
    high += sum(block(f"??? {one['text']}", 8.3, WIDTH, 0.5) + 4.0 * k for one in half["asked"])
    high += block(half["told"], 8.0, WIDTH, 0.42) + 5.0 * k
    profile = half["profile"]
    high += block(f"??? {half['no-profile']['text']}", 8.3, WIDTH, 0.5) if profile is None else profile["height"]
    high += 7.0 * k

    def leads(rows: Sequence[dict[str, str]], width: float) -> float:
        return sum(block(f"{one['lead']} {one['text']}", 7.9, width, 0.4) + 4.0 * k for one in rows)

    left, table = leads(half["worse"], _LEFT), half["table"]
    if table is not None:
        heads = [block(table["head"], 8.3, _LABEL, 0.4, bold=True)]
        heads += [block(one, 8.3, _FIGURES, 0.4, bold=True) for one in table["columns"]]
        left += max(heads) + 6.0 * k
        left += sum(block(one["title"], 8.3, _LABEL, 0.4, bold=one["bold"]) + 6.0 * k for one in table["rows"])
    right = leads(half["said"], CHART_WIDTH) + (0.0 if half["chart"] is None else half["chart"]["height"])
    high += max(left, right) + 6.0 * k
    checks = [block(f"{one} ", 8.0, _CHECK, 0.4) if one else 0.0 for one in half["checks"]]
    rows = [max(checks[n : n + 2]) for n in range(0, len(checks), 2)]
    high += 10.0 * k + block(half["check-head"], 8.3, WIDTH, 0.4, bold=True) + 4.5 * k
    return float(high + sum(max(one, 8.0) for one in rows) + 5.0 * k * (len(rows) - 1))


def _lines(text: str, size: float, width: float, *, bold: bool = False) -> int:
    """Return on how many lines a text stands, broken between words."""
    lines, used, space = 1, 0.0, text_width(" ", size, bold=bold)
    for word in text.replace("\u200b", " ").split(" "):
        wide = text_width(word, size, bold=bold)
        if used and used + space + wide > width:
            lines, used = lines + 1, wide
        else:
            used += wide + (space if used else 0.0)
        while used > width:  # a word that is wider than its column
            lines, used = lines + 1, used - width
    return lines

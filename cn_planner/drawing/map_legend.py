"""The legend of a map sheet: samples and words of what is on the map, in rows under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.drawing.display import Anchor, Fill, Hatch, ItemGroup, Marker, Polygon, Polyline, Stroke, Symbol, Text
from cn_planner.drawing.labels import right_to_left, text_width
from cn_planner.drawing.map_obstacles import obstacle_entries, obstacle_sign
from cn_planner.drawing.palette import Role
from cn_planner.drawing.place_symbols import SIGNS
from cn_planner.i18n import say
from cn_planner.message import Message, msg
from cn_planner.report.words import PLACE_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.drawing.display import DisplayItem
    from cn_planner.drawing.map_content import SheetContent

HATCH_ANGLE = 135.0
"""Of what stands for where a roof antenna works, on the map and in its legend."""

_HOME_WORDS: tuple[tuple[Symbol, Message], ...] = (
    (Symbol.HOME, msg("home reached")),
    (Symbol.HOME_NOT_REACHED, msg("home not yet reached")),
    (Symbol.SCHOOL, msg("school")),
    (Symbol.SCHOOL_NOT_REACHED, msg("school not yet reached")),
    (Symbol.CLINIC, msg("clinic")),
    (Symbol.CLINIC_NOT_REACHED, msg("clinic not yet reached")),
    *((Symbol(f"place_{kind.value}"), words) for kind, words in PLACE_KINDS.items()),
)
_TOWER_WORDS: tuple[tuple[Symbol, Message], ...] = (
    (Symbol.GATEWAY, msg("Internet connection")),
    (Symbol.TOWER, msg("tower")),
    (Symbol.GATEWAY_OPTION, msg("possible gateway")),
    (Symbol.SUGGESTED, msg("possible tower")),
)
_LEGEND_SIZE = 7.5


def legend_entries(content: SheetContent, *, missing: bool) -> list[tuple[str, Message]]:
    """Return what the map shows, as keys of a sample and words, only what is there."""
    homes = {home.symbol for home in content.homes}
    towers = {tower.symbol for tower in content.towers}
    entries: list[tuple[str, Message]] = [(s.value, w) for s, w in _HOME_WORDS if s in homes]
    entries += [(s.value, w) for s, w in _TOWER_WORDS if s in towers]
    if any(link.sure for link in content.links):
        entries.append(("sure", msg("link, sure")))
    if any(not link.sure for link in content.links):
        entries.append(("check", msg("link, to be checked on site")))
    if content.areas:
        entries.append(("area", msg("where a roof antenna works")))
    entries += obstacle_entries(content.obstacles)
    if missing:
        entries.append(("missing", msg("no terrain data")))
    return entries


def _sample(key: str, x: float, y: float) -> tuple[tuple[DisplayItem, ...], float]:
    """Return the sample of a legend entry whose left edge is x, and its width."""
    box = ((x, y - 3.5), (x + 12, y - 3.5), (x + 12, y + 3.5), (x, y + 3.5))
    match key:
        case "sure" | "check":
            dash = () if key == "sure" else (5.0, 3.5)
            return (Polyline(((x, y), (x + 20, y)), Stroke(Role.LINK, 1.8, dash)),), 20.0
        case "area":
            hatch = Hatch(Role.COVERAGE, HATCH_ANGLE, 3.2, 0.5)
            return (Polygon((box,), None, Stroke(Role.COVERAGE, 0.7), hatch),), 12.0
        case "missing":
            return (
                Polygon((box,), Fill(Role.NO_TERRAIN, 0.3)),
                Polygon((box,), None, Stroke(Role.MUTED, 0.5), Hatch(Role.MUTED, 0.0, 2.5, 0.35)),
            ), 12.0
        case "tree" | "building":
            return obstacle_sign(x + 6.0, y, 4.0, tree=key == "tree"), 12.0
        case _:
            symbol = Symbol(key)
            size = 11.0 if symbol in {tower for tower, _ in _TOWER_WORDS} else 6.5
            role = Role.TOWER if size > 10 else Role.REACHED
            if key in SIGNS:
                size, role = 9.0, Role.PUBLIC
            return (Marker(symbol, x + 5, y, size, role, Role.PAPER),), 10.0


def legend_group(
    entries: Iterable[tuple[str, Message]], width: float, top: float, language: str
) -> tuple[ItemGroup, float]:
    """Return the legend in rows under the map, and its height. Words that run from the right begin there."""
    items: list[DisplayItem] = []
    said = [(key, say(message, language)) for key, message in entries]
    mirrored = any(right_to_left(words) for _, words in said)
    x, y, row = 0.0, top + 8.0, 14.0
    for key, words in said:
        _, sample_width = _sample(key, 0.0, 0.0)
        needed = sample_width + 5.0 + text_width(words, _LEGEND_SIZE)
        if x > 0.0 and x + needed > width:
            x, y = 0.0, y + row
        if mirrored:
            left = width - x - sample_width
            items.append(ItemGroup(_sample(key, left, y)[0]))
            items.append(Text(left - 5.0, y, words, _LEGEND_SIZE, Role.INK, Anchor.END))
        else:
            items.append(ItemGroup(_sample(key, x, y)[0]))
            items.append(Text(x + sample_width + 5.0, y, words, _LEGEND_SIZE, Role.INK))
        x += needed + 16.0
    return ItemGroup(tuple(items), "legend"), y + 6.0 - top

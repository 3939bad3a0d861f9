"""A drawing that is made stroke by stroke: lines, boxes, arrows and words of the papers that are taken to a mast."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from cn_planner.drawing.display import Anchor, DisplayList, Fill, Hatch, Polygon, Polyline, Stroke, Text
from cn_planner.drawing.labels import shorten, text_width
from cn_planner.drawing.palette import Role
from cn_planner.i18n import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.drawing.display import XY, DisplayItem
    from cn_planner.message import Message

_FIGURE = re.compile(r"(\d) (V|A|Ah|Wp|m)\b")
"""A figure and its unit, which stay together."""
SMALL, PLAIN, HEAD = 7.9, 8.5, 9.2
"""Sizes of words in drawings, points."""


class Sketch:
    """What has been drawn so far. Lengths are points."""

    def __init__(self, width: float, height: float, language: str) -> None:
        self.width, self.height, self.language = width, height, language
        self.items: list[DisplayItem] = []

    def line(
        self, *points: XY, width: float = 0.8, role: Role = Role.INK, dash: tuple[float, ...] = ()
    ) -> None:  # fmt: skip
        """Draw a line through points."""
        self.items.append(Polyline(tuple(points), Stroke(role, width, dash)))

    def shape(
        self, points: Iterable[XY], *, fill: Role | None = Role.PAPER, edge: float = 0.9, role: Role = Role.INK,
        opacity: float = 1.0, hatch: Hatch | None = None,
    ) -> None:  # fmt: skip
        """Draw a closed shape; without an edge where that is 0."""
        self.items.append(
            Polygon(
                (tuple(points),),
                None if fill is None else Fill(fill, opacity),
                Stroke(role, edge) if edge else None,
                hatch,
            )
        )

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: Role | None = Role.PAPER, edge: float = 0.9,
        role: Role = Role.INK, hatch: Hatch | None = None,
    ) -> None:  # fmt: skip
        """Draw a box by its upper left corner."""
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        self.shape(corners, fill=fill, edge=edge, role=role, hatch=hatch)

    def words(
        self, x: float, y: float, text: Message | str, size: float = PLAIN, *, anchor: Anchor = Anchor.START,
        bold: bool = False, role: Role = Role.INK, plate: bool = False, room: float | None = None,
    ) -> None:  # fmt: skip
        """Write one line whose middle is at y; shortened where it has only so much room."""
        said = text if isinstance(text, str) else self.say(text)
        if room is not None:
            said = shorten(said, size, room)
        ground = Role.PAPER if plate else None
        self.items.append(Text(x, y, said, size, role, anchor, bold, ground, 1.0))

    def say(self, message: Message) -> str:
        """Return a sentence in the drawing's language."""
        return say(message, self.language)

    def arrow(self, start: XY, end: XY, *, width: float = 1.4, head: float = 6.0, role: Role = Role.INK) -> None:
        """Draw an arrow."""
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        neck = end[0] - head * math.cos(angle), end[1] - head * math.sin(angle)
        self.line(start, neck, width=width, role=role)
        half = head * 0.45
        side = half * math.sin(angle), -half * math.cos(angle)
        self.shape(
            (end, (neck[0] + side[0], neck[1] + side[1]), (neck[0] - side[0], neck[1] - side[1])),
            fill=role, edge=0.0,
        )  # fmt: skip

    def ring(self, x: float, y: float, radius: float, *, fill: Role | None = None, edge: float = 0.9) -> None:
        """Draw a circle."""
        turn = (2.0 * math.pi * n / 72 for n in range(72))
        self.shape(((x + radius * math.cos(a), y + radius * math.sin(a)) for a in turn), fill=fill, edge=edge)

    def earth(self, x: float, y: float) -> None:
        """Draw the sign of an earth, from its upper end."""
        self.line((x, y), (x, y + 8.0), width=1.1, role=Role.ACCENT)
        for n, half in enumerate((8.0, 5.0, 2.0)):
            self.line((x - half, y + 8.0 + 3.2 * n), (x + half, y + 8.0 + 3.2 * n), width=1.1, role=Role.ACCENT)

    def done(self, title: Message, description: Message) -> DisplayList:
        """Return the drawing."""
        return DisplayList(
            self.width, self.height, tuple(self.items), self.say(title), self.say(description)
        )  # fmt: skip


def wrapped(text: str, size: float, room: float, most: int) -> list[str]:
    """Return the lines of a text, the last holding all that is left."""
    lines: list[str] = []
    for word in _FIGURE.sub("\\1\N{NO-BREAK SPACE}\\2", text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (text_width(longer, size) <= room or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def level_text(dbm: float) -> str:
    """Return a level in whole dB with a minus that is as wide as a figure."""
    return f"{dbm:.0f}".replace("-", "\u2212")


def at_bearing(x: float, y: float, bearing_deg: float, radius: float) -> XY:
    """Return the place so far from a middle, north up."""
    turn = math.radians(bearing_deg)
    return x + radius * math.sin(turn), y - radius * math.cos(turn)

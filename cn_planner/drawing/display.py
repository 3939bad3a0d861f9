"""The display list: a drawing as frozen primitives that any painter can paint (SVG, QPainter, a plotter).

A painter needs to know six things: `Polyline`, `Polygon`, `Text`, `Image`, `ItemGroup`, and `Marker`, which `outline`
turns into the first two. Lengths are points (1/72 inch), x to the right and y down, from the upper left corner. Colours
are roles (`palette.Role`). Items later in the list lie on top.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from cn_planner.drawing.place_symbols import SIGNS
from cn_planner.model.plan import SiteRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.drawing.palette import Role

XY: TypeAlias = tuple[float, float]
Affine: TypeAlias = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): x' = a x + c y + e, y' = b x + d y + f, the order of SVG's matrix() and of QTransform."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn. `dash` alternates on and off lengths, in points; joins and caps are round."""

    role: Role
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Fill:
    """A flat fill."""

    role: Role
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Hatch:
    """Parallel lines clipped to a polygon; `angle_deg` is clockwise from the x axis."""

    role: Role
    angle_deg: float = 45.0
    spacing: float = 4.0
    width: float = 0.5
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Polyline:
    """A line through points."""

    points: tuple[XY, ...]
    stroke: Stroke


@dataclass(frozen=True, slots=True)
class Polygon:
    """Rings filled by the even-odd rule: the first is the outline, the others holes or further parts."""

    rings: tuple[tuple[XY, ...], ...]
    fill: Fill | None = None
    stroke: Stroke | None = None
    hatch: Hatch | None = None


class Symbol(StrEnum):
    """The shapes of things on a map. Shape tells them apart; colour only helps."""

    TOWER = "tower"
    GATEWAY = "gateway"
    SUGGESTED = "suggested"
    GATEWAY_OPTION = "gateway_option"
    HOME = "home"
    HOME_NOT_REACHED = "home_not_reached"
    HOME_ON_FOOT = "home_on_foot"
    SCHOOL = "school"
    SCHOOL_NOT_REACHED = "school_not_reached"
    CLINIC = "clinic"
    CLINIC_NOT_REACHED = "clinic_not_reached"
    PLACE_SCHOOL = "place_school"
    PLACE_CLINIC = "place_clinic"
    PLACE_MARKET = "place_market"
    PLACE_CHURCH = "place_church"
    PLACE_WATER = "place_water"
    PLACE_JUNCTION = "place_junction"
    PLACE_SHOP = "place_shop"
    PLACE_OTHER = "place_other"
    DOT = "dot"
    CROSS = "cross"
    NORTH = "north"


@dataclass(frozen=True, slots=True)
class Marker:
    """A symbol centred on a point; `size` is its height."""

    symbol: Symbol
    x: float
    y: float
    size: float
    role: Role
    paper: Role
    key: str = ""
    """The id of the thing that it stands for, for picking."""


class Anchor(StrEnum):
    """Which end of a text stands at its point; in a right-to-left script START is still the left end."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text whose vertical middle is at y. `plate` is the ground that a painter lays under it."""

    x: float
    y: float
    text: str
    size: float
    role: Role
    anchor: Anchor = Anchor.START
    bold: bool = False
    plate: Role | None = None
    plate_opacity: float = 0.86
    angle_deg: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A PNG of `columns` by `rows` pixels; `affine` carries pixel corners to points."""

    png: bytes
    columns: int
    rows: int
    affine: Affine


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items that belong together: named, moved, or clipped to a rectangle (x, y, width, height)."""

    items: tuple[DisplayItem, ...]
    name: str = ""
    offset: XY = (0.0, 0.0)
    clip: tuple[float, float, float, float] | None = None
    """In the group's own lengths, before `offset`."""


DisplayItem: TypeAlias = "Polyline | Polygon | Marker | Text | Image | ItemGroup"


@dataclass(frozen=True, slots=True)
class DisplayList:
    """A finished drawing. `description` is what a reader who cannot see it is told."""

    width: float
    height: float
    items: tuple[DisplayItem, ...]
    title: str = ""
    description: str = ""
    notes: tuple[str, ...] = field(default=())
    """What the drawing could not show, in words, for the page that holds it."""


def _circle(x: float, y: float, radius: float, n: int = 20) -> tuple[XY, ...]:
    return tuple(
        (x + radius * math.cos(2 * math.pi * i / n), y + radius * math.sin(2 * math.pi * i / n)) for i in range(n)
    )


def _square(x: float, y: float, half: float) -> tuple[XY, ...]:
    return ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half))


def _pentagon(x: float, y: float, half: float) -> tuple[XY, ...]:
    # A house with a roof: the school, larger than a home and pointed.
    return (
        (x - half, y - 0.25 * half),
        (x, y - half),
        (x + half, y - 0.25 * half),
        (x + half, y + half),
        (x - half, y + half),
    )


def _plus(x: float, y: float, half: float) -> tuple[XY, ...]:
    t = half * 0.36
    return (
        (x - t, y - half), (x + t, y - half), (x + t, y - t), (x + half, y - t), (x + half, y + t), (x + t, y + t),
        (x + t, y + half), (x - t, y + half), (x - t, y + t), (x - half, y + t), (x - half, y - t), (x - t, y - t),
    )  # fmt: skip


_POSSIBLE = (Symbol.SUGGESTED, Symbol.GATEWAY_OPTION)


SITE_RANKS = {Symbol.CROSS: 0, Symbol.SUGGESTED: 1, Symbol.GATEWAY_OPTION: 1, Symbol.TOWER: 2, Symbol.GATEWAY: 3}
"""Places for towers by what counts more: gateways and masts lie above places that are only possible."""


def tower_symbol(role: SiteRole, *, used: bool, enters: bool, begun: bool) -> Symbol:
    """Return how a place for a tower is drawn, on screen and on paper.

    Parameters
    ----------
    role : SiteRole
        The place's.
    used : bool
        Whether a tower of the plan stands there.
    enters : bool
        Whether the Internet enters there once one does.
    begun : bool
        Whether the plan has any tower yet: until then a gateway is the one that was given, and after it possible alone
        where the plan does without.
    """
    if used:
        return Symbol.GATEWAY if enters else Symbol.TOWER
    if role is SiteRole.GATEWAY and not begun:
        return Symbol.GATEWAY
    return Symbol.GATEWAY_OPTION if role in (SiteRole.GATEWAY, SiteRole.GATEWAY_OPTION) else Symbol.SUGGESTED


def _mast(marker: Marker) -> tuple[Polyline | Polygon, ...]:
    x, y, s = marker.x, marker.y, marker.size
    paper = Fill(marker.paper)
    triangle = ((x, y - 0.62 * s), (x + 0.42 * s, y + 0.38 * s), (x - 0.42 * s, y + 0.38 * s))
    line = Stroke(marker.role, 0.11 * s, (0.2 * s, 0.16 * s) if marker.symbol in _POSSIBLE else ())
    halo = Polygon((triangle,), stroke=Stroke(marker.paper, 0.28 * s, opacity=0.85))
    bar = ((x - 0.5 * s, y + 0.56 * s), (x + 0.5 * s, y + 0.56 * s))
    if marker.symbol is Symbol.GATEWAY_OPTION:
        return (halo, Polygon((triangle,), paper, line), Polyline(bar, Stroke(marker.role, 0.13 * s)))
    if marker.symbol is Symbol.GATEWAY:
        # A filled triangle with a bar under it: where the Internet comes in.
        return (halo, Polygon((triangle,), Fill(marker.role), line), Polyline(bar, Stroke(marker.role, 0.13 * s)))
    return (halo, Polygon((triangle,), paper, line))


def _place(marker: Marker) -> tuple[Polyline | Polygon, ...]:
    x, y, half = marker.x, marker.y, 0.5 * marker.size
    missing = marker.symbol.endswith("not_reached")
    shape = {"home": _square, "scho": _pentagon, "clin": _plus}[marker.symbol[:4]](x, y, half)
    halo = Polygon((shape,), stroke=Stroke(marker.paper, 0.3 * marker.size, opacity=0.8))
    if not missing:
        return (halo, Polygon((shape,), Fill(marker.role)))
    line = Stroke(marker.role, 0.15 * marker.size)
    crossing = ((x - half, y + half), (x + half, y - half))
    return (halo, Polygon((shape,), Fill(marker.paper), line), Polyline(crossing, line))


def _on_foot(marker: Marker) -> tuple[Polyline | Polygon, ...]:
    """Return a disc with a person: who lives here walks to a hotspot."""
    x, y, s = marker.x, marker.y, 1.3 * marker.size
    disc = _circle(x, y, 0.5 * s)
    body = ((x - 0.22 * s, y + 0.26 * s), (x - 0.14 * s, y + 0.04 * s), (x + 0.14 * s, y + 0.04 * s),
            (x + 0.22 * s, y + 0.26 * s))  # fmt: skip
    return (
        Polygon((disc,), stroke=Stroke(marker.paper, 0.24 * s, opacity=0.8)),
        Polygon((disc,), Fill(marker.role)),
        Polygon((_circle(x, y - 0.13 * s, 0.13 * s, 10), body), Fill(marker.paper)),
    )


def _public_place(marker: Marker) -> tuple[Polyline | Polygon, ...]:
    x, y, s = marker.x, marker.y, marker.size
    disc = _circle(x, y, 0.5 * s)
    sign = tuple(tuple((x + s * dx, y + s * dy) for dx, dy in ring) for ring in SIGNS[marker.symbol])
    return (
        Polygon((disc,), stroke=Stroke(marker.paper, 0.2 * s, opacity=0.85)),
        Polygon((disc,), Fill(marker.role)),
        *(Polygon((ring,), Fill(marker.paper)) for ring in sign),
    )


def outline(marker: Marker) -> tuple[Polyline | Polygon, ...]:
    """Return the lines and polygons that a symbol is made of, in points, in the order of painting."""
    x, y, s = marker.x, marker.y, marker.size
    match marker.symbol:
        case Symbol.TOWER | Symbol.GATEWAY | Symbol.SUGGESTED | Symbol.GATEWAY_OPTION:
            return _mast(marker)
        case Symbol.DOT:
            return (Polygon((_circle(x, y, 0.5 * s),), Fill(marker.paper), Stroke(marker.role, 0.2 * s)),)
        case Symbol.CROSS:
            line = Stroke(marker.role, 0.22 * s)
            h = 0.5 * s
            return (Polyline(((x - h, y - h), (x + h, y + h)), line), Polyline(((x - h, y + h), (x + h, y - h)), line))
        case Symbol.NORTH:
            left = ((x, y - 0.5 * s), (x - 0.28 * s, y + 0.5 * s), (x, y + 0.3 * s))
            right = ((x, y - 0.5 * s), (x + 0.28 * s, y + 0.5 * s), (x, y + 0.3 * s))
            line = Stroke(marker.role, 0.05 * s)
            return (Polygon((left,), Fill(marker.role), line), Polygon((right,), Fill(marker.paper), line))
        case Symbol.HOME_ON_FOOT:
            return _on_foot(marker)
        case _ if marker.symbol in SIGNS:
            return _public_place(marker)
        case _:
            return _place(marker)


def texts(items: tuple[DisplayItem, ...], offset: XY = (0.0, 0.0)) -> Iterator[Text]:
    """Yield every text of a drawing at its place on the sheet: for painters that set type better than they draw."""
    for item in items:
        if isinstance(item, Text):
            yield Text(
                item.x + offset[0], item.y + offset[1], item.text, item.size, item.role, item.anchor, item.bold,
                item.plate, item.plate_opacity, item.angle_deg,
            )  # fmt: skip
        elif isinstance(item, ItemGroup):
            yield from texts(item.items, (offset[0] + item.offset[0], offset[1] + item.offset[1]))

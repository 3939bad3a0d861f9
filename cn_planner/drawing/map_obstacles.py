"""Trees and buildings that were seen on site, on a map sheet: as wide as they are, a tree round, a building square."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.drawing.display import Fill, Polygon, Stroke
from cn_planner.drawing.palette import Role
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.drawing.display import DisplayItem
    from cn_planner.drawing.map_frame import MapFrame
    from cn_planner.message import Message

_LEAST = 2.6
"""Points from the middle to the edge: smaller ones are drawn as large as this, so that they can be found."""
_CORNERS = 24


@dataclass(frozen=True, slots=True)
class MapObstacle:
    """A tree or a building, round a point as far as it reaches."""

    latitude: float
    longitude: float
    radius_m: float
    tree: bool = True


def obstacle_sign(x: float, y: float, half: float, *, tree: bool) -> tuple[DisplayItem, ...]:
    """Return one, ``half`` from its middle to its edge, points."""
    corners, start = (_CORNERS, 0.0) if tree else (4, math.pi / 4)
    reach = half if tree else half * math.sqrt(2.0)
    angles = [start + 2.0 * math.pi * n / corners for n in range(corners)]
    ring = tuple((x + reach * math.cos(angle), y + reach * math.sin(angle)) for angle in angles)
    return (
        Polygon((ring,), None, Stroke(Role.PAPER, 2.0, opacity=0.75)),
        Polygon((ring,), Fill(Role.COVER, 0.55), Stroke(Role.INK, 0.7)),
    )


def on_the_sheet(seen: Sequence[MapObstacle], frame: MapFrame) -> tuple[MapObstacle, ...]:
    """Return those of which something is to be seen."""
    if not seen:
        return ()
    places = frame.xy([one.latitude for one in seen], [one.longitude for one in seen])
    reach = [max(_LEAST, one.radius_m / frame.m_per_point) for one in seen]
    return tuple(
        one
        for one, (x, y), far in zip(seen, places.tolist(), reach, strict=True)
        if -far < x < frame.width + far and -far < y < frame.height + far
    )


def obstacles(seen: Sequence[MapObstacle], frame: MapFrame) -> tuple[DisplayItem, ...]:
    """Return what was seen, the large ones below the small ones."""
    if not seen:
        return ()
    ordered = sorted(seen, key=lambda one: -one.radius_m)
    places = frame.xy([one.latitude for one in ordered], [one.longitude for one in ordered])
    items: list[DisplayItem] = []
    for one, (x, y) in zip(ordered, places.tolist(), strict=True):
        items += obstacle_sign(x, y, max(_LEAST, one.radius_m / frame.m_per_point), tree=one.tree)
    return tuple(items)


def obstacle_entries(seen: Sequence[MapObstacle]) -> list[tuple[str, Message]]:
    """Return what is there of the two, as keys of a sample and words for the legend."""
    words = (("tree", True, msg("tree seen on site")), ("building", False, msg("building seen on site")))
    kinds = {one.tree for one in seen}
    return [(key, said) for key, tree, said in words if tree in kinds]

"""What lies beyond a map: an arrow at the edge with its distance, so that one far home shrinks no map to a stamp."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo
from cn_planner.drawing.display import Anchor, Fill, ItemGroup, Polygon, Stroke, Text
from cn_planner.drawing.labels import LabelBox, text_width
from cn_planner.drawing.map_content import MapFar
from cn_planner.drawing.palette import Role
from cn_planner.message import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.drawing.display import DisplayItem
    from cn_planner.drawing.map_content import MapHome, SheetContent
    from cn_planner.drawing.map_frame import MapFrame
    from cn_planner.message import Message

_MOST_SHARE = 0.03
_SHRINKS = 0.8
"""At most three homes in a hundred are left off a map, and where it then shows ground a fifth smaller across."""
_SECTORS = 8
_SIZE, _ARROW = 7.0, 9.0
_EARTH_M_DEG = 111_195.0


def without_far(content: SheetContent, say: Callable[[Message], str]) -> SheetContent:
    """Return a map's content without the few homes that would shrink it, each told by an arrow.

    Parameters
    ----------
    content : SheetContent
        All that is to be shown; towers and links stay.
    say : callable
        Puts how many homes and how far off into words.
    """
    most = int(len(content.homes) * _MOST_SHARE) or (1 if len(content.homes) > 8 else 0)
    if not most:
        return content
    points = np.array([(one.latitude, one.longitude) for one in content.homes])
    towers = np.array([(one.latitude, one.longitude) for one in content.towers]).reshape(-1, 2)
    middle = np.median(points, axis=0)
    scale = np.array([_EARTH_M_DEG, _EARTH_M_DEG * math.cos(math.radians(middle[0]))])
    turn = (points[:, 1] - middle[1] + 180.0) % 360.0 - 180.0
    at = np.column_stack([(points[:, 0] - middle[0]) * scale[0], turn * scale[1]])
    masts = np.column_stack(
        [(towers[:, 0] - middle[0]) * scale[0], ((towers[:, 1] - middle[1] + 180.0) % 360.0 - 180.0) * scale[1]]
    )
    order = np.argsort(-np.hypot(at[:, 0], at[:, 1]), kind="stable")
    whole = _span(np.vstack([at, masts]))
    for count in range(1, most + 1):
        kept = np.delete(at, order[:count], axis=0)
        if _span(np.vstack([kept, masts])) <= _SHRINKS * whole:
            gone = [int(n) for n in order[:count]]
            homes = tuple(one for n, one in enumerate(content.homes) if n not in gone)
            return replace(content, homes=homes, far=(*content.far, *_told(content, gone, at, say)))
    return content


def _span(points: NDArray[np.float64]) -> float:
    return float(np.ptp(points, axis=0).max()) if len(points) else 0.0


def _told(
    content: SheetContent, gone: Sequence[int], at: NDArray[np.float64], say: Callable[[Message], str]
) -> tuple[MapFar, ...]:
    """Return an arrow for the homes of each direction, with how far the nearest of them is from a tower."""
    groups: dict[int, list[int]] = {}
    for n in gone:
        turn = math.degrees(math.atan2(at[n, 1], at[n, 0])) % 360.0
        groups.setdefault(round(turn / 360.0 * _SECTORS) % _SECTORS, []).append(n)
    found = []
    for members in groups.values():
        homes = [content.homes[n] for n in members]
        near = min(_distance_km(home, content) for home in homes)
        words = counted("{count} home, {km:.0f} km", "{count} homes, {km:.0f} km", len(homes), km=near)
        found.append(MapFar(say(words), homes[0].latitude, homes[0].longitude))
    return tuple(found)


def _distance_km(home: MapHome, content: SheetContent) -> float:
    places = content.towers or content.homes[:1]
    here = (home.latitude, home.longitude)
    return min(geo.geodesic(*here, one.latitude, one.longitude).distance_m for one in places) / 1000.0


def far_away(
    far: Sequence[MapFar], frame: MapFrame, keep_off: Sequence[LabelBox]
) -> tuple[list[DisplayItem], list[LabelBox]]:
    """Return arrows at the edge of a map with their words, and the boxes that they take."""
    items: list[DisplayItem] = []
    boxes: list[LabelBox] = []
    for one in far:
        x, y = (float(v) for v in frame.xy([one.latitude], [one.longitude])[0])
        dx, dy = x - frame.width / 2, y - frame.height / 2
        wide = text_width(one.text, _SIZE) + _ARROW + 12.0
        scale = min((frame.width / 2 - 8.0) / max(abs(dx), 1e-9), (frame.height / 2 - 9.0) / max(abs(dy), 1e-9))
        tip = (frame.width / 2 + dx * scale, frame.height / 2 + dy * scale)
        left = min(max(tip[0] - wide / 2, 4.0), frame.width - wide - 4.0)
        top = min(max(tip[1] - 7.0, 4.0), frame.height - 18.0)
        box = LabelBox(left, top, left + wide, top + 14.0)
        # The corners are taken by north, scale and sources: slide along the edge to free room.
        for _ in range(40):
            if not any(box.meets(other) for other in (*keep_off, *boxes)):
                break
            box = LabelBox(box.left, box.top - 6.0, box.right, box.bottom - 6.0)
        items.append(_arrow(one.text, box, math.atan2(dy, dx)))
        boxes.append(box)
    return items, boxes


def _arrow(text: str, box: LabelBox, turn: float) -> ItemGroup:
    x, y = box.left + 4.0 + _ARROW / 2, (box.top + box.bottom) / 2
    half = _ARROW / 2

    def at(along: float, across: float) -> tuple[float, float]:
        return (
            x + along * math.cos(turn) - across * math.sin(turn),
            y + along * math.sin(turn) + across * math.cos(turn),
        )

    head = (at(half, 0.0), at(-half, -0.62 * half), at(-0.4 * half, 0.0), at(-half, 0.62 * half))
    ring = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    return ItemGroup(
        (
            Polygon((ring,), Fill(Role.PLATE, 0.9), Stroke(Role.INK, 0.5)),
            Polygon((head,), Fill(Role.INK)),
            Text(x + half + 4.0, y, text, _SIZE, Role.INK, Anchor.START),
        ),
        "far",
    )

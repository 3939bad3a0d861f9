"""What lies beyond a map: an arrow at the edge with its distance, so that one far home shrinks no map to a stamp."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo
from cn_planner.drawing.display import Anchor, Fill, ItemGroup, Polygon, Stroke, Text
from cn_planner.drawing.labels import LabelBox, text_width
from cn_planner.drawing.map_content import MapFar
from cn_planner.drawing.palette import Role
from cn_planner.drawing.place_symbols import SIGNS
from cn_planner.message import counted
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.drawing.display import DisplayItem
    from cn_planner.drawing.map_content import MapHome, MapTower, SheetContent
    from cn_planner.drawing.map_frame import MapFrame
    from cn_planner.message import Message

_MOST_SHARE = 0.03
_SHRINKS = 0.8
"""At most three homes in a hundred are left off a map, and where it then shows ground a fifth smaller across."""
_SECTORS = 8
_SIZE, _ARROW = 7.0, 9.0
_DEGREE_M = math.radians(1.0) * EARTH_RADIUS_M
_STEP = 6.0
_ASIDE = sorted(product(range(-40, 41), repeat=2), key=lambda step: (step[0] ** 2 + step[1] ** 2, step))
"""Where a box may go that is in the way, in steps from its place: the nearest first."""


def without_far(content: SheetContent, say: Callable[[Message], str]) -> SheetContent:
    """Return a map's content without the few homes that would shrink it, each told by an arrow.

    Parameters
    ----------
    content : SheetContent
        All that is to be shown; towers and links stay.
    say : callable
        Puts how many homes and how far off into words.
    """
    homes = [one for one in content.homes if one.symbol not in SIGNS]
    stay: list[MapTower | MapHome] = [*content.towers, *(one for one in content.homes if one.symbol in SIGNS)]
    most = int(len(homes) * _MOST_SHARE) or (1 if len(homes) > 8 else 0)
    if not most:
        return content
    points = np.array([(one.latitude, one.longitude) for one in homes])
    middle = np.median(points, axis=0)
    at = _metres(points, middle)
    fixed = _metres(np.array([(one.latitude, one.longitude) for one in stay]).reshape(-1, 2), middle)
    order = np.argsort(-np.hypot(at[:, 0], at[:, 1]), kind="stable")
    # The extent of what is left, after so many of the farthest: from the nearest outwards, as it grows.
    low, high = (
        found(found.accumulate(at[order][::-1])[::-1], found.reduce(fixed, axis=0, initial=none))
        for found, none in ((np.minimum, np.inf), (np.maximum, -np.inf))
    )
    spans = (high - low).max(axis=1)
    enough = np.flatnonzero(spans[1 : most + 1] <= _SHRINKS * spans[0])
    if not len(enough):
        return content
    gone = order[: int(enough[0]) + 1].tolist()
    far = {id(homes[n]) for n in gone}
    left = tuple(one for one in content.homes if id(one) not in far)
    return replace(content, homes=left, far=(*content.far, *_told([(homes[n], at[n]) for n in gone], content, say)))


def _metres(points: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far north and east of a middle points lie, m."""
    turn = (points[:, 1] - middle[1] + 180.0) % 360.0 - 180.0
    return _DEGREE_M * np.column_stack([points[:, 0] - middle[0], turn * math.cos(math.radians(middle[0]))])


def _told(
    gone: Sequence[tuple[MapHome, NDArray[np.float64]]], content: SheetContent, say: Callable[[Message], str]
) -> tuple[MapFar, ...]:
    """Return an arrow for the homes of each direction, with how far the nearest of them is from a tower."""
    groups: dict[int, list[MapHome]] = {}
    for home, (north, east) in gone:
        turn = math.degrees(math.atan2(east, north)) % 360.0
        groups.setdefault(round(turn / 360.0 * _SECTORS) % _SECTORS, []).append(home)
    found = []
    for homes in groups.values():
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
        # The corners are taken by north, scale and sources: go to the nearest free room.
        taken = (*keep_off, *boxes)
        rooms = (_moved(box, _STEP * across, _STEP * down) for across, down in _ASIDE)
        free = (
            room for room in rooms
            if room.left >= 0.0 and room.top >= 0.0 and room.right <= frame.width and room.bottom <= frame.height
            and not any(room.meets(other) for other in taken)
        )  # fmt: skip
        box = next(free, box)
        items.append(_arrow(one.text, box, math.atan2(dy, dx)))
        boxes.append(box)
    return items, boxes


def _moved(box: LabelBox, across: float, down: float) -> LabelBox:
    return LabelBox(box.left + across, box.top + down, box.right + across, box.bottom + down)


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

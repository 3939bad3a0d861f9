"""The base map on paper: lakes, rivers, tracks and roads over the relief, and names of places between the plan's own.

Quiet, so that the plan lies on top, and told apart by shape: a road is white between dark edges, a track is dashed.
Forests and buildings are left to the screen: on paper they lie under hatches and cannot be read.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.drawing.base_style import AREAS, DASH, LARGE, NAME_ZOOM, RIVERS, ROADS, grown, name_face
from cn_planner.drawing.display import Anchor, Fill, Polygon, Polyline, Stroke, Text
from cn_planner.drawing.labels import LabelBox, Wanted, place
from cn_planner.drawing.palette import Role
from cn_planner.gis.base_map import PLACES, BaseLayer
from cn_planner.gis.osm import RIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.drawing.base_style import BaseLook
    from cn_planner.drawing.display import XY, DisplayItem
    from cn_planner.drawing.map_frame import MapFrame

_PIXEL = 0.6
"""Points of a layout pixel: the eye is nearer to paper than to a screen."""
_LINE_PIXEL, _NAME_PIXEL = 0.45, 0.56
"""The same of the widths of lines and the sizes of names: print is sharper."""
_TILE = 256.0
_EQUATOR_M = 40_075_016.7
"""Round the equator, which the first zoom shows in one tile of 256 pixels."""
_EDGE = 0.5
_FINEST = 0.35
"""Points: what bends less is straight, and what is shorter than some such is left out."""
_SHORTEST = 4.0
_MOST_NAMES = 40


class BaseSheet:
    """The layers of a base map, drawn into the frame of any map."""

    def __init__(self, layers: Mapping[str, BaseLayer]) -> None:
        self._layers = layers

    @property
    def rights(self) -> str:
        """Whose data it is; empty where there is none."""
        return RIGHTS if any(len(layer) for layer in self._layers.values()) else ""

    def places(self) -> list[tuple[str, str, float, float]]:
        """Return the names that the map has: name, class, latitude, longitude."""
        import shapely

        layer = self._layers.get("places", BaseLayer())
        points = shapely.from_wkb(np.array(layer.shapes, dtype=object), on_invalid="ignore")
        return [
            (name, kind, float(point.y), float(point.x))
            for name, kind, point in zip(layer.names, layer.classes, points, strict=True)
            if name and point is not None
        ]

    @cached_property
    def _shapes(self) -> dict[tuple[str, str], NDArray[np.object_]]:
        import shapely  # 0.1 s; a map without a base map needs none of it

        found = {}
        for name in ("lakes", "rivers", "roads"):
            layer = self._layers.get(name, BaseLayer())
            shapes = shapely.from_wkb(np.array(layer.shapes, dtype=object), on_invalid="ignore")
            kinds = np.array(layer.classes, dtype=str)
            for kind in dict.fromkeys(layer.classes):
                own = shapes[kinds == kind]
                found[name, kind] = own[~shapely.is_missing(own)]
        return found

    def items(self, frame: MapFrame) -> tuple[DisplayItem, ...]:
        """Return water, then lines from the smallest to the largest, each with its edges below all others."""
        zoom = _zoom(frame)
        items: list[DisplayItem] = []
        if zoom >= AREAS["lakes"].least_zoom:
            rings = tuple(ring for ring in self._seen("lakes", "", frame) if len(ring) > 2)
            items += [Polygon(rings, Fill(AREAS["lakes"].role))] if rings else []
        lines: list[DisplayItem] = []
        edges: list[DisplayItem] = []
        for name, looks in (("rivers", RIVERS), ("roads", ROADS)):
            for kind, look in looks.items():
                if zoom < look.least_zoom:
                    continue
                width = max(look.width * grown(zoom), 1.2) * _LINE_PIXEL
                for line in self._seen(name, kind, frame):
                    lines.append(Polyline(line, _stroke(look, width)))
                    if look.edged:
                        edges.append(Polyline(line, Stroke(Role.ROAD_EDGE, width + 2 * _EDGE)))
        return (*items, *edges, *lines)

    def _seen(self, name: str, kind: str, frame: MapFrame) -> list[tuple[XY, ...]]:
        """Return what a frame shows of a class, as lines on the sheet no finer than print is."""
        import shapely

        shapes = self._shapes.get((name, kind))
        if shapes is None or not len(shapes):
            return []
        corners = frame.positions([0.0, frame.width, frame.width, 0.0], [0.0, 0.0, frame.height, frame.height])
        south, north, west, east = corners[0].min(), corners[0].max(), corners[1].min(), corners[1].max()
        near = shapes[shapely.intersects(shapely.box(west, south, east, north), shapes)]
        drawn = shapely.transform(near, lambda at: frame.xy(at[:, 1], at[:, 0]))
        sheet = (-4.0, -4.0, frame.width + 4.0, frame.height + 4.0)
        parts = shapely.get_parts(shapely.clip_by_rect(shapely.simplify(drawn, _FINEST), *sheet))
        if name != "lakes":
            parts = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts))) if len(parts) else parts
        parts = parts[shapely.length(parts) >= _SHORTEST]
        rings = shapely.get_rings(parts) if name == "lakes" else parts
        return [tuple((float(x), float(y)) for x, y in shapely.get_coordinates(one)) for one in rings]

    def names(self, frame: MapFrame, taken: Sequence[LabelBox], things: NDArray[np.float64]) -> tuple[DisplayItem, ...]:
        """Return the names of places that find room beside their places, the largest places first.

        Parameters
        ----------
        frame : Frame
            The map.
        taken : sequence of Box
            Where no name may stand: what names the plan's own things, and the things themselves.
        things : array (n, 2)
            Homes and the like, which names cover only where they must.
        """
        import shapely

        layer = self._layers.get("places", BaseLayer())
        zoom = _zoom(frame)
        rows = [
            row
            for row, (kind, name) in enumerate(zip(layer.classes, layer.names, strict=True))
            if name and zoom >= NAME_ZOOM[kind]
        ]
        if not rows:
            return ()
        rows.sort(key=lambda row: (PLACES.index(layer.classes[row]), row))
        points = shapely.from_wkb(np.array([layer.shapes[row] for row in rows], dtype=object))
        at = frame.xy(shapely.get_y(points), shapely.get_x(points)).tolist()
        sheet = LabelBox(3.0, 3.0, frame.width - 3.0, frame.height - 3.0)
        wanted, kinds = [], []
        for row, (x, y) in zip(rows, at, strict=True):
            if sheet.left < x < sheet.right and sheet.top < y < sheet.bottom:
                size, bold = name_face(layer.classes[row])
                wanted.append(Wanted(layer.names[row], x, y, 1.0, size * _NAME_PIXEL, bold))
                kinds.append(layer.classes[row])
        placed = place(
            wanted[: 4 * _MOST_NAMES], sheet, keep_off=taken, dislike=[(float(x), float(y)) for x, y in things]
        )
        items: list[DisplayItem] = []
        for one in [one for one in placed if not one.leader][:_MOST_NAMES]:
            want, kind = wanted[one.index], kinds[one.index]
            x, y = (one.box.left + one.box.right) / 2, (one.box.top + one.box.bottom) / 2
            role = Role.INK if kind in LARGE else Role.MUTED
            items.append(Text(x, y, want.text, want.size, role, Anchor.MIDDLE, want.bold, Role.PLATE, 0.65))
        return tuple(items)


def _zoom(frame: MapFrame) -> float:
    """Return the zoom at which a screen shows the ground as large as the map does."""
    latitude, _ = frame.positions(frame.width / 2, frame.height / 2)
    around_m = _EQUATOR_M * math.cos(math.radians(float(latitude)))
    return math.log2(around_m / (_TILE * frame.m_per_point * _PIXEL))


def _stroke(look: BaseLook, width: float) -> Stroke:
    return Stroke(look.role, width, tuple(width * part for part in DASH) if look.dashed else ())

"""A base map as the window paints it: the outlines of what it shows, in the looks that paper has as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF, QTransform

from cn_planner.drawing.base_style import AREAS, DASH, OTHER, RIVERS, ROADS, grown
from cn_planner.drawing.palette import Role
from cn_planner.gui.map.mercator import EARTH_M, to_world

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.drawing.base_style import BaseLook
    from cn_planner.gis.base_map import BaseLayer
    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.gui.map.style import Style

WORLD_UNIT = float(1 << 22)
"""Paths are kept in such parts of the world's width (10 m at the equator, in doubles): Qt compares them with 1e-12."""
_LEVELS = (8.0, 11.0, 13.5)
"""Zooms from which the next finer outline is painted; above the last it is as it was surveyed."""
_SIMPLE_PX = 0.7


class Outlines:
    """The outlines of one class, found by where they are.

    Parameters
    ----------
    shapes : sequence
        Of shapely: degrees WGS 84 or, of tiles, metres of Web Mercator.
    tiled : bool
        Whether they come from a tile: then they are as coarse as its zoom wants them already.
    """

    def __init__(self, shapes: Sequence[shapely.Geometry] | NDArray[np.object_], *, tiled: bool = False) -> None:
        self._shapes = shapely.transform(np.asarray(shapes, dtype=object), _of_metres if tiled else _of_degrees)
        self._levels = () if tiled else _LEVELS
        self._tree = shapely.STRtree(self._shapes)
        self._paths: dict[tuple[int, int], QPainterPath] = {}

    def __len__(self) -> int:
        return len(self._shapes)

    def seen(self, view: Viewport, margin: float, turn: int = 0) -> list[QPainterPath]:
        """Return the paths that a view may show, in units of `WORLD_UNIT`.

        A view over the antimeridian reaches beyond 0 or 1: there the same world is seen once more, a ``turn`` further.
        """
        west, north, east, south = (side * WORLD_UNIT for side in view.bounds(margin))
        level = sum(view.zoom >= least for least in self._levels)
        around = turn * WORLD_UNIT
        rows = self._tree.query(shapely.box(west - around, north, east - around, south))
        return [self._path(int(row), level) for row in np.sort(rows)]

    def _path(self, row: int, level: int) -> QPainterPath:
        key = row, level
        if key not in self._paths:
            shape = self._shapes[row]
            if level < len(self._levels):
                # Half a pixel at the closest zoom of the level.
                shape = shapely.simplify(shape, _SIMPLE_PX * WORLD_UNIT / (256.0 * 2.0 ** self._levels[level]))
            self._paths[key] = _path_of(shape)
        return self._paths[key]


def _of_degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = to_world(points[:, 1], points[:, 0])
    return np.column_stack([x, y]) * WORLD_UNIT


def _of_metres(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([0.5 + points[:, 0] / EARTH_M, 0.5 - points[:, 1] / EARTH_M]) * WORLD_UNIT


def _path_of(shape: shapely.Geometry) -> QPainterPath:
    path = QPainterPath()
    for part in getattr(shape, "geoms", (shape,)):
        rings = [part] if part.geom_type != "Polygon" else [part.exterior, *part.interiors]
        for ring in rings:
            path.addPolygon(QPolygonF(list(map(QPointF, *shapely.get_coordinates(ring).T.tolist()))))
    return path


def shapes_of(layers: Mapping[str, BaseLayer]) -> dict[tuple[str, str], Outlines]:
    """Return outlines by layer and class; it takes a while and touches no widget, so it may run beside the window."""
    out: dict[tuple[str, str], Outlines] = {}
    for name, layer in layers.items():
        if name == "places":
            continue
        for kind in dict.fromkeys(layer.classes):
            packed = [w for w, k in zip(layer.shapes, layer.classes, strict=True) if k == kind]
            out[name, kind] = Outlines(shapely.from_wkb(np.array(packed, dtype=object), on_invalid="ignore"))
    return out


def paint_shapes(
    painter: QPainter, shapes: Mapping[tuple[str, str], Outlines], view: Viewport, part: Viewport, style: Style
) -> None:
    """Paint areas, then water, then roads from the smallest to the largest, each first with its edge.

    Parameters
    ----------
    painter : QPainter
        In pixels of the device; its transform is another afterwards.
    shapes : mapping
        Outlines by layer and class.
    view, part : View
        What the painter's origin stands for, and what of it is painted.
    style : Style
        Of the map.
    """
    left, top = view.origin
    scale = view.scale / WORLD_UNIT
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(QTransform(scale, 0.0, 0.0, scale, -left, -top))
    for name, look in AREAS.items():
        if view.zoom >= look.least_zoom and (found := shapes.get((name, ""))) is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.colour(look.role, 0.75))
            for path in found.seen(part, 1.0):
                painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    cased = {kind: look for kind, look in ROADS.items() if look.edged}
    for name, looks, edges in (
        ("other", OTHER, False), ("rivers", RIVERS, False), ("roads", cased, True), ("roads", ROADS, False),
    ):  # fmt: skip
        _paint_lines(painter, {kind: (shapes.get((name, kind)), look) for kind, look in looks.items()}, view, part,
                     style, edges=edges)  # fmt: skip


def _paint_lines(
    painter: QPainter,
    looks: Mapping[str, tuple[Outlines | None, BaseLook]],
    view: Viewport,
    part: Viewport,
    style: Style,
    *,
    edges: bool,
) -> None:
    for found, look in looks.values():
        if found is None or view.zoom < look.least_zoom:
            continue
        width = (max(look.width * grown(view.zoom), 0.8) + (1.6 if edges else 0.0)) * view.ratio
        colour = style.colour(Role.ROAD_EDGE if edges else look.role)
        pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        pen.setCosmetic(True)
        if look.dashed:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern(DASH)
        painter.setPen(pen)
        for path in found.seen(part, width + 2.0):
            painter.drawPath(path)

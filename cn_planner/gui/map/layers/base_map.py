"""Roads, rivers, lakes, forests and buildings under the plan, and the names of places between its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from cn_planner.drawing.palette import Role, Theme
from cn_planner.gis.base_map import PLACES
from cn_planner.gui.map.layers.base import Frame, Layer, painted
from cn_planner.gui.map.layers.labels import LabelRoom
from cn_planner.gui.map.layers.points import symbol_box
from cn_planner.gui.map.mercator import to_world
from cn_planner.gui.paint import font
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.gis.base_map import BaseLayer
    from cn_planner.gui.map.layers.points import LabelsLayer, SitesLayer
    from cn_planner.gui.map.mercator import View

_UNIT = float(1 << 22)
"""Paths are kept in such parts of the world's width (10 m at the equator, in doubles): Qt compares them with 1e-12."""
_LEVELS = (8.0, 11.0, 13.5)
"""Zooms from which the next finer outline is painted; above the last it is as it was surveyed."""
_SIMPLE_PX = 0.7


@dataclass(frozen=True, slots=True)
class _Look:
    """How a class is painted: colour by theme, and width in layout pixels at zoom 15; from which zoom on."""

    light: str
    dark: str
    width: float
    least_zoom: float
    dashed: bool = False
    casing: bool = False


_ROADS = {
    "path": _Look("#a08a72", "#8d8272", 1.0, 13.5, dashed=True),
    "track": _Look("#a08a72", "#8d8272", 1.3, 12.5, dashed=True),
    "street": _Look("#ffffff", "#6f7475", 3.0, 12.5, casing=True),
    "road": _Look("#fff3c4", "#8b8468", 4.0, 9.5, casing=True),
    "main": _Look("#ffdf9e", "#a4906a", 5.0, 6.0, casing=True),
}
_WATER = {
    "stream": _Look("#8fbcd6", "#3f6578", 1.0, 12.0),
    "river": _Look("#8fbcd6", "#3f6578", 2.4, 8.0),
}
_FILLS = {
    "forests": _Look("#c3d9b4", "#2f4636", 0.0, 7.0),
    "lakes": _Look("#b4d4e6", "#2c4a5a", 0.0, 6.0),
    "buildings": _Look("#c9bdb0", "#5d5751", 0.0, 13.5),
}
_CASING = _Look("#b3a894", "#2b2f30", 0.0, 0.0)
_LARGE = frozenset({"city", "town", "village"})
_NAME_ZOOM = {
    **dict.fromkeys(("city", "town"), 6.0),
    "village": 10.0,
    **dict.fromkeys(("suburb", "hamlet"), 12.0),
    **dict.fromkeys(("neighbourhood", "peak"), 13.0),
    **dict.fromkeys(("isolated_dwelling", "locality"), 14.0),
}


class _Shapes:
    """The outlines of one class, found by where they are."""

    def __init__(self, shapes: Sequence[bytes]) -> None:
        found = shapely.from_wkb(np.array(shapes, dtype=object), on_invalid="ignore")
        self._shapes = shapely.transform(found, _world)
        self._tree = shapely.STRtree(self._shapes)
        self._paths: dict[tuple[int, int], QPainterPath] = {}

    def seen(self, view: View, margin: float) -> list[QPainterPath]:
        """Return the paths that a view may show, in units of `_UNIT`."""
        west, north, east, south = (side * _UNIT for side in view.bounds(margin))
        level = sum(view.zoom >= least for least in _LEVELS)
        # A view over the antimeridian reaches beyond 0 or 1; the base map of a village does not go round the world.
        rows = self._tree.query(shapely.box(west, north, east, south))
        return [self._path(int(row), level) for row in np.sort(rows)]

    def _path(self, row: int, level: int) -> QPainterPath:
        key = row, level
        if key not in self._paths:
            shape = self._shapes[row]
            if level < len(_LEVELS):
                # Half a pixel at the closest zoom of the level.
                shape = shapely.simplify(shape, _SIMPLE_PX * _UNIT / (256.0 * 2.0 ** _LEVELS[level]))
            self._paths[key] = _path_of(shape)
        return self._paths[key]


def _world(points: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = to_world(points[:, 1], points[:, 0])
    return np.column_stack([x, y]) * _UNIT


def _path_of(shape: shapely.Geometry) -> QPainterPath:
    path = QPainterPath()
    for part in shapely.get_parts(shape):
        rings = [part] if part.geom_type != "Polygon" else [part.exterior, *part.interiors]
        for ring in rings:
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in shapely.get_coordinates(ring).tolist()]))
    return path


class BaseMapLayer(Layer):
    """Drawn by us from an OpenStreetMap extract: lines and areas, the relief shows through."""

    def __init__(self) -> None:
        super().__init__("base_map", msg("Roads, rivers, forests"))
        self._shapes: dict[tuple[str, str], _Shapes] = {}
        self._rights = ""

    def set_shapes(self, shapes: dict[tuple[str, str], _Shapes], rights: str) -> None:
        """Show what `shapes_of` has made beside the window, and whose data it is; without shapes nothing."""
        self._shapes, self._rights = shapes, rights
        self.changed.emit()

    def attribution(self) -> tuple[str, ...]:
        """Return whose data is shown."""
        return (self._rights,) if self._shapes else ()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Paint areas, then water, then roads from the smallest to the largest, each first with its edge."""
        if not self._shapes:
            return
        view = frame.view
        part = painted(painter, view)
        dark = frame.style.dark
        plain = frame.style.theme is Theme.BLACK_AND_WHITE
        left, top = view.origin
        scale = view.scale / _UNIT
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(QTransform(scale, 0.0, 0.0, scale, -left, -top))
        for name, look in _FILLS.items():
            if view.zoom >= look.least_zoom and (found := self._shapes.get((name, ""))) is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(_colour(look, dark=dark, plain=plain, opacity=0.75))
                for path in found.seen(part, 1.0):
                    painter.drawPath(path)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._lines(painter, "rivers", _WATER, frame, part)
        self._lines(painter, "roads", {k: v for k, v in _ROADS.items() if v.casing}, frame, part, edges=True)
        self._lines(painter, "roads", _ROADS, frame, part)

    def _lines(
        self,
        painter: QPainter,
        name: str,
        looks: Mapping[str, _Look],
        frame: Frame,
        part: View,
        *,
        edges: bool = False,
    ) -> None:
        view, dark = frame.view, frame.style.dark
        plain = frame.style.theme is Theme.BLACK_AND_WHITE
        # Half as wide three zooms further out, and never wider than twice.
        grown = min(max(2.0 ** ((view.zoom - 15.0) / 3.0), 0.3), 2.0)
        for kind, look in looks.items():
            found = self._shapes.get((name, kind))
            if found is None or view.zoom < look.least_zoom:
                continue
            width = frame.px(max(look.width * grown, 0.8) + (1.6 if edges else 0.0))
            colour = _colour(_CASING if edges else look, dark=dark, plain=plain)
            pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            pen.setCosmetic(True)
            if look.dashed:
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                pen.setDashPattern([4.0, 2.5])
            painter.setPen(pen)
            for path in found.seen(part, width + 2.0):
                painter.drawPath(path)


def shapes_of(layers: Mapping[str, BaseLayer]) -> dict[tuple[str, str], _Shapes]:
    """Return outlines by layer and class; it takes a while and touches no widget, so it may run beside the window."""
    out: dict[tuple[str, str], _Shapes] = {}
    for name, layer in layers.items():
        if name == "places":
            continue
        for kind in dict.fromkeys(layer.classes):
            out[name, kind] = _Shapes([w for w, k in zip(layer.shapes, layer.classes, strict=True) if k == kind])
    return out


def _colour(look: _Look, *, dark: bool, plain: bool, opacity: float = 1.0) -> QColor:
    value = QColor(look.dark if dark else look.light)
    if plain:  # without colours it is told apart by how light it is
        value = QColor.fromHsl(0, 0, value.lightness())
    value.setAlphaF(opacity)
    return value


class PlaceNamesLayer(Layer):
    """Names of towns, villages and hills, where neither towers nor their names stand.

    Where a part of the picture is painted, names that stand already stay: half of each may have been painted before.
    """

    def __init__(self, sites: SitesLayer, labels: LabelsLayer) -> None:
        super().__init__("place_names", msg("Names of places"))
        self._sites, self._labels = sites, labels
        self._names: list[tuple[str, str]] = []
        self._x = self._y = np.empty(0)
        self._for: tuple[object, ...] = ()
        self._places: dict[int, QRectF | None] = {}

    def set_places(self, layer: BaseLayer | None) -> None:
        """Show other places."""
        rows = [] if layer is None else sorted(range(len(layer)), key=lambda i: (PLACES.index(layer.classes[i]), i))
        rows = [i for i in rows if layer is not None and layer.names[i]]
        self._names = [(layer.classes[i], layer.names[i]) for i in rows] if layer is not None else []
        points = shapely.from_wkb(np.array([layer.shapes[i] for i in rows] if layer is not None else [], dtype=object))
        self._x, self._y = to_world(shapely.get_y(points), shapely.get_x(points)) if rows else (np.empty(0),) * 2
        self._for = ()
        self.changed.emit()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Place and paint the names of the view."""
        if not self._names:
            return
        view = frame.view
        left, top = view.origin
        part = painter.hasClipping()
        key = (view.scale, view.ratio, frame.mirrored, frame.language)
        if not part or key != self._for:
            self._for, self._places = key, {}
        self._place(painted(painter, view), frame)
        box = painter.clipBoundingRect() if part else QRectF(0, 0, view.width, view.height)
        for row, there in self._places.items():
            if there is not None and (here := there.translated(-left, -top)).intersects(box):
                self._draw(painter, row, here, frame)

    def _face(self, row: int, frame: Frame) -> tuple[float, bool]:
        kind = self._names[row][0]
        return frame.px({"city": 14.0, "town": 13.0, "village": 12.0}.get(kind, 11.0)), kind in {"city", "town"}

    def _place(self, part: View, frame: Frame) -> None:
        view = frame.view
        left, top = part.origin
        seen = [row for row in self._seen(part) if row not in self._places]
        if not seen:
            return
        room = LabelRoom(part.width, part.height, part.ratio, self._labels.free_part(part, view))
        size = self._sites.size(view)
        rows = self._sites.seen(part, size)
        for px, py in zip(*part.pixels(self._sites.x[rows], self._sites.y[rows]), strict=True):
            room.take(symbol_box(float(px), float(py), size))
        for there in self._labels.boxes(part):
            room.take(there)
        for there in self._places.values():
            if there is not None:
                room.take(there.translated(-left, -top))
        x, y = part.pixels(self._x[seen], self._y[seen])
        for row, px, py in zip(seen, x.tolist(), y.tolist(), strict=True):
            face, bold = self._face(row, frame)
            wide = QFontMetricsF(font(face, bold=bold)).horizontalAdvance(self._names[row][1]) + frame.px(4)
            found = room.place(px, py, frame.px(4), wide, face * 1.4, mirrored=frame.mirrored)
            self._places[row] = None if found is None else found.translated(left, top)

    def _seen(self, part: View) -> list[int]:
        west, north, east, south = part.bounds(160.0)
        inside = (self._x >= west) & (self._x <= east) & (self._y >= north) & (self._y <= south)
        return [row for row in np.flatnonzero(inside).tolist() if part.zoom >= _NAME_ZOOM[self._names[row][0]]]

    def _draw(self, painter: QPainter, row: int, box: QRectF, frame: Frame) -> None:
        kind, name = self._names[row]
        face, bold = self._face(row, frame)
        letters = font(face, bold=bold)
        base = QPointF(box.left() + frame.px(2), box.center().y() + QFontMetricsF(letters).capHeight() / 2)
        path = QPainterPath()
        path.addText(base, letters, name)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        halo = QPen(frame.style.colour(Role.PAPER, 0.8), frame.px(2.6))
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, halo)
        painter.fillPath(path, frame.style.colour(Role.INK if kind in _LARGE else Role.MUTED))

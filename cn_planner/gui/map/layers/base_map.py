"""Roads, rivers, lakes, forests and buildings under the plan, and the names of places between its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from cn_planner.drawing.base_style import LARGE, NAME_ZOOM, name_face
from cn_planner.drawing.palette import Role
from cn_planner.gis.base_map import PLACES
from cn_planner.gui.map.layers.base import MapLayer, PaintFrame, painted
from cn_planner.gui.map.layers.base_drawing import Outlines, paint_shapes
from cn_planner.gui.map.layers.labels import LabelRoom
from cn_planner.gui.map.layers.points import symbol_box
from cn_planner.gui.map.mercator import to_geo, to_world
from cn_planner.gui.paint import drawing_font
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.gis.base_map import BaseLayer
    from cn_planner.gui.map.layers.points import LabelsLayer, SitesLayer
    from cn_planner.gui.map.mercator import Viewport


class BaseMapLayer(MapLayer):
    """Drawn by us from an OpenStreetMap extract: lines and areas, the relief shows through."""

    def __init__(self) -> None:
        super().__init__("base_map", msg("Roads, rivers, forests"))
        self._shapes: dict[tuple[str, str], Outlines] = {}
        self._rights = ""

    def set_shapes(self, shapes: dict[tuple[str, str], Outlines], rights: str) -> None:
        """Show what `shapes_of` has made beside the window, and whose data it is; without shapes nothing."""
        self._shapes, self._rights = shapes, rights
        self.changed.emit()

    def attribution(self) -> tuple[str, ...]:
        """Return whose data is shown."""
        return (self._rights,) if self._shapes else ()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what the view shows."""
        if self._shapes:
            paint_shapes(painter, self._shapes, frame.view, painted(painter, frame.view), frame.style)


class PlaceNamesLayer(MapLayer):
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
        """Show the places of an extract or a pack."""
        if layer is None or not len(layer):
            self.set_names(())
            return
        points = shapely.from_wkb(np.array(layer.shapes, dtype=object))
        x, y = to_world(shapely.get_y(points), shapely.get_x(points))
        self.set_names(tuple(zip(layer.classes, layer.names, x.tolist(), y.tolist(), strict=True)))

    def set_names(self, names: Sequence[tuple[str, str, float, float]]) -> None:
        """Show other names: class, name, and place in world coordinates of each."""
        rows = sorted((one for one in names if one[1]), key=lambda one: PLACES.index(one[0]))
        self._names = [(kind, name) for kind, name, _, _ in rows]
        self._x, self._y = (np.array([one[axis] for one in rows], np.float64) for axis in (2, 3))
        self._for = ()
        self.changed.emit()

    def places(self) -> list[tuple[str, float, float]]:
        """Return name, latitude and longitude of each place, the largest first."""
        latitudes, longitudes = to_geo(self._x, self._y)
        names = (name for _, name in self._names)
        return list(zip(names, latitudes.tolist(), longitudes.tolist(), strict=True))

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
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

    def _face(self, row: int, frame: PaintFrame) -> tuple[float, bool]:
        size, bold = name_face(self._names[row][0])
        return frame.px(size), bold

    def _place(self, part: Viewport, frame: PaintFrame) -> None:
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
        for there in frame.under:  # half a name beside a tool is another name
            room.take(there.translated(-left, -top))
        for taken in self._places.values():
            if taken is not None:
                room.take(taken.translated(-left, -top))
        x, y = part.pixels(self._x[seen], self._y[seen])
        for row, px, py in zip(seen, x.tolist(), y.tolist(), strict=True):
            face, bold = self._face(row, frame)
            wide = QFontMetricsF(drawing_font(face, bold=bold)).horizontalAdvance(self._names[row][1]) + frame.px(4)
            found = room.place(px, py, frame.px(4), wide, face * 1.4, mirrored=frame.mirrored)
            self._places[row] = None if found is None else found.translated(left, top)

    def _seen(self, part: Viewport) -> list[int]:
        west, north, east, south = part.bounds(160.0)
        inside = (self._x >= west) & (self._x <= east) & (self._y >= north) & (self._y <= south)
        return [row for row in np.flatnonzero(inside).tolist() if part.zoom >= NAME_ZOOM[self._names[row][0]]]

    def _draw(self, painter: QPainter, row: int, box: QRectF, frame: PaintFrame) -> None:
        kind, name = self._names[row]
        face, bold = self._face(row, frame)
        letters = drawing_font(face, bold=bold)
        base = QPointF(box.left() + frame.px(2), box.center().y() + QFontMetricsF(letters).capHeight() / 2)
        path = QPainterPath()
        path.addText(base, letters, name)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        halo = QPen(frame.style.colour(Role.PAPER, 0.8), frame.px(2.6))
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, halo)
        painter.fillPath(path, frame.style.colour(Role.INK if kind in LARGE else Role.MUTED))

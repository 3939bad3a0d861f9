"""Links between towers, and zones: lines and areas on the ground."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from cn_planner import geo
from cn_planner.drawing.display import Hatch
from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import LINK, ZONE, Thing, site_name
from cn_planner.gui.map.layers.base import LegendEntry, PaintFrame, ThingLayer, painted
from cn_planner.gui.map.layers.labels import plate
from cn_planner.gui.map.mercator import to_world
from cn_planner.gui.map.things import PathLine
from cn_planner.gui.paint import drawing_font, paint_hatch
from cn_planner.links.seen import look_along
from cn_planner.message import Message, msg
from cn_planner.report.words import SEEN_WORDS
from cn_planner.service.path_view import PathState, Segment

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.gui.map.style import Style
    from cn_planner.model.plan import Link as PlanLink
    from cn_planner.model.plan import Site, Zone

DASHES: Mapping[PathState, tuple[float, ...]] = {
    PathState.CLEAR: (),
    PathState.GRAZING: (3.2, 2.2),
    PathState.BLOCKED: (1.1, 1.3),
    PathState.UNKNOWN: (4.0, 1.6, 1.1, 1.6),
}
"""Lengths on and off in widths of the line: the pattern says what the colour says."""
_WORDS = {
    PathState.CLEAR: msg("Link, clear"),
    PathState.GRAZING: msg("Link, check on site"),
    PathState.BLOCKED: msg("Link, blocked"),
    PathState.UNKNOWN: msg("Link, not computed"),
}
_PICK_PX = 6.0
"""How near one must point to a link, layout pixels."""
_STRAIGHT_M = 15_000.0
"""Up to this length a geodesic and the straight line on the map are within 4 m of each other at 45 degrees."""


def pen(style: Style, state: PathState, width: float) -> QPen:
    """Return the pen of a state: colour and pattern."""
    value = QPen(style.state(state), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)
    if DASHES[state]:
        value.setDashPattern(list(DASHES[state]))
    return value


def path_world(
    a: tuple[float, float], b: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return world x, y and the fraction of the way of points along the geodesic between two places."""
    way = geo.geodesic(*a, *b)
    n = 2 if way.distance_m < _STRAIGHT_M else 17
    fraction = np.linspace(0.0, 1.0, n)
    if n == 2:
        lat, lon = np.array([a[0], b[0]]), np.array([a[1], b[1]])
    else:
        lat, lon = geo.along_geodesic(*a, way.azimuth_deg, fraction * way.distance_m)
    x, y = to_world(lat, lon)
    return x, y, fraction


def cut(points: NDArray[np.float64], fraction: NDArray[np.float64], start: float, end: float) -> list[QPointF]:
    """Return the part of a line between two fractions of its length."""
    inner = (fraction > start) & (fraction < end)
    ends = [[float(np.interp(f, fraction, points[:, k])) for k in (0, 1)] for f in (start, end)]
    return [QPointF(*ends[0]), *(QPointF(x, y) for x, y in points[inner]), QPointF(*ends[1])]


def paint_path(painter: QPainter, path: PathLine, frame: PaintFrame, width: float = 3.0) -> None:
    """Paint one line with the state of each part; where it is blocked a cross stands on it."""
    x, y, fraction = path_world(path.a, path.b)
    points = frame.view.line_pixels(x, y)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    w = frame.px(width)
    halo = QPen(frame.style.colour(Role.PAPER, 0.8), w + frame.px(2.5))
    halo.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(halo)
    painter.drawPolyline([QPointF(px, py) for px, py in points])
    for part in path.segments or (Segment(0.0, 1.0, path.state),):
        line = cut(points, fraction, part.start, part.end)
        wide = w * (1.35 if part.state is PathState.BLOCKED else 1.0)
        painter.setPen(pen(frame.style, part.state, wide))
        painter.drawPolyline(line)
        if part.state is PathState.BLOCKED:
            middle = cut(points, fraction, (part.start + part.end) / 2, part.end)[0]
            _cross(painter, middle, frame)


def _cross(painter: QPainter, at: QPointF, frame: PaintFrame) -> None:
    r = frame.px(4.5)
    for ink, width in ((frame.style.colour(Role.PAPER), 5.0), (frame.style.state(PathState.BLOCKED), 2.4)):
        painter.setPen(QPen(ink, frame.px(width), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(at + QPointF(-r, -r), at + QPointF(r, r))
        painter.drawLine(at + QPointF(-r, r), at + QPointF(r, -r))


class LinksLayer(ThingLayer):
    """Links of the plan: whole where clear, dashed where they must be checked, dotted and crossed where blocked."""

    def __init__(self) -> None:
        super().__init__("links", msg("Links"), LINK)
        self.ids: tuple[str, ...] = ()
        self.paths: tuple[PathLine, ...] = ()
        self._worlds: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]] = []
        self._boxes: NDArray[np.float64] = np.empty((0, 4))
        self._tree: shapely.STRtree | None = None

    def set_links(
        self, links: Collection[PlanLink], sites: Mapping[str, Site], states: Mapping[str, PathLine | PathState]
    ) -> None:
        """Show these links.

        Parameters
        ----------
        links, sites
            Of the plan.
        states : mapping of link id to PathLine or PathState
            How each stands; one that is not there is not computed yet.
        """
        ids, paths = [], []
        for link in links:
            a, b = sites[link.from_site], sites[link.to_site]
            state = states.get(link.id, PathState.UNKNOWN)
            segments, whole = ((), state) if isinstance(state, PathState) else (state.segments, state.state)
            ids.append(link.id)
            paths.append(PathLine((a.latitude, a.longitude), (b.latitude, b.longitude), segments, whole))
        self.set_paths(ids, paths)

    def set_paths(self, ids: Sequence[str], paths: Sequence[PathLine]) -> None:
        """Show these lines."""
        self.ids, self.paths = tuple(ids), tuple(paths)
        self._worlds = []
        for path in self.paths:
            x, y, fraction = path_world(path.a, path.b)
            steps = np.diff(x, prepend=x[:1])
            self._worlds.append((x[0] + np.cumsum(steps - np.floor(steps + 0.5)), y, fraction))
        self._boxes = np.array([(x.min(), y.min(), x.max(), y.max()) for x, y, _ in self._worlds]).reshape(-1, 4)
        self._tree = None
        self.changed.emit()

    def seen(self, view: Viewport, margin: float) -> list[tuple[int, float]]:
        """Return which lines a view may show, each with the turns of the world that carry it there."""
        if not self.ids:
            return []
        west, north, east, south = view.bounds(margin)
        middle = (self._boxes[:, 0] + self._boxes[:, 2]) / 2
        turns = np.floor(view.x - middle + 0.5)
        seen = (self._boxes[:, 0] + turns <= east) & (self._boxes[:, 2] + turns >= west)
        seen &= (self._boxes[:, 1] <= south) & (self._boxes[:, 3] >= north)
        return [(int(i), float(turns[i])) for i in np.flatnonzero(seen)]

    def points(self, number: int, view: Viewport, turns: float) -> NDArray[np.float64]:
        """Return device pixels (n, 2) of a line."""
        x, y, _ = self._worlds[number]
        left, top = view.origin
        return np.column_stack([(x + turns) * view.scale - left, y * view.scale - top])

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the lines of the view: all rims first, then the lines by state."""
        view = frame.view
        part = self.seen(painted(painter, view), frame.px(8))
        seen = [(i, t) for i, t in part if Thing(LINK, self.ids[i]) not in frame.hidden]
        if not seen:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = frame.px(2.4 if view.zoom >= 11 else 1.8)
        by_state: dict[PathState, list[QLineF]] = {state: [] for state in PathState}
        crosses: list[QPointF] = []
        rims: list[QLineF] = []
        for i, turns in seen:
            points, fraction, path = self.points(i, view, turns), self._worlds[i][2], self.paths[i]
            rim = [QLineF(*points[k], *points[k + 1]) for k in range(len(points) - 1)]
            rims += rim
            if not path.segments and path.state is not PathState.BLOCKED:
                by_state[path.state] += rim
                continue
            for one in path.segments or (Segment(0.0, 1.0, path.state),):
                line = cut(points, fraction, one.start, one.end)
                by_state[one.state] += [QLineF(line[k], line[k + 1]) for k in range(len(line) - 1)]
                if one.state is PathState.BLOCKED:
                    crosses.append(cut(points, fraction, (one.start + one.end) / 2, one.end)[0])
        # Flat ends and a rim that nothing shines through: round ends and half-clear rims take ten times as long.
        edge = QPen(frame.style.colour(Role.PAPER), width + frame.px(1.6))
        edge.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(edge)
        painter.drawLines(rims)
        for state, lines in by_state.items():
            if lines:
                painter.setPen(pen(frame.style, state, width))
                painter.drawLines(lines)
        for at in crosses:
            _cross(painter, at, frame)

    def pick(self, view: Viewport, px: float, py: float) -> Thing | None:
        """Return the link nearest to a device pixel, within reach."""
        if not self.ids:
            return None
        if self._tree is None:
            self._tree = shapely.STRtree([shapely.LineString(np.column_stack([x, y])) for x, y, _ in self._worlds])
        x, y = view.world_at(px, py)
        reach = _PICK_PX * view.ratio / view.scale
        found = [
            (float(distance), int(i))
            for turn in (-1.0, 0.0, 1.0)
            for i, distance in zip(
                *self._tree.query_nearest(
                    shapely.Point(x + turn, y), max_distance=reach, return_distance=True, all_matches=False
                ),
                strict=True,
            )
        ]
        return Thing(LINK, self.ids[min(found)[1]]) if found else None

    def words(self, key: str) -> Message:
        """Return between which sites it runs, and what was seen along it."""
        link = self.plan.links.get(key)
        if link is None:
            return super().words(key)
        a, b = (site_name(self.plan, end) for end in (link.from_site, link.to_site))
        seen = look_along(self.plan, self.plan.sites[link.from_site], self.plan.sites[link.to_site])
        if seen is not None:
            return msg("Link from {a} to {b}: {seen} ({day})", a=a, b=b, seen=SEEN_WORDS[seen.seen], day=seen.date)
        return msg("Link from {a} to {b}", a=a, b=b)

    def mark(self, painter: QPainter, key: str, frame: PaintFrame, *, strong: bool) -> None:
        """Lay a wide line under one."""
        ink, width = frame.style.colour(Role.ACCENT, 0.35 if strong else 0.2), frame.px(9 if strong else 7)
        for i, turns in self.seen(frame.view, frame.px(8)):
            if self.ids[i] == key:
                painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPolyline([QPointF(x, y) for x, y in self.points(i, frame.view, turns)])

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return each state that is there."""
        there = {part.state for path in self.paths for part in path.segments or (Segment(0, 1, path.state),)}
        return tuple(LegendEntry(_WORDS[state], partial(_line_sample, state)) for state in PathState if state in there)


def _line_sample(state: PathState, painter: QPainter, box: QRectF, style: Style) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(style, state, 2.4))
    painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))


def world_path(ring: Sequence[tuple[float, float]], view: Viewport, *, closed: bool = True) -> QPainterPath:
    """Return a ring of (latitude, longitude) as a path in device pixels."""
    lat, lon = np.asarray(ring, np.float64).T
    points = [QPointF(x, y) for x, y in view.line_pixels(*to_world(lat, lon))]
    path = QPainterPath()
    path.addPolygon([*points, points[0]] if closed else points)
    return path


class ZonesLayer(ThingLayer):
    """Areas: where nothing may be built is hatched, others have an outline alone."""

    def __init__(self) -> None:
        super().__init__("zones", msg("Areas"), ZONE)
        self.zones: tuple[Zone, ...] = ()
        self._tree: shapely.STRtree | None = None

    def show_rows(self, rows: Mapping[str, Zone]) -> None:
        """Show these areas."""
        self.zones = tuple(zone for zone in rows.values() if len(zone.ring) >= 3)
        self._tree = None
        self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the areas of the view."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(0, 0, frame.view.width, frame.view.height)
        for zone in self.zones:
            if Thing(ZONE, zone.id) in frame.hidden:
                continue
            path = world_path(zone.ring, frame.view)
            if path.boundingRect().intersects(whole):
                paint_zone(painter, path, frame, no_build=zone.no_build, name=zone.name)

    def pick(self, view: Viewport, px: float, py: float) -> Thing | None:
        """Return the smallest area under a device pixel."""
        if not self.zones:
            return None
        if self._tree is None:
            rings = []
            for zone in self.zones:
                x, y = to_world(*np.asarray(zone.ring, np.float64).T)
                rings.append(shapely.Polygon(np.column_stack([x[0] + (x - x[0]) - np.rint(x - x[0]), y])))
            self._tree = shapely.STRtree(rings)
        tree, at = self._tree, view.world_at(px, py)
        spots = [shapely.Point(at[0] + turn, at[1]) for turn in (-1.0, 0.0, 1.0)]
        hits = [int(i) for spot in spots for i in tree.query(spot, "intersects")]
        return Thing(ZONE, self.zones[min(hits, key=lambda i: tree.geometries[i].area)].id) if hits else None

    def words(self, key: str) -> Message:
        """Return its name, and whether one may build there."""
        zone = self.plan.zones.get(key)
        if zone is None:
            return super().words(key)
        name = zone.name or zone.id
        return msg("{name}: no building allowed here", name=name) if zone.no_build else msg("Area {name}", name=name)

    def mark(self, painter: QPainter, key: str, frame: PaintFrame, *, strong: bool) -> None:
        """Give one that is selected a wider edge."""
        for zone in self.zones:
            if zone.id == key and strong:
                paint_zone(painter, world_path(zone.ring, frame.view), frame, no_build=zone.no_build, selected=True)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return what there is of both kinds."""
        kinds = sorted({zone.no_build for zone in self.zones})
        words: dict[bool, Message] = {True: msg("No building allowed here"), False: msg("Area")}
        return tuple(LegendEntry(words[kind], partial(_zone_sample, kind)) for kind in kinds)


def paint_zone(
    painter: QPainter, path: QPainterPath, frame: PaintFrame, *, no_build: bool, name: str = "", selected: bool = False
) -> None:
    """Paint one area."""
    ink = frame.style.colour(Role.BAD if no_build else Role.ZONE)
    soft = frame.style.colour(Role.BAD if no_build else Role.ZONE, 0.10 if no_build else 0.05)
    painter.fillPath(path, soft)
    box = path.boundingRect()
    view = QRectF(0, 0, frame.view.width, frame.view.height)
    if no_build:
        painter.save()
        painter.setClipRect(view, Qt.ClipOperation.IntersectClip)
        clipped = path
        if box.width() > 2 * view.width() or box.height() > 2 * view.height():
            whole = QPainterPath()
            whole.addRect(view.adjusted(-8, -8, 8, 8))
            clipped = path.intersected(whole)
        line = frame.style.colour(Role.BAD, 0.45)
        paint_hatch(painter, clipped, Hatch(Role.BAD, 45.0, frame.px(8), frame.px(1.0)), line)
        painter.restore()
    edge = QPen(ink, frame.px(3.0 if selected else 1.6))
    if not no_build:
        edge.setDashPattern([5, 3])
    painter.setPen(edge)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    if name and box.width() > frame.px(70) and view.contains(box.center()):
        face = drawing_font(frame.px(12))
        painter.setFont(face)
        text = painter.fontMetrics().boundingRect(name)
        place = QRectF(
            box.center().x() - text.width() / 2 - frame.px(5), box.center().y() - frame.px(9),
            text.width() + frame.px(10), frame.px(18),
        )  # fmt: skip
        plate(painter, place, frame, 0.75)
        painter.setPen(ink)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)


def _zone_sample(no_build: bool, painter: QPainter, box: QRectF, style: Style) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRect(box.adjusted(1, 1, -1, -1))
    ink = style.colour(Role.BAD if no_build else Role.ZONE)
    edge = QPen(ink, 1.2)
    if no_build:
        paint_hatch(painter, path, Hatch(Role.BAD, 45.0, 4.0, 1.0), ink)
    else:
        edge.setDashPattern([3, 2])
    painter.setPen(edge)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)

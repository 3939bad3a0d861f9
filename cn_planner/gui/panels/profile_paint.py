"""Paints a path: ground, bulge, trees, buildings, the Fresnel zone, the line and where it is blocked.

The colours and patterns are those of the printed profile (`drawing.profile_chart`), so that window and print speak
alike: what is blocked differs by colour, by thickness and by crosses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from cn_planner.drawing.display import Hatch
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_chart import TREES, runs
from cn_planner.gui import theme
from cn_planner.gui.paint import Colours, paint_hatch
from cn_planner.session.link_view import PathState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gui.panels.profile_scene import Curve, Scale, Seen
    from cn_planner.session.link_view import LinkView


def colours() -> Colours:
    """Return the colours of drawings in the window's look."""
    return Colours(theme.current().drawing)


def polygon(x: NDArray[np.float64], y: NDArray[np.float64]) -> QPolygonF:
    """Return points as Qt takes them."""
    return QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])


def _ring(x: NDArray[np.float64], upper: NDArray[np.float64], lower: NDArray[np.float64]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(polygon(np.concatenate([x, x[::-1]]), np.concatenate([upper, lower[::-1]])))
    path.closeSubpath()
    return path


def paint_gaps(painter: QPainter, view: LinkView, scale: Scale) -> list[QRectF]:
    """Hatch where terrain is missing; return where that is."""
    ink, plot, found = colours(), scale.plot, []
    last = len(view.profile.distance_m) - 1
    for begin, end in runs(np.isnan(view.profile.ground_m)):
        left = float(scale.x(view.profile.distance_m[max(begin - 1, 0)]))
        right = float(scale.x(view.profile.distance_m[min(end, last)]))
        box = QRectF(left, plot.top(), max(right - left, 2.0), plot.height())
        path = QPainterPath()
        path.addRect(box)
        painter.fillPath(path, ink(Role.NO_TERRAIN, 0.18))
        paint_hatch(painter, path, Hatch(Role.MUTED, 45.0, 7.0, 0.7), ink(Role.MUTED, 0.7))
        found.append(box)
    return found


def paint_ground(painter: QPainter, view: LinkView, curves: list[Curve], scale: Scale, *, assumed: bool) -> None:
    """Paint the ground with its trees, the bulge of the earth in its foot, and where small gaps were filled."""
    ink, bottom = colours(), scale.plot.bottom()
    for curve in curves:
        if len(curve.x) < 2:
            continue
        if (curve.top_y < curve.ground_y - 0.01).any():
            ring = _ring(curve.x, curve.top_y, curve.ground_y)
            painter.fillPath(ring, ink(Role.COVER, 0.30 if assumed else 0.75))
            if assumed:
                paint_hatch(painter, ring, Hatch(TREES.role, 90.0, 4.0, 1.0), ink(Role.COVER))
        painter.fillPath(_ring(curve.x, curve.ground_y, np.full(len(curve.x), bottom)), ink(Role.GROUND))
        painter.setPen(QPen(ink(Role.GROUND_EDGE), 1.0))
        painter.drawPolyline(polygon(curve.x, curve.ground_y))
    along = view.profile.distance_m
    few = np.unique(np.linspace(0, len(along) - 1, 120).astype(np.int64))
    x = np.asarray(scale.x(along[few]))
    foot = np.full(len(few), bottom)
    bulge = _ring(x, bottom - view.bulge_m[few] * scale.px_per_m, foot)
    painter.save()
    painter.setClipRect(scale.plot, Qt.ClipOperation.IntersectClip)
    painter.fillPath(bulge, ink(Role.BULGE))
    painter.setPen(QPen(ink(Role.GROUND_EDGE, 0.8), 3.0, Qt.PenStyle.DotLine))
    ground = view.profile.ground_m + view.bulge_m
    for begin, end in runs(view.profile.filled & ~np.isnan(ground)):
        part = slice(max(begin - 1, 0), end + 1)
        painter.drawPolyline(polygon(np.asarray(scale.x(along[part])), np.asarray(scale.y(ground[part]))))
    painter.restore()


def paint_seen(painter: QPainter, seen: tuple[Seen, ...], scale: Scale) -> None:
    """Paint trees and houses that were seen on site: whole, with an outline, wide enough to be noticed."""
    ink = colours()
    for one in seen:
        if one.ground_m != one.ground_m:
            continue
        middle = float(scale.x((one.start_m + one.end_m) / 2.0))
        half = max(float(scale.x(one.end_m) - scale.x(one.start_m)) / 2.0, 4.0)
        top, foot = float(scale.y(one.ground_m + one.height_m)), float(scale.y(one.ground_m))
        painter.setPen(QPen(ink(Role.INK), 1.0))
        if one.building:
            painter.setBrush(ink(Role.MUTED))
            painter.drawRect(QRectF(middle - half, top, 2 * half, foot - top))
        else:
            painter.setBrush(ink(Role.COVER))
            crown = QPainterPath(QPointF(middle - half, foot))
            crown.cubicTo(QPointF(middle - half, top), QPointF(middle - half, top), QPointF(middle, top))
            crown.cubicTo(QPointF(middle + half, top), QPointF(middle + half, top), QPointF(middle + half, foot))
            crown.closeSubpath()
            painter.drawPath(crown)


def paint_zone(painter: QPainter, view: LinkView, scale: Scale, share: float) -> None:
    """Paint the first Fresnel zone, and the share of it that should be clear."""
    ink = colours()
    # Denser towards the ends, where the zone's edge is steep.
    part = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, 97))
    x = np.asarray(scale.x(part * scale.length_m))
    along = view.profile.distance_m
    ray = np.interp(part * scale.length_m, along, view.ray_m)
    f1 = np.interp(part * scale.length_m, along, view.f1_m)
    if np.isnan(ray).any():
        return
    painter.fillPath(_ring(x, np.asarray(scale.y(ray + f1)), np.asarray(scale.y(ray - f1))), ink(Role.GOOD, 0.13))
    pen = QPen(ink(Role.GOOD, 0.9), 1.0)
    pen.setDashPattern([3.0, 3.0])
    painter.setPen(pen)
    painter.drawPolyline(polygon(x, np.asarray(scale.y(ray - share * f1))))


_HALO = 3.0


def paint_line(painter: QPainter, view: LinkView, scale: Scale) -> None:
    """Paint the line, each part as it stands."""
    start, end = float(view.ray_m[0]), float(view.ray_m[-1])
    if start != start or end != end:
        return
    ink = colours()

    def at(fraction: float) -> QPointF:
        return QPointF(float(scale.x(fraction * scale.length_m)), float(scale.y(start + (end - start) * fraction)))

    painter.setPen(QPen(ink(Role.GOOD), 2.0))
    painter.drawLine(at(0.0), at(1.0))
    for one in view.segments:
        a, b = at(one.start), at(one.end)
        if one.state is PathState.GRAZING:
            painter.setPen(QPen(ink(Role.PAPER), 2.0 + _HALO))
            painter.drawLine(a, b)
            pen = QPen(ink(Role.CAUTION), 3.0)
            pen.setDashPattern([2.2, 1.4])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(a, b)
        elif one.state is PathState.UNKNOWN:
            pen = QPen(ink(Role.MUTED), 2.0, Qt.PenStyle.DotLine)
            painter.setPen(QPen(ink(Role.PAPER), 2.0 + _HALO))
            painter.drawLine(a, b)
            painter.setPen(pen)
            painter.drawLine(a, b)
    for one in view.segments:
        if one.state is PathState.BLOCKED:
            _blocked(painter, at(one.start), at(one.end))


def _blocked(painter: QPainter, a: QPointF, b: QPointF) -> None:
    ink = colours()
    if b.x() - a.x() < 4.0:
        middle = (a + b) / 2.0
        a, b = middle - QPointF(2.0, 0.0), middle + QPointF(2.0, 0.0)
    painter.setPen(QPen(ink(Role.BAD), 4.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(a, b)
    width = b.x() - a.x()
    count = max(1, int(width // 24))
    for n in range(count):
        middle = a + (b - a) * ((n + 0.5) / count)
        for size, role in ((4.6, Role.PAPER), (2.2, Role.BAD)):
            painter.setPen(QPen(ink(role), size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(middle + QPointF(-4, -4), middle + QPointF(4, 4))
            painter.drawLine(middle + QPointF(-4, 4), middle + QPointF(4, -4))


def paint_plate(painter: QPainter, lines: list[tuple[str, Role, bool]], x: float, top: float, within: QRectF) -> QRectF:
    """Write lines of text on a plate beside a place, kept within a box; return where it stands."""
    if not lines:
        return QRectF()
    ink = colours()
    fonts = [theme.font(theme.LABEL_PX, bold=bold) for _, _, bold in lines]
    widths = []
    for (text, _, _), face in zip(lines, fonts, strict=True):
        painter.setFont(face)
        widths.append(painter.fontMetrics().horizontalAdvance(text))
    tall = painter.fontMetrics().height()
    wide = max(widths) + 12
    left = x + 8 if x + 8 + wide <= within.right() else x - 8 - wide
    left = max(left, within.left())
    box = QRectF(left, top, wide, tall * len(lines) + 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(Role.PLATE, 0.88))
    painter.drawRoundedRect(box, 4, 4)
    for n, ((text, role, _), face) in enumerate(zip(lines, fonts, strict=True)):
        painter.setFont(face)
        painter.setPen(ink(role))
        row = QRectF(left + 6, top + 2 + n * tall, wide - 12, tall)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
    return box

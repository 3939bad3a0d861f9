"""Paints the display lists of `cn_planner.drawing` with QPainter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QTransform

from cn_planner.drawing.display import Anchor, Hatch, Image, ItemGroup, Marker, Polygon, Polyline, Text, outline
from cn_planner.drawing.palette import Role, Theme, colour
from cn_planner.drawing.svg import FONT_FAMILIES
from cn_planner.gui import theme

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.drawing.display import XY, DisplayItem, DisplayList, Stroke


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours of the roles in a theme."""

    theme: Theme = Theme.LIGHT

    def __call__(self, role: Role, opacity: float = 1.0) -> QColor:
        """Return the colour of a role."""
        value = QColor(colour(role, self.theme))
        value.setAlphaF(opacity)
        return value


def paint(painter: QPainter, drawing: DisplayList, target: QRectF | None = None, theme: Theme = Theme.LIGHT) -> None:
    """Paint a drawing.

    Parameters
    ----------
    painter : QPainter
        It is left as it was.
    drawing : DisplayList
        In points.
    target : QRectF, optional
        Where to paint it, its proportions kept and centred; at one unit a point from the origin where not given.
    theme : Theme
        Whose colours.
    """
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if target is not None and drawing.width > 0 and drawing.height > 0:
        factor = min(target.width() / drawing.width, target.height() / drawing.height)
        painter.translate(
            target.x() + (target.width() - factor * drawing.width) / 2,
            target.y() + (target.height() - factor * drawing.height) / 2,
        )
        painter.scale(factor, factor)
    paint_items(painter, drawing.items, Colours(theme))
    painter.restore()


def paint_items(painter: QPainter, items: Iterable[DisplayItem], colours: Colours) -> None:
    """Paint items where the painter stands."""
    for item in items:
        match item:
            case ItemGroup():
                painter.save()
                painter.translate(*item.offset)
                if item.clip is not None:
                    painter.setClipRect(QRectF(*item.clip), Qt.ClipOperation.IntersectClip)
                paint_items(painter, item.items, colours)
                painter.restore()
            case Marker():
                paint_items(painter, outline(item), colours)
            case Polyline():
                painter.setPen(_pen(item.stroke, colours))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline([QPointF(x, y) for x, y in item.points])
            case Polygon():
                _polygon(painter, item, colours)
            case Text():
                _text(painter, item, colours)
            case Image():
                _image(painter, item)


def _pen(stroke: Stroke, colours: Colours) -> QPen:
    pen = QPen(colours(stroke.role, stroke.opacity), stroke.width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if stroke.dash and stroke.width > 0:
        # Qt counts dashes in widths of the pen, and an odd pattern twice, as SVG does.
        dash = stroke.dash if len(stroke.dash) % 2 == 0 else stroke.dash * 2
        pen.setDashPattern([part / stroke.width for part in dash])
    return pen


def ring_path(rings: Iterable[Iterable[XY]]) -> QPainterPath:
    """Return closed rings as one path, filled by the even-odd rule."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in rings:
        points = [QPointF(x, y) for x, y in ring]
        if points:
            path.addPolygon([*points, points[0]])
    return path


def _polygon(painter: QPainter, item: Polygon, colours: Colours) -> None:
    path = ring_path(item.rings)
    if item.fill is not None:
        painter.fillPath(path, QBrush(colours(item.fill.role, item.fill.opacity)))
    if item.hatch is not None:
        paint_hatch(painter, path, item.hatch, colours(item.hatch.role, item.hatch.opacity))
    if item.stroke is not None:
        painter.strokePath(path, _pen(item.stroke, colours))


def paint_hatch(painter: QPainter, path: QPainterPath, hatch: Hatch, ink: QColor) -> None:
    """Rule parallel lines within a path."""
    box = path.boundingRect()
    angle = math.radians(hatch.angle_deg)
    along = (math.cos(angle), math.sin(angle))
    across = (-along[1], along[0])
    corners = [
        (box.left(), box.top()),
        (box.right(), box.top()),
        (box.left(), box.bottom()),
        (box.right(), box.bottom()),
    ]
    offsets = [x * across[0] + y * across[1] for x, y in corners]
    runs = [x * along[0] + y * along[1] for x, y in corners]
    if hatch.spacing <= 0 or not corners:
        return
    painter.save()
    painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(ink, hatch.width))
    for k in range(math.ceil(min(offsets) / hatch.spacing), math.floor(max(offsets) / hatch.spacing) + 1):
        offset = k * hatch.spacing
        start, end = (
            QPointF(run * along[0] + offset * across[0], run * along[1] + offset * across[1])
            for run in (min(runs), max(runs))
        )
        painter.drawLine(start, end)
    painter.restore()


def drawing_font(size: float, *, bold: bool = False) -> QFont:
    """Return the map's and the drawings' type at a size in the painter's units."""
    value = QFont()
    value.setFamilies(list(FONT_FAMILIES))
    # Points depend on the device; pixels are the painter's units. Sizes under 1 cannot be said in whole pixels.
    value.setPixelSize(max(1, round(size)))
    return theme.heavier(value) if bold else value


_TYPE = 32
"""Text is set at this size and scaled: small sizes in points are not whole pixels."""


def _text(painter: QPainter, item: Text, colours: Colours) -> None:
    face = drawing_font(_TYPE, bold=item.bold)
    factor = item.size / _TYPE
    metrics = QFontMetricsF(face)
    width = metrics.horizontalAdvance(item.text)
    left = {Anchor.START: 0.0, Anchor.MIDDLE: -width / 2, Anchor.END: -width}[item.anchor]
    painter.save()
    painter.translate(item.x, item.y)
    painter.rotate(item.angle_deg)
    painter.scale(factor, factor)
    if item.plate is not None:
        tall, pad = 1.25 * _TYPE, 0.25 * _TYPE
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours(item.plate, item.plate_opacity))
        painter.drawRoundedRect(QRectF(left - pad, -tall / 2, width + 2 * pad, tall), pad, pad)
    painter.setPen(colours(item.role))
    painter.setFont(face)
    # The middle of the capitals stands at y.
    painter.drawText(QPointF(left, metrics.capHeight() / 2), item.text)
    painter.restore()


def _image(painter: QPainter, item: Image) -> None:
    image = QImage.fromData(item.png)
    painter.save()
    painter.setTransform(QTransform(*item.affine), True)
    painter.drawImage(QRectF(0, 0, item.columns, item.rows), image)
    painter.restore()

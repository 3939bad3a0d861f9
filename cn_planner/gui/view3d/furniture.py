"""What stands on the glass of the view in three dimensions: north, scale, what the signs of homes mean, sources."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from cn_planner.coverage.ground_view import lens_of
from cn_planner.drawing.palette import Role
from cn_planner.gui.map.layers.furniture import scale_length
from cn_planner.gui.map.layers.labels import plate
from cn_planner.gui.map.layers.points import put_stamp
from cn_planner.gui.paint import drawing_font
from cn_planner.gui.view3d.marks import HOME_SIGNS_3D
from cn_planner.gui.view3d.marks_painter import home_stamp
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.coverage.ground_view import GroundPicture
    from cn_planner.gui.map.layers.base import PaintFrame

_MARGIN, _LONGEST_PX, _ROSE_PX = 16.0, 120.0, 22.0


def paint_furniture(
    painter: QPainter, picture: GroundPicture, size: tuple[int, int], frame: PaintFrame, *,
    signs: Sequence[int] = (), sources: Sequence[str] = (), imperial: bool = False,
) -> None:  # fmt: skip
    """Paint it over a picture of the ground.

    Parameters
    ----------
    painter : QPainter
    picture : GroundPicture
    size : (int, int)
        Device pixels.
    frame : PaintFrame
    signs : sequence of int
        Of homes that there are.
    sources : sequence of str
        Whose data is shown.
    imperial : bool
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = _scale(painter, picture, size, frame, imperial=imperial)
    _rose(painter, picture, size, frame)
    _attribution(painter, size, frame, edge, sources)
    _signs(painter, size, frame, edge, signs)


def _scale(
    painter: QPainter, picture: GroundPicture, size: tuple[int, int], frame: PaintFrame, *, imperial: bool
) -> float:
    """Paint how long a length is in the middle of the picture; return how much room that takes at its side."""
    px = frame.px
    m_per_pixel = picture.camera.distance_m / lens_of(picture.ground, picture.camera, *size).focal
    length_m, name = scale_length(m_per_pixel * px(_LONGEST_PX), imperial=imperial)
    width = round(length_m / m_per_pixel)
    left = px(_MARGIN) if frame.mirrored else size[0] - px(_MARGIN) - width
    y, tick = round(size[1] - px(_MARGIN)) - 0.5, px(5)
    bar = [QPointF(left, y - tick), QPointF(left, y), QPointF(left + width, y), QPointF(left + width, y - tick)]
    for ink, wide in ((frame.style.colour(Role.PAPER, 0.85), 4.5), (frame.style.colour(Role.INK), 1.8)):
        painter.setPen(QPen(ink, px(wide), Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
        painter.drawPolyline(bar)
    words = tr(msg("{length} in the middle", length=name), frame.language)
    face = drawing_font(px(12), bold=True)
    across = QFontMetricsF(face).horizontalAdvance(words) + px(10)
    x = left if frame.mirrored else left + width - across
    box = QRectF(x, y - px(25), across, px(17))
    plate(painter, box, frame, 0.75)
    painter.setFont(face)
    painter.setPen(frame.style.colour(Role.INK))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    return max(across, width) + px(_MARGIN)


def _rose(painter: QPainter, picture: GroundPicture, size: tuple[int, int], frame: PaintFrame) -> None:
    """Paint where north is, as it would lie on the ground."""
    px, camera, ground = frame.px, picture.camera, picture.ground
    # True north at what is looked at: far from the middle of the plane its own north is another.
    latitude, longitude = (float(one) for one in ground.to_geo(camera.east, camera.north))
    east, north = ground.to_plane(min(latitude + 0.01, 90.0), longitude)
    turn = math.atan2(float(east) - camera.east, float(north) - camera.north) - math.radians(camera.azimuth_deg)
    reach = px(_ROSE_PX)
    flat = max(math.sin(math.radians(camera.tilt_deg)), 0.38)
    middle = QPointF(
        px(_MARGIN) + reach if frame.mirrored else size[0] - px(_MARGIN) - reach, size[1] - px(76) - reach * 0.6
    )

    def at(angle: float, share: float) -> QPointF:
        return middle + QPointF(math.sin(turn + angle) * reach * share, -math.cos(turn + angle) * reach * share * flat)

    painter.setPen(QPen(frame.style.colour(Role.PAPER, 0.8), px(1)))
    painter.setBrush(frame.style.colour(Role.PLATE, 0.72))
    painter.drawEllipse(middle, reach, reach * flat)
    tip, tail, left, right = at(0.0, 0.92), at(math.pi, 0.62), at(-math.pi / 2, 0.3), at(math.pi / 2, 0.3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(frame.style.colour(Role.INK))
    painter.drawPolygon(QPolygonF([tip, left, right]))
    painter.setBrush(frame.style.colour(Role.MUTED, 0.55))
    painter.drawPolygon(QPolygonF([tail, left, right]))
    letter = middle + QPointF(math.sin(turn) * reach * 1.36, -math.cos(turn) * (reach * 1.0 * flat + px(9)))
    box = QRectF(letter.x() - px(9), letter.y() - px(9), px(18), px(18))
    painter.setFont(drawing_font(px(12), bold=True))
    painter.setPen(frame.style.colour(Role.INK))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tr(msg("N"), frame.language))


def _attribution(
    painter: QPainter, size: tuple[int, int], frame: PaintFrame, taken: float, sources: Sequence[str]
) -> None:
    words = " · ".join(sources)
    if not words:
        return
    px = frame.px
    face = drawing_font(px(11))
    metrics = QFontMetricsF(face)
    text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(size[0] - taken - px(3 * _MARGIN), px(120)))
    width = metrics.horizontalAdvance(text) + px(8)
    box = QRectF(size[0] - px(6) - width if frame.mirrored else px(6), size[1] - px(22), width, px(17))
    plate(painter, box, frame, 0.7)
    painter.setFont(face)
    painter.setPen(frame.style.colour(Role.MUTED))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _signs(painter: QPainter, size: tuple[int, int], frame: PaintFrame, taken: float, signs: Sequence[int]) -> None:
    """Say what the signs of homes mean, in a line; in more where the picture is narrow."""
    px = frame.px
    face = drawing_font(px(12))
    metrics = QFontMetricsF(face)
    room = size[0] - taken - px(3 * _MARGIN)
    lines: list[list[tuple[int, str, float]]] = []
    left = 0.0
    for sign in signs:
        text = tr(HOME_SIGNS_3D[sign].words, frame.language)
        wide = metrics.horizontalAdvance(text)
        if not lines or left < wide + px(38):
            lines.append([])
            left = room
        lines[-1].append((sign, text, wide))
        left -= wide + px(30)
    painter.setFont(face)
    for up, line in enumerate(reversed(lines)):
        _sign_line(painter, size, frame, size[1] - px(50 + 24 * up), line)


def _sign_line(
    painter: QPainter, size: tuple[int, int], frame: PaintFrame, top: float, line: Sequence[tuple[int, str, float]]
) -> None:
    px = frame.px
    width = px(8) + sum(wide + px(30) for _, _, wide in line)
    left = size[0] - px(6) - width if frame.mirrored else px(6)
    box = QRectF(left, top, width, px(22))
    plate(painter, box, frame, 0.8)
    x = box.right() - px(8) if frame.mirrored else box.left() + px(8)
    for sign, text, wide in line:
        sign_x = x - px(14) if frame.mirrored else x
        _sign(painter, sign, QPointF(sign_x + px(7), box.center().y()), frame)
        at = QRectF(x - px(18) - wide if frame.mirrored else x + px(18), box.top(), wide + 2, box.height())
        painter.setPen(frame.style.colour(Role.INK))
        painter.drawText(at, Qt.AlignmentFlag.AlignCenter, text)
        x += (-1 if frame.mirrored else 1) * (wide + px(30))


def _sign(painter: QPainter, sign: int, at: QPointF, frame: PaintFrame) -> None:
    one = home_stamp(sign, max(round(frame.px(4)), 3), frame)
    half = one.half + 1
    pixels = np.zeros((2 * half + 1, 2 * half + 1), np.uint32)
    middle = np.array([half])
    put_stamp(pixels, middle, middle, one, "rim")
    put_stamp(pixels, middle, middle, one, "core")
    side = pixels.shape[0]
    image = QImage(pixels.data, side, side, side * 4, QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(round(at.x()) - half, round(at.y()) - half, image)

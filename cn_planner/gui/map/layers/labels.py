"""Room for labels on a map that moves: a grid of what is taken, so that hundreds are placed in a millisecond.

`drawing.labels` finds better places and leader lines for one sheet; on a window that is painted sixty times a second
that search costs more than the whole frame.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from cn_planner.drawing.palette import Role
from cn_planner.gui.paint import drawing_font

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gui.map.layers.base import PaintFrame

_CELL_PX = 4.0
# Below first, as the eye expects under a mast; then above, right, left, and the corners.
_SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
_MOST_COVERED = 12
_PENALTY = 0.25


class LabelRoom:
    """What of a window is taken by labels and by what they may not cover; `free` limits where labels stand."""

    def __init__(self, width: float, height: float, ratio: float = 1.0, free: QRectF | None = None) -> None:
        self._cell = _CELL_PX * ratio
        shape = (math.ceil(height / self._cell) + 2, math.ceil(width / self._cell) + 2)
        self._width, self._height, self._free = width, height, free
        self._taken = np.zeros(shape, np.bool_)
        self._boxes: list[QRectF] = []
        self._disliked = np.zeros(shape, np.int16)

    def _slices(self, box: QRectF) -> tuple[slice, slice]:
        rows, columns = self._taken.shape
        top, bottom = math.floor(box.top() / self._cell), math.ceil(box.bottom() / self._cell)
        left, right = math.floor(box.left() / self._cell), math.ceil(box.right() / self._cell)
        return (
            slice(min(max(top, 0), rows), min(max(bottom, 0), rows)),
            slice(min(max(left, 0), columns), min(max(right, 0), columns)),
        )

    def take(self, box: QRectF) -> None:
        """Keep a rectangle free."""
        self._boxes.append(box)
        self._taken[self._slices(box)] = True

    def free(self, box: QRectF) -> bool:
        """Return whether a rectangle lies within the window and covers nothing that is taken."""
        inside = box.left() >= 0 and box.top() >= 0 and box.right() <= self._width and box.bottom() <= self._height
        return inside and not self._is_taken(box)

    def _is_taken(self, box: QRectF) -> bool:
        """Return whether a rectangle overlaps what is taken: by the grid, and exactly where only its rim is in doubt.

        By the grid alone a name right below its own tower has room or not as the tower stands on the grid.
        """
        rows, columns = self._slices(box)
        if not self._taken[rows, columns].any():
            return False
        if self._taken[rows.start + 1 : rows.stop - 1, columns.start + 1 : columns.stop - 1].any():
            return True
        return any(one.intersects(box) for one in self._boxes)

    def avoid(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Have labels cover these points only where they must."""
        rows, columns = (y / self._cell).astype(np.int64), (x / self._cell).astype(np.int64)
        inside = (rows >= 0) & (rows < self._taken.shape[0]) & (columns >= 0) & (columns < self._taken.shape[1])
        np.add.at(self._disliked, (rows[inside], columns[inside]), 1)

    def place(
        self, x: float, y: float, reach: float, width: float, height: float, *, mirrored: bool = False
    ) -> QRectF | None:
        """Return where a label of this size goes beside a place, and take it; None where there is no room."""
        best: tuple[float, QRectF] | None = None
        for rank, (sx, sy) in enumerate(_SIDES):
            sx = -sx if mirrored else sx
            away = reach * (0.7 if sx and sy else 1.0)
            middle_x, middle_y = x + sx * (away + width / 2), y + sy * (away + height / 2)
            box = QRectF(round(middle_x - width / 2), round(middle_y - height / 2), width, height)
            if box.right() < 0 or box.bottom() < 0 or box.left() > self._width or box.top() > self._height:
                continue
            if self._free is not None and not self._free.contains(box):
                continue
            if self._is_taken(box):
                continue
            cost = rank * 0.4 + _PENALTY * min(int(self._disliked[self._slices(box)].sum()), _MOST_COVERED)
            if best is None or cost < best[0]:
                best = cost, box
        if best is None:
            return None
        self.take(best[1])
        return best[1]


def label_size(text: str, frame: PaintFrame) -> tuple[float, float]:
    """Return width and height of a name with its plate."""
    return QFontMetricsF(drawing_font(frame.px(12), bold=True)).horizontalAdvance(_short(text)) + frame.px(
        10
    ), frame.px(18)


def _short(text: str) -> str:
    return text if len(text) <= 32 else text[:31].rstrip() + "…"


def draw_label(painter: QPainter, text: str, box: QRectF, frame: PaintFrame) -> None:
    """Paint a name on its plate."""
    face = drawing_font(frame.px(12), bold=True)
    plate(painter, box, frame)
    painter.setPen(frame.style.colour(Role.INK))
    painter.setFont(face)
    base = box.center().y() + QFontMetricsF(face).capHeight() / 2
    painter.drawText(QPointF(box.left() + frame.px(5), round(base)), _short(text))


def paint_label(
    painter: QPainter, text: str, x: float, y: float, reach: float, frame: PaintFrame, room: LabelRoom | None = None
) -> bool:
    """Paint a name on its plate beside a place; return whether there was room."""
    width, height = label_size(text, frame)
    box = QRectF(round(x - width / 2), round(y + reach), width, height)
    if room is not None:
        found = room.place(x, y, reach + frame.px(1), width, height, mirrored=frame.mirrored)
        if found is None:
            return False
        box = found
    draw_label(painter, text, box, frame)
    return True


def plate(painter: QPainter, box: QRectF, frame: PaintFrame, opacity: float = 0.88) -> None:
    """Lay a ground under words."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(frame.style.colour(Role.PLATE, 0.0))
    painter.setBrush(frame.style.colour(Role.PLATE, opacity))
    painter.drawRoundedRect(box, frame.px(4), frame.px(4))


def halo(painter: QPainter, at: QPointF, reach: float, frame: PaintFrame, *, strong: bool = True) -> None:
    """Ring a place."""
    painter.setBrush(frame.style.colour(Role.ACCENT, 0.14 if strong else 0.07))
    painter.setPen(QPen(frame.style.colour(Role.PAPER, 0.85), frame.px(4.0 if strong else 3.0)))
    painter.drawEllipse(at, reach, reach)
    painter.setPen(QPen(frame.style.colour(Role.ACCENT, 1.0 if strong else 0.6), frame.px(2.0 if strong else 1.4)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, reach, reach)

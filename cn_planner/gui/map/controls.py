"""The buttons on the map: nearer, farther, all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from cn_planner.drawing.palette import Role
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.map.map_view import MapView

_SIDE = 32
_MARGIN = 16


class _Button(QAbstractButton):
    """A square with a sign that is painted, not set in type: no font is needed for it."""

    def __init__(self, canvas: MapView, sign: str, words: Message, act: Callable[..., None]) -> None:
        super().__init__(canvas)
        self._canvas, self._sign, self._words = canvas, sign, words
        self.setFixedSize(_SIDE, _SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.clicked.connect(act)
        self.dress()

    def dress(self) -> None:
        """Take the language and the colours of the map."""
        words = tr(self._words, self._canvas.language)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        style = self._canvas.style_of_map
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(style.colour(Role.ACCENT if self.hasFocus() else Role.GRID), 2 if self.hasFocus() else 1))
        painter.setBrush(style.colour(Role.GRID if self.underMouse() and not self.isDown() else Role.PLATE))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QPen(style.colour(Role.INK), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        c, r = box.center(), 5.5
        if self._sign in "+-":
            painter.drawLine(c + QPointF(-r, 0), c + QPointF(r, 0))
        if self._sign == "+":
            painter.drawLine(c + QPointF(0, -r), c + QPointF(0, r))
        if self._sign == "all":
            for sx in (-1, 1):
                for sy in (-1, 1):
                    corner = c + QPointF(sx * 6.5, sy * 6.5)
                    painter.drawLine(corner, corner - QPointF(sx * 4, 0))
                    painter.drawLine(corner, corner - QPointF(0, sy * 4))
        painter.end()


class MapControls:
    """The buttons at the upper trailing corner."""

    def __init__(self, canvas: MapView) -> None:
        self._canvas = canvas
        self.buttons: tuple[_Button, ...] = (
            _Button(canvas, "+", msg("Nearer"), lambda *_: canvas.zoom_by(1.0)),
            _Button(canvas, "-", msg("Farther"), lambda *_: canvas.zoom_by(-1.0)),
            _Button(canvas, "all", msg("Show everything"), lambda *_: canvas.show_all()),
        )
        for button in self.buttons:
            canvas.dressed.connect(button.dress)
        self.arrange()

    @property
    def box(self) -> QRect:
        """Where they stand on the map."""
        return self.buttons[0].geometry().united(self.buttons[-1].geometry())

    def arrange(self) -> None:
        """Put them where they stand."""
        canvas = self._canvas
        mirrored = canvas.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = _MARGIN if mirrored else canvas.width() - _MARGIN - _SIDE
        for row, button in enumerate(self.buttons):
            button.move(x, _MARGIN + row * (_SIDE + (8 if row == len(self.buttons) - 1 else 0)))

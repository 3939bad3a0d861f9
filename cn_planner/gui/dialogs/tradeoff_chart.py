"""Cost against homes as a chart: each point a plan, chosen by mouse or arrow keys; where the plan stands now."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels import formatters
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

_REACH_PX = 28.0
"""A click takes the nearest point within this."""
_DOT_PX, _CHOSEN_PX, _NOW_PX, _SIGN_PX = 4.5, 7.0, 6.0, 30.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A plan on the chart: homes, cost, and what no plan for so many homes can cost less than, where known."""

    homes: float
    cost: float
    least: float | None = None


def ticks_from_zero(largest: float, most: int = 5) -> list[float]:
    """Return round numbers from 0 to the first that is not less than the largest, at most so many steps."""
    if not largest > 0.0:
        return [0.0, 1.0]
    rough = largest / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * one for one in (1.0, 2.0, 2.5, 5.0, 10.0) if size * one >= rough * (1.0 - 1e-9))
    if step < 1.0:
        step = 1.0
    return [step * n for n in range(math.ceil(largest / step - 1e-9) + 1)]


class TradeoffChart(QWidget):
    """The chart. In a mirrored window homes grow from the right to the left, as its lines are read."""

    chosen = Signal(int)
    """The place of a point in the row of points."""

    def __init__(self) -> None:
        super().__init__()
        self.dots: tuple[Dot, ...] = ()
        self.now: Dot | None = None
        self.at = -1
        self._most = 0.0
        self._currency = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(theme.px(240), theme.px(220))
        self.setAccessibleName(tr(msg("Chart: cost against homes")))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size that it was drawn for."""
        return QSize(theme.px(440), theme.px(260))

    def show_dots(self, dots: tuple[Dot, ...], most_homes: float, currency: str) -> None:
        """Show points, with room for so many homes."""
        self.dots, self._most, self._currency = dots, most_homes, currency
        self.update()

    def show_now(self, now: Dot | None) -> None:
        """Show where the plan stands; None where it has no towers yet."""
        self.now = now
        self.update()

    def choose(self, at: int, words: str) -> None:
        """Mark a point; the words say it to those who cannot see it."""
        self.at = at
        self.setAccessibleDescription(words)
        self.update()

    # Where things are

    def _shown(self) -> tuple[Dot, ...]:
        return self.dots if self.now is None else (*self.dots, self.now)

    def scales(self) -> tuple[list[float], list[float]]:
        """Return the marks along the homes and along the cost."""
        homes = max([self._most, *(one.homes for one in self._shown())])
        cost = max([0.0, *(one.cost for one in self._shown())])
        return ticks_from_zero(homes), ticks_from_zero(cost)

    def plot(self) -> QRectF:
        """Return the part within the axes."""
        metrics = QFontMetricsF(theme.window_font(theme.LABEL_PX))
        high = theme.px(theme.LABEL_PX) + 6.0
        wide = max(metrics.horizontalAdvance(formatters.with_unit(one)) for one in self.scales()[1]) + 12.0
        end = metrics.horizontalAdvance(formatters.with_unit(self.scales()[0][-1])) / 2.0 + 4.0
        lead, trail = (end, wide) if self.isRightToLeft() else (wide, end)
        under = (2 + self._legend()[-1][2]) * high + 8.0
        tall = self.height() - 1.6 * high - under
        return QRectF(lead, 1.6 * high, max(self.width() - lead - trail, 1.0), max(tall, 1.0))

    def place(self, dot: Dot) -> QPointF:
        """Return where a point is painted."""
        box, (homes, cost) = self.plot(), self.scales()
        along = dot.homes / homes[-1] * box.width()
        x = box.right() - along if self.isRightToLeft() else box.left() + along
        return QPointF(x, box.bottom() - dot.cost / cost[-1] * box.height())

    # Choosing

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take the nearest point."""
        where = event.position()
        far = [math.hypot(p.x() - where.x(), p.y() - where.y()) for p in (self.place(one) for one in self.dots)]
        if far and min(far) <= _REACH_PX:
            self.chosen.emit(far.index(min(far)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows go from point to point, Home and End to the first and the last."""
        key, last = event.key(), len(self.dots) - 1
        more, fewer = Qt.Key.Key_Right, Qt.Key.Key_Left
        if self.isRightToLeft():
            more, fewer = fewer, more
        if last < 0:
            super().keyPressEvent(event)
        elif key in (more, Qt.Key.Key_Up):
            self.chosen.emit(min(self.at + 1, last))
        elif key in (fewer, Qt.Key.Key_Down):
            self.chosen.emit(max(self.at - 1, 0))
        elif key == Qt.Key.Key_Home:
            self.chosen.emit(0)
        elif key == Qt.Key.Key_End:
            self.chosen.emit(last)
        else:
            super().keyPressEvent(event)

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint axes, what cannot be cheaper, the points, and the plan as it stands."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.window_font(theme.LABEL_PX))
        self._paint_axes(painter)
        look = theme.current()
        least = [Dot(one.homes, one.least) for one in self.dots if one.least is not None]
        if len(least) > 1 and self._bounded():
            painter.setPen(QPen(look.text_faint, 1.5, Qt.PenStyle.DashLine))
            painter.drawPolyline(QPolygonF([self.place(one) for one in least]))
        spots = [self.place(one) for one in self.dots]
        if len(spots) > 1:
            painter.setPen(QPen(look.action, 1.5))
            painter.drawPolyline(QPolygonF(spots))
        painter.setBrush(look.action)
        painter.setPen(Qt.PenStyle.NoPen)
        for spot in spots:
            painter.drawEllipse(spot, _DOT_PX, _DOT_PX)
        if 0 <= self.at < len(spots):
            painter.setBrush(look.action)
            painter.setPen(QPen(look.surface, 2.0))
            painter.drawEllipse(spots[self.at], _CHOSEN_PX, _CHOSEN_PX)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.focus if self.hasFocus() else look.action, 2.0))
            painter.drawEllipse(spots[self.at], _CHOSEN_PX + 3.0, _CHOSEN_PX + 3.0)
        if self.now is not None:
            self._paint_now(painter, self.place(self.now))
        self._paint_legend(painter)
        painter.end()

    def _bounded(self) -> bool:
        """Return whether what no plan can cost less than is anywhere seen apart from the points."""
        return any(one.least is not None and one.least < 0.995 * one.cost for one in self.dots)

    def _paint_now(self, painter: QPainter, at: QPointF) -> None:
        look, r = theme.current(), _NOW_PX
        painter.setBrush(look.surface)
        painter.setPen(QPen(look.warn, 2.0))
        corners = [(0.0, -r), (r, 0.0), (0.0, r), (-r, 0.0)]
        painter.drawPolygon(QPolygonF([QPointF(at.x() + x, at.y() + y) for x, y in corners]))

    def _paint_axes(self, painter: QPainter) -> None:
        look, box, (homes, cost) = theme.current(), self.plot(), self.scales()
        mirrored, high = self.isRightToLeft(), theme.px(theme.LABEL_PX) + 6.0
        lead, trail = _sides(mirrored)
        middle = Qt.AlignmentFlag.AlignVCenter
        for value in cost:
            y = box.bottom() - value / cost[-1] * box.height()
            painter.setPen(QPen(look.line_strong if value == 0.0 else look.line, 1.0))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            left = box.right() + 6.0 if mirrored else 0.0
            wide = self.width() - left if mirrored else box.left() - 6.0
            painter.setPen(look.text_dim)
            painter.drawText(QRectF(left, y - high / 2.0, wide, high), trail | middle, formatters.with_unit(value))
        painter.setPen(look.text_dim)
        for value in homes:
            x = self.place(Dot(value, 0.0)).x()
            under = QRectF(x - 60.0, box.bottom() + 4.0, 120.0, high)
            painter.drawText(under, Qt.AlignmentFlag.AlignHCenter | middle, formatters.with_unit(value))
        whole = QRectF(0.0, 0.0, self.width(), high)
        title = tr(msg("Cost, {currency}", currency=self._currency)) if self._currency else tr(msg("Cost"))
        painter.drawText(whole, lead | middle, title)
        whole.moveTop(box.bottom() + 4.0 + high)
        whole.setRight(box.right())
        whole.setLeft(box.left())
        painter.drawText(whole, trail | middle, tr(msg("Homes")))

    def _legend(self) -> list[tuple[str, str, int, float]]:
        """Return what the signs mean: kind, words, row, and how far from the leading edge."""
        metrics, room = QFontMetricsF(theme.window_font(theme.LABEL_PX)), self.width()
        found: list[tuple[str, str, int, float]] = []
        items = [("plan", tr(msg("a plan")))]
        if self.now is not None:
            items.append(("now", tr(msg("your plan now"))))
        if self._bounded():
            items.append(("least", tr(msg("no plan can cost less"))))
        row, at = 0, 0.0
        for kind, words in items:
            wide = _SIGN_PX + metrics.horizontalAdvance(words) + 16.0
            if at > 0.0 and at + wide > room:
                row, at = row + 1, 0.0
            found.append((kind, words, row, at))
            at += wide
        return found

    def _paint_legend(self, painter: QPainter) -> None:
        look, mirrored, high = theme.current(), self.isRightToLeft(), theme.px(theme.LABEL_PX) + 6.0
        lead, _ = _sides(mirrored)
        items = self._legend()
        top = self.height() - (items[-1][2] + 1) * high
        for kind, words, row, far in items:
            y = top + (row + 0.5) * high
            mark = far + 0.4 * _SIGN_PX
            mark = self.width() - mark if mirrored else mark
            if kind == "now":
                self._paint_now(painter, QPointF(mark, y))
            elif kind == "least":
                painter.setPen(QPen(look.text_faint, 1.5, Qt.PenStyle.DashLine))
                painter.drawLine(QPointF(mark - 10.0, y), QPointF(mark + 10.0, y))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.action)
                painter.drawEllipse(QPointF(mark, y), _DOT_PX, _DOT_PX)
            text = QRectF(0.0, y - high / 2.0, self.width(), high)
            skip = far + _SIGN_PX
            text.adjust(0.0 if mirrored else skip, 0.0, -skip if mirrored else 0.0, 0.0)
            painter.setPen(look.text_dim)
            painter.drawText(text, lead | Qt.AlignmentFlag.AlignVCenter, words)


def _sides(mirrored: bool) -> tuple[Qt.AlignmentFlag, Qt.AlignmentFlag]:
    """Return the alignments to the leading and to the trailing edge, as they are and not turned round by Qt."""
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
    return (right, left) if mirrored else (left, right)

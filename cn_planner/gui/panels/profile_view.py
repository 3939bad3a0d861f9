"""The profile of a path: what stands between two places, with antennas that can be dragged.

The distance axis runs from the first end at the left to the second at the right in every language, as in print: a
profile is a picture of the ground and does not turn round with the letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_chart import ticks
from cn_planner.gui import theme
from cn_planner.gui.panels import profile_paint as paint
from cn_planner.gui.panels import profile_scene as scene
from cn_planner.gui.panels.formatters import beside
from cn_planner.gui.panels.profile_handle import HANDLE_PX, AntennaHandle
from cn_planner.gui.quantities import FOOT_M, MILE_M, distance, height
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from cn_planner.message import Message
    from cn_planner.model.plan import Obstacle
    from cn_planner.session.link_view import LinkView

_LEFT, _RIGHT = 48, 16
_KM_M = 1000.0
_MANY_F1 = 3.0
"""So many radii of the first zone are clear by any rule: their number says nothing more."""
_LEFTWARDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
_RIGHTWARDS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
_BESIDE = 3.0
"""Some letters reach to the left of where they begin."""


def levels(low: float, high: float, room_px: float) -> list[float]:
    """Return the heights that the axis names: as many as can be read, and at least two to measure between."""
    return ticks(low, high, max(5, int(room_px / 26)))


def _tall(words: str) -> float:
    """Return how tall words in small letters are: some scripts reach further down than the line of the font."""
    metrics = QFontMetricsF(theme.font(theme.LABEL_PX))
    return max(metrics.height(), metrics.boundingRect(words).height() + 1.0)


class ProfileView(QWidget):
    """Shows one path."""

    moving = Signal(int, float)
    """An antenna is under the hand: which end, 0 or 1, and its height, m."""
    chosen = Signal(int, float)
    """It was let go."""
    given_up = Signal()
    cursorChanged = Signal(object)  # noqa: N815  (Qt's way to name signals)
    """Metres from the first end, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: LinkView | None = None
        self.units = "metric"
        self.share = 0.6
        self.cursor_m: float | None = None
        self._seen: tuple[scene.Seen, ...] = ()
        self._hidden = np.zeros(0, np.bool_)
        self._ground: QPixmap | None = None
        self._ground_of: object = None
        self._scale: scene.Scale | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        # A picture of the ground does not turn round with the letters.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.handles = tuple(AntennaHandle(self, self._px_per_m) for _ in range(2))
        for end, handle in enumerate(self.handles):
            handle.moving.connect(lambda m, end=end: self.moving.emit(end, m))
            handle.chosen.connect(lambda m, end=end: self.chosen.emit(end, m))
            handle.given_up.connect(self.given_up)
            handle.hide()
        theme.signals.changed.connect(self._forget)
        self.retitle()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size that it was drawn for."""
        return QSize(640, 220)

    def _px_per_m(self) -> float:
        return self._scale.px_per_m if self._scale is not None else 1.0

    @property
    def scale(self) -> scene.Scale | None:
        """From metres to the screen, as it is painted now."""
        return self._scale

    @property
    def dragging(self) -> bool:
        """Whether an antenna is under the hand."""
        return any(handle.busy for handle in self.handles)

    # What it shows

    def show_path(
        self, view: LinkView | None, obstacles: tuple[Obstacle, ...] = (), greatest_m: tuple[float, float] = (150, 150)
    ) -> None:
        """Show a path, or none."""
        other = view is None or self.view is None or view.profile is not self.view.profile
        if other:
            self._seen, self._hidden = scene.seen_on(view, obstacles) if view is not None else ((), np.zeros(0, bool))
            if view is None or (self.cursor_m is not None and self.cursor_m > view.profile.length_m):
                self.cursor_m = None
        self.view = view
        for end, handle in enumerate(self.handles):
            if view is not None:
                handle.show_height((view.a, view.b)[end].height_m or 0.0, greatest_m[end])
            else:
                handle.stop()
        self._fit(keep=not other)
        self._say_handles()
        self.update()

    def stop(self) -> None:
        """Forget what is under the hand."""
        for handle in self.handles:
            handle.stop()

    def set_units(self, units: str) -> None:
        """Write metric or imperial units."""
        self.units = units
        self._forget()
        self._say_handles()

    def set_cursor(self, distance_m: float | None) -> None:
        """Show the cursor without telling of it."""
        if self.view is None or distance_m is None:
            distance_m = None
        if distance_m != self.cursor_m:
            self.cursor_m = distance_m
            self.update()

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        self.setAccessibleName(tr(msg("Profile of the path")))
        self._say_handles()
        self._forget()

    def _say_handles(self) -> None:
        for end, handle in enumerate(self.handles):
            name = self.view.names[end] if self.view is not None else "AB"[end]
            handle.setAccessibleName(tr(msg("Antenna at {name}", name=name)))
            said = height(handle.height_m(), self.units)
            handle.setAccessibleDescription(tr(msg("{height} above ground", height=said)))
        if self.view is not None:
            self.setAccessibleDescription(
                " ".join(tr(one) for one in (self.view.budget.explanation, self.view.budget.fix) if one is not None)
            )

    # Where things are

    def _plot(self) -> QRectF:
        foot = 2 * _tall(self._axis_words()) + 12  # distances, and below them both ends
        # However high an antenna stands, its handle hangs below the name of the axis.
        top = self.axis_name().bottom() + HANDLE_PX / 2
        return QRectF(_LEFT, top, self.width() - _LEFT - _RIGHT, self.height() - top - foot)

    def axis_name(self) -> QRectF:
        """Return where the name of the height axis stands: as tall as its letters are, in whatever script."""
        tall = _tall(self._axis_words())
        return QRectF(_BESIDE, 0, max(self.width() - _RIGHT - _BESIDE, 0), tall)

    def _axis_words(self) -> str:
        return tr(msg("ft above sea")) if self.units == "imperial" else tr(msg("m above sea"))

    def _fit(self, *, keep: bool = False) -> None:
        """Take a scale: a new one for a path that came, the same while an antenna is dragged, or a greater one."""
        if self.view is None:
            self._scale = None
        else:
            head = 0.0
            if keep and self._scale is not None and self._scale.plot == self._plot() and self.dragging:
                tops = [self.view.ray_m[0], self.view.ray_m[-1]]
                if max(tops) <= self._scale.high_m and min(tops) >= self._scale.low_m:
                    self._place_handles()
                    return
                head = self._scale.high_m
            self._scale = scene.scale_of(self.view, self._plot(), head)
        self._place_handles()

    def _place_handles(self) -> None:
        view, scale = self.view, self._scale
        for end, handle in enumerate(self.handles):
            amsl = float(view.ray_m[-end]) if view is not None else float("nan")
            shown = scale is not None and amsl == amsl
            if shown:
                at = QPointF(float(scale.x(end * scale.length_m)), float(scale.y(amsl)))
                handle.move(round(at.x() - HANDLE_PX / 2), round(at.y() - HANDLE_PX / 2))
            handle.setVisible(shown)

    def _forget(self) -> None:
        self._ground = None
        self._fit(keep=True)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Take a scale for the new size."""
        super().resizeEvent(event)
        self._fit()

    # The cursor

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the cursor along."""
        if self._scale is not None:
            self._point(self._scale.metres(event.position().x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Put the cursor here."""
        self.mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move the cursor by keys: a hundredth of the path, a twentieth with Shift; Home and End."""
        if self._scale is None:
            event.ignore()
            return
        length = self._scale.length_m
        step = length * (0.05 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.01)
        at = self.cursor_m if self.cursor_m is not None else self._start()
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            at += step if event.key() == Qt.Key.Key_Right else -step
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            at = 0.0 if event.key() == Qt.Key.Key_Home else length
        else:
            event.ignore()
            return
        self._point(min(max(at, 0.0), length))

    def _start(self) -> float:
        at = self.view.budget.clearance_at_m if self.view is not None else None
        return at if at is not None else 0.0

    def _point(self, distance_m: float) -> None:
        self.set_cursor(distance_m)
        self.cursorChanged.emit(distance_m)

    # Paint

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the ground from its picture, and over it what changes under the hand."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view, scale = self.view, self._scale
        if view is None or scale is None:
            self._words(painter)
            painter.end()
            return
        painter.drawPixmap(0, 0, self._ground_picture(view, scale))
        painter.save()
        painter.setClipRect(scale.plot.adjusted(-HANDLE_PX, -scale.plot.top(), HANDLE_PX, 0))
        paint.paint_zone(painter, view, scale, self.share)
        self._masts(painter, view, scale)
        paint.paint_line(painter, view, scale)
        painter.restore()
        self._ends(painter, view, scale)
        self._worst(painter, view, scale)
        if self.cursor_m is not None:
            self._cursor(painter, view, scale)
        if self.hasFocus():
            painter.setPen(QPen(theme.current().focus, 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _words(self, painter: QPainter) -> None:
        if self.view is None:
            return
        painter.setPen(theme.current().text_dim)
        painter.setFont(theme.font(theme.LABEL_PX))
        text = tr(msg("There is no terrain on this path."))
        if self.view.profile.length_m <= 0.0:
            text = tr(msg("Both ends are the same place."))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)

    def _ground_picture(self, view: LinkView, scale: scene.Scale) -> QPixmap:
        ratio = self.devicePixelRatioF()
        key = (id(view.profile), scale, self._seen, ratio, theme.current().name, self.units, self.size())
        if self._ground is None or self._ground_of != key:
            self._ground_of = key
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._axes(painter, scale)
            for box in paint.paint_gaps(painter, view, scale):
                self._gap_words(painter, box)
            assumed = view.profile.cover_assumed
            paint.paint_ground(painter, view, scene.pieces(view, scale, self._hidden), scale, assumed=assumed)
            paint.paint_seen(painter, self._seen, scale)
            painter.end()
            self._ground = picture
        return self._ground

    def _gap_words(self, painter: QPainter, box: QRectF) -> None:
        painter.setFont(theme.font(theme.LABEL_PX))
        text = tr(msg("no terrain"))
        wide = painter.fontMetrics().horizontalAdvance(text) + 8
        if wide < box.width():
            plate = QRectF(box.center().x() - wide / 2, box.bottom() - 28, wide, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.current().surface)
            painter.drawRoundedRect(plate, 4, 4)
            painter.setPen(theme.current().text)
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _axes(self, painter: QPainter, scale: scene.Scale) -> None:
        now, plot = theme.current(), scale.plot
        painter.setFont(theme.font(theme.LABEL_PX))
        tall = painter.fontMetrics().height()
        unit = FOOT_M if self.units == "imperial" else 1.0
        for level in levels(scale.low_m / unit, scale.high_m / unit, plot.height()):
            y = float(scale.y(level * unit))
            painter.setPen(QPen(now.line, 1.0))
            painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
            painter.setPen(now.text_dim)
            row = QRectF(0, y - tall / 2, plot.left() - 8, tall)
            painter.drawText(row, _RIGHTWARDS | Qt.AlignmentFlag.AlignVCenter, f"{level:,.0f}")
        painter.setPen(now.text_dim)
        painter.drawText(self.axis_name(), _LEFTWARDS, self._axis_words())
        small = scale.length_m < (0.5 * MILE_M if unit != 1.0 else _KM_M)
        long = (FOOT_M if small else MILE_M) if unit != 1.0 else (1.0 if small else _KM_M)
        words = {
            FOOT_M: msg("{value:g} ft"),
            MILE_M: msg("{value:g} mi"),
            1.0: msg("{value:g} m"),
            _KM_M: msg("{value:g} km"),
        }
        painter.setPen(QPen(now.line_strong, 1.0))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        for value in ticks(0.0, scale.length_m / long, max(2, int(plot.width() / 110))):
            x = float(scale.x(value * long))
            painter.setPen(QPen(now.line_strong, 1.0))
            painter.drawLine(QLineF(x, plot.bottom(), x, plot.bottom() + 4))
            painter.setPen(now.text_dim)
            text = tr(type(words[long])(words[long].key, (("value", round(value, 6)),)))
            row = QRectF(x - 40, plot.bottom() + 5, 80, tall)
            flag = Qt.AlignmentFlag.AlignHCenter
            if x - 30 < plot.left():
                row, flag = QRectF(plot.left(), row.top(), 80, tall), _LEFTWARDS
            elif x + 30 > plot.right():
                row, flag = QRectF(plot.right() - 80, row.top(), 80, tall), _RIGHTWARDS
            painter.drawText(row, flag | Qt.TextFlag.TextDontClip, text)

    def _masts(self, painter: QPainter, view: LinkView, scale: scene.Scale) -> None:
        painter.setPen(QPen(paint.colours()(Role.INK), 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for at in (0, -1):
            ground, top = float(view.profile.ground_m[at]), float(view.ray_m[at])
            if top == top:
                x = float(scale.x(float(view.profile.distance_m[at])))
                painter.drawLine(QLineF(x, float(scale.y(ground)), x, float(scale.y(top))))

    def _ends(self, painter: QPainter, view: LinkView, scale: scene.Scale) -> None:
        """Name both ends below the distance axis."""
        tall = _tall(self._axis_words())
        half = scale.plot.width() / 2 - 8
        top = scale.plot.bottom() + tall + 6
        sides = (_LEFTWARDS, _RIGHTWARDS)
        painter.setFont(theme.font(theme.LABEL_PX, bold=True))
        painter.setPen(theme.current().text)
        metrics = painter.fontMetrics()
        for end, side in enumerate(sides):
            said = tr(height_words((view.a, view.b)[end].height_m or 0.0, self.units))
            room = half - metrics.horizontalAdvance(f"  {said}") - 4
            name = metrics.elidedText(view.names[end], Qt.TextElideMode.ElideRight, int(room))
            left = scale.plot.left() if end == 0 else scale.plot.right() - half
            where = QRectF(left, top, half, tall + 4)
            painter.drawText(where, side | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextDontClip, beside(name, said))

    def _worst(self, painter: QPainter, view: LinkView, scale: scene.Scale) -> None:
        at = scene.worst(view)
        if at is None or (self.dragging and self.cursor_m is not None):
            return
        x = float(scale.x(float(view.profile.distance_m[at])))
        top = float(view.profile.ground_m[at] + view.bulge_m[at] + view.profile.cover_m[at])
        self._stem(painter, x, float(scale.y(top)), scale)
        if self.cursor_m is None:
            paint.paint_plate(painter, self.words_at(at), x, 0, scale.plot.adjusted(32, 0, 0, 0))

    def _stem(self, painter: QPainter, x: float, y: float, scale: scene.Scale) -> None:
        ink = paint.colours()
        pen = QPen(ink(Role.INK), 1.2)
        pen.setDashPattern([1.0, 2.0])
        painter.setPen(pen)
        painter.drawLine(QLineF(x, 4, x, scale.plot.bottom()))
        painter.setPen(QPen(ink(Role.PAPER), 1.5))
        painter.setBrush(ink(Role.INK))
        painter.drawEllipse(QPointF(x, y), 3.5, 3.5)

    def _cursor(self, painter: QPainter, view: LinkView, scale: scene.Scale) -> None:
        at = scene.nearest(view, self.cursor_m or 0.0)
        ray = float(view.ray_m[at])
        x = float(scale.x(float(view.profile.distance_m[at])))
        ink = paint.colours()
        painter.setPen(QPen(ink(Role.INK), 1.0))
        painter.drawLine(QLineF(x, 0, x, scale.plot.bottom()))
        if ray == ray:
            painter.setPen(QPen(ink(Role.INK), 1.5))
            painter.setBrush(ink(Role.PAPER))
            painter.drawEllipse(QPointF(x, float(scale.y(ray))), 4.5, 4.5)
        paint.paint_plate(painter, self.words_at(at), x, 0, scale.plot.adjusted(32, 0, 0, 0))

    def words_at(self, at: int) -> list[tuple[str, Role, bool]]:
        """Return what is said of a sample: distance and ground, trees, clearance in metres and in F1."""
        view = self.view
        if view is None:
            return []
        where = distance(float(view.profile.distance_m[at]), self.units)
        ground = float(view.profile.ground_m[at])
        if ground != ground:
            return [(tr(msg("{where} · no terrain here", where=where)), Role.INK, False)]
        first = msg("{where} · ground {height}", where=where, height=height(ground, self.units))
        cover = float(view.profile.cover_m[at])
        if cover > 0.0:
            high = height(cover, self.units)
            what = msg("trees {height}", height=high)
            if self._hidden[at]:
                what = msg("seen here: {height}", height=high)
            elif view.profile.cover_assumed:
                what = msg("trees {height}, assumed", height=high)
            first = msg("{first} · {second}", first=first, second=what)
        lines = [(tr(first), Role.INK, False)]
        clear, f1 = float(view.clear_m[at]), float(view.f1_m[at])
        if clear == clear:
            by = height_words(abs(clear), self.units)
            if clear < 0.0:
                lines.append((tr(msg("{height} above the line", height=by)), Role.BAD, True))
            elif f1 > 0.05 and clear <= _MANY_F1 * f1:
                percent = 100.0 * clear / f1
                role = Role.GOOD if percent >= 100.0 * self.share - 1e-6 else Role.CAUTION
                words = msg("{height} clear · {percent:.0f} % of F1", height=by, percent=percent)
                lines.append((tr(words), role, True))
            else:
                lines.append((tr(msg("{height} clear", height=by)), Role.GOOD, True))
        return lines


def height_words(value_m: float, units: str) -> Message:
    """Return a height of a few metres with one decimal where that says something."""
    value, imperial = (value_m / FOOT_M, True) if units == "imperial" else (value_m, False)
    if abs(value - round(value)) > 0.04 and value < 20.0:
        return msg("{value:.1f} ft", value=value) if imperial else msg("{value:.1f} m", value=value)
    return height(value_m, units)

"""The profile of a path: what stands between two places, with antennas that can be dragged.

The distance axis runs from the first end at the left to the second at the right in every language, as in print: a
profile is a picture of the ground and does not turn round with the letters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from cn_planner.drawing.display import Anchor, Marker, Polyline, Stroke, Symbol
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_curves import ProfileScale, axis_items, axis_ticks, gap_boxes, ground_items, path_items
from cn_planner.gui import theme
from cn_planner.gui.paint import Colours, paint_items
from cn_planner.gui.panels import profile_scene as scene
from cn_planner.gui.panels.formatters import spaced
from cn_planner.gui.panels.profile_handle import HANDLE_PX, AntennaHandle
from cn_planner.gui.quantities import FOOT_M, MILE_M, distance, height
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from cn_planner.drawing.display import DisplayItem
    from cn_planner.model.plan import Obstacle
    from cn_planner.service.path_view import LinkView

_LEFT, _RIGHT, _GAP_PX = 48, 16, 6
_KM_M = 1000.0
_MANY_F1 = 3.0
"""So many radii of the first zone are clear by any rule: their number says nothing more."""
_LEFTWARDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
_RIGHTWARDS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
_ASSUMED, _KNOWN = 0.30, 0.55
"""How much of the trees is seen: paler where they are only assumed."""
_BESIDE = 3.0
"""Some letters reach to the left of where they begin."""


def levels(low: float, high: float, room_px: float) -> list[float]:
    """Return the heights that the axis names: as many as can be read, and at least two to measure between."""
    return axis_ticks(low, high, max(5, int(room_px / theme.px(26))))


def _tall(words: str) -> float:
    """Return how tall words in small letters are: some scripts reach further down than the line of the font."""
    metrics = QFontMetricsF(theme.window_font(theme.LABEL_PX))
    return max(metrics.height(), metrics.boundingRect(words).height() + 1.0)


class ProfileView(QWidget):
    """Shows one path."""

    moving = Signal(int, float)
    """An antenna is under the hand: which end, 0 or 1, and its height, m."""
    chosen = Signal(int, float)
    """It was let go."""
    given_up = Signal()
    cursorChanged = Signal(object)  # noqa: N815  (Qt's way to name signals)
    menuAsked = Signal(float, QPoint)  # noqa: N815
    """Distance along the path, m, and where on the screen."""
    """Metres from the first end, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: LinkView | None = None
        self.units = "metric"
        self.share = 0.6
        self.cursor_m: float | None = None
        self._seen: tuple[scene.SeenObstacle, ...] = ()
        self._hidden = np.zeros(0, np.bool_)
        self._ground: QPixmap | None = None
        self._ground_of: object = None
        self._scale: ProfileScale | None = None
        self._fitted = QRectF()
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
    def scale(self) -> ProfileScale | None:
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

    def plot(self) -> QRectF:
        """Return where the curves stand."""
        foot = 2 * _tall(self._axis_words()) + 12  # distances, and below them both ends
        # However high an antenna stands, its handle hangs below the name of the axis.
        top = self.axis_name().bottom() + HANDLE_PX / 2
        left = max(_LEFT, math.ceil(self._figures_px()) + _GAP_PX + 2)
        return QRectF(left, top, self.width() - left - _RIGHT, self.height() - top - foot)

    def _figures_px(self) -> float:
        """Return how wide the figures of the height axis may be: those of large letters have four places too."""
        if self.view is None:
            return 0.0
        unit = FOOT_M if self.units == "imperial" else 1.0
        tops = (self.view.ray_m, self.view.profile.ground_m)
        most = max((float(np.nanmax(np.abs(one))) for one in tops if np.isfinite(one).any()), default=0.0)
        return QFontMetricsF(theme.window_font(theme.LABEL_PX)).horizontalAdvance(f"{most / unit:,.0f}")

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
            if keep and self._scale is not None and self._fitted == self.plot() and self.dragging:
                tops = [self.view.ray_m[0], self.view.ray_m[-1]]
                if max(tops) <= self._scale.high_m and min(tops) >= self._scale.low_m:
                    self._place_handles()
                    return
                head = self._scale.high_m
            self._fitted = self.plot()
            self._scale = scene.profile_scale(self.view, self._fitted, head)
        self._place_handles()

    def _place_handles(self) -> None:
        view, scale = self.view, self._scale
        for end, handle in enumerate(self.handles):
            amsl = float(view.ray_m[-end]) if view is not None else float("nan")
            shown = amsl == amsl
            if scale is not None and shown:
                x, y = scale.at(end * scale.length_m, amsl)
                handle.move(round(x - HANDLE_PX / 2), round(y - HANDLE_PX / 2))
            handle.setVisible(scale is not None and shown)

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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask what can be done here: under the mouse, or by its key where the cursor is."""
        if self._scale is None:
            return
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            at = self.cursor_m if self.cursor_m is not None else self._start()
            self.menuAsked.emit(at, self.mapToGlobal(self.rect().center()))
        else:
            at = min(max(self._scale.metres(event.pos().x()), 0.0), self._scale.length_m)
            self.menuAsked.emit(at, event.globalPos())

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
        if np.isfinite(view.ray_m).all():
            shape = scene.shape_of(view, self._hidden)
            plot = self.plot()
            painter.save()
            painter.setClipRect(plot.adjusted(-HANDLE_PX, -plot.top(), HANDLE_PX, 0))
            paint_items(painter, path_items(shape, scale, scene.states_of(view), self.share, screen=True), _inks())
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
        painter.setFont(theme.window_font(theme.LABEL_PX))
        text = tr(msg("There is no terrain on this path."))
        if self.view.profile.length_m <= 0.0:
            text = tr(msg("Both ends are the same place."))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)

    def _ground_picture(self, view: LinkView, scale: ProfileScale) -> QPixmap:
        ratio = self.devicePixelRatioF()
        key = (id(view.profile), scale, self._seen, ratio, theme.current().name, self.units, self.size())
        if self._ground is None or self._ground_of != key:
            self._ground_of = key
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            shape, assumed = scene.shape_of(view, self._hidden), view.profile.cover_assumed
            grid, words = self._axes(scale)
            still = ground_items(shape, scale, _ASSUMED if assumed else _KNOWN) + scene.seen_items(self._seen, scale)
            paint_items(painter, [*grid, *still, *words], _inks())
            painter.setPen(theme.current().text_dim)
            painter.setFont(theme.window_font(theme.LABEL_PX))
            painter.drawText(self.axis_name(), _LEFTWARDS, self._axis_words())
            for left, right in gap_boxes(shape, scale):
                self._gap_words(painter, QRectF(left, scale.plot.top, right - left, self.plot().height()))
            painter.end()
            self._ground = picture
        return self._ground

    def _gap_words(self, painter: QPainter, box: QRectF) -> None:
        painter.setFont(theme.window_font(theme.LABEL_PX))
        text = tr(msg("no terrain"))
        wide = painter.fontMetrics().horizontalAdvance(text) + 8
        if wide < box.width():
            plate = QRectF(box.center().x() - wide / 2, box.bottom() - 28, wide, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.current().surface)
            painter.drawRoundedRect(plate, 4, 4)
            painter.setPen(theme.current().text)
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _axes(self, scale: ProfileScale) -> tuple[list[DisplayItem], list[DisplayItem]]:
        """Return the grid and the figures, in the user's units."""
        plot, imperial = self.plot(), self.units == "imperial"
        unit = FOOT_M if imperial else 1.0
        heights = levels(scale.low_m / unit, scale.high_m / unit, plot.height())
        small = scale.length_m < (0.5 * MILE_M if imperial else _KM_M)
        long, words = {
            (True, True): (FOOT_M, msg("{value:g} ft")),
            (True, False): (MILE_M, msg("{value:g} mi")),
            (False, True): (1.0, msg("{value:g} m")),
            (False, False): (_KM_M, msg("{value:g} km")),
        }[imperial, small]
        distances = []
        for value in axis_ticks(0.0, scale.length_m / long, max(2, int(plot.width() / 110))):
            share = value * long / scale.length_m
            x = share * plot.width()
            anchor = Anchor.START if x < 30 else Anchor.END if x + 30 > plot.width() else Anchor.MIDDLE
            distances.append((share, tr(Message(words.key, (("value", round(value, 6)),))), anchor))
        named = [(one * unit, f"{one:,.0f}") for one in heights]
        return axis_items(scale, named, distances, theme.px(theme.LABEL_PX), gap=float(_GAP_PX))

    def _ends(self, painter: QPainter, view: LinkView, scale: ProfileScale) -> None:
        """Name both ends below the distance axis."""
        tall = _tall(self._axis_words())
        half = self.plot().width() / 2 - 8
        top = scale.plot.bottom + tall + 6
        sides = (_LEFTWARDS, _RIGHTWARDS)
        painter.setFont(theme.window_font(theme.LABEL_PX, bold=True))
        painter.setPen(theme.current().text)
        metrics = painter.fontMetrics()
        for end, side in enumerate(sides):
            said = tr(height_words((view.a, view.b)[end].height_m or 0.0, self.units))
            room = half - metrics.horizontalAdvance(f"  {said}") - 4
            name = metrics.elidedText(view.names[end], Qt.TextElideMode.ElideRight, int(room))
            left = scale.plot.left if end == 0 else scale.plot.right - half
            where = QRectF(left, top, half, tall + 4)
            painter.drawText(where, side | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextDontClip, spaced(name, said))

    def _worst(self, painter: QPainter, view: LinkView, scale: ProfileScale) -> None:
        at = scene.worst(view)
        if at is None or (self.dragging and self.cursor_m is not None):
            return
        top = float(view.profile.ground_m[at] + view.bulge_m[at] + view.profile.cover_m[at])
        x, y = scale.at(float(view.profile.distance_m[at]), top)
        stem = Polyline(((x, 4.0), (x, scale.plot.bottom)), Stroke(Role.INK, 1.2, (0.2, 3.4)))
        paint_items(painter, (stem, Marker(Symbol.DOT, x, y, 7.0, Role.PAPER, Role.INK)), _inks())
        if self.cursor_m is None:
            self._plate(painter, at, x)

    def _cursor(self, painter: QPainter, view: LinkView, scale: ProfileScale) -> None:
        at = scene.nearest(view, self.cursor_m or 0.0)
        ray = float(view.ray_m[at])
        x, y = scale.at(float(view.profile.distance_m[at]), ray)
        items: list[DisplayItem] = [Polyline(((x, 0.0), (x, scale.plot.bottom)), Stroke(Role.INK, 1.0))]
        if ray == ray:
            items.append(Marker(Symbol.DOT, x, y, 9.0, Role.INK, Role.PAPER))
        paint_items(painter, items, _inks())
        self._plate(painter, at, x)

    def _plate(self, painter: QPainter, at: int, x: float) -> None:
        """Say what is at a sample, on a plate beside it at the upper edge."""
        lines, within, ink = self.words_at(at), self.plot().adjusted(32, 0, 0, 0), _inks()
        fonts = [theme.window_font(theme.LABEL_PX, bold=bold) for _, _, bold in lines]
        wide = (
            max(QFontMetricsF(face).horizontalAdvance(text) for (text, _, _), face in zip(lines, fonts, strict=True))
            + 12.0
        )
        tall = QFontMetricsF(fonts[0]).height()
        painter.setFont(fonts[0])
        left = max(x + 8 if x + 8 + wide <= within.right() else x - 8 - wide, within.left())
        left = max(min(left, self.width() - wide), 0.0)
        over = left < _BESIDE + painter.fontMetrics().horizontalAdvance(self._axis_words())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink(Role.PLATE, 1.0 if over else 0.88))
        if over:  # rather no name of the axis than half of one
            painter.drawRect(QRectF(0, 0, left + 4, self.axis_name().height()))
        painter.drawRoundedRect(QRectF(left, 0, wide, tall * len(lines) + 4), 4, 4)
        for n, ((text, role, _), face) in enumerate(zip(lines, fonts, strict=True)):
            painter.setFont(face)
            painter.setPen(ink(role))
            row = QRectF(left + 6, 2 + n * tall, wide - 12, tall)
            painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

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


def _inks() -> Colours:
    """Return the colours of drawings in the window's look."""
    return Colours(theme.current().drawing)


def height_words(value_m: float, units: str) -> Message:
    """Return a height of a few metres with one decimal where that says something."""
    value, imperial = (value_m / FOOT_M, True) if units == "imperial" else (value_m, False)
    if abs(value - round(value)) > 0.04 and value < 20.0:
        return msg("{value:.1f} ft", value=value) if imperial else msg("{value:.1f} m", value=value)
    return height(value_m, units)

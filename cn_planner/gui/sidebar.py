"""The sidebar: seven verbs with their state and one next action, and below them what only the village knows."""

from __future__ import annotations

import math
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QWidget

from cn_planner.gui import icons, theme
from cn_planner.gui.lines import laid_out, write_lines
from cn_planner.gui.overview import STAGE_WORDS, SidebarTask, Stage
from cn_planner.gui.panels.parts import STRETCH, button, menu_of, offer, retext, vbox
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.words import runs_mirrored, tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QFont, QPaintEvent

WIDE, SLIM, FOLDED = 216, 176, 64
_ICON_PX = 48
_EDGE_PX, _FOLDED_EDGE_PX = 8, 2
"""Beside the tasks; folded a scroll bar has room beside whole icons."""
_SIGN, _BUTTON_PAD = 22, 12
_BAR_PX = 10
"""Of the scroll bar, where the tasks are higher than the window: words have room beside it."""
_END_PX = 4
"""Between the lines of a state and the edge of its card."""
_STAGE_ROLES = {Stage.DONE: "ok", Stage.ATTENTION: "warn", Stage.OPEN: "text_faint"}


class RailShape(Enum):
    """How much of the sidebar is shown; its value is the width, in px of the layout."""

    WIDE = WIDE
    """Each verb with its state."""
    SLIM = SLIM
    """Each verb; its state at the chosen one alone."""
    FOLDED = FOLDED
    """Icons alone."""

    def width(self, verbs: Iterable[str] = ()) -> int:
        """Return how wide it is at the user's size of letters: icons do not grow, and each verb has its room."""
        if self is RailShape.FOLDED:
            return FOLDED
        metrics = QFontMetrics(theme.window_font(bold=True))
        longest = max((metrics.horizontalAdvance(one) for one in verbs), default=0)
        return max(theme.px(self.value), longest + _beside_words() + 4)


def _beside_words() -> int:
    """Return what stands beside the words of a task: its sign, the edges, a scroll bar."""
    return 2 * 8 + 8 + theme.px(_SIGN) + 12 + _BAR_PX


def _height(words: str, font: QFont, width: int) -> int:
    """Return how high words are in lines of a width."""
    if runs_mirrored(words):
        return math.ceil(laid_out(words, font, width)[1])
    return QFontMetrics(font).boundingRect(QRect(0, 0, width, 400), int(Qt.TextFlag.TextWordWrap), words).height()


class TaskButton(QAbstractButton):
    """One verb with its symbol and its state; folded only its icon with the symbol at its corner."""

    def __init__(self, task: SidebarTask, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task = task
        self.shape, self._rail_px = RailShape.WIDE, theme.px(WIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_task(task)

    def show_task(self, task: SidebarTask) -> None:
        """Take another state of the same verb."""
        self.task = task
        words = f"{tr(task.verb)}: {tr(STAGE_WORDS[task.stage])}. {tr(task.state)}"
        self.setAccessibleName(words)
        self.setAccessibleDescription(tr(task.action))
        self.setToolTip("" if self._says_state else words)
        self.updateGeometry()
        self.update()

    def take_shape(self, shape: RailShape, rail_px: int) -> None:
        """Show so much of it, in a column so wide."""
        self.shape, self._rail_px = shape, rail_px
        self.show_task(self.task)

    @property
    def _says_state(self) -> bool:
        return self.shape is RailShape.WIDE or (self.shape is RailShape.SLIM and self.isChecked())

    def _words_width(self) -> int:
        return self._rail_px - _beside_words()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return room for the verb and all lines of its state, as far as they are said."""
        if self.shape is RailShape.FOLDED:
            return QSize(_ICON_PX, _ICON_PX)
        high = theme.px(8) + theme.px(22) + 8
        if self._says_state:
            high += _height(tr(self.task.state), theme.window_font(theme.LABEL_PX), self._words_width() - _END_PX)
        return QSize(self._rail_px - 16 - _BAR_PX, high)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the same: nothing is cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw symbol, verb and state along the line of writing."""
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() and not self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.sunken)
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(now.focus, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 7, 7)
        if self.shape is RailShape.FOLDED:
            self._paint_folded(painter, now)
            return
        sign = theme.px(_SIGN)
        self._sign(painter, now, self._along(QRect(8, 8 + (theme.px(22) - sign) // 2, sign, sign)), sign)
        start, width = 8 + sign + 12, self._words_width()
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
        side = Qt.AlignmentFlag.AlignRight if self._mirrored else Qt.AlignmentFlag.AlignLeft
        painter.setFont(theme.window_font(bold=True))
        painter.setPen(now.action if self.isChecked() else now.text)
        verb = self._along(QRect(start, 8, width, theme.px(22)))
        self._write(painter, verb, side | Qt.AlignmentFlag.AlignVCenter, tr(self.task.verb))
        if not self._says_state:
            return
        painter.setFont(theme.window_font(theme.LABEL_PX))
        painter.setPen(now.text_dim)
        state = self._along(QRect(start, 8 + theme.px(22), width - _END_PX, self.height() - 8 - theme.px(22)))
        self._write(painter, state, side | flags, tr(self.task.state))

    @staticmethod
    def _write(painter: QPainter, place: QRect, flags: Qt.AlignmentFlag, words: str) -> None:
        if runs_mirrored(words):
            write_lines(painter, QRectF(place), flags, words)
            return
        # A sentence that is not translated yet keeps its own direction in a mirrored window.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.drawText(place, int(flags | Qt.AlignmentFlag.AlignAbsolute), words)

    @property
    def _mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _along(self, rect: QRect) -> QRect:
        """Return a rectangle given from where the line begins."""
        if self._mirrored:
            return QRect(self.width() - rect.x() - rect.width(), rect.y(), rect.width(), rect.height())
        return rect

    def _paint_folded(self, painter: QPainter, now: theme.ThemeLook) -> None:
        role = "action" if self.isChecked() else "text"
        ratio = self.devicePixelRatioF()
        left = (self.width() - _ICON_PX) // 2  # in the middle, with a scroll bar beside it or none
        painter.drawPixmap(left + 12, 12, icons.pixmap(self.task.key, role, 24, ratio))
        small = 16
        place = self._along(QRect(left + 30, 4, small, small))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.ground)
        painter.drawEllipse(QRectF(place).adjusted(-1, -1, 1, 1))
        self._sign(painter, now, place, small)

    def _sign(self, painter: QPainter, now: theme.ThemeLook, place: QRect, size: int) -> None:
        """Draw the symbol of the stage: tick, exclamation mark, empty ring, or a count."""
        colour: QColor = getattr(now, _STAGE_ROLES[self.task.stage])
        if self.task.count and len(self.task.count) <= 3:
            painter.setPen(QPen(colour, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(place).adjusted(1, 1, -1, -1))
            painter.setFont(theme.window_font(size * (0.5, 0.45, 0.36)[len(self.task.count) - 1], bold=True))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), self.task.count)
            return
        name = {Stage.DONE: "done", Stage.ATTENTION: "attention", Stage.OPEN: "open"}[self.task.stage]
        painter.drawPixmap(place.topLeft(), icons.pixmap(name, _STAGE_ROLES[self.task.stage], size,
                                                         self.devicePixelRatioF()))  # fmt: skip


class TaskItem(QFrame):
    """A verb, and when it is the chosen one its next action below it."""

    asked = Signal(str)
    """A command of the window."""
    chosen = Signal(str)

    def __init__(self, task: SidebarTask) -> None:
        super().__init__()
        self._rail_px = theme.px(WIDE)
        self.button = TaskButton(task)
        self.button.setCheckable(True)
        self.button.clicked.connect(self._clicked)
        self.action = button("", "primary", act=lambda: self.asked.emit(self.button.task.command))
        self._holder = QWidget()
        vbox(on=self._holder, margin=(8, 0, 8, 8)).addWidget(self.action)
        vbox(self.button, self._holder, on=self, gap=0)
        self.show_task(task, current=False)

    def show_task(self, task: SidebarTask, *, current: bool) -> None:
        """Show the state of the verb; its action where it is the chosen one."""
        self.button.setChecked(current)
        self.button.show_task(task)
        retext(self.action, task.action)
        self._break_action()
        if self.action.hasFocus() and not current:  # else Qt has the keys go to the next field, wherever that is
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._holder.setVisible(current and self.button.shape is not RailShape.FOLDED)
        theme.mark(self, "chosen" if current else "")

    def take_shape(self, shape: RailShape, rail_px: int) -> None:
        """Show so much of it, in a column so wide."""
        self._rail_px = rail_px
        self.button.take_shape(shape, rail_px)
        self._break_action()
        self._holder.setVisible(self.button.isChecked() and shape is not RailShape.FOLDED)

    def _break_action(self) -> None:
        """Write the next action in as many lines as it needs here: a button does not do so by itself."""
        words, room = tr(self.button.task.action), self._rail_px - 2 * 16 - 2 * _BUTTON_PAD - _BAR_PX
        metrics, lines = QFontMetrics(theme.window_font(bold=True)), [""]
        for word in words.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and metrics.horizontalAdvance(longer) > room:
                lines.append(word)
            else:
                lines[-1] = longer
        self.action.setText("\n".join(lines))

    def _clicked(self) -> None:
        key = self.button.task.key
        self.chosen.emit(key)
        if self.button.shape is RailShape.FOLDED:
            task = self.button.task
            menu = menu_of(self, task.verb)
            menu.addAction(f"{tr(task.verb)}: {tr(task.state)}").setEnabled(False)
            offer(menu, task.action, partial(self.asked.emit, task.command))
            menu.popup(self.mapToGlobal(QPoint(0, self.height())))


class Sidebar(QFrame):
    """The sidebar at the leading edge of the window."""

    asked = Signal(str)
    """The command of a next action."""

    def __init__(self, village: QWidget) -> None:
        self.shape, self._fitted = RailShape.WIDE, list[str]()
        self._items: dict[str, TaskItem] = {}
        self._village = village
        super().__init__()
        self.setAccessibleName(tr(msg("Tasks")))
        self._chosen = ""
        self._suggested = ""
        self._list = vbox(gap=4)
        inner = QWidget()
        inner.setAccessibleName(tr(msg("Tasks")))
        self._column = vbox(self._list, STRETCH, village, on=inner, gap=16, margin=(_EDGE_PX, 16, _EDGE_PX, 16))
        scroll = ScrollColumn(inner, msg("Tasks"))
        theme.mark(self, "panel")
        vbox(on=self).addWidget(scroll)
        self.setFixedWidth(self.shape.width())

    @property
    def folded(self) -> bool:
        """Whether it shows icons alone."""
        return self.shape is RailShape.FOLDED

    def show_tasks(self, tasks: tuple[SidebarTask, ...], suggested: str) -> None:
        """Show all tasks; the one suggested is opened when it has become another, else the choice stays."""
        if suggested != self._suggested:
            self._suggested = self._chosen = suggested
        for task in tasks:
            item = self._items.get(task.key)
            if item is None:
                item = self._items[task.key] = TaskItem(task)
                item.asked.connect(self.asked)
                item.chosen.connect(self.choose)
                item.take_shape(self.shape, self.width())
                self._list.addWidget(item)
            item.show_task(task, current=task.key == self._chosen)
        if self._verbs() != self._fitted:
            self.take_shape(self.shape)  # in another language

    def _verbs(self) -> list[str]:
        return [tr(item.button.task.verb) for item in self._items.values()]

    def choose(self, key: str) -> None:
        """Open a task."""
        self._chosen = key
        for name, item in self._items.items():
            item.show_task(item.button.task, current=name == key)

    def item(self, key: str) -> TaskItem:
        """Return the item of a task."""
        return self._items[key]

    def take_shape(self, shape: RailShape) -> None:
        """Show so much of it."""
        self.shape, self._fitted = shape, self._verbs()
        wide = shape.width(self._fitted)
        self.setFixedWidth(wide)
        edge = _FOLDED_EDGE_PX if self.folded else _EDGE_PX
        self._column.setContentsMargins(edge, 16, edge, 16)
        for item in self._items.values():
            item.take_shape(shape, wide)
        self._village.setVisible(not self.folded and self._village.property("asks") is True)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Keep the width fitting to the letters."""
        if event.type() == QEvent.Type.FontChange:
            self.take_shape(self.shape)
        super().changeEvent(event)

"""The tour: a note beside each task, which follows what is done, to an own plan. It stops nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QWidget

from cn_planner.gui import icons, theme
from cn_planner.gui.panels.parts import STRETCH, button, caption, fill_box, hbox, retext, vbox
from cn_planner.gui.scroll import Resized
from cn_planner.gui.tour_steps import TOUR_STEPS, next_tour_step
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from PySide6.QtGui import QKeyEvent, QPaintEvent

    from cn_planner.message import Message
    from cn_planner.model.plan import Plan

_WIDTH = 320
_GAP = 16


class _Ring(QWidget):
    """A frame round what is spoken of; the hand goes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().action, 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 8, 8)


class _Ticks(QWidget):
    """A mark for each step: a tick where it is done, a ring round the one that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.px(20))
        self._done: Collection[int] = ()
        self._at = -1

    def show_ticks(self, done: Collection[int], at: int) -> None:
        """Show how far it is."""
        self._done, self._at = done, at
        words = counted("{count} of {all} is done.", "{count} of {all} are done.", len(done), all=len(TOUR_STEPS))
        self.setAccessibleName(tr(words))
        self.setToolTip(tr(words))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw them along the line of writing."""
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, mirrored = self.height() - 4, self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for number in range(len(TOUR_STEPS)):
            left = 2 + number * (size + 8)
            spot = QRectF(self.width() - left - size if mirrored else left, 2, size, size)
            if number == self._at:
                painter.setPen(QPen(now.action, 2))
                painter.drawEllipse(spot.adjusted(1, 1, -1, -1))
            if number in self._done:
                inner = round(size) - 6
                pixmap = icons.pixmap("done", "ok", inner, self.devicePixelRatioF())
                painter.drawPixmap(spot.adjusted(3, 3, -3, -3).topLeft(), pixmap)
            elif number != self._at:
                painter.setPen(QPen(now.text_faint, 1.5))
                painter.drawEllipse(spot.adjusted(4, 4, -4, -4))


class Tour(QFrame):
    """The note that goes from task to task, to an own plan: it follows what the person does.

    A step is ticked when what it speaks of is in the plan; the note goes on by itself then. It stops nothing, takes the
    keys only when it is called, and can be left at any step and taken up there.

    Parameters
    ----------
    window : QWidget
    target : callable of str
        Returns what a step stands beside, by the key of its task; with an empty key what makes a first plan.
    stands : callable
        Returns the plan, None where none is open, and whether papers were written of it.
    at : int
        The step that it begins with.
    clear : QWidget, optional
        What the note may not cover: the tools that it speaks of are to be seen and taken.
    """

    left = Signal(int)
    """It was read to the end (-1), or left at a step."""
    shown = Signal(str)
    """A step is shown: the key of its task."""
    placed = Signal()
    """It stands elsewhere, or no more."""

    def __init__(
        self,
        window: QWidget,
        target: Callable[[str], QWidget],
        stands: Callable[[], tuple[Plan | None, bool]],
        at: int = 0,
        clear: QWidget | None = None,
    ) -> None:
        super().__init__(window)
        theme.mark(self, "float")
        self._window, self._find, self._stands, self._clear = window, target, stands, clear
        self._key = ""
        self._at, self._done, self._ended = -1, frozenset[int](), False
        self._ring = _Ring(window)
        self._beside_of: QWidget | None = None
        self._target_follower: Resized | None = None
        self.setFixedWidth(theme.px(_WIDTH))
        self._column = lines = vbox(on=self, margin=16)
        self._count, self._tick = caption("", "label"), caption("", "ok")
        self._title = caption("", "head")
        self._words = caption("")
        self._ticks = _Ticks()
        for one in (self._tick, self._count, self._title, self._words, self._ticks):
            lines.addWidget(one)
        self._leave = button(msg("Leave the tour"), "flat", act=self.leave)
        self._back = button(msg("Back"), act=lambda: self.show_step(self._at - 1))
        self._next = button(msg("Next"), act=self._go_on)
        fill_box(lines, 8, hbox(self._leave, STRETCH, self._back, self._next))
        self._followers = [Resized(self, window, self.place)]
        if clear is not None:
            self._followers.append(Resized(self, clear, self.place))  # a tool in hand says how it is used
        self._first = at
        self.follow()

    @property
    def at(self) -> int:
        """Which step is shown; -1 while no plan is open, or all is done."""
        return self._at

    def __len__(self) -> int:
        return len(TOUR_STEPS)

    @property
    def done(self) -> frozenset[int]:
        """The steps that are done."""
        return self._done

    def follow(self) -> None:
        """Look what is done by now; where the step that is shown has just been done, say so and go on."""
        plan, shared = self._stands()
        before, had = self._done, self._at
        self._done = frozenset(
            number for number, one in enumerate(TOUR_STEPS) if plan is not None and one.is_done(plan, shared)
        )
        if plan is None:
            self._begin_with_a_plan()
        elif had < 0 and not (self._ended and len(self._done) == len(TOUR_STEPS)):
            self._first = min(self._first, len(TOUR_STEPS) - 1)
            self.show_step(self._first if self._first not in self._done else next_tour_step(plan, shared))
        elif had >= 0 and had in self._done and had not in before:
            self.show_step(next_tour_step(plan, shared, had), ticked=TOUR_STEPS[had].ticked)
        elif before != self._done and had >= 0:
            self.show_step(had)

    def _begin_with_a_plan(self) -> None:
        self._first = self._at if self._at >= 0 else self._first  # where it goes on
        self._say(
            -1, tr(msg("First a plan")), tr(msg("Make one of your own place; or look round in the sample valley."))
        )
        self._key = ""
        self._back.hide()
        self._next.hide()
        self._finish()

    def show_step(self, number: int, *, ticked: Message | None = None) -> None:
        """Show a step; where there is none any more, that the plan is there."""
        self._ended = number < 0
        if number < 0:
            words = msg("All seven steps are done: this plan is yours. The manual (F1) goes on from here.")
            self._say(-1, tr(msg("Your own plan")), tr(words), ticked)
            self._back.hide()
            retext(self._next, msg("Done"))
            self._next.show()
            self._leave.hide()
            self._finish()
            return
        step = TOUR_STEPS[number]
        self._say(number, tr(step.title), tr(step.words), ticked)
        if number in self._done and ticked is None:
            self._tick.setText(f"✓ {tr(step.ticked)}")
            self._tick.show()
        self._back.setVisible(number > 0)
        self._next.show()
        self._leave.show()
        retext(self._next, msg("Next"))
        self.shown.emit(step.key)
        self._key = step.key
        self._finish()

    def _say(self, number: int, title: str, words: str, ticked: Message | None = None) -> None:
        self._at = number
        told = tr(msg("{number} of {count}", number=number + 1, count=len(TOUR_STEPS))) if number >= 0 else ""
        self._count.setText(told)
        self._count.setVisible(bool(told))
        self._tick.setText(f"✓ {tr(ticked)}" if ticked is not None else "")
        self._tick.setVisible(ticked is not None)
        self._title.setText(title)
        self._words.setText(words)

    def _finish(self) -> None:
        """Let it be seen and heard."""
        self._ticks.show_ticks(self._done, self._at)
        heard = [one.text() for one in (self._tick, self._count, self._title) if one.text()]
        self.setAccessibleName(": ".join(heard))
        self.setAccessibleDescription(f"{self._words.text()} {self._ticks.accessibleName()}")
        self.show()
        self.place()
        QTimer.singleShot(0, self, self.place)  # once the task that it opened has its size
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def take_keys(self) -> None:
        """Put the keyboard here: somebody called it."""
        (self._next if self._next.isVisible() else self._leave).setFocus()

    def _go_on(self) -> None:
        if self._at < 0 or self._at == len(TOUR_STEPS) - 1:
            self.leave()
        else:
            self.show_step(self._at + 1)

    def place(self) -> None:
        """Stand beside what is spoken of, within the window."""
        self._place()
        self.placed.emit()

    def _place(self) -> None:
        window, width = self._window, self.width()
        self.resize(width, self._column.totalHeightForWidth(width))
        target = self._find(self._key)  # each time: the first page makes its cards anew
        self._watch(target)
        room = window.rect()
        if not target.isVisible():
            self._ring.hide()
            self.move(room.center() - self.rect().center())
            self.raise_()
            return
        box = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        self._ring.setGeometry(box.adjusted(-2, -2, 2, 2).intersected(room))
        self._ring.show()
        self._ring.raise_()
        self.move(self._beside(box, room))
        self.raise_()

    def _watch(self, target: QWidget) -> None:
        """Follow what is spoken of as it grows and moves: a task says more once there is something to accept."""
        if target is not self._beside_of:
            if self._target_follower is not None:
                self._target_follower.deleteLater()
            self._beside_of, self._target_follower = target, Resized(self, target, self.place, moves=True)

    def _beside(self, box: QRect, room: QRect) -> QPoint:
        width, height = self.width(), self.height()
        top = min(max(box.top() + _GAP, room.top() + _GAP), room.bottom() - height - _GAP)
        middle = min(max(box.center().x() - width // 2, room.left() + _GAP), room.right() - width - _GAP)
        for place in (
            QPoint(box.right() + _GAP, top),
            QPoint(box.left() - _GAP - width, top),
            QPoint(middle, box.bottom() + _GAP),
            QPoint(middle, box.top() - _GAP - height),
        ):
            place = self._below_tools(place)
            if room.contains(QRect(place, self.size())):
                return place
        return self._below_tools(QPoint(middle, max(room.top() + _GAP, box.center().y() - height // 2)))

    def _below_tools(self, place: QPoint) -> QPoint:
        """Return a place, moved down where it would cover the tools."""
        if self._clear is None or not self._clear.isVisible():
            return place
        tools = QRect(self._clear.mapTo(self._window, QPoint(0, 0)), self._clear.size())
        return QPoint(place.x(), tools.bottom() + _GAP) if QRect(place, self.size()).intersects(tools) else place

    def leave(self) -> None:
        """End."""
        self._ring.hide()
        self._ring.deleteLater()
        self.hide()
        for watched, follower in zip((self._window, self._clear), self._followers, strict=False):
            if watched is not None:
                watched.removeEventFilter(follower)
        self.left.emit(-1 if self._ended else self._at if self._at >= 0 else self._first)
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

"""The short tour: a few notes beside the things they speak of. It stops nothing, and can be left at any step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.parts import STRETCH, button, caption, fill_box, hbox, retext, vbox
from cn_planner.gui.scroll import Resized
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QPaintEvent

_WIDTH = 320
_GAP = 16


NOTES: tuple[tuple[Message, Message], ...] = (
    (
        msg("Seven tasks"),
        msg("From homes to the plan that you build from. Each says how it stands, and what comes next."),
    ),
    (
        msg("The map"),
        msg("Triangles are towers, squares are homes. Drag a tower and see who it reaches while you move it."),
    ),
    (
        msg("What is selected"),
        msg("Click anything: here it is told in words. The numbers for an engineer are folded away."),
    ),
    (
        msg("Is there a way?"),
        msg("Take the link tool, drag from one place to any other, and see what stands between them."),
    ),
    (
        msg("Nothing is lost"),
        msg("Every step can be undone, also tomorrow. Try things in a second scenario, and compare."),
    ),
)
"""A title and what is said of the sidebar, the map, the side panel, the tools, the top bar."""


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


class Tour(QFrame):
    """The note that goes from thing to thing.

    Parameters
    ----------
    window : QWidget
    targets : sequence of QWidget
        What `NOTES` speak of, in their order.
    clear : QWidget, optional
        What the note may not cover: the tools that it speaks of are to be seen and taken.
    """

    left = Signal()
    """It was read to the end, or left."""

    def __init__(self, window: QWidget, targets: Sequence[QWidget], clear: QWidget | None = None) -> None:
        super().__init__(window)
        theme.mark(self, "float")
        self._window, self._targets, self._clear = window, targets, clear
        self._at = 0
        self._ring = _Ring(window)
        self.setFixedWidth(theme.px(_WIDTH))
        self._column = lines = vbox(on=self, margin=16)
        self._count = caption("", "label")
        self._title = caption("", "head")
        self._words = caption("")
        for one in (self._count, self._title, self._words):
            lines.addWidget(one)
        self._leave = button(msg("Leave the tour"), "flat", act=self.leave)
        self._back = button(msg("Back"), act=lambda: self.show_step(self._at - 1))
        self._next = button(msg("Next"), "primary", act=self._go_on)
        fill_box(lines, 8, hbox(self._leave, STRETCH, self._back, self._next))
        self._follower = Resized(self, window, self.place)
        self.show_step(0)

    @property
    def at(self) -> int:
        """Which step is shown."""
        return self._at

    def __len__(self) -> int:
        return len(NOTES)

    def show_step(self, number: int) -> None:
        """Show a step."""
        self._at = min(max(number, 0), len(NOTES) - 1)
        title, words = (tr(one) for one in NOTES[self._at])
        self._count.setText(tr(msg("{number} of {count}", number=self._at + 1, count=len(NOTES))))
        self._title.setText(title)
        self._words.setText(words)
        self._back.setVisible(self._at > 0)
        last = self._at == len(NOTES) - 1
        retext(self._next, tr(msg("Done")) if last else tr(msg("Next")))
        self._leave.setVisible(not last)
        self.setAccessibleName(f"{self._count.text()}: {title}")
        self.setAccessibleDescription(words)
        self.show()
        self.place()
        self._next.setFocus()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _go_on(self) -> None:
        if self._at == len(NOTES) - 1:
            self.leave()
        else:
            self.show_step(self._at + 1)

    def place(self) -> None:
        """Stand beside what is spoken of, within the window."""
        window, width = self._window, self.width()
        self.resize(width, self._column.totalHeightForWidth(width))
        target = self._targets[self._at]
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
        self._window.removeEventFilter(self._follower)
        self.left.emit()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

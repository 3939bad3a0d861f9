"""What the window says to a person: cards over the map with what, where, what to do; never a dialog that stops work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QToolButton, QWidget
from shiboken6 import isValid

from cn_planner.gui import icons, theme
from cn_planner.gui.panels.parts import button, caption, fill_box, hbox, retext, vbox
from cn_planner.gui.scroll import Resized
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.values import Offer
    from cn_planner.message import Message

_MOST = 3
_INFO_MS = 8000
_WIDTH, _LEAST_PX, _GAP_PX = 464, 200, 8
_LEVELS = {
    Level.INFO: ("float", "done", "ok", msg("Note")),
    Level.WARNING: ("warning", "attention", "warn", msg("Warning")),
    Level.ERROR: ("error", "blocked", "bad", msg("Error")),
}


class MessageCard(QFrame):
    """One notice: symbol, what happened, where, what to do, and what can be done at once."""

    def __init__(self, notice: Notice, action: Offer | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        kind, symbol, role, word = _LEVELS[notice.level]
        theme.mark(self, kind)
        self._word = word
        self._said: list[tuple[QLabel | QPushButton, Message]] = []
        self.setFixedWidth(theme.px(_WIDTH))
        sign = QLabel()
        self._sign = sign, symbol, role
        self._dress()
        theme.signals.changed.connect(self._dress)
        lines = vbox(gap=4)
        line = hbox((sign, Qt.AlignmentFlag.AlignTop), (lines, 1), on=self, gap=12, margin=(16, 12, 8, 12))
        for text, look in ((notice.what, "head"), (_short(notice.where), "label"), (notice.fix, "")):
            if text:
                said = caption(text, look)
                said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                lines.addWidget(said)
                if not isinstance(text, str):
                    self._said.append((said, text))
        buttons = hbox()
        offers: list[tuple[Message, str, Callable[[], object]]] = []
        if action is not None:
            self._action = action[1]
            offers.append((action[0], "primary", self._take))
        if notice.details:
            offers.append((msg("Copy report"), "quiet", self._copy))
        for text, look, act in offers:
            offered = button(text, look, act=act)
            buttons.addWidget(offered)
            self._said.append((offered, text))
        if buttons.count():
            buttons.addStretch(1)
            fill_box(lines, 4, buttons)
        self._close = close = QToolButton()
        theme.mark(close, "flat")
        close.setIcon(icons.icon("close", "text_dim"))
        close.clicked.connect(self.leave)
        line.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.leave)
        self._stays = notice.level is not Level.INFO or action is not None  # a next step waits for whoever takes it
        self._go_soon()
        self.retitle()

    def retitle(self) -> None:
        """Say it in the language of the moment."""
        self.setAccessibleName(f"{tr(self._word)}: {tr(self.notice.what)}")
        self._sign[0].setAccessibleName(tr(self._word))
        for widget, words in self._said:
            retext(widget, words)
        close = tr(msg("Close this message"))
        self._close.setToolTip(close)
        self._close.setAccessibleName(close)

    def _dress(self) -> None:
        """Draw the symbol in the look of the moment."""
        sign, symbol, role = self._sign
        sign.setPixmap(icons.pixmap(symbol, role, theme.px(20), self.devicePixelRatioF()))

    def _go_soon(self) -> None:
        if not self._stays:
            self._timer.start(_INFO_MS)

    def _take(self) -> None:
        """Do what is offered; it is not offered again."""
        self._action()
        self.leave()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.notice.details)

    def leave(self) -> None:
        """Go away."""
        self._timer.stop()
        self.hide()
        stack = self.parent()
        self.setParent(None)
        self.deleteLater()
        if isinstance(stack, MessageStack):
            stack.arrange()

    def withdraw(self) -> None:
        """Go away where it is there still: what it says holds no more."""
        if isValid(self) and self.parent() is not None:
            self.leave()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Stay as long as somebody reads."""
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """And go as others do from then on: it may have come up under a pointer that nobody moved."""
        self._go_soon()
        super().leaveEvent(event)


def _short(where: str) -> str:
    """Return a place that fits: of a long path its end, where the file's name is."""
    return where if len(where) <= 90 else "…" + where[-89:]


class MessageStack(QWidget):
    """The cards that are shown, the newest lowest, over the lower edge of a region."""

    def __init__(self, region: QWidget, over: QWidget | None = None) -> None:
        super().__init__(region)
        self._region, self._over = region, over
        """The part of the region that they stand over, where it is shown."""
        self.taken: Callable[[], QRect] = QRect
        """Where something stands on the region that they may not cover: empty where nothing does."""
        self.setAccessibleName(tr(msg("Messages")))
        self._column = vbox(on=self)
        Resized(self, region, self.arrange)
        self.hide()

    def say(self, notice: Notice, action: Offer | None = None) -> MessageCard:
        """Show a notice; one that says the same as one that is shown takes its place."""
        cards = self.cards
        for card in cards:
            if (card.notice.what, card.notice.where) == (notice.what, notice.where):
                card.leave()
        for card in self.cards[: -(_MOST - 1)]:
            card.leave()
        new = MessageCard(notice, action, self)
        self._column.addWidget(new)
        new.show()
        self.arrange()
        QAccessible.updateAccessibility(QAccessibleEvent(new, QAccessible.Event.Alert))
        return new

    @property
    def cards(self) -> list[MessageCard]:
        """The cards that are shown, the newest last."""
        return [card for card in self.findChildren(MessageCard) if card.parent() is self]

    def retitle(self) -> None:
        """Say what is shown in the language of the moment."""
        for card in self.cards:
            card.retitle()
        self.arrange()

    def clear(self) -> None:
        """Take all cards away."""
        for card in self.cards:
            card.leave()

    def arrange(self) -> None:
        """Stand in the middle over the lower edge; beside what they may not cover, as wide as there is room."""
        if not self.cards:
            self.hide()
            return
        region, taken = self._region, self.taken()
        self.show()
        box = region.rect()
        if self._over is not None and self._over.isVisible():
            box = QRect(self._over.mapTo(region, QPoint(0, 0)), self._over.size())
        self._take(box, _GAP_PX, region.width() - _GAP_PX)
        if self.geometry().intersects(taken):
            before, after = taken.left() - _GAP_PX, taken.right() + 1 + _GAP_PX
            if before - _GAP_PX > region.width() - _GAP_PX - after:
                self._take(box, _GAP_PX, before)
            else:
                self._take(box, after, region.width() - _GAP_PX)
        self.raise_()

    def _take(self, box: QRect, left: int, right: int) -> None:
        """Stand over the lower edge of a box, between two edges of the region."""
        for card in self.cards:
            card.setFixedWidth(min(theme.px(_WIDTH), max(right - left, _LEAST_PX)))
        self._column.activate()
        size = self._column.sizeHint()
        height = self._column.heightForWidth(size.width()) if self._column.hasHeightForWidth() else size.height()
        self.resize(size.width(), height)
        x = min(max(box.center().x() - self.width() // 2, left), right - self.width())
        self.move(x, max(_GAP_PX, box.bottom() - self.height() - 24))

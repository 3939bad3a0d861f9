"""The small pieces that panels are made of: rows and columns, texts that shorten, cards, drawers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QTableView,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from cn_planner.gui import theme
from cn_planner.gui.lines import write_lines
from cn_planner.gui.theme import STEP
from cn_planner.gui.words import runs_mirrored, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from cn_planner.gui.words import Said


Margins = int | tuple[int, int, int, int]
"""All round, or left, top, right, bottom."""


class BoxStretch(int):
    """A part of the room that is left, in a column or row."""


STRETCH = BoxStretch(1)
BoxItem = QWidget | QLayout | int | tuple[QWidget | QLayout, int | Qt.AlignmentFlag]
"""What a column or row holds: a widget or layout, alone, with its part of the room, or at a side; a gap; a stretch."""
Lines = TypeVar("Lines", bound=QBoxLayout)


def vbox(*items: BoxItem, on: QWidget | None = None, gap: int = STEP, margin: Margins = 0) -> QVBoxLayout:
    """Return a column that keeps the rhythm."""
    return _spaced(QVBoxLayout(on) if on is not None else QVBoxLayout(), items, gap, margin)


def hbox(*items: BoxItem, on: QWidget | None = None, gap: int = STEP, margin: Margins = 0) -> QHBoxLayout:
    """Return a row that keeps the rhythm."""
    return _spaced(QHBoxLayout(on) if on is not None else QHBoxLayout(), items, gap, margin)


def _spaced(made: Lines, items: Sequence[BoxItem], gap: int, margin: Margins) -> Lines:
    made.setContentsMargins(*((margin,) * 4 if isinstance(margin, int) else margin))
    made.setSpacing(gap)
    fill_box(made, *items)
    return made


def fill_box(box: QBoxLayout, *items: BoxItem) -> None:
    """Add to a column or row."""
    for one in items:
        what, part = one if isinstance(one, tuple) else (one, 0)
        stretch, side = (0, part) if isinstance(part, Qt.AlignmentFlag) else (part, Qt.AlignmentFlag(0))
        if isinstance(what, QWidget):
            box.addWidget(what, stretch, side)
        elif isinstance(what, QLayout):
            box.addLayout(what, stretch)
        elif isinstance(what, BoxStretch):
            box.addStretch(what)
        else:
            box.addSpacing(what)


def empty(layout: QLayout) -> None:
    """Take everything out of a layout, and let it go."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            let_go(widget)
        elif inner is not None:
            empty(inner)


def let_go(widget: QWidget) -> None:
    """Take a widget away for good."""
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


class Words(QLabel):
    """A text that stands at the leading edge of the window, whatever way its own letters run.

    Qt puts a Latin name to the left also where everything else begins at the right.
    """

    def __init__(self, text: Said = "", parent: QWidget | None = None) -> None:
        super().__init__(text_of(text), parent)
        self._align()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Change sides with the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._align()

    def _align(self) -> None:
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        side, now = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft, self.alignment()
        if not now & Qt.AlignmentFlag.AlignHCenter:
            self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | (now & Qt.AlignmentFlag.AlignVertical_Mask))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Write lines that run from the right up to their edge, which Qt does not."""
        runs = self.wordWrap() and runs_mirrored(self.text())
        selectable = self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        if not runs or selectable or self.textFormat() is not Qt.TextFormat.PlainText:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        self.drawFrame(painter)
        painter.setPen(self.palette().color(self.foregroundRole()))
        edge = self.margin()
        place = self.contentsRect().adjusted(edge, edge, -edge, -edge)
        write_lines(painter, QRectF(place), self.alignment(), self.text())


def caption(text: Said = "", kind: str = "", *, wraps: bool = True) -> QLabel:
    """Return a text that wraps, or one line."""
    made = Words(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    made.setMinimumWidth(1)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    if kind:
        theme.mark(made, kind)
    return made


def button(
    text: Said, kind: str = "", *, name: Said = "", tip: Said = "", act: Callable[[], object] | None = None
) -> QPushButton:
    """Return a button with a name for those who hear the window."""
    made = QPushButton()
    retext(made, text, name)
    made.setToolTip(text_of(tip))
    made.setAutoDefault(False)
    if kind:
        theme.mark(made, kind)
    if act is not None:
        made.clicked.connect(lambda _=False: act())
    return made


def retext(made: QAbstractButton | QLabel, text: Said, name: Said = "") -> None:
    """Let something be read, and heard: its name where that says more."""
    made.setText(text_of(text))
    made.setAccessibleName(text_of(name or text))


def text_table(name: Said, titles: Sequence[Said] = (), *, trailing: bool = False) -> QTableWidget:
    """Return a table of texts that are only read; `trailing`: they are numbers."""
    made = QTableWidget(0, len(titles))
    made.setAccessibleName(text_of(name))
    made.setHorizontalHeaderLabels([text_of(one) for one in titles])
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    dress_table(made, 28, 8)
    side = Qt.AlignmentFlag.AlignTrailing if trailing else Qt.AlignmentFlag.AlignLeading
    made.horizontalHeader().setDefaultAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return made


def dress_table(table: QTableView, row_px: int, pad_px: int) -> None:
    """Make a table of rows: as high, with texts so far from the edges of their cells."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setStyleSheet(f"QTableView::item {{ padding: 0 {pad_px}px; }}")
    table.setAlternatingRowColors(True)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme.px(row_px))


def head_menu(menu: QMenu, words: Said) -> None:
    """Say over a menu what it is about: a section's own name is not drawn where a style sheet dresses the menu."""
    head = menu.addAction(text_of(words).replace("&", "&&"))
    head.setFont(theme.window_font(bold=True))
    head.setEnabled(False)


def menu_of(parent: QWidget, name: Said) -> QMenu:
    """Return a menu that goes away once it was used."""
    made = QMenu(parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.setAccessibleName(text_of(name))
    return made


def offer(menu: QMenu, words: Said, act: Callable[[], object], *, chosen: bool | None = None) -> QAction:
    """Add something to a menu that can be done; `chosen`: it is one of several, and whether it is so now."""
    action = menu.addAction(text_of(words))
    action.triggered.connect(lambda _=False: act())
    if chosen is not None:
        action.setCheckable(True)
        action.setChecked(chosen)
    return action


def thin_line() -> QFrame:
    """Return a thin line between two parts."""
    made = QFrame()
    theme.mark(made, "rule")
    made.setFixedHeight(1)
    return made


class Elided(Words):
    """One line that shortens with an ellipsis; the whole text is then in its tooltip."""

    def __init__(self, text: Said = "", kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if kind:
            theme.mark(self, kind)
        self.say(text)

    def say(self, words: Said) -> None:
        """Show a text."""
        text = text_of(words)
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self._shorten()

    def whole(self) -> str:
        """Return the whole text."""
        return self._text

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size of the whole text."""
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the size of an ellipsis."""
        return QSize(self.fontMetrics().horizontalAdvance("M…"), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Shorten to the new width."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        short = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, max(self.width(), 8))
        if short != self.text():
            self.setText(short)
        self.setToolTip(self._text if short != self._text else "")


class QuestionCard(QFrame):
    """A question over the map: what it is about, what is asked, and the answers as buttons."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, "float")
        self.setFixedWidth(theme.px(320))
        self.lines = vbox(on=self, margin=12)
        self.head, self.words = caption(kind="head"), caption(kind="label")
        fill_box(self.lines, self.head, self.words)

    def add_answers(self, *answers: QPushButton) -> None:
        """Add the buttons."""
        line = hbox()
        for one in answers:
            line.addWidget(one)
        line.addStretch(1)
        self.lines.addLayout(line)


def told_card(head: str, lines: Sequence[Said], show: QPushButton, *, warns: bool) -> QFrame:
    """Return a framed piece of sentences, marked where they warn, with a button that shows what they are of."""
    card = QFrame()
    theme.mark(card, "warning" if warns else "card")
    card.setAccessibleName(head)
    inner = vbox(caption(f"▲  {head}" if warns else head), on=card, gap=4, margin=12)
    for text in lines:
        inner.addWidget(caption(text, "label"))
    inner.addWidget(show, 0, Qt.AlignmentFlag.AlignLeading)
    return card


def named_field(name: Said, field: QWidget, *, gap: int = 4) -> QVBoxLayout:
    """Return a column of a field's name and the field."""
    made, named = vbox(gap=gap), caption(name, "label")
    named.setBuddy(field)
    fill_box(made, named, field)
    return made


class Card(QFrame):
    """A framed piece with a first and a second line; clickable by mouse and keyboard where something listens."""

    clicked = Signal()

    def __init__(self, *, clickable: bool = False) -> None:
        super().__init__()
        theme.mark(self, "card")
        self._clickable, self._chosen = clickable, False
        self.row = hbox(on=self)
        self.row.setContentsMargins(12, STEP, STEP, STEP)
        self.mark = QLabel()
        self.mark.hide()
        self.first, self.second = Elided(kind="head"), caption(kind="label")
        fill_box(self.row, (self.mark, Qt.AlignmentFlag.AlignVCenter), (vbox(self.first, self.second, gap=2), 1))
        if clickable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def say(self, first: str, second: str, mark: str = "", mark_kind: str = "") -> None:
        """Show two lines, and a symbol before them."""
        self.first.say(first)
        self.second.setText(second)
        self.second.setVisible(bool(second))
        self.mark.setVisible(bool(mark))
        self.mark.setText(mark)
        if mark_kind:
            theme.mark(self.mark, mark_kind)
        if self._clickable:
            self.setAccessibleName(f"{first}. {second}")

    def choose(self, chosen: bool) -> None:
        """Show whether it is the one that is looked at."""
        self._chosen = chosen
        theme.mark(self, "chosen" if chosen or self.hasFocus() else "card")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take a click."""
        if (
            self._clickable
            and event.button() == Qt.MouseButton.LeftButton
            and self.rect().contains(event.position().toPoint())
        ):
            self.clicked.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter and space click."""
        if self._clickable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the keyboard is."""
        theme.mark(self, "chosen")
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """The keyboard has gone."""
        theme.mark(self, "chosen" if self._chosen else "card")
        super().focusOutEvent(event)


class Section(QWidget):
    """A head with what follows it, and room for a button beside the head."""

    def __init__(self, title: Said, *, aside: QWidget | None = None) -> None:
        super().__init__()
        self.body = vbox(on=self)
        head = hbox()
        self.title = Elided(title, "head")
        head.addWidget(self.title, 1)
        if aside is not None:
            head.addWidget(aside)
        self.body.addLayout(head)


class FactRows(QWidget):
    """Pairs of a name and what is so, in two columns; a value is a text or a field."""

    def __init__(self) -> None:
        super().__init__()
        self._body = vbox(on=self, gap=STEP)
        self._rows: dict[str, tuple[QWidget, QLabel]] = {}

    def add(self, name: Said, value: QWidget) -> None:
        """Add a row."""
        self._body.addWidget(self._line(name, value, Qt.AlignmentFlag.AlignVCenter))

    @staticmethod
    def _line(name: Said, value: QWidget, side: Qt.AlignmentFlag) -> QWidget:
        line, named = QWidget(), caption(name, "label")
        named.setFixedWidth(theme.px(104))
        named.setBuddy(value)
        hbox((named, side), (value, 1), on=line)
        return line

    def show_texts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show exactly these pairs of texts."""
        for key in [key for key in self._rows if key not in dict(pairs)]:
            widget, _ = self._rows.pop(key)
            self._body.removeWidget(widget)
            let_go(widget)
        for place, (name, text) in enumerate(pairs):
            if name not in self._rows:
                value = caption()
                value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                line = self._line(name, value, Qt.AlignmentFlag.AlignTop)
                self._body.insertWidget(place, line)
                self._rows[name] = (line, value)
            retext(self._rows[name][1], text, f"{name}: {text}")


def beside_where_room(box: QBoxLayout, room: int, *widgets: QWidget, more: int = 0) -> bool:
    """Let what is in a box stand beside each other where there is room, else below each other; return which."""
    wide = sum(one.sizeHint().width() + box.spacing() for one in widgets) + more
    beside = wide <= room
    box.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
    return beside


class Drawer(QWidget):
    """A part that is folded away until someone opens it."""

    def __init__(self, title: Said) -> None:
        super().__init__()
        self._title = text_of(title)
        self.toggle = button("", "quiet", name=title)
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._show)
        self.inside = QWidget()
        self.body = vbox(on=self.inside)
        self.inside.hide()
        vbox(self.toggle, self.inside, on=self)
        self._say()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Change sides with the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._say()

    def _say(self) -> None:
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        sign = "▾" if self.toggle.isChecked() else "◂" if mirrored else "▸"
        self.toggle.setText(f"{sign}  {self._title}")
        # Qt mirrors this by itself.
        self.toggle.setStyleSheet("QPushButton { text-align: left; }")

    def _show(self, shown: bool) -> None:
        self._say()
        self.inside.setVisible(shown)

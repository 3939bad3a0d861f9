"""What a path is good for, in words; and what can be done about it, as buttons."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.fields import NumberField
from cn_planner.gui.panels.parts import Elided, button, caption, fill_box, hbox, retext, vbox
from cn_planner.gui.quantities import FOOT_M, distance, height
from cn_planner.gui.words import tr, unit
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from cn_planner.gui.panels.profile_edits import Raise
    from cn_planner.message import Message
    from cn_planner.service.path_view import LinkView

_ROUND_WORDS_PX = 14
"""What a button has beside its words."""
_ONE_LINE_PX = 100_000
"""So wide that any text is one line."""
_DEFAULTS = {"tree": (12.0, 10.0), "house": (6.0, 8.0)}


class ObstacleDialog(QFrame):
    """Asks how high and how wide a tree or a house is that was seen on site."""

    added = Signal(str, float, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        theme.mark(self, "float")
        self._kind, self._unit_m = "tree", 1.0
        self.title, self.where = caption(kind="head", wraps=False), caption(kind="label", wraps=False)
        lines = vbox(self.title, self.where, on=self, margin=12)
        self.high = NumberField("", low=0.5, high=300, decimals=1)
        self.wide = NumberField("", low=0.5, high=3000, decimals=1)
        self._high_name, self._wide_name = caption(kind="label"), caption(kind="label")
        for name, field in ((self._high_name, self.high), (self._wide_name, self.wide)):
            field.setMinimumWidth(96)
            lines.addLayout(hbox((name, 1), field))
        self.add = button("", "primary", act=self._add)
        lines.addWidget(self.add)

    def ask(self, kind: str, where: str, units: str, beside: QWidget) -> None:
        """Ask about a thing at a place that is told in words."""
        self._kind, self._unit_m = kind, FOOT_M if units == "imperial" else 1.0
        tree = kind == "tree"
        sign = unit("ft" if units == "imperial" else "m")
        self.title.setText(tr(msg("A tree seen on site")) if tree else tr(msg("A house seen on site")))
        self.setAccessibleName(self.title.text())
        self.where.setText(where)
        for field, name, label_, value in (
            (self.high, msg("Height"), self._high_name, _DEFAULTS[kind][0]),
            (self.wide, msg("Reaches round its middle"), self._wide_name, _DEFAULTS[kind][1]),
        ):
            field.setAccessibleName(tr(name))
            label_.setText(tr(name))
            field.setSuffix(f" {sign}")
            field.show_value(value / self._unit_m)
        retext(self.add, msg("Add obstacle"))
        self.adjustSize()
        at = beside.mapToGlobal(QPoint(0, -self.sizeHint().height() - 4))
        self.move(at)
        self.show()
        self.high.setFocus(Qt.FocusReason.PopupFocusReason)
        self.high.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter adds, Escape leaves."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._add()
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _add(self) -> None:
        self.high.interpretText()
        self.wide.interpretText()
        self.hide()
        self.added.emit(self._kind, self.high.value() * self._unit_m, self.wide.value() * self._unit_m)


class LinesRoom(QScrollArea):
    """A text that can be scrolled, of which whole lines are seen, one at least."""

    def __init__(self, words: QLabel) -> None:
        super().__init__()
        self._words, self._line_px = words, 1
        """And how high a line is: those of Arabic are half as high again as Latin ones."""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    def fit(self, width: int) -> None:
        """Give the words the height that they need in this width."""
        words = self._words
        words.setMinimumHeight(0)  # a label says that it needs at least the height that it was given last
        # Left alone a wrapped text in a scroll area asks for the height that it would need in one narrow column.
        high = max(words.heightForWidth(max(width - self.verticalScrollBar().sizeHint().width(), 1)), 1)
        self._line_px = max(words.heightForWidth(_ONE_LINE_PX), 1)
        words.setFixedHeight(high)
        self.setMinimumHeight(self._line_px)
        self.verticalScrollBar().setSingleStep(self._line_px)
        self._keep_whole()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Show no half line."""
        super().resizeEvent(event)
        self._keep_whole()

    def _keep_whole(self) -> None:
        whole = self.height() >= self._words.height()
        self.setViewportMargins(0, 0, 0, 0 if whole else self.height() % self._line_px)


class VerdictCard(QWidget):
    """The verdict of a path with its reason and its fix, and the buttons that act on it."""

    clear_chosen = Signal(object)
    """A `Raise` that was chosen."""
    keep = Signal()
    obstacle = Signal(str)
    """``tree`` or ``house``: a button was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ways: tuple[Raise, ...] = ()
        self.verdict = caption(kind="value", wraps=False)
        self.path = Elided(kind="label")
        self.reason = caption()
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self.room = LinesRoom(self.reason)
        self.money = Elided(kind="action")
        self.lowest = Elided(kind="label")
        lines = vbox(self.verdict, self.path, (self.room, 1), self.money, self.lowest, on=self, gap=2)
        self.raises = tuple(button("", "" if n else "primary", act=partial(self._raise, n)) for n in range(3))
        self.tree = button("", act=lambda: self.obstacle.emit("tree"))
        self.house = button("", act=lambda: self.obstacle.emit("house"))
        self.keep_link = button("", act=self.keep.emit)
        fill_box(lines, _small_row(*self.raises), 2, _small_row(self.tree, self.house, self.keep_link))
        theme.signals.changed.connect(self._dress)
        self._dress()
        self.retitle()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Give the reason the height that it needs at this width."""
        super().resizeEvent(event)
        self.room.fit(self.width())

    @property
    def row_px(self) -> int:
        """How wide its longest row of buttons asks to be."""
        row = self.tree, self.house, self.keep_link
        return sum(one.fontMetrics().horizontalAdvance(one.text()) + _ROUND_WORDS_PX for one in row) + 2 * 8

    def _dress(self) -> None:
        self.verdict.setStyleSheet(f"font-size: {theme.px(theme.TITLE_PX)}px")

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        self.setAccessibleName(tr(msg("What this path is good for")))
        self.room.setAccessibleName(tr(msg("Reason and what to do")))
        self._name(self.tree, tr(msg("Add a tree")))
        self._name(self.house, tr(msg("Add a house")))
        self._name(self.keep_link, tr(msg("Keep link")))

    def _name(self, one: QPushButton, text: str, tip: str = "") -> None:
        if one.text() == text and one.toolTip() == tip:
            return  # each text that is set lays the panel out anew, and this is called at each step of the hand
        retext(one, text, tip)
        one.setToolTip(tip)

    def show_path(
        self, view: LinkView, ways: tuple[Raise, ...], kept: Message | None, *, clear: bool, units: str
    ) -> None:
        """Show a path, the ways to clear it, and whether it can be kept."""
        symbol, word, kind = formatters.verdict(view.budget.verdict)
        theme.mark(self.verdict, kind)
        if self.verdict.text() != f"{symbol}  {word}":
            self.verdict.setText(f"{symbol}  {word}")
        a, b = view.names
        where = msg("{a} → {b} · {distance}", a=a, b=b, distance=distance(view.profile.length_m, units))
        self.path.say(tr(where))
        said = " ".join(tr(one) for one in (*view.budget.said, *view.told))
        if said != self.reason.text():
            retext(self.reason, said)
            self.room.fit(self.width())
        self._show_ways(view, ways, clear=clear, units=units)
        bare = [name for name, end in zip(view.names, (view.a, view.b), strict=True) if end.kind == ""]
        self.keep_link.setEnabled(kept is None)
        if kept is not None:
            self._name(self.keep_link, tr(msg("Keep link")), tr(kept))
        elif bare:
            self._name(
                self.keep_link, tr(msg("Build tower")),
                tr(msg("Place a tower at {name} and keep the link", name=" + ".join(bare))),
            )  # fmt: skip
        else:
            self._name(self.keep_link, tr(msg("Keep link")), tr(msg("Keep the link {a} to {b}", a=a, b=b)))

    def _show_ways(self, view: LinkView, ways: tuple[Raise, ...], *, clear: bool, units: str) -> None:
        self._ways = tuple(way for way in ways if way.possible)
        if not self._ways and not clear:
            words = msg("No mast that is allowed here clears it.")
        elif clear:
            words = msg("Lowest that stays clear:")
        else:
            words = msg("Lowest that clears:")
        self.lowest.say(tr(words))
        self.lowest.setVisible(bool(self._ways) or (bool(ways) and not clear))
        for n, one in enumerate(self.raises):
            one.setVisible(n < len(self._ways))
            if n >= len(self._ways):
                continue
            way = self._ways[n]
            if len(way.ends) == 2:
                by = height(way.heights_m[0] - (view.a.height_m or 0.0), units)
                text, tip = tr(msg("Both +{by}", by=by)), tr(msg("Put the antennas at both ends {by} higher", by=by))
            else:
                name, high = view.names[way.ends[0]], height(way.heights_m[way.ends[0]], units)
                room = (
                    (self.width() - 16) // len(self._ways) - 32 - self.fontMetrics().horizontalAdvance(f" {tr(high)}")
                )
                short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, max(room, 24))
                text = tr(msg("{name} {height}", name=short, height=high))
                tip = tr(msg("Antenna at {name} to {height}, the lowest that clears", name=name, height=high))
            now = (view.a.height_m or 0.0, view.b.height_m or 0.0)
            one.setEnabled(any(abs(now[end] - way.heights_m[end]) > 0.04 for end in way.ends))
            self._name(one, text, tip)
            theme.mark(one, "primary" if n == 0 and not clear else "")

    def _raise(self, number: int) -> None:
        if number < len(self._ways):
            self.clear_chosen.emit(self._ways[number])

    def show_money(self, text: str) -> None:
        """Say what a height under the hand costs and whom it reaches; nothing where the text is empty."""
        self.money.say(text)
        self.money.setVisible(bool(text))


def _small_row(*buttons: QPushButton) -> QHBoxLayout:
    """Return a row of buttons that are as narrow as their texts."""
    for one in buttons:
        one.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        one.setMinimumWidth(1)
        one.setStyleSheet("padding: 0 4px;")
    return hbox(*buttons)

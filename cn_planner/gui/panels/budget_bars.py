"""From the radio's power to what is left to spare, as bars: one line a term, there and back, each explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.parts import STRETCH, Elided, caption, fill_box, vbox
from cn_planner.gui.words import tr
from cn_planner.links.verdict import Verdict, chance_words
from cn_planner.message import msg
from cn_planner.service.path_terms import EXPLAINED

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QMouseEvent, QPaintEvent

    from cn_planner.links.budget import LinkBudget
    from cn_planner.message import Message
    from cn_planner.service.path_terms import Terms


class _Bar(QWidget):
    """One term: a bar there and, where it differs, one back below it."""

    pointed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._values = (0.0, 0.0)
        self._share = (0.0, 0.0)
        self._role = "action"
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(48)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size of a line."""
        return QSize(96, theme.px(theme.LABEL_PX) + 6)

    def show_values(self, values: tuple[float, float], largest: float, role: str) -> None:
        """Show how large both directions are."""
        self._share = tuple(min(abs(value) / max(largest, 1e-9), 1.0) for value in values)  # type: ignore[assignment]
        self._values, self._role = values, role
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the bars from the leading edge."""
        now = theme.current()
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(getattr(now, self._role))
        room, tall = self.width() - 4, self.height() - 6
        both = abs(self._values[0] - self._values[1]) > 0.05
        for n, share in enumerate(self._share if both else self._share[:1]):
            wide = max(share * room, 2.0 if share > 0 else 0.0)
            left = self.width() - 2 - wide if self.isRightToLeft() else 2.0
            high = tall / 2 - 1 if both else tall
            painter.drawRect(QRectF(left, 3 + n * (high + 2), wide, high))
        if self.hasFocus():
            painter.setPen(now.focus)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def enterEvent(self, _event: QEvent) -> None:  # noqa: N802
        """Explain."""
        self.pointed.emit(True)

    def leaveEvent(self, _event: QEvent) -> None:  # noqa: N802
        """Explain no more."""
        self.pointed.emit(self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Explain."""
        super().focusInEvent(event)
        self.pointed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Explain no more."""
        super().focusOutEvent(event)
        self.pointed.emit(False)

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Keep the explanation open."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)


class BudgetBars(QWidget):
    """The budget of a path both ways."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = ("A", "B")
        self._shown: tuple[LinkBudget, tuple[Terms, Terms] | None] | None = None
        self._explained = ""
        self.title = caption(kind="head")
        lines = vbox(self.title, on=self, gap=2)
        grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self.ways = QLabel()
        theme.mark(self.ways, "label")
        self.names: dict[str, QLabel] = {}
        self.bars: dict[str, _Bar] = {}
        self.values: dict[str, QLabel] = {}
        for n, key in enumerate(EXPLAINED):
            name, bar, value = QLabel(), _Bar(), QLabel()
            theme.mark(name, "label")
            theme.mark(value, "label")
            value.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
            bar.pointed.connect(lambda on, key=key: self._explain(key if on else ""))
            for at, one in enumerate((name, bar, value)):
                grid.addWidget(one, n, at)
            self.names[key], self.bars[key], self.values[key] = name, bar, value
        self.sum = caption(kind="label")
        self.chance = Elided(kind="value")
        fill_box(lines, grid, self.chance, self.sum, STRETCH)
        self.retitle()

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        self.setAccessibleName(tr(msg("From power to spare signal")))
        self.title.setText(tr(msg("From power to spare signal")))
        for key, (name, what) in EXPLAINED.items():
            self.names[key].setText(tr(name))
            for one in (self.names[key], self.bars[key], self.values[key]):
                one.setToolTip(tr(what))
        if self._shown is not None:
            self.show_budget(*self._shown, self._names)

    def show_budget(
        self, budget: LinkBudget, both: tuple[Terms, Terms] | None, names: tuple[str, str] = ("A", "B")
    ) -> None:
        """Show a budget; one without levels where terrain is missing."""
        self._shown, self._names = (budget, both), names
        largest = max((abs(getattr(one, key)) for one in both for key in EXPLAINED), default=1.0) if both else 1.0
        for key, (name, _) in EXPLAINED.items():
            values = tuple(getattr(one, key) for one in both) if both else (0.0, 0.0)
            self.bars[key].show_values(values, largest, _role(key))
            # The air takes nothing below 10 GHz, and most places were not measured: no line then.
            there = key not in ("air_db", "measured_db") or any(abs(value) >= 0.05 for value in values)
            for one in (self.names[key], self.bars[key], self.values[key]):
                one.setVisible(there)
            unit = "dBm" if key == "power_dbm" else "dB"
            text = tr(_value(values, unit)) if both else "–"
            self.values[key].setText(text)
            self.bars[key].setAccessibleName(f"{tr(name)}: {text}")
            self.bars[key].setAccessibleDescription(tr(EXPLAINED[key][1]))
        self._say_sum()
        works = budget.probability_works
        kind = {Verdict.LIKELY: "ok", Verdict.CHECK_ON_SITE: "warn", Verdict.BLOCKED: "bad"}.get(
            budget.verdict, "label"
        )
        theme.mark(self.chance, kind)
        self.chance.say("" if works is None else tr(chance_words(works)))

    def _explain(self, key: str) -> None:
        if key != self._explained:
            self._explained = key
            self._say_sum()

    def _say_sum(self) -> None:
        if self._explained:
            self.sum.setText(tr(EXPLAINED[self._explained][1]))
            return
        both = self._shown[1] if self._shown is not None else None
        if both is None:
            self.sum.setText(tr(msg("Without terrain no signal can be told.")))
            return
        weak = min(both, key=lambda one: one.spare_db)
        parts = {"arrives": weak.arrives_dbm, "needs": weak.needs_dbm, "spare": abs(weak.spare_db)}
        if weak.spare_db >= 0.0:
            words = msg("Arrives with {arrives:.0f} dBm, needs {needs:.0f}: spare {spare:.0f} dB", **parts)
        else:
            words = msg("Arrives with {arrives:.0f} dBm, needs {needs:.0f}: {spare:.0f} dB are missing", **parts)
        if abs(both[0].spare_db - both[1].spare_db) > 0.5:
            to = self._names[1] if weak is both[0] else self._names[0]
            words = msg("{words} (towards {name})", words=words, name=to)
        self.sum.setText(tr(words).replace("-", "−"))


def _role(key: str) -> str:
    if key in ("power_dbm", "antennas_db"):
        return "action"
    return "warn" if key in ("ridge_db", "trees_db") else "text_faint"


def _value(values: tuple[float, ...], unit: str) -> Message:
    there, back = (_signed(value) for value in values)
    if there == back:
        return msg("{value} {unit}", value=there, unit=unit)
    return msg("{there} → {back} ← {unit}", there=there, back=back, unit=unit)


def _signed(value: float) -> str:
    whole = round(value)
    return "0" if whole == 0 else f"+{whole}" if whole > 0 else f"−{-whole}"

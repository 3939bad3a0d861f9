"""The lines of the survey sheet: answers that are chosen by a figure, and texts that say at once how they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.parts import Elided, button, caption, hbox, vbox
from cn_planner.gui.words import text_of
from cn_planner.importers.measured import behind_weaker
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent

    from cn_planner.gui.words import Said


class AnswerRow(QWidget):
    """Few answers side by side, one stop of the keyboard: 1, 2, 3 choose and go on, the arrows move, 0 takes back.

    Attributes
    ----------
    value : value or None
        The one that is chosen.
    """

    chosen = Signal()
    answered = Signal()
    """By a figure: the hand goes on."""

    def __init__(self, name: Said, answers: Sequence[tuple[Any, str, Said]], *, may_be_empty: bool = True) -> None:
        super().__init__()
        self._values = [value for value, _, _ in answers]
        self._may_be_empty = may_be_empty
        self.value: Any = None
        self._name = text_of(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.buttons: list[QPushButton] = []
        row = hbox(on=self, gap=4)
        for number, (value, sign, words) in enumerate(answers):
            made = button(f"{sign} {text_of(words)}", "quiet", name=f"{self._name}: {text_of(words)}")
            made.setToolTip(str(number + 1))
            made.setCheckable(True)
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            made.clicked.connect(lambda _=False, value=value: self._click(value))
            row.addWidget(made)
            self.buttons.append(made)
        row.addStretch(1)
        self._show()

    def show_value(self, value: Any) -> None:
        """Choose an answer, or none."""
        self.value = value if value in self._values else None
        self._show()

    def _show(self) -> None:
        for value, made in zip(self._values, self.buttons, strict=True):
            made.setChecked(value == self.value)
        at = None if self.value is None else self._values.index(self.value)
        said = "" if at is None else self.buttons[at].accessibleName().partition(": ")[2]
        self.setAccessibleName(f"{self._name}: {said}" if said else self._name)

    def _click(self, value: Any) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._take(None if value == self.value and self._may_be_empty else value)

    def _take(self, value: Any) -> None:
        self.show_value(value)
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """A figure chooses and goes on; the arrows go to the next answer."""
        count, key = len(self._values), event.key()
        figure = key - Qt.Key.Key_1
        if 0 <= figure < count:
            self._take(self._values[figure])
            self.answered.emit()
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and self._may_be_empty:
            self._take(None)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
            step = 1 if (key == Qt.Key.Key_Right) != mirrored else -1
            at = -1 if self.value is None else self._values.index(self.value)
            self._take(self._values[(at + step) % count if at >= 0 else 0 if step > 0 else count - 1])
        elif key == Qt.Key.Key_Space and self.value is None:
            self._take(self._values[0])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:  # noqa: N802
        """Show where the keyboard is: on the answer that is chosen, else on the first."""
        super().focusInEvent(event)
        for made in self.buttons:
            theme.mark(made, "")

    def focusOutEvent(self, event: Any) -> None:  # noqa: N802
        """The keyboard has gone."""
        super().focusOutEvent(event)
        for made in self.buttons:
            theme.mark(made, "quiet")


class NumberedLine(QWidget):
    """A line of the sheet: its number and words as they stand on paper, its field, and how the field was read.

    Parameters
    ----------
    number : int
        As on paper.
    words : Message
    field : QWidget
        A line of text, or answers.
    read : callable, optional
        Gets the text, and returns whether it is good and what is to be said of it.
    """

    def __init__(
        self, number: int, words: Said, field: QWidget, read: Callable[[str], tuple[bool, str]] | None = None
    ) -> None:
        super().__init__()
        self.field, self._read = field, read
        name = Elided(f"{number}  {text_of(words)}", "label")
        name.setBuddy(field)
        self.said = caption(kind="label", wraps=False)
        self.said.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        vbox(hbox((name, 1), self.said), field, on=self, gap=2)
        if isinstance(field, QLineEdit):
            if not field.accessibleName():
                field.setAccessibleName(text_of(words))
            field.textChanged.connect(self.say)

    def say(self, text: str) -> bool:
        """Say how a text was read; return whether it can be."""
        good, said = self._read(text) if self._read is not None and text.strip() else (True, "")
        self.said.setText(said)
        self.said.setVisible(bool(said))
        theme.mark(self.said, "bad" if not good else "warn" if said.startswith("▲") else "ok")
        self.field.setAccessibleDescription(said)
        return good

    @property
    def text(self) -> str:
        """What is written, without blanks round it; empty where the field is none of text."""
        return self.field.text().strip() if isinstance(self.field, QLineEdit) else ""

    def fault(self) -> str:
        """Return what is wrong with what stands there; empty where nothing is."""
        return "" if self.say(self.text) else self.said.text()


NOTHING_HEARD = msg("Nothing heard")


def nothing_heard(name: str, field: QLineEdit, weakest_dbm: float | None) -> QPushButton:
    """Return the answer that of a tower nothing was heard: it writes into the field of the level what that says.

    Whoever types writes "<": the keyboard does not stop here.
    """
    made = button(NOTHING_HEARD, "quiet", name=f"{name}: {text_of(NOTHING_HEARD)}", tip="<")
    made.setCheckable(True)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    said = "<" if weakest_dbm is None else f"<{weakest_dbm:g}"
    made.clicked.connect(lambda on: field.setText(said if on else ""))
    field.textChanged.connect(lambda text: made.setChecked(behind_weaker(text) is not None))
    return made


def ok(words: Said) -> tuple[bool, str]:
    """Return that a text was read, and as what."""
    return True, f"✓ {text_of(words)}"


def doubtful(words: Said) -> tuple[bool, str]:
    """Return that a text was read, and that it is to be looked at again."""
    return True, f"▲ {text_of(words)}"


def unclear(words: Said) -> tuple[bool, str]:
    """Return that a text was not read, and why."""
    return False, f"✕ {text_of(words)}"

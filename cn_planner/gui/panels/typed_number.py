"""A number as people type it: with the decimal sign of their language or keyboard, with thousands or without."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QLabel

from cn_planner import i18n
from cn_planner.gui import theme
from cn_planner.gui.panels.line_undo import means_the_plan
from cn_planner.gui.words import language, tr
from cn_planner.importers.fields import plain_signs
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QHideEvent
    from PySide6.QtWidgets import QWidget

_ARABIC = {0x066B: ".", 0x066C: ","}
"""Decimal sign and sign between thousands of Arabic."""
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:[.,]\d{2,3})*[.,]\d{3}")
_POWER = re.compile(r"(.*\d[.,]?)[eE]([-+]?\d{1,3})")
_TOLD_MS = 12_000
_LONG = 24


def number_typed(text: str, sign: str) -> float | None:
    """Return the number in a text, or None.

    A point or a comma parts decimals, whichever a keyboard has. One that is not the language's own sign parts thousands
    where it may: 16.000 is sixteen thousand where one writes 16,5, and sixteen where one writes 16.5. A dash of any
    length is a minus, and 1.5e3 is 1500.
    """
    plain = _without_spaces(text)
    power = _POWER.fullmatch(plain)
    if power is not None:
        plain = power[1]
    marks = [one for one in plain if one in ".,"]
    if len(set(marks)) > 1:  # the last one is the decimal sign, whatever the language
        sign = marks[-1]
        head, _, tail = plain.rpartition(sign)
        if _GROUPED.fullmatch(head) is None or sign in head:
            return None
        plain = f"{re.sub('[.,]', '', head)}.{tail}"
    elif len(marks) > 1 or (marks and marks[0] != sign and _GROUPED.fullmatch(plain)):
        if _GROUPED.fullmatch(plain) is None:
            return None
        plain = plain.replace(marks[0], "")
    else:
        plain = plain.replace(",", ".")
    if _PLAIN.fullmatch(plain) is None:
        return None
    found = float(plain if power is None else f"{plain}e{power[2]}")
    return found if math.isfinite(found) else None


def _without_spaces(text: str) -> str:
    return re.sub(r"[\s'’]", "", plain_signs(text).translate(_ARABIC))


class TypedNumber(QDoubleSpinBox):
    """A number in a field: written with the window's decimal sign, read with either.

    Anything may be typed. What cannot be taken leaves the value as it was, and is said beside the field: a figure or a
    letter that is dropped while one types leaves another number than the one that was meant.

    Attributes
    ----------
    refused : Message or None
        Why what was typed last was not taken.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.refused: Message | None = None
        self._told: _Told | None = None
        self.editingFinished.connect(self._tell)
        self.lineEdit().textEdited.connect(self._begin_again)

    def event(self, event: QEvent) -> bool:
        """Leave the keys of undo and redo to the plan while nothing new is typed."""
        if means_the_plan(event, self.lineEdit()):
            event.ignore()
            return False
        return super().event(event)

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """Write a number without decimals that say nothing."""
        text = f"{value:.{self.decimals()}f}"
        if "." in text:
            text = text.rstrip("0").removesuffix(".")
        return "0" if text == "-0" else text.replace(".", i18n.decimal_sign(language()))

    def valueFromText(self, text: str) -> float:  # noqa: N802
        """Read a number."""
        if text and text == self.specialValueText():
            return self.minimum()
        found = self._read(text)
        return self.value() if found is None else round(found, self.decimals())

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """Say whether a text can be taken as it stands."""
        fits = self._why_not(text) is None
        return QValidator.State.Acceptable if fits else QValidator.State.Intermediate, text, at

    def fixup(self, text: str) -> str:
        """Leave what cannot be taken as it was typed, and keep in mind why: Qt would strike out the points or commas.

        Qt asks when the field is left or confirmed, and writes the value that stood there before.
        """
        why = self._why_not(text)
        if why is not None and self._typed(text):
            self.refused = why
        return text

    def _why_not(self, text: str) -> Message | None:
        """Return why a text is no value of the field, None where it is one."""
        if text and text == self.specialValueText():
            return None
        found = self._read(text)
        if found is None:
            said = self._typed(text)
            said = said if len(said) <= _LONG else f"{said[:_LONG]}…"
            return msg("{text} is not a number.", text=said)
        low, high = self.minimum(), self.maximum()
        if low <= found <= high or math.isclose(found, high) or math.isclose(found, low):
            return None
        if sign := self.suffix().strip():
            return msg("{value:g} is not between {low:g} and {high:g} {unit}.", value=found, low=low, high=high,
                       unit=sign)  # fmt: skip
        return msg("{value:g} is not between {low:g} and {high:g}.", value=found, low=low, high=high)

    def _begin_again(self) -> None:
        self.refused = None
        if self._told is not None:
            self._told.hide()

    def _tell(self) -> None:
        """Say why what was typed was not taken, and what stands there now."""
        if self.refused is not None:
            stands = msg("It stays at {value}.", value=self.text())
            self.tell(f"{tr(self.refused)} {tr(stands)}")

    def tell(self, words: str) -> None:
        """Show words at the field until something is typed in it, and have them read out."""
        if self._told is None:
            self._told = _Told(self)
        self._told.say(words)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Take the words along."""
        if self._told is not None:
            self._told.hide()
        super().hideEvent(event)

    def _typed(self, text: str) -> str:
        text, sign = text.strip(), self.suffix().strip()
        # Once from the field, once more where it was typed or pasted; 3 km is not 3 k.
        while sign and text.endswith(sign) and not text.removesuffix(sign)[-1:].isalpha():
            text = text.removesuffix(sign).strip()
        return text

    def _read(self, text: str) -> float | None:
        return number_typed(self._typed(text), i18n.decimal_sign(language()))


class _Told(QFrame):
    """Words below a field, over what stands there."""

    def __init__(self, field: TypedNumber) -> None:
        super().__init__(field.window())
        self._field = field
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.mark(self, "float")
        theme.mark(self._words, "warn")
        self._ends = QTimer(self, singleShot=True, interval=_TOLD_MS)
        self._ends.timeout.connect(self.hide)
        field.destroyed.connect(self.deleteLater)

    def say(self, words: str) -> None:
        """Show words, as near to the field as the window allows."""
        window, field, edge = self._field.window(), self._field, theme.px(8)
        if self.parentWidget() is not window:
            self.setParent(window)
        self._words.setText(words)
        wide = min(max(field.width(), theme.px(280)), window.width() - 2 * edge)
        self._words.setGeometry(edge, edge, wide - 2 * edge, self._words.heightForWidth(wide - 2 * edge))
        self.resize(wide, self._words.height() + 2 * edge)
        at = field.mapTo(window, QPoint(0, field.height() + edge // 2))
        if at.y() + self.height() > window.height():
            at.setY(field.mapTo(window, QPoint(0, -edge // 2)).y() - self.height())
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            at.setX(at.x() + field.width() - wide)
        self.move(max(edge, min(at.x(), window.width() - wide - edge)), max(edge, at.y()))
        self.show()
        self.raise_()
        self._ends.start()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._field, words))

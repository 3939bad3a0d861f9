"""A number as people type it: with the decimal sign of their language or keyboard, with thousands or without."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox

from cn_planner import i18n
from cn_planner.gui.panels.line_undo import means_the_plan
from cn_planner.gui.words import language

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent

_ARABIC = {0x066B: ".", 0x066C: ",", 0x2212: "-"}
"""Decimal sign and sign between thousands of Arabic, and the sign of minus."""
_SIGNS = re.compile(r"[-+]?[\d.,]*")
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:[.,]\d{2,3})*[.,]\d{3}")


def number_typed(text: str, sign: str) -> float | None:
    """Return the number in a text, or None.

    A point or a comma parts decimals, whichever a keyboard has. One that is not the language's own sign parts thousands
    where it may: 16.000 is sixteen thousand where one writes 16,5, and sixteen where one writes 16.5.
    """
    plain = _without_spaces(text)
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
    return float(plain) if _PLAIN.fullmatch(plain) else None


def _without_spaces(text: str) -> str:
    return re.sub(r"[\s'’]", "", text.translate(_ARABIC))


class TypedNumber(QDoubleSpinBox):
    """A number in a field: written with the window's decimal sign, read with either."""

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
        found = self._read(text)
        return self.value() if found is None else round(found, self.decimals())

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """Let nothing be typed that no number within the limits begins with."""
        typed = _without_spaces(self._typed(text))
        if _SIGNS.fullmatch(typed) is None or (typed.startswith("-") and self.minimum() >= 0.0):
            return QValidator.State.Invalid, text, at
        found = self._read(text)
        if found is None or found < self.minimum():
            return QValidator.State.Intermediate, text, at
        fits = found <= self.maximum() or math.isclose(found, self.maximum())
        return QValidator.State.Acceptable if fits else QValidator.State.Invalid, text, at

    def fixup(self, text: str) -> str:
        """Leave what is no number within the limits as it was typed: Qt would strike out the points or commas."""
        return text

    def _typed(self, text: str) -> str:
        return text.strip().removesuffix(self.suffix().strip()).strip()

    def _read(self, text: str) -> float | None:
        return number_typed(self._typed(text), i18n.decimal_sign(language()))

"""The fields of panels and dialogs: what is typed or chosen is told once it is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
)

from cn_planner.gui import theme
from cn_planner.gui.panels.line_undo import Line
from cn_planner.gui.panels.typed_number import TypedNumber
from cn_planner.gui.quantities import FOOT_M
from cn_planner.gui.words import text_of
from cn_planner.gui.words import unit as unit_words
from cn_planner.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent, QWheelEvent

    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.words import Said


_EDGES_PX = 24
"""What a field has beside its words: edges, and room between."""


def line_edit(name: Said, text: str = "", *, hint: Said = "", act: Callable[[], object] | None = None) -> QLineEdit:
    """Return a line of text; what it is for stands in it while it is empty, `act` is done when it is left."""
    made = Line(text)
    made.setAccessibleName(text_of(name))
    made.setPlaceholderText(text_of(hint))
    made.setToolTip(text_of(hint))
    if act is not None:
        made.editingFinished.connect(act)
    return made


def with_steps(field: QAbstractSpinBox) -> None:
    """Give a number its buttons; its text keeps off the edge, which a style sheet alone does not see to."""
    theme.mark(field, "steps")
    field.lineEdit().setTextMargins(6, 0, 0, 0)


class TextField(Line):
    """A line of text that is taken when it is left or confirmed; Escape brings back what stood there."""

    committed = Signal(str)

    def __init__(self, name: Said, *, kind: str = "", placeholder: Said = "", longest: int = 200) -> None:
        super().__init__()
        self._kept = ""
        self.setAccessibleName(text_of(name))
        self.setPlaceholderText(text_of(placeholder))
        self.setMaxLength(longest)
        self.setMinimumWidth(1)
        if kind:
            theme.mark(self, kind)
        self.editingFinished.connect(self._commit)
        self.textChanged.connect(self._tell_whole)  # not a lambda: it would keep a field that stands nowhere

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look whether what stands there is seen whole."""
        super().resizeEvent(event)
        self._tell_whole()

    def _tell_whole(self, _text: str = "") -> None:
        """Say in the tip what is longer than its room."""
        said = self.text() or self.placeholderText()
        self.setToolTip(said if self.fontMetrics().horizontalAdvance(said) > self.width() - _EDGES_PX else "")

    def show_value(self, text: str) -> None:
        """Show what the plan says, unless it is being typed over."""
        self._kept = text
        if not (self.hasFocus() and self.isModified()):
            self.setText(text)
            self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape brings back what stood there."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._kept:
            self.setText(self._kept)
            return
        super().keyPressEvent(event)

    def _commit(self) -> None:
        text = self.text().strip()
        self.setModified(False)
        if text != self._kept:
            self._kept = text
            self.committed.emit(text)


class NameField(TextField):
    """The name of what is looked at: a headline that can be typed over."""

    def __init__(self, name: Said) -> None:
        super().__init__(name, longest=80)
        theme.mark(self, "title")
        self.setTextMargins(-2, 0, -2, 0)  # Qt keeps two pixels that no other text has
        self._dress()
        self._take_side()
        theme.signals.changed.connect(self._dress)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the direction of the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._take_side()

    def _take_side(self) -> None:
        """Keep to the edge where the other lines begin, in whatever letters it is written."""
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)

    def _dress(self) -> None:
        now = theme.current().hex
        self.setStyleSheet(
            f"QLineEdit {{ font-size: {theme.px(theme.TITLE_PX)}px; padding: 0;"
            " background: transparent; border: none; border-bottom: 2px solid transparent; border-radius: 0; }"
            f"QLineEdit:hover {{ border-bottom-color: {now['line_strong']}; }}"
            f"QLineEdit:focus {{ border-bottom-color: {now['focus']}; padding: 0; }}"
        )


class NumberField(TypedNumber):
    """A number that is taken when it is left or confirmed; ``previewed`` while it changes."""

    committed = Signal(float)
    previewed = Signal(float)

    def __init__(
        self, name: Said, *, low: float, high: float, unit: str = "", decimals: int = 0, step: float = 1.0
    ) -> None:
        super().__init__()
        self._kept = 0.0
        self._quiet = False
        self.setAccessibleName(text_of(name))
        self.setRange(low, high)
        self.setDecimals(decimals)
        self.setSingleStep(step)
        self.setKeyboardTracking(False)
        # The line within must not be framed a second time by the rules for lines of text.
        self.lineEdit().setStyleSheet("border: none; padding: 0 7px; min-height: 0; background: transparent;")
        # Without buttons a style sheet leaves the text no room at all; with buttons of no width it has all of it.
        self.setStyleSheet("QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if unit:
            self.setSuffix(unit if unit == "°" else f" {unit_words(unit)}")
        self.valueChanged.connect(self._changed)
        self.editingFinished.connect(self._commit)

    def show_value(self, value: float) -> None:
        """Show what the plan says."""
        self._kept = value
        if round(value, self.decimals()) != self.value():
            self._quiet = True
            self.setValue(value)
            self._quiet = False

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """Let the field be emptied where that says something."""
        if self._when_empty() is not None and self._is_empty(text):
            return QValidator.State.Acceptable, text, at
        return super().validate(text, at)

    def valueFromText(self, text: str) -> float:  # noqa: N802
        """Read a number, or what an emptied field says."""
        empty = self._when_empty()
        return empty if empty is not None and self._is_empty(text) else super().valueFromText(text)

    def _is_empty(self, text: str) -> bool:
        return not self._typed(text)

    def _when_empty(self) -> float | None:
        """Return what an emptied field says: the value that has words of its own, such as the kit's channel."""
        return self.minimum() if self.specialValueText() else None

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to what scrolls, unless this is where the person types."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _changed(self, value: float) -> None:
        if not self._quiet:
            self.previewed.emit(value)

    def _commit(self) -> None:
        value = self.value()
        self.lineEdit().setModified(False)
        if abs(value - round(self._kept, self.decimals())) > 1e-9:
            self._kept = value
            self.committed.emit(value)


class HeightField(NumberField):
    """A height, or a length, shown and typed in the user's unit; what it is given and what it tells is in metres."""

    _empty_m: float | None = None  # Qt asks for it before there is an instance of ours

    def __init__(self, name: Said, quantities: Quantities, *, high_m: float, low_m: float = 0.0) -> None:
        super().__init__(name, low=low_m, high=high_m, unit="m", decimals=1)
        self._quantities, self._high_m, self._low_m, self._unit_m = quantities, high_m, low_m, 1.0

    def show_value(self, value: float) -> None:
        """Show what the plan says, metres."""
        self._unit_m, unit = self._quantities.height_unit()
        self._quiet = True
        self.setSuffix(f" {unit_words(unit)}")
        self.setRange(self._low_m / self._unit_m, self._high_m / self._unit_m)
        self._quiet = False
        super().show_value(value / self._unit_m)

    def set_most(self, high_m: float) -> None:
        """Allow heights up to this one, metres; it counts from the next value shown."""
        self._high_m = high_m

    def set_empty(self, height_m: float) -> None:
        """Let an emptied field say this height, metres."""
        self._empty_m = height_m

    def _when_empty(self) -> float | None:
        return super()._when_empty() if self._empty_m is None else self._empty_m / self._unit_m

    def _read(self, text: str) -> float | None:
        """Read a length in the user's unit, or in the other one where that stands behind it."""
        said = self._typed(text)
        for metres, sign in ((1.0, "m"), (FOOT_M, "ft")):
            for own in {sign, unit_words(sign)}:
                if said.endswith(own) and (found := super()._read(said.removesuffix(own))) is not None:
                    return found * metres / self._unit_m
        return super()._read(text)

    def value_m(self) -> float:
        """Return what is shown, metres."""
        return min(self.value() * self._unit_m, self._high_m)

    def _changed(self, _value: float) -> None:
        if not self._quiet:
            self.previewed.emit(self.value_m())

    def _commit(self) -> None:
        value = self.value()
        self.lineEdit().setModified(False)
        if abs(value - round(self._kept, self.decimals())) > 1e-9:
            self._kept = value
            self.committed.emit(self.value_m())


class ChoiceField(QComboBox):
    """One of few values."""

    committed = Signal(object)

    def __init__(self, name: Said, choices: Sequence[tuple[Any, Said]] = ()) -> None:
        super().__init__()
        self.setAccessibleName(text_of(name))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self._values: list[Any] = []
        """Kept beside the list: an enum of text comes back from there as plain text."""
        self.set_choices(choices)
        self.activated.connect(lambda index: self.committed.emit(self._values[index]))
        self.currentTextChanged.connect(self._tell_whole)  # not a lambda, as above

    def _shown(self) -> tuple[QStyleOptionComboBox, str]:
        """Return what is to be drawn, and what is chosen as far as there is room beside the arrow."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width()
        return option, self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def _tell_whole(self, _text: str = "") -> None:
        """Say in the tip what is longer than its room."""
        said = self.currentText()
        self.setToolTip(said if self._shown()[1] != said else "")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look whether what is chosen is seen whole."""
        super().resizeEvent(event)
        self._tell_whole()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Shorten with an ellipsis what has no room: Qt cuts it off within a letter."""
        painter = QStylePainter(self)
        option, short = self._shown()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = short
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def set_choices(self, choices: Sequence[tuple[Any, Said]]) -> None:
        """Offer other values; the chosen one stays where it is among them."""
        index = self.currentIndex()
        kept = self._values[index] if 0 <= index < len(self._values) else None
        self.blockSignals(True)
        self.clear()
        self._values = [value for value, _ in choices]
        for value, words in choices:
            text = text_of(words)
            self.addItem(text[:1].upper() + text[1:] if isinstance(words, Message) else text, value)
        self.blockSignals(False)
        self.show_value(kept)

    def choice(self) -> Any:
        """Return the value that is chosen, None where none is."""
        return self._values[self.currentIndex()] if self.currentIndex() >= 0 else None

    def show_value(self, value: Any) -> None:
        """Show what the plan says."""
        self.setCurrentIndex(self._values.index(value) if value in self._values else -1)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to what scrolls."""
        event.ignore()


class CheckField(QCheckBox):
    """Yes or no, told when a person has changed it."""

    committed = Signal(bool)

    def __init__(self, text: Said, *, name: Said = "", meaning: Said = "") -> None:
        super().__init__(text_of(text))
        self.setAccessibleName(text_of(name or text))
        self.setToolTip(text_of(meaning))
        self.setAccessibleDescription(text_of(meaning))
        self.clicked.connect(self.committed)

    def show_value(self, value: bool) -> None:
        """Show what the plan says."""
        self.setChecked(value)

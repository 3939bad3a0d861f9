"""Which rows of a file are taken: limits on what it holds, thinned out, without repetitions; homes put into hamlets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.fields import NumberField, TextField
from cn_planner.gui.panels.parts import caption
from cn_planner.gui.words import tr
from cn_planner.importers.choices import Choices, Repeats
from cn_planner.importers.fields import normal
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.message import Message

_CONFIDENCE = ("confidence",)
_AREAS = ("area_m2", "area_in_meters", "roof_area_m2")
_KINDS = ("building",)
_SURE = 0.75
"""Of Open Buildings: what is offered; the list itself begins at 0.65."""


class ImportChoices(QWidget):
    """The fields; those that a file has no column for are not shown."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._columns: dict[str, str] = {}
        self._kind = "households"
        self._names: dict[QWidget, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setVerticalSpacing(8)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, theme.px(112))
        self.sure = self._number(msg("Surely seen, from"), high=1.0, decimals=2, step=0.05)
        self.area_from = self._number(msg("Area from"), unit="m²", high=1e6, step=5.0)
        self.area_to = self._number(msg("Area up to"), unit="m²", high=1e6, step=50.0)
        self.kinds = self._text(msg("Only these kinds"), msg("house, hut, …"))
        self.thin = self._number(msg("Only one within"), unit="m", high=10_000.0, step=10.0)
        self.hamlets = self._number(msg("Hamlets within"), unit="m", high=10_000.0, step=50.0)
        self.hamlets.setSpecialValueText(tr(msg("no hamlets")))

    def _number(self, words: Message, *, high: float, unit: str = "", decimals: int = 0, step: float) -> NumberField:
        made = NumberField(words, low=0.0, high=high, unit=unit, decimals=decimals, step=step)
        made.setSpecialValueText(tr(msg("all")))
        made.committed.connect(lambda _value: self.changed.emit())
        self._put(words, made)
        return made

    def _text(self, words: Message, hint: Message) -> TextField:
        made = TextField(words)
        made.setPlaceholderText(tr(hint))
        made.committed.connect(lambda _text: self.changed.emit())
        self._put(words, made)
        return made

    def _put(self, words: Message, made: QWidget) -> None:
        row = self._grid.rowCount()
        self._names[made] = caption(words, "label")
        self._grid.addWidget(self._names[made], row, 0)
        self._grid.addWidget(made, row, 1)

    def fit(self, columns: Sequence[str], kind: str) -> None:
        """Show what can be chosen of a file with these columns."""
        there = {normal(column): column for column in columns}
        first = not self._columns
        self._columns = {
            name: next((there[one] for one in names if one in there), "")
            for name, names in (("confidence", _CONFIDENCE), ("area", _AREAS), ("building", _KINDS))
        }
        self._kind = kind
        if first and self._columns["confidence"] and "full_plus_code" in there:
            self.sure.show_value(_SURE)
        shown: dict[QWidget, bool] = {
            self.sure: bool(self._columns["confidence"]),
            self.area_from: bool(self._columns["area"]),
            self.area_to: bool(self._columns["area"]),
            self.kinds: bool(self._columns["building"]),
            self.thin: kind != "measurements",
            self.hamlets: kind == "households",
        }
        for field, show in shown.items():
            field.setVisible(show)
            self._names[field].setVisible(show)
        self.setVisible(any(shown.values()))

    def choices(self, *, skip_repeats: bool, skip_bad: bool) -> Choices:
        """Return what was chosen; 0 and an empty text stand for all."""
        confidence, area, building = (self._columns.get(name) for name in ("confidence", "area", "building"))
        least = {name: field.value() for name, field in ((confidence, self.sure), (area, self.area_from)) if name}
        words = tuple(word.strip() for word in self.kinds.text().split(",") if word.strip())
        return Choices(
            least={name: value for name, value in least.items() if value > 0.0},
            most={area: self.area_to.value()} if area and self.area_to.value() > 0.0 else {},
            only={building: words} if building and words else {},
            thin_m=self.thin.value() if self._kind != "measurements" else 0.0,
            hamlets_m=(self.hamlets.value() or None) if self._kind == "households" else None,
            repeats=Repeats.SKIP if skip_repeats else Repeats.KEEP,
            skip_bad=skip_bad,
        )

"""The settings of the window, and what holds for a plan: forms made from data; what is set holds at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cn_planner.errors import InputError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog, NoWheel
from cn_planner.gui.panels.parts import button, label, steps
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.settings import SETTINGS
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.village import CountryBox
from cn_planner.gui.words import tr
from cn_planner.gui.words import unit as unit_words
from cn_planner.message import counted, msg
from cn_planner.model import settings as plan_settings
from cn_planner.report.addresses import keep_all

if TYPE_CHECKING:
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.settings import Setting, Settings
    from cn_planner.gui.state import AppState


class SettingsDialog(Dialog):
    """What a person can set for the window."""

    def __init__(self, parent: QWidget, settings: Settings) -> None:
        super().__init__(parent, msg("Settings"), width=560, height=640)
        self._settings = settings
        self._no_wheel = NoWheel(self)
        self.fields: dict[str, QWidget] = {}
        for setting in SETTINGS.values():
            if setting.shown:
                field = self._field(setting)
                field.installEventFilter(self._no_wheel)
                self.fields[setting.key] = field
                self.add_field(setting.words, field, setting.meaning)
        self.column.addStretch(1)
        self.add_button(msg("Put all back"), self._reset)
        self.add_close()

    def _field(self, setting: Setting) -> QWidget:
        value = self._settings.get(setting.key)

        def keep(new: Any) -> None:
            self._settings.set(setting.key, new)

        if setting.choices:
            box = QComboBox()
            for choice in setting.choices:
                box.addItem(tr(choice.words), choice.value)
            box.setCurrentIndex(box.findData(value))
            box.activated.connect(lambda at: keep(box.itemData(at)))
            return box
        if setting.kind is bool:
            check = QCheckBox(tr(msg("Yes")))
            check.setAccessibleName(tr(setting.words))
            check.setChecked(value)
            check.toggled.connect(keep)
            return check
        if setting.kind is int:
            spin = QSpinBox()
            steps(spin)
            spin.setRange(int(setting.low), int(setting.high))
            spin.setSingleStep(10)
            spin.setValue(value)
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(keep)
            return spin
        line = QLineEdit(value)
        line.editingFinished.connect(lambda: keep(line.text().strip()))
        return line

    def _reset(self) -> None:
        self._settings.reset()
        for key, field in self.fields.items():
            value = self._settings.get(key)
            if isinstance(field, QComboBox):
                field.setCurrentIndex(field.findData(value))
            elif isinstance(field, QCheckBox):
                field.setChecked(value)
            elif isinstance(field, QSpinBox):
                field.setValue(value)
            elif isinstance(field, QLineEdit):
                field.setText(value)


_SECTIONS = (
    ("info", msg("Plan")), ("area", msg("Area")), ("demand", msg("Demand")), ("kits", msg("Kits")),
    ("costs", msg("Prices and wages")), ("rules", msg("Rules")),
    ("sun", msg("Sun")), ("power", msg("Power")),
    ("addresses", msg("Addresses")),
)  # fmt: skip
_HIDDEN = frozenset({"info.invented"})


class LanguageBox(QComboBox):
    """A choice of the languages that the program speaks, each in its own words."""

    def __init__(self, chosen: str) -> None:
        super().__init__()
        for choice in SETTINGS["language"].choices:
            if choice.value != "system":
                self.addItem(tr(choice.words), choice.value)
        self.choose(chosen)

    def choose(self, tag: str) -> None:
        """Show a language; one that the plan got elsewhere is kept, and shown by its tag."""
        if self.findData(tag) < 0:
            self.addItem(tag, tag)
        self.setCurrentIndex(self.findData(tag))


class PlanSettingsDialog(Dialog):
    """What holds for a plan: each field is an edit of its own, which can be undone."""

    def __init__(self, parent: QWidget, state: AppState, quantities: Quantities) -> None:
        super().__init__(parent, msg("What holds for this plan"), width=720, height=640)
        self._state, self._quantities = state, quantities
        self._no_wheel = NoWheel(self)
        self.fields: dict[str, QWidget] = {}
        self._kept = label("", "label")
        # Beside the page, not above it: in no language do so many names fit into one row.
        self._sections = QListWidget()
        self._sections.setAccessibleName(tr(msg("What holds for this plan")))
        self._sections.setFrameShape(QFrame.Shape.NoFrame)
        self._sections.setSpacing(4)
        self._pages = QStackedWidget()
        for name, words in _SECTIONS:
            self._sections.addItem(tr(words))
            self._pages.addWidget(self._page(name, tr(words)))
        self._sections.setFixedWidth(self._sections.sizeHintForColumn(0) + theme.px(32))
        self._sections.currentRowChanged.connect(self._pages.setCurrentIndex)
        self._sections.setCurrentRow(0)
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addWidget(self._sections)
        line.addWidget(self._pages, 1)
        self.column.setContentsMargins(16, 0, 16, 0)
        self.column.addLayout(line, 1)
        self.add_close()
        self._show_values()
        state.planChanged.connect(self._show_values)
        state.projectChanged.connect(self.close)

    def show_section(self, section: str) -> None:
        """Turn to a section."""
        self._sections.setCurrentRow([name for name, _ in _SECTIONS].index(section))

    def _page(self, section: str, title: str) -> ScrollColumn:
        page = QWidget()
        page.setAccessibleName(title)
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 16, 8, 16)
        column.setSpacing(4)
        for key, setting in plan_settings.SETTINGS.items():
            if not key.startswith(section + ".") or key in _HIDDEN:
                continue
            field = self._field(key, setting)
            field.setAccessibleName(tr(setting.meaning))
            field.installEventFilter(self._no_wheel)
            self.fields[key] = field
            words = tr(setting.meaning)
            unit = self._quantities.unit(setting.unit)[1]
            if unit == "currency":
                unit = self._state.plan.info.currency
            column.addWidget(label(f"{words} [{unit_words(unit)}]" if unit and unit != "1" else words))
            if setting.source:
                column.addWidget(label(tr(msg("Source: {source}", source=setting.source)), "label"))
            column.addWidget(field)
            column.addSpacing(12)
        if section == "addresses":
            column.addWidget(self._kept)
            column.addWidget(self._keep_button(), 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        scroll = ScrollColumn(page)
        scroll.setAccessibleName(title)
        return scroll

    def _keep_button(self) -> QPushButton:
        """Return what writes the addresses down: before the network is built, so that a later home changes none."""
        made = button(tr(msg("Keep the addresses")))
        made.setToolTip(tr(msg("Write numbers and names down, so that nothing added later changes one.")))
        made.clicked.connect(lambda: self._state.make(keep_all))
        return made

    def _field(self, key: str, setting: plan_settings.Setting) -> QWidget:
        if key == "info.country":
            box: QComboBox = CountryBox(self._state.plan.info.country)
            box.activated.connect(lambda _: self._keep(key, box.code()))  # type: ignore[attr-defined]
            return box
        if key == "info.language":
            box = LanguageBox(self._state.plan.info.language)
            box.activated.connect(lambda at: self._keep(key, box.itemData(at)))
            return box
        if key.startswith("kits.") and self._state.project is not None:
            box = QComboBox()
            for name, kit in sorted(self._state.project.catalogue.kits.items()):
                box.addItem(kit.name, name)
            box.setCurrentIndex(box.findData(setting.value(self._state.plan)))
            box.activated.connect(lambda at: self._keep(key, box.itemData(at)))
            return box
        if setting.words:
            box = QComboBox()
            for one in setting.words:
                box.addItem(one, one)
            box.setCurrentIndex(box.findData(as_text(setting.value(self._state.plan))))
            box.activated.connect(lambda at: self._keep(key, box.itemText(at)))
            return box
        if setting.kind is bool:
            check = QCheckBox(tr(msg("Yes")))
            check.setChecked(setting.value(self._state.plan))
            check.toggled.connect(lambda on: self._keep(key, "yes" if on else "no"))
            return check
        line = QLineEdit(self._shown(setting))
        line.editingFinished.connect(lambda: self._keep(key, line.text()))
        return line

    def _shown(self, setting: plan_settings.Setting) -> str:
        """Return the plan's value as it is typed here."""
        value, size = setting.value(self._state.plan), self._quantities.unit(setting.unit)[0]
        if size == 1.0 or value is None:
            return as_text(value)
        return as_text(tuple(round(one / size, 1) for one in value) if isinstance(value, tuple) else value / size, 6)

    def ask(self, key: str) -> None:
        """Turn to a field and put the keyboard there."""
        self.show_section(key.split(".", maxsplit=1)[0])
        if key in self.fields:
            self.fields[key].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _keep(self, key: str, text: str) -> None:
        setting = plan_settings.SETTINGS[key]
        size = self._quantities.unit(setting.unit)[0]
        if size != 1.0:
            if text.strip() == self._shown(setting):
                return  # what is read in feet is not rounded to them
            text = re.sub(r"\d+(?:\.\d+)?", lambda found: f"{round(float(found[0]) * size, 2):g}", text)
        try:
            value = plan_settings.parse(setting, text)
        except InputError as error:
            self._state.say(Notice(Level.WARNING, error.what, error.where, error.fix))
            self._show_values()
            return
        before = setting.value(self._state.plan)
        # 4/3 is shown in ten digits: what was only looked at is not an edit.
        if as_text(before) != as_text(value) and not self._state.make(
            lambda plan: plan_settings.change(plan, {key: text})
        ):
            self._show_values()

    def _show_values(self, _changes: object = None) -> None:
        kept = len(self._state.plan.addresses.kept)
        self._kept.setText(
            tr(counted("{count} number or name is kept.", "{count} numbers and names are kept.", kept))
            if kept
            else tr(msg("No address is kept yet: what is added to the network may change them."))
        )
        for key, field in self.fields.items():
            value = plan_settings.SETTINGS[key].value(self._state.plan)
            field.blockSignals(True)
            if isinstance(field, LanguageBox):
                field.choose(value)
            elif isinstance(field, QComboBox):
                field.setCurrentIndex(max(0, field.findData(as_text(value))))
            elif isinstance(field, QCheckBox):
                field.setChecked(bool(value))
            elif isinstance(field, QLineEdit):
                field.setText(self._shown(plan_settings.SETTINGS[key]))
            field.blockSignals(False)


def as_text(value: Any, digits: int = 10) -> str:
    """Return a setting as it is typed."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"{one:g}" for one in value)
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)

"""The settings of the window, and what holds for a plan: forms made from data; what is set holds at once."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QPushButton, QSpinBox, QStackedWidget, QWidget

from cn_planner.errors import InputError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.fields import CheckField, ChoiceField, TextField, with_steps
from cn_planner.gui.panels.parts import button, caption, fill_box, hbox, vbox
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.settings import WINDOW_SETTINGS
from cn_planner.gui.values import Level, notice_about
from cn_planner.gui.village import CountryBox
from cn_planner.gui.words import tr
from cn_planner.gui.words import unit as unit_words
from cn_planner.message import counted, msg
from cn_planner.model import settings as plan_settings
from cn_planner.report.addresses import keep_all
from cn_planner.report.words import setting_words
from cn_planner.session.hung import clients_hang_on

if TYPE_CHECKING:
    from PySide6.QtGui import QWheelEvent

    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.settings import Settings, WindowSetting
    from cn_planner.gui.state import AppState
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan


class SettingsDialog(Dialog):
    """What a person can set for the window."""

    def __init__(self, parent: QWidget, settings: Settings) -> None:
        super().__init__(parent, msg("Settings"), width=560, height=640)
        self._settings = settings
        self.fields: dict[str, SettingField] = {}
        for setting in WINDOW_SETTINGS.values():
            if setting.shown:
                field = self._field(setting)
                field.show_value(settings.get(setting.key))
                field.committed.connect(partial(settings.set, setting.key))
                self.fields[setting.key] = field
                self.add_field(setting.words, field, setting.meaning)
        self.column.addStretch(1)
        self.add_button(msg("Put all back"), self._reset)
        self.add_close()

    def _field(self, setting: WindowSetting) -> SettingField:
        name = tr(setting.words)
        if setting.choices:
            return ChoiceField(name, [(one.value, tr(one.words)) for one in setting.choices])
        if setting.kind is bool:
            return CheckField(msg("Yes"), name=name)
        if setting.kind is int:
            return WholeField(name, low=int(setting.low), high=int(setting.high), step=10)
        return TextField(name)

    def ask(self, key: str) -> None:
        """Put the keys where a setting is set, and have it seen."""
        self.fields[key].setFocus(Qt.FocusReason.OtherFocusReason)
        self.scrolled.hold(self.fields[key])

    def _reset(self) -> None:
        self._settings.reset()
        for key, field in self.fields.items():
            field.show_value(self._settings.get(key))


class WholeField(QSpinBox):
    """A whole number with buttons, which holds at once."""

    committed = Signal(int)

    def __init__(self, name: str, *, low: int, high: int, step: int) -> None:
        super().__init__()
        with_steps(self)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setKeyboardTracking(False)
        self.valueChanged.connect(self.committed)

    def show_value(self, value: int) -> None:
        """Show what is set."""
        self.setValue(value)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to what scrolls."""
        event.ignore()


SettingField = ChoiceField | CheckField | WholeField | TextField


_SECTIONS = (
    ("info", msg("Plan")), ("area", msg("Area")), ("demand", msg("Demand")), ("kits", msg("Kits")),
    ("purpose", msg("For whom, by whom, when")), ("costs", msg("Prices and wages")), ("work", msg("Work")),
    ("rules", msg("Rules")), ("phones", msg("People with a phone")), ("sun", msg("Sun")), ("power", msg("Power")),
    ("addresses", msg("Addresses")),
)  # fmt: skip
_HIDDEN = frozenset({"info.invented"})


class PlanSettingsDialog(Dialog):
    """What holds for a plan: each field is an edit of its own, which can be undone."""

    def __init__(self, parent: QWidget, state: AppState, quantities: Quantities) -> None:
        super().__init__(parent, msg("What holds for this plan"), width=720, height=640)
        self._state, self._quantities = state, quantities
        self.fields: dict[str, SettingField | CountryBox] = {}
        self._kept = caption("", "label")
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
        self.column.setContentsMargins(16, 0, 16, 0)
        fill_box(self.column, (hbox(self._sections, (self._pages, 1), gap=16), 1))
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
        lines = vbox(on=page, gap=4, margin=(8, 16, 8, 16))
        for key, setting in plan_settings.PLAN_SETTINGS.items():
            if not key.startswith(section + ".") or key in _HIDDEN:
                continue
            self.fields[key] = field = self._field(key, setting)
            words = tr(setting.meaning)
            field.setAccessibleName(words)
            unit = self._quantities.unit(setting.unit)[1]
            if unit == "currency":
                unit = self._state.plan.info.currency
            lines.addWidget(caption(f"{words} [{unit_words(unit)}]" if unit and unit != "1" else words))
            if setting.source:
                lines.addWidget(caption(msg("Source: {source}", source=setting.source), "label"))
            fill_box(lines, field, 12)
        if section == "addresses":
            fill_box(lines, self._kept, (self._keep_button(), Qt.AlignmentFlag.AlignLeft))
        lines.addStretch(1)
        return ScrollColumn(page, title)

    def _keep_button(self) -> QPushButton:
        """Return what writes the addresses down: before the network is built, so that a later home changes none."""
        tip = tr(msg("Write numbers and names down, so that nothing added later changes one."))
        return button(msg("Keep the addresses"), tip=tip, act=lambda: self._state.make(self._kept_addresses))

    def _kept_addresses(self, plan: Plan) -> Edit:
        """Return the edit that writes them down."""
        project = self._state.project
        return keep_all(plan, None if project is None else clients_hang_on(project.workspace.snapshot(plan)))

    def _field(self, key: str, setting: plan_settings.PlanSetting) -> SettingField | CountryBox:
        name = tr(setting.meaning)
        if key == "info.country":
            box = CountryBox(self._state.plan.info.country)
            box.activated.connect(lambda _: self._keep(key, box.code()))
            return box
        choices: list[tuple[str, str]] | None = None
        if key == "info.language":
            # A language that the plan got elsewhere is kept, and shown by its tag.
            spoken = {one.value: tr(one.words) for one in WINDOW_SETTINGS["language"].choices if one.value != "system"}
            spoken.setdefault(self._state.plan.info.language, self._state.plan.info.language)
            choices = list(spoken.items())
        elif key.startswith("kits.") and key != "kits.more_clients" and self._state.project is not None:
            choices = [(one, kit.name) for one, kit in sorted(self._state.project.catalogue.kits.items())]
        elif setting.words:
            choices = [(one, _called(key, one)) for one in setting.words]
        field: SettingField
        if choices is not None:
            field = ChoiceField(name, choices)
        elif setting.kind is bool:
            field = CheckField(msg("Yes"), name=name)
        else:
            field = TextField(name, longest=2000)
        field.committed.connect(lambda value: self._keep(key, as_text(value)))
        return field

    def _shown(self, setting: plan_settings.PlanSetting) -> str:
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
        setting = plan_settings.PLAN_SETTINGS[key]
        size = self._quantities.unit(setting.unit)[0]
        if size != 1.0:
            if text.strip() == self._shown(setting):
                return  # what is read in feet is not rounded to them
            text = re.sub(r"\d+(?:\.\d+)?", lambda found: f"{round(float(found[0]) * size, 2):g}", text)
        try:
            value = plan_settings.parse_setting(setting, text)
        except InputError as error:
            self._state.say(notice_about(error, Level.WARNING))
            self._show_values()
            return
        before = setting.value(self._state.plan)
        # 4/3 is shown in ten digits: what was only looked at is not an edit.
        if as_text(before) != as_text(value) and not self._state.make(
            lambda plan: plan_settings.change_setting(plan, {key: text})
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
            setting = plan_settings.PLAN_SETTINGS[key]
            if isinstance(field, CountryBox):
                field.choose(setting.value(self._state.plan))
            elif isinstance(field, TextField):
                field.show_value(self._shown(setting))
            elif isinstance(field, ChoiceField):
                field.show_value(as_text(setting.value(self._state.plan)))
            else:
                field.show_value(setting.value(self._state.plan))


def _called(key: str, value: str) -> str:
    """Return how a value of a setting is called, where it is one of a few."""
    words = setting_words(key, value)
    return value if words is None else tr(words)


def as_text(value: Any, digits: int = 10) -> str:
    """Return a setting as it is typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(f"{one:g}" for one in value)
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)

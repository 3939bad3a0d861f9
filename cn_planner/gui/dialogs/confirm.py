"""The form that holds an entry of the shelf against a data sheet: I read it, and it says yes, no, or another figure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cn_planner.errors import PlannerError
from cn_planner.gui.dialogs.catalogue_words import FIELD_WORDS
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.fields import ChoiceField, TextField
from cn_planner.gui.panels.parts import caption, hbox
from cn_planner.gui.values import told_of
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg
from cn_planner.model.entry_form import unit_of
from cn_planner.model.own_entries import find_entry
from cn_planner.model.sheet_readings import NEEDED, figure_now, readable_fields
from cn_planner.session.own_entries import confirm_entry

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.state import AppState

_OTHER = "other"
_ANSWERS: list[tuple[str, Message]] = [
    ("", msg("not looked up")),
    ("yes", msg("yes, it says so")),
    ("no", msg("no, and it gives none")),
    (_OTHER, msg("another figure")),
]


class ConfirmDialog(Dialog):
    """One row a figure: what the shelf says, and what the data sheet says to it.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    key : str
        Of a radio or an antenna.
    """

    def __init__(self, parent: QWidget, state: AppState, key: str) -> None:
        super().__init__(parent, msg("Held against the data sheet"), width=600, height=640)
        self._state, self._key = state, key
        self.answers: dict[str, ChoiceField] = {}
        self.figures: dict[str, TextField] = {}
        self.problem = caption("", "warn")
        self.problem.setAccessibleName(tr(msg("What is wrong")))
        self.problem.hide()
        self.column.addWidget(self.problem)
        project = state.project
        entry = None if project is None else find_entry(project.catalogue, key)
        name = "" if entry is None else f"{getattr(entry, 'maker', '')} {entry.name}".strip()
        self.column.addWidget(caption(tr(msg("{name}: say of each figure that you looked up what the sheet says.",
                                             name=name)), "label"))  # fmt: skip
        self.sheet = TextField(tr(msg("Data sheet, with its date or revision")), placeholder="LBE-5AC-Gen2_DS, 2021-03")
        self.day = TextField(tr(msg("Day on which you read it")))
        self.day.show_value(date.today().isoformat())  # noqa: DTZ011 - the day where the reader is
        self.add_field(msg("Data sheet, with its date or revision"), self.sheet)
        self.add_field(msg("Day on which you read it"), self.day)
        for field in readable_fields(entry):
            self._row(field, figure_now(entry, field))  # type: ignore[arg-type]  # only radios and antennas have such
        self.column.addStretch(1)
        self.add_button(msg("Cancel"), self.close)
        self.add_button(msg("Keep it"), self.keep, "primary")
        state.projectChanged.connect(self.close)

    def _row(self, field: str, now: float | None) -> None:
        words, unit = FIELD_WORDS.get(field), unit_of(field)
        said = tr(words) if words is not None else field
        figure = tr(msg("not known")) if now is None else f"{now:g} {unit}".strip()
        self.column.addWidget(caption(tr(msg("{field}: {figure}", field=said, figure=figure))))
        answers = [one for one in _ANSWERS if not (one[0] == "no" and field in NEEDED)]
        # A blank has nothing that a sheet could agree with.
        answers = [one for one in answers if now is not None or one[0] in ("", _OTHER)]
        choice = ChoiceField(said, answers)
        choice.show_value("")
        other = TextField(tr(msg("{field} by the data sheet", field=said)), placeholder=unit)
        other.setEnabled(False)
        choice.currentIndexChanged.connect(lambda _, c=choice, o=other: o.setEnabled(c.currentData() == _OTHER))
        line = hbox()
        line.addWidget(choice, 2)
        line.addWidget(other, 1)
        self.column.addLayout(line)
        self.answers[field], self.figures[field] = choice, other

    def texts(self) -> dict[str, str]:
        """Return the answers that were given, by figure, as `confirm_entry` takes them."""
        found = {}
        for field, choice in self.answers.items():
            answer = str(choice.currentData() or "")
            if answer:
                found[field] = self.figures[field].text().strip() if answer == _OTHER else answer
        return found

    def keep(self) -> None:
        """Keep what was read; what is wrong is said above the form, which stays as it is."""
        project = self._state.project
        if project is None:
            return
        try:
            edit = confirm_entry(
                project.plan, project.catalogue, self._key, self.texts(), self.sheet.text(), self.day.text()
            )
        except PlannerError as error:
            self.problem.setText(told_of(error, place=False))
            self.problem.show()
            return
        if self._state.apply(edit):
            self.close()

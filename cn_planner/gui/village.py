"""Ask the village: the next open question that only the people of the place can answer, answered in place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QVBoxLayout, QWidget

from cn_planner.area.country import country_of
from cn_planner.gui.overview import questions
from cn_planner.gui.panels.fields import ChoiceField, line_edit, with_steps
from cn_planner.gui.panels.parts import beside_where_room, button, caption, fill_box, hbox, let_go, vbox
from cn_planner.gui.panels.typed_number import TypedNumber
from cn_planner.gui.quantities import FOOT_M
from cn_planner.gui.words import language, tr, unit
from cn_planner.jobs import Slot
from cn_planner.message import msg
from cn_planner.model.edits import change_section, put
from cn_planner.model.plan import PowerSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent, QWheelEvent
    from PySide6.QtWidgets import QBoxLayout, QPushButton

    from cn_planner.area.country import Country
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.model.checks import PlanProblem


def countries(tag: str) -> list[tuple[str, str]]:
    """Return the countries of ISO 3166 as (code, name in a language), by name."""
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    # Two letters only: the other keys are parts of the world and of the calendar.
    names = [(code, name) for code, name in locale.territories.items() if len(code) == 2 and code.isalpha()]
    return sorted((pair for pair in names if pair[0] not in {"ZZ", "EU", "UN", "EZ", "XA", "XB"}), key=lambda p: p[1])


class CountryBox(QComboBox):
    """A choice of countries; typing finds one."""

    chosen = Signal()
    """By a person."""

    def __init__(self, code: str = "") -> None:
        super().__init__()
        self.preset = ""
        """What the program chose, and a person did not yet agree to."""
        self.setAccessibleName(tr(msg("Country")))
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        self.addItem(tr(msg("Not chosen yet")), "")
        for key, name in countries(language()):
            self.addItem(name, key)
        edit, completer = self.lineEdit(), self.completer()
        assert edit is not None  # noqa: S101 - an editable box has both
        assert completer is not None  # noqa: S101
        edit.setAccessibleName(tr(msg("Country")))
        # Within the line only what begins so can be written on: of "South" it made "Southh Southern Territories".
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.choose(code)
        self.activated.connect(lambda _: self.chosen.emit())
        edit.textEdited.connect(lambda _: self.chosen.emit())
        edit.editingFinished.connect(self._settle)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to what scrolls."""
        event.ignore()

    def choose(self, code: str) -> None:
        """Show a country by its code; none where it is empty."""
        self.setCurrentIndex(max(0, self.findData(code)))

    def name_of(self, code: str) -> str:
        """Return the name of a country as it stands in the list; its code where it is in none."""
        at = self.findData(code)
        return self.itemText(at) if at >= 0 else code

    def code(self) -> str:
        """Return two letters, empty where none is chosen; of what is typed so far, those of the one country it fits."""
        at = self._meant()
        return str(self.itemData(at)) if at >= 0 else ""

    def unknown(self) -> str:
        """Return what is typed where it is no country, or could be several; else nothing."""
        return self.currentText().strip()[:60] if self._meant() < 0 else ""

    def _meant(self) -> int:
        """Return the row of the country whose name or code is typed, or the only one that begins so, or has it."""
        text = self.currentText().strip()
        if not text:
            return 0
        at = self.findText(text, Qt.MatchFlag.MatchFixedString)
        if at < 0:
            at = self.findData(text.upper())
        for begins in (str.startswith, str.__contains__):
            if at >= 0:
                break
            fitting = [row for row in range(1, self.count()) if begins(self.itemText(row).casefold(), text.casefold())]
            at = fitting[0] if len(fitting) == 1 else -1
        return at

    def _settle(self) -> None:
        """Show the whole name of what was typed; what fits none or several stays, to be typed on."""
        at = self._meant()
        if at > 0:
            other = at != self.currentIndex()
            self.setCurrentIndex(at)
            if other:
                self.activated.emit(at)


class Village(QWidget):
    """The card at the foot of the sidebar."""

    def __init__(self, state: AppState, settings: Settings) -> None:
        super().__init__()
        self._state, self._settings = state, settings
        self.setAccessibleName(tr(msg("Ask the village")))
        self._later: list[tuple[str, str]] = []
        self._shown: PlanProblem | None = None
        self._column = vbox(on=self, margin=(8, 0, 8, 0))
        self._body: QWidget | None = None
        self._first: QWidget | None = None
        """Where the answer goes."""
        self._box: CountryBox | None = None
        self._rows: list[tuple[QBoxLayout, tuple[QPushButton, ...]]] = []
        self.setProperty("asks", False)
        state.planChanged.connect(self.refresh)
        state.projectChanged.connect(self._begin)
        self.refresh()

    def _begin(self) -> None:
        self._later.clear()
        self.refresh()

    def ask(self, answer: str) -> None:
        """Ask a question of a kind now: ``area.canopy_m`` and the like."""
        for one in questions(self._state.plan):
            if one.answer == answer:
                self._show(one)
                self.focus_answer()
                return

    def focus_answer(self) -> None:
        """Put the cursor where the answer goes."""
        if self._first is not None:
            self._first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self, _changes: object = None) -> None:
        """Show the question that is next for the plan as it stands."""
        open_ones = questions(self._state.plan) if self._state.project is not None else ()
        fresh = [one for one in open_ones if (one.answer, one.where) not in self._later]
        if not fresh and open_ones:
            self._later.clear()  # all were put off: begin again
            fresh = list(open_ones)
        if self._shown is not None and self._shown in open_ones and self._shown in fresh:
            self._preset()
            return
        self._show(fresh[0] if fresh else None)

    def _show(self, question: PlanProblem | None) -> None:
        self._shown = question
        self._box = self._first = None
        self._rows = []
        if self._body is not None:
            let_go(self._body)
            self._body = None
        self.setProperty("asks", question is not None)
        if question is None:
            self.hide()
            return
        self._body = body = QWidget()
        body.setAccessibleName(tr(question.what))
        lines = vbox(caption(msg("Ask the village"), "action"), caption(question.what, "label"), on=body)
        {
            "area.canopy_m": self._trees, "info.country": self._country, "sites.consent": self._land,
            "sites.power": self._power,
        }[question.answer](question, lines)  # fmt: skip
        self._column.addWidget(body)
        self._fit()
        sidebar = self.window().findChild(QWidget, "sidebar") if self.window() is not self else None
        self.setVisible(sidebar is None or not getattr(sidebar, "folded", False))

    def _answers(self, lines: QVBoxLayout, first: QWidget, act: Callable[[], object] | None = None) -> None:
        answers = [] if act is None else [button(msg("Answer"), act=act)]
        self._row(lines, *answers, button(msg("Later"), "flat", act=self._put_off))
        self._first = first

    def _row(self, lines: QVBoxLayout, *buttons: QPushButton) -> None:
        """Add buttons beside each other, or below each other where the column is too narrow for them."""
        line = hbox(*((one, 1) for one in buttons))
        lines.addLayout(line)
        self._rows.append((line, buttons))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the width anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        for line, buttons in self._rows:
            beside_where_room(line, self.width() - 2 * 8, *buttons)

    def _put_off(self) -> None:
        if self._shown is not None:
            self._later.append((self._shown.answer, self._shown.where))
            self._shown = None
            self.refresh()

    def _trees(self, _question: PlanProblem, lines: QVBoxLayout) -> None:
        field = TypedNumber()
        with_steps(field)
        field.setAccessibleName(tr(msg("Height of the trees")))
        field.setDecimals(0)
        imperial = self._settings.get("units") == "imperial"
        per = FOOT_M if imperial else 1.0
        field.setRange(0, 80 / per)
        field.setSuffix(f" {unit('ft' if imperial else 'm')}")
        field.setValue(self._state.plan.area.assumed_canopy_m / per)
        lines.addWidget(field)

        def answer() -> None:
            if field.refused is not None:  # what stands there is not what was answered
                field.refused = None
                field.setFocus()
                return
            canopy_m = round(field.value() * per, 1)
            words = msg("say how tall the trees are")
            self._state.make(lambda plan: change_section(plan, "area", words, canopy_m=canopy_m))

        self._answers(lines, field, answer)

    def _preset(self) -> None:
        """Find out beside the window where the places lie: the first time the borders are read for a second."""
        plan = self._state.plan
        if self._box is not None and (plan.sites or plan.households):
            self._state.ask(
                "country of places", msg("Looking in which country the places lie"),
                lambda snapshot, _report, _cancel: country_of(snapshot.plan), self._show_place,
                slot=Slot.IO, on_error=lambda _failure: None,
            )  # fmt: skip

    def _show_place(self, found: Country | None) -> None:
        """Show the country that the places lie in, until a person chooses one; near a border say which there are."""
        box = self._box
        if box is None or (box.code() and box.code() != box.preset):
            return
        codes = () if found is None else found.candidates
        box.preset = codes[0] if len(codes) == 1 else ""
        box.choose(box.preset)
        names = " / ".join(box.name_of(code) for code in codes[:4])
        self._border.setText(tr(msg("The places lie near a border: {countries}.", countries=names)))
        self._border.setVisible(len(codes) > 1)

    def _country(self, _question: PlanProblem, lines: QVBoxLayout) -> None:
        self._box, self._border = box, border = CountryBox(), caption("", "label")
        fill_box(lines, box, border)
        border.hide()
        self._preset()

        def answer() -> None:
            if code := box.code():
                self._state.make(lambda plan: change_section(plan, "info", msg("choose the country"), country=code))
            else:
                box.setFocus()

        self._answers(lines, box, answer)

    def _land(self, question: PlanProblem, lines: QVBoxLayout) -> None:
        owner = line_edit(
            msg("Owner of the land"), self._state.plan.sites[question.where].owner, hint=msg("Owner")
        )  # fmt: skip
        box = ChoiceField(msg("Do they agree?"), (
            ("", msg("Do they agree?")), ("agreed", msg("Agreed")), ("asked", msg("Asked, not yet")),
            ("refused", msg("They refuse")),
        ))  # fmt: skip
        box.show_value("")
        fill_box(lines, owner, box)

        def answer() -> None:
            if not box.choice():
                box.setFocus()
                return
            site = self._state.plan.sites[question.where]
            new = replace(site, owner=owner.text().strip(), consent=box.choice())
            label = msg("write down the owner of {site}", site=site.name or site.id)
            self._state.make(lambda plan: put(plan, [new], label))

        self._answers(lines, owner, answer)

    def _power(self, question: PlanProblem, lines: QVBoxLayout) -> None:
        choices = [
            button(words, act=partial(self._feed, question.where, source))
            for words, source in ((msg("Mains"), PowerSource.GRID), (msg("Sun"), PowerSource.SOLAR))
        ]
        self._row(lines, *choices)
        self._answers(lines, choices[0])

    def _feed(self, key: str, source: PowerSource) -> None:
        site = self._state.plan.sites[key]
        label = msg("say what feeds {site}", site=site.name or key)
        self._state.make(lambda plan: put(plan, [replace(site, power=source)], label))

    def retitle(self) -> None:
        """Say it anew, in another language or other units; of another plan what is next for that one."""
        shown, self._shown = self._shown, None
        if shown is None or shown in questions(self._state.plan):
            self._show(shown)
        else:
            self.refresh()

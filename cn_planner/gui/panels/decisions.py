"""Each decision of a proposal, tower by tower: why, for how much, and whether it is kept, left out, or open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy

from cn_planner.gui.panels.fields import ChoiceField
from cn_planner.gui.panels.job_line import JobLine
from cn_planner.gui.panels.parts import Drawer, caption, empty, fill_box, hbox, vbox
from cn_planner.gui.quantities import money_words
from cn_planner.gui.words import isolated, tr, with_commas
from cn_planner.jobs import run_on
from cn_planner.message import msg
from cn_planner.model.plan import Choice
from cn_planner.planning.deciding import choice_of, decide
from cn_planner.planning.decision_words import decision_reason, decision_title
from cn_planner.planning.decisions import DecisionKind
from cn_planner.session.proposal import decisions_in

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.jobs import Job
    from cn_planner.planning.decisions import Decision
    from cn_planner.session.proposal import Proposal

_KEY = "decisions"
CHOICES = {
    Choice.FREE: msg("The planner decides"),
    Choice.LOCKED: msg("Keep it"),
    Choice.FORBIDDEN: msg("Leave it out"),
}


def signed_money(value: float, currency: str) -> str:
    """Return an amount that is added or saved."""
    sign = "" if abs(value) < 0.5 else "−" if value < 0 else "+"
    return isolated(f"{sign}{tr(money_words(abs(value), currency))}")


class DecisionRow(QFrame):
    """One decision: what it is, its price, why, and what people say of it."""

    chosen = Signal(object)

    def __init__(self, one: Decision, found: Proposal, context: PanelContext) -> None:
        super().__init__()
        self.decision = one
        proposed, currency = found.edit.plan, found.edit.plan.info.currency
        title = tr(decision_title(one, proposed, context.quantities.height))
        reason = tr(decision_reason(one, context.quantities.height))
        price = "" if one.cost is None else tr(money_words(one.cost, currency))
        month = tr(msg("{money} a month", money=money_words(one.month, currency))) if one.month else ""
        said = with_commas(filter(None, (price, month)))
        lowest = one.kind is DecisionKind.MAST and one.lower_m is None
        offered = [(key, words) for key, words in CHOICES.items() if not (lowest and key is Choice.FORBIDDEN)]
        self.field = ChoiceField(". ".join(filter(None, (title, said, reason))), offered)
        self.field.committed.connect(self.chosen)
        money = caption(isolated(said) if said else "", "value" if one.taken else "label", wraps=False)
        money.setSizePolicy(QSizePolicy.Policy.Fixed, money.sizePolicy().verticalPolicy())
        vbox(
            hbox((caption(title), 1), (money, Qt.AlignmentFlag.AlignTop)), caption(reason, "label"), self.field,
            on=self, gap=4, margin=(12, 4, 0, 8),
        )  # fmt: skip

    def show_choice(self, choice: Choice) -> None:
        """Show what the plan says."""
        self.field.show_value(choice)


class DecisionList(Drawer):
    """The decisions of the proposal that waits; its rows are made when somebody opens it."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(msg("Decide one by one"))
        self.context = context
        self.rows: list[DecisionRow] = []
        self._found: Proposal | None = None
        self._open: Proposal | None = None
        self._job: Job[Any] | None = None
        """What looks into the proposal that is shown."""
        self.line = JobLine(self._cancel)
        self.without = Drawer(msg("What the plan does without"))
        self._taken = vbox(gap=4)
        tip = caption(
            msg("A price is what the plan would cost less without it: of a tower with its links, of a mast against the "
                "next lower one. What you say here goes into the plan and is kept the next time you plan."),
            "label",
        )  # fmt: skip
        fill_box(self.body, tip, self.line, self._taken, self.without)
        self.toggle.toggled.connect(lambda _on: self._ask())
        context.state.planChanged.connect(lambda _changes: self.show_choices())
        context.state.jobsChanged.connect(self._show_job)
        context.state.proposals.changed.connect(self._follow)

    def show_proposal(self, found: Proposal) -> None:
        """Take another proposal."""
        if found is not self._found:
            self._cancel()
            self._found, self._open, self._job, self.rows = found, None, None, []
            empty(self._taken)
            empty(self.without.body)
            self.without.hide()
        self.setVisible(bool(found.edit.plan.used_sites))
        self._ask()

    def _ask(self) -> None:
        """Find out what speaks for each decision, beside the window, once somebody wants to know."""
        found = self._found
        if found is None or found is self._open or self._job is not None or not self.toggle.isChecked():
            return
        self._job = self.context.state.ask(
            _KEY, msg("Decide one by one"),
            lambda snapshot, report, cancel: (found, decisions_in(snapshot, found, run=run_on(report, cancel))),
            self._fill, version=None,
        )  # fmt: skip
        self._show_job()

    def _cancel(self) -> None:
        self.context.state.jobs.cancel_all(_KEY)

    def _follow(self) -> None:
        """Look into no proposal that was left or taken."""
        proposals = self.context.state.proposals
        if not proposals.shown or proposals.now is not self._found:
            self._cancel()

    def _show_job(self) -> None:
        """Show how far it is; where it ends with nothing the drawer closes, and who opens it asks anew."""
        if self._job is not None and self._job not in self.context.state.jobs.active():
            self._job = None
            if self._open is not self._found:
                self.toggle.setChecked(False)
        self.line.show_job(self._job)

    def _fill(self, result: tuple[Proposal, tuple[Decision, ...]]) -> None:
        found, decisions = result
        if found is not self._found:
            return
        self._open = found
        group, names = "", found.edit.plan
        used = {one.group for one in decisions if one.taken}
        for one in decisions:
            box = self._taken if one.group in used else self.without.body
            if one.group != group:
                group = one.group
                place = names.sites.get(group) or names.places[group]
                box.addWidget(caption(place.name or group, "head"))
            row = DecisionRow(one, found, self.context)
            row.chosen.connect(partial(self._decide, one))
            self.rows.append(row)
            box.addWidget(row)
        self.without.setVisible(any(one.group not in used for one in decisions))
        self.show_choices()

    def show_choices(self) -> None:
        """Show what the plan that stands says of each."""
        if self._open is None:
            return
        plan, proposed = self.context.state.plan, self._open.edit.plan
        for row in self.rows:
            row.show_choice(choice_of(plan, proposed, row.decision))

    def _decide(self, one: Decision, choice: Choice) -> None:
        found = self._open
        if found is not None:
            self.context.state.make(lambda plan: decide(plan, found.before, found.edit.plan, one, choice))
            self.show_choices()  # where it could not be, what the plan says is shown again

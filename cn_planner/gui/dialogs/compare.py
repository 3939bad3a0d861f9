"""Compare: the plan beside its version before, or beside another plan: figures, and what changed in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QWidget

from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import file_dialog
from cn_planner.gui.dialogs.job_dialog import JobDialog
from cn_planner.gui.panels.fields import ChoiceField
from cn_planner.gui.panels.parts import STRETCH, caption, empty, fill_box, hbox, vbox
from cn_planner.gui.words import tr
from cn_planner.jobs import run_on
from cn_planner.message import counted, msg
from cn_planner.model.history import Edit
from cn_planner.session.scenarios import scenarios_of
from cn_planner.storage.plan_file import PLAN_FILE_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Report
    from cn_planner.progress import CancelToken
    from cn_planner.report.work_records import PlanComparison
    from cn_planner.session.versions import Earlier
    from cn_planner.session.workspace import Snapshot

    Work = Callable[[Snapshot, Report, CancelToken], PlanComparison]

_KEY = "compare"
_BEFORE, _VERSION, _SCENARIO, _FILE = "before", "version:", "scenario:", "file"
_MOST = 200
"""More changes than these the report lists."""


class CompareDialog(JobDialog):
    """The dialog; it looks at the version before when it is made.

    Parameters
    ----------
    parent : QWidget
    state : AppState

    Attributes
    ----------
    found : Comparison or None
    nothing : bool
        Whether there is nothing to compare with.
    """

    def __init__(self, parent: QWidget, state: AppState) -> None:
        super().__init__(parent, state, msg("Compare"), _KEY, width=720, height=600)
        self.found: PlanComparison | None = None
        self._other: Path | None = None
        self.nothing = False
        self.with_what = ChoiceField(msg("Compare with"))
        self.with_what.committed.connect(self._hold)
        self.with_words = caption(msg("Compare with"), wraps=False)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        for place in range(3):
            self._grid.setColumnStretch(place, 1)
        self._lines = vbox()
        fill_box(self.column, hbox(self.with_words, (self.with_what, 1), gap=12), self._grid, 8, self._lines, STRETCH)
        self._offer()
        self.add_job()
        self.add_button(msg("Another plan…"), self._choose)
        self.back = self.add_button(msg("Go back to it…"), self.go_back)
        self.back.setToolTip(tr(msg("It is proposed first: nothing changes before you accept it.")))
        self.add_close()
        self.look()

    def look(self) -> None:
        """Compare the plan as it stands with what was chosen: an earlier version, a scenario, another plan."""
        project, other = self._state.project, self._other
        scenario = self._scenario if other is None else ""
        before = None if scenario else self._before()
        self.found = None
        self._fill()
        self.nothing = project is None or (other is None and before is None and not scenario)
        if scenario:
            self.ask(msg("Comparing"), _with_scenario(scenario), self._take)
        elif project is not None and other is not None:
            self.ask(msg("Comparing"), _with_plan(other, project.path.name), self._take)
        elif project is not None and before is not None:
            self.ask(msg("Comparing"), _with_version(before, project.version), self._take)
        else:
            self.show_state()

    def _offer(self) -> None:
        """Offer all that the plan can be held against: versions, the newest first, and its other scenarios."""
        project, plan = self._state.project, self._state.plan
        if project is None:
            return
        before = project.version_before()
        offered = [
            (f"{_VERSION}{one.name}", msg("version {n}, {date}", n=one.name, date=one.date))
            for one in reversed(project.versions())
        ]
        first = next((key for key, words in offered if before is not None and words == before.label), "")
        if before is not None and not first:
            first = _BEFORE
            offered.insert(0, (_BEFORE, before.label))
        offered += [
            (f"{_SCENARIO}{one.id}", msg("Scenario {name}", name=one.title))
            for one in scenarios_of(plan) if not one.active
        ]  # fmt: skip
        if self._other is not None:
            offered.append((_FILE, msg("{file}", file=self._other.name)))
        self.with_what.set_choices(offered)
        for one in (self.with_words, self.with_what):  # a list of nothing asks for nothing
            one.setVisible(bool(offered))
        if self.with_what.choice() is None and offered:
            self.with_what.show_value(first or offered[0][0])

    def _hold(self, key: str) -> None:
        if key != _FILE:
            self._other = None
        self.look()

    @property
    def _scenario(self) -> str:
        """The scenario that is compared with; empty where it is none."""
        chosen = str(self.with_what.choice() or "")
        return chosen.removeprefix(_SCENARIO) if chosen.startswith(_SCENARIO) else ""

    def _before(self) -> Earlier | None:
        """Return the earlier version that is compared with; None where it is none."""
        project, chosen = self._state.project, str(self.with_what.choice() or _BEFORE)
        if project is None or self._other is not None or self._scenario:
            return None
        if chosen.startswith(_VERSION):
            return project.version_named(int(chosen.removeprefix(_VERSION)))
        return project.version_before()

    def _choose(self) -> None:
        project = self._state.project
        folder = "" if project is None else str(project.path.parent)
        kinds = f"{tr(msg('Plans'))} (*{PLAN_FILE_SUFFIX})"
        take = self.compare_with
        file_dialog(self, msg("Another plan"), lambda files: take(files[0]), folder=folder, kinds=kinds).open()

    def compare_with(self, other: Path) -> None:
        """Look at another plan beside this one."""
        self._other = other
        self._offer()
        self.with_what.show_value(_FILE)
        self.look()

    def go_back(self) -> None:
        """Propose the version that is shown, in place of the plan as it stands."""
        before = self._before()
        if before is not None:
            plan = replace(before.plan, scenarios=self._state.plan.scenarios)
            self._state.proposals.offer(Edit(msg("back to {what}", what=before.label), plan), self._state.plan)
            self.close()

    def _take(self, found: PlanComparison) -> None:
        self.found = found
        self._fill()
        self.show_state()

    def show_state(self) -> None:
        """Say how it stands."""
        found = self.found
        back = found is not None and self._other is None and not self._scenario and not self.outdated
        self.back.setEnabled(back)
        self.again.setVisible(not self.busy and (self.outdated or (found is None and not self.nothing)))
        if self.outdated:
            self.said.setText(tr(msg("The plan was changed since. This is how it was before.")))
        elif found is not None:
            self.said.setText(_summary(found))
        elif self.busy:
            self.said.setText(tr(msg("Homes, money and links of both are counted.")))
        elif self.nothing:
            none = msg("There is no version before that differs: one is kept whenever the plan is shared.")
            self.said.setText(tr(none))
        else:
            self.said.setText(self.fault or tr(msg("It was stopped.")))
        theme.mark(self.said, "warn" if self.outdated else "")

    def _fill(self) -> None:
        from cn_planner.report.change_words import rows, told_change

        empty(self._grid)
        empty(self._lines)
        found = self.found
        if found is None:
            return
        self._row(0, "", tr(found.before.label), tr(found.now.label), "label")
        for number, one in enumerate(rows(found), start=1):
            self._row(number, tr(one.what), tr(one.before), tr(one.now), "" if one.before == one.now else "value")
        for change in found.changes[:_MOST]:
            self._lines.addWidget(caption(told_change(change)))

    def _row(self, number: int, what: str, before: str, now: str, kind: str) -> None:
        for place, text in enumerate((what, before, now)):
            look = kind if place == 2 or number == 0 else "label" if place == 0 else ""
            self._grid.addWidget(caption(text, look), number, place)


def _with_version(before: Earlier, version: int) -> Work:
    """Return the work that compares the plan with an earlier version of it."""

    def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> PlanComparison:
        from cn_planner.session.compare import change_log

        return change_log(snapshot, version, before, run=run_on(report, cancel))

    return work


def _with_scenario(key: str) -> Work:
    """Return the work that compares the scenario that is shown with another one."""

    def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> PlanComparison:
        from cn_planner.session.compare import compare_scenario

        return compare_scenario(snapshot, key, run=run_on(report, cancel))

    return work


def _with_plan(other: Path, name: str) -> Work:
    """Return the work that compares the plan, a file of that name, with the plan in another file."""

    def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> PlanComparison:
        from cn_planner.session.compare import compare_plans
        from cn_planner.session.project import Project

        with Project.open(other) as second:
            labels = msg("{file}", file=name), msg("{file}", file=other.name)
            return compare_plans(snapshot, labels[0], second.snapshot(), labels[1], run=run_on(report, cancel))

    return work


def _summary(found: PlanComparison) -> str:
    if not found.changes:
        return tr(msg("Nothing changed."))
    return tr(counted("{count} change:", "{count} changes:", len(found.changes)))

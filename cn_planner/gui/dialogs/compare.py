"""Compare: the plan beside its version before, or beside another plan: figures, and what changed in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QWidget

from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import file_dialog
from cn_planner.gui.dialogs.job_dialog import JobDialog
from cn_planner.gui.panels.parts import STRETCH, caption, empty, fill_box, vbox
from cn_planner.gui.words import tr
from cn_planner.jobs import run_on
from cn_planner.message import counted, msg
from cn_planner.storage.plan_file import PLAN_FILE_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Report
    from cn_planner.message import Message
    from cn_planner.planning.result import Design
    from cn_planner.progress import CancelToken
    from cn_planner.report.work_records import PlanComparison
    from cn_planner.session.versions import Earlier
    from cn_planner.session.workspace import Snapshot

    Work = Callable[[Snapshot, Report, CancelToken], PlanComparison]

_KEY, _AGAIN = "compare", "plan again"
_TITLE = msg("Compare")
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

    def __init__(self, parent: QWidget, state: AppState, title: Message = _TITLE, key: str = _KEY) -> None:
        super().__init__(parent, state, title, key, width=720, height=600)
        self.found: PlanComparison | None = None
        self._other: Path | None = None
        self.nothing = False
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        for place in range(3):
            self._grid.setColumnStretch(place, 1)
        self._lines = vbox()
        fill_box(self.column, self._grid, 8, self._lines, STRETCH)
        self.add_job()
        self.add_acts()
        self.look()

    def add_acts(self) -> None:
        """Add what can be done, at the foot."""
        self.add_button(msg("Another plan…"), self._choose)
        self.add_close()

    def look(self) -> None:
        """Compare the plan as it stands with the version before, or with the plan that was chosen."""
        project, other = self._state.project, self._other
        before = project.version_before() if project is not None and other is None else None
        self.found = None
        self._fill()
        self.nothing = project is None or (other is None and before is None)
        if project is not None and other is not None:
            self.ask(msg("Comparing"), _with_plan(other, project.path.name), self._take)
        elif project is not None and before is not None:
            self.ask(msg("Comparing"), _with_version(before, project.version), self._take)
        else:
            self.show_state()

    def _choose(self) -> None:
        project = self._state.project
        folder = "" if project is None else str(project.path.parent)
        kinds = f"{tr(msg('Plans'))} (*{PLAN_FILE_SUFFIX})"
        take = self.compare_with
        file_dialog(self, msg("Another plan"), lambda files: take(files[0]), folder=folder, kinds=kinds).open()

    def compare_with(self, other: Path) -> None:
        """Look at another plan beside this one."""
        self._other = other
        self.look()

    def _take(self, found: PlanComparison) -> None:
        self.found = found
        self._fill()
        self.show_state()

    def show_state(self) -> None:
        """Say how it stands."""
        found = self.found
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


class ProposalDialog(CompareDialog):
    """What the planner would change now, beside the plan as it stands: taken whole, or left.

    Attributes
    ----------
    design : Design or None
    """

    def __init__(self, parent: QWidget, state: AppState) -> None:
        self.design: Design | None = None
        super().__init__(parent, state, msg("Plan again"), _AGAIN)

    def add_acts(self) -> None:
        """Add Accept and Leave it."""
        self.add_button(msg("Leave it"), self.close)
        self.accept_button = self.add_button(msg("Accept"), self.take_it, "primary")

    def look(self) -> None:
        """Have the planner choose for the plan as it stands; nothing is changed."""
        self.found, self.design, self.nothing = None, None, False
        self._fill()
        self.ask(msg("Choosing sites, masts and links"), _planned_again, self._take_design)

    def _take_design(self, found: tuple[Design, PlanComparison | None]) -> None:
        self.design, comparison = found
        if comparison is None:
            self.fault = tr(self.design.reason or msg("Nothing changed."))
            self.show_state()
        else:
            self._take(comparison)

    def show_state(self) -> None:
        """Say how it stands."""
        super().show_state()
        takes = self.design is not None and self.found is not None and not self.outdated
        self.accept_button.setEnabled(takes)
        if self.busy and not self.outdated:
            self.said.setText(tr(msg("The planner looks round what was seen. The plan stays until you accept.")))

    def take_it(self) -> None:
        """Take what the planner proposes as one edit."""
        if self.design is not None and self.design.edit is not None and self._state.apply(self.design.edit):
            self.close()


def _planned_again(snapshot: Snapshot, report: Report, cancel: CancelToken) -> tuple[Design, PlanComparison | None]:
    from cn_planner.session.compare import compare_plans
    from cn_planner.session.engine import make_planner_ready
    from cn_planner.session.tasks import plan_network

    run = run_on(report, cancel)
    make_planner_ready(run=run)
    design = plan_network(snapshot, run=run.part(0.0, 0.8))
    if design.edit is None:
        return design, None
    again = snapshot.workspace.snapshot(design.edit.plan)
    labels = msg("as it stands"), msg("planned again")
    return design, compare_plans(snapshot, labels[0], again, labels[1], run=run.part(0.8, 1.0))


def _with_version(before: Earlier, version: int) -> Work:
    """Return the work that compares the plan with an earlier version of it."""

    def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> PlanComparison:
        from cn_planner.session.compare import change_log

        return change_log(snapshot, version, before, run=run_on(report, cancel))

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

"""A dialog that shows what a job finds of the plan: how far it is, with Cancel; and that the plan was changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.parts import STRETCH, caption, hbox
from cn_planner.gui.status_bar import JobRow
from cn_planner.gui.values import told_of
from cn_planner.jobs import Slot
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, Report
    from cn_planner.model.plan import Plan
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot

_EDGE_PX = 48


class JobDialog(Dialog):
    """The dialog.

    Parameters
    ----------
    parent : QWidget
        The window; the dialog is no larger than it.
    state : AppState
    title : Message
    key : str
        Of its job: another one is asked for only when this dialog asks again.
    then : str
        Key of the job that takes what was chosen here; it goes on where the dialog is closed.
    width, height : int
        At letters of 100 %.

    Attributes
    ----------
    given : list of Plan
        Plans for which holds what is shown: the one that was looked at, and those that were taken from here.
    outdated : bool
        Whether the plan is none of these now.
    taking : bool
        Whether what was chosen is being taken.
    fault : str
        Why nothing was found, in words; empty where there is no such reason.
    """

    def __init__(
        self,
        parent: QWidget,
        state: AppState,
        title: Message,
        key: str,
        *,
        then: str = "",
        width: int = 560,
        height: int = 480,
    ) -> None:
        super().__init__(parent, title, width=width, height=height)
        room = parent.window().size()
        self.resize(min(theme.px(width), room.width() - _EDGE_PX), min(theme.px(height), room.height() - _EDGE_PX))
        self._state, self._key, self._then = state, key, then
        self._number: int | None = None
        self.given: list[Plan] = []
        self.outdated = self.taking = False
        self.fault = ""
        self.said = caption()
        self.column.addWidget(self.said)
        self.job = JobRow()
        self.job.cancelled.connect(state.cancel)
        self.job.hide()
        self.again = self.add_button(msg("Look again"), self.look)
        self.again.hide()
        state.projectChanged.connect(self.close)
        state.planChanged.connect(self._plan_changed)
        state.jobsChanged.connect(self.show_job)

    def add_job(self) -> None:
        """Put the row of the job at the foot of the column."""
        self.column.addLayout(hbox(self.job, STRETCH))

    @property
    def busy(self) -> bool:
        """Whether it is still being looked for."""
        return self._number is not None

    def look(self) -> None:
        """Look for what the dialog shows, in the plan as it stands."""
        raise NotImplementedError

    def show_state(self) -> None:
        """Say how it stands: while it is looked for, when that has ended, when the plan was changed."""
        raise NotImplementedError

    def ask(
        self,
        title: Message,
        work: Callable[[Snapshot, Report, CancelToken], Any],
        take: Callable[[Any], None],
        *,
        partial: Callable[[Any], None] | None = None,
        further: bool = False,
        slot: Slot = Slot.SOLVER,
        **more: Any,
    ) -> None:
        """Ask for the work; what comes of it is taken where the dialog is open still and the plan the same.

        `further` work is on what is shown, which stands.
        """

        def if_open(act: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda value: None if self.ended else act(value)

        if not further:
            self.given = [self._state.plan]
            self.outdated = False
        self.fault = ""
        job = self._state.ask(
            self._key, title, work, if_open(take), slot=slot, on_error=if_open(self._failed),
            on_partial=None if partial is None else if_open(partial), **more,
        )  # fmt: skip
        self._number = None if job is None else job.id
        self.show_job()

    def stop(self) -> None:
        """Stop looking."""
        if self._number is not None:
            self._state.cancel(self._number)

    def show_job(self) -> None:
        """Show how far the work is."""
        if self.ended:
            return
        active = self._state.jobs.active()
        mine = next((job for job in active if job.id == self._number), None)
        if mine is None:
            self._number = None
        then = next((job for job in active if job.key == self._then), None)
        self.taking = then is not None
        shown = mine if then is None else then
        if shown is not None:
            self.job.show_job(shown)
        self.job.setVisible(shown is not None)
        self.show_state()

    def _failed(self, failure: Failure) -> None:
        self.fault = told_of(failure.error)

    def _plan_changed(self, _changes: object) -> None:
        if self.ended or not self.given:
            return
        now = self._state.plan
        self.outdated = not any(now == one for one in self.given)
        if self.outdated:
            self.stop()
        self.show_state()

    def end(self) -> None:
        """Look no further."""
        super().end()
        self.stop()

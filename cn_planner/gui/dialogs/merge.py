"""Bring together: two plans that began as one, what came from whom, and where both say otherwise, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout

from cn_planner.gui.dialogs.job_dialog import JobDialog
from cn_planner.gui.panels.fields import ChoiceField
from cn_planner.gui.panels.parts import STRETCH, caption, empty, fill_box
from cn_planner.gui.words import tr
from cn_planner.jobs import Slot
from cn_planner.message import counted, msg
from cn_planner.model.merge import Take
from cn_planner.session.merge import Mine, bring_together, take_in

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Report
    from cn_planner.progress import CancelToken
    from cn_planner.session.merge import BroughtTogether
    from cn_planner.session.workspace import Snapshot

_KEY = "merge"
_MOST = 100


class MergeDialog(JobDialog):
    """The dialog; it looks at both when it is made.

    Attributes
    ----------
    found : BroughtTogether or None
    word : ChoiceField
        Whose word counts where both changed the same: mine, unless said otherwise.
    """

    def __init__(self, parent: QWidget, state: AppState, other: Path) -> None:
        super().__init__(parent, state, msg("Bring together"), _KEY, width=760, height=600)
        self._other = other
        self.found: BroughtTogether | None = None
        self.word = ChoiceField(
            msg("Where both changed the same, this counts"),
            [(Take.MINE, msg("what this plan says")), (Take.THEIRS, msg("what the other says"))],
        )
        self.word.show_value(Take.MINE)
        self.word.committed.connect(lambda _value: self.look())
        self.add_field(msg("Where both changed the same, this counts"), self.word)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        for place in range(3):
            self._grid.setColumnStretch(place, 1)
        fill_box(self.column, self._grid, STRETCH)
        self.add_job()
        self.add_close()
        self.take = self.add_button(msg("Bring together"), self.bring, "primary")
        self.look()

    def look(self) -> None:
        """Look what both have made of the plan, beside the window, where the other file is read; nothing is changed."""
        project, other, word = self._state.project, self._other, self.word.choice()
        self.found = None
        self._fill()
        if project is None:
            return
        mine = Mine(project.path, project.plan, project.history, project.beside)

        def work(_snapshot: Snapshot, _report: Report, cancel: CancelToken) -> BroughtTogether:
            found = bring_together(mine, other, word)
            cancel.check()
            return found

        self.ask(msg("Looking what would change"), work, self._take, slot=Slot.IO)

    def _take(self, found: BroughtTogether) -> None:
        self.found = found
        self._fill()
        self.show_state()

    def show_state(self) -> None:
        """Say what comes from whom."""
        found = self.found
        self.again.setVisible(not self.busy and (self.outdated or (found is None and not self.fault)))
        self.take.setEnabled(found is not None and found.edit is not None and not self.outdated)
        self.word.setEnabled(found is not None and bool(found.merged.conflicts))
        if found is None:
            self.said.setText("" if self.busy else self.fault or tr(msg("It was stopped.")))
            return
        merged = found.merged
        if found.edit is None:
            self.said.setText(tr(msg("Nothing new: the plan has all of it.")))
            return
        words = msg("{theirs} of theirs come to {mine} of yours.", theirs=merged.from_theirs, mine=merged.from_mine)
        told = [tr(words)]
        if merged.conflicts:
            told.append(
                tr(counted("In {count} thing both say otherwise:", "In {count} things both say otherwise:",
                           len(merged.conflicts)))
            )  # fmt: skip
        self.said.setText(" ".join(told))

    def _fill(self) -> None:
        empty(self._grid)
        if self.found is None or not self.found.merged.conflicts:
            return
        for place, words in enumerate((msg("What"), msg("This plan"), msg("The other"))):
            self._grid.addWidget(caption(words, "label"), 0, place)
        for row, one in enumerate(self.found.merged.conflicts[:_MOST], start=1):
            chosen = one.taken or Take.MINE
            self._grid.addWidget(caption(one.what), row, 0)
            self._grid.addWidget(caption(one.mine, "ok" if chosen is Take.MINE else "dim"), row, 1)
            self._grid.addWidget(caption(one.theirs, "ok" if chosen is Take.THEIRS else "dim"), row, 2)

    def bring(self) -> None:
        """Make it one edit."""
        found, project = self.found, self._state.project
        if found is None or project is None or self.outdated:
            return
        if self._state.change(lambda: take_in(project, found)):
            self.close()

"""Any edits, undone and redone, with the file closed and opened at any moment: the plan is always the right one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from plan_examples import random_edits, village

from cn_planner.model.history import History, HistoryStep, changes
from cn_planner.model.plan import Plan
from cn_planner.storage.plan_file import PlanFile


class Editing(RuleBasedStateMachine):
    """A plan file beside a plan and a history that were never on a disk."""

    @initialize(plan=st.sampled_from([Plan(), village()]))
    def begin(self, plan):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "x.cnplan.gpkg"
        self.file = PlanFile.create(self.path, plan)
        self.first = self.plan = plan
        self.history = History()

    @rule(function=random_edits)
    def edit(self, function):
        edit = function(self.plan)
        difference = changes(self.plan, edit.plan)
        self.file.commit(edit)
        if difference:
            self.history, self.plan = self.history.after(HistoryStep(edit.label, difference)), edit.plan

    @precondition(lambda self: self.history.done)
    @rule()
    def undo(self):
        self.file.undo()
        self.history, self.plan = self.history.undone(self.plan)

    @precondition(lambda self: self.history.done < len(self.history.steps))
    @rule()
    def redo(self):
        self.file.redo()
        self.history, self.plan = self.history.redone(self.plan)

    @rule()
    def close_and_open(self):
        self.file.close()
        self.file = PlanFile.open(self.path)
        assert self.file.external_edit is None
        assert self.file.notices == ()

    @invariant()
    def the_file_says_what_memory_says(self):
        assert self.file.plan == self.plan
        assert self.file.history == self.history

    def teardown(self):
        if not hasattr(self, "file"):
            return
        steps = self.history.steps
        while self.history.done:
            self.undo()
        self.close_and_open()
        assert self.file.plan == self.first
        while self.history.done < len(steps):
            self.redo()
        self.close_and_open()
        self.the_file_says_what_memory_says()
        self.file.close()
        self.folder.cleanup()


TestEditing = Editing.TestCase
TestEditing.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

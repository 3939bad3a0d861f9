"""The battery dies, the laptop falls: no edit that was said to be done is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cn_planner.model.plan import Household, Plan
from cn_planner.storage.plan_file import PlanFile

KILLS = 200
EDITOR = Path(__file__).with_name("editing_run.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process cannot be forked here")
def test_no_committed_edit_is_lost_when_the_program_is_killed_at_200_random_moments(tmp_path):
    path = tmp_path / "village.cnplan.gpkg"
    PlanFile.create(path, Plan()).close()
    chance = random.Random(20_25)
    known = committed = kept_unsaid = rolled_back = 0
    command = [sys.executable, str(EDITOR), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as editor:
        assert editor.stdin is not None
        assert editor.stdout is not None
        for _ in range(KILLS):
            editor.stdin.write("edit\n")
            editor.stdin.flush()
            run = int(editor.stdout.readline())
            said = [int(editor.stdout.readline()) for _ in range(chance.randrange(4))]
            time.sleep(chance.uniform(0.0, 0.005))
            os.kill(run, signal.SIGKILL)
            said += [int(line) for line in iter(editor.stdout.readline, "killed\n")]
            committed += len(said)
            rolled_back += path.with_name(path.name + "-journal").exists()
            last = max(said, default=known)
            with PlanFile.open(path) as file:
                assert file.external_edit is None
                assert file.notices == ()
                assert file.version in (last, last + 1), "an edit that was said to be done is lost"
                # Edit number n puts home n % 40, undoes or redoes: the plan is what the history says it is.
                assert file.plan == replayed(file)
                kept_unsaid += file.version == last + 1
                known = file.version
    assert committed > KILLS  # the run was really editing when it was killed
    assert rolled_back + kept_unsaid > 0  # and some kills fell into the middle of a commit


def replayed(file: PlanFile) -> Plan:
    plan = Plan()
    for step in file.history.steps[max(0, file.history.done - 60) : file.history.done]:
        for change in step.changes:
            assert isinstance(change.after, Household)
            plan = Plan(households=plan.households.changed(put=[change.after]))
    return Plan(households=file.plan.households.changed(put=plan.households.values()))

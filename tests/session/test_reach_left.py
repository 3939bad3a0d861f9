"""The homes that are left are reached one by one, each in the plan with those before it, and nobody loses by it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from cn_planner.errors import CancelledError
from cn_planner.model import edits
from cn_planner.progress import CancelToken, Run
from cn_planner.session.project import Project
from cn_planner.session.reach_left import reach_left
from cn_planner.session.service import service_now


@pytest.fixture
def project(planned_sample, tmp_path: Path):
    folder = tmp_path / "valley"
    shutil.copytree(planned_sample(0.5), folder)
    with Project.open(next(folder.glob("*.cnplan.gpkg"))) as made:
        yield made


def reached(snapshot) -> set[str]:
    now = service_now(snapshot)
    return {now.homes.ids[n] for n in np.flatnonzero(now.connected).tolist()}


def test_each_home_is_reached_with_those_before_it_and_no_other_falls_out(project) -> None:
    before = project.snapshot()
    had = reached(before)
    found = reach_left(before, most=3)
    assert set(found.homes) == set(before.plan.households) - had
    assert found.edit is not None
    has = reached(before.workspace.snapshot(found.edit.plan))
    won = has - had
    assert had <= has
    assert 1 <= len(won) <= 3
    assert won <= set(found.homes[:3])
    assert len([one for one in found.notes if "home" in dict(one.values)]) == len(won)
    assert str(found.edit.label) == (f"reach {len(won)} homes more" if len(won) > 1 else "reach one home more")
    assert project.plan == before.plan  # nothing is changed before somebody takes it


def test_homes_that_must_be_reached_come_first_and_who_refused_does_not(project) -> None:
    from dataclasses import replace

    from cn_planner.model.plan import Priority

    plan = project.plan
    left = [key for key, home in plan.households.items() if home.server is None]
    last = left[-1]
    plan = edits.put(plan, [replace(plan.households[last], priority=Priority.MUST)]).plan
    found = reach_left(project.snapshot().workspace.snapshot(plan), most=1)
    assert found.homes[0] == last


def test_a_cancel_before_anything_is_found_ends_it(project) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        reach_left(project.snapshot(), run=Run(cancel=cancel))

"""The homes that are left are reached one by one, each in the plan with those before it, and nobody loses by it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cn_planner.errors import CancelledError
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.planning.proposal import parts_of, taken, with_needed
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


def test_what_reaches_the_last_homes_can_be_taken_tower_by_tower(project) -> None:
    """It was one tick for all of them: who had no money for one pole left out all the others."""
    before = project.snapshot()
    found = reach_left(before, most=6)
    assert found.edit is not None
    parts = parts_of(before.plan, found.edit.plan)
    towers = {found.edit.plan.households[key].server for one in parts for key in one.gains}
    assert len(towers) > 1
    assert {one.id for one in parts if one.gains} == towers
    one = next(one for one in parts if one.gains)
    some = taken(before.plan, found.edit.plan, parts, [one.id])
    was = reached(before)
    project.apply(Edit(msg("some of it"), some))
    got = reached(project.snapshot()) - was
    assert got >= set(one.gains)
    assert not got & {key for other in parts if other.id not in with_needed(parts, [one.id]) for key in other.gains}

"""Homes that a network found would serve are not left out while fewer are served than asked for, or money is left."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.planning.filled import filled
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.result import Design
from cn_planner.progress import ALONE
from cn_planner.session.details import fixes_on_air
from cn_planner.session.network import plan_network
from cn_planner.session.project import Project
from tests.plan_file_checker import capital, faults
from tests.plan_file_radio import PlanFile

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.progress import Run
    from cn_planner.session.workspace import Snapshot

MONEY = 1_500.0


@pytest.fixture(scope="module")
def lean(sample_folder: Path) -> tuple[Snapshot, Design]:
    """Two in five of the sample, and what is found for them: towers that more homes hear."""
    with Project.open(next(sample_folder.glob("*.cnplan.gpkg"))) as project:
        snapshot = project.snapshot()
        return snapshot, plan_network(snapshot, cover=0.4)


def fill(lean: tuple[Snapshot, Design], goal: float, *, budget: float | None = None, run: Run = ALONE) -> Design:
    snapshot, found = lean
    keep = (snapshot.cache, snapshot.air_key)
    return filled(replace(found, budget=budget), snapshot.study, goal, store=keep, run=run)


def kept(valley_folder: Path, design: Design) -> Path:
    """Return the file of a plan that a design is put into."""
    path = next(valley_folder.glob("*.cnplan.gpkg"))
    assert design.edit is not None
    with Project.open(path) as project:
        project.apply(Edit(design.edit.label, design.edit.plan))
    return path


def test_as_many_are_added_as_are_asked_for_and_all_rules_hold(lean, valley_folder) -> None:
    _, found = lean
    more = fill(lean, found.served + 2.0)
    assert more.served == found.served + 2.0
    before, after = found.edit.plan, more.edit.plan
    assert after.used_sites.keys() == before.used_sites.keys()  # no tower more
    assert {key for key, one in before.households.items() if one.server} < {
        key for key, one in after.households.items() if one.server
    }
    assert {one.id for one in more.unserved}.isdisjoint(key for key, one in after.households.items() if one.server)
    assert sum(site.homes for site in more.sites) == pytest.approx(more.served)
    path = kept(valley_folder, more)
    # A checker that shares nothing with the planner: paths, sectors, air, channels, and the sum of the bill.
    assert faults(path, as_planned=False, channels=True) == []
    assert capital(PlanFile(path))[0] == pytest.approx(more.capex, abs=1.0)
    assert after.outcome.served == more.served
    assert after.outcome.capex == more.capex


def test_for_a_budget_what_money_is_left_does_for_is_bought(lean, valley_folder) -> None:
    snapshot, found = lean
    more = fill(lean, math.inf, budget=found.capex + MONEY)
    assert more.served > found.served
    assert found.capex < more.capex <= found.capex + MONEY + 0.01
    path = kept(valley_folder, more)
    assert faults(path, as_planned=False, channels=True) == []
    assert capital(PlanFile(path))[0] == pytest.approx(more.capex, abs=1.0)
    # Nothing that the list of homes offers could be had for what is left.
    there = snapshot.workspace.snapshot(more.edit.plan)
    left = [key for key, one in there.plan.households.items() if one.server is None]
    offered = home_fixes(there.study, left, only_cheapest=True, on_air=fixes_on_air(there))
    room = found.capex + MONEY - more.capex
    assert not [one for one in offered.values() if one.fixes and one.cost <= room and one.fixes[0].kind in FixKind]


def test_nothing_is_added_to_what_is_enough_nor_where_homes_must_hold_among_trees(lean) -> None:
    snapshot, found = lean
    assert fill(lean, found.served).edit is found.edit
    plan = found.edit.plan
    held = replace(plan, rules=replace(plan.rules, hold_share=0.5))
    asked = (snapshot, replace(found, edit=Edit(found.edit.label, held)))
    assert fill(asked, found.served + 2.0).edit is asked[1].edit


def test_time_that_is_over_keeps_what_there_is(lean) -> None:
    _, found = lean
    assert fill(lean, found.served + 2.0, run=ALONE.until(time.perf_counter() - 1.0)).edit is found.edit


def test_who_counts_for_none_and_whom_the_channels_silence_are_not_added(lean) -> None:
    snapshot, found = lean
    plan = found.edit.plan
    left = [one for one in plan.households.values() if one.server is None]
    none = edits.put(plan, [replace(one, weight=0.0) for one in left]).plan
    asked = (snapshot, replace(found, edit=Edit(found.edit.label, replace(none, outcome=plan.outcome))))
    assert fill(asked, found.served + 2.0).edit is asked[1].edit
    silent = tuple(replace(one, kind=UnservedKind.SILENT) for one in found.unserved)
    assert {one.id for one in silent} == {one.id for one in left}
    assert fill((snapshot, replace(found, unserved=silent)), found.served + 2.0).served == found.served

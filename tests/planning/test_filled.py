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
from cn_planner.model.plan import Priority
from cn_planner.planning import filled as filled_module
from cn_planner.planning.filled import filled
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.result import Design
from cn_planner.planning.shortfall import must_missed
from cn_planner.progress import ALONE, CancelToken
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
    return filled(replace(found, budget=budget), snapshot.study, goal, store=keep, run=run)[0]


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
    assert all(one.freq_mhz is not None for site in more.edit.plan.used_sites.values() for one in site.sectors)
    path = kept(valley_folder, more)
    assert faults(path, as_planned=False, channels=True) == []
    assert capital(PlanFile(path))[0] == pytest.approx(more.capex, abs=1.0)
    # Nothing that the list of homes offers could be had for what is left.
    there = snapshot.workspace.snapshot(more.edit.plan)
    left = [key for key, one in there.plan.households.items() if one.server is None]
    # A pole at a house is that house's own decision: none is given, and no bound counts whom one would reach.
    given = frozenset(FixKind) - {FixKind.POLE}
    offered = home_fixes(there.study, left, only_cheapest=True, kinds=given, on_air=fixes_on_air(there))
    room = found.capex + MONEY - more.capex
    assert not [one for one in offered.values() if one.fixes and one.cost <= room]
    for home in more.edit.plan.households.values():
        before = found.edit.plan.households[home.id]
        assert (home.antenna_height_m, home.on_pole) == (before.antenna_height_m, before.on_pole)


def test_nothing_is_added_to_what_is_enough_nor_where_homes_must_hold_among_trees(lean) -> None:
    snapshot, found = lean
    assert fill(lean, found.served).edit is found.edit
    plan = found.edit.plan
    held = replace(plan, rules=replace(plan.rules, hold_share=0.5))
    asked = (snapshot, replace(found, edit=Edit(found.edit.label, held)))
    assert fill(asked, found.served + 2.0).edit is asked[1].edit


def test_time_that_is_over_keeps_what_there_is_and_says_so(lean, monkeypatch) -> None:
    snapshot, found = lean
    keep, late = (snapshot.cache, snapshot.air_key), ALONE.until(time.perf_counter() - 1.0)
    none, cut = filled(found, snapshot.study, found.served + 2.0, store=keep, run=late)
    assert none.edit is found.edit
    assert cut
    # Over after the first home: that one stays.
    cancel, add = CancelToken(), filled_module._Filling._add

    def once(self, home, kinds):
        add(self, home, kinds)
        cancel.cancel()

    monkeypatch.setattr(filled_module._Filling, "_add", once)
    one, cut = filled(found, snapshot.study, found.served + 2.0, store=keep, run=replace(ALONE, cancel=cancel))
    assert one.served == found.served + 1.0
    assert cut


def test_whoever_must_be_reached_goes_first_and_is_no_longer_said_to_be_missing(lean) -> None:
    snapshot, found = lean
    plan = found.edit.plan
    could = {one.id for one in fill(lean, found.served + 2.0).edit.plan.households.values() if one.server}
    new = sorted(could - {key for key, one in plan.households.items() if one.server})
    assert len(new) == 2
    must = edits.put(plan, [replace(plan.households[new[1]], priority=Priority.MUST)]).plan
    asked = replace(
        found, edit=Edit(found.edit.label, replace(must, outcome=plan.outcome)), notes=(must_missed([new[1]]),)
    )
    more = fill((snapshot, asked), found.served + 1.0)
    assert more.edit.plan.households[new[1]].server is not None
    assert more.edit.plan.households[new[0]].server is None
    assert more.notes == ()


def test_only_what_may_be_done_is_looked_for(lean) -> None:
    """A pole or a mast that costs less hides no further sector where neither may be added."""
    snapshot, found = lean
    study = replace(snapshot.study, plan=replace(found.edit.plan, outcome=None))
    left = [key for key, one in study.plan.households.items() if one.server is None]
    every = home_fixes(study, left)
    may = frozenset({FixKind.CONNECT, FixKind.TURN, FixKind.SECTOR})
    some = home_fixes(study, left, only_cheapest=True, kinds=may)
    firsts = {key: [fix for fix in one.fixes if fix.kind in may][:1] for key, one in every.items()}
    assert {key: [(fix.kind, fix.cost) for fix in one] for key, one in firsts.items()} == {
        key: [(fix.kind, fix.cost) for fix in one.fixes] for key, one in some.items()
    }
    assert any(one.fixes and one.fixes[0].kind not in may for one in every.values())
    assert any(firsts.values())


def test_links_that_stay_keep_their_figures(lean) -> None:
    _, found = lean
    before = {(one.from_id, one.to_id): one for one in found.links}
    after = {(one.from_id, one.to_id): one for one in fill(lean, found.served + 2.0).links}
    assert {key: after[key] for key in before} == before
    assert any(one.fade_margin_db is not None for one in before.values())


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

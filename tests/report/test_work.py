"""The work plan: nothing is done before what it needs, nothing is forgotten, and the days are those of the capital."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import small_network

from cn_planner.economics import costs as unit_costs
from cn_planner.model import edits
from cn_planner.model.plan import Costs, Link, Status
from cn_planner.report import bill
from cn_planner.report.build import build_report
from cn_planner.report.phases import phase_records
from cn_planner.report.tables import tables
from cn_planner.report.work import work_plan
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import NO_TERRAIN

SHELF = load_catalogue()


def work(plan):
    need = bill.needs(plan, unit_costs.UnitCosts(plan, SHELF))
    return work_plan(plan, SHELF, need, phase_records(plan, SHELF, ())), need


def number(tasks, words: str, site: str = "") -> int:
    found = [one.number for one in tasks if words in str(one.what) and (not site or one.site == site)]
    assert len(found) == 1, (words, site, found)
    return found[0]


def before(tasks, first: int, then: int) -> bool:
    """Whether one task must be done before another, by any chain."""
    by_number = {one.number: one for one in tasks}
    front, seen = {then}, set()
    while front:
        front = {need for one in front for need in by_number[one].after} - seen
        seen |= front
    return first in seen


@pytest.mark.parametrize("phases", [1, 2, 3])
def test_each_task_comes_after_all_that_it_needs(phases: int):
    plan = replace(small_network(), costs=Costs(phases=phases))
    second_way = edits.put(plan, [Link("B-C", "B", "C")]).plan
    for one in (plan, second_way):
        tasks, _ = work(one)
        assert [task.number for task in tasks] == list(range(1, len(tasks) + 1))
        assert all(need < task.number for task in tasks for need in task.after)
        assert [task.phase for task in tasks if "Buy the goods" in str(task.what)] == list(range(1, phases + 1))
        assert work(one)[0] == tasks
        for key in one.links:
            assert sum(f"align the link {one.sites[one.links[key].from_site].name}" in str(t.what) for t in tasks)


def test_what_the_field_asks_for_is_kept():
    tasks, _ = work(small_network())
    look = number(tasks, "Look at", "A")
    consent = number(tasks, "consent", "A")
    mast = number(tasks, "Erect the mast", "A")
    sectors = number(tasks, "Hang the sectors", "A")
    link = number(tasks, "align the link Town")
    on_air = number(tasks, "into service", "A")
    gateway = number(tasks, "into service", "G")
    for first, then in (
        (look, consent), (consent, mast), (mast, sectors), (mast, link), (sectors, on_air), (link, on_air),
        (gateway, on_air), (number(tasks, "Internet connection"), gateway),
        (on_air, number(tasks, "into service", "B")),
        (on_air, number(tasks, "Antennas of 5 homes")), (number(tasks, "phase 1;"), number(tasks, "goods of phase 2")),
    ):  # fmt: skip
        assert before(tasks, first, then), (first, then)
    # Town has agreed: permits are left. The structure at C stands: no mast, no permits for one.
    assert "Permits" in str(next(one.what for one in tasks if one.site == "G" and "ermits" in str(one.what)))
    assert not [one for one in tasks if one.site == "C" and ("mast" in str(one.what) or "ermits" in str(one.what))]


def test_days_are_those_that_the_budget_pays_for():
    tasks, need = work(small_network())
    assert need.labour_days > 0.0
    assert sum(one.days or 0.0 for one in tasks) == pytest.approx(need.labour_days)


def test_what_stands_is_not_built_again():
    plan = small_network()
    stands = edits.put(
        plan,
        [replace(plan.sites["G"], status=Status.BUILT), replace(plan.sites["A"], status=Status.BUILT),
         replace(plan.links["G-A"], status=Status.BUILT)],
    ).plan  # fmt: skip
    tasks, need = work(stands)
    assert not [one for one in tasks if one.site in "GA" and "mast" in str(one.what)]
    assert not [one for one in tasks if "Town – Ash" in str(one.what)]
    assert sum(one.days or 0.0 for one in tasks) == pytest.approx(need.labour_days)
    assert before(tasks, number(tasks, "into service", "A"), number(tasks, "into service", "B"))


def test_a_plan_without_a_network_has_no_work_and_tables_are_there_all_the_same():
    bare = edits.put(
        small_network(), [replace(site, mast_height_m=None) for site in small_network().sites.values()]
    ).plan
    report = build_report(Study(bare, NO_TERRAIN, SHELF, None), version=1, date="2026-11-26")
    assert report.work == ()
    assert {one.key: len(one.rows) for one in tables(report)}["work"] == 0

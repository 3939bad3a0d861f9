"""What papers say of people with a phone: a table with its paragraph, one line on page one, a bill that adds up."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from small_network import flat_ground, small_network

from cn_planner.economics.costs import capital
from cn_planner.export.pdf_data import Tongue, _left_out
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import Choice, Household, PlaceKind, Plan, PublicPlace
from cn_planner.report.build import build_report
from cn_planner.report.hotspots import counts_words, no_hotspot_words
from cn_planner.report.tables import plan_table
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SCHOOL = (-1.45, 36.56)


def _plan() -> Plan:
    plan = small_network()
    things = [
        PublicPlace("school", "School", *SCHOOL, PlaceKind.SCHOOL, people=30.0, server="A"),
        Household("walks", "", *destination(*SCHOOL, 10.0, 800.0), people=6.0),
        Household("gone", "", *destination(*SCHOOL, 10.0, 40_000.0), people=5.0),
        replace(plan.sites["B"], hotspot=True),
    ]
    return edits.put(plan, things).plan


@pytest.fixture(scope="module")
def report():
    return build_report(Study(_plan(), flat_ground(), load_catalogue()), version=1, date="2026-11-29")


def test_the_table_names_each_hotspot_with_who_gets_there(report):
    table = plan_table(report, "hotspots")
    rows = {row[table.column("id")]: row for row in table.rows}
    assert set(rows) == {"school", "B"}
    counts = report.phones.counts
    everyone = sum(home.people or 4.0 * home.weight for home in _plan().households.values()) + 30.0
    assert counts.at_home + counts.on_foot + counts.left_out == everyone
    assert counts.on_foot >= 36.0
    assert counts.left_out >= 5.0
    assert str(table.notes[0]) == str(counts_words(counts))
    assert rows["school"][table.column("not_at_home")] >= 36.0
    assert rows["school"][table.column("radius_m")] > 0.0


def test_the_bill_has_every_hotspot_and_adds_up(report):
    catalogue, plan = load_catalogue(), _plan()
    assert math.fsum(line.amount for line in report.budget) == pytest.approx(report.headline.capex, abs=0.005)
    assert report.headline.capex == capital(plan, catalogue).total.total
    radio = catalogue.kit(plan.kits.hotspot).radio
    bought = next(line for line in report.bom if line.item == radio)
    assert bought.quantity - bought.spares == 6.0, "three all round at the school, three on the tower"
    at_tower = [line for line in report.site_bom if (line.site, line.item) == ("B", radio)]
    assert [line.quantity for line in at_tower] == [3.0]
    without = replace(plan, rules=replace(plan.rules, hotspots=False))
    assert capital(without, catalogue).total.total < report.headline.capex - 1000.0


def test_page_one_says_it_in_one_line_and_a_plan_without_places_says_nothing(report):
    lines = _left_out(report, Tongue.of("en"))["lines"]
    assert lines[0].startswith("2 hotspots: ")
    assert "reach the network on foot with a phone" in lines[0]
    bare = build_report(Study(small_network(), flat_ground(), load_catalogue()), version=1, date="2026-11-29")
    assert bare.phones.counts is None
    assert plan_table(bare, "hotspots").rows == ()
    assert not [line for line in _left_out(bare, Tongue.of("en"))["lines"] if "on foot" in line]


def test_phases_and_work_have_all_of_it(report):
    plan = _plan()
    assert report.phases[-1].cost_so_far == pytest.approx(report.headline.capex, abs=0.005)
    told = [str(task.what) for task in report.work]
    assert "Hang the hotspot: Birch" in told
    assert "Antenna and hotspot of School: Ash <b>hill</b>" in told
    days = {str(task.what): task.days for task in report.work}
    assert days["Hang the hotspot: Birch"] == 1.5
    assert days["Antenna and hotspot of School: Ash <b>hill</b>"] == plan.work.home_days + 1.5


def test_a_plan_without_hotspots_says_which_of_three_reasons_it_is():
    bare = small_network()
    none = str(no_hotspot_words(bare))
    assert "it has no public places" in none
    assert "bring a list of them" in none
    unjoined = edits.put(bare, [PublicPlace("school", "School", *SCHOOL, PlaceKind.SCHOOL)]).plan
    assert "none of its public places is connected" in str(no_hotspot_words(unjoined))
    forbidden = replace(unjoined, rules=replace(unjoined.rules, hotspots=False))
    assert "its rules allow none" in str(no_hotspot_words(forbidden))
    kept = edits.put(bare, [replace(bare.sites["D"], hotspot_choice=Choice.LOCKED)]).plan
    assert "no tower with a hotspot" in str(no_hotspot_words(kept))

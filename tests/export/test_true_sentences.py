"""Sentences of the papers are so: bills, hours of power, rods, and who is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from paper_example import paper_plan
from small_network import flat_ground, small_network

from cn_planner.export.assembly import assembly_data
from cn_planner.export.paper_words import Paper
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.proposal import proposal_data
from cn_planner.model import edits
from cn_planner.model.evidence import Evidence, Visit
from cn_planner.model.plan import Household, PowerSource, Status
from cn_planner.report.build import build_report
from cn_planner.report.paper_records import DoorRecord
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.report.deployment import DeploymentPlan


def _report(plan: Plan) -> DeploymentPlan:
    return build_report(Study(plan, flat_ground(), load_catalogue(), None), version=7, date="2026-11-28")


@pytest.fixture(scope="module")
def report() -> DeploymentPlan:
    return _report(small_network(country="KE"))


def test_where_the_internet_enters_twice_there_is_not_one_bill() -> None:
    plan = paper_plan()
    doors = (*plan.papers.doors, DoorRecord("serra", "Serra", "cellular", 4_000.0))
    two = Paper(replace(plan, papers=replace(plan.papers, doors=doors)), Tongue.of("en"))
    said = assembly_data(two)["two"]["works"]["steps"][0]["text"]
    assert said == "by a cable to Vila, from the mobile network to Serra. All connections together: ₹12,000 a month."
    one = assembly_data(Paper(plan, Tongue.of("en")))["two"]["works"]["steps"][0]["text"]
    assert one == "by a cable to Vila. One bill for all: ₹12,000 a month."


def test_of_the_mains_nobody_says_how_often_they_fail(report: DeploymentPlan) -> None:
    """Of ten towers on the mains and three on the sun was said that each has power 99.5 of 100 hours."""
    power = tuple(replace(one, uptime_pct=99.6) for one in report.power)
    assert any(one.power is PowerSource.GRID and one.mast_height_m is not None for one in report.sites)
    gets = assembly_data(Paper(replace(report, power=power), Tongue.of("en")))["one"]["gets"]["items"]
    assert "Towers on the sun have power 99.6 of 100 hours." in [one["lead"] for one in gets]
    sites = tuple(replace(one, power=PowerSource.SOLAR) for one in report.sites)
    gets = assembly_data(Paper(replace(report, power=power, sites=sites), Tongue.of("en")))["one"]["gets"]["items"]
    assert "Every tower has power 99.6 of 100 hours." in [one["lead"] for one in gets]


def test_a_rod_is_told_of_masts_that_are_raised(report: DeploymentPlan) -> None:
    """The silo that stands has no rod in its bill."""
    stands = {pack.site for pack in report.packs if pack.stands}
    assert stands == {"C"}
    rows = proposal_data(Paper(report, Tongue.of("en")))["safety"]["rows"]
    assert rows[0]["text"] == "3 masts, up to 18 m, each with rod and earth."
    packs = tuple(replace(pack, stands=True) for pack in report.packs)
    rows = proposal_data(Paper(replace(report, packs=packs), Tongue.of("en")))["safety"]["rows"]
    assert not [one for one in rows if "rod and earth" in one["text"]]


def test_of_a_step_that_nothing_joins_to_a_gateway_it_is_not_said_that_it_works_alone() -> None:
    """The assembly read "3 steps, each works alone" of three of which the last reaches nobody."""
    plan = small_network(country="KE")
    cut = edits.put(plan, [replace(plan.links["A-B"], status=Status.REJECTED)]).plan
    cut_off = _report(cut)
    assert [one.joined for one in cut_off.phases] == [True, True, False]
    paper = Paper(cut_off, Tongue.of("en"))
    for data in (assembly_data(paper)["two"], proposal_data(paper)):
        assert data["when"]["title"] == "When: 2 steps, each works alone"
        assert len(data["when"]["rows"]) == 3
        assert "Phase 3 reaches nobody: nothing joins it to a gateway." in data["when"]["note"]
    notes = " ".join(proposal_data(paper)["phases"]["notes"])
    assert "Phase 3 reaches nobody: nothing joins it to a gateway." in notes
    whole = assembly_data(Paper(_report(plan), Tongue.of("en")))["two"]["when"]
    assert whole["title"] == f"When: {len(whole['rows'])} steps, each works alone"
    assert "reaches nobody" not in whole["note"]


def test_who_refused_is_left_out_by_nobody() -> None:
    """A home that refused had a row of 0 homes for which the money ends, and "more money" as its help."""
    plan = small_network(country="KE")
    no = Household("N", "No", -1.62, 36.62, weight=0.0)
    plan = edits.put(plan, [no, Evidence("e", "N", visit=Visit.REFUSED, date="2026-11-10")]).plan
    told = _report(plan)
    assert next(one for one in told.homes if one.id == "N").weight == 0.0
    assert not [one for one in told.papers.left_out if one.homes == 0.0]
    assert not [one for one in told.unserved if "N" in one.homes]

"""What a home pays as it was set: on page one, against the month, and what is still to be found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import flat_ground, small_network

from cn_planner.export.assembly import assembly_data
from cn_planner.export.paper_words import Paper
from cn_planner.export.pdf_data import Tongue, first_page
from cn_planner.export.proposal import proposal_data
from cn_planner.model import edits
from cn_planner.model.plan import Plan
from cn_planner.report import points
from cn_planner.report.build import build_report
from cn_planner.report.deployment import DeploymentPlan
from cn_planner.report.money import fee_as_set
from cn_planner.report.paper_choices import Which, network_choices
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF = load_catalogue()


def reported(**rates: float) -> DeploymentPlan:
    plan = small_network()
    return build_report(
        Study(replace(plan, costs=replace(plan.costs, **rates)), flat_ground(), SHELF, None),
        version=1,
        date="2026-11-28",
    )


def test_the_fee_that_was_set_is_held_against_the_month():
    costs = replace(Plan().costs, fee_month=4.0, uptake_pct=60.0, income_month=80.0)
    # Of 52 homes six tenths are 31.2: 31 pay, 124 of the 150 that a month costs. Four of eighty are a twentieth.
    fee = fee_as_set(costs, 150.0, 52.0)
    assert fee is not None
    assert (fee.homes, fee.fee_month, fee.given, fee.missing_month, fee.income_pct) == (31.0, 4.0, True, 26.0, 5.0)
    enough = fee_as_set(replace(costs, fee_month=5.0), 150.0, 52.0)
    assert enough is not None
    assert enough.missing_month == 0.0


def test_where_none_was_set_it_covers_the_month_at_the_uptake_of_the_plan():
    fee = fee_as_set(replace(Plan().costs, uptake_pct=60.0), 150.0, 52.0)
    assert fee is not None
    # 150 over 31 homes is 4.8387: rounded up.
    assert (fee.fee_month, fee.given, fee.missing_month, fee.income_pct) == (4.84, False, 0.0, None)
    assert fee_as_set(Plan().costs, 150.0, 0.0) is None


@pytest.mark.parametrize(("rates", "words"), [
    ({"uptake_pct": 80.0}, "80 %"), ({"fee_month": 7.0, "uptake_pct": 40.0}, "as set, where 40 %"),
    ({"fee_month": 7.0, "income_month": 70.0}, "10.0 % of income"),
])  # fmt: skip
def test_page_one_prints_the_fee_at_the_uptake_that_was_set(rates: dict[str, float], words: str):
    """It said "at half the homes" whatever was set."""
    plan = reported(**rates)
    value, label = first_page(plan, Tongue.of("en"))["headline"][-1].values()
    assert words in label
    agreed = plan.headline.agreed
    assert agreed is not None
    assert f"{agreed.fee_month:.2f}" in value
    assert agreed.uptake_pct in {one.uptake_pct for one in plan.headline.fees}
    short = [str(one.detail) for one in plan.risks if "does not pay" in str(one.title)]
    assert bool(short) == (agreed.missing_month > 0.0)
    assert all(f"{agreed.missing_month:,.2f}" in one for one in short)


def test_page_one_counts_the_people_who_are_known():
    plan = small_network()
    plan = edits.put(
        plan, [replace(plan.households["A3"], people=6.0), replace(plan.households["A4"], people=3.0)]
    ).plan
    told = build_report(Study(plan, flat_ground(), SHELF, None), version=1, date="2026-11-28")
    reached = {one.id for one in told.homes if one.reached}
    assert {"A3", "A4"} <= reached
    assert told.headline.people_reached is None  # of two homes it is known: that is no count of all
    rest = [replace(plan.households[key], people=1.0) for key in reached - {"A3", "A4"}]
    told = build_report(
        Study(edits.put(plan, rest).plan, flat_ground(), SHELF, None), version=1, date="2026-11-28"
    )  # fmt: skip
    assert told.headline.people_reached == 9.0 + len(rest)
    assert first_page(told, Tongue.of("en"))["headline"][0]["label"].endswith(f"{9 + len(rest)} people")


def test_half_a_home_is_half_a_home_on_every_paper():
    """Page one said "26 of 28 homes" where its tables had 26.5 of 28.5."""
    plan = small_network()
    halves = [replace(plan.households["A3"], weight=0.5), replace(plan.households["A4"], weight=1.25)]
    plan = edits.put(plan, halves).plan
    told = build_report(Study(plan, flat_ground(), SHELF, None), version=1, date="2026-11-28")
    every = sum(one.weight for one in plan.households.values())
    reached = sum(one.weight for one in told.homes if one.reached)
    assert (told.headline.homes, told.headline.homes_reached) == (every, reached)
    assert not reached.is_integer()
    tongue = Tongue.of("en")
    assert first_page(told, tongue)["headline"][0]["value"] == f"{reached:g} of {every:g}"
    paper = Paper(told, tongue)
    assert assembly_data(paper)["one"]["title"] == f"Internet for {reached:g} of our {every:g} homes"
    this = next(one for one in network_choices(told, paper.sums) if one.which is Which.THIS)
    assert (this.homes, this.left_out) == (reached, every - reached)
    assert f" for {reached:g} homes" in proposal_data(paper)["head"]["title"]


def test_what_is_given_and_lent_stands_where_money_is_looked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(points, "_MOST", 50)  # what comes first is not asked here
    plan = reported(grant=100.0, loan=50.0, fee_month=1.0)
    build = next((one for one in plan.actions if str(one.title).startswith("Find the money")), None)
    assert build is not None
    assert "100" in str(build.detail)
    assert "50" in str(build.detail)

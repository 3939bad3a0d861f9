"""Whether an owner has agreed: one answer in the list of work, among the risks and in the proposal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from paper_example import paper_plan
from small_network import small_network

from cn_planner.economics.costs import UnitCosts
from cn_planner.export.paper_words import Paper
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.proposal import proposal_data
from cn_planner.model.items import Items
from cn_planner.model.owners import owner_agreed
from cn_planner.model.plan import Site, Status
from cn_planner.report import bill
from cn_planner.report.paper_money import paper_money
from cn_planner.report.paper_risks import Trouble, paper_risks
from cn_planner.report.phases import phase_records
from cn_planner.report.work import work_plan
from cn_planner.storage.catalogue import load_catalogue

SAID = [
    ("", Status.IDEA, False),
    ("  ", Status.IDEA, False),
    ("", Status.AGREED, True),
    ("", Status.BUILT, True),
    ("agreed", Status.IDEA, True),
    ("asked", Status.IDEA, False),
    ("asked", Status.SURVEYED, False),
    ("refused", Status.AGREED, False),
    ("Refused, 3 May", Status.IDEA, False),
    ("not agreed", Status.AGREED, False),
    ("asked 3 May, has not agreed yet", Status.IDEA, False),
    ("does not yet agree", Status.SURVEYED, False),
    ("No", Status.IDEA, False),
    ("not yet", Status.AGREED, False),
    ("Ana said no", Status.AGREED, False),
    ("agreed, plot no. 12, not fenced", Status.IDEA, True),
    ("asked 3 May, agreed 5 May", Status.IDEA, True),
    ("Maria, in writing, 2026-05-03", Status.IDEA, True),
    ("सहमति दी", Status.IDEA, True),
]


@pytest.mark.parametrize(("consent", "status", "agreed"), SAID)
def test_who_was_asked_or_refused_has_not_agreed(consent, status, agreed):
    assert owner_agreed(Site("a", "A", 0.0, 0.0, status=status, consent=consent)) is agreed


@pytest.mark.parametrize(("consent", "lacking"), [("agreed", 0), ("asked", 1), ("refused", 1)])
def test_risks_and_both_tables_of_the_proposal_count_alike(consent, lacking):
    plan = paper_plan()
    used = [one.id for one in plan.sites if one.mast_height_m is not None]
    sites = tuple(replace(one, consent=consent if one.id == used[0] else "agreed") for one in plan.sites)
    plan = replace(plan, sites=sites)
    risk = next((one for one in paper_risks(plan, paper_money(plan)) if one.trouble is Trouble.OWNER), None)
    assert (0 if risk is None else risk.count) == lacking
    data = proposal_data(Paper(plan, Tongue.of("en")))
    assert sum(row[6] != "yes" for row in data["towers"]["rows"]) == lacking
    assert data["licences"]["rows"][2][1] == f"{len(used) - lacking} of {len(used)} have agreed"


@pytest.mark.parametrize(("consent", "asks"), [("agreed", 0), ("refused", 1)])
def test_the_list_of_work_asks_again_who_refused(consent, asks):
    plan = small_network()
    sites = Items(replace(one, consent=consent if one.id == "A" else "agreed") for one in plan.sites.values())
    plan, shelf = replace(plan, sites=sites), load_catalogue()
    tasks = work_plan(plan, shelf, bill.needs(plan, UnitCosts(plan, shelf)), phase_records(plan, shelf, ()))
    assert sum(str(one.what).startswith("Owner's consent in writing") for one in tasks) == asks

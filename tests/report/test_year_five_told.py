"""What a user would miss: papers that promise room for year five where the plan's own channels have none."""

from __future__ import annotations

from room_example import law_between, planned_with_room

from cn_planner.export.paper_words import Paper
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.proposal import proposal_data
from cn_planner.planning.year_five import year_five, year_five_words
from cn_planner.planning.year_five_air import year_five_on_air
from cn_planner.report.build import build_report
from cn_planner.service.homes import whole_service


def test_report_and_proposal_say_of_year_five_what_growth_says():
    study = planned_with_room(law_between(5470.0, 5590.0))
    now = whole_service(study).now
    words = year_five_words(year_five_on_air(study, now, year_five(study, now)), study.plan)
    assert "finds no such channel" in str(words)
    report = build_report(study, version=1, date="2026-11-30")
    assert str(report.headline.later) == str(words)
    rows = {row["title"]: row["text"] for row in proposal_data(Paper(report, Tongue.of("en")))["lasting"]["rows"]}
    assert rows["Later"] == str(words)
    assert str(words).startswith("In five years: "), "the words say when: their title does not say it again"

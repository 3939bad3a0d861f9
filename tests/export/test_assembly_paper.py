"""The paper for the assembly: two pages in every language, plain words, and one figure in every place."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from paper_example import CAPEX, COSTS, MONTH, LongTongue, paper_plan
from pypdf import PdfReader

from cn_planner import i18n
from cn_planner.export.formats import FORMATS
from cn_planner.export.paper_words import Paper
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.proposal_money import running_part
from cn_planner.export.reader_papers import assembly_pages
from cn_planner.message import msg
from cn_planner.model.plan import Costs
from cn_planner.model.purpose import Purpose
from cn_planner.paths import resources
from cn_planner.report.hotspots import HotspotRecord, PeopleCounts, PhoneChapter
from cn_planner.report.paper_indicators import Indicator, paper_indicators

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan


def _pages(plan: DeploymentPlan, folder: Path, tongue: Tongue | None = None) -> list[str]:
    folder.mkdir()
    document = assembly_pages(plan, None, folder, tongue=tongue).document()
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> list[str]:
    return _pages(paper_plan(), tmp_path_factory.mktemp("paper") / "one")


def _numbers(text: str) -> list[int]:
    return [int(one.replace(",", "")) for one in re.findall(r"₹([\d,]+)", text)]


def test_two_pages_say_for_whom_and_which_version(pages):
    assert len(pages) == 2
    assert "Internet for 163 of our 195 homes" in pages[0]
    for page in pages:
        assert "Kangra valley network · a paper for the assembly to vote on · plan version 7" in " ".join(page.split())


def test_no_word_that_those_who_left_school_at_fourteen_do_not_know(pages):
    for page in pages:
        assert re.findall(r"dBm?\b|MHz|%|uptake|gateway|EIRP|Mbit|latency|backhaul", page) == []


def test_one_figure_for_what_it_costs_to_build(pages):
    """To the unit that of the tables, and what pays for it adds up to it."""
    build = math.floor(CAPEX + 0.5)
    found = _numbers(pages[0])
    assert found.count(build) == 2  # what it costs, and this plan among the choices
    sources = _numbers(pages[1][pages[1].index("The money to build comes from") : pages[1].index("When:")])
    assert sources[-1] == build == sum(sources[:-1])
    assert sources[:2] == [2_500_000, 800_000]
    assert sources[2] in found


def test_a_connection_that_nobody_priced_is_asked_for_where_the_month_is_covered(tmp_path):
    plan = paper_plan(costs=replace(COSTS, fee_month=None, loan=0.0))
    told = " ".join(_pages(plan, tmp_path / "said")[0].split())
    assert "Yes: ₹667 covers it." in told
    plan = replace(plan, papers=replace(plan.papers, unsaid_connections=("Vila",)))
    told = " ".join(_pages(plan, tmp_path / "unsaid")[0].split())
    assert "covers it." not in told
    assert "Not known: the Internet connection is not in it." in told
    asked = "not answered: what does the Internet connection cost a month? Nothing is counted for it yet."
    assert asked in told
    paper = Paper(plan, Tongue.of("en"))
    assert running_part(paper)["said"].startswith(asked)
    assert "Fees cover these years." not in running_part(paper)["said"]
    covered = next(one for one in paper_indicators(plan, paper.sums) if one.indicator is Indicator.COVERED)
    assert covered.last is None


def test_the_month_adds_up_and_the_deficit_is_said(pages):
    run = sum(math.floor(amount + 0.5) for _, amount in MONTH)
    rate, months = 0.09 / 12.0, 60
    loan = math.floor(800_000.0 * rate / (1.0 - (1.0 + rate) ** -months) + 0.5)
    homes = 163 * 60 // 100
    income = homes * 350
    text = " ".join(pages[0].split())
    assert f"Goes out each month: ₹{run + loan:,}" in text
    assert f"Comes in: {homes} homes × ₹350 = ₹{income:,}" in text
    assert f"missing each month: ₹{run + loan - income:,}" in text
    assert "No: ₹350 does not cover it." in text
    assert f"a home pays ₹{math.ceil((run + loan) / homes):,} where {homes} pay" in text
    assert f"or ₹{math.ceil((run + loan) / 163):,} where all do" in text
    assert "₹350 is 2.5 of each 100" in text


def test_a_fee_that_covers_says_yes(tmp_path):
    costs = replace(COSTS, fee_month=2_000.0)
    text = " ".join(_pages(paper_plan(costs=costs), tmp_path / "yes")[0].split())
    assert "Yes: ₹2,000 covers it." in text
    assert "missing each month" not in text


def test_three_choices_and_the_two_others_from_the_comparison(pages):
    text = " ".join(pages[0].split())
    assert "Towers 4 3 8" in text
    assert "Homes connected 103 163 189" in text
    assert "Homes left out 92 32 6" in text
    assert "To build ₹3,665,100 ₹4,752,688 ₹6,447,100" in text
    assert "Built by Dec 2027 Jun 2028 Dec 2028" in text


def test_who_is_left_out_is_named_with_what_it_takes(pages):
    text = " ".join(pages[0].split())
    assert "A hill or trees stand before them: no way is known yet" in text
    assert "A hill or trees stand before them: a tower at Pla" in text
    # The line is of its rows, and says for whom nothing is in it.
    told = "for 8 homes no way is known, what several rows need is counted in each"
    assert f"All of them 32 {told} ₹300,000" in text


def test_homes_of_no_hamlet_stand_by_the_nearest_place(tmp_path):
    plan = paper_plan(hamlets=1)
    (one,) = plan.papers.left_out
    rows = tuple(
        replace(
            one,
            hamlet="",
            near=f"Place {n}",
            takes=(msg("a tower at {site}", site=f"Hill {n}"),),
            homes=9.0 - n,
            without=0.0,
            cost=100.0 * n,
        )
        for n in range(1, 8)
    )
    told = " ".join(_pages(replace(plan, papers=replace(plan.papers, left_out=rows)), tmp_path / "near")[0].split())
    assert [f"Nearest to Place {n}" in told for n in (1, 5, 6)] == [True, True, False]
    assert "Single farms" not in told
    assert "2 more groups of homes 5 ₹1,300" in told  # the last two, of 3 and 2 homes
    assert "All of them 32 ₹2,800" in told


def test_where_a_phone_works_is_named_on_both_pages(tmp_path):
    plan = paper_plan()
    spots = tuple(
        HotspotRecord(f"p{n}", name, msg("school"), 40.0, 12.0, 30.0, 250.0)
        for n, name in enumerate(("Market", "Church", "Well", "Mill", "Bridge"))
    )
    plan = replace(plan, phones=PhoneChapter(spots, PeopleCounts(300.0, 60.0, 20.0, 163.0, 20.0, 12.0)))
    for page in _pages(plan, tmp_path / "foot"):
        assert "any phone with WiFi works at Market, Church, Well and at 2 more places." in " ".join(page.split())


def test_what_nobody_answered_is_a_blank_with_its_question(tmp_path):
    plan = paper_plan(Purpose(), Costs(fee_month=350.0))
    text = " ".join(
        " ".join(_pages(replace(plan, papers=replace(plan.papers, choices=())), tmp_path / "blank")).split()
    )
    for question in (
        "who owns it and answers for the money?", "how many keepers, and who?", "in how many days is it mended?",
        "what has a home to live on a month?", "what would a smaller and a larger network cost?",
        "on which day does the work begin?", "whom, and at which number?",
    ):  # fmt: skip
        assert f"not answered: {question}" in text


@pytest.fixture
def spoken():
    """The sentences of all languages, as the program has them; other tests of a process may have none, or all."""
    before = [*i18n._folders]
    i18n.use_catalogues(resources() / "translations")
    yield
    i18n._folders[:] = before
    i18n._catalogue.cache_clear()


@pytest.mark.usefixtures("spoken")
@pytest.mark.parametrize("language", ["en", "es", "fr", "pt", "sw", "ar", "hi"])
def test_two_pages_in_every_language(language, tmp_path):
    plan = paper_plan(hamlets=8, towers=9)
    plan = replace(plan, meta=replace(plan.meta, language=language))
    pages = _pages(plan, tmp_path / language)
    assert len(pages) == 2
    assert ("Internet for" in pages[0]) == (language == "en")


def test_two_pages_with_a_third_more_letters(tmp_path):
    """As a language may have that nobody has translated it into yet."""
    plan = paper_plan(hamlets=8, towers=9)
    assert len(_pages(plan, tmp_path / "long", LongTongue("en", Tongue.of("en").locale))) == 2


def test_a_plan_with_nothing_in_it_says_so_on_two_pages(tmp_path):
    plan = paper_plan(Purpose(), Costs())
    empty = replace(
        plan, sites=(), links=(), homes=(), antennas=(), outlines=(), phases=(), cash=None, budget=(), monthly=(),
        headline=replace(plan.headline, homes=0.0, homes_reached=0.0, towers=0, capex=0.0, complete=False, agreed=None),
        papers=replace(plan.papers, left_out=(), choices=(), doors=()),
    )  # fmt: skip
    pages = _pages(empty, tmp_path / "empty")
    assert len(pages) == 2
    assert "the plan is not ready yet" in " ".join(pages[0].split())


def test_it_is_in_the_one_register():
    assert FORMATS.all()["assembly"].suffix == "-assembly.pdf"

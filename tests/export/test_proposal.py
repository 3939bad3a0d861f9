"""The proposal: at most fifteen pages, one figure in budget, phases and headline, and what is not answered is asked."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from deployment_example import site
from paper_example import BUILD, CAPEX, LongTongue, paper_plan
from pypdf import PdfReader

from cn_planner.export.formats import FORMATS
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.reader_papers import assembly_pages, proposal_pages
from cn_planner.model.plan import Costs
from cn_planner.model.purpose import Purpose

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

NUMBER = r"[\u2212\d][\d,]*"


def _pages(plan: DeploymentPlan, folder: Path, tongue: Tongue | None = None) -> list[str]:
    folder.mkdir()
    document = proposal_pages(plan, None, folder, tongue=tongue).document()
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> str:
    return "\n".join(_pages(paper_plan(), tmp_path_factory.mktemp("proposal") / "one"))


def _row(text: str, title: str) -> list[int]:
    """Return the numbers that stand in a row; a dot is nought."""
    found = re.search(rf"^{re.escape(title)}((?:\s+(?:{NUMBER}|\u00b7))+)\s*$", text, re.MULTILINE)
    assert found is not None, title
    cells = found[1].replace("\u00b7", "0").replace("\u2212", "-").replace(",", "").split()
    return [int(one) for one in cells]


def test_every_line_adds_up_to_the_one_figure_by_year_and_by_funder(text):
    """Recomputed from what is printed: the headline is what all lines add up to."""
    build = math.floor(CAPEX + 0.5)
    titles = [title for key, title, _ in BUILD if key != "rounding"]
    lines = [_row(text, title) for title in titles]
    total = _row(text, "To build")
    assert [sum(column) for column in zip(*lines, strict=True)] == total
    for first, second, whole, *funders in (*lines, total):
        assert first + second == whole == sum(funders)
    assert total[2] == build
    assert total[3:5] == [2_500_000, 800_000]
    assert f"\u20b9{build:,} to build; \u20b9{total[5]:,} is asked of you" in text
    assert f"\u20b9{total[5]:,} for 163 homes" in text
    phases = [int(one.replace(",", "")) for one in re.findall(r"20\d\d \w{3} 20\d\d ([\d,]{6,})$", text, re.MULTILINE)]
    assert len(phases) == 3
    assert sum(phases) == build


def test_it_is_the_figure_of_the_paper_for_the_assembly(text, tmp_path):
    document = assembly_pages(paper_plan(), None, tmp_path).document()
    first = PdfReader(io.BytesIO(document)).pages[0].extract_text()
    assert f"\u20b9{_row(text, 'To build')[2]:,}" in first


def test_the_first_years_are_run_and_loan_less_fees(text):
    run, loan = _row(text, "To run"), _row(text, "Loan paid back")
    fees, missing = _row(text, "Fees"), _row(text, "Missing")
    assert [a + b + c for a, b, c in zip(run, loan, fees, strict=True)] == missing
    for row in (run, loan, fees, missing):
        assert sum(row[:3]) == row[3]
    rate = 0.09 / 12.0
    assert loan[0] == math.floor(12.0 * round(800_000.0 * rate / (1.0 - (1.0 + rate) ** -60), 2) + 0.5)


def test_what_others_may_give_is_what_a_month_lacks(text):
    """Of a month, as the fee beside it: twelve of them in whole units are not the year of the table, to the unit."""
    given = re.search(r"or \u20b9([\d,]+) a month from\s+others\.", text)
    assert given is not None
    month = int(given[1].replace(",", ""))
    year = _row(text, "Missing")[2]  # the first with all of it built
    assert abs(12 * month - year) <= 6


def test_what_fees_bring_beyond_the_cost_is_left_over_and_not_missing(tmp_path):
    """A surplus stood there as "Missing −3,262"."""
    plan = paper_plan()
    years = [replace(year, fees=year.running + year.set_aside + year.repaid + 3262.0) for year in plan.cash.years]
    found = "\n".join(_pages(replace(plan, cash=replace(plan.cash, years=tuple(years))), tmp_path / "over"))
    assert all(one == pytest.approx(3262, abs=2) for one in _row(found, "Left over")[:3])
    assert "Missing" not in found[found.index("To run it, the first years") : found.index("Left over")]
    mixed = [replace(one, fees=one.fees - 9000.0) if number == 0 else one for number, one in enumerate(years)]
    found = "\n".join(_pages(replace(plan, cash=replace(plan.cash, years=tuple(mixed))), tmp_path / "mixed"))
    assert [one > 0 for one in _row(found, "Missing (\u2212: left over)")[:3]] == [True, False, False]


def test_indicators_have_today_and_two_targets(text):
    flat = " ".join(text.split())
    assert "Homes that can join 0 47 163" in flat
    assert f"Homes that pay 0 {47 * 60 // 100} {163 * 60 // 100}" in flat
    assert "Days until a fault is mended ? 2 2" in flat
    assert "Target Jul 2027 Target Jul 2028" in flat


def test_phases_have_their_days(text):
    flat = " ".join(text.split())
    assert re.search(r"1 Vila 47 47 Jan 2027 Jul 2027", flat)
    assert re.search(r"3 Coll 60 163 Jan 2028 Jul 2028", flat)


def test_what_nobody_answered_is_asked_where_it_belongs(tmp_path):
    plan = paper_plan(Purpose(), Costs())
    flat = " ".join(" ".join(_pages(plan, tmp_path / "blank")).split())
    for question in (
        "what is the network for, in a sentence or two?", "how many women live in the area?",
        "how many schools are there?",
        "who owns it and answers for the money?", "which licence, and who gives it?", "by which day?",
        "where do they go?", "what do homes have today, measured?", "in which months is it too wet or stormy?",
        "after how many years are radios and batteries replaced?",
    ):  # fmt: skip
        assert f"not answered: {question}" in flat
    count = int(re.search(r"(\d+) questions are not answered yet", flat)[1])
    assert count >= 20
    answered = " ".join(" ".join(_pages(paper_plan(), tmp_path / "said")).split())
    assert int(re.search(r"(\d+) questions are not answered yet", answered)[1]) < count


@pytest.mark.parametrize("language", ["en", "es", "fr", "pt", "sw", "ar", "hi"])
def test_fifteen_pages_at_most_for_a_large_plan_in_every_language(language, tmp_path):
    plan = paper_plan(hamlets=32)
    towers = tuple(site(f"t{n}", f"Tower with a long name {n}", north_km=n / 9.0, east_km=n % 7) for n in range(60))
    last = plan.phases[-1]
    phases = tuple(
        replace(last, number=n + 1, sites=tuple(f"t{m}" for m in range(3 * n, 3 * n + 3)), begins=1 + 6 * n,
                on_air=7 + 6 * n, cost_so_far=round(CAPEX * (n + 1) / 20.0, 2))
        for n in range(20)
    )  # fmt: skip
    plan = replace(plan, meta=replace(plan.meta, language=language), sites=(*plan.sites, *towers), phases=phases)
    pages = _pages(plan, tmp_path / "large", LongTongue(language, Tongue.of(language).locale))
    assert len(pages) <= 15


def test_money_is_written_as_the_language_groups_it(tmp_path):
    plan = paper_plan()
    plan = replace(plan, meta=replace(plan.meta, language="hi"))
    text = "\n".join(_pages(plan, tmp_path / "hi"))
    assert "47,52,688" in text
    assert "4,753,000" not in text


def test_a_plan_with_nothing_in_it_is_all_blanks(tmp_path):
    plan = paper_plan(Purpose(), Costs())
    empty = replace(
        plan, sites=(), links=(), homes=(), antennas=(), outlines=(), phases=(), cash=None, budget=(), monthly=(),
        headline=replace(plan.headline, homes=0.0, homes_reached=0.0, towers=0, capex=0.0, complete=False, agreed=None),
        papers=replace(plan.papers, left_out=(), choices=(), doors=()),
    )  # fmt: skip
    assert 1 <= len(_pages(empty, tmp_path / "empty")) <= 15


def test_it_is_in_the_one_register_for_its_reader():
    assert FORMATS.all()["proposal"].reader == "donor"

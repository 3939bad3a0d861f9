"""The money of the papers: whole units, and every sum is of what is printed."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper_example import BUILD, CAPEX, COSTS, paper_plan

from cn_planner.message import msg
from cn_planner.model.purpose import Purpose
from cn_planner.report.deployment import MoneyLine
from cn_planner.report.paper_money import Funder, enough, paper_money, rounded_up


@pytest.mark.parametrize(
    ("amount", "whole"),
    [(0.0, 0), (0.4, 1), (12.0, 12), (999.2, 1000), (64_586.04, 64_590), (64_590.0, 64_590), (5_424_321.0, 5_425_000),
     (5_425_000.0, 5_425_000), (1e9 + 1.0, 1_001_000_000)],
)  # fmt: skip
def test_the_cost_to_build_is_rounded_up_in_its_fourth_digit(amount, whole):
    assert rounded_up(amount) == whole


def test_a_fee_is_enough_in_the_form_in_which_it_is_paid():
    assert (enough(928.94), enough(929.0), enough(12.341), enough(12.34)) == (929.0, 929.0, 12.35, 12.34)


def _check(plan):
    money = paper_money(plan)
    assert sum(line.total for line in money.lines) == money.build >= plan.headline.capex - 0.005
    for n in range(len(money.years)):
        assert sum(line.years[n] for line in money.lines) >= 0
    for n, (_, amount) in enumerate(money.funders):
        assert sum(line.funders[n] for line in money.lines) == amount
    assert sum(amount for _, amount in money.funders) == money.build
    assert all(sum(line.funders) == line.total for line in money.lines)
    assert all(min(*line.years, *line.funders) >= 0 for line in money.lines)
    if money.phases:
        assert sum(one.cost for one in money.phases) == money.build
    return money


def test_lines_years_phases_and_funders_are_one_figure():
    money = _check(paper_plan())
    assert money.build == math.ceil(CAPEX / 1000.0) * 1000
    assert money.years == (2027, 2028)  # two phases begin in the first year, one in the second
    assert money.of(Funder.MISSING) == money.build - 3_300_000
    by_key = {line.key: line.total for line in money.lines}
    assert by_key["mast"] == 151_872
    assert "rounding" not in by_key
    printed = sum(by_key.values()) - by_key["contingency"]
    assert printed == sum(math.floor(amount) for key, _, amount in BUILD if key not in ("contingency", "rounding"))


def test_without_a_day_years_are_numbered():
    assert paper_money(paper_plan(Purpose())).years == (1, 2)
    assert [one.begins for one in paper_money(paper_plan(Purpose())).phases] == [None, None, None]


def test_who_gives_more_than_it_costs_pays_no_more():
    money = _check(paper_plan(costs=replace(COSTS, grant=9e6, loan=1e6)))
    assert money.funders == ((Funder.GRANT, money.build), (Funder.MISSING, 0))


@given(
    amounts=st.lists(st.floats(0.0, 1e6), min_size=1, max_size=12), grant=st.floats(0.0, 2e6), loan=st.floats(0.0, 1e6)
)
def test_it_adds_up_whatever_the_amounts_are_also_with_nothing_set_aside(amounts, grant, loan):
    lines = tuple(MoneyLine(f"k{n}", msg("x"), None, round(amount, 2)) for n, amount in enumerate(amounts))
    whole = round(math.fsum(line.amount for line in lines), 2)
    plan = paper_plan(costs=replace(COSTS, grant=grant, loan=loan))
    parts = (0.42, 0.75, 1.0)
    phases = tuple(
        replace(one, cost_so_far=round(whole * part, 2)) for one, part in zip(plan.phases, parts, strict=True)
    )
    _check(replace(plan, budget=lines, phases=phases, headline=replace(plan.headline, capex=whole)))

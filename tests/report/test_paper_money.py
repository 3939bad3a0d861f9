"""The money of the papers: whole units, and every sum is of what is printed."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from paper_example import BUILD, CAPEX, COSTS, paper_plan

from cn_planner.message import msg
from cn_planner.model.purpose import Purpose
from cn_planner.report.deployment import MoneyLine
from cn_planner.report.money import enough, fees
from cn_planner.report.paper_money import Funder, paper_money, whole_parts


def test_parts_are_the_next_unit_below_or_above_and_add_up():
    assert whole_parts([1.5, 2.25, 3.25], 7) == [2, 2, 3]
    assert whole_parts([0.4, 0.4, 0.4], 1) == [1, 0, 0]
    assert whole_parts([10.0, 5.0], 12) == [7, 5]
    assert whole_parts([], 0) == []


def test_a_fee_is_enough_in_the_form_in_which_it_is_paid():
    assert (enough(928.94), enough(929.0), enough(12.341), enough(12.34)) == (929.0, 929.0, 12.35, 12.34)


def _check(plan):
    money = paper_money(plan)
    assert sum(line.total for line in money.lines) == math.floor(plan.headline.capex + 0.5 + 1e-9)
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
    assert abs(money.build - CAPEX) <= 0.5
    assert money.years == (2027, 2028)  # two phases begin in the first year, one in the second
    assert money.of(Funder.MISSING) == money.build - 3_300_000
    by_key = {line.key: line.total for line in money.lines}
    assert "rounding" not in by_key
    said = {key: amount for key, _, amount in BUILD if key not in ("contingency", "rounding")}
    said["contingency"] = sum(amount for key, _, amount in BUILD if key in ("contingency", "rounding"))
    assert by_key.keys() == said.keys()
    assert all(abs(by_key[key] - amount) < 1.0 for key, amount in said.items()), "no line moves by a unit"
    for one, phase in zip(money.phases, paper_plan().phases, strict=True):
        assert abs(one.cost - phase.cost) <= 1.0, "a phase costs what the tables say"


def test_the_fee_of_every_paper_is_the_same_and_covers_the_month():
    plan = paper_plan(costs=replace(COSTS, fee_month=None, loan=0.0))
    month = paper_money(plan).month
    assert month.fee == plan.headline.agreed.fee_month == plan.cash.fee == 667.0  # 64,667.40 by 97 homes is 666.67
    assert month.homes * month.fee >= plan.headline.monthly
    assert month.missing == 0
    assert abs(month.run - plan.headline.monthly) <= 0.5


def test_a_fee_that_nobody_set_is_that_of_every_table_where_a_loan_is_paid_back_too():
    """Assembly and proposal had one fee, workbook, page one and the years of running another."""
    plan = paper_plan(costs=replace(COSTS, fee_month=None))
    money = paper_money(plan)
    assert money.month.fee == plan.headline.agreed.fee_month == plan.cash.fee == 667.0
    assert money.month.loan > 0
    # What the fee leaves of the month is what a year leaves, once all stands: the loan.
    assert money.month.missing == money.month.run + money.month.loan - money.month.income
    assert abs(money.running[-1].missing - 12 * money.month.missing) <= 12
    assert money.month.covering > money.month.fee


@given(month=st.floats(0.01, 1e7), homes=st.integers(1, 5000))
def test_a_fee_that_covers_is_never_too_low_and_less_than_a_unit_too_high(month, homes):
    fee = fees(month, float(homes), (100.0,))[0].fee_month
    assert month / homes - 1e-6 <= fee < month / homes + (1.0 if fee > 100.0 else 0.0100001)


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

"""Five years of money worked by hand, cent by cent, and the fee and the rates that they rest on."""

from __future__ import annotations

import pytest

from cn_planner.model.plan import Costs
from cn_planner.report.cash import cash_flow, repayment
from cn_planner.report.money import cents, fees, paying
from cn_planner.report.work_records import CashYear, PhaseRecord

# Eleven homes from month 4, twenty from month 16; what is set aside is part of what a month costs.
FIRST = PhaseRecord(1, ("A",), (), 11.0, 11.0, 1000.0, 1000.0, 1, 4, 30.0, 5.0)
SECOND = PhaseRecord(2, ("B",), (), 9.0, 20.0, 333.33, 1333.33, 14, 16, 50.0, 8.0)
COSTS = Costs(grant=500.0, loan=1200.0, loan_years=2, inflation_pct=10.0, uptake_pct=50.0)


@pytest.fixture
def flow():
    return cash_flow(COSTS, (FIRST, SECOND), 50.0)


def test_the_fee_covers_the_month_once_all_stands(flow):
    # Of twenty homes ten pay: 50 a month are 5 each.
    assert (flow.fee, flow.fee_given, flow.uptake_pct) == (5.0, False, 50.0)
    given = cash_flow(Costs(uptake_pct=50.0, fee_month=7.0), (FIRST, SECOND), 50.0)
    assert (given.fee, given.fee_given, given.months[-1].fees) == (7.0, True, 70.0)


@pytest.mark.parametrize(
    ("month", "given", "build", "homes", "paid", "running", "aside", "repaid", "cash"),
    [
        (1, 1700.0, 1000.0, 0.0, 0.0, 0.0, 0.0, 50.0, 650.0),
        (3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 50.0, 550.0),
        (4, 0.0, 0.0, 5.0, 25.0, 25.0, 5.0, 50.0, 495.0),  # of eleven homes five pay
        (12, 0.0, 0.0, 5.0, 25.0, 25.0, 5.0, 50.0, 55.0),
        (13, 0.0, 0.0, 5.0, 25.0, 27.5, 5.5, 50.0, -3.0),  # a tenth dearer, the fee is not
        (14, 0.0, 366.66, 5.0, 25.0, 27.5, 5.5, 50.0, -427.66),
        (15, 0.0, 0.0, 5.0, 25.0, 27.5, 5.5, 50.0, -485.66),
        (16, 0.0, 0.0, 10.0, 50.0, 46.2, 8.8, 50.0, -540.66),
        (24, 0.0, 0.0, 10.0, 50.0, 46.2, 8.8, 50.0, -980.66),
        (25, 0.0, 0.0, 10.0, 50.0, 50.82, 9.68, 0.0, -991.16),  # the loan is paid
        (37, 0.0, 0.0, 10.0, 50.0, 55.9, 10.65, 0.0, -1123.21),
        (60, 0.0, 0.0, 10.0, 50.0, 61.49, 11.71, 0.0, -1583.66),
    ],
)
def test_each_month_by_hand(flow, month, given, build, homes, paid, running, aside, repaid, cash):
    one = flow.months[month - 1]
    assert (one.number, one.given, one.build, one.homes) == (month, given, build, homes)
    assert (one.fees, one.running, one.set_aside, one.repaid) == (paid, running, aside, repaid)
    assert one.cash == cash


def test_years_are_twelve_months_together(flow):
    assert len(flow.months) == 60
    first, second, *_, last = flow.years
    assert first == CashYear(1, given=1700.0, build=1000.0, fees=225.0, running=225.0, set_aside=45.0, repaid=600.0,
                             result=55.0, cash=55.0, lowest=55.0)  # fmt: skip
    assert second == CashYear(2, given=0.0, build=366.66, fees=525.0, running=498.3, set_aside=95.7, repaid=600.0,
                              result=-1035.66, cash=-980.66, lowest=-980.66)  # fmt: skip
    assert (last.number, last.result, last.cash) == (5, -278.4, -1583.66)
    assert (flow.lowest, flow.lowest_month) == (-1583.66, 60)


def test_the_least_cash_is_that_of_the_first_month_that_has_it():
    built = PhaseRecord(1, ("A",), (), 0.0, 0.0, 100.0, 100.0, 3, 9, 0.0, 0.0)
    flow = cash_flow(Costs(grant=40.0), (built,), 0.0)
    assert (flow.lowest, flow.lowest_month) == (-60.0, 3)
    assert [year.lowest for year in flow.years] == [-60.0] * 5
    rich = cash_flow(Costs(grant=400.0, fee_month=1.0), (FIRST,), 0.0)
    assert rich.years[0].lowest == min(month.cash for month in rich.months[:12])


def test_amounts_are_whole_cents_month_by_month():
    third = PhaseRecord(1, ("A",), (), 3.0, 3.0, 100.0 / 3.0, 33.33, 1, 1, 10.0 / 3.0, 1.0)
    flow = cash_flow(Costs(loan=100.0, loan_years=3, uptake_pct=100.0, grant=0.005), (third,), 10.0 / 3.0)
    first = flow.months[0]
    assert (first.build, first.running, first.set_aside, first.repaid) == (33.33, 2.33, 1.0, 2.78)
    assert first.given == 100.01  # halves go up
    assert flow.fee == 1.12  # 3.33 by three homes, rounded up
    assert first.fees == 3.36
    assert first.cash == pytest.approx(100.01 - 33.33 + 3.36 - 2.33 - 1.0 - 2.78, abs=1e-9)


def test_nothing_to_build_has_no_money():
    assert cash_flow(COSTS, (), 50.0) is None


def test_phases_that_begin_in_one_month_are_paid_together():
    flow = cash_flow(
        Costs(inflation_pct=10.0), (FIRST, PhaseRecord(2, (), (), 1.0, 12.0, 5.55, 0.0, 1, 4, 30.0, 0.0)), 30.0
    )
    assert flow.months[0].build == 1005.55
    assert [month.build for month in flow.months[1:]] == [0.0] * 59


@pytest.mark.parametrize(
    ("loan", "interest", "years", "month"),
    [
        (1200.0, 0.0, 2, 50.0),
        (12_000.0, 12.0, 1, 1066.1855),  # the textbook's: a hundredth a month, twelve times
        (100_000.0, 6.0, 30, 599.5505),
        (0.0, 9.0, 5, 0.0),
    ],
)
def test_what_is_paid_back_each_month(loan, interest, years, month):
    assert repayment(loan, interest, years) == pytest.approx(month, abs=1e-3)


def test_the_fee_is_rounded_up_and_nobody_pays_none():
    rows = fees(100.0, 42.6, (30.0, 50.0, 70.0))
    assert [(row.uptake_pct, row.homes, row.fee_month) for row in rows] == [
        (30.0, 12.0, 8.34), (50.0, 21.0, 4.77), (70.0, 29.0, 3.45),
    ]  # fmt: skip
    assert fees(100.0, 1.0, (50.0,))[0].fee_month is None
    assert fees(30.0, 10.0, (100.0,))[0].fee_month == 3.0
    assert [row.uptake_pct for row in fees(100.0, 10.0)] == [30.0, 50.0, 70.0]
    assert paying(10.0, 29.9) == 2.0
    assert paying(10.0, 30.0) == 3.0


def test_halves_of_a_cent_go_up_as_in_a_spreadsheet():
    assert [cents(amount) for amount in (1.005, 2.675, 1.0049, -0.005, 0.0)] == [1.01, 2.68, 1.0, 0.0, 0.0]

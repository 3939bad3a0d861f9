"""Five years of the network's money, month by month: what is built, given, earned, spent, set aside and paid back.

A phase is paid in the month in which it begins. When it ends its homes begin to pay, and it costs what it costs to run.
Prices, but not the fee, rise with inflation at the start of each year: what the assembly decides once is not raised in
silence. Every amount is rounded to the cent, and cash is the sum of those.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.economics.opex import FIVE_YEARS
from cn_planner.report.money import cents, fees, paying
from cn_planner.report.work_records import CashFlow, CashMonth, CashYear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.model.plan import Costs
    from cn_planner.report.work_records import PhaseRecord

_YEAR = 12
_SUMMED = ("given", "build", "fees", "running", "set_aside", "repaid")


def cash_flow(costs: Costs, phases: Sequence[PhaseRecord], month: float) -> CashFlow | None:
    """Return the five years of a plan's money; None where there is nothing to build.

    ``costs``: what the plan says of fee, uptake, grant, loan and inflation. ``phases``: in their order. ``month``: what
    the whole network costs a month.
    """
    if not phases:
        return None
    covering = fees(month, phases[-1].homes_so_far, (costs.uptake_pct,))[0].fee_month
    fee = covering if costs.fee_month is None else costs.fee_month
    back = cents(repayment(costs.loan, costs.loan_interest_pct, costs.loan_years))
    months: list[CashMonth] = []
    cash = 0.0
    for number in range(1, FIVE_YEARS + 1):
        dearer = (1.0 + costs.inflation_pct / 100.0) ** ((number - 1) // _YEAR)
        given = cents(costs.grant + costs.loan) if number == 1 else 0.0
        build = math.fsum(cents(one.cost * dearer) for one in phases if one.begins == number)
        standing = [one for one in phases if one.on_air <= number]
        homes = paying(standing[-1].homes_so_far, costs.uptake_pct) if standing else 0.0
        earned = cents(homes * (fee or 0.0))
        running = cents((standing[-1].month - standing[-1].set_aside) * dearer) if standing else 0.0
        aside = cents(standing[-1].set_aside * dearer) if standing else 0.0
        repaid = back if number <= costs.loan_years * _YEAR else 0.0
        cash = round(cash + given - build + earned - running - aside - repaid, 2)
        months.append(CashMonth(number, given, round(build, 2), homes, earned, running, aside, repaid, cash))
    least = min(months, key=lambda one: (one.cash, one.number))
    return CashFlow(
        tuple(months), _years(months), costs.uptake_pct, fee, costs.fee_month is not None, least.cash, least.number
    )


def repayment(loan: float, interest_pct: float, years: int) -> float:
    """Return what is paid back each month so that loan and interest are paid after some years (an annuity)."""
    count, rate = years * _YEAR, interest_pct / 100.0 / _YEAR
    return loan / count if rate == 0.0 else loan * rate / (1.0 - (1.0 + rate) ** -count)


def _years(months: Sequence[CashMonth]) -> tuple[CashYear, ...]:
    found: list[CashYear] = []
    for start in range(0, len(months), _YEAR):
        rows = months[start : start + _YEAR]
        sums = {name: round(math.fsum(getattr(one, name) for one in rows), 2) for name in _SUMMED}
        cash, before = rows[-1].cash, found[-1].cash if found else 0.0
        found.append(
            CashYear(
                len(found) + 1, **sums, result=round(cash - before, 2), cash=cash, lowest=min(one.cash for one in rows)
            )
        )
    return tuple(found)

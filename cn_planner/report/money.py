"""Budget, monthly cost, and the fee that covers it. Every amount is rounded to the cent once, and sums are of those."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.equipment import ItemClass
from cn_planner.planning.running import monthly_cost
from cn_planner.report import words
from cn_planner.report.deployment import BudgetLine, Fee, MonthlyLine

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.planning.costs import Cost
    from cn_planner.planning.running import MonthlyCost
    from cn_planner.report.bill import Needs
    from cn_planner.report.deployment import BomLine

UPTAKES_PCT = (30.0, 50.0, 70.0)


@dataclass(frozen=True, slots=True)
class Money:
    """What it costs to build and to run."""

    budget: tuple[BudgetLine, ...]
    capex: float
    monthly: tuple[MonthlyLine, ...]
    month: float


def _cents(amount: float) -> float:
    return round(amount, 2)


def _sum(amounts: list[float]) -> float:
    return _cents(math.fsum(amounts))


def money(plan: Plan, need: Needs, bom: tuple[BomLine, ...], cost: Cost) -> Money:
    """Return the budget and the monthly cost.

    Parameters
    ----------
    plan : Plan
        What wages, transport and so on cost.
    need : Needs
        Days of labour.
    bom : tuple of BomLine
        The whole plan's, with spares.
    cost : Cost
        The capital as the planner counts it. It rounds unit by unit, the bill of materials line by line: what lies
        between them, some hundredths, has a line of its own.
    """
    rates = plan.costs
    budget: list[BudgetLine] = []
    for kind in ItemClass:
        amounts = [line.total for line in bom if line.item_class is kind and line.total is not None]
        if amounts:
            budget.append(BudgetLine(kind.value, words.CLASSES[kind], None, _sum(amounts)))
    goods = _sum([line.amount for line in budget])

    def add(key: str, title: Message, how: Message | None, cents: int) -> None:
        if cents:
            budget.append(BudgetLine(key, title, how, cents / 100.0))

    add("rounding", msg("Rounding"), None, cost.goods_cents + cost.spares_cents - round(goods * 100.0))
    add("place", msg("Road, land, mains"), msg("as said for each place"), cost.place_cents)
    add(
        "labour",
        msg("Labour"),
        msg("{days:.1f} days at {wage:.2f}", days=need.labour_days, wage=rates.labour_day),
        cost.labour_cents,
    )
    add("transport", msg("Transport"), msg("{pct:g} % of goods", pct=rates.transport_pct), cost.transport_cents)
    add("customs", msg("Customs and taxes"), msg("{pct:g} % of goods", pct=rates.customs_pct), cost.customs_cents)
    add(
        "contingency",
        msg("For what nobody foresaw"),
        msg("{pct:g} % of all the above", pct=rates.contingency_pct),
        cost.contingency_cents,
    )
    monthly = _monthly(plan, monthly_cost(plan, cost.total))
    return Money(tuple(budget), cost.total, monthly, _sum([line.amount for line in monthly]))


def _monthly(plan: Plan, month: MonthlyCost) -> tuple[MonthlyLine, ...]:
    costs = plan.costs
    lines = (
        MonthlyLine("uplink", msg("Internet connection"), msg("gateways: {count}", count=month.gateways), month.uplink),
        MonthlyLine(
            "maintenance",
            msg("Repair and replacement"),
            msg("{pct:g} % of the capital a year", pct=costs.maintenance_pct_year),
            month.maintenance,
        ),
        MonthlyLine(
            "rent",
            msg("Rent"),
            msg("towers: {count}, {rent:,.2f} each", count=month.towers, rent=costs.site_rent_month),
            month.rent,
        ),
        MonthlyLine("wages", msg("Wages"), None, month.wages),
    )
    return tuple(line for line in lines if line.amount)


def fees(month: float, homes_reached: float) -> tuple[Fee, ...]:
    """Return what a home pays a month to cover the monthly cost, at each uptake; rounded up to the cent."""
    rows = []
    for uptake in UPTAKES_PCT:
        # Whole homes pay: of 42.6 that would take part, 42 do for sure.
        homes = float(math.floor(homes_reached * uptake / 100.0 + 1e-9))
        # A hair of rounding must not add a cent.
        fee = math.ceil(month / homes * 100.0 - 1e-6) / 100.0 if homes > 0.0 else None
        rows.append(Fee(uptake, homes, fee))
    return tuple(rows)

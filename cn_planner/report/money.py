"""Budget, monthly cost, and the fee that covers it. Every amount is rounded to the cent once; sums are of those."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.economics.costs import opening_cost
from cn_planner.economics.prices import amount_of
from cn_planner.message import Message, msg
from cn_planner.model.equipment import ItemClass
from cn_planner.report import words
from cn_planner.report.deployment import AgreedFee, Fee, MoneyLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.economics.opex import MonthlyCost
    from cn_planner.economics.prices import Cost
    from cn_planner.model.plan import Costs, Plan
    from cn_planner.report.deployment import BomLine

UPTAKES_PCT = (30.0, 50.0, 70.0)
WHOLE_FEE = 100.0
"""A fee from here on is a whole unit; a smaller one has cents, as people pay it."""


@dataclass(frozen=True, slots=True)
class Money:
    """What it costs to build and to run."""

    budget: tuple[MoneyLine, ...]
    capex: float
    monthly: tuple[MoneyLine, ...]
    month: float


def cents(amount: float) -> float:
    """Return an amount rounded to the cent, halves up, as spreadsheets do it."""
    return math.floor(amount * 100.0 + 0.5 + 1e-7) / 100.0


def _sum(amounts: Iterable[float]) -> float:
    return round(math.fsum(amounts), 2)


def budget_of(plan: Plan, labour_days: float, bom: tuple[BomLine, ...], cost: Cost, month: MonthlyCost) -> Money:
    """Return the budget and the monthly cost.

    Parameters
    ----------
    plan : Plan
        What wages, transport and so on cost.
    labour_days : float
        Of one person.
    bom : tuple of BomLine
        The whole plan's, with spares.
    cost : Cost
        The capital as the planner counts it. It rounds unit by unit, the budget line by line: what lies between them,
        some hundredths, has a line of its own.
    month : MonthlyCost
        What it costs to run.
    """
    rates = plan.costs
    budget: list[MoneyLine] = []
    for kind in ItemClass:
        amounts = [line.total for line in bom if line.item_class is kind and line.total is not None]
        if amounts:
            budget.append(MoneyLine(kind.value, words.CLASSES[kind], None, _sum(amounts)))
    goods = _sum(line.amount for line in budget)

    def add(key: str, title: Message, how: Message | None, amount: float, quantity: float | None = None) -> None:
        if amount:
            budget.append(MoneyLine(key, title, how, amount, quantity))

    opening = cents(_sum(opening_cost(site) for site in plan.used_sites.values()))
    add("place", msg("Road, land, mains"), msg("as said for each place"), cents(cost.place_cents / 100.0 - opening))
    add("opening", msg("To open the Internet connection"), msg("as said for each gateway"), opening)
    free = labour_days * plan.work.volunteer_pct / 100.0
    paid = labour_days - free
    wage = amount_of(plan, "labour_day")
    how = msg("{days:.1f} days at {wage:.2f}", days=paid, wage=wage)
    if rates.labour_day is None:
        how = msg("{days:.1f} days at {wage:.2f}, an example", days=paid, wage=wage)
    if free:
        how = msg("{paid}; {free:.1f} days of volunteers are not paid", paid=how, free=free)
    add("labour", msg("Labour"), how, cents(paid * wage), paid)
    add("trips", msg("Trips to the towers"), None, cost.trips_cents / 100.0)
    for key, title, pct in (
        ("transport", msg("Transport"), rates.transport_pct),
        ("customs", msg("Customs and taxes"), rates.duty_pct),
    ):
        add(key, title, msg("{pct:g} % of goods", pct=pct), cents(goods * pct / 100.0))
    above = _sum(line.amount for line in budget)
    add(
        "contingency",
        msg("For what nobody foresaw"),
        msg("{pct:g} % of all the above", pct=rates.contingency_pct),
        cents(above * rates.contingency_pct / 100.0),
    )
    add("rounding", msg("Rounding"), None, round(cost.total - _sum(line.amount for line in budget), 2))
    monthly = _monthly(plan, month)
    return Money(tuple(budget), cost.total, monthly, month.total)


def _monthly(plan: Plan, month: MonthlyCost) -> tuple[MoneyLine, ...]:
    costs = plan.costs
    lines = (
        MoneyLine("uplink", msg("Internet connection"), msg("gateways: {count}", count=month.gateways), month.uplink),
        MoneyLine(
            "power",
            msg("Power from the mains"),
            msg("{kwh:,.0f} kWh at {price:g}", kwh=month.mains_kwh, price=costs.electricity_kwh),
            month.power,
            month.mains_kwh,
        ),
        MoneyLine(
            "maintenance",
            msg("Repair and replacement"),
            msg("{pct:g} % of {capital:,.2f} a year", pct=costs.maintenance_pct_year, capital=month.repaired),
            month.maintenance,
            month.repaired,
        ),
        MoneyLine(
            "radios",
            msg("Set aside for new radios"),
            _by_age(month.radio_goods, costs.radio_years),
            month.radios,
            month.radio_goods,
        ),
        MoneyLine(
            "batteries",
            msg("Set aside for new batteries"),
            _by_age(month.battery_goods, costs.battery_years),
            month.batteries,
            month.battery_goods,
        ),
        MoneyLine(
            "rent",
            msg("Rent"),
            msg("towers: {count}, {rent:,.2f} each", count=month.towers, rent=costs.site_rent_month),
            month.rent,
            month.towers,
        ),
        MoneyLine("licences", msg("Licences"), None, month.licences),
        MoneyLine("wages", msg("Wages"), None, month.wages),
    )
    return tuple(line for line in lines if line.amount)


def _by_age(goods: float, years: float | None) -> Message | None:
    return None if years is None else msg("{goods:,.2f} every {years:g} years", goods=goods, years=years)


def fees(month: float, homes_reached: float, uptakes_pct: Iterable[float] = UPTAKES_PCT) -> tuple[Fee, ...]:
    """Return what a home pays a month to cover the monthly cost, at each uptake: as `enough` has it."""
    rows = []
    for uptake in uptakes_pct:
        homes = paying(homes_reached, uptake)
        fee = enough(month / homes) if homes > 0.0 else None
        rows.append(Fee(uptake, homes, fee))
    return tuple(rows)


def enough(amount: float) -> float:
    """Return the least fee that is paid in one form and is no less: whole units, or cents where it is small."""
    # A hair of rounding must not add a unit or a cent.
    if amount >= WHOLE_FEE:
        return float(math.ceil(amount - 1e-8))
    return math.ceil(amount * 100.0 - 1e-6) / 100.0


def fee_as_set(costs: Costs, month: float, homes_reached: float) -> AgreedFee | None:
    """Return what a home pays as the plan says it, and what that leaves of the monthly cost; None where nobody pays."""
    if homes_reached <= 0.0:
        return None
    covering = fees(month, homes_reached, (costs.uptake_pct,))[0]
    fee = covering.fee_month if costs.fee_month is None else costs.fee_month
    missing = max(0.0, round(month - cents(covering.homes * (fee or 0.0)), 2))
    share = None if fee is None or not costs.income_month else 100.0 * fee / costs.income_month
    return AgreedFee(costs.uptake_pct, covering.homes, fee, costs.fee_month is not None, missing, share)


def paying(homes: float, uptake_pct: float) -> float:
    """Return how many homes pay. Whole homes do: of 42.6 that would take part, 42 do for sure."""
    return float(math.floor(homes * uptake_pct / 100.0 + 1e-9))

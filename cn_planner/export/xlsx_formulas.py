"""The workbook's live formulas: where a price, a quantity or a rate is changed in it, all that hangs on it follows.

Each stands in for a value that the plan has: as long as nothing is changed, both are the same to the cent. Phases keep
their share of the whole, the rest is counted as the report counts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from cn_planner.model.costs import EXAMPLE_AMOUNTS
from cn_planner.model.equipment import SHELF_CURRENCY, ItemClass
from cn_planner.report.money import WHOLE_FEE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.work_records import CashMonth

Formulas: TypeAlias = "dict[tuple[str, int, str], str]"
"""By table, row from 0, and column."""


class Places(Protocol):
    """Where things stand in the workbook. Rows are counted from 0, without the header."""

    def cell(self, table: str, row: int, column: str) -> str:
        """Return the address of a cell."""

    def column(self, table: str, column: str, rows: tuple[int, int] | None = None) -> str:
        """Return the address of a column's cells, from one row to before another; all of them where not given."""

    def total(self, table: str, column: str) -> str:
        """Return the address of the sum under a column."""

    def setting(self, key: str) -> str:
        """Return the address of a setting's value."""

    def headline(self, key: str) -> str:
        """Return the address of a figure on the first sheet."""


def formulas(plan: DeploymentPlan, at: Places) -> Formulas:
    """Return the formulas of the tables of money."""
    found: Formulas = {}
    if not plan.bom or not plan.budget:
        return found
    _bills(plan, at, found)
    _examples(plan, at, found)
    _budget(plan, at, found)
    _monthly(plan, at, found)
    for row in range(len(plan.headline.fees)):
        homes, uptake = at.cell("fees", row, "homes"), at.cell("fees", row, "uptake_pct")
        found["fees", row, "homes"] = f"INT({at.headline('homes_reached')}*{uptake}/100+1E-9)"
        found["fees", row, "fee_month"] = _fee(plan, at, homes)
    if plan.monthly:
        _phases(plan, at, found)
        if plan.cash is not None:
            _cash(plan.cash.months, at, found)
    return found


def headlines(plan: DeploymentPlan, at: Places) -> dict[str, str]:
    """Return the formulas of the figures on the first sheet."""
    found: dict[str, str] = {}
    if plan.bom and plan.budget:
        found["capex"] = at.total("budget", "amount")
        if plan.headline.homes_reached:
            found["cost_per_home"] = f"{at.headline('capex')}/{at.headline('homes_reached')}"
    if plan.monthly:
        found["monthly"] = at.total("monthly", "amount")
        if plan.cash is not None and plan.phases:
            given, homes = at.setting("costs.fee_month"), at.total("phases", "homes")
            pay = f"INT({homes}*{at.setting('costs.uptake_pct')}/100+1E-9)"
            found["fee"] = f"IF(ISNUMBER({given}),{given},{_fee(plan, at, pay, none='0')})"
    return found


def _fee(plan: DeploymentPlan, at: Places, homes: str, none: str = '""') -> str:
    month = at.total("monthly", "amount") if plan.monthly else "0"
    each = f"{month}/MAX(1,{homes})"
    return f"IF({homes}>0,ROUNDUP({each}-1E-8,IF({each}>={WHOLE_FEE:g},0,2)),{none})"


def _bills(plan: DeploymentPlan, at: Places, found: Formulas) -> None:
    rate = at.setting("costs.exchange_rate")
    for row, line in enumerate(plan.bom):
        if line.unit_price is None:
            continue
        price, listed = at.cell("bom", row, "unit_price"), at.cell("bom", row, "list_price")
        foreign = line.list_currency == SHELF_CURRENCY != plan.meta.currency
        found["bom", row, "unit_price"] = f"{listed}*{rate}" if foreign else listed
        found["bom", row, "total"] = f"ROUND({at.cell('bom', row, 'quantity')}*{price},2)"
    number = {line.item: row for row, line in enumerate(plan.bom)}
    for row, line in enumerate(plan.site_bom):
        total = at.cell("bom_by_site", row, "total")
        if line.item in number and line.unit_price is not None:
            price = at.cell("bom", number[line.item], "unit_price")
            found["bom_by_site", row, "unit_price"] = price
            found["bom_by_site", row, "total"] = f"ROUND({at.cell('bom_by_site', row, 'quantity')}*{price},2)"
        elif line.item not in number and row:  # what lies between the bills by site and the whole
            above = at.column("bom_by_site", "total", (0, row))
            found["bom_by_site", row, "total"] = f"{at.total('bom', 'total')}-SUM({above})"
            found["bom_by_site", row, "unit_price"] = total
    for row, line in enumerate(line for line in plan.bom if line.spares):
        whole = number[line.item]
        found["spares", row, "spares"] = at.cell("bom", whole, "spares")
        if line.unit_price is not None:
            pieces, price = at.cell("bom", whole, "spares"), at.cell("bom", whole, "unit_price")
            found["spares", row, "cost"] = f"ROUND({pieces}*{price},2)"


def _examples(plan: DeploymentPlan, at: Places, found: Formulas) -> None:
    """Let an amount that nobody said follow the rate of exchange, as the catalogue's prices do."""
    if plan.meta.currency == SHELF_CURRENCY:
        return
    for row, one in enumerate(plan.assumptions):
        section, _, name = one.key.partition(".")
        if section == "costs" and one.default and name in EXAMPLE_AMOUNTS:
            found["assumptions", row, "value"] = f"{EXAMPLE_AMOUNTS[name]:g}*{at.setting('costs.exchange_rate')}"


def _budget(plan: DeploymentPlan, at: Places, found: Formulas) -> None:
    classes, totals = at.column("bom", "item_class"), at.column("bom", "total")
    goods = sum(1 for line in plan.budget if line.key in set(ItemClass))
    for row, line in enumerate(plan.budget):
        above = at.column("budget", "amount", (0, row))
        if row < goods:
            formula = f"SUMIF({classes},{at.cell('budget', row, 'title')},{totals})"
        elif line.key == "labour":
            formula = f"ROUND({at.cell('budget', row, 'quantity')}*{at.setting('costs.labour_day')},2)"
        elif line.key in ("transport", "customs") and goods:
            share = at.setting(f"costs.{line.key}_pct")
            formula = f"ROUND(SUM({at.column('budget', 'amount', (0, goods))})*{share}/100,2)"
        elif line.key == "contingency":
            formula = f"ROUND(SUM({above})*{at.setting('costs.contingency_pct')}/100,2)"
        else:
            continue
        found["budget", row, "amount"] = formula


def _monthly(plan: DeploymentPlan, at: Places, found: Formulas) -> None:
    aged = {line.key: row for row, line in enumerate(plan.monthly) if line.key in ("radios", "batteries")}
    for row, line in enumerate(plan.monthly):
        quantity = at.cell("monthly", row, "quantity")
        if line.key == "power":
            formula = f"ROUND({quantity}*{at.setting('costs.electricity_kwh')},2)"
        elif line.key == "maintenance":
            formula = f"ROUND({quantity}*{at.setting('costs.maintenance_pct_year')}/1200,2)"
            less = plan.headline.capex - (line.quantity or 0.0)
            # What stands already is no part of the capital, but grows old: then what is set aside for is not all of it.
            goods = sum(plan.monthly[n].quantity or 0.0 for n in aged.values())
            minus = [at.cell("monthly", n, "quantity") for n in aged.values()]
            minus = minus if abs(goods - less) < 0.005 else [f"{round(less, 2)!r}"]
            found["monthly", row, "quantity"] = (
                f"MAX(0,{at.total('budget', 'amount')}{''.join(f'-{one}' for one in minus)})"
            )
        elif line.key in aged:
            years = at.setting("costs.radio_years" if line.key == "radios" else "costs.battery_years")
            formula = f"ROUND({quantity}/(12*{years}),2)"
        elif line.key == "rent":
            formula = f"ROUND({quantity}*{at.setting('costs.site_rent_month')},2)"
        elif line.key in ("licences", "wages"):
            formula = f"ROUND({at.setting(f'costs.{line.key}_month')},2)"
        else:
            continue
        found["monthly", row, "amount"] = formula


def _phases(plan: DeploymentPlan, at: Places, found: Formulas) -> None:
    month, capex = plan.headline.monthly, plan.headline.capex
    aside = [line for line in plan.monthly if line.key in ("radios", "batteries")]
    set_aside = sum(line.amount for line in aside)
    aside_cells = "+".join(at.cell("monthly", plan.monthly.index(line), "amount") for line in aside)
    each = at.setting("costs.phase_months")
    for row, one in enumerate(plan.phases):
        number = at.cell("phases", row, "number")
        found["phases", row, "begins"] = f"1+({number}-1)*{each}"
        found["phases", row, "on_air"] = f"1+{number}*{each}"
        found["phases", row, "homes_so_far"] = f"SUM({at.column('phases', 'homes', (0, row + 1))})"
        if capex:
            found["phases", row, "cost"] = f"ROUND({at.total('budget', 'amount')}*{one.cost / capex!r},2)"
        found["phases", row, "cost_so_far"] = f"SUM({at.column('phases', 'cost', (0, row + 1))})"
        if one.homes:
            found["phases", row, "a_home"] = f"{at.cell('phases', row, 'cost')}/{at.cell('phases', row, 'homes')}"
        if month:
            found["phases", row, "month"] = f"ROUND({at.total('monthly', 'amount')}*{one.month / month!r},2)"
        if set_aside:
            found["phases", row, "set_aside"] = f"ROUND(({aside_cells})*{one.set_aside / set_aside!r},2)"


def _cash(months: tuple[CashMonth, ...], at: Places, found: Formulas) -> None:
    begins, on_air, cost = (at.column("phases", name) for name in ("begins", "on_air", "cost"))
    loan, years, interest = (at.setting(f"costs.{name}") for name in ("loan", "loan_years", "loan_interest_pct"))
    back = f"IF({interest}=0,{loan}/(12*{years}),-PMT({interest}/1200,12*{years},{loan}))"
    spent = ("build", "running", "set_aside", "repaid")
    for row in range(len(months)):
        number = at.cell("cash_months", row, "number")
        standing = f'COUNTIF({on_air},"<="&{number})'
        dearer = f"(1+{at.setting('costs.inflation_pct')}/100)^INT(({number}-1)/12)"

        def of_phase(name: str, standing: str = standing) -> str:
            return f"INDEX({at.column('phases', name)},MAX(1,{standing}))"

        def once_up(amount: str, standing: str = standing, dearer: str = dearer) -> str:
            return f"IF({standing}=0,0,ROUND(({amount})*{dearer},2))"

        homes = f"IF({standing}=0,0,INT({of_phase('homes_so_far')}*{at.setting('costs.uptake_pct')}/100+1E-9))"
        cash = [at.cell("cash_months", row - 1, "cash")] if row else []
        cash += [at.cell("cash_months", row, name) for name in ("given", "fees")]
        own = {
            "given": f"ROUND({at.setting('costs.grant')}+{loan},2)" if row == 0 else "0",
            "build": f"SUMPRODUCT(({begins}={number})*ROUND({cost}*{dearer},2))",
            "homes": homes,
            "fees": f"ROUND({at.cell('cash_months', row, 'homes')}*{at.headline('fee')},2)",
            "running": once_up(f"{of_phase('month')}-{of_phase('set_aside')}"),
            "set_aside": once_up(of_phase("set_aside")),
            "repaid": f"IF({number}<=12*{years},ROUND({back},2),0)",
            "cash": f"ROUND({'+'.join(cash)}{_minus(at, 'cash_months', row, spent)},2)",
        }
        found.update({("cash_months", row, name): formula for name, formula in own.items()})
    for row in range(len(months) // 12):
        rows = 12 * row, 12 * row + 12
        for name in ("given", "fees", *spent):
            found["cash", row, name] = f"SUM({at.column('cash_months', name, rows)})"
        income = f"{at.cell('cash', row, 'given')}+{at.cell('cash', row, 'fees')}"
        found["cash", row, "result"] = f"ROUND({income}{_minus(at, 'cash', row, spent)},2)"
        found["cash", row, "cash"] = at.cell("cash_months", rows[1] - 1, "cash")
        found["cash", row, "lowest"] = f"MIN({at.column('cash_months', 'cash', rows)})"


def _minus(at: Places, table: str, row: int, columns: Iterable[str]) -> str:
    return "".join(f"-{at.cell(table, row, name)}" for name in columns)

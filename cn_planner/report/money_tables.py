"""The tables of money: what is bought, what it costs to build and to run, who pays what, and whether it suffices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.equipment import SHELF_CURRENCY
from cn_planner.report import words
from cn_planner.report.columns import money, number, table_of, text, word
from cn_planner.report.money import cents

if TYPE_CHECKING:
    from cn_planner.report.columns import Spec, Table
    from cn_planner.report.deployment import DeploymentPlan


def rate_notes(plan: DeploymentPlan) -> tuple[Message, ...]:
    """Return the exchange rate with its day where prices were changed by it, and that examples are among them."""
    meta, notes = plan.meta, []
    if any(line.list_currency == SHELF_CURRENCY != meta.currency for line in plan.bom):
        if meta.exchange_date:
            notes.append(
                msg(
                    "1 {other} = {rate:g} {own}, rate of {date}.",
                    other=SHELF_CURRENCY, rate=meta.exchange_rate, own=meta.currency, date=meta.exchange_date,
                )
            )  # fmt: skip
        elif meta.exchange_rate != 1.0:
            notes.append(
                msg(
                    "1 {other} = {rate:g} {own}; of which day that rate is nobody said.",
                    other=SHELF_CURRENCY, rate=meta.exchange_rate, own=meta.currency,
                )
            )  # fmt: skip
        else:
            notes.append(
                msg("No exchange rate is given: {other} counts as {own}.", other=SHELF_CURRENCY, own=meta.currency)
            )
    if plan.headline.example_prices:
        notes.append(msg("Some prices are examples. Confirm them with your supplier."))
    return tuple(notes)


def bom_table(plan: DeploymentPlan) -> Table:
    """Return the bill of materials of the whole plan, with where each price is from."""
    currency = plan.meta.currency
    columns = (
        text("item", msg("Item")),
        text("name", msg("Name"), wide=True),
        word("item_class", msg("Class"), lambda r: words.CLASSES[r.item_class]),
        text("unit", msg("Unit")),
        number("quantity", msg("Quantity"), "", 2),
        number("spares", msg("Of which spares"), "", 2),
        money("unit_price", msg("Unit price"), currency),
        money("total", msg("Total"), currency, total=True),
        number("list_price", msg("List price"), "", 2),
        text("list_currency", msg("List currency")),
        text("price_date", msg("Price of")),
        word("example", msg("Example price"), lambda r: words.yes_no(r.example)),
        text("price_source", msg("Source of the price"), wide=True),
    )
    return table_of("bom", msg("Bill of materials"), columns, plan.bom, rate_notes(plan))


def site_bom_table(plan: DeploymentPlan) -> Table:
    """Return the bill of materials by site, without spares: what to carry where."""
    currency = plan.meta.currency
    columns = (
        text("site", msg("Site")),
        text("item", msg("Item")),
        text("name", msg("Name"), wide=True),
        text("unit", msg("Unit")),
        number("quantity", msg("Quantity"), "", 2),
        money("unit_price", msg("Unit price"), currency),
        money("total", msg("Total"), currency, total=True),
    )
    return table_of("bom_by_site", msg("Bill of materials by site"), columns, plan.site_bom)


def budget_table(plan: DeploymentPlan) -> Table:
    """Return the capital, line by line."""
    bound = plan.headline.bound
    notes = (*rate_notes(plan), *(() if bound is None else (bound,)))
    return table_of("budget", msg("Budget"), _amounts(plan), plan.budget, notes)


def monthly_table(plan: DeploymentPlan) -> Table:
    """Return the monthly cost, line by line."""
    return table_of("monthly", msg("Every month"), _amounts(plan), plan.monthly, rate_notes(plan))


def _amounts(plan: DeploymentPlan) -> tuple[Spec, ...]:
    return (
        word("title", msg("For"), lambda r: r.title),
        word("how", msg("How it is computed"), lambda r: r.how, wide=True),
        number("quantity", msg("Quantity"), "", 2, counts=True),
        money("amount", msg("Amount"), plan.meta.currency, total=True),
    )


def fees_table(plan: DeploymentPlan) -> Table:
    """Return the fee that covers the monthly cost, by uptake."""
    return table_of(
        "fees",
        msg("Fee that covers the monthly cost"),
        (
            number("uptake_pct", msg("Homes that take part"), "%"),
            number("homes", msg("Homes")),
            money("fee_month", msg("Fee a month"), plan.meta.currency),
        ),
        plan.headline.fees,
    )


def cash_table(plan: DeploymentPlan) -> Table:
    """Return five years of money, year by year."""
    cash, currency = plan.cash, plan.meta.currency
    return table_of(
        "cash",
        msg("Money over five years"),
        (
            number("number", msg("Year")),
            money("given", msg("Grants and loans"), currency, total=True),
            money("build", msg("To build"), currency, total=True),
            money("fees", msg("Fees"), currency, total=True),
            money("running", msg("To run"), currency, total=True),
            money("set_aside", msg("Set aside for replacement"), currency, total=True),
            money("repaid", msg("Loan paid back"), currency, total=True),
            money("result", msg("Result of the year"), currency, total=True),
            money("cash", msg("Cash at its end"), currency),
            money("lowest", msg("Least cash in it"), currency),
        ),
        () if cash is None else cash.years,
        cash_notes(plan),
    )


def cash_notes(plan: DeploymentPlan) -> tuple[Message, ...]:
    """Return on what the five years rest, and what has to be found."""
    cash, currency = plan.cash, plan.meta.currency
    if cash is None:
        return ()
    notes = []
    if cash.fee is None:
        notes.append(msg("No home pays: none is reached."))
    else:
        notes.append(
            msg(
                "{pct:g} % of the homes take part and pay {fee:,.2f} {currency} a month.",
                pct=cash.uptake_pct, fee=cash.fee, currency=currency,
            )
        )  # fmt: skip
    if cash.lowest < 0.0:
        notes.append(
            msg(
                "{amount:,.2f} {currency} are missing in month {month}: find them before, by grants, loans or what "
                "homes pay at first.",
                amount=-cash.lowest, currency=currency, month=cash.lowest_month,
            )
        )  # fmt: skip
    else:
        notes.append(
            msg(
                "The money suffices: least is there in month {month}, {amount:,.2f} {currency}.",
                month=cash.lowest_month, amount=cash.lowest, currency=currency,
            )
        )  # fmt: skip
    return (*notes, msg("A phase is paid when it begins; when it ends its homes begin to pay. Fees do not rise."))


def cash_months_table(plan: DeploymentPlan) -> Table:
    """Return five years of money, month by month."""
    cash, currency = plan.cash, plan.meta.currency
    return table_of(
        "cash_months",
        msg("Money month by month"),
        (
            number("number", msg("Month")),
            money("given", msg("Grants and loans"), currency),
            money("build", msg("To build"), currency),
            number("homes", msg("Homes that pay")),
            money("fees", msg("Fees"), currency),
            money("running", msg("To run"), currency),
            money("set_aside", msg("Set aside for replacement"), currency),
            money("repaid", msg("Loan paid back"), currency),
            money("cash", msg("Cash at its end"), currency),
        ),
        () if cash is None else cash.months,
    )


def spares_table(plan: DeploymentPlan) -> Table:
    """Return what lies ready for when something fails."""
    currency = plan.meta.currency
    return table_of(
        "spares",
        msg("Spares"),
        (
            text("item", msg("Item")),
            text("name", msg("Name"), wide=True),
            word("item_class", msg("Class"), lambda r: words.CLASSES[r.item_class]),
            text("unit", msg("Unit")),
            number("used", msg("In use"), "", 2, lambda r: r.quantity - r.spares),
            number("spares", msg("Spares"), "", 2),
            money(
                "cost", msg("Cost"), currency,
                lambda r: None if r.unit_price is None else cents(r.spares * r.unit_price), total=True,
            ),
        ),
        [line for line in plan.bom if line.spares],
    )  # fmt: skip

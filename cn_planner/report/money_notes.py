"""What the tables of money say under their figures: the rate of exchange, examples, whether the money suffices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.equipment import SHELF_CURRENCY
from cn_planner.planning.phases import not_joined

if TYPE_CHECKING:
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


def phase_notes(plan: DeploymentPlan) -> tuple[Message, ...]:
    """Return by what the phases are ordered, and which is there for the money alone."""
    if not plan.phases:
        return ()
    notes = [msg("Each phase works alone. Those come first that reach most homes for their money.")]
    if not plan.phases[-1].joined:
        notes.append(not_joined(plan.phases[-1].number))
    return tuple(notes)


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

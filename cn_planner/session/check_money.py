"""What is not said of a plan's money, and what of it does not fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.economics.prices import counted_one_to_one, rate_said
from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.checks import Action, PlanProblem, Severity
from cn_planner.model.costs import EXAMPLE_AMOUNTS
from cn_planner.model.equipment import SHELF_CURRENCY
from cn_planner.session.customs import duties_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.plan import Plan
    from cn_planner.session.workspace import Snapshot

_AMOUNTS = {"labour_day": msg("Wage for a day of work"), "relay_cost": msg("A relay's place at a home")}
_UNSAID = {
    "labour_day": (
        msg("What a day of work is paid is not said"), msg("Say what people there are paid for a day of work.")
    ),
    "relay_cost": (
        msg("What a relay's place at a home costs is not said"),
        msg("Say what its box, its wiring and thanks to the owner cost."),
    ),
}  # fmt: skip
_ALIKE = 2.0
"""Up to how many of one currency for one of the other a number may well be meant in either."""


def money_problems(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Yield what is not said of money: the rate of exchange, customs, wages; and prices of years far apart."""
    from babel.numbers import get_territory_currencies

    plan = snapshot.plan
    listed = {item.price.currency for item in snapshot.catalogue.items.values() if item.price is not None}
    ours = plan.info.currency
    if counted_one_to_one(plan, listed):
        yield PlanProblem(
            Severity.WARNING,
            msg("Prices in {foreign} are counted one to one as {currency}.", foreign=SHELF_CURRENCY, currency=ours),
            msg("Say how many {currency} buy one, and of which day that is.", currency=ours),
            answer="costs.exchange_rate",
            action=Action.ANSWER,
        )
    others = ", ".join(sorted(listed - {ours, SHELF_CURRENCY}))
    if others:
        yield PlanProblem(
            Severity.WARNING,
            msg("Prices in {others} are not counted: no rate to {own} is known.", others=others, own=ours),
            msg("Write them down in {own}.", own=ours),
        )
    yield from _price_years(snapshot)
    yield from _duties(plan)
    yield from _amounts(snapshot)
    local = get_territory_currencies(plan.info.country) if plan.info.country else []
    if local and local[0] != ours and not rate_said(plan):
        yield PlanProblem(
            Severity.QUESTION,
            msg("Amounts are in {currency}. Do you pay in {local}?", currency=ours, local=str(local[0])),
            msg("Then say so, and how many {local} buy one {currency}.", local=str(local[0]), currency=ours),
            answer="info.currency",
            action=Action.ANSWER,
        )


def _duties(plan: Plan) -> Iterator[PlanProblem]:
    """Ask what customs and taxes are, where nobody said it: often a quarter to a half of what the radios cost."""
    if plan.costs.customs_pct is not None or not plan.used_sites:
        return
    known = duties_of(plan.info.country)
    fix = msg("Ask whoever clears goods through customs, and say it in per cent; 0 where nothing is taken.")
    if known is not None:
        fix = msg("For the last plan there you said {pct:g} % ({source}): does that hold?",
                  pct=known.customs_pct, source=known.source or "?")  # fmt: skip
    yield PlanProblem(
        Severity.QUESTION,
        msg("What customs and taxes take on goods is not said: nothing is counted for them. With taxes 25 to 45 % is "
            "usual."),
        fix,
        answer="costs.customs_pct",
        action=Action.ANSWER,
    )  # fmt: skip


def _amounts(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Ask what amounts are for which an example counts, and those that look like an example of another currency."""
    from cn_planner.economics.costs import UnitCosts, amounts_counted
    from cn_planner.economics.prices import example_of

    plan = snapshot.plan
    try:
        counted = amounts_counted(UnitCosts(plan, snapshot.catalogue))
    except InputError:  # a kit that is not on the shelf, as was said
        return
    own = plan.info.currency
    for name in counted:
        said, number, example = getattr(plan.costs, name), EXAMPLE_AMOUNTS[name], example_of(plan, name)
        if said is None:
            what, fix = _UNSAID[name]
            text = msg("{what}: an example counts, {amount:,.0f} {currency}.", what=what, amount=example, currency=own)
        elif said == number and not 1.0 / _ALIKE <= example / number <= _ALIKE:
            # Files from before do not tell an example from an answer.
            text = msg(
                "{what}: {number:g} {currency} stands there, the number of the example in {other}. Is it meant?",
                what=_AMOUNTS[name], number=number, currency=own, other=SHELF_CURRENCY,
            )  # fmt: skip
            fix = msg("Say the right amount, or leave it empty: then {amount:,.0f} {currency} counts as an example.",
                      amount=example, currency=own)  # fmt: skip
        else:
            continue
        yield PlanProblem(Severity.QUESTION, text, fix, answer=f"costs.{name}", action=Action.ANSWER)


def _price_years(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Say where prices of a sum are of years that are far apart: the older ones are no longer what one pays."""
    from cn_planner.economics.costs import UnitCosts, quantities

    catalogue = snapshot.catalogue
    try:
        needed = quantities(UnitCosts(snapshot.plan, catalogue))
    except InputError:  # a kit that is not on the shelf, as was said
        return
    rows = [(price.date, catalogue.items[key].name) for key in needed if (price := catalogue.items[key].price)]
    dated = sorted(row for row in rows if row[0][:4].isdigit())
    newest = int(dated[-1][0][:4]) if dated else 0
    old = [name for day, name in dated if int(day[:4]) < newest - 1]
    if old:
        yield PlanProblem(
            Severity.WARNING,
            msg("Prices of {first} are added to prices of {last}: {names}.", first=dated[0][0][:4], last=newest,
                names=", ".join(old[:5]) + (", …" if len(old) > 5 else "")),
            msg("Ask for the older prices again, and write them down with their day."),
        )  # fmt: skip

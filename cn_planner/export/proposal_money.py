"""The money of the proposal: budget by line, year and funder, the first years, what the valley gives, indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.export.paper_words import CONNECTION_COST, not_answered
from cn_planner.export.pdf_data import printable
from cn_planner.message import counted, msg
from cn_planner.report.money_notes import rate_notes
from cn_planner.report.paper_indicators import Indicator, PaperIndicator, paper_indicators
from cn_planner.report.paper_money import Funder

if TYPE_CHECKING:
    from cn_planner.export.paper_words import Paper
    from cn_planner.message import Message

_YEARS = 3


def _funder_name(paper: Paper, who: Funder) -> str:
    answers = paper.plan.papers.purpose
    if who is Funder.GRANT:
        return printable(answers.grant_from) or paper.say(msg("Grant"))
    if who is Funder.LOAN:
        return printable(answers.loan_from) or paper.say(msg("Loan"))
    return printable(answers.asked_from) or paper.say(msg("You"))


def _state(paper: Paper, who: Funder) -> dict[str, Any]:
    answers = paper.plan.papers.purpose
    if who is Funder.MISSING:
        return {"blank": False, "text": paper.say(msg("asked"))}
    said = answers.grant_state if who is Funder.GRANT else answers.loan_state
    return {"blank": not said.strip(), "text": printable(said)}


def budget_part(paper: Paper) -> dict[str, Any]:
    """Return the cost to build by line, year and funder."""
    money, currency = paper.sums, paper.plan.meta.currency
    who = [one for one, amount in money.funders if amount]
    place = [n for n, (_, amount) in enumerate(money.funders) if amount]
    years = [str(year) for year in money.years]
    if (money.phases and money.phases[0].begins is None) or not money.phases:
        years = [paper.say(msg("Year {number}", number=year)) for year in money.years]
    if money.and_later:
        years[-1] += "+"
    asked = money.of(Funder.MISSING)
    title = msg("{build} to build; all of it is found", build=paper.money(money.build))
    if asked:
        title = msg(
            "{build} to build; {asked} is asked of you", build=paper.money(money.build), asked=paper.money(asked)
        )
    rows = [
        {
            "title": paper.say(line.title),
            "cells": [paper.amount(one) for one in line.years] + [paper.amount(line.total)]
            + [paper.amount(line.funders[n]) for n in place],
            "bold": False,
        }
        for line in money.lines
    ]  # fmt: skip
    sums = [sum(line.years[n] for line in money.lines) for n in range(len(years))]
    paid = [amount for _, amount in money.funders if amount]
    every = [*sums, money.build, *paid]
    rows.append({"title": paper.say(msg("To build")), "cells": [paper.amount(one) for one in every], "bold": True})
    if money.build:
        shares = [f"{paper.tongue.number(100.0 * one / money.build)} %" for one in every]
        rows.append({"title": paper.say(msg("Share of the whole")), "cells": shares, "bold": False})
    a_home = paper.plan.headline.cost_per_home
    notes = [
        msg("Money is laid on the lines in the order of the columns: who pays which line is agreed with each funder.")
    ]
    if a_home is not None:
        notes.append(msg("A home costs {amount} to build, all counted.", amount=paper.money(a_home)))
    if money.of(Funder.LOAN):
        costs = paper.plan.papers.costs
        notes.append(
            counted(
                "The loan is paid back in {count} year at {pct:g} %.",
                "The loan is paid back in {count} years at {pct:g} %.",
                costs.loan_years, pct=costs.loan_interest_pct,
            )
        )  # fmt: skip
    return {
        "title": paper.say(msg("Budget")),
        "line": paper.say(msg("All amounts in {currency}.", currency=currency)) + " "
        + " ".join(paper.say(one) for one in rate_notes(paper.plan)),
        "lead": paper.say(title),
        "bar-title": paper.say(msg("To build, by who pays")),
        "bar": [
            {"name": f"{_funder_name(paper, one)} {paper.number(amount)}", "amount": amount, "kind": one.value}
            for one, amount in money.funders if amount
        ],
        "columns": [*years, paper.say(msg("Total")), *(_funder_name(paper, one) for one in who)],
        "years": len(years),
        "asked": len(years) + 2 + who.index(Funder.MISSING) if Funder.MISSING in who else 0,
        "rows": rows,
        "state": {"title": paper.say(msg("State of the money")), "cells": [_state(paper, one) for one in who]},
        "state-asked": paper.say(msg("how far is it?")),
        "notes": [paper.say(one) for one in notes],
    }  # fmt: skip


def running_part(paper: Paper) -> dict[str, Any]:
    """Return what the first years cost to run, what fees bring, and what is then missing."""
    years = paper.sums.running[:_YEARS]

    def row(title: Message, values: list[int], *, bold: bool = False) -> dict[str, Any]:
        cells = [paper.number(one) for one in (*values, sum(values))]
        return {"title": paper.say(title), "cells": cells, "bold": bold}

    missing = sum(one.missing for one in years)
    unsaid = paper.plan.papers.unsaid_connections
    said = [not_answered(CONNECTION_COST)] if unsaid else [msg("Fees cover these years.")]
    if missing > 0:
        short = msg(
            "{amount} is missing in these years. It is not in the sum that is asked. Found by: _______________",
            amount=paper.money(missing),
        )
        said = [*(said if unsaid else ()), short]
    return {
        "title": paper.say(msg("To run it, the first years")),
        "columns": [paper.say(msg("Year {number}", number=one.number)) for one in years] + [paper.say(msg("Total"))],
        "rows": [
            row(msg("To run"), [one.run for one in years]),
            row(msg("Loan paid back"), [one.loan for one in years]),
            row(msg("Fees"), [-one.fees for one in years]),
            row(*_what_is_missing([one.missing for one in years]), bold=True),
        ]
        if years
        else [],
        "said": " ".join(paper.say(one) for one in said)
        if years
        else paper.blank(msg("make a plan first: nothing is built yet."))["text"],
    }


def _what_is_missing(years: list[int]) -> tuple[Message, list[int]]:
    """Return how the row is called of what the fees do not bring, or bring beyond it, and its figures."""
    if any(years) and max(years) <= 0:
        return msg("Left over"), [-one for one in years]
    return msg("Missing (\u2212: left over)") if min(years) < 0 else msg("Missing"), years


def gives_part(paper: Paper) -> dict[str, Any]:
    """Return what people give that is not paid."""
    facts = paper.plan.papers
    days = round(facts.free_days)
    title = paper.say(msg("What the valley gives"))
    columns = [paper.say(msg("Given, not paid")), paper.say(msg("Days")), paper.say(msg("Worth"))]
    if not days:
        return {
            "title": title,
            "columns": columns,
            "rows": [],
            "asked": [paper.blank(msg("how many days of work do people give?"))],
        }
    worth = paper.number(days * facts.wage)
    return {
        "title": title,
        "columns": columns,
        "rows": [
            {"title": paper.say(msg("Work, outside the budget")), "cells": [paper.number(days), worth], "bold": True}
        ],
        "asked": [],
    }


def closes_part(paper: Paper) -> dict[str, Any]:
    """Return by what the month would be covered."""
    month = paper.sums.month
    if not month.missing:
        return {"text": ""}
    text = counted(
        "It closes with one of these: {fee} a month from {count} home, {least} from all, "
        "or {amount} a month from others.",
        "It closes with one of these: {fee} a month from {count} homes, {least} from all, "
        "or {amount} a month from others.",
        month.homes, fee=paper.fee(month.covering), least=paper.fee(month.covering_all),
        amount=paper.money(month.missing),
    )  # fmt: skip
    return {"text": paper.say(text)}


_TITLES: dict[Indicator, Message] = {
    Indicator.CAN_JOIN: msg("Homes that can join"),
    Indicator.PAY: msg("Homes that pay"),
    Indicator.PLACES: msg("Schools and health centres on the network"),
    Indicator.RATE: msg("Rate at a home, Mbit/s"),
    Indicator.HOURS: msg("Hours in 100 that towers have power"),
    Indicator.MENDED: msg("Days until a fault is mended"),
    Indicator.KEEPERS: msg("Keepers trained"),
    Indicator.KEEPERS_WOMEN: msg("Women among the keepers"),
    Indicator.WOMEN_DECIDE: msg("Women among those who decide"),
    Indicator.COVERED: msg("Share of the month that fees cover"),
}
_MEASURED: dict[Indicator, Message] = {
    Indicator.CAN_JOIN: msg("register of the network, each quarter"),
    Indicator.PAY: msg("accounts, shown to all each year"),
    Indicator.PLACES: msg("visit, speed test kept"),
    Indicator.RATE: msg("tests at ten homes, in the evening"),
    Indicator.HOURS: msg("monitor at the Internet connection"),
    Indicator.MENDED: msg("book of faults"),
    Indicator.KEEPERS: msg("list of the course"),
    Indicator.KEEPERS_WOMEN: msg("list of the course"),
    Indicator.WOMEN_DECIDE: msg("minutes of the assembly"),
    Indicator.COVERED: msg("accounts, shown to all each year"),
}
_QUESTIONS: dict[Indicator, Message] = {
    Indicator.PLACES: msg("how many have Internet today?"),
    Indicator.RATE: msg("what do homes have today, measured?"),
    Indicator.MENDED: msg("in how many days is a fault mended?"),
    Indicator.KEEPERS: msg("how many keepers?"),
    Indicator.KEEPERS_WOMEN: msg("how many of them are women?"),
    Indicator.WOMEN_DECIDE: msg("how many are women?"),
}


def indicators_part(paper: Paper) -> dict[str, Any]:
    """Return by what one knows, with today's figure and the targets."""
    phases = paper.sums.phases
    first = last = "\u2013"
    if phases:
        plan = paper.plan.phases
        first, last = paper.day(phases[0].on_air, plan[0].on_air), paper.day(phases[-1].on_air, plan[-1].on_air)

    def cell(one: PaperIndicator, value: float | None) -> dict[str, Any]:
        if value is None:
            return {"blank": one.indicator in _QUESTIONS, "text": "" if one.indicator in _QUESTIONS else "\u2013"}
        if one.indicator is Indicator.COVERED:
            return {"blank": False, "text": f"{paper.tongue.number(value)} %"}
        text = paper.tongue.number(value, 0 if float(value).is_integer() else 1)
        if one.of:
            text = paper.say(msg("{count} of {all}", count=text, all=paper.number(one.of)))
        return {"blank": False, "text": text}

    rows = []
    for one in paper_indicators(paper.plan, paper.sums):
        values = (one.baseline, one.first, one.last)
        asked = one.indicator in _QUESTIONS and None in values
        how: dict[str, Any] = {"blank": False, "text": paper.say(_MEASURED[one.indicator])}
        if asked:
            how = paper.blank(_QUESTIONS[one.indicator])
        rows.append(
            {
                "title": paper.say(_TITLES[one.indicator]),
                "cells": [
                    {"mark": found["blank"], "text": found["text"]} for found in (cell(one, value) for value in values)
                ],
                "how": how,
            }
        )
    how_today = paper.plan.papers.purpose.baseline_how
    return {
        "title": paper.say(msg("What will be different, and how we know")),
        "columns": [
            paper.say(msg("Indicator")), paper.say(msg("Today")), paper.say(msg("Target {day}", day=first)),
            paper.say(msg("Target {day}", day=last)), paper.say(msg("How it is measured")),
        ],
        "rows": rows,
        "notes": [printable(how_today)] if how_today.strip() else [],
    }  # fmt: skip

"""The paper for the assembly, as strings that its template sets: two pages to vote by, in words of everyday."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cn_planner.export.assembly_two import second_page
from cn_planner.export.paper_words import CONNECTION_COST, hotspots_words, not_answered, schools_words
from cn_planner.export.pdf_data import printable
from cn_planner.message import counted, msg
from cn_planner.model.plan import PowerSource
from cn_planner.report.paper_choices import Which, network_choices
from cn_planner.report.paper_money import Funder, month_later, whole
from cn_planner.report.paper_risks import Trouble, paper_risks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.export.paper_words import Paper
    from cn_planner.message import Message
    from cn_planner.report.paper_choices import NetworkChoice
    from cn_planner.report.paper_records import LeftOutRecord
    from cn_planner.report.paper_risks import PaperRisk

_MOST_LEFT_OUT = 5
"""Hamlets that have a row of their own; the rest is one row."""
_HAMLET = 57.0
"""Room for a word in the column of hamlets, points: bold letters are a tenth wider than those that are measured."""
_VIDEO_MBPS = 1.2
"""A video call in high quality asks so much each way: Zoom, "System requirements" (support.zoom.com), 1.2 Mbit/s."""


def assembly_data(paper: Paper) -> dict[str, Any]:
    """Return both pages."""
    head = paper.plan.headline
    title = counted(
        "Internet for {reached} of our {count:,g} homes", "Internet for {reached} of our {count:,g} homes",
        head.homes, reached=paper.homes(head.homes_reached),
    )  # fmt: skip
    if not (head.homes and head.complete):
        title = msg("Internet for our homes: the plan is not ready yet")
    what = msg("a paper for the assembly to vote on")
    choices = network_choices(paper.plan, paper.sums)
    return {
        "one": {
            **paper.head(title, what),
            "gets": _section(paper, msg("What a home gets"), _gets(paper)),
            "owns": _section(paper, msg("Who owns it, who repairs it"), _owns(paper)),
            "costs": _costs(paper),
            "covers": _covers(paper),
            "choices": _choices(paper, choices),
            "left": _left_out(paper),
            "vote": _vote(paper, choices),
        },
        "two": {
            **paper.head(msg("How it works, and what each of us does"), what),
            **second_page(paper),
        },
        "foot": paper.foot(),
        "paper": paper.say(msg("Assembly paper")),
        "not-ready": [] if head.complete else [paper.say(one.what) for one in paper.plan.missing[:4]],
    }


def _section(paper: Paper, title: Message, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": paper.say(title), "items": items}


def _gets(paper: Paper) -> list[dict[str, Any]]:
    items = [
        paper.item(msg("A small antenna on the roof"), msg("and WiFi in the house. It is yours to use.")),
    ]
    rate, share = paper.assumed("demand.mbps_per_home"), paper.assumed("demand.contention")
    if rate is not None and share is not None:
        lead = msg("Enough for a video call or a lesson.")
        if rate < _VIDEO_MBPS:
            lead = msg("Enough for messages and small pictures.")
        items.append(
            paper.item(lead, msg("In the evening too, when one of {count:,.0f} homes uses it in full.", count=share))
        )
    hours = [one.uptime_pct for one in paper.plan.power if one.uptime_pct is not None]
    if hours:
        works = paper.tongue.number(min(hours), 0 if min(hours) in (100.0, 0.0) else 1)
        lead = msg("Every tower has power {hours} of 100 hours.", hours=works)
        if any(site.power is PowerSource.GRID and site.mast_height_m is not None for site in paper.plan.sites):
            # How often the mains fail nobody has counted.
            lead = msg("Towers on the sun have power {hours} of 100 hours.", hours=works)
        items.append(paper.item(lead, msg("Storms and faults come on top of that.")))
    items.append(_on_foot(paper))
    return items


def _on_foot(paper: Paper) -> dict[str, Any]:
    spots, where = hotspots_words(paper), schools_words(paper)
    if spots is not None:
        return paper.item(msg("On foot:"), spots)
    if where is None:
        return paper.asked(msg("On foot"), msg("where can people use it with a phone?"))
    return paper.item(msg("On the network too:"), msg("{places}.", places=where))


def _owns(paper: Paper) -> list[dict[str, Any]]:
    answers, costs = paper.plan.papers.purpose, paper.plan.papers.costs
    items = []
    if answers.body.strip():
        items.append(paper.item(msg("{body} owns it", body=printable(answers.body)), msg("and answers for the money.")))
    else:
        items.append(paper.asked(msg("Who owns it"), msg("who owns it and answers for the money?")))
    if answers.keepers is not None:
        lead = counted("{count} keeper repairs it.", "{count} keepers repair it.", answers.keepers)
        paid = msg("Nobody is paid for it.")
        if costs.wages_month:
            paid = msg("They are paid {amount} a month together.", amount=paper.money(costs.wages_month))
        items.append(paper.item(lead, paid))
    else:
        items.append(paper.asked(msg("Who repairs it"), msg("how many keepers, and who?")))
    if answers.repair_days is not None:
        items.append(
            paper.item(
                counted(
                    "A fault is mended in {count:g} day.", "A fault is mended in {count:g} days.", answers.repair_days
                ),
            )
        )
    else:
        items.append(paper.asked(msg("A fault"), msg("in how many days is it mended?")))
    risk = _risk(paper, Trouble.OWNER)
    towers = paper.plan.headline.towers
    if towers:
        agreed = towers if risk is None else towers - int(risk.count)
        rent = msg("They get {amount} a month each.", amount=paper.money(costs.site_rent_month))
        if not costs.site_rent_month:
            rent = msg("No rent is planned.")
        lead = counted(
            "The owner of {agreed} of {count} place has agreed so far.",
            "Owners of {agreed} of {count} places have agreed so far.",
            towers, agreed=agreed,
        )  # fmt: skip
        items.append(paper.item(lead, rent))
    return items


def _risk(paper: Paper, trouble: Trouble) -> PaperRisk | None:
    return next((one for one in paper_risks(paper.plan, paper.sums) if one.trouble is trouble), None)


def _costs(paper: Paper) -> dict[str, Any]:
    money, costs = paper.sums, paper.plan.papers.costs
    rows: list[tuple[float, Message, bool]] = []
    missing = money.of(Funder.MISSING)
    once = msg("to build all, once")
    if missing:
        once = msg("to build all, once; {amount} of it is not yet found", amount=paper.money(missing))
    rows.append((money.build, once, False))
    rows.append((money.month.run, msg("to run, each month"), False))
    if money.month.loan:
        back = counted(
            "each month for {count} year, to pay back a loan of {amount}",
            "each month for {count} years, to pay back a loan of {amount}",
            costs.loan_years, amount=paper.money(costs.loan),
        )  # fmt: skip
        rows.append((money.month.loan, back, False))
    fee = money.month.fee
    if fee is not None:
        share = paper.number(costs.uptake_pct)
        words = msg("a home pays a month, if {share} of 100 homes join", share=share)
        if costs.fee_month is None:
            words = msg("a home would pay a month, if {share} of 100 homes join: no fee is set yet", share=share)
        rows.append((fee, words, True))
    return {
        "title": paper.say(msg("What it costs")),
        "rows": [{"amount": paper.fee(amount), "words": paper.say(words), "fee": fee} for amount, words, fee in rows],
    }


def _covers(paper: Paper) -> dict[str, Any]:
    month = paper.sums.month
    bars = [
        {"title": _month_word(paper, key, title), "amount": amount, "loan": False} for key, title, amount in month.lines
    ]
    if month.loan:
        bars.append({"title": paper.say(msg("Loan")), "amount": month.loan, "loan": True})
    fee = paper.fee(month.fee)
    answer = msg("Yes: {fee} covers it.", fee=fee)
    if month.missing:
        answer = msg("No: {fee} does not cover it.", fee=fee)
    elif paper.plan.papers.unsaid_connections:
        answer = msg("Not known: the Internet connection is not in it.")
    if month.fee is None:
        answer = msg("Nobody pays yet: no home is reached.")
    income = counted(
        "Comes in: {count} home × {fee} = {amount}", "Comes in: {count} homes × {fee} = {amount}", month.homes, fee=fee,
        amount=paper.money(month.income),
    )  # fmt: skip
    return {
        "answer": paper.say(answer),
        "out": paper.say(msg("Goes out each month: {amount}", amount=paper.money(month.run + month.loan))),
        "bars": bars,
        "in": paper.say(income),
        "income": min(month.income, month.run + month.loan),
        "fees": paper.say(msg("Fees")),
        "missing": month.missing,
        "missing-words": paper.say(msg("missing each month: {amount}", amount=paper.money(month.missing))),
        "lines": [paper.say(one) for one in _to_cover(paper)],
    }


_SHORT: dict[str, Message] = {
    "uplink": msg("Internet"),
    "power": msg("Power"),
    "maintenance": msg("Repair"),
    "radios": msg("New radios"),
    "batteries": msg("New batteries"),
    "rent": msg("Rent"),
    "licences": msg("Licences"),
    "wages": msg("Keepers"),
}


def _month_word(paper: Paper, key: str, title: Message) -> str:
    return paper.say(_SHORT.get(key, title))


def _to_cover(paper: Paper) -> list[Message]:
    month, income = paper.sums.month, paper.plan.papers.costs.income_month
    said = []
    if paper.plan.papers.unsaid_connections:
        said.append(not_answered(CONNECTION_COST))
    if month.missing and month.covering is not None and month.covering_all is not None:
        said.append(
            counted(
                "To cover all, a home pays {fee} where {count} pays, or {least} where all do.",
                "To cover all, a home pays {fee} where {count} pay, or {least} where all do.",
                month.homes, fee=paper.fee(month.covering), least=paper.fee(month.covering_all),
            )
        )  # fmt: skip
    if income and month.fee is not None:
        said.append(
            msg(
                "A home here has about {income} a month: {fee} is {share} of each 100.",
                income=paper.money(income), fee=paper.fee(month.fee),
                share=paper.tongue.number(100.0 * month.fee / income, 1),
            )
        )  # fmt: skip
    elif month.fee is not None:
        said.append(msg("not answered: what has a home to live on a month?"))
    return said


_WHICH = {Which.SMALLER: msg("Smaller"), Which.THIS: msg("This plan"), Which.LARGER: msg("Larger")}


def _choices(paper: Paper, choices: tuple[NetworkChoice, ...]) -> dict[str, Any]:
    by_kind = {one.which: one for one in choices}
    start = paper.sums.phases[0].begins if paper.sums.phases else None

    def built(one: NetworkChoice) -> str:
        if not one.months:
            return "\u2013"
        if start is None:
            return paper.say(msg("month {number}", number=one.months))
        return paper.day(month_later(start, one.months - 1))

    def missing(one: NetworkChoice) -> str:
        # Nothing is missing of what is counted, and the Internet connection is not.
        return "?" if paper.plan.papers.unsaid_connections and not one.missing else paper.money(one.missing)

    rows: tuple[tuple[Message, Any], ...] = (
        (msg("Towers"), lambda one: paper.number(one.towers)),
        (msg("Homes connected"), lambda one: paper.homes(one.homes)),
        (msg("Homes left out"), lambda one: paper.homes(one.left_out)),
        (msg("To build"), lambda one: paper.money(one.build)),
        (msg("To run a month"), lambda one: paper.money(one.run)),
        (msg("Missing a month"), missing),
        (msg("Built by"), built),
    )
    notes = []
    if paper.plan.papers.outdated:
        notes.append(msg("not answered: the plan has changed since; what would less or more cost now?"))
    elif not paper.plan.papers.choices:
        notes.append(
            msg("not answered: what would a smaller and a larger network cost? “Cost against homes” tells it.")
        )
    elif Which.LARGER not in by_kind:
        notes.append(msg("No larger one was found: no other place for a tower reaches more homes."))
    return {
        "title": paper.say(msg("Three choices")),
        "columns": [paper.say(_WHICH[one]) for one in Which],
        "rows": [
            {
                "title": paper.say(title),
                "cells": [cell(by_kind[one]) if one in by_kind else "" for one in Which],
            }
            for title, cell in rows
        ],
        "known": [one in by_kind for one in Which],
        "notes": [paper.say(one) for one in notes],
    }


def _left_out(paper: Paper) -> dict[str, Any]:
    rows = paper.plan.papers.left_out
    head = paper.plan.headline
    shown, rest = rows[:_MOST_LEFT_OUT], rows[_MOST_LEFT_OUT:]
    if len(rest) == 1:
        shown, rest = rows, ()
    out = [_left_row(paper, one) for one in shown]
    if rest:
        costs = [one.cost for one in rest if one.cost is not None]
        out.append(
            {
                "hamlet": paper.say(_more_groups(rest)),
                "homes": paper.homes(sum(one.homes for one in rest)),
                "why": "",
                "cost": paper.money(sum(costs)) if costs else "?",
            }
        )
    costs = [whole(one.cost) for one in shown if one.cost is not None]
    more = [one.cost for one in rest if one.cost is not None]
    costs += [whole(sum(more))] if more else []
    gone = head.homes - head.homes_reached
    # Where no way is known for some, what the others take is not what all of them take: the line says so.
    without = math.fsum(one.without for one in rows)
    notes = [_no_way(without)] if without else []
    needed = [takes for one in rows for takes in one.takes if "site" in dict(takes.values)]
    if len(set(needed)) < len(needed):
        notes.append(msg("what several rows need is counted in each"))
    text = ""
    if not rows:
        text = (
            paper.say(msg("Nobody: every home is reached."))
            if gone <= 0 and head.homes
            else paper.say(counted("{count:,g} home is left out.", "{count:,g} homes are left out.", gone))
        )
    return {
        "title": paper.say(msg("Who is left out")),
        "columns": [
            paper.say(one) for one in (msg("Hamlet"), msg("Homes"), msg("Why; what it takes"), msg("Costs more"))
        ],
        "rows": out,
        "total": [
            paper.say(msg("All of them")), paper.homes(gone),
            ", ".join(paper.say(one) for one in notes) if costs else "", paper.money(sum(costs)) if costs else "?",
        ],
        "text": text,
    }  # fmt: skip


def _more_groups(rest: Sequence[LeftOutRecord]) -> Message:
    if all(one.hamlet for one in rest):
        return counted("{count} more hamlet", "{count} more hamlets", len(rest))
    return counted("{count} more group of homes", "{count} more groups of homes", len(rest))


def _no_way(homes: float) -> Message:
    return counted("for {count:,g} home no way is known", "for {count:,g} homes no way is known", homes)


def without_way(one: LeftOutRecord) -> tuple[Message, ...]:
    """Return for how many homes of a hamlet no way is known, in words; nothing where one is known for all."""
    if not one.without:
        return ()
    if one.cost is None:
        return (msg("no way is known yet"),)
    return (_no_way(one.without),)


def _left_row(paper: Paper, one: LeftOutRecord) -> dict[str, Any]:
    parts = [paper.say(takes) for takes in (*one.takes, *without_way(one))]
    why = paper.say(one.reason) + (": " + ", ".join(parts) if parts else "")
    return {
        "hamlet": paper.group(one, _HAMLET, 8.5),
        "homes": paper.homes(one.homes),
        "why": why,
        "cost": "?" if one.cost is None else paper.money(one.cost),
    }


def _vote(paper: Paper, choices: tuple[NetworkChoice, ...]) -> dict[str, Any]:
    by_kind = {one.which: one for one in choices}
    rows = []
    for which in Which:
        name = paper.say(_WHICH[which])
        if which in by_kind:
            towers = counted("{name}: {count} tower", "{name}: {count} towers", by_kind[which].towers, name=name)
            name = paper.say(towers)
        rows.append(name)
    rows.append(paper.say(msg("Look again")))
    every = msg("Present, of {count}", count=paper.number(paper.plan.headline.homes))
    if paper.plan.papers.purpose.deciding is not None:
        every = msg("Present, of {count}", count=paper.number(paper.plan.papers.purpose.deciding))
    return {
        "title": paper.say(msg("We vote")),
        "columns": [paper.say(one) for one in (msg("In favour"), msg("Against"), msg("No vote"))],
        "rows": rows,
        "change": paper.say(msg("Change first:")),
        "lines": [
            [paper.say(one) for one in (msg("Date"), every, msg("Women present"))],
            [paper.say(one) for one in (msg("Chair"), msg("Secretary"))],
            [paper.say(msg("Witness"))] * 2,
        ],
    }

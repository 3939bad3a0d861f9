"""The second page of the paper for the assembly: how it works, what can go wrong, who gives what, when, questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import dates

from cn_planner.export.paper_words import hotspots_words, schools_words
from cn_planner.export.pdf_data import printable
from cn_planner.message import counted, in_a_row, msg
from cn_planner.model.plan import SiteRole
from cn_planner.planning.phases import not_joined
from cn_planner.report.money_notes import rate_notes
from cn_planner.report.paper_money import Funder, month_later
from cn_planner.report.paper_risks import Trouble, paper_risks

if TYPE_CHECKING:
    from cn_planner.export.paper_words import Paper
    from cn_planner.message import Message
    from cn_planner.report.paper_risks import PaperRisk

_MOST_NAMES = 2
_MONTHS_SHOWN = 36


def second_page(paper: Paper) -> dict[str, Any]:
    """Return the page's parts."""
    return {
        "works": _works(paper),
        "wrong": _wrong(paper),
        "gives": _gives(paper),
        "when": timeline(paper),
        "asked": _questions(paper),
    }


def _works(paper: Paper) -> dict[str, Any]:
    plan = paper.plan
    doors = plan.papers.doors
    gate = next(
        (
            site.name or site.id
            for site in plan.sites
            if site.role is SiteRole.GATEWAY and site.mast_height_m is not None
        ),
        "",
    )
    enters = msg("by a connection to {site}.", site=printable(gate)) if gate else msg("where it does, nobody said yet.")
    ways = [msg("{how} to {site}.", how=_KINDS[one.kind], site=printable(one.name)) for one in doors
            if one.kind in _KINDS]  # fmt: skip
    if ways:
        enters = ways[0]
    if len(ways) > 1:
        enters = msg("{places}.", places=", ".join(paper.say(one).rstrip(" .\u0964") for one in ways))
    bill = next((amount for key, _, amount in paper.sums.month.lines if key == "uplink"), 0)
    if bill and len(doors) > 1:
        enters = msg("{enters} All connections together: {amount} a month.", enters=enters, amount=paper.money(bill))
    elif bill:
        enters = msg("{enters} One bill for all: {amount} a month.", enters=enters, amount=paper.money(bill))
    where = schools_words(paper)
    school = msg("a phone with WiFi works where the village puts a box for all.")
    if where is not None:
        school = msg("{places} have it: a phone with WiFi may work there too, if they let it.", places=where)
    school = hotspots_words(paper) or school
    steps = (
        (msg("The Internet comes in"), enters),
        (msg("Towers pass it on"), msg("by radio from hill to hill. Where there is no mains, the sun feeds them.")),
        (msg("A roof antenna"), msg("looks at one tower. Nothing may stand between: no wall, no tree.")),
        (msg("On foot"), school),
    )
    return {
        "steps": [{"title": paper.say(title), "text": paper.say(text)} for title, text in steps],
        "labels": {
            "radio": paper.say(msg("no cable: radio")),
            "cable": paper.say(msg("comes in here")),
            "school": paper.say(msg("School")),
        },
    }


_KINDS: dict[str, Message] = {
    "fibre": msg("by a cable"),
    "cellular": msg("from the mobile network"),
    "satellite": msg("from a satellite"),
    "neighbour": msg("from the neighbour network"),
}


def _wrong(paper: Paper) -> dict[str, Any]:
    rows = [(trouble_title(one), trouble_words(one, paper)) for one in paper_risks(paper.plan, paper.sums)]
    return {
        "title": paper.say(msg("What could go wrong, and what we do")),
        "rows": [{"title": paper.say(title), "text": paper.say(text)} for title, text in rows if text is not None],
    }


def trouble_title(one: PaperRisk) -> Message:
    """Return what could go wrong, in a few words."""
    return {
        Trouble.UNPAID: msg("The fees do not cover it"),
        Trouble.OWNER: msg("An owner says no"),
        Trouble.LINK: msg("A link does not work"),
        Trouble.TOWER: msg("{place} falls silent", place=printable(one.place)),
        Trouble.UPLINK: msg("The connection at {place} is cut", place=printable(one.place)),
        Trouble.SUN: msg("Days without sun"),
        Trouble.LIGHTNING: msg("Lightning"),
        Trouble.PRICES: msg("Prices are higher"),
        Trouble.FALL: msg("Somebody falls"),
    }[one.trouble]


def trouble_words(one: PaperRisk, paper: Paper) -> Message | None:
    """Return what a trouble does and what is done; None where it has no room on this paper."""
    days = paper.plan.papers.purpose.repair_days
    match one.trouble:
        case Trouble.UNPAID:
            return msg(
                "{amount} a month is missing as planned. Build only when this is found.", amount=paper.money(one.count)
            )
        case Trouble.OWNER:
            return msg(
                "{count:.0f} of {of:.0f} have not signed. Buy nothing for a tower before its owner signs.",
                count=one.count, of=one.of,
            )  # fmt: skip
        case Trouble.TOWER:
            back = msg("A spare set is kept.")
            if days is not None:
                back = counted(
                    "A spare set is kept; back in {count:g} day.", "A spare set is kept; back in {count:g} days.", days
                )
            silent = counted("Then {count:,g} home is silent.", "Then {count:,g} homes are silent.", one.homes)
            return msg("{silent} {back}", silent=silent, back=back)
        case Trouble.UPLINK:
            return counted(
                "{count:,g} home waits. Ask the provider to promise in writing when it is mended.",
                "All {count:,g} homes wait. Ask the provider to promise in writing when it is mended.",
                one.homes,
            )
        case Trouble.SUN:
            if one.count:
                return counted(
                    "Batteries last {count:.0f} day. If clouds stay longer, the tower sleeps.",
                    "Batteries last {count:.0f} days. If clouds stay longer, the tower sleeps.", one.count,
                )  # fmt: skip
            return msg("How long batteries last is not known: say what the sun brings here.")
        case Trouble.LIGHTNING:
            return msg("Rod and earth at each tower. Spare radios lie ready.")
        case Trouble.PRICES:
            return msg(
                "Prices of {count:.0f} of {of:.0f} goods are examples. Ask a supplier before the vote.",
                count=one.count,
                of=one.of,
            )
        case Trouble.FALL:
            return msg("Only two trained people together climb, with harness; never in wind or rain.")
        case _:
            return None


def _gives(paper: Paper) -> dict[str, Any]:
    facts, money, towers = paper.plan.papers, paper.sums, paper.plan.headline.towers
    rent = msg("The owner signs, and gets {amount} a month.", amount=paper.money(facts.costs.site_rent_month))
    if not facts.costs.site_rent_month:
        rent = msg("The owner signs. No rent is planned.")
    items = [
        {
            "sign": "land",
            **paper.item(counted("{count} place for a tower.", "{count} places for towers.", towers), rent),
        }
    ]
    unpaid = counted("{count:,.0f} day, unpaid", "{count:,.0f} days, unpaid", round(facts.free_days))
    days, wage = round(facts.paid_days), paper.fee(facts.wage)
    paid = counted("{count:,.0f} day is paid, {wage} each.", "{count:,.0f} days are paid, {wage} each.",
                   days, wage=wage)  # fmt: skip
    if facts.costs.labour_day is None:
        paid = counted("{count:,.0f} day is paid, {wage} each, an example.",
                       "{count:,.0f} days are paid, {wage} each, an example.", days, wage=wage)  # fmt: skip
    if facts.free_days:
        items.append(
            {"sign": "work", **paper.item(unpaid, msg("from all together: carry, dig, pour. {paid}", paid=paid))}
        )
    else:
        items.append(
            {
                "sign": "work",
                **paper.item(msg("Work:"), paid),
                "more": paper.say(msg("not answered: how many days does each home give?")),
            }
        )
    fee = money.month.fee
    if fee is not None:
        items.append(
            {
                "sign": "money",
                **paper.item(
                    msg("{fee} a month", fee=paper.fee(fee)),
                    msg("from each home that joins. The antenna is in the price above."),
                ),
            }
        )
    names = {
        Funder.GRANT: _from(paper, msg("Gift"), facts.purpose.grant_from, msg("who gives it?")),
        Funder.LOAN: _from(paper, msg("Loan"), facts.purpose.loan_from, msg("who lends it?")),
        Funder.MISSING: paper.say(msg("Not yet found")),
    }
    return {
        "title": paper.say(msg("What each of us gives")),
        "items": items,
        "from": paper.say(msg("The money to build comes from")),
        "rows": [
            {"title": names[who], "amount": paper.money(amount), "bold": who is Funder.MISSING}
            for who, amount in money.funders
            if amount or who is not Funder.MISSING
        ]
        + [{"title": paper.say(msg("To build")), "amount": paper.money(money.build), "bold": True}],
    }


def _from(paper: Paper, kind: Message, who: str, question: Message) -> str:
    if who.strip():
        return f"{printable(who)}: {paper.say(kind)}"
    return f"{paper.say(kind)} ({paper.blank(question)['text']})"


def timeline(paper: Paper) -> dict[str, Any]:
    """Return the steps over months: a bar each, and how many homes are on the air after it."""
    plan, phases = paper.plan, paper.sums.phases
    names = {site.id: printable(site.name or site.id) for site in plan.sites}
    start = phases[0].begins if phases else None
    months = max((one.on_air for one in plan.phases), default=1) - 1
    climb = {int(one) for one in plan.papers.purpose.no_climb_months}
    heads = []
    for n in range(months):
        if start is None:
            heads.append({"letter": str(n + 1), "year": "", "wet": False})
            continue
        day = month_later(start, n)
        letter = dates.format_date(day, "LLLLL", locale=paper.tongue.locale)
        year = str(day.year) if n == 0 or day.month == 1 else ""
        heads.append({"letter": printable(letter), "year": year, "wet": day.month in climb})
    rows = []
    for one in plan.phases:
        towers = [names.get(key, key) for key in one.sites]
        named = ", ".join(towers[:_MOST_NAMES]) + (
            f" +{len(towers) - _MOST_NAMES}" if len(towers) > _MOST_NAMES else ""
        )
        rows.append(
            {
                "name": f"{one.number} {named}",
                "homes": paper.say(msg("homes on the air: {homes}", homes=paper.homes(one.homes_so_far))),
                "begins": one.begins - 1,
                "on-air": one.on_air - 1,
            }
        )
    alone = sum(one.joined for one in plan.phases)
    title = counted("When: {count} step, which works alone", "When: {count} steps, each works alone", alone)
    legend = (msg("ask, sign, permit"), msg("buy and carry up"), msg("masts, power, links"), msg("antennas of homes"))
    note = msg("The four works of a step are drawn in equal parts; their order is what counts.")
    if start is None:
        note = msg("not answered: on which day does the work begin? Months are counted from then.")
    if alone < len(rows):
        note = in_a_row(note, not_joined(plan.phases[-1].number))
    return {
        "title": paper.say(title),
        "months": heads,
        "every": 1 if months <= _MONTHS_SHOWN else 3,
        "rows": rows,
        "legend": [paper.say(one) for one in legend],
        "wet": paper.say(msg("no climbing")) if any(one["wet"] for one in heads) else "",
        "note": paper.say(note),
    }


def _questions(paper: Paper) -> dict[str, Any]:
    answers = paper.plan.papers.purpose
    kit = paper.plan.papers.a_home
    later = msg("Yes, where a tower sees your roof and has room.")
    if kit:
        later = msg(
            "Yes, where a tower sees your roof and has room. An antenna costs {amount} then.", amount=paper.money(kit)
        )
    rows: list[tuple[Message, dict[str, Any]]] = [
        (msg("Can I join later?"), _plain(paper, later)),
        (
            msg("Are the radios bad for us?"),
            _plain(paper, msg("They send no more than the law allows. Do not stand in front of one.")),
        ),
        (msg("Whom do I call when it is silent?"), paper.answer(answers.call, msg("whom, and at which number?"))),
        (
            msg("My phone is old. Is it enough?"),
            _plain(paper, msg("Yes, if it has WiFi. You need no card and no new number.")),
        ),
        (
            msg("Can others see what I write?"),
            _plain(paper, msg("The radios lock what they send. Lock your WiFi too, with a password of your own.")),
        ),
        (msg("What if I cannot pay one month?"), paper.answer(answers.cannot_pay, msg("the assembly writes:"))),
    ]
    # That prices are examples stands under the page already.
    notes = [paper.say(one) for one in rate_notes(paper.plan)[: -1 if paper.plan.headline.example_prices else None]]
    return {
        "title": paper.say(msg("Questions and answers")),
        "rows": [{"question": paper.say(question), **answer} for question, answer in rows],
        "notes": notes,
    }


def _plain(paper: Paper, text: Message) -> dict[str, Any]:
    return {"blank": False, "text": paper.say(text)}

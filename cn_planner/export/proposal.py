"""The proposal to a donor or a ministry, as strings that its template sets: at most fifteen pages, blanks named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.export.assembly import without_way
from cn_planner.export.assembly_two import timeline, trouble_title, trouble_words
from cn_planner.export.paper_words import Column, column, money_lead
from cn_planner.export.pdf_data import breakable, printable
from cn_planner.export.proposal_money import budget_part, closes_part, gives_part, indicators_part, running_part
from cn_planner.message import counted, msg
from cn_planner.model.owners import owner_agreed
from cn_planner.model.plan import PowerSource
from cn_planner.planning.phases import not_joined
from cn_planner.report import words
from cn_planner.report.paper_money import Funder
from cn_planner.report.paper_risks import Likely, Trouble, paper_risks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.export.paper_words import Paper
    from cn_planner.message import Message
    from cn_planner.report.paper_risks import PaperRisk

_MOST_ROWS = 30
"""Of a table: what is more stands in the spreadsheet."""


def proposal_data(paper: Paper) -> dict[str, Any]:
    """Return the proposal, part by part."""
    answers = paper.plan.papers.purpose
    asked = paper.sums.of(Funder.MISSING)
    name, homes = printable(paper.plan.meta.plan), paper.plan.headline.homes_reached
    title = counted("{plan}: {amount} for {count:,g} home", "{plan}: {amount} for {count:,g} homes", homes,
                    plan=name, amount=paper.money(asked))  # fmt: skip
    if not asked:
        title = counted("{plan}: Internet for {count:,g} home", "{plan}: Internet for {count:,g} homes", homes,
                        plan=name)  # fmt: skip
    what = msg("a proposal")
    if answers.asked_from.strip():
        what = msg("a proposal to {who}", who=printable(answers.asked_from))
    parts = {
        "aim": _aim(paper),
        "map": {"title": paper.say(msg("Where it is"))},
        "towers": _towers(paper),
        "left": _left_out(paper),
        "budget": budget_part(paper),
        "running": running_part(paper),
        "gives": gives_part(paper),
        "closes": closes_part(paper),
        "indicators": indicators_part(paper),
        "phases": _phases(paper),
        "when": timeline(paper),
        "power": _power(paper),
        "risks": _risks(paper),
        "lasting": _lasting(paper),
        "safety": _safety(paper),
        "licences": _licences(paper),
        "sources": _sources(paper),
    }
    return {
        "head": paper.head(title, what),
        **parts,
        "blanks": paper.say(
            counted(
                "{count} question is not answered yet: it is marked with ? and asked where it belongs.",
                "{count} questions are not answered yet: they are marked with ? and asked where they belong.",
                _blanks(parts),
            )
        ),
        "has-blanks": _blanks(parts) > 0,
        "foot": paper.foot(),
        "paper": paper.say(msg("Proposal")),
    }


def _blanks(part: object) -> int:
    """Return how many blanks stand in a part."""
    if isinstance(part, dict):
        return int(part.get("blank") is True) + sum(_blanks(one) for one in part.values())
    return sum(_blanks(one) for one in part) if isinstance(part, list) else 0


def _aim(paper: Paper) -> dict[str, Any]:
    plan, answers, head = paper.plan, paper.plan.papers.purpose, paper.plan.headline

    def number(value: int | None, question: Message) -> dict[str, Any]:
        return paper.blank(question) if value is None else {"blank": False, "text": paper.number(value)}

    people = {"blank": True, "text": paper.blank(msg("how many people live in each home?"))["text"]}
    if head.people_reached is not None:
        people = {"blank": False, "text": paper.number(head.people_reached)}
    homes = msg("{reached} of {all}", reached=paper.homes(head.homes_reached), all=paper.homes(head.homes))
    facts = [
        (msg("Homes on the network"), {"blank": False, "text": paper.say(homes)}),
        (msg("People in these homes"), people),
        (msg("Women in the area"), number(answers.women, msg("how many women live in the area?"))),
        (msg("Children in the area"), number(answers.children, msg("how many children live in the area?"))),
        (msg("Schools in the area"), number(answers.schools, msg("how many schools are there?"))),
        (msg("Health centres in the area"), number(answers.clinics, msg("how many health centres are there?"))),
        (msg("Responsible body"), paper.answer(answers.body, msg("who owns it and answers for the money?"))),
        (msg("Whom to write to"), paper.answer(answers.contact, msg("name, address or telephone?"))),
    ]
    return {
        "title": paper.say(msg("What it is for")),
        "aim": paper.answer(answers.aim, msg("what is the network for, in a sentence or two?")),
        "lead": money_lead(paper),
        "facts-title": paper.say(msg("For whom, and who answers for it")),
        "facts": [{"title": paper.say(title), **value} for title, value in facts],
        "invented": paper.say(msg("This place is invented: an example to learn from.")) if plan.meta.invented else "",
    }


def _table(
    paper: Paper, title: Message, columns: Sequence[Column], rows: list[list[Any]], *, notes: Sequence[Message] = ()
) -> dict[str, Any]:
    """Return a table as the template sets it, cut to what a page bears."""
    said = [paper.say(one) for one in notes]
    if len(rows) > _MOST_ROWS:
        more = len(rows) - _MOST_ROWS
        said.append(paper.say(counted("{count} more in the spreadsheet.", "{count} more in the spreadsheet.", more)))
    return {
        "title": paper.say(title),
        "columns": [{"title": paper.say(one.title), "right": one.right, "share": one.share} for one in columns],
        "rows": rows[:_MOST_ROWS],
        "notes": said,
    }


def _towers(paper: Paper) -> dict[str, Any]:
    names = {site.id: printable(site.name or site.id) for site in paper.plan.sites}
    used = [site for site in paper.plan.sites if site.mast_height_m is not None]
    used.sort(key=lambda site: (site.phase or 0, site.id))
    rows: list[list[Any]] = []
    for site in used:
        agreed = owner_agreed(site)
        rows.append(
            [
                breakable(names[site.id], 90.0, 8.0),
                "\u2013" if site.phase is None else paper.number(site.phase),
                paper.tongue.figure(site.mast_height_m or 0.0, "m"),
                paper.homes(site.homes),
                names.get(site.upstream or "", "\u2013"),
                paper.say(words.POWER_WORDS[site.power]),
                paper.say(msg("yes")) if agreed else {"blank": True, "text": ""},
                paper.amount(site.cost or 0.0),
            ]
        )
    columns = (
        column(msg("Tower")), column(msg("Phase"), right=True), column(msg("Mast"), right=True),
        column(msg("Homes"), right=True), column(msg("Fed by")), column(msg("Power")), column(msg("Owner agreed")),
        column(msg("To build"), right=True),
    )  # fmt: skip
    note = msg(
        "Amounts in {currency}. Homes' antennas, spares, training and the rest are in the budget.",
        currency=paper.plan.meta.currency,
    )
    return _table(paper, msg("What is built"), columns, rows, notes=(note,))


def _left_out(paper: Paper) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for one in paper.plan.papers.left_out:
        takes = ", ".join(paper.say(part) for part in (*one.takes, *without_way(one)))
        unknown: Any = {"blank": True, "text": paper.say(msg("no way is known yet"))}
        rows.append(
            [
                paper.group(one, 90.0, 8.0),
                paper.homes(one.homes),
                paper.say(one.reason),
                takes or unknown,
                "?" if one.cost is None else paper.amount(one.cost),
            ]
        )
    columns = (
        column(msg("Hamlet")), column(msg("Homes"), right=True), column(msg("Why"), share=1.0),
        column(msg("What it takes"), share=1.0), column(msg("Costs more"), right=True),
    )  # fmt: skip
    return _table(paper, msg("Who is left out"), columns, rows)


def _phases(paper: Paper) -> dict[str, Any]:
    names = {site.id: printable(site.name or site.id) for site in paper.plan.sites}
    rows: list[list[Any]] = []
    for one, money in zip(paper.plan.phases, paper.sums.phases, strict=True):
        towers = ", ".join(names.get(key, key) for key in one.sites[:6]) + (" …" if len(one.sites) > 6 else "")
        rows.append(
            [
                paper.number(one.number), towers, paper.homes(one.homes), paper.homes(one.homes_so_far),
                paper.day(money.begins, one.begins), paper.day(money.on_air, one.on_air), paper.amount(money.cost),
            ]
        )  # fmt: skip
    total = ["", paper.say(msg("All")), paper.homes(paper.plan.phases[-1].homes_so_far) if rows else "", "", "", "",
             paper.amount(paper.sums.build)]  # fmt: skip
    columns = (
        column(msg("Phase"), right=True), column(msg("Towers"), share=1.0), column(msg("Homes"), right=True),
        column(msg("So far"), right=True), column(msg("Begins")), column(msg("On the air")),
        column(msg("To build"), right=True),
    )  # fmt: skip
    notes = [msg("Amounts in {currency}. Each phase works alone.", currency=paper.plan.meta.currency)]
    if rows and not paper.plan.phases[-1].joined:
        notes.append(not_joined(paper.plan.phases[-1].number))
    return {**_table(paper, msg("Phases"), columns, rows, notes=tuple(notes)), "total": total if rows else []}


def _power(paper: Paper) -> dict[str, Any]:
    plan = paper.plan
    used = [site for site in plan.sites if site.mast_height_m is not None]
    sunny = sum(site.power is PowerSource.SOLAR for site in used)
    mains = sum(site.power is PowerSource.GRID for site in used)
    unknown = len(used) - sunny - mains
    lead = [
        counted("{count} tower runs on the sun.", "{count} towers run on the sun.", sunny),
        counted("{count} tower is on the mains.", "{count} towers are on the mains.", mains),
    ]
    rows: list[list[Any]] = [
        [
            breakable(printable(one.name or one.site), 80.0, 8.0),
            f"{paper.number(one.load_w)} W",
            printable(one.panels) or "\u2013",
            printable(one.batteries) or "\u2013",
            "\u2013" if one.autonomy_days is None else paper.tongue.number(one.autonomy_days, 1),
            "\u2013" if one.uptime_pct is None else f"{paper.tongue.number(one.uptime_pct, 1)} %",
            "\u2013" if one.cost is None else paper.amount(one.cost),
        ]
        for one in plan.power
    ]
    columns = (
        column(msg("Tower")), column(msg("Draws"), right=True), column(msg("Panels"), share=1.0),
        column(msg("Batteries"), share=1.0), column(msg("Days without sun"), right=True),
        column(msg("Works, of the year"), right=True), column(msg("Of the price"), right=True),
    )  # fmt: skip
    found = _table(paper, msg("Power"), columns, rows)
    asked = [paper.blank(msg("what feeds {count} towers?", count=unknown))] if unknown else []
    if sunny and not plan.sun:
        asked.append(paper.blank(msg("what does the sun bring here, month by month?")))
    return {**found, "lead": " ".join(paper.say(one) for one in lead), "asked": asked}


_LIKELY = {
    Likely.CERTAIN: msg("certain, as planned"),
    Likely.HIGH: msg("it may well come"),
    Likely.MIDDLE: msg("it may come"),
    Likely.LOW: msg("it hardly comes"),
}


def _risks(paper: Paper) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for one in paper_risks(paper.plan, paper.sums):
        likely: Any = {"blank": True, "text": ""}
        if one.likely in _LIKELY:
            likely = paper.say(_LIKELY[one.likely])
        if one.trouble is Trouble.LINK:
            likely = paper.say(msg("{words}: {count:.0f} in 100", words=_LIKELY[one.likely], count=one.count))
        done = trouble_words(one, paper)
        if one.trouble is Trouble.LINK:
            done = msg("Look at it from both ends before anything is bought; a higher mast, or a tower in between.")
        rows.append(
            [
                paper.say(trouble_title(one)) + (f": {printable(one.place)}" if one.trouble is Trouble.LINK else ""),
                likely,
                paper.homes(one.homes) if one.homes else "\u2013",
                "" if done is None else paper.say(done),
                _minds(paper, one),
            ]
        )
    columns = (
        column(msg("What could go wrong"), share=1.0), column(msg("How likely"), share=0.7),
        column(msg("Homes silent"), right=True), column(msg("What we do"), share=1.6),
        column(msg("Who minds it"), share=0.8),
    )  # fmt: skip
    asked = any(isinstance(row[1], dict) for row in rows)
    notes = (msg("How likely: ? is not answered: how often has it happened so far?"),) if asked else ()
    return _table(paper, msg("Risks"), columns, rows, notes=notes)


def _minds(paper: Paper, one: PaperRisk) -> dict[str, Any]:
    answers = paper.plan.papers.purpose
    if one.trouble is Trouble.FALL:
        return paper.answer(answers.safety, msg("who?"))
    if one.trouble in (Trouble.UNPAID, Trouble.OWNER, Trouble.PRICES):
        return paper.answer(answers.body, msg("who?"))
    if answers.keepers:
        keepers = counted("the keeper", "the {count} keepers", answers.keepers)
        return {"blank": False, "text": paper.say(keepers)}
    return paper.blank(msg("who?"))


def _lasting(paper: Paper) -> dict[str, Any]:
    answers, month = paper.plan.papers.purpose, paper.sums.month
    by_key = {key: amount for key, _, amount in month.lines}
    aside = by_key.get("radios", 0) + by_key.get("batteries", 0)
    rows = [
        (msg("Who owns it"), paper.answer(answers.body, msg("who owns it and answers for the money?"))),
        (msg("Who keeps it running"), _keepers(paper)),
        (msg("What a home pays"), _fee(paper)),
        (msg("Set aside each month for new radios and batteries"), _text(paper.money(aside)) if aside else paper.blank(
            msg("after how many years are radios and batteries replaced?"))),
        (msg("A home that cannot pay"), paper.answer(answers.cannot_pay, msg("what happens to it?"))),
        (msg("Whom a home calls"), paper.answer(answers.call, msg("whom, and at which number?"))),
    ]  # fmt: skip
    if paper.plan.headline.later is not None:
        rows.append((msg("Later"), _text(printable(paper.say(paper.plan.headline.later)))))
    return {
        "title": paper.say(msg("How it lasts")),
        "rows": [{"title": paper.say(title), **value} for title, value in rows],
    }


def _text(text: str) -> dict[str, Any]:
    return {"blank": False, "text": text}


def _keepers(paper: Paper) -> dict[str, Any]:
    answers, costs = paper.plan.papers.purpose, paper.plan.papers.costs
    if answers.keepers is None:
        return paper.blank(msg("how many keepers, and who?"))
    said = counted("{count} keeper", "{count} keepers", answers.keepers)
    paid = msg("{said}, not paid", said=said)
    if costs.wages_month:
        paid = msg("{said}, paid {amount} a month together", said=said, amount=paper.money(costs.wages_month))
    return _text(paper.say(paid))


def _fee(paper: Paper) -> dict[str, Any]:
    costs, month = paper.plan.papers.costs, paper.sums.month
    if costs.fee_month is None:
        if paper.plan.papers.unsaid_connections:
            return paper.blank(
                msg("how much a month? {fee} would cover all but the Internet connection.",
                    fee=paper.fee(month.covering))
            )  # fmt: skip
        return paper.blank(msg("how much a month? {fee} would cover all.", fee=paper.fee(month.covering)))
    words_ = counted("{fee} a month, as set; {count:,g} home pays", "{fee} a month, as set; {count:,g} homes pay",
                     month.homes, fee=paper.fee(month.fee))  # fmt: skip
    return _text(paper.say(words_))


def _safety(paper: Paper) -> dict[str, Any]:
    plan, answers = paper.plan, paper.plan.papers.purpose
    used = [site for site in plan.sites if site.mast_height_m is not None]
    there = {pack.site for pack in plan.packs if pack.stands}  # what hangs on a mast that stands buys it no rod
    raised = [site for site in used if site.id not in there]
    highest = max((site.mast_height_m or 0.0 for site in raised), default=0.0)
    watts = sum(one.panel_wp or 0.0 for one in plan.power)
    over = [one for one in plan.antennas if one.limit_margin_db is not None and one.limit_margin_db < -0.05]
    known = [one for one in plan.antennas if one.limit_dbm is not None]
    law = msg("Every antenna of a tower keeps the limit of the country.")
    if over:
        law = msg("Antennas above the limit: {count}. They are set lower before they send.", count=len(over))
    radio: dict[str, Any] = _text(paper.say(law))
    if len(known) < len(plan.antennas) or not plan.antennas:
        radio = paper.blank(msg("what does the country allow on these channels?"))
    ground = counted(
        "{count} mast, up to {height:.0f} m, each with rod and earth.",
        "{count} masts, up to {height:.0f} m, each with rod and earth.", len(raised), height=highest,
    )  # fmt: skip
    rows = [
        *([(msg("Ground"), _text(paper.say(ground)))] if raised else []),
        (msg("Energy"), _text(paper.say(msg("{watts} W of panels; no tower burns fuel.", watts=paper.number(watts))))),
        (msg("Worn batteries and radios"), paper.answer(answers.old_batteries, msg("where do they go?"))),
        (msg("What radios send"), radio),
        (msg("Climbing"), paper.answer(answers.safety, msg("who sees to it that only trained people climb?"))),
        (msg("Nobody climbs in"), _closed_months(paper)),
    ]  # fmt: skip
    return {
        "title": paper.say(msg("Environment and safety")),
        "rows": [{"title": paper.say(title), **value} for title, value in rows],
    }


def _closed_months(paper: Paper) -> dict[str, Any]:
    names = paper.tongue.locale.months["stand-alone"]["wide"]
    months = sorted({int(one) for one in paper.plan.papers.purpose.no_climb_months})
    if not months:
        return paper.blank(msg("in which months is it too wet or stormy?"))
    return _text(", ".join(printable(names[one]) for one in months))


def _licences(paper: Paper) -> dict[str, Any]:
    plan, answers = paper.plan, paper.plan.papers.purpose
    used = [site for site in plan.sites if site.mast_height_m is not None]
    agreed = sum(owner_agreed(site) for site in used)
    by = msg("by which day?")
    rules = "; ".join(one.name for one in plan.meta.sources if one.what.key == "Radio rules")
    owners = msg("{agreed} of {all} have agreed", agreed=agreed, all=len(used))
    rows: list[list[Any]] = [
        [
            paper.say(msg("To send by radio")),
            paper.answer(answers.licence, msg("which licence, and who gives it?")),
            paper.answer(answers.licence_date, by),
        ],
        [
            paper.say(msg("To raise the masts")),
            paper.answer(answers.permit, msg("which permit, and who gives it?")),
            paper.answer(answers.permit_date, by),
        ],
        [paper.say(msg("Owners of the land")), paper.say(owners), paper.say(msg("before anything is bought"))],
    ]
    columns = (
        column(msg("For what"), share=0.6),
        column(msg("Licence, permit"), share=1.4),
        column(msg("By"), share=0.6),
    )
    notes = (msg("Radio rules read: {rules}", rules=printable(rules)),) if rules else ()
    return _table(paper, msg("Licences and permits"), columns, rows, notes=notes)


def _sources(paper: Paper) -> dict[str, Any]:
    seen: dict[str, list[str]] = {}
    for one in paper.plan.meta.sources:
        name = ", ".join(part for part in (one.name, one.date, one.licence) if part)
        seen.setdefault(paper.say(one.what), []).append(printable(name))
    lines = []
    for kind, names in seen.items():
        more = f" (+{len(names) - 2})" if len(names) > 2 else ""
        lines.append(f"{kind}: {'; '.join(names[:2])}{more}")
    return {"title": paper.say(msg("What it rests on")), "lines": [breakable(one, 480.0, 7.5) for one in lines[:14]]}

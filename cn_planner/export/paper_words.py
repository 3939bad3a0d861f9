"""What the papers for readers share: money as they write it, named blanks, head and foot of a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from babel import dates

from cn_planner.export.pdf_data import Tongue, breakable, day_of, printable
from cn_planner.message import counted, msg
from cn_planner.report.paper_money import Funder, PaperMoney, paper_money, whole
from cn_planner.report.paper_places import schools_and_clinics

if TYPE_CHECKING:
    import datetime as dt

    from cn_planner.message import Message
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.paper_records import LeftOutRecord


CONNECTION_COST = msg("what does the Internet connection cost a month? Nothing is counted for it yet.")


def not_answered(question: Message) -> Message:
    """Return the words of a named blank."""
    return msg("not answered: {question}", question=question)


@dataclass(frozen=True)
class Paper:
    """A plan, its money in whole units, and the language that it is told in."""

    plan: DeploymentPlan
    tongue: Tongue

    @cached_property
    def sums(self) -> PaperMoney:
        """The money of all papers: one figure in every place."""
        return paper_money(self.plan)

    def say(self, message: Message) -> str:
        """Return a message in the paper's language."""
        return self.tongue.say(message)

    def number(self, value: float) -> str:
        """Return a whole number."""
        return self.tongue.number(value)

    def homes(self, count: float) -> str:
        """Return a number of homes, of which some may count for a half."""
        return self.tongue.homes(count)

    def money(self, value: float | None) -> str:
        """Return an amount with its currency, in whole units."""
        return "\u2013" if value is None else self.tongue.money(whole(value), self.plan.meta.currency, 0)

    def fee(self, value: float | None) -> str:
        """Return what is paid by hand, a fee or a day's wage: with cents where it has them."""
        if value is None or float(value).is_integer():
            return self.money(value)
        return self.tongue.money(value, self.plan.meta.currency, 2)

    def amount(self, value: float) -> str:
        """Return an amount without its currency, for columns that name it."""
        return self.number(value) if value else "\u00b7"

    def day(self, day: dt.date | None, month: int = 0) -> str:
        """Return month and year of a day; the month's number in the work where no day is known."""
        if day is None:
            return self.say(msg("month {number}", number=month))
        return printable(dates.format_skeleton("yMMM", day, locale=self.tongue.locale))

    def blank(self, question: Message) -> dict[str, Any]:
        """Return a named blank: nobody has answered, and this is what is asked."""
        return {"blank": True, "text": self.say(not_answered(question))}

    def item(self, lead: Message, text: Message | None = None) -> dict[str, Any]:
        """Return what is said, after a lead in bold."""
        return {"lead": self.say(lead), "text": "" if text is None else self.say(text), "blank": False}

    def asked(self, lead: Message, question: Message) -> dict[str, Any]:
        """Return a named blank, after a lead in bold."""
        return {"lead": self.say(lead), **self.blank(question)}

    def assumed(self, key: str) -> float | None:
        """Return a setting that figures rest on, by its key; None where it is no number."""
        return self.plan.assumed(key)

    def answer(self, text: str, question: Message) -> dict[str, Any]:
        """Return an answer, or its named blank."""
        return {"blank": False, "text": printable(text)} if text.strip() else self.blank(question)

    def group(self, one: LeftOutRecord, width_pt: float, size_pt: float) -> str:
        """Return what homes that are left out are called in a column: their hamlet, or what they are nearest to."""
        if one.hamlet:
            return breakable(printable(one.hamlet), width_pt, size_pt)
        if not one.near:
            return self.say(msg("Single farms"))
        return self.say(msg("Nearest to {site}", site=breakable(printable(one.near), width_pt, size_pt)))

    def head(self, title: Message, what: Message) -> dict[str, str]:
        """Return the head of a page: a sentence, and one line that says what it is, for whom, and which version."""
        meta = self.plan.meta
        version = msg("plan version {n}, {day}", n=meta.version, day=self.tongue.date(day_of(meta.date)))
        line = " · ".join(part for part in (printable(meta.plan), self.say(what), self.say(version)) if part)
        return {"title": self.say(title), "line": line}

    def foot(self) -> str:
        """Return what stands under every page: what the figures are worth."""
        meta = self.plan.meta
        said = [self.say(msg("Estimate: check each place on site before you buy."))]
        if self.plan.headline.example_prices:
            said.append(self.say(msg("Prices are examples.")))
        if meta.invented:
            said.append(self.say(msg("This place is invented.")))
        return " ".join(said)


def schools_words(paper: Paper) -> Message | None:
    """Return how many schools and health centres are connected, in words; None where none is."""
    schools, clinics = schools_and_clinics(paper.plan, connected=True)
    said = (
        counted("{count} school", "{count} schools", schools),
        counted("{count} health centre", "{count} health centres", clinics),
    )
    if schools and clinics:
        return msg("{first} and {second}", first=said[0], second=said[1])
    return said[0] if schools else said[1] if clinics else None


_MOST_SPOTS = 3


def hotspots_words(paper: Paper) -> Message | None:
    """Return where a phone works that comes there on foot, in words; None where the plan has no such place."""
    names = [printable(one.name) for one in paper.plan.phones.hotspots]
    if not names:
        return None
    shown, more = ", ".join(names[:_MOST_SPOTS]), len(names) - _MOST_SPOTS
    if more <= 0:
        return msg("any phone with WiFi works at {places}.", places=shown)
    return counted(
        "any phone with WiFi works at {places} and at {count} more place.",
        "any phone with WiFi works at {places} and at {count} more places.",
        more, places=shown,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: numbers stand right; a share of the room that is left, 0: as wide as what stands in it."""

    title: Message
    right: bool = False
    share: float = 0.0


def column(title: Message, *, right: bool = False, share: float = 0.0) -> Column:
    """Return a column."""
    return Column(title, right, share)


def money_lead(paper: Paper) -> list[dict[str, str]]:
    """Return the figures that stand first: to build, found, asked, to run, homes."""
    money = paper.sums
    asked = money.of(Funder.MISSING)
    rows = [
        (paper.money(money.build), msg("to build all")),
        (paper.money(money.build - asked), msg("found or promised")),
        (paper.money(asked), msg("asked")),
        (paper.money(money.month.run), msg("a month, to run")),
        (paper.homes(paper.plan.headline.homes_reached), msg("homes on the network")),
    ]
    return [{"figure": figure, "words": paper.say(words)} for figure, words in rows]

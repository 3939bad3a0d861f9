"""The money of the papers that are voted on and asked for: whole units, one figure in every place.

The tables count to the cent. On these papers every amount is a whole unit of the currency: the nearest one, or the next
to it where lines must add up, so that headline, budget, phases and funders are one figure, and that of the tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report.money import enough, paying

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.message import Message
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.work_records import PhaseRecord

_UNFORESEEN = ("contingency", "rounding")
_MOST_YEARS = 5
"""Columns of a budget."""


class Funder(StrEnum):
    """Who pays for building, in the order in which their money is laid on the lines."""

    GRANT = "grant"
    LOAN = "loan"
    MISSING = "missing"
    """Nobody yet: what is asked."""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line of the cost to build: its title, what each year pays of it, and what each funder does."""

    key: str
    title: Message
    years: tuple[int, ...]
    funders: tuple[int, ...]
    """In the order of `PaperMoney.funders`."""

    @property
    def total(self) -> int:
        """The whole line."""
        return sum(self.years)


@dataclass(frozen=True, slots=True)
class PaperPhase:
    """A phase: what it costs to build, and when it begins and is on the air, where a day is known."""

    number: int
    cost: int
    begins: date | None
    on_air: date | None


@dataclass(frozen=True, slots=True)
class PaperYear:
    """A year of running: what goes out, what the loan takes, what fees bring, and what is then missing.

    ``number``: from the start of the work, 1 for the first twelve months.
    """

    number: int
    run: int
    loan: int
    fees: int

    @property
    def missing(self) -> int:
        """What nobody pays yet; below nought: what is left over."""
        return self.run + self.loan - self.fees


@dataclass(frozen=True, slots=True)
class PaperMonth:
    """A month when all is built.

    Attributes
    ----------
    lines : tuple of (key, title, amount)
        What it costs to run, the greatest first; without the loan.
    loan : int
        What is paid back.
    fee : float or None
        What a home pays; None where no home can.
    homes : int
        That pay.
    income : int
        What they bring.
    covering, covering_all : float or None
        The fee that would cover all, where so many homes pay, and where all do.
    """

    lines: tuple[tuple[str, Message, int], ...]
    loan: int
    fee: float | None
    homes: int
    income: int
    covering: float | None
    covering_all: float | None

    @property
    def run(self) -> int:
        """To run the network."""
        return sum(amount for _, _, amount in self.lines)

    @property
    def missing(self) -> int:
        """What fees leave of the month; 0 where they cover it."""
        return max(0, self.run + self.loan - self.income)


@dataclass(frozen=True, slots=True)
class PaperMoney:
    """All that the papers say of money.

    ``funders`` with what each gives; ``years`` name the columns of the lines, the last of which holds what is later too
    where that is said (``and_later``).
    """

    build: int
    lines: tuple[PaperLine, ...]
    years: tuple[int, ...]
    funders: tuple[tuple[Funder, int], ...]
    phases: tuple[PaperPhase, ...]
    month: PaperMonth
    running: tuple[PaperYear, ...]
    and_later: bool = False

    def of(self, funder: Funder) -> int:
        """Return what a funder gives."""
        return dict(self.funders).get(funder, 0)


def paper_money(plan: DeploymentPlan) -> PaperMoney:
    """Return the money of a plan in whole units.

    Every sum is of what is printed: lines of a year and of a funder, phases, the month and its parts.
    """
    build = whole(plan.headline.capex)
    steps = _phase_costs(plan, build)
    start = _day(plan.papers.purpose.start)
    parts = [(_year(start, one.begins), cost) for one, cost in steps] or [(1 if start is None else start.year, build)]
    labels = tuple(dict.fromkeys(label for label, _ in parts))
    last = labels[:_MOST_YEARS][-1]
    of_year = tuple(sum(cost for label, cost in parts if min(label, last) == year) for year in labels[:_MOST_YEARS])
    funders = _funders(plan, build)
    return PaperMoney(
        build=build,
        lines=_lines(plan, of_year, funders),
        years=labels[:_MOST_YEARS],
        and_later=len(labels) > _MOST_YEARS,
        funders=funders,
        phases=tuple(
            PaperPhase(one.number, cost, _later(start, one.begins - 1), _later(start, one.on_air - 1))
            for one, cost in steps
        ),
        month=_month(plan),
        running=_running(plan),
    )


def whole(amount: float) -> int:
    """Return an amount as a whole unit, halves up."""
    return math.floor(amount + 0.5 + 1e-9)


def whole_parts(amounts: Sequence[float], total: int) -> list[int]:
    """Return amounts in whole units that add up to a whole, each its next unit below or above (largest remainder).

    Where the whole is further from what the amounts add up to than that reaches, the largest take what is over.
    """
    parts = [math.floor(amount + 1e-9) for amount in amounts]
    rest = total - sum(parts)
    nearest = sorted(range(len(parts)), key=lambda n: (parts[n] - amounts[n], n))
    for n in nearest[: max(0, rest)]:
        parts[n] += 1
    if parts and sum(parts) != total:
        parts[parts.index(max(parts))] += total - sum(parts)
    return parts


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None  # a blank on paper: no day was given


def month_later(start: date, months: int) -> date:
    """Return the first day of the month that is so many after that of a day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _later(start: date | None, months: int) -> date | None:
    return month_later(start, months) if start is not None and months else start


def _year(start: date | None, month: int) -> int:
    """Return the calendar year of a month of the work, its number where no day is known."""
    day = _later(start, month - 1)
    return (month + 11) // 12 if day is None else day.year


def _phase_costs(plan: DeploymentPlan, build: int) -> list[tuple[PhaseRecord, int]]:
    """Return the phases with what each costs: together the cost to build."""
    found, before = [], 0
    for one in plan.phases:
        so_far = build if one is plan.phases[-1] else min(build, whole(one.cost_so_far))
        found.append((one, so_far - before))
        before = so_far
    return found


def _funders(plan: DeploymentPlan, build: int) -> tuple[tuple[Funder, int], ...]:
    """Return who pays how much: no more than it costs, the grant first."""
    grant = min(build, whole(plan.papers.costs.grant))
    loan = min(build - grant, whole(plan.papers.costs.loan))
    every = ((Funder.GRANT, grant), (Funder.LOAN, loan), (Funder.MISSING, build - grant - loan))
    return tuple((who, amount) for who, amount in every if amount or who is Funder.MISSING)


def _lines(
    plan: DeploymentPlan, of_year: tuple[int, ...], funders: tuple[tuple[Funder, int], ...]
) -> tuple[PaperLine, ...]:
    """Return the lines: each year has its share of a line, and what nobody foresaw takes what is left of the year."""
    build = sum(of_year)
    known = [line for line in plan.budget if line.key not in _UNFORESEEN]
    unforeseen = math.fsum(line.amount for line in plan.budget if line.key in _UNFORESEEN)
    amounts = whole_parts([*(line.amount for line in known), max(0.0, unforeseen)], build)
    split = [(line, _shares(amount, of_year)) for line, amount in zip(known, amounts, strict=False)]
    left = [amount - sum(years[n] for _, years in split) for n, amount in enumerate(of_year)]
    _even(left, [years for _, years in split])
    rows = [(line.key, line.title, years) for line, years in split]
    if build:
        rows.append(("contingency", msg("For what nobody foresaw"), left))
    pots = [amount for _, amount in funders]
    found = []
    for key, title, years in rows:
        paid, rest = [], sum(years)
        for n, pot in enumerate(pots):
            part = rest if n == len(pots) - 1 else min(rest, pot)
            paid.append(part)
            pots[n] -= part
            rest -= part
        found.append(PaperLine(key, title, tuple(years), tuple(paid)))
    return tuple(found)


def _even(left: list[int], lines: list[list[int]]) -> None:
    """Move units of the largest line between years until no year has less than nought left."""
    for n, lacks in enumerate(left):
        while left[n] < 0 and max(left) > 0:
            other = left.index(max(left))
            moved = min(-left[n], left[other])
            most = max(lines, key=lambda years: years[n])
            most[n], most[other] = most[n] - moved, most[other] + moved
            left[n], left[other] = lacks + moved, left[other] - moved
            lacks = left[n]


def _shares(amount: int, of_year: tuple[int, ...]) -> list[int]:
    """Return the parts of an amount that fall into years, as the years' costs are to each other."""
    whole_cost, so_far, before, found = sum(of_year), 0, 0, []
    for cost in of_year:
        so_far += cost
        upto = amount if so_far == whole_cost else amount * so_far // whole_cost
        found.append(upto - before)
        before = upto
    return found


def _month(plan: DeploymentPlan) -> PaperMonth:
    cash, agreed = plan.cash, plan.headline.agreed
    repaid = cash.months[0].repaid if cash is not None and cash.months else 0.0
    exact = [line.amount for line in plan.monthly]
    goes_out = round(math.fsum((*exact, repaid)), 2)
    *amounts, loan = whole_parts([*exact, repaid], whole(goes_out))
    lines = [(line.key, line.title, amount) for line, amount in zip(plan.monthly, amounts, strict=True)]
    homes = 0 if agreed is None else int(agreed.homes)
    every = int(paying(plan.headline.homes_reached, 100.0))
    fee = None if agreed is None else agreed.fee_month
    return PaperMonth(
        lines=tuple(sorted((one for one in lines if one[2]), key=lambda one: -one[2])),
        loan=loan,
        fee=fee,
        homes=homes,
        income=whole(homes * (fee or 0.0)),
        covering=enough(goes_out / homes) if homes else None,
        covering_all=enough(goes_out / every) if every else None,
    )


def _running(plan: DeploymentPlan) -> tuple[PaperYear, ...]:
    if plan.cash is None:
        return ()
    return tuple(
        PaperYear(one.number, whole(one.running + one.set_aside), whole(one.repaid), whole(one.fees))
        for one in plan.cash.years
    )

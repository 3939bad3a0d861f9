"""The three networks that an assembly chooses from: this one, a smaller and a larger one of the kept comparison."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.model.clients import NO_HOMES
from cn_planner.report.money import paying
from cn_planner.report.paper_money import whole

if TYPE_CHECKING:
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.paper_money import PaperMoney

_SMALLER = 0.85
"""A smaller network reaches at most this share of the homes: one that is nearly the same is no choice."""


class Which(StrEnum):
    """Which of the three."""

    SMALLER = "smaller"
    THIS = "this"
    LARGER = "larger"


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """One of the three; homes by weight, money in whole units, as `paper_money` has it.

    ``missing``: of a month, with the plan's fee, uptake and loan. ``months``: how long it takes to build.
    """

    which: Which
    towers: int
    homes: float
    left_out: float
    build: int
    run: int
    missing: int
    months: int


def network_choices(plan: DeploymentPlan, money: PaperMoney) -> tuple[NetworkChoice, ...]:
    """Return smaller, this and larger, as far as they are known: without a kept comparison this one alone."""
    head = plan.headline
    rows = plan.papers.choices
    month = money.month
    every, here = head.homes, head.homes_reached
    last = plan.phases[-1].on_air - 1 if plan.phases else 0
    found = [NetworkChoice(Which.THIS, head.towers, here, every - here, money.build, month.run, month.missing, last)]

    def other(which: Which, number: int) -> NetworkChoice:
        row = rows[number]
        run = whole(row.month)
        income = whole(paying(row.homes, plan.papers.costs.uptake_pct) * (month.fee or 0.0))
        missing = max(0, run + month.loan - income)
        return NetworkChoice(which, row.towers, row.homes, every - row.homes, whole(row.cost), run, missing, row.months)

    smaller = [n for n, row in enumerate(rows) if row.homes <= _SMALLER * here]
    larger = [n for n, row in enumerate(rows) if row.homes > here + NO_HOMES and row.cost > head.capex]
    if smaller:
        found.insert(0, other(Which.SMALLER, smaller[-1]))
    if larger:
        found.append(other(Which.LARGER, larger[0]))
    return tuple(found)

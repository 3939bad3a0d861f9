"""By what one knows that a network has done what it is for: today, after the first phase, when all is built."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.report.money import paying
from cn_planner.report.paper_places import schools_and_clinics
from cn_planner.report.paper_risks import plan_uptime

if TYPE_CHECKING:
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.paper_money import PaperMoney


class Indicator(StrEnum):
    """What is measured."""

    CAN_JOIN = "can_join"
    PAY = "pay"
    PLACES = "places"
    RATE = "rate"
    HOURS = "hours"
    MENDED = "mended"
    KEEPERS = "keepers"
    KEEPERS_WOMEN = "keepers_women"
    WOMEN_DECIDE = "women_decide"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class PaperIndicator:
    """One measure: what it is today, after the first phase, and when all is built; None: nobody has answered.

    ``of``: of how many, where it is so many of something; None where it is not, or not known.
    """

    indicator: Indicator
    baseline: float | None
    first: float | None
    last: float | None
    of: float | None = None


def paper_indicators(plan: DeploymentPlan, money: PaperMoney) -> tuple[PaperIndicator, ...]:
    """Return the measures of a plan; shares in hundredths, rates in Mbit/s, times in days."""
    answers, uptake = plan.papers.purpose, plan.papers.costs.uptake_pct
    first = plan.phases[0].homes_so_far if plan.phases else None
    last = plan.phases[-1].homes_so_far if plan.phases else None
    target = plan.assumed("demand.mbps_per_home")
    early = plan.phases[0].sites if plan.phases else ()
    known = sum(schools_and_clinics(plan, connected=False))
    of = float(known)
    if answers.schools is not None and answers.clinics is not None:
        of = float(max(answers.schools + answers.clinics, known))
    goes_out = money.month.run + money.month.loan
    covered = 100.0 * min(money.month.income, goes_out) / goes_out if goes_out else None
    if plan.papers.unsaid_connections:
        covered = None  # the greatest part of many a month is not in it
    uptime = plan_uptime(plan) if plan.power else None
    return (
        PaperIndicator(Indicator.CAN_JOIN, 0.0, first, last),
        PaperIndicator(Indicator.PAY, 0.0, _paying(first, uptake), _paying(last, uptake)),
        PaperIndicator(
            Indicator.PLACES,
            None,
            float(sum(schools_and_clinics(plan, connected=True, towers=early))),
            float(sum(schools_and_clinics(plan, connected=True))),
            of,
        ),
        PaperIndicator(Indicator.RATE, answers.baseline_mbps, target, target),
        PaperIndicator(Indicator.HOURS, 0.0, uptime, uptime),
        PaperIndicator(Indicator.MENDED, None, answers.repair_days, answers.repair_days),
        PaperIndicator(Indicator.KEEPERS, 0.0, _number(answers.keepers), _number(answers.keepers)),
        PaperIndicator(
            Indicator.KEEPERS_WOMEN, 0.0, _number(answers.keepers_women), _number(answers.keepers_women),
            _number(answers.keepers),
        ),
        PaperIndicator(
            Indicator.WOMEN_DECIDE, _number(answers.deciding_women), _number(answers.deciding_women),
            _number(answers.deciding_women), _number(answers.deciding),
        ),
        PaperIndicator(Indicator.COVERED, 0.0, None, covered),
    )  # fmt: skip


def _paying(homes: float | None, uptake_pct: float) -> float | None:
    return None if homes is None else paying(homes, uptake_pct)


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)

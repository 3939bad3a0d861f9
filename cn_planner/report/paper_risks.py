"""What could go wrong with a network, how likely it is as far as the plan knows, what it does, and who minds it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.links.verdict import chance_pct
from cn_planner.model.owners import owner_agreed
from cn_planner.model.plan import PowerSource, SiteRole

if TYPE_CHECKING:
    from cn_planner.report.deployment import DeploymentPlan, SiteRecord
    from cn_planner.report.paper_money import PaperMoney


class Trouble(StrEnum):
    """What could go wrong."""

    UNPAID = "unpaid"
    OWNER = "owner"
    LINK = "link"
    TOWER = "tower"
    UPLINK = "uplink"
    SUN = "sun"
    LIGHTNING = "lightning"
    PRICES = "prices"
    FALL = "fall"


class Likely(StrEnum):
    """How likely it is; ``unknown``: nothing of the plan tells it."""

    CERTAIN = "certain"
    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PaperRisk:
    """One trouble. ``count`` of ``of`` things it is about, ``homes`` fall silent, ``place`` is where it is worst."""

    trouble: Trouble
    likely: Likely
    homes: float = 0.0
    count: float = 0.0
    of: float = 0.0
    place: str = ""


_MANY = 0.5


def paper_risks(plan: DeploymentPlan, money: PaperMoney) -> tuple[PaperRisk, ...]:
    """Return the troubles of a plan that papers name, in the order in which they are told."""
    used = [site for site in plan.sites if site.mast_height_m is not None]
    reached = plan.headline.homes_reached
    found = []
    if money.month.missing:
        found.append(PaperRisk(Trouble.UNPAID, Likely.CERTAIN, count=money.month.missing))
    silent = [site for site in used if not owner_agreed(site)]
    if silent:
        likely = Likely.HIGH if len(silent) > _MANY * len(used) else Likely.MIDDLE
        found.append(PaperRisk(Trouble.OWNER, likely, count=len(silent), of=len(used), place=_named(silent[0])))
    sure = [link for link in plan.links if link.probability is not None]
    if sure:
        worst = min(sure, key=lambda link: (link.probability or 0.0, link.id))
        chance = worst.probability or 0.0
        least = plan.assumed("rules.likely_probability") or 1.0
        likely = Likely.LOW if chance >= least else Likely.MIDDLE if chance >= _MANY else Likely.HIGH
        names = {site.id: _named(site) for site in plan.sites}
        ends = f"{names.get(worst.a.site, worst.a.site)} \u2013 {names.get(worst.b.site, worst.b.site)}"
        not_works = 100.0 - chance_pct(chance)  # of a hundred links like it
        found.append(PaperRisk(Trouble.LINK, likely, worst.homes_lost_if_fails, not_works, 100.0, ends))
    # Where the Internet enters; a gateway of which nobody said what connects it counts too.
    doors = {one.site for one in plan.papers.doors} or {site.id for site in used if site.role is SiteRole.GATEWAY}
    relays = [one for one in plan.failures if one.site not in doors and one.homes_lost > 0.0]
    if relays:
        found.append(
            PaperRisk(Trouble.TOWER, Likely.UNKNOWN, relays[0].homes_lost, place=relays[0].name or relays[0].site)
        )
    if len(doors) == 1 and reached:
        gate = next(site for site in used if site.id in doors)
        found.append(PaperRisk(Trouble.UPLINK, Likely.UNKNOWN, reached, place=_named(gate)))
    if any(site.power is PowerSource.SOLAR for site in used):
        days = [one.autonomy_days for one in plan.power if one.autonomy_days is not None]
        hours = [one.uptime_pct for one in plan.power if one.uptime_pct is not None]
        worst_off = math.floor(min(hours)) if hours else 0.0
        likely = Likely.UNKNOWN if not hours else Likely.LOW if min(hours) >= plan_uptime(plan) else Likely.MIDDLE
        found.append(PaperRisk(Trouble.SUN, likely, count=math.floor(min(days)) if days else 0.0, of=worst_off))
    if used:
        found.append(PaperRisk(Trouble.LIGHTNING, Likely.UNKNOWN, count=len(used)))
    if plan.headline.example_prices:
        examples = sum(1 for line in plan.bom if line.example)
        found.append(PaperRisk(Trouble.PRICES, Likely.HIGH, count=examples, of=len(plan.bom)))
    if used:
        found.append(PaperRisk(Trouble.FALL, Likely.UNKNOWN, count=len(used)))
    return tuple(found)


def plan_uptime(plan: DeploymentPlan) -> float:
    """Return the share of an average year's hours that a tower on the sun is to work, %."""
    value = plan.assumed("power.uptime_pct")
    return 100.0 if value is None else value


def _named(site: SiteRecord) -> str:
    return site.name or site.id

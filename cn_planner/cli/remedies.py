"""How what settles a problem of a plan is done by command; what stands in capitals is for the person to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.model.checks import Action

if TYPE_CHECKING:
    from cn_planner.model.checks import PlanProblem

_VALUES = {
    "area.canopy_m": ("canopy_m=HEIGHT",),
    "info.country": ("country=XX",),
    "info.currency": ("currency=XXX", "exchange_rate=RATE", "exchange_date=DAY"),
    "costs.exchange_rate": ("exchange_rate=RATE", "exchange_date=DAY"),
    "costs.labour_day": ("labour_day=AMOUNT",),
    "costs.relay_cost": ("relay_cost=AMOUNT",),
    "rules.mast_heights_m": ("mast_heights_m=6,12,18",),
    "rules.own_limits": ('rules.own_limits="5470-5725 MHz 30 dBm EIRP DFS"', 'rules.own_limits_source="WHO, DAY"'),
    "rules.licence_held": ("rules.licence_held=yes",),
    "rules.hotspots": ("rules.hotspots=yes",),
    "places.must": ("must=no",),
    "places.people": ("people=COUNT",),
    "sites.consent": ("owner=WHO", "consent=agreed"),
    "sites.power": ("power=grid|solar",),
    "sites.uplink.offer": ("uplink.mbps=MBIT", "uplink.open_cost=MONEY", "uplink.monthly_cost=MONEY"),
    "sites.choice": ("choice=free",),
    "sites.status": ("status=idea",),
    "sites.uplink_choice": ("uplink_choice=free",),
    "sites.role": ("role=gateway",),
    "sites.uplink": ("uplink.mbps=MBIT", "uplink.monthly_cost=MONEY"),
}


def command(problem: PlanProblem) -> str:
    """Return the command that settles a problem, empty where a person has to look and decide first."""
    match problem.action:
        case Action.ADD_TERRAIN:
            return "cn-planner terrain PLAN FILE..."
        case Action.ADD_HOMES:
            return "cn-planner import PLAN FILE --as households"
        case Action.CHOOSE_GATEWAY:
            return "cn-planner set PLAN sites.SITE.role=gateway"
        case Action.PLAN_AGAIN:
            return "cn-planner plan PLAN"
        case Action.GIVE_CHANNELS:
            return "cn-planner channels PLAN"
        case Action.REMOVE:
            return f"cn-planner remove PLAN {problem.answer} {problem.where}"
        case Action.ANSWER:
            return f"cn-planner set PLAN {_assignments(problem)}"
        case Action.LOOK:
            return ""


def _assignments(problem: PlanProblem) -> str:
    table = problem.answer.split(".")[0]
    of = f"{table}.{problem.where}." if table in {"sites", "places"} else ""
    return " ".join(of + one for one in _VALUES.get(problem.answer, (f"{problem.answer}=VALUE",)))

"""The phases of a plan as the report shows them: when each begins, whom it reaches, what it costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.economics.opex import monthly_cost
from cn_planner.planning.phases import only, phases
from cn_planner.report.work_records import PhaseRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan
    from cn_planner.report.deployment import HomeRecord


def phase_records(plan: Plan, catalogue: Catalogue, homes: Iterable[HomeRecord]) -> tuple[PhaseRecord, ...]:
    """Return the phases in which a plan is built; none where it has no network yet.

    A phase begins when the one before ends, and is on the air when it ends. Homes are those that the report counts as
    reached.
    """
    reached = {home.id: home.weight for home in homes if home.reached}
    months = plan.costs.phase_months
    found: list[PhaseRecord] = []
    towers: list[str] = []
    for one in phases(plan, catalogue):
        towers += one.sites
        month = monthly_cost(only(plan, towers), catalogue, one.cost_so_far)
        weight = math.fsum(reached.get(key, 0.0) for key in one.homes)
        found.append(
            PhaseRecord(
                number=one.number,
                sites=one.sites,
                links=one.links,
                homes=weight,
                homes_so_far=weight + (found[-1].homes_so_far if found else 0.0),
                cost=round(one.cost, 2),
                cost_so_far=round(one.cost_so_far, 2),
                begins=1 + (one.number - 1) * months,
                on_air=1 + one.number * months,
                month=month.total,
                set_aside=month.set_aside,
                a_home=round(one.cost, 2) / weight if weight else None,
                joined=one.joined,
            )
        )
    return tuple(found)

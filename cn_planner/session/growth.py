"""What it costs to leave room for year five: planned for today alone, with room, and with all bought at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.plan import PlanStatus
from cn_planner.planning.result import with_plan
from cn_planner.planning.year_five import YearFive, year_five, year_five_words
from cn_planner.progress import ALONE, Run
from cn_planner.session.service import service_now
from cn_planner.session.tasks import plan_network

if TYPE_CHECKING:
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.session.workspace import Snapshot

WAYS = ("today", "room", "all")
"""Planned for today's demand alone; with room for that of year five; with all of year five bought now."""
_CENT = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class GrowthWay:
    """One way to meet growth: its plan, and what is added in year five; ``later`` is None where nothing is foreseen."""

    key: str
    design: Design
    later: YearFive | None

    def as_dict(self) -> dict[str, Any]:
        """Return what ``growth --json`` prints of it."""
        one = self.design
        return {
            "way": self.key,
            "status": one.status.value,
            "capex": round(one.capex, 2),
            "lower_bound": None if one.lower_bound is None else round(one.lower_bound, 2),
            "homes": round(one.served, 6),
            "towers": len(one.sites),
            "later": None if self.later is None else self.later.as_dict(),
        }


def with_way(plan: Plan, key: str) -> Plan:
    """Return a plan that meets growth in one of the ways.

    Raises
    ------
    InputError
        Where there is no such way.
    """
    if key not in WAYS:
        raise InputError(msg("There is no way {way} to plan for growth.", way=key), fix=msg("Take today, room or all."))
    demand = plan.demand
    if key == "today":
        demand = replace(demand, growth_pct=0.0, more_homes_pct=0.0, grow_later=False)
    else:
        demand = replace(demand, grow_later=key == "room")
    return replace(plan, demand=demand)


def growth_ways(snapshot: Snapshot, *, time_limit_s: float | None = None, run: Run = ALONE) -> tuple[GrowthWay, ...]:
    """Return the plans of the three ways, each made by the planner.

    Parameters
    ----------
    snapshot : Snapshot
    time_limit_s : float, optional
        For each of them.

    Raises
    ------
    InputError, MissingTerrainError
        As for `plan_network`.
    CancelledError
    """
    designs: dict[str, Design] = {}
    for number, key in enumerate(WAYS):
        here = run.part(number / len(WAYS), (number + 1) / len(WAYS))
        there = snapshot.workspace.snapshot(with_way(snapshot.plan, key))
        designs[key] = plan_network(there, time_limit_s=time_limit_s, run=here)
        run.check()
    for less, more in (("room", "all"), ("today", "room")):
        designs[less] = no_dearer(designs[less], designs[more], snapshot.catalogue)
    found = []
    for key in WAYS:
        design, later = designs[key], None
        if design.edit is not None and key != "today":
            made = snapshot.workspace.snapshot(design.edit.plan)
            later = year_five(made.study, service_now(made, run=run.silently()))
            words = year_five_words(later, made.plan)
            if words is not None and words not in design.notes:
                design = replace(design, notes=(*design.notes, words))
        found.append(GrowthWay(key, design, later))
    return tuple(found)


def no_dearer(less: Design, more: Design, catalogue: Catalogue) -> Design:
    """Return the plan of a way, or that of a way that asks for more, where the search came upon it for less money.

    A network with all bought has room, and one with room does for today: each keeps the rules of the way before it. The
    bound stays that of the way.
    """
    if less.edit is None or more.edit is None or more.edit.plan.outcome is None:
        return less
    if more.served < less.served - 1e-9 or more.value > less.value - _CENT:
        return less
    outcome = replace(more.edit.plan.outcome, lower_bound=less.lower_bound, left_out=())  # they are of more demand
    plan = replace(more.edit.plan, demand=less.edit.plan.demand, outcome=outcome)
    taken = replace(more, lower_bound=less.lower_bound, gap=None, status=PlanStatus.FEASIBLE)
    return with_plan(taken, plan, catalogue, capex=more.capex)

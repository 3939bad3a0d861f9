"""What it costs to leave room for year five: planned for today alone, with room, and with all bought at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.clients import NO_HOMES
from cn_planner.model.plan import PlanStatus
from cn_planner.planning.explain import OTHER_BAND
from cn_planner.planning.result import with_plan
from cn_planner.planning.year_five import YearFive, year_five
from cn_planner.progress import ALONE, Run
from cn_planner.session.network import plan_clock, plan_network, told_later
from cn_planner.session.service import service_now

if TYPE_CHECKING:
    from cn_planner.message import Message
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

    @property
    def heard_then(self) -> float | None:
        """How many homes get in five years what they are promised on the plan's own channels; None: nobody knows."""
        if self.design.edit is None or self.later is None or self.later.air is None:
            return None
        return self.design.served - self.later.air.lost

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
        clock = plan_clock(time_limit_s, there.plan)
        design = plan_network(there, time_limit_s=time_limit_s, run=here)
        designs[key] = design if key == "today" else _with_later(snapshot, design, clock.last, run.silently())
        run.check()
    for less, more in (("room", "all"), ("today", "room")):
        designs[less] = no_dearer(designs[less], designs[more], snapshot.catalogue)
    return tuple(GrowthWay(key, one, None if key == "today" else one.later) for key, one in designs.items())


def _with_later(snapshot: Snapshot, design: Design, end: float, run: Run) -> Design:
    """Return a design that says what comes in five years; who then is heard only where that is known by the end."""
    if design.edit is None or design.later is not None:
        return design
    made = snapshot.workspace.snapshot(design.edit.plan)
    told = told_later(made, design, run.until(end))
    if told.later is not None:
        return told
    return replace(told, later=year_five(made.study, service_now(made, run=run)))


def growth_advice(ways: tuple[GrowthWay, ...], currency: str) -> Message | None:
    """Return in words what to take where room for year five is of no use on air; None where it is, or nobody knows."""
    room, whole = (next(one for one in ways if one.key == key) for key in ("room", "all"))
    if room.heard_then is None or room.later is None or room.later.air is None or room.later.air.usable:
        return None
    if whole.heard_then is None or whole.heard_then <= room.heard_then + NO_HOMES:
        return msg(
            "With room left, {room:,g} homes get in year five what they are promised, and with all bought now no "
            "more. What could help: {fix}",
            room=room.heard_then, fix=OTHER_BAND,
        )  # fmt: skip
    more = round(whole.design.capex) - round(room.design.capex)  # as both are printed
    if more < 0:  # such a plan reaches fewer today: else it would be that of the way with room
        return msg(
            "With room left, {room:,g} homes get in year five what they are promised. With all bought now {all:,g} do, "
            "for {less:,.0f} {currency} less, but fewer homes are reached today: {whole:,g} in place of {now:,g}.",
            room=room.heard_then, all=whole.heard_then, less=-more, currency=currency, whole=whole.design.served,
            now=room.design.served,
        )  # fmt: skip
    return msg(
        "With room left, {room:,g} homes get in year five what they are promised, with all bought now {all:,g}: "
        "it costs {more:,.0f} {currency} more.",
        room=room.heard_then, all=whole.heard_then, more=more, currency=currency,
    )  # fmt: skip


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

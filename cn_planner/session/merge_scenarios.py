"""Two plans with several scenarios brought together: each scenario with what the other made of the same one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.message import Message, msg
from cn_planner.model.merge import Conflict, MergedPlan, Take, merge_plans
from cn_planner.model.plan import SECTIONS, TABLES, Scenarios, StoredScenario
from cn_planner.storage.scenarios import SHARED_PARTS, packed_plan, scenario_title, switch_scenario, unfold

if TYPE_CHECKING:
    from cn_planner.model.apart import Names
    from cn_planner.model.plan import Plan

_SERVED = frozenset({"households", "places"})
_OWN = [name for name in (*SECTIONS, *TABLES) if name not in {*SHARED_PARTS, *_SERVED, "scenarios"}]
_GONE = "removed"


def merge_with_scenarios(
    base: Plan, mine: Plan, theirs: Plan, take: Take | None = None, *, undecided: bool = False
) -> MergedPlan:
    """Return two plans brought together, each scenario by itself; the one that mine shows is shown.

    Parameters
    ----------
    base : Plan
        What both began from.
    mine, theirs : Plan
    take : Take, optional
        Whose word counts where they conflict.
    undecided : bool
        Leave what conflicts as it was in place of that.
    """
    if base.scenarios == mine.scenarios == theirs.scenarios:
        return merge_plans(base, mine, theirs, take, undecided=undecided)
    mine, theirs, numbers = _apart(base, mine, theirs)
    merged: dict[str, Plan] = {}
    names: dict[str, str] = {}
    conflicts: dict[tuple[str, str, str], Conflict] = {}
    counts = [0, 0, 0]
    counted = False
    ids: Names = {"scenarios": numbers} if numbers else {}

    def decide(what: Message, said: tuple[str, str], values: tuple[Any, Any, Any]) -> Any:
        found = Conflict(what, *said, take)
        conflicts[str(what), *said] = found
        return values[0] if undecided else values[2] if take is Take.THEIRS else values[1]

    for key in sorted(_keys(base) | _keys(mine) | _keys(theirs), key=int):
        was, ours, others = (_shown(plan, key) for plan in (base, mine, theirs))
        title = msg("scenario {name}", name=scenario_title(key, _name(mine, key) or _name(theirs, key)))
        if ours is None and others is None:
            continue
        if ours is None or others is None:
            kept = ours or others
            if was is not None and kept is not None:
                if _own(kept) == _own(was):
                    continue  # removed by one of both, and as it was with the other
                said = (_GONE if ours is None else "-", _GONE if others is None else "-")
                kept = decide(title, said, (was, ours, others))
            else:
                counts[0 if ours is not None else 1] += 1
        else:
            found = merge_plans(was or ours, ours, others, take, undecided=undecided)
            kept = found.plan
            ids = {name: ids.get(name, {}) | found.names.get(name, {}) for name in ids.keys() | found.names.keys()}
            conflicts |= {(str(one.what), one.mine, one.theirs): one for one in found.conflicts}
            if not counted:  # what is so in the world is the same in all: it counts once
                counts = [found.from_mine, found.from_theirs, found.both_alike]
                counted = True
        if kept is not None:
            merged[key] = kept
            called = _name(mine, key) if ours is not None else None, _name(theirs, key) if others is not None else None
            names[key] = _named(title, _name(base, key) if was is not None else None, called, decide)
    if not merged:  # each removed the only one that the other kept
        merged = {mine.scenarios.id: replace(mine, scenarios=Scenarios())}
        names = {mine.scenarios.id: mine.scenarios.name}
    shown = mine.scenarios.id if mine.scenarios.id in merged else min(merged, key=int)
    # What is so in the world is what both say in a scenario that both have.
    common = min(merged.keys() & _keys(mine) & _keys(theirs), key=int, default=shown)
    rows = (StoredScenario(key, names[key], packed_plan(plan)) for key, plan in merged.items() if key != common)
    plan = replace(merged[common], scenarios=Scenarios(common, names[common], tuple(rows)))
    if shown != common:
        plan = switch_scenario(plan, shown).plan
    return MergedPlan(_as_it_lay(plan, mine), counts[0], counts[1], counts[2], tuple(conflicts.values()), ids)


def _named(title: Message, was: str | None, said: tuple[str | None, str | None], decide: Any) -> str:
    ours, others = said
    if ours is None or others is None or ours == others or others == was:
        return (ours if ours is not None else others) or ""
    if ours == was:
        return others
    found: str = decide(title, (ours, others), (was or "", ours, others))
    return found


def _keys(plan: Plan) -> set[str]:
    return {plan.scenarios.id, *(one.id for one in plan.scenarios.others)}


def _name(plan: Plan, key: str) -> str:
    own = plan.scenarios
    return own.name if key == own.id else next((one.name for one in own.others if one.id == key), "")


def _shown(plan: Plan, key: str) -> Plan | None:
    """Return a scenario of a plan as a plan by itself, None where there is none."""
    return replace(unfold(plan, key), scenarios=Scenarios()) if key in _keys(plan) else None


def _own(plan: Plan) -> list[Any]:
    """Return what a scenario decides: all that is not the same in all of them."""
    rows = [(one.id, one.server, one.client_kit) for name in sorted(_SERVED) for one in getattr(plan, name).values()]
    return [*(getattr(plan, name) for name in _OWN), [row for row in rows if row[1]]]


def _as_it_lay(plan: Plan, mine: Plan) -> Plan:
    """Return the plan with the packed text of mine where that says the same: nothing changes without a reason."""
    before = {one.id: one for one in mine.scenarios.others}
    rows = []
    for one in plan.scenarios.others:
        old = before.get(one.id)
        same = old is not None and old.name == one.name and _own(unfold(mine, one.id)) == _own(unfold(plan, one.id))
        rows.append(old if old is not None and same else one)
    return replace(plan, scenarios=replace(plan.scenarios, others=tuple(rows)))


def _apart(base: Plan, mine: Plan, theirs: Plan) -> tuple[Plan, Plan, dict[str, str]]:
    """Return both plans with another number where they gave the same to two new scenarios; and which of theirs have."""
    plans, known = [mine, theirs], _keys(base)
    numbers: dict[str, str] = {}
    free = max(map(int, known | _keys(mine) | _keys(theirs))) + 1
    for key in sorted((_keys(mine) & _keys(theirs)) - known, key=int):
        one, two = ([_name(plan, key), *_own(unfold(plan, key))] for plan in (mine, theirs))
        if one == two:
            continue
        side = 1 if repr(one) <= repr(two) else 0
        plans[side] = replace(plans[side], scenarios=plans[side].scenarios.numbered({key: str(free)}))
        if side == 1:
            numbers[key] = str(free)
        free += 1
    return plans[0], plans[1], numbers

"""Scenarios: several ways to build the network of one place, side by side in one plan file.

The plan is the scenario that is shown; the others lie in it, packed. New, switch, rename and delete are edits: each can
be undone and is in the file. What is so in the world (homes, public places, ground, what was measured) is the same in
all of them; what is decided (towers, links, who serves whom, kits, rules, money) is each one's own.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cn_planner.errors import InputError, PlanFileError
from cn_planner.message import Message, msg
from cn_planner.model.history import Edit
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, PublicPlace, Scenarios, StoredScenario
from cn_planner.storage import codec

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan

SHARED_PARTS = (
    "info",
    "area",
    "zones",
    "obstacles",
    "terrain",
    "measurements",
    "notes",
    "evidence",
    "calibration",
    "purpose",
    "phones",
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def scenario_title(key: str, name: str) -> Message:
    """Return what a scenario is called: its name, else a letter."""
    if name:
        return msg("{name}", name=name)
    number = int(key) - 1
    return msg("Plan {letter}", letter=_LETTERS[number] if number < len(_LETTERS) else key)


def packed_plan(plan: Plan) -> str:
    """Return a plan as text, without its scenarios."""
    return base64.b85encode(codec.pack_plan(replace(plan, scenarios=Scenarios()))).decode("ascii")


def unfold(plan: Plan, key: str) -> Plan:
    """Return the plan of a scenario, with what is so in the world as the plan says now.

    Raises
    ------
    InputError
        Where there is no such scenario.
    PlanFileError
        Where it is damaged.
    """
    if key == plan.scenarios.id:
        return plan
    stored = _stored(plan, key)
    try:
        own = codec.unpack_plan(base64.b85decode(stored.packed))
    except (ValueError, binascii.Error) as problem:
        raise PlanFileError(
            msg("The scenario {name} cannot be read.", name=stored.name or key), fix=msg("Undo, or delete it.")
        ) from problem
    others = [one for one in plan.scenarios.others if one.id != key]
    others.append(StoredScenario(plan.scenarios.id, plan.scenarios.name, ""))
    return replace(
        own,
        **{name: getattr(plan, name) for name in SHARED_PARTS},
        households=_served(plan.households, own.households, own),
        places=_served(plan.places, own.places, own),
        scenarios=Scenarios(key, stored.name, tuple(sorted(others, key=lambda one: int(one.id)))),
    )


def _stored(plan: Plan, key: str) -> StoredScenario:
    found = next((one for one in plan.scenarios.others if one.id == key), None)
    if found is None:
        raise InputError(msg("There is no scenario {id}.", id=key))
    return found


_Client = TypeVar("_Client", Household, PublicPlace)


def _served(rows: Items[_Client], theirs: Items[_Client], own: Plan) -> Items[_Client]:
    """Return homes, or public places, as they are, each with the server and the kit that it has in a scenario."""
    network = own.used_sites.keys()
    found = []
    for key, one in rows.items():
        before = theirs.get(key)
        server = before.server if before is not None and before.server in network else None
        kit = before.client_kit if before is not None and server is not None else ""
        same = one.server == server and one.client_kit == kit
        found.append(one if same else replace(one, server=server, client_kit=kit))
    return Items(found)


def new_scenario(plan: Plan, name: str = "") -> Edit:
    """Copy the plan as it stands into a new scenario, and go on in that."""
    own = plan.scenarios
    key = str(max(int(one) for one in (own.id, *(other.id for other in own.others))) + 1)
    others = (*own.others, StoredScenario(own.id, own.name, packed_plan(plan)))
    fresh = Scenarios(key, name.strip(), tuple(sorted(others, key=lambda one: int(one.id))))
    return Edit(msg("new scenario {name}", name=scenario_title(key, name.strip())), replace(plan, scenarios=fresh))


def switch_scenario(plan: Plan, key: str) -> Edit:
    """Show another scenario.

    Raises
    ------
    InputError
        Where there is none of this id, or it is the one shown.
    PlanFileError
        Where it is damaged.
    """
    own = plan.scenarios
    if key == own.id:
        raise InputError(msg("This scenario is the one shown."))
    there = unfold(plan, key)
    others = tuple(
        replace(one, packed=packed_plan(plan)) if one.id == own.id else one for one in there.scenarios.others
    )
    label = msg("switch to {name}", name=scenario_title(key, there.scenarios.name))
    return Edit(label, replace(there, scenarios=replace(there.scenarios, others=others)))


def rename_scenario(plan: Plan, key: str, name: str) -> Edit:
    """Give a scenario another name.

    Raises
    ------
    InputError
        Where there is none of this id.
    """
    own, name = plan.scenarios, name.strip()
    if key == own.id:
        after = replace(own, name=name)
    else:
        stored = _stored(plan, key)
        after = replace(own, others=tuple(replace(one, name=name) if one is stored else one for one in own.others))
    return Edit(msg("rename scenario to {name}", name=scenario_title(key, name)), replace(plan, scenarios=after))


def delete_scenario(plan: Plan, key: str) -> Edit:
    """Delete a scenario; where it is the one shown, the one before it is shown.

    Raises
    ------
    InputError
        Where there is none of this id, or no other is left.
    """
    own = plan.scenarios
    gone = own.name if key == own.id else _stored(plan, key).name
    if not own.others:
        raise InputError(msg("This is the only scenario."), fix=msg("Make another one before you delete it."))
    if key == own.id:
        before = [one.id for one in own.others if int(one.id) < int(key)]
        plan = switch_scenario(plan, before[-1] if before else own.others[0].id).plan
        own = plan.scenarios
    after = replace(own, others=tuple(one for one in own.others if one.id != key))
    return Edit(msg("delete scenario {name}", name=scenario_title(key, gone)), replace(plan, scenarios=after))

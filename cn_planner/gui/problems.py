"""What the window does about a problem of the plan: the words of its button, and the command that opens the place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.checks import Action

if TYPE_CHECKING:
    from cn_planner.model.checks import PlanProblem
    from cn_planner.model.plan import Plan


def remedy(problem: PlanProblem, plan: Plan) -> tuple[Message, str] | None:
    """Return what a button says and the command of the window that it gives; None where there is nothing to open."""
    match problem.action:
        case Action.ADD_TERRAIN:
            return msg("Add terrain…"), "add_terrain"
        case Action.ADD_HOMES:
            return msg("Add homes…"), "import_homes"
        case Action.CHOOSE_GATEWAY:
            return msg("Choose the gateway"), "choose_gateway"
        case Action.PLAN_AGAIN:
            return msg("Plan again"), "make_plan"
        case Action.GIVE_CHANNELS:
            return msg("Give channels"), "give_channels"
        case Action.ANSWER if problem.answer.split(".")[0] in {"sites", "households", "links", "places"}:
            return msg("Fill it in"), f"fill:{problem.answer.split('.')[1]}:{problem.where}"
        case Action.ANSWER:
            return msg("Fill it in"), f"set:{problem.answer}"
        case _ if any(problem.where in rows for rows in (plan.sites, plan.households, plan.links, plan.places)):
            return msg("Show on the map"), f"show:{problem.where}"
        case _:
            return None


_FEWER = msg("Cost against homes…"), "tradeoff"  # plans from few homes to all: which of them can be had is seen there
_CHANGED = "Another program has changed the plan since it was opened."
_OF_ERRORS: dict[str, tuple[Message, str]] = {
    "The plan has no homes.": (msg("Add homes…"), "import_homes"),
    "No site that may be used is a gateway, where the Internet enters.": (msg("Choose the gateway"), "choose_gateway"),
    "The terrain is missing under {things}.": (msg("Begin here…"), "ground"),
    "The plan has no place yet, so nobody knows which terrain it needs.": (msg("Begin here…"), "ground"),
    "This elevation file lies outside the plan's folder and was not added on this machine.": (
        msg("Add terrain…"),
        "add_terrain",
    ),
    "No plan was found.": (msg("Find places for towers"), "find_places"),
    "The Internet connections carry only {carried:,g} homes at the busy hour; {goal:,g} are to be reached. "
    "Ask for more Mbit/s there, for a smaller share of the homes, or plan for less demand.": _FEWER,
    "The gateways carry only {count:,g} home; {wanted:,g} are to be served.": _FEWER,
    "The sectors and links that gateways may have carry only {carried:,g} homes; {wanted:,g} are to be served.": _FEWER,
}
"""By what was said: an error that a person can do something about at once is no dead end with a report to copy."""


def remedy_of_error(what: Message, where: str = "") -> tuple[Message, str] | None:
    """Return what the button beside an error says, and the command that it gives; None where there is none."""
    if what.key == _CHANGED and where:
        name = Path(where).name.removesuffix(".gpkg").removesuffix(".cnplan")
        return msg("Open {name}", name=name), f"open:{where}"
    return _OF_ERRORS.get(what.key)


_PLACE = msg("Place a tower"), "place_tower"
_OF_ADVICE: dict[str, tuple[Message, str]] = {
    "Elevation files for the area.": (msg("Add terrain…"), "add_terrain"),
    "The link {a} to {b} has no room for more: it carries {rate:.1f} Mbit/s, and {load:.1f} would be wanted at the "
    "busy hour. Plan again, or give that link a kit or a channel that carries more.": (msg("Plan again"), "make_plan"),
    "The Internet connection at {site} has no room for more: it carries {rate:.1f} Mbit/s, and {load:.1f} would be "
    "wanted at the busy hour. Ask for more Mbit/s, or plan for less demand.": (
        msg("What holds for this plan…"),
        "set:demand.mbps_per_home",
    ),
    "{site} sees it; let the planner find the towers between it and the gateway.": (msg("Plan again"), "make_plan"),
    "Allow one more hop in the rules of the plan, {hops} in all; or find a place for a tower that makes the way "
    "shorter.": (msg("What holds for this plan…"), "set:rules.max_hops"),
    "Allow more hops in the rules of the plan, {hops} in all; or find a place for a tower that makes the way "
    "shorter.": (msg("What holds for this plan…"), "set:rules.max_hops"),
}
"""By what was said: beside what helps a home stands the button that does it."""


def remedy_of_advice(what: Message | None) -> tuple[Message, str]:
    """Return what the button beside an advice for a home says, and the command that it gives: a tower, by itself."""
    return _PLACE if what is None else _OF_ADVICE.get(what.key, _PLACE)

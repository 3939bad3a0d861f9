"""What the window does about a problem of the plan: the words of its button, and the command that opens the place."""

from __future__ import annotations

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
}
"""By what was said: an error that a person can do something about at once is no dead end with a report to copy."""


def remedy_of_error(what: Message) -> tuple[Message, str] | None:
    """Return what the button beside an error says, and the command that it gives; None where there is none."""
    return _OF_ERRORS.get(what.key)

"""How far the plan is, for the sidebar of tasks: seven verbs, each with its state in words and one next action.

Nothing here knows Qt: everything is read from the plan, and from who is served where that is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from cn_planner.gui.kept import kept
from cn_planner.gui.problems import remedy
from cn_planner.message import Message, counted, msg
from cn_planner.model.checks import Action, PlanProblem, Severity, problems
from cn_planner.model.clients import NO_HOMES
from cn_planner.model.gateways import is_gateway, may_be_gateway
from cn_planner.model.plan import Choice, HomeKind, Plan, PowerSource, Priority, Status

if TYPE_CHECKING:
    from cn_planner.gui.quantities import Quantities
    from cn_planner.model.items import Items
    from cn_planner.model.plan import Household


_FEW = 3
"""With fewer free places than this the planner has little to choose from."""


class Stage(StrEnum):
    """How a task stands."""

    DONE = "done"
    ATTENTION = "attention"
    OPEN = "open"


STAGE_WORDS = {Stage.DONE: msg("done"), Stage.ATTENTION: msg("needs attention"), Stage.OPEN: msg("to do")}


@dataclass(frozen=True, slots=True)
class SidebarTask:
    """One verb of the sidebar.

    Attributes
    ----------
    key : str
        ``area`` and so on; also the name of its icon.
    verb : Message
    stage : Stage
    state : Message
        Where it stands, in words.
    action : Message
        The one next thing.
    command : str
        The command of the window that does it.
    count : str
        What stands in the symbol in place of a sign; empty for the stage's own sign.
    """

    key: str
    verb: Message
    stage: Stage
    state: Message
    action: Message
    command: str
    count: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """How many homes are reached, of how many; ``known`` is False as long as nothing is planned."""

    served: float
    homes: float
    known: bool

    @property
    def left(self) -> float:
        """How many are not."""
        return self.homes - self.served


_problems = kept(problems)


@kept
def homes_by_kind(homes: Items[Household]) -> dict[HomeKind, float]:
    """Return how many there are of each kind. A school counts as one school however many homes it weighs."""
    count = dict.fromkeys(HomeKind, 0.0)
    for home in homes.values():
        count[home.kind] += home.weight if home.kind is HomeKind.HOME else 1.0
    return count


@kept
def homes_in_all(homes: Items[Household]) -> float:
    """Return how many homes there are, by weight."""
    return sum(home.weight for home in homes.values())


@kept
def homes_given(homes: Items[Household]) -> frozenset[str]:
    """Return the ids of the homes that the plan gives a server."""
    return frozenset(key for key, home in homes.items() if home.server is not None)


def homes_reached(plan: Plan, served: frozenset[str] | None = None) -> Reached:
    """Return how many homes are reached.

    Parameters
    ----------
    plan : Plan
        As it stands.
    served : frozenset of str, optional
        Ids of the homes that are served, as computed; where not given, those that the plan gives a server.
    """
    homes = plan.households
    ids = served if served is not None else homes_given(homes)
    count = sum(homes[key].weight for key in ids if key in homes)
    return Reached(count, homes_in_all(homes), served is not None or bool(ids) or plan.outcome is not None)


def questions(plan: Plan) -> tuple[PlanProblem, ...]:
    """Return what only the village knows and can be answered in place."""
    found = (one for one in _problems(plan) if one.severity is Severity.QUESTION and one.answer)
    # Nobody's law holds in a place that is made up.
    return tuple(one for one in found if not (plan.info.invented and one.answer == "info.country"))


def tasks(
    plan: Plan | None,
    quantities: Quantities,
    served: frozenset[str] | None = None,
    *,
    counting: bool = False,
    online: float | None = None,
) -> tuple[SidebarTask, ...]:
    """Return the seven tasks of a plan; of an empty plan where there is none.

    Parameters
    ----------
    plan : Plan or None
        As it stands.
    quantities : Quantities
        How lengths are read.
    served : frozenset of str, optional
        Ids of the homes that are reached, as computed.
    counting : bool
        Whether that is being computed: the last number stands, and where there was none this is said.
    online : float, optional
        How many homes have the Internet, as far as that is known.
    """
    plan = plan if plan is not None else Plan()
    found = (
        _area(plan, quantities),
        _people(plan),
        _places(plan),
        _connect(plan, homes_reached(plan, served), counting=counting, online=online),
        _power(plan),
        _check(plan),
        _share(plan),
    )
    wrong = [one for one in _problems(plan) if one.severity is not Severity.QUESTION and one.where]
    return tuple(_with_problem(task, plan, wrong) for task in found)


def _with_problem(task: SidebarTask, plan: Plan, wrong: list[PlanProblem]) -> SidebarTask:
    """Return the task; where it seems done and something of it is wrong, that in its place."""
    if task.stage is Stage.DONE:
        for one in wrong:
            if _belongs_to(one, plan) == task.key:
                words, command = remedy(one, plan) or (msg("Show on the map"), f"show:{one.where}")
                return replace(task, stage=Stage.ATTENTION, state=one.what, action=words, command=command)
    return task


def _belongs_to(one: PlanProblem, plan: Plan) -> str:
    if one.action is Action.GIVE_CHANNELS:
        return "connect"
    if one.where in plan.sites:
        return "places"
    if one.where in plan.households:
        home = plan.households[one.where]
        lost = home.server is not None or home.priority is Priority.MUST
        return "connect" if lost else "people"
    return "connect" if one.where in plan.links else ""


def with_proposal(all_tasks: tuple[SidebarTask, ...], won: float, lost: float) -> tuple[SidebarTask, ...]:
    """Return the tasks while a proposal waits that wins and loses so many homes: to take it is the next step."""
    homes = [
        words.about(weight)
        for weight, words in (
            (won, counted("+{count:,g} home", "+{count:,g} homes", 0)),
            (lost, counted("−{count:,g} home", "−{count:,g} homes", 0)),
        )
        if weight
    ]
    state = msg("A proposal waits: {homes}", homes=comma_list(homes)) if homes else msg("A proposal waits")
    action, command = msg("Accept the proposal"), "accept_proposal"
    return tuple(
        replace(one, stage=Stage.ATTENTION, state=state, action=action, command=command, count="")
        if one.key == "connect"
        else one
        for one in all_tasks
    )


def with_saving(all_tasks: tuple[SidebarTask, ...], words: Message) -> tuple[SidebarTask, ...]:
    """Return the tasks where something was found that would save money: to look at it is what can be done next."""
    return tuple(
        replace(one, state=msg("{first}. {second}", first=one.state, second=words), action=msg("Look at it"),
                command="show_saving")
        if one.key == "connect" and one.stage is not Stage.OPEN
        else one
        for one in all_tasks
    )  # fmt: skip


def next_task(all_tasks: tuple[SidebarTask, ...]) -> str:
    """Return the key of the first task that is not done; the last where all are."""
    for task in all_tasks:
        if task.stage is not Stage.DONE:
            return task.key
    return all_tasks[-1].key


def _area(plan: Plan, quantities: Quantities) -> SidebarTask:
    task = partial(SidebarTask, "area", msg("Area"))
    if not plan.elevation:
        return task(Stage.ATTENTION, msg("No terrain yet"), msg("Begin here…"), "ground")
    cell = quantities.height(min(row.cell_m for row in plan.elevation))
    if plan.area.canopy_m is None:
        return task(
            Stage.ATTENTION,
            msg("Terrain {cell}, trees not known", cell=cell),
            msg("How tall are the trees?"),
            "answer:area.canopy_m",
        )
    state = msg("Terrain {cell}, trees {trees}", cell=cell, trees=quantities.height(plan.area.canopy_m))
    if not plan.info.country and not plan.info.invented:
        return task(Stage.ATTENTION, state, msg("Which country?"), "answer:info.country")
    return task(Stage.DONE, state, msg("Add terrain…"), "add_terrain")


def _people(plan: Plan) -> SidebarTask:
    task = partial(SidebarTask, "people", msg("People"))
    if not plan.households:
        return task(Stage.ATTENTION, msg("No homes yet"), msg("Add homes…"), "import_homes")
    parts = []
    for kind, words in (
        (HomeKind.HOME, counted("{count:,g} home", "{count:,g} homes", 0)),
        (HomeKind.SCHOOL, counted("{count:,.0f} school", "{count:,.0f} schools", 0)),
        (HomeKind.CLINIC, counted("{count:,.0f} clinic", "{count:,.0f} clinics", 0)),
        (HomeKind.SHOP, counted("{count:,.0f} shop", "{count:,.0f} shops", 0)),
        (HomeKind.OTHER, counted("{count:,.0f} other", "{count:,.0f} others", 0)),
    ):
        if count := homes_by_kind(plan.households)[kind]:
            parts.append(words.about(count))
    return task(Stage.DONE, comma_list(parts[:3]), msg("Add more homes…"), "import_homes")


def comma_list(parts: list[Message]) -> Message:
    """Return parts of a list as one message with commas between."""
    result = parts[0]
    for part in parts[1:]:
        result = msg("{first}, {second}", first=result, second=part)
    return result


def _places(plan: Plan) -> SidebarTask:
    task = partial(SidebarTask, "places", msg("Places"))
    if not plan.sites:
        return task(Stage.ATTENTION, msg("No towers yet"), *_more_places(plan))
    agreed = sum(site.status in {Status.AGREED, Status.SURVEYED, Status.BUILT} for site in plan.sites.values())
    places = counted("{count} place", "{count} places", len(plan.sites))
    if not any(may_be_gateway(site) for site in plan.sites.values()):
        return task(
            Stage.ATTENTION, msg("{places}, no gateway yet", places=places), msg("Choose the gateway"), "choose_gateway"
        )
    state = msg("{places}, {agreed} agreed", places=places, agreed=agreed)
    return task(Stage.DONE, state, *_more_places(plan))


def _more_places(plan: Plan) -> tuple[Message, str]:
    """Return how places are added: from the terrain where there is little to choose from, else by hand."""
    free = sum(not site.in_network and site.choice is Choice.FREE for site in plan.sites.values())
    if plan.elevation and plan.households and free < _FEW:
        return msg("Find places for towers"), "find_places"
    return msg("Place a tower"), "place_tower"


def _connect(plan: Plan, homes: Reached, *, counting: bool = False, online: float | None = None) -> SidebarTask:
    task = partial(SidebarTask, "connect", msg("Connect"))
    for there, action, command in (
        (bool(plan.elevation), msg("Add terrain first…"), "add_terrain"),
        (bool(plan.households), msg("Add homes first…"), "import_homes"),
        (bool(plan.sites), msg("Place a tower first"), "place_tower"),
    ):
        if not there:
            return task(Stage.OPEN, msg("Waits for the steps above"), action, command)
    if counting and homes.served <= NO_HOMES and plan.used_sites:
        return task(Stage.OPEN, msg("Counting who is reached…"), msg("Plan the network"), "make_plan")
    if not homes.known:
        return task(Stage.OPEN, msg("Nothing planned yet"), msg("Plan the network"), "make_plan")
    if homes.served > NO_HOMES and online is not None and online <= NO_HOMES:
        gateway = any(is_gateway(site) for site in plan.used_sites.values())
        state = counted(
            "{count:,g} reached, not linked to a gateway yet", "{count:,g} reached, not linked to a gateway yet",
            homes.served,
        )  # fmt: skip
        action, command = (
            (msg("Link the tower"), "draw_link") if gateway else (msg("Choose the gateway"), "choose_gateway")
        )
        return task(Stage.ATTENTION, state, action, command, f"{math.ceil(homes.left - NO_HOMES)}")
    if homes.left > NO_HOMES:
        state = msg("{served:,g} reached, {left:,g} not", served=homes.served, left=homes.left)
        action = counted("Reach the last one", "Reach the last {count:,g}", homes.left)
        if homes.served <= NO_HOMES:
            action = msg("Plan the network")
        return task(Stage.ATTENTION, state, action, "reach_more", f"{math.ceil(homes.left - NO_HOMES)}")
    state = msg("All {served:,g} reached", served=homes.served)
    return task(Stage.DONE, state, msg("Plan again"), "make_plan")


def _power(plan: Plan) -> SidebarTask:
    task = partial(SidebarTask, "power", msg("Power & money"))
    built = list(plan.used_sites.values())
    unknown = sum(site.power is PowerSource.UNKNOWN for site in built)
    if unknown:
        state = counted("Power of {count} tower not known", "Power of {count} towers not known", unknown)
        return task(Stage.ATTENTION, state, msg("What feeds it?"), "answer:sites.power")
    if not built:
        return task(Stage.OPEN, msg("No towers planned yet"), msg("Prices and wages…"), "costs")
    sun = sum(site.power is PowerSource.SOLAR for site in built)
    state = msg("{sun} on the sun, {mains} on the mains", sun=sun, mains=len(built) - sun)
    if sun and not plan.sun.known:
        return task(Stage.ATTENTION, msg("How much sun there is is not known"), msg("Enter sunshine…"), "power")
    return task(Stage.DONE, state, msg("Power from the sun…"), "power")


def _check(plan: Plan) -> SidebarTask:
    task = partial(SidebarTask, "check", msg("Check on site"))
    built = list(plan.used_sites.values())
    if not built:
        return task(Stage.OPEN, msg("Nothing to check yet"), msg("Print field sheets…"), "field_sheets")
    seen = sum(site.status in {Status.SURVEYED, Status.BUILT} for site in built)
    stage = Stage.DONE if seen == len(built) else Stage.OPEN
    state = counted(
        "{seen} of {count} tower seen on site", "{seen} of {count} towers seen on site", len(built), seen=seen
    )
    return task(stage, state, msg("What did you see?…"), "what_seen")


def _share(plan: Plan) -> SidebarTask:
    state = msg("Report, tables, maps") if plan.sites or plan.households else msg("Nothing to share yet")
    return SidebarTask("share", msg("Share"), Stage.OPEN, state, msg("Write the files…"), "share")

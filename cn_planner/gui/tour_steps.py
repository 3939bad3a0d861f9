"""The tour as data: one step for each task of the sidebar, ticked by what is in the plan and not by what was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.gateways import may_be_gateway
from cn_planner.model.plan import PowerSource, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.model.plan import Plan


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step.

    Attributes
    ----------
    key : str
        The task of the sidebar that it stands beside.
    title, words : Message
        What is done, and how.
    ticked : Message
        What is so once it is done.
    is_done : callable of (Plan, bool)
        Whether it is, of a plan; the second says whether papers were written of it.
    """

    key: str
    title: Message
    words: Message
    ticked: Message
    is_done: Callable[[Plan, bool], bool]


def _is_planned(plan: Plan, _shared: bool) -> bool:
    # What is proposed may be taken in part: no outcome is kept of that. An outcome for nobody says why there is none.
    served = plan.outcome is not None and plan.outcome.served > 0.0
    return bool(plan.used_sites) and (served or bool(plan.links))


def _is_fed(plan: Plan, _shared: bool) -> bool:
    return bool(plan.used_sites) and all(one.power is not PowerSource.UNKNOWN for one in plan.used_sites.values())


def _is_seen(plan: Plan, _shared: bool) -> bool:
    walked = (one.status in {Status.SURVEYED, Status.BUILT} for one in plan.used_sites.values())
    return bool(plan.evidence) or any(walked)


TOUR_STEPS: tuple[TourStep, ...] = (
    TourStep(
        "area",
        msg("Say where it is"),
        msg("By name, coordinates, a click or files. Terrain, map and names come along, with or without a net."),
        msg("The terrain is there."),
        lambda plan, _shared: bool(plan.elevation),
    ),
    TourStep(
        "people",
        msg("Say who lives there"),
        msg("A list, the roofs of the map, or a click for each home. Schools and clinics count too."),
        msg("The homes are there."),
        lambda plan, _shared: bool(plan.households),
    ),
    TourStep(
        "places",
        msg("Say where the Internet comes in"),
        msg("One click on the map. Then let the program find places for towers, or put them there yourself."),
        msg("The Internet has a place."),
        lambda plan, _shared: any(may_be_gateway(one) for one in plan.sites.values()),
    ),
    TourStep(
        "connect",
        msg("Plan the network"),
        msg("The program proposes towers and links, and says why. Nothing changes before you accept."),
        msg("There is a plan."),
        _is_planned,
    ),
    TourStep(
        "power",
        msg("Say what feeds the towers"),
        msg("The mains, or the sun. Prices are examples until you write down your own."),
        msg("Each tower has its power."),
        _is_fed,
    ),
    TourStep(
        "check",
        msg("Look with your own eyes"),
        msg("Walk there with the field sheets. What you saw counts more than what was computed."),
        msg("Something was seen on site."),
        _is_seen,
    ),
    TourStep(
        "share",
        msg("Print the papers"),
        msg("Two pages for the assembly, a pack for each tower, files for telephones and maps."),
        msg("The papers are written."),
        lambda _plan, shared: shared,
    ),
)


def next_tour_step(plan: Plan, shared: bool, after: int = -1) -> int:
    """Return the first step after one that is not done; the first of all where none after it is left, else -1."""
    open_steps = [number for number, one in enumerate(TOUR_STEPS) if not one.is_done(plan, shared)]
    return next((number for number in open_steps if number > after), open_steps[0] if open_steps else -1)

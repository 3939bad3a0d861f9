"""Start from the ground: the four answers of a new plan, and how each stands. Everything is read from the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.gui.kinds import site_name
from cn_planner.gui.map.tools.area import size_m
from cn_planner.gui.overview import comma_list, homes_in_all
from cn_planner.message import Message, counted, msg
from cn_planner.model.gateways import may_be_gateway

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.gui.quantities import Quantities
    from cn_planner.model.plan import Plan

WHERE, GROUND, INTERNET, HOMES = "where", "ground", "internet", "homes"


@dataclass(frozen=True, slots=True)
class GroundStep:
    """One answer.

    Attributes
    ----------
    key : str
    title : Message
        What is asked.
    done : bool
    state : Message
        What the plan says of it.
    """

    key: str
    title: Message
    done: bool
    state: Message


def ground_steps(plan: Plan, quantities: Quantities) -> tuple[GroundStep, ...]:
    """Return the four answers of a plan."""
    return (_where(plan, quantities), _ground(plan, quantities), _internet(plan), _homes(plan))


def next_ground_step(steps: Sequence[GroundStep]) -> str:
    """Return the key of the first answer that is missing; empty where none is."""
    return next((one.key for one in steps if not one.done), "")


def _where(plan: Plan, quantities: Quantities) -> GroundStep:
    there = bool(plan.area.box or plan.elevation or plan.sites or plan.households)
    state = msg("A name, coordinates, a click, a box or a file.")
    if plan.area.box:
        south, west, north, east = plan.area.box
        wide, high = size_m(((south, west), (north, east)))
        state = msg("A box of {width} × {height}.", width=quantities.distance(wide), height=quantities.distance(high))
    elif there:
        state = msg("Where the files of the plan lie.")
    if there and not (plan.info.country or plan.info.invented):
        # Without one nobody knows how strongly a radio may send: no plan is without a country by accident.
        there, state = False, msg("{place} Which country is it?", place=state)
    return GroundStep(WHERE, msg("Where is your village?"), there, state)


def _ground(plan: Plan, quantities: Quantities) -> GroundStep:
    title, rows = msg("What does the ground look like?"), plan.elevation
    if not rows:
        return GroundStep(GROUND, title, False, msg("Terrain, roads, rivers, names and roofs."))
    parts = [msg("Terrain {cell}", cell=quantities.height(min(row.cell_m for row in rows)))]
    parts.append(msg("map and names") if plan.area.base_map else msg("no map yet"))
    return GroundStep(GROUND, title, True, comma_list(parts))


def _internet(plan: Plan) -> GroundStep:
    title = msg("Where does the Internet come in?")
    gates = [key for key, site in plan.sites.items() if may_be_gateway(site)]
    if not gates:
        return GroundStep(INTERNET, title, False, msg("A house with fibre, a mast, a dish: one click on the map."))
    return GroundStep(
        INTERNET, title, True, msg("At {site}.", site=", ".join(site_name(plan, one) for one in gates[:3]))
    )


def _homes(plan: Plan) -> GroundStep:
    title = msg("Who lives there?")
    if not plan.households:
        return GroundStep(HOMES, title, False, msg("The roofs of the map, a list, or a click for each home."))
    words = counted("{count:,g} home", "{count:,g} homes", homes_in_all(plan.households))
    return GroundStep(HOMES, title, True, words)

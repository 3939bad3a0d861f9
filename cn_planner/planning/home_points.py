"""Neighbours as one point: homes of one kind in a square of the ground, and one of them that stands for all."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.model.clients import is_place
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Priority

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.model.plan import Plan

_MOST_HOMES = 5_000
"""So many are planned one by one: with more the search takes minutes for little."""
_MOST_POINTS = 2_000
_FIRST_M = 25.0


class HomePoints(NamedTuple):
    """Homes by the one that stands for them and itself, and the side of the squares that they lie in."""

    members: Mapping[str, tuple[Household, ...]]
    side_m: float


def points_of(plan: Plan, few: int = _MOST_HOMES, most: int = _MOST_POINTS) -> HomePoints | None:
    """Return homes of one kind in squares of the ground, as small as give no more than so many points.

    A home that must be reached or whose class has a demand of its own, and a public place, stand alone, however many
    they are. None where there are few homes.
    """
    homes, demand = plan.households, plan.demand
    if len(homes) <= few:
        return None
    south = min(home.latitude for home in homes.values())
    west = min(home.longitude for home in homes.values())
    widest = max(abs(home.latitude) for home in homes.values())
    north_m = 111_195.0
    east_m = north_m * math.cos(math.radians(min(widest, 89.0)))
    side = _FIRST_M
    while True:
        squares: dict[tuple[object, ...], list[Household]] = {}
        for home in homes.values():
            row, column = int((home.latitude - south) * north_m / side), int((home.longitude - west) * east_m / side)
            alone = home.priority is Priority.MUST or is_place(home.id) or demand.of_class(home.kind) is not None
            own = home.id if alone else ""
            alike = (home.kind, home.antenna_height_m, home.on_pole, home.client_kit)
            squares.setdefault((row, column, own, *alike), []).append(home)
        wanted = sum(1 for key in squares if key[2])
        if len(squares) - wanted <= most or side > 100_000.0:
            break
        side *= math.sqrt(2.0)
    return HomePoints({_middle(group).id: tuple(group) for group in squares.values()}, side)


def _middle(group: list[Household]) -> Household:
    latitude = sum(home.latitude for home in group) / len(group)
    longitude = sum(home.longitude for home in group) / len(group)
    narrow = math.cos(math.radians(latitude))

    def off(home: Household) -> tuple[float, str]:
        return math.hypot(home.latitude - latitude, (home.longitude - longitude) * narrow), home.id

    return min(group, key=off)


def as_points(plan: Plan, points: HomePoints) -> Plan:
    """Return the plan with a point for each square in place of its homes."""
    stand_for = Items(
        replace(plan.households[key], weight=math.fsum(home.weight for home in group))
        for key, group in points.members.items()
    )
    return replace(plan, households=stand_for)

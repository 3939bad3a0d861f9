"""Hamlets of a plan: homes grouped and named after the places of the base map, and how many of each are reached."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import InputError
from cn_planner.i18n import say
from cn_planner.importers.hamlets import hamlets
from cn_planner.importers.near import apart_m
from cn_planner.message import counted, msg
from cn_planner.model import edits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Household, Plan

NAMED_WITHIN_M = 2000.0
"""A hamlet is called after the nearest place that lies no further from its middle."""
_GROUPED = counted("group homes into {count} hamlet", "group homes into {count} hamlets", 0)
NamedPlace = tuple[str, float, float]
"""Name, latitude, longitude."""


def group_homes(plan: Plan, within_m: float, places: Iterable[NamedPlace], *, anew: bool = True) -> Edit:
    """Return the edit that puts homes into hamlets.

    Parameters
    ----------
    plan : Plan
        The plan as it is.
    within_m : float
        Homes of a hamlet are at most so far from the next one.
    places : iterable of Place
        After which hamlets are called: the nearest within `NAMED_WITHIN_M`; the larger hamlet has the first choice, and
        those for which none is left have numbers.
    anew : bool
        All homes; else those that have no hamlet yet.

    Raises
    ------
    InputError
        Where the distance is not above 0.
    """
    if not (within_m > 0.0 and math.isfinite(within_m)):
        raise InputError(msg("Hamlets need a distance above 0 m."), fix=msg("Give one such as 150 m."))
    homes = [home for home in plan.households.values() if anew or not home.hamlet]
    latitude = np.array([home.latitude for home in homes], np.float64)
    longitude = np.array([home.longitude for home in homes], np.float64)
    groups = hamlets(latitude, longitude, within_m)
    middles = [(float(np.median(latitude[one])), float(np.median(longitude[one]))) for one in groups]
    taken = set() if anew else {home.hamlet for home in plan.households.values()}
    names = _names(middles, list(places), taken, plan.info.language)
    changed: list[Household] = []
    of_home = {number: name for name, group in zip(names, groups, strict=True) for number in group.tolist()}
    for number, home in enumerate(homes):
        name = of_home.get(number, "")
        if name != home.hamlet:
            changed.append(replace(home, hamlet=name))
    return edits.put(plan, changed, _GROUPED.about(len(groups)))


def _names(middles: list[tuple[float, float]], places: list[NamedPlace], taken: set[str], language: str) -> list[str]:
    names, number = [], 0
    y = np.array([place[1] for place in places], np.float64)
    for latitude, longitude in middles:
        close = np.flatnonzero(np.abs(y - latitude) < 0.02) if places else ()
        near = sorted(
            (float(apart_m(latitude, longitude, *places[at][1:])), places[at][0])
            for at in close
            if places[at][0] not in taken
        )
        if near and near[0][0] <= NAMED_WITHIN_M:
            name = near[0][1]
        else:
            number += 1
            while (name := say(msg("Hamlet {number}", number=number), language)) in taken:
                number += 1
        taken.add(name)
        names.append(name)
    return names


def reached_of_hamlets(plan: Plan, reached: Iterable[str]) -> tuple[tuple[str, int, int], ...]:
    """Return each hamlet, how many of its homes are reached, and how many it has: those with most left out first.

    Homes without a hamlet are under an empty name; nothing where no home has one.
    """
    there = set(reached)
    homes = Counter(home.hamlet for home in plan.households.values())
    if not any(homes):
        return ()
    served = Counter(home.hamlet for key, home in plan.households.items() if key in there)
    rows = ((name, served[name], count) for name, count in homes.items())
    return tuple(sorted(rows, key=lambda row: (row[1] - row[2], row[0])))


def said_of_hamlet(name: str, reached: int, homes: int) -> Message:
    """Return how many homes of a hamlet are reached, as a sentence."""
    if not name:
        return counted(
            "Outside of hamlets: {reached} of {count} home reached.",
            "Outside of hamlets: {reached} of {count} homes reached.", homes, reached=reached,
        )  # fmt: skip
    return counted(
        "{hamlet}: {reached} of {count} home reached.", "{hamlet}: {reached} of {count} homes reached.", homes,
        hamlet=name, reached=reached,
    )  # fmt: skip

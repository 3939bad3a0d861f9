"""Public places in the planner: they stand among the homes; `places_apart` tells them apart in what comes out.

A place that must be connected is served as a home is that must be reached: by its own path, kit and demand. Where
hotspots are allowed the others are weighed: each counts for so many homes as the people make whom it alone reaches,
those who are there, and those who live within walking distance in homes that no place for a tower sees, each at the
nearest. All of it is the same model and bound. What is asked for is the share of the homes, and all places beside; a
place may be made up for by as many homes more, so that never fewer homes are reached than the rule says. Places count
in whole homes, as many as their people make, to the nearest; one that has to be connected counts as one home. What is
carried for them is another thing (`clients.demand_of`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.geo import geodesics
from cn_planner.model.clients import hotspots_on, place_of, with_clients
from cn_planner.model.items import Items
from cn_planner.model.plan import Choice, Priority, Status
from cn_planner.service.hotspots import people_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.study import Study


def planned_for(plan: Plan) -> Plan:
    """Return a plan in which the public places that are planned for stand among the homes.

    Hotspots that an earlier plan hung on towers are chosen anew: a search does not pay for them.
    """
    plan = without_chosen(plan)
    places = [one for one in plan.places.values() if not one.left_out and (one.must or hotspots_on(plan))]
    return with_clients(plan, places) if places else plan


def without_chosen(plan: Plan) -> Plan:
    """Return a plan with the hotspots on towers that people decided on alone: locked, or of a tower that is kept."""
    wanted = {key: keeps_hotspot(site) for key, site in plan.sites.items()}
    chosen = [replace(site, hotspot=wanted[key]) for key, site in plan.sites.items() if site.hotspot != wanted[key]]
    return replace(plan, sites=plan.sites.changed(put=chosen)) if chosen else plan


def keeps_hotspot(site: Site) -> bool:
    """Return whether a tower has a hotspot in each plan: chosen so, or it has one and is itself locked or built."""
    if site.hotspot_choice is not Choice.FREE:
        return site.hotspot_choice is Choice.LOCKED
    return site.hotspot and (site.choice is Choice.LOCKED or site.status is Status.BUILT)


def weighed(study: Study, homes: tuple[Household, ...], seen: NDArray[np.int64]) -> tuple[Study, tuple[Household, ...]]:
    """Return homes, and public places among them, each place that need not be connected with its people as weight.

    Parameters
    ----------
    study : Study
        Its plan comes back with these homes.
    homes : tuple of Household
        As `planned_for` has them.
    seen : int64 array
        Numbers of the homes that any place for a tower sees.
    """
    plan = study.plan
    free = [n for n, one in enumerate(homes) if place_of(plan, one.id) and one.priority is not Priority.MUST]
    if not free:
        return study, homes
    people = np.array([getattr(place_of(plan, homes[n].id), "people", None) or 0.0 for n in free])
    there = set(seen.tolist())
    hidden = [n for n, one in enumerate(homes) if n not in there and place_of(plan, one.id) is None]
    if hidden:
        lat, lon = (np.array([getattr(homes[n], name) for n in hidden]) for name in ("latitude", "longitude"))
        away = np.array([geodesics(homes[n].latitude, homes[n].longitude, lat, lon)[2] for n in free])
        near = away.min(axis=0) <= plan.phones.walk_m
        live = np.array([people_of(plan, homes[n]) for n in hidden])
        np.add.at(people, away.argmin(axis=0)[near], live[near])
    in_homes = people / plan.phones.people_per_home
    weight = {n: max(float(round(w)), 1.0) if w > 0.0 else 0.0 for n, w in zip(free, in_homes.tolist(), strict=True)}
    found = tuple(replace(one, weight=weight[n]) if n in weight else one for n, one in enumerate(homes))
    return replace(study, plan=replace(plan, households=Items(found))), found


def share_of_all(plan: Plan, homes: Sequence[Household], reachable: Sequence[object], cover: float) -> float:
    """Return the share of all weight that is asked for, where a share of the homes and the places beside them are.

    ``reachable``: of each home, something that is true where it can be reached.
    """
    weight, places = 0.0, 0.0
    for one, reach in zip(homes, reachable, strict=True):
        if reach and place_of(plan, one.id) is None:
            weight += one.weight
        elif reach:
            places += one.weight
    return min(1.0, (cover * weight + places) / (weight + places)) if places > 0.0 else cover

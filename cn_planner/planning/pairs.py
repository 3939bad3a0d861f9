"""Which sites and homes, and which sites, the planner looks at together: those that a signal may join."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.message import msg
from cn_planner.model.clients import roof_height_m
from cn_planner.planning.link_rows import kept_pairs
from cn_planner.service.within_range import NEAR_HOME_KM, NEAR_LINK_KM, access_pairs, backhaul_pairs, usual_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.message import Message
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.progress import Run
    from cn_planner.study import Study

    IndexPairs = tuple[NDArray[np.int64], NDArray[np.int64]]

_MOST_CELLS = 10_000_000
"""Paths times heights that are computed at most: some 1.5 GB."""


TOO_MANY, ENOUGH = "too many", "enough"
"""Why far paths are left out of a problem."""


class LookedAt(NamedTuple):
    """Pairs by their numbers: of sites and homes, and of sites, the first below the second.

    ``near``: whether only those are among them that are looked at in any case, as all would not fit into memory.
    """

    access: IndexPairs
    backhaul: IndexPairs
    near: bool = False


def places_of(things: tuple[Site, ...] | tuple[Household, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes, degrees."""
    return np.array([t.latitude for t in things], np.float64), np.array([t.longitude for t in things], np.float64)


def pairs_to_look_at(
    study: Study, sites: tuple[Site, ...], homes: tuple[Household, ...], heights: tuple[float, ...], run: Run
) -> LookedAt:
    """Return the pairs that are near, or that the ground may leave clear at the greatest heights.

    Where these are too many and no rule says how far is looked, those that are near alone.

    Raises
    ------
    InputError
        Where they do not fit into memory.
    CancelledError
    """
    found = _pairs(study, sites, homes, heights, run)
    usual = usual_rules(study.plan.rules)
    if not _fit(found, heights) and usual != study.plan.rules:
        near = replace(study, plan=replace(study.plan, rules=usual))
        found = _pairs(near, sites, homes, heights, run)._replace(near=True)
    if not _fit(found, heights):
        raise InputError(
            msg(
                "{sites:,} sites and {homes:,} homes make more paths than fit into memory.",
                sites=len(sites),
                homes=len(homes),
            ),
            fix=msg(
                "Keep the sites that people would build on and remove or forbid the others; homes are no sites. Or say "
                "how far homes and links may be: rules.max_access_km, rules.max_backhaul_km."
            ),
        )
    return found


def near_note(why: str) -> Message:
    """Return what is said of a plan for which only near pairs were looked at, by why that was."""
    if why == ENOUGH:
        return msg(
            "Homes up to {home:g} km from a place and links up to {link:g} km do for as many homes as are asked for: "
            "longer ones were not planned with. Rules max_access_km and max_backhaul_km say how far to look.",
            home=NEAR_HOME_KM, link=NEAR_LINK_KM,
        )  # fmt: skip
    return msg(
        "There are too many paths to look at them all: no home further than {home:g} km from a place, no link longer "
        "than {link:g} km was looked at. Rules max_access_km and max_backhaul_km say how far to look.",
        home=NEAR_HOME_KM, link=NEAR_LINK_KM,
    )  # fmt: skip


def _fit(pairs: LookedAt, heights: tuple[float, ...]) -> bool:
    return len(pairs.access[0]) * len(heights) + len(pairs.backhaul[0]) * len(heights) ** 2 <= _MOST_CELLS


def _pairs(
    study: Study, sites: tuple[Site, ...], homes: tuple[Household, ...], heights: tuple[float, ...], run: Run
) -> LookedAt:
    roofs = np.array([roof_height_m(study.plan, home) for home in homes])
    here = places_of(sites)
    return LookedAt(
        access_pairs(study, here, places_of(homes), (heights[-1], roofs), run=run),
        _with_kept(study.plan, sites, backhaul_pairs(study, here, here, (heights[-1],) * 2, upper=True, run=run)),
    )


def _with_kept(plan: Plan, sites: tuple[Site, ...], pairs: IndexPairs) -> IndexPairs:
    """Return pairs of sites with those of links that are kept, in sight or not, no longer than a rule allows."""
    most = math.inf if plan.rules.max_backhaul_km is None else 1000.0 * plan.rules.max_backhaul_km
    kept = [
        a * len(sites) + b
        for a, b in kept_pairs(plan, sites)
        if _at(sites[a]) != _at(sites[b]) and geodesic(*_at(sites[a]), *_at(sites[b])).distance_m <= most
    ]
    codes = np.union1d(pairs[0] * len(sites) + pairs[1], np.array(kept, np.int64))
    return codes // len(sites), codes % len(sites)


def _at(site: Site) -> tuple[float, float]:
    return site.latitude, site.longitude

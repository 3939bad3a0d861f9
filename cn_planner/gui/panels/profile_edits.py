"""The edits that the profile makes. No Qt here."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.gui.kinds import HOUSEHOLD, SITE, fresh_id, rounded
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.plan import Link, Site

if TYPE_CHECKING:
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Household, Plan
    from cn_planner.service.path_view import LinkView, PathEnd

_LEAST_M = 1.0
POINT_MOST_M, HOME_MOST_M = 150.0, 50.0


class Raise(NamedTuple):
    """A way to clear a path: which ends, and their heights in whole metres upwards."""

    heights_m: tuple[float, float]
    ends: tuple[int, ...]
    possible: bool


def greatest_m(plan: Plan, end: PathEnd) -> float:
    """Return the greatest height that an antenna may have."""
    if end.kind == SITE and end.id in plan.sites:
        return plan.sites[end.id].max_height_m
    return HOME_MOST_M if end.kind == HOUSEHOLD else POINT_MOST_M


def link_of(plan: Plan, view: LinkView) -> Link | None:
    """Return the link of the plan that runs along this path."""
    if view.a.kind != SITE or view.b.kind != SITE:
        return None
    both = {view.a.id, view.b.id}
    return next((one for one in plan.links.values() if {one.from_site, one.to_site} == both), None)


def ways(plan: Plan, view: LinkView) -> tuple[Raise, ...]:
    """Return the lowest heights that clear: at the first end, at the second, and both by the same; empty where none."""
    budget, now = view.budget, (view.a.height_m or 0.0, view.b.height_m or 0.0)
    most = greatest_m(plan, view.a), greatest_m(plan, view.b)
    found = []

    def way(heights: tuple[float, float], ends: tuple[int, ...]) -> None:
        if any(heights[end] < _LEAST_M for end in ends):
            return  # the ground itself is high enough: nobody hangs an antenna there
        possible = all(heights[end] <= most[end] + 1e-9 for end in ends)
        found.append(Raise(heights, ends, possible))

    if budget.height_needed_from_m is not None and math.isfinite(budget.height_needed_from_m):
        way((_whole(budget.height_needed_from_m), now[1]), (0,))
    if budget.height_needed_to_m is not None and math.isfinite(budget.height_needed_to_m):
        way((now[0], _whole(budget.height_needed_to_m)), (1,))
    if budget.raise_both_m is not None:
        by = _whole(budget.raise_both_m)
        if by > 0.0:
            way((now[0] + by, now[1] + by), (0, 1))
    return tuple(found)


def _whole(height_m: float) -> float:
    """Return whole metres, upwards; a hair above a whole metre is that metre, as the verdict says it."""
    return float(math.ceil(height_m - 1e-6))


def heights(plan: Plan, view: LinkView, heights_m: tuple[float | None, float | None]) -> Edit | None:
    """Return the edit that gives antennas other heights; None where no end that changes stands in the plan."""
    link = link_of(plan, view)
    changed: list[Site | Household] = []
    names: list[str] = []
    lines: dict[str, Any] = {}
    for end, name, height_m in zip((view.a, view.b), view.names, heights_m, strict=True):
        if height_m is None:
            continue
        if end.kind == SITE and end.id in plan.sites:
            names.append(name)
            own = "from_height_m" if link is not None and link.from_site == end.id else "to_height_m"
            if link is not None and getattr(link, own) is not None:
                lines[own] = height_m
            else:
                changed.append(replace(plan.sites[end.id], mast_height_m=height_m))
        elif end.kind == HOUSEHOLD and end.id in plan.households:
            names.append(name)
            changed.append(replace(plan.households[end.id], antenna_height_m=height_m))
    things: list[Any] = [*changed, *([replace(link, **lines)] if link is not None and lines else [])]
    if not things:
        return None
    given = [one for one in heights_m if one is not None]
    if len(names) == 2:
        label = msg("antennas of {a} and {b}", a=names[0], b=names[1])
    elif lines or not isinstance(things[0], Site):
        label = msg("antenna of {height:g} m at {name}", height=round(given[0], 1), name=names[0])
    else:
        label = msg("mast of {height:g} m at {name}", height=round(given[0], 1), name=names[0])
    return edits.put(plan, things, label)


def can_keep(plan: Plan, view: LinkView) -> Message | None:
    """Return why this path cannot be kept as a link; None where it can."""
    if HOUSEHOLD in (view.a.kind, view.b.kind):
        return msg("A home is joined by the tower that serves it. Links are between towers.")
    if link_of(plan, view) is not None:
        return msg("This link is in the plan.")
    return None


def keep_path(plan: Plan, view: LinkView, names: tuple[str, str]) -> tuple[Edit, str, tuple[PathEnd, PathEnd]]:
    """Return the edit that keeps the link, its id, and its ends.

    A bare end becomes a site of that name; a site without a mast gets one as high as the antenna on the profile.
    """
    rows: list[Site | Link] = []
    ends: list[PathEnd] = []
    taken: list[str] = []
    for end, name in zip((view.a, view.b), names, strict=True):
        high = end.height_m or 0.0
        if end.kind == SITE:
            site = plan.sites[end.id]
            if not site.in_network:
                rows.append(replace(site, mast_height_m=min(high, site.max_height_m)))
            ends.append(end)
            continue
        key = fresh_id(plan.sites, "T", taken)
        taken.append(key)
        place = rounded((end.latitude, end.longitude))
        most = max(high, 30.0)
        rows.append(Site(key, name, *place, mast_height_m=high, max_height_m=most))
        ends.append(replace(end, latitude=place[0], longitude=place[1], kind=SITE, id=key))
    link = fresh_id(plan.links, "L")
    said = [name if end.kind == "" else old for end, name, old in zip((view.a, view.b), names, view.names, strict=True)]
    label = msg("add link {a} to {b}", a=said[0], b=said[1])
    kit = "" if view.kits[0] == plan.kits.backhaul else view.kits[0]
    row = Link(link, ends[0].id, ends[1].id, kit=kit)
    return edits.put(plan, [*rows, row], label), link, (ends[0], ends[1])

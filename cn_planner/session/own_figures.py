"""What the links and homes of a plan have on the channels that it gives them, in place of what was searched with.

The search takes each kit on its own channel, as wide as it is; what is written down may be another, and narrower.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import PlannerError
from cn_planner.geo import geodesic
from cn_planner.service.path_view import PathEnd, path_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.model.plan import Link, Plan
    from cn_planner.planning.result import Design, DesignLink
    from cn_planner.progress import Run
    from cn_planner.service.now import ServiceNow
    from cn_planner.study import Study


_ONE_PLACE_M = 1.0


def with_own_figures(design: Design, study: Study, now: ServiceNow, *, run: Run) -> Design:
    """Return a design whose links have the margins and rates that homes, panels and papers say of its plan.

    Raises
    ------
    CancelledError
    """
    plan = study.plan
    links = {frozenset((one.from_site, one.to_site)): one for one in plan.standing_links.values()}
    found = []
    for one in design.links:
        if run.cancel is not None:
            run.cancel.check()
        own = _at_home(one, plan, now) if one.kind == "access" else _between(one, study, links)
        found.append(one if own is None else own)
    return replace(design, links=tuple(found))


def _at_home(one: DesignLink, plan: Plan, now: ServiceNow) -> DesignLink | None:
    """Return the path to a home as the judge has it; None where it is no radio path, or to a public place."""
    n = now.homes.number.get(one.to_id)
    if n is None or not now.connected[n] or one.distance_m == 0.0:
        return None
    if one.to_id in plan.places:  # a home may have its id, too
        site, home = plan.sites[one.from_id], plan.households[one.to_id]
        length = geodesic(site.latitude, site.longitude, home.latitude, home.longitude).distance_m
        if abs(length - one.distance_m) > _ONE_PLACE_M:
            return None
    margin, down, up = (float(row[n]) for row in (now.margin_db, now.down_mbps, now.up_mbps))
    return replace(one, fade_margin_db=margin, rate_down_mbps=down, rate_up_mbps=up)


def _between(one: DesignLink, study: Study, links: Mapping[frozenset[str], Link]) -> DesignLink | None:
    """Return a link between towers as its panel has it; None where nothing can be said of it."""
    link = links.get(frozenset((one.from_id, one.to_id)))
    if link is None:
        return None
    heights = link.from_height_m, link.to_height_m
    if link.from_site != one.from_id:
        heights = heights[1], heights[0]
    ends = (_end(study.plan, key, high) for key, high in zip((one.from_id, one.to_id), heights, strict=True))
    with contextlib.suppress(PlannerError):
        budget = path_view(study, *ends, link=link).budget
        return replace(
            one, fade_margin_db=budget.fade_margin_db, rate_down_mbps=budget.rate_down_mbps,
            rate_up_mbps=budget.rate_up_mbps,
        )  # fmt: skip
    return None


def _end(plan: Plan, site: str, height_m: float | None) -> PathEnd:
    here = plan.sites[site]
    return PathEnd(here.latitude, here.longitude, height_m, "site", site)

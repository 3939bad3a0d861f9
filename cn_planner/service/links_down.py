"""Links of a plan over which nothing gets through: whoever is behind them is not connected, whatever the plan says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.links.verdict import Verdict
from cn_planner.model.plan import Status
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import ways_up
from cn_planner.service.path_view import PathEnd, path_view

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from cn_planner.links.budget import LinkBudget
    from cn_planner.model.plan import Link, Plan
    from cn_planner.study import Study

_PASSES = {Verdict.LIKELY, Verdict.CHECK_ON_SITE}


def link_ends(plan: Plan, link: Link) -> tuple[PathEnd, PathEnd]:
    """Return the two ends of a planned link."""
    a, b = plan.sites[link.from_site], plan.sites[link.to_site]
    return (
        PathEnd(a.latitude, a.longitude, link.from_height_m, "site", a.id),
        PathEnd(b.latitude, b.longitude, link.to_height_m, "site", b.id),
    )


def links_down(
    study: Study,
    budget_of: Callable[[Link], LinkBudget | None] | None = None,
    *,
    at: str = "",
    run: Run = ALONE,
) -> frozenset[str]:
    """Return the links between towers of the network over which nothing gets through.

    Those that are blocked, by the terrain or by what somebody saw; and those of which nobody knows, for terrain is
    missing or their radios do not fit. A link that is built and in use gets through, whatever is predicted.

    Parameters
    ----------
    study : Study
        Its terrain must not be empty.
    budget_of : callable, optional
        The budget of a link where it is known already, None where there is none; it is worked out where not given.
    at : str
        A tower: its links alone are looked at. Those of all where not given.

    Raises
    ------
    FileError
        Where a terrain file cannot be read.
    CancelledError
    """
    plan, used = study.plan, study.plan.used_sites

    def worked_out(link: Link) -> LinkBudget | None:
        try:
            return path_view(study, *link_ends(plan, link), link=link).budget
        except InputError:
            return None

    known = budget_of or worked_out

    def passes(link: Link) -> bool:
        a, b = used[link.from_site], used[link.to_site]
        if link.status is Status.BUILT or (a.latitude, a.longitude) == (b.latitude, b.longitude):
            return True
        run.check()
        budget = known(link)
        return budget is not None and budget.verdict in _PASSES

    return frozenset(
        link.id
        for link in plan.standing_links.values()
        if link.from_site in used
        and link.to_site in used
        and (not at or at in (link.from_site, link.to_site))
        and not passes(link)
    )


def first_down(plan: Plan, site: str, down: Collection[str]) -> Link | None:
    """Return the link that keeps a tower off the network: the first that is down on its way from a gateway.

    None where no link leads to a gateway, or one does over which all gets through.
    """
    over = ways_up(plan)
    found = None
    at, way = site, over.get(site)
    while way is not None:
        at, link = way
        found = plan.links[link] if link in down else found
        way = over[at]
    return found

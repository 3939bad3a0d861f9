"""What a panel shows of one thing: budgets of links, a site's costs and choices, what would reach a home."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import UnitCosts, site_cost
from cn_planner.errors import InputError
from cn_planner.model.checks import has_channels
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.planning.mast_heights import HeightStep, costs_by_height
from cn_planner.planning.way_room import rates_on_channels
from cn_planner.progress import ALONE, Run
from cn_planner.service.links_down import link_ends, links_down
from cn_planner.service.unheard import Unheard
from cn_planner.session.cache import digest
from cn_planner.session.heights import height_steps
from cn_planner.session.link_view import link_view
from cn_planner.spectrum.channels import unheard

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from cn_planner.links.budget import LinkBudget
    from cn_planner.model.plan import Link
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot

_BUDGET_BYTES = 8500


@dataclass(frozen=True, slots=True)
class SiteDetails:
    """What is computed of one site.

    Attributes
    ----------
    site : str
    ground_m : float or None
        Above sea level; None where terrain is missing.
    steps : tuple of HeightStep
        What each mast height costs and whom it reaches; empty without terrain.
    links : mapping of str to LinkBudget
        Its links, from the first end to the second; without those that cannot be computed.
    cost : float
        Site with mast and sectors, in the plan's currency.
    unconfirmed : int
        Items of it whose price is an example or is not known.
    """

    site: str
    ground_m: float | None
    steps: tuple[HeightStep, ...]
    links: dict[str, LinkBudget]
    cost: float
    unconfirmed: int


def link_budget_of(snapshot: Snapshot, link: Link) -> LinkBudget | None:
    """Return the budget of a planned link; None where both ends are one place or the kits do not fit.

    Raises
    ------
    MissingTerrainError, FileError
        Where there is no terrain, or a file of it cannot be read.
    """
    plan = snapshot.plan
    a, b = plan.sites[link.from_site], plan.sites[link.to_site]
    ends = [(one.latitude, one.longitude, one.mast_height_m, one.max_height_m, one.name) for one in (a, b)]
    key = digest("link budget", snapshot.air_key, ends, link, plan.rules, plan.kits, plan.info.country)
    kept: LinkBudget | None = snapshot.cache.get(key)
    if kept is None:
        try:
            kept = link_view(snapshot, *link_ends(plan, link), link=link).budget
        except InputError:
            return None
        snapshot.cache.put(key, kept, _BUDGET_BYTES)
    return kept


def links_down_now(snapshot: Snapshot) -> frozenset[str]:
    """Return the links of a plan over which nothing gets through: `links_down`, with budgets that are kept."""
    return links_down(snapshot.study, partial(link_budget_of, snapshot))


def link_budgets(
    snapshot: Snapshot, ids: Iterable[str] | None = None, *, cancel: CancelToken | None = None
) -> dict[str, LinkBudget]:
    """Return the budgets of links, of all where none are named; without those that cannot be computed."""
    plan = snapshot.plan
    found: dict[str, LinkBudget] = {}
    if not plan.elevation:
        return found
    for key in plan.links if ids is None else ids:
        if cancel is not None:
            cancel.check()
        budget = link_budget_of(snapshot, plan.links[key])
        if budget is not None:
            found[key] = budget
    return found


def site_details(
    snapshot: Snapshot, key: str, served_elsewhere: Collection[str] = (), *, run: Run = ALONE
) -> SiteDetails:
    """Return what is computed of one site.

    Raises
    ------
    FileError
        Where a terrain file cannot be read.
    CancelledError
    """
    plan = snapshot.plan
    site = plan.sites[key]
    cost, unconfirmed = site_cost(UnitCosts(plan, snapshot.catalogue), site)
    ground: float | None = None
    links: dict[str, LinkBudget] = {}
    steps: tuple[HeightStep, ...]
    if plan.elevation:
        height = float(snapshot.surface.heights(site.latitude, site.longitude))
        ground = None if np.isnan(height) else height
        links = link_budgets(
            snapshot, [one.id for one in plan.links.values() if key in (one.from_site, one.to_site)], cancel=run.cancel
        )
        steps = height_steps(snapshot, site, served_elsewhere, run=run)
    else:
        costs = UnitCosts(plan, snapshot.catalogue)
        steps = tuple(HeightStep(height, price, 0.0) for height, price in costs_by_height(costs, site).items())
    return SiteDetails(key, ground, steps, links, cost, unconfirmed)


def fixes_on_air(snapshot: Snapshot, *, last: float = math.inf, run: Run = ALONE) -> HeldOnAir:
    """Return what holds fixes against the channels of a plan, the losses between antennas kept for the next time.

    ``last``: the moment of the performance counter from which on no further home is looked at.
    """
    return HeldOnAir(snapshot.study, store=(snapshot.cache, snapshot.air_key), last=last, run=run.silently())


def links_on_channels(snapshot: Snapshot, *, run: Run = ALONE) -> Mapping[str, float]:
    """Return what links carry on their channels (`way_room.rates_on_channels`), kept while the plan stays as it is.

    Raises
    ------
    CancelledError
    """
    key = _air_key(snapshot, "links on channels")
    kept: Mapping[str, float] | None = snapshot.cache.get(key)
    if kept is None:
        kept = rates_on_channels(snapshot.study, run=run)
        snapshot.cache.put(key, kept, 100 * len(kept) + 100)
    return kept


def unheard_now(snapshot: Snapshot, *, run: Run = ALONE) -> Unheard:
    """Return for whom nothing is left on the channels of a plan: `unheard`, kept likewise.

    Raises
    ------
    CancelledError
    """
    if not has_channels(snapshot.plan):
        return Unheard()
    key = _air_key(snapshot, "unheard")
    # Whoever asks meanwhile waits: it would take as long once more.
    with snapshot.workspace.listening:
        run.check()
        kept: Unheard | None = snapshot.cache.get(key)
        if kept is not None:
            return kept
        kept = unheard(snapshot.study, links_down_now(snapshot), store=(snapshot.cache, snapshot.air_key), run=run)
        snapshot.cache.put(key, kept, 500 * len(kept.homes) + 100 * len(kept.links) + 300)
        return kept


def _air_key(snapshot: Snapshot, what: str) -> str:
    """Return the key of what depends on who shares the air, and on nothing else: a note on a home does not."""
    plan, homes = snapshot.plan, snapshot.homes
    hang = tuple((one.server, one.client_kit, one.priority) for one in plan.households.values())
    return digest(
        what, snapshot.air_key, plan.sites, plan.links, snapshot.homes_key, homes.ids, homes.weight, homes.load, hang,
        plan.places, plan.rules, plan.demand, plan.kits, plan.info.country,
    )  # fmt: skip

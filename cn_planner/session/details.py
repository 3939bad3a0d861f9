"""What a panel shows of one thing: budgets of links, a site's costs and choices, what would reach a home."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.coverage.service import roof_height_m
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.geo import geodesics
from cn_planner.jobs import digest
from cn_planner.links.budget import LinkBudget, budget_arrays
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.links.throughput import sector_load
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.plan import Choice, Link, Status
from cn_planner.planning.costs import Costs
from cn_planner.session.heights import HeightStep, height_steps, heights_of, mast_costs
from cn_planner.session.link_view import PathEnd, link_view

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from concurrent.futures import Executor

    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.progress import CancelToken
    from cn_planner.session.service import ServiceNow
    from cn_planner.session.workspace import Snapshot

_POLES_M = (6.0, 9.0, 12.0, 15.0)
_BUDGET_BYTES = 2000


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


@dataclass(frozen=True, slots=True)
class HomeFix:
    """One thing that would reach a home: its words, its cost with the home's own equipment, the edit that does it."""

    words: Message
    cost: float
    edit: Edit


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
            kept = link_view(
                snapshot,
                PathEnd(a.latitude, a.longitude, link.from_height_m, "site", a.id),
                PathEnd(b.latitude, b.longitude, link.to_height_m, "site", b.id),
                kit=link.kit,
                freq_mhz=link.freq_mhz,
            ).budget
        except InputError:
            return None
        snapshot.cache.put(key, kept, _BUDGET_BYTES)
    return kept


def link_budgets(
    snapshot: Snapshot, ids: Iterable[str] | None = None, *, cancel: CancelToken | None = None
) -> dict[str, LinkBudget]:
    """Return the budgets of links, of all where none are named; without those that cannot be computed."""
    plan = snapshot.plan
    found: dict[str, LinkBudget] = {}
    if not plan.terrain:
        return found
    for key in plan.links if ids is None else ids:
        if cancel is not None:
            cancel.check()
        budget = link_budget_of(snapshot, plan.links[key])
        if budget is not None:
            found[key] = budget
    return found


def site_cost(snapshot: Snapshot, site: Site) -> tuple[float, int]:
    """Return what a site with its mast and sectors costs, and how many of its prices are not confirmed."""
    plan, shelf = snapshot.plan, snapshot.catalogue
    if site.mast_height_m is None:
        return 0.0, 0
    costs = Costs(plan, shelf)
    own = costs.site(site, site.mast_height_m)
    cents = own.total_cents if own is not None else 0
    items: set[str] = set()
    if site.status is not Status.BUILT:
        mast = costs.mast(site.mast_height_m)
        parts = [*shelf.site_parts, *(mast.parts if mast is not None else ())]
        items |= {part.item for part in parts}
    for sector in site.sectors:
        if sector.kit in shelf.kits:
            cents += costs.sector(sector.kit).total_cents
            items |= {part.item for part in shelf.kits[sector.kit].parts}
    prices = [shelf.items[one].price for one in items]
    return cents / 100.0, sum(price is None or price.example for price in prices)


def site_details(
    snapshot: Snapshot,
    key: str,
    served_elsewhere: Collection[str] = (),
    *,
    pool: Executor | None = None,
    cancel: CancelToken | None = None,
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
    cost, unconfirmed = site_cost(snapshot, site)
    ground: float | None = None
    links: dict[str, LinkBudget] = {}
    steps: tuple[HeightStep, ...]
    if plan.terrain:
        height = float(snapshot.surface.heights(site.latitude, site.longitude))
        ground = None if np.isnan(height) else height
        links = link_budgets(
            snapshot, [one.id for one in plan.links.values() if key in (one.from_site, one.to_site)], cancel=cancel
        )
        steps = height_steps(snapshot, site, served_elsewhere, pool=pool, cancel=cancel)
    else:
        steps = tuple(HeightStep(height, price, 0.0) for height, price in mast_costs(snapshot, site).items())
    return SiteDetails(key, ground, steps, links, cost, unconfirmed)


def home_fixes(
    snapshot: Snapshot, key: str, *, pool: Executor | None = None, cancel: CancelToken | None = None
) -> tuple[HomeFix, ...]:
    """Return what would reach a home, the cheapest first: equipment, a higher mast, a pole, one more tower.

    Raises
    ------
    FileError
        Where a terrain file cannot be read.
    CancelledError
    """
    plan, home = snapshot.plan, snapshot.plan.households[key]
    sites = [site for site in plan.sites.values() if not _refused(site) and heights_of(plan, site)]
    if not plan.terrain or not sites:
        return ()
    ways = [
        *_ways(snapshot, home, sites, (roof_height_m(plan, home),), pool, cancel),
        *_ways(snapshot, home, [s for s in sites if s.in_network], _POLES_M, pool, cancel, pole=True),
    ]
    return tuple(sorted(ways, key=lambda fix: (fix.cost, str(fix.words))))


def _refused(thing: Site | Link) -> bool:
    """Whether people ruled it out."""
    return thing.choice is Choice.FORBIDDEN or thing.status is Status.REJECTED


def _ways(
    snapshot: Snapshot,
    home: Household,
    sites: list[Site],
    roofs_m: tuple[float, ...],
    pool: Executor | None,
    cancel: CancelToken | None,
    *,
    pole: bool = False,
) -> list[HomeFix]:
    if not sites:
        return []
    plan, shelf = snapshot.plan, snapshot.catalogue
    heights = [heights_of(plan, site) for site in sites]
    width = max(len(one) for one in heights)
    steps = np.array([[*one, *([one[-1]] * (width - len(one)))] for one in heights])
    roofs = [one for one in roofs_m if not pole or one > roof_height_m(plan, home)]
    if not roofs:
        return []
    kit = plan.kits.access
    matrix = pair_matrix(
        snapshot.surface,
        ([site.latitude for site in sites], [site.longitude for site in sites]),
        ([home.latitude], [home.longitude]),
        steps,
        roofs,
        shelf.kit(kit).freq_mhz,
        conditions_of(plan),
        max_km=plan.rules.max_access_km,
        obstacles=tuple(plan.obstacles.values()),
        pool=pool,
        cancel=cancel,
    )
    law = snapshot.law
    budget = budget_arrays(
        matrix.loss_db,
        matrix.clearance_f1,
        radio_end(shelf, kit, law),
        radio_end(shelf, plan.kits.client, law),
        plan.rules,
    )
    good = budget.verdict == VERDICTS.index(Verdict.LIKELY)
    good &= budget.rate_down_mbps >= plan.demand.mbps_per_home
    found = []
    for pair, number in enumerate(matrix.first.tolist()):
        site = sites[number]
        fix = (
            _pole(snapshot, home, site, heights[number], good[pair], roofs)
            if pole
            else _mast(snapshot, home, site, heights[number], good[pair, :, 0])
        )
        if fix is not None:
            found.append(fix)
    return found


def _mast(
    snapshot: Snapshot,
    home: Household,
    site: Site,
    heights: tuple[float, ...],
    good: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> HomeFix | None:
    plan, costs = snapshot.plan, Costs(snapshot.plan, snapshot.catalogue)
    name, now = site.name or site.id, site.mast_height_m
    height = next((one for n, one in enumerate(heights) if good[n] and one >= (now or 0.0)), None)
    if height is None:
        return None
    own = costs.home(home).total
    served = replace(home, server=site.id)
    if now is not None and height == now:
        if home.server == site.id:
            return None
        label = msg("{home} is served by {site}", home=home.name or home.id, site=name)
        words = msg("{site} reaches it as planned: give it its equipment.", site=name)
        return HomeFix(words, own, edits.put(plan, [served], label))
    prices = mast_costs(snapshot, site)
    price, before = prices[height], prices.get(now) if now is not None else 0.0
    if price is None or before is None:
        return None
    raised = replace(site, mast_height_m=height)
    label = msg("mast of {height:g} m at {site} for {home}", height=height, site=name, home=home.name or home.id)
    if now is not None:
        words = msg("A mast of {height:g} m at {site}.", height=height, site=name)
        return HomeFix(words, max(price - before, 0.0) + own, edits.put(plan, [raised, served], label))
    link = _joining(snapshot, raised)
    if link is None:
        return None
    words = msg("One more tower: {site} with a mast of {height:g} m.", site=name, height=height)
    more = price + own + costs.sector().total + costs.link(link).total
    return HomeFix(words, more, edits.put(plan, [raised, link, served], label))


def _joining(snapshot: Snapshot, site: Site) -> Link | None:
    """Return a likely link from a new site to the nearest tower of the network; None where there is none."""
    plan = snapshot.plan
    barred = {end for one in plan.links.values() if _refused(one) for end in (one.from_site, one.to_site)
              if site.id in (one.from_site, one.to_site)}  # fmt: skip
    network = [one for one in plan.used_sites.values() if one.id not in barred]
    network.sort(key=lambda one: (one.latitude - site.latitude) ** 2 + (one.longitude - site.longitude) ** 2)
    for other in network[:3]:
        try:
            view = link_view(
                snapshot,
                PathEnd(site.latitude, site.longitude, site.mast_height_m, "site", site.id),
                PathEnd(other.latitude, other.longitude, None, "site", other.id),
            )
        except (InputError, MissingTerrainError):
            continue
        if view.budget.verdict is Verdict.LIKELY:
            return Link(_free_id(plan, f"{site.id}-{other.id}"), site.id, other.id)
    return None


def _free_id(plan: Plan, wanted: str) -> str:
    key, number = wanted, 2
    while key in plan.links:
        key, number = f"{wanted}-{number}", number + 1
    return key


def _pole(
    snapshot: Snapshot,
    home: Household,
    site: Site,
    heights: tuple[float, ...],
    good: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    roofs: list[float],
) -> HomeFix | None:
    plan, costs = snapshot.plan, Costs(snapshot.plan, snapshot.catalogue)
    at = heights.index(site.mast_height_m or 0.0)
    step = next((n for n in range(len(roofs)) if good[at, n]), None)
    pole = None if step is None else costs.pole(roofs[step])
    if step is None or pole is None:
        return None
    name = site.name or site.id
    words = msg("A pole of {height:g} m at the home, served by {site}.", height=roofs[step], site=name)
    label = msg("pole of {height:g} m at {home}", height=roofs[step], home=home.name or home.id)
    raised = replace(home, antenna_height_m=roofs[step], server=site.id)
    return HomeFix(words, pole.total + costs.home(home).total, edits.put(plan, [raised], label))


def sector_loads(plan: Plan, now: ServiceNow, site: Site) -> dict[str, tuple[float, float]]:
    """Return for each sector of a site the homes that it reaches, by weight, and how busy it is at the busy hour, %.

    Homes of a sector share its air: each takes the busy-hour demand over its own rate down, as in the plan and in
    `report.capacity`.
    """
    loads = {one.id: (0.0, 0.0) for one in site.sectors}
    if not loads or site.id not in now.sites:
        return loads
    mine = np.flatnonzero(now.reached & (now.site == now.sites.index(site.id)))
    if not len(mine):
        return loads
    homes = now.homes
    azimuth = geodesics(site.latitude, site.longitude, homes.latitude[mine], homes.longitude[mine])[0]
    ordered = sorted(site.sectors, key=lambda one: one.id)
    off = np.abs((azimuth[:, None] - np.array([one.azimuth_deg for one in ordered]) + 180.0) % 360.0 - 180.0)
    nearest = off.argmin(axis=1)
    for number, sector in enumerate(ordered):
        those = mine[nearest == number]
        weight = homes.weight[those]
        busy = sector_load(plan.demand.busy_hour_mbps, now.down_mbps[those], weight)
        loads[sector.id] = (float(weight.sum()), 100.0 * busy)
    return loads

"""Who serves whom, for the plan as it stands: each home's server or the best that it could have, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.matrix import near_pairs, pair_matrix
from cn_planner.links.budget import LinkBudget, budget_arrays, link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.links.verdict import Verdict
from cn_planner.message import Message, msg
from cn_planner.progress import CancelToken, Progress, part, silent
from cn_planner.terrain.profile import path_profiles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from cn_planner.links.conditions import Conditions
    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.equipment import Catalogue, CountryRules
    from cn_planner.model.plan import Household, Plan, Sector, Site
    from cn_planner.terrain.surface import Surface

_HOMES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class HomeService:
    """What can be said of one home.

    Attributes
    ----------
    home : str
        Its id.
    server : str or None
        The site that serves it in this plan.
    site : str or None
        The site that is judged: the server, or without one the best would-be server; None where no site of the
        network is near enough.
    served : bool
        Whether it has a server, whose verdict is Likely (or Check on site where the rules count that), at the rate
        that a home should reach. Whether the sector has the capacity at the busy hour is the planner's to say.
    verdict : Verdict or None
    margin_db, rate_down_mbps, rate_up_mbps : float or None
    height_needed_m : float or None
        Least height of the home's antenna that leaves enough clear, the site's as it is.
    second_choice : str or None
        The next best site.
    reason : Message
        Why the verdict, or why the home is not served.
    fix : Message or None
    budget : LinkBudget or None
        From site to home: all that is known of the path.
    """

    home: str
    server: str | None
    site: str | None
    served: bool
    verdict: Verdict | None
    margin_db: float | None
    rate_down_mbps: float | None
    rate_up_mbps: float | None
    height_needed_m: float | None
    second_choice: str | None
    reason: Message
    fix: Message | None
    budget: LinkBudget | None


class Access(NamedTuple):
    """How a site speaks to a home: kit, antenna height, frequency."""

    kit: str
    height_m: float
    freq_mhz: float


def access_of(plan: Plan, catalogue: Catalogue, site: Site, azimuth_deg: float) -> Access:
    """Return the access antenna of a site towards a direction.

    It is the sector whose beam points nearest; where the site has none yet, the plan's access kit on the mast's top.
    """
    mast = site.mast_height_m if site.mast_height_m is not None else site.max_height_m
    if not site.sectors:
        return Access(plan.kits.access, mast, catalogue.kit(plan.kits.access).freq_mhz)

    def off(sector: Sector) -> float:
        return abs((sector.azimuth_deg - azimuth_deg + 180.0) % 360.0 - 180.0)

    sector = min(site.sectors, key=lambda one: (off(one), one.id))
    return Access(
        sector.kit,
        mast if sector.height_m is None else sector.height_m,
        catalogue.kit(sector.kit).freq_mhz if sector.freq_mhz is None else sector.freq_mhz,
    )


def roof_height_m(plan: Plan, home: Household) -> float:
    """Return the height of a home's antenna above ground."""
    return plan.demand.antenna_height_m if home.antenna_height_m is None else home.antenna_height_m


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Sites that a home may choose from, best first, by home; and the pairs' access."""

    by_home: list[list[int]]
    access: dict[tuple[int, int], Access]


def service(
    plan: Plan,
    surface: Surface,
    catalogue: Catalogue,
    law: CountryRules | None = None,
    *,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> tuple[HomeService, ...]:
    """Return each home's service, in the order of the homes' ids.

    Parameters
    ----------
    plan : Plan
        As it stands: sites with a mast, homes with or without a server.
    surface : Surface
        The ground.
    catalogue : Catalogue
        The shelf.
    law : CountryRules, optional
        The country's; None where it is unknown.
    pool, progress, cancel
        As everywhere.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the kits of site and home have no mode in common.
    CancelledError
    """
    homes = list(plan.households.values())
    network = [site for site in plan.sites.values() if site.in_network]
    conditions = conditions_of(plan)
    client = radio_end(catalogue, plan.kits.client, law)
    ends = {kit: radio_end(catalogue, kit, law) for kit in _access_kits(plan, network)}
    ranked = _rank(
        plan, surface, catalogue, network, homes, conditions, (ends, client), pool, part(progress, 0.0, 0.6), cancel
    )
    at = {site.id: number for number, site in enumerate(network)}
    judged: list[int | None] = []
    for number, home in enumerate(homes):
        best = ranked.by_home[number]
        planned = at.get(home.server) if home.server is not None else None
        judged.append(planned if planned is not None else (best[0] if best else None))
    budgets = _budgets(
        plan, surface, catalogue, network, homes, judged, conditions, (ends, client), part(progress, 0.6, 1.0), cancel
    )
    return tuple(
        _home(plan, home, network, judged[number], ranked.by_home[number], budgets.get(number))
        for number, home in enumerate(homes)
    )


def _access_kits(plan: Plan, network: list[Site]) -> list[str]:
    kits = {plan.kits.access, *(sector.kit for site in network for sector in site.sectors)}
    return sorted(kits)


def _rank(
    plan: Plan,
    surface: Surface,
    catalogue: Catalogue,
    network: list[Site],
    homes: list[Household],
    conditions: Conditions,
    radios: tuple[dict[str, RadioEnd], RadioEnd],
    pool: Executor | None,
    progress: Progress,
    cancel: CancelToken | None,
) -> _Candidates:
    """Judge every pair of site and home that is near enough; best verdict first, then rate, then margin."""
    first, second = _places(network), _places(homes)
    i, j = near_pairs(first, second, plan.rules.max_access_km)
    access: dict[tuple[int, int], Access] = {}
    keys: list[tuple[float, ...]] = [()] * len(i)
    if len(i):
        from cn_planner.geo import geodesics

        azimuth = geodesics(first[0][i], first[1][i], second[0][j], second[1][j])[0]
        for a, b, direction in zip(i.tolist(), j.tolist(), azimuth.tolist(), strict=True):
            access[a, b] = access_of(plan, catalogue, network[a], direction)
    used = [access[a, b] for a, b in zip(i.tolist(), j.tolist(), strict=True)]
    roofs = np.array([[roof_height_m(plan, home)] for home in homes]).reshape(len(homes), 1)
    for one in sorted(set(used)):
        where = np.array([n for n, u in enumerate(used) if u == one], np.int64)
        matrix = pair_matrix(
            surface,
            first,
            second,
            [one.height_m],
            roofs,
            one.freq_mhz,
            conditions,
            max_km=plan.rules.max_access_km,
            pairs=(i[where], j[where]),
            obstacles=tuple(plan.obstacles.values()),
            pool=pool,
            progress=progress,
            cancel=cancel,
        )
        budget = budget_arrays(
            matrix.loss_db[:, 0, 0], matrix.clearance_f1[:, 0, 0], radios[0][one.kit], radios[1], plan.rules
        )
        rate = np.nan_to_num(np.minimum(budget.rate_down_mbps, budget.rate_up_mbps))
        margin = np.nan_to_num(budget.margin_db, nan=-1e9)
        for n, pair in enumerate(where.tolist()):
            keys[pair] = (-float(budget.verdict[n]), -float(rate[n]), -float(margin[n]), float(i[pair]))
    by_home: list[list[tuple[tuple[float, ...], int]]] = [[] for _ in homes]
    for pair, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        by_home[b].append((keys[pair], a))
    return _Candidates([[a for _, a in sorted(options)] for options in by_home], access)


def _places(things: list[Site] | list[Household]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([t.latitude for t in things], np.float64), np.array([t.longitude for t in things], np.float64)


def _budgets(
    plan: Plan,
    surface: Surface,
    catalogue: Catalogue,
    network: list[Site],
    homes: list[Household],
    judged: list[int | None],
    conditions: Conditions,
    radios: tuple[dict[str, RadioEnd], RadioEnd],
    progress: Progress,
    cancel: CancelToken | None,
) -> dict[int, LinkBudget]:
    """Return the whole budget of each home's judged path, by the home's number."""
    todo = [(number, site) for number, site in enumerate(judged) if site is not None]
    budgets: dict[int, LinkBudget] = {}
    for chunk in _parts(todo, _HOMES_AT_ONCE):
        if cancel is not None:
            cancel.check()
        profiles = path_profiles(
            surface,
            [network[a].latitude for _, a in chunk],
            [network[a].longitude for _, a in chunk],
            [homes[b].latitude for b, _ in chunk],
            [homes[b].longitude for b, _ in chunk],
            canopy_m=conditions.canopy_m,
            keep_out_m=conditions.canopy_keep_out_m,
            obstacles=tuple(plan.obstacles.values()),
        )
        for n, (b, a) in enumerate(chunk):
            profile = profiles.profile(n, surface)
            if profile.length_m == 0.0:
                continue
            one = access_of(plan, catalogue, network[a], profile.azimuth_deg)
            budgets[b] = link_budget(
                profile,
                one.height_m,
                roof_height_m(plan, homes[b]),
                radios[0][one.kit],
                radios[1],
                one.freq_mhz,
                conditions=conditions,
                rules=plan.rules,
                names=(network[a].name, homes[b].name),
            )
        progress(len(budgets) / max(len(todo), 1))
    return budgets


def _parts(things: list[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]


def _home(
    plan: Plan, home: Household, network: list[Site], judged: int | None, best: list[int], budget: LinkBudget | None
) -> HomeService:
    known = {site.id for site in network}
    server = home.server
    second = next((network[a].id for a in best if a != judged), None)
    site = network[judged] if judged is not None else None
    if site is None or budget is None:
        if site is not None:
            reason: Message = msg("{home} and {site} are at the same place.", home=home.name, site=site.name)
        elif network:
            reason = msg("No tower of this plan is within {km:g} km.", km=plan.rules.max_access_km)
        else:
            reason = msg("This plan has no tower yet.")
        fix = (
            None
            if site is not None
            else msg("Add a tower place near {home}, or let the planner choose.", home=home.name)
        )
        served = site is not None and server == site.id
        return HomeService(
            home.id, server, site.id if site else None, served, None, None, None, None, None, second, reason, fix, None
        )
    good = budget.verdict is Verdict.LIKELY or (plan.rules.serve_on_check and budget.verdict is Verdict.CHECK_ON_SITE)
    fast = (budget.rate_down_mbps or 0.0) >= plan.demand.mbps_per_home
    reason, fix = budget.explanation, budget.fix
    if server is not None and server not in known:
        reason = msg("Its tower {server} has no mast in this plan. {reason}", server=server, reason=reason)
    elif good and not fast:
        reason = msg(
            "Only {rate_mbps:.1f} Mbit/s of the {wanted_mbps:g} that a home should reach. {reason}",
            rate_mbps=budget.rate_down_mbps or 0.0,
            wanted_mbps=plan.demand.mbps_per_home,
            reason=reason,
        )
    return HomeService(
        home=home.id,
        server=server,
        site=site.id,
        served=server == site.id and good and fast,
        verdict=budget.verdict,
        margin_db=budget.fade_margin_db,
        rate_down_mbps=budget.rate_down_mbps,
        rate_up_mbps=budget.rate_up_mbps,
        height_needed_m=budget.height_needed_to_m,
        second_choice=second,
        reason=reason,
        fix=fix,
        budget=budget,
    )

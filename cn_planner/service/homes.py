"""Who serves whom, for the plan as it stands: each home's server or the best that it could have, and why not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.access import Access, accesses_of_site, ends_of_access, site_pointing
from cn_planner.coverage.matrix import near_pairs, pair_matrix
from cn_planner.geo import geodesics
from cn_planner.links.budget import LinkBudget, budget_arrays, link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.message import Message, msg
from cn_planner.progress import CancelToken, Progress, part, silent
from cn_planner.terrain.profile import path_profile
from cn_planner.units import rate_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from cn_planner.links.conditions import Conditions
    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.equipment import Catalogue, CountryRules
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.terrain.profile import PathProfile
    from cn_planner.terrain.surface import Surface


@dataclass(frozen=True)
class HomeService:
    """What can be said of one home. The numbers are there at once; words and the whole budget are made when asked for.

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
    level_dbm, margin_db, rate_down_mbps, rate_up_mbps : float or None
        Level at the home, margin of the weaker direction, rates.
    height_needed_m : float or None
        Least height of the home's antenna that leaves enough clear, the site's as it is.
    second_choice : str or None
        The next best site.
    second_verdict : Verdict or None
    second_margin_db : float or None
        Verdict on the path from there, and its margin.
    reason : Message
        Why the verdict, or why the home is not served.
    budget : LinkBudget or None
        From site to home: all that is known of the path.
    """

    home: str
    server: str | None
    site: str | None
    served: bool
    verdict: Verdict | None
    level_dbm: float | None
    margin_db: float | None
    rate_down_mbps: float | None
    rate_up_mbps: float | None
    height_needed_m: float | None
    second_choice: str | None
    second_verdict: Verdict | None
    second_margin_db: float | None
    _path: Callable[[], LinkBudget | None] = field(repr=False, compare=False)
    _said: Callable[[LinkBudget | None], Message] = field(repr=False, compare=False)

    @cached_property
    def budget(self) -> LinkBudget | None:
        """From site to home: all that is known of the path. Some milliseconds when it is first asked for."""
        return self._path()

    @cached_property
    def reason(self) -> Message:
        """Why the verdict, or why the home is not served. What would help is said by `planning.fixes`."""
        return self._said(self.budget)


def roof_height_m(plan: Plan, home: Household) -> float:
    """Return the height of a home's antenna above ground."""
    return plan.demand.antenna_height_m if home.antenna_height_m is None else home.antenna_height_m


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """What every path of the plan is judged by."""

    plan: Plan
    surface: Surface
    catalogue: Catalogue
    conditions: Conditions
    network: list[Site]
    homes: list[Household]
    regulations: CountryRules | None

    def ends(self, access: Access) -> tuple[RadioEnd, RadioEnd]:
        """Return the radios of an antenna and of the homes that it speaks to."""
        return ends_of_access(self.plan, self.catalogue, self.regulations, access)

    def access(self, site: Site, home: Household, profile: PathProfile) -> tuple[Access, float]:
        """Return the antenna that speaks to a home, and by how much it gives less there than at most."""
        pointing = site_pointing(
            self.catalogue,
            accesses_of_site(self.plan, self.catalogue, site),
            np.array([profile.azimuth_deg]),
            np.array([profile.length_m]),
            float(profile.ground_m[0]),
            np.array([profile.ground_m[-1] + roof_height_m(self.plan, home)]),
            self.conditions.k_factor,
        )
        return pointing.accesses[int(pointing.which[0])], float(pointing.loss_db[0])

    def budget(self, site: Site, home: Household) -> LinkBudget | None:
        """Return all that is known of one path; None where both are at one place."""
        profile = path_profile(
            self.surface,
            (site.latitude, site.longitude),
            (home.latitude, home.longitude),
            canopy_m=self.conditions.canopy_m,
            keep_out_m=self.conditions.canopy_keep_out_m,
            obstacles=tuple(self.plan.obstacles.values()),
        )
        if profile.length_m == 0.0:
            return None
        one, loss = self.access(site, home, profile)
        site_end, home_end = self.ends(one)
        return link_budget(
            profile,
            one.height_m,
            roof_height_m(self.plan, home),
            replace(site_end, pointing_loss_db=loss),
            home_end,
            one.freq_mhz,
            conditions=self.conditions,
            rules=self.plan.rules,
            names=(site.name, home.name),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Sites and homes that are judged against each other, one value a pair in every array.

    Attributes
    ----------
    site, home : int64 arrays
        Their numbers.
    near : bool array
        Whether the site is near enough to be chosen; a planned server is judged however far it is.
    in_beam : bool array
        Whether the home is within a beam of the site.
    verdict : int8 array
        Index of `VERDICTS`.
    level_dbm, margin_db, rate_down_mbps, rate_up_mbps, needed_m : float64 arrays
        As in `HomeService`; NaN where terrain is missing.
    """

    site: NDArray[np.int64]
    home: NDArray[np.int64]
    near: NDArray[np.bool_]
    in_beam: NDArray[np.bool_]
    verdict: NDArray[np.int8]
    level_dbm: NDArray[np.float64]
    margin_db: NDArray[np.float64]
    rate_down_mbps: NDArray[np.float64]
    rate_up_mbps: NDArray[np.float64]
    needed_m: NDArray[np.float64]


def service(
    plan: Plan,
    surface: Surface,
    catalogue: Catalogue,
    regulations: CountryRules | None = None,
    *,
    others: bool = True,
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
    regulations : CountryRules, optional
        The country's; None where it is unknown.
    others : bool
        False looks only at the servers that homes have in the plan: nothing is said of a second choice.
    pool, progress, cancel
        As everywhere.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the kits of site and home have no mode in common.
    CancelledError
    """
    homes = list(plan.households.values())
    network = list(plan.used_sites.values())
    case = _Case(
        plan,
        surface,
        catalogue,
        conditions_of(plan),
        network,
        homes,
        regulations,
    )
    at = {site.id: number for number, site in enumerate(network)}
    planned = np.array([at.get(home.server or "", -1) for home in homes], np.int64).reshape(len(homes))
    pairs = _judge(case, planned, others, pool, progress, cancel)
    best, second = _choices(pairs, planned, len(homes))
    found = []
    for number, home in enumerate(homes):
        pair = int(best[number])
        here = int(planned[number]) if planned[number] >= 0 else (int(pairs.site[pair]) if pair >= 0 else -1)
        found.append(_home(case, home, network[here] if here >= 0 else None, pairs, pair, int(second[number])))
    progress(1.0)
    return tuple(found)


def _with_planned(
    case: _Case, planned: NDArray[np.int64], others: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return sites and homes of the pairs to judge, and whether they are near: planned servers too, if further off."""
    first, second = _places(case.network), _places(case.homes)
    i = j = np.zeros(0, np.int64)
    if others:
        i, j = near_pairs(first, second, case.plan.rules.max_access_km)
    known = np.zeros(len(case.homes), np.bool_)
    known[j[planned[j] == i]] = True
    far = np.flatnonzero((planned >= 0) & ~known)
    if len(far):
        by = planned[far]
        apart = geodesics(first[0][by], first[1][by], second[0][far], second[1][far])[2] > 0.0
        far, by = far[apart], by[apart]
        near = np.arange(len(i) + len(far)) < len(i)
        return np.concatenate([i, by]), np.concatenate([j, far]), near
    return i, j, np.ones(len(i), np.bool_)


def _aim(
    case: _Case, i: NDArray[np.int64], j: NDArray[np.int64]
) -> tuple[dict[Access, NDArray[np.int64]], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the pairs by the antenna that their site speaks with, what its pointing costs, and who is in a beam."""
    first, second = _places(case.network), _places(case.homes)
    loss, inside = np.zeros(len(i)), np.ones(len(i), np.bool_)
    groups: dict[Access, list[NDArray[np.int64]]] = {}
    order = np.argsort(i, kind="stable")
    bounds = np.searchsorted(i[order], np.arange(len(case.network) + 1))
    aimed = any(site.sectors for site in case.network)
    ground = case.surface.heights(*first) if aimed else np.zeros(len(first[0]))
    roofs = np.array([roof_height_m(case.plan, home) for home in case.homes])
    tops = case.surface.heights(*second) + roofs if aimed else roofs
    for number, site in enumerate(case.network):
        mine = order[bounds[number] : bounds[number + 1]]
        if not len(mine):
            continue
        accesses = accesses_of_site(case.plan, case.catalogue, site)
        there = j[mine]
        azimuth, _, length = geodesics(site.latitude, site.longitude, second[0][there], second[1][there])
        pointing = site_pointing(
            case.catalogue, accesses, azimuth, length, float(ground[number]), tops[there], case.conditions.k_factor
        )
        loss[mine], inside[mine] = pointing.loss_db, pointing.in_beam
        for n, one in enumerate(accesses):
            those = mine[pointing.which == n]
            if len(those):
                # One matrix for all that share height and frequency: where they point is no part of the path.
                groups.setdefault(one._replace(aimed=False, azimuth_deg=0.0, tilt_deg=0.0), []).append(those)
    return {one: np.sort(np.concatenate(groups[one])) for one in sorted(groups, key=_order)}, loss, inside


def _judge(
    case: _Case,
    planned: NDArray[np.int64],
    others: bool,
    pool: Executor | None,
    progress: Progress,
    cancel: CancelToken | None,
) -> _Pairs:
    """Judge every pair of site and home that is near enough, and every planned one."""
    plan = case.plan
    first, second = _places(case.network), _places(case.homes)
    i, j, near = _with_planned(case, planned, others)
    verdict = np.zeros(len(i), np.int8)
    level, margin, down, up, needed = (np.full(len(i), np.nan) for _ in range(5))
    roofs = np.array([[roof_height_m(plan, home)] for home in case.homes]).reshape(len(case.homes), 1)
    groups, pointing_db, inside = _aim(case, i, j)
    done = 0
    for one, where in groups.items():
        matrix = pair_matrix(
            case.surface,
            first,
            second,
            [one.height_m],
            roofs,
            one.freq_mhz,
            case.conditions,
            max_km=plan.rules.max_access_km,
            pairs=(i[where], j[where]),
            enough_f1=plan.rules.clearance_f1,
            obstacles=tuple(plan.obstacles.values()),
            pool=pool,
            progress=part(progress, done / len(i), (done + len(where)) / len(i)),
            cancel=cancel,
        )
        budget = budget_arrays(
            matrix.loss_db[:, 0, 0] + pointing_db[where],
            matrix.clearance_f1[:, 0, 0],
            *case.ends(one),
            plan.rules,
        )
        verdict[where] = budget.verdict
        level[where], margin[where] = budget.level_down_dbm, budget.margin_db
        down[where], up[where] = budget.rate_down_mbps, budget.rate_up_mbps
        needed[where] = matrix.needed_second_m[:, 0]
        done += len(where)
    return _Pairs(i, j, near, inside, verdict, level, margin, down, up, needed)


def _choices(pairs: _Pairs, planned: NDArray[np.int64], homes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each home's judged pair, and that of the site that is its next best; -1 where none.

    The planned server is judged; without one the best verdict, then rate, then margin, then the order of sites.
    """
    order = np.lexsort(
        (
            pairs.site,
            -np.nan_to_num(pairs.margin_db, nan=-1e9),
            -np.nan_to_num(np.minimum(pairs.rate_down_mbps, pairs.rate_up_mbps)),
            -pairs.verdict,
            ~pairs.in_beam,
            pairs.home,
        )
    )
    judged, second = np.full(homes, -1, np.int64), np.full(homes, -1, np.int64)
    site = planned.copy()
    for home, pair in zip(pairs.home[order].tolist(), order.tolist(), strict=True):
        number = int(pairs.site[pair])
        if site[home] < 0:
            site[home] = number
        if site[home] == number:
            judged[home] = pair
        elif second[home] < 0 and pairs.near[pair]:
            second[home] = pair
    return judged, second


def _order(one: Access) -> tuple[object, ...]:
    return *one[:-1], one.width_mhz or 0.0


def _places(things: list[Site] | list[Household]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([t.latitude for t in things], np.float64), np.array([t.longitude for t in things], np.float64)


def _number(values: NDArray[np.float64], pair: int) -> float | None:
    value = float(values[pair]) if pair >= 0 else math.nan
    return None if math.isnan(value) else value


def _home(case: _Case, home: Household, site: Site | None, pairs: _Pairs, pair: int, second: int) -> HomeService:
    """Put together what is said of a home; without a pair there is no site, or it stands where the home is."""
    plan = case.plan
    verdict = VERDICTS[int(pairs.verdict[pair])] if pair >= 0 else None
    down = _number(pairs.rate_down_mbps, pair)
    good = verdict is Verdict.LIKELY or (plan.rules.serve_on_check and verdict is Verdict.CHECK_ON_SITE)
    inside = pair < 0 or bool(pairs.in_beam[pair])
    good = good and inside
    fine = pair < 0 or (good and (down or 0.0) >= plan.demand.mbps_per_home)
    return HomeService(
        home=home.id,
        server=home.server,
        site=None if site is None else site.id,
        served=site is not None and home.server == site.id and fine,
        verdict=verdict,
        level_dbm=_number(pairs.level_dbm, pair),
        margin_db=_number(pairs.margin_db, pair),
        rate_down_mbps=down,
        rate_up_mbps=_number(pairs.rate_up_mbps, pair),
        height_needed_m=_number(pairs.needed_m, pair),
        second_choice=case.network[int(pairs.site[second])].id if second >= 0 else None,
        second_verdict=VERDICTS[int(pairs.verdict[second])] if second >= 0 else None,
        second_margin_db=_number(pairs.margin_db, second),
        _path=lambda: None if site is None or pair < 0 else case.budget(site, home),
        _said=lambda budget: _words(case, home, site, good, inside, budget),
    )


def _words(
    case: _Case, home: Household, site: Site | None, good: bool, inside: bool, budget: LinkBudget | None
) -> Message:
    plan = case.plan
    if site is None:
        if case.network:
            return msg("No tower of this plan is within {km:g} km.", km=plan.rules.max_access_km)
        return msg("This plan has no tower yet.")
    if budget is None:
        return msg("{home} and {site} are at the same place.", home=home.name or home.id, site=site.name or site.id)
    reason = budget.explanation
    if home.server is not None and all(home.server != one.id for one in case.network):
        return msg("Its tower {server} has no mast in this plan. {reason}", server=home.server, reason=reason)
    if not inside:
        return msg(
            "No sector of {site} points at {home}. {reason}",
            site=site.name or site.id, home=home.name or home.id, reason=reason,
        )  # fmt: skip
    if good and (budget.rate_down_mbps or 0.0) < plan.demand.mbps_per_home:
        return msg(
            "Only {rate} of the {wanted_mbps:g} Mbit/s that a home should reach. {reason}",
            rate=rate_words(budget.rate_down_mbps or 0.0),
            wanted_mbps=plan.demand.mbps_per_home,
            reason=reason,
        )
    if good and home.server is None:
        return msg("{site} could reach it; the plan leaves it out. {reason}", site=site.name or site.id, reason=reason)
    return reason

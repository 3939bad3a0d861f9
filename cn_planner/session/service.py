"""Who is reached by the plan as it stands: every home against every tower of the network, one tower at a time.

What a tower reaches is kept by all that it depends on, so that moving one tower computes that tower alone. The words
for one home (reason, fix, whole budget) are made when it is looked at: `home_now`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.access import Pointing, accesses_of_site, ends_of_access, site_pointing
from cn_planner.coverage.masks import Masks
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.jobs import digest, tile_pool
from cn_planner.links.budget import budget_arrays
from cn_planner.links.conditions import conditions_of
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.message import counted, msg
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.progress import part, silent
from cn_planner.service.homes import HomeService, service
from cn_planner.service.joined import hops

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan, Site
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.session.workspace import Homes, Snapshot

_NO_DATA, _LIKELY = VERDICTS.index(Verdict.NO_DATA), VERDICTS.index(Verdict.LIKELY)
_CHECK = VERDICTS.index(Verdict.CHECK_ON_SITE)


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What one tower is to the homes near it; one value a home in every array.

    Attributes
    ----------
    site : str
    home : int64 array
        Numbers of the homes.
    verdict : int8 array
        Index of `VERDICTS`.
    good : bool array
        Whether the home is reached: Likely (or Check on site where the rules count that), in a beam, at the rate that a
        home should have.
    rate_mbps, down_mbps, margin_db, needed_m, distance_m : float64 arrays
        Rate of the slower direction and of that to the home, margin, height of the home's antenna that leaves enough
        clear, distance.
    """

    site: str
    home: NDArray[np.int64]
    verdict: NDArray[np.int8]
    good: NDArray[np.bool_]
    rate_mbps: NDArray[np.float64]
    down_mbps: NDArray[np.float64]
    margin_db: NDArray[np.float64]
    needed_m: NDArray[np.float64]
    distance_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ServiceNow:
    """Every home as the plan stands; one value a home, in the order of ids.

    Attributes
    ----------
    homes : Homes
    sites : tuple of str
        Towers of the network.
    site : int32 array
        Number of the tower that is judged: the one that the plan says, else the best; -1 where none is near.
    second : int32 array
        The next best; -1 where none.
    verdict : int8 array
        Index of `VERDICTS`; that of no data where no tower is near.
    reached : bool array
        By radio, whether or not the plan connects it.
    connected : bool array
        Reached, and the plan says by whom.
    online : bool array of sites
        Whether the tower is linked to a gateway of the network; all are where the plan has no gateway yet.
    rate_mbps, down_mbps, margin_db, needed_m : float64 arrays
        NaN where no tower is near. What a home takes of a sector's time rests on the rate to it, ``down_mbps``.
    masks : Masks
        What each tower reaches by radio, homes as places; no towers where there are no homes.
    """

    homes: Homes
    sites: tuple[str, ...]
    site: NDArray[np.int32]
    second: NDArray[np.int32]
    verdict: NDArray[np.int8]
    reached: NDArray[np.bool_]
    connected: NDArray[np.bool_]
    online: NDArray[np.bool_]
    rate_mbps: NDArray[np.float64]
    down_mbps: NDArray[np.float64]
    margin_db: NDArray[np.float64]
    needed_m: NDArray[np.float64]
    masks: Masks

    @property
    def total(self) -> float:
        """All homes by weight."""
        return float(self.homes.weight.sum())

    @property
    def reached_weight(self) -> float:
        """Homes reached by radio, by weight."""
        return float(self.homes.weight[self.reached].sum())

    @property
    def connected_weight(self) -> float:
        """Homes reached that the plan connects, by weight."""
        return float(self.homes.weight[self.connected].sum())

    def site_of(self, home: str) -> str | None:
        """Return the tower that is judged for a home."""
        number = int(self.site[self.homes.number[home]])
        return self.sites[number] if number >= 0 else None

    def is_reached(self, home: str) -> bool:
        """Return whether a home is reached."""
        return bool(self.reached[self.homes.number[home]])

    def lost_if_fails(self) -> dict[str, float]:
        """Return the homes, by weight, that no other tower reaches by radio, for each tower of the network."""
        if not self.masks.towers:
            return dict.fromkeys(self.sites, 0.0)
        return dict(zip(self.sites, self.masks.lost_if_fails(self.homes.weight).tolist(), strict=True))

    def weight_of(self, site: str) -> float:
        """Return the homes that a tower reaches as their best or planned one, by weight."""
        if site not in self.sites:
            return 0.0
        mine = self.reached & (self.site == self.sites.index(site))
        return float(self.homes.weight[mine].sum())


def pointing(
    snapshot: Snapshot,
    site: Site,
    homes: NDArray[np.int64],
    azimuth_deg: NDArray[np.float64],
    length_m: NDArray[np.float64],
) -> Pointing:
    """Return with which sector a site speaks to homes, by their numbers, and what that gives in their direction."""
    everyone, surface = snapshot.homes, snapshot.surface
    here, tops = 0.0, everyone.roof_m[homes]
    if site.sectors:  # else nothing rests on heights
        here = float(surface.heights(site.latitude, site.longitude))
        tops = tops + surface.heights(everyone.latitude[homes], everyone.longitude[homes])
    accesses = accesses_of_site(snapshot.plan, snapshot.catalogue, site)
    k_factor = conditions_of(snapshot.plan).k_factor
    return site_pointing(snapshot.catalogue, accesses, azimuth_deg, length_m, here, tops, k_factor)


def reach(
    snapshot: Snapshot,
    site: Site,
    *,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Reach:
    """Return what a tower is to the homes near it; kept by all that it depends on.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the kits of tower and home have no mode in common.
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    """
    plan, homes = snapshot.plan, snapshot.homes
    key = digest(
        "reach", snapshot.air_key, homes.key, (site.latitude, site.longitude, site.mast_height_m, site.max_height_m),
        site.sectors, plan.rules, plan.demand, plan.kits, plan.info.country,
    )  # fmt: skip
    kept: Reach | None = snapshot.cache.get(key)
    if kept is None:
        kept = _reach(snapshot, site, pool, progress, cancel)
        snapshot.cache.put(key, kept, 50 * len(kept.home) + 500)
    return kept if kept.site == site.id else replace(kept, site=site.id)


def _reach(
    snapshot: Snapshot, site: Site, pool: Executor | None, progress: Progress, cancel: CancelToken | None
) -> Reach:
    plan, homes = snapshot.plan, snapshot.homes
    azimuth, _, length = geodesics(site.latitude, site.longitude, homes.latitude, homes.longitude)
    near = np.flatnonzero(length <= plan.rules.max_access_km * 1000.0)
    azimuth, length = azimuth[near], length[near]
    count = len(near)
    verdict = np.full(count, _LIKELY, np.int8)  # at the mast itself no radio path is needed
    rate, margin, needed = np.full(count, np.inf), np.full(count, np.inf), np.zeros(count)
    down = rate.copy()
    aim = pointing(snapshot, site, near, azimuth, length)
    for number, one in enumerate(aim.accesses):
        those = np.flatnonzero((aim.which == number) & (length > 0.0))
        if not len(those):
            continue
        matrix = pair_matrix(
            snapshot.surface,
            ([site.latitude], [site.longitude]),
            (homes.latitude[near[those]], homes.longitude[near[those]]),
            [one.height_m],
            homes.roof_m[near[those], None],
            one.freq_mhz,
            conditions_of(plan),
            max_km=plan.rules.max_access_km,
            pairs=(np.zeros(len(those), np.int64), np.arange(len(those), dtype=np.int64)),
            enough_f1=plan.rules.clearance_f1,
            obstacles=tuple(plan.obstacles.values()),
            pool=pool,
            progress=progress,
            cancel=cancel,
        )
        budget = budget_arrays(
            matrix.loss_db[:, 0, 0] + aim.loss_db[those], matrix.clearance_f1[:, 0, 0],
            *ends_of_access(plan, snapshot.catalogue, snapshot.regulations, one), plan.rules,
        )  # fmt: skip
        verdict[those] = budget.verdict
        rate[those] = np.minimum(budget.rate_down_mbps, budget.rate_up_mbps)
        down[those] = budget.rate_down_mbps
        margin[those] = budget.margin_db
        needed[those] = matrix.needed_second_m[:, 0]
    good = serves(plan, verdict, down) & aim.in_beam
    return Reach(site.id, near, verdict, good, rate, down, margin, needed, length)


def serves(plan: Plan, verdict: NDArray[np.int8], rate_down_mbps: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether homes are reached, by the verdict on their paths and the rate towards them."""
    fine = verdict == _LIKELY
    if plan.rules.serve_on_check:
        fine |= verdict == _CHECK
    reached: NDArray[np.bool_] = fine & (np.nan_to_num(rate_down_mbps) >= plan.demand.mbps_per_home)
    return reached


def online_sites(plan: Plan, without: str = "") -> set[str]:
    """Return the towers of the network that are linked to a gateway of it, as if one of them did not stand.

    Where the plan has no gateway, all are: nobody has said yet where the Internet enters.
    """
    return set(hops(plan, without))


def service_now(
    snapshot: Snapshot, *, threads: int | None = None, progress: Progress = silent, cancel: CancelToken | None = None
) -> ServiceNow:
    """Return who is reached by the plan as it stands.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the kits of tower and home have no mode in common.
    MissingTerrainError, FileError
        Where homes and towers are there and the ground is not.
    CancelledError
    """
    plan, homes = snapshot.plan, snapshot.homes
    network = list(plan.used_sites.values())
    reaches = []
    pool = tile_pool(threads)
    for number, site in enumerate(network if len(homes) else ()):
        if cancel is not None:
            cancel.check()
        share = part(progress, number / len(network), (number + 1) / len(network))
        share(0.0, msg("Looking from {site} to the homes", site=site.name or site.id))
        reaches.append(reach(snapshot, site, pool=pool, progress=share, cancel=cancel))
    return _combine(plan, homes, tuple(site.id for site in network), reaches)


def _combine(plan: Plan, homes: Homes, sites: tuple[str, ...], reaches: list[Reach]) -> ServiceNow:
    count = len(homes)
    site, second = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    verdict = np.full(count, _NO_DATA, np.int8)
    reached = np.zeros(count, np.bool_)
    rate, down, margin, needed = (np.full(count, np.nan) for _ in range(4))
    at = {key: number for number, key in enumerate(sites)}
    said = np.array([at.get(home.server or "", -1) for home in plan.households.values()], np.int32).reshape(count)
    if reaches:
        home = np.concatenate([one.home for one in reaches])
        by = np.concatenate([np.full(len(one.home), n, np.int32) for n, one in enumerate(reaches)])
        pick = {
            name: np.concatenate([getattr(one, name) for one in reaches])
            for name in ("verdict", "good", "rate_mbps", "down_mbps", "margin_db", "needed_m")
        }
        # The plan's own server first; then who reaches it, the better verdict, rate, margin; then the order of sites.
        order = np.lexsort(
            (
                by,
                -np.nan_to_num(pick["margin_db"], nan=-1e9),
                -np.nan_to_num(pick["rate_mbps"]),
                -pick["verdict"],
                ~pick["good"],
                by != said[home],
                home,
            )
        )
        home, by = home[order], by[order]
        first = np.flatnonzero(np.r_[True, home[1:] != home[:-1]]) if len(home) else np.zeros(0, np.int64)
        mine = home[first]
        site[mine] = by[first]
        for into, name in ((verdict, "verdict"), (reached, "good"), (rate, "rate_mbps"), (down, "down_mbps"),
                           (margin, "margin_db"), (needed, "needed_m")):  # fmt: skip
            into[mine] = pick[name][order][first]
        after = first + 1
        more = after[after < len(home)]
        more = more[home[more] == home[more - 1]]
        second[home[more]] = by[more]
    masks = Masks.of((_scattered(one, count) for one in reaches), (count,), len(reaches))
    up = online_sites(plan)
    connected = reached & (said >= 0) & (said == site)
    for array in (site, second, verdict, reached, connected, rate, down, margin, needed):
        array.flags.writeable = False
    online = np.array([key in up for key in sites], np.bool_)
    return ServiceNow(
        homes, sites, site, second, verdict, reached, connected, online, rate, down, margin, needed, masks
    )  # fmt: skip


def _scattered(one: Reach, homes: int) -> NDArray[np.bool_]:
    """Return which of all homes a tower reaches."""
    reached = np.zeros(homes, np.bool_)
    reached[one.home] = one.good
    return reached


@dataclass(frozen=True, slots=True)
class Stake:
    """What rests on one tower; homes by weight.

    Attributes
    ----------
    online : bool
        Whether it hangs on a gateway: nothing rests on one that does not.
    own : float
        Homes that it serves.
    behind : float
        Homes of other towers that reach a gateway through it alone.
    towers_behind : int
        How many those towers are.
    elsewhere : float
        Of all those, homes that a tower which is left would reach by radio.
    only : float
        Homes that it alone reaches by radio, of all towers of the network.
    """

    online: bool
    own: float
    behind: float
    towers_behind: int
    elsewhere: float
    only: float

    @property
    def lost(self) -> float:
        """Homes that lose the network if it fails."""
        return self.own + self.behind


def stake_of(plan: Plan, now: ServiceNow, site: str) -> Stake | None:
    """Return what rests on a tower; None where it is not one of the network that `now` is of.

    Homes count as the plan connects them; where it connects nobody yet, by the tower that reaches each best.
    """
    if site not in now.sites:
        return None
    only = now.lost_if_fails()[site]
    before, after = hops(plan), hops(plan, without=site)
    if site not in before:
        return Stake(False, 0.0, 0.0, 0, 0.0, only)
    silent_towers = [n for n, key in enumerate(now.sites) if key in before and key not in after]
    mine = now.connected if now.connected.any() else now.reached
    lost = mine & np.isin(now.site, silent_towers)
    own = mine & (now.site == now.sites.index(site))
    left = np.zeros(len(now.homes), np.bool_)
    for number, key in enumerate(now.sites):
        if key in after and len(now.homes):
            left |= now.masks.of_tower(number)
    weight = now.homes.weight
    return Stake(
        True,
        float(weight[own].sum()),
        float(weight[lost & ~own].sum()),
        len(silent_towers) - 1,
        float(weight[lost & left].sum()),
        only,
    )


def home_now(snapshot: Snapshot, home: str, *, cancel: CancelToken | None = None) -> HomeService:
    """Return all that can be said of one home: verdict, reason, fix, second choice, the whole budget.

    Raises
    ------
    InputError
        Where there is no such home.
    """
    plan = snapshot.plan
    if home not in plan.households:
        raise InputError(msg("There is no home {id}.", id=home))
    alone = replace(plan, households=Items([plan.households[home]]))
    found = service(alone, snapshot.surface, snapshot.catalogue, snapshot.regulations, cancel=cancel)[0]
    _ = found.reason  # here, where nobody waits, and not in the window that shows it
    return found


def connect_homes(plan: Plan, now: ServiceNow, homes: Iterable[str] | None = None) -> Edit:
    """Connect homes to the tower that reaches them, as one edit; those that none reaches are left as they are.

    Parameters
    ----------
    plan : Plan
        The plan that `now` is of.
    now : ServiceNow
        Who is reached by it.
    homes : iterable of str, optional
        All where not given.
    """
    rows = []
    for key in plan.households if homes is None else homes:
        server = now.site_of(key)
        if now.is_reached(key) and server is not None and plan.households[key].server != server:
            rows.append(replace(plan.households[key], server=server))
    return edits.put(plan, rows, counted("connect {count} home", "connect {count} homes", len(rows)))

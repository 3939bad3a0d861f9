"""Every home as the plan stands: by which tower it is judged, what it is to the network, and why it is no more."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.masks import Masks
from cn_planner.geo import ROUGH_SLACK, geodesics, rough_distances_m
from cn_planner.links.count_range import count_range
from cn_planner.links.sight import Sight
from cn_planner.links.throughput import airtime_share, sector_load
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.message import counted
from cn_planner.model import edits
from cn_planner.service.joined import as_it_works, hops
from cn_planner.service.judge import Standing, Why, standing
from cn_planner.service.room import most_airtime, room_for
from cn_planner.service.within_range import NEAR_HOME_KM

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan, Site
    from cn_planner.service.roofs import HomeArrays
    from cn_planner.service.tower import TowerCoverage
    from cn_planner.service.unheard import Unheard

_NO_DATA = VERDICTS.index(Verdict.NO_DATA)


class PlaceOnAir(NamedTuple):
    """A public place that a tower connects.

    Attributes
    ----------
    id, site, sector : str
        The place, its tower, and the sector that it hangs on; empty where the tower has none.
    load : float
        What is carried for it at the busy hour, in homes.
    rate_mbps : float
        Down, at the IP level; 0 where nothing gets through.
    """

    id: str
    site: str
    sector: str
    load: float
    rate_mbps: float


@dataclass(frozen=True, slots=True, eq=False)
class ServiceNow:
    """Every home as the plan stands; one value a home, in the order of ids.

    Attributes
    ----------
    homes : HomeArrays
    sites : tuple of str
        Towers of the network.
    site : int32 array
        Number of the tower that is judged: the one that the plan says, else the best; -1 where none is near.
    antenna : int64 array
        Number of its antenna that speaks to the home, in the order of the sectors' ids; -1 where none is near.
    second : int32 array
        The next best; -1 where none.
    standing : int8 array
        Numbers of `judge.Standing`: seen and could join are by any tower of the network.
    why : int8 array
        Numbers of `judge.Why`: of the tower that is judged, or why no tower takes it; `NOTHING` where it is connected.
    works : bool array
        Whether the path from the tower that is judged works, whether or not the plan connects it.
    connected : bool array
        Whether the plan serves it: ``standing`` is `CONNECTED`.
    joins : int32 array
        Number of the best tower that would take it; that which is judged where it is connected; -1 where none.
    online : bool array of sites
        Whether the tower is linked to a gateway of the network, over links that are not down; all are where the plan
        has no gateway yet.
    verdict : int8 array
        Index of `VERDICTS`; that of no data where no tower is near.
    level_dbm, margin_db, fallback_db, down_mbps, up_mbps, rate_mbps, needed_m : float64 arrays
        Of the tower that is judged: `rate_mbps` is the lesser rate; NaN where no tower is near. What a home takes of a
        sector's time rests on the rate to it, ``down_mbps``.
    sight : Sight
        How clear the path of the tower is that is judged.
    second_verdict : int8 array
    second_margin_db, second_mbps : float64 arrays
        Of the next best: what is to spare at its rate down.
    masks : Masks
        What each tower sees, homes as places; no towers where there are no homes.
    placed : tuple of PlaceOnAir
        The public places that towers connect by radio, where they were asked for.
    down : frozenset of str
        Links over which nothing gets through: `links_down`.
    unheard : mapping of str to Message
        Homes for which nothing is left on the plan's channels, with why; empty where that was not asked.
    drowned : frozenset of str
        Links that carry nothing on the plan's channels, beside those that are down; likewise.
    silenced : frozenset of str
        Towers to which nothing comes for their sake.
    """

    homes: HomeArrays
    sites: tuple[str, ...]
    site: NDArray[np.int32]
    antenna: NDArray[np.int64]
    second: NDArray[np.int32]
    standing: NDArray[np.int8]
    why: NDArray[np.int8]
    works: NDArray[np.bool_]
    connected: NDArray[np.bool_]
    joins: NDArray[np.int32]
    online: NDArray[np.bool_]
    verdict: NDArray[np.int8]
    level_dbm: NDArray[np.float64]
    margin_db: NDArray[np.float64]
    fallback_db: NDArray[np.float64]
    down_mbps: NDArray[np.float64]
    up_mbps: NDArray[np.float64]
    rate_mbps: NDArray[np.float64]
    needed_m: NDArray[np.float64]
    sight: Sight
    second_verdict: NDArray[np.int8]
    second_margin_db: NDArray[np.float64]
    second_mbps: NDArray[np.float64]
    masks: Masks
    placed: tuple[PlaceOnAir, ...] = ()
    down: frozenset[str] = frozenset()
    unheard: Mapping[str, Message] = field(default_factory=dict)
    drowned: frozenset[str] = frozenset()
    silenced: frozenset[str] = frozenset()

    @property
    def total(self) -> float:
        """All homes by weight."""
        return float(self.homes.weight.sum())

    @property
    def works_weight(self) -> float:
        """Homes that the tower sees by which they are judged, by weight."""
        return float(self.homes.weight[self.works].sum())

    @property
    def connected_homes(self) -> frozenset[str]:
        """The homes that the plan serves, by id."""
        return frozenset(self.homes.ids[n] for n in np.flatnonzero(self.connected).tolist())

    @property
    def connected_weight(self) -> float:
        """Homes that the plan serves, by weight."""
        return float(self.homes.weight[self.connected].sum())

    @property
    def connected_range(self) -> tuple[float, float]:
        """Between how many of the homes that the plan serves will be reached, by weight: `links.count_range`."""
        mine = np.flatnonzero(self.connected & np.isfinite(self.fallback_db))
        weight = self.homes.weight[mine]
        return count_range(self.fallback_db[mine], self.sight.at(mine), weight, self.connected_weight - weight.sum())

    def on_channels(self, unheard: Unheard) -> ServiceNow:
        """Return the same with homes not connected for which nothing is left on the channels of the plan.

        Those that are not connected for another reason keep that.
        """
        told = {key: why for key, why in unheard.homes.items() if self.connected[self.homes.number[key]]}
        if not told and not unheard.links:
            return self
        mine = [self.homes.number[key] for key in told]
        changed = {one: getattr(self, one).copy() for one in ("standing", "why", "connected", "joins")}
        for name, value in (("standing", Standing.SEEN), ("why", Why.UNHEARD), ("connected", False), ("joins", -1)):
            changed[name][mine] = value
            changed[name].flags.writeable = False
        return replace(self, unheard=told, drowned=unheard.links, silenced=unheard.towers, **changed)

    def reached(self, plan: Plan) -> NDArray[np.bool_]:
        """Return whom the plan reaches: whom it connects; where it connects nobody yet, whom the judged tower sees."""
        return self.connected if connects_homes(plan) else self.works

    def has_internet(self, plan: Plan) -> NDArray[np.bool_]:
        """Return whom the plan reaches by a tower that is linked to a gateway."""
        return self.reached(plan) & self._by_linked_tower

    def homes_by_tower(self, plan: Plan) -> dict[str, float]:
        """Return the homes that each tower of the network reaches, by weight."""
        counted = np.where(self.has_internet(plan), self.homes.weight, 0.0)
        judged = self.site >= 0
        found = np.bincount(self.site[judged], weights=counted[judged], minlength=len(self.sites))
        return dict(zip(self.sites, found.tolist(), strict=True))

    @property
    def cut_off_weight(self) -> float:
        """Homes that see the tower by which they are judged and that no gateway reaches by it, by weight."""
        return float(self.homes.weight[self.works & ~self.connected & ~self._by_linked_tower].sum())

    @property
    def left_out_weight(self) -> float:
        """Homes that see a tower that is linked to a gateway and that the plan does not serve, by weight."""
        return float(self.homes.weight[self.works & ~self.connected & ~self.is_unheard & self._by_linked_tower].sum())

    @property
    def unheard_weight(self) -> float:
        """Homes for which nothing is left on the channels of the plan, by weight."""
        return float(self.homes.weight[self.is_unheard].sum())

    @property
    def is_unheard(self) -> NDArray[np.bool_]:
        """Return for which homes nothing is left on the channels of the plan."""
        found: NDArray[np.bool_] = self.why == Why.UNHEARD
        return found

    @property
    def _by_linked_tower(self) -> NDArray[np.bool_]:
        """Return whether the tower by which each home is judged is linked to a gateway."""
        up: NDArray[np.bool_] = np.append(self.online, np.False_)  # the last is "no tower"
        return up[self.site]

    @property
    def off_network(self) -> frozenset[str]:
        """The towers to which nothing comes: those that no gateway is linked to, and those that channels silence."""
        off = {key for key, on in zip(self.sites, self.online.tolist(), strict=True) if not on}
        return self.silenced.union(off)

    @property
    def nothing_over(self) -> frozenset[str]:
        """The links over which nothing comes: those that are down, and those that drown on their channels."""
        return self.down | self.drowned

    def site_of(self, home: str) -> str | None:
        """Return the tower that is judged for a home."""
        number = int(self.site[self.homes.number[home]])
        return self.sites[number] if number >= 0 else None

    def is_seen(self, home: str) -> bool:
        """Return whether the path of a home works, from the tower that is judged."""
        return bool(self.works[self.homes.number[home]])

    def lost_if_fails(self) -> dict[str, float]:
        """Return the homes, by weight, that no other tower sees, for each tower of the network."""
        if not self.masks.towers:
            return dict.fromkeys(self.sites, 0.0)
        return dict(zip(self.sites, self.masks.lost_if_fails(self.homes.weight).tolist(), strict=True))

    def reached_by(self, plan: Plan, site: str) -> NDArray[np.bool_]:
        """Return whom the plan reaches by a tower."""
        mine: NDArray[np.bool_] = self.site == (self.sites.index(site) if site in self.sites else len(self.sites))
        return self.reached(plan) & mine

    def weight_of(self, plan: Plan, site: str) -> float:
        """Return the homes that the plan reaches by a tower, by weight."""
        return float(self.homes.weight[self.reached_by(plan, site)].sum())


def connects_homes(plan: Plan) -> bool:
    """Return whether it is decided in a plan which homes are connected: any is given a tower."""
    return any(home.server is not None for home in plan.households.values())


def servers(plan: Plan) -> NDArray[np.int32]:
    """Return the number, among the towers of the network, of the one that the plan gives each home; -1 where none."""
    at = {key: number for number, key in enumerate(plan.used_sites)}
    rows = plan.households.values()
    return np.array([at.get(home.server or "", -1) for home in rows], np.int32).reshape(len(rows))


def far_from_servers(plan: Plan, homes: HomeArrays, planned: NDArray[np.int32]) -> dict[int, NDArray[np.int64]]:
    """Return the homes that are so far from their tower that it may not be looked at, by the number of the tower."""
    network = list(plan.used_sites.values())
    mine = np.flatnonzero(planned >= 0)
    if not len(mine):
        return {}
    lat, lon = np.array([[site.latitude, site.longitude] for site in network]).T
    by = planned[mine]
    most_m = min(NEAR_HOME_KM, plan.rules.max_access_km or math.inf) * 1000.0
    away = rough_distances_m(lat[by], lon[by], homes.latitude[mine], homes.longitude[mine])
    perhaps = away * ROUGH_SLACK > most_m
    mine, by = mine[perhaps], by[perhaps]
    length = geodesics(lat[by], lon[by], homes.latitude[mine], homes.longitude[mine])[2]
    mine, by = mine[length > most_m], by[length > most_m]
    return {int(n): mine[by == n] for n in np.unique(by)}


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Towers and homes that were judged against each other, one value a pair in every array."""

    home: NDArray[np.int64]
    by: NDArray[np.int32]
    which: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    why: NDArray[np.int8]
    verdict: NDArray[np.int8]
    level_dbm: NDArray[np.float64]
    margin_db: NDArray[np.float64]
    fallback_db: NDArray[np.float64]
    down_mbps: NDArray[np.float64]
    up_mbps: NDArray[np.float64]
    needed_m: NDArray[np.float64]
    clearance_f1: NDArray[np.float64]
    clear: NDArray[np.float64]
    passes: NDArray[np.float64]
    common_sd_db: NDArray[np.float64]
    local_sd_db: NDArray[np.float64]

    @classmethod
    def of(cls, found: Sequence[tuple[int, TowerCoverage]]) -> _Pairs:
        """Put together what towers are to homes; each with the number of its tower."""

        def every(values: list[Any], kind: type) -> Any:
            return np.concatenate([np.zeros(0, kind), *values]).astype(kind, copy=False)

        answers = [one.answer for _, one in found]
        return cls(
            every([one.home for _, one in found], np.int64),
            every([np.full(len(one.home), n) for n, one in found], np.int32),
            every([one.which for one in answers], np.int64),
            every([one.distance_m for _, one in found], np.float64),
            every([one.why for one in answers], np.int8),
            every([one.verdict for one in answers], np.int8),
            every([one.level_dbm for one in answers], np.float64),
            every([one.margin_db for one in answers], np.float64),
            every([one.fallback_db for one in answers], np.float64),
            every([one.rate_down_mbps for one in answers], np.float64),
            every([one.rate_up_mbps for one in answers], np.float64),
            every([one.needed_m for _, one in found], np.float64),
            *(every([one.sight[n] for one in answers], np.float64) for n in range(5)),
        )

    def take(self, order: NDArray[np.int64]) -> _Pairs:
        """Return pairs in another order."""
        return _Pairs(*(getattr(self, one.name)[order] for one in fields(self)))

    def best_first(self, planned: NDArray[np.int32]) -> _Pairs:
        """Return the pairs home by home, the best first.

        The plan's own server comes first; then who sees it; who has it in a beam; the better verdict, rate, margin;
        then the order of towers.
        """
        rate = np.nan_to_num(np.minimum(self.down_mbps, self.up_mbps))
        return self.take(
            np.lexsort(
                (
                    self.by,
                    -np.nan_to_num(self.fallback_db, nan=-1e9),
                    -rate,
                    -self.verdict,
                    self.why == Why.NO_BEAM,
                    self.why != Why.NOTHING,
                    self.by != planned[self.home],
                    self.home,
                )
            )
        )


def hidden_by_trees(now: ServiceNow, bare: ServiceNow) -> float:
    """Return how many homes, by weight, no tower sees, and some would see on the same ground without trees."""
    hidden = (now.standing == Standing.UNSEEN) & (bare.standing != Standing.UNSEEN)
    return float(now.homes.weight[hidden].sum())


def everyone(
    plan: Plan, homes: HomeArrays, found: Sequence[tuple[int, TowerCoverage]], down: Collection[str]
) -> ServiceNow:
    """Return every home, from what towers are to homes.

    Parameters
    ----------
    plan : Plan
        As it stands.
    homes : HomeArrays
        Its homes.
    found : sequence of (int, TowerCoverage)
        What towers are to homes, each with the number of its tower in the network: every pair once. How full a sector
        is, is known by the homes that are there with their own server.
    down : collection of str
        Links over which nothing gets through: whoever has no other way to a gateway is not connected.
    """
    count, sites, planned = len(homes), tuple(plan.used_sites), servers(plan)
    up = hops(as_it_works(plan, down))
    online = np.array([key in up for key in sites], np.bool_)
    pairs = _Pairs.of(found).best_first(planned)
    own = pairs.by == planned[pairs.home]
    stands = standing(pairs.why == Why.NOTHING, online[pairs.by], _room(plan, homes, pairs, own), own)
    best = np.zeros(count, np.int8)
    np.maximum.at(best, pairs.home, stands)
    joins = np.full(count, -1, np.int32)
    takes = np.flatnonzero((stands >= Standing.COULD_JOIN) & (stands == best[pairs.home]))[::-1]
    joins[pairs.home[takes]] = pairs.by[takes]  # the best of equals comes last

    judged, second = _first_two(pairs.home, count)

    def of(values: Any, pair: NDArray[np.int64], nothing: float) -> Any:
        whole = np.full(count, nothing, values.dtype)
        whole[pair >= 0] = values[pair[pair >= 0]]
        return whole

    site, why = of(pairs.by, judged, -1), of(pairs.why, judged, Why.NO_TOWER)
    now = ServiceNow(
        homes=homes,
        sites=sites,
        site=site,
        antenna=of(pairs.which, judged, -1),
        second=of(pairs.by, second, -1),
        standing=best,
        why=_why(plan, planned, why, best, np.append(online, False)[site]),
        works=why == Why.NOTHING,
        connected=best == Standing.CONNECTED,
        joins=joins,
        online=online,
        verdict=of(pairs.verdict, judged, _NO_DATA),
        level_dbm=of(pairs.level_dbm, judged, np.nan),
        margin_db=of(pairs.margin_db, judged, np.nan),
        fallback_db=of(pairs.fallback_db, judged, np.nan),
        down_mbps=of(pairs.down_mbps, judged, np.nan),
        up_mbps=of(pairs.up_mbps, judged, np.nan),
        rate_mbps=of(np.minimum(pairs.down_mbps, pairs.up_mbps), judged, np.nan),
        needed_m=of(pairs.needed_m, judged, np.nan),
        sight=Sight(
            *(
                of(one, judged, np.nan)
                for one in (pairs.clearance_f1, pairs.clear, pairs.passes, pairs.common_sd_db, pairs.local_sd_db)
            )
        ),
        second_verdict=of(pairs.verdict, second, _NO_DATA),
        second_margin_db=of(pairs.margin_db, second, np.nan),
        second_mbps=of(pairs.down_mbps, second, np.nan),
        masks=_masks(found, len(sites) if count else 0, count),
        down=frozenset(down),
    )
    for one in fields(now):
        value = getattr(now, one.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return now


def _room(plan: Plan, homes: HomeArrays, pairs: _Pairs, own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether the sector of each pair has the airtime for its home, beside those that it serves."""
    most = np.array([most_airtime(plan, site) for site in plan.used_sites.values()])
    sectors = int(pairs.which.max(initial=0)) + 1
    sector = pairs.by * sectors + pairs.which
    works = pairs.why == Why.NOTHING
    share = np.zeros(len(pairs.home))
    demand = plan.demand.busy_hour_mbps * homes.load[pairs.home[works]]
    share[works] = airtime_share(demand, pairs.down_mbps[works])
    taken = np.flatnonzero(own & works & (pairs.distance_m > 0.0))  # at the mast itself they come by cable
    count = len(most) * sectors
    beside = np.bincount(sector[taken], minlength=count)
    used = np.bincount(sector[taken], weights=share[taken], minlength=count)
    return room_for(beside[sector], used[sector], share, most[pairs.by])


def _first_two(home: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of each home's first two pairs, of pairs in the order of homes; -1 where there are none."""
    judged, second = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    first = np.flatnonzero(np.r_[True, home[1:] != home[:-1]]) if len(home) else np.zeros(0, np.int64)
    judged[home[first]] = first
    after = first[first + 1 < len(home)] + 1
    after = after[home[after] == home[after - 1]]
    second[home[after]] = after
    return judged, second


def _why(
    plan: Plan,
    planned: NDArray[np.int32],
    why: NDArray[np.int8],
    best: NDArray[np.int8],
    online: NDArray[np.bool_],
) -> NDArray[np.int8]:
    """Return why homes are not connected, from why the towers by which they are judged do not see them."""
    given = np.array([home.server is not None for home in plan.households.values()], np.bool_)
    sees, found = why == Why.NOTHING, why.copy()
    found[sees & (planned >= 0) & (best < Standing.CONNECTED)] = Why.CUT_OFF
    left = sees & (planned < 0)
    found[left] = np.where(online[left], Why.FULL, Why.CUT_OFF)
    found[left & (best >= Standing.COULD_JOIN)] = Why.UNPLANNED
    found[given & (planned < 0) & (why != Why.NO_TOWER)] = Why.NO_MAST
    return found


def _masks(found: Sequence[tuple[int, TowerCoverage]], towers: int, homes: int) -> Masks:
    """Return which homes each tower sees."""
    of: dict[int, list[NDArray[np.int64]]] = {}
    for number, one in found:
        of.setdefault(number, []).append(one.home[one.answer.served])

    def seen(number: int) -> NDArray[np.bool_]:
        places = np.zeros(homes, np.bool_)
        for some in of.get(number, ()):
            places[some] = True
        return places

    return Masks.of((seen(number) for number in range(towers)), (homes,), towers)


def connect_homes(plan: Plan, now: ServiceNow, homes: Iterable[str] | None = None) -> Edit:
    """Connect homes to the tower that sees them, as one edit; those that none sees are left as they are.

    Parameters
    ----------
    plan : Plan
        The plan that `now` is of.
    now : ServiceNow
        Who is seen by it.
    homes : iterable of str, optional
        All where not given.
    """
    rows = []
    for key in plan.households if homes is None else homes:
        server = now.site_of(key)
        if now.is_seen(key) and server is not None and plan.households[key].server != server:
            rows.append(replace(plan.households[key], server=server))
    return edits.put(plan, rows, counted("connect {count} home", "connect {count} homes", len(rows)))


def with_reached(plan: Plan, now: ServiceNow) -> Plan:
    """Return the plan whose bill counts: with the homes connected that it reaches where it connects none yet.

    Parameters
    ----------
    plan : Plan
        The plan that `now` is of. One that connects homes is returned as it is.
    now : ServiceNow
        Who is reached by it; homes whose tower has no way to a gateway are left out.
    """
    if connects_homes(plan):
        return plan
    mine = np.flatnonzero(now.has_internet(plan))
    return connect_homes(plan, now, [now.homes.ids[n] for n in mine.tolist()]).plan


def sector_loads(plan: Plan, now: ServiceNow, site: Site) -> dict[str, tuple[float, float]]:
    """Return for each sector of a site the homes that the plan reaches by it, by weight, and how busy it then is, %.

    Homes of a sector, and the public places that hang on it, share its air: each takes the busy-hour demand over its
    own rate down, as in the plan and in `report.capacity`.
    """
    loads = {one.id: (0.0, 0.0) for one in site.sectors}
    if not loads or site.id not in now.sites:
        return loads
    mine = np.flatnonzero(now.reached_by(plan, site.id))
    placed = [one for one in now.placed if one.site == site.id]
    if not len(mine) and not placed:
        return loads
    homes = now.homes
    for number, sector in enumerate(sorted(site.sectors, key=lambda one: one.id)):
        those = mine[now.antenna[mine] == number]
        beside = [one for one in placed if one.sector == sector.id]
        rates = np.append(now.down_mbps[those], [one.rate_mbps for one in beside])
        taken = np.append(homes.load[those], [one.load for one in beside])
        busy = sector_load(plan.demand.busy_hour_mbps, rates, taken)
        loads[sector.id] = (float(homes.weight[those].sum()), 100.0 * busy)
    return loads

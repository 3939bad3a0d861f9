"""Places for towers that nobody has named yet: found in the terrain, thinned, with the reason for each kept or removed.

Hilltops and shoulders round the homes are looked at with the greatest mast that the rules allow: which homes each sees,
and which towers and other places. Then the fewest are kept that leave each home several towers to choose from and join
them to a gateway. What is removed here is not proven to be useless, as what the planner leaves out is: the planner's
bound holds for the places that it is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.conditions import conditions_of
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.clients import roof_height_m
from cn_planner.model.gateways import may_be_gateway
from cn_planner.model.history import Edit
from cn_planner.model.plan import Choice, Site, Status
from cn_planner.planning.hilltops import Form, Hilltop, places_that_stand_out
from cn_planner.planning.places import zones_of
from cn_planner.progress import ALONE, Run
from cn_planner.service.within_range import NEAR_HOME_KM, NEAR_LINK_KM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.model.plan import Plan
    from cn_planner.study import Study

MOST_CANDIDATES = 40
_RAW = 250
"""Hilltops, and shoulders, that are looked at."""
_NEAR_M = 250.0
"""A place so near a tower that is named already, or a better place, is the same place."""
_WAYS = 3
"""Towers that each home should have to choose from."""
_GROUPS = 2_000
"""Groups of homes that are looked at; more homes are put together by squares."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place, the homes that it sees by weight, the places and towers that it sees, and why it is kept or not."""

    place: Hilltop
    homes: float
    joins: int
    reason: Message
    id: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what ``candidates --json`` prints of it."""
        return {
            "id": self.id or None,
            "latitude": round(self.place.latitude, 6),
            "longitude": round(self.place.longitude, 6),
            "ground_m": round(self.place.ground_m, 1),
            "form": self.place.form.value,
            "homes": round(self.homes, 3),
            "joins": self.joins,
            "reason": str(self.reason),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What was kept and removed; ``unseen`` homes by weight that none sees; ``edit`` None where nothing is kept."""

    kept: tuple[Candidate, ...]
    removed: tuple[Candidate, ...]
    unseen: float
    edit: Edit | None

    def as_dict(self) -> dict[str, Any]:
        """Return what ``candidates --json`` prints."""
        return {
            "kept": [one.as_dict() for one in self.kept],
            "removed": [one.as_dict() for one in self.removed],
            "homes_unseen": round(self.unseen, 3),
        }


def find_candidates(study: Study, *, most: int = MOST_CANDIDATES, run: Run = ALONE) -> Candidates:
    """Return places for towers round the homes of a plan.

    Parameters
    ----------
    most : int
        So many places are kept at most; 1 to 500.

    Raises
    ------
    InputError
        Where the plan has no homes, or the number of places is none.
    CancelledError
    """
    plan = study.plan
    if not 1 <= most <= 500:
        raise InputError(msg("{most} places cannot be looked for.", most=most), fix=msg("Ask for 1 to 500."))
    if not plan.households:
        raise InputError(msg("The plan has no homes."), fix=msg("Import them, or add one on the map."))
    run.progress(0.0, msg("Looking for hilltops"))
    found = places_that_stand_out(study.surface, *_box(plan), most=_RAW)
    run.check()
    look = _Look(study, found, run.part(0.1, 0.95))
    kept, removed = _thinned(plan, look, most)
    named = _named(plan, look, kept)
    edit = None
    if named:
        after = edits.put(plan, [_site(plan, one) for one in named]).plan
        edit = Edit(msg("places for towers found in the terrain"), after)
    run.progress(1.0)
    return Candidates(tuple(named), tuple(removed), look.unseen([one.number for one in kept]), edit)


def _box(plan: Plan) -> tuple[float, float, float, float]:
    """Return the box round the homes, as far as a tower could serve them and one beyond could relay."""
    lat = np.array([home.latitude for home in plan.households.values()])
    lon = np.array([home.longitude for home in plan.households.values()])
    if float(np.ptp(lon)) > 180.0:
        lon = lon % 360.0
    up = _home_km(plan) / 111.0
    across = up / max(math.cos(math.radians(float(np.abs(lat).max()))), 0.05)
    return (
        max(float(lat.min()) - up, -89.0), float(lon.min()) - across,
        min(float(lat.max()) + up, 89.0), float(lon.max()) + across,
    )  # fmt: skip


def _work_km(
    here: tuple[NDArray[np.float64], NDArray[np.float64]],
    there: tuple[NDArray[np.float64], NDArray[np.float64]],
    most_km: float,
) -> float:
    """Return about how many km of paths lie between two lists of places: what looking along them costs goes by it."""
    total = 0.0
    for latitude, longitude in zip(*here, strict=True):
        east = ((there[1] - longitude + 180.0) % 360.0 - 180.0) * math.cos(math.radians(latitude))
        km = 111.2 * np.hypot(there[0] - latitude, east)
        total += float(km[km <= most_km].sum())
    return total


def _home_km(plan: Plan) -> float:
    """Return how far from homes places are looked for: where physics alone limits, nearer ones do it better."""
    return plan.rules.max_access_km or NEAR_HOME_KM


@dataclass(frozen=True, slots=True)
class _Row:
    """A place by its number, with what it sees."""

    number: int
    homes: float
    joins: int
    reason: Message


class _Look:
    """What each place sees: groups of homes, towers that are named, and other places."""

    def __init__(self, study: Study, found: tuple[Hilltop, ...], run: Run) -> None:
        plan = study.plan
        self.plan, self.places = plan, found
        usable = [
            site for site in plan.sites.values()
            if site.choice is not Choice.FORBIDDEN and site.status is not Status.REJECTED
        ]  # fmt: skip
        self.sites = usable
        lat, lon, roof, self.weight = _groups(plan)
        high = max(plan.rules.mast_heights_m, default=30.0)
        here = (
            np.array([*(one.latitude for one in found), *(one.latitude for one in usable)], np.float64),
            np.array([*(one.longitude for one in found), *(one.longitude for one in usable)], np.float64),
        )
        masts = np.array(
            [[high]] * len(found) + [[site.mast_height_m or min(high, site.max_height_m) or high] for site in usable]
        ).reshape(-1, 1)
        air, enough = conditions_of(plan), plan.rules.clearance_f1
        more: dict[str, Any] = {
            "conditions": air, "loss": False, "needs": False, "enough_f1": enough,
            "obstacles": tuple(plan.obstacles.values()),
        }  # fmt: skip
        home_km, link_km = _home_km(plan), plan.rules.max_backhaul_km or NEAR_LINK_KM
        to_homes, to_each_other = _work_km(here, (lat, lon), home_km), _work_km(here, here, link_km) / 2
        share = min(max(to_homes / max(to_homes + to_each_other, 1.0), 0.02), 0.98)
        run.progress(0.0, msg("Looking which homes they see"))
        access = pair_matrix(
            study.surface, here, (lat, lon), masts, roof[:, np.newaxis], study.catalogue.kit(plan.kits.access).freq_mhz,
            max_km=home_km, run=run.part(0.0, share), **more,
        )  # fmt: skip
        self.sees = np.zeros((len(masts), len(lat)), np.bool_)
        clear = np.nan_to_num(access.clearance_f1[:, 0, 0], nan=-np.inf) >= enough
        self.sees[access.first[clear], access.second[clear]] = True
        run.progress(share, msg("Looking which of them see each other"))
        back = pair_matrix(
            study.surface, here, here, masts, masts, study.catalogue.kit(plan.kits.backhaul).freq_mhz,
            max_km=link_km, upper=True, run=run.part(share, 1.0), **more,
        )  # fmt: skip
        self.joins = np.zeros((len(masts), len(masts)), np.bool_)
        clear = np.nan_to_num(back.clearance_f1[:, 0, 0], nan=-np.inf) >= enough
        self.joins[back.first[clear], back.second[clear]] = True
        self.joins |= self.joins.T
        self.own = np.arange(len(found), len(masts))
        doors = [n for n, site in enumerate(usable) if may_be_gateway(site)]
        self.doors = np.array([len(found) + n for n in doors], np.int64)

    def homes(self, number: int) -> float:
        """Return the weight of the homes that a place sees."""
        return float(self.weight[self.sees[number]].sum())

    def unseen(self, kept: list[int]) -> float:
        """Return the weight of the homes that neither these places nor the towers named see."""
        seen = self.sees[[*kept, *self.own.tolist()]].any(axis=0)
        return float(self.weight[~seen].sum())

    def online(self) -> NDArray[np.bool_]:
        """Return which places and towers could reach a gateway over others within the hops; all where there is none."""
        if not len(self.doors):
            return np.ones(len(self.joins), np.bool_)
        reached = np.zeros(len(self.joins), np.bool_)
        reached[self.doors] = True
        for _ in range(self.plan.rules.max_hops):
            reached |= self.joins[reached].any(axis=0)
        return reached


def _groups(plan: Plan) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return latitude, longitude, roof height and weight of homes; where there are too many, of squares of them.

    A square stands at the home that is nearest to its homes' mean.
    """
    homes = list(plan.households.values())
    lat, lon = np.array([home.latitude for home in homes]), np.array([home.longitude for home in homes])
    roof = np.array([roof_height_m(plan, home) for home in homes])
    weight = np.array([home.weight for home in homes])
    side = 0.0005
    while len(homes) > _GROUPS:
        square = np.stack([np.floor(lat / side), np.floor(lon / side)])
        _, which = np.unique(square, axis=1, return_inverse=True)
        which = which.ravel()
        count = int(which.max()) + 1
        if count <= _GROUPS:
            mean = [np.bincount(which, v * weight, count) / np.maximum(np.bincount(which, weight, count), 1e-9)
                    for v in (lat, lon)]  # fmt: skip
            off = (lat - mean[0][which]) ** 2 + (lon - mean[1][which]) ** 2
            order = np.lexsort((np.arange(len(which)), off, which))
            first = order[np.searchsorted(which[order], np.arange(count))]
            return lat[first], lon[first], roof[first], np.bincount(which, weight, count).astype(np.float64)
        side *= 1.4
    return lat, lon, roof, weight


def _thinned(plan: Plan, look: _Look, most: int) -> tuple[list[_Row], list[Candidate]]:
    """Return the places that are kept, in the order of their worth, and those that are not."""
    removed: list[Candidate] = []
    alive: list[int] = []
    in_zone, online = zones_of(plan), look.online()
    own = look.sites
    for number, place in enumerate(look.places):
        homes, joins = look.homes(number), int(look.joins[number].sum())
        reason: Message | None = None
        zone = in_zone(Site("-", "-", place.latitude, place.longitude))
        near = _nearest(place, own)
        if zone is not None:
            reason = msg("It lies in {zone}, where nothing may be built.", zone=zone)
        elif near is not None:
            reason = msg("{site} is there already.", site=near)
        elif not online[number]:
            reason = msg("No way leads from it to a gateway, over whatever others.")
        elif homes <= 0.0 and joins < 2:
            reason = msg("It sees no home, and joins nothing.")
        if reason is None:
            alive.append(number)
        else:
            removed.append(Candidate(place, homes, joins, reason))
    kept = _chosen(look, alive, most)
    chosen = {row.number for row in kept}
    for number in alive:
        if number not in chosen:
            place = look.places[number]
            removed.append(
                Candidate(place, look.homes(number), int(look.joins[number].sum()), _why_not(look, number, kept, most))
            )
    return kept, removed


def _nearest(place: Hilltop, sites: list[Site]) -> str | None:
    if not sites:
        return None
    lat, lon = np.array([site.latitude for site in sites]), np.array([site.longitude for site in sites])
    here = np.full(len(sites), place.latitude), np.full(len(sites), place.longitude)
    length = geodesics(*here, lat, lon)[2]
    nearest = int(np.argmin(length))
    return (sites[nearest].name or sites[nearest].id) if length[nearest] < _NEAR_M else None


def _chosen(look: _Look, alive: list[int], most: int) -> list[_Row]:
    """Keep places one by one: that which gives most homes a tower more to choose from, then those that join them."""
    ways = look.sees[look.own].sum(axis=0).astype(np.int64)
    kept: list[_Row] = []
    left = list(alive)
    while left and len(kept) < most:
        # A first tower for a home counts most, a third little.
        worth = np.where(ways < _WAYS, look.weight / (1.0 + ways) ** 2, 0.0)
        gain = {number: float(worth[look.sees[number]].sum()) for number in left}
        # One that is joined to what is kept goes before one that is not yet.
        among = [*(row.number for row in kept), *look.own.tolist()]
        joined = {number: bool(look.joins[number][among].any()) if among else True for number in left}
        best = max(left, key=lambda n: (gain[n] * (1.0 if joined[n] else 0.5), int(look.joins[n].sum()), -n))
        if gain[best] <= 1e-9:
            break
        fresh = float(look.weight[look.sees[best] & (ways == 0)].sum())
        homes = look.homes(best)
        if fresh > 0.0:
            reason = counted(
                "It sees {count:,g} home, {fresh:,g} of them as the first.",
                "It sees {count:,g} homes, {fresh:,g} of them as the first.",
                homes, fresh=fresh,
            )  # fmt: skip
        else:
            reason = counted(
                "It sees {count:,g} home that had fewer than {ways} to choose from.",
                "It sees {count:,g} homes that had fewer than {ways} to choose from.",
                homes, ways=_WAYS,
            )  # fmt: skip
        kept.append(_Row(best, homes, int(look.joins[best].sum()), reason))
        ways += look.sees[best]
        left.remove(best)
    return kept + _relays(look, kept, left, most - len(kept))


def _relays(look: _Look, kept: list[_Row], left: list[int], room: int) -> list[_Row]:
    """Return places between: those that shorten or make the way of what is kept to a gateway, most of them first."""
    if not len(look.doors) or room <= 0:
        return []
    found: list[_Row] = []
    while room > len(found) and left:
        inside = np.zeros(len(look.joins), np.bool_)
        inside[[*(row.number for row in (*kept, *found)), *look.own.tolist()]] = True
        hops = _hops(look, inside)
        cut = [row.number for row in kept if hops[row.number] < 0]
        if not cut:
            break
        gain = {}
        for number in left:
            with_it = inside.copy()
            with_it[number] = True
            there = _hops(look, with_it)
            gain[number] = sum(there[n] >= 0 for n in cut)
        best = max(left, key=lambda n: (gain[n], int(look.joins[n].sum()), -n))
        if gain[best] == 0:
            # No single one joins them: that which is on the way of the first, step by step.
            path = _way(look, cut[0])
            step = next((n for n in path if n in left), None)
            if step is None:
                break
            best = step
        reason = msg("A tower in between: it joins {count} of the others to a gateway.", count=max(1, gain[best]))
        found.append(_Row(best, look.homes(best), int(look.joins[best].sum()), reason))
        left.remove(best)
    return found


def _hops(look: _Look, inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the links from a gateway to each place of a set, over places of the set; -1 where there is no way."""
    hops = np.full(len(inside), -1, np.int64)
    front = look.doors[inside[look.doors]]
    hops[front] = 0
    for step in range(1, look.plan.rules.max_hops + 1):
        more = look.joins[front].any(axis=0) & inside & (hops < 0)
        front = np.flatnonzero(more)
        if not len(front):
            break
        hops[front] = step
    return hops


def _way(look: _Look, number: int) -> list[int]:
    """Return the places on a shortest way from one to a gateway, over whatever places."""
    everything = np.ones(len(look.joins), np.bool_)
    hops = _hops(look, everything)
    way, at = [], number
    while hops[at] > 0:
        at = int(np.flatnonzero(look.joins[at] & (hops == hops[at] - 1))[0])
        way.append(at)
    return way


def _why_not(look: _Look, number: int, kept: list[_Row], most: int) -> Message:
    mine = look.sees[number]
    if not mine.any():
        return msg("It sees no home, and what is kept is joined without it.")
    over = [row for row in kept if not bool((mine & ~look.sees[row.number]).any())]
    if over:
        other = look.places[over[0].number]
        return msg(
            "The {form} of {ground:.0f} m sees all its homes and is kept.",
            form=_form(other.form), ground=other.ground_m,
        )  # fmt: skip
    if len(kept) >= most:
        return msg("{most} places were asked for, and others give more homes a choice.", most=most)
    return msg("Each of its homes has {ways} others to choose from.", ways=_WAYS)


def _form(form: Form) -> Message:
    return msg("hilltop") if form is Form.HILLTOP else msg("shoulder")


def _named(plan: Plan, look: _Look, kept: list[_Row]) -> list[Candidate]:
    """Return the kept places with ids that are free in the plan."""
    named = []
    number = 0
    for row in kept:
        number += 1
        while f"T{number:02d}" in plan.sites:
            number += 1
        named.append(Candidate(look.places[row.number], row.homes, row.joins, _no_road(row.reason), f"T{number:02d}"))
    return named


def _site(plan: Plan, one: Candidate) -> Site:
    place = one.place
    return Site(
        # Its id alone: a height in the name would be read as that of the mast, and be false once the tower is moved.
        one.id, one.id, round(place.latitude, 6), round(place.longitude, 6),
        max_height_m=max(plan.rules.mast_heights_m, default=30.0),
    )  # fmt: skip


def _no_road(reason: Message) -> Message:
    """Return a reason with what no plan holds: its people know the roads."""
    return msg("{reason} Whether a road leads there is not known.", reason=reason)

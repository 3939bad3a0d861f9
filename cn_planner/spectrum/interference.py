"""Everything that sends and hears in a plan, and who would hear whom on one channel.

A *station* is an antenna with its radio: a sector, the antenna on a roof, one end of a link. A *user* is what shares a
channel: a sector with its homes, or both ends of a link. What of the own network is not planned (other people's radios)
is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.access import accesses_of_site, site_pointing
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.errors import InputError
from cn_planner.geo import geodesic, geodesics
from cn_planner.links.channels import Channel, leak
from cn_planner.links.conditions import conditions_of
from cn_planner.links.pointing import elevations_deg, pointing_loss_db
from cn_planner.message import msg
from cn_planner.progress import part, silent
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.service.homes import roof_height_m
from cn_planner.service.joined import homes_behind
from cn_planner.spectrum.feasibility import PathRow, Radios, sound
from cn_planner.spectrum.representatives import StandIns, most_of_each, stand_ins

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from cn_planner.coverage.matrix import PairMatrix
    from cn_planner.links.radio import Direction
    from cn_planner.model.equipment import Catalogue, CountryRules, Kit
    from cn_planner.model.plan import Household, Link, Plan, Sector, Site
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.terrain.surface import Surface

_APART_M = 2.0
"""Antennas on one mast hang one above the other, so far apart."""
_MOST_PAIRS = 30_000_000
"""Antennas times those that listen: half a dozen arrays of so many numbers are 1.5 GB."""
_FAINT_DB = 10.0
"""What is so far under the noise even over open ground is not looked at over terrain: it raises the noise by 0.4 dB."""


class Station(NamedTuple):
    """An antenna with its radio.

    Attributes
    ----------
    place : str
        Mast or home that it hangs at: those of one place are on one mast.
    user : int
    latitude, longitude, height_m, amsl_m, azimuth_deg, tilt_deg : float
    kit : str
    """

    place: str
    user: int
    latitude: float
    longitude: float
    height_m: float
    amsl_m: float
    azimuth_deg: float
    tilt_deg: float
    kit: str


class _Roof(NamedTuple):
    """A home's antenna: where it points, and its height above sea level."""

    home: Household
    azimuth_deg: float
    tilt_deg: float
    amsl_m: float


class Receiver(NamedTuple):
    """Something wanted at a station: from which other one, for what weight, and for how many homes it stands."""

    station: int
    sender: int
    weight: float
    homes: int = 1


@dataclass(frozen=True, slots=True)
class User:
    """Who shares a channel: a sector of a site with its homes, or a link.

    Attributes
    ----------
    site : str
        That of the sector, or the first of the link.
    sector : Sector, optional
    link : Link, optional
    kits : tuple of Kit
        Those whose radios must go to the channel.
    homes : tuple of str
        That a sector serves.
    weight : float
        How many homes are behind it.
    channels : tuple of Channel
        On which all its paths hold what they hold on the kit's own; narrower ones too where they carry what they must.
    now : Channel
        That which the plan gives it, or the kit's own.
    given : bool
        Whether the plan gives it one.
    wide_mhz : float, optional
        The width that the plan gives it without a channel.
    """

    site: str
    sector: Sector | None
    link: Link | None
    kits: tuple[Kit, ...]
    homes: tuple[str, ...]
    weight: float
    channels: tuple[Channel, ...]
    now: Channel
    given: bool
    wide_mhz: float | None = None

    @property
    def full_mhz(self) -> float:
        """The channel width of its kit."""
        return self.kits[0].width_mhz

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is in the plan: kind, site and id. A sector's id is its site's own."""
        if self.link is not None:
            return "link", self.site, self.link.id
        return "sector", self.site, self.sector.id if self.sector is not None else ""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Users, stations, and what is wanted and heard.

    Attributes
    ----------
    users, stations, receivers : tuples
    wanted_dbm, noise_dbm : float64 array of receivers
        In the most robust mode, at the kit's width.
    heard_dbm : float64 array of (users, receivers)
        Loudest station of each user at each receiver, on one channel as wide as its kit's; -inf where it is nothing to
        mind.
    ways : tuple of Direction
        What a receiver can make of its signal, mode by mode, at the kit's width.
    others : tuple of dict
        The same at the other widths that its user may have, by width.
    more_db : tuple of dict
        By how much each user sends more at those widths, where the law lets it.
    apart_m : float
        How far a home is at most from the one that stands for it; 0 where each stands for itself.
    """

    users: tuple[User, ...]
    stations: tuple[Station, ...]
    receivers: tuple[Receiver, ...]
    wanted_dbm: NDArray[np.float64]
    noise_dbm: NDArray[np.float64]
    heard_dbm: NDArray[np.float64]
    ways: tuple[Direction, ...]
    others: tuple[dict[float, Direction], ...]
    more_db: tuple[dict[float, float], ...]
    apart_m: float = 0.0

    def way(self, receiver: int, width_mhz: float) -> Direction:
        """Return what a receiver can make of its signal at a width; that of the kit's where it has no such width."""
        return self.others[receiver].get(width_mhz, self.ways[receiver])


def network_of(
    plan: Plan,
    surface: Surface,
    catalogue: Catalogue,
    regulations: CountryRules | None = None,
    *,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Network:
    """Return who shares the air of a plan.

    Parameters
    ----------
    plan : Plan
        With sectors and links; homes with their servers.
    surface, catalogue, regulations
        As everywhere. Wanted signals come through the area's trees, those of others are taken to meet none.
    pool, progress, cancel
        As everywhere.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or two that should talk have no mode in common.
    CancelledError
    """
    made = _Maker(plan, surface, Radios(catalogue, regulations))
    made.sectors(pool, cancel)
    made.links()
    field = _Field(made, pool, cancel)
    progress(0.0, msg("Looking on which channels each path holds"))
    rows: list[list[PathRow]] = [[] for _ in made.users]
    for one in made.receivers[::2]:  # each path once: its two directions stand side by side
        rows[field.user[one.station]].append(
            PathRow(one.sender, one.station, 2.0 * one.weight, field.both_aside_db(one))
        )
    paths = partial(field.paths, trees=True)
    users = sound(plan, made.shelf, made.users, rows, made.behind, paths, part(progress, 0.0, 0.4))
    progress(0.4, msg("Looking who hears whom"))
    receivers = tuple(made.receivers)
    ways = tuple(field.way(one) for one in receivers)
    noise = np.array([way.noise_dbm[way.robust] for way in ways])
    heard = field.heard_dbm(users, noise, part(progress, 0.4, 1.0))
    widths = [
        sorted({one.width_mhz for one in (*user.channels, user.now)} - {user.full_mhz}, reverse=True) for user in users
    ]
    others = tuple({width: field.way(one, width) for width in widths[field.user[one.station]]} for one in receivers)
    more = tuple(
        {
            width: max(made.shelf.eirp_dbm(kit.id, width) - made.shelf.eirp_dbm(kit.id) for kit in user.kits)
            for width in mine
        }
        for user, mine in zip(users, widths, strict=True)
    )
    wanted = field.wanted_dbm(users)
    return Network(users, tuple(made.stations), receivers, wanted, noise, heard, ways, others, more, made.apart_m)


class _Maker:
    """Collects users, stations and receivers of a plan."""

    def __init__(self, plan: Plan, surface: Surface, catalogue: Radios) -> None:
        self.plan, self.surface, self.shelf = plan, surface, catalogue
        self.air = conditions_of(plan)
        self.users: list[User] = []
        self.stations: list[Station] = []
        self.receivers: list[Receiver] = []
        self.behind = homes_behind(plan)
        self.apart_m = 0.0
        self._sites = plan.used_sites
        lat = [site.latitude for site in self._sites.values()]
        lon = [site.longitude for site in self._sites.values()]
        self._ground = dict(zip(self._sites, np.nan_to_num(surface.heights(lat, lon)).tolist(), strict=True))

    def sectors(self, pool: Executor | None, cancel: CancelToken | None) -> None:
        """Collect every sector with the homes that it serves by radio; with some of them where they are too many."""
        of_site: dict[str, list[Household]] = {}
        for home in self.plan.households.values():
            if home.server in self._sites:
                of_site.setdefault(str(home.server), []).append(home)
        found: list[tuple[Site, Sector, list[_Roof]]] = []
        for key, site in self._sites.items():
            sectors = sorted((s for s in site.sectors if self.shelf.takes_turns(s.kit)), key=lambda one: one.id)
            if sectors:
                served = self._by_sector(replace(site, sectors=tuple(sectors)), of_site.get(key, []))
                found += [(site, sector, homes) for sector, homes in zip(sectors, served, strict=True)]
            if cancel is not None:
                cancel.check()
        most = most_of_each([len(homes) for _, _, homes in found])
        for site, sector, homes in found:
            if most is not None and len(homes) > most:
                self._sector(site, sector, homes, self._stand_ins(site, sector, homes, most, pool, cancel))
            else:
                self._sector(site, sector, homes)

    def _stand_ins(
        self,
        site: Site,
        sector: Sector,
        homes: list[_Roof],
        most: int,
        pool: Executor | None,
        cancel: CancelToken | None,
    ) -> StandIns:
        """Return which homes of a sector stand for the others."""
        there = np.array([[one.home.latitude, one.home.longitude] for one in homes]).T
        lost = pair_matrix(
            self.surface, ([site.latitude], [site.longitude]), (there[0], there[1]), [_high(site, sector)],
            np.array([[roof_height_m(self.plan, one.home)] for one in homes]), self.shelf.freq_mhz(sector.kit),
            self.air, max_km=1e5, pairs=(np.zeros(len(homes), np.int64), np.arange(len(homes))), needs=False,
            obstacles=tuple(self.plan.obstacles.values()), pool=pool, cancel=cancel,
        ).loss_db[:, 0, 0]  # fmt: skip
        here = np.full(len(homes), site.latitude), np.full(len(homes), site.longitude)
        azimuth, _, length = geodesics(*here, there[0], there[1])
        towards, amsl = np.radians(azimuth), np.array([one.amsl_m for one in homes])
        found = stand_ins(length * np.sin(towards), length * np.cos(towards), lost, amsl, most)
        self.apart_m = max(self.apart_m, found.apart_m)
        return found

    def _by_sector(self, site: Site, homes: list[Household]) -> list[list[_Roof]]:
        """Return the homes of each sector, as the site sees them; a home at the mast itself needs no radio."""
        found: list[list[_Roof]] = [[] for _ in site.sectors]
        if not homes:
            return found
        lat, lon = np.array([home.latitude for home in homes]), np.array([home.longitude for home in homes])
        azimuth, _, length = geodesics(
            np.full(len(homes), site.latitude), np.full(len(homes), site.longitude), lat, lon
        )
        here = self._ground[site.id]
        ground = np.nan_to_num(self.surface.heights(lat, lon), nan=here)
        tops = ground + np.array([roof_height_m(self.plan, home) for home in homes])
        accesses = accesses_of_site(self.plan, self.shelf.catalogue, site)
        pointing = site_pointing(self.shelf.catalogue, accesses, azimuth, length, here, tops, self.air.k_factor)
        for n, which in enumerate(pointing.which.tolist()):
            if length[n] > 0.0:
                # The roof's antenna points back at the tower.
                down = elevations_deg(length[n], tops[n], here + accesses[which].height_m, self.air.k_factor)
                found[which].append(_Roof(homes[n], (float(azimuth[n]) + 180.0) % 360.0, float(down), float(tops[n])))
        return found

    def _sector(self, site: Site, sector: Sector, homes: list[_Roof], some: StandIns | None = None) -> None:
        kit, client = self.shelf.catalogue.kit(sector.kit), self.shelf.catalogue.kit(self.plan.kits.client)
        weight = sum(one.home.weight for one in homes)
        user = self._user(User(
            site.id, sector, None, (kit, client), tuple(one.home.id for one in homes), weight, (), _own(kit, sector),
            sector.freq_mhz is not None, sector.width_mhz,
        ))  # fmt: skip
        high = _high(site, sector)
        here = self._station(site, site.id, user, high, self._ground[site.id] + high, sector.azimuth_deg,
                             sector.tilt_deg, kit)  # fmt: skip
        each, count = np.array([one.home.weight for one in homes]), np.ones(len(homes), np.int64)
        if some is not None:
            each, count = np.bincount(some.of, each), np.bincount(some.of)
            homes = [homes[n] for n in some.chosen.tolist()]
        for (home, azimuth, up, top), share, stands in zip(homes, each.tolist(), count.tolist(), strict=True):
            there = self._station(
                home, "home " + home.id, user, roof_height_m(self.plan, home), top, azimuth, up, client
            )
            half = share / 2.0
            self.receivers += [Receiver(there, here, half, stands), Receiver(here, there, half, stands)]

    def links(self) -> None:
        """Collect every link that stands or will."""
        for link in self.plan.standing_links.values():
            kit = self.shelf.catalogue.kit(link.kit or self.plan.kits.backhaul)
            if link.from_site not in self._sites or link.to_site not in self._sites:
                continue
            a, b = self._sites[link.from_site], self._sites[link.to_site]
            out, back, length = geodesic(a.latitude, a.longitude, b.latitude, b.longitude)
            if not length > 0.0 or not self.shelf.takes_turns(kit.id):
                continue
            weight = max(1.0, self.behind.get(link.id, 0.0))
            user = self._user(User(
                a.id, None, link, (kit,), (), weight, (), _own(kit, link), link.freq_mhz is not None, link.width_mhz,
            ))  # fmt: skip
            high_a = (a.mast_height_m or 0.0) if link.from_height_m is None else link.from_height_m
            high_b = (b.mast_height_m or 0.0) if link.to_height_m is None else link.to_height_m
            amsl_a, amsl_b = self._ground[a.id] + high_a, self._ground[b.id] + high_b
            up_a, up_b = (
                float(elevations_deg(length, one, other, self.air.k_factor))
                for one, other in ((amsl_a, amsl_b), (amsl_b, amsl_a))
            )
            here = self._station(a, a.id, user, high_a, amsl_a, out, up_a, kit)
            there = self._station(b, b.id, user, high_b, amsl_b, back, up_b, kit)
            self.receivers += [Receiver(there, here, weight / 2.0), Receiver(here, there, weight / 2.0)]

    def _user(self, user: User) -> int:
        self.users.append(user)
        return len(self.users) - 1

    def _station(
        self,
        at: Site | Household,
        place: str,
        user: int,
        height_m: float,
        amsl_m: float,
        azimuth_deg: float,
        tilt_deg: float,
        kit: Kit,
    ) -> int:
        self.stations.append(
            Station(place, user, at.latitude, at.longitude, height_m, amsl_m, azimuth_deg, tilt_deg, kit.id)
        )
        return len(self.stations) - 1


def _high(site: Site, sector: Sector) -> float:
    return (site.mast_height_m or 0.0) if sector.height_m is None else sector.height_m


def _own(kit: Kit, of: Sector | Link) -> Channel:
    tuned = kit.on(of.freq_mhz, of.width_mhz)
    return Channel(tuned.freq_mhz, tuned.width_mhz)


class _Field:
    """The stations as arrays, and what goes from one to another."""

    def __init__(self, made: _Maker, pool: Executor | None, cancel: CancelToken | None) -> None:
        self.made, self._pool, self._cancel = made, pool, cancel
        stations = made.stations
        self.latitude, self.longitude = (
            np.array([getattr(one, name) for one in stations], np.float64) for name in ("latitude", "longitude")
        )
        self.height = np.array([[one.height_m] for one in stations], np.float64).reshape(-1, 1)
        self.amsl = np.array([one.amsl_m for one in stations], np.float64)
        self.user = np.array([one.user for one in stations], np.int64)
        places = {place: n for n, place in enumerate(dict.fromkeys(one.place for one in stations))}
        self.place = np.array([places[one.place] for one in stations], np.int64)

    def way(self, receiver: Receiver, width_mhz: float | None = None) -> Direction:
        """Return what a receiver can make of its signal, mode by mode."""
        stations = self.made.stations
        return self.made.shelf.way(stations[receiver.sender].kit, stations[receiver.station].kit, width_mhz)

    def aside_db(self, here: int, there: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return by how much a station's antenna gives others less than at most, and how far off they are, m.

        Antennas at one place hang one above the other.
        """
        one, catalogue = self.made.stations[here], self.made.shelf
        lat, lon = np.full(len(there), one.latitude), np.full(len(there), one.longitude)
        azimuth, _, length = geodesics(lat, lon, self.latitude[there], self.longitude[there])
        up = elevations_deg(length, one.amsl_m, self.amsl[there], self.made.air.k_factor)
        together = (self.place[there] == self.place[here]) | (length < _APART_M)
        up = np.where(together, 90.0, up)
        loss = pointing_loss_db(
            catalogue.antenna(one.kit), catalogue.freq_mhz(one.kit), one.azimuth_deg, one.tilt_deg, azimuth, up
        )
        return np.asarray(loss, np.float64), np.where(together, 0.0, length)

    def paths(
        self, ends: NDArray[np.int64], freq_mhz: float, *, trees: bool, progress: Progress = silent
    ) -> PairMatrix:
        """Return the paths between pairs of stations, of shape (pairs, 2)."""
        air, plan = self.made.air, self.made.plan
        places = self.latitude, self.longitude
        return pair_matrix(
            self.made.surface, places, places, self.height, self.height, freq_mhz,
            air if trees else replace(air, canopy_m=0.0), max_km=1e5,
            pairs=(np.ascontiguousarray(ends[:, 0]), np.ascontiguousarray(ends[:, 1])), needs=False,
            enough_f1=plan.rules.clearance_f1, obstacles=tuple(plan.obstacles.values()) if trees else (),
            pool=self._pool, progress=progress, cancel=self._cancel,
        )  # fmt: skip

    def wanted_dbm(self, users: tuple[User, ...]) -> NDArray[np.float64]:
        """Return the level of each wanted signal at the kit's own frequency, in its most robust mode."""
        receivers = self.made.receivers
        wanted = np.full(len(receivers), np.nan)
        freq = np.array([users[self.made.stations[one.station].user].kits[0].freq_mhz for one in receivers])
        for one in np.unique(freq).tolist():
            mine = np.flatnonzero(freq == one)
            pairs = np.array([sorted((receivers[n].sender, receivers[n].station)) for n in mine.tolist()], np.int64)
            loss = self.paths(pairs, one, trees=True).loss_db[:, 0, 0]
            for n, lost in zip(mine.tolist(), loss.tolist(), strict=True):
                way = self.way(receivers[n])
                wanted[n] = way.level_dbm[way.robust] - lost - self.both_aside_db(receivers[n])
        return wanted

    def both_aside_db(self, receiver: Receiver) -> float:
        """Return what the antennas of both ends give less towards each other than at most."""
        a, b = receiver.sender, receiver.station
        return float(self.aside_db(a, np.array([b]))[0][0]) + float(self.aside_db(b, np.array([a]))[0][0])

    def heard_dbm(
        self, users: tuple[User, ...], noise_dbm: NDArray[np.float64], progress: Progress
    ) -> NDArray[np.float64]:
        """Return the loudest station of each user at each receiver, on one channel; -inf where it does not matter."""
        made, catalogue = self.made, self.made.shelf
        at = np.array([one.station for one in made.receivers], np.int64)
        heard = np.full((len(users), len(at)), -np.inf)
        if not len(at):
            return heard
        listening = np.unique(at)
        if len(made.stations) * len(listening) > _MOST_PAIRS:
            raise InputError(
                msg("{count:,d} antennas are too many to hold each against each other.", count=len(made.stations)),
                fix=msg("Put homes that stand close together into one, with their number as its weight."),
            )
        quietest = np.array([noise_dbm[at == one].min() for one in listening.tolist()])
        kits = [one.kit for one in made.stations]
        eirp, gain, freq = (
            np.array([of(kit) for kit in kits]) for of in (catalogue.eirp_dbm, catalogue.gain_dbi, catalogue.freq_mhz)
        )
        meet = _may_meet(users)
        # What each station's antenna gives in the directions of those that listen, and they in its own.
        aside = np.empty((len(made.stations), len(listening)))
        back = np.empty_like(aside)
        length = np.empty_like(aside)
        every = np.arange(len(made.stations))
        for here in range(len(made.stations)):
            aside[here], length[here] = self.aside_db(here, listening)
        for n, there in enumerate(listening.tolist()):
            back[:, n] = self.aside_db(there, every)[0]
        level = eirp[:, np.newaxis] - aside + gain[listening][np.newaxis, :] - back
        free = (
            np.asarray(free_space_loss_db(np.maximum(length, _APART_M), 1e3))
            + 20.0 * np.log10(freq / 1e3)[:, np.newaxis]
        )
        open_air = level - free
        other = meet[self.user[:, np.newaxis], self.user[listening][np.newaxis, :]]
        loud = other & (open_air > quietest[np.newaxis, :] - _FAINT_DB)
        beside = loud & (length == 0.0)
        far = loud & (length > 0.0)
        found = np.where(beside, open_air, -np.inf)
        for one in np.unique(freq[far.any(axis=1)]).tolist():
            mine = far & (freq == one)[:, np.newaxis]
            first, second = np.nonzero(mine)
            pairs = np.column_stack([first, listening[second]])
            each, which = np.unique(np.sort(pairs, axis=1), axis=0, return_inverse=True)
            loss = self.paths(each, one, trees=False, progress=progress).loss_db[:, 0, 0][which.ravel()]
            # Where terrain is missing on the way, as over open ground.
            loss = np.where(np.isnan(loss), free[first, second], loss)
            found[first, second] = level[first, second] - loss
        column = np.searchsorted(listening, at)
        for user in range(len(users)):
            mine_too = self.user == user
            if mine_too.any():
                heard[user] = found[mine_too].max(axis=0)[column]
        return heard


def _may_meet(users: tuple[User, ...]) -> NDArray[np.bool_]:
    """Return which users could hear each other on some channels of theirs, shape (users, users)."""
    found = np.zeros((len(users), len(users)), np.bool_)
    for n, one in enumerate(users):
        for m, other in enumerate(users):
            if m != n:
                found[n, m] = any(leak(a, b) > 0.0 for a in one.channels for b in other.channels)
    return found

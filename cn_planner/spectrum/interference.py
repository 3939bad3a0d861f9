"""Everything that sends and hears in a plan, and who would hear whom on one channel.

What of the own network is not planned (other people's radios) is not known here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.access import accesses_of_site, heard_by, site_pointing
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.errors import InputError
from cn_planner.geo import geodesic, geodesics
from cn_planner.links.channels import leak
from cn_planner.links.conditions import conditions_of
from cn_planner.links.pointing import elevations_deg, pointing_loss_db
from cn_planner.message import msg
from cn_planner.model.clients import demand_of, wanted_mbps
from cn_planner.model.equipment import AntennaPattern
from cn_planner.progress import ALONE, Run, silent
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.service.joined import homes_behind, loads_behind
from cn_planner.service.roofs import roof_height_m
from cn_planner.spectrum.feasibility import feasible_channels
from cn_planner.spectrum.radios import HeardThere, PathRow, Radios, Receiver, Station, User, set_to
from cn_planner.spectrum.representatives import Representatives, most_of_each, representatives

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.links.radio import Direction
    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Household, Sector, Site
    from cn_planner.progress import Progress
    from cn_planner.spectrum.radios import Ear
    from cn_planner.study import Study

_APART_M = 2.0
"""Antennas on one mast hang one above the other, so far apart."""
_MOST_PAIRS = 30_000_000
"""Antennas times those that listen: half a dozen arrays of so many numbers are 1.5 GB."""
_FAINT_DB = 10.0
"""What is so far under the noise even over open ground is not looked at over terrain: it raises the noise by 0.4 dB."""


class _Roof(NamedTuple):
    """A home's antenna: where it points, and its height above sea level."""

    home: Household
    azimuth_deg: float
    tilt_deg: float
    amsl_m: float


@dataclass(frozen=True, slots=True, eq=False)
class RadioNetwork:
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
    loads_mbps : float64 array of users
        What a link has to carry at the busy hour, both ways; 0 for a sector.
    apart_m : float
        How far a home is at most from the one that stands for it; 0 where each stands for itself.
    """

    users: tuple[User, ...]
    stations: tuple[Station, ...]
    receivers: tuple[Receiver, ...]
    wanted_dbm: NDArray[np.float64]
    noise_dbm: NDArray[np.float64]
    heard_dbm: NDArray[np.float64]
    directions: tuple[Direction, ...]
    others: tuple[dict[float, Direction], ...]
    more_db: tuple[dict[float, float], ...]
    loads_mbps: NDArray[np.float64]
    apart_m: float = 0.0

    def direction_of(self, receiver: int, width_mhz: float) -> Direction:
        """Return what a receiver can make of its signal at a width; that of the kit's where it has no such width."""
        return self.others[receiver].get(width_mhz, self.directions[receiver])

    def length_m(self, receiver: int) -> float:
        """Return how long the path to a receiver is."""
        there, here = (self.stations[n] for n in (self.receivers[receiver].sender, self.receivers[receiver].station))
        return geodesic(here.latitude, here.longitude, there.latitude, there.longitude).distance_m

    def only(self, users: NDArray[np.int64]) -> RadioNetwork:
        """Return it without those who are off the air: of some users, whose numbers rise, alone."""
        user = {old: new for new, old in enumerate(users.tolist())}
        stands = [n for n, one in enumerate(self.stations) if one.user in user]
        station = {old: new for new, old in enumerate(stands)}
        mine = [n for n, one in enumerate(self.receivers) if one.station in station]
        return replace(
            self,
            users=tuple(self.users[n] for n in user),
            stations=tuple(self.stations[n]._replace(user=user[self.stations[n].user]) for n in stands),
            receivers=tuple(
                one._replace(station=station[one.station], sender=station[one.sender])
                for one in (self.receivers[n] for n in mine)
            ),
            wanted_dbm=self.wanted_dbm[mine],
            noise_dbm=self.noise_dbm[mine],
            heard_dbm=self.heard_dbm[users][:, mine],
            directions=tuple(self.directions[n] for n in mine),
            others=tuple(self.others[n] for n in mine),
            more_db=tuple(self.more_db[n] for n in user),
            loads_mbps=self.loads_mbps[users],
        )


def radio_network(study: Study, *, run: Run = ALONE) -> RadioNetwork:
    """Return who shares the air of a plan.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or two that should talk have no mode in common.
    CancelledError
    """
    made = _Maker(study)
    made.sectors(run)
    made.links()
    field = _Field(made, run)
    run.progress(0.0, msg("Looking on which channels each path holds"))
    rows: list[list[PathRow]] = [[] for _ in made.users]
    for one in made.receivers[::2]:  # each path once: its two directions stand side by side
        rate = max((wanted_mbps(study.plan, study.plan.households[key]) for key in one.members), default=0.0)
        rows[field.user[one.station]].append(
            PathRow(one.sender, one.station, one.taken, rate, field.both_aside_db(one))
        )
    paths = partial(field.paths, trees=True)
    users = feasible_channels(
        study.plan, made.radios, made.users, rows, loads_behind(study.plan), paths, run.part(0.0, 0.4).progress
    )
    run.progress(0.4, msg("Looking who hears whom"))
    receivers = tuple(made.receivers)
    directions = tuple(field.direction_of(one) for one in receivers)
    noise = np.array([one.noise_dbm[one.robust] for one in directions])
    heard = field.heard_dbm(users, noise, run.part(0.4, 1.0).progress)
    widths = [
        sorted({one.width_mhz for one in (*user.channels, user.now)} - {user.full_mhz}, reverse=True) for user in users
    ]
    others = tuple(
        {width: field.direction_of(one, width) for width in widths[field.user[one.station]]} for one in receivers
    )
    more = tuple(
        {width: made.radios.more_db(user, width) for width in mine} for user, mine in zip(users, widths, strict=True)
    )
    wanted = field.wanted_dbm(users, range(len(receivers)))
    behind, busy = loads_behind(study.plan), study.plan.demand.busy_hour_mbps
    loads = np.array([0.0 if user.link is None else busy * behind.get(user.link.id, 0.0) for user in users])
    return RadioNetwork(
        users, tuple(made.stations), receivers, wanted, noise, heard, directions, others, more, loads, made.apart_m
    )


_EAR, _AT_HOME = "~ear", "home "
_ALL_ROUND = AntennaPattern("", 0.0, (0.0,) * 36, (0.0,) * 36)


def _with_ear(study: Study, kit: str) -> Study:
    """Return the study with a kit of a bare antenna of 0 dBi."""
    shelf, own = study.catalogue, study.catalogue.kit(kit)
    antenna = replace(shelf.antennas[own.antenna], id=_EAR, gain_dbi=0.0, pattern=_ALL_ROUND)
    ear = replace(own, id=_EAR, antenna=_EAR, cable_loss_db=0.0)
    shelf = replace(shelf, antennas={**shelf.antennas, _EAR: antenna}, kits={**shelf.kits, _EAR: ear})
    return replace(study, catalogue=shelf)


def heard_at(study: Study, ear: Ear, *, run: Run = ALONE) -> HeardThere:
    """Return who of a plan is heard at a place, and how loud: what the channel plan goes by, at any place.

    Each level is that on the channel that its sender has; the channel plan, which tries many, holds to the frequency of
    the kits.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the plan has no such sector or link in use.
    CancelledError
    """
    made = _Maker(_with_ear(study, ear.kit))
    made.sectors(run.part(0.0, 0.3))
    made.links()
    keys = [user.key for user in made.users]
    own, radios, wants = None, made.radios, []
    if ear.user is not None:
        if ear.user not in keys:
            raise InputError(
                msg("{id} does not send now, or has no channel of its own.", id=ear.user[2]),
                fix=msg("Choose a sector or link of towers that are built."),
            )
        own = keys.index(ear.user)
        user = made.users[own]
        there = ear.site or user.site
        here = next(n for n, one in enumerate(made.stations) if one.user == own and one.place == there)
        width = user.now.width_mhz
        heard = radios.direction_of(user.kits[-1].id, made.stations[here].kit, width)
        wants = [n for n, one in enumerate(made.receivers) if one.station == here]
    else:
        ground = float(np.nan_to_num(made.surface.heights([ear.latitude], [ear.longitude]))[0])
        made.stations.append(
            Station(
                ear.site or _EAR, -1, ear.latitude, ear.longitude, ear.height_m, ground + ear.height_m, 0.0, 0.0, _EAR
            )
        )
        here, width = len(made.stations) - 1, study.catalogue.kit(ear.kit).width_mhz
        heard = radios.direction_of(_EAR, _EAR)
    field = _Field(made, run)
    run.progress(0.3, msg("Looking who hears whom"))
    band = radios.catalogue.radios[radios.catalogue.kit(made.stations[here].kit).radio].band_mhz
    within = np.array([one.now.low_mhz < band[1] and one.now.high_mhz > band[0] for one in made.users] + [False])
    other = within[field.user] & (field.user != (-1 if own is None else own))
    noise = float(heard.noise_dbm[heard.robust])
    users = tuple(made.users)
    levels = field.levels_dbm(
        np.array([here]), other[:, np.newaxis], np.array([noise]), run.part(0.3, 0.9).progress, now=users
    )[:, 0]  # fmt: skip
    loudest = np.array([levels[field.user == n].max(initial=-np.inf) for n in range(len(users))])
    wanted = field.wanted_dbm(users, wants, now=True)
    weakest, which = min(((level, n) for n, level in zip(wants, wanted.tolist(), strict=True) if math.isfinite(level)),
                         default=(None, -1))  # fmt: skip
    far = None
    if weakest is not None:
        sector, place = users[made.stations[here].user].sector, made.stations[made.receivers[which].sender].place
        far = ("site", place) if sector is None else ("household", place.removeprefix(_AT_HOME))
    run.progress(1.0)
    return HeardThere(users, loudest, own, weakest, width, noise, far)


class _Maker:
    """Collects users, stations and receivers of a plan."""

    def __init__(self, study: Study) -> None:
        plan, surface = study.plan, study.surface
        self.plan, self.surface, self.radios = plan, surface, Radios(study.catalogue, study.regulations)
        self.conditions = conditions_of(plan)
        self.users: list[User] = []
        self.stations: list[Station] = []
        self.receivers: list[Receiver] = []
        self.behind = homes_behind(plan)
        self.apart_m = 0.0
        self._sites = plan.used_sites
        lat = [site.latitude for site in self._sites.values()]
        lon = [site.longitude for site in self._sites.values()]
        self._ground = dict(zip(self._sites, np.nan_to_num(surface.heights(lat, lon)).tolist(), strict=True))

    def sectors(self, run: Run) -> None:
        """Collect every sector with the homes that it serves by radio; with some of them where they are too many."""
        of_site: dict[str, list[Household]] = {}
        for home in self.plan.households.values():
            if home.server in self._sites:
                of_site.setdefault(str(home.server), []).append(home)
        found: list[tuple[Site, Sector, list[_Roof]]] = []
        for key, site in self._sites.items():
            sectors = sorted((s for s in site.sectors if self.radios.takes_turns(s.kit)), key=lambda one: one.id)
            if sectors:
                served = self._by_sector(replace(site, sectors=tuple(sectors)), of_site.get(key, []))
                found += [(site, sector, homes) for sector, homes in zip(sectors, served, strict=True)]
            run.check()
        most = most_of_each([len(homes) for _, _, homes in found])
        for site, sector, homes in found:
            if most is not None and len(homes) > most:
                self._sector(site, sector, homes, self._representatives(site, sector, homes, most, run))
            else:
                self._sector(site, sector, homes)

    def _representatives(self, site: Site, sector: Sector, homes: list[_Roof], most: int, run: Run) -> Representatives:
        """Return which homes of a sector stand for the others."""
        there = np.array([[one.home.latitude, one.home.longitude] for one in homes]).T
        lost = pair_matrix(
            self.surface, ([site.latitude], [site.longitude]), (there[0], there[1]), [_high(site, sector)],
            np.array([[roof_height_m(self.plan, one.home)] for one in homes]), self.radios.freq_mhz(sector.kit),
            self.conditions, max_km=1e5, pairs=(np.zeros(len(homes), np.int64), np.arange(len(homes))), needs=False,
            obstacles=tuple(self.plan.obstacles.values()), run=run.silently(),
        ).loss_db[:, 0, 0]  # fmt: skip
        here = np.full(len(homes), site.latitude), np.full(len(homes), site.longitude)
        azimuth, _, length = geodesics(*here, there[0], there[1])
        towards, amsl = np.radians(azimuth), np.array([one.amsl_m for one in homes])
        heard = self._heard_open_db(site, sector, homes)
        found = representatives(length * np.sin(towards), length * np.cos(towards), lost, amsl, heard, most)
        self.apart_m = max(self.apart_m, found.apart_m)
        return found

    def _heard_open_db(self, site: Site, sector: Sector, homes: list[_Roof]) -> NDArray[np.float64]:
        """Return how loud each other mast would hear homes of a sector over open ground, shape (masts, homes).

        By the gain of the home's antenna towards the mast and the distance alone, dB: which is loudest, not how loud.
        """
        client = self.radios.usual_client(self.plan, sector.kit)
        antenna, freq = self.radios.antenna(client), self.radios.freq_mhz(sector.kit)
        masts = [one for key, one in self._sites.items() if key != site.id]
        lat, lon = (np.array([getattr(one, name) for one in masts], np.float64) for name in ("latitude", "longitude"))
        tops = np.array([self._ground[one.id] + (one.mast_height_m or 0.0) for one in masts], np.float64)
        heard = np.empty((len(masts), len(homes)))
        for n, (home, azimuth, tilt, amsl) in enumerate(homes):
            here = np.full(len(masts), home.latitude), np.full(len(masts), home.longitude)
            towards, _, length = geodesics(*here, lat, lon)
            up = elevations_deg(length, amsl, tops, self.conditions.k_factor)
            aside = np.asarray(pointing_loss_db(antenna, freq, azimuth, tilt, towards, up), np.float64)
            heard[:, n] = -aside - np.asarray(free_space_loss_db(np.maximum(length, _APART_M), freq))
        return heard

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
        catalogue, accesses = self.radios.catalogue, accesses_of_site(self.plan, self.radios.catalogue, site)
        heard = heard_by(catalogue, accesses, [self.plan.client_of(home) for home in homes])
        pointing = site_pointing(catalogue, accesses, azimuth, length, here, tops, self.conditions.k_factor, heard)
        for n, which in enumerate(pointing.which.tolist()):
            if length[n] > 0.0:
                # The roof's antenna points back at the tower.
                down = elevations_deg(length[n], tops[n], here + accesses[which].height_m, self.conditions.k_factor)
                found[which].append(_Roof(homes[n], (float(azimuth[n]) + 180.0) % 360.0, float(down), float(tops[n])))
        return found

    def _sector(self, site: Site, sector: Sector, homes: list[_Roof], some: Representatives | None = None) -> None:
        catalogue, usual = self.radios.catalogue, self.radios.usual_client(self.plan, sector.kit)
        kit, client = catalogue.kit(sector.kit), catalogue.kit(usual)
        weight = sum(one.home.weight for one in homes)
        user = self._user(User(
            site.id, sector, None, (kit, client), tuple(one.home.id for one in homes), weight, (), set_to(kit, sector),
            sector.freq_mhz is not None, sector.width_mhz,
        ))  # fmt: skip
        high = _high(site, sector)
        here = self._station(site, site.id, user, high, self._ground[site.id] + high, sector.azimuth_deg,
                             sector.tilt_deg, kit)  # fmt: skip
        each, count = np.array([one.home.weight for one in homes]), np.ones(len(homes), np.int64)
        members: list[tuple[str, ...]] = [(one.home.id,) for one in homes]
        if some is not None:
            members = [tuple(homes[n].home.id for n in np.flatnonzero(some.of == k)) for k in range(len(some.chosen))]
            each, count = np.bincount(some.of, each), np.bincount(some.of)
            homes = [homes[n] for n in some.chosen.tolist()]
        rows = zip(homes, each.tolist(), count.tolist(), members, strict=True)
        for (home, azimuth, up, top), share, stands, those in rows:
            there = self._station(
                home, _AT_HOME + home.id, user, roof_height_m(self.plan, home), top, azimuth, up,
                self.radios.catalogue.kit(self.plan.client_of(home)),
            )  # fmt: skip
            half, load = share / 2.0, math.fsum(demand_of(self.plan, self.plan.households[key]) for key in those)
            self.receivers += [Receiver(*ends, half, stands, those, load) for ends in ((there, here), (here, there))]

    def links(self) -> None:
        """Collect every link that stands or will."""
        for link in self.plan.standing_links.values():
            kit = self.radios.catalogue.kit(link.kit or self.plan.kits.backhaul)
            if link.from_site not in self._sites or link.to_site not in self._sites:
                continue
            a, b = self._sites[link.from_site], self._sites[link.to_site]
            out, back, length = geodesic(a.latitude, a.longitude, b.latitude, b.longitude)
            if not length > 0.0 or not self.radios.takes_turns(kit.id):
                continue
            weight = max(1.0, self.behind.get(link.id, 0.0))
            user = self._user(User(
                a.id, None, link, (kit,), (), weight, (), set_to(kit, link), link.freq_mhz is not None, link.width_mhz,
                length,
            ))  # fmt: skip
            high_a = (a.mast_height_m or 0.0) if link.from_height_m is None else link.from_height_m
            high_b = (b.mast_height_m or 0.0) if link.to_height_m is None else link.to_height_m
            amsl_a, amsl_b = self._ground[a.id] + high_a, self._ground[b.id] + high_b
            up_a, up_b = (
                float(elevations_deg(length, one, other, self.conditions.k_factor))
                for one, other in ((amsl_a, amsl_b), (amsl_b, amsl_a))
            )
            here = self._station(a, a.id, user, high_a, amsl_a, out, up_a, kit)
            there = self._station(b, b.id, user, high_b, amsl_b, back, up_b, kit)
            self.receivers += [Receiver(there, here, weight / 2.0), Receiver(here, there, weight / 2.0)]

    def _user(self, user: User) -> int:
        self.users.append(user)
        return len(self.users) - 1

    def _station(
        self, at: Site | Household, place: str, user: int, height_m: float, amsl_m: float, azimuth_deg: float,
        tilt_deg: float, kit: Kit,
    ) -> int:  # fmt: skip
        self.stations.append(
            Station(place, user, at.latitude, at.longitude, height_m, amsl_m, azimuth_deg, tilt_deg, kit.id)
        )
        return len(self.stations) - 1


def _high(site: Site, sector: Sector) -> float:
    return (site.mast_height_m or 0.0) if sector.height_m is None else sector.height_m


class _Field:
    """The stations as arrays, and what goes from one to another."""

    def __init__(self, made: _Maker, run: Run) -> None:
        self.made, self._run = made, run
        stations = made.stations
        self.latitude, self.longitude = (
            np.array([getattr(one, name) for one in stations], np.float64) for name in ("latitude", "longitude")
        )
        self.height = np.array([[one.height_m] for one in stations], np.float64).reshape(-1, 1)
        self.amsl = np.array([one.amsl_m for one in stations], np.float64)
        self.user = np.array([one.user for one in stations], np.int64)
        places = {place: n for n, place in enumerate(dict.fromkeys(one.place for one in stations))}
        self.place = np.array([places[one.place] for one in stations], np.int64)
        spots = np.column_stack([self.latitude, self.longitude, self.height[:, 0]])
        self._spot = np.unique(spots, axis=0, return_inverse=True)[1].ravel()

    def direction_of(
        self, receiver: Receiver, width_mhz: float | None = None, freq_mhz: float | None = None
    ) -> Direction:
        """Return what a receiver can make of its signal, mode by mode."""
        sender, hearer = (self.made.stations[n] for n in (receiver.sender, receiver.station))
        apart_m = self.made.users[hearer.user].apart_m
        return self.made.radios.direction_of(sender.kit, hearer.kit, width_mhz, freq_mhz, apart_m)

    def aside_db(self, here: int, there: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return by how much a station's antenna gives others less than at most, and how far off they are, m.

        Antennas at one place hang one above the other.
        """
        one, radios = self.made.stations[here], self.made.radios
        lat, lon = np.full(len(there), one.latitude), np.full(len(there), one.longitude)
        azimuth, _, length = geodesics(lat, lon, self.latitude[there], self.longitude[there])
        up = elevations_deg(length, one.amsl_m, self.amsl[there], self.made.conditions.k_factor)
        together = (self.place[there] == self.place[here]) | (length < _APART_M)
        up = np.where(together, 90.0, up)
        loss = pointing_loss_db(
            radios.antenna(one.kit), radios.freq_mhz(one.kit), one.azimuth_deg, one.tilt_deg, azimuth, up
        )
        return np.asarray(loss, np.float64), np.where(together, 0.0, length)

    def paths(
        self, ends: NDArray[np.int64], freq_mhz: float, *, trees: bool, level: bool = False, progress: Progress = silent
    ) -> PairMatrix:
        """Return the paths between pairs of stations, of shape (pairs, 2); ``level``: no more than their loss."""
        conditions, plan = self.made.conditions, self.made.plan
        places = self.latitude, self.longitude
        # The antennas of a mast hang at one height for the most part: a path is asked once for all of them.
        keys = self._spot[ends[:, 0]] * len(self._spot) + self._spot[ends[:, 1]]
        _, once, which = np.unique(keys, return_index=True, return_inverse=True)
        ends = ends[once]
        matrix = pair_matrix(
            self.made.surface, places, places, self.height, self.height, freq_mhz,
            conditions if trees else replace(conditions, canopy_m=0.0), max_km=1e5,
            pairs=(np.ascontiguousarray(ends[:, 0]), np.ascontiguousarray(ends[:, 1])), needs=False, chances=not level,
            enough_f1=plan.rules.clearance_f1, obstacles=tuple(plan.obstacles.values()) if trees else (),
            run=replace(self._run, progress=progress),
        )  # fmt: skip
        return matrix.rows(which.ravel())

    def wanted_dbm(self, users: tuple[User, ...], which: Sequence[int], *, now: bool = False) -> NDArray[np.float64]:
        """Return the level of some receivers' wanted signals in their most robust mode.

        At the kit's own frequency and width; ``now``: on the channel that the user has.
        """
        receivers = [self.made.receivers[n] for n in which]
        wanted = np.full(len(receivers), np.nan)
        owner = [users[self.made.stations[one.station].user] for one in receivers]
        freq = np.array([one.now.freq_mhz if now else one.kits[0].freq_mhz for one in owner])
        for one in np.unique(freq).tolist():
            mine = np.flatnonzero(freq == one)
            pairs = np.array([sorted((receivers[n].sender, receivers[n].station)) for n in mine.tolist()], np.int64)
            loss = self.paths(pairs, one, trees=True, level=True).loss_db[:, 0, 0]
            for n, lost in zip(mine.tolist(), loss.tolist(), strict=True):
                heard = self.direction_of(receivers[n], *((owner[n].now.width_mhz, one) if now else ()))
                wanted[n] = heard.level_dbm[heard.robust] - lost - self.both_aside_db(receivers[n])
        return wanted

    def both_aside_db(self, receiver: Receiver) -> float:
        """Return what the antennas of both ends give less towards each other than at most."""
        a, b = receiver.sender, receiver.station
        return float(self.aside_db(a, np.array([b]))[0][0]) + float(self.aside_db(b, np.array([a]))[0][0])

    def levels_dbm(
        self,
        listening: NDArray[np.int64],
        other: NDArray[np.bool_],
        quietest_dbm: NDArray[np.float64],
        progress: Progress = silent,
        *,
        now: Sequence[User] = (),
    ) -> NDArray[np.float64]:
        """Return how loud stations arrive at some of them on one channel, shape (stations, listening), dBm.

        Parameters
        ----------
        listening : int64 array
            Numbers of the stations that listen.
        other : bool array of (stations, listening)
            Whom each minds.
        quietest_dbm : float64 array of listening
            Their noise: what is far under it is -inf.
        progress : callable
        now : sequence of User
            Each station sends on the channel that its user has; else on that of its kit.
        """
        made, radios = self.made, self.made.radios
        kits = [one.kit for one in made.stations]
        tuned = [now[one.user].now if now and one.user >= 0 else None for one in made.stations]
        on: list[tuple[float | None, float | None]]
        on = [(None, None) if one is None else (one.width_mhz, one.freq_mhz) for one in tuned]
        apart = [None if one.user < 0 else made.users[one.user].apart_m for one in made.stations]
        sent = [radios.eirp_dbm(kit, *one, far) for kit, one, far in zip(kits, on, apart, strict=True)]
        gain = np.array([radios.gain_dbi(kit) for kit in kits])
        freq = np.array([radios.freq_mhz(kit) if one[1] is None else one[1] for kit, one in zip(kits, on, strict=True)])
        # What each station's antenna gives in the directions of those that listen, and they in its own.
        aside, back, length = np.empty((3, len(made.stations), len(listening)))
        every = np.arange(len(made.stations))
        for n, there in enumerate(listening.tolist()):
            back[:, n], away = self.aside_db(there, every)
            aside[there], length[there] = back[listening, n], away[listening]
        for here in np.setdiff1d(every, listening).tolist():
            aside[here], length[here] = self.aside_db(here, listening)
        level = np.array(sent)[:, np.newaxis] - aside + gain[listening][np.newaxis, :] - back
        free = (
            np.asarray(free_space_loss_db(np.maximum(length, _APART_M), 1e3))
            + 20.0 * np.log10(freq / 1e3)[:, np.newaxis]
        )
        open_air = level - free
        loud = other & (open_air > quietest_dbm[np.newaxis, :] - _FAINT_DB)
        beside = loud & (length == 0.0)
        far = loud & (length > 0.0)
        found = np.where(beside, open_air, -np.inf)
        for one in np.unique(freq[far.any(axis=1)]).tolist():
            mine = far & (freq == one)[:, np.newaxis]
            first, second = np.nonzero(mine)
            pairs = np.column_stack([first, listening[second]])
            each, which = np.unique(np.sort(pairs, axis=1), axis=0, return_inverse=True)
            paths = self.paths(each, one, trees=False, level=True, progress=progress)
            loss = paths.loss_db[:, 0, 0][which.ravel()]
            # Where terrain is missing on the way, as over open ground.
            loss = np.where(np.isnan(loss), free[first, second], loss)
            found[first, second] = level[first, second] - loss
        return found

    def heard_dbm(
        self, users: tuple[User, ...], noise_dbm: NDArray[np.float64], progress: Progress
    ) -> NDArray[np.float64]:
        """Return the loudest station of each user at each receiver, on one channel; -inf where it does not matter."""
        made = self.made
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
        other = _may_meet(users)[self.user[:, np.newaxis], self.user[listening][np.newaxis, :]]
        found = self.levels_dbm(listening, other, quietest, progress)
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

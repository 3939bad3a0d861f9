"""Everything that sends and hears in a plan, and who would hear whom on one channel.

What of the own network is not planned (other people's radios) is not known here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.kept import kept_matrix
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.channels import leak
from cn_planner.links.pointing import elevations_deg, pointing_loss_db
from cn_planner.message import msg
from cn_planner.model.clients import wanted_mbps
from cn_planner.model.equipment import AntennaPattern
from cn_planner.progress import ALONE, Run, silent
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.service.joined import loads_behind
from cn_planner.spectrum.feasibility import feasible_channels
from cn_planner.spectrum.radios import HeardThere, PathRow, Receiver, Station, User
from cn_planner.spectrum.stations import APART_M, AT_HOME, Stations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.kept import Store
    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.links.radio import Direction
    from cn_planner.progress import Progress
    from cn_planner.spectrum.radios import Ear
    from cn_planner.study import Study

_AT_ONCE = 200_000
"""Pairs of antennas whose directions are computed at once."""
_MOST_PAIRS = 30_000_000
"""Antennas times those that listen: half a dozen arrays of so many numbers are 1.5 GB."""
_LINES_PLACES = 400
"""Of so many places the lines between all are kept: 2.5 MB."""
_HAIR_DB = 1e-6
"""What comes of rounding: no path over terrain loses less than free space by more."""
_FAINT_DB = 10.0
"""What is so far under the noise even over open ground is not looked at over terrain: it raises the noise by 0.4 dB."""


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def lengths_m(self) -> list[float]:
        """How long the path to each receiver is."""
        here, there = ([self.stations[getattr(one, end)] for one in self.receivers] for end in ("station", "sender"))
        lat, lon = "latitude", "longitude"
        places = [
            np.array([getattr(one, name) for one in ends], np.float64) for ends in (here, there) for name in (lat, lon)
        ]
        found: list[float] = geodesics(*places)[2].tolist()
        return found

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


def radio_network(
    study: Study, *, settled: bool = False, store: tuple[Store, str] | None = None, run: Run = ALONE
) -> RadioNetwork:
    """Return who shares the air of a plan.

    ``settled``: who has a channel in the plan keeps it, so that no other is looked for, nor who would be heard there.
    ``store``: where the losses between antennas are kept from one plan to the next, and what they depend on beside the
    antennas' places (ground, what stands on it, air).

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or two that should talk have no mode in common.
    CancelledError
    """
    made = Stations(study)
    made.sectors(run)
    made.links()
    if settled and store is not None:  # fewer paths: the others stay for who looks for channels
        store = store[0], f"{store[1]} settled"
    field = _Field(made, run, store)
    run.progress(0.0, msg("Looking on which channels each path holds"))
    rows: list[list[PathRow]] = [[] for _ in made.users]
    each = made.receivers[::2]  # each path once: its two directions stand side by side
    for one, lost in zip(each, field.both_aside_db(each).tolist(), strict=True):
        rate = max((wanted_mbps(study.plan, study.plan.households[key]) for key in one.members), default=0.0)
        kit = made.stations[one.station].kit
        rows[field.user[one.station]].append(PathRow(one.sender, one.station, one.taken, rate, lost, kit))
    paths = partial(field.paths, trees=True)
    users = feasible_channels(
        study.plan, made.radios, made.users, rows, loads_behind(study.plan), paths, run.part(0.0, 0.4).progress,
        own_air=field.own_air, settled=settled,
    )  # fmt: skip
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


_EAR = "~ear"
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
    made = Stations(_with_ear(study, ear.kit))
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
        heard = radios.direction_of(user.far_kit.id, made.stations[here].kit, width)
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
        far = ("site", place) if sector is None else ("household", place.removeprefix(AT_HOME))
    run.progress(1.0)
    return HeardThere(users, loudest, own, weakest, width, noise, far)


class _Lines(NamedTuple):
    """Azimuths and lengths of the lines between places (latitude, longitude, height), NaN where nobody asked yet."""

    spots: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    length_m: NDArray[np.float64]


class _Field:
    """The stations as arrays, and what goes from one to another."""

    def __init__(self, made: Stations, run: Run, store: tuple[Store, str] | None = None) -> None:
        self.made, self._run, self._store = made, run, store
        stations = made.stations
        self.latitude, self.longitude = (
            np.array([getattr(one, name) for one in stations], np.float64) for name in ("latitude", "longitude")
        )
        self.amsl = np.array([one.amsl_m for one in stations], np.float64)
        self._azimuth = np.array([one.azimuth_deg for one in stations], np.float64)
        self._tilt = np.array([one.tilt_deg for one in stations], np.float64)
        self._kits = list(dict.fromkeys(one.kit for one in stations))
        self._kit = np.array([self._kits.index(one.kit) for one in stations], np.int64)
        self.user = np.array([one.user for one in stations], np.int64)
        places = {place: n for n, place in enumerate(dict.fromkeys(one.place for one in stations))}
        self.place = np.array([places[one.place] for one in stations], np.int64)
        high = np.array([one.height_m for one in stations], np.float64)
        spots = np.column_stack([self.latitude, self.longitude, high])
        self._spots, which = np.unique(spots, axis=0, return_inverse=True)
        self._spot = which.ravel()
        self.own_air = made.to_homes.place is not None

    def direction_of(
        self, receiver: Receiver, width_mhz: float | None = None, freq_mhz: float | None = None
    ) -> Direction:
        """Return what a receiver can make of its signal, mode by mode."""
        sender, hearer = (self.made.stations[n] for n in (receiver.sender, receiver.station))
        apart_m = self.made.users[hearer.user].apart_m
        return self.made.radios.direction_of(sender.kit, hearer.kit, width_mhz, freq_mhz, apart_m)

    def aside_db(
        self, here: NDArray[np.int64], there: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return by how much antennas give others less than at most, pair by pair, and how far off they are, m.

        Antennas at one place hang one above the other.
        """
        radios = self.made.radios
        azimuth, length = self._lines(here, there)
        up = elevations_deg(length, self.amsl[here], self.amsl[there], self.made.conditions.k_factor)
        together = (self.place[there] == self.place[here]) | (length < APART_M)
        up = np.where(together, 90.0, up)
        loss, kit = np.empty(len(here)), self._kit[here]
        for number in np.unique(kit).tolist():
            mine, name = kit == number, self._kits[number]
            loss[mine] = pointing_loss_db(
                radios.antenna(name), radios.freq_mhz(name), self._azimuth[here[mine]], self._tilt[here[mine]],
                azimuth[mine], up[mine],
            )  # fmt: skip
        return loss, np.where(together, 0.0, length)

    def _lines(
        self, here: NDArray[np.int64], there: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return azimuth and length of the lines from stations to others; of few places each is worked out once."""
        if len(self._spots) > _LINES_PLACES:
            azimuth, _, length = geodesics(
                self.latitude[here], self.longitude[here], self.latitude[there], self.longitude[there]
            )
            return azimuth, length
        lines, a, b = self._lines_known, self._spot[here], self._spot[there]
        new = np.isnan(lines.length_m[a, b])
        if new.any():
            codes = np.unique(a[new] * len(self._spots) + b[new])
            i, j = codes // len(self._spots), codes % len(self._spots)
            azimuth, _, length = geodesics(*self._spots[i, :2].T, *self._spots[j, :2].T)
            lines.azimuth_deg[i, j] = azimuth
            lines.length_m[i, j] = length
        return lines.azimuth_deg[a, b], lines.length_m[a, b]

    @cached_property
    def _lines_known(self) -> _Lines:
        """What is known of the lines between the places; those of the last plan are taken over where they are kept."""
        count = len(self._spots)
        found = _Lines(self._spots, *np.full((2, count, count), np.nan))
        if self._store is None:
            return found
        store, key = self._store[0], "lines between antennas"
        old: _Lines | None = store.get(key)
        if old is not None:
            at = {row.tobytes(): number for number, row in enumerate(old.spots)}
            was = np.array([at.get(row.tobytes(), -1) for row in self._spots], np.int64)
            mine = np.flatnonzero(was >= 0)
            # Lengths first: they are written last, by a thread that may be at it.
            for new, before in ((found.length_m, old.length_m), (found.azimuth_deg, old.azimuth_deg)):
                new[np.ix_(mine, mine)] = before[np.ix_(was[mine], was[mine])]
        store.put(key, found, self._spots.nbytes + found.azimuth_deg.nbytes + found.length_m.nbytes + 700)
        return found

    def _ways(self, ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a number for the path of each pair of stations.

        The antennas of a mast hang at one height for the most part: a path is asked once for all of them.
        """
        ways: NDArray[np.int64] = self._spot[ends[:, 0]] * len(self._spots) + self._spot[ends[:, 1]]
        return ways

    def paths(
        self,
        ends: NDArray[np.int64],
        freq_mhz: float,
        *,
        trees: bool,
        level: bool = False,
        homes: bool = False,
        turn: int = 0,
        progress: Progress = silent,
    ) -> PairMatrix:
        """Return the paths between pairs of stations, of shape (pairs, 2); ``level``: no more than their loss.

        ``homes``: each leads from a tower to a home of its own, as whoever judges that home asks for it.
        Those of each ``turn`` in which paths are asked for are kept by themselves.
        """
        conditions, plan = self.made.to_homes if homes else self.made.conditions, self.made.plan
        count = len(self._spots)
        pairs, which = np.unique(self._ways(ends), return_inverse=True)
        places, height = (self._spots[:, 0], self._spots[:, 1]), self._spots[:, 2:]
        conditions = conditions if trees else replace(conditions, canopy_m=0.0)
        store, key = (None, "") if self._store is None else self._store
        matrix = kept_matrix(
            store, repr(("antennas", key, freq_mhz, conditions, trees, level, turn, plan.rules.clearance_f1)),
            self.made.surface, places, places, height, height, freq_mhz, (pairs // count, pairs % count),
            loss_alone=level, conditions=conditions, max_km=1e5, needs=False, chances=not level,
            enough_f1=plan.rules.clearance_f1,
            obstacles=tuple(plan.obstacles.values()) if trees else (), run=replace(self._run, progress=progress),
        )  # fmt: skip
        return matrix.rows(which.ravel())

    def wanted_dbm(self, users: tuple[User, ...], which: Sequence[int], *, now: bool = False) -> NDArray[np.float64]:
        """Return the level of some receivers' wanted signals in their most robust mode.

        At the kit's own frequency and width; ``now``: on the channel that the user has.
        """
        receivers = [self.made.receivers[n] for n in which]
        wanted = np.full(len(receivers), np.nan)
        owner = [users[self.made.stations[one.station].user] for one in receivers]
        freq = [one.now.freq_mhz if now else one.kits[0].freq_mhz for one in owner]
        # One by one only where that says something else.
        asked = [(one, self.own_air and user.sector is not None) for one, user in zip(freq, owner, strict=True)]
        for one, homes in sorted(set(asked)):
            mine = np.array([n for n, other in enumerate(asked) if other == (one, homes)], np.int64)
            pairs = np.array([sorted((receivers[n].sender, receivers[n].station)) for n in mine.tolist()], np.int64)
            loss = self.paths(pairs, one, trees=True, level=True, homes=homes).loss_db[:, 0, 0]
            aside = self.both_aside_db([receivers[n] for n in mine.tolist()])
            for n, lost, less in zip(mine.tolist(), loss.tolist(), aside.tolist(), strict=True):
                heard = self.direction_of(receivers[n], *((owner[n].now.width_mhz, one) if now else ()))
                wanted[n] = heard.level_dbm[heard.robust] - lost - less
        return wanted

    def both_aside_db(self, receivers: Sequence[Receiver]) -> NDArray[np.float64]:
        """Return what the antennas of both ends give less towards each other than at most, of each receiver."""
        a, b = np.array([(one.sender, one.station) for one in receivers], np.int64).reshape(-1, 2).T
        both: NDArray[np.float64] = self.aside_db(a, b)[0] + self.aside_db(b, a)[0]
        return both

    def levels_dbm(
        self,
        listening: NDArray[np.int64],
        other: NDArray[np.bool_],
        quietest_dbm: NDArray[np.float64],
        progress: Progress = silent,
        *,
        now: Sequence[User] = (),
        loudest: bool = False,
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
        loudest : bool
            Whether only the loudest station of each user counts: one that is fainter for certain, because it is even
            over open ground, is not looked at over terrain and is -inf.
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
        back, aside, length = self._asides(listening)
        level = np.array(sent)[:, np.newaxis] - aside + gain[listening][np.newaxis, :] - back
        free = (
            np.asarray(free_space_loss_db(np.maximum(length, APART_M), 1e3))
            + 20.0 * np.log10(freq / 1e3)[:, np.newaxis]
        )
        open_air = level - free
        loud = other & (open_air > quietest_dbm[np.newaxis, :] - _FAINT_DB)
        beside = loud & (length == 0.0)
        far = loud & (length > 0.0)
        found = np.where(beside, open_air, -np.inf)
        for one in np.unique(freq[far.any(axis=1)]).tolist():
            left = far & (freq == one)[:, np.newaxis]
            known, lost = np.zeros(0, np.int64), np.zeros(0)
            turns = self._loudest_first(left, open_air, found) if loudest else (left,)
            for turn, mine in enumerate(turns):
                first, second = np.nonzero(mine)
                pairs = np.sort(np.column_stack([first, listening[second]]), axis=1)
                ways, at, which = np.unique(self._ways(pairs), return_index=True, return_inverse=True)
                new = ~np.isin(ways, known)
                paths = self.paths(pairs[at[new]], one, trees=False, level=True, turn=turn, progress=progress)
                known, lost = np.append(known, ways[new]), np.append(lost, paths.loss_db[:, 0, 0])
                order = np.argsort(known)
                known, lost = known[order], lost[order]
                loss = lost[np.searchsorted(known, ways)][which.ravel()]
                # Where terrain is missing on the way, as over open ground.
                loss = np.where(np.isnan(loss), free[first, second], loss)
                found[first, second] = level[first, second] - loss
        return found

    def _asides(
        self, listening: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return by how much those that listen and all stations give each other less, and how far off they are.

        Each of shape (stations, listening): what who listens gives less, dB, what the station does, and m. Some at a
        time: all of a large plan's would take gigabytes.
        """
        every = np.arange(len(self.user))
        back, aside, length = np.empty((3, len(every), len(listening)))
        others = np.setdiff1d(every, listening)
        for these, ears, out in ((listening, every, True), (others, listening, False)):
            step = max(_AT_ONCE // max(len(ears), 1), 1)
            for first in range(0, len(these), step):
                some = these[first : first + step]
                loss, away = (
                    one.reshape(len(some), len(ears))
                    for one in self.aside_db(np.repeat(some, len(ears)), np.tile(ears, len(some)))
                )
                if out:
                    back[:, first : first + step] = loss.T
                    loss, away = loss[:, listening], away[:, listening]
                aside[some], length[some] = loss, away
        return back, aside, length

    def _loudest_first(
        self, left: NDArray[np.bool_], open_air: NDArray[np.float64], found: NDArray[np.float64]
    ) -> Iterator[NDArray[np.bool_]]:
        """Yield which of the paths that are left are to be looked at, in two turns.

        First those of each user's station that would be the loudest over open ground; then, with what was `found` of
        these, those that could be louder still. What was measured or seen may say less loss than open ground: then all.
        """
        if self.made.conditions.place is not None or self.made.conditions.seen:
            yield left
            return
        users = [np.flatnonzero(self.user == user) for user in np.unique(self.user).tolist()]
        columns, first = np.arange(left.shape[1]), np.zeros_like(left)
        hope = np.where(left, open_air, -np.inf)
        for mine in users:
            first[mine[hope[mine].argmax(axis=0)], columns] = True
        first &= left
        yield first
        best = np.empty_like(found)
        for mine in users:
            best[mine] = found[mine].max(axis=0)
        yield left & ~first & (open_air > best - _HAIR_DB)

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
        found = self.levels_dbm(listening, other, quietest, progress, loudest=True)
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
                found[n, m] = any(
                    leak(a, b) > 0.0 for a in (*one.channels, one.now) for b in (*other.channels, other.now)
                )
    return found

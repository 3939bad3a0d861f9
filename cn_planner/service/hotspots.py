"""People with a phone: which hotspots a plan has, how far a phone's way back reaches to each, and who gets there.

A hotspot hangs on a public place that a tower connects, and on towers that the plan says. It has as many radios of the
plan's kit as their beams need to stand all round. What decides is the weaker way, which is the phone's: its power and
height, what hand and body take, the ground and the trees between, by the same budget as every other path, at the most
robust mode, with the margin that a home's link should have. Nobody looks through walls: the phone is out of doors.

Each person counts once: connected at home; else on foot, where a hotspot stands within walking distance, or the phone
works where they live; else left out. People of public places whom no home counts are on foot where their place is
connected, or as those of homes are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.access import Access, site_pointing
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.geo import destination, geodesics
from cn_planner.links.budget import budget_arrays
from cn_planner.links.conditions import home_conditions_of
from cn_planner.links.pointing import all_round
from cn_planner.links.radio import direction, radio_end
from cn_planner.message import msg
from cn_planner.model.clients import client_of, hotspots_on, place_of, roof_height_m
from cn_planner.model.radio_figures import TotalDbm
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import as_it_works, hops
from cn_planner.service.links_down import links_down
from cn_planner.service.within_range import free_space_km

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.study import Study

_WAYS, _STEPS = 16, 20
"""Directions in which the reach of a phone is looked for, and steps of each."""


class HowReached(IntEnum):
    """How people come onto the network. Arrays hold the numbers."""

    LEFT_OUT = 0
    ON_FOOT = 1
    AT_HOME = 2


class Hotspot(NamedTuple):
    """Where phones are heard: at a public place, or on a tower (``on_tower``)."""

    id: str
    name: str
    latitude: float
    longitude: float
    height_m: float
    on_tower: bool


class HotspotReach(NamedTuple):
    """What a hotspot reaches.

    Attributes
    ----------
    hotspot : Hotspot
    radius_m : float
        How far a phone works: the radius of a circle as large as the ground round the hotspot on which it does without
        a gap between; 0 where the law allows no power, NaN where terrain is missing.
    people : float
        Who lives within walking distance, or where the phone works; those connected at home among them.
    not_at_home : float
        Those of them that nothing connects at home.
    """

    hotspot: Hotspot
    radius_m: float
    people: float
    not_at_home: float


@dataclass(frozen=True, slots=True, eq=False)
class PeopleReached:
    """Everyone, once.

    Attributes
    ----------
    hotspots : tuple of HotspotReach
    ids : tuple of str
        Homes, then public places with people whom no home counts, as clients are called.
    people : float64 array
        Of each.
    how : int8 array
        Numbers of `HowReached`.
    by : int64 array
        Number of the nearest hotspot that each gets to; -1 where none, or none is needed.
    walk_m : float64 array
        How far that is; infinite where there is none.
    """

    hotspots: tuple[HotspotReach, ...]
    ids: tuple[str, ...]
    people: NDArray[np.float64]
    how: NDArray[np.int8]
    by: NDArray[np.int64]
    walk_m: NDArray[np.float64]

    def count(self, how: HowReached) -> float:
        """Return how many people come onto the network so."""
        return float(self.people[self.how == how].sum())

    def on_foot(self) -> tuple[str, ...]:
        """Return who reaches the network on foot, as clients are called."""
        return tuple(key for key, how in zip(self.ids, self.how.tolist(), strict=True) if how == HowReached.ON_FOOT)

    def homes(self, plan: Plan, how: HowReached) -> float:
        """Return how many homes, by weight, come onto the network so."""
        mine = [key for key, one in zip(self.ids, self.how.tolist(), strict=True) if one == how]
        return math.fsum(plan.households[key].weight for key in mine if key in plan.households)


def people_of(plan: Plan, home: Household) -> float:
    """Return how many people live in a home: as counted, else as many as in any by its weight."""
    return home.weight * plan.phones.people_per_home if home.people is None else home.people


def hotspots_of(plan: Plan) -> tuple[Hotspot, ...]:
    """Return the hotspots of a plan that hang on a gateway: of public places, then of towers, in the order of ids."""
    if not hotspots_on(plan):
        return ()
    online = hops(plan)
    places = [
        Hotspot(key, one.name or key, one.latitude, one.longitude, roof_height_m(plan, client_of(one)), False)
        for key, one in plan.places.items()
        if one.server in online
    ]
    towers = [tower_hotspot(key, one) for key, one in plan.used_sites.items() if one.hotspot and key in online]
    return (*places, *towers)


def tower_hotspot(key: str, site: Site) -> Hotspot:
    """Return the hotspot that a tower has, or would have: at the top of its mast."""
    return Hotspot(key, site.name or key, site.latitude, site.longitude, site.mast_height_m or 0.0, True)


def phone_end(plan: Plan, hotspot: RadioEnd) -> RadioEnd:
    """Return a phone as the other end of a hotspot's radio: in its modes, with an antenna that has no gain.

    It hears each mode as well as that radio does.
    """
    phones = plan.phones
    return replace(
        hotspot,
        modes=tuple(replace(mode, tx_power_dbm=TotalDbm(phones.phone_dbm)) for mode in hotspot.modes),
        antenna_gain_dbi=0.0,
        cable_loss_db=phones.body_loss_db,
        eirp_cap_dbm=None,
        conducted_cap_dbm=None,
        name="phone",
    )


class _Judge:
    """Whether phones work at places round hotspots."""

    def __init__(self, study: Study) -> None:
        plan, catalogue = study.plan, study.catalogue
        self.study, self.kit = study, catalogue.kit(plan.kits.hotspot)
        radio = radio_end(catalogue, self.kit, study.regulations)
        self.ends = radio, phone_end(plan, radio)
        self.air = home_conditions_of(plan)
        count = all_round(catalogue.antennas[self.kit.antenna])
        self.azimuths = [360.0 * number / count for number in range(count)]
        both = direction(*self.ends), direction(*self.ends[::-1])
        spare = min(float((one.level_dbm - one.sensitivity_dbm).max()) for one in both)
        # In free space no phone is heard from further away.
        far_km = free_space_km(spare - plan.rules.access_margin_db, self.kit.freq_mhz)
        self.most_m = 1000.0 * far_km if self.ends[0].allowed else 0.0

    def works(
        self, one: Hotspot, latitude: NDArray[np.float64], longitude: NDArray[np.float64], run: Run
    ) -> NDArray[np.float64]:
        """Return 1 where a phone works, 0 where it does not, NaN where the terrain is not known."""
        study, plan = self.study, self.study.plan
        azimuth, _, length = geodesics(one.latitude, one.longitude, latitude, longitude)
        found = np.where(length > 0.0, 0.0, 1.0 if self.ends[0].allowed else 0.0)
        those = np.flatnonzero((length > 0.0) & (length <= self.most_m))
        if not len(those):
            return found
        matrix = pair_matrix(
            study.surface, ([one.latitude], [one.longitude]), (latitude[those], longitude[those]),
            [one.height_m], [plan.phones.phone_height_m], self.kit.freq_mhz, self.air,
            max_km=self.most_m / 1000.0 + 1.0, needs=False, obstacles=tuple(plan.obstacles.values()),
            pairs=(np.zeros(len(those), np.int64), np.arange(len(those), dtype=np.int64)), run=run,
        )  # fmt: skip
        here = float(study.surface.heights(one.latitude, one.longitude))
        there = study.surface.heights(latitude[those], longitude[those]) + plan.phones.phone_height_m
        accesses = [Access(self.kit.id, one.height_m, self.kit.freq_mhz, True, way) for way in self.azimuths]
        aim = site_pointing(study.catalogue, accesses, azimuth[those], length[those], here, there, self.air.k_factor)
        budget = budget_arrays(
            matrix.loss_db[:, 0, 0] + aim.loss_db, matrix.sight(np.s_[:, 0, 0]), *self.ends, plan.rules,
            distance_m=length[those],
        )  # fmt: skip
        margin = np.asarray(budget.fallback_db)
        found[those] = np.where(np.isnan(margin), np.nan, margin >= plan.rules.access_margin_db)
        return found

    def radius_m(self, one: Hotspot, run: Run) -> float:
        """Return how far a phone works round a hotspot, as `HotspotReach` has it."""
        if self.most_m <= 0.0:
            return 0.0
        step = self.most_m / _STEPS
        ways = np.repeat(np.arange(_WAYS) * 360.0 / _WAYS, _STEPS)
        away = np.tile(step * np.arange(1, _STEPS + 1), _WAYS)
        places = [destination(one.latitude, one.longitude, way, far) for way, far in zip(ways, away, strict=True)]
        latitude, longitude = np.array(places).T
        works = self.works(one, latitude, longitude, run).reshape(_WAYS, _STEPS)
        if np.isnan(works[:, 0]).all():
            return math.nan
        unbroken = np.cumprod(works == 1.0, axis=1).sum(axis=1)
        return float(step * np.sqrt(np.mean(unbroken.astype(np.float64) ** 2)))


class Crowd(NamedTuple):
    """Where people are: homes, then public places with people whom no home counts, as clients are called."""

    ids: tuple[str, ...]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    people: NDArray[np.float64]


class WaysOnFoot(NamedTuple):
    """Who gets to which hotspot.

    Attributes
    ----------
    crowd : Crowd
    away_m : float64 array of (hotspots, crowd)
    gets : bool array of (hotspots, crowd)
        Whether it is within walking distance, or the phone works where they are.
    radius_m : float64 array of hotspots
        As in `HotspotReach`.
    """

    crowd: Crowd
    away_m: NDArray[np.float64]
    gets: NDArray[np.bool_]
    radius_m: NDArray[np.float64]


def crowd_of(plan: Plan) -> Crowd:
    """Return where people are."""
    rows = [(one, people_of(plan, one)) for one in plan.households.values()]
    rows += [(client_of(one), one.people) for one in plan.places.values() if one.people]
    return Crowd(
        tuple(one.id for one, _ in rows),
        np.array([one.latitude for one, _ in rows], np.float64),
        np.array([one.longitude for one, _ in rows], np.float64),
        np.array([people for _, people in rows], np.float64),
    )


def connected_homes(plan: Plan) -> set[str]:
    """Return the homes that the plan gives a tower which hangs on a gateway."""
    online = hops(plan)
    return {key for key, home in plan.households.items() if home.server in online}


def ways_on_foot(study: Study, hotspots: tuple[Hotspot, ...], *, run: Run = ALONE) -> WaysOnFoot:
    """Return who gets to which hotspot; without ground by the way that they walk alone.

    Raises
    ------
    InputError
        Where the kit of a hotspot is not on the shelf, or no phone speaks to it.
    CancelledError
    """
    plan, crowd = study.plan, crowd_of(study.plan)
    away = np.empty((len(hotspots), len(crowd.ids)))
    gets, radius = np.zeros(away.shape, np.bool_), np.full(len(hotspots), np.nan)
    judge = _Judge(study) if hotspots and not study.surface.empty else None
    for number, one in enumerate(hotspots):
        here = run.part(number / len(hotspots), (number + 1) / len(hotspots))
        here.progress(0.0, msg("Looking who reaches the hotspot at {place} on foot", place=one.name))
        run.check()
        away[number] = geodesics(one.latitude, one.longitude, crowd.latitude, crowd.longitude)[2]
        gets[number] = away[number] <= plan.phones.walk_m
        if judge is None:
            continue
        radius[number] = judge.radius_m(one, here.silently())
        beyond = np.flatnonzero(~gets[number])
        if len(beyond):
            works = judge.works(one, crowd.latitude[beyond], crowd.longitude[beyond], here.silently())
            gets[number, beyond] = works == 1.0
    run.progress(1.0)
    return WaysOnFoot(crowd, away, gets, radius)


def people_reached(
    study: Study,
    connected: Collection[str] | None = None,
    *,
    down: Collection[str] | None = None,
    run: Run = ALONE,
) -> PeopleReached:
    """Return who is connected at home, who reaches the network on foot, and who is left out.

    Parameters
    ----------
    study : Study
        The plan as it stands, and its ground.
    connected : collection of str, optional
        The homes that are connected, as `service.now` says; those that the plan gives a tower where not given.
    down : collection of str, optional
        Links over which nothing comes, where that is known already: `links_down` is asked where not given.

    Raises
    ------
    InputError, CancelledError
        As `ways_on_foot`.
    """
    plan = study.plan
    if down is None:
        down = () if study.surface.empty else links_down(study, run=run.silently())
    works = as_it_works(plan, down)
    hotspots = hotspots_of(works)
    crowd, away, gets, radius = ways_on_foot(study, hotspots, run=run)
    home = connected_homes(works) if connected is None else set(connected)
    served = np.array([key in home for key in crowd.ids], np.bool_)
    online = hops(works)
    there = np.array([_server(plan, key) in online for key in crowd.ids], np.bool_)
    walk = np.where(gets, away, np.inf).min(axis=0, initial=np.inf)
    on_foot = np.isfinite(walk) | there  # who is where the network is needs no hotspot
    by = np.where(np.isfinite(walk) & ~served, np.where(gets, away, np.inf).argmin(axis=0), -1) if hotspots else (
        np.full(len(crowd.ids), -1)
    )  # fmt: skip
    how = np.where(served, HowReached.AT_HOME, np.where(on_foot, HowReached.ON_FOOT, HowReached.LEFT_OUT))
    found = tuple(
        HotspotReach(
            one, float(radius[n]), float(crowd.people[gets[n]].sum()), float(crowd.people[gets[n] & ~served].sum())
        )
        for n, one in enumerate(hotspots)
    )
    return PeopleReached(found, crowd.ids, crowd.people, how.astype(np.int8), by.astype(np.int64), walk)


def _server(plan: Plan, client: str) -> str | None:
    """Return the tower that connects a public place; None for a home."""
    place = place_of(plan, client)
    return None if place is None else place.server

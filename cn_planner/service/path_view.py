"""One path for the eye: its profile, its budget both ways, and the state of each part of it.

From any point to any point, device or not. This is what follows the hand while a link is dragged, and what the profile
panel shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.access import Access, accesses_of_site, heard_by, site_pointing
from cn_planner.errors import InputError
from cn_planner.geo import check_position, geodesic
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of, home_conditions_of, link_conditions_of
from cn_planner.links.one_band import speaks_with, usual_client
from cn_planner.links.pointing import elevations_deg
from cn_planner.links.radio import RadioEnd, radio_end
from cn_planner.links.settable import as_set
from cn_planner.message import msg
from cn_planner.model.clients import roof_height_m
from cn_planner.propagation.clearance import path_clearance
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.terrain.profile import path_profiles
from cn_planner.units import wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.links.budget import LinkBudget
    from cn_planner.message import Message
    from cn_planner.model.plan import Household, Link, Plan, Site
    from cn_planner.study import Study
    from cn_planner.terrain.profile import PathProfile

POINT_HEIGHT_M = 10.0
"""Height of an antenna at a bare point where nothing else is said."""


class PathState(StrEnum):
    """How a part of a path stands."""

    CLEAR = "clear"
    """At least the share of the first Fresnel zone that the rules ask for."""
    GRAZING = "grazing"
    """Seen, with less than that."""
    BLOCKED = "blocked"
    """Something stands above the line."""
    UNKNOWN = "unknown"
    """Terrain is missing."""


_STATES = (PathState.UNKNOWN, PathState.BLOCKED, PathState.GRAZING, PathState.CLEAR)


class Segment(NamedTuple):
    """A part of a path, as fractions of its length."""

    start: float
    end: float
    state: PathState


@dataclass(frozen=True, slots=True)
class PathEnd:
    """One end of a path: a place, and what stands there.

    Attributes
    ----------
    latitude, longitude : float
        Those of the site or home where one is named and stands in the plan.
    height_m : float or None
        Of the antenna above ground; None: that of the mast or the roof, or `POINT_HEIGHT_M`.
    kind : str
        ``site``, ``household`` or empty for a bare point.
    id : str
        Of the site or home.
    """

    latitude: float
    longitude: float
    height_m: float | None = None
    kind: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LinkView:
    """What can be shown of a path.

    Attributes
    ----------
    a, b : PathEnd
        The ends, heights filled in.
    names : (str, str)
    profile : PathProfile
    budget : LinkBudget
        Verdict with reason and fix, both directions, losses by cause, heights that would clear.
    segments : tuple of Segment
        The parts of the path in order; together they are the whole.
    ray_m, bulge_m, f1_m, clear_m : float64 arrays, one value a sample of the profile
        Height of the straight line above sea level, bulge of the earth, first Fresnel radius, and clearance from line
        to ground with trees over the bulge.
    kits : (str, str)
        Kits at the two ends.
    freq_mhz : float
    access : Access or None
        The tower's antenna on a path between a tower and a home.
    width_mhz : float or None
        Channel width, where it is not the kit's own.
    """

    a: PathEnd
    b: PathEnd
    names: tuple[str, str]
    profile: PathProfile
    budget: LinkBudget
    segments: tuple[Segment, ...]
    ray_m: NDArray[np.float64]
    bulge_m: NDArray[np.float64]
    f1_m: NDArray[np.float64]
    clear_m: NDArray[np.float64]
    kits: tuple[str, str]
    freq_mhz: float
    access: Access | None = None
    width_mhz: float | None = None
    pointing_db: tuple[float, float] = (0.0, 0.0)
    """By how much each end's antenna gives less towards the other than at most."""
    told: tuple[Message, ...] = ()
    """The hills that the path bends over, and why models differ: `service.path_terms.in_words` fills it."""

    @property
    def between(self) -> frozenset[tuple[str | float, str | float]]:
        """What it runs between, from either end: of places that move under the hand the same as before."""
        return frozenset((one.kind, one.id) if one.id else (one.latitude, one.longitude) for one in (self.a, self.b))


def path_view(
    study: Study,
    a: PathEnd,
    b: PathEnd,
    *,
    link: Link | None = None,
    profile_of: Callable[[Study, PathEnd, PathEnd], PathProfile] | None = None,
) -> LinkView:
    """Return what can be shown of a path.

    Parameters
    ----------
    study : Study
        Its obstacles and trees stand on the path.
    a, b : PathEnd
        The ends.
    link : Link, optional
        Whose kit and channel both ends have; where not given the access and the client kit between a tower and a home,
        else the backhaul kit.
    profile_of : callable, optional
        Gives the profile between two ends, where it may be known already; else `profile_between`.

    Raises
    ------
    InputError
        Where both ends are the same place, or a kit is not on the shelf.
    MissingTerrainError, FileError
        Where there is no terrain, or a file of it cannot be read.
    """
    plan = study.plan
    a, b = _filled(plan, a), _filled(plan, b)
    if (a.latitude, a.longitude) == (b.latitude, b.longitude):
        raise InputError(msg("The two ends are the same place."), fix=msg("Move one of them."))
    tuned = _tuned(study, a, b, link)
    return _judged(study, a, b, (profile_of or profile_between)(study, a, b), tuned)


def clear_f1_of(study: Study, a: PathEnd, b: PathEnd, profile: PathProfile, *, link: Link | None = None) -> float:
    """Return how much of the Fresnel zone `path_view` finds clear on a profile, in F1, without its other answers.

    Minus infinity where it says of none: a height is missing, or nothing lies between the ends.

    Raises
    ------
    InputError
        As `path_view`.
    """
    a, b = _filled(study.plan, a), _filled(study.plan, b)
    if profile.missing or np.isnan(profile.ground_m).any():
        return -math.inf
    to_home = "household" in (a.kind, b.kind)
    air = home_conditions_of(study.plan) if to_home else link_conditions_of(study.plan)
    amsl = float(profile.ground_m[0]) + (a.height_m or 0.0), float(profile.ground_m[-1]) + (b.height_m or 0.0)
    freq_mhz = _tuned(study, a, b, link).freq_mhz
    clear = path_clearance(profile.distance_m, profile.ground_m + profile.cover_m, *amsl, freq_mhz, air.k_factor)
    return clear.clearance_f1 if math.isfinite(clear.clearance_f1) else -math.inf


def at_heights(study: Study, view: LinkView, height_a_m: float, height_b_m: float) -> LinkView:
    """Return the same path with its antennas at other heights; the ground is that of the view.

    Quick enough to be asked at each step of the hand: some milliseconds for 20 km.

    Raises
    ------
    InputError
        Where a kit is not on the shelf any more, or a height is not allowed.
    """
    a, b = replace(view.a, height_m=height_a_m), replace(view.b, height_m=height_b_m)
    return _judged(study, a, b, view.profile, _tuned_as(view))


def on_channel(study: Study, view: LinkView, freq_mhz: float) -> LinkView:
    """Return the same path on another channel, as wide as that which it has.

    Raises
    ------
    InputError
        Where a kit is not on the shelf any more.
    """
    return _judged(study, view.a, view.b, view.profile, _tuned_as(view)._replace(freq_mhz=freq_mhz))


def _judged(
    study: Study,
    a: PathEnd,
    b: PathEnd,
    profile: PathProfile,
    tuned: _Tuned,
) -> LinkView:
    """Return the view of a profile: its budget, its geometry, the state of its parts."""
    plan = study.plan
    height_a, height_b = a.height_m or 0.0, b.height_m or 0.0
    names = _name(plan, a, "A"), _name(plan, b, "B")
    to_home = "household" in (a.kind, b.kind)
    conditions = home_conditions_of(plan) if to_home else link_conditions_of(plan)
    ends = _radios(study, tuned)
    freq_mhz = tuned.freq_mhz
    lost = _pointing(study, a, b, profile, tuned.access)
    ends = replace(ends[0], pointing_loss_db=lost[0]), replace(ends[1], pointing_loss_db=lost[1])
    budget = link_budget(
        profile, height_a, height_b, *ends, freq_mhz, conditions=conditions, rules=plan.rules,
        names=names, rate_margin_db=None if to_home else plan.rules.backhaul_margin_db, between_towers=not to_home,
    )  # fmt: skip
    ray, bulge, f1, clear = _geometry(profile, height_a, height_b, freq_mhz, conditions.k_factor)
    segments = _segments(profile, clear, f1, plan.rules.clearance_f1)
    return LinkView(
        a, b, names, profile, budget, segments, ray, bulge, f1, clear, tuned.kits, freq_mhz, tuned.access,
        tuned.width_mhz, lost,
    )  # fmt: skip


def _pointing(study: Study, a: PathEnd, b: PathEnd, profile: PathProfile, access: Access | None) -> tuple[float, float]:
    """Return by how much the antenna of each end gives less towards the other than at most."""
    if access is None:
        return 0.0, 0.0
    ground = float(profile.ground_m[0]), float(profile.ground_m[-1])
    amsl = ground[0] + (a.height_m or 0.0), ground[1] + (b.height_m or 0.0)
    k_factor = conditions_of(study.plan).k_factor
    if a.kind == "household":
        elevation = elevations_deg(profile.length_m, amsl[1], amsl[0], k_factor)
        return 0.0, float(access.loss_db(study.catalogue, profile.back_azimuth_deg, elevation))
    elevation = elevations_deg(profile.length_m, amsl[0], amsl[1], k_factor)
    return float(access.loss_db(study.catalogue, profile.azimuth_deg, elevation)), 0.0


def _filled(plan: Plan, end: PathEnd) -> PathEnd:
    """Return an end with place and height of what stands there."""
    if end.kind == "site" and end.id in plan.sites:
        site = plan.sites[end.id]
        return replace(
            end, latitude=site.latitude, longitude=site.longitude,
            height_m=_mast_m(plan, site) if end.height_m is None else end.height_m,
        )  # fmt: skip
    if end.kind == "household" and end.id in plan.households:
        home = plan.households[end.id]
        return replace(
            end, latitude=home.latitude, longitude=home.longitude,
            height_m=roof_height_m(plan, home) if end.height_m is None else end.height_m,
        )  # fmt: skip
    return end if end.height_m is not None else replace(end, height_m=POINT_HEIGHT_M)


def _mast_m(plan: Plan, site: Site) -> float:
    if site.mast_height_m is not None:
        return site.mast_height_m
    allowed = [height for height in plan.rules.mast_heights_m if height <= site.max_height_m]
    return max(allowed, default=site.max_height_m)


def _name(plan: Plan, end: PathEnd, otherwise: str) -> str:
    thing: Site | Household | None = None
    if end.kind == "site":
        thing = plan.sites.get(end.id)
    elif end.kind == "household":
        thing = plan.households.get(end.id)
    return (thing.name or thing.id) if thing is not None else otherwise


class _Tuned(NamedTuple):
    """The kits at the ends of a path and their channel, as in `LinkView`."""

    kits: tuple[str, str]
    freq_mhz: float
    width_mhz: float | None = None
    access: Access | None = None


def _tuned_as(view: LinkView) -> _Tuned:
    return _Tuned(view.kits, view.freq_mhz, view.width_mhz, view.access)


def _tuned(study: Study, a: PathEnd, b: PathEnd, link: Link | None) -> _Tuned:
    plan, catalogue = study.plan, study.catalogue
    if link is not None:
        kit = link.kit or plan.kits.backhaul
        return _Tuned((kit, kit), catalogue.kit(kit).on(link.freq_mhz, None).freq_mhz, link.width_mhz)
    kinds = (a.kind, b.kind)
    if "household" in kinds and kinds != ("household", "household"):
        tower, home = (b, a) if a.kind == "household" else (a, b)
        access, client, freq, width, one = plan.kits.access, plan.kits.client, None, None, None
        if tower.kind == "site" and tower.id in plan.sites:
            own = plan.households.get(home.id) if home.kind == "household" else None
            client = client if own is None else plan.client_of(own)
            one = _access(study, plan.sites[tower.id], home, client)
            access, freq, width = one.kit, one.freq_mhz, one.width_mhz
            if not speaks_with(catalogue, access, client):
                client = usual_client(plan, catalogue, access)
        kits = (client, access) if a.kind == "household" else (access, client)
        return _Tuned(kits, catalogue.kit(access).freq_mhz if freq is None else freq, width, one)
    return _Tuned((plan.kits.backhaul, plan.kits.backhaul), catalogue.kit(plan.kits.backhaul).freq_mhz)


def _access(study: Study, site: Site, home: PathEnd, client: str) -> Access:
    """Return the antenna of a tower that gives a home with a kit most, as the judge chooses it."""
    path = geodesic(site.latitude, site.longitude, home.latitude, home.longitude)
    accesses = accesses_of_site(study.plan, study.catalogue, site)
    lat, lon = np.array([site.latitude, home.latitude]), np.array([site.longitude, home.longitude])
    ground = study.surface.heights(lat, lon) if site.sectors else np.zeros(2)
    aim = site_pointing(
        study.catalogue, accesses, np.array([path.azimuth_deg]), np.array([path.distance_m]), float(ground[0]),
        np.array([ground[1] + (home.height_m or 0.0)]), conditions_of(study.plan).k_factor,
        heard_by(study.catalogue, accesses, [client]),
    )  # fmt: skip
    return accesses[int(aim.which[0])]


def radios(study: Study, view: LinkView) -> tuple[RadioEnd, RadioEnd]:
    """Return the radios at the ends of a path that is shown, those of a link between towers as they are set.

    Raises
    ------
    InputError
        Where a kit is not on the shelf.
    """
    ends = _radios(study, _tuned_as(view))
    if "household" in (view.a.kind, view.b.kind):
        return ends
    return as_set(*ends, view.profile.length_m, view.freq_mhz)


def _radios(study: Study, tuned: _Tuned) -> tuple[RadioEnd, RadioEnd]:
    a, b = (
        radio_end(study.catalogue, kit, study.regulations, freq_mhz=tuned.freq_mhz, width_mhz=tuned.width_mhz)
        for kit in tuned.kits
    )
    return a, b


def profile_between(study: Study, a: PathEnd, b: PathEnd) -> PathProfile:
    """Return the profile between two ends, with the plan's trees and obstacles on it."""
    return profiles_between(study, [(a, b)])[0]


def profiles_between(study: Study, pairs: Sequence[tuple[PathEnd, PathEnd]]) -> list[PathProfile]:
    """Return the profiles between pairs of ends: of many at once in a fraction of the time."""
    if not pairs:
        return []
    conditions = conditions_of(study.plan)
    for one in chain.from_iterable(pairs):
        check_position(one.latitude, one.longitude)
    (a_lat, b_lat), (a_lon, b_lon) = (
        np.array([[getattr(one, name) for one in pair] for pair in pairs]).T for name in ("latitude", "longitude")
    )
    found = path_profiles(
        study.surface, a_lat, a_lon, b_lat, b_lon, canopy_m=conditions.canopy_m,
        keep_out_m=conditions.canopy_keep_out_m, obstacles=tuple(study.plan.obstacles.values()),
    )  # fmt: skip
    return [found.profile(number, study.surface) for number in range(len(pairs))]


def _geometry(
    profile: PathProfile, height_a_m: float, height_b_m: float, freq_mhz: float, k: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    along, length = profile.distance_m, max(profile.length_m, 1e-9)
    back = length - along
    amsl_a, amsl_b = profile.ground_m[0] + height_a_m, profile.ground_m[-1] + height_b_m
    ray = amsl_a + (amsl_b - amsl_a) * (along / length)
    bulge = along * back / (2.0 * effective_earth_radius_m(k))
    f1 = np.sqrt(wavelength_m(freq_mhz) * along * back / length)
    return ray, bulge, f1, ray - bulge - profile.ground_m - profile.cover_m


def _segments(
    profile: PathProfile, clear_m: NDArray[np.float64], f1_m: NDArray[np.float64], enough: float
) -> tuple[Segment, ...]:
    """Return the runs of samples of one state; each sample stands for the way half to its neighbours."""
    code = np.where(clear_m < 0.0, 1, np.where(clear_m < enough * f1_m - 1e-9, 2, 3))
    code = np.where(np.isnan(clear_m), 0, code)
    # At the ends themselves the zone has no width: they are as what is beside them.
    if len(code) > 2:
        code[0], code[-1] = code[1], code[-2]
    changes = np.flatnonzero(np.diff(code)) + 1
    along = profile.distance_m / max(profile.length_m, 1e-9)
    cuts = [0.0, *((along[changes - 1] + along[changes]) / 2.0).tolist(), 1.0]
    states = code[np.concatenate([[0], changes])]
    return tuple(Segment(cuts[n], cuts[n + 1], _STATES[int(state)]) for n, state in enumerate(states))

"""What one sees from an antenna by which one can find where it points: hills, villages, schools, and the horizon.

Only what stands there and can be told from afar: never somebody's home, never a place where nothing is built yet.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.geo import geodesics
from cn_planner.message import Message, msg
from cn_planner.model.plan import HomeKind, SiteRole, Status
from cn_planner.planning.hilltops import TOP_RADIUS_M, Form, places_that_stand_out
from cn_planner.report import words
from cn_planner.report.tower_records import HorizonPoint, Landmark, SeenName
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from cn_planner.model.plan import Site
    from cn_planner.planning.hilltops import Hilltop
    from cn_planner.report.deployment import AntennaRecord
    from cn_planner.report.radios import Field

_NEAREST_M, _FARTHEST_M = 150.0, 15_000.0
"""Nearer than this a landmark moves with every step on the mast, further away it is not seen in haze."""
_BUILDING_M, _HAMLET_M = 4_000.0, 8_000.0
"""From so far one tells a school from a house, and a hamlet from the fields."""
_WIDEST_DEG = 20.0
_MOST_LOOKED_AT = 6
_NAMELESS_DEG = 8.0
"""A hilltop without a name is taken where nothing with one lies so much nearer to the aim."""
_SAMPLES = 48
_HILLTOPS = 80
_AROUND = 0.08
"""Degrees round the sites in which hilltops are looked for."""
_CELLS = 600_000
"""Of the grid on which they are: one of 60 m over 45 km, a third of a degree at 10 km."""
_EYE_M, _ROOF_M = 2.0, 4.0
HORIZON_DEG = 35.0
"""To either side of the aim of a link."""
_STEP_DEG = 1.0
_NEAR_M = 2_500.0
_RAY_M = np.geomspace(40.0, 25_000.0, 110)
_MOST_NAMES = 4
_APART_DEG = 6.0
"""Two names nearer to each other cannot both be read."""
_KINDS = {
    "city": msg("city"), "town": msg("town"), "village": msg("village"), "hamlet": msg("hamlet"), "peak": msg("hill"),
}  # fmt: skip
"""Which names of a base map one can see, and what they are called."""


class NamedPlace(NamedTuple):
    """A name of a base map. ``kind`` is one of `cn_planner.gis.base_map.PLACES`."""

    name: str
    kind: str
    latitude: float
    longitude: float


class Sighted(NamedTuple):
    """Something that may be a landmark.

    ``top_m`` is how high it stands above its ground, ``far_m`` from how far one can tell it.
    """

    name: str
    kind: Message
    latitude: float
    longitude: float
    top_m: float
    far_m: float = _FARTHEST_M
    ground_m: float | None = None
    site: str = ""
    private: bool = False
    """Whether its place follows from where homes are."""


def hilltops_of(field: Field) -> tuple[Hilltop, ...]:
    """Return the hilltops of the country round the sites; none without terrain."""
    places = [(site.latitude, site.longitude) for site in field.plan.sites.values()]
    if field.study.surface.empty or not places:
        return ()
    south, west = (min(values) for values in zip(*places, strict=True))
    north, east = (max(values) for values in zip(*places, strict=True))
    if east - west > 180.0:  # the plan lies across the antimeridian
        west, east = (edge([v % 360.0 for _, v in places]) for edge in (min, max))
    found = places_that_stand_out(
        field.study.surface,
        south - _AROUND,
        west - _AROUND,
        north + _AROUND,
        east + _AROUND,
        _HILLTOPS,
        cells=_CELLS,
    )
    return tuple(place for place in found if place.form is Form.HILLTOP)


def sights_of(field: Field, hilltops: Sequence[Hilltop], named: Iterable[NamedPlace]) -> tuple[Sighted, ...]:
    """Return all that may be a landmark: hills, villages, hamlets, masts that stand, schools and clinics."""
    plan = field.plan
    found = [
        Sighted(site.name, msg("mast"), site.latitude, site.longitude, site.mast_height_m or _EYE_M,
              ground_m=field.ground.get(site.id), site=site.id)
        for site in plan.sites.values()
        if site.name and (site.status is Status.BUILT or site.role is SiteRole.EXISTING)
    ]  # fmt: skip
    hamlets: dict[str, list[tuple[float, float]]] = {}
    for home in plan.households.values():
        if home.hamlet:
            hamlets.setdefault(home.hamlet, []).append((home.latitude, home.longitude))
        if home.kind in {HomeKind.SCHOOL, HomeKind.CLINIC} and home.name:
            kind = words.HOME_KINDS[home.kind]
            found.append(Sighted(home.name, kind, home.latitude, home.longitude, _ROOF_M, _BUILDING_M))
    places = [one for one in named if one.kind in _KINDS and one.name]
    given = {one.name.casefold() for one in places}
    for name, homes in hamlets.items():
        # One home is somebody's, whatever it is called.
        if name.casefold() not in given and len(homes) > 1:
            north, east = np.asarray(homes).mean(axis=0)
            found.append(Sighted(name, msg("hamlet"), float(north), float(east), _ROOF_M, _HAMLET_M, private=True))
    for one in places:
        far = _HAMLET_M if one.kind == "hamlet" else _FARTHEST_M
        found.append(Sighted(one.name, _KINDS[one.kind], one.latitude, one.longitude, _ROOF_M, far))
    peaks = [one for one in places if one.kind == "peak"]
    found += [
        Sighted("", msg("hilltop"), top.latitude, top.longitude, _EYE_M, ground_m=top.ground_m)
        for top in hilltops
        if not any(_within(top, peak, TOP_RADIUS_M) for peak in peaks)
    ]
    return tuple(found)


def _within(top: Hilltop | Sighted, peak: NamedPlace | Site, metres: float) -> bool:
    """Return whether two places are so near to each other."""
    north = math.radians(top.latitude - peak.latitude) * EARTH_RADIUS_M
    turn = (top.longitude - peak.longitude + 180.0) % 360.0 - 180.0
    east = math.radians(turn) * EARTH_RADIUS_M * math.cos(math.radians(top.latitude))
    return math.hypot(north, east) <= metres


class _Looked(NamedTuple):
    """The sights round one antenna: their numbers, azimuths, offsets from the aim and distances."""

    near: list[int]
    azimuth: NDArray[np.float64]
    off: NDArray[np.float64]
    away: NDArray[np.float64]


def _look(field: Field, antenna: AntennaRecord, sights: Sequence[Sighted], widest_deg: float) -> _Looked:
    site = field.plan.sites[antenna.site]
    at = np.array([(one.latitude, one.longitude) for one in sights])
    azimuth, _, away = geodesics(site.latitude, site.longitude, at[:, 0], at[:, 1])
    off = (azimuth - (antenna.azimuth_deg or 0.0) + 180.0) % 360.0 - 180.0
    cost = np.abs(off) + np.array([0.0 if one.name else _NAMELESS_DEG for one in sights])
    aim = field.plan.sites.get(antenna.towards)
    near = [
        i
        for i in np.lexsort((away, cost)).tolist()
        if _NEAREST_M <= away[i] <= sights[i].far_m
        and abs(off[i]) <= widest_deg
        and sights[i].site not in {antenna.site, antenna.towards}
        and not (aim is not None and not sights[i].name and _within(sights[i], aim, TOP_RADIUS_M))
    ]
    return _Looked(near, azimuth, off, away)


def landmarks_of(field: Field, antennas: Sequence[AntennaRecord], sights: Sequence[Sighted]) -> list[Landmark | None]:
    """Return for each antenna what is seen nearest to its direction; without terrain what lies nearest to it."""
    found: list[Landmark | None] = []
    if not sights:
        return [None] * len(antennas)
    for antenna in antennas:
        looked = _look(field, antenna, sights, _WIDEST_DEG)
        seen = (i for i in looked.near[:_MOST_LOOKED_AT] if _seen(field, antenna, sights[i], float(looked.away[i])))
        at = next(seen, None)
        if at is None:
            found.append(None)
            continue
        one = sights[at]
        azimuth, off, away = (float(column[at]) for column in looked[1:])
        found.append(Landmark(one.name, one.kind, azimuth, off, away, one.ground_m, one.private))
    return found


def _seen(field: Field, antenna: AntennaRecord, sight: Sighted, distance_m: float) -> bool:
    """Return whether nothing of the bare ground stands between an antenna and a landmark."""
    surface = field.study.surface
    if surface.empty:
        return True
    site = field.plan.sites[antenna.site]
    share: NDArray[np.float64] = np.linspace(0.0, 1.0, _SAMPLES)
    east = (sight.longitude - site.longitude + 180.0) % 360.0 - 180.0  # the short way, also across 180 degrees
    ground = surface.heights(
        site.latitude + share * (sight.latitude - site.latitude), site.longitude + share * east
    )  # fmt: skip
    if math.isnan(ground[0]) or math.isnan(ground[-1]):
        return False
    eye, top = ground[0] + (antenna.height_m or _EYE_M), ground[-1] + sight.top_m
    bulge = share * (1.0 - share) * distance_m**2 / (2.0 * field.plan.area.k_factor * EARTH_RADIUS_M)
    clear = eye + (top - eye) * share - bulge - ground
    return bool(np.nanmin(clear[1:-1]) >= 0.0)


def horizon_of(field: Field, antenna: AntennaRecord) -> tuple[HorizonPoint, ...]:
    """Return the horizon of the bare ground round the aim of an antenna; empty where the ground is not known.

    For drawing: rays on a sphere, 110 samples each as far as 25 km.
    """
    surface, site = field.study.surface, field.plan.sites[antenna.site]
    ground = field.ground.get(site.id)
    if surface.empty or ground is None:
        return ()
    off = np.arange(-HORIZON_DEG, HORIZON_DEG + _STEP_DEG / 2.0, _STEP_DEG)
    turn = np.radians((antenna.azimuth_deg or 0.0) + off)[:, None]
    arc = (_RAY_M / EARTH_RADIUS_M)[None, :]
    here = math.radians(site.latitude)
    latitude = np.arcsin(np.sin(here) * np.cos(arc) + np.cos(here) * np.sin(arc) * np.cos(turn))
    east = np.arctan2(np.sin(turn) * np.sin(arc) * np.cos(here), np.cos(arc) - np.sin(here) * np.sin(latitude))
    longitude = (site.longitude + np.degrees(east) + 180.0) % 360.0 - 180.0
    heights = np.asarray(surface.heights(np.degrees(latitude), longitude), np.float64)
    eye = ground + (antenna.height_m or _EYE_M)
    up = np.degrees(np.arctan2(heights - eye - _drop_m(field, _RAY_M), _RAY_M))
    up = np.where(np.isfinite(up), up, -90.0)
    near = up[:, _RAY_M <= _NEAR_M].max(axis=1)
    return tuple(HorizonPoint(float(a), float(b), float(c)) for a, b, c in zip(off, up.max(axis=1), near, strict=True))


def _drop_m(field: Field, distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much the ground falls away under a level line, refraction counted."""
    return distance_m**2 / (2.0 * field.plan.area.k_factor * EARTH_RADIUS_M)


def names_seen(field: Field, antenna: AntennaRecord, sights: Sequence[Sighted]) -> tuple[SeenName, ...]:
    """Return the names that one sees round the aim of an antenna, from left to right; none without terrain."""
    ground, surface = field.ground.get(antenna.site), field.study.surface
    if surface.empty or ground is None or not sights:
        return ()
    looked = _look(field, antenna, sights, HORIZON_DEG)
    eye = ground + (antenna.height_m or _EYE_M)
    found: list[SeenName] = []
    for i in looked.near:
        one, off, away = sights[i], float(looked.off[i]), float(looked.away[i])
        if len(found) >= _MOST_NAMES or (not one.name and len(found) >= 2):
            break
        if any(abs(other.off_deg - off) < _APART_DEG for other in found) or abs(off) < _APART_DEG / 2.0:
            continue  # the far end itself stands in the middle
        if not _seen(field, antenna, one, away):
            continue
        foot = float(surface.heights([one.latitude], [one.longitude])[0])
        rise = foot + one.top_m - eye - float(_drop_m(field, np.array([away]))[0])
        up = math.degrees(math.atan2(rise, away))
        found.append(SeenName(one.name, one.kind, off, up, away, one.ground_m or foot, one.private))
    return tuple(sorted(found, key=lambda one: one.off_deg))

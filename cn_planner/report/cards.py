"""Alignment cards: for each antenna where it points, what is seen there, and what level it must have.

Three bands of levels, all of the slowest mode: that is what a radio shows while nobody loads the link
    As planned: within 4 dB of the expected level. Below that, down to what the strongest side lobe of the antenna's own
    pattern would give: look for the main lobe. Still less, by more than 4 dB: something is wrong, not the aim alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.geo import geodesic, geodesics
from cn_planner.links.counted import counted_on
from cn_planner.links.pointing import side_lobe_db
from cn_planner.links.radio import direction, radio_end
from cn_planner.message import Message, msg
from cn_planner.model.plan import HomeKind
from cn_planner.planning.hilltops import Form, places_that_stand_out
from cn_planner.report import words
from cn_planner.report.deployment import AlignmentCard, Landmark
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.model.equipment import Kit
    from cn_planner.planning.hilltops import Hilltop
    from cn_planner.report.deployment import AntennaRecord, HomeRecord, LinkRecord
    from cn_planner.report.radios import Field

_NEAREST_M, _FARTHEST_M = 150.0, 15_000.0
"""Nearer than this a landmark moves with every step on the mast, further away it is not seen in haze."""
_WIDEST_DEG = 20.0
_MOST_LOOKED_AT = 6
_SAMPLES = 48
_HILLTOPS = 80
_AROUND = 0.08
"""Degrees round the sites in which hilltops are looked for."""
_CELLS = 600_000
"""Of the grid on which they are: one of 60 m over 45 km, a third of a degree at 10 km."""
_EYE_M = 2.0
_ROUNDING_DB = 1e-6
AS_PLANNED_DB = 4.0
"""How far a level may be from the expected one on a path in sight: shadow fading there (ITU-R M.2135-1)."""


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


class _Sight(NamedTuple):
    """Something that may be a landmark; ``top_m`` is how high it stands above its ground."""

    name: str
    kind: Message
    latitude: float
    longitude: float
    top_m: float
    ground_m: float | None = None
    private: bool = False
    site: str = ""


def alignment_cards(
    field: Field,
    antennas: Sequence[AntennaRecord],
    links: Sequence[LinkRecord],
    homes: Sequence[HomeRecord],
    hilltops: Sequence[Hilltop],
) -> tuple[AlignmentCard, ...]:
    """Return a card for each antenna, in their order."""
    ends = {(end.site, link.id): end for link in links for end in (link.a, link.b)}
    sights = _sights(field, hilltops)
    landmarks = _landmarks(field, antennas, sights)
    cards = []
    for antenna, landmark in zip(antennas, landmarks, strict=True):
        tested: HomeRecord | None = None
        kit = _kit(field, antenna)
        if antenna.task == "backhaul":
            level = _idle_dbm(field, kit, kit, ends[antenna.site, antenna.id].rsl_dbm)
        else:
            tested = _tested(field, antenna, homes)
            own = field.plan.kits.client if tested is None else field.plan.client_of(field.plan.households[tested.id])
            client = field.kit(own, antenna.freq_mhz, antenna.width_mhz)
            level = _idle_dbm(field, kit, client, None if tested is None else tested.rsl_dbm)
        accept = None if level is None else level - AS_PLANNED_DB
        lobe = None if kit is None else side_lobe_db(field.study.catalogue.antennas[kit.antenna], kit.freq_mhz)
        cards.append(
            AlignmentCard(
                site=antenna.site,
                site_name=field.name(antenna.site),
                antenna=antenna.id,
                task=antenna.task,
                towards=antenna.towards,
                towards_name=field.name(antenna.towards) if antenna.towards else "",
                model=" · ".join(part for part in (antenna.radio, antenna.antenna) if part),
                height_m=antenna.height_m,
                azimuth_deg=antenna.azimuth_deg,
                azimuth_magnetic_deg=antenna.azimuth_magnetic_deg,
                tilt_deg=antenna.tilt_deg,
                freq_mhz=antenna.freq_mhz,
                width_mhz=antenna.width_mhz,
                tx_power_dbm=antenna.tx_power_dbm,
                landmark=landmark,
                tested_with="" if tested is None else tested.name or tested.id,
                tested_at_m=None if tested is None else tested.distance_m,
                expected_dbm=level,
                accept_dbm=accept,
                reject_dbm=None if accept is None else accept - (lobe or 0.0),
            )
        )
    return tuple(cards)


def _kit(field: Field, antenna: AntennaRecord) -> Kit | None:
    """Return the kit of an antenna on its channel; None where the shelf has none of that name."""
    kits, plan = field.plan.kits, field.plan
    if antenna.task == "backhaul":
        key = plan.links[antenna.id].kit or kits.backhaul
    else:
        key = next((one.kit for one in plan.sites[antenna.site].sectors if one.id == antenna.id), "") or kits.access
    return field.kit(key, antenna.freq_mhz, antenna.width_mhz)


def _idle_dbm(field: Field, sender: Kit | None, hearer: Kit | None, level_dbm: float | None) -> float | None:
    """Return the level of the slowest mode where that of the mode counted on is such; None where it is not known."""
    if sender is None or hearer is None or level_dbm is None:
        return level_dbm
    ends = (radio_end(field.study.catalogue, one, field.study.regulations) for one in (sender, hearer))
    way, rules = direction(*ends), field.plan.rules
    reserve = rules.backhaul_margin_db if sender is hearer else rules.access_margin_db
    for mode in range(len(way.mcs) - 1, -1, -1):
        loss = way.level_dbm[mode] - level_dbm
        if int(counted_on(way, np.asarray(loss), reserve - _ROUNDING_DB).mode) == mode:
            return float(way.level_dbm[way.robust] - loss)
    return level_dbm


def turned_deg(azimuth_deg: float, from_deg: float) -> float:
    """Return how far one direction lies from another, positive to the right, in [-180, 180)."""
    return (azimuth_deg - from_deg + 180.0) % 360.0 - 180.0


def _tested(field: Field, antenna: AntennaRecord, homes: Sequence[HomeRecord]) -> HomeRecord | None:
    """Return the home of a sector that lies nearest to its axis, the stronger one of two alike."""
    site = field.plan.sites[antenna.site]
    served = [
        home
        for home in homes
        if home.reached and (home.server, home.sector) == (antenna.site, antenna.id) and home.rsl_dbm is not None
    ]

    def away(home: HomeRecord) -> tuple[float, float, str]:
        path = geodesic(site.latitude, site.longitude, home.latitude, home.longitude)
        return round(abs(turned_deg(path.azimuth_deg, antenna.azimuth_deg))), -(home.rsl_dbm or 0.0), home.id

    return min(served, key=away, default=None)


def _sights(field: Field, hilltops: Sequence[Hilltop]) -> list[_Sight]:
    plan = field.plan
    found = [
        _Sight(
            site.name, msg("place"), site.latitude, site.longitude, site.mast_height_m or _EYE_M,
            field.ground.get(site.id), site=site.id,
        )
        for site in plan.sites.values()
        if site.name
    ]  # fmt: skip
    for home in plan.households.values():
        known = home.kind in {HomeKind.SCHOOL, HomeKind.CLINIC}
        if home.name or known:
            private = home.kind in {HomeKind.HOME, HomeKind.OTHER}
            kind = words.HOME_KINDS[home.kind]
            found.append(_Sight(home.name or home.id, kind, home.latitude, home.longitude, 4.0, private=private))
    for zone in plan.zones.values():
        if zone.name and zone.ring:
            middle = np.asarray(zone.ring).mean(axis=0)
            found.append(_Sight(zone.name, msg("area"), float(middle[0]), float(middle[1]), _EYE_M))
    found += [_Sight("", msg("hilltop"), place.latitude, place.longitude, _EYE_M, place.ground_m) for place in hilltops]
    return found


def _landmarks(field: Field, antennas: Sequence[AntennaRecord], sights: Sequence[_Sight]) -> list[Landmark | None]:
    """Return for each antenna what is seen nearest to its direction; without terrain what lies nearest to it."""
    found: list[Landmark | None] = []
    if not sights:
        return [None] * len(antennas)
    latitude, longitude = np.array([one.latitude for one in sights]), np.array([one.longitude for one in sights])
    for antenna in antennas:
        site = field.plan.sites[antenna.site]
        azimuth, _, away = geodesics(site.latitude, site.longitude, latitude, longitude)
        off = (azimuth - antenna.azimuth_deg + 180.0) % 360.0 - 180.0
        near = [
            i
            for i in np.lexsort((away, np.abs(off))).tolist()
            if _NEAREST_M <= away[i] <= _FARTHEST_M
            and abs(off[i]) <= _WIDEST_DEG
            and sights[i].site not in {antenna.site, antenna.towards}
        ][:_MOST_LOOKED_AT]
        seen = [i for i in near if _seen(field, antenna, sights[i], float(away[i]))]
        if not seen:
            found.append(None)
            continue
        at = seen[0]
        one = sights[at]
        found.append(
            Landmark(one.name, one.kind, float(azimuth[at]), float(off[at]), float(away[at]), one.ground_m, one.private)
        )
    return found


def _seen(field: Field, antenna: AntennaRecord, sight: _Sight, distance_m: float) -> bool:
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

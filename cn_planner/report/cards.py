"""Alignment cards: for each antenna where it points, what is seen there, and what level it must have.

Three bands of levels, all of the slowest mode: that is what a radio shows while nobody loads the link
    As planned: within 4 dB of the expected level. Below that, down to what the strongest side lobe of the antenna's own
    pattern would give: look for the main lobe. Still less, by more than 4 dB: something is wrong, not the aim alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.geo import geodesic
from cn_planner.links.counted import counted_on
from cn_planner.links.pointing import side_lobe_db
from cn_planner.links.radio import direction, radio_end
from cn_planner.report.landmarks import landmarks_of
from cn_planner.report.radios import radio_as_set
from cn_planner.report.tower_records import AlignmentCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.links.radio import Direction
    from cn_planner.model.equipment import Kit
    from cn_planner.report.deployment import AntennaRecord, HomeRecord, LinkRecord
    from cn_planner.report.landmarks import Sighted
    from cn_planner.report.radios import Field

_ROUNDING_DB = 1e-6
AS_PLANNED_DB = 4.0
"""How far a level may be from the expected one on a path in sight: shadow fading there (ITU-R M.2135-1)."""


def alignment_cards(
    field: Field,
    antennas: Sequence[AntennaRecord],
    links: Sequence[LinkRecord],
    homes: Sequence[HomeRecord],
    sights: Sequence[Sighted],
) -> tuple[AlignmentCard, ...]:
    """Return a card for each antenna, in their order."""
    ends = {(end.site, link.id): (end, link.distance_m) for link in links for end in (link.a, link.b)}
    cards = []
    for antenna, landmark in zip(antennas, landmarks_of(field, antennas, sights), strict=True):
        tested: HomeRecord | None = None
        kit, bears = _kit(field, antenna), None
        if antenna.task == "backhaul":
            end, distance_m = ends[antenna.site, antenna.id]
            level = _link_level(field, kit, end.rsl_dbm, distance_m)
            bears = None if kit is None else field.study.catalogue.radios[kit.radio].max_input_dbm
        else:
            tested = _tested(field, antenna, homes)
            own = field.plan.kits.client if tested is None else field.plan.client_of(field.plan.households[tested.id])
            client = field.kit(own, antenna.freq_mhz, antenna.width_mhz)
            level = None if tested is None else tested.rsl_dbm
            if kit is not None and client is not None and level is not None:
                tower, home = (radio_end(field.study.catalogue, one, field.study.regulations) for one in (kit, client))
                level = _idle_dbm(direction(tower, home), field.plan.rules.access_margin_db, level)
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
                bears_dbm=bears,
                caution=antenna.caution,
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


def _link_level(field: Field, kit: Kit | None, level_dbm: float | None, distance_m: float) -> float | None:
    """Return the level to expect at an end of a link.

    None where the far radio must be spared by what the plan does not know yet, as an attenuator.
    """
    if kit is None or level_dbm is None:
        return level_dbm
    end, back = radio_as_set(field, kit, distance_m)
    if back is not None and not back.safe:
        return None
    return _idle_dbm(direction(end, end), field.plan.rules.backhaul_margin_db, level_dbm)


def _idle_dbm(way: Direction, reserve_db: float, level_dbm: float) -> float:
    """Return the level of the slowest mode where that of the mode counted on is such."""
    for mode in range(len(way.mcs) - 1, -1, -1):
        loss = way.level_dbm[mode] - level_dbm
        if int(counted_on(way, np.asarray(loss), reserve_db - _ROUNDING_DB).mode) == mode:
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
        off = 0.0 if antenna.azimuth_deg is None else turned_deg(path.azimuth_deg, antenna.azimuth_deg)
        return round(abs(off)), -(home.rsl_dbm or 0.0), home.id

    return min(served, key=away, default=None)

"""On which sector each home hangs: for papers, addresses and drafts the same by which the judge counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.access import accesses_of_site, heard_by, site_pointing
from cn_planner.geo import geodesics
from cn_planner.links.one_band import sector_of
from cn_planner.model.clients import roof_height_m

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.plan import Household, Site
    from cn_planner.study import Study


def sectors_of_clients(study: Study, clients: Iterable[Household]) -> dict[str, str]:
    """Return the sector on which homes, or places as homes, hang at their tower; empty where it has none.

    It is that which `site_pointing` gives, so it depends on how far up or down a home stands: of two sectors that point
    the same way the one that is tilted to it. Where no ground is known all counts as level, as for the judge. Who has
    no tower is left out.
    """
    plan = study.plan
    by_site: dict[str, list[Household]] = {}
    for one in clients:
        if one.server in plan.sites:
            by_site.setdefault(str(one.server), []).append(one)
    found: dict[str, str] = {}
    for key, homes in by_site.items():
        found |= zip((one.id for one in homes), sectors_at(study, plan.sites[key], homes), strict=True)
    return found


def sectors_at(study: Study, site: Site, homes: list[Household]) -> list[str]:
    """Return the sector of a site on which each home would hang, as `sectors_of_clients`: also of one not yet so."""
    plan, catalogue = study.plan, study.catalogue
    names = sorted(one.id for one in site.sectors)
    if len(names) < 2:
        return ["".join(names)] * len(homes)
    lat, lon = np.array([(home.latitude, home.longitude) for home in homes], np.float64).T
    here = np.full(len(homes), site.latitude), np.full(len(homes), site.longitude)
    azimuth, _, length = geodesics(*here, lat, lon)
    own = [plan.client_of(home) for home in homes]
    if any(one.kit not in catalogue.kits for one in site.sectors):  # of what is off the shelf no pattern is known
        return [sector_of(catalogue, site, *one) for one in zip(azimuth.tolist(), own, strict=True)]
    ground = study.surface.heights(np.append(lat, site.latitude), np.append(lon, site.longitude))
    tops = ground[:-1] + np.array([roof_height_m(plan, home) for home in homes])
    accesses = accesses_of_site(plan, catalogue, site)
    heard = heard_by(catalogue, accesses, own)
    aim = site_pointing(catalogue, accesses, azimuth, length, float(ground[-1]), tops, plan.area.k_factor, heard)
    return [names[n] for n in aim.which.tolist()]

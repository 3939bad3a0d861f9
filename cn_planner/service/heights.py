"""Whom a tower would serve at which height: the rule of `judge` for each mast that it could have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.access import accesses_of_site
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.geo import geodesics
from cn_planner.links.conditions import home_conditions_of
from cn_planner.progress import ALONE
from cn_planner.service.tower import around, hopeful_homes, judged
from cn_planner.service.within_range import access_km

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.access import Access
    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.links.sight import Sight
    from cn_planner.model.plan import Site
    from cn_planner.progress import Run
    from cn_planner.service.roofs import HomeArrays
    from cn_planner.study import Study


def seen_by_height(
    study: Study, homes: HomeArrays, site: Site, heights_m: Sequence[float], *, run: Run = ALONE
) -> NDArray[np.bool_]:
    """Return whom each mast would serve, as (heights, homes); sectors with a height of their own stay there.

    Parameters
    ----------
    study, homes
        What is asked of, and its homes.
    site : Site
        The tower, whatever mast it has.
    heights_m : sequence of float
        The masts.
    run : Run
        On which threads, who is told, who may stop it.

    Raises
    ------
    InputError
        Where a kit is not in the catalogue, or the kits of tower and home have no mode in common.
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    CancelledError
    """
    plan = study.plan
    length = geodesics(site.latitude, site.longitude, homes.latitude, homes.longitude)[2]
    near = np.flatnonzero(length <= access_km(study) * 1000.0)
    if heights_m:
        near = near[hopeful_homes(study, replace(site, mast_height_m=max(heights_m)), homes, near)]
    there = around(study, site, homes.latitude[near], homes.longitude[near], homes.roof_m[near])
    there = there._replace(wanted_mbps=homes.wanted_mbps[near])
    apart = np.flatnonzero(there.distance_m > 0.0)
    row = np.full(len(near), -1, np.int64)
    row[apart] = np.arange(len(apart))
    stood = [replace(site, mast_height_m=height) for height in heights_m]
    wanted: dict[float, set[float]] = {}
    for one in stood:
        for access in accesses_of_site(plan, study.catalogue, one):
            wanted.setdefault(access.freq_mhz, set()).add(access.height_m)
    steps = {freq: sorted(found) for freq, found in wanted.items()}
    tables: dict[float, PairMatrix] = {}

    def paths(access: Access, places: NDArray[np.int64]) -> tuple[NDArray[np.float64], Sight]:
        freq = access.freq_mhz
        if freq not in tables:
            there = near[apart]
            tables[freq] = pair_matrix(
                study.surface,
                ([site.latitude], [site.longitude]),
                (homes.latitude[there], homes.longitude[there]),
                steps[freq],
                homes.roof_m[there, np.newaxis],
                freq,
                home_conditions_of(plan),
                pairs=(np.zeros(len(there), np.int64), np.arange(len(there), dtype=np.int64)),
                needs=False,
                obstacles=tuple(plan.obstacles.values()),
                run=run,
            )
        at = steps[freq].index(access.height_m)
        return tables[freq].loss_db[row[places], at, 0], tables[freq].sight((row[places], at, 0))

    seen = np.zeros((len(heights_m), len(homes)), np.bool_)
    for number, one in enumerate(stood):
        seen[number, near] = judged(study, one, there, paths).served
    return seen

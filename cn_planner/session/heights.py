"""What a higher mast at a site costs and whom it reaches; who is reached is kept for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import UnitCosts
from cn_planner.planning.mast_heights import HeightStep, mast_heights, mast_steps
from cn_planner.progress import ALONE, Run
from cn_planner.service.heights import seen_by_height
from cn_planner.session.cache import digest

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.model.plan import Site
    from cn_planner.session.workspace import Snapshot


def height_steps(
    snapshot: Snapshot, site: Site, served_elsewhere: Collection[str] = (), *, run: Run = ALONE
) -> tuple[HeightStep, ...]:
    """Return what each mast height at a site costs and whom it reaches; see `planning.mast_heights.mast_steps`.

    Raises
    ------
    InputError
        Where a kit is not on the shelf.
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    """
    plan, homes, heights = snapshot.plan, snapshot.homes, mast_heights(snapshot.plan, site)
    reached = np.zeros((len(heights), len(homes)), np.bool_)
    if heights and len(homes):
        key = digest(
            "height steps", snapshot.air_key, snapshot.homes_key, site, plan.rules, plan.demand, plan.kits,
            plan.info.country,
        )  # fmt: skip
        kept = snapshot.cache.get(key)
        if kept is None:
            kept = seen_by_height(snapshot.study, homes, site, heights, run=run.silently())
            snapshot.cache.put(key, kept, kept.nbytes)
        reached = kept
    return mast_steps(UnitCosts(plan, snapshot.catalogue), homes, site, served_elsewhere, reached)

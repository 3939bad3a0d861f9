"""Terrain from the net into a plan: fetched beside it when the user asks, and added as one edit."""

from __future__ import annotations

import math
import shutil
from typing import TYPE_CHECKING

from cn_planner.area.elevation_sources import ElevationSource, GeoBox
from cn_planner.area.elevation_web import DownloadCost, Fetched, cost_to_fetch, fetch_elevation
from cn_planner.area.web import Web
from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.plan import Household, Plan, Site

MARGIN_KM = 5.0
"""Round the outermost place of a plan: a tower of a neighbouring hill, and what stands in the way to it."""
VILLAGE_HALF_KM = 7.5
"""From a village to the sides of the box round it: its valley, and the hills that look into it."""
_KM_A_DEGREE = 111.2


def fetched_box(plan: Plan) -> GeoBox:
    """Return the box that a plan is of, as it says, or that round all its sites and homes, with a margin.

    Raises
    ------
    InputError
        Where there are none.
    """
    if plan.area.box:
        return GeoBox(*plan.area.box)
    things: list[Site | Household] = [*plan.sites.values(), *plan.households.values()]
    if not things:
        raise InputError(
            msg("The plan has no place yet, so nobody knows which terrain it needs."),
            fix=msg("Import homes or sites first, or give a box: south, west, north, east."),
        )
    lats = [one.latitude for one in things]
    return _box_round(lats, [one.longitude for one in things], MARGIN_KM)


def box_round(latitude: float, longitude: float, half_km: float = VILLAGE_HALF_KM) -> GeoBox:
    """Return the box whose sides lie so far from a place, degrees WGS 84."""
    return _box_round([latitude], [longitude], half_km)


def _box_round(lats: list[float], lons: list[float], margin_km: float) -> GeoBox:
    # Round the first place: a village at the antimeridian is no belt round the globe.
    off = [(lon - lons[0] + 180.0) % 360.0 - 180.0 for lon in lons]
    up = margin_km / _KM_A_DEGREE
    aside = min(up / max(math.cos(math.radians(max(map(abs, lats)))), 1e-3), 89.0)
    west, east = (lons[0] + x for x in (min(off) - aside, max(off) + aside))
    return GeoBox(
        max(min(lats) - up, -90.0),
        (west + 180.0) % 360.0 - 180.0,
        min(max(lats) + up, 90.0),
        (east + 180.0) % 360.0 - 180.0,
    )


def look_how_much(
    folder: Path, box: GeoBox, source: ElevationSource, *, server: str = "", run: Run = ALONE
) -> tuple[DownloadCost, int]:
    """Return what the terrain of a box costs to fetch, and how many bytes there is room for beside the plan.

    Raises
    ------
    InputError, FileError, CancelledError
        As `cost_to_fetch`.
    """
    with Web(cancel=run.cancel) as web:
        cost = cost_to_fetch(web, box, source, server, progress=run.progress)
    return cost, shutil.disk_usage(folder).free


def terrain_folder(plan_path: Path) -> Path:
    """Return the folder beside a plan that holds what was fetched for it, and travels with it."""
    return plan_path.resolve().parent / f"{plan_path.name.removesuffix('.cnplan.gpkg')}-terrain"


def fetch_terrain(
    plan: Plan, plan_path: Path, box: GeoBox | None, source: ElevationSource, *, server: str = "", run: Run = ALONE
) -> Fetched:
    """Fetch the terrain of a box, or round the plan's places, into a folder beside the plan.

    Raises
    ------
    InputError
        Where there is neither a box nor a place, or the box is too large.
    FileError
        As `fetch_elevation`.
    CancelledError
        Where the user cancelled; what has come whole stays, and is not fetched again.
    """
    folder = terrain_folder(plan_path)
    with Web(cancel=run.cancel) as web:
        wanted = box or fetched_box(plan)
        found = fetch_elevation(web, wanted, source, folder, server=server, progress=run.progress, cancel=run.cancel)
    if not found.files:
        raise InputError(
            msg("The server has no terrain there: {tiles}.", tiles=", ".join(found.none_at)),
            fix=msg("Is it sea? Check the box, or choose the other source."),
        )
    return found

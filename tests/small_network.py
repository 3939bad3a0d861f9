"""A gateway and three towers in a tree, with homes, on flat ground without trees, for tests of money and work."""

from __future__ import annotations

from typing import Any

import numpy as np

from cn_planner.geo import WGS84
from cn_planner.gis.raster import RasterGrid
from cn_planner.model import edits
from cn_planner.model.plan import (
    Area,
    HomeKind,
    Household,
    Info,
    Link,
    Plan,
    PowerSource,
    Sector,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.terrain.surface import Surface

KIT = "village-sector-5ghz"


def flat_ground() -> Surface:
    """Return the plain on which it stands."""
    step = 0.005
    corner = (step, 0.0, 36.3, 0.0, -step, -1.2)
    return Surface([RasterGrid("plain", np.full((100, 100), 1200.0, np.float32), WGS84, corner, "", "invented", "CC0")])


def small_network(**info: Any) -> Plan:
    """Return G, the gateway, with A and C on it and B on A."""
    sector = (Sector("s1", KIT, 0.0),)
    sites = [
        Site("G", "Town", -1.50, 36.50, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0), mast_height_m=12.0,
             power=PowerSource.GRID, consent="yes"),
        Site("A", "Ash <b>hill</b>", -1.45, 36.55, sectors=sector, mast_height_m=18.0, power=PowerSource.SOLAR),
        Site("B", "Birch", -1.40, 36.60, sectors=sector, mast_height_m=6.0),
        Site("C", "Cedar", -1.55, 36.55, sectors=sector, role=SiteRole.EXISTING, mast_height_m=9.0),
        Site("D", "Not built", -1.60, 36.60),
    ]  # fmt: skip
    homes = [
        Household(f"{tower}{n}", f"Home {n}", site.latitude + 0.001 * n, site.longitude, server=tower, on_pole=n == 1,
                  kind=HomeKind.SCHOOL if n == 2 else HomeKind.HOME)
        for site, tower in zip(sites[1:4], "ABC", strict=True)
        for n in range(1, {"A": 6, "B": 3, "C": 4}[tower])
    ]  # fmt: skip
    links = [Link("G-A", "G", "A"), Link("A-B", "A", "B"), Link("C-G", "C", "G")]
    return edits.put(Plan(info=Info(name="Small", **info), area=Area(canopy_m=0.0)), [*sites, *homes, *links]).plan

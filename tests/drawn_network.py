"""A network on flat ground drawn by a seed, all radios with channels, under a law that has few of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from small_network import KIT, flat_ground

from cn_planner.geo import geodesic
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, Info, Link, Plan, Sector, Site, SiteRole
from cn_planner.service.homes import service
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study


def drawn(seed: int) -> Study:
    """Return a gateway and five towers with sectors and channels, and homes of which a third has no tower yet."""
    lot, surface = np.random.default_rng(seed), flat_ground()
    plan = Plan(info=Info(name="Drawn", country="ES"), area=Area(canopy_m=0.0))
    sites = [Site("G", "Town", -1.50, 36.50, role=SiteRole.GATEWAY, mast_height_m=12.0)]
    for n in range(5):
        north, east = lot.uniform(-3.0, 3.0, 2) / 111.2
        sites.append(Site(f"T{n}", f"Hill {n}", -1.50 + north, 36.50 + east, mast_height_m=12.0))
    sites.append(Site("N", "Not built", -1.50 + lot.uniform(-0.02, 0.02), 36.52))
    turned = lot.uniform(0.0, 360.0, len(sites))
    towers = [
        replace(one, sectors=tuple(
            Sector(f"{one.id}-S{k}", KIT, round(turned[n] + 120.0 * k, 1) % 360.0) for k in range(2 + n % 2)
        ))
        for n, one in enumerate(sites[:-1])
    ]  # fmt: skip
    homes = []
    for n in range(40):
        north, east = lot.uniform(-3.5, 3.5, 2) / 111.2
        at = -1.50 + north, 36.50 + east
        near = min(towers, key=lambda one: geodesic(one.latitude, one.longitude, *at).distance_m)
        homes.append(Household(f"h{n:02}", f"House {n}", *at, server=near.id))
    links = [Link(f"G-{one.id}", "G", one.id) for one in towers[1:]]
    plan = edits.put(plan, [*towers, sites[-1], *homes, *links]).plan
    study = Study(plan, surface, load_catalogue(), load_country_rules("ES"))
    served = {one.home for one in service(study) if one.served}
    alone = [replace(one, server=None) for n, one in enumerate(homes) if n % 3 == 0 or one.id not in served]
    study = replace(study, plan=edits.put(plan, alone).plan)
    given = plan_channels(study).edit
    assert given is not None
    return replace(study, plan=given.plan)

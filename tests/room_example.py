"""A gateway, a tower on one link and eight homes on flat ground, planned with room for year five on some channels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from small_network import flat_ground

from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import Area, Demand, Household, Plan, PowerSource, Rules, Site, SiteRole, Uplink
from cn_planner.planning.design import design
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

if TYPE_CHECKING:
    from cn_planner.model.law import CountryRules

SHELF, GROUND, GATE = load_catalogue(), flat_ground(), (-1.45, 36.55)
TOWN = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 2000.0, 90.0), power=PowerSource.GRID)
BEECH = Site("B", "Beech", *destination(*GATE, 14.0, 6_000.0), power=PowerSource.GRID)
HOMES = [Household(f"h{n}", "", *destination(BEECH.latitude, BEECH.longitude, 4.0 * n, 900.0)) for n in range(8)]
"""All behind one link, and within one beam."""
LINK = "L-B-G"


def law_between(low_mhz: float, high_mhz: float) -> CountryRules:
    """Return Spain's law as if it opened that alone."""
    law = replace(load_country_rules("ES"), country="ES")
    limits = (
        replace(one, low_mhz=max(one.low_mhz, low_mhz), high_mhz=min(one.high_mhz, high_mhz))
        for one in law.limits
        if one.low_mhz < high_mhz and one.high_mhz > low_mhz
    )
    return replace(law, limits=tuple(limits))


def planned_with_room(law: CountryRules | None) -> Study:
    """Return a plan with room for four times today's demand of 8 Mbit/s, on channels of a law."""
    rules = Rules(mast_heights_m=(12.0,), max_sectors=4, cover=1.0, max_access_km=2.0)
    demand = Demand(mbps_per_home=8.0, contention=1.0, growth_pct=300.0, grow_later=True)
    plan = edits.put(Plan(area=Area(canopy_m=0.0), rules=rules, demand=demand), [TOWN, BEECH, *HOMES]).plan
    study = Study(plan, GROUND, SHELF, law)
    made = replace(study, plan=design(study).edit.plan)
    found = plan_channels(made)
    assert not found.not_served, "today all are heard"
    return replace(made, plan=found.edit.plan)

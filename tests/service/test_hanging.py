"""Papers, addresses, channels and limits name the sector by which a home is judged, also where beams differ in tilt.

Two sectors of a mast point nearly the same way: one level, one down at who lives at its foot. By azimuth alone the near
home would hang on the level one, and the far one on that which looks down: 13 dB less than what is printed beside it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import KIT, flat_ground

from cn_planner.links.regulatory_limits import channel_of_roof
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, PlaceKind, Plan, PublicPlace, Sector, Site, SiteRole, Uplink
from cn_planner.planning.heard import _without_idle
from cn_planner.planning.year_five import beams_then
from cn_planner.report.addresses import address_plan
from cn_planner.report.build import build_report
from cn_planner.report.network import network
from cn_planner.service.hanging import sectors_at, sectors_of_clients
from cn_planner.service.homes import service, whole_service
from cn_planner.service.now import sector_loads
from cn_planner.service.places_on_air import places_on_air
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF = load_catalogue()
LEVEL, DOWN = "G-S1", "G-S2"
EXPECTED = {"near": DOWN, "near-2": DOWN, "far": LEVEL}


@pytest.fixture(scope="module")
def study() -> Study:
    sectors = Sector(DOWN, KIT, 2.0, -14.0, freq_mhz=5500.0), Sector(LEVEL, KIT, 0.0, freq_mhz=5560.0)
    uplink = Uplink("fibre", 200.0, 90.0)
    tower = Site("G", "Town", -1.5, 36.5, SiteRole.GATEWAY, mast_height_m=30.0, uplink=uplink, sectors=sectors)
    homes = [
        Household("near", "", -1.499, 36.5, server="G"),  # 111 m due north: nearest to the level beam
        Household("near-2", "", -1.4988, 36.5, server="G"),
        Household("far", "", -1.46, 36.5021, server="G"),  # 4.4 km, at 3 degrees: nearest to the one that looks down
    ]
    well = PublicPlace("well", "Well", -1.4991, 36.5, PlaceKind.WATER, server="G")
    plan = Plan(area=Area(canopy_m=0.0))
    return Study(edits.put(plan, [tower, *homes, well]).plan, flat_ground(), SHELF)


def test_every_list_hangs_a_home_on_the_sector_by_which_it_is_judged(study):
    report = build_report(study, version=1, date="2026-12-01")
    assert {one.id: one.sector for one in report.homes} == EXPECTED
    given = {one.home: one.sector for one in report.home_addresses}
    assert {key: given[key] for key in EXPECTED} == EXPECTED
    assert [sector for key, sector in given.items() if key not in EXPECTED] == [DOWN]  # the well
    said = {one.home: one for one in service(study)}
    assert {key: one.sector for key, one in said.items()} == EXPECTED
    counted = {one.id: one.homes for one in plan_channels(study, keep=True).uses}
    assert counted == {LEVEL: 1.0, DOWN: 2.0}
    assert {one.id: one.homes for one in report.antennas} == counted
    assert {one.id: one.homes for one in report.capacity if one.kind == "sector"} == counted
    now = whole_service(study).now
    assert {key: homes for key, (homes, _) in sector_loads(study.plan, now, study.plan.sites["G"]).items()} == counted
    assert {one.sector for one in places_on_air(study)} == {DOWN}
    freq = {one.id: channel_of_roof(study.plan, SHELF, "G", said[one.id].sector)[0] for one in report.homes}
    assert freq == {one.id: one.freq_mhz for one in report.homes} == {"near": 5500.0, "near-2": 5500.0, "far": 5560.0}


def test_the_level_printed_beside_the_sector_is_that_sector_s_own(study):
    """With that sector alone on the mast it is the same, and with the other alone it is far less."""
    tower = study.plan.sites["G"]
    whole = {one.home: one.level_dbm for one in service(study)}
    alone = {}
    for sector in tower.sectors:
        there = replace(study, plan=edits.put(study.plan, [replace(tower, sectors=(sector,))]).plan)
        alone[sector.id] = {one.home: one.level_dbm for one in service(there)}
    other = {LEVEL: DOWN, DOWN: LEVEL}
    for key, sector in EXPECTED.items():
        assert whole[key] == alone[sector][key]
        assert alone[other[sector]][key] < whole[key] - 6.0


def test_without_ground_all_is_level_and_lists_still_agree(study):
    bare = Study(study.plan, type(study.surface)(()), SHELF)
    hung_on = sectors_of_clients(bare, study.plan.households.values())
    report = build_report(bare, version=1, date="2026-12-01")
    assert {one.id: one.sector for one in report.homes} == hung_on
    given = {one.home: one.sector for one in report.home_addresses}
    assert {key: given[key] for key in hung_on} == hung_on


def test_a_sector_that_serves_homes_is_not_taken_for_idle(study):
    """Who is not served on the channels goes; a beam that others hang on stays, the one that nobody is left on goes."""
    for key, stays in (("far", {DOWN}), ("near", {LEVEL, DOWN})):
        homes = [replace(study.plan.households[key], server=None)]
        left = _without_idle(replace(study, plan=edits.put(study.plan, homes).plan))
        assert {one.id for one in left.sites["G"].sectors} == stays


def test_addresses_by_azimuth_alone_would_be_others(study):
    """What was printed before: the test above is of something."""
    by_azimuth = {one.home: one.sector for one in address_plan(study.plan, network(study.plan, {})).homes}
    assert {key: by_azimuth[key] for key in EXPECTED} == {"near": LEVEL, "near-2": LEVEL, "far": DOWN}


def test_year_five_counts_a_home_with_the_kit_of_the_sector_by_which_it_is_judged(study):
    """The kit that looks down has the two homes at the foot, and the level one the far home: by azimuth the reverse."""
    tower = study.plan.sites["G"]
    mixed = tuple(replace(one, kit="busy-sector-5ghz") if one.id == DOWN else one for one in tower.sectors)
    there = replace(study, plan=edits.put(study.plan, [replace(tower, sectors=mixed)]).plan)
    beams = beams_then(there, whole_service(there).now, "G", there.plan.sites["G"])
    assert {kit: sum(len(one.homes) for one in row) for kit, row in beams.items()} == {KIT: 1, "busy-sector-5ghz": 2}


def test_a_higher_mast_hangs_a_home_where_it_then_looks(study):
    """Asked before it is raised: the same as of the plan in which it is."""
    tower, homes = study.plan.sites["G"], list(study.plan.households.values())
    for height in (30.0, 120.0):
        raised = replace(tower, mast_height_m=height)
        there = replace(study, plan=edits.put(study.plan, [raised]).plan)
        judged = {one.home: one.sector for one in service(there)}
        assert dict(zip([one.id for one in homes], sectors_at(study, raised, homes), strict=True)) == judged

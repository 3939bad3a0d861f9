"""What a user would miss: nobody says that a roof close to its mast is deaf or damaged by the sector over it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from held_power import free_space_db
from small_network import flat_ground

from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, Plan, Sector, Site, SiteRole
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.service.too_near import too_near
from cn_planner.session.check import check_snapshot
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

SHELF, GATE = load_catalogue(), (-1.45, 36.55)
SECTOR, CLIENT = "village-sector-5ghz", "roof-client-5ghz"


def plan_of(*metres: float) -> Plan:
    """Return a mast as high as the roofs with a sector to the north, and homes there so far off."""
    mast = Site("G", "G", *GATE, role=SiteRole.GATEWAY, mast_height_m=6.0, sectors=(Sector("s", SECTOR, 0.0),))
    homes = [
        Household(f"h{n}", "", *destination(*GATE, 0.0, far), antenna_height_m=6.0, server="G")
        for n, far in enumerate(metres)
    ]
    return edits.put(Plan(area=Area(canopy_m=0.0)), [mast, *homes]).plan


def bears_from_m() -> float:
    """Return by hand from how far off a home bears its sector, of the figures on the shelf."""
    tower, home = (SHELF.kit(key) for key in (SECTOR, CLIENT))
    most = max(one.tx_power_dbm for one in SHELF.radios[tower.radio].modes if one.width_mhz == tower.width_mhz)
    level = most + sum(SHELF.antennas[one.antenna].gain_dbi - one.cable_loss_db for one in (tower, home))
    over = level - SHELF.radios[home.radio].max_input_dbm - free_space_db(1000.0, tower.freq_mhz)
    return 1000.0 * 10.0 ** (over / 20.0)


def test_a_home_is_told_to_be_too_near_from_where_the_hand_says_so():
    limit = bears_from_m()
    assert 150.0 < limit < 300.0
    study = Study(plan_of(0.95 * limit, 0.5 * limit, 1.05 * limit), flat_ground(), SHELF)
    down, up = too_near(study)
    assert (down.site, down.home, down.others) == ("G", "h1", 1)  # the nearest is named
    assert "would arrive at Roof client" in str(down.what)
    assert "The same holds for 1 more home of this tower." in str(down.what)
    assert "The sector serves other homes too" in str(down.unfit.fix)
    assert "would arrive at Village sector" in str(up.what)
    bears = math.floor(25.0 - 20.0 * math.log10(limit / (0.5 * limit)))
    assert f"Set the other radio to {bears} dBm or less." in str(up.unfit.fix)
    # Off the beam's middle less arrives: 60 degrees aside take a home beyond what harms it.
    aside = edits.put(study.plan, [replace(study.plan.sites["G"], sectors=(Sector("s", SECTOR, 60.0),))]).plan
    assert [one.home for one in too_near(replace(study, plan=aside))] == ["h1", "h1"]
    assert [one.others for one in too_near(replace(study, plan=aside))] == [0, 0]
    # The panel of its path says the same.
    for key, harmed in (("h0", True), ("h2", False)):
        ends = (PathEnd(0.0, 0.0, None, kind, name) for kind, name in (("site", "G"), ("household", key)))
        assert any("would arrive" in str(one) for one in path_view(study, *ends).budget.warnings) == harmed


def test_a_sector_of_another_band_beside_it_changes_nothing():
    study = Study(plan_of(50.0), flat_ground(), SHELF)
    mast = study.plan.sites["G"]
    both = replace(mast, sectors=(*mast.sectors, Sector("t", "halow-sector-900mhz", 0.0)))
    plan = edits.put(study.plan, [both]).plan
    plan = replace(plan, kits=replace(plan.kits, more_clients="halow-home-900mhz"))
    assert [one.what for one in too_near(replace(study, plan=plan))] == [one.what for one in too_near(study)]
    assert list(too_near(study))


@pytest.mark.parametrize("gone", ["max_input_dbm", "server"])
def test_what_nobody_says_and_whom_no_tower_serves_is_no_finding(gone):
    plan, shelf = plan_of(50.0), SHELF
    if gone == "server":
        plan = edits.put(plan, [replace(plan.households["h0"], server=None)]).plan
    else:
        radios = {key: replace(one, max_input_dbm=None) for key, one in SHELF.radios.items()}
        shelf = replace(SHELF, radios=radios)
    assert list(too_near(Study(plan, flat_ground(), shelf))) == []


def test_check_says_it_of_a_plan_without_terrain(tmp_path: Path):
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="KE") as project:
        made = plan_of(30.0)
        plan = replace(project.plan, sites=made.sites, households=made.households)
        found = check_snapshot(project.workspace.snapshot(plan))
        assert {one.where for one in found if "would arrive" in str(one.what)} == {"h0"}

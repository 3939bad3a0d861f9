"""Sectors of a further kit are suggested where the plan allows them, and bring the homes for the money promised.

On a plain with trees of 12 m: over them 5 GHz reaches a high roof, and no low one; 900 MHz reaches both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cn_planner.geo import destination
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.links.one_band import speaks_with
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import (
    Area,
    Choice,
    Demand,
    Household,
    Info,
    KitChoice,
    Link,
    Plan,
    PowerSource,
    Rules,
    Sector,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.planning.suggestions import SuggestionKind, lock, reject
from cn_planner.session.project import Project
from cn_planner.session.scenarios import scenario_figures
from cn_planner.session.suggestions import suggest

GATE = (-1.45, 36.55)
TOWER, PLACE = destination(*GATE, 90.0, 2500.0), destination(*GATE, 200.0, 3000.0)
SECTOR, HOME = "halow-sector-900mhz", "halow-home-900mhz"
HIGH, LOW = 20.0, 9.0


def village(**rules: object) -> Plan:
    """A gateway and a tower that serve high roofs, a place for another tower, and low roofs round all three."""
    kits = KitChoice(more_clients=HOME)
    sector = Sector("G-S1", kits.access, 90.0)
    sites = [
        Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 1000.0, 90.0), power=PowerSource.GRID,
             mast_height_m=30.0, sectors=(sector,)),
        Site("T", "Tower", *TOWER, power=PowerSource.GRID, mast_height_m=30.0,
             sectors=(replace(sector, id="T-S1", azimuth_deg=0.0),)),
        Site("P", "Place", *PLACE, power=PowerSource.GRID),
    ]  # fmt: skip
    homes = [
        Household("high-g", "", *destination(*GATE, 90.0, 600.0), antenna_height_m=HIGH, server="G"),
        Household("high-t", "", *destination(*TOWER, 0.0, 600.0), antenna_height_m=HIGH, server="T"),
    ]
    for name, at in (("g", GATE), ("t", TOWER), ("p", PLACE)):
        homes += [
            Household(f"low-{name}{n}", "", *destination(*at, way, 400.0 + 150.0 * n), antenna_height_m=LOW)
            for n, way in enumerate((40.0, 80.0, 250.0))
        ]
    return Plan(
        info=Info(), area=Area(canopy_m=12.0), kits=kits, demand=Demand(mbps_per_home=1.0, contention=4.0),
        rules=Rules(**{"mast_heights_m": (20.0, 30.0), "cover": 1.0, "more_access": SECTOR, **rules}),
        sites=Items(sites), households=Items(homes), links=Items([Link("G-T", "G", "T")]),
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "village.cnplan.gpkg", village()) as made:
        plain = np.full((60, 60), 1200.0, np.float32)
        write_geotiff(tmp_path / "plain.tif", plain, "EPSG:4326", (0.005, 0.0, 36.4, 0.0, -0.005, -1.3), None)
        made.add_terrain([tmp_path / "plain.tif"])
        yield made


def of(project: Project, plan: Plan):
    return project.workspace.snapshot(plan)


def without(plan: Plan) -> Plan:
    return replace(plan, rules=replace(plan.rules, more_access=""))


def test_a_sector_on_a_tower_that_stands_and_a_tower_with_it_are_suggested(project: Project) -> None:
    found = {one.id: one for one in suggest(project.snapshot())}
    assert {"sector:G", "sector:T", "mast:P"} <= found.keys()
    name = project.catalogue.kit(SECTOR).name
    for key in ("sector:G", "sector:T", "mast:P"):
        assert name in str(found[key].headline)
        sectors = found[key].edit.plan.sites[found[key].site].sectors
        assert SECTOR in {one.kit for one in sectors}
        stood = project.plan.sites[found[key].site].sectors
        assert sectors[: len(stood)] == stood  # what stands is left as it is
    assert found["sector:G"].kind is SuggestionKind.SECTOR
    assert found["sector:G"].mast_height_m == 30.0
    (usual,) = suggest(of(project, without(project.plan)))  # it reaches the nearest low roof alone
    assert (usual.id, usual.home_ids) == ("mast:P", ("low-p0",))
    assert found["mast:P"].cost / found["mast:P"].homes < usual.cost


@pytest.mark.parametrize(("mast", "kinds"), [(30.0, {"sector", "mast"}), (20.0, {"sector", "raise", "mast"})])
def test_each_brings_the_homes_and_costs_the_money_promised_one_after_the_other(
    project: Project, mast: float, kinds: set[str]
) -> None:
    low = [replace(project.plan.sites[key], mast_height_m=mast) for key in "GT"]
    project.apply(edits.put(project.plan, low))
    reached, seen = 0.0, set[str]()
    for _ in range(6):
        found = suggest(project.snapshot())
        before = scenario_figures(project.snapshot())
        for one in found:
            seen.add(one.kind.value)
            after = scenario_figures(of(project, one.edit.plan))
            assert after.homes - before.homes == pytest.approx(one.homes), one.id
            assert after.cost - before.cost == pytest.approx(one.cost, abs=0.01), one.id
            for key in one.home_ids:
                home = one.edit.plan.households[key]
                kits = [sector.kit for sector in one.edit.plan.sites[one.site].sectors]
                assert any(speaks_with(project.catalogue, kit, one.edit.plan.client_of(home)) for kit in kits), (
                    f"{one.id}: {key}"
                )
        if not found:
            break
        reached += found[0].homes
        project.apply(found[0].edit)
    assert (reached, seen) == (6.0, kinds)
    assert {
        home.client_kit for home in project.plan.households.values() if home.id.startswith("low") and home.server
    } == {HOME}


@pytest.mark.parametrize("most", [1, 2])
def test_a_mast_gets_no_more_sectors_than_the_rules_allow(project: Project, most: int) -> None:
    plan = replace(project.plan, rules=replace(project.plan.rules, max_sectors=most))
    found = suggest(of(project, plan))
    assert {one.id for one in found if one.kind is SuggestionKind.SECTOR} == (
        {"sector:G", "sector:T"} if most > 1 else set()
    )
    for one in found:
        assert len(one.edit.plan.sites[one.site].sectors) <= most
        after = scenario_figures(of(project, one.edit.plan))
        assert after.homes - scenario_figures(of(project, plan)).homes == pytest.approx(one.homes)


def test_what_was_rejected_or_locked_is_not_suggested_again(project: Project) -> None:
    first = next(one for one in suggest(project.snapshot()) if one.id == "sector:G")
    refused = reject(project.plan, first).plan
    assert refused.sites["G"].choice is Choice.LOCKED
    assert refused.sites["G"].sectors == project.plan.sites["G"].sectors
    kept = lock(project.plan, first).plan
    assert kept.sites["G"].sectors == first.edit.plan.sites["G"].sectors
    for plan in (refused, kept):
        found = {one.id for one in suggest(of(project, plan))}
        assert "sector:G" not in found
        assert "sector:T" in found


def test_a_tower_that_looks_for_homes_all_round_gets_none(project: Project) -> None:
    """Its homes would be left without a sector of their own."""
    bare = replace(project.plan.sites["G"], sectors=())
    assert "G" not in {one.site for one in suggest(of(project, edits.put(project.plan, [bare]).plan))}

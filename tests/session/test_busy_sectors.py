"""What a user would miss: a plan for more demand than its sectors carry, and a check that finds nothing wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import (
    Area,
    Household,
    Link,
    PlaceKind,
    Plan,
    PublicPlace,
    Sector,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.planning.too_full import full_sector, full_uplink
from cn_planner.report.build import build_report
from cn_planner.service.now import sector_loads
from cn_planner.session.check import check_snapshot
from cn_planner.session.check_busy import busy_hour
from cn_planner.session.project import Project
from cn_planner.session.service import service_now


def ground_file(ground: Path, heights: np.ndarray) -> Path:
    at = rasterio.Affine(0.001, 0.0, 36.45, 0.0, -0.001, -1.35)
    with rasterio.open(
        ground, "w", "GTiff", width=200, height=200, count=1, dtype="float32", crs="EPSG:4326", transform=at
    ) as file:
        file.write(heights, 1)
    return ground


@pytest.fixture
def project(tmp_path: Path):
    ground = ground_file(tmp_path / "flat.tif", np.full((200, 200), 1200.0, np.float32))
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="KE") as made:
        made.add_terrain([ground])
        sectors = Sector("north", "village-sector-5ghz", 0.0), Sector("south", "village-sector-5ghz", 180.0)
        mast = Site("G", "G", -1.45, 36.55, SiteRole.GATEWAY, mast_height_m=18.0, sectors=sectors)
        homes = [
            Household(key, "", lat, 36.55, server="G") for key, lat in zip("abc", (-1.444, -1.445, -1.456), strict=True)
        ]
        made.apply(edits.put(replace(made.plan, area=Area(canopy_m=0.0)), [mast, *homes]))
        yield made


def test_a_sector_that_has_not_the_time_for_its_homes_is_found(project: Project) -> None:
    """Two share the north; the south is its home's alone, which has all of it however much it takes."""

    def said(mbps: float) -> list[str]:
        demand = replace(project.plan.demand, mbps_per_home=mbps, contention=1.0, growth_pct=0.0)
        now = replace(project.plan, area=Area(canopy_m=0.0), demand=demand)
        return [
            one
            for one in (str(p.what) for p in check_snapshot(project.workspace.snapshot(now)))
            if "of its time" in one
        ]

    rates = service_now(project.snapshot()).down_mbps[:2]
    assert (rates > 60.0).all()
    assert said(20.0) == []
    (found,) = said(60.0)
    assert found.startswith("The sector north of G would need ")
    (pct,) = re.findall(r"need (\d+) %", found)
    assert int(pct) == round(100.0 * sum(60.0 / rates))


def test_a_home_alone_in_a_sector_has_all_of_it_on_paper_and_in_the_check(project: Project) -> None:
    """With the growth of five years it wants more than its sector carries, and takes it from nobody."""
    demand = replace(project.plan.demand, mbps_per_home=40.0, contention=1.0, growth_pct=400.0)
    there = project.workspace.snapshot(replace(project.plan, demand=demand))
    paper = build_report(there.study, version=1, date="2026-12-03")
    rows = {one.id: one for one in paper.capacity if one.kind == "sector"}
    assert rows["south"].load_pct > 150.0
    for said in ([one.what for one in busy_hour(there)], [one.what for one in paper.missing if "busy" in one.key]):
        assert [str(one).split(" of G")[0] for one in said] == ["The sector north"]


def test_it_is_asked_of_large_plans_too(project: Project) -> None:
    """Of more than 500 homes nobody looked."""
    more = [Household(f"n{n}", "", -1.446 + n * 2e-6, 36.55, server="G") for n in range(600)]
    there = project.workspace.snapshot(edits.put(project.plan, more).plan)
    assert [str(one.what).split(" of G")[0] for one in busy_hour(there)] == ["The sector north"]


def test_a_sector_that_has_not_the_time_for_a_clinic_is_found(project: Project) -> None:
    """It stands beside the home in the south, and takes more than that leaves."""

    def said(mbps: float) -> list[str]:
        clinic = PublicPlace("clinic", "", -1.4561, 36.55, PlaceKind.CLINIC, busy_mbps=mbps, server="G")
        demand = replace(project.plan.demand, mbps_per_home=40.0, contention=1.0, growth_pct=0.0)
        now = edits.put(replace(project.plan, area=Area(canopy_m=0.0), demand=demand), [clinic]).plan
        return [
            one
            for one in (str(p.what) for p in check_snapshot(project.workspace.snapshot(now)))
            if "of its time" in one
        ]

    rate = service_now(project.snapshot()).down_mbps[2]
    assert said(10.0) == []
    (found,) = said(90.0)
    assert found.startswith("The sector south of G would need ")
    (pct,) = re.findall(r"need (\d+) %", found)
    assert int(pct) == round(100.0 * (40.0 + 90.0) / rate)


def test_what_the_window_says_of_a_sector_holds_its_clinic(project: Project) -> None:
    """Its panel and `check` go by the same figures; kept ones go with what they depend on."""
    clinic = PublicPlace("clinic", "", -1.4561, 36.55, PlaceKind.CLINIC, busy_mbps=5.0, server="G")

    def busy(now: Plan) -> float:
        snapshot = project.workspace.snapshot(now)
        return sector_loads(now, service_now(snapshot), now.sites["G"])["south"][1]

    without = replace(project.plan, demand=replace(project.plan.demand, growth_pct=0.0))
    beside = edits.put(without, [clinic]).plan
    more = edits.put(beside, [replace(clinic, busy_mbps=9.0)]).plan
    rate = service_now(project.snapshot()).down_mbps[2]
    assert busy(beside) - busy(without) == pytest.approx(100.0 * 5.0 / rate)
    assert busy(more) - busy(without) == pytest.approx(100.0 * 9.0 / rate)
    assert busy(edits.remove(more, "places", ["clinic"]).plan) == busy(without)


def test_a_plan_of_places_alone_needs_no_ground_to_say_that_no_home_is_there(project: Project) -> None:
    clinic = PublicPlace("clinic", "", -1.4561, 36.55, PlaceKind.CLINIC, server="G")
    alone = edits.put(replace(project.plan, households=Items(), terrain=Items()), [clinic]).plan
    assert service_now(project.workspace.snapshot(alone)).placed == ()


def test_a_link_that_a_ridge_blocks_is_found_whose_homes_are_counted(tmp_path: Path) -> None:
    """As after a tower was moved by hand: one home behind it is enough, what it wants is next to nothing."""
    heights = np.full((200, 200), 1200.0, np.float32)
    heights[:, 110:113] = 1500.0
    with Project.new(tmp_path / "b.cnplan.gpkg", name="B", country="KE") as made:
        made.add_terrain([ground_file(tmp_path / "ridge.tif", heights)])
        door = Site("G", "Post office", -1.45, 36.55, SiteRole.GATEWAY, mast_height_m=18.0)
        sector = Sector("all", "village-sector-5ghz", 90.0)
        far = Site("T", "", -1.45, 36.57, mast_height_m=18.0, sectors=(sector,))
        home = Household("a", "", -1.45, 36.575, server="T")
        made.apply(edits.put(replace(made.plan, area=Area(canopy_m=0.0)), [door, far, home, Link("L", "G", "T")]))

        def said() -> list[str]:
            return [str(one.what) for one in check_snapshot(made.snapshot()) if one.where == "L"]

        assert said() == ["The link Post office to T carries 0 Mbit/s; its homes want 1 at the busy hour."]
        made.apply(edits.put(made.plan, [replace(made.plan.links["L"], status=Status.BUILT)]))
        assert said() == []  # it stands, and carries what it carries


@pytest.mark.parametrize(
    ("carries", "wants", "said"),
    [(140.2, 140.4, "carries 140 Mbit/s; its homes want 141"), (139.6, 140.4, "carries 139 Mbit/s; its homes want 141"),
     (140.0, 140.001, "carries 140 Mbit/s; its homes want 141"), (67.6, 70.4, "carries 68 Mbit/s; its homes want 70")],
)  # fmt: skip
def test_what_lacks_a_little_does_not_read_as_enough(project: Project, carries: float, wants: float, said: str) -> None:
    assert said in str(full_uplink(project.plan, "G", carries, wants))
    assert "need 101 %" in str(full_sector(project.plan, "G", "north", 100.2))
    assert "need 180 %" in str(full_sector(project.plan, "G", "north", 180.3))


def test_what_carries_too_little_is_said_wherever_homes_are_counted(project: Project) -> None:
    """More is asked of a plan than when it was made: page one and the list of homes say it as the check does."""
    gate = replace(project.plan.sites["G"], uplink=Uplink("fibre", 100.0, 30.0))
    demand = replace(project.plan.demand, mbps_per_home=60.0, contention=1.0, growth_pct=0.0)
    made = replace(edits.put(project.plan, [gate]).plan, demand=demand)
    said = [str(one.what) for one in busy_hour(project.workspace.snapshot(made))]
    assert said[0] == "The Internet connection at G carries 100 Mbit/s; its homes want 180 at the busy hour."
    assert len(said) == 2
    assert said[1].startswith("The sector north of G would need ")
    assert set(said) <= {str(one.what) for one in check_snapshot(project.workspace.snapshot(made))}
    paper = build_report(project.workspace.snapshot(made).study, version=1, date="2026-12-03")
    assert paper.headline.homes_reached == 3.0
    assert set(said) == {str(one.what) for one in paper.missing if one.key.startswith("busy hour")}
    rows = [one.key.startswith("busy hour") for one in paper.missing]
    # Page one has room for five: one of them stands there, the others after what else is missing.
    assert rows.index(True) < len(rows) - 2
    assert not any(rows[rows.index(True) + 1 : -1])
    assert rows[-1]
    enough = build_report(project.snapshot().study, version=1, date="2026-12-03")
    assert not [one for one in enough.missing if one.key.startswith("busy hour")]


def test_a_link_that_carries_less_than_one_home_should_reach_is_found(tmp_path: Path) -> None:
    """The rate of a home was raised above what the link carries: what its homes want is no more, and too much."""
    with Project.new(tmp_path / "c.cnplan.gpkg", name="C", country="KE") as made:
        made.add_terrain([ground_file(tmp_path / "flat.tif", np.full((200, 200), 1200.0, np.float32))])
        door = Site("G", "G", -1.45, 36.55, SiteRole.GATEWAY, mast_height_m=18.0)
        sector = Sector("all", "village-sector-5ghz", 90.0)
        far = Site("T", "T", -1.45, 36.57, mast_height_m=18.0, sectors=(sector,))
        home = Household("a", "", -1.45, 36.575, server="T")
        made.apply(edits.put(replace(made.plan, area=Area(canopy_m=0.0)), [door, far, home, Link("L", "G", "T")]))

        def said(mbps: float) -> list[str]:
            demand = replace(made.plan.demand, mbps_per_home=mbps, contention=1.0, growth_pct=0.0)
            there = made.workspace.snapshot(replace(made.plan, demand=demand))
            return [str(one.what) for one in busy_hour(there) if one.where == "L"]

        assert said(10.0) == []
        (found,) = said(2000.0)
        assert found.endswith("its homes want 2000 at the busy hour.")

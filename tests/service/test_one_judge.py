"""One answer to who is served: what is printed, listed, drawn and planned agrees, on eleven drawn places.

The answer is worked out anew here, path by path, from the figures of a link's budget alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from cn_planner.geo import WGS84, geodesic, transform
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of, link_conditions_of
from cn_planner.links.pointing import elevations_deg, pointing_loss_db
from cn_planner.links.radio import radio_end
from cn_planner.model.plan import Area, Demand, Household, Info, Link, Plan, Rules, Sector, Site, SiteRole
from cn_planner.planning.design import design
from cn_planner.planning.home_rows import home_rows
from cn_planner.planning.problem import build_problem
from cn_planner.planning.reaching import Reaching, TowerOption
from cn_planner.report.build import build_report
from cn_planner.report.reach import reach_counts as reach_raster
from cn_planner.service.heights import seen_by_height
from cn_planner.service.homes import service
from cn_planner.service.judge import Standing, Why
from cn_planner.service.outlines import outlines
from cn_planner.session.coverage_maps import map_values
from cn_planner.session.live import live_coverage
from cn_planner.session.map_views import Asked, View
from cn_planner.session.project import Project
from cn_planner.session.service import home_now, service_now
from cn_planner.terrain.profile import path_profile

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.session.workspace import Snapshot

CRS, CELL_M, SIDE = "EPSG:32632", 30.0, 240
MIDDLE = 500_000.0, 1_000_000.0
LATTICE = 3
"""The outline's places are every third cell, from the tower's: homes stand on these, so that nothing lies between."""
KIT = "village-sector-5ghz"


@dataclass(frozen=True)
class Place:
    """What is drawn: the ground by its seed (0: flat), towers with their homes, and what the plan asks for."""

    seed: int
    hills_m: float = 0.0
    mbps: float = 10.0
    on_check: bool = False
    margin_db: float = 6.0
    max_km: float = 3.0
    canopy_m: float = 0.0
    azimuths_deg: tuple[float, ...] = ()
    joined: bool = True


PLACES = {
    "flat": Place(1),
    "flat, 200 Mbit/s asked": Place(2, mbps=200.0),
    "flat, little asked, far": Place(3, mbps=0.5, max_km=1.2),
    "flat, sectors that point away": Place(4, azimuths_deg=(0.0, 130.0)),
    "hills": Place(5, hills_m=40.0),
    "hills, what is to be checked counts": Place(6, hills_m=40.0, on_check=True),
    "hills, a margin asked, what is to be checked counts": Place(7, hills_m=30.0, on_check=True, margin_db=22.0),
    "hills, sectors, fast": Place(8, hills_m=25.0, azimuths_deg=(40.0, 160.0, 250.0), mbps=70.0),
    "hills, a tower without a link": Place(9, hills_m=35.0, joined=False),
    "trees, a margin asked, a tower without a link": Place(
        10, hills_m=15.0, canopy_m=9.0, margin_db=12.0, on_check=True, joined=False, azimuths_deg=(90.0, 270.0)
    ),
    "hills, a link behind a ridge": Place(18, hills_m=60.0, mbps=5.0),
}  # fmt: skip

BLOCKED = {"trees, a margin asked, a tower without a link", "hills, a link behind a ridge"}
"""Those with a link over which nothing gets."""


def _ground(one: Place) -> np.ndarray:
    rng = np.random.default_rng(one.seed)
    row, col = np.mgrid[0:SIDE, 0:SIDE] * 1.0
    ground = np.full((SIDE, SIDE), 300.0)
    for _ in range(14):
        r, c, wide, high = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(9, 30), rng.uniform(-1, 1)
        ground += one.hills_m * high * np.exp(-((row - r) ** 2 + (col - c) ** 2) / (2 * wide**2))
    return ground.astype(np.float32)


def _at(cell: tuple[int, int]) -> tuple[float, float]:
    """Return latitude and longitude of the middle of a cell, rows from the north."""
    x = MIDDLE[0] + (cell[1] - SIDE // 2) * CELL_M
    y = MIDDLE[1] - (cell[0] - SIDE // 2) * CELL_M
    lon, lat = transform(CRS, WGS84, [x], [y])
    return float(lat[0]), float(lon[0])


TOWERS = {"G": (120, 120), "A": (120 - 36, 120 + 21), "B": (120 + 24, 120 - 30)}
"""On one lattice of every third cell."""


def _plan(one: Place) -> Plan:
    rng = np.random.default_rng(one.seed + 100)
    sectors = tuple(Sector(f"S{n}", KIT, azimuth) for n, azimuth in enumerate(one.azimuths_deg))
    sites = [
        Site(
            key, f"Tower {key}", *_at(cell), role=SiteRole.GATEWAY if key == "G" else SiteRole.CANDIDATE,
            mast_height_m=12.0, sectors=tuple(replace(sector, id=f"{key}-{sector.id}") for sector in sectors),
        )
        for key, cell in TOWERS.items()
    ]  # fmt: skip
    homes = []
    for n in range(24):
        near = list(TOWERS.values())[n % 3]
        cell = tuple(int(v + LATTICE * d) for v, d in zip(near, rng.integers(-17, 18, 2), strict=True))
        server = rng.choice(["G", "A", "B", "", "gone"], p=[0.3, 0.25, 0.25, 0.15, 0.05])
        homes.append(Household(f"H{n:02}", f"Home {n}", *_at(cell), server=str(server) or None))
    homes.append(Household("H98", "At the mast", sites[1].latitude, sites[1].longitude, server="A"))
    homes.append(Household("H99", "At a mast, left out", sites[2].latitude, sites[2].longitude))
    links = [Link("L1", "G", "A"), *([Link("L2", "A", "B")] if one.joined else [])]
    empty = Plan(
        info=Info(name="Drawn"),
        area=replace(Area(), canopy_m=one.canopy_m),
        demand=replace(Demand(), mbps_per_home=one.mbps),
        rules=replace(Rules(), serve_on_check=one.on_check, access_margin_db=one.margin_db, max_access_km=one.max_km),
    )
    return replace(
        empty, sites=type(empty.sites)(sites), households=type(empty.households)(homes), links=type(empty.links)(links)
    )


@pytest.fixture(scope="module", params=PLACES)
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The place as a plan in a file, with its ground."""
    one = PLACES[request.param]
    folder: Path = tmp_path_factory.mktemp("drawn")
    file = folder / "ground.tif"
    corner = MIDDLE[0] - SIDE // 2 * CELL_M, MIDDLE[1] + SIDE // 2 * CELL_M
    write_geotiff(file, _ground(one)[np.newaxis], CRS, (CELL_M, 0.0, corner[0], 0.0, -CELL_M, corner[1]), float("nan"))
    with Project.create(folder / "drawn.cnplan.gpkg", _plan(one)) as project:
        project.add_terrain([file])
        yield project.snapshot()


class Way(NamedTuple):
    """A path from a tower to a home, as it is worked out here."""

    works: bool
    sure: bool
    """Whether a hair more or less of loss and clearance changes nothing: lattices and maps round."""
    straight: bool
    """Whether it works where the tower's kit points straight at the home."""


def _rule(plan: Plan, budget, *, beam: bool, near: bool) -> bool:
    fine = budget.verdict == "likely" or (plan.rules.serve_on_check and budget.verdict == "check_on_site")
    enough = budget.fade_margin_db is not None and budget.fade_margin_db >= plan.rules.access_margin_db
    return bool(fine and enough and beam and near and budget.rate_down_mbps >= plan.demand.mbps_per_home)


def _way(snapshot: Snapshot, site: Site, home: Household) -> Way:
    plan, air = snapshot.plan, conditions_of(snapshot.plan)
    there = geodesic(site.latitude, site.longitude, home.latitude, home.longitude)
    if there.distance_m == 0.0:
        return Way(True, True, True)
    profile = path_profile(
        snapshot.surface, (site.latitude, site.longitude), (home.latitude, home.longitude), canopy_m=air.canopy_m,
        keep_out_m=air.canopy_keep_out_m,
    )  # fmt: skip
    kit = snapshot.catalogue.kit(KIT)
    antenna = snapshot.catalogue.antennas[kit.antenna]
    tower_end, home_end = (radio_end(snapshot.catalogue, one, snapshot.regulations) for one in (KIT, plan.kits.client))
    mast, roof = site.mast_height_m or 0.0, plan.demand.antenna_height_m
    up = elevations_deg(profile.length_m, profile.ground_m[0] + mast, profile.ground_m[-1] + roof, air.k_factor)
    aims = []
    for sector in site.sectors:
        off = abs((there.azimuth_deg - sector.azimuth_deg + 180.0) % 360.0 - 180.0)
        lost = float(pointing_loss_db(antenna, kit.freq_mhz, sector.azimuth_deg, sector.tilt_deg,
                                      there.azimuth_deg, float(up)))  # fmt: skip
        aims.append((off > antenna.serves_deg / 2.0 + 1.0, lost))
    outside, lost = min(aims, default=(False, 0.0))

    def judged(more_db: float, more_f1: float, lost_db: float, *, beam: bool) -> bool:
        rules = replace(plan.rules, clearance_f1=max(plan.rules.clearance_f1 - more_f1, 0.0))
        budget = link_budget(
            profile, mast, roof, replace(tower_end, pointing_loss_db=lost_db + more_db), home_end, kit.freq_mhz,
            conditions=air, rules=rules,
        )  # fmt: skip
        return _rule(plan, budget, beam=beam, near=there.distance_m <= plan.rules.max_access_km * 1000.0)

    works = judged(0.0, 0.0, lost, beam=not outside)
    by_a_hair = {judged(db, f1, lost, beam=not outside) for db in (-1.0, 1.0) for f1 in (-0.08, 0.08)}
    rim = abs(there.distance_m - plan.rules.max_access_km * 1000.0) < 60.0
    return Way(works, by_a_hair == {works} and not rim, judged(0.0, 0.0, 0.0, beam=True))


@pytest.fixture(scope="module")
def ways(drawn: Snapshot) -> dict[tuple[str, str], Way]:
    """Every path, worked out anew."""
    plan = drawn.plan
    return {
        (site.id, home.id): _way(drawn, site, home) for site in plan.sites.values() for home in plan.households.values()
    }


def _carries(snapshot: Snapshot, link: Link) -> bool:
    """Return whether anything gets through between two towers, worked out anew."""
    plan, air = snapshot.plan, link_conditions_of(snapshot.plan)
    here, there = (plan.sites[key] for key in (link.from_site, link.to_site))
    profile = path_profile(
        snapshot.surface, (here.latitude, here.longitude), (there.latitude, there.longitude), canopy_m=air.canopy_m,
        keep_out_m=air.canopy_keep_out_m,
    )  # fmt: skip
    kit = snapshot.catalogue.kit(plan.kits.backhaul)
    end = radio_end(snapshot.catalogue, kit, snapshot.regulations)
    budget = link_budget(
        profile, here.mast_height_m or 0.0, there.mast_height_m or 0.0, end, end, kit.freq_mhz, conditions=air,
        rules=plan.rules, rate_margin_db=plan.rules.backhaul_margin_db,
    )  # fmt: skip
    return budget.verdict in {"likely", "check_on_site"}


@pytest.fixture(scope="module")
def online(drawn: Snapshot) -> set[str]:
    """The towers that a gateway reaches over links through which something gets."""
    found, links = {"G"}, [link for link in drawn.plan.links.values() if _carries(drawn, link)]
    for _ in links:
        for link in links:
            if {link.from_site, link.to_site} & found:
                found |= {link.from_site, link.to_site}
    return found


@pytest.fixture(scope="module")
def connected(drawn: Snapshot, ways, online) -> set[str]:
    """The homes that the plan serves."""
    return {
        home.id for home in drawn.plan.households.values()
        if home.server in online and ways[home.server, home.id].works
    }  # fmt: skip


def test_where_a_link_is_blocked_nobody_behind_it_counts(drawn: Snapshot, online, request) -> None:
    plan = drawn.plan
    behind = {"G"} | ({"A", "B"} if len(plan.links) == 2 else {"A"})
    assert (request.node.callspec.params["drawn"] in BLOCKED) == (online != behind)
    now = service_now(drawn)
    assert {key for key, up in zip(now.sites, now.online.tolist(), strict=True) if up} == online
    assert now.down == {link.id for link in plan.links.values() if not _carries(drawn, link)}


def test_homes_are_listed_as_the_paths_say(drawn: Snapshot, ways, connected, online) -> None:
    plan = drawn.plan
    found = service(drawn.study)
    now = service_now(drawn)
    rows = {row.home: row for row in home_rows(drawn.study)}
    for number, one in enumerate(found):
        home, seen_by = plan.households[one.home], {key for key in plan.sites if ways[key, one.home].works}
        assert one.served == (one.home in connected), one.reason
        if one.site is not None:
            assert one.works == ways[one.site, one.home].works
            assert home.server in (None, "gone", one.site)
            assert one.works or home.server not in (None, "gone") or not seen_by, "the best tower is one that sees it"
        assert (one.standing >= Standing.SEEN) == bool(seen_by)
        assert one.served or (one.standing >= Standing.COULD_JOIN) <= bool(seen_by & online)
        assert (one.why is Why.NOTHING) == one.served
        assert (one.why is Why.CUT_OFF) <= (one.works and one.site not in online)
        # The arrays of the window, the panel of one home and the table of the command line say the same.
        assert (now.standing[number], now.why[number], now.works[number]) == (one.standing, one.why, one.works)
        assert rows[one.home].served == one.served
        assert rows[one.home].judged == one.site
        assert (rows[one.home].reason is None) == one.served
    for one in found[::5]:
        panel = home_now(drawn, one.home)
        assert (panel.standing, panel.why, panel.site, panel.joins) == (one.standing, one.why, one.site, one.joins)


def test_what_is_printed_is_what_is_listed(drawn: Snapshot, ways, connected) -> None:
    plan = drawn.plan
    report = build_report(drawn.study, version=1, date="2026-03-01")
    assert {home.id for home in report.homes if home.reached} == connected
    assert report.headline.homes_reached == len(connected)
    held = {one.site: one.cells for one in outlines(drawn.study)}
    assert {one.site: one.cells for one in report.outlines}.items() <= held.items()
    raster = reach_raster(report)
    sure = 0
    for home in plan.households.values():
        by = [ways[key, home.id] for key in plan.sites]
        for key, way in zip(plan.sites, by, strict=True):
            if way.sure and home.id < "H90":
                cells = held[key]
                inside = cells is not None and bool(cells.at([home.latitude], [home.longitude])[0])
                assert inside == way.works, (key, home.id)
                sure += 1
        if all(way.sure for way in by) and not any(way.works for way in by) and raster is not None:
            assert _count(raster, home) == 0
    assert sure > 30
    assert (raster is None) == all(one.cells is None for one in report.outlines)


def _count(raster, home: Household) -> int:
    """Return how many towers the raster says at a home; fewer than none outside."""
    a, _, c, _, e, f = raster.transform
    row, column = round((home.latitude - f) / e), round((home.longitude - c) / a)
    inside = 0 <= row < raster.counts.shape[0] and 0 <= column < raster.counts.shape[1]
    return int(raster.counts[row, column]) if inside else 0


def test_the_map_and_the_hand_show_what_is_listed(drawn: Snapshot, ways) -> None:
    plan = drawn.plan
    counted = map_values(drawn, Asked(View.COUNT), radius_m=4000.0)[0]
    for site in plan.sites.values():
        under = live_coverage(drawn, site, radius_m=4000.0)
        for home in plan.households.values():
            if ways[site.id, home.id].sure:
                assert (home.id in under.homes) == ways[site.id, home.id].works, (site.id, home.id)
    sure = 0
    for home in plan.households.values():
        by = [ways[key, home.id] for key in plan.sites]
        if all(way.sure for way in by) and home.id < "H90":
            x, y = transform(WGS84, counted.grid.crs, [home.longitude], [home.latitude])
            row, column = (round(float(v[0])) for v in counted.grid.to_cell(x, y))
            assert counted.bands[0, row, column] == sum(way.works for way in by), home.id
            sure += 1
    assert sure > 8


def test_a_mast_as_it_stands_fixes_and_the_planners_tables_see_the_same(drawn: Snapshot, ways) -> None:
    plan, homes = drawn.plan, list(drawn.plan.households.values())
    towers = [TowerOption(site, (12.0,), True) for site in plan.sites.values()]
    reaching = Reaching(drawn.study, towers, homes, len(homes), [plan.kits.access])
    problem = build_problem(drawn.study)
    level = problem.height_index(12.0)
    site_at = {site.id: n for n, site in enumerate(problem.sites)}
    home_at = {home.id: n for n, home in enumerate(problem.homes)}
    for number, (key, site) in enumerate(plan.sites.items()):
        by_height = seen_by_height(drawn.study, drawn.homes, site, [12.0])[0]
        assert dict(zip(drawn.homes.ids, by_height.tolist(), strict=True)) == {
            h.id: ways[key, h.id].works for h in homes
        }
        mine = reaching.homes_of(number)
        good = dict(zip(mine.tolist(), reaching.judge(number, site, mine).good.tolist(), strict=True))
        for n, home in enumerate(homes):
            if (site.latitude, site.longitude) != (home.latitude, home.longitude):
                assert good.get(n, False) == ways[key, home.id].works
                pair = problem.pair_of.get((site_at[key], home_at[home.id]))
                assert (pair is not None and bool(problem.access_works[pair, level])) == ways[key, home.id].straight


def test_what_is_planned_is_connected(drawn: Snapshot) -> None:
    found = design(drawn.study)
    if found.edit is None:
        return
    made = drawn.workspace.snapshot(found.edit.plan)
    planned = {home.id for home in made.plan.households.values() if home.server is not None}
    assert planned == {one.home for one in service(made.study) if one.served}
    for key in planned:
        home = made.plan.households[key]
        assert _way(made, made.plan.sites[str(home.server)], home).works
    assert found.served == len(planned)


def test_where_more_is_asked_than_any_radio_gives_no_outline_holds_anybody(drawn: Snapshot, ways, connected) -> None:
    if drawn.plan.demand.mbps_per_home < 200.0:
        return
    assert not [key for key, way in ways.items() if way.works and key[1] < "H90"]
    assert connected == {"H98"}, "by cable"

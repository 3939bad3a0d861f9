"""What follows the hand says what the full answer says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.coverage.quick import LIKELY
from cn_planner.errors import CancelledError, InputError, MissingTerrainError
from cn_planner.geo import WGS84, geodesic, transform
from cn_planner.links.budget import budget_arrays
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.model import edits
from cn_planner.model.evidence import Evidence, Seen
from cn_planner.model.plan import Obstacle, Sector
from cn_planner.progress import CancelToken, Run
from cn_planner.service.path_view import PathEnd, PathState
from cn_planner.session import live
from cn_planner.session.link_view import link_view
from cn_planner.session.live import coverage_of_sites, live_coverage
from cn_planner.session.project import Project
from cn_planner.session.service import reach_of


def places(found, rows, columns):
    a, b, c, d, e, f = found.transform
    lon, lat = transform(found.crs, WGS84, a * columns + b * rows + c, d * columns + e * rows + f)
    return np.asarray(lat), np.asarray(lon)


@pytest.mark.parametrize("key", ["C01", "C05", "G01"])
@pytest.mark.parametrize("canopy", [0.0, 8.0])
def test_likely_on_the_map_is_likely_on_the_profile(valley: Project, key: str, canopy: float) -> None:
    plan = edits.change_section(valley.plan, "area", canopy_m=canopy).plan
    snapshot = valley.workspace.snapshot(plan)
    site = replace(plan.sites[key], mast_height_m=18.0)
    found = live_coverage(snapshot, site)
    rng = np.random.default_rng(7)
    rows, columns = (rng.integers(0, size, 3000) for size in found.classes.shape)
    lat, lon = places(found, rows, columns)
    kit = snapshot.catalogue.kit(plan.kits.access)
    matrix = pair_matrix(
        snapshot.surface, ([site.latitude], [site.longitude]), (lat, lon), [18.0], [plan.demand.antenna_height_m],
        kit.freq_mhz, conditions_of(plan), max_km=15.0,
    )  # fmt: skip
    ends = (
        radio_end(snapshot.catalogue, kit, snapshot.regulations),
        radio_end(snapshot.catalogue, plan.kits.client, snapshot.regulations),
    )
    budget = budget_arrays(matrix.loss_db[:, 0, 0], matrix.sight(np.s_[:, 0, 0]), *ends, plan.rules)
    likely = (budget.verdict == VERDICTS.index(Verdict.LIKELY)) & (budget.rate_down_mbps >= plan.demand.mbps_per_home)
    shown = found.classes[rows[matrix.second], columns[matrix.second]] == LIKELY
    assert likely.any()
    assert np.mean(likely != shown) < (0.02 if canopy == 0.0 else 0.05)  # how tall trees are is not in the map


def test_the_homes_under_the_hand_are_those_of_the_full_answer(network: Project) -> None:
    snapshot = network.snapshot()
    for site in network.plan.sites.values():
        tower = replace(site, mast_height_m=18.0)
        full = reach_of(snapshot, tower)
        ids = {snapshot.homes.ids[n] for n in full.home[full.answer.served]}
        found = live_coverage(snapshot, tower)
        assert set(found.homes) == ids
        assert found.weight == pytest.approx(snapshot.homes.weight[full.home[full.answer.served]].sum())


def test_a_tree_seen_on_site_counts_under_the_hand(network: Project) -> None:
    tower = network.plan.sites["C01"]
    before = live_coverage(network.snapshot(), tower)
    home = network.plan.households[before.homes[0]]
    wall = Obstacle("wall", home.latitude + 0.0002, home.longitude, height_m=80.0, radius_m=60.0)
    network.apply(edits.put(network.plan, [wall]))
    assert before.homes[0] not in live_coverage(network.snapshot(), tower).homes


def test_what_was_seen_counts_under_the_hand_where_homes_are_many(network: Project, monkeypatch) -> None:
    monkeypatch.setattr(live, "EXACT_HOMES", 0)
    site = network.plan.sites["G01"]
    reached = live_coverage(network.snapshot(), site, live=False).homes
    hidden = reached[0]
    network.apply(edits.put(network.plan, [Evidence("e", hidden, site.id, Seen.HIDDEN, date="2026-11-03")]))
    assert live_coverage(network.snapshot(), site, live=False).homes == tuple(one for one in reached if one != hidden)


def test_a_sector_covers_where_it_points(valley: Project) -> None:
    site = replace(valley.plan.sites["C01"], mast_height_m=18.0)
    for azimuth in (0.0, 90.0, 200.0):
        sector = Sector("S1", valley.plan.kits.access, azimuth)
        found = live_coverage(valley.snapshot(), replace(site, sectors=(sector,)))
        kit = valley.catalogue.kit(sector.kit)
        half = valley.catalogue.antennas[kit.antenna].serves_deg / 2.0
        rows, columns = np.nonzero(found.classes)
        lat, lon = places(found, rows[::97], columns[::97])
        off = [
            abs((geodesic(site.latitude, site.longitude, a, b).azimuth_deg - azimuth + 180.0) % 360.0 - 180.0)
            for a, b in zip(lat.tolist(), lon.tolist(), strict=True)
            if geodesic(site.latitude, site.longitude, a, b).distance_m > 100.0
        ]
        assert len(off) > 20
        assert max(off) <= half + 2.0


def test_the_corners_hold_the_raster(valley: Project) -> None:
    found = live_coverage(valley.snapshot(), replace(valley.plan.sites["C05"], mast_height_m=12.0))
    rows, columns = found.classes.shape
    lat, lon = places(found, np.array([-0.5, rows - 0.5]), np.array([-0.5, columns - 0.5]))
    assert found.corners[0] == pytest.approx((lat[0], lon[0]))
    assert found.corners[2] == pytest.approx((lat[1], lon[1]))


def test_the_same_tower_gives_the_same_bits_with_any_threads(valley: Project) -> None:
    from cn_planner.jobs import tile_pool

    site = replace(valley.plan.sites["C05"], mast_height_m=12.0)
    one, four = (live_coverage(valley.snapshot(), site, run=Run(tile_pool(n))) for n in (1, 4))
    assert one.classes.tobytes() == four.classes.tobytes()


def test_a_tower_beyond_the_ground_is_said(valley: Project) -> None:
    with pytest.raises(MissingTerrainError, match="no terrain") as told:
        live_coverage(valley.snapshot(), replace(valley.plan.sites["C05"], latitude=20.0))
    assert told.value.fix is not None


def test_cancel_stops_between_the_parts(valley: Project) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        live_coverage(valley.snapshot(), replace(valley.plan.sites["C05"], mast_height_m=12.0), run=Run(cancel=token))


def test_towers_that_stand_are_computed_once(network: Project) -> None:
    first = coverage_of_sites(network.snapshot())
    tower = network.plan.sites["C02"]
    network.apply(edits.put(network.plan, [replace(tower, mast_height_m=24.0)]))
    second = coverage_of_sites(network.snapshot())
    assert second["C01"] is first["C01"]
    assert second["C02"] is not first["C02"]
    np.testing.assert_array_equal(second["C01"].classes, first["C01"].classes)


def test_what_a_window_holds_of_towers_that_stand_is_packed(network: Project) -> None:
    """Some 0.8 MB each else: 30 MB in a plan of 38 towers, and as much again while they are asked for anew."""
    site = network.plan.sites["C02"]
    kept = coverage_of_sites(network.snapshot())["C02"]
    fresh = live_coverage(network.snapshot(), site, live=False)
    np.testing.assert_array_equal(kept.classes, fresh.classes)
    assert kept.shape == fresh.classes.shape == fresh.shape
    assert len(kept.held) < fresh.classes.nbytes / 10


# The path under the hand


def end(kind: str, key: str, height_m: float | None = None) -> PathEnd:
    return PathEnd(0.0, 0.0, height_m, kind, key)


def test_the_parts_of_a_path_are_the_whole_path(network: Project) -> None:
    view = link_view(network.snapshot(), end("site", "C01"), end("site", "C05"))
    assert view.segments[0].start == 0.0
    for a, b in pairwise(view.segments):
        assert a.end == b.start
        assert a.state is not b.state
    assert all(
        a.end == b.start and a.state is not b.state for a, b in zip(view.segments, view.segments[1:], strict=False)
    )
    states = {one.state for one in view.segments}
    assert (PathState.BLOCKED in states) is (view.budget.clearance_m < 0.0)


def test_higher_ends_clear_the_path_that_the_fix_names(network: Project) -> None:
    low = link_view(network.snapshot(), end("site", "C01", 2.0), end("site", "C05", 2.0))
    needed = low.budget.height_needed_from_m
    assert needed is not None
    high = link_view(network.snapshot(), end("site", "C01", needed + 0.01), end("site", "C05", 2.0))
    assert {one.state for one in high.segments} == {PathState.CLEAR}


def test_a_bare_point_and_a_home_have_heights_and_kits(network: Project) -> None:
    plan = network.plan
    home = next(iter(plan.households))
    place = plan.sites["C05"]
    to_home = link_view(network.snapshot(), end("site", "C01"), end("household", home))
    assert to_home.kits == (plan.kits.access, plan.kits.client)
    assert to_home.b.height_m == plan.demand.antenna_height_m
    assert to_home.names[1] == plan.households[home].name
    bare = link_view(network.snapshot(), PathEnd(place.latitude, place.longitude), end("site", "G01"))
    assert bare.a.height_m == 10.0
    assert bare.kits == (plan.kits.backhaul, plan.kits.backhaul)


def test_an_obstacle_of_the_plan_stands_on_the_path(network: Project) -> None:
    a, b = network.plan.sites["G01"], network.plan.sites["C01"]
    middle = (a.latitude + b.latitude) / 2.0, (a.longitude + b.longitude) / 2.0
    network.apply(edits.put(network.plan, [Obstacle("o", *middle, height_m=400.0, radius_m=50.0)]))
    view = link_view(network.snapshot(), end("site", "G01"), end("site", "C01"))
    assert view.budget.verdict is not Verdict.LIKELY
    blocked = [one for one in view.segments if one.state is PathState.BLOCKED]
    assert any(one.start < 0.5 < one.end for one in blocked)


def test_the_same_place_twice_is_no_path(network: Project) -> None:
    with pytest.raises(InputError, match="same place"):
        link_view(network.snapshot(), end("site", "G01"), end("site", "G01"))

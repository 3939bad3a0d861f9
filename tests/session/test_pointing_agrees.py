"""One number for what a sector gives a home: in its link, the service, under the hand, on the map, by the planner."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cn_planner.coverage.access import access_of, accesses_of_site, site_pointing
from cn_planner.coverage.quick import LIKELY
from cn_planner.geo import WGS84, geodesics, transform
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.pointing import elevations_deg, pointing_loss_db
from cn_planner.links.radio import radio_end
from cn_planner.links.verdict import Verdict
from cn_planner.model import edits
from cn_planner.model.clients import roof_height_m
from cn_planner.model.equipment import Antenna, AntennaPattern, Source
from cn_planner.model.plan import Sector
from cn_planner.planning.design import design
from cn_planner.service.homes import service
from cn_planner.service.outlines import outlines
from cn_planner.service.path_terms import terms
from cn_planner.service.path_view import PathEnd
from cn_planner.session.link_view import link_view
from cn_planner.session.live import live_coverage
from cn_planner.session.project import Project
from cn_planner.session.service import hidden_now, reach_of, service_now
from cn_planner.solver.sectors import beams
from cn_planner.terrain.profile import path_profile


def with_sectors(project: Project, *sectors: Sector, key: str = "C01") -> Project:
    site = replace(project.plan.sites[key], sectors=tuple(sectors))
    project.apply(edits.put(project.plan, [site]))
    return project


@pytest.fixture
def turned(network: Project) -> Project:
    """A tower whose one sector looks past some of its homes, and down."""
    kit = network.plan.kits.access
    return with_sectors(network, Sector("S1", kit, 200.0, -3.0))


def margins(project: Project) -> dict[str, float]:
    snapshot = project.snapshot()
    found = reach_of(snapshot, project.plan.sites["C01"])
    return {snapshot.homes.ids[n]: m for n, m in zip(found.home.tolist(), found.answer.margin_db.tolist(), strict=True)}


def held(project: Project) -> dict[str, float]:
    """What the slowest mode has to spare: it is the same mode everywhere."""
    snapshot = project.snapshot()
    found = reach_of(snapshot, project.plan.sites["C01"])
    return {
        snapshot.homes.ids[n]: m for n, m in zip(found.home.tolist(), found.answer.fallback_db.tolist(), strict=True)
    }


def test_link_service_and_reach_say_the_same_of_a_home(turned: Project) -> None:
    plan, snapshot = turned.plan, turned.snapshot()
    site, by_reach = plan.sites["C01"], margins(turned)
    homes = [replace(home, server="C01") for home in plan.households.values() if home.id in by_reach][::3]
    turned.apply(edits.put(plan, homes))
    by_service = {one.home: one for one in service(turned.snapshot().study)}
    lost = []
    for home in homes:
        view = link_view(
            turned.snapshot(), PathEnd(0, 0, None, "site", "C01"), PathEnd(0, 0, None, "household", home.id)
        )
        back = link_view(
            turned.snapshot(), PathEnd(0, 0, None, "household", home.id), PathEnd(0, 0, None, "site", "C01")
        )
        lost.append(view.pointing_db[0])
        assert view.pointing_db == pytest.approx(back.pointing_db[::-1], abs=1e-6)
        assert view.budget.fade_margin_db == pytest.approx(by_reach[home.id], abs=1e-6)
        assert by_service[home.id].margin_db == pytest.approx(by_reach[home.id], abs=1e-6)
        assert by_service[home.id].budget.fade_margin_db == pytest.approx(by_reach[home.id], abs=1e-6)
        for one in terms(turned.snapshot().study, view):
            parts = one.power_dbm + one.antennas_db + one.cables_db + one.distance_db + one.ridge_db + one.trees_db
            assert parts == pytest.approx(one.arrives_dbm, abs=1e-9)
        there = access_of(plan, snapshot.catalogue, site, view.profile.azimuth_deg, -2.0)
        assert (there.kit, there.aimed) == (plan.kits.access, True)
    assert max(lost) > 10.0
    assert min(lost) < 6.0  # within the width that the sector serves: 6 dB at its edges


def test_a_home_off_the_beam_gets_less_by_just_the_pattern(turned: Project) -> None:
    before = held(turned)
    site = turned.plan.sites["C01"]
    straight = with_sectors(turned)  # no sector: pointed at whoever is asked for
    snapshot = straight.snapshot()
    antenna = snapshot.catalogue.antennas[snapshot.catalogue.kit(straight.plan.kits.access).antenna]
    for home, margin in held(straight).items():
        row = straight.plan.households[home]
        azimuth, _, length = geodesics(site.latitude, site.longitude, row.latitude, row.longitude)
        ground = snapshot.surface.heights([site.latitude, row.latitude], [site.longitude, row.longitude])
        up = elevations_deg(
            length,
            ground[0] + site.mast_height_m,
            ground[1] + roof_height_m(straight.plan, row),
            conditions_of(straight.plan).k_factor,
        )
        lost = pointing_loss_db(
            antenna, snapshot.catalogue.kit(straight.plan.kits.access).freq_mhz, 200.0, -3.0, azimuth, up
        )
        assert margin - before[home] == pytest.approx(float(np.squeeze(lost)), abs=1e-6)


def test_the_tower_under_the_hand_and_the_full_answer_reach_the_same_homes(network: Project) -> None:
    kit = network.plan.kits.access
    for sectors in (
        [Sector("S1", kit, 200.0, -3.0)],
        [Sector("S1", kit, 20.0, -8.0), Sector("S2", kit, 140.0), Sector("S3", kit, 260.0, 5.0)],
    ):
        project = with_sectors(network, *sectors)
        snapshot, tower = project.snapshot(), project.plan.sites["C01"]
        full = reach_of(snapshot, tower)
        found = live_coverage(snapshot, tower)
        assert set(found.homes) == {snapshot.homes.ids[n] for n in full.home[full.answer.served]}


def test_the_map_falls_off_with_the_pattern(network: Project) -> None:
    # Where the map says likely, the link with the sector's own gain there is likely too.
    kit = network.plan.kits.access
    network.apply(edits.change_section(network.plan, "demand", mbps_per_home=80.0))
    project = with_sectors(network, Sector("S1", kit, 200.0, 40.0))
    snapshot, tower = project.snapshot(), project.plan.sites["C01"]
    level = live_coverage(snapshot, replace(tower, sectors=(Sector("S1", kit, 200.0, -1.0),)))
    steep = live_coverage(snapshot, tower)
    assert (steep.classes == LIKELY).sum() < (level.classes == LIKELY).sum()
    rows, columns = np.nonzero(steep.classes == LIKELY)
    pick = np.random.default_rng(5).integers(0, len(rows), 60)
    a, b, c, d, e, f = steep.transform
    lon, lat = transform(
        steep.crs, WGS84, a * columns[pick] + b * rows[pick] + c, d * columns[pick] + e * rows[pick] + f
    )
    access = accesses_of_site(project.plan, snapshot.catalogue, tower)[0]
    ends = (
        radio_end(snapshot.catalogue, kit, snapshot.regulations),
        radio_end(snapshot.catalogue, project.plan.kits.client, snapshot.regulations),
    )
    good = 0
    for latitude, longitude in zip(np.asarray(lat).tolist(), np.asarray(lon).tolist(), strict=True):
        profile = path_profile(
            snapshot.surface,
            (tower.latitude, tower.longitude),
            (latitude, longitude),
            canopy_m=conditions_of(project.plan).canopy_m,
            keep_out_m=conditions_of(project.plan).canopy_keep_out_m,
        )
        aim = site_pointing(
            snapshot.catalogue,
            [access],
            np.array([profile.azimuth_deg]),
            np.array([profile.length_m]),
            float(profile.ground_m[0]),
            np.array([profile.ground_m[-1] + project.plan.demand.antenna_height_m]),
            conditions_of(project.plan).k_factor,
        )
        budget = link_budget(
            profile,
            access.height_m,
            project.plan.demand.antenna_height_m,
            replace(ends[0], pointing_loss_db=float(aim.loss_db[0])),
            ends[1],
            access.freq_mhz,
            conditions=conditions_of(project.plan),
            rules=project.plan.rules,
        )
        good += budget.verdict is Verdict.LIKELY and min(budget.rate_down_mbps, budget.rate_up_mbps) >= 80.0
    assert good >= 0.85 * len(pick)  # the sweep is quick, not exact: `coverage.quick` says how far


def test_an_outline_is_within_its_beams(turned: Project) -> None:
    snapshot = turned.snapshot()
    one = next(o for o in outlines(snapshot.study) if o.site == "C01")
    site = turned.plan.sites["C01"]
    ring = np.array([point for part in one.rings for point in part])
    azimuth, _, length = geodesics(site.latitude, site.longitude, ring[:, 0], ring[:, 1])
    far = length > 500.0
    assert far.any()
    assert (np.abs((azimuth[far] - 200.0 + 180.0) % 360.0 - 180.0) < 75.0).all()


@pytest.mark.parametrize("mbps", [10.0, 70.0, 100.0])
def test_what_the_planner_promises_is_what_the_plan_then_gives(valley: Project, mbps: float) -> None:
    # With much asked for, homes have little to spare, and where sectors point decides who is served.
    valley.apply(
        edits.remove(valley.plan, "households", [key for n, key in enumerate(valley.plan.households) if n % 2])
    )
    valley.apply(edits.change_section(valley.plan, "demand", mbps_per_home=mbps, contention=500.0))
    snapshot = valley.snapshot()
    found = design(snapshot.study)
    assert found.edit is not None
    valley.apply(found.edit)
    given = {one.home: one for one in service(valley.snapshot().study)}
    promised = [link for link in found.links if link.kind == "access" and link.fade_margin_db is not None]
    assert promised
    for link in promised:
        home = given[link.to_id]
        assert home.served, home.reason
        # Where beams overlap a home is spoken to by the one that gives it most.
        assert home.rate_down_mbps >= link.rate_down_mbps - 1e-6
        faster = home.rate_down_mbps + home.rate_up_mbps > link.rate_down_mbps + link.rate_up_mbps + 1e-6
        assert faster or home.margin_db >= link.fade_margin_db - 1e-6  # a faster mode has a margin of its own
    assert sum(
        given[link.to_id].margin_db == pytest.approx(link.fade_margin_db, abs=1e-6) for link in promised
    ) > 0.8 * len(promised)
    now = service_now(valley.snapshot())
    assert now.connected_weight == pytest.approx(found.served)


def test_a_home_with_nothing_to_spare_is_in_the_middle_of_its_beam() -> None:
    found = beams([0.0, 50.0, 100.0], [0.1] * 3, 120.0)
    assert [beam.azimuth_deg for beam in found] == [50.0]
    (one,) = beams([0.0, 50.0, 100.0], [0.1] * 3, 120.0, [60.0, 60.0, 45.0])
    assert one.azimuth_deg == pytest.approx(55.0)
    two = beams([0.0, 50.0, 100.0], [0.1] * 3, 120.0, [5.0, 60.0, 5.0])
    assert len(two) == 2
    for beam in two:
        assert all(abs(beam.azimuth_deg - [0.0, 50.0, 100.0][h]) <= [5.0, 60.0, 5.0][h] + 1e-9 for h in beam.homes)


def test_a_measured_pattern_takes_the_place_of_the_reference() -> None:
    cut = tuple(-min(24.0 * (min(a, 360 - a) / 60.0) ** 2, 40.0) for a in range(360))
    plain = Antenna("a", "A", "m", (5000.0, 6000.0), 16.0, 60.0, 60.0, Source("t", "p"))
    narrow = replace(plain, pattern=AntennaPattern("file", 15.0, cut, cut))
    assert pointing_loss_db(narrow, 5500.0, 10.0, 0.0, 40.0, 0.0) == pytest.approx(6.0, abs=1e-9)
    assert pointing_loss_db(plain, 5500.0, 10.0, 0.0, 10.0, 0.0) == pytest.approx(0.0, abs=1e-12)


def test_what_assumed_trees_hide_is_what_is_seen_without_them(network: Project) -> None:
    def seen(canopy_m: float) -> set[str]:
        network.apply(edits.change_section(network.plan, "area", canopy_m=canopy_m))
        now = service_now(network.snapshot())
        return {home for home in network.plan.households if now.standing[now.homes.number[home]] > 0}

    bare, tall = seen(0.0), seen(25.0)
    hidden = hidden_now(network.snapshot())
    assert hidden == sum(network.plan.households[home].weight for home in bare - tall)
    assert hidden > 0.0
    seen(0.0)
    assert hidden_now(network.snapshot()) == 0.0

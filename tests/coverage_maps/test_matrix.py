"""Pairs: the same numbers as a link's budget, whatever the way they are asked for."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cn_planner.coverage.matrix import near_pairs, pair_matrix
from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.model.plan import Obstacle
from cn_planner.progress import Run
from cn_planner.terrain.profile import path_profile


@pytest.fixture(scope="module")
def valley(sample_ground):
    plan, surface = sample_ground
    masts = {"G01": 18.0, "C02": 12.0, "C05": 24.0}
    sites = [dataclasses.replace(plan.sites[key], mast_height_m=height) for key, height in masts.items()]
    homes = list(plan.households.values())[::6]
    return dataclasses.replace(
        plan,
        sites=plan.sites.changed(sites),
        households=type(plan.households)(homes),
        obstacles=plan.obstacles.changed(
            [Obstacle("O1", homes[0].latitude + 0.001, homes[0].longitude, 18.0, radius_m=60.0)]
        ),
    ), surface


def _lists(plan):
    sites = [s for s in plan.sites.values() if s.in_network]
    homes = list(plan.households.values())
    return (
        sites,
        homes,
        tuple(
            (np.array([t.latitude for t in things]), np.array([t.longitude for t in things]))
            for things in (sites, homes)
        ),
    )


def test_a_pair_has_the_numbers_of_its_link(valley):
    plan, surface = valley
    sites, homes, (first, second) = _lists(plan)
    conditions = conditions_of(plan)
    obstacles = tuple(plan.obstacles.values())
    steps = (6.0, 30.0)
    matrix = pair_matrix(surface, first, second, steps, [5.0, 8.0], 5800.0, conditions, max_km=6.0, obstacles=obstacles)
    assert len(matrix) > 10
    assert (matrix.distance_m <= 6000.0).all()
    for p in range(0, len(matrix), 7):
        site, home = sites[matrix.first[p]], homes[matrix.second[p]]
        profile = path_profile(
            surface,
            (site.latitude, site.longitude),
            (home.latitude, home.longitude),
            canopy_m=conditions.canopy_m,
            keep_out_m=conditions.canopy_keep_out_m,
            obstacles=obstacles,
        )
        for s, height in enumerate(steps):
            for t, roof in enumerate((5.0, 8.0)):
                link = link_budget(profile, height, roof, None, None, 5800.0, conditions=conditions)
                assert matrix.loss_db[p, s, t] == pytest.approx(link.losses.total_db, abs=1e-9)
                assert matrix.clearance_m[p, s, t] == pytest.approx(link.clearance_m, abs=1e-9)
                assert matrix.clearance_f1[p, s, t] == pytest.approx(link.clearance_f1, abs=1e-9)
                assert matrix.needed_second_m[p, s] == pytest.approx(link.height_needed_to_m, abs=1e-9)
                assert matrix.needed_first_m[p, t] == pytest.approx(link.height_needed_from_m, abs=1e-9)
        assert matrix.azimuth_deg[p] == profile.azimuth_deg


def test_the_matrix_is_the_same_with_any_number_of_threads(valley):
    plan, surface = valley
    _, _, (first, second) = _lists(plan)

    def matrix(pool):
        return pair_matrix(surface, first, second, [12.0], [5.0], 5800.0, max_km=9.0, run=Run(pool))

    alone = matrix(None)
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            assert np.array_equal(matrix(pool).loss_db, alone.loss_db)


def test_near_pairs_are_those_within_the_distance():
    rng = np.random.default_rng(2)
    lat, lon = rng.uniform(-60, -59, 40), rng.uniform(179.5, 180.5, 40)
    lon = np.where(lon > 180, lon - 360, lon)
    i, j = near_pairs((lat, lon), (lat, lon), 20.0, upper=True)
    want = {
        (a, b)
        for a in range(40)
        for b in range(a + 1, 40)
        if geodesic(lat[a], lon[a], lat[b], lon[b]).distance_m <= 20_000.0
    }
    assert set(zip(i.tolist(), j.tolist(), strict=True)) == want
    assert len(want) > 5


def test_a_height_below_ground_is_refused(valley):
    plan, surface = valley
    _, _, (first, second) = _lists(plan)
    with pytest.raises(InputError, match="below 0"):
        pair_matrix(surface, first, second, [-1.0], [5.0], 5800.0, max_km=5.0)

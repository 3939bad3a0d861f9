"""The matrix on real ground of five places, against a slow way of its own: pyproj, numpy, no kernel."""

from __future__ import annotations

import numpy as np
import pytest
from coverage_places import ONE_FILE
from coverage_slow import alike, cleared, heights_along, p526_db, with_trees

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.gis.raster import read_elevation
from cn_planner.links.conditions import Conditions
from cn_planner.progress import Run
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

UP, ROOF, FREQ_MHZ = 25.0, 6.0, 5800.0


def _ends(middle):
    rng = np.random.default_rng(6)
    latitude, longitude = middle
    return [(latitude + rng.uniform(-0.07, 0.07, n), longitude + rng.uniform(-0.07, 0.07, n)) for n in (6, 40)]


@pytest.mark.parametrize("place", ONE_FILE)
def test_every_clearance_is_that_of_ground_looked_at_every_two_metres(shared_data, place):
    """Steep ground between samples, read by code of the test's own: the least over all places of the path."""
    name, middle = ONE_FILE[place]
    surface, grid = Surface.open([shared_data / name]), read_elevation(shared_data / name)
    first, second = _ends(middle)
    matrix = pair_matrix(surface, first, second, [UP], [ROOF], FREQ_MHZ, max_km=30.0, loss=False, needs=False)
    known = np.flatnonzero(~np.isnan(matrix.clearance_m[:, 0, 0]))
    assert len(known) > 0.9 * 240
    for p in known.tolist():
        i, j = matrix.first[p], matrix.second[p]
        distance = np.linspace(0.0, matrix.distance_m[p], int(matrix.distance_m[p] / 2.0) + 2)
        ground = heights_along(grid, (first[0][i], first[1][i]), matrix.azimuth_deg[p], distance)
        want = cleared(distance, ground, UP, ROOF, FREQ_MHZ)
        # A kink between two of the two metres may stand higher by their slope: the program may say less, never more.
        step = float(np.abs(np.diff(ground)).max())
        found = matrix.clearance_m[p, 0, 0], matrix.clearance_f1[p, 0, 0]
        assert want.metres - 0.05 - step <= found[0] <= want.metres + 0.05, (i, j)
        # Beside an antenna, before the first sample, the zone is so narrow that only paths with far more than enough
        # clear have their least there.
        assert min(found[1], 4.0) <= want.f1 + 0.02, (i, j)


def _slow_ways(surface, grid, first, second, matrix, pairs, edge_m):
    """Yield some pairs with the distances that the contract samples, and the ground there as the slow way reads it.

    `edge_m`: how far from either end a wood begins, if any does.
    """
    (lat_a, lon_a), (lat_b, lon_b) = first, second
    for p in pairs.tolist():
        i, j = matrix.first[p], matrix.second[p]
        a = (lat_a[i], lon_a[i])
        distance = path_profile(surface, a, (lat_b[j], lon_b[j])).distance_m
        if edge_m is not None and distance[-1] > 2.0 * edge_m:
            distance = np.union1d(distance, [edge_m, distance[-1] - edge_m])
        yield p, distance, heights_along(grid, a, matrix.azimuth_deg[p], distance)


@pytest.mark.parametrize("canopy_m", [0.0, 9.0])
@pytest.mark.parametrize("place", ONE_FILE)
def test_every_loss_and_height_needed_is_that_of_the_slow_way(shared_data, place, canopy_m):
    name, middle = ONE_FILE[place]
    surface, grid = Surface.open([shared_data / name]), read_elevation(shared_data / name)
    first, second = _ends(middle)
    ups, roofs = (4.0, UP), (ROOF, 11.0)
    air = Conditions(canopy_m=canopy_m)
    matrix = pair_matrix(surface, first, second, ups, roofs, FREQ_MHZ, air, max_km=30.0)
    some = np.flatnonzero(~np.isnan(matrix.loss_db[:, 0, 0]))[::3]
    assert len(some) > 70
    for p, distance, ground in _slow_ways(surface, grid, first, second, matrix, some, 200.001 if canopy_m else None):
        top = with_trees(distance, ground, canopy_m)
        for s, up in enumerate(ups):
            for t, roof in enumerate(roofs):
                want = cleared(distance, top, up, roof, FREQ_MHZ)
                assert matrix.clearance_m[p, s, t] == pytest.approx(want.metres, abs=0.01)
                assert matrix.clearance_f1[p, s, t] == pytest.approx(want.f1, abs=0.01)
                # Near an end a centimetre of ground is more at the other.
                assert matrix.needed_first_m[p, t] == pytest.approx(want.needed_a_m, rel=1e-4, abs=0.02)
                assert matrix.needed_second_m[p, s] == pytest.approx(want.needed_b_m, rel=1e-4, abs=0.02)
                loss = p526_db(distance, ground, top, up, roof, FREQ_MHZ)
                assert matrix.loss_db[p, s, t] == pytest.approx(loss, abs=0.01)


@pytest.mark.parametrize("place", ONE_FILE)
def test_any_number_of_threads_and_two_jobs_at_once_give_the_same_bits(shared_data, place):
    name, middle = ONE_FILE[place]
    surface = Surface.open([shared_data / name])
    first, second = _ends(middle)
    # More than one task's pairs.
    first = tuple(np.concatenate([v + shift for shift in (0.0, 0.011, -0.013)]) for v in first)

    def job(pool):
        found = pair_matrix(surface, first, second, [UP], [ROOF], FREQ_MHZ, max_km=30.0, run=Run(pool))
        return [
            one.tobytes()
            for one in (
                found.clearance_m, found.clearance_f1, found.loss_db, found.needed_first_m, found.needed_second_m,
                found.azimuth_deg, found.back_azimuth_deg, found.distance_m,
            )
        ]  # fmt: skip

    alike(job, lambda one, two: one == two)

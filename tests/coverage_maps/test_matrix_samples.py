"""Heights along many paths, straight from the grids: those of one link's profile, over seams, voids and edges too."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.gis.raster import RasterGrid
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import Conditions
from cn_planner.model.plan import Obstacle
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

AIR = Conditions(canopy_m=7.0)


def hills(rows, columns, seed):
    rng = np.random.default_rng(seed)
    row, col = np.mgrid[0:rows, 0:columns]
    height = 300.0 + 60.0 * np.sin(row / 9.0 + seed) * np.cos(col / 13.0) + rng.normal(0.0, 2.0, row.shape)
    return height.astype(np.float32)


def geographic(seed, west, south, cells=240, step=1 / 1200, **more):
    at = (step, 0.0, west, 0.0, -step, south + (cells - 1) * step)
    return RasterGrid(f"{seed}.tif", hills(cells, cells, seed), "EPSG:4326", at, **more)


def seams():
    """Two files side by side, a coarse one beneath that reaches further, and a void that the coarse one answers."""
    step = 1 / 1200
    left, right = geographic(1, 3.0, 45.0), geographic(2, 3.0 + 240 * step, 45.0)
    values = left.values.copy()
    values[60:110, 80:130] = np.nan
    return Surface([dataclasses.replace(left, values=values), right, geographic(3, 2.8, 44.9, 200, 1 / 300)])


def rotated():
    """A grid that is turned by 20 degrees, with the places in its middle."""
    a, b, d, e = 28.0, 10.0, 10.0, -28.0
    at = (a, b, 507_864.0 - 450 * (a + b), d, e, 4_994_400.0 - 450 * (d + e))
    return Surface([RasterGrid("r.tif", hills(900, 900, 4), "EPSG:32631", at)])


def torn():
    """Missing terrain in the middle and all round."""
    one = geographic(5, 3.0, 45.0)
    values = one.values.copy()
    values[90:130, 100:140] = np.nan
    return Surface([dataclasses.replace(one, values=values)])


@pytest.mark.parametrize("ground", [seams, rotated, torn])
@pytest.mark.parametrize("seen", [False, True])
def test_every_pair_has_the_figures_of_its_link(ground, seen):
    surface = ground()
    rng = np.random.default_rng(8)
    first, second = ((rng.uniform(45.01, 45.19, n), rng.uniform(3.01, 3.19, n)) for n in (4, 12))
    obstacles = (Obstacle("O", 45.1, 3.1, height_m=25.0, radius_m=400.0),) if seen else ()
    matrix = pair_matrix(surface, first, second, [4.0, 40.0], [3.0, 9.0], 5800.0, AIR, max_km=60.0, obstacles=obstacles)
    assert len(matrix) == 48
    missing = 0
    for p in range(len(matrix)):
        a, b = ((lat[at[p]], lon[at[p]]) for (lat, lon), at in ((first, matrix.first), (second, matrix.second)))
        profile = path_profile(
            surface, a, b, canopy_m=AIR.canopy_m, keep_out_m=AIR.canopy_keep_out_m, obstacles=obstacles
        )
        if np.isnan(profile.ground_m).any():
            assert np.isnan(matrix.loss_db[p]).all()
            assert np.isnan(matrix.clearance_f1[p]).all()
            missing += 1
            continue
        for s, up in enumerate((4.0, 40.0)):
            for t, roof in enumerate((3.0, 9.0)):
                link = link_budget(profile, up, roof, None, None, 5800.0, conditions=AIR)
                assert matrix.loss_db[p, s, t] == pytest.approx(link.losses.total_db, abs=1e-9)
                assert matrix.clearance_m[p, s, t] == pytest.approx(link.clearance_m, abs=1e-9)
                assert matrix.clearance_f1[p, s, t] == pytest.approx(link.clearance_f1, abs=1e-9)
                assert matrix.needed_second_m[p, s] == pytest.approx(link.height_needed_to_m, abs=1e-8)
                assert matrix.needed_first_m[p, t] == pytest.approx(link.height_needed_from_m, abs=1e-8)
    assert (missing > 0) == (ground is torn)


def test_a_pair_too_near_for_a_sample_between_is_answered():
    surface = torn()
    lat, lon = np.array([45.02]), np.array([3.02])
    near = pair_matrix(surface, (lat, lon), (lat + 1e-4, lon), [10.0], [5.0], 5800.0, max_km=1.0)
    link = link_budget(path_profile(surface, (45.02, 3.02), (45.0201, 3.02)), 10.0, 5.0, None, None, 5800.0)
    assert near.loss_db[0, 0, 0] == pytest.approx(link.losses.total_db, abs=1e-9)
    assert near.clearance_f1[0, 0, 0] == np.inf
    assert (near.needed_first_m[0, 0], near.needed_second_m[0, 0]) == (0.0, 0.0)


def test_what_is_not_asked_for_is_not_made():
    surface = seams()
    ends = (np.array([45.02]), np.array([3.02])), (np.array([45.12]), np.array([3.1]))
    whole = pair_matrix(surface, *ends, [10.0], [5.0], 5800.0, max_km=50.0)
    clear = pair_matrix(surface, *ends, [10.0], [5.0], 5800.0, max_km=50.0, loss=False, needs=False)
    assert (len(clear.loss_db), len(clear.needed_first_m), len(clear.needed_second_m)) == (0, 0, 0)
    assert np.array_equal(whole.clearance_f1, clear.clearance_f1)

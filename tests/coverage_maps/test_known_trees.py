"""Maps see trees that files know: of one height everywhere they are the assumed ones, a wood is where it stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cn_planner.coverage.coverage_map import map_ground
from cn_planner.coverage.grid import CoverageSite, Grid, Ground
from cn_planner.coverage.quick import Beam, Criteria, Window, quick_coverage
from cn_planner.coverage.quick_paths import quick_paths
from cn_planner.geo import WGS84, transform
from cn_planner.links.conditions import Conditions

CRS = "EPSG:32631"
CELL, SIDE, MHZ = 30.0, 121, 2400.0
ROOF_M = 9.5
"""Above the trees: what those cost that stand round an antenna is asked in `test_end_clutter`."""
GRID = Grid(CRS, (CELL, 0.0, 4e5, 0.0, -CELL, 4.6e6), (SIDE, SIDE), CELL)
TREES_M, FAR_M = 9.0, 200.0


@pytest.fixture(scope="module")
def ground() -> Ground:
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    heights = (200.0 + 6.0 * np.sin(row / 9.0) * np.cos(column / 7.0)).astype(np.float32)
    heights.flags.writeable = False
    return Ground(GRID, heights, (CoverageSite("T", 41.5, 1.8, 12.0),), ((60, 60),), 1700.0, ())


def mapped(ground: Ground, model: str, air: Conditions, *, exact: bool = False) -> np.ndarray:
    return map_ground(ground, rx_height_m=ROOF_M, model=model, freq_mhz=MHZ, air=air, exact=exact).bands[0]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("model", ["fresnel", "min-height", "p526", "p1812"])
def test_trees_of_one_height_everywhere_are_the_assumed_ones(ground: Ground, model: str, exact: bool) -> None:
    assumed = mapped(ground, model, Conditions(canopy_m=TREES_M, canopy_keep_out_m=FAR_M), exact=exact)
    none = Conditions(canopy_m=0.0, canopy_keep_out_m=FAR_M)
    for trees, near in ((-TREES_M, 30.0), (TREES_M, FAR_M)):
        known = replace(ground, trees_m=np.full((SIDE, SIDE), trees, np.float32), trees_keep_out_m=near)
        np.testing.assert_array_equal(mapped(known, model, none, exact=exact), assumed)
    unknown = replace(ground, trees_m=np.full((SIDE, SIDE), np.nan, np.float32), trees_keep_out_m=30.0)
    air = Conditions(canopy_m=TREES_M, canopy_keep_out_m=FAR_M)
    np.testing.assert_array_equal(mapped(unknown, model, air, exact=exact), assumed)


@pytest.mark.parametrize("model", ["fresnel", "p526", "p1812"])
def test_a_wood_shades_what_lies_behind_it_and_nothing_else(ground: Ground, model: str) -> None:
    wood = np.zeros((SIDE, SIDE), np.float32)
    wood[:, 80:84] = 25.0
    shaded = replace(ground, trees_m=wood, trees_keep_out_m=30.0)
    air = Conditions(canopy_m=TREES_M)
    bare = mapped(ground, model, replace(air, canopy_m=0.0))
    quick, exact = mapped(shaded, model, air), mapped(shaded, model, air, exact=True)
    near = np.s_[40:81, 40:80]
    np.testing.assert_array_equal(quick[near], bare[near])
    behind = np.s_[40:81, 90:110]
    worse = bare[behind] - quick[behind] if model == "fresnel" else quick[behind] - bare[behind]
    assert np.nanmin(worse) > (1.0 if model == "fresnel" else 3.0)
    inner = np.s_[30:91, 30:112]
    known = np.isfinite(exact[inner])  # all but the tower's own cell
    off = np.abs(quick[inner][known] - exact[inner][known])
    assert np.nanpercentile(off, 95) < (0.5 if model == "fresnel" else 1.5)


def window(trees: np.ndarray | None, heights: np.ndarray, near: float) -> Window:
    return Window(GRID, heights, whole=True, trees_m=trees, trees_keep_out_m=near)


def test_what_follows_the_hand_sees_the_same_trees(ground: Ground) -> None:
    heights = np.array(ground.heights_m)
    beam = Beam(0.0, 180.0, 125.0, 120.0, None)
    limits = Criteria(0.6, 0.9, 0.5, 0.0)

    def classes(trees: float | None, canopy: float, near: float) -> np.ndarray:
        known = None if trees is None else np.full((SIDE, SIDE), trees, np.float32)
        air = Conditions(k_factor=4 / 3, canopy_m=canopy, canopy_keep_out_m=FAR_M)
        return quick_coverage(window(known, heights, near), (60, 60), 12.0, ROOF_M, 1700.0, MHZ, air, [beam], limits)[0]

    assumed = classes(None, TREES_M, 0.0)
    assert len(np.unique(assumed)) > 1
    np.testing.assert_array_equal(classes(-TREES_M, 0.0, 30.0), assumed)
    np.testing.assert_array_equal(classes(np.nan, TREES_M, 30.0), assumed)
    # Measured trees stand nearer to both ends: nowhere is it better, in places it is worse.
    nearer = classes(TREES_M, 0.0, 30.0)
    assert (nearer <= assumed).all()
    assert (nearer < assumed).any()
    x, y = 4e5 + CELL * np.array([20.0, 100.0, 111.0]), 4.6e6 - CELL * np.array([60.0, 30.0, 99.0])
    lon, lat = transform(CRS, WGS84, x, y)
    at = transform(CRS, WGS84, [4e5 + CELL * 60], [4.6e6 - CELL * 60])
    tower = float(at[1][0]), float(at[0][0]), 12.0

    def paths(trees: float | None, canopy: float) -> list[np.ndarray]:
        known = None if trees is None else np.full((SIDE, SIDE), trees, np.float32)
        sight, loss = quick_paths(window(known, heights, 30.0), tower, lat, lon, np.full(3, ROOF_M), MHZ,
                                  Conditions(canopy_m=canopy, canopy_keep_out_m=FAR_M))  # fmt: skip
        return [np.broadcast_to(one, 3) for one in (*sight, loss)]

    np.testing.assert_array_equal(paths(-TREES_M, 0.0), paths(None, TREES_M))

"""An antenna below the trees or houses round it loses its height gain: alike on links, pairs, maps and under the hand.

What it loses is worked out here again from the text of P.2108-1, section 3.1.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cn_planner.coverage.cells import laid_trees
from cn_planner.coverage.coverage_map import map_ground
from cn_planner.coverage.grid import CoverageSite, Grid, Ground
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.coverage.quick import CHECK, LIKELY, NONE, Beam, Criteria, Window, quick_coverage
from cn_planner.coverage.quick_paths import quick_paths
from cn_planner.geo import WGS84, transform
from cn_planner.gis.cover_raster import CoverRaster
from cn_planner.gis.raster import RasterGrid
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import Conditions
from cn_planner.model.plan import Obstacle
from cn_planner.propagation.kernel import compiled
from cn_planner.service.outlines import Lattice, RoofPaths, judge_rows
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface
from cn_planner.terrain.trees import TreeHeights

CRS, CELL, SIDE, MHZ = "EPSG:32631", 30.0, 121, 2400.0
TO_GRID = (CELL, 0.0, 4e5, 0.0, -CELL, 4.6e6)
TOWER, MAST_M, ROOF_M = (60, 20), 40.0, 4.0
GROVE, CLASS, HEDGE, OPEN = (60, 80), (50, 75), (72, 70), (66, 84)
"""Cells: in a grove of 12 m, in one that its class says is 15 m, beside a hedge lower than the roof, in the open."""
AIR = Conditions(canopy_m=0.0)


def lost_db(clutter_m: float, height_m: float, mhz: float = MHZ) -> float:
    """P.2108-1, eq. 2a and 2c to 2e."""
    if height_m >= clutter_m:
        return 0.0
    rise = clutter_m - height_m
    nu = 0.342 * math.sqrt(mhz / 1000.0) * math.sqrt(rise * math.degrees(math.atan(rise / 27.0)))
    return 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1) - 6.03


def trees(*, unknown: float = 0.0) -> np.ndarray:
    """Return groves three cells wide, within the keep-out of any path to their middles; nothing known on one edge."""
    found = np.full((SIDE, SIDE), unknown, np.float32)
    for (row, column), height in ((GROVE, 12.0), (CLASS, -15.0), (HEDGE, 3.0)):
        found[row - 1 : row + 2, column - 1 : column + 2] = height
    found[:, 115:] = np.nan
    return found


def heights() -> np.ndarray:
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    found = (200.0 + 2.0 * np.sin(row / 9.0) * np.cos(column / 7.0)).astype(np.float32)
    found.flags.writeable = False
    return found


def surface(known: np.ndarray | None) -> Surface:
    held = None if known is None else TreeHeights((CoverRaster("t", known, CRS, TO_GRID, CELL),), 100.0)
    return Surface([RasterGrid("dem", heights(), CRS, TO_GRID)], trees=held)


def places(*cells: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    x, y = (np.array(one) for one in zip(*((4e5 + CELL * c, 4.6e6 - CELL * r) for r, c in cells), strict=True))
    lon, lat = transform(CRS, WGS84, x, y)
    return np.asarray(lat), np.asarray(lon)


def link(
    known: np.ndarray | None, cell: tuple[int, int], roof_m: float = ROOF_M, mast_m: float = MAST_M, mhz: float = MHZ,
    **more: str,
):  # fmt: skip
    (lat_a, lat_b), (lon_a, lon_b) = places(TOWER, cell)
    profile = path_profile(surface(known), (lat_a, lon_a), (lat_b, lon_b))
    return link_budget(profile, mast_m, roof_m, None, None, mhz, conditions=replace(AIR, **more))


@pytest.mark.parametrize("mhz", [900.0, 2400.0, 5500.0])
@pytest.mark.parametrize("model", ["p526", "p1812"])
def test_a_link_loses_what_the_recommendation_says_of_its_end(model, mhz):
    for cell, clutter in ((GROVE, 12.0), (CLASS, 15.0), (HEDGE, 3.0), (OPEN, 0.0)):
        bare, found = (link(one, cell, mhz=mhz, model=model) for one in (None, trees()))
        want = lost_db(clutter, ROOF_M, mhz)
        assert found.losses.total_db == pytest.approx(bare.losses.total_db + want, abs=1e-9)
        assert found.losses.vegetation_db == pytest.approx(want, abs=1e-9)
        assert found.losses.diffraction_db == bare.losses.diffraction_db
        assert sum("12 m" in str(one) or "15 m" in str(one) for one in found.said) == (want > 1.0)
    assert lost_db(12.0, ROOF_M) == pytest.approx(22.50, abs=0.01)  # nu = 6.088: 28.53 - 6.03


def test_both_ends_count_and_none_above_its_clutter():
    known = trees()
    known[59:62, 19:22] = 45.0
    bare, found = link(None, GROVE), link(known, GROVE)
    both = lost_db(45.0, MAST_M) + lost_db(12.0, ROOF_M)
    assert found.losses.total_db - bare.losses.total_db == pytest.approx(both, abs=1e-9)
    assert link(known, GROVE, 12.0, 45.0).losses.total_db == link(None, GROVE, 12.0, 45.0).losses.total_db


@pytest.mark.parametrize("model", ["itm", "free-space"])
def test_models_that_see_no_trees_do_not_see_these(model):
    assert link(trees(), GROVE, model=model).losses.total_db == link(None, GROVE, model=model).losses.total_db


def test_where_nothing_is_known_nothing_changes():
    nowhere = np.full((SIDE, SIDE), np.nan, np.float32)
    for model in ("p526", "p1812"):
        found, bare = (link(one, GROVE, model=model) for one in (nowhere, None))
        assert found.losses == bare.losses
        assert (found.verdict, found.clearance_f1) == (bare.verdict, bare.clearance_f1)


def test_what_was_seen_on_site_takes_the_place_of_the_map():
    (lat_a, lat_b), (lon_a, lon_b) = places(TOWER, GROVE)
    seen = [Obstacle("O", lat_b, lon_b, 3.0, 60.0)]
    profile = path_profile(surface(trees()), (lat_a, lon_a), (lat_b, lon_b), obstacles=seen)
    assert profile.clutter_m == (0.0, 0.0)


def test_a_wood_that_stands_on_the_path_is_not_counted_again_at_its_end():
    end = lost_db(12.0, ROOF_M)
    for wood_m, greater in ((12.0, "path"), (6.0, "end")):
        known = trees()
        known[:, 60:79] = wood_m  # on the path up to 100 m before its end
        found = link(known, GROVE).losses
        known[59:62, 79:82] = 3.0  # a clearing round the house: the wood on the path alone
        on_path = link(known, GROVE).losses.vegetation_db
        assert on_path > 1.0
        assert (on_path > end) == (greater == "path")
        assert found.vegetation_db == pytest.approx(max(on_path, end), abs=1e-9)
        bare = link(None, GROVE).losses
        assert found.total_db == pytest.approx(bare.total_db + max(on_path, end), abs=1e-9)


@pytest.mark.parametrize("wooded", [False, True])
def test_pairs_maps_outlines_and_the_hand_say_what_the_link_says(wooded):
    known = trees()
    if wooded:
        known[30:90, 55:64] = 9.0
    cells = (GROVE, CLASS, HEDGE, OPEN)
    ground = surface(known)
    lat, lon = places(TOWER, *cells)
    want = np.array([link(known, cell).losses.total_db for cell in cells])
    bare = np.array([link(None, cell).losses.total_db for cell in cells])
    assert (want - bare)[:2].min() > 20.0
    pairs = pair_matrix(ground, (lat[:1], lon[:1]), (lat[1:], lon[1:]), [MAST_M], [ROOF_M], MHZ, AIR, max_km=9.0)
    np.testing.assert_allclose(pairs.loss_db[:, 0, 0], want, atol=1e-9)
    grid = Grid(CRS, TO_GRID, (SIDE, SIDE), CELL)
    site = CoverageSite("T", float(lat[0]), float(lon[0]), MAST_M)
    laid = Ground(grid, heights(), (site,), (TOWER,), 2500.0, (), trees_m=known, trees_keep_out_m=100.0)
    at = tuple(np.array(cells).T)
    for exact, near in ((True, 0.3), (False, 0.6)):
        asked = {"rx_height_m": ROOF_M, "freq_mhz": MHZ, "air": AIR, "exact": exact}
        found = map_ground(laid, model="p526", **asked).bands[0]
        np.testing.assert_allclose(found[at], want, atol=near)
        sees = np.array([link(known, cell, model="p1812").losses.total_db for cell in cells])
        np.testing.assert_allclose(map_ground(laid, model="p1812", **asked).bands[0][at], sees, atol=2.0 * near)
    window = Window(grid, np.array(heights()), whole=True, trees_m=known, trees_keep_out_m=100.0)
    tower = float(lat[0]), float(lon[0]), MAST_M
    _, loss = quick_paths(window, tower, lat[1:], lon[1:], np.full(4, ROOF_M), MHZ, AIR)
    np.testing.assert_allclose(loss, want, atol=0.3)
    found = np.full((4, 141, 141), np.nan)
    paths = RoofPaths(MAST_M, ROOF_M, 6_371_000.0 * 4 / 3, 299.792458 / MHZ, MHZ, np.array([0.0, 0.0, 100.0]))
    over = laid_trees(known, 0.0, 200.0, 100.0)
    lattice = Lattice(*map(float, TOWER), 1, 70, 2500.0, CELL / 2.0)
    compiled(judge_rows)(
        laid.flat, lattice, 50, 100, paths, over, np.ones(found[0].shape, np.bool_), found[0], found[1:3], found[3]
    )
    rows = np.array(cells) - np.array(TOWER) + 70
    np.testing.assert_allclose(found[3][rows[:, 0], rows[:, 1]], want, atol=0.3)


def test_classes_under_the_hand_fall_where_the_roof_is_below_the_trees():
    window = Window(
        Grid(CRS, TO_GRID, (SIDE, SIDE), CELL), np.array(heights()), whole=True, trees_m=trees(), trees_keep_out_m=100.0
    )
    bare = np.array([link(None, cell).losses.total_db for cell in (GROVE, CLASS, HEDGE, OPEN)])
    works_db = float(bare.max()) + 15.0  # 15 dB to spare: less than either grove takes
    beam = Beam(0.0, 180.0, works_db, works_db, None)
    found, (top, left) = quick_coverage(
        window, TOWER, MAST_M, ROOF_M, 2500.0, MHZ, AIR, [beam], Criteria(0.6, 0.9, 0.5, 0.0)
    )
    classes = [int(found[row - top, column - left]) for row, column in (GROVE, CLASS, HEDGE, OPEN)]
    assert classes == [NONE, NONE, LIKELY, LIKELY]
    under = [cell for cell in np.argwhere(found == CHECK).tolist() if trees()[cell[0] + top, cell[1] + left] > 4.0]
    assert not under

"""What follows the hand rests on the same physics as a link: trees, one edge, sigma."""

from __future__ import annotations

import math

import numpy as np
import pytest
from coverage_slow import works_by_hand

from cn_planner.coverage.cells import assumed_trees
from cn_planner.coverage.grid import Grid
from cn_planner.coverage.quick import CHECK, LIKELY, NONE, Beam, Criteria, Window, quick_coverage
from cn_planner.links.conditions import Conditions
from cn_planner.propagation.knife_edge import knife_edge_loss_db
from cn_planner.terrain.cover import Crossings, cover
from cn_planner.units import EARTH_RADIUS_M, wavelength_m

CELL, SIDE, MHZ, K = 20.0, 201, 5800.0, 4.0 / 3.0
TOWER = (100, 20)


def window(ridge_m: float = 0.0) -> Window:
    heights = np.zeros((SIDE, SIDE), np.float32)
    heights[:, 70] = ridge_m  # 1 km east of the tower
    grid = Grid("EPSG:32632", (CELL, 0.0, 500_000.0, 0.0, -CELL, 1_000_000.0), (SIDE, SIDE), CELL)
    return Window(grid, heights, whole=True)


def test_trees_stand_beyond_the_keep_out_distance_and_not_at_it() -> None:
    distance = np.array([0.0, 199.9, 200.0, 200.1, 500.0, 799.9, 800.0, 800.1, 1000.0])
    nothing = Crossings(np.zeros(0, np.int64), *(np.zeros(0) for _ in range(4)))
    want = cover(np.array([0, len(distance)]), distance, 1000.0 - distance, nothing, 10.0, 200.0)
    assert [assumed_trees(10.0, 200.0, x, 1000.0 - x) for x in distance.tolist()] == want.tolist()
    assert want.tolist() == [0, 0, 0, 10, 10, 10, 0, 0, 0]


@pytest.mark.parametrize("height_m", [12.0, 20.5, 30.0])
def test_a_cell_behind_one_edge_is_judged_by_the_edge_s_loss_and_the_probability_of_a_link(height_m: float) -> None:
    ground = window(ridge_m=20.0)
    near, length = 50 * CELL, 100 * CELL
    over = height_m - 20.0 - near * (length - near) / (2.0 * EARTH_RADIUS_M * K)
    f1 = over / math.sqrt(wavelength_m(MHZ) * near * (length - near) / length)
    edge = float(knife_edge_loss_db(-math.sqrt(2.0) * f1))
    free = 20.0 * math.log10(4.0 * math.pi * length / wavelength_m(MHZ))
    loss = free + edge + (1.0 - math.exp(-edge / 6.0)) * (10.0 + 0.02 * length / 1000.0)  # P.526-15, eq. 57
    spare = [margin for margin in np.arange(-20.0, 40.0, 0.02) if works_by_hand(margin, f1, length, 0.0, MHZ) >= 0.6]
    for more, want in ((0.02, LIKELY), (-0.04, NONE)) if spare else ((40.0, NONE),):
        works = loss + (spare[0] if spare else 0.0) + more
        found, (top, left) = quick_coverage(
            ground, TOWER, height_m, height_m, 3000.0, MHZ, Conditions(k_factor=K), [Beam(0.0, 180.0, works, 999.0)],
            Criteria(-1.0, 0.6, 0.6, -99.0),
        )  # fmt: skip
        assert found[TOWER[0] - top, TOWER[1] + 100 - left] == want
    assert bool(spare) == (height_m > 20.0), "through eight metres of hill nothing works"


def test_a_ridge_right_before_a_cell_counts_beside_a_higher_one_half_way() -> None:
    """The nearer an edge is to the cell, the narrower is the Fresnel zone there."""
    length, height_m = 100 * CELL, 12.0
    ground = window()
    shares = []
    for steps, above_m in ((50, 1.0), (98, 0.6)):
        d = steps * CELL
        bulge = d * (length - d) / (2.0 * EARTH_RADIUS_M * K)
        ground.heights_m[:, TOWER[1] + steps] = height_m - bulge + above_m
        shares.append(-above_m / math.sqrt(wavelength_m(MHZ) * d * (length - d) / length))
    assert shares[1] < shares[0] < 0.0
    mhz = 400.0  # where a hill is bent over, and what the edge takes decides
    shares = [share * math.sqrt(mhz / MHZ) for share in shares]
    edge = float(knife_edge_loss_db(-math.sqrt(2.0) * shares[1]))
    free = 20.0 * math.log10(4.0 * math.pi * length / wavelength_m(mhz))
    loss = free + edge + (1.0 - math.exp(-edge / 6.0)) * (10.0 + 0.02 * length / 1000.0)
    spare = next(m for m in np.arange(-20.0, 40.0, 0.02) if works_by_hand(m, shares[1], length, 0.0, mhz) >= 0.6)
    for more, want in ((0.02, CHECK), (-0.04, NONE)):
        works = loss + spare + more
        found, (top, left) = quick_coverage(
            ground, TOWER, height_m, height_m, 3000.0, mhz, Conditions(k_factor=K), [Beam(0.0, 180.0, works, 999.0)],
            Criteria(0.0, 0.6, 0.6, -99.0),
        )  # fmt: skip
        assert found[TOWER[0] - top, TOWER[1] + 100 - left] == want

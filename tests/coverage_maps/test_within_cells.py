"""What stands between samples: maps against ways looked at 64 times a cell and more, on real cliffs and made ones.

The slow way is plain numpy on the bilinear surface, sampled densely; it knows nothing of parabolas.
"""

from __future__ import annotations

import numpy as np
import pytest
from coverage_places import PLACES, cells_round, place

from cn_planner.coverage.coverage_map import map_ground
from cn_planner.coverage.grid import CoverageSite, Grid, Ground, lay_ground
from cn_planner.coverage.masks import seen_masks

A_CELL = 64
RX, MHZ, RADIUS_M = 6.0, 5800.0, 6_371_000.0 * 4 / 3


def bilinear(z: np.ndarray, row: np.ndarray, col: np.ndarray) -> np.ndarray:
    i, j = np.minimum(row.astype(int), z.shape[0] - 2), np.minimum(col.astype(int), z.shape[1] - 2)
    v, u = row - i, col - j
    return (z[i, j] * (1 - u) + z[i, j + 1] * u) * (1 - v) + (z[i + 1, j] * (1 - u) + z[i + 1, j + 1] * u) * v


def densely(z: np.ndarray, at: tuple[int, int], cell: np.ndarray, sides: tuple[float, float], height_m: float):
    """Return least clearance, m and F1, and the least receiver height, of one cell."""
    down, across = (int(v) for v in cell - np.array(at))
    length = float(np.hypot(down * sides[0], across * sides[1]))
    n = A_CELL * (abs(down) + abs(across))
    lines = [np.arange(1, abs(steps)) / abs(steps) for steps in (down, across) if steps]
    t = np.concatenate([np.arange(1, n) / n, *lines])  # a kink stands where a row or column is crossed
    ground = bilinear(z, at[0] + down * t, at[1] + across * t)
    eye, roof = z[at] + height_m, z[tuple(cell)] + RX
    bulge = length**2 * t * (1 - t) / (2 * RADIUS_M)
    zone = np.sqrt(299.792458 / MHZ * length * t * (1 - t))
    over = eye * (1 - t) + roof * t - bulge - ground
    need = ((ground + bulge + 0.6 * zone - eye * (1 - t)) / t).max() - z[tuple(cell)]
    return over.min(), (over / zone).min(), max(need, 0.0)


def cliffs(seed: int) -> np.ndarray:
    """Return plateaus of 40 to 300 m with walls one cell wide, on rolling ground; their edges run in all directions."""
    rng = np.random.default_rng(seed)
    rows, cols = np.indices((150, 160)).astype(float)
    z = np.zeros(rows.shape)
    for _ in range(40):
        turn, row, col = rng.uniform(0.0, np.pi), *rng.uniform(0.0, 150.0, 2)
        x = (rows - row) * np.cos(turn) + (cols - col) * np.sin(turn)
        y = (cols - col) * np.cos(turn) - (rows - row) * np.sin(turn)
        inside = (abs(x) < rng.uniform(2.0, 12.0)) & (abs(y) < rng.uniform(1.0, 25.0))
        z = np.maximum(z, np.where(inside, rng.uniform(40.0, 300.0), 0.0))
    rolling = np.cumsum(np.cumsum(rng.normal(0.0, 0.3, rows.shape), axis=0), axis=1)
    return (z + rolling - rolling.min() + rng.normal(0.0, 2.0, rows.shape)).astype(np.float32)


def check(ground: Ground, at: tuple[int, int], cells: np.ndarray, share: float) -> None:
    """Hold a tower's maps against the slow way; `share` of those by radials are on the right side of their line."""
    z = ground.heights_m.astype(np.float64)
    sides = -ground.grid.transform[4], ground.grid.transform[0]
    found = np.array([densely(z, at, cell, sides, ground.sites[0].height_m) for cell in cells])
    here = cells[:, 0], cells[:, 1]
    seen = found[:, 0] >= 0.0
    for exact in (False, True):
        band = map_ground(ground, rx_height_m=RX, exact=exact).bands[0][here]
        assert (band == seen).mean() >= 0.9995
    assert 0.02 < seen.mean() < 0.98
    assert np.array_equal(seen_masks(ground, RX).of_tower(0)[here], band == 1)
    options = {"rx_height_m": RX, "freq_mhz": MHZ}
    for model, column, limit, slack in (("fresnel", 1, 0.6, 0.03), ("min-height", 2, RX, 0.05)):
        own = map_ground(ground, model=model, exact=True, **options).bands[0][here]
        off = np.abs(own - found[:, column])
        assert (off <= slack + 0.002 * np.abs(found[:, column])).mean() >= 0.995
        assert (off <= 2.0 * slack)[np.abs(found[:, column] - limit) < 3.0].all()
        quick = map_ground(ground, model=model, **options).bands[0][here]
        assert ((quick >= limit) == (found[:, column] >= limit)).mean() >= share


@pytest.mark.parametrize("name", PLACES)
def test_no_ridge_between_samples_is_missed_on_real_ground(shared_data, name):
    surface, site, radius = place(shared_data, name)
    ground = lay_ground(surface, [site], min(radius, 6_000.0))
    at, cells = cells_round(ground.grid, site, min(radius, 6_000.0), 2_000)
    assert at == ground.cells[0]
    cells = cells[(np.abs(cells - np.array(at)).sum(axis=1) > 1) & (~np.isnan(ground.heights_m[tuple(cells.T)]))]
    check(ground, at, cells[:1_000], 0.995)


@pytest.mark.parametrize("side", [30.0, 60.0, 90.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_ridge_between_samples_is_missed_on_made_cliffs(side, seed):
    z = cliffs(seed)
    grid = Grid("EPSG:32631", (side, 0.0, 4e5, 0.0, -side, 4.6e6), z.shape, side)
    at = (75, 80)
    ground = Ground(grid, z, (CoverageSite("T", 0.0, 0.0, 45.0),), (at,), 70.0 * side, ())
    cells = np.argwhere(np.hypot(*(np.indices(z.shape) - np.array(at)[:, np.newaxis, np.newaxis])) < 69.5)
    cells = cells[np.abs(cells - np.array(at)).sum(axis=1) > 1]
    check(ground, at, np.random.default_rng(seed).permutation(cells)[:1_000], 0.985)

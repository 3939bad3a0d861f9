"""The sweep and the exact answer once more, slowly: each cell's whole way.

The kernels run as plain Python here: no compiler is waited for.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from cn_planner.coverage import los, strips
from cn_planner.coverage.crossings import FINE, sags_below, sight_along, steps_in_block
from cn_planner.coverage.grid import Grid
from cn_planner.coverage.los import BLOCKED, SEEN, UNKNOWN, all_tops, los_tasks, tops_of

CURVE = 0.5 / (6_371_000.0 * 4 / 3)
MAST_M, ROOF_M = 10.0, 2.0


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    monkeypatch.setattr(los, "compiled", lambda kernel: kernel)


def rough(shape, seed: int = 3, void_share: float = 0.0):
    """Ground that hangs together, some of it missing."""
    rng = np.random.default_rng(seed)
    z = np.cumsum(np.cumsum(rng.normal(size=shape), axis=0), axis=1).astype(np.float32)
    z[rng.random(shape) < void_share] = np.nan
    return z


def ways(sides):
    """Return where a step of one column, and of one row, leads: east and north, m."""
    dx, dy, *slant = sides
    return np.array([[dx, slant[0] if slant else 0.0], [0.0, -dy]])


def length_of(sides, down, across):
    return np.hypot(*np.tensordot(ways(sides), np.array([across, down]), 1))


def answers(z, cell, radius_m, sides=(30.0, 30.0), tops=None, **more):
    (a, b), (d, e) = ways(sides)
    grid = Grid("EPSG:32631", (a, b, 0.0, d, e, 0.0), z.shape, min(sides[:2]))
    out = np.full(z.shape, UNKNOWN, np.uint8)
    for task in los_tasks(z, tops or all_tops(z), grid, cell, MAST_M, ROOF_M, radius_m, 4 / 3, out, **more):
        task()
    return out


def height_at(z, row: float, col: float) -> float:
    """Return the height between four cells; NaN where one that counts is missing."""
    r, c = math.floor(row), math.floor(col)
    down, right = row - r, col - c
    total = 0.0
    for dr, dc, share in ((0, 0, (1 - down) * (1 - right)), (0, 1, (1 - down) * right), (1, 0, down * (1 - right)),
                          (1, 1, down * right)):  # fmt: skip
        if share:
            total += share * float(z[r + dr, c + dc])
    return total


def exactly(z, cell, target, sides) -> tuple[int, float]:
    """Return the answer for one cell by its whole way, and how far it is from another answer, m.

    The ground is asked where the way crosses rows and columns of samples; between two such places it is the parabola
    through them and the middle.
    """
    (row, col), (r, c) = cell, target
    length = float(length_of(sides, r - row, c - col))
    eye, roof = float(z[cell]) + MAST_M, float(z[target]) + ROOF_M

    def over(t: float) -> float:
        line = eye + (roof - eye) * t - length**2 * t * (1 - t) * CURVE
        return height_at(z, row + (r - row) * t, col + (c - col) * t) - line

    steps = {0.0, 1.0} | {i / abs(one) for one in (r - row, c - col) for i in range(1, abs(one))}
    places = [t for n, t in enumerate(sorted(steps)) if n == 0 or t - sorted(steps)[n - 1] > 1e-12]
    highest, missing = -math.inf, False
    for start, end in pairwise(places):
        first, middle, last = over(start), over(0.5 * (start + end)), over(end)
        missing = missing or math.isnan(middle + first) or (math.isnan(last) and end < 1.0)
        bend = 4.0 * middle - 2.0 * (first + last)  # first (1 - v) + last v + bend v (1 - v)
        top = [one for one in (first, last) if not math.isnan(one)]
        if bend > abs(last - first):
            top.append(0.5 * (first + last) + 0.25 * bend + 0.25 * (last - first) ** 2 / bend)
        highest = max([highest, *top])
    if highest > 0.0:
        return BLOCKED, highest
    return UNKNOWN if missing else SEEN, -highest


GROUNDS = {
    "square": (rough((70, 75), 3), (30, 41), 900.0, (30.0, 30.0)),
    "oblong": (rough((72, 66), 5), (40, 20), 1400.0, (30.0, 47.0)),
    "wide": (rough((40, 80), 6), (3, 70), 2000.0, (47.0, 30.0)),
    "voids": (rough((70, 75), 7, 0.01), (35, 35), 1000.0, (30.0, 30.0)),
    "flat": (np.zeros((66, 66), np.float32), (33, 33), 900.0, (30.0, 30.0)),
    "slanting": (rough((60, 64), 8), (28, 30), 800.0, (30.0, 30.0, 18.0)),
    "slanting back": (rough((60, 64), 9), (31, 33), 800.0, (30.0, 34.0, -25.0)),
}
GROUNDS["voids"][0][35, 35] = 15.0


def inside(z, cell, radius_m, sides):
    rows, cols = np.indices(z.shape)
    return length_of(sides, rows - cell[0], cols - cell[1]) <= radius_m


@pytest.mark.parametrize("name", GROUNDS)
def test_exact_is_what_the_whole_profile_of_each_cell_says(name):
    z, cell, radius, sides = GROUNDS[name]
    found = answers(z, cell, radius, sides, exact=True)
    near = inside(z, cell, radius, sides)
    looked = 0
    for target in np.ndindex(z.shape):
        if not near[target] or np.isnan(z[target]):
            assert found[target] == UNKNOWN
            continue
        expected, sure_m = exactly(z, cell, target, sides)
        if sure_m > 1e-6:
            assert found[target] == expected, target
            looked += 1
    assert looked > 1500
    assert found[cell] == SEEN


def test_blocks_of_all_sizes_are_those_of_the_ground_and_blocks_that_say_that_nothing_is_in_them_hide_what_is():
    z, cell, radius, sides = GROUNDS["square"]
    tops = all_tops(z)
    assert np.array_equal(tops.coarse, tops_of(z))
    assert np.array_equal(tops.fine, tops_of(z, FINE))
    low = tops._replace(fine=np.full_like(tops.fine, -1e9))
    assert not np.array_equal(answers(z, cell, radius, sides, low, exact=True),
                              answers(z, cell, radius, sides, exact=True))  # fmt: skip


@pytest.mark.parametrize("name", GROUNDS)
def test_a_sweep_that_trusts_nothing_asks_every_cell_and_each_once(name, monkeypatch):
    z, cell, radius, sides = GROUNDS[name]
    monkeypatch.setattr(strips, "ROUNDING_M", 1e9)
    asked = spied(monkeypatch)
    assert np.array_equal(answers(z, cell, radius, sides), answers(z, cell, radius, sides, exact=True))
    near = inside(z, cell, radius, sides) & ~np.isnan(z)
    assert len(asked) == len(set(asked)) == near.sum() - 1


def spied(monkeypatch) -> list[tuple[int, int]]:
    """Return a list that grows by each cell, from the tower's, that the sweep looks at along its own way."""
    asked: list[tuple[int, int]] = []

    def look(grid, tops, way, *more):
        asked.append((way.down, way.right))
        return sight_along(grid, tops, way, *more)

    monkeypatch.setattr(strips, "sight_along", look)
    return asked


@pytest.mark.parametrize("name", GROUNDS)
def test_the_sweep_is_exact_and_asks_few_cells(name, monkeypatch):
    z, cell, radius, sides = GROUNDS[name]
    asked = spied(monkeypatch)
    monkeypatch.setattr(strips, "NEAR_CELLS", 0)
    assert np.array_equal(answers(z, cell, radius, sides), answers(z, cell, radius, sides, exact=True))
    near = inside(z, cell, radius, sides) & ~np.isnan(z)
    assert len(asked) < (0.5 if name == "voids" else 0.25) * near.sum()


def test_a_crest_within_a_cell_hides_what_lies_behind_it():
    """Two opposite corners of one cell are towers: on the way between them the ground is a saddle's ridge."""
    z = np.zeros((40, 40), np.float32)
    z[20, 20] = z[21, 21] = 60.0
    found = answers(z, (10, 31), 900.0)  # its anti-diagonal passes through the middle of that cell
    assert height_at(z, 20.5, 20.5) == 30.0
    assert height_at(z, 20.0, 21.0) == height_at(z, 21.0, 20.0) == 0.0
    assert found[31, 10] == BLOCKED
    assert exactly(z, (10, 31), (31, 10), (30.0, 30.0))[0] == BLOCKED


@pytest.mark.parametrize(
    ("first", "last", "sag", "below"),
    [(1.0, 1.0, 3.9, False), (1.0, 1.0, 4.1, True), (0.0, 1.0, 0.9, False), (0.0, 1.0, 1.1, True),
     (2.0, 9.0, -5.0, False), (4.0, 9.0, 24.9, False), (4.0, 9.0, 25.1, True), (4.0, 9.0, math.nan, False)],
)  # fmt: skip
def test_a_chord_that_sags_is_below_where_its_vertex_is(first, last, sag, below):
    v = np.linspace(0.0, 1.0, 10_001)
    assert sags_below(first, last, sag) == below
    if not math.isnan(sag):
        assert bool((first * (1 - v) + last * v - sag * v * (1 - v) < 0.0).any()) == below


def test_near_the_antenna_every_cell_is_asked(monkeypatch):
    z, cell, radius, sides = GROUNDS["square"]
    asked = spied(monkeypatch)
    answers(z, cell, radius, sides)
    beside = {(r, c) for r in range(-8, 9) for c in range(-8, 9) if (r, c) != (0, 0)}
    assert beside <= set(asked)


@pytest.mark.parametrize(
    ("row", "col", "per_row", "per_col", "most", "steps"),
    [
        (5.5, 7.0, 1.0, math.inf, 99, 26),  # 26.5 rows down to the next block of 32
        (5.5, 7.0, -1.0, math.inf, 99, 5),  # 5.5 up to its first row
        (5.0, 7.0, -1.0, math.inf, 99, 4),  # the row at the edge itself is looked at
        (5.5, 7.5, 2.0, 1.0, 99, 24),  # two steps a row, one a column: the right edge comes first
        (5.5, 30.5, 2.0, 1.0, 99, 1),
        (33.5, 40.0, 1.0, -0.5, 99, 3),  # 8 columns left at half a step each
        (5.5, 7.0, 1.0, math.inf, 10, 10),
        (5.5, 7.0, math.inf, math.inf, 10, 10),
        (31.9999999999, 7.0, 1.0, math.inf, 10, 0),
        (32.0, 7.0, -1.0, math.inf, 10, 0),
    ],
)
def test_steps_that_stay_within_a_block_are_counted(row, col, per_row, per_col, most, steps):
    assert steps_in_block(row, col, per_row, per_col, 32, most) == steps


def test_a_tower_sees_as_far_as_the_radius_and_no_cell_more():
    z = np.zeros((41, 41), np.float32)
    for radius in (299.0, 300.0, 301.0, 25.0):
        for exact in (False, True):
            found = answers(z, (20, 20), radius, exact=exact)
            assert np.array_equal(found == SEEN, inside(z, (20, 20), radius, (30.0, 30.0)))
    assert (answers(z, (20, 20), 0.0) == SEEN).sum() == 1


@pytest.mark.parametrize("cell", [(0, 0), (0, 40), (40, 0), (40, 40), (0, 20), (20, 0)])
def test_a_tower_at_the_edge_sees_what_there_is(cell):
    z = np.zeros((41, 41), np.float32)
    for exact in (False, True):
        assert np.array_equal(answers(z, cell, 600.0, exact=exact) == SEEN, inside(z, cell, 600.0, (30.0, 30.0)))

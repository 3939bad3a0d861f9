"""The sweep and the exact answer once more, slowly: each radial's whole horizon, each cell's whole profile.

The kernels run as plain Python here: no compiler is waited for.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from cn_planner.coverage import los
from cn_planner.coverage.cells import OCTANTS
from cn_planner.coverage.grid import Grid
from cn_planner.coverage.los import BLOCKED, SEEN, UNKNOWN, all_tops, los_tasks, steps_in_block, tops_of

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
    """Return the answer for one cell by its whole profile, and how far it is from another answer, m."""
    (row, col), (r, c) = cell, target
    length = float(length_of(sides, r - row, c - col))
    eye, roof = float(z[cell]) + MAST_M, float(z[target]) + ROOF_M
    n = math.ceil(length / min(length_of(sides, 0, 1), length_of(sides, 1, 0)) - 1e-9)
    over = []
    for i in range(1, n):
        t = i / n
        line = eye + (roof - eye) * t - length**2 * t * (1 - t) * CURVE
        over.append(height_at(z, row + (r - row) * t, col + (c - col) * t) - line)
    known = [one for one in over if not math.isnan(one)]
    highest = max(known, default=-math.inf)
    if highest > 0.0:
        return BLOCKED, highest
    return UNKNOWN if len(known) < len(over) else SEEN, -highest


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
    assert np.array_equal(tops.fine, tops_of(z, los.FINE))
    low = tops._replace(fine=np.full_like(tops.fine, -1e9))
    assert not np.array_equal(answers(z, cell, radius, sides, low, exact=True),
                              answers(z, cell, radius, sides, exact=True))  # fmt: skip


@pytest.mark.parametrize("name", GROUNDS)
def test_a_sweep_that_trusts_nothing_asks_every_cell_and_each_once(name, monkeypatch):
    z, cell, radius, sides = GROUNDS[name]
    monkeypatch.setattr(los, "SEEN_MARGIN", 1e9)
    monkeypatch.setattr(los, "HIDDEN_MARGIN", 1e9)
    assert np.array_equal(answers(z, cell, radius, sides), answers(z, cell, radius, sides, exact=True))


def swept(z, cell, radius_m, sides, margins=(0.0, 0.0)):
    """Return what the radials alone say: 1, 0, or 2 where they leave it open, and how far that is from another answer.

    Radials cross each line of cells between two of them; the ground there is read in between. A cell lies between two
    radials; it is seen over the higher horizon of both, hidden below the lower.
    """
    codes, sure = np.full(z.shape, -1), np.full(z.shape, np.inf)
    (east, slant), (_, north) = ways(sides)
    p, q, t = east * east, east * slant, slant * slant + north * north  # of columns, of both, of rows
    side = math.sqrt(max(p, t, (p + t) / 2 + abs(q)))
    eye = float(z[cell]) + MAST_M
    for maj_r, maj_c, min_r, min_c, holds_axis in OCTANTS:
        along, across = (p, t) if maj_c else (t, p)
        mixed = q * (maj_r + maj_c) * (min_r + min_c)

        def far(a: float, b: float, along=along, across=across, mixed=mixed) -> float:
            return math.sqrt(along * a * a + 2.0 * mixed * a * b + across * b * b)

        def room(step: int, place: int, size: int) -> int:
            return size - 1 - place if step > 0 else place

        most_a = room(maj_r, cell[0], z.shape[0]) if maj_r else room(maj_c, cell[1], z.shape[1])
        most_b = room(min_r, cell[0], z.shape[0]) if min_r else room(min_c, cell[1], z.shape[1])
        n = min(most_a, int(radius_m / math.sqrt(along - mixed * mixed / across)))
        horizon, at, blind = np.full(n + 2, -np.inf), np.zeros(n + 2), np.zeros(n + 2, bool)
        for a in range(1, n + 1):
            for b in range(0 if holds_axis else 1, min(a - 1 if holds_axis else a, most_b) + 1):
                away = far(a, b)
                if away > radius_m:
                    continue
                target = cell[0] + a * maj_r + b * min_r, cell[1] + a * maj_c + b * min_c
                j = int(np.float32(b) * np.float32(n / a))
                top = float(z[target]) + ROOF_M - eye - away**2 * CURVE
                over = top - max(horizon[j], horizon[j + 1]) * away
                under = top - min(horizon[j], horizon[j + 1]) * away
                near = max(at[j], at[j + 1]) * a * side
                dark = blind[j] or blind[j + 1] or np.isnan(top)
                seen = not dark and over > margins[0] * near
                hidden = not np.isnan(top) and under < -margins[1] * near
                codes[target] = 1 if seen else 0 if hidden else 2
                sure[target] = min(abs(over - margins[0] * near), abs(under + margins[1] * near))
            for j in range(n + 1):  # none is cast beyond the diagonal
                b = j / n * a
                low = min(int(b), max(most_b - 1, 0))
                if b > most_b + 1e-6:
                    blind[j] = True
                    continue
                ends = [
                    float(z[cell[0] + a * maj_r + k * min_r, cell[1] + a * maj_c + k * min_c])
                    for k in (low, min(low + 1, most_b))
                ]
                ground = ends[0] + (ends[1] - ends[0]) * (b - low)
                if np.isnan(ground):
                    blind[j] = True
                    continue
                away = far(a, b)
                slope = (ground - eye) / away - away * CURVE
                if slope > horizon[j]:
                    horizon[j], at[j] = slope, 1.0 / a
    return codes, sure


@pytest.mark.parametrize("margins", [(0.0, 0.0), (1.0 / 120.0, 1.0 / 20.0)])
@pytest.mark.parametrize("name", GROUNDS)
def test_the_sweep_is_its_radials_horizons_and_the_exact_answer_between(name, margins, monkeypatch):
    z, cell, radius, sides = GROUNDS[name]
    monkeypatch.setattr(los, "SEEN_MARGIN", margins[0])
    monkeypatch.setattr(los, "HIDDEN_MARGIN", margins[1])
    monkeypatch.setattr(los, "NEAR_CELLS", 0)
    found, exact = answers(z, cell, radius, sides), answers(z, cell, radius, sides, exact=True)
    codes, sure = swept(z, cell, radius, sides, margins)
    near = inside(z, cell, radius, sides) & ~np.isnan(z)
    near[cell] = False
    assert np.array_equal(codes >= 0, near | (codes >= 0) & np.isnan(z)), "each cell belongs to one octant"
    clear = near & (sure > 0.02)
    told = clear & (codes != 2)
    assert np.array_equal(found[told], codes[told])
    open_ = clear & (codes == 2)
    assert np.array_equal(found[open_], exact[open_])
    assert told.sum() > 800
    assert name == "flat" or open_.sum() > 20
    assert (found[~near] == UNKNOWN).sum() == (~near).sum() - 1


def test_near_the_antenna_every_cell_is_asked(monkeypatch):
    z, cell, radius, sides = GROUNDS["square"]
    monkeypatch.setattr(los, "SEEN_MARGIN", 0.0)
    monkeypatch.setattr(los, "HIDDEN_MARGIN", 0.0)
    found, exact = answers(z, cell, radius, sides), answers(z, cell, radius, sides, exact=True)
    rows, cols = np.indices(z.shape)
    beside = np.maximum(abs(rows - cell[0]), abs(cols - cell[1])) <= 8
    assert np.array_equal(found[beside], exact[beside])
    monkeypatch.setattr(los, "NEAR_CELLS", 0)
    assert not np.array_equal(answers(z, cell, radius, sides)[beside], exact[beside])


def test_the_margins_are_those_that_were_measured():
    assert (los.SEEN_MARGIN, los.HIDDEN_MARGIN, los.NEAR_CELLS) == (1.0 / 120.0, 1.0 / 20.0, 8)


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

"""HiGHS as the planner runs it."""

from __future__ import annotations

import random

import highspy
import numpy as np

from cn_planner.solver.highs import ModelColumns, ModelRows, highs_model, solver_with

_LEAST, _MOST = 1, 9


def _covering(seed: int) -> tuple[highspy.HighsLp, ModelColumns, ModelRows]:
    """Return twelve things to choose from, of which rows of four ask for one or two."""
    chance = random.Random(seed)
    columns, rows = ModelColumns(), ModelRows()
    for _ in range(12):
        columns.add(0, 1, chance.choice([1.0, 2.0, 3.0]))
    rows.add([(0, 1.0), (1, 1.0), (2, 1.0)], 2, _MOST)
    rows.add([(0, 1.0), (1, -1.0), (3, -1.0)], -1, _MOST)
    for _ in range(14):
        some = chance.sample(range(12), 4)
        rows.add([(one, chance.choice([1.0, 2.0, 3.0, -1.0])) for one in some], chance.choice([_LEAST, 2]), _MOST)
    return highs_model(highspy, columns, rows), columns, rows


def _left(lp: highspy.HighsLp, **settings: int) -> tuple[int, int]:
    """Return how many rows and columns presolve leaves."""
    solver = solver_with(highspy, settings, lp)
    solver.presolve()
    left = solver.getPresolvedLp()
    return left.num_row_, left.num_col_


def test_it_does_not_try_each_column_at_both_of_its_ends() -> None:
    """The number of that rule is HiGHS's own, and another version may give it to another rule."""
    lp, _, _ = _covering(11)
    assert _left(lp) > _left(lp, presolve_rule_off=0)
    for other in (10, 11, 12, 13, 14, 16):
        assert _left(lp, presolve_rule_off=1 << other) == _left(lp, presolve_rule_off=0), other


def test_it_finds_what_trying_everything_finds() -> None:
    every = (np.arange(1 << 12)[:, None] >> np.arange(12)) & 1
    found = 0
    for seed in range(12):
        lp, columns, rows = _covering(seed)
        keeps = np.ones(len(every), dtype=bool)
        for n, (low, high) in enumerate(zip(rows.lower, rows.upper, strict=True)):
            part = slice(rows.start[n], [*rows.start, len(rows.index)][n + 1])
            value = every[:, rows.index[part]] @ np.array(rows.value[part])
            keeps &= (value >= low) & (value <= high)
        solver = solver_with(highspy, {"mip_rel_gap": 0.0}, lp)
        solver.run()
        if keeps.any():
            found += 1
            assert solver.getInfo().objective_function_value == (every[keeps] @ np.array(columns.cost)).min()
        else:
            assert solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible
    assert 3 < found < 12

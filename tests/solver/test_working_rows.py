"""Rows by what is not zero in them: as scipy's, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from cn_planner.solver.working_rows import SparseRows


@pytest.mark.parametrize(("rows", "columns", "most"), [(1, 1, 1), (7, 4, 3), (300, 90, 40)])
def test_rows_are_taken_and_multiplied_as_scipy_does(rows: int, columns: int, most: int) -> None:
    chance = np.random.default_rng(16)
    start = np.concatenate([[0], np.cumsum(chance.integers(0, most + 1, rows))]).astype(np.int32)
    index = chance.integers(0, columns, start[-1]).astype(np.int32)
    value, point = chance.normal(size=start[-1]), chance.normal(size=columns)
    ours, theirs = SparseRows(start, index, value), csr_array((value, index, start), (rows, columns))
    np.testing.assert_array_equal(ours.times(point), theirs @ point)
    some = chance.permutation(rows)[: rows // 2]
    for name, other in (("start", "indptr"), ("index", "indices"), ("value", "data")):
        np.testing.assert_array_equal(getattr(ours[some], name), getattr(theirs[some], other))

"""A few paths and many are asked in ways of their own, which must not differ by a bit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cn_planner.links import counted


@pytest.mark.parametrize("shape", [(), (0,), (7,), (5, 3)])
def test_few_paths_are_counted_as_many_are(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    for modes in range(1, 14):
        one_way: Any = SimpleNamespace(
            mcs=range(modes), level_dbm=rng.normal(20.0, 3.0, modes), sensitivity_dbm=rng.normal(-80.0, 8.0, modes),
            rate_mbps=rng.choice([0.0, 5.0, 10.0, 20.0, 50.0], modes),
        )  # fmt: skip
        loss = np.asarray(rng.normal(100.0, 12.0, shape))
        loss[rng.random(shape) < 0.1] = np.nan
        few, many = counted._of_few(one_way, loss, 10.0), counted._of_many(one_way, loss, 10.0)
        for one, other in zip(few, many, strict=True):
            np.testing.assert_array_equal(one, other)
            assert (type(one), one.dtype, one.shape) == (type(other), other.dtype, other.shape)

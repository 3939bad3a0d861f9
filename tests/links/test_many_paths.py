"""Single links of many are computed by machine code: to the same bits as without."""

from __future__ import annotations

import numpy as np
import pytest

from cn_planner.links.many_paths import expect_many_paths
from cn_planner.links.sight import clear_chance, path_chance_kernel
from cn_planner.propagation import kernel
from cn_planner.propagation.p526 import p526_kernel, p526_loss
from cn_planner.terrain.height_error import HeightError


def _said(seed: int) -> list[object]:
    """Return what is said of forty drawn paths: some with trees, some over a ridge, at any frequency."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(40):
        points = int(rng.integers(2, 200))
        distance = np.concatenate([[0.0], np.cumsum(rng.uniform(5.0, 90.0, points - 1))])
        ground = 300.0 + np.cumsum(rng.normal(0.0, 5.0, points))
        cover = np.where(rng.random(points) < 0.3, rng.uniform(0.0, 20.0, points), 0.0)
        ends = float(ground[0] + rng.uniform(1.0, 40.0)), float(ground[-1] + rng.uniform(1.0, 40.0))
        freq = float(rng.uniform(150.0, 30_000.0))
        error = HeightError(*(float(one) for one in rng.uniform((0.0, 0.0, 30.0), (6.0, 2.0, 300.0))))
        found.append(p526_loss(distance, ground, ground + cover, *ends, freq, vertical=bool(rng.integers(2))))
        found.append(clear_chance(distance, ground, cover, ends, freq, error))
    return found


def test_a_path_says_the_same_to_the_last_bit_however_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_at_hand", set())
    plain = _said(5)
    assert kernel.at_hand(p526_kernel) is None
    assert kernel.at_hand(path_chance_kernel) is None
    expect_many_paths()
    assert kernel.at_hand(p526_kernel) is kernel.compiled(p526_kernel)
    assert kernel.at_hand(path_chance_kernel) is kernel.compiled(path_chance_kernel)
    assert _said(5) == plain

"""Squares round each cell, against scipy, and that a window need not load that for a plan: it would stay there."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.ndimage import maximum_filter, minimum_filter, uniform_filter

from cn_planner.planning.hilltops import extremes_round, means_round


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (9, 2), (83, 61)])
@pytest.mark.parametrize("cells", [3, 21, 35])
def test_least_greatest_and_mean_are_those_of_scipy_bit_for_bit(shape: tuple[int, int], cells: int) -> None:
    chance = np.random.default_rng(16)
    heights = chance.normal(500.0, 200.0, shape)
    gaps = np.where(chance.random(shape) < 0.1, np.inf, heights)
    np.testing.assert_array_equal(extremes_round(gaps, cells, np.minimum), minimum_filter(gaps, cells, mode="nearest"))
    np.testing.assert_array_equal(
        extremes_round(-gaps, cells, np.maximum), maximum_filter(-gaps, cells, mode="nearest")
    )
    np.testing.assert_array_equal(means_round(heights, cells), uniform_filter(heights, cells, mode="nearest"))
    single = gaps.astype(np.float32)
    least = extremes_round(single, cells, np.minimum)
    assert least.dtype == np.float32, "samples as they stand: half the memory"
    np.testing.assert_array_equal(least, minimum_filter(single, cells, mode="nearest"))
    assert (means_round(np.ones(shape), cells) == 1.0).all(), "where all is known, nobody asks for the share that is"


def test_a_plan_with_places_of_the_terrain_needs_no_scipy(tmp_path) -> None:
    """It would hold 14 to 23 MB in the window for good, from the first plan or paper on."""
    look = (
        "import sys; from pathlib import Path; from cn_planner.session.sample import open_sample\n"
        "from cn_planner.planning.hilltops import places_that_stand_out\n"
        "import numpy as np; import cn_planner.solver.working_rows as rows; project = open_sample(Path(sys.argv[1]))\n"
        "surface = project.snapshot().surface\n"
        "assert places_that_stand_out(surface, *surface.bounds, 5, cells=40_000)\n"
        "whole = rows.SparseRows(np.array([0, 2], np.int32), np.array([1, 0], np.int32), np.array([2.0, 3.0]))\n"
        "assert whole.times(np.array([5.0, 7.0]))[0] == 29.0; project.close(); print('scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]

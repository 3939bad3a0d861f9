"""What a user would miss: a count of homes with the spread that homes have which share one error."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cn_planner.links.count_range import COMMON_SD_DB, count_range, range_words
from cn_planner.links.sight import Sight


def drawn(margin: np.ndarray, clear: np.ndarray, weight: np.ndarray, sure: float) -> tuple[float, float]:
    """Return the tenth and ninetieth percentile of 20,000 places; all paths have 1 F1 and more where they are clear."""
    rng = np.random.default_rng(3)
    common = rng.normal(0.0, COMMON_SD_DB, (20_000, 1))
    local = rng.normal(0.0, 4.0, (20_000, len(margin)))
    works = (margin + common + local > 0.0) & (rng.random(local.shape) < clear)
    low, high = np.percentile(sure + works @ weight, [10, 90])
    return float(low), float(high)


@pytest.mark.parametrize("spare_db", [0.0, 6.0, 14.0, 30.0])
def test_the_range_is_that_of_draws_with_one_error_in_common(spare_db):
    rng = np.random.default_rng(1)
    margin, clear = spare_db + rng.uniform(0.0, 12.0, 163), rng.uniform(0.7, 1.0, 163)
    weight = np.where(rng.random(163) < 0.1, 2.0, 1.0)
    low, high = count_range(margin, Sight(np.full(163, 2.0), clear, np.zeros(163)), weight, 3.0)
    want_low, want_high = drawn(margin, clear, weight, 3.0)
    assert low == pytest.approx(want_low, abs=0.03 * weight.sum())
    assert high == pytest.approx(want_high, abs=0.03 * weight.sum())
    assert low < high <= weight.sum() + 3.0


def test_a_common_error_spreads_more_than_coins_of_each_home():
    margin = np.full(100, 6.0)
    low, high = count_range(margin, Sight(np.full(100, 2.0), np.ones(100), np.zeros(100)), np.ones(100))
    # Each works with Phi(6 / hypot(8.5, 4)) = 0.74; as coins of their own 80 % lie within 1.28 sqrt(100 .74 .26) of it.
    assert high - low > 3.0 * 2.0 * 1.2816 * math.sqrt(100 * 0.74 * 0.26)


def test_nobody_and_those_at_the_mast_are_counted_as_they_are():
    none = np.zeros(0)
    assert count_range(none, Sight(none, none, none), none) == (0.0, 0.0)
    assert count_range(none, Sight(none, none, none), none, 7.0) == (7.0, 7.0)
    gone = np.array([math.nan])
    assert count_range(gone, Sight(gone, gone, gone), np.ones(1), 2.0) == (2.0, 2.0)
    same = np.linspace(-5.0, 20.0, 40), Sight(np.full(40, 1.0), np.full(40, 0.9), np.full(40, 0.05)), np.ones(40)
    assert count_range(*same) == count_range(*same)


def test_a_count_and_its_range_are_told_apart():
    """286 stood beside "264 to 279 in truth": the one is what is predicted, the other what comes of it."""
    said = str(range_words(264.0, 279.0))
    assert "as predicted" in said
    assert "264 to 279 of these homes" in said

"""What a user would miss: a probability that means what it says, and verdicts at their limits."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from link_paths import sighted

from cn_planner.links.verdict import VERDICTS, Verdict, probability, sigma_db, verdict_codes
from cn_planner.model.plan import Rules


def test_probability_is_the_normal_distribution_s():
    margins = np.linspace(-40.0, 40.0, 81)
    expected = [NormalDist(0.0, 12.0).cdf(margin) for margin in margins]
    assert probability(margins, np.full(81, 12.0)) == pytest.approx(expected, abs=1e-12)
    assert probability(0.0, 6.0) == 0.5


def test_sigma_is_12_db_behind_a_hill_4_db_in_the_clear_and_makes_no_jump():
    clear = [-5.0, 0.0, 0.3, 0.6, 0.8, 1.0, 4.0, math.inf]
    assert sigma_db(clear).tolist() == pytest.approx([12.0, 12.0, 9.0, 6.0, 5.0, 4.0, 4.0, 4.0])
    assert np.abs(np.diff(sigma_db(np.linspace(-1.0, 2.0, 3001)))).max() < 0.02
    assert np.isnan(sigma_db(math.nan))


def verdict(clear, chance, **rules):
    return VERDICTS[int(verdict_codes(sighted(clear), chance, Rules(**rules)))]


@pytest.mark.parametrize(
    ("clear", "works", "said"),
    [
        (0.6, 0.9, Verdict.LIKELY),
        (0.59, 0.99, Verdict.CHECK_ON_SITE),
        (0.6, 0.89, Verdict.CHECK_ON_SITE),
        (-3.0, 0.5, Verdict.CHECK_ON_SITE),
        (5.0, 0.49, Verdict.BLOCKED),
        (math.nan, 0.99, Verdict.NO_DATA),
        (1.0, math.nan, Verdict.NO_DATA),
        (0.6, None, Verdict.LIKELY),
        (0.1, None, Verdict.CHECK_ON_SITE),
        (-0.1, None, Verdict.BLOCKED),
        (math.nan, None, Verdict.NO_DATA),
    ],
)
def test_verdicts_at_their_limits(clear, works, said):
    assert verdict(clear, works) is said


def test_the_limits_are_the_plan_s():
    assert verdict(0.6, 0.85, likely_probability=0.8) is Verdict.LIKELY
    assert verdict(0.6, 0.99, clearance_f1=1.0) is Verdict.CHECK_ON_SITE
    assert verdict(0.6, 0.4, blocked_probability=0.3) is Verdict.CHECK_ON_SITE


def test_where_no_power_is_legal_all_is_blocked_but_what_is_not_known():
    codes = verdict_codes(sighted([2.0, math.nan]), [0.99, 0.99], Rules(), allowed=False)
    assert [VERDICTS[code] for code in codes] == [Verdict.BLOCKED, Verdict.NO_DATA]

"""What a user would miss: a chance of a clear path that is what draws of such ground give, and no hill that works."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from cn_planner.links.sight import (
    TAIL_SHARE,
    TAIL_TIMES,
    Sight,
    bends,
    clear_chance,
    less_kernel,
    share_chance_kernel,
)
from cn_planner.links.verdict import VERDICTS, Verdict, chance_of_margin_kernel, verdict_codes, works
from cn_planner.model.plan import Rules
from cn_planner.model.propagation_models import FREE_SPACE, ITM
from cn_planner.propagation.clearance import path_clearance
from cn_planner.terrain.height_error import EXACT, HeightError

MHZ, K = 5500.0, 4.0 / 3.0
RADAR = HeightError(4.0, 0.0, 180.0)


def path(kind: str, length: float = 4000.0, step: float = 40.0) -> tuple[np.ndarray, np.ndarray]:
    """Return distances and ground: level, one ridge, rolling, or a slope down from the first end."""
    d = np.linspace(0.0, length, round(length / step) + 1)
    ground = {
        "level": 0.0 * d,
        "ridge": 12.0 * np.exp(-(((d - 0.4 * length) / 120.0) ** 2)),
        "rolling": 6.0 * np.sin(d / 310.0) + 4.0 * np.sin(d / 97.0),
        "slope": 90.0 - 90.0 * d / length + 4.0 * np.sin(d / 200.0),
    }[kind]
    return d, ground


def drawn(d: np.ndarray, ground: np.ndarray, amsl: tuple[float, float], error: HeightError, share: float) -> float:
    """Return how often so much of the first Fresnel radius is clear where the ground is off, by 20,000 draws.

    The error of the ground is a Gaussian walk that forgets exponentially; antennas stand on it and rise and fall with
    it. One path in ten is four times as far off.
    """
    rng, draws = np.random.default_rng(11), 20_000
    off = np.empty((len(d), draws))
    off[0] = rng.standard_normal(draws)
    for i, step in enumerate(np.diff(d), 1):
        keeps = math.exp(-step / error.reach_m)
        off[i] = keeps * off[i - 1] + math.sqrt(1.0 - keeps * keeps) * rng.standard_normal(draws)
    off *= error.sd_m * np.where(rng.random(draws) < 0.1, 4.0, 1.0)
    t = (d / d[-1])[:, np.newaxis]
    ray = (amsl[0] + off[0]) * (1.0 - t) + (amsl[1] + off[-1]) * t
    bulge = d * (d[-1] - d) / (2.0 * 6_371_000.0 * K)
    zone = share * np.sqrt(299.792458 / MHZ * d * (d[-1] - d) / d[-1])
    clear = ray - off - (ground + bulge + zone)[:, np.newaxis]
    return float((clear[1:-1] > 0.0).all(axis=0).mean())


@pytest.mark.parametrize("kind", ["level", "ridge", "rolling", "slope"])
@pytest.mark.parametrize("error", [RADAR, HeightError(1.5, 0.0, 100.0)], ids=["radar", "finer"])
@pytest.mark.parametrize("mast_m", [6.0, 12.0, 20.0, 35.0])
def test_the_chance_is_that_of_draws_of_such_ground(kind, error, mast_m):
    assert (TAIL_SHARE, TAIL_TIMES) == (0.1, 4.0), "as the draws have it"
    d, ground = path(kind)
    amsl = float(ground[0]) + mast_m, float(ground[-1]) + mast_m
    found = clear_chance(d, ground, 0.0 * d, amsl, MHZ, error, K)
    assert found.clear == pytest.approx(drawn(d, ground, amsl, error, 0.6), abs=0.12)
    # Above 2 GHz a signal passes where the line of sight is free.
    assert found.clear + found.passes == pytest.approx(drawn(d, ground, amsl, error, 0.0), abs=0.12)
    assert found.terrain_sd_m == error.sd_m


def test_one_narrow_ridge_is_the_normal_distribution_of_its_own_clearance():
    d = np.array([0.0, 1995.0, 2000.0, 2005.0, 4000.0])
    ground = np.array([0.0, -50.0, 10.0, -50.0, 0.0])
    # Half way, the ends far beyond the reach: the variances of the ridge and of a quarter of each end.
    sd = 4.0 * math.sqrt(1.0 + 0.25 + 0.25)
    for mast in (5.0, 14.0, 20.0):
        over = mast - 10.0 - 2000.0**2 / (2.0 * 6_371_000.0 * K)
        over -= 0.6 * math.sqrt(299.792458 / MHZ * 1000.0)
        normal = NormalDist(0.0, math.hypot(sd, 0.3))
        want = 0.9 * normal.cdf(over) + 0.1 * normal.cdf(over / 4.0)
        assert clear_chance(d, ground, 0.0 * d, (mast, mast), MHZ, RADAR, K).clear == pytest.approx(want, abs=0.02)


def test_exact_ground_is_clear_or_is_not():
    d, ground = path("ridge")
    for mast, clear in ((8.0, 0.0), (25.0, 1.0)):
        assert clear_chance(d, ground, 0.0 * d, (mast, mast), MHZ, EXACT, K).clear == pytest.approx(clear, abs=1e-3)


def test_slopes_and_trees_make_it_less_sure():
    d, ground = path("rolling")
    amsl = float(ground[0]) + 20.0, float(ground[-1]) + 20.0
    steep = HeightError(4.0, 30.0, 180.0)
    slope = math.sqrt(float(np.mean((np.diff(ground) / np.diff(d)) ** 2)))
    sloping = clear_chance(d, ground, 0.0 * d, amsl, MHZ, steep, K)
    assert sloping.terrain_sd_m == pytest.approx(math.hypot(4.0, 30.0 * slope))
    assert sloping.clear < clear_chance(d, ground, 0.0 * d, amsl, MHZ, RADAR, K).clear
    trees = np.where((d > 500.0) & (d < 3500.0), 10.0, 0.0)
    under = clear_chance(d, ground - trees, trees, amsl, MHZ, RADAR, K)
    assert under.clear < clear_chance(d, ground, 0.0 * d, amsl, MHZ, RADAR, K).clear


def test_two_places_with_nothing_between_are_clear_of_each_other():
    d = np.array([0.0, 60.0])
    assert clear_chance(d, 0.0 * d, 0.0 * d, (5.0, 5.0), MHZ, RADAR, K)[:2] == (1.0, 0.0)


def test_the_table_is_the_logarithm_of_the_normal_distribution():
    for z in np.linspace(-7.9, 4.9, 997).tolist():
        assert less_kernel(z) == pytest.approx(-math.log(0.5 * math.erfc(-z / math.sqrt(2.0))), abs=1e-4)
    assert less_kernel(6.0) == 0.0
    assert less_kernel(math.inf) == 0.0


def test_signals_bend_over_hills_below_a_gigahertz_and_no_step_is_seen():
    assert bends(200.0) > 0.999
    assert bends(868.0) > 0.9
    assert bends(1200.0) == pytest.approx(0.5)
    assert bends(2400.0) < 0.005
    assert bends(5500.0) < 1e-5
    grid = [bends(f) for f in range(100, 6000)]
    assert max(abs(np.diff(grid))) < 0.002


def test_the_chance_of_a_cell_of_a_map_is_that_of_an_edge_half_way():
    d = np.array([0.0, 1995.0, 2000.0, 2005.0, 4000.0])
    ground = np.array([0.0, -50.0, 10.0, -50.0, 0.0])
    amsl = (16.0, 16.0)
    f1 = path_clearance(d, ground, *amsl, MHZ, K).clearance_f1
    clear, passes = share_chance_kernel(f1, 4000.0, 4.0, 299.792458 / MHZ, bends(MHZ))
    own = clear_chance(d, ground, 0.0 * d, amsl, MHZ, RADAR, K)
    assert clear == pytest.approx(own.clear, abs=0.02)
    assert passes == pytest.approx(own.passes, abs=0.02)


@pytest.mark.parametrize("f1", [-8.0, -0.5, 0.0, 0.3, 0.6, 0.8, 1.0, 5.0, math.inf])
def test_one_path_and_many_have_the_same_probability(f1):
    margins = np.array([-20.0, 0.0, 7.0, 30.0])
    many = works(margins, Sight(np.full(4, f1), np.full(4, 0.4), np.full(4, 0.25)))
    assert many.tolist() == pytest.approx([chance_of_margin_kernel(m, f1, 0.4, 0.25, 6.0) for m in margins], abs=1e-12)


def test_the_probability_is_the_sum_over_clear_and_not_clear():
    phi = NormalDist().cdf
    # At 0.6 F1 an edge costs nothing, 6 dB are sigma; one that is in the way all the same costs at least what 0.3 F1
    # does: nu = -0.424, 6.9 + 20 log10(sqrt(0.524^2 + 1) - 0.524) = 2.53 dB.
    assert works(9.0, Sight(0.6, 0.7, 0.2)) == pytest.approx(
        0.7 * phi(9.0 / 6.0) + 0.2 * phi((9.0 - 2.533) / 12.0), abs=1e-4
    )
    # In the line itself an edge costs 6.03 dB, which the path would not lose were it clear.
    assert works(9.0, Sight(0.0, 0.3, 0.2)) == pytest.approx(0.3 * phi(15.03 / 6.0) + 0.2 * phi(9.0 / 12.0), abs=1e-4)
    # From 1 F1 on sigma is 4 dB; of ITM two thirds of 8. Free space counts no edge in the first place.
    assert works(3.0, Sight(1.0, 1.0, 0.0)) == pytest.approx(phi(3.0 / 4.0))
    assert works(3.0, Sight(1.0, 1.0, 0.0), ITM) == pytest.approx(phi(3.0 / (16.0 / 3.0)))
    assert works(9.0, Sight(0.0, 0.3, 0.2), FREE_SPACE) == pytest.approx(
        0.3 * phi(9.0 / 6.0) + 0.2 * phi(2.97 / 12.0), abs=1e-4
    )
    assert np.isnan(works(math.nan, Sight(1.0, 1.0, 0.0)))


def hill(over_m: float, freq_mhz: float, margin_db: float = 25.0) -> tuple[float, Verdict]:
    """Return probability and verdict of 1.5 km with so much hill above the ray, by a radio with such a margin left."""
    d, ground = path("ridge", 1500.0, 45.0)
    ground = ground * (over_m + 10.0) / float(ground.max())
    found = clear_chance(d, ground, 0.0 * d, (10.0, 10.0), freq_mhz, HeightError(2.9, 9.9, 180.0), K)
    f1 = path_clearance(d, ground, 10.0, 10.0, freq_mhz, K).clearance_f1
    one = Sight(f1, found.clear, found.passes)
    chance = float(works(margin_db, one))
    return chance, VERDICTS[int(verdict_codes(one, chance, Rules()))]


def test_through_a_hill_beyond_the_terrain_s_error_it_is_blocked_whatever_the_margin():
    for over in (20.0, 40.0, 94.0):
        for margin in (10.0, 60.0):
            assert hill(over, MHZ, margin)[1] is Verdict.BLOCKED
    assert hill(94.0, MHZ, 60.0)[0] < 1e-3
    # Below a gigahertz diffraction decides, as the margin has it.
    assert hill(20.0, 700.0, 25.0)[1] is Verdict.CHECK_ON_SITE
    assert hill(20.0, 700.0, -5.0)[1] is Verdict.BLOCKED

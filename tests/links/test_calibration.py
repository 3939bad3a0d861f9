"""What measurements teach: held against Gaussian conditioning written out, and against made-up places with a truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cn_planner.links.calibration import (
    FEW,
    Observations,
    fit_figures,
    fit_place,
    held_out,
    reading_sd_db,
)
from cn_planner.links.place_model import PRIOR, Hyper, PathPoints, PlaceModel, Posterior, bands_of, middle_of
from cn_planner.progress import ALONE

LAT, LON = -1.4, 36.5
METRE = 180.0 / (math.pi * 6_371_000.0)


def places(east, north, **more):
    count = len(east)
    given = {"site": np.zeros(count, np.int64), "freq_mhz": np.full(count, 415.0),
             "distance_m": np.hypot(east, north) + 50.0, "excess_db": np.full(count, 10.0),
             "clearance_f1": np.zeros(count), "height_m": np.full(count, 2.0)} | more  # fmt: skip
    return PathPoints(LAT + north * METRE, LON + east * METRE / math.cos(math.radians(LAT)), **given)


def made_up(count, seed, *, offset=14.0, local=6.0, reach=250.0, noise=2.5, size=3000.0):
    """Levels of a place by an exact draw: offset, local by its covariance, noise, all written out here."""
    draw = np.random.default_rng(seed)
    east, north = draw.uniform(-size, size, (2, count))
    apart = np.hypot(east[:, None] - east, north[:, None] - north)
    root = np.linalg.cholesky(local**2 * np.exp(-apart / reach) + 1e-6 * np.eye(count))
    excess = np.abs(draw.normal(12.0, 7.0, count))
    value = offset - 0.25 * excess + root @ draw.standard_normal(count) + noise * draw.standard_normal(count)
    return places(east, north, excess_db=excess), value


def dense(points, value, variance, asked, hyper):
    """The posterior by plain conditioning of one joint normal, in loops."""

    def prior(a, i, b, j):
        east = (a.longitude[i] - b.longitude[j]) * math.cos(math.radians(middle[0])) / METRE
        apart = math.hypot(east, (a.latitude[i] - b.latitude[j]) / METRE)
        width = [1.15 + (0.8 - 1.15) * min(max(p.clearance_f1[n], 0.0), 1.0) for p, n in ((a, i), (b, j))]
        shared = 1.0 if a.site[i] == b.site[j] else 0.5
        common = 10.0**2 + (5.0**2 if a.site[i] == b.site[j] else 0.0)
        common += hyper.excess_sd**2 * a.excess_db[i] * b.excess_db[j]
        common += 3.0**2 * math.log10(a.distance_m[i] / 1000.0) * math.log10(b.distance_m[j] / 1000.0)
        common += 6.0**2 * math.log10(a.height_m[i] / 2.0) * math.log10(b.height_m[j] / 2.0)
        return common + hyper.local_sd_db**2 * width[0] * width[1] * shared * math.exp(-apart / hyper.range_m)

    middle = middle_of(points)
    n, m = len(value), len(asked.site)
    among = np.array([[prior(points, i, points, j) for j in range(n)] for i in range(n)]) + np.diag(variance)
    to = np.array([[prior(asked, i, points, j) for j in range(n)] for i in range(m)])
    own = np.array([prior(asked, i, asked, i) for i in range(m)])
    mean = to @ np.linalg.solve(among, value)
    return mean, np.sqrt(own - np.einsum("ij,ji->i", to, np.linalg.solve(among, to.T))), among


def test_with_few_measurements_the_posterior_is_plain_conditioning():
    draw = np.random.default_rng(3)
    east, north = draw.uniform(-900.0, 900.0, (2, 15))
    some = {"site": np.array([0, 1] * 7 + [0]), "excess_db": draw.uniform(0, 30, 15),
            "clearance_f1": draw.uniform(-1, 2, 15), "height_m": draw.uniform(0.7, 12.0, 15)}  # fmt: skip
    points, value = places(east, north, **some), draw.normal(8.0, 9.0, 15)
    variance = draw.uniform(4.0, 20.0, 15)
    asked = places(np.array([0.0, 300.0, 5000.0]), np.array([10.0, -200.0, 0.0]), site=np.array([0, 1, 0]),
                   height_m=np.array([2.0, 6.0, 1.5]))  # fmt: skip
    hyper = Hyper(5.0, 300.0, 3.0, 0.2)
    model = PlaceModel(bands_of(points.freq_mhz), 2, middle_of(points), hyper)
    posterior = Posterior.of(model, points, value, variance)
    found = posterior.at(asked)
    mean, sd, among = dense(points, value, variance, asked, hyper)
    np.testing.assert_allclose(found.shift_db, mean, atol=2e-3)
    np.testing.assert_allclose(np.hypot(found.common_sd_db, found.local_sd_db), sd, atol=2e-3)
    sign, logs = np.linalg.slogdet(among)
    score = -0.5 * (value @ np.linalg.solve(among, value) + logs + 15 * math.log(2 * math.pi))
    assert sign == 1.0
    assert posterior.score == pytest.approx(score, abs=1e-3)


def test_neighbours_stand_for_all_where_there_are_many():
    points, value = made_up(600, 5)
    asked = places(np.linspace(-2500, 2500, 40), np.linspace(2500, -2500, 40))
    model = PlaceModel(bands_of(points.freq_mhz), 1, middle_of(points), PRIOR)
    found = Posterior.of(model, points, value, np.full(600, 9.0)).at(asked)
    mean, sd, _ = dense(points, value, np.full(600, 9.0), asked, PRIOR)
    np.testing.assert_allclose(found.shift_db, mean, atol=0.35)
    np.testing.assert_allclose(np.hypot(found.common_sd_db, found.local_sd_db), sd, atol=0.15)


def test_below_twenty_measurements_nothing_but_the_priors_widths_count():
    points, value = made_up(FEW - 1, 1)
    assert fit_place(Observations(points, value, np.zeros(FEW - 1, bool)), 1, ALONE).hyper == PRIOR


@pytest.mark.parametrize(("count", "most_db"), [(5, 8.2), (20, 7.6), (100, 7.2)])
def test_the_offset_of_a_place_is_found_from_five_measurements_on(count, most_db):
    """Offset of 14 dB less what excess takes: unmeasured 13 dB off. What stays is 6 dB local and 2.5 dB of noise."""
    missed, before = [], []
    for seed in range(4):
        points, value = made_up(count + 300, seed)
        learned, asked = np.arange(count), np.arange(count, count + 300)
        seen = Observations(points.take(learned), value[learned], np.zeros(count, bool))
        fit, _ = held_out(seen, fit_place(seen, 1, ALONE), ALONE)
        found = fit.posterior.at(points.take(asked))
        missed.append(value[asked] - found.shift_db)
        before.append(value[asked])
        _, _, score, within = fit_figures(missed[-1], reading_sd_db(found, fit.reading_sd_db), np.zeros(300, bool))
        assert score > -3.75
        assert 0.6 < within < 0.97
    assert np.sqrt(np.mean(np.square(before))) > 11.0
    assert np.sqrt(np.mean(np.square(missed))) < most_db


def test_what_is_local_is_found_where_there_are_many():
    points, value = made_up(900, 8, local=7.0, reach=400.0)
    fit = fit_place(Observations(points, value, np.zeros(900, bool)), 1, ALONE)
    assert 5.0 < fit.hyper.local_sd_db * 1.15 < 9.0  # paths here are obstructed: wider than the mean of all
    assert 200.0 < fit.hyper.range_m < 800.0
    assert 1.2 < fit.hyper.nugget_db < 4.5


def test_readings_at_the_floor_say_that_the_level_is_no_higher():
    points, value = made_up(300, 4)
    floor = float(np.quantile(value, 0.4))
    cut = value <= floor
    read = np.maximum(value, floor)
    honest = fit_place(Observations(points, read, cut), 1, ALONE).posterior.at(points)
    naive = fit_place(Observations(points, read, np.zeros(300, bool)), 1, ALONE).posterior.at(points)
    wrong = [float(np.mean(value[cut] - one.shift_db[cut])) for one in (honest, naive)]
    assert abs(wrong[0]) < 1.6
    assert wrong[1] < -2.0


def test_one_reading_that_is_far_off_moves_little():
    points, value = made_up(60, 2)
    clean = fit_place(Observations(points, value, np.zeros(60, bool)), 1, ALONE)
    spoiled = value.copy()
    spoiled[7] += 60.0
    bad = fit_place(Observations(points, spoiled, np.zeros(60, bool)), 1, ALONE)
    assert abs(float(bad.posterior.mean[0] - clean.posterior.mean[0])) < 1.5
    assert bad.posterior.variance_db2[7] > 20.0 * np.median(bad.posterior.variance_db2)


def test_one_slip_of_the_pen_does_not_widen_what_is_told_of_a_whole_place():
    points, value = made_up(8, 4)
    spoiled = value.copy()
    spoiled[3] += 95.0
    told = []
    for read in (value, spoiled):
        seen = Observations(points, read, np.zeros(8, bool))
        told.append(held_out(seen, fit_place(seen, 1, ALONE), ALONE)[0].reading_sd_db)
    assert told[1] < told[0] + 12.0


def test_what_receivers_gain_with_their_height_is_learned_where_heights_differ():
    points, value = made_up(30, 8)
    each, height = np.repeat(np.arange(30), 3), np.resize([0.75, 1.5, 3.0], 90)
    noise = np.random.default_rng(8).normal(0.0, 2.0, 90)
    points, value = points.take(each)._replace(height_m=height), value[each] + 10.0 * np.log10(height / 2.0) + noise
    fit = fit_place(Observations(points, value, np.zeros(90, bool)), 1, ALONE)
    low, high = (fit.posterior.at(points._replace(height_m=np.full(90, h))) for h in (0.75, 3.0))
    assert np.allclose(high.shift_db - low.shift_db, 10.0 * math.log10(4.0), atol=1.5)
    # Heights that were not measured are less sure, by what they lie apart.
    alike = points._replace(height_m=np.full(90, 2.0))
    fit = fit_place(Observations(alike, value, np.zeros(90, bool)), 1, ALONE)
    same, roof = (fit.posterior.at(alike._replace(height_m=np.full(90, h))) for h in (2.0, 6.0))
    assert np.allclose(roof.shift_db, same.shift_db)
    assert np.allclose(roof.common_sd_db**2 - same.common_sd_db**2, (6.0 * math.log10(3.0)) ** 2, atol=1e-6)


def test_another_band_says_little_and_says_so():
    points, value = made_up(120, 6)
    fit = fit_place(Observations(points, value, np.zeros(120, bool)), 1, ALONE)
    here, far = (fit.posterior.at(points.take(np.arange(5))._replace(freq_mhz=np.full(5, f))) for f in (415.0, 5500.0))
    assert np.all(np.abs(far.shift_db) < 0.1)
    assert np.all(far.common_sd_db > 9.0)
    assert np.all(here.common_sd_db < 4.0)


def test_the_same_measurements_give_the_same_bits():
    points, value = made_up(250, 9)
    seen = Observations(points, value, value < np.quantile(value, 0.1))
    one, two = (held_out(seen, fit_place(seen, 1, ALONE), ALONE) for _ in range(2))
    assert one[0].hyper == two[0].hyper
    assert one[0].posterior.mean.tobytes() == two[0].posterior.mean.tobytes()
    assert one[1] == two[1]


def test_blocks_and_what_is_round_them_are_left_out():
    points, value = made_up(400, 11)
    seen = Observations(points, value, np.zeros(400, bool))
    fit, worth = held_out(seen, fit_place(seen, 1, ALONE), ALONE)
    assert worth is not None
    assert worth.block_m == 1000.0
    near = fit.posterior.at(points)
    itself = float(np.sqrt(np.mean((value - near.shift_db) ** 2)))
    assert worth.rmse_db > itself + 1.5  # readings themselves and their neighbours would tell
    assert worth.rmse_db < 8.5
    assert 0.7 < worth.within_80 < 0.95


def test_a_calibration_across_180_degrees():
    points, value = made_up(40, 3)
    moved = points._replace(longitude=(points.longitude - LON + 180.0 + 180.0) % 360.0 - 180.0)
    here = fit_place(Observations(points, value, np.zeros(40, bool)), 1, ALONE).posterior.at(points)
    there = fit_place(Observations(moved, value, np.zeros(40, bool)), 1, ALONE).posterior.at(moved)
    np.testing.assert_allclose(there.shift_db, here.shift_db, atol=1e-3)

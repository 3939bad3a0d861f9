"""P.526 once more, as the Recommendation writes it: every point of every profile, no short ways, no kernels."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cn_planner.errors import InputError
from cn_planner.propagation.delta_bullington import delta_bullington_kernel
from cn_planner.propagation.p526 import p526_kernel, p526_loss
from cn_planner.validation.p526_parts import (
    delta_bullington_loss,
    delta_bullington_losses,
    p526_losses,
    spherical_earth_loss_db,
)

RADIUS_M = 6_371_000.0 * 4 / 3


def edge(nu: float) -> float:
    """Return the loss of a knife edge, eq. 31."""
    return 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1) if nu > -0.78 else 0.0


def bullington(distance, heights, a: float, b: float, wavelength: float, radius: float) -> float:
    """Return the loss of an actual profile, section 4.5.1."""
    inner, top, length = distance[1:-1], np.asarray(heights)[1:-1], distance[-1]
    if not len(inner):
        return 0.0
    bulge = inner * (length - inner) / (2.0 * radius)
    from_a, from_b = ((top + bulge - a) / inner).max(), ((top + bulge - b) / (length - inner)).max()
    if from_a < (b - a) / length:
        over = top + bulge - (a * (length - inner) + b * inner) / length
        nu = (over * np.sqrt(2.0 * length / (wavelength * inner * (length - inner)))).max()
    else:
        at = (b - a + from_b * length) / (from_a + from_b)
        over = a + from_a * at - (a * (length - at) + b * at) / length
        nu = over * math.sqrt(2.0 * length / (wavelength * at * (length - at)))
    loss = edge(nu)
    return loss + (1.0 - math.exp(-loss / 6.0)) * (10.0 + 0.02 * length / 1000.0)


def above_the_smooth_earth(distance, ground, a: float, b: float) -> tuple[float, float]:
    """Return the heights of both ends over the smooth surface, section 4.5.3 with eq. 60 to 63, never below it."""
    length, n = distance[-1], len(distance)
    v1 = sum((distance[i] - distance[i - 1]) * (ground[i] + ground[i - 1]) for i in range(1, n))
    v2 = sum(
        (distance[i] - distance[i - 1])
        * (ground[i] * (2 * distance[i] + distance[i - 1]) + ground[i - 1] * (distance[i] + 2 * distance[i - 1]))
        for i in range(1, n)
    )
    start, end = (2 * v1 * length - v2) / length**2, (v2 - v1 * length) / length**2
    inner = distance[1:-1]
    over = ground[1:-1] - (a * (length - inner) + b * inner) / length
    if len(inner) and over.max() > 0.0:
        steep_a, steep_b = (over / inner).max(), (over / (length - inner)).max()
        start -= over.max() * steep_a / (steep_a + steep_b)
        end -= over.max() * steep_b / (steep_a + steep_b)
    return max(a - min(start, ground[0]), 0.0), max(b - min(end, ground[-1]), 0.0)


def by_the_book(distance, ground, surface, a, b, freq_mhz, radius=RADIUS_M, *, vertical=True):
    """Return the actual, smooth, spherical and whole loss, section 4.5.4."""
    wavelength = 299.792458 / freq_mhz
    actual = bullington(distance, surface, a, b, wavelength, radius)
    high_a, high_b = above_the_smooth_earth(distance, ground, a, b)
    smooth = bullington(distance, np.zeros(len(distance)), high_a, high_b, wavelength, radius)
    spherical = spherical_earth_loss_db(distance[-1], high_a, high_b, freq_mhz, radius, vertical=vertical)
    return actual, smooth, spherical, actual + max(spherical - smooth, 0.0)


def profile(seed: int):
    """Return uneven steps, ground and antennas: in sight, over hills, of few points, and one under the ground."""
    rng = np.random.default_rng(seed)
    points = (2, 3, 4, 5, 9, 33, 90)[seed % 7]
    distance = np.concatenate([[0.0], np.cumsum(rng.uniform(0.2, 1.0, points - 1))])
    distance *= (800.0, 9_000.0, 40_000.0)[seed % 3] / distance[-1]
    ground = 200.0 + (0.0, 6.0, 40.0, 150.0)[seed % 4] * rng.standard_normal(points)
    masts = rng.uniform(0.0, 60.0, 2) - (5.0 if seed % 11 == 0 else 0.0)
    return distance, ground, ground[0] + masts[0], ground[-1] + masts[1]


@pytest.mark.parametrize("seed", range(42))
def test_the_loss_over_any_profile_is_that_of_the_recommendation(seed):
    distance, ground, a, b = profile(seed)
    freq, vertical = (450.0, 5500.0)[seed % 2], seed % 5 > 0
    expected = by_the_book(distance, ground, ground, a, b, freq, vertical=vertical)
    found = delta_bullington_loss(distance, ground, a, b, freq, RADIUS_M, vertical=vertical)
    assert found == pytest.approx(expected, abs=1e-7)
    trees = ground + np.where(np.random.default_rng(seed).random(len(ground)) < 0.4, 14.0, 0.0)
    with_trees = delta_bullington_loss(distance, ground, a, b, freq, RADIUS_M, vertical=vertical, surface_m=trees)
    assert with_trees == pytest.approx(by_the_book(distance, ground, trees, a, b, freq, vertical=vertical), abs=1e-7)


@pytest.mark.parametrize("seed", range(0, 42, 3))
def test_trees_cost_what_the_profile_with_them_costs_more(seed):
    distance, ground, a, b = profile(seed)
    trees = ground + np.where(np.random.default_rng(seed).random(len(ground)) < 0.4, 14.0, 0.0)
    found = p526_loss(distance, ground, trees, a, b, 5500.0)
    bare, _, _, whole = by_the_book(distance, ground, ground, a, b, 5500.0)
    covered = by_the_book(distance, ground, trees, a, b, 5500.0)[0]
    slant = math.hypot(distance[-1], b - a)
    free = 20.0 * math.log10(4.0 * math.pi * slant * 5.5e9 / 299_792_458.0)
    assert found == pytest.approx((free, whole, max(covered - bare, 0.0)), abs=1e-7)


@pytest.mark.parametrize("at", [1, 2, 5, 8])
def test_one_tree_anywhere_on_the_path_is_seen(at):
    distance, ground = np.linspace(0.0, 3000.0, 10), np.full(10, 50.0)
    surface = ground.copy()
    surface[at] += 20.0
    found = p526_loss(distance, ground, surface, 60.0, 60.0, 5500.0)
    expected = bullington(distance, surface, 60.0, 60.0, 299.792458 / 5500.0, RADIUS_M)
    assert expected > 15.0
    assert found.vegetation_db == pytest.approx(expected, abs=1e-9)
    assert p526_loss(distance, ground, ground, 60.0, 60.0, 5500.0).vegetation_db == 0.0


def test_the_air_bends_as_usual_and_waves_stand_upright_where_nothing_is_said():
    distance, ground = np.linspace(0.0, 30_000.0, 40), np.zeros(40)
    usual = p526_loss(distance, ground, ground, 10.0, 10.0, 60.0)
    assert usual == p526_loss(distance, ground, ground, 10.0, 10.0, 60.0, 4 / 3, vertical=True)
    flat = p526_loss(distance, ground, ground, 0.5, 0.5, 60.0, vertical=False)
    upright = p526_loss(distance, ground, ground, 0.5, 0.5, 60.0)
    assert upright == p526_loss(distance, ground, ground, 0.5, 0.5, 60.0, vertical=True)
    assert abs(flat.diffraction_db - upright.diffraction_db) > 0.01
    assert p526_loss(distance, ground, ground, 10.0, 10.0, 60.0, 1.0).diffraction_db > usual.diffraction_db + 0.5
    one = delta_bullington_loss(distance, ground, 0.5, 0.5, 60.0, RADIUS_M)
    assert one == delta_bullington_loss(distance, ground, 0.5, 0.5, 60.0, RADIUS_M, vertical=True)
    many = np.array([0, 40]), np.array([0.5]), np.array([0.5])
    assert p526_losses(distance, ground, ground, *many, 60.0)[0] == pytest.approx(tuple(upright), abs=1e-9)
    assert delta_bullington_losses(distance, ground, *many, 60.0, RADIUS_M)[0] == pytest.approx(tuple(one), abs=1e-9)


def test_of_many_paths_each_has_its_own_loss():
    paths = [profile(seed) for seed in (2, 5, 6, 4, 10)]
    distance, ground = (np.concatenate([path[n] for path in paths]) for n in (0, 1))
    offsets = np.cumsum([0, *(len(path[0]) for path in paths)])
    a, b = (np.array([path[n] for path in paths]) for n in (2, 3))
    trees = ground + np.where(np.random.default_rng(3).random(len(ground)) < 0.4, 14.0, 0.0)
    losses = p526_losses(distance, ground, trees, offsets, a, b, 5500.0)
    bare = delta_bullington_losses(distance, ground, offsets, a, b, 5500.0, RADIUS_M, vertical=False)
    covered = delta_bullington_losses(distance, ground, offsets, a, b, 5500.0, RADIUS_M, surface_m=trees)
    assert (losses.shape, bare.shape, covered.shape) == ((5, 3), (5, 4), (5, 4))
    for n in range(5):
        part = slice(offsets[n], offsets[n + 1])
        one = distance[part], ground[part]
        assert losses[n] == pytest.approx(tuple(p526_loss(*one, trees[part], a[n], b[n], 5500.0)), abs=1e-9)
        flat = by_the_book(*one, ground[part], a[n], b[n], 5500.0, vertical=False)
        assert bare[n] == pytest.approx(flat, abs=1e-7)
        assert covered[n] == pytest.approx(by_the_book(*one, trees[part], a[n], b[n], 5500.0), abs=1e-7)


@pytest.mark.parametrize(("a", "b", "freq"), [(math.inf, 10.0, 5500.0), (10.0, math.nan, 5500.0), (10.0, 10.0, 5.0)])
def test_what_no_antenna_is_is_refused(a, b, freq):
    for loss in (
        lambda: p526_loss([0.0, 5000.0], [0.0, 0.0], [0.0, 0.0], a, b, freq),
        lambda: delta_bullington_loss([0.0, 5000.0], [0.0, 0.0], a, b, freq, RADIUS_M),
    ):
        with pytest.raises(InputError):
            loss()


def test_an_earth_that_is_none_is_refused():
    many = np.array([0.0, 5000.0]), np.zeros(2), np.array([0, 2]), np.array([9.0]), np.array([9.0])
    with pytest.raises(InputError):
        delta_bullington_loss([0.0, 5000.0], [0.0, 0.0], 9.0, 9.0, 5500.0, -1.0)
    with pytest.raises(InputError):
        delta_bullington_losses(*many, 5500.0, -1.0)
    with pytest.raises(InputError):
        delta_bullington_losses(*many, 5.0, RADIUS_M)
    with pytest.raises(InputError):
        p526_losses(many[0], many[1], *many[1:], 5.0)


@pytest.mark.parametrize("seed", range(0, 42, 2))
def test_a_piece_of_a_longer_profile_is_a_path_of_its_own(seed):
    distance, ground, a, b = profile(seed)
    trees = ground + np.where(np.random.default_rng(seed).random(len(ground)) < 0.4, 14.0, 0.0)
    # The same path, cut out of a profile that began 7 km before it and goes on behind it over a mountain.
    along, bare, covered = (
        [*before, *(some + shift).tolist(), *after]
        for some, shift, before, after in (
            (distance, 7000.0, [0.0, 3000.0], [distance[-1] + 9000.0]), (ground, 0.0, [2e3, 2e3], [3e3]),
            (trees, 0.0, [2e3, 2e3], [3e3]),
        )
    )  # fmt: skip
    last = 2 + len(distance)
    piece = delta_bullington_kernel(along, bare, covered, 2, last, a, b, RADIUS_M, 5500.0, True)
    assert piece == pytest.approx(by_the_book(distance, ground, trees, a, b, 5500.0), abs=1e-6)
    cut = p526_kernel(along, bare, covered, 2, last, a, b, RADIUS_M, 5500.0, True)
    assert cut == pytest.approx(tuple(p526_loss(distance, ground, trees, a, b, 5500.0)), abs=1e-6)


def test_a_wood_over_all_of_a_path_is_seen():
    """There is no place without trees by which one could tell it from a path without any."""
    distance, ground = np.linspace(0.0, 3000.0, 10), np.full(10, 50.0)
    found = p526_loss(distance, ground, ground + 20.0, 60.0, 60.0, 5500.0)
    expected = bullington(distance, ground + 20.0, 60.0, 60.0, 299.792458 / 5500.0, RADIUS_M)
    assert found.vegetation_db == pytest.approx(expected, abs=1e-9)
    assert expected > 15.0


@pytest.mark.parametrize("freq", [450.0, 5500.0])
def test_over_flat_ground_beyond_the_horizon_the_round_earth_is_counted_once(freq):
    """Its edge is that of the ground: what it costs more is added, not all of it (section 4.5.4)."""
    distance, ground = np.linspace(0.0, 60_000.0, 301), np.zeros(301)
    smooth = bullington(distance, ground, 10.0, 10.0, 299.792458 / freq, RADIUS_M)
    whole = spherical_earth_loss_db(60_000.0, 10.0, 10.0, freq, RADIUS_M)
    assert 10.0 < smooth < whole
    assert p526_loss(distance, ground, ground, 10.0, 10.0, freq).diffraction_db == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("hole", range(5))
def test_a_height_that_is_missing_makes_a_path_unknown(hole):
    ground = [1.0] * 5
    gap = [math.nan if n == hole else 1.0 for n in range(5)]
    found = p526_kernel([0.0, 1e3, 2e3, 3e3, 4e3], ground, gap, 0, 5, 20.0, 20.0, RADIUS_M, 5500.0, True)
    assert all(math.isnan(part) for part in found)
    gap = [1.0, 1.0, math.nan, 1.0, 1.0]
    beside = p526_kernel([0.0, 1e3, 2e3, 3e3, 4e3], ground, gap, 3, 5, 20.0, 20.0, RADIUS_M, 5500.0, True)
    assert not any(math.isnan(part) for part in beside)

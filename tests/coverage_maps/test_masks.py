"""Many towers as bits: the same as counting by hand on real ground, and instant to switch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cn_planner.coverage.coverage_map import coverage_map
from cn_planner.coverage.grid import CoverageSite, lay_ground
from cn_planner.coverage.masks import NOBODY, Masks, seen_masks
from cn_planner.errors import InputError
from cn_planner.terrain.surface import Surface

# Files, middle of the towers: two of the five south of the equator.
PLACES = {
    "white-mountains": (["bench/utm30.tif"], (44.5337, -71.4388)),
    "catalonia": (["terrain/N41E001.hgt.zip", "terrain/N42E001.hgt.zip"], (42.0021, 1.87)),
    "basque-country": (["terrain/N43W003.hgt.zip"], (43.2, -2.03)),
    "western-cape": (["terrain/S33E018.hgt.zip"], (-32.42, 18.9)),
    "chile": (["terrain/S29W072.hgt.zip"], (-28.55, -71.3)),
}
TOWERS = 11  # more than one layer of bits


def _ground(shared_data, place):
    files, (latitude, longitude) = PLACES[place]
    surface = Surface.open([shared_data / name for name in files])
    rng = np.random.default_rng(7)
    sites = [
        CoverageSite(f"T{n}", latitude + d, longitude + e, 12.0 + n)
        for n, (d, e) in enumerate(rng.uniform(-0.02, 0.02, (TOWERS, 2)))
    ]
    return surface, sites, lay_ground(surface, sites, 2_500.0, 60.0 if "bench" not in files[0] else None)


@pytest.mark.parametrize("place", PLACES)
def test_bits_say_what_each_towers_own_map_says(shared_data, reference, place):
    _, sites, ground = _ground(shared_data, place)
    exact, swept = seen_masks(ground, 4.0, exact=True), seen_masks(ground, 4.0)
    dx, dy = ground.grid.transform[0], -ground.grid.transform[4]
    rows, cols = np.indices(ground.grid.shape)
    wrong = asked = 0
    total = np.zeros(ground.grid.shape, np.uint16)
    for n, (site, at) in enumerate(zip(sites, ground.cells, strict=True)):
        inside = ((rows - at[0]) * dy) ** 2 + ((cols - at[1]) * dx) ** 2 <= 2_500.0**2
        want = reference(ground.heights_m, at, np.argwhere(inside), dx, dy, site.height_m, 4.0)
        clear_cut = np.abs(want.clearance_m) > 1e-6
        assert np.array_equal(exact.of_tower(n)[inside][clear_cut], (want.seen == 1)[clear_cut])
        assert not exact.of_tower(n)[~inside].any()
        wrong += int((swept.of_tower(n)[inside] != (want.seen == 1)).sum())
        asked += int(inside.sum())
        total += exact.of_tower(n)
    assert wrong <= 0.0005 * asked
    assert np.array_equal(exact.count(), total)


@pytest.fixture(scope="module")
def seen():
    rng = np.random.default_rng(11)
    return rng.random((TOWERS, 30, 40)) < 0.12


@pytest.fixture
def masks(seen):
    return Masks.of(iter(seen), seen.shape[1:], TOWERS)


def _alone(seen, on, weight):
    """What each tower reaches that no other tower which is on does, by the slow way."""
    found = []
    for n in range(len(seen)):
        others = [seen[m] for m in range(len(seen)) if m != n and on[m]]
        found.append(weight[seen[n] & ~np.any(others, axis=0)].sum())
    return np.array(found)


@pytest.mark.parametrize("off", [(), (0,), (3, 9), tuple(range(TOWERS))])
def test_whatever_is_off_the_figures_are_those_of_the_rest(seen, masks, off):
    on = np.array([n not in off for n in range(TOWERS)])
    for n in off:
        masks = masks.switched(n, False)
    weight = np.random.default_rng(2).uniform(0.5, 3.0, seen.shape[1:])
    assert [masks.is_on(n) for n in range(TOWERS)] == on.tolist()
    assert np.array_equal(masks.count(), seen[on].sum(axis=0))
    assert np.array_equal(masks.reached(), seen[on].any(axis=0))
    alone = _alone(seen, on, weight)
    np.testing.assert_allclose(masks.lost_if_fails(weight), np.where(on, alone, 0.0), rtol=1e-12)
    np.testing.assert_allclose(masks.marginal_gain(weight), np.where(on, 0.0, alone), rtol=1e-12)
    assert np.array_equal(masks.lost_if_fails(), np.where(on, _alone(seen, on, np.ones(seen.shape[1:])), 0.0))


@pytest.mark.parametrize("ties", [False, True])
def test_the_best_server_and_the_second_choice_are_the_strongest_two(seen, masks, ties):
    rng = np.random.default_rng(5)
    strength = rng.integers(0, 4, seen.shape) if ties else rng.normal(size=seen.shape)
    strength = strength.astype(np.float32)
    off = masks.switched(4, False)
    first, second = off.choices(strength)
    by_number = off.choices()
    for place in np.ndindex(seen.shape[1:]):
        there = [n for n in range(TOWERS) if n != 4 and seen[(n, *place)]]
        ranked = sorted(there, key=lambda n: (-strength[(n, *place)], n))
        assert [first[place], second[place]] == [*ranked, NOBODY, NOBODY][:2]
        assert [by_number[0][place], by_number[1][place]] == [*there, NOBODY, NOBODY][:2]


def test_switching_shares_the_bits_and_leaves_the_other_as_it_was(seen, masks):
    off = masks.switched(2, False)
    assert off.bits is masks.bits
    assert masks.is_on(2)
    assert np.array_equal(off.switched(2, True).count(), masks.count())
    assert np.array_equal(masks.of_tower(2), seen[2])
    with pytest.raises(ValueError, match="read-only"):
        masks.bits[:] = 0


def test_masks_of_fewer_towers_than_there_are_are_refused(seen):
    with pytest.raises(InputError, match="3 towers but masks of 2"):
        Masks.of(seen[:2], seen.shape[1:], 3)


def test_any_number_of_threads_and_two_jobs_at_once_give_the_same_bits(shared_data):
    surface, sites, ground = _ground(shared_data, "white-mountains")
    alone = seen_masks(ground, 4.0).bits
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            assert np.array_equal(seen_masks(ground, 4.0, pool=pool).bits, alone)
    with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(2) as jobs:
        both = jobs.map(lambda _: seen_masks(ground, 4.0, pool=pool).bits, range(2))
        assert all(np.array_equal(one, alone) for one in both)
    counted = coverage_map(surface, sites, rx_height_m=4.0, radius_m=2_500.0, combine="count")
    assert np.array_equal(counted.bands[0], seen_masks(ground, 4.0).count())

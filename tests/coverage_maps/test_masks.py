"""Many towers as bits: the same as counting by hand on real ground, and instant to switch."""

from __future__ import annotations

import numpy as np
import pytest
from coverage_slow import alike

from cn_planner.coverage.coverage_map import coverage_map
from cn_planner.coverage.grid import CoverageSite, lay_ground
from cn_planner.coverage.masks import NOBODY, Masks, seen_masks
from cn_planner.errors import InputError
from cn_planner.progress import Run
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
        wrong += int((swept.of_tower(n)[inside] != (want.seen == 1))[clear_cut].sum())
        asked += int(inside.sum())
        total += exact.of_tower(n)
    assert wrong == 0 < asked
    assert np.array_equal(exact.count(), total)


@pytest.fixture(scope="module", params=[1, TOWERS, 64, 70, 129])
def seen(request):
    """What towers reach, at random: one layer of bits, several, just full ones, more than a word of 64 and of 128."""
    rng = np.random.default_rng(11)
    found = rng.random((request.param, 30, 40)) < min(0.5, 1.3 / request.param)
    found[:, 0, 0], found[:, 0, 1] = False, True  # nobody's place, everybody's place
    return found


@pytest.fixture
def masks(seen):
    return Masks.of(iter(seen), seen.shape[1:], len(seen))


def _alone(seen, on, weight):
    """What each tower reaches that no other tower which is on does, by the slow way."""
    found = []
    for n in range(len(seen)):
        others = [seen[m] for m in range(len(seen)) if m != n and on[m]]
        found.append(weight[seen[n] & ~np.any(others, axis=0)].sum() if others else weight[seen[n]].sum())
    return np.array(found)


@pytest.mark.parametrize("share_off", [0.0, 0.2, 0.9, 1.0])
def test_whatever_is_off_the_figures_are_those_of_the_rest(seen, masks, share_off):
    towers = len(seen)
    rng = np.random.default_rng(2)
    on = rng.permutation(towers) >= round(share_off * towers)
    for n in np.flatnonzero(~on).tolist():
        masks = masks.switched(n, False)
    # Homes without people, and one that counts more than all others, are weights too.
    weight = rng.uniform(0.5, 3.0, seen.shape[1:])
    weight[5:8], weight[20, 20] = 0.0, 1e6
    assert [masks.is_on(n) for n in range(towers)] == on.tolist()
    assert np.array_equal(masks.count(), seen[on].sum(axis=0))
    assert np.array_equal(masks.reached(), seen[on].any(axis=0))
    alone = _alone(seen, on, weight)
    np.testing.assert_allclose(masks.lost_if_fails(weight), np.where(on, alone, 0.0), rtol=1e-12)
    np.testing.assert_allclose(masks.marginal_gain(weight), np.where(on, 0.0, alone), rtol=1e-12)
    ones = _alone(seen, on, np.ones(seen.shape[1:]))
    assert np.array_equal(masks.lost_if_fails(), np.where(on, ones, 0.0))
    assert np.array_equal(masks.marginal_gain(), np.where(on, 0.0, ones))


def test_what_fails_is_what_the_count_loses_and_what_is_gained_is_what_it_wins(seen, masks):
    masks = masks.switched(0, False)
    reached = masks.reached().sum()
    lost, gain = masks.lost_if_fails(), masks.marginal_gain()
    for n in range(0, len(seen), 7):
        turned = masks.switched(n, not masks.is_on(n)).reached().sum()
        assert turned - reached == gain[n] - lost[n]


@pytest.mark.parametrize("ties", [False, True])
def test_the_best_server_and_the_second_choice_are_the_strongest_two(seen, masks, ties):
    rng = np.random.default_rng(5)
    strength = rng.integers(0, 4, seen.shape) if ties else rng.normal(size=seen.shape)
    strength = strength.astype(np.float32)
    gone = len(seen) // 2
    off = masks.switched(gone, False)
    first, second = off.choices(strength)
    by_number = off.choices()
    for place in np.ndindex(seen.shape[1:]):
        there = [n for n in range(len(seen)) if n != gone and seen[(n, *place)]]
        ranked = sorted(there, key=lambda n: (-strength[(n, *place)], n))
        assert [first[place], second[place]] == [*ranked, NOBODY, NOBODY][:2]
        assert [by_number[0][place], by_number[1][place]] == [*there, NOBODY, NOBODY][:2]


def test_homes_in_a_row_and_a_single_home_are_places_too():
    rng = np.random.default_rng(3)
    for count in (1, 500):
        seen = rng.random((70, count)) < 0.02
        seen[69, 0] = True
        masks = Masks.of(iter(seen), (count,), 70)
        weight = rng.uniform(1.0, 9.0, count)
        on = np.ones(70, np.bool_)
        np.testing.assert_allclose(masks.lost_if_fails(weight), _alone(seen, on, weight), rtol=1e-12)
        assert np.array_equal(masks.count(), seen.sum(axis=0))


def test_switching_shares_the_bits_and_leaves_the_other_as_it_was(seen, masks):
    last = len(seen) - 1
    off = masks.switched(last, False)
    assert off.bits is masks.bits
    assert masks.is_on(last)
    assert np.array_equal(off.switched(last, True).count(), masks.count())
    assert np.array_equal(masks.of_tower(last), seen[last])
    with pytest.raises(ValueError, match="read-only"):
        masks.bits[:] = 0


def test_masks_of_fewer_towers_than_there_are_are_refused(seen):
    towers = len(seen)
    for given in (towers - 1, towers + 1):
        with pytest.raises(InputError, match=f"{towers} towers but masks of {given}"):
            Masks.of([seen[0]] * given, seen.shape[1:], towers)


def test_figures_for_other_places_or_towers_than_there_are_are_refused(seen, masks):
    towers = len(seen)
    for wrong in (np.ones(7), np.ones((30, 41)), np.ones((40, 30, 2))):
        for ask in (masks.lost_if_fails, masks.marginal_gain):
            with pytest.raises(InputError, match="1200 places but weights"):
                ask(wrong)
        with pytest.raises(InputError, match="1200 places but strengths"):
            masks.choices(wrong)
    for number in (-1, towers, 8 * towers):
        for ask in (lambda n: masks.switched(n, True), masks.is_on, masks.of_tower):
            with pytest.raises(InputError, match=f"no tower {number}"):
                ask(number)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("exact", [False, True])
def test_any_number_of_threads_and_two_jobs_at_once_give_the_same_bits(shared_data, place, exact):
    surface, sites, ground = _ground(shared_data, place)
    alike(lambda pool: seen_masks(ground, 4.0, exact=exact, run=Run(pool)).bits, np.array_equal)
    if not exact and place == "white-mountains":
        counted = coverage_map(surface, sites, rx_height_m=4.0, radius_m=2_500.0, combine="count")
        assert np.array_equal(counted.bands[0], seen_masks(ground, 4.0).count())

"""A matrix that is asked for again with places moved: to the bit that of all pairs, and only new ones are computed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest

from cn_planner.coverage import kept as kept_module
from cn_planner.coverage.kept import kept_matrix
from cn_planner.coverage.matrix import near_pairs, pair_matrix
from cn_planner.coverage.pair_work import PairMatrix
from cn_planner.progress import Run
from cn_planner.session.cache import Cache
from cn_planner.terrain.surface import Surface

MHZ, KM = 5800.0, 6.0


@pytest.fixture(scope="module")
def surface(shared_data):
    return Surface.open([shared_data / "terrain/S33E018.hgt.zip"])


def _places(seed, count):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(-32.47, -32.37, count), rng.uniform(18.85, 18.95, count)])


def _same(one: PairMatrix, two: PairMatrix) -> bool:
    return all(
        getattr(one, f.name).shape == getattr(two, f.name).shape
        and getattr(one, f.name).tobytes() == getattr(two, f.name).tobytes()
        for f in fields(PairMatrix)
    )


def _ask(store, surface, first, second, heights, *, upper=False, **more):
    ends = (first[:, 0], first[:, 1]), (second[:, 0], second[:, 1])
    return kept_matrix(store, "k", surface, *ends, heights, [5.0], MHZ, near_pairs(*ends, KM, upper=upper), **more)


def test_whatever_is_moved_added_or_taken_away_it_is_the_matrix_of_all_pairs(surface, monkeypatch):
    computed = []

    def counted(*args, **more):
        found = pair_matrix(*args, **more)
        computed.append(len(found))
        return found

    monkeypatch.setattr(kept_module, "pair_matrix", counted)
    store = Cache(10_000_000)
    first, second = _places(1, 6), _places(2, 40)
    moved = first.copy()
    moved[2] += 0.003
    turns = [
        (first, second, [12.0]),
        (first, second, [12.0]),  # the same again: nothing
        (moved, second, [12.0]),  # one tower: its pairs
        (moved[:, :][::-1].copy(), second, [12.0]),  # another order: nothing
        (moved[:4], second[5:], [12.0]),  # less: nothing
        (moved, np.vstack([second, _places(3, 7)]), [12.0]),
        (moved, second, [15.0]),  # other heights: all
        (moved, second, [15.0, 20.0]),  # more steps: all
        (moved[:0], second, [15.0]),
        (moved, second, [15.0]),
    ]
    news = []
    for a, b, heights in turns:
        ends = (a[:, 0], a[:, 1]), (b[:, 0], b[:, 1])
        whole = pair_matrix(surface, *ends, heights, [5.0], MHZ, max_km=KM)
        computed.clear()
        assert _same(_ask(store, surface, a, b, heights), whole)
        news.append((sum(computed), len(whole)))
    assert news[0][0] == news[0][1] > 100
    assert news[1][0] == news[3][0] == news[4][0] == 0
    assert 0 < news[2][0] <= 40
    assert 0 < news[5][0] < news[5][1]
    assert news[6][0] == news[6][1]
    assert news[7][0] == news[7][1]


def test_threads_and_two_jobs_on_one_store_change_no_bit(surface):
    first, second = _places(4, 8), _places(5, 60)
    alone = _ask(None, surface, first, second, [12.0])
    for threads in (1, 2, 3):
        store = Cache(10_000_000)
        with ThreadPoolExecutor(threads) as pool:
            _ask(store, surface, first[:5], second, [12.0], run=Run(pool))
            assert _same(_ask(store, surface, first, second, [12.0], run=Run(pool)), alone)
    store = Cache(10_000_000)
    with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(2) as jobs:
        asked = [(first, alone), (first[2:], _ask(None, surface, first[2:], second, [12.0]))] * 3
        found = jobs.map(lambda one: _ask(store, surface, one[0], second, [12.0], run=Run(pool)), asked)
        assert all(_same(one, want) for one, (_, want) in zip(found, asked, strict=True))


def test_a_store_that_gives_everything_up_is_no_worse_than_none(surface):
    first, second = _places(6, 3), _places(7, 20)
    store = Cache(1)
    for _ in range(2):
        assert _same(_ask(store, surface, first, second, [12.0]), _ask(None, surface, first, second, [12.0]))


def test_a_list_with_itself_is_kept_too(surface):
    places = _places(8, 15)
    store = Cache(10_000_000)
    for step in (0.0, 0.002, 0.0):
        moved = places.copy()
        moved[3] += step
        want = _ask(None, surface, moved, moved, [12.0, 18.0], upper=True)
        assert (want.first < want.second).all()
        ends = (moved[:, 0], moved[:, 1]), (moved[:, 0], moved[:, 1])
        found = kept_matrix(store, "k", surface, *ends, [12.0, 18.0], [5.0], MHZ, near_pairs(*ends, KM, upper=True))
        assert _same(found, want)


def test_the_loss_alone_is_that_of_the_whole_and_takes_a_third_of_the_room(surface):
    first, second, store = _places(1, 6), _places(2, 40), Cache(10_000_000)
    moved = first.copy()
    moved[2] += 0.003
    for masts, homes in ((first, second), (moved, second), (moved, second[5:]), (first, _places(3, 12))):
        whole = _ask(None, surface, masts, homes, [12.0])
        alone = _ask(store, surface, masts, homes, [12.0], loss_alone=True)
        assert alone.loss_db.tobytes() == whole.loss_db.tobytes()
        assert (alone.first == whole.first).all()
        assert (alone.second == whole.second).all()
        assert 3 * alone.nbytes < whole.nbytes
        # An empty slice holds all of the array that it was cut from.
        assert all(getattr(alone, one.name).base is None for one in fields(alone) if one.name != "loss_db")
        assert store.bytes_used < whole.nbytes

"""Where the channels do not do for all, those stay on the air that most homes hear: held against every choice."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cn_planner.spectrum.channel_search import Interference
from cn_planner.spectrum.most_heard import AirTree, most_heard

HEARD_MW, NOISE_MW, NEEDED = 1e-6, 1e-9, 10.0


def _star(heard, weight, channels, *, held=()):
    """A gateway with a link to each of some towers, each with one sector: users 2n and 2n + 1 are those of tower n.

    ``heard[a, b]``: power of user a at the receivers of user b, mW, on one channel.
    """
    towers, users = len(weight), 2 * len(weight)
    owner = np.repeat(np.arange(users), 2)
    share = np.repeat(np.array(weight, np.float64), 2) / 2.0
    interference = Interference(
        owner=owner,
        wanted=np.full((1, 2 * users), HEARD_MW), noise=np.full((1, 2 * users), NOISE_MW),
        needed=np.full((1, 2 * users), NEEDED), share=np.ones((1, 2 * users)),
        full=np.full(2 * users, np.log2(1.0 + HEARD_MW / NOISE_MW)),
        heard=heard[:, owner] * (owner[np.newaxis, :] != np.arange(users)[:, np.newaxis]),
        power=np.ones((users, 1)), weight=np.repeat(share.reshape(towers, 2), 2, axis=0).ravel(),
        width=np.zeros(channels, np.int64), leak=np.eye(channels),
        choices=tuple(np.arange(channels) for _ in range(users)), dislike=np.zeros(channels),
        enough=np.zeros((1, 2 * users)),
    )  # fmt: skip
    stays = np.zeros(users, np.bool_)
    stays[list(held)] = True
    above = np.array([one for n in range(towers) for one in (-1, 2 * n)], np.int64)
    return AirTree(
        interference, above=above,
        link=np.array([True, False] * towers), behind=np.repeat(np.array(weight, np.float64), 2), held=stays,
        at_mast=np.zeros(users),
    )  # fmt: skip


def _served(heard, weight, channel) -> float:
    """Return the weight of the homes that are heard, tower by tower, from the powers alone."""

    def hears(user) -> bool:
        if channel[user] < 0:
            return False
        others = sum(
            heard[other, user] for other in range(len(channel)) if other != user and channel[other] == channel[user]
        )
        return NEEDED * (NOISE_MW + others) <= HEARD_MW

    return float(sum(w for n, w in enumerate(weight) if hears(2 * n) and hears(2 * n + 1)))


def test_of_links_that_drown_each_other_on_one_mast_the_heaviest_stay():
    """Four links on one mast and two channels: two carry, with what hangs on them; all together none would."""
    weight, heard = [5.0, 9.0, 2.0, 7.0], np.zeros((8, 8))
    heard[np.ix_([0, 2, 4, 6], [0, 2, 4, 6])] = HEARD_MW
    tree = _star(heard, weight, 2)
    known = np.array([0, 0, 0, 0, 1, 0, 1, 0])
    assert tree.heard(known)[0] == _served(heard, weight, known) == 0.0
    found = most_heard(tree, known)
    assert found is not None
    assert _served(heard, weight, found.tolist()) == pytest.approx(16.0)
    assert (found[[0, 1, 4, 5]] == -1).all(), "the lightest go, with what hangs on them"


@pytest.mark.parametrize("hears", [(), (4,), (2, 4, 6)])
def test_kernels_are_given_the_same_kind_of_arrays_however_many_are_heard(hears):
    """Numba compiles anew for strided ones, in the window's own process."""
    heard = np.zeros((8, 8))
    heard[0, list(hears)] = HEARD_MW
    rows = _star(heard, [5.0, 9.0, 2.0, 7.0], 2).interference.rows
    assert len(rows.sender) == len(rows.hears) == 2 * len(hears)
    assert all(one.flags.c_contiguous for one in rows if isinstance(one, np.ndarray))


@pytest.mark.parametrize("seed", range(12))
def test_it_is_near_the_best_of_all_choices_and_no_worse_than_what_is_known(seed):
    """Who is heard is counted anew from the powers; every choice of users and channels is tried beside it."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 10, 3).astype(np.float64).tolist()
    heard = np.where(rng.random((6, 6)) < 0.6, HEARD_MW * 10.0 ** rng.uniform(-3.0, 0.5, (6, 6)), 0.0)
    tree, known = _star(heard, weight, 2), np.zeros(6, np.int64)
    before = _served(heard, weight, known)
    best = max(_served(heard, weight, one) for one in itertools.product((-1, 0, 1), repeat=6))
    found = most_heard(tree, known)
    assert tree.heard(known)[0] == pytest.approx(before)
    if found is None:
        assert before >= 0.5 * best
        return
    after = _served(heard, weight, found.tolist())
    assert before < after <= best
    assert tree.heard(found)[0] == pytest.approx(after)
    assert after >= 0.5 * best


def test_who_must_stay_is_not_left_out():
    """A sector that stands already keeps the air, though a heavier one would be heard without it."""
    weight, heard = [1.0, 8.0], np.zeros((4, 4))
    heard[1, 3] = heard[3, 1] = HEARD_MW
    free = most_heard(_star(heard, weight, 1), np.zeros(4, np.int64))
    assert free is not None
    assert free.tolist() == [-1, -1, 0, 0]
    held = most_heard(_star(heard, weight, 1, held=(0, 1)), np.zeros(4, np.int64))
    assert held is not None
    assert held[1] == 0
    assert held[3] == -1

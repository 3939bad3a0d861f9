"""Which channel each user takes, so that all together lose least: exact where that can be, else by descent.

A *user* is a sector with its homes, or a link: all its ends share one channel. Who hears whom, and how loudly, does not
depend on the channels; how much of it gets through does. What a receiver loses is the share of its capacity (Shannon)
that it has alone on a channel of its kit's full width: the noise of the others takes some, and a narrower channel some.
The sum over receivers, by weight, is what is minimised, and one to which nothing comes through any more counts many
times: half the rate for many is less bad than none for a few. The sum grows with each user that is added, so what a
part of the users loses among themselves, with what each other loses at least, bounds the loss of all from below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.progress import ALONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.progress import CancelToken, Run

_WORK = 20_000_000
"""Pairs of user and receiver that are looked at for a proof. A count, not a clock, so that the result repeats."""
_KICK_WORK = 300_000
_STARTS = 3
_LARGE = 200_000
"""Pairs from which on one descent takes seconds: there is one start and one kick."""
_SAME = 1e-12
_SILENT = 20.0
"""How many times a receiver counts that hears nothing any more."""
_ENOUGH = 1e-5
"""Of all capacity: what is so near the best is the best."""


@dataclass(frozen=True, slots=True, eq=False)
class Interference:
    """Who hears whom.

    Attributes
    ----------
    owner : int64 array of receivers
        The user that a receiver belongs to.
    wanted, noise, needed : float64 arrays of (widths, receivers)
        By the channel's width: power of the wanted signal, of heat and the receiver, mW; and the ratio of the wanted
        signal to noise and others below which nothing is received.
    share : float64 array of (widths, receivers)
        Each width over the full one of the receiver's kit.
    full : float64 array of receivers
        Capacity alone on a channel of that full width, in bits a second for each hertz of it.
    heard : float64 array of (users, receivers)
        Power of the loudest sender of each user at each receiver, mW, were it on the same channel; 0 of its own user.
    power : float64 array of (users, widths)
        What it sends at a width, over what it sends at its full one.
    weight : float64 array of receivers
        What it counts for.
    width : int64 array of channels
        Number of a channel's width.
    leak : float64 array of (channels, channels)
        Share of power from the first that is heard on the second.
    choices : tuple of int64 arrays
        The channels that each user may take.
    dislike : float64 array of channels
        By how much a channel is taken less gladly, in the unit of the loss: decides between equals.
    """

    owner: NDArray[np.int64]
    wanted: NDArray[np.float64]
    noise: NDArray[np.float64]
    needed: NDArray[np.float64]
    share: NDArray[np.float64]
    full: NDArray[np.float64]
    heard: NDArray[np.float64]
    power: NDArray[np.float64]
    weight: NDArray[np.float64]
    width: NDArray[np.int64]
    leak: NDArray[np.float64]
    choices: tuple[NDArray[np.int64], ...]
    dislike: NDArray[np.float64]

    def heard_mw(self, channel: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what each receiver hears of the others, mW. A user whose channel is -1 neither sends nor hears."""
        on = channel >= 0
        share = self.leak[channel[:, np.newaxis], channel[self.owner][np.newaxis, :]]
        share *= self.power[np.arange(len(channel)), self.width[channel]][:, np.newaxis]
        share[~on, :] = 0.0
        share[:, ~on[self.owner]] = 0.0
        # Summed in the order of the users: the same bits everywhere.
        total: NDArray[np.float64] = (self.heard * share).sum(axis=0)
        return total

    def loss(self, channel: NDArray[np.int64]) -> float:
        """Return what is lost, with the dislike of the channels."""
        on = channel >= 0
        mine = np.flatnonzero(on[self.owner])
        lost = self.missed(self.heard_mw(channel)[mine], mine, self.width[channel[self.owner[mine]]])
        return float(lost.sum() + self.dislike[channel[on]].sum())

    def lost(
        self, interference: NDArray[np.float64], mine: NDArray[np.int64], width: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return what receivers lose, by weight.

        Parameters
        ----------
        interference : float64 array of (..., some receivers)
            What they hear of others, mW.
        mine : int64 array of some receivers
            Their numbers.
        width : int64 array that goes with both
            The number of each one's width.
        """
        wanted, noise = self.wanted[width, mine], self.noise[width, mine]
        left = self.share[width, mine] * np.log2(1.0 + wanted / (noise + interference)) / self.full[mine]
        found: NDArray[np.float64] = self.weight[mine] * (1.0 - left)
        return found

    def missed(
        self, interference: NDArray[np.float64], mine: NDArray[np.int64], width: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return what is lost, and more where nothing is received any more that would be alone; as for `lost`."""
        wanted, noise, needed = self.wanted[width, mine], self.noise[width, mine], self.needed[width, mine]
        silent = (wanted >= needed * noise) & (wanted < needed * (noise + interference))
        found: NDArray[np.float64] = self.lost(interference, mine, width) + _SILENT * self.weight[mine] * silent
        return found

    def least(self, user: int) -> float:
        """Return what a user loses at least: alone, on the best of its channels."""
        mine, choice = np.flatnonzero(self.owner == user), self.choices[user]
        alone = self.missed(np.zeros((len(choice), len(mine))), mine, self.width[choice][:, np.newaxis])
        return float((alone.sum(axis=1) + self.dislike[choice]).min())


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """A channel for each user; ``proven``: none loses less by more than a hundred-thousandth of all capacity."""

    channel: NDArray[np.int64]
    loss: float
    proven: bool


def assign_channels(
    interference: Interference, run: Run = ALONE, *, known: NDArray[np.int64] | None = None
) -> Assignment:
    """Return the assignment that loses least, or the best that was found.

    Parameters
    ----------
    interference : Interference
        Who hears whom.
    known : int64 array, optional
        An assignment that is already a good one.

    Notes
    -----
    From several fixed starts, one of them what is known: greedy, then single changes while they help, then kicks: a few
    users are moved and the changes begin anew from there (iterated local search). Then branch and bound, which proves
    the best where it ends within its work. A cancel keeps the best so far.
    """
    order = _order(interference)
    best = np.array([choice[0] for choice in interference.choices], np.int64) if known is None else known
    least = interference.loss(best)
    large = interference.heard.size > _LARGE
    kicks = 1 if large else int(np.clip(_KICK_WORK // max(interference.heard.size, 1), 10, 200))
    starts = (0 if known is None else 1,) if large else tuple(range(_STARTS if known is None else 2))
    enough = _least_of_all(interference) + _ENOUGH * float(interference.weight.sum())
    for number, start in enumerate(starts):
        if least <= enough:
            break
        rng = np.random.default_rng(start)
        if known is not None and start == 1:
            now = _Air(interference, known)
        else:
            now = _greedy(interference, order if start == 0 else [int(n) for n in rng.permutation(len(order))])
        _descend(now, run.cancel)
        loss = interference.loss(now.channel)
        for kick in range(kicks):
            if loss < least - _SAME:
                best, least = now.channel.copy(), loss
            if run.cancelled:
                return Assignment(best, least, proven=False)
            if least <= enough:
                break
            trial = now.copy()
            _kicked(trial, rng)
            _descend(trial, run.cancel)
            there = interference.loss(trial.channel)
            if there <= loss + _SAME:
                now, loss = trial, there
            run.progress((number + (kick + 1) / kicks) / len(starts))
        if loss < least - _SAME:
            best, least = now.channel, loss
    return _prove(interference, order, best, least, run.cancel)


def _kicked(air: _Air, rng: np.random.Generator) -> None:
    """Move one user anywhere and some others to where they then lose least."""
    count = len(air.channel)
    users = rng.choice(count, min(count, int(rng.integers(2, 4))), replace=False)
    for user in users.tolist():
        air.put(user, -1)
    air.put(int(users[0]), int(rng.choice(air.interference.choices[users[0]])))
    for user in users[1:].tolist():
        air.put(user, air.best_for(user)[0])


def _order(interference: Interference) -> list[int]:
    """Return the users, those that disturb and are disturbed most first."""
    noise = np.maximum(interference.noise.max(axis=0), 1e-30)
    users = len(interference.choices)
    relative = np.log2(1.0 + interference.heard / noise) * interference.weight
    given = relative.sum(axis=1)
    taken = np.array([relative[:, interference.owner == user].sum() for user in range(users)])
    return sorted(range(users), key=lambda user: (-round(float(given[user] + taken[user]), 9), user))


def _greedy(interference: Interference, order: list[int]) -> _Air:
    air = _Air(interference, np.full(len(interference.choices), -1, np.int64))
    for user in order:
        air.put(user, air.best_for(user)[0])
    return air


class _Air:
    """An assignment that is being changed, a user at a time, with what comes from each user at each receiver.

    Attributes
    ----------
    channel : int64 array of users
        -1 where a user has none.
    """

    def __init__(self, interference: Interference, channel: NDArray[np.int64]) -> None:
        self.interference, self.channel = interference, channel.copy()
        self._coming = np.zeros_like(interference.heard)
        self._mine = [np.flatnonzero(interference.owner == user) for user in range(len(channel))]
        # Whoever never hears a user loses the same wherever that one goes.
        self._hears = [np.flatnonzero(row) for row in interference.heard]
        for user in np.flatnonzero(channel >= 0).tolist():
            self.put(user, int(channel[user]))

    def copy(self) -> _Air:
        """Return one of its own."""
        other = object.__new__(_Air)
        other.interference, other._mine, other._hears = self.interference, self._mine, self._hears
        other.channel, other._coming = self.channel.copy(), self._coming.copy()
        return other

    def put(self, user: int, one: int) -> None:
        """Give a user a channel, or take it away: -1."""
        it, mine = self.interference, self._mine[user]
        self.channel[user] = one
        self._coming[user], self._coming[:, mine] = 0.0, 0.0
        if one < 0:
            return
        there = self.channel[it.owner]
        hears = self._hears[user][there[self._hears[user]] >= 0]
        sent = it.power[user, it.width[one]] * it.leak[one, there[hears]]
        self._coming[user, hears] = it.heard[user, hears] * sent
        on = np.flatnonzero(self.channel >= 0)
        sent = it.power[on, it.width[self.channel[on]]] * it.leak[self.channel[on], one]
        self._coming[np.ix_(on, mine)] = it.heard[np.ix_(on, mine)] * sent[:, np.newaxis]

    def best_for(self, user: int) -> tuple[int, float]:
        """Return the channel on which a user and all that hear it lose least, the first of equals.

        And how much less than on its own channel; infinite where it has none.
        """
        it, choice = self.interference, self.interference.choices[user]
        mine, own = self._mine[user], self._coming[user].copy()
        there = self.channel[it.owner]
        rest = self._hears[user][there[self._hears[user]] >= 0]
        on = np.flatnonzero(self.channel >= 0)
        on = on[on != user]
        sent = it.power[on, it.width[self.channel[on]]][:, np.newaxis]
        # Of shape (choices, receivers): what its own receivers hear, not by BLAS, whose sums depend on its threads; and
        # what those of the others do: summed anew, in the order of the users, as differences would lose the small ones.
        heard = np.einsum("vc,vr->cr", it.leak[self.channel[on]][:, choice], it.heard[np.ix_(on, mine)] * sent)
        self._coming[user] = 0.0
        before = self._coming.sum(axis=0)[rest]
        self._coming[user] = own
        comes = it.power[user, it.width[choice]][:, np.newaxis] * it.leak[choice][:, there[rest]]
        lost = it.missed(heard, mine, it.width[choice][:, np.newaxis]).sum(axis=1)
        lost += it.missed(before + it.heard[user, rest] * comes, rest, it.width[there[rest]]).sum(axis=1)
        lost += it.dislike[choice]
        least = int(np.flatnonzero(lost <= lost.min() + _SAME)[0])
        now = lost[choice == self.channel[user]]
        return int(choice[least]), float(now[0] - lost[least]) if len(now) else np.inf


def _descend(air: _Air, cancel: CancelToken | None) -> None:
    """Change one user at a time while that helps; a cancel leaves it as far as it is."""
    better = True
    while better:
        better = False
        for user in range(len(air.channel)):
            if cancel is not None and cancel.cancelled:
                return
            one, less = air.best_for(user)
            if less > _SAME:
                air.put(user, one)
                better = True


def _prove(
    interference: Interference, order: list[int], best: NDArray[np.int64], least: float, cancel: CancelToken | None
) -> Assignment:
    """Look through what may be better, part by part; stop where the nodes are used up."""
    users, nodes = len(order), 0
    # What those lose at least that have no channel yet, by how many have one.
    rest = np.append(np.cumsum([interference.least(user) for user in reversed(order)])[::-1], 0.0)
    slack = _ENOUGH * float(interference.weight.sum()) + _SAME
    if least <= _least_of_all(interference) + slack:
        return Assignment(best, least, proven=True)
    most = _WORK // max(interference.heard.size, 2_000)
    channel = np.full(users, -1, np.int64)
    # Channels that no one has yet and that are alike for all are one choice: the first of them.
    alike = _alike(interference)
    stack: list[tuple[int, int]] = (
        [(0, one) for one in reversed(_fresh(interference, alike, channel, order[0]))] if users else []
    )
    while stack:
        depth, one = stack.pop()
        channel[order[depth:]] = -1
        channel[order[depth]] = one
        nodes += 1
        if nodes > most or (cancel is not None and cancel.cancelled):
            return Assignment(best, least, proven=False)
        loss = interference.loss(channel)
        if loss + rest[depth + 1] >= least - slack:
            continue
        if depth == users - 1:
            best, least = channel.copy(), loss
            continue
        stack += [(depth + 1, one) for one in reversed(_fresh(interference, alike, channel, order[depth + 1]))]
    return Assignment(best, least, proven=True)


def _least_of_all(interference: Interference) -> float:
    """Return what is lost where nobody hears anybody."""
    return sum(interference.least(user) for user in range(len(interference.choices)))


def _alike(interference: Interference) -> NDArray[np.int64]:
    """Return for each channel the group of those that can be exchanged: as wide, open to the same users, apart."""
    count = len(interference.leak)
    open_to = np.array([[one in choice for choice in interference.choices] for one in range(count)], np.bool_)
    group = np.arange(count)
    for one in range(count):
        alone = not np.delete(interference.leak[one], one).any() and not np.delete(interference.leak[:, one], one).any()
        for other in range(one):
            if (
                alone
                and group[other] == other
                and (open_to[one] == open_to[other]).all()
                and interference.dislike[one] == interference.dislike[other]
                and interference.width[one] == interference.width[other]
                and not np.delete(interference.leak[other], other).any()
                and not np.delete(interference.leak[:, other], other).any()
            ):
                group[one] = other
                break
    return group


def _fresh(interference: Interference, alike: NDArray[np.int64], channel: NDArray[np.int64], user: int) -> list[int]:
    """Return the channels to try for a user: of those that are alike and that nobody has, the first."""
    taken = set(channel[channel >= 0].tolist())
    seen: set[int] = set()
    found = []
    for one in interference.choices[user].tolist():
        if one not in taken:
            if int(alike[one]) in seen:
                continue
            seen.add(int(alike[one]))
        found.append(one)
    return found
